"""Stocks, reserves and dependence per draw, from the network's values and their ranges (rules N4, N5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.network.draft import NetworkRanges
from kaname.network.elasticities import elasticities
from kaname.network.network import Network
from kaname.scenario.assumptions import StockDays
from kaname.scenario.draws import DrawTable
from kaname.scenario.groups import positions
from kaname.scenario.ranges import Range
from kaname.scenario.resolve import Resolver
from kaname.scenario.scenario import Scenario
from kaname.terms.errors import Problem

Floats = NDArray[np.float64]

_SMALLEST_DEPENDENCE = 1e-9  # d lies in (0, 1]


def default_ranges(network: Network) -> NetworkRanges:
    """Return ranges for a network that has none: all assumed, relative to its central values.

    Cover and headroom x .5 to x 1.5, reserves x 0 to x 2, dependence x .7 to x 1.3 (at most 1; exactly 1
    within one element), the same elasticities for all products.
    """
    d, assumed = network.recipe_dependence, elasticities(network.products)
    return NetworkRanges(
        dependence_low=np.where(network.recipe_same_element, 1.0, 0.7 * d),
        dependence_high=np.where(network.recipe_same_element, 1.0, np.minimum(1.3 * d, 1.0)),
        cover_low=0.5 * network.consumer_cover_days,
        cover_high=1.5 * network.consumer_cover_days,
        reserve_low=0.0 * network.consumer_reserve_days,
        reserve_high=2.0 * network.consumer_reserve_days,
        headroom_low=0.5 * network.supplier_headroom,
        headroom_high=1.5 * network.supplier_headroom,
        short_elasticity=assumed.short,
        long_elasticity=assumed.long,
        supply_elasticity=assumed.supply,
    )


@dataclass
class _Spread:
    """Low, central and high value of every entry of one table."""

    low: Floats
    central: Floats
    high: Floats

    def replace(self, mask: NDArray[np.bool_], value: Range) -> None:
        """Put a range in the place of the masked entries."""
        self.low[mask], self.central[mask], self.high[mask] = value.low, value.central, value.high

    def at(self, knobs: Floats, group: NDArray[np.intp]) -> Floats:
        """Return (D, entries) the values at the positions (D, groups) of the knobs in [-1, 1]."""
        knob = knobs if knobs.shape[1] == 1 else knobs[:, group]
        down, up = np.minimum(knob, 0.0), np.maximum(knob, 0.0)
        return self.central + down * (self.central - self.low) + up * (self.high - self.central)


def stock_days(
    network: Network, ranges: NetworkRanges, scenario: Scenario, table: DrawTable, resolver: Resolver
) -> tuple[Floats, Floats]:
    """Return cover days and reserve days, each (D, N), never below 0; faults are left with the resolver."""
    cover = _Spread(ranges.cover_low.copy(), network.consumer_cover_days.copy(), ranges.cover_high.copy())
    reserve = _Spread(
        ranges.reserve_low.copy(), network.consumer_reserve_days.copy(), ranges.reserve_high.copy()
    )
    _replace_days(network, cover, scenario.assumptions.cover_days, "cover_days", resolver)
    _replace_days(network, reserve, scenario.assumptions.reserve_days, "reserve_days", resolver)
    apart = scenario.assumptions.apart
    return (
        np.maximum(cover.at(*positions(network, apart, table, "cover")), 0.0),
        np.maximum(reserve.at(*positions(network, apart, table, "reserve")), 0.0),
    )


def _replace_days(
    network: Network, spread: _Spread, entries: Sequence[StockDays], name: str, resolver: Resolver
) -> None:
    """Put a scenario's own days in the place of the table's."""
    for i, entry in enumerate(entries):
        where = f"assumptions.{name}[{i}]"
        known = len(resolver.problems)
        markets = resolver.markets(entry.markets, f"{where}.markets")
        products = resolver.products(entry.products, f"{where}.products")
        mask = markets[network.consumer_market] & products[network.consumer_product]
        if not mask.any() and len(resolver.problems) == known:
            text = f"{', '.join(entry.products)} in {', '.join(entry.markets)}"
            resolver.idle.append(Problem(f"{name} touches no consumer", where, text, "at least one consumer"))
        spread.replace(mask, entry.days)


def dependence(
    network: Network, ranges: NetworkRanges, scenario: Scenario, table: DrawTable, resolver: Resolver
) -> Floats:
    """Return (D, R) the dependence of every recipe line: in (0, 1], exactly 1 within one element (N4)."""
    spread = _Spread(
        ranges.dependence_low.copy(), network.recipe_dependence.copy(), ranges.dependence_high.copy()
    )
    made = network.supplier_product[network.recipe_supplier]
    used = network.consumer_product[network.recipe_consumer]
    for i, entry in enumerate(scenario.assumptions.dependence_shares):
        where = f"assumptions.dependence_shares[{i}]"
        known = len(resolver.problems)
        inputs = resolver.products(entry.inputs, f"{where}.inputs")
        users = resolver.products(entry.users, f"{where}.users")
        mask = inputs[used] & users[made] & ~network.recipe_same_element
        if not mask.any() and len(resolver.problems) == known:
            text = f"{', '.join(entry.inputs)} in {', '.join(entry.users)}"
            expected = "at least one recipe line between different elements or into an industry"
            resolver.idle.append(Problem("dependence_shares touches no recipe line", where, text, expected))
        spread.replace(mask, entry.share)
    values = np.clip(
        spread.at(*positions(network, scenario.assumptions.apart, table, "dependence")),
        _SMALLEST_DEPENDENCE,
        1.0,
    )
    values[:, network.recipe_same_element] = 1.0
    return values
