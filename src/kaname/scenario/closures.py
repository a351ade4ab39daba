"""Closed passages and ports -> what the lanes can no longer carry, and how much later it comes (rule S).

A passage without `extra_days` sends every lane by sea that uses it on the shortest way round; several closed
at once are gone round together. Where there is no way round, the lane stops. Lanes by land and by air go on.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.network.routes import MODES, LaneRoutes
from kaname.scenario import timeline
from kaname.scenario.constraints import Constraint, Hit
from kaname.scenario.draws import DrawTable
from kaname.scenario.paths import Rows
from kaname.scenario.resolve import Resolver
from kaname.scenario.scenario import RouteClosure, Scenario
from kaname.terms.errors import Problem
from kaname.terms.passages import find_passage, passage_hint

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Closed:
    """A closure set against the lanes: those it touches, and those that would be touched on its passage."""

    closure: RouteClosure
    where: str
    passage: str  # "" where ports are closed
    lanes: Bools  # (E,) usual way uses the passage, or starts or ends in a closed port
    bound: Bools  # (E,) lanes that may not use the passage, whatever their usual way
    in_force: Floats  # (D, P)

    @property
    def rerouted(self) -> bool:
        """Tell whether lanes take the way round that the sea distances give."""
        return bool(self.passage) and self.closure.extra_days is None

    @property
    def hit(self) -> Hit:
        """Return what it touches."""
        return Hit(self.closure.label, direct_lanes=int(self.lanes.sum()))


def close_all(
    network: Network, scenario: Scenario, table: DrawTable, routes: LaneRoutes | None, resolver: Resolver
) -> list[Closed]:
    """Return the closures set against the lanes; what is wrong stays with the resolver."""
    if routes is None or len(routes) != network.n_lanes:
        if scenario.closures:
            resolver.problems.append(_no_routes(network, routes))
        return []
    found = []
    for i, closure in enumerate(scenario.closures):
        where = f"closures[{i}]"
        when = timeline.in_force(scenario, timeline.window(scenario, closure, table, where))
        passage = find_passage(closure.chokepoint) if closure.chokepoint else ""
        if passage is None:
            text = str(closure.chokepoint)
            expected, fix = "the name of a passage", passage_hint(text)
            resolver.problems.append(
                Problem("unknown passage", f"{where}.chokepoint", f"`{text}`", expected, fix)
            )
            continue
        known = len(resolver.problems)
        bound = _bound(network, closure, routes, where, resolver)
        lanes = bound & routes.through(passage) if passage else bound
        if not lanes.any() and len(resolver.problems) == known:
            resolver.idle.append(_nothing_touched(closure, routes, where))
        found.append(Closed(closure, where, passage, lanes, bound, when))
    return found


def _bound(
    network: Network, closure: RouteClosure, routes: LaneRoutes, where: str, resolver: Resolver
) -> Bools:
    """Return (E,) the lanes that a closure holds for: of the modes, from or to the countries named."""
    moving = np.isin(routes.mode, [MODES.index(mode) for mode in closure.modes])
    if "sea" in closure.modes and closure.ports:
        moving |= routes.mode == MODES.index("unknown")  # by sea as well, only the way is unknown
    key = "ports" if closure.ports else "countries"
    names = closure.ports or closure.countries
    if not names:
        return moving
    markets = resolver.markets(names, f"{where}.{key}")
    countries = np.isin(resolver.country, list(resolver.country[markets]))
    start = network.supplier_market[network.lane_supplier]
    end = network.consumer_market[network.lane_consumer]
    bound: Bools = moving & (countries[start] | countries[end])
    return bound


def lost_shares(closed: Sequence[Closed], table: DrawTable, routes: LaneRoutes | None) -> list[Constraint]:
    """Return the holds of the closures on the lanes that they touch: the shares that find no carrier.

    A slowed passage also holds back the lanes that other closures send through it, while they do.
    """
    if routes is None or not closed:
        return []
    found, one = [], np.ones(table.draws)
    sets, which = _moments(closed)
    for item in closed:
        share = table.of(item.closure.capacity_lost, f"{item.where}.capacity_lost")
        stopped, label = share[:, None] * item.in_force, item.closure.label
        found.append(Constraint(label, item.lanes.astype(np.float64), one, stopped))
        if not stopped.any():
            continue
        for m, lanes in enumerate(_touched(closed, item, sets, routes)):
            sent = lanes & ~item.lanes
            if sent.any():
                path = np.where(which == m, stopped, 0.0)
                text = f"{label}, on the way round"
                found.append(Constraint(text, sent.astype(np.float64), one, path))
    return found


Sets = list[list[int]]


def _moments(closed: Sequence[Closed]) -> tuple[Sets, NDArray[np.intp]]:
    """Return the sets of rerouting closures that hold at some time, and which of them holds when, (D, P)."""
    rerouted = [i for i, item in enumerate(closed) if item.rerouted]
    shape = closed[0].in_force.shape
    if not rerouted:
        return [[]], np.zeros(shape, dtype=np.intp)
    on = np.stack([closed[i].in_force.ravel() > 0.0 for i in rerouted])
    sets, which = np.unique(on, axis=1, return_inverse=True)
    groups = [[i for i, holds in zip(rerouted, held, strict=True) if holds] for held in sets.T]
    return groups, which.reshape(shape)


def _touched(closed: Sequence[Closed], item: Closed, sets: Sets, routes: LaneRoutes) -> Bools:
    """Return (M, E) the lanes that a closure touches while each of the sets makes others go round."""
    found = np.tile(item.lanes, (len(sets), 1))
    if item.passage and not item.rerouted:
        for m, group in enumerate(sets):
            for names, lanes in _shut_for(closed, group):
                found[m] |= lanes & item.bound & routes.detour_uses(names, item.passage)
    return found


def stranded(closed: Sequence[Closed], routes: LaneRoutes | None) -> list[Constraint]:
    """Return a hold for every least set of closures that together leave lanes without a way."""
    if routes is None:
        return []
    found: list[Constraint] = []
    stopped_by: list[tuple[frozenset[int], Bools]] = []
    for group in _together(closed):
        lanes = np.isinf(_detour_days(closed, group, routes))
        for less, already in stopped_by:
            if less < frozenset(group):
                lanes = lanes & ~already
        if not lanes.any():
            continue
        stopped_by.append((frozenset(group), lanes))
        path = np.minimum.reduce([closed[i].in_force for i in group])
        label = " and ".join(closed[i].closure.label for i in group) + ", no way round"
        found.append(Constraint(label, lanes.astype(np.float64), np.ones(len(path)), path))
    return found


def _together(closed: Sequence[Closed]) -> list[tuple[int, ...]]:
    """Return the sets of rerouting closures that are in force at the same time in some draw, small first."""
    on = {i: item.in_force > 0.0 for i, item in enumerate(closed) if item.rerouted}
    return [
        group
        for size in range(1, len(on) + 1)
        for group in itertools.combinations(on, size)
        if np.logical_and.reduce([on[i] for i in group]).any()
    ]


def _shut_for(closed: Sequence[Closed], group: Sequence[int]) -> list[tuple[frozenset[str], Bools]]:
    """Return the passages that a set of closures shuts, and the lanes (E,) that they are shut for."""
    if not group:
        return []
    bound = np.stack([closed[i].bound for i in group])
    found = []
    for held in np.unique(bound, axis=1).T:
        names = frozenset(closed[i].passage for i, holds in zip(group, held, strict=True) if holds)
        if names:
            found.append((names, np.asarray((bound == held[:, None]).all(axis=0))))
    return found


def _detour_days(closed: Sequence[Closed], group: Sequence[int], routes: LaneRoutes) -> Floats:
    """Return (E,) the days that each lane takes longer while a set of closures holds."""
    days = np.zeros(len(routes))
    for names, lanes in _shut_for(closed, group):
        days[lanes] = routes.detour_days(names)[lanes]
    return days


def delays(
    network: Network,
    scenario: Scenario,
    table: DrawTable,
    closed: Sequence[Closed],
    routes: LaneRoutes | None,
    resolver: Resolver,
) -> tuple[Rows, Ints]:
    """Return the paths of extra periods (D, P) and each lane's row.

    Of several passages on a lane the longest delay counts, that of ports comes on top. A way round is added
    to the lane's days and then rounded, as its lag is; `extra_days` are rounded up to whole periods.
    """
    rows = Rows("delay", 0.0, table, scenario)
    row = np.zeros(network.n_lanes, dtype=np.int32)
    if routes is None or not closed:
        return rows, row
    sets, which = _moments(closed)
    detour = _rerouting(scenario, closed, sets, routes, resolver)
    given = [_given_periods(scenario, item, table) for item in closed]
    touched = [_touched(closed, item, sets, routes).astype(np.int64) for item in closed]
    groups, member = np.unique(np.vstack([detour, *touched]), axis=1, return_inverse=True)
    for g, group in enumerate(groups.T):
        later, *holds = group.reshape(len(closed) + 1, len(sets))
        path = later[which].astype(np.float64)
        ashore = np.zeros_like(path)
        for item, periods, hold in zip(closed, given, holds, strict=True):
            if item.passage:
                path = np.maximum(path, periods * hold[which])
            elif hold.any():
                ashore = np.maximum(ashore, periods)
        told = [item.closure.label for item, hold in zip(closed, holds, strict=True) if hold.any()]
        row[member.ravel() == g] = rows.add(path + ashore, "; ".join(told))
    return rows, row


def _rerouting(
    scenario: Scenario, closed: Sequence[Closed], sets: Sets, routes: LaneRoutes, resolver: Resolver
) -> NDArray[np.int64]:
    """Return the whole extra periods (M, E) of every lane while each set of closures makes it go round."""
    periods = np.zeros((len(sets), len(routes)), dtype=np.int64)
    usual = _rounded(routes.days, scenario.period_days)
    for m, group in enumerate(sets):
        days = _detour_days(closed, group, routes)
        if np.isnan(days).any():
            resolver.problems.append(_never_computed([closed[i] for i in group], int(np.isnan(days).sum())))
        moving = np.isfinite(days) & (days > 0.0)
        later = _rounded(routes.days + np.where(moving, days, 0.0), scenario.period_days)
        periods[m] = np.where(moving, later - usual, 0)
    return periods


def _rounded(days: Floats, period_days: float) -> NDArray[np.int64]:
    """Return days as whole periods, as `routes.periods_of` does for one lane."""
    return np.maximum(1, np.rint(days / period_days)).astype(np.int64)


def _given_periods(scenario: Scenario, item: Closed, table: DrawTable) -> Floats:
    """Return (D, P) whole extra periods: `extra_days` rounded up, wherever the closure touches a period."""
    extra = item.closure.extra_days
    if extra is None:
        return np.zeros_like(item.in_force)
    periods = np.ceil(table.of(extra, f"{item.where}.extra_days") / scenario.period_days)
    return np.where(item.in_force > 0.0, periods[:, None], 0.0)


def _no_routes(network: Network, routes: LaneRoutes | None) -> Problem:
    got = f"{0 if routes is None else len(routes)} routes"
    expected, fix = f"{network.n_lanes}, one per lane", "Pass lane_routes; the network builder returns them."
    return Problem("closures need the routes of the lanes", "closures", got, expected, fix)


def _never_computed(group: Sequence[Closed], lanes: int) -> Problem:
    """Return the problem of closures in force together whose way round is not in the table."""
    names = ", ".join(item.passage for item in group)
    what = f"the way round all of {names} was never computed, for {lanes} lanes"
    fix = "Give one of them extra_days, or close fewer at a time; `kaname routes` lists the passages."
    return Problem(what, group[-1].where, "no way in detours.parquet", "a way, or extra_days", fix)


def _nothing_touched(closure: RouteClosure, routes: LaneRoutes, where: str) -> Problem:
    """Return the problem of a closure that no lane passes."""
    known = sorted(frozenset[str]().union(*routes.pair_passages))
    fix = "Passages that lanes use: " + ", ".join(known) + "." if known else "No lane uses any passage."
    key, got = ("chokepoint", f"`{closure.chokepoint}`") if closure.chokepoint else ("ports", "no lane there")
    return Problem(f"{closure.label} touches no lane", f"{where}.{key}", got, "a passage in use", fix)
