"""The arrays that the compiled phases work on: one draw's network, shock, state and results.

Everything is int64 or float64 and contiguous, so that the compiled code has one signature.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.scenario.shock import Shock
from kaname.simulate.outcome import FULL, SUMMARY, Floats

Ints = NDArray[np.int64]


class Fixed(NamedTuple):
    """What one draw does not change: the network, and its parameters. Shapes as in Network and Shock."""

    supplier_base: Floats
    supplier_capacity: Floats  # base x (1 + headroom)
    final: Floats
    inflow: Floats
    cover: Floats  # periods
    first_lane: Ints  # (N + 1,) lanes of consumer n: first_lane[n] to first_lane[n + 1]
    lane_supplier: Ints
    lane_consumer: Ints
    lane_flow: Floats
    lane_lag: Ints
    lane_export_share: Floats
    recipe_supplier: Ints
    recipe_consumer: Ints
    recipe_input: Floats
    dependence: Floats
    pool_base: Floats  # (Q,)
    weeks: float
    psi: float
    kappa: float
    tau: float
    smoothing: float
    rho: float
    eta: float


class Paths(NamedTuple):
    """The shock of one draw: rows and time paths (rule S)."""

    permission_row: Ints
    permission: Floats
    pool_row: Ints
    pool: Floats
    capacity_row: Ints
    capacity: Floats
    demand_row: Ints
    demand: Floats
    target_row: Ints
    target: Floats
    delay_row: Ints
    delay: Ints


class State(NamedTuple):
    """What one draw remembers, and the amounts of the period in hand; all arrays are written in place."""

    stock: Floats
    reserve: Floats
    smoothed: Floats
    normal: Floats
    blocked: Floats
    transit: Floats
    order: Floats
    need: Floats
    fill: Floats
    used: Floats
    arrived: Floats
    released: Floats
    inbound: Floats  # (ring, N)
    mark: Floats
    newcomer_mark: Floats
    wanted: Floats
    output: Floats
    limit: Floats
    asked_base: Floats
    asked_excess: Floats
    first_share: Floats
    excess_share: Floats
    ordered: Floats  # (E,)
    pooled: Floats  # (Q,)


class Book(NamedTuple):
    """Where the results of one draw go: (periods, members) each; without members where not recorded."""

    consumer_need: Floats
    consumer_used: Floats
    consumer_final_wanted: Floats
    consumer_shortfall: Floats
    supplier_output: Floats
    consumer_stock: Floats
    consumer_reserve: Floats
    consumer_released: Floats
    consumer_arrived: Floats
    consumer_fill: Floats
    consumer_ordered: Floats
    supplier_wanted: Floats
    supplier_mark: Floats
    lane_ordered: Floats
    lane_shipped: Floats
    lane_arrived: Floats


def ints(values: NDArray[Any]) -> Ints:
    """Return a contiguous, writable int64 copy: one type for the compiled code."""
    return np.array(values, dtype=np.int64, order="C")


def floats(values: NDArray[Any]) -> Floats:
    """Return a contiguous, writable float64 copy: one type for the compiled code."""
    return np.array(values, dtype=np.float64, order="C")


def fixed_of(network: Network, shock: Shock, draw: int) -> Fixed:
    """Gather what the draw does not change."""
    pool_base = np.zeros(shock.pool_permission.shape[1])
    np.add.at(pool_base, shock.lane_pool_row, network.lane_flow)
    return Fixed(
        supplier_base=floats(network.supplier_base),
        supplier_capacity=floats(network.supplier_base * (1.0 + network.supplier_headroom)),
        final=floats(network.consumer_final),
        inflow=floats(network.consumer_inflow),
        cover=floats(shock.cover_days[draw] / shock.period_days),
        first_lane=ints(np.searchsorted(network.lane_consumer, np.arange(network.n_consumers + 1))),
        lane_supplier=ints(network.lane_supplier),
        lane_consumer=ints(network.lane_consumer),
        lane_flow=floats(network.lane_flow),
        lane_lag=ints(network.lane_lag),
        lane_export_share=floats(network.lane_export_share),
        recipe_supplier=ints(network.recipe_supplier),
        recipe_consumer=ints(network.recipe_consumer),
        recipe_input=floats(network.recipe_input_per_output),
        dependence=floats(shock.dependence[draw]),
        pool_base=pool_base,
        weeks=float(shock.period_days / 7.0),
        psi=float(shock.psi[draw]),
        kappa=float(shock.kappa[draw]),
        tau=float(shock.tau_weeks[draw]),
        smoothing=float(shock.smoothing_weeks[draw]),
        rho=float(shock.rho[draw]),
        eta=float(shock.eta[draw]),
    )


def paths_of(shock: Shock, draw: int) -> Paths:
    """Gather the time paths of one draw."""
    return Paths(
        permission_row=ints(shock.lane_permission_row),
        permission=floats(shock.permission[draw]),
        pool_row=ints(shock.lane_pool_row),
        pool=floats(shock.pool_permission[draw]),
        capacity_row=ints(shock.supplier_capacity_row),
        capacity=floats(shock.capacity_factor[draw]),
        demand_row=ints(shock.consumer_demand_row),
        demand=floats(shock.demand_factor[draw]),
        target_row=ints(shock.consumer_target_row),
        target=floats(shock.target_factor[draw]),
        delay_row=ints(shock.lane_delay_row),
        delay=ints(shock.extra_lag[draw]),
    )


def start_of(network: Network, shock: Shock, draw: int) -> State:
    """Return the base state, just before the arrivals of period 0 (section M)."""
    consumers, suppliers, lanes = network.n_consumers, network.n_suppliers, network.n_lanes
    ring = int(network.lane_lag.max(initial=1)) + int(shock.extra_lag.max(initial=0)) + 1
    inbound = np.zeros((ring, consumers))
    for slot in range(ring):
        under_way = np.flatnonzero(network.lane_lag > slot)
        np.add.at(inbound[slot], network.lane_consumer[under_way], network.lane_flow[under_way])
    inflow = floats(network.consumer_inflow)
    normal = (shock.cover_days[draw] / shock.period_days + 1.0) * inflow
    empty_state = {
        name: np.zeros(consumers) for name in ("transit", "order", "need", "used", "arrived", "released")
    }
    supplier_state = {name: np.zeros(suppliers) for name in ("output", "asked_base", "asked_excess")}
    return State(
        stock=normal - inflow,
        reserve=shock.reserve_days[draw] / shock.period_days * inflow,
        smoothed=inflow,
        normal=normal,
        blocked=np.zeros(consumers),
        fill=np.ones(consumers),
        inbound=inbound,
        mark=np.ones(suppliers),
        newcomer_mark=np.ones(suppliers),
        wanted=floats(network.supplier_base),
        limit=np.ones(suppliers),
        first_share=np.ones(suppliers),
        excess_share=np.ones(suppliers),
        ordered=np.zeros(lanes),
        pooled=np.zeros(shock.pool_permission.shape[1]),
        **empty_state,
        **supplier_state,
    )


def book_of(arrays: dict[str, Floats], draw: int) -> Book:
    """Return the pages of one draw; a variable that is not recorded gets a page without members."""
    periods = arrays["consumer_need"].shape[1]
    nothing = np.zeros((periods, 0))
    return Book(**{name: arrays[name][draw] if name in arrays else nothing for name in SUMMARY | FULL})
