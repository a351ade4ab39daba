"""Transit lags from sea distances (rule N6)."""

from __future__ import annotations

from collections.abc import Mapping

SHIP_KM_PER_DAY = 600.0  # assumed: 13.5 knots
HANDLING_DAYS = 10.0  # assumed: port, customs and inland legs at both ends
HOME_DAYS = 7.0  # assumed: delivery within a country
UNKNOWN_SEA_KM = 10_000.0  # assumed where no port pair is known


def lag_periods(
    exporter: str, importer: str, sea_km: Mapping[tuple[str, str], float], period_days: float
) -> int:
    """Return the whole periods between shipping and arrival, at least one."""
    if exporter == importer:
        days = HOME_DAYS
    else:
        km = sea_km.get((exporter, importer), sea_km.get((importer, exporter), UNKNOWN_SEA_KM))
        days = km / SHIP_KM_PER_DAY + HANDLING_DAYS
    return max(1, round(days / period_days))
