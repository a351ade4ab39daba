"""History: acts told as context, by their date, by a year the sentence names, or by "decades ago"."""

from __future__ import annotations

import re
from datetime import date

from kaname.news.dates import last_day
from kaname.news.relative import WEEKDAYS
from kaname.news.sentence import Sentence
from kaname.news.when import CLAUSES, elsewhere, first_word, owner

BACKGROUND_DAYS = 90
"""An act that lies longer before publication is history (`docs/events-codebook.md`)."""
_LONG_AGO = re.compile(
    r"\b(?:in|since|during|of) the (?:early |late |mid-)?(?:1[89]|20)\d0s\b"
    r"|\b(?:(?:a|several|many|some|few|two|three|four|five|ten) )?"
    r"(?:years|decades?|centur(?:y|ies)) (?:ago|earlier|before)\b"
    r"|\b(?:of|later|earlier) that year\b"
    r"|\bin the past\b|\bin (?:earlier|previous|past) (?:years|decades|times|crises|disputes|rounds)\b"
    r"|\bduring the (?:Cold War|first Trump (?:administration|term)|pandemic)\b|\bhistorically\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"(?<!since )(?<!from )(?<!until )(?<!by )(?<!to )(?<![\d.,$\u20ac\u00a3\u00a5-])"
    r"\b((?:19|20)\d\d)\b(?![\d.,]\d|-)"
)
_COMMEMORATED = re.compile(r"\banniversary of [^,.;]*$", re.IGNORECASE)
"""Words in front of a year that is only remembered: "on the anniversary of the riots of 1998"."""
ASIDES = frozenset({"relcl", "acl", "advcl", "appos"})
"""Labels of what is said beside the clause that it hangs on."""
_NOW = re.compile(
    r"\b(?:today|yesterday|tomorrow|tonight|now|this (?:week|month|year|morning)|"
    r"(?:last|next) (?:week|month|night)|" + "|".join(WEEKDAYS) + r")\b",
    re.IGNORECASE,
)
_ONCE = frozenset({"previously", "formerly", "originally", "historically", "once"})


def is_long_ago(sentence: Sentence, i: int, text: str, others: frozenset[int]) -> bool:
    """Return whether the words around a trigger put it into a past without a date: "decades ago", "once"."""
    if any(sentence[one].text.casefold() in _ONCE for one in sentence.children(i, "advmod")):
        return True
    start = sentence.start
    for match in _LONG_AGO.finditer(text):
        at = first_word(sentence, match.start() + start, match.end() + start)
        if owner(sentence, at, others | {i}) in {i, None} and not elsewhere(sentence, at, i, CLAUSES):
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
        if not _COMMEMORATED.search(text[: match.start()])
        and not _in_aside(sentence, first_word(sentence, match.start() + start, match.end() + start), i)
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
