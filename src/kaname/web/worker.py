"""A process that runs what is queued in a folder, one job at a time: `python -m kaname.web.worker FOLDER`.

The network is built once and kept. It stops when its parent is gone, when nothing was asked of it for a
while, and after a job that took much memory: the dispatcher starts another when the next job is due.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Event, Thread
from typing import Any

from kaname.baseline import Baseline, load_baseline
from kaname.data.job_store import Job, JobStore
from kaname.response import respond, response_json
from kaname.study import Study, run_study
from kaname.terms.errors import InputError, KanameError, Problem
from kaname.web.memory import arrow_without_pandas, most_mb, one_heap
from kaname.web.runs import RESPOND, study_of
from kaname.web.settings import JOBS
from kaname.web.tasks import TASK, carry_out

REST_S = 0.3
IDLE_S = 300.0
"""After so long without a job the process ends."""
GROWN_MB = 550.0
"""After a job that needed more, the process ends: what libraries freed does not come back by itself."""
BEAT_S = 5.0


class _Cancelled(Exception):  # noqa: N818 - what happened
    """The job was cancelled while it ran."""


def work(folder: Path, parent: int) -> None:
    """Run jobs of a folder until the parent process is gone."""
    jobs = JobStore(folder / JOBS)
    baseline = cache(load_baseline)  # a fault in it fails the job, not the process
    last = time.monotonic()
    while os.getppid() == parent and time.monotonic() - last < IDLE_S and most_mb() < GROWN_MB:
        job = jobs.claim(time.time(), os.getpid())
        if job is None:
            time.sleep(REST_S)
            continue
        run(jobs, job, folder, baseline)
        last = time.monotonic()


def run(jobs: JobStore, job: Job, folder: Path, baseline: Callable[[], Baseline]) -> None:
    """Run one job into its folder; what goes wrong is kept with it."""
    stop = Event()
    beating = Thread(target=_beat, args=(jobs, job.id, stop), daemon=True)
    beating.start()

    def say(step: str) -> None:
        if not jobs.report(job.id, time.time(), step):
            raise _Cancelled

    try:
        if TASK in job.spec:
            carry_out(job, folder, say)
        else:
            say("building the network")
            study = answered(job.spec, baseline(), say) if RESPOND in job.spec else study_of(job.spec)
            run_study(study, folder / job.id, baseline=baseline(), say=say)
        jobs.end(job.id, "done", time.time())
    except _Cancelled:
        pass
    except KanameError as error:
        jobs.end(job.id, "failed", time.time(), error.as_dict())
    except Exception as error:
        shape = KanameError(f"the run broke off: {type(error).__name__}").as_dict()
        jobs.end(job.id, "failed", time.time(), shape)
        raise
    finally:
        stop.set()
        beating.join()


def answered(spec: Mapping[str, Any], baseline: Baseline, say: Callable[[str], None]) -> Study:
    """Return the study of the plan that a search finds, with the search. Raises InputError without a plan."""
    asked, study = spec[RESPOND], study_of(spec)
    found = respond(
        study.scenarios[0],
        float(asked["budget_usd"]),
        draws=study.draws,
        seed=study.seed,
        time_limit_s=float(asked["time_limit_s"]),
        steps=int(asked["steps"]),
        baseline=baseline,
        say=say,
    )
    if not found.plan:
        fix = "Give a larger budget, or look at the reasons with kaname respond."
        raise InputError(Problem("no measure is worth taking", study.origin, found.status, fix=fix))
    record: dict[str, Any] = json.loads(json.dumps(response_json(found)))
    return replace(study, scenarios=(found.scenario,), search=record)


def _beat(jobs: JobStore, ident: str, stop: Event) -> None:
    while not stop.wait(BEAT_S):
        jobs.report(ident, time.time())


if __name__ == "__main__":
    one_heap()
    arrow_without_pandas()
    work(Path(sys.argv[1]), int(sys.argv[2]))
