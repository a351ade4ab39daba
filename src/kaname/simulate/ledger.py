"""The ledger behind `why`: every lane's deficit split into parts that add up (rules M12, R1, R2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.scenario.shock import Ints, Shock
from kaname.simulate.outcome import Floats, Outcome, variables

Index = NDArray[np.intp]
CAPACITY = -1  # stands for "its own capacity" where a recipe line could bind


@dataclass(frozen=True)
class LaneParts:
    """The deficits of some lanes over a window; each array is (lanes,), their sum is base - arrived.

    `supplier` holds what suppliers could not make: (position in `lanes`, recipe line or CAPACITY, amount).
    What a buyer no longer orders because the supplier fails to deliver belongs to the causes of that
    failure; `avoided` is the rest, where the supplier never failed on the lane itself. What is ordered under
    a contract counts as re-placed: below 0 on its lane, above 0 on a lane whose orders it displaced. What the
    supplier then fails to make of it is among `supplier`.
    """

    lanes: Index
    deficit: Floats
    ordered_less: Floats
    price: Floats  # ordered less because use was given up at the price (rule M11)
    permission: Floats
    avoided: Floats
    pool: Floats
    route: Floats
    extra: (
        Floats  # re-placed orders, shipments above base or on latent lanes: <= 0 without contracts (rule R2)
    )
    supplier: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True)
class Ledger:
    """One draw of a full outcome, read as an account."""

    network: Network
    shock: Shock
    outcome: Outcome
    draw: int

    @cached_property
    def _arrays(self) -> dict[str, Floats]:
        """Return every variable of the draw as a bare array, read once."""
        return {name: self.outcome.values(name)[self.draw] for name in variables(self.outcome.record)}

    def series(self, name: str) -> Floats:
        """Return one variable of the draw (periods, members)."""
        return self._arrays[name]

    @property
    def contracts(self) -> Ints:
        """Return the lanes that have a contract (rule R2)."""
        return self.shock.added.contract_lane

    @cached_property
    def busy(self) -> Index:
        """Return the lanes that have a base flow or ever carried an order; all others have no parts."""
        ordered = self.series("lane_ordered").any(axis=0)
        return np.flatnonzero((self.network.lane_flow > 0.0) | ordered)

    @cached_property
    def asked_base(self) -> Floats:
        """Return the sum of min(order, base) by supplier, contracts apart (periods, suppliers) (rule M9)."""
        net = self.network
        return self._by_supplier(
            net.lane_supplier, np.minimum(self._other_orders(slice(None)), net.lane_flow)
        )

    @cached_property
    def asked_contract(self) -> Floats:
        """Return what is ordered under contracts by supplier (periods, suppliers) (rule R2)."""
        lanes = self.contracts
        return self._by_supplier(self.network.lane_supplier[lanes], self.series("lane_contracted")[:, lanes])

    @cached_property
    def capacity(self) -> Floats:
        """Return the capacity of suppliers at the base price (periods, suppliers) (rules N3, S, R1)."""
        net, shock = self.network, self.shock
        factor = shock.capacity_factor[self.draw, shock.supplier_capacity_row].T
        added = shock.added.capacity_t[self.draw, shock.added.supplier_row].T
        capacity: Floats = net.supplier_base * (1.0 + net.supplier_headroom) * factor + added
        return capacity

    @cached_property
    def first_share(self) -> Floats:
        """Return the served share of base orders, after contracts (periods, suppliers) (rules M9, R2)."""
        return _share(self._after_contracts(self.series("supplier_output")), self.asked_base)

    @cached_property
    def contract_share(self) -> Floats:
        """Return the served share of contracts (periods, suppliers) (rules M9, R2)."""
        return _share(self.series("supplier_output"), self.asked_contract)

    @cached_property
    def contract_counted(self) -> Floats:
        """Return the share of contracts that is counted on: what came last (periods, suppliers) (R2)."""
        asked, came = self.asked_contract > 0.0, self.contract_share
        counted = np.ones_like(came)
        for i in range(1, len(came)):
            counted[i] = np.where(asked[i - 1], came[i - 1], counted[i - 1])
        return counted

    @cached_property
    def capacity_share(self) -> Floats:
        """Return which part of the gap on base orders is the supplier's capacity (periods, suppliers)."""
        left = self._after_contracts(self.series("supplier_output"))
        return _part_of_gap(self.asked_base, self._after_contracts(self.capacity), left)

    @cached_property
    def contract_capacity_share(self) -> Floats:
        """Return which part of the gap on contracts is the supplier's capacity (periods, suppliers)."""
        return _part_of_gap(self.asked_contract, self.capacity, self.series("supplier_output"))

    def _after_contracts(self, amount: Floats) -> Floats:
        """Return what is left of an output or capacity (periods, suppliers) once contracts are served."""
        return np.maximum(0.0, amount - self.asked_contract)

    def _by_supplier(self, own: Ints, amounts: Floats) -> Floats:
        """Return the sums over lanes (periods, lanes) by their `own` supplier (periods, suppliers)."""
        suppliers = self.network.n_suppliers
        rows = [np.bincount(own, row, suppliers) for row in amounts]
        return np.array(rows, dtype=np.float64).reshape(len(amounts), suppliers)

    def _other_orders(self, lanes: Index | slice) -> Floats:
        """Return what is ordered outside contracts (periods, lanes)."""
        ordered = self.series("lane_ordered")[:, lanes]
        if not len(self.contracts):
            return ordered
        other: Floats = ordered - self.series("lane_contracted")[:, lanes]
        return other

    def _broken(self, lanes: Index, inside: NDArray[np.bool_]) -> Floats:
        """Return what suppliers fail to make of what is counted on under contracts, in a window.

        Shape (periods, lanes); one row of zeros where there are no contracts.
        """
        if not len(self.contracts):
            return np.zeros((1, len(lanes)))
        contracted, own = self.series("lane_contracted")[:, lanes], self.network.lane_supplier[lanes]
        counted, came = contracted * self.contract_counted[:, own], contracted * self.contract_share[:, own]
        return np.where(inside, np.maximum(0.0, counted - came), 0.0)

    @cached_property
    def binding(self) -> NDArray[np.int64]:
        """Return the recipe line that bound each supplier (periods, suppliers); CAPACITY without recipe."""
        net = self.network
        periods = self.shock.periods
        line = np.full((periods, net.n_suppliers), CAPACITY, dtype=np.int64)
        limit = np.full((periods, net.n_suppliers), np.inf)
        fill = self.series("consumer_fill")
        for r in range(net.n_recipes):
            k = net.recipe_supplier[r]
            d = self.shock.dependence[self.draw, r]
            value = 1.0 - d + d * fill[:, net.recipe_consumer[r]]
            lower = value < limit[:, k]
            limit[lower, k] = value[lower]
            line[lower, k] = r
        return line

    @cached_property
    def pool_factor(self) -> Floats:
        """Return the factor that pooled quotas put on orders (periods, pools) (rule M7)."""
        net, shock = self.network, self.shock
        permitted = shock.pool_permission[self.draw].T
        lanes = np.flatnonzero(shock.lane_pool_row > 0)
        rows = shock.lane_pool_row[lanes]
        asked = np.zeros_like(permitted)
        np.add.at(asked.T, rows, self._marked(lanes).T)
        base = np.bincount(rows, net.lane_flow[lanes], permitted.shape[1])
        cut = (permitted < 1.0) & (asked > permitted * base)
        cut[:, 0] = False
        return np.where(cut, permitted * base / np.where(cut, asked, 1.0), 1.0)

    def _wanted(self, lanes: Index) -> Floats:
        """Return what the consumer would order on each lane if all were open (periods, lanes) (rule M6)."""
        net = self.network
        inflow = net.consumer_inflow[net.lane_consumer[lanes]]
        share = net.lane_flow[lanes] / np.where(inflow > 0.0, inflow, 1.0)
        return self.series("consumer_ordered")[:, net.lane_consumer[lanes]] * share

    def _permission(self, lanes: Index) -> Floats:
        """Return p (periods, lanes) (rule M7)."""
        permission: Floats = self.shock.permission[self.draw, self.shock.lane_permission_row[lanes]].T
        return permission

    def _marked(self, lanes: Index) -> Floats:
        """Return the orders after permission and mark, before pools (periods, lanes) (rules M6, M7)."""
        p, order = self._permission(lanes), self._wanted(lanes) * self._permission(lanes)
        if self.shock.rho[self.draw] > 0.0:
            order = order * np.minimum(
                1.0, self.series("supplier_mark")[:, self.network.lane_supplier[lanes]]
            )
        return np.where(p < 1.0, np.minimum(order, p * self.network.lane_flow[lanes]), order)

    def parts(self, lanes: Index, first: int, last: int) -> LaneParts:
        """Split (base - arrived) of these lanes over periods first..last (rules M12, R2).

        What arrives in period i was shipped in i - lag; only extra lags move that: the route's part.
        """
        net, shock = self.network, self.shock
        base, lag = net.lane_flow[lanes], net.lane_lag[lanes]
        period = np.arange(shock.periods)[:, None]
        inside = (period >= first - lag) & (period <= last - lag)
        deficit = ((last - first + 1) * base) - self.series("lane_arrived")[first : last + 1, lanes].sum(
            axis=0
        )
        wanted, p, marked = self._wanted(lanes), self._permission(lanes), self._marked(lanes)
        permitted = np.where(p < 1.0, np.minimum(wanted * p, p * base), wanted * p)
        pooled = marked * self.pool_factor[:, shock.lane_pool_row[lanes]]
        steps = (wanted, permitted, marked, pooled, self._other_orders(lanes))
        chain = [np.minimum(base, step) for step in steps]
        served = chain[4] * self.first_share[:, net.lane_supplier[lanes]]
        missing = np.where(inside, chain[4] - served, 0.0)
        broken = self._broken(lanes, inside)

        def total(values: Floats) -> Floats:
            amount: Floats = np.where(inside, values, 0.0).sum(axis=0)
            return amount

        ordered_less, permission = total(base - chain[0]), total(chain[0] - chain[1])
        avoided, pool = total(chain[1] - chain[2]), total(chain[2] - chain[3])
        extra = total(chain[3] - chain[4]) - total(self.series("lane_shipped")[:, lanes] - served)
        extra = extra - broken.sum(axis=0)  # all that is ordered under contracts
        unmade = missing.sum(axis=0) + broken.sum(axis=0)
        rest = deficit - (ordered_less + permission + avoided + pool + extra + unmade)
        delayed = shock.lane_delay_row[lanes] > 0
        short = missing.sum(axis=0)
        failed = short > 1e-6 * base * (
            last - first + 1
        )  # the mark fell because this supplier did not deliver
        grown = np.where(failed, 1.0 + avoided / np.where(failed, short, 1.0), 1.0)
        avoided = np.where(failed, 0.0, avoided)
        ordered_less = ordered_less + np.where(delayed, 0.0, rest)  # without a delay the rest is rounding
        price = ordered_less * self._price_share(lanes, ordered_less, first, last)
        return LaneParts(
            lanes=lanes,
            deficit=deficit,
            ordered_less=ordered_less - price,
            price=price,
            permission=permission,
            avoided=avoided,
            pool=pool,
            route=np.where(delayed, rest, 0.0),
            extra=extra,
            supplier=self._supplier_parts(lanes, missing * grown, broken),
        )

    def _price_share(self, lanes: Index, ordered_less: Floats, first: int, last: int) -> Floats:
        """Return which part of what is ordered less answers the price (lanes,): use given up, at most all."""
        net = self.network
        if self.shock.prices is None:
            return np.zeros(len(lanes))
        given_up = self.series("consumer_given_up")[first : last + 1].sum(axis=0)
        less = np.bincount(net.lane_consumer[lanes], np.maximum(ordered_less, 0.0), net.n_consumers)
        share = np.where(less > given_up, given_up / np.where(less > 0.0, less, 1.0), 1.0)
        share = np.where(given_up > 0.0, share, 0.0)
        return np.where(ordered_less > 0.0, share[net.lane_consumer[lanes]], 0.0)

    def _supplier_parts(
        self, lanes: Index, missing: Floats, broken: Floats
    ) -> tuple[tuple[int, int, float], ...]:
        """Split what suppliers could not make (periods, lanes) by capacity and by the input that bound.

        `missing` is of base orders, `broken` of contracts.
        """
        own = self.network.lane_supplier[lanes]
        by_capacity = missing * self.capacity_share[:, own]
        by_input = missing - by_capacity
        if len(self.contracts):
            lacking = broken * self.contract_capacity_share[:, own]
            by_capacity, by_input = by_capacity + lacking, by_input + (broken - lacking)
        width = self.network.n_recipes + 1  # a column for CAPACITY, then one per recipe line
        keys, amounts = [], []
        for values, lines in ((by_capacity, None), (by_input, self.binding)):
            period, at = np.nonzero(values)
            column = CAPACITY if lines is None else lines[period, own[at]]
            keys.append(at * width + (column - CAPACITY))
            amounts.append(values[period, at])
        found, inverse = np.unique(np.concatenate(keys), return_inverse=True)
        sums = np.bincount(inverse, np.concatenate(amounts), len(found)).tolist()
        rows, columns = (found // width).tolist(), (found % width + CAPACITY).tolist()
        return tuple(zip(rows, columns, sums, strict=True))


def _share(output: Floats, asked: Floats) -> Floats:
    """Return the share of what is asked that an output serves; 1 where nothing is asked."""
    return np.where(asked > 0.0, np.minimum(1.0, output / np.where(asked > 0.0, asked, 1.0)), 1.0)


def _part_of_gap(asked: Floats, capacity: Floats, output: Floats) -> Floats:
    """Return which part of what an output leaves unserved a capacity would leave unserved too."""
    gap = asked - np.minimum(asked, output)
    by_capacity = np.minimum(asked - np.minimum(asked, capacity), gap)
    return np.where(gap > 0.0, by_capacity / np.where(gap > 0.0, gap, 1.0), 0.0)
