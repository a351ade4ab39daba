"""Numbers of a report, taken from outcomes: who runs short, from which week, how far, at what value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import BASES, Network
from kaname.report.ensemble import Ensemble
from kaname.report.model import BasisShares, ShortfallRow
from kaname.scenario.draws import SAMPLERS

Floats = NDArray[np.float64]

BAND = (0.05, 0.95)
MIDDLE = 0.5
LISTED_SHARE = 0.1  # a consumer that is never short in the central draw is listed if so many draws fall short


@dataclass(frozen=True)
class Band:
    """What 5, 50 and 95 % of an ensemble stay below."""

    low: float
    median: float
    high: float

    def holding(self, value: float) -> Band:
        """Return the band, widened where needed to hold a value beside it (the central draw's)."""
        return Band(min(self.low, value), self.median, max(self.high, value))


@dataclass(frozen=True)
class Draws:
    """Which rows of the draw axis are what: the central one, the ends of each assumption, the ensemble."""

    names: tuple[str, ...]

    @property
    def ensemble(self) -> list[int]:
        """Return the rows that span the band: the samples of all ranges, or all draws without any."""
        samples = tuple(f"{sampler} " for sampler in SAMPLERS)
        rows = [i for i, name in enumerate(self.names) if name.startswith(samples)]
        return rows or list(range(len(self.names)))

    def ends(self) -> list[tuple[str, int, int]]:
        """Return (assumption, row of its low, row of its high)."""
        position = {name: i for i, name in enumerate(self.names)}
        return [
            (name[: -len(" low")], i, position[f"{name[: -len(' low')]} high"])
            for name, i in position.items()
            if name.endswith(" low")
        ]


def band(values: Floats, draws: Draws) -> Band:
    """Return the band of a number (D,)."""
    low, median, high = np.quantile(values[draws.ensemble], (BAND[0], MIDDLE, BAND[1]))
    return Band(float(low), float(median), float(high))


def bands(path: Floats, draws: Draws) -> tuple[Floats, Floats, Floats]:
    """Return low, median and high (P, ...) of paths (D, P, ...)."""
    low, median, high = np.quantile(path[draws.ensemble], (BAND[0], MIDDLE, BAND[1]), axis=0)
    return low, median, high


def first_below(path: Floats, level: float) -> NDArray[np.intp]:
    """Return the first period (D,) in which a path (D, P) is below a level; P where never."""
    below = path < level
    first: NDArray[np.intp] = np.where(below.any(axis=1), below.argmax(axis=1), path.shape[1])
    return first


def day_of(start: date, period: int, period_days: float) -> date:
    """Return the first day of a period."""
    return start + timedelta(days=round(period * period_days))


def shortfall_rows(
    network: Network, ensemble: Ensemble, start: date, draws: Draws
) -> tuple[ShortfallRow, ...]:
    """Return a row for every consumer of the targets that runs short in the central draw or the ensemble.

    Sorted by lost use in the central draw, largest first. A consumer counts as short in a period in which
    less than `SHORT_BELOW` of its base use is served, less than `SHORT_BELOW` of what it then wants, and its
    own stock or the price is why: what a stopped maker leaves on the shelf is not short.
    """
    rows = []
    periods = ensemble.use.share.shape[1]
    for i, n in enumerate(ensemble.members.tolist()):
        first = ensemble.first[:, i]
        often = float(np.mean(first[draws.ensemble] < periods))
        if first[0] < periods or often >= LISTED_SHARE:
            rows.append(_row(network, n, ensemble.use.share[:, :, i], first, start, draws))
    return tuple(sorted(rows, key=lambda row: (-row.lost_output_share, row.market, row.product)))


@dataclass(frozen=True)
class Span:
    """First periods short: 5, 50 and 95 % of the draws that fall short, from the earliest to the latest."""

    early: int
    median: int
    late: int


def onset_span(first: NDArray[np.intp], periods: int, draws: Draws) -> Span | None:
    """Return when the draws that fall short do so; the span always holds the central draw if it does.

    None where neither it nor the ensemble falls short. `first` (D,); `periods` means never.
    """
    ensemble = first[draws.ensemble]
    hit = ensemble[ensemble < periods]
    central = [int(first[0])] if first[0] < periods else []
    if not len(hit):
        return Span(central[0], central[0], central[0]) if central else None
    early = int(np.quantile(hit, BAND[0], method="lower"))
    median = int(np.quantile(hit, MIDDLE, method="lower"))
    late = int(np.quantile(hit, BAND[1], method="higher"))
    return Span(min([early, *central]), median, max([late, *central]))


def _row(
    network: Network, n: int, share: Floats, first: NDArray[np.intp], start: date, draws: Draws
) -> ShortfallRow:
    market = network.markets[network.consumer_market[n]]
    product = network.products[network.consumer_product[n]]
    periods, days = share.shape[1], network.period_days
    lost = np.clip(1.0 - share.mean(axis=1), 0.0, 1.0)
    lost_band, worst_band = band(lost, draws), band(share.min(axis=1), draws)
    span = onset_span(first, periods, draws)
    value = network.consumer_value_kusd[n] * network.consumer_inflow[n] * periods * lost
    known = bool(np.isfinite(value).all())
    value_band = band(value, draws) if known else None
    return ShortfallRow(
        market=market.id,
        market_name=market.name,
        product=product.id,
        product_name=product.name,
        stage=product.stage,
        first_shortfall_date=_iso(start, int(first[0]), days, periods),
        first_shortfall_early=_iso(start, span.early if span else None, days, periods),
        first_shortfall_median=_iso(start, span.median if span else None, days, periods),
        first_shortfall_late=_iso(start, span.late if span else None, days, periods),
        days_to_shortfall=round(int(first[0]) * days) if first[0] < periods else None,
        never_share=float(np.mean(first[draws.ensemble] == periods)),
        worst_share=float(share[0].min()),
        worst_low=worst_band.low,
        worst_median=worst_band.median,
        worst_high=worst_band.high,
        lost_output_share=float(lost[0]),
        lost_output_low=lost_band.low,
        lost_output_median=lost_band.median,
        lost_output_high=lost_band.high,
        value_kusd=float(value[0]) if known else None,
        value_low_kusd=value_band.low if value_band else None,
        value_median_kusd=value_band.median if value_band else None,
        value_high_kusd=value_band.high if value_band else None,
        basis=BASES[int(network.consumer_basis[n])],
        sparkline=tuple(float(x) for x in np.round(share[0], 6)),
        use_t=float(network.consumer_inflow[n]) * periods if product.unit == "t" else None,
    )


def _iso(start: date, period: int | None, days: float, periods: int) -> str | None:
    return None if period is None or period >= periods else day_of(start, period, days).isoformat()


def basis_shares(network: Network, markets: Sequence[str]) -> BasisShares:
    """Return how much of the value flowing into some markets rests on observed, estimated, assumed lanes.

    Industry output is left out: it is an index. Modelled lanes (unrecorded supply) count as estimated.
    """
    members = np.isin(network.consumer_market, [network.market_index(market) for market in markets])
    tonnes = np.array([product.unit == "t" for product in network.products])[network.consumer_product]
    lanes = (members & tonnes)[network.lane_consumer]
    price = np.nan_to_num(network.consumer_value_kusd, nan=0.0)[network.lane_consumer]
    worth = np.where(lanes, network.lane_flow * price, 0.0)
    total = float(worth.sum())
    if total <= 0.0:
        return BasisShares(0.0, 0.0, 1.0)
    part = np.bincount(network.lane_basis, weights=worth, minlength=len(BASES)) / total
    return BasisShares(float(part[0]), float(part[1] + part[3]), float(part[2]))
