"""The arrays that the compiled phases work on: one draw's network, shock, state and results.

Everything is int64 or float64 and contiguous, so that the compiled code has one signature.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.scenario.shock import Shock
from kaname.simulate.outcome import FULL, SUMMARY, Floats, Watch

Ints = NDArray[np.int64]


class Fixed(NamedTuple):
    """What all draws share: the network, and which path each member follows. Shapes as in Network and Shock.

    Read by all threads, written by none. Base lanes (flow above 0) are listed apart: while nothing is
    re-placed only they carry orders.
    """

    supplier_base: Floats
    supplier_capacity: Floats  # base x (1 + headroom)
    final: Floats
    inflow: Floats
    first_lane: Ints  # (N + 1,) lanes of consumer n: first_lane[n] to first_lane[n + 1]
    first_base: Ints  # (N + 1,) the same for base_lane
    base_lane: Ints  # lanes with base flow, by index
    pool_lane: Ints  # lanes with base flow in a pool, by index
    lane_supplier: Ints
    lane_consumer: Ints
    lane_flow: Floats
    lane_share: Floats  # base flow / inflow of the consumer
    lane_lag: Ints
    lane_export_share: Floats
    recipe_supplier: Ints
    recipe_consumer: Ints
    recipe_input: Floats
    pool_base: Floats  # (Q,)
    permission_row: Ints
    pool_row: Ints
    capacity_row: Ints
    demand_row: Ints
    target_row: Ints
    delay_row: Ints
    watched_consumer: Ints  # whom a summary remembers, by index
    watched_supplier: Ints
    buyer_price: Ints  # (N,) price row of each consumer (rule M11); all 0 where prices are off
    seller_price: Ints  # (K,)
    recipe_price: Ints  # (R,) that of the input, or 0 where yields are fixed: one element
    weeks: float


class Drawn(NamedTuple):
    """What one draw sets: time paths (periods, rows), one row a period, and parameters (rule S)."""

    permission: Floats
    pool: Floats
    capacity: Floats
    demand: Floats
    target: Floats
    delay: Ints
    cover: Floats  # (N,) periods
    dependence: Floats  # (R,)
    psi: float
    kappa: float
    tau: float
    smoothing: float
    rho: float
    eta: float
    price_speed: float
    hoarding: float
    short_elasticity: Floats  # (W,)
    long_elasticity: Floats
    supply_elasticity: Floats


class State(NamedTuple):
    """What one draw remembers, and the amounts of the period in hand; all arrays are written in place."""

    stock: Floats
    reserve: Floats
    smoothed: Floats
    normal: Floats
    blocked: Floats
    transit: Floats
    usual: Floats  # what is under way in the base state, with the lags in force
    order: Floats
    replace: Floats  # what is re-placed (rule M6, step 2)
    input_need: Floats  # use wanted by suppliers at the wanted outputs in the state
    final: Floats  # final use wanted at the base price
    afforded: Floats  # final use wanted at the price of the period
    want: Floats  # need at the base price; set only where prices are on
    need: Floats
    fill: Floats
    used: Floats
    arrived: Floats
    released: Floats
    inbound: Floats  # (ring, N)
    mark: Floats
    newcomer_mark: Floats
    trust: Floats  # the mark as orders apply it: min(m_k, 1), or 1 where rho = 0
    capacity: Floats
    wanted: Floats
    output: Floats
    limit: Floats
    asked_base: Floats
    asked_excess: Floats
    first_share: Floats
    excess_share: Floats
    ordered: Floats  # (E,) valid on the lanes in `active`
    active: Ints  # (E,) lanes with an order this period, by index; their number is active_count[0]
    active_count: Ints  # (1,)
    pooled: Floats  # (Q,)
    pool_cut: Floats  # (Q,) factor on the orders of a pool
    price: Floats  # (W,) logarithms; one row where prices are off (rule M11)
    slow_price: Floats
    price_use: Floats  # (W,) factor on use
    price_hoard: Floats  # factor on target stocks
    price_supply: Floats  # factor on capacity
    asked: Floats  # (W,) orders
    able: Floats  # (W,) what could be delivered


class Book(NamedTuple):
    """Where the results of one draw go: (periods, members) each; without members where not recorded."""

    consumer_need: Floats
    consumer_used: Floats
    consumer_final_wanted: Floats
    consumer_shortfall: Floats
    consumer_priced_out: Floats
    supplier_output: Floats
    price_level: Floats
    consumer_stock: Floats
    consumer_reserve: Floats
    consumer_released: Floats
    consumer_arrived: Floats
    consumer_given_up: Floats
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


def fixed_of(network: Network, shock: Shock, watch: Watch) -> Fixed:
    """Gather what all draws share."""
    pool_base = np.zeros(shock.pool_permission.shape[1])
    np.add.at(pool_base, shock.lane_pool_row, network.lane_flow)
    base_lane = np.flatnonzero(network.lane_flow > 0.0)
    inflow = network.consumer_inflow[network.lane_consumer]
    consumers = np.arange(network.n_consumers + 1)
    buyer_price, seller_price = np.zeros(network.n_consumers, int), np.zeros(network.n_suppliers, int)
    if shock.prices is not None:
        buyer_price, seller_price = shock.prices.consumer_row, shock.prices.supplier_row
    return Fixed(
        supplier_base=floats(network.supplier_base),
        supplier_capacity=floats(network.supplier_base * (1.0 + network.supplier_headroom)),
        final=floats(network.consumer_final),
        inflow=floats(network.consumer_inflow),
        first_lane=ints(np.searchsorted(network.lane_consumer, consumers)),
        first_base=ints(np.searchsorted(network.lane_consumer[base_lane], consumers)),
        base_lane=ints(base_lane),
        pool_lane=ints(base_lane[shock.lane_pool_row[base_lane] > 0]),
        lane_supplier=ints(network.lane_supplier),
        lane_consumer=ints(network.lane_consumer),
        lane_flow=floats(network.lane_flow),
        lane_share=floats(network.lane_flow / np.where(inflow > 0.0, inflow, 1.0)),
        lane_lag=ints(network.lane_lag),
        lane_export_share=floats(network.lane_export_share),
        recipe_supplier=ints(network.recipe_supplier),
        recipe_consumer=ints(network.recipe_consumer),
        recipe_input=floats(network.recipe_input_per_output),
        pool_base=pool_base,
        permission_row=ints(shock.lane_permission_row),
        pool_row=ints(shock.lane_pool_row),
        capacity_row=ints(shock.supplier_capacity_row),
        demand_row=ints(shock.consumer_demand_row),
        target_row=ints(shock.consumer_target_row),
        delay_row=ints(shock.lane_delay_row),
        watched_consumer=ints(watch.consumers),
        watched_supplier=ints(watch.suppliers),
        buyer_price=ints(buyer_price),
        seller_price=ints(seller_price),
        recipe_price=ints(np.where(network.recipe_same_element, 0, buyer_price[network.recipe_consumer])),
        weeks=float(shock.period_days / 7.0),
    )


def drawn_of(shock: Shock, draw: int) -> Drawn:
    """Gather the time paths and parameters of one draw."""
    prices, none = shock.prices, np.zeros(1)
    return Drawn(
        permission=floats(shock.permission[draw].T),
        pool=floats(shock.pool_permission[draw].T),
        capacity=floats(shock.capacity_factor[draw].T),
        demand=floats(shock.demand_factor[draw].T),
        target=floats(shock.target_factor[draw].T),
        delay=ints(shock.extra_lag[draw].T),
        cover=floats(shock.cover_days[draw] / shock.period_days),
        dependence=floats(shock.dependence[draw]),
        psi=float(shock.psi[draw]),
        kappa=float(shock.kappa[draw]),
        tau=float(shock.tau_weeks[draw]),
        smoothing=float(shock.smoothing_weeks[draw]),
        rho=float(shock.rho[draw]),
        eta=float(shock.eta[draw]),
        price_speed=0.0 if prices is None else float(prices.speed[draw]),
        hoarding=0.0 if prices is None else float(prices.hoarding[draw]),
        short_elasticity=none if prices is None else floats(prices.short_elasticity[draw]),
        long_elasticity=none if prices is None else floats(prices.long_elasticity[draw]),
        supply_elasticity=none if prices is None else floats(prices.supply_elasticity[draw]),
    )


def start_of(network: Network, shock: Shock, draw: int) -> State:
    """Return the base state, just before the arrivals of period 0 (section M).

    Sums run by index, as in `reference.py`.
    """
    consumers, suppliers, lanes = network.n_consumers, network.n_suppliers, network.n_lanes
    ring = int(network.lane_lag.max(initial=1)) + int(shock.extra_lag.max(initial=0)) + 1
    inbound = np.zeros((ring, consumers))
    for slot in range(ring):
        under_way = np.flatnonzero(network.lane_lag > slot)
        np.add.at(inbound[slot], network.lane_consumer[under_way], network.lane_flow[under_way])
    inflow = floats(network.consumer_inflow)
    normal = (shock.cover_days[draw] / shock.period_days + 1.0) * inflow
    input_need = np.zeros(consumers)
    inputs = network.recipe_input_per_output * network.supplier_base[network.recipe_supplier]
    np.add.at(input_need, network.recipe_consumer, inputs)
    zeros = ("transit", "usual", "order", "replace", "final", "afforded", "want", "need", "used", "arrived")
    empty_state = {name: np.zeros(consumers) for name in (*zeros, "released")}
    supplier_state = {
        name: np.zeros(suppliers) for name in ("output", "capacity", "asked_base", "asked_excess")
    }
    rows = 1 if shock.prices is None else len(shock.prices.product)
    price_state = {name: np.zeros(rows) for name in ("price", "slow_price", "asked", "able")}
    price_state |= {name: np.ones(rows) for name in ("price_use", "price_hoard", "price_supply")}
    return State(
        stock=normal - inflow,
        reserve=shock.reserve_days[draw] / shock.period_days * inflow,
        smoothed=inflow,
        normal=normal,
        blocked=np.zeros(consumers),
        input_need=input_need,
        fill=np.ones(consumers),
        inbound=inbound,
        mark=np.ones(suppliers),
        newcomer_mark=np.ones(suppliers),
        trust=np.ones(suppliers),
        wanted=floats(network.supplier_base),
        limit=np.ones(suppliers),
        first_share=np.ones(suppliers),
        excess_share=np.ones(suppliers),
        ordered=np.zeros(lanes),
        active=np.zeros(lanes, dtype=np.int64),
        active_count=np.zeros(1, dtype=np.int64),
        pooled=np.zeros(shock.pool_permission.shape[1]),
        pool_cut=np.ones(shock.pool_permission.shape[1]),
        **empty_state,
        **supplier_state,
        **price_state,
    )


def book_of(arrays: dict[str, Floats], draw: int) -> Book:
    """Return the pages of one draw; a variable that is not recorded gets a page without members."""
    periods = arrays["consumer_need"].shape[1]
    nothing = np.zeros((periods, 0))
    return Book(**{name: arrays[name][draw] if name in arrays else nothing for name in SUMMARY | FULL})
