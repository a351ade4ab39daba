"""Faults of a scenario file: pydantic's errors and those between keys, as Problems with places and hints."""

from __future__ import annotations

import types
import typing
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kaname.scenario.placed import Placed
from kaname.scenario.ranges import Part, Range
from kaname.scenario.resolve import nearest
from kaname.scenario.scenario import Scenario
from kaname.terms.errors import Problem

Path = tuple[int | str, ...]

_EXPECTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a finite number",
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "tuple_type": "a list",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "too_short": "at least one item",
    "day": "a date, YYYY-MM-DD",
}
_LIMITS = (("ge", ">="), ("gt", ">"), ("le", "<="), ("lt", "<"))


def scenario_problems(
    tree: Placed, error: ValidationError | None, root: type[Part] = Scenario
) -> list[Problem]:
    """Return every fault of a tree that is to be a `root`: what pydantic found, and what is wrong between
    keys.

    The keys of a part are compared even where one of them is faulty by itself, so that nothing waits for a
    second run.
    """
    found = error.errors() if error else []
    problems = [_problem(tree, item, root) for item in found if not _follows(tree, item)]
    for path, mapping in tree.mappings():
        model = model_at(path, root)
        if model is None:
            continue
        for fault in model.faults(mapping.plain()):
            here, _ = mapping.at((fault.key,))
            spot = here.place
            where = dotted((*path, fault.key))
            problems.append(
                Problem(
                    f"{where}: {fault.what}", spot.file, fault.got, fault.expected, "", spot.line, spot.column
                )
            )
    return problems


def _follows(tree: Placed, item: ErrorDetails) -> bool:
    """Tell whether an error follows from others: faults between keys, a list short of faulty items."""
    here, found = tree.at(item["loc"])
    return item["type"] == "faults" or (item["type"] == "too_short" and found and bool(here.value))


def dotted(path: Path) -> str:
    """Return a path as `restrictions[0].depth`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def model_at(path: Path, root: type[Part] = Scenario) -> type[Part] | None:
    """Return the part that stands at a path of a `root`, or None where there is none."""
    model: Any = root
    for step in path:
        if isinstance(step, int):
            continue
        if model is None or step not in model.model_fields:
            return None
        model = _part_in(model.model_fields[step].annotation)
    return typing.cast("type[Part] | None", model)


def _part_in(annotation: Any) -> type[Part] | None:
    """Return the part inside an annotation such as `tuple[Part, ...]` or `Part | None`."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, Part) else None
    for inner in typing.get_args(annotation):
        found = _part_in(inner)
        if found is not None:
            return found
    return None


def _problem(tree: Placed, item: ErrorDetails, root: type[Part]) -> Problem:
    """Return one of pydantic's errors as a Problem at its place."""
    path: Path = item["loc"]
    here, found = tree.at(path)
    spot = here.key_place if item["type"] == "extra_forbidden" else here.place
    name, model = dotted(path), model_at(path[:-1], root)
    kind, context = item["type"], item.get("ctx", {})
    got, fix = (_shown(here) if found else "nothing"), ""
    if kind == "extra_forbidden":
        known = list(model.model_fields) if model else []
        what, got, expected = "unknown key", f"`{path[-1]}`", "a key of the schema"
        fix = _unknown_key_hint(str(path[-1]), here, known)
    elif kind == "missing":
        what, expected = "a key is missing", f"`{path[-1]}`"
        fix = _description(model, path)
    else:
        what, expected = "a value is wrong", _expected(kind, context, item["msg"])
        if kind == "model_type" and model_at(path, root) is Range:
            expected = "a finite number, or the keys low, central and high"
        fix = _value_hint(here, kind, context) or _description(model, path)
    return Problem(f"{name}: {what}", spot.file, got, expected, fix, spot.line, spot.column)


def _expected(kind: str, context: dict[str, Any], message: str) -> str:
    """Return what pydantic expected, in plain words."""
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind == "literal_error":
        return "one of " + str(context["expected"]).replace(" or ", ", ").replace("'", "`")
    limits = [f"{sign} {context[key]:g}" for key, sign in _LIMITS if key in context]
    if limits:
        return "a number " + " and ".join(limits)
    if kind == "string_pattern_mismatch":
        return f"text like {context['pattern']}"
    return message


def _shown(here: Placed) -> str:
    """Return a short form of a value for an error."""
    if isinstance(here.value, dict):
        return "keys with values"
    if isinstance(here.value, list):
        return "a list" if here.value else "an empty list"
    return "nothing" if here.value is None else f"`{here.value}`"


def _unknown_key_hint(key: str, here: Placed, known: list[str]) -> str:
    """Return a hint for a key that the schema does not have."""
    if key.endswith("+"):
        if key.removesuffix("+") in known:
            return "`+` adds the items of a list to a list of the same name."
        key = key.removesuffix("+")
    return nearest(key, known)


def _value_hint(here: Placed, kind: str, context: dict[str, Any]) -> str:
    """Return a hint for a misspelt word or a share written in percent."""
    if kind == "literal_error" and isinstance(here.value, str):
        words = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
        hint = nearest(here.value, words)
        return hint if hint.startswith("Did") else ""
    if kind == "less_than_equal" and context.get("le") == 1.0 and 2.0 <= here.value <= 100.0:
        return f"A share of {here.value:g} % is written {here.value / 100:g}."
    if kind == "tuple_type" and isinstance(here.value, str):
        return f"Write [{here.value}]."
    return ""


def _description(model: type[BaseModel] | None, path: Path) -> str:
    """Return the description of the field at the end of a path."""
    names = [step for step in path if isinstance(step, str)]
    if model is None or not names or names[-1] not in model.model_fields:
        return ""
    text = model.model_fields[names[-1]].description or ""
    return f"{names[-1]}: {text}" if text else ""
