"""All cases together: the headline, the direct answers, the comparison, and what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kaname.network.build import BuildReport
from kaname.network.network import Network
from kaname.report import words
from kaname.report.cases import MAKER_STAGES, CaseDigest, Onset, onset
from kaname.report.chartspec import Bar, BarSpec, HeatSpec, MapSpec
from kaname.report.metrics import Paths
from kaname.report.model import AssumptionRow, CaseView, ReportModel, SourceRow
from kaname.scenario.scenario import Scenario

HEAT_ROWS = 16
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


def summarise(network: Network, runs: Sequence[CaseDigest], backing: Backing) -> ReportModel:
    """Return the whole report of a study."""
    makers = [run.makers for run in runs]
    views = [run.view for run in runs]
    watched = _watched(network, runs, makers)
    scenario = runs[0].scenario
    answers = tuple(
        (_who(network, market, product), _answer(runs, makers, market, product))
        for market, product in watched
    )
    return ReportModel(
        title=scenario.title if len(runs) == 1 else _study_title(runs),
        headline=_headline(network, runs, views, makers),
        question=scenario.question,
        subtitle=_subtitle(network, scenario, backing),
        answers=answers,
        cases=tuple(views),
        case_bars=_case_bars(views) if len(views) > 1 else None,
        heat=_heat(network, runs, makers, watched),
        exposure_map=exposure_map(network, runs),
        exposure_rows=tuple(dict(row) for row in backing.exposure),
        controls=tuple(backing.controls),
        assumptions=tuple(assumption_rows(runs[-1].scenario)),
        sources=tuple(backing.sources),
        flags=_flags(network, backing.build),
        limits=LIMITS,
        manifest=dict(backing.manifest),
    )


def _study_title(runs: Sequence[CaseDigest]) -> str:
    exporters = sorted({item.exporter for run in runs for item in run.scenario.restrictions})
    return (
        f"Export restrictions by {', '.join(exporters)}: {len(runs)} cases" if exporters else "Cases compared"
    )


def _who(network: Network, market: str, product: str) -> str:
    name = next(item.name for item in network.products if item.id == product)
    place = next(item.name for item in network.markets if item.id == market)
    return f"{name}, {place}"


def _watched(network: Network, runs: Sequence[CaseDigest], makers: Sequence[Paths]) -> list[tuple[str, str]]:
    """Return the makers worth an answer: equipment lines first, then by the first target, then by worst
    loss.
    """
    stage = {product.id: product.stage for product in network.products}
    worst: dict[tuple[str, str], float] = {}
    for paths in makers:
        for i, key in enumerate(zip(paths.market, paths.product, strict=True)):
            if stage[key[1]] in MAKER_STAGES:
                worst[key] = max(worst.get(key, 0.0), float(1.0 - paths.share[0, :, i].mean()))
    order = ["equipment", "magnet", "component", "industry"]
    targets = list(runs[0].scenario.targets)

    def rank(key: tuple[str, str]) -> tuple[bool, int, int, float]:
        place = next((i for i, t in enumerate(targets) if t.split("/")[0] == key[0].split("/")[0]), 99)
        kind = order.index(stage[key[1]])
        return (kind != 0, place, kind, -worst[key])

    keys = sorted(worst, key=rank)
    return keys[: HEAT_ROWS + 8]


def _answer(runs: Sequence[CaseDigest], makers: Sequence[Paths], market: str, product: str) -> str:
    """Say, case by case, whether the makers can be fed and until when."""
    parts = []
    for run, paths in zip(runs, makers, strict=True):
        parts.append(f"{run.title}: {_fed(onset(paths, market, product, run.draws))}")
    return "; ".join(parts) + "."


def _fed(found: Onset | None) -> str:
    if found is None:
        return "fed throughout"
    span = f"{found.early} to {found.late}" if found.early != found.late else f"{found.early}"
    if not found.week:
        return f"fed in the central case, short from week {span} in {words.share(1.0 - found.never)} of draws"
    text = f"short from week {found.week} ({span})"
    if found.never > SURE:
        text += f", not at all in {words.share(found.never)} of draws"
    return f"{text}, {words.share(found.worst)} of normal output at worst"


def _headline(
    network: Network, runs: Sequence[CaseDigest], views: Sequence[CaseView], makers: Sequence[Paths]
) -> str:
    """Say the two numbers that matter most in the mildest and in the most severe case, and what decides
    them.
    """
    last = max(range(len(views)), key=lambda i: (views[i].value_kusd, i))
    run, view = runs[last], views[last]
    lines = [row for row in view.rows if row.stage in MAKER_STAGES and row.days_to_shortfall is not None]
    if not lines:
        return f"{run.title}: {view.sentence}"
    country = run.scenario.targets[0].split("/")[0]
    home = [row for row in lines if row.market.split("/")[0] == country] or lines
    key = next((row for row in home if row.stage == "equipment"), home[0])
    found = onset(makers[last], key.market, key.product, run.draws)
    text = f"{run.title}: {_who(network, key.market, key.product)} {_short(found)}"
    text += f"; the targeted markets lose {words.money(view.value_kusd)}"
    text += f" of output ({words.money(view.value_low_kusd)} to {words.money(view.value_high_kusd)})."
    mild = onset(makers[0], key.market, key.product, runs[0].draws)
    if last:
        text += f" {runs[0].title}: the line {_short(mild)}."
    if found is not None and (SURE < found.never < 1.0 - SURE or not found.week):
        text += f" Whether it falls short depends on {_listed(view.depends_on)}."
    elif view.depends_on:
        text += f" How much depends on {_listed(view.depends_on)}."
    return text


def _short(found: Onset | None) -> str:
    if found is None:
        return "can be fed throughout"
    if not found.week:
        return f"can be fed in the central case, not in {words.share(1.0 - found.never)} of draws"
    span = f" ({found.early} to {found.late})" if found.early != found.late else ""
    return f"runs short from week {found.week}{span} and falls to {words.share(found.worst)}"


def _listed(items: Sequence[str]) -> str:
    return ", ".join(items[:-1]) + f" and {items[-1]}" if len(items) > 1 else "".join(items)


def _subtitle(network: Network, scenario: Scenario, backing: Backing) -> str:
    return (
        f"From {words.day(scenario.start.isoformat())} over {scenario.weeks} weeks; base year {network.base_year}; "
        f"controls in force on {words.day(str(backing.manifest['as_of']))}; seed {backing.manifest['seed']}"
    )


def _case_bars(views: Sequence[CaseView]) -> BarSpec:
    bars = [Bar(v.title, v.value_kusd / 1e6, v.value_low_kusd / 1e6, v.value_high_kusd / 1e6) for v in views]
    return BarSpec(
        "Final output lost in the targeted markets",
        "Central case; whisker: 5 to 95 % of the ensemble",
        tuple(bars),
        "USD bn",
    )


def _heat(
    network: Network, runs: Sequence[CaseDigest], makers: Sequence[Paths], watched: Sequence[tuple[str, str]]
) -> HeatSpec | None:
    """Return makers x cases: the share of output lost over the horizon in the central draw."""
    cells = []
    for market, product in watched[:HEAT_ROWS]:
        paths = [found.find(market, product) for found in makers]
        cells.append(tuple(None if p is None else max(0.0, float(1.0 - p[0].mean())) for p in paths))
    if not cells:
        return None
    return HeatSpec(
        "Output lost by maker and case",
        "Share of the undisturbed output over the horizon, central case",
        tuple(_who(network, *key) for key in watched[:HEAT_ROWS]),
        tuple(run.title for run in runs),
        tuple(cells),
        "share",
    )


def exposure_map(network: Network, runs: Sequence[CaseDigest]) -> MapSpec | None:
    """Return each country's share of imports, by value, that comes from the restricting country."""
    exporters = sorted({item.exporter for run in runs for item in run.scenario.restrictions})
    if not exporters:
        return None
    country = np.array([market.country for market in network.markets])
    start = country[network.supplier_market[network.lane_supplier]]
    end = country[network.consumer_market[network.lane_consumer]]
    price = np.nan_to_num(network.consumer_value_kusd, nan=0.0)[network.lane_consumer]
    worth = np.where(start != end, network.lane_flow * price, 0.0)
    total: dict[str, float] = {}
    from_origin: dict[str, float] = {}
    for origin, place, kusd in zip(start, end, worth, strict=True):
        if kusd > 0.0 and place != "ROW":
            total[place] = total.get(place, 0.0) + kusd
            from_origin[place] = from_origin.get(place, 0.0) + (kusd if origin in exporters else 0.0)
    values: dict[str, float | None] = {
        place: from_origin[place] / total[place] for place in sorted(total) if place not in exporters
    }
    targets = sorted({target.split("/")[0] for run in runs for target in run.scenario.targets})
    return MapSpec(
        f"Who imports critical materials from {', '.join(exporters)}",
        f"Share of the value of imports of the materials in the network, {network.base_year}, balanced",
        values,
        "share",
        "neutral",
        tuple(exporters),
        tuple(targets),
    )


def assumption_rows(scenario: Scenario) -> list[AssumptionRow]:
    """Return the behaviour parameters with range, grade and source."""
    rows = []
    for name, item in scenario.assumptions.ranges().items():
        source = "; ".join(proof.source for proof in item.evidence)
        grade = item.evidence[0].grade if item.evidence else "assumed"
        label = words.ASSUMPTION_LABELS.get(name, name)
        rows.append(
            AssumptionRow(f"{name}: {label}", f"{item.central:g}", _span(item.low, item.high), grade, source)
        )
    return rows


def _span(low: float, high: float) -> str:
    return "held" if low == high else f"{low:g} to {high:g}"


def _flags(network: Network, build: BuildReport) -> tuple[str, ...]:
    """List what the reader should know about the data: screens, adjustments, unrecorded supply."""
    changed = [a for a in build.adjustments if a.before_t > 0.0]
    far = sorted(changed, key=lambda a: -abs(a.after_t - a.before_t))[:8]
    names = {product.id: product.name for product in network.products}
    flags = [f"Data screen: {text}" for text in build.flags]
    flags += [
        f"Balance: {a.what} of {names[a.product]}, {a.place}: {a.before_t:,.0f} t became {a.after_t:,.0f} t"
        for a in far
    ]
    flags += [
        f"Unrecorded supply: {names[product]}, {country}: {tonnes:,.0f} t a year"
        for country, product, tonnes in sorted(build.unrecorded, key=lambda item: -item[2])[:8]
    ]
    flags.append(
        f"{build.bundled_flows} small flows are bundled through the rest of the world; "
        f"{build.latent_lanes} lanes are latent (base flow 0)."
    )
    return tuple(flags)
