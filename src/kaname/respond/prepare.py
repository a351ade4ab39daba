"""A scenario and measures to choose from -> cone, draws, costs, and the planner's markets (rule O2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.network.build import NetworkBuild
from kaname.network.network import Network
from kaname.respond.cone import Cone, cut, disturbed_products
from kaname.scenario.compile import compile_shock
from kaname.scenario.draws import DrawTable, draw_table
from kaname.scenario.effects import Cost, Effect, cost_of, effects_of
from kaname.scenario.measures import Measure
from kaname.scenario.plants import Placed, place_measures
from kaname.scenario.resolve import Resolver
from kaname.scenario.scenario import Scenario
from kaname.terms.errors import InputError, Problem, RestrictionHitsNothing, ScenarioError

Bools = NDArray[np.bool_]
ALONE = 28  # markets that the planner sees by name; the others are one
_INDEX = re.compile(r"measures\[(\d+)\]")


@dataclass(frozen=True)
class Prepared:
    """All that a search needs. `measures`, `costs` and the cone's effects have one order.

    `unusable` are measures that touch nothing or work only after the end: (measure, why).
    """

    scenario: Scenario
    placed: Placed
    table: DrawTable
    measures: tuple[Measure, ...]
    costs: tuple[Cost, ...]
    effects: tuple[Effect, ...]  # on the whole network
    products: Bools  # of the cone, before what is made of them
    cone: Cone
    markets: tuple[str, ...]
    unusable: tuple[tuple[Measure, str], ...]

    def cone_of(self, scenario: Scenario) -> Cone:
        """Return the cone of another scenario on the same network, with the same draws and measures."""
        build = self.placed.build
        shock = compile_shock(
            build.network, scenario, self.table, build.ranges, build.lane_routes, self.placed
        ).shock
        products = self.products | disturbed_products(build.network, shock, self.effects)
        return cut(build.network, shock, self.effects, products)


def prepare(
    build: NetworkBuild, scenario: Scenario, measures: Sequence[Measure], draws: int, seed: int
) -> Prepared:
    """Return what a search for the best of `measures` needs.

    Measures that the scenario holds already stay as they are. The draws are the central one and `draws`
    samples; lead times of all measures are drawn with the rest, so that every plan meets the same draws.
    Raises ScenarioError for unknown names and ids used twice, InputError where prices are on.
    """
    _check(scenario, measures)
    fixed = len(scenario.measures)
    usable, unusable = _usable(build, scenario, measures)
    together = (*scenario.measures, *usable)
    placed = place_measures(build, together)
    network = placed.build.network
    source = scenario.model_copy(update={"measures": together})
    table = draw_table(source, draws, seed, one_at_a_time=False)
    resolver = Resolver(network)
    effects = effects_of(placed, scenario, table, together, resolver)
    if resolver.problems:
        raise ScenarioError(resolver.problems)
    why = _reasons(resolver.idle)
    keep = [i for i in range(fixed, len(together)) if i not in why and not effects[i].idle]
    unusable += [(together[i], text) for i, text in why.items() if i >= fixed]
    chosen = tuple(effects[i] for i in keep)
    shock = compile_shock(
        network, scenario, table, placed.build.ranges, placed.build.lane_routes, placed
    ).shock
    products = disturbed_products(network, shock, chosen)
    costs = tuple(cost_of(network, scenario, effect) for effect in chosen)
    unknown = [i for i, cost in enumerate(costs) if not np.isfinite(cost.central_kusd)]
    unusable += [(chosen[i].measure, "its cost is unknown: it gives up use without a value") for i in unknown]
    sound = [i for i in range(len(chosen)) if i not in unknown]
    effects = tuple(chosen[i] for i in sound)
    return Prepared(
        scenario,
        placed,
        table,
        tuple(effect.measure for effect in effects),
        tuple(costs[i] for i in sound),
        effects,
        products,
        cut(network, shock, effects, products),
        planner_markets(network, scenario, [effect.measure for effect in effects]),
        tuple(unusable),
    )


def _check(scenario: Scenario, measures: Sequence[Measure]) -> None:
    """Refuse a search without measures, ids used twice, and prices."""
    problems = []
    if not measures:
        problems.append(Problem("no measures to choose from", "measures", "none", "at least one"))
    ids = [measure.id for measure in (*scenario.measures, *measures)]
    again = sorted({name for name in ids if ids.count(name) > 1})
    if again:
        fix = "A measure that the scenario holds already cannot be chosen again."
        problems.append(
            Problem("two measures share an id", "measures", ", ".join(again), "an id of its own", fix)
        )
    if scenario.assumptions.price.on:
        fix = "Switch prices off in the scenario: the planner knows none."
        problems.append(Problem("prices are on", "assumptions.price.on", "true", "false", fix))
    if problems:
        raise InputError(problems)


def _usable(
    build: NetworkBuild, scenario: Scenario, measures: Sequence[Measure]
) -> tuple[list[Measure], list[tuple[Measure, str]]]:
    """Return the measures that can be placed in the network, and the others with the reason."""
    try:
        place_measures(build, (*scenario.measures, *measures))
    except RestrictionHitsNothing as error:
        why = _reasons(error.problems, len(scenario.measures))
        if not why or min(why) < 0:
            raise
        usable = [measure for i, measure in enumerate(measures) if i not in why]
        return usable, [(measures[i], text) for i, text in why.items()]
    return list(measures), []


def _reasons(problems: Sequence[Problem], before: int = 0) -> dict[int, str]:
    """Return the reason for each measure that a problem names, by its place less `before`."""
    found: dict[int, str] = {}
    for problem in problems:
        match = _INDEX.search(problem.where)
        if match is not None:
            text = f"{problem.what}: {problem.got}" if problem.got else problem.what
            found.setdefault(int(match.group(1)) - before, text)
    return found


def planner_markets(network: Network, scenario: Scenario, measures: Sequence[Measure]) -> tuple[str, ...]:
    """Return the markets that the planner sees by name: those that scenario and measures name, then the
    largest by value of what flows in, `ALONE` in all or as many as are named.
    """
    named = {*scenario.targets, *(item.exporter for item in scenario.restrictions)}
    for item in scenario.restrictions:
        named.update(name for name in item.importers if name != "*")
    for measure in measures:
        named.update(measure.markets)
        named.update([measure.market] if measure.market else [])
        named.update(portion.market for portion in (*measure.offtake, *measure.inputs_from))
    ids = [market.id for market in network.markets]
    value = np.nan_to_num(network.consumer_value_kusd) * network.consumer_inflow
    size = np.bincount(network.consumer_market, value, len(ids))
    segments = {name for name in ids if name.split("/")[0] in named and "/" in name}
    wanted = [name for name in ids if name in named or name in segments]
    for m in np.argsort(-size, kind="stable"):
        if len(wanted) >= ALONE:
            break
        if ids[m] not in wanted and ids[m] != "ROW":
            wanted.append(ids[m])
    return tuple(wanted)
