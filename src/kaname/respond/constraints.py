"""The constraints of the planner's linear program, one function each (rules O1, O4).

Every function returns rows `matrix @ columns <= upper`. `feed`, `newcomer`, `ration` and `spare` hold the
planner to the limits of the simulation; the bound goes without them.
"""

from __future__ import annotations

import numpy as np

from kaname.respond.instance import DrawData, Plan
from kaname.respond.layout import Entries, Floats, Ints, Layout, Rows


def balance(layout: Layout, data: DrawData, plan: Plan, fill: Floats) -> Rows:
    """Stock left + uses <= stock before + arrivals, by consumer and period (free disposal; rule M1)."""
    groups, periods = layout.instance.groups, layout.instance.grid
    t, users = periods.count, len(groups.consumer_inflow)
    n, i = layout.pairs(users)
    later = i > 0
    entries: Entries = [
        (n * t + i, layout.at("stock", n, i), np.ones(len(n))),
        ((n * t + i)[later], layout.at("stock", n, i - 1)[later], -np.ones(int(later.sum()))),
    ]
    lanes = np.arange(len(groups.lane_flow))
    for block, members in (("ship", lanes), ("extra", lanes), ("contract", layout.contracted)):
        entries += _arriving(layout, block, members)
    upper = np.zeros((users, t))
    if layout.kind == "planner":
        entries.append((n * t + i, layout.at("fill", n, i), wanted(layout, data).ravel()))
        freed = [(m, int(groups.recipe_consumer[r]), amounts) for m, r, amounts in plan.savings]
        freed += list(plan.given_up)
        rows = np.arange(t)
        entries += [layout.at_level(m, c * t + rows, -amounts * fill[c]) for m, c, amounts in freed]
    else:
        entries.append((n * t + i, layout.at("unmet", n, i), -np.ones(len(n))))
        rows = np.arange(t)
        entries += [layout.at_level(m, c * t + rows, -amounts) for m, c, amounts in plan.given_up]
        r, i = layout.pairs(len(layout.loose))
        row = groups.recipe_consumer[layout.loose[r]] * t + i
        entries.append((row, layout.at("draw", r, i), np.ones(len(r))))
        upper -= data.final
    firm = np.setdiff1d(np.arange(len(groups.recipe_input)), layout.loose)
    r, i = layout.pairs(len(firm))
    row, maker = groups.recipe_consumer[firm[r]] * t + i, groups.recipe_supplier[firm[r]]
    entries.append((row, layout.at("make", maker, i), groups.recipe_input[firm[r]]))
    upper[:, 0] += data.start
    upper += _under_way(layout)
    return Rows("balance", entries, upper.ravel())


def wanted(layout: Layout, data: DrawData) -> Floats:
    """Return (N, T) the use that shares a stock: final, and base use by lines that are not of one element."""
    groups = layout.instance.groups
    lines, use = layout.loose, data.final.copy()
    amounts = groups.recipe_input[lines, None] * data.base_output[groups.recipe_supplier[lines]]
    np.add.at(use, groups.recipe_consumer[lines], amounts)
    return use


def _under_way(layout: Layout) -> Floats:
    """Return (N, T) what was sent before the start, at base flow, and arrives later."""
    groups, periods = layout.instance.groups, layout.instance.grid
    due = np.zeros((len(groups.consumer_inflow), periods.count))
    base = groups.lane_flow > 0.0
    for lag in np.unique(groups.lane_lag_periods[base]):
        lanes = base & (groups.lane_lag_periods == lag)
        flow = np.bincount(groups.lane_consumer[lanes], groups.lane_flow[lanes], len(due))
        due += flow[:, None] * periods.under_way(float(lag))
    return due


def _arriving(layout: Layout, block: str, lanes: Ints) -> Entries:
    """Return the entries by which what is sent on lanes reaches the stocks, after its lag."""
    groups, periods = layout.instance.groups, layout.instance.grid
    t, members = periods.count, np.arange(len(lanes))
    lags, entries = groups.lane_lag_periods[lanes], []
    for lag in np.unique(lags):
        some = members[lags == lag]
        share = periods.arrivals(float(lag))
        sent, due = np.nonzero(share)
        e, at = np.repeat(some, len(sent)), np.tile(np.arange(len(sent)), len(some))
        row = groups.lane_consumer[lanes[e]] * t + due[at]
        entries.append((row, layout.at(block, e, sent[at]), -share[sent[at], due[at]]))
    return entries


def supply(layout: Layout, data: DrawData) -> Rows:
    """What is sent <= what is made, less what goes to users left out, by supplier and period (rule M9).

    The latter is a share of output where the supplier uses a stock that is kept, else that share of base
    output, or of capacity where that is less.
    """
    groups, t = layout.instance.groups, layout.instance.grid.count
    entries: Entries = []
    lanes = np.arange(len(groups.lane_flow))
    for block, members in (("ship", lanes), ("extra", lanes), ("contract", layout.contracted)):
        e, i = layout.pairs(len(members))
        entries.append((groups.lane_supplier[members[e]] * t + i, layout.at(block, e, i), np.ones(len(e))))
    fed = np.zeros(len(groups.supplier_base), dtype=np.bool_)
    fed[groups.recipe_supplier] = True
    k, i = layout.pairs(len(groups.supplier_base))
    left = np.where(fed, 1.0 - groups.supplier_held, 1.0)
    entries.append((k * t + i, layout.at("make", k, i), -left[k]))
    held = np.where(fed, 0.0, groups.supplier_held)[:, None] * np.minimum(data.base_output, data.capacity)
    return Rows("supply", entries, -held.ravel())


def inputs(layout: Layout, data: DrawData, plan: Plan) -> Rows:
    """Output <= what goes on without the input + what the input allows, by recipe line and period (rule M8).

    Planner: output <= base x (1 - d + d x fill), base at most the capacity. Bound: a x (output - (1 - d) x
    capacity) <= d x (drawn + saved): a user may then take less of an input without losing more output.
    """
    groups, t, lines = layout.instance.groups, layout.instance.grid.count, layout.loose
    supplier, a, d = groups.recipe_supplier[lines], groups.recipe_input[lines], data.dependence[lines]
    r, i = layout.pairs(len(lines))
    row = r * t + i
    if layout.kind == "planner":
        base = np.minimum(data.base_output, data.capacity)[supplier]
        used = layout.at("fill", groups.recipe_consumer[lines[r]], i)
        entries: Entries = [
            (row, layout.at("make", supplier[r], i), np.ones(len(row))),
            (row, used, -(d[:, None] * base).ravel()),
        ]
        return Rows("input", entries, ((1.0 - d)[:, None] * base).ravel())
    entries = [
        (row, layout.at("make", supplier[r], i), a[r]),
        (row, layout.at("draw", r, i), -d[r]),
    ]
    place = {int(line): j for j, line in enumerate(lines)}
    for m, line, amounts in plan.savings:
        rows = place[line] * t + np.arange(t)
        entries.append(layout.at_level(m, rows, -d[place[line]] * amounts))
    return Rows("input", entries, ((a * (1.0 - d))[:, None] * data.capacity[supplier]).ravel())


def plant(layout: Layout, plan: Plan) -> Rows:
    """What a new plant makes <= its capacity x the level of the measure, by period (rule R1)."""
    t, place = layout.instance.grid.count, {int(k): i for i, k in enumerate(layout.plants)}
    k, i = layout.pairs(len(layout.plants))
    entries: Entries = [(k * t + i, layout.at("make", layout.plants[k], i), np.ones(len(k)))]
    for m, supplier, amounts in plan.capacity:
        entries.append(layout.at_level(m, place[supplier] * t + np.arange(t), -amounts))
    return Rows("plant", entries, np.zeros(len(k)))


def contract(layout: Layout, plan: Plan) -> Rows:
    """What is sent under contracts <= contracted x level x permission, by lane and period (rule R2)."""
    t, place = layout.instance.grid.count, {int(e): i for i, e in enumerate(layout.contracted)}
    e, i = layout.pairs(len(layout.contracted))
    entries: Entries = [(e * t + i, layout.at("contract", e, i), np.ones(len(e)))]
    for m, lane, amounts in plan.contracts:
        entries.append(layout.at_level(m, place[lane] * t + np.arange(t), -amounts))
    return Rows("contract", entries, np.zeros(len(e)))


def store(layout: Layout, data: DrawData, plan: Plan) -> Rows:
    """Stock <= the usual ceiling + what a stockpile measure allows x level, where there is one (rule M5)."""
    t, place = layout.instance.grid.count, {int(n): i for i, n in enumerate(layout.stored)}
    n, i = layout.pairs(len(layout.stored))
    entries: Entries = [(n * t + i, layout.at("stock", layout.stored[n], i), np.ones(len(n)))]
    for m, consumer, amounts in plan.stocks:
        entries.append(layout.at_level(m, place[consumer] * t + np.arange(t), -amounts))
    return Rows("store", entries, np.repeat(data.ceiling[layout.stored], t))


def pool(layout: Layout, data: DrawData) -> Rows:
    """What all lanes of a pooled quota carry <= the quota, by pool and period (rule M7)."""
    groups, t = layout.instance.groups, layout.instance.grid.count
    lanes = np.flatnonzero(groups.lane_pool > 0)
    e, i = layout.pairs(len(lanes))
    row = (groups.lane_pool[lanes[e]] - 1) * t + i
    entries: Entries = [(row, layout.at(name, lanes[e], i), np.ones(len(e))) for name in ("ship", "extra")]
    return Rows("pool", entries, data.pool_most[1:].ravel())


def spare(layout: Layout, data: DrawData) -> Rows:
    """What goes above the usual <= capacity - what base customers may order, by supplier (rule M9)."""
    groups, t = layout.instance.groups, layout.instance.grid.count
    e, i = layout.pairs(len(groups.lane_flow))
    entries: Entries = [(groups.lane_supplier[e] * t + i, layout.at("extra", e, i), np.ones(len(e)))]
    return Rows("spare", entries, np.maximum(data.capacity - data.tied, 0.0).ravel())


def newcomer(layout: Layout, data: DrawData) -> Rows:
    """What comes over latent lanes <= the part of blocked orders that goes there, by consumer (rule M6)."""
    groups, t = layout.instance.groups, layout.instance.grid.count
    lanes = np.flatnonzero(groups.lane_latent)
    e, i = layout.pairs(len(lanes))
    entries: Entries = [
        (groups.lane_consumer[lanes[e]] * t + i, layout.at("extra", lanes[e], i), np.ones(len(e)))
    ]
    return Rows("newcomer", entries, data.newcomer_most.ravel())


def feed(layout: Layout, data: DrawData) -> Rows:
    """Output <= capacity x the fill of an input of one element: makers share a stock too (rule M8)."""
    groups, t = layout.instance.groups, layout.instance.grid.count
    lines = np.flatnonzero(groups.recipe_fixed & ~layout.of_plant)
    supplier = groups.recipe_supplier[lines]
    r, i = layout.pairs(len(lines))
    row = r * t + i
    entries: Entries = [
        (row, layout.at("make", supplier[r], i), np.ones(len(r))),
        (row, layout.at("fill", groups.recipe_consumer[lines[r]], i), -data.capacity[supplier].ravel()),
    ]
    return Rows("feed", entries, np.zeros(len(r)))


def ration(layout: Layout, data: DrawData) -> Rows:
    """Fill <= mean stock of the period / (psi x target), by consumer: users ration early (rule M8).

    The stock at hand is the mean of the stocks left before and after, and half of a period's usual inflow.
    """
    t, users = layout.instance.grid.count, len(data.threshold)
    known = data.threshold > 0.0
    weight = np.where(known, 1.0 / np.where(known, data.threshold, 1.0), 0.0)
    n, i = layout.pairs(users)
    row, later = n * t + i, i > 0
    entries: Entries = [
        (row, layout.at("fill", n, i), np.ones(len(n))),
        (row, layout.at("stock", n, i), -weight[n] / 2.0),
        (row[later], layout.at("stock", n, i - 1)[later], -weight[n][later] / 2.0),
    ]
    upper = np.repeat((weight * layout.instance.groups.consumer_inflow)[:, None], t, axis=1)
    upper[:, 0] += weight / 2.0 * data.start
    upper[~known] = np.inf
    return Rows("ration", entries, upper.ravel())
