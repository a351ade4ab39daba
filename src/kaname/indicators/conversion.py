"""Gross weight under trade codes turned into contained tonnes of items, by rules, for all rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kaname.indicators.lanes import Floats, Ints, spread

ANY = -1


@dataclass(frozen=True)
class Rule:
    """What goods under a code are: `parts` lists (item, contained tonnes per gross tonne).

    `code` is a place on the axis of codes, `exporter` and `importer` on that of countries or `ANY`; the rule
    holds from the first to the last of `years`.
    """

    code: int
    parts: tuple[tuple[int, float], ...]
    exporter: int = ANY
    importer: int = ANY
    years: tuple[int, int] = (0, 9999)


@dataclass(frozen=True)
class Contained:
    """Parts of trade rows, shape (n,): the row, the item and its contained tonnes per gross tonne."""

    row: Ints
    item: Ints
    factor: Floats


def contained(code: Ints, exporter: Ints, importer: Ints, year: Ints, rules: Sequence[Rule]) -> Contained:
    """Return what rows of trade hold, all of shape (n,) with places on the axes and years as such.

    Of the rules that fit a row the last one holds, so the general ones come first. A row that none fits holds
    nothing.
    """
    chosen = np.zeros(len(code), dtype=np.int64)  # 0: no rule
    for number, rule in enumerate(rules, start=1):
        fits = (code == rule.code) & (year >= rule.years[0]) & (year <= rule.years[1])
        if rule.exporter != ANY:
            fits &= exporter == rule.exporter
        if rule.importer != ANY:
            fits &= importer == rule.importer
        chosen[fits] = number
    parts = [part for rule in rules for part in rule.parts]
    ends = np.cumsum([len(rule.parts) for rule in rules]).tolist()
    starts = [0, *ends[:-1]] if ends else []
    members: list[tuple[int, ...]] = [(), *(tuple(range(a, b)) for a, b in zip(starts, ends, strict=True))]
    row, part = spread(chosen, members)
    item = np.array([item for item, _ in parts], dtype=np.int64)
    factor = np.array([factor for _, factor in parts], dtype=np.float64)
    return Contained(row, item[part], factor[part])
