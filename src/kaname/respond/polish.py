"""Plans compared and improved in the simulator: nothing, one measure, greedy, the planner's (rule O5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.respond.trial import Trials
from kaname.terms.executor import stopped

Floats = NDArray[np.float64]
ROUNDS = 3
ROUNDING = 1e-12  # of the budget: what sums of costs leave of it
BETTER = 1e-6  # of the loss without measures: what counts as an improvement


@dataclass(frozen=True)
class Choice:
    """One way to spend the budget: its name, levels (M,), and its worth in the simulator (less is better)."""

    name: str
    levels: Floats
    worth_kusd: float


@dataclass(frozen=True)
class Limits:
    """What a plan must keep to: each measure's cost in full, whether a part of it can be done, the budget."""

    costs_kusd: Floats
    divisible: NDArray[np.bool_]
    budget_kusd: float

    def room(self, levels: Floats, m: int) -> float:
        """Return the level that measure `m` can be raised to within the budget; its own where it cannot."""
        left = self.budget_kusd - float(levels @ self.costs_kusd)
        left = left if abs(left) > ROUNDING * self.budget_kusd else 0.0
        cost = self.costs_kusd[m]
        most = 1.0 if cost <= left + 1e-9 or cost <= 0.0 else levels[m] + max(0.0, left) / cost
        most = min(1.0, most)
        if not self.divisible[m] and most < 1.0:
            return float(levels[m])
        return float(most)


def singles(
    trials: Trials,
    limits: Limits,
    deadline: float = np.inf,
    clock: Callable[[], float] = stopped,
) -> Floats:
    """Return (M,) what each measure avoids alone, at the level that the budget allows; thousand USD.

    0 for those that the clock left no time for.
    """
    count = len(limits.costs_kusd)
    nothing = np.zeros(count)
    base, avoided = trials.worth(nothing), np.zeros(count)
    for m in range(count):
        if clock() > deadline:
            break
        level = limits.room(nothing, m)
        if level > 0.0:
            alone = nothing.copy()
            alone[m] = level
            avoided[m] = base - trials.worth(alone)
    return avoided


def greedy(avoided: Floats, limits: Limits) -> Floats:
    """Return the levels that spend the budget by avoided value per dollar, each measure judged alone."""
    levels = np.zeros(len(avoided))
    ratio = avoided / np.maximum(limits.costs_kusd, 1e-9)
    for m in np.argsort(-ratio, kind="stable"):
        if avoided[m] > 0.0:
            levels[m] = limits.room(levels, int(m))
    return levels


def polished(
    trials: Trials,
    start: Floats,
    order: Sequence[int],
    limits: Limits,
    deadline: float = np.inf,
    clock: Callable[[], float] = stopped,
) -> Floats:
    """Return levels no worse than `start`: measures are left out where that helps, then added where it does.

    `order` lists all measures, the most promising first. Ends when a round changes nothing, after `ROUNDS`,
    or when the clock passes `deadline`.
    """
    levels, worth = start.copy(), trials.worth(start)
    least = BETTER * max(trials.worth(np.zeros(len(start))), 1.0)
    for _ in range(ROUNDS):
        before = levels.copy()
        for m in [*reversed(order), *order]:
            if clock() > deadline:
                return levels
            for level in _moves(levels, m, limits):
                trial = levels.copy()
                trial[m] = level
                found = trials.worth(trial)
                if found < worth - least:
                    levels, worth = trial, found
                    break
        if np.array_equal(before, levels):
            break
    return levels


def _moves(levels: Floats, m: int, limits: Limits) -> list[float]:
    """Return other levels of a measure to try: none of it, or as much as the budget allows."""
    room = limits.room(levels, m)
    return [level for level in (0.0, room) if abs(level - levels[m]) > 1e-9]


def best(choices: Sequence[Choice]) -> Choice:
    """Return the choice that is worth most; of equals the first."""
    return min(choices, key=lambda choice: choice.worth_kusd)
