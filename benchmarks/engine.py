"""Seconds and megabytes of the engine on a synthetic network: `python benchmarks/engine.py`.

Prints the lane count beside every figure, and the ratio to a bandwidth bound: the bytes that one period must
touch at the least (order, flow and pointers of every lane, three passes), at the speed of a plain array copy.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from datetime import date
from functools import partial

import numpy as np

from kaname.network.network import Market, Network, Product
from kaname.scenario.shock import Shock

MARKETS, PRODUCTS, LANES, LATENT, PERIODS = 200, 40, 35_000, 35_000, 104
BYTES_PER_LANE = 3 * (8 + 8 + 8 + 8)  # three passes: supplier, consumer, base flow, order


def synthetic(seed: int = 0) -> Network:
    """Return a balanced network of 70,000 lanes, half of them latent, and 8,000 consumers: a chain of
    products, each made from the one before.
    """
    rng = np.random.default_rng(seed)
    market = np.tile(np.arange(MARKETS), PRODUCTS)
    product = np.repeat(np.arange(PRODUCTS), MARKETS)
    members = MARKETS * PRODUCTS
    pairs = rng.choice(PRODUCTS * MARKETS * MARKETS, LANES + LATENT, replace=False)
    supplier = (pairs // MARKETS**2) * MARKETS + pairs // MARKETS % MARKETS
    consumer = (pairs // MARKETS**2) * MARKETS + pairs % MARKETS
    order = np.argsort(consumer, kind="stable")
    supplier, consumer = supplier[order], consumer[order]
    latent = rng.permutation(LANES + LATENT) < LATENT
    flow = np.where(latent, 0.0, rng.lognormal(2.0, 1.5, LANES + LATENT))
    base, inflow = np.bincount(supplier, flow, members), np.bincount(consumer, flow, members)
    maker = np.flatnonzero(
        (product > 0) & (inflow[np.maximum(np.arange(members) - MARKETS, 0)] > 0.0) & (base > 0.0)
    )
    source = maker - MARKETS
    yields = 0.6 * inflow[source] / base[maker]
    use = np.zeros(members)
    np.add.at(use, source, yields * base[maker])
    zeros, whole = np.zeros(members, np.int32), np.zeros(LANES + LATENT, np.int32)
    return Network(
        markets=tuple(Market(f"M{i}", f"M{i}", f"M{i}", "") for i in range(MARKETS)),
        products=tuple(
            Product(f"P{i}", f"P{i}", "", "", "t", "", (), 1.0, "assumed") for i in range(PRODUCTS)
        ),
        period_days=7.0,
        base_year=2024,
        supplier_market=market.astype(np.int32),
        supplier_product=product.astype(np.int32),
        supplier_kind=zeros,
        supplier_base=base,
        supplier_headroom=np.full(members, 0.15),
        supplier_basis=zeros,
        consumer_market=market.astype(np.int32),
        consumer_product=product.astype(np.int32),
        consumer_final=inflow - use,
        consumer_inflow=inflow,
        consumer_cover_days=np.full(members, 45.0),
        consumer_reserve_days=np.zeros(members),
        consumer_value_kusd=np.ones(members),
        consumer_basis=zeros,
        lane_supplier=supplier.astype(np.int32),
        lane_consumer=consumer.astype(np.int32),
        lane_flow=flow,
        lane_lag=rng.integers(1, 9, LANES + LATENT).astype(np.int32),
        lane_basis=whole,
        lane_export_share=np.where(latent, 0.1, 0.0),
        lane_kind=whole,
        recipe_supplier=maker.astype(np.int32),
        recipe_consumer=source.astype(np.int32),
        recipe_input_per_output=yields,
        recipe_dependence=np.ones(len(maker)),
        recipe_same_element=np.ones(len(maker), bool),
        recipe_basis=np.zeros(len(maker), np.int32),
    )


def ban(network: Network, draws: int) -> Shock:
    """Return a ban of the largest market's exports to twenty markets, from period 4 to 95."""
    shape = (draws, 1, PERIODS)
    exports = np.bincount(network.supplier_market, network.supplier_base)
    hit = (network.supplier_market[network.lane_supplier] == exports.argmax()) & (
        network.consumer_market[network.lane_consumer] < 20
    )
    permission = np.ones((draws, 2, PERIODS))
    permission[:, 1, 4:95] = 0.0
    numbers = {"psi": 0.5, "kappa": 2.0, "tau_weeks": 5.0, "smoothing_weeks": 8.0, "rho": 0.3, "eta": 0.1}
    return Shock(
        start=date(2026, 1, 5),
        periods=PERIODS,
        period_days=7.0,
        lane_permission_row=hit.astype(np.int32),
        permission=permission,
        lane_pool_row=np.zeros(network.n_lanes, np.int32),
        pool_permission=np.ones(shape),
        supplier_capacity_row=np.zeros(network.n_suppliers, np.int32),
        capacity_factor=np.ones(shape),
        consumer_demand_row=np.zeros(network.n_consumers, np.int32),
        demand_factor=np.ones(shape),
        consumer_target_row=np.zeros(network.n_consumers, np.int32),
        target_factor=np.ones(shape),
        lane_delay_row=np.zeros(network.n_lanes, np.int32),
        extra_lag=np.zeros(shape, np.int32),
        cover_days=np.tile(network.consumer_cover_days, (draws, 1)),
        reserve_days=np.tile(network.consumer_reserve_days, (draws, 1)),
        dependence=np.tile(network.recipe_dependence, (draws, 1)),
        draw_names=tuple(f"draw {i}" for i in range(draws)),
        drawn={},
        **{name: np.full(draws, value) for name, value in numbers.items()},
    )


def timed(work: Callable[[], object], repeats: int = 3) -> tuple[float, float]:
    """Return the least wall and CPU seconds of some repeats."""
    best = (np.inf, np.inf)
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        best = min(best, (time.perf_counter() - wall, time.process_time() - cpu))
    return best


def copy_speed() -> float:
    """Return bytes per second (read and written) of a plain array copy that does not fit the cache."""
    source = np.ones(6_000_000)
    target = np.empty_like(source)
    wall, _ = timed(lambda: np.copyto(target, source))
    return 2 * source.nbytes / wall


def main() -> None:
    """Print the table."""
    started = time.process_time()
    from kaname.simulate.engine import simulate  # noqa: PLC0415 - the import is part of what is measured
    from kaname.simulate.outcome import Watch  # noqa: PLC0415

    network = synthetic()
    simulate(network, ban(network, 1))
    print(f"import, compile or load, first run: {time.process_time() - started:.1f} CPU s")
    bound = network.n_lanes * PERIODS * BYTES_PER_LANE / copy_speed()
    print(f"{network.n_lanes:,} lanes, {network.n_suppliers:,} suppliers, {PERIODS} periods")
    print("draws record    threads  wall s  CPU s  ns of CPU a lane-period  result MB  peak MB  x bound")
    few = Watch(np.arange(0, network.n_consumers, 20), np.arange(0, network.n_suppliers, 20))
    for draws, record, watch, threads in (
        (1, "summary", None, 1),
        (32, "summary", few, 1),
        (32, "summary", few, 2),
        (32, "summary", None, 2),
        (1, "full", None, 1),
    ):
        work = partial(simulate, network, ban(network, draws), record, watch, threads)
        wall, cpu = timed(work)
        size = work().data.nbytes / 1e6
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        each = 1e9 * cpu / draws / network.n_lanes / PERIODS
        name = record if watch is None else "watched"
        print(
            f"{draws:5d} {name:10s} {threads:7d} {wall:7.3f} {cpu:6.3f} {each:24.1f} {size:10.1f} {peak:8.0f}"
            f" {cpu / draws / bound:8.1f}"
        )


if __name__ == "__main__":
    main()
