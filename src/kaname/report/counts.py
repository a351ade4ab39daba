"""What a network holds, in counts: `kaname network stats`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.network.build import NetworkBuild
from kaname.network.network import BASES, SUPPLIER_KINDS


def network_counts(build: NetworkBuild) -> dict[str, Any]:
    """Return counts of a network by name, and as lists of sentences what the builder did to its sources.

    Counts are whole numbers; `lanes_by_basis`, `suppliers_by_kind` and `suppliers_by_basis` map names to
    them and add up to the number of lanes or suppliers. Unrecorded supply is in t a year.
    """
    network, report = build.network, build.report
    names = {product.id: product.name for product in network.products}
    return {
        "base_year": network.base_year,
        "markets": len(network.markets),
        "segments": sum(bool(market.segment) for market in network.markets),
        "products": len(network.products),
        "suppliers": network.n_suppliers,
        "suppliers_by_kind": _by(SUPPLIER_KINDS, network.supplier_kind),
        "suppliers_by_basis": _by(BASES, network.supplier_basis),
        "consumers": network.n_consumers,
        "lanes": network.n_lanes,
        "lanes_with_flow": int(np.count_nonzero(network.lane_flow > 0.0)),
        "lanes_latent": int(np.count_nonzero(network.lane_flow <= 0.0)),
        "lanes_by_basis": _by(BASES, network.lane_basis),
        "recipe_lines": network.n_recipes,
        "reported_flows": report.reported_flows,
        "flows_in_the_rest_of_the_world": report.bundled_flows,
        "controls": list(report.controls),
        "unrecorded_supply": [
            f"{names[product]}, {country}: {tonnes:,.0f} t a year"
            for country, product, tonnes in sorted(report.unrecorded, key=lambda item: -item[2])
        ],
        "data_flags": list(report.flags),
    }


def _by(names: Iterable[str], indices: NDArray[np.integer[Any]]) -> dict[str, int]:
    """Return how often each name stands in an array of indices into the names."""
    known = list(names)
    counted = np.bincount(indices, minlength=len(known))
    return {name: int(count) for name, count in zip(known, counted, strict=True)}
