"""Greedy plans and plans made better, against a simulator that is a plain function of levels (rule O5)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.respond.polish import BETTER, ROUNDS, Choice, Limits, best, greedy, polished, singles

SLACK = 1e-6  # of rounding, thousand USD


@dataclass
class Plain:
    """What `Trials` is to the search: levels in, worth out (less is better); counts what was asked."""

    function: Callable[[np.ndarray], float]
    asked: list[np.ndarray] = field(default_factory=list)

    def worth(self, levels: np.ndarray) -> float:
        given_levels = np.array(levels, dtype=float)
        self.asked.append(given_levels)
        return float(self.function(given_levels))


@dataclass
class Ticks:
    """A clock that goes on by one at every look."""

    now: float = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def limits_of(costs: list[float], divisible: list[bool] | bool, budget: float) -> Limits:
    whole = [divisible] * len(costs) if isinstance(divisible, bool) else divisible
    return Limits(np.array(costs, dtype=float), np.array(whole), budget)


def spent(levels: np.ndarray, limits: Limits) -> float:
    return float(levels @ limits.costs_kusd)


def in_bounds(levels: np.ndarray, limits: Limits) -> None:
    assert ((levels >= 0.0) & (levels <= 1.0)).all()
    assert spent(levels, limits) <= limits.budget_kusd + SLACK
    assert np.isin(levels[~limits.divisible], [0.0, 1.0]).all()


@st.composite
def problems(draw: st.DrawFn, most: int = 6) -> tuple[Limits, np.ndarray, np.ndarray]:
    """Draw limits, what each measure avoids alone, and (M, M) what pairs avoid more (or less) together."""
    count = draw(st.integers(1, most))
    amount = st.sampled_from([0.0, 1.0, 50.0]) | st.floats(0.0, 100.0)
    costs = draw(st.lists(amount, min_size=count, max_size=count))
    divisible = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    budget = draw(st.sampled_from([0.0, 1.0, 50.0]) | st.floats(0.0, 300.0))
    alone = draw(st.lists(st.floats(-50.0, 100.0), min_size=count, max_size=count))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    pairs = np.triu(rng.normal(0.0, 30.0, (count, count)), 1)
    return limits_of(costs, divisible, budget), np.array(alone), pairs


def trials_of(alone: np.ndarray, pairs: np.ndarray) -> Plain:
    return Plain(lambda levels: 1000.0 - float(alone @ levels) - float(levels @ pairs @ levels))


# --- limits ---------------------------------------------------------------------------------------


def test_room_by_hand() -> None:
    limits = limits_of([10.0, 20.0, 0.0], [True, False, True], 25.0)
    none = np.zeros(3)
    assert [limits.room(none, m) for m in range(3)] == [1.0, 1.0, 1.0]
    second = np.array([0.0, 1.0, 0.0])
    assert limits.room(second, 0) == pytest.approx(0.5)
    assert limits.room(second, 1) == 1.0
    first = np.array([1.0, 0.0, 0.0])
    assert limits.room(first, 1) == 0.0  # 15 are left, which is not enough for all of it
    half = np.array([0.5, 1.0, 0.0])
    assert limits.room(half, 0) == pytest.approx(0.5)  # what is left is nothing
    assert limits.room(half, 2) == 1.0  # what costs nothing has room always
    over = np.array([1.0, 1.0, 0.0])
    assert [limits.room(over, m) for m in range(3)] == [1.0, 1.0, 1.0]
    assert limits_of([10.0], True, 10.0).room(np.array([0.5]), 0) == 1.0
    assert limits_of([10.0], False, 9.999).room(np.zeros(1), 0) == 0.0


@settings(max_examples=200, deadline=None)
@given(problems(), st.integers(0, 2**31))
def test_room_never_leads_over_the_budget_and_is_as_much_as_goes(
    case: tuple[Limits, np.ndarray, np.ndarray], seed: int
) -> None:
    limits, _, _ = case
    rng = np.random.default_rng(seed)
    levels = np.zeros(len(limits.costs_kusd))
    for m in rng.permutation(len(levels)):
        room = limits.room(levels, int(m))
        assert room >= levels[m]
        full = levels.copy()
        full[m] = room
        in_bounds(full, limits)
        more = levels.copy()
        more[m] = min(1.0, room + 0.01) if limits.divisible[m] else 1.0
        assert room == 1.0 or spent(more, limits) > limits.budget_kusd
        if limits.divisible[m]:
            levels[m] = room * rng.choice([0.0, 0.5, 1.0])
        else:
            levels[m] = room


# --- each measure alone, and greedy ----------------------------------------------------------------


def test_singles_are_what_each_avoids_alone_as_far_as_the_budget_goes() -> None:
    """The second costs twice the budget: half of it; the third cannot be parted; the fourth does harm."""
    limits = limits_of([10.0, 40.0, 40.0, 5.0], [True, True, False, True], 20.0)
    trials = trials_of(np.array([7.0, 30.0, 90.0, -4.0]), np.full((4, 4), 99.0) - np.eye(4) * 99.0)
    np.testing.assert_allclose(singles(trials, limits), [7.0, 15.0, 0.0, -4.0])
    assert all(np.count_nonzero(levels) <= 1 for levels in trials.asked)
    assert len(trials.asked) == 4  # nothing, and three measures; what has no room is not tried


def test_greedy_spends_by_avoided_value_per_dollar() -> None:
    """Ratios 3, 2.5, 1 and .5: the first two in full, 10 of 40 for the third."""
    limits = limits_of([20.0, 10.0, 20.0, 40.0], True, 40.0)
    np.testing.assert_allclose(greedy(np.array([10.0, 30.0, 50.0, 40.0]), limits), [0, 1, 1, 0.25])


def test_greedy_goes_past_what_cannot_be_afforded_whole() -> None:
    limits = limits_of([20.0, 30.0, 15.0], [True, False, False], 40.0)
    np.testing.assert_allclose(greedy(np.array([60.0, 60.0, 15.0]), limits), [1, 0, 1])


def test_greedy_takes_what_costs_nothing_first_and_leaves_what_does_harm() -> None:
    limits = limits_of([0.0, 10.0, 10.0, 0.0], True, 5.0)
    np.testing.assert_allclose(greedy(np.array([0.1, 90.0, 0.0, -1.0]), limits), [1, 0.5, 0, 0])
    np.testing.assert_allclose(greedy(np.array([1.0, 1.0]), limits_of([9.0, 9.0], True, 0.0)), [0, 0])


def test_of_equal_ratios_greedy_takes_the_first() -> None:
    limits = limits_of([10.0, 20.0, 10.0], True, 20.0)
    np.testing.assert_allclose(greedy(np.array([5.0, 10.0, 5.0]), limits), [1, 0.5, 0])


@settings(max_examples=200, deadline=None)
@given(problems())
def test_greedy_keeps_to_the_budget_and_to_the_order_of_ratios(
    case: tuple[Limits, np.ndarray, np.ndarray],
) -> None:
    limits, alone, _ = case
    levels = greedy(alone, limits)
    in_bounds(levels, limits)
    assert (levels[alone <= 0.0] == 0.0).all()
    ratio = alone / np.maximum(limits.costs_kusd, 1e-9)
    left = limits.budget_kusd - spent(levels, limits)
    for m in np.flatnonzero((alone > 0.0) & (levels < 1.0)):
        if limits.divisible[m]:  # the money went to what is worth more (or as much), all of it
            assert left <= SLACK
            taken = np.flatnonzero((levels > 0.0) & (limits.costs_kusd > 0.0) & (np.arange(len(alone)) != m))
            later = taken[ratio[taken] < ratio[m]]
            assert levels[later] @ limits.costs_kusd[later] <= SLACK
        else:
            assert left < limits.costs_kusd[m]


@settings(max_examples=60, deadline=None)
@given(problems())
def test_greedy_is_best_where_all_can_be_parted_and_nothing_interacts(
    case: tuple[Limits, np.ndarray, np.ndarray],
) -> None:
    """The fractional knapsack: no plan on a grid avoids more."""
    limits, alone, _ = case
    limits = Limits(limits.costs_kusd, np.ones_like(limits.divisible), limits.budget_kusd)
    found = float(alone @ greedy(alone, limits))
    for levels in itertools.product([0.0, 0.5, 1.0], repeat=min(len(alone), 5)):
        other = np.zeros(len(alone))
        other[: len(levels)] = levels
        if spent(other, limits) <= limits.budget_kusd:
            assert float(alone @ other) <= found + SLACK


# --- polished ---------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(problems(), st.integers(0, 2**31), st.integers(0, 40) | st.none())
def test_a_polished_plan_is_no_worse_than_its_start_and_in_the_budget(
    case: tuple[Limits, np.ndarray, np.ndarray], seed: int, looks: int | None
) -> None:
    limits, alone, pairs = case
    trials, rng = trials_of(alone, pairs), np.random.default_rng(seed)
    start = greedy(rng.uniform(-1.0, 1.0, len(alone)), limits)
    order = rng.permutation(len(alone)).tolist()
    kept = start.copy()
    deadline = np.inf if looks is None else float(looks)
    levels = polished(trials, start, order, limits, deadline, Ticks())
    in_bounds(levels, limits)
    assert trials.function(levels) <= trials.function(start)
    np.testing.assert_array_equal(start, kept)
    assert all(spent(asked, limits) <= limits.budget_kusd + SLACK for asked in trials.asked)
    if not np.array_equal(levels, start):
        assert trials.function(levels) < trials.function(start) - BETTER * 1.0


@settings(max_examples=100, deadline=None)
@given(problems(), st.integers(0, 2**31))
def test_a_plan_polished_to_the_end_has_no_better_neighbour(
    case: tuple[Limits, np.ndarray, np.ndarray], seed: int
) -> None:
    """Where it stopped before its last round: no single measure left out or filled up is better."""
    limits, alone, pairs = case
    order = np.random.default_rng(seed).permutation(len(alone)).tolist()
    levels = np.zeros(len(alone))
    for _ in range(10):  # each call is at most ROUNDS rounds
        before = levels
        levels = polished(trials_of(alone, pairs), before, order, limits)
        if np.array_equal(before, levels):
            break
    function = trials_of(alone, pairs).function
    least = BETTER * max(function(np.zeros(len(alone))), 1.0)
    for m in range(len(alone)):
        for level in (0.0, limits.room(levels, m)):
            other = levels.copy()
            other[m] = level
            assert function(other) >= function(levels) - least - 1e-9


def test_a_measure_that_adds_nothing_is_left_out_and_its_money_spent() -> None:
    """The first two avoid the same; what they cost counts a little."""
    limits = limits_of([10.0, 10.0, 10.0], False, 20.0)

    def worth(levels: np.ndarray) -> float:
        return 100.0 - 30.0 * max(levels[0], levels[1]) - 20.0 * levels[2] + 0.001 * spent(levels, limits)

    levels = polished(Plain(worth), np.array([1.0, 1.0, 0.0]), [0, 1, 2], limits)
    assert levels.tolist() == [1.0, 0.0, 1.0]  # the less promising of the two goes


def test_a_part_is_filled_up_where_money_is_left() -> None:
    limits = limits_of([10.0, 40.0], True, 30.0)
    trials = trials_of(np.array([10.0, 40.0]), np.zeros((2, 2)))
    levels = polished(trials, np.array([1.0, 0.25]), [0, 1], limits)
    np.testing.assert_allclose(levels, [1.0, 0.5])


def test_what_saves_less_than_a_millionth_is_not_worth_a_change() -> None:
    limits = limits_of([0.0, 0.0], True, 0.0)
    nearly = trials_of(np.array([0.0009, 0.0011]), np.zeros((2, 2)))  # of 1,000 without measures
    assert polished(nearly, np.zeros(2), [0, 1], limits).tolist() == [0.0, 1.0]
    start = np.zeros(2)
    flat = polished(Plain(lambda levels: 5.0), start, [0, 1], limits)
    np.testing.assert_array_equal(flat, start)


def test_the_search_ends_with_a_round_that_changes_nothing() -> None:
    limits = limits_of([1.0, 1.0], True, 5.0)
    flat = Plain(lambda levels: 5.0)
    polished(flat, np.zeros(2), [0, 1], limits)
    assert len(flat.asked) == 2 + 4  # start and nothing, then each measure twice in one round


def test_the_search_ends_after_its_rounds() -> None:
    """Each measure of a chain helps only after the one before, and a round gets two of them on."""
    count = 2 * ROUNDS + 2
    outside_in = [i // 2 if i % 2 == 0 else count - 1 - i // 2 for i in range(count)]  # 0, 7, 1, 6, ...

    def worth(levels: np.ndarray) -> float:
        on = levels[outside_in]
        prefix = int(np.cumprod(on).sum())
        return 100.0 - 10.0 * prefix + (on.sum() - prefix)

    limits = limits_of([0.0] * count, False, 0.0)
    levels = polished(Plain(worth), np.zeros(count), list(range(count)), limits)
    assert levels[outside_in].tolist() == [1.0] * (2 * ROUNDS) + [0.0, 0.0]
    again = polished(Plain(worth), levels, list(range(count)), limits)
    assert again.tolist() == [1.0] * count


def test_the_order_decides_which_of_two_equals_is_tried_first() -> None:
    """Room for one of two that avoid the same: what is least promising goes out first and comes in last."""
    limits = limits_of([10.0, 10.0], False, 10.0)
    trials = trials_of(np.array([10.0, 10.0]), np.zeros((2, 2)))
    assert polished(trials, np.zeros(2), [0, 1], limits).tolist() == [0.0, 1.0]
    assert polished(trials, np.zeros(2), [1, 0], limits).tolist() == [1.0, 0.0]


def test_the_deadline_stops_the_search_where_it_stands() -> None:
    """One look at the clock before each measure: at a deadline of 2 two measures are tried."""
    limits = limits_of([1.0] * 4, True, 9.0)
    trials = trials_of(np.array([1.0, 2.0, 3.0, 4.0]), np.zeros((4, 4)))
    order = [3, 2, 1, 0]
    for deadline, expected in ((0.0, []), (1.0, [0]), (2.0, [0, 1]), (3.0, [0, 1, 2])):
        levels = polished(trials, np.zeros(4), order, limits, deadline, Ticks())
        assert np.flatnonzero(levels).tolist() == expected
    clock = Ticks()
    whole = polished(trials, np.zeros(4), order, limits, np.inf, clock)
    assert whole.tolist() == [1.0] * 4
    assert clock.now == 2 * 2 * 4  # a round that adds them all, and one that changes nothing
    late = Ticks(100.0)
    start = np.array([0.5, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(polished(trials, start, order, limits, 50.0, late), start)


def test_the_best_is_worth_most_and_of_equals_the_first() -> None:
    choices = [Choice(name, np.zeros(1), worth) for name, worth in (("a", 3.0), ("b", 1.0), ("c", 1.0))]
    assert best(choices).name == "b"
    assert best(choices[:1]).name == "a"


def test_what_rounding_leaves_of_a_budget_buys_nothing() -> None:
    """0.1 three times is not 0.3: no measure is taken at a level of 1e-16 for it."""
    limits = Limits(np.array([0.1, 0.1, 0.1, 5.0]), np.ones(4, dtype=np.bool_), 0.1 + 0.1 + 0.1)
    spent = greedy(np.array([4.0, 3.0, 2.0, 1.0]), limits)
    assert spent.tolist() == [1.0, 1.0, 1.0, 0.0]
    three = Limits(limits.costs_kusd, limits.divisible, 0.30000000000000004 * (1 + 1e-15))
    assert three.room(spent, 3) == 0.0
