"""Relations of two countries week by week: how friendly what they did to one another was.

Each actual act counts once with the weight of its type (`news/tables/weights.csv`), in the week in which it
happened. A week without a report is missing, not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kaname.data.stored_event import StoredEvent
from kaname.events.merge import Act, acts, counted
from kaname.news.tables import load_tables
from kaname.terms.ontology import MUTUAL

Weights = Mapping[tuple[str, str | None], float]


@dataclass(frozen=True)
class Week:
    """A week of a relation: its Monday, the sum and mean of weights, and what they rest on."""

    monday: date
    score: float
    mean: float
    acts: int
    sources: int
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Relation:
    """Who did it to whom (or both together), with the weeks that have reports."""

    source: str
    target: str
    weeks: tuple[Week, ...]
    undated: int

    @property
    def span(self) -> tuple[date, date] | None:
        """Return first and last Monday with a report."""
        return (self.weeks[0].monday, self.weeks[-1].monday) if self.weeks else None


def weights() -> Weights:
    """Return (type, mode) -> weight from the table."""
    return {(row["type"], row["mode"]): float(row["weight"]) for row in load_tables()["weights"]}


def weight_of(act: Act, scale: Weights) -> float:
    """Return the weight of an act: that of its mode, else that of its type."""
    event = act.chief.event
    return scale.get((event.type, event.mode), scale[event.type, None])


def relation(events: Iterable[StoredEvent], one: str, other: str) -> tuple[Relation, ...]:
    """Return what one country did to another, and the other to it, week by week.

    Only actual acts count, of events that are not rejected or withdrawn. What both did together counts on
    either side. Sources are documents.
    """
    found = [act for act in acts(counted(events)) if act.chief.event.status == "actual"]
    scale = weights()
    return tuple(_directed(found, a, b, scale) for a, b in ((one, other), (other, one)))


def _directed(found: Sequence[Act], source: str, target: str, scale: Weights) -> Relation:
    """Return the weeks of one direction."""
    weeks: dict[date, list[Act]] = {}
    undated = 0
    for act in found:
        if not _between(act, source, target):
            continue
        if act.first is None:
            undated += 1
            continue
        weeks.setdefault(act.first - timedelta(days=act.first.weekday()), []).append(act)
    return Relation(
        source, target, tuple(_week(monday, some, scale) for monday, some in sorted(weeks.items())), undated
    )


def _between(act: Act, source: str, target: str) -> bool:
    """Return whether an act is one of a country towards another."""
    event = act.chief.event
    if event.type in MUTUAL:
        return {source, target} <= {*event.source, *event.target}
    return source in event.source and target in event.target


def _week(monday: date, some: Sequence[Act], scale: Weights) -> Week:
    values = [weight_of(act, scale) for act in some]
    reports = [one for act in some for one in act.reports]
    return Week(
        monday=monday,
        score=sum(values),
        mean=sum(values) / len(values),
        acts=len(some),
        sources=len({one.document.sha256 for one in reports}),
        ids=tuple(one.event.id for one in reports),
    )
