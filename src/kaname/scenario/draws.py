"""The table of draws: the only source of random numbers (architecture, invariant 2; rule A1).

Draw 0 is the central value of everything. Then every number with a range is moved alone to its low and to
its high value (`psi low`, `psi high`, ...), so that what each one does can be read off. The rest are samples
of all ranges at once, from a Latin hypercube (`lhs 1`, ...) or a scrambled Sobol sequence (`sobol 1`, ...);
each value is read off the range's distribution. A range without width is held and takes no draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from kaname.scenario.ranges import Range
from kaname.terms.errors import InputError, Problem

Floats = NDArray[np.float64]
Sampler = Literal["lhs", "sobol"]
SAMPLERS: tuple[Sampler, ...] = ("lhs", "sobol")

_TAIL = 0.05  # a bell has this share of its weight below `low`, and above `high`, before it is cut off there
_PERT_WEIGHT = 4.0  # of the central value, beside the two ends


class Drawn(Protocol):
    """What can be drawn: Assumptions, or a Scenario with the ranges of its parts."""

    def ranges(self) -> Mapping[str, Range]:
        """Return every drawn number by name, in a fixed order."""
        ...


@dataclass(frozen=True)
class DrawTable:
    """The value of every drawn number in every draw: `values[name]` has shape (D,), read-only.

    A knob whose table moves group by group stands as `cover/metal`, `cover/ore`, ... instead of `cover`.
    """

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

    def value(self, name: str) -> Floats:
        """Return (D,) the values of one number; InputError where the table was drawn for something else."""
        if name not in self.values:
            fix = "Draw the scenario itself: draw_table(scenario, ..., network=network)."
            raise InputError(Problem("no draws of this number", "table", "no values", name, fix))
        return self.values[name]

    def of(self, item: Range, name: str) -> Floats:
        """Return (D,) the values of a range that a part of a scenario leaves open, or its held value."""
        return np.full(self.draws, item.central) if item.fixed else self.value(name)

    def take(self, rows: Sequence[int]) -> DrawTable:
        """Return the table of some draws, in the order given."""
        index = np.asarray(rows, dtype=np.intp)
        return DrawTable(
            tuple(self.names[i] for i in index), {name: value[index] for name, value in self.values.items()}
        )


def draw_table(
    source: Drawn,
    draws: int,
    seed: int,
    *,
    sampler: Sampler = "lhs",
    groups: Mapping[str, Sequence[str]] | None = None,
    one_at_a_time: bool = True,
) -> DrawTable:
    """Return the draws: central, each range's low and high alone, then `draws` samples of all at once.

    `source` is a Scenario, or Assumptions where no part of the scenario has a range. `groups` names the
    groups of each knob whose table is not moved as one (`groups.groups_of`). The same source, number, seed
    and sampler give the same table. `one_at_a_time=False` leaves the lows and highs out; with `draws=0` that
    is the central draw alone. A Sobol sequence covers the ranges most evenly where `draws` is a power of two;
    any number works. Raises InputError for a negative number of draws or seed, or an unknown sampler.
    """
    for name, value in (("draws", draws), ("seed", seed)):
        if value < 0:
            raise InputError(Problem(f"{name} is negative", name, str(value), "0 or more"))
    ranges = dict(source.ranges())
    moving = [name for name, item in ranges.items() if not item.fixed]
    parts = {name: [f"{name}/{group}" for group in (groups or {}).get(name, ())] or [name] for name in moving}
    ends = [(name, end) for name in moving for end in ("low", "high")] if one_at_a_time else []
    columns = [part for name in moving for part in parts[name]]
    samples = sample(sampler, len(columns), draws, seed)
    alone = [f"{name} {end}" for name, end in ends]
    names = ("central", *alone, *(f"{sampler} {i + 1}" for i in range(draws)))
    values = {}
    for name, item in ranges.items():
        single = [getattr(item, end) if other == name else item.central for other, end in ends]
        for part in parts.get(name, [name]):
            held = name not in parts
            drawn = [item.central] * draws if held else quantile(item, samples[:, columns.index(part)])
            values[part] = np.array([item.central, *single, *drawn], dtype=np.float64)
    return DrawTable(names, values)


def sample(sampler: Sampler, dimensions: int, draws: int, seed: int) -> Floats:
    """Return (draws, dimensions) values in [0, 1) that cover the unit cube evenly; InputError for another
    sampler.
    """
    if sampler not in SAMPLERS:
        raise InputError(Problem("unknown sampler", "sampler", repr(sampler), " or ".join(SAMPLERS)))
    if not dimensions or not draws:
        return np.empty((draws, dimensions))
    from scipy.stats import qmc  # noqa: PLC0415 - takes a second, and nothing is drawn in most processes

    rng = np.random.default_rng(seed)
    if sampler == "lhs":
        return np.asarray(qmc.LatinHypercube(d=dimensions, rng=rng).random(draws), dtype=np.float64)
    points = qmc.Sobol(d=dimensions, scramble=True, rng=rng).random_base2((draws - 1).bit_length())
    return np.asarray(points[:draws], dtype=np.float64)


def quantile(item: Range, u: Floats) -> Floats:
    """Return the values of a range at the cumulative probabilities `u` in [0, 1]; shape of `u`."""
    if item.shape == "choice":
        weights = np.cumsum([choice.weight for choice in item.choices])
        at = np.searchsorted(weights, u * weights[-1], side="right")
        values = np.array([choice.value for choice in item.choices], dtype=np.float64)
        chosen: Floats = values[np.minimum(at, len(weights) - 1)]
        return chosen
    low, high = item.low, item.high
    if item.shape == "uniform" or low == high:
        return low + u * (high - low)
    if item.shape == "pert":
        weight = _PERT_WEIGHT * (item.central - low) / (high - low)
        share = special.betaincinv(1.0 + weight, 1.0 + _PERT_WEIGHT - weight, u)
        return np.asarray(low + (high - low) * share, dtype=np.float64)
    if item.shape == "lognormal":
        bell = _bell(np.log(item.low), np.log(item.central), np.log(item.high), u)
        return np.clip(np.exp(bell), low, high)
    if item.shape == "normal":
        return np.clip(_bell(low, item.central, high, u), low, high)
    return _triangular(item, u)


def _triangular(item: Range, u: Floats) -> Floats:
    low, central, high = item.low, item.central, item.high
    peak = (central - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (central - low))
    falling = high - np.sqrt((1.0 - u) * (high - low) * (high - central))
    return np.where(u < peak, rising, falling)


def _bell(low: float, central: float, high: float, u: Floats) -> Floats:
    """Return a bell's values: around `central`, 5 to 95 % of it as wide as low to high, cut off there."""
    spread = (high - low) / (2.0 * float(special.ndtri(1.0 - _TAIL)))
    below, above = (float(special.ndtr((end - central) / spread)) for end in (low, high))
    return np.asarray(central + spread * special.ndtri(below + u * (above - below)), dtype=np.float64)
