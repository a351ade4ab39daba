"""The rules of docs/model.md, sections M and R, phase by phase in plain Python: the oracle of the engine.

Every sum runs in the same order as in `phases.py` (lanes and recipe lines by index): both give the same bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from kaname.network.network import Network
from kaname.scenario.shock import Shock
from kaname.simulate.check import check
from kaname.simulate.draw_reading import DrawReading
from kaname.simulate.moving_prices import PriceState
from kaname.simulate.outcome import Floats, Outcome, Record, Watch, empty, label, variables, watched

NEGLIGIBLE = 1e-9  # a share of capacity below which nothing counts as asked (rule M6)
BLOCKED = 0.01  # a share of the order above which a consumer counts as blocked (rule M6)


@dataclass
class State:
    """All that one draw remembers from period to period, and the amounts of the period in hand."""

    stock: list[float]  # S_n
    reserve: list[float]  # V_n
    smoothed: list[float]  # E_n
    normal: list[float]  # T_n without front-loading
    blocked: list[float]  # B_n, weeks
    mark: list[float]  # m_k
    newcomer_mark: list[float]  # g_k
    inbound: list[list[float]]  # (ring, N) what arrives in period i sits in slot i modulo ring
    wanted: list[float]  # last plan, per supplier
    transit: list[float]
    order: list[float]  # o_n
    ordered: list[float]  # per lane
    fill: list[float]
    need: list[float]
    output: list[float]
    asked_base: list[float]  # per supplier: sum of min(order, base)
    asked_excess: list[float]
    asked_contract: list[float]
    served_contract: list[float]  # the share that came of what was last asked under contracts (rule R2)
    contracted: list[float]  # per contract: what is ordered under it (rule R2)
    shipped: list[float]  # per lane
    price: PriceState
    limit: list[float] = field(default_factory=list)  # share of the wanted output that inputs allow


class Draw(DrawReading):
    """One draw of a shock on a network: plain numbers, and the phases of rule M4."""

    def capacity(self, state: State, k: int, i: int) -> float:
        """Return the capacity of a supplier at its price (rules N3, M11, S, R1)."""
        full = self.full_capacity(k) * self.capacity_factor(k, i)
        return full * state.price.supply[self.seller_row[k]] + self.added_capacity(k, i)

    def afforded(self, state: State, n: int, i: int) -> float:
        """Return the final use wanted at the price of the period (rule M11)."""
        return self.final(n, i) * state.price.use[self.buyer_row[n]]

    # the phases

    def start(self) -> State:
        """Return the base state, just before the arrivals of period 0."""
        suppliers, consumers, lanes = self.network.n_suppliers, len(self.inflow), len(self.lanes)
        ring = int(self.network.lane_lag.max(initial=1)) + int(self.shock.extra_lag.max(initial=0)) + 1
        inbound = [[0.0] * consumers for _ in range(ring)]
        for _, n, base, lag in self.lanes:
            for slot in range(lag):
                inbound[slot][n] += base
        normal = [(cover + 1.0) * inflow for cover, inflow in zip(self.cover, self.inflow, strict=True)]
        days = self.shock.reserve_days[self.draw].tolist()
        return State(
            stock=[t - inflow for t, inflow in zip(normal, self.inflow, strict=True)],
            reserve=[v / self.shock.period_days * f for v, f in zip(days, self.inflow, strict=True)],
            smoothed=list(self.inflow),
            normal=normal,
            blocked=[0.0] * consumers,
            mark=[1.0] * suppliers,
            newcomer_mark=[1.0] * suppliers,
            inbound=inbound,
            wanted=self.network.supplier_base.tolist(),
            transit=[0.0] * consumers,
            order=[0.0] * consumers,
            ordered=[0.0] * lanes,
            fill=[1.0] * consumers,
            need=[0.0] * consumers,
            output=[0.0] * suppliers,
            asked_base=[0.0] * suppliers,
            asked_excess=[0.0] * suppliers,
            asked_contract=[0.0] * suppliers,
            served_contract=[1.0] * suppliers,
            contracted=[0.0] * len(self.contract_lanes),
            shipped=[0.0] * lanes,
            price=PriceState.at_base(self.price_rows),
        )

    def arrive(self, state: State, i: int) -> tuple[list[float], list[float]]:
        """Put arrivals into stock and release reserves; return both amounts (section M, Arrive; rule R4)."""
        slot = i % len(state.inbound)
        arrived = state.inbound[slot]
        state.inbound[slot] = [0.0] * len(arrived)
        released = [0.0] * len(arrived)
        for n, amount in enumerate(arrived):
            state.stock[n] += amount
            gap = self.release_share(n, i) * state.normal[n] - state.stock[n]
            if gap > 0.0 and state.reserve[n] > 0.0:
                released[n] = min(state.reserve[n], gap)
                state.reserve[n] -= released[n]
                state.stock[n] += released[n]
            state.transit[n] = 0.0
            for ahead in range(1, len(state.inbound)):
                state.transit[n] += state.inbound[(i + ahead) % len(state.inbound)][n]
        return arrived, released

    def wanted_use(self, state: State, i: int) -> list[float]:
        """Return need_n at the wanted outputs and prices in the state (rules M5, M11, R3)."""
        need = [0.0] * len(self.inflow)
        for r, (k, n, _, _) in enumerate(self.recipes):
            need[n] += self.input_per_output(r, i) * state.wanted[k] * state.price.use[self.recipe_row[r]]
        for n in range(len(need)):
            need[n] += self.afforded(state, n, i)
        return need

    def base_want(self, state: State, i: int) -> list[float]:
        """Return what need_n would be at the base price (rule M10)."""
        want = [0.0] * len(self.inflow)
        for r, (k, n, _, _) in enumerate(self.recipes):
            want[n] += self.input_per_output(r, i) * state.wanted[k]
        return [amount + self.final(n, i) for n, amount in enumerate(want)]

    def place_orders(self, state: State, i: int) -> None:
        """Set o_n and the targets (rules M5, R2)."""
        need = self.wanted_use(state, i)
        smoothing = min(1.0, self.weeks / self.parameter("smoothing_weeks"))
        speed = min(1.0, self.weeks / self.parameter("tau_weeks"))
        for n, inflow in enumerate(self.inflow):
            state.smoothed[n] += (need[n] - state.smoothed[n]) * smoothing
            state.normal[n] = (self.cover[n] + 1.0) * state.smoothed[n]
            state.order[n] = 0.0
            if inflow <= 0.0:
                continue
            target = state.normal[n] * self.target_factor(n, i) * state.price.hoard[self.buyer_row[n]]
            usual = 0.0  # what is under way in the base state, with the lags in force
            for e in self.lanes_of[n]:
                usual += self.lanes[e][2] * (self.lag(e, i) - 1)
            usual = usual * (state.smoothed[n] / inflow)
            gap = target - state.stock[n] + (usual - state.transit[n])
            order = state.smoothed[n] + gap * speed
            ceiling = self.parameter("kappa") * inflow + self.order_rise(n, i)
            state.order[n] = min(ceiling, max(0.0, order))

    def source(self, state: State, i: int) -> None:
        """Place o_n on lanes: shares, permissions, pools, contracts, what is blocked (rules M6, M7, R2)."""
        pooled = [0.0] * len(self.pool_base)
        for e, (k, n, base, _) in enumerate(self.lanes):
            state.ordered[e] = 0.0
            if base <= 0.0:
                continue
            p = self.permission(e, i)
            mark = min(state.mark[k], 1.0) if self.parameter("rho") > 0.0 else 1.0
            order = state.order[n] * (base / self.inflow[n]) * p * mark
            if p < 1.0:
                order = min(order, p * base)
            state.ordered[e] = order
            pooled[int(self.shock.lane_pool_row[e])] += order
        for e in range(len(self.lanes)):
            q, p = self.pool(e, i)
            if p < 1.0 and pooled[q] > p * self.pool_base[q]:
                state.ordered[e] *= p * self.pool_base[q] / pooled[q]
        placed = [0.0] * len(self.inflow)
        for e, (_, n, _, _) in enumerate(self.lanes):
            placed[n] += state.ordered[e]
        self.place_contracts(state, placed, i)
        for n in range(len(self.inflow)):
            self.replace_blocked(state, n, placed[n], i)

    def place_contracts(self, state: State, placed: list[float], i: int) -> None:
        """Order what is contracted; what of it is counted on takes the place of other orders (rule R2).

        Counted on is the share that came of the supplier's contracts last time. Adds it to what each consumer
        has `placed`.
        """
        pledged, counted = [0.0] * len(self.inflow), [0.0] * len(self.inflow)
        for c, e in enumerate(self.contract_lanes):
            k, n, _, _ = self.lanes[e]
            state.contracted[c] = self.contract(c, i) * self.permission(e, i) * self.pool(e, i)[1]
            pledged[n] += state.contracted[c]
            counted[n] += state.contracted[c] * state.served_contract[k]
        share = [0.0] * len(self.inflow)
        for n, order in enumerate(state.order):
            share[n] = min(order, pledged[n]) / pledged[n] if pledged[n] > 0.0 else 0.0
            firm = min(order, counted[n] * share[n])
            if firm > 0.0 and placed[n] > order - firm:
                cut = (order - firm) / placed[n]
                for e in self.lanes_of[n]:
                    state.ordered[e] *= cut
                placed[n] = order
            else:
                placed[n] += firm
        for c, e in enumerate(self.contract_lanes):
            state.contracted[c] *= share[self.lanes[e][1]]

    def replace_blocked(self, state: State, n: int, placed: float, i: int) -> None:
        """Re-place a part of what consumer n could not place (rule M6, step 2)."""
        open_weight, latent_weight = 0.0, 0.0
        for e in self.lanes_of[n]:
            k, _, base, _ = self.lanes[e]
            if base <= 0.0:
                latent_weight += float(self.network.lane_export_share[e]) * state.newcomer_mark[k]
            elif self.permission(e, i) >= 1.0 and self.pool(e, i)[1] >= 1.0:
                open_weight += base * state.mark[k]
        missing = max(0.0, state.order[n] - placed)
        if missing > BLOCKED * state.order[n]:
            state.blocked[n] += self.weeks
        else:
            state.blocked[n] = max(0.0, state.blocked[n] - self.weeks)
        amount = self.parameter("rho") * min(1.0, state.blocked[n] / 12.0) * missing
        if amount <= 0.0:
            return
        for e in self.lanes_of[n]:
            k, _, base, _ = self.lanes[e]
            p = self.permission(e, i)
            if self.pool(e, i)[1] < 1.0:
                continue
            if base <= 0.0 and latent_weight > 0.0:
                share = float(self.network.lane_export_share[e])
                part = 0.3 * amount * (share * state.newcomer_mark[k] / latent_weight)
                state.ordered[e] = p * min(part, 0.3 * share * self.inflow[n])
            elif base > 0.0 and p >= 1.0 and open_weight > 0.0:
                state.ordered[e] += min(0.7 * amount * (base * state.mark[k] / open_weight), base)

    def asked(self, state: State) -> list[float]:
        """Return what each supplier is asked for: base orders, excess orders, contracts (rules M9, R2)."""
        tiers = zip(state.asked_base, state.asked_excess, state.asked_contract, strict=True)
        return [base + excess + contract for base, excess, contract in tiers]

    def plan(self, state: State, i: int) -> None:
        """Set wanted output, need and fill (rule M8)."""
        for k in range(self.network.n_suppliers):
            state.asked_base[k] = state.asked_excess[k] = state.asked_contract[k] = 0.0
        for e, (k, _, base, _) in enumerate(self.lanes):
            first = min(state.ordered[e], base)
            state.asked_base[k] += first
            state.asked_excess[k] += state.ordered[e] - first
        for c, e in enumerate(self.contract_lanes):
            state.asked_contract[self.lanes[e][0]] += state.contracted[c]
        for k, asked in enumerate(self.asked(state)):
            state.wanted[k] = min(self.capacity(state, k, i), asked)
        state.need = self.wanted_use(state, i)
        for n, need in enumerate(state.need):
            fill = 1.0
            if need > 0.0:
                fill = min(fill, state.stock[n] / need)
            threshold = self.parameter("psi") * state.normal[n]
            if threshold > 0.0:
                fill = min(fill, state.stock[n] / threshold)
            state.fill[n] = fill

    def produce(self, state: State, i: int) -> list[float]:
        """Draw inputs, set outputs, serve final use; return what each consumer's stock gave (rule M8)."""
        limit = state.limit = [1.0] * self.network.n_suppliers
        use = state.price.use
        for (k, n, _, d), row in zip(self.recipes, self.recipe_row, strict=True):
            limit[k] = min(limit[k], 1.0 - d + d * (use[row] * state.fill[n]))
        for k in range(self.network.n_suppliers):
            state.output[k] = state.wanted[k] * limit[k]
        used = [0.0] * len(self.inflow)
        for r, (k, n, _, _) in enumerate(self.recipes):
            a, row = self.input_per_output(r, i), self.recipe_row[r]
            used[n] += min(a * state.output[k], a * state.wanted[k] * use[row] * state.fill[n])
        for n in range(len(used)):
            used[n] += self.afforded(state, n, i) * state.fill[n]
            state.stock[n] = max(0.0, state.stock[n] - used[n])
        return used

    def ship(self, state: State, i: int) -> None:
        """Allocate output, contracts and base orders first, and send it off (rules M9, M10, R2)."""
        for e, (k, n, base, _) in enumerate(self.lanes):
            _, first_share, excess_share = self.shares(state, k)
            first = min(state.ordered[e], base)
            shipped = first_share * first + excess_share * (state.ordered[e] - first)
            state.shipped[e] = shipped
            state.inbound[(i + self.lag(e, i)) % len(state.inbound)][n] += shipped
        for c, e in enumerate(self.contract_lanes):
            slot = (i + self.lag(e, i)) % len(state.inbound)
            state.inbound[slot][self.lanes[e][1]] += self.contract_shipped(state, c)
        for k, asked in enumerate(state.asked_contract):
            if asked > 0.0:
                state.served_contract[k], _, _ = self.shares(state, k)

    def contract_shipped(self, state: State, c: int) -> float:
        """Return what is shipped under a contract (rule R2)."""
        share, _, _ = self.shares(state, self.lanes[self.contract_lanes[c]][0])
        return share * state.contracted[c]

    def shares(self, state: State, k: int) -> tuple[float, float, float]:
        """Return the served shares of contracts, base orders and excess orders (rules M9, R2)."""
        contract, asked, excess = state.asked_contract[k], state.asked_base[k], state.asked_excess[k]
        left = max(0.0, state.output[k] - contract)
        contract_share = min(1.0, state.output[k] / contract) if contract > 0.0 else 1.0
        first_share = min(1.0, left / asked) if asked > 0.0 else 1.0
        excess_share = min(1.0, max(0.0, left - asked) / excess) if excess > 0.0 else 1.0
        return contract_share, first_share, excess_share

    def learn(self, state: State, i: int) -> None:
        """Move the marks (rule M6)."""
        speed = min(1.0, self.parameter("eta") * self.weeks)
        for k in range(self.network.n_suppliers):
            capacity = self.capacity(state, k, i)
            full = self.full_capacity(k)
            _, first_share, excess_share = self.shares(state, k)
            if state.asked_base[k] <= NEGLIGIBLE * full:
                first_share = 1.0
            state.mark[k] += speed * (first_share - state.mark[k])
            if state.asked_excess[k] > NEGLIGIBLE * full:
                state.newcomer_mark[k] += speed * (excess_share - state.newcomer_mark[k])
            elif state.output[k] < capacity:
                state.newcomer_mark[k] += speed * (1.0 - state.newcomer_mark[k])

    def reprice(self, state: State, i: int) -> None:
        """Move the prices by orders over what can be delivered, for the next period (rule M11)."""
        if self.shock.prices is None:
            return
        asked, able = [0.0] * self.price_rows, [0.0] * self.price_rows
        for n, row in enumerate(self.buyer_row):
            asked[row] += state.order[n]
        for e, (k, n, base, _) in enumerate(self.lanes):
            if base > 0.0:
                able[self.buyer_row[n]] += self.deliverable(state, e, k, i)
        state.price.move(self.shock.prices, self.draw, self.weeks, asked, able)

    def deliverable(self, state: State, e: int, k: int, i: int) -> float:
        """Return what a base lane could carry: capacity after inputs, permission and quota (rule M11)."""
        base = float(self.lanes[e][2])
        able = self.capacity(state, k, i) * state.limit[k] * (base / float(self.network.supplier_base[k]))
        for p in (self.permission(e, i), self.pool(e, i)[1]):
            if p < 1.0:
                able = min(able, p * base)
        return able


def simulate_reference(
    network: Network, shock: Shock, record: Record = "full", watch: Watch | None = None
) -> Outcome:
    """Simulate every draw in plain Python: slow, for checking the engine and for reading.

    Same arguments, result and errors as `engine.simulate`.
    """
    check(network, shock)
    watch = watched(network, record, watch)
    arrays = empty(network, shock, record, watch)
    for d in range(shock.draws):
        _run(Draw(network, shock, d), {name: array[d] for name, array in arrays.items()}, watch)
    return label(network, shock, record, arrays, watch)


def _run(draw: Draw, book: dict[str, Floats], watch: Watch) -> None:
    """Run the phases of rule M4 period by period and write them into the book (periods, members)."""
    state = draw.start()
    kept: dict[str, list[int]] = {
        "consumer": watch.consumers.tolist(),
        "supplier": watch.suppliers.tolist(),
        "lane": list(range(len(draw.lanes))),
        "price": list(range(draw.price_rows)),
    }
    periods = draw.shock.periods
    for e, (_, _, base, lag) in enumerate(draw.lanes):
        if "lane_arrived" in book:
            book["lane_arrived"][: min(lag, periods), e] = base
    for i in range(periods):
        arrived, released = draw.arrive(state, i)
        stock, mark = list(state.stock), list(state.mark)
        draw.place_orders(state, i)
        draw.source(state, i)
        draw.plan(state, i)
        used = draw.produce(state, i)
        draw.ship(state, i)
        final = [draw.final(n, i) for n in range(len(used))]
        afforded = [draw.afforded(state, n, i) for n in range(len(used))]
        want = draw.base_want(state, i)
        draw.learn(state, i)
        row: dict[str, list[float]] = {
            "consumer_need": want,
            "consumer_used": used,
            "consumer_final_wanted": final,
            "consumer_shortfall": [f - a * x for f, a, x in zip(final, afforded, state.fill, strict=True)],
            "consumer_priced_out": [f - a for f, a in zip(final, afforded, strict=True)],
            "consumer_given_up": [w - need for w, need in zip(want, state.need, strict=True)],
            "price_level": [math.exp(value) for value in state.price.now],
            "supplier_output": state.output,
            "supplier_asked": draw.asked(state),
            "consumer_stock": stock,
            "consumer_reserve": state.reserve,
            "consumer_released": released,
            "consumer_arrived": arrived,
            "consumer_fill": state.fill,
            "consumer_ordered": state.order,
            "supplier_wanted": state.wanted,
            "supplier_mark": mark,
            "lane_ordered": state.ordered,
            "lane_shipped": state.shipped,
        }
        for name, values in row.items():
            if name in book:
                book[name][i] = [values[member] for member in kept[variables("full")[name][0]]]
        if "lane_arrived" in book:
            for e, amount in enumerate(state.shipped):
                if i + draw.lag(e, i) < periods:
                    book["lane_arrived"][i + draw.lag(e, i), e] += amount
            _record_contracts(draw, state, book, i)
        draw.reprice(state, i)


def _record_contracts(draw: Draw, state: State, book: dict[str, Floats], i: int) -> None:
    """Add what is ordered and shipped under contracts to what is written of their lanes (rule R2)."""
    for c, e in enumerate(draw.contract_lanes):
        shipped = draw.contract_shipped(state, c)
        book["lane_contracted"][i, e] = state.contracted[c]
        book["lane_ordered"][i, e] += state.contracted[c]
        book["lane_shipped"][i, e] += shipped
        if i + draw.lag(e, i) < draw.shock.periods:
            book["lane_arrived"][i + draw.lag(e, i), e] += shipped
