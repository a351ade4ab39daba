"""Hindcasts on the real data: what the issue asks of rare earths 2010-2012, and that nothing looks ahead."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from kaname.cli import app
from kaname.data import store
from kaname.hindcast import baseyear, run
from kaname.hindcast.episode import ELSEWHERE, Episode, load_episode, shipped_episodes
from kaname.hindcast.run import Hindcast, hindcast
from kaname.hindcast.score import Cell
from kaname.terms.errors import DataMissing, InputError, RestrictionHitsNothing

IMPORTERS = ("JPN", "USA", "EU27", "WORLD")


@pytest.fixture(scope="module")
def rare_earths() -> Hindcast:
    return hindcast("rare-earths-2010", draws=16)


def changes(found: Hindcast, *, headline: bool = True) -> Iterator[Cell]:
    return (cell for cell in found.cells if cell.measure == "change" and cell.headline == headline)


def test_observed_changes_are_those_of_the_reference(rare_earths: Hindcast, shared_data: Path) -> None:
    """Japan, the United States, the EU27, Korea and the world, 2011 to 2014, against 2010."""
    with (shared_data / "backtest" / "ree_2010_event_changes.csv").open(encoding="utf-8") as file:
        rows = {(row["importer"], row["year"]): row for row in csv.DictReader(file)}
    compared = 0
    for cell in rare_earths.cells:
        row = rows.get((cell.importer, cell.period))
        if row is None:
            continue
        name = {
            ("change", "CHN"): "q_china_vs_2010",
            ("change", ELSEWHERE): "q_nonchina_vs_2010",
            ("change", "all"): "q_vs_2010",
            ("share", "CHN"): "china_share",
            ("hhi", "all"): "hhi",
            ("unit_value", "all"): "uv_ratio_vs_2010",
        }[cell.measure, cell.origin]
        if (
            cell.measure == "unit_value"
        ):  # the reference keeps the value of flows without a quantity: most in 2013
            within = 0.06 if cell.period == "2013" else 0.01
            assert cell.observed == pytest.approx(float(row[name]), rel=within)
        else:
            assert cell.observed == pytest.approx(float(row[name]), abs=0.00051)
        compared += 1
    assert compared == 5 * 4 * 6


def test_the_error_in_sample_is_below_both_naive_rules(rare_earths: Hindcast) -> None:
    score = rare_earths.headline
    cells = list(changes(rare_earths))
    assert rare_earths.in_sample
    assert score.cells == len(cells) == 16
    assert {cell.importer for cell in cells} == set(IMPORTERS)
    assert score.mean_absolute_error == pytest.approx(np.mean([abs(cell.error or 0.0) for cell in cells]))
    assert score.mean_absolute_error is not None
    assert score.no_change_error == pytest.approx(0.46, abs=0.005)
    assert score.proportional_error is not None
    assert score.mean_absolute_error <= 0.28
    assert score.mean_absolute_error < min(score.no_change_error, score.proportional_error)


def test_every_direction_of_2011_is_right(rare_earths: Hindcast) -> None:
    cells = [cell for cell in changes(rare_earths) if cell.period == "2011"]
    assert len(cells) == 8
    for cell in cells:
        assert cell.observed is not None
        assert cell.central is not None
        assert abs(cell.observed) >= 0.1
        assert cell.direction_right is True
        assert cell.central * cell.observed > 0.0


def test_the_price_overshoots_in_2011_and_is_back_by_2014(rare_earths: Hindcast) -> None:
    price = {
        cell.period: cell
        for cell in rare_earths.cells
        if (cell.importer, cell.measure) == ("WORLD", "unit_value")
    }
    first, last = price["2011"], price["2014"]
    assert first.central is not None
    assert first.observed is not None
    assert first.observed / 2.0 <= first.central <= first.observed * 2.0
    assert last.central is not None
    assert 0.9 <= last.central <= 1.2
    assert first.central > 1.75 * last.central


def test_the_announced_quota_does_not_explain_2012(rare_earths: Hindcast) -> None:
    """China exported far less than the quota; with its actual exports imposed the world's figure is met."""
    cell = next(
        c for c in changes(rare_earths) if (c.importer, c.origin, c.period) == ("WORLD", "CHN", "2012")
    )
    assert cell.error is not None
    assert cell.error > 0.08
    assert cell.imposed_error is not None
    assert abs(cell.imposed_error) < 0.04
    assert any("does not explain 2012" in note for note in rare_earths.notes)


def test_no_prediction_looks_at_what_came_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """Later trade turned upside down moves observed figures, and no predicted one."""
    episode = load_episode("graphite-2023")
    before = hindcast(episode, draws=4)
    real = baseyear.reported

    def strange(given: Episode, year: int, root: Path | None = None) -> baseyear.Trade:
        trade = real(given, year, root)
        return (
            trade if year <= given.base_year else dataclasses.replace(trade, tonnes=trade.tonnes[::-1] * 3.0)
        )

    monkeypatch.setattr(run, "reported", strange)
    after = hindcast(episode, draws=4)
    for one, other in zip(before.cells, after.cells, strict=True):
        assert (one.central, one.low, one.high, one.proportional) == (
            other.central,
            other.low,
            other.high,
            other.proportional,
        )
    assert any(one.observed != other.observed for one, other in zip(before.cells, after.cells, strict=True))


def test_parameters_are_the_frozen_ones_and_at_most_six() -> None:
    table = {row["parameter"]: row["value"] for row in store.own_table("calibration").to_pylist()}
    assert 1 <= len(table) <= 6
    assert hindcast("antimony-2024", draws=0).parameters == pytest.approx(table)


def test_leaving_one_importer_out_is_reported() -> None:
    rows = {row["left_out"]: row for row in store.own_table("calibration_left_out").to_pylist()}
    assert set(rows) == {"none", "JPN", "USA", "EU27"}
    for name, row in rows.items():
        assert row["cells"] == (16 if name == "none" else 4)
        assert len(row["parameters"].split()) == len(store.own_table("calibration"))


@pytest.mark.parametrize("name", [name for name in shipped_episodes() if name != "rare-earths-2010"])
def test_every_shipped_episode_runs_out_of_sample(name: str) -> None:
    found = hindcast(name, draws=2)
    assert not found.in_sample
    assert found.headline.cells > 0
    assert found.headline.mean_absolute_error is not None
    assert found.headline.no_change_error is not None
    assert found.notes
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["episode"] == name


def test_the_same_seed_gives_the_same_bands() -> None:
    one, other = (hindcast("graphite-2023", draws=6, seed=3) for _ in range(2))
    assert one.cells == other.cells


def test_a_code_without_trade_in_a_year_is_missing_not_zero() -> None:
    episode = load_episode("graphite-2023")
    gone = episode.model_copy(
        update={"products": (episode.products[0].model_copy(update={"hs": ("811230",)}),), "base_year": 2018}
    )
    with pytest.raises(DataMissing, match="811230"):
        hindcast(gone, draws=0)


def test_a_quota_on_nothing_is_an_error() -> None:
    episode = load_episode("rare-earths-2010")
    quota = episode.quotas[0].model_copy(update={"exporter": "ISL"})
    with pytest.raises(RestrictionHitsNothing, match="exports none of rare_earths"):
        hindcast(episode.model_copy(update={"quotas": (quota,), "origin": "CHN"}), draws=0)


def test_unknown_episodes_are_told_with_a_hint() -> None:
    with pytest.raises(InputError, match="Did you mean `graphite-2023`"):
        hindcast("graphite-2032")


def test_the_command_prints_one_json_document() -> None:
    done = CliRunner().invoke(app, ["hindcast", "antimony-2024", "--draws", "4", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["origin"] == "CHN"
    cell = found["cells"][0]
    assert {
        "importer",
        "origin",
        "period",
        "central",
        "low",
        "high",
        "observed",
        "error",
        "proportional",
    } <= set(cell)
    assert {"mean_absolute_error", "no_change_error", "proportional_error", "band_coverage"} <= set(
        found["headline"]
    )
    listed = CliRunner().invoke(app, ["hindcast", "--json"])
    assert [row["episode"] for row in json.loads(listed.stdout)] == list(shipped_episodes())
