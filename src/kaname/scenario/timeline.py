"""Dates to paths over periods: what holds for part of a period counts for that part."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from kaname.scenario.scenario import CapacityLoss, ExportRestriction, Scenario

Floats = NDArray[np.float64]


def overlap(scenario: Scenario, start_day: float, end_day: float | None) -> Floats:
    """Return (P,) the share of each period that lies in [start_day, end_day).

    Days count from the scenario's start; `end_day` None means without end.
    """
    edges = np.arange(scenario.periods + 1) * scenario.period_days
    last = np.inf if end_day is None else end_day
    covered = np.minimum(edges[1:], last) - np.maximum(edges[:-1], start_day)
    share: Floats = np.clip(covered / scenario.period_days, 0.0, 1.0)
    return share


def day_of(scenario: Scenario, date: dt.date | None) -> float | None:
    """Return days from the scenario's start (negative before it); None for no date."""
    return None if date is None else float((date - scenario.start).days)


def _start_end(scenario: Scenario, start: dt.date, end: dt.date | None) -> tuple[float, float | None]:
    """Return start and end as days from the scenario's start."""
    return float((start - scenario.start).days), day_of(scenario, end)


def in_force(scenario: Scenario, start: dt.date, end: dt.date | None) -> Floats:
    """Return (P,) the share of each period that lies between two dates."""
    return overlap(scenario, *_start_end(scenario, start, end))


def stopped(scenario: Scenario, restriction: ExportRestriction) -> Floats:
    """Return (P,) the share of base trade that a restriction stops by itself, 1 - p (rule M7)."""
    start, end = _start_end(scenario, restriction.start, restriction.end)
    if not restriction.profile:
        depth = 1.0 if restriction.depth is None else restriction.depth
        return depth * overlap(scenario, start, end)
    path = np.zeros(scenario.periods)
    for i, point in enumerate(restriction.profile):
        begins = start + 7.0 * point.week
        last = i + 1 == len(restriction.profile)
        ends = end if last else start + 7.0 * restriction.profile[i + 1].week
        if end is not None and ends is not None:
            ends = min(ends, end)
        path += (1.0 - point.permission) * overlap(scenario, begins, ends)
    return path.clip(0.0, 1.0)


def front_loaded(scenario: Scenario, restriction: ExportRestriction) -> Floats:
    """Return (P,) the factor on the importers' target stock before the restriction starts (rule M7)."""
    if restriction.announced is None:
        return np.ones(scenario.periods)
    window = in_force(scenario, restriction.announced, restriction.start)
    return 1.0 + (restriction.front_loading - 1.0) * window


def lost(scenario: Scenario, loss: CapacityLoss) -> Floats:
    """Return (P,) the share of a full loss in force in each period: 1 until the end, then a line down to 0.

    The line is taken at the middle of the part of the period that it covers, which is its mean.
    """
    start, end = _start_end(scenario, loss.start, loss.end)
    path = overlap(scenario, start, end)
    if end is None or not loss.recovery_weeks:
        return path
    length = 7.0 * loss.recovery_weeks
    edges = np.arange(scenario.periods + 1) * scenario.period_days
    begins = np.clip(edges[:-1], end, end + length)
    ends = np.clip(edges[1:], end, end + length)
    left = 1.0 - ((begins + ends) / 2.0 - end) / length
    path = path + left * (ends - begins) / scenario.period_days
    share: Floats = np.minimum(path, 1.0)
    return share
