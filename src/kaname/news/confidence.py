"""How sure an event is: a share of 1 from how it was found.

The points are ours, set on texts written for the purpose while the rules were made; `tools/score_events.py`
says how often events of the confident tier are right in coded texts.
"""

from __future__ import annotations

from kaname.news.act import Coded
from kaname.terms.ontology import MUTUAL

START = 0.55
LEAST, MOST = 0.2, 0.95
NAMED = 0.15
"""The doer is named, not inferred from an earlier sentence."""
BOTH = 0.1
"""Two parties are known, or the type needs but one."""
SPECIFIC = 0.1
"""The pattern asks for an object or preposition beside the trigger."""
NOUN = -0.2
"""A noun tells the event: often it only refers to one."""
OPEN = -0.1
"""The status hangs on words above the trigger."""
LONG = -0.1
"""The sentence has more words than parsers read well."""
LONG_WORDS = 45
ALONE = frozenset({"MOBILIZE", "STATEMENT", "REJECT", "RETREAT", "PROTEST"})
"""Types that often have no addressee."""


def confidence(one: Coded) -> float:
    """Return the confidence of a found event; that of its pattern where the table gives one."""
    if one.pattern.confidence is not None:
        return one.pattern.confidence
    parties = {*one.parties.source, *one.parties.target}
    both = len(parties) > 1 or (one.pattern.type in ALONE and bool(one.parties.source))
    points = (
        (NAMED, one.parties.sure and bool(one.parties.source)),
        (BOTH, both or (one.pattern.type not in MUTUAL and one.pattern.type == "SANCTION")),
        (SPECIFIC, one.pattern.conditions > 0),
        (NOUN, one.pattern.part == "noun"),
        (OPEN, one.status in {"conditional", "hypothetical"}),
        (LONG, len(one.sentence) > LONG_WORDS),
    )
    total = START + sum(value for value, holds in points if holds)
    return round(min(max(total, LEAST), MOST), 2)
