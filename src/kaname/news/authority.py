"""Who orders what others must do: by decree, by announcement, by a list or a licence of theirs."""

from __future__ import annotations

from kaname.news.addressees import BUYERS
from kaname.news.cast import Scene
from kaname.news.frames import objects, subjects
from kaname.news.memory import Codes
from kaname.news.phrases import behind, modifiers_of, union

BYSTANDERS = frozenset(
    [
        "analyst", "expert", "economist", "trader", "broker", "dealer", "lawyer", "professor", "consultant",
        "researcher", "strategist", "scholar", "academic", "historian", "commentator", "columnist",
        "newsletter", "newspaper", "forwarder", "shipper", "consultancy",
    ]
)  # fmt: skip
"""Those who speak for nobody: what they say will happen is no act."""
SPARING = frozenset({"exemption", "waiver", "exception", "derogation", "permission"})
"""Papers under which somebody may do what others may not."""
DECIDING = frozenset({"rule", "order", "decree", "decide", "determine", "deny"})
"""Verbs of who decides, or denies, what others must do: it is their measure that is told."""


ADDING = frozenset(
    {"add", "put", "include", "extend", "expand", "widen", "place", "move", "lengthen", "publish"}
)
"""Verbs of who makes a list longer."""
TAKING = frozenset({"purchase", "acquisition", "takeover", "bid", "investment", "merger", "buyout", "stake"})
"""What strangers need leave for: whose it is tells whom the measure is against, not who imposes it."""


def by_order(scene: Scene, i: int) -> Codes:
    """Return whose the law or order is under which something is done: "under a decree of X", "following X's
    instruction".
    """
    sentence = scene.sentence
    for at in (i, *sentence.above(i)):
        for prep in sentence.children(at, "prep"):
            for noun in sentence.children(prep, "pobj"):
                lawful = scene.is_in(noun, "instrument") or scene.is_in(noun, "measure")
                if lawful or sentence[noun].lemma in SPARING:
                    signed = [
                        two
                        for one in sentence.children(noun, "acl", "relcl")
                        for two in subjects(sentence, one)
                    ]
                    whose = (
                        tuple(sorted(modifiers_of(scene, noun)))
                        or behind(scene, noun, ("of", "by", "from", "in"), places=True)
                        or union(scene.who(one) for one in signed)
                    )
                    if whose:
                        return whose
    return ()


def made_in(scene: Scene, noun: int) -> Codes:
    """Return where a law or order was made: "a decree signed in the Kremlin", "a rule published in X"."""
    if not (scene.is_in(noun, "instrument") or scene.is_in(noun, "measure")):
        return ()
    sentence = scene.sentence
    return union(
        (scene.code(one),)
        for verb in sentence.children(noun, "acl")
        for prep in sentence.children(verb, "prep")
        if sentence[prep].lemma in {"in", "at"}
        for one in sentence.children(prep, "pobj")
        if scene.code(one) and scene.kind(one) not in {"city", "region"}
    )


def keeper(scene: Scene, i: int) -> Codes:
    """Return whose the list is to which somebody was added."""
    return union(
        scene.who(noun, loose=True)
        for prep in scene.sentence.children(i, "prep")
        if scene.sentence[prep].lemma in {"to", "on", "onto", "in", "under", "from", "off"}
        for noun in scene.sentence.children(prep, "pobj")
        if scene.is_in(noun, "list")
    )


def binder(scene: Scene, i: int) -> Codes:
    """Return who makes others need something: who announces it, else whose exporters need it."""
    free = BUYERS | TAKING
    bound = [one for one in subjects(scene.sentence, i) if scene.sentence[one].lemma not in free]
    whose = union(scene.modifiers(one) for one in objects(scene.sentence, i))  # "need Beijing's permission"
    given = union(behind(scene, one, ("from",)) for one in objects(scene.sentence, i))
    left = union(_left(scene, one) for one in bound) or _left_from(scene, i)
    return (
        by_order(scene, i)
        or announcer(scene, i)
        or whose
        or given
        or left
        or union(scene.who(one) or scene.modifiers(one, seated=True) for one in bound)
    )


def _left(scene: Scene, noun: int) -> Codes:
    """Return which country goods leave: "anyone who ships antimony out of China"."""
    sentence = scene.sentence
    return union(
        scene.who(place)
        for prep in sentence.subtree(noun)
        if sentence[prep].lemma in {"from", "of"}
        and sentence[sentence[prep].head].lemma in {"out", "ship", "export", "send"}
        for place in sentence.children(prep, "pobj")
    )


def _left_from(scene: Scene, i: int) -> Codes:
    """Return whose ports or land goods are to leave: "needs a permit if it is to leave Chinese ports"."""
    sentence = scene.sentence
    return union(
        scene.who(noun) or scene.modifiers(noun)
        for verb in sentence.subtree(i)
        if sentence[verb].lemma in {"leave", "exit"} and verb != i
        for noun in objects(sentence, verb)
    )


def lister(scene: Scene, i: int) -> Codes:
    """Return who adds to what may not be done: "X added tools to the goods that may not be exported"."""
    sentence = scene.sentence
    for at in (i, *sentence.above(i)):
        if sentence[at].dep == "relcl":
            above = next((one for one in sentence.above(at) if sentence[one].pos == "VERB"), None)
            if above is not None and sentence[above].lemma in ADDING:
                return union(scene.who(one) for one in subjects(sentence, above))
    return ()


def announcer(scene: Scene, i: int) -> Codes:
    """Return who announces what others must do: "the ministry said that exporters will need licences"."""
    sentence = scene.sentence
    for at in (i, *sentence.above(i)):
        head = sentence[at].head
        if sentence[at].dep == "ccomp" and (scene.is_in(head, "say") or sentence[head].lemma in DECIDING):
            said = subjects(sentence, head)
            return () if any(is_bystander(scene, one) for one in said) else union(map(scene.who, said))
    return ()


def is_bystander(scene: Scene, one: int) -> bool:
    """Return whether a speaker speaks for nobody: "said Lena Hartwig, an analyst"."""
    sentence = scene.sentence
    beside = sentence.children(one, "appos", "compound", "nmod")
    return any(sentence[at].lemma in BYSTANDERS for at in (one, *beside))
