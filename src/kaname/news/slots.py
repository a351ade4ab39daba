"""The slots of an event beside its parties: when, where, of what, how much, about what."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kaname.news.cast import Scene
from kaname.news.dates import MONTHS, When, dates
from kaname.news.frames import objects
from kaname.news.gazetteer import Found
from kaname.news.money import Money, sums
from kaname.news.patterns import clause
from kaname.news.relative import WEEKDAYS
from kaname.news.sentence import Sentence
from kaname.news.when import ASIDE_CLAUSES, date_of, elsewhere, first_word, owner

OBJECT_WORDS = 12
ASIDE = frozenset({"in", "on", "at", "after", "before", "during", "according", "by"})
"""Prepositions behind which no object stands but a time, a place or a source."""
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
        goods=tuple((first_word(sentence, one.start, one.end), one.what) for one in goods),
        money=tuple((first_word(sentence, one.start + start, one.end + start), one) for one in sums(text)),
        back=tuple(
            (first_word(sentence, one.start + start, one.end + start), one) for one in dates(text, published)
        ),
        ahead=tuple(
            (first_word(sentence, one.start + start, one.end + start), one)
            for one in dates(text, published, ahead=True)
        ),
    )


def slots(
    scene: Scene,
    i: int,
    found: Mentions,
    status: str,
    others: frozenset[int],
    parties: Sequence[str],
    *,
    remark: bool = False,
) -> Slots:
    """Return the slots of the trigger at a word; `others` are the triggers of other events, `parties` whose
    money it is where several countries have a currency of that name. `remark`: the act is words about
    another.
    """
    nations = (*parties, *(scene.code(word.i) for word in scene.sentence.words))
    ahead = status in {"planned", "conditional", "hypothetical"}
    when = date_of(scene.sentence, i, found.back, found.ahead, forward=ahead, others=others, remark=remark)
    if when is not None and when.since and status == "negated":  # "no accord has been reached since 2022"
        when = None
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


def _nearest(
    sentence: Sentence, i: int, found: Sequence[tuple[int, Money]], others: frozenset[int]
) -> Money | None:
    """Return the sum that belongs to a trigger."""
    own = [
        one
        for at, one in found
        if owner(sentence, at, others | {i}) == i and not _of_another(sentence, at, i)
    ]
    if not own and not others and len(found) == 1:
        return found[0][1]
    return own[0] if own else None


def _of_another(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a clause with a subject of its own lies between: "signed it, while X put up $5m"."""
    return any(
        sentence[one].dep == "advcl" and sentence.children(one, "nsubj")
        for one in itertools.takewhile(lambda one: one != i, sentence.above(at))
    )


def _goods(
    sentence: Sentence, i: int, found: Sequence[tuple[int, str]], others: frozenset[int]
) -> tuple[str, ...]:
    """Return the goods that an act is about: below its trigger, not below another one."""
    return tuple(
        dict.fromkeys(
            name
            for at, name in found
            if owner(sentence, at, others | {i}) == i and not elsewhere(sentence, at, i, ASIDE_CLAUSES)
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


_NO_PLACES = frozenset(one.casefold() for one in (*MONTHS, *WEEKDAYS)) | {
    "parliament",
    "congress",
    "exercise",
}
