"""Public budgets in thousand US dollars, at the dated rates of the table `exchange_rates`. Pure.

Rows are mappings with the columns of `budgets` and `exchange_rates`, typed as `store.own_table` gives them:
`own_table(name).to_pylist()`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kaname.terms.errors import DataMissing, Problem, TableError

Row = Mapping[str, Any]
DOLLAR = "USD"
KUSD_PER_BN = 1e6
"""Thousand dollars in a billion dollars."""


@dataclass(frozen=True)
class Rate:
    """A unit of a currency in US dollars, central, low and high; `day` is None for the dollar itself."""

    currency: str
    usd: float
    low: float
    high: float
    day: date | None


@dataclass(frozen=True)
class Money:
    """An amount in thousand US dollars, central, low and high, and the day of the rate (None: USD)."""

    kusd: float
    low_kusd: float
    high_kusd: float
    rate_day: date | None


def usd_per(currency: str, rates: Sequence[Row], on: date | None = None) -> Rate:
    """Return what a unit of a currency is worth in US dollars (USD/unit).

    Of several rates the one nearest to the day `on` counts, of two as near the earlier; without `on` the
    latest. However far that is: the answer tells its day. Raises `DataMissing` for a currency without a
    rate, `TableError` for a rate that is not above zero.
    """
    if currency == DOLLAR:
        return Rate(DOLLAR, 1.0, 1.0, 1.0, None)
    found = [row for row in rates if row["currency"] == currency]
    if not found:
        known = ", ".join(sorted({DOLLAR, *(str(row["currency"]) for row in rates)}))
        fix = "Add a dated rate with its source to exchange_rates.csv, or give the amount in dollars"
        what = f"no exchange rate of {currency or 'a currency without a name'}"
        raise DataMissing(Problem(what, "exchange_rates", repr(currency), known, fix))
    if on is None:
        row = max(found, key=lambda row: row["date"])
    else:
        row = min(found, key=lambda row: (abs((row["date"] - on).days), row["date"]))
    units = _given(row, "units_per_usd", 0.0)
    most, fewest = _given(row, "high", units), _given(row, "low", units)
    where = f"exchange_rates, {currency} {row['date']}"
    cells = {"units_per_usd": units, "low": fewest, "high": most}
    problems = [_not_positive(where, name, cell) for name, cell in cells.items() if not cell > 0.0]
    if problems:
        raise TableError(problems)
    return Rate(currency, 1.0 / units, 1.0 / most, 1.0 / fewest, row["date"])


def budget_kusd(row: Row, rates: Sequence[Row], on: date | None = None) -> Money:
    """Return a budget in thousand US dollars, with its range and the day of the rate used.

    `row` is in billions of its currency. The rate is the one nearest to `on`, by default to the day of the
    budget's source; give one day for all budgets to compare them. The range spans that of the amount and
    that of the rate. Raises `DataMissing` without a rate, `TableError` with all faults of the row.
    """
    where = f"budgets, {row['budget']}"
    problems = [
        _not_positive(where, name, row[name])
        for name in ("amount", "amount_low", "amount_high")
        if not _given(row, name, 0.0 if name == "amount" else 1.0) > 0.0
    ]
    if row["unit"] != "bn":
        fix = "Give the amount in billions of the national currency"
        problems.append(Problem("the unit is not known", where, repr(row["unit"]), "bn", fix))
    if problems:
        raise TableError(problems)
    rate = usd_per(row["currency"], rates, on or row["source_date"])
    amount = row["amount"]
    low, high = _given(row, "amount_low", amount), _given(row, "amount_high", amount)
    return Money(
        amount * rate.usd * KUSD_PER_BN,
        low * rate.low * KUSD_PER_BN,
        high * rate.high * KUSD_PER_BN,
        rate.day,
    )


def _given(row: Row, name: str, otherwise: float) -> float:
    """Return a cell, or another value where it is empty."""
    value = row[name]
    return otherwise if value is None else float(value)


def _not_positive(where: str, name: str, got: Any) -> Problem:
    """Return the fault of a cell that must be above zero."""
    fix = "Correct the cell; what is not known is left out, not zero"
    return Problem(f"{name} is not above zero", where, str(got), "a number above 0", fix)
