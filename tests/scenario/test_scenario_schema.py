"""The published JSON Schema is up to date, described throughout, and agrees with the reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from kaname.scenario import files

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "schema" / "scenario.schema.json"
EXAMPLES = [
    file
    for file in sorted((ROOT / "examples").glob("*/*.yaml"))
    if file.parent.name not in ("hindcast", "measures")
]


def test_the_published_schema_is_up_to_date() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == files.json_schema(), (
        "docs/schema/scenario.schema.json is old: write json.dumps(files.json_schema(), indent=2) to it"
    )


def _fields(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    parts = {"Scenario": schema, **schema["$defs"]}
    return {f"{n}.{k}": v for n, part in parts.items() for k, v in part.get("properties", {}).items()}


def test_every_field_has_a_description() -> None:
    fields = _fields(files.json_schema())
    assert len(fields) > 60
    assert [name for name, field in fields.items() if not field.get("description")] == []


def _as_json(path: Path) -> Any:
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(path), default=str))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_follow_the_schema(path: Path) -> None:
    document = _as_json(path)
    if path.name.startswith("_"):
        document["extends"] = "some other file"
    jsonschema.Draft202012Validator(files.json_schema()).validate(document)


@pytest.mark.parametrize(
    "change",
    [{"titel": "x"}, {"weeks": 0}, {"targets": []}, {"assumptions": {"psi": "high"}}, {"losses": [{}]}],
)
def test_the_schema_refuses_what_the_reader_refuses(change: dict[str, Any]) -> None:
    good = {"id": "a", "title": "b", "start": "2026-01-06", "targets": ["JPN"], "assumptions": {"psi": 0.4}}
    validator = jsonschema.Draft202012Validator(files.json_schema())
    assert validator.is_valid(good)
    assert not validator.is_valid(good | change)
    assert not validator.is_valid({key: good[key] for key in good if key != "id"})
