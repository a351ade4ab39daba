"""The events: the list, one with its sentence in the article, and the decision on it."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.data.stored_event import StoredEvent
from kaname.report.charts.svg import escape, tag
from kaname.report.markup import Cell, table, text_cell
from kaname.terms.numerals import NONE, day
from kaname.terms.ontology import MODES
from kaname.web.pages.layout import View, frame

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
    """Return the parties of an event."""
    event = one.event
    return (" + ".join(event.source) or "?") + (f" \u2192 {' + '.join(event.target)}" if event.target else "")


def what(one: StoredEvent) -> str:
    """Return type and mode of an event."""
    return one.event.type + (f" / {one.event.mode}" if one.event.mode else "")


def _row(view: View, one: StoredEvent) -> list[Cell]:
    link = tag("a", escape(one.event.sentence), href=view.link(f"/events/{one.event.id}"), lang="en")
    told = tag("span", escape(f"{one.document.name}, {day(one.document.published)}"), class_="soft")
    state = view.say(f"events.{one.state}")
    cells = [text_cell(what(one)), text_cell(who(one))]
    cells += [Cell(escape(text), "v") for text in (one.event.status, one.event.date or NONE, state)]
    return [Cell(link + told), *cells]


def _filter(view: View, wishes: dict[str, str]) -> str:
    states = "".join(
        tag(
            "option",
            escape(view.say(f"events.{one}" if one else "events.all")),
            value=one,
            selected="selected" if wishes.get("state", "") == one else None,
        )
        for one in ("", *STATES)
    )
    types = "".join(
        tag(
            "option",
            escape(one or view.say("events.all")),
            value=one,
            selected="selected" if wishes.get("type", "") == one else None,
        )
        for one in ("", *MODES)
    )
    fields = (
        _labelled(view, "state", f'<select id="state" name="state">{states}</select>'),
        _labelled(view, "type", f'<select id="type" name="type">{types}</select>'),
        _labelled(
            view,
            "country",
            _input("country", wishes.get("country", ""), maxlength=12, size=6),
        ),
    )
    return tag(
        "form",
        *_hidden(view),
        *fields,
        _button(view.say("events.apply")),
        method="get",
        action="/events",
        class_="row",
    )


def _pair(view: View, wishes: dict[str, str]) -> str:
    fields = "".join(
        _input(
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
        *_hidden(view),
        tag("span", escape(view.say("events.relation.pick"))),
        fields,
        _button(view.say("events.relation")),
        method="get",
        action="/relations",
        class_="row",
    )


def _labelled(view: View, key: str, control: str) -> str:
    return tag("label", tag("span", escape(view.say(f"events.{key}"))), control, for_=key)


def _input(name: str, value: str, **more: object) -> str:
    """Return a field of a form."""
    return tag("input", id=name, name=name, value=value, **more)


def _hidden(view: View) -> list[str]:
    kept = {"lang": view.language, "run": view.run or "", "case": view.case_id or ""}
    return [
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in kept.items()
        if value
    ]


def _button(text: str, name: str | None = None, value: str | None = None) -> str:
    return tag("button", escape(text), type="submit", name=name, value=value)


def event_page(view: View, one: StoredEvent, around: str, at: int, said: str = "") -> str:
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
        ("events.what", what(one)),
        ("events.who", who(one)),
        ("events.status", one.event.status),
        ("events.date", one.event.date or NONE),
        ("events.confidence", f"{one.event.confidence:.2f}"),
        ("events.rule", one.event.rule),
        ("events.document", f"{one.document.name}, {day(one.document.published)}"),
        ("events.state", view.say(f"events.{one.state}")),
    ]
    items = "".join(tag("dt", escape(view.say(key))) + tag("dd", escape(text)) for key, text in slots)
    history = [
        tag(
            "li",
            escape(
                f"{review.reviewed_at:%Y-%m-%d %H:%M} {review.reviewed_by}: {review.decision}"
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
        tag("h1", escape(f"{what(one)}: {who(one)}")),
        tag("p", escape(said), class_="fault", role="alert") if said else "",
        tag("h2", escape(view.say("events.context"))),
        tag("blockquote", tag("p", article, class_="article"), lang="en"),
        tag("dl", items, class_="manifest"),
        tag("h2", escape(view.say("events.history"))),
        tag("ul", *history, class_="notes") if history else tag("p", escape(view.say("events.nohistory"))),
        _decide(view, one),
    )


def _decide(view: View, one: StoredEvent) -> str:
    heading = tag("h2", escape(view.say("events.decide")))
    if not view.may_write:
        return heading + tag("p", escape(view.say("events.readonly")))
    fields = "".join(tag("option", name, value=name) for name in FIELDS)
    form = tag(
        "form",
        *_hidden(view),
        _labelled(
            view, "by", '<input id="by" name="by" required="required" maxlength="80" autocomplete="name">'
        ),
        _labelled(view, "note", '<input id="note" name="note" maxlength="500">'),
        tag(
            "p",
            _button(view.say("events.accept"), "decision", "accept"),
            _button(view.say("events.reject"), "decision", "reject"),
            class_="row",
        ),
        _labelled(view, "field", f'<select id="field" name="field">{fields}</select>'),
        _labelled(view, "value", '<input id="value" name="value" maxlength="300">'),
        tag("p", _button(view.say("events.correct"), "decision", "correct"), class_="row"),
        method="post",
        action=view.link(f"/events/{one.event.id}/review"),
        class_="decide",
    )
    return heading + form
