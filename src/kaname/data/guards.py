"""The eight traps of the data, each guarded by one function that the pipeline itself calls.

`GUARDS` lists them; docs/quality.md tells trap, guard and test. Callers write `guards.NAME(...)`, so that a
test can put the identity in a guard's place and show what goes wrong without it. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from kaname.data.codes_history import smaller_since
from kaname.data.quality import ScreenResult, screen_unit_values
from kaname.terms.errors import Problem

if TYPE_CHECKING:
    from kaname.data.balance import BalanceProblem, BalanceResult

Row = Mapping[str, Any]
_LEAST_WEIGHT = 1e-6  # kUSD/t: in place of a missing price when a value is split


@dataclass(frozen=True)
class Guard:
    """One trap: its number, the name of the function that guards it, where that is called, both sentences."""

    number: int
    name: str
    called_in: str
    trap: str
    sentence: str


def screened_quantities(rows: pa.Table, history: pa.Table) -> ScreenResult:
    """Guard 1: return rows with gross errors in tonnes replaced or flagged (`quality.screen_unit_values`).

    Columns of `store.trade`; `history` holds the three years before.
    """
    return screen_unit_values(rows, history)


def absent_codes(
    codes: Sequence[str], year: int, present: Collection[str], years_of: Callable[[str], Sequence[int]]
) -> list[Problem]:
    """Guard 2: return a problem for each code without a row in a year, so that nobody reads it as zero.

    `present` are the codes with rows in the year, `years_of` gives the years with rows of a code, ascending.
    """
    problems = []
    for code in codes:
        if code not in present:
            years = years_of(code)
            if not years:  # an imported folder names the codes of the network that it has no rows of
                problems.append(
                    Problem(f"HS {code} has no data at all", "trade", code, fix="Import its trade")
                )
                continue
            before = [known for known in years if known < year]
            last = before[-1] if before else years[0]
            which = "last" if before else "first"
            problems.append(
                Problem(
                    f"HS {code} has no data in {year}; the {which} year with data is {last}",
                    "trade",
                    got=str(year),
                    expected=f"{years[0]}-{years[-1]}",
                    fix="Missing is not zero: use another year, or supply shares for this stage",
                )
            )
    return problems


def without_code(product: str, traded: Collection[str]) -> bool:
    """Guard 3: tell whether no HS code shows a product, so that its lanes are estimated and marked so."""
    return product not in traded


def stage_parts(
    corrected: Sequence[Row] | None, own: Sequence[Row] | None, default: Sequence[Row] | None
) -> Sequence[Row]:
    """Guard 4: return what goods under an HS code are: the lane's correction, else the exporter's, else the
    default split.
    """
    return corrected or own or default or []


def balanced(problem: BalanceProblem, solver: str) -> BalanceResult:
    """Guard 5: return production, trade and use made to agree at every node (rule N7)."""
    from kaname.data.balance import solve_balance  # noqa: PLC0415 - the store needs no solver

    return solve_balance(problem, solver)


def contained_t(gross_t: float, share: float, factor: float) -> float:
    """Return tonnes of contained metal or oxide in a gross weight, as mine output counts them (beside guard
    5).
    """
    return gross_t * share * factor


def own_past(history: pa.Table, year: int) -> pa.Table:
    """Guard 6: leave out earlier rows of a country whose code stood for another territory then.

    `history` has the columns of `store.trade`. Belgium's lanes of 1998 are those of Belgium-Luxembourg.
    """
    for iso3, last_year in smaller_since(year).items():
        touched = (pc.field("exporter") == iso3) | (pc.field("importer") == iso3)
        history = history.filter(~(touched & (pc.field("year") <= last_year)))
    return history


def reexported_t(imported_t: float, exported_t: float, made_t: float) -> float:
    """Guard 7: return what a country passes on: exports beyond its output, at most its imports (rule N3)."""
    return min(imported_t, max(0.0, exported_t - made_t))


def value_shares(contained: Sequence[float], prices: Sequence[float]) -> list[float]:
    """Guard 8: return how the value of a reported row falls on its products: by cited prices (kUSD/t).

    The row has one unit value, its products have several prices; by weight alone all would be worth the same.
    Shares add up to 1; all 0 where nothing is contained.
    """
    worth = [tonnes * max(price, _LEAST_WEIGHT) for tonnes, price in zip(contained, prices, strict=True)]
    total = sum(worth)
    return [part / total if total > 0.0 else 0.0 for part in worth]


GUARDS = (
    Guard(
        1,
        "screened_quantities",
        "kaname.baseline",
        "Reported weights have gross errors, and a plain screen of unit values destroys real data.",
        "A weight is replaced only where its unit value is far from the product's and from its own past;"
        " every change is listed.",
    ),
    Guard(
        2,
        "absent_codes",
        "kaname.data.store",
        "HS codes were given up; read as zero they say that nobody depends on anybody.",
        "A code without rows in a year is an error that names the last year with data, never zero.",
    ),
    Guard(
        3,
        "without_code",
        "kaname.network.build",
        "No HS code of the embedded trade shows gallium, magnets and other stages.",
        "Such a stage gets lanes from supply shares and use keys, marked estimated or assumed.",
    ),
    Guard(
        4,
        "stage_parts",
        "kaname.network.flows",
        "A share of trade is not a share of refining, and goods are booked under the wrong stage.",
        "Each lane takes the cited stage of its goods before the exporter's or the default split.",
    ),
    Guard(
        5,
        "balanced",
        "kaname.network.reconcile",
        "Output plus imports less exports is negative at many nodes, and sources disagree.",
        "A weighted balance closes every node; nobody uses less than nothing, and every change is listed.",
    ),
    Guard(
        6,
        "own_past",
        "kaname.baseline",
        "Codes of countries change meaning: BEL holds Luxembourg before 1999, SDN South Sudan before 2012.",
        "Rows of another territory are not taken as a lane's own past.",
    ),
    Guard(
        7,
        "reexported_t",
        "kaname.network.assemble",
        "Entrepots export what they do not make and hide the origin.",
        "Exports beyond output pass through as re-exports of what was imported.",
    ),
    Guard(
        8,
        "value_shares",
        "kaname.network.flows",
        "A unit value is not a price: one row holds products of very different prices.",
        "The value of a row falls on its products by cited prices; no unit value is used as a price.",
    ),
)
"""The guards in the order of the traps."""
