"""Draws through a whole study: chunks, samplers, bands in every table, studies with few draws (rule A1)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kaname.baseline import Baseline, load_baseline
from kaname.data import folders
from kaname.report.columns import COLUMNS
from kaname.report.ensemble import watch_of
from kaname.report.metrics import Draws, band
from kaname.rerun import read_run, replay
from kaname.scenario.scenario import Scenario
from kaname.study import Study, StudyResult, load_study, run_study, simulate_case
from kaname.terms.errors import InputError, TableError

START = dt.date(2026, 1, 6)


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return load_baseline()


@pytest.fixture(scope="module")
def stop() -> Scenario:
    """A stop of magnets and metals to Japan that lasts some weeks; stocks are drawn by stage."""
    spread: dict[str, Any] = {"central": 16, "low": 8, "high": 24, "shape": "pert"}
    ban = {
        "exporter": "CHN",
        "importers": ["JPN"],
        "products": ["magnets", "metal"],
        "kind": "ban",
        "depth": {"central": 0.9, "low": 0.6, "high": 1.0},
        "start": START,
        "duration_weeks": spread,
        "evidence": [{"source": "test"}],
    }
    return Scenario.model_validate(
        {
            "id": "stop",
            "title": "Stop",
            "start": START,
            "weeks": 26,
            "targets": ["JPN", "JPN/defence"],
            "restrictions": [ban],
            "assumptions": {"apart": {"cover": "stage"}},
        }
    )


@pytest.fixture(scope="module")
def sobol(baseline: Baseline, stop: Scenario, tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    out = tmp_path_factory.mktemp("sobol") / "run"
    return run_study(Study((stop,), 7, 12, "stop", sampler="sobol"), out, baseline=baseline)


def test_a_chunked_ensemble_is_the_whole_one_bit_for_bit(baseline: Baseline, stop: Scenario) -> None:
    whole, few, some = (
        simulate_case(baseline, stop, "x", "x", 7, 5, "sobol", chunk=chunk).ensemble
        for chunk in (1000, 5, 32)
    )
    assert len(whole.names) > 30
    for part in (few, some):
        assert part.names == whole.names
        assert np.array_equal(part.members, whole.members)
        assert np.array_equal(part.use.share, whole.use.share)
        assert np.array_equal(part.makers.share, whole.makers.share)
        assert np.array_equal(part.first, whole.first)
        assert np.array_equal(part.value_kusd, whole.value_kusd)
    assert len(set(whole.value_kusd.tolist())) > 20, "the draws do not differ"


def test_only_the_targets_are_remembered(baseline: Baseline, stop: Scenario) -> None:
    network = baseline.build.network
    watch = watch_of(network, stop.targets)
    kept = {network.markets[m].id for m in network.consumer_market[watch.consumers]}
    assert (
        kept == {network.markets[m].id for m in network.supplier_market[watch.suppliers]} == set(stop.targets)
    )
    assert len(watch.consumers) < 0.1 * network.n_consumers


def test_the_central_draw_of_the_ensemble_is_the_recorded_one(baseline: Baseline, stop: Scenario) -> None:
    run = simulate_case(baseline, stop, "x", "x", 7, 0)
    members = run.ensemble.members
    used = (
        run.central.values("consumer_used")[0][:, members] / baseline.build.network.consumer_inflow[members]
    )
    assert np.array_equal(run.ensemble.use.share[0], used)


def test_a_run_with_sobol_says_so_and_replays_identically(sobol: StudyResult) -> None:
    assert sobol.folder is not None
    assert folders.read_manifest(sobol.folder)["sampler"] == "sobol"
    assert read_run(sobol.folder).sampler == "sobol"
    names = set(sobol.tables["draws"]["draw"].to_pylist())
    assert {f"sobol {i}" for i in range(1, 13)} <= names
    assert not [name for name in names if name.startswith("lhs")]
    found = replay(sobol.folder)
    assert found["differences"] == []
    assert found["tolerance"] == 0.0


def test_a_manifest_without_a_sampler_of_ours_is_refused(sobol: StudyResult, tmp_path: Path) -> None:
    assert sobol.folder is not None
    run = tmp_path / "run"
    run.mkdir()
    for path in sobol.folder.rglob("*"):
        if path.is_file():
            to = run / path.relative_to(sobol.folder)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(path.read_bytes())
    text = (run / "manifest.json").read_text("utf-8")
    (run / "manifest.json").write_text(text.replace('"sampler": "sobol"', '"sampler": 1'), "utf-8")
    with pytest.raises(TableError, match="sampler"):
        read_run(run)
    (run / "manifest.json").write_text(text.replace('"sampler": "sobol"', '"sampler": "dice"'), "utf-8")
    with pytest.raises(InputError, match="unknown sampler"):
        read_run(run)


def test_every_band_holds_its_median(sobol: StudyResult) -> None:
    seen = 0
    for name, columns in COLUMNS.items():
        for column in columns:
            if "_median" not in column:
                continue
            seen += 1
            ends = ("early", "late") if column.replace("median", "early") in columns else ("low", "high")
            table = sobol.tables[name]
            trio = [table[column.replace("median", end)].to_pylist() for end in (ends[0], "median", ends[1])]
            assert table.num_rows, name
            for low, median, high in zip(*trio, strict=True):
                assert (low is None) == (median is None) == (high is None)
                if low is not None:
                    assert low <= median <= high, (name, column)
    assert seen == 10


def test_the_band_of_the_value_is_that_of_the_draws(sobol: StudyResult) -> None:
    """Found again from the table of draws: the samples alone, without the single swings."""
    rows = {row["draw"]: row["value_kusd"] for row in sobol.tables["draws"].to_pylist()}
    drawn = [value for name, value in rows.items() if name.startswith("sobol ")]
    assert len(drawn) == 12
    (case,) = sobol.tables["cases"].to_pylist()
    assert case["value_kusd"] == rows["central"]
    assert case["value_median_kusd"] == pytest.approx(np.quantile(drawn, 0.5))
    assert case["value_low_kusd"] == pytest.approx(min(np.quantile(drawn, 0.05), rows["central"]))
    assert case["value_high_kusd"] == pytest.approx(max(np.quantile(drawn, 0.95), rows["central"]))


def test_what_the_scenario_leaves_open_is_drawn_and_listed(sobol: StudyResult) -> None:
    drawn = set(sobol.tables["draws"]["assumption"].to_pylist())
    assert {"restrictions[0].depth", "restrictions[0].duration_weeks", "cover/magnet"} <= drawn
    assert "cover" not in drawn
    listed = {row.name for row in sobol.model.assumptions}
    assert any(name.endswith("how long restriction 1 lasts") for name in listed)
    (case,) = sobol.model.cases
    assert case.tornado is not None
    assert "how long restriction 1 lasts" in {swing.label for swing in case.tornado.swings}


def test_the_makers_table_says_what_the_weekly_outputs_say(sobol: StudyResult) -> None:
    paths: dict[tuple[str, str], list[float]] = {}
    for row in sobol.tables["outputs"].to_pylist():
        paths.setdefault((row["market"], row["product"]), []).append(row["output_share"])
    rows = sobol.tables["makers"].to_pylist()
    assert {(row["market"], row["product"]) for row in rows} == set(paths)
    for row in rows:
        path = np.array(paths[row["market"], row["product"]])
        short = np.flatnonzero(path < 0.98)
        assert row["first_week"] == (short[0] + 1 if len(short) else None)
        assert row["worst_share"] == pytest.approx(path.min())
        assert row["lost_share"] == pytest.approx(max(0.0, 1.0 - path.mean()))


@pytest.mark.parametrize("draws", [0, 1, 3])
@pytest.mark.parametrize("sampler", ["lhs", "sobol"])
def test_any_number_of_draws_works(baseline: Baseline, stop: Scenario, draws: int, sampler: Any) -> None:
    result = run_study(Study((stop,), 1, draws, "stop", sampler=sampler), baseline=baseline)
    (case,) = result.model.cases
    assert case.value_low_kusd <= case.value_kusd <= case.value_high_kusd
    samples = [n for n in set(result.tables["draws"]["draw"].to_pylist()) if n.startswith(sampler)]
    assert len(samples) == draws


def test_the_band_is_of_the_samples_and_of_all_draws_without_any() -> None:
    names = ("central", "psi low", "psi high")
    found = band(np.array([5.0, 1.0, 9.0]), Draws(names))
    assert (found.low, found.median, found.high) == pytest.approx((1.4, 5.0, 8.6))
    sampled = band(np.array([5.0, 1.0, 9.0, 2.0]), Draws((*names, "sobol 1")))
    assert (sampled.low, sampled.median, sampled.high) == (2.0, 2.0, 2.0)
    held = sampled.holding(5.0)
    assert (held.low, held.median, held.high) == (2.0, 2.0, 5.0)


def test_an_unknown_sampler_is_refused_before_anything_runs() -> None:
    with pytest.raises(InputError, match="lhs or sobol"):
        load_study(sampler="dice")  # type: ignore[arg-type]
