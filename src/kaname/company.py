"""What a company's own purchases hang on: `kaname exposure --bom` and its Python twin.

A bill of materials and a supplier list say from where a company buys; the network says what that country's
goods are made of. What neither says stays unknown, and is never counted as safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.baseline import Baseline, load_baseline
from kaname.data import store
from kaname.data.sources.bom import Bom, BomLine, read_bom
from kaname.data.sources.findings import Finding
from kaname.data.sources.suppliers import SupplierList, SupplierRow, read_suppliers
from kaname.network.network import SUPPLIER_KINDS, Network
from kaname.scenario.origin import origin_shares
from kaname.terms import codes
from kaname.terms.errors import InputError, Problem

HALF = 0.5
LISTED = 5  # other countries named per item
SMALL = 1e-9
DAYS = 365.0  # of a year, as spare capacity is given by year in `exposure`
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ItemRow:
    """One item of a bill of materials. Missing values are None; shares are of the item's purchases.

    `direct_share` comes from suppliers in the other country; `second_tier_share` from suppliers elsewhere
    whose goods come from there, as the supplier list says or as the network traces it; `unknown_share` is
    what nothing is known of. `dependent_share` is the sum of the first two, so at least that much depends.
    `dependent_high_share` adds the unknown. `days_left` is how long the stock lasts if that part stops coming
    and the rest goes on; goods under way and national reserves are not counted. `lead_time_days` is the
    longest that the user gives, else the transport time from other countries in the network
    (`lead_time_basis`). `single_source` is None where suppliers are not known. `alternatives` are other
    exporters with their spare capacity, of which `spare_capacity_t` is the sum.
    """

    item: str
    name: str
    products: tuple[str, ...]
    hs: str
    matched_by: str
    quantity_t: float | None
    spend_kusd_per_year: float | None
    direct_share: float | None
    second_tier_share: float | None
    unknown_share: float
    dependent_share: float | None
    dependent_high_share: float | None
    stock_days: float | None
    days_left: float | None
    lead_time_days: float | None
    lead_time_basis: str
    gap_days: float | None
    suppliers: int
    countries: int
    single_source: bool | None
    spare_capacity_t: float | None
    alternatives: tuple[str, ...]
    flags: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class CompanyExposure:
    """What a company depends on: a sentence for the reader in a hurry, a row per item, what the checker
    found.
    """

    market: str
    to: str
    sentence: str
    rows: tuple[ItemRow, ...]
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values: the JSON of `kaname exposure --bom --json`."""
        return {
            "market": self.market,
            "to": self.to,
            "sentence": self.sentence,
            "items": [row.as_dict() for row in self.rows],
            "findings": [finding.as_dict() for finding in self.findings],
        }


@dataclass(frozen=True)
class Supply:
    """A part of an item's purchases: its share (None unknown), where it is from, what is known of the tier
    behind.
    """

    supplier: str
    country: str | None
    share: float | None
    origin: str | None
    lead_time_days: float | None


def company_exposure(
    bom: Path | Bom,
    to: str,
    market: str,
    suppliers: Path | SupplierList | None = None,
    baseline: Baseline | None = None,
    on_fault: str = "refuse",
    encoding: str = "",
    decimal: str = "auto",
) -> CompanyExposure:
    """Return how far each item of a bill of materials depends on the country `to`.

    `market` is the country in which the company works; both are ISO 3166 alpha-3 codes or names. Files are
    checked first, and faults refused or repaired as `on_fault` says. Raises InputError for unknown names,
    TableError for faults of the files, DataMissing for files that are not there.
    """
    names = store.country_names()
    home, other = codes.country(market, names, "--market"), codes.country(to, names, "--to")
    if home == other:
        raise InputError(Problem("a market cannot be exposed to itself", "--to", other, "another market"))
    words = (on_fault, encoding, decimal)
    book = bom if isinstance(bom, Bom) else read_bom(Path(bom), *words)
    listed = read_suppliers(Path(suppliers), *words) if isinstance(suppliers, str | Path) else suppliers
    if not book.lines:
        raise InputError(Problem("no line is left", str(book.file.path), "0 lines", "at least one"))
    network = (baseline or load_baseline()).build.network
    behind = _Behind(network, home, other)
    items: dict[str, list[BomLine]] = {}
    for line in book.lines:
        items.setdefault(line.item, []).append(line)
    rows = [_row(lines, listed.rows if listed else (), behind) for lines in items.values()]
    rows.sort(key=lambda row: (-(row.dependent_share if row.dependent_share is not None else -1.0), row.item))
    findings = (*book.findings, *(listed.findings if listed else ()))
    return CompanyExposure(home, other, _sentence(rows, names.get(other, other)), tuple(rows), findings)


class _Behind:
    """What the network knows behind a supplier: origin shares, other exporters, transport times."""

    def __init__(self, network: Network, home: str, other: str) -> None:
        """Trace the goods of `other` through the base state once, for all items (rule M7)."""
        self.network, self.home, self.other = network, home, other
        self.country = np.array([market.country for market in network.markets])
        materials = np.array([product.unit == "t" for product in network.products])
        self.origin = origin_shares(network, self.country == other, materials)
        self.at = self.country[network.supplier_market]
        self.buyer = self.country[network.consumer_market[network.lane_consumer]]

    def share(self, country: str, products: Sequence[str]) -> float | None:
        """Return the share of `other` in what a country's suppliers sell of some products; None if it has
        none.

        Weighted by what they ship to the home market, where they do, else by all that they ship. For the home
        country itself it is the share in the market's whole supply, as a supplier there may be a maker or a
        trader.
        """
        net = self.network
        ids = [net.product_index(product) for product in products]
        lane = np.isin(net.supplier_product[net.lane_supplier], ids) & (net.lane_flow > 0.0)
        into_home = lane & (self.buyer == self.home)
        if country == self.home:
            kind = net.supplier_kind[net.lane_supplier]
            passed_on = (self.at[net.lane_supplier] == self.home) & (kind == SUPPLIER_KINDS.index("reexport"))
            chosen = into_home & ~passed_on
        else:
            from_there = self.at[net.lane_supplier] == country
            chosen = into_home & from_there if (into_home & from_there).any() else lane & from_there
        if not chosen.any():
            return None
        return float(np.average(self.origin[net.lane_supplier[chosen]], weights=net.lane_flow[chosen]))

    def others(self, products: Sequence[str]) -> tuple[float | None, tuple[str, ...]]:
        """Return the spare capacity of makers elsewhere (t a year), and the largest exporters in words."""
        net = self.network
        ids = [net.product_index(product) for product in products]
        elsewhere = np.isin(net.supplier_product, ids) & ~np.isin(self.at, [self.home, self.other])
        makers = elsewhere & (net.supplier_kind < SUPPLIER_KINDS.index("reexport"))
        if not makers.any():
            return None, ()
        spare = net.supplier_base * net.supplier_headroom * DAYS / net.period_days
        abroad = self.buyer != self.at[net.lane_supplier]
        shipped = np.bincount(net.lane_supplier[abroad], net.lane_flow[abroad], minlength=net.n_suppliers) * (
            DAYS / net.period_days
        )
        by_country = {
            name: (
                float(spare[makers & (self.at == name)].sum()),
                float(shipped[elsewhere & (self.at == name)].sum()),
            )
            for name in sorted(set(self.at[makers]))
        }
        largest = sorted(by_country.items(), key=lambda item: -item[1][1])
        told = []
        for name, (room, out) in largest[:LISTED]:
            if out > 0.0:
                share = self.share(name, products) or 0.0
                there = f"{share:.0%} of it from {self.other}"
                told.append(f"{name}: exports {out:,.0f} t, spare {room:,.0f} t a year, {there}")
        return sum(room for room, _ in by_country.values()), tuple(told)

    def transport_days(self, products: Sequence[str]) -> float | None:
        """Return the usual transport time into the home market from other countries, days; None without
        lanes.
        """
        net = self.network
        ids = [net.product_index(product) for product in products]
        lane = np.isin(net.supplier_product[net.lane_supplier], ids) & (self.buyer == self.home)
        lane &= (net.lane_flow > 0.0) & ~np.isin(self.at[net.lane_supplier], [self.home, self.other])
        if not lane.any():
            return None
        lag = np.average(net.lane_lag[lane], weights=net.lane_flow[lane])
        return float(lag) * net.period_days

    def known(self, products: Sequence[str]) -> tuple[str, ...]:
        """Return the products that the network holds."""
        return tuple(product for product in products if self.network.product_index(product) >= 0)


def _supplies(lines: Sequence[BomLine], listed: Sequence[SupplierRow]) -> tuple[list[Supply], list[str]]:
    """Return the parts of an item's purchases, and what had to be assumed.

    The supplier list goes before the bill of materials: rows for the item, else for its product or code, else
    for all items of the supplier. A named supplier that no row holds keeps the country of the bill of
    materials.
    """
    found: list[Supply] = []
    flags: list[str] = []
    for line in lines:
        rows = [
            row for row in listed if line.supplier and row.supplier.casefold() == line.supplier.casefold()
        ]
        for fits in (
            [row for row in rows if row.item == line.item],
            [row for row in rows if row.product in line.products and row.product and not row.item],
            [row for row in rows if row.hs and row.hs == line.hs and not row.item],
            [row for row in rows if not (row.item or row.product or row.hs)],
        ):
            if fits:
                found += [_supply(row, line, len(fits)) for row in fits]
                if len(fits) == 1 and len({line.share, fits[0].share} - {None}) > 1:
                    flags.append(f"{line.supplier}: two shares; that of the bill of materials is used")
                if line.country and line.country not in {row.country for row in fits}:
                    said = f"{line.supplier}: the bill of materials says {line.country}"
                    flags.append(f"{said}; the supplier list is used")
                break
        else:
            found.append(Supply(line.supplier, line.country, line.share, None, line.lead_time_days))
            if listed and line.supplier:
                flags.append(f"{line.supplier} is not in the supplier list")
    if not any(line.supplier or line.country for line in lines):  # no supplier named: the list may name some
        item, products, hs = lines[0].item, lines[0].products, lines[0].hs
        rows = [
            row
            for row in listed
            if row.item == item or (row.product and row.product in products) or (row.hs and row.hs == hs)
        ]
        if rows:
            found = [_supply(row, lines[0], 2) for row in rows]
    if len(found) == 1 and found[0].share is None and (found[0].supplier or found[0].country):
        only = found[0]
        found = [Supply(only.supplier, only.country, 1.0, only.origin, only.lead_time_days)]
        flags.append("one supplier and no share given: taken as all of it")
    total = sum(one.share or 0.0 for one in found)
    if total > 1.0 + SMALL:
        flags.append(f"shares add up to {total:.2f}: scaled to 1")
        found = [
            Supply(s.supplier, s.country, s.share and s.share / total, s.origin, s.lead_time_days)
            for s in found
        ]
    return found, flags


def _supply(row: SupplierRow, line: BomLine, rows: int) -> Supply:
    """Return a row of the supplier list as a supply of a line; a single row may take the line's own share."""
    share = line.share if rows == 1 and line.share is not None else row.share
    lead = row.lead_time_days if row.lead_time_days is not None else line.lead_time_days
    return Supply(row.supplier, row.country, share, row.origin_country, lead)


def _row(lines: Sequence[BomLine], listed: Sequence[SupplierRow], behind: _Behind) -> ItemRow:
    """Return the answer for one item."""
    first = lines[0]
    products = behind.known(next((line.products for line in lines if line.products), ()))
    supplies, flags = _supplies(lines, listed)
    flags += _match_flags(first, products)
    direct, second, unknown, said = _shares(supplies, products, behind)
    flags += said
    dependent = direct + second if unknown < 1.0 - SMALL else None
    stock = _first(line.stock_days for line in lines)
    lead, lead_basis = _lead(supplies, products, behind)
    left = stock / dependent if stock is not None and dependent and dependent > SMALL else None
    if stock is None:
        flags.append("stock not given")
    if products:
        spare, others = behind.others(products)
    else:
        spare, others = None, ()
    named = {one.supplier.casefold() for one in supplies if one.supplier}
    countries = {one.country for one in supplies if one.country}
    known_all = bool(supplies) and all(one.supplier or one.country for one in supplies)
    return ItemRow(
        item=first.item,
        name=first.name,
        products=products,
        hs=first.hs,
        matched_by=first.matched_by,
        quantity_t=_first(line.quantity_t for line in lines),
        spend_kusd_per_year=_first(line.spend_kusd_per_year for line in lines),
        direct_share=direct if dependent is not None else None,
        second_tier_share=second if dependent is not None else None,
        unknown_share=unknown,
        dependent_share=dependent,
        dependent_high_share=min(1.0, (dependent or 0.0) + unknown),
        stock_days=stock,
        days_left=left,
        lead_time_days=lead,
        lead_time_basis=lead_basis,
        gap_days=max(0.0, lead - left) if lead is not None and left is not None else None,
        suppliers=len(named),
        countries=len(countries),
        single_source=max(len(named), len(countries)) == 1 if known_all else None,
        spare_capacity_t=spare,
        alternatives=others,
        flags=tuple(dict.fromkeys(flags)),
    )


def _match_flags(line: BomLine, products: Sequence[str]) -> list[str]:
    """Say what the item counts as where that is not one named product."""
    if not line.matched_by:
        close = f"; nearest: {', '.join(line.nearest)}" if line.nearest else ""
        return [f"matches no product{close}; only direct shares are known"]
    if not products:
        return [f"the network holds no product of HS {line.hs}; only direct shares are known"]
    if len(products) > 1:
        return [f"HS {line.hs} holds {', '.join(products)}: counted together"]
    return [f"matched by its {line.matched_by} as {products[0]}"] if line.matched_by == "name" else []


def _shares(
    supplies: Sequence[Supply], products: Sequence[str], behind: _Behind
) -> tuple[float, float, float, list[str]]:
    """Return the shares that are direct, second tier and unknown; they and what is known to be free add up to
    1.
    """
    direct = second = known = 0.0
    flags: list[str] = []
    without = [one for one in supplies if one.share is None]
    rest = max(0.0, 1.0 - sum(one.share or 0.0 for one in supplies))
    places = {one.country for one in without}
    for one in supplies:
        share = one.share
        if share is None:
            if len(without) == 1 or (len(places) == 1 and behind.other in places):
                share = rest / len(without)  # the rest comes from one place, whoever delivers it
            else:
                continue
        if one.country is None:
            continue
        if one.country == behind.other:
            direct, known = direct + share, known + share
        elif one.origin is not None:
            second += share if one.origin == behind.other else 0.0
            known += share
        elif products and (behind_it := behind.share(one.country, products)) is not None:
            second, known = second + share * behind_it, known + share
            if one.country == behind.home:
                flags.append("home suppliers: origin taken as that of the market's whole supply")
            flags.append("second tier traced in the network (modelled)")
        else:
            flags.append(f"nothing known of what lies behind suppliers in {one.country}")
    if len(without) > 1 and not (len(places) == 1 and behind.other in places):
        flags.append(f"{len(without)} suppliers without a share")
    if any(one.country is None for one in supplies):
        flags.append("a supplier without a country")
    return direct, second, min(1.0, max(0.0, 1.0 - known)), flags


def _lead(supplies: Sequence[Supply], products: Sequence[str], behind: _Behind) -> tuple[float | None, str]:
    """Return the lead time and what it rests on."""
    given = [one.lead_time_days for one in supplies if one.lead_time_days is not None]
    if given:
        return max(given), "given"
    days = behind.transport_days(products) if products else None
    return (None, "missing") if days is None else (days, "transport only, modelled")


def _first(values: Any) -> float | None:
    return next((value for value in values if value is not None), None)


def _sentence(rows: Sequence[ItemRow], other: str) -> str:
    """Return the answer for the reader in a hurry."""
    known = [row for row in rows if row.dependent_share is not None]
    high = [row for row in known if (row.dependent_share or 0.0) > HALF]
    maybe = [row for row in rows if row not in high and (row.dependent_high_share or 0.0) > HALF]
    plural = "" if len(rows) == 1 else "s"
    verb = "depends" if len(high) == 1 else "depend"
    parts = [f"{len(high)} of {len(rows)} item{plural} {verb} on {other} for more than half"]
    out = sorted(
        (row for row in known if row.days_left is not None), key=lambda row: (row.days_left or 0.0, row.item)
    )
    if out:
        days = out[0].days_left or 0.0
        parts.append(f"the first that would run out is {out[0].item}, after {days:,.0f} days of stock")
    elif high:
        parts.append("no stock is given for any that depends on it, so nobody can say what runs out first")
    if maybe:
        parts.append(f"{len(maybe)} more could, as too little is known of their suppliers")
    unmatched = sum(not row.products for row in rows)
    if unmatched:
        parts.append(f"{unmatched} could not be matched to a product of the network")
    return "; ".join(parts) + "."
