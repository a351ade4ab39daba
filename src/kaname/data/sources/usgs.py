"""World data of the USGS Mineral Commodity Summaries, in the layouts of 2025 and 2026: output by country,
tonnes.

Figures that are withheld (W), not available (NA) or not applicable (XX) stay missing; a dash is the zero that
the publisher's legend says it is; a range is kept with its middle and both ends. World totals are left out.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kaname.data import store
from kaname.data.sources import reading
from kaname.data.sources.cells import LARGEST_BYTES, UNITS_T, Cells, SourceFile, find_country
from kaname.data.sources.findings import DROP, REPAIR, TELL, Collector, Finding, settle
from kaname.data.sources.layouts import USGS, Layout, SourceColumn
from kaname.data.sources.numbers import Style, parse
from kaname.terms.codes import near

YEARS_2025 = {"PROD_2023": 2023, "PROD_EST_ 2024": 2024}
LAYOUT_2025 = Layout(
    "usgs",
    USGS.title,
    "The release of 2025: a column per year.",
    tuple(
        SourceColumn(name, "", name in {"COMMODITY", "COUNTRY", "TYPE", "UNIT_MEAS"}, "", ("", ""), True)
        for name in ("COMMODITY", "COUNTRY", "TYPE", "UNIT_MEAS", "PROD_2023", "PROD_EST_ 2024", "PROD_NOTES")
    ),
    USGS.others,
)
ZERO = frozenset("—–-")
MISSING: Mapping[str, str] = {
    "": "no figure",
    "W": "withheld",
    "NA": "not available",
    "XX": "not applicable",
    "S": "in another row",
}
_TOTAL = re.compile(r"world|total|other countries|and canada|unspecified", re.I)


@dataclass(frozen=True)
class OutputRow:
    """What a country made in a year: tonnes with both ends, or None with the reason in `status`."""

    row: int
    commodity: str
    stage: str
    country: str
    year: int
    production_t: float | None
    low_t: float | None
    high_t: float | None
    status: str
    unit: str
    note: str
    product: str | None


@dataclass(frozen=True)
class Production:
    """A checked release: the file, its rows, rows read, and everything that was found."""

    file: SourceFile
    rows: tuple[OutputRow, ...]
    rows_read: int
    findings: tuple[Finding, ...]


def read_usgs(
    path: Path, on_fault: str = "refuse", encoding: str = "", root: Path | None = None
) -> Production:
    """Return production by country from a world data release, masses in tonnes.

    `product` names the kaname product where its element has one mined stage and the commodity is that
    element; whether the figure counts the same content is for the reader to check. Raises as `bom.read_bom`.
    """
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        file, notes = _survey(path, work, encoding)
        cells = Cells(USGS, notes, store.country_names(root), Style("point"))
        read, found = 0, []
        for row, text in _mended(reading.records(file, notes), notes):
            read += 1
            found += list(_output(row, text, cells, "COMMODITY" in file.columns))
    products = _mined(root)
    rows = [
        replace(one, product=products.get(one.commodity.casefold())) if _is_mined(one) else one
        for one in found
    ]
    good = _without_copies([one for one in rows if one.row not in cells.bad_rows], notes)
    settle(notes.found, on_fault, str(path))
    about = SourceFile(path, file.sha256, file.size_bytes, file.encoding, file.separator, "")
    return Production(about, tuple(good), read, notes.found)


def _survey(path: Path, work: Path, encoding: str) -> tuple[reading.TextFile, Collector]:
    """Return the file under the layout that its header fits."""
    layout = USGS
    if path.is_file():
        with path.open("rb") as head:
            layout = LAYOUT_2025 if b"UNIT_MEAS" in head.read(4096).replace(b"\0", b"") else USGS
    file = reading.survey(path, layout, work, encoding, LARGEST_BYTES)
    notes = Collector()
    for item in file.findings:
        for one in item.examples:
            notes.add(item.kind, item.remedy, item.column, one.row, one.old, one.new, item.expected, item.fix)
    return file, notes


def _mended(
    rows: Iterator[tuple[int, dict[str, str]]], notes: Collector
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield rows with letters mended that a wrong decoding turned into control characters (0x80-0x9f)."""
    for row, cells in rows:
        fixed = {}
        for name, text in cells.items():
            good = re.sub(
                "[\x80-\x9f]", lambda hit: hit[0].encode("latin-1").decode("cp1252", "ignore"), text
            )
            if good != text:
                notes.add("control_characters", TELL, name, row, text[:60], good[:60])
            fixed[name] = good.replace("\u00a0", " ").strip()
        yield row, fixed


def _output(row: int, text: Mapping[str, str], cells: Cells, by_columns: bool) -> Iterator[OutputRow]:
    """Yield the figures of one row; rows of totals and of other statistics are left out and told."""
    if by_columns:
        about = (
            text["COMMODITY"],
            text["TYPE"],
            text["COUNTRY"],
            text["UNIT_MEAS"],
            text.get("PROD_NOTES", ""),
        )
        years = {str(year): text.get(name, "") for name, year in YEARS_2025.items()}
        if "production" not in text["TYPE"].casefold():
            cells.told("not_asked", "TYPE", row, text["TYPE"])
            return
    else:
        about = (
            text["Commodity"],
            text["Statistics_detail"],
            text["Country"],
            text["Unit"],
            text.get("Notes", ""),
        )
        years = {text["Year"]: text["Value"]}
        if not text["Section"].casefold().startswith("world") or text["Statistics"] != "Production":
            cells.told("not_asked", "Section", row, f"{text['Section']}, {text['Statistics']}")
            return
    commodity, stage, place, unit, note = about
    if _TOTAL.search(place) or re.search(r"rounded|exports", stage, re.I):
        cells.told("aggregate", "Country", row, f"{place}, {stage}")
        return
    name, _, remark = place.partition("(") if find_country(place, cells.names) is None else (place, "", "")
    country = cells.country(row, "Country", name.strip())
    factor = UNITS_T.get(unit.casefold().strip())
    if factor is None:
        _other_unit(row, unit, cells)
        return
    note = "; ".join(filter(None, (remark.strip(") "), note)))
    for year, value in years.items():
        if not re.fullmatch(r"(19|20)\d\d", year):
            cells.fault("bad_year", "Year", row, year, "a year")
        elif country is not None:
            yield _figure(row, (commodity, stage, country, int(year), unit, note), value, factor, cells)


def _other_unit(row: int, unit: str, cells: Cells) -> None:
    """Note a unit that is no mass: gases and volumes are told, unknown words are faults."""
    if re.search(r"cubic|liter|litre|each|thousands$|pieces", unit, re.I):
        cells.told("wrong_unit", "Unit", row, unit)
        return
    close = near(unit.casefold(), list(UNITS_T))
    fix = f"Did you mean {close[0]}?" if close else ""
    cells.fault("wrong_unit", "Unit", row, unit or "nothing", "a unit of mass such as metric tons", fix)


def _figure(
    row: int, about: tuple[str, str, str, int, str, str], text: str, factor: float, cells: Cells
) -> OutputRow:
    """Return one figure in tonnes."""
    commodity, stage, country, year, unit, note = about
    status = "estimated" if "estimated" in note.casefold() else "reported"
    value: float | None
    low: float | None = None
    high: float | None = None
    key = text.upper().strip(" ()")
    span = re.fullmatch(r"([\d,.]+) *(?:-|–|to) *([\d,.]+)", text)
    if key in MISSING:
        cells.told("no_figure", "Value", row, text or "empty")
        value, status = None, MISSING[key]
    elif text in ZERO:
        value, status = 0.0, "zero"
    elif span:
        ends = sorted(
            found for end in span.groups() if (found := parse(end, Style("point")).value) is not None
        )
        low, high = ends[0], ends[-1]
        value, status = (low + high) / 2.0, "range"
        cells.told("range_given", "Value", row, text)
    else:
        number = parse(text.lstrip("><≥≤ "), Style("point"))
        value = number.value
        if value is None:
            cells.fault(number.fault, "Value", row, text, "a figure, W, NA or a dash")
        elif value < 0:
            cells.fault("negative", "Value", row, text, "0 or more")
        elif text[:1] in "><":
            status = "bound"
    value, low, high = (None if one is None else one * factor for one in (value, low, high))
    return OutputRow(row, commodity, stage, country, year, value, low, high, status, unit, note, None)


def _without_copies(rows: list[OutputRow], notes: Collector) -> list[OutputRow]:
    """Return rows without copies; what stands twice with different figures is dropped both times."""
    seen: dict[tuple[object, ...], OutputRow] = {}
    gone: set[tuple[object, ...]] = set()
    for one in rows:
        key = (
            one.commodity,
            one.stage,
            one.country,
            one.year,
            one.note if one.note.startswith("(") else "",
            one.unit,
        )
        if key not in seen:
            seen[key] = one
            continue
        said = f"{one.commodity}, {one.stage}, {one.country}, {one.year}"
        if (seen[key].production_t, seen[key].note) == (one.production_t, one.note):
            notes.add("duplicate", REPAIR, "", one.row, said)
        elif seen[key].note != one.note:
            seen[*key, one.note] = one  # two parts of a country's output, told apart by their notes
        else:
            notes.add(
                "duplicate_conflict", DROP, "", one.row, said, "", "one figure", f"See row {seen[key].row}"
            )
            gone.add(key)
    return [one for key, one in seen.items() if key not in gone]


def _is_mined(row: OutputRow) -> bool:
    return row.stage.casefold().startswith(("mine production", "primary production"))


def _mined(root: Path | None) -> dict[str, str]:
    """Return the one product of stage ore of each element that has exactly one."""
    found: dict[str, list[str]] = {}
    for row in store.own_table("products", root).to_pylist():
        if row["stage"] == "ore" and row["element"]:
            found.setdefault(row["element"].casefold(), []).append(row["product"])
    return {element: ids[0] for element, ids in found.items() if len(ids) == 1}
