"""The addresses of the page Scenario: a draft comes in as a name, a link or a form, and is checked or run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from kaname.scenario import files
from kaname.scenario.placed import parse
from kaname.study import examples_folder
from kaname.terms.errors import KanameError, Problem, ScenarioError
from kaname.web import form_changes, sharing
from kaname.web.checks import checked_study
from kaname.web.desk import Desk, desk_of, may_write
from kaname.web.guard import Refused
from kaname.web.pages.asked import Shown, Text, form_of, view_of
from kaname.web.pages.layout import View
from kaname.web.pages.scenario_page import Checked, scenario_page
from kaname.web.ready import leave_note
from kaname.web.runs import RunLine
from kaname.web.sharing import Draft

router = APIRouter(include_in_schema=False)
MOST_FIELDS = 2000
LISTED = 12
YAML = "application/yaml; charset=utf-8"
Packed = Annotated[str | None, Query(max_length=4 * sharing.MOST_LINK)]


@router.get("/scenario")
def scenario(request: Request, view: Shown, start: Text = None, draft: Packed = None) -> Response:
    """Show a shipped scenario, or the draft that a link carries, checked."""
    texts = shipped()
    if draft is not None:
        return _shown(request, view, sharing.unpack(draft))
    name = start if start is not None and start in texts else next(iter(texts), "")
    return _shown(request, view, Draft(texts.get(name, ""), name=name))


@router.post("/scenario")
async def sent(request: Request) -> Response:
    """Write what the form changed into the text; then check it, run it, or hand it out as a file."""
    form = await form_of(request, MOST_FIELDS)
    return await run_in_threadpool(_answered, request, form)


def _answered(request: Request, form: Mapping[str, str]) -> Response:
    """Return the answer to a form; reading a long text takes a while, so not in the loop of the server."""
    query = request.query_params
    view = view_of(request, query.get("lang"), units=query.get("units"))
    text = form.get("text", "").replace("\r\n", "\n")
    text, notes = form_changes.with_form(text, form)
    wanted, _, target = form.get("do", "check").partition(":")
    if wanted in {"add", "drop"}:
        text = _rows_changed(text, wanted, target, notes)
    draft = Draft(
        text,
        _whole(form.get("seed", ""), Draft.seed),
        _whole(form.get("draws", ""), Draft.draws),
        form.get("base", ""),
    )
    if wanted == "file":
        headers = {"content-disposition": 'attachment; filename="scenario.yaml"'}
        return Response(text, media_type=YAML, headers=headers)
    if wanted == "run" and not notes:
        return _run(request, view, draft)
    return _written(request, view, draft, notes)


def _rows_changed(text: str, wanted: str, target: str, notes: list[Problem]) -> str:
    """Return the text with a row more or less; what cannot be done is noted."""
    try:
        change = form_changes.with_row if wanted == "add" else form_changes.without_row
        return change(text, target)
    except KanameError as error:
        notes += error.problems
        return text


def _run(request: Request, view: View, draft: Draft) -> Response:
    """Queue the draft and lead to it; with faults show them."""
    desk = desk_of(request)
    may_write(request)
    try:
        checked_study([draft.text], draft.seed, draft.draws)
        job = desk.runs.submit([draft.text], draft.seed, draft.draws)
    except Refused:
        raise
    except KanameError as error:
        return _written(request, view, draft, found=error.problems)
    desk.note_write(request, "run", {"id": job.id})
    return RedirectResponse(view.link("/", run=job.id, case=None), status_code=303)


def _written(
    request: Request,
    view: View,
    draft: Draft,
    notes: Sequence[Problem] = (),
    found: tuple[Problem, ...] = (),
) -> Response:
    """Return the page of a draft that was sent; with faults for which it was not run as a refusal."""
    desk = desk_of(request)
    page = _page(desk, view, draft, desk.runs.lines(LISTED), notes, found)
    return Response(page, status_code=422 if found else 200, media_type="text/html")


def _shown(request: Request, view: View, draft: Draft) -> Response:
    """Return the page of a draft, made and checked once for what it shows."""
    desk, run, asked = desk_of(request), view.run, request.query_params.get("run")

    def stamps() -> tuple[object, ...]:
        return asked or desk.runs.newest(), of_run(), desk.runs.list_stamp()

    def of_run() -> tuple[int, ...] | None:
        return None if run is None or view.model is None else desk.runs.stamp(run)

    made_of = stamps()
    runs = tuple(desk.runs.lines(LISTED))
    shown = replace(view, model=None)
    key = ("scenario", draft, shown, of_run(), runs, desk.runs.jobs.waiting())
    leave_note(request, key, made_of, stamps)
    return desk.kept.answer(request, key, lambda: _page(desk, view, draft, runs))


def _page(
    desk: Desk,
    view: View,
    draft: Draft,
    runs: Sequence[RunLine],
    notes: Sequence[Problem] = (),
    found: tuple[Problem, ...] = (),
) -> str:
    """Return the page of a draft, checked; `found` are the faults for which it was not run."""
    texts = shipped()
    packed = sharing.pack(draft)
    view = replace(view, kept=(("draft", packed),) if packed else ())
    checked = _checked(desk, view, draft, tuple(notes), found)
    return scenario_page(view, draft, checked, list(texts), list(runs), texts.get(draft.name, ""))


def _checked(
    desk: Desk, view: View, draft: Draft, notes: tuple[Problem, ...], found: tuple[Problem, ...]
) -> Checked:
    try:
        data: object = parse(draft.text, "scenario").plain()
    except ScenarioError:
        data = None
    if found:
        return Checked(data, found, notes=notes)
    lanes = view.model.manifest.get("lanes") if view.model is not None else None
    try:
        _, cost = checked_study([draft.text], draft.seed, draft.draws, lanes)
    except KanameError as error:
        return Checked(data, error.problems, notes=notes)
    return Checked(data, (), cost, desk.runs.jobs.waiting(), notes)


@cache
def shipped() -> Mapping[str, str]:
    """Return the shipped scenarios, each whole: what it extends is written out."""
    folder = examples_folder()
    found = {}
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        if path.name.startswith("_") or name.startswith(("measures/", "hindcast/")):
            continue
        found[name] = files.dump_short(files.load(path))
    return MappingProxyType(found)


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.strip().isdecimal() and len(text) < 12 else otherwise
