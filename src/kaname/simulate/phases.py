"""The rules of docs/model.md, section M, compiled: the same phases and the same sums as `reference.py`.

Nothing here reorders a sum. A latent lane is visited only while its consumer re-places orders. A phase is one
call a period, as a call hands over sixty arrays. Arrays get local names before a loop: each look into a tuple
counts a reference that all threads share. Loops run over all base lanes at once: most consumers have few.
"""

from __future__ import annotations

import math

from kaname.simulate.arrays import Book, Drawn, Fixed, Short, State, compiled, inlined
from kaname.simulate.contracts import ask_contracts, place_contracts
from kaname.simulate.outcome import Floats
from kaname.simulate.shipping import record_lanes, ship

NEGLIGIBLE = 1e-9  # a share of capacity below which nothing counts as asked (rule M6)
BLOCKED = 0.01  # a share of the order above which a consumer counts as blocked (rule M6)
LOG_CEILING = math.log(15.0)  # of prices (rule M11), as the next two
STEEPEST = 4.0
BALANCED = 1e-9

# Numba keeps machine code while the file of a function stays the same, whatever becomes of the files that it
# calls. So this file changes with them: a sum over `contracts.py` and `shipping.py`, which a test checks.
LINKED = "53cab4f9a5045da8"


@inlined
def _arrive(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Put arrivals into stock and release reserves (section M, Arrive; rule R4)."""
    inbound, arrived, transit, stock = state.inbound, state.arrived, state.transit, state.stock
    reserve, released, normal = state.reserve, state.released, state.normal
    share, share_row = drawn.release[i], fixed.release_row
    ring = inbound.shape[0]
    due = inbound[i % ring]
    for n in range(len(stock)):
        arrived[n] = due[n]
        due[n] = 0.0
        stock[n] += arrived[n]
        released[n] = 0.0
        if reserve[n] > 0.0:
            gap = share[share_row[n]] * normal[n] - stock[n]
            if gap > 0.0:
                released[n] = min(reserve[n], gap)
                reserve[n] -= released[n]
                stock[n] += released[n]
    transit[:] = 0.0
    for ahead in range(1, ring):  # by due period: a longer ring only adds zeros at the end
        due = inbound[(i + ahead) % ring]
        for n in range(len(transit)):
            transit[n] += due[n]


@inlined
def _usual_transit(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Set what is under way in the base state with the lags in force, where they changed (rule M5)."""
    delay, usual = drawn.delay, state.usual
    changed = i == 0
    for row in range(delay.shape[1]):
        changed = changed or delay[i, row] != delay[i - 1, row]
    if not changed:
        return
    lane_lag, flow, consumer, row_of = fixed.lane_lag, fixed.lane_flow, fixed.lane_consumer, fixed.delay_row
    usual[:] = 0.0
    for e in range(fixed.base_lanes):
        lag = lane_lag[e] + delay[i, row_of[e]]
        usual[consumer[e]] += flow[e] * (lag - 1)


@inlined
def _place_orders(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Set o_n and the targets (rules M5, R2)."""
    _usual_transit(fixed, drawn, state, i)
    inflows, base_final, buyer_price = fixed.inflow, fixed.final, fixed.buyer_price
    demand, demand_row = drawn.demand[i], fixed.demand_row
    factor, target_row, cover = drawn.target[i], fixed.target_row, drawn.cover
    use, hoard, input_need = state.price_use, state.price_hoard, state.input_need
    final, afforded, smoothed, normal = state.final, state.afforded, state.smoothed, state.normal
    usual, stock, transit, orders = state.usual, state.stock, state.transit, state.order
    smoothing, ceiling = min(1.0, fixed.weeks / drawn.smoothing), drawn.kappa
    rise, rise_row = drawn.order_rise[i], fixed.order_row
    speed = min(1.0, fixed.weeks / drawn.tau)
    for n in range(len(inflows)):
        inflow, row = inflows[n], buyer_price[n]
        final[n] = base_final[n] * demand[demand_row[n]]
        afforded[n] = final[n] * use[row]
        need = input_need[n] + afforded[n]
        smoothed[n] += (need - smoothed[n]) * smoothing
        normal[n] = (cover[n] + 1.0) * smoothed[n]
        orders[n] = 0.0
        if inflow <= 0.0:
            continue
        target = normal[n] * factor[target_row[n]] * hoard[row]
        usually = usual[n] * (smoothed[n] / inflow)
        gap = target - stock[n] + (usually - transit[n])
        order = smoothed[n] + gap * speed
        orders[n] = min(ceiling * inflow + rise[rise_row[n]], max(0.0, order))


@inlined
def _base_order(order: float, permission: float, trust: float, base: float) -> float:
    """Return the order on a base lane before pools; `order` is the consumer's share (rules M6, M7)."""
    order = order * permission * trust
    return min(order, permission * base) if permission < 1.0 else order


@inlined
def _cut_pools(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Set the factor by which each pooled quota cuts its orders (rule M7)."""
    pooled, pool_cut = state.pooled, state.pool_cut
    pooled[:] = 0.0
    for e in fixed.pool_lane:
        share = state.order[fixed.lane_consumer[e]] * fixed.lane_share[e]
        p, trust = drawn.permission[i, fixed.permission_row[e]], state.trust[fixed.lane_supplier[e]]
        pooled[fixed.pool_row[e]] += _base_order(share, p, trust, fixed.lane_flow[e])
    for q in range(1, len(pooled)):
        limit = drawn.pool[i, q] * fixed.pool_base[q]
        cut = drawn.pool[i, q] < 1.0 and pooled[q] > limit
        pool_cut[q] = limit / pooled[q] if cut else 1.0


@inlined
def _source(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Place o_n on base lanes, and set what of it is re-placed (rule M6, steps 1 and 2; rules M7, R2)."""
    _cut_pools(fixed, drawn, state, i)
    permission, permission_row, pool_row = drawn.permission[i], fixed.permission_row, fixed.pool_row
    supplier, consumer = fixed.lane_supplier, fixed.lane_consumer
    share, flow = fixed.lane_share, fixed.lane_flow
    trust, pool_cut, orders, ordered = state.trust, state.pool_cut, state.order, state.ordered
    blocked, replaced, placed = state.blocked, state.replace, state.placed
    pooled, weeks, rho = len(pool_cut) > 1, fixed.weeks, drawn.rho
    placed[:] = 0.0
    for e in range(fixed.base_lanes):
        n, p = consumer[e], permission[permission_row[e]]
        order = _base_order(orders[n] * share[e], p, trust[supplier[e]], flow[e])
        if pooled:
            order *= pool_cut[pool_row[e]]
        ordered[e] = order
        placed[n] += order
    if len(fixed.contract_lane) > 0:
        place_contracts(fixed, drawn, state, i)
    for n in range(len(orders)):
        missing = max(0.0, orders[n] - placed[n])
        if missing > BLOCKED * orders[n]:
            blocked[n] += weeks
        else:
            blocked[n] = max(0.0, blocked[n] - weeks)
        replaced[n] = rho * min(1.0, blocked[n] / 12.0) * missing


@inlined
def _replace_blocked(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Re-place a part of what could not be ordered, on all lanes of those concerned (rule M6, step 2)."""
    replaced, packed, first_lane, inflow = state.replace, fixed.packed, fixed.first_lane, fixed.inflow
    supplier, pool_row, flow = fixed.lane_supplier, fixed.pool_row, fixed.lane_flow
    export_share, permission_row, base_lanes = fixed.lane_export_share, fixed.permission_row, fixed.base_lanes
    permission, pool = drawn.permission[i], drawn.pool[i]
    mark, newcomer_mark, ordered = state.mark, state.newcomer_mark, state.ordered
    for n in range(len(replaced)):
        amount = replaced[n]
        if amount <= 0.0:
            continue
        open_weight, latent_weight = 0.0, 0.0
        for place in range(first_lane[n], first_lane[n + 1]):
            e = packed[place]
            k, q = supplier[e], pool_row[e]
            if e >= base_lanes:
                latent_weight += export_share[e] * newcomer_mark[k]
            elif permission[permission_row[e]] >= 1.0 and (q == 0 or pool[q] >= 1.0):
                open_weight += flow[e] * mark[k]
        for place in range(first_lane[n], first_lane[n + 1]):
            e = packed[place]
            k, q, p, latent = supplier[e], pool_row[e], permission[permission_row[e]], e >= base_lanes
            order = 0.0 if latent else ordered[e]
            if q > 0 and pool[q] < 1.0:
                pass  # an active pool takes nothing more
            elif latent and latent_weight > 0.0:
                part = 0.3 * amount * (export_share[e] * newcomer_mark[k] / latent_weight)
                order = p * min(part, 0.3 * export_share[e] * inflow[n])
            elif not latent and p >= 1.0 and open_weight > 0.0:
                order += min(0.7 * amount * (flow[e] * mark[k] / open_weight), flow[e])
            ordered[e] = order


@inlined
def _ask_one(ordered: float, base: float, k: int, asked: Floats) -> None:
    """Add an order to what supplier k is asked for: within the base flow, and above it."""
    within = min(ordered, base)
    asked[k, 0] += within
    asked[k, 1] += ordered - within


@inlined
def _ask_base(ordered: Floats, flow: Floats, supplier: Short, asked: Floats, first: int, last: int) -> None:
    """Add the orders on base lanes `first` to `last`, the last left out."""
    for e in range(first, last):
        _ask_one(ordered[e], flow[e], supplier[e], asked)


@inlined
def _ask(fixed: Fixed, state: State) -> None:
    """Add up what suppliers are asked for, but under contracts (rule M9)."""
    first_base, first_lane, packed = fixed.first_base, fixed.first_lane, fixed.packed
    asked, ordered, replaced = state.asked, state.ordered, state.replace
    flow, supplier, done = fixed.lane_flow, fixed.lane_supplier, 0
    asked[:] = 0.0
    for n in range(len(replaced)):
        if replaced[n] > 0.0:
            _ask_base(ordered, flow, supplier, asked, done, first_base[n])
            done = first_base[n + 1]
            for place in range(first_lane[n], first_lane[n + 1]):
                e = packed[place]
                _ask_one(ordered[e], flow[e], supplier[e], asked)
    _ask_base(ordered, flow, supplier, asked, done, fixed.base_lanes)


@inlined
def _set_inputs(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Set input per output of period i, and what suppliers want at it and at last period's plan (rule R3)."""
    factor, row, inputs = drawn.input_factor[i], fixed.input_row, state.inputs
    for r in range(len(inputs)):
        inputs[r] = fixed.recipe_input[r] * factor[row[r]]
    _want_inputs(fixed, state, state.price_use, state.input_need)


@inlined
def _want_inputs(fixed: Fixed, state: State, use: Floats, need: Floats) -> None:
    """Set what suppliers want of their inputs at their wanted outputs and factors on use (rules M5, M11)."""
    supplier, consumer, row = fixed.recipe_supplier, fixed.recipe_consumer, fixed.recipe_price
    inputs, wanted = state.inputs, state.wanted
    need[:] = 0.0
    for r in range(len(supplier)):
        amount = inputs[r] * wanted[supplier[r]]
        need[consumer[r]] += amount * use[row[r]]


@inlined
def _plan(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Set wanted output, need and fill (rules M8, R1, R2)."""
    grown, contracts = drawn.added.shape[1] > 1, len(fixed.contract_lane) > 0
    _ask(fixed, state)
    if contracts:
        ask_contracts(fixed, state)
    factor, capacity_row, full = drawn.capacity[i], fixed.capacity_row, fixed.supplier_capacity
    supply, seller_price = state.price_supply, fixed.seller_price
    added, added_row = drawn.added[i], fixed.added_row
    capacity, wanted, asked, contract = state.capacity, state.wanted, state.asked, state.asked_contract
    for k in range(len(capacity)):
        capacity[k] = full[k] * factor[capacity_row[k]] * supply[seller_price[k]]
        total = asked[k, 0] + asked[k, 1]
        if grown:
            capacity[k] += added[added_row[k]]
        if contracts:
            total += contract[k]
        wanted[k] = min(capacity[k], total)
    _want_inputs(fixed, state, state.price_use, state.input_need)
    need, input_need, afforded, stock = state.need, state.input_need, state.afforded, state.stock
    fills, normal, psi = state.fill, state.normal, drawn.psi
    for n in range(len(need)):
        need[n] = input_need[n] + afforded[n]
        fill = 1.0
        if need[n] > 0.0:
            fill = min(fill, stock[n] / need[n])
        threshold = psi * normal[n]
        if threshold > 0.0:
            fill = min(fill, stock[n] / threshold)
        fills[n] = fill


@inlined
def _produce(fixed: Fixed, drawn: Drawn, state: State) -> None:
    """Draw inputs, set outputs, serve final use (rule M8); share outputs between tiers (rule M9)."""
    supplier, consumer, inputs = fixed.recipe_supplier, fixed.recipe_consumer, state.inputs
    row, price_use, dependence = fixed.recipe_price, state.price_use, drawn.dependence
    limit, fill, wanted, output = state.limit, state.fill, state.wanted, state.output
    asked, served, used, stock, afforded = state.asked, state.served, state.used, state.stock, state.afforded
    contract, contract_served = state.asked_contract, state.served_contract
    contracts = len(fixed.contract_lane) > 0
    limit[:] = 1.0
    used[:] = 0.0
    for r in range(len(supplier)):
        k, d = supplier[r], dependence[r]
        filled = price_use[row[r]] * fill[consumer[r]]
        limit[k] = min(limit[k], 1.0 - d + d * filled)
    for k in range(len(output)):
        made, base, excess = wanted[k] * limit[k], asked[k, 0], asked[k, 1]
        output[k] = made
        if contracts and contract[k] > 0.0:  # first of all (rule R2)
            contract_served[k] = min(1.0, made / contract[k])
            made = max(0.0, made - contract[k])
        served[k, 0] = min(1.0, made / base) if base > 0.0 else 1.0
        served[k, 1] = min(1.0, max(0.0, made - base) / excess) if excess > 0.0 else 1.0
    for r in range(len(supplier)):
        k, n, a, use = supplier[r], consumer[r], inputs[r], price_use[row[r]]
        used[n] += min(a * output[k], a * wanted[k] * use * fill[n])
    for n in range(len(used)):
        used[n] += afforded[n] * fill[n]
        stock[n] = max(0.0, stock[n] - used[n])


@inlined
def _learn(fixed: Fixed, drawn: Drawn, state: State) -> None:
    """Move the marks (rule M6)."""
    full, asked, served = fixed.supplier_capacity, state.asked, state.served
    mark, newcomer_mark, trust = state.mark, state.newcomer_mark, state.trust
    output, capacity = state.output, state.capacity
    speed, heeded = min(1.0, drawn.eta * fixed.weeks), drawn.rho > 0.0
    for k in range(len(mark)):
        share = served[k, 0] if asked[k, 0] > NEGLIGIBLE * full[k] else 1.0
        mark[k] += speed * (share - mark[k])
        trust[k] = min(mark[k], 1.0) if heeded else 1.0
        if asked[k, 1] > NEGLIGIBLE * full[k]:
            newcomer_mark[k] += speed * (served[k, 1] - newcomer_mark[k])
        elif output[k] < capacity[k]:
            newcomer_mark[k] += speed * (1.0 - newcomer_mark[k])


@inlined
def _compare(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Add up, by price, what is asked and what could be delivered on base lanes (rule M11)."""
    asked, able, buyer_price, order = state.price_asked, state.price_able, fixed.buyer_price, state.order
    flow, supplier, consumer = fixed.lane_flow, fixed.lane_supplier, fixed.lane_consumer
    permission, permission_row = drawn.permission[i], fixed.permission_row
    pool, pool_row, base = drawn.pool[i], fixed.pool_row, fixed.supplier_base
    capacity, limit = state.capacity, state.limit
    asked[:] = 0.0
    able[:] = 0.0
    for n in range(len(order)):
        asked[buyer_price[n]] += order[n]
    for e in range(fixed.base_lanes):
        k = supplier[e]
        most = capacity[k] * limit[k] * (flow[e] / base[k])
        p, q = permission[permission_row[e]], pool_row[e]
        if p < 1.0:
            most = min(most, p * flow[e])
        if q > 0 and pool[q] < 1.0:
            most = min(most, pool[q] * flow[e])
        able[buyer_price[consumer[e]]] += most


@inlined
def _reprice(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Move the prices, and set what answers them from the next period on (rule M11)."""
    _compare(fixed, drawn, state, i)
    for row in range(1, len(state.price)):
        ratio, asked, able = 1.0, state.price_asked[row], state.price_able[row]
        if asked > 0.0:
            ratio = asked / able if able > 0.0 else STEEPEST
            ratio = min(STEEPEST, max(1.0 / STEEPEST, ratio))
        if abs(ratio - 1.0) <= BALANCED:
            ratio = 1.0
        price = state.price[row] + drawn.price_speed * fixed.weeks * math.log(ratio)
        price = min(LOG_CEILING, max(0.0, price))
        slow = state.slow_price[row]
        slow += (price - slow) * min(1.0, fixed.weeks / drawn.price_memory_weeks)
        short = drawn.short_elasticity[row]
        late = drawn.long_elasticity[row] - short
        state.price[row], state.slow_price[row] = price, slow
        state.price_use[row] = math.exp(-(short * price + late * slow))
        state.price_hoard[row] = min(1.5, max(0.5, math.exp(drawn.hoarding * (price - slow))))
        state.price_supply[row] = min(2.0, math.exp(drawn.supply_elasticity[row] * slow))
    _want_inputs(fixed, state, state.price_use, state.input_need)


@inlined
def _record(fixed: Fixed, state: State, book: Book, i: int) -> None:
    """Write what a summary keeps of the members watched (rule M10)."""
    want = state.want if len(state.price) > 1 else state.need
    used, final, afforded, fill = state.used, state.final, state.afforded, state.fill
    for at, n in enumerate(fixed.watched_consumer):
        book.consumer_need[i, at] = want[n]
        book.consumer_used[i, at] = used[n]
        book.consumer_final_wanted[i, at] = final[n]
        book.consumer_shortfall[i, at] = final[n] - afforded[n] * fill[n]
        book.consumer_priced_out[i, at] = final[n] - afforded[n]
        book.consumer_fill[i, at] = fill[n]
    for at, k in enumerate(fixed.watched_supplier):
        book.supplier_output[i, at] = state.output[k]
        book.supplier_asked[i, at] = state.asked[k, 0] + state.asked[k, 1] + state.asked_contract[k]
    for row in range(len(state.price)):
        book.price_level[i, row] = math.exp(state.price[row])


@inlined
def _write(values: Floats, into: Floats, row: int) -> None:
    """Copy values into a row. A loop: an assignment by slice costs seconds of compiling for its errors."""
    for n in range(len(values)):
        into[row, n] = values[n]


@compiled
def run(fixed: Fixed, drawn: Drawn, state: State, book: Book) -> None:
    """Run the phases of rule M4 for every period of one draw and write them into the book."""
    full, priced = book.consumer_stock.shape[1] > 0, len(state.price) > 1
    for i in range(book.consumer_need.shape[0]):
        _arrive(fixed, drawn, state, i)
        if full:
            _write(state.arrived, book.consumer_arrived, i)
            _write(state.released, book.consumer_released, i)
            _write(state.reserve, book.consumer_reserve, i)
            _write(state.stock, book.consumer_stock, i)
            _write(state.mark, book.supplier_mark, i)
        if drawn.input_factor.shape[1] > 1:
            _set_inputs(fixed, drawn, state, i)
        _place_orders(fixed, drawn, state, i)
        _source(fixed, drawn, state, i)
        _replace_blocked(fixed, drawn, state, i)
        _plan(fixed, drawn, state, i)
        _produce(fixed, drawn, state)
        ship(fixed, drawn, state, i)
        if full:
            record_lanes(fixed, drawn, state, book, i)
        _learn(fixed, drawn, state)
        if priced:  # what need would be at the base price (rule M10)
            _want_inputs(fixed, state, fixed.unpriced, state.want)
            for n in range(len(state.want)):
                state.want[n] += state.final[n]
        _record(fixed, state, book, i)
        if full and priced:
            for n in range(len(state.want)):
                book.consumer_given_up[i, n] = state.want[n] - state.need[n]
        if full:
            _write(state.order, book.consumer_ordered, i)
            _write(state.wanted, book.supplier_wanted, i)
        if priced:
            _reprice(fixed, drawn, state, i)
