"""Bills of materials, supplier lists and USGS releases: every kind of bad input, CSV and XLSX."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from kaname.data import store
from kaname.data.sources import cells
from kaname.data.sources.bom import SYNONYMS, Bom, catalogue, read_bom
from kaname.data.sources.findings import KINDS, Collector, Finding
from kaname.data.sources.imports import Choices, import_data
from kaname.data.sources.layouts import LAYOUTS
from kaname.data.sources.suppliers import read_suppliers
from kaname.data.sources.usgs import read_usgs
from kaname.terms.errors import DataMissing, TableError

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = "item,name,product,hs,quantity_per_year,unit,supplier,country,share,stock_days,lead_time_days"
GOOD = "A,magnet,magnets,,12,kg,Shin,JPN,1,40,120"


def write(
    folder: Path, *rows: str, header: str = COLUMNS, name: str = "bom.csv", encoding: str = "utf-8"
) -> Path:
    path = folder / name
    path.write_bytes(("\n".join([header, *rows]) + "\n").encode(encoding))
    return path


def counts(findings: tuple[Finding, ...]) -> dict[str, tuple[str, int]]:
    return {one.kind: (one.remedy, one.count) for one in findings}


BAD = {
    "missing_cell": ("drop", [",magnet,magnets,,12,kg,Shin,JPN,1,40,120"]),
    "unknown_product": ("drop", ["B,,magnest,,12,kg,Shin,JPN,1,40,120"]),
    "conflict": ("drop", ["B,,magnets,280530,12,kg,Shin,JPN,1,40,120"]),
    "bad_hs": ("drop", ["B,,,8505.11.00.90,12,kg,Shin,JPN,1,40,120"]),
    "lost_zero": ("repair", ["B,,,10121,12,kg,Shin,JPN,1,40,120"]),
    "hs_dots": ("repair", ["B,,,2805.30,12,kg,Shin,JPN,1,40,120"]),
    "unknown_hs": ("tell", ["B,,,999999,12,kg,Shin,JPN,1,40,120"]),
    "unmatched": ("tell", ["B,Widget paint,,,12,kg,Shin,JPN,1,40,120"]),
    "missing_unit": ("drop", ["B,,magnets,,12,,Shin,JPN,1,40,120"]),
    "wrong_unit": ("drop", ["B,,magnets,,12,kgg,Shin,JPN,1,40,120"]),
    "unknown_country": ("drop", ["B,,magnets,,12,kg,Shin,Japann,1,40,120"]),
    "country_name": ("tell", ["B,,magnets,,12,kg,Shin,日本,1,40,120"]),
    "out_of_range": ("drop", ["B,,magnets,,12,kg,Shin,JPN,40,40,120"]),
    "percent": ("tell", ["B,,magnets,,12,kg,Shin,JPN,40%,40,120"]),
    "negative": ("drop", ["B,,magnets,,-12,kg,Shin,JPN,1,40,120"]),
    "not_a_number": ("drop", ["B,,magnets,,twelve,kg,Shin,JPN,1,40,120"]),
    "ambiguous_number": ("drop", ['B,,magnets,,"1,234",kg,Shin,JPN,1,40,120']),
    "decimal_comma": ("repair", ['B,,magnets,,"12,5",kg,Shin,JPN,1,40,120']),
    "number_form": ("repair", ["B,,magnets,,１２,kg,Shin,JPN,1,40,120"]),
    "duplicate": ("repair", [GOOD]),
    "duplicate_conflict": ("drop", ["B,,magnets,,1,kg,X,JPN,1,40,", "B,,magnets,,1,kg,X,JPN,0.5,40,"]),
    "shares_over_one": ("drop", ["B,,magnets,,1,kg,X,JPN,0.6,,", "B,,magnets,,1,kg,Y,CHN,0.6,,"]),
    "cell_count": ("drop", ["B,,magnets,,12"]),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_rows_of_a_bom_are_named_and_counted(tmp_path: Path, kind: str) -> None:
    remedy, rows = BAD[kind]
    path = write(tmp_path, GOOD, *rows)
    expected = 1 if kind == "duplicate_conflict" else len(rows)
    if remedy == "tell":
        assert counts(read_bom(path).findings)[kind] == (remedy, expected)
        return
    with pytest.raises(TableError) as caught:
        read_bom(path)
    problem = caught.value.problems[0]
    assert problem.where == str(path)
    assert problem.line == (4 if kind == "duplicate_conflict" else 3)
    found = read_bom(path, "repair")
    assert counts(found.findings)[kind] == (remedy, expected)
    lost = kind in {"duplicate", *(one for one, (what, _) in BAD.items() if what == "drop")}
    assert len(found.lines) == (1 if lost else 1 + len(rows))
    assert found.rows_read == 1 + len(rows)


def test_contradictions_within_an_item_are_found(tmp_path: Path) -> None:
    path = write(tmp_path, "B,,magnets,,1,kg,X,JPN,0.5,40,", "B,,magnets,,2,kg,Y,CHN,0.5,40,")
    with pytest.raises(TableError, match="column quantity: two cells of a row contradict each other"):
        read_bom(path)


def test_all_faults_come_at_once_with_suggestions(tmp_path: Path) -> None:
    path = write(tmp_path, *(row for _, rows in BAD.values() for row in rows))
    with pytest.raises(TableError) as caught:
        read_bom(path)
    said = str(caught.value)
    for words in ("Did you mean magnets", "JPN (Japan)", "Did you mean kg", "first six", "--on-fault repair"):
        assert words in said, words
    assert len(caught.value.problems) > 12


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (COLUMNS.replace("item", "itm"), "Rename itm to item"),
        (COLUMNS + ",item", "column item: a column stands twice"),
        (COLUMNS.replace("hs", "HS "), "differs in case or spaces"),
    ],
)
def test_wrong_columns_are_named_with_near_ones(tmp_path: Path, header: str, said: str) -> None:
    row = GOOD + ",A" if header.endswith(",item") else GOOD
    with pytest.raises(TableError, match=re.escape(said)):
        read_bom(write(tmp_path, row, header=header))


def test_a_column_that_is_not_read_is_told(tmp_path: Path) -> None:
    found = read_bom(write(tmp_path, GOOD + ",1", header=COLUMNS + ",quantity_kg"))
    assert [one.column for one in found.findings if one.kind == "unknown_column"] == ["quantity_kg"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp932"])
def test_a_japanese_bom_is_read(tmp_path: Path, encoding: str) -> None:
    rows = ["磁石1,ネオジム磁石,,,12,キログラム,信越,中国,0.6,40,", "顔料,塗料の原料,,,3,トン,関西,日本,,,"]
    found = read_bom(write(tmp_path, *rows, encoding=encoding))
    assert found.file.encoding == encoding
    first, second = found.lines
    assert (first.products, first.matched_by, first.country) == (("magnets",), "name", "CHN")
    assert first.quantity_t == pytest.approx(0.012)
    assert (second.products, second.quantity_t) == ((), 3.0)


def test_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    row = "A;;magnets;;1.234,5;kg;Shin;JPN;0,6;40;120"
    found = read_bom(write(tmp_path, row, header=COLUMNS.replace(",", ";")), "repair")
    assert (found.lines[0].quantity, found.lines[0].share) == (1234.5, 0.6)


def test_names_match_only_without_doubt() -> None:
    known = catalogue()
    assert (
        known.named("Neodymium Magnets") == known.named("NDFEB MAGNET") == known.named("magnets") == "magnets"
    )
    assert known.named("magnet wire") is None
    assert "magnets" in known.nearest("neodymium magnett")
    for product, words in SYNONYMS.items():
        if product in known.names:
            assert {known.named(word) for word in words} == {product}


def test_a_file_far_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "LARGEST_BYTES", 50)
    with pytest.raises(TableError, match="larger than any true one"):
        read_bom(write(tmp_path, GOOD))


# --- XLSX -----------------------------------------------------------------------------------------


def book(folder: Path, change: Callable[[Workbook], None] | None = None) -> Path:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (COLUMNS.split(","), ["A", "magnet", "magnets", None, 12, "kg", "Shin", "JPN", 1, 40, 120]):
        sheet.append(row)
    if change:
        change(made)
    made.save(folder / "bom.xlsx")
    return folder / "bom.xlsx"


def row_of(made: Workbook, *values: object) -> None:
    sheet = made.active
    assert sheet is not None
    sheet.append(list(values))


def kinds(found: Bom) -> set[str]:
    return {one.kind for one in found.findings}


def test_a_workbook_is_read(tmp_path: Path) -> None:
    found = read_bom(book(tmp_path))
    assert found.lines[0].quantity_t == pytest.approx(0.012)
    assert (found.file.sheet, kinds(found)) == ("Sheet", set())


def test_codes_that_became_numbers_and_dates(tmp_path: Path) -> None:
    def change(made: Workbook) -> None:
        row_of(made, "B", None, None, 280530.0, 1, "t")
        row_of(made, "C", None, None, 10121, 1, "t")
        row_of(made, "D", None, None, datetime.datetime(2028, 5, 30), 1, "t")

    path = book(tmp_path, change)
    with pytest.raises(TableError, match="spreadsheets make 28"):
        read_bom(path)
    found = read_bom(path, "repair")
    assert [line.hs for line in found.lines] == ["", "280530", "010121"]
    assert {"lost_zero", "date_cell"} <= kinds(found)


def test_formulas_errors_and_merged_cells(tmp_path: Path) -> None:
    def change(made: Workbook) -> None:
        row_of(made, "B", "x", "magnets", None, "=6*2", "kg", "S", "JPN")
        row_of(made, "C", "x", "magnets", None, "#DIV/0!", "kg", "S", "JPN")
        row_of(made, "D", "x", "magnets", None, 1, "kg", "S", "JPN")
        row_of(made, "E", "x", None, None, 1, "kg", "S", "JPN")
        made.active.merge_cells("C5:C6")  # type: ignore[union-attr]

    path = book(tmp_path, change)
    with pytest.raises(TableError) as caught:
        read_bom(path)
    said = str(caught.value)
    assert "a formula without a computed value" in said
    assert "E3 =6*2" in said
    found = read_bom(path, "repair")
    assert {"formula_without_value", "error_cell", "merged_cells"} <= kinds(found)
    assert [(line.item, line.products) for line in found.lines[-2:]] == [
        ("D", ("magnets",)),
        ("E", ("magnets",)),
    ]


def test_other_sheets_are_told_and_can_be_chosen(tmp_path: Path) -> None:
    def change(made: Workbook) -> None:
        notes = made.create_sheet("notes", 0)
        for _ in range(3):
            notes.append(["who", "what"])
        hidden = made.create_sheet("old")
        hidden.sheet_state = "hidden"
        hidden.append(["item"])
        hidden.append(["Z"])

    path = book(tmp_path, change)
    found = read_bom(path)
    assert (found.file.sheet, kinds(found)) == ("Sheet", {"hidden_sheet", "other_sheet"})
    assert read_bom(path, sheet="old").lines[0].item == "Z"
    with pytest.raises(TableError, match="no sheet 'x'"):
        read_bom(path, sheet="x")


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b" " * (201 * 1024 * 1024))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(TableError, match="larger than any true one"):
        read_bom(path, "repair")


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/x.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>')
    with pytest.raises(TableError, match="defines entities"):
        read_bom(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no archive", b"item,name\n1,2\n", b"\xd0\xcf\x11\xe0 old"]
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bom.xlsx"
    path.write_bytes(content)
    with pytest.raises(TableError):
        read_bom(path)


def test_empty_and_header_only_workbooks(tmp_path: Path) -> None:
    path = book(tmp_path)
    made = load_workbook(path)
    made.active.delete_rows(2)  # type: ignore[union-attr]
    made.save(path)
    with pytest.raises(TableError, match="header and no rows"):
        read_bom(path)
    made.active.delete_rows(1)  # type: ignore[union-attr]
    made.save(path)
    with pytest.raises(TableError, match="the file is empty"):
        read_bom(path)


# --- supplier lists -------------------------------------------------------------------------------

SUPPLIER_HEADER = "supplier,country,item,product,hs,share,origin_country,lead_time_days"


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (["X,,A,,,1,,"], "missing_cell"),
        (["X,Chinaa,A,,,1,,"], "unknown_country"),
        (["X,CHN,A,,,1,Nowhere,"], "unknown_country"),
        (["X,CHN,,magnest,,1,,"], "unknown_product"),
        (["X,CHN,A,,,0.7,,", "Y,CHN,A,,,0.7,,"], "shares_over_one"),
        (["X,CHN,A,,,1,,", "X,CHN,A,,,1,,"], "duplicate"),
        (["X,CHN,A,,,1,,", "X,CHN,A,,,0.5,,"], "duplicate_conflict"),
        (["X,CHN,A,,,1,,-4"], "negative"),
    ],
)
def test_bad_supplier_lists_are_refused(tmp_path: Path, rows: list[str], kind: str) -> None:
    path = write(tmp_path, "Good,JPN,,,,,,", *rows, header=SUPPLIER_HEADER)
    with pytest.raises(TableError, match=re.escape(KINDS[kind])):
        read_suppliers(path)
    found = read_suppliers(path, "repair")
    assert kind in counts(found.findings)
    assert found.rows[0].supplier == "Good"


# --- USGS -----------------------------------------------------------------------------------------

USGS_HEADER = "Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes"
USGS_ROW = 'World Mine Production,Antimony,{},Production,Mine production,{},{},{},"{}"'


def usgs(folder: Path, *rows: tuple[str, str, str, str, str]) -> Path:
    return write(folder, *(USGS_ROW.format(*row) for row in rows), header=USGS_HEADER, name="mcs.csv")


def test_figures_of_the_usgs_become_tonnes(tmp_path: Path) -> None:
    path = usgs(
        tmp_path,
        ("China", "metric tons", "2024", '"60,000"', "Estimated."),
        ("Burma", "thousand metric tons", "2024", "4.6", ""),
        ("Bolivia", "kilograms", "2024", "5300000", ""),
        ("Korea, Republic of".join('""'), "metric tons", "2024", "—", ""),
        ("Côte d’Ivoire", "metric tons", "2024", "W", ""),
        ("Canada", "metric tons", "2024", "330 - 390", ""),
        ("Australia", "metric tons", "2024", '">1,200"', ""),
        ("World total", "metric tons", "2024", '"100,000"', ""),
        ("Mexico", "million cubic meters", "2024", "3", ""),
    )
    found = read_usgs(path)
    rows = {row.country: row for row in found.rows}
    tonnes = {code: row.production_t for code, row in rows.items()}
    expected = {
        "CHN": 60000.0,
        "MMR": 4600.0,
        "BOL": 5300.0,
        "KOR": 0.0,
        "CIV": None,
        "CAN": 360.0,
        "AUS": 1200.0,
    }
    assert tonnes == pytest.approx(expected)
    assert (rows["CAN"].low_t, rows["CAN"].high_t) == (330.0, 390.0)
    status = {code: row.status for code, row in rows.items()}
    assert (status["CHN"], status["CIV"], status["AUS"], status["KOR"]) == (
        "estimated",
        "withheld",
        "bound",
        "zero",
    )
    assert rows["CHN"].product == "antimony_ore"
    assert {"aggregate", "wrong_unit", "range_given", "no_figure"} <= set(counts(found.findings))


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (("Chinaland", "metric tons", "2024", "1", ""), "unknown_country"),
        (("China", "metric tonz", "2024", "1", ""), "wrong_unit"),
        (("China", "metric tons", "24", "1", ""), "bad_year"),
        (("China", "metric tons", "2024", "lots", ""), "not_a_number"),
        (("Japan", "metric tons", "2024", "1", ""), "duplicate"),
        (("Japan", "metric tons", "2024", "2", ""), "duplicate_conflict"),
    ],
)
def test_bad_rows_of_the_usgs_are_refused(
    tmp_path: Path, row: tuple[str, str, str, str, str], kind: str
) -> None:
    good = ("Peru", "metric tons", "2024", "5", "")
    path = usgs(tmp_path, good, ("Japan", "metric tons", "2024", "1", ""), row)
    with pytest.raises(TableError, match=re.escape(KINDS[kind])):
        read_usgs(path)
    assert kind in counts(read_usgs(path, "repair").findings)


def test_a_release_that_mixes_encodings(tmp_path: Path) -> None:
    first = USGS_ROW.format("Côte d’Ivoire", "metric tons", "2024", "3", "").encode("utf-8")
    second = USGS_ROW.format("Peru", "metric tons", "2024", "3", "née").encode("cp1252")
    path = tmp_path / "mcs.csv"
    path.write_bytes(b"\n".join([USGS_HEADER.encode(), first, second]) + b"\n")
    with pytest.raises(TableError, match="mixes UTF-8 with another encoding"):
        read_usgs(path)
    found = read_usgs(path, "repair")
    assert [(row.country, row.note) for row in found.rows] == [("CIV", ""), ("PER", "née")]


def test_the_releases_themselves(shared_data: Path) -> None:
    newest = read_usgs(shared_data / "usgs" / "mcs2026.csv")
    told = counts(newest.findings)
    assert told["control_characters"][0] == "tell"
    china = [row for row in newest.rows if row.country == "CHN" and row.commodity == "Gallium"]
    assert {row.production_t for row in china if row.year == 2024} == {839.0}
    before = shared_data / "usgs" / "mcs2025_world.csv"
    with pytest.raises(TableError, match=r"mcs2025_world.csv:1132: column Unit"):
        read_usgs(before)
    rows = read_usgs(before, "repair").rows
    assert {row.year for row in rows} == {2023, 2024}
    rare = {r.country: r.production_t for r in rows if r.commodity == "Rare earths" and r.year == 2023}
    assert rare["CHN"] == 255000.0


# --- imports, documentation -----------------------------------------------------------------------


def test_a_bom_becomes_a_folder_with_its_changes(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, BAD["hs_dots"][1][0], BAD["negative"][1][0].replace("B,", "C,"))
    found = import_data("bom", [path], tmp_path / "out", Choices("repair"))
    assert (found["rows_read"], found["rows_kept"]) == (3, 2)
    assert (found["repaired"], found["dropped"]) == ({"hs_dots": 1}, {"negative": 1})
    lines = store.read_parquet(tmp_path / "out" / "bom.parquet").to_pylist()
    assert lines[0]["products"] == ["magnets"]
    changes = store.read_parquet(tmp_path / "out" / "changes.parquet").to_pylist()
    assert {(one["row"], one["old"], one["new"]) for one in changes} == {
        (2, "2805.30", "280530"),
        (3, "-12", ""),
    }
    with pytest.raises(DataMissing, match="no such file"):
        import_data("bom", [tmp_path / "none.csv"], tmp_path / "x")


def test_every_column_and_every_kind_of_finding_is_told() -> None:
    page = (ROOT / "docs" / "own-data.md").read_text("utf-8")
    sections = {part.partition("\n")[0]: part for part in page.split("\n## ")}
    for layout in LAYOUTS.values():
        section = next(text for title, text in sections.items() if f"({layout.kind})" in title)
        assert [name for name in layout.names if f"`{name}`" not in section] == [], layout.kind
    assert [kind for kind in KINDS if f"`{kind}`" not in page] == []


def test_a_kind_of_finding_must_be_known() -> None:
    with pytest.raises(ValueError, match="no kind of finding"):
        Collector().add("odd", "tell")
