"""Sums of money in a text: "nine trillion yen", "$1.2bn", "EUR 350 million", "Rs 500 crore".

A small grammar of ours: libraries for prices read one number beside a sign, those for quantities take "yen"
for no unit and drop the trillions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SCALES = {
    "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6,
    "billion": 1e9, "bn": 1e9, "b": 1e9, "bln": 1e9, "milliard": 1e9, "trillion": 1e12, "tn": 1e12,
    "trn": 1e12,
    "trln": 1e12, "t": 1e12, "lakh": 1e5, "crore": 1e7, "lakh crore": 1e12, "hundred": 1e2,
}  # fmt: skip
SIGNS = {
    "US$": "USD", "A$": "AUD", "AU$": "AUD", "Can$": "CAD", "NZ$": "NZD", "J$": "JMD",
    "Z$": "ZWL", "C$": "CAD", "CA$": "CAD", "S$": "SGD",
    "HK$": "HKD",
    "NT$": "TWD", "R$": "BRL", "$": "USD", "\u20ac": "EUR", "\u00a3": "GBP", "\u00a5": "JPY",
    "\u20a9": "KRW", "\u20b9": "INR",
    "\u20bd": "RUB", "\u20ba": "TRY", "\u20aa": "ILS", "Rs": "INR", "Rs.": "INR", "RM": "MYR", "RMB": "CNY",
}  # fmt: skip
NAMES = {
    "dollar": "USD", "euro": "EUR", "pound": "GBP", "yen": "JPY", "won": "KRW", "yuan": "CNY",
    "renminbi": "CNY",
    "rupee": "INR", "rouble": "RUB", "ruble": "RUB", "lira": "TRY", "zloty": "PLN", "real": "BRL",
    "reais": "BRL",
    "rand": "ZAR", "rupiah": "IDR", "ringgit": "MYR", "baht": "THB", "dong": "VND", "shekel": "ILS",
    "hryvnia": "UAH",
    "krona": "SEK", "kronor": "SEK", "krone": "NOK", "kroner": "NOK", "franc": "CHF", "tenge": "KZT",
    "riyal": "SAR",
    "dirham": "AED", "naira": "NGN", "forint": "HUF", "koruna": "CZK", "kwacha": "ZMW", "kyat": "MMK",
    "leu": "RON", "lei": "RON", "lev": "BGN", "leva": "BGN", "lari": "GEL", "dram": "AMD", "birr": "ETB",
    "cedi": "GHS",
    "taka": "BDT", "tugrik": "MNT", "kina": "PGK", "metical": "MZN", "meticais": "MZN", "ariary": "MGA",
    "pula": "BWP",
    "kwanza": "AOA", "sol": "PEN", "soles": "PEN", "boliviano": "BOB", "guarani": "PYG", "lek": "ALL",
    "riel": "KHR", "kip": "LAK", "afghani": "AFN", "bolivar": "VES", "balboa": "PAB", "colon": "CRC",
    "peso": "MXN", "dinar": "KWD", "rial": "IRR", "shilling": "KES", "manat": "AZN", "som": "UZS",
    "crown": "CZK",
}  # fmt: skip
OF_NATION = {
    "leu": {"ROU": "RON", "MDA": "MDL"},
    "lei": {"ROU": "RON", "MDA": "MDL"},
    "peso": {"MEX": "MXN", "PHL": "PHP", "ARG": "ARS", "CHL": "CLP", "COL": "COP", "URY": "UYU",
             "DOM": "DOP", "CUB": "CUP"},
    "dinar": {"KWT": "KWD", "IRQ": "IQD", "JOR": "JOD", "SRB": "RSD", "DZA": "DZD", "TUN": "TND",
              "LBY": "LYD", "BHR": "BHD"},
    "pound": {"GBR": "GBP", "EGY": "EGP", "LBN": "LBP", "SYR": "SYP", "SDN": "SDG", "SSD": "SSP"},
    "rupee": {"IND": "INR", "PAK": "PKR", "LKA": "LKR", "NPL": "NPR", "MUS": "MUR", "SYC": "SCR"},
    "shilling": {"KEN": "KES", "TZA": "TZS", "UGA": "UGX", "SOM": "SOS"},
    "franc": {"CHE": "CHF", "GIN": "GNF", "COD": "CDF", "RWA": "RWF", "BDI": "BIF", "DJI": "DJF",
              "CIV": "XOF", "SEN": "XOF", "MLI": "XOF", "BFA": "XOF", "NER": "XOF",
              "TGO": "XOF",
              "BEN": "XOF", "CMR": "XAF", "GAB": "XAF", "TCD": "XAF", "COG": "XAF",
              "CAF": "XAF", "GNQ": "XAF"},
    "krone": {"NOR": "NOK", "DNK": "DKK"},
    "kroner": {"NOR": "NOK", "DNK": "DKK"},
    "krona": {"SWE": "SEK", "ISL": "ISK"},
    "kronor": {"SWE": "SEK", "ISL": "ISK"},
    "crown": {"CZE": "CZK", "NOR": "NOK", "DNK": "DKK", "SWE": "SEK", "ISL": "ISK"},
    "riyal": {"SAU": "SAR", "QAT": "QAR"},
    "rial": {"IRN": "IRR", "OMN": "OMR", "YEM": "YER"},
    "dirham": {"ARE": "AED", "MAR": "MAD"},
    "rouble": {"RUS": "RUB", "BLR": "BYN"},
    "ruble": {"RUS": "RUB", "BLR": "BYN"},
    "manat": {"AZE": "AZN", "TKM": "TMT"},
    "som": {"UZB": "UZS", "KGZ": "KGS"},
    "kwacha": {"ZMB": "ZMW", "MWI": "MWK"},
    "won": {"KOR": "KRW", "PRK": "KPW"},
}  # fmt: skip
"""Name of a currency -> country -> its code: whose it is, the text says elsewhere."""
NOBODYS = frozenset({"peso", "dinar", "shilling", "crown", "rial"})
"""Names that mean no country's currency by themselves: without one the sum is left out."""
OF_COUNTRY = {
    ("us", "dollar"): "USD", ("u.s.", "dollar"): "USD", ("american", "dollar"): "USD",
    ("australian", "dollar"): "AUD", ("canadian", "dollar"): "CAD", ("singapore", "dollar"): "SGD",
    ("new zealand", "dollar"): "NZD", ("hong kong", "dollar"): "HKD", ("taiwan", "dollar"): "TWD",
    ("new taiwan", "dollar"): "TWD", ("danish", "kroner"): "DKK", ("danish", "krone"): "DKK",
    ("norwegian", "kroner"): "NOK", ("norwegian", "krone"): "NOK", ("swedish", "kronor"): "SEK",
    ("egyptian", "pound"): "EGP", ("pakistani", "rupee"): "PKR", ("sri lankan", "rupee"): "LKR",
    ("mexican", "peso"): "MXN", ("philippine", "peso"): "PHP", ("argentine", "peso"): "ARS",
    ("chilean", "peso"): "CLP", ("colombian", "peso"): "COP", ("swiss", "franc"): "CHF",
    ("qatari", "riyal"): "QAR", ("kuwaiti", "dinar"): "KWD",
}  # fmt: skip
CODES = frozenset(
    set(SIGNS.values())
    | set(NAMES.values())
    | set(OF_COUNTRY.values())
    | {code for some in OF_NATION.values() for code in some.values()}
)
UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "half": 0.5, "a": 1, "an": 1,
}  # fmt: skip
_COUNT = "(?:" + "|".join(word for word in UNITS if word not in {"half", "a", "an"}) + ")"
_SPELLED = (
    rf"(?:half an?|an?|{_COUNT}(?:-{_COUNT})?(?: and a half)?(?: hundred(?: and {_COUNT}(?:-{_COUNT})?)?)?)"
)
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_SCALE = (
    r"(?:lakh crore|thousand|million|billion|trillion|milliard|crore|lakh|mln|mn|bln|bn|trln|trn|tn|[mbkt])"
)
_SIGN = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))
_CODE = "|".join(sorted(CODES))
_RANGE = rf"(?:\s*(?:-|\u2013|to)\s*(?:{_SIGN})?{_NUMBER})?"
_COUNTRY = "|".join(sorted({re.escape(one) for one, _ in OF_COUNTRY}, key=len, reverse=True))
_NAME = "|".join(sorted(NAMES, key=len, reverse=True))
_BEFORE = re.compile(
    rf"(?<![\w$])(?P<sign>{_SIGN}|{_CODE})\s?(?P<number>{_NUMBER}){_RANGE}(?:[\s-]?(?P<scale>{_SCALE})\b)?"
)
_BEHIND = re.compile(
    rf"\b(?:(?P<number>{_NUMBER}){_RANGE}|(?P<words>{_SPELLED}))(?:[\s-]?(?P<scale>{_SCALE})\b)?[\s-]"
    rf"(?:(?P<country>{_COUNTRY})\s)?(?:(?P<name>{_NAME})s?\b|(?P<code>(?-i:{_CODE}))\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Money:
    """A sum in a text: where it stands, the number, and the currency (ISO 4217).

    `name`: that of a currency which several countries have, where the text beside it does not say whose.
    """

    start: int
    end: int
    amount: float
    currency: str
    name: str = ""

    def of(self, nations: Iterable[str]) -> str | None:
        """Return the currency, by the first of some countries that has one of that name; None where none of
        them has and no country is meant by the name alone.
        """
        known = OF_NATION.get(self.name, {})
        default = None if self.name in NOBODYS else self.currency
        return next((known[code] for code in nations if code in known), default)


def sums(text: str) -> tuple[Money, ...]:
    """Return the sums of money in a text in order; of a range the lower."""
    found: list[Money] = []
    for match in (*_BEFORE.finditer(text), *_BEHIND.finditer(text)):
        if any(match.start() < one.end and one.start < match.end() for one in found):
            continue
        read = _read(match)
        if read is not None:
            parts = match.groupdict()
            name = "" if parts.get("country") else (parts.get("name") or "").casefold()
            found.append(Money(match.start(), match.end(), *read, name))
    return tuple(sorted(found, key=lambda one: one.start))


def _read(match: re.Match[str]) -> tuple[float, str] | None:
    """Return number and currency of a match; None for a number in words without any scale ("a pound")."""
    parts = match.groupdict()
    if parts.get("words") and len(parts["scale"] or "") < 2:  # "at all" is no sum in lek
        return None
    number = (
        float(parts["number"].replace(",", "")) if parts.get("number") else _spelled(parts["words"] or "")
    )
    scale = parts.get("scale")
    amount = number * (SCALES[scale.casefold()] if scale else 1.0)
    return float(f"{amount:.12g}"), _currency(parts)


def _currency(parts: dict[str, str | None]) -> str:
    """Return the ISO code of a currency by sign, code or name."""
    sign = parts.get("sign") or parts.get("code")
    if sign:
        return SIGNS.get(sign, sign.upper())
    name = (parts.get("name") or "").casefold()
    country = (parts.get("country") or "").casefold()
    return OF_COUNTRY.get((country, name)) or NAMES[name]


def _spelled(words: str) -> float:
    """Return a number in words below a thousand."""
    low = words.casefold()
    extra = 0.5 if low.endswith(" and a half") else 0.0
    low = low.removesuffix(" and a half")
    if low.startswith("half a"):
        return 0.5
    head, hundred, rest = low.partition(" hundred")
    value = float(sum(UNITS[part] for part in head.split("-")))
    if hundred:
        value = 100 * value + sum(UNITS[part] for part in rest.replace(" and ", "").split("-") if part)
    return value + extra
