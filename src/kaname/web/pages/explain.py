"""Where the headline number comes from: formula, causes with suppliers, the sentence, the source rows."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.data.stored_event import StoredEvent
from kaname.report.brief_html import why_tree
from kaname.report.charts.svg import escape, tag
from kaname.report.markup import number, table, text_cell
from kaname.report.model import CaseView, ReportModel
from kaname.report.reading import money_range
from kaname.terms.language import later, said, say
from kaname.terms.numerals import day, money, percent
from kaname.web.pages.cited import cited
from kaname.web.pages.layout import View, english, frame
from kaname.web.pages.run_pages import nothing

MOST_SOURCES = 12
ROWS = later("Source", "Publisher", "Edition", "Date", "Licence", "Used for")


def explain(view: View, events: Sequence[StoredEvent]) -> str:
    """Return the page of a case's number; `events` are those that the case's restrictions rest on."""
    model, case = view.model, view.case
    if model is None or case is None:
        return nothing(view, "explain")
    title = view.say("page.explain")
    value = tag(
        "p",
        number(money(case.value_kusd), "modelled"),
        tag("span", escape(f" {money_range(case)}"), class_="soft"),
        class_="lead number",
    )
    return frame(
        view,
        "explain",
        title,
        tag("h1", escape(title)),
        tag("p", escape(case.title), class_="kicker", lang=view.foreign),
        _part(view, "value", value, english(view, tag("p", escape(case.sentence)))),
        _part(view, "words", tag("p", escape(view.say("explain.formula"))), english(view, _inputs(case))),
        _part(view, "causes", english(view, _causes(case))),
        _part(view, "sentences", _sentences(view, events)),
        _part(view, "rows", english(view, _rows(model))),
    )


def _part(view: View, key: str, *parts: str) -> str:
    heading = tag("h2", escape(view.say(f"explain.{key}")), id=f"{key}-title")
    return tag("section", heading, *parts, id=key, aria_labelledby=f"{key}-title")


def _inputs(case: CaseView) -> str:
    shares = case.basis_shares
    parts = (("observed", shares.observed), ("estimated", shares.estimated), ("assumed", shares.assumed))
    told = ", ".join(number(percent(share), basis) + f" {say(basis)}" for basis, share in parts)
    return tag("p", say("Of the value that flows into these markets {parts}.", parts=told))


def _causes(case: CaseView) -> str:
    return "".join(why_tree(title, node) for title, node in case.why[:3])


def _sentences(view: View, events: Sequence[StoredEvent]) -> str:
    if not events:
        return tag("p", escape(view.say("explain.noevent")))
    return cited(view, events)


def _rows(model: ReportModel) -> str:
    rows = [
        [
            text_cell(v)
            for v in (row.name, row.publisher, row.edition, day(row.date), row.licence, row.used_for)
        ]
        for row in model.sources[:MOST_SOURCES]
    ]
    return table(say("Source rows"), said(ROWS), rows, hidden_caption=True)
