"""Dates to paths over periods, draw by draw: what holds for part of a period counts for that part."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.scenario.draws import DrawTable
from kaname.scenario.scenario import CapacityLoss, DemandSurge, ExportRestriction, RouteClosure, Scenario

Floats = NDArray[np.float64]
Part = ExportRestriction | CapacityLoss | DemandSurge | RouteClosure


@dataclass(frozen=True)
class Window:
    """When a part is in force, in days from the scenario's start: `start` and `end` (D,), inf = no end."""

    start: Floats
    end: Floats


def days_from_start(scenario: Scenario, date: dt.date) -> float:
    """Return days from the scenario's start; negative before it."""
    return float((date - scenario.start).days)


def window(scenario: Scenario, part: Part, table: DrawTable, where: str) -> Window:
    """Return when a part is in force in each draw; `where` is its path, such as `restrictions[0]`."""
    delay = table.of(part.delay_weeks, f"{where}.delay_weeks")
    start: Floats = days_from_start(scenario, part.start) + 7.0 * delay
    if part.duration_weeks is not None:
        return Window(start, start + 7.0 * table.of(part.duration_weeks, f"{where}.duration_weeks"))
    end = np.inf if part.end is None else days_from_start(scenario, part.end)
    return Window(start, np.full(table.draws, end))


def widest(scenario: Scenario, part: Part) -> Window:
    """Return the earliest start and the latest end that any draw may have, as one draw."""
    start = days_from_start(scenario, part.start)
    if part.duration_weeks is not None:
        end = start + 7.0 * (part.delay_weeks.high + part.duration_weeks.high)
    else:
        end = np.inf if part.end is None else days_from_start(scenario, part.end)
    return Window(np.array([start + 7.0 * part.delay_weeks.low]), np.array([end]))


def overlap(scenario: Scenario, start: Floats, end: Floats) -> Floats:
    """Return (D, P) the share of each period that lies in [start, end), both (D,) in days."""
    edges = np.arange(scenario.periods + 1) * scenario.period_days
    covered = np.minimum(edges[1:], end[:, None]) - np.maximum(edges[:-1], start[:, None])
    share: Floats = np.clip(covered / scenario.period_days, 0.0, 1.0)
    return share


def in_force(scenario: Scenario, when: Window) -> Floats:
    """Return (D, P) the share of each period in which a part is in force."""
    return overlap(scenario, when.start, when.end)


def stopped(scenario: Scenario, restriction: ExportRestriction, when: Window, depth: Floats) -> Floats:
    """Return (D, P) the share of base trade that a restriction stops by itself, 1 - p (rule M7).

    `depth` (D,) holds where it has no profile.
    """
    if not restriction.profile:
        return depth[:, None] * in_force(scenario, when)
    path = np.zeros((len(depth), scenario.periods))
    for i, point in enumerate(restriction.profile):
        last = i + 1 == len(restriction.profile)
        begins = when.start + 7.0 * point.week
        ends = when.end if last else when.start + 7.0 * restriction.profile[i + 1].week
        path += (1.0 - point.permission) * overlap(scenario, begins, np.minimum(ends, when.end))
    return path.clip(0.0, 1.0)


def front_loaded(scenario: Scenario, restriction: ExportRestriction, when: Window) -> Floats:
    """Return (D, P) the factor on the importers' target stock before the restriction starts (rule M7)."""
    if restriction.announced is None:
        return np.ones((len(when.start), scenario.periods))
    announced = np.full(len(when.start), days_from_start(scenario, restriction.announced))
    return 1.0 + (restriction.front_loading - 1.0) * overlap(scenario, announced, when.start)


def lost(scenario: Scenario, when: Window, recovery_weeks: Floats) -> Floats:
    """Return (D, P) the share of a full loss in force in each period: 1 until the end, then a line to 0.

    The line is taken at the middle of the part of the period that it covers, which is its mean.
    """
    path = in_force(scenario, when)
    length = 7.0 * recovery_weeks[:, None]
    recovers = np.isfinite(when.end)[:, None] & (length > 0.0)
    end = np.where(recovers, when.end[:, None], 0.0)
    length = np.where(recovers, length, 1.0)
    edges = np.arange(scenario.periods + 1) * scenario.period_days
    begins = np.clip(edges[:-1], end, end + length)
    ends = np.clip(edges[1:], end, end + length)
    left = 1.0 - ((begins + ends) / 2.0 - end) / length
    share: Floats = np.minimum(
        path + np.where(recovers, left * (ends - begins) / scenario.period_days, 0.0), 1.0
    )
    return share
