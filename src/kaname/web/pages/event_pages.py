"""The events: the list, one with its sentence in the article, and the decision on it."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.data.stored_event import StoredEvent
from kaname.report.charts.svg import escape, tag
from kaname.report.charts.worldmap import country_name
from kaname.report.markup import Cell, table, text_cell
from kaname.report.situation_html import coarse
from kaname.terms.errors import Problem
from kaname.terms.language import japanese, text_of
from kaname.terms.numerals import NONE, day
from kaname.terms.ontology import MODES, STATUSES
from kaname.web.pages.faults import fault
from kaname.web.pages.forms import button, choice, field, kept, labelled
from kaname.web.pages.layout import View, frame

DECISIONS = ("accept", "reject", "correct")
STATES = ("new", "accepted", "rejected", "withdrawn")
FIELDS = (
    "type",
    "mode",
    "source",
    "target",
    "status",
    "date",
    "amount",
    "currency",
    "products",
    "object",
    "place",
)


def events_page(view: View, found: Sequence[StoredEvent], wishes: dict[str, str]) -> str:
    """Return the list, as wished."""
    title = view.say("events.title")
    new = sum(one.state == "new" for one in found)
    head = [view.say(f"events.{key}") for key in ("sentence", "what", "who", "status", "date", "state")]
    rows = [_row(view, one) for one in found]
    body = (
        table(title, head, rows, hidden_caption=True)
        if rows
        else tag("p", escape(view.say("events.empty")), class_="lead")
    )
    return frame(
        view,
        "events",
        title,
        tag("h1", escape(title)),
        tag("p", escape(view.say("events.count", count=len(found), new=new)), class_="lead"),
        _filter(view, wishes),
        _pair(view, wishes),
        body,
    )


def who(one: StoredEvent) -> str:
    """Return the parties of an event by name."""
    event = one.event
    source, target = (" + ".join(map(country_name, side)) for side in (event.source, event.target))
    return (source or "?") + (f" \u2192 {target}" if target else "")


def what(view: View, one: StoredEvent) -> str:
    """Return type and mode of an event in words."""
    kind = kind_name(one.event.type)
    if not one.event.mode:
        return kind
    mode = kind_name(one.event.mode)
    if mode == kind:
        return kind
    return view.say("events.kind", kind=kind, mode=mode if japanese() else mode.lower())


def kind_name(kind: str) -> str:
    """Return a type or mode in words: `Export ban` for `export-ban`, in the language that is spoken."""
    return text_of(kind.replace("-", " ").capitalize())


def _status(view: View, status: str) -> str:
    return view.say(f"status.{status}") if status in STATUSES else status


def _date(date: str | None) -> str:
    """Return a date as coarse as it was said."""
    return coarse(date) if date else NONE


def _document(view: View, one: StoredEvent) -> str:
    return view.say("events.document.said", name=one.document.name, day=day(one.document.published))


def _row(view: View, one: StoredEvent) -> list[Cell]:
    link = tag("a", escape(one.event.sentence), href=view.link(f"/events/{one.event.id}"), lang="en")
    told = tag("span", escape(_document(view, one)), class_="soft")
    state = view.say(f"events.{one.state}")
    cells = [text_cell(what(view, one)), text_cell(who(one))]
    facts = (_status(view, one.event.status), _date(one.event.date), state)
    cells += [Cell(escape(text), "v") for text in facts]
    return [Cell(link + told), *cells]


def _filter(view: View, wishes: dict[str, str]) -> str:
    states = [(one, view.say(f"events.{one}" if one else "events.all")) for one in ("", *STATES)]
    types = [(one, kind_name(one) or view.say("events.all")) for one in ("", *MODES)]
    country = field("country", wishes.get("country", ""), maxlength=12, size=6)
    return tag(
        "form",
        *kept(view),
        labelled(view, "events.state", "state", choice("state", states, wishes.get("state", ""))),
        labelled(view, "events.type", "type", choice("type", types, wishes.get("type", ""))),
        labelled(view, "events.country", "country", country),
        button(view.say("events.apply")),
        method="get",
        action="/events",
        class_="row",
    )


def _pair(view: View, wishes: dict[str, str]) -> str:
    fields = "".join(
        field(
            name,
            wishes.get(name, default),
            maxlength=12,
            size=6,
            aria_label=f"{view.say('events.relation.pick')} {number}",
        )
        for number, (name, default) in enumerate((("one", "CHN"), ("other", "JPN")), 1)
    )
    return tag(
        "form",
        *kept(view),
        tag("span", escape(view.say("events.relation.pick"))),
        fields,
        button(view.say("events.relation")),
        method="get",
        action="/relations",
        class_="row",
    )


def event_page(view: View, one: StoredEvent, around: str, at: int, faults: Sequence[Problem] = ()) -> str:
    """Return one event: its sentence marked in the article, its slots, every decision, and the form to
    decide.
    """
    size = one.event.end - one.event.start
    article = (
        escape(around[:at])
        + tag("mark", escape(around[at : at + size]), id="sentence")
        + escape(around[at + size :])
    )
    slots = [
        ("events.what", what(view, one)),
        ("events.who", who(one)),
        ("events.status", _status(view, one.event.status)),
        ("events.date", _date(one.event.date)),
        ("events.confidence", f"{one.event.confidence:.2f}"),
        ("events.rule", one.event.rule),
        ("events.document", _document(view, one)),
        ("events.state", view.say(f"events.{one.state}")),
    ]
    items = "".join(tag("dt", escape(view.say(key))) + tag("dd", escape(text)) for key, text in slots)
    history = [
        tag(
            "li",
            escape(
                f"{review.reviewed_at:%Y-%m-%d %H:%M} {review.reviewed_by}"
                + view.say("colon")
                + _decision(view, review.decision)
                + (f" {dict(review.changes)}" if review.changes else "")
                + (f" ({review.note})" if review.note else "")
            ),
        )
        for review in one.reviews
    ]
    title = view.say("page.events")
    return frame(
        view,
        "events",
        title,
        tag("p", tag("a", escape(view.say("events.back")), href=view.link("/events"))),
        tag("h1", escape(what(view, one) + view.say("colon") + who(one))),
        _faults(view, faults),
        tag("h2", escape(view.say("events.context"))),
        tag("blockquote", tag("p", article, class_="article"), lang="en"),
        tag("dl", items, class_="manifest"),
        tag("h2", escape(view.say("events.history"))),
        tag("ul", *history, class_="notes") if history else tag("p", escape(view.say("events.nohistory"))),
        _decide(view, one),
    )


def _decision(view: View, decision: str) -> str:
    return view.say(f"decision.{decision}") if decision in DECISIONS else decision


def _faults(view: View, faults: Sequence[Problem]) -> str:
    items = (tag("p", fault(view.language, one)) for one in faults)
    return tag("div", *items, class_="fault", role="alert") if faults else ""


def _decide(view: View, one: StoredEvent) -> str:
    heading = tag("h2", escape(view.say("events.decide")))
    if not view.may_write:
        return heading + tag("p", escape(view.say("events.readonly")))
    fields = [(name, view.say(f"eventfield.{name}")) for name in FIELDS]
    form = tag(
        "form",
        *kept(view),
        labelled(
            view,
            "events.by",
            "by",
            field("by", None, required="required", maxlength="80", autocomplete="name"),
        ),
        labelled(view, "events.note", "note", field("note", None, maxlength="500")),
        tag(
            "p",
            button(view.say("events.accept"), "decision", "accept"),
            button(view.say("events.reject"), "decision", "reject"),
            class_="row",
        ),
        labelled(view, "events.field", "field", choice("field", fields, FIELDS[0])),
        labelled(view, "events.value", "value", field("value", None, maxlength="300")),
        tag("p", button(view.say("events.correct"), "decision", "correct"), class_="row"),
        method="post",
        action=view.link(f"/events/{one.event.id}/review"),
        class_="decide",
    )
    return heading + form
