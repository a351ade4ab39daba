"""A balanced chain becomes suppliers, consumers, lanes and recipes of a draft (rules N3, N6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kaname.data import guards
from kaname.network.draft import Consumer, Draft, Lane, Recipe, Supplier
from kaname.network.reconcile import NOTHING_T, Balanced, Node, turnover, unrecorded_supply
from kaname.network.routes import Routing
from kaname.network.sources import (
    ASSUMED,
    ESTIMATED,
    GRADE_TO_BASIS,
    MODELLED,
    Flow,
    Row,
    Sources,
    rows_for_market,
)

LATENT_EXPORTERS = 10
PASS_THROUGH = Recipe(1.0, 1.0, 1.0, 1.0, True, MODELLED)


def add_chain(draft: Draft, balanced: Balanced, sources: Sources, routing: Routing) -> None:
    """Write a balanced chain into the draft: home sales, exports, re-exports, unrecorded supply, process
    recipes.
    """
    grades: dict[tuple[str, str, str], str] = {
        (r["market"], r["product"], r["kind"]): r["grade"] for r in sources.production
    }
    made: dict[Node, dict[str, float]] = defaultdict(dict)
    for (country, product, kind), tonnes in balanced.made.items():
        made[(country, product)][kind] = tonnes
    exports: dict[Node, list[Flow]] = defaultdict(list)
    for flow in balanced.flows:
        exports[(flow.exporter, flow.product)].append(flow)
    traded = turnover(balanced)
    unrecorded_t = unrecorded_supply(balanced)
    for node in sorted(set(balanced.final_t) | set(made)):
        country, product = node
        kinds = made.get(node, {})
        imported, exported = traded.get(node, (0.0, 0.0))
        unrecorded = unrecorded_t.get(node, 0.0)
        own = sum(kinds.values())
        reexported = guards.reexported_t(imported + unrecorded, exported, own)
        _add_home(draft, node, kinds, own - (exported - reexported), unrecorded, grades)
        for flow in exports.get(node, ()):
            parts = (
                {kind: t * (exported - reexported) / exported / own for kind, t in kinds.items()}
                if own > 0.0
                else {}
            )
            parts["reexport"] = reexported / exported
            _add_export(draft, flow, parts, routing.lag(product, country, flow.importer))
        if reexported > NOTHING_T:
            draft.recipes[(Supplier(country, product, "reexport"), Consumer(country, product))] = PASS_THROUGH
        for kind in kinds:
            supplier = Supplier(country, product, kind)
            if supplier in draft.suppliers:
                draft.suppliers[supplier] = GRADE_TO_BASIS.get(
                    grades.get((country, product, kind), ""), ESTIMATED
                )


def _add_home(
    draft: Draft,
    node: Node,
    kinds: Mapping[str, float],
    home_t: float,
    unrecorded_t: float,
    grades: Mapping[tuple[str, str, str], str],
) -> None:
    """Sell at home what is made and not exported, each kind in proportion; let unrecorded supply in."""
    own = sum(kinds.values())
    for kind, tonnes in kinds.items():
        share = tonnes / own if own > 0.0 else 0.0
        if home_t * share > NOTHING_T:
            basis = max(ESTIMATED, GRADE_TO_BASIS.get(grades.get((node[0], node[1], kind), ""), ESTIMATED))
            draft.add_lane(Supplier(node[0], node[1], kind), Consumer(*node), Lane(home_t * share, 1, basis))
    if unrecorded_t > NOTHING_T:
        draft.add_lane(Supplier(*node, "unrecorded"), Consumer(*node), Lane(unrecorded_t, 1, MODELLED))


def _add_export(draft: Draft, flow: Flow, parts: Mapping[str, float], lag: int) -> None:
    kind = 1 if "ROW" in (flow.exporter, flow.importer) else 0
    for name, share in parts.items():
        if flow.tonnes * share > NOTHING_T:
            draft.add_lane(
                Supplier(flow.exporter, flow.product, name),
                Consumer(flow.importer, flow.product),
                Lane(flow.tonnes * share, lag, flow.basis, kind),
            )


def add_process_recipes(draft: Draft, feeds: Mapping[str, Sequence[Row]]) -> None:
    """Give every processing supplier its recipe lines (rules N3, N4)."""
    for supplier in list(draft.suppliers):
        if supplier.kind != "processing":
            continue
        for row in rows_for_market(feeds.get(supplier.product, ()), supplier.market):
            consumer = Consumer(supplier.market, row["input"])
            if consumer in draft.consumers:
                draft.recipes[(supplier, consumer)] = recipe_of(row, float(row["input_per_output"]))


def recipe_of(row: Row, input_per_output: float) -> Recipe:
    """Return a recipe line from a table row; d = 1 without a range where input and output hold the same
    element.
    """
    same = bool(row["same_element"])
    central = 1.0 if same else float(row["dependence"])
    low = 1.0 if same else float(row["dependence_low"] or central)
    high = 1.0 if same else float(row["dependence_high"] or central)
    basis = GRADE_TO_BASIS.get(row["grade"], ASSUMED)
    return Recipe(input_per_output, central, low, high, same, basis)


def add_latent_lanes(draft: Draft, routing: Routing) -> int:
    """Join every consumer to the ten largest exporters that do not serve it, by lanes of base flow 0 (rule
    N6).

    Only producers count as exporters: what is passed through, or unrecorded, is no new source. Returns how
    many.
    """
    exports: dict[str, dict[Supplier, float]] = defaultdict(lambda: defaultdict(float))
    for (supplier, consumer), lane in draft.lanes.items():
        abroad = supplier.market != consumer.market.split("/")[0]
        if abroad and supplier.kind in ("primary", "processing", "recycling"):
            exports[supplier.product][supplier] += lane.tonnes
    ranked = {p: sorted(found.items(), key=lambda item: (-item[1], item[0])) for p, found in exports.items()}
    count = 0
    for consumer in sorted(draft.consumers):
        offers = ranked.get(consumer.product, [])
        world = sum(tonnes for _, tonnes in offers)
        country = consumer.market.split("/")[0]
        others = [(s, t) for s, t in offers if s.market.split("/")[0] != country and s.market != "ROW"]
        for supplier, tonnes in [item for item in others if (item[0], consumer) not in draft.lanes][
            :LATENT_EXPORTERS
        ]:
            lag = routing.lag(supplier.product, supplier.market, country)
            draft.lanes[(supplier, consumer)] = Lane(0.0, lag, ASSUMED, 0, tonnes / world)
            count += 1
    return count
