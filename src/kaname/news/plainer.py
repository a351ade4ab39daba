"""A paragraph in words that the parser knows, word for word: rare metals, scales, commas after a date.

The small model takes "tungsten" for a participle and "On Monday Hanshin Carbide" for one name. A common word
of the same kind in its place keeps the tree right; who reads the tree sees the words of the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kaname.news.dates import MONTHS, WEEKDAYS

METALS = frozenset(
    {
        "mischmetal", "cerium", "lanthanum", "neodymium", "praseodymium", "didymium", "dysprosium",
        "terbium", "yttrium", "samarium", "gadolinium", "holmium", "erbium", "thulium", "ytterbium",
        "lutetium", "europium", "scandium", "gallium", "germanium", "tungsten", "wolfram", "wolframite",
        "scheelite", "antimony", "bauxite", "alumina", "magnesite", "chromite", "ferrochrome",
        "manganese", "ferromanganese", "silicon", "ferrosilicon", "polysilicon", "ferronickel",
        "cobalt", "lithium", "spodumene", "phosphate", "phosphorus", "potash", "fluorspar", "fluorite",
        "arsenic", "barite", "baryte", "feldspar", "beryllium", "beryl", "bismuth", "boron",
        "tellurium", "cadmium", "selenium", "indium", "hafnium", "zirconium", "zircon", "krypton",
        "xenon", "molybdenum", "molybdenite", "ferromolybdenum", "niobium", "ferroniobium", "palladium",
        "rhodium", "ruthenium", "iridium", "rhenium", "strontium", "celestite", "tantalum", "tantalite",
        "coltan", "ilmenite", "rutile", "yellowcake", "vanadium", "ferrovanadium", "superalloy",
        "graphite", "anthracite", "urea", "naphtha",
    }
)  # fmt: skip
METAL = "copper"
SCALES = {"m": "million", "mn": "million", "bn": "billion", "tn": "trillion", "trn": "trillion"}
OF_DATE = frozenset(one.casefold() for one in (*MONTHS, *WEEKDAYS))
STOPS = frozenset({".", "!", "?", "\u201d", '"'})


@dataclass(frozen=True)
class Plainer:
    """Words for the parser.

    `own`: the number of the word of the text that each stands for, None for an added comma; `renamed`: the
    words of the text whose own form is their dictionary form.
    """

    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    own: tuple[int | None, ...]
    renamed: frozenset[int]


def plainer(words: Sequence[str], spaces: Sequence[bool]) -> Plainer:
    """Return the words of a paragraph with those replaced that mislead the parser, and commas after dates."""
    commas = _date_ends(words)
    found: list[tuple[str, bool, int | None]] = []
    for i, word in enumerate(words):
        found.append((_known(words, i, word), spaces[i] and i not in commas, i))
        if i in commas:
            found.append((",", True, None))
    return Plainer(
        tuple(word for word, _, _ in found),
        tuple(space for _, space, _ in found),
        tuple(own for _, _, own in found),
        frozenset(i for i, word in enumerate(words) if word.casefold() in METALS),
    )


def _known(words: Sequence[str], i: int, word: str) -> str:
    """Return a word that the parser knows for one that it may not know."""
    low = word.casefold()
    if low in METALS:
        return METAL.capitalize() if word[0].isupper() else METAL
    if low in SCALES and i and words[i - 1].replace(".", "").replace(",", "").isdigit():
        return SCALES[low]
    return word


def _date_ends(words: Sequence[str]) -> frozenset[int]:
    """Return the last words of dates that begin a sentence and run into a name: "On Monday Hanshin"."""
    found = set()
    for i, word in enumerate(words):
        if word not in {"On", "In", "Since"} or (i and words[i - 1] not in STOPS):
            continue
        at = i + 1
        while at < len(words) and (words[at].casefold() in OF_DATE or words[at].isdigit()):
            at += 1
        if i + 1 < at < len(words) and words[at][:1].isupper():
            found.add(at - 1)
    return frozenset(found)
