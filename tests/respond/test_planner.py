"""The planner and the bound: small problems solved on paper, and what holds on any network (rules O1, O2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from by_hand import half_a_plant, two_countries, weekly
from generated import Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from small_network import network_of
from strategies import calm, networks, with_path

from kaname.respond import reach, solve
from kaname.respond.instance import Instance
from kaname.respond.layout import Kind
from kaname.respond.problem import LinearProgram, linear_program
from kaname.respond.solve import Highs, Solution
from kaname.terms.errors import SolverError

KINDS: tuple[Kind, ...] = ("planner", "bound")
CLOSE = 1e-7  # of the value of all final use
many = settings(max_examples=80)
seeds = st.integers(0, 2**31)


def solved(instance: Instance, kind: Kind, levels: np.ndarray | None = None, draw: int = 0) -> Solution:
    program = linear_program(instance, draw, kind)
    return Highs().solve(program if levels is None else program.at_levels(levels))


def worth(instance: Instance, draw: int = 0) -> float:
    """Value of all final use, at least 1 thousand USD."""
    value = instance.groups.consumer_value_kusd[:, None] * instance.draws[draw].final
    return max(1.0, float(value.sum()))


def empty(instance: Instance) -> bool:
    """Nothing is disturbed and nothing touched: there is no program."""
    return not len(instance.groups.consumer_inflow)


# --- on paper -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("stockpile", "plant", "loss"),
    [(0, 0, 60), (0.1, 0, 54), (0.25, 0, 45), (1, 0, 45), (0, 1, 42), (1, 1, 27), (0.5, 0.5, 36)],
)
def test_two_countries_a_stockpile_and_a_plant(
    kind: Kind, stockpile: float, plant: float, loss: float
) -> None:
    """B uses 10 a week for 8 weeks. It starts with 10, 10 arrive in week 0, and A sends at most 15 in each of
    weeks 0, 1 and 2, for weeks 1, 2 and 3: 65 in all. Nothing comes in weeks 4-7, in which B wants 40.

    At the end of week 3 B holds what it may, 20 (a week's cover and a week's use) + 20 s, the level of the
    stockpile being s, and no more than 65 - 4 x 10 = 25: 40 - min(25, 20 + 20 s) are lost. The plant at level
    q sends 2 q in each of weeks 4, 5 and 6, there a week later: 6 q less are lost. Loss = 3 kUSD x
    (max(15, 20 - 20 s) - 6 q): its slope in s is -60 up to s = 1/4 and 0 beyond, in q always -18. The
    planner's limits do not bind: A's spare capacity is 15 - 10 = 5, and of psi x target = 10 a week's usual
    inflow is always at hand.
    """
    found = solved(two_countries(), kind, np.array([stockpile, plant]))
    assert found.objective == pytest.approx(loss, rel=1e-9)
    if stockpile != 0.25:  # at the kink any slope between the two will do
        assert found.reduced[-2:] == pytest.approx([-60.0 if stockpile < 0.25 else 0.0, -18.0], abs=1e-6)
    else:
        assert -60.0 - 1e-6 <= found.reduced[-2] <= 1e-6


def test_half_a_plant_without_its_input() -> None:
    """Motors: 40 are wanted at 1 kUSD, 10 are under way; output of weeks 0-2 comes in time, at most 6 a week.

    Planner: output <= 6 x (.6 + .4 x fill), and a fill of 1 takes 10 metal, all there is: 3 x 3.6 + 2.4 =
    13.2, lost are 40 - 10 - 13.2 = 16.8. Bound: output - .6 x 6 <= .4 x what is drawn: 10.8 + .4 x 10 =
    14.8, lost are 15.2.
    """
    assert solved(half_a_plant(), "planner").objective == pytest.approx(16.8, rel=1e-9)
    assert solved(half_a_plant(), "bound").objective == pytest.approx(15.2, rel=1e-9)


def test_what_a_delay_holds_up_comes_later() -> None:
    """Ways three weeks longer in weeks 2 to 5 empty weeks 2 to 4, and three weeks bring twice as much."""
    network = network_of([("A", "metal", "primary")], [(0, ("B", "metal"), 10.0, 0)], [])
    none = np.zeros(network.n_consumers)
    network = replace(network, consumer_cover_days=none, consumer_reserve_days=none)
    late = np.where((np.arange(12) >= 2) & (np.arange(12) < 6), 3.0, 0.0).astype(np.int64)
    instance = weekly(network, with_path(calm(network, 12), "extra_lag", np.array([0]), late))
    np.testing.assert_allclose(instance.draws[0].ship_most[0], [10, 10, 0, 0, 0, 10, 20, 20, 20, 10, 10, 10])


@pytest.mark.parametrize("kind", KINDS)
def test_users_left_out_share_a_loss(kind: Kind) -> None:
    """B makes nothing any more: C, which gets .9 % of its ore there, is left out; D loses all it gets."""
    network = network_of(
        [("A", "ore", "primary"), ("B", "ore", "primary")],
        [(0, ("C", "ore"), 1000.0, 0), (1, ("C", "ore"), 9.0, 0), (1, ("D", "ore"), 1.0, 0)],
        [],
    )
    network = replace(network, consumer_cover_days=np.zeros(2), consumer_reserve_days=np.zeros(2))
    lost = with_path(calm(network, 4), "capacity_factor", np.array([1]), np.zeros(4))
    instance = weekly(network, lost, whole=False)
    assert len(instance.groups.consumer_inflow) == 1
    assert solved(instance, kind).objective == pytest.approx(3.0)  # week 0 has what was under way


# --- on any network -------------------------------------------------------------------------------


@many
@given(networks(), seeds)
def test_nothing_is_lost_without_a_disturbance(network, seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = replace(network, consumer_value_kusd=rng.choice([0.0, 1.0, np.nan], network.n_consumers))
    cover = network.consumer_cover_days * rng.choice([0.0, 1.0])
    instance = weekly(network, replace(calm(network, 12), cover_days=cover[None]))
    for kind in KINDS:
        assert abs(solved(instance, kind).objective) <= CLOSE * worth(instance)


@many
@given(cases(), st.booleans())
def test_the_bound_is_below_the_planner(case: Case, whole: bool) -> None:
    instance = case.instance(whole=whole)
    for draw in range(0 if empty(instance) else 2):
        most = solved(instance, "planner", draw=draw).objective + CLOSE * worth(instance, draw)
        assert solved(instance, "bound", draw=draw).objective <= most


@many
@given(cases(kinds=("plant", "contract", "stockpile")), seeds)
def test_the_bound_is_below_the_planner_at_any_level(case: Case, seed: int) -> None:
    """Of measures that the planner counts exactly. What is saved or given up counts by the share served
    without measures, so that a plan of those may look better than it is, and than the bound.
    """
    instance = case.instance()
    if not empty(instance):
        levels = np.random.default_rng(seed).random(len(instance.measures))
        most = solved(instance, "planner", levels).objective + CLOSE * worth(instance)
        assert solved(instance, "bound", levels).objective <= most


@many
@given(cases(), seeds)
def test_more_of_a_measure_never_raises_the_bound(case: Case, seed: int) -> None:
    instance, rng = case.instance(), np.random.default_rng(seed)
    if empty(instance) or not instance.measures:
        return
    levels = rng.random(len(instance.measures))
    before = solved(instance, "bound", levels).objective
    one = int(rng.integers(len(levels)))
    more = levels.copy()
    more[one] += (1.0 - more[one]) * rng.random()
    assert solved(instance, "bound", more).objective <= before + CLOSE * worth(instance)


@many
@given(cases(), seeds)
def test_a_larger_permission_never_raises_the_bound(case: Case, seed: int) -> None:
    """All users are kept, as fewer would be with less disturbed."""
    rng = np.random.default_rng(seed)
    p = case.shock.permission
    freer = replace(case.shock, permission=p + (1.0 - p) * rng.random(p.shape) * rng.choice([0.1, 1.0]))
    tight, loose = (case.instance(shock, whole=True, cone=False) for shock in (case.shock, freer))
    levels = rng.random(len(tight.measures))
    most = solved(tight, "bound", levels).objective + CLOSE * worth(tight)
    assert solved(loose, "bound", levels).objective <= most


@many
@given(cases(), st.sampled_from(KINDS), st.booleans(), seeds)
def test_reduced_costs_of_levels_are_slopes(case: Case, kind: Kind, filled: bool, seed: int) -> None:
    """f(L2) >= f(L1) + g (L2 - L1): what Benders' cuts of the portfolio stand on (rule O3)."""
    instance, rng = case.instance(), np.random.default_rng(seed)
    if empty(instance) or not instance.measures:
        return
    fill = rng.random(instance.draws[0].final.shape) if filled else None
    program = linear_program(instance, 0, kind, fill)
    first, count = program.first_level, len(instance.measures)
    here = rng.choice([0.0, 0.5, 1.0], count)
    at = Highs().solve(program.at_levels(here))
    for there in (rng.random(count), rng.choice([0.0, 1.0], count)):
        least = at.objective + at.reduced[first:] @ (there - here)
        assert Highs().solve(program.at_levels(there)).objective >= least - CLOSE * worth(instance)


@many
@given(cases(), seeds)
def test_a_foreign_basis_changes_nothing(case: Case, seed: int) -> None:
    """From the basis of other levels, and of another draw, the same optimum (rule O2)."""
    instance = case.instance()
    if empty(instance):
        return
    first, second = (linear_program(instance, draw) for draw in (0, 1))
    levels = np.random.default_rng(seed).random(len(instance.measures))
    start = Highs().solve(first).basis
    for program in (first.at_levels(levels), second):
        cold, warm = Highs().solve(program), Highs().solve(program, start)
        assert warm.objective == pytest.approx(cold.objective, rel=1e-9, abs=CLOSE * worth(instance))


# --- who is left out ------------------------------------------------------------------------------


@pytest.mark.parametrize(("matters", "most"), [(None, 0.09), (1e-3, 1e-3), (1e-9, 1e-7)])
def test_users_left_out_matter_little(
    real_slice: Callable[..., Instance],
    monkeypatch: pytest.MonkeyPatch,
    matters: float | None,
    most: float,
) -> None:
    """Of a full stop to Japan: the planner is at most 9 % (measured: 7.4 %) off with users left out below the
    usual share of their inflow, .1 % (.02 %) at a tenth of it, and not at all without a threshold.
    """
    whole = real_slice(whole=True)
    if matters is not None:
        monkeypatch.setattr(reach, "MATTERS", matters)
    small = real_slice()
    assert len(small.groups.consumer_inflow) < 0.9 * len(whole.groups.consumer_inflow)
    for kind in KINDS:
        half = np.full(len(small.measures), 0.5)
        full = solved(whole, kind, half).objective
        assert solved(small, kind, half).objective == pytest.approx(full, rel=most)


# --- ends without an optimum ----------------------------------------------------------------------


def program_of(cost: float, row: float, upper: float, most: float) -> LinearProgram:
    """min cost x with 0 <= x <= most and row x <= upper."""
    matrix = sparse.csc_matrix(np.array([[row]]))
    one = np.ones(1)
    return LinearProgram(cost * one, 0.0, 0.0 * one, most * one, matrix, upper * one, {"row": (0, 1)}, 1)


@pytest.mark.parametrize("presolved", [True, False])
@pytest.mark.parametrize(
    ("program", "status"),
    [(program_of(1.0, 1.0, -1.0, 5.0), "Infeasible"), (program_of(-1.0, -1.0, 0.0, np.inf), "Unbounded")],
)
def test_infeasible_and_unbounded_are_errors(program: LinearProgram, status: str, presolved: bool) -> None:
    start = None if presolved else Highs().solve(program_of(1.0, 1.0, 1.0, 1.0)).basis
    with pytest.raises(SolverError) as caught:
        Highs().solve(program, start)
    (problem,) = caught.value.problems
    assert status in problem.got
    assert problem.expected == "optimal"
    assert (problem.where, caught.value.exit_code) == ("HiGHS", 1)
    assert "1 rows and 1 columns" in problem.what


def test_what_keeps_the_simplex_busy_is_solved_inside(
    real_slice: Callable[..., Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without time for the simplex, interior points end within 1e-6 of its optimum, without a basis."""
    program = linear_program(real_slice(), 0)
    exact = Highs().solve(program)
    monkeypatch.setattr(solve, "SHORT_S", 0.0)
    inside = Highs().solve(program)
    assert inside.basis is None
    assert inside.objective == pytest.approx(exact.objective, rel=1e-6)
    slopes = slice(program.first_level, None)
    scale = np.abs(exact.reduced[slopes]).max()
    np.testing.assert_allclose(inside.reduced[slopes], exact.reduced[slopes], rtol=1e-3, atol=1e-4 * scale)


def test_out_of_time_is_an_error(real_slice: Callable[..., Instance]) -> None:
    with pytest.raises(SolverError) as caught:
        Highs(time_limit_s=0.0).solve(linear_program(real_slice(), 0))
    (problem,) = caught.value.problems
    assert "Time limit reached" in problem.got  # by each way that was tried
    assert problem.expected == "optimal"
    assert "more time" in problem.fix
