"""The map of who imports from the restricting countries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kaname.network.draft import DAYS_PER_YEAR
from kaname.network.network import BASES, Network
from kaname.network.sources import REST
from kaname.report import words
from kaname.report.caserun import CaseDigest
from kaname.report.chartspec import MapFlow, MapMark, MapSpec
from kaname.scenario.resolve import Resolver
from kaname.terms.language import say, text_of
from kaname.terms.passages import PASSAGES

Floats = NDArray[np.float64]


MOST_FLOWS = 12
LEAST_SHARE = 0.01  # of all exports of the restricted materials: a passage with less is not marked


def exposure_map(
    network: Network,
    runs: Sequence[CaseDigest],
    lane_passages: Sequence[frozenset[str]] = (),
    worldview: str = "neutral",
) -> MapSpec | None:
    """Return each country's share of imports, by value, that comes from the restricting country, with the
    largest flows of the restricted materials and the passages they use.

    `lane_passages` (E,) are the ids of the sea passages on each lane's usual way; without them, no marks.
    """
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
    flows, marks = _flows(network, runs, exporters, lane_passages)
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
        worldview,
        tuple(exporters),
        tuple(targets),
        flows,
        marks,
        "kUSD",
        say(
            "the restricted materials from {exporters} in {year}",
            exporters=words.listed([names.get(e, e) for e in exporters]),
            year=network.base_year,
        ),
    )


def _flows(
    network: Network,
    runs: Sequence[CaseDigest],
    exporters: Sequence[str],
    lane_passages: Sequence[frozenset[str]],
) -> tuple[tuple[MapFlow, ...], tuple[MapMark, ...]]:
    """Return the largest flows of what is restricted, kUSD a year, and the passages on their usual ways.

    Goods without a price have no value and are left out. A flow's basis is that of most of its value.
    """
    country = [market.country for market in network.markets]
    names = {market.country: market.name for market in network.markets if not market.segment}
    named = sorted({name for run in runs for item in run.scenario.restrictions for name in item.products})
    hit = Resolver(network).products(named, "products")[network.supplier_product[network.lane_supplier]]
    price = np.array([item.price_kusd for item in network.products])
    yearly = network.lane_flow * (DAYS_PER_YEAR / network.period_days)
    worth = np.nan_to_num(price, nan=0.0)[network.supplier_product[network.lane_supplier]] * yearly
    ends: dict[tuple[str, str], list[int]] = {}
    for lane in np.flatnonzero(hit & (worth > 0.0)).tolist():
        start = country[network.supplier_market[network.lane_supplier[lane]]]
        end = country[network.consumer_market[network.lane_consumer[lane]]]
        if start in exporters and end not in exporters and end != REST:
            ends.setdefault((start, end), []).append(lane)
    total = sum(float(worth[lanes].sum()) for lanes in ends.values())
    ordered = sorted(ends.items(), key=lambda item: (-float(worth[item[1]].sum()), item[0]))
    flows = []
    for (start, end), lanes in ordered[:MOST_FLOWS]:
        by_basis = np.bincount(network.lane_basis[lanes], weights=worth[lanes], minlength=len(BASES))
        used = sorted({name for lane in lanes for name in lane_passages[lane]}) if lane_passages else []
        value = float(worth[lanes].sum())
        basis = BASES[int(by_basis.argmax())]
        flows.append(
            MapFlow(start, end, value, basis, names.get(start, start), names.get(end, end), tuple(used))
        )
    return tuple(flows), _marks(
        [lane for lanes in ends.values() for lane in lanes], worth, lane_passages, total
    )


def _marks(
    lanes: Sequence[int], worth: Floats, lane_passages: Sequence[frozenset[str]], total: float
) -> tuple[MapMark, ...]:
    """Return the passages that some of the lanes use, those with most value first."""
    through: dict[str, float] = {}
    for lane in lanes if lane_passages else ():
        for name in lane_passages[lane]:
            through[name] = through.get(name, 0.0) + float(worth[lane])
    ordered = sorted(through.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        MapMark(
            name,
            text_of(PASSAGES[name].name),
            text_of(PASSAGES[name].short),
            *PASSAGES[name].at,
            value,
            value / total,
        )
        for name, value in ordered
        if value >= LEAST_SHARE * total
    )
