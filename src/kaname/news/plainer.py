"""A paragraph in words that the parser knows, word for word: rare metals and verbs, scales, commas after a
date.

The small model takes "tungsten" for a participle, "Russia prolonged quotas" for a noun and "On Monday Hanshin
Carbide" for one name. A common word of the same kind in its place keeps the tree right; who reads the tree
sees the words of the text.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kaname.news.dates import MONTHS
from kaname.news.relative import WEEKDAYS

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
VERBS = {
    "extend": "prolong lengthen renew",
    "expand": "broaden widen enlarge",
    "ban": "bar outlaw embargo proscribe",
    "cancel": "rescind revoke annul repeal scrap void",
    "drop": "waive shelve abandon",
    "seize": "nationalise nationalize impound confiscate expropriate commandeer",
    "arrest": "detain apprehend jail",
    "remove": "expel deport oust evict delist",
    "criticize": "decry deplore denounce lambast lambaste castigate censure rebuke condemn berate",
    "reject": "rebuff spurn rebut",
    "announce": "unveil decree promulgate gazette proclaim",
    "reduce": "ration throttle constrain curtail cap halve pare slash trim",
    "promise": "vow pledge undertake",
    "sign": "ink initial ratify",
    "allocate": "earmark disburse",
    "support": "bankroll underwrite subsidise subsidize bolster",
    "attack": "shell bombard strafe besiege pummel",
    "move": "redeploy relocate airlift",
    "stop": "withhold suspend halt",
    "impose": "reimpose levy reinstate",
    "tighten": "toughen stiffen",
    "follow": "shadow tail dog",
    "accuse": "indict blame",
    "list": "blacklist designate sanction",
    "need": "necessitate",
    "return": "extradite repatriate",
    "praise": "laud extol commend applaud hail salute",
    "urge": "exhort implore entreat beseech",
    "block": "veto torpedo derail obstruct thwart",
    "ease": "relax loosen soften",
    "end": "sever terminate cease",
    "delay": "defer postpone",
    "raise": "hike",
    "call": "summon convene",
    "kill": "slaughter massacre behead",
    "consider": "mull ponder contemplate moot",
    "purchase": "procure",
    "create": "inaugurate",
}
"""Common verb -> rare ones that stand as it does."""
DOUBLED = frozenset(
    {"ban", "bar", "stop", "drop", "trim", "cap", "expel", "cancel", "defer", "rebut", "annul", "scrap"}
)
"""Verbs whose last letter is doubled: barred, barring."""
PAST = {
    "withhold": "withheld",
    "undertake": "undertook",
    "underwrite": "underwrote",
}
NOUNS = frozenset(
    {
        "bar", "cap", "vow", "pledge", "ink", "initial", "shell", "ration", "embargo", "blacklist",
        "sanction", "levy", "airlift", "halt", "trim", "slash", "tail", "dog", "shadow", "void", "rebuke",
        "censure", "blame", "decree", "gazette", "veto", "torpedo", "hail", "salute", "hike", "slaughter",
        "massacre", "moot", "repeal", "jail", "scrap",
    }
)  # fmt: skip
"""Verbs that are nouns as well: only their past and participles are replaced."""
BEHIND_AUX = {
    "frozen": ("stopped", "freeze"),
    "limited": ("reduced", "limit"),
    "cut": ("reduced", "cut"),
    "capped": ("reduced", "cap"),
    "restricted": ("reduced", "restrict"),
    "controlled": ("reduced", "control"),
    "unblocked": ("released", "unblock"),
}
"""Participle -> what stands for it behind "has" or "been", where it is no adjective; and its verb."""
AUX = frozenset({"has", "have", "had", "having", "been"})
SCALES = {"m": "million", "mn": "million", "bn": "billion", "tn": "trillion", "trn": "trillion"}
TOLD = frozenset({"said", "told", "added"})
MOST_TOLD = 16
"""Words of the longest end of a sentence that tells who says it."""
OF_DATE = frozenset(one.casefold() for one in (*MONTHS, *WEEKDAYS))
UNITS = frozenset({"day", "week", "month", "year"})
NEXT = frozenset({"following", "next", "same", "previous"})
PRONOUNS = frozenset({"it", "he", "she", "they", "we"})
STOPS = frozenset({".", "!", "?", "\u201d", '"'})


@dataclass(frozen=True)
class Plainer:
    """Words for the parser.

    `own`: the number of the word of the text that each stands for, None for an added comma; `lemmas`: word of
    the text -> its dictionary form where another stands for it.
    """

    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    own: tuple[int | None, ...]
    lemmas: Mapping[int, str]


def plainer(words: Sequence[str], spaces: Sequence[bool]) -> Plainer:
    """Return the words of a paragraph with those replaced that mislead the parser, and commas after dates."""
    commas, told = _date_ends(words), _tellers(words)
    found: list[tuple[str, bool, int | None]] = []
    for i, word in enumerate(words):
        known = "the" if i in told else _known(words, i, word)
        found.append((known, spaces[i] and i not in commas, i))
        if i in commas:
            found.append((",", True, None))
    return Plainer(
        tuple(word for word, _, _ in found),
        tuple(space for _, space, _ in found),
        tuple(own for _, _, own in found),
        {
            i: _lemma(words, i, low)
            for i, low in enumerate(map(str.casefold, words))
            if low in METALS or low in RARE or _is_participle(words, i, low)
        },
    )


def _inflected(verb: str, *, noun: bool) -> tuple[str, ...]:
    """Return the past and the participle of a verb, and where it is no noun the other forms."""
    stem = verb[:-1] if verb.endswith("e") else verb + verb[-1] if verb in DOUBLED else verb
    ied = verb.endswith("y") and verb[-2] not in "aeiou"
    past = PAST.get(verb) or (verb[:-1] + "ied" if ied else stem + "ed")
    plural = verb[:-1] + "ies" if ied else verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")
    return (past, stem + "ing") if noun else (past, stem + "ing", plural, verb)


def _rare() -> dict[str, tuple[str, str]]:
    """Return form of a rare verb -> the same form of a common one, and the rare verb."""
    found: dict[str, tuple[str, str]] = {}
    for common, verbs in VERBS.items():
        for verb in verbs.split():
            forms = _inflected(verb, noun=verb in NOUNS)
            for own, other in zip(forms, _inflected(common, noun=False), strict=False):
                found[own] = (other, verb)
    return found


RARE = _rare() | {
    "unfrozen": ("released", "unfreeze"),
    "unfroze": ("released", "unfreeze"),
    "downed": ("dropped", "down"),
    "cargoes": ("shipments", "cargo"),
}
"""Form of a rare verb or noun -> the same form of a common one, and the dictionary form of the rare one."""
NAMES = {"Trump": "Putin"}
"""Name that is a word as well -> one that the parser takes for nothing else."""


def _is_participle(words: Sequence[str], i: int, low: str) -> bool:
    """Return whether a word that may be an adjective is a participle: "has limited exports"."""
    if low not in BEHIND_AUX:
        return False
    behind = [one.casefold() for one in words[max(0, i - 2) : i]]
    return bool(behind) and (behind[-1] in AUX or (behind[-1].endswith("ly") and behind[0] in AUX))


def _lemma(words: Sequence[str], i: int, low: str) -> str:
    """Return the dictionary form of a word for which another stands."""
    if _is_participle(words, i, low):
        return BEHIND_AUX[low][1]
    return RARE[low][1] if low in RARE else low


def _known(words: Sequence[str], i: int, word: str) -> str:
    """Return a word that the parser knows for one that it may not know."""
    low = word.casefold()
    if word in NAMES:
        return NAMES[word]
    if low in METALS:
        return METAL.capitalize() if word[0].isupper() else METAL
    if _is_participle(words, i, low):
        return BEHIND_AUX[low][0]
    if low in RARE:
        return RARE[low][0].capitalize() if word[0].isupper() else RARE[low][0]
    if low in SCALES and i and words[i - 1].replace(".", "").replace(",", "").isdigit():
        return SCALES[low]
    return word


def _tellers(words: Sequence[str]) -> frozenset[int]:
    """Return the articles of those who tell a sentence at its end: "sold rice to Gambia, an official said"
    reads as if Gambia were the official; with "the" it does not.
    """
    found = set()
    for i, word in enumerate(words):
        if word not in {"a", "an"} or not i or words[i - 1] != ",":
            continue
        behind = list(itertools.takewhile(lambda one: one not in STOPS | {",", ";", ":"}, words[i:]))
        end = i + len(behind)
        if TOLD & set(behind) and len(behind) <= MOST_TOLD and end < len(words) and words[end] in STOPS:
            found.add(i)
    return frozenset(found)


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
    for i in range(2, len(words) - 1):  # "and the following year it banned"
        if words[i] in UNITS and words[i - 1] in NEXT and words[i - 2].casefold() == "the":
            found |= {i} if words[i + 1] in PRONOUNS else set()
    return frozenset(found)
