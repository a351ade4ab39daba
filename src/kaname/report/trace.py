"""Where what a market uses comes from, stage by stage: the flows behind the before/after Sankey charts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import BASES, SUPPLIER_KINDS, Network
from kaname.report.chartspec import Flow, SankeySpec
from kaname.terms.language import later_of, say

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

MOST_PER_COLUMN = 5
SMALLEST_SHARE = 0.004
UNIT = "% of undisturbed use"
_NEGLIGIBLE = 1e-4
_PASSES = 12  # re-exports are followed this many times before they count as the place they left from
STAGES = later_of(
    {
        "ore": "Mined in",
        "compound": "Refined in",
        "metal": "Metal made in",
        "magnet": "Magnets made in",
        "component": "Parts made in",
    }
)
"""What a column of countries says of the stage that they stand at; other stages: `Made in`."""
USE, USES = "use", "use:"


@dataclass(frozen=True)
class Ribbon:
    """A share of the final market's base use that passes from one place at a stage to another at the next."""

    stage_from: int
    source: str
    stage_to: int
    target: str
    share: float
    basis: int


def trace(
    network: Network, consumer: int, arrived_t: Floats, level: float, ways: Ways | None = None
) -> list[Ribbon]:
    """Follow a consumer's supply back through its same-element inputs to the mines.

    `arrived_t` (E,) are flows per period (base flows, or what arrived in a window); `level` is the consumer's
    arrivals as a share of its base use. Stage 0 is the consumer's own product, 1 its input, and so on.
    `ways` is given where the same network is traced often.
    """
    country = [market.country for market in network.markets]
    ways = ways or Ways(network)
    ribbons: dict[tuple[int, str, str, int], float] = defaultdict(float)
    wanted: dict[int, float] = {consumer: level}
    stage = 0
    while wanted:
        further: dict[int, float] = defaultdict(float)
        for user, amount in wanted.items():
            place = country[network.consumer_market[user]]
            suppliers, part = ways.producers(user, arrived_t)
            share = amount * part
            for at in np.flatnonzero(share > _NEGLIGIBLE):
                supplier = int(suppliers[at])
                origin = country[network.supplier_market[supplier]]
                basis = int(network.supplier_basis[supplier])
                ribbons[(stage, origin, place, basis)] += float(share[at])
                if ways.feeds[supplier] >= 0:
                    further[int(ways.feeds[supplier])] += float(share[at])
        wanted = further
        stage += 1
    return [
        Ribbon(depth + 1, origin, depth, place, share, basis)
        for (depth, origin, place, basis), share in ribbons.items()
    ]


@dataclass(frozen=True)
class _Trade:
    """The lanes of one product, their ends numbered among those that trade it."""

    lanes: Ints
    suppliers: Ints  # (k,) of the network
    consumers: Ints  # (n,) of the network
    start: Ints  # (lanes,) into suppliers
    end: Ints  # (lanes,) into consumers
    passes: NDArray[np.bool_]  # (k,) re-exporters
    into: Ints  # into consumers: what each re-exporter is fed by


class Ways:
    """The lanes of a network by product, so that one product is followed without looking at the others."""

    def __init__(self, network: Network) -> None:
        """Number nothing yet: products are looked at when they are asked for."""
        self.feeds = _same_element_inputs(network)
        self._network = network
        self._product = network.supplier_product[network.lane_supplier]
        self._known: dict[int, _Trade] = {}

    def _trade(self, product: int) -> _Trade:
        if product in self._known:
            return self._known[product]
        network = self._network
        lanes = np.flatnonzero(self._product == product)
        suppliers, start = np.unique(network.lane_supplier[lanes], return_inverse=True)
        passes = (network.supplier_kind[suppliers] == SUPPLIER_KINDS.index("reexport")) & (
            self.feeds[suppliers] >= 0
        )
        fed = self.feeds[suppliers[passes]]
        consumers = np.union1d(network.lane_consumer[lanes], fed)
        end = np.searchsorted(consumers, network.lane_consumer[lanes])
        into = np.searchsorted(consumers, fed)
        found = _Trade(lanes, suppliers.astype(np.intp), consumers.astype(np.intp), start, end, passes, into)
        self._known[product] = found
        return found

    def producers(self, consumer: int, flow: Floats) -> tuple[Ints, Floats]:
        """Return suppliers of a consumer's product (k,) and their shares in its arrivals, re-exports followed
        to their source; `flow` (E,) is in the order of the network's lanes.
        """
        trade = self._trade(int(self._network.consumer_product[consumer]))
        size, places = len(trade.suppliers), len(trade.consumers)
        here = flow[trade.lanes]
        inflow = np.bincount(trade.end, weights=here, minlength=places)
        share = here / np.maximum(inflow, 1e-300)[trade.end]
        found: Floats = np.zeros(size)
        into: Floats = np.zeros(size)
        weight = (trade.consumers == consumer).astype(np.float64)
        for _ in range(_PASSES):
            into = np.bincount(trade.start, share * weight[trade.end], size).astype(np.float64)
            found += np.where(trade.passes, 0.0, into)
            if not into[trade.passes].any():
                break
            weight = np.bincount(trade.into, into[trade.passes], places).astype(np.float64)
        return trade.suppliers, found + np.where(trade.passes, into, 0.0)


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
    joined = join(network, consumer, ribbons, uses, largest(ribbons))
    columns = columns_of(joined.flows, max((ribbon.stage_from for ribbon in ribbons), default=1))
    return SankeySpec(
        title,
        subtitle,
        columns,
        joined.labels,
        tuple(
            Flow(source, target, value, BASES[joined.basis[(source, target)]])
            for (source, target), value in sorted(joined.flows.items())
            if value > 0.0
        ),
        UNIT,
        tuple(node for node in joined.labels if node.endswith(":CHN")),
        heads=heads_of(network, consumer, columns),
    )


def heads_of(network: Network, consumer: int, columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return what each column of a chain says: what is done in its countries, and where the product goes."""
    feeds = _same_element_inputs(network)
    made = network.supplier_kind != SUPPLIER_KINDS.index("reexport")
    product, stages = int(network.consumer_product[consumer]), [""]
    for _ in columns:
        stages.append(network.products[product].stage)
        fed = feeds[(network.supplier_product == product) & made]
        product = int(network.consumer_product[fed[fed >= 0][0]]) if (fed >= 0).any() else product
    return tuple(_head(column[0], stages) for column in columns)


def _head(node: str, stages: Sequence[str]) -> str:
    if node == USE:
        return say("Used")
    if node.startswith(USES):
        return say("Goes into")
    stage = stages[int(node.split(":", maxsplit=1)[0])]
    return say(STAGES[stage]) if stage in STAGES else say("Made in")


@dataclass(frozen=True)
class Joined:
    """Ribbons joined to flows between the nodes that are shown: percent of base use, worst basis, names."""

    flows: dict[tuple[str, str], float]
    basis: dict[tuple[str, str], int]
    labels: dict[str, str]


def join(
    network: Network,
    consumer: int,
    ribbons: list[Ribbon],
    uses: dict[str, float],
    keep: dict[int, set[str]],
) -> Joined:
    """Return the flows between nodes; places that `keep` does not name at their stage are summed up."""
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
    return Joined(flows, basis, labels)


def _stage_names(network: Network, consumer: int) -> list[str]:
    market = network.markets[network.consumer_market[consumer]]
    product = network.products[network.consumer_product[consumer]]
    return [say("{product}, used in {place}", product=product.name, place=market.name)]


def largest(ribbons: list[Ribbon]) -> dict[int, set[str]]:
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


def columns_of(flows: dict[tuple[str, str], float], deepest: int) -> tuple[tuple[str, ...], ...]:
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
