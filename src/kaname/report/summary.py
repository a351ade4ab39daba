"""All cases together: the headline, the direct answers, the comparison, and what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kaname.events.situation import Situation
from kaname.network.build import BuildReport
from kaname.network.network import Network
from kaname.report import words
from kaname.report.address import VALUE, of
from kaname.report.answered import response_views
from kaname.report.caserun import CaseDigest
from kaname.report.cases import MAKER_STAGES
from kaname.report.chartspec import Bar, BarSpec
from kaname.report.dataview import DataView
from kaname.report.importers import exposure_map
from kaname.report.makers import heat_table, maker_name, maker_parts
from kaname.report.model import AssumptionRow, BudgetRow, CaseView, RecordRow, ReportModel, SourceRow
from kaname.report.onset import Onset
from kaname.report.provenance import assumption_rows, data_flags
from kaname.report.search import Record
from kaname.report.situation import situation_view
from kaname.scenario.resolve import Resolver
from kaname.scenario.scenario import Scenario
from kaname.terms.language import later, said, say, text_of

HEADLINE_PARTS = 2
ALSO_SHORT = 8
SURE = 0.05  # a finding that fewer than this share of draws contradicts is stated without "depends on"
LIMITS = later(
    "Prices are off: nothing here answers a price, so panic and high-cost supply are missing on both sides.",
    "Using industries trade only at home in this version: no motors or vehicles cross a border.",
    "Sm, Gd, Y and the other medium and heavy rare earths beside Dy and Tb are counted with Ce/La.",
    "Stages without trade data (magnets, gallium, germanium, APT, anode graphite, antimony metal) rest on "
    "supply shares and estimated lanes.",
    "Values of industries are value added of 2011 (WIOD); they rank cases, they do not forecast GDP.",
    "Equipment lines are an index with assumed shares of national use; no design data is used or implied.",
)


@dataclass(frozen=True)
class Backing:
    """What stands behind a study: exposure rows, sources, manifest, and what the builder reported."""

    exposure: Sequence[Mapping[str, Any]]
    sources: Sequence[SourceRow]
    controls: Sequence[AssumptionRow]
    build: BuildReport
    manifest: Mapping[str, Any]
    record: Sequence[RecordRow] = ()
    budgets: Sequence[BudgetRow] = ()
    situation: Situation | None = None
    situation_note: str = ""
    searches: Sequence[Record] = ()
    lane_passages: Sequence[frozenset[str]] = ()  # the sea passages that each lane usually uses
    worldview: str = "neutral"
    data: DataView | None = None


def summarise(network: Network, runs: Sequence[CaseDigest], backing: Backing) -> ReportModel:
    """Return the whole report of a study; cases that answer another one are shown beside it, not compared."""
    responses = response_views(network, runs, backing.budgets, backing.searches)
    runs = [run for run in runs if run.id not in {view.id for view in responses}]
    views = [run.view for run in runs]
    watched, scenario = _watched(network, runs), runs[0].scenario
    return ReportModel(
        title=text_of(scenario.title) if len(runs) == 1 else _study_title(network, runs),
        headline=_headline(network, runs, watched),
        question=text_of(scenario.question),
        subtitle=_subtitle(network, scenario, backing),
        answers=tuple(_answers(network, runs, watched)),
        cases=tuple(views),
        case_bars=_case_bars(views) if len(views) > 1 else None,
        heat=heat_table(network, runs, watched),
        exposure_map=exposure_map(network, runs, backing.lane_passages, backing.worldview),
        exposure_rows=tuple(dict(row) for row in backing.exposure),
        controls=tuple(backing.controls),
        assumptions=tuple(assumption_rows(runs[-1].scenario)),
        sources=tuple(backing.sources),
        flags=data_flags(network, backing.build),
        limits=said(LIMITS),
        manifest=dict(backing.manifest),
        lede=(*_lede(network, runs, watched), *(_of_case(view.title, view.sentence) for view in responses)),
        restricted=_restricted(network, runs),
        responses=responses,
        record=tuple(backing.record),
        data=backing.data,
        situation=None
        if backing.situation is None
        else situation_view(
            {market.id: market.name for market in network.markets},
            views,
            backing.situation,
            backing.situation_note,
        ),
    )


def _of_case(title: str, text: str) -> str:
    """Return what is said of a case, behind its title."""
    return say("{case}: {text}", case=title, text=text)


def _restricted(network: Network, runs: Sequence[CaseDigest]) -> tuple[str, ...]:
    """Return the products that the restrictions of the cases name, in the network's order."""
    named = {name for run in runs for item in run.scenario.restrictions for name in item.products}
    hit = Resolver(network).products(sorted(named), "products")
    return tuple(product.id for product, chosen in zip(network.products, hit, strict=True) if chosen)


def _study_title(network: Network, runs: Sequence[CaseDigest]) -> str:
    exporters = sorted({item.exporter for run in runs for item in run.scenario.restrictions})
    names = {market.id: market.name for market in network.markets}
    who = words.listed([names.get(exporter, exporter) for exporter in exporters])
    if exporters:
        return say("{who}: export restrictions, {count} cases", who=who, count=len(runs))
    return say("{count} cases compared", count=len(runs))


def _watched(network: Network, runs: Sequence[CaseDigest]) -> list[tuple[str, str]]:
    """Return the makers worth an answer: products in focus first, then equipment lines, then by target, stage
    and worst loss.
    """
    stage = {product.id: product.stage for product in network.products}
    worst: dict[tuple[str, str], float] = {}
    for run in runs:
        for key, maker in run.makers.items():
            if stage[key[1]] in MAKER_STAGES:
                worst[key] = max(worst.get(key, 0.0), maker.lost)
    order = ["equipment", "magnet", "component", "industry"]
    countries = [target.split("/")[0] for run in runs for target in run.scenario.targets]

    focus = {name for run in runs for name in run.scenario.focus}

    def rank(key: tuple[str, str]) -> tuple[bool, bool, int, int, float]:
        kind = order.index(stage[key[1]])
        return (key[1] not in focus, kind != 0, countries.index(key[0].split("/")[0]), kind, -worst[key])

    return sorted(worst, key=rank)


def _answers(
    network: Network, runs: Sequence[CaseDigest], watched: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Say for each maker whether and until when it can be fed; those that are fed in every case together."""
    found: list[tuple[str, str]] = []
    safe: dict[str, list[str]] = {}
    for market, product in watched:
        onsets = [run.onset(market, product) for run in runs]
        who = maker_name(network, market, product)
        if all(item is None for item in onsets):
            name, place = maker_parts(network, market, product)
            safe.setdefault(place, []).append(words.inline(name))
            continue
        hurt = [(run.title, _fed(item)) for run, item in zip(runs, onsets, strict=True) if item is not None]
        parts = [
            say("{case}: {text}.", case=title, text=text)
            if len(runs) > 1
            else say("{text}.", text=text.capitalize())
            for title, text in hurt
        ]
        fed = len(onsets) - len(hurt)
        if fed == 1:
            parts.append(say("Fed throughout in the other 1 case."))
        elif fed:
            parts.append(say("Fed throughout in the other {count} cases.", count=fed))
        found.append((who, words.joined(parts)))
    for place, names in safe.items():
        head = say("Fed throughout in every case, {place}", place=place)
        found.append((head, say("{text}.", text=words.listed(names))))
    return found


def _fed(found: Onset) -> str:
    span = f"{found.early}"
    if found.early != found.late:
        span = say(
            "{early} to {late}, median {median}", early=found.early, late=found.late, median=found.median
        )
    if not found.week:
        often = words.share(1.0 - found.never)
        return say(
            "fed in the central case, short in {often} of draws (from week {span})", often=often, span=span
        )
    text = say(
        "short from week {week} ({span}), {share} of normal at worst",
        week=found.week,
        span=span,
        share=words.share(found.worst),
    )
    if found.never > SURE:
        text += say(", never short in {share} of draws", share=words.share(found.never))
    return text


def _worst(runs: Sequence[CaseDigest]) -> int:
    """Return the position of the case with the largest loss, the last of equals."""
    return max(range(len(runs)), key=lambda i: (runs[i].view.value_kusd, i))


def _headed(network: Network, run: CaseDigest, watched: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the makers that the headline names: the first short equipment line and other maker of each
    country.
    """
    stage = {product.id: product.stage for product in network.products}
    chosen: dict[tuple[str, bool], tuple[str, str]] = {}
    for market, product in watched:
        found = run.onset(market, product)
        if found is not None and found.week:
            chosen.setdefault((market.split("/")[0], stage[product] == "equipment"), (market, product))
    return list(chosen.values())[:HEADLINE_PARTS]


def _headline(network: Network, runs: Sequence[CaseDigest], watched: Sequence[tuple[str, str]]) -> str:
    """Answer for the case with the largest loss."""
    worst = _worst(runs)
    run, parts = runs[worst], []
    for market, product in _headed(network, run, watched):
        found = run.onset(market, product)
        if found is not None:
            name, place = maker_parts(network, market, product)
            parts.append(
                say(
                    "{product} in {place} {fate}",
                    product=words.inline(name),
                    place=words.place(place),
                    fate=_short(found),
                )
            )
    if parts:
        return say("{case}: {text}.", case=run.title, text=words.chained(parts))
    return _of_case(run.title, run.view.sentence)


def _lede(
    network: Network, runs: Sequence[CaseDigest], watched: Sequence[tuple[str, str]]
) -> tuple[str, ...]:
    """Say what the weeks depend on, who else falls short, what is lost, and what the other cases do."""
    worst = _worst(runs)
    run, view = runs[worst], runs[worst].view
    headed = _headed(network, run, watched)
    found = []
    moved = []
    for market, product in headed:
        item = run.onset(market, product)
        if item is not None and item.drivers:
            place = maker_parts(network, market, product)[1]
            named = words.listed([words.assumption(name) for name in item.drivers])
            moved.append(say("on {drivers} in {place}", drivers=named, place=words.place(place)))
    if moved:
        found.append(say("The first week short depends {on}.", on=words.listed(moved)))
    if headed:
        found += _also(network, run, watched, headed)
    if view.depends_on:
        shares = view.basis_shares
        found.append(
            say(
                "{value} of final output ({low} to {high}, median {median}) is lost in that case; how much "
                "depends on {drivers}. Behind it by value: {observed} observed, {estimated} estimated, "
                "{assumed} assumed.",
                value=words.money(view.value_kusd),
                low=words.money(view.value_low_kusd),
                high=words.money(view.value_high_kusd),
                median=words.money(view.value_median_kusd),
                drivers=words.listed(view.depends_on),
                observed=words.share(shares.observed),
                estimated=words.share(shares.estimated),
                assumed=words.share(shares.assumed),
            )
        )
    if headed and len(runs) > 1:
        found.append(_milder(network, runs, headed[0], worst))
    return tuple(found)


def _also(
    network: Network,
    run: CaseDigest,
    watched: Sequence[tuple[str, str]],
    headed: Sequence[tuple[str, str]],
) -> list[str]:
    """Say which other makers of the first country fall short in a case."""
    home = headed[0][0].split("/")[0]
    also = []
    for market, product in watched:
        item = run.onset(market, product)
        if item is not None and item.week and market == home and (market, product) not in headed:
            also.append(
                say(
                    "{product} from week {week} ({early} to {late})",
                    product=words.inline(maker_parts(network, market, product)[0]),
                    week=item.week,
                    early=item.early,
                    late=item.late,
                )
            )
    place = words.place(next((m.name for m in network.markets if m.id == home), home))
    told = words.chained(also[:ALSO_SHORT])
    return [say("Also short in {place}: {products}.", place=place, products=told)] if also else []


def _milder(
    network: Network,
    runs: Sequence[CaseDigest],
    maker: tuple[str, str],
    worst: int,
) -> str:
    """Say what every other case does to one maker."""
    name, place = maker_parts(network, *maker)
    hurt: list[str] = []
    fed: list[str] = []
    for i, run in enumerate(runs):
        item = run.onset(*maker)
        if i != worst:
            (fed if item is None else hurt).append(
                run.title if item is None else _of_case(run.title, _fed(item))
            )
    facts = {"product": words.inline(name), "place": words.place(place)}
    if not hurt:
        return say("The {product} in {place} is fed throughout in the other cases.", **facts)
    told = say("The {product} in {place} in the other cases: {text}.", text=words.joined(hurt, ". "), **facts)
    if not fed:
        return told
    return words.joined([told, say("Fed throughout: {cases}.", cases=words.chained(fed))])


def _short(found: Onset) -> str:
    span = (
        say(" ({early} to {late})", early=found.early, late=found.late) if found.early != found.late else ""
    )
    text = say(
        "short from week {week}{span}, down to {share} of normal",
        week=found.week,
        span=span,
        share=words.share(found.worst),
    )
    return text + (say(" (whether at all depends on the assumptions)") if found.never > SURE else "")


def _subtitle(network: Network, scenario: Scenario, backing: Backing) -> str:
    return say(
        "From {start} over {weeks} weeks; base year {year}; controls in force on {as_of}; seed {seed}",
        start=words.day(scenario.start.isoformat()),
        weeks=scenario.weeks,
        year=network.base_year,
        as_of=words.day(str(backing.manifest["as_of"])),
        seed=backing.manifest["seed"],
    )


def _case_bars(views: Sequence[CaseView]) -> BarSpec:
    bars = [
        Bar(
            v.title,
            v.value_kusd / 1e6,
            v.value_low_kusd / 1e6,
            v.value_high_kusd / 1e6,
            median=v.value_median_kusd / 1e6,
            of=of(v.id, VALUE),
        )
        for v in views
    ]
    return BarSpec(
        say("Final output lost in the targeted markets"),
        say("Bar: central case; whisker: 5 to 95 % of the ensemble, circle: its median"),
        tuple(bars),
        "USD bn",
    )
