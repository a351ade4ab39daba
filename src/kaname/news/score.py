"""How well reading does on coded texts: found events against those coded by hand.

Strict: same sentence, type and parties. Relaxed: same type and source. Intervals are the scorer's matter
(tools/score_events.py): nothing in the package draws at random but scenarios.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kaname.news.gold import Agreement, GoldEvent, GoldText, agreement, matches, plain, relaxed, strict
from kaname.news.lexicon import lexicon
from kaname.terms.event import Event

CONFIDENT = 0.85
"""Confidence from which an event belongs to the confident tier."""


def as_gold(event: Event) -> GoldEvent:
    """Return a found event in the form of one coded by hand."""
    return GoldEvent(
        sentence=event.sentence,
        type=event.type,
        mode=event.mode,
        source=event.source,
        target=event.target,
        status=event.status,
        date=event.date,
        date_precision=event.date_precision,
        amount=event.amount,
        currency=event.currency,
        products=event.commodities,
        object=event.object,
        place=event.place,
    )


def dyad(one: GoldEvent, other: GoldEvent) -> bool:
    """Return whether two events have the same type and parties, in whatever sentence."""
    return one.type == other.type and one.parties == other.parties


WAYS: Mapping[str, Callable[[GoldEvent, GoldEvent], bool]] = {
    "strict": strict,
    "type and dyad": dyad,
    "type and source": relaxed,
}


@dataclass(frozen=True)
class Slots:
    """Of matched events: how many of a slot's values agree, out of how many."""

    right: int
    of: int

    @property
    def share(self) -> float:
        """Return the share that agrees; NaN without any."""
        return self.right / self.of if self.of else float("nan")


def by_type(
    gold: Sequence[Sequence[GoldEvent]], found: Sequence[Sequence[GoldEvent]]
) -> dict[str, Agreement]:
    """Return the agreement in type and dyad for each type."""
    kinds = sorted({event.type for some in (*gold, *found) for event in some})
    return {
        kind: agreement(
            [[event for event in some if event.type == kind] for some in gold],
            [[event for event in some if event.type == kind] for some in found],
            dyad,
        )
        for kind in kinds
    }


def slot_shares(
    gold: Sequence[Sequence[GoldEvent]], found: Sequence[Sequence[GoldEvent]]
) -> dict[str, Slots]:
    """Return for matched events (strict) how often each slot agrees.

    Dates and amounts count where either coding has one; mode and status always; goods as sets.
    """
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for a, b in zip(gold, found, strict=True):
        for i, j in matches(a, b):
            one, other = a[i], b[j]
            for slot, same, counted in (
                ("mode", one.mode == other.mode, True),
                ("status", one.status == other.status, True),
                ("date", one.date == other.date, one.date is not None or other.date is not None),
                ("amount", _sum(one) == _sum(other), one.amount is not None or other.amount is not None),
                ("products", _goods(one) == _goods(other), bool(one.products or other.products)),
                ("place", one.place == other.place, one.place is not None or other.place is not None),
            ):
                right[slot] += same and counted
                of[slot] += counted
    return {slot: Slots(right[slot], count) for slot, count in of.items()}


def _goods(event: GoldEvent) -> frozenset[str]:
    """Return the goods of an event under the plain names of the table: coders write them as they like."""
    names = lexicon().commodities
    return frozenset(
        found.what if (found := next(iter(names.find(name)), None)) is not None else name.casefold()
        for name in event.products
    )


def _sum(event: GoldEvent) -> tuple[float | None, str | None]:
    return event.amount, event.currency


def confusion(
    gold: Sequence[Sequence[GoldEvent]], found: Sequence[Sequence[GoldEvent]]
) -> Counter[tuple[str, str]]:
    """Return (status by hand, status found) -> how many matched events."""
    pairs: Counter[tuple[str, str]] = Counter()
    for a, b in zip(gold, found, strict=True):
        pairs.update((a[i].status, b[j].status) for i, j in matches(a, b))
    return pairs


def trapped(texts: Sequence[GoldText], found: Sequence[Sequence[GoldEvent]]) -> list[tuple[str, GoldEvent]]:
    """Return the events found as actual in sentences that are marked as traps, with the text's id."""
    wrong = []
    for text, events in zip(texts, found, strict=True):
        traps = [plain(trap.sentence) for trap in text.traps]
        for event in events:
            own = plain(event.sentence)
            if event.status == "actual" and any(own in trap or trap in own for trap in traps):
                wrong.append((text.id, event))
    return wrong


def precision_of(
    gold: Sequence[Sequence[GoldEvent]], found: Sequence[Sequence[Event]], least: float = CONFIDENT
) -> tuple[float, float]:
    """Return the share of found events at or above a confidence, and how many of them are right (dyad)."""
    everything = sum(map(len, found))
    sure = [[as_gold(event) for event in some if event.confidence >= least] for some in found]
    counts = agreement(gold, sure, dyad)
    return (counts.other / everything if everything else float("nan")), counts.precision
