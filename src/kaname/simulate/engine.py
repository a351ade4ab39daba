"""The rules of docs/model.md, section M, compiled: the same phases and the same sums as `reference.py`.

Each draw runs alone in one compiled loop that releases the interpreter lock, so draws go to threads and a
batch equals its members one by one, bit for bit, whatever the number of threads. Nothing here reorders a sum.
What is known to be zero is left out: a latent lane is visited only while its consumer re-places orders. Every
phase is one call a period: a call hands over some sixty arrays, too dear to make once per consumer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

from kaname.network.network import Network
from kaname.scenario.shock import Shock
from kaname.simulate.arrays import Book, Drawn, Fixed, State, book_of, drawn_of, fixed_of, start_of
from kaname.simulate.check import check
from kaname.simulate.outcome import Outcome, Record, Watch, empty, label, watched

F = TypeVar("F", bound=Callable[..., Any])

NEGLIGIBLE = 1e-9  # a share of capacity below which nothing counts as asked (rule M6)
BLOCKED = 0.01  # a share of the order above which a consumer counts as blocked (rule M6)
LOG_CEILING = math.log(15.0)  # of prices (rule M11), as the next three
STEEPEST = 4.0
BALANCED = 1e-9
SLOW_WEEKS = 26.0


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
def _usual_transit(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Set what is under way in the base state with the lags in force, where they changed (rule M5)."""
    changed = i == 0
    for row in range(drawn.delay.shape[1]):
        changed = changed or drawn.delay[i, row] != drawn.delay[i - 1, row]
    if not changed:
        return
    state.usual[:] = 0.0
    for e in fixed.base_lane:
        lag = fixed.lane_lag[e] + drawn.delay[i, fixed.delay_row[e]]
        state.usual[fixed.lane_consumer[e]] += fixed.lane_flow[e] * (lag - 1)


@_compiled
def _place_orders(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Set o_n and the targets (rule M5)."""
    _usual_transit(fixed, drawn, state, i)
    smoothing = min(1.0, fixed.weeks / drawn.smoothing)
    speed = min(1.0, fixed.weeks / drawn.tau)
    for n in range(len(fixed.inflow)):
        inflow = fixed.inflow[n]
        row = fixed.buyer_price[n]
        state.final[n] = fixed.final[n] * drawn.demand[i, fixed.demand_row[n]]
        state.afforded[n] = state.final[n] * state.price_use[row]
        need = state.input_need[n] + state.afforded[n]
        state.smoothed[n] += (need - state.smoothed[n]) * smoothing
        state.normal[n] = (drawn.cover[n] + 1.0) * state.smoothed[n]
        state.order[n] = 0.0
        if inflow <= 0.0:
            continue
        target = state.normal[n] * drawn.target[i, fixed.target_row[n]] * state.price_hoard[row]
        usual = state.usual[n] * (state.smoothed[n] / inflow)
        gap = target - state.stock[n] + (usual - state.transit[n])
        order = state.smoothed[n] + gap * speed
        state.order[n] = min(drawn.kappa * inflow, max(0.0, order))


@_compiled
def _base_order(order: float, permission: float, trust: float, base: float) -> float:
    """Return the order on a base lane before pools; `order` is the consumer's share (rules M6, M7)."""
    order = order * permission * trust
    return min(order, permission * base) if permission < 1.0 else order


@_compiled
def _cut_pools(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Set the factor by which each pooled quota cuts its orders (rule M7)."""
    state.pooled[:] = 0.0
    for e in fixed.pool_lane:
        share = state.order[fixed.lane_consumer[e]] * fixed.lane_share[e]
        p, trust = drawn.permission[i, fixed.permission_row[e]], state.trust[fixed.lane_supplier[e]]
        state.pooled[fixed.pool_row[e]] += _base_order(share, p, trust, fixed.lane_flow[e])
    for q in range(1, len(state.pooled)):
        limit = drawn.pool[i, q] * fixed.pool_base[q]
        cut = drawn.pool[i, q] < 1.0 and state.pooled[q] > limit
        state.pool_cut[q] = limit / state.pooled[q] if cut else 1.0


@_compiled
def _source(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Place o_n on base lanes, and set what of it is re-placed (rule M6, steps 1 and 2; rule M7)."""
    _cut_pools(fixed, drawn, state, i)
    for n in range(len(fixed.inflow)):
        wanted, placed = state.order[n], 0.0
        for at in range(fixed.first_base[n], fixed.first_base[n + 1]):
            e = fixed.base_lane[at]
            p, trust = drawn.permission[i, fixed.permission_row[e]], state.trust[fixed.lane_supplier[e]]
            order = _base_order(wanted * fixed.lane_share[e], p, trust, fixed.lane_flow[e])
            order *= state.pool_cut[fixed.pool_row[e]]
            state.ordered[e] = order
            placed += order
        missing = max(0.0, wanted - placed)
        if missing > BLOCKED * wanted:
            state.blocked[n] += fixed.weeks
        else:
            state.blocked[n] = max(0.0, state.blocked[n] - fixed.weeks)
        state.replace[n] = drawn.rho * min(1.0, state.blocked[n] / 12.0) * missing


@_compiled
def _replace_blocked(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Re-place a part of what could not be ordered (rule M6, step 2); list the lanes with orders."""
    count = 0
    for n in range(len(fixed.inflow)):
        amount = state.replace[n]
        if amount <= 0.0:
            for at in range(fixed.first_base[n], fixed.first_base[n + 1]):
                state.active[count] = fixed.base_lane[at]
                count += 1
            continue
        open_weight, latent_weight = 0.0, 0.0
        for e in range(fixed.first_lane[n], fixed.first_lane[n + 1]):
            k, q = fixed.lane_supplier[e], fixed.pool_row[e]
            if fixed.lane_flow[e] <= 0.0:
                latent_weight += fixed.lane_export_share[e] * state.newcomer_mark[k]
            elif drawn.permission[i, fixed.permission_row[e]] >= 1.0 and (q == 0 or drawn.pool[i, q] >= 1.0):
                open_weight += fixed.lane_flow[e] * state.mark[k]
        for e in range(fixed.first_lane[n], fixed.first_lane[n + 1]):
            k, q, base = fixed.lane_supplier[e], fixed.pool_row[e], fixed.lane_flow[e]
            p = drawn.permission[i, fixed.permission_row[e]]
            order = state.ordered[e] if base > 0.0 else 0.0
            if q > 0 and drawn.pool[i, q] < 1.0:
                pass  # an active pool takes nothing more
            elif base <= 0.0 and latent_weight > 0.0:
                share = fixed.lane_export_share[e]
                part = 0.3 * amount * (share * state.newcomer_mark[k] / latent_weight)
                order = p * min(part, 0.3 * share * fixed.inflow[n])
            elif base > 0.0 and p >= 1.0 and open_weight > 0.0:
                order += min(0.7 * amount * (base * state.mark[k] / open_weight), base)
            state.ordered[e] = order
            state.active[count] = e
            count += order > 0.0
    state.active_count[0] = count


@_compiled
def _want_inputs(fixed: Fixed, state: State) -> None:
    """Set what suppliers want of their inputs at the wanted outputs and prices (rules M5, M11)."""
    state.input_need[:] = 0.0
    for r in range(len(fixed.recipe_supplier)):
        amount = fixed.recipe_input[r] * state.wanted[fixed.recipe_supplier[r]]
        state.input_need[fixed.recipe_consumer[r]] += amount * state.price_use[fixed.recipe_price[r]]


@_compiled
def _plan(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Set wanted output, need and fill (rule M8)."""
    state.asked_base[:] = 0.0
    state.asked_excess[:] = 0.0
    for e in state.active[: state.active_count[0]]:
        k, order = fixed.lane_supplier[e], state.ordered[e]
        first = min(order, fixed.lane_flow[e])
        state.asked_base[k] += first
        state.asked_excess[k] += order - first
    for k in range(len(fixed.supplier_base)):
        factor = drawn.capacity[i, fixed.capacity_row[k]]
        state.capacity[k] = fixed.supplier_capacity[k] * factor * state.price_supply[fixed.seller_price[k]]
        state.wanted[k] = min(state.capacity[k], state.asked_base[k] + state.asked_excess[k])
    _want_inputs(fixed, state)
    for n in range(len(fixed.inflow)):
        state.need[n] = state.input_need[n] + state.afforded[n]
        fill = 1.0
        if state.need[n] > 0.0:
            fill = min(fill, state.stock[n] / state.need[n])
        threshold = drawn.psi * state.normal[n]
        if threshold > 0.0:
            fill = min(fill, state.stock[n] / threshold)
        state.fill[n] = fill


@_compiled
def _produce(fixed: Fixed, drawn: Drawn, state: State) -> None:
    """Draw inputs, set outputs, serve final use (rule M8); share outputs between tiers (rule M9)."""
    state.limit[:] = 1.0
    state.used[:] = 0.0
    for r in range(len(fixed.recipe_supplier)):
        k, n, d = fixed.recipe_supplier[r], fixed.recipe_consumer[r], drawn.dependence[r]
        served = state.price_use[fixed.recipe_price[r]] * state.fill[n]
        state.limit[k] = min(state.limit[k], 1.0 - d + d * served)
    for k in range(len(fixed.supplier_base)):
        output, asked, excess = state.wanted[k] * state.limit[k], state.asked_base[k], state.asked_excess[k]
        state.output[k] = output
        state.first_share[k] = min(1.0, output / asked) if asked > 0.0 else 1.0
        state.excess_share[k] = min(1.0, max(0.0, output - asked) / excess) if excess > 0.0 else 1.0
    for r in range(len(fixed.recipe_supplier)):
        k, n, a = fixed.recipe_supplier[r], fixed.recipe_consumer[r], fixed.recipe_input[r]
        use = state.price_use[fixed.recipe_price[r]]
        state.used[n] += min(a * state.output[k], a * state.wanted[k] * use * state.fill[n])
    for n in range(len(fixed.inflow)):
        state.used[n] += state.afforded[n] * state.fill[n]
        state.stock[n] = max(0.0, state.stock[n] - state.used[n])


@_compiled
def _ship(fixed: Fixed, drawn: Drawn, state: State, book: Book, i: int) -> None:
    """Send output off, base orders first (rules M9, M10)."""
    ring, record = state.inbound.shape[0], book.lane_shipped.shape[1] > 0
    now = i % ring
    for e in state.active[: state.active_count[0]]:
        ordered, k = state.ordered[e], fixed.lane_supplier[e]
        first = min(ordered, fixed.lane_flow[e])
        shipped = state.first_share[k] * first + state.excess_share[k] * (ordered - first)
        lag = fixed.lane_lag[e] + drawn.delay[i, fixed.delay_row[e]]  # less than the ring is long
        slot = now + lag - ring if now + lag >= ring else now + lag
        state.inbound[slot, fixed.lane_consumer[e]] += shipped
        if record:
            book.lane_ordered[i, e] = ordered
            book.lane_shipped[i, e] = shipped
            if i + lag < book.lane_arrived.shape[0]:
                book.lane_arrived[i + lag, e] += shipped


@_compiled
def _learn(fixed: Fixed, drawn: Drawn, state: State) -> None:
    """Move the marks (rule M6)."""
    speed = min(1.0, drawn.eta * fixed.weeks)
    for k in range(len(fixed.supplier_base)):
        full = fixed.supplier_capacity[k]
        share = state.first_share[k] if state.asked_base[k] > NEGLIGIBLE * full else 1.0
        state.mark[k] += speed * (share - state.mark[k])
        state.trust[k] = min(state.mark[k], 1.0) if drawn.rho > 0.0 else 1.0
        if state.asked_excess[k] > NEGLIGIBLE * full:
            state.newcomer_mark[k] += speed * (state.excess_share[k] - state.newcomer_mark[k])
        elif state.output[k] < state.capacity[k]:
            state.newcomer_mark[k] += speed * (1.0 - state.newcomer_mark[k])


@_compiled
def _want_at_base_price(fixed: Fixed, state: State) -> None:
    """Set what need would be at the base price (rule M10)."""
    state.want[:] = 0.0
    for r in range(len(fixed.recipe_supplier)):
        amount = fixed.recipe_input[r] * state.wanted[fixed.recipe_supplier[r]]
        state.want[fixed.recipe_consumer[r]] += amount
    for n in range(len(fixed.inflow)):
        state.want[n] += state.final[n]


@_compiled
def _compare(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Add up, by price, what is asked and what could be delivered on base lanes (rule M11)."""
    state.asked[:] = 0.0
    state.able[:] = 0.0
    for n in range(len(fixed.inflow)):
        state.asked[fixed.buyer_price[n]] += state.order[n]
    for e in fixed.base_lane:
        k, base = fixed.lane_supplier[e], fixed.lane_flow[e]
        able = state.capacity[k] * state.limit[k] * (base / fixed.supplier_base[k])
        p, q = drawn.permission[i, fixed.permission_row[e]], fixed.pool_row[e]
        if p < 1.0:
            able = min(able, p * base)
        if q > 0 and drawn.pool[i, q] < 1.0:
            able = min(able, drawn.pool[i, q] * base)
        state.able[fixed.buyer_price[fixed.lane_consumer[e]]] += able


@_compiled
def _reprice(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Move the prices, and set what answers them from the next period on (rule M11)."""
    _compare(fixed, drawn, state, i)
    for row in range(1, len(state.price)):
        ratio = 1.0
        if state.asked[row] > 0.0:
            ratio = state.asked[row] / state.able[row] if state.able[row] > 0.0 else STEEPEST
            ratio = min(STEEPEST, max(1.0 / STEEPEST, ratio))
        if abs(ratio - 1.0) <= BALANCED:
            ratio = 1.0
        price = state.price[row] + drawn.price_speed * fixed.weeks * math.log(ratio)
        price = min(LOG_CEILING, max(0.0, price))
        slow = state.slow_price[row]
        slow += (price - slow) * min(1.0, fixed.weeks / SLOW_WEEKS)
        short = drawn.short_elasticity[row]
        late = drawn.long_elasticity[row] - short
        state.price[row], state.slow_price[row] = price, slow
        state.price_use[row] = math.exp(-(short * price + late * slow))
        state.price_hoard[row] = min(1.5, max(0.5, math.exp(drawn.hoarding * (price - slow))))
        state.price_supply[row] = min(2.0, math.exp(drawn.supply_elasticity[row] * slow))
    _want_inputs(fixed, state)


@_compiled
def _record(fixed: Fixed, state: State, book: Book, i: int) -> None:
    """Write what a summary keeps of the members watched (rule M10)."""
    want = state.want if len(state.price) > 1 else state.need
    for at in range(len(fixed.watched_consumer)):
        n = fixed.watched_consumer[at]
        book.consumer_need[i, at] = want[n]
        book.consumer_used[i, at] = state.used[n]
        book.consumer_final_wanted[i, at] = state.final[n]
        book.consumer_shortfall[i, at] = state.final[n] - state.afforded[n] * state.fill[n]
        book.consumer_priced_out[i, at] = state.final[n] - state.afforded[n]
    for at in range(len(fixed.watched_supplier)):
        book.supplier_output[i, at] = state.output[fixed.watched_supplier[at]]
    for row in range(len(state.price)):
        book.price_level[i, row] = math.exp(state.price[row])


@_compiled
def _run(fixed: Fixed, drawn: Drawn, state: State, book: Book) -> None:
    """Run the phases of rule M4 for every period of one draw and write them into the book."""
    full, priced = book.consumer_stock.shape[1] > 0, len(state.price) > 1
    for i in range(book.consumer_need.shape[0]):
        _arrive(fixed, state, i)
        if full:
            book.consumer_arrived[i] = state.arrived
            book.consumer_released[i] = state.released
            book.consumer_reserve[i] = state.reserve
            book.consumer_stock[i] = state.stock
            book.supplier_mark[i] = state.mark
        _place_orders(fixed, drawn, state, i)
        _source(fixed, drawn, state, i)
        _replace_blocked(fixed, drawn, state, i)
        _plan(fixed, drawn, state, i)
        _produce(fixed, drawn, state)
        _ship(fixed, drawn, state, book, i)
        _learn(fixed, drawn, state)
        if priced:
            _want_at_base_price(fixed, state)
        _record(fixed, state, book, i)
        if full and priced:
            book.consumer_given_up[i] = state.want - state.need
        if full:
            book.consumer_fill[i] = state.fill
            book.consumer_ordered[i] = state.order
            book.supplier_wanted[i] = state.wanted
        if priced:
            _reprice(fixed, drawn, state, i)


def simulate(
    network: Network,
    shock: Shock,
    record: Record = "summary",
    watch: Watch | None = None,
    threads: int = 2,
) -> Outcome:
    """Simulate every draw of a shock on a network (rules M1-M10).

    `record="full"` keeps stocks and every lane, which `why` needs (24 bytes per draw, period and lane, and
    88 per consumer); `summary` keeps use, shortfall and output only, and with a `watch` only those of its
    members. Amounts are tonnes (or index points) per period. `threads` shares draws among threads; neither
    it nor the watch changes a number. Raises InputError where the shock does not fit the network, a value is
    out of range, the base state is out of balance, or the watch names what is not there.
    """
    check(network, shock)
    watch = watched(network, record, watch)
    arrays = empty(network, shock, record, watch)
    fixed = fixed_of(network, shock, watch)

    def run(draw: int) -> None:
        _run(fixed, drawn_of(shock, draw), start_of(network, shock, draw), book_of(arrays, draw))

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
    return label(network, shock, record, arrays, watch)
