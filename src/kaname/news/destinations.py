"""Where goods go and who buys them: whom a control of exports hits, wherever the parse hangs it."""

from __future__ import annotations

from kaname.news.addressees import BOUND, BUYERS
from kaname.news.cast import Scene
from kaname.news.frames import objects, subjects
from kaname.news.memory import Codes
from kaname.news.phrases import FELT, union, without
from kaname.news.sentence import Sentence

LEADING = frozenset({"to", "for", "into", "towards", "toward", "against", "on", "onto"})
"""Prepositions behind which those stand to whom goods go."""
MOVING = frozenset({"cross", "leave", "go", "move", "flow", "reach", "enter", "supply", "provide", "serve"})
"""Verbs of goods that go somewhere."""
KEPT = frozenset({"keep", "withhold", "bar"})
"""Verbs behind which "from" names whom goods do not reach."""
CURB = frozenset({"control", "curb", "restriction", "limit", "licence", "license", "permit", "application"})
COVERING = frozenset({"cover", "concern", "involve", "affect"})
"""Participles of licences and curbs that say whom they are about."""
MOVES = frozenset({"step", "move", "decision", "change", "blow", "shift", "development"})
"""What an act is called again in a remark on it."""
USERS = BUYERS | frozenset(
    [
        "maker", "manufacturer", "firm", "company", "carmaker", "automaker", "chipmaker", "contractor",
        "plant", "distributor", "house", "smelter", "refiner", "factory", "mill", "processor", "producer",
        "supplier", "organisation", "organization", "institute", "university", "entity", "body", "reseller",
    ]
)  # fmt: skip
"""Those who need a licence of another country, or stand on its list."""
SEATED = frozenset(
    {"base", "register", "headquarter", "locate", "domicile", "incorporate", "seat", "operate"}
)
"""Participles that say whose a firm is."""
WITHIN = frozenset({"in", "from", "of", "including", "include", "among", "across", "like", "at"})
"""Prepositions behind which stands whose those on a list are."""
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
        if sentence[prep].dep == "prep" and there and not _in_remark(sentence, prep):
            if _of_next_verb(sentence, prep, i):
                continue
            for noun in sentence.children(prep, "pobj"):
                felt = sentence[noun].lemma in FELT
                found += () if felt else scene.who(noun) or scene.who(noun, loose=True)
    return tuple(dict.fromkeys(found))


def _of_next_verb(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a word belongs to a later verb beside one that has an object of its own: "put the metal
    under control and banned sales to X".
    """
    for one in (at, *sentence.above(at)):
        if one == i:
            return False
        if sentence[one].dep == "conj" and sentence[one].pos == "VERB" and sentence[one].head == i:
            return all(sentence.children(verb, "dobj", "nsubjpass") for verb in (i, one))
    return False


def bound_for(scene: Scene, i: int, mode: str | None, source: Codes) -> Codes:
    """Return to whom the goods go that a sentence speaks of, where nothing nearer tells whom a measure hits:
    "destined for X", "ordered by Y"; of licences and lists whose the users are: "Indian makers wait for".
    """
    if mode == "entity-list":  # it hits users first, not those to whom they pass things on
        return _users(scene, i, mode, source) or _to_whom(scene, i, source)
    found = _to_whom(scene, i, source) or _covered(scene, source)
    return found or (_users(scene, i, mode, source) if mode in OF_USERS else ())


def _to_whom(scene: Scene, i: int, source: Codes) -> Codes:
    """Return whom the goods of a sentence go to."""
    sentence = scene.sentence
    found: set[str] = set()
    for prep in (word.i for word in sentence.words if word.dep in {"prep", "agent"}):
        if _leads(scene, prep) and not _in_remark(sentence, prep) and not _of_others(scene, prep, i, source):
            for noun in sentence.children(prep, "pobj"):
                whose = scene.who(noun) or scene.who(noun, loose=True) or scene.modifiers(noun, seated=True)
                found |= {*(whose or _seat_behind(scene, noun))}
    return tuple(sorted(found - set(source)))


def _seat_behind(scene: Scene, noun: int) -> Codes:
    """Return where those are behind whom "in" stands, wherever the parse hangs it: "parts to customers in
    that country".
    """
    sentence, after = scene.sentence, noun + 1
    user = sentence[noun].lemma in USERS
    if not user or after >= len(sentence) or sentence[after].lemma not in {"in", "from"}:
        return ()
    return union(scene.who(one) for one in sentence.children(after, "pobj"))


def _covered(scene: Scene, source: Codes) -> Codes:
    """Return whom licences or curbs are said to be about: "licences covering X"."""
    sentence = scene.sentence
    found = {
        code
        for word in sentence.words
        if word.dep == "acl" and word.lemma in COVERING
        for noun in objects(sentence, word.i)
        for code in scene.who(noun)
    }
    return tuple(sorted(found - set(source)))


def _users(scene: Scene, i: int, mode: str | None, source: Codes) -> Codes:
    """Return whose the users are that a sentence names; not those behind a licence whom it only helps or
    hurts.
    """
    sentence = scene.sentence
    found: set[str] = set()
    for word in sentence.words:
        behind = word.i > i and i not in sentence.above(word.i) and mode != "entity-list"
        if word.lemma in USERS and not behind and not _of_others(scene, word.i, i, source):
            found |= {*scene.modifiers(word.i, seated=True)}
    return tuple(sorted(found - set(source)))


def listed_users(scene: Scene, i: int) -> Codes:
    """Return whose those are who were put on a list, all of them: "firms in A, B and C", "42 bodies, 27 of
    them from A and six from B"; not whom they serve, nor whose the list is.
    """
    sentence = scene.sentence
    found: list[str] = []
    waiting = [*objects(sentence, i)]
    for prep in sentence.children(i, "prep"):
        if sentence[prep].lemma in {"in", "from", "include", "including", "among", "across"}:
            waiting.append(prep)
    waiting += [one for one in sentence.children(i, "conj") if sentence[one].pos in {"NUM", "NOUN", "PROPN"}]
    while waiting:
        at = waiting.pop()
        found += [scene.code(at)] if scene.code(at) else []
        for one in sentence.children(at):
            word = sentence[one]
            clause = word.dep in {"relcl", "acl"} and word.lemma not in SEATED
            if not clause and (word.dep != "prep" or word.lemma in WITHIN):
                waiting.append(one)
    return tuple(sorted(set(found)))


def _in_remark(sentence: Sentence, prep: int) -> bool:
    """Return whether a preposition stands in a clause that only remarks: ", a trade of which most goes to
    X".
    """
    for at in sentence.above(prep):
        if sentence[at].dep == "relcl" and sentence[sentence[at].head].lemma in MOVES:
            return True  # "cut the quota, a step that squeezes supply to X"
        if sentence[at].dep == "relcl":
            first = min(sentence.subtree(at))
            return first > 0 and sentence[first - 1].text == ","
        if sentence[at].pos in {"VERB", "AUX"} and sentence[at].dep not in {"acl", "pcomp"}:
            return False
    return False


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
