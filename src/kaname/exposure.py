"""How much a market depends on another, product by product: `kaname exposure` and its Python twin."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kaname.baseline import BASE_YEAR, Baseline, load_baseline, screened_trade
from kaname.data import store
from kaname.network.network import BASES, SUPPLIER_KINDS, Network
from kaname.terms import codes
from kaname.terms.errors import DataMissing, InputError, Problem

BASIS_SHARE = 0.05  # a basis that carries less of a product's inflow does not set the basis of the row
_CODE = re.compile(r"(?:(?P<edition>HS(?:19|20)\d\d|HS\d\d|H\d)[ :]+)?(?:HS ?)?(?P<code>\d[\d .\-]*)", re.I)


@dataclass(frozen=True)
class ExposureRow:
    """Dependence of one market on another for one product or HS code. Missing values are None.

    `import_t` (gross tonnes), `import_share` and `import_share_value` are raw, as reported, before any
    imputation, by weight and by value. `import_share_balanced` comes from the base state of the network: of
    the contained tonnes of all the row's products together that the country's market and segments import
    (after balance and controls in force), what the other country ships, re-exports included; goods bundled
    through the rest of the world count as imports from no named country. `consumption_share` is the same
    supply over the whole inflow (imports, home output, recycling, unrecorded supply). `hhi` is the
    Herfindahl-Hirschman index of suppliers by raw weight (0-1). `cover_days` is the assumed stock at users.
    `spare_capacity_t` is what producers outside both markets could add in a year. `basis` is that of the raw
    shares where there are any, else the worst basis that carries at least `BASIS_SHARE` of the inflow.
    `imputed` says whether the data screen replaced or filled quantities among the market's imports.
    """

    product: str
    name: str
    hs: str
    year: int
    import_t: float | None
    import_share: float | None
    import_share_value: float | None
    import_share_balanced: float | None
    consumption_share: float | None
    hhi: float | None
    cover_days: float | None
    spare_capacity_t: float | None
    basis: str
    imputed: bool
    flags: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values, as JSON knows them."""
        return asdict(self) | {"flags": list(self.flags)}


def exposure(
    market: str,
    to: str,
    product: str | None = None,
    year: int = BASE_YEAR,
    baseline: Baseline | None = None,
    root: Path | None = None,
    *,
    network_only: bool = False,
) -> tuple[ExposureRow, ...]:
    """Return how far `market` depends on `to`: a row per HS code and per product without a code of its own.

    `market` and `to` are ISO 3166 alpha-3 codes or country names; `product` is a product id or an HS code
    (edition 1992; `HS1992:280530` names it); a product belongs to a code if the code's default split names
    it. `network_only` leaves out the codes that no product of the network uses. Balanced shares, cover and
    spare capacity belong to the base year of the network and are None for other years. Raises InputError
    for unknown names, DataMissing for a year or code without data.
    """
    names = store.country_names(root)
    importer, exporter = codes.country(market, names, "MARKET"), codes.country(to, names, "--to")
    if importer == exporter:
        raise InputError(Problem("a market cannot be exposed to itself", "--to", exporter, "another market"))
    lent: tuple[str, ...] = ()
    if baseline is None:
        baseline, lent = baseline_for(root)
    network = baseline.build.network if year == baseline.build.network.base_year else None
    items = [item for item in _items(baseline, product, root) if item[1] or not network_only]
    if not items:
        raise InputError(Problem("no product of the network has this code", "--product", str(product)))
    reported = _reported(importer, exporter, [code for code, _ in items if code], year, root)
    titles = {row["hs"]: row["description"] for row in store.hs_products(root).to_pylist()}
    titles |= {item.id: item.name for item in baseline.build.network.products}
    by_code = _default_codes(baseline)
    rows = []
    for code, products in items:
        raw = reported[code] if code else _RawShares()
        net = _balanced(network, importer, exporter, products) if network is not None else _Balanced()
        shared = [p for p in by_code.get(code, ()) if p not in products]
        notes = [f"raw shares are of the whole code, which also holds {', '.join(shared)}"] if shared else []
        notes += lent if network is not None else ()
        rows.append(_row(code, products, year, raw, net, titles, notes))
    if all(row.basis == "missing" for row in rows):
        raise _no_data(f"exposure of {importer} to {exporter}", product, year, items, baseline, root)
    return tuple(rows)


def baseline_for(root: Path | None) -> tuple[Baseline, tuple[str, ...]]:
    """Return the network of a data folder, or the default one where the folder lacks trade that it needs.

    The second part says so in a sentence: then only raw shares come from the folder. Raises DataMissing and
    TableError.
    """
    if root is None:
        return load_baseline(), ()
    needed = sorted({row["hs"] for row in store.own_table("trade_codes", root).to_pylist()})
    with_rows = {row["hs"] for row in store.hs_products().to_pylist() if row["last_year"] >= BASE_YEAR}
    missing = [
        code for code in needed if code in with_rows and BASE_YEAR not in store.years_with_data(code, root)
    ]
    if not missing:
        return load_baseline(root=root), ()
    what = (
        f"the folder has no trade of {BASE_YEAR} under {len(missing)} of {len(needed)} codes of the network"
    )
    return load_baseline(), (
        f"{what}: balanced columns, cover and spare capacity are from the embedded data",
    )


def _no_data(
    where: str,
    product: str | None,
    year: int,
    items: Sequence[tuple[str, tuple[str, ...]]],
    baseline: Baseline,
    root: Path | None,
) -> DataMissing:
    """Return the error for a year without any data, naming the years that have some."""
    found: set[int] = set()
    for code, products in items:
        if code:
            found |= set(store.years_with_data(code, root)) - set(store.thin_years(code, root))
        elif products:
            found.add(baseline.build.network.base_year)
    years = f"{min(found)}-{max(found)}" if len(found) > 1 else ", ".join(map(str, found))
    what = f"no data on {product or 'any product'} in {year}; missing is not zero"
    if year in found:
        fix = "Both directions may be empty: ask for another market, or leave --product out."
    else:
        fix = f"Years with data: {years}." if years else "Ask for another product."
    return DataMissing(Problem(what, where, str(year), years, fix))


def _default_codes(baseline: Baseline) -> dict[str, tuple[str, ...]]:
    """Return the products of each HS code: those that its default split names, in the network's order.

    A product that appears under a code from some exporters only (mine product under 284690) is no part of
    what the code says of others.
    """
    order = {item.id: i for i, item in enumerate(baseline.build.network.products)}
    found: dict[str, set[str]] = {}
    for row in baseline.rows("trade_codes"):
        if row["exporter"] == "*" and row["product"] in order:
            found.setdefault(row["hs"], set()).add(row["product"])
    return {code: tuple(sorted(ids, key=order.__getitem__)) for code, ids in sorted(found.items())}


def _items(baseline: Baseline, product: str | None, root: Path | None) -> list[tuple[str, tuple[str, ...]]]:
    """Return (HS code or '', product ids) to report on: codes in the network, products without one, other
    codes.
    """
    by_code = _default_codes(baseline)
    has_code = {name for names in by_code.values() for name in names}
    materials = [item.id for item in baseline.build.network.products if item.unit != "index"]
    coded = list(by_code.items())
    uncoded: list[tuple[str, tuple[str, ...]]] = [("", (p,)) for p in materials if p not in has_code]
    if product is None:
        rest = sorted(set(store.hs_products(root)["hs"].to_pylist()) - set(by_code))
        return coded + uncoded + [(code, ()) for code in rest]
    text = product.strip()
    if match := _CODE.fullmatch(text):
        code = codes.hs_code(match["code"], match["edition"] or codes.HS_EDITION, "--product")
        store.years_with_data(code, root)  # DataMissing with the nearest codes if the bundle lacks it
        return [(code, by_code.get(code, ()))]
    if text in materials:
        return [(code, (text,)) for code, ids in coded if text in ids] or [("", (text,))]
    if text in {item.id for item in baseline.build.network.products}:
        what, fix = "an industry has no imports of its own", "Ask for one of its materials."
    else:
        close = codes.near(text, materials)
        what, fix = "unknown product", f"Did you mean {' or '.join(close)}?" if close else ""
    expected = f"an HS code or one of {', '.join(materials)}"
    raise InputError(Problem(what, "--product", repr(product), expected, fix))


def _row(
    code: str,
    products: Sequence[str],
    year: int,
    raw: _RawShares,
    net: _Balanced,
    titles: Mapping[str, str],
    notes: Sequence[str],
) -> ExposureRow:
    return ExposureRow(
        product="+".join(products) if products else f"hs{code}",
        name=" / ".join(titles[p] for p in products) if products else titles[code],
        hs=code,
        year=year,
        import_t=raw.total_t,
        import_share=raw.by_weight,
        import_share_value=raw.by_value,
        import_share_balanced=net.import_share,
        consumption_share=net.consumption_share,
        hhi=raw.hhi,
        cover_days=net.cover_days,
        spare_capacity_t=net.spare_t,
        basis="observed" if raw.by_weight is not None or raw.by_value is not None else net.basis,
        imputed=raw.imputed,
        flags=(*raw.flags, *notes, *net.flags),
    )


@dataclass(frozen=True)
class _RawShares:
    total_t: float | None = None
    by_weight: float | None = None
    by_value: float | None = None
    hhi: float | None = None
    imputed: bool = False
    flags: tuple[str, ...] = ()


def _reported(
    importer: str, exporter: str, hs: Sequence[str], year: int, root: Path | None
) -> dict[str, _RawShares]:
    """Return, by HS code, shares of reported imports before imputation, and what the screen says of them."""
    known = [code for code in hs if year in store.years_with_data(code, root)]
    found = {code: _RawShares(flags=(f"no trade under this code in {year}",)) for code in hs}
    if not known:
        return found
    rows = [row for row in store.trade(known, year, root).to_pylist() if row["importer"] == importer]
    screen = screened_trade(known, year, root)
    for code in known:
        own = [row for row in rows if row["hs"] == code]
        tonnes = {row["exporter"]: row["quantity_t"] for row in own if row["quantity_t"]}
        value = {row["exporter"]: row["value_kusd"] for row in own if row["value_kusd"]}
        total, worth = sum(tonnes.values()), sum(value.values())
        changes = [str(c) for c in screen.changes if c.importer == importer and c.hs == code]
        flags = [str(f) for f in screen.flags if f.importer == importer and f.hs == code]
        if not own:
            flags.append(f"no imports under this code reported in {year}")
        elif total <= 0.0:
            flags.append("no imports with a quantity reported")
        if year in store.thin_years(code, root):
            flags.append(f"{year} holds only a remnant of the trade under this code")
        found[code] = _RawShares(
            total if total > 0.0 else None,
            tonnes.get(exporter, 0.0) / total if total > 0.0 else None,
            value.get(exporter, 0.0) / worth if worth > 0.0 else None,
            sum((t / total) ** 2 for t in tonnes.values()) if total > 0.0 else None,
            bool(changes),
            tuple(changes + flags),
        )
    return found


@dataclass(frozen=True)
class _Balanced:
    import_share: float | None = None
    consumption_share: float | None = None
    cover_days: float | None = None
    spare_t: float | None = None
    basis: str = "missing"
    flags: tuple[str, ...] = ()


def _balanced(network: Network, importer: str, exporter: str, products: Sequence[str]) -> _Balanced:
    """Return the shares, stock cover and spare capacity that the network holds for some products together.

    The country's segments belong to it; what its importers pass on to them is counted once.
    """
    country = np.array([market.country for market in network.markets])
    ids = [network.product_index(p) for p in products]
    at_home = (country[network.consumer_market] == importer) & np.isin(network.consumer_product, ids)
    start = country[network.supplier_market[network.lane_supplier]]
    kind = network.supplier_kind[network.lane_supplier]
    passed_on = (start == importer) & (kind == SUPPLIER_KINDS.index("reexport"))
    into = at_home[network.lane_consumer] & (network.lane_flow > 0.0) & ~passed_on
    flow = network.lane_flow[into]
    inflow = float(flow.sum())
    if inflow <= 0.0:
        return _Balanced()
    imported = float(flow[start[into] != importer].sum())
    from_there = float(flow[start[into] == exporter].sum())
    other = ~np.isin(country[network.supplier_market], [importer, exporter])
    made = network.supplier_kind < SUPPLIER_KINDS.index("reexport")
    makers = np.isin(network.supplier_product, ids) & other & made
    spare = float((network.supplier_base * network.supplier_headroom)[makers].sum())
    weights = network.consumer_inflow[at_home]
    parts = np.bincount(network.lane_basis[into], flow, len(BASES)) / inflow
    carried = [f"{share:.0%} {name}" for name, share in zip(BASES, parts, strict=True) if share >= 0.005]
    return _Balanced(
        from_there / imported if imported > 0.0 else None,
        from_there / inflow,
        float(np.average(network.consumer_cover_days[at_home], weights=weights)),
        spare * 365.0 / network.period_days,
        BASES[int(np.flatnonzero(parts >= BASIS_SHARE).max())],
        (f"balanced columns rest on lanes that are by weight {', '.join(carried)}",),
    )
