"""Frozen dataclasses to arrays and plain values, and back: what a cache can hold without running code.

`thaw(freeze(x)) == x` for numbers, text, dates, tuples, lists, frozensets, mappings with text keys, NumPy
arrays and frozen dataclasses of the classes named. Objects of one class in a row are kept by columns; a long
tuple of them comes back as `Rows`, which makes its objects only while they are looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from kaname.terms.errors import KanameError, Problem

Array = NDArray[Any]
_PLAIN = (str, int, float, bool, type(None))
LONG = 1000
"""From so many objects on, a row of one class comes back as `Rows`."""


@dataclass
class Frozen:
    """Arrays, the sets that occur, and the plain tree that points at both by number."""

    tree: Any = None
    arrays: list[Array] = field(default_factory=list)
    sets: list[list[Any]] = field(default_factory=list)


class Rows(Sequence[Any]):
    """Many objects of one class, held by columns; equal to the tuple of them. An object lives while used."""

    def __init__(self, cls: type, columns: Sequence[Sequence[Any]]) -> None:
        """Hold the values of each field of `cls`, all of one length."""
        self._cls, self._columns = cls, columns

    def __len__(self) -> int:
        """Return how many objects there are."""
        return len(self._columns[0])

    def __iter__(self) -> Iterator[Any]:
        """Make the objects, one after another."""
        lists = (one.tolist() if isinstance(one, np.ndarray) else one for one in self._columns)
        return (self._cls(*row) for row in zip(*lists, strict=True))

    @overload
    def __getitem__(self, at: int) -> Any: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Any, ...]: ...

    def __getitem__(self, at: int | slice) -> Any:
        """Return an object, or a tuple of those of a slice."""
        if isinstance(at, slice):
            return tuple(self[i] for i in range(len(self))[at])
        row = (one[at] for one in self._columns)
        return self._cls(*(value.item() if isinstance(value, np.generic) else value for value in row))

    def __eq__(self, other: object) -> bool:
        """Tell whether the other holds equal objects in the same order."""
        return isinstance(other, tuple | Rows) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """Return the hash of the tuple that it stands for."""
        return hash(tuple(self))


class _Words(Sequence[str]):
    """Texts of which many are the same: the different ones, and the number of each."""

    def __init__(self, words: Sequence[str], numbers: Array) -> None:
        self._words, self._numbers = [sys.intern(word) for word in words], numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return map(self._words.__getitem__, self._numbers.tolist())

    def __getitem__(self, at: Any) -> Any:
        return self._words[self._numbers[at]]


def freeze(value: Any) -> Frozen:
    """Return a value as arrays and plain values. Raises KanameError for what it cannot hold."""
    found = Frozen()
    numbers: dict[frozenset[Any], int] = {}
    found.tree = _freeze(value, found, numbers)
    return found


def thaw(frozen: Frozen, classes: Iterable[type]) -> Any:
    """Return the value again; only the classes given are built. Raises KanameError for any other."""
    known = {cls.__name__: cls for cls in classes}
    sets = [frozenset(items) for items in frozen.sets]
    return _thaw(frozen.tree, frozen.arrays, sets, known)


def _freeze(value: Any, found: Frozen, numbers: dict[frozenset[Any], int]) -> Any:  # noqa: PLR0911 - by kind
    if isinstance(value, np.generic):
        value = value.item()
    if type(value) in _PLAIN:
        return value
    if isinstance(value, np.ndarray):
        found.arrays.append(value)
        return {"array": len(found.arrays) - 1}
    if isinstance(value, frozenset):
        if value not in numbers:
            numbers[value] = len(found.sets)
            found.sets.append(sorted(value))
        return {"set": numbers[value]}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, tuple | list | Rows):
        return _freeze_row(value if isinstance(value, list) else tuple(value), found, numbers)
    if isinstance(value, dict):
        return {"map": {key: _freeze(item, found, numbers) for key, item in value.items()}}
    if is_dataclass(value):
        content = {item.name: _freeze(getattr(value, item.name), found, numbers) for item in fields(value)}
        return {"class": type(value).__name__, "fields": content}
    raise KanameError(Problem("cannot be kept", type(value).__name__, fix="Teach terms/freeze.py about it."))


def _freeze_row(value: Any, found: Frozen, numbers: dict[frozenset[Any], int]) -> Any:
    kind = "tuple" if isinstance(value, tuple) else "list"
    first = type(value[0]) if value else None
    if first is not None and is_dataclass(first) and all(type(item) is first for item in value):
        columns = {
            item.name: _freeze_column([getattr(one, item.name) for one in value], found, numbers)
            for item in fields(first)
        }
        return {kind: len(value), "rows": first.__name__, "columns": columns}
    if first in _PLAIN and all(type(item) in _PLAIN for item in value):
        return {kind: list(value), "plain": True}
    return {kind: [_freeze(item, found, numbers) for item in value]}


def _freeze_column(values: list[Any], found: Frozen, numbers: dict[frozenset[Any], int]) -> Any:
    """Return a column: an array of numbers, texts by number, objects by column again, or value by value."""
    kinds = set(map(type, values))
    kind = kinds.pop() if len(kinds) == 1 else None
    if len(values) < LONG or not (kind in {float, str} or is_dataclass(kind)):
        return [_freeze(one, found, numbers) for one in values]
    if is_dataclass(kind):
        return _freeze_row(tuple(values), found, numbers)
    if kind is float:
        found.arrays.append(np.array(values, dtype=np.float64))
        return {"array": len(found.arrays) - 1}
    words = {word: i for i, word in enumerate(dict.fromkeys(values))}
    found.arrays.append(np.array([words[word] for word in values], dtype=np.int32))
    return {"words": list(words), "array": len(found.arrays) - 1}


def _thaw(  # noqa: PLR0911 - by kind
    tree: Any, arrays: list[Array], sets: list[frozenset[Any]], known: dict[str, type]
) -> Any:
    if not isinstance(tree, dict):
        return sys.intern(tree) if type(tree) is str else tree  # one name of a product, not thousands
    if "array" in tree:
        return arrays[tree["array"]]
    if "set" in tree:
        return sets[tree["set"]]
    if "date" in tree:
        return date.fromisoformat(tree["date"])
    if "map" in tree:
        return {key: _thaw(item, arrays, sets, known) for key, item in tree["map"].items()}
    if "class" in tree:
        content = {name: _thaw(item, arrays, sets, known) for name, item in tree["fields"].items()}
        return _class(tree["class"], known)(**content)
    kind = tuple if "tuple" in tree else list
    if "rows" in tree:
        cls = _class(tree["rows"], known)
        if [item.name for item in fields(cls)] != list(tree["columns"]):
            raise KanameError(Problem("other fields in what was kept", cls.__name__))
        rows = Rows(cls, [_thaw_column(one, arrays, sets, known) for one in tree["columns"].values()])
        return rows if kind is tuple and len(rows) >= LONG else kind(rows)
    items = tree["tuple"] if "tuple" in tree else tree["list"]
    if tree.get("plain"):
        return kind(items)
    return kind(_thaw(item, arrays, sets, known) for item in items)


def _thaw_column(column: Any, arrays: list[Array], sets: list[frozenset[Any]], known: dict[str, type]) -> Any:
    if isinstance(column, list):
        return [_thaw(item, arrays, sets, known) for item in column]
    if "words" in column:
        return _Words(column["words"], arrays[column["array"]])
    return _thaw(column, arrays, sets, known)


def _class(name: str, known: dict[str, type]) -> type:
    if name not in known:
        raise KanameError(Problem("unknown class in what was kept", name, expected=", ".join(sorted(known))))
    return known[name]
