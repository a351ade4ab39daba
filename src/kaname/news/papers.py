"""The date of a paper, sitting, journey or first step by which an act is done."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from kaname.news.dates import When
from kaname.news.sentence import Sentence

Dates = Sequence[tuple[int, When]]
"""Dates of a sentence, each with its first word."""
PAPERS = frozenset(
    [
        "order", "letter", "decree", "notice", "statement", "circular", "announcement", "note",
        "notification", "decision", "ruling", "message", "speech", "interview", "resolution", "ordinance",
        "complaint", "law", "communique", "communiqué", "declaration", "ultimatum", "reply", "answer",
        "sitting", "session", "act", "directive", "instrument", "proclamation", "edict", "verdict",
        "judgment", "judgement", "regulation", "rule", "bill", "vote", "cable", "dispatch", "response",
        "motion", "amendment", "edition", "gazette",
    ]
)  # fmt: skip
"""Nouns in which something is done on the day that they bear: "in a letter of 23 March X asked"."""
BY = frozenset({"in", "by", "under", "with", "through", "via", "at", "per", "following"})
"""Prepositions of the paper by which an act is done."""
MADE = frozenset(
    [
        "sign", "publish", "issue", "promulgate", "deliver", "date", "gazette", "adopt", "lay", "release",
        "pass", "approve", "register", "post", "send", "seal", "announce", "take", "make", "give", "unveil",
        "enact", "hand", "reach", "conclude",
    ]
)  # fmt: skip
"""Participles that say when a paper was made: "a decision signed on 20 September"."""
GOING = MADE | {
    "fly",
    "ship",
    "dispatch",
    "airlift",
    "launch",
    "fire",
    "receive",
    "welcome",
    "gather",
    "meet",
}
"""Participles in front of an act that is done on their day: "sent abroad on Tuesday, jets bombed"."""
TRAVEL = frozenset(
    [
        "fly", "travel", "go", "come", "head", "dispatch", "send", "sail", "return", "arrive", "drive",
        "gather", "meet", "visit", "rush", "hurry", "convene", "take",
    ]
)  # fmt: skip
"""Verbs on whose day that is done for which one goes: "flew to Ankara on Monday to press Turkey"."""
SPEAKING = frozenset({"speak", "talk", "write", "testify", "address", "react"})


def of_paper(sentence: Sentence, i: int, dates: Dates) -> list[When]:
    """Return the date of the paper or speech in which it is done: "in an order published on Tuesday", "a
    decree of 23 March forbids", "speaking on Thursday"; or of the participle that begins the sentence.
    """
    found = []
    for at, one in dates:
        if not one.of_act or i not in sentence.above(at):
            continue
        path = list(itertools.takewhile(lambda up: up != i, (at, *sentence.above(at))))
        noun = next((up for up in path if sentence[up].lemma in PAPERS), None)
        by_paper = noun is not None and _does(sentence, noun, i) and _dates(sentence, at, noun)
        if by_paper or _begins(sentence, path[-1], at, i):
            found.append(one)
    return [one for one in found if one.precision == "day"][:1] or found


def _does(sentence: Sentence, noun: int, i: int) -> bool:
    """Return whether an act is done by a paper: as its subject, or behind "in", "by", "under"."""
    word = sentence[noun]
    if word.dep in {"nsubj", "agent"} and word.head == i:
        return True
    prep = sentence[word.head]
    below = sentence[prep.head]  # the verb, or its object, on which the parse may hang the paper
    near = below.i == i or (below.dep == "dobj" and below.head == i)
    return word.dep == "pobj" and prep.lemma in BY and near


def _dates(sentence: Sentence, at: int, noun: int) -> bool:
    """Return whether a date is that of a paper: "of 4 May", "dated 4 May", "signed on Monday"."""
    path = list(itertools.takewhile(lambda up: up != noun, (at, *sentence.above(at))))
    if sentence[at].dep in {"poss", "compound", "nmod", "amod", "npadvmod"} and sentence[at].head == noun:
        return True
    if any(sentence[one].lemma == "date" and sentence[one].dep == "acl" for one in path):
        return True
    top = path[-1]
    if sentence[top].dep == "prep" and sentence[top].lemma in {"of", "on", "from"}:
        return top in {at, sentence[at].head}
    made = sentence[top].dep == "acl" and sentence[top].tag == "VBN" and sentence[top].lemma in MADE
    return made and len(path) <= 3


def _begins(sentence: Sentence, top: int, at: int, i: int) -> bool:
    """Return whether a date hangs on a participle in front of a verb, or says when somebody speaks."""
    word = sentence[top]
    if word.dep != "advcl" or sentence[i].pos not in {"VERB", "AUX"}:
        return False
    if word.lemma in SPEAKING:
        return True
    bare = word.tag == "VBN" and not sentence.children(top, "nsubj", "nsubjpass", "mark", "aux")
    near = sentence[at].head == top or sentence[sentence[at].head].head == top
    return bare and near and top < i and word.lemma in GOING


def of_journey(sentence: Sentence, i: int, dates: Dates) -> list[When]:
    """Return the day on which somebody went to do it: "flew to Ankara on Monday to press Turkey", "it took X
    until Thursday to condemn".
    """
    word = sentence[i]
    verb = word.head
    purpose = word.dep in {"advcl", "xcomp"} and any(
        sentence[one].text == "to" for one in sentence.children(i, "aux")
    )
    if not purpose or sentence[verb].lemma not in TRAVEL:
        return []
    return [
        one
        for at, one in dates
        if one.of_act and (sentence[at].head == verb or sentence[sentence[at].head].head == verb)
    ]
