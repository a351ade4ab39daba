"""Numbers of a report, taken from outcomes: who runs short, from which week, how far, at what value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import BASES, Network
from kaname.report.model import BasisShares, ShortfallRow
from kaname.simulate.outcome import Outcome

Floats = NDArray[np.float64]

SHORT_BELOW = 0.98  # a consumer is short in a period in which less than this share of its base use is served
BAND = (0.05, 0.95)
LISTED_SHARE = 0.1  # a consumer that is never short in the central draw is listed if so many draws fall short
FIRST_NON_PRODUCER = 3  # supplier kinds before it make something; re-exports and unrecorded supply do not


@dataclass(frozen=True)
class Draws:
    """Which rows of the draw axis are what: the central one, the ends of each assumption, the ensemble."""

    names: tuple[str, ...]

    @property
    def ensemble(self) -> list[int]:
        """Return the rows that span the band: the hypercube, or all where there is none."""
        rows = [i for i, name in enumerate(self.names) if name.startswith("lhs ")]
        return rows or list(range(len(self.names)))

    def ends(self) -> list[tuple[str, int, int]]:
        """Return (assumption, row of its low, row of its high)."""
        position = {name: i for i, name in enumerate(self.names)}
        return [
            (name[: -len(" low")], i, position[f"{name[: -len(' low')]} high"])
            for name, i in position.items()
            if name.endswith(" low")
        ]


@dataclass(frozen=True)
class Paths:
    """Weekly paths of some consumers or makers as shares of their base: (D, P, M), with their labels."""

    market: tuple[str, ...]
    product: tuple[str, ...]
    share: Floats

    def find(self, market: str, product: str) -> Floats | None:
        """Return (D, P) of one member, or None."""
        for i, key in enumerate(zip(self.market, self.product, strict=True)):
            if key == (market, product):
                path: Floats = self.share[:, :, i]
                return path
        return None


def in_markets(network: Network, markets: Sequence[str]) -> NDArray[np.intp]:
    """Return the consumers of some markets that use anything in the base state."""
    wanted = {network.market_index(market) for market in markets}
    hits = np.isin(network.consumer_market, list(wanted)) & (network.consumer_inflow > 0.0)
    return np.flatnonzero(hits)


def maker_paths(network: Network, outcome: Outcome, markets: Sequence[str]) -> Paths:
    """Return what the producers of each product in some markets make, as shares of the base."""
    output = outcome.values("supplier_output")
    groups: dict[tuple[int, int], list[int]] = {}
    wanted = {network.market_index(market) for market in markets}
    for k in range(network.n_suppliers):
        if int(network.supplier_market[k]) in wanted and network.supplier_kind[k] < FIRST_NON_PRODUCER:
            groups.setdefault((int(network.supplier_market[k]), int(network.supplier_product[k])), []).append(
                k
            )
    keys = sorted(groups)
    shares = [
        output[:, :, groups[key]].sum(axis=2) / max(float(network.supplier_base[groups[key]].sum()), 1e-300)
        for key in keys
    ]
    stacked = np.stack(shares, axis=2) if shares else np.empty((*output.shape[:2], 0))
    return Paths(
        tuple(network.markets[m].id for m, _ in keys),
        tuple(network.products[p].id for _, p in keys),
        stacked,
    )


def first_below(path: Floats, level: float = SHORT_BELOW) -> NDArray[np.intp]:
    """Return the first period (D,) in which a path (D, P) is below a level; P where never."""
    below = path < level
    first: NDArray[np.intp] = np.where(below.any(axis=1), below.argmax(axis=1), path.shape[1])
    return first


def day_of(start: date, period: int, period_days: float) -> date:
    """Return the first day of a period."""
    return start + timedelta(days=round(period * period_days))


def total_value_kusd(network: Network, outcome: Outcome, markets: Sequence[str]) -> Floats:
    """Return (D,) the value of unmet final use in some markets; what has no known value is left out."""
    members = in_markets(network, markets)
    value = np.nan_to_num(network.consumer_value_kusd[members], nan=0.0)
    lost: Floats = outcome.values("consumer_shortfall")[:, :, members].sum(axis=1) @ value
    return lost


def shortfall_rows(
    network: Network, outcome: Outcome, markets: Sequence[str], start: date, draws: Draws
) -> tuple[ShortfallRow, ...]:
    """Return a row for every consumer of some markets that runs short in the central draw or the ensemble.

    Sorted by lost use in the central draw, largest first. A consumer counts as short in a period in which
    less than `SHORT_BELOW` of its base use is served and less than `SHORT_BELOW` of what it then wants.
    """
    members = in_markets(network, markets)
    used = outcome.values("consumer_used")[:, :, members]
    need = outcome.values("consumer_need")[:, :, members]
    base = network.consumer_inflow[members]
    share = used / base
    short = np.where((used < SHORT_BELOW * need) & (share < SHORT_BELOW), share, 1.0)
    rows = []
    for i, n in enumerate(members):
        first = first_below(short[:, :, i])
        often = float(np.mean(first[draws.ensemble] < share.shape[1]))
        if first[0] < share.shape[1] or often >= LISTED_SHARE:
            rows.append(_row(network, int(n), share[:, :, i], first, start, draws))
    return tuple(sorted(rows, key=lambda row: (-row.lost_output_share, row.market, row.product)))


def onset_span(first: NDArray[np.intp], periods: int, draws: Draws) -> tuple[int, int] | None:
    """Return the earliest and latest first period short: 5 to 95 % of the draws that fall short, and always
    the central draw if it does. None where neither it nor the ensemble falls short.

    `first` (D,) as from `first_below`; `periods` means never.
    """
    ensemble = first[draws.ensemble]
    hit = ensemble[ensemble < periods]
    central = [int(first[0])] if first[0] < periods else []
    if not len(hit):
        return (central[0], central[0]) if central else None
    early = int(np.quantile(hit, BAND[0], method="lower"))
    late = int(np.quantile(hit, BAND[1], method="higher"))
    return min([early, *central]), max([late, *central])


def _row(
    network: Network, n: int, share: Floats, first: NDArray[np.intp], start: date, draws: Draws
) -> ShortfallRow:
    market = network.markets[network.consumer_market[n]]
    product = network.products[network.consumer_product[n]]
    periods, ensemble = share.shape[1], draws.ensemble
    lost = np.clip(1.0 - share.mean(axis=1), 0.0, 1.0)
    days = network.period_days
    early, late = onset_span(first, periods, draws) or (None, None)
    value = network.consumer_value_kusd[n] * network.consumer_inflow[n] * periods * lost[0]
    return ShortfallRow(
        market=market.id,
        market_name=market.name,
        product=product.id,
        product_name=product.name,
        stage=product.stage,
        first_shortfall_date=_iso(start, int(first[0]), days, periods),
        first_shortfall_early=_iso(start, early, days, periods),
        first_shortfall_late=_iso(start, late, days, periods),
        days_to_shortfall=round(int(first[0]) * days) if first[0] < periods else None,
        never_share=float(np.mean(first[ensemble] == periods)),
        worst_share=float(share[0].min()),
        lost_output_share=float(lost[0]),
        lost_output_low=float(np.quantile(lost[ensemble], BAND[0])),
        lost_output_high=float(np.quantile(lost[ensemble], BAND[1])),
        value_kusd=float(value) if np.isfinite(value) else None,
        basis=BASES[int(network.consumer_basis[n])],
        sparkline=tuple(float(x) for x in np.round(share[0], 6)),
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
