"""The base state: tables read from the bundle, screened, and built into the default network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from kaname.data import store
from kaname.data.quality import HISTORY_YEARS, ScreenResult, screen_unit_values
from kaname.network.build import NetworkBuild
from kaname.network.build import build_network as build_from_sources
from kaname.network.sources import Sources, TradeRow

BASE_YEAR = 2024
AS_OF = date(2026, 1, 5)  # the day before the block: the controls in force on it belong to the base state
SHORT_NAMES = {  # as they are said in a sentence; the others keep the name in the trade data
    "USA": "United States",
    "KOR": "South Korea",
    "PRK": "North Korea",
    "VNM": "Vietnam",
    "RUS": "Russia",
    "LAO": "Laos",
    "COD": "DR Congo",
    "BOL": "Bolivia",
    "GBR": "United Kingdom",
    "TUR": "Turkey",
    "TZA": "Tanzania",
    "HKG": "Hong Kong",
}
OWN_TABLES = (
    "products",
    "trade_codes",
    "stage_corrections",
    "known_flows",
    "production",
    "recipes",
    "use_keys",
    "industries",
    "segments",
    "reserves",
    "controls",
)


@dataclass(frozen=True)
class Baseline:
    """The default network with what it was built from: the screened trade and the sources."""

    build: NetworkBuild
    sources: Sources
    screen: ScreenResult


def load_baseline(
    base_year: int = BASE_YEAR, as_of: date = AS_OF, period_days: float = 7.0, root: Path | None = None
) -> Baseline:
    """Read the tables, screen the trade of the base year, and build the network (rules N1-N7).

    `root` points to another bundle than the embedded one. Raises DataMissing and TableError.
    """
    sources, screen = load_sources(base_year, as_of, root)
    return Baseline(build_from_sources(sources, period_days), sources, screen)


def build_network(
    base_year: int = BASE_YEAR, as_of: date = AS_OF, period_days: float = 7.0, root: Path | None = None
) -> NetworkBuild:
    """Return the default network of a base year, its ranges, and what the builder did (rules N1-N7).

    `as_of` decides which export controls the base state includes. Raises DataMissing and TableError.
    """
    return load_baseline(base_year, as_of, period_days, root).build


def load_sources(
    base_year: int = BASE_YEAR, as_of: date = AS_OF, root: Path | None = None
) -> tuple[Sources, ScreenResult]:
    """Read everything that the builder needs; the trade of the base year is screened (data trap 1)."""
    tables = {name: store.own_table(name, root).to_pylist() for name in OWN_TABLES}
    screen = screened_trade(sorted({row["hs"] for row in tables["trade_codes"]}), base_year, root)
    rows = [
        TradeRow(
            row["exporter"],
            row["importer"],
            row["hs"],
            row["value_kusd"] or 0.0,
            row["quantity_t"] or 0.0,
            row["imputed"],
        )
        for row in screen.rows.to_pylist()
    ]
    distances = store.distances(root).to_pylist()
    sources = Sources(
        trade=rows,
        **{name: _plain(table) for name, table in tables.items()},
        names=store.country_names(root) | SHORT_NAMES,
        sea_km={(r["from_iso3"], r["to_iso3"]): r["sea_km"] for r in distances if r["sea_km"] is not None},
        passages={
            (r["from_iso3"], r["to_iso3"]): frozenset(filter(None, (r["passages"] or "").split(";")))
            for r in distances
        },
        base_year=base_year,
        as_of=as_of,
        flags=_flag_sentences(screen),
    )
    return sources, screen


def screened_trade(hs: Sequence[str], year: int, root: Path | None = None) -> ScreenResult:
    """Return the trade of a year under some HS codes, screened against the three years before."""
    rows = store.trade(hs, year, root)
    known = {code: set(store.years_with_data(code, root)) for code in hs}
    past = []
    for earlier in range(year - HISTORY_YEARS, year):
        codes = [code for code in hs if earlier in known[code]]
        past += [store.trade(codes, earlier, root)] if codes else []
    history = pa.concat_tables(past) if past else rows.slice(0, 0)
    return screen_unit_values(rows, history)


def _flag_sentences(screen: ScreenResult) -> tuple[str, ...]:
    """List the largest flags and changes as sentences, and how many there are."""
    flags = sorted(screen.flags, key=lambda flag: -(flag.quantity_t or 0.0))
    changes = sorted(screen.changes, key=lambda change: -abs((change.old_t or 0.0) - change.new_t))
    found = [f"flagged, left as reported: {flag}" for flag in flags[:5]]
    found += [f"imputed: {change}" for change in changes[:5]]
    found.append(f"{len(flags)} quantities flagged and left, {len(changes)} imputed from value in all")
    return tuple(found)


def _plain(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn dates into ISO text, as the builder compares them."""
    return [
        {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}
        for row in rows
    ]
