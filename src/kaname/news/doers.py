"""Who did it: the doer of a verb or noun, also where a passive or a licence leaves it out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from kaname.news.addressees import (
    LOCAL,
    OFFICIAL,
)
from kaname.news.authority import announcer, binder, by_order, keeper, made_in
from kaname.news.cast import Scene
from kaname.news.frames import is_passive, objects, quoted_subject, subjects
from kaname.news.memory import Codes
from kaname.news.patterns import Pattern
from kaname.news.phrases import (
    behind,
    behind_place,
    modifiers_of,
    spoken_of,
    union,
)
from kaname.news.standins import PLACES

PEOPLE = frozenset(
    [
        "man", "woman", "gang", "mob", "member", "crowd", "villager", "youth", "bomber", "attacker",
        "raider", "robber", "nurse", "doctor", "teacher", "pupil", "driver", "miner", "people", "thousand",
        "hundred", "mother", "unionist", "monk", "elder",
    ]
)  # fmt: skip
"""Nouns for people without an office."""
GROUND = frozenset(
    [
        "capital", "coast", "waters", "water", "border", "port", "city", "town", "village", "province",
        "region", "island", "airport", "airspace", "territory", "soil", "parliament", "mine", "embassy",
    ]
)  # fmt: skip
"""Nouns for a place whose country a word in front of them tells: "in the Georgian capital"."""


def source_of(scene: Scene, i: int, pattern: Pattern) -> tuple[Codes, bool]:
    """Return the doer of a verb or adjective, and whether the sentence names it."""
    wanted = pattern.roles.get("source", ())
    if wanted == ("none",):
        return (), True
    if wanted:
        return _listed(scene, i, pattern, wanted)
    if pattern.part == "adj":
        return _of_state(scene, i, pattern)
    words = quoted_subject(scene.sentence, i) or subjects(scene.sentence, i)
    words = tuple(_meant(scene, i, one) for one in words)
    if not words:
        return _unsaid(scene, i, pattern), False
    found = union(scene.who(one) for one in words)
    if found:
        return found, True
    if scene.cast.quoted and all(scene.sentence[one].text.casefold() == "it" for one in words):
        return scene.cast.speaker, False
    return _behind_things(scene, i, pattern, words), False


def _meant(scene: Scene, i: int, one: int) -> int:
    """Return the measure that "that" stands for: "a U.S. tariff that took effect"."""
    sentence = scene.sentence
    if sentence[one].text.casefold() in {"that", "which"} and sentence[i].dep == "relcl":
        head = sentence[i].head
        return head if scene.is_in(head, "measure") and scene.modifiers(head) else one
    return one


def _listed(scene: Scene, i: int, pattern: Pattern, wanted: Sequence[str]) -> tuple[Codes, bool]:
    """Return the doer where the pattern says that it stands elsewhere than as the subject."""
    told = objects(scene.sentence, i)
    if wanted[0] == "said":  # "production", "talks": whose they are was said before
        return _said(scene, pattern, subjects(scene.sentence, i) or told)
    if wanted[0] == "object":
        decided = announcer(scene, i) if pattern.type in OFFICIAL else ()
        return decided or union(scene.who(one) for one in told), True
    if wanted[0] == "list":
        own = union(scene.modifiers(one) for one in (*told, *_under(scene, i)))
        return keeper(scene, i) or own or by_order(scene, i) or announcer(scene, i), True
    if wanted[0] == "place":
        return scene_of(scene, i) or by_order(scene, i) or announcer(scene, i), True
    if wanted[0] == "bound":
        return binder(scene, i), False
    words = (i, *told, *subjects(scene.sentence, i))
    if pattern.mode == "licence":  # "have to wait for approvals from X"
        hanging = scene.sentence.children(i, "prep")
        words += tuple(noun for one in hanging for noun in scene.sentence.children(one, "pobj"))
    found = next(filter(None, (behind(scene, one, wanted, places=True) for one in words)), ())
    if not found and pattern.mode in {"licence", "licence-granted"}:  # "obtained Chinese export permits"
        preps = scene.sentence.children(i, "prep")
        nouns = (*told, *(one for prep in preps for one in scene.sentence.children(prep, "pobj")))
        found = union(modifiers_of(scene, one) for one in nouns if scene.is_in(one, "licence"))
    if not found and pattern.mode == "tariff":  # "faces a 50% US duty"
        found = union(modifiers_of(scene, one) for one in told if scene.is_in(one, "tariff"))
    return found, True


def _said(scene: Scene, pattern: Pattern, words: Sequence[int]) -> tuple[Codes, bool]:
    """Return whose the things are that a sentence speaks of again, and whether it names them itself."""
    own = union(scene.who(one, loose=True) or behind(scene, one, ("between", "with", "by")) for one in words)
    if own:
        return own, True
    known = union(scene.cast.things.get(scene.sentence[one].lemma, ()) for one in words)
    return known or (scene.cast.group if pattern.type == "CONSULT" else ()), False


def _of_state(scene: Scene, i: int, pattern: Pattern) -> tuple[Codes, bool]:
    """Return who is what an adjective says: "is concerned"; of goods who announces that they are subject
    to it.
    """
    words = scene.sentence.children(i, "nsubj") or subjects(scene.sentence, scene.sentence[i].head)
    found = union(scene.who(one) for one in words)
    if not found and pattern.type in OFFICIAL:
        to = [
            two for one in scene.sentence.children(i, "prep") for two in scene.sentence.children(one, "pobj")
        ]
        found = announcer(scene, i) or union(behind(scene, one, ("from", "of", "by")) for one in to)
        if pattern.mode == "tariff":  # "coffee of X has been subject to a US tariff"
            return found or union(modifiers_of(scene, one) for one in to) or by_order(scene, i), True
        found = found or union(scene.who(one, loose=True) for one in words) or by_order(scene, i)
    return found, bool(found)


def _unsaid(scene: Scene, i: int, pattern: Pattern) -> Codes:
    """Return the doer of a verb without a subject, as a passive."""
    sentence = scene.sentence
    passive = is_passive(sentence, i)
    by = union(behind(scene, one, ("by",)) for one in sentence.children(i, "dobj", "oprd", "attr"))
    by = by or (_by_below(scene, i) if passive else ())
    for verb in sentence.children(i, "conj") if passive and not by else ():  # "listed and cut off by X"
        by = union(scene.who(one) for one in subjects(sentence, verb)) if is_passive(sentence, verb) else ()
    if passive and by:  # "were given an ultimatum by X", "was recognised as a state by X"
        return by
    if scene.cast.quoted and not passive:
        return scene.cast.speaker
    if pattern.type == "AID":  # "a grant from Oslo was paid out"
        given = union(behind(scene, one, ("from",)) for one in objects(sentence, i))
        return given or announcer(scene, i) or (scene.cast.donor if passive else ())
    if pattern.type == "RETREAT" and passive:
        return union(scene.modifiers(one) for one in objects(sentence, i)) or announcer(scene, i)
    if pattern.mode == "presence" and passive:
        return union(scene.modifiers(one) for one in objects(sentence, i)) or announcer(scene, i)
    if pattern.mode == "licence" and passive and behind(scene, i, ("from",)):
        return behind(scene, i, ("from",))  # "a licence is required from X"
    if pattern.type in OFFICIAL | {"ACCUSE", "COERCE", "THREATEN", "REQUEST"}:
        own = union(scene.modifiers(one) for one in objects(sentence, i)) if pattern.mode == "budget" else ()
        there = scene_of(scene, i) if pattern.type == "ACCUSE" else ()  # "was summoned in Oslo"
        out = _out_of(scene, i) if pattern.type == "SANCTION" else ()
        return out or keeper(scene, i) or announcer(scene, i) or own or there or by_order(scene, i)
    return ()


def _by_below(scene: Scene, i: int) -> Codes:
    """Return the doer of a passive that the parse hangs deep on a noun: "given 120 cars and a tent by X"."""
    sentence = scene.sentence
    for word in sentence.words[i + 1 :]:
        if word.lemma != "by" or i not in sentence.above(word.i):
            continue
        path = itertools.takewhile(lambda one: one != i, sentence.above(word.i))
        acts = (sentence[one] for one in path if sentence[one].pos in {"VERB", "AUX"})
        if any(act.dep != "pcomp" and act.tag != "VBG" for act in acts):
            continue  # but "were barred from doing business by X"
        found = union(scene.who(noun) for noun in sentence.children(word.i, "pobj"))
        if found:
            return found
    return ()


def _under(scene: Scene, i: int) -> tuple[int, ...]:
    """Return the nouns behind "under" at a verb: what something falls under."""
    sentence = scene.sentence
    preps = [one for one in sentence.children(i, "prep") if sentence[one].lemma == "under"]
    return tuple(noun for prep in preps for noun in sentence.children(prep, "pobj"))


def _behind_things(scene: Scene, i: int, pattern: Pattern, words: Sequence[int]) -> Codes:
    """Return the doer behind a subject that is none itself: whose the decree is, who announces, who
    protests.
    """
    direct = union(modifiers_of(scene, one) for one in words)
    named = direct or (announcer(scene, i) if pattern.type in OFFICIAL else ())  # "exports of X's chips need"
    found = named or union(scene.who(one, loose=True) for one in words) or _launched(scene, words)
    if not found and pattern.type == "THREATEN":  # "such acts will have consequences"
        found = scene.cast.speaker or scene.cast.focus
    if not found and pattern.type in OFFICIAL:
        found = _maker(scene, words) or keeper(scene, i)
    if not found and (pattern.type in OFFICIAL or scene.sentence[i].dep == "conj"):
        found = announcer(scene, i)
    weapons = all(scene.is_in(one, "blast") for one in words)
    if not found and pattern.type in LOCAL and not weapons and _are_people(scene, words, pattern):
        found = scene_of(scene, i)
    if not found and pattern.type == "ASSAULT" and any(scene.is_in(one, "blast") for one in words):
        found = scene_of(scene, i, ("off",))
    if not found and pattern.type == "PROTEST" and scene.cast.home:
        found = (scene.cast.home,)
    return found


def _launched(scene: Scene, words: Sequence[int]) -> Codes:
    """Return whence something came that does it: "a drone launched from X hit a hotel"."""
    return union(
        scene.who(noun)
        for one in words
        for verb in scene.sentence.children(one, "acl")
        for prep in scene.sentence.children(verb, "prep", "agent")
        if scene.sentence[prep].lemma in {"from", "by"}
        for noun in scene.sentence.children(prep, "pobj")
    )


def origin(scene: Scene, i: int) -> Codes:
    """Return whose goods or exporters are bound where nobody is said to bind them: "exports from X are
    banned".
    """
    for one in objects(scene.sentence, i):
        seated = scene.is_in(one, "agent")  # exporters in Malaysia, but not a licence for China
        found = (
            behind(scene, i, ("from",))
            or behind(scene, one, ("from",))
            or tuple(sorted(scene.modifiers(one, seated=seated)))
        )
        if found:
            return found
    return ()


def _out_of(scene: Scene, i: int) -> Codes:
    """Return which country nothing is let out of."""
    sentence = scene.sentence
    return union(
        scene.who(noun)
        for out in sentence.children(i, "prep", "prt", "advmod")
        if sentence[out].lemma == "out"
        for of in sentence.children(out, "prep")
        for noun in sentence.children(of, "pobj")
    )


def _are_people(scene: Scene, words: Sequence[int], pattern: Pattern) -> bool:
    """Return whether the doers are people without a name: rebels, a crowd, thousands."""
    return pattern.type == "PROTEST" or any(
        scene.is_in(scene.counted(one), "agent") or scene.sentence[one].lemma in PEOPLE for one in words
    )


def _maker(scene: Scene, words: Sequence[int]) -> Codes:
    """Return who made the law, list or measure spoken of before that does it now: "the decree forbids"."""
    for one in words:
        found = scene.issuer(one) or made_in(scene, one)
        if found:
            return found
        if scene.is_in(one, "instrument") and spoken_of(scene, one):
            known = scene.cast.things.get(scene.sentence[one].lemma, ())
            found = known or (scene.cast.focus if len(scene.cast.focus) == 1 else ())
            if found:
                return found
    return ()


def scene_of(scene: Scene, i: int, preps: Sequence[str] = ()) -> Codes:
    """Return the country in which it happens: whose the rebels, crowds and police are that act there."""
    sentence = scene.sentence
    for prep in (
        one
        for at in (i, *objects(sentence, i), *subjects(sentence, i))
        for one in sentence.children(at, "prep")
    ):
        if sentence[prep].lemma in {
            *preps,
            "in",
            "near",
            "at",
            "outside",
            "around",
            "across",
            "to",
            "into",
            "through",
        }:
            nouns = sentence.children(prep, "pobj")
            of = [
                one
                for noun in nouns
                for below in sentence.children(noun, "prep")
                for one in sentence.children(below, "pobj")
            ]
            found = union((scene.code(noun),) for noun in (*nouns, *of) if scene.code(noun)) or union(
                scene.modifiers(noun) for noun in nouns if sentence[noun].lemma in GROUND
            )
            if found:
                return found
    return ()


def weigher(scene: Scene, i: int) -> Codes:
    """Return who weighs, plans or rules out what a noun tells: "is considering limits on exports"."""
    sentence = scene.sentence
    verb = sentence[i].head
    if sentence[i].dep == "pobj":
        verb = sentence[verb].head
    if sentence[i].dep not in {"dobj", "pobj"} or sentence[verb].pos != "VERB":
        return ()
    if not any(scene.is_in(verb, name) for name in ("doubt", "plan", "deny", "want")):
        return ()
    return union(scene.who(one) for one in subjects(sentence, verb))


def visitor(scene: Scene, i: int) -> Codes:
    """Return who is "on a visit": the noun or the subject of the verb that the phrase hangs on."""
    sentence = scene.sentence
    for at in sentence.above(i):
        if sentence[at].pos in {"VERB", "AUX"}:
            return union(scene.who(one) for one in subjects(sentence, at))
        found = scene.who(at) if sentence[at].pos in {"NOUN", "PROPN"} else ()
        if found:
            return found
    return ()


def first_actor(scene: Scene, i: int, barred: Codes) -> Codes:
    """Return the only actor that a sentence names before a verb, where the parse has lost the subject; places
    in which something happens are none.
    """
    sentence = scene.sentence
    found = {
        scene.code(one)
        for one in range(i)
        if scene.code(one) and scene.kind(one) not in PLACES and not behind_place(sentence, one)
    }
    others = tuple(found - set(barred))
    return others if len(others) == 1 else ()
