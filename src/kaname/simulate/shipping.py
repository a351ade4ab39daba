"""Shipping in compiled form: the share of each order that is served, where it arrives (rules M9, M10).

Linked into `phases.run`: see `LINKED` there.
"""

from __future__ import annotations

from kaname.simulate.arrays import Book, Drawn, Fixed, State, inlined
from kaname.simulate.contracts import record_contracts, send_contracts
from kaname.simulate.outcome import Floats


@inlined
def _shipped(ordered: float, base: float, served: Floats, k: int) -> float:
    """Return what supplier k ships on a lane: base orders first (rule M9)."""
    first = min(ordered, base)
    shipped: float = served[k, 0] * first + served[k, 1] * (ordered - first)
    return shipped


@inlined
def _send(fixed: Fixed, drawn: Drawn, state: State, now: int, i: int) -> None:
    """Put the shipments of period i on base lanes where they arrive, but of those who re-place nothing."""
    ordered, replaced, served, inbound = state.ordered, state.replace, state.served, state.inbound
    flow, supplier, consumer, lag = fixed.lane_flow, fixed.lane_supplier, fixed.lane_consumer, fixed.lane_lag
    delay, delay_row, ring = drawn.delay[i], fixed.delay_row, inbound.shape[0]
    for e in range(fixed.base_lanes):
        n = consumer[e]
        slot = now + lag[e] + delay[delay_row[e]]  # less than twice the ring
        slot = slot - ring if slot >= ring else slot
        shipped = _shipped(ordered[e], flow[e], served, supplier[e])
        inbound[slot, n] += 0.0 if replaced[n] > 0.0 else shipped


@inlined
def ship(fixed: Fixed, drawn: Drawn, state: State, i: int) -> None:
    """Send output off (rules M9, M10)."""
    first_lane, packed, replaced = fixed.first_lane, fixed.packed, state.replace
    ordered, served, inbound = state.ordered, state.served, state.inbound
    flow, supplier, lag = fixed.lane_flow, fixed.lane_supplier, fixed.lane_lag
    delay, delay_row, ring = drawn.delay[i], fixed.delay_row, inbound.shape[0]
    now = i % ring
    _send(fixed, drawn, state, now, i)
    for n in range(len(replaced)):
        if replaced[n] > 0.0:
            for place in range(first_lane[n], first_lane[n + 1]):
                e = packed[place]
                slot = now + lag[e] + delay[delay_row[e]]
                slot = slot - ring if slot >= ring else slot
                inbound[slot, n] += _shipped(ordered[e], flow[e], served, supplier[e])
    if len(fixed.contract_lane) > 0:
        send_contracts(fixed, drawn, state, now, i)


@inlined
def record_lanes(fixed: Fixed, drawn: Drawn, state: State, book: Book, i: int) -> None:
    """Write what was ordered and shipped on every lane, and when it arrives."""
    for e, lane in enumerate(fixed.lane):
        if e >= fixed.base_lanes and state.replace[fixed.lane_consumer[e]] <= 0.0:
            continue  # what stands there is of an earlier period
        ordered = state.ordered[e]
        shipped = _shipped(ordered, fixed.lane_flow[e], state.served, fixed.lane_supplier[e])
        book.lane_ordered[i, lane] = ordered
        book.lane_shipped[i, lane] = shipped
        due = i + fixed.lane_lag[e] + drawn.delay[i, fixed.delay_row[e]]
        if due < book.lane_arrived.shape[0]:
            book.lane_arrived[due, lane] += shipped
    if len(fixed.contract_lane) > 0:
        record_contracts(fixed, drawn, state, book, i)
