"""Persons: whom a text names with an office, and whose the office is.

"Japanese Prime Minister Sanae Takaichi", "Emmanuel Macron, the French president" and "Takaichi" later on all
stand for the country of the office. What the text says goes before the table of leaders.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date

from kaname.news.gazetteer import Found, Gazetteer
from kaname.news.lexicon import FAMILY_FIRST, Lexicon, surname
from kaname.news.relative import WEEKDAYS
from kaname.news.sentence import Sentence

BEFORE = 8
"""How many words before an office its country may stand."""
AFTER = 10
"""How many words after a name the office may stand, set off by a comma."""
_PARTICLES = frozenset(
    [
        "al",
        "bin",
        "ben",
        "de",
        "da",
        "del",
        "den",
        "di",
        "do",
        "dos",
        "du",
        "el",
        "la",
        "le",
        "van",
        "von",
        "ibn",
        "abu",
        "der",
        "ter",
    ]
)
_NO_NAMES = frozenset({"PUNCT", "DET", "PRON", "ADP", "SCONJ", "CCONJ"})
_STYLES = frozenset({"Mr", "Mrs", "Ms", "Dr", "Sir", "Dame", "Lord", "Lady", "Prof", "H.E", "Hon"})
_LINKS = frozenset({"of", "for", "and", "the", "&", ","})


def persons(
    sentences: Iterable[Sentence], names: Iterable[Mapping[int, str]], lexicon: Lexicon, day: date | None
) -> dict[str, str]:
    """Return name -> country of office for a text: full names, and what stands alone of them later.

    `names` holds for each sentence its words that are names of actors, with `kind:code`. `day` is the day of
    publication, which tells who is in office of those that only the table knows.
    """
    found: dict[str, str] = {}
    for sentence, known in zip(sentences, names, strict=True):
        for first, last in _runs(sentence, known, lexicon.surnames):
            part = _person_part(sentence, first, last, lexicon.classes["office"])
            if part is None:
                continue
            full = _joined(sentence, *part)
            code = _by_text(sentence, first, last, known, lexicon)
            if not code:
                full, code = _by_table(sentence, first, last, lexicon, day)
            if code:
                _enter(found, full, code)
    return found


def gazetteer(found: Mapping[str, str]) -> Gazetteer:
    """Return the names of persons as a list to be looked for."""
    return Gazetteer({name: f"person:{code}" for name, code in found.items()})


def _enter(found: dict[str, str], full: str, code: str) -> None:
    """Note a person under the full name and the part that stands alone; what was said first stays."""
    parts = full.split()
    found.setdefault(full, code)
    if len(parts) > 1:
        found.setdefault(" ".join(parts[-2:]), code)
    found.setdefault(parts[-1], code)
    if code in FAMILY_FIRST:
        found.setdefault(surname(full, code), code)


def _runs(
    sentence: Sentence, known: Mapping[int, str], surnames: Container[str]
) -> Iterator[tuple[int, int]]:
    """Yield first and last word of each run of capitalised words that are no names of actors: proper nouns by
    the parse, or the name of a head of state that is a word as well ("Trump").
    """
    start: int | None = None
    for word in (*sentence.words, None):
        name = (
            word is not None
            and word.i not in known
            and word.text.casefold() not in WEEKDAYS  # "On Friday Trump banned"
            and (
                (word.text[:1].isupper() and word.pos not in _NO_NAMES)
                or (start is not None and (word.text in _PARTICLES or _hyphen(sentence, word.i)))
            )
        )
        if name and start is None and word is not None:
            start = word.i
        elif not name and start is not None:
            end = word.i if word is not None else len(sentence)
            alone = end - start == 1 and sentence[start].text in surnames
            if alone or any(sentence[i].pos == "PROPN" for i in range(start, end)):
                yield start, end - 1
            start = None


def _hyphen(sentence: Sentence, i: int) -> bool:
    """Return whether a word is a hyphen inside a name, or the part of the name behind it."""
    at = i if sentence[i].text == "-" else i - 1
    if at <= 0 or at + 1 >= len(sentence) or sentence[at].text != "-":
        return False
    return sentence[at - 1].end == sentence[at].start and sentence[at].end == sentence[at + 1].start


def _office_end(sentence: Sentence, first: int, last: int, offices: frozenset[str]) -> int | None:
    """Return the last word of an office within or just before a run: "[Foreign Minister] Wang Yi"."""
    found = None
    for i in range(first, last + 1):
        if sentence[i].text.casefold() in offices:
            found = i
    if found is None and first and sentence[first - 1].text.casefold() in offices:
        found = first - 1
    return found


def _person_part(
    sentence: Sentence, first: int, last: int, offices: frozenset[str]
) -> tuple[int, int] | None:
    """Return the words of the run that are the name itself."""
    end = _office_end(sentence, first, last, offices)
    start = first if end is None or end < first else end + 1
    while start <= last and sentence[start].text.rstrip(".") in _STYLES:
        start += 1
    if sentence[last].text.casefold().removesuffix("s") in offices:  # "the Ministers"
        return None
    return (start, last) if start <= last else None


def _joined(sentence: Sentence, first: int, last: int) -> str:
    """Return some words as they stand in the text."""
    return sentence.text(tuple(range(first, last + 1)))


def _by_text(sentence: Sentence, first: int, last: int, known: Mapping[int, str], lexicon: Lexicon) -> str:
    """Return the country of the office that the text puts before or behind a name, or nothing."""
    offices = lexicon.classes["office"]
    end = _office_end(sentence, first, last, offices)
    if end is None:
        end = _office_of(sentence, first, offices)
    if end is not None and (end < last):
        code = _country_before(sentence, end, known)
        if code:
            return code
    return _country_behind(sentence, last, known, offices)


def _office_of(sentence: Sentence, first: int, offices: frozenset[str]) -> int | None:
    """Return the office in "Secretary of War Pete Hegseth", "Minister for Trade and Industry X Y"."""
    i = first - 1
    while i >= 0 and first - i <= BEFORE:
        text = sentence[i].text
        if text.casefold() in offices:
            return i
        if text.casefold() not in _LINKS and not text[:1].isupper():
            return None
        i -= 1
    return None


def _country_before(sentence: Sentence, office: int, known: Mapping[int, str]) -> str:
    """Return the country that stands before an office in the same run of words."""
    for i in range(office - 1, max(-1, office - BEFORE), -1):
        word = sentence[i]
        if i in known:
            return _code(known[i])
        if word.pos in {"VERB", "AUX", "PRON"} or word.text in {",", ";", ".", "(", ")"}:
            return ""
    return ""


def _country_behind(sentence: Sentence, last: int, known: Mapping[int, str], offices: frozenset[str]) -> str:
    """Return the country of an office set off behind a name: "X, the French president"; "X of France"."""
    after = last + 1
    if after < len(sentence) and sentence[after].text == "of" and after + 1 < len(sentence):
        at = after + 1 + (sentence[after + 1].text == "the")
        return _code(known[at]) if at in known and _code(known[at]) else ""
    if after >= len(sentence) or sentence[after].text != ",":
        return ""
    office, code = False, ""
    for i in range(after + 1, min(len(sentence), after + 1 + AFTER)):
        word = sentence[i]
        if word.text in {",", ".", ";", "\u201d", '"'} or word.tag in {"VBD", "VBZ", "WP"}:
            break
        office = office or word.text.casefold() in offices
        if i in known and not code:
            code = _code(known[i])
    return code if office else ""


def _code(what: str) -> str:
    """Return the code of `kind:code`; nothing for names that are no actors."""
    code = what.rsplit(":", maxsplit=1)[-1]
    return "" if code == "-" else code


def _by_table(
    sentence: Sentence, first: int, last: int, lexicon: Lexicon, day: date | None
) -> tuple[str, str]:
    """Return name and country of a leader that only the table knows; nothing where it is not certain."""
    part = _person_part(sentence, first, last, lexicon.classes["office"])
    if part is None:
        return "", ""
    full = _joined(sentence, *part)
    if full in lexicon.leaders:
        found = {one.code for one in lexicon.leaders[full]}
        return (full, found.pop()) if len(found) == 1 else ("", "")
    if part[0] != part[1]:
        return "", ""
    when = day.isoformat() if day is not None else ""
    holding = {
        one.code
        for one in lexicon.surnames.get(full, ())
        if not when
        or ((not one.since or one.since <= when) and (not one.until or when[: len(one.until)] <= one.until))
    }
    return (full, holding.pop()) if len(holding) == 1 else ("", "")


def codes_of(found: Iterable[Found]) -> tuple[str, ...]:
    """Return the countries of persons that were found, each once."""
    return tuple(dict.fromkeys(_code(one.what) for one in found))
