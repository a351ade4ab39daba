"""Money of a page in yen: the dollar numbers as they are printed, times a dated rate.

Only what a run says is turned: numbers of tables and cards, their bands, and sentences. Charts, sources,
evidence and quoted texts stay in dollars, and so do files and the report. A printed number has about three
digits, and so has what is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from kaname.data import store
from kaname.data.money import Rate, usd_per
from kaname.report.model import CaseView
from kaname.report.reading import start_of
from kaname.terms.numerals import MINUS, SPACE, parse_day

TONNES = "t"
UNITS = ("usd", "jpy", TONNES)
"""What money is shown in; the first unless asked. In `t` use lost is told by weight, money in dollars."""
PAGES = frozenset({"overview", "shortages", "responses", "explain"})
"""Pages on which money is turned."""
BY_WEIGHT = frozenset({"shortages"})
"""Pages on which use lost can be told by weight."""
SOURCE = "European Central Bank"
_SIZE = {
    "": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9, "trn": 1e12,
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
}  # fmt: skip
_WORD = {"trn": "trillion", "bn": "billion", "m": "million", "k": "thousand"}
_MONEY = re.compile(
    rf"({MINUS}?)USD[\u00a0 ](\d+(?:,\d{{3}})*(?:\.\d+)?)"
    r"(?:[\u00a0 ](trn|bn|m|k|trillion|billion|million|thousand)(?![a-z]))?"
)
_AMOUNT = rf"({MINUS}?)(\d[\d,]*(?:\.\d+)?)(兆|億|万)?"
_DOLLARS = re.compile(rf"(?<!当たり)(?<![\d.,])(?:{_AMOUNT}\N{{WAVE DASH}})?{_AMOUNT}ドル(?!＝|当たり)")
"""Dollars in Japanese, alone or as a range in which the currency stands once; no rate, no `per dollar`."""
_TENS = {"": 1.0, "万": 1e4, "億": 1e8, "兆": 1e12}
_FIGURE = re.compile(r"(<figure\b.*?</figure>)", re.DOTALL)
_SAID = re.compile(r"(<(span|a|b|p|h1)(?: [^>]*)?>)([^<]*(?:USD|ドル)[^<]*)(?=</\2>)")
_KANA = re.compile(r"[\u3040-\u30ff]")
_JAPANESE = ((1e12, "兆円"), (1e8, "億円"), (1e4, "万円"), (1.0, "円"))


def yen_rate(case: CaseView | None) -> Rate:
    """Return the rate of the yen nearest to the first day of a case, without one the latest.

    Raises DataMissing where the table of exchange rates holds none.
    """
    start = start_of(case) if case is not None else None
    on: date | None = parse_day(start) if start else None
    return usd_per("JPY", store.own_table("exchange_rates").to_pylist(), on)


def in_yen(markup: str, per_usd: float, language: str = "en") -> str:
    """Return the markup of a page with its money in yen, `per_usd` yen for a dollar."""

    def said(found: re.Match[str]) -> str:
        opening, _, text = found.groups()
        japanese = language == "ja" and (_MONEY.fullmatch(text) or _KANA.search(text)) is not None
        text = _DOLLARS.sub(lambda one: _from_japanese(one, per_usd), text)
        return opening + _MONEY.sub(_turned(per_usd, japanese=japanese), text)

    parts = _FIGURE.split(markup)
    return "".join(part if part.startswith("<figure") else _SAID.sub(said, part) for part in parts)


def _from_japanese(found: re.Match[str], per_usd: float) -> str:
    """Return an amount or a range in yen; of a range the currency stands once."""
    first, last = found.groups()[:3], found.groups()[3:]
    ends = [
        (sign or "") + _in_japanese(float(digits.replace(",", "")) * _TENS[unit or ""] * per_usd)
        for sign, digits, unit in (first, last)
        if digits is not None
    ]
    return "\N{WAVE DASH}".join([*(end.removesuffix("円") for end in ends[:-1]), ends[-1]])


def _turned(per_usd: float, *, japanese: bool) -> Callable[[re.Match[str]], str]:
    def turn(found: re.Match[str]) -> str:
        sign, digits, unit = found.groups()
        yen = float(digits.replace(",", "")) * _SIZE[unit or ""] * per_usd
        if japanese:
            return sign + _in_japanese(yen)
        return sign + _in_english(yen, prose=(unit or "") in _WORD.values() or SPACE not in found.group())

    return turn


def _in_english(yen: float, *, prose: bool) -> str:
    for unit in ("trn", "bn", "m", "k"):
        if yen >= _SIZE[unit] * 0.9995:
            word = _WORD[unit] if prose else unit
            return SPACE.join(("JPY", _digits(yen / _SIZE[unit]), word))
    return f"JPY{SPACE}{_digits(yen)}"


def _in_japanese(yen: float) -> str:
    size, unit = next((one for one in _JAPANESE if yen >= one[0] * 0.9995), _JAPANESE[-1])
    return f"{_digits(yen / size)}{unit}"


def _digits(value: float) -> str:
    """Return a number with three significant digits, thousands apart."""
    if value == 0.0:
        return "0"
    rounded = float(f"{value:.3g}")
    places = 0 if rounded >= 100 else 1 if rounded >= 10 else 2
    return f"{rounded:,.{places}f}"
