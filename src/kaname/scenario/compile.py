"""Scenario x Network x draws -> Shock (rules M7, S)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kaname.network.draft import NetworkRanges
from kaname.network.network import Network
from kaname.network.routes import LaneRoutes
from kaname.scenario import closures, paths, pricing, spreads
from kaname.scenario.additions import with_effects
from kaname.scenario.constraints import Held, Hit, hold, nothing_hit, outside_window
from kaname.scenario.draws import DrawTable
from kaname.scenario.effects import Effect, effects_of
from kaname.scenario.measures import FLOWS
from kaname.scenario.plants import Placed
from kaname.scenario.resolve import Resolver
from kaname.scenario.scenario import Scenario
from kaname.scenario.shock import Shock
from kaname.terms.errors import InputError, Problem, RestrictionHitsNothing, ScenarioError


@dataclass(frozen=True)
class Compiled:
    """A shock, the words for its rows, and what each part of the scenario touches.

    `row_labels[("permission", 3)]` names row 3 of `shock.permission`; the kinds are permission, pool,
    capacity, demand, target and delay. Row 0, undisturbed, has no label; nor has a row that only a draw of
    headroom moves.
    """

    shock: Shock
    row_labels: dict[tuple[str, int], str]
    hits: tuple[Hit, ...]


def compile_shock(
    network: Network,
    scenario: Scenario,
    table: DrawTable,
    ranges: NetworkRanges | None = None,
    lane_routes: LaneRoutes | None = None,
    placed: Placed | None = None,
) -> Compiled:
    """Return the arrays that the simulator reads, with the words for their rows.

    `ranges` holds low and high of the network's assumed arrays (without them: `spreads.default_ranges`);
    `lane_routes` how each lane goes, which closures need. A scenario with measures needs `placed`, whose
    network must be the one given. Raises ScenarioError with every unknown name at once, and
    RestrictionHitsNothing with every part that touches nothing.
    """
    ranges = ranges or spreads.default_ranges(network)
    resolver = Resolver(network)
    _check_frame(network, scenario, resolver)
    held = _held(network, scenario, table, resolver)
    closed = closures.close_all(network, scenario, table, lane_routes, resolver)
    delay, delay_row = closures.delays(network, scenario, table, closed, lane_routes, resolver)
    capacity, supplier_row, loss_hits = paths.capacity(network, scenario, table, ranges, resolver)
    demand, demand_row, surge_hits = paths.demand(network, scenario, table, resolver)
    pool, pool_row = paths.pools(network, scenario, table, held, resolver)
    cover_days, reserve_days = spreads.stock_days(network, ranges, scenario, table, resolver)
    dependence = spreads.dependence(network, ranges, scenario, table, resolver)
    effects = _effects(network, scenario, table, placed, resolver)
    _raise_all(network, scenario, held, resolver)
    constraints = [item for one in held for item in one.constraints]
    constraints += closures.lost_shares(closed, table, lane_routes) + closures.stranded(closed, lane_routes)
    constraints = [item for item in constraints if item.stopped.any()]
    permission, permission_row = paths.permissions(network, scenario, table, constraints)
    target, target_row = paths.targets(network, scenario, table, held)
    shock = Shock(
        start=scenario.start,
        periods=scenario.periods,
        period_days=scenario.period_days,
        lane_permission_row=permission_row,
        permission=permission.stacked(),
        lane_pool_row=pool_row,
        pool_permission=pool.stacked(),
        supplier_capacity_row=supplier_row,
        capacity_factor=capacity.stacked(),
        consumer_demand_row=demand_row,
        demand_factor=demand.stacked(),
        consumer_target_row=target_row,
        target_factor=target.stacked(),
        lane_delay_row=delay_row,
        extra_lag=delay.stacked().astype(np.int32),
        cover_days=cover_days,
        reserve_days=reserve_days,
        dependence=dependence,
        psi=table.value("psi"),
        kappa=table.value("kappa"),
        tau_weeks=table.value("tau_weeks"),
        smoothing_weeks=table.value("smoothing_weeks"),
        rho=table.value("rho"),
        eta=table.value("eta"),
        draw_names=table.names,
        drawn=dict(table.values),
        prices=pricing.prices(network, scenario.assumptions, table, ranges, held),
    )
    shock = with_effects(network, shock, effects, [measure.level for measure in scenario.measures])
    hits = [item.hit for item in held] + [*loss_hits, *surge_hits] + [item.hit for item in closed]
    labels = _labels(network, shock, (permission, pool, capacity, demand, target, delay))
    return Compiled(shock, labels, (*hits, *(_hit(effect) for effect in effects)))


def _labels(network: Network, shock: Shock, rows: Sequence[paths.Rows]) -> dict[tuple[str, int], str]:
    """Return the words for the rows of all paths and prices."""
    found = pricing.labels(network, shock.prices)
    return {key: text for part in (*(item.labels for item in rows), found) for key, text in part.items()}


def _held(network: Network, scenario: Scenario, table: DrawTable, resolver: Resolver) -> list[Held]:
    """Return what the restrictions do to the lanes."""
    return [
        hold(network, scenario, item, table, f"restrictions[{i}]", resolver)
        for i, item in enumerate(scenario.restrictions)
    ]


def _effects(
    network: Network, scenario: Scenario, table: DrawTable, placed: Placed | None, resolver: Resolver
) -> tuple[Effect, ...]:
    """Return the effects of the scenario's measures (rules R)."""
    if not scenario.measures:
        return ()
    flowing = {measure.id for measure in scenario.measures if measure.kind in FLOWS}
    if placed is None or placed.build.network is not network or not flowing <= set(placed.flows):
        fix = "Use place_measures(build, scenario.measures), and its network."
        got, expected = f"{len(scenario.measures)} measures", "the network that they were placed in"
        raise InputError(Problem("measures without their plants", scenario.id, got, expected, fix))
    return effects_of(placed, scenario, table, scenario.measures, resolver)


def _hit(effect: Effect) -> Hit:
    """Return what a measure touches."""
    return Hit(
        effect.measure.label,
        contracts=len(effect.contracts),
        suppliers=len(effect.capacity) + len(effect.recipes),
        consumers=len(effect.consumers),
    )


def _raise_all(network: Network, scenario: Scenario, held: Sequence[Held], resolver: Resolver) -> None:
    """Raise what the resolver collected: unknown names first, then whatever touches nothing."""
    _raise(scenario, ScenarioError, resolver.problems)
    for i, item in enumerate(held):
        if not item.hit.total:
            resolver.idle.append(nothing_hit(network, item, f"restrictions[{i}]", resolver))
    resolver.idle += outside_window(scenario)
    _raise(scenario, RestrictionHitsNothing, resolver.idle)


def _raise(scenario: Scenario, error: type[Exception], problems: Sequence[Problem]) -> None:
    """Raise the problems, if any, with the scenario's id before each place."""
    if problems:
        raise error([replace(item, where=f"{scenario.id}: {item.where}") for item in problems])


def _check_frame(network: Network, scenario: Scenario, resolver: Resolver) -> None:
    """Record a period that is not the network's, and unknown targets and products in focus."""
    if scenario.period_days != network.period_days:
        got, expected = f"{scenario.period_days:g} days", f"the network's {network.period_days:g} days"
        fix = "Change period_days, or build the network for this period."
        resolver.problems.append(Problem("another period", "period_days", got, expected, fix))
    resolver.markets(scenario.targets, "targets")
    if scenario.focus:
        resolver.products(scenario.focus, "focus")
