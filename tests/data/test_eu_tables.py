"""The tables of the EU's assessments are what their tool writes, and hold what the assessments print."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from kaname.data import store
from kaname.data.contracts_eu import EU_TABLES
from kaname.data.eu_materials import EU_GROUPS

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "src" / "kaname" / "data" / "tables"
NAMES = [contract.name for contract in EU_TABLES]


def test_the_tables_are_the_tool_s(shared_data: Path, tmp_path: Path) -> None:
    tool = ROOT / "tools" / "build_eu_tables.py"
    line = [sys.executable, str(tool), "--shared", str(shared_data), "--out", str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    written = {path.stem: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {name: (TABLES / f"{name}.csv").read_bytes() for name in NAMES}
    assert written == kept, "run: python tools/" + tool.name
    assert "every name of a country has a code" in done.stdout


def test_no_share_is_lost(shared_data: Path) -> None:
    """As many rows, and the same total to the last digit, as the files have: nothing is left out."""
    for scope, file in (("GS", "global_supply_shares"), ("EUS", "eu_supply_shares")):
        with (shared_data / "eu_crm" / f"{file}.csv").open(encoding="utf-8-sig", newline="") as handle:
            theirs = [row["Share"] for row in csv.DictReader(handle)]
        ours = [row for row in store.own_table("eu_supply_shares").to_pylist() if row["scope"] == scope]
        total = sum(0.05 if text.startswith("<") else float(text.rstrip("%")) for text in theirs)
        assert sum(row["share"] for row in ours) == pytest.approx(total / 100)
        assert len(ours) == len(theirs)


def test_the_shares_are_of_2023() -> None:
    """Only the study of 2023 has these materials, and the United Kingdom outside the EU's trade parameter."""
    rows = store.own_table("eu_supply_shares").to_pylist()
    materials = {row["material"] for row in rows}
    assert materials >= {"Neon", "Krypton", "Xenon", "Roundwood", "Titanium metal"}
    assert "Bauxite" not in materials
    assert {row["trade_parameter"] for row in rows if row["iso3"] == "GBR"} == {1.0}
    german = [row["trade_parameter"] for row in rows if row["iso3"] == "DEU"]
    assert german.count(0.8) > 0.9 * len(german)  # the study itself has 1 in a few rows
    scored = {row["material"] for row in store.own_table("eu_scores").to_pylist() if row["year"] == 2023}
    elements = {name for names in EU_GROUPS.values() for name in names}
    assert materials - elements == scored - {"LREEs", "PGMs"}  # assessed element by element


def test_shares_add_up_to_no_more_than_the_study_s_own_errors() -> None:
    totals: dict[tuple[str, str, str], float] = defaultdict(float)
    for row in store.own_table("eu_supply_shares").to_pylist():
        totals[row["scope"], row["material"], row["stage"]] += row["share"]
    assert max(totals.values()) < 1.04
    little = {key for key, total in totals.items() if total < 0.7}
    assert little == {("EUS", "Chromium", "E"), ("EUS", "Sapele wood", "E")}


def test_figures_that_everyone_can_look_up() -> None:
    share = {
        (row["scope"], row["material"], row["stage"], row["iso3"]): row["share"]
        for row in store.own_table("eu_supply_shares").to_pylist()
    }
    assert share["GS", "Gallium", "P", "CHN"] == 0.938
    assert share["GS", "Magnesium", "P", "CHN"] == 0.906
    assert share["GS", "Cobalt", "E", "COD"] == 0.628
    assert share["EUS", "Aluminium", "E", "GIN"] == 0.62
    assert share["GS", "Copper", "E", "ALB"] == 0.0005  # printed <0.1%
    scores = {(row["material"], row["year"]): row["sr"] for row in store.own_table("eu_scores").to_pylist()}
    assert scores["Niobium", 2023] == 4.4
    assert ("Aggregates", 2011) not in scores  # not assessed is no row, not 0


def test_figures_of_two_files_are_one() -> None:
    scores = {(row["material"], row["year"]) for row in store.own_table("eu_scores").to_pylist()}
    for row in store.own_table("eu_inputs").to_pylist():
        assert (row["material"], row["year"]) in scores
    assert any(row["import_reliance"] is None for row in store.own_table("eu_inputs").to_pylist())
