"""Reports of the same act brought together, so that ten articles are one event with ten sources.

Two events are the same act where type, mode, parties and status agree, their dates lie close, and they are
about the same goods (or one says nothing of goods). Without a date of its own an act counts for the day its
document was published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kaname.data.stored_event import StoredEvent
from kaname.news.dates import first_day, last_day

WINDOW_DAYS = 4
"""How far apart the dates of two reports of one act may lie."""


@dataclass(frozen=True)
class Act:
    """An act with all reports of it, the earliest first; `event` is the one that says most."""

    reports: tuple[StoredEvent, ...]
    first: date | None
    last: date | None

    @property
    def chief(self) -> StoredEvent:
        """Return the report that says most: reviewed before new, then by how many slots are filled."""
        return max(
            self.reports, key=lambda one: (one.state == "accepted", _filled(one), one.event.confidence)
        )

    @property
    def sources(self) -> int:
        """Return how many documents report the act."""
        return len({one.document.sha256 for one in self.reports})


def _filled(one: StoredEvent) -> int:
    event = one.event
    return sum(
        value not in (None, ())
        for value in (event.mode, event.date, event.amount, event.products, event.place)
    )


def when(one: StoredEvent) -> tuple[date, date] | None:
    """Return the days between which an act lies: its date, else the day of publication."""
    iso = one.event.date or one.document.published
    return (first_day(iso), last_day(iso)) if iso else None


def counted(events: Iterable[StoredEvent]) -> tuple[StoredEvent, ...]:
    """Return the events that count: neither rejected nor withdrawn with their document."""
    return tuple(one for one in events if one.state in {"new", "accepted"})


def acts(events: Iterable[StoredEvent]) -> tuple[Act, ...]:
    """Return the acts behind some events, by date; those without any date come last."""
    alike: dict[tuple[object, ...], list[list[StoredEvent]]] = {}
    for one in sorted(events, key=_order):
        groups = alike.setdefault((one.event.type, one.event.parties, one.event.status), [])
        home = next((group for group in groups if all(_same(one, other) for other in group[-3:])), None)
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    groups = [group for some in alike.values() for group in some]
    return tuple(sorted((_act(group) for group in groups), key=lambda act: act.first or date.max))


def _order(one: StoredEvent) -> tuple[date, str]:
    span = when(one)
    return (span[0] if span else date.max, one.event.id)


def _act(group: Sequence[StoredEvent]) -> Act:
    spans = [span for one in group if (span := when(one)) is not None]
    narrow = min(spans, key=lambda span: span[1] - span[0], default=None)
    return Act(tuple(group), narrow[0] if narrow else None, narrow[1] if narrow else None)


def _same(one: StoredEvent, other: StoredEvent) -> bool:
    """Return whether two events of one type, status and the same parties report one act."""
    a, b = one.event, other.event
    if a.mode is not None and b.mode is not None and a.mode != b.mode:
        return False
    if a.commodities and b.commodities and not set(a.commodities) & set(b.commodities):
        return False
    if a.amount is not None and b.amount is not None and a.amount != b.amount:
        return False
    return _near(when(one), when(other))


def _near(a: tuple[date, date] | None, b: tuple[date, date] | None) -> bool:
    """Return whether two spans of days overlap or lie close; a span without a date is near none."""
    if a is None or b is None:
        return False
    gap = max((a[0] - b[1]).days, (b[0] - a[1]).days)
    return gap <= WINDOW_DAYS
