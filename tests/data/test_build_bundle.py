"""The bundle tool on a small wheel made here: complete, deterministic, and stopped by what it cannot keep."""

from __future__ import annotations

import importlib.util
import sqlite3
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from kaname.data import store

TOOL = Path(__file__).resolve().parents[2] / "tools" / "build_bundle.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_bundle", TOOL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_bundle"] = module
    spec.loader.exec_module(module)
    return module


def wheel(tool: ModuleType, folder: Path, rows: list[tuple[str, str, str, int, str, str | None]]) -> Path:
    """Return a wheel with one row for every code, and these rows."""
    codes = [int(code) for group in tool.GROUPS.values() for code in group.split()]
    baci, wgi = folder / "baci.db", folder / "wgi.db"
    with sqlite3.connect(baci) as connection:
        connection.execute("create table baci_trade (t text, i text, j text, k integer, v text, q text)")
        every = [("2020", "156", "392", code, "1.5", "0.25") for code in codes]
        connection.executemany("insert into baci_trade values (?, ?, ?, ?, ?, ?)", [*every, *rows])
        connection.execute("create table product_codes_HS92_V202401b (code text, description text)")
        texts = [(str(code), f"goods {code}") for code in codes]
        connection.executemany("insert into product_codes_HS92_V202401b values (?, ?)", texts)
        connection.execute(
            "create table country_codes_V202401b"
            " (country_code text, country_name text, country_iso2 text, country_iso3 text)"
        )
        names = [
            ("156", "China", "CN", "CHN"),
            ("392", "Japan", "JP", "JPN"),
            ("490", "Other Asia", "", "S19"),
        ]
        names += [("792", "TÃ¼rkiye", "TR", "TUR"), ("200", "Czechoslovakia (...1992)", "CS", "CSK")]
        connection.executemany("insert into country_codes_V202401b values (?, ?, ?, ?)", names)
    connection.close()
    with sqlite3.connect(wgi) as connection:
        for name in ("Estimate", "StdErr", "NumSrc"):
            connection.execute(
                f'create table "{name}" ("Country/Territory", "Code", "1996", "2024", country_code)'
            )
            row = ("Japan", "JPN", "nan", "1.0", "392")
            connection.execute(f'insert into "{name}" values (?, ?, ?, ?, ?)', row)
    connection.close()
    path = folder / "test.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, file in zip(tool.DATABASES, (baci, wgi), strict=True):
            archive.writestr(zipfile.ZipInfo(name, (2026, 7, 14, 0, 0, 0)), file.read_bytes())
    return path


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_bundle_is_complete_exact_and_the_same_twice(tool: ModuleType, tmp_path: Path) -> None:
    rows = [
        ("2021", "490", "392", 280530, "29.141000000000002", None),
        ("2021", "792", "392", 280530, "0.001", "NA"),
        ("2021", "156", "392", 280530, "123456789.123", "0.007"),
    ]
    made = wheel(tool, tmp_path, rows)
    for name in ("one", "two"):
        tool.build(made, tmp_path / name / "bundle")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    table = store.trade(["280530"], 2021, tmp_path / "one").to_pylist()
    assert [(r["exporter"], r["value_kusd"], r["quantity_t"]) for r in table] == [
        ("CHN", 123456789.123, 0.007),
        ("TUR", 0.001, None),
        ("TWN", 29.141, None),
    ]
    assert store.country_names(tmp_path / "one")["TUR"] == "Türkiye"
    assert store.governance(1996, tmp_path / "one")["estimate"].to_pylist() == [None]
    store.verify(tmp_path / "one")
    text = (tmp_path / "one" / "bundle" / "SOURCES.md").read_text("utf-8")
    for record in store.sources(tmp_path / "one"):
        assert record["licence"] in text
        assert record["publisher"] in text


def test_a_finer_number_than_three_decimals_stops_the_build(tool: ModuleType, tmp_path: Path) -> None:
    made = wheel(tool, tmp_path, [("2021", "156", "392", 280530, "1.2345", "1")])
    with pytest.raises(SystemExit, match="more than three decimals"):
        tool.build(made, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_a_code_without_a_group_stops_the_build(tool: ModuleType, tmp_path: Path) -> None:
    made = wheel(tool, tmp_path, [("2021", "156", "392", 850511, "1", "1")])
    with pytest.raises(SystemExit, match="850511"):
        tool.build(made, tmp_path / "bundle")


def test_files_of_other_tools_are_carried_over_and_listed(tool: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "ports.csv").write_text("iso3,port\n")
    tool.build(wheel(tool, tmp_path, []), tmp_path / "bundle")
    assert (tmp_path / "bundle" / "ports.csv").read_text() == "iso3,port\n"
    assert "ports.csv" in store.sources(tmp_path)[2]["files"]
