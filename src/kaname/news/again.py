"""Whom an act is against that speaks of one told before: "the ban", "their ports", an answer."""

from __future__ import annotations

from itertools import takewhile

from kaname.news.cast import Scene
from kaname.news.frames import objects, subjects
from kaname.news.memory import Codes
from kaname.news.phrases import spoken_of, union, without

ANSWERING = frozenset({"answer", "respond", "retaliate", "reciprocate", "counter"})
"""What is done to an opponent."""
THEM = frozenset({"them", "their"})
"""Words for those whom the last measure hit: "and closed its ports to their tankers"."""
STARTING = frozenset({"take", "come", "go", "enter", "begin", "start"})
"""Verbs of a measure that begins: "took effect", "comes into force"."""
CLAUSES = frozenset({"advcl", "relcl", "acl", "ccomp", "parataxis"})
"""Labels of clauses that tell something else than the act they hang on."""
RELIEF = frozenset(
    ["exception", "exemption", "waiver", "relief", "delay", "easing", "lifting", "reprieve", "suspension"]
)
"""What is asked of whoever restricted something."""


def opponents(scene: Scene, source: Codes) -> Codes:
    """Return with whom the doer of a threat last had a quarrel."""
    return union(without(scene.cast.opponents.get(code, ()), source) for code in source)


def hit_before(scene: Scene, i: int, source: Codes) -> Codes:
    """Return whom a measure spoken of again hit ("could reimpose the ban"), or who is answered with one."""
    starts = scene.sentence[i].lemma in STARTING  # "the suspension takes effect on Monday"
    told = subjects(scene.sentence, i) if starts else objects(scene.sentence, i)
    again = (one for one in told if scene.is_in(one, "measure") or (starts and _is_relief(scene, one)))
    if any(spoken_of(scene, one) for one in again):
        known = union(scene.cast.hit.get(code, ()) for code in source)
        if known:
            return known
    if of_them(scene, i):
        known = union(scene.cast.hit.get(code, ()) for code in source)
        known = known or without(_whose_it_is(scene, i), source)
        if known:
            return known
    above = {scene.sentence[one].lemma for one in (i, *scene.sentence.above(i))}
    return opponents(scene, source) if above & ANSWERING else ()


def _whose_it_is(scene: Scene, i: int) -> Codes:
    """Return whose the subject above an act is: "boats of X waited till the ban on their fish was lifted"."""
    sentence = scene.sentence
    for at in sentence.above(i):
        if sentence[at].pos in {"VERB", "AUX"} and sentence[at].head == at:
            doers = sentence.children(at, "nsubj", "nsubjpass")
            people = [one for one in doers if scene.is_in(one, "agent")]
            return union(scene.who(one) or scene.modifiers(one, seated=True) for one in people)
    return ()


def of_them(scene: Scene, i: int) -> bool:
    """Return whether an act is said to be against them: "closed its ports to their tankers", not in a clause
    beside it ("after prices had climbed to their highest").
    """
    sentence = scene.sentence
    for one in sentence.subtree(i):
        among = sentence[sentence[one].head].lemma in {"among", "of"}  # "among them two from Y"
        if sentence[one].text.casefold() in THEM and not among:
            between = takewhile(lambda at: at != i, sentence.above(one))
            if not any(sentence[at].dep in CLAUSES for at in between):
                return True
    return False


def _is_relief(scene: Scene, noun: int) -> bool:
    """Return whether a noun is a relief that was told before: "the suspension", not "the suspension of X"."""
    own = {scene.sentence[one].lemma for one in scene.sentence.children(noun, "prep")}
    return scene.sentence[noun].lemma in RELIEF and not own & {"of", "for"}
