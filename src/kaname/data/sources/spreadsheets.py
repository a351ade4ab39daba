"""XLSX files of users, read with care: bounded in size, formulas by their last value, dates not taken for
codes.
"""

from __future__ import annotations

import hashlib
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from kaname.data.sources.findings import DROP, REPAIR, STOP, TELL, Collector, settle
from kaname.data.sources.layouts import Layout
from kaname.data.sources.reading import match_columns, plain
from kaname.terms.errors import DataMissing, Problem

LARGEST_BYTES = 50 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2000


@dataclass(frozen=True)
class Sheet:
    """One sheet: hash and size of the file, the sheet's name, its header, and where its rows are."""

    path: Path
    sha256: str
    size_bytes: int
    name: str
    header: tuple[str, ...]
    columns: dict[str, int]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]


def read_sheet(path: Path, layout: Layout, notes: Collector, sheet: str = "") -> Sheet:
    """Return a sheet of an XLSX file: the one named, else the first visible one whose header fits best.

    Row numbers are those of the sheet less one. Raises `DataMissing` where there is no file, `TableError` for
    a file that is no XLSX, too large once unpacked, or without rows or needed columns.
    """
    if not path.is_file():
        raise DataMissing(Problem("there is no such file", str(path), fix="Check the path"))
    _guard(path, notes)
    from openpyxl import load_workbook  # noqa: PLC0415 - only where an XLSX file is read

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of decorations that it does not read
        try:
            values = load_workbook(path, data_only=True)
            formulas = load_workbook(path)
        except Exception as error:  # whatever a broken file makes the library stumble on
            _stop(
                path,
                notes,
                "not_readable",
                str(error).splitlines()[0][:200],
                "a whole XLSX file",
                "Save it again",
            )
            raise
    try:
        chosen = _choose(path, values, layout, notes, sheet)
        table = _cells(values[chosen], formulas[chosen], notes)
    finally:
        values.close()
        formulas.close()
    filled = [(number, row) for number, row in table if any(_text(cell) for cell in row)]
    if not filled:
        _stop(path, notes, "empty", chosen, "a header and rows", f"See kaname data template {layout.kind}")
    header = tuple(_text(cell).strip() for cell in filled[0][1])
    columns = match_columns(header, layout, notes)
    if len(filled) < 2:
        notes.add("header_only", STOP, old=chosen, expected="at least one row", fix="Fill in rows")
    settle(notes.found, "repair", str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    top = filled[0][0]
    rows = tuple((number - top, row) for number, row in filled[1:])
    return Sheet(path, digest, path.stat().st_size, chosen, header, columns, rows)


def records(sheet: Sheet, notes: Collector) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row, cells as text by the layout's names); dates and error values are noted and left empty."""
    for row, cells in sheet.rows:
        found: dict[str, str] = {}
        for name, place in sheet.columns.items():
            cell = cells[place] if place < len(cells) else None
            text = _text(cell).strip()
            if isinstance(cell, datetime | date | time):
                fix = "Format the column as text and type the code again"
                notes.add("date_cell", DROP, name, row, text, "", "a code, number or text", fix)
                text = ""
            elif isinstance(cell, str) and text.startswith("#") and text.endswith(("!", "?", "A", "0")):
                notes.add("error_cell", DROP, name, row, text, "", "a value", "Correct the formula")
                text = ""
            found[name] = text
        yield row, found


def _guard(path: Path, notes: Collector) -> None:
    """Refuse what is no XLSX, and archives that unpack to far more than any list of materials."""
    size = path.stat().st_size
    if size == 0:
        _stop(path, notes, "empty", "", "an XLSX file", "Save the file again")
    if size > LARGEST_BYTES:
        _stop(
            path, notes, "too_large", f"{size:,} bytes", f"at most {LARGEST_BYTES:,} bytes", "Save it as CSV"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > LARGEST_UNPACKED or len(parts) > MOST_PARTS:
                got = f"{unpacked:,} bytes in {len(parts):,} parts once unpacked"
                _stop(path, notes, "too_large", got, f"at most {LARGEST_UNPACKED:,} bytes", "Save it as CSV")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_part(path, archive, part, notes)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        fix = "Save the file as .xlsx without a password (an old .xls is another format), or as CSV"
        _stop(path, notes, "not_readable", str(error), "an XLSX file", fix)


def _check_part(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo, notes: Collector) -> None:
    """Read a part once: its true size may not exceed what the archive says, and it may define no entities."""
    seen, tail = 0, b""
    with archive.open(part) as stream:
        while piece := stream.read(1 << 20):
            seen += len(piece)
            if b"<!ENTITY" in tail + piece or b"<!DOCTYPE" in tail + piece:
                _stop(
                    path,
                    notes,
                    "not_readable",
                    f"{part.filename} defines entities",
                    "plain XML",
                    "Save it as CSV",
                )
            tail = piece[-16:]
            if seen > LARGEST_UNPACKED:
                _stop(
                    path,
                    notes,
                    "too_large",
                    part.filename,
                    f"at most {LARGEST_UNPACKED:,} bytes",
                    "Save as CSV",
                )


def _stop(path: Path, notes: Collector, kind: str, old: str, expected: str, fix: str) -> None:
    """Raise what stops the reading, with all that was found before."""
    notes.add(kind, STOP, "", None, old, "", expected, fix)
    settle(notes.found, "repair", str(path))


def _choose(path: Path, book: Any, layout: Layout, notes: Collector, sheet: str) -> str:
    """Return the name of the sheet to read, and note those that are left."""
    names: list[str] = list(book.sheetnames)
    visible = [
        name for name in names if book[name].sheet_state == "visible" and hasattr(book[name], "iter_rows")
    ]
    if sheet and sheet not in names:
        _stop(
            path,
            notes,
            "not_readable",
            f"no sheet {sheet!r}",
            " or ".join(names),
            "Give --sheet one of these",
        )
    wanted = {plain(name) for name in layout.names}

    def fits(name: str) -> int:
        rows = book[name].iter_rows(min_row=1, max_row=10, values_only=True)
        return max((sum(plain(_text(cell)) in wanted for cell in row) for row in rows), default=0)

    if not visible and not sheet:
        _stop(path, notes, "empty", "no visible sheet", "a visible sheet", "Show the sheet or give --sheet")
    chosen = sheet or max(visible, key=fits)
    for name in names:
        if name == chosen or not hasattr(book[name], "iter_rows"):
            continue
        if book[name].sheet_state != "visible":
            notes.add("hidden_sheet", TELL, "", None, name)
        elif book[name].max_row and book[name].max_row > 1:
            notes.add("other_sheet", TELL, "", None, name)
    return chosen


def _cells(values: Any, formulas: Any, notes: Collector) -> list[tuple[int, tuple[Any, ...]]]:
    """Return (sheet row, cells), merged cells filled with the value of their first, formulas by their last
    value.
    """
    filled: dict[tuple[int, int], Any] = {}
    for area in values.merged_cells.ranges:
        first = values.cell(area.min_row, area.min_col).value
        if first is None:
            continue
        notes.add("merged_cells", REPAIR, "", area.min_row - 1, str(area), _text(first))
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                filled[row, column] = first
    table = []
    extent = {"max_row": formulas.max_row, "max_col": formulas.max_column}
    pairs = zip(values.iter_rows(**extent), formulas.iter_rows(**extent), strict=True)
    for number, (row, written) in enumerate(pairs, 1):
        cells = []
        for cell, source in zip(row, written, strict=True):
            value = filled.get((cell.row, cell.column), cell.value)
            if source.data_type == "f":
                text = f"{source.coordinate} {source.value}"
                if value is None:
                    fix = "Open the file in a spreadsheet program and save it, so that values are stored"
                    notes.add("formula_without_value", DROP, "", number - 1, text, "", "a stored value", fix)
                else:
                    notes.add("formula", REPAIR, "", number - 1, text, _text(value))
            cells.append(value)
        table.append((number, tuple(cells)))
    return table


def _text(value: Any) -> str:
    """Return a cell as text; whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)
