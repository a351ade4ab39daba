"""The map of who imports from the restricting countries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kaname.network.network import Network
from kaname.report import words
from kaname.report.caserun import CaseDigest
from kaname.report.chartspec import MapSpec
from kaname.terms.language import say


def exposure_map(network: Network, runs: Sequence[CaseDigest]) -> MapSpec | None:
    """Return each country's share of imports, by value, that comes from the restricting country."""
    exporters = sorted({item.exporter for run in runs for item in run.scenario.restrictions})
    if not exporters:
        return None
    country = np.array([market.country for market in network.markets])
    start = country[network.supplier_market[network.lane_supplier]]
    end = country[network.consumer_market[network.lane_consumer]]
    price = np.nan_to_num(network.consumer_value_kusd, nan=0.0)[network.lane_consumer]
    worth = np.where(start != end, network.lane_flow * price, 0.0)
    total: dict[str, float] = {}
    from_origin: dict[str, float] = {}
    for origin, place, kusd in zip(start, end, worth, strict=True):
        if kusd > 0.0 and place != "ROW":
            total[place] = total.get(place, 0.0) + kusd
            from_origin[place] = from_origin.get(place, 0.0) + (kusd if origin in exporters else 0.0)
    values: dict[str, float | None] = {
        str(place): float(from_origin[place] / total[place])
        for place in sorted(total)
        if place not in exporters
    }
    targets = sorted({target.split("/")[0] for run in runs for target in run.scenario.targets})
    names = {market.id: market.name for market in network.markets}
    return MapSpec(
        say(
            "Who imports critical materials from {exporters}",
            exporters=words.listed([names.get(e, e) for e in exporters]),
        ),
        say(
            "Share of the value of imports of the materials in the network, {year}, balanced",
            year=network.base_year,
        ),
        values,
        "share",
        "neutral",
        tuple(exporters),
        tuple(targets),
    )
