"""The slots of an event beside its parties: when, where, of what, how much, about what."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kaname.news.cast import Scene
from kaname.news.dates import MONTHS, WEEKDAYS, When, dates, last_day
from kaname.news.frames import objects
from kaname.news.gazetteer import Found
from kaname.news.money import Money, sums
from kaname.news.patterns import clause
from kaname.news.sentence import Sentence

OBJECT_WORDS = 12
ASIDE_CLAUSES = frozenset({"advcl", "relcl"})
CLAUSES = ASIDE_CLAUSES | {"ccomp", "xcomp", "acl"}
"""Labels of clauses: a date inside another clause is not that of the trigger above it."""
ASIDE = frozenset({"in", "on", "at", "after", "before", "during", "according", "by"})
"""Prepositions behind which no object stands but a time, a place or a source."""
SAID = frozenset({"say", "tell", "report", "write", "note", "add", "confirm", "explain"})
"""Verbs whose date is that of the words, not of the act they report."""
PLANNING = frozenset({"be", "go", "set", "due", "schedule", "expect", "begin", "start"})
"""Verbs and adjectives whose date is that of the act in the infinitive that hangs on them."""
TRAVEL = frozenset(
    [
        "move",
        "send",
        "deploy",
        "travel",
        "fly",
        "go",
        "dispatch",
        "head",
        "return",
        "come",
        "sail",
        "transfer",
    ]
)
"""Verbs that end where "to" says."""
BACKGROUND_DAYS = 90
"""An act that lies longer before publication is history (`docs/events-codebook.md`)."""


@dataclass(frozen=True)
class Slots:
    """What a sentence says of an act beside its parties."""

    date: str | None
    date_precision: str | None
    place: str | None
    amount: float | None
    currency: str | None
    commodities: tuple[str, ...]
    object: str | None
    since: bool = False


@dataclass(frozen=True)
class Mentions:
    """Goods, sums and dates of a sentence, each by its first word; dates read back and ahead."""

    goods: tuple[tuple[int, str], ...]
    money: tuple[tuple[int, Money], ...]
    back: tuple[tuple[int, When], ...]
    ahead: tuple[tuple[int, When], ...]


def mentions(scene: Scene, text: str, published: date | None, goods: Sequence[Found]) -> Mentions:
    """Return the goods, sums and dates of a sentence; `text` is the sentence's own text."""
    sentence = scene.sentence
    start = sentence.start
    return Mentions(
        goods=tuple((_first(sentence, one.start, one.end), one.what) for one in goods),
        money=tuple((_first(sentence, one.start + start, one.end + start), one) for one in sums(text)),
        back=tuple(
            (_first(sentence, one.start + start, one.end + start), one) for one in dates(text, published)
        ),
        ahead=tuple(
            (_first(sentence, one.start + start, one.end + start), one)
            for one in dates(text, published, ahead=True)
        ),
    )


def _first(sentence: Sentence, start: int, end: int) -> int:
    """Return the word of a stretch that the rest of it hangs on."""
    inside = [word for word in sentence.words if word.start < end and start < word.end]
    places = {word.i for word in inside}
    for word in inside:
        if word.head not in places or word.head == word.i:
            return word.i
    return inside[0].i if inside else 0


def slots(
    scene: Scene, i: int, found: Mentions, status: str, others: frozenset[int], parties: Sequence[str]
) -> Slots:
    """Return the slots of the trigger at a word; `others` are the triggers of other events, `parties` whose
    money it is where several countries have a currency of that name.
    """
    nations = (*parties, *(scene.code(word.i) for word in scene.sentence.words))
    when = _date(scene.sentence, i, found, status == "planned", others)
    money = _nearest(scene.sentence, i, found.money, others)
    currency = money.of(nations) if money is not None else None
    return Slots(
        date=when.iso if when else None,
        date_precision=when.precision if when else None,
        place=_place(scene, i),
        amount=money.amount if money is not None and currency is not None else None,
        currency=currency,
        commodities=_goods(scene.sentence, i, found.goods, others),
        object=_object(scene.sentence, i),
        since=when.since if when else False,
    )


def owner(sentence: Sentence, at: int, triggers: frozenset[int]) -> int | None:
    """Return the trigger that a word belongs to: the first above it."""
    if at in triggers:
        return at
    return next((above for above in sentence.above(at) if above in triggers), None)


def _date(sentence: Sentence, i: int, found: Mentions, ahead: bool, others: frozenset[int]) -> When | None:
    """Return the date that belongs to a trigger: below it, else the first that stands above all triggers.

    What lies ahead is dated forward only by its own date: "said on Tuesday that it would" was last Tuesday.
    """
    own = [
        one
        for at, one in (found.ahead if ahead else found.back)
        if one.of_act and owner(sentence, at, others | {i}) == i and not _elsewhere(sentence, at, i, CLAUSES)
    ]
    if not own and not ahead:
        own = _shared_date(sentence, i, found, others)
    if not own and ahead:
        own = _scheduled(sentence, i, found, others)
    if not own:
        own = _told_of(sentence, i, found)
    if own:
        return min(own, key=lambda one: ("day", "week", "month", "quarter", "year").index(one.precision))
    if ahead or not _is_highest(sentence, i, others):
        return None
    loose = [
        one
        for at, one in found.back
        if one.of_act and owner(sentence, at, others | {i}) is None and not _of_words(sentence, at)
    ]
    return loose[0] if loose else None


def _told_of(sentence: Sentence, i: int, found: Mentions) -> list[When]:
    """Return the date that a clause describes: "remembers September 2010, when X held back cargoes"."""
    heads = {
        sentence[at].head
        for at in (i, *sentence.above(i))
        if sentence[at].dep in {"relcl", "advcl"}
        and any(sentence[one].lemma == "when" for one in sentence.children(at, "advmod"))
    }
    return [one for at, one in found.back if one.of_act and heads & {at, sentence[at].head}]


def _scheduled(sentence: Sentence, i: int, found: Mentions, others: frozenset[int]) -> list[When]:
    """Return the date of the verb that an infinitive hangs on: "on 18 May the Union is to list them"."""
    if sentence[i].dep != "xcomp" or sentence[sentence[i].head].lemma not in PLANNING:
        return []
    return [
        one
        for at, one in found.ahead
        if one.of_act
        and owner(sentence, at, others | {i}) is None
        and next((up for up in sentence.above(at) if sentence[up].pos in {"VERB", "AUX"}), -1)
        == sentence[i].head
    ]


def _of_words(sentence: Sentence, at: int) -> bool:
    """Return whether a date says when something was said, not when it happened."""
    verb = next((above for above in sentence.above(at) if sentence[above].pos == "VERB"), None)
    return verb is not None and sentence[verb].lemma in SAID


def _shared_date(sentence: Sentence, i: int, found: Mentions, others: frozenset[int]) -> list[When]:
    """Return the date in front of the verb that a verb stands beside or hangs on as a participle.

    "In 2015 X asked and was refused"; "On Monday X signed, and Y granted"; "X on Friday denounced it,
    warning".
    """
    word = sentence[i]
    head = word.head
    participle = word.dep == "advcl" and word.tag == "VBG"
    if (word.dep != "conj" and not participle) or not sentence.children(head, "nsubj", "nsubjpass"):
        return []
    end = i
    if word.dep == "conj" and sentence.children(i, "nsubj", "nsubjpass"):
        end = sentence.children(head, "nsubj", "nsubjpass")[0]
    return [
        one
        for at, one in found.back
        if at < end and one.of_act and owner(sentence, at, others | {head, i}) == head
    ]


def _elsewhere(sentence: Sentence, at: int, i: int, clauses: frozenset[str]) -> bool:
    """Return whether another clause lies between a word and the trigger above it."""
    while at != i and sentence[at].head != at:
        if sentence[at].dep in clauses:
            return True
        at = sentence[at].head
    return False


def _is_highest(sentence: Sentence, i: int, others: frozenset[int]) -> bool:
    """Return whether no other trigger stands above a trigger."""
    return not any(above in others for above in sentence.above(i))


def _nearest(
    sentence: Sentence, i: int, found: Sequence[tuple[int, Money]], others: frozenset[int]
) -> Money | None:
    """Return the sum that belongs to a trigger."""
    own = [one for at, one in found if owner(sentence, at, others | {i}) == i]
    if not own and not others and len(found) == 1:
        return found[0][1]
    return own[0] if own else None


def _goods(
    sentence: Sentence, i: int, found: Sequence[tuple[int, str]], others: frozenset[int]
) -> tuple[str, ...]:
    """Return the goods that an act is about: below its trigger, not below another one."""
    return tuple(
        dict.fromkeys(
            name
            for at, name in found
            if owner(sentence, at, others | {i}) == i and not _elsewhere(sentence, at, i, ASIDE_CLAUSES)
        )
    )


def _place(scene: Scene, i: int) -> str | None:
    """Return where it takes place, as it is written: what stands behind "in" or "at" in the clause."""
    sentence = scene.sentence
    preps = {"in", "at", "near", "off"} | ({"to"} if sentence[i].lemma in TRAVEL else set())
    nouns = [sentence[i].head] if _is_scene(sentence, i) else []
    nouns += sentence.children(i, "dobj") if sentence[i].lemma == "visit" else ()
    for at in clause(sentence, i):
        word = sentence[at]
        if word.lemma in preps and word.dep == "prep" and not _of_the_matter(sentence, at, i):
            nouns += sentence.children(at, "pobj")
    return next(filter(None, (_place_name(scene, noun) for noun in nouns)), None)


def _is_scene(sentence: Sentence, i: int) -> bool:
    """Return whether a clause tells what happens at a place: "in Entebbe, where the two agreed"."""
    return sentence[i].dep == "relcl" and any(
        sentence[one].lemma == "where" for one in sentence.children(i, "advmod")
    )


def _place_name(scene: Scene, noun: int) -> str:
    """Return the name of a place that a noun stands for, as it is written, or nothing."""
    if scene.kind(noun) in {"city", "capital", "region", "country", "area"}:
        words = [one for one in scene.names if scene.names[one] == scene.names[noun] and abs(one - noun) < 4]
        return scene.sentence.text(tuple(sorted(words)))
    return _unknown_name(scene, noun)


def _of_the_matter(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a place belongs to what an act is about: "troops for the war in Yemen"."""
    return any(
        sentence[above].dep == "prep" and sentence[above].lemma in {"for", "of", "on", "about"}
        for above in itertools.takewhile(lambda one: one != i, sentence.above(at))
    )


def _unknown_name(scene: Scene, noun: int) -> str:
    """Return a name that no table knows, as a place; months, days, persons and bodies are none."""
    sentence = scene.sentence
    if sentence[noun].pos != "PROPN" or scene.kind(noun) or sentence[noun].lemma in _NO_PLACES:
        return ""
    first = noun
    while first and sentence[first - 1].pos == "PROPN" and sentence[first - 1].head == noun:
        first -= 1
    words = tuple(range(first, noun + 1))
    if any(scene.kind(one) or scene.is_in(one, "agent") or scene.is_in(one, "office") for one in words):
        return ""
    return sentence.text(words)


def _object(sentence: Sentence, i: int) -> str | None:
    """Return the phrase that says what an act is about, at most twelve words."""
    if sentence[i].pos in {"NOUN", "PROPN"}:
        words = list(sentence.subtree(i))
    else:
        heads = objects(sentence, i)
        head = heads[0] if heads else None
        if head is None:
            hanging = (*sentence.children(i, "xcomp", "ccomp"), *sentence.children(i, "prep"))
            prep = next((one for one in hanging if sentence[one].lemma not in ASIDE), None)
            if prep is None:
                return None
            nouns = sentence.children(prep, "pobj")
            head = nouns[0] if nouns else prep
        words = [one for one in sentence.subtree(head) if one != i]
    while words and (sentence[words[0]].pos in {"DET", "PUNCT", "PART"} or sentence[words[0]].tag == "PRP$"):
        words = words[1:]
    run = _run(words)[:OBJECT_WORDS]
    while run and sentence[run[-1]].pos in {"PUNCT", "ADP", "DET", "CCONJ"}:
        run = run[:-1]
    return sentence.text(tuple(run)) or None


def _run(words: Sequence[int]) -> list[int]:
    """Return words up to the first gap."""
    run: list[int] = []
    for one in words:
        if run and one != run[-1] + 1:
            break
        run.append(one)
    return run


_LONG_AGO = re.compile(
    r"\b(?:in|since|during|of) the (?:early |late |mid-)?(?:1[89]|20)\d0s\b"
    r"|\b(?:(?:a|several|many|some|few|two|three|four|five|ten) )?"
    r"(?:years|decades?|centur(?:y|ies)) (?:ago|earlier|before)\b"
    r"|\bin the past\b|\bin (?:earlier|previous|past) (?:years|decades|times|crises|disputes|rounds)\b"
    r"|\bduring the (?:Cold War|first Trump (?:administration|term)|pandemic)\b|\bhistorically\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"(?<!since )(?<!from )(?<!until )(?<!by )(?<!to )(?<![\d.,$\u20ac\u00a3\u00a5-])"
    r"\b((?:19|20)\d\d)\b(?![\d.,]\d|-)"
)
ASIDES = frozenset({"relcl", "acl", "advcl", "appos"})
"""Labels of what is said beside the clause that it hangs on."""
_NOW = re.compile(
    r"\b(?:today|yesterday|tomorrow|tonight|now|this (?:week|month|year|morning)|"
    r"(?:last|next) (?:week|month|night)|" + "|".join(WEEKDAYS) + r")\b",
    re.IGNORECASE,
)
_NO_PLACES = frozenset(one.casefold() for one in (*MONTHS, *WEEKDAYS)) | {
    "parliament",
    "congress",
    "exercise",
}
_ONCE = frozenset({"previously", "formerly", "originally", "historically", "once"})


def is_long_ago(sentence: Sentence, i: int, text: str, others: frozenset[int]) -> bool:
    """Return whether the words around a trigger put it into a past without a date: "decades ago", "once"."""
    if any(sentence[one].text.casefold() in _ONCE for one in sentence.children(i, "advmod")):
        return True
    start = sentence.start
    for match in _LONG_AGO.finditer(text):
        at = _first(sentence, match.start() + start, match.end() + start)
        if owner(sentence, at, others | {i}) in {i, None} and not _elsewhere(sentence, at, i, CLAUSES):
            return True
    return False


def is_of_a_year(sentence: Sentence, i: int, text: str, published: date | None) -> bool:
    """Return whether a sentence names a year long past and no day of now: "hands recall 2010, when ...".

    A year inside an aside dates the aside alone: "X, which joined in 2001, has banned exports".
    """
    if published is None or _NOW.search(text):
        return False
    start = sentence.start
    years = [
        int(match[1])
        for match in _YEAR.finditer(text)
        if not _in_aside(sentence, _first(sentence, match.start() + start, match.end() + start), i)
    ]
    return bool(years) and max(years) <= published.year - 2


def _in_aside(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a word stands in a clause or apposition that a trigger is not part of."""
    return any(
        sentence[one].dep in ASIDES and i not in sentence.subtree(one) for one in (at, *sentence.above(at))
    )


def is_background(iso: str | None, published: date | None) -> bool:
    """Return whether a date makes an act history: it ends more than 90 days before publication."""
    if iso is None or published is None:
        return False
    return (published - last_day(iso)).days > BACKGROUND_DAYS
