"""Cases that answer another one: the same world with measures, shown beside it (rule O5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from kaname.network.network import Network
from kaname.report.address import VALUE, of
from kaname.report.caserun import CaseDigest
from kaname.report.cases import makers_title
from kaname.report.chartspec import Bar, BarSpec, Line, TimelineSpec
from kaname.report.model import BudgetRow, CaseView, MeasureRow, PayerRow, ResponseView, RestoredRow
from kaname.report.reading import citation, who
from kaname.report.search import Record, is_of, search_view
from kaname.report.words import joined
from kaname.scenario.draws import DrawTable
from kaname.scenario.effects import cost_of, effects_of
from kaname.scenario.plants import Placed
from kaname.scenario.resolve import Resolver
from kaname.scenario.scenario import PlanRecord, Scenario
from kaname.terms.language import say, text_of
from kaname.terms.numerals import day, money, percent

MOST_CHARTS = 4
LINES = 3  # makers in a chart


def measure_rows(placed: Placed, scenario: Scenario, table: DrawTable) -> tuple[MeasureRow, ...]:
    """Return the measures of a scenario with what they cost at their levels, and from when they work."""
    network = placed.build.network
    effects = effects_of(placed, scenario, table.take([0]), scenario.measures, Resolver(network))
    rows = []
    for effect in effects:
        measure, cost = effect.measure, cost_of(network, scenario, effect)
        works = np.flatnonzero(effect.path[0] > 0.0)
        first = None
        if len(works):
            days = round(float(works[0]) * scenario.period_days)
            first = (scenario.start + dt.timedelta(days=days)).isoformat()
        proofs = tuple(citation(item) for item in measure.evidence)
        rows.append(
            MeasureRow(
                measure.id,
                measure.title,
                measure.kind,
                measure.level,
                measure.level * cost.low_kusd,
                measure.level * cost.central_kusd,
                measure.level * cost.high_kusd,
                tuple((item.market, item.share) for item in measure.payers),
                first,
                "assumed" if measure.assumed else "cited",
                proofs,
            )
        )
    return tuple(rows)


def response_views(
    network: Network,
    digests: Sequence[CaseDigest],
    budgets: Sequence[BudgetRow],
    searches: Sequence[Record] = (),
) -> tuple[ResponseView, ...]:
    """Return a view for every case that answers another one of the study; `searches` are the searches that
    plans came from.
    """
    by_id = {case.id: case for case in digests}
    return tuple(
        _view(network, by_id[case.scenario.answers], case, budgets, searches)
        for case in digests
        if case.scenario.answers in by_id
    )


def _view(
    network: Network,
    before: CaseDigest,
    after: CaseDigest,
    budgets: Sequence[BudgetRow],
    searches: Sequence[Record],
) -> ResponseView:
    """Return one answered case beside the case that it answers."""
    named = (replace(row, title=text_of(row.title)) for row in after.measures)
    measures = tuple(sorted(named, key=lambda row: (row.works_from or "9999", row.title)))
    names = {market.id: market.name for market in network.markets}
    bars = (
        _bar(say("Without measures"), before.view, of(before.id, VALUE)),
        _bar(say("With the plan"), after.view, of(after.id, "plan", "left")),
    )
    record = next((one for one in searches if is_of(one, after.scenario)), None)
    told = say("USD bn; bar: central case, band: 5 to 95 % of the draws")
    return ResponseView(
        id=after.id,
        title=after.title,
        answers=before.title,
        sentence=_sentence(before.view, after.view, measures),
        promise=_promise(after.scenario.plan),
        measures=measures,
        payers=_payers(measures, budgets, names),
        restored=tuple(_restored(before, after)),
        bars=BarSpec(say("Value of final use lost"), told, bars, "USD bn"),
        timelines=tuple(_timelines(before, after, names)),
        search=None if record is None else search_view(record, names, after.id),
    )


def _bar(name: str, view: CaseView, at: str) -> Bar:
    low, median, high = (
        kusd / 1e6 for kusd in (view.value_low_kusd, view.value_median_kusd, view.value_high_kusd)
    )
    return Bar(name, view.value_kusd / 1e6, low, high, median=median, of=at)


def _span(view: CaseView) -> str:
    low, high = money(view.value_low_kusd), money(view.value_high_kusd)
    return say("{value} ({low} to {high})", value=money(view.value_kusd), low=low, high=high)


def _sentence(before: CaseView, after: CaseView, measures: Sequence[MeasureRow]) -> str:
    """Say what the plan costs and what it saves, with the bands."""
    low, cost, high = (
        money(sum(getattr(row, name) for row in measures))
        for name in ("cost_low_kusd", "cost_kusd", "cost_high_kusd")
    )
    saved = (before.value_kusd - after.value_kusd) / before.value_kusd if before.value_kusd > 0.0 else 0.0
    share = percent(saved) if saved > 0.0 else say("nothing")
    facts = {"cost": cost, "low": low, "high": high, "share": share}
    if len(measures) == 1:
        return say(
            "1 measure for {cost} ({low} to {high}) brings the final output lost from {before} to {after}: "
            "{share} of the loss is avoided in the central case.",
            before=_span(before),
            after=_span(after),
            **facts,
        )
    return say(
        "{count} measures for {cost} ({low} to {high}) bring the final output lost from {before} to {after}: "
        "{share} of the loss is avoided in the central case.",
        count=len(measures),
        before=_span(before),
        after=_span(after),
        **facts,
    )


def _promise(plan: PlanRecord | None) -> str:
    """Say what the planner promised and what the simulator delivered, where the plan came from a search."""
    if plan is None:
        return ""
    parts = [
        say(
            "The plan was searched for on {day} with {budget} to spend, over {draws} draws; of all that was "
            "tried, {chosen} did best.",
            day=day(plan.date.isoformat()),
            budget=money(plan.budget_kusd),
            draws=plan.draws,
            chosen=say(plan.chosen),
        )
    ]
    delivered, nothing = money(plan.delivered_kusd), money(plan.nothing_kusd)
    if plan.promised_kusd is not None and plan.promised_nothing_kusd is not None:
        promised, without = money(plan.promised_kusd), money(plan.promised_nothing_kusd)
        parts.append(
            say(
                "The planner promised a mean loss of {promised} instead of {without}; simulated, it is "
                "{delivered} instead of {nothing}.",
                promised=promised,
                without=without,
                delivered=delivered,
                nothing=nothing,
            )
        )
    if plan.retaliated_kusd is not None and plan.retaliated_nothing_kusd is not None:
        left, all_of_it = money(plan.retaliated_kusd), money(plan.retaliated_nothing_kusd)
        parts.append(
            say(
                "If the block widens to all who take part, {left} is lost with the plan and {whole} without.",
                left=left,
                whole=all_of_it,
            )
        )
    return joined(parts)


def _payers(
    measures: Sequence[MeasureRow], budgets: Sequence[BudgetRow], names: Mapping[str, str]
) -> tuple[PayerRow, ...]:
    """Return what each country pays, the largest first, beside its defence budget."""
    total: dict[str, float] = {}
    for row in measures:
        for country, share in row.payers:
            total[country] = total.get(country, 0.0) + share * row.cost_kusd
    budget = {row.country: row for row in budgets}
    return tuple(
        PayerRow(names.get(country, country), amount, budget.get(country))
        for country, amount in sorted(total.items(), key=lambda item: -item[1])
    )


def _restored(before: CaseDigest, after: CaseDigest) -> list[RestoredRow]:
    """Return the users that run short without the plan, with and without it; the largest loss first."""
    left = {(row.market, row.product): row for row in after.view.rows}
    rows = [row for row in before.view.rows if row.stage in ("industry", "equipment", "magnet", "component")]
    rows.sort(key=lambda row: (-(row.value_kusd or 0.0), -row.lost_output_share))
    found = []
    for row in rows:
        now = left.get((row.market, row.product))
        found.append(
            RestoredRow(
                who(row),
                row.first_shortfall_date,
                now.first_shortfall_date if now else None,
                row.lost_output_share,
                now.lost_output_share if now else 0.0,
                row.value_kusd,
                (now.value_kusd if now else 0.0) if row.value_kusd is not None else None,
            )
        )
    return found


def _timelines(before: CaseDigest, after: CaseDigest, names: Mapping[str, str]) -> list[TimelineSpec]:
    """Return the disrupted course of makers beside the mitigated one, a chart for each; the worst first."""
    places = {makers_title(name): name for name in names.values()}
    mitigated = {(spec.title, line.name): line for spec in after.view.timelines for line in spec.lines}
    found = []
    for spec in before.view.timelines:
        place = places.get(spec.title)
        if place is None:
            continue
        for line in spec.lines[:LINES]:
            flat = tuple(100.0 for _ in line.central)
            now = mitigated.get((spec.title, line.name), Line("", flat, flat, flat))
            pair = (replace(line, name=say("Without measures")), replace(now, name=say("With the plan")))
            chart = replace(
                spec, title=say("{product}, {market}", product=line.name, market=place), lines=pair
            )
            found.append((float(np.mean(line.central)), chart))
    found.sort(key=lambda item: item[0])
    return [chart for _, chart in found[:MOST_CHARTS]]
