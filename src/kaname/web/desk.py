"""What every route works with: the runs, the events, the answers that were made, and who may write."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from fastapi import Request

from kaname.data.folders import append_line
from kaname.terms.errors import Problem
from kaname.web.answers import Kept
from kaname.web.dispatch import Dispatcher
from kaname.web.eventdesk import EventDesk
from kaname.web.gate import Gate
from kaname.web.guard import Refused
from kaname.web.runs import Runs
from kaname.web.settings import AUDIT, Settings
from kaname.web.tasks import Tasks

MADE_BYTES = 8_000_000
"""How much of the answers to questions is kept, beside the pages."""


class Desk:
    """The parts of a server, made once."""

    def __init__(self, settings: Settings) -> None:
        """Open the folder of runs and the event store."""
        self.settings = settings
        self.runs = Runs(settings)
        self.events = EventDesk(settings.store, settings.folder)
        self.kept = Kept()
        self.made = Kept(MADE_BYTES)
        self.gate = Gate()
        self.tasks = Tasks(settings)
        self.dispatcher = Dispatcher(settings.folder) if settings.work else None
        self.streams = 0

    def note_write(self, request: Request, what: str, about: Mapping[str, Any]) -> None:
        """Write a line into the log of writes."""
        caller = request.client.host if request.client else "?"
        record = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "from": caller,
            "what": what,
            **about,
        }
        append_line(self.settings.folder / AUDIT, json.dumps(record, ensure_ascii=False))


def desk_of(request: Request) -> Desk:
    """Return the desk of the server that a request came to."""
    found: Desk = request.app.state.desk
    return found


def may_write(request: Request) -> None:
    """Raise Refused where the caller only reads."""
    if not getattr(request.state, "may_write", False):
        raise Refused(403, Problem("this token only reads", "Authorization", fix="Use the write token."))
