"""Types, modes and statuses of events, as `docs/events-codebook.md` defines them.

Types are those of PLOVER (Political Language Ontology for Verifiable Event Records, Halterman et al. 2023)
and STATEMENT; modes are ours.
"""

from __future__ import annotations

from types import MappingProxyType

MODES = MappingProxyType(
    {
        "AGREE": ("reach-agreement", "supply-chain"),
        "CONSULT": ("summit", "meet"),
        "SUPPORT": (),
        "COOPERATE": ("joint-production", "supply-chain", "exercise", "deepen-relations"),
        "AID": ("fund",),
        "CONCEDE": ("ease", "suspend-control", "licence-granted"),
        "RETREAT": (),
        "REQUEST": (),
        "ACCUSE": (),
        "REJECT": (),
        "THREATEN": (),
        "PROTEST": (),
        "SANCTION": (
            "export-control",
            "export-ban",
            "licence",
            "quota",
            "tariff",
            "entity-list",
            "import-ban",
            "investment-screening",
        ),
        "MOBILIZE": ("budget", "presence", "stockpile"),
        "COERCE": (),
        "ASSAULT": (),
        "STATEMENT": (),
    }
)
"""Event type -> its modes."""

MUTUAL = frozenset({"AGREE", "CONSULT", "COOPERATE"})
"""Types whose parties stand on either side: source and target count together."""

STATUSES = ("actual", "planned", "conditional", "hypothetical", "background", "negated")
PRECISIONS = ("day", "week", "month", "quarter", "year")
TRAPS = (
    "boilerplate",
    "hypothetical",
    "conditional",
    "background",
    "quote",
    "negated",
    "figurative",
    "no-event",
    "language",
)
BLOCS = (
    "EU", "G7", "G20", "NATO", "ASEAN", "QUAD", "AUKUS", "BRICS", "OPEC", "UN", "WTO", "IMF", "IEA", "IAEA",
    "APEC", "ARAB", "AU", "CARICOM", "CIS", "COE", "ECOWAS", "GCC", "ICC", "ICRC", "MERCOSUR", "OAS", "OECD",
    "OIC", "OSCE", "PIF", "SADC", "SCO", "WB",
)  # fmt: skip
"""Codes of blocs and organisations; the reader's table of actors knows no other that is no country."""
