"""Events of the sentences of one text: triggers found, parties and slots filled, doubles dropped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from types import MappingProxyType

from kaname.news.act import Coded
from kaname.news.addressees import OF_GOODS
from kaname.news.asides import acting
from kaname.news.cast import Scene
from kaname.news.dates import first_day
from kaname.news.doers import PEOPLE
from kaname.news.frames import quoted_subject, subjects
from kaname.news.history import is_background, is_long_ago, is_of_a_year
from kaname.news.lexicon import Lexicon
from kaname.news.memory import Cast
from kaname.news.narrative import acted, attributed, listen, remember
from kaname.news.patterns import Pattern
from kaname.news.persons import gazetteer, persons
from kaname.news.phrases import without
from kaname.news.places import located, places, within
from kaname.news.roles import Parties, parties
from kaname.news.sentence import Sentence
from kaname.news.slots import Slots, mentions, slots
from kaname.news.status import StatusRules
from kaname.news.triggers import ABSORBING, BESIDE, triggers_of
from kaname.terms.ontology import MUTUAL

ADDRESSED = frozenset({"REQUEST", "THREATEN", "ACCUSE", "REJECT"})
"""Types that are said to somebody: of two such verbs in a row the second keeps the addressee."""
MOST_HOSTS = 8
"""So many may speak as "we"; more names are a list of contents."""
PAIRED = frozenset(
    {"CONSULT", "ASSAULT", "AGREE", "COERCE", "REQUEST", "ACCUSE", "THREATEN", "SUPPORT", "AID"}
)
"""Types of which one sentence tells but one act of the same doer, unless it names several addressees."""
REMARKS = frozenset({"SUPPORT", "ACCUSE", "STATEMENT"})
"""Types that are words about an act of others."""
BEGUN = frozenset({"begin", "start", "continue", "resume"})
"""Verbs behind which an infinitive is under way: "began to build drones together"."""
HARD = frozenset({"SANCTION", "COERCE", "ASSAULT"})
"""Types of which a warning is a threat where it is of one's own."""
THREAT = "threat-on-condition"
"""Rule of a restriction that is announced for the case that something happens."""
_OURS = r"(?:licence|license|letter|permission|newsletter|column)"
NOTICE = re.compile(
    r"\b(?:re-?use|reproduction|re-?publication) of (?:this|our)\b|\b(?:reprint|re-?publish|reproduce) this\b"
    rf"|\byou(?:r firm| receive| must| can| may) [^.]{{0,60}}\b{_OURS}\b"
    r"|\b(?:syndication|subscriptions?|rights) (?:desk|department)\b",
    re.IGNORECASE,
)
"""What a publisher says of its own text."""
AT_SOMEBODY = frozenset({"sanction", "bar-entry"})
"""Rules of verbs that tell a sanction only where they say on whom."""
WITH_ARMS = frozenset({"shell", "bomb", "bombard", "strafe", "invade", "torpedo"})
"""Verbs of attack that need no words beside them to be meant."""
SOON_DAYS = 90
"""So near a day in the present tense is to come, where the last of its name is farther back."""
UNADDRESSED = frozenset({"SANCTION", "MOBILIZE", "PROTEST", "RETREAT"})
"""Types that a noun may tell without saying to whom."""


def coded(
    sentences: Sequence[Sentence],
    text: str,
    lexicon: Lexicon,
    published: date | None,
    headings: str = "",
    homes: Mapping[int, str] = MappingProxyType({}),
) -> Iterator[Coded]:
    """Yield the events of a text, sentence by sentence; `headings` tell whose "the government" is at
    first, `homes` (offset -> country of the dateline before it) whose an official is without a country.
    """
    rules = StatusRules(lexicon.classes)
    named = [places(sentence, text, lexicon) for sentence in sentences]
    known = [
        acting(sentence, located(sentence, found)) for sentence, found in zip(sentences, named, strict=True)
    ]
    people = gazetteer(persons(sentences, known, lexicon, published))
    cast = Cast(lexicon, home=next(iter(homes.values()), ""))
    scenes = [
        Scene(sentence, located(sentence, within(sentence, text, people)) | names, cast)
        for sentence, names in zip(sentences, known, strict=True)
    ]
    cast.saw(tuple(dict.fromkeys(one.what.split(":")[-1] for one in lexicon.actors.find(headings))))
    cast.focus = tuple(cast.recent[:1])
    cast.hosts = tuple(sorted(cast.recent)) if 1 < len(cast.recent) <= MOST_HOSTS else ()
    speakers = attributed(sentences)
    items = [offset for offset in sorted(homes) if offset]
    for number, scene in enumerate(scenes):
        while items and scene.sentence.start >= items[0]:
            cast.begin(homes[items.pop(0)])
        cast.quoted = number in speakers
        listen(scenes[speakers.get(number, number)])
        yield from _of_sentence(scene, text, rules, published)
        remember(scene)


def _of_sentence(scene: Scene, text: str, rules: StatusRules, published: date | None) -> Iterator[Coded]:
    """Yield the events of one sentence."""
    sentence = scene.sentence
    lexicon = scene.cast.lexicon
    triggers = triggers_of(scene)
    own = text[sentence.start : sentence.end]
    sport = any(scene.is_in(word.i, "sport_sure") for word in sentence.words)
    if not triggers or sport or NOTICE.search(own):
        return
    goods = within(sentence, text, lexicon.commodities)
    there = mentions(scene, own, published, goods)
    found: list[Coded] = []
    seen = 0
    asked = own.rstrip(" \u201d\"'").endswith("?")
    for i, fitting in triggers:
        for word in sentence.words[seen:i]:
            if scene.acts(word.i):
                scene.cast.saw((scene.code(word.i),))
        seen = i
        pattern = _as_threat(scene, i, fitting)
        sides = parties(scene, i, pattern)
        if pattern.mode == "joint-production" and not _whole(pattern, sides):
            sides = _of_agreement(sentence, i, found) or sides
        if pattern.part == "noun":
            sides = _of_complaint(sentence, i, pattern, sides, found)
        if pattern.part == "noun" and not _whole(pattern, sides):
            continue
        status = _status(sentence, i, pattern, rules, asked)
        told = pattern
        if status == "conditional" and pattern.type == "SANCTION" and _is_threat(sentence, i, sides):
            told, status = replace(pattern, type="THREATEN", mode=None, rule=THREAT), "actual"
        others = frozenset(
            other
            for other, inner in triggers
            if other != i and not (pattern.type in ABSORBING and inner.mode in BESIDE)
        )
        both = (*sides.source, *sides.target)
        fill = partial(slots, scene, i, there, others=others, parties=both)
        present = published if sentence[i].tag in {"VBP", "VBZ"} else None
        filled = _filled(pattern, fill, status, present)
        if status == "actual" and _is_scheduled(sentence, i, filled.date, published):
            status = "planned"
        if status == "actual" and (
            is_long_ago(sentence, i, own, others) or _is_history(sentence, i, filled, own, published)
        ):
            status = "background"
        if status == "actual" and pattern.part == "noun" and filled.date is None:
            status = _of_verb_above(sentence, i, found)
        if not _is_told(scene, i, pattern, sides):
            continue
        sides = _shared_target(sentence, i, pattern, sides, found)
        one = Coded(sentence, i, told, sides, status, filled)
        found.append(one)
        acted(scene, one)
    yield from _single(found)


def _filled(pattern: Pattern, fill: Callable[..., Slots], status: str, present: date | None) -> Slots:
    """Return the slots of an act; a day in the present tense is the next of its name where that is near: "the
    presidents meet on 8 April", told on 27 March. `present`: the day of publication of what is told so.
    """
    remark = pattern.type in REMARKS
    filled = _own(pattern, fill(status=status, remark=remark))
    if status != "actual" or present is None or filled.date_precision != "day" or filled.date is None:
        return filled
    if (present - date.fromisoformat(filled.date)).days <= SOON_DAYS:
        return filled
    ahead = _own(pattern, fill(status="planned", remark=remark))
    days = (first_day(ahead.date) - present).days if ahead.date else 0
    return ahead if 0 < days <= SOON_DAYS else filled


def _of_verb_above(sentence: Sentence, i: int, found: Sequence[Coded]) -> str:
    """Return the status of a noun without a date: history where the verb above it is: "In 2019 X stopped it
    after a meeting with Y".
    """
    above = set(sentence.above(i))
    past = any(one.trigger in above and one.status == "background" for one in found)
    return "background" if past else "actual"


def _own(pattern: Pattern, filled: Slots) -> Slots:
    """Return the slots without what belongs to another act, or is no good that is traded."""
    if pattern.type in REMARKS:  # the money is that of what is praised or blamed
        filled = replace(filled, amount=None, currency=None)
    return replace(filled, commodities=()) if pattern.mode == "presence" else filled  # what is stationed


def _status(sentence: Sentence, i: int, pattern: Pattern, rules: StatusRules, asked: bool) -> str:
    """Return the status that the words give: a question leaves open, an agreed production is to come."""
    status = pattern.status or rules.of(sentence, i)
    if pattern.status and pattern.type == "SANCTION" and _will(sentence, i):
        status = "planned"
    if pattern.status and rules.under_if(sentence, i):
        return "conditional"
    if status in {"actual", "planned"} and asked:
        return "hypothetical"
    if status == "actual" and pattern.mode == "joint-production" and _is_aim(sentence, i):
        return "planned"
    return status


def _is_history(sentence: Sentence, i: int, filled: Slots, own: str, published: date | None) -> bool:
    """Return whether dates put an act into the past: its own, else a year that the sentence names."""
    if filled.date is None:
        return is_of_a_year(sentence, i, own, published)
    return is_background(filled.date, published) and not filled.since


def _is_told(scene: Scene, i: int, pattern: Pattern, sides: Parties) -> bool:
    """Return whether enough is said for an event: its parties, no thing as doer, somebody attacked."""
    if len({*sides.source, *sides.target}) < (2 if "both" in pattern.roles else 1):
        return False
    if pattern.part == "verb" and not (sides.source or pattern.subject) and _by_things(scene, i):
        return False
    if pattern.rule in AT_SOMEBODY and not sides.target:  # "terms that penalise haste", "barred from copying"
        return False
    if pattern.type != "ASSAULT" or sides.target or len(sides.source) > 1:
        return True
    by_arms = pattern.conditions >= 2 or scene.sentence[i].lemma in WITH_ARMS
    return bool(sides.source) and sides.sure and by_arms  # "drones struck a refinery": whose is not said


def _is_aim(sentence: Sentence, i: int) -> bool:
    """Return whether a verb is an infinitive: "signed a deal to build drones"."""
    begun = sentence[i].dep == "xcomp" and sentence[sentence[i].head].lemma in BEGUN
    return not begun and any(sentence[one].text == "to" for one in sentence.children(i, "aux"))


def _is_scheduled(sentence: Sentence, i: int, iso: str | None, published: date | None) -> bool:
    """Return whether the present tense tells what is to come: "the exercise begins next Monday"."""
    if iso is None or published is None or sentence[i].tag not in {"VBZ", "VBP"}:
        return False
    return first_day(iso) > published


def _of_agreement(sentence: Sentence, i: int, found: Sequence[Coded]) -> Parties | None:
    """Return the parties of the agreement that a noun hangs on: "signed a deal on joint production"."""
    above = set(sentence.above(i))
    return next((one.parties for one in found if one.trigger in above and one.pattern.type in MUTUAL), None)


def _of_complaint(
    sentence: Sentence, i: int, pattern: Pattern, sides: Parties, found: Sequence[Coded]
) -> Parties:
    """Return the parties of a noun with those that a complaint over it gives: "summoned X's envoy over the
    seizure of nine lorries": X seized, of whoever summons.
    """
    if pattern.mode in OF_GOODS:  # a control is for all, whoever complains
        return sides
    above = set(sentence.above(i))
    for one in found:
        if one.trigger in above and one.pattern.type == "ACCUSE" and len(one.parties.target) == 1:
            source = sides.source or one.parties.target
            return Parties(source, sides.target or without(one.parties.source, source), False)
    return sides


def _is_threat(sentence: Sentence, i: int, sides: Parties) -> bool:
    """Return whether somebody says what it will do unless another gives way."""
    ultimatum = any(word.text.casefold() == "unless" for word in sentence.words)
    return bool(ultimatum and _will(sentence, i) and sides.source and sides.target)


def _as_threat(scene: Scene, i: int, pattern: Pattern) -> Pattern:
    """Return a pattern, or that of a threat for a warning of what the one who warns will do."""
    if pattern.rule != "warn" or not _warns_of_own_act(scene, i):
        return pattern
    return replace(pattern, type="THREATEN", rule="warn-act", roles=MappingProxyType({}))


def _warns_of_own_act(scene: Scene, i: int) -> bool:
    """Return whether somebody warns of what it will do itself: "warned that it would curb exports if ..."."""
    sentence = scene.sentence
    doers = {code for one in subjects(sentence, i) for code in scene.who(one)}
    for verb in sentence.children(i, "ccomp"):
        later = {sentence[one].text.casefold() for one in sentence.children(verb, "aux")}
        own = {code for one in sentence.children(verb, "nsubj") for code in scene.who(one)}
        marks = {
            sentence[mark].text.casefold()
            for one in sentence.children(verb, "advcl")
            for mark in sentence.children(one, "mark")
        }
        hard = any(
            one.type in HARD for one in scene.cast.lexicon.patterns.get(("verb", sentence[verb].lemma), ())
        )
        if later & {"will", "would", "shall"} and own and own <= doers and (hard or marks & {"if", "unless"}):
            return True
    return False


def _will(sentence: Sentence, i: int) -> bool:
    """Return whether a verb stands in the future."""
    return bool({sentence[one].text.casefold() for one in sentence.children(i, "aux")} & {"will", "shall"})


def _by_things(scene: Scene, i: int) -> bool:
    """Return whether a verb has a doer that is no actor: "prices hit", "the storm struck"."""
    words = quoted_subject(scene.sentence, i) or subjects(scene.sentence, i)
    return bool(words) and not any(
        scene.is_in(scene.counted(one), "agent")
        or scene.sentence[one].lemma in PEOPLE
        or scene.is_in(one, "instrument")
        or scene.is_in(one, "blast")
        or scene.sentence[one].pos in {"PROPN", "PRON"}
        for one in words
    )


def _whole(pattern: Pattern, sides: Parties) -> bool:
    """Return whether a noun tells an act, not a figure of speech: with a doer, and whom it needs."""
    if pattern.type in MUTUAL:
        return len({*sides.source, *sides.target}) > 1
    eased = pattern.mode in {"ease", "suspend-control", "licence-granted"}
    return bool(sides.source) and (bool(sides.target) or pattern.type in UNADDRESSED or eased)


def _shared_target(
    sentence: Sentence, i: int, pattern: Pattern, sides: Parties, found: Sequence[Coded]
) -> Parties:
    """Return the parties of a coordinated verb with the addressee of the verb before it: "urged X and
    warned".
    """
    mutual = pattern.type in MUTUAL and len(sides.source) == 1  # "met X and signed a letter"
    if sides.target or not (pattern.type in ADDRESSED or mutual) or pattern.roles.get("target") == ("none",):
        return sides
    before = next((one for one in found if one.trigger == sentence[i].head), None)
    kinds = MUTUAL if mutual else ADDRESSED
    if sentence[i].dep != "conj" or before is None or before.pattern.type not in kinds:
        return sides
    if mutual and before.parties.source != sides.source:
        return sides
    if set(sides.source) & set(before.parties.target):  # "X urged Y, but Y refused"
        return sides
    return Parties(sides.source, before.parties.target, False)


def _single(found: Sequence[Coded]) -> Iterator[Coded]:
    """Yield events of a sentence, one of each type, parties and status: that with a mode, else the first."""
    kept: dict[tuple[object, ...], Coded] = {}
    for one in found:
        sides = frozenset(one.parties.source), frozenset(one.parties.target)
        when = one.status == "planned"  # "has bought some and is to buy more": two acts
        key = (one.pattern.type, one.pattern.mode, sides, when)
        plain = (one.pattern.type, None, sides, when)
        if key in kept:
            alike = kept[key].status == one.status  # "bans it under a law adopted in 2009": another day
            if alike and kept[key].slots.date is None and one.slots.date is not None:
                kept[key] = replace(
                    kept[key],
                    slots=replace(
                        kept[key].slots, date=one.slots.date, date_precision=one.slots.date_precision
                    ),
                )
            continue
        if one.pattern.mode is not None and plain in kept and kept[plain].status == one.status:
            del kept[plain]
        if one.pattern.mode is None and any(
            other[0] == key[0] and other[2] == sides and kept[other].status == one.status for other in kept
        ):
            continue
        kept[key] = one
    for one in kept.values():
        if not _part_of_another(one, kept.values()):
            yield one


def _part_of_another(one: Coded, others: Iterable[Coded]) -> bool:
    """Return whether another event says the same with the addressee that this one lacks: "shot and killed
    X".
    """
    default = one.parties.target == one.parties.source and (
        not one.parties.sure
        or one.pattern.type in {"ASSAULT", "COERCE"}  # "hit a depot in X, killing two people"
    )
    official = one.pattern.type in {"SANCTION", "CONCEDE"}
    return (default or not one.parties.target) and any(
        other is not one
        and other.pattern.type == one.pattern.type
        and other.parties.source == one.parties.source
        and other.parties.target
        and other.status == one.status
        and (
            one.pattern.type in PAIRED
            or (official and one.pattern.mode == other.pattern.mode and _below(one, other))
        )
        for other in others
    )


def _below(one: Coded, other: Coded) -> bool:
    """Return whether one of two triggers hangs on the other: "issued a rule tightening controls"."""
    return one.trigger in other.sentence.above(other.trigger) or other.trigger in one.sentence.above(
        one.trigger
    )
