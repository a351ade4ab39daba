"""What each budget buys: one plan after the other, of which a script shows one at a time behind a slider."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.report.address import of
from kaname.report.charts.svg import escape, tag
from kaname.report.markup import Cell, number, table, text_cell
from kaname.report.model import SearchView
from kaname.respond.plan import FrontierPoint, Loss
from kaname.terms.language import commas, later, said, say
from kaname.terms.numerals import money, money_span, percent

PARTS = later("Measure", "Level", "Cost", "Change")
NOTHING = later("Nothing is spent: {left} of final use is lost on average ({span}).")[0]
PAYER = later("{name} {amount}")[0]
ONE = later("1 measure for {cost} leaves {left} lost on average ({span}).")[0]
MANY = later("{count} measures for {cost} leave {left} lost on average ({span}).")[0]


def budgets_part(view: SearchView, ident: str, case_id: str) -> str:
    """Return the plans of all budgets; without a script each unfolds, with one a slider chooses.

    Nothing where the search was for one budget, or kept no plan of the smaller ones.
    """
    points = view.bought
    if not points or not all(point.parts or not point.measures for point in points):
        return ""
    nothing = view.compared[0][1]
    steps = [_nothing(nothing, case_id)]
    steps += [_step(points, index, nothing, case_id) for index in range(len(points))]
    slider = f"budget-{ident}"
    most = len(points)
    choose = tag(
        "p",
        tag("label", escape(say("What may be spent")), for_=slider),
        f'<input id="{slider}" type="range" min="0" max="{most}" step="1" value="{most}" data-budgets="1">',
        tag("output", " ", for_=slider),
        class_="scrub",
        hidden="hidden",
    )
    heading = tag("h5", escape(say("The best plan found for each budget")))
    return tag("div", heading, choose, *steps, class_="budgets")


def _nothing(loss: Loss, case_id: str) -> str:
    left = number(money(loss.mean_kusd), "modelled", of(case_id, "compared", 0, "mean"))
    told = _filled(
        NOTHING,
        left=left,
        span=tag("span", escape(money_span(loss.low_kusd, loss.high_kusd))),
    )
    return _folded(say("No budget"), say("{left} lost", left=money(loss.mean_kusd)), tag("p", told))


def _step(points: Sequence[FrontierPoint], index: int, nothing: Loss, case_id: str) -> str:
    """Return the plan of one budget: what is left, who pays, the measures."""
    point = points[index]

    def at(measure: str) -> str:
        return of(case_id, "bought", index, measure)

    told = _filled(
        ONE if len(point.parts) == 1 else MANY,
        count=escape(str(len(point.parts))),
        cost=number(money(point.cost_kusd), "assumed", at("cost")),
        left=number(money(point.delivered_kusd), "modelled", at("delivered")),
        span=tag("span", escape(money_span(point.delivered_low_kusd, point.delivered_high_kusd))),
    )
    payers = [
        _filled(
            PAYER,
            name=escape(name),
            amount=number(money(kusd), "assumed", of(case_id, "paid", index, i, "pays")),
        )
        for i, (name, kusd) in enumerate(point.payers_kusd.items())
        if kusd > 0.0
    ]
    pays = tag("p", escape(say("Paid by: ")), commas(payers), class_="meta") if payers else ""
    before = {part.measure: part.level for part in points[index - 1].parts} if index else {}
    rows = [
        [
            text_cell(part.measure),
            Cell(number(percent(part.level), "modelled", of(case_id, "part", index, i, "level")), "r"),
            Cell(number(money(part.cost_kusd), "assumed", of(case_id, "part", index, i, "cost")), "r"),
            text_cell(_since(part.level, before.get(part.measure), first=index == 0)),
        ]
        for i, part in enumerate(point.parts)
    ]
    gone = [name for name in before if name not in {part.measure for part in point.parts}]
    left = tag("p", escape(say("No longer in it: {measures}.", measures=commas(gone)))) if gone else ""
    budget = money(point.budget_kusd)
    caption = say("The plan for {budget}", budget=budget)
    sides = say("{left} lost", left=money(point.delivered_kusd)) + _avoided(point.delivered_kusd, nothing)
    return _folded(
        budget, sides, tag("p", told), pays, table(caption, said(PARTS), rows, hidden_caption=True), left
    )


def _since(level: float, before: float | None, *, first: bool) -> str:
    """Return how a measure differs from the plan of the next smaller budget."""
    if first or before is None:
        return say("new")
    if level > before + 1e-6:
        return say("more of it")
    return say("less of it") if level < before - 1e-6 else say("as before")


def _avoided(left_kusd: float, nothing: Loss) -> str:
    if nothing.mean_kusd <= 0.0:
        return ""
    return say(", {share} avoided", share=percent(1.0 - left_kusd / nothing.mean_kusd))


def _folded(budget: str, left: str, *parts: str) -> str:
    """Return the plan of a budget behind its summary, which the slider says instead."""
    told = say("{budget}: {left}", budget=budget, left=left)
    return tag("details", tag("summary", tag("span", escape(told))), *parts, class_="budget")


def _filled(template: str, **markup: str) -> str:
    """Return a template in the language that is spoken, filled with markup."""
    return escape(say(template)).format(**markup)
