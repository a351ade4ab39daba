"""Dates of a sentence that belong to something else than the act: to a thing, a reason, to words about it."""

from __future__ import annotations

import itertools

from kaname.news.relative import WEEKDAYS
from kaname.news.sentence import Sentence

SAID = frozenset(
    [
        "say", "tell", "report", "write", "note", "add", "confirm", "explain", "notice", "deplore",
        "disclose", "show", "reveal", "leak", "learn", "circulate", "testify", "state", "acknowledge",
    ]
)  # fmt: skip
"""Verbs whose date is that of the words, not of the act they report."""
PARTS_OF_TIME = frozenset(
    {
        "end",
        "beginning",
        "start",
        "middle",
        "half",
        "week",
        "day",
        "month",
        "quarter",
        "morning",
        "evening",
        "night",
        "hour",
        "afternoon",
        "eve",
    }
)
HOURS = frozenset({"sunrise", "sunset", "dawn", "dusk", "midnight", "noon", "nightfall", "daybreak"})
AFTER = frozenset({"after", "before", "following", "until"})
"""Prepositions behind which another act is told."""
GATHERINGS = frozenset(
    [
        "exercise", "drill", "manoeuvre", "maneuver", "meeting", "summit", "talk", "conference", "ceremony",
        "session", "round", "visit", "forum", "dialogue", "war_game", "game", "patrol", "trial",
        "negotiation", "consultation", "workshop", "parade", "hearing", "assembly", "training",
    ]
)  # fmt: skip
"""Things that are held: the day on which they open is that of the act, that of a mine's opening is not."""
FEELINGS = frozenset(
    [
        "concern",
        "worry",
        "alarm",
        "regret",
        "support",
        "thank",
        "condolence",
        "backing",
        "solidarity",
        "doubt",
    ]
)
"""What is expressed: a date behind it is that of the words."""
REASONS = frozenset({"for", "over", "at", "about", "despite"})
"""Prepositions behind which stands what words are about."""


def of_saying(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a date stands between "said" and what is said: "X said on Monday it would raise"."""
    verb, doers = sentence[i].head, sentence.children(i, "nsubj", "nsubjpass")
    said = sentence[i].dep == "ccomp" and sentence[verb].lemma in SAID | {
        "announce",
        "warn",
        "promise",
        "pledge",
    }
    return said and bool(doers) and verb < at < doers[0]


def of_reason(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a date is that of what is praised or blamed: "blamed X for the shelling in May",
    "accused X of shelling a village on Monday", "welcomed the Senate's vote last month".
    """
    if sentence[i].tag in {"VBP", "VBZ"} and at > i:  # "we condemn the sabotage of a cable on 4 January"
        return True
    path = list(itertools.takewhile(lambda one: one != i, (at, *sentence.above(at))))
    for one in path:
        word = sentence[one]
        behind = one > i or word.lemma in {"over", "despite"}
        if word.dep == "prep" and word.lemma in REASONS and behind:
            return True
        if word.dep == "pcomp" and sentence[word.head].lemma == "of":
            return True
    nouns = [one for one in path[1:] if sentence[one].dep == "dobj" and one < at]
    weekday = any(sentence[one].lemma in WEEKDAYS for one in sentence.subtree(at))
    return not weekday and any(sentence[one].lemma not in FEELINGS for one in nouns)


def of_thing(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a date belongs to a thing that is spoken of: "this year's budget", or in the present
    tense "we condemn the attack of 4 May".
    """
    if sentence[at].dep == "poss":
        return sentence[at].head != i
    return (
        _in_name(sentence, at, i)
        or _of_noun(sentence, at, i)
        or _after_another(sentence, at, i)
        or _of_object(sentence, at, i)
        or _in_apposition(sentence, at, i)
    )


def _in_name(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a year is part of a name: "the 2030 Agenda"."""
    year = at + 1 if sentence[at].dep == "det" and at + 1 < len(sentence) else at
    named = sentence[sentence[year].head]
    inside = sentence[year].dep in {"nummod", "compound", "nmod"} and len(sentence[year].text) == 4
    return inside and named.i != i and named.lemma not in PARTS_OF_TIME


def _in_apposition(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a date tells of a name beside which it stands: "Senegal, a country independent since
    1960".
    """
    path = list(itertools.takewhile(lambda one: one != i, sentence.above(at)))
    return any(sentence[one].dep == "appos" and sentence[one].lemma not in PARTS_OF_TIME for one in path)


def _of_noun(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a date hangs on a noun that is not the act: "its decision of 4 March", "a date after 20
    April", "spurned an invitation to the summit in September".
    """
    prep = sentence[at] if sentence[at].dep == "prep" else sentence[sentence[at].head]
    noun = sentence[prep.head]
    if noun.i == i or noun.pos != "NOUN":
        return False
    if prep.lemma in {"in", "on"} and noun.lemma in GATHERINGS | {"election", "vote", "poll"}:
        return noun.dep == "pobj" and sentence[noun.head].lemma not in {"at", "during", "in"}
    of = prep.lemma == "of" and (sentence[at].dep == "pobj" or at == prep.i)
    after = prep.lemma in AFTER | {"since"} and prep.dep == "prep"
    return (of or after) and noun.lemma not in PARTS_OF_TIME


def _after_another(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a date is that of what an act came after: "after a vote on 10 March"."""
    nested = [
        one for one in sentence.above(at) if sentence[one].lemma in AFTER and sentence[one].dep == "prep"
    ]
    inner = sentence.children(nested[0], "pobj") if nested else ()
    hour = any(sentence[one].lemma in HOURS for one in inner)  # "before sunrise on Thursday"
    return bool(nested) and not hour and nested[0] != sentence[at].head and i in sentence.above(nested[0])


def _of_object(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether a date hangs on the object of a verb in the present tense."""
    path = list(itertools.takewhile(lambda one: one != i, (at, *sentence.above(at))))
    return sentence[i].tag in {"VBP", "VBZ"} and any(
        sentence[one].dep == "dobj" and sentence[one].pos == "NOUN" for one in path[1:]
    )


def of_words(sentence: Sentence, at: int) -> bool:
    """Return whether a date says when something was said, not when it happened."""
    verb = next((above for above in sentence.above(at) if sentence[above].pos == "VERB"), None)
    return verb is not None and sentence[verb].lemma in SAID
