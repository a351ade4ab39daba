"""Which users a disturbance or a measure reaches: all others keep base flows in the planner (rule O2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kaname.respond.grouping import Grouped

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
MATTERS = 0.01  # of a user's inflow: what comes from a supplier that may fail counts from here on


@dataclass(frozen=True)
class Kept:
    """The groups that the planner keeps, and the indices of them among all groups."""

    groups: Grouped
    suppliers: Ints
    consumers: Ints
    lanes: Ints
    recipes: Ints


def reached(groups: Grouped, hit: Bools, touched: Bools) -> Bools:
    """Return (N,) the users that are reached: those `touched` by a measure, those who get `MATTERS` of their
    inflow over lanes that are `hit` (E,), and those who get as much from suppliers that use what these use.
    """
    users, flow = len(groups.consumer_inflow), groups.lane_flow
    inflow = np.where(groups.consumer_inflow > 0.0, groups.consumer_inflow, 1.0)
    live, at_risk = np.zeros(users, dtype=np.bool_), hit
    while True:
        grown = np.bincount(groups.lane_consumer, flow * at_risk, users) / inflow >= MATTERS
        if not (grown & ~live).any():
            return live | touched
        live = live | grown
        fed = np.zeros(len(groups.supplier_base), dtype=np.bool_)
        fed[groups.recipe_supplier[live[groups.recipe_consumer]]] = True
        at_risk = hit | fed[groups.lane_supplier]


def keep(groups: Grouped, live: Bools) -> Kept:
    """Return the groups with only the users in `live` (N,), their lanes, and the suppliers on either side.

    What a supplier sends to users left out is held: in proportion to its output where it uses a stock that
    is kept, else as it is (`supplier_held`).
    """
    lanes = np.flatnonzero(live[groups.lane_consumer])
    lines = live[groups.recipe_consumer]
    wanted = np.zeros(len(groups.supplier_base), dtype=np.bool_)
    wanted[groups.lane_supplier[lanes]] = True
    wanted[groups.recipe_supplier[lines]] = True
    suppliers, consumers, recipes = np.flatnonzero(wanted), np.flatnonzero(live), np.flatnonzero(lines)
    left_out = np.bincount(
        groups.lane_supplier, groups.lane_flow * ~live[groups.lane_consumer], len(groups.supplier_base)
    )
    base = np.where(groups.supplier_base > 0.0, groups.supplier_base, 1.0)
    at_supplier, at_consumer = np.full(len(wanted), -1), np.full(len(live), -1)
    at_supplier[suppliers], at_consumer[consumers] = np.arange(len(suppliers)), np.arange(len(consumers))
    at_lane, at_recipe = np.full(len(groups.lane_flow), -1), np.full(len(groups.recipe_input), -1)
    at_lane[lanes], at_recipe[recipes] = np.arange(len(lanes)), np.arange(len(recipes))
    small = replace(
        groups,
        supplier_of=at_supplier[groups.supplier_of],
        consumer_of=at_consumer[groups.consumer_of],
        lane_of=at_lane[groups.lane_of],
        recipe_of=at_recipe[groups.recipe_of],
        **{name: getattr(groups, name)[suppliers] for name in ("supplier_market", "supplier_product")},
        supplier_base=groups.supplier_base[suppliers],
        supplier_held=(left_out / base)[suppliers],
        **{name: getattr(groups, name)[consumers] for name in ("consumer_market", "consumer_product")},
        consumer_inflow=groups.consumer_inflow[consumers],
        consumer_value_kusd=groups.consumer_value_kusd[consumers],
        lane_supplier=at_supplier[groups.lane_supplier[lanes]],
        lane_consumer=at_consumer[groups.lane_consumer[lanes]],
        **{
            name: getattr(groups, name)[lanes]
            for name in ("lane_flow", "lane_lag_periods", "lane_latent", "lane_pool")
        },
        recipe_supplier=at_supplier[groups.recipe_supplier[recipes]],
        recipe_consumer=at_consumer[groups.recipe_consumer[recipes]],
        recipe_input=groups.recipe_input[recipes],
        recipe_fixed=groups.recipe_fixed[recipes],
    )
    return Kept(small, suppliers, consumers, lanes, recipes)
