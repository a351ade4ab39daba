"""What the routes of questions share: the words of the command line, answers kept, files from text."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Query, Request, Response

from kaname.data.folders import write_file
from kaname.terms.errors import InputError, KanameError, Problem
from kaname.web.answers import plain
from kaname.web.desk import desk_of

T = TypeVar("T")
JSON = "application/json"
MOST_ROWS = 60_000
MOST_CSV_CHARACTERS = 200_000
MOST_CSV_LINES = 501
"""Of a text sent as a file, its header included: about six seconds of work."""
FIRST_YEAR, LAST_YEAR = 1900, 2100

Country = Annotated[str | None, Query(max_length=60, description="Alpha-3 code or name, such as JPN.")]
Product = Annotated[str | None, Query(max_length=60, description="A product id, such as magnets.")]
Year = Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="Such as 2024.")]


def told(request: Request, key: tuple[Any, ...], make: Callable[[], Any]) -> Response:
    """Return what was asked as JSON: made once for a key, one question at a time, sent with its tag.

    Raises Refused (429) where too many wait.
    """
    desk = desk_of(request)
    return desk.made.answer(request, key, lambda: desk.gate.through(lambda: as_json(make())), JSON)


def as_json(value: Any) -> bytes:
    """Return a value as the JSON of the command line; a number that is none is an error."""
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def not_too_many(rows: list[T], fix: str) -> list[T]:
    """Return the rows. Raises InputError where they are more than an answer holds: none is left out in
    silence.
    """
    if len(rows) > MOST_ROWS:
        raise InputError(
            Problem("too many rows for one answer", "rows", f"{len(rows):,}", f"at most {MOST_ROWS:,}", fix)
        )
    return rows


def with_files(texts: Mapping[str, str | None], ask: Callable[[dict[str, Path]], T]) -> T:
    """Return what a question finds in texts that it wants as files; they are gone afterwards.

    Errors name the files as they were sent, not where they lay. Raises InputError for a text of too many
    lines.
    """
    for name, text in texts.items():
        lines = len((text or "").splitlines())
        if lines > MOST_CSV_LINES:
            fix = "Send it in parts, or use the command line, which reads larger files."
            raise InputError(Problem("too many lines", name, f"{lines:,}", f"at most {MOST_CSV_LINES}", fix))
    with tempfile.TemporaryDirectory(prefix="kaname-") as work:
        paths = {}
        for name, text in texts.items():
            if text is not None:
                paths[name] = Path(work) / f"{name}.csv"
                write_file(paths[name], text.encode("utf-8", "surrogatepass"))
        try:
            return ask(paths)
        except KanameError as error:
            raise type(error)([_without(problem, f"{work}/") for problem in error.problems]) from None


def _without(problem: Problem, place: str) -> Problem:
    """Return a problem that does not tell where a file lay."""
    texts = ("what", "where", "got", "expected", "fix")
    return replace(problem, **{name: getattr(problem, name).replace(place, "") for name in texts})
