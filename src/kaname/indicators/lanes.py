"""Reported trade laid out for counting: one lane per item, year, importer and exporter.

An item is what an indicator is asked of: an HS code, or several codes that are one material. Axes are in the
order item, year, country; a cell is a place on all three, counted in one number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Lanes:
    """Lanes of shape (n,), in order of cell, then exporter.

    `shape` is (items, years, countries); `cell` is the importer's cell, `exporter` a place on the axis of
    countries. `tonnes` is gross weight, 0 where no row of the lane has one; `value_kusd` the value of all
    rows, `weightless_kusd` that of the rows without a weight.
    """

    shape: Shape
    cell: Ints
    exporter: Ints
    tonnes: Floats
    value_kusd: Floats
    weightless_kusd: Floats

    @property
    def exporter_cell(self) -> Ints:
        """Return the cell of the exporter of each lane, shape (n,)."""
        countries = self.shape[2]
        return self.cell // countries * countries + self.exporter

    def by_importer(self, amounts: Floats) -> Floats:
        """Return sums over an importer's lanes, of `shape`; `amounts` has shape (n,)."""
        return summed(self.cell, amounts, self.shape)

    def by_exporter(self, amounts: Floats) -> Floats:
        """Return sums over an exporter's lanes, of `shape`; `amounts` has shape (n,)."""
        return summed(self.exporter_cell, amounts, self.shape)


def summed(cell: Ints, amounts: Floats, shape: Shape) -> Floats:
    """Return the sums of amounts by cell, of `shape`; 0 where there is none."""
    return weighted_counts(cell, amounts, int(np.prod(shape))).reshape(shape)


def weighted_counts(group: Ints, amounts: Floats, groups: int) -> Floats:
    """Return the sums of amounts by group, shape (groups,)."""
    return np.bincount(group, amounts, groups).astype(np.float64, copy=False)


def spread(code: Ints, members: list[tuple[int, ...]]) -> tuple[Ints, Ints]:
    """Return (row, item) for every item that a row's code belongs to, in order of row.

    `code` (n,) is a place in `members`, which lists the items of each code: a code may be part of several
    items (bituminous coal is coking coal and steam coal) or of none.
    """
    counts = np.array([len(items) for items in members], dtype=np.int64)
    flat = np.array([item for items in members for item in items], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else counts
    times = counts[code]
    row = np.repeat(np.arange(len(code)), times)
    offset = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    return row, flat[starts[code][row] + offset]


def merged(
    item: Ints, year: Ints, importer: Ints, exporter: Ints, tonnes: Floats, value_kusd: Floats, shape: Shape
) -> Lanes:
    """Return the lanes of trade rows, all of shape (n,) with places on the axes of `shape`.

    Rows of one lane (several codes of one item) are added up. `tonnes` is NaN where a row has no weight.
    """
    countries = shape[2]
    key = ((item * shape[1] + year) * countries + importer) * countries + exporter
    lane, group = np.unique(key, return_inverse=True)
    weighed = tonnes > 0.0
    return Lanes(
        shape,
        lane // countries,
        lane % countries,
        weighted_counts(group, np.where(weighed, tonnes, 0.0), len(lane)),
        weighted_counts(group, value_kusd, len(lane)),
        weighted_counts(group, np.where(weighed, 0.0, value_kusd), len(lane)),
    )
