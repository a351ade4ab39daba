"""Concentration: the Herfindahl-Hirschman index, shares of partners, the largest of them.

Each takes members in groups: `group` (n,) is the group of each member from 0 to `groups` - 1, `amounts` (n,)
what each one has, 0 or more. A group in which nobody has anything has no concentration: NaN, never 0.
"""

from __future__ import annotations

import numpy as np

from kaname.indicators.lanes import Floats, Ints


def shares(group: Ints, amounts: Floats, groups: int) -> Floats:
    """Return each member's share of its group, shape (n,); NaN where the group has nothing."""
    total = np.bincount(group, amounts, groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total[group] > 0.0, amounts / total[group], np.nan)


def hhi(group: Ints, amounts: Floats, groups: int) -> Floats:
    """Return the sum of squared shares by group, shape (groups,): from 1/n for n equal members up to 1.

    Source: Hirschman (1945), Herfindahl (1950), on the scale 0 to 1. A member may stand in one row only:
    a country in two rows would count as two.
    """
    part = shares(group, amounts, groups)
    squares = np.bincount(group, np.nan_to_num(part) ** 2, groups)
    return np.where(np.bincount(group, amounts, groups) > 0.0, squares, np.nan)


def largest(group: Ints, amounts: Floats, groups: int) -> Ints:
    """Return the place among the members of the largest of each group, shape (groups,); -1 where none has
    any. Of equals the first wins.
    """
    found = np.full(groups, -1, dtype=np.int64)
    order = np.lexsort((-np.arange(len(amounts)), amounts))
    order = order[amounts[order] > 0.0]
    found[group[order]] = order  # in rising order: the last one written is the largest
    return found


def counted(group: Ints, amounts: Floats, groups: int) -> Ints:
    """Return how many members of each group have something, shape (groups,)."""
    return np.bincount(group[amounts > 0.0], minlength=groups)
