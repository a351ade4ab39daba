"""Planner's problems on small generated networks: a shock of any kind, and measures of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st
from strategies import networks, shocks

from kaname.network.network import Network
from kaname.respond.cone import cut, disturbed_products
from kaname.respond.instance import Grid, Instance, grid, instance_of
from kaname.scenario.effects import Effect
from kaname.scenario.measures import Measure
from kaname.scenario.shock import Shock

WEEKS = 20
KINDS = ("plant", "contract", "stockpile", "substitution", "restraint")


def measure(kind: str, name: str, **keys: object) -> Measure:
    """Return a measure of a kind; only what the planner reads of it is given."""
    return Measure.model_construct(kind=kind, id=name, title=name, **keys)


@dataclass(frozen=True)
class Case:
    """A network and what is to be planned on it."""

    network: Network
    shock: Shock
    effects: tuple[Effect, ...]
    markets: tuple[str, ...]
    periods: Grid

    def instance(self, shock: Shock | None = None, whole: bool = False, cone: bool = True) -> Instance:
        """Return the planner's problem: of the products in the cone, or of all."""
        shock = self.shock if shock is None else shock
        products = np.ones(len(self.network.products), dtype=bool)
        if cone:
            products = disturbed_products(self.network, self.shock, self.effects)
        kept = cut(self.network, shock, self.effects, products)
        return instance_of(kept, self.markets, self.periods, whole)


def with_plant(network: Network, rng: np.random.Generator) -> Network:
    """Return the network with a supplier of base 0, two lanes of base 0 and an input of another market."""
    k = network.n_suppliers
    product = int(rng.choice(network.supplier_product))
    users = np.flatnonzero(network.consumer_product == product)
    consumers = np.sort(rng.permutation(users)[:2])
    at = np.searchsorted(network.lane_consumer, consumers, side="right")
    lane = {"supplier": k, "consumer": consumers, "flow": 0.0, "lag": rng.integers(1, 9, len(at))}
    lane |= {"basis": 1, "export_share": 0.0, "kind": 0}
    same = bool(rng.random() < 0.5)
    recipe = {"supplier": k, "consumer": int(rng.integers(network.n_consumers)), "input_per_output": 0.4}
    recipe |= {"dependence": 1.0 if same else 0.7, "same_element": same, "basis": 2}
    supplier = {"market": 0, "product": product, "kind": 1, "base": 0.0, "headroom": 0.1, "basis": 2}
    parts = {f"lane_{name}": (at, value) for name, value in lane.items()}
    parts |= {f"recipe_{name}": (network.n_recipes, value) for name, value in recipe.items()}
    parts |= {f"supplier_{name}": (k, value) for name, value in supplier.items()}
    return replace(
        network, **{name: np.insert(getattr(network, name), *part) for name, part in parts.items()}
    )


def effects_on(
    network: Network, shock: Shock, kinds: Sequence[str], rng: np.random.Generator
) -> list[Effect]:
    """Return a measure of each kind, at members and from weeks drawn at random, later ones in later draws."""
    found = []
    for i, kind in enumerate(kinds):
        begin = rng.integers(0, shock.periods, (shock.draws, 1))
        path = np.clip((np.arange(shock.periods) - begin) / rng.choice([1.0, 8.0]), 0.0, 1.0)
        name, share = f"{kind}-{i}", float(rng.choice([0.1, 0.5, 1.0]))
        users = np.flatnonzero(rng.random(network.n_consumers) < 0.4)
        lines = np.flatnonzero(~network.recipe_same_element)
        if kind == "plant":
            k = network.n_suppliers - 1  # see with_plant
            lanes = np.flatnonzero(network.lane_supplier == k)
            amount = float(rng.choice([0.2, 1.0])) * float(network.supplier_base.mean())
            sent = tuple((int(e), amount / len(lanes)) for e in lanes)
            found.append(Effect(measure("capacity", name), path, capacity=((k, amount),), contracts=sent))
        elif kind == "contract":
            lanes = np.flatnonzero(rng.random(network.n_lanes) < 0.1)
            inflow = network.consumer_inflow[network.lane_consumer[lanes]]
            sent = tuple(zip(lanes.tolist(), (share * inflow).tolist(), strict=True))
            found.append(Effect(measure("contract", name), path, contracts=sent))
        elif kind == "stockpile":
            found.append(Effect(measure("stockpile", name, days=60.0), path, consumers=users))
        elif kind == "substitution":
            saved = lines[rng.random(len(lines)) < 0.6]
            found.append(Effect(measure("substitution", name, share=share), path, recipes=saved))
        else:
            found.append(Effect(measure("restraint", name, share=share), path, consumers=users))
    return found


@st.composite
def cases(draw, draws: int = 2, kinds: Sequence[str] = KINDS) -> Case:
    """Draw a network with values of use, some unknown; a shock; measures; markets that stand alone."""
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    network = draw(networks())
    chosen = draw(st.lists(st.sampled_from(kinds), max_size=5))
    if "plant" in chosen:
        network = with_plant(network, rng)
    value = rng.choice([0.0, 1.0, 7.0, np.nan], network.n_consumers, p=[0.1, 0.4, 0.4, 0.1])
    network = replace(network, consumer_value_kusd=value)
    shock = draw(shocks(network, periods=WEEKS, draws=draws, prices=False))
    effects = effects_on(network, shock, chosen, rng)
    markets = [market.id for market in network.markets]
    alone = tuple(markets[: draw(st.integers(0, len(markets)))])
    periods = grid(WEEKS, 7.0, *draw(st.sampled_from([(20.0, 4.0, 4.0), (8.0, 2.0, 4.0), (8.0, 3.0, 12.0)])))
    return Case(network, shock, tuple(effects), alone, periods)
