"""Which measures, at which level, under a budget: two stages, by Benders' cuts, one for each draw (rule O3).

First stage: levels in [0, 1], whole where a measure cannot be done in part, within the budget. Second
stage: the planner's loss of each draw at those levels. Objective: (1 - lambda) x mean loss + lambda x CVaR,
the mean of the worst draws. A loss is convex in the levels; the reduced costs of the fixed level columns are
its slope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kaname.respond.instance import Instance
from kaname.respond.layout import Layout
from kaname.respond.plan import THRIFT
from kaname.respond.problem import LinearProgram, linear_program
from kaname.respond.scaling import scaling_of
from kaname.respond.solve import WHOLE_GAP, Highs, Solution, Solver
from kaname.terms.errors import Problem, SolverError
from kaname.terms.executor import Executor, Serial, stopped

Floats = NDArray[np.float64]
GAP = 0.01  # of the gain: where the search ends
STEPS = 60  # rounds of cuts at most
SAME = 1e-9


@dataclass(frozen=True)
class Risk:
    """How draws count: `weight` lambda on the mean of the worst `tail` of them, the rest on the mean."""

    weight: float = 0.25
    tail: float = 0.1

    def value(self, losses: Floats) -> float:
        """Return (1 - lambda) mean + lambda CVaR of losses (D,); CVaR by its definition as a minimum."""
        worst = np.sort(losses)[::-1]
        mass = self.tail * len(worst)
        whole = int(mass)
        total = worst[:whole].sum() + (mass - whole) * (worst[whole] if whole < len(worst) else 0.0)
        tail = float(total / mass) if mass > 0.0 else float(worst[0])
        return float((1.0 - self.weight) * losses.mean() + self.weight * tail)


@dataclass(frozen=True)
class Cut:
    """A loss is at least `at + slope @ levels` in one draw."""

    draw: int
    at: float
    slope: Floats


@dataclass(frozen=True)
class Portfolio:
    """What a search found: levels (M,), the planner's objective there and without measures, and the bracket.

    `value_kusd` is the objective at `levels`; no levels within the budget give less than `bound_kusd`.
    `losses_kusd` (D,) are the draws' at the levels, `nothing_kusd` (D,) without measures.
    """

    levels: Floats
    value_kusd: float
    bound_kusd: float
    nothing_value_kusd: float
    losses_kusd: Floats
    nothing_kusd: Floats
    rounds: int
    status: str  # optimal (within the gap), time limit, or rounds used up

    @property
    def gap(self) -> float:
        """Return the bracket as a share of the gain over doing nothing; 0 where nothing can be gained."""
        gain = self.nothing_value_kusd - self.bound_kusd
        return max(0.0, self.value_kusd - self.bound_kusd) / gain if gain > SAME else 0.0


@dataclass
class Search:
    """The second stage of all draws, and the cuts that it gave: good for any budget.

    Draws are counted from 0 among those of `rows`.
    """

    instance: Instance
    costs_kusd: Floats
    divisible: Sequence[bool]
    risk: Risk = field(default_factory=Risk)
    solver: Solver = field(default_factory=Highs)
    executor: Executor = field(default_factory=Serial)
    rows: Sequence[int] | None = None  # draws that count; all without
    cuts: list[Cut] = field(default_factory=list)
    deadline: float = np.inf  # for solving every draw once at the start, by `clock`
    clock: Callable[[], float] = stopped

    def __post_init__(self) -> None:
        """Solve every draw without measures, and cut there. Raises SolverError where time runs out."""
        self._layout = Layout(self.instance, "planner")
        self._scaling = scaling_of(linear_program(self.instance, 0))
        draws = range(len(self.instance.draws)) if self.rows is None else self.rows
        self._programs: list[LinearProgram] = []
        self._bases: list[object] = [None] * len(draws)
        for program, solution in self.executor.map(self._opened_in_time, list(draws)):
            self._programs.append(program)
            self._bases[len(self._programs) - 1] = solution.basis
        self._known: dict[bytes, Floats] = {}
        self.nothing_kusd = self.losses(np.zeros(len(self.costs_kusd)))

    def _opened_in_time(self, draw: int) -> tuple[LinearProgram, Solution]:
        """Return the program of a draw, if there is time left for it. Raises SolverError."""
        if self.clock() > self.deadline:
            fix = "Give more time, or fewer draws."
            raise SolverError(
                Problem("time is up before every draw was solved once", f"draw {draw}", fix=fix)
            )
        return self._opened(draw)

    def _opened(self, draw: int) -> tuple[LinearProgram, Solution]:
        """Return the program of a draw, whose savings count by what is served without measures."""
        plain = linear_program(self.instance, draw)
        solution = self.solver.solve(self._scaling.scaled(plain))
        first, size = self._layout.first["fill"], self._layout.sizes["fill"]
        columns = self._scaling.unscaled(solution.columns)
        fill = columns[first : first + size].reshape(-1, self.instance.grid.count)
        program = linear_program(self.instance, draw, fill=np.clip(fill, 0.0, 1.0))
        return self._scaling.scaled(program), solution

    def losses(self, levels: Floats) -> Floats:
        """Return the planner's loss (D,) at some levels, thousand USD; a new point gives a cut per draw.

        At least nothing: use given up, counted by what was served without measures, can be more than what is
        unserved with them (rule O3).
        """
        key = np.round(levels, 12).tobytes()
        if key not in self._known:
            found = self.executor.map(lambda d: self._solved(d, levels), list(range(len(self._programs))))
            for draw, solution in enumerate(found):
                self._bases[draw] = solution.basis
                slope = solution.reduced[self._programs[draw].first_level :]
                self.cuts.append(Cut(draw, solution.objective - float(slope @ levels), slope))
            self._known[key] = np.maximum(0.0, [solution.objective for solution in found])
        return self._known[key]

    def loss_of(self, draw: int, levels: Floats) -> float:
        """Return the planner's loss at some levels in any draw of the instance, thousand USD."""
        program, solution = self._opened(draw)
        return max(0.0, self.solver.solve(program.at_levels(levels), solution.basis).objective)

    def worth(self, levels: Floats) -> float:
        """Return the objective at some levels: risk-weighted loss and `THRIFT` x cost, thousand USD."""
        return self.risk.value(self.losses(levels)) + THRIFT * float(levels @ self.costs_kusd)

    def _solved(self, draw: int, levels: Floats) -> Solution:
        return self.solver.solve(self._programs[draw].at_levels(levels), self._bases[draw])

    def find(
        self,
        budget_kusd: float,
        gap: float = GAP,
        deadline: float = np.inf,
        clock: Callable[[], float] = stopped,
    ) -> Portfolio:
        """Return the best levels within a budget, to a gap, or what is best when the clock passes `deadline`.

        Raises SolverError where a program has no optimum. The result does not depend on how draws are mapped.
        """
        nothing = np.zeros(len(self.costs_kusd))
        base = self.risk.value(self.nothing_kusd)
        best, value, bound, rounds, status = nothing, base, -np.inf, 0, "rounds used up"
        relaxed = True
        while rounds < STEPS:
            if clock() >= deadline:
                status = "time limit"
                break
            levels, bound = self._master(budget_kusd, relaxed)
            rounds += 1
            if relaxed:
                reached, rounded = self.worth(levels), self._whole(levels, budget_kusd)
                inside = self.worth(rounded)
                if inside < value - SAME:
                    best, value = rounded, inside
                relaxed = reached - bound > gap / 2.0 * max(base - bound, SAME)
                continue
            reached = self.worth(levels)
            if reached < value - SAME:
                best, value = levels, reached
            if value - bound <= gap * max(base - bound, SAME):
                status = "optimal"
                break
        bound = min(bound, value) if np.isfinite(bound) else 0.0
        return Portfolio(best, value, bound, base, self.losses(best), self.nothing_kusd, rounds, status)

    def _whole(self, levels: Floats, budget_kusd: float) -> Floats:
        """Return levels with what cannot be done in part rounded down, unless it fits in full."""
        whole = np.where(self.divisible, levels, np.floor(levels + 1e-6))
        for m in np.argsort(-levels, kind="stable"):
            if not self.divisible[m] and 0.0 < levels[m] < 1.0 - 1e-6:
                trial = whole.copy()
                trial[m] = 1.0
                if trial @ self.costs_kusd <= budget_kusd:
                    whole = trial
        return whole

    def _master(self, budget_kusd: float, relaxed: bool) -> tuple[Floats, float]:
        """Return the levels that the cuts like best within the budget, and the bound of the objective."""
        program = master(self.cuts, len(self._programs), self.costs_kusd, budget_kusd, self.risk)
        if not relaxed:
            program = replace(program, integer=tuple(m for m, part in enumerate(self.divisible) if not part))
        solution = self.solver.solve(program)
        levels = np.clip(solution.columns[: len(self.costs_kusd)], 0.0, 1.0)
        whole = ~np.array(self.divisible, dtype=np.bool_)
        if not relaxed:
            levels[whole] = np.round(levels[whole])
        slack = abs(solution.objective) * (0.0 if relaxed else WHOLE_GAP)
        return levels, solution.objective - slack


def master(
    cuts: Sequence[Cut], draws: int, costs_kusd: Floats, budget_kusd: float, risk: Risk
) -> LinearProgram:
    """Return the first stage: columns are levels, loss of each draw, the tail's threshold, excess over it.

    Rows: cost <= budget (in shares of the budget); loss - threshold <= excess; every cut. `THRIFT` x cost is
    added to the objective: loss comes first, then cost.
    """
    m = len(costs_kusd)
    columns = m + 2 * draws + 1
    loss, threshold, excess = m, m + draws, m + draws + 1
    cost = np.zeros(columns)
    cost[:m] = THRIFT * costs_kusd
    cost[loss : loss + draws] = (1.0 - risk.weight) / draws
    cost[threshold] = risk.weight
    cost[excess:] = risk.weight / (risk.tail * draws)
    scale = max(budget_kusd, 1.0)
    row, column, value = [np.zeros(m, dtype=np.int64)], [np.arange(m)], [costs_kusd / scale]
    s = np.arange(draws)
    for at, sign in ((loss, 1.0), (excess, -1.0)):
        row.append(1 + s)
        column.append(at + s)
        value.append(np.full(draws, sign))
    row.append(1 + s)
    column.append(np.full(draws, threshold))
    value.append(-np.ones(draws))
    upper = [budget_kusd / scale, *([0.0] * draws)]
    for i, cut in enumerate(cuts):
        row.append(np.full(m + 1, 1 + draws + i))
        column.append(np.append(np.arange(m), loss + cut.draw))
        value.append(np.append(cut.slope, -1.0))
        upper.append(-cut.at)
    matrix = sparse.csc_matrix(
        (np.concatenate(value), (np.concatenate(row), np.concatenate(column))), shape=(len(upper), columns)
    )
    highest = np.full(columns, np.inf)
    highest[:m] = 1.0
    return LinearProgram(cost, 0.0, np.zeros(columns), highest, matrix, np.array(upper), {}, 0)
