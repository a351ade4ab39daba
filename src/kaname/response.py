"""From a scenario file and a folder of measures to a response, and what an alliance is worth (rules O).

Here the floors meet: files and the default network are read, the search runs, a folder is written.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from kaname.baseline import Baseline, load_baseline
from kaname.data import folders
from kaname.report.provenance import budget_rows
from kaname.respond.alliance import Alliance
from kaname.respond.alliance import alliance as value_of
from kaname.respond.answer import respond as answer
from kaname.respond.plan import Loss, Response
from kaname.respond.session import Ask
from kaname.scenario import files
from kaname.scenario.measures import Measure
from kaname.scenario.scenario import Scenario
from kaname.study import examples_folder
from kaname.terms.errors import InputError, Problem

Say = Callable[[str], None]
FORMAT = "kaname response"


def load_measures(folder: str | Path | None = None) -> tuple[Measure, ...]:
    """Return the measures of a file or folder; without one the shipped catalogue. Raises ScenarioError."""
    return files.load_measures(examples_folder() / "measures" if folder is None else folder)


def _scenario(scenario: Scenario | str | Path) -> Scenario:
    """Return a scenario, read from its file where a path is given; a folder is refused."""
    if isinstance(scenario, Scenario):
        return scenario
    if Path(scenario).is_dir():
        fix = "Give one file of the folder; `kaname run` takes the whole folder."
        raise InputError(Problem("a folder instead of a scenario", str(scenario), "a folder", "a file", fix))
    return files.load(scenario)


def respond(  # noqa: PLR0913 - one argument for each option of the command
    scenario: Scenario | str | Path,
    budget_usd: float,
    *,
    measures: str | Path | Sequence[Measure] | None = None,
    draws: int = 16,
    seed: int = 20260106,
    time_limit_s: float = 300.0,
    steps: int = 0,
    bound: bool = True,
    out: str | Path | None = None,
    baseline: Baseline | None = None,
    say: Say = lambda text: None,
) -> Response:
    """Return the best mix of measures within a budget, tested by simulation (rules O1-O5).

    `measures` is a folder, a file, or measures; without them the shipped catalogue. `steps` points of the
    frontier lead up to the budget. `out` names a folder for the plan as a scenario and the answer as JSON,
    written whole or not at all. Raises ScenarioError, RestrictionHitsNothing, InputError, DataMissing,
    OutputError.
    """
    if out is not None:
        folders.check_target(Path(out), FORMAT)
    ask = Ask(float(budget_usd) / 1e3, draws, seed, time_limit_s, steps, bound)
    given = _scenario(scenario)
    catalogue = load_measures(measures) if measures is None or isinstance(measures, str | Path) else measures
    build = (baseline or load_baseline(period_days=given.period_days)).build
    found = answer(build, given, tuple(catalogue), ask, say=say, clock=time.monotonic)
    if out is not None:
        content = {
            "plan.yaml": files.dump(found.scenario).encode(),
            "response.json": (json.dumps(response_json(found), ensure_ascii=False, indent=1) + "\n").encode(),
        }
        manifest = {"scenario": given.id, "budget_kusd": ask.budget_kusd, "draws": draws, "seed": seed}
        folders.write_folder(Path(out), content, manifest, FORMAT)
    return found


def alliance(
    scenario: Scenario | str | Path,
    members: Sequence[str],
    *,
    measures: str | Path | Sequence[Measure] | None = None,
    draws: int = 8,
    seed: int = 20260106,
    budget_usd: float | None = None,
    baseline: Baseline | None = None,
    say: Say = lambda text: None,
) -> Alliance:
    """Return what an alliance avoids, and what each member brings, gains and pays (rule O6).

    Every coalition of up to eight members is simulated, above that a sample with an error. Raises
    ScenarioError, RestrictionHitsNothing, InputError, DataMissing.
    """
    given = _scenario(scenario)
    catalogue = load_measures(measures) if measures is None or isinstance(measures, str | Path) else measures
    build = (baseline or load_baseline(period_days=given.period_days)).build
    budget = None if budget_usd is None else Ask(float(budget_usd) / 1e3, draws, seed).budget_kusd
    Ask(0.0, draws, seed)
    return value_of(build, given, tuple(catalogue), tuple(members), draws, seed, budget, say)


def response_json(response: Response) -> dict[str, Any]:
    """Return the JSON of `kaname respond --json`; amounts in thousand USD."""
    plan = [
        {key: value for key, value in asdict(item).items() if key != "title"} | {"title": item.title}
        for item in response.plan
    ]
    rejected = [
        asdict(replace(item, evidence=()))
        | {"evidence": [proof.model_dump(mode="json", exclude_defaults=True) for proof in item.evidence]}
        for item in response.rejected
    ]
    return _told(
        {
            "scenario": response.scenario.id,
            "budget_kusd": response.budget_kusd,
            "cost_kusd": response.cost_kusd,
            "payers_kusd": response.payers,
            "plan": plan,
            "rejected": rejected,
            "promised": _promised(response),
            "delivered": asdict(response.delivered),
            "do_nothing": asdict(response.do_nothing),
            "benchmarks": {name: asdict(loss) for name, loss in response.benchmarks.items()},
            "chosen": response.chosen,
            "gap": response.gap,
            "status": response.status,
            "bound_kusd": response.bound_kusd,
            "others_kusd": {"do_nothing": response.others[0], "plan": response.others[1]},
            "markets_kusd": {
                name: {"do_nothing": before, "plan": after}
                for name, (before, after) in response.by_market.items()
                if max(before, after) >= 1.0
            },
            "frontier": [asdict(point) for point in response.frontier],
            "retaliation": {
                **{name: asdict(loss) for name, loss in response.retaliation.items()},
                "note": response.retaliation_note,
            },
            "by_draw": None if response.by_draw is None else asdict(response.by_draw),
            "draws": response.draws,
            "seed": response.seed,
            "lanes": response.lanes,
            "simulated": response.tried,
            "catalogue": {"cited": response.cited, "assumed": response.assumed},
            "budgets": budget_shares(response),
        }
    )


def budget_shares(response: Response) -> list[dict[str, Any]]:
    """Return what each payer pays beside its defence budget, at the rate nearest to the scenario's start."""
    budgets = {row.country: row for row in budget_rows(response.scenario.start)}
    found = []
    for country, kusd in response.payers.items():
        row = budgets.get(country)
        found.append(
            {
                "country": country,
                "amount_kusd": kusd,
                "currency": row.currency if row else None,
                "amount_bn": kusd * row.per_usd / 1e6 if row else None,
                "rate": row.rate if row else None,
                "budget": row.name if row else None,
                "budget_share": kusd / row.amount_kusd if row else None,
            }
        )
    return found


def _promised(response: Response) -> dict[str, Any]:
    """Return the planner's account: loss with the plan and without; empty where the planner failed."""
    found: dict[str, Any] = {}
    pairs: tuple[tuple[str, Loss | None], ...] = (
        ("plan", response.promised),
        ("do_nothing", response.promised_nothing),
    )
    for name, loss in pairs:
        if loss is not None:
            found[name] = asdict(loss)
    return found


def alliance_json(found: Alliance) -> dict[str, Any]:
    """Return the JSON of `kaname alliance --json`; amounts in thousand USD."""
    return _told(
        {
            "value_kusd": found.value_kusd,
            "coordination_kusd": found.coordination_kusd,
            "loss_kusd": found.loss_kusd,
            "exact": found.exact,
            "members": [asdict(member) for member in found.members],
            "coalitions": [
                {"members": list(group), "value_kusd": value} for group, value in found.coalitions.items()
            ],
            "leavers": [{"members": list(group), "gain_kusd": gain} for group, gain in found.leavers],
            "draws": found.draws,
            "seed": found.seed,
        }
    )


def _told(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _finite(value) for key, value in content.items()}


def _finite(value: Any) -> Any:
    """Return a JSON value with numbers that are none (no cost known) as null."""
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
