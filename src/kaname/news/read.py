"""The steps from a document to events: language, sentences, acts, slots, ids (`docs/read.md`)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from kaname.news.act import Coded
from kaname.news.coding import coded
from kaname.news.confidence import confidence
from kaname.news.document import Document, Skipped
from kaname.news.lexicon import Lexicon, lexicon
from kaname.news.parse import SentenceParser, SpacyParser
from kaname.news.sentence import Sentence
from kaname.terms.event import Event
from kaname.terms.extras import require_extra
from kaname.terms.ontology import BLOCS

ENGLISH = "en"
LANGUAGE_CHARACTERS = 60
"""A paragraph shorter than this is too short to tell its language by itself."""
COMMON = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "for",
        "with",
        "that",
        "said",
        "by",
        "will",
        "has",
        "its",
        "not",
        "from",
        "have",
        "been",
        "which",
    ]
)
COMMON_SHARE = 0.1
"""Share of the commonest English words from which on a text is English; classifiers err on short ones."""
SURE = 0.95
"""Probability from which on a short text is taken for another language."""
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]*\.?"
_DAY = rf"(?:(?:\d{{1,2}}\s+{_MONTH}|{_MONTH}\s+\d{{1,2}})(?:,?\s+\d{{4}})?)"
LEAD = re.compile(
    r"\s*(?:(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|[\u2022\u25aa\u25cf*\u2013-])\s+)?"
    r"(?P<line>(?:[A-Z][A-Z .'/\u2019-]{2,40}(?:,[^\n\u2013\u2014()-]{2,30})?"
    rf"|[A-Z][^\n,:;()\u2013\u2014]{{2,40}},\s+(?:[A-Z][a-z]+,?\s+)?{_DAY})"
    r"(?:\s*\([^)\n]{2,30}\))?\s*(?:[\u2013\u2014]|--?|:)\s+)?"
)
"""What stands before the first sentence of a paragraph: the number in a list, a dateline."""
MAX_SENTENCE_CHARACTERS = 2000
MAX_PARAGRAPH_CHARACTERS = 20_000


@dataclass(frozen=True)
class Reading:
    """A document with its events, and what was not read with the reason."""

    document: Document
    language: str
    events: tuple[Event, ...]
    skipped: tuple[Skipped, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the reading as JSON knows it."""
        document = self.document
        return {
            "document": {
                "name": document.name,
                "title": document.title,
                "published": document.published.isoformat() if document.published else None,
                "published_from": document.published_from or None,
                "language": self.language,
                "sha256": hashlib.sha256(document.text.encode()).hexdigest(),
                "characters": len(document.text),
                "notes": list(document.notes),
            },
            "events": [event.as_dict() for event in self.events],
            "skipped": [{"text": document.of(one), "why": one.why} for one in self.skipped],
        }


def read_events(
    document: Document, *, parser: SentenceParser | None = None, tables: str | Path | None = None
) -> Reading:
    """Return the events of a document.

    English only: other languages are told as skipped. `tables` is a folder whose files replace kaname's own.
    Raises DataMissing where the extra `news` is not installed, TableError for tables with faults.
    """
    words = lexicon(tables)
    language = _language("\n".join(document.of(part) for part in document.body))
    if language not in {ENGLISH, ""}:
        why = f"not English: {language}"
        foreign = tuple(Skipped(part.start, part.end, why) for part in document.parts)
        return Reading(
            document, language, (), tuple(sorted((*document.skipped, *foreign), key=lambda one: one.start))
        )
    kept, foreign = _english(document)
    parsed = parser if parser is not None else SpacyParser()
    sentences = tuple(_sentences(document, kept, parsed, words))
    foreign += tuple(
        Skipped(one.start, one.end, f"a sentence of more than {MAX_SENTENCE_CHARACTERS:,} characters")
        for one in sentences
        if one.end - one.start > MAX_SENTENCE_CHARACTERS
    )
    sentences = tuple(one for one in sentences if one.end - one.start <= MAX_SENTENCE_CHARACTERS)
    headings = "\n".join(
        (document.title, *(document.of(one) for one in document.parts if one.kind == "heading"))
    )
    found = tuple(
        _events(
            document,
            coded(
                sentences, document.text, words, document.published, headings, _homes(document, kept, words)
            ),
            words,
        )
    )
    skipped = tuple(sorted((*document.skipped, *foreign), key=lambda one: one.start))
    return Reading(document, language or ENGLISH, found, skipped)


@cache
def _identifier() -> Any:
    """Return the classifier of languages, with probabilities."""
    module = require_extra("news", "py3langid.langid")
    return module.LanguageIdentifier.from_model_file(module.MODEL_FILE, norm_probs=True)


def _language(text: str) -> str:
    """Return the language of a text as ISO 639-1, or nothing where there are too few letters to tell."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    if words and sum(word in COMMON for word in words) >= COMMON_SHARE * len(words):
        return ENGLISH
    letters = sum(map(len, words))
    ascii_letters = sum(letter.isascii() for word in words for letter in word)
    if letters < LANGUAGE_CHARACTERS and ascii_letters > letters / 2:
        return ""
    if not letters:
        return ""
    language, sure = _identifier().classify(text)
    other_letters = ascii_letters <= letters / 2
    return str(language) if other_letters or sure >= SURE or letters > 10 * LANGUAGE_CHARACTERS else ""


def _english(document: Document) -> tuple[tuple[tuple[int, int], ...], tuple[Skipped, ...]]:
    """Return the paragraphs that are read, and those in another language or too long for a paragraph."""
    kept, foreign = [], []
    for part in document.body:
        text = document.of(part)
        language = _language(text) if len(text) >= 2 * LANGUAGE_CHARACTERS else ""
        if language not in {"", ENGLISH} and not _mostly_ascii(text):
            foreign.append(Skipped(part.start, part.end, f"not English: {language}"))
        elif len(text) > MAX_PARAGRAPH_CHARACTERS:
            foreign.append(
                Skipped(
                    part.start, part.end, f"a paragraph of more than {MAX_PARAGRAPH_CHARACTERS:,} characters"
                )
            )
        else:
            kept.append((part.start, part.end))
    return tuple(kept), tuple(foreign)


def _mostly_ascii(text: str) -> bool:
    """Return whether a paragraph could be English by its letters: a list of names confuses classifiers."""
    return sum(letter.isascii() for letter in text) > 0.97 * len(text)


def _sentences(
    document: Document, kept: Iterable[tuple[int, int]], parser: SentenceParser, words: Lexicon
) -> Iterator[Sentence]:
    """Yield the sentences of the paragraphs; offsets count in the document."""
    stretches = [(_after_lead(document.text, start, end, words), end) for start, end in kept]
    texts = [document.text[start:end].replace("\n", " ") for start, end in stretches]
    for (start, _), some in zip(stretches, parser.parse(texts), strict=True):
        for sentence in some:
            if sentence.words:
                yield Sentence(
                    tuple(
                        replace(word, start=word.start + start, end=word.end + start)
                        for word in sentence.words
                    )
                )


def _after_lead(text: str, start: int, end: int, words: Lexicon) -> int:
    """Return where the first sentence of a paragraph begins: behind its number or dateline.

    An actor written in capitals is no dateline: "NATO - the alliance - sent troops".
    """
    lead = LEAD.match(text, start, end)
    if lead is None or lead.end() >= end:
        return start
    line = lead["line"] or ""
    if not any(mark in line for mark in ",(") and words.actors.find(line):
        return lead.start("line")
    return lead.end()


def _homes(document: Document, kept: Iterable[tuple[int, int]], words: Lexicon) -> dict[int, str]:
    """Return offset -> country of the place in the dateline that stands before it: "MANILA, Feb 12 -"; at 0
    that of the only country in the title where the text has no dateline.
    """
    found: dict[int, str] = {}
    for start, end in kept:
        lead = LEAD.match(document.text, start, end)
        if lead is not None and lead["line"] and _after_lead(document.text, start, end, words) == lead.end():
            home = _country(re.split("[,/]", lead["line"])[0].title(), words)
            if home:
                found[lead.end()] = home
    if not found:
        titled = {one.what.split(":")[-1] for one in words.actors.find(document.title)} - {"-"}
        if len(titled) == 1 and not titled & set(BLOCS):
            found[0] = titled.pop()
    return found


def _country(place: str, words: Lexicon) -> str:
    """Return the country of a place, or nothing."""
    named = (*words.actors.find(place), *words.cities.find(place))
    return next((one.what.split(":")[-1] for one in named if one.what.split(":")[-1] != "-"), "")


def _events(document: Document, found: Iterable[Coded], words: Lexicon) -> Iterator[Event]:
    """Yield what was coded as events with ids: of document, sentence, type and parties."""
    seen: dict[str, int] = {}
    for one in found:
        sentence = document.text[one.sentence.start : one.sentence.end]
        key = "|".join(
            (
                document.text,
                sentence,
                one.pattern.type,
                one.pattern.mode or "",
                *one.parties.source,
                ">",
                *one.parties.target,
            )
        )
        name = hashlib.sha256(key.encode()).hexdigest()[:12]
        seen[name] = seen.get(name, 0) + 1
        known = [words.products[good] for good in one.slots.commodities]
        yield Event(
            id=name if seen[name] == 1 else f"{name}-{seen[name]}",
            type=one.pattern.type,
            mode=one.pattern.mode,
            source=one.parties.source,
            target=one.parties.target,
            object=one.slots.object,
            products=tuple(dict.fromkeys(product for some, _ in known for product in some)),
            hs=tuple(dict.fromkeys(code for _, some in known for code in some)),
            commodities=one.slots.commodities,
            date=one.slots.date,
            date_precision=one.slots.date_precision,
            place=one.slots.place,
            amount=one.slots.amount,
            currency=one.slots.currency,
            status=one.status,
            confidence=confidence(one),
            rule=one.pattern.rule,
            sentence=" ".join(sentence.split()),
            start=one.sentence.start,
            end=one.sentence.end,
        )
