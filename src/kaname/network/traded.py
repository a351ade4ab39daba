"""A network from the trade of a year alone: for past years and products without tables of production.

What a country exports counts as made there, except in entrepots, whose exports are passed on from their
imports as far as these reach (rule N3). Use at home of home-made goods is unknown and left out. Quantities
are gross tonnes as reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kaname.data import guards
from kaname.network.assemble import PASS_THROUGH, add_latent_lanes
from kaname.network.build import BuildReport, NetworkBuild
from kaname.network.draft import Catalogue, Consumer, Draft, Lane, Spread, Supplier, freeze
from kaname.network.elasticities import elasticities
from kaname.network.network import Market, Product
from kaname.network.reconcile import NOTHING_T
from kaname.network.routes import Routing, lane_routes
from kaname.network.sources import OBSERVED, Sources

ENTREPOTS = ("BEL", "HKG", "NLD", "SGP")
"""Countries whose exports of raw materials are mostly passed on (data trap 7)."""


@dataclass(frozen=True)
class TradedProduct:
    """A product of a network from trade: its assumed stock and spare capacity, and its unit value, kUSD/t."""

    id: str
    name: str
    stage: str
    hs: tuple[str, ...]
    price_kusd_per_t: float
    cover_days: Spread
    headroom: Spread


@dataclass(frozen=True)
class BaseFlow:
    """What one country sold another of a product in the base year, gross tonnes."""

    product: str
    exporter: str
    importer: str
    tonnes: float


def build_traded_network(
    products: Sequence[TradedProduct],
    flows: Sequence[BaseFlow],
    sources: Sources,
    entrepots: Sequence[str] = ENTREPOTS,
    period_days: float = 7.0,
) -> NetworkBuild:
    """Build a network in which every reported flow is a lane (rules N1, N3, N6).

    `sources` gives names, distances and the base year (`baseline.lane_sources`). Flows of a country to itself
    are left out.
    """
    rows = [{"product": p.id, "stage": p.stage, "price_kusd_per_t": p.price_kusd_per_t} for p in products]
    sources = replace(sources, products=rows)
    routing = Routing(sources, period_days)
    draft = Draft()
    passed_on = _passed_on(flows, entrepots)
    for flow in flows:
        if flow.exporter == flow.importer:
            continue
        lag = routing.lag(flow.product, flow.exporter, flow.importer)
        share = passed_on.get((flow.exporter, flow.product), 0.0)
        for kind, part in (("primary", 1.0 - share), ("reexport", share)):
            if flow.tonnes * part > NOTHING_T:
                supplier = Supplier(flow.exporter, flow.product, kind)
                lane = Lane(flow.tonnes * part, lag, OBSERVED)
                draft.add_lane(supplier, Consumer(flow.importer, flow.product), lane)
    for supplier in list(draft.suppliers):
        if supplier.kind == "reexport":
            draft.recipes[(supplier, Consumer(supplier.market, supplier.product))] = PASS_THROUGH
    latent = add_latent_lanes(draft, routing)
    network, ranges = freeze(draft, _catalogue(draft, products, sources, period_days))
    report = BuildReport(len(flows), 0, latent, (), (), (), ())
    return NetworkBuild(network, ranges, report, lane_routes(network, sources, routing))


def _passed_on(flows: Sequence[BaseFlow], entrepots: Sequence[str]) -> Mapping[tuple[str, str], float]:
    """Return the share of an entrepot's exports of a product that its imports can explain (rule N3)."""
    exported: dict[tuple[str, str], float] = defaultdict(float)
    imported: dict[tuple[str, str], float] = defaultdict(float)
    for flow in flows:
        if flow.exporter != flow.importer:
            exported[(flow.exporter, flow.product)] += flow.tonnes
            imported[(flow.importer, flow.product)] += flow.tonnes
    return {
        node: guards.reexported_t(imported.get(node, 0.0), tonnes, 0.0) / tonnes
        for node, tonnes in exported.items()
        if node[0] in entrepots and tonnes > NOTHING_T
    }


def _catalogue(
    draft: Draft, products: Sequence[TradedProduct], sources: Sources, period_days: float
) -> Catalogue:
    """Return what the arrays need beside the draft."""
    found = tuple(
        Product(p.id, p.name, "", p.stage, "t", "gross weight", p.hs, p.price_kusd_per_t, "observed")
        for p in products
    )
    ids = sorted({s.market for s in draft.suppliers} | {c.market for c in draft.consumers})
    return Catalogue(
        products=found,
        markets=tuple(Market(m, sources.names.get(m, m), m, "") for m in ids),
        cover={p.id: p.cover_days for p in products},
        headroom={p.id: p.headroom for p in products},
        reserve={},
        value_kusd={},
        base_year=sources.base_year,
        period_days=period_days,
        notes=(),
        elasticities=elasticities(found),
    )
