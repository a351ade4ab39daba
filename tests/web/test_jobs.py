"""Jobs: one claim each, taken up again when a worker dies, cancelled, held to a number; and a real worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kaname.data.folders import write_folder
from kaname.data.job_store import STALE_S, JobStore
from kaname.scenario import files
from kaname.study import expand
from kaname.terms.errors import DataMissing, InputError, KanameError
from kaname.web import dispatch
from kaname.web.dispatch import Dispatcher
from kaname.web.runs import Runs, read_study
from kaname.web.settings import JOBS, Settings

SPEC = {"scenarios": ["id: x"], "seed": 1, "draws": 0}
EXAMPLES = Path(__file__).parents[2] / "examples"
SCENARIO, FLAGSHIP = EXAMPLES / "other" / "smelter-outage.yaml", EXAMPLES / "flagship"


@pytest.fixture
def jobs(tmp_path: Path) -> JobStore:
    return JobStore(tmp_path / JOBS)


def test_a_job_is_claimed_once(jobs: JobStore) -> None:
    for number in range(20):
        jobs.add(f"run-{number}", SPEC, float(number), 100)
    others = [JobStore(jobs.path) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda i: others[i % 4].claim(100.0), range(25)))
    ids = [job.id for job in found if job is not None]
    assert sorted(ids) == sorted({f"run-{n}" for n in range(20)})


def test_the_same_run_is_queued_once_and_again_after_a_failure(jobs: JobStore) -> None:
    assert jobs.add("a", SPEC, 1.0, 9).state == "queued"
    assert jobs.add("a", SPEC, 2.0, 9).created == 1.0
    assert jobs.claim(3.0)
    jobs.end("a", "failed", 4.0, {"error": "KanameError", "problems": []})
    assert jobs.get("a").error["error"] == "KanameError"  # type: ignore[union-attr,index]
    assert jobs.add("a", SPEC, 5.0, 9).state == "queued"
    jobs.claim(6.0)
    jobs.end("a", "done", 7.0)
    assert jobs.add("a", SPEC, 8.0, 9).state == "queued"  # its folder is gone, else nobody would ask


def test_a_job_of_a_dead_worker_is_taken_up_again(jobs: JobStore) -> None:
    jobs.add("a", SPEC, 1.0, 9)
    assert jobs.claim(10.0)
    assert jobs.claim(10.0 + STALE_S / 2) is None
    assert jobs.report("a", 10.0 + STALE_S)
    assert jobs.claim(11.0 + STALE_S) is None
    assert jobs.claim(11.0 + 3 * STALE_S)


def test_a_cancelled_job_stays_cancelled(jobs: JobStore) -> None:
    jobs.add("a", SPEC, 1.0, 9)
    jobs.claim(2.0)
    assert jobs.cancel("a", 3.0).state == "cancelled"  # type: ignore[union-attr]
    assert not jobs.report("a", 4.0, "simulating")
    jobs.end("a", "done", 5.0)
    assert jobs.get("a").state == "cancelled"  # type: ignore[union-attr]
    assert jobs.cancel("b", 3.0) is None


def test_a_job_is_due_just_when_it_would_be_claimed(jobs: JobStore) -> None:
    assert not jobs.due(0.0)
    jobs.add("a", SPEC, 1.0, 9)
    assert jobs.due(1.0)
    jobs.claim(2.0)
    assert not jobs.due(2.0)
    assert jobs.due(2.0 + STALE_S + 1.0)  # its worker is dead
    jobs.end("a", "done", 3.0)
    assert not jobs.due(2.0 + STALE_S + 1.0)


def test_no_worker_is_started_while_nothing_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one cancelled job does not end the worker that comes for the next."""
    started: list[_Process] = []

    def start(command: object, **_: object) -> _Process:
        started.append(_Process(1000 + len(started)))
        return started[-1]

    monkeypatch.setattr(dispatch, "LOOK_S", 0.01)
    monkeypatch.setattr(dispatch.subprocess, "Popen", start)
    jobs = JobStore(tmp_path / JOBS)
    dispatcher = Dispatcher(tmp_path)
    dispatcher.start()
    try:
        time.sleep(0.2)
        assert not started
        now = time.time()
        jobs.add("a", SPEC, now, 9)
        until(lambda: len(started) == 1)
        jobs.claim(now, started[0].pid)
        time.sleep(0.1)  # the dispatcher has seen whose it is
        started[0].ended = True  # grown, while its job is cancelled
        time.sleep(0.1)
        jobs.cancel("a", now)
        jobs.add("b", SPEC, now, 9)
        until(lambda: len(started) == 2)
        time.sleep(0.2)
        assert not started[1].ended
        assert len(started) == 2
    finally:
        dispatcher.stop()
    assert started[1].ended


class _Process:
    """A worker that does nothing; the seam is the start of a process."""

    def __init__(self, pid: int) -> None:
        self.pid, self.ended = pid, False

    def poll(self) -> int | None:
        return 0 if self.ended else None

    def terminate(self) -> None:
        self.ended = True

    def wait(self, timeout: float | None = None) -> int:
        return 0


def until(there: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 10.0
    while not there():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_each_worker_has_its_own_job(jobs: JobStore) -> None:
    for name in ("a", "b"):
        jobs.add(name, SPEC, 1.0, 9)
    assert [jobs.claim(2.0, worker).id for worker in (11, 12)] == ["a", "b"]  # type: ignore[union-attr]
    jobs.cancel("a", 3.0)
    assert (jobs.running(11), jobs.running(12), jobs.running(13)) == (None, "b", None)


def test_so_many_may_wait_and_no_more(jobs: JobStore) -> None:
    for number in range(3):
        jobs.add(f"run-{number}", SPEC, 1.0, 3)
    with pytest.raises(InputError, match="too many runs are waiting"):
        jobs.add("run-4", SPEC, 1.0, 3)
    assert jobs.add("run-1", SPEC, 1.0, 3).state == "queued"


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / JOBS).write_text("nonsense " * 200)
    with pytest.raises(KanameError, match="cannot be used"):
        JobStore(tmp_path / JOBS)


@pytest.mark.parametrize(
    "names",
    [
        ("1-military-end-users",),
        ("5-full-stop-japan-answered",),
        ("3-full-stop-japan", "1-military-end-users"),
    ],
)
def test_every_case_of_a_run_can_be_answered(tmp_path: Path, names: tuple[str, ...]) -> None:
    scenarios = [files.load(FLAGSHIP / f"{name}.yaml") for name in names]
    content = {f"scenarios/{i}.yaml": files.dump(one).encode() for i, one in enumerate(scenarios)}
    write_folder(tmp_path / "one", content, {})
    runs = Runs(Settings(tmp_path, tmp_path / "none.duckdb", work=False))
    cases = expand(scenarios)
    for name, _, scenario in cases:
        text = runs.scenario_text("one", name)
        (again,) = read_study([text], 1, 0).scenarios
        assert again.sweep is None
        assert again.measures == scenario.measures
        assert again.restrictions == scenario.restrictions
    with pytest.raises(DataMissing, match=cases[0][0]):
        runs.scenario_text("one", "nothing")


def test_a_worker_runs_what_is_queued_and_goes_on_after_a_fault(tmp_path: Path) -> None:
    """The whole way, in a process of its own: two jobs, the first of which cannot be run."""
    runs = Runs(Settings(tmp_path, tmp_path / "none.duckdb"))
    runs.jobs.add("broken", {"scenarios": ["id: x"], "seed": 1, "draws": 0}, 0.0, 9)
    text = SCENARIO.read_text(encoding="utf-8").replace("weeks: 52", "weeks: 26")
    job = runs.submit([text], 7, 0)
    dispatcher = Dispatcher(tmp_path)
    dispatcher.start()
    try:
        until = time.monotonic() + 240.0
        while runs.job(job.id).state in {"queued", "running"} and time.monotonic() < until:
            time.sleep(0.5)
    finally:
        dispatcher.stop()
    broken = runs.jobs.get("broken")
    assert broken is not None
    assert broken.state == "failed"
    assert broken.error is not None
    assert broken.error["problems"]
    assert runs.job(job.id).state == "done"
    assert runs.model(job.id).cases
    assert runs.submit([text], 7, 0).state == "done"
    assert runs.newest() == job.id
