"""The network: frozen flat arrays for suppliers, consumers, lanes and recipe lines (rules N1-N6)."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]

SUPPLIER_KINDS = ("primary", "processing", "recycling", "reexport", "unrecorded")
BASES = ("observed", "estimated", "assumed", "modelled")


@dataclass(frozen=True)
class Product:
    """An element group at a stage, or a using industry or equipment group (rule N2).

    `unit` is `t` (tonnes of contained oxide or metal, see `content`), `MUSD` (traded parts, million USD at
    base-year prices) or `index` (100 = base year). `stage` is
    one of ore, compound, metal, magnet, component, industry, equipment. `hs` lists HS codes (edition 1992)
    whose trade is used; empty where no code exists. `price_kusd` is thousand USD per tonne; for an index
    product it is NaN and the value per index point sits with the market (`Network.consumer_value_kusd`).
    """

    id: str
    name: str
    element: str
    stage: str
    unit: str
    content: str
    hs: tuple[str, ...]
    price_kusd: float
    basis: str


@dataclass(frozen=True)
class Market:
    """A country (ISO 3166 alpha-3) or a segment of one, `JPN/defence` (rule N1)."""

    id: str
    name: str
    country: str
    segment: str


@dataclass(frozen=True)
class Network:
    """Who supplies what to whom in an undisturbed period, and with which recipes.

    Shapes: K suppliers, N consumers, E lanes, R recipe lines. Flows are tonnes (or index points) per period
    of `period_days` days. Lanes are sorted by consumer; recipe lines by supplier. All arrays are read-only.
    Indices are int32; `*_basis` index into `BASES`, `supplier_kind` into `SUPPLIER_KINDS`.
    """

    markets: tuple[Market, ...]
    products: tuple[Product, ...]
    period_days: float
    base_year: int

    supplier_market: Ints
    supplier_product: Ints
    supplier_kind: Ints
    supplier_base: Floats  # output = sum of its lanes' base flows, exactly, in lane order
    supplier_headroom: Floats  # capacity = base x (1 + headroom)
    supplier_basis: Ints

    consumer_market: Ints
    consumer_product: Ints
    consumer_final: Floats  # base final use per period
    consumer_inflow: Floats  # sum of its lanes' base flows, exactly, in lane order
    consumer_cover_days: Floats  # base stock cover (rule N5)
    consumer_reserve_days: Floats  # national reserve beside the stock, days of need
    consumer_value_kusd: (
        Floats  # value of one unit of final use lost, kUSD per t or per index point; NaN unknown
    )
    consumer_basis: Ints

    lane_supplier: Ints
    lane_consumer: Ints
    lane_flow: Floats  # base flow per period; 0 on a latent lane
    lane_lag: Ints  # periods, >= 1
    lane_basis: Ints
    lane_export_share: Floats  # latent lanes: the supplier's share of world exports of the product (rule M6)
    lane_kind: Ints  # 0 trade or domestic, 1 rest-of-world bundle, 2 parent -> segment

    recipe_supplier: Ints
    recipe_consumer: Ints
    recipe_input_per_output: Floats  # unit of input per unit of output
    recipe_dependence: Floats  # d in (0, 1] (rule N4)
    recipe_same_element: Bools  # True where input and output hold the same element: then d = 1
    recipe_basis: Ints

    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def n_suppliers(self) -> int:
        """Return K."""
        return len(self.supplier_market)

    @property
    def n_consumers(self) -> int:
        """Return N."""
        return len(self.consumer_market)

    @property
    def n_lanes(self) -> int:
        """Return E."""
        return len(self.lane_supplier)

    @property
    def n_recipes(self) -> int:
        """Return R."""
        return len(self.recipe_supplier)

    def market_index(self, market_id: str) -> int:
        """Return the index of a market id; -1 where there is none."""
        return next((i for i, market in enumerate(self.markets) if market.id == market_id), -1)

    def product_index(self, product_id: str) -> int:
        """Return the index of a product id; -1 where there is none."""
        return next((i for i, product in enumerate(self.products) if product.id == product_id), -1)

    def consumer_index(self, market_id: str, product_id: str) -> int:
        """Return the index of the consumer (market, product); -1 where there is none."""
        market, product = self.market_index(market_id), self.product_index(product_id)
        hits = np.flatnonzero((self.consumer_market == market) & (self.consumer_product == product))
        return int(hits[0]) if len(hits) and market >= 0 and product >= 0 else -1
