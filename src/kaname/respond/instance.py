"""What the planner knows of each draw: bounds and right-hand sides by planning period (rules O1, O2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.respond.cone import Cone
from kaname.respond.grouping import Grouped, group
from kaname.respond.reach import Kept, keep, reached
from kaname.scenario.effects import Effect
from kaname.scenario.shock import Shock

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DUST = 1e-9  # a share of what is sent that rounding leaves
NEARLY = 0.999  # of a base flow: what carries less is disturbed
LATENT = 0.3  # of export share x inflow: the most that a newcomer may send (rule M6)


@dataclass(frozen=True)
class Grid:
    """Planning periods: `edges` (T + 1,) in simulated periods, from 0 to the horizon."""

    edges: Ints

    @property
    def count(self) -> int:
        """Return T."""
        return len(self.edges) - 1

    @property
    def lengths(self) -> Floats:
        """Return (T,) simulated periods in each."""
        return np.diff(self.edges).astype(np.float64)

    def gathered(self, paths: Floats) -> Floats:
        """Return the sums of paths (..., P) over each planning period: (..., T)."""
        total: Floats = np.add.reduceat(paths[..., : self.edges[-1]], self.edges[:-1], axis=-1)
        return total

    def arrivals(self, lag: float) -> Floats:
        """Return (T, T) which share of what is sent evenly in period i arrives in period j, after `lag`."""
        start, end = self.edges[:-1] + lag, self.edges[1:] + lag
        overlap = np.minimum(end[:, None], self.edges[None, 1:]) - np.maximum(
            start[:, None], self.edges[None, :-1]
        )
        share: Floats = np.clip(overlap, 0.0, None) / self.lengths[:, None]
        return np.where(share > DUST, share, 0.0)

    def under_way(self, lag: float) -> Floats:
        """Return (T,) how many simulated periods' base flow, sent before the start, arrives in each."""
        overlap = np.minimum(lag, self.edges[1:]) - np.maximum(0.0, self.edges[:-1])
        return np.clip(overlap.astype(np.float64), 0.0, None)


def grid(
    periods: int, period_days: float, fine_weeks: float = 52.0, weeks: float = 4.0, late_weeks: float = 13.0
) -> Grid:
    """Return planning periods of at most `weeks` up to `fine_weeks`, then of at most `late_weeks`."""
    per_week = 7.0 / period_days
    fine, late = max(1, round(weeks * per_week)), max(1, round(late_weeks * per_week))
    turn = min(periods, round(fine_weeks * per_week))
    edges = [*range(0, turn, fine), *range(turn, periods, late), periods]
    return Grid(np.array(sorted(set(edges)), dtype=np.int64))


@dataclass(frozen=True)
class DrawData:
    """One draw, by planning period (T); amounts per planning period in units of the product."""

    ship_most: Floats  # (E, T) base flow x permission; 0 on latent lanes
    extra_most: Floats  # (E, T) what may be sent above it
    capacity: Floats  # (K, T)
    tied: Floats  # (K, T) what base customers may order: sum of `ship_most` over the supplier's lanes
    base_output: Floats  # (K, T)
    final: Floats  # (N, T)
    newcomer_most: Floats  # (N, T) what may come over latent lanes (rule M6)
    start: Floats  # (N,) stock and reserve before the first period
    ceiling: Floats  # (N,) the most that is kept
    threshold: Floats  # (N,) psi x target stock: below it users ration (rule M8)
    dependence: Floats  # (R,)
    pool_most: Floats  # (Q, T) row 0 unused


@dataclass(frozen=True)
class Plan:
    """What measures do in full (level 1), by group and planning period, in one draw.

    Each is a list of (measure, member, (T,) amounts): capacity by supplier, contracts by lane, savings by
    recipe line, final use given up and stock allowed beside the ceiling by consumer.
    """

    capacity: tuple[tuple[int, int, Floats], ...]
    contracts: tuple[tuple[int, int, Floats], ...]
    savings: tuple[tuple[int, int, Floats], ...]
    given_up: tuple[tuple[int, int, Floats], ...]
    stocks: tuple[tuple[int, int, Floats], ...]


@dataclass(frozen=True)
class Instance:
    """The planner's problem: groups, periods, draws and measures."""

    groups: Grouped
    grid: Grid
    draws: tuple[DrawData, ...]
    plans: tuple[Plan, ...]
    measures: tuple[str, ...]
    lanes: int  # of all groups, before those whom nothing reaches were left out


def instance_of(cone: Cone, markets: Sequence[str], periods: Grid, whole: bool = False) -> Instance:
    """Return the planner's problem for the draws of a cone's shock.

    `markets` stand alone, all others are put together. Users whom nothing reaches in any draw are left out,
    at base flow, unless `whole`.
    """
    network, shock = cone.network, cone.shock
    plants = [k for effect in cone.effects for k, _ in effect.capacity]
    groups = group(network, shock.lane_pool_row, markets, plants)
    draws = [_draw(network, shock, groups, periods, d) for d in range(shock.draws)]
    live = np.ones(len(groups.consumer_inflow), dtype=np.bool_)
    if not whole:
        live = reached(groups, _hit(groups, draws, periods), _touched(cone, groups, draws, periods))
    kept = keep(groups, live)
    small = tuple(_cut(data, kept) for data in draws)
    plans = tuple(_plan(network, shock, kept.groups, periods, cone.effects, d) for d in range(shock.draws))
    names = tuple(effect.measure.id for effect in cone.effects)
    return Instance(kept.groups, periods, small, plans, names, len(groups.lane_flow))


def _hit(groups: Grouped, draws: Sequence[DrawData], periods: Grid) -> NDArray[np.bool_]:
    """Return (E,) the lanes that carry less than base in some draw and period, or whose maker makes less."""
    full = groups.lane_flow[:, None] * periods.lengths
    hit = np.asarray((groups.lane_pool > 0) & (groups.lane_flow > 0.0))
    for data in draws:
        hit |= (data.ship_most < NEARLY * full).any(axis=1)
        lost = np.asarray((data.capacity < NEARLY * data.base_output).any(axis=1))
        hit |= lost[groups.lane_supplier] & (groups.lane_flow > 0.0)
    return hit


def _touched(cone: Cone, groups: Grouped, draws: Sequence[DrawData], periods: Grid) -> NDArray[np.bool_]:
    """Return (N,) the users that a measure touches, or whose final use changes in some draw."""
    network = cone.network
    touched = np.zeros(len(groups.consumer_inflow), dtype=np.bool_)
    for effect in cone.effects:
        touched[groups.consumer_of[effect.consumers]] = True
        touched[groups.consumer_of[network.recipe_consumer[effect.recipes]]] = True
        for e, _ in effect.contracts:
            touched[groups.consumer_of[network.lane_consumer[e]]] = True
        for k, _ in effect.capacity:
            touched[groups.consumer_of[network.recipe_consumer[network.recipe_supplier == k]]] = True
    for data in draws:
        wanted = data.final / periods.lengths
        touched |= wanted.max(axis=1) > wanted.min(axis=1) * (2.0 - NEARLY)
    return touched


def _cut(data: DrawData, kept: Kept) -> DrawData:
    """Return a draw's data of the groups that are kept."""
    k, n, e = kept.suppliers, kept.consumers, kept.lanes
    return DrawData(
        ship_most=data.ship_most[e],
        extra_most=data.extra_most[e],
        capacity=data.capacity[k],
        tied=data.tied[k],
        base_output=data.base_output[k],
        final=data.final[n],
        newcomer_most=data.newcomer_most[n],
        start=data.start[n],
        ceiling=data.ceiling[n],
        threshold=data.threshold[n],
        dependence=data.dependence[kept.recipes],
        pool_most=data.pool_most,
    )


def _by_row(of: Ints, row: NDArray[np.int32], weight: Floats, paths: Floats, count: int) -> Floats:
    """Return (count, T) sums of weight x path over members, whose group and path row are given."""
    width = paths.shape[0]
    mix = np.bincount(of * width + row, weight, count * width).reshape(count, width)
    total: Floats = mix @ paths
    return total


def _draw(network: Network, shock: Shock, groups: Grouped, periods: Grid, d: int) -> DrawData:
    """Return the bounds of one draw.

    On base lanes p x base goes as usual. Above it open lanes may carry kappa x base, (kappa - 1) of it as
    orders may rise so far (rule M5) and as much again as base for what is re-placed (rule M6); latent lanes
    .3 x export share x inflow x p, together .3 x rho x c x kappa x what is blocked. What a delay holds up
    counts as sent when it would have to be sent without one.
    """
    p, lanes, users = shock.permission[d], len(groups.lane_flow), len(groups.consumer_inflow)
    row, flow, kappa, rho = shock.lane_permission_row, network.lane_flow, shock.kappa[d], shock.rho[d]
    late, usually, openly = _as_if_on_time(shock, d)
    usual = _by_row(groups.lane_of, late, flow, periods.gathered(usually), lanes)
    opened = _by_row(groups.lane_of, late, flow, periods.gathered(openly), lanes)
    inflow = network.consumer_inflow
    share = LATENT * network.lane_export_share * inflow[network.lane_consumer]
    newcomer = np.where(flow > 0.0, 0.0, share)
    latent = _by_row(groups.lane_of, late, newcomer, periods.gathered(usually), lanes)
    stopped = _by_row(groups.lane_of, row, flow, periods.gathered(1.0 - p), lanes)
    blocked = _into(groups.lane_consumer, stopped, users)
    grown = np.clip((periods.edges[:-1] + periods.edges[1:]) / 2.0 * shock.period_days / 7.0 / 12.0, 0.0, 1.0)
    full = network.supplier_base * (1.0 + network.supplier_headroom)
    factor, final = periods.gathered(shock.capacity_factor[d]), periods.gathered(shock.demand_factor[d])
    cover = shock.cover_days[d] / shock.period_days * inflow
    reserve = shock.reserve_days[d] / shock.period_days * inflow
    pool_base = np.bincount(shock.lane_pool_row, flow, shock.pool_permission.shape[1])
    suppliers = len(groups.supplier_base)
    return DrawData(
        ship_most=usual,
        extra_most=kappa * opened + latent,
        capacity=_by_row(groups.supplier_of, shock.supplier_capacity_row, full, factor, suppliers),
        tied=_into(groups.lane_supplier, usual, suppliers),
        base_output=groups.supplier_base[:, None] * periods.lengths,
        final=_by_row(groups.consumer_of, shock.consumer_demand_row, network.consumer_final, final, users),
        newcomer_most=LATENT * rho * grown * kappa * blocked,
        start=_floats(np.bincount(groups.consumer_of, cover + reserve, users)),
        ceiling=_floats(np.bincount(groups.consumer_of, cover + reserve + inflow, users)),
        threshold=shock.psi[d] * np.bincount(groups.consumer_of, cover + inflow, users),
        dependence=_mean_dependence(network, groups, shock.dependence[d]),
        pool_most=periods.gathered(shock.pool_permission[d]) * pool_base[:, None],
    )


def _as_if_on_time(shock: Shock, d: int) -> tuple[NDArray[np.int32], Floats, Floats]:
    """Return a row per lane (E,), and by row and period the permission, and whether it is whole.

    Both stand in the period from which goods would arrive as soon with the usual lag: a delay of three weeks
    empties three weeks, and where it ends as many come at once (rule M7).
    """
    delays, p = shock.extra_lag[d], shock.permission[d]
    pairs = shock.lane_permission_row.astype(np.int64) * len(delays) + shock.lane_delay_row
    found, row = np.unique(pairs, return_inverse=True)
    usually = p[found // len(delays)].astype(np.float64)
    openly = (usually >= 1.0).astype(np.float64)
    periods = np.arange(p.shape[1])
    for pair in np.flatnonzero(delays[found % len(delays)].any(axis=1)):
        due = periods + delays[found[pair] % len(delays)]
        for paths in (usually, openly):
            paths[pair] = np.bincount(due, paths[pair], due.max() + 1)[: len(periods)]
    return row.astype(np.int32), usually, openly


def _floats(values: NDArray[Any]) -> Floats:
    return values.astype(np.float64)


def _into(member: Ints, amounts: Floats, count: int) -> Floats:
    """Return (count, T) the sums of amounts (E, T) over the lanes of each member."""
    total = np.zeros((count, amounts.shape[1]))
    np.add.at(total, member, amounts)
    return total


def _mean_dependence(network: Network, groups: Grouped, dependence: Floats) -> Floats:
    """Return (R,) the dependence of each group of lines, mean by output; 1 within one element."""
    own = network.supplier_base[network.recipe_supplier]
    weight, lines = np.where(own > 0.0, own, 1e-9), len(groups.recipe_input)
    total = np.bincount(groups.recipe_of, weight, lines)
    mean = np.bincount(groups.recipe_of, dependence * weight, lines) / total
    return np.where(groups.recipe_fixed, 1.0, np.clip(mean, 1e-9, 1.0))


def _plan(
    network: Network, shock: Shock, groups: Grouped, periods: Grid, effects: Sequence[Effect], d: int
) -> Plan:
    """Return what measures do in one draw."""
    capacity, contracts, savings, given_up, stocks = [], [], [], [], []
    for m, effect in enumerate(effects):
        path, share = effect.path[d], effect.measure.share or 0.0
        whole = periods.gathered(path)
        capacity += [(m, int(groups.supplier_of[k]), amount * whole) for k, amount in effect.capacity]
        for e, amount in effect.contracts if effect.measure.kind != "priority" else ():
            p = (
                shock.permission[d, shock.lane_permission_row[e]]
                * shock.pool_permission[d, shock.lane_pool_row[e]]
            )
            contracts.append((m, e, amount * periods.gathered(path * p)))
        for r in effect.recipes.tolist():
            used = network.recipe_input_per_output[r] * network.supplier_base[network.recipe_supplier[r]]
            if used > 0.0:  # a plant has no base use to save
                savings.append((m, int(groups.recipe_of[r]), used * share * whole))
        for n in effect.consumers.tolist():
            at = int(groups.consumer_of[n])
            if effect.measure.kind == "restraint":
                factor = shock.demand_factor[d, shock.consumer_demand_row[n]]
                given_up.append((m, at, network.consumer_final[n] * share * periods.gathered(path * factor)))
            elif effect.measure.kind == "stockpile":
                extra = (effect.measure.days or 0.0) / network.period_days * network.consumer_inflow[n]
                stocks.append((m, at, extra * path[periods.edges[1:] - 1]))
    return Plan(
        tuple(capacity),
        tuple(_summed(contracts, groups.lane_of)),
        tuple(savings),
        tuple(given_up),
        tuple(stocks),
    )


def _summed(contracts: Sequence[tuple[int, int, Floats]], lane_of: Ints) -> list[tuple[int, int, Floats]]:
    """Return contracts by measure and lane group, added up."""
    total: dict[tuple[int, int], Floats] = {}
    for m, e, amounts in contracts:
        key = (m, int(lane_of[e]))
        total[key] = total.get(key, 0.0) + amounts
    return [(m, e, amounts) for (m, e), amounts in total.items()]
