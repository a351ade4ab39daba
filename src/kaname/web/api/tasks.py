"""Questions about a run folder, and those that take minutes: they are tasks of the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from kaname import rerun
from kaname.data import store
from kaname.data.folders import MANIFEST
from kaname.hindcast.episode import shipped_episodes
from kaname.hindcast.run import DRAWS, SEED
from kaname.report.model import CauseNode
from kaname.scenario import files
from kaname.study import DEFAULT_SEED
from kaname.terms import codes
from kaname.terms.errors import InputError, KanameError, Problem
from kaname.web.api.asked import told
from kaname.web.api.facts import baseline
from kaname.web.api.runs import Ident
from kaname.web.desk import desk_of, may_write
from kaname.web.guard import Refused
from kaname.web.runs import MOST_YAML_CHARACTERS, read_study
from kaname.web.tasks import ALLIANCE, HINDCAST, REPLAY, task_dict

router = APIRouter(prefix="/api/v1", tags=["tasks"])
TaskIdent = Annotated[str, Path(max_length=60, description="Id of a task, such as hindcast-0123456789.")]
MOST_MEMBERS = 8
"""Up to so many members every coalition is simulated; more only on the command line."""
MOST_DRAWS = 500
MOST_ALLIANCE_DRAWS = 64


class TaskLinks(BaseModel):
    """Where to look for a task."""

    task: str


class Task(BaseModel):
    """How far a task is; `answer` holds the JSON of the command once it is done."""

    id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    step: str
    error: dict[str, Any] | None
    links: TaskLinks
    answer: Any = None


class Causes(BaseModel):
    """Why something was lost: the title of the case, and the tree of causes; null where nothing was lost."""

    case: str
    causes: dict[str, Any] | None


class NewHindcast(BaseModel):
    """An episode to be run forward and scored."""

    model_config = ConfigDict(extra="forbid")

    episode: str = Field(max_length=60, description="A name of /api/v1/hindcasts.")
    draws: int = Field(DRAWS, ge=0, le=MOST_DRAWS)
    seed: int = Field(SEED, ge=0, lt=2**32)


class NewAlliance(BaseModel):
    """What an alliance is to answer, and who is in it."""

    model_config = ConfigDict(extra="forbid")

    scenario: str = Field(max_length=MOST_YAML_CHARACTERS, description="A scenario file, YAML, whole.")
    members: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(
        min_length=2, max_length=MOST_MEMBERS, description="Countries, such as JPN, USA, AUS."
    )
    draws: int = Field(8, ge=1, le=MOST_ALLIANCE_DRAWS)
    seed: int = Field(DEFAULT_SEED, ge=0, lt=2**32)
    budget_usd: float | None = Field(
        None, gt=0, le=1e13, allow_inf_nan=False, description="What a coalition may spend; null: no limit."
    )


@router.get("/runs/{ident}/why", response_model=Causes, summary="Causes of a loss, as kaname why")
def why(
    request: Request,
    ident: Ident,
    market: Annotated[str, Query(min_length=1, max_length=60, description="Such as JPN or JPN/defence.")],
    product: Annotated[str, Query(min_length=1, max_length=60, description="Such as magnets.")],
    case: Annotated[str | None, Query(max_length=120, description="Id of the case.")] = None,
) -> Response:
    """Return the causes of a lost use, with shares that add up; the central draw is simulated again."""
    folder = desk_of(request).runs.folder(ident)

    def make() -> dict[str, Any]:
        title, tree = _of_run(lambda: rerun.why(folder, market, product, case, baseline()))
        return {"case": title, "causes": asdict(tree) if tree is not None else None}

    return told(request, ("why", ident, _made(folder), market, product, case), make)


def _made(folder: FilePath) -> int:
    """Return a number that changes when a run folder is made again."""
    return (folder / MANIFEST).stat().st_mtime_ns


def _of_run(ask: Callable[[], tuple[str, CauseNode | None]]) -> tuple[str, CauseNode | None]:
    """Return the answer of a run. Raises Refused (409) where the run is of other data than these."""
    try:
        return ask()
    except KanameError as error:
        if error.exit_code == 1:
            raise Refused(409, error.problems[0]) from None
        raise


@router.post(
    "/runs/{ident}/replay",
    status_code=202,
    dependencies=[Depends(may_write)],
    summary="Run it again, as kaname replay",
)
def replay(request: Request, ident: Ident) -> Task:
    """Queue a run to be run again, and its tables compared."""
    folder = desk_of(request).runs.folder(ident)
    return _queue(request, REPLAY, {"run": ident}, _made(folder))


@router.post(
    "/hindcasts",
    status_code=202,
    dependencies=[Depends(may_write)],
    summary="Run an episode, as kaname hindcast EPISODE",
)
def hindcast(request: Request, wanted: NewHindcast) -> Task:
    """Queue an episode to be run forward from its base year and scored. The same question is one task."""
    known = shipped_episodes()
    if wanted.episode not in known:  # a path is none: files of the server are not read on demand
        fix = "See /api/v1/hindcasts."
        raise InputError(Problem("unknown episode", "episode", repr(wanted.episode), ", ".join(known), fix))
    return _queue(request, HINDCAST, wanted.model_dump())


@router.post(
    "/alliances",
    status_code=202,
    dependencies=[Depends(may_write)],
    summary="What each ally brings, as kaname alliance",
)
def alliance(request: Request, wanted: NewAlliance) -> Task:
    """Queue the question what each member brings to an alliance, gains and pays."""
    names = store.country_names()
    members = [codes.country(name, names, "members") for name in wanted.members]
    if len(set(members)) < len(members):
        raise InputError(Problem("a member is named twice", "members", ", ".join(members)))
    study = read_study([wanted.scenario], wanted.seed, wanted.draws)
    asked = wanted.model_dump() | {"members": members, "scenario": files.dump(study.scenarios[0])}
    return _queue(request, ALLIANCE, asked)


@router.get("/tasks/{ident}", summary="How far a task is, and its answer")
def state(request: Request, ident: TaskIdent) -> Task:
    """Return state, step, error and, once it is done, the answer: the JSON of the command."""
    tasks = desk_of(request).tasks
    job = tasks.job(ident)
    return Task(**task_dict(job, tasks.answer(job)))


@router.delete("/tasks/{ident}", dependencies=[Depends(may_write)], summary="Cancel a task")
def cancel(request: Request, ident: TaskIdent) -> Task:
    """Cancel a task that waits or runs; one that has ended stays."""
    desk = desk_of(request)
    job = desk.tasks.cancel(ident)
    desk.note_write(request, "cancel", {"id": ident})
    return Task(**task_dict(job))


def _queue(request: Request, kind: str, asked: dict[str, Any], also: object = None) -> Task:
    desk = desk_of(request)
    job = desk.tasks.submit(kind, asked, also)
    desk.note_write(request, kind, {"id": job.id})
    return Task(**task_dict(job))
