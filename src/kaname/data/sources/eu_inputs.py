"""A file of inputs to the EU's supply risk as a report prints them: each figure with what it may stand for.

A printed figure is rounded, so it is read as a range: 85% is 84.5 to 85.5. A cell without a figure (empty, a
dash) is missing. Every fault of a file is told at once.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kaname.data.contracts_eu import EU_SCOPES
from kaname.data.sources import numbers, reading
from kaname.terms.codes import near
from kaname.terms.errors import DataMissing, Problem, TableError

LARGEST_HHI = 20.0
"""10 at worst times a trade parameter of at most 2: beyond, the figure is on another scale."""


@dataclass(frozen=True)
class Kind:
    """How a column is printed: its scale to a share or score, decimals at least, limits of a cell, words."""

    scale: float
    decimals: int
    least: float
    most: float
    expected: str
    trailing_zeros: bool = True  # whether `9.20` is more exact than `9.2`


_PERCENT = Kind(0.01, 0, 0.0, 100.0, "percent, 0 to 100", False)
_HHI = Kind(1.0, 1, 0.0, LARGEST_HHI, f"an index from 0 to 10, at most {LARGEST_HHI:g}")
_SCORE = Kind(1.0, 1, 0.0, 100.0, "a score of at least 0")
NUMBERS: Mapping[str, Kind] = {
    "IR": Kind(0.01, 0, -float("inf"), 100.0, "percent, at most 100", False),
    "EoL_RIR": _PERCENT,
    "SI_SR": Kind(1.0, 1, 0.0, 1.0, "an index from 0 to 1"),
    "HHI_GS": _HHI,
    "HHI_EU": _HHI,
    "SR": _SCORE,
}
REQUIRED = ("material", "IR", "EoL_RIR", "SI_SR", "HHI_GS", "HHI_EU")
OPTIONAL = ("stage", "scope", "SR")
_MISSING = frozenset(
    ("", "-", "--", "\u2013", "\u2014", "\u2212", "na", "n/a", "n.a.", "nan", "none", "null", "..", "\u2026")
)
_BOTH, _GLOBAL, _EU = EU_SCOPES


@dataclass(frozen=True)
class Printed:
    """A printed figure, in shares or as a score: its value, and the ends of what it may stand for."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class EuRow:
    """One material of a file: `printed` by column, None without a figure; scope '' where unsaid."""

    line: int
    material: str
    stage: str
    scope: str
    printed: Mapping[str, Printed | None]
    notes: tuple[str, ...]


@dataclass
class _Reader:
    """Reads the cells of one file and gathers its faults."""

    where: str
    problems: list[Problem] = field(default_factory=list)
    bare_reliance: list[float] = field(default_factory=list)  # cells of IR without a percent sign, above 0

    def fault(self, what: str, got: str, expected: str, fix: str, line: int | None = None) -> None:
        self.problems.append(Problem(what, self.where, got, expected, fix, line))

    def row(self, line: int, cells: Mapping[str, str]) -> EuRow:
        """Return one row; what cannot be read is noted as a fault and missing in it."""
        notes: list[str] = []
        if not cells["material"]:
            self.fault(
                "column material: no name", "nothing", "a material", "Name it, or delete the row", line
            )
        printed = {name: self.number(line, name, cells.get(name, ""), notes) for name in NUMBERS}
        scope = self.scope(line, cells.get("scope", ""))
        return EuRow(line, cells["material"], cells.get("stage", ""), scope, printed, tuple(notes))

    def number(self, line: int, name: str, text: str, notes: list[str]) -> Printed | None:
        """Return a figure with its range; None for a cell without one."""
        kind, plain = NUMBERS[name], numbers.tidy(text).casefold()
        if plain in _MISSING:
            return None
        found = re.fullmatch(r"([<≤>≥]?)([-+\u2212]?)(\d+)(?:[.,](\d+))?(%?)", plain)
        percent = bool(found and found[5])
        if found is None or (percent and kind.expected.startswith(("a score", "an index from 0 to 10"))):
            self.fault(
                f"column {name}: no number", repr(text), kind.expected, "Correct or empty the cell", line
            )
            return None
        fraction = found[4] or ""
        value = float(f"{found[3]}.{fraction or 0}") * (-1.0 if found[2] in {"-", "\u2212"} else 1.0)
        most = 100.0 if percent else kind.most
        if not kind.least <= value <= most:
            fix = "Give it on this scale" if value > most else "Correct or empty the cell"
            self.fault(f"column {name}: out of range", repr(text), kind.expected, fix, line)
            return None
        scale = 0.01 if percent else kind.scale
        if found[1]:
            ends = (0.0, value) if found[1] in "<≤" else (value, most)
            notes.append(f"{name} is printed as {text}: the middle of {ends[0]:g} to {ends[1]:g} is taken")
        else:
            digits = fraction if kind.trailing_zeros else fraction.rstrip("0")
            half = 0.5 * 10.0 ** -max(0 if percent else kind.decimals, len(digits))
            ends = (value - half, value + half)
        if name == "IR" and value > 0.0 and not percent:
            self.bare_reliance.append(value)
        if value < 0.0:
            notes.append(f"{name} is {text}: a net exporter, counted as 0")
            return Printed(0.0, 0.0, 0.0)
        low, high = max(0.0, ends[0]) * scale, min(most, ends[1]) * scale
        return Printed((low + high) / 2.0 if found[1] else value * scale, low, high)

    def scope(self, line: int, text: str) -> str:
        """Return one of the scopes; '' for a cell that says none."""
        if text.casefold() in _MISSING:
            return ""
        words = set(re.findall(r"[a-z]+", text.casefold()))
        both = "both" in words
        world, union = both or bool(words & {"gs", "global", "world"}), both or bool(words & {"eu", "eus"})
        if not (world or union):
            self.fault("column scope: unknown", repr(text), " or ".join(EU_SCOPES), "Correct the cell", line)
        return {(True, True): _BOTH, (True, False): _GLOBAL, (False, True): _EU}.get((world, union), "")


def read_eu_inputs(path: Path) -> tuple[EuRow, ...]:
    """Return the rows of a CSV file (UTF-8; commas, semicolons or tabs) with inputs of the supply risk.

    Columns: `REQUIRED`, and where given `OPTIONAL`; others are not read. Shares are in percent. Raises
    `DataMissing` where there is no file, `TableError` with all faults: columns, cells, double rows.
    """
    where = str(path)
    header, body = _cells(path)
    places = _places(header, where)
    reader = _Reader(where)
    rows = []
    for line, cells in body:
        if len(cells) != len(header):
            fix = "Quote cells that hold the separator"
            what = "the row has another number of cells than the header"
            reader.fault(what, str(len(cells)), str(len(header)), fix, line)
            continue
        rows.append(reader.row(line, {name: cells[i] for name, i in places.items()}))
    _whole(rows, reader)
    if reader.problems:
        raise TableError(sorted(reader.problems, key=lambda problem: problem.line or 0))
    return tuple(rows)


def _cells(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header and the numbered rows of a file as trimmed text."""
    where = str(path)
    if not path.is_file():
        raise DataMissing(Problem("there is no such file", where, fix="Check the path"))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        fault = Problem(
            "the file is no UTF-8 text", where, str(error), "CSV in UTF-8", "Save it as CSV UTF-8"
        )
        raise TableError(fault) from error
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        rows = [(lines.line_num, [" ".join(cell.split()) for cell in row]) for row in lines]
    except csv.Error as error:
        fix = "Close the quotation mark and double those inside a cell"
        raise TableError(Problem(f"the file is no CSV: {error}", where, fix=fix)) from error
    found = [row for row in rows if any(row[1])]
    if len(found) < 2:
        got = "a header alone" if found else "nothing"
        columns = ", ".join(REQUIRED)
        raise TableError(Problem("the file is empty", where, got, f"a header with {columns}, and rows"))
    return found[0][1], found[1:]


def _places(header: Sequence[str], where: str) -> dict[str, int]:
    """Return the place of each column, whatever case, dashes and units in brackets; raises `TableError`."""
    plain = [reading.plain(re.sub(r"\(.*?\)|\[.*?\]|%", "", cell)) for cell in header]
    places, problems = {}, []
    for name in (*REQUIRED, *OPTIONAL):
        hits = [i for i, cell in enumerate(plain) if cell == reading.plain(name)]
        if len(hits) > 1:
            problems.append(Problem(f"column {name} stands twice", where, fix="Keep one"))
        elif hits:
            places[name] = hits[0]
        elif name in REQUIRED:
            close = near(name, [cell for cell in header if cell not in NUMBERS], 1)
            fix = f"Rename {close[0]} to {name}" if close else f"Add the column {name}"
            problems.append(Problem(f"column {name} is missing", where, ", ".join(header)[:120], name, fix))
    if problems:
        raise TableError(problems)
    return places


def _whole(rows: Sequence[EuRow], reader: _Reader) -> None:
    """Note faults that only the whole file shows: rows that stand twice, percent given as shares."""
    seen: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = row.material.casefold(), row.stage.casefold(), row.scope
        if row.material and key in seen:
            fix = f"Keep this line or line {seen[key]}"
            reader.fault("the material stands twice", row.material, "one row per stage", fix, row.line)
        seen.setdefault(key, row.line)
    bare = reader.bare_reliance
    if bare and max(bare) <= 1.0 and min(bare) < 1.0:
        got = f"at most {max(bare):g}"
        reader.fault("column IR: shares where percent belongs", got, "percent, 0 to 100", "Multiply by 100")
