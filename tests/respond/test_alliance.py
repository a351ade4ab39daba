"""Coalitions: Shapley's axioms on games by hand, and an alliance of two in a small world (rule O6)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_answer import PER_YEAR, case, measure, two_countries

from kaname.respond.alliance import alliance, needs, sampled_shapley, shapley
from kaname.terms.errors import InputError

Value = Callable[[frozenset[str]], float]
NAMES = ["A", "B", "C", "D"]


@st.composite
def games(draw) -> tuple[list[str], Value]:
    names = NAMES[: draw(st.integers(2, 4))]
    subsets = [frozenset(s) for n in range(1, len(names) + 1) for s in itertools.combinations(names, n)]
    worth = {subset: draw(st.floats(0.0, 100.0)) for subset in subsets} | {frozenset(): 0.0}
    return names, worth.__getitem__


@given(games())
def test_shares_add_up_and_equal_the_mean_over_all_orders(game: tuple[list[str], Value]) -> None:
    names, value = game
    share = shapley(names, value)
    assert sum(share.values()) == pytest.approx(value(frozenset(names)), abs=1e-9)
    mean, error = sampled_shapley(names, value, list(itertools.permutations(range(len(names)))))
    assert mean == pytest.approx(share, abs=1e-9)
    assert set(error) == set(names)


def test_symmetric_members_get_equal_shares_and_a_null_member_none() -> None:
    share = shapley(NAMES[:3], lambda group: 12.0 if {"A", "B"} <= group else 0.0)
    assert share["A"] == pytest.approx(share["B"]) == pytest.approx(6.0)
    assert share["C"] == pytest.approx(0.0)


def test_what_a_measure_needs_are_payers_and_the_members_that_take_part() -> None:
    pool = measure(
        "pool", "pool", market="AUS", per_year=1.0, offtake=[{"market": "JPN/defence", "share": 1.0}],
        payers=[{"market": "USA", "share": 1.0}],
    )  # fmt: skip
    assert needs(pool, ["JPN", "USA"]) == {"USA", "JPN"}
    assert needs(pool, ["JPN", "USA", "AUS"]) == {"USA", "JPN", "AUS"}
    assert needs(pool, ["KOR"]) == {"USA"}


HOME = measure("home", "capacity", market="JPN", per_year=PER_YEAR, capex_kusd=7.0)
SHARED = measure(
    "shared", "capacity", market="JPN", per_year=2.0 * PER_YEAR, capex_kusd=30.0,
    payers=[{"market": "JPN", "share": 0.5}, {"market": "CHN", "share": 0.5}],
)  # fmt: skip


def test_an_alliance_of_two_by_hand() -> None:
    """Both plants work from week 0: before the stop they displace orders, after it they add 1 and 2 t a week.
    Alone Japan has its own plant only; together 3 t a week.
    """
    found = alliance(two_countries(), case(), (HOME, SHARED), ("JPN", "CHN"), draws=0)
    both, japan = found.coalitions["CHN", "JPN"], found.coalitions[("JPN",)]
    assert found.coalitions[("CHN",)] == 0.0
    assert both == pytest.approx(3.0 * japan, rel=1e-9)
    assert found.value_kusd == both
    share = {member.country: member.shapley_kusd for member in found.members}
    assert share["CHN"] == pytest.approx((both - japan) / 2.0)
    assert sum(share.values()) == pytest.approx(both)
    assert found.coordination_kusd == pytest.approx(both - japan)
    assert {member.country: member.burden_kusd for member in found.members} == {"JPN": 22.0, "CHN": 15.0}
    assert {member.country: member.benefit_kusd for member in found.members} == {
        "JPN": pytest.approx(both), "CHN": 0.0,
    }  # fmt: skip
    assert found.leavers == ()
    assert found.exact


def test_a_budget_is_spent_by_each_coalition() -> None:
    poor = alliance(two_countries(), case(), (HOME, SHARED), ("JPN", "CHN"), draws=0, budget_kusd=8.0)
    rich = alliance(two_countries(), case(), (HOME, SHARED), ("JPN", "CHN"), draws=0)
    assert 0.0 < poor.value_kusd < rich.value_kusd


@pytest.mark.parametrize(
    ("members", "what"),
    [(("JPN",), "too few"), (("JPN", "JPN"), "twice"), (("JPN", "XXX"), "not a country"), ((), "too few")],
)
def test_strange_members_are_refused(members: tuple[str, ...], what: str) -> None:
    with pytest.raises(InputError, match=what):
        alliance(two_countries(), case(), (HOME,), members, draws=0)


def test_sampled_shares_come_near_and_tell_their_error() -> None:
    rng = np.random.default_rng(3)
    worth = dict(zip(NAMES, (1.0, 5.0, 9.0, 2.0), strict=True))

    def value(group: frozenset[str]) -> float:
        return sum(worth[name] for name in group) + (7.0 if len(group) >= 3 else 0.0)

    exact: dict[str, Any] = shapley(NAMES, value)
    mean, error = sampled_shapley(NAMES, value, [rng.permutation(4).tolist() for _ in range(200)])
    assert all(abs(mean[name] - exact[name]) <= 4.0 * error[name] + 1e-9 for name in NAMES)
