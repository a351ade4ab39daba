"""The way round closed passages, looked up in the table of detours (rule N6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]
UNKNOWN_WAY = (float("nan"), 0)


@dataclass(frozen=True)
class Detours:
    """The table of detours as arrays, a row per pair of countries and set of closed passages.

    `number` gives countries their place in `start` and `end`, (M,); `closed` and `passages` are sets as bits
    in the order of `names`; `km` is infinite where there is no way round.
    """

    number: Mapping[str, int]
    names: tuple[str, ...]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    closed: Longs
    km: NDArray[np.float64]
    passages: Longs

    def bits(self, names: frozenset[str]) -> int:
        """Return a set of passages as bits; names that the table does not know are left out."""
        return sum(1 << self.names.index(name) for name in names if name in self.names)

    def only(self, pairs: Sequence[tuple[str, str]]) -> Detours:
        """Return the rows of some pairs of countries, in either direction."""
        size = len(self.number)
        places = [(self.number[a], self.number[b]) for a, b in pairs if {a, b} <= self.number.keys()]
        wanted = [a * size + b for a, b in places] + [b * size + a for a, b in places]
        keep = np.isin(self.start.astype(np.int64) * size + self.end, np.array(wanted, dtype=np.int64))
        return Detours(
            self.number,
            self.names,
            self.start[keep],
            self.end[keep],
            self.closed[keep],
            self.km[keep],
            self.passages[keep],
        )

    def around(self, closed: frozenset[str], pairs: Sequence[tuple[str, str, frozenset[str]]]) -> list[float]:
        """Return the km of the shortest way that uses none of the closed passages, for each pair.

        `pairs` are (from, to, passages of the usual way). Infinite where there is none, NaN where the table
        does not say.
        """
        return [km for km, _ in self.ways(closed, pairs)]

    def ways(
        self, closed: frozenset[str], pairs: Sequence[tuple[str, str, frozenset[str]]]
    ) -> list[tuple[float, int]]:
        """Return km as `around` does, and the passages of the way round as bits (0 where there is none).

        The shortest way without some passages that happens to avoid all is the shortest without all; so they
        are taken away one by one, only where they are in the way.
        """
        shut = self.bits(closed)
        rows = np.flatnonzero((self.closed & ~shut) == 0).tolist()
        known = {
            (int(self.start[i]), int(self.end[i]), int(self.closed[i])): (
                float(self.km[i]),
                int(self.passages[i]),
            )
            for i in rows
        }
        return [
            self._way(known, shut, a, b, self.bits(used)) if used & closed <= set(self.names) else UNKNOWN_WAY
            for a, b, used in pairs
        ]

    def _way(
        self, known: Mapping[tuple[int, int, int], tuple[float, int]], shut: int, a: str, b: str, usual: int
    ) -> tuple[float, int]:
        start, end = self.number.get(a, -1), self.number.get(b, -1)
        avoided, in_the_way, way = 0, usual & shut, UNKNOWN_WAY
        while in_the_way:
            avoided |= in_the_way & -in_the_way
            way = known.get((start, end, avoided), known.get((end, start, avoided), UNKNOWN_WAY))
            if not np.isfinite(way[0]):
                return way[0], 0
            in_the_way = way[1] & shut
        return way


NO_DETOURS = Detours(
    {},
    (),
    np.zeros(0, dtype=np.int32),
    np.zeros(0, dtype=np.int32),
    np.zeros(0, dtype=np.int64),
    np.zeros(0),
    np.zeros(0, dtype=np.int64),
)
"""An empty table: every way round is unknown."""
