"""Changes to the text of a scenario file, in place: one value, key or row, and every other character stays.

The text is cut where the parser says that a node begins and ends, so comments, order, quotes and what the
form does not know are kept. Each change is read back: it says what was meant and nothing else, or it is
refused.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kaname.scenario.faults import dotted, model_at
from kaname.scenario.placed import parse
from kaname.terms.errors import InputError, Problem, ScenarioError

Path = tuple[int | str, ...]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_STEP = 2  # spaces by which what is new is set in
_NOTHING = object()


def put(text: str, path: Path, value: object) -> str:
    """Return the text with `value` at a path: replaced, or added as a key or as the next item of a list.

    `value` is text, a number, a truth value, a date, a list or a mapping of these. What encloses the path is
    added where it is missing. Raises ScenarioError for text that cannot be read, InputError where the change
    cannot be made in place (behind an anchor, inside a value that is no list or mapping).
    """
    before = parse(text, "scenario").plain()
    return _checked(_put(text, path, value), _replaced(before, path, value), text, path)


def drop(text: str, path: Path) -> str:
    """Return the text without the key or list item at a path; what would be left empty goes with its key.

    Raises as `put`; a path that is not there is an InputError.
    """
    before = parse(text, "scenario").plain()
    spot = _find(text, path)
    if spot.node is None:
        raise _refused(text, path, "nothing stands there")
    listed = isinstance(path[-1], int)
    if len(spot.parent.value) == 1 and len(path) > 1 and (listed or isinstance(path[-2], str)):
        return drop(text, path[:-1])
    return _checked(_dropped(text, spot), _without(before, path), text, path)


def written(value: object) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{written(key)}: {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, dt.date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float):
        return _number(value) if isinstance(value, float) else json.dumps(value)
    word = str(value)
    plain = _PLAIN.fullmatch(word) and word.casefold() not in _WORDS
    return word if plain else json.dumps(word, ensure_ascii=False)


def _number(value: float) -> str:
    """Return a number as short as it can be read back, always with a point or digit that YAML knows."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    shown = repr(value)
    return shown if "e" not in shown or "." in shown else shown.replace("e", ".0e")


def _block(value: object, indent: int) -> str:
    """Return a mapping as lines, all but the first set in by `indent`; anything else on one line."""
    if not isinstance(value, Mapping) or not value:
        return written(value)
    return ("\n" + " " * indent).join(f"{written(key)}:{_under(item, indent)}" for key, item in value.items())


def _under(value: object, indent: int) -> str:
    """Return what follows the colon of a key that is set in by `indent`."""
    inner = indent + _STEP
    pad = "\n" + " " * inner
    if isinstance(value, Mapping) and any(isinstance(item, Mapping | list) for item in value.values()):
        return pad + _block(value, inner)
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        return "".join(f"{pad}- {_block(item, inner + _STEP)}" for item in value)
    return " " + written(value)


@dataclass(frozen=True)
class _Spot:
    """Where a path leads: the node and its key, None where the last step is missing; and what holds it."""

    node: Node | None
    key: Node | None
    parent: Node
    index: int


def _find(text: str, path: Path) -> _Spot:
    """Return the spot of a path; InputError where something before its last step is missing."""
    root = YAML(typ="rt", pure=True).compose(text)
    here, found = root, _Spot(root, None, root, 0)
    for number, step in enumerate(path):
        if found.node is None:
            raise _refused(text, path, f"`{dotted(path[:number])}` is not there")
        here = found.node
        found = _step(here, step)
    return found


def _step(here: Node, step: int | str) -> _Spot:
    if isinstance(here, MappingNode) and isinstance(step, str):
        for index, (key, node) in enumerate(here.value):
            if key.value == step:
                return _Spot(node, key, here, index)
    if isinstance(here, SequenceNode) and isinstance(step, int) and step < len(here.value):
        return _Spot(here.value[step], None, here, step)
    return _Spot(None, None, here, len(here.value))


def _put(text: str, path: Path, value: object) -> str:
    parent = path[:-1]
    if parent and not _holds(text, parent):
        inner: object = {path[-1]: value} if isinstance(path[-1], str) else [value]
        return _put(text, parent, inner)
    spot = _find(text, path)
    if spot.node is not None:
        return _over(text, spot, value)
    if isinstance(path[-1], int):
        return _appended(text, spot.parent, path, value)
    return _keyed(text, spot.parent, path, value)


def _holds(text: str, path: Path) -> bool:
    """Return whether a list or mapping that is not null stands at a path."""
    here = parse(text, "scenario").at(path)
    return here[1] and here[0].value is not None


def _over(text: str, spot: _Spot, value: object) -> str:
    """Return the text with a node replaced."""
    assert spot.node is not None
    start, end = spot.node.start_mark.index, _end(text, spot.node, spot.key)
    if spot.key is None:
        return text[:start] + _block(value, spot.node.start_mark.column) + text[end:]
    colon = text.index(":", spot.key.end_mark.index) + 1
    flow = _flows(spot.parent)
    new = " " + written(value) if flow else _under(value, spot.key.start_mark.column)
    return text[:colon] + new + text[max(end, colon) :]


def _keyed(text: str, parent: Node, path: Path, value: object) -> str:
    """Return the text with a key added to a mapping, behind those that come before it in the schema."""
    if not isinstance(parent, MappingNode):
        raise _refused(text, path, "it would stand in something that is no mapping")
    name = str(path[-1])
    if _flows(parent) or not parent.value:
        at = int(parent.end_mark.index) - 1
        comma = ", " if parent.value else ""
        return text[:at].rstrip() + f"{comma}{written(name)}: {written(value)}" + text[at:]
    order = _order(path)
    earlier = order[: order.index(name)] if name in order else []
    before = [pair for pair in parent.value if pair[0].value in earlier] or parent.value[-1:]
    key, node = max(before, key=lambda pair: pair[0].start_mark.index)
    indent = int(parent.value[0][0].start_mark.column)
    at = _line_end(text, _end(text, node, key))
    return text[:at] + "\n" + " " * indent + f"{written(name)}:{_under(value, indent)}" + text[at:]


def _order(path: Path) -> list[str]:
    """Return the keys of the schema beside the last of a path, in its order."""
    model = model_at(path[:-1])
    return list(model.model_fields) if model is not None else []


def _appended(text: str, parent: Node, path: Path, value: object) -> str:
    """Return the text with an item added to a list."""
    if not isinstance(parent, SequenceNode):
        raise _refused(text, path, "it would stand in something that is no list")
    if not parent.value:
        return _put(text, path[:-1], [value])
    if _flows(parent):
        at = _end(text, parent.value[-1], None)
        return text[:at] + ", " + written(value) + text[at:]
    dash = int(parent.start_mark.column)
    at = _line_end(text, _end(text, parent.value[-1], None))
    return text[:at] + "\n" + " " * dash + "- " + _block(value, dash + _STEP) + text[at:]


def _dropped(text: str, spot: _Spot) -> str:
    """Return the text without a node, its key or dash, and the lines that they leave empty."""
    assert spot.node is not None
    end = _end(text, spot.node, spot.key)
    first = (spot.key or spot.node).start_mark.index
    if _flows(spot.parent):
        return _from_flow(text, spot, first, end)
    if spot.key is None:
        first = text.rindex("-", 0, first)
    line = text.rfind("\n", 0, first) + 1
    after = min(_line_end(text, end) + 1, len(text))
    if text[line:first].strip():  # behind a dash: the next key takes its place
        if spot.index + 1 == len(spot.parent.value):
            return text[:first].rstrip(" ") + " {}" + text[end:]
        return text[:first] + text[spot.parent.value[spot.index + 1][0].start_mark.index :]
    return text[:line] + text[after:]


def _from_flow(text: str, spot: _Spot, first: int, end: int) -> str:
    """Return the text without an item of a list or mapping on one line, and without its comma."""
    items = spot.parent.value
    if spot.index + 1 < len(items):
        follower = items[spot.index + 1]
        start = follower[0] if isinstance(follower, tuple) else follower
        return text[:first] + text[start.start_mark.index :]
    if spot.index:
        last = items[spot.index - 1]
        key, node = last if isinstance(last, tuple) else (None, last)
        return text[: _end(text, node, key)] + text[end:]
    return text[:first] + text[end:]


def _end(text: str, node: Node, key: Node | None) -> int:
    """Return where the last character of a node stands, plus one; comments behind it are not of it."""
    if isinstance(node, ScalarNode):
        if node.start_mark.index == node.end_mark.index:
            return int(node.end_mark.index) if key is None else text.index(":", key.end_mark.index) + 1
        whole = text[node.start_mark.index : node.end_mark.index]
        return int(node.start_mark.index) + len(whole.rstrip())
    if _flows(node) or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    inner_key, inner = last if isinstance(last, tuple) else (None, last)
    return _end(text, inner, inner_key)


def _flows(node: Node) -> bool:
    """Return whether a list or mapping is written on one line, between brackets."""
    return bool(getattr(node, "flow_style", False))


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _replaced(data: Any, path: Path, value: object) -> Any:
    """Return data with a value at a path, made where it is missing."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = copy.copy(data) if isinstance(data, list) else []
        below = items[step] if step < len(items) else None
        return [*items[:step], _replaced(below, rest, value), *items[step + 1 :]]
    found = dict(data) if isinstance(data, dict) else {}
    found[step] = _replaced(found.get(step), rest, value)
    return found


def _without(data: Any, path: Path) -> Any:
    """Return data without what stands at a path."""
    step, rest = path[0], path[1:]
    if rest:
        below = _without(data[step], rest)
        return _replaced(data, (step,), below)
    if isinstance(data, list):
        return [item for index, item in enumerate(data) if index != step]
    return {key: item for key, item in data.items() if key != step}


def _checked(text: str, expected: Any, before: str, path: Path) -> str:
    """Return the text if it says what is expected; else refuse the change."""
    try:
        found: Any = parse(text, "scenario").plain()
    except ScenarioError:
        found = _NOTHING
    if _same(found, expected):
        return text
    raise _refused(before, path, "it is written in a way that the form does not edit")


def _same(one: Any, other: Any) -> bool:
    """Compare data as it is read: lists and tuples alike, a whole number as its float."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _refused(text: str, path: Path, why: str) -> InputError:
    try:
        line: int | None = parse(text, "scenario").at(path)[0].place.line
    except ScenarioError:
        line = None
    where = dotted(path)
    problem = Problem(
        f"{where}: cannot be changed from the form", "scenario", why, "", "Change it in the text.", line
    )
    return InputError(problem)
