"""The main job, whole: the flagship run into a folder, what the folder holds, its replay, and its causes."""

from __future__ import annotations

import datetime as dt
import html
import importlib.metadata
import itertools
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from kaname.baseline import Baseline, load_baseline
from kaname.data import folders, store
from kaname.precheck import check_scenarios
from kaname.report import words
from kaname.report.caserun import CaseRun
from kaname.report.causes import cause_tree
from kaname.report.chartspec import SankeySpec
from kaname.report.ensemble import reduced, watch_of
from kaname.report.metrics import Draws, Span, onset_span
from kaname.report.model import CauseNode
from kaname.report.tables import COLUMNS, compare
from kaname.report.trace import trace
from kaname.rerun import explain, read_run, replay, why
from kaname.scenario import files
from kaname.scenario.compile import compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.plants import place_measures
from kaname.scenario.scenario import Range, Scenario
from kaname.simulate.engine import simulate
from kaname.simulate.outcome import Outcome
from kaname.study import (
    Study,
    StudyResult,
    expand,
    load_study,
    run_study,
    simulate_case,
)
from kaname.terms.errors import InputError, KanameError, RestrictionHitsNothing, ScenarioError, TableError

ROOT = Path(__file__).parents[1]
OTHERS = sorted((ROOT / "examples" / "other").glob("*.yaml"))
DRAWS = 8
ANSWERED = "5-full-stop-japan-answered"
CASES = [
    "1-military-end-users@leakage=0",
    "1-military-end-users@leakage=0.5",
    "1-military-end-users@leakage=1",
    "2-licences-slowed",
    "3-full-stop-japan",
    "4-full-stop-japan-us",
]


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return load_baseline()


@pytest.fixture(scope="module")
def flagship(baseline: Baseline, tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    """The flagship as `kaname run --draws 8` runs it, written to a folder."""
    out = tmp_path_factory.mktemp("flagship") / "run"
    return run_study(load_study(draws=DRAWS), out, baseline=baseline)


@pytest.fixture(scope="module")
def folder(flagship: StudyResult) -> Path:
    assert flagship.folder is not None
    return flagship.folder


@pytest.fixture(scope="module")
def answer(flagship: StudyResult) -> dict[str, Any]:
    """What `--json` prints, as strict JSON read back."""
    return json.loads(json.dumps(flagship.as_dict(), allow_nan=False))


def value(baseline: Baseline, scenario: Scenario, draws: int = 0) -> np.ndarray:
    """Return (D,) the value lost in the targets, with neither single swings nor a report."""
    build = baseline.build
    table = draw_table(scenario, draws, 20260106, one_at_a_time=False)
    shock = compile_shock(build.network, scenario, table, build.ranges, build.lane_routes).shock
    outcome = simulate(build.network, shock, watch=watch_of(build.network, scenario.targets))
    return reduced(build.network, outcome, scenario.targets).value_kusd


def walk(node: CauseNode) -> Iterator[CauseNode]:
    yield node
    for child in node.children:
        yield from walk(child)


# --- the answer -----------------------------------------------------------------------------------


def test_every_case_is_there(answer: dict[str, Any]) -> None:
    assert [case["scenario"] for case in answer["cases"]] == CASES
    assert answer["headline"].startswith("Full stop to Japan and the United States")
    ids = [name.partition("@")[0] for name in (CASES[0], *CASES[3:])]
    assert answer["manifest"]["scenarios"] == [*ids, ANSWERED]
    (response,) = answer["responses"]
    assert (response["scenario"], response["answers"]) == (ANSWERED, "Full stop to Japan")


def test_the_json_has_the_documented_shape(answer: dict[str, Any]) -> None:
    """The keys that the issue promises to callers; nulls where there is nothing, never NaN."""
    assert {"headline", "cases", "manifest", "answers", "folder"} <= set(answer)
    promised = {"market", "product", "stage", "first_shortfall_date", "days_to_shortfall", "worst_share"}
    promised |= {"lost_output_share", "value_kusd", "basis"}
    for case in answer["cases"]:
        for row in case["shortfalls"]:
            assert promised <= set(row)
            assert (row["first_shortfall_date"] is None) == (row["days_to_shortfall"] is None)
            assert row["basis"] in ("observed", "estimated", "assumed", "modelled")
            assert row["worst_share"] >= 0.0
            assert 0.0 <= row["never_share"] <= 1.0
    assert [set(item) for item in answer["answers"]] == [{"who", "answer"}] * len(answer["answers"])


def test_the_lines_and_the_makers_are_answered(flagship: StudyResult) -> None:
    """The question names the lines of both allies, and Japan's magnet, motor, electronics, vehicle makers."""
    network = flagship.baseline.build.network
    texts = " ".join(f"{who} {text}" for who, text in flagship.model.answers)
    for product in ("missiles_interceptors", "magnets", "motors", "electronics", "machinery", "vehicles"):
        name = network.products[network.product_index(product)].name
        assert words.inline(name).lower() in texts.lower(), product
    worst = {(row.market, row.product) for row in flagship.model.cases[-1].rows}
    assert {("JPN/defence", "missiles_interceptors"), ("USA/defence", "missiles_interceptors")} <= worst


def test_the_segment_case_is_a_sweep_and_spares_the_rest(flagship: StudyResult) -> None:
    sweep = flagship.model.cases[:3]
    assert [case.id for case in sweep] == CASES[:3]
    for case in sweep:
        assert {row.market for row in case.rows} <= {"JPN/defence"}
        assert len({case.value_kusd for case in sweep}) > 1, "leakage moves nothing"
    lost = [case.value_kusd for case in sweep]
    assert lost == sorted(lost, reverse=True), "leakage makes it worse"
    assert lost[0] > 0.0


def test_no_case_is_milder_than_the_one_before(flagship: StudyResult) -> None:
    """In the central draw, and in the single swings that all cases share."""
    assert [case.value_kusd for case in flagship.model.cases[1:]] == sorted(
        case.value_kusd for case in flagship.model.cases[1:]
    )
    lost: dict[str, dict[str, float]] = {}
    for row in flagship.tables["draws"].to_pylist():
        lost.setdefault(row["scenario"], {})[row["draw"]] = row["value_kusd"]
    shared = [draw for draw in lost[CASES[1]] if not draw.startswith("lhs")]  # leakage .5 is the central one
    assert len(shared) > 20
    for draw in shared:
        path = [lost[case][draw] for case in CASES[1:]]
        assert (np.diff(path) >= -1e-9).all(), draw  # kUSD: nothing lost may be a rounding error, not 0


@pytest.mark.parametrize("leakage", [0.0, 0.5, 1.0])
def test_no_case_is_milder_at_the_same_leakage_in_any_draw(baseline: Baseline, leakage: float) -> None:
    """With leakage held the cases share every draw of the ensemble."""
    cases = [scenario for scenario in load_study().scenarios if not scenario.answers]
    held = [scenario.with_assumption("leakage", leakage) for scenario in cases]
    lost = np.array([value(baseline, scenario, DRAWS) for scenario in held])
    assert lost.shape == (4, DRAWS + 1)
    assert (np.diff(lost, axis=0) >= 0.0).all()
    assert (lost[-1] > lost[1]).all()


def test_dates_are_ranges(flagship: StudyResult) -> None:
    spans = 0
    for case in flagship.model.cases:
        for row in case.rows:
            early, central, late = (
                row.first_shortfall_early,
                row.first_shortfall_date,
                row.first_shortfall_late,
            )
            assert (early is None) == (late is None)
            if early is not None and late is not None:
                assert early <= (central or early) <= late
                assert early <= row.first_shortfall_median <= late
                spans += early < late
            else:
                assert central is None
            assert row.lost_output_low <= row.lost_output_high
    assert spans > 20, "stock days and psi move no date"


def test_a_span_of_weeks_holds_the_central_one() -> None:
    draws = Draws(("central", "psi low", "psi high", "lhs 1", "lhs 2", "lhs 3"))
    assert onset_span(np.array([9, 0, 0, 3, 5, 10]), 10, draws) == Span(3, 3, 9)
    assert onset_span(np.array([2, 0, 0, 3, 5, 10]), 10, draws) == Span(2, 3, 5)
    assert onset_span(np.array([10, 0, 0, 3, 5, 10]), 10, draws) == Span(3, 3, 5)
    assert onset_span(np.array([4, 0, 0, 10, 10, 10]), 10, draws) == Span(4, 4, 4)
    assert onset_span(np.array([10, 0, 0, 10, 10, 10]), 10, draws) is None


def test_every_headline_number_tells_its_basis_and_what_moves_it(flagship: StudyResult) -> None:
    for case in flagship.model.cases:
        shares = case.basis_shares
        parts = (shares.observed, shares.estimated, shares.assumed)
        assert sum(parts) == pytest.approx(1.0, abs=1e-12)
        assert min(parts) >= 0.0
        assert len(case.depends_on) <= 3
        assert set(case.depends_on) <= set(words.ASSUMPTION_LABELS.values())
        if case.value_kusd > 0.0:
            assert len(case.depends_on) == 3
            assert case.tornado is not None
        assert case.value_low_kusd <= case.value_high_kusd


def test_the_drivers_are_those_with_the_widest_swings(flagship: StudyResult) -> None:
    """Found again from the table of draws."""
    case = flagship.model.cases[-1]
    rows = [row for row in flagship.tables["draws"].to_pylist() if row["scenario"] == case.id]
    lost = {row["draw"]: row["value_kusd"] for row in rows}
    names = {row["assumption"] for row in rows if f"{row['assumption']} low" in lost}
    swing = {}
    for name in names:
        ends = lost[f"{name} low"], lost[f"{name} high"], lost["central"]
        swing[name] = max(ends) - min(ends)
    widest = sorted(swing, key=lambda name: -swing[name])[:3]
    assert list(case.depends_on) == [words.ASSUMPTION_LABELS[name] for name in widest]


# --- why ------------------------------------------------------------------------------------------


def test_causes_add_up_in_every_tree(flagship: StudyResult) -> None:
    trees = [(case.id, tree) for case in flagship.model.cases for _, tree in case.why]
    assert {name for name, _ in trees} >= {CASES[0], *CASES[4:]}
    for name, tree in trees:
        assert tree.share == pytest.approx(1.0, abs=1e-9), name
        for node in walk(tree):
            if node.children:
                total = sum(child.share for child in node.children)
                largest = max(abs(child.share) for child in node.children)
                assert total == pytest.approx(node.share, abs=1e-9 * max(1.0, largest)), (name, node.label)
            assert node.amount == pytest.approx(node.share * tree.amount, abs=1e-9 * abs(tree.amount))


def test_a_full_stop_is_put_down_to_the_restriction(flagship: StudyResult) -> None:
    for title, tree in flagship.model.cases[-1].why:
        leaves = [node for node in walk(tree) if not node.children]
        stopped = sum(node.share for node in leaves if node.kind == "restriction")
        assert stopped > 0.3, title  # the rest: buyers turn away from those who deliver late
        assert not [node.label for node in leaves if node.kind in ("capacity", "route")], title


def central(baseline: Baseline, scenario: Scenario) -> Outcome:
    """Return the central case of a scenario, and nothing else of it."""
    build = place_measures(baseline.build, scenario.measures).build
    table = draw_table(scenario, 0, 0).take([0])
    shock = compile_shock(build.network, scenario, table, build.ranges, build.lane_routes).shock
    return simulate(build.network, shock, record="full")


@pytest.fixture(scope="module")
def worst(baseline: Baseline) -> Outcome:
    """The last case of the flagship, simulated anew."""
    return central(baseline, load_study().scenarios[3])


@pytest.mark.parametrize(
    ("market", "product"),
    [
        ("JPN", "magnets"),
        ("JPN/defence", "missiles_interceptors"),
        ("USA/defence", "missiles_interceptors"),
        ("JPN", "gallium_refined"),
        ("USA", "vehicles"),
    ],
)
def test_why_answers_for_any_consumer(
    baseline: Baseline, flagship: StudyResult, folder: Path, worst: Outcome, market: str, product: str
) -> None:
    """The amount at the root is the lost use, counted anew from the simulated use."""
    title, tree = why(folder, market, product)
    assert title == flagship.model.cases[-1].title
    n = baseline.build.network.consumer_index(market, product)
    lost = float((worst.values("consumer_need") - worst.values("consumer_used"))[0, :, n].sum())
    if tree is None:
        assert lost <= 0.0
        return
    assert tree.amount == pytest.approx(lost, rel=1e-9)
    assert sum(child.share for child in tree.children) == pytest.approx(1.0, abs=1e-9)


def test_why_of_a_case_by_name_and_of_one_that_lost_nothing(folder: Path) -> None:
    title, tree = why(folder, "JPN/defence", "missiles_interceptors", CASES[0])
    assert title.endswith("leakage 0")
    assert tree is not None
    assert why(folder, "USA", "gallium_refined", CASES[2])[1] is None


def test_why_refuses_what_is_not_there(folder: Path) -> None:
    with pytest.raises(InputError, match="no such case") as found:
        why(folder, "JPN", "magnets", "5-nothing")
    assert CASES[0] in str(found.value)
    with pytest.raises(InputError) as found:
        why(folder, "XXX", "nothing")
    assert [problem.where for problem in found.value.problems] == ["--market", "--product"]


# --- the folder -----------------------------------------------------------------------------------


def test_the_folder_holds_everything(folder: Path, flagship: StudyResult) -> None:
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for table in COLUMNS:
        assert {f"results/{table}.parquet", f"results/{table}.csv"} <= names
    assert {"report.html", "results.xlsx", "manifest.json"} <= names
    assert [n for n in sorted(names) if n.startswith("scenarios/")] == [
        f"scenarios/{i:02d}-{name}.yaml" for i, name in enumerate(flagship.model.manifest["scenarios"], 1)
    ]
    charts = {name for name in names if name.startswith("charts/") and name.endswith(".svg")}
    for part in ("cases", "heat", "exposure-map", "timeline", "flows-after", "tornado"):
        assert any(part in chart for chart in charts), part
    assert not [path for path in folder.parent.iterdir() if path != folder], "something temporary is left"


def test_the_manifest_says_what_made_it(folder: Path) -> None:
    manifest = folders.verify_folder(folder)  # every hash
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert set(manifest["files"]) == present - {"manifest.json"}
    assert manifest["seed"] == 20260106
    assert manifest["draws"] == DRAWS
    assert manifest["base_year"] == 2024
    assert manifest["as_of"] == "2026-01-05"
    assert manifest["snapshot"] == store.snapshot_id()
    assert manifest["versions"]["kaname"] == importlib.metadata.version("kaname")
    assert manifest["versions"]["numpy"] == np.__version__
    assert manifest["licences"] == {record["title"]: record["licence"] for record in store.sources()}
    assert all(manifest["licences"].values())
    assert manifest["lanes"] > 10_000
    dt.datetime.fromisoformat(manifest["created"])


def test_the_tables_agree_with_their_dictionary_and_with_each_other(
    folder: Path, flagship: StudyResult
) -> None:
    for name, columns in COLUMNS.items():
        table = pq.read_table(folder / "results" / f"{name}.parquet")
        assert table.column_names == list(columns)
        for field in table.schema:
            kind, unit, sentence = columns[field.name]
            assert field.type == kind
            assert field.metadata[b"unit"].decode() == unit
            assert field.metadata[b"sentence"].decode() == sentence
        assert compare(name, table, flagship.tables[name], 0.0) == []
        text = pa_csv.read_csv(folder / "results" / f"{name}.csv")
        assert text.column_names == table.column_names
        assert text.num_rows == table.num_rows > 0
    with zipfile.ZipFile(folder / "results.xlsx") as book:
        sheets = book.read("xl/workbook.xml").decode()
    assert all(f'name="{name}"' in sheets for name in (*COLUMNS, "units", "sources", "assumptions"))


def test_missing_stays_missing_in_the_tables(flagship: StudyResult) -> None:
    for name, table in flagship.tables.items():
        for column in table.columns:
            values = [v for v in column.to_pylist() if isinstance(v, float)]
            assert np.isfinite(values).all(), name
    exposure = flagship.tables["exposure"]
    assert exposure["import_share"].null_count > 0, "products without a code have no raw share"
    assert exposure["import_share_balanced"].null_count < exposure.num_rows


def test_timelines_are_the_lost_use_of_the_shortfalls(flagship: StudyResult) -> None:
    paths: dict[tuple[str, str, str], list[float]] = {}
    for row in flagship.tables["timelines"].to_pylist():
        paths.setdefault((row["scenario"], row["market"], row["product"]), []).append(row["use_share"])
        assert row["use_low"] <= row["use_high"]
    for row in flagship.tables["shortfalls"].to_pylist():
        path = paths[row["scenario"], row["market"], row["product"]]
        assert len(path) == 104
        assert row["worst_share"] == pytest.approx(min(path), abs=1e-12)
        assert row["lost_output_share"] == pytest.approx(max(0.0, 1.0 - float(np.mean(path))), abs=1e-12)


def test_the_scenarios_in_the_folder_are_those_that_ran(folder: Path) -> None:
    assert read_run(folder).scenarios == load_study().scenarios


# --- a small study, run often ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(baseline: Baseline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A single case over half a year with two draws."""
    scenario = files.load(OTHERS[1]).model_copy(update={"weeks": 26})
    out = tmp_path_factory.mktemp("small") / "run"
    run_study(Study((scenario,), 7, 2, "small"), out, baseline=baseline)
    return out


def test_replay_finds_the_run_identical(small: Path) -> None:
    found = replay(small)
    assert found["differences"] == []
    assert found["identical"] is True
    assert found["tolerance"] == 0.0


def copied(run: Path, tmp_path: Path) -> Path:
    """Return a copy of a run folder that a test may damage."""
    return Path(shutil.copytree(run, tmp_path / "run"))


def edit_manifest(run: Path, **changes: Any) -> None:
    manifest = folders.read_manifest(run) | changes
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def test_a_single_case_writes_its_scenario_and_charts_of_its_own(small: Path) -> None:
    assert (small / "scenario.yaml").is_file()
    assert not (small / "scenarios").exists()
    assert files.load(small / "scenario.yaml") == read_run(small).scenarios[0]


def test_twice_is_the_same_to_the_byte(baseline: Baseline, small: Path, tmp_path: Path) -> None:
    """(rule M3) All tables, charts and the manifest, the time of day aside."""
    study = read_run(small)
    run_study(study, tmp_path / "again", baseline=baseline)
    one, two = (folders.read_manifest(path) for path in (small, tmp_path / "again"))
    for manifest in (one, two):
        del manifest["created"]
        for name in ("report.html", "report.json", "report.ja.json"):
            del manifest["files"][name]  # they hold the time
    assert one == two


def test_another_seed_changes_draws_but_not_the_central_case(baseline: Baseline, small: Path) -> None:
    study = read_run(small)
    one = run_study(study, baseline=baseline)
    two = run_study(Study(study.scenarios, 8, study.draws, study.origin), baseline=baseline)
    assert one.folder is None
    assert compare("draws", one.tables["draws"], two.tables["draws"], 0.0) != []
    assert [case.value_kusd for case in one.model.cases] == [case.value_kusd for case in two.model.cases]
    assert one.model.manifest["run"] != two.model.manifest["run"]


def test_replay_reports_what_another_seed_changes(small: Path, tmp_path: Path) -> None:
    run = copied(small, tmp_path)
    edit_manifest(run, seed=8)
    found = replay(run)
    assert found["identical"] is False
    assert any(text.startswith("draws.assumed: ") for text in found["differences"])


def test_replay_reports_a_table_that_says_something_else(small: Path, tmp_path: Path) -> None:
    """The hash was changed with the table, so that only the comparison can find it."""
    run = copied(small, tmp_path)
    path = run / "results" / "timelines.parquet"
    table = pq.read_table(path)
    shares = table["use_share"].to_pylist()
    at = table.column_names.index("use_share")
    changed = table.set_column(at, table.schema.field(at), [[shares[0] * 1.001, *shares[1:]]])
    pq.write_table(changed, path)
    entry = {"sha256": folders.sha256(path.read_bytes()), "bytes": path.stat().st_size}
    edit_manifest(run, files=folders.read_manifest(run)["files"] | {"results/timelines.parquet": entry})
    found = replay(run)
    assert [text.partition(":")[0] for text in found["differences"]] == ["timelines.use_share"]


def test_a_tampered_file_is_refused(small: Path, tmp_path: Path) -> None:
    run = copied(small, tmp_path)
    path = run / "results" / "draws.csv"
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    for act in (replay, read_run, lambda run: why(run, "JPN", "magnets")):
        with pytest.raises(TableError, match="was changed") as found:
            act(run)
        assert str(path) in str(found.value)


def test_a_node_is_not_explained_by_other_data_than_the_run_had(small: Path, tmp_path: Path) -> None:
    run = copied(small, tmp_path)
    path = run / "manifest.json"
    manifest = json.loads(path.read_text("utf-8")) | {"snapshot": "0" * 64}
    path.write_text(json.dumps(manifest), "utf-8")
    assert explain(run).value == explain(small).value
    with pytest.raises(KanameError, match="embedded data are not those of the run"):
        explain(run, "node:JPN:magnets:hhi")


def test_tables_are_compared_to_a_tolerance(flagship: StudyResult) -> None:
    table = flagship.tables["shortfalls"]
    at = table.column_names.index("worst_share")
    field = table.schema.field(at)
    shares = np.array(table["worst_share"].to_pylist())
    near = table.set_column(at, field, [shares * (1.0 + 5e-10)])
    far = table.set_column(at, field, [shares * (1.0 + 5e-9)])
    assert compare("t", table, near, 1e-9) == []
    assert len(compare("t", table, near, 0.0)) == 1
    assert len(compare("t", table, far, 1e-9)) == 1
    assert compare("t", table, table.slice(1), 1e-9) == [
        f"t: {table.num_rows} rows became {table.num_rows - 1}, or the columns changed"
    ]


# --- other studies --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_every_other_example_runs(baseline: Baseline, path: Path, tmp_path: Path) -> None:
    result = run_study(load_study(path, draws=2), tmp_path / "run", baseline=baseline)
    case = result.model.cases[0]
    assert case.id == path.stem
    assert result.model.headline
    assert case.title in html.unescape((tmp_path / "run" / "report.html").read_text("utf-8"))
    assert (tmp_path / "run" / "scenario.yaml").is_file()
    network = baseline.build.network
    arrived = central(baseline, load_study(path).scenarios[0]).values("lane_arrived")[0]
    moved = np.abs(arrived - network.lane_flow).max(axis=0)
    assert (moved > 0.01 * network.lane_flow)[network.lane_flow > 0.0].any(), "the shock reaches no lane"
    json.dumps(result.as_dict(), allow_nan=False)


def test_a_folder_of_unlike_cases_runs(baseline: Baseline) -> None:
    """Their targets differ, so none may be read off the first case alone."""
    result = run_study(load_study(ROOT / "examples" / "other", draws=0), baseline=baseline)
    assert [case.id for case in result.model.cases] == [path.stem for path in OTHERS]


def calm(**changes: Any) -> Scenario:
    start = dt.date(2026, 1, 6)
    return Scenario(id="calm", title="Nothing", start=start, weeks=104, targets=("JPN", "USA"), **changes)


def test_without_a_shock_nothing_moves_and_the_report_says_so(baseline: Baseline) -> None:
    """(rule M2) The whole network, every draw of the assumptions about behaviour and stocks."""
    network = baseline.build.network
    run: CaseRun = simulate_case(baseline, calm(), "calm", "Nothing", 1, 4)
    table = draw_table(calm(), 4, 1)
    shock = compile_shock(network, calm(), table, baseline.build.ranges, baseline.build.lane_routes).shock
    for outcome in (simulate(network, shock), run.central):
        used, output = outcome.values("consumer_used"), outcome.values("supplier_output")
        assert (np.abs(used - network.consumer_inflow) <= 1e-12 * network.consumer_inflow).all()
        assert (np.abs(output - network.supplier_base) <= 1e-12 * network.supplier_base).all()
    assert (np.abs(run.ensemble.use.share - 1.0) <= 1e-12).all()
    np.testing.assert_allclose(
        run.central.values("lane_arrived")[0], np.tile(network.lane_flow, (104, 1)), rtol=1e-12
    )
    result = run_study(Study((calm(),), draws=2), baseline=baseline)
    (case,) = result.model.cases
    assert case.rows == ()
    assert case.why == ()
    assert case.depends_on == ()
    assert case.value_kusd <= 1e-6
    assert "No use in the targeted markets falls below" in case.sentence


def test_a_restriction_after_the_end_is_refused() -> None:
    study = load_study()
    late = study.scenarios[0].restrictions[0].model_copy(update={"start": dt.date(2030, 1, 1)})
    with pytest.raises(RestrictionHitsNothing, match="never in force"):
        run_study(Study((calm(restrictions=(late,)),), draws=0))


def test_all_cases_are_checked_before_any_is_simulated(baseline: Baseline) -> None:
    """Faults of the first and the last case come together, and no time is lost."""
    said: list[str] = []
    ban = load_study().scenarios[2].restrictions[-1]
    first = calm(restrictions=(ban.model_copy(update={"importers": ("XXX",)}),))
    last = calm(restrictions=(ban.model_copy(update={"products": ("unobtainium",)}),))
    last = last.model_copy(update={"id": "last"})
    with pytest.raises(ScenarioError) as found:
        run_study(
            Study((first, calm().model_copy(update={"id": "mid"}), last)), baseline=baseline, say=said.append
        )
    assert ["XXX" in str(found.value), "unobtainium" in str(found.value)] == [True, True]
    assert not [text for text in said if text.startswith("simulating")]


def test_a_study_needs_cases_with_ids_of_their_own() -> None:
    with pytest.raises(InputError, match="without a scenario"):
        Study(())
    with pytest.raises(InputError, match="share an id") as found:
        Study((calm(), calm()))
    assert "calm" in str(found.value)


def test_checking_scenarios_counts_what_they_touch() -> None:
    rows = check_scenarios(ROOT / "examples" / "flagship")
    assert [row["restrictions"] for row in rows] == [1, 2, 3, 4, 3]
    assert [row["measures"] > 0 for row in rows] == [False, False, False, False, True]
    lanes = [row["lanes"] for row in rows]
    assert 0 < lanes[0] < lanes[1] < lanes[2] < lanes[3]
    assert lanes[4] >= lanes[2], "contracts of measures are not counted as held"


def test_a_sweep_becomes_cases() -> None:
    scenario = load_study().scenarios[0]
    found = expand([scenario])
    assert [(name, variant.assumptions.leakage.central) for name, _, variant in found] == [
        (CASES[0], 0.0),
        (CASES[1], 0.5),
        (CASES[2], 1.0),
    ]
    assert all(variant.assumptions.leakage.fixed for _, _, variant in found)


# --- harder, longer, farther ----------------------------------------------------------------------


def full_stop(**changes: Any) -> Scenario:
    """The flagship's full stop to Japan alone, with re-sourcing held at zero."""
    scenario = load_study().scenarios[2]
    ban = scenario.restrictions[-1].model_copy(update=changes)
    return scenario.model_copy(update={"restrictions": (ban,)}).with_assumption("rho", 0.0)


def held(x: float) -> Range:
    return Range(central=x, low=x, high=x)


STEPS: Mapping[str, list[dict[str, Any]]] = {
    "depth": [{"depth": held(x)} for x in (0.2, 0.4, 0.6, 0.8, 1.0)],
    "duration": [{"end": dt.date(2026, 1, 6) + dt.timedelta(weeks=w)} for w in (4, 13, 26, 52, 104)],
    "enforcement": [{"enforcement": held(x)} for x in (0.0, 0.1, 0.3, 0.6, 1.0)],
}


@pytest.mark.parametrize("name", STEPS)
def test_harm_never_falls_as_the_stop_hardens(baseline: Baseline, name: str) -> None:
    """With re-sourcing off, on the whole network."""
    lost = [float(value(baseline, full_stop(**change))[0]) for change in STEPS[name]]
    assert lost == sorted(lost)
    assert lost[-1] > lost[0] > 0.0


# --- where it comes from --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("market", "product"), [("JPN", "magnets"), ("USA", "magnets"), ("JPN", "gallium_refined")]
)
def test_the_trace_of_supply_adds_up_at_every_stage(baseline: Baseline, market: str, product: str) -> None:
    """What enters a stage is the level; further back it is what the stage drew, never more than that."""
    network = baseline.build.network
    n = network.consumer_index(market, product)
    ribbons = trace(network, n, network.lane_flow, 1.0)
    into: dict[int, float] = {}
    for ribbon in ribbons:
        into[ribbon.stage_to] = into.get(ribbon.stage_to, 0.0) + ribbon.share
    assert into[0] == pytest.approx(1.0, abs=0.01)  # ribbons below 1e-4 are left out
    depth = [into[stage] for stage in sorted(into)]
    assert all(later <= earlier + 1e-9 for earlier, later in itertools.pairwise(depth))
    assert len(depth) > 1
    half = trace(network, n, network.lane_flow, 0.5)
    assert sum(r.share for r in half if r.stage_to == 0) == pytest.approx(0.5, abs=0.01)


def column_sums(spec: SankeySpec) -> tuple[float, float]:
    """Return what flows into the chain's last place of use, and what flows out of it to the users."""
    arrived = sum(flow.value for flow in spec.flows if flow.target == "use")
    used = sum(flow.value for flow in spec.flows if flow.source == "use")
    return arrived, used


def test_the_chain_of_the_magnets_adds_up(flagship: StudyResult) -> None:
    """Undisturbed, what arrives is what is used: all of it. Under the full stop less arrives."""
    for case in flagship.model.cases:
        before, after = case.sankey_before, case.sankey_after
        if before is None or after is None:
            continue
        arrived, used = column_sums(before)
        assert arrived == pytest.approx(100.0, abs=1.0)
        assert used == pytest.approx(100.0, rel=1e-6)
        assert all(flow.value > 0.0 for flow in (*before.flows, *after.flows))
    last = flagship.model.cases[-1].sankey_after
    assert last is not None
    assert column_sums(last)[0] < 99.0
    assert not [flow for flow in last.flows if flow.source == "1:CHN" and flow.target == "use"]


def test_causes_keep_adding_up_where_small_ones_are_summed(baseline: Baseline) -> None:
    scenario = load_study().scenarios[2]
    run = simulate_case(baseline, scenario, "x", "x", 0, 0)
    network = baseline.build.network
    seen = 0
    for product in ("magnets", "motors", "dytb_metal", "tungsten_powder", "graphite_anode"):
        n = network.consumer_index("JPN", product)
        tree = cause_tree(network, run, n) if n >= 0 else None
        if tree is None:
            continue
        seen += 1
        for node in walk(tree):
            if node.children:
                assert sum(c.amount for c in node.children) == pytest.approx(
                    node.amount, abs=1e-9 * max(abs(c.amount) for c in node.children)
                )
    assert seen >= 3
