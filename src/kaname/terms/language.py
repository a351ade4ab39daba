"""In which language a run speaks: English templates are the keys, a catalogue holds the other languages.

The language is that of the context; it is set at the edge only, by whoever renders or summarises. Without it
everything is English, to the letter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources
from types import MappingProxyType

from kaname.terms.errors import InputError, Problem

ENGLISH, JAPANESE = "en", "ja"
LANGUAGES = (ENGLISH, JAPANESE)
MARKETS = "markets"
"""The kind of thing whose English names are ours too: the data write `USA` and `Rep. of Moldova`."""
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language within a block. Raises InputError for one that is not known."""
    if language not in LANGUAGES:
        raise InputError(Problem("unknown language", "lang", repr(language), " or ".join(LANGUAGES)))
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def language() -> str:
    """Return the language that is spoken."""
    return _spoken.get()


def japanese() -> bool:
    """Return whether Japanese is spoken."""
    return _spoken.get() == JAPANESE


@cache
def catalogue(name: str) -> Mapping[str, str]:
    """Return English template -> template of a language; empty for English."""
    return MappingProxyType({} if name == ENGLISH else _read(f"{name}.json"))


@cache
def names(kind: str, name: str) -> Mapping[str, str]:
    """Return id -> name in a language, of a kind: `markets`, `products`, `texts`; of the last two none in
    English, where the data hold the names.
    """
    there = kind == MARKETS or name != ENGLISH
    return MappingProxyType(_read(f"{kind}.{name}.json") if there else {})


def _read(file: str) -> dict[str, str]:
    text = resources.files("kaname.terms").joinpath(f"words/{file}").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def say(template: str, /, **values: object) -> str:
    """Return a template, which stands in the code in English, in the language that is spoken, filled."""
    text = catalogue(_spoken.get()).get(template, template)
    return text.format(**values) if values else text


def later(*templates: str) -> tuple[str, ...]:
    """Return templates as they are: words of a constant, which are said when they are used."""
    return templates


def later_of(templates: dict[str, str]) -> dict[str, str]:
    """Return templates by key as they are: words of a constant, which are said when they are used."""
    return templates


def said(templates: tuple[str, ...]) -> tuple[str, ...]:
    """Return the templates of a constant in the language that is spoken."""
    return tuple(say(template) for template in templates)


def commas(items: Iterable[str]) -> str:
    """Return parts with commas between them: `a, b`, `a、b`."""
    return ("、" if japanese() else ", ").join(items)


def clauses(items: Iterable[str]) -> str:
    """Return clauses of a sentence with semicolons between them; Japanese has commas there."""
    return ("、" if japanese() else "; ").join(items)


def name_of(kind: str, ident: str, english: str) -> str:
    """Return the name of a thing of the data (`products`, `markets`, `texts`) by its id; English without one.

    `texts` are those of the shipped scenarios and tables, by their English wording.
    """
    return names(kind, _spoken.get()).get(ident, english)


def text_of(english: str) -> str:
    """Return a text of a shipped scenario or table in the language that is spoken, others as they are."""
    plain = english.replace("\a", "")  # where a folded text of YAML was broken
    return name_of("texts", plain, english)
