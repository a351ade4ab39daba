"""Lanes for stages without trade data: supply shares and use keys, fitted in proportion, marked estimated (rule N7)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kaname.network.sources import ESTIMATED, Flow

HOME_SHARE = 0.9  # assumed: the part of the smaller of home output and home need that is served at home
SMALLEST_SHARE = 1e-4  # an estimated lane below this share of world trade is not written
_FITS = 500


def estimated_flows(
    product: str, output_t: Mapping[str, float], need_t: Mapping[str, float], price_kusd: float
) -> list[Flow]:
    """Return estimated cross-border flows of one product over a year.

    `output_t` and `need_t` map a country to its output and its whole need (processing and final). Home output serves
    `HOME_SHARE` of the smaller of both at home; what is left is fitted between exporters and importers in proportion
    (iterative proportional fitting, no flow to oneself). Where total need exceeds total output the flows follow output.
    """
    places = sorted(set(output_t) | set(need_t))
    output = np.array([output_t.get(place, 0.0) for place in places])
    need = np.array([need_t.get(place, 0.0) for place in places])
    home = HOME_SHARE * np.minimum(output, need)
    exports, imports = output - home, need - home
    if exports.sum() <= 0.0 or imports.sum() <= 0.0:
        return []
    imports *= exports.sum() / imports.sum()
    flows = np.outer(exports, imports)
    np.fill_diagonal(flows, 0.0)
    for _ in range(_FITS):
        flows *= _ratio(exports, flows.sum(axis=1))[:, None]
        flows *= _ratio(imports, flows.sum(axis=0))[None, :]
    smallest = SMALLEST_SHARE * flows.sum()
    return [
        Flow(
            product, places[i], places[j], float(flows[i, j]), float(flows[i, j] * price_kusd), ESTIMATED, 0.0
        )
        for i, j in zip(*np.nonzero(flows > smallest), strict=True)
    ]


def _ratio(wanted: np.ndarray, have: np.ndarray) -> np.ndarray:
    return np.divide(wanted, have, out=np.zeros_like(wanted), where=have > 0.0)
