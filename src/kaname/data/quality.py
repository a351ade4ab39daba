"""Gross errors in reported quantities: found by unit value, corrected only by the lane's own past.

The reported value is taken as right, the quantity as doubtful. Each product and year has two medians of the
unit value (kUSD per tonne): over rows, and weighted by quantity (half of the tonnes were traded above it). A
unit value is suspicious when it lies more than `FACTOR` outside the span between the two. Either median alone
would destroy real data: small parcels of laboratory grade outnumber the bulk, and one lane of concentrate can
outweigh all metal.

A suspicious quantity is replaced only if its unit value differs by more than `OWN_FACTOR` from the lane's own
median over the three years before, too; otherwise it is flagged and left. A missing quantity is filled from
the lane's own median, else from the median over rows. Every change and every flag is listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

FACTOR = 8.0
OWN_FACTOR = 3.0
HISTORY_YEARS = 3

Floats = NDArray[np.float64]
Lane = tuple[str, str, str]


@dataclass(frozen=True)
class Change:
    """One quantity that was replaced or filled in; `old_t` is None where none was reported."""

    exporter: str
    importer: str
    hs: str
    year: int
    old_t: float | None
    new_t: float
    method: str

    def __str__(self) -> str:
        """Return the change as one sentence."""
        old = "nothing" if self.old_t is None else f"{self.old_t:,.1f} t"
        lane = f"{self.exporter} to {self.importer}, HS {self.hs}, {self.year}"
        return f"{lane}: {old} replaced by {self.new_t:,.1f} t ({self.method})"


@dataclass(frozen=True)
class Flag:
    """One row that looks wrong but was left: quantity, unit value, nearest median (kUSD/t)."""

    exporter: str
    importer: str
    hs: str
    year: int
    quantity_t: float | None
    unit_value: float | None
    median: float | None
    reason: str

    def __str__(self) -> str:
        """Return the flag as one sentence."""
        quantity = "no quantity" if self.quantity_t is None else f"{self.quantity_t:,.1f} t"
        return f"{self.exporter} to {self.importer}, HS {self.hs}, {self.year}: {quantity}, {self.reason}"


@dataclass(frozen=True)
class ScreenResult:
    """`rows`: the given columns plus `imputed` and `flagged` (bool); every change and flag, in row order."""

    rows: pa.Table
    changes: tuple[Change, ...]
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Medians:
    """Unit values of a product in a year, kUSD/t: weighted by quantity, and plain over rows."""

    weighted: float
    plain: float

    def nearest(self, unit: float) -> float:
        """Return the value between the two medians that lies nearest to a unit value."""
        low, high = sorted((self.weighted, self.plain))
        return min(max(unit, low), high)


def _price(kusd_per_t: float) -> str:
    """Return a unit value with three digits, from a thousand on in full: `0.0528`, `58,700`."""
    return f"{kusd_per_t:.3g}" if kusd_per_t < 1000.0 else f"{kusd_per_t:,.0f}"


def screen_unit_values(trade_rows: pa.Table, history_rows: pa.Table) -> ScreenResult:
    """Screen trade rows (columns of `store.trade`) by unit value against the product and the lane's own past.

    `history_rows` holds earlier years, at least the three before; later or equal years are ignored lane by
    lane. Pure; units tonnes and kUSD. A row without a usable median stays without a quantity and is flagged.
    """
    lanes, years, value, quantity = _columns(trade_rows)
    medians = product_medians(trade_rows)
    past = _history(history_rows)
    new = quantity.copy()
    imputed, flagged = np.zeros(len(value), dtype=bool), np.zeros(len(value), dtype=bool)
    changes: list[Change] = []
    flags: list[Flag] = []
    for row, (lane, year) in enumerate(zip(lanes, years, strict=True)):
        own = own_median(past.get(lane, {}), year)
        median = medians.get((lane[2], year))
        if quantity[row] > 0:
            verdict = _judge(lane, year, float(value[row]), float(quantity[row]), median, own)
        else:
            verdict = _fill(lane, year, float(value[row]), median, own)
        if isinstance(verdict, Change):
            new[row], imputed[row] = verdict.new_t, True
            changes.append(verdict)
        elif isinstance(verdict, Flag):
            flagged[row] = True
            flags.append(verdict)
    place = trade_rows.column_names.index("quantity_t")
    rows = trade_rows.set_column(place, "quantity_t", pa.array(new, mask=~(new > 0)))
    rows = rows.append_column("imputed", pa.array(imputed)).append_column("flagged", pa.array(flagged))
    return ScreenResult(rows, tuple(changes), tuple(flags))


def _judge(
    lane: Lane, year: int, value: float, quantity: float, median: Medians | None, own: float | None
) -> Change | Flag | None:
    """Return what is to be done with a reported quantity (> 0): replace, flag, or nothing."""
    unit = value / quantity
    edge = median.nearest(unit) if median else unit
    if not differs(unit, edge, FACTOR):
        return None
    if own is not None and differs(unit, own, OWN_FACTOR):
        method = f"value over the lane's own median, {_price(own)} kUSD/t"
        return Change(*lane, year, quantity, value / own, method)
    why = "no history" if own is None else f"like its own past, {_price(own)}"
    reason = f"unit value {_price(unit)} against {_price(edge)} kUSD/t; {why}; not changed"
    return Flag(*lane, year, quantity, unit, edge, reason)


def _fill(lane: Lane, year: int, value: float, median: Medians | None, own: float | None) -> Change | Flag:
    """Return a quantity for a row without one, or a flag where no unit value is known."""
    if own is not None:
        method = f"no quantity reported; value over the lane's own median, {_price(own)} kUSD/t"
        return Change(*lane, year, None, value / own, method)
    if median is not None:
        method = f"no quantity reported; value over the product's median, {_price(median.plain)} kUSD/t"
        return Change(*lane, year, None, value / median.plain, method)
    return Flag(*lane, year, None, None, None, "no quantity, and no unit value to fill it with")


def product_medians(trade_rows: pa.Table) -> Mapping[tuple[str, int], Medians]:
    """Return the median unit values by (hs, year), kUSD/t; no entry where no row has a quantity."""
    lanes, years, value, quantity = _columns(trade_rows)
    groups: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for row, (lane, year) in enumerate(zip(lanes, years, strict=True)):
        if quantity[row] > 0 and value[row] > 0:
            groups[lane[2], year].append(row)
    found = {}
    for key, members in groups.items():
        unit = value[members] / quantity[members]
        found[key] = Medians(weighted_median(unit, quantity[members]), float(np.median(unit)))
    return found


def weighted_median(values: Floats, weights: Floats) -> float:
    """Return the value at which half of the total weight (> 0) lies below or at it; both of shape (n,)."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def own_median(by_year: Mapping[int, Sequence[float]], year: int) -> float | None:
    """Return a lane's median unit value over the three years before `year`; None without any."""
    units = sorted(unit for back in range(1, HISTORY_YEARS + 1) for unit in by_year.get(year - back, ()))
    middle = len(units) // 2
    if not units:
        return None
    return units[middle] if len(units) % 2 else (units[middle - 1] + units[middle]) / 2.0


def differs(unit: float, median: float, factor: float) -> bool:
    """Tell whether a unit value lies more than `factor` above or below a median."""
    return unit > factor * median or unit * factor < median


def _columns(table: pa.Table) -> tuple[list[Lane], list[int], Floats, Floats]:
    """Return lanes (exporter, importer, hs), years, values and quantities (NaN where missing)."""
    keys = [table[name].to_pylist() for name in ("exporter", "importer", "hs")]
    value = table["value_kusd"].to_numpy(zero_copy_only=False).astype(np.float64)
    quantity = table["quantity_t"].to_numpy(zero_copy_only=False).astype(np.float64)
    return list(zip(*keys, strict=True)), table["year"].to_pylist(), value, quantity


def _history(table: pa.Table) -> Mapping[Lane, Mapping[int, list[float]]]:
    """Return the unit values of each lane by year."""
    lanes, years, value, quantity = _columns(table)
    found: defaultdict[Lane, dict[int, list[float]]] = defaultdict(dict)
    for row, (lane, year) in enumerate(zip(lanes, years, strict=True)):
        if quantity[row] > 0 and value[row] > 0:
            found[lane].setdefault(year, []).append(float(value[row] / quantity[row]))
    return found
