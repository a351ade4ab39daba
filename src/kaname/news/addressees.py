"""Where the addressee of an act may stand, type by type, and what is known of types without one."""

from __future__ import annotations

TOWARDS = (
    "against",
    "on",
    "upon",
    "to",
    "toward",
    "towards",
    "with",
    "at",
    "from",
    "for",
    "over",
    "between",
    "by",
)
"""Prepositions behind which an addressee may stand, likeliest first."""
ADDRESSEE = {
    "AID": ("to", "for", "in"),
    "CONSULT": ("with", "between", "to", "by"),
    "AGREE": ("with", "between", "by", "to"),
    "COOPERATE": ("with", "between", "to", "in"),
    "SANCTION": ("against", "on", "to", "towards", "toward", "from", "for", "in", "by", "of"),
    "CONCEDE": ("on", "to", "for", "from", "against", "by"),
    "RETREAT": ("from", "with", "in"),
    "MOBILIZE": ("against",),
    "STATEMENT": ("about", "at", "over", "to", "on", "by"),
    "SUPPORT": ("for", "with", "to", "of", "by", "in"),
    "REJECT": ("from", "by", "with", "of", "to"),
    "ASSAULT": ("on", "against", "at", "in", "into"),
    "COERCE": ("against", "on", "of", "from", "in"),
    "PROTEST": ("against", "at", "to", "in"),
    "ACCUSE": ("against", "of", "with", "by", "at", "over", "to", "in"),
    "REQUEST": ("on", "to", "from", "with", "for", "of"),
    "THREATEN": ("against", "to", "with", "on", "at"),
}
BOUND = frozenset(
    [
        "bind", "destine", "head", "ship", "sell", "send", "export", "mean", "intend", "aim", "supply",
        "deliver", "order", "buy", "purchase", "consign",
    ]
)  # fmt: skip
"""Participles of goods that say where they go: "cargoes bound for India", "parts ordered by Israel"."""
FORUMS = frozenset({"WTO", "UN"})
"""Where complaints are made: "a complaint at the WTO against X"."""
BUYERS = frozenset({"buyer", "importer", "customer", "user", "purchaser", "client", "consumer"})
"""Those whom a licence for exports hits without their own country's doing."""
OFFICIAL = frozenset({"SANCTION", "CONCEDE", "MOBILIZE"})
"""Types that are done by who announces them, where the sentence has those do it that they bind."""
REFERRING = frozenset({"ACCUSE", "SUPPORT", "REJECT", "STATEMENT", "REQUEST", "THREATEN"})
"""Types that answer another act, which a noun or "it" may name."""
SELF = frozenset({"MOBILIZE"})
"""Types without an addressee unless the sentence names one outright."""
OF_GOODS = frozenset({"export-ban", "export-control", "licence", "quota"})
"""Modes that a country imposes on its own exports."""
LOCAL = frozenset({"PROTEST", "ASSAULT", "COERCE", "RETREAT"})
"""Types whose doer, if only called rebels, crowd or police, is of the country where it happens."""
DOMESTIC = frozenset({"AID", "PROTEST", "ASSAULT", "COERCE"})
"""Types whose target may be the source's own country."""
ANSWERED = frozenset(
    [
        "ACCUSE", "SUPPORT", "REJECT", "REQUEST", "THREATEN", "CONCEDE", "COERCE", "CONSULT", "AGREE",
        "RETREAT", "PROTEST", "COOPERATE", "AID",
    ]
)  # fmt: skip
"""Types that have another side: where no word says which, the only other actor of the sentence."""
CONCRETE = frozenset({"AGREE", "COOPERATE"})
"""Types of which the other side is sought below the trigger only: who else is named may be told of beside."""
SPOKEN = frozenset({"ACCUSE", "REJECT", "REQUEST", "THREATEN", "SUPPORT", "CONSULT"})
"""Types that have another side also where the sentence names nobody: who was named before."""
