"""Where goods go and who buys them: whom a control of exports hits, wherever the parse hangs it."""

from __future__ import annotations

from kaname.news.addressees import BOUND, BUYERS
from kaname.news.cast import Scene
from kaname.news.frames import objects, subjects
from kaname.news.memory import Codes
from kaname.news.phrases import FELT, REMARKED, union, without
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
USERS = BUYERS | frozenset(
    [
        "maker", "manufacturer", "firm", "company", "carmaker", "automaker", "chipmaker", "contractor",
        "plant", "distributor", "house", "smelter", "refiner", "factory", "mill", "processor", "producer",
        "supplier", "organisation", "organization", "institute", "university", "entity", "body", "reseller",
        "foundry", "fab", "shipyard", "assembler", "laboratory", "lab", "airline", "group", "fund", "bank",
        "investor", "bidder", "consortium", "conglomerate", "importer", "trader", "dealer", "wholesaler",
        "subsidiary", "builder", "shipbuilder",
    ]
)  # fmt: skip
"""Those who need a licence of another country, or stand on its list."""
BUYING = frozenset(
    [
        "buy", "order", "purchase", "book", "pay", "need", "want", "import", "use", "await", "commission",
        "contract", "source", "receive", "expect", "request", "seek", "promise", "allocate",
    ]
)  # fmt: skip
"""Verbs of those to whom goods go: "the scanners that a Shanghai foundry had paid for"."""
OF_USERS = frozenset({"licence", "licence-granted", "entity-list"})
"""Modes that hit users by name."""


def is_user(lemma: str) -> bool:
    """Return whether a noun is one for those who use goods: a maker of anything, a smelter, a fund."""
    return lemma in USERS or lemma.endswith("maker")


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
    return tuple(dict.fromkeys(found)) or bought_by(scene, i)


def bought_by(scene: Scene, i: int) -> Codes:
    """Return who buys the goods that a measure is about: "two scanners that a Shanghai foundry had paid
    for".
    """
    sentence = scene.sentence
    return union(
        scene.who(one) or scene.modifiers(one, seated=True)
        for verb in sentence.subtree(i)
        if sentence[verb].dep == "relcl" and sentence[verb].lemma in BUYING
        for one in subjects(sentence, verb)
    )


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
    words = _told_with(scene, i, source)
    for prep in (one for one in words if sentence[one].dep in {"prep", "agent"}):
        if _of_next_verb(sentence, prep, i):
            continue
        if _leads(scene, prep) and not _in_remark(sentence, prep) and not _of_others(scene, prep, i, source):
            for noun in sentence.children(prep, "pobj"):
                whose = scene.who(noun) or scene.who(noun, loose=True) or scene.modifiers(noun, seated=True)
                found |= {*(whose or _seat_behind(scene, noun))}
    return tuple(sorted(found - set(source)))


def _told_with(scene: Scene, i: int, source: Codes) -> tuple[int, ...]:
    """Return the words among which those are to whom goods go: the sentence; of an act that a relative clause
    tells of its doer ("X, which halted sales, now buys for Y") the clause alone.
    """
    sentence = scene.sentence
    for at in (i, *sentence.above(i)):
        if sentence[at].dep == "relcl":
            head = sentence[at].head
            doers = scene.who(head)
            if doers and set(doers) <= set(source):
                return sentence.subtree(at)
            break
        if sentence[at].dep not in {"conj", "xcomp", "ccomp"}:
            break
    return tuple(word.i for word in sentence.words)


def _seat_behind(scene: Scene, noun: int) -> Codes:
    """Return where those are behind whom "in" stands, wherever the parse hangs it: "parts to customers in
    that country".
    """
    sentence, after = scene.sentence, noun + 1
    user = is_user(sentence[noun].lemma)
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
        if is_user(word.lemma) and not behind and not _of_others(scene, word.i, i, source):
            found |= {*scene.modifiers(word.i, seated=True)}
    return tuple(sorted(found - set(source)))


def _in_remark(sentence: Sentence, prep: int) -> bool:
    """Return whether a preposition stands in a clause that only remarks: ", a trade of which most goes to
    X".
    """
    for at in sentence.above(prep):
        if sentence[at].dep == "relcl" and sentence[sentence[at].head].lemma in REMARKED:
            return True  # "cut the quota, a step that squeezes supply to X"
        if sentence[at].dep == "relcl":
            first = min(sentence.subtree(at))
            return first > 0 and sentence[first - 1].text == ","
        if sentence[at].pos in {"VERB", "AUX"} and sentence[at].dep not in {"acl", "pcomp", "xcomp", "ccomp"}:
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
