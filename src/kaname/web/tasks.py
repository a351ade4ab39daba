"""Questions that take longer than a caller waits for: an episode run forward, a run repeated, an alliance.

Each is a job of the worker, like a run. Its answer, the JSON of the command of the same name, is a file in
the folder of runs; the same question to the same data and version is one task with one id.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kaname import rerun, response
from kaname.data import store
from kaname.data.folders import write_file
from kaname.data.job_store import Job, JobStore
from kaname.hindcast.run import hindcast
from kaname.scenario import files
from kaname.terms.errors import DataMissing, Problem
from kaname.web.settings import ANSWERS, JOBS, Settings

TASK = "task"
HINDCAST, REPLAY, ALLIANCE = "hindcast", "replay", "alliance"
Say = Callable[[str], None]


class Tasks:
    """Queues tasks and finds their answers; safe to be used from several threads."""

    def __init__(self, settings: Settings) -> None:
        """Open the job file of the folder."""
        self.settings = settings
        self.jobs = JobStore(settings.folder / JOBS)

    def submit(self, kind: str, asked: Mapping[str, Any], also: object = None) -> Job:
        """Queue a task; `also` is what the answer depends on beside the question.

        Raises InputError where too many wait.
        """
        spec = {TASK: kind, "asked": dict(asked)}
        parts = (spec, also, store.snapshot_id(), importlib.metadata.version("kaname"))
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:10]
        ident, now = f"{kind}-{digest}", time.time()
        if answer_path(self.settings.folder, ident).is_file():
            return self.job(ident)
        return self.jobs.add(ident, spec, now, self.settings.most_waiting)

    def job(self, ident: str) -> Job:
        """Return how far a task is. Raises DataMissing where there is none of this id."""
        found = self.jobs.get(ident)
        if found is None or TASK not in found.spec:
            raise DataMissing(Problem("no such task", "tasks", ident[:80], fix="Ask the question again."))
        return found

    def answer(self, job: Job) -> Any:
        """Return the answer of a task that is done, None of another. Raises DataMissing where it is gone."""
        if job.state != "done":
            return None
        path = answer_path(self.settings.folder, job.id)
        if not path.is_file():
            fix = "Ask the question again."
            raise DataMissing(Problem("the answer of the task is gone", "tasks", job.id, fix=fix))
        return json.loads(path.read_bytes())

    def cancel(self, ident: str) -> Job:
        """Cancel a task that waits or runs; one that has ended stays. Raises DataMissing."""
        self.job(ident)
        self.jobs.cancel(ident, time.time())
        return self.job(ident)


def answer_path(folder: Path, ident: str) -> Path:
    """Return where the answer of a task lies."""
    return folder / ANSWERS / f"{ident}.json"


def carry_out(job: Job, folder: Path, say: Say) -> None:
    """Do a task and write its answer. Raises KanameError for what is wrong with it."""
    asked: Mapping[str, Any] = job.spec["asked"]
    kind = str(job.spec[TASK])
    if kind == HINDCAST:
        say("running the episode forward")
        found = hindcast(str(asked["episode"]), int(asked["draws"]), int(asked["seed"])).as_dict()
    elif kind == REPLAY:
        found = rerun.replay(folder / str(asked["run"]), say) | {"run": str(asked["run"])}
    else:
        found = _alliance(asked, say)
    content = json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False)
    write_file(answer_path(folder, job.id), content.encode())


def _alliance(asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """Return the JSON of `kaname alliance`."""
    found = response.alliance(
        files.loads(str(asked["scenario"])),
        [str(name) for name in asked["members"]],
        draws=int(asked["draws"]),
        seed=int(asked["seed"]),
        budget_usd=asked["budget_usd"],
        say=say,
    )
    return response.alliance_json(found)


def task_dict(job: Job, answer: Any = None) -> dict[str, Any]:
    """Return a task as JSON knows it; `answer` is null until it is done."""
    return {
        "id": job.id,
        "state": job.state,
        "step": job.step,
        "error": job.error,
        "links": {"task": f"/api/v1/tasks/{job.id}"},
        "answer": answer,
    }
