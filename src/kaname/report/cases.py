"""One simulated case as it is shown: sentence, rows, timelines, tornado, Sankeys, causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kaname.network.network import Network
from kaname.report import words
from kaname.report.caserun import CaseDigest, CaseRun
from kaname.report.causes import with_names, worst_causes
from kaname.report.chartspec import Line, Marker, SankeySpec, Swing, TimelineSpec, TornadoSpec, WeekFlows
from kaname.report.ensemble import SHORT_BELOW, Paths
from kaname.report.metrics import Draws, Floats, band, bands, basis_shares, day_of, shortfall_rows
from kaname.report.model import AssumptionRow, CaseView, ShortfallRow
from kaname.report.naming import localised
from kaname.report.onset import makers_of
from kaname.report.reading import by_onset, citation
from kaname.report.tables import case_tables
from kaname.report.trace import sankey
from kaname.report.weekflows import week_flows
from kaname.scenario.scenario import Scenario
from kaname.terms.language import japanese, say, text_of
from kaname.terms.numerals import NONE

MAKER_STAGES = ("magnet", "component", "industry", "equipment")
LINES_PER_CHART = 5
SMALLEST_CHANGE = 0.005  # below it a before/after chart would show the same twice


def digest(network: Network, run: CaseRun) -> CaseDigest:
    """Return everything a report needs of a case."""
    makers = makers_of(run.ensemble.makers, run.draws)
    return CaseDigest(
        run.id,
        words.case_title(run.title),
        run.scenario,
        run.draws,
        view(network, run),
        makers,
        case_tables(network, run),
        run.measures,
    )


def retold(found: CaseDigest, run: CaseRun) -> CaseDigest:
    """Return a digest as it is told in the language that is spoken; its tables stay as they are."""
    return replace(found, title=words.case_title(run.title), view=view(localised(run.network), run))


def view(network: Network, run: CaseRun) -> CaseView:
    """Return everything that is shown of a case."""
    scenario, draws = run.scenario, run.draws
    rows = shortfall_rows(network, run.ensemble, scenario.start, draws)
    value = run.ensemble.value_kusd
    span = band(value, draws).holding(float(value[0]))
    swings = _swings(value, draws)
    tornado = _tornado(run, float(value[0]), swings) if swings and value.max() > 0.0 else None
    before, after, weeks = sankeys(network, run, rows)
    return CaseView(
        id=run.id,
        title=words.case_title(run.title),
        sentence=_sentence(network, run, rows, value, draws),
        description=text_of(scenario.description),
        rows=rows,
        timelines=tuple(_timelines(network, run, rows, draws)),
        value_kusd=float(value[0]),
        value_low_kusd=span.low,
        value_median_kusd=span.median,
        value_high_kusd=span.high,
        basis_shares=basis_shares(network, scenario.targets),
        depends_on=tuple(words.assumption(name) for name, _, _ in swings[:3]),
        tornado=tornado,
        sankey_before=before,
        sankey_after=after,
        sankey_weeks=weeks,
        why=tuple(worst_causes(network, run, rows)),
        evidence=tuple(evidence_rows(network, scenario)),
    )


def _swings(value: Floats, draws: Draws) -> list[tuple[str, float, float]]:
    """Return (assumption, value at its low, value at its high), the widest swing first, none without
    effect.
    """
    found = [(name, float(value[low]), float(value[high])) for name, low, high in draws.ends()]
    floor = 1e-4 * max(float(value.max()), 1e-12)
    moving = [item for item in found if max(abs(x - value[0]) for x in item[1:]) > floor]
    return sorted(moving, key=lambda item: -(max(*item[1:], value[0]) - min(*item[1:], value[0])))


def _tornado(run: CaseRun, central: float, swings: Sequence[tuple[str, float, float]]) -> TornadoSpec:
    ranges = run.scenario.ranges()
    knobs = {"cover", "reserve", "dependence", "headroom", "enforcement", "price_demand", "price_supply"}
    bars = [
        Swing(
            words.assumption(name),
            say("low") if name in knobs else f"{ranges[name].low:g}",
            say("high") if name in knobs else f"{ranges[name].high:g}",
            low / 1e6,
            high / 1e6,
        )
        for name, low, high in swings[:8]
    ]
    return TornadoSpec(
        say("What moves the lost value most"),
        say("Each assumption alone at the low and the high end of its range"),
        central / 1e6,
        tuple(bars),
        "USD bn",
    )


def _sentence(
    network: Network, run: CaseRun, rows: Sequence[ShortfallRow], value: Floats, draws: Draws
) -> str:
    """Say in one sentence what is lost, what breaks first, and what hurts most."""
    scenario = run.scenario
    short = [row for row in rows if row.days_to_shortfall is not None]
    if not short:
        level = words.share(SHORT_BELOW)
        if rows:
            return say(
                "No use in the targeted markets falls below {level} of normal in the central case; in part "
                "of the ensemble it does.",
                level=level,
            )
        return say(
            "No use in the targeted markets falls below {level} of normal in the central case, nor in the "
            "ensemble.",
            level=level,
        )
    first = by_onset(short)[0]
    made = [row for row in short if row.stage in MAKER_STAGES]
    worst = max(made or short, key=lambda row: row.lost_output_share)
    span = band(value, draws).holding(float(value[0]))
    lost = say(
        "{value} of final output ({low} to {high}, median {median}) is lost in the targeted markets over "
        "{weeks} weeks.",
        value=words.money(float(value[0])),
        low=words.money(span.low),
        high=words.money(span.high),
        median=words.money(span.median),
        weeks=scenario.weeks,
    )
    facts = {
        "first": first.product_name,
        "first_place": words.place(first.market_name),
        "when": _when(first, scenario),
        "worst": words.inline(worst.product_name),
        "worst_place": words.place(worst.market_name),
        "share": words.share(worst.worst_share),
    }
    told = (
        say(
            "{first} in {first_place} runs short first, in {when}; of what is made, {worst} in {worst_place} "
            "loses most: down to {share} of normal in its lowest week.",
            **facts,
        )
        if made
        else say(
            "{first} in {first_place} runs short first, in {when}; {worst} in {worst_place} loses most: down "
            "to {share} of normal in its lowest week.",
            **facts,
        )
    )
    return f"{lost}{told}" if japanese() else f"{lost} {told}"


def _when(row: ShortfallRow, scenario: Scenario) -> str:
    if row.first_shortfall_date is None:
        return NONE
    central = words.week(scenario.start, row.first_shortfall_date)
    if row.first_shortfall_early and row.first_shortfall_late:
        early = words.week(scenario.start, row.first_shortfall_early)
        late = words.week(scenario.start, row.first_shortfall_late)
        if early != late:
            return say("week {week} ({early} to {late})", week=central, early=early, late=late)
    return say("week {week}", week=central)


def _timelines(
    network: Network, run: CaseRun, rows: Sequence[ShortfallRow], draws: Draws
) -> list[TimelineSpec]:
    """Draw the materials in use, and what the makers put out, by country of the targets."""
    shown = []
    base = {(row.market, row.product): row for row in rows}
    use, makers = run.ensemble.use, run.ensemble.makers
    for country in sorted({target.split("/")[0] for target in run.scenario.targets}):
        name = next((m.name for m in network.markets if m.id == country), country)
        materials = [r for r in base.values() if r.market == country and r.stage not in MAKER_STAGES]
        lines = []
        for row in materials[:LINES_PER_CHART]:
            path = use.find(row.market, row.product)
            if path is not None:
                lines.append(_line(row.product_name, path, draws))
        if lines:
            shown.append(_timeline(run, say("Materials in use, {place}", place=name), lines))
        lines = maker_lines(network, makers, country, draws, run.scenario.focus)
        if lines:
            shown.append(_timeline(run, makers_title(name), lines))
    return shown


def makers_title(place: str) -> str:
    """Return the title of the chart of a country's makers."""
    return say("Output of makers, {place}", place=place)


def maker_lines(
    network: Network, makers: Paths, country: str, draws: Draws, focus: Sequence[str] = ()
) -> list[Line]:
    """Return the makers of a country and its segments that fall short: those in focus, then the worst."""
    stage = {product.id: product for product in network.products}
    found = []
    for i, (market, product) in enumerate(zip(makers.market, makers.product, strict=True)):
        path = makers.share[:, :, i]
        if market.split("/")[0] == country and stage[product].stage in MAKER_STAGES:
            drop = float(1.0 - path[0].mean())
            if (path < SHORT_BELOW).any():
                found.append((product not in focus, -drop, _line(stage[product].name, path, draws)))
    found.sort(key=lambda item: item[:2])
    return [line for *_, line in found[:LINES_PER_CHART]]


def _line(name: str, path: Floats, draws: Draws) -> Line:
    low, median, high = (_percent(values) for values in bands(path, draws))
    return Line(name, _percent(path[0]), low, high, median=median)


def _percent(values: Floats) -> tuple[float, ...]:
    return tuple(float(x) for x in np.round(100.0 * values, 3))


def _timeline(run: CaseRun, title: str, lines: Sequence[Line]) -> TimelineSpec:
    scenario = run.scenario
    days = [day_of(scenario.start, i, scenario.period_days).isoformat() for i in range(scenario.periods)]
    starts = sorted(
        {(item.start.isoformat(), say("restriction")) for item in scenario.restrictions}
        | {(item.start.isoformat(), say("closure")) for item in scenario.closures}
    )
    markers = tuple(Marker(start, word) for start, word in starts if days[0] < start <= days[-1])
    return TimelineSpec(
        title,
        say("Share of the undisturbed level, %; line: central case, band: 5 to 95 % of the ensemble"),
        tuple(days),
        tuple(lines),
        "%",
        100.0,
        markers,
    )


def sankeys(
    network: Network, run: CaseRun, rows: Sequence[ShortfallRow]
) -> tuple[SankeySpec | None, SankeySpec | None, WeekFlows | None]:
    """Return the chain behind a material of the first target, before, after and week by week: the one in
    focus, else magnets where they run short, else the material that does first.
    """
    country = run.scenario.targets[0].split("/")[0]
    goods = {product.id for product in network.products if product.unit == "t"}
    wanted = [name for name in run.scenario.focus if name in goods]
    here = [row for row in rows if row.market == country]
    wanted += [row.product for row in here if row.product == "magnets"]
    wanted += [row.product for row in here if row.stage not in MAKER_STAGES]
    n = network.consumer_index(country, wanted[0]) if wanted else -1
    if n < 0:
        return None, None, None
    window = slice(run.scenario.periods // 4, run.scenario.periods // 2)
    arrived = run.central.values("lane_arrived")[0, window].mean(axis=0)
    into = network.lane_consumer == n
    level = float(arrived[into].sum() / network.consumer_inflow[n])
    changed = float(np.abs(arrived - network.lane_flow)[into].sum() / network.consumer_inflow[n])
    if changed < SMALLEST_CHANGE:
        return None, None, None
    name = network.products[network.consumer_product[n]].name
    place = network.markets[network.consumer_market[n]].name
    base_uses = _uses(network, n, network.supplier_base)
    output = run.central.values("supplier_output")[0]
    used = _used(run, n)
    served = run.ensemble.use.find(country, network.products[network.consumer_product[n]].id)
    weeks = say("Mean of weeks {first} to {last}, central case", first=window.start + 1, last=window.stop)
    if served is not None:
        found = band(served[:, window].mean(axis=1), run.draws)
        weeks += say(
            ". Use served in 5 to 95 % of draws: {low} to {high}, median {median}",
            low=words.share(found.low),
            high=words.share(found.high),
            median=words.share(found.median),
        )
    before = sankey(
        network,
        n,
        network.lane_flow,
        1.0,
        base_uses,
        say("{product} for {place}, undisturbed", product=name, place=place),
        say("Base state"),
    )
    after = sankey(
        network,
        n,
        arrived,
        level,
        _uses(network, n, output[window].mean(axis=0), float(used[window].mean())),
        say("{product} for {place}, {case}", product=name, place=place, case=words.case_title(run.title)),
        weeks,
    )
    by_week = week_flows(
        network,
        n,
        run.central.values("lane_arrived")[0],
        base_uses,
        [_uses(network, n, made, float(took)) for made, took in zip(output, used, strict=True)],
        say("{product} for {place}, {case}", product=name, place=place, case=words.case_title(run.title)),
        [day_of(run.scenario.start, i, network.period_days).isoformat() for i in range(len(output))],
    )
    return before, after, by_week


def _used(run: CaseRun, n: int) -> Floats:
    """Return (P,) what a consumer uses in the central draw, t a period."""
    at = run.central.watch.consumers.tolist().index(n)
    found: Floats = run.central.values("consumer_used")[0, :, at]
    return found


def _uses(network: Network, n: int, output: Floats, used: float | None = None) -> dict[str, float]:
    """Return what each user draws from a consumer, as shares of its base use; `used` is what it uses in all,
    without which its final users get all they want.
    """
    base = float(network.consumer_inflow[n])
    found: dict[str, float] = {}
    for line in np.flatnonzero(network.recipe_consumer == n):
        supplier = int(network.recipe_supplier[line])
        amount = float(network.recipe_input_per_output[line] * output[supplier])
        product = network.products[network.supplier_product[supplier]]
        name = say("Passed on") if product.unit != "index" else product.name
        found[name] = found.get(name, 0.0) + amount / base
    if network.consumer_final[n] > 0.0:
        rest = base if used is None else max(0.0, used / base - sum(found.values())) * base
        found[say("Other uses")] = min(float(network.consumer_final[n]), rest) / base
    return found


def evidence_rows(network: Network, scenario: Scenario) -> list[AssumptionRow]:
    """Return the evidence of every restriction of a scenario."""
    rows = []
    for item in scenario.restrictions:
        for proof in item.evidence:
            label = with_names(network, item.label) if japanese() else item.label
            rows.append(AssumptionRow(label, "", "", proof.grade, citation(proof), proof.event))
    return rows
