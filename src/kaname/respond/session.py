"""A search under way: what is asked, the planner and the simulator on the same draws (rules O3, O5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from kaname.respond.instance import grid, instance_of
from kaname.respond.plan import ByDraw, Loss
from kaname.respond.polish import Choice, Limits, best, greedy, polished, singles
from kaname.respond.portfolio import GAP, Portfolio, Risk, Search
from kaname.respond.prepare import Prepared
from kaname.respond.problem import linear_program
from kaname.respond.scaling import scaling_of
from kaname.respond.solve import Highs, Solver
from kaname.respond.trial import Trials
from kaname.terms.errors import InputError, Problem, SolverError
from kaname.terms.executor import Executor, Threads, stopped

Floats = NDArray[np.float64]
Say = Callable[[str], None]
NOTHING, PLANNER, GREEDY, POLISHED = "do nothing", "planner", "greedy", "polished"
PLANNER_PART, ALONE_PART, POLISH_PART = 0.4, 0.7, 0.9  # of the time limit, when each step hands over
OUT_OF_TIME = "time limit"
PROGRAM_PART = 0.1  # of the time limit, for one program of the planner
POINT_PART = 0.1  # of the time limit, for the planner at a point of the frontier


@dataclass(frozen=True)
class Ask:
    """What is asked of a search: budget in thousand USD, draws, seed, time limit, steps of the frontier.

    `bound` also solves the program of perfect foresight and full cooperation for the central draw.
    """

    budget_kusd: float
    draws: int = 16
    seed: int = 20260106
    time_limit_s: float = 300.0
    steps: int = 0
    bound: bool = False
    risk: Risk = field(default_factory=Risk)

    def __post_init__(self) -> None:
        """Refuse numbers out of bounds, all at once."""
        problems = [
            Problem(f"{name} is out of bounds", name, f"{value:g}{unit}", f"{low:g}{unit} or more")
            for name, value, low, unit in (
                ("budget", self.budget_kusd * 1e3, 0.0, " USD"),
                ("draws", self.draws, 0, ""),
                ("seed", self.seed, 0, ""),
                ("time limit", self.time_limit_s, 1.0, " s"),
                ("steps", self.steps, 0, ""),
            )
            if not value >= low or not np.isfinite(value)
        ]
        if problems:
            raise InputError(problems)


@dataclass
class Session:
    """A search under way: what was prepared, the clock, and the executor and solver behind their seams."""

    prepared: Prepared
    ask: Ask
    executor: Executor = field(default_factory=Threads)
    solver: Solver = field(default_factory=Highs)
    say: Say = lambda text: None
    clock: Callable[[], float] = stopped

    def __post_init__(self) -> None:
        """Start the clock, and set out limits and trials."""
        self.began = self.clock()
        costs = np.array([cost.central_kusd for cost in self.prepared.costs])
        divisible = np.array([measure.divisible for measure in self.prepared.measures], dtype=np.bool_)
        self.limits = Limits(costs, divisible, self.ask.budget_kusd)
        self.trials = Trials(
            self.prepared.cone, frozenset(self.prepared.scenario.targets), costs, self.ask.risk
        )
        self.nothing = np.zeros(len(costs))
        self.search: Search | None = None
        self.failed = ""  # why there is no planner, once that is known

    def until(self, part: float) -> float:
        """Return the moment at which a part of the time limit is over."""
        return self.began + part * self.ask.time_limit_s

    def planned(self, budget_kusd: float, deadline: float) -> tuple[Portfolio | None, str]:
        """Return the planner's portfolio and its status; None and the reason where there is no optimum."""
        if self.failed:
            return None, self.failed
        try:
            if self.search is None:
                prepared = self.prepared
                periods = grid(prepared.scenario.periods, prepared.scenario.period_days)
                instance = instance_of(prepared.cone, prepared.markets, periods)
                self.search = Search(
                    instance,
                    self.limits.costs_kusd,
                    self.limits.divisible.tolist(),
                    self.ask.risk,
                    self._in_time(),
                    self.executor,
                    self.trials.sampled.tolist(),
                    deadline=deadline,
                    clock=self.clock,
                )
            found = self.search.find(budget_kusd, GAP, deadline, self.clock)
        except SolverError as error:
            self.failed = OUT_OF_TIME if self.clock() > deadline else f"the planner failed: {error}"
            return None, self.failed
        return found, found.status

    def _in_time(self) -> Solver:
        """Return the solver with a limit that one program cannot use up the planner's time."""
        if not isinstance(self.solver, Highs):
            return self.solver
        limit_s = PROGRAM_PART * self.ask.time_limit_s
        return replace(self.solver, time_limit_s=min(self.solver.time_limit_s, limit_s))

    def choices(self) -> tuple[list[Choice], Floats, Portfolio | None, str]:
        """Return ways to spend the budget, what each measure avoids alone, and the planner's portfolio."""
        self.say(f"planning over {len(self.trials.sampled)} draws")
        portfolio, status = self.planned(self.ask.budget_kusd, self.until(PLANNER_PART))
        self.say(f"trying {len(self.nothing)} measures one by one in the simulator")
        alone = singles(self.trials, self.limits, self.until(ALONE_PART), self.clock)
        found = [self.choice(NOTHING, self.nothing)]
        if len(alone) and alone.max() > 0.0:
            m = int(np.argmax(alone))
            single = self.nothing.copy()
            single[m] = self.limits.room(self.nothing, m)
            found.append(self.choice(f"{self.prepared.measures[m].id} alone", single))
        found.append(self.choice(GREEDY, greedy(alone, self.limits)))
        if portfolio is not None:
            found.append(self.choice(PLANNER, portfolio.levels))
        self.say("improving the best plan in the simulator")
        start = best(found)
        ratio = alone / np.maximum(self.limits.costs_kusd, 1e-9)
        order = np.argsort(-ratio, kind="stable").tolist()
        levels = polished(self.trials, start.levels, order, self.limits, self.until(POLISH_PART), self.clock)
        found.append(self.choice(POLISHED, levels))
        if self.clock() > self.until(POLISH_PART):
            status = (
                OUT_OF_TIME if portfolio is not None or status == OUT_OF_TIME else f"{status}; {OUT_OF_TIME}"
            )
        return found, alone, portfolio, status

    def choice(self, name: str, levels: Floats) -> Choice:
        """Return a way to spend the budget with its worth in the simulator."""
        return Choice(name, levels, self.trials.worth(levels))

    def loss(self, values: Floats, central: float) -> Loss:
        """Return the loss of the samples (D,) and of the central draw."""
        low, median, high = (float(x) for x in np.quantile(values, (0.05, 0.5, 0.95)))
        tail = replace(self.ask.risk, weight=1.0).value(values)
        return Loss(central, float(values.mean()), tail, low, median, high)

    def delivered(self, levels: Floats) -> Loss:
        """Return what is lost in the simulator at some levels."""
        trial = self.trials.at(levels)
        return self.loss(trial.loss_kusd[self.trials.sampled], float(trial.loss_kusd[0]))

    def by_draw(self, choices: Sequence[Choice]) -> ByDraw:
        """Return what some ways to spend the budget lose in each draw, beside the best tried within it."""
        rows = self.trials.sampled
        tried = self.trials.within(self.ask.budget_kusd)
        least = np.min([trial.loss_kusd[rows] for trial in tried], axis=0)
        losses = {one.name: tuple(self.trials.at(one.levels).loss_kusd[rows].tolist()) for one in choices}
        return ByDraw(losses, tuple(least.tolist()), len(tried))

    def promised(self, levels: Floats) -> Loss | None:
        """Return what is lost by the planner's account at some levels; None where the planner failed."""
        if self.search is None:
            return None
        try:
            return self.loss(self.search.losses(levels), self.search.loss_of(0, levels))
        except SolverError:
            return None

    def bound(self) -> float | None:
        """Return the central loss without measures under perfect foresight and full cooperation (rule O1)."""
        if self.search is None:
            return None
        program = linear_program(self.search.instance, 0, "bound")
        try:
            return self.solver.solve(scaling_of(program).scaled(program)).objective
        except SolverError:
            return None
