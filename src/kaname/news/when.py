"""When an act happened: which of a sentence's dates is its own, and whether it is history."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from kaname.news.dates import When
from kaname.news.dates_aside import AFTER, GATHERINGS, of_reason, of_saying, of_thing, of_words
from kaname.news.frames import GIVING
from kaname.news.papers import Dates, of_journey, of_paper
from kaname.news.relative import SMALL
from kaname.news.sentence import Sentence

ASIDE_CLAUSES = frozenset({"advcl", "relcl"})
CLAUSES = ASIDE_CLAUSES | {"ccomp", "xcomp", "acl"}
"""Labels of clauses: a date inside another clause is not that of the trigger above it."""
HELD = frozenset(
    [
        "hold", "schedule", "plan", "slate", "set", "conduct", "stage", "expect", "due", "open", "begin",
        "start", "take", "effective",
    ]
)  # fmt: skip
"""Verbs of a clause below whose date is that of what is held: "an exercise that opens on 20 April"."""
PLANNING = frozenset({"be", "go", "set", "due", "schedule", "expect", "begin", "start", "plan", "slate"})
"""Verbs and adjectives whose date is that of the act in the infinitive that hangs on them."""
FINEST = ("day", "week", "month", "quarter", "year")


def first_word(sentence: Sentence, start: int, end: int) -> int:
    """Return the word of a stretch that the rest of it hangs on."""
    inside = [word for word in sentence.words if word.start < end and start < word.end]
    places = {word.i for word in inside}
    for word in inside:
        if word.head not in places or word.head == word.i:
            return word.i
    return inside[0].i if inside else 0


def owner(sentence: Sentence, at: int, triggers: frozenset[int]) -> int | None:
    """Return the trigger that a word belongs to: the first above it."""
    if at in triggers:
        return at
    return next((above for above in holders(sentence, at) if above in triggers), None)


def holders(sentence: Sentence, at: int) -> Iterator[int]:
    """Yield the words above one, without the verb of a clause whose conjunction stands behind it: "on 3 May,
    two days before X followed" is no date of following.
    """
    for up in sentence.above(at):
        if not _is_behind(sentence, up, at):
            yield up


def _is_behind(sentence: Sentence, verb: int, at: int) -> bool:
    """Return whether a clause of time begins behind a word that the parse puts into it."""
    if sentence[verb].dep != "advcl":
        return False
    marks = [one for one in sentence.children(verb, "mark") if sentence[one].text.casefold() in AFTER]
    return bool(marks) and at < marks[0]


def date_of(
    sentence: Sentence,
    i: int,
    back: Dates,
    ahead: Dates,
    *,
    forward: bool,
    others: frozenset[int],
    remark: bool = False,
) -> When | None:
    """Return the date that belongs to a trigger: below it, else the first that stands above all triggers.

    What lies ahead is dated forward only by its own date: "said on Tuesday that it would" was last Tuesday.
    `remark`: the act is words about another, whose date stands behind "for" or "over".
    """
    clauses = ASIDE_CLAUSES if sentence[i].pos == "NOUN" else CLAUSES  # "the duty imposed in March"
    own = [
        one
        for at, one in (ahead if forward else back)
        if one.of_act
        and owner(sentence, at, others | {i}) == i
        and not elsewhere(sentence, at, i, clauses)
        and not of_thing(sentence, at, i)
        and not of_saying(sentence, at, i)
        and not (remark and of_reason(sentence, at, i))
    ] or _counted(sentence, i, back)
    own = of_paper(sentence, i, ahead if forward else back) or own
    if not any(one.precision == "day" for one in own):
        own = _counted_from(sentence, i, ahead if forward else back) or own
    own = own or _held(sentence, i, ahead if forward else back, others, remark=remark)
    own = own or of_journey(sentence, i, back) or _before_main(sentence, i, back)
    if not own and not forward:
        own = _shared_date(sentence, i, back, others)
    if (
        not own
        and sentence[i].pos == "NOUN"
        and sentence[sentence[i].head].text.casefold() in {"during", "at"}
    ):
        verb = sentence[sentence[i].head].head  # "signed it on 4 May during a visit"
        own = [one for at, one in back if one.of_act and owner(sentence, at, others | {i, verb}) == verb]
    if not own and forward:
        own = _scheduled(sentence, i, ahead, others)
    if not own:
        own = _told_of(sentence, i, ahead if forward else back) or (
            [] if forward else _dated_line(sentence, back)
        )
    if own:
        return min(own, key=lambda one: (FINEST.index(one.precision), _depth(sentence, one, i, back, ahead)))
    if forward or not _is_highest(sentence, i, others):
        return None
    loose = [
        one
        for at, one in back
        if one.of_act
        and owner(sentence, at, others | {i}) is None
        and not of_words(sentence, at)
        and not (at > i and _in_relative(sentence, i, at))
        and not _of_antecedent(sentence, at, i)
    ]
    return loose[0] if loose else None


def _depth(sentence: Sentence, when: When, i: int, *some: Dates) -> int:
    """Return how many words lie between a date and a trigger in the tree."""
    at = next((at for dates in some for at, one in dates if one.start == when.start), i)
    return len(list(itertools.takewhile(lambda one: one != i, sentence.above(at))))


def _counted_from(sentence: Sentence, i: int, dates: Dates) -> list[When]:
    """Return the day that is counted from that of another act: "three days after talks had collapsed on
    Monday, X imposed", "the day before its credit line was to expire on 20 March".
    """
    for mark in (word.i for word in sentence.words if word.text.casefold() in {"after", "before"}):
        days = _days_before(sentence, mark)
        if days is None:
            continue
        if i not in sentence.above(mark):
            continue
        path = list(itertools.takewhile(lambda one: one != i, (mark, *sentence.above(mark))))
        if sum(sentence[one].dep in CLAUSES for one in path) > 1:
            continue
        below = sentence.subtree(path[-1])
        known = [one for at, one in dates if mark < at and at in below and one.precision == "day"]
        if known:
            day = date.fromisoformat(known[0].iso)
            step = days if sentence[mark].text.casefold() == "after" else -days
            return [replace(known[0], iso=(day + timedelta(days=step)).isoformat(), of_act=True)]
    return []


def _days_before(sentence: Sentence, mark: int) -> int | None:
    """Return the days that are counted in front of "after" or "before": "the day", "three days"."""
    if mark and sentence[mark - 1].lemma in {"hour", "minute"}:
        return 0
    if mark < 2 or sentence[mark - 1].lemma != "day":
        return None
    word = sentence[mark - 2].text.casefold()
    if word == "a":
        return 1
    number = int(word) if re.fullmatch(r"[0-9]{1,3}", word) else None  # no longer: it is no such count
    return SMALL.get(word) or (1 if word == "the" else number)


def _held(sentence: Sentence, i: int, dates: Dates, others: frozenset[int], *, remark: bool) -> list[When]:
    """Return the date that a clause below gives to the act: "an exercise to be held in March", and in the
    past tense "granted it a licence to export ore in May".
    """
    past = sentence[i].tag in {"VBD", "VBN"}
    found = []
    for at, one in dates:
        clause = next((up for up in (at, *sentence.above(at)) if sentence[up].dep in CLAUSES), i)
        if clause == i or not one.of_act or owner(sentence, at, others | {i}) != i:
            continue
        infinitive = (
            not remark
            and sentence[i].lemma in GIVING
            and sentence[clause].dep in {"acl", "xcomp"}
            and sentence[clause].tag == "VB"
            and past
            and one.precision in {"day", "month"}
        )
        above = sentence[clause].head
        if sentence[clause].dep == "xcomp" and sentence[above].dep in {"relcl", "acl"} and above != i:
            clause = above  # "a mine that is scheduled to start in May"
        head = sentence[sentence[clause].head]
        if (
            sentence[clause].dep == "advcl" and sentence[clause].tag == "VBN"
        ):  # "ahead of exams set for 4 May"
            head = sentence[max(0, min(sentence.subtree(clause)) - 1)]
        described = sentence[clause].dep in {"acl", "relcl"} or sentence[clause].tag == "VBN"
        thing = described and head.lemma not in GATHERINGS and head.i != i
        held = sentence[clause].lemma in HELD and not thing
        if held or (infinitive and one.bare):
            found.append(one)
    return found


def _before_main(sentence: Sentence, i: int, back: Dates) -> list[When]:
    """Return the date of a relative clause that the parse hangs on the verb behind it: "a missile that X
    fired at Y on Wednesday came down".
    """
    noun = sentence[sentence[i].head]
    if sentence[i].dep != "relcl" or noun.dep not in {"nsubj", "nsubjpass"}:
        return []
    return [one for at, one in back if one.of_act and i < at < noun.head and noun.head in sentence.above(at)]


def _dated_line(sentence: Sentence, back: Dates) -> list[When]:
    """Return the date that begins a line of a list of dates: "January 21: X announces"."""
    for at, one in back:
        behind = [word for word in sentence.words if word.start >= one.end + sentence.start]
        if at <= 1 and behind and behind[0].text == ":":
            return [one]
    return []


def _in_relative(sentence: Sentence, i: int, at: int) -> bool:
    """Return whether a trigger stands in a relative clause that a date behind it is not part of."""
    return any(
        sentence[one].dep == "relcl" and at not in sentence.subtree(one) for one in (i, *sentence.above(i))
    )


def _of_antecedent(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a date is that of what a relative clause is about: "the atrocities of October, which we
    condemn", but not "the address of Monday, in which X threatened".
    """
    if sentence[i].dep != "relcl" or sentence[i].head not in sentence.above(at):
        return False
    return any(sentence[one].tag in {"WDT", "WP"} for one in sentence.children(i, "dobj"))


def _counted(sentence: Sentence, i: int, back: Dates) -> list[When]:
    """Return the day that is counted from another: "was listed on Thursday, two days after Y listed it"."""
    marks = sentence.children(i, "mark") if sentence[i].dep in {"advcl", "pcomp", "conj"} else ()
    marks += (sentence[i].head,) if sentence[i].dep == "pobj" else ()
    for mark in marks:
        step = {"after": -1, "before": 1}.get(sentence[mark].text.casefold())
        days = _days_before(sentence, mark)
        if step is None:
            continue
        known = [one for at, one in back if at < mark and one.of_act and one.precision == "day"]
        if days is not None and known:
            day = date.fromisoformat(known[-1].iso) + timedelta(days=step * days)
            return [replace(known[-1], iso=day.isoformat())]
    return []


def _told_of(sentence: Sentence, i: int, back: Dates) -> list[When]:
    """Return the date that a clause describes: "remembers September 2010, when X held back cargoes"."""
    heads = {
        sentence[at].head
        for at in (i, *sentence.above(i))
        if sentence[at].dep in {"relcl", "advcl"}
        and any(sentence[one].lemma == "when" for one in sentence.children(at, "advmod"))
    }
    own = [one for at, one in back if one.of_act and heads & {at, sentence[at].head}]
    return [replace(one, since=False) for one in own]  # "since May 2, when X banned": it did so then


def _scheduled(sentence: Sentence, i: int, ahead: Dates, others: frozenset[int]) -> list[When]:
    """Return the date of the verb that an infinitive hangs on, "on 18 May the Union is to list them", or that
    foresees what a noun tells: "a second round of talks is planned for 20 April".
    """
    verb = sentence[i].head if sentence[i].dep == "xcomp" else _foreseen(sentence, i)
    if verb is None or sentence[verb].lemma not in PLANNING:
        return []
    return [
        one
        for at, one in ahead
        if one.of_act
        and owner(sentence, at, others | {i}) is None
        and next((up for up in sentence.above(at) if _is_main(sentence, up)), -1) == verb
    ]


def _foreseen(sentence: Sentence, i: int) -> int | None:
    """Return the verb whose passive subject a noun stands in."""
    for at in (i, *sentence.above(i)) if sentence[i].pos == "NOUN" else ():
        if sentence[at].pos in {"VERB", "AUX"}:
            return None
        if sentence[at].dep == "nsubjpass":
            return sentence[at].head
    return None


def _is_main(sentence: Sentence, up: int) -> bool:
    """Return whether a word is a verb, and none that only says when a thing is held: "a ceremony set for"."""
    held = sentence[up].dep == "acl" and sentence[up].lemma in HELD
    return sentence[up].pos in {"VERB", "AUX"} and not held


def _shared_date(sentence: Sentence, i: int, back: Dates, others: frozenset[int]) -> list[When]:
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
        one for at, one in back if at < end and one.of_act and owner(sentence, at, others | {head, i}) == head
    ]


def elsewhere(sentence: Sentence, at: int, i: int, clauses: frozenset[str]) -> bool:
    """Return whether another clause lies between a word and the trigger above it; not so in "stopped clearing
    fruit on Wednesday", which is one act, and "hit by a blast caused by a mine on 19 March".
    """
    begin = at
    while at != i and sentence[at].head != at:
        if _is_behind(sentence, at, begin):
            at = sentence[at].head
            continue
        gerund = sentence[at].dep == "xcomp" and sentence[at].tag == "VBG" and sentence[at].head == i
        by = sentence[sentence[sentence[at].head].head]
        cause = sentence[at].dep == "acl" and sentence[at].tag == "VBN" and by.dep == "agent" and by.head == i
        own = sentence[at].dep == "conj" and sentence[at].pos == "VERB" and bool(sentence.children(at, "aux"))
        if own or (sentence[at].dep in clauses and not (gerund or cause)):
            return True  # "has rejected it and would file a claim next month"
        at = sentence[at].head
    return False


def _is_highest(sentence: Sentence, i: int, others: frozenset[int]) -> bool:
    """Return whether no other trigger stands above a trigger."""
    return not any(above in others for above in sentence.above(i))
