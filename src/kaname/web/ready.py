"""Pages asked for again: answered before any route is looked for, while what they show is as it was.

Pure ASGI, behind the door. The route of a page that is kept leaves a note of what decided it: when run,
events and jobs were last changed. Asked for again under the same address, with all that as it was, its bytes
are sent from here, without a thread. Everything else goes on to the routes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request, Response

from kaname.terms.errors import KanameError
from kaname.web.desk import Desk
from kaname.web.guard import App, Message, Receive, Send

NOTE = "ready"
"""Where a route leaves the note in the state of its request."""
MOST_ADDRESSES = 2000
Asked = tuple[str, bytes, bytes, bool]
"""Path, query, languages of the browser, whether the caller may write."""


@dataclass(frozen=True)
class Note:
    """A kept page: its key, what decided it beside its address, and how that stands now."""

    key: object
    made_of: object
    now: Callable[[], object]
    """May raise KanameError or OSError: what the page was made of is gone."""


class Ready:
    """Sends kept pages again."""

    def __init__(self, app: App, desk: Desk, most: int = MOST_ADDRESSES) -> None:
        """Stand before an app; remembers so many addresses, the oldest go."""
        self.app = app
        self.desk = desk
        self._most = most
        self._noted: OrderedDict[Asked, Note] = OrderedDict()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        asked = _asked(scope)
        again = self._again(asked, scope)
        if again is not None:
            await again(scope, receive, send)
            return
        await self.app(scope, receive, send)
        note = scope.get("state", {}).get(NOTE)
        if isinstance(note, Note):
            self._noted[asked] = note
            while len(self._noted) > self._most:
                self._noted.popitem(last=False)

    def _again(self, asked: Asked, scope: Message) -> Response | None:
        """Return the answer to what was asked before, or None where it must be made anew."""
        note = self._noted.get(asked)
        if note is None:
            return None
        try:
            same = note.now() == note.made_of
        except (KanameError, OSError):
            same = False  # which the route tells
        again = self.desk.kept.again(Request(scope), note.key) if same else None
        if again is None:
            self._noted.pop(asked, None)
        return again


def leave_note(request: Request, key: object, made_of: object, now: Callable[[], object]) -> None:
    """Note that the answer to a request is kept under a key, and what it was made of."""
    setattr(request.state, NOTE, Note(key, made_of, now))


def _asked(scope: Message) -> Asked:
    languages = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    may_write = bool(scope.get("state", {}).get("may_write", False))
    return scope["path"], scope["query_string"], languages, may_write
