"""The parties of a trigger: who did it, to whom, or who did it together."""

from __future__ import annotations

from dataclasses import dataclass

from kaname.news.addressees import (
    ADDRESSEE,
    ANSWERED,
    CONCRETE,
    LOCAL,
    OF_GOODS,
    OFFICIAL,
    REFERRING,
    SPOKEN,
    TOWARDS,
)
from kaname.news.asides import origins
from kaname.news.authority import announcer, keeper, lister
from kaname.news.cast import Scene
from kaname.news.destinations import bound_for
from kaname.news.doers import (
    first_actor,
    origin,
    scene_of,
    source_of,
    visitor,
    weigher,
)
from kaname.news.frames import is_passive, objects, subjects
from kaname.news.inland import inland
from kaname.news.memory import Codes
from kaname.news.mentioned import against, outer
from kaname.news.patterns import Pattern, clause
from kaname.news.phrases import (
    behind,
    inside,
    modifiers_of,
    spoken_of,
    union,
    within_act,
    without,
)
from kaname.news.targets import last_other, named_below, only_other, target_of
from kaname.terms.ontology import BLOCS, MUTUAL

HITTING = OF_GOODS | {"entity-list", "ease", "suspend-control", "licence-granted"}
"""Modes that hit, or spare, those to whom goods go."""
EXPORTS = HITTING - {"entity-list"}
"""Modes that are about goods, whoever made them."""
APPLIED = frozenset({"application", "request", "filing", "bid"})
"""What is refused to those from whom it comes: "four applications from Vietnamese buyers were refused"."""
MORE = frozenset({"further", "another", "additional", "next", "more", "also", "separately"})
"""Words by which an aid is one more of those told before."""
PROVOKING = frozenset({"draw", "provoke", "prompt", "trigger", "spark", "elicit", "bring", "earn", "meet"})
"""Verbs that tell what an act was answered with."""
AT_HOME = frozenset({"arrest", "disperse", "crackdown", "shut-media"})
"""Rules of what a state does to people at home, if nobody says whose they are."""


@dataclass(frozen=True)
class Parties:
    """The two sides of an event; `sure`: the source was named, and no side is a default."""

    source: Codes
    target: Codes
    sure: bool


def parties(scene: Scene, i: int, pattern: Pattern) -> Parties:
    """Return who did it and to whom for a trigger that a pattern has fitted."""
    found = _parties(scene, i, pattern)
    if pattern.mode in EXPORTS and found.target:
        found = Parties(found.source, without(found.target, tuple(origins(scene))), found.sure)
    home = inland(scene, i, pattern, found.source, found.target)
    return Parties(*home, False) if home is not None else found


def _parties(scene: Scene, i: int, pattern: Pattern) -> Parties:
    """Return the sides that words and defaults give."""
    found = _of_noun(scene, i, pattern) if pattern.part == "noun" else _of_verb(scene, i, pattern)
    if not found.source and pattern.part == "verb" and pattern.roles.get("source") != ("none",):
        found = Parties(first_actor(scene, i, found.target), found.target, False)
    if not found.target and pattern.mode in HITTING and pattern.roles.get("target") != ("none",):
        found = Parties(found.source, bound_for(scene, i, pattern.mode, found.source), found.sure)
    if found.target or not found.source or not _has_other_side(scene, i, pattern, found.source):
        return found
    at_home = pattern.type == "PROTEST" or pattern.rule in AT_HOME
    if at_home and len(found.source) == 1:  # against those who govern there, or by them
        return Parties(found.source, found.source, False)
    other = only_other(
        scene, i, found.source, whole=pattern.type not in CONCRETE, commented=pattern.type in REFERRING
    )
    if not other and (pattern.type in SPOKEN or pattern.type == "ASSAULT"):  # that may not say on whom
        other = last_other(scene, found.source)
    return Parties(found.source, other, False) if other else found


def _has_other_side(scene: Scene, i: int, pattern: Pattern, source: Codes) -> bool:
    """Return whether an act is done to somebody, and not to one whom the words leave open."""
    if pattern.type not in ANSWERED or pattern.roles.get("target") == ("none",):
        return False
    if "both" in pattern.roles or pattern.mode == "exercise":
        return False
    if pattern.type in MUTUAL and (len(source) > 1 or source[0] in BLOCS):
        return False
    if scene.sentence[i].lemma == "deny":  # "denied that it had spied on X": who charged it is not said
        return False
    told = objects(scene.sentence, i) if pattern.type == "ACCUSE" else ()
    return not any(scene.is_in(one, "violence") for one in told)  # "condemned the sabotage": by whom?


def _of_verb(scene: Scene, i: int, pattern: Pattern) -> Parties:
    """Return the parties of a verb or adjective."""
    source, sure = source_of(scene, i, pattern)
    whom = _done_to(scene, i) if pattern.roles.get("target") == ("object",) else ()
    if not sure:  # "X was exempted, its minister said": by another
        source = _whose_measure(scene, i, pattern) or without(source, whom)
    if pattern.type in MUTUAL and pattern.roles.get("target") != ("none",):
        return _mutual(scene, i, pattern, source, sure)
    if pattern.mode in OF_GOODS and not source:
        source = lister(scene, i)
    if not source and pattern.mode in OF_GOODS and not _of_applicants(scene, i):
        source = origin(scene, i)
    if not source and pattern.type in {"SANCTION", "CONCEDE"}:
        known = without(scene.cast.imposer, whom)  # the text says it elsewhere
        source, sure = known or without(scene.alone_at_home(), whom), False
    target = target_of(scene, i, pattern, source)
    if pattern.type in {"ASSAULT", "COERCE"} and target == source:
        target = outer(scene, i, source) or target
    if pattern.rule == "seize" and not target:
        target = named_below(scene, i, source)
    if pattern.type == "PROTEST":
        target = against(scene, i) or target
        target = target if _names(scene, target) else source  # "against the government"
    if pattern.type == "AID" and (not target or target == source):
        target = named_below(scene, i, source) or target
    if pattern.type == "AID" and not target and _goes_on(scene, i, source):
        target = without(scene.cast.aided, source)
    if pattern.type == "AID" and not target and len(source) == 1 and source[0] not in BLOCS:
        return Parties(source, source, False)  # by default a mine, or people, at home
    return Parties(source, target, sure)


def _whose_measure(scene: Scene, i: int, pattern: Pattern) -> Codes:
    """Return whose the measure is that a passive tells of without a doer: "Congo's halt was lifted"."""
    sentence = scene.sentence
    if pattern.type not in {"SANCTION", "CONCEDE"} or not is_passive(sentence, i):
        return ()
    told = (one for one in objects(sentence, i) if scene.is_in(one, "measure"))
    owners = (owner for one in told for owner in sentence.children(one, "poss"))
    return union(scene.who(one) for one in owners if sentence[one].pos != "PRON")


def _done_to(scene: Scene, i: int) -> Codes:
    """Return the actors to whom it is done: "Bishkek was exempted"."""
    return union(scene.who(one) for one in objects(scene.sentence, i))


def _of_applicants(scene: Scene, i: int) -> bool:
    """Return whether what is refused came from somebody named: "applications from Vietnamese buyers"."""
    asked = (one for one in objects(scene.sentence, i) if scene.sentence[one].lemma in APPLIED)
    return any(behind(scene, one, ("from", "by", "of")) for one in asked)


def _names(scene: Scene, codes: Codes) -> bool:
    """Return whether a sentence names one of some actors."""
    return any(scene.code(word.i) in codes for word in scene.sentence.words if scene.code(word.i))


def _goes_on(scene: Scene, i: int, source: Codes) -> bool:
    """Return whether an aid without a receiver is one more for the last: of a bloc, "a further loan", "for
    the mine".
    """
    sentence = scene.sentence
    words = clause(sentence, i)
    known = any(scene.is_in(one, "plant") and scene.definite(one) for one in words)
    return bool(set(source) & set(BLOCS)) or known or any(sentence[one].lemma in MORE for one in words)


def _mutual(scene: Scene, i: int, pattern: Pattern, source: Codes, sure: bool) -> Parties:
    """Return the parties of what several do together: the subject, and whom it is done with."""
    sentence = scene.sentence
    preps = tuple(one for one in pattern.roles.get("target", ()) if one not in {"object", "prep"})
    direct = union(scene.who(one) for one in objects(sentence, i)) if pattern.type == "CONSULT" else ()
    found = _errand(scene, i) if pattern.type == "CONSULT" and not without(direct, source) else ()
    found = found or behind(scene, i, ("with", "between", *preps), places="in" in preps)
    if not found and pattern.type == "CONSULT":
        found = union(scene.who(one) for one in objects(sentence, i))
    if not found:
        for one in objects(sentence, i):
            found = behind(scene, one, ("with", "between", "by", *preps))
            if not found:
                found = tuple(sorted(scene.modifiers(one)))
            if found:
                break
    for one in () if without(found, source) else objects(sentence, i):
        found = found or _deep(scene, one)
    target = without(found, source)
    if not target and pattern.type == "AGREE" and len(source) == 1:
        target = _promised(scene, i, source)
    if not target and len(source) == 1:
        source = _together(scene, i, source)
    if (
        not target
        and len(source) == 1
        and any(sentence[one].lemma == "side" for one in subjects(sentence, i))
    ):
        target = without(scene.cast.pair(), source) if set(source) & set(scene.cast.pair()) else ()
    if not source and len(target) > 1:
        return Parties(target, (), True)
    if (
        not source
        and not target
        and (pattern.mode == "deepen-relations" or any(spoken_of(scene, one) for one in objects(sentence, i)))
    ):
        none = any(
            scene.sentence[two].lemma == "no"
            for one in objects(scene.sentence, i)
            for two in scene.sentence.children(one, "det")
        )
        return Parties((none and tuple(sorted(scene.cast.quarrel))) or scene.cast.group, (), False)
    return Parties(source, target, sure)


def _deep(scene: Scene, noun: int) -> Codes:
    """Return the partner that the parse hangs deep inside a noun: "a pact for ore with X"."""
    sentence = scene.sentence
    return next(
        filter(
            None,
            (
                union(scene.who(one) for one in sentence.children(at, "pobj"))
                for at in sentence.subtree(noun)
                if sentence[at].lemma == "with" and sentence[at].dep == "prep"
            ),
        ),
        (),
    )


def _promised(scene: Scene, i: int, source: Codes) -> Codes:
    """Return to whom one party agrees to do something: "agreed to supply France with titanium"."""
    for verb in scene.sentence.children(i, "xcomp"):
        told = objects(scene.sentence, verb)
        found = union(scene.who(one) for one in told) or behind(scene, verb, ("to", "with", "for"))
        for one in told:
            found = found or (inside(scene, one, TOWARDS) if scene.is_in(one, "measure") else ())
        found = without(found, source)
        if found:
            return found
    return ()


def _errand(scene: Scene, i: int) -> Codes:
    """Return with whom somebody travels to speak: "flew to Doha for talks with X"."""
    sentence = scene.sentence
    for prep in sentence.children(i, "prep"):
        if sentence[prep].lemma in {"for", "on", "in"}:
            for noun in sentence.children(prep, "pobj"):
                found = behind(scene, noun, ("with", "between"))
                if found:
                    return found
    return ()


def _together(scene: Scene, i: int, source: Codes) -> Codes:
    """Return all parties of a subject whose coordination the parse has lost: "X of A, ..., and Y of B
    met".
    """
    sentence = scene.sentence
    found = set(source)
    for one in subjects(sentence, i):
        below = [word for word in sentence.subtree(one) if word < i]
        if any(sentence[word].text.casefold() == "and" for word in below):
            found |= {
                scene.code(word)
                for word in below
                if scene.code(word) and scene.kind(word) in {"person", "country"}
            }
    return tuple(sorted(found))


def _of_noun(scene: Scene, i: int, pattern: Pattern) -> Parties:
    """Return the parties of a noun that tells an event: "China's curbs on Japan", "talks between X and Y"."""
    sentence = scene.sentence
    between = behind(scene, i, ("between", "among"))
    if len(between) > 1:
        return Parties(between, (), True)
    told = [  # "the expulsion of diplomats by X"
        noun
        for prep in sentence.children(i, "prep")
        if sentence[prep].lemma == "of"
        for noun in sentence.children(prep, "pobj")
    ]
    by = behind(scene, i, ("by",)) or union(behind(scene, one, ("by",)) for one in told)
    verbs = sentence.children(i, "acl", "relcl")
    acts = [verb for verb in verbs if not _is_content(scene, verb)]
    doers = by or union(scene.who(one) for verb in acts for one in subjects(sentence, verb))
    whose = tuple(sorted(modifiers_of(scene, i)))
    source = doers or whose or (() if pattern.type == "RETREAT" else behind(scene, i, ("from",)))
    if not source and pattern.type in LOCAL:
        source = scene_of(scene, i) or scene_of(scene, sentence[i].head)
    if not source and pattern.type in {"CONCEDE", "MOBILIZE", "RETREAT"}:  # "the lifting of X's tariffs"
        source = union(modifiers_of(scene, one) for one in told)
    if not source and pattern.type == "CONSULT":
        source = visitor(scene, i)
    if not source and pattern.type in OFFICIAL:
        source = weigher(scene, i) or announcer(scene, i) or _published_by(scene, i) or keeper(scene, i)
    preps = pattern.roles.get("target", ()) or ADDRESSEE.get(pattern.type, TOWARDS)
    target = without(behind(scene, i, [one for one in preps if one not in {"by", "between"}]), source)
    if pattern.type in MUTUAL and not target and len(source) == 1:
        target = without(behind(scene, i, ("with",)), source)
    for verb in () if target or pattern.type not in ANSWERED else verbs:  # "X's refusal to renew Y's permits"
        bound = sentence.children(verb, "nsubj", "nsubjpass")
        target = target or without(union(scene.who(one) for one in bound) or within_act(scene, verb), source)
    if pattern.type == "AID" and not target:  # "with a loan from X, the miner will double its output"
        target = without(visitor(scene, i), source)
    return Parties(source, target or without(_provoker(scene, i), source), bool(source))


def _published_by(scene: Scene, i: int) -> Codes:
    """Return who announced what a noun tells: "the addition of X to the list was announced by Y"."""
    sentence = scene.sentence
    if sentence[i].dep != "nsubjpass":
        return ()
    return union(scene.who(one) for one in subjects(sentence, sentence[i].head))


def _is_content(scene: Scene, verb: int) -> bool:
    """Return whether a clause says what is wanted or refused: "the demand that X lift", "refusal to sell"."""
    sentence = scene.sentence
    marks = {sentence[one].text.casefold() for one in sentence.children(verb, "mark", "aux")}
    return bool(marks & {"that", "to"})


def _provoker(scene: Scene, i: int) -> Codes:
    """Return whose act a word answers: "the duties imposed by X drew a complaint from Y"."""
    sentence = scene.sentence
    verb = sentence[i].head
    if sentence[i].dep != "dobj" or sentence[verb].lemma not in PROVOKING:
        return ()
    things = subjects(sentence, verb)
    return union(scene.who(one, loose=True) or behind(scene, one, ("by", "of")) for one in things)
