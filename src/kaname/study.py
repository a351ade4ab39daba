"""The single path: scenarios in, a simulated and written study out (one folder on disk)."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from kaname.baseline import Baseline, load_baseline
from kaname.data import folders, store
from kaname.exposure import exposure
from kaname.report import cases, summary
from kaname.report.caserun import CaseRun
from kaname.report.causes import cause_tree
from kaname.report.export import export_files
from kaname.report.model import CauseNode, ReportModel
from kaname.report.page import render_html
from kaname.report.provenance import control_rows, source_rows
from kaname.report.tables import compare, result_tables
from kaname.scenario import files
from kaname.scenario.compile import Compiled, compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.scenario import Scenario
from kaname.simulate.engine import simulate
from kaname.terms.errors import (
    DataMissing,
    InputError,
    KanameError,
    Problem,
    RestrictionHitsNothing,
    ScenarioError,
    TableError,
)

DEFAULT_SEED = 20260106
DEFAULT_DRAWS = 32
LIBRARIES = ("numpy", "scipy", "numba", "pyarrow", "duckdb", "xarray", "clarabel", "pydantic")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Study:
    """What is asked for: scenarios (cases), seed, and the number of hypercube draws beside the single
    swings.

    `source` is the file or folder that the scenarios were read from, if any; faults that only the network
    shows are told with its lines. Raises InputError without a scenario, or for an id used twice.
    """

    scenarios: tuple[Scenario, ...]
    seed: int = DEFAULT_SEED
    draws: int = DEFAULT_DRAWS
    origin: str = "flagship"
    source: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be told apart in the results."""
        where = str(self.source or "study")
        if not self.scenarios:
            raise InputError(Problem("a study without a scenario", where, "none", "at least one"))
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

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON of `kaname run --json`: headline, cases with shortfalls, manifest."""
        keys = (
            "market",
            "product",
            "stage",
            "first_shortfall_date",
            "first_shortfall_early",
            "first_shortfall_late",
            "days_to_shortfall",
            "never_share",
            "worst_share",
            "lost_output_share",
            "lost_output_low",
            "lost_output_high",
            "value_kusd",
            "basis",
        )
        found = [
            {
                "scenario": case.id,
                "title": case.title,
                "sentence": case.sentence,
                "value_kusd": case.value_kusd,
                "value_low_kusd": case.value_low_kusd,
                "value_high_kusd": case.value_high_kusd,
                "basis_shares": asdict(case.basis_shares),
                "depends_on": list(case.depends_on),
                "shortfalls": [{key: getattr(row, key) for key in keys} for row in case.rows],
            }
            for case in self.model.cases
        ]
        answers = [{"who": who, "answer": text} for who, text in self.model.answers]
        return {
            "headline": self.model.headline,
            "answers": answers,
            "cases": found,
            "manifest": dict(self.model.manifest),
            "folder": str(self.folder) if self.folder else None,
        }


def examples_folder() -> Path:
    """Return the folder of the shipped scenarios, in the installed package or in a checkout."""
    here = Path(__file__).resolve().parent
    for found in (here / "examples", here.parents[1] / "examples"):
        if found.is_dir():
            return found
    raise DataMissing(Problem("the shipped scenarios are not there", "examples", fix="Install kaname again."))


def load_study(path: str | Path | None = None, seed: int = DEFAULT_SEED, draws: int = DEFAULT_DRAWS) -> Study:
    """Read a scenario file, or a folder of them; without a path the flagship. Raises ScenarioError."""
    where = examples_folder() / "flagship" if path is None else Path(path)
    if not where.exists():
        fix = "Give a YAML file, or a folder of them."
        raise InputError(Problem("no such scenario file or folder", str(where), fix=fix))
    found = files.load_all(where) if where.is_dir() else [files.load(where)]
    whole = where.resolve()  # `.` has no name of its own
    return Study(tuple(found), seed, draws, whole.name if where.is_dir() else whole.stem, where)


def run_study(
    study: Study | str | Path | None = None,
    out: str | Path | None = None,
    *,
    seed: int = DEFAULT_SEED,
    draws: int = DEFAULT_DRAWS,
    baseline: Baseline | None = None,
    say: Say = lambda text: None,
) -> StudyResult:
    """Simulate every case of a study, explain and report it; write the folder `out` where one is given.

    `study` is a Study, a scenario file, or a folder of them; without it the flagship. The same study, data
    and versions give the same tables. Raises ScenarioError, RestrictionHitsNothing, DataMissing, OutputError.
    """
    if not isinstance(study, Study):
        study = load_study(study, seed, draws)
    say("building the network")
    baseline = baseline or load_baseline()
    compile_all(study, baseline)
    network, digests = baseline.build.network, []
    for name, title, scenario in expand(study.scenarios):
        say(f"simulating {title}")
        run = simulate_case(baseline, scenario, name, title, study.seed, study.draws)
        digests.append(cases.digest(network, run))
        del run  # its arrays are the largest thing in memory
    say("writing the report")
    model = summary.summarise(network, digests, _backing(study, baseline))
    result = StudyResult(model, result_tables(digests, model), baseline)
    return result if out is None else write_study(result, study, Path(out))


def expand(scenarios: Sequence[Scenario]) -> list[tuple[str, str, Scenario]]:
    """Return (id, title, scenario) of every case; a sweep becomes one case per value."""
    found = []
    for scenario in scenarios:
        if scenario.sweep is None:
            found.append((scenario.id, scenario.title, scenario))
            continue
        name = scenario.sweep.parameter
        for value, variant in scenario.variants():
            title = f"{scenario.title}, {name.replace('_', ' ')} {value:g}"
            found.append((f"{scenario.id}@{name}={value:g}", title, variant))
    return found


def compile_all(study: Study, baseline: Baseline) -> list[Compiled]:
    """Return the central draw of every scenario, compiled; nothing is simulated.

    Raises ScenarioError or RestrictionHitsNothing with the faults of all scenarios at once, each with file,
    line and column where the study was read from files.
    """
    build = baseline.build
    found: list[Compiled] = []
    errors: list[KanameError] = []
    for scenario in study.scenarios:
        table = draw_table(scenario.assumptions, 0, 0, one_at_a_time=False)
        try:
            found.append(compile_shock(build.network, scenario, table, build.ranges, build.lane_passages))
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
    baseline: Baseline, scenario: Scenario, name: str, title: str, seed: int, draws: int
) -> CaseRun:
    """Compile and simulate one case: the ensemble, and the central draw once more with every lane
    recorded.
    """
    build = baseline.build
    table = draw_table(scenario.assumptions, draws, seed)
    ensemble = compile_shock(build.network, scenario, table, build.ranges, build.lane_passages)
    central = compile_shock(build.network, scenario, table.take([0]), build.ranges, build.lane_passages)
    return CaseRun(
        name,
        title,
        scenario,
        simulate(build.network, ensemble.shock),
        simulate(build.network, central.shock, record="full"),
        central.shock,
        central.row_labels,
        ensemble.shock.drawn,
    )


def write_study(result: StudyResult, study: Study, out: Path) -> StudyResult:
    """Write the run folder, whole or not at all: scenarios, results, charts, report, manifest."""
    content = {"report.html": render_html(result.model).encode()}
    if len(study.scenarios) == 1:
        content["scenario.yaml"] = files.dump(study.scenarios[0]).encode()
    else:
        for i, scenario in enumerate(study.scenarios, 1):
            content[f"scenarios/{i:02d}-{scenario.id}.yaml"] = files.dump(scenario).encode()
    content |= export_files(result.model, result.tables)
    folders.write_folder(out, content, result.model.manifest)
    return StudyResult(result.model, result.tables, result.baseline, out)


def run_id(study: Study) -> str:
    """Return the name of a run: its origin and a hash of scenarios, seed, draws, data and version."""
    text = "\n".join(files.dump(scenario) for scenario in study.scenarios)
    parts = (text, str(study.seed), str(study.draws), store.snapshot_id(), _version())
    return f"{study.origin}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:10]}"


def read_run(folder: str | Path) -> Study:
    """Return the study that a run folder holds, after checking its files and that the data are the same.

    Raises DataMissing where the folder is no run, TableError where its files were changed, KanameError where
    the embedded data are not those of the run.
    """
    path = Path(folder)
    manifest = folders.verify_folder(path)
    _check_manifest(path, manifest)
    if manifest["snapshot"] != store.snapshot_id():
        raise KanameError(
            Problem(
                "the embedded data are not those of the run",
                str(path),
                store.snapshot_id()[:12],
                str(manifest["snapshot"])[:12],
                f"Install kaname {manifest['versions'].get('kaname', 'of the run')}.",
            )
        )
    single = path / "scenario.yaml"
    source = single if single.exists() else path / "scenarios"
    found = files.load_all(source) if source.is_dir() else [files.load(source)]
    return Study(tuple(found), int(manifest["seed"]), int(manifest["draws"]), str(manifest["study"]))


def _check_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Raise TableError with every entry of a manifest that `read_run` and `replay` need and that is not
    there, or of another type.
    """
    needed = {"study": str, "seed": int, "draws": int, "snapshot": str, "versions": dict, "platform": str}
    problems = [
        Problem(
            f"`{name}` of the manifest is missing or of another type",
            str(path / folders.MANIFEST),
            type(manifest.get(name)).__name__ if name in manifest else "nothing",
            kind.__name__,
            "Run the scenario again.",
        )
        for name, kind in needed.items()
        if not isinstance(manifest.get(name), kind)
    ]
    if problems:
        raise TableError(problems)


def replay(folder: str | Path, say: Say = lambda text: None) -> dict[str, Any]:
    """Run a run folder again and compare every table; returns what differs (an empty list = identical).

    Numbers must be identical on the same platform and versions, else agree to 1e-9 relative. Raises
    DataMissing where the folder is no run, TableError where its files were changed, KanameError where the
    data of the bundle are not those of the run.
    """
    path = Path(folder)
    study = read_run(path)
    manifest = folders.read_manifest(path)
    result = run_study(study, say=say)
    same_setting = manifest["versions"] == versions() and manifest["platform"] == platform.platform()
    tolerance = 0.0 if same_setting else 1e-9
    differences: list[str] = []
    for name, table in result.tables.items():
        before = store.read_parquet(path / "results" / f"{name}.parquet")
        differences += compare(name, before, table, tolerance)
    return {
        "run": str(path),
        "identical": not differences,
        "tolerance": tolerance,
        "differences": differences,
    }


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
        control_rows(baseline.build.network, baseline.sources.controls, baseline.build.report.controls),
        baseline.build.report,
        _manifest(study, baseline),
    )


def _manifest(study: Study, baseline: Baseline) -> dict[str, Any]:
    return {
        "study": study.origin,
        "scenarios": [scenario.id for scenario in study.scenarios],
        "run": run_id(study),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": study.seed,
        "draws": study.draws,
        "base_year": baseline.sources.base_year,
        "as_of": baseline.sources.as_of.isoformat(),
        "snapshot": store.snapshot_id(),
        "lanes": baseline.build.network.n_lanes,
        "versions": versions(),
        "platform": platform.platform(),
        "licences": {record["title"]: record["licence"] for record in store.sources()},
    }


def versions() -> dict[str, str]:
    """Return the versions that results depend on."""
    found = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {"kaname": _version(), "python": platform.python_version(), **found}


def _version() -> str:
    return importlib.metadata.version("kaname")


def why(
    folder: str | Path, market: str, product: str, case: str | None = None
) -> tuple[str, CauseNode | None]:
    """Return the title of a case of a run folder and why a consumer lost use in it (rule M12).

    `market` and `product` are ids; without `case` the last one of the run. The central draw is simulated
    again. Raises DataMissing where the folder is no run, InputError for an unknown case or consumer.
    """
    study = read_run(folder)
    known = {name: (title, scenario) for name, title, scenario in expand(study.scenarios)}
    if case is not None and case not in known:
        raise InputError(Problem("no such case in the run", "--case", case, ", ".join(known)))
    name = case if case is not None else list(known)[-1]
    title, scenario = known[name]
    baseline = load_baseline()
    network = baseline.build.network
    consumer = network.consumer_index(market, product)
    if consumer < 0:
        problems = []
        if network.market_index(market) < 0:
            problems.append(Problem("no such market in the network", "--market", market, "such as JPN"))
        if network.product_index(product) < 0:
            known_ids = ", ".join(item.id for item in network.products)
            problems.append(Problem("no such product in the network", "--product", product, known_ids))
        raise InputError(problems or Problem("the market does not use the product", "--product", product))
    run = simulate_case(baseline, scenario, name, title, study.seed, 0)
    return title, cause_tree(network, run, consumer)


def check_scenarios(path: str | Path) -> list[dict[str, Any]]:
    """Check scenario files against the schema and the default network; raises with all faults at once.

    Returns, per scenario, its id and how many restrictions hold how many lanes.
    """
    study = load_study(path)
    rows = []
    for scenario, compiled in zip(study.scenarios, compile_all(study, load_baseline()), strict=True):
        lanes = sum(h.direct_lanes + h.third_country_lanes + h.parent_lanes for h in compiled.hits)
        rows.append({"scenario": scenario.id, "restrictions": len(scenario.restrictions), "lanes": lanes})
    return rows
