"""What stands behind a number of a report: value, band, how it is made, inputs with their basis, causes.

The model holds all of it; nothing is computed again. A number is named by its address (`report/address.py`):
`value`; `shortfall:MARKET:PRODUCT:first|never|worst|lost|value`; `exposure:MARKET:TO:PRODUCT:HS:COLUMN` (HS
may be left out); `measure:ID:cost`; `plan:cost`; `payer:N:pays`; `restored:N:lost_without|...`;
`ally:N:without|with|gains|pays`; `worth:N:cost|marginal|alone`, N counting from 0 in the order of the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kaname.report.address import VALUE
from kaname.report.model import (
    AssumptionRow,
    CaseView,
    CauseNode,
    MeasureRow,
    ReportModel,
    ResponseView,
    SearchView,
    ShortfallRow,
    SourceRow,
)
from kaname.report.reading import who
from kaname.terms.errors import DataMissing, Problem
from kaname.terms.language import name_of, say
from kaname.terms.numerals import NONE, day, money, percent, plain

KUSD = "thousand USD"
SHARE = "share"
DATE = "date"
DAYS, INDEX = "days", ""
DECIMALS = {DAYS: 0, INDEX: 2}
"""Decimals of what is always written alike: days of stock, and an index from 0 to 1."""
EXPLAINED: Mapping[str, str] = {
    "import_t": "t",
    "import_share": SHARE,
    "import_share_value": SHARE,
    "import_share_balanced": SHARE,
    "consumption_share": SHARE,
    "hhi": INDEX,
    "cover_days": DAYS,
    "spare_capacity_t": "t",
}
"""Columns of the exposure that are explained -> their unit."""


@dataclass(frozen=True)
class Given:
    """One input of a number: what it is, how it reads, its basis, and where it comes from."""

    name: str
    text: str
    basis: str
    source: str = ""
    what: str = ""
    """Its own address in the same case, where it has one."""


@dataclass(frozen=True)
class Explained:
    """A number with all that a report knows of it.

    `formula` names how it is made: kind and measure, such as `shortfall.worst`. `value` is None where it is
    missing, which is never zero; `band` is (low, median, high), None where there is none; its
    median may be. `causes` are the trees of this number's user; empty where the report holds none.
    """

    case: CaseView | None
    what: str
    formula: str
    who: str
    value: float | str | None
    unit: str
    basis: str
    band: tuple[float | str | None, float | str | None, float | str | None] | None = None
    inputs: tuple[Given, ...] = ()
    causes: tuple[tuple[str, CauseNode], ...] = ()
    evidence: tuple[AssumptionRow, ...] = ()
    sources: tuple[SourceRow, ...] = field(default=())
    digits: int | None = None  # decimals of a share, where they are fixed

    @property
    def text(self) -> str:
        """Return the value as the report writes it."""
        if self.unit == SHARE and isinstance(self.value, float):
            return percent(self.value, self.digits)
        return written(self.value, self.unit)

    @property
    def band_text(self) -> str:
        """Return the band as the report writes it; empty without one."""
        if self.band is None or all(one is None for one in self.band):
            return ""
        low, median, high = (written(one, self.unit) for one in self.band)
        middle = "" if self.band[1] is None else say(", median {median}", median=median)
        return "" if low == high else say("{low} to {high}", low=low, high=high) + middle


@dataclass(frozen=True)
class _Asked:
    """What is asked for: the case, the plan that is meant or answers it, and the parts of the address."""

    model: ReportModel
    case: CaseView
    plan: ResponseView | None
    what: str
    parts: tuple[str, ...]

    def none(self, known: Sequence[str]) -> DataMissing:
        """Return the error that there is no such number."""
        return _none(self.what, known)

    def planned(self) -> ResponseView:
        """Return the plan. Raises DataMissing where no plan answers the case."""
        if self.plan is None:
            raise self.none([f"a case with a plan: {one.id}" for one in self.model.responses])
        return self.plan

    def searched(self) -> SearchView:
        """Return the search that the plan came from. Raises DataMissing without one."""
        found = self.planned().search
        if found is None:
            raise self.none(["a plan that a search found"])
        return found

    def numbered(self, rows: Sequence[Any], measures: Sequence[str]) -> tuple[Any, str]:
        """Return the row that the address counts to, and its measure. Raises DataMissing."""
        index, measure = (*self.parts, "", "")[:2]
        there = index.isdecimal() and len(index) < 6 and int(index) < len(rows)
        if len(self.parts) != 2 or not there or measure not in measures:
            kind = self.what.partition(":")[0]
            raise self.none([f"{kind}:0 to {len(rows) - 1}:{'|'.join(measures)}"] if rows else [])
        return rows[int(index)], measure


def written(value: float | str | None, unit: str) -> str:
    """Return a value as the report writes it."""
    if value is None:
        return NONE
    if unit == DATE:
        return day(str(value))
    if isinstance(value, str) or not math.isfinite(value):
        return str(value)
    if unit == KUSD:
        return money(value)
    if unit in DECIMALS:
        return f"{value:.{DECIMALS[unit]}f} {say(unit) if unit else unit}".strip()
    return percent(value) if unit == SHARE else f"{plain(value)} {say(unit) if unit else unit}".strip()


def explained(model: ReportModel, case_id: str | None = None, what: str = VALUE) -> Explained:
    """Return what stands behind a number of a case (without an id of the first).

    Raises DataMissing for a case or number that the report does not hold.
    """
    kind, *parts = what.split(":")
    if kind == "exposure":
        return _exposure(model, what, parts)
    found = KINDS.get(kind)
    if found is None:
        known = ", ".join(("exposure", *KINDS))
        raise DataMissing(Problem("no such number", "what", what[:120], f"one that begins with {known}"))
    return found(_asked(model, case_id, what, tuple(parts)))


def _asked(model: ReportModel, case_id: str | None, what: str, parts: tuple[str, ...]) -> _Asked:
    """Return what is asked for; the id of a plan stands for the case that it answers."""
    plan = next((one for one in model.responses if one.id == case_id), None)
    title = plan.answers if plan is not None else None
    case = next((one for one in model.cases if case_id in (None, one.id) or one.title == title), None)
    if case is None:
        known = ", ".join(one.id for one in model.cases)
        raise DataMissing(Problem("no such case in the run", "case", str(case_id)[:80], f"one of {known}"))
    plan = plan or next((one for one in model.responses if one.answers == case.title), None)
    return _Asked(model, case, plan, what, parts)


def _case_value(asked: _Asked) -> Explained:
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
        (*_behind(case), *_assumed(model, case)),
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
    return found[measure]


def _shortfall(asked: _Asked) -> Explained:
    model, case, what, parts = asked.model, asked.case, asked.what, asked.parts
    if len(parts) != 3:
        raise asked.none(["shortfall:MARKET:PRODUCT:MEASURE"])
    market, product, measure = parts
    row = next((one for one in case.rows if (one.market, one.product) == (market, product)), None)
    if row is None:
        raise asked.none([f"shortfall:{one.market}:{one.product}:{measure}" for one in case.rows[:6]])
    try:
        value, unit, band = _measured(row, measure)
    except KeyError:
        measures = ("first", "never", "worst", "lost", "value")
        raise asked.none([f"shortfall:{market}:{product}:{one}" for one in measures]) from None
    return Explained(
        case,
        what,
        f"shortfall.{measure}",
        who(row),
        value,
        unit,
        "modelled" if measure == "never" else row.basis,
        band,
        (*_supply(model, market, product), *_behind(case), *_assumed(model, case)),
        tuple((title, tree) for title, tree in case.why if title == who(row)),
        case.evidence,
        model.sources,
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


def _behind(case: CaseView) -> list[Given]:
    shares = case.basis_shares
    parts = (("observed", shares.observed), ("estimated", shares.estimated), ("assumed", shares.assumed))
    name = say("value that flows into these markets")
    return [Given(name, percent(share), basis) for basis, share in parts]


def _assumed(model: ReportModel, case: CaseView) -> list[Given]:
    """Return the assumptions that move the case most, with their ranges and sources."""
    rows = {row.name.partition(": ")[2] or row.name: row for row in model.assumptions}
    return [
        Given(name, f"{row.value} ({row.range})" if row.range else row.value, row.grade, row.source)
        for name in case.depends_on
        if (row := rows.get(name)) is not None
    ]


def _exposure(model: ReportModel, what: str, parts: Sequence[str]) -> Explained:
    if len(parts) not in (4, 5):
        raise _none(what, ["exposure:MARKET:TO:PRODUCT:HS:COLUMN"])
    market, to, product, *code, column = parts
    keys = ("market", "to", "product", "hs")[: len(parts) - 1]
    wanted = (market, to, product, *code)
    rows = (row for row in model.exposure_rows if tuple(str(row.get(key)) for key in keys) == wanted)
    row: Mapping[str, Any] | None = next(rows, None)
    if row is None or column not in EXPLAINED:
        raise _none(what, [f"exposure:{market}:{to}:{product}:{one}" for one in EXPLAINED])
    notes = tuple(Given(say("data note"), str(flag), "observed") for flag in row.get("flags", ()))
    basis = "assumed" if column == "cover_days" else str(row.get("basis", "observed"))
    place = Given(say("customs code"), f"HS {row.get('hs', '')}, {row.get('year', '')}", "observed", "BACI")
    name = f"{row.get('name', product)}, {market} from {to}"
    return Explained(
        None, what, f"exposure.{column}", name, row.get(column), EXPLAINED[column], basis,
        inputs=(place, *notes), digits=1, sources=model.sources,
    )  # fmt: skip


def _measure(asked: _Asked) -> Explained:
    case, what, parts = asked.case, asked.what, asked.parts
    plan = asked.planned()
    row = next((one for one in plan.measures if parts == (one.id, "cost")), None)
    if row is None:
        raise asked.none([f"measure:{one.id}:cost" for one in plan.measures[:6]])
    payers = [
        Given(say("paid by {name}", name=name), percent(share), "assumed")
        for name, share in row.payers
        if share
    ]
    proofs = [Given(say("evidence"), text, row.basis) for text in row.evidence]
    return Explained(
        case, what, "measure.cost", row.title, row.cost_kusd, KUSD, "assumed",
        (row.cost_low_kusd, None, row.cost_high_kusd),
        (Given(say("level"), percent(row.level), "modelled"), *payers, *proofs), sources=(),
    )  # fmt: skip


def _cost_of(row: MeasureRow) -> str:
    """Return the address of what a measure costs."""
    return f"measure:{row.id}:cost"


def _plan_cost(asked: _Asked) -> Explained:
    case, what, parts = asked.case, asked.what, asked.parts
    plan = asked.planned()
    if parts != ("cost",):
        raise asked.none(["plan:cost"])
    low, cost, high = (
        sum(getattr(row, f"{name}kusd") for row in plan.measures)
        for name in ("cost_low_", "cost_", "cost_high_")
    )
    rows = sorted(plan.measures, key=lambda row: -row.cost_kusd)
    return Explained(
        case, what, "plan.cost", plan.title, cost, KUSD, "assumed", (low, None, high),
        tuple(
            Given(row.title, money(row.cost_kusd), "assumed", "; ".join(row.evidence[:1]), _cost_of(row))
            for row in rows
        ),
    )  # fmt: skip


def _payer(asked: _Asked) -> Explained:
    case, what = asked.case, asked.what
    plan = asked.planned()
    row, measure = asked.numbered(plan.payers, ("pays",))
    inputs = [
        Given(
            one.title,
            money(one.cost_kusd * share),
            "assumed",
            say("{share} of its cost", share=percent(share)),
            f"measure:{one.id}:cost",
        )
        for one in sorted(plan.measures, key=lambda one: -one.cost_kusd)
        for name, share in one.payers
        if share and row.budget is not None and name == row.budget.country
    ]
    if row.budget is not None:
        inputs.append(Given(row.budget.name, money(row.budget.amount_kusd), "observed", row.budget.rate))
    return Explained(
        case, what, f"payer.{measure}", row.name, row.amount_kusd, KUSD, "assumed", inputs=tuple(inputs)
    )  # fmt: skip


def _restored(asked: _Asked) -> Explained:
    model, case, what = asked.model, asked.case, asked.what
    plan = asked.planned()
    measures = ("lost_without", "lost_with", "value_without", "value_with")
    row, measure = asked.numbered(plan.restored, measures)
    share = measure.startswith("lost")
    value = getattr(row, measure if share else f"{measure}_kusd")
    return Explained(
        case, what, f"restored.{measure}", row.name, value, SHARE if share else KUSD, "modelled",
        inputs=(*_behind(case), *_assumed(model, case)),
        causes=tuple((title, tree) for title, tree in case.why if title == row.name),
        evidence=case.evidence, sources=model.sources,
    )  # fmt: skip


def _ally(asked: _Asked) -> Explained:
    case, what = asked.case, asked.what
    rows = asked.searched().allies
    row, measure = asked.numbered(rows, ("without", "with", "gains", "pays"))
    gains = row.without_kusd - row.with_kusd
    value = gains if measure == "gains" else getattr(row, f"{measure}_kusd")
    inputs = (
        Given(say("loses without the plan"), money(row.without_kusd), "modelled"),
        Given(say("loses with the plan"), money(row.with_kusd), "modelled"),
        Given(say("pays"), money(row.pays_kusd), "assumed"),
    )
    basis = "assumed" if measure == "pays" else "modelled"
    return Explained(case, what, f"ally.{measure}", row.name, value, KUSD, basis, inputs=inputs)


def _worth(asked: _Asked) -> Explained:
    case, what = asked.case, asked.what
    rows = asked.searched().worth
    row, measure = asked.numbered(rows, ("cost", "marginal", "alone"))
    basis = "assumed" if measure == "cost" else "modelled"
    proofs = [
        Given(say("evidence"), text, one.basis)
        for one in asked.planned().measures
        if one.title == row.title
        for text in one.evidence
    ]
    value = getattr(row, f"{measure}_kusd")
    return Explained(case, what, f"worth.{measure}", row.title, value, KUSD, basis, inputs=tuple(proofs))


def _none(what: str, known: Sequence[str]) -> DataMissing:
    return DataMissing(
        Problem("no such number in the run", "what", what[:120], ", ".join(known) or "another")
    )


KINDS: Mapping[str, Callable[[_Asked], Explained]] = {
    VALUE: _case_value,
    "shortfall": _shortfall,
    "measure": _measure,
    "plan": _plan_cost,
    "payer": _payer,
    "restored": _restored,
    "ally": _ally,
    "worth": _worth,
}
"""First word of an address -> what explains it; `exposure` belongs to no case."""
