"""The cone: the part of a network that a disturbance can reach, with its shock and effects (rule O2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.scenario.effects import Effect
from kaname.scenario.shock import Additions, Shock

NEARLY = 0.999  # of base output: what can make less is disturbed
Bools = NDArray[np.bool_]
Index = NDArray[np.intp]


@dataclass(frozen=True)
class Cone:
    """A network cut to some products, with the shock and the effects that go with it.

    `suppliers`, `consumers`, `lanes` and `recipes` are the indices in the whole network of what is kept.
    """

    network: Network
    shock: Shock
    effects: tuple[Effect, ...]
    suppliers: Index
    consumers: Index
    lanes: Index
    recipes: Index


def downstream(network: Network, products: Bools) -> Bools:
    """Return (products,) the products with all that is made of them, step by step."""
    made = network.supplier_product[network.recipe_supplier]
    used = network.consumer_product[network.recipe_consumer]
    reached = products.copy()
    while True:
        grown = reached.copy()
        grown[made[reached[used]]] = True
        if (grown == reached).all():
            return reached
        reached = grown


def disturbed_products(network: Network, shock: Shock, effects: Sequence[Effect]) -> Bools:
    """Return (products,) what a shock holds back, loses, adds or asks for, and what measures touch.

    Spare capacity that differs from draw to draw is no disturbance; capacity that changes over time, or is
    below base output, is.
    """
    mask = np.zeros(len(network.products), dtype=np.bool_)
    goods = network.supplier_product[network.lane_supplier]
    for rows, paths, neutral in (
        (shock.lane_permission_row, shock.permission, 1.0),
        (shock.lane_pool_row, shock.pool_permission, 1.0),
        (shock.lane_delay_row, shock.extra_lag, 0.0),
    ):
        moved = (paths != neutral).any(axis=(0, 2))
        mask[goods[moved[rows]]] = True
    moved = (np.ptp(shock.capacity_factor, axis=2) > 0.0).any(axis=0)
    least = shock.capacity_factor.min(axis=(0, 2))[shock.supplier_capacity_row]
    lost = (least * (1.0 + network.supplier_headroom) < NEARLY) & (network.supplier_base > 0.0)
    mask[network.supplier_product[moved[shock.supplier_capacity_row] | lost]] = True
    surged = (shock.demand_factor != 1.0).any(axis=(0, 2))
    mask[network.consumer_product[surged[shock.consumer_demand_row]]] = True
    raised = (shock.target_factor != 1.0).any(axis=(0, 2))
    mask[network.consumer_product[raised[shock.consumer_target_row]]] = True
    _mark_additions(network, shock.additions, mask)
    for effect in effects:
        for k, _ in effect.capacity:
            mask[network.supplier_product[k]] = True
            lines = network.recipe_supplier == k  # a plant asks more of its inputs than the base state does
            mask[network.consumer_product[network.recipe_consumer[lines]]] = True
        mask[goods[[e for e, _ in effect.contracts]]] = True
        mask[network.consumer_product[effect.consumers]] = True
        mask[network.consumer_product[network.recipe_consumer[effect.recipes]]] = True
    return mask


def _mark_additions(network: Network, additions: Additions | None, mask: Bools) -> None:
    """Mark the products that the shock's own additions touch: those of measures that a scenario holds."""
    if additions is None:
        return
    grown = additions.supplier_row > 0
    saved = additions.recipe_row > 0
    mask[network.supplier_product[grown]] = True
    inputs = network.consumer_product[network.recipe_consumer]
    mask[inputs[grown[network.recipe_supplier] | saved]] = True
    mask[network.supplier_product[network.lane_supplier[additions.contract_lane]]] = True
    mask[network.consumer_product[additions.release_row > 0]] = True


def cut(network: Network, shock: Shock, effects: Sequence[Effect], products: Bools) -> Cone:
    """Return network, shock and effects cut to some products and all that is made of them.

    Whoever uses a product of the cone is in the cone, so its base state balances. Recipe lines on inputs
    outside are left out: makers inside that scale up find them without limit, which lowers losses a little
    (up to .4 % in the flagship where no measure brings the ores in). Prices must be off.
    """
    inside = downstream(network, products)
    suppliers = np.flatnonzero(inside[network.supplier_product])
    consumers = np.flatnonzero(inside[network.consumer_product])
    lanes = np.flatnonzero(inside[network.supplier_product[network.lane_supplier]])
    recipes = np.flatnonzero(inside[network.consumer_product[network.recipe_consumer]])
    at_supplier, at_consumer = (
        _places(network.n_suppliers, suppliers),
        _places(network.n_consumers, consumers),
    )
    kept = {name: getattr(network, name)[suppliers] for name in _named("supplier_")}
    kept |= {name: getattr(network, name)[consumers] for name in _named("consumer_")}
    kept |= {name: getattr(network, name)[lanes] for name in _named("lane_")}
    kept |= {name: getattr(network, name)[recipes] for name in _named("recipe_")}
    kept["lane_supplier"] = at_supplier[kept["lane_supplier"]].astype(np.int32)
    kept["lane_consumer"] = at_consumer[kept["lane_consumer"]].astype(np.int32)
    kept["recipe_supplier"] = at_supplier[kept["recipe_supplier"]].astype(np.int32)
    kept["recipe_consumer"] = at_consumer[kept["recipe_consumer"]].astype(np.int32)
    at_lane, at_recipe = _places(network.n_lanes, lanes), _places(network.n_recipes, recipes)
    small = replace(
        shock,
        lane_permission_row=shock.lane_permission_row[lanes],
        lane_pool_row=shock.lane_pool_row[lanes],
        lane_delay_row=shock.lane_delay_row[lanes],
        supplier_capacity_row=shock.supplier_capacity_row[suppliers],
        consumer_demand_row=shock.consumer_demand_row[consumers],
        consumer_target_row=shock.consumer_target_row[consumers],
        cover_days=shock.cover_days[:, consumers],
        reserve_days=shock.reserve_days[:, consumers],
        dependence=shock.dependence[:, recipes],
        prices=None,
        additions=_cut_additions(shock.additions, suppliers, consumers, at_lane, recipes),
    )
    moved = tuple(_moved(effect, at_supplier, at_lane, at_recipe, at_consumer) for effect in effects)
    return Cone(replace(network, **kept), small, moved, suppliers, consumers, lanes, recipes)


def _cut_additions(
    additions: Additions | None, suppliers: Index, consumers: Index, at_lane: Index, recipes: Index
) -> Additions | None:
    """Return what the shock adds to members that are kept."""
    if additions is None:
        return None
    inside = at_lane[additions.contract_lane] >= 0
    return replace(
        additions,
        supplier_row=additions.supplier_row[suppliers],
        contract_lane=at_lane[additions.contract_lane[inside]].astype(np.int32),
        contract_t=additions.contract_t[:, inside],
        recipe_row=additions.recipe_row[recipes],
        release_row=additions.release_row[consumers],
        order_row=additions.order_rise[0][consumers],
    )


def _named(prefix: str) -> list[str]:
    return [name for name in Network.__dataclass_fields__ if name.startswith(prefix)]


def _places(size: int, kept: Index) -> Index:
    """Return each old index's new one; -1 for what is left out."""
    place = np.full(size, -1, dtype=np.intp)
    place[kept] = np.arange(len(kept))
    return place


def _moved(effect: Effect, supplier: Index, lane: Index, recipe: Index, consumer: Index) -> Effect:
    """Return an effect with the new indices."""
    return replace(
        effect,
        capacity=tuple((int(supplier[k]), amount) for k, amount in effect.capacity),
        contracts=tuple((int(lane[e]), amount) for e, amount in effect.contracts),
        recipes=recipe[effect.recipes],
        consumers=consumer[effect.consumers],
    )
