"""The table of draws: the only source of random numbers (architecture, invariant 2).

Draw 0 is the central value of everything. Then every parameter with a range is moved alone to its low and
to its high value (`psi low`, `psi high`, ...), so that what each one does can be read off. The rest is a
Latin hypercube over all ranges at once; each value is read off the range's distribution: triangular with
its peak at the central value, or uniform. A parameter whose range has no width is held and takes no draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from kaname.scenario.assumptions import Assumptions, Range
from kaname.terms.errors import InputError, Problem

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DrawTable:
    """The value of every parameter in every draw: `values[name]` has shape (D,), read-only."""

    names: tuple[str, ...]
    values: dict[str, Floats]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for value in self.values.values():
            value.setflags(write=False)

    @property
    def draws(self) -> int:
        """Return D."""
        return len(self.names)

    def take(self, rows: Sequence[int]) -> DrawTable:
        """Return the table of some draws, in the order given."""
        index = np.asarray(rows, dtype=np.intp)
        return DrawTable(
            tuple(self.names[i] for i in index), {name: value[index] for name, value in self.values.items()}
        )


def draw_table(assumptions: Assumptions, draws: int, seed: int, *, one_at_a_time: bool = True) -> DrawTable:
    """Return the draws: central, each range's low and high alone, then `draws` Latin hypercube samples.

    The same assumptions, number and seed give the same table. `one_at_a_time=False` leaves the lows and
    highs out; with `draws=0` that is the central draw alone. Raises InputError for a negative number of
    draws or seed.
    """
    for name, value in (("draws", draws), ("seed", seed)):
        if value < 0:
            raise InputError(Problem(f"{name} is negative", name, str(value), "0 or more"))
    ranges = assumptions.ranges()
    moving = [name for name, item in ranges.items() if not item.fixed]
    ends = [(name, end) for name in moving for end in ("low", "high")] if one_at_a_time else []
    samples = _latin_hypercube(len(moving), draws, seed)
    names = ("central", *(f"{name} {end}" for name, end in ends), *(f"lhs {i + 1}" for i in range(draws)))
    values = {}
    for name, item in ranges.items():
        alone = [getattr(item, end) if other == name else item.central for other, end in ends]
        drawn = quantile(item, samples[:, moving.index(name)]) if name in moving else [item.central] * draws
        values[name] = np.array([item.central, *alone, *drawn], dtype=np.float64)
    return DrawTable(names, values)


def _latin_hypercube(dimensions: int, draws: int, seed: int) -> Floats:
    """Return (draws, dimensions) values in [0, 1), one in each of `draws` equal strata of every dimension."""
    if not dimensions or not draws:
        return np.empty((draws, dimensions))
    sampler = qmc.LatinHypercube(d=dimensions, rng=np.random.default_rng(seed))
    return np.asarray(sampler.random(draws), dtype=np.float64)


def quantile(item: Range, u: Floats) -> Floats:
    """Return the values of a range at the cumulative probabilities `u` in [0, 1]; shape of `u`."""
    low, central, high = item.low, item.central, item.high
    if item.shape == "uniform" or low == high:
        return low + u * (high - low)
    peak = (central - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (central - low))
    falling = high - np.sqrt((1.0 - u) * (high - low) * (high - central))
    return np.where(u < peak, rising, falling)
