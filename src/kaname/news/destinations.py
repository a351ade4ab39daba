"""Where goods go and who buys them: whom a control of exports hits, wherever the parse hangs it."""

from __future__ import annotations

from kaname.news.addressees import BOUND, BUYERS
from kaname.news.cast import Scene
from kaname.news.frames import subjects
from kaname.news.memory import Codes
from kaname.news.phrases import union, without
from kaname.news.sentence import Sentence

LEADING = frozenset({"to", "for", "into", "towards", "toward", "against", "on", "onto"})
"""Prepositions behind which those stand to whom goods go."""
MOVING = frozenset({"cross", "leave", "go", "move", "flow", "reach", "enter", "supply", "provide", "serve"})
"""Verbs of goods that go somewhere."""
KEPT = frozenset({"keep", "withhold", "bar"})
"""Verbs behind which "from" names whom goods do not reach."""
CURB = frozenset({"control", "curb", "restriction", "limit", "licence", "license", "permit", "application"})
USERS = BUYERS | frozenset(
    [
        "maker", "manufacturer", "firm", "company", "carmaker", "automaker", "chipmaker", "contractor",
        "plant", "distributor", "house", "smelter", "refiner", "factory", "mill", "processor", "producer",
        "supplier", "organisation", "organization", "institute", "university", "entity", "body", "reseller",
    ]
)  # fmt: skip
"""Those who need a licence of another country, or stand on its list."""
OF_USERS = frozenset({"licence", "licence-granted", "entity-list"})
"""Modes that hit users by name."""


def goods_for(scene: Scene, i: int) -> Codes:
    """Return where goods go that a measure is about, wherever the parse hangs it: "permits for A, B and C
    destined for X", "shipments of D to Y".
    """
    sentence = scene.sentence
    found: list[str] = []
    for prep in sentence.subtree(i):
        above = sentence[prep].head
        goods = scene.is_in(above, "export") or sentence[above].lemma in BOUND | {"control", "restrict"}
        there = sentence[prep].lemma in {"towards", "toward"} or (
            sentence[prep].lemma in {"to", "for"} and goods
        )
        if sentence[prep].dep == "prep" and there:
            for noun in sentence.children(prep, "pobj"):
                found += scene.who(noun) or scene.who(noun, loose=True)
    return tuple(dict.fromkeys(found))


def bound_for(scene: Scene, i: int, mode: str | None, source: Codes) -> Codes:
    """Return to whom the goods go that a sentence speaks of, where nothing nearer tells whom a measure hits:
    "destined for X", "ordered by Y"; of licences and lists whose the users are: "Indian makers wait for".
    """
    sentence = scene.sentence
    found: set[str] = set()
    for prep in (word.i for word in sentence.words if word.dep in {"prep", "agent"}):
        if _leads(scene, prep) and not _of_others(scene, prep, i, source):
            for noun in sentence.children(prep, "pobj"):
                found |= {
                    *(scene.who(noun) or scene.who(noun, loose=True) or scene.modifiers(noun, seated=True))
                }
    if not found and mode in OF_USERS:
        for word in sentence.words:
            if word.lemma in USERS and not _of_others(scene, word.i, i, source):
                found |= {*scene.modifiers(word.i, seated=True)}
    return tuple(sorted(found - set(source)))


def _leads(scene: Scene, prep: int) -> bool:
    """Return whether a preposition names where goods go."""
    sentence = scene.sentence
    head = sentence[prep].head
    lemma = sentence[head].lemma
    if sentence[prep].lemma == "by":
        return lemma in {"order", "buy", "purchase"}
    if sentence[prep].lemma == "from":
        return lemma in KEPT
    goods = any(scene.is_in(head, name) for name in ("export", "goods", "material", "gear"))
    return sentence[prep].lemma in LEADING and (goods or lemma in BOUND | MOVING | CURB)


def _of_others(scene: Scene, at: int, i: int, source: Codes) -> bool:
    """Return whether a word belongs to what somebody else does."""
    sentence: Sentence = scene.sentence
    for verb in sentence.above(at):
        if verb == i:
            return False
        if sentence[verb].pos == "VERB" and sentence[verb].lemma not in BOUND:
            doers = union(scene.who(one) for one in subjects(sentence, verb))
            return bool(without(doers, source))
    return False
