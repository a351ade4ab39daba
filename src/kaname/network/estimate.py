"""Lanes for stages without trade data: supply shares and use keys, fitted in proportion, marked estimated
(rule N7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kaname.network.sources import ESTIMATED, Flow

HOME_SHARE = 0.9  # assumed: the part of the smaller of home output and home need that is served at home
PARTS_HOME_SHARE = 0.3  # assumed: the same for parts, of which a country makes some kinds and uses others
SMALLEST_SHARE = 1e-4  # an estimated lane below this share of world trade is not written
UNLISTED_SHARE = 0.15  # assumed: flows beside the known ones, as a share of them
_FITS = 200
Floats = NDArray[np.float64]


def estimated_flows(
    product: str,
    output_t: Mapping[str, float],
    need_t: Mapping[str, float],
    known: Sequence[Flow],
    price_kusd: float,
    home_share: float = HOME_SHARE,
) -> list[Flow]:
    """Return cross-border flows of one product over a year: the known ones and, for the rest, estimated ones.

    `output_t` and `need_t` map a country to its output and its whole need (processing and final). Home output
    serves `home_share` of the smaller of both at home; what the known flows leave is fitted between exporters
    and importers in proportion (iterative proportional fitting, no flow to oneself or along a known lane). An
    exporter whose flows are known sends no more than `UNLISTED_SHARE` of them elsewhere. Lanes below
    `SMALLEST_SHARE` of the product's trade are left out.
    """
    places = sorted(
        set(output_t) | set(need_t) | {p for flow in known for p in (flow.exporter, flow.importer)}
    )
    position = {place: i for i, place in enumerate(places)}
    listed = np.zeros((len(places), len(places)))
    for flow in known:
        listed[position[flow.exporter], position[flow.importer]] += flow.tonnes
    output = np.array([output_t.get(place, 0.0) for place in places])
    need = np.array([need_t.get(place, 0.0) for place in places])
    home = home_share * np.minimum(output, need)
    exports = np.maximum(output - home - listed.sum(axis=1), 0.0)
    exports = np.where(
        listed.sum(axis=1) > 0.0, np.minimum(exports, UNLISTED_SHARE * listed.sum(axis=1)), exports
    )
    imports = np.maximum(need - home - listed.sum(axis=0), 0.0)
    flows = _fit(exports, imports, (listed <= 0.0) & ~np.eye(len(places), dtype=bool))
    smallest = SMALLEST_SHARE * (flows.sum() + listed.sum())
    guessed = [
        Flow(
            product, places[i], places[j], float(flows[i, j]), float(flows[i, j] * price_kusd), ESTIMATED, 0.0
        )
        for i, j in zip(*np.nonzero(flows > smallest), strict=True)
    ]
    return [*known, *guessed]


def _fit(exports: Floats, imports: Floats, open_lane: NDArray[np.bool_]) -> Floats:
    """Fit flows on the open lanes in proportion to both margins.

    The margin with the smaller total is met as far as the open lanes allow; neither is ever exceeded.
    """
    if exports.sum() > imports.sum():
        return _fit(imports, exports, open_lane.T).T
    flows = np.where(open_lane, np.outer(exports, imports), 0.0)
    for _ in range(_FITS):
        flows *= _ratio(exports, flows.sum(axis=1))[:, None]
        flows *= np.minimum(1.0, _ratio(imports, flows.sum(axis=0)))[None, :]
    return flows


def _ratio(wanted: Floats, have: Floats) -> Floats:
    ratio = np.zeros_like(wanted)
    np.divide(wanted, have, out=ratio, where=have > 0.0)
    return ratio
