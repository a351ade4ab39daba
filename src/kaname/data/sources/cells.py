"""What the small files share: rows from CSV or XLSX; the reading of countries, codes, units and shares."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kaname.data import store
from kaname.data.sources import numbers, reading, spreadsheets
from kaname.data.sources.findings import DROP, REPAIR, TELL, Collector
from kaname.data.sources.layouts import Layout
from kaname.terms import codes
from kaname.terms.errors import InputError
from kaname.terms.units import (
    TONNE_PER_FLASK,
    TONNE_PER_LONG_TON,
    TONNE_PER_MTU,
    TONNE_PER_POUND,
    TONNE_PER_SHORT_TON,
    TONNE_PER_TROY_OUNCE,
)

LARGEST_BYTES = 256 * 1024 * 1024
UNITS_T: Mapping[str, float] = {
    **dict.fromkeys(("t", "mt", "ton", "tons", "tonne", "tonnes", "metric ton", "metric tons", "トン"), 1.0),
    **dict.fromkeys(("metric dry tons", "metric dry ton"), 1.0),
    **dict.fromkeys(("kt", "thousand metric tons", "thousand tonnes", "thousand metric dry tons"), 1e3),
    **dict.fromkeys(("million metric tons", "million tonnes"), 1e6),
    **dict.fromkeys(("kg", "kgs", "kilogram", "kilograms", "キログラム"), 1e-3),
    **dict.fromkeys(("g", "gram", "grams", "グラム"), 1e-6),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), TONNE_PER_POUND),
    **dict.fromkeys(("short ton", "short tons"), TONNE_PER_SHORT_TON),
    **dict.fromkeys(("long ton", "long tons"), TONNE_PER_LONG_TON),
    **dict.fromkeys(("troy oz", "troy ounce", "troy ounces", "oz t"), TONNE_PER_TROY_OUNCE),
    **dict.fromkeys(("flask", "flasks", "76-pound flasks"), TONNE_PER_FLASK),
    **dict.fromkeys(("mtu", "metric ton unit", "metric ton units"), TONNE_PER_MTU),
    **dict.fromkeys(("carat", "carats", "ct"), 2e-7),
    **dict.fromkeys(("thousand carats", "thousands of carats"), 2e-4),
    "million carats": 0.2,
}
"""Units of mass, small letters, with their tonnes. `ton` alone is read as metric; a carat is 0.2 g."""

ALSO_CALLED: Mapping[str, str] = {
    "united states": "USA", "united states of america": "USA", "us": "USA", "u s": "USA", "u s a": "USA",
    "uk": "GBR", "great britain": "GBR", "south korea": "KOR", "korea republic of": "KOR", "korea": "KOR",
    "north korea": "PRK", "korea north": "PRK", "vietnam": "VNM", "russia": "RUS", "laos": "LAO",
    "burma": "MMR", "congo kinshasa": "COD", "dr congo": "COD", "drc": "COD", "congo brazzaville": "COG",
    "bolivia": "BOL", "turkey": "TUR", "turkiye": "TUR", "tanzania": "TZA", "hong kong": "HKG", "iran": "IRN",
    "syria": "SYR", "cote d ivoire": "CIV", "ivory coast": "CIV", "czech republic": "CZE", "macedonia": "MKD",
    "moldova": "MDA", "brunei": "BRN", "prc": "CHN", "people s republic of china": "CHN", "roc": "TWN",
    "chinese taipei": "TWN", "holland": "NLD", "uae": "ARE", "north macedonia": "MKD", "venezuela": "VEN",
    "deutschland": "DEU", "nippon": "JPN",
}  # fmt: skip
"""Names in use beside those of the trade data."""
JAPANESE: Mapping[str, str] = {
    "日本": "JPN", "中国": "CHN", "中華人民共和国": "CHN", "台湾": "TWN", "韓国": "KOR", "米国": "USA",
    "アメリカ": "USA", "ドイツ": "DEU", "フランス": "FRA", "英国": "GBR", "イギリス": "GBR",
    "ベトナム": "VNM", "タイ": "THA", "インド": "IND", "オーストラリア": "AUS", "豪州": "AUS",
    "カナダ": "CAN", "ロシア": "RUS", "マレーシア": "MYS", "ミャンマー": "MMR", "インドネシア": "IDN",
    "フィリピン": "PHL", "ブラジル": "BRA", "チリ": "CHL", "オランダ": "NLD", "ベルギー": "BEL",
    "香港": "HKG", "シンガポール": "SGP", "メキシコ": "MEX", "南アフリカ": "ZAF", "エストニア": "EST",
}  # fmt: skip
"""The names that Japanese firms write most."""


@dataclass(frozen=True)
class SourceFile:
    """What the provenance says of a file that was read: name, hash, size, encoding, separator or sheet."""

    path: Path
    sha256: str
    size_bytes: int
    encoding: str
    separator: str
    sheet: str


@dataclass
class Cells:
    """Reads cells of one file: every fault is noted, an unreadable cell is None and its row marked as bad."""

    layout: Layout
    notes: Collector
    names: Mapping[str, str]
    style: numbers.Style
    bad_rows: set[int] = field(default_factory=set)

    def fault(self, kind: str, column: str, row: int, old: object, expected: str = "", fix: str = "") -> None:
        """Note a fault that costs the row."""
        self.notes.add(kind, DROP, column, row, old, "", expected, fix)
        self.bad_rows.add(row)

    def repaired(self, kind: str, column: str, row: int, old: object, new: str) -> None:
        """Note a repair."""
        self.notes.add(kind, REPAIR, column, row, old, new)

    def told(self, kind: str, column: str, row: int, old: object = "", fix: str = "") -> None:
        """Note what needs no action."""
        self.notes.add(kind, TELL, column, row, old, "", "", fix)

    def number(self, row: int, column: str, text: str, most: float = 1e15) -> float | None:
        """Return an amount of at least 0, None for an empty or unreadable cell."""
        if not text:
            return None
        found = numbers.parse(text, self.style)
        if found.value is None:
            fix = "Say how the file writes decimals: --decimal comma or --decimal point"
            self.fault(found.fault, column, row, text, "a number", fix if "amb" in found.fault else "")
        elif found.value < 0:
            self.fault("negative", column, row, text, "0 or more")
        elif found.value > most:
            self.fault("out_of_range", column, row, text, f"at most {most:,.0f}")
        else:
            if found.repair:
                self.repaired(found.repair, column, row, text, f"{found.value:g}")
            return found.value
        return None

    def share(self, row: int, column: str, text: str) -> float | None:
        """Return a share from 0 to 1; percent is turned into one."""
        if not text:
            return None
        percent = text.endswith(("%", "％"))
        found = numbers.parse(text.rstrip("%％ ") if percent else text, self.style)
        if found.value is None:
            self.fault(found.fault, column, row, text, "a share from 0 to 1, or percent")
            return None
        value = found.value / 100.0 if percent else found.value
        if not 0.0 <= value <= 1.0:
            expected = "0 to 1, or percent with its sign, such as 40%"
            self.fault("out_of_range", column, row, text, expected)
            return None
        if percent:
            self.notes.add("percent", TELL, column, row, text, f"{value:g}")
        elif found.repair:
            self.repaired(found.repair, column, row, text, f"{value:g}")
        return value

    def country(self, row: int, column: str, text: str) -> str | None:
        """Return an alpha-3 code; None for an empty or unknown one."""
        if not text:
            return None
        code = find_country(text, self.names)
        if code is None:
            try:
                codes.country(text, self.names)
                fix = ""
            except InputError as error:
                fix = error.problems[0].fix
            self.fault("unknown_country", column, row, text, "an ISO 3166 alpha-3 code or a name", fix)
            return None
        if code != text:
            self.notes.add("country_name", TELL, column, row, text, code)
        return code

    def hs(self, row: int, column: str, text: str) -> str | None:
        """Return an HS code of six digits; None for an empty or impossible one."""
        if not text:
            return None
        digits = re.sub(r"[\s.\-]", "", text)
        if re.fullmatch(r"[0-9]{5}", digits):
            self.repaired("lost_zero", column, row, text, "0" + digits)
            return "0" + digits
        if not re.fullmatch(r"[0-9]{6}", digits):
            expected = "six digits (HS 1992)"
            fix = "Cut national codes of eight to ten digits to their first six" if len(digits) > 6 else ""
            self.fault("bad_hs", column, row, text, expected, fix)
            return None
        if digits != text:
            self.repaired("hs_dots", column, row, text, digits)
        return digits

    def choice(self, row: int, column: str, text: str, words: Sequence[str]) -> str:
        """Return one of some words in small letters; '' for an empty or wrong one."""
        if text and text.casefold() not in words:
            self.fault("bad_choice", column, row, text, " or ".join(words))
            return ""
        return text.casefold()


def find_country(text: str, names: Mapping[str, str]) -> str | None:
    """Return the alpha-3 code of a country given by code or by any name in use; None for an unknown one."""
    try:
        return codes.country(text, names)
    except InputError:
        pass
    plain = re.sub(r"[^a-z0-9]+", " ", text.casefold().replace("ü", "u").replace("ô", "o")).strip()
    code = ALSO_CALLED.get(plain) or JAPANESE.get(text.strip())
    return code if code in names else None


def open_cells(
    path: Path,
    layout: Layout,
    work: Path,
    encoding: str = "",
    decimal: str = "auto",
    sheet: str = "",
    number_columns: Sequence[str] = (),
) -> tuple[SourceFile, Cells, list[tuple[int, dict[str, str]]]]:
    """Return a small CSV or XLSX file: what it is, the reader of its cells, its rows as text.

    `number_columns` tell how the file writes decimals. Raises as `reading.survey` and
    `spreadsheets.read_sheet`.
    """
    notes = Collector()
    if path.suffix.lower() in {".xlsx", ".xlsm", ".xls"}:
        found = spreadsheets.read_sheet(path, layout, notes, sheet)
        rows = list(spreadsheets.records(found, notes))
        about = SourceFile(path, found.sha256, found.size_bytes, "", "", found.name)
    else:
        text = reading.survey(path, layout, work, encoding, LARGEST_BYTES)
        for item in text.findings:
            for one in item.examples:
                notes.add(
                    item.kind, item.remedy, item.column, one.row, one.old, one.new, item.expected, item.fix
                )
        rows = list(reading.records(text, notes))
        about = SourceFile(path, text.sha256, text.size_bytes, text.encoding, text.separator, "")
    style = numbers.style_of(
        (cells[name].rstrip("%％ ") for _, cells in rows for name in number_columns if cells.get(name)),
        decimal,
    )
    cells = Cells(layout, notes, store.country_names(), style)
    # a row with a date or an error for a cell, and a row with another number of cells, is lost already
    cells.bad_rows |= {
        one.row for item in notes.found if item.remedy == DROP for one in item.examples if one.row is not None
    }
    return about, cells, rows
