"""Events: list, show, read, review; what they add up to: relations and the situation."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from kaname.events.relations import relation
from kaname.events.situation import as_dict, situation
from kaname.news.read import read_events
from kaname.news.reading import read_text
from kaname.terms.errors import InputError, Problem
from kaname.web.answers import answer, documented, plain
from kaname.web.desk import desk_of, may_write
from kaname.web.eventdesk import event_dict

router = APIRouter(prefix="/api/v1", tags=["events"])
Party = Annotated[str, Path(min_length=2, max_length=12, description="Country or bloc, such as JPN.")]
NDJSON = "application/x-ndjson"
State = Literal["new", "accepted", "rejected", "withdrawn"]


class Article(BaseModel):
    """A text to be read into events; it is not kept."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=1_000_000)
    name: str = Field("article", max_length=200)
    published: str | None = Field(None, pattern=r"^\d{4}-\d{2}-\d{2}$", description="2026-01-16.")


class Decision(BaseModel):
    """A decision on an event; `changes` with `correct` only."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["accept", "reject", "correct"]
    by: str = Field(min_length=1, max_length=80)
    changes: dict[str, Any] = Field(default_factory=dict)
    note: str = Field("", max_length=2000)


class Withdrawal(BaseModel):
    """A document that is taken back: its name, or the first letters of its checksum."""

    model_config = ConfigDict(extra="forbid")

    document: str = Field(min_length=1, max_length=200)
    by: str = Field(min_length=1, max_length=80)
    reason: str = Field(min_length=1, max_length=2000)


class Withdrawn(BaseModel):
    """How many events of a document no longer count."""

    document: str
    events: int


class DraftOf(BaseModel):
    """Ids of accepted events, or their first letters."""

    model_config = ConfigDict(extra="forbid")

    events: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(min_length=1, max_length=50)


class Draft(BaseModel):
    """A drafted scenario as YAML, what was assumed, and the events that name a response."""

    scenario: str
    assumed: list[str]
    options: list[str]


@router.get("/events", summary="Events of the store")
def listed(
    request: Request,
    state: Annotated[State | None, Query()] = None,
    country: Annotated[str | None, Query(max_length=12)] = None,
    type: Annotated[str | None, Query(max_length=12)] = None,
    doubtful: Annotated[bool, Query(description="The least certain first: the queue for review.")] = False,
) -> list[dict[str, Any]]:
    """Return the events with those wishes, the newest documents first."""
    found = desk_of(request).events.events(state, country, type)
    if doubtful:
        found.sort(key=lambda one: one.event.confidence)
    return [plain(event_dict(one)) for one in found]


@router.get(
    "/events/export",
    response_class=Response,
    responses=documented(NDJSON),
    summary="The whole store, as kaname events export",
)
def exported(request: Request) -> Response:
    """Return documents, events and decisions as JSON lines; `kaname events import` takes them in."""
    made = answer(request, desk_of(request).events.export(), NDJSON)
    made.headers["content-disposition"] = 'attachment; filename="events.jsonl"'
    return made


@router.post(
    "/events/withdraw", dependencies=[Depends(may_write)], summary="Withdraw a document, as the command"
)
def withdrawn(request: Request, wanted: Withdrawal) -> Withdrawn:
    """Withdraw a document that its publisher took back: its events no longer count."""
    desk = desk_of(request)
    count = desk.events.withdraw(wanted.document, wanted.by, wanted.reason)
    desk.note_write(request, "withdraw", {"document": wanted.document, "by": wanted.by})
    return Withdrawn(document=wanted.document, events=count)


@router.post("/draft", summary="Draft a scenario from accepted events, as kaname draft")
def drafted(request: Request, wanted: DraftOf) -> Draft:
    """Return a scenario with what no sentence says as named assumptions; nothing is kept."""
    made = desk_of(request).events.draft(wanted.events)
    return Draft(
        scenario=made.text, assumed=list(made.assumed), options=[one.event.id for one in made.options]
    )


@router.get("/events/{ident}", summary="One event with its sentence and every decision on it")
def shown(request: Request, ident: Annotated[str, Path(max_length=40)]) -> dict[str, Any]:
    """Return an event, the text around it and its history."""
    found, around, at = desk_of(request).events.one(ident)
    history = [one.as_dict() for one in found.reviews]
    shape: dict[str, Any] = plain(event_dict(found))
    return shape | {
        "found": plain(found.found.as_dict()),
        "context": around,
        "context_start": at,
        "reviews": history,
    }


@router.post("/events/{ident}/review", dependencies=[Depends(may_write)], summary="Decide on an event")
def review(request: Request, ident: Annotated[str, Path(max_length=40)], wanted: Decision) -> dict[str, Any]:
    """Accept, reject or correct an event; what stood before is kept."""
    desk = desk_of(request)
    after = desk.events.review(ident, wanted.decision, wanted.by, wanted.changes, wanted.note)
    desk.note_write(
        request, "review", {"event": after.event.id, "decision": wanted.decision, "by": wanted.by}
    )
    shape: dict[str, Any] = plain(event_dict(after))
    return shape


@router.post("/read", summary="Read a text into events")
def read(wanted: Article) -> dict[str, Any]:
    """Return the events of a text; nothing is kept."""
    try:
        day = date.fromisoformat(wanted.published) if wanted.published else None
        text = wanted.text.encode()
    except ValueError as error:
        raise InputError(Problem("not a date, or not text", "published, text", str(error)[:80])) from None
    document = read_text(text, wanted.name, published=day)
    shape: dict[str, Any] = plain(read_events(document).as_dict())
    return shape


@router.get("/relations/{one}/{other}", summary="How friendly two were to one another, week by week")
def relations(request: Request, one: Party, other: Party) -> list[dict[str, Any]]:
    """Return both directions, each with its weeks, counts and the ids of the events."""
    first, second = one.upper(), other.upper()
    if first == second:
        raise InputError(
            Problem("a relation of one with itself", "relations", f"{one} {other}", "two parties")
        )
    found = relation(desk_of(request).events.events(), first, second)
    return [
        {
            "source": side.source,
            "target": side.target,
            "undated": side.undated,
            "weeks": [
                {
                    "week": week.monday.isoformat(),
                    "score": week.score,
                    "mean": week.mean,
                    "acts": week.acts,
                    "sources": week.sources,
                    "events": list(week.ids),
                }
                for week in side.weeks
            ],
        }
        for side in found
    ]


@router.get("/situation", summary="The state of an alliance")
def state_of(
    request: Request,
    members: Annotated[str, Query(max_length=200, description="JPN,USA,ITA; empty for all.")] = "",
    area: Annotated[str | None, Query(max_length=60)] = None,
    as_of: Annotated[date | None, Query()] = None,
) -> dict[str, Any]:
    """Return agreements, programmes, presence, budgets and controls, each with its sentences."""
    wanted = [name.strip().upper() for name in members.split(",") if name.strip()]
    found = situation(desk_of(request).events.events(), wanted, area=area, as_of=as_of)
    shape: dict[str, Any] = plain(as_dict(found))
    return shape
