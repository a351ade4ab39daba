"""Actors that a sentence mentions around an act: whom a list is against, whose act somebody describes."""

from __future__ import annotations

from kaname.news.cast import Scene
from kaname.news.frames import objects
from kaname.news.memory import Codes
from kaname.news.phrases import union, without


def against(scene: Scene, i: int) -> Codes:
    """Return whom a list below a verb is against."""
    sentence = scene.sentence
    return union(
        scene.who(noun)
        for one in sentence.subtree(i)
        if one > i and sentence[one].lemma == "against"
        for noun in sentence.children(one, "pobj")
    )


def first_named(scene: Scene, i: int) -> Codes:
    """Return the first actor named in what somebody is concerned about: "the lack of care in X's budget"."""
    sentence = scene.sentence
    for prep in (
        *sentence.children(i, "prep"),
        *(two for one in objects(sentence, i) for two in sentence.children(one, "prep")),
    ):
        if sentence[prep].lemma in {"about", "over", "at", "on"}:
            for one in sentence.subtree(prep):
                if scene.code(one) and sentence[one].dep in {"compound", "amod", "poss"}:
                    return (scene.code(one),)
    return ()


def described(scene: Scene, i: int) -> Codes:
    """Return whose act somebody describes: "condemned what she called X's interference in Y"."""
    sentence = scene.sentence
    for at in sentence.children(i, "ccomp"):
        for one in sentence.subtree(at):
            if one > i and scene.code(one) and sentence[one].dep in {"compound", "amod", "poss"}:
                return (scene.code(one),)
    return ()


def posted(scene: Scene, i: int, barred: Codes) -> Codes:
    """Return where an embassy stands that carries words: "protested through its embassy in X"."""
    sentence = scene.sentence
    for prep in sentence.children(i, "prep"):
        for noun in sentence.children(prep, "pobj") if sentence[prep].lemma in {"through", "via"} else ():
            places = [
                scene.code(one)
                for below in sentence.children(noun, "prep")
                for one in sentence.children(below, "pobj")
            ]
            found = without(tuple(filter(None, places)), barred)
            if found:
                return found
    return ()


def outer(scene: Scene, i: int, source: Codes) -> Codes:
    """Return whose "its" is that is not the doer's: "X closed the border after Y's guards fired on its post":
    the doer's of the clause above.
    """
    sentence = scene.sentence
    if sentence[i].dep != "advcl" or not any(
        sentence[one].tag == "PRP$" and one > i for one in sentence.subtree(i)
    ):
        return ()
    return without(union(scene.who(one) for one in sentence.children(sentence[i].head, "nsubj")), source)
