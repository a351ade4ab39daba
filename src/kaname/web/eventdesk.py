"""The events of a server: one store, opened for each request, so that the command line can use it as well."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from kaname.data.event_store import EventStore
from kaname.data.stored_event import StoredEvent
from kaname.drafting import draft_scenario
from kaname.events.behind import load_records
from kaname.scenario.draft import Drafted
from kaname.study import examples_folder
from kaname.terms.errors import DataMissing, InputError, Problem

T = TypeVar("T")
SAMPLE_STORE = ".sample-events.duckdb"
CONTEXT_CHARACTERS = 600
MOST_NAME_CHARACTERS = 80


class EventDesk:
    """Reads and reviews the events of a store; where there is none, a store with those of the flagship."""

    def __init__(self, store: Path, folder: Path) -> None:
        """Take the store, or fill one of the sample in the folder of runs."""
        self._lock = Lock()
        self.is_sample = not store.is_file()
        self.path = folder / SAMPLE_STORE if self.is_sample else store
        if not self.is_sample:
            self.ask(lambda kept: kept.documents())  # a file that is no store is told at the start
        if self.is_sample and not self.path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            with EventStore(self.path, create=True) as kept:
                kept.load(list(load_records(examples_folder() / "flagship")), "flagship")

    def ask(self, question: Callable[[EventStore], T]) -> T:
        """Return what a question finds in the store."""
        with self._lock, EventStore(self.path) as kept:
            return question(kept)

    def stamp(self) -> int:
        """Return a number that changes when the store does."""
        return self.path.stat().st_mtime_ns

    def events(
        self, state: str | None = None, country: str | None = None, kind: str | None = None
    ) -> list[StoredEvent]:
        """Return the events, the newest documents first, with those wishes."""
        found = self.ask(lambda kept: list(kept.events()))
        if state:
            found = [one for one in found if one.state == state]
        if country:
            found = [one for one in found if country.upper() in {*one.event.source, *one.event.target}]
        if kind:
            found = [one for one in found if one.event.type == kind.upper()]
        return sorted(found, key=lambda one: (one.document.published or "", -one.event.start), reverse=True)

    def one(self, ident: str) -> tuple[StoredEvent, str, int]:
        """Return an event, the text around its sentence, and where in that the sentence starts."""

        def question(kept: EventStore) -> tuple[StoredEvent, str, int]:
            try:
                (found,) = kept.events([ident])
            except InputError as error:
                raise DataMissing([replace(one, where="events") for one in error.problems]) from None
            text = kept.text(found.document.sha256)
            first, last = _around(text, found.event.start, found.event.end)
            return found, text[first:last], found.event.start - first

        return self.ask(question)

    def review(
        self, ident: str, decision: str, by: str, changes: Mapping[str, Any], note: str
    ) -> StoredEvent:
        """Decide on an event; who and when is kept. Raises InputError with what is wrong."""
        name = _who(by)
        at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        return self.ask(
            lambda kept: kept.review(ident, decision, name, at, changes=changes, note=note or None)
        )

    def draft(self, idents: Sequence[str]) -> Drafted:
        """Return the scenario that accepted events tell. Raises InputError with what stands in the way."""
        with self._lock:
            return draft_scenario(idents, self.path)

    def withdraw(self, document: str, by: str, reason: str) -> int:
        """Withdraw a document; return how many events no longer count. Raises InputError."""
        at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        return self.ask(lambda kept: kept.withdraw(document, _who(by), at, reason))

    def export(self) -> str:
        """Return the whole store as JSON lines: documents, events, decisions."""
        return self.ask(
            lambda kept: "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in kept.dump())
        )


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the text around a sentence begins and ends: at words, not within them."""
    first, last = max(0, start - CONTEXT_CHARACTERS), min(len(text), end + CONTEXT_CHARACTERS)
    if first > 0:
        space = re.search(r"\s", text[first:start])
        first += space.end() if space else 0
    if last < len(text):
        space = re.search(r"\s\S*$", text[end:last])
        last = end + space.start() if space else last
    return first, last


def _who(by: str) -> str:
    """Return who decides, in one line. Raises InputError for nobody."""
    name = " ".join(by.split())
    if not name or len(name) > MOST_NAME_CHARACTERS:
        raise InputError(Problem("who decides", "by", by[:80], f"a name of 1 to {MOST_NAME_CHARACTERS}"))
    return name


def event_dict(one: StoredEvent) -> dict[str, Any]:
    """Return a stored event as JSON knows it."""
    return one.event.as_dict() | {
        "state": one.state,
        "reviewed_by": one.reviewed_by,
        "document": one.document.name,
        "published": one.document.published,
        "withdrawn": one.document.withdrawn,
    }
