"""Prices of a scenario: who pays which, and what answers them (rule M11)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kaname.network.draft import NetworkRanges
from kaname.network.network import Network
from kaname.scenario.assumptions import Assumptions
from kaname.scenario.constraints import Held
from kaname.scenario.draws import DrawTable
from kaname.scenario.ranges import Range
from kaname.scenario.shock import Prices

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def prices(
    network: Network, assumptions: Assumptions, table: DrawTable, ranges: NetworkRanges, held: Sequence[Held]
) -> Prices | None:
    """Return the prices that a scenario turns on; None where it does not (rule M11).

    A product has a price outside, and one inside where a market restricts its exports: all markets of the
    restricting countries together. What has no elasticities, such as an index, points at row 0.
    """
    if not assumptions.price.on:
        return None
    inside = _inside(network, held)
    priced = np.flatnonzero(np.isfinite(ranges.short_elasticity[1]))
    split = priced[inside[priced].any(axis=1)]
    product = np.concatenate([[-1], priced, split]).astype(np.int32)
    rows = np.zeros((2, len(network.products)), dtype=np.int32)  # outside, inside
    rows[0, priced] = 1 + np.arange(len(priced))
    rows[1, split] = 1 + len(priced) + np.arange(len(split))

    def row_of(products: NDArray[np.int32], markets: NDArray[np.int32]) -> NDArray[np.int32]:
        return rows[inside[products, markets].astype(np.intp), products]

    price = assumptions.price
    demand, supply = table.value("price_demand"), table.value("price_supply")
    short = _at(_own(ranges.short_elasticity, price.short_elasticity)[:, product], demand)
    long = _at(_own(ranges.long_elasticity, price.long_elasticity)[:, product], demand)
    return Prices(
        product=product,
        inside=np.arange(len(product)) > len(priced),
        consumer_row=row_of(network.consumer_product, network.consumer_market),
        supplier_row=row_of(network.supplier_product, network.supplier_market),
        speed=table.value("price_speed"),
        hoarding=table.value("price_hoarding"),
        memory_weeks=table.value("price_memory_weeks"),
        short_elasticity=short,
        long_elasticity=np.maximum(short, long),
        supply_elasticity=_at(_own(ranges.supply_elasticity, price.supply_elasticity)[:, product], supply),
    )


def labels(network: Network, found: Prices | None) -> dict[tuple[str, int], str]:
    """Return the words for the rows of prices, as causes name them (rule M12)."""
    if found is None:
        return {}
    said = {}
    for row in range(1, len(found.product)):
        side = " inside the restriction" if found.inside[row] else ""
        product = network.products[found.product[row]].id
        said["price", row] = f"use given up because of the price of {product}{side}"
    return said


def _inside(network: Network, held: Sequence[Held]) -> Bools:
    """Return which markets restrict exports of which product (products, markets)."""
    found = np.zeros((len(network.products), len(network.markets)), dtype=np.bool_)
    country = np.array([market.country for market in network.markets])
    for item in held:
        lanes = np.flatnonzero(item.direct)
        products = np.unique(network.supplier_product[network.lane_supplier[lanes]])
        home = country[np.unique(network.supplier_market[network.lane_supplier[lanes]])]
        found[np.ix_(products, np.flatnonzero(np.isin(country, home)))] = True
    return found


def _own(values: Floats, given: Range | None) -> Floats:
    """Return (3, P) low, central, high: the scenario's own for all products that have a price, if given."""
    if given is None:
        return values
    numbers = np.array([given.low, given.central, given.high])[:, None]
    return np.where(np.isfinite(values), numbers, np.nan)


def _at(values: Floats, knob: Floats) -> Floats:
    """Return (D, W) the values at a knob's positions in [-1, 1]; 0 in row 0, which has no price."""
    low, central, high = values
    down, up = np.minimum(knob, 0.0)[:, None], np.maximum(knob, 0.0)[:, None]
    found: Floats = central + down * (central - low) + up * (high - central)
    found[:, 0] = 0.0
    return found
