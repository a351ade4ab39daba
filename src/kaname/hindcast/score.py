"""Cells of a hindcast, predicted beside observed, and the scores over them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.hindcast.figures import CHANGE, UNIT_VALUE

Floats = NDArray[np.float64]
LARGE = 0.10  # a change of at least this much has a direction
BAND = (0.05, 0.95)


@dataclass(frozen=True)
class Cell:
    """One figure of one importer in one window. Missing values are None, and `missing` says why.

    `central` is the central draw, `low`, `median`, `high` are 5, 50 and 95 % of the draws; `no_change` and
    `proportional` are what the naive rules predict, `imposed` what the model gives with the origin's actual
    exports as the quota. Errors are predicted less observed; those of unit values are natural logarithms of
    the ratio. `direction_right` is None for a change below 10 %, and for figures that are no change.
    """

    importer: str
    measure: str
    origin: str
    period: str
    headline: bool
    central: float | None
    low: float | None
    median: float | None
    high: float | None
    observed: float | None
    error: float | None
    direction_right: bool | None
    inside_band: bool | None
    crps: float | None
    no_change: float | None
    no_change_error: float | None
    proportional: float | None
    proportional_error: float | None
    imposed: float | None
    imposed_error: float | None
    source: str
    missing: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the cell as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Prediction:
    """What is put beside an observed figure: (D,) draws with the central one first, and the naive rules."""

    drawn: Floats
    no_change: float
    proportional: float
    imposed: float


def cell(
    key: tuple[str, str, str, str], headline: bool, found: Prediction, observed: float, source: str
) -> Cell:
    """Return a cell; `key` is (importer, measure, origin, period). NaN on either side is missing."""
    measure, drawn = key[1], found.drawn
    known = math.isfinite(observed)
    predicted = bool(np.isfinite(drawn).all())
    samples = drawn[1:]  # none: no band
    banded = predicted and len(samples) > 0
    low, median, high = np.quantile(samples, [BAND[0], 0.5, BAND[1]]) if banded else [np.nan] * 3
    both = known and predicted
    crps = None
    if known and banded:
        import scoringrules  # noqa: PLC0415 - 80 MB that a server which scores nothing need not hold

        scale = np.log if measure == UNIT_VALUE else np.asarray
        crps = float(scoringrules.crps_ensemble(float(scale(observed)), scale(samples)))

    def off(value: float) -> float | None:
        return _error(measure, value, observed) if known and math.isfinite(value) else None

    direction = None
    if both and measure == CHANGE and abs(observed) >= LARGE:
        direction = bool(np.sign(drawn[0]) == np.sign(observed))
    missing = None
    if not known:
        missing = "the trade data show no such trade in one of the two years"
    elif not predicted:
        missing = "the base year has no such trade"
    return Cell(
        *key,
        headline,
        _plain(drawn[0]),
        _plain(low),
        _plain(median),
        _plain(high),
        _plain(observed),
        off(float(drawn[0])),
        direction,
        bool(low <= observed <= high) if known and banded else None,
        crps,
        _plain(found.no_change),
        off(found.no_change),
        _plain(found.proportional),
        off(found.proportional),
        _plain(found.imposed),
        off(found.imposed),
        source,
        missing,
    )


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _error(measure: str, predicted: float, observed: float) -> float | None:
    if measure != UNIT_VALUE:
        return predicted - observed
    return math.log(predicted / observed) if predicted > 0.0 and observed > 0.0 else None


@dataclass(frozen=True)
class Score:
    """Mean absolute errors over some cells, of the model and of the naive rules, and how bands did.

    `signs_right` of `signs` changes of at least 10 % have the right direction. `band_coverage` is the share
    of cells inside the 5-95 % band (.90 would be right); `crps` the mean continuous ranked probability score
    (in the unit of the error; the mean absolute error of a forecast without a band).
    """

    measure: str
    cells: int
    mean_absolute_error: float | None
    no_change_error: float | None
    proportional_error: float | None
    imposed_error: float | None
    signs_right: int
    signs: int
    band_coverage: float | None
    crps: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the score as plain values."""
        return asdict(self)


def score(measure: str, cells: Sequence[Cell]) -> Score:
    """Return the score over cells; those without an observed or predicted figure do not count."""
    counted = [item for item in cells if item.error is not None]
    directed = [item.direction_right for item in counted if item.direction_right is not None]
    inside = [item.inside_band for item in counted if item.inside_band is not None]
    return Score(
        measure,
        len(counted),
        _mean([item.error for item in counted]),
        _mean([item.no_change_error for item in counted]),
        _mean([item.proportional_error for item in counted]),
        _mean([item.imposed_error for item in counted]),
        sum(directed),
        len(directed),
        sum(inside) / len(inside) if inside else None,
        _mean([item.crps for item in counted]),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    """Return the mean of absolute values; None where one is missing, or there is none."""
    if not values or any(value is None for value in values):
        return None
    return float(np.mean([abs(value) for value in values if value is not None]))
