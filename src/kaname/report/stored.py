"""The report as data: what a run folder keeps so that a page can show it again without another run."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter, ValidationError

from kaname.report.model import ReportModel
from kaname.terms.errors import Problem, TableError
from kaname.terms.language import ENGLISH

FILE = "report.json"
"""Name of the file in a run folder."""


def file_of(language: str) -> str:
    """Return the name of the report's file in a language: `report.json`, `report.ja.json`."""
    return FILE if language == ENGLISH else FILE.replace(".json", f".{language}.json")


@cache
def _adapter() -> TypeAdapter[ReportModel]:
    return TypeAdapter(ReportModel)


def dump(model: ReportModel) -> bytes:
    """Return a report model as JSON in UTF-8; `load` gives an equal one."""
    return _adapter().dump_json(model)


def load(content: bytes, where: str) -> ReportModel:
    """Return the report model that a file holds. Raises TableError where it is no report of this version."""
    try:
        return _adapter().validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise TableError(
            Problem(
                "not the report of a run of this version",
                where,
                f"{place}: {first['msg']}",
                fix="Run the scenario again with this version of kaname.",
            )
        ) from None
