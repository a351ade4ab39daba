"""A coded news event: who did what to whom, when, of what, and the sentence that says so.

It lies below the news floor so that a scenario, a report or a store can hold events without the parser.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from kaname.terms.ontology import MUTUAL


@dataclass(frozen=True)
class Event:
    """One act, reported in one sentence (`docs/events-codebook.md` says what each field means).

    `start` and `end` count characters of the document's text, end excluded. `confidence` is a share of 1: how
    often events found by such a rule were right in the texts it was measured on. What the sentence does not
    say is None or empty.
    """

    id: str
    type: str
    mode: str | None
    source: tuple[str, ...]
    target: tuple[str, ...]
    object: str | None
    products: tuple[str, ...]
    hs: tuple[str, ...]
    commodities: tuple[str, ...]
    date: str | None
    date_precision: str | None
    place: str | None
    amount: float | None
    currency: str | None
    status: str
    confidence: float
    rule: str
    sentence: str
    start: int
    end: int

    @property
    def parties(self) -> tuple[frozenset[str], ...]:
        """Return who did it to whom; both together where the type has no direction."""
        if self.type in MUTUAL:
            return (frozenset((*self.source, *self.target)),)
        return frozenset(self.source), frozenset(self.target)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as JSON knows them: tuples as lists."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }
