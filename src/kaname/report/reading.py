"""What a case says at a glance: where it starts, who runs short first, who falls lowest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from kaname.report.model import CaseView, ShortfallRow
from kaname.scenario.ranges import Evidence
from kaname.terms.language import say
from kaname.terms.numerals import money as money_text
from kaname.terms.numerals import money_span, parse_day


def start_of(case: CaseView) -> str | None:
    """Return the first day of a case's horizon, from its timelines or from a row's days to shortfall."""
    for spec in case.timelines:
        if spec.dates:
            return spec.dates[0]
    for row in case.rows:
        if row.first_shortfall_date and row.days_to_shortfall is not None:
            return (parse_day(row.first_shortfall_date) - timedelta(days=row.days_to_shortfall)).isoformat()
    return None


def first_row(case: CaseView) -> ShortfallRow | None:
    """Return the row that runs short first (by the central date; of several the one that loses most), or
    None.
    """
    rows = by_onset(row for row in case.rows if row.first_shortfall_date)
    return rows[0] if rows else None


def by_onset(rows: Iterable[ShortfallRow]) -> list[ShortfallRow]:
    """Return rows by their first shortfall in the central draw, of one date those that lose most first."""
    return sorted(
        rows,
        key=lambda row: (row.first_shortfall_date or "9999", -row.lost_output_share, row.market, row.product),
    )


def worst_row(case: CaseView) -> ShortfallRow | None:
    """Return the row with the lowest weekly use, or None where nothing falls."""
    rows = [row for row in case.rows if row.worst_share < 1]
    return min(rows, key=lambda row: (row.worst_share, row.market, row.product), default=None)


def who(row: ShortfallRow) -> str:
    """Return the name of a row as prose: product, market."""
    return say("{product}, {market}", product=row.product_name, market=row.market_name)


def money_range(case: CaseView) -> str:
    """Return the band of the case's value, with its median."""
    if case.value_low_kusd == case.value_high_kusd:
        return say("in every draw")
    span = money_span(case.value_low_kusd, case.value_high_kusd)
    return span + say(", median {median}", median=money_text(case.value_median_kusd))


def citation(proof: Evidence) -> str:
    """Return a piece of evidence in one line: source, what it says or where, address, date."""
    head = ": ".join(part for part in (proof.source, proof.page) if part)
    when = proof.date.isoformat() if proof.date else ""
    return "; ".join(part for part in (head, proof.url, when) if part)


def slug(ident: str) -> str:
    """Return an identifier that is safe in an address."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in ident) or "case"
