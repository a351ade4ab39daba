"""YAML files <-> Scenario, with all faults of a file at once, each with line, column and hint.

A file may build on another: `extends: other.yaml` (a path relative to the file). Mappings are merged key by
key, lists and single values are replaced; a list key with a plus (`restrictions+:`) adds its items to the
list that is extended. Files whose name starts with `_` are shared parts, not scenarios of a folder.
"""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from kaname.scenario.faults import scenario_problems
from kaname.scenario.measures import Catalogue, Measure
from kaname.scenario.placed import Placed, parse
from kaname.scenario.ranges import Part
from kaname.scenario.scenario import Scenario
from kaname.terms.errors import KanameError, Problem, ScenarioError

Whole = TypeVar("Whole", bound=Part)

_LARGEST_BYTES = 2_000_000
_SHORT_LINE = 80
_STEP = re.compile(r"([A-Za-z_]\w*)|\[(\d+)\]")


def load(path: str | Path) -> Scenario:
    """Return the scenario of a YAML file. Raises ScenarioError with every fault, its line and column."""
    return load_part(path, Scenario)


def load_part(path: str | Path, root: type[Whole]) -> Whole:
    """Return a YAML file as a part of another kind than a scenario, read and refused in the same way."""
    return _validated(_read(Path(path), ()), root)


def loads(text: str, base_dir: str | Path | None = None, name: str = "<text>") -> Scenario:
    """Return the scenario of YAML text; `extends` is looked up in `base_dir` and refused without it.

    `name` stands for the file in errors. Raises ScenarioError with every fault.
    """
    return _validated(
        _extended(parse(text, name), None if base_dir is None else Path(base_dir), ()), Scenario
    )


def load_all(folder: str | Path) -> list[Scenario]:
    """Return the scenarios of a folder's YAML files, by file name; files that start with `_` are left out.

    Raises ScenarioError with the faults of all files at once, for ids used twice, and where there is no file.
    """
    found = Path(folder)
    if not found.is_dir():
        raise ScenarioError(Problem("no such folder", str(folder), "nothing", "a folder of scenario files"))
    files = [
        f for f in sorted(found.iterdir()) if f.suffix in (".yaml", ".yml") and not f.name.startswith("_")
    ]
    if not files:
        raise ScenarioError(
            Problem(
                "no scenario file", str(folder), "no *.yaml", "at least one", "Names with `_` do not count."
            )
        )
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    known: dict[str, Path] = {}
    for file in files:
        try:
            scenario = load(file)
        except ScenarioError as error:
            problems += [problem for problem in error.problems if problem not in problems]
            continue
        if scenario.id in known:
            fix = f"It is used in {known[scenario.id].name}; choose another."
            problems.append(
                Problem("the id is used twice", str(file), f"`{scenario.id}`", "an id of its own", fix)
            )
        known.setdefault(scenario.id, file)
        scenarios.append(scenario)
    if problems:
        raise ScenarioError(problems)
    return scenarios


def load_measures(path: str | Path) -> tuple[Measure, ...]:
    """Return the measures of a catalogue file, or of all in a folder, by file name.

    Raises ScenarioError with the faults of all files at once, for ids used twice, and where there is none.
    """
    found = Path(path)
    if found.is_dir():
        sources = [f for f in sorted(found.iterdir()) if f.suffix in (".yaml", ".yml") and f.name[0] != "_"]
    else:
        sources = [found]
    problems: list[Problem] = []
    measures: list[Measure] = []
    owner: dict[str, Path] = {}
    for file in sources:
        try:
            catalogue = load_part(file, Catalogue)
        except ScenarioError as error:
            problems += [problem for problem in error.problems if problem not in problems]
            continue
        for measure in catalogue.measures:
            if measure.id in owner:
                fix = f"It is used in {owner[measure.id].name}; choose another."
                what, expected = "the id of a measure is used twice", "an id of its own"
                problems.append(Problem(what, str(file), f"`{measure.id}`", expected, fix))
            owner.setdefault(measure.id, file)
            measures.append(measure)
    if not problems and not measures:
        what, expected = "no measures", "at least one *.yaml with `measures:`"
        problems.append(Problem(what, str(path), "no file of measures", expected))
    if problems:
        raise ScenarioError(problems)
    return tuple(measures)


@lru_cache(maxsize=64)  # a run asks for its scenarios several times: id, manifest, folder
def dump(scenario: Scenario) -> str:
    """Return the scenario as YAML text, complete with defaults; `loads(dump(s)) == s`."""
    yaml = YAML()
    yaml.width = 100
    yaml.default_flow_style = False
    stream = io.StringIO()
    yaml.dump(_plain(scenario.model_dump(exclude_none=True)), stream)
    return stream.getvalue()


def dump_short(scenario: Scenario) -> str:
    """Return the scenario as YAML text for a reader: without what is default but the weeks, short lists and
    ranges on one line; `loads(dump_short(s)) == s`.
    """
    said = {"weeks": scenario.weeks, **scenario.model_dump(exclude_none=True, exclude_defaults=True)}
    yaml = YAML()
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(_short({key: said[key] for key in Scenario.model_fields if key in said}), stream)
    return stream.getvalue()


def dump_plain(content: Mapping[str, Any]) -> str:
    """Return a mapping of texts, numbers, dates and lists as YAML text, each written where it stands."""
    yaml = YAML()
    yaml.width = 120
    yaml.default_flow_style = False
    yaml.representer.ignore_aliases = lambda data: True
    stream = io.StringIO()
    yaml.dump({key: value for key, value in content.items() if value not in ([], "")}, stream)
    return stream.getvalue()


def place(error: KanameError, path: str | Path) -> KanameError:
    """Return the error with file, line and column put to every problem that names a key of the scenario file.

    For errors of `compile_shock`, whose places read `scenario-id: restrictions[0].products[1]`.
    """
    tree = _read(Path(path), ())
    placed = []
    for problem in error.problems:
        steps = [
            int(index) if index else key for key, index in _STEP.findall(problem.where.rpartition(": ")[2])
        ]
        here, _ = tree.at(tuple(steps))
        spot = here.place
        what = f"{problem.where}: {problem.what}"
        placed.append(
            dataclasses.replace(problem, what=what, where=spot.file, line=spot.line, column=spot.column)
        )
    return type(error)(placed)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, with `extends` and the adding keys, for editors."""
    schema = Scenario.model_json_schema()
    properties = schema["properties"]
    properties["extends"] = {
        "type": "string",
        "description": "Scenario file to build on, relative to this file.",
    }
    lists = [name for name, item in properties.items() if item.get("type") == "array"]
    for name in lists:
        description = f"Adds to `{name}` of the file that is extended."
        items = {key: value for key, value in properties[name].items() if key in ("type", "items")}
        properties[f"{name}+"] = {**items, "description": description}
    required = schema.pop("required")
    schema["anyOf"] = [{"required": ["extends"]}, {"required": required}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _plain(value: Any) -> Any:
    """Return tuples as lists, all the way down."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _short(value: Any) -> Any:
    """Return data for a writer: what holds single values only, and few, on one line."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    items = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(items, list | tuple):
        return value
    if isinstance(value, dict) and value.keys() == {"central", "low", "high"} and len(set(items)) == 1:
        return _short(items[0])  # a range without width is a number
    single = not any(isinstance(item, dict | list | tuple) for item in items)
    flat = single and sum(len(str(item)) + 2 for item in items) <= _SHORT_LINE
    found = (
        CommentedMap((key, _short(item)) for key, item in value.items())
        if isinstance(value, dict)
        else CommentedSeq(map(_short, items))
    )
    if flat and not (isinstance(value, dict) and any(isinstance(item, str) for item in items)):
        found.fa.set_flow_style()
    return found


def _validated(tree: Placed, root: type[Whole]) -> Whole:
    """Return the part that a placed tree describes, or raise all its faults in the order of the file."""
    data = tree.plain()
    error: ValidationError | None = None
    try:
        whole = root.model_validate(data)
    except ValidationError as found:
        error = found
    problems = scenario_problems(tree, error, root)
    if problems:
        raise ScenarioError(sorted(problems, key=lambda p: (p.where, p.line or 0, p.column or 0)))
    return whole


def _read(file: Path, above: Sequence[Path]) -> Placed:
    """Return the placed tree of a file with everything it extends."""
    try:
        raw = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ScenarioError(
            Problem("the file cannot be read", str(file), reason, "a scenario file")
        ) from None
    if len(raw) > _LARGEST_BYTES:
        expected = f"at most {_LARGEST_BYTES:,} bytes"
        raise ScenarioError(Problem("the file is too large", str(file), f"{len(raw):,} bytes", expected))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        got, fix = f"byte 0x{raw[error.start]:02x}", "Save the file as UTF-8."
        raise ScenarioError(Problem("not UTF-8 text", str(file), got, "UTF-8", fix, line, column)) from None
    return _extended(parse(text, str(file)), file.parent, (*above, file.resolve()))


def _extended(tree: Placed, folder: Path | None, above: Sequence[Path]) -> Placed:
    """Return the tree merged over the file it extends, if it extends one."""
    named = tree.value.get("extends")
    if named is None:
        return _merge(Placed({}, tree.place, tree.key_place), tree)
    other = _other(named, folder, above)
    own = {key: item for key, item in tree.value.items() if key != "extends"}
    return _merge(_read(other, above), dataclasses.replace(tree, value=own))


def _other(named: Placed, folder: Path | None, above: Sequence[Path]) -> Path:
    """Return the file that an `extends` names, or raise what is wrong with it."""
    spot, got, fix = named.place, str(named.value), ""
    if not isinstance(named.value, str) or not named.value:
        what, expected = "extends names no file", "a file name"
    elif folder is None:
        what, expected = "extends without a folder", "text that stands alone"
        fix = "Give the folder of the text, or put everything into it."
    elif (folder / named.value).resolve() in above:
        what, expected = "files extend each other in a circle", "an end"
        got = " -> ".join([*(file.name for file in above), Path(named.value).name])
    elif not (folder / named.value).is_file():
        what, expected = "extends a file that is not there", "a file"
        near = ", ".join(sorted(file.name for file in folder.glob("*.y*ml")))
        fix = f"Files there: {near}." if near else ""
    else:
        return folder / named.value
    raise ScenarioError(Problem(what, spot.file, got, expected, fix, spot.line, spot.column))


def _merge(under: Placed, over: Placed) -> Placed:
    """Return `over` laid over `under`: mappings by key, `key+` adds to a list, all else replaces."""
    if not isinstance(under.value, dict) or not isinstance(over.value, dict):
        return over
    merged: dict[str, Placed] = dict(under.value)
    for key, item in over.value.items():
        name = key.removesuffix("+")
        below = merged.get(name)
        if key == name:
            nothing = dataclasses.replace(item, value={})
            merged[key] = _merge(nothing if below is None else below, item)
        elif not isinstance(item.value, list) or (below is not None and not isinstance(below.value, list)):
            merged[key] = item  # left as it is, to be refused as an unknown key
        else:
            items = [*(below.value if below is not None else []), *item.value]
            merged[name] = dataclasses.replace(item, value=items)
    return Placed(merged, over.place, over.key_place)
