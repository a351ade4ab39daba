"""What the materials of the European Commission's assessments are in kaname: names, groups, products."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kaname.data import store
from kaname.terms.codes import near
from kaname.terms.errors import InputError, Problem

_HEAVY = ("Erbium", "Europium", "Gadolinium", "Holmium", "Lutetium", "Thulium", "Ytterbium")

EU_GROUPS: Mapping[str, tuple[str, ...]] = {
    "LREEs": ("Cerium", "Lanthanum", "Neodymium", "Praseodymium", "Samarium"),
    "HREEs": ("Dysprosium", *_HEAVY, "Terbium", "Yttrium"),
    "PGMs": ("Iridium", "Palladium", "Platinum", "Rhodium", "Ruthenium"),
}
"""Materials that the assessments also report as a group, whose score is the mean of its elements."""

_STAGES = {"ore": "E", "compound": "P", "metal": "P"}
_ELEMENTS: Mapping[str, tuple[str, ...]] = {
    "barite": ("Baryte",),
    "boron": ("Borate",),
    "fluorine": ("Fluorspar",),
    "graphite": ("Natural graphite",),
    "krypton": ("Krypton", "Xenon"),
    "magnesium/ore": ("Magnesite",),
    "phosphorus/ore": ("Phosphate rock",),
    "potassium": ("Potash",),
    "rare earths Ce/La": ("Cerium", "Lanthanum"),
    "rare earths Nd/Pr": ("Neodymium", "Praseodymium"),
    "rare earths Dy/Tb": ("Dysprosium", "Terbium"),
    "rare earths Y": ("Yttrium",),
    "rare earths Sm": ("Samarium",),
    "rare earths Gd and other heavy": _HEAVY,
    "silicon": ("Silicon metal",),
    "titanium/metal": ("Titanium metal",),
}
"""Materials of the assessments by our element, or element/stage; other elements have the same name there."""


def group_elements(material: str) -> tuple[str, ...]:
    """Return the elements of a group such as LREEs; none for a material that is no group."""
    return next((names for group, names in EU_GROUPS.items() if _plain(group) == _plain(material)), ())


def materials_named(product: str | None, known: set[str], root: Path | None = None) -> set[tuple[str, str]]:
    """Return which of the `known` materials, and which stage of them (E, P or '' for all), a product names.

    `product` is a material whatever case, a group of them, one of our elements or product ids; None is all.
    Raises InputError with the nearest names for anything else, and for products that no material covers.
    """
    if product is None:
        return {(name, "") for name in known}
    if elements := group_elements(product):
        group = next(name for name, names in EU_GROUPS.items() if names == elements)
        return {(name, "") for name in (group, *elements)}
    if same := {name for name in known if _plain(name) == _plain(product)}:
        return {(name, "") for name in same}
    text = product.strip().casefold()
    rows = {row["product"]: row for row in store.own_table("products", root).to_pylist()}
    if text in rows:
        element, stage = rows[text]["element"] or "", rows[text]["stage"]
        names = _ELEMENTS.get(f"{element}/{stage}") or _ELEMENTS.get(element) or (element.capitalize(),)
        if stage in _STAGES and set(names) <= known:
            return {(name, _STAGES[stage]) for name in names}
    elif text in _ELEMENTS:
        return {(name, "") for name in _ELEMENTS[text]}
    words = {word.casefold(): word for word in (*sorted(known), *EU_GROUPS, *rows)}
    close = [words[word] for word in near(text, list(words))]
    fix = f"Did you mean {' or '.join(close)}?" if close else ""
    what = (
        "no material of the assessment covers this product" if text in rows else "unknown material or product"
    )
    expected = f"a kaname product, or one of {', '.join(sorted(known))}"
    raise InputError(Problem(what, "product", repr(product), expected, fix))


def _plain(text: str) -> str:
    """Return a name in small letters, without what is no letter, and without an s at its end."""
    return "".join(letter for letter in text.casefold() if letter.isalnum()).removesuffix("s")
