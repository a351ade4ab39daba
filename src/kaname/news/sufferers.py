"""Whom a restriction hits where nothing names its target: who waits, is let off, taxed, deprived, or suffers
from it in the same sentence.
"""

from __future__ import annotations

from kaname.news.authority import BYSTANDERS
from kaname.news.cast import Scene
from kaname.news.destinations import is_user
from kaname.news.frames import objects, subjects
from kaname.news.memory import Codes
from kaname.news.phrases import union

GROWN = frozenset(
    [
        "make", "grow", "land", "produce", "build", "assemble", "catch", "mine", "originate", "pack", "brew",
        "harvest", "farm", "raise", "refine", "smelt", "process", "manufacture",
    ]
)  # fmt: skip
"""Participles that tell where goods come from."""
FREEING = frozenset({"exempt", "spare", "relieve", "shield", "free", "excuse"})
"""Verbs of who is let off a measure: "exempted coffee of X from a tariff that he had imposed"."""
WAITING = frozenset(
    [
        "wait", "queue", "apply", "lack", "need", "miss", "ask", "plead", "lobby", "hope", "suffer",
        "receive", "obtain",
    ]
)  # fmt: skip
"""Verbs of those whom a measure keeps from their goods."""
HURT = frozenset(
    {"exporter", "grower", "farmer", "miner", "producer", "shipper", "fisher", "packer", "refiner"}
)
"""Those whom a measure hurts beside users of goods."""


def made_where(scene: Scene, i: int) -> Codes:
    """Return where goods come from that are barred or taxed: "fish landed in X", "lentils grown around Y"."""
    sentence = scene.sentence
    for one in objects(sentence, i):  # "beef from eight abattoirs in X"
        below = sentence.subtree(one)
        places = [two for two in below if sentence[two].lemma in {"in", "at", "around"} and two > one]
        found = union((scene.code(noun),) for two in places for noun in sentence.children(two, "pobj"))
        if "from" in {sentence[two].lemma for two in sentence.children(one, "prep")} and any(found):
            return tuple(filter(None, found))
    return union(
        (scene.code(noun),)
        for verb in sentence.subtree(i)
        if sentence[verb].dep == "acl" and sentence[verb].lemma in GROWN
        for prep in sentence.children(verb, "prep")
        if sentence[prep].lemma in {"in", "from", "around", "near", "at"}
        for noun in sentence.children(prep, "pobj")
        if scene.code(noun)
    )


def taxed(scene: Scene, i: int) -> Codes:
    """Return whose what is taxed is where it is the subject: "coffee of X is subject to a duty of Y"."""
    sentence = scene.sentence
    words = sentence.children(i, "nsubj") or subjects(sentence, i)
    words = words or subjects(sentence, sentence[i].head)
    return union(scene.who(one) or scene.who(one, loose=True) for one in words)


def deprived(scene: Scene, i: int) -> Codes:
    """Return whose papers are taken away: "the handler of X had its clearance revoked"."""
    sentence = scene.sentence
    head = sentence[i].head
    if sentence[head].lemma != "have" or head == i:
        return ()
    return union(scene.who(one) or scene.modifiers(one, seated=True) for one in subjects(sentence, head))


def waiting(scene: Scene, i: int) -> Codes:
    """Return who waits for what is held back ("makers of X wait for licences that Y withholds"), or is let
    off.
    """
    sentence = scene.sentence
    for at in (i, *sentence.above(i)):
        if sentence[at].dep in {"relcl", "acl"}:
            above = next((one for one in sentence.above(at) if sentence[one].pos in {"VERB", "AUX"}), None)
            if above is not None and sentence[above].lemma in WAITING:
                doers = subjects(sentence, above)
                return union(scene.who(one) or scene.modifiers(one, seated=True) for one in doers)
            if above is not None and sentence[above].lemma in FREEING:
                return union(scene.who(one, loose=True) for one in objects(sentence, above))
    return ()


def sufferer(scene: Scene, i: int, *, whole: bool = False) -> Codes:
    """Return whose the users are that a sentence with an act below is about: "exporters of X grapple
    with the tariff", "makers of X have had no magnets since Y put them under control". `whole`: or the
    country itself ("X has lost a market since Y raised its duty").
    """
    sentence = scene.sentence
    for at in sentence.above(i):
        if sentence[at].pos not in {"VERB", "AUX"} or scene.is_in(at, "say"):
            continue
        if not whole and sentence[at].lemma not in WAITING:  # whom a ban for all hurts is not whom it is on
            continue
        doers = [one for one in sentence.children(at, "nsubj", "nsubjpass") if _is_hurt(scene, one)]
        found = union(scene.modifiers(one, seated=True) for one in doers)
        if whole and not found and sentence[at].lemma not in {"be", "feel", "think"}:
            named = sentence.children(at, "nsubj", "nsubjpass")
            found = tuple(
                scene.code(one) for one in named if scene.kind(one) in {"country", "capital", "bloc"}
            )
        if found:
            return found
    return ()


def _is_hurt(scene: Scene, one: int) -> bool:
    """Return whether a noun is for those whom a measure may hurt: makers, growers, exporters, not brokers."""
    lemma = scene.sentence[one].lemma
    return (is_user(lemma) or lemma in HURT) and lemma not in BYSTANDERS | {"bank", "investor", "fund"}
