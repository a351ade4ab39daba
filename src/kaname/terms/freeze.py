"""Frozen dataclasses to arrays and plain values, and back: what a cache can hold without running code.

`thaw(freeze(x)) == x` for numbers, text, dates, tuples, lists, frozensets, mappings with text keys, NumPy
arrays and frozen dataclasses of the classes named. A tuple of many objects of one class is kept by columns.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.terms.errors import KanameError, Problem

Array = NDArray[Any]
_PLAIN = (str, int, float, bool, type(None))


@dataclass
class Frozen:
    """Arrays, the sets that occur, and the plain tree that points at both by number."""

    tree: Any = None
    arrays: list[Array] = field(default_factory=list)
    sets: list[list[Any]] = field(default_factory=list)


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
    if isinstance(value, tuple | list):
        return _freeze_row(value, found, numbers)
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
            item.name: [_freeze(getattr(one, item.name), found, numbers) for one in value]
            for item in fields(first)
        }
        return {kind: None, "rows": first.__name__, "columns": columns}
    if first in _PLAIN and all(type(item) in _PLAIN for item in value):
        return {kind: list(value), "plain": True}
    return {kind: [_freeze(item, found, numbers) for item in value]}


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
        cls, columns = _class(tree["rows"], known), tree["columns"]
        names = list(columns)
        thawed = [[_thaw(item, arrays, sets, known) for item in columns[name]] for name in names]
        return kind(cls(**dict(zip(names, row, strict=True))) for row in zip(*thawed, strict=True))
    items = tree["tuple"] if "tuple" in tree else tree["list"]
    if tree.get("plain"):
        return kind(items)
    return kind(_thaw(item, arrays, sets, known) for item in items)


def _class(name: str, known: dict[str, type]) -> type:
    if name not in known:
        raise KanameError(Problem("unknown class in what was kept", name, expected=", ".join(sorted(known))))
    return known[name]
