"""Where what a market uses comes from, stage by stage: the flows behind the before/after Sankey charts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import BASES, SUPPLIER_KINDS, Network
from kaname.report.chartspec import Flow, SankeySpec
from kaname.terms.language import say

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

MOST_PER_COLUMN = 5
SMALLEST_SHARE = 0.004
_NEGLIGIBLE = 1e-4
_PASSES = 12  # re-exports are followed this many times before they count as the place they left from
STAGE_TITLES = {"ore": "Mine", "compound": "Refine", "metal": "Metal", "magnet": "Magnet"}


@dataclass(frozen=True)
class Ribbon:
    """A share of the final market's base use that passes from one place at a stage to another at the next."""

    stage_from: int
    source: str
    stage_to: int
    target: str
    share: float
    basis: int


def trace(network: Network, consumer: int, arrived_t: Floats, level: float) -> list[Ribbon]:
    """Follow a consumer's supply back through its same-element inputs to the mines.

    `arrived_t` (E,) are flows per period (base flows, or what arrived in a window); `level` is the consumer's
    arrivals as a share of its base use. Stage 0 is the consumer's own product, 1 its input, and so on.
    """
    country = [market.country for market in network.markets]
    feeds = _same_element_inputs(network)
    ribbons: dict[tuple[int, str, str, int], float] = defaultdict(float)
    wanted: dict[int, float] = {consumer: level}
    stage = 0
    while wanted:
        further: dict[int, float] = defaultdict(float)
        for user, amount in wanted.items():
            place = country[network.consumer_market[user]]
            share = amount * _producers(network, user, arrived_t, feeds)
            for supplier in np.flatnonzero(share > _NEGLIGIBLE):
                origin = country[network.supplier_market[supplier]]
                basis = int(network.supplier_basis[supplier])
                ribbons[(stage, origin, place, basis)] += float(share[supplier])
                if feeds[supplier] >= 0:
                    further[int(feeds[supplier])] += float(share[supplier])
        wanted = further
        stage += 1
    return [
        Ribbon(depth + 1, origin, depth, place, share, basis)
        for (depth, origin, place, basis), share in ribbons.items()
    ]


def _producers(network: Network, consumer: int, flow: Floats, feeds: Ints) -> Floats:
    """Return (K,) the shares of producers in a consumer's arrivals, re-exports followed to their source."""
    inflow = np.bincount(network.lane_consumer, weights=flow, minlength=network.n_consumers)
    lane_share = flow / np.maximum(inflow, 1e-300)[network.lane_consumer]
    passed = (network.supplier_kind == SUPPLIER_KINDS.index("reexport")) & (feeds >= 0)
    found = np.zeros(network.n_suppliers)
    weight = np.zeros(network.n_consumers)
    weight[consumer] = 1.0
    into = np.zeros(network.n_suppliers)
    for _ in range(_PASSES):
        moved = lane_share * weight[network.lane_consumer]
        into = np.bincount(network.lane_supplier, weights=moved, minlength=len(found)).astype(np.float64)
        found += np.where(passed, 0.0, into)
        weight = np.bincount(feeds[passed], weights=into[passed], minlength=network.n_consumers).astype(
            np.float64
        )
    return found + np.where(passed, into, 0.0)


def _same_element_inputs(network: Network) -> Ints:
    """Return (K,) the consumer that feeds each supplier with its own element; -1 for a mine or a recycler."""
    feeds = np.full(network.n_suppliers, -1, dtype=np.intp)
    same = np.flatnonzero(network.recipe_same_element)[::-1]
    feeds[network.recipe_supplier[same]] = network.recipe_consumer[same]
    return feeds


def sankey(
    network: Network,
    consumer: int,
    arrived_t: Floats,
    level: float,
    uses: dict[str, float],
    title: str,
    subtitle: str,
) -> SankeySpec:
    """Return mine -> refine -> ... -> part -> use as a Sankey, in percent of the consumer's base use.

    `uses` maps a using industry's name to its share of the base use that it gets; they stand in the last
    column.
    """
    ribbons = trace(network, consumer, arrived_t, level)
    keep = _largest(ribbons)
    flows: dict[tuple[str, str], float] = defaultdict(float)
    basis: dict[tuple[str, str], int] = {}
    labels: dict[str, str] = {}
    names = {market.country: market.name for market in network.markets if not market.segment}
    product = _stage_names(network, consumer)
    for ribbon in ribbons:
        if ribbon.stage_to == 0:
            continue
        source = _node(ribbon.stage_from, ribbon.source, keep, labels, names)
        target = _node(ribbon.stage_to, ribbon.target, keep, labels, names)
        flows[(source, target)] += 100.0 * ribbon.share
        basis[(source, target)] = max(basis.get((source, target), 0), ribbon.basis)
    for ribbon in ribbons:
        if ribbon.stage_to == 0:
            source = _node(1, ribbon.source, keep, labels, names)
            flows[(source, "use")] += 100.0 * ribbon.share
            basis[(source, "use")] = max(basis.get((source, "use"), 0), ribbon.basis)
    labels["use"] = product[0]
    for name, share in uses.items():
        labels[f"use:{name}"] = name
        flows[("use", f"use:{name}")] = 100.0 * share
        basis[("use", f"use:{name}")] = 2
    return SankeySpec(
        title,
        subtitle,
        _columns(flows, max((ribbon.stage_from for ribbon in ribbons), default=1)),
        labels,
        tuple(
            Flow(source, target, value, BASES[basis[(source, target)]])
            for (source, target), value in sorted(flows.items())
            if value > 0.0
        ),
        "% of undisturbed use",
        tuple(node for node in labels if node.endswith(":CHN")),
    )


def _stage_names(network: Network, consumer: int) -> list[str]:
    market = network.markets[network.consumer_market[consumer]]
    product = network.products[network.consumer_product[consumer]]
    return [say("{product}, used in {place}", product=product.name, place=market.name)]


def _largest(ribbons: list[Ribbon]) -> dict[int, set[str]]:
    """Return the places shown by name at each stage; the others are summed up."""
    total: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for ribbon in ribbons:
        total[ribbon.stage_from][ribbon.source] += ribbon.share
    return {
        stage: {
            place
            for place, share in sorted(places.items(), key=lambda item: -item[1])[:MOST_PER_COLUMN]
            if share > SMALLEST_SHARE
        }
        for stage, places in total.items()
    }


def _node(
    stage: int, place: str, keep: dict[int, set[str]], labels: dict[str, str], names: dict[str, str]
) -> str:
    shown = place if place in keep.get(stage, set()) else "other"
    node = f"{stage}:{shown}"
    labels[node] = names.get(shown, shown) if shown != "other" else say("Others")
    return node


def _columns(flows: dict[tuple[str, str], float], deepest: int) -> tuple[tuple[str, ...], ...]:
    """Return the columns from the mines to the uses, larger nodes first."""
    size: dict[str, float] = defaultdict(float)
    for (source, target), value in flows.items():
        size[source] = max(size[source], sum(v for (s, _), v in flows.items() if s == source))
        size[target] = max(size[target], value)
    columns = []
    for stage in range(deepest, 0, -1):
        columns.append([node for node in size if node.startswith(f"{stage}:")])
    columns.append(["use"])
    columns.append([node for node in size if node.startswith("use:")])
    return tuple(
        tuple(sorted(column, key=lambda node: (node.endswith(":other"), -size[node], node)))
        for column in columns
        if column
    )
