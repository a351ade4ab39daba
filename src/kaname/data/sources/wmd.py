"""World Mining Data: output by country and mineral, from the database that GeoPolRisk tools carry.

Read are the SQLite database `world_mining_data.db` (a table per mineral, a column per year), a wheel or zip
that holds it, and a CSV file as `kaname data template wmd` shows it. A figure that is not given stays
missing; a country that a table does not name is not known to produce. World totals are left out.
"""

from __future__ import annotations

import hashlib
import math
import re
import sqlite3
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from kaname.data import store
from kaname.data.sources.cells import LARGEST_BYTES, UNITS_T, Cells, SourceFile, find_country, open_cells
from kaname.data.sources.findings import DROP, REPAIR, STOP, TELL, Collector, Finding, settle
from kaname.data.sources.layouts import WMD
from kaname.data.sources.numbers import Style
from kaname.terms.errors import DataMissing, Problem

MEMBER = "world_mining_data.db"
MAGIC = b"SQLite format 3\0"
NEEDED = ("Country", "Country_ISO", "unit")
UNITS = {**UNITS_T, "metr. t": 1.0, "ct": UNITS_T["carats"]}
VOLUMES = ("mio m3", "million m3")
BACI_CODES = {"S19": "TWN"}  # in the trade data's own list of countries Taiwan is "Other Asia, nes"
TOTALS = frozenset({"total", "world", "delete"})
LOST = frozenset({"contradicted", "dropped"})
MARKS = {"r": "reported", "e": "estimated", "p": "provisional"}
_YEAR = re.compile(r"(19|20)\d\d")


@dataclass(frozen=True)
class WorldRow:
    """What a country made of a mineral in a year: `amount` in `unit`, and in tonnes where that is a mass.

    None is missing, with the reason in `status`: no figure, contradicted (two rows differ) or dropped (the
    row had a fault), so that nobody takes it for zero; else that is how well the publisher knows the figure.
    """

    row: int
    sheet: str
    country: str
    year: int
    amount: float | None
    unit: str
    production_t: float | None
    status: str


@dataclass(frozen=True)
class WorldOutput:
    """A checked file: what it is, its rows, rows read, and everything that was found."""

    file: SourceFile
    rows: tuple[WorldRow, ...]
    rows_read: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Entry:
    """One cell as it stands: the running number of its row, and its value as number or text."""

    row: int
    sheet: str
    name: str
    code: str
    year: str
    value: object
    unit: str
    mark: str


def read_wmd(path: Path, on_fault: str = "refuse", encoding: str = "", decimal: str = "auto") -> WorldOutput:
    """Return the output by country and year of the minerals that `materials.csv` names.

    Raises `DataMissing` where there is no file, `TableError` with all faults: no database, missing tables,
    columns and years, unknown and doubled countries, negative amounts, unknown units.
    """
    if not path.is_file():
        raise DataMissing(Problem("there is no such file", str(path), fix="Check the path"))
    with path.open("rb") as head:
        start = head.read(len(MAGIC))
    known = tuple(dict.fromkeys(store.own_table("materials")["sheet"].to_pylist()))
    with tempfile.TemporaryDirectory() as folder:
        if start == MAGIC or zipfile.is_zipfile(path) or path.suffix.lower() in {".db", ".whl", ".zip"}:
            notes = Collector()
            cells = Cells(WMD, notes, store.country_names(), Style("point"))
            file = _about(path)
            entries = _database(path, Path(folder), known, notes)
        else:
            file, cells, lines = open_cells(path, WMD, Path(folder), encoding, decimal, "", ("production",))
            entries = _listed(lines, cells)
    named = {name: find_country(name, cells.names) for name in {entry.name for entry in entries}}
    rows = [one for entry in entries if (one := _row(entry, cells, known, named)) is not None]
    rows = _once(rows, cells)
    settle(cells.notes.found, on_fault, str(path))
    read = len({entry.row for entry in entries})
    lost = sum(one.count for one in cells.notes.found if one.kind == "cell_count")
    return WorldOutput(file, tuple(rows), read + lost, cells.notes.found)


def _about(path: Path) -> SourceFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SourceFile(path, digest, path.stat().st_size, "", "", "")


# --- the database ---------------------------------------------------------------------------------


def _database(path: Path, work: Path, known: Sequence[str], notes: Collector) -> list[_Entry]:
    """Return the cells of a database; faults that leave nothing to read are raised."""
    try:
        place = _unpacked(path, work, notes) if zipfile.is_zipfile(path) else path
        if place.stat().st_size > LARGEST_BYTES:
            old, most = f"{place.stat().st_size:,} bytes", f"at most {LARGEST_BYTES:,} bytes"
            notes.add("too_large", STOP, old=old, expected=most)
            settle(notes.found, "repair", str(path))
        with closing(sqlite3.connect(f"{place.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            return _tables(file, known, notes, path)
    except (sqlite3.Error, zipfile.BadZipFile, OSError, UnicodeDecodeError) as error:
        fix = f"Give {MEMBER}, or the wheel or zip that holds it"
        notes.add("not_readable", STOP, old=str(error), expected="a SQLite database", fix=fix)
        settle(notes.found, "repair", str(path))
        raise


def _unpacked(path: Path, work: Path, notes: Collector) -> Path:
    """Return the database out of a wheel or zip."""
    with zipfile.ZipFile(path) as archive:
        found = [item for item in archive.infolist() if Path(item.filename).name == MEMBER]
        if len(found) != 1:
            held = f"{len(found)} of that name" if found else "no such file in it"
            notes.add("not_readable", STOP, old=held, expected=f"one file {MEMBER}")
            settle(notes.found, "repair", str(path))
        if found[0].file_size > LARGEST_BYTES:
            old, most = f"{found[0].file_size:,} bytes", f"at most {LARGEST_BYTES:,} bytes"
            notes.add("too_large", STOP, old=old, expected=most)
            settle(notes.found, "repair", str(path))
        target = work / MEMBER
        target.write_bytes(archive.read(found[0]))
    return target


def _tables(file: sqlite3.Connection, known: Sequence[str], notes: Collector, path: Path) -> list[_Entry]:
    """Return the cells of every table that the map of materials names."""
    query = "select name from sqlite_master where type = 'table' order by name"
    held = [name for (name,) in file.execute(query)]
    columns = {name: _columns(file, name) for name in held if name in known}
    for name in known:
        if name not in columns:
            notes.add("missing_table", DROP if columns else STOP, name, None, "nothing", "", "a table")
    years = sorted({year for names in columns.values() for year in names if _YEAR.fullmatch(year)})
    for name, names in columns.items():
        for column in NEEDED:
            if column not in names:
                notes.add("missing_column", STOP, f"{name}, {column}", None, ", ".join(names))
        for year in years or ["any"]:
            if year not in names:
                notes.add("missing_year", DROP if years else STOP, name, None, year, "", "a column per year")
    settle(notes.found, "repair", str(path))
    entries: list[_Entry] = []
    row = 0
    for name, names in columns.items():
        for record in file.execute(f"select * from {_quoted(name)}"):
            row += 1
            cell = dict(zip(names, record, strict=True))
            about = (name, _text(cell["Country"]), _text(cell["Country_ISO"]))
            tail = (_text(cell["unit"]), _text(cell.get("data_source")))
            entries += [_Entry(row, *about, year, cell[year], *tail) for year in years if year in cell]
    return entries


def _columns(file: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in file.execute(f"pragma table_info({_quoted(table)})")]


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


# --- rows -----------------------------------------------------------------------------------------


def _listed(lines: Sequence[tuple[int, dict[str, str]]], cells: Cells) -> list[_Entry]:
    """Return the cells of a CSV file, one a row."""
    entries = []
    for row, text in lines:
        get = {name: text.get(name, "") for name in WMD.names}
        for name in ("sheet", "country", "year", "unit"):
            if not get[name] and row not in cells.bad_rows:
                cells.fault("missing_cell", name, row, "", WMD.columns[WMD.names.index(name)].sentence)
        entries.append(
            _Entry(row, get["sheet"], get["country"], "", get["year"], get["production"], get["unit"], "")
        )
    return entries


def _row(
    entry: _Entry, cells: Cells, known: Sequence[str], named: Mapping[str, str | None]
) -> WorldRow | None:
    """Return a cell as a figure; None for a total and for what cannot be read, which is noted."""
    if entry.name.casefold() in TOTALS or entry.code.casefold() in TOTALS:
        if entry.row not in cells.bad_rows:
            cells.bad_rows.add(entry.row)  # told once a row
            cells.told("aggregate", "Country", entry.row, f"{entry.sheet}, {entry.name}")
        return None
    if entry.sheet not in known and entry.sheet:
        cells.told("other_sheet", "sheet", entry.row, entry.sheet, "materials.csv names those that are read")
        return None
    if not _YEAR.fullmatch(entry.year):
        if entry.year:
            cells.fault("bad_year", "year", entry.row, entry.year, "a year")
        return None
    country = _country(entry, cells, named)
    unit = entry.unit.casefold()
    if unit not in UNITS and unit not in VOLUMES and entry.unit and entry.row not in cells.bad_rows:
        expected = "metr. t, kg, ct, Mio m3 or another unit of mass"
        cells.fault("wrong_unit", f"{entry.sheet}, unit", entry.row, entry.unit, expected)
    amount = _amount(entry, cells)
    if country is None:
        return None
    if amount is None and entry.row not in cells.bad_rows:
        cells.told("no_figure", "production", entry.row, f"{entry.sheet}, {entry.name}, {entry.year}")
    status = "no figure" if amount is None else MARKS.get(entry.mark.casefold(), "reported")
    factor = UNITS.get(unit)
    tonnes = amount * factor if amount is not None and factor is not None else None
    return WorldRow(entry.row, entry.sheet, country, int(entry.year), amount, entry.unit, tonnes, status)


def _country(entry: _Entry, cells: Cells, named: Mapping[str, str | None]) -> str | None:
    """Return the alpha-3 code of a row; a name that says another country than the code is a fault."""
    code = BACI_CODES.get(entry.code, entry.code)
    if not code:
        return cells.country(entry.row, "country", entry.name)
    if code not in cells.names:
        if entry.row not in cells.bad_rows:
            cells.country(entry.row, f"{entry.sheet}, Country_ISO", code)
        return None
    if named[entry.name] not in {None, code} and entry.row not in cells.bad_rows:
        old = f"{entry.name}, {entry.code}"
        cells.fault("conflict", f"{entry.sheet}, Country", entry.row, old, "a name and code that agree")
    return code


def _amount(entry: _Entry, cells: Cells) -> float | None:
    """Return an amount of 0 or more; None where none is given or it cannot be read."""
    column = "production" if not entry.code else f"{entry.sheet}, {entry.year}"
    if isinstance(entry.value, int | float):
        number = float(entry.value)
        if math.isnan(number):
            return None
        if number < 0.0 or math.isinf(number):
            kind = "negative" if number < 0.0 else "not_a_number"
            cells.fault(kind, column, entry.row, entry.value, "0 or more")
            return None
        return number
    text = "" if entry.value is None else str(entry.value).strip()
    if text.casefold() in {"", "nan", "na", "none"}:
        return None
    return cells.number(entry.row, column, text)


def _once(rows: Sequence[WorldRow], cells: Cells) -> list[WorldRow]:
    """Return rows with each country once a sheet and year; where two rows differ, its output is missing."""
    records: defaultdict[tuple[str, str], dict[int, list[WorldRow]]] = defaultdict(dict)
    for one in rows:
        records[one.sheet, one.country].setdefault(one.row, []).append(one)
    kept: list[WorldRow] = []
    for (sheet, country), by_row in records.items():
        merged: dict[int, WorldRow] = {}
        for row, figures in by_row.items():
            both = [one for one in figures if one.year in merged]
            if both and all(_said(one) == _said(merged[one.year]) for one in both):
                cells.notes.add("duplicate", REPAIR, sheet, row, country)
            elif both:
                fix = "Keep one of the two to have a figure: as it is, the country's output is missing"
                old = f"{country}, as row {merged[both[0].year].row}"
                cells.notes.add("duplicate_conflict", TELL, sheet, row, old, "", "one row a country", fix)
                merged |= {one.year: _lost(one, "contradicted") for one in figures}
            else:
                merged |= {one.year: one for one in figures}
        kept += merged.values()
    _mixed_units(kept, cells)
    return [_lost(one, "dropped") if one.row in cells.bad_rows else one for one in kept]


def _said(row: WorldRow) -> tuple[float | None, str]:
    return row.amount, row.unit


def _lost(row: WorldRow, status: str) -> WorldRow:
    return replace(row, amount=None, production_t=None, status=status)


def _mixed_units(rows: Sequence[WorldRow], cells: Cells) -> None:
    """Note the rows of a sheet whose unit is not that of its first row: shares would be of nothing."""
    first: dict[str, str] = {}
    told: set[int] = set()
    for one in rows:
        unit = first.setdefault(one.sheet, one.unit)
        if one.unit != unit and one.row not in cells.bad_rows | told:
            told.add(one.row)
            cells.fault("wrong_unit", f"{one.sheet}, unit", one.row, one.unit, unit)
