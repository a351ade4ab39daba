"""How a plan was found, in its section: what a budget buys, what was compared, what was left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from kaname.report.address import of
from kaname.report.budgets_html import budgets_part
from kaname.report.charts.svg import escape, tag
from kaname.report.explanation import PER_DOLLAR, written
from kaname.report.markup import Cell, figure, number, table, text_cell
from kaname.report.model import AllyRow, LeftOutRow, RegretRow, SearchView, WorthRow
from kaname.respond.plan import FrontierPoint, Loss
from kaname.terms.language import commas, later, said, say
from kaname.terms.numerals import NONE, money, money_span

Row = TypeVar("Row")
BOUGHT = later(
    "Budget", "Spent", "Loss left", "Planner's account", "Avoided per 1 more spent", "What comes in"
)
COMPARED = later("Plan", "Mean loss", "Mean of the worst draws")
REGRET = later("Plan", "Mean regret", "Worst regret", "In draw", "Best of these in")
WORTH = later("Measure", "Cost", "Lost again without it", "Avoids alone")
LEFT_OUT = later("Measure", "Cost", "Avoids alone", "Why it is left out")
ALLIES = later("Country", "Loses without", "with the plan", "Gains", "Pays")


def search_part(view: SearchView, ident: str, case_id: str) -> str:
    """Return the part: the sentence, what a budget buys, and behind toggles all that was tried."""
    compared = [_compared(*pair, case_id, i) for i, pair in enumerate(view.compared)]
    parts = [
        tag("h4", say("How the plan was found")),
        tag("p", escape(view.sentence)),
        figure(view.frontier, key=f"{ident}/frontier") if view.frontier is not None else "",
        budgets_part(view, ident, case_id),
        _folded(say("What each budget buys"), said(BOUGHT), _rows(_bought, view.bought, case_id)),
        table(
            say("Who gains and who pays, mean over the draws"),
            said(ALLIES),
            _rows(_ally, view.allies, case_id),
        ),
        table(say("The plan beside other answers"), said(COMPARED), compared),
        _regret(view, ident, case_id),
        _folded(
            say("What each measure of the plan is worth"),
            said(WORTH),
            _rows(_worth, view.worth, case_id),
        ),
        _folded(
            say("Measures left out, with the reason"),
            said(LEFT_OUT),
            _rows(_left_out, view.left_out, case_id),
        ),
    ]
    return "".join(parts)


def _rows(
    cells_of: Callable[[Row, str, int], list[Cell]], rows: Sequence[Row], case_id: str
) -> list[list[Cell]]:
    """Return the cells of every row; rows are counted from 0 in the addresses of their numbers."""
    return [cells_of(row, case_id, i) for i, row in enumerate(rows)]


def _folded(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    if not rows:
        return ""
    label = tag("summary", escape(f"{title} ({len(rows)})"))
    return tag("details", label, table(title, head, rows, hidden_caption=True))


def _amount(kusd: float | None, basis: str = "modelled", extra: str = "", at: str | None = None) -> Cell:
    """Return an amount of thousand USD, marked with its basis; a dash where it is not known."""
    if kusd is None:
        return Cell(NONE, "r")
    more = tag("span", escape(extra), class_="range") if extra else ""
    return Cell(number(money(kusd), basis, at) + more, "r")


def _band(low: float, high: float) -> str:
    return money_span(low, high)


def _bought(row: FrontierPoint, case_id: str, index: int) -> list[Cell]:
    def at(measure: str) -> str:
        return of(case_id, "bought", index, measure)

    per = Cell(NONE, "r")
    if row.per_dollar is not None:
        per = Cell(number(written(row.per_dollar, PER_DOLLAR), "modelled", at("per_dollar")), "r")
    band = _band(row.delivered_low_kusd, row.delivered_high_kusd)
    return [
        Cell(number(money(row.budget_kusd), "assumed", at("budget"))),
        _amount(row.cost_kusd, "assumed", at=at("cost")),
        _amount(row.delivered_kusd, extra=band, at=at("delivered")),
        _amount(row.promised_kusd, at=at("promised")),
        per,
        text_cell(commas(row.enters) or NONE),
    ]


def _compared(name: str, loss: Loss, case_id: str, index: int) -> list[Cell]:
    band = _band(loss.low_kusd, loss.high_kusd)
    return [
        text_cell(name),
        _amount(loss.mean_kusd, extra=band, at=of(case_id, "compared", index, "mean")),
        _amount(loss.tail_kusd, at=of(case_id, "compared", index, "tail")),
    ]


def _regret(view: SearchView, ident: str, case_id: str) -> str:
    """Return the regret of every answer; nothing where the search kept no draws."""
    if view.regret is None:
        return ""
    told, chart = view.regret
    return (
        tag("p", escape(told), class_="after")
        + figure(chart, key=f"{ident}/regret")
        + _folded(say("Regret, answer by answer"), said(REGRET), _rows(_regretted, view.regrets, case_id))
    )


def _regretted(row: RegretRow, case_id: str, index: int) -> list[Cell]:
    return [
        text_cell(row.name),
        _amount(row.mean_kusd, at=of(case_id, "regret", index, "mean")),
        _amount(row.worst_kusd, at=of(case_id, "regret", index, "worst")),
        Cell(escape(str(row.worst_draw)), "r"),
        Cell(escape(say("{count} of {all} draws", count=row.best_in, all=row.draws)), "r"),
    ]


def _worth(row: WorthRow, case_id: str, index: int) -> list[Cell]:
    return [
        text_cell(row.title),
        _amount(row.cost_kusd, "assumed", at=of(case_id, "worth", index, "cost")),
        _amount(row.marginal_kusd, at=of(case_id, "worth", index, "marginal")),
        _amount(row.alone_kusd, at=of(case_id, "worth", index, "alone")),
    ]


def _left_out(row: LeftOutRow, case_id: str, index: int) -> list[Cell]:
    return [
        text_cell(row.title),
        _amount(row.cost_kusd, "assumed", at=of(case_id, "left", index, "cost")),
        _amount(row.alone_kusd, at=of(case_id, "left", index, "alone")),
        Cell(tag("span", escape(row.why)), "text"),
    ]


def _ally(row: AllyRow, case_id: str, index: int) -> list[Cell]:
    return [
        text_cell(row.name),
        _amount(row.without_kusd, at=of(case_id, "ally", index, "without")),
        _amount(row.with_kusd, at=of(case_id, "ally", index, "with")),
        _amount(row.without_kusd - row.with_kusd, at=of(case_id, "ally", index, "gains")),
        _amount(row.pays_kusd, "assumed", at=of(case_id, "ally", index, "pays")),
    ]
