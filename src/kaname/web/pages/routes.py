"""The addresses of the pages: what is asked for becomes a view, the view a page."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from kaname import explaining
from kaname.data.stored_event import StoredEvent
from kaname.network.network import Network
from kaname.report.address import VALUE
from kaname.report.explanation import Explained
from kaname.terms.errors import DataMissing, InputError, Problem
from kaname.terms.language import speaking
from kaname.web.answers import answer
from kaname.web.api.facts import baseline
from kaname.web.desk import Desk, desk_of, may_write
from kaname.web.eventdesk import event_dict
from kaname.web.guard import COOKIE, ENTRY, Refused
from kaname.web.pages import (
    event_pages,
    explain,
    node_panel,
    overview,
    relation_page,
    run_pages,
    situation_page,
    week_page,
)
from kaname.web.pages.asked import Shown, Text, form_of, view_of
from kaname.web.pages.layout import View
from kaname.web.pages.takeaway import with_links
from kaname.web.ready import leave_note
from kaname.web.runs import LONGEST_SEARCH_S, NewResponse

router = APIRouter(include_in_schema=False)
LISTS = frozenset({"source", "target", "products"})
KEPT = ("lang", "run", "case", "units", "worldview")
COOKIE_S = 12 * 3600


def _kept(request: Request, view: View, page: str, make: Callable[[], str], *more: object) -> Response:
    """Return a page, made once for what it shows, in the language that the run speaks."""
    desk = desk_of(request)

    def spoken() -> str:
        with speaking(view.spoken):
            return make()

    run, asked = view.run, request.query_params.get("run")
    if view.model is None or run is None:
        return answer(request, spoken())

    def stamps() -> tuple[object, ...]:
        return asked or desk.runs.newest(), desk.runs.stamp(run), desk.events.stamp()

    def whole() -> str:
        with speaking(view.spoken):
            return with_links(view, make())

    made_of = stamps()
    key = (
        page,
        view.language,
        view.spoken,
        view.run,
        view.case_id,
        view.may_write,
        view.units,
        view.worldview,
        made_of,
        *more,
    )
    leave_note(request, key, made_of, stamps)
    return desk.kept.answer(request, key, whole)


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
def chain(
    request: Request, view: Shown, week: Text = None, product: Text = None, place: Text = None
) -> Response:
    """Show the chain of a case, in a week, and a node of the network."""
    if view.model is None and view.run is not None:
        return answer(request, overview.waiting(view, view.run, "/network"))

    def make() -> str:
        node = node_panel.node_panel(view, _network(), product, place, week)
        asked = {"product": product or "", "place": place or ""}
        return run_pages.network(view, week, node, asked)

    return _kept(request, view, "network", make, week, product, place)


def _network() -> Network:
    return baseline().build.network


@router.get("/network/week")
def in_week(request: Request, view: Shown, week: Text = None) -> Response:
    """Return the chart of a week alone, for the slider of the page on the network."""
    return _kept(request, view, "week", lambda: week_page.week_chart(view, week), week)


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
    desk, form = desk_of(request), await form_of(request)
    view = view_of(request, **{name: form.get(name) for name in KEPT})
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
def explained(request: Request, view: Shown, what: Text = None) -> Response:
    """Show where a number of a run comes from; without an address the headline number of the case."""
    desk = desk_of(request)
    if view.model is None or view.case is None:
        return answer(request, run_pages.nothing(view, "explain"))
    plans = {one.id for one in view.model.responses}
    case = view.case_id if view.case_id in plans else view.case.id
    with speaking(view.spoken):
        found = explaining.explain(view.model, case, what or VALUE, _network)
    view = replace(view, kept=(("what", what or ""),))

    def make() -> str:
        return explain.explain(view, found, _rests_on(desk, found))

    return _kept(request, view, "explain", make, what)


def _rests_on(desk: Desk, found: Explained) -> list[StoredEvent]:
    """Return the events that the restrictions behind a number rest on."""
    wanted = {row.event for row in found.evidence if row.event}
    if not wanted:
        return []
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
    desk, form = desk_of(request), await form_of(request)
    view = view_of(
        request,
        **{name: form.get(name) or request.query_params.get(name) for name in KEPT},
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
        with speaking(view.spoken):
            page = event_pages.event_page(view, found, around, at, error.problems)
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
