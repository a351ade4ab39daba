"""Until when the makers of the targets can be fed: when each falls short, how far, what moves the week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaname.report.ensemble import SHORT_BELOW, Paths
from kaname.report.metrics import Band, Draws, Floats, band, first_below, onset_span

WEEKS_MOVED = 2


@dataclass(frozen=True)
class Onset:
    """When the makers of a product fall short: weeks counted from 1, 0 = never in the central draw.

    `early`, `median` and `late` are of the draws that fall short; `never` is the share of draws that do not.
    `worst` is the lowest weekly output in the central draw. `drivers` are the assumptions that alone move the
    first week by at least `WEEKS_MOVED`, the strongest first.
    """

    week: int
    early: int
    median: int
    late: int
    never: float
    worst: float
    drivers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Maker:
    """The makers of one product in a market over the horizon, as shares of the base.

    `onset` is None where no draw falls short; `lowest` and `lost` are of the central draw.
    """

    onset: Onset | None
    lowest: float
    worst: Band
    lost: float
    lost_band: Band
    still: bool


def onset(path: Floats, draws: Draws) -> Onset | None:
    """Return when and how far a path (D, P) of output falls short; None where no draw does."""
    first, periods = first_below(path, SHORT_BELOW), path.shape[1]
    span = onset_span(first, periods, draws)
    if span is None:
        return None
    week = int(first[0]) + 1 if first[0] < periods else 0
    never = float(np.mean(first[draws.ensemble] == periods))
    moved = [
        (max(first[0], first[a], first[b]) - min(first[0], first[a], first[b]), n) for n, a, b in draws.ends()
    ]
    drivers = [name for weeks, name in sorted(moved, reverse=True) if weeks >= WEEKS_MOVED][:3]
    worst = float(path[0].min())
    return Onset(week, span.early + 1, span.median + 1, span.late + 1, never, worst, tuple(drivers))


def makers_of(paths: Paths, draws: Draws) -> dict[tuple[str, str], Maker]:
    """Return what becomes of every maker, by (market, product)."""
    moving = set(paths.moving())
    found = {}
    for i, key in enumerate(zip(paths.market, paths.product, strict=True)):
        path = paths.share[:, :, i]
        lost = np.clip(1.0 - path.mean(axis=1), 0.0, 1.0)
        lowest = path.min(axis=1)
        found[key] = Maker(
            onset=onset(path, draws),
            lowest=float(lowest[0]),
            worst=band(lowest, draws),
            lost=float(lost[0]),
            lost_band=band(lost, draws),
            still=i not in moving,
        )
    return found
