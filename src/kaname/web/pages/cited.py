"""Sentences with their documents, each a way to its event."""

from __future__ import annotations

from collections.abc import Iterable

from kaname.data.stored_event import StoredEvent
from kaname.report.charts.svg import escape, tag
from kaname.terms.numerals import day
from kaname.web.pages.layout import View


def cited(view: View, events: Iterable[StoredEvent], most: int | None = None) -> str:
    """Return the list of some events' sentences, each once; empty where there is none."""
    first: dict[str, StoredEvent] = {}
    for one in events:
        first.setdefault(one.event.sentence, one)
    items = [
        tag(
            "li",
            tag("a", escape(one.event.sentence), href=view.link(f"/events/{one.event.id}"), lang="en"),
            tag(
                "span",
                escape(
                    " "
                    + view.say(
                        "events.document.said", name=one.document.name, day=day(one.document.published)
                    )
                ),
                class_="soft",
            ),
        )
        for one in list(first.values())[:most]
    ]
    return tag("ul", *items, class_="plain reported") if items else ""
