"""Sea passages that trade hangs on: their ids, their names, and the other words for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kaname.terms.codes import near
from kaname.terms.errors import InputError, Problem


@dataclass(frozen=True)
class Passage:
    """A strait, canal, cape or sea area: `id` as in the tables, `name` as in a sentence, other `words`."""

    id: str
    name: str
    words: tuple[str, ...] = ()


_ALL = (
    Passage("taiwan_strait", "Taiwan Strait", ("taiwan", "formosa")),
    Passage("luzon_strait", "Luzon Strait", ("luzon", "bashi", "bashi_channel")),
    Passage("malacca", "Strait of Malacca", ("malacca_and_singapore", "singapore")),
    Passage("sunda", "Sunda Strait"),
    Passage("lombok", "Lombok Strait"),
    Passage("hormuz", "Strait of Hormuz", ("ormuz",)),
    Passage("bab_el_mandeb", "Bab el-Mandeb", ("bab_al_mandab", "bab_al_mandeb", "mandeb", "red_sea")),
    Passage("suez", "Suez Canal"),
    Passage("panama", "Panama Canal"),
    Passage("bosporus", "Bosporus", ("bosphorus", "istanbul")),
    Passage("good_hope", "Cape of Good Hope", ("cape", "cape_of_good_hope")),
    Passage(
        "okinawa",
        "seas around Okinawa and the southwest islands",
        ("ryukyu", "ryukyus", "ryukyu_islands", "nansei", "southwest_islands", "seas_around_okinawa"),
    ),
    Passage("taiwan_seas", "seas around Taiwan", ("around_taiwan", "seas_around_taiwan")),
    Passage("bering", "Bering Strait"),
    Passage("danish_straits", "Danish Straits", ("danish", "oresund", "kattegat")),
    Passage("dardanelles", "Dardanelles"),
    Passage("dover", "Strait of Dover", ("channel", "english_channel")),
    Passage("gibraltar", "Strait of Gibraltar"),
    Passage("horn", "Cape Horn", ("cape_horn", "magellan")),
)
PASSAGES: Mapping[str, Passage] = {item.id: item for item in _ALL}
"""Every passage by id, those that a closure is most often asked for first."""

_KIND = re.compile(r"^(the_)|^(straits?|canal|cape)_of_|_(straits?|canal|sound)$")


def _slug(text: str) -> str:
    """Return a name in small letters joined by `_`, without `the`, `strait of` and the like."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return _KIND.sub("", _KIND.sub("", plain))


_WORDS = {
    _slug(word): item.id
    for item in reversed(_ALL)
    for word in (*item.words, item.name, item.id)
    if _slug(word)
}


def find_passage(text: str) -> str | None:
    """Return the id of a passage given by id, name or another word for it; None if there is none such.

    Case, spaces, hyphens and underscores do not matter: `Strait of Malacca`, `malacca`, `MALACCA-STRAIT`.
    """
    return _WORDS.get(_slug(text))


def passage_hint(text: str) -> str:
    """Return a hint for an unknown passage: the nearest names, else all ids."""
    close = sorted({_WORDS[word] for word in near(_slug(text), list(_WORDS))})
    if close:
        return "Did you mean " + " or ".join(f"`{item}`" for item in close) + "?"
    return "Known: " + ", ".join(PASSAGES) + "."


def passage_id(text: str, where: str = "passage") -> str:
    """Return the id of a passage. Raises InputError with the nearest names for anything unknown."""
    found = find_passage(text)
    if found is None:
        raise InputError(
            Problem("unknown passage", where, repr(text), "the name of a passage", passage_hint(text))
        )
    return found
