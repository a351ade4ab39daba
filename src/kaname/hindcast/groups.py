"""Importers that are scored: a country, the EU27, or the world."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

EU27 = frozenset(
    (
        *("AUT", "BEL", "BGR", "HRV", "CYP", "CZE", "DNK", "EST", "FIN"),
        *("FRA", "DEU", "GRC", "HUN", "IRL", "ITA", "LVA", "LTU", "LUX"),
        *("MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "ESP", "SWE"),
    )
)
"""The European Union as of 1 February 2020, for all years, so that a series has one meaning."""

WORLD = "WORLD"
GROUP_NAMES = ("EU27", WORLD)
_COUNTRY = re.compile(r"[A-Z][A-Z0-9]{2}")

Bools = NDArray[np.bool_]


def group_fault(name: str) -> bool:
    """Tell whether a name can be no importer."""
    return name not in GROUP_NAMES and _COUNTRY.fullmatch(name) is None


def members(name: str) -> frozenset[str] | None:
    """Return the countries of an importer; None for the world."""
    if name == WORLD:
        return None
    return EU27 if name == "EU27" else frozenset({name})


def into(name: str, exporter: NDArray[np.str_], importer: NDArray[np.str_]) -> Bools:
    """Return which flows are imports of a group: from outside it, or for the world between countries.

    `exporter` and `importer` are country codes, one per flow.
    """
    inside = members(name)
    if inside is None:
        return np.asarray(exporter != importer, dtype=np.bool_)
    here = sorted(inside)
    return np.asarray(np.isin(importer, here) & ~np.isin(exporter, here), dtype=np.bool_)
