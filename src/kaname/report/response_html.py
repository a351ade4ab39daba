"""The section of the page on cases with measures: what a plan does, what it costs whom (rule O5)."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.report.address import of
from kaname.report.charts.svg import escape, tag
from kaname.report.markup import Cell, bullet_list, figure, marked, number, section, table, text_cell
from kaname.report.model import MeasureRow, PayerRow, ResponseView, RestoredRow
from kaname.report.reading import slug
from kaname.report.search_html import search_part
from kaname.terms.language import commas, later, name_of, said, say
from kaname.terms.numerals import NONE, day, money, money_span, own_money, percent

TITLE = later("What allies can do")[0]
MEASURES = later("Measure", "Kind", "Level", "Cost", "Works from", "Paid by", "Evidence")
RESTORED = later(
    "Who",
    "Short from, without",
    "with the plan",
    "Use lost, without",
    "with the plan",
    "Value lost, without",
    "with the plan",
)
PAYERS = later("Country", "Pays", "Share of a year's defence budget", "In its currency")
SHOWN = 8  # rows of those restored that are shown at once


def response_section(views: Sequence[ResponseView]) -> str:
    """Return the section: each plan beside the case that it answers."""
    return section("response", say(TITLE), *(_plan(view) for view in views))


def _plan(view: ResponseView) -> str:
    """Return one plan: the sentence, charts, who is restored, the measures, who pays."""
    ident = f"response-{slug(view.id)}"
    cited = sum(row.basis == "cited" for row in view.measures)
    count = say(
        "{cited} of {all} measures are cited, the others assumed. Costs, lead times and shares are mostly "
        "judgement, with ranges.",
        cited=cited,
        all=len(view.measures),
    )
    charts = "".join(figure(spec, key=f"{ident}/t{i}") for i, spec in enumerate(view.timelines))
    rows = [_restored(row, view.id, i) for i, row in enumerate(view.restored)]
    restored = table(say("Who runs short, without measures and with the plan"), said(RESTORED), rows[:SHOWN])
    if len(rows) > SHOWN:
        label = tag("summary", say("{count} more users", count=len(rows) - SHOWN))
        restored += tag("details", label, table(say("More users"), said(RESTORED), rows[SHOWN:]))
    return tag(
        "div",
        tag("h3", escape(view.title)),
        tag("p", escape(view.sentence), class_="lead"),
        tag("p", escape(view.promise)) if view.promise else "",
        figure(view.bars, key=f"{ident}/value"),
        tag("div", charts, class_="pair") if charts else "",
        restored,
        table(
            say("The plan, by the date from which it works"),
            said(MEASURES),
            [_measure(row, view.id) for row in view.measures],
        ),
        tag("p", escape(count), class_="meta"),
        table(say("Who pays"), said(PAYERS), [_payer(row, view.id, i) for i, row in enumerate(view.payers)]),
        search_part(view.search, ident, view.id) if view.search is not None else "",
        id=ident,
    )


def _measure(row: MeasureRow, case_id: str) -> list[Cell]:
    def at(measure: str) -> str:
        return of(case_id, "measure", row.id, measure)

    low, high = money(row.cost_low_kusd), money(row.cost_high_kusd)
    span = (
        tag("span", escape(money_span(row.cost_low_kusd, row.cost_high_kusd)), class_="range wrap")
        if low != high
        else ""
    )
    payers = commas(name_of("markets", country, country) for country, share in row.payers if share > 0.0)
    proofs = tag("details", tag("summary", say(row.basis)), bullet_list(row.evidence, ""))
    return [
        text_cell(row.title),
        text_cell(say(row.kind.replace("_", " "))),
        Cell(number(percent(row.level), "modelled", at("level")), "r"),
        Cell(number(money(row.cost_kusd), "assumed", at("cost")) + span, "r"),
        Cell(number(day(row.works_from), "assumed", at("works_from")) if row.works_from else say("never")),
        text_cell(payers),
        Cell(proofs, "text"),
    ]


def _restored(row: RestoredRow, case_id: str, index: int) -> list[Cell]:
    def at(measure: str) -> str:
        return of(case_id, "restored", index, measure)

    share = {"lost_without": row.lost_without, "lost_with": row.lost_with}
    value = {"value_without": row.value_without_kusd, "value_with": row.value_with_kusd}
    first = {"first_without": row.first_without, "first_with": row.first_with}
    return [
        text_cell(row.name),
        *(
            Cell(number(day(when), "modelled", at(name)) if when else say("fed"), "text")
            for name, when in first.items()
        ),
        *(Cell(number(percent(part), "modelled", at(name)), "r") for name, part in share.items()),
        *(Cell(number(money(kusd), "modelled", at(name)), "r") for name, kusd in value.items()),
    ]


def _payer(row: PayerRow, case_id: str, index: int) -> list[Cell]:
    amount = Cell(number(money(row.amount_kusd), "assumed", of(case_id, "payer", index, "pays")), "r")
    if row.budget is None:
        return [
            text_cell(row.name),
            amount,
            text_cell(NONE),
            text_cell(NONE),
        ]
    budget = row.budget
    share = percent(row.amount_kusd / budget.amount_kusd, 2)
    own = ""
    if budget.currency != "USD":
        own = own_money(budget.currency, 1000.0 * row.amount_kusd * budget.per_usd)
    rate = tag("span", marked(budget.rate), class_="range wrap") if budget.rate else ""
    return [
        text_cell(row.name),
        amount,
        Cell(
            number(share, "assumed", of(case_id, "payer", index, "share"))
            + tag("span", marked(budget.name), class_="range wrap"),
            "r",
        ),
        Cell(escape(own or NONE) + rate, "r"),
    ]
