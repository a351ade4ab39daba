"""What is scored of a set of imports: changes by origin, share of the origin, concentration, unit value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.hindcast.baseyear import Trade
from kaname.hindcast.episode import ALL, ELSEWHERE
from kaname.hindcast.groups import into

Floats = NDArray[np.float64]

CHANGE, SHARE, HHI, UNIT_VALUE = "change", "share", "hhi", "unit_value"
MEASURES: Mapping[str, str] = {
    CHANGE: "change of imports against the base year, by weight",
    SHARE: "share of the restricted origin in imports, by weight",
    HHI: "concentration of suppliers (Herfindahl-Hirschman, 0 to 1), by weight",
    UNIT_VALUE: "unit value of imports, as a multiple of the base year's",
}


@dataclass(frozen=True)
class Imports:
    """Imports of one importer in a window by exporter: (R, M) tonnes in R draws, and the base year's (M,)
    tonnes over a window as long; `price` (R,) as a multiple of the base, NaN where unknown.
    """

    exporters: NDArray[np.str_]
    tonnes: Floats
    base: Floats
    price: Floats

    def change(self, origin: str, restricted: str) -> Floats:
        """Return (R,) the change of imports from an origin, from elsewhere or in all; NaN without a base."""
        if origin == ALL:
            chosen = np.ones(len(self.exporters), dtype=np.bool_)
        elif origin == ELSEWHERE:
            chosen = self.exporters != restricted
        else:
            chosen = self.exporters == origin
        before = float(self.base[chosen].sum())
        if before <= 0.0:
            return np.full(len(self.tonnes), np.nan)
        found: Floats = self.tonnes[:, chosen].sum(axis=1) / before - 1.0
        return found

    def share(self, origin: str) -> Floats:
        """Return (R,) the share of an origin; NaN where nothing was imported."""
        total = self.tonnes.sum(axis=1)
        own = self.tonnes[:, self.exporters == origin].sum(axis=1)
        found: Floats = np.divide(own, total, out=np.full(len(total), np.nan), where=total > 0.0)
        return found

    def hhi(self) -> Floats:
        """Return (R,) the Herfindahl-Hirschman index of exporters; NaN where nothing was imported."""
        total = self.tonnes.sum(axis=1, keepdims=True)
        empty = np.full_like(self.tonnes, np.nan)
        parts: Floats = np.divide(self.tonnes, total, out=empty, where=total > 0.0)
        found: Floats = (parts**2).sum(axis=1)
        return found

    def figure(self, measure: str, origin: str, restricted: str) -> Floats:
        """Return (R,) one of `MEASURES`."""
        if measure == CHANGE:
            return self.change(origin, restricted)
        if measure == SHARE:
            return self.share(origin)
        return self.hhi() if measure == HHI else self.price


def imports_of(group: str, year: Trade, base: Trade) -> Imports:
    """Return the reported imports of a group in a year, all products together, beside those of the base."""
    now, then = into(group, year.exporter, year.importer), into(group, base.exporter, base.importer)
    names = np.unique(np.concatenate([year.exporter[now], base.exporter[then]]))

    def by_exporter(trade: Trade, mask: NDArray[np.bool_]) -> Floats:
        at = np.searchsorted(names, trade.exporter[mask])
        return np.bincount(at, trade.tonnes[mask], len(names)).astype(np.float64)

    tonnes, before = by_exporter(year, now), by_exporter(base, then)
    unit_values = [
        float(trade.value_kusd[mask].sum() / trade.tonnes[mask].sum()) if mask.any() else float("nan")
        for trade, mask in ((year, now), (base, then))
    ]
    price = unit_values[0] / unit_values[1] if unit_values[1] > 0.0 else float("nan")
    return Imports(names, tonnes[None, :], before, np.array([price]))
