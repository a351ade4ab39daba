"""Outcome: what a simulation gives back, labelled (architecture, invariant 3)."""

from __future__ import annotations

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
    "consumer_need": ("consumer", FLOW, "use wanted: by suppliers and final (rule M8)"),
    "consumer_used": ("consumer", FLOW, "use served: by suppliers and final (rule M8)"),
    "consumer_final_wanted": ("consumer", FLOW, "final use wanted"),
    "consumer_shortfall": ("consumer", FLOW, "final use wanted but not served, lost (rule M10)"),
    "supplier_output": ("supplier", FLOW, "output, all of it shipped (rule M8)"),
}
FULL: dict[str, tuple[str, str, str]] = {
    "consumer_stock": ("consumer", LEVEL, "stock after the period's arrivals and release"),
    "consumer_reserve": ("consumer", LEVEL, "national reserve left after the period's release"),
    "consumer_released": ("consumer", FLOW, "released from the national reserve"),
    "consumer_arrived": ("consumer", FLOW, "arrived on all lanes"),
    "consumer_fill": ("consumer", "share", "share of the wanted use that is served (rule M8)"),
    "consumer_ordered": ("consumer", FLOW, "what the consumer wants to order, before permissions (rule M5)"),
    "supplier_wanted": ("supplier", FLOW, "output asked for, within capacity (rule M8)"),
    "supplier_mark": ("supplier", "share", "mark that base customers give, at order time (rule M6)"),
    "lane_ordered": ("lane", FLOW, "order after permission, quota and re-sourcing (rules M6, M7)"),
    "lane_shipped": ("lane", FLOW, "shipped in the period (rule M9)"),
    "lane_arrived": ("lane", FLOW, "arrived in the period"),
}


@dataclass(frozen=True)
class Outcome:
    """What happened to every supplier and consumer (and, with record="full", on every lane).

    `data` holds float64 variables over (draw, period, consumer | supplier | lane), each with `units`, `basis`
    (always `modelled`) and `long_name`; coordinates carry the market and product ids, the draw's name and the
    date on which each period begins.
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


def empty(network: Network, shock: Shock, record: Record) -> dict[str, Floats]:
    """Return zeroed arrays (draws, periods, axis length), one per variable that `record` keeps."""
    sizes = {"consumer": network.n_consumers, "supplier": network.n_suppliers, "lane": network.n_lanes}
    return {
        name: np.zeros((shock.draws, shock.periods, sizes[axis]))
        for name, (axis, _, _) in variables(record).items()
    }


def label(network: Network, shock: Shock, record: Record, arrays: dict[str, Floats]) -> Outcome:
    """Put labels, units and basis on the arrays of `empty` once they are filled."""
    content: dict[str, Any] = {}
    for name, (axis, units, sentence) in variables(record).items():
        attributes = {"units": units.format(axis=axis), "basis": "modelled", "long_name": sentence}
        content[name] = (("draw", "period", axis), arrays[name], attributes)
    data = xr.Dataset(content, coords=_coordinates(network, shock, record))
    data.attrs["period_days"] = shock.period_days
    return Outcome(data, record)


def _coordinates(network: Network, shock: Shock, record: Record) -> dict[str, Any]:
    """Return the coordinates: ids along each axis, dates along the periods, names along the draws."""
    days = [shock.start + timedelta(days=round(i * shock.period_days)) for i in range(shock.periods)]
    markets = np.array([market.id for market in network.markets], dtype=str)
    products = np.array([product.id for product in network.products], dtype=str)
    units = np.array([product.unit for product in network.products], dtype=str)
    supplier_market = markets[network.supplier_market]
    supplier_product = products[network.supplier_product]
    kinds = np.array(SUPPLIER_KINDS)[network.supplier_kind]
    coordinates: dict[str, Any] = {
        "draw": np.array(shock.draw_names, dtype=str),
        "period": np.arange(shock.periods),
        "date": ("period", np.array(days, dtype="datetime64[s]")),
        "consumer_market": ("consumer", markets[network.consumer_market]),
        "consumer_product": ("consumer", products[network.consumer_product]),
        "consumer_unit": ("consumer", units[network.consumer_product]),
        "supplier_market": ("supplier", supplier_market),
        "supplier_product": ("supplier", supplier_product),
        "supplier_unit": ("supplier", units[network.supplier_product]),
        "supplier_kind": ("supplier", kinds),
    }
    if record == "full":
        coordinates |= {
            "lane_supplier": ("lane", np.asarray(network.lane_supplier)),
            "lane_consumer": ("lane", np.asarray(network.lane_consumer)),
            "lane_from": ("lane", supplier_market[network.lane_supplier]),
            "lane_to": ("lane", markets[network.consumer_market][network.lane_consumer]),
            "lane_product": ("lane", supplier_product[network.lane_supplier]),
            "lane_unit": ("lane", units[network.supplier_product][network.lane_supplier]),
        }
    return coordinates
