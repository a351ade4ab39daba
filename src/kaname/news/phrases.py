"""Actors inside phrases: behind prepositions, in front of a noun, in what hangs on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kaname.news.addressees import (
    BOUND,
    BUYERS,
    FORUMS,
    TOWARDS,
)
from kaname.news.cast import Scene
from kaname.news.frames import objects, subjects
from kaname.news.memory import Codes
from kaname.news.sentence import Sentence

FELT = frozenset(
    [
        "dismay", "annoyance", "displeasure", "surprise", "anger", "fury", "relief", "delight", "joy",
        "sorrow", "regret", "alarm", "consternation", "chagrin", "irritation", "satisfaction",
        "disappointment", "benefit", "detriment", "cost", "advantage", "horror", "envy", "frustration",
        "amusement", "embarrassment",
    ]
)  # fmt: skip
"""What others feel at an act that is not done to them: "to the dismay of X"."""


COMPARING = frozenset(
    {"contrary", "according", "due", "owing", "thank", "prior", "relative", "compare", "subject"}
)
"""Words whose "to" leads to no addressee: "contrary to our report"."""
REMARKED = frozenset(
    ["step", "move", "decision", "change", "blow", "shift", "development", "deadline", "date", "plan", "turn"]
)
"""What an act is called again in a remark on it: "to end exports in 2029, a deadline that X calls tight"."""


def union(groups: Iterable[Codes]) -> Codes:
    """Return all codes of some groups, sorted."""
    return tuple(sorted({code for group in groups for code in group}))


def without(codes: Codes, barred: Codes) -> Codes:
    """Return the codes that are not barred, in their order."""
    return tuple(code for code in codes if code not in barred)


def spoken_of(scene: Scene, noun: int) -> bool:
    """Return whether a noun is one that was named before: "the pact", "this agreement"."""
    below = {scene.sentence[one].text.casefold() for one in scene.sentence.children(noun, "det")}
    return bool(below & {"the", "this", "that", "these", "no"})


def behind_place(sentence: Sentence, i: int) -> bool:
    """Return whether a name stands behind a word of place: "in Tokyo", "near China"."""
    while sentence[i].dep == "conj" and sentence[i].head != i:  # "traders in X and Y"
        i = sentence[i].head
    above = sentence[sentence[i].head]
    return above.dep == "prep" and above.lemma in {"in", "at", "near"}


def modifiers_of(scene: Scene, i: int) -> Codes:
    """Return the actors that modify a noun directly, not by a place."""
    found: list[str] = []
    for child in scene.sentence.children(i, "poss", "amod", "compound", "nmod"):
        codes = [scene.code(one) for one in scene.sentence.conjuncts(child) if scene.code(one)]
        if not codes and scene.sentence[child].dep == "poss":
            codes = list(scene.who(child, loose=True)) or list(scene.modifiers(child))
        found += codes
    return tuple(dict.fromkeys(found))


def is_remark(sentence: Sentence, verb: int) -> bool:
    """Return whether a relative clause only remarks on its noun: "the ban, for which X was the top customer",
    "limits under which importers had gone without".
    """
    if sentence[verb].dep != "relcl":
        return False
    if sentence[sentence[verb].head].lemma in REMARKED:
        return True
    below = sentence.subtree(verb)
    which = [one for one in below if sentence[one].tag in {"WDT", "WP"} and sentence[one].dep == "pobj"]
    return sentence[verb].lemma == "be" or any(sentence[sentence[one].head].lemma != "to" for one in which)


def behind(scene: Scene, i: int, preps: Sequence[str], *, places: bool = False) -> Codes:
    """Return the actors behind the first of some prepositions at a word that has any.

    `places`: a capital behind "in" counts for its country, as in "arrived in Damascus".
    """
    sentence = scene.sentence
    hanging = sentence.children(i, "prep", "dative", "agent", "prt")
    for verb in (two for one in sentence.conjuncts(i) for two in sentence.children(one, "acl")):
        hanging += sentence.children(verb, "prep", "agent") if sentence[verb].lemma in BOUND else ()
    nested = [child for one in hanging for child in sentence.children(one, "prep")]
    nested += [child for one in sentence.children(i, "advmod") for child in sentence.children(one, "prep")]
    nested += [  # "a complaint at the WTO against X"
        child
        for one in hanging
        for noun in sentence.children(one, "pobj")
        if scene.code(noun) in FORUMS
        for child in sentence.children(noun, "prep")
    ]
    for wanted in preps:
        for prep in (*hanging, *nested):
            if prep and sentence[prep - 1].lemma in COMPARING:
                continue
            if sentence[prep].dep == "dative" and sentence[prep].pos != "ADP":
                found = scene.who(prep) if wanted in {"to", "for"} else ()
            elif sentence[prep].lemma == wanted:
                nouns = sentence.children(prep, "pobj", "pcomp")
                found = union(_addressee(scene, noun, wanted, places) for noun in nouns)
            else:
                continue
            if found:
                return found
    return ()


def _addressee(scene: Scene, noun: int, prep: str, places: bool) -> Codes:
    """Return the actors behind a preposition; a place in which something happens is none."""
    if scene.sentence[noun].pos == "VERB" and prep == "for":  # "listed for helping X": the reason
        return ()
    if scene.sentence[noun].lemma in FELT:
        return ()
    if prep in {"in", "at"} and scene.kind(noun) == "capital" and not places:
        return ()
    if scene.sentence[noun].pos == "VERB":  # "barred the maker from selling tools to China"
        return within_act(scene, noun)
    direct = scene.who(noun) or exampled(scene, noun)
    if not direct and scene.sentence[noun].lemma in BUYERS:  # "cleared oxide for one customer in India"
        direct = scene.modifiers(noun, seated=True)
    return direct or inside(scene, noun, TOWARDS)


def exampled(scene: Scene, noun: int) -> Codes:
    """Return whose those are of whom some are named: "deliveries to ten firms, among them X and Y"."""
    sentence = scene.sentence
    if sentence[noun].tag != "NNS":
        return ()
    for at in range(noun + 1, len(sentence)):
        if sentence[at].text.casefold() in {"among", "including", "notably"}:
            named = [one for one in sentence.subtree(at) if one > at and scene.kind(one) == "company"]
            return union((scene.code(one),) for one in named)
    return ()


def within_act(scene: Scene, verb: int) -> Codes:
    """Return whom an act that hangs on another is done to: its addressee, its object, where it is done."""
    found = behind(scene, verb, (*TOWARDS, "in"), places=True)
    for one in () if found else objects(scene.sentence, verb):
        found = found or scene.who(one) or inside(scene, one, (*TOWARDS, "in"))
    return found


def inside(scene: Scene, noun: int, preps: Sequence[str], barred: Codes = ()) -> Codes:
    """Return the actors within a noun phrase: behind its prepositions, else those that modify it."""
    found = behind(scene, noun, preps)
    if found:
        return found
    whose = without(scene.modifiers(noun), barred)
    if whose:
        return tuple(sorted(whose))
    for verb in scene.sentence.children(noun, "acl", "relcl"):
        if is_remark(scene.sentence, verb):
            continue
        doers = union(scene.who(one) for one in subjects(scene.sentence, verb))
        if doers:
            return doers
    for prep in scene.sentence.children(noun, "prep"):
        if scene.sentence[prep].lemma not in {*preps, "of", "from", "by", "for", "under"}:
            continue  # "tariffs on Canadian steel" are not Canada's
        for below in scene.sentence.children(prep, "pobj"):
            found = scene.who(below) or inside(scene, below, preps, barred) if below != noun else ()
            if found:
                return found
    return ()


def complement(scene: Scene, i: int, barred: Codes, depth: int = 1) -> Codes:
    """Return whom a complement is about: "demanded that China lift", "warned it would retaliate against
    X".
    """
    sentence = scene.sentence
    for verb in sentence.children(i, "ccomp", "xcomp"):
        doers = sentence.children(verb, "nsubj", "nsubjpass")
        found = without(union(scene.who(one) or scene.who(one, loose=True) for one in doers), barred)
        for one in () if found else doers:  # "asked that the duty levied by X be lifted"
            found = without(
                union(
                    scene.who(doer)
                    for below in sentence.children(one, "acl", "relcl")
                    for doer in subjects(sentence, below)
                ),
                barred,
            )
        for one in () if found else objects(sentence, verb):
            found = found or without(scene.who(one) or inside(scene, one, (*TOWARDS, "in")), barred)
        found = found or without(behind(scene, verb, TOWARDS), barred)
        for one in () if found else objects(sentence, verb):
            if spoken_of(scene, one):
                found = found or without(scene.cast.things.get(sentence[one].lemma, ()), barred)
        found = found or (complement(scene, verb, barred, depth - 1) if depth else ())
        if found:
            return found
    for prep in sentence.children(i, "prep"):
        if sentence[prep].lemma in {"to", "on", "over", "about", "for", "against", "of"}:
            for noun in sentence.children(prep, "pobj"):
                found = without(inside(scene, noun, TOWARDS), barred)
                if found:
                    return found
    return ()
