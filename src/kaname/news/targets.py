"""To whom it was done: by object, by addressee, by what was said before."""

from __future__ import annotations

from collections.abc import Sequence, Set

from kaname.news.addressees import (
    ADDRESSEE,
    BUYERS,
    DOMESTIC,
    FORUMS,
    LOCAL,
    OF_GOODS,
    OFFICIAL,
    REFERRING,
    SELF,
    TOWARDS,
)
from kaname.news.again import RELIEF, hit_before, of_them, opponents
from kaname.news.authority import TAKING
from kaname.news.cast import Scene
from kaname.news.destinations import goods_for
from kaname.news.doers import scene_of
from kaname.news.frames import is_passive, objects, quoted_subject, subjects
from kaname.news.listing import numbered, of_list
from kaname.news.memory import Codes
from kaname.news.mentioned import against, described, first_named, posted
from kaname.news.patterns import Pattern
from kaname.news.phrases import (
    behind,
    behind_place,
    complement,
    inside,
    spoken_of,
    union,
    within_act,
    without,
)
from kaname.news.sentence import Sentence
from kaname.news.standins import PLACES
from kaname.news.sufferers import deprived, made_where, sufferer, taxed, waiting

ANSWERS = frozenset(
    [
        "consultation",
        "explanation",
        "clarification",
        "apology",
        "compensation",
        "release",
        "return",
        "withdrawal",
        "reversal",
        "removal",
    ]
)
"""What is asked of an opponent."""
COMMENTING = frozenset({"ACCUSE", "SUPPORT", "REJECT"})
"""Types that are about what somebody did: whose the thing is goes before what it is done to."""
ABOUT = frozenset({"express-concern", "concerned", "concerned-at"})
"""Rules of a worry, whose object tells whom it is about."""
EASED = frozenset({"ease", "suspend-control", "licence-granted"})
"""Modes of what is let out again."""
OF_IMPORTS = frozenset({"import-ban", "tariff"})
"""Modes that a country imposes on the goods of others."""
SHUTTING = frozenset({"bar-entry", "shut-out", "exclude-from-tenders"})
"""Rules of what is done to who stands as the subject of a passive: "were barred from dealing with X"."""
TAXED = frozenset({"face-tariff", "is-subject-to-tariff"})
"""Rules of a tariff whose subject is what it is on."""
CRAFT = frozenset(
    [
        "vessel",
        "ship",
        "boat",
        "tanker",
        "trawler",
        "warship",
        "aircraft",
        "jet",
        "plane",
        "helicopter",
        "carrier",
        "freighter",
        "bulker",
    ]
)
"""What is stopped or shot at may be anybody's; people without a name are taken for the doer's own."""


def target_of(scene: Scene, i: int, pattern: Pattern, source: Codes) -> Codes:
    """Return whom a verb is done to: object, addressee, or whose the thing is that it is done to."""
    wanted = pattern.roles.get("target", ())
    if wanted == ("none",):
        return ()
    sentence = scene.sentence
    barred = () if pattern.type in DOMESTIC else source
    speaker = quoted_subject(sentence, i)
    told = tuple(one for one in objects(sentence, i) if one not in speaker)
    direct = () if "prep" in wanted else _direct(scene, pattern, told, source)
    direct = without(direct, barred)
    if wanted == ("subject",):
        apart = numbered(scene) if pattern.mode == "entity-list" else ()
        if apart:
            return without(apart, barred)
        return union(scene.who(one) or scene.who(one, loose=True) for one in subjects(sentence, i))
    if wanted == ("object",) or pattern.mode == "entity-list":
        listed = of_list(scene, i, pattern, told, direct, barred)
        if listed or wanted == ("object",):
            return listed
    if direct and (pattern.type != "SANCTION" or (pattern.rule in SHUTTING and is_passive(sentence, i))):
        return direct
    if pattern.type in COMMENTING:  # "denounced X's annexation of Y"
        whose = without(union(_possessor(scene, one) for one in told), barred)
        if whose:
            return whose
    near = without(_hit(scene, i, pattern, told), barred)
    if near:
        return near
    found = _addressed(scene, i, pattern, told, source) or direct
    if pattern.type == "ACCUSE" and found and set(found) <= FORUMS:  # "lodged a complaint at the WTO"
        return without(scene.cast.imposer, source) or last_other(scene, source) or found
    return found


def _possessor(scene: Scene, noun: int) -> Codes:
    """Return whose a thing is said to be: "X's decision"."""
    return union(scene.who(one) for one in scene.sentence.children(noun, "poss"))


def _direct(scene: Scene, pattern: Pattern, told: Sequence[int], source: Codes) -> Codes:
    """Return the actors that stand as objects; of an answer to an act "it" is that act's doer."""
    if pattern.type in REFERRING and any(scene.sentence[one].text.casefold() == "it" for one in told):
        found = without(scene.cast.things.get("it", ()), source)
        if found:
            return found
    things = pattern.mode in OF_GOODS  # "will lift the ban and replace it with quotas"
    return union(
        scene.who(one) for one in told if not (things and scene.sentence[one].text.casefold() == "it")
    )


def _hit(scene: Scene, i: int, pattern: Pattern, told: Sequence[int]) -> Codes:
    """Return whom an act hits that is no addressee: whose the thing is ("a Chinese mine in Mali"), who must
    buy under licence.
    """
    if pattern.type in LOCAL:
        return union(scene.modifiers(one) for one in told)
    if pattern.roles.get("source") == ("bound",):
        free = BUYERS | TAKING
        buyers = [one for one in subjects(scene.sentence, i) if scene.sentence[one].lemma in free]
        return union(scene.modifiers(one, seated=True) for one in buyers)
    return ()


def _addressed(scene: Scene, i: int, pattern: Pattern, told: Sequence[int], source: Codes) -> Codes:
    """Return the actors behind prepositions, within the objects, or inferred from what was said before."""
    wanted = pattern.roles.get("target", ())
    barred = () if pattern.type in DOMESTIC else source
    preps = tuple(one for one in wanted if one != "prep") or ADDRESSEE.get(pattern.type, TOWARDS)
    themes = tuple(told)
    bound = pattern.roles.get("source") == ("bound",)
    if pattern.subject or bound:  # the measure itself is the subject: "the tariff on Mexico rose"
        themes += tuple(one for one in subjects(scene.sentence, i) if not scene.who(one))
    found = _named_target(scene, (i, *themes), preps, barred, bool({"in", "at"} & set(wanted)))
    if not found and (pattern.mode == "licence" or pattern.part == "adj"):  # "sales to X need a licence"
        found = _named_target(scene, subjects(scene.sentence, i), ("to", "for"), barred, False)
    if found or pattern.type in SELF:
        return found
    for one in themes:
        found = without(inside(scene, one, preps, barred), barred)
        licensed = () if found or pattern.type not in OFFICIAL else scene.sentence.children(one, "acl")
        for verb in licensed:  # "a licence to ship tools to X"
            found = found or without(within_act(scene, verb), barred)
        if found:
            return found
    return _inferred_target(scene, i, pattern, told, source)


def _named_target(
    scene: Scene, words: Sequence[int], preps: Sequence[str], barred: Codes, places: bool
) -> Codes:
    """Return the actors behind the likeliest preposition of a verb or its objects."""
    for prep in preps:
        for one in words:
            found = without(behind(scene, one, (prep,), places=places), barred)
            if found:
                return found
    return ()


def _inferred_target(scene: Scene, i: int, pattern: Pattern, told: Sequence[int], source: Codes) -> Codes:
    """Return whom an act is done to where no word names it: by what was said before, or where it happens."""
    barred = () if pattern.type in DOMESTIC else source
    if pattern.type in LOCAL:
        return without(_at_home(scene, i, told, source), barred)
    found = _referred(scene, i, told, source) if pattern.type in REFERRING else ()
    return found or complement(scene, i, barred) or _by_quarrel(scene, i, pattern, source, barred)


def _by_quarrel(scene: Scene, i: int, pattern: Pattern, source: Codes, barred: Codes) -> Codes:
    """Return whom words are for that name nobody: who provoked them, asked before, or is the opponent."""
    if pattern.type == "STATEMENT" and pattern.rule in ABOUT:
        return without(first_named(scene, i), barred)
    if pattern.type == "THREATEN":
        return (
            without(against(scene, i), barred)
            or _provoker(scene, i, barred, {"if"})
            or opponents(scene, source)
        )
    if pattern.type == "ACCUSE":
        return (
            _provoker(scene, i, barred, {"after", "because", "when", "as"})
            or posted(scene, i, barred)
            or without(described(scene, i), barred)
            or without(_commented(scene, i), barred)
        )
    if pattern.type == "REJECT":
        return opponents(scene, source)
    if pattern.type == "REQUEST":
        again = any(scene.sentence[one].lemma == "again" for one in scene.sentence.children(i, "advmod"))
        asked = union(scene.cast.asked.get(code, ()) for code in source) if again else ()
        if _below(scene, i) & RELIEF and not asked:  # "asked for an exemption": of whoever restricted it
            asked = without(scene.cast.imposer, source)
        return (opponents(scene, source) if _is_answer(scene, i) else ()) or asked
    if pattern.mode in OF_GOODS or pattern.mode in EASED:
        bound = without(goods_for(scene, i), barred)
        if bound:
            return bound
    if pattern.mode in OF_GOODS:  # a control for all is the rule: only what the sentence says again
        return (
            _answered(scene, i, barred)
            or without(waiting(scene, i) or deprived(scene, i), barred)
            or (hit_before(scene, i, source) if of_them(scene, i) else ())
            or without(sufferer(scene, i), barred)
        )
    if pattern.rule == "halt-aid":
        return without(scene.cast.aided, source)
    if pattern.type == "SANCTION":
        grown = made_where(scene, i) if pattern.mode in OF_IMPORTS else ()
        grown = grown or (taxed(scene, i) if pattern.rule in TAXED else ())
        return (
            without(grown or waiting(scene, i), barred)
            or _answered(scene, i, barred)
            or hit_before(scene, i, source)
            or _provoker(scene, i, barred, {"after", "because"})
            or without(sufferer(scene, i, whole=True), barred)
        )
    return hit_before(scene, i, source) if pattern.type == "CONCEDE" else ()


def _commented(scene: Scene, i: int) -> Codes:
    """Return whose the measure is that somebody comments on: '"The rule", X complained, "punishes us"'."""
    sentence = scene.sentence
    for at in (*sentence.children(i, "ccomp"), *sentence.above(i)):
        for one in subjects(sentence, at) if sentence[at].pos in {"VERB", "AUX"} else ():
            if scene.is_in(one, "measure") and spoken_of(scene, one):
                return scene.cast.things.get(sentence[one].lemma, ()) or scene.cast.imposer
    return ()


def _answered(scene: Scene, i: int, barred: Codes) -> Codes:
    """Return who answers a measure told inside the answer: "X will stop exports in answer to a tariff by
    Y".
    """
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
            return without(union(scene.who(one) for one in subjects(sentence, at)), barred) if seen else ()
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
        if known and (word.pos == "PRON" or spoken_of(scene, noun) or word.dep == "appos"):
            found = without(known, source)
            if found:
                return found
    return ()


def _is_answer(scene: Scene, i: int) -> bool:
    """Return whether what is asked for is asked of an opponent: consultations, an apology."""
    return bool(_below(scene, i) & ANSWERS)


def _below(scene: Scene, i: int) -> frozenset[str]:
    """Return the dictionary forms of all that hangs on a word."""
    sentence = scene.sentence
    return frozenset(
        sentence[one].lemma for one in sentence.subtree(i) if sentence[sentence[one].head].lemma != "without"
    )


def _provoker(scene: Scene, i: int, barred: Codes, words: Set[str]) -> Codes:
    """Return the doer of a clause that begins with some word: whom a threat with "if" is for."""
    sentence = scene.sentence
    for verb in (
        one for at in (i, *sentence.children(i, "xcomp", "ccomp")) for one in sentence.children(at, "advcl")
    ):
        if any(sentence[mark].text.casefold() in words for mark in sentence.children(verb, "mark", "advmod")):
            return without(union(scene.who(one) for one in subjects(sentence, verb)), barred)
    return ()


def _at_home(scene: Scene, i: int, told: Sequence[int], source: Codes) -> Codes:
    """Return the country where it happens, or the doer's own for "the government", for acts against
    people.
    """
    place = scene_of(scene, i)
    if place:
        return place
    sentence = scene.sentence
    nouns = [
        *told,
        *(noun for prep in sentence.children(i, "prep") for noun in sentence.children(prep, "pobj")),
    ]
    people = [scene.counted(one) for one in nouns]
    if not any(scene.is_in(one, "agent") and sentence[one].lemma not in CRAFT for one in people):
        return ()
    return source


def named_below(scene: Scene, i: int, source: Codes) -> Codes:
    """Return the one country named below a verb beside the doer: where the money goes, whatever the parse."""
    found = {
        scene.code(one)
        for one in scene.sentence.subtree(i)
        if one > i and scene.kind(one) in {"country", "company", "city", "region"} and scene.code(one)
    }
    return tuple(found - set(source)) if len(found - set(source)) == 1 else ()


def only_other(scene: Scene, i: int, source: Codes, *, whole: bool, commented: bool) -> Codes:
    """Return the one actor that is named beside the doer, in the sentence or below the trigger alone; places
    in which something happens are none. `commented`: what is told is about another act, whose victim is no
    addressee.
    """
    sentence = scene.sentence
    words = range(len(sentence)) if whole else sentence.subtree(i)
    found = {
        scene.code(one)
        for one in words
        if scene.code(one)
        and scene.kind(one) not in PLACES
        and not behind_place(sentence, one)
        and not (commented and _is_victim(sentence, one))
    }
    others = found - set(source) - FORUMS
    return tuple(others) if len(others) == 1 else ()


def _is_victim(sentence: Sentence, one: int) -> bool:
    """Return whether a thing is told to hit somebody: "the attack on X", "tariffs on X's steel"."""
    at = one
    for above in sentence.above(one):
        if sentence[above].dep == "prep" and sentence[above].lemma in {"on", "against"}:
            return sentence[sentence[above].head].pos in {"NOUN", "PROPN"}
        if sentence[at].dep not in {"amod", "compound", "poss", "nmod", "pobj", "conj"}:
            return False
        at = above
    return False


def last_other(scene: Scene, source: Codes) -> Codes:
    """Return whom words that answer an act are for where the sentence names nobody: the opponent, else the
    actor that the text named last beside the doer.
    """
    others = [one for one in scene.cast.recent if one not in source and one not in FORUMS]
    return opponents(scene, source) or tuple(others[-1:])
