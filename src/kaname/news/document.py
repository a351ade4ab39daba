"""A text as it was read: paragraphs with their place in it, and what was left out with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

PartKind = Literal["body", "heading"]


@dataclass(frozen=True)
class Part:
    """A paragraph or heading; `start` and `end` count characters of the document's text, end excluded."""

    start: int
    end: int
    kind: PartKind


@dataclass(frozen=True)
class Skipped:
    """A stretch that is not read, and why."""

    start: int
    end: int
    why: str


@dataclass(frozen=True)
class Document:
    """A text with its parts in order.

    `published` is the day that relative dates count from, `published_from` where it was found; both are
    empty where the text does not say. Offsets of parts, sentences and events all count in `text`.
    """

    name: str
    text: str
    title: str
    published: date | None
    published_from: str
    parts: tuple[Part, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...] = ()

    def of(self, part: Part | Skipped) -> str:
        """Return the characters of a part."""
        return self.text[part.start : part.end]

    @property
    def body(self) -> tuple[Part, ...]:
        """Return the paragraphs in which events are looked for; headings give context only."""
        return tuple(part for part in self.parts if part.kind == "body")
