"""Hypothesis strategies: small balanced networks and shocks of every kind.

Structure is drawn by hypothesis, the many amounts by a seeded generator, so that examples stay quick to draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from hypothesis import strategies as st

from kaname.network.network import SUPPLIER_KINDS, Market, Network, Product
from kaname.scenario.shock import Prices, Shock

REEXPORT = SUPPLIER_KINDS.index("reexport")
PROCESSING = SUPPLIER_KINDS.index("processing")
PRIMARY = SUPPLIER_KINDS.index("primary")
UNRECORDED = SUPPLIER_KINDS.index("unrecorded")


@dataclass(frozen=True)
class Recipe:
    """How a product is made: (input product, input per output, dependence, same element)."""

    inputs: tuple[tuple[int, float, float, bool], ...]


CHAIN = (
    Recipe(()),  # 0 ore
    Recipe(((0, 1.1, 1.0, True),)),  # 1 compound
    Recipe(((1, 1.05, 1.0, True),)),  # 2 metal
    Recipe(((2, 0.02, 0.4, False), (1, 0.01, 0.8, False))),  # 3 industry, index
    Recipe(()),  # 4 another ore
    Recipe(((2, 0.3, 1.0, False), (4, 0.7, 1.0, False))),  # 5 alloy of two elements
)
NAMES = ("ore", "compound", "metal", "industry", "ore2", "alloy")


def build(
    n_markets: int, products: tuple[int, ...], hubs: int, seed: int, latent: int = 3, max_lag: int = 6
) -> Network:
    """Return a balanced network: `products` is a closed choice from CHAIN, `hubs` markets re-export."""
    rng = np.random.default_rng(seed)
    makers = {
        p: sorted(rng.permutation(n_markets)[: rng.integers(1, n_markets + 1)].tolist()) for p in products
    }
    use = {(m, p): float(rng.uniform(0.5, 20.0)) for m in range(n_markets) for p in products}
    suppliers: list[tuple[int, int, int]] = []
    lanes: list[tuple[int, int, float]] = []  # supplier, consumer, flow
    recipes: list[tuple[int, int, float, float, bool]] = []
    consumer = {key: i for i, key in enumerate(use)}
    for p in sorted(products, reverse=True):
        made = len(lanes)
        _supply(p, n_markets, makers[p], min(hubs, n_markets), use, consumer, suppliers, lanes, rng)
        for k in sorted({k for k, _, _ in lanes[made:]}):
            m, _, kind = suppliers[k]
            output = sum(flow for s, _, flow in lanes if s == k)
            if kind == REEXPORT:
                recipes.append((k, consumer[m, p], 1.0, 1.0, True))
            for source, a, d, same in CHAIN[p].inputs if kind == PROCESSING else ():
                if source in products:
                    use[m, source] += a * output
                    recipes.append((k, consumer[m, source], a, d, same))
    return _freeze(n_markets, suppliers, lanes, recipes, list(consumer), latent, max_lag, rng)


def _supply(p, n_markets, makers, hubs, use, consumer, suppliers, lanes, rng) -> None:
    """Add the suppliers and lanes that feed every consumer of product p, with re-exports among hubs."""
    share = rng.uniform(0.05, 0.35, (n_markets, hubs)) if hubs else np.zeros((n_markets, 0))
    for h in range(hubs):
        share[h, h] = 0.0
    if hubs:
        share *= np.minimum(1.0, 0.5 / np.maximum(share.sum(axis=1, keepdims=True), 1e-9))
    # inflow_m = use_m + what hub m sends on
    matrix = np.eye(n_markets)
    for h in range(hubs):
        matrix[h] -= share[:, h]
    inflow = np.linalg.solve(matrix, np.array([use[m, p] for m in range(n_markets)]))
    kind = PROCESSING if CHAIN[p].inputs else PRIMARY
    makers_k = []
    for m in makers:
        makers_k.append(len(suppliers))
        suppliers.append((m, p, kind))
    hubs_k = [len(suppliers) + h for h in range(hubs)]
    suppliers.extend((h, p, REEXPORT) for h in range(hubs))
    for m in range(n_markets):
        known = rng.random(len(makers_k)) < 0.6
        known[rng.integers(len(makers_k))] = True
        own = known * rng.dirichlet(np.ones(len(makers_k))) + 1e-6 * known
        own *= (1.0 - share[m].sum()) / own.sum()
        rows = [(k, part) for k, part in zip(makers_k, own, strict=True)]
        rows += [(hubs_k[h], share[m, h]) for h in range(hubs) if share[m, h] > 0.0]
        for k, part in rows:
            if part > 0.01:
                lanes.append((k, consumer[m, p], float(inflow[m] * part)))
        use[m, p] = float(inflow[m])


def _freeze(n_markets, suppliers, lanes, recipes, consumers, latent, max_lag, rng) -> Network:
    """Add latent lanes, sort, and take final use as the balance's exact residual (rule N5)."""
    have = {(k, n) for k, n, _ in lanes}
    rows = [(n, k, flow, 0.0) for k, n, flow in lanes]
    for n, (m, p) in enumerate(consumers):
        others = [k for k, (sm, sp, _) in enumerate(suppliers) if sp == p and sm != m and (k, n) not in have]
        for k in others[:latent]:
            rows.append((n, k, 0.0, float(rng.uniform(0.05, 0.6))))
    rows.sort()
    consumer, supplier = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    flow, export_share = np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
    base, inflow = np.zeros(len(suppliers)), np.zeros(len(consumers))
    np.add.at(base, supplier, flow)
    recipes.sort()
    for _ in range(200):  # small lanes were left out: scale inflows up until every use is covered
        need, inflow = np.zeros(len(consumers)), np.zeros(len(consumers))
        np.add.at(inflow, consumer, flow)
        base[:] = 0.0
        np.add.at(base, supplier, flow)
        for k, n, a, _, _ in recipes:
            need[n] += a * base[k]
        short = need > inflow
        if not short.any():
            break
        flow = flow * np.where(short, need / np.maximum(inflow, 1e-12) * 1.001, 1.0)[consumer]
    return Network(
        markets=tuple(Market(f"M{m}", f"Market {m}", f"M{m}", "") for m in range(n_markets)),
        products=tuple(
            Product(name, name, "Nd/Pr", name, "index" if name == "industry" else "t", "", (), 1.0, "assumed")
            for name in NAMES
        ),
        period_days=7.0,
        base_year=2024,
        supplier_market=_i([s[0] for s in suppliers]),
        supplier_product=_i([s[1] for s in suppliers]),
        supplier_kind=_i([s[2] for s in suppliers]),
        supplier_base=base,
        supplier_headroom=rng.choice([0.0, 0.05, 0.15, 0.5], len(suppliers)),
        supplier_basis=_i([2] * len(suppliers)),
        consumer_market=_i([c[0] for c in consumers]),
        consumer_product=_i([c[1] for c in consumers]),
        consumer_final=inflow - need,
        consumer_inflow=inflow,
        consumer_cover_days=rng.uniform(7.0, 60.0, len(consumers)),
        consumer_reserve_days=rng.choice([0.0, 0.0, 30.0], len(consumers)),
        consumer_value_kusd=np.ones(len(consumers)),
        consumer_basis=_i([2] * len(consumers)),
        lane_supplier=_i(supplier),
        lane_consumer=_i(consumer),
        lane_flow=flow,
        lane_lag=_i(rng.integers(1, max_lag + 1, len(flow))),
        lane_basis=_i([1] * len(flow)),
        lane_export_share=export_share,
        lane_kind=_i([0] * len(flow)),
        recipe_supplier=_i([r[0] for r in recipes]),
        recipe_consumer=_i([r[1] for r in recipes]),
        recipe_input_per_output=np.array([r[2] for r in recipes], dtype=float),
        recipe_dependence=np.array([r[3] for r in recipes], dtype=float),
        recipe_same_element=np.array([r[4] for r in recipes], dtype=bool),
        recipe_basis=_i([2] * len(recipes)),
    )


def _i(values) -> np.ndarray:
    return np.array(values, dtype=np.int32)


def calm(network: Network, periods: int, draws: int = 1, **parameters: float) -> Shock:
    """Return the shock that changes nothing; `parameters` set psi, kappa, rho and so on."""
    values = {"psi": 0.5, "kappa": 2.0, "tau_weeks": 5.0, "smoothing_weeks": 8.0, "rho": 0.3, "eta": 0.1}
    values |= parameters
    one, none = np.ones((draws, 1, periods)), np.zeros((draws, 1, periods), dtype=np.int32)
    e, k, n = network.n_lanes, network.n_suppliers, network.n_consumers
    return Shock(
        start=date(2026, 1, 5),
        periods=periods,
        period_days=network.period_days,
        lane_permission_row=np.zeros(e, dtype=np.int32),
        permission=one.copy(),
        lane_pool_row=np.zeros(e, dtype=np.int32),
        pool_permission=one.copy(),
        supplier_capacity_row=np.zeros(k, dtype=np.int32),
        capacity_factor=one.copy(),
        consumer_demand_row=np.zeros(n, dtype=np.int32),
        demand_factor=one.copy(),
        consumer_target_row=np.zeros(n, dtype=np.int32),
        target_factor=one.copy(),
        lane_delay_row=np.zeros(e, dtype=np.int32),
        extra_lag=none,
        cover_days=np.tile(network.consumer_cover_days, (draws, 1)),
        reserve_days=np.tile(network.consumer_reserve_days, (draws, 1)),
        dependence=np.tile(network.recipe_dependence, (draws, 1)),
        draw_names=tuple(f"draw {i}" for i in range(draws)),
        drawn={},
        **{name: np.full(draws, value) for name, value in values.items()},
    )


def with_prices(shock: Shock, network: Network, seed: int, speed: float | None = None) -> Shock:
    """Return the shock with prices on: a random choice of markets counts as inside, per product."""
    rng = np.random.default_rng(seed)
    tonnes = [p for p, product in enumerate(network.products) if product.unit == "t"]
    product = np.array([-1, *tonnes, *tonnes])
    inside = np.array([False] * (1 + len(tonnes)) + [True] * len(tonnes))
    within = rng.random((len(network.products), len(network.markets))) < rng.choice([0.0, 0.3])

    def rows(products: np.ndarray, markets: np.ndarray) -> np.ndarray:
        found = np.zeros(len(products), dtype=np.int32)
        for row in range(1, len(product)):
            found[(products == product[row]) & (within[products, markets] == inside[row])] = row
        return found

    size = (shock.draws, len(product))
    short = rng.uniform(0.0, 0.5, size)
    prices = Prices(
        product=_i(product),
        inside=inside,
        consumer_row=rows(network.consumer_product, network.consumer_market),
        supplier_row=rows(network.supplier_product, network.supplier_market),
        speed=np.full(shock.draws, rng.uniform(0.2, 0.3) if speed is None else speed),
        hoarding=rng.uniform(0.0, 0.4, shock.draws),
        memory_weeks=rng.uniform(5.0, 80.0, shock.draws),
        short_elasticity=short,
        long_elasticity=short + rng.uniform(0.0, 0.6, size),
        supply_elasticity=rng.uniform(0.0, 0.5, size),
    )
    return replace(shock, prices=prices)


ROWS = {
    "permission": "lane_permission_row",
    "pool_permission": "lane_pool_row",
    "capacity_factor": "supplier_capacity_row",
    "demand_factor": "consumer_demand_row",
    "target_factor": "consumer_target_row",
    "extra_lag": "lane_delay_row",
}


def with_path(shock: Shock, paths: str, members: np.ndarray, values: np.ndarray) -> Shock:
    """Return the shock with one more row in `paths` (periods,), or (draws, periods), for these members."""
    old = getattr(shock, paths)
    row = np.broadcast_to(values, (shock.draws, shock.periods))[:, None, :].astype(old.dtype)
    pointers = getattr(shock, ROWS[paths]).copy()
    pointers[members] = old.shape[1]
    return replace(shock, **{paths: np.concatenate([old, row], axis=1), ROWS[paths]: pointers})


def window(periods: int, start: int, end: int, inside: float, outside: float = 1.0) -> np.ndarray:
    """Return a path: `inside` from start to end (exclusive), `outside` elsewhere."""
    path = np.full(periods, outside, dtype=float)
    path[start:end] = inside
    return path


@st.composite
def networks(draw, max_markets: int = 4) -> Network:
    """Draw a small balanced network: 2 to 4 markets, 2 to 6 products, 0 to 2 re-exporting hubs."""
    products = draw(st.sampled_from([(0, 1), (0, 1, 2), (0, 1, 2, 3), (0, 1, 2, 3, 4, 5)]))
    return build(
        n_markets=draw(st.integers(2, max_markets)),
        products=products,
        hubs=draw(st.integers(0, 2)),
        seed=draw(st.integers(0, 2**31)),
        latent=draw(st.integers(0, 3)),
        max_lag=draw(st.integers(1, 8)),
    )


@st.composite
def shocks(draw, network: Network, periods: int = 60, draws: int = 1, prices: bool | None = None) -> Shock:
    """Draw a shock with any mix of kinds: permission, pool, capacity, demand, front-loading, route.

    `prices` says whether prices are on (rule M11); without it, that is drawn too.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    kinds = draw(st.sets(st.sampled_from(sorted(ROWS)), min_size=1))
    base = calm(network, periods, draws)
    shock = replace(
        base,
        psi=rng.uniform(0.3, 0.7, draws),
        kappa=rng.uniform(1.5, 3.0, draws),
        tau_weeks=rng.uniform(4.0, 6.0, draws),
        smoothing_weeks=rng.uniform(6.0, 12.0, draws),
        rho=rng.choice([0.0, 0.1, 0.3, 0.5], draws),
        eta=rng.uniform(0.05, 0.2, draws),
        cover_days=base.cover_days * rng.choice([0.0, 0.5, 1.0, 1.5], (draws, 1)),
    )
    levels = {
        "permission": [0.0, 0.3, 0.5, 0.95, 1.0],
        "pool_permission": [0.0, 0.4, 0.9],
        "capacity_factor": [0.0, 0.5, 0.9, 1.2],
        "demand_factor": [0.5, 1.5, 3.0],
        "target_factor": [0.8, 1.4],
        "extra_lag": [1, 3],
    }
    for kind in sorted(kinds):
        pointers = getattr(shock, ROWS[kind])
        for _ in range(int(rng.integers(1, 3))):
            members = np.flatnonzero(rng.random(len(pointers)) < rng.uniform(0.1, 0.6))
            path = np.full((draws, periods), 0.0 if kind == "extra_lag" else 1.0)
            for d in range(draws):
                start = int(rng.integers(0, periods // 2))
                end = int(rng.integers(start, periods + 1))
                cut = (start + end) // 2
                path[d, start:cut], path[d, cut:end] = rng.choice(levels[kind], 2)
            shock = with_path(shock, kind, members, path)
    priced = draw(st.booleans()) if prices is None else prices
    return with_prices(shock, network, draw(st.integers(0, 2**31))) if priced else shock
