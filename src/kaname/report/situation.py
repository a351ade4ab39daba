"""The state of an alliance as the report shows it: items of the event store beside the simulated
shortages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaname.events.situation import KINDS, Budget, Item, Situation
from kaname.report.model import CaseView, ProofRow, ShortfallRow, SituationRow, SituationView
from kaname.report.words import listed
from kaname.terms.language import commas, japanese, later, name_of, say, text_of
from kaname.terms.numerals import SPACE, day, large, plain
from kaname.terms.ontology import MODES

SHOWN = (
    "agreements",
    "programmes",
    "supply",
    "presence",
    "exercises",
    "budgets",
    "summits",
    "statements",
    "controls",
)


THREATENED = frozenset({"agreements", "programmes", "supply", "presence"})
"""Kinds of items that a shortage of their goods can stop."""


def situation_view(
    names: Mapping[str, str], views: Sequence[CaseView], found: Situation, note: str
) -> SituationView:
    """Return the state of the alliance with what threatens each item in the simulated cases.

    `names` holds country code -> name.
    """
    groups = tuple(
        (say(KINDS[kind]), tuple(_row(item, names, views) for item in found.of(kind)))
        for kind in SHOWN
        if found.of(kind)
    )
    if found.budgets:
        groups = (
            *groups,
            (say("Defence budgets, from our table"), tuple(_budget(row, names) for row in found.budgets)),
        )
    areas = tuple(
        (text_of(area.title), listed(sorted({_titled(item.title) for item in area.items})))
        for area in found.areas
    )
    return SituationView(_sentence(found), note, groups, areas)


def _budget(row: Budget, names: Mapping[str, str]) -> SituationRow:
    """Return a budget of the table as a row; its source stands where others have their sentences."""
    return SituationRow(
        what=say("{name}, {year}", name=text_of(row.name), year=row.fiscal_year),
        who=names.get(row.country, row.country),
        status=say(row.status),
        when=row.date,
        reported=None,
        next_date=None,
        amount=_money(row.currency, row.amount),
        threat="",
        proofs=(ProofRow("", row.source, say("table of budgets"), row.date, None),),
    )


def _sentence(found: Situation) -> str:
    """Return how many items there are of each kind and how far they are, in one sentence."""
    count: dict[str, int] = {}
    for item in found.items:
        count[item.status] = count.get(item.status, 0) + 1
    told = commas(
        say("{count} {status}", count=number, status=say(status))
        for status, number in sorted(count.items(), key=lambda one: -one[1])
    )
    members = [name_of("markets", code, code) for code in found.members]
    whose = "" if not found.members else say(" of {members}", members=listed(members))
    until = day(found.as_of.isoformat()) if found.as_of else say("no date")
    facts = {"count": len(found.items), "whose": whose, "day": until, "told": told}
    if found.unreviewed:
        return say(
            "{count} items{whose} stand in the reports, not all of them reviewed, up to {day}: {told}.",
            **facts,
        )
    return say("{count} items{whose} stand in the reviewed reports up to {day}: {told}.", **facts)


def _row(item: Item, names: Mapping[str, str], views: Sequence[CaseView]) -> SituationRow:
    """Return one item as a row."""
    who = listed([names.get(code, code) for code in item.source])
    if item.target:
        who += " \u2192 " + listed([names.get(code, code) for code in item.target])
    amount = _money(item.currency, item.amount) if item.amount is not None else ""
    return SituationRow(
        what=_titled(item.title),
        who=who,
        status=say(item.status),
        when=item.date,
        reported=item.reported,
        next_date=item.next_date,
        amount=amount,
        threat=_threat(item, views),
        proofs=tuple(
            ProofRow(proof.event, proof.sentence, proof.document, proof.published, proof.reviewed_by)
            for proof in item.proofs
        ),
    )


def _titled(title: str) -> str:
    """Return the title of an item; what kind of act it is stands in the language that is spoken, the words of
    the sentence stay as they are.
    """
    kind, colon, what = title.partition(": ")
    if not japanese():
        return title
    if not colon:  # the words of the sentence begin with the kind: `Presence in ...`
        kind, what = next((one for one in _kinds() if title.startswith(one)), ""), title
    return f"{text_of(kind)}\N{FULLWIDTH COLON}{what}" if kind else title


def _kinds() -> list[str]:
    """Return the kinds of acts as titles begin with them, the longest first."""
    words = {*MODES, *(mode for modes in MODES.values() for mode in modes)}
    return sorted((one.replace("-", " ").capitalize() for one in words), key=len, reverse=True)


def _money(currency: str | None, amount: float) -> str:
    """Return a sum with its currency: `JPY 9 trillion`, `9兆円`."""
    if not japanese():
        return f"{currency}{SPACE}{_large(amount)}"
    return say("{currency} {amount}", currency=say(str(currency)), amount=large(amount))


CURRENCIES = later("JPY", "USD", "EUR", "GBP", "CNY", "KRW", "AUD", "CAD", "PHP", "INR", "TWD")


def _large(amount: float) -> str:
    """Return a sum of money with its scale as a word: `9 trillion`."""
    for factor, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if amount >= factor:
            return f"{plain(amount / factor)}{SPACE}{word}"
    return plain(amount)


def _threat(item: Item, views: Sequence[CaseView]) -> str:
    """Return the first shortage of the item's goods at one of its parties, over all cases."""
    if item.kind not in THREATENED:
        return ""
    parties = {*item.source, *item.target}
    hits: list[tuple[int, str, ShortfallRow]] = []
    for view in views:
        for row in view.rows:
            if (
                row.product in item.products
                and row.market.split("/")[0] in parties
                and row.days_to_shortfall is not None
            ):
                week = row.days_to_shortfall // 7 + 1
                hits.append((week, view.title, row))
    if not hits:
        return ""
    week, title, row = min(hits, key=lambda hit: (hit[0], hit[1]))
    return say(
        "{product}, {market}: users short from week\N{NO-BREAK SPACE}{week} in \u201c{case}\u201d",
        product=row.product_name,
        market=row.market_name,
        week=week,
        case=title,
    )
