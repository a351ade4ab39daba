"""The network while it is being put together: suppliers, consumers, lanes and recipe lines under names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from kaname.network.elasticities import Elasticities
from kaname.network.network import SUPPLIER_KINDS, Floats, Ints, Market, Network, Product

DAYS_PER_YEAR = 365.0


class Supplier(NamedTuple):
    """(market, product, kind)."""

    market: str
    product: str
    kind: str


class Consumer(NamedTuple):
    """(market, product)."""

    market: str
    product: str


@dataclass(frozen=True)
class Lane:
    """Annual base flow of a lane in tonnes or index points, its lag, basis and kind."""

    tonnes: float
    lag: int
    basis: int
    kind: int = 0
    export_share: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """One recipe line with the range of its dependence."""

    input_per_output: float
    dependence: float
    low: float
    high: float
    same_element: bool
    basis: int


@dataclass(frozen=True)
class Spread:
    """Central value with low and high."""

    central: float
    low: float
    high: float


@dataclass(frozen=True)
class NetworkRanges:
    """Low and high of the network's assumed arrays: dependence (R,), cover and reserve days (N,), headroom
    (K,); and low, central, high of the elasticities (rule M11), (3, P), NaN for a product without price.
    """

    dependence_low: Floats
    dependence_high: Floats
    cover_low: Floats
    cover_high: Floats
    reserve_low: Floats
    reserve_high: Floats
    headroom_low: Floats
    headroom_high: Floats
    short_elasticity: Floats
    long_elasticity: Floats
    supply_elasticity: Floats


@dataclass
class Draft:
    """Named parts, to be frozen into a `Network`; flows are per year here."""

    suppliers: dict[Supplier, int] = field(default_factory=dict)  # -> basis
    consumers: dict[Consumer, int] = field(default_factory=dict)  # -> basis
    lanes: dict[tuple[Supplier, Consumer], Lane] = field(default_factory=dict)
    recipes: dict[tuple[Supplier, Consumer], Recipe] = field(default_factory=dict)

    def add_lane(self, supplier: Supplier, consumer: Consumer, lane: Lane) -> None:
        """Add a lane, or its flow to the one that is there; both ends come into being."""
        self.suppliers[supplier] = max(self.suppliers.get(supplier, 0), lane.basis)
        self.consumers[consumer] = max(self.consumers.get(consumer, 0), lane.basis)
        known = self.lanes.get((supplier, consumer))
        if known is not None:
            lane = Lane(known.tonnes + lane.tonnes, known.lag, max(known.basis, lane.basis), known.kind)
        self.lanes[(supplier, consumer)] = lane

    def inflow(self) -> dict[Consumer, float]:
        """Return the annual inflow of every consumer."""
        total: dict[Consumer, float] = defaultdict(float)
        for (_, consumer), lane in self.lanes.items():
            total[consumer] += lane.tonnes
        return total

    def output(self) -> dict[Supplier, float]:
        """Return the annual output of every supplier."""
        total: dict[Supplier, float] = defaultdict(float)
        for (supplier, _), lane in self.lanes.items():
            total[supplier] += lane.tonnes
        return total

    def processing_use(self) -> dict[Consumer, float]:
        """Return the annual use of every consumer by its market's suppliers."""
        output = self.output()
        total: dict[Consumer, float] = defaultdict(float)
        for (supplier, consumer), recipe in self.recipes.items():
            total[consumer] += recipe.input_per_output * output[supplier]
        return total


@dataclass(frozen=True)
class Catalogue:
    """What the arrays need beside the draft: products, markets, spreads by product, values and reserves."""

    products: tuple[Product, ...]
    markets: tuple[Market, ...]
    cover: dict[str, Spread]
    headroom: dict[str, Spread]
    reserve: dict[tuple[str, str], Spread]
    value_kusd: dict[tuple[str, str], float]  # (market, index product) -> annual value added
    base_year: int
    period_days: float
    notes: tuple[str, ...]
    elasticities: Elasticities


REEXPORT_HEADROOM = Spread(0.5, 0.2, 1.0)  # assumed (MODEL, defaults)
NOTHING = Spread(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class _Numbered:
    """The draft's parts in the order of the arrays, and the position of each name."""

    suppliers: list[Supplier]
    consumers: list[Consumer]
    lanes: list[tuple[Supplier, Consumer]]  # by consumer, then supplier
    lines: list[tuple[Supplier, Consumer]]  # by supplier, then consumer
    supplier_of: dict[Supplier, int]
    consumer_of: dict[Consumer, int]
    market_of: dict[str, int]
    product_of: dict[str, int]

    def ends(self, keys: list[tuple[Supplier, Consumer]]) -> tuple[Ints, Ints]:
        """Return supplier and consumer positions of lanes or recipe lines."""
        return _ints([self.supplier_of[s] for s, _ in keys]), _ints([self.consumer_of[c] for _, c in keys])


def freeze(draft: Draft, catalogue: Catalogue) -> tuple[Network, NetworkRanges]:
    """Turn a draft into frozen arrays; final use is what the recipes leave, recipes give way where that is
    negative.
    """
    order = _numbered(draft, catalogue)
    lanes = _lane_arrays(draft, order, catalogue.period_days / DAYS_PER_YEAR)
    base = _sum_in_order(lanes["lane_supplier"], lanes["lane_flow"], len(order.suppliers))
    inflow = _sum_in_order(lanes["lane_consumer"], lanes["lane_flow"], len(order.consumers))
    recipes, final = _recipe_arrays(draft, order, base, inflow)
    network = Network(
        markets=catalogue.markets,
        products=catalogue.products,
        period_days=catalogue.period_days,
        base_year=catalogue.base_year,
        supplier_base=base,
        consumer_inflow=inflow,
        consumer_final=final,
        notes=catalogue.notes,
        **lanes,
        **recipes,
        **_supplier_arrays(draft, order, catalogue),
        **_consumer_arrays(draft, order, catalogue),
    )
    return network, _ranges(draft, order, catalogue)


def _numbered(draft: Draft, catalogue: Catalogue) -> _Numbered:
    market_of = {market.id: i for i, market in enumerate(catalogue.markets)}
    product_of = {product.id: i for i, product in enumerate(catalogue.products)}
    consumers = sorted(draft.consumers, key=lambda c: (market_of[c.market], product_of[c.product]))
    suppliers = sorted(draft.suppliers, key=lambda s: (market_of[s.market], product_of[s.product], s.kind))
    consumer_of = {c: i for i, c in enumerate(consumers)}
    supplier_of = {s: i for i, s in enumerate(suppliers)}
    return _Numbered(
        suppliers,
        consumers,
        sorted(draft.lanes, key=lambda key: (consumer_of[key[1]], supplier_of[key[0]])),
        sorted(draft.recipes, key=lambda key: (supplier_of[key[0]], consumer_of[key[1]])),
        supplier_of,
        consumer_of,
        market_of,
        product_of,
    )


def _lane_arrays(draft: Draft, order: _Numbered, scale: float) -> dict[str, Any]:
    """Return the lane arrays; `scale` turns years into periods."""
    lanes = [draft.lanes[key] for key in order.lanes]
    supplier, consumer = order.ends(order.lanes)
    return {
        "lane_supplier": supplier,
        "lane_consumer": consumer,
        "lane_flow": _floats([item.tonnes * scale for item in lanes]),
        "lane_lag": _ints([item.lag for item in lanes]),
        "lane_basis": _ints([item.basis for item in lanes]),
        "lane_export_share": _floats([item.export_share for item in lanes]),
        "lane_kind": _ints([item.kind for item in lanes]),
    }


def _recipe_arrays(
    draft: Draft, order: _Numbered, base: Floats, inflow: Floats
) -> tuple[dict[str, Any], Floats]:
    """Return the recipe arrays and the final use (N,) that they leave (rule N5).

    Where the lines ask for more than the inflow they are scaled down to it, and no final use is left. The
    balance closes every node, so this takes up rounding only.
    """
    lines = [draft.recipes[key] for key in order.lines]
    supplier, consumer = order.ends(order.lines)
    per_output = _floats([item.input_per_output for item in lines])
    used = _sum_in_order(consumer, per_output * base[supplier], len(inflow))
    over = used > inflow
    scaled = per_output * (inflow / np.maximum(used, 1e-300))[consumer]
    per_output = np.where(over[consumer], scaled, per_output)
    used = _sum_in_order(consumer, per_output * base[supplier], len(inflow))
    final = np.where(over, 0.0, np.maximum(inflow - used, 0.0))
    arrays = {
        "recipe_supplier": supplier,
        "recipe_consumer": consumer,
        "recipe_input_per_output": per_output,
        "recipe_dependence": _floats([item.dependence for item in lines]),
        "recipe_same_element": np.array([item.same_element for item in lines], dtype=np.bool_),
        "recipe_basis": _ints([item.basis for item in lines]),
    }
    return arrays, final


def _supplier_arrays(draft: Draft, order: _Numbered, catalogue: Catalogue) -> dict[str, Any]:
    suppliers = order.suppliers
    return {
        "supplier_market": _ints([order.market_of[s.market] for s in suppliers]),
        "supplier_product": _ints([order.product_of[s.product] for s in suppliers]),
        "supplier_kind": _ints([SUPPLIER_KINDS.index(s.kind) for s in suppliers]),
        "supplier_headroom": _floats([_headroom(s, catalogue).central for s in suppliers]),
        "supplier_basis": _ints([draft.suppliers[s] for s in suppliers]),
    }


def _consumer_arrays(draft: Draft, order: _Numbered, catalogue: Catalogue) -> dict[str, Any]:
    consumers = order.consumers
    return {
        "consumer_market": _ints([order.market_of[c.market] for c in consumers]),
        "consumer_product": _ints([order.product_of[c.product] for c in consumers]),
        "consumer_cover_days": _floats([catalogue.cover[c.product].central for c in consumers]),
        "consumer_reserve_days": _floats([_reserve(c, catalogue).central for c in consumers]),
        "consumer_value_kusd": _floats([_value(c, catalogue) for c in consumers]),
        "consumer_basis": _ints([draft.consumers[c] for c in consumers]),
    }


def _ranges(draft: Draft, order: _Numbered, catalogue: Catalogue) -> NetworkRanges:
    lines = [draft.recipes[key] for key in order.lines]
    cover = [catalogue.cover[c.product] for c in order.consumers]
    reserve = [_reserve(c, catalogue) for c in order.consumers]
    headroom = [_headroom(s, catalogue) for s in order.suppliers]
    return NetworkRanges(
        dependence_low=_floats([item.low for item in lines]),
        dependence_high=_floats([item.high for item in lines]),
        cover_low=_floats([item.low for item in cover]),
        cover_high=_floats([item.high for item in cover]),
        reserve_low=_floats([item.low for item in reserve]),
        reserve_high=_floats([item.high for item in reserve]),
        headroom_low=_floats([item.low for item in headroom]),
        headroom_high=_floats([item.high for item in headroom]),
        short_elasticity=catalogue.elasticities.short,
        long_elasticity=catalogue.elasticities.long,
        supply_elasticity=catalogue.elasticities.supply,
    )


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int32)


def _floats(values: Sequence[float]) -> Floats:
    return np.array(values, dtype=np.float64)


def _reserve(consumer: Consumer, catalogue: Catalogue) -> Spread:
    return catalogue.reserve.get((consumer.market, consumer.product), NOTHING)


def _sum_in_order(index: Ints, values: Floats, size: int) -> Floats:
    """Sum values by index in the order given, so that base sums are the same wherever they are taken."""
    return np.bincount(index, weights=values, minlength=size).astype(np.float64)


def _headroom(supplier: Supplier, catalogue: Catalogue) -> Spread:
    if supplier.kind == "reexport":
        return REEXPORT_HEADROOM
    if supplier.kind == "unrecorded":
        return NOTHING
    return catalogue.headroom[supplier.product]


def _value(consumer: Consumer, catalogue: Catalogue) -> float:
    """Return kUSD per tonne, or per index point of an industry (annual value added / 100); NaN where
    unknown.
    """
    product = next(item for item in catalogue.products if item.id == consumer.product)
    if product.unit != "index":
        return product.price_kusd
    return catalogue.value_kusd.get((consumer.market, consumer.product), float("nan")) / 100.0
