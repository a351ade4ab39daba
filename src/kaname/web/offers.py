"""The names that a scenario may use: markets, products, passages; and which of its names are none of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from kaname.data import store
from kaname.scenario.placed import parse
from kaname.scenario.resolve import nearest, stands_for
from kaname.terms.errors import Problem, ScenarioError
from kaname.terms.language import name_of, speaking, text_of
from kaname.terms.passages import PASSAGES, find_passage
from kaname.web.form_fields import named

REST = "ROW"
ALL = "*"
EXPECTED = {
    "markets": "a country (ISO 3166 alpha-3) or a segment, such as JPN/defence",
    "products": "a product id, element or stage, or '*'",
    "passages": "the name of a passage",
}


@cache
def offered() -> Mapping[str, Mapping[str, str]]:
    """Return markets, products and passages: id -> what it is called."""
    countries = store.country_names()
    segments = {
        str(row["segment"]): f"{countries.get(str(row['parent']), row['parent'])}, "
        f"{str(row['segment']).partition('/')[2]}"
        for row in store.own_table("segments").to_pylist()
    }
    products = {str(row["product"]): str(row["name"]) for row in store.own_table("products").to_pylist()}
    passages = {item.id: item.name for item in PASSAGES.values()}
    found = {"markets": {**countries, **segments}, "products": products, "passages": passages}
    return MappingProxyType({key: MappingProxyType(value) for key, value in found.items()})


@cache
def called(language: str) -> Mapping[str, Mapping[str, str]]:
    """Return markets, products and passages by their names in a language: id -> what it is called."""
    with speaking(language):
        named = {
            kind: {ident: _name(kind, ident, name) for ident, name in names.items()}
            for kind, names in offered().items()
        }
    return MappingProxyType(named)


def _name(kind: str, ident: str, english: str) -> str:
    return text_of(english) if kind == "passages" else name_of(kind, ident, english)


@cache
def _products() -> tuple[tuple[str, str, str], ...]:
    """Return (id, element, stage) of every product."""
    rows = store.own_table("products").to_pylist()
    return tuple((str(row["product"]), str(row["element"] or ""), str(row["stage"])) for row in rows)


def unknown_names(text: str) -> list[Problem]:
    """Return a problem with line and column for every market, product and passage that nobody knows.

    The names are those of the tables; that a known name touches nothing is told by the run. Text that cannot
    be read has none.
    """
    try:
        tree = parse(text, "scenario")
    except ScenarioError:
        return []
    found = []
    for kind, where, name, here in named(tree):
        if _known(kind, name):
            continue
        kinds = {"markets": "market", "products": "product", "passages": "passage"}
        spot = here.place
        found.append(
            Problem(
                f"{where}: unknown {kinds[kind]}",
                spot.file,
                f"`{name}`",
                EXPECTED[kind],
                nearest(name, _words(kind)),
                spot.line,
                spot.column,
            )
        )
    return found


def _known(kind: str, name: str) -> bool:
    if not name:
        return True  # that something is missing is told by the schema
    if kind == "passages":
        return find_passage(name) is not None
    if name == ALL:
        return True
    if kind == "markets":
        return name == REST or name in offered()["markets"]
    return any(stands_for(name, *product) for product in _products())


def _words(kind: str) -> list[str]:
    words = list(offered()[kind])
    if kind == "products":
        words += [element for _, element, _ in _products() if element] + sorted({p[2] for p in _products()})
    return words
