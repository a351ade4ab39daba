"""The chain behind a material, week by week: what the Sankey chart of a single week is made from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import BASES, Network
from kaname.report.chartspec import WeekFlows
from kaname.report.trace import UNIT, Ribbon, Ways, columns_of, heads_of, join, largest, trace
from kaname.terms.language import say

Floats = NDArray[np.float64]

DIGITS = 2  # of a per cent of undisturbed use: keeps the report small, far below what is drawn


def week_flows(
    network: Network,
    consumer: int,
    arrived_t: Floats,
    base_uses: dict[str, float],
    uses: Sequence[dict[str, float]],
    title: str,
    dates: Sequence[str],
) -> WeekFlows:
    """Return the flows of every week on the nodes that are largest over all of them.

    `arrived_t` (P, E) is what arrived on each lane in each period; `uses` (P) what each user got of the
    consumer's product, as shares of its base use, and `base_uses` what they get undisturbed.
    """
    ways = Ways(network)
    into = network.lane_consumer == consumer
    base = float(network.consumer_inflow[consumer])
    traced: list[list[Ribbon]] = [
        trace(network, consumer, week, float(week[into].sum()) / base, ways) for week in arrived_t
    ]
    before = trace(network, consumer, network.lane_flow, 1.0, ways)
    everything = [*before, *(ribbon for week in traced for ribbon in week)]
    scale = 1.0 / (len(traced) + 1)
    keep = largest([_scaled(ribbon, scale) for ribbon in everything])
    weeks = [
        join(network, consumer, ribbons, shares, keep) for ribbons, shares in zip(traced, uses, strict=True)
    ]
    labels: dict[str, str] = {}
    basis: dict[tuple[str, str], int] = {}
    size: dict[tuple[str, str], float] = {}
    start = join(network, consumer, before, base_uses, keep)
    for week in [start, *weeks]:
        labels |= week.labels
        for ends, value in week.flows.items():
            size[ends] = max(size.get(ends, 0.0), value)
            basis[ends] = max(basis.get(ends, 0), week.basis[ends])
    shown = sorted(ends for ends, value in size.items() if round(value, DIGITS) > 0.0)
    deepest = max((ribbon.stage_from for ribbon in everything), default=1)
    columns = columns_of({ends: size[ends] for ends in shown}, deepest)
    return WeekFlows(
        title,
        say(
            "Central case. Each stage shows what arrived there in this week; goods on the way and stocks are "
            "not followed, so a stage can use more than arrives."
        ),
        tuple(dates),
        columns,
        {node: name for node, name in labels.items() if any(node in ends for ends in shown)},
        tuple(shown),
        tuple(BASES[basis[ends]] for ends in shown),
        tuple(round(start.flows.get(ends, 0.0), DIGITS) for ends in shown),
        tuple(tuple(round(week.flows.get(ends, 0.0), DIGITS) for ends in shown) for week in weeks),
        UNIT,
        tuple(node for node in labels if node.endswith(":CHN") and any(node in ends for ends in shown)),
        heads_of(network, consumer, columns),
    )


def _scaled(ribbon: Ribbon, by: float) -> Ribbon:
    return Ribbon(
        ribbon.stage_from, ribbon.source, ribbon.stage_to, ribbon.target, ribbon.share * by, ribbon.basis
    )
