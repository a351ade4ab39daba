"""The network while it is being put together: suppliers, consumers, lanes and recipe lines under names."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from kaname.network.network import SUPPLIER_KINDS, Market, Network, Product
from kaname.network.sources import MODELLED

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
    (K,).
    """

    dependence_low: np.ndarray
    dependence_high: np.ndarray
    cover_low: np.ndarray
    cover_high: np.ndarray
    reserve_low: np.ndarray
    reserve_high: np.ndarray
    headroom_low: np.ndarray
    headroom_high: np.ndarray


@dataclass
class Draft:
    """Named parts, to be frozen into a `Network`; flows are per year here."""

    suppliers: dict[Supplier, int] = field(default_factory=dict)  # -> basis
    consumers: dict[Consumer, int] = field(default_factory=dict)  # -> basis
    lanes: dict[tuple[Supplier, Consumer], Lane] = field(default_factory=dict)
    recipes: dict[tuple[Supplier, Consumer], Recipe] = field(default_factory=dict)

    def add_lane(self, supplier: Supplier, consumer: Consumer, lane: Lane) -> None:
        """Add a lane, or its flow to the one that is there; both ends come into being."""
        self.suppliers[supplier] = max(self.suppliers.get(supplier, 0), min(lane.basis, MODELLED))
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


REEXPORT_HEADROOM = Spread(0.5, 0.2, 1.0)  # assumed (MODEL, defaults)
NO_HEADROOM = Spread(0.0, 0.0, 0.0)


def freeze(draft: Draft, catalogue: Catalogue) -> tuple[Network, NetworkRanges]:
    """Turn a draft into frozen arrays; final use is what the recipes leave, recipes give way where that is
    negative.
    """
    scale = catalogue.period_days / DAYS_PER_YEAR
    market_of = {market.id: i for i, market in enumerate(catalogue.markets)}
    product_of = {product.id: i for i, product in enumerate(catalogue.products)}
    consumers = sorted(draft.consumers, key=lambda c: (market_of[c.market], product_of[c.product]))
    suppliers = sorted(draft.suppliers, key=lambda s: (market_of[s.market], product_of[s.product], s.kind))
    consumer_of = {c: i for i, c in enumerate(consumers)}
    supplier_of = {s: i for i, s in enumerate(suppliers)}
    lanes = sorted(draft.lanes, key=lambda key: (consumer_of[key[1]], supplier_of[key[0]]))
    lines = sorted(draft.recipes, key=lambda key: (supplier_of[key[0]], consumer_of[key[1]]))

    lane = [draft.lanes[key] for key in lanes]
    lane_supplier = np.array([supplier_of[s] for s, _ in lanes], dtype=np.int32)
    lane_consumer = np.array([consumer_of[c] for _, c in lanes], dtype=np.int32)
    flow = np.array([item.tonnes * scale for item in lane])
    base = _sum_in_order(lane_supplier, flow, len(suppliers))
    inflow = _sum_in_order(lane_consumer, flow, len(consumers))

    recipe = [draft.recipes[key] for key in lines]
    line_supplier = np.array([supplier_of[s] for s, _ in lines], dtype=np.int32)
    line_consumer = np.array([consumer_of[c] for _, c in lines], dtype=np.int32)
    per_output = np.array([item.input_per_output for item in recipe])
    used = _sum_in_order(line_consumer, per_output * base[line_supplier], len(consumers))
    over = used > inflow
    per_output = np.where(
        over[line_consumer], per_output * (inflow / np.maximum(used, 1e-300))[line_consumer], per_output
    )
    used = _sum_in_order(line_consumer, per_output * base[line_supplier], len(consumers))
    final = np.maximum(inflow - used, 0.0)
    final[over] = 0.0

    headroom = [_headroom(s, catalogue) for s in suppliers]
    cover = [catalogue.cover[c.product] for c in consumers]
    reserve = [catalogue.reserve.get((c.market, c.product), NO_HEADROOM) for c in consumers]
    network = Network(
        markets=catalogue.markets,
        products=catalogue.products,
        period_days=catalogue.period_days,
        base_year=catalogue.base_year,
        supplier_market=np.array([market_of[s.market] for s in suppliers], dtype=np.int32),
        supplier_product=np.array([product_of[s.product] for s in suppliers], dtype=np.int32),
        supplier_kind=np.array([SUPPLIER_KINDS.index(s.kind) for s in suppliers], dtype=np.int32),
        supplier_base=base,
        supplier_headroom=np.array([item.central for item in headroom]),
        supplier_basis=np.array([draft.suppliers[s] for s in suppliers], dtype=np.int32),
        consumer_market=np.array([market_of[c.market] for c in consumers], dtype=np.int32),
        consumer_product=np.array([product_of[c.product] for c in consumers], dtype=np.int32),
        consumer_final=final,
        consumer_inflow=inflow,
        consumer_cover_days=np.array([item.central for item in cover]),
        consumer_reserve_days=np.array([item.central for item in reserve]),
        consumer_value_kusd=np.array([_value(c, catalogue) for c in consumers]),
        consumer_basis=np.array([draft.consumers[c] for c in consumers], dtype=np.int32),
        lane_supplier=lane_supplier,
        lane_consumer=lane_consumer,
        lane_flow=flow,
        lane_lag=np.array([item.lag for item in lane], dtype=np.int32),
        lane_basis=np.array([item.basis for item in lane], dtype=np.int32),
        lane_export_share=np.array([item.export_share for item in lane]),
        lane_kind=np.array([item.kind for item in lane], dtype=np.int32),
        recipe_supplier=line_supplier,
        recipe_consumer=line_consumer,
        recipe_input_per_output=per_output,
        recipe_dependence=np.array([item.dependence for item in recipe]),
        recipe_same_element=np.array([item.same_element for item in recipe], dtype=np.bool_),
        recipe_basis=np.array([item.basis for item in recipe], dtype=np.int32),
        notes=catalogue.notes,
    )
    ranges = NetworkRanges(
        dependence_low=np.array([item.low for item in recipe]),
        dependence_high=np.array([item.high for item in recipe]),
        cover_low=np.array([item.low for item in cover]),
        cover_high=np.array([item.high for item in cover]),
        reserve_low=np.array([item.low for item in reserve]),
        reserve_high=np.array([item.high for item in reserve]),
        headroom_low=np.array([item.low for item in headroom]),
        headroom_high=np.array([item.high for item in headroom]),
    )
    return network, ranges


def _sum_in_order(index: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Sum values by index in the order given, so that base sums are the same wherever they are taken."""
    return np.bincount(index, weights=values, minlength=size).astype(np.float64)


def _headroom(supplier: Supplier, catalogue: Catalogue) -> Spread:
    if supplier.kind == "reexport":
        return REEXPORT_HEADROOM
    if supplier.kind == "unrecorded":
        return NO_HEADROOM
    return catalogue.headroom[supplier.product]


def _value(consumer: Consumer, catalogue: Catalogue) -> float:
    """Return kUSD per tonne, or per index point of an industry (annual value added / 100); NaN where
    unknown.
    """
    product = next(item for item in catalogue.products if item.id == consumer.product)
    if product.unit != "index":
        return product.price_kusd
    return catalogue.value_kusd.get((consumer.market, consumer.product), float("nan")) / 100.0
