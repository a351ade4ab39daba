"""The tables in the form that reading needs: names to find, classes of words, patterns by their trigger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from kaname.news.gazetteer import Gazetteer
from kaname.news.patterns import Pattern, by_trigger
from kaname.news.tables import NewsTables, load_tables

HEADS_OF_STATE = (
    "president",
    "prime minister",
    "chancellor",
    "premier",
    "king",
    "supreme leader",
    "chairman",
)


FAMILY_FIRST = frozenset({"CHN", "KOR", "PRK", "TWN", "HKG", "MAC"})
"""Where English texts write the name of the family first."""


@dataclass(frozen=True)
class Leader:
    """A person in office."""

    name: str
    code: str
    office: str
    since: str
    until: str


@dataclass(frozen=True)
class Lexicon:
    """Everything that reading looks up."""

    actors: Gazetteer
    """Names of actors; what is found is `kind:code`."""
    cities: Gazetteer
    """Names that stand for a city only behind a word of place; what is found is `city:code`."""
    leaders: Mapping[str, tuple[Leader, ...]]
    """Full name -> offices held."""
    surnames: Mapping[str, tuple[Leader, ...]]
    """Last word of the name -> those called so who led a state."""
    commodities: Gazetteer
    """Words -> plain names of goods."""
    products: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    """Plain name -> product ids and HS subheadings."""
    areas: Gazetteer
    """Words -> ids of areas."""
    classes: Mapping[str, frozenset[str]]
    """Class -> words; those of a phrase are joined by _."""
    patterns: Mapping[tuple[str, str], tuple[Pattern, ...]]
    """(part of speech, dictionary form) -> patterns that it may set off."""


@lru_cache(maxsize=4)
def lexicon(folder: str | Path | None = None) -> Lexicon:
    """Return the lexicon of kaname's own tables, or of those that a folder replaces."""
    return built(load_tables(folder))


def built(tables: NewsTables) -> Lexicon:
    """Return the lexicon of some tables."""
    classes = {row["class"]: frozenset(row["words"].split()) for row in tables["words"]}
    leaders: dict[str, list[Leader]] = {}
    surnames: dict[str, list[Leader]] = {}
    for row in tables["leaders"]:
        one = Leader(row["name"], row["code"], row["office"] or "", row["since"] or "", row["until"] or "")
        leaders.setdefault(one.name, []).append(one)
        if one.office.casefold().startswith(HEADS_OF_STATE):
            surnames.setdefault(surname(one.name, one.code), []).append(one)
    plain = {
        row["commodity"]: (tuple((row["products"] or "").split()), tuple((row["hs"] or "").split()))
        for row in tables["commodities"]
        if row["name"] == row["commodity"]
    }
    return Lexicon(
        actors=Gazetteer(
            {row["name"]: f"{row['kind']}:{row['code']}" for row in tables["actors"]}
            | {row["name"]: "area:-" for row in tables["areas"]}
        ),
        cities=Gazetteer({row["name"]: f"city:{row['code']}" for row in tables["cities"]}),
        leaders=MappingProxyType({name: tuple(some) for name, some in leaders.items()}),
        surnames=MappingProxyType({name: tuple(some) for name, some in surnames.items()}),
        commodities=Gazetteer({row["name"]: row["commodity"] for row in tables["commodities"]}, fold=True),
        products=MappingProxyType(plain),
        areas=Gazetteer({row["name"]: row["area"] for row in tables["areas"]}, fold=True),
        classes=MappingProxyType(classes),
        patterns=by_trigger(tables["patterns"], classes),
    )


def surname(name: str, code: str) -> str:
    """Return the part of a name that stands alone later: the first where families come first, else the
    last.
    """
    parts = name.split()
    return parts[0] if code in FAMILY_FIRST else parts[-1]
