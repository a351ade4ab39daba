"""What the indicators say of one country, item and year. None is missing; `missing` then says why.

Common to all rows: `country` (ISO 3166 alpha-3), `product` (a material of the map, a product id, or hs and
the code), `year`, `data` (raw: as reported; screened: weights corrected by the data screen), `missing` (a
sentence where the value asked for could not be had) and `note` (what a reader must know).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """The part that the rows of all indicators share."""

    country: str
    product: str
    year: int
    data: str
    missing: str | None
    note: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values, the common part first."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True, slots=True)
class SupplierConcentration(IndicatorRow):
    """How concentrated a country's suppliers are: HHI (0-1) of its imports by weight and by value.

    `suppliers` counts the partners with a weight or a value; `largest_supplier` and its share are by weight,
    by value where no weight is known. `weightless_share` is the part of the value that came without a weight.
    """

    hs: str
    hhi_weight: float | None
    hhi_value: float | None
    suppliers: int | None
    largest_supplier: str | None
    largest_share: float | None
    import_t: float | None
    import_kusd: float | None
    weightless_share: float | None


@dataclass(frozen=True, slots=True)
class PartnerDependence(IndicatorRow):
    """What of a country's imports comes from one partner, by gross weight and by value."""

    partner: str
    hs: str
    share_weight: float | None
    share_value: float | None
    import_t: float | None
    import_kusd: float | None


@dataclass(frozen=True, slots=True)
class ImportReliance(IndicatorRow):
    """Net imports over apparent use, all in `content` terms; below 0 for a net exporter.

    `basis` is the weakest grade among the figures behind it.
    """

    import_reliance: float | None
    production_t: float | None
    import_t: float | None
    export_t: float | None
    use_t: float | None
    content: str
    production_source: str
    basis: str


@dataclass(frozen=True, slots=True)
class StockCover(IndicatorRow):
    """How long stocks last, in days of use: what users hold (`user_days`) and a national reserve.

    Low and high are the ends of the assumptions. `days_without_imports` is how long they last if only net
    imports stop; None where there are none.
    """

    cover_days: float | None
    cover_low: float | None
    cover_high: float | None
    user_days: float | None
    reserve_days: float | None
    cover_t: float | None
    days_without_imports: float | None
    use_t: float | None
    basis: str


@dataclass(frozen=True, slots=True)
class GeoPolRiskRow(IndicatorRow):
    """Geopolitical supply risk of a country's imports of a material (GeoPolRisk).

    `score` is `hhi` (of world production) times `import_risk`; `factor` the characterisation factor in kg of
    copper equivalent per kg; `price` the unit value of the imports, USD per kg. `import_t` is gross,
    `production_t` as the source counts it. `unrated_share` is the part of the imports from exporters without
    a governance estimate, which count as 0.5.
    """

    hs: str
    score: float | None
    factor: float | None
    hhi: float | None
    import_risk: float | None
    price: float | None
    import_t: float | None
    production_t: float | None
    unrated_share: float | None
    production_source: str
