"""The arrays that the compiled phases work on: one draw's network, shock, state and results.

Everything is int32, int64 or float64 and contiguous, so that the compiled code has one signature. Lanes stand
in packed order: those with base flow first, then the latent ones, each in the network's order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.scenario.shock import Shock
from kaname.simulate.outcome import FULL, SUMMARY, Floats, Watch

Ints = NDArray[np.int64]
Short = NDArray[np.int32]
F = TypeVar("F", bound=Callable[..., Any])


def inlined(function: F) -> F:
    """Let a function be compiled into whoever calls it: alone it costs a second or two of compiling, most of
    it for taking apart the hundred arrays that every phase is given.
    """
    from numba import njit  # noqa: PLC0415 - as below

    return cast(F, njit(inline="always", nogil=True)(function))


def compiled(function: F) -> F:
    """Compile, and keep the machine code on disk where that is possible."""
    from numba import njit  # noqa: PLC0415 - 50 MB that whoever only reads runs need not hold

    try:
        return cast(F, njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no writable place for the cache: compile in every process
        return cast(F, njit(nogil=True)(function))


class Fixed(NamedTuple):
    """What all draws share: the network, and which path each member follows. Shapes as in Network and Shock.

    Read by all threads, written by none. While nothing is re-placed only base lanes carry orders: packed,
    they are read in one go, and latent lanes cost nothing.
    """

    supplier_base: Floats
    supplier_capacity: Floats  # base x (1 + headroom)
    final: Floats
    inflow: Floats
    first_base: Ints  # (N + 1,) base lanes of consumer n: first_base[n] to first_base[n + 1], packed
    first_lane: Ints  # (N + 1,) all its lanes, in the network's order: places in `packed`
    packed: Short  # (E,) packed place of each lane of the network
    lane: Short  # (E,) the lane of the network at each packed place
    base_lanes: int
    pool_lane: Short  # base lanes in a pool, packed
    lane_supplier: Short  # (E,) packed, as all that follow with `lane`
    lane_consumer: Short
    lane_flow: Floats
    lane_share: Floats  # base flow / inflow of the consumer
    lane_lag: Short
    lane_export_share: Floats
    permission_row: Short  # (E,) packed
    pool_row: Short
    delay_row: Short
    recipe_supplier: Short
    recipe_consumer: Short
    recipe_input: Floats
    pool_base: Floats  # (Q,)
    capacity_row: Short
    demand_row: Short
    target_row: Short
    watched_consumer: Ints  # whom a summary remembers, by index
    watched_supplier: Ints
    buyer_price: Short  # (N,) price row of each consumer (rule M11); all 0 where prices are off
    seller_price: Short  # (K,)
    recipe_price: Short  # (R,) that of the input, or 0 where yields are fixed: one element
    base_inbound: Floats  # (ring, N) what is under way in the base state, by period of arrival
    base_need: Floats  # (N,) what suppliers use of it in the base state
    added_row: Short  # (K,) path of what is added to capacity (rule R1)
    contract_lane: Short  # (C,) packed places of the lanes with a contract, in the network's order (rule R2)
    contract_buyer: Short  # whom they serve, each once
    input_row: Short  # (R,) path of the factor on input per output (rule R3)
    release_row: Short  # (N,) path of the share that opens the reserve (rule R4)
    order_row: Short  # (N,) path of what the ceiling of orders rises by (rule R2)
    unpriced: Floats  # (W,) ones: the factor on use at the base price
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
    price_memory_weeks: float
    short_elasticity: Floats  # (W,)
    long_elasticity: Floats
    supply_elasticity: Floats
    added: Floats  # (P, rows) capacity (rule R1); one row where nothing is added, as the last two
    contract: Floats  # (P, C) contracted amounts (rule R2)
    input_factor: Floats  # (P, rows) (rule R3)
    release: Floats  # (P, rows) (rule R4)
    order_rise: Floats  # (P, rows) (rule R2)


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
    placed: Floats  # what base lanes take of it
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
    asked: Floats  # (K, 2) sum of min(order, base), and of what is ordered above it
    served: Floats  # (K, 2) shares of the two that are served
    ordered: Floats  # (E,) packed; of a latent lane only where its consumer re-places
    pooled: Floats  # (Q,)
    pool_cut: Floats  # (Q,) factor on the orders of a pool
    price: Floats  # (W,) logarithms; one row where prices are off (rule M11)
    slow_price: Floats
    price_use: Floats  # (W,) factor on use
    price_hoard: Floats  # factor on target stocks
    price_supply: Floats  # factor on capacity
    price_asked: Floats  # (W,) orders
    price_able: Floats  # (W,) what could be delivered
    inputs: Floats  # (R,) input per output with the factor of the period (rule R3)
    contracted: Floats  # (C,) ordered under contracts (rule R2), as the next three
    pledged: Floats  # (N,) of those with a contract: what could be ordered, then the share that is
    counted: Floats  # (N,) of those with a contract: what is counted on under contracts
    asked_contract: Floats  # (K,)
    served_contract: (
        Floats  # (K,) share of it that was served when something was last asked, before the other two
    )


class Book(NamedTuple):
    """Where the results of one draw go: (periods, members) each; without members where not recorded."""

    consumer_need: Floats
    consumer_used: Floats
    consumer_final_wanted: Floats
    consumer_shortfall: Floats
    consumer_priced_out: Floats
    supplier_output: Floats
    supplier_asked: Floats
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
    lane_contracted: Floats
    lane_shipped: Floats
    lane_arrived: Floats


def ints(values: NDArray[Any]) -> Ints:
    """Return a contiguous, writable int64 copy: one type for the compiled code."""
    return np.array(values, dtype=np.int64, order="C")


def short(values: NDArray[Any]) -> Short:
    """Return a contiguous, writable int32 copy: one type for the compiled code."""
    return np.array(values, dtype=np.int32, order="C")


def floats(values: NDArray[Any]) -> Floats:
    """Return a contiguous, writable float64 copy: one type for the compiled code."""
    return np.array(values, dtype=np.float64, order="C")


def fixed_of(network: Network, shock: Shock, watch: Watch) -> Fixed:
    """Gather what all draws share. Sums run by index, as in `reference.py`."""
    base = network.lane_flow > 0.0
    lane = np.concatenate([np.flatnonzero(base), np.flatnonzero(~base)])
    packed = np.empty(network.n_lanes, dtype=np.int32)
    packed[lane] = np.arange(network.n_lanes)
    count = int(base.sum())
    inflow = network.consumer_inflow[network.lane_consumer]
    share = network.lane_flow / np.where(inflow > 0.0, inflow, 1.0)
    consumers = np.arange(network.n_consumers + 1)
    added = shock.added
    buyer, seller = np.zeros(network.n_consumers, int), np.zeros(network.n_suppliers, int)
    if shock.prices is not None:
        buyer, seller = shock.prices.consumer_row, shock.prices.supplier_row
    return Fixed(
        supplier_base=floats(network.supplier_base),
        supplier_capacity=floats(network.supplier_base * (1.0 + network.supplier_headroom)),
        final=floats(network.consumer_final),
        inflow=floats(network.consumer_inflow),
        first_base=ints(np.searchsorted(network.lane_consumer[base], consumers)),
        first_lane=ints(np.searchsorted(network.lane_consumer, consumers)),
        packed=packed,
        lane=short(lane),
        base_lanes=count,
        pool_lane=short(np.flatnonzero(shock.lane_pool_row[lane[:count]] > 0)),
        lane_supplier=short(network.lane_supplier[lane]),
        lane_consumer=short(network.lane_consumer[lane]),
        lane_flow=floats(network.lane_flow[lane]),
        lane_share=floats(share[lane]),
        lane_lag=short(network.lane_lag[lane]),
        lane_export_share=floats(network.lane_export_share[lane]),
        permission_row=short(shock.lane_permission_row[lane]),
        pool_row=short(shock.lane_pool_row[lane]),
        delay_row=short(shock.lane_delay_row[lane]),
        recipe_supplier=short(network.recipe_supplier),
        recipe_consumer=short(network.recipe_consumer),
        recipe_input=floats(network.recipe_input_per_output),
        pool_base=floats(np.bincount(shock.lane_pool_row, network.lane_flow, shock.pool_permission.shape[1])),
        capacity_row=short(shock.supplier_capacity_row),
        demand_row=short(shock.consumer_demand_row),
        target_row=short(shock.consumer_target_row),
        watched_consumer=ints(watch.consumers),
        watched_supplier=ints(watch.suppliers),
        buyer_price=short(buyer),
        seller_price=short(seller),
        recipe_price=short(np.where(network.recipe_same_element, 0, buyer[network.recipe_consumer])),
        base_inbound=_base_inbound(network, shock),
        base_need=_base_need(network),
        added_row=short(added.supplier_row),
        contract_lane=short(packed[added.contract_lane]),
        contract_buyer=short(np.unique(network.lane_consumer[added.contract_lane])),
        input_row=short(added.recipe_row),
        release_row=short(added.release_row),
        order_row=short(added.order_rise[0]),
        unpriced=np.ones(1 if shock.prices is None else len(shock.prices.product)),
        weeks=float(shock.period_days / 7.0),
    )


def _base_inbound(network: Network, shock: Shock) -> Floats:
    """Return what is under way in the base state (ring, N), by period of arrival."""
    ring = int(network.lane_lag.max(initial=1)) + int(shock.extra_lag.max(initial=0)) + 1
    inbound = np.zeros((ring, network.n_consumers))
    for slot in range(ring):
        under_way = np.flatnonzero((network.lane_lag > slot) & (network.lane_flow > 0.0))
        flow, consumer = network.lane_flow[under_way], network.lane_consumer[under_way]
        inbound[slot] = np.bincount(consumer, flow, network.n_consumers)
    return inbound


def _base_need(network: Network) -> Floats:
    """Return what suppliers use of each consumer's stock in the base state (N,)."""
    inputs = network.recipe_input_per_output * network.supplier_base[network.recipe_supplier]
    return floats(np.bincount(network.recipe_consumer, inputs, network.n_consumers))


def drawn_of(shock: Shock, draw: int) -> Drawn:
    """Gather the time paths and parameters of one draw."""
    prices, none, added = shock.prices, np.zeros(1), shock.added
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
        price_memory_weeks=1.0 if prices is None else float(prices.memory_weeks[draw]),
        short_elasticity=none if prices is None else floats(prices.short_elasticity[draw]),
        long_elasticity=none if prices is None else floats(prices.long_elasticity[draw]),
        supply_elasticity=none if prices is None else floats(prices.supply_elasticity[draw]),
        added=floats(added.capacity_t[draw].T),
        contract=floats(added.contract_t[draw].T),
        input_factor=floats(added.input_factor[draw].T),
        release=floats(added.release_share[draw].T),
        order_rise=floats(added.order_rise[1][draw].T),
    )


def start_of(fixed: Fixed, shock: Shock, draw: int) -> State:
    """Return the base state, just before the arrivals of period 0 (section M)."""
    consumers, suppliers, pools = len(fixed.inflow), len(fixed.supplier_base), len(fixed.pool_base)
    normal = (shock.cover_days[draw] / shock.period_days + 1.0) * fixed.inflow
    zeros = ("transit", "usual", "order", "replace", "final", "afforded", "want", "need", "used", "arrived")
    consumer_state = {
        name: np.zeros(consumers) for name in (*zeros, "released", "blocked", "placed", "pledged", "counted")
    }
    supplier_state = {
        name: np.ones(suppliers) for name in ("mark", "newcomer_mark", "trust", "limit", "served_contract")
    }
    supplier_state |= {name: np.zeros(suppliers) for name in ("output", "capacity", "asked_contract")}
    rows = 1 if shock.prices is None else len(shock.prices.product)
    price_state = {name: np.zeros(rows) for name in ("price", "slow_price", "price_asked", "price_able")}
    price_state |= {name: np.ones(rows) for name in ("price_use", "price_hoard", "price_supply")}
    return State(
        stock=normal - fixed.inflow,
        reserve=shock.reserve_days[draw] / shock.period_days * fixed.inflow,
        smoothed=fixed.inflow.copy(),
        normal=normal,
        input_need=fixed.base_need.copy(),
        fill=np.ones(consumers),
        inbound=fixed.base_inbound.copy(),
        wanted=fixed.supplier_base.copy(),
        asked=np.zeros((suppliers, 2)),
        served=np.ones((suppliers, 2)),
        ordered=np.zeros(len(fixed.lane)),
        pooled=np.zeros(pools),
        pool_cut=np.ones(pools),
        inputs=fixed.recipe_input.copy(),
        contracted=np.zeros(len(fixed.contract_lane)),
        **consumer_state,
        **supplier_state,
        **price_state,
    )


def book_of(arrays: dict[str, Floats], draw: int) -> Book:
    """Return the pages of one draw; a variable that is not recorded gets a page without members."""
    periods = arrays["consumer_need"].shape[1]
    nothing = np.zeros((periods, 0))
    return Book(**{name: arrays[name][draw] if name in arrays else nothing for name in SUMMARY | FULL})
