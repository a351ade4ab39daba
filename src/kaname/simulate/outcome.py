"""Outcome: what a simulation gives back, labelled (architecture, invariant 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kaname.network.network import SUPPLIER_KINDS, Network
from kaname.scenario.shock import Shock
from kaname.terms.errors import InputError, Problem

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
    the date on which each period begins.
    """

    data: xr.Dataset
    record: Record

    def values(self, variable: str) -> Floats:
        """Return one variable as a bare array (draws, periods, members of its axis).

        Raises InputError where this outcome does not hold the variable.
        """
        if variable not in self.data:
            known = ", ".join(str(name) for name in self.data.data_vars)
            fix = "Run with record='full'." if variable in FULL else ""
            raise InputError(
                Problem("not in this outcome", variable, got=self.record, expected=known, fix=fix)
            )
        array: Floats = self.data[variable].to_numpy()
        return array


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
    content: dict[str, Any] = {}
    for name, (axis, units, sentence) in variables(record).items():
        attributes = {"units": units.format(axis=axis), "basis": "modelled", "long_name": sentence}
        content[name] = (("draw", "period", axis), arrays[name], attributes)
    data = xr.Dataset(content, coords=_coordinates(network, shock, record, watch))
    data.attrs["period_days"] = shock.period_days
    return Outcome(data, record)


def join_draws(outcomes: Sequence[Outcome]) -> Outcome:
    """Return one outcome with the draws of all, in this order: for ensembles that are simulated in chunks.

    Raises InputError without an outcome, and where records, periods, dates or members differ.
    """
    if not outcomes:
        raise InputError(Problem("nothing to join", "outcomes", "none", "at least one outcome"))
    first = outcomes[0]
    shared = {str(name): value for name, value in first.data.coords.items() if name != "draw"}
    problems = []
    for i, other in enumerate(outcomes[1:], 1):
        if other.record != first.record:
            problems.append(Problem("another record", f"outcomes[{i}]", other.record, first.record))
            continue
        unlike = [
            name
            for name, value in shared.items()
            if not np.array_equal(other.data.coords[name].to_numpy(), value.to_numpy())
        ]
        if unlike:
            got = f"another {', '.join(unlike)}"
            problems.append(Problem("outcomes do not fit together", f"outcomes[{i}]", got, "as in the first"))
    if problems:
        raise InputError(problems)
    content = {
        str(name): (array.dims, np.concatenate([part.values(str(name)) for part in outcomes]), array.attrs)
        for name, array in first.data.data_vars.items()
    }
    draws = np.concatenate([part.data.coords["draw"].to_numpy() for part in outcomes])
    return Outcome(xr.Dataset(content, {**shared, "draw": draws}, first.data.attrs), first.record)


def _coordinates(network: Network, shock: Shock, record: Record, watch: Watch) -> dict[str, Any]:
    """Return the coordinates: ids along each axis, dates along the periods, names along the draws."""
    days = [shock.start + timedelta(days=round(i * shock.period_days)) for i in range(shock.periods)]
    markets = np.array([market.id for market in network.markets], dtype=str)
    products = np.array([product.id for product in network.products], dtype=str)
    units = np.array([product.unit for product in network.products], dtype=str)
    buyer, seller = watch.consumers, watch.suppliers
    coordinates: dict[str, Any] = {
        "draw": np.array(shock.draw_names, dtype=str),
        "period": np.arange(shock.periods),
        "date": ("period", np.array(days, dtype="datetime64[s]")),
        "consumer_index": ("consumer", buyer),
        "consumer_market": ("consumer", markets[network.consumer_market[buyer]]),
        "consumer_product": ("consumer", products[network.consumer_product[buyer]]),
        "consumer_unit": ("consumer", units[network.consumer_product[buyer]]),
        **_price_coordinates(network, shock, buyer),
        "supplier_index": ("supplier", seller),
        "supplier_market": ("supplier", markets[network.supplier_market[seller]]),
        "supplier_product": ("supplier", products[network.supplier_product[seller]]),
        "supplier_unit": ("supplier", units[network.supplier_product[seller]]),
        "supplier_kind": ("supplier", np.array(SUPPLIER_KINDS)[network.supplier_kind[seller]]),
    }
    if record == "full":
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


def _price_coordinates(network: Network, shock: Shock, buyer: NDArray[np.integer[Any]]) -> dict[str, Any]:
    """Return which product and side each price belongs to, and which of them each consumer pays."""
    if shock.prices is None:
        products, sides, rows = [""], [""], np.zeros(len(buyer), dtype=np.int32)
    else:
        products = ["" if p < 0 else network.products[p].id for p in shock.prices.product]
        sides = ["inside" if inside else "outside" for inside in shock.prices.inside]
        rows = shock.prices.consumer_row[buyer]
    return {
        "price_product": ("price", np.array(products, dtype=str)),
        "price_side": ("price", np.array(sides, dtype=str)),
        "consumer_price": ("consumer", rows),
    }
