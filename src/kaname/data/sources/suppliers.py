"""A company's supplier list: where suppliers are, what share they deliver, where they buy themselves."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from kaname.data.sources.bom import MOST_DAYS, catalogue
from kaname.data.sources.cells import Cells, SourceFile, open_cells
from kaname.data.sources.findings import DROP, REPAIR, Finding, settle
from kaname.data.sources.layouts import SUPPLIERS


@dataclass(frozen=True)
class SupplierRow:
    """One row: a supplier, its country, and for which item, product or code it holds; '' and None are
    missing.
    """

    row: int
    supplier: str
    country: str | None
    item: str
    product: str
    hs: str
    share: float | None
    origin_country: str | None
    lead_time_days: float | None


@dataclass(frozen=True)
class SupplierList:
    """A checked supplier list: the file, its rows, rows read, and everything that was found."""

    file: SourceFile
    rows: tuple[SupplierRow, ...]
    rows_read: int
    findings: tuple[Finding, ...]


def read_suppliers(
    path: Path,
    on_fault: str = "refuse",
    encoding: str = "",
    decimal: str = "auto",
    sheet: str = "",
    root: Path | None = None,
) -> SupplierList:
    """Return the checked rows of a supplier list (columns: docs/own-data.md); raises as `bom.read_bom`."""
    with tempfile.TemporaryDirectory() as work:
        columns = ("share", "lead_time_days")
        file, cells, rows = open_cells(path, SUPPLIERS, Path(work), encoding, decimal, sheet, columns)
    known = catalogue(root)
    found = []
    for row, text in rows:
        get = {name: text.get(name, "") for name in SUPPLIERS.names}
        for name in ("supplier", "country"):
            if not get[name] and row not in cells.bad_rows:
                cells.fault(
                    "missing_cell", name, row, "", SUPPLIERS.columns[SUPPLIERS.names.index(name)].sentence
                )
        product = known.named(get["product"]) if get["product"] else ""
        if product is None:
            close = known.nearest(get["product"])
            fix = f"Did you mean {' or '.join(close)}?" if close else ""
            cells.fault("unknown_product", "product", row, get["product"], "a product id or name", fix)
        found.append(
            SupplierRow(
                row,
                get["supplier"],
                cells.country(row, "country", get["country"]),
                get["item"],
                product or "",
                cells.hs(row, "hs", get["hs"]) or "",
                cells.share(row, "share", get["share"]),
                cells.country(row, "origin_country", get["origin_country"]),
                cells.number(row, "lead_time_days", get["lead_time_days"], MOST_DAYS),
            )
        )
    _compare(found, cells)
    good = tuple(one for one in found if one.row not in cells.bad_rows)
    findings = cells.notes.found
    settle(findings, on_fault, str(path))
    lost = sum(one.count for one in findings if one.kind == "cell_count")
    return SupplierList(file, good, len(rows) + lost, findings)


def _compare(found: list[SupplierRow], cells: Cells) -> None:
    """Note rows that stand twice, and shares of an item that add up to more than 1."""
    seen: dict[tuple[str, ...], SupplierRow] = {}
    totals: dict[tuple[str, str, str], list[SupplierRow]] = {}
    for one in found:
        if one.row in cells.bad_rows:
            continue
        what = one.item, one.product, one.hs
        key = (one.supplier.casefold(), *what, one.country or "", one.origin_country or "")
        if key in seen:
            same = (seen[key].share, seen[key].lead_time_days) == (one.share, one.lead_time_days)
            kind, remedy = ("duplicate", REPAIR) if same else ("duplicate_conflict", DROP)
            fix = "" if same else f"Compare with row {seen[key].row}"
            cells.notes.add(kind, remedy, "", one.row, one.supplier, "", "", fix)
            cells.bad_rows |= {one.row} if same else {one.row, seen[key].row}
            continue
        seen[key] = one
        if any(what):
            totals.setdefault(what, []).append(one)
    for what, rows in totals.items():
        total = sum(one.share or 0.0 for one in rows)
        if total > 1.0 + 1e-9:
            for one in rows:
                old = f"{' '.join(filter(None, what))}: {total:.3g} together"
                cells.fault("shares_over_one", "share", one.row, old, "at most 1 an item")
