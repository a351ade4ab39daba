"""The tables that a network is built from, as plain rows (rules N1-N7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kaname.network.waysround import Detours

Row = Mapping[str, Any]


@dataclass(frozen=True)
class TradeRow:
    """One reported flow of an HS code: gross tonnes and kUSD of a year; `imputed` where the screen
    replaced it.
    """

    exporter: str
    importer: str
    hs: str
    value_kusd: float
    quantity_t: float
    imputed: bool = False


@dataclass(frozen=True)
class Sources:
    """Everything the builder needs, read by the data floor.

    `trade` holds the screened rows of the base year; the other fields are the rows of the own tables of the
    same name (columns in docs/data.md). `names` maps ISO 3166 alpha-3 to a country name, `sea_km` a pair of
    them to the sea distance between their main ports, `passages` to the passages on that way, `detours` to
    the ways round. `landlocked` countries use the port of a neighbour.
    """

    trade: Sequence[TradeRow]
    products: Sequence[Row]
    trade_codes: Sequence[Row]
    stage_corrections: Sequence[Row]
    known_flows: Sequence[Row]
    production: Sequence[Row]
    recipes: Sequence[Row]
    use_keys: Sequence[Row]
    industries: Sequence[Row]
    segments: Sequence[Row]
    reserves: Sequence[Row]
    controls: Sequence[Row]
    names: Mapping[str, str]
    sea_km: Mapping[tuple[str, str], float]
    passages: Mapping[tuple[str, str], frozenset[str]]
    base_year: int
    as_of: date
    flags: Sequence[str] = ()
    elasticities: Sequence[Row] = ()
    land_borders: Sequence[Row] = ()
    landlocked: frozenset[str] = frozenset()
    detours: Detours | None = None


@dataclass(frozen=True)
class Flow:
    """A flow of a product between two countries over the base year: tonnes contained, kUSD, basis.

    `basis` indexes `network.BASES`; `reported_t` is what the sources say before the balance.
    """

    product: str
    exporter: str
    importer: str
    tonnes: float
    value_kusd: float
    basis: int
    reported_t: float


REST = "ROW"
TRADED_PART = "MUSD"  # unit of parts that cross borders: million USD of the base year at its prices
OUTSIDE = "outside"  # the part of a trade code that is none of the products
OBSERVED, ESTIMATED, ASSUMED, MODELLED = 0, 1, 2, 3
GRADE_TO_BASIS = {"observed": 0, "reported": 0, "estimated": 1, "assumed": 2}


def traded_products(sources: Sources) -> set[str]:
    """Return the products that trade under an HS code shows, from at least one exporter."""
    return {row["product"] for row in [*sources.trade_codes, *sources.stage_corrections]} - {OUTSIDE}


def rows_for_market(rows: Sequence[Row], market: str) -> list[Row]:
    """Return the recipe rows that hold in a market: its own row for an input, else the world's (`*`)."""
    own = {row["input"] for row in rows if row["market"] == market}
    return [
        row for row in rows if row["market"] == market or (row["market"] == "*" and row["input"] not in own)
    ]
