"""The search for a response: planner, simulator, reasons, frontier, retaliation (rules O3, O5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from kaname.network.build import NetworkBuild
from kaname.respond.frontier import frontier, retaliation
from kaname.respond.plan import Response
from kaname.respond.polish import best
from kaname.respond.prepare import Prepared, prepare
from kaname.respond.reasons import reasons
from kaname.respond.session import Ask, Session
from kaname.respond.solve import Highs, Solver
from kaname.scenario.measures import Measure
from kaname.scenario.scenario import Scenario
from kaname.terms.executor import Executor, Threads, stopped

Floats = NDArray[np.float64]
Say = Callable[[str], None]


def respond(
    build: NetworkBuild,
    scenario: Scenario,
    measures: Sequence[Measure],
    ask: Ask,
    executor: Executor | None = None,
    solver: Solver | None = None,
    say: Say = lambda text: None,
    clock: Callable[[], float] = stopped,
) -> Response:
    """Return the best mix of measures within a budget, tested by simulation (rules O3, O5).

    The planner's portfolio, greedy, the best single measure and nothing are simulated with the same draws;
    the best of them is improved in the simulator, so what is returned delivers no less than any of them.
    Raises ScenarioError, RestrictionHitsNothing, InputError.
    """
    say("preparing the cone")
    prepared = prepare(build, scenario, measures, ask.draws, ask.seed)
    search = Session(prepared, ask, executor or Threads(), solver or Highs(ask.time_limit_s), say, clock)
    choices, alone, portfolio, status = search.choices()
    chosen = best(choices)
    if chosen.worth_kusd == best(choices[:-1]).worth_kusd:
        chosen = best(choices[:-1])
    levels = chosen.levels
    say("asking what each measure adds")
    taken, rejected = reasons(search, levels, alone)
    points = frontier(search, levels, alone) if ask.steps else ()
    wider, note = retaliation(search, levels)
    nothing, with_plan = search.trials.at(search.nothing), search.trials.at(levels)
    rows = search.trials.sampled
    return Response(
        scenario=with_plan_in(prepared, levels, ask),
        budget_kusd=ask.budget_kusd,
        plan=taken,
        rejected=rejected,
        do_nothing=search.delivered(search.nothing),
        delivered=search.delivered(levels),
        promised=search.promised(levels),
        promised_nothing=search.promised(search.nothing),
        benchmarks={choice.name: search.delivered(choice.levels) for choice in choices},
        chosen=chosen.name,
        gap=None if portfolio is None else portfolio.gap,
        status=_status(status, ask, with_plan.cost_kusd, nothing.loss_kusd[rows]),
        bound_kusd=search.bound() if ask.bound else None,
        others=(float(nothing.others_kusd[rows].mean()), float(with_plan.others_kusd[rows].mean())),
        by_market={
            market.id: (float(before), float(after))
            for market, before, after in zip(
                prepared.cone.network.markets,
                nothing.by_market_kusd[rows].mean(axis=0),
                with_plan.by_market_kusd[rows].mean(axis=0),
                strict=True,
            )
            if before > 0.0 or after > 0.0
        },
        frontier=points,
        retaliation=wider,
        retaliation_note=note,
        lanes=0 if search.search is None else search.search.instance.lanes,
        draws=ask.draws,
        seed=ask.seed,
        tried=search.trials.tried,
        by_draw=search.by_draw(choices),
        cited=sum(not measure.assumed for measure in measures),
        assumed=sum(measure.assumed for measure in measures),
    )


def _status(status: str, ask: Ask, cost_kusd: float, nothing_kusd: Floats) -> str:
    """Return how the search ended, in plain words where there was nothing to decide."""
    if not nothing_kusd.any():
        return "nothing is lost at the targets: no measure is needed"
    if ask.budget_kusd <= 0.0 and cost_kusd <= 0.0:
        return "no budget: only measures without a cost could be taken"
    return status


def with_plan_in(prepared: Prepared, levels: Floats, ask: Ask) -> Scenario:
    """Return the scenario with the plan in it, an ordinary scenario (rule O5)."""
    scenario = prepared.scenario
    taken = [
        measure.model_copy(update={"level": round(float(level), 6)})
        for measure, level in zip(prepared.measures, levels, strict=True)
        if level > 0.0
    ]
    note = (
        f"Plan for {ask.budget_kusd / 1e6:g} bn USD, over {ask.draws} draws with seed {ask.seed}. "
        f"{scenario.notes}"
    )
    return scenario.model_copy(
        update={
            "id": f"{scenario.id[:55]}-answered",
            "title": f"{scenario.title}, answered",
            "answers": scenario.id,
            "measures": (*scenario.measures, *taken),
            "notes": note.strip(),
            "sweep": None,
        }
    )
