"""Answers: pages and JSON with an entity tag, compressed where the caller takes it, errors in one shape."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from kaname.terms.errors import DataMissing, InputError, KanameError, Problem
from kaname.web.guard import Refused

HTML = "text/html; charset=utf-8"
SMALL_BYTES = 1000
LEVEL = 6
KEPT_BYTES = 8_000_000
STATUS = {1: 500, 2: 422, 3: 404}
"""Exit code of an error -> HTTP status."""


class ProblemShape(BaseModel):
    """One fault: what is wrong, where, both sides, and the fix."""

    what: str
    where: str
    got: str
    expected: str
    fix: str
    line: int | None
    column: int | None


class ErrorShape(BaseModel):
    """What every error answers with: its type and all its faults."""

    error: str
    problems: list[ProblemShape]


ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorShape, "description": told}
    for status, told in (
        (400, "not the form that is asked for"),
        (401, "a token is needed"),
        (403, "a write from elsewhere, or a token that only reads"),
        (404, "not there"),
        (405, "another method is asked for"),
        (409, "the run is of other data than these"),
        (413, "the body is too large"),
        (421, "asked under another name"),
        (422, "what was given is wrong"),
        (429, "too much at once"),
    )
}
"""Status -> how the interface documents it."""
STREAMED = {
    "type": "object",
    "properties": {"event": {"const": "state"}, "data": {"type": "string"}},
    "required": ["event", "data"],
}
"""How the interface documents an event of a stream; its data are a run as JSON."""


def documented(*media: str) -> dict[int | str, dict[str, Any]]:
    """Return how the interface documents an answer that is text or a file of these media types."""
    shapes: dict[str, dict[str, Any]] = {"application/json": {}, "text/event-stream": STREAMED}
    content = {name: {"schema": shapes.get(name, {"type": "string"})} for name in media}
    return {200: {"content": content, "description": "The file or stream."}}


class Kept:
    """Answers that were made, by key: body, compressed body, tag. Holds so many bytes, the oldest go."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        """Begin empty."""
        self._most = most_bytes
        self._size = 0
        self._made: OrderedDict[object, tuple[bytes, bytes, str]] = OrderedDict()
        self._lock = Lock()

    def answer(
        self, request: Request, key: object, make: Callable[[], str | bytes], media: str = HTML
    ) -> Response:
        """Return the answer of a key, made once."""
        found = self._found(key)
        if found is None:
            found = _made(make())
            with self._lock:
                if key not in self._made:
                    self._made[key] = found
                    self._size += len(found[0]) + len(found[1])
                while self._size > self._most and len(self._made) > 1:
                    _, (plain, packed, _) = self._made.popitem(last=False)
                    self._size -= len(plain) + len(packed)
        return _send(request, found, media)

    def again(self, request: Request, key: object, media: str = HTML) -> Response | None:
        """Return the answer of a key that was made and is still held, else None."""
        found = self._found(key)
        return None if found is None else _send(request, found, media)

    def _found(self, key: object) -> tuple[bytes, bytes, str] | None:
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
        return found


def answer(request: Request, body: str | bytes, media: str = HTML) -> Response:
    """Return an answer that is not kept."""
    return _send(request, _made(body), media)


def _made(body: str | bytes) -> tuple[bytes, bytes, str]:
    plain = body.encode() if isinstance(body, str) else body
    packed = gzip.compress(plain, LEVEL, mtime=0) if len(plain) >= SMALL_BYTES else b""
    return plain, packed, hashlib.sha256(plain).hexdigest()[:24]


def _send(request: Request, made: tuple[bytes, bytes, str], media: str) -> Response:
    plain, packed, digest = made
    zipped = bool(packed) and "gzip" in request.headers.get("accept-encoding", "")
    tag = f'"{digest}-gz"' if zipped else f'"{digest}"'
    headers = {"etag": tag, "cache-control": "no-cache", "vary": "accept-encoding, cookie"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if zipped:
        headers["content-encoding"] = "gzip"
    return Response(packed if zipped else plain, media_type=media, headers=headers)


def of_error(error: KanameError) -> JSONResponse:
    """Return an error of ours as JSON."""
    status = error.status if isinstance(error, Refused) else STATUS.get(error.exit_code, 500)
    return JSONResponse(error.as_dict(), status_code=status)


def of_validation(error: RequestValidationError) -> JSONResponse:
    """Return what is wrong with a request in the shape of our errors."""
    problems = [
        Problem(
            one["msg"],
            ".".join(map(str, one["loc"])),
            json.dumps(one.get("input"), default=str, ensure_ascii=True)[:120],
        )
        for one in error.errors()[:50]
    ]
    return of_error(InputError(problems))


def of_http(error: HTTPException) -> JSONResponse:
    """Return a plain HTTP error (no such page, wrong method) in the shape of our errors."""
    refused = error.__cause__
    if isinstance(refused, Refused):
        return of_error(refused)
    kind: type[KanameError] = DataMissing if error.status_code == 404 else InputError
    shape = kind(Problem(str(error.detail), "request")).as_dict()
    return JSONResponse(shape, status_code=error.status_code, headers=dict(error.headers or {}))


def plain(value: Any) -> Any:
    """Return values as JSON knows them: tuples as lists, mappings as objects."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value
