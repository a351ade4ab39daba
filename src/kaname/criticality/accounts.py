"""Production, imports and exports of items in the same contained tonnes, for all countries and years at once.

Items are kaname's products, whose output and trade count the same content, or with World Mining Data its raw
materials, from the ground to their last code. Where the figures count another content than the trade can be
turned into, nothing is computed: gross and contained tonnes do not add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kaname.criticality.panel import Asked, Rows, read_rows
from kaname.data import store
from kaname.data.production import OWN_SOURCE, Material, world_production
from kaname.indicators.conversion import Rule, contained
from kaname.indicators.lanes import Floats, summed
from kaname.terms.contract import GRADES

OUTSIDE = "outside"  # the part of a trade code that is none of the products
GROSS = "t gross"


@dataclass(frozen=True)
class Account:
    """Production, imports and exports of shape (items, years, countries), contained tonnes, NaN: not known.

    `value_kusd` and `weightless_kusd` are the value of all trade under an item's codes, and of the rows
    without a weight. `active` tells who makes or trades an item, whether or not the figures can be added up.
    `ids`, `contents` and `bases` (the weakest grade) describe the items; `why` holds the sentence for an
    (item, year) of which nothing can be said.
    """

    ids: tuple[str, ...]
    contents: tuple[str, ...]
    bases: tuple[str, ...]
    years: tuple[int, ...]
    source: str
    production_t: Floats
    import_t: Floats
    export_t: Floats
    value_kusd: Floats
    weightless_kusd: Floats
    active: Any
    why: Mapping[tuple[int, int], str]


@dataclass(frozen=True)
class _Plan:
    """What goods count as: the codes of each item, and the parts of each line of the split by code."""

    ids: tuple[str, ...]
    contents: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    parts: Mapping[tuple[str, str], tuple[tuple[int, float], ...]]  # (code, product) -> item, of the whole
    gross: Mapping[str, tuple[int, ...]]  # a code without a split -> items that count its gross weight
    why: Mapping[int, str]


def of_products(asked: Asked) -> Account:
    """Return the accounts of our own products, for the years of our table of production."""
    catalogue = asked.catalogue
    ids = catalogue.products_of(asked.product)
    corrections = store.own_table("stage_corrections", asked.root).to_pylist()
    lines = [line for line in (*catalogue.lines, *corrections) if line["product"] in ids]
    hs = tuple(tuple(sorted({line["hs"] for line in lines if line["product"] == one})) for one in ids)
    plan = _Plan(
        ids,
        tuple(catalogue.products[one]["content"] for one in ids),
        hs,
        {(code, one): ((i, 1.0),) for i, one in enumerate(ids) for code in hs[i]},
        {},
        {i: "no HS 1992 code shows its trade" for i in range(len(ids)) if not hs[i]},
    )
    rows = [row for row in store.own_table("production", asked.root).to_pylist() if row["product"] in ids]
    years = asked.years({row["year"] for row in rows})
    made = [(row["product"], row["year"], row["market"], row["production_t"]) for row in rows]
    grades = {one: {row["grade"] for row in [*rows, *lines] if row["product"] == one} for one in ids}
    bases = tuple(max(grades[one], key=GRADES.index, default="assumed") for one in ids)
    return _account(asked, plan, bases, years, made, OWN_SOURCE)


def of_materials(asked: Asked, folder: Path) -> Account:
    """Return the accounts of the raw materials of World Mining Data, for its years."""
    known = asked.catalogue.materials_of(asked.product)
    world = world_production(known, folder, asked.root)
    columns = [world.rows[name].to_pylist() for name in ("material", "year", "country")]
    tonnes = world.rows["production_t"].fill_null(np.nan).to_pylist()
    made = list(zip(*columns, tonnes, strict=True))
    plan = _plan_of_materials(asked, known)
    bases = tuple("assumed" for _ in known)  # what the goods under a code contain is assumed throughout
    return _account(asked, plan, bases, asked.years(world.years), made, world.source)


def _plan_of_materials(asked: Asked, known: Sequence[Material]) -> _Plan:
    """Return how the codes of materials count: by their split, where all of it has the sheet's content."""
    content = {one: _bare(row["content"]) for one, row in asked.catalogue.products.items()}
    split: dict[str, set[str]] = {}
    for line in asked.catalogue.lines:
        if line["product"] != OUTSIDE:
            split.setdefault(line["hs"], set()).add(line["product"])
    parts: dict[tuple[str, str], tuple[tuple[int, float], ...]] = {}
    gross: dict[str, tuple[int, ...]] = {}
    why: dict[int, str] = {}
    for i, one in enumerate(known):
        if not one.hs:
            why[i] = one.note or "no HS 1992 code shows its trade"
        for code in one.hs:
            found = {content.get(product, "another unit") for product in split.get(code, ())} or {GROSS}
            if found != {_bare(one.content)}:
                trade = " and ".join(sorted(found))
                why[i] = f"production counts {one.content}, the trade under HS {code} {trade}"
            for product in split.get(code, ()):
                parts[code, product] = (*parts.get((code, product), ()), (i, 1.0))
            if code not in split:
                gross[code] = (*gross.get(code, ()), i)
    names = tuple(one.name for one in known)
    return _Plan(
        names, tuple(one.content for one in known), tuple(one.hs for one in known), parts, gross, why
    )


def _bare(content: str) -> str:
    """Return a content without what makes no difference to a sum: dry weight, oxide equivalents."""
    return content.removesuffix(" equivalent").removesuffix(", dry")


def _account(
    asked: Asked,
    plan: _Plan,
    bases: tuple[str, ...],
    years: tuple[int, ...],
    made: Sequence[tuple[Any, ...]],
    source: str,
) -> Account:
    """Read the trade of a plan, turn it into contained tonnes, and set it beside what was made."""
    shape = (len(plan.ids), len(years), len(asked.countries))
    hs = tuple(sorted({code for codes in plan.codes for code in codes} & set(asked.catalogue.titles)))
    flows, traded = [np.zeros(shape) for _ in range(4)], np.zeros(len(hs) * len(years), dtype=bool)
    if hs and years:
        rows = read_rows(asked, hs, years)
        of_year = {year: y for y, year in enumerate(years)}
        place = np.array([of_year.get(year, -1) for year in range(years[0], years[-1] + 1)])
        rows = rows.some(place[rows.year - years[0]] >= 0)
        y = place[rows.year - years[0]]
        traded = np.bincount(rows.code * len(years) + y, minlength=len(hs) * len(years)) > 0
        flows = _converted(rows, y, _rules(asked, plan, hs), shape)
    production = np.full(shape, np.nan)
    number = {one: i for i, one in enumerate(plan.ids)}
    index = {year: y for y, year in enumerate(years)}
    for one, year in {(row[0], row[1]) for row in made}:
        if year in index:
            production[number[one], index[year]] = 0.0  # whom a source does not list makes nothing
    for one, year, country, tonnes in made:
        if year in index and country in asked.place:
            production[number[one], index[year], asked.place[country]] += tonnes
    why = _gaps(plan, hs, years, traded.reshape(len(hs), len(years)), production, source)
    imports, exports, value, weightless = flows
    active = np.nan_to_num(production) + imports + exports > 0.0
    if asked.year is None:  # a year of which only some products are known is not listed for the others
        active &= ~np.isnan(production).all(axis=2, keepdims=True)
    for gap in why:
        imports[gap] = exports[gap] = np.nan
    amounts = (production, imports, exports, value, weightless)
    return Account(plan.ids, plan.contents, bases, years, source, *amounts, active, why)


def _converted(rows: Rows, year: Any, rules: Sequence[Rule], shape: tuple[int, int, int]) -> list[Floats]:
    """Return imports and exports of `shape` in contained tonnes, the value of both, and what of it came
    without a weight: such a row adds no tonnes.
    """
    parts = contained(rows.code, rows.exporter, rows.importer, rows.year, rules)
    tonnes = np.nan_to_num(rows.tonnes)[parts.row] * parts.factor
    start = (parts.item * shape[1] + year[parts.row]) * shape[2]
    into, out = start + rows.importer[parts.row], start + rows.exporter[parts.row]
    value = rows.value_kusd[parts.row]
    without = np.where(tonnes > 0.0, 0.0, value)
    both = [summed(into, one, shape) + summed(out, one, shape) for one in (value, without)]
    return [summed(into, tonnes, shape), summed(out, tonnes, shape), *both]


def _rules(asked: Asked, plan: _Plan, hs: Sequence[str]) -> list[Rule]:
    """Return the rules of the plan, the general ones first: default split, exporters, single lanes."""
    place = {code: i for i, code in enumerate(hs)}
    rules = [
        Rule(place[code], tuple((i, 1.0) for i in items))
        for code, items in plan.gross.items()
        if code in place
    ]
    split: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in asked.catalogue.lines:
        if line["hs"] in place and line["exporter"] in {"*", *asked.place}:
            split.setdefault((line["exporter"] != "*", line["hs"], line["exporter"]), []).append(line)
    for (own, code, exporter), lines in sorted(split.items()):
        start = asked.place[exporter] if own else -1
        rules.append(Rule(place[code], _parts(plan, lines), start))
    lanes: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in store.own_table("stage_corrections", asked.root).to_pylist():
        if line["hs"] in place and {line["exporter"], line["importer"]} <= set(asked.place):
            key = (line["hs"], line["exporter"], line["importer"], line["year_from"], line["year_to"])
            lanes.setdefault(key, []).append(line)
    for (code, exporter, importer, first, last), lines in sorted(lanes.items()):
        ends = (asked.place[exporter], asked.place[importer])
        rules.append(Rule(place[code], _parts(plan, lines), *ends, (first, last)))
    return rules


def _parts(plan: _Plan, lines: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, float], ...]:
    return tuple(
        (item, whole * line["share"] * line["content_factor"])
        for line in lines
        for item, whole in plan.parts.get((line["hs"], line["product"]), ())
    )


def _gaps(
    plan: _Plan, hs: Sequence[str], years: Sequence[int], traded: Any, production: Floats, source: str
) -> dict[tuple[int, int], str]:
    """Return why nothing can be said of an item in a year."""
    place = {code: i for i, code in enumerate(hs)}
    found: dict[tuple[int, int], str] = {}
    for i, codes in enumerate(plan.codes):
        for y, year in enumerate(years):
            if i in plan.why:
                found[i, y] = plan.why[i]
            elif not any(traded[place[code], y] for code in codes if code in place):
                found[i, y] = f"no trade under HS {', '.join(codes)} in {year}; missing is not zero"
            elif np.isnan(production[i, y]).all():
                found[i, y] = f"production of {year} is not known ({source})"
    return found
