"""Figures and scores by hand and by property."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kaname.hindcast.baseyear import Trade
from kaname.hindcast.figures import Imports, imports_of
from kaname.hindcast.groups import EU27, into
from kaname.hindcast.score import Prediction, cell, score

KEY = ("JPN", "change", "CHN", "2011")
amounts = st.floats(0.1, 1e6, allow_nan=False)


def imports(tonnes: list[list[float]], base: list[float]) -> Imports:
    return Imports(np.array(["CHN", "USA", "VNM"]), np.array(tonnes), np.array(base), np.ones(len(tonnes)))


def test_figures_by_hand() -> None:
    found = imports([[30.0, 50.0, 20.0], [60.0, 20.0, 20.0]], [60.0, 20.0, 20.0])
    np.testing.assert_allclose(found.change("CHN", "CHN"), [-0.5, 0.0])
    np.testing.assert_allclose(found.change("elsewhere", "CHN"), [0.75, 0.0])
    np.testing.assert_allclose(found.change("all", "CHN"), [0.0, 0.0])
    np.testing.assert_allclose(found.change("VNM", "CHN"), [0.0, 0.0])
    np.testing.assert_allclose(found.share("CHN"), [0.3, 0.6])
    np.testing.assert_allclose(found.hhi(), [0.38, 0.44])
    assert math.isnan(imports([[1.0, 0.0, 0.0]], [0.0, 1.0, 1.0]).change("CHN", "CHN")[0])


@given(arrays(np.float64, (4, 3), elements=amounts), arrays(np.float64, 3, elements=amounts))
@settings(max_examples=60, deadline=None)
def test_figures_agree_with_each_other(tonnes: np.ndarray, base: np.ndarray) -> None:
    found = imports(tonnes.tolist(), base.tolist())
    share, hhi = found.share("CHN"), found.hhi()
    assert ((share >= 0.0) & (share <= 1.0)).all()
    assert ((hhi >= 1.0 / 3.0 - 1e-12) & (hhi <= 1.0 + 1e-12)).all()
    weight = base[0] / base.sum()
    whole = weight * found.change("CHN", "CHN") + (1.0 - weight) * found.change("elsewhere", "CHN")
    np.testing.assert_allclose(whole, found.change("all", "CHN"), rtol=1e-9, atol=1e-9)


def trade(rows: list[tuple[str, str, float, float]]) -> Trade:
    exporter, importer, tonnes, value = zip(*rows, strict=True)
    return Trade(
        np.array(exporter), np.array(importer), np.array(["p"] * len(rows)), np.array(tonnes), np.array(value)
    )


def test_the_eu_counts_what_comes_from_outside_and_the_world_what_crosses_borders() -> None:
    rows = [("CHN", "DEU", 10.0, 10.0), ("FRA", "DEU", 5.0, 5.0), ("CHN", "JPN", 7.0, 14.0)]
    base, now = trade(rows), trade([(a, b, 2.0 * t, 6.0 * v) for a, b, t, v in rows])
    assert len(EU27) == 27
    assert imports_of("EU27", base, base).tonnes.sum() == 10.0
    assert imports_of("WORLD", base, base).tonnes.sum() == 22.0
    assert imports_of("JPN", now, base).price[0] == pytest.approx(3.0)
    assert imports_of("JPN", now, base).change("CHN", "CHN")[0] == pytest.approx(1.0)
    mask = into("EU27", np.array(["CHN", "FRA"]), np.array(["DEU", "DEU"]))
    assert mask.tolist() == [True, False]


def test_a_cell_by_hand() -> None:
    drawn = np.array([-0.4, -0.5, -0.4, -0.3])
    found = cell(KEY, True, Prediction(drawn, 0.0, -0.45, -0.2), -0.3, "test")
    assert found.error == pytest.approx(-0.1)
    assert found.no_change_error == pytest.approx(0.3)
    assert found.proportional_error == pytest.approx(-0.15)
    assert found.imposed_error == pytest.approx(0.1)
    assert found.direction_right is True
    assert found.inside_band is False  # the band of three draws ends at -.31
    samples = drawn[1:]
    spread = np.abs(samples[:, None] - samples[None, :]).mean() / 2.0
    assert found.crps == pytest.approx(np.abs(samples + 0.3).mean() - spread)


def test_without_draws_there_is_no_band() -> None:
    found = cell(KEY, True, Prediction(np.array([-0.4]), 0.0, -0.45, math.nan), -0.4, "test")
    assert (found.low, found.median, found.high, found.inside_band, found.crps) == (None,) * 5
    assert found.central == -0.4
    assert score("change", [found]).band_coverage is None


def test_a_unit_value_is_scored_by_its_logarithm() -> None:
    key = ("JPN", "unit_value", "all", "2011")
    found = cell(key, False, Prediction(np.array([2.0, 2.0]), 1.0, 1.0, math.nan), 4.0, "test")
    assert found.error == pytest.approx(-math.log(2.0))
    assert found.no_change_error == pytest.approx(-math.log(4.0))
    assert found.imposed is None
    assert found.direction_right is None


def test_a_small_change_has_no_direction_and_a_missing_figure_no_error() -> None:
    small = cell(KEY, True, Prediction(np.array([0.2]), 0.0, 0.0, math.nan), -0.09, "test")
    assert small.direction_right is None
    missing = cell(KEY, True, Prediction(np.array([0.2]), 0.0, 0.0, math.nan), math.nan, "test")
    assert missing.error is None
    assert missing.observed is None
    assert missing.missing
    both = score("change", [small, missing])
    assert both.cells == 1
    assert score("change", [missing]).mean_absolute_error is None


@given(st.lists(st.floats(-0.9, 3.0), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_perfect_forecast_scores_zero_and_the_naive_rule_the_mean_change(seen: list[float]) -> None:
    cells = [cell(KEY, True, Prediction(np.full(5, x), 0.0, 0.0, math.nan), x, "test") for x in seen]
    found = score("change", cells)
    assert found.mean_absolute_error == 0.0
    assert found.crps == pytest.approx(0.0, abs=1e-12)
    assert found.no_change_error == pytest.approx(np.mean(np.abs(seen)))
    assert found.signs_right == found.signs == sum(abs(x) >= 0.1 for x in seen)
    assert found.band_coverage == 1.0
