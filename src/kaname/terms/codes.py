"""Codes: countries (ISO 3166 alpha-3), markets and their segments, HS codes with edition.

Pure syntax: which codes are known is passed in, because the list of countries belongs to the data floor.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from kaname.terms.errors import InputError, Problem
from kaname.terms.language import ENGLISH, MARKETS
from kaname.terms.language import names as known_as

HS_EDITION = "HS1992"
"""The edition of the Harmonized System that the embedded trade is coded in."""

_EDITIONS = {
    "HS1992": "HS1992",
    "HS92": "HS1992",
    "H0": "HS1992",
    "HS0": "HS1992",
    "1992": "HS1992",
}
_LATER = {"1996": "H1", "2002": "H2", "2007": "H3", "2012": "H4", "2017": "H5", "2022": "H6"}
_COUNTRY = re.compile(r"[A-Z][A-Z0-9]{2}")
_SEGMENT = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class MarketId:
    """A country, or a segment of one with needs of its own: `JPN`, `JPN/defence` (rule N1)."""

    country: str
    segment: str = ""

    def __str__(self) -> str:
        """Return the id as it is written."""
        return f"{self.country}/{self.segment}" if self.segment else self.country


COMMON_NAMES = {
    "America": "USA", "Britain": "GBR", "Great Britain": "GBR", "UK": "GBR", "US": "USA", "U.S.": "USA",
    "United States": "USA", "United States of America": "USA", "United Kingdom": "GBR",
    "Bolivia": "BOL", "Bosnia": "BIH", "Brunei": "BRN", "Burma": "MMR", "Cape Verde": "CPV",
    "Congo-Brazzaville": "COG", "Congo-Kinshasa": "COD", "Czech Republic": "CZE", "Czechia": "CZE",
    "DR Congo": "COD", "DRC": "COD", "Democratic Republic of the Congo": "COD", "East Timor": "TLS",
    "Holland": "NLD", "Hong Kong": "HKG", "Iran": "IRN", "Ivory Coast": "CIV", "Laos": "LAO",
    "Macao": "MAC", "Macau": "MAC", "Macedonia": "MKD", "Micronesia": "FSM", "Moldova": "MDA",
    "North Korea": "PRK", "Palestine": "PSE", "Republic of Korea": "KOR", "Russia": "RUS",
    "South Korea": "KOR", "Swaziland": "SWZ", "Syria": "SYR", "Taiwan": "TWN",
    "Tanzania": "TZA", "Turkey": "TUR", "UAE": "ARE", "Vatican": "VAT", "Venezuela": "VEN", "Vietnam": "VNM",
}  # fmt: skip
"""Names that people write where trade data and ISO 3166 have others; only for codes that are known."""


def country(code_or_name: str, names: Mapping[str, str], where: str = "country") -> str:
    """Return the alpha-3 code of a country given by code or by name, whatever the case and accents.

    `names` maps each known code to its name. Raises `InputError` with the nearest codes for anything unknown.
    """
    text = code_or_name.strip()
    if text.upper() in names:
        return text.upper()
    plain = _plain(text)
    exact = sorted(code for code, name in names.items() if _plain(name) == plain)
    if len(exact) == 1:
        return exact[0]
    common = next((code for name, code in COMMON_NAMES.items() if _plain(name) == plain), None)
    if common is None:  # as the pages and reports write it
        spoken = known_as(MARKETS, ENGLISH)
        common = next((code for code, name in spoken.items() if _plain(name) == plain), None)
    if common in names:
        return str(common)
    fix = _hint(text, names)
    raise InputError(Problem("unknown country", where, repr(code_or_name), "an ISO 3166 alpha-3 code", fix))


def market(text: str, names: Mapping[str, str], where: str = "market") -> MarketId:
    """Return the parts of a market id such as `JPN` or `JPN/defence`.

    Raises `InputError` where the country is unknown or the segment is not written in small letters.
    """
    head, slash, tail = text.strip().partition("/")
    code = country(head, names, where)
    if slash and not _SEGMENT.fullmatch(tail):
        raise InputError(
            Problem(
                "not a market",
                where,
                repr(text),
                "a country or a segment of one, for instance JPN/defence",
                "Write the segment in small letters, digits and _",
            )
        )
    return MarketId(code, tail)


def is_country_code(text: str) -> bool:
    """Tell whether a text has the form of an alpha-3 code (digits may follow, as in BACI's groups: R20)."""
    return _COUNTRY.fullmatch(text) is not None


def hs_code(code: str | int, edition: str = HS_EDITION, where: str = "hs") -> str:
    """Return an HS code as six digits, for instance 280530 for `28.05.30`.

    Raises `InputError` for anything but six digits and for an edition other than HS 1992.
    """
    edition_of(edition, where)
    text = re.sub(r"[ .\-]", "", str(code))
    if isinstance(code, int):
        text = text.zfill(6)
    if not re.fullmatch(r"[0-9]{6}", text):
        fix = "Give the subheading with six digits, chapter first"
        raise InputError(Problem("not an HS code", where, repr(code), "six digits", fix))
    return text


def edition_of(text: str, where: str = "edition") -> str:
    """Return the one name of an HS edition (`HS92`, `H0` and `HS1992` are the same).

    Raises `InputError` for later editions, which the data do not hold: the same digits can mean other goods.
    """
    key = text.strip().upper().replace(" ", "")
    if key in _EDITIONS:
        return _EDITIONS[key]
    later = next(
        (year for year, short in _LATER.items() if key in {f"HS{year}", f"HS{year[2:]}", short, year}), ""
    )
    what = f"HS {later} is not in the data" if later else "unknown HS edition"
    fix = "Convert the code to HS 1992 with the correspondence tables of the UN Statistics Division"
    raise InputError(Problem(what, where, repr(text), HS_EDITION, fix))


def near(text: str, known: Sequence[str], count: int = 3) -> list[str]:
    """Return up to `count` known words that look like `text`."""
    return get_close_matches(text, known, n=count, cutoff=0.5)


def _plain(text: str) -> str:
    """Return a name in small letters without accents and punctuation."""
    base = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", base.casefold()).strip()


def _hint(text: str, names: Mapping[str, str]) -> str:
    """Return the nearest codes with their names, as a sentence."""
    by_name = {_plain(name): code for code, name in sorted(names.items(), reverse=True)}
    codes = [by_name[name] for name in get_close_matches(_plain(text), by_name, n=3, cutoff=0.6)]
    plain = _plain(text)
    if len(plain) > 3:
        codes += [code for name, code in by_name.items() if plain in name]
    codes += get_close_matches(text.upper(), sorted(names), n=3, cutoff=0.6)
    unique = list(dict.fromkeys(codes))[:4]
    if not unique:
        return "Use a three-letter code such as JPN"
    return "Did you mean " + " or ".join(f"{code} ({names[code]})" for code in unique) + "?"
