"""The single path: scenarios in, a simulated and written study out (one folder on disk)."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from kaname import explaining
from kaname.audit.digest import data_view
from kaname.baseline import Baseline, load_baseline
from kaname.data import folders, store
from kaname.events import behind
from kaname.exposure import exposure
from kaname.plans import search_in
from kaname.report import cases, search, stored, summary
from kaname.report.address import VALUE
from kaname.report.answered import measure_rows
from kaname.report.brief import brief
from kaname.report.caserun import CaseRun
from kaname.report.charts import worldmap
from kaname.report.ensemble import joined, reduced, watch_of
from kaname.report.explanation import Explained
from kaname.report.export import export_files
from kaname.report.model import AssumptionRow, BudgetRow, ReportModel
from kaname.report.naming import localised
from kaname.report.page import render_html
from kaname.report.provenance import budget_rows, control_rows, record_rows, source_rows
from kaname.report.tables import result_tables
from kaname.scenario import files
from kaname.scenario.compile import Compiled, compile_shock
from kaname.scenario.draws import SAMPLERS, DrawTable, Sampler, draw_table
from kaname.scenario.groups import groups_of
from kaname.scenario.plants import Placed, place_measures
from kaname.scenario.scenario import Scenario
from kaname.simulate.engine import simulate
from kaname.terms.errors import (
    DataMissing,
    InputError,
    KanameError,
    Problem,
    RestrictionHitsNothing,
    ScenarioError,
)
from kaname.terms.language import ENGLISH, JAPANESE, speaking

DEFAULT_SEED = 20260106
DEFAULT_DRAWS = 32
DEFAULT_SAMPLER: Sampler = "lhs"
CHUNK = 32  # draws that are simulated at a time: what one holds in memory; no number depends on it
LIBRARIES = ("numpy", "scipy", "numba", "pyarrow", "duckdb", "xarray", "clarabel", "pydantic")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Study:
    """What is asked for: scenarios (cases), seed, and how many samples of all ranges are drawn, and how,
    beside the single swings.

    `source` is the file or folder that the scenarios were read from, if any; faults that only the network
    shows are told with its lines. `records` are those of an event store: the reviewed events behind it.
    `search` is the answer of `kaname respond` that a plan came from; `worldview` says how maps draw disputed
    areas and moves no number. Raises InputError without a scenario, or for an id used twice.
    """

    scenarios: tuple[Scenario, ...]
    seed: int = DEFAULT_SEED
    draws: int = DEFAULT_DRAWS
    origin: str = "flagship"
    source: Path | None = None
    sampler: Sampler = DEFAULT_SAMPLER
    records: tuple[Mapping[str, Any], ...] = ()
    search: Mapping[str, Any] | None = None
    worldview: str = worldmap.WORLDVIEWS[0]

    def __post_init__(self) -> None:
        """Refuse what cannot be told apart in the results."""
        where = str(self.source or "study")
        if not self.scenarios:
            raise InputError(Problem("a study without a scenario", where, "none", "at least one"))
        if self.sampler not in SAMPLERS:
            raise InputError(Problem("unknown sampler", "sampler", repr(self.sampler), " or ".join(SAMPLERS)))
        worldmap.worldview(self.worldview)
        ids = [scenario.id for scenario in self.scenarios]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            fix = "Give each scenario an id of its own."
            raise InputError(
                Problem("two scenarios of a study share an id", where, ", ".join(twice), "one each", fix)
            )


@dataclass(frozen=True)
class StudyResult:
    """What came out: the report model, the tables, the simulated cases and, once written, the folder."""

    model: ReportModel
    tables: Mapping[str, pa.Table]
    baseline: Baseline
    folder: Path | None = None
    told: Mapping[str, ReportModel] = field(default_factory=dict)  # the model in other languages

    def explain(self, what: str = VALUE, case: str | None = None) -> Explained:
        """Return what stands behind a number, by its address (`docs/web.md`); without one what a case loses.

        Raises DataMissing for a case or a number that is not there.
        """
        return explaining.explain(self.model, case, what, lambda: self.baseline.build.network)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON of `kaname run --json`: headline, cases with shortfalls, manifest."""
        return {**brief(self.model), "folder": str(self.folder) if self.folder else None}


def examples_folder() -> Path:
    """Return the folder of the shipped scenarios, in the installed package or in a checkout."""
    here = Path(__file__).resolve().parent
    for found in (here / "examples", here.parents[1] / "examples"):
        if found.is_dir():
            return found
    raise DataMissing(Problem("the shipped scenarios are not there", "examples", fix="Install kaname again."))


def load_study(
    path: str | Path | None = None,
    seed: int = DEFAULT_SEED,
    draws: int = DEFAULT_DRAWS,
    sampler: Sampler = DEFAULT_SAMPLER,
    worldview: str = worldmap.WORLDVIEWS[0],
) -> Study:
    """Read a scenario file, or a folder of them; without a path the flagship. Raises ScenarioError."""
    where = examples_folder() / "flagship" if path is None else Path(path)
    if not where.exists():
        fix = "Give a YAML file, or a folder of them."
        raise InputError(Problem("no such scenario file or folder", str(where), fix=fix))
    found = files.load_all(where) if where.is_dir() else [files.load(where)]
    whole = where.resolve()  # `.` has no name of its own
    origin = whole.name if where.is_dir() else whole.stem
    records = behind.load_records(where) if where.is_dir() else ()
    found_plan = search_in(where if where.is_dir() else where.parent, found)
    return Study(tuple(found), seed, draws, origin, where, sampler, records, found_plan, worldview)


def run_study(
    study: Study | str | Path | None = None,
    out: str | Path | None = None,
    *,
    seed: int = DEFAULT_SEED,
    draws: int = DEFAULT_DRAWS,
    sampler: Sampler = DEFAULT_SAMPLER,
    baseline: Baseline | None = None,
    say: Say = lambda text: None,
    lang: str = ENGLISH,
) -> StudyResult:
    """Simulate every case of a study, explain and report it; write the folder `out` where one is given.

    `study` is a Study, a scenario file, or a folder of them; without it the flagship. `lang` is the language
    of `report.html`; the report as data is written in every language. The same study, data and versions give
    the same tables. Raises ScenarioError, RestrictionHitsNothing, DataMissing, OutputError.
    """
    if not isinstance(study, Study):
        study = load_study(study, seed, draws, sampler)
    if out is not None:
        folders.check_target(Path(out))
    say("building the network")
    baseline = baseline or load_baseline()
    compile_all(study, baseline)
    network, digests, retold = baseline.build.network, [], []
    for name, title, scenario in expand(study.scenarios):
        say(f"simulating {title}")
        run = simulate_case(baseline, scenario, name, title, study.seed, study.draws, study.sampler)
        digests.append(cases.digest(run.network, run))
        with speaking(JAPANESE):
            retold.append(cases.retold(digests[-1], run))
        del run  # its arrays are the largest thing in memory
    say("writing the report")
    backing = _backing(study, baseline)
    model = summary.summarise(network, digests, backing)
    with speaking(JAPANESE):
        named = replace(backing, controls=_controls(baseline), budgets=_budgets(study))
        told = {JAPANESE: summary.summarise(localised(network), retold, named)}
    result = StudyResult(model, result_tables(digests, model), baseline, told=told)
    return result if out is None else write_study(result, study, Path(out), lang)


def expand(scenarios: Sequence[Scenario]) -> list[tuple[str, str, Scenario]]:
    """Return (id, title, scenario) of every case; a sweep becomes one case per value.

    A scenario with measures whose unanswered case is not there brings it along.
    """
    found = []
    ids = {scenario.id for scenario in scenarios}
    for scenario in scenarios:
        if scenario.measures and scenario.answers not in ids:
            base = unanswered(scenario)
            found.append((base.id, base.title, base))
            scenario = scenario.model_copy(update={"answers": base.id})  # noqa: PLW2901 - the same case
        if scenario.sweep is None:
            found.append((scenario.id, scenario.title, scenario))
            continue
        name = scenario.sweep.parameter
        for value, variant in scenario.variants():
            title = f"{scenario.title}, {name.replace('_', ' ')} {value:g}"
            found.append((f"{scenario.id}@{name}={value:g}", title, variant))
    return found


def unanswered(scenario: Scenario) -> Scenario:
    """Return a scenario without its measures: what its plan is set beside."""
    title = scenario.title.removesuffix(", answered")
    return scenario.model_copy(
        update={
            "id": scenario.answers or f"{scenario.id[:50]}-unanswered",
            "title": f"{title}, without measures" if title == scenario.title else title,
            "measures": (),
            "answers": "",
            "plan": None,
        }
    )


def compile_all(study: Study, baseline: Baseline) -> list[Compiled]:
    """Return the central draw of every scenario, compiled; nothing is simulated.

    Raises ScenarioError or RestrictionHitsNothing with the faults of all scenarios at once, each with file,
    line and column where the study was read from files.
    """
    build = baseline.build
    found: list[Compiled] = []
    errors: list[KanameError] = []
    for scenario in study.scenarios:
        table = draw_table(scenario, 0, 0, one_at_a_time=False)
        try:
            placed = place_measures(build, scenario.measures)
            found.append(_compiled(placed, scenario, table))
        except (ScenarioError, RestrictionHitsNothing) as error:
            file = _file_of(scenario, study.source)
            errors.append(error if file is None else files.place(error, file))
    if errors:
        told: dict[tuple[object, ...], Problem] = {}  # what several cases extend is told once
        for problem in (problem for error in errors for problem in error.problems):
            told.setdefault((problem.where, problem.line, problem.column, problem.got), problem)
        kinds = {type(error) for error in errors}
        raise (kinds.pop() if len(kinds) == 1 else ScenarioError)(list(told.values()))
    return found


def _file_of(scenario: Scenario, source: Path | None) -> Path | None:
    """Return the file that a scenario was read from, if it still says the same."""
    if source is None:
        return None
    for file in [source] if source.is_file() else sorted(source.glob("*.y*ml")):
        try:
            if files.load(file) == scenario:
                return file
        except KanameError:
            continue  # a shared part, which is no scenario by itself
    return None


def simulate_case(
    baseline: Baseline,
    scenario: Scenario,
    name: str,
    title: str,
    seed: int,
    draws: int,
    sampler: Sampler = DEFAULT_SAMPLER,
    chunk: int = CHUNK,
    *,
    swings: bool = True,
) -> CaseRun:
    """Compile and simulate one case: the ensemble, `chunk` draws at a time and reduced to what is shown, and
    the central draw once more with every lane recorded. The numbers do not depend on `chunk`. Without
    `swings` no range is moved by itself: what the central draw tells is the same.
    """
    placed = place_measures(baseline.build, scenario.measures)
    network = placed.build.network
    groups = groups_of(network, scenario.assumptions.apart)
    table = draw_table(scenario, draws, seed, sampler=sampler, groups=groups, one_at_a_time=swings)
    shock = _compiled(placed, scenario, table).shock
    central = _compiled(placed, scenario, table.take([0]))
    watch = watch_of(network, scenario.targets)
    parts = []
    for first in range(0, shock.draws, chunk):
        rows = range(first, min(first + chunk, shock.draws))
        outcome = simulate(network, shock.take(rows), watch=watch)
        parts.append(reduced(network, outcome, scenario.targets))
    return CaseRun(
        name,
        title,
        scenario,
        network,
        joined(parts),
        simulate(network, central.shock, record="full"),
        central.shock,
        central.row_labels,
        shock.drawn,
        measure_rows(placed, scenario, table),
    )


def _compiled(placed: Placed, scenario: Scenario, table: DrawTable) -> Compiled:
    """Compile a scenario on the network that its measures were placed in."""
    build = placed.build
    return compile_shock(build.network, scenario, table, build.ranges, build.lane_routes, placed)


def write_study(result: StudyResult, study: Study, out: Path, lang: str = ENGLISH) -> StudyResult:
    """Write the run folder, whole or not at all: scenarios, results, charts, report, manifest."""
    with speaking(lang):
        page = render_html(result.told.get(lang, result.model)).encode()
    content = {"report.html": page, stored.FILE: stored.dump(result.model)}
    content |= {stored.file_of(name): stored.dump(model) for name, model in result.told.items()}
    if len(study.scenarios) == 1:
        content["scenario.yaml"] = files.dump(study.scenarios[0]).encode()
    else:
        for i, scenario in enumerate(study.scenarios, 1):
            content[f"scenarios/{i:02d}-{scenario.id}.yaml"] = files.dump(scenario).encode()
    if study.records:
        content[behind.RECORDS] = behind.as_text(study.records).encode()
    if study.search is not None:
        content[search.RECORD] = (json.dumps(study.search, ensure_ascii=False, indent=1) + "\n").encode()
    content |= export_files(result.model, result.tables)
    folders.write_folder(out, content, result.model.manifest)
    return replace(result, folder=out)


def run_id(study: Study) -> str:
    """Return the name of a run: its origin and a hash of all that decides its numbers."""
    text = "\n".join(files.dump(scenario) for scenario in study.scenarios)
    given = (text, str(study.seed), str(study.draws), study.sampler)
    parts: tuple[str, ...] = (*given, store.snapshot_id(), importlib.metadata.version("kaname"))
    if study.records:
        parts = (*parts, behind.as_text(study.records))
    if study.search is not None:
        parts = (*parts, json.dumps(study.search, sort_keys=True))
    if study.worldview != worldmap.WORLDVIEWS[0]:
        parts = (*parts, study.worldview)
    return f"{study.origin}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:10]}"


def _backing(study: Study, baseline: Baseline) -> summary.Backing:
    exporters = sorted(
        {item.exporter.split("/")[0] for scenario in study.scenarios for item in scenario.restrictions}
    )
    targets = sorted({target.split("/")[0] for scenario in study.scenarios for target in scenario.targets})
    rows = [
        {"market": target, "to": exporter, **row.as_dict()}
        for exporter in exporters
        for target in targets
        if target != exporter
        for row in exposure(target, exporter, baseline=baseline, network_only=True)
    ]
    return summary.Backing(
        rows,
        source_rows(),
        _controls(baseline),
        baseline.build.report,
        _manifest(study, baseline),
        record_rows(),
        _budgets(study),
        *behind.state_of(study.records),
        () if study.search is None else (search.Record.model_validate(study.search),),
        baseline.build.lane_routes.passages,
        study.worldview,
        data_view(baseline.base_year, baseline.root),
    )


def _budgets(study: Study) -> list[BudgetRow]:
    """Return the defence budgets at the rate of the first day, in the language that is spoken."""
    return budget_rows(min(scenario.start for scenario in study.scenarios))


def _controls(baseline: Baseline) -> list[AssumptionRow]:
    """Return the controls of the base state, in the language that is spoken."""
    network, build = localised(baseline.build.network), baseline.build.report
    return control_rows(network, baseline.rows("controls"), build.controls)


def _manifest(study: Study, baseline: Baseline) -> dict[str, Any]:
    return {
        "study": study.origin,
        "scenarios": [scenario.id for scenario in study.scenarios],
        "run": run_id(study),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": study.seed,
        "draws": study.draws,
        "sampler": study.sampler,
        "worldview": study.worldview,
        "base_year": baseline.base_year,
        "as_of": baseline.as_of.isoformat(),
        "snapshot": store.snapshot_id(),
        "lanes": baseline.build.network.n_lanes,
        "versions": versions(),
        "platform": platform.platform(),
        "licences": {record["title"]: record["licence"] for record in store.sources()},
    }


def versions() -> dict[str, str]:
    """Return the versions that results depend on."""
    found = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {"kaname": importlib.metadata.version("kaname"), "python": platform.python_version(), **found}
