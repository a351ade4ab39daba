"""The addresses of the pages: what is asked for becomes a view, the view a page."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from kaname.data.stored_event import StoredEvent
from kaname.scenario import files
from kaname.study import examples_folder
from kaname.terms.errors import DataMissing, InputError, KanameError, Problem
from kaname.terms.language import speaking
from kaname.web.answers import answer
from kaname.web.desk import Desk, desk_of, may_write
from kaname.web.eventdesk import event_dict
from kaname.web.guard import COOKIE, ENTRY, Refused
from kaname.web.pages import (
    event_pages,
    explain,
    overview,
    relation_page,
    run_pages,
    scenario_page,
    situation_page,
)
from kaname.web.pages.layout import View
from kaname.web.runs import LONGEST_SEARCH_S, NewResponse, read_study
from kaname.web.words import LANGUAGES

router = APIRouter(include_in_schema=False)
Text = Annotated[str | None, Query(max_length=200)]
LISTS = frozenset({"source", "target", "products"})
COOKIE_S = 12 * 3600


def view_of(request: Request, lang: Text = None, run: Text = None, case: Text = None) -> View:
    """Return what an address asks for; without a run the newest flagship, without a language the
    browser's.
    """
    desk = desk_of(request)
    language = lang if lang in LANGUAGES else _preferred(request)
    writes = bool(getattr(request.state, "may_write", False))
    shown = run or desk.runs.newest()
    if shown is None:
        return View(language, may_write=writes)
    if run is not None and not _is_there(desk, run):
        return View(language, shown, None, case, may_write=writes)
    model, spoken = desk.runs.told(shown, language)
    sample = model.manifest.get("study") == "flagship"
    return View(language, shown, model, case, sample, writes, spoken)


def view_in(request: Request) -> View:
    """Return an empty view in the language that is asked for."""
    wished = request.query_params.get("lang")
    return View(wished if wished in LANGUAGES else _preferred(request))


def _is_there(desk: Desk, run: str) -> bool:
    """Return whether a run is finished; raises DataMissing where nobody knows it."""
    return desk.runs.job(run).state == "done"


def _preferred(request: Request) -> str:
    """Return the first language of the browser that we speak."""
    for part in request.headers.get("accept-language", "").split(","):
        name = part.split(";")[0].strip()[:2].casefold()
        if name in LANGUAGES:
            return name
    return LANGUAGES[0]


Shown = Annotated[View, Depends(view_of)]


def _kept(request: Request, view: View, page: str, make: Callable[[], str], *more: object) -> Response:
    """Return a page, made once for what it shows, in the language that the run speaks."""
    desk = desk_of(request)

    def spoken() -> str:
        with speaking(view.spoken):
            return make()

    if view.model is None or view.run is None:
        return answer(request, spoken())
    stamps = (desk.runs.stamp(view.run), desk.events.stamp())
    key = (page, view.language, view.run, view.case_id, view.may_write, *stamps, *more)
    return desk.kept.answer(request, key, spoken)


@router.get("/")
def home(request: Request, view: Shown) -> Response:
    """Show the overview; while nothing is there, how far the sample run is."""
    desk = desk_of(request)
    if view.model is None:
        waits = view.run or next(
            (job.id for job in desk.runs.jobs.jobs(5) if job.state in {"queued", "running"}), None
        )
        return answer(request, overview.waiting(view, waits))
    return _kept(request, view, "overview", lambda: overview.overview(view, desk.events.events("accepted")))


PAGES: dict[str, Callable[[View], str]] = {
    "network": run_pages.network,
    "shortages": run_pages.shortages,
    "responses": run_pages.responses,
    "method": run_pages.method,
}


@router.get("/situation")
def state_of_affairs(
    request: Request, view: Shown, members: Text = None, area: Text = None, reviewed: Text = None
) -> Response:
    """Show the state of the alliance, as the store has it."""
    desk = desk_of(request)
    wanted = [name.strip().upper() for name in (members or "").split(",") if name.strip()]
    wishes = (tuple(wanted), area or "", "all" if reviewed == "all" else "accepted")

    def make() -> str:
        return situation_page.situation_page(view, desk.events.events(), *wishes)

    return _kept(request, view, "situation", make, *wishes)


@router.get("/network")
@router.get("/shortages")
@router.get("/responses")
@router.get("/method")
def of_run(request: Request, view: Shown) -> Response:
    """Show a page on the run; while it is made, how far it is."""
    name = request.url.path.strip("/")
    if view.model is None and view.run is not None:
        return answer(request, overview.waiting(view, view.run, f"/{name}"))
    return _kept(request, view, name, lambda: PAGES[name](view))


@router.post("/responses", dependencies=[Depends(may_write)])
async def search(request: Request) -> Response:
    """Search for a plan against a case of the run that is shown."""
    desk, form = desk_of(request), await _form(request)
    view = view_of(request, **{name: form.get(name) for name in ("lang", "run", "case")})
    if view.run is None:
        raise DataMissing(Problem("no run to answer", "run", fix="Start one on the page Scenario."))
    wanted = NewResponse(
        scenario=desk.runs.scenario_text(view.run, form.get("against", "")),
        budget_usd=_between(form, "budget", 1.0, 1e6, "million USD") * 1e6,
        time_limit_s=_between(form, "limit", 5.0, LONGEST_SEARCH_S, "seconds"),
    )
    job = desk.runs.submit_response(wanted)
    desk.note_write(request, "respond", {"id": job.id})
    return RedirectResponse(view.link("/responses", run=job.id, case=None), status_code=303)


def _between(form: Mapping[str, str], name: str, least: float, most: float, unit: str) -> float:
    """Return a number of a form. Raises InputError unless it lies within its bounds."""
    try:
        value = float(form.get(name, ""))
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise InputError(
            Problem(
                "not a number in its bounds",
                name,
                form.get(name, "")[:40],
                f"{least:,.0f} to {most:,.0f} {unit}",
                fix="Go back and give another.",
            )
        )
    return value


@router.get("/explain")
def explained(request: Request, view: Shown) -> Response:
    """Show where the headline number of a case comes from."""
    desk = desk_of(request)
    return _kept(request, view, "explain", lambda: explain.explain(view, _behind(desk, view)))


def _behind(desk: Desk, view: View) -> list[StoredEvent]:
    """Return the events that the restrictions of the case rest on."""
    wanted = {row.event for row in view.case.evidence if row.event} if view.case is not None else set()
    return [one for one in desk.events.events() if one.event.id in wanted]


@router.get("/events")
def listed(
    request: Request, view: Shown, state: Text = None, type: Text = None, country: Text = None
) -> Response:
    """Show the events."""
    desk = desk_of(request)
    wishes = {"state": state or "", "type": type or "", "country": country or ""}

    def make() -> str:
        return event_pages.events_page(view, desk.events.events(state, country, type), wishes)

    return _kept(request, view, "events", make, *wishes.values())


@router.get("/events/{ident}")
def shown(request: Request, view: Shown, ident: str) -> Response:
    """Show one event."""
    found, around, at = desk_of(request).events.one(ident[:40])
    with speaking(view.spoken):
        page = event_pages.event_page(view, found, around, at)
    return answer(request, page)


@router.post("/events/{ident}/review", dependencies=[Depends(may_write)])
async def decide(request: Request, ident: str) -> Response:
    """Take a decision from the form."""
    desk, form = desk_of(request), await _form(request)
    view = view_of(
        request,
        **{name: form.get(name) or request.query_params.get(name) for name in ("lang", "run", "case")},
    )
    changes: dict[str, Any] = {}
    if form.get("decision") == "correct":
        changes = _change(form.get("field", ""), form.get("value", ""))
    try:
        after = desk.events.review(
            ident[:40], form.get("decision", ""), form.get("by", ""), changes, form.get("note", "")
        )
    except InputError as error:
        found, around, at = desk.events.one(ident[:40])
        page = event_pages.event_page(view, found, around, at, "; ".join(map(str, error.problems)))
        return Response(page, status_code=422, media_type="text/html")
    desk.note_write(
        request,
        "review",
        {"event": event_dict(after)["id"], "decision": form.get("decision"), "by": form.get("by")},
    )
    return RedirectResponse(view.link(f"/events/{after.event.id}"), status_code=303)


def _change(field: str, value: str) -> dict[str, Any]:
    """Return field -> value as the store wants it."""
    if field in LISTS:
        return {field: [part.strip() for part in value.split(",") if part.strip()]}
    if field == "amount" and value.strip():
        try:
            return {field: float(value)}
        except ValueError:
            raise InputError(Problem("not a number", "amount", value[:40], "for instance 9e12")) from None
    return {field: value.strip() or None}


@router.get("/relations")
def relations(request: Request, view: Shown, one: Text = "CHN", other: Text = "JPN") -> Response:
    """Show how friendly two were to one another."""
    found = desk_of(request).events.events()
    with speaking(view.spoken):
        page = relation_page.relation_page(view, found, (one or "").upper(), (other or "").upper())
    return answer(request, page)


@router.get("/scenario")
def scenario(request: Request, view: Shown, start: Text = None) -> Response:
    """Show the form for a scenario."""
    texts = _shipped()
    name = start if start is not None and start in texts else next(iter(texts), "")
    draft = scenario_page.Draft(texts.get(name, ""), name=name)
    return answer(
        request, scenario_page.scenario_page(view, draft, list(texts), desk_of(request).runs.lines(12))
    )


@router.post("/scenario")
async def check(request: Request) -> Response:
    """Check a scenario from the form, or run it."""
    desk, form = desk_of(request), await _form(request)
    view = view_of(request, request.query_params.get("lang"))
    texts = _shipped()
    draft = scenario_page.Draft(
        form.get("text", ""),
        _whole(form.get("seed", ""), 20260106),
        _whole(form.get("draws", ""), 32),
        form.get("start", ""),
    )
    wanted = form.get("do", "check")
    problems: tuple[Problem, ...] = ()
    try:
        if wanted == "run":
            may_write(request)
            job = desk.runs.submit([draft.text], draft.seed, draft.draws)
            desk.note_write(request, "run", {"id": job.id})
            return RedirectResponse(view.link("/", run=job.id, case=None), status_code=303)
        read_study([draft.text], draft.seed, draft.draws)
    except Refused:
        raise
    except KanameError as error:
        problems = error.problems
    base = texts.get(draft.name, "")
    page = scenario_page.scenario_page(view, draft, list(texts), desk.runs.lines(12), problems, base)
    return Response(page, status_code=422 if problems else 200, media_type="text/html")


@cache
def _shipped() -> Mapping[str, str]:
    """Return the shipped scenarios, each whole: what it extends is written out."""
    folder = examples_folder()
    found = {}
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        if path.name.startswith("_") or name.startswith(("measures/", "hindcast/")):
            continue
        found[name] = files.dump(files.load(path))
    return MappingProxyType(found)


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.strip().isdecimal() and len(text) < 12 else otherwise


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form; only plain ones, each once."""
    body = await request.body()
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise InputError(Problem("not the form of this page", "body")) from None
    return {name: values[0] for name, values in fields.items()}


@router.get(ENTRY)
def enter(request: Request, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Take a token into a cookie of this browser."""
    settings = desk_of(request).settings
    known = [one for one in (settings.read_token, settings.write_token) if one]
    if not any(hmac.compare_digest(token.encode(), one.encode()) for one in known):
        raise Refused(401, Problem("no such token", "token"))
    there = RedirectResponse("/", status_code=303)
    there.set_cookie(COOKIE, token, max_age=COOKIE_S, httponly=True, samesite="strict")
    return there
