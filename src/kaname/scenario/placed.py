"""YAML text -> plain data in which every key and value knows its file, line and column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from kaname.terms.errors import Problem, ScenarioError

_TAG = "tag:yaml.org,2002:"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BOOLS = {"true": True, "false": False}
_FOLD = "\a"  # what the parser notes where a line of folded text ended; it is not of the text
_DEEPEST = 40
_MOST_VALUES = 100_000


@dataclass(frozen=True)
class Place:
    """A point in a file; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True)
class Placed:
    """A value with its place: a scalar, a dict of Placed, or a list of Placed; and where its key stands."""

    value: Any
    place: Place
    key_place: Place

    def plain(self) -> Any:
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def at(self, path: tuple[int | str, ...]) -> tuple[Placed, bool]:
        """Return the value at a path, or the nearest that encloses it, and whether the path was found."""
        here = self
        for step in path:
            below = here.value
            inside = isinstance(below, dict) and step in below
            if inside or (isinstance(below, list) and isinstance(step, int) and step < len(below)):
                here = below[step]
            else:
                return here, False
        return here, True

    def mappings(self, path: tuple[int | str, ...] = ()) -> Iterator[tuple[tuple[int | str, ...], Placed]]:
        """Yield the path and value of every mapping at or below this one."""
        if isinstance(self.value, dict):
            yield path, self
        below: Mapping[Any, Placed] = (
            self.value
            if isinstance(self.value, dict)
            else dict(enumerate(self.value))
            if isinstance(self.value, list)
            else {}
        )
        for step, item in below.items():
            yield from item.mappings((*path, step))


def parse(text: str, file: str) -> Placed:
    """Return the placed tree of one YAML document whose top level is a mapping.

    Raises ScenarioError: not YAML, more than one document, empty, no mapping, nested too deeply, or keys
    given twice (all of them at once).
    """
    try:
        node = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        what = " ".join(part for part in (error.context, error.problem) if part)
        raise ScenarioError(_not_yaml(file, what, line, column)) from None
    except RecursionError:
        raise ScenarioError(_not_yaml(file, "nested too deeply", None, None)) from None
    except ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        what = f"a control character, U+{error.character:04X}"
        raise ScenarioError(_not_yaml(file, what, line, column)) from None
    except (YAMLError, ValueError) as error:
        raise ScenarioError(_not_yaml(file, str(error).splitlines()[0], None, None)) from None
    if node is None:
        fix = "A scenario needs id, title, start and targets; a catalogue needs measures."
        raise ScenarioError(Problem("the file is empty", file, "no content", "keys with values", fix, 1, 1))
    reader = _Reader(file)
    start = Place(file, 1, 1)
    tree = reader.read(node, start, 0)
    if not isinstance(tree.value, dict):
        got = "a list" if isinstance(tree.value, list) else "a single value"
        reader.problems.append(
            Problem("not a file of keys", file, got, "keys with values (key: value)", "", 1, 1)
        )
    if reader.problems:
        raise ScenarioError(reader.problems)
    return tree


def _not_yaml(file: str, what: str, line: int | None, column: int | None) -> Problem:
    """Return the problem of text that is not YAML."""
    fix = "Check indentation, colons and quotes near this place."
    return Problem(f"not valid YAML: {what}", file, "", "YAML 1.2, one document", fix, line, column)


class _Reader:
    """Turns YAML nodes into placed values and collects what it refuses."""

    def __init__(self, file: str) -> None:
        """Start with no problems."""
        self.file = file
        self.problems: list[Problem] = []
        self._values = 0

    def read(self, node: Node, key_place: Place, depth: int) -> Placed:
        """Return the placed value of a node."""
        empty = isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index
        place = key_place if empty else self._place(node)
        self._values += 1
        if depth > _DEEPEST or self._values > _MOST_VALUES:
            if not any(problem.what.startswith("nested") for problem in self.problems):
                limits = f"at most {_DEEPEST} levels and {_MOST_VALUES:,} values"
                self._refuse("nested too deeply, or too many values", place, "more", limits)
            self._values = _MOST_VALUES + 1
            return Placed(None, place, key_place)
        if isinstance(node, MappingNode):
            return Placed(self._mapping(node, depth), place, key_place)
        if isinstance(node, SequenceNode):
            items = [self.read(item, self._place(item), depth + 1) for item in node.value]
            return Placed(items, place, key_place)
        text = str(node.value)
        if getattr(node, "style", None) == ">":
            text = text.replace(_FOLD, "")
        return Placed(self._scalar(str(node.tag), text, place), place, key_place)

    def _mapping(self, node: MappingNode, depth: int) -> dict[str, Placed]:
        """Return a mapping; keys must be text, each given once."""
        found: dict[str, Placed] = {}
        for key_node, value_node in node.value:
            place = self._place(key_node)
            if not isinstance(key_node, ScalarNode):
                self._refuse("a key is not text", place, "a list or mapping", "text")
                continue
            key = str(key_node.value)
            if key == "<<":
                fix = "Use `extends: other.yaml` to share parts."
                self._refuse("merge keys are not read", place, "`<<`", "plain keys", fix)
            elif key in found:
                first = found[key].key_place.line
                fix = f"It is given first in line {first}; keep one."
                self._refuse(f"the key `{key}` is given twice", place, "a second value", "one value", fix)
            else:
                found[key] = self.read(value_node, place, depth + 1)
        return found

    def _scalar(self, tag: str, text: str, place: Place) -> Any:
        """Return text, a number, a truth value, a date or None, by the node's YAML 1.2 type."""
        if tag == f"{_TAG}null":
            return None
        if tag == f"{_TAG}bool":
            return _BOOLS.get(text.lower(), text)
        if tag in (f"{_TAG}int", f"{_TAG}float"):
            return _number(text)
        if tag == f"{_TAG}timestamp":
            return _date(text)
        if tag != f"{_TAG}str":
            self._refuse("a tag that is not read", place, f"`{tag}`", "plain values without tags")
        return text

    def _place(self, node: Node) -> Place:
        """Return where a node starts."""
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _refuse(self, what: str, place: Place, got: str, expected: str, fix: str = "") -> None:
        """Record a problem at a place."""
        self.problems.append(Problem(what, self.file, got, expected, fix, place.line, place.column))


def _number(text: str) -> int | float | str:
    """Return a number, or the text where it is none after all."""
    digits = text.replace("_", "")
    for read in (int, lambda word: int(word, 0), float):
        try:
            return read(digits)
        except ValueError:
            continue
    return {".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}.get(digits.lower(), text)


def _date(text: str) -> dt.date | str:
    """Return a date, or the text where it is none (30 February, a time of day)."""
    if not _DAY.fullmatch(text):
        return text
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return text
