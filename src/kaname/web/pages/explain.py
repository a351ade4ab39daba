"""Where a number comes from: formula, inputs with their basis, causes, sentences, source rows."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.data.stored_event import StoredEvent
from kaname.report.address import of
from kaname.report.brief_html import why_tree
from kaname.report.charts.svg import escape, tag
from kaname.report.explanation import Explained, Given
from kaname.report.markup import Cell, number, table, text_cell
from kaname.report.reading import who
from kaname.report.retold import retold
from kaname.terms.language import later, said, say
from kaname.terms.numerals import day
from kaname.web.pages.cited import cited
from kaname.web.pages.layout import View, english, frame

MOST_SOURCES = 12
MOST_INPUTS = 12
QUOTED = later(
    "evidence", "data note", "why it is left out", "what comes in", "sample", "result", "over the horizon"
)
INPUTS = later("Input", "Value", "Basis", "Source")
ROWS = later("Source", "Publisher", "Edition", "Date", "Licence", "Used for")


def explain(view: View, found: Explained, events: Sequence[StoredEvent]) -> str:
    """Return the page of a number; `events` are those that the restrictions behind it rest on."""
    title = view.say("page.explain")
    case = found.case
    parts = [
        _part(view, "value", _value(view, found)),
        _part(view, "words", english(view, tag("p", escape(found.made)))),
    ]
    if found.inputs:
        parts.append(_part(view, "inputs", english(view, _inputs(found))))
    if found.causes or _is_user(found):
        parts.append(_part(view, "causes", _causes(view, found)))
    if found.evidence:
        parts.append(_part(view, "sentences", _sentences(view, events)))
    if found.sources:
        parts.append(_part(view, "rows", english(view, _rows(found))))
    kicker = tag("p", escape(case.title), class_="kicker", lang=view.foreign) if case is not None else ""
    return frame(view, "explain", title, tag("h1", escape(title)), kicker, *parts)


def _is_user(found: Explained) -> bool:
    """Return whether the number is of a user, which has causes even where the report holds none."""
    return found.formula.startswith(("shortfall.", "restored."))


def _part(view: View, key: str, *parts: str) -> str:
    heading = tag("h2", escape(view.say(f"explain.{key}")), id=f"{key}-title")
    return tag("section", heading, *parts, id=key, aria_labelledby=f"{key}-title")


def _value(view: View, found: Explained) -> str:
    """Return what the number is, the number with its band, and its basis."""
    name = tag(
        "p",
        tag("span", escape(found.name), lang=view.foreign),
        escape(view.say("colon")),
        tag("b", escape(found.who), lang=view.foreign),
    )
    basis = view.say("explain.basis", basis=view.say(f"basis.{found.basis}"))
    value = tag(
        "p",
        number(found.text, found.basis),
        tag("span", escape(f" {found.band_text}"), class_="soft", lang=view.foreign),
        class_="lead number",
    )
    sentence = english(view, tag("p", escape(found.case.sentence))) if found.case is not None else ""
    return name + value + tag("p", escape(basis), class_="meta") + sentence


def _inputs(found: Explained) -> str:
    rows = [
        [text_cell(one.name), _given(one), text_cell(say(one.basis)), text_cell(retold(one.source))]
        for one in found.inputs
    ]
    shown = table(say("Inputs"), said(INPUTS), rows[:MOST_INPUTS], hidden_caption=True)
    if len(rows) <= MOST_INPUTS:
        return shown
    label = tag("summary", say("{number} more", number=len(rows) - MOST_INPUTS))
    return shown + tag(
        "details", label, table(say("More inputs"), said(INPUTS), rows[MOST_INPUTS:], hidden_caption=True)
    )


def _given(one: Given) -> Cell:
    """Return the value of an input: a number with its basis, or text that is quoted."""
    if one.name in said(QUOTED):
        return text_cell(retold(one.text))
    return Cell(number(one.text, one.basis, of("-", one.what) if one.what else None), "wrapped")


def _causes(view: View, found: Explained) -> str:
    if found.causes:
        return english(view, "".join(why_tree(title, node) for title, node in found.causes))
    rows = found.case.rows if found.case is not None else ()
    row = next((one for one in rows if who(one) == found.who), None)
    if row is None:
        return tag("p", escape(view.say("explain.nouser")))
    line = f"kaname why runs/{view.run} --market {row.market} --product {row.product}"
    return tag("p", escape(view.say("explain.nocauses")), " ", tag("code", escape(line)))


def _sentences(view: View, events: Sequence[StoredEvent]) -> str:
    if not events:
        return tag("p", escape(view.say("explain.noevent")))
    return cited(view, events)


def _rows(found: Explained) -> str:
    rows = [
        [
            text_cell(retold(v))
            for v in (row.name, row.publisher, row.edition, day(row.date), row.licence, row.used_for)
        ]
        for row in found.sources[:MOST_SOURCES]
    ]
    return table(say("Source rows"), said(ROWS), rows, hidden_caption=True)
