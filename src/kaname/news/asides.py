"""Names that only tell whom an act spares, or where a thing was made."""

from __future__ import annotations

from collections.abc import Mapping

from kaname.news.named import Named
from kaname.news.sentence import Sentence

EXCEPT = frozenset({"except", "excepting", "excluding", "barring", "besides"})
"""Prepositions of those whom an act spares."""
PAIRS = frozenset(
    {("other", "than"), ("apart", "from"), ("aside", "from"), ("save", "for"), ("exception", "of")}
)
"""The same in two words, the first of which the second hangs on or follows."""
MADE = frozenset(
    [
        "made", "built", "designed", "manufactured", "produced", "mined", "refined", "grown", "assembled",
        "developed", "sourced", "origin", "style", "era", "language", "speaking",
    ]
)  # fmt: skip
"""What a country's name before a hyphen tells of a thing: "American-made chips"."""
INSIDE = frozenset({"conj", "pobj", "amod", "compound", "poss", "nmod", "appos", "nummod"})
"""Labels of the words of one noun phrase."""


def acting(sentence: Sentence, names: Mapping[int, str]) -> dict[int, str]:
    """Return the names without those whom an act spares."""
    return {i: name for i, name in names.items() if not _is_spared(sentence, i, name)}


def origins(scene: Named) -> frozenset[str]:
    """Return the actors that a sentence names only as the origin of a thing: a control of its export is not
    against them (a tariff would be).
    """
    named = [(word.i, scene.code(word.i)) for word in scene.sentence.words if scene.code(word.i)]
    others = {code for i, code in named if not _is_origin(scene.sentence, i)}
    return frozenset(code for _, code in named) - others


def _is_origin(sentence: Sentence, i: int) -> bool:
    """Return whether a name tells where a thing comes from: "American-made", "of Chinese origin"."""
    after = [sentence[one].text.casefold() for one in range(i + 1, min(i + 3, len(sentence)))]
    if after[:1] == ["-"]:
        return len(after) > 1 and after[1] in MADE
    if after and after[0] in {"origin", "design", "make", "manufacture"}:
        return True
    above = sentence[sentence[i].head]
    verb = sentence[above.head]
    return (
        above.lemma == "in"
        and sentence[i].dep == "pobj"
        and verb.text.casefold() == "made"
        and verb.dep == "acl"
    )


def _is_spared(sentence: Sentence, i: int, name: str) -> bool:
    """Return whether a name stands behind "except", "other than", a bloc behind "outside"."""
    at = i
    if name.startswith("bloc") and sentence[sentence[i].head].lemma == "outside":
        return True
    while sentence[at].dep in INSIDE and sentence[at].head != at:
        at = sentence[at].head
        if sentence[at].dep in {"prep", "mark"} or sentence[at].pos in {"ADP", "SCONJ"}:
            if _excepts(sentence, at):
                return True
            above = sentence[at].head
            behind = above != at and sentence[above].pos in {"ADP", "SCONJ"}
            return behind and _excepts(sentence, above)  # "except to Bhutan"
    return False


def _excepts(sentence: Sentence, prep: int) -> bool:
    low = sentence[prep].text.casefold()
    before = {sentence[sentence[prep].head].lemma, sentence[prep - 1].lemma if prep else ""}
    return low in EXCEPT or any((one, low) in PAIRS for one in before)
