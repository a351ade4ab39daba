"""What is frozen for the cache comes back the same, and nothing else is built."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from kaname.terms.errors import KanameError
from kaname.terms.freeze import LONG, Frozen, Rows, freeze, thaw


@dataclass(frozen=True)
class Point:
    """A class that may be kept."""

    name: str
    value: float
    where: frozenset[str] = frozenset()
    parts: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two of them."""

    before: Point
    after: Point


@dataclass(frozen=True)
class Stranger:
    """A class that nobody named."""

    value: int


def test_what_comes_back_is_the_same() -> None:
    one = Point("a", 0.1 + 0.2, frozenset({"x", "y"}))
    tree = Point("root", float("inf"), frozenset(), (one, Point("b", -0.0, frozenset({"y", "x"}))))
    value = (tree, {"day": date(2026, 1, 5), "none": None}, [1, "two", True], (), (("a", 1.5),))
    assert thaw(freeze(value), [Point]) == value
    assert len(freeze(value).sets) == 2  # equal sets are kept once


def test_arrays_keep_bits_and_kind() -> None:
    arrays = (np.array([0.1, np.nan, np.inf]), np.arange(4, dtype=np.int32), np.array([True, False]))
    found = thaw(freeze(arrays), [])
    for before, after in zip(arrays, found, strict=True):
        assert before.dtype == after.dtype
        assert before.tobytes() == after.tobytes()


def test_strangers_are_refused_both_ways() -> None:
    with pytest.raises(KanameError, match="unknown class"):
        thaw(freeze(Stranger(1)), [Point])
    with pytest.raises(KanameError, match="cannot be kept"):
        freeze(object())
    with pytest.raises(KanameError, match="unknown class"):
        thaw(Frozen({"class": "Popen", "fields": {}}), [Point])


def test_a_long_row_is_held_by_columns_and_is_the_same() -> None:
    many = tuple(
        Point(f"n{i % 7}", i / 3, frozenset({str(i % 2)}), (Point("p", float(i)),)) for i in range(LONG)
    )
    nested = tuple(Pair(Point("a", float(i)), Point("b", -float(i))) for i in range(LONG))
    for value in (many, nested):
        frozen = freeze(value)
        rows = thaw(frozen, [Point, Pair])
        assert isinstance(rows, Rows)
        assert rows == value
        assert value == rows
        assert hash(rows) == hash(value)
        assert rows[3] == value[3]
        assert rows[-1] == value[-1]
        assert rows[5:8] == value[5:8]
        assert (len(rows), rows != value[1:]) == (LONG, True)
        assert type(rows[3]) is type(value[3])
        again = freeze(rows)
        assert (again.tree, len(again.arrays)) == (frozen.tree, len(frozen.arrays))
    assert type(thaw(freeze(many), [Point])[0].value) is float
    assert type(next(iter(thaw(freeze(many), [Point]))).value) is float


def test_a_class_of_other_fields_is_not_built() -> None:
    tree = {"tuple": 1, "rows": "Stranger", "columns": {"number": [1]}}
    with pytest.raises(KanameError, match="other fields"):
        thaw(Frozen(tree), [Stranger])
