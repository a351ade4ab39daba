"""A server with a small run and the sample's events; no worker unless a test starts one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sites import ROOT, Site, free_port, serve

from kaname.baseline import Baseline
from kaname.plans import search_in
from kaname.scenario import files
from kaname.study import Study, run_study


@pytest.fixture(scope="session")
def small_runs(baseline: Baseline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run: the full stop to Japan and its plan, no draws beside the swings."""
    names = ("3-full-stop-japan", "5-full-stop-japan-answered")
    cases = tuple(files.load(ROOT / "examples" / "flagship" / f"{name}.yaml") for name in names)
    folder = tmp_path_factory.mktemp("web") / "runs"
    search = search_in(ROOT / "examples" / "flagship", cases)
    run_study(Study(cases, 7, 0, "flagship", search=search), folder / "small", baseline=baseline)
    return folder


@pytest.fixture(scope="session")
def tiny_runs(baseline: Baseline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one short run, for tests that need a run and not what it says."""
    text = (ROOT / "examples" / "other" / "smelter-outage.yaml").read_text(encoding="utf-8")
    scenario = files.loads(text.replace("weeks: 104", "weeks: 13"))
    folder = tmp_path_factory.mktemp("tiny") / "runs"
    run_study(Study((scenario,), 7, 0, "tiny"), folder / "small", baseline=baseline)
    return folder


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
