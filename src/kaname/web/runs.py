"""Runs that the server knows: folders on disk, those of the command line included, and jobs that make
more.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from kaname import study as studies
from kaname.data import folders, store
from kaname.data.job_store import Job, JobStore
from kaname.report import stored
from kaname.report.model import ReportModel
from kaname.scenario import files
from kaname.terms.errors import DataMissing, InputError, KanameError, Problem, ScenarioError
from kaname.terms.language import ENGLISH, LANGUAGES
from kaname.web.settings import JOBS, Settings
from kaname.web.tasks import TASK
from kaname.web.words.found import in_words

KEPT_MODELS = 8
MOST_DRAWS = 1000
MOST_SCENARIOS = 20
MOST_YAML_CHARACTERS = 200_000
SAMPLE = "sample"
RESPOND = "respond"
MOST_RESPONSE_DRAWS = 64
LONGEST_SEARCH_S = 1800.0


@dataclass(frozen=True)
class RunLine:
    """A run as it is listed: finished ones by their folder, others by their job."""

    id: str
    state: str
    study: str
    created: str
    step: str = ""


class NewResponse(BaseModel):
    """What to answer: a scenario as text, what may be spent, and how long to search."""

    model_config = ConfigDict(extra="forbid")

    scenario: str = Field(max_length=MOST_YAML_CHARACTERS, description="A scenario file, YAML, whole.")
    budget_usd: float = Field(
        gt=0, le=1e13, allow_inf_nan=False, description="What may be spent in all, USD."
    )
    draws: int = Field(8, ge=1, le=MOST_RESPONSE_DRAWS)
    seed: int = Field(studies.DEFAULT_SEED, ge=0, lt=2**32)
    time_limit_s: float = Field(120.0, ge=5.0, le=LONGEST_SEARCH_S, allow_inf_nan=False)
    steps: int = Field(3, ge=0, le=12, description="Points of cost against loss up to the budget.")


class Runs:
    """Finds, shows and queues runs; safe to be used from several threads."""

    def __init__(self, settings: Settings) -> None:
        """Open the job file of the folder."""
        self.settings = settings
        self.jobs = JobStore(settings.folder / JOBS)
        self._kept: OrderedDict[tuple[str, int], ReportModel] = OrderedDict()
        self._lock = Lock()
        self._newest: tuple[int, str | None] | None = None

    def folder(self, ident: str) -> Path:
        """Return the folder of a finished run. Raises DataMissing where there is none of this id."""
        found = self.settings.folder / ident
        plain = ident and ident[0] != "." and all(one.isalnum() or one in "-_.@=" for one in ident)
        if not plain or not (found / folders.MANIFEST).is_file():
            raise DataMissing(Problem("no such run", "runs", ident[:80], fix="See /api/v1/runs."))
        return found

    def told(self, ident: str, language: str) -> tuple[ReportModel, str]:
        """Return the report of a finished run and the language that it speaks: the one asked for, where the
        folder has it, else English. Raises DataMissing, TableError.
        """
        there = (self.folder(ident) / stored.file_of(language)).is_file()
        spoken = language if there else ENGLISH
        return self.model(ident, spoken), spoken

    def model(self, ident: str, language: str = ENGLISH) -> ReportModel:
        """Return the report of a finished run in a language of its folder. Raises DataMissing, TableError."""
        path = self.folder(ident) / stored.file_of(language)
        if not path.is_file():
            raise DataMissing(Problem("the run was made by an earlier version", ident, fix="Run it again."))
        key = (str(path), path.stat().st_mtime_ns)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        model = stored.load(path.read_bytes(), str(path))
        with self._lock:
            self._kept[key] = model
            while len(self._kept) > KEPT_MODELS:
                self._kept.popitem(last=False)
        return model

    def manifest(self, ident: str) -> Mapping[str, Any]:
        """Return the manifest of a finished run."""
        return folders.read_manifest(self.folder(ident))

    def lines(self, limit: int = 50) -> list[RunLine]:
        """Return finished runs, the newest first, behind those that wait, run or have failed."""
        waiting = [
            RunLine(job.id, job.state, str(job.spec.get("origin", "")), _iso(job.created), job.step)
            for job in self.jobs.jobs()
            if job.state != "done" and TASK not in job.spec
        ]
        found = sorted(
            self.settings.folder.glob(f"*/{folders.MANIFEST}"),
            key=lambda path: path.stat().st_mtime,
            reverse=True,
        )
        done = []
        for path in found[:limit]:
            try:
                manifest = folders.read_manifest(path.parent)
            except KanameError:
                continue  # a folder of another kind, or half of one
            done.append(
                RunLine(
                    path.parent.name,
                    "done",
                    str(manifest.get("study", "")),
                    str(manifest.get("created", "")),
                )
            )
        return [*waiting, *done]

    def list_stamp(self) -> tuple[object, ...]:
        """Return what changes when the list of runs does: finished ones, or those that wait and run."""
        return self.settings.folder.stat().st_mtime_ns, self.jobs.stamp()

    def newest(self) -> str | None:
        """Return the id of the run that is shown where none is asked for: the newest flagship, else the
        newest; looked for again when the folder has changed.
        """
        try:
            changed = self.settings.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if self._newest is None or self._newest[0] != changed:
            self._newest = changed, self._find_newest()
        return self._newest[1]

    def _find_newest(self) -> str | None:
        done = [line for line in self.lines() if line.state == "done" and self._shows(line.id)]
        flagship = [line.id for line in done if line.study == "flagship"]
        return next(iter(flagship or [line.id for line in done]), None)

    def _shows(self, ident: str) -> bool:
        return (self.settings.folder / ident / stored.FILE).is_file()

    def submit(self, texts: Sequence[str], seed: int, draws: int) -> Job:
        """Queue scenarios, given as YAML; the id is that of the run folder, so the same input is one run.

        Raises ScenarioError with all faults, InputError for too much.
        """
        if not 0 < len(texts) <= MOST_SCENARIOS:
            raise InputError(
                Problem("how many scenarios", "scenarios", str(len(texts)), f"1 to {MOST_SCENARIOS}")
            )
        if not 0 <= draws <= MOST_DRAWS:
            raise InputError(Problem("how many draws", "draws", str(draws), f"0 to {MOST_DRAWS}"))
        if not 0 <= seed < 2**32:
            raise InputError(Problem("seed out of range", "seed", str(seed), "0 to 4294967295"))
        study = read_study(texts, seed, draws)
        spec = {"scenarios": [files.dump(one) for one in study.scenarios], "seed": seed, "draws": draws}
        return self._queue(study, spec)

    def scenario_text(self, ident: str, case: str) -> str:
        """Return the scenario of a case of a finished run as YAML: one of its folder, a value of a sweep, or
        what a plan answers. Raises DataMissing.
        """
        folder = self.folder(ident)
        paths = [folder / "scenario.yaml", *sorted(folder.glob("scenarios/*.yaml"))]
        cases = studies.expand([files.load(path) for path in paths if path.is_file()])
        known = {name: scenario for name, _, scenario in cases}
        if case not in known:
            fix = "One of " + ", ".join(known)
            raise DataMissing(Problem("no such case in the run", ident, case[:80], fix=fix))
        return files.dump(known[case])

    def submit_sample(self) -> Job:
        """Queue the flagship, as `kaname run` makes it."""
        study = studies.load_study(draws=self.settings.sample_draws)
        return self._queue(study, {SAMPLE: True, "seed": study.seed, "draws": study.draws})

    def submit_response(self, wanted: NewResponse) -> Job:
        """Queue the search for a plan, and the run of it; the same question is one job with one id.

        Raises ScenarioError for a scenario with faults.
        """
        study = read_study([wanted.scenario], wanted.seed, wanted.draws)
        spec = {
            "scenarios": [files.dump(study.scenarios[0])],
            "seed": wanted.seed,
            "draws": wanted.draws,
            RESPOND: wanted.model_dump(include={"budget_usd", "time_limit_s", "steps"}),
        }
        parts = (spec, store.snapshot_id(), importlib.metadata.version("kaname"))
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:10]
        return self._queue(study, spec, f"response-{digest}")

    def _queue(self, study: studies.Study, spec: Mapping[str, Any], ident: str | None = None) -> Job:
        ident = ident or studies.run_id(study)
        now = time.time()
        if (self.settings.folder / ident / folders.MANIFEST).is_file():
            return Job(ident, spec, "done", "", None, now, now)
        return self.jobs.add(ident, {**spec, "origin": study.origin}, now, self.settings.most_waiting)

    def job(self, ident: str) -> Job:
        """Return how far a run is; a finished folder without a job is done. Raises DataMissing."""
        if not self._has(ident):
            found = self.jobs.get(ident)
            if found is not None and found.state != "done" and TASK not in found.spec:
                return found
        self.folder(ident)
        return Job(ident, {}, "done", "", None, 0.0, None)

    def _has(self, ident: str) -> bool:
        """Return whether a run is finished, without asking the job file."""
        try:
            self.folder(ident)
        except DataMissing:
            return False
        return True

    def stamp(self, ident: str) -> tuple[int, ...]:
        """Return what changes when the report of a finished run does, or a language of it comes or goes."""
        folder = self.folder(ident)
        told = [folder / stored.file_of(language) for language in LANGUAGES]
        return tuple(path.stat().st_mtime_ns if path.is_file() else 0 for path in told)


def read_study(texts: Sequence[str], seed: int, draws: int) -> studies.Study:
    """Return the study of some YAML texts; `extends` is refused, as there is no folder beside a text.

    Raises ScenarioError with the faults of all texts.
    """
    problems: list[Problem] = []
    found = []
    for number, text in enumerate(texts, 1):
        name = f"scenario {number}" if len(texts) > 1 else "scenario"
        if len(text) > MOST_YAML_CHARACTERS:
            problems.append(
                Problem(
                    "the text is too long", name, f"{len(text):,}", f"{MOST_YAML_CHARACTERS:,} characters"
                )
            )
            continue
        try:
            found.append(files.loads(text, name=name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return studies.Study(tuple(found), seed, draws, origin=found[0].id if len(found) == 1 else "study")


def study_of(spec: Mapping[str, Any]) -> studies.Study:
    """Return the study of a job."""
    if spec.get(SAMPLE):
        return studies.load_study(seed=int(spec["seed"]), draws=int(spec["draws"]))
    return read_study(spec["scenarios"], int(spec["seed"]), int(spec["draws"]))


def job_dict(job: Job) -> dict[str, Any]:
    """Return a job as JSON knows it."""
    return {
        "id": job.id,
        "state": job.state,
        "step": job.step,
        "error": job.error,
        "created": _iso(job.created),
        "links": {"report": f"/api/v1/runs/{job.id}/report", "page": f"/?run={job.id}"},
    }


def as_line(job: Job, language: str = ENGLISH) -> str:
    """Return a job as a line of JSON, for the stream of progress; step and faults in a language that knows
    them.
    """
    told = job_dict(job)
    if language != ENGLISH:
        told["step"] = in_words(language, job.step) or job.step
        error = dict(job.error or {})
        if "problems" in error:
            said = (
                one | {"what": in_words(language, one["what"]) or one["what"]} for one in error["problems"]
            )
            told["error"] = error | {"problems": list(said)}
    return json.dumps(told)


def _iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
