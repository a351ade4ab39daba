"""A paragraph in words that the parser knows, word for word: rare metals, scales of sums, commas after a date.

The small model takes "tungsten" for a participle and "On Monday Hanshin Carbide" for one name. A common word of
the same kind in its place keeps the tree right; the reader of the tree sees the words of the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

METALS = frozenset(
    "mischmetal cerium lanthanum neodymium praseodymium didymium dysprosium terbium yttrium samarium gadolinium "
    "holmium erbium thulium ytterbium lutetium europium scandium gallium germanium tungsten wolfram wolframite "
    "scheelite antimony bauxite alumina magnesite chromite ferrochrome manganese ferromanganese silicon "
    "ferrosilicon polysilicon ferronickel cobalt lithium spodumene phosphate phosphorus potash fluorspar fluorite "
    "arsenic barite baryte feldspar beryllium beryl bismuth boron tellurium cadmium selenium indium hafnium "
    "zirconium zircon krypton xenon molybdenum molybdenite ferromolybdenum niobium ferroniobium palladium rhodium "
    "ruthenium iridium rhenium strontium celestite tantalum tantalite coltan ilmenite rutile yellowcake vanadium "
    "ferrovanadium superalloy graphite anthracite urea naphtha".split()
)
METAL = "copper"
SCALES = {"m": "million", "mn": "million", "bn": "billion", "tn": "trillion", "trn": "trillion"}
WEEKDAYS = frozenset("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
MONTHS = frozenset(
    "January February March April May June July August September October November December Jan Feb Mar Apr Jun "
    "Jul Aug Sep Sept Oct Nov Dec".split()
)
STOPS = frozenset({".", "!", "?", "\u201d", '"'})


@dataclass(frozen=True)
class Plainer:
    """Words for the parser; `own`: the number of the word of the text that each stands for, None for an added
    comma; `kept`: the dictionary form that is the text's own.
    """

    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    own: tuple[int | None, ...]
    kept: frozenset[int]


def plainer(words: Sequence[str], spaces: Sequence[bool]) -> Plainer:
    """Return the words of a paragraph with those replaced that mislead the parser, and commas after dates."""
    found: list[str] = []
    gaps: list[bool] = []
    own: list[int | None] = []
    kept: set[int] = set()
    commas = set(_commas(words))
    for i, word in enumerate(words):
        low = word.casefold()
        if low in METALS:
            word = METAL.capitalize() if word[0].isupper() else METAL
            kept.add(i)
        elif low in SCALES and i and words[i - 1].replace(".", "").replace(",", "").isdigit():
            word = SCALES[low]
        found.append(word)
        gaps.append(spaces[i] and i not in commas)
        own.append(i)
        if i in commas:
            found.append(",")
            gaps.append(True)
            own.append(None)
    return Plainer(tuple(found), tuple(gaps), tuple(own), frozenset(kept))


def _commas(words: Sequence[str]) -> list[int]:
    """Return the last words of dates that begin a sentence and run into a name: "On Monday Hanshin signed"."""
    found = []
    for i, word in enumerate(words):
        if word not in {"On", "In", "Since"} or (i and words[i - 1] not in STOPS):
            continue
        at = i + 1
        while at < len(words) and (words[at] in WEEKDAYS | MONTHS or words[at].isdigit()):
            at += 1
        if i + 1 < at < len(words) and words[at][:1].isupper():
            found.append(at - 1)
    return found
