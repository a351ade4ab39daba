"""Concentration of suppliers and dependence on each of them, from reported imports."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kaname.criticality.panel import Asked, Panel, plain, read_panel
from kaname.indicators import concentration
from kaname.indicators.lanes import Ints, Lanes
from kaname.indicators.rows import PartnerDependence, SupplierConcentration


def _imports(asked: Asked) -> Panel:
    items = asked.catalogue.traded_items(asked.product)
    first, last = asked.trade_years
    return read_panel(asked, items, asked.years(range(first, last + 1)))


def supplier_concentration(asked: Asked) -> Iterator[SupplierConcentration]:
    """Yield the HHI of the suppliers of each item, year and importing country."""
    panel = _imports(asked)
    lanes, cells = panel.lanes, int(np.prod(panel.lanes.shape))
    suppliers = concentration.counted(lanes.cell, lanes.tonnes + lanes.value_kusd, cells)
    shown = asked.shown(suppliers.reshape(lanes.shape))
    by_weight = plain(concentration.hhi(lanes.cell, lanes.tonnes, cells)[shown])
    by_value = concentration.hhi(lanes.cell, lanes.value_kusd, cells)[shown]
    largest, share = _largest(asked, lanes, shown)
    tonnes, value, weightless = (
        lanes.by_importer(amounts).reshape(-1)[shown]
        for amounts in (lanes.tonnes, lanes.value_kusd, lanes.weightless_kusd)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        without = np.where(value > 0.0, weightless / value, np.nan)
    blocks, counts = (shown // lanes.shape[2]).tolist(), suppliers[shown].tolist()
    missing = [
        None if hhi is not None else _why(panel, block // lanes.shape[1], block % lanes.shape[1], count)
        for hhi, block, count in zip(by_weight, blocks, counts, strict=True)
    ]
    yield from map(
        SupplierConcentration,
        *panel.heads(asked, shown, missing),
        by_weight,
        plain(by_value),
        [count or None for count in counts],  # nobody known: missing, not none
        largest,
        share,
        plain(np.where(tonnes > 0.0, tonnes, np.nan)),
        plain(np.where(value > 0.0, value, np.nan)),
        plain(without),
    )


def _largest(asked: Asked, lanes: Lanes, shown: Ints) -> tuple[list[str | None], list[float | None]]:
    """Return the largest supplier of cells and its share: by weight, by value where no weight is known."""
    cells = int(np.prod(lanes.shape))
    heaviest = concentration.largest(lanes.cell, lanes.tonnes, cells)[shown]
    dearest = concentration.largest(lanes.cell, lanes.value_kusd, cells)[shown]
    top = np.where(heaviest >= 0, heaviest, dearest)
    found = np.full(len(shown), np.nan)
    for places, amounts in ((dearest, lanes.value_kusd), (heaviest, lanes.tonnes)):
        has = places >= 0
        found[has] = concentration.shares(lanes.cell, amounts, cells)[places[has]]
    exporter = np.append(lanes.exporter, -1)[top].tolist()
    return [asked.countries[c] if c >= 0 else None for c in exporter], plain(found)


def _why(panel: Panel, item: int, year: int, rows: int) -> str:
    """Return why there is no concentration by weight."""
    if not panel.traded[item, year]:
        return panel.why_untraded(item, year)
    one = f"HS {', '.join(panel.items[item].hs)}"
    if not rows:
        return f"no imports under {one} reported in {panel.years[year]}"
    return f"the imports under {one} of {panel.years[year]} were reported without a weight"


def partner_dependence(asked: Asked) -> Iterator[PartnerDependence]:
    """Yield what each partner supplies of the imports of each item, year and importing country."""
    panel = _imports(asked)
    lanes, cells = panel.lanes, int(np.prod(panel.lanes.shape))
    weighed = lanes.tonnes > 0.0
    by_weight = concentration.shares(lanes.cell, lanes.tonnes, cells)
    missing = np.full(len(weighed), None, dtype=object)
    missing[~weighed] = "reported without a weight"
    *head, hs = panel.heads(asked, lanes.cell, missing.tolist())
    yield from map(
        PartnerDependence,
        *head,
        [asked.countries[c] for c in lanes.exporter.tolist()],
        hs,
        plain(np.where(weighed, by_weight, np.nan)),
        plain(concentration.shares(lanes.cell, lanes.value_kusd, cells)),
        plain(np.where(weighed, lanes.tonnes, np.nan)),
        lanes.value_kusd.tolist(),
    )
    if asked.country is not None and asked.product is not None:
        yield from _without_partners(asked, panel)


def _without_partners(asked: Asked, panel: Panel) -> Iterator[PartnerDependence]:
    """Yield a row for each item and year asked for by name in which nobody supplied anything."""
    place = asked.place[asked.country or ""]
    rows = panel.lanes.by_importer(np.ones(len(panel.lanes.cell)))[:, :, place]
    for i, y in np.argwhere(rows == 0).tolist():
        hs = ";".join(panel.items[i].hs)
        head = (asked.country or "", panel.items[i].id, panel.years[y], asked.data, _why(panel, i, y, 0))
        yield PartnerDependence(*head, panel.note(i, y), "", hs, None, None, None, None)
