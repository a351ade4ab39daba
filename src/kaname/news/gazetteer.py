"""Names of a list found in a text: whole words, the longest first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Found:
    """A name in a text, by the place of its first and last character (excluded), with what it stands for."""

    start: int
    end: int
    name: str
    what: str


class Gazetteer:
    """Names, each with what it stands for; found in the time that the text takes, however many they are."""

    def __init__(self, names: Mapping[str, str], *, fold: bool = False) -> None:
        """Keep names by their first word. `fold`: case does not count, but capitals alone stay capitals."""
        self._fold = fold
        by_first: dict[str, list[tuple[str, str]]] = {}
        for name, what in names.items():
            kept = name if not fold or _is_code(name) else name.casefold()
            first = _WORD.search(kept)
            if first is not None:
                by_first.setdefault(first.group(), []).append((kept, what))
        self._by_first = {
            first: tuple(sorted(some, key=lambda one: -len(one[0]))) for first, some in by_first.items()
        }

    def find(self, text: str) -> tuple[Found, ...]:
        """Return the names in a text in order, none inside another."""
        low = text.casefold() if self._fold and len(text.casefold()) == len(text) else text
        low = plain(text) if low is text and not text.isascii() else low
        found, after = [], 0
        for word in _WORD.finditer(text):
            if word.start() < after:
                continue
            for name, what, read in self._at(word.start(), word.end(), text, low):
                end = word.start() + len(name)
                if read.startswith(name, word.start()) and _ends(text, end):
                    found.append(Found(word.start(), end, name, what))
                    after = end
                    break
        return tuple(found)

    def _at(self, start: int, end: int, text: str, low: str) -> Iterator[tuple[str, str, str]]:
        """Yield names that begin with a word, with the text they are looked for in."""
        for read in (text, low) if low is not text else (text,):
            for name, what in self._by_first.get(read[start:end], ()):
                yield name, what, read


def plain(text: str) -> str:
    """Return a text without the marks on its letters, as long as before: "Québec" as "Quebec"."""
    return "".join(_bare(letter) for letter in text)


@cache
def _bare(letter: str) -> str:
    """Return a letter without its marks; what is more than one letter without them stays as it is."""
    without = "".join(one for one in unicodedata.normalize("NFD", letter) if not unicodedata.combining(one))
    return without if len(without) == 1 else letter


def _is_code(name: str) -> bool:
    """Return whether a name is capitals alone, such as REE, or mixed, such as NdFeB."""
    return len(name) > 1 and any(letter.isupper() for letter in name[1:])


def _ends(text: str, end: int) -> bool:
    """Return whether a word ends here."""
    return end >= len(text) or not (text[end].isalnum() or text[end] == "_")


def codes(found: Iterable[Found]) -> tuple[str, ...]:
    """Return what the names stand for, each once, in order."""
    return tuple(dict.fromkeys(one.what for one in found))
