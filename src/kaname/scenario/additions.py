"""Effects of measures -> the arrays of a shock (rules R1-R4, M5): what is added, saved or given up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.scenario.effects import Effect
from kaname.scenario.shock import Additions, Shock

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Paths = dict[int, Floats]
USUAL_RELEASE = 0.9  # of the target, below which reserves open (docs/model.md, Arrive)


def with_effects(network: Network, shock: Shock, effects: Sequence[Effect], levels: Sequence[float]) -> Shock:
    """Return the shock with measures at some levels (0 to 1 each), on the network that they were placed in.

    Effects add up: on a supplier, a lane and a target they are summed, on an input and on final use what is
    left is multiplied, and of several release levels the highest holds. Levels of 0 change nothing; what the
    shock holds already stays.
    """
    taken = [(effect, level) for effect, level in zip(effects, levels, strict=True) if level > 0.0]
    if not taken:
        return shock
    targets, demand = _scaled_targets(shock, taken), _scaled_demand(shock, taken)
    return replace(
        shock,
        additions=_additions(network, shock, taken),
        consumer_target_row=targets[0],
        target_factor=targets[1],
        consumer_demand_row=demand[0],
        demand_factor=demand[1],
    )


def _additions(network: Network, shock: Shock, taken: Sequence[tuple[Effect, float]]) -> Additions:
    """Return capacity, contracts, inputs and release levels."""
    shape, before = (shock.draws, shock.periods), shock.additions
    capacity: dict[int, Floats] = defaultdict(lambda: np.zeros(shape))
    contract: dict[int, Floats] = defaultdict(lambda: np.zeros(shape))
    inputs: dict[int, Floats] = defaultdict(lambda: np.ones(shape))
    release: dict[int, Floats] = defaultdict(lambda: np.full(shape, USUAL_RELEASE))
    if before is not None:
        capacity.update(_paths(before.supplier_row, before.capacity_t))
        contract.update({int(e): before.contract_t[:, i] for i, e in enumerate(before.contract_lane)})
        inputs.update(_paths(before.recipe_row, before.input_factor))
        release.update(_paths(before.release_row, before.release_share))
    for effect, level in taken:
        measure, path = effect.measure, level * effect.path
        for k, amount in effect.capacity:
            capacity[k] = capacity[k] + amount * path
        for e, amount in effect.contracts:
            contract[e] = contract[e] + amount * path
        for r in effect.recipes.tolist():
            inputs[r] = inputs[r] * (1.0 - (measure.share or 0.0) * path)
        if measure.kind == "release":
            opened = USUAL_RELEASE + ((measure.below or 0.0) - USUAL_RELEASE) * path
            for n in effect.consumers.tolist():
                before_it = release[n] if n in release else np.full(shape, USUAL_RELEASE)
                both = np.where(before_it == USUAL_RELEASE, opened, np.maximum(before_it, opened))
                release[n] = np.where(path > 0.0, both, before_it)
    lanes = sorted(contract)
    supplier_row, capacity_t = _rows(capacity, network.n_suppliers, np.zeros(shape))
    recipe_row, input_factor = _rows(inputs, network.n_recipes, np.ones(shape))
    release_row, release_share = _rows(release, network.n_consumers, np.full(shape, USUAL_RELEASE))
    order_row, order_t = _order_rise(network, shock, capacity, contract)
    none = np.zeros((shape[0], 0, shape[1]))
    return Additions(
        supplier_row=supplier_row,
        capacity_t=capacity_t,
        contract_lane=np.array(lanes, dtype=np.int32),
        contract_t=np.stack([contract[e] for e in lanes], axis=1) if lanes else none,
        recipe_row=recipe_row,
        input_factor=input_factor,
        release_row=release_row,
        release_share=release_share,
        order_row=order_row,
        order_t=order_t,
    )


def _order_rise(network: Network, shock: Shock, capacity: Paths, contract: Paths) -> tuple[Ints, Floats]:
    """Return what ceilings of orders rise by (rule R2): permitted contracts, kappa x what plants may draw."""
    rise: Paths = {}
    for e, amounts in contract.items():
        p = shock.permission[:, shock.lane_permission_row[e]]
        p = p * shock.pool_permission[:, shock.lane_pool_row[e]]
        n = int(network.lane_consumer[e])
        rise[n] = rise.get(n, 0.0) + amounts * p
    for k, amounts in capacity.items():
        for r in np.flatnonzero(network.recipe_supplier == k).tolist():
            n = int(network.recipe_consumer[r])
            more = shock.kappa[:, None] * network.recipe_input_per_output[r] * amounts
            rise[n] = rise.get(n, 0.0) + more
    return _rows(rise, network.n_consumers, np.zeros((shock.draws, shock.periods)))


def _paths(row: Ints, paths: Floats) -> dict[int, Floats]:
    """Return the path (D, P) of each member that does not follow the neutral row."""
    return {int(member): paths[:, row[member]] for member in np.flatnonzero(row)}


def _rows(paths: dict[int, Floats], members: int, neutral: Floats) -> tuple[Ints, Floats]:
    """Return each member's row and the paths (D, rows, P), the neutral one first; equal paths share a row."""
    row, stacked, known = np.zeros(members, dtype=np.int32), [neutral], {neutral.tobytes(): 0}
    for member in sorted(paths):
        key = paths[member].tobytes()
        if key not in known:
            known[key] = len(stacked)
            stacked.append(paths[member])
        row[member] = known[key]
    return row, np.stack(stacked, axis=1)


def _scaled_targets(shock: Shock, taken: Sequence[tuple[Effect, float]]) -> tuple[Ints, Floats]:
    """Return targets raised by days of stock bought (rule M5): (cover + period + days) / (cover + period)."""
    days: dict[int, Floats] = {}
    for effect, level in taken:
        for n in effect.consumers.tolist() if effect.measure.kind == "stockpile" else []:
            days[n] = days.get(n, 0.0) + level * (effect.measure.days or 0.0) * effect.path
    factors = {
        n: 1.0 + more / (shock.cover_days[:, n] + shock.period_days)[:, None] for n, more in days.items()
    }
    return _multiplied(shock.consumer_target_row, shock.target_factor, factors)


def _scaled_demand(shock: Shock, taken: Sequence[tuple[Effect, float]]) -> tuple[Ints, Floats]:
    """Return final use less what is given up."""
    factors: dict[int, Floats] = {}
    for effect, level in taken:
        for n in effect.consumers.tolist() if effect.measure.kind == "restraint" else []:
            left = 1.0 - level * (effect.measure.share or 0.0) * effect.path
            factors[n] = factors.get(n, 1.0) * left
    return _multiplied(shock.consumer_demand_row, shock.demand_factor, factors)


def _multiplied(row: Ints, paths: Floats, factors: dict[int, Floats]) -> tuple[Ints, Floats]:
    """Return rows and paths (D, rows, P) with those of some members multiplied by factors (D, P)."""
    if not factors:
        return row, paths
    new, stacked = row.copy(), [paths]
    known: dict[tuple[int, bytes], int] = {}
    for n in sorted(factors):
        key = (int(row[n]), factors[n].tobytes())
        if key not in known:
            known[key] = paths.shape[1] + len(known)
            stacked.append((paths[:, row[n]] * factors[n])[:, None])
        new[n] = known[key]
    return new, np.concatenate(stacked, axis=1)
