"""Answer the flagship: search for plans, and write the worked study of 16 January 2026.

    uv run python tools/build_response.py --date 2026-11-26

Writes examples/flagship/5-full-stop-japan-answered.yaml with response.json, docs/response-study.md and plots
in docs/images. Nothing is typed in: each number is what the runs gave. Takes some twenty minutes on 2 cores.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from kaname.baseline import load_baseline
from kaname.data.folders import write_file
from kaname.network.build import NetworkBuild
from kaname.report.charts import render
from kaname.report.chartspec import Bar, BarSpec, Line, TimelineSpec
from kaname.report.search import RECORD
from kaname.respond.alliance import Alliance
from kaname.respond.plan import Loss, Response
from kaname.respond.portfolio import Risk
from kaname.respond.prepare import prepare
from kaname.respond.trial import Trials
from kaname.response import alliance, load_measures, respond, response_json
from kaname.scenario.measures import Measure
from kaname.scenario.scenario import Scenario
from kaname.simulate.outcome import Watch
from kaname.study import expand, load_study
from kaname.terms.numerals import money, percent

ROOT = Path(__file__).resolve().parents[1]
FLAGSHIP = ROOT / "examples" / "flagship"
PLAN = FLAGSHIP / "5-full-stop-japan-answered.yaml"
TEMPLATE = Path(__file__).with_name("response_page.md")
PAGE, IMAGES = ROOT / "docs" / "response-study.md", ROOT / "docs" / "images"
DRAWS, SEED = 16, 20260106
BUDGET_USD, STEPS = 1e9, 5
MAIN = "3-full-stop-japan"
MEMBERS = ("JPN", "USA", "KOR", "AUS", "FRA", "GBR")
ANNOUNCED = (
    # Joint production and critical minerals, Japan and the United States, 16 January 2026
    *("interceptors-japan", "air-to-air-japan"),
    # what the framework of 28 October 2025, confirmed that day, names or was taken to fund
    *("wagerup-gallium", "magnets-joint-plant", "mp-heavy-separation", "mp-ndpr-floor"),
    *(
        "japan-magnets-us-defence",
        "gallium-transfer-us-defence",
        "pool-japan-us-magnets",
        "pool-japan-gallium",
    ),
    # Italy and Japan, the same day
    "italy-antimony",
)
SHOWN = (
    ("JPN", "vehicles"),
    ("JPN", "electronics"),
    ("JPN", "batteries"),
    ("JPN/defence", "missiles_interceptors"),
)


def main() -> None:
    """Search, simulate and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--date", type=date.fromisoformat, required=True, help="Day of the run.")
    parser.add_argument("--draws", type=int, default=DRAWS, help="Samples of all ranges at once.")
    options = parser.parse_args()
    build, measures = load_baseline().build, load_measures()
    cases = [item for item in expand(load_study().scenarios) if not item[2].measures]
    announced = [announced_row(build, item, measures, options.draws) for item in cases]
    found: dict[str, Response] = {}
    for scenario in searched(cases):
        found[scenario.id] = search(scenario, options.draws)
        if scenario.id == MAIN:
            write_file(PLAN, plan_file(found[MAIN], options.date).encode())
            record = json.dumps(response_json(found[MAIN]), ensure_ascii=False, indent=1) + "\n"
            write_file(FLAGSHIP / RECORD, record.encode())
            print("the plan is written")
    main_case = found[MAIN]
    regret = regret_rows(build, cases, found, measures, options.draws)
    together = alliance(FLAGSHIP / "4-full-stop-japan-us.yaml", MEMBERS, draws=8, seed=SEED, say=print)
    plots(build, cases, main_case, announced, measures, options.draws)
    page = written(options, announced, found, regret, together)
    write_file(PAGE, page.encode())


def searched(cases: Sequence[tuple[str, str, Scenario]]) -> list[Scenario]:
    """Return the cases that a plan is sought for: those in which civilian trade is held back, MAIN first."""
    found = [scenario for name, _, scenario in cases if not name.startswith("1-")]
    return sorted(found, key=lambda scenario: scenario.id != MAIN)


def search(scenario: Scenario, draws: int) -> Response:
    """Return the response to a case; the frontier is drawn for the main case only."""
    print(scenario.id)
    steps = STEPS if scenario.id == MAIN else 0
    limit_s = 900.0 if scenario.id == MAIN else 480.0
    return respond(scenario, BUDGET_USD, draws=draws, seed=SEED, time_limit_s=limit_s, steps=steps, say=print)


def announced_row(
    build: NetworkBuild, case: tuple[str, str, Scenario], measures: Sequence[Measure], draws: int
) -> dict[str, Any]:
    """Return what the measures announced on 16 January 2026 do to a case, in full, and what they cost."""
    name, title, scenario = case
    chosen = [measure for measure in measures if measure.id in ANNOUNCED]
    assert len(chosen) == len(ANNOUNCED), "an announced measure is not in the catalogue"
    prepared = prepare(build, scenario, chosen, draws, SEED)
    costs = np.array([cost.central_kusd for cost in prepared.costs])
    trials = Trials(prepared.cone, frozenset(scenario.targets), costs, Risk(0.0))
    nothing, done = np.zeros(len(costs)), np.ones(len(costs))
    rows = trials.sampled
    payers: dict[str, float] = {}
    for measure, cost in zip(prepared.measures, costs, strict=True):
        for portion in measure.payers:
            payers[portion.market] = payers.get(portion.market, 0.0) + portion.share * cost
    alone = []
    for m, measure in enumerate(prepared.measures):
        one = nothing.copy()
        one[m] = 1.0
        gain = trials.at(nothing).loss_kusd[rows] - trials.at(one).loss_kusd[rows]
        path = prepared.effects[m].path[0]
        first = int(np.argmax(path > 0.0)) if path.any() else -1
        alone.append((measure, float(costs[m]), first, float(gain.mean()), np.quantile(gain, (0.05, 0.95))))
    return {
        "id": name,
        "title": title,
        "before": trials.at(nothing).loss_kusd[rows],
        "after": trials.at(done).loss_kusd[rows],
        "cost": float(costs.sum()),
        "low": sum(cost.low_kusd for cost in prepared.costs),
        "high": sum(cost.high_kusd for cost in prepared.costs),
        "payers": payers,
        "alone": alone,
        "idle": [measure.title for measure, _ in prepared.unusable],
    }


def plan_file(found: Response, day: date) -> str:
    """Return the plan as a scenario file that builds on the case that it answers."""
    scenario = json.loads(found.scenario.model_dump_json(exclude_defaults=True))
    retaliated = found.retaliation
    content = {
        "extends": "3-full-stop-japan.yaml",
        "id": "5-full-stop-japan-answered",
        "title": "Full stop to Japan, answered by allies",
        "description": (
            "The full stop to Japan with the plan that a search over examples/measures found for "
            f"{money(found.budget_kusd)}. Written by tools/build_response.py."
        ),
        "answers": MAIN,
        "plan": {
            "date": day,
            "budget_kusd": found.budget_kusd,
            "draws": found.draws,
            "seed": found.seed,
            "chosen": f"the {found.chosen} plan",
            "nothing_kusd": round(found.do_nothing.mean_kusd),
            "delivered_kusd": round(found.delivered.mean_kusd),
            "promised_nothing_kusd": _rounded(found.promised_nothing),
            "promised_kusd": _rounded(found.promised),
            "retaliated_nothing_kusd": _rounded(retaliated.get("do nothing")),
            "retaliated_kusd": _rounded(retaliated.get("plan")),
        },
        "measures": [_dated(item) for item in scenario["measures"]],
    }
    yaml = YAML()
    yaml.width, yaml.default_flow_style = 110, False
    stream = io.StringIO()
    yaml.dump(_floats(content), stream)
    return stream.getvalue()


def _rounded(loss: Loss | None) -> int | None:
    return None if loss is None else round(loss.mean_kusd)


def _floats(value: Any) -> Any:
    """Return a value without what is not there."""
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items() if item is not None}
    return [_floats(item) for item in value] if isinstance(value, list) else value


def _dated(value: Any, key: str = "") -> Any:
    """Return a value of JSON with its dates as dates."""
    if isinstance(value, dict):
        return {name: _dated(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_dated(item) for item in value]
    return date.fromisoformat(value) if key in ("start", "end", "date") and value else value


def regret_rows(
    build: NetworkBuild,
    cases: Sequence[tuple[str, str, Scenario]],
    found: Mapping[str, Response],
    measures: Sequence[Measure],
    draws: int,
) -> list[tuple[str, list[tuple[str, float, float, float]]]]:
    """Return, for each plan, (case, loss without, loss with it, regret against the best plan there)."""
    table: dict[str, dict[str, float]] = {}
    nothing: dict[str, float] = {}
    for name, _, scenario in cases:
        prepared = prepare(build, scenario, measures, draws, SEED)
        costs = np.array([cost.central_kusd for cost in prepared.costs])
        trials = Trials(prepared.cone, frozenset(scenario.targets), costs, Risk(0.0))
        nothing[name] = float(trials.at(np.zeros(len(costs))).loss_kusd[trials.sampled].mean())
        plans = {
            name: {item.measure: item.level for item in response.plan} for name, response in found.items()
        }
        plans["announced on 16 January"] = dict.fromkeys(ANNOUNCED, 1.0)
        for plan, level in plans.items():
            levels = np.array([level.get(measure.id, 0.0) for measure in prepared.measures])
            loss = float(trials.at(levels).loss_kusd[trials.sampled].mean())
            table.setdefault(plan, {})[name] = loss
    best = {name: min(table[plan][name] for plan in table) for name in nothing}
    return [
        (plan, [(name, nothing[name], losses[name], losses[name] - best[name]) for name in nothing])
        for plan, losses in table.items()
    ]


def plots(
    build: NetworkBuild,
    cases: Sequence[tuple[str, str, Scenario]],
    found: Response,
    announced: Sequence[Mapping[str, Any]],
    measures: Sequence[Measure],
    draws: int,
) -> None:
    """Write the plots: announced measures by case, the frontier, makers without and with measures."""
    bars = []
    for row in announced:
        for name, key in ((f"{row['title']}: nothing", "before"), (f"{row['title']}: announced", "after")):
            low, median, high = np.quantile(row[key], (0.05, 0.5, 0.95)) / 1e6
            bars.append(
                Bar(name, float(row[key].mean() / 1e6), float(low), float(high), median=float(median))
            )
    told = "USD bn over two years; bar: mean, band: 5 to 95 % of the draws"
    spec = BarSpec("Value lost without and with the measures announced", told, tuple(bars), "USD bn")
    write_file(IMAGES / "response-announced.svg", (render(spec) + "\n").encode())
    points = [
        Bar(
            "No measures",
            found.do_nothing.mean_kusd / 1e6,
            found.do_nothing.low_kusd / 1e6,
            found.do_nothing.high_kusd / 1e6,
        )
    ]
    points += [
        Bar(
            f"{money(p.budget_kusd)}",
            p.delivered_kusd / 1e6,
            p.delivered_low_kusd / 1e6,
            p.delivered_high_kusd / 1e6,
        )
        for p in found.frontier
    ]
    spec = BarSpec("What a budget buys: full stop to Japan", told, tuple(points), "USD bn")
    write_file(IMAGES / "response-frontier.svg", (render(spec) + "\n").encode())
    scenario = next(item[2] for item in cases if item[0] == MAIN)
    prepared = prepare(build, scenario, measures, draws, SEED)
    costs = np.array([cost.central_kusd for cost in prepared.costs])
    trials = Trials(prepared.cone, frozenset(scenario.targets), costs, Risk(0.0))
    level = {item.measure: item.level for item in found.plan}
    plans = {
        "Without measures": np.zeros(len(costs)),
        "Announced on 16 January": np.array([float(m.id in ANNOUNCED) for m in prepared.measures]),
        "With the plan": np.array([level.get(m.id, 0.0) for m in prepared.measures]),
    }
    for market, product in SHOWN:
        chart = course(prepared.cone.network, trials, plans, market, product, scenario)
        name = f"response-{market.replace('/', '-').lower()}-{product.replace('_', '-')}"
        write_file(IMAGES / f"{name}.svg", (render(chart) + "\n").encode())


def course(
    network: Any, trials: Trials, plans: Mapping[str, Any], market: str, product: str, scenario: Scenario
) -> TimelineSpec:
    """Return the output of makers under several plans, week by week, with the band of the draws."""
    made = (
        (network.supplier_market == network.market_index(market))
        & (network.supplier_product == network.product_index(product))
        & (network.supplier_kind < 3)
    )
    suppliers = np.flatnonzero(made)
    base = float(network.supplier_base[suppliers].sum())
    lines, dates = [], ()
    for name, levels in plans.items():
        outcome = trials.outcome(levels, Watch(np.zeros(0, dtype=np.intp), suppliers))
        share = 100.0 * outcome.values("supplier_output").sum(axis=2) / base
        low, median, high = np.quantile(share[trials.sampled], (0.05, 0.5, 0.95), axis=0)
        lines.append(Line(name, _path(share[0]), _path(low), _path(high), median=_path(median)))
        dates = tuple(str(day)[:10] for day in outcome.data["date"].to_numpy())
    item = network.products[network.product_index(product)]
    place = network.markets[network.market_index(market)].name
    told = "Output, % of the undisturbed level; line: central case, band: 5 to 95 % of the draws"
    return TimelineSpec(f"{item.name}, {place}: {scenario.title}", told, dates, tuple(lines), "%", 100.0)


def _path(values: Any) -> tuple[float, ...]:
    return tuple(float(x) for x in np.round(values, 2))


def written(
    options: argparse.Namespace,
    announced: Sequence[Mapping[str, Any]],
    found: Mapping[str, Response],
    regret: Sequence[tuple[str, list[tuple[str, float, float, float]]]],
    together: Alliance,
) -> str:
    """Return docs/response-study.md: the text of `response_page.md` with what the runs gave in its places."""
    parts = {
        "day": options.date.isoformat(),
        "draws": str(options.draws),
        "sentence": sentence(announced, found[MAIN]),
        "announced": announced_table(announced),
        "announced_measures": announced_measures(announced),
        "plan": plan_table(found[MAIN]),
        "searches": searches_table(found),
        "frontier": frontier_table(found[MAIN]),
        "regret": regret_table(regret),
        "retaliation": retaliation_table(found),
        "alliance": alliance_table(together),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, part in parts.items():
        mark = f"<!-- put: {name} -->"
        if mark not in text:
            raise SystemExit(f"{TEMPLATE.name}: {mark} is missing")
        text = text.replace(mark, part.strip())
    return text


def _band(values: Any) -> str:
    low, high = np.quantile(values, (0.05, 0.95))
    return f"{money(float(np.mean(values)))} ({money(float(low))} to {money(float(high))})"


def sentence(announced: Sequence[Mapping[str, Any]], plan: Response) -> str:
    """Return the answer in three sentences."""
    row = next(item for item in announced if item["id"] == MAIN)
    saved = 1.0 - row["after"].mean() / row["before"].mean()
    part = percent(saved) if saved > 0.0 else "nothing"
    better = 1.0 - plan.delivered.mean_kusd / plan.do_nothing.mean_kusd
    lost, left = money(plan.do_nothing.mean_kusd), money(plan.delivered.mean_kusd)
    before = _band(row["before"])
    wider, answered = (money(plan.retaliation[name].mean_kusd) for name in ("do nothing", "plan"))
    return (
        f"In full, what was announced costs {money(row['cost'])} and avoids {part} of what a full stop to "
        f"Japan destroys in two years: {before}. The best mix found in the catalogue for "
        f"{money(plan.budget_kusd)} avoids {percent(better)}: {left} is lost, not {lost}. If China widens "
        f"the block to all who take part, {answered} is lost with it and {wider} without it."
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def announced_table(announced: Sequence[Mapping[str, Any]]) -> str:
    """Return the announced measures by case."""
    rows = []
    for row in announced:
        gain = row["before"] - row["after"]
        payers = ", ".join(
            f"{name} {money(value)}" for name, value in sorted(row["payers"].items(), key=lambda x: -x[1])
        )
        rows.append([row["title"], _band(row["before"]), _band(row["after"]), _band(gain), payers])
    return _table(("Case", "Lost without", "Lost with", "Avoided", "Paid by"), rows)


def announced_measures(announced: Sequence[Mapping[str, Any]]) -> str:
    """Return what each announced measure does alone, in the two stops."""
    stops = [row for row in announced if row["id"][0] in "34"]
    rows = []
    for measure, cost, first, _, _ in stops[0]["alone"]:
        cells = [measure.title, f"week {first + 1}" if first >= 0 else "never", money(cost)]
        for row in stops:
            item = next((entry for entry in row["alone"] if entry[0].id == measure.id), None)
            cells.append(
                "-"
                if item is None
                else f"{money(item[3])} ({money(float(item[4][0]))} to {money(float(item[4][1]))})"
            )
        cells.append(", ".join(f"{p.market} {percent(p.share)}" for p in measure.payers))
        rows.append(cells)
    heads = ("Measure", "Works from", "Cost", *(row["title"] for row in stops), "Paid by")
    idle = sorted({title for row in stops for title in row["idle"]})
    note = f"\n\nOutside the two years: {', '.join(idle)}." if idle else ""
    return _table(heads, rows) + note


def plan_table(found: Response) -> str:
    """Return the plan for the full stop to Japan."""
    rows = [
        [
            item.title,
            percent(item.level),
            f"{money(item.cost_kusd)} ({money(item.cost_low_kusd)} to {money(item.cost_high_kusd)})",
            item.works_from,
            ", ".join(item.payer),
            money(item.marginal_kusd),
            money(item.alone_kusd),
        ]
        for item in found.plan
    ]
    heads = ("Measure", "Level", "Cost", "Works from", "Paid by", "Would be lost without it", "Avoids alone")
    return _table(heads, rows)


def searches_table(found: Mapping[str, Response]) -> str:
    """Return promise and delivery of every search."""
    rows = []
    for name, item in found.items():
        promised = "-"
        if item.promised is not None and item.promised_nothing is not None:
            promised = f"{money(item.promised_nothing.mean_kusd)} to {money(item.promised.mean_kusd)}"
        rows.append(
            [
                name,
                money(item.cost_kusd),
                promised,
                f"{money(item.do_nothing.mean_kusd)} to {money(item.delivered.mean_kusd)}",
                f"{money(item.delivered.low_kusd)} to {money(item.delivered.high_kusd)}",
                "; ".join(
                    f"{key} {money(loss.mean_kusd)}"
                    for key, loss in item.benchmarks.items()
                    if key != "do nothing"
                ),
                item.chosen,
                "-" if item.gap is None else percent(item.gap, 2),
                "-" if item.bound_kusd is None else money(item.bound_kusd),
            ]
        )
    heads = (
        "Case",
        "Spent",
        "Planner promises",
        "Simulated",
        "5 to 95 %",
        "Compared",
        "Taken",
        "Gap",
        "Bound",
    )
    return _table(heads, rows)


def frontier_table(found: Response) -> str:
    """Return what a budget buys."""
    rows = [
        [
            money(p.budget_kusd),
            money(p.cost_kusd),
            f"{money(p.delivered_kusd)} ({money(p.delivered_low_kusd)} to {money(p.delivered_high_kusd)})",
            "-" if p.promised_kusd is None else money(p.promised_kusd),
            "-" if p.per_dollar is None else f"{p.per_dollar:.3g}",
            ", ".join(p.enters) or "-",
        ]
        for p in found.frontier
    ]
    return _table(("Budget", "Spent", "Lost", "Planner", "Avoided by a dollar more", "What enters"), rows)


def regret_table(regret: Sequence[tuple[str, list[tuple[str, float, float, float]]]]) -> str:
    """Return each plan in each case: loss with it, and regret against the best of the plans."""
    cases = [name for name, *_ in regret[0][1]]
    rows = [["nothing", *(money(item[1]) for item in regret[0][1])]]
    rows += [[plan, *(f"{money(item[2])} (regret {money(item[3])})" for item in row)] for plan, row in regret]
    return _table(("Plan made for", *cases), rows)


def retaliation_table(found: Mapping[str, Response]) -> str:
    """Return the losses when the block widens."""
    rows = [
        [
            name,
            money(item.retaliation["do nothing"].mean_kusd),
            money(item.retaliation["plan"].mean_kusd),
            item.retaliation_note,
        ]
        for name, item in found.items()
        if item.retaliation
    ]
    return _table(("Case", "Lost without the plan", "Lost with it", "How it widens"), rows)


def alliance_table(found: Alliance) -> str:
    """Return the members of the alliance."""
    rows = [
        [
            m.country,
            money(m.shapley_kusd),
            money(m.benefit_kusd),
            money(m.burden_kusd),
            money(m.alone_kusd),
            str(m.measures),
        ]
        for m in found.members
    ]
    heads = ("Member", "Brings (Shapley)", "Gains at home", "Pays", "Avoids alone", "Measures")
    who = (
        "No group would avoid more by itself than its shares."
        if not found.leavers
        else (
            f"{len(found.leavers)} groups would avoid more by themselves than their shares: "
            + "; ".join(", ".join(group) for group, _ in found.leavers[:5])
        )
    )
    text = (
        f"Together they avoid {money(found.value_kusd)} of {money(found.loss_kusd)}; "
        f"{money(found.coordination_kusd)} of it only because they act together. {who}"
    )
    return f"{text}\n\n{_table(heads, rows)}"


if __name__ == "__main__":
    main()
