"""Reported trade under HS codes becomes flows of products between countries (rules N2, N6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kaname.data import guards
from kaname.network.sources import (
    ASSUMED,
    ESTIMATED,
    GRADE_TO_BASIS,
    OBSERVED,
    OUTSIDE,
    REST,
    Flow,
    Row,
    Sources,
    TradeRow,
    traded_products,
)

KEPT_SHARE = 0.995


def product_flows(sources: Sources) -> list[Flow]:
    """Return the flows of the base year by product, contained tonnes, before any trimming.

    A row takes the stage correction for its (exporter, importer, HS, year) where one exists, else the split
    of its exporter, else the default split. A flow that is all of its code's tonnage is observed, a split one
    estimated. A known flow stands in for a smaller one under a code.
    """
    corrections = _corrections(sources.stage_corrections, sources.base_year)
    splits = _splits(sources.trade_codes)
    prices = {row["product"]: float(row["price_kusd_per_t"] or 0.0) for row in sources.products}
    merged: dict[tuple[str, str, str], Flow] = {}
    for row in sources.trade:
        lane = corrections.get((row.exporter, row.importer, row.hs))
        parts = guards.stage_parts(lane, splits.get((row.hs, row.exporter)), splits.get((row.hs, "*")))
        for flow in _split(row, parts, prices, estimated=lane is not None or row.imputed or len(parts) > 1):
            key = (flow.product, flow.exporter, flow.importer)
            known = merged.get(key)
            merged[key] = flow if known is None else _add(known, flow)
    traded = traded_products(sources)
    for flow in known_flows(sources):
        key = (flow.product, flow.exporter, flow.importer)
        if flow.product in traded and (key not in merged or merged[key].tonnes < flow.tonnes):
            merged[key] = flow
    return [merged[key] for key in sorted(merged)]


def known_flows(sources: Sources) -> list[Flow]:
    """Return the flows of the base year that are known from elsewhere than trade under an HS code."""
    prices = {row["product"]: float(row["price_kusd_per_t"] or 0.0) for row in sources.products}
    return [
        Flow(
            row["product"],
            row["exporter"],
            row["importer"],
            float(row["flow_t"]),
            float(row["flow_t"]) * prices[row["product"]],
            GRADE_TO_BASIS.get(row["grade"], ASSUMED),
            float(row["flow_t"]),
        )
        for row in sources.known_flows
        if int(row["year"]) == sources.base_year and float(row["flow_t"]) > 0.0
    ]


def _split(
    row: TradeRow, parts: Sequence[Row], prices: dict[str, float], *, estimated: bool
) -> Iterable[Flow]:
    """Split one reported row over products; value follows contained tonnes x reference price.

    The part of the weight that is none of the products is left out, with its share of the value.
    """
    parts = [part for part in parts if part["product"] != OUTSIDE]
    worth_kusd = row.value_kusd * min(1.0, sum(float(part["share"]) for part in parts))
    contained = [
        guards.contained_t(row.quantity_t, float(part["share"]), float(part["content_factor"]))
        for part in parts
    ]
    shares = guards.value_shares(contained, [prices.get(part["product"], 0.0) for part in parts])
    for part, tonnes, share in zip(parts, contained, shares, strict=True):
        if tonnes > 0.0:
            basis = ESTIMATED if estimated else OBSERVED
            value = worth_kusd * share
            yield Flow(part["product"], row.exporter, row.importer, tonnes, value, basis, tonnes)


def _add(known: Flow, more: Flow) -> Flow:
    return replace(
        known,
        tonnes=known.tonnes + more.tonnes,
        value_kusd=known.value_kusd + more.value_kusd,
        basis=max(known.basis, more.basis),
        reported_t=known.reported_t + more.reported_t,
    )


def _corrections(rows: Sequence[Row], year: int) -> dict[tuple[str, str, str], list[Row]]:
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if int(row["year_from"]) <= year <= int(row["year_to"]):
            found[(row["exporter"], row["importer"], row["hs"])].append(row)
    return dict(found)


def _splits(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[(row["hs"], row["exporter"])].append(row)
    return dict(found)


Factor = tuple[str, str, str, float]  # exporter, importer or *, product or *, factor on the base flow


def control_factors(sources: Sources) -> tuple[list[Factor], list[str]]:
    """Return how export controls in force on the as-of date scale flows, and one sentence per control.

    A control that is suspended on that date, or that the trade data of the base year already contain, scales
    nothing and is listed as such.
    """
    day = sources.as_of.isoformat()
    notes, factors = [], []
    for row in sources.controls:
        in_force = str(row["in_force_from"]) <= day
        suspended = bool(row["suspended_from"]) and str(row["suspended_from"]) <= day
        suspended = suspended and (not row["suspended_until"] or day < str(row["suspended_until"]))
        factor = float(row["base_flow_factor"])
        state = "suspended" if suspended else "in force" if in_force else "not yet in force"
        if suspended and row["suspended_until"]:
            state += f" until {row['suspended_until']}"
        if in_force and not suspended and not row["in_trade_data"] and factor < 1.0:
            factors.append((row["exporter"], row["importer"], row["product"], factor))
            state += f", base flows x {factor:g}"
        elif row["in_trade_data"]:
            state += f", already in the {sources.base_year} trade data"
        notes.append(f"{row['control']} ({row['product']}, {row['exporter']} to {row['importer']}): {state}")
    return factors, notes


def scale_flows(flows: Sequence[Flow], factors: Sequence[Factor]) -> list[Flow]:
    """Scale each flow by the strictest control that meets it; a full ban (factor 0) takes the flow away."""
    scaled = []
    for flow in flows:
        factor = strictest_factor(flow, factors)
        if factor < 1.0:
            flow = replace(flow, tonnes=flow.tonnes * factor, value_kusd=flow.value_kusd * factor)  # noqa: PLW2901
        if factor > 0.0:
            scaled.append(flow)
    return scaled


def strictest_factor(flow: Flow, factors: Sequence[Factor]) -> float:
    """Return the smallest factor of the controls that meet a flow; 1 where none does."""
    return min((f for *who, f in factors if _meets(flow, *who)), default=1.0)


def _meets(flow: Flow, exporter: str, importer: str, product: str) -> bool:
    return flow.exporter == exporter and importer in ("*", flow.importer) and product in ("*", flow.product)


def trim(flows: Sequence[Flow], kept_share: float = KEPT_SHARE) -> tuple[list[Flow], int]:
    """Keep the lanes with `kept_share` of each importer's value; send the rest through the rest of the world.

    The bundled flows go exporter -> ROW and ROW -> importer, so no mass is lost (rule N6). Returns the flows
    and the number of reported flows that were bundled.
    """
    by_importer: dict[tuple[str, str], list[Flow]] = defaultdict(list)
    for flow in flows:
        by_importer[(flow.product, flow.importer)].append(flow)
    kept: list[Flow] = []
    out: dict[tuple[str, str], list[Flow]] = defaultdict(list)
    into: dict[tuple[str, str], list[Flow]] = defaultdict(list)
    bundled = 0
    for group in by_importer.values():
        group.sort(key=lambda flow: (-flow.value_kusd, flow.exporter))
        total, running = sum(flow.value_kusd for flow in group), 0.0
        for flow in group:
            if running < kept_share * total or REST in (flow.exporter, flow.importer):
                kept.append(flow)
            else:
                bundled += 1
                out[(flow.product, flow.exporter)].append(flow)
                into[(flow.product, flow.importer)].append(flow)
            running += flow.value_kusd
    kept += [_bundle(group, product, exporter, REST) for (product, exporter), group in sorted(out.items())]
    kept += [_bundle(group, product, REST, importer) for (product, importer), group in sorted(into.items())]
    return sorted(_merge(kept), key=lambda f: (f.product, f.importer, f.exporter)), bundled


def _bundle(group: Sequence[Flow], product: str, exporter: str, importer: str) -> Flow:
    tonnes = sum(flow.tonnes for flow in group)
    value = sum(flow.value_kusd for flow in group)
    reported = sum(flow.reported_t for flow in group)
    return Flow(product, exporter, importer, tonnes, value, max(flow.basis for flow in group), reported)


def _merge(flows: Sequence[Flow]) -> list[Flow]:
    merged: dict[tuple[str, str, str], Flow] = {}
    for flow in flows:
        key = (flow.product, flow.exporter, flow.importer)
        merged[key] = flow if key not in merged else _add(merged[key], flow)
    return list(merged.values())
