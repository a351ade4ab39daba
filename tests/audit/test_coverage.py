"""What is covered, held against the lists of critical raw materials."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from kaname.audit.coverage import Coverage, data_coverage
from kaname.data import store
from kaname.terms.errors import InputError


@pytest.fixture(scope="module")
def found() -> Coverage:
    return data_coverage()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy of the own tables, to change."""
    shutil.copytree(store.ROOT / "tables", tmp_path / "tables")
    return tmp_path


def rewrite(root: Path, name: str, keep: object) -> None:
    """Keep the rows of a table, wide or not, for which `keep` says so."""
    for path in (root / "tables" / f"{name}.csv", root / "tables" / "wide" / f"{name}.csv"):
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(row for row in rows if keep(row))  # type: ignore[operator]


def test_the_lists_are_whole() -> None:
    """34 raw materials of the EU, 60 minerals of the United States, 12 materials of NATO."""
    rows = store.own_table("critical_lists").to_pylist()
    count = {name: sum(row["list"] == name for row in rows) for name in {row["list"] for row in rows}}
    assert count == {"EU-2023": 34, "USGS-2025": 60, "NATO-2024": 12}
    new = {
        "boron",
        "copper",
        "lead",
        "metallurgical coal",
        "phosphate",
        "potash",
        "rhenium",
        "silicon",
        "silver",
    }
    assert new | {"uranium"} <= {row["material"] for row in rows if row["list"] == "USGS-2025"}


def test_the_list_of_the_usgs_holds_what_its_summaries_mark(shared_data: Path) -> None:
    """Every commodity marked critical in Mineral Commodity Summaries 2026 is on our list, under one name."""
    listed = {
        r["material"] for r in store.own_table("critical_lists").to_pylist() if r["list"] == "USGS-2025"
    }
    alias = {
        "aluminum": "aluminium", "alumina": "aluminium", "bauxite": "aluminium", "niobium": "niobium",
        "graphite": "graphite", "magnesium": "magnesium", "phosphate": "phosphate", "tio2": "titanium",
        "titanium": "titanium",
    }  # fmt: skip
    groups = {"rare", "platinum-group"}
    with (shared_data / "usgs" / "mcs2026.csv").open(
        encoding="utf-8-sig", errors="replace", newline=""
    ) as file:
        marked = {
            row["Commodity"] for row in csv.DictReader(file) if row["Is critical mineral 2025"] == "Yes"
        }
    words = {name.lower().split()[0] for name in marked} - groups
    assert len(words) > 45
    assert {alias.get(word, word) for word in words} <= listed


def test_the_matrix_counts_what_the_tables_hold(found: Coverage) -> None:
    products = [
        row for row in store.own_table("products").to_pylist() if row["unit"] == "t" and row["element"]
    ]
    assert sorted(p for row in found.stages for p in row.products) == sorted(
        row["product"] for row in products
    )
    output = [row for row in store.own_table("production").to_pylist() if row["year"] == 2024]
    for row in found.stages:
        makers = {r["market"] for r in output if r["product"] in row.products and r["production_t"] > 0.0}
        assert row.makers == len(makers), row.element
        shares = (row.observed_share, row.estimated_share, row.assumed_share)
        assert (None in shares) == (row.makers == 0)
        if row.makers:
            assert sum(share or 0.0 for share in shares) == pytest.approx(1.0)


def test_trade_codes_of_ones_own_shared_and_none(found: Coverage) -> None:
    trade = {(row.element, row.stage): row.trade for row in found.stages}
    assert trade[("tungsten", "ore")] == "own"
    assert trade[("rare earths Dy/Tb", "metal")] == "shared"
    assert trade[("gallium", "metal")] == "none"
    assert all((row.trade == "none") == (not row.codes) for row in found.stages)


def test_lists_add_up_and_name_what_is_missing(found: Coverage) -> None:
    for row in found.by_list():
        assert row["covered"] + len(row["missing"]) == row["materials"]
        assert f"{row['list']} {row['covered']} of {row['materials']}" in found.headline
    for item in found.listed:
        assert (item.state == "missing") == (not item.products)
        if item.state != "covered":
            assert len(item.why) > 10, item.material
    covered = {(row.list, row.material): row.state for row in found.listed}
    assert covered[("EU-2023", "tungsten")] == "covered"
    assert covered[("USGS-2025", "neodymium")] == "group"


def test_everything_is_plain(found: Coverage) -> None:
    plain = found.as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == json.loads(json.dumps(plain))
    assert plain["headline"] == found.headline


def test_a_material_whose_product_goes_is_missing_with_a_reason(found: Coverage, elsewhere: Path) -> None:
    """It works with whatever products there are: without tungsten, three lists miss it and say so."""
    rewrite(elsewhere, "products", lambda row: row["element"] != "tungsten")
    left = data_coverage(root=elsewhere)
    missing = {(row.list, row.material) for row in left.listed if row.state == "missing"}
    before = {(row.list, row.material) for row in found.listed if row.state == "missing"}
    assert missing - before == {(name, "tungsten") for name in ("EU-2023", "USGS-2025", "NATO-2024")}
    assert all("tungsten" in row.why for row in left.listed if row.material == "tungsten")


def test_a_list_may_ask_for_a_stage(elsewhere: Path) -> None:
    """Titanium metal is not covered by the mineral."""
    rewrite(elsewhere, "products", lambda row: (row["element"], row["stage"]) != ("titanium", "metal"))
    state = {(row.list, row.material): row.state for row in data_coverage(root=elsewhere).listed}
    assert state[("EU-2023", "titanium metal")] == "missing"


def test_output_that_is_not_there_is_missing_and_not_zero(elsewhere: Path) -> None:
    rewrite(elsewhere, "production", lambda row: row["product"] != "tungsten_ore")
    row = next(
        row for row in data_coverage(root=elsewhere).stages if (row.element, row.stage) == ("tungsten", "ore")
    )
    assert (row.makers, row.observed_share, row.assumed_share, row.grade) == (0, None, None, "missing")


def test_a_year_without_output_is_an_error() -> None:
    with pytest.raises(InputError, match="no output for 1901"):
        data_coverage(1901)
