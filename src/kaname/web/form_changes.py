"""From a form back into the text of a scenario: only what was changed is written, in place.

A form is never the document: it shows some values of a YAML text, and what is sent back is compared with what
was shown. Only what differs is written, so the text keeps all else. A value that was changed in the text
meanwhile is kept and told.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from kaname.scenario.edit import Path, drop, put
from kaname.scenario.placed import parse
from kaname.scenario.ranges import as_date
from kaname.terms.errors import InputError, Problem, ScenarioError
from kaname.web.form_fields import ROWS, WAS, Field, path_of, shown, value_at

ADD = "add."
"""What a name begins with that is added to the list of the same name."""
UNCITED = {"source": "assumed: not yet cited", "grade": "assumed"}
MOST_CHANGES = 100
"""Values that are changed, and names that are added, at once; each is read back."""
_PARTS = ("central", "low", "high")


def with_form(text: str, sent: Mapping[str, str]) -> tuple[str, list[Problem]]:
    """Return the text with what a form changed written into it, and what could not be.

    `sent` are the fields of the form. A value counts as changed where it is not what was shown (`WAS`).
    Text that cannot be read, or a form without `WAS`, is left as it is.
    """
    before = _shown_before(sent.get(WAS, ""))
    problems: list[Problem] = []
    try:
        known = {one.name: one for one in shown(parse(text, "scenario").plain())}
    except ScenarioError:
        return text, []
    changed = [(n, old) for n, old in before.items() if _cleaned(sent.get(n, old)) != _cleaned(old)]
    if len(changed) > MOST_CHANGES:
        return text, [
            Problem("too many changes at once", "form", f"{len(changed)}", f"{MOST_CHANGES} at most")
        ]
    for name, old in changed:
        new = _cleaned(sent[name])
        now = known.get(name)
        if now is None or now.text is None or _cleaned(now.text) not in {_cleaned(old), new}:
            problems.append(_both(name, new))
        elif _cleaned(now.text) != new:
            text = _tried(text, name, now.field, new, problems)
    for name, new in sent.items():
        if name.startswith(ADD) and new.strip():
            text = _added(text, name.removeprefix(ADD), new, problems)
    return text, problems


def with_row(text: str, name: str) -> str:
    """Return the text with one more row of a group, begun from the row before it and the scenario.

    Raises ScenarioError for text that cannot be read, InputError for an unknown group.
    """
    group = ROWS.get(name)
    if group is None:
        raise InputError(Problem("no such rows", "form", name[:40], ", ".join(ROWS)))
    data = parse(text, "scenario").plain()
    found = value_at(data, group.path)
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    last: Mapping[str, Any] = rows[-1] if rows else {}
    begun: dict[str, Any] = {}
    for one in group.fields:
        begin = _begun(one, last, data)
        if one.needed or begin not in (None, "", []):
            begun[one.key] = begin
    begun = {key: value for key, value in begun.items() if "[" not in key}
    count = len(found) if isinstance(found, list) else 0
    return put(text, (*group.path, count), {**begun, "evidence": [dict(UNCITED)]})


def without_row(text: str, name: str) -> str:
    """Return the text without a row, such as `restrictions[0]`. Raises as `with_row`."""
    path = path_of(name)
    if path[:-1] not in [group.path for group in ROWS.values()] or not isinstance(path[-1], int):
        raise InputError(Problem("no such row", "form", name[:60]))
    return drop(text, path)


def _cleaned(text: str) -> str:
    return " ".join(text.split())


def _shown_before(text: str) -> dict[str, str]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _tried(text: str, name: str, field: Field, new: str, problems: list[Problem]) -> str:
    """Return the text with one field changed, or as it is where that cannot be done."""
    try:
        return _changed(text, path_of(name), field, new)
    except InputError as error:
        problems += error.problems
        return text


def _changed(text: str, path: Path, field: Field, new: str) -> str:
    if not new and not field.needed:
        return drop(text, path) if parse(text, "scenario").at(path)[1] else text
    value = _read(field, new)
    now = value_at(parse(text, "scenario").plain(), path) if field.kind == "range" else None
    if not isinstance(now, dict) or isinstance(value, str):
        return put(text, path, value)
    parts = value if isinstance(value, dict) else dict.fromkeys(_PARTS, value)
    for key in _PARTS:  # its shape, its choices and its evidence stay
        if now.get(key) != parts[key]:
            text = put(text, (*path, key), parts[key])
    return text


def _read(field: Field, new: str) -> Any:
    """Return what a field says; what cannot be read stays text, and is refused with its line."""
    if field.kind == "list":
        return _items(new)
    if field.kind == "flag":
        return new == "on"
    if field.kind == "whole":
        return int(new) if new.isdecimal() and len(new) < 9 else new
    if field.kind == "day":
        return as_date(new) or new
    return _range(new) if field.kind == "range" else new


def _range(new: str) -> Any:
    """Return a number, or low, central and high as a mapping; the text where it is neither."""
    numbers = [_number(part) for part in new.split("/")]
    if None in numbers or len(numbers) not in (1, 3):
        return new
    if len(numbers) == 1:
        return numbers[0]
    low, central, high = numbers
    return {"central": central, "low": low, "high": high}


def _number(text: str) -> int | float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _added(text: str, name: str, new: str, problems: list[Problem]) -> str:
    """Return the text with names added to a list, those that are not in it."""
    try:
        field = {one.name: one for one in shown(parse(text, "scenario").plain())}[name]
        if field.field.kind != "list" or field.text is None:
            raise KeyError(name)
        had = _items(field.text)
        for item in _items(new)[:MOST_CHANGES]:
            if item not in had:
                text = put(text, (*path_of(name), len(had)), item)
                had.append(item)
    except KeyError:
        problems.append(_both(name, new))
    except InputError as error:
        problems += error.problems
    return text


def _begun(field: Field, last: Mapping[str, Any], data: Any) -> Any:
    """Return how a field of a new row begins: as in the row before it, else as the scenario says."""
    whole = data if isinstance(data, dict) else {}
    plain: dict[str, Any] = {
        "start": whole.get("start"),
        "importers": whole.get("targets"),
        "markets": whole.get("targets"),
        "kind": "ban",
        "depth": 0.5,
        "factor": 1.5,
        "days": 30,
    }
    if field.key in {"exporter", "market", "products"} and last.get(field.key):
        return last[field.key]
    if field.key in {"depth", "days"} and not field.needed and field.key != "days":
        return None
    begin = plain.get(field.key)
    if begin is None and field.needed:
        return [] if field.kind == "list" else ""
    return begin


def _both(name: str, new: str) -> Problem:
    what = f"{name}: changed in the text as well, or not there any more"
    return Problem(what, "form", new[:60], "", "The text was kept; change it again.")
