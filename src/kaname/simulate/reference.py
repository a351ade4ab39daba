"""The rules of docs/model.md, section M, one phase at a time in plain Python: the oracle of the engine.

Every sum runs in the same order as in `phases.py` (lanes and recipe lines by index): both give the same bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from kaname.network.network import Network
from kaname.scenario.shock import Shock
from kaname.simulate.check import check
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
    shipped: list[float]  # per lane
    price: PriceState
    limit: list[float] = field(default_factory=list)  # share of the wanted output that inputs allow


class Draw:
    """One draw of a shock on a network: plain numbers, and the phases of rule M4."""

    def __init__(self, network: Network, shock: Shock, draw: int) -> None:
        """Take plain lists out of the arrays."""
        self.network, self.shock, self.draw = network, shock, draw
        self.weeks = shock.period_days / 7.0
        self.lanes = list(
            zip(
                network.lane_supplier.tolist(),
                network.lane_consumer.tolist(),
                network.lane_flow.tolist(),
                network.lane_lag.tolist(),
                strict=True,
            )
        )
        self.recipes = list(
            zip(
                network.recipe_supplier.tolist(),
                network.recipe_consumer.tolist(),
                network.recipe_input_per_output.tolist(),
                shock.dependence[draw].tolist(),
                strict=True,
            )
        )
        self.inflow: list[float] = network.consumer_inflow.tolist()
        self.cover = [days / shock.period_days for days in shock.cover_days[draw].tolist()]
        self.pool_base = [0.0] * shock.pool_permission.shape[1]
        for e, (_, _, base, _) in enumerate(self.lanes):
            self.pool_base[int(shock.lane_pool_row[e])] += base
        prices = shock.prices
        self.price_rows = 1 if prices is None else len(prices.product)
        self.buyer_row = [0] * len(self.inflow) if prices is None else prices.consumer_row.tolist()
        self.seller_row = [0] * network.n_suppliers if prices is None else prices.supplier_row.tolist()
        # what holds the element itself has fixed yields: its use does not answer the price
        same = network.recipe_same_element.tolist()
        self.recipe_row = [
            0 if fixed else self.buyer_row[n] for (_, n, _, _), fixed in zip(self.recipes, same, strict=True)
        ]
        self.lanes_of: list[list[int]] = [[] for _ in self.inflow]
        for e, (_, n, _, _) in enumerate(self.lanes):
            self.lanes_of[n].append(e)

    # what the shock says of period i

    def permission(self, e: int, i: int) -> float:
        """Return p of a lane (rule M7)."""
        return float(self.shock.permission[self.draw, self.shock.lane_permission_row[e], i])

    def pool(self, e: int, i: int) -> tuple[int, float]:
        """Return the pool of a lane and the pool's p (rule M7)."""
        q = int(self.shock.lane_pool_row[e])
        return q, (1.0 if q == 0 else float(self.shock.pool_permission[self.draw, q, i]))

    def capacity(self, state: State, k: int, i: int) -> float:
        """Return the capacity of a supplier at its price (rules N3, M11, S)."""
        factor = float(self.shock.capacity_factor[self.draw, self.shock.supplier_capacity_row[k], i])
        full = float(self.network.supplier_base[k]) * (1.0 + float(self.network.supplier_headroom[k]))
        return full * factor * state.price.supply[self.seller_row[k]]

    def final(self, n: int, i: int) -> float:
        """Return the final use wanted at the base price (rules M5, S)."""
        factor = float(self.shock.demand_factor[self.draw, self.shock.consumer_demand_row[n], i])
        return float(self.network.consumer_final[n]) * factor

    def afforded(self, state: State, n: int, i: int) -> float:
        """Return the final use wanted at the price of the period (rule M11)."""
        return self.final(n, i) * state.price.use[self.buyer_row[n]]

    def target_factor(self, n: int, i: int) -> float:
        """Return the front-loading factor (rule M7)."""
        return float(self.shock.target_factor[self.draw, self.shock.consumer_target_row[n], i])

    def lag(self, e: int, i: int) -> int:
        """Return the lag of what is shipped in period i (rules N6, S)."""
        return int(self.lanes[e][3]) + int(self.shock.extra_lag[self.draw, self.shock.lane_delay_row[e], i])

    def parameter(self, name: str) -> float:
        """Return a behaviour parameter of this draw."""
        return float(getattr(self.shock, name)[self.draw])

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
            shipped=[0.0] * lanes,
            price=PriceState.at_base(self.price_rows),
        )

    def arrive(self, state: State, i: int) -> tuple[list[float], list[float]]:
        """Put arrivals into stock and release reserves; return both amounts (section M, Arrive)."""
        slot = i % len(state.inbound)
        arrived = state.inbound[slot]
        state.inbound[slot] = [0.0] * len(arrived)
        released = [0.0] * len(arrived)
        for n, amount in enumerate(arrived):
            state.stock[n] += amount
            gap = 0.9 * state.normal[n] - state.stock[n]
            if gap > 0.0 and state.reserve[n] > 0.0:
                released[n] = min(state.reserve[n], gap)
                state.reserve[n] -= released[n]
                state.stock[n] += released[n]
            state.transit[n] = 0.0
            for ahead in range(1, len(state.inbound)):
                state.transit[n] += state.inbound[(i + ahead) % len(state.inbound)][n]
        return arrived, released

    def wanted_use(self, state: State, i: int) -> list[float]:
        """Return need_n at the wanted outputs and prices in the state (rules M5, M11)."""
        need = [0.0] * len(self.inflow)
        for (k, n, a, _), row in zip(self.recipes, self.recipe_row, strict=True):
            need[n] += a * state.wanted[k] * state.price.use[row]
        for n in range(len(need)):
            need[n] += self.afforded(state, n, i)
        return need

    def base_want(self, state: State, i: int) -> list[float]:
        """Return what need_n would be at the base price (rule M10)."""
        want = [0.0] * len(self.inflow)
        for k, n, a, _ in self.recipes:
            want[n] += a * state.wanted[k]
        return [amount + self.final(n, i) for n, amount in enumerate(want)]

    def place_orders(self, state: State, i: int) -> None:
        """Set o_n and the targets (rule M5)."""
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
            state.order[n] = min(self.parameter("kappa") * inflow, max(0.0, order))

    def source(self, state: State, i: int) -> None:
        """Place o_n on lanes: shares and permissions, pools, then what is blocked (rules M6, M7)."""
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
        for n in range(len(self.inflow)):
            self.replace_blocked(state, n, i)

    def replace_blocked(self, state: State, n: int, i: int) -> None:
        """Re-place a part of what consumer n could not order (rule M6, step 2)."""
        placed, open_weight, latent_weight = 0.0, 0.0, 0.0
        for e in self.lanes_of[n]:
            k, _, base, _ = self.lanes[e]
            placed += state.ordered[e]
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

    def plan(self, state: State, i: int) -> None:
        """Set wanted output, need and fill (rule M8)."""
        for k in range(self.network.n_suppliers):
            state.asked_base[k] = state.asked_excess[k] = 0.0
        for e, (k, _, base, _) in enumerate(self.lanes):
            first = min(state.ordered[e], base)
            state.asked_base[k] += first
            state.asked_excess[k] += state.ordered[e] - first
        for k in range(self.network.n_suppliers):
            state.wanted[k] = min(self.capacity(state, k, i), state.asked_base[k] + state.asked_excess[k])
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
        for (k, n, a, _), row in zip(self.recipes, self.recipe_row, strict=True):
            used[n] += min(a * state.output[k], a * state.wanted[k] * use[row] * state.fill[n])
        for n in range(len(used)):
            used[n] += self.afforded(state, n, i) * state.fill[n]
            state.stock[n] = max(0.0, state.stock[n] - used[n])
        return used

    def ship(self, state: State, i: int) -> None:
        """Allocate output, base orders first, and send it off (rules M9, M10)."""
        for e, (k, n, base, _) in enumerate(self.lanes):
            first_share, excess_share = self.shares(state, k)
            first = min(state.ordered[e], base)
            shipped = first_share * first + excess_share * (state.ordered[e] - first)
            state.shipped[e] = shipped
            state.inbound[(i + self.lag(e, i)) % len(state.inbound)][n] += shipped

    def shares(self, state: State, k: int) -> tuple[float, float]:
        """Return the served shares of base orders and of excess orders (rule M9)."""
        asked, excess, output = state.asked_base[k], state.asked_excess[k], state.output[k]
        first_share = min(1.0, output / asked) if asked > 0.0 else 1.0
        excess_share = min(1.0, max(0.0, output - asked) / excess) if excess > 0.0 else 1.0
        return first_share, excess_share

    def learn(self, state: State, i: int) -> None:
        """Move the marks (rule M6)."""
        speed = min(1.0, self.parameter("eta") * self.weeks)
        for k in range(self.network.n_suppliers):
            capacity = self.capacity(state, k, i)
            full = float(self.network.supplier_base[k]) * (1.0 + float(self.network.supplier_headroom[k]))
            first_share, excess_share = self.shares(state, k)
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
            "supplier_asked": [
                base + more for base, more in zip(state.asked_base, state.asked_excess, strict=True)
            ],
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
        draw.reprice(state, i)
