"""A server with a small run and the sample's events; no worker unless a test starts one."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sites import ROOT, Site, free_port, serve

from kaname.baseline import Baseline
from kaname.plans import search_in
from kaname.scenario import files
from kaname.study import Study, run_study


def made_once(paths: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a copy of a folder that one of the workers makes for all: tests write into their own."""
    root = paths.getbasetemp()
    root = root.parent if root.name.startswith("popen-") else root  # with workers each has its own below
    made = root / f"made-{name}"
    with (root / f"made-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_dir():
            half = root / f"half-{name}"
            shutil.rmtree(half, ignore_errors=True)
            make(half)
            half.rename(made)
    return Path(shutil.copytree(made, paths.mktemp(name) / "runs"))


@pytest.fixture(scope="session")
def small_runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run: the full stop to Japan and its plan, no draws beside the swings."""
    return made_once(
        tmp_path_factory, "small", lambda folder: _small_runs(folder, request.getfixturevalue("baseline"))
    )


def _small_runs(folder: Path, baseline: Baseline) -> None:
    names = ("3-full-stop-japan", "5-full-stop-japan-answered")
    cases = tuple(files.load(ROOT / "examples" / "flagship" / f"{name}.yaml") for name in names)
    search = search_in(ROOT / "examples" / "flagship", cases)
    run_study(Study(cases, 7, 0, "flagship", search=search), folder / "small", baseline=baseline)


@pytest.fixture(scope="session")
def tiny_runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one short run, for tests that need a run and not what it says."""
    return made_once(
        tmp_path_factory, "tiny", lambda folder: _tiny_runs(folder, request.getfixturevalue("baseline"))
    )


def _tiny_runs(folder: Path, baseline: Baseline) -> None:
    text = (ROOT / "examples" / "other" / "smelter-outage.yaml").read_text(encoding="utf-8")
    scenario = files.loads(text.replace("weeks: 104", "weeks: 13"))
    run_study(Study((scenario,), 7, 0, "tiny"), folder / "small", baseline=baseline)


@pytest.fixture(scope="session")
def site(small_runs: Path) -> Iterator[Site]:
    """A server that everybody on this machine may use, with nobody working."""
    from kaname.web.settings import Settings  # noqa: PLC0415

    port = free_port()
    settings = Settings(small_runs, small_runs.parent / "none.duckdb", port=port, work=False)
    server = serve(settings)
    next(server)
    yield Site(port, small_runs, "small")
    next(server, None)
