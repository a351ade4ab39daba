"""What smaller budgets buy, and what the plan is worth when the block widens (rules O3, O5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kaname.respond.plan import FrontierPoint, Loss, Part
from kaname.respond.polish import Limits, greedy
from kaname.respond.retaliate import widened
from kaname.respond.session import NOTHING, POINT_PART, Session
from kaname.respond.trial import Trials

Floats = NDArray[np.float64]


def frontier(search: Session, levels: Floats, alone: Floats) -> tuple[FrontierPoint, ...]:
    """Return what smaller budgets buy, in `steps` points up to the whole; a larger one never buys less.

    At each point the planner's plan, greedy, what is left of the final plan, and the plan of the point before
    are simulated, and the best of them counts.
    """
    ask, trials, whole = search.ask, search.trials, search.limits
    points: list[FrontierPoint] = []
    before, known = search.nothing, set[str]()
    order = np.argsort(-alone / np.maximum(whole.costs_kusd, 1e-9), kind="stable")
    for step in range(1, ask.steps + 1):
        budget = ask.budget_kusd * (step / ask.steps) ** 2
        limits = Limits(whole.costs_kusd, whole.divisible, budget)
        options = [before, greedy(alone, limits), _fitted(levels, limits, order)]
        portfolio, _ = search.planned(budget, search.clock() + POINT_PART * ask.time_limit_s)
        if portfolio is not None:
            options.append(portfolio.levels)
        found = min(options, key=trials.worth)
        points.append(_point(search, budget, found, points[-1] if points else None, known))
        known |= set(points[-1].measures)
        before = found
    return tuple(points)


def _fitted(levels: Floats, limits: Limits, order: NDArray[np.intp]) -> Floats:
    """Return what of some levels fits a smaller budget, the most promising measures first."""
    kept = np.zeros(len(levels))
    for m in order:
        if levels[m] > 0.0:
            kept[m] = min(float(levels[m]), limits.room(kept, int(m)))
    return kept


def _point(
    search: Session, budget: float, levels: Floats, last: FrontierPoint | None, known: set[str]
) -> FrontierPoint:
    """Return one point of the frontier."""
    delivered, promised = search.delivered(levels), search.promised(levels)
    taken = [(m, float(x)) for m, x in zip(search.prepared.measures, levels, strict=True) if x > 0.0]
    full = dict(zip((m.id for m in search.prepared.measures), search.limits.costs_kusd.tolist(), strict=True))
    parts = [Part(m.id, level, level * full[m.id]) for m, level in taken]
    payers: dict[str, float] = {}
    for (measure, _), part in zip(taken, parts, strict=True):
        for item in measure.payers:
            payers[item.market] = payers.get(item.market, 0.0) + item.share * part.cost_kusd
    ids = tuple(m.id for m, _ in taken)
    cost = float(levels @ search.limits.costs_kusd)
    loss = search.delivered(search.nothing).mean_kusd if last is None else last.delivered_kusd
    more = cost - (0.0 if last is None else last.cost_kusd)
    return FrontierPoint(
        budget,
        cost,
        None if promised is None else promised.mean_kusd,
        delivered.mean_kusd,
        delivered.low_kusd,
        delivered.high_kusd,
        (loss - delivered.mean_kusd) / more if more > 0.0 else None,
        ids,
        tuple(name for name in ids if name not in known),
        tuple(sorted(parts, key=lambda part: (-part.cost_kusd, part.measure))),
        dict(sorted(payers.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def retaliation(search: Session, levels: Floats) -> tuple[dict[str, Loss], str]:
    """Return the losses without and with the plan when the block widens to all who take part, and to whom."""
    prepared = search.prepared
    taken = [m for m, level in zip(prepared.measures, levels, strict=True) if level > 0.0]
    scenario = widened(prepared.scenario, taken)
    if scenario is None:
        return {}, "The block cannot be widened: nobody else takes part, or it is on everyone already."
    cone = prepared.cone_of(scenario)
    limits = search.limits
    trials = Trials(cone, search.trials.targets, limits.costs_kusd, search.ask.risk, search.trials.threads)
    rows = trials.sampled
    found = {}
    for name, given in ((NOTHING, search.nothing), ("plan", levels)):
        loss = trials.at(given).loss_kusd
        found[name] = search.loss(loss[rows], float(loss[0]))
    added = scenario.restrictions[len(prepared.scenario.restrictions) :]
    who = sorted({name for item in added for name in item.importers})
    return found, f"From {added[0].start} the block is a ban on {', '.join(who)} too (assumed)."
