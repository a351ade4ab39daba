"""World Mining Data: the database, the wheel that holds it, a CSV file, and every fault of them."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kaname.data import store
from kaname.data.production import materials
from kaname.data.sources.findings import Finding
from kaname.data.sources.imports import Choices, import_data
from kaname.data.sources.wmd import MEMBER, WorldOutput, read_wmd
from kaname.terms.errors import DataMissing, TableError

SHEETS = tuple(one.sheet for one in materials())
YEARS = ("2023", "2024")
Row = tuple[str, str, float | str | None, float | str | None, str, str]
GOOD: tuple[Row, ...] = (
    ("Congo, D.R.", "COD", 100.0, 200.0, "metr. t", "r"),
    ("Taiwan", "S19", 1.0, None, "metr. t", "e"),
    ("Total", "DELETE", 101.0, 200.0, "metr. t", "nan"),
)


def database(
    folder: Path, *rows: Row, sheets: tuple[str, ...] = SHEETS, years: tuple[str, ...] = YEARS
) -> Path:
    """Write a database: the rows in the sheet of cobalt, good ones in the others."""
    path = folder / MEMBER
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as file:
        for sheet in sheets:
            columns = ["Country TEXT", "Country_ISO TEXT", *(f'"{year}" REAL' for year in years)]
            columns += ["unit TEXT", "data_source TEXT"]
            file.execute(f'create table "{sheet}" ({", ".join(columns)})')
            for name, iso3, *amounts, unit, mark in rows if sheet == "Cobalt" and rows else GOOD:
                cells = (name, iso3, *amounts[: len(years)], unit, mark)
                file.execute(f'insert into "{sheet}" values ({", ".join("?" * len(cells))})', cells)
        file.commit()
    return path


def counts(findings: tuple[Finding, ...]) -> dict[str, tuple[str, int]]:
    return {one.kind: (one.remedy, one.count) for one in findings}


def cobalt(found: WorldOutput) -> dict[tuple[str, int], tuple[float | None, float | None, str]]:
    return {
        (one.country, one.year): (one.amount, one.production_t, one.status)
        for one in found.rows
        if one.sheet == "Cobalt"
    }


def test_a_database_becomes_figures_by_country_and_year(tmp_path: Path) -> None:
    found = read_wmd(database(tmp_path))
    assert cobalt(found) == {
        ("COD", 2023): (100.0, 100.0, "reported"),
        ("COD", 2024): (200.0, 200.0, "reported"),
        ("TWN", 2023): (1.0, 1.0, "estimated"),
        ("TWN", 2024): (None, None, "no figure"),
    }
    assert found.rows_read == 3 * len(SHEETS)
    assert counts(found.findings) == {"aggregate": ("tell", 65), "no_figure": ("tell", 65)}


@pytest.mark.parametrize(
    ("unit", "tonnes"), [("kg", 0.1), ("ct", 2e-5), ("Mio m3", None), ("METR. T", 100.0), ("lb", 0.045359237)]
)
def test_masses_become_tonnes_and_volumes_stay(tmp_path: Path, unit: str, tonnes: float | None) -> None:
    found = cobalt(read_wmd(database(tmp_path, ("Japan", "JPN", 100.0, 0.0, unit, "r"))))
    assert found["JPN", 2023][0] == 100.0
    assert found["JPN", 2023][1] == (None if tonnes is None else pytest.approx(tonnes))


BAD: dict[str, tuple[Row, ...]] = {
    "negative": (("Japan", "JPN", -1.0, 2.0, "metr. t", "r"),),
    "not_a_number": (("Japan", "JPN", "many", 2.0, "metr. t", "r"),),
    "unknown_country": (("Japan", "JPX", 1.0, 2.0, "metr. t", "r"),),
    "conflict": (("Japan", "CHN", 1.0, 2.0, "metr. t", "r"),),
    "wrong_unit": (("Japan", "JPN", 1.0, 2.0, "bushels", "r"),),
    "duplicate": (("Japan", "JPN", 1.0, 2.0, "metr. t", "r"),) * 2,
    "duplicate_conflict": (
        ("Japan", "JPN", 1.0, 2.0, "metr. t", "r"),
        ("Japan", "JPN", 1.0, 3.0, "metr. t", "r"),
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_rows_are_refused_and_leave_the_country_missing(tmp_path: Path, kind: str) -> None:
    path = database(tmp_path, *GOOD, *BAD[kind])
    if kind == "duplicate_conflict":  # told: nothing is lost but a figure that contradicts itself
        assert read_wmd(path).findings
    else:
        with pytest.raises(TableError) as caught:
            read_wmd(path)
        assert "--on-fault repair" in str(caught.value)
    found = read_wmd(path, "repair")
    remedy = {"duplicate": "repair", "duplicate_conflict": "tell"}.get(kind, "drop")
    assert counts(found.findings)[kind] == (remedy, 1)
    rows = cobalt(found)
    if kind == "duplicate":
        assert rows["JPN", 2024] == (2.0, 2.0, "reported")
    elif kind != "unknown_country":
        place = "CHN" if kind == "conflict" else "JPN"
        assert {rows[place, year][0] for year in (2023, 2024)} == {None}, "missing, and not taken for zero"
        assert rows[place, 2024][2] in {"dropped", "contradicted"}
    assert rows["COD", 2024] == (200.0, 200.0, "reported")


def test_two_units_in_one_sheet_are_a_fault(tmp_path: Path) -> None:
    path = database(tmp_path, *GOOD, ("Japan", "JPN", 1.0, 2.0, "kg", "r"))
    with pytest.raises(TableError, match=r"got row .*'kg', expected metr\. t"):
        read_wmd(path)


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    path = database(tmp_path, *(row for rows in BAD.values() for row in rows), sheets=SHEETS[:-1])
    with pytest.raises(TableError) as caught:
        read_wmd(path)
    said = str(caught.value)
    for words in (
        SHEETS[-1],
        "negative",
        "no country",
        "unit",
    ):
        assert words in said, words
    assert len(caught.value.problems) >= 6


def test_missing_tables_and_years_are_named(tmp_path: Path) -> None:
    path = database(tmp_path, sheets=SHEETS[:-1])
    with closing(sqlite3.connect(path)) as file:
        file.execute('alter table "Cobalt" drop column "2023"')
        file.commit()
    with pytest.raises(TableError) as caught:
        read_wmd(path)
    assert f"column {SHEETS[-1]}: a table that the map of materials names is missing" in str(caught.value)
    assert "column Cobalt: a year that other tables of the file have is missing" in str(caught.value)
    found = read_wmd(path, "repair")
    assert {year for _, year in cobalt(found)} == {2024}
    assert SHEETS[-1] not in {one.sheet for one in found.rows}


def no_database(folder: Path) -> Path:
    path = folder / MEMBER
    path.write_bytes(b"SQLite format 3\0" + bytes(5000))
    return path


def no_sheets(folder: Path) -> Path:
    return database(folder, sheets=("HS Code Map",))


def no_years(folder: Path) -> Path:
    return database(folder, years=())


def no_countries(folder: Path) -> Path:
    path = database(folder)
    with closing(sqlite3.connect(path)) as file:
        file.execute('alter table "Cobalt" drop column Country_ISO')
        file.commit()
    return path


def other_zip(folder: Path) -> Path:
    path = folder / "some.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    return path


def broken_zip(folder: Path) -> Path:
    path = folder / "some.zip"
    path.write_bytes(b"PK\x03\x04 and no more")
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (no_database, "expected a SQLite database"),
        (broken_zip, "expected a SQLite database"),
        (other_zip, f"expected one file {MEMBER}"),
        (no_sheets, "a table that the map of materials names is missing"),
        (no_years, "a year that other tables of the file have is missing"),
        (no_countries, "column Cobalt, Country_ISO: a needed column is missing"),
    ],
)
def test_what_cannot_be_read_is_refused_in_any_case(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    path = make(tmp_path)
    for choice in ("refuse", "repair"):
        with pytest.raises(TableError, match=said):
            import_data("wmd", [path], tmp_path / "out", Choices(choice))
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="no such file"):
        read_wmd(tmp_path / MEMBER)


def test_a_csv_file_is_read_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    head = "sheet,country,year,production,unit\n"
    path.write_text(f"{head}Cobalt,Japan,2024,5,kg\nCobalt,CHN,2024,,kg\nBiscuits,CHN,2024,1,kg\n", "utf-8")
    found = read_wmd(path)
    assert cobalt(found) == {
        ("JPN", 2024): (5.0, 0.005, "reported"),
        ("CHN", 2024): (None, None, "no figure"),
    }
    assert counts(found.findings)["other_sheet"] == ("tell", 1)
    for line in ("Cobalt,CHN,twenty,1,kg", "Cobalt,CHN,2024,-1,kg", ",CHN,2024,1,kg", "Cobalt,CHN,2024,1,"):
        path.write_text(f"{head}Cobalt,Japan,2024,5,kg\n{line}\n", "utf-8")
        with pytest.raises(TableError):
            read_wmd(path)


def test_the_folder_tells_where_its_figures_come_from(tmp_path: Path) -> None:
    wheel = tmp_path / "peer.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(database(tmp_path), f"some/lib/{MEMBER}")
    found = import_data("wmd", [wheel], tmp_path / "out")
    assert (found["kind"], found["title"]) == ("wmd", "World Mining Data")
    assert (found["rows_read"], found["rows_kept"]) == (195, 130)
    assert found["files"][0]["name"] == "peer.whl"
    table = store.read_parquet(tmp_path / "out" / "production.parquet")
    names = ["row", "sheet", "country", "year", "amount", "unit", "production_t", "status"]
    assert table.column_names == names
    assert table.num_rows == 4 * 65


def test_the_wheel_as_published_has_one_contradiction_which_is_told(peer_wheel: Path, tmp_path: Path) -> None:
    found = import_data("wmd", [peer_wheel], tmp_path / "out")
    told = [(item["kind"], item["column"], item["count"]) for item in found["files"][0]["findings"]]
    assert ("duplicate_conflict", "Gold", 1) in told
    rows = store.read_parquet(tmp_path / "out" / "production.parquet").to_pylist()
    assert {row["year"] for row in rows} == set(range(2018, 2025))
    assert len({row["sheet"] for row in rows}) == 65
    guyana = [row for row in rows if (row["sheet"], row["country"]) == ("Gold", "GUY")]
    assert {(row["amount"], row["status"]) for row in guyana} == {(None, "contradicted")}
