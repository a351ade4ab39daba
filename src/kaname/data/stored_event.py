"""What the event store holds: documents, events with every decision on them, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from kaname.terms.errors import Problem
from kaname.terms.event import Event
from kaname.terms.ontology import MODES, STATUSES

DECISIONS = ("accept", "reject", "correct")
_FIELDS = {field.name for field in fields(Event)}
FIXED = frozenset({"id", "sentence", "start", "end", "rule", "confidence"})
"""Fields that a review may not change: what the text says, and how it was found."""


@dataclass(frozen=True)
class Review:
    """A decision on an event: by whom and when, and what it changed."""

    decision: str
    changes: Mapping[str, Any]
    reviewed_by: str
    reviewed_at: datetime
    note: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the decision as JSON knows it."""
        return {
            "decision": self.decision,
            "changes": dict(self.changes),
            "reviewed_by": self.reviewed_by,
            "reviewed_at": self.reviewed_at.isoformat(),
            "note": self.note,
        }


@dataclass(frozen=True)
class StoredDocument:
    """A document as it was read; `withdrawn` says why it no longer counts."""

    sha256: str
    name: str
    title: str | None
    published: str | None
    origin: str | None
    withdrawn: str | None


@dataclass(frozen=True)
class StoredEvent:
    """An event with its document and all decisions on it, the latest last.

    `event` is as corrected by the reviews, `found` as the text was read.
    """

    event: Event
    found: Event
    document: StoredDocument
    reviews: tuple[Review, ...]

    @property
    def state(self) -> str:
        """Return `new`, `accepted`, `rejected`, or `withdrawn` with its document."""
        if self.document.withdrawn is not None:
            return "withdrawn"
        last = self.reviews[-1].decision if self.reviews else ""
        return {"": "new", "reject": "rejected"}.get(last, "accepted")

    @property
    def reviewed_by(self) -> str | None:
        """Return who decided last."""
        return self.reviews[-1].reviewed_by if self.reviews else None


@dataclass(frozen=True)
class NewDocument:
    """A document to be kept, with its events in order."""

    sha256: str
    name: str
    title: str
    published: str | None
    published_from: str
    language: str
    origin: str
    text: str
    events: tuple[Event, ...]


def as_event(content: Mapping[str, Any]) -> Event:
    """Return an event from its JSON."""
    return Event(**_with_tuples(content))


def _with_tuples(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as events hold them: lists as tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in content.items()}


def stored(content: Mapping[str, Any], document: StoredDocument, reviews: tuple[Review, ...]) -> StoredEvent:
    """Return an event as found and as corrected: a later decision to accept keeps earlier corrections."""
    found = as_event(content)
    changed: dict[str, Any] = {}
    for one in reviews:
        changed |= one.changes
    return StoredEvent(replace(found, **_with_tuples(changed)), found, document, reviews)


def review_faults(decision: str, reviewed_by: str, changes: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a decision."""
    problems = []
    if decision not in DECISIONS:
        problems.append(Problem("unknown decision", "review", repr(decision), " or ".join(DECISIONS)))
    if not reviewed_by.strip():
        problems.append(Problem("nobody reviewed", "review", "no name", "the name of who decides"))
    if bool(changes) != (decision == "correct"):
        problems.append(
            Problem("corrections and the decision do not fit", "review", f"{decision}, {len(changes)} fields",
                    "fields with `correct`, none with the others")
        )  # fmt: skip
    open_fields = sorted(_FIELDS - FIXED)
    for field, value in changes.items():
        if field not in open_fields:
            problems.append(
                Problem("a field that no review changes", "review", field, ", ".join(open_fields))
            )
        elif field == "type" and value not in MODES:
            problems.append(Problem("unknown type", "review", repr(value), ", ".join(MODES)))
        elif field == "status" and value not in STATUSES:
            problems.append(Problem("unknown status", "review", repr(value), ", ".join(STATUSES)))
        elif field in {"source", "target", "products", "hs", "commodities"} and not isinstance(
            value, list | tuple
        ):
            problems.append(Problem("not a list", f"review: {field}", repr(value), "a list"))
    return problems


def record_fault(record: Mapping[str, Any]) -> str:
    """Return what is wrong with a record of a dump, or nothing."""
    needs = {
        "document": {"sha256", "name", "title", "published", "published_from", "language", "origin", "text",
                     "read_at", "events"},
        "review": {"event", "decision", "changes", "reviewed_by", "reviewed_at", "note"},
        "withdrawal": {"document", "replaced_by", "withdrawn_by", "withdrawn_at", "reason"},
    }  # fmt: skip
    kind = record.get("record") if isinstance(record, Mapping) else None
    if kind not in needs:
        return f"record {kind!r}"
    lost = sorted(needs[str(kind)] - set(record))
    if lost:
        return "without " + ", ".join(lost)
    if kind == "document":
        for event in record["events"]:
            strange = set(event) ^ _FIELDS
            if strange:
                return "event fields " + ", ".join(sorted(strange))
    return ""
