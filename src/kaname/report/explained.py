"""What stands behind a number of a report: value, band, how it is made, inputs with their basis, causes.

The model holds all of it; nothing is computed again. A number is named by its address (`report/address.py`):
`value`; `shortfall:MARKET:PRODUCT:first|never|worst|lost|value|amount`;
`exposure:MARKET:TO:PRODUCT:HS:COLUMN` (HS may be left out); `measure:ID:cost|level|works_from`;
`plan:cost|left`; `payer:N:pays|share`;
`restored:N:first_without|...`; `ally:N:without|with|gains|pays`; `worth:N:cost|marginal|alone`;
`maker:N:first`; `left:N:cost|alone`; `compared:N:mean|tail`; `bought:N:budget|cost|...`;
`part:N:M:level|cost` (measure M of budget N); `paid:N:M:pays` (payer M); `regret:N:mean|worst`;
`record:N:cells|error|...`. N counts from 0 in the order of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kaname.report import explained_plans as plans
from kaname.report import explained_search as searched
from kaname.report.address import VALUE
from kaname.report.explanation import (
    DATE,
    EXPLAINED,
    FIGURES,
    INDEX,
    KUSD,
    SHARE,
    TONNES,
    Asked,
    Explained,
    Given,
    assumed,
    behind,
    counted,
    no_such_number,
    written,
)
from kaname.report.model import ReportModel, ShortfallRow
from kaname.report.reading import who
from kaname.terms.errors import DataMissing, Problem
from kaname.terms.language import name_of, say, text_of
from kaname.terms.numerals import day, percent

MEASURES = ("first", "never", "worst", "lost", "value", "amount")
"""Of a user that runs short; `amount` only of what is counted in tonnes."""


def explained(model: ReportModel, case_id: str | None = None, what: str = VALUE) -> Explained:
    """Return what stands behind a number of a case (without an id of the first).

    Raises DataMissing for a case or number that the report does not hold.
    """
    kind, *parts = what.split(":")
    if kind in OF_NO_CASE:
        return OF_NO_CASE[kind](model, what, parts)
    found = KINDS.get(kind)
    if found is None:
        known = ", ".join((*OF_NO_CASE, *KINDS))
        raise DataMissing(Problem("no such number", "what", what[:120], f"one that begins with {known}"))
    return found(_asked(model, case_id, what, tuple(parts)))


def _asked(model: ReportModel, case_id: str | None, what: str, parts: tuple[str, ...]) -> Asked:
    """Return what is asked for; the id of a plan stands for the case that it answers."""
    plan = next((one for one in model.responses if one.id == case_id), None)
    title = plan.answers if plan is not None else None
    case = next((one for one in model.cases if case_id in (None, one.id) or one.title == title), None)
    if case is None:
        known = ", ".join(one.id for one in model.cases)
        raise DataMissing(Problem("no such case in the run", "case", str(case_id)[:80], f"one of {known}"))
    plan = plan or next((one for one in model.responses if one.answers == case.title), None)
    return Asked(model, case, plan, what, parts)


def _case_value(asked: Asked) -> Explained:
    model, case, what, parts = asked.model, asked.case, asked.what, asked.parts
    if parts:
        raise asked.none([VALUE])
    return Explained(
        case,
        what,
        "value",
        case.title,
        case.value_kusd,
        KUSD,
        "modelled",
        (case.value_low_kusd, case.value_median_kusd, case.value_high_kusd),
        (*behind(case), *assumed(model, case)),
        case.why[:3],
        case.evidence,
        model.sources,
    )


def _measured(row: ShortfallRow, measure: str) -> tuple[float | str | None, str, tuple[Any, Any, Any] | None]:
    """Return value, unit and band of a measure of a user; KeyError for an unknown one."""
    found: dict[str, tuple[float | str | None, str, tuple[Any, Any, Any] | None]] = {
        "first": (
            row.first_shortfall_date,
            DATE,
            (row.first_shortfall_early, row.first_shortfall_median, row.first_shortfall_late),
        ),
        "never": (row.never_share, SHARE, None),
        "worst": (row.worst_share, SHARE, (row.worst_low, row.worst_median, row.worst_high)),
        "lost": (
            row.lost_output_share,
            SHARE,
            (row.lost_output_low, row.lost_output_median, row.lost_output_high),
        ),
        "value": (
            row.value_kusd,
            KUSD,
            (row.value_low_kusd, row.value_median_kusd, row.value_high_kusd),
        ),
    }
    if row.use_t is not None:
        shares = (row.lost_output_low, row.lost_output_median, row.lost_output_high)
        low, median, high = (share * row.use_t for share in shares)
        found["amount"] = (row.lost_output_share * row.use_t, TONNES, (low, median, high))
    return found[measure]


def _shortfall(asked: Asked) -> Explained:
    model, case, what, parts = asked.model, asked.case, asked.what, asked.parts
    if len(parts) != 3:
        raise asked.none(["shortfall:MARKET:PRODUCT:MEASURE"])
    market, product, measure = parts
    row = next((one for one in case.rows if (one.market, one.product) == (market, product)), None)
    if row is None:
        there = measure if measure in MEASURES else MEASURES[0]
        raise asked.none([f"shortfall:{one.market}:{one.product}:{there}" for one in case.rows[:6]])
    try:
        value, unit, band = _measured(row, measure)
    except KeyError:
        known = [one for one in MEASURES if one != "amount" or row.use_t is not None]
        raise asked.none([f"shortfall:{market}:{product}:{one}" for one in known]) from None
    return Explained(
        case,
        what,
        f"shortfall.{measure}",
        who(row),
        value,
        unit,
        "modelled" if measure == "never" else row.basis,
        band,
        (*_used(row, measure), *_supply(model, market, product), *behind(case), *assumed(model, case)),
        tuple((title, tree) for title, tree in case.why if title == who(row)),
        case.evidence,
        model.sources,
    )


def _used(row: ShortfallRow, measure: str) -> tuple[Given, ...]:
    """Return what a weight is made of: the share that is lost, and the use before the shock."""
    if measure != "amount":
        return ()
    lost = f"shortfall:{row.market}:{row.product}:lost"
    return (
        Given(say("use lost, as a share"), percent(row.lost_output_share), row.basis, "", lost),
        Given(say("use before the shock, same weeks"), written(row.use_t, TONNES), row.basis),
    )


def _supply(model: ReportModel, market: str, product: str) -> list[Given]:
    """Return what the report knows of a market's supply of a product, from each restricting country."""
    found = []
    for row in model.exposure_rows:
        if (row.get("market"), row.get("product")) != (market.partition("/")[0], product):
            continue
        basis, year, hs = str(row.get("basis", "observed")), row.get("year", ""), row.get("hs")
        seller = name_of("markets", str(row.get("to")), str(row.get("to")))
        network = say("network, base state of {year}", year=year)
        source = f"BACI {year}, HS {hs}" if hs else network
        known = (
            (say("imports from {place}, by weight", place=seller), "import_share", basis, source),
            (say("imports from {place}, balanced", place=seller), "import_share_balanced", basis, network),
            (say("concentration of suppliers (HHI)"), "hhi", basis, source),
            (say("stock at users"), "cover_days", "assumed", say("own table of products")),
        )
        found += [
            Given(name, written(row[column], EXPLAINED[column]), kind, place)
            for name, column, kind, place in known
            if row.get(column) is not None
        ]
    return found


def _maker(asked: Asked) -> Explained:
    model, case, heat = asked.model, asked.case, asked.model.heat
    rows = tuple(range(len(heat.rows))) if heat is not None and heat.texts else ()
    row, _ = asked.numbered(rows, ("first",))
    assert heat is not None
    column = model.cases.index(case)
    first, _, rest = heat.texts[row][column].partition("\n")
    span = say("5 to 95 % of the draws that fall short; lowest output")
    notes = ((span, rest), (say("over the horizon"), heat.notes[row][column] if heat.notes else ""))
    given = (Given(name, text, "modelled") for name, text in notes if text)
    causes = tuple((title, tree) for title, tree in case.why if title == heat.rows[row])
    return Explained(
        case, asked.what, "maker.first", heat.rows[row], first, "", "modelled", None,
        (*given, *behind(case), *assumed(model, case)), causes, case.evidence, model.sources,
    )  # fmt: skip


def _record(model: ReportModel, what: str, parts: Sequence[str]) -> Explained:
    measures = ("cells", "default_error", "error", "no_change_error", "proportional_error", "signs")
    row, measure = counted(what, parts, model.record, measures)
    value = getattr(row, measure)
    if value is None or value == "":
        raise no_such_number(what, [f"record:{parts[0]}:cells"])
    unit = FIGURES if measure == "cells" else INDEX
    basis = "observed" if measure == "cells" else "modelled"
    inputs = (
        Given(say("sample"), say(row.sample), "observed"),
        Given(say("result"), row.verdict, "modelled"),
        Given(say("computed on"), day(row.date), "observed", row.data),
    )
    return Explained(
        None, what, f"record.{measure}", text_of(row.title), value, unit, basis, inputs=inputs,
        sources=model.sources,
    )  # fmt: skip


def _exposure(model: ReportModel, what: str, parts: Sequence[str]) -> Explained:
    if len(parts) not in (4, 5):
        raise no_such_number(what, ["exposure:MARKET:TO:PRODUCT:HS:COLUMN"])
    market, to, product, *code, column = parts
    keys = ("market", "to", "product", "hs")[: len(parts) - 1]
    wanted = (market, to, product, *code)
    rows = (row for row in model.exposure_rows if tuple(str(row.get(key)) for key in keys) == wanted)
    row: Mapping[str, Any] | None = next(rows, None)
    if row is None or column not in EXPLAINED:
        raise no_such_number(what, [f"exposure:{market}:{to}:{product}:{one}" for one in EXPLAINED])
    notes = tuple(Given(say("data note"), str(flag), "observed") for flag in row.get("flags", ()))
    basis = "assumed" if column == "cover_days" else str(row.get("basis", "observed"))
    place = Given(say("customs code"), f"HS {row.get('hs', '')}, {row.get('year', '')}", "observed", "BACI")
    name = f"{row.get('name', product)}, {market} from {to}"
    return Explained(
        None, what, f"exposure.{column}", name, row.get(column), EXPLAINED[column], basis,
        inputs=(place, *notes), digits=1, sources=model.sources,
    )  # fmt: skip


KINDS: Mapping[str, Callable[[Asked], Explained]] = {
    VALUE: _case_value,
    "shortfall": _shortfall,
    "maker": _maker,
    "measure": plans.measure,
    "plan": plans.plan_whole,
    "payer": plans.payer,
    "restored": plans.restored,
    "ally": searched.ally,
    "worth": searched.worth,
    "left": searched.left_out,
    "compared": searched.compared,
    "bought": searched.bought,
    "part": searched.part,
    "paid": searched.paid,
    "regret": searched.regret,
}
"""First word of an address -> what explains it."""
OF_NO_CASE: Mapping[str, Callable[[ReportModel, str, Sequence[str]], Explained]] = {
    "exposure": _exposure,
    "record": _record,
}
"""The same for numbers that belong to no case."""
