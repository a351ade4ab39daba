"""Supply risk as the European Commission scores it, for all materials at once, and what rounding leaves.

    SR = [HHI_GS x IR/2 + HHI_EU x (1 - IR/2)] x (1 - EoL_RIR) x SI_SR
    HHI = sum over countries of S^2 x WGI x t

Source: Blengini et al., Assessment of the methodology for establishing the EU list of critical raw materials,
JRC 2017, doi 10.2760/73303. HHI_GS is of the world's supply, HHI_EU of the EU's with its own output. Missing
values are NaN, and what rests on them is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaname.data.contracts_eu import EU_SCOPES

BOTH, GLOBAL, EU = EU_SCOPES
"""Which supply a score rests on: global and EU sourcing together, or one of them alone."""

WORST_ESTIMATE = 2.5
ROUNDING_SLACK = 1e-9

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Inputs:
    """What the score of each material rests on, arrays of one length; NaN is missing.

    `hhi_gs` and `hhi_eu`: weighted concentration, 0 to 10 and above it where trade is restricted;
    `import_reliance`, `eol_rir` and `si_sr`: shares, 0 to 1; `scope`: one of `EU_SCOPES`.
    """

    hhi_gs: Floats
    hhi_eu: Floats
    import_reliance: Floats
    eol_rir: Floats
    si_sr: Floats
    scope: NDArray[np.str_]


def scaled_governance(estimate: ArrayLike) -> Floats:
    """Return estimates of governance (about -2.5 to 2.5, high is good) on the scale 0 to 10, 10 worst."""
    return np.clip((WORST_ESTIMATE - np.asarray(estimate, dtype=np.float64)) * 2.0, 0.0, 10.0)


def weighted_hhi(shares: ArrayLike, governance: ArrayLike, trade: ArrayLike) -> float:
    """Return HHI_(WGI,t) of one material: the sum of S^2 x WGI x t over countries.

    `shares` of supply (0-1), `governance` on the scale 0-10 and the trade parameter `trade`, one per country.
    A country without governance makes it NaN: leave such countries out knowingly or not at all.
    """
    s, w, t = (np.asarray(array, dtype=np.float64) for array in (shares, governance, trade))
    return float((s**2 * w * t).sum())


def mixed_hhi(hhi_gs: Floats, hhi_eu: Floats, import_reliance: Floats, scope: NDArray[np.str_]) -> Floats:
    """Return the concentration that counts: both weighted by import reliance, or the one of the scope alone.

    A net exporter, with an import reliance below 0, counts as one of 0.
    """
    half = np.clip(import_reliance, 0.0, 1.0) / 2.0
    both = hhi_gs * half + hhi_eu * (1.0 - half)
    return np.select([scope == GLOBAL, scope == EU, scope == BOTH], [hhi_gs, hhi_eu, both], np.nan)


def scores(inputs: Inputs) -> Floats:
    """Return the supply risk of each material; NaN where an input that its scope needs is missing."""
    mixed = mixed_hhi(inputs.hhi_gs, inputs.hhi_eu, inputs.import_reliance, inputs.scope)
    return mixed * (1.0 - inputs.eol_rir) * inputs.si_sr


def interval(low: Inputs, high: Inputs) -> tuple[Floats, Floats]:
    """Return the lowest and highest supply risk that inputs between `low` and `high` allow.

    The score rises with both concentrations and the substitution index, falls with recycling, and is linear
    in import reliance, so its extremes lie at ends of the ranges. The scope is that of `low`.
    """
    ends = (low.import_reliance, high.import_reliance)
    bottom = [mixed_hhi(low.hhi_gs, low.hhi_eu, end, low.scope) for end in ends]
    top = [mixed_hhi(high.hhi_gs, high.hhi_eu, end, low.scope) for end in ends]
    lowest = np.minimum(*bottom) * (1.0 - high.eol_rir) * low.si_sr
    highest = np.maximum(*top) * (1.0 - low.eol_rir) * high.si_sr
    return lowest, highest


def agrees(published_low: Floats, published_high: Floats, low: Floats, high: Floats) -> Bools:
    """Tell for each material whether a rounded published score can come from rounded inputs.

    True where [published_low, published_high] and [low, high] meet; NaN meets nothing.
    """
    met: Bools = (low <= published_high + ROUNDING_SLACK) & (high >= published_low - ROUNDING_SLACK)
    return met
