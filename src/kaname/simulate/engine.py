"""The rules of docs/model.md, section M, compiled: the same phases and the same sums as `reference.py`.

Each draw runs alone in one compiled loop that releases the interpreter lock, so draws go to threads and a
batch equals its members one by one, bit for bit, whatever the number of threads. Nothing here reorders a sum.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

from kaname.network.network import Network
from kaname.scenario.shock import Shock
from kaname.simulate.arrays import Book, Fixed, Paths, State, book_of, fixed_of, paths_of, start_of
from kaname.simulate.check import check
from kaname.simulate.outcome import Outcome, Record, empty, label

F = TypeVar("F", bound=Callable[..., Any])

NEGLIGIBLE = 1e-9  # a share of capacity below which nothing counts as asked (rule M6)
BLOCKED = 0.01  # a share of the order above which a consumer counts as blocked (rule M6)


def _compiled(function: F) -> F:
    """Compile, and keep the machine code on disk where that is possible."""
    try:
        return cast(F, njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no writable place for the cache: compile in every process
        return cast(F, njit(nogil=True)(function))


@_compiled
def _arrive(fixed: Fixed, state: State, i: int) -> None:
    """Put arrivals into stock and release reserves (section M, Arrive)."""
    ring = state.inbound.shape[0]
    slot = i % ring
    for n in range(len(fixed.inflow)):
        state.arrived[n] = state.inbound[slot, n]
        state.inbound[slot, n] = 0.0
        state.stock[n] += state.arrived[n]
        state.released[n] = 0.0
        gap = 0.9 * state.normal[n] - state.stock[n]
        if gap > 0.0 and state.reserve[n] > 0.0:
            state.released[n] = min(state.reserve[n], gap)
            state.reserve[n] -= state.released[n]
            state.stock[n] += state.released[n]
        state.transit[n] = 0.0
    for ahead in range(1, ring):  # by due period: a longer ring only adds zeros at the end
        slot = (i + ahead) % ring
        for n in range(len(fixed.inflow)):
            state.transit[n] += state.inbound[slot, n]


@_compiled
def _wanted_use(fixed: Fixed, paths: Paths, state: State, i: int) -> None:
    """Set need_n at the wanted outputs in the state (rule M5)."""
    state.need[:] = 0.0
    for r in range(len(fixed.recipe_supplier)):
        state.need[fixed.recipe_consumer[r]] += fixed.recipe_input[r] * state.wanted[fixed.recipe_supplier[r]]
    for n in range(len(fixed.inflow)):
        state.need[n] += fixed.final[n] * paths.demand[paths.demand_row[n], i]


@_compiled
def _place_orders(fixed: Fixed, paths: Paths, state: State, i: int) -> None:
    """Set o_n and the targets (rule M5)."""
    smoothing = min(1.0, fixed.weeks / fixed.smoothing)
    speed = min(1.0, fixed.weeks / fixed.tau)
    for n in range(len(fixed.inflow)):
        inflow = fixed.inflow[n]
        state.smoothed[n] += (state.need[n] - state.smoothed[n]) * smoothing
        state.normal[n] = (fixed.cover[n] + 1.0) * state.smoothed[n]
        state.order[n] = 0.0
        if inflow <= 0.0:
            continue
        target = state.normal[n] * paths.target[paths.target_row[n], i]
        usual = 0.0  # what is under way in the base state, with the lags in force
        for e in range(fixed.first_lane[n], fixed.first_lane[n + 1]):
            usual += fixed.lane_flow[e] * (fixed.lane_lag[e] + paths.delay[paths.delay_row[e], i] - 1)
        usual = usual * (state.smoothed[n] / inflow)
        gap = target - state.stock[n] + (usual - state.transit[n])
        order = state.smoothed[n] + gap * speed
        state.order[n] = min(fixed.kappa * inflow, max(0.0, order))


@_compiled
def _source(fixed: Fixed, paths: Paths, state: State, i: int) -> None:
    """Place o_n on lanes: shares and permissions, pools, then what is blocked (rules M6, M7)."""
    state.pooled[:] = 0.0
    for e in range(len(fixed.lane_flow)):
        base = fixed.lane_flow[e]
        state.ordered[e] = 0.0
        if base <= 0.0:
            continue
        n = fixed.lane_consumer[e]
        p = paths.permission[paths.permission_row[e], i]
        mark = min(state.mark[fixed.lane_supplier[e]], 1.0) if fixed.rho > 0.0 else 1.0
        order = state.order[n] * (base / fixed.inflow[n]) * p * mark
        if p < 1.0:
            order = min(order, p * base)
        state.ordered[e] = order
        state.pooled[paths.pool_row[e]] += order
    for e in range(len(fixed.lane_flow)):
        q = paths.pool_row[e]
        if q > 0:
            p = paths.pool[q, i]
            if p < 1.0 and state.pooled[q] > p * fixed.pool_base[q]:
                state.ordered[e] *= p * fixed.pool_base[q] / state.pooled[q]
    for n in range(len(fixed.inflow)):
        _replace_blocked(fixed, paths, state, n, i)


@_compiled
def _replace_blocked(fixed: Fixed, paths: Paths, state: State, n: int, i: int) -> None:
    """Re-place a part of what consumer n could not order (rule M6, step 2)."""
    placed, open_weight, latent_weight = 0.0, 0.0, 0.0
    for e in range(fixed.first_lane[n], fixed.first_lane[n + 1]):
        k, q = fixed.lane_supplier[e], paths.pool_row[e]
        placed += state.ordered[e]
        if fixed.lane_flow[e] <= 0.0:
            latent_weight += fixed.lane_export_share[e] * state.newcomer_mark[k]
        elif paths.permission[paths.permission_row[e], i] >= 1.0 and (q == 0 or paths.pool[q, i] >= 1.0):
            open_weight += fixed.lane_flow[e] * state.mark[k]
    missing = max(0.0, state.order[n] - placed)
    if missing > BLOCKED * state.order[n]:
        state.blocked[n] += fixed.weeks
    else:
        state.blocked[n] = max(0.0, state.blocked[n] - fixed.weeks)
    amount = fixed.rho * min(1.0, state.blocked[n] / 12.0) * missing
    if amount <= 0.0:
        return
    for e in range(fixed.first_lane[n], fixed.first_lane[n + 1]):
        k, q, base = fixed.lane_supplier[e], paths.pool_row[e], fixed.lane_flow[e]
        if q > 0 and paths.pool[q, i] < 1.0:
            continue
        p = paths.permission[paths.permission_row[e], i]
        if base <= 0.0 and latent_weight > 0.0:
            share = fixed.lane_export_share[e]
            part = 0.3 * amount * (share * state.newcomer_mark[k] / latent_weight)
            state.ordered[e] = p * min(part, 0.3 * share * fixed.inflow[n])
        elif base > 0.0 and p >= 1.0 and open_weight > 0.0:
            state.ordered[e] += min(0.7 * amount * (base * state.mark[k] / open_weight), base)


@_compiled
def _plan(fixed: Fixed, paths: Paths, state: State, i: int) -> None:
    """Set wanted output, need and fill (rule M8)."""
    state.asked_base[:] = 0.0
    state.asked_excess[:] = 0.0
    for e in range(len(fixed.lane_flow)):
        first = min(state.ordered[e], fixed.lane_flow[e])
        state.asked_base[fixed.lane_supplier[e]] += first
        state.asked_excess[fixed.lane_supplier[e]] += state.ordered[e] - first
    for k in range(len(fixed.supplier_base)):
        capacity = fixed.supplier_capacity[k] * paths.capacity[paths.capacity_row[k], i]
        state.wanted[k] = min(capacity, state.asked_base[k] + state.asked_excess[k])
    _wanted_use(fixed, paths, state, i)
    for n in range(len(fixed.inflow)):
        fill = 1.0
        if state.need[n] > 0.0:
            fill = min(fill, state.stock[n] / state.need[n])
        threshold = fixed.psi * state.normal[n]
        if threshold > 0.0:
            fill = min(fill, state.stock[n] / threshold)
        state.fill[n] = fill


@_compiled
def _produce(fixed: Fixed, paths: Paths, state: State, i: int) -> None:
    """Draw inputs, set outputs, serve final use (rule M8); share outputs between tiers (rule M9)."""
    state.limit[:] = 1.0
    state.used[:] = 0.0
    for r in range(len(fixed.recipe_supplier)):
        k, n = fixed.recipe_supplier[r], fixed.recipe_consumer[r]
        state.limit[k] = min(state.limit[k], 1.0 - fixed.dependence[r] + fixed.dependence[r] * state.fill[n])
    for k in range(len(fixed.supplier_base)):
        output, asked, excess = state.wanted[k] * state.limit[k], state.asked_base[k], state.asked_excess[k]
        state.output[k] = output
        state.first_share[k] = min(1.0, output / asked) if asked > 0.0 else 1.0
        state.excess_share[k] = min(1.0, max(0.0, output - asked) / excess) if excess > 0.0 else 1.0
    for r in range(len(fixed.recipe_supplier)):
        k, n, a = fixed.recipe_supplier[r], fixed.recipe_consumer[r], fixed.recipe_input[r]
        state.used[n] += min(a * state.output[k], a * state.wanted[k] * state.fill[n])
    for n in range(len(fixed.inflow)):
        state.used[n] += fixed.final[n] * paths.demand[paths.demand_row[n], i] * state.fill[n]
        state.stock[n] = max(0.0, state.stock[n] - state.used[n])


@_compiled
def _ship(fixed: Fixed, paths: Paths, state: State, book: Book, i: int) -> None:
    """Send output off, base orders first (rules M9, M10)."""
    ring, record = state.inbound.shape[0], book.lane_shipped.shape[1] > 0
    for e in range(len(fixed.lane_flow)):
        ordered = state.ordered[e]
        if ordered == 0.0:
            continue
        k = fixed.lane_supplier[e]
        first = min(ordered, fixed.lane_flow[e])
        shipped = state.first_share[k] * first + state.excess_share[k] * (ordered - first)
        due = i + fixed.lane_lag[e] + paths.delay[paths.delay_row[e], i]
        state.inbound[due % ring, fixed.lane_consumer[e]] += shipped
        if record:
            book.lane_ordered[i, e] = ordered
            book.lane_shipped[i, e] = shipped
            if due < book.lane_arrived.shape[0]:
                book.lane_arrived[due, e] += shipped


@_compiled
def _learn(fixed: Fixed, paths: Paths, state: State, i: int) -> None:
    """Move the marks (rule M6)."""
    speed = min(1.0, fixed.eta * fixed.weeks)
    for k in range(len(fixed.supplier_base)):
        full = fixed.supplier_capacity[k]
        share = state.first_share[k] if state.asked_base[k] > NEGLIGIBLE * full else 1.0
        state.mark[k] += speed * (share - state.mark[k])
        if state.asked_excess[k] > NEGLIGIBLE * full:
            state.newcomer_mark[k] += speed * (state.excess_share[k] - state.newcomer_mark[k])
        elif state.output[k] < full * paths.capacity[paths.capacity_row[k], i]:
            state.newcomer_mark[k] += speed * (1.0 - state.newcomer_mark[k])


@_compiled
def _run(fixed: Fixed, paths: Paths, state: State, book: Book) -> None:
    """Run the phases of rule M4 for every period of one draw and write them into the book."""
    full = book.consumer_stock.shape[1] > 0
    for i in range(book.consumer_need.shape[0]):
        _arrive(fixed, state, i)
        if full:
            book.consumer_arrived[i] = state.arrived
            book.consumer_released[i] = state.released
            book.consumer_reserve[i] = state.reserve
            book.consumer_stock[i] = state.stock
            book.supplier_mark[i] = state.mark
        _wanted_use(fixed, paths, state, i)
        _place_orders(fixed, paths, state, i)
        _source(fixed, paths, state, i)
        _plan(fixed, paths, state, i)
        _produce(fixed, paths, state, i)
        _ship(fixed, paths, state, book, i)
        _learn(fixed, paths, state, i)
        book.consumer_need[i] = state.need
        book.consumer_used[i] = state.used
        book.supplier_output[i] = state.output
        for n in range(len(fixed.inflow)):
            final = fixed.final[n] * paths.demand[paths.demand_row[n], i]
            book.consumer_final_wanted[i, n] = final
            book.consumer_shortfall[i, n] = final - final * state.fill[n]
        if full:
            book.consumer_fill[i] = state.fill
            book.consumer_ordered[i] = state.order
            book.supplier_wanted[i] = state.wanted


def simulate(network: Network, shock: Shock, record: Record = "summary", threads: int = 2) -> Outcome:
    """Simulate every draw of a shock on a network (rules M1-M10).

    `record="full"` keeps stocks and every lane, which `why` needs (24 bytes per draw, period and lane, and
    88 per consumer); `summary` keeps use, shortfall and output only. Amounts are tonnes (or index points) per
    period. `threads` shares draws among threads and changes no result. Raises InputError where the shock does
    not fit the network, a value is out of range or the base state is out of balance.
    """
    check(network, shock)
    arrays = empty(network, shock, record)

    def run(draw: int) -> None:
        _run(
            fixed_of(network, shock, draw),
            paths_of(shock, draw),
            start_of(network, shock, draw),
            book_of(arrays, draw),
        )

    for name in ("lane_arrived",) if record == "full" else ():
        for lag in np.unique(network.lane_lag):
            lanes = np.flatnonzero(network.lane_lag == lag)
            arrays[name][:, :lag, lanes] = network.lane_flow[lanes]
    if shock.draws == 1 or threads <= 1:
        for draw in range(shock.draws):
            run(draw)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, range(shock.draws)))
    return label(network, shock, record, arrays)
