"""A cone with most markets put together: the network that the planner sees (rule O1).

Named markets stay as they are; all others become one, `ROW`. Suppliers, consumers, lanes and recipe lines
that fall together are added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROW = "ROW"


@dataclass(frozen=True)
class Grouped:
    """Groups of a cone's members: K suppliers, N consumers, E lanes, R recipe lines; flows per period.

    `*_of` give each old member's group; -1 for one that is left out. A lane group holds lanes of one pool,
    all with base flow or all latent; suppliers and recipe lines that measures add stay alone.
    """

    markets: tuple[str, ...]
    supplier_of: Ints
    consumer_of: Ints
    lane_of: Ints
    recipe_of: Ints
    supplier_market: Ints
    supplier_product: Ints
    supplier_base: Floats
    supplier_held: Floats  # share of base output that goes to users left out of the planner; 0 where none is
    consumer_market: Ints
    consumer_product: Ints
    consumer_inflow: Floats
    consumer_value_kusd: Floats  # of a unit of final use; see `filled_values`
    lane_supplier: Ints
    lane_consumer: Ints
    lane_flow: Floats
    lane_lag_periods: Floats  # mean by base flow
    lane_latent: NDArray[np.bool_]
    lane_pool: Ints
    recipe_supplier: Ints
    recipe_consumer: Ints
    recipe_input: Floats  # units of input per unit of output, mean by output
    recipe_fixed: NDArray[np.bool_]  # one element: d = 1 in every draw


def group(network: Network, pool: NDArray[Any], markets: Sequence[str], alone: Sequence[int] = ()) -> Grouped:
    """Return the groups of a network: `markets` by id, all others `ROW`; `alone` are suppliers kept apart.

    `pool` (E,) is each lane's pool, 0 without.
    """
    names = (*markets, ROW)
    number = {name: i for i, name in enumerate(names)}
    place = np.array([number.get(market.id, len(markets)) for market in network.markets])
    apart = np.zeros(network.n_suppliers, dtype=np.int64)
    apart[list(alone)] = np.arange(1, len(alone) + 1)
    sm, cm = place[network.supplier_market], place[network.consumer_market]
    s_keys, supplier_of = _unique(sm, network.supplier_product, network.supplier_kind, apart)
    c_keys, consumer_of = _unique(cm, network.consumer_product)
    latent = network.lane_flow <= 0.0
    l_keys, lane_of = _unique(
        supplier_of[network.lane_supplier], consumer_of[network.lane_consumer], latent, pool
    )
    r_keys, recipe_of = _unique(
        supplier_of[network.recipe_supplier],
        consumer_of[network.recipe_consumer],
        network.recipe_same_element,
    )
    base = _sum(supplier_of, network.supplier_base, len(s_keys))
    flow = _sum(lane_of, network.lane_flow, len(l_keys))
    weight = np.where(network.lane_flow > 0.0, network.lane_flow, 1.0)
    lag = _sum(lane_of, weight * network.lane_lag, len(l_keys)) / _sum(lane_of, weight, len(l_keys))
    return Grouped(
        markets=names,
        supplier_of=supplier_of,
        consumer_of=consumer_of,
        lane_of=lane_of,
        recipe_of=recipe_of,
        supplier_market=s_keys[:, 0],
        supplier_product=s_keys[:, 1],
        supplier_base=base,
        supplier_held=np.zeros(len(base)),
        consumer_market=c_keys[:, 0],
        consumer_product=c_keys[:, 1],
        consumer_inflow=_sum(consumer_of, network.consumer_inflow, len(c_keys)),
        consumer_value_kusd=_mean_values(network, consumer_of, len(c_keys)),
        lane_supplier=l_keys[:, 0],
        lane_consumer=l_keys[:, 1],
        lane_flow=flow,
        lane_lag_periods=lag,
        lane_latent=l_keys[:, 2].astype(np.bool_),
        lane_pool=l_keys[:, 3],
        recipe_supplier=r_keys[:, 0],
        recipe_consumer=r_keys[:, 1],
        recipe_input=_inputs(network, recipe_of, r_keys[:, 0], base),
        recipe_fixed=r_keys[:, 2].astype(np.bool_),
    )


def filled_values(network: Network) -> Floats:
    """Return (N,) the value of a unit of final use, kUSD, for the planner's objective only.

    Where it is unknown, the smallest known value of the product stands in, so that the planner does not take
    from users as if their loss were free; where no value of the product is known, 0. Reports never use it.
    """
    value = network.consumer_value_kusd.copy()
    for product in np.unique(network.consumer_product[np.isnan(value)]):
        same = network.consumer_product == product
        known = value[same & ~np.isnan(value)]
        value[same & np.isnan(value)] = float(known.min()) if len(known) else 0.0
    return value


def _mean_values(network: Network, consumer_of: Ints, count: int) -> Floats:
    """Return the mean value of a group's final use, by final use."""
    final, value = network.consumer_final, filled_values(network)
    total = _sum(consumer_of, final, count)
    worth = _sum(consumer_of, final * value, count)
    return np.where(total > 0.0, worth / np.where(total > 0.0, total, 1.0), 0.0)


def _inputs(network: Network, recipe_of: Ints, supplier: Ints, base: Floats) -> Floats:
    """Return the input per output of a group's lines, mean by output, or plain without output."""
    own = network.supplier_base[network.recipe_supplier]
    used = _sum(recipe_of, network.recipe_input_per_output * own, len(supplier))
    plain = _sum(recipe_of, network.recipe_input_per_output, len(supplier))
    lines = _sum(recipe_of, np.ones(len(recipe_of)), len(supplier))
    output = base[supplier]
    return np.where(output > 0.0, used / np.where(output > 0.0, output, 1.0), plain / lines)


def _unique(*keys: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return the distinct rows of some keys, and each member's row."""
    stacked = np.stack([np.asarray(key, dtype=np.int64) for key in keys], axis=1)
    found, inverse = np.unique(stacked, axis=0, return_inverse=True)
    return found, inverse.ravel()


def _sum(of: Ints, values: Floats, count: int) -> Floats:
    return np.bincount(of, values, count).astype(np.float64)
