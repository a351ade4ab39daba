"""Measures -> amounts on suppliers, lanes, recipe lines and consumers, draw by draw (rules R).

One lowering serves the simulator (`additions.py`) and the planner (`respond`): both mean the same by a level.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.scenario import timeline
from kaname.scenario.draws import DrawTable
from kaname.scenario.measures import FLOWS, Measure, spread
from kaname.scenario.plants import Flow, Placed
from kaname.scenario.resolve import Resolver
from kaname.scenario.scenario import Scenario
from kaname.terms.errors import Problem
from kaname.terms.units import DAYS_PER_YEAR

Floats = NDArray[np.float64]
Index = NDArray[np.intp]


def _none() -> Index:
    return np.zeros(0, dtype=np.intp)


@dataclass(frozen=True)
class Effect:
    """What a measure does in full (level 1); units are those of the product, per period.

    `path` (D, P) is the share of it in force. Of the indices only those of its kind are filled: `capacity`
    (supplier, units), `contracts` (lane, units), `recipes` whose input falls by `share`, `consumers` whose
    target rises by `days`, whose final use falls by `share`, or whose reserves open at `below`.
    """

    measure: Measure
    path: Floats
    capacity: tuple[tuple[int, float], ...] = ()
    contracts: tuple[tuple[int, float], ...] = ()
    recipes: Index = field(default_factory=_none)
    consumers: Index = field(default_factory=_none)

    @property
    def idle(self) -> bool:
        """Tell whether it works at no time of the simulation in any draw."""
        return not bool(self.path.any())


@dataclass(frozen=True)
class Cost:
    """What a measure costs in full over the simulation, thousand USD: low, central, high; and its amount.

    `units` is what is bought, made, contracted or pooled in the central draw, in units of the product.
    """

    low_kusd: float
    central_kusd: float
    high_kusd: float
    units: float


def effects_of(
    placed: Placed, scenario: Scenario, table: DrawTable, measures: Sequence[Measure], resolver: Resolver
) -> tuple[Effect, ...]:
    """Return the effects of measures on a network that they were placed in; faults go to the resolver.

    A measure that touches nothing, or whose lead time ends after the simulation in every draw, is idle.
    """
    found = []
    for i, measure in enumerate(measures):
        where = f"measures[{i}]"
        path = in_force(scenario, measure, table)
        effect = _effect(placed, scenario, measure, path, where, resolver)
        if effect.idle:
            resolver.idle.append(_never(scenario, measure, where))
        found.append(effect)
    return tuple(found)


def _never(scenario: Scenario, measure: Measure, where: str) -> Problem:
    """Return that a measure never works: it ends before its lead is over, or the simulation does."""
    last = scenario.start + dt.timedelta(days=7 * scenario.weeks)
    got = f"{measure.start} and {measure.lead_weeks.low:g} weeks or more"
    if measure.end is not None and measure.end <= last:
        expected, fix = f"its effect before {measure.end}, its own end", "Shorten its lead, or end it later."
    else:
        expected, fix = (
            f"its effect before {last}, the end of the simulation",
            "Shorten its lead, or simulate longer.",
        )
    return Problem(f"{measure.id} never works", where, got, expected, fix)


def in_force(scenario: Scenario, measure: Measure, table: DrawTable) -> Floats:
    """Return (D, P) the share of a measure's full effect in force: lead, then ramp, until its end.

    A ramp counts in a period with its mean there.
    """
    lead = table.of(measure.lead_weeks, f"measures.{measure.id}.lead_weeks")
    begins = timeline.days_from_start(scenario, measure.start) + 7.0 * lead
    end = np.inf if measure.end is None else timeline.days_from_start(scenario, measure.end)
    edges = np.minimum(np.arange(scenario.periods + 1) * scenario.period_days, end)
    since = np.maximum(edges - begins[:, None], 0.0)
    ramp = 7.0 * measure.ramp_weeks
    grown = since if ramp <= 0.0 else np.where(since < ramp, since**2 / (2.0 * ramp), since - ramp / 2.0)
    share: Floats = np.clip(np.diff(grown, axis=1) / scenario.period_days, 0.0, 1.0)
    return share


def _effect(
    placed: Placed, scenario: Scenario, measure: Measure, path: Floats, where: str, resolver: Resolver
) -> Effect:
    """Return one effect."""
    if measure.kind in FLOWS:
        per_period = (measure.per_year or 0.0) * scenario.period_days / DAYS_PER_YEAR
        return _sends(placed, measure, path, placed.flows[measure.id], per_period)
    network = placed.build.network
    markets = resolver.markets(measure.markets, f"{where}.markets")
    products = resolver.products(measure.products, f"{where}.products")
    if measure.kind == "substitution":
        return _saves(network, measure, path, markets, products, where, resolver)
    users = markets[network.consumer_market] & products[network.consumer_product]
    users &= network.consumer_inflow > 0.0
    if measure.kind == "restraint":
        users &= network.consumer_final > 0.0
    consumers = np.flatnonzero(users)
    _check_hits(measure, len(consumers), "consumers", where, resolver)
    if measure.kind != "priority":
        return Effect(measure, path, consumers=consumers)
    lanes = np.flatnonzero(users[network.lane_consumer] & (network.lane_flow > 0.0))
    amounts = network.lane_flow[lanes] * (measure.share or 0.0)
    return Effect(measure, path, contracts=tuple(zip(lanes.tolist(), amounts.tolist(), strict=True)))


def _check_hits(measure: Measure, hits: int, what: str, where: str, resolver: Resolver) -> None:
    """Leave a problem where a measure touches nothing, unless a name was unknown."""
    if not hits and not any(problem.where.startswith(where) for problem in resolver.problems):
        got = f"0 {what}"
        resolver.idle.append(Problem(f"{measure.id} touches nothing", where, got, "at least 1"))


def _sends(placed: Placed, measure: Measure, path: Floats, flow: Flow, per_period: float) -> Effect:
    """Return the effect of a plant, contract or pool: capacity where it adds a supplier, and contracts."""
    lane_at = placed.extension.lane_at
    contracts = tuple(
        (lane_at[(k, n)], per_period * part * share) for k, part in flow.suppliers for n, share in flow.takers
    )
    capacity = () if flow.plant is None else ((flow.plant, per_period),)
    return Effect(measure, path, capacity=capacity, contracts=contracts)


def _saves(
    network: Network,
    measure: Measure,
    path: Floats,
    markets: NDArray[np.bool_],
    inputs: NDArray[np.bool_],
    where: str,
    resolver: Resolver,
) -> Effect:
    """Return the effect of a substitution: the recipe lines that it lowers, none of one element."""
    makers = resolver.products(measure.makers, f"{where}.makers")
    supplier, consumer = network.recipe_supplier, network.recipe_consumer
    lines = markets[network.supplier_market[supplier]] & makers[network.supplier_product[supplier]]
    lines &= inputs[network.consumer_product[consumer]] & ~network.recipe_same_element
    _check_hits(measure, int(lines.sum()), "recipe lines between different elements", where, resolver)
    return Effect(measure, path, recipes=np.flatnonzero(lines))


def cost_of(network: Network, scenario: Scenario, effect: Effect) -> Cost:
    """Return what a measure costs in full over the simulation, on the path of draw 0 (the central one).

    Capital is counted whole, though a plant outlives the simulation. A restraint on users whose value is
    unknown has the cost NaN.
    """
    measure, path = effect.measure, effect.path[0]
    period_years = scenario.period_days / DAYS_PER_YEAR
    years, units = float((path > 0.0).sum()) * period_years, _units(network, scenario, effect)
    found = []
    for end in range(3):
        total = spread(measure, "capex_kusd")[end] + years * spread(measure, "opex_kusd_per_year")[end]
        total += units * spread(measure, "per_unit_kusd")[end]
        if measure.kind == "restraint":
            total += spread(measure, "value_lost_share")[end] * _value_given_up(network, effect)
        found.append(total)
    return Cost(found[0], found[1], found[2], units)


def _units(network: Network, scenario: Scenario, effect: Effect) -> float:
    """Return what is bought, sent, saved or given up in full over the simulation, in units of the product."""
    measure, path = effect.measure, effect.path[0]
    if measure.kind in FLOWS:
        return (measure.per_year or 0.0) * scenario.period_days / DAYS_PER_YEAR * float(path.sum())
    if measure.kind == "stockpile":
        daily = network.consumer_inflow[effect.consumers] / network.period_days
        return float(daily.sum()) * (measure.days or 0.0) * float(path.max(initial=0.0))
    if measure.kind == "priority":
        return sum(amount for _, amount in effect.contracts) * float(path.sum())
    if measure.kind == "restraint":
        final = float(network.consumer_final[effect.consumers].sum())
        return final * (measure.share or 0.0) * float(path.sum())
    if measure.kind == "substitution":
        lines = effect.recipes
        use = network.recipe_input_per_output[lines] * network.supplier_base[network.recipe_supplier[lines]]
        return float(use.sum()) * (measure.share or 0.0) * float(path.sum())
    return 0.0


def _value_given_up(network: Network, effect: Effect) -> float:
    """Return the value of the final use given up, thousand USD; NaN where a value is unknown."""
    users = effect.consumers
    worth = network.consumer_final[users] * network.consumer_value_kusd[users]
    return float(worth.sum()) * (effect.measure.share or 0.0) * float(effect.path[0].sum())
