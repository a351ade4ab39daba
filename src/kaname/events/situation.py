"""The state of an alliance: what was agreed, built, placed, paid and said, by whom, and whether it is on
track.

Acts of the store are grouped by kind; each carries its status, the next date, and the sentences behind it.
Areas group what is reported of a sea and its coast, never where a unit stands. Nothing is added that no
sentence says; budgets come from a table of their own (`docs/tables.md`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from kaname.data.store import own_table
from kaname.data.stored_event import StoredEvent
from kaname.events.merge import Act, acts, counted
from kaname.news.dates import last_day
from kaname.news.lexicon import lexicon
from kaname.news.tables import load_tables
from kaname.terms.errors import InputError, Problem
from kaname.terms.language import later, later_of

KINDS = later_of(
    {
        "agreements": "Agreements",
        "programmes": "Joint production",
        "supply": "Supply chains and public money for them",
        "presence": "Presence",
        "exercises": "Exercises",
        "budgets": "Budgets",
        "summits": "Summits and talks",
        "statements": "Statements",
        "controls": "Export controls and their easing",
    }
)
"""Kind of item -> its title, in the order of the report."""
_BY_MODE = {
    ("COOPERATE", "joint-production"): "programmes",
    ("AGREE", "supply-chain"): "supply",
    ("COOPERATE", "supply-chain"): "supply",
    ("AID", "fund"): "supply",
    ("MOBILIZE", "stockpile"): "supply",
    ("MOBILIZE", "presence"): "presence",
    ("COOPERATE", "exercise"): "exercises",
    ("MOBILIZE", "budget"): "budgets",
}
_BY_TYPE = {
    "AGREE": "agreements",
    "COOPERATE": "agreements",
    "CONSULT": "summits",
    "STATEMENT": "statements",
    "SUPPORT": "statements",
    "REQUEST": "statements",
    "ACCUSE": "statements",
    "REJECT": "statements",
    "THREATEN": "statements",
    "SANCTION": "controls",
    "CONCEDE": "controls",
    "AID": "supply",
}
STEPS = later("lapsed", "said", "announced", "agreed", "funded", "under way", "in force", "delivered")
"""How far an item is, from nothing to done; words are said, controls in force."""


@dataclass(frozen=True)
class Proof:
    """A sentence behind an item: the event's id, its document, its day, and who reviewed it."""

    event: str
    sentence: str
    document: str
    published: str | None
    reviewed_by: str | None


@dataclass(frozen=True)
class Item:
    """One act or programme: whose, how far, when, for how much, of which goods, and the proof.

    `date` is what a sentence says, `reported` the first day of publication.
    """

    kind: str
    title: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    status: str
    date: str | None
    reported: str | None
    next_date: str | None
    amount: float | None
    currency: str | None
    commodities: tuple[str, ...]
    products: tuple[str, ...]
    areas: tuple[str, ...]
    proofs: tuple[Proof, ...]


@dataclass(frozen=True)
class Area:
    """A sea and its coast: its name, the passages of the network there, and the items that name it."""

    id: str
    title: str
    routes: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Budget:
    """A defence budget of a member, from the table of budgets: as cited there, in its own currency."""

    country: str
    name: str
    fiscal_year: str
    amount: float
    currency: str
    status: str
    source: str
    date: str


@dataclass(frozen=True)
class Situation:
    """The items of some members as of a day, by kind; `unreviewed` counts those that nobody has accepted."""

    members: tuple[str, ...]
    as_of: date | None
    items: tuple[Item, ...]
    areas: tuple[Area, ...]
    unreviewed: int
    budgets: tuple[Budget, ...] = ()

    def of(self, kind: str) -> tuple[Item, ...]:
        """Return the items of a kind."""
        return tuple(item for item in self.items if item.kind == kind)


def situation(
    events: Iterable[StoredEvent],
    members: Sequence[str] = (),
    *,
    area: str | None = None,
    as_of: date | None = None,
) -> Situation:
    """Return the state of affairs of some members (of all without any), or in one area.

    `as_of` is the day from which the next date counts; without it the last day of publication in the store.
    What is only possible or conditional is left out, history too. Raises InputError for an
    unknown area or member.
    """
    known = area_titles()
    if area is not None and area not in known:
        raise InputError(Problem("unknown area", "--area", repr(area), "one of " + ", ".join(known)))
    actors = {row["code"] for row in load_tables()["actors"]}  # whom an event can name
    if strange := [name for name in members if name not in actors]:
        fix = "Give alpha-3 codes of countries, or blocs such as EU and NATO: JPN,USA,ITA."
        raise InputError(Problem("no such country or bloc", "members", ", ".join(strange)[:80], fix=fix))
    found = [one for one in counted(events) if one.event.status in {"actual", "planned", "negated"}]
    if members:
        wanted = set(members)
        found = [one for one in found if _concerns(one, wanted)]
    published = [one.document.published for one in found if one.document.published]
    day = as_of or (date.fromisoformat(max(published)) if published else None)
    items = _programmes([_item(act, day) for act in acts(found) if _kind(act)])
    if area is not None:
        items = tuple(item for item in items if area in item.areas)
    ordered = tuple(
        sorted(
            items,
            key=lambda item: (
                tuple(KINDS).index(item.kind),
                item.date or item.reported or "9999",
                item.title,
            ),
        )
    )
    return Situation(
        members=tuple(members),
        as_of=day,
        items=ordered,
        areas=_areas(ordered, known),
        unreviewed=sum(not any(proof.reviewed_by for proof in item.proofs) for item in ordered),
        budgets=defence_budgets(members or sorted({code for item in ordered for code in item.source})),
    )


def defence_budgets(countries: Iterable[str]) -> tuple[Budget, ...]:
    """Return the defence budgets of some countries from the table, with source and day, as they stand
    there.
    """
    wanted = set(countries)
    scale = {"bn": 1e9, "m": 1e6}
    return tuple(
        Budget(
            country=row["country"],
            name=row["name"],
            fiscal_year=str(row["fiscal_year"]),
            amount=float(f"{row['amount'] * scale[row['unit']]:.12g}"),
            currency=row["currency"],
            status=row["status"],
            source=row["source"],
            date=row["source_date"].isoformat(),
        )
        for row in own_table("budgets").to_pylist()
        if row["kind"] == "defence" and row["country"] in wanted
    )


def area_titles() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return id of area -> title and the passages of the network in it."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for row in load_tables()["areas"]:
        if row["title"]:
            found[row["area"]] = (row["title"], tuple((row["routes"] or "").split()))
    return found


def _concerns(one: StoredEvent, members: set[str]) -> bool:
    """Return whether an event is one of the members' own acts, or done to one of them."""
    return bool(members & {*one.event.source, *one.event.target})


def _kind(act: Act) -> str:
    """Return the kind of item that an act belongs to; nothing for violence and protest."""
    event = act.chief.event
    return _BY_MODE.get((event.type, event.mode or ""), _BY_TYPE.get(event.type, ""))


def _item(act: Act, day: date | None) -> Item:
    """Return an act as an item."""
    event = act.chief.event
    text = " ".join(one.event.sentence for one in act.reports)
    return Item(
        kind=_kind(act),
        title=_title(act),
        source=event.source,
        target=event.target,
        status=status_of(act),
        date=event.date,
        reported=min((one.document.published for one in act.reports if one.document.published), default=None),
        next_date=_next(act, day),
        amount=event.amount,
        currency=event.currency,
        commodities=event.commodities,
        products=event.products,
        areas=tuple(dict.fromkeys(one.what for one in lexicon().areas.find(text))),
        proofs=tuple(
            Proof(
                one.event.id, one.event.sentence, one.document.title or one.document.name,
                one.document.published, one.reviewed_by,
            )
            for one in act.reports
        ),
    )  # fmt: skip


def _title(act: Act) -> str:
    """Return a short name: what the act is about, else its type."""
    event = act.chief.event
    what = event.object or ", ".join(event.commodities)
    mode = (event.mode or event.type.casefold()).replace("-", " ")
    title = f"{mode}: {what}" if what and not what.casefold().startswith(mode) else what or mode
    return title[:1].upper() + title[1:]


def status_of(act: Act) -> str:
    """Return how far an act is: `STEPS`."""
    event = act.chief.event
    done = event.mode in {"exercise", "summit", "meet"} or event.type in {"AID", "CONSULT", "CONCEDE"}
    paid = event.mode in {"budget", "fund"} or (
        event.amount is not None and event.type in {"AID", "MOBILIZE", "COOPERATE"}
    )
    cases = (
        ("lapsed", event.status == "negated"),
        ("announced", event.status == "planned"),
        ("agreed", event.type == "AGREE"),
        ("said", _BY_TYPE.get(event.type) == "statements"),
        ("in force", event.type == "SANCTION"),
        ("funded", paid),
        ("delivered", done),
    )
    return next((step for step, holds in cases if holds), "under way")


def _next(act: Act, day: date | None) -> str | None:
    """Return the next date that the reports name, if it lies ahead."""
    ahead = [
        one.event.date
        for one in act.reports
        if one.event.date and day is not None and last_day(one.event.date) > day
    ]
    return min(ahead, default=None)


def _programmes(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return items with those of one programme brought together: same kind, parties and goods.

    A programme is as far as its furthest report, and lapses only if its last one says so.
    """
    groups: dict[tuple[object, ...], list[Item]] = {}
    for number, item in enumerate(items):
        parties = frozenset((*item.source, *item.target))
        goods = item.commodities
        key = (item.kind, parties, goods) if item.kind == "programmes" and goods else (number,)
        groups.setdefault(key, []).append(item)
    return tuple(_joined(group) for group in groups.values())


def _joined(group: Sequence[Item]) -> Item:
    """Return several items of one programme as one."""
    if len(group) == 1:
        return group[0]
    last = max(group, key=lambda item: item.date or item.reported or "")
    furthest = max(group, key=lambda item: STEPS.index(item.status))
    return replace(
        last,
        status="lapsed" if last.status == "lapsed" else furthest.status,
        next_date=min((item.next_date for item in group if item.next_date), default=None),
        areas=tuple(dict.fromkeys(area for item in group for area in item.areas)),
        proofs=tuple(
            sorted(
                {proof.event: proof for item in group for proof in item.proofs}.values(),
                key=lambda proof: proof.published or "",
            )
        ),
    )


def _areas(items: Sequence[Item], known: Mapping[str, tuple[str, tuple[str, ...]]]) -> tuple[Area, ...]:
    """Return the areas that items name, with the passages there."""
    return tuple(
        Area(name, title, routes, tuple(item for item in items if name in item.areas))
        for name, (title, routes) in known.items()
        if any(name in item.areas for item in items)
    )


def as_dict(found: Situation) -> dict[str, object]:
    """Return a situation as JSON knows it."""
    return {
        "members": list(found.members),
        "as_of": found.as_of.isoformat() if found.as_of else None,
        "unreviewed": found.unreviewed,
        "groups": [
            {"kind": kind, "title": title, "items": [_item_dict(item) for item in found.of(kind)]}
            for kind, title in KINDS.items()
            if found.of(kind)
        ],
        "defence_budgets": [asdict(budget) for budget in found.budgets],
        "areas": [
            {
                "id": area.id,
                "title": area.title,
                "routes": list(area.routes),
                "events": [proof.event for item in area.items for proof in item.proofs],
            }
            for area in found.areas
        ],
    }


def _item_dict(item: Item) -> dict[str, object]:
    return {
        "title": item.title,
        "source": list(item.source),
        "target": list(item.target),
        "status": item.status,
        "date": item.date,
        "reported": item.reported,
        "next_date": item.next_date,
        "amount": item.amount,
        "currency": item.currency,
        "commodities": list(item.commodities),
        "products": list(item.products),
        "areas": list(item.areas),
        "sentences": [
            {
                "event": proof.event,
                "sentence": proof.sentence,
                "document": proof.document,
                "published": proof.published,
                "reviewed_by": proof.reviewed_by,
            }
            for proof in item.proofs
        ],
    }
