"""One draw of a shock on a network as plain numbers, for `reference.py`."""

from __future__ import annotations

from kaname.network.network import Network
from kaname.scenario.shock import Shock


class DrawReading:
    """What the network and one draw of a shock say, read number by number."""

    def __init__(self, network: Network, shock: Shock, draw: int) -> None:
        """Take plain lists out of the arrays."""
        self.network, self.shock, self.draw, self.added = network, shock, draw, shock.added
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
        self.contract_lanes: list[int] = self.added.contract_lane.tolist()

    def permission(self, e: int, i: int) -> float:
        """Return p of a lane (rule M7)."""
        return float(self.shock.permission[self.draw, self.shock.lane_permission_row[e], i])

    def pool(self, e: int, i: int) -> tuple[int, float]:
        """Return the pool of a lane and the pool's p (rule M7)."""
        q = int(self.shock.lane_pool_row[e])
        return q, (1.0 if q == 0 else float(self.shock.pool_permission[self.draw, q, i]))

    def full_capacity(self, k: int) -> float:
        """Return the capacity of a supplier in the base state (rule N3)."""
        return float(self.network.supplier_base[k]) * (1.0 + float(self.network.supplier_headroom[k]))

    def capacity_factor(self, k: int, i: int) -> float:
        """Return the factor on a supplier's capacity (rule S)."""
        return float(self.shock.capacity_factor[self.draw, self.shock.supplier_capacity_row[k], i])

    def added_capacity(self, k: int, i: int) -> float:
        """Return what is added to a supplier's capacity (rule R1)."""
        return float(self.added.capacity_t[self.draw, self.added.supplier_row[k], i])

    def contract(self, c: int, i: int) -> float:
        """Return the contracted amount (rule R2)."""
        return float(self.added.contract_t[self.draw, c, i])

    def input_per_output(self, r: int, i: int) -> float:
        """Return what a recipe line takes per unit of output (rules N4, R3)."""
        factor = float(self.added.input_factor[self.draw, self.added.recipe_row[r], i])
        return float(self.recipes[r][2]) * factor

    def release_share(self, n: int, i: int) -> float:
        """Return the share of the target stock below which the reserve releases (rule R4)."""
        return float(self.added.release_share[self.draw, self.added.release_row[n], i])

    def order_rise(self, n: int, i: int) -> float:
        """Return the units by which the ceiling of a consumer's orders rises (rule R2)."""
        row, paths = self.added.order_rise
        return float(paths[self.draw, row[n], i])

    def final(self, n: int, i: int) -> float:
        """Return the final use wanted at the base price (rules M5, S)."""
        factor = float(self.shock.demand_factor[self.draw, self.shock.consumer_demand_row[n], i])
        return float(self.network.consumer_final[n]) * factor

    def target_factor(self, n: int, i: int) -> float:
        """Return the front-loading factor (rule M7)."""
        return float(self.shock.target_factor[self.draw, self.shock.consumer_target_row[n], i])

    def lag(self, e: int, i: int) -> int:
        """Return the lag of what is shipped in period i (rules N6, S)."""
        return int(self.lanes[e][3]) + int(self.shock.extra_lag[self.draw, self.shock.lane_delay_row[e], i])

    def parameter(self, name: str) -> float:
        """Return a behaviour parameter of this draw."""
        return float(getattr(self.shock, name)[self.draw])
