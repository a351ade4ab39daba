"""`kaname data check` and its Python twin: everything doubtful in the data of a year, said and counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from kaname.audit import reported, stages
from kaname.audit.findings import KINDS, DataCheck, Finding, in_order
from kaname.baseline import BASE_YEAR, load_sources, screened_trade
from kaname.data import store
from kaname.data.mirror import REPORTS, mirror_gaps, read_reports
from kaname.data.quality import ScreenResult
from kaname.network.sources import Sources
from kaname.terms.codes import hs_code, near
from kaname.terms.errors import DataMissing, InputError, Problem

_MIRROR_NOTE = (
    "No mirror gaps: the publisher of the embedded trade (BACI) has already made one figure out of what"
    " exporter and importer report. Give a file with both reports by --mirror to see them."
)
_OWN_MIRROR_NOTE = "No mirror gaps: the folder holds one figure per lane. Give both reports by --mirror."


def check_data(
    year: int = BASE_YEAR,
    hs: str | None = None,
    product: str | None = None,
    mirror: Path | None = None,
    root: Path | None = None,
) -> DataCheck:
    """Return what is doubtful in the data of a year, kind by kind, with what was done about it.

    Kinds: gross errors in weights, empty codes, stages without a code, shares of trade that mislead, gross
    weights, sources that disagree, negative use, country codes, re-export hubs, unit values. `hs` (a code of
    the bundle, edition 1992) or `product` (an id) keeps the findings that touch it. What needs output by
    stage is checked for years that have it, which `notes` tells. `mirror` is a CSV file with the reports of
    both sides, or a folder imported from UN Comtrade (`kaname.data.mirror`). `root` points to another bundle
    than the embedded one, such as an imported folder. Raises InputError for an unknown product, DataMissing
    for an unknown code or a year without trade.
    """
    splits = store.own_table("trade_codes", root).to_pylist()
    by_code: defaultdict[str, set[str]] = defaultdict(set)
    for row in splits:
        by_code[row["hs"]].add(row["product"])
    codes = _codes(by_code, hs, product, root)
    sources, screen, notes = _read(year, codes, sorted(by_code), root)
    named = {code: ";".join(sorted(names)) for code, names in by_code.items()}
    found: list[Finding] = []
    if screen is not None:
        found += reported.screened(screen, named)
        found += reported.territories(screen, year)
    every = store.hs_products(root)["hs"].to_pylist()
    found += reported.empty_codes(every if hs is None and product is None else codes, year, root)
    if sources is not None:
        found += _by_stage(sources, hs, product, by_code.get(hs or "", ()))
    found += _mirrored(mirror, year, codes if hs or product else (), root, notes)
    rows = 0 if screen is None else screen.rows.num_rows
    return DataCheck(year, rows, len(codes), in_order(found), tuple(notes))


def _mirrored(
    mirror: Path | None, year: int, codes: Collection[str], root: Path | None, notes: list[str]
) -> list[Finding]:
    """Return the mirror gaps of a year, of some codes or of all; say in `notes` why there are none to see."""
    if mirror is None and root is not None and (root / REPORTS).is_file():
        mirror = root
    if mirror is None:
        notes.append(_MIRROR_NOTE if root is None else _OWN_MIRROR_NOTE)
        return []
    rows = [row for row in read_reports(mirror) if row["year"] == year]
    if not rows:
        notes.append(f"No mirror gaps: {mirror} has no report of {year}.")
    return list(reported.mirrored(mirror_gaps([row for row in rows if not codes or row["hs"] in codes])))


def _codes(
    by_code: Mapping[str, Collection[str]], hs: str | None, product: str | None, root: Path | None
) -> list[str]:
    """Return the codes that are asked for; an unknown product or code is an error with the nearest names."""
    if hs is not None and product is not None:
        raise InputError(Problem("--hs and --product exclude each other", "--hs", hs, "one of them"))
    if hs is not None:
        code = hs_code(hs, where="--hs")
        store.years_with_data(code, root)
        return [code]
    if product is None:
        return sorted(by_code)
    known = [row["product"] for row in store.own_table("products", root).to_pylist() if row["unit"] == "t"]
    if product not in known:
        close = near(product, known)
        fix = "Use " + ", ".join(close) if close else "kaname data coverage --csv lists the products"
        raise InputError(Problem("unknown product", "--product", repr(product), fix=fix))
    return sorted(code for code, names in by_code.items() if product in names)


def _read(
    year: int, codes: Sequence[str], network_codes: Sequence[str], root: Path | None
) -> tuple[Sources | None, ScreenResult | None, list[str]]:
    """Return the sources of a base year, the screened rows under the codes, and what is not there."""
    sources, screen, notes = None, None, []
    try:
        sources, whole = load_sources(year, root=root)
    except DataMissing as error:
        fault = error.problems[0]
        if fault.where not in ("production.csv", "trade"):
            raise
        told = fault.what
        if fault.where == "production.csv":
            told += f". Years with output: {fault.expected}"
        elif len(error.problems) > 1:
            told = f"{len(error.problems)} codes of the network have no data in {year}"
        notes.append(f"Only trade is checked: {told}.")
    present = [code for code in codes if year in store.years_with_data(code, root)]
    if sources is not None and set(codes) <= set(network_codes):
        screen = _only(whole, present)
    elif present:
        screen = screened_trade(present, year, root)
    elif codes and sources is None and len(codes) > 1:
        span = store.hs_products(root)
        first, last = min(span["first_year"].to_pylist()), max(span["last_year"].to_pylist())
        raise DataMissing(Problem(f"no trade in {year}", "--year", str(year), f"{first}-{last}"))
    return sources, screen, notes


def _only(screen: ScreenResult, codes: Sequence[str]) -> ScreenResult:
    """Return the part of a screen under some codes."""
    wanted = set(codes)
    return ScreenResult(
        screen.rows.filter(pc.field("hs").isin(pa.array(codes, pa.string()))),
        tuple(change for change in screen.changes if change.hs in wanted),
        tuple(flag for flag in screen.flags if flag.hs in wanted),
    )


def _by_stage(sources: Sources, hs: str | None, product: str | None, names: Collection[str]) -> list[Finding]:
    """Return the findings by product, those that touch the code or product asked for."""
    sums = stages.stages(sources)
    found = [item for check in stages.CHECKS for item in check(sums)]
    if hs is None and product is None:
        return found
    wanted = set(names) if product is None else {product}
    return [
        item for item in found if item.hs in ("", hs or item.hs) and wanted & set(item.product.split(";"))
    ]


def of_kind(check: DataCheck, kind: str | None) -> DataCheck:
    """Return the findings of one kind; all for None. Raises InputError for an unknown kind."""
    if kind is None:
        return check
    if kind not in KINDS:
        raise InputError(Problem("unknown kind", "--kind", repr(kind), " or ".join(KINDS)))
    found = tuple(item for item in check.findings if item.kind == kind)
    return replace(check, findings=found, notes=check.notes if kind == "mirror_gap" else ())
