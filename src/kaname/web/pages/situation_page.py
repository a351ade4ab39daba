"""The state of the alliance as the store has it now: of some members, in one area, reviewed or not."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.data import store
from kaname.data.stored_event import StoredEvent
from kaname.events.situation import area_titles, situation
from kaname.report.charts.svg import escape, tag
from kaname.report.situation import situation_view
from kaname.report.situation_html import situation_section
from kaname.terms.language import name_of, text_of
from kaname.web.pages.forms import button, choice, field, kept, labelled
from kaname.web.pages.layout import View, english, frame

REVIEWED = ("accepted", "all")


def situation_page(
    view: View, events: Sequence[StoredEvent], members: Sequence[str], area: str, reviewed: str
) -> str:
    """Return the page; `events` are those of the store, `reviewed` is one of `REVIEWED`.

    Raises InputError for an area that is none.
    """
    title = view.say("page.situation")
    read = [one for one in events if one.state == "accepted"] if reviewed != "all" else events
    found = situation(read, members, area=area or None)
    cases = view.model.cases if view.model is not None else ()
    accepted = sum(one.state == "accepted" for one in events)
    told = view.say("situation.note", accepted=accepted, total=len(events), unreviewed=found.unreviewed)
    names = {code: name_of("markets", code, name) for code, name in store.country_names().items()}
    shown = situation_view(names, cases, found, told)
    body = (
        english(view, situation_section(shown, lambda ident: view.link(f"/events/{ident}")))
        if found.items
        else tag("p", escape(view.say("situation.none")), class_="lead")
    )
    wishes = _wishes(view, members, area, reviewed)
    return frame(view, "situation", title, tag("h1", escape(title)), wishes, body)


def _wishes(view: View, members: Sequence[str], area: str, reviewed: str) -> str:
    areas = [
        ("", view.say("events.all")),
        *((key, text_of(title)) for key, (title, _) in area_titles().items()),
    ]
    states = [(one, view.say(f"events.{one}")) for one in REVIEWED]
    return tag(
        "form",
        *kept(view),
        labelled(
            view,
            "situation.members",
            "members",
            field("members", ",".join(members), maxlength=120, size=14, placeholder="JPN,USA,ITA"),
        ),
        labelled(view, "situation.area", "area", choice("area", areas, area)),
        labelled(view, "situation.reviewed", "reviewed", choice("reviewed", states, reviewed)),
        button(view.say("events.apply")),
        method="get",
        action="/situation",
        class_="row",
    )
