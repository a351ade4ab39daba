"""Why each measure is in a plan, and why the others are not: trials beside the plan (rule O5)."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from kaname.respond.plan import Rejected, Taken
from kaname.respond.session import Session
from kaname.respond.wording import LATE, why_not
from kaname.scenario.effects import Cost
from kaname.scenario.measures import Measure
from kaname.terms.numerals import money

Floats = NDArray[np.float64]
NO_COST = Cost(*(float("nan"),) * 4)
"""Of a measure that touches nothing or works too late: it was never placed."""


def reasons(search: Session, levels: Floats, alone: Floats) -> tuple[tuple[Taken, ...], tuple[Rejected, ...]]:
    """Return why each measure is in the plan and why the others are not, by trials beside the plan."""
    prepared, limits, trials = search.prepared, search.limits, search.trials
    rows = trials.sampled
    loss = float(trials.at(levels).loss_kusd[rows].mean())
    taken, rejected = [], []
    for m, measure in enumerate(prepared.measures):
        other, late = levels.copy(), search.clock() > search.until(1.0)
        if levels[m] > 0.0:
            other[m] = 0.0
            back = None if late else float(trials.at(other).loss_kusd[rows].mean()) - loss
            taken.append(_taken(search, m, float(levels[m]), back, float(alone[m])))
            continue
        cost = float(limits.costs_kusd[m])
        if late:
            rejected.append(_rejected(measure, prepared.costs[m], (None, float(alone[m])), LATE))
            continue
        other[m] = 1.0
        added = loss - float(trials.at(other).loss_kusd[rows].mean())
        spent = float(levels @ limits.costs_kusd)
        why = why_not(added, cost, limits.budget_kusd, spent, divisible=measure.divisible)
        rejected.append(_rejected(measure, prepared.costs[m], (added, float(alone[m])), why))
    rejected.sort(key=lambda item: -(item.added_kusd or 0.0))
    rejected += [_rejected(measure, NO_COST, (None, None), why) for measure, why in prepared.unusable]
    taken.sort(key=lambda item: -(item.marginal_kusd or 0.0))
    return tuple(taken), tuple(rejected)


def _rejected(measure: Measure, cost: Cost, gains: tuple[float | None, float | None], why: str) -> Rejected:
    """Return a measure that is not in the plan; `gains` are what it adds to the plan, and avoids alone."""
    return Rejected(
        measure.id,
        measure.title,
        cost.central_kusd,
        *gains,
        why,
        cost.low_kusd,
        cost.high_kusd,
        measure.evidence,
    )


def _taken(search: Session, m: int, level: float, back: float | None, alone: float) -> Taken:
    """Return a measure of the plan with its reason."""
    prepared = search.prepared
    measure, cost, path = prepared.measures[m], prepared.costs[m], prepared.effects[m].path[0]
    spent = level * cost.central_kusd
    works = np.flatnonzero(path > 0.0)
    first = prepared.scenario.start + dt.timedelta(
        days=round(float(works[0] if len(works) else 0) * prepared.scenario.period_days)
    )
    return Taken(
        measure.id,
        measure.title,
        measure.kind,
        level,
        spent,
        level * cost.low_kusd,
        level * cost.high_kusd,
        measure.start.isoformat(),
        first.isoformat(),
        {item.market: item.share * spent for item in measure.payers},
        back,
        alone,
        measure.assumed,
        _why(back, alone, spent),
    )


def _why(back: float | None, alone: float, spent: float) -> str:
    """Return why a measure is in the plan, from what would come back without it."""
    if back is None:
        return f"{LATE} Alone it avoids {money(alone)}."
    if back <= 0.0:
        return f"Others could stand in for it now: alone it avoids {money(alone)}."
    per_dollar = f", {back / spent:.1f} for each dollar" if spent > 0.0 else ""
    return f"Without it {money(back)} more would be lost{per_dollar}; alone it avoids {money(alone)}."
