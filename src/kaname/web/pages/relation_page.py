"""How friendly two parties were to one another: the series as a chart, its acts as links."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.data.stored_event import StoredEvent
from kaname.events.relations import relation
from kaname.report.charts.svg import escape, tag
from kaname.report.chartspec import Pole, Strip, WeeklySpec
from kaname.report.markup import figure
from kaname.terms.numerals import day
from kaname.web.pages.layout import View, english, frame


def relation_page(view: View, events: Sequence[StoredEvent], one: str, other: str) -> str:
    """Return the page of two parties."""
    title = view.say("events.relation")
    back = tag("p", tag("a", escape(view.say("events.back")), href=view.link("/events")))
    head = tag("h1", escape(f"{one} – {other}"))
    found = relation(events, one, other) if one and other and one != other else ()
    if not any(side.weeks for side in found):
        return frame(
            view, "events", title, back, head, tag("p", escape(view.say("events.empty")), class_="lead")
        )
    strips = tuple(
        Strip(
            f"{side.source} towards {side.target}",
            tuple(
                Pole(week.monday.isoformat(), week.score, f"{week.acts} acts, {week.sources} documents")
                for week in side.weeks
            ),
        )
        for side in found
    )
    spec = WeeklySpec(
        f"{one} and {other}: what each did to the other, week by week",
        "Sum of the weights of reported acts; above the line friendly, below hostile.",
        strips,
        "Points of the published weights",
    )
    ids = {ident for side in found for week in side.weeks for ident in week.ids}
    items = (
        tag(
            "li",
            tag("a", escape(event.event.sentence), href=view.link(f"/events/{event.event.id}"), lang="en"),
            tag("span", escape(f" {event.document.name}, {day(event.document.published)}"), class_="soft"),
        )
        for event in events
        if event.event.id in ids
    )
    return frame(
        view,
        "events",
        title,
        back,
        head,
        english(view, figure(spec, key="relation", full=True, level=2)),
        tag("ul", *items, class_="plain reported"),
    )
