"""Patterns: words that tell an event, with what must stand around them (`tables/patterns.csv`).

A cell is a list of words, any of which will do; `@class` stands for the words of a class, `!` before a word
forbids it, ` + ` between lists asks for one of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from kaname.news.frames import OBJECT_CONTROL, is_passive
from kaname.news.sentence import Sentence

NESTED = frozenset({"advcl", "relcl", "conj", "parataxis", "csubj", "csubjpass", "dep"})
"""Labels at which another clause begins; what is said, asked or planned (ccomp, xcomp) belongs to the
verb.
"""

_SUM = re.compile(
    r"[^\w\s]?[A-Za-z]{0,3}[^\w\s]?\d[\d.,]*(?:bn|mn|tn|m|trn|mln|bln)|[$\u20ac\u00a3\u00a5\u20a9\u20b9]\d[\d.,]*"
)
"""A sum written as one word: it counts as "million" does."""
NEAR = 12
"""Words behind a trigger within which its object is looked for where the parse does not give it."""


@dataclass(frozen=True)
class Need:
    """Words of which one must be there, and words that must not."""

    any_of: frozenset[str]
    none_of: frozenset[str]

    def met(self, there: frozenset[str]) -> bool:
        """Return whether some words satisfy the need."""
        return (not self.any_of or bool(self.any_of & there)) and not self.none_of & there


@dataclass(frozen=True)
class Pattern:
    """A row of the table, ready to be tried."""

    rule: str
    type: str
    mode: str | None
    part: str
    subject: tuple[Need, ...]
    object: tuple[Need, ...]
    clause: tuple[Need, ...]
    preps: Mapping[str, Need | None]
    roles: Mapping[str, tuple[str, ...]]
    status: str | None
    confidence: float | None
    order: int

    @property
    def conditions(self) -> int:
        """Return how much the pattern asks for: the more, the surer."""
        subject = sum(bool(need.any_of) for need in self.subject)
        clause = sum(bool(need.any_of) for need in self.clause)
        return 2 * subject + 2 * len(self.object) + clause + 2 * bool(self.preps)

    def fits(
        self,
        sentence: Sentence,
        i: int,
        subjects: Sequence[int],
        objects: Sequence[int],
        kinds: frozenset[str] = frozenset(),
        told_kinds: frozenset[str] = frozenset(),
    ) -> bool:
        """Return whether the words around a trigger are as the pattern asks; `kinds` and `told_kinds` are
        those of the names among the subjects and objects, as `<country>`.
        """
        if not _told(self.subject, sentence, subjects, kinds):
            return False
        if not _told(self.object, sentence, objects, told_kinds):
            return False
        if self.preps and not (
            any(self._prep(sentence, child) for child in governed(sentence, i))
            or ("clause" in self.preps and has_clause(sentence, i))
            or ("dative" in self.preps and has_receiver(sentence, i))
            or ("infinitive" in self.preps and has_infinitive(sentence, i))
        ):
            return False
        if self.clause:
            above = objects if sentence[i].dep in {"acl", "relcl"} else ()
            there = clause_words(sentence, i).union(*(clause_words(sentence, one) for one in above))
            return all(need.met(there) for need in self.clause)
        return True

    def nearly_fits(self, sentence: Sentence, i: int) -> bool:
        """Return whether the words that the pattern asks for stand near a trigger, whatever the parse hangs
        them on: its object within some words behind it (before it in the passive), its preposition behind it.
        """
        if self.subject or not any(need.any_of for need in self.object):
            return False
        passive = is_passive(sentence, i)
        near = range(max(0, i - NEAR), i) if passive else range(i + 1, min(len(sentence), i + NEAR))
        told = frozenset(
            form for one in near if not _is_taken(sentence, one, i) for form in forms(sentence, one)
        )
        if "short" in told:  # "stopped short of banning exports"
            return False
        if not all(need.met(told) for need in self.object):
            return False
        if self.preps and not any(
            sentence[one].lemma in self.preps and self._prep(sentence, one)
            for one in range(i + 1, min(len(sentence), i + 2 * NEAR))
        ):
            return False
        words = frozenset(form for one in range(len(sentence)) for form in forms(sentence, one))
        return all(need.met(words if not need.none_of else clause_words(sentence, i)) for need in self.clause)

    def _prep(self, sentence: Sentence, child: int) -> bool:
        """Return whether a preposition or particle is one that the pattern asks for."""
        word = sentence[child]
        if word.lemma not in self.preps:
            return False
        need = self.preps[word.lemma]
        if need is None:
            return True
        below = sentence.subtree(child)
        return need.met(frozenset(form for one in below for form in forms(sentence, one)))


def _told(needs: Sequence[Need], sentence: Sentence, words: Sequence[int], kinds: frozenset[str]) -> bool:
    """Return whether subjects or objects are what a pattern asks for; without any, only what it forbids."""
    there = kinds.union(*(forms(sentence, one) for one in words))
    asked = any(need.any_of for need in needs)
    return (bool(words) or not asked) and all(need.met(there) for need in needs)


def _is_taken(sentence: Sentence, one: int, i: int) -> bool:
    """Return whether a word is the object or subject of another verb."""
    word = sentence[one]
    return word.dep in {"dobj", "nsubj", "nsubjpass"} and word.head != i and sentence[word.head].pos == "VERB"


def has_clause(sentence: Sentence, i: int) -> bool:
    """Return whether a clause with a subject of its own hangs on a word: "wants Beijing to explain"."""
    return any(sentence.children(one, "nsubj", "nsubjpass") for one in sentence.children(i, "ccomp", "acl"))


def has_infinitive(sentence: Sentence, i: int) -> bool:
    """Return whether an infinitive hangs on a word: "told Manila to keep its boats away"."""
    return any(
        sentence[one].tag == "VB" and any(sentence[to].text == "to" for to in sentence.children(one, "aux"))
        for one in sentence.children(i, "xcomp", "ccomp", "acl")
    )


def has_receiver(sentence: Sentence, i: int) -> bool:
    """Return whether a verb names the receiver without a preposition: "sent Moldova two transformers"."""
    twice = len(sentence.children(i, "dobj")) > 1  # "lent Vietnam ¥50bn"
    return twice or any(sentence[one].pos != "ADP" for one in sentence.children(i, "dative"))


def governed(sentence: Sentence, i: int) -> tuple[int, ...]:
    """Return the prepositions and particles of a word; "out of" counts as both."""
    found = list(sentence.children(i, "prep", "prt", "agent", "dative", "advmod"))
    for one in tuple(found):
        found += sentence.children(one, "prep")
    for noun in sentence.children(i, "dobj"):
        found += sentence.children(noun, "prep")
    return tuple(found)


def forms(sentence: Sentence, i: int) -> tuple[str, ...]:
    """Return what a word may be listed as: dictionary form, as written, and with its neighbour joined by
    _.
    """
    word = sentence[i]
    if word.text.casefold() == "according":  # is no accord
        return ("according",)
    found = [word.lemma, word.text.casefold()]
    if word.tag == "NNPS":  # "the Ministers"
        found.append(word.lemma.removesuffix("s"))
    if _SUM.fullmatch(word.text):
        found.append("million")
    if i:
        before = sentence[i - 1]
        if before.text == "-" and i > 1:
            before = sentence[i - 2]
        found += [
            f"{before.text.casefold()}_{word.lemma}",
            f"{before.lemma}_{word.lemma}",
            f"{before.text.casefold()}_{word.text.casefold()}",
        ]
        if before.lemma == "of" and i > 1:
            found.append(f"{sentence[i - 2].lemma}_of_{word.lemma}")
    return tuple(found)


def clause(sentence: Sentence, i: int) -> tuple[int, ...]:
    """Return the words of a trigger's own clause: what hangs on it up to where another clause begins."""
    found, waiting = [], [i]
    while waiting:
        at = waiting.pop()
        found.append(at)
        waiting += [
            child
            for child in sentence.children(at)
            if not (sentence[child].dep in NESTED and sentence[child].pos in {"VERB", "AUX"})
            or _is_allowed(sentence, child, at)
        ]
    return tuple(sorted(found))


def _is_allowed(sentence: Sentence, child: int, verb: int) -> bool:
    """Return whether an infinitive says what a verb allows or forbids, though the parse takes it for a
    purpose: "was cleared to sell", "permits cotton to be sold".
    """
    return (
        sentence[child].dep == "advcl"
        and sentence[verb].lemma in OBJECT_CONTROL | {"clear", "oblige", "forbid", "license", "bar"}
        and any(sentence[one].text == "to" for one in sentence.children(child, "aux"))
    )


def clause_words(sentence: Sentence, i: int) -> frozenset[str]:
    """Return the forms of all words of a trigger's clause."""
    return frozenset(form for one in clause(sentence, i) for form in forms(sentence, one))


def by_trigger(
    rows: Iterable[Mapping[str, Any]], classes: Mapping[str, frozenset[str]]
) -> Mapping[tuple[str, str], tuple[Pattern, ...]]:
    """Return (part of speech, dictionary form) -> patterns it may set off, in the table's order."""
    found: dict[tuple[str, str], list[Pattern]] = {}
    for order, row in enumerate(rows):
        pattern = Pattern(
            rule=row["rule"],
            type=row["type"],
            mode=row["mode"],
            part=row["part"],
            subject=_needs(row["subject"], classes),
            object=_needs(row["object"], classes),
            clause=_needs(row["with"], classes),
            preps=_preps(row["prep"], classes),
            roles=_roles(row["roles"]),
            status=row["status"],
            confidence=row["confidence"],
            order=order,
        )
        for word in sorted(_words(row["trigger"], classes)):
            found.setdefault((row["part"], word), []).append(pattern)
    return MappingProxyType({key: tuple(some) for key, some in found.items()})


def _words(cell: str | None, classes: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the words of a list, classes written out."""
    words: set[str] = set()
    for word in (cell or "").split():
        words |= classes[word[1:]] if word.startswith("@") else {word}
    return frozenset(words)


def _needs(cell: str | None, classes: Mapping[str, frozenset[str]]) -> tuple[Need, ...]:
    """Return the lists of a cell, of each of which one word must be there."""
    if not cell:
        return ()
    return tuple(_need(part, classes) for part in cell.split(" + "))


def _need(cell: str, classes: Mapping[str, frozenset[str]]) -> Need:
    """Return one list as words that must and must not be there."""
    words = cell.split()
    wanted = " ".join(word for word in words if not word.startswith("!"))
    barred = " ".join(word[1:] for word in words if word.startswith("!"))
    return Need(_words(wanted, classes), _words(barred, classes))


def _preps(cell: str | None, classes: Mapping[str, frozenset[str]]) -> Mapping[str, Need | None]:
    """Return preposition -> what must follow it, from cells such as `for:@end on with:@partner`."""
    found: dict[str, Need | None] = {}
    for part in (cell or "").split():
        prep, _, rest = part.partition(":")
        found[prep] = _need(rest.replace("|", " "), classes) if rest else None
    return MappingProxyType(found)


def _roles(cell: str | None) -> Mapping[str, tuple[str, ...]]:
    """Return role -> where to look, from cells such as `target=with,to source=object`."""
    found = {}
    for part in (cell or "").split():
        role, _, where = part.partition("=")
        found[role] = tuple(filter(None, where.split(",")))
    return MappingProxyType(found)
