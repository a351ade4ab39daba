"""GeoPolRisk: by hand, laws that hold for any input, and the figures of the library it came from."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.criticality.ask import indicators
from kaname.indicators.geopolrisk import (
    COPPER_USD_PER_KG,
    UNRATED,
    geopolrisk,
    instability,
    world_concentration,
)
from kaname.indicators.lanes import Lanes, merged

PRINTED = {
    "score": "GeoPolRisk Score",
    "factor": "GeoPolRisk Characterization Factor [eq. Kg-Cu/Kg]",
    "hhi": "HHI",
    "import_risk": "Import Risk",
    "price": "Price",
}


def imports(tonnes: list[float], value: list[float] | None = None) -> Lanes:
    """Return imports of one item and year into the last country, from each of the others in turn."""
    n = len(tonnes)
    zero = np.zeros(n, dtype=np.int64)
    worth = np.array(value or tonnes)
    return merged(zero, zero, zero + n, np.arange(n), np.array(tonnes), worth, (1, 1, n + 1))


def scored(tonnes: list[float], estimates: list[float], hhi: float = 0.4, own: float = 0.0) -> Any:
    domestic = np.zeros((1, 1, len(tonnes) + 1))
    domestic[..., -1] = own
    estimate = np.array([[*estimates, np.nan]])
    return geopolrisk(imports(tonnes), estimate, np.array([[hhi]]), domestic)


def test_by_hand() -> None:
    lanes = imports([60.0, 40.0], [120.0, 480.0])
    domestic = np.array([[[0.0, 0.0, 100.0]]])
    found = geopolrisk(lanes, np.array([[0.5, -1.5, 2.0]]), np.array([[0.5]]), domestic)
    risk = (0.4 * 60.0 + 0.8 * 40.0) / 200.0
    assert found.import_risk[0, 0, 2] == pytest.approx(risk)
    assert found.score[0, 0, 2] == pytest.approx(0.5 * risk)
    assert found.price_kusd_per_t[0, 0, 2] == pytest.approx(6.0)
    assert found.factor[0, 0, 2] == pytest.approx(0.5 * risk * 6.0 / COPPER_USD_PER_KG)
    assert np.isnan(found.score[0, 0, :2]).all(), "who imports nothing has no score, not one of 0"


def test_instability_is_the_distance_from_the_best() -> None:
    found = instability(np.array([2.5, 0.0, -2.5, 3.0, -3.2, np.nan]))
    assert found.tolist() == [0.0, 0.5, 1.0, 0.0, 1.0, UNRATED]


def test_an_exporter_without_an_estimate_counts_as_the_middle() -> None:
    unrated, middle = scored([3.0, 1.0], [np.nan, 1.0]), scored([3.0, 1.0], [0.0, 1.0])
    assert unrated.score[0, 0, 2] == middle.score[0, 0, 2]
    assert unrated.unrated_share[0, 0, 2] == 0.75
    assert middle.unrated_share[0, 0, 2] == 0.0


def test_what_is_not_known_gives_no_score() -> None:
    for found in (
        scored([1.0], [0.0], hhi=np.nan),
        scored([1.0], [0.0], own=np.nan),
        scored([np.nan], [0.0]),
    ):
        assert np.isnan(found.score[0, 0, 1])
        assert np.isnan(found.factor[0, 0, 1])


def test_world_concentration_leaves_out_what_is_not_known() -> None:
    item, year = np.array([0, 0, 0, 1]), np.array([0, 0, 0, 1])
    found = world_concentration(item, year, np.array([3.0, 1.0, np.nan, np.nan]), (2, 2))
    assert found[0, 0] == pytest.approx(0.625)
    assert np.isnan([found[0, 1], found[1, 0], found[1, 1]]).all()


SUPPLY = st.lists(st.tuples(st.floats(1e-3, 1e6), st.floats(-3, 3) | st.just(np.nan)), min_size=1, max_size=9)


@given(SUPPLY, st.floats(0, 1), st.floats(0, 1e6))
def test_a_score_lies_between_nothing_and_one(
    supply: list[tuple[float, float]], hhi: float, own: float
) -> None:
    found = scored([t for t, _ in supply], [g for _, g in supply], hhi, own)
    assert 0.0 <= found.score[0, 0, -1] <= 1.0 + 1e-12
    assert found.score[0, 0, -1] <= found.import_risk[0, 0, -1] + 1e-12


@given(SUPPLY, st.floats(0.01, 0.99))
def test_splitting_an_exporter_changes_nothing(supply: list[tuple[float, float]], part: float) -> None:
    (first, governance), *rest = supply
    split = [(first * part, governance), (first * (1.0 - part), governance), *rest]
    whole, parts = (scored([t for t, _ in s], [g for _, g in s]) for s in (supply, split))
    assert parts.score[0, 0, -1] == pytest.approx(whole.score[0, 0, -1], rel=1e-9)


@given(SUPPLY, st.floats(1.0, 1e6))
def test_production_at_home_lowers_the_risk(supply: list[tuple[float, float]], own: float) -> None:
    without, some = (scored([t for t, _ in supply], [g for _, g in supply], own=p) for p in (0.0, own))
    assert some.score[0, 0, -1] <= without.score[0, 0, -1] + 1e-12


# --- the library ----------------------------------------------------------------------------------


def test_the_figures_of_the_library_are_reproduced(world_mining: Path, shared_data: Path) -> None:
    """30 rows that geopolrisk-py 2.0.1 printed: Japan, ten materials, 2022 to 2024."""
    found = indicators("geopolrisk", "JPN", production=world_mining)
    rows = {(row.product, row.year): row.as_dict() for row in found}
    with (shared_data / "geopolrisk" / "library_scores_japan.csv").open(encoding="utf-8", newline="") as file:
        printed = list(csv.DictReader(file))
    assert len(printed) == 30
    for line in printed:
        row = rows[line["Raw Material"], int(line["Year"])]
        for ours, theirs in PRINTED.items():
            assert row[ours] == pytest.approx(float(line[theirs]), rel=1e-9), (line["DBID"], ours)


def test_taiwan_has_an_estimate_of_its_own(world_mining: Path) -> None:
    """The library finds none, as one list calls it S19: the only difference between the two."""
    asked = {"country": "JPN", "year": 2024, "production": world_mining}
    ours = {row.product: row.as_dict() for row in indicators("geopolrisk", **asked, rate_taiwan=True)}
    theirs = {row.product: row.as_dict() for row in indicators("geopolrisk", **asked)}
    partners = indicators("dependence", "JPN", "tantalum", 2024)
    assert any(row.as_dict()["partner"] == "TWN" for row in partners)
    assert ours["Tantalum"]["score"] < theirs["Tantalum"]["score"]
    assert (ours["Tantalum"]["unrated_share"], ours["Antimony"]) == (0.0, theirs["Antimony"])
    assert theirs["Tantalum"]["unrated_share"] > 0.1


def test_germanium_is_missing_and_no_zero(world_mining: Path) -> None:
    for row in indicators("geopolrisk", product="Germanium", production=world_mining):
        found = row.as_dict()
        assert (found["score"], found["factor"], found["import_risk"]) == (None, None, None)
        assert found["missing"] == f"no trade under HS 811230 in {row.year}; missing is not zero"
        assert found["hhi"] > 0.5


def test_the_whole_table_is_made_in_one_pass(world_mining: Path) -> None:
    rows = [row.as_dict() for row in indicators("geopolrisk", production=world_mining)]
    assert {row["year"] for row in rows} == set(range(2018, 2025))
    assert len({row["product"] for row in rows}) == 65
    scores = [row["score"] for row in rows if row["score"] is not None]
    assert len(scores) > 40_000
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert all((row["score"] is None) == bool(row["missing"]) for row in rows)
    gas = next(row for row in rows if row["product"] == "Natural gas" and row["country"] == "USA")
    assert "counted in Mio m3" in gas["missing"]
    gold = next(row for row in rows if (row["product"], row["country"], row["year"]) == ("Gold", "GUY", 2022))
    assert gold["production_t"] is None
