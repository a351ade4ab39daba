"""The planner's linear program as plain arrays: one function per constraint (rules O1, O2, O4).

Two of them share their parts. The *planner* keeps the limits of the simulation: base customers are served
first, users of one stock share what there is, ration before the shelf is bare, and few orders go to
newcomers (rules M6, M8, M9). The *bound* drops them: with perfect foresight and full cooperation nothing
better is possible.

Columns, each block by planning period (T): `ship` what goes over a lane as usual, `extra` what goes above
that, `make` what a supplier puts out, `stock` what is left at the end of the period, `contract` what is sent
under a contract; for the planner `fill`, the share of the wanted use that is served; for the bound `draw`,
what a recipe line uses that is not of one element, and `unmet`, final use not served; and last the `level`
of each measure, which the portfolio fixes. Amounts are units of the product. Everything that a level changes
stands in bounds, so a basis stays dual feasible; draws differ in bounds, right-hand sides and
coefficients, never in rows and columns.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kaname.respond import constraints
from kaname.respond.instance import DrawData, Instance, Plan
from kaname.respond.layout import Floats, Ints, Kind, Layout, Rows


@dataclass(frozen=True)
class LinearProgram:
    """min cost @ x + offset with lower <= x <= upper and matrix @ x <= row_upper; thousand USD.

    `rows` gives the first row of each constraint and the one after its last; the levels of measures are the
    columns from `first_level` on.
    """

    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    matrix: sparse.csc_matrix
    row_upper: Floats
    rows: dict[str, tuple[int, int]]
    first_level: int
    integer: tuple[int, ...] = ()  # columns that take whole values only

    def at_levels(self, levels: Floats) -> LinearProgram:
        """Return the program with the measures at other levels (M,); only bounds change."""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[self.first_level :], upper[self.first_level :] = levels, levels
        return replace(self, lower=lower, upper=upper)


def linear_program(
    instance: Instance, draw: int, kind: Kind = "planner", fill: Floats | None = None
) -> LinearProgram:
    """Return the program of one draw with all measures at level 0.

    `fill` (N, T) is the share of use served without measures: what input saved or use given up sets free
    counts by it (without it: 1).
    """
    layout, data, plan = Layout(instance, kind), instance.draws[draw], instance.plans[draw]
    served = np.ones_like(data.final) if fill is None else fill
    blocks = [
        constraints.balance(layout, data, plan, served),
        constraints.supply(layout, data),
        constraints.inputs(layout, data, plan),
        constraints.plant(layout, plan),
        constraints.contract(layout, plan),
        constraints.store(layout, data, plan),
        constraints.pool(layout, data),
    ]
    if kind == "planner":
        blocks += [
            constraints.spare(layout, data),
            constraints.newcomer(layout, data),
            constraints.feed(layout, data),
            constraints.ration(layout, data),
        ]
    starts = np.cumsum([0, *(len(block.upper) for block in blocks)]).tolist()
    row, column, value = _stacked(blocks, starts)
    matrix = sparse.csc_matrix((value, (row, column)), shape=(starts[-1], layout.columns))
    matrix.eliminate_zeros()
    cost, offset = objective(layout, data, plan, served)
    lower, upper = bounds(layout, data)
    spans = {block.name: span for block, span in zip(blocks, itertools.pairwise(starts), strict=True)}
    row_upper = np.concatenate([block.upper for block in blocks])
    return LinearProgram(cost, offset, lower, upper, matrix, row_upper, spans, layout.first["level"])


def _stacked(blocks: Sequence[Rows], starts: Sequence[int]) -> tuple[Ints, Ints, Floats]:
    """Return the entries of all constraints, each below the one before it."""
    rows, columns, values = [], [], []
    for block, start in zip(blocks, starts, strict=False):
        for row, column, value in block.entries:
            rows.append(np.asarray(row) + start)
            columns.append(np.asarray(column))
            values.append(np.asarray(value, dtype=np.float64))
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)


def objective(layout: Layout, data: DrawData, plan: Plan, fill: Floats) -> tuple[Floats, float]:
    """Return cost and offset: the value of final use not served, thousand USD (rule O1)."""
    cost = np.zeros(layout.columns)
    value = layout.instance.groups.consumer_value_kusd[:, None]
    if layout.kind == "bound":
        first = layout.first["unmet"]
        cost[first : first + layout.sizes["unmet"]] = np.broadcast_to(value, data.final.shape).ravel()
        return cost, 0.0
    worth = value * data.final
    first = layout.first["fill"]
    cost[first : first + layout.sizes["fill"]] = -worth.ravel()
    for m, n, amounts in plan.given_up:  # what is given up would in part not have been served
        cost[layout.first["level"] + m] -= float((value[n] * amounts * (1.0 - fill[n])).sum())
    return cost, float(worth.sum())


def bounds(layout: Layout, data: DrawData) -> tuple[Floats, Floats]:
    """Return lower and upper bounds: permissions, capacities, ceilings of stocks, final use; levels are 0."""
    t = layout.instance.grid.count
    capacity, ceiling = data.capacity.copy(), np.repeat(data.ceiling[:, None], t, axis=1)
    capacity[layout.plants], ceiling[layout.stored] = np.inf, np.inf  # rows hold them instead
    most = {
        "ship": data.ship_most,
        "extra": data.extra_most,
        "make": capacity,
        "stock": ceiling,
        "contract": np.full(layout.sizes["contract"], np.inf),
        "fill": np.ones(data.final.shape),
        "draw": np.full(len(layout.loose) * t, np.inf),
        "unmet": data.final,
        "level": np.zeros(layout.sizes["level"]),
    }
    upper = np.concatenate([most[name].ravel() for name in layout.sizes])
    return np.zeros(layout.columns), upper
