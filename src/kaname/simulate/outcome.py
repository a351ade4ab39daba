"""Outcome: what a simulation gives back, labelled (architecture, invariant 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import SUPPLIER_KINDS, Network
from kaname.scenario.shock import Prices, Shock
from kaname.terms.errors import InputError, Problem

if TYPE_CHECKING:
    import xarray as xr

Record = Literal["summary", "full"]
Floats = NDArray[np.float64]

FLOW = "per period, in t or index points (coordinate {axis}_unit)"
LEVEL = "in t or index points (coordinate {axis}_unit)"

# name -> (axis, units, sentence); the first group is always kept
SUMMARY: dict[str, tuple[str, str, str]] = {
    "consumer_need": ("consumer", FLOW, "use wanted at the base price: by suppliers and final (rule M8)"),
    "consumer_used": ("consumer", FLOW, "use served: by suppliers and final (rule M8)"),
    "consumer_final_wanted": ("consumer", FLOW, "final use wanted at the base price"),
    "consumer_shortfall": ("consumer", FLOW, "final use wanted but not served, lost (rule M10)"),
    "consumer_priced_out": ("consumer", FLOW, "of it, given up because of the price (rule M11)"),
    "consumer_fill": ("consumer", "share", "share of the wanted use that stock allows (rule M8)"),
    "supplier_output": ("supplier", FLOW, "output, all of it shipped (rule M8)"),
    "supplier_asked": ("supplier", FLOW, "ordered by its customers, after permissions and pools (rule M9)"),
    "price_level": ("price", "of the base price", "price in the period; row 0 is no price (rule M11)"),
}
FULL: dict[str, tuple[str, str, str]] = {
    "consumer_stock": ("consumer", LEVEL, "stock after the period's arrivals and release"),
    "consumer_reserve": ("consumer", LEVEL, "national reserve left after the period's release"),
    "consumer_released": ("consumer", FLOW, "released from the national reserve"),
    "consumer_arrived": ("consumer", FLOW, "arrived on all lanes"),
    "consumer_given_up": ("consumer", FLOW, "use given up because of the price, by suppliers and final"),
    "consumer_ordered": ("consumer", FLOW, "what the consumer wants to order, before permissions (rule M5)"),
    "supplier_wanted": ("supplier", FLOW, "output asked for, within capacity (rule M8)"),
    "supplier_mark": ("supplier", "share", "mark that base customers give, at order time (rule M6)"),
    "lane_ordered": ("lane", FLOW, "order after permission, quota, re-sourcing and contracts (M6, M7, R2)"),
    "lane_contracted": ("lane", FLOW, "of it, under a contract (rule R2)"),
    "lane_shipped": ("lane", FLOW, "shipped in the period (rule M9)"),
    "lane_arrived": ("lane", FLOW, "arrived in the period"),
}


@dataclass(frozen=True)
class Watch:
    """The consumers and suppliers that a summary keeps: their indices in the network, in any order.

    What is simulated stays the whole network; only what is remembered shrinks, from 8 bytes per draw, period
    and member to the members named here.
    """

    consumers: NDArray[np.integer[Any]]
    suppliers: NDArray[np.integer[Any]]

    def __post_init__(self) -> None:
        """Freeze copies of the arrays. Raises InputError for anything but a list of whole numbers."""
        for name in ("consumers", "suppliers"):
            given = np.asarray(getattr(self, name))
            if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
                got, expected = f"{given.dtype} of shape {given.shape}", "whole numbers, one axis"
                raise InputError(Problem("not a list of indices", f"Watch.{name}", got, expected))
            index = np.array(given, dtype=np.int64)
            index.setflags(write=False)
            object.__setattr__(self, name, index)


@dataclass(frozen=True)
class Outcome:
    """What happened to every supplier and consumer (and, with record="full", on every lane).

    `data` holds float64 variables over (draw, period, consumer | supplier | price | lane), each with `units`,
    `basis` (always `modelled`) and `long_name`; coordinates carry the market and product ids, the index in
    the network (`consumer_index`, `supplier_index`: with a `Watch` not all are there), the draw's name and
    the date on which each period begins. `arrays` are the same numbers bare, by name.
    """

    arrays: Mapping[str, Floats]
    record: Record
    network: Network
    watch: Watch
    draw_names: tuple[str, ...]
    start: date
    period_days: float
    prices: Prices | None

    @property
    def periods(self) -> int:
        """Return the number of periods."""
        return int(next(iter(self.arrays.values())).shape[1])

    @cached_property
    def data(self) -> xr.Dataset:
        """Return the variables with labels, units and basis; made when first asked for."""
        import xarray as xr  # noqa: PLC0415 - 50 MB with pandas, which a run without a question need not hold

        content: dict[str, Any] = {}
        for name, (axis, units, sentence) in variables(self.record).items():
            attributes = {"units": units.format(axis=axis), "basis": "modelled", "long_name": sentence}
            content[name] = (("draw", "period", axis), self.arrays[name], attributes)
        return xr.Dataset(content, _coordinates(self), {"period_days": self.period_days})

    def values(self, variable: str) -> Floats:
        """Return one variable as a bare array (draws, periods, members of its axis).

        Raises InputError where this outcome does not hold the variable.
        """
        if variable not in self.arrays:
            known, fix = ", ".join(self.arrays), "Run with record='full'." if variable in FULL else ""
            raise InputError(
                Problem("not in this outcome", variable, got=self.record, expected=known, fix=fix)
            )
        return self.arrays[variable]


def variables(record: Record) -> dict[str, tuple[str, str, str]]:
    """Return name -> (axis, units, sentence) of what `record` keeps; InputError for another word."""
    if record not in ("summary", "full"):
        raise InputError(Problem("unknown record", "record", got=repr(record), expected="summary or full"))
    return SUMMARY if record == "summary" else SUMMARY | FULL


def watched(network: Network, record: Record, watch: Watch | None) -> Watch:
    """Return the members to remember: all without a watch.

    Raises InputError for indices that the network does not have, and for a watch on a full record.
    """
    if watch is None:
        return Watch(np.arange(network.n_consumers), np.arange(network.n_suppliers))
    problems = []
    if record != "summary":
        fix = "Leave the watch out: what explains a shortfall is every member."
        problems.append(Problem("a watch goes with a summary", "watch", repr(record), "'summary'", fix))
    for name, size in (("consumers", network.n_consumers), ("suppliers", network.n_suppliers)):
        index = getattr(watch, name)
        wrong = index[(index < 0) | (index >= size)]
        if len(wrong):
            got, expected = f"{wrong[0]} ({len(wrong)} values)", f"0 to {size - 1}"
            problems.append(Problem("out of range", f"Watch.{name}", got, expected))
    if problems:
        raise InputError(problems)
    return watch


def empty(network: Network, shock: Shock, record: Record, watch: Watch) -> dict[str, Floats]:
    """Return zeroed arrays (draws, periods, members watched or lanes), one per variable of `record`."""
    sizes = {
        "consumer": len(watch.consumers),
        "supplier": len(watch.suppliers),
        "lane": network.n_lanes,
        "price": 1 if shock.prices is None else len(shock.prices.product),
    }
    return {
        name: np.zeros((shock.draws, shock.periods, sizes[axis]))
        for name, (axis, _, _) in variables(record).items()
    }


def label(network: Network, shock: Shock, record: Record, arrays: dict[str, Floats], watch: Watch) -> Outcome:
    """Put labels, units and basis on the arrays of `empty` once they are filled."""
    names = tuple(map(str, shock.draw_names))
    return Outcome(arrays, record, network, watch, names, shock.start, shock.period_days, shock.prices)


def join_draws(outcomes: Sequence[Outcome]) -> Outcome:
    """Return one outcome with the draws of all, in this order: for ensembles that are simulated in chunks.

    Raises InputError without an outcome, and where records, periods, dates or members differ.
    """
    if not outcomes:
        raise InputError(Problem("nothing to join", "outcomes", "none", "at least one outcome"))
    first = outcomes[0]
    shared = _coordinates(first)
    problems = []
    for i, other in enumerate(outcomes[1:], 1):
        if other.record != first.record:
            problems.append(Problem("another record", f"outcomes[{i}]", other.record, first.record))
            continue
        own = _coordinates(other)
        unlike = [name for name in shared if name != "draw" and not _same(own[name], shared[name])]
        if unlike:
            got = f"another {', '.join(unlike)}"
            problems.append(Problem("outcomes do not fit together", f"outcomes[{i}]", got, "as in the first"))
    if problems:
        raise InputError(problems)
    arrays = {name: np.concatenate([part.values(name) for part in outcomes]) for name in first.arrays}
    return replace(first, arrays=arrays, draw_names=tuple(n for part in outcomes for n in part.draw_names))


def _same(one: Any, other: Any) -> bool:
    """Compare two coordinates: values, or a pair of axis and values."""
    pairs = zip(one, other, strict=True) if isinstance(one, tuple) else ((one, other),)
    return all(np.array_equal(mine, theirs) for mine, theirs in pairs)


def _coordinates(outcome: Outcome) -> dict[str, Any]:
    """Return the coordinates: ids along each axis, dates along the periods, names along the draws."""
    network, watch, periods = outcome.network, outcome.watch, outcome.periods
    days = [outcome.start + timedelta(days=round(i * outcome.period_days)) for i in range(periods)]
    markets = np.array([market.id for market in network.markets], dtype=str)
    products = np.array([product.id for product in network.products], dtype=str)
    units = np.array([product.unit for product in network.products], dtype=str)
    buyer, seller = watch.consumers, watch.suppliers
    coordinates: dict[str, Any] = {
        "draw": np.array(outcome.draw_names, dtype=str),
        "period": np.arange(periods),
        "date": ("period", np.array(days, dtype="datetime64[s]")),
        "consumer_index": ("consumer", buyer),
        "consumer_market": ("consumer", markets[network.consumer_market[buyer]]),
        "consumer_product": ("consumer", products[network.consumer_product[buyer]]),
        "consumer_unit": ("consumer", units[network.consumer_product[buyer]]),
        **_price_coordinates(outcome),
        "supplier_index": ("supplier", seller),
        "supplier_market": ("supplier", markets[network.supplier_market[seller]]),
        "supplier_product": ("supplier", products[network.supplier_product[seller]]),
        "supplier_unit": ("supplier", units[network.supplier_product[seller]]),
        "supplier_kind": ("supplier", np.array(SUPPLIER_KINDS)[network.supplier_kind[seller]]),
    }
    if outcome.record == "full":
        product = network.supplier_product[network.lane_supplier]
        coordinates |= {
            "lane_supplier": ("lane", np.asarray(network.lane_supplier)),
            "lane_consumer": ("lane", np.asarray(network.lane_consumer)),
            "lane_from": ("lane", markets[network.supplier_market[network.lane_supplier]]),
            "lane_to": ("lane", markets[network.consumer_market[network.lane_consumer]]),
            "lane_product": ("lane", products[product]),
            "lane_unit": ("lane", units[product]),
        }
    return coordinates


def _price_coordinates(outcome: Outcome) -> dict[str, Any]:
    """Return which product and side each price belongs to, and which of them each consumer pays."""
    buyer, network, prices = outcome.watch.consumers, outcome.network, outcome.prices
    if prices is None:
        products, sides, rows = [""], [""], np.zeros(len(buyer), dtype=np.int32)
    else:
        products = ["" if p < 0 else network.products[p].id for p in prices.product]
        sides = ["inside" if inside else "outside" for inside in prices.inside]
        rows = prices.consumer_row[buyer]
    return {
        "price_product": ("price", np.array(products, dtype=str)),
        "price_side": ("price", np.array(sides, dtype=str)),
        "consumer_price": ("consumer", rows),
    }
