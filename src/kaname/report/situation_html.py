"""The section of the page on the state of the alliance: each item with its status and its sentences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from kaname.report.charts.svg import escape, tag
from kaname.report.markup import Cell, marked, section, table, text_cell
from kaname.report.model import ProofRow, SituationRow, SituationView
from kaname.terms.language import commas, later, said, say
from kaname.terms.numerals import NONE, SPACE, day, month_of

TITLE = later("State of the alliance")[0]
HEAD = later("Kind", "What", "Who", "Status", "When", "Threatened by", "Sentences")


Link = Callable[[str], str]
"""Returns the address of an event by its id."""


def situation_section(view: SituationView, link: Link | None = None) -> str:
    """Return the section: the sentence, a table for each kind, what was reported of areas.

    `link` gives each sentence a way to its event.
    """
    items = [
        _cells(title, not place, row, link) for title, rows in view.groups for place, row in enumerate(rows)
    ]
    areas = "".join(tag("li", tag("b", escape(name)), say(": ") + marked(text)) for name, text in view.areas)
    return section(
        "situation",
        say(TITLE),
        tag("p", escape(view.sentence), class_="lead"),
        table(say("What was agreed, built, placed, paid and said"), said(HEAD), items, hidden_caption=True),
        tag("h3", say("Areas")) + tag("ul", areas, class_="notes") if areas else "",
        tag("p", marked(view.note), class_="meta"),
    )


def _cells(kind: str, first: bool, row: SituationRow, link: Link | None) -> list[Cell]:
    """Return the cells of one item; its kind is seen at the first of each, and read out at all."""
    when = (
        coarse(row.when)
        if row.when
        else say("reported {day}", day=day(row.reported))
        if row.reported
        else NONE
    )
    if row.next_date:
        when += say(", next {day}", day=coarse(row.next_date))
    return [
        text_cell(kind) if first else Cell(tag("span", escape(kind), class_="vh"), "text"),
        text_cell(say("{what} ({amount})", what=row.what, amount=row.amount) if row.amount else row.what),
        text_cell(row.who),
        Cell(escape(row.status.replace(" ", SPACE))),
        Cell(escape(when)),
        text_cell(row.threat or NONE),
        Cell("".join(_proof(proof, link) for proof in row.proofs), "text"),
    ]


def _proof(proof: ProofRow, link: Link | None) -> str:
    """Return a sentence behind a toggle, reachable by its event's id."""
    who = ""
    if proof.reviewed_by:
        who = say("; reviewed by {name}", name=proof.reviewed_by)
    elif proof.event:
        who = say("; not reviewed")
    told = commas((proof.document, day(proof.published))) + who
    sentence = marked(proof.sentence)
    if link is not None and proof.event:
        sentence = tag("a", sentence, href=link(proof.event))
    return tag(
        "details",
        tag(
            "summary",
            marked(f"{proof.sentence[:48].rstrip()}\u2026" if len(proof.sentence) > 50 else proof.sentence),
        ),
        tag("blockquote", tag("p", sentence), tag("p", escape(told), class_="meta")),
        id=f"event-{proof.event}" if proof.event else None,
        class_="proof",
    )


def coarse(iso: str) -> str:
    """Return a date as coarse as it was said: `16 Jan 2026`, `Dec 2025`, `week 41 of 2025`, `2026`."""
    if "W" in iso:
        return say("week\N{NO-BREAK SPACE}{week} of {year}", week=int(iso[-2:]), year=iso[:4])
    if "Q" in iso:
        return say("quarter\N{NO-BREAK SPACE}{quarter} of {year}", quarter=iso[-1], year=iso[:4])
    if len(iso) == 7:
        return month_of(date(int(iso[:4]), int(iso[5:]), 1)).replace(" ", SPACE)
    return say("{year}", year=iso) if len(iso) == 4 else day(iso)
