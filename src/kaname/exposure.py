"""How much a market depends on another, product by product: `kaname exposure` and its Python twin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kaname.baseline import BASE_YEAR, Baseline, load_baseline, screened_trade
from kaname.data import store
from kaname.network.network import BASES, Network
from kaname.terms import codes
from kaname.terms.errors import DataMissing, InputError, Problem


@dataclass(frozen=True)
class ExposureRow:
    """Dependence of one market on another for one product or HS code. Missing values are None.

    `import_share` and `import_share_value` are raw, as reported, before any imputation, by weight and by
    value; `import_share_balanced` comes from the balanced network and counts what each exporter ships,
    re-exports included; `consumption_share` is the same supply over the market's whole inflow (imports, home
    output, recycling). `hhi` is the Herfindahl-Hirschman index of suppliers by raw weight (0-1). `cover_days`
    is the assumed stock at users. `spare_capacity_t` is what producers outside both markets could add in a
    year. `imputed` says whether the data screen replaced or filled quantities among the market's imports.
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
        """Return the row as plain values."""
        return asdict(self)


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
    """Return how far `market` depends on `to`: a row per HS code and per product without trade data.

    `market` and `to` are ISO 3166 alpha-3 codes or country names; `product` is a product id or an HS code
    (edition 1992); `network_only` leaves out the codes that no product of the network uses. Balanced shares,
    cover and spare capacity belong to the base year of the network and are None for other years. Raises
    InputError for unknown names, DataMissing for a year or code without data.
    """
    names = store.country_names(root)
    importer, exporter = codes.country(market, names, "MARKET"), codes.country(to, names, "--to")
    if importer == exporter:
        raise InputError(Problem("a market cannot be exposed to itself", "--to", exporter, "another market"))
    if baseline is None:
        baseline = load_baseline(root=root)
    network = baseline.build.network if year == baseline.build.network.base_year else None
    items = [item for item in _items(baseline, product, root) if item[1] or not network_only]
    reported = _reported(importer, exporter, [code for code, _ in items if code], year, root)
    titles = {row["hs"]: row["description"] for row in store.hs_products(root).to_pylist()}
    titles |= {item.id: item.name for item in baseline.build.network.products}
    rows = []
    for code, products in items:
        raw = reported[code] if code else _RawShares()
        net = _balanced(network, importer, exporter, products) if network is not None else _Balanced()
        rows.append(_row(code, products, year, raw, net, titles))
    if product is not None and all(row.import_share is None and row.basis == "missing" for row in rows):
        raise DataMissing(
            Problem(
                "no data", f"exposure {importer} to {exporter}", f"{product}, {year}", fix="Try another year."
            )
        )
    return tuple(rows)


def _items(baseline: Baseline, product: str | None, root: Path | None) -> list[tuple[str, tuple[str, ...]]]:
    """Return (HS code or '', product ids) to report on: network codes, network products without one,
    others.
    """
    network = baseline.build.network
    by_code: dict[str, list[str]] = {}
    for item in network.products:
        for code in item.hs:
            by_code.setdefault(code, []).append(item.id)
    descriptions = store.hs_products(root).to_pylist()
    known = {row["hs"] for row in descriptions}
    uncoded: list[tuple[str, tuple[str, ...]]] = [
        ("", (item.id,)) for item in network.products if not item.hs and item.unit == "t"
    ]
    coded: list[tuple[str, tuple[str, ...]]] = [(c, tuple(by_code[c])) for c in sorted(by_code)]
    if product is None:
        return coded + uncoded + [(code, ()) for code in sorted(known - set(by_code))]
    if product.replace(".", "").upper().removeprefix("HS").strip().isdigit():
        digits = codes.hs_code(product.upper().removeprefix("HS").strip(), where="--product")
        if digits not in known:
            fix = "See `kaname data list`."
            raise DataMissing(Problem("HS code not in the bundle", "--product", product, fix=fix))
        return [(digits, tuple(by_code.get(digits, ())))]
    found: list[tuple[str, tuple[str, ...]]] = [(code, (product,)) for code, ids in coded if product in ids]
    found += [item for item in uncoded if product in item[1]]
    if not found:
        ids = ", ".join(item.id for item in network.products if item.unit == "t")
        raise InputError(Problem("unknown product", "--product", product, f"an HS code or one of {ids}"))
    return found


def _row(
    code: str, products: Sequence[str], year: int, raw: _RawShares, net: _Balanced, titles: Mapping[str, str]
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
        basis="observed" if raw.total_t is not None else net.basis,
        imputed=raw.imputed,
        flags=raw.flags,
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
        if total <= 0.0:
            found[code] = _RawShares(flags=("no imports with a quantity reported",))
            continue
        changes = [str(c) for c in screen.changes if c.importer == importer and c.hs == code]
        flags = [str(f) for f in screen.flags if f.importer == importer and f.hs == code]
        found[code] = _RawShares(
            total,
            tonnes.get(exporter, 0.0) / total,
            value.get(exporter, 0.0) / worth if worth > 0.0 else None,
            sum((t / total) ** 2 for t in tonnes.values()),
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


def _balanced(network: Network, importer: str, exporter: str, products: Sequence[str]) -> _Balanced:
    """Return the shares, stock cover and spare capacity that the network holds for some products together."""
    country = np.array([market.country for market in network.markets])
    consumers = [n for p in products if (n := network.consumer_index(importer, p)) >= 0]
    if not consumers:
        return _Balanced()
    lanes = np.isin(network.lane_consumer, consumers)
    start = country[network.supplier_market[network.lane_supplier]]
    flow = np.where(lanes, network.lane_flow, 0.0)
    imported = float(flow[start != importer].sum())
    from_there = float(flow[start == exporter].sum())
    inflow = float(network.consumer_inflow[consumers].sum())
    ids = [network.product_index(p) for p in products]
    other = ~np.isin(country[network.supplier_market], [importer, exporter])
    makers = np.isin(network.supplier_product, ids) & other & (network.supplier_kind < 3)
    spare = float((network.supplier_base * network.supplier_headroom)[makers].sum())
    weights = network.consumer_inflow[consumers]
    cover = (
        float(np.average(network.consumer_cover_days[consumers], weights=weights)) if inflow > 0.0 else None
    )
    worst = int(network.lane_basis[lanes & (network.lane_flow > 0.0)].max(initial=0))
    return _Balanced(
        from_there / imported if imported > 0.0 else None,
        from_there / inflow if inflow > 0.0 else None,
        cover,
        spare * 365.0 / network.period_days,
        BASES[worst],
    )
