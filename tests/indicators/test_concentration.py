"""Concentration, lanes, conversion, reliance and cover: by hand, and laws that hold for any input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.indicators.concentration import counted, hhi, largest, shares
from kaname.indicators.conversion import ANY, Rule, contained
from kaname.indicators.lanes import merged, spread
from kaname.indicators.reliance import import_reliance, stock_cover

AMOUNTS = st.lists(st.floats(1e-3, 1e9), min_size=1, max_size=30)


def one(amounts: list[float]) -> float:
    values = np.array(amounts)
    return float(hhi(np.zeros(len(values), dtype=np.int64), values, 1)[0])


def test_by_hand() -> None:
    assert one([5.0, 3.0, 2.0]) == pytest.approx(0.25 + 0.09 + 0.04)
    assert one([7.0]) == 1.0
    assert one([1.0] * 4) == pytest.approx(0.25)
    group = np.array([0, 2, 2, 2, 3])
    amounts = np.array([4.0, 1.0, 1.0, 2.0, 0.0])
    assert hhi(group, amounts, 5).tolist()[::2] == pytest.approx([1.0, 0.375, np.nan], nan_ok=True)
    assert np.isnan(hhi(group, amounts, 5)[[1, 3, 4]]).all(), "a group with nothing has no concentration"
    assert largest(group, amounts, 5).tolist() == [0, -1, 3, -1, -1]
    assert counted(group, amounts, 5).tolist() == [1, 0, 3, 0, 0]
    assert shares(group, amounts, 5).tolist() == pytest.approx([1.0, 0.25, 0.25, 0.5, np.nan], nan_ok=True)


def test_of_equals_the_first_is_the_largest() -> None:
    assert largest(np.zeros(3, dtype=np.int64), np.array([1.0, 2.0, 2.0]), 1).tolist() == [1]


@given(AMOUNTS)
def test_between_equal_members_and_a_single_one(amounts: list[float]) -> None:
    assert 1.0 / len(amounts) - 1e-12 <= one(amounts) <= 1.0 + 1e-12


@given(AMOUNTS, st.floats(1e-6, 1e6), st.randoms(use_true_random=False))
def test_neither_scale_nor_order_matters(amounts: list[float], scale: float, random: object) -> None:
    mixed = [value * scale for value in amounts]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert one(mixed) == pytest.approx(one(amounts), rel=1e-9)


@given(AMOUNTS, st.floats(0.01, 0.99), st.data())
def test_splitting_a_country_never_concentrates(
    amounts: list[float], part: float, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(amounts) - 1))
    rest = amounts[:place] + amounts[place + 1 :]
    split = [*rest, amounts[place] * part, amounts[place] * (1.0 - part)]
    assert one(split) <= one(amounts) + 1e-12


# --- lanes ----------------------------------------------------------------------------------------


def test_rows_of_one_lane_are_added_and_missing_weights_are_told() -> None:
    places = [np.array(column) for column in ([0, 0, 0, 1], [0, 0, 0, 0], [2, 2, 2, 2], [1, 1, 0, 1])]
    tonnes, value = np.array([3.0, np.nan, 1.0, 0.0]), np.array([10.0, 5.0, 2.0, 7.0])
    lanes = merged(*places, tonnes, value, (2, 1, 3))
    assert lanes.cell.tolist() == [2, 2, 5]
    assert lanes.exporter.tolist() == [0, 1, 1]
    assert lanes.tonnes.tolist() == [1.0, 3.0, 0.0]
    assert lanes.value_kusd.tolist() == [2.0, 15.0, 7.0]
    assert lanes.weightless_kusd.tolist() == [0.0, 5.0, 7.0]
    assert lanes.by_importer(lanes.tonnes)[0, 0].tolist() == [0.0, 0.0, 4.0]
    assert lanes.by_exporter(lanes.tonnes)[0, 0].tolist() == [1.0, 3.0, 0.0]


def test_a_code_counts_in_every_item_that_holds_it() -> None:
    row, item = spread(np.array([1, 0, 2, 1]), [(0,), (0, 1), ()])
    assert list(zip(row.tolist(), item.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 0), (3, 0), (3, 1)]


def test_the_most_particular_rule_holds() -> None:
    rules = [
        Rule(0, ((0, 0.5), (1, 0.25))),
        Rule(0, ((0, 1.0),), exporter=2),
        Rule(0, ((1, 0.6),), exporter=2, importer=1, years=(2012, 2025)),
    ]
    code, exporter = np.array([0, 0, 0, 0, 1]), np.array([1, 2, 2, 2, 2])
    importer, year = np.array([1, 0, 1, 1, 1]), np.array([2024, 2024, 2024, 2011, 2024])
    found = contained(code, exporter, importer, year, rules)
    rows = list(zip(found.row.tolist(), found.item.tolist(), found.factor.tolist(), strict=True))
    assert rows == [(0, 0, 0.5), (0, 1, 0.25), (1, 0, 1.0), (2, 1, 0.6), (3, 0, 1.0)]
    assert contained(code, exporter, importer, year, []).row.tolist() == []
    assert rules[0].exporter == ANY


# --- reliance and cover ---------------------------------------------------------------------------


def test_import_reliance_by_hand() -> None:
    made, bought, sold = (
        np.array([0.0, 60.0, 100.0, 10.0, np.nan]),
        np.array([50.0, 60, 10, 5, 5]),
        np.array([10.0, 20.0, 40.0, 20.0, 0.0]),
    )
    found = import_reliance(made, bought, sold)
    assert found.use_t[:4].tolist() == [40.0, 100.0, 70.0, -5.0]
    assert found.reliance[:3].tolist() == pytest.approx([1.0, 0.4, -30.0 / 70.0])
    assert np.isnan(found.reliance[3:]).all(), "contradicting or unknown figures give nothing"


def test_reliance_is_not_told_where_use_is_a_remainder() -> None:
    """Of 100 made and bought, 4 stay at home: an error of one would move the reliance by a quarter."""
    found = import_reliance(np.array([80.0, 80.0]), np.array([20.0, 20.0]), np.array([96.0, 94.0]))
    assert found.use_t.tolist() == [4.0, 6.0]
    assert np.isnan(found.reliance[0])
    assert found.reliance[1] == pytest.approx(-74.0 / 6.0)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_reliance_never_exceeds_one(made: float, bought: float, sold: float) -> None:
    reliance = import_reliance(*(np.array([value]) for value in (made, bought, sold))).reliance[0]
    assert np.isnan(reliance) or reliance <= 1.0 + 1e-12
    if sold > bought and not np.isnan(reliance):
        assert reliance < 0.0


def test_cover_by_hand() -> None:
    use = import_reliance(
        np.array([0.0, 60.0, 100.0, 0.0]), np.array([50.0, 60, 10, 0]), np.array([10.0, 20, 40, 0])
    )
    found = stock_cover(np.full(4, 30.0), np.array([60.0, np.nan, 0.0, 5.0]), use)
    assert found.cover_days[:3].tolist() == [90.0, 30.0, 30.0]
    assert found.cover_t[0] == pytest.approx(90.0 / 365.25 * 40.0)
    assert found.days_without_imports[:2].tolist() == pytest.approx([90.0, 75.0])
    assert np.isnan(found.days_without_imports[2]), "a net exporter has no net imports to lose"
    assert np.isnan(found.cover_days[3]), "nothing is used, so there is nothing to measure days in"
