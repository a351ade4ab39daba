"""Runs: start, list, follow, cancel, take home."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from kaname.data import folders
from kaname.explaining import explain, told
from kaname.report.address import VALUE
from kaname.study import DEFAULT_DRAWS, DEFAULT_SEED
from kaname.terms.errors import DataMissing, Problem
from kaname.web.answers import HTML, answer, documented
from kaname.web.api.facts import baseline
from kaname.web.desk import Desk, desk_of, may_write
from kaname.web.guard import Refused
from kaname.web.runs import NewResponse, as_line, job_dict

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])
Ident = Annotated[str, Path(max_length=120, description="Id of a run: the name of its folder.")]
MEDIA = {
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".html": HTML,
}
OTHER = "application/octet-stream"
LOOK_S = 0.4
STREAM_S = 3600.0


class NewRun(BaseModel):
    """What to run: scenario files as text, seed and draws."""

    model_config = ConfigDict(extra="forbid")

    scenarios: list[str] = Field(min_length=1, max_length=20, description="Scenario files, YAML, each whole.")
    seed: int = Field(DEFAULT_SEED, ge=0, lt=2**32)
    draws: int = Field(DEFAULT_DRAWS, ge=0, le=1000)


@router.get("", summary="Runs, finished and waiting")
def listed(request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> list[dict[str, Any]]:
    """Return runs, those that wait first, then the finished ones, the newest first."""
    return [asdict(line) for line in desk_of(request).runs.lines(limit)]


@router.post("", status_code=202, dependencies=[Depends(may_write)], summary="Start a run")
def start(request: Request, wanted: NewRun) -> dict[str, Any]:
    """Queue a run. The same scenarios, seed, draws, data and version are one run with one id."""
    desk = desk_of(request)
    job = desk.runs.submit(wanted.scenarios, wanted.seed, wanted.draws)
    desk.note_write(request, "run", {"id": job.id})
    return job_dict(job)


@router.post("/responses", status_code=202, dependencies=[Depends(may_write)], summary="Search for a plan")
def respond(request: Request, wanted: NewResponse) -> dict[str, Any]:
    """Queue a search for allied measures and the run of its plan. The same question is one job."""
    desk = desk_of(request)
    job = desk.runs.submit_response(wanted)
    desk.note_write(request, "respond", {"id": job.id})
    return job_dict(job)


@router.get("/{ident}", summary="How far a run is")
def state(request: Request, ident: Ident) -> dict[str, Any]:
    """Return state, step, error and links of a run."""
    return job_dict(desk_of(request).runs.job(ident))


@router.delete("/{ident}", dependencies=[Depends(may_write)], summary="Cancel a run")
def cancel(request: Request, ident: Ident) -> dict[str, Any]:
    """Cancel a run that waits or runs; a finished one stays."""
    desk = desk_of(request)
    job = desk.runs.jobs.cancel(ident, time.time())
    if job is None:
        raise DataMissing(Problem("no such run", "runs", ident))
    desk.note_write(request, "cancel", {"id": ident})
    return job_dict(job)


@router.get(
    "/{ident}/progress",
    response_class=StreamingResponse,
    responses=documented("text/event-stream"),
    summary="Progress as server-sent events",
)
async def progress(
    request: Request, ident: Ident, lang: Annotated[Literal["en", "ja"], Query()] = "en"
) -> StreamingResponse:
    """Send the state of a run whenever it changes, until it has ended; its step in the language asked for."""
    desk = desk_of(request)
    desk.runs.job(ident)
    if desk.streams >= desk.settings.most_streams:
        raise Refused(429, Problem("too many streams are open", "progress", str(desk.streams)))
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(
        _follow(request, desk, ident, lang), media_type="text/event-stream", headers=headers
    )


async def _follow(request: Request, desk: Desk, ident: str, lang: str) -> AsyncIterator[str]:
    desk.streams += 1
    try:
        told, until = "", time.monotonic() + STREAM_S
        while time.monotonic() < until and not await request.is_disconnected():
            job = await asyncio.to_thread(desk.runs.job, ident)
            line = as_line(job, lang)
            if line != told:
                told = line
                yield f"event: state\ndata: {line}\n\n"
            if job.state not in {"queued", "running"}:
                return
            await asyncio.sleep(LOOK_S)
    finally:
        desk.streams -= 1


@router.get("/{ident}/report", summary="The report as data")
def report(request: Request, ident: Ident) -> Response:
    """Return what the pages show: headline, cases, tables, charts, sources."""
    desk = desk_of(request)
    path = desk.runs.folder(ident) / "report.json"
    desk.runs.model(ident)
    return desk.kept.answer(
        request, ("report", ident, path.stat().st_mtime_ns), path.read_bytes, MEDIA[".json"]
    )


@router.get("/{ident}/explain", summary="Where a number of a run comes from")
def explained(
    request: Request,
    ident: Ident,
    case: Annotated[str | None, Query(max_length=120)] = None,
    what: Annotated[
        str, Query(max_length=200, description="Address of the number, such as shortfall:JPN:magnets:worst.")
    ] = VALUE,
) -> dict[str, Any]:
    """Return value, band, formula, inputs with their basis, causes with suppliers, events and sources."""
    model = desk_of(request).runs.model(ident)
    return told(explain(model, case, what, lambda: baseline().build.network))


@router.get("/{ident}/files", summary="Files of a run folder")
def files(request: Request, ident: Ident) -> dict[str, Any]:
    """Return name -> size and checksum of the files of a finished run, as the manifest lists them."""
    found: dict[str, Any] = dict(desk_of(request).runs.manifest(ident)["files"])
    return found


@router.get(
    "/{ident}/files/{name:path}",
    response_class=Response,
    responses=documented(*(media.partition(";")[0] for media in MEDIA.values()), OTHER),
    summary="One file of a run folder",
)
def file(request: Request, ident: Ident, name: Annotated[str, Path(max_length=200)]) -> Response:
    """Return a file that the manifest lists; nothing else can be reached."""
    runs = desk_of(request).runs
    if name not in runs.manifest(ident)["files"] and name != folders.MANIFEST:
        raise DataMissing(Problem("no such file in the run", ident, name[:120], fix="See /files."))
    path = runs.folder(ident) / name
    made = answer(request, path.read_bytes(), MEDIA.get(path.suffix, OTHER))
    if path.suffix in {
        ".html",
        ".svg",
    }:  # a page of its own, which brings its own policy and runs nothing of ours
        made.headers["content-security-policy"] = (
            "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src "
            "'unsafe-inline'; img-src data:"
        )
    if path.suffix not in {".html", ".svg", ".json"}:
        made.headers["content-disposition"] = f'attachment; filename="{path.name}"'
    return made
