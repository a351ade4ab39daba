"""What of a scenario can be changed in a form, as data: which keys there are, and how each value is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kaname.scenario.assumptions import LIMITS, Assumptions
from kaname.scenario.edit import Path
from kaname.scenario.faults import dotted
from kaname.scenario.placed import Placed
from kaname.scenario.ranges import Range

WAS = "was"
"""The hidden field that holds what was shown, as JSON: name -> text."""
MOST_ROWS = 12
"""Rows of a kind that a form shows; the others are in the text."""
GRADES = ("observed", "reported", "estimated", "assumed")
_STEP = re.compile(r"([A-Za-z_]\w*)|\[(\d+)\]")


@dataclass(frozen=True)
class Field:
    """One value that can be changed: its key below the part, and how it is written.

    `kind` is text, whole, day, range, list, choice or flag; `offered` tells whose names a list is chosen from
    (markets, products, passages). A field that is not needed goes away when it is emptied.
    """

    key: str
    kind: str = "text"
    offered: str = ""
    options: tuple[str, ...] = ()
    needed: bool = False


_TIMES = (Field("start", "day", needed=True), Field("end", "day"), Field("duration_weeks", "range"))
_PROOF = (Field("evidence[0].source"), Field("evidence[0].grade", "choice", options=GRADES))
_PRODUCTS = Field("products", "list", "products", needed=True)


@dataclass(frozen=True)
class Group:
    """Fields that stand together: of the scenario, of the assumptions, or of each row of a list."""

    name: str
    path: Path
    fields: tuple[Field, ...]
    rows: bool = True


GROUPS = (
    Group(
        "scenario",
        (),
        (
            Field("title", needed=True),
            Field("start", "day", needed=True),
            Field("weeks", "whole"),
            Field("targets", "list", "markets", needed=True),
            Field("focus", "list", "products"),
        ),
        rows=False,
    ),
    Group(
        "restrictions",
        ("restrictions",),
        (
            Field("exporter", offered="markets", needed=True),
            Field("importers", "list", "markets", needed=True),
            _PRODUCTS,
            Field("kind", "choice", options=("ban", "quota", "licence"), needed=True),
            Field("depth", "range"),
            Field("quota_mode", "choice", options=("per_lane", "pooled")),
            *_TIMES,
            Field("enforcement", "range"),
            *_PROOF,
        ),
    ),
    Group(
        "losses",
        ("losses",),
        (
            Field("market", offered="markets", needed=True),
            _PRODUCTS,
            Field("depth", "range", needed=True),
            *_TIMES,
            Field("recovery_weeks", "range"),
            *_PROOF,
        ),
    ),
    Group(
        "surges",
        ("surges",),
        (
            Field("market", offered="markets", needed=True),
            _PRODUCTS,
            Field("factor", "range", needed=True),
            *_TIMES,
            *_PROOF,
        ),
    ),
    Group(
        "closures",
        ("closures",),
        (
            Field("chokepoint", offered="passages"),
            Field("countries", "list", "markets"),
            Field("ports", "list", "markets"),
            Field("extra_days", "range"),
            Field("capacity_lost", "range"),
            *_TIMES,
            *_PROOF,
        ),
    ),
    *(
        Group(
            name,
            ("assumptions", name),
            (Field("markets", "list", "markets", needed=True), _PRODUCTS, Field("days", "range"), *_PROOF),
        )
        for name in ("cover_days", "reserve_days")
    ),
    Group(
        "assumptions",
        ("assumptions",),
        (*(Field(name, "range") for name in LIMITS), Field("price.on", "flag", options=("on", "off"))),
        rows=False,
    ),
)
ROWS: Mapping[str, Group] = {group.name: group for group in GROUPS if group.rows}


@dataclass(frozen=True)
class Shown:
    """A field as it is shown: its name (such as `restrictions[0].depth`), and its text; None where the text
    of the scenario holds something there that the form does not edit.
    """

    name: str
    field: Field
    text: str | None


@dataclass(frozen=True)
class Row:
    """The fields of one part, and how the part is told in a line."""

    path: Path
    fields: tuple[Shown, ...]


def rows_of(group: Group, data: Any) -> list[Row]:
    """Return the rows of a group as a form shows them; `data` is a scenario as read, faulty or not."""
    if not group.rows:
        return [_row(group, group.path, data)]
    found = value_at(data, group.path)
    count = len(found) if isinstance(found, list) else 0
    return [_row(group, (*group.path, i), data) for i in range(min(count, MOST_ROWS))]


def hidden_rows(group: Group, data: Any) -> int:
    """Return how many rows of a group a form leaves to the text."""
    found = value_at(data, group.path) if group.rows else None
    return max(0, len(found) - MOST_ROWS) if isinstance(found, list) else 0


def shown(data: Any) -> Iterator[Shown]:
    """Yield every field that a form of this scenario shows."""
    for group in GROUPS:
        for row in rows_of(group, data):
            yield from row.fields


def was(data: Any) -> str:
    """Return what a form shows, as the text of its hidden field."""
    texts = {one.name: one.text for one in shown(data) if one.text is not None}
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))


def default_of(name: str) -> str:
    """Return how the default of a parameter under assumptions is written; empty for other names."""
    value = getattr(Assumptions(), name.removeprefix("assumptions."), None)
    return (_range_text(value.model_dump()) or "") if isinstance(value, Range) else ""


def path_of(name: str) -> Path:
    """Return the path that a name such as `restrictions[0].depth` stands for."""
    return tuple(int(index) if index else key for key, index in _STEP.findall(name[:200]))


def named(tree: Placed) -> Iterator[tuple[str, str, str, Placed]]:
    """Yield (whose names, path, name, place) of every market, product and passage that the form knows."""
    data = tree.plain()
    for group in GROUPS:
        found = value_at(data, group.path) if group.rows else None
        starts = (
            [group.path]
            if not group.rows
            else [(*group.path, i) for i in range(len(found) if isinstance(found, list) else 0)]
        )
        for start in starts:
            for one in group.fields:
                path = (*start, *path_of(one.key))
                here, there = tree.at(path)
                if not one.offered or not there:
                    continue
                items = here.value if isinstance(here.value, list) else [here]
                for i, item in enumerate(items):
                    if isinstance(item.value, str):
                        where = dotted((*path, i) if isinstance(here.value, list) else path)
                        yield one.offered, where, item.value, item


def _row(group: Group, path: Path, data: Any) -> Row:
    part = value_at(data, path)
    fields = [
        Shown(dotted((*path, *path_of(one.key))), one, _written(one, value_at(part, path_of(one.key))))
        for one in group.fields
    ]
    return Row(path, tuple(fields))


def value_at(data: Any, path: Path) -> Any:
    """Return what stands at a path of plain data, None where nothing does."""
    for step in path:
        inside = isinstance(data, dict) and step in data
        if inside or (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            data = data[step]
        else:
            return None
    return data


def _written(field: Field, value: Any) -> str | None:
    """Return a value as its field shows it; None for what the field cannot hold."""
    if value is None:
        return ""
    if field.kind == "list":
        flat = isinstance(value, list) and all(isinstance(one, str) and "," not in one for one in value)
        return ", ".join(value) if flat else None
    if field.kind == "range":
        return _range_text(value)
    if field.kind == "flag":
        return {True: "on", False: "off"}.get(value) if isinstance(value, bool) else None
    if isinstance(value, dict | list | bool):
        return None
    return f"{value:g}" if isinstance(value, float) else str(value)


def _range_text(value: Any) -> str | None:
    """Return a number, or `low / central / high`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.10g}"
    if not isinstance(value, dict):
        return value if isinstance(value, str) else None
    numbers = [value.get(key) for key in ("low", "central", "high")]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
        return None
    if len(set(numbers)) == 1:
        return f"{numbers[0]:.10g}"
    return " / ".join(f"{one:.10g}" for one in numbers)


def kept_choice(options: Sequence[str], text: str) -> tuple[str, ...]:
    """Return the options of a choice, with what stands in the text though it is none of them."""
    return tuple(options) if text in options or not text else (*options, text)
