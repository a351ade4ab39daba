"""Lists of single sentences, coded from the codebook alone (`tests/gold/README.md`): what is read of them
stays read, and what tells nothing stays silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kaname.news.parse import SpacyParser
from kaname.news.read import read_events
from kaname.news.reading import read_text
from kaname.terms.event import Event

LISTS = Path(__file__).parents[1] / "gold" / "lists"
PUBLISHED = date(2026, 3, 27)
RIGHT = {
    "controls-a": 94, "controls-b": 101, "controls-c": 93, "controls-d": 47, "controls-e": 98,
    "controls-f": 115, "controls-g": 82,
    "acts-1": 114, "acts-2": 110, "acts-3": 117, "acts-4": 118,
    "acts-5": 119, "acts-6": 126, "acts-7": 149, "acts-8": 148,
}  # fmt: skip
"""List -> sentences whose event is found, with type and both parties, as of 28 November 2026."""
PARTIES = {"parties-a": 32, "parties-b": 14, "parties-c": 95}
"""List -> sentences with a restriction of which both parties are found."""
STATUS = {"status-a": 169}
"""List -> sentences whose event is found with its status, and those without an event that are passed over."""
FALSE = {"traps-a": 7, "traps-b": 1, "traps-c": 1, "traps-d": 4}
"""List -> sentences that tell no actual event in which one is found all the same."""


@pytest.fixture(scope="module")
def parser() -> SpacyParser:
    return SpacyParser()


def lines(name: str, columns: int) -> Iterator[list[str]]:
    for line in (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield line.strip().split("|", columns - 1)


def found(sentence: str, parser: SpacyParser, published: date = PUBLISHED) -> tuple[Event, ...]:
    return read_events(read_text(sentence.encode(), "list", published=published), parser=parser).events


def parties(cell: str) -> tuple[str, ...]:
    return tuple(sorted(filter(None, cell.split("+"))))


@pytest.mark.parametrize("name", RIGHT)
def test_what_was_read_of_single_sentences_is_still_read(name: str, parser: SpacyParser) -> None:
    right = 0
    for kind, _, source, target, _, sentence in lines(name, 6):
        wanted = kind, parties(source), parties(target)
        right += wanted in {(one.type, one.source, one.target) for one in found(sentence, parser)}
    assert right >= RIGHT[name]


@pytest.mark.parametrize("name", PARTIES)
def test_who_is_restricted_by_whom_is_still_read(name: str, parser: SpacyParser) -> None:
    """`SOURCE>TARGET|text`, codes with commas between them; without a target it is for all."""
    right = 0
    for sides, text in lines(name, 2):
        source, target = (tuple(sorted(filter(None, side.split(",")))) for side in sides.split(">"))
        events = found(text, parser, date(2026, 5, 20))
        right += any((one.type, one.source, one.target) == ("SANCTION", source, target) for one in events)
    assert right >= PARTIES[name], right


def test_a_wording_of_every_day_gives_its_type_and_doer(parser: SpacyParser) -> None:
    """One plain sentence for each wording, by who made the rules; what they do not reach is left out."""
    told = (Path(__file__).with_name("wordings.txt")).read_text(encoding="utf-8").splitlines()
    missed = [
        line
        for kind, source, sentence in (line.split("|", 2) for line in told)
        for line in [f"{kind} {source}: {sentence}"]
        if (kind, parties(source)) not in {(one.type, one.source) for one in found(sentence, parser)}
    ]
    assert not missed, missed


@pytest.mark.parametrize("name", FALSE)
def test_what_tells_no_event_is_passed_over(name: str, parser: SpacyParser) -> None:
    told = [s for _, s in lines(name, 2) if any(one.status == "actual" for one in found(s, parser))]
    assert len(told) <= FALSE[name], told


@pytest.mark.parametrize("name", STATUS)
def test_whether_it_happened_is_told(name: str, parser: SpacyParser) -> None:
    right = 0
    for kind, _, source, _, status, sentence in lines(name, 6):
        events = found(sentence, parser)
        own = sorted(
            (one for one in events if one.type == kind), key=lambda one: one.source != parties(source)
        )
        silent = kind == "NONE" and not any(one.status == "actual" for one in events)
        right += silent or bool(own and own[0].status == status)
    assert right >= STATUS[name], right


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("dates-a", 122, 2), ("dates-b", 94, 23), ("dates-c", 117, 10), ("dates-d", 139, 2)],
)
def test_dates_are_those_of_the_act(name: str, least: int, most: int, parser: SpacyParser) -> None:
    right = wrong = 0
    published = date(2026, 3, 25) if name == "dates-d" else PUBLISHED
    for kind, _, _, _, day, sentence in lines(name, 6):
        own = [one for one in found(sentence, parser, published) if one.type == kind]
        right += bool(own) and (own[0].date or "") == day
        wrong += bool(own) and (own[0].date or "") != day
    assert (right >= least, wrong <= most) == (True, True), (right, wrong)
