"""Benders' cuts against the extensive form, and the worth of draws."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from generated import cases
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from kaname.respond.instance import Instance
from kaname.respond.portfolio import THRIFT, Risk, Search, master
from kaname.respond.problem import LinearProgram, linear_program
from kaname.respond.solve import SCALE, Highs
from kaname.terms.errors import SolverError

FEW = settings(max_examples=12, deadline=None)


def extensive(search: Search, costs: np.ndarray, budget: float, divisible: list[bool], risk: Risk) -> float:
    """Return the optimum of one program over all draws at once: levels shared, a block of rows per draw, and
    a loss per draw that is at least nothing.
    """
    instance, m = search.instance, len(costs)
    blocks = search._programs  # as the search sees them, savings by the fill without measures
    draws = len(blocks)
    sizes = [block.first_level for block in blocks]
    starts = np.cumsum([m, *sizes])
    eta, excess = int(starts[-1]), int(starts[-1]) + 1
    loss = excess + draws
    columns = loss + draws
    cost, lower, upper = np.zeros(columns), np.zeros(columns), np.full(columns, np.inf)
    cost[:m], upper[:m] = THRIFT * costs, 1.0
    cost[eta], cost[excess:] = risk.weight, risk.weight / (risk.tail * draws)
    cost[loss:] = (1.0 - risk.weight) / draws
    rows, uppers = [], []
    for d, block in enumerate(blocks):
        own = slice(int(starts[d]), int(starts[d]) + sizes[d])
        lower[own], upper[own] = block.lower[: sizes[d]], block.upper[: sizes[d]]
        wide = sparse.lil_matrix((block.matrix.shape[0], columns))
        wide[:, own] = block.matrix[:, : sizes[d]]
        wide[:, :m] = block.matrix[:, sizes[d] :]
        least, tail = sparse.lil_matrix((1, columns)), sparse.lil_matrix((1, columns))
        least[0, own], least[0, :m] = block.cost[: sizes[d]], block.cost[sizes[d] :]
        least[0, loss + d] = -1.0
        tail[0, loss + d], tail[0, eta], tail[0, excess + d] = 1.0, -1.0, -1.0
        rows += [wide, least, tail]
        uppers += [block.row_upper, np.array([-block.offset]), np.zeros(1)]
    spent = sparse.lil_matrix((1, columns))
    spent[0, :m] = costs
    rows.append(spent)
    uppers.append(np.array([budget]))
    whole = LinearProgram(
        cost, 0.0, lower, upper, sparse.csc_matrix(sparse.vstack(rows)), np.concatenate(uppers), {}, 0,
        tuple(i for i in range(m) if not divisible[i]),
    )  # fmt: skip
    assert instance is search.instance
    return Highs().solve(whole).objective


@FEW
@given(cases(draws=3), st.data())
def test_the_search_brackets_the_extensive_form(case, data) -> None:
    instance: Instance = case.instance()
    m = len(instance.measures)
    if m == 0:
        return
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    costs = rng.uniform(1.0, 50.0, m)
    divisible = (rng.random(m) < 0.6).tolist()
    budget = float(rng.uniform(0.2, 0.9) * costs.sum())
    risk = Risk(0.4, 0.5)
    search = Search(instance, costs, divisible, risk)
    found = search.find(budget, gap=1e-6)
    best = extensive(search, costs, budget, divisible, risk)
    room = 1e-3 * max(abs(best), 1.0)
    assert found.bound_kusd <= best + room
    assert found.value_kusd >= best - room
    assert found.levels @ costs <= budget + 1e-6
    assert all(level in (0.0, 1.0) for level, part in zip(found.levels, divisible, strict=True) if not part)
    if found.status == "optimal":
        assert found.value_kusd <= best + max(1e-4 * abs(best), 2e-6 * found.nothing_value_kusd) + room


@FEW
@given(cases(draws=2), st.data())
def test_a_larger_budget_never_promises_less_within_the_gap(case, data) -> None:
    instance = case.instance()
    m = len(instance.measures)
    if m == 0:
        return
    costs = np.linspace(3.0, 20.0, m)
    search = Search(instance, costs, [True] * m, Risk(0.0))
    values = []
    for share in (0.1, 0.3, 0.6, 1.0):
        found = search.find(share * float(costs.sum()))
        values.append((found.value_kusd, found.bound_kusd))
    for (value, _), (later, bound) in itertools.pairwise(values):
        gain = max(search.risk.value(search.nothing_kusd) - bound, 1e-9)
        assert later <= value + 0.01 * gain + 1e-6


def test_the_tail_is_the_mean_of_the_worst_draws() -> None:
    losses = np.array([1.0, 2.0, 3.0, 10.0])
    assert Risk(1.0, 0.25).value(losses) == pytest.approx(10.0)
    assert Risk(1.0, 0.5).value(losses) == pytest.approx(6.5)
    assert Risk(1.0, 0.375).value(losses) == pytest.approx((10.0 + 0.5 * 3.0) / 1.5)
    assert Risk(0.0, 0.5).value(losses) == pytest.approx(4.0)
    assert Risk(0.5, 0.5).value(losses) == pytest.approx(0.5 * 4.0 + 0.5 * 6.5)


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=12), st.floats(0.05, 1.0))
def test_the_master_weighs_draws_as_the_risk_does(values: list[float], tail: float) -> None:
    """With losses fixed by cuts without slope, the master's optimum is (1 - lambda) mean + lambda CVaR.

    HiGHS takes slopes below its tolerance for nothing (1e-7, in the million USD of the solver), which a tail
    has that is hardly more than whole draws: over the values that is the slack.
    """
    from kaname.respond.portfolio import Cut  # noqa: PLC0415

    risk = Risk(0.3, tail)
    cuts = [Cut(d, value, np.zeros(1)) for d, value in enumerate(values)]
    program = master(cuts, len(values), np.array([5.0]), 10.0, risk)
    found = Highs().solve(program)
    slack = 1e-7 / SCALE * max(values) + 1e-3
    assert found.objective == pytest.approx(risk.value(np.array(values)), rel=1e-5, abs=slack)


def test_the_time_limit_ends_a_search_with_what_it_has(real_slice) -> None:
    instance = real_slice()
    costs = np.full(len(instance.measures), 1e4)
    search = Search(instance, costs, [True] * len(costs), Risk(0.0))
    none = search.find(5e4, deadline=0.0, clock=lambda: 1.0)
    assert none.status == "time limit"
    assert none.value_kusd == pytest.approx(none.nothing_value_kusd)
    done = search.find(5e4)
    assert done.status == "optimal"
    assert done.gap <= 0.01
    assert done.value_kusd < none.value_kusd


def test_time_that_is_up_before_every_draw_was_solved_is_an_error(real_slice) -> None:
    instance = real_slice()
    costs = np.ones(len(instance.measures))
    with pytest.raises(SolverError, match="time is up before every draw"):
        Search(instance, costs, [True] * len(costs), deadline=1.0, clock=lambda: 2.0)


def test_programs_of_draws_differ_in_numbers_only(real_slice) -> None:
    instance = real_slice(draws=3)
    programs = [linear_program(instance, d) for d in range(3)]
    assert len({program.matrix.shape for program in programs}) == 1
    assert len({program.first_level for program in programs}) == 1
    at_one = replace(programs[0]).at_levels(np.ones(len(instance.measures)))
    assert at_one.matrix is programs[0].matrix, "a level changes bounds only (rule O2)"
