"""Import reliance and days of cover, from production, trade and use of any shape.

All amounts of one cell must count the same: contained tonnes or gross, never one with the other. NaN is not
known, and what rests on it is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaname.indicators.lanes import Floats
from kaname.terms.units import DAYS_PER_YEAR

REMAINDER = 0.05
"""Of production and imports: use below it is what two large numbers leave, within the error of either."""


@dataclass(frozen=True)
class Reliance:
    """Apparent use (t per year) and import reliance, of one shape; NaN where not known.

    `reliance` is NaN where use is not above 0 as well: then the figures contradict each other, or nothing is
    used; and where use is a mere remainder (`REMAINDER`).
    """

    use_t: Floats
    reliance: Floats


def import_reliance(production_t: Floats, import_t: Floats, export_t: Floats) -> Reliance:
    """Return apparent use, production + imports - exports, and the net imports as a share of it.

    1: all comes from abroad; 0: as much goes out as comes in; below 0: a net exporter. Source: net import
    reliance as in the Mineral Commodity Summaries (USGS), without changes of stocks, which are not known.
    """
    net = import_t - export_t
    use = production_t + net
    with np.errstate(invalid="ignore", divide="ignore"):
        told = (use > 0.0) & (use >= REMAINDER * (production_t + import_t))
        return Reliance(use, np.where(told, net / use, np.nan))


@dataclass(frozen=True)
class Cover:
    """Stocks against use: `cover_days`, the same in tonnes, and how long they last if net imports stop."""

    cover_days: Floats
    cover_t: Floats
    days_without_imports: Floats


def stock_cover(user_days: Floats, reserve_days: Floats, found: Reliance) -> Cover:
    """Return how long stocks last, from the days that users and national reserves hold.

    A reserve that is not known (NaN) adds nothing. If only net imports stop, stocks have to make up for that
    part of the use alone: `cover_days` over the reliance; infinite use of stocks (no net imports) is NaN.
    """
    days = user_days + np.nan_to_num(reserve_days)
    days = np.where(found.use_t > 0.0, days, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        longer = np.where(found.reliance > 0.0, days / np.minimum(found.reliance, 1.0), np.nan)
    return Cover(days, days / DAYS_PER_YEAR * found.use_t, longer)
