"""Using industries and the equipment lines of a segment, as suppliers on an index (rules N1, N2, N4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kaname.network.assemble import PASS_THROUGH, recipe_of
from kaname.network.draft import Consumer, Draft, Lane, Recipe, Supplier
from kaname.network.sources import ASSUMED, TRADED_PART, Row, Sources, rows_for_market
from kaname.terms.errors import Problem, TableError

INDEX_PER_YEAR = 100.0
SMALLEST_USER_SHARE = 0.002  # a country below this share of the world's use of a material gets no industries
DIRECT_SHARE = 0.5  # assumed: the part of a segment's imported need that is shipped to it directly
_SEGMENT_LAG = 1


def add_industries(draft: Draft, sources: Sources) -> None:
    """Split each country's final use of materials over its using industries, which then make an index of 100
    a year.

    The part of a material's final use that no industry claims stays final use. An industry exists where the
    country uses at least `SMALLEST_USER_SHARE` of the world's final use of one of its materials; one fed by
    another industry only, where its value added is known. Traded parts (chips) are in the draft already, and
    get their inputs here. Raises TableError where the shares of an input add up to more than 1.
    """
    index_products = {row["product"] for row in sources.products if row["unit"] == "index"}
    parts = {row["product"] for row in sources.products if row["unit"] == TRADED_PART}
    lines = [
        row
        for row in sources.recipes
        if row["use_share"] is not None and row["output"] in index_products | parts
    ]
    _check_shares(lines)
    valued = {(row["market"], row["industry"]) for row in sources.industries}
    free = _final_use(draft)
    world: dict[str, float] = defaultdict(float)
    for consumer, tonnes in free.items():
        world[consumer.product] += tonnes
    output = draft.output()
    ordered = [(name, [row for row in lines if row["output"] == name]) for name in _in_order(lines)]
    for country in sorted({c.market for c in free if "/" not in c.market and c.market != "ROW"}):
        for industry, own in ordered:
            rows = rows_for_market(own, country)
            uses = _uses(rows, country, free, world, index_products, draft)
            material = any(row["input"] not in index_products for row, _ in uses)
            if industry in parts:
                maker = Supplier(country, industry, "processing")
                _add_inputs(draft, maker, uses, output.get(maker, 0.0))
            elif uses and (material or (country, industry) in valued):
                maker = Supplier(country, industry, "processing")
                draft.add_lane(maker, Consumer(country, industry), Lane(INDEX_PER_YEAR, 1, ASSUMED))
                _add_inputs(draft, maker, uses, INDEX_PER_YEAR)


def _add_inputs(
    draft: Draft, maker: Supplier, uses: Sequence[tuple[Row, float]], output_per_year: float
) -> None:
    """Give a maker a recipe line for every input with its annual use; nothing where it makes nothing."""
    if output_per_year > 0.0:
        for row, amount in uses:
            line = recipe_of(row, amount / output_per_year)
            draft.recipes[(maker, Consumer(maker.market, row["input"]))] = line


def _uses(
    rows: Sequence[Row],
    country: str,
    free: Mapping[Consumer, float],
    world: Mapping[str, float],
    index_products: set[str],
    draft: Draft,
) -> list[tuple[Row, float]]:
    """Return the inputs of one industry of a country with its annual use, where it uses enough of them."""
    found = []
    for row in rows:
        consumer, share = Consumer(country, row["input"]), float(row["use_share"])
        if row["input"] in index_products:
            if consumer in draft.consumers:
                found.append((row, share * INDEX_PER_YEAR))
        elif (
            share * free.get(consumer, 0.0) > 0.0
            and free[consumer] >= SMALLEST_USER_SHARE * world[row["input"]]
        ):
            found.append((row, share * free[consumer]))
    return found


def _final_use(draft: Draft) -> dict[Consumer, float]:
    used = draft.processing_use()
    return {consumer: max(0.0, t - used.get(consumer, 0.0)) for consumer, t in draft.inflow().items()}


def _in_order(lines: Sequence[Row]) -> list[str]:
    """Return the industries so that one that feeds another comes first."""
    waiting: dict[str, set[str]] = defaultdict(set)
    for row in lines:
        waiting[row["output"]].add(row["input"])
    done: list[str] = []
    while waiting:
        ready = sorted(name for name, inputs in waiting.items() if not inputs & set(waiting) - {name})
        if not ready:
            raise TableError(
                Problem("industries feed each other in a circle", "recipes", ", ".join(sorted(waiting)))
            )
        done += ready
        waiting = {name: inputs for name, inputs in waiting.items() if name not in ready}
    return done


def _check_shares(lines: Sequence[Row]) -> None:
    """Refuse shares of one input that add up to more than 1 in a market, counting its own rows and the
    world's for industries without one.
    """
    total: dict[tuple[str, str], float] = defaultdict(float)
    for market in sorted({row["market"] for row in lines}):
        for industry in sorted({row["output"] for row in lines}):
            for row in rows_for_market([row for row in lines if row["output"] == industry], market):
                total[(row["input"], market)] += float(row["use_share"])
    _refuse_above_one("use_share", {f"recipes, {p}, market {m}": t for (p, m), t in total.items()})


def _refuse_above_one(column: str, totals: Mapping[str, float]) -> None:
    """Raise TableError with every place whose shares add up to more than 1."""
    problems = [
        Problem(
            f"{column} adds up to more than 1",
            where,
            f"{total:.3f}",
            "at most 1",
            f"Lower the {column} there.",
        )
        for where, total in sorted(totals.items())
        if total > 1.0 + 1e-9
    ]
    if problems:
        raise TableError(problems)


def add_segments(draft: Draft, sources: Sources, *, parts: bool = False) -> None:
    """Carve each segment's inputs out of its parent's use and give it its equipment lines (rule N1).

    With `parts` the inputs that industries make, which must then be in the draft; without, the materials.
    The segment's share is taken from every lane into the parent's consumer in proportion. Home-made goods
    come on lanes from the parent's suppliers (lane kind 2); of imports, `DIRECT_SHARE` comes on lanes of its
    own from the exporter, the rest passes through the parent's importers (a re-export supplier of the parent,
    lane kind 2). Raises TableError where a parent gives away more than all of an input.
    """
    _check_segments(sources.segments)
    need: dict[tuple[str, str, str], float] = defaultdict(float)
    lines: dict[tuple[str, str], list[tuple[Row, float]]] = defaultdict(list)
    inflow, output = draft.inflow(), draft.output()
    made = {row["product"] for row in sources.products if row["unit"] == "index"}
    for row in [row for row in sources.segments if (row["input"] in made) == parts]:
        parent = Consumer(row["parent"], row["input"])
        reexported = output.get(Supplier(*parent, "reexport"), 0.0)
        amount = float(row["material_share"]) * (inflow.get(parent, 0.0) - reexported)
        if amount > 0.0:
            need[(row["segment"], row["parent"], row["input"])] += amount
            lines[(row["segment"], row["product"])].append((row, amount))
    for (segment, parent_id, product), amount in sorted(need.items()):
        _feed_segment(draft, Consumer(segment, product), Consumer(parent_id, product), amount)
    for (segment, equipment), uses in sorted(lines.items()):
        supplier = Supplier(segment, equipment, "processing")
        if supplier not in draft.suppliers:
            draft.add_lane(supplier, Consumer(segment, equipment), Lane(INDEX_PER_YEAR, 1, ASSUMED))
        for row, amount in uses:
            line = Recipe(
                amount / INDEX_PER_YEAR,
                float(row["dependence"]),
                float(row["dependence_low"]),
                float(row["dependence_high"]),
                False,
                ASSUMED,
            )
            draft.recipes[(supplier, Consumer(segment, row["input"]))] = line


def _check_segments(rows: Sequence[Row]) -> None:
    total: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows:
        total[(row["parent"], row["input"])] += float(row["material_share"])
    _refuse_above_one("material_share", {f"segments, {p}, parent {m}": t for (m, p), t in total.items()})


def _feed_segment(draft: Draft, segment: Consumer, parent: Consumer, amount: float) -> None:
    """Move `amount` a year of the parent's inflow to the segment, lane by lane."""
    into = [(key, lane) for key, lane in draft.lanes.items() if key[1] == parent and lane.tonnes > 0.0]
    total = sum(lane.tonnes for _, lane in into)
    passed = 0.0
    for (supplier, _), lane in into:
        part = amount * lane.tonnes / total
        home = supplier.market == parent.market
        moved = part if home else DIRECT_SHARE * part
        passed += part - moved
        draft.lanes[(supplier, parent)] = replace(lane, tonnes=lane.tonnes - moved)
        known = draft.suppliers[supplier]  # who is served says nothing about how well output is known
        lag, kind = (_SEGMENT_LAG, 2) if home else (lane.lag, lane.kind)
        draft.add_lane(supplier, segment, Lane(moved, lag, ASSUMED, kind))
        draft.suppliers[supplier] = known
    if passed > 0.0:
        through = Supplier(*parent, "reexport")
        draft.add_lane(through, segment, Lane(passed, _SEGMENT_LAG, ASSUMED, 2))
        draft.recipes.setdefault((through, parent), PASS_THROUGH)
