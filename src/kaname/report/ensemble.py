"""What a report keeps of an ensemble: the use and the makers of the targeted markets, draw by draw.

A case is simulated in chunks of draws. Of each chunk only what is shown is kept, so memory grows with the
draws and the targets, never with the size of the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.simulate.outcome import Outcome, Watch

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

SHORT_BELOW = 0.98  # a consumer is short in a period in which less than this share of its base use is served
STILL = 1e-3  # a path that stays this close to its base does not move
FIRST_NON_PRODUCER = 3  # supplier kinds before it make something; re-exports and unrecorded supply do not


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

    def moving(self) -> list[int]:
        """Return the members that leave their base in any draw, by position."""
        found: list[int] = np.flatnonzero((np.abs(self.share - 1.0) > STILL).any(axis=(0, 1))).tolist()
        return found


@dataclass(frozen=True)
class Ensemble:
    """All draws of a case (D), reduced to what is shown.

    `members` (M,) are the consumers of the targets that use anything, by index in the network, and `use`
    their weekly use as shares of the base. `first` (D, M) is the first period in which each is short, P =
    never. `value_kusd` (D,) is the final use lost. `makers` puts the producers of a product in a market
    together.
    """

    names: tuple[str, ...]
    members: Ints
    use: Paths
    first: Ints
    value_kusd: Floats
    makers: Paths


def in_markets(network: Network, markets: Sequence[str]) -> Ints:
    """Return the consumers of some markets that use anything in the base state."""
    wanted = {network.market_index(market) for market in markets}
    hits = np.isin(network.consumer_market, list(wanted)) & (network.consumer_inflow > 0.0)
    return np.flatnonzero(hits)


def _makers(network: Network, markets: Sequence[str]) -> dict[tuple[int, int], list[int]]:
    """Return the producers of each (market, product) in some markets, in the order of the keys."""
    wanted = [network.market_index(market) for market in markets]
    found: dict[tuple[int, int], list[int]] = {}
    makes = np.isin(network.supplier_market, wanted) & (network.supplier_kind < FIRST_NON_PRODUCER)
    for k in np.flatnonzero(makes).tolist():
        key = (int(network.supplier_market[k]), int(network.supplier_product[k]))
        found.setdefault(key, []).append(k)
    return dict(sorted(found.items()))


def watch_of(network: Network, markets: Sequence[str]) -> Watch:
    """Return what a simulation has to remember of some markets: their consumers and their producers."""
    suppliers = [k for group in _makers(network, markets).values() for k in group]
    return Watch(in_markets(network, markets), np.array(sorted(suppliers), dtype=np.intp))


def reduced(network: Network, outcome: Outcome, markets: Sequence[str]) -> Ensemble:
    """Return what is shown of some draws; the outcome must hold what `watch_of` names, or all."""
    members = in_markets(network, markets)
    at = _positions(outcome, "consumer", members)
    kept = ("used", "need", "shortfall", "fill", "priced_out", "final_wanted")
    used, need, unserved, fill, priced_out, final = (
        np.take(outcome.values(f"consumer_{name}"), at, axis=2) for name in kept
    )
    share = used / network.consumer_inflow[members]
    refused = (fill < SHORT_BELOW) | (
        priced_out > (1.0 - SHORT_BELOW) * final
    )  # else another input was missing
    short = refused & (used < SHORT_BELOW * need) & (share < SHORT_BELOW)
    first = np.where(short.any(axis=1), short.argmax(axis=1), share.shape[1])
    value = np.nan_to_num(network.consumer_value_kusd[members], nan=0.0)
    return Ensemble(
        outcome.draw_names,
        members,
        Paths(*_labels(network, network.consumer_market[members], network.consumer_product[members]), share),
        first.astype(np.intp),
        (unserved.sum(axis=1) * value).sum(
            axis=1
        ),  # draw by draw: a product of matrices would round with their number
        _maker_paths(network, outcome, markets),
    )


def _labels(
    network: Network, markets: NDArray[np.integer[Any]], products: NDArray[np.integer[Any]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(network.markets[m].id for m in markets), tuple(network.products[p].id for p in products)


def _positions(outcome: Outcome, axis: str, wanted: Ints) -> Ints:
    """Return where some members of the network stand on an outcome's axis."""
    known = getattr(outcome.watch, f"{axis}s")
    order = np.argsort(known)
    return np.asarray(order[np.searchsorted(known, wanted, sorter=order)], dtype=np.intp)


def _maker_paths(network: Network, outcome: Outcome, markets: Sequence[str]) -> Paths:
    """Return what the producers of each product in some markets make, as shares of the base.

    A maker with fewer orders is not short: until the first period in which it makes less than `SHORT_BELOW`
    of its base and of what its customers order, it counts as making its base.
    """
    output, ordered = outcome.values("supplier_output"), outcome.values("supplier_asked")
    groups = _makers(network, markets)
    share = np.empty((*output.shape[:2], len(groups)))
    for i, group in enumerate(groups.values()):
        at = _positions(outcome, "supplier", np.array(group))
        base = max(float(network.supplier_base[group].sum()), 1e-300)
        made = np.take(output, at, axis=2).sum(axis=2)
        short = (made < SHORT_BELOW * base) & (made < SHORT_BELOW * np.take(ordered, at, axis=2).sum(axis=2))
        share[:, :, i] = np.where(np.maximum.accumulate(short, axis=1), made / base, 1.0)
    market = np.array([market for market, _ in groups], dtype=np.intp)
    product = np.array([product for _, product in groups], dtype=np.intp)
    return Paths(*_labels(network, market, product), share)


def joined(parts: Sequence[Ensemble]) -> Ensemble:
    """Return the draws of all parts, in this order; the parts must be of one case."""
    first = parts[0]
    if len(parts) == 1:
        return first
    use = np.concatenate([part.use.share for part in parts])
    made = np.concatenate([part.makers.share for part in parts])
    return Ensemble(
        tuple(name for part in parts for name in part.names),
        first.members,
        Paths(first.use.market, first.use.product, use),
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.value_kusd for part in parts]),
        Paths(first.makers.market, first.makers.product, made),
    )
