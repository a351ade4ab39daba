"""The base state: tables read from the bundle, screened, and built into the default network."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from kaname.data import cache, guards, store
from kaname.data.quality import HISTORY_YEARS, ScreenResult
from kaname.network.accounts import Account, NodeAccount
from kaname.network.build import BuildReport, NetworkBuild
from kaname.network.build import build_network as build_from_sources
from kaname.network.draft import NetworkRanges
from kaname.network.network import BASES, SUPPLIER_KINDS, Market, Network, Product
from kaname.network.reconcile import Adjustment
from kaname.network.routes import LaneRoutes, Routing
from kaname.network.sources import REST, Sources, TradeRow
from kaname.network.waysround import Detours
from kaname.terms.errors import DataMissing, KanameError, Problem
from kaname.terms.freeze import freeze, thaw
from kaname.terms.language import ENGLISH, MARKETS, names

BASE_YEAR = 2024
AS_OF = date(2026, 1, 5)  # the day before the block: the controls in force on it belong to the base state
LISTED = 10  # sentences in a list of the largest
CLASSES = (
    NetworkBuild,
    Network,
    NetworkRanges,
    BuildReport,
    LaneRoutes,
    Routing,
    Detours,
    Market,
    Product,
    Adjustment,
    NodeAccount,
    Account,
)
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
    "elasticities",
    "land_borders",
)


@dataclass(frozen=True)
class Baseline:
    """The default network with what it was built from: the sources and the screened trade.

    A network that comes from the cache has not read its sources; they are read when first asked for.
    """

    build: NetworkBuild
    base_year: int = BASE_YEAR
    as_of: date = AS_OF
    root: Path | None = None

    @cached_property
    def sources(self) -> Sources:
        """Return the tables that the network was built from."""
        return self._read[0]

    @cached_property
    def screen(self) -> ScreenResult:
        """Return the trade of the base year with what the screen did to it."""
        return self._read[1]

    def rows(self, table: str) -> Sequence[Mapping[str, Any]]:
        """Return the rows of one of our own tables as the builder takes them, without reading the trade."""
        return _plain(store.own_table(table, self.root).to_pylist())

    @cached_property
    def _read(self) -> tuple[Sources, ScreenResult]:
        return load_sources(self.base_year, self.as_of, self.root)


def load_baseline(
    base_year: int = BASE_YEAR, as_of: date = AS_OF, period_days: float = 7.0, root: Path | None = None
) -> Baseline:
    """Read the tables, screen the trade of the base year, and build the network (rules N1-N7).

    `root` points to another bundle than the embedded one. What was built before from the same data by the
    same code comes from the cache. Raises DataMissing and TableError.
    """
    key = _key(base_year, as_of, period_days, root)
    kept = cache.load("network", key)
    if kept is not None:
        with contextlib.suppress(KanameError, TypeError, KeyError):  # of another shape: build it again
            return Baseline(thaw(kept, CLASSES), base_year, as_of, root)
    sources, screen = load_sources(base_year, as_of, root)
    baseline = Baseline(build_from_sources(sources, period_days), base_year, as_of, root)
    baseline.__dict__["_read"] = (sources, screen)  # what the property would read again
    cache.save("network", key, freeze(baseline.build))
    return baseline


def _key(base_year: int, as_of: date, period_days: float, root: Path | None) -> str:
    """Return the name of a build: a hash of the data, the settings and the code that builds."""
    here = Path(__file__).resolve().parent
    code = [Path(__file__), *(here / "network").glob("*.py"), *(here / "data").glob("*.py")]
    return cache.key_of(f"{store.snapshot_id(root)} {base_year} {as_of} {period_days!r}", code)


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
    """Read everything that the builder needs; the trade of the base year is screened (data trap 1).

    Raises DataMissing for a base year without mine and refinery output: nothing would be left of the chain
    but trade.
    """
    tables = {name: store.own_table(name, root).to_pylist() for name in OWN_TABLES}
    _demand_production(tables["production"], base_year)
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
    plain: dict[str, Any] = {name: _plain(table) for name, table in tables.items()}
    sources = Sources(
        trade=rows,
        **plain,
        **_geography(root),
        base_year=base_year,
        as_of=as_of,
        flags=_flag_sentences(screen),
    )
    return sources, screen


def lane_sources(base_year: int, root: Path | None = None) -> Sources:
    """Return sources that hold what lanes need, names, distances, borders and detours, and no figures.

    For networks that are built from trade alone, of any year. Raises DataMissing and TableError.
    """
    tables: dict[str, Any] = dict.fromkeys(OWN_TABLES, ())
    tables["land_borders"] = _plain(store.own_table("land_borders", root).to_pylist())
    as_of = date(base_year, 12, 31)
    return Sources(trade=(), **tables, **_geography(root), base_year=base_year, as_of=as_of)


def _country_names(root: Path | None) -> dict[str, str]:
    """Return code -> name as it is said in a sentence, of countries that we do not name as in the data."""
    return {**store.country_names(root), **names(MARKETS, ENGLISH)}


def _geography(root: Path | None) -> dict[str, Any]:
    """Return names and distances as `Sources` takes them: the same for every base year."""
    distances, ports = store.distances(root).to_pylist(), store.ports(root).to_pylist()
    return {
        "names": _country_names(root),
        "sea_km": {(r["from_iso3"], r["to_iso3"]): r["sea_km"] for r in distances if r["sea_km"] is not None},
        "passages": {
            (r["from_iso3"], r["to_iso3"]): frozenset(filter(None, (r["passages"] or "").split(";")))
            for r in distances
        },
        "landlocked": frozenset(
            {p["iso3"] for p in ports} - {p["iso3"] for p in ports if p["whose"] == "own"}
        ),
        "detours": _detours(store.detours(root)),
    }


def _detours(table: pa.Table) -> Detours:
    """Return the table of detours as arrays; the names of countries and passages become numbers and bits."""
    countries = sorted({*table["from_iso3"].unique().to_pylist(), *table["to_iso3"].unique().to_pylist()})
    number = {iso3: i for i, iso3 in enumerate(countries)}
    columns = {name: table[name].combine_chunks().dictionary_encode() for name in table.column_names}
    words = {name: columns[name].dictionary.to_pylist() for name in ("closed", "passages")}
    names = sorted({p for texts in words.values() for text in texts for p in text.split(";") if p})

    def coded(column: str, codes: Sequence[int], kind: type) -> Any:
        return np.array(codes, dtype=kind)[columns[column].indices.to_numpy()]

    def places(column: str) -> Any:
        return coded(column, [number[iso3] for iso3 in columns[column].dictionary.to_pylist()], np.int32)

    def sets(column: str) -> Any:
        bits = [sum(1 << names.index(p) for p in text.split(";") if p) for text in words[column]]
        return coded(column, bits, np.int64)

    km = table["sea_km"].fill_null(float("inf")).to_numpy()
    return Detours(
        number, tuple(names), places("from_iso3"), places("to_iso3"), sets("closed"), km, sets("passages")
    )


def _demand_production(rows: Sequence[dict[str, Any]], year: int) -> None:
    kinds: dict[int, set[str]] = {}
    for row in rows:
        kinds.setdefault(int(row["year"]), set()).add(row["kind"])
    whole = sorted(found for found, has in kinds.items() if {"primary", "processing"} <= has)
    if year not in whole:
        raise DataMissing(
            Problem(
                f"no mine and refinery output for {year}",
                "production.csv",
                str(year),
                ", ".join(map(str, whole)) or "rows of kind primary and processing",
                "Choose one of these base years, or add rows.",
            )
        )


def screened_trade(hs: Sequence[str], year: int, root: Path | None = None) -> ScreenResult:
    """Return the trade of a year under some HS codes, screened against the three years before."""
    rows = store.trade(hs, year, root)
    known = {code: set(store.years_with_data(code, root)) for code in hs}
    past = []
    for earlier in range(year - HISTORY_YEARS, year):
        codes = [code for code in hs if earlier in known[code]]
        past += [store.trade(codes, earlier, root)] if codes else []
    history = pa.concat_tables(past) if past else rows.slice(0, 0)
    return guards.screened_quantities(rows, guards.own_past(history, year))


def _flag_sentences(screen: ScreenResult) -> tuple[str, ...]:
    """List the flags and changes of most worth as sentences, and how many there are."""
    flags = sorted(screen.flags, key=lambda flag: -(flag.quantity_t or 0.0) * (flag.median or 0.0))
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


def network_stats(baseline: Baseline | None = None) -> dict[str, Any]:
    """Return counts of what a network holds and sentences on what the builder did to the sources.

    Plain values in reading order, fit for JSON: numbers, and lists of sentences. Without an argument it is
    the default network.
    """
    baseline = baseline or load_baseline()
    report = baseline.build.report
    price = {
        product.id: float(np.nan_to_num(product.price_kusd)) for product in baseline.build.network.products
    }
    unit = {product.id: product.unit for product in baseline.build.network.products}
    unrecorded = sorted(report.unrecorded, key=lambda item: -item[2] * price[item[1]])
    names = _country_names(baseline.root)
    return {
        "base_year": baseline.base_year,
        "as_of": baseline.as_of.isoformat(),
        "period_days": baseline.build.network.period_days,
        **_member_counts(baseline),
        **_lane_counts(baseline),
        "reported_flows": report.reported_flows,
        "bundled_flows": report.bundled_flows,
        "unrecorded_supplies": len(unrecorded),
        "unrecorded_supply_t_per_year": round(sum(tonnes for *_, tonnes in unrecorded), 1),
        "largest_unrecorded_supplies": [
            f"{names.get(country, country)}, {product}: {tonnes:,.1f} {unit[product]} a year"
            for country, product, tonnes in unrecorded[:LISTED]
        ],
        "largest_adjustments": _adjustment_sentences(report.adjustments, price, unit),
        "controls": list(report.controls),
        "data_flags": list(report.flags),
    }


def _member_counts(baseline: Baseline) -> dict[str, int]:
    network = baseline.build.network
    kinds = np.bincount(network.supplier_kind, minlength=len(SUPPLIER_KINDS))
    supplied = [network.products[p] for p in network.supplier_product]
    return {
        "markets": len(network.markets),
        "countries": len({m.country for m in network.markets} - {REST}),
        "segments": sum(bool(m.segment) for m in network.markets),
        "products": len(network.products),
        "materials": sum(p.unit == "t" for p in network.products),
        "elements": len({p.element for p in network.products if p.element}),
        "traded_parts": sum(p.unit == "MUSD" for p in network.products),
        "using_industries": len({p.id for p in supplied if _is_industry(p)}),
        "equipment_groups": len({p.id for p in supplied if p.stage == "equipment"}),
        "suppliers": network.n_suppliers,
        **{f"suppliers_{name}": int(count) for name, count in zip(SUPPLIER_KINDS, kinds, strict=True)},
        "suppliers_industry": sum(map(_is_industry, supplied)),
        "suppliers_equipment": sum(p.stage == "equipment" for p in supplied),
        "consumers": network.n_consumers,
        "recipe_lines": network.n_recipes,
    }


def _is_industry(product: Product) -> bool:
    """Tell a using industry, makers of parts among them, from materials and equipment groups."""
    return product.unit == "index" and product.stage != "equipment"


def _lane_counts(baseline: Baseline) -> dict[str, int]:
    """Count the lanes by state and, of those with a base flow, by kind and basis."""
    network = baseline.build.network
    flows = network.lane_flow > 0.0
    kinds = np.bincount(network.lane_kind[flows], minlength=3)
    bases = np.bincount(network.lane_basis[flows], minlength=len(BASES))
    return {
        "lanes": network.n_lanes,
        "lanes_base": int(flows.sum()),
        "lanes_latent": int((~flows).sum()),
        "lanes_base_rest_of_world": int(kinds[1]),
        "lanes_base_parent_to_segment": int(kinds[2]),
        **{f"lanes_base_{name}": int(count) for name, count in zip(BASES, bases, strict=True)},
    }


def _adjustment_sentences(
    adjustments: Sequence[Adjustment], price: Mapping[str, float], unit: Mapping[str, str]
) -> list[str]:
    """List the largest changes that the balance made, by value at the reference price."""
    largest = sorted(adjustments, key=lambda a: -abs(a.after_t - a.before_t) * price[a.product])[:LISTED]
    return [
        f"{a.place}, {a.product} {a.what}: {a.before_t:,.0f} {unit[a.product]} became "
        f"{a.after_t:,.0f} {unit[a.product]} a year"
        f" (x {a.after_t / a.before_t:.2f})"
        for a in largest
        if a.before_t > 0.0
    ]
