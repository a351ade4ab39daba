"""How friendly two parties were to one another: the series as a chart, its acts as links."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.data.stored_event import StoredEvent
from kaname.events.relations import relation
from kaname.report.charts.svg import escape, tag
from kaname.report.markup import figure
from kaname.report.relation_chart import relation_chart
from kaname.web.pages.cited import cited
from kaname.web.pages.layout import View, english, frame


def relation_page(view: View, events: Sequence[StoredEvent], one: str, other: str) -> str:
    """Return the page of two parties."""
    title = view.say("events.relation")
    back = tag("p", tag("a", escape(view.say("events.back")), href=view.link("/events")))
    head = tag("h1", escape(title))
    found = relation(events, one, other) if one and other and one != other else ()
    if not any(side.weeks for side in found):
        return frame(
            view, "events", title, back, head, tag("p", escape(view.say("events.empty")), class_="lead")
        )
    ids = {ident for side in found for week in side.weeks for ident in week.ids}
    return frame(
        view,
        "events",
        title,
        back,
        head,
        english(view, figure(relation_chart(found), key="relation", full=True, level=2)),
        cited(view, (event for event in events if event.event.id in ids)),
    )
