"""The parts of what stands behind a number: its inputs, the number itself, what was asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kaname.report.formulas import formula_of, name_of_number
from kaname.report.model import (
    AssumptionRow,
    CaseView,
    CauseNode,
    ReportModel,
    ResponseView,
    SearchView,
    SourceRow,
)
from kaname.terms.errors import DataMissing, Problem
from kaname.terms.language import later, say
from kaname.terms.numerals import NONE, day, money, percent, plain

KUSD = "thousand USD"
SHARE = "share"
DATE = "date"
DAYS, INDEX = "days", ""
PER_DOLLAR = "USD per USD"
FIGURES = later("figures")[0]
TONNES = "t"
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
    def name(self) -> str:
        """Return what the number is called, in the language that is spoken."""
        return name_of_number(self.formula)

    @property
    def made(self) -> str:
        """Return how the number is made, in words."""
        return formula_of(self.formula)

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
class Asked:
    """What is asked for: the case, the plan that is meant or answers it, and the parts of the address."""

    model: ReportModel
    case: CaseView
    plan: ResponseView | None
    what: str
    parts: tuple[str, ...]

    def none(self, known: Sequence[str]) -> DataMissing:
        """Return the error that there is no such number."""
        return no_such_number(self.what, known)

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
        return counted(self.what, self.parts, rows, measures)


def counted(what: str, parts: Sequence[str], rows: Sequence[Any], measures: Sequence[str]) -> tuple[Any, str]:
    """Return the row that an address counts to, from 0, and its measure. Raises DataMissing."""
    index, measure = (*parts, "", "")[:2]
    there = index.isdecimal() and len(index) < 6 and int(index) < len(rows)
    if len(parts) != 2 or not there or measure not in measures:
        kind = what.partition(":")[0]
        raise no_such_number(what, [f"{kind}:0 to {len(rows) - 1}:{'|'.join(measures)}"] if rows else [])
    return rows[int(index)], measure


def written(value: float | str | None, unit: str) -> str:
    """Return a value as the report writes it."""
    if value is None:
        return NONE
    if unit == DATE:
        return day(str(value))
    if isinstance(value, str) or not math.isfinite(value):
        return str(value)
    if unit in WRITTEN:
        return WRITTEN[unit](value)
    number = plain(value) if unit not in DECIMALS else f"{value:.{DECIMALS[unit]}f}"
    return f"{number} {say(unit) if unit else unit}".strip()


WRITTEN: Mapping[str, Callable[[float], str]] = {
    KUSD: money,
    SHARE: percent,
    PER_DOLLAR: lambda value: f"{value:,.3g}",
}
"""How numbers of a unit are written; of other units the number with the unit."""


def no_such_number(what: str, known: Sequence[str]) -> DataMissing:
    """Return the error for an address that leads to no number of the run."""
    return DataMissing(
        Problem("no such number in the run", "what", what[:120], ", ".join(known) or "another")
    )


def behind(case: CaseView) -> list[Given]:
    """Return what the value that flows into a case's markets rests on, as inputs."""
    shares = case.basis_shares
    parts = (("observed", shares.observed), ("estimated", shares.estimated), ("assumed", shares.assumed))
    name = say("value that flows into these markets")
    return [Given(name, percent(share), basis) for basis, share in parts]


def assumed(model: ReportModel, case: CaseView) -> list[Given]:
    """Return the assumptions that move the case most, with their ranges and sources."""
    rows = {row.name.partition(": ")[2] or row.name: row for row in model.assumptions}
    return [
        Given(name, f"{row.value} ({row.range})" if row.range else row.value, row.grade, row.source)
        for name in case.depends_on
        if (row := rows.get(name)) is not None
    ]
