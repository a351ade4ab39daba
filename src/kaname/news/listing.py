"""Who was put on a list: those named, those counted by country, those spoken of before."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.news.cast import Scene
from kaname.news.destinations import is_user
from kaname.news.frames import objects
from kaname.news.memory import Codes
from kaname.news.mentioned import against
from kaname.news.patterns import Pattern
from kaname.news.phrases import spoken_of, union, without
from kaname.news.standins import SITTING

SEATED = SITTING | {"operate"}
"""Participles that say whose a firm is."""
ENDS = frozenset({",", ";", ".", "and", ")"})
"""What stands behind an adjective that counts people by itself: "20 of them American and eight Japanese"."""
WITHIN = frozenset({"in", "from", "of", "including", "include", "among", "across", "like", "at"})
"""Prepositions behind which stands whose those on a list are."""


def of_list(
    scene: Scene, i: int, pattern: Pattern, told: Sequence[int], direct: Codes, barred: Codes
) -> Codes:
    """Return whom an act is done to that stands as its object, or who was put on a list."""
    if pattern.mode != "entity-list" or pattern.roles.get("target") == ("object",):
        listed = direct or without(union(scene.who(one, loose=True) for one in told), barred)
        listed = listed or without(against(scene, i), barred)
        if pattern.mode == "entity-list":
            listed = union((listed, without(listed_users(scene, i), barred)))
        return listed
    sentence = scene.sentence
    again = any(sentence[one].text.casefold() in {"it", "them"} for one in told)
    known = any(spoken_of(scene, scene.counted(one)) for one in told)
    counted = any(sentence[one].pos == "NUM" and scene.definite(one) for one in told)
    listed = (_named_before(scene, i, barred) or scene.cast.struck) if again else ()
    listed = (
        without(listed, barred)
        or direct
        or without(union(scene.who(one, loose=True) for one in told), barred)
    )
    if (known or counted) and not listed:  # "the ten were put on a list as well"
        listed = without(scene.cast.struck, barred)
    listed = without(numbered(scene), barred) or listed
    listed = listed or without(against(scene, i), barred)  # "to its list of sanctions against X"
    return union((listed, without(listed_users(scene, i), barred)))


def _named_before(scene: Scene, i: int, barred: Codes) -> Codes:
    """Return whose the firm is that a sentence names last before "it": "the Indian refiner X ... put it"."""
    for one in range(i - 1, -1, -1):
        if is_user(scene.sentence[one].lemma):
            whose = without(scene.modifiers(one, seated=True) or _beside(scene, one), barred)
            if whose:
                return whose
    return ()


def _beside(scene: Scene, noun: int) -> Codes:
    """Return whose a name is that a noun stands beside: "the Indian refiner Nayara Energy"."""
    head = scene.sentence[noun].head
    return scene.modifiers(head) if scene.sentence[noun].dep in {"compound", "nmod", "amod"} else ()


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


def numbered(scene: Scene) -> Codes:
    """Return whose those on a list are who are counted by country, whatever the parse: "27 firms, 23 of them
    in X and four in Y".
    """
    numbers = (word.i for word in scene.sentence.words if word.pos == "NUM" or word.text.isdecimal())
    found = [code for one in numbers if (code := _behind_number(scene, one))]
    return tuple(sorted(set(found))) if len(found) > 1 else ()


def _behind_number(scene: Scene, one: int) -> str:
    """Return of which country those are that a number counts; nothing where no word near it says so."""
    sentence = scene.sentence
    told = [word.lemma for word in sentence.words[one + 1 : one + 3]]
    after = one + (3 if told in (["of", "they"], ["of", "which"]) else 1)
    if after < len(sentence) and scene.kind(after) == "demonym":
        alone = after + 1 >= len(sentence) or sentence[after + 1].text in ENDS
        return scene.code(after) if alone else ""
    near = range(one + 1, min(one + 6, len(sentence)))  # "23 of them based in X", "ten more bodies in Y"
    at = next((two for two in near if sentence[two].lemma in {"in", "from"}), None)
    if at is None or any(sentence[two].text in {",", ";"} for two in range(one + 1, at)):
        return ""
    named = (scene.code(two) for two in range(at + 1, min(at + 4, len(sentence))))
    return next(filter(None, named), "")
