"""A parsed sentence as plain data, and the ways through its tree.

Labels are those of the ClearNLP scheme that English spaCy models speak: nsubj, nsubjpass, dobj, prep, pobj
...
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Word:
    """A word: its place in the sentence, and in the text by `start` and `end`; `head` is itself at the
    root.
    """

    i: int
    text: str
    lemma: str
    pos: str
    tag: str
    dep: str
    head: int
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """The words of a sentence in order."""

    words: tuple[Word, ...]

    def __len__(self) -> int:
        """Return how many words there are."""
        return len(self.words)

    def __getitem__(self, i: int) -> Word:
        """Return the word at a place."""
        return self.words[i]

    @property
    def start(self) -> int:
        """Return where the sentence begins in the text."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Return where the sentence ends in the text, excluded."""
        return self.words[-1].end

    @cached_property
    def _children(self) -> tuple[tuple[int, ...], ...]:
        below: list[list[int]] = [[] for _ in self.words]
        for word in self.words:
            if word.head != word.i:
                below[word.head].append(word.i)
        return tuple(map(tuple, below))

    def children(self, i: int, *deps: str) -> tuple[int, ...]:
        """Return the words that hang on a word, of some labels or of all."""
        below = self._children[i]
        return below if not deps else tuple(child for child in below if self.words[child].dep in deps)

    def first(self, i: int, *deps: str) -> int | None:
        """Return the first word of some labels that hangs on a word."""
        return next(iter(self.children(i, *deps)), None)

    def subtree(self, i: int) -> tuple[int, ...]:
        """Return a word and all that hangs below it, in order."""
        found, waiting = [], [i]
        while waiting:
            at = waiting.pop()
            found.append(at)
            waiting.extend(self._children[at])
        return tuple(sorted(found))

    def above(self, i: int) -> Iterator[int]:
        """Yield the words above a word up to the root."""
        while self.words[i].head != i:
            i = self.words[i].head
            yield i

    def conjuncts(self, i: int) -> tuple[int, ...]:
        """Return a word and all that are coordinated below it, in order."""
        found, waiting = [], [i]
        while waiting:
            at = waiting.pop(0)
            found.append(at)
            waiting.extend(self.children(at, "conj"))
        return tuple(sorted(found))

    def text(self, words: tuple[int, ...]) -> str:
        """Return some words as they stand, one space between those that are apart."""
        parts: list[str] = []
        for place, i in enumerate(words):
            word = self.words[i]
            if place and word.start > self.words[words[place - 1]].end:
                parts.append(" ")
            parts.append(word.text)
        return "".join(parts)
