"""Contracts in compiled form: what is ordered and shipped under them (rule R2), as in `reference.py`.

Contracts are few and may stand on any lane, latent ones too: each has a place of its own beside the lane's
other order, so that the loops over lanes need not know of them. Linked into `phases.run`: see `LINKED` there.
"""

from __future__ import annotations

from kaname.simulate.arrays import Book, Drawn, Fixed, State, inlined


@inlined
def place_contracts(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Order what is contracted; what of it is counted on takes the place of other orders (rule R2)."""
    lane, buyer, consumer = fixed.contract_lane, fixed.contract_buyer, fixed.lane_consumer
    amount, contracted, supplier = drawn.contract[i], state.contracted, fixed.lane_supplier
    pledged, counted, came = state.pledged, state.counted, state.served_contract
    permission, permission_row = drawn.permission[i], fixed.permission_row
    pool, pool_row = drawn.pool[i], fixed.pool_row
    first_base, orders, ordered, placed = fixed.first_base, state.order, state.ordered, state.placed
    for n in buyer:
        pledged[n] = counted[n] = 0.0
    for c in range(len(lane)):
        e = lane[c]
        q = pool_row[e]
        contracted[c] = amount[c] * permission[permission_row[e]] * (pool[q] if q > 0 else 1.0)
        pledged[consumer[e]] += contracted[c]
        counted[consumer[e]] += contracted[c] * came[supplier[e]]
    for n in buyer:
        pledged[n] = min(orders[n], pledged[n]) / pledged[n] if pledged[n] > 0.0 else 0.0
        firm = min(orders[n], counted[n] * pledged[n])
        room = orders[n] - firm
        if firm > 0.0 and placed[n] > room:
            cut = room / placed[n]
            for e in range(first_base[n], first_base[n + 1]):
                ordered[e] *= cut
            placed[n] = orders[n]
        else:
            placed[n] += firm
    for c in range(len(lane)):
        contracted[c] *= pledged[consumer[lane[c]]]


@inlined
def ask_contracts(fixed: Fixed, state: State) -> None:
    """Add up what suppliers are asked for under contracts (rules M9, R2)."""
    lane, supplier = fixed.contract_lane, fixed.lane_supplier
    asked, contracted = state.asked_contract, state.contracted
    asked[:] = 0.0
    for c in range(len(lane)):
        asked[supplier[lane[c]]] += contracted[c]


@inlined
def send_contracts(fixed: Fixed, drawn: Drawn, state: State, now: int, i: int) -> None:
    """Put what is shipped under contracts in period i where it arrives (rules M9, R2)."""
    lane, supplier, consumer = fixed.contract_lane, fixed.lane_supplier, fixed.lane_consumer
    lag, delay, delay_row = fixed.lane_lag, drawn.delay[i], fixed.delay_row
    contracted, served, inbound = state.contracted, state.served_contract, state.inbound
    ring = inbound.shape[0]
    for c in range(len(lane)):
        e = lane[c]
        slot = (now + lag[e] + delay[delay_row[e]]) % ring
        inbound[slot, consumer[e]] += served[supplier[e]] * contracted[c]


@inlined
def record_contracts(fixed: Fixed, drawn: Drawn, state: State, book: Book, i: int) -> None:
    """Add what is ordered and shipped under contracts to what is written of their lanes."""
    for c, e in enumerate(fixed.contract_lane):
        lane, ordered = fixed.lane[e], state.contracted[c]
        shipped = state.served_contract[fixed.lane_supplier[e]] * ordered
        book.lane_contracted[i, lane] = ordered
        book.lane_ordered[i, lane] += ordered
        book.lane_shipped[i, lane] += shipped
        due = i + fixed.lane_lag[e] + drawn.delay[i, fixed.delay_row[e]]
        if due < book.lane_arrived.shape[0]:
            book.lane_arrived[due, lane] += shipped
