"""Who did it, and to whom: the parties of a trigger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from kaname.news.addressees import (
    ADDRESSEE,
    BOUND,
    BUYERS,
    DOMESTIC,
    LOCAL,
    OF_GOODS,
    OFFICIAL,
    REFERRING,
    SELF,
    TOWARDS,
)
from kaname.news.cast import Codes, Scene
from kaname.news.frames import is_passive, objects, quoted_subject, subjects
from kaname.news.patterns import Pattern
from kaname.terms.ontology import MUTUAL


@dataclass(frozen=True)
class Parties:
    """The two sides of an event; `sure`: the source was named, not inferred."""

    source: Codes
    target: Codes
    sure: bool


def parties(scene: Scene, i: int, pattern: Pattern) -> Parties:
    """Return who did it and to whom for a trigger that a pattern has fitted."""
    if pattern.part == "noun":
        return _of_noun(scene, i, pattern)
    source, sure = _source(scene, i, pattern)
    if pattern.type in MUTUAL and pattern.roles.get("target") != ("none",):
        return _mutual(scene, i, pattern, source, sure)
    if not source and pattern.mode in OF_GOODS:
        source = _origin(scene, i)
    if not source and pattern.type in {"SANCTION", "CONCEDE"}:
        source, sure = scene.cast.imposer, False  # the text says it elsewhere
    target = _target(scene, i, pattern, source)
    if pattern.type == "AID" and (not target or target == source):
        target = _named_below(scene, i, source) or target
    if pattern.mode == "fund" and not target and len(source) == 1:
        target = source  # public money for a mine at home
    return Parties(source, target, sure)


def _named_below(scene: Scene, i: int, source: Codes) -> Codes:
    """Return the one country named below a verb beside the doer: where the money goes, whatever the parse."""
    found = {
        scene.code(one)
        for one in scene.sentence.subtree(i)
        if one > i and scene.kind(one) in {"country", "company"} and scene.code(one)
    }
    return tuple(found - set(source)) if len(found - set(source)) == 1 else ()


def _origin(scene: Scene, i: int) -> Codes:
    """Return whose goods or exporters are bound where nobody is said to bind them: "exports from X are
    banned".
    """
    for one in objects(scene.sentence, i):
        seated = scene.is_in(one, "agent")  # exporters in Malaysia, but not a licence for China
        found = _behind(scene, one, ("from",)) or tuple(sorted(scene.modifiers(one, seated=seated)))
        if found:
            return found
    return ()


def _source(scene: Scene, i: int, pattern: Pattern) -> tuple[Codes, bool]:
    """Return the doer of a verb."""
    wanted = pattern.roles.get("source", ())
    if wanted == ("none",):
        return (), True
    if wanted == ("said",):  # "production", "talks": whose they are was said before
        words = subjects(scene.sentence, i) or objects(scene.sentence, i)
        said = _union(scene.cast.things.get(scene.sentence[one].lemma, ()) for one in words)
        own = _union(
            scene.who(one, loose=True) or _behind(scene, one, ("between", "with", "by")) for one in words
        )
        return (
            (own, True) if own else (said or (scene.cast.group if pattern.type == "CONSULT" else ()), False)
        )
    if pattern.part == "adj":
        words = scene.sentence.children(i, "nsubj") or subjects(scene.sentence, scene.sentence[i].head)
        found = _union(scene.who(one) for one in words)
        if pattern.type in OFFICIAL:
            found = found or _announcer(scene, i) or _union(scene.who(one, loose=True) for one in words)
        return found, bool(found)
    if wanted and wanted[0] == "object":
        return _union(scene.who(one) for one in objects(scene.sentence, i)), True
    if wanted:
        if wanted == ("bound",):
            return _binder(scene, i), False
        at = (i, *objects(scene.sentence, i))
        return next(filter(None, (_behind(scene, one, wanted, places=True) for one in at)), ()), True
    words = quoted_subject(scene.sentence, i) or subjects(scene.sentence, i)
    if not words and scene.cast.quoted and not is_passive(scene.sentence, i):
        return scene.cast.speaker, False
    found = _union(scene.who(one) for one in words)
    if not words and pattern.type == "AID":  # "a grant from Oslo was paid out"
        return _union(_behind(scene, one, ("from",)) for one in objects(scene.sentence, i)), False
    if not words and pattern.mode == "presence" and is_passive(scene.sentence, i):
        return _union(scene.modifiers(one) for one in objects(scene.sentence, i)) or _announcer(
            scene, i
        ), False
    if not words and pattern.type in OFFICIAL | {"ACCUSE", "COERCE"}:
        return _keeper(scene, i) or _announcer(scene, i), False
    if found or not words:
        return found, bool(found)
    if scene.cast.quoted and all(scene.sentence[one].text.casefold() == "it" for one in words):
        return scene.cast.speaker, False
    loose = _union(scene.who(one, loose=True) for one in words)
    if not loose and pattern.type == "THREATEN":  # "such acts will have consequences"
        loose = scene.cast.speaker or scene.cast.focus
    if not loose and pattern.type in OFFICIAL:
        loose = _maker(scene, words)
    if not loose and (pattern.type in OFFICIAL or scene.sentence[i].dep == "conj"):
        loose = _announcer(scene, i)
    if not loose and pattern.type in LOCAL and _are_people(scene, words, pattern):
        loose = _scene_of(scene, i)
    return loose, False


def _are_people(scene: Scene, words: Sequence[int], pattern: Pattern) -> bool:
    """Return whether the doers are people without a name: rebels, a crowd, thousands."""
    return pattern.type == "PROTEST" or any(scene.is_in(scene.counted(one), "agent") for one in words)


def _maker(scene: Scene, words: Sequence[int]) -> Codes:
    """Return who made the law, list or measure spoken of before that does it now: "the decree forbids"."""
    for one in words:
        found = scene.issuer(one)
        if found:
            return found
        if scene.is_in(one, "instrument") and _spoken_of(scene, one):
            known = scene.cast.things.get(scene.sentence[one].lemma, ())
            found = known or (scene.cast.focus if len(scene.cast.focus) == 1 else ())
            if found:
                return found
    return ()


def _keeper(scene: Scene, i: int) -> Codes:
    """Return whose the list is to which somebody was added."""
    return _union(
        scene.who(noun, loose=True)
        for prep in scene.sentence.children(i, "prep")
        if scene.sentence[prep].lemma in {"to", "on", "in", "under"}
        for noun in scene.sentence.children(prep, "pobj")
        if scene.is_in(noun, "list")
    )


def _binder(scene: Scene, i: int) -> Codes:
    """Return who makes others need something: who announces it, else whose exporters need it."""
    bound = [one for one in subjects(scene.sentence, i) if scene.sentence[one].lemma not in BUYERS]
    return _announcer(scene, i) or _union(
        scene.who(one) or scene.modifiers(one, seated=True) for one in bound
    )


def _announcer(scene: Scene, i: int) -> Codes:
    """Return who announces what others must do: "the ministry said that exporters will need licences"."""
    sentence = scene.sentence
    for at in (i, *sentence.above(i)):
        if sentence[at].dep == "ccomp" and scene.is_in(sentence[at].head, "say"):
            return _union(scene.who(one) for one in subjects(sentence, sentence[at].head))
    return ()


def _scene_of(scene: Scene, i: int) -> Codes:
    """Return the country in which it happens: whose the rebels, crowds and police are that act there."""
    sentence = scene.sentence
    for prep in (one for at in (i, *objects(sentence, i)) for one in sentence.children(at, "prep")):
        if sentence[prep].lemma in {"in", "near", "at", "outside", "around", "across", "to", "into"}:
            nouns = sentence.children(prep, "pobj")
            of = [
                one
                for noun in nouns
                for below in sentence.children(noun, "prep")
                for one in sentence.children(below, "pobj")
            ]
            found = _union((scene.code(noun),) for noun in (*nouns, *of) if scene.code(noun))
            if found:
                return found
    return ()


def _union(groups: Iterable[Codes]) -> Codes:
    """Return all codes of some groups, sorted."""
    return tuple(sorted({code for group in groups for code in group}))


def _target(scene: Scene, i: int, pattern: Pattern, source: Codes) -> Codes:
    """Return whom a verb is done to: object, addressee, or whose the thing is that it is done to."""
    wanted = pattern.roles.get("target", ())
    if wanted == ("none",):
        return ()
    barred = () if pattern.type in DOMESTIC else source
    told = objects(scene.sentence, i)
    speaker = quoted_subject(scene.sentence, i)
    told = tuple(one for one in told if one not in speaker)
    direct = () if "prep" in wanted else _union(scene.who(one) for one in told)
    if pattern.type in REFERRING and any(scene.sentence[one].text.casefold() == "it" for one in told):
        direct = _without(scene.cast.things.get("it", ()), source) or direct
    direct = tuple(code for code in direct if code not in barred)
    if wanted == ("object",):
        return direct or _without(_union(scene.who(one, loose=True) for one in told), barred)
    if wanted == ("subject",):
        return _union(scene.who(one) or scene.who(one, loose=True) for one in subjects(scene.sentence, i))
    preps = tuple(one for one in wanted if one != "prep") or ADDRESSEE.get(pattern.type, TOWARDS)
    if direct and pattern.type != "SANCTION":
        return direct
    if pattern.type in LOCAL:  # whose the thing is goes before where it stands: "a Chinese mine in Mali"
        found = _without(_union(scene.modifiers(one) for one in told), barred)
        if found:
            return found
    themes = told
    if pattern.roles.get("source") == ("bound",):
        buyers = [one for one in subjects(scene.sentence, i) if scene.sentence[one].lemma in BUYERS]
        direct = _without(_union(scene.modifiers(one, seated=True) for one in buyers), barred)
        if direct:
            return direct
    if pattern.subject:  # the measure itself is the subject: "the tariff on Mexico rose"
        themes += tuple(one for one in subjects(scene.sentence, i) if not scene.who(one))
    found = _named_target(scene, (i, *themes), preps, barred, bool({"in", "at"} & set(wanted)))
    if found or pattern.type in SELF:
        return found
    for one in themes:
        found = _without(_inside(scene, one, preps, barred), barred)
        if found:
            return found
    return direct or _inferred_target(scene, i, pattern, told, source)


def _named_target(
    scene: Scene, words: Sequence[int], preps: Sequence[str], barred: Codes, places: bool
) -> Codes:
    """Return the actors behind the likeliest preposition of a verb or its objects."""
    for prep in preps:
        for one in words:
            found = _without(_behind(scene, one, (prep,), places=places), barred)
            if found:
                return found
    return ()


def _inferred_target(scene: Scene, i: int, pattern: Pattern, told: Sequence[int], source: Codes) -> Codes:
    """Return whom an act is done to where no word names it: by what was said before, or where it happens."""
    barred = () if pattern.type in DOMESTIC else source
    if pattern.type in LOCAL:
        return _at_home(scene, i, told, source)
    found = _referred(scene, i, told, source) if pattern.type in REFERRING else ()
    found = found or _complement(scene, i, barred)
    if not found and pattern.type == "THREATEN":
        found = _provoker(scene, i, barred, {"if"}) or _opponents(scene, source)
    if not found and pattern.type == "ACCUSE":
        found = _provoker(scene, i, barred, {"after", "because", "when", "as"})
    if not found and (pattern.type == "REJECT" or (pattern.type == "REQUEST" and _is_answer(scene, i))):
        found = _opponents(scene, source)
    if not found and pattern.type == "REQUEST":
        again = any(scene.sentence[one].lemma == "again" for one in scene.sentence.children(i, "advmod"))
        found = _union(scene.cast.asked.get(code, ()) for code in source) if again else ()
    if not found and pattern.type == "SANCTION":
        found = _answered(scene, i, barred)
    return found


def _answered(scene: Scene, i: int, barred: Codes) -> Codes:
    """Return who answers a measure told inside the answer: "X will stop exports in answer to a tariff by Y"."""
    sentence = scene.sentence
    seen = False
    for at in sentence.above(i):
        seen = seen or sentence[at].lemma in {
            "answer",
            "response",
            "retaliation",
            "reply",
            "reaction",
            "revenge",
        }
        if sentence[at].pos in {"VERB", "AUX"}:
            return _without(_union(scene.who(one) for one in subjects(sentence, at)), barred) if seen else ()
    return ()


def _referred(scene: Scene, i: int, told: Sequence[int], source: Codes) -> Codes:
    """Return whose the act is that a noun refers back to: "voiced alarm at the pact", "welcomed it"."""
    sentence = scene.sentence
    nouns = [*told]
    for prep in sentence.children(i, "prep"):
        nouns += sentence.children(prep, "pobj")
    for one in told:
        for prep in sentence.children(one, "prep"):
            nouns += sentence.children(prep, "pobj")
    for noun in nouns:
        word = sentence[noun]
        known = scene.cast.things.get(word.lemma if word.pos != "PRON" else word.text.casefold(), ())
        if known and (word.pos == "PRON" or _spoken_of(scene, noun) or word.dep == "appos"):
            found = _without(known, source)
            if found:
                return found
    return ()


def _is_answer(scene: Scene, i: int) -> bool:
    """Return whether what is asked for is asked of an opponent: consultations, an apology."""
    below = {scene.sentence[one].lemma for one in scene.sentence.subtree(i)}
    return bool(below & {"consultation", "explanation", "clarification", "apology", "compensation"})


def _opponents(scene: Scene, source: Codes) -> Codes:
    """Return with whom the doer of a threat last had a quarrel."""
    return _union(_without(scene.cast.opponents.get(code, ()), source) for code in source)


def _provoker(scene: Scene, i: int, barred: Codes, words: Set[str]) -> Codes:
    """Return the doer of a clause that begins with some word: whom a threat with "if" is for."""
    sentence = scene.sentence
    for verb in (
        one for at in (i, *sentence.children(i, "xcomp", "ccomp")) for one in sentence.children(at, "advcl")
    ):
        if any(sentence[mark].text.casefold() in words for mark in sentence.children(verb, "mark", "advmod")):
            return _without(_union(scene.who(one) for one in subjects(sentence, verb)), barred)
    return ()


def _at_home(scene: Scene, i: int, told: Sequence[int], source: Codes) -> Codes:
    """Return the country where it happens, or the doer's own for "the government", for acts against
    people.
    """
    place = _scene_of(scene, i)
    if place:
        return place
    sentence = scene.sentence
    nouns = [
        *told,
        *(noun for prep in sentence.children(i, "prep") for noun in sentence.children(prep, "pobj")),
    ]
    return source if any(scene.is_in(scene.counted(one), "agent") for one in nouns) else ()


def _without(codes: Codes, barred: Codes) -> Codes:
    return tuple(code for code in codes if code not in barred)


def _behind(scene: Scene, i: int, preps: Sequence[str], *, places: bool = False) -> Codes:
    """Return the actors behind the first of some prepositions at a word that has any.

    `places`: a capital behind "in" counts for its country, as in "arrived in Damascus".
    """
    sentence = scene.sentence
    hanging = sentence.children(i, "prep", "dative", "agent", "prt")
    for verb in sentence.children(i, "acl"):
        hanging += sentence.children(verb, "prep") if sentence[verb].lemma in BOUND else ()
    nested = [child for one in hanging for child in sentence.children(one, "prep")]
    for wanted in preps:
        for prep in (*hanging, *nested):
            if sentence[prep].dep == "dative" and sentence[prep].pos != "ADP":
                found = scene.who(prep) if wanted in {"to", "for"} else ()
            elif sentence[prep].lemma == wanted:
                nouns = sentence.children(prep, "pobj", "pcomp")
                found = _union(_addressee(scene, noun, wanted, places) for noun in nouns)
            else:
                continue
            if found:
                return found
    return ()


def _addressee(scene: Scene, noun: int, prep: str, places: bool) -> Codes:
    """Return the actors behind a preposition; a place in which something happens is none."""
    if scene.sentence[noun].pos == "VERB" and prep == "for":  # "listed for helping X": the reason
        return ()
    if prep in {"in", "at"} and scene.kind(noun) == "capital" and not places:
        return ()
    if scene.sentence[noun].pos == "VERB":  # "barred the maker from selling tools to China"
        return _within_act(scene, noun)
    direct = scene.who(noun)
    return direct or _inside(scene, noun, TOWARDS)


def _within_act(scene: Scene, verb: int) -> Codes:
    """Return whom an act that hangs on another is done to: its addressee, its object, where it is done."""
    found = _behind(scene, verb, (*TOWARDS, "in"), places=True)
    for one in () if found else objects(scene.sentence, verb):
        found = found or scene.who(one) or _inside(scene, one, (*TOWARDS, "in"))
    return found


def _inside(scene: Scene, noun: int, preps: Sequence[str], barred: Codes = ()) -> Codes:
    """Return the actors within a noun phrase: behind its prepositions, else those that modify it."""
    found = _behind(scene, noun, preps)
    if found:
        return found
    whose = _without(scene.modifiers(noun), barred)
    if whose:
        return tuple(sorted(whose))
    for verb in scene.sentence.children(noun, "acl", "relcl"):
        doers = _union(scene.who(one) for one in subjects(scene.sentence, verb))
        if doers:
            return doers
    for prep in scene.sentence.children(noun, "prep"):
        if scene.sentence[prep].lemma not in {*preps, "of", "from", "by", "for", "under"}:
            continue  # "tariffs on Canadian steel" are not Canada's
        for below in scene.sentence.children(prep, "pobj"):
            found = scene.who(below) or _inside(scene, below, preps, barred) if below != noun else ()
            if found:
                return found
    return ()


def _complement(scene: Scene, i: int, barred: Codes, depth: int = 1) -> Codes:
    """Return whom a complement is about: "demanded that China lift", "warned it would retaliate against
    X".
    """
    sentence = scene.sentence
    for verb in sentence.children(i, "ccomp", "xcomp"):
        doers = sentence.children(verb, "nsubj", "nsubjpass")
        found = _without(_union(scene.who(one) or scene.who(one, loose=True) for one in doers), barred)
        for one in () if found else objects(sentence, verb):
            found = found or _without(scene.who(one) or _inside(scene, one, (*TOWARDS, "in")), barred)
        found = found or _without(_behind(scene, verb, TOWARDS), barred)
        for one in () if found else objects(sentence, verb):
            if _spoken_of(scene, one):
                found = found or _without(scene.cast.things.get(sentence[one].lemma, ()), barred)
        found = found or (_complement(scene, verb, barred, depth - 1) if depth else ())
        if found:
            return found
    for prep in sentence.children(i, "prep"):
        if sentence[prep].lemma in {"to", "on", "over", "about", "for", "against", "of"}:
            for noun in sentence.children(prep, "pobj"):
                found = _without(_inside(scene, noun, TOWARDS), barred)
                if found:
                    return found
    return ()


def _mutual(scene: Scene, i: int, pattern: Pattern, source: Codes, sure: bool) -> Parties:
    """Return the parties of what several do together: the subject, and whom it is done with."""
    sentence = scene.sentence
    preps = tuple(one for one in pattern.roles.get("target", ()) if one not in {"object", "prep"})
    direct = _union(scene.who(one) for one in objects(sentence, i)) if pattern.type == "CONSULT" else ()
    found = _errand(scene, i) if pattern.type == "CONSULT" and not _without(direct, source) else ()
    found = found or _behind(scene, i, ("with", "between", *preps), places="in" in preps)
    if not found and pattern.type == "CONSULT":
        found = _union(scene.who(one) for one in objects(sentence, i))
    if not found:
        for one in objects(sentence, i):
            found = _behind(scene, one, ("with", "between", "by", *preps))
            if not found:
                found = tuple(sorted(scene.modifiers(one)))
            if found:
                break
    target = _without(found, source)
    if not target and pattern.type == "AGREE" and len(source) == 1:
        target = _promised(scene, i, source)
    if not target and len(source) == 1:
        source = _together(scene, i, source)
    if not source and len(target) > 1:
        return Parties(target, (), True)
    if not source and not target and any(_spoken_of(scene, one) for one in objects(sentence, i)):
        return Parties(scene.cast.group, (), False)
    return Parties(source, target, sure)


def _promised(scene: Scene, i: int, source: Codes) -> Codes:
    """Return to whom one party agrees to do something: "agreed to supply France with titanium"."""
    for verb in scene.sentence.children(i, "xcomp"):
        told = objects(scene.sentence, verb)
        found = _union(scene.who(one) for one in told) or _behind(scene, verb, ("to", "with", "for"))
        for one in told:
            found = found or (_inside(scene, one, TOWARDS) if scene.is_in(one, "measure") else ())
        found = _without(found, source)
        if found:
            return found
    return ()


def _errand(scene: Scene, i: int) -> Codes:
    """Return with whom somebody travels to speak: "flew to Doha for talks with X"."""
    sentence = scene.sentence
    for prep in sentence.children(i, "prep"):
        if sentence[prep].lemma in {"for", "on"}:
            for noun in sentence.children(prep, "pobj"):
                found = _behind(scene, noun, ("with", "between"))
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


def _spoken_of(scene: Scene, noun: int) -> bool:
    """Return whether a noun is one that was named before: "the pact", "this agreement"."""
    below = {scene.sentence[one].text.casefold() for one in scene.sentence.children(noun, "det")}
    return bool(below & {"the", "this", "that", "these", "no"})


def _of_noun(scene: Scene, i: int, pattern: Pattern) -> Parties:
    """Return the parties of a noun that tells an event: "China's curbs on Japan", "talks between X and Y"."""
    sentence = scene.sentence
    between = _behind(scene, i, ("between", "among"))
    if len(between) > 1:
        return Parties(between, (), True)
    by = _behind(scene, i, ("by",))
    verbs = sentence.children(i, "acl", "relcl")
    doers = by or _union(scene.who(one) for verb in verbs for one in subjects(sentence, verb))
    whose = tuple(sorted(_own(scene, i)))
    source = doers or whose or _behind(scene, i, ("from",))
    if not source and pattern.type == "CONSULT":
        source = _visitor(scene, i)
    if not source and pattern.type in OFFICIAL:
        source = _weigher(scene, i) or _announcer(scene, i)
    preps = pattern.roles.get("target", ()) or ADDRESSEE.get(pattern.type, TOWARDS)
    target = _without(_behind(scene, i, [one for one in preps if one not in {"by", "between"}]), source)
    if pattern.type in MUTUAL and not target and len(source) == 1:
        target = _without(_behind(scene, i, ("with",)), source)
    if pattern.type == "AID" and not target:  # "with a loan from X, the miner will double its output"
        target = _without(_visitor(scene, i), source)
    return Parties(source, target, bool(source))


def _weigher(scene: Scene, i: int) -> Codes:
    """Return who weighs, plans or rules out what a noun tells: "is considering limits on exports"."""
    sentence = scene.sentence
    verb = sentence[i].head
    if sentence[i].dep == "pobj":
        verb = sentence[verb].head
    if sentence[i].dep not in {"dobj", "pobj"} or sentence[verb].pos != "VERB":
        return ()
    if not any(scene.is_in(verb, name) for name in ("doubt", "plan", "deny", "want")):
        return ()
    return _union(scene.who(one) for one in subjects(sentence, verb))


def _visitor(scene: Scene, i: int) -> Codes:
    """Return who is "on a visit": the noun or the subject of the verb that the phrase hangs on."""
    sentence = scene.sentence
    for at in sentence.above(i):
        if sentence[at].pos in {"VERB", "AUX"}:
            return _union(scene.who(one) for one in subjects(sentence, at))
        found = scene.who(at) if sentence[at].pos in {"NOUN", "PROPN"} else ()
        if found:
            return found
    return ()


def _own(scene: Scene, i: int) -> Codes:
    """Return the actors that modify a noun directly, not by a place."""
    found: list[str] = []
    for child in scene.sentence.children(i, "poss", "amod", "compound", "nmod"):
        codes = [scene.code(one) for one in scene.sentence.conjuncts(child) if scene.code(one)]
        if not codes and scene.sentence[child].dep == "poss":
            codes = list(scene.who(child, loose=True)) or list(scene.modifiers(child))
        found += codes
    return tuple(dict.fromkeys(found))
