"""All cases together: the headline, the direct answers, the comparison, and what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kaname.events.situation import Situation
from kaname.network.build import BuildReport
from kaname.network.network import Network
from kaname.report import words
from kaname.report.answered import response_views
from kaname.report.caserun import CaseDigest
from kaname.report.cases import MAKER_STAGES
from kaname.report.chartspec import Bar, BarSpec, HeatSpec
from kaname.report.importers import exposure_map
from kaname.report.model import AssumptionRow, BudgetRow, CaseView, RecordRow, ReportModel, SourceRow
from kaname.report.onset import Maker, Onset
from kaname.report.search import Record
from kaname.report.situation import situation_view
from kaname.scenario.resolve import Resolver
from kaname.scenario.scenario import Scenario

HEAT_ROWS = 24
HEADLINE_PARTS = 2
ALSO_SHORT = 8
SURE = 0.05  # a finding that fewer than this share of draws contradicts is stated without "depends on"
LIMITS = (
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


def summarise(network: Network, runs: Sequence[CaseDigest], backing: Backing) -> ReportModel:
    """Return the whole report of a study; cases that answer another one are shown beside it, not compared."""
    responses = response_views(network, runs, backing.budgets, backing.searches)
    runs = [run for run in runs if run.id not in {view.id for view in responses}]
    views = [run.view for run in runs]
    watched, scenario = _watched(network, runs), runs[0].scenario
    return ReportModel(
        title=scenario.title if len(runs) == 1 else _study_title(network, runs),
        headline=_headline(network, runs, watched),
        question=scenario.question,
        subtitle=_subtitle(network, scenario, backing),
        answers=tuple(_answers(network, runs, watched)),
        cases=tuple(views),
        case_bars=_case_bars(views) if len(views) > 1 else None,
        heat=_heat(network, runs, watched),
        exposure_map=exposure_map(network, runs, backing.lane_passages, backing.worldview),
        exposure_rows=tuple(dict(row) for row in backing.exposure),
        controls=tuple(backing.controls),
        assumptions=tuple(assumption_rows(runs[-1].scenario)),
        sources=tuple(backing.sources),
        flags=_flags(network, backing.build),
        limits=LIMITS,
        manifest=dict(backing.manifest),
        lede=(*_lede(network, runs, watched), *(f"{view.title}: {view.sentence}" for view in responses)),
        restricted=_restricted(network, runs),
        responses=responses,
        record=tuple(backing.record),
        situation=None
        if backing.situation is None
        else situation_view(
            {market.id: market.name for market in network.markets},
            views,
            backing.situation,
            backing.situation_note,
        ),
    )


def _restricted(network: Network, runs: Sequence[CaseDigest]) -> tuple[str, ...]:
    """Return the products that the restrictions of the cases name, in the network's order."""
    named = {name for run in runs for item in run.scenario.restrictions for name in item.products}
    hit = Resolver(network).products(sorted(named), "products")
    return tuple(product.id for product, chosen in zip(network.products, hit, strict=True) if chosen)


def _study_title(network: Network, runs: Sequence[CaseDigest]) -> str:
    exporters = sorted({item.exporter for run in runs for item in run.scenario.restrictions})
    names = {market.id: market.name for market in network.markets}
    who = words.listed([names.get(exporter, exporter) for exporter in exporters])
    return f"{who}: export restrictions, {len(runs)} cases" if exporters else f"{len(runs)} cases compared"


def _who(network: Network, market: str, product: str) -> str:
    """Name makers: `Motor vehicles, Japan`; an equipment line goes by its country alone."""
    item = next(p for p in network.products if p.id == product)
    place = next(m for m in network.markets if m.id == market)
    home = next((m.name for m in network.markets if m.id == place.country), place.name)
    return f"{item.name}, {home if item.stage == 'equipment' else place.name}"


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
        who = _who(network, market, product)
        if all(item is None for item in onsets):
            name, _, place = who.rpartition(", ")
            safe.setdefault(place, []).append(words.inline(name))
            continue
        hurt = [(run.title, _fed(item)) for run, item in zip(runs, onsets, strict=True) if item is not None]
        parts = [f"{title}: {text}." if len(runs) > 1 else f"{text.capitalize()}." for title, text in hurt]
        fed = len(onsets) - len(hurt)
        if fed:
            parts.append(f"Fed throughout in the other {fed} case{'s' if fed > 1 else ''}.")
        found.append((who, " ".join(parts)))
    for place, names in safe.items():
        found.append((f"Fed throughout in every case, {place}", words.listed(names) + "."))
    return found


def _fed(found: Onset) -> str:
    span = f"{found.early}"
    if found.early != found.late:
        span = f"{found.early} to {found.late}, median {found.median}"
    if not found.week:
        often = words.share(1.0 - found.never)
        return f"fed in the central case, short in {often} of draws (from week {span})"
    text = f"short from week {found.week} ({span}), {words.share(found.worst)} of normal at worst"
    if found.never > SURE:
        text += f", never short in {words.share(found.never)} of draws"
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
            name, _, place = _who(network, market, product).rpartition(", ")
            parts.append(f"{words.inline(name)} in {words.place(place)} {_short(found)}")
    return f"{run.title}: {'; '.join(parts)}." if parts else f"{run.title}: {run.view.sentence}"


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
            place = _who(network, market, product).rpartition(", ")[2]
            named = words.listed([words.assumption(name) for name in item.drivers])
            moved.append(f"on {named} in {words.place(place)}")
    if moved:
        found.append(f"The first week short depends {words.listed(moved)}.")
    if headed:
        found += _also(network, run, watched, headed)
    if view.depends_on:
        shares = view.basis_shares
        found.append(
            f"{words.money(view.value_kusd)} of final output ({words.money(view.value_low_kusd)} to "
            f"{words.money(view.value_high_kusd)}, median {words.money(view.value_median_kusd)}) is lost in "
            f"that case; how much depends on {words.listed(view.depends_on)}. Behind it by value: "
            f"{words.share(shares.observed)} observed, {words.share(shares.estimated)} estimated, "
            f"{words.share(shares.assumed)} assumed."
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
            name = words.inline(_who(network, market, product).rpartition(", ")[0])
            also.append(f"{name} from week {item.week} ({item.early} to {item.late})")
    place = next((m.name for m in network.markets if m.id == home), home)
    return [f"Also short in {words.place(place)}: {'; '.join(also[:ALSO_SHORT])}."] if also else []


def _milder(
    network: Network,
    runs: Sequence[CaseDigest],
    maker: tuple[str, str],
    worst: int,
) -> str:
    """Say what every other case does to one maker."""
    name, _, place = _who(network, *maker).rpartition(", ")
    hurt: list[str] = []
    fed: list[str] = []
    for i, run in enumerate(runs):
        item = run.onset(*maker)
        if i != worst:
            (fed if item is None else hurt).append(
                run.title if item is None else f"{run.title}: {_fed(item)}"
            )
    text = f"The {words.inline(name)} in {words.place(place)}"
    if not hurt:
        return f"{text} is fed throughout in the other cases."
    text += f" in the other cases: {'. '.join(hurt)}."
    return text + (f" Fed throughout: {'; '.join(fed)}." if fed else "")


def _short(found: Onset) -> str:
    span = f" ({found.early} to {found.late})" if found.early != found.late else ""
    text = f"short from week {found.week}{span}, down to {words.share(found.worst)} of normal"
    return text + (" (whether at all depends on the assumptions)" if found.never > SURE else "")


def _subtitle(network: Network, scenario: Scenario, backing: Backing) -> str:
    return (
        f"From {words.day(scenario.start.isoformat())} over {scenario.weeks} weeks; "
        f"base year {network.base_year}; "
        f"controls in force on {words.day(str(backing.manifest['as_of']))}; seed {backing.manifest['seed']}"
    )


def _case_bars(views: Sequence[CaseView]) -> BarSpec:
    bars = [
        Bar(
            v.title,
            v.value_kusd / 1e6,
            v.value_low_kusd / 1e6,
            v.value_high_kusd / 1e6,
            median=v.value_median_kusd / 1e6,
        )
        for v in views
    ]
    return BarSpec(
        "Final output lost in the targeted markets",
        "Bar: central case; whisker: 5 to 95 % of the ensemble, circle: its median",
        tuple(bars),
        "USD bn",
    )


def _heat(
    network: Network, runs: Sequence[CaseDigest], watched: Sequence[tuple[str, str]]
) -> HeatSpec | None:
    """Return makers x cases: the share of output lost over the horizon in the central draw."""
    cells, texts, notes = [], [], []
    shown = _spread([key for key in watched if _ever_short(key, runs)])
    for market, product in shown:
        found = [run.makers.get((market, product)) for run in runs]
        cells.append(tuple(None if maker is None else maker.lost for maker in found))
        notes.append(tuple("" if maker is None else _lost(maker) for maker in found))
        onsets = [run.onset(market, product) for run in runs]
        texts.append(tuple(_cell(item) for item in onsets))
    if not cells:
        return None
    return HeatSpec(
        "Until when each maker can be fed",
        "First week in which the makers' output is short in the central case; below it, 5 to 95 % of the "
        "draws that fall short, and the lowest output; shade: output lost over the horizon. Their customers "
        "live on stock for some weeks longer.",
        tuple(_who(network, *key) for key in shown),
        tuple(run.title for run in runs),
        tuple(cells),
        "share",
        tuple(texts),
        tuple(notes),
    )


def _spread(makers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the first `HEAT_ROWS` makers, but none of a country beyond its even part while another waits."""
    countries = {market.split("/")[0] for market, _ in makers}
    part, held, kept = HEAT_ROWS // max(len(countries), 1), dict.fromkeys(countries, 0), set()
    for market, product in makers:
        country = market.split("/")[0]
        if held[country] < part:
            held[country] += 1
            kept.add((market, product))
    rest = [key for key in makers if key not in kept][: HEAT_ROWS - len(kept)]
    return [key for key in makers if key in kept or key in rest]


def _lost(maker: Maker) -> str:
    """Say what share of the output is lost, with its band; and the median of the first week short."""
    lost = maker.lost_band
    text = f"{words.share(maker.lost)} of output lost"
    if lost.high > 0.0:
        text += f" ({words.share(lost.low)} to {words.share(lost.high)}, median {words.share(lost.median)})"
    return text + (f"; median week {maker.onset.median}" if maker.onset else "")


def _ever_short(key: tuple[str, str], runs: Sequence[CaseDigest]) -> bool:
    """Tell whether a maker falls short in the central draw of any case."""
    found = [run.onset(*key) for run in runs]
    return any(item is not None and item.week for item in found)


def _cell(found: Onset | None) -> str:
    if found is None:
        return "fed"
    span = f"{found.early}-{found.late}" if found.early != found.late else f"{found.early}"
    if not found.week:
        return f"fed in {words.share(found.never)}\nof draws"
    return f"week {found.week}\n{span}, {words.share(found.worst)}"


def assumption_rows(scenario: Scenario) -> list[AssumptionRow]:
    """Return the behaviour parameters with value, unit, range, grade and source.

    A knob moves every entry of its table between low and high, so it shows no number of its own.
    """
    rows = []
    for name, item in scenario.ranges().items():
        unit = words.ASSUMPTION_UNITS.get(name)
        value = f"{item.central:g} {unit}" if unit else "each as in its table"
        span = _span(item.low, item.high) if unit else f"low to high of each ({_span(item.low, item.high)})"
        source = "; ".join(proof.source for proof in item.evidence)
        grade = item.evidence[0].grade if item.evidence else "assumed"
        label = words.assumption(name)
        rows.append(AssumptionRow(f"{name}: {label}", value, span, grade, source))
    return rows


def _span(low: float, high: float) -> str:
    return "held" if low == high else f"{low:g} to {high:g}"


def _flags(network: Network, build: BuildReport) -> tuple[str, ...]:
    """List what the reader should know about the data: screens, and by worth adjustments and unrecorded
    supply.
    """
    price = {product.id: float(np.nan_to_num(product.price_kusd)) for product in network.products}
    unit = {product.id: product.unit for product in network.products}
    names = {product.id: product.name for product in network.products}
    changed = [a for a in build.adjustments if a.before_t > 0.0]
    far = sorted(changed, key=lambda a: -abs(a.after_t - a.before_t) * price[a.product])[:8]
    flags = [f"Data screen: {text}" for text in build.flags]
    flags += [
        f"Balance: {a.what} of {names[a.product]}, {a.place}: {a.before_t:,.0f} {unit[a.product]} a year "
        f"became {a.after_t:,.0f}"
        for a in far
    ]
    flags += [
        f"Unrecorded supply: {names[product]}, {country}: {tonnes:,.0f} {unit[product]} a year"
        for country, product, tonnes in sorted(build.unrecorded, key=lambda i: -i[2] * price[i[1]])[:8]
    ]
    flags.append(
        f"{build.bundled_flows} small flows are bundled through the rest of the world; "
        f"{build.latent_lanes} lanes are latent (base flow 0)."
    )
    return tuple(flags)
