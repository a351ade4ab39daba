"""Words that stand for actors named elsewhere, and where the country of a noun stands."""

from __future__ import annotations

SINGULAR = frozenset({"it", "he", "she", "him", "her", "itself"})
PLURAL = frozenset({"they", "them", "both", "we", "us", "themselves"})
POSSESSIVE = {"its": "it", "his": "it", "her": "it", "their": "they", "our": "we"}
BELONGING = frozenset({"of", "from"})
SEAT = BELONGING | {"in", "at", "for"}
"""Prepositions behind which the country of an agent stands: "officials in Tokyo"; of a thing only
`BELONGING`.
"""
SITTING = frozenset({"base", "register", "headquarter", "locate", "domicile", "incorporate", "seat", "list"})
"""Participles that say whose a firm is: "a fund registered in Shenzhen"."""
QUANTITY = frozenset(
    [
        "hundred",
        "thousand",
        "dozen",
        "score",
        "number",
        "group",
        "series",
        "handful",
        "majority",
        "million",
        "many",
        "most",
        "several",
        "some",
    ]
)
"""Words that count what stands behind "of": "dozens of prisoners"."""
RELATIVE = frozenset({"who", "which", "that", "whom"})
OWN = ("poss", "amod", "compound", "nmod", "nummod")
PLACES = frozenset({"city", "region", "capital"})
LED = frozenset(
    {
        "lead",
        "led",
        "back",
        "backed",
        "own",
        "owned",
        "base",
        "based",
        "run",
        "make",
        "made",
        "build",
        "built",
        "flag",
        "flagged",
        "operate",
        "operated",
        "register",
        "registered",
    }
)
"""Participles in front of which a country stands whose the thing is: "the Russian-led scheme"."""
ACROSS = frozenset(
    {"counterpart", "colleague", "homologue", "neighbour", "neighbor", "rival", "opponent", "ally", "partner"}
)
"""Nouns that a pronoun in front of them does not give a country: "its neighbour" is another one."""
LAND = frozenset({"country", "nation"})
"""Nouns by which a text means the one country that it speaks of."""
FRIENDS = frozenset({"ally", "partner"})
"""Nouns for another one that is no opponent."""
LIST = frozenset({",", "and", "the", "as", "well", "&", "plus"})
GROUNDS = frozenset(
    [
        "evidence", "sign", "indication", "proof", "suggestion", "report", "claim", "allegation", "rumour",
        "rumor", "talk", "post", "story", "accusation", "assertion", "charge", "speculation",
    ]
)  # fmt: skip
"""Nouns for what an act is known by: of what is denied with them the act itself is told."""
