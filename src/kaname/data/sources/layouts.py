"""What each kind of file looks like: columns, a sentence, and a template that passes its own checker."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from kaname.terms.codes import near
from kaname.terms.errors import InputError, Problem


@dataclass(frozen=True)
class SourceColumn:
    """One column of a user's file: `unit` is fixed or the column that names it; `required` cells are never
    empty.
    """

    name: str
    unit: str
    required: bool
    sentence: str
    example: tuple[str, str]
    needed: bool = False  # the column must stand in the header though its cells may be empty


@dataclass(frozen=True)
class Layout:
    """A kind of file: columns in the order of the template; `others` says what becomes of further columns."""

    kind: str
    title: str
    sentence: str
    columns: tuple[SourceColumn, ...]
    others: str

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def needed(self) -> tuple[str, ...]:
        """Return the columns that the header must hold."""
        return tuple(column.name for column in self.columns if column.required or column.needed)


BACI = Layout(
    "baci",
    "BACI (CEPII)",
    "Yearly trade between countries, one row per exporter, importer and code; one file per year.",
    (
        SourceColumn("t", "year", True, "Calendar year", ("2024", "2024")),
        SourceColumn(
            "i", "", True, "Exporter, BACI's number (Taiwan 490, France 251, USA 842)", ("156", "842")
        ),
        SourceColumn("j", "", True, "Importer, BACI's number", ("392", "392")),
        SourceColumn(
            "k", "", True, "HS code, six digits, in the edition of the file's name", ("280530", "280530")
        ),
        SourceColumn("v", "kUSD", True, "Value, thousand US dollars, free on board", ("1250.500", "310.200")),
        SourceColumn(
            "q", "t", False, "Weight, tonnes; NA or empty where missing", ("40.250", "NA"), needed=True
        ),
    ),
    "Further columns are not read and told.",
)

COMTRADE = Layout(
    "comtrade",
    "UN Comtrade",
    "Trade as each country reported it, in the columns of the current download and interface.",
    (
        SourceColumn("refYear", "year", True, "Calendar year", ("2024", "2024")),
        SourceColumn("freqCode", "", False, "A for a year; other rows are dropped", ("A", "A")),
        SourceColumn("reporterCode", "", True, "Who reports, UN number", ("392", "392")),
        SourceColumn(
            "reporterISO", "", False, "The same as letters; told where it disagrees", ("JPN", "JPN")
        ),
        SourceColumn("flowCode", "", True, "M imports, X exports; RM and RX are parts of them", ("M", "M")),
        SourceColumn("partnerCode", "", True, "The other country; 0 is the world", ("156", "0")),
        SourceColumn("partnerISO", "", False, "The same as letters; W00 is the world", ("CHN", "W00")),
        SourceColumn(
            "partner2Code", "", False, "Second partner; all but 0 are parts of another row", ("0", "0")
        ),
        SourceColumn("classificationCode", "", False, "HS edition: H0 is 1992, H6 is 2022", ("H0", "H0")),
        SourceColumn("cmdCode", "", True, "HS code; shorter ones and TOTAL are sums", ("280530", "280530")),
        SourceColumn(
            "customsCode", "", False, "Procedure; all but C00 are parts of another row", ("C00", "C00")
        ),
        SourceColumn("motCode", "", False, "Transport; all but 0 are parts of another row", ("0", "0")),
        SourceColumn("mosCode", "", False, "Mode of supply; all but 0 are parts of another row", ("0", "0")),
        SourceColumn("qtyUnitCode", "", False, "Unit of qty; 8 is kilograms", ("8", "8")),
        SourceColumn(
            "qty", "qtyUnitCode", False, "Quantity; used where it is in kg and netWgt is empty", ("", "")
        ),
        SourceColumn("netWgt", "kg", False, "Net weight, kilograms; empty where missing", ("40250", "61000")),
        SourceColumn("primaryValue", "USD", True, "Value, US dollars", ("1250500", "1910000")),
        SourceColumn("isReported", "", False, "false or 0 where the UN estimated the row", ("true", "true")),
    ),
    "The other columns of a download are not read.",
)

USGS = Layout(
    "usgs",
    "USGS Mineral Commodity Summaries, world data",
    "Production by country, in the layout of the 2026 release; that of 2025 (COMMODITY, COUNTRY, TYPE, "
    "UNIT_MEAS, PROD_2023 ...) is told apart by its header.",
    (
        SourceColumn("MCS chapter", "", False, "Chapter", ("TUNGSTEN", "TUNGSTEN")),
        SourceColumn(
            "Section",
            "",
            True,
            "Rows of sections that begin with World are read",
            ("World Mine Production and Reserves", "World Mine Production and Reserves"),
        ),
        SourceColumn("Commodity", "", True, "What", ("Tungsten", "Tungsten")),
        SourceColumn("Country", "", True, "Country, by name", ("China", "Vietnam")),
        SourceColumn("Statistics", "", True, "Rows of Production are read", ("Production", "Production")),
        SourceColumn("Statistics_detail", "", True, "Stage", ("Mine production", "Mine production")),
        SourceColumn(
            "Unit", "", True, "Unit of the value; masses become tonnes", ("metric tons", "metric tons")
        ),
        SourceColumn("Year", "year", True, "Calendar year", ("2024", "2024")),
        SourceColumn(
            "Value", "Unit", False, "Figure; W and NA are missing, a dash is zero", ("67,000", "3,400"), True
        ),
        SourceColumn("Notes", "", False, "Estimated or not, and what a reader must know", ("Estimated.", "")),
    ),
    "Further columns are not read.",
)

_CELL = SourceColumn
BOM = Layout(
    "bom",
    "Bill of materials",
    "What a company buys: one row per item and supplier.",
    (
        _CELL("item", "", True, "Your number or short name of the item", ("M-100", "P-200")),
        _CELL("name", "", False, "What it is, in words", ("Sintered magnet", "Tungsten powder")),
        _CELL(
            "product",
            "",
            False,
            "Product id or name of kaname; goes before hs",
            ("magnets", "tungsten_powder"),
        ),
        _CELL("hs", "HS 1992", False, "HS code, six digits, where no product fits", ("", "810110")),
        _CELL("quantity_per_year", "unit", False, "Need of a year", ("12000", "2.5")),
        _CELL("unit", "", False, "Unit of the quantity: kg, t, g, lb, ...", ("kg", "t")),
        _CELL(
            "supplier", "", False, "From whom, as in the supplier list", ("Example Magnets", "Example Metals")
        ),
        _CELL("country", "", False, "Country of that supplier, if there is no supplier list", ("JPN", "DEU")),
        _CELL("share", "share", False, "Part of the item bought there, 0 to 1 or in %", ("0.6", "1")),
        _CELL("stock_days", "days", False, "Days of your own use in stock; empty is unknown", ("40", "90")),
        _CELL("lead_time_days", "days", False, "Days from order to delivery elsewhere", ("120", "")),
        _CELL("spend_kusd_per_year", "kUSD/year", False, "What you pay for it in a year", ("850", "120")),
        _CELL("substitutes", "", False, "yes, no, or empty for unknown", ("no", "")),
    ),
    "Further columns are not read and told.",
)

SUPPLIERS = Layout(
    "suppliers",
    "Supplier list",
    "Where suppliers are, and where they buy: one row per supplier and item, or per supplier for all items.",
    (
        _CELL(
            "supplier", "", True, "Name, as in the bill of materials", ("Example Magnets", "Example Metals")
        ),
        _CELL("country", "", True, "Where it makes the goods, ISO code or name", ("JPN", "DEU")),
        _CELL("item", "", False, "Item of the bill of materials; empty for all", ("M-100", "")),
        _CELL("product", "", False, "Product id, instead of an item", ("", "tungsten_powder")),
        _CELL("hs", "HS 1992", False, "HS code, instead of an item", ("", "")),
        _CELL("share", "share", False, "Part of your purchases of it, 0 to 1 or in %", ("0.6", "100%")),
        _CELL("origin_country", "", False, "Where its own material comes from, if known", ("CHN", "")),
        _CELL("lead_time_days", "days", False, "Days from order to delivery", ("60", "")),
    ),
    "Further columns are not read and told.",
)

WMD = Layout(
    "wmd",
    "World Mining Data",
    "Production by country: the database world_mining_data.db, a wheel or zip that holds it, or this CSV.",
    (
        _CELL(
            "sheet", "", True, "Table of World Mining Data, as materials.csv names it", ("Cobalt", "Cobalt")
        ),
        _CELL("country", "", True, "Country, ISO code or name", ("COD", "Indonesia")),
        _CELL("year", "year", True, "Calendar year", ("2024", "2024")),
        _CELL("production", "unit", False, "Output of the year; empty is missing", ("175000", "12.5"), True),
        _CELL("unit", "", True, "metr. t, kg, ct, Mio m3, or another unit of mass", ("metr. t", "metr. t")),
    ),
    "Further columns are not read and told.",
)

LAYOUTS: Mapping[str, Layout] = {
    layout.kind: layout for layout in (BACI, COMTRADE, USGS, WMD, BOM, SUPPLIERS)
}
"""The kinds of file that can be imported."""


def layout(kind: str) -> Layout:
    """Return the layout of a kind; `InputError` naming all kinds for an unknown one."""
    if kind not in LAYOUTS:
        close = near(kind.lower(), list(LAYOUTS))
        fix = f"Did you mean {close[0]}?" if close else ""
        raise InputError(Problem("no such kind of file", "KIND", repr(kind), " or ".join(LAYOUTS), fix))
    return LAYOUTS[kind]


def template(kind: str) -> str:
    """Return a CSV file of a kind: the header and two rows as examples."""
    found = layout(kind)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(found.names)
    writer.writerows([[column.example[i] for column in found.columns] for i in range(2)])
    return text.getvalue()
