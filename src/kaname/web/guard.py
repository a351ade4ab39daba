"""The door: who may ask, how much, how often, and what every answer carries.

Pure ASGI, before any route: the host must be ours (against rebinding of names), a write must come from our
own pages or a program, bodies are counted as they come, callers are held to a rate.
"""

from __future__ import annotations

import hmac
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from kaname.terms.errors import InputError, KanameError, Problem
from kaname.web.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

COOKIE = "kaname-token"
ENTRY = "/enter"
"""Where a token in the address becomes a cookie."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no referrer at all browsers send forms with the origin null
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
WINDOW_S = 10.0
MOST_CALLERS = 10_000


class Refused(KanameError):  # noqa: N818 - what happened to the request
    """A request that is not let in; carries the HTTP status."""

    def __init__(self, status: int, problem: Problem) -> None:
        """Keep the status beside the problem."""
        super().__init__(problem)
        self.status = status


class Guard:
    """Lets requests in or answers them itself, in the one error shape."""

    def __init__(self, app: App, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        """Stand before an app."""
        self.app = app
        self.settings = settings
        self.clock = clock
        self._seen: OrderedDict[tuple[str, bool], tuple[float, int]] = OrderedDict()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in given),
                ]
            await send(message)

        try:
            self._check(scope)
            await self.app(scope, _counted(receive, self.settings.most_body_bytes), dressed)
        except Refused as refused:
            await _answer(dressed, refused)

    def _check(self, scope: Message) -> None:
        """Raise Refused for a request that may not come in."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "").lower()
        if host not in self.settings.hosts:
            raise Refused(
                421,
                Problem(
                    "not asked under a name of this server",
                    "Host",
                    host[:100],
                    fix="Use the address it printed, or start it with --name.",
                ),
            )
        writes = scope["method"] not in SAFE
        self._pace((scope.get("client") or ("?", 0))[0], writes)
        if writes and not _is_ours(headers, host):
            raise Refused(
                403,
                Problem(
                    "a write from another site",
                    "Origin",
                    headers.get("origin", "")[:100],
                    fix="Write from the pages of this server, or from a program without Origin.",
                ),
            )
        if _length(headers) > self.settings.most_body_bytes:
            raise _too_large(self.settings.most_body_bytes)
        enters = scope["path"] == ENTRY and not writes  # checks the token itself
        scope["state"] = {
            **scope.get("state", {}),
            "may_write": False if enters else self._may(headers, writes),
        }

    def _may(self, headers: dict[str, str], writes: bool) -> bool:
        """Return whether the caller may write; raises Refused where even reading needs a token."""
        settings = self.settings
        if not (settings.read_token or settings.write_token):
            return True
        given = _token(headers)
        if settings.write_token and hmac.compare_digest(given.encode(), settings.write_token.encode()):
            return True
        if settings.read_token and hmac.compare_digest(given.encode(), settings.read_token.encode()):
            if writes:
                raise Refused(
                    403, Problem("this token only reads", "Authorization", fix="Use the write token.")
                )
            return False
        fix = "Send `Authorization: Bearer TOKEN`, or open the pages once with ?token=TOKEN."
        raise Refused(401, Problem("a token is needed", "Authorization", fix=fix))

    def _pace(self, caller: str, writes: bool) -> None:
        """Count a request of a caller; raises Refused beyond the rate."""
        now, key = self.clock(), (caller, writes)
        since, count = self._seen.pop(key, (now, 0))
        if now - since > WINDOW_S:
            since, count = now, 0
        self._seen[key] = (since, count + 1)
        while len(self._seen) > MOST_CALLERS:
            self._seen.popitem(last=False)
        most = self.settings.most_writes_per_10_s if writes else self.settings.most_reads_per_10_s
        if count >= most:
            raise Refused(
                429, Problem("too many requests", caller, f"more than {most} in 10 s", fix="Wait a little.")
            )


def _is_ours(headers: dict[str, str], host: str) -> bool:
    """Return whether a write comes from our own pages, or from a program that sends no origin."""
    if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == host


def _token(headers: dict[str, str]) -> str:
    """Return the token of a request: from the header, else from the cookie of our pages."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    cookies = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return next((value for name, _, value in cookies if name == COOKIE), "")


def _length(headers: dict[str, str]) -> int:
    """Return the length that a request says it has; nonsense counts as none."""
    text = headers.get("content-length", "0")
    return int(text) if text.isdecimal() and len(text) < 20 else 0


def _too_large(most: int) -> Refused:
    return Refused(413, Problem("the body is too large", "body", expected=f"at most {most:,} bytes"))


def _counted(receive: Receive, most: int) -> Receive:
    """Return a receiver that stops at too many bytes, whatever the length said."""
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise _too_large(most)
        return message

    return counting


async def _answer(send: Send, refused: Refused) -> None:
    """Send an error in the one shape."""
    shape = InputError(refused.problems).as_dict() | {"error": "Refused"}
    body = json.dumps(shape).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
