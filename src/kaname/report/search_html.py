"""How a plan was found, in its section: what a budget buys, what was compared, what was left out."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.report.address import of
from kaname.report.charts.svg import escape, tag
from kaname.report.markup import Cell, figure, number, table, text_cell
from kaname.report.model import AllyRow, LeftOutRow, SearchView, WorthRow
from kaname.respond.plan import FrontierPoint, Loss
from kaname.terms.language import commas, later, said, say
from kaname.terms.numerals import NONE, money, money_span

BOUGHT = later("Budget", "Spent", "Loss left", "Planner's account", "A dollar more avoids", "What comes in")
COMPARED = later("Plan", "Mean loss", "Mean of the worst draws")
WORTH = later("Measure", "Cost", "Lost again without it", "Avoids alone")
LEFT_OUT = later("Measure", "Cost", "Avoids alone", "Why it is left out")
ALLIES = later("Country", "Loses without", "with the plan", "Gains", "Pays")


def search_part(view: SearchView, ident: str, case_id: str) -> str:
    """Return the part: the sentence, what a budget buys, and behind toggles all that was tried."""
    allies = [_ally(row, case_id, i) for i, row in enumerate(view.allies)]
    compared = [_compared(name, loss) for name, loss in view.compared]
    parts = [
        tag("h4", say("How the plan was found")),
        tag("p", escape(view.sentence)),
        figure(view.frontier, key=f"{ident}/frontier") if view.frontier is not None else "",
        _folded(say("What each budget buys"), said(BOUGHT), [_bought(row) for row in view.bought]),
        table(say("Who gains and who pays, mean over the draws"), said(ALLIES), allies),
        table(say("The plan beside other answers"), said(COMPARED), compared),
        _folded(
            say("What each measure of the plan is worth"),
            said(WORTH),
            [_worth(row, case_id, i) for i, row in enumerate(view.worth)],
        ),
        _folded(
            say("Measures left out, with the reason"),
            said(LEFT_OUT),
            [_left_out(row) for row in view.left_out],
        ),
    ]
    return "".join(parts)


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


def _bought(row: FrontierPoint) -> list[Cell]:
    per = NONE if row.per_dollar is None else say("{amount} USD", amount=f"{row.per_dollar:,.3g}")
    return [
        Cell(number(money(row.budget_kusd), "observed")),
        _amount(row.cost_kusd, "assumed"),
        _amount(row.delivered_kusd, extra=_band(row.delivered_low_kusd, row.delivered_high_kusd)),
        _amount(row.promised_kusd),
        Cell(escape(per), "r"),
        text_cell(commas(row.enters) or NONE),
    ]


def _compared(name: str, loss: Loss) -> list[Cell]:
    return [
        text_cell(name),
        _amount(loss.mean_kusd, extra=_band(loss.low_kusd, loss.high_kusd)),
        _amount(loss.tail_kusd),
    ]


def _worth(row: WorthRow, case_id: str, index: int) -> list[Cell]:
    return [
        text_cell(row.title),
        _amount(row.cost_kusd, "assumed", at=of(case_id, "worth", index, "cost")),
        _amount(row.marginal_kusd, at=of(case_id, "worth", index, "marginal")),
        _amount(row.alone_kusd, at=of(case_id, "worth", index, "alone")),
    ]


def _left_out(row: LeftOutRow) -> list[Cell]:
    return [
        text_cell(row.title),
        _amount(row.cost_kusd, "assumed"),
        _amount(row.alone_kusd),
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
