"""What a run folder can be asked again: replay it and compare, or say why something was lost in it."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kaname.baseline import Baseline, load_baseline
from kaname.data import folders, store
from kaname.events.behind import load_records
from kaname.explaining import NODE
from kaname.explaining import explain as explain_number
from kaname.network.network import Network
from kaname.plans import search_in
from kaname.report import stored
from kaname.report.address import VALUE
from kaname.report.causes import cause_tree
from kaname.report.charts.worldmap import WORLDVIEWS
from kaname.report.explanation import Explained
from kaname.report.model import CauseNode
from kaname.report.tables import compare
from kaname.scenario import files
from kaname.study import Say, Study, expand, run_study, simulate_case, versions
from kaname.terms import codes
from kaname.terms.errors import DataMissing, InputError, KanameError, Problem, TableError
from kaname.terms.language import language


def read_run(folder: str | Path) -> Study:
    """Return the study that a run folder holds, after checking its files and that the data are the same.

    Raises DataMissing where the folder is no run, TableError where its files were changed, KanameError where
    the embedded data are not those of the run.
    """
    path = Path(folder)
    manifest = folders.verify_folder(path)
    _check_manifest(path, manifest)
    _check_data(path, manifest)
    single = path / "scenario.yaml"
    source = single if single.exists() else path / "scenarios"
    found = files.load_all(source) if source.is_dir() else [files.load(source)]
    return Study(
        tuple(found),
        int(manifest["seed"]),
        int(manifest["draws"]),
        str(manifest["study"]),
        sampler=manifest["sampler"],
        records=load_records(path),
        search=search_in(path, found),
        worldview=str(manifest.get("worldview", WORLDVIEWS[0])),
    )


def _check_data(path: Path, manifest: Mapping[str, Any]) -> None:
    """Raise KanameError where the embedded data are not those of a run."""
    if manifest["snapshot"] == store.snapshot_id():
        return
    raise KanameError(
        Problem(
            "the embedded data are not those of the run",
            str(path),
            store.snapshot_id()[:12],
            str(manifest["snapshot"])[:12],
            f"Install kaname {manifest['versions'].get('kaname', 'of the run')}.",
        )
    )


def _check_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Raise TableError with every entry of a manifest that `read_run` and `replay` need and that is not
    there, or of another type.
    """
    needed = {
        "study": str,
        "seed": int,
        "draws": int,
        "sampler": str,
        "snapshot": str,
        "versions": dict,
        "platform": str,
    }
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
    names = [Path(name) for name in manifest["files"] if name.startswith("results/")]
    kept = {name.stem: store.read_parquet(path / name) for name in names if name.suffix == ".parquet"}
    result = run_study(study, say=say)
    same_setting = manifest["versions"] == versions() and manifest["platform"] == platform.platform()
    tolerance = 0.0 if same_setting else 1e-9
    differences: list[str] = []
    for name, table in result.tables.items():
        before = kept.get(name)
        if before is None:
            before = store.read_parquet(path / "results" / f"{name}.parquet")  # which says that it is missing
        differences += compare(name, before, table, tolerance)
    return {
        "run": str(path),
        "identical": not differences,
        "tolerance": tolerance,
        "differences": differences,
    }


def why(
    folder: str | Path,
    market: str,
    product: str,
    case: str | None = None,
    baseline: Baseline | None = None,
) -> tuple[str, CauseNode | None]:
    """Return the title of a case of a run folder and why a consumer lost use in it (rule M12).

    `market` and `product` are ids; without `case` the last one of the run that answers no other. The central
    draw is simulated again. Raises DataMissing where the folder is no run, InputError for an unknown case or
    consumer.
    """
    study = read_run(folder)
    known = {name: (title, scenario) for name, title, scenario in expand(study.scenarios)}
    if case is not None and case not in known:
        raise InputError(Problem("no such case in the run", "--case", case, ", ".join(known)))
    plain = [key for key, (_, scenario) in known.items() if not scenario.answers]
    name = case if case is not None else (plain or list(known))[-1]
    title, scenario = known[name]
    baseline = baseline or load_baseline()
    network = baseline.build.network
    consumer = network.consumer_index(market, product)
    if consumer < 0:
        raise InputError(_unknown(network, market, product))
    run = simulate_case(baseline, scenario, name, title, study.seed, 0, swings=False)
    return title, cause_tree(run.network, run, consumer)


def explain(
    folder: str | Path, what: str = VALUE, case: str | None = None, baseline: Baseline | None = None
) -> Explained:
    """Return what stands behind a number of a run folder, by its address (`docs/web.md`).

    Nothing is simulated; the words are in the language that is spoken. Without `case` the first one. Raises
    DataMissing where there is no run, case or number, TableError where files were changed or are of an
    earlier version, KanameError for a node of the network where the embedded data are not those of the run.
    """
    path = Path(folder)
    manifest = folders.verify_folder(path)
    if what.partition(":")[0] == NODE and baseline is None:
        _check_manifest(path, manifest)
        _check_data(path, manifest)
    file = path / stored.file_of(language())
    if not file.is_file():
        raise DataMissing(
            Problem("the run holds no report in this language", str(path), file.name, fix="Run it again.")
        )
    model = stored.load(file.read_bytes(), str(file))
    return explain_number(model, case, what, lambda: (baseline or load_baseline()).build.network)


def _unknown(network: Network, market: str, product: str) -> list[Problem]:
    """Return why the network has no such user of a product, with the ids that look like what was given."""
    found = []
    for option, word, ids in (
        ("--market", market, [item.id for item in network.markets]),
        ("--product", product, [item.id for item in network.products]),
    ):
        if word not in ids:
            close = codes.near(word, ids)
            fix = f"Did you mean {' or '.join(close)}?" if close else f"Use one of {', '.join(ids)}."
            found.append(Problem("not in the network", option, word, "an id of the network", fix))
    if found:
        return found
    fix = "Choose a product that the market uses: see results/timelines.csv of the run."
    return [Problem(f"{market} does not use the product", "--product", product, "a product in use", fix)]
