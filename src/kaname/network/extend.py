"""A network with suppliers and lanes added to it that carry nothing in the base state (rules R1, R2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.network.build import NetworkBuild
from kaname.network.draft import NetworkRanges
from kaname.network.network import BASES, SUPPLIER_KINDS, Network
from kaname.network.routes import UNKNOWN, LaneRoutes

OPENED, TO_SEGMENT = 3, 2  # Network.lane_kind of a lane that a measure opens, and within a country
UNKNOWN_DAYS = 60.0  # between countries that no lane joins: assumed, as over an unknown way by sea
_ASSUMED = BASES.index("assumed")
_KINDS = {name: i for i, name in enumerate(SUPPLIER_KINDS)}


@dataclass(frozen=True)
class NewLine:
    """A recipe line of a new supplier: the consumer whose stock it draws on, and how."""

    consumer: int
    input_per_output: float
    dependence: tuple[float, float, float]  # low, central, high
    same_element: bool


@dataclass(frozen=True)
class NewSupplier:
    """A supplier without output in the base state."""

    market: int
    product: int
    kind: str
    lines: tuple[NewLine, ...] = ()


@dataclass(frozen=True)
class Extension:
    """A network build with additions: new suppliers are the last ones, in the order given.

    `lane_at` gives the lane that joins a supplier and a consumer, of those asked for.
    """

    build: NetworkBuild
    lane_at: dict[tuple[int, int], int]
    first_supplier: int


def extend(
    build: NetworkBuild, suppliers: Sequence[NewSupplier], joins: Sequence[tuple[int, int]]
) -> Extension:
    """Return the build with suppliers of base output 0 and lanes of base flow 0 for the pairs in `joins`.

    `joins` are (supplier, consumer), where new suppliers count on from the last old one; a pair that a lane
    joins already keeps that lane. New lanes take the way of an old lane between the same countries, of the
    same stage where there is one. Base state, order of consumers and order of old suppliers stay the same.
    """
    network = build.network
    known = {
        pair: e
        for e, pair in enumerate(
            zip(network.lane_supplier.tolist(), network.lane_consumer.tolist(), strict=True)
        )
    }
    fresh = [pair for pair in dict.fromkeys(joins) if pair not in known]
    grown = _with_suppliers(network, suppliers)
    if fresh:
        grown, routes, place = _with_lanes(grown, build.lane_routes, fresh)
    else:
        routes, place = build.lane_routes, np.arange(network.n_lanes)
    ranges = _grown_ranges(build.ranges, suppliers)
    lane_at = {pair: int(place[known[pair]]) for pair in joins if pair in known}
    lane_at |= {pair: int(place[network.n_lanes + i]) for i, pair in enumerate(fresh)}
    return Extension(
        replace(build, network=grown, ranges=ranges, lane_routes=routes), lane_at, network.n_suppliers
    )


def _with_suppliers(network: Network, suppliers: Sequence[NewSupplier]) -> Network:
    """Return the network with the suppliers and their recipe lines at the end."""
    if not suppliers:
        return network
    lines = [(network.n_suppliers + j, line) for j, new in enumerate(suppliers) for line in new.lines]
    added: dict[str, list[Any]] = {
        "supplier_market": [new.market for new in suppliers],
        "supplier_product": [new.product for new in suppliers],
        "supplier_kind": [_KINDS[new.kind] for new in suppliers],
        "supplier_base": [0.0] * len(suppliers),
        "supplier_headroom": [0.0] * len(suppliers),
        "supplier_basis": [_ASSUMED] * len(suppliers),
        "recipe_supplier": [k for k, _ in lines],
        "recipe_consumer": [line.consumer for _, line in lines],
        "recipe_input_per_output": [line.input_per_output for _, line in lines],
        "recipe_dependence": [line.dependence[1] for _, line in lines],
        "recipe_same_element": [line.same_element for _, line in lines],
        "recipe_basis": [_ASSUMED] * len(lines),
    }
    joined: dict[str, Any] = {name: _joined(getattr(network, name), new) for name, new in added.items()}
    return replace(network, **joined)


def _joined(old: NDArray[Any], new: Sequence[Any]) -> NDArray[Any]:
    """Return an array with values put at its end, of the same type."""
    return np.concatenate([old, np.array(new, dtype=old.dtype)])


def _with_lanes(
    network: Network, routes: LaneRoutes, fresh: Sequence[tuple[int, int]]
) -> tuple[Network, LaneRoutes, NDArray[np.intp]]:
    """Return network and routes with the new lanes in their places, and where each lane now stands.

    Old lanes come first in what is numbered: `place[e]` for old ones, `place[E + i]` for new ones.
    """
    donors = [_donor(network, k, n) for k, n in fresh]
    days = [UNKNOWN_DAYS if e is None else float(routes.days[e]) for e in donors]
    lags = [max(1, round(d / network.period_days)) for d in days]
    lags = [lag if e is None else int(network.lane_lag[e]) for lag, e in zip(lags, donors, strict=True)]
    added: dict[str, list[Any]] = {
        "lane_supplier": [k for k, _ in fresh],
        "lane_consumer": [n for _, n in fresh],
        "lane_flow": [0.0] * len(fresh),
        "lane_lag": lags,
        "lane_basis": [_ASSUMED] * len(fresh),
        "lane_export_share": [0.0] * len(fresh),
        "lane_kind": [_lane_kind(network, k, n) for k, n in fresh],
    }
    joined: dict[str, Any] = {name: _joined(getattr(network, name), new) for name, new in added.items()}
    order = np.argsort(joined["lane_consumer"], kind="stable")  # old lanes keep their order within a consumer
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    ways: dict[str, list[Any]] = {
        "mode": [UNKNOWN if e is None else routes.mode[e] for e in donors],
        "days": days,
        "km_per_day": [1.0 if e is None else routes.km_per_day[e] for e in donors],
        "pair": [-1 if e is None else routes.pair[e] for e in donors],
    }
    ordered: dict[str, Any] = {name: value[order] for name, value in joined.items()}
    gone: dict[str, Any] = {name: _joined(getattr(routes, name), new)[order] for name, new in ways.items()}
    return replace(network, **ordered), replace(routes, **gone), place


def _lane_kind(network: Network, k: int, n: int) -> int:
    """Return the kind of a new lane: one from a country to its own segment is held like the old ones."""
    start = network.markets[network.supplier_market[k]]
    end = network.markets[network.consumer_market[n]]
    within = start.country == end.country and start.id != end.id and bool(end.segment)
    return TO_SEGMENT if within else OPENED


def _donor(network: Network, k: int, n: int) -> int | None:
    """Return an old lane between the countries of a supplier and a consumer, of the same stage if any."""
    country = [market.country for market in network.markets]
    start, end = country[network.supplier_market[k]], country[network.consumer_market[n]]
    from_here = np.array([c == start for c in country])[network.supplier_market[network.lane_supplier]]
    to_there = np.array([c == end for c in country])[network.consumer_market[network.lane_consumer]]
    lanes = np.flatnonzero(from_here & to_there)
    if not len(lanes):
        return None
    stage = network.products[network.supplier_product[k]].stage
    goods = network.supplier_product[network.lane_supplier[lanes]].tolist()
    same = [e for e, p in zip(lanes.tolist(), goods, strict=True) if network.products[p].stage == stage]
    return int((same or lanes.tolist())[0])


def _grown_ranges(ranges: NetworkRanges, suppliers: Sequence[NewSupplier]) -> NetworkRanges:
    """Return the ranges with those of new suppliers (no headroom) and of their recipe lines."""
    lines = [line.dependence for new in suppliers for line in new.lines]
    added = {
        "headroom_low": [0.0] * len(suppliers),
        "headroom_high": [0.0] * len(suppliers),
        "dependence_low": [low for low, _, _ in lines],
        "dependence_high": [high for _, _, high in lines],
    }
    return replace(
        ranges,
        **{
            item.name: _joined(getattr(ranges, item.name), added[item.name])
            for item in fields(ranges)
            if item.name in added
        },
    )
