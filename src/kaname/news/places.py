"""Names found in a sentence; those of cities count only where a word says that they are a place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kaname.news.gazetteer import Found, Gazetteer
from kaname.news.lexicon import Lexicon
from kaname.news.sentence import Sentence

_BEFORE = re.compile(
    r"\b(?:in|at|near|outside|around|into|to|from|off|across|over|through|between|inside|beyond|"
    r"(?:port|city|town|outskirts|streets|north|south|east|west|mayor|region|province) of)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"(?:[\s-]+(?!and\b)[A-Z]|['\u2019]s\b)")
"""A name goes on ("Jackson Hole"), or owns something: then it is no place by itself."""


def located(sentence: Sentence, found: Sequence[Found]) -> dict[int, str]:
    """Return the words of a sentence that belong to a name, with what it stands for."""
    words: dict[int, str] = {}
    for one in found:
        for word in sentence.words:
            if word.start < one.end and one.start < word.end:
                words[word.i] = one.what
    return words


def within(sentence: Sentence, text: str, gazetteer: Gazetteer) -> tuple[Found, ...]:
    """Return the names of a list within a sentence; offsets count in the text."""
    start = sentence.start
    return tuple(
        Found(one.start + start, one.end + start, one.name, one.what)
        for one in gazetteer.find(text[start : sentence.end])
    )


def places(sentence: Sentence, text: str, lexicon: Lexicon) -> tuple[Found, ...]:
    """Return the actors that a sentence names, and the cities of the large table where it says that they are
    places: "in Lincoln", but not "Lincoln said". Offsets count in the text.
    """
    named = within(sentence, text, lexicon.actors)
    cities = [
        one
        for one in within(sentence, text, lexicon.cities)
        if _BEFORE.search(text[max(0, one.start - 30) : one.start])
        and not _AFTER.match(text, one.end)
        and not any(other.start < one.end and one.start < other.end for other in named)
    ]
    return tuple(sorted((*named, *cities), key=lambda one: one.start))
