"""What changed under the codes of the trade data: territories that split or merged, HS codes given up.

A list kept by hand from the notes of the BACI country table and the correlation tables of the World Customs
Organization. `store.countries` holds the numbers; here stands what a reader of a time series must know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Territory:
    """A change of territory: until `last_year` one code stands for `members`, afterwards for fewer or none.

    `iso3` is the code that the trade data show until then; where `continues` is true the same code goes on
    with less land, so that its own past is not its own.
    """

    iso3: str
    name: str
    last_year: int
    members: tuple[str, ...]
    continues: bool = False

    @property
    def sentence(self) -> str:
        """Return the change as one sentence."""
        members = ", ".join(self.members)
        after = (
            "the same code goes on with less land" if self.continues else "the code has no rows afterwards"
        )
        return f"until {self.last_year} {self.iso3} is {self.name} ({members} together); {after}"


TERRITORIES = (
    Territory("BEL", "Belgium-Luxembourg", 1998, ("BEL", "LUX"), continues=True),
    Territory("ZA1", "the Southern African Customs Union", 1999, ("BWA", "LSO", "NAM", "SWZ", "ZAF")),
    Territory("SCG", "Serbia and Montenegro", 2005, ("MNE", "SRB")),
    Territory("ANT", "the Netherlands Antilles", 2010, ("BES", "CUW", "SXM")),
    Territory("SDN", "Sudan with South Sudan", 2011, ("SDN", "SSD"), continues=True),
)
"""Changes of territory since 1995, by year."""

NOT_ISO_NUMBERS: Mapping[str, str] = {
    "CHE": "number 757, with Liechtenstein (ISO 756)",
    "FRA": "number 251, with Monaco (ISO 250)",
    "IND": "number 699 (ISO 356)",
    "NOR": "number 579, with Svalbard (ISO 578)",
    "R20": "a group, European countries of EFTA not told apart; no country",
    "TWN": "number 490, 'Other Asia, not elsewhere specified'; in practice Taiwan",
    "USA": "number 842, with Puerto Rico and the US Virgin Islands (ISO 840)",
}
"""Codes whose number in the trade data is not that of ISO 3166, which a plain join loses."""

NO_ISO_NUMBER = ("R20", "TWN")
"""Those among them whose number ISO 3166 gives to nobody."""

CODES_GIVEN_UP: Mapping[str, str] = {
    "250390": "HS 1996 joined 2503.10 and 2503.90 in 2503.00; look under 250310",
    "283030": "HS 2007 moved cadmium sulphide to 2830.90, which holds other sulphides too",
    "811230": "HS 2007 moved germanium to 8112.92 and 8112.99, which hold other metals too",
}
"""HS 1992 codes that a later edition gave up, and where the goods went."""


def smaller_since(year: int) -> dict[str, int]:
    """Return the codes that stand for less land in a year than before, with the last year before."""
    return {c.iso3: c.last_year for c in TERRITORIES if c.continues and c.last_year < year}
