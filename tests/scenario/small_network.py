"""A network by hand, small enough to check with pencil and paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kaname.network.network import SUPPLIER_KINDS, Market, Network, Product
from kaname.network.routes import SEA, LaneRoutes
from kaname.network.waysround import NO_DETOURS, Detours

Node = tuple[str, str]
ELEMENTS = {"ore": "rare earths Nd/Pr", "metal": "rare earths Nd/Pr", "magnets": "rare earths Nd/Pr"}
STAGES = {"ore": "ore", "metal": "metal", "magnets": "magnet", "motors": "component", "wolfram": "metal"}


def network_of(
    suppliers: Sequence[tuple[str, str, str]],
    lanes: Sequence[tuple[int, Node, float, int]],
    recipes: Sequence[tuple[int, Node, float, float, bool]],
    elements: Mapping[str, str] = ELEMENTS,
) -> Network:
    """Suppliers (market, product, kind); lanes (supplier, consumer, flow, lane kind); recipes (supplier,
    consumer, input per output, dependence, same element). Lanes are sorted by consumer."""
    consumers = sorted({lane[1] for lane in lanes})
    market_ids = sorted({node[0] for node in [*suppliers, *consumers]})
    product_ids = sorted({node[1] for node in [*suppliers, *consumers]})
    lanes = sorted(lanes, key=lambda lane: (consumers.index(lane[1]), lane[0]))
    flow = np.array([lane[2] for lane in lanes], dtype=np.float64)
    lane_supplier = np.array([lane[0] for lane in lanes], dtype=np.int32)
    lane_consumer = np.array([consumers.index(lane[1]) for lane in lanes], dtype=np.int32)
    base = np.bincount(lane_supplier, weights=flow, minlength=len(suppliers))
    inflow = np.bincount(lane_consumer, weights=flow, minlength=len(consumers))
    use = np.zeros(len(consumers))
    for supplier, node, amount, _, _ in recipes:
        use[consumers.index(node)] += amount * base[supplier]
    k, n, e, r = len(suppliers), len(consumers), len(lanes), len(recipes)
    return Network(
        markets=tuple(Market(m, m, m[:3], m[4:]) for m in market_ids),
        products=tuple(
            Product(p, p, elements.get(p, ""), STAGES.get(p, "metal"), "t", "", (), 1.0, "assumed")
            for p in product_ids
        ),
        period_days=7.0,
        base_year=2024,
        supplier_market=np.array([market_ids.index(s[0]) for s in suppliers], dtype=np.int32),
        supplier_product=np.array([product_ids.index(s[1]) for s in suppliers], dtype=np.int32),
        supplier_kind=np.array([SUPPLIER_KINDS.index(s[2]) for s in suppliers], dtype=np.int32),
        supplier_base=base,
        supplier_headroom=np.full(k, 0.2),
        supplier_basis=np.zeros(k, dtype=np.int32),
        consumer_market=np.array([market_ids.index(c[0]) for c in consumers], dtype=np.int32),
        consumer_product=np.array([product_ids.index(c[1]) for c in consumers], dtype=np.int32),
        consumer_final=np.maximum(inflow - use, 0.0),
        consumer_inflow=inflow,
        consumer_cover_days=np.full(n, 20.0),
        consumer_reserve_days=np.full(n, 10.0),
        consumer_value_kusd=np.ones(n),
        consumer_basis=np.zeros(n, dtype=np.int32),
        lane_supplier=lane_supplier,
        lane_consumer=lane_consumer,
        lane_flow=flow,
        lane_lag=np.ones(e, dtype=np.int32),
        lane_basis=np.zeros(e, dtype=np.int32),
        lane_export_share=np.zeros(e),
        lane_kind=np.array([lane[3] for lane in lanes], dtype=np.int32),
        recipe_supplier=np.array([recipe[0] for recipe in recipes], dtype=np.int32),
        recipe_consumer=np.array([consumers.index(recipe[1]) for recipe in recipes], dtype=np.int32),
        recipe_input_per_output=np.array([recipe[2] for recipe in recipes], dtype=np.float64),
        recipe_dependence=np.array([recipe[3] for recipe in recipes], dtype=np.float64),
        recipe_same_element=np.array([recipe[4] for recipe in recipes], dtype=np.bool_),
        recipe_basis=np.zeros(r, dtype=np.int32),
    )


# Suppliers of `magnet_world`, by name.
CN_METAL, CN_MAGNETS, AU_METAL, DE_MAGNETS, JP_MAGNETS, JP_PASS, DE_MORE, US_MORE, JP_MOTORS, AU_WOLFRAM = (
    range(10)
)


def magnet_world() -> Network:
    """China sells metal and magnets; Germany and Japan make magnets of Chinese and Australian metal; Germany
    and the United States also re-export magnets to each other; Japan's defence buys directly and at home."""
    suppliers = [
        ("CHN", "metal", "primary"),
        ("CHN", "magnets", "processing"),
        ("AUS", "metal", "primary"),
        ("DEU", "magnets", "processing"),
        ("JPN", "magnets", "processing"),
        ("JPN", "magnets", "reexport"),
        ("DEU", "magnets", "reexport"),
        ("USA", "magnets", "reexport"),
        ("JPN", "motors", "processing"),
        ("AUS", "wolfram", "primary"),
    ]
    lanes = [
        (CN_METAL, ("CHN", "metal"), 10.0, 0),
        (CN_METAL, ("DEU", "metal"), 3.0, 0),
        (AU_METAL, ("DEU", "metal"), 1.0, 0),
        (CN_METAL, ("JPN", "metal"), 2.0, 0),
        (AU_METAL, ("JPN", "metal"), 2.0, 0),
        (CN_MAGNETS, ("JPN", "magnets"), 4.0, 0),
        (JP_MAGNETS, ("JPN", "magnets"), 3.0, 0),
        (DE_MAGNETS, ("JPN", "magnets"), 1.0, 0),
        (CN_MAGNETS, ("JPN/defence", "magnets"), 0.5, 0),
        (DE_MAGNETS, ("JPN/defence", "magnets"), 0.25, 0),
        (JP_MAGNETS, ("JPN/defence", "magnets"), 0.5, 2),
        (JP_PASS, ("JPN/defence", "magnets"), 0.5, 2),
        (CN_MAGNETS, ("USA", "magnets"), 2.0, 0),
        (DE_MORE, ("USA", "magnets"), 2.0, 0),
        (DE_MAGNETS, ("DEU", "magnets"), 2.0, 0),
        (US_MORE, ("DEU", "magnets"), 1.0, 0),
        (JP_MOTORS, ("JPN", "motors"), 5.0, 0),
        (US_MORE, ("JPN", "magnets"), 0.0, 0),
        (AU_WOLFRAM, ("JPN", "wolfram"), 1.0, 0),
    ]
    recipes = [
        (CN_MAGNETS, ("CHN", "metal"), 1.1, 1.0, True),
        (DE_MAGNETS, ("DEU", "metal"), 1.1, 1.0, True),
        (JP_MAGNETS, ("JPN", "metal"), 1.1, 1.0, True),
        (JP_PASS, ("JPN", "magnets"), 1.0, 1.0, True),
        (DE_MORE, ("DEU", "magnets"), 1.0, 1.0, True),
        (US_MORE, ("USA", "magnets"), 1.0, 1.0, True),
        (JP_MOTORS, ("JPN", "magnets"), 0.5, 0.4, False),
    ]
    return network_of(suppliers, lanes, recipes)


def lanes_between(network: Network, supplier: int, market: str) -> list[int]:
    """The lanes from a supplier to a market, by index."""
    to = np.array([network.markets[m].id for m in network.consumer_market[network.lane_consumer]])
    return [int(e) for e in np.flatnonzero((network.lane_supplier == supplier) & (to == market))]


def routes_of(passages: Sequence[frozenset[str]], detours: Detours = NO_DETOURS) -> LaneRoutes:
    """Lanes by sea between made-up pairs of ports, one pair a lane: 6,000 km and 10 days ashore."""
    lanes = len(passages)
    return LaneRoutes(
        mode=np.full(lanes, SEA, dtype=np.int32),
        days=np.full(lanes, 20.0),
        km_per_day=np.full(lanes, 600.0),
        pair=np.arange(lanes, dtype=np.int32),
        pairs=tuple((f"A{i}", f"B{i}") for i in range(lanes)),
        pair_km=np.full(lanes, 6000.0),
        pair_passages=tuple(passages),
        detours=detours,
    )
