"""Sea passages that trade hangs on: their ids, their names, and the other words for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kaname.terms.codes import near
from kaname.terms.errors import InputError, Problem


@dataclass(frozen=True)
class Passage:
    """A strait, canal, cape or sea area: `id` as in the tables, `name` as in a sentence, other `words`.

    `at` is where a map marks it, in degrees (longitude, latitude): the middle of the line across it that
    `tools/build_distances.py` measures ways with; off the land for the two capes, in the middle of the island
    chain or island for sea areas. `label` is its name on a map, where that is shorter.
    """

    id: str
    name: str
    words: tuple[str, ...] = ()
    at: tuple[float, float] = (0.0, 0.0)
    label: str = ""

    @property
    def short(self) -> str:
        """Return its name on a map."""
        return self.label or self.name


_ALL = (
    Passage("taiwan_strait", "Taiwan Strait", ("taiwan", "formosa"), at=(119.7, 24.6)),
    Passage("luzon_strait", "Luzon Strait", ("luzon", "bashi", "bashi_channel"), at=(121.1, 20.2)),
    Passage(
        "malacca",
        "Strait of Malacca",
        ("malacca_and_singapore", "singapore"),
        at=(100.1, 3.6),
        label="Malacca",
    ),
    Passage("sunda", "Sunda Strait", at=(106.0, -5.9)),
    Passage("lombok", "Lombok Strait", at=(115.9, -8.5)),
    Passage("hormuz", "Strait of Hormuz", ("ormuz",), at=(56.4, 26.6), label="Hormuz"),
    Passage(
        "bab_el_mandeb",
        "Bab el-Mandeb",
        ("bab_al_mandab", "bab_al_mandeb", "mandeb", "red_sea"),
        at=(43.5, 12.7),
    ),
    Passage("suez", "Suez Canal", at=(32.4, 30.5)),
    Passage("panama", "Panama Canal", at=(-79.7, 9.1)),
    Passage("bosporus", "Bosporus", ("bosphorus", "istanbul"), at=(29.1, 41.1)),
    Passage("good_hope", "Cape of Good Hope", ("cape", "cape_of_good_hope"), at=(20.0, -36.0)),
    Passage(
        "okinawa",
        "seas around Okinawa and the southwest islands",
        ("ryukyu", "ryukyus", "ryukyu_islands", "nansei", "southwest_islands", "seas_around_okinawa"),
        at=(126.7, 26.5),
        label="Okinawa",
    ),
    Passage(
        "taiwan_seas",
        "seas around Taiwan",
        ("around_taiwan", "seas_around_taiwan"),
        at=(121.2, 23.6),
        label="Seas around Taiwan",
    ),
    Passage("bering", "Bering Strait", at=(-169.0, 65.8)),
    Passage("danish_straits", "Danish Straits", ("danish", "oresund", "kattegat"), at=(11.4, 57.0)),
    Passage("dardanelles", "Dardanelles", at=(26.5, 40.2)),
    Passage("dover", "Strait of Dover", ("channel", "english_channel"), at=(1.5, 51.0), label="Dover"),
    Passage("gibraltar", "Strait of Gibraltar", at=(-5.6, 36.0), label="Gibraltar"),
    Passage("horn", "Cape Horn", ("cape_horn", "magellan"), at=(-67.3, -56.4)),
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
