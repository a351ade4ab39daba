"""How values are written: numbers, shares, money, dates, weeks. One way for page, terminal and charts."""

from __future__ import annotations

import math
from datetime import date

from kaname.terms.language import japanese, later, say

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUS = "\N{MINUS SIGN}"
USD = {"kUSD": 1.0, "USD k": 1.0, "USD m": 1e3, "USD bn": 1e6, "USD trn": 1e9}  # to thousand US dollars
UNITS = later("% of undisturbed use", "USD bn", "USD m", "index", "weeks", "days", "t", "kt", "units", "MUSD")
NONE = "\N{EN DASH}"
SPACE = "\N{NO-BREAK SPACE}"


def is_share(unit: str) -> bool:
    """Return whether values of this unit are fractions of 1 that are shown in per cent."""
    return unit.strip().lower().split(" ")[0] in {"share", "shares", "fraction"}


def plain(value: float) -> str:
    """Return a number with thousands commas and about three significant digits."""
    size = abs(value)
    if size >= 100 or value == int(value):
        text = f"{size:,.0f}"
    elif size >= 10:
        text = f"{size:,.1f}"
    elif size >= 0.01:
        text = f"{size:.2f}"
    else:
        text = f"{size:.2g}"
    return (MINUS if value < 0 and text.strip("0.,") else "") + text


def percent(share: float | None, digits: int | None = None) -> str:
    """Return a share of 1 in per cent: whole numbers from 10 on, or `digits` decimals where given.

    What is small but not nothing reads `<0.1 %` (`0.1%未満`), what is not quite all 99.9 %, missing a dash.
    """
    if share is None or not math.isfinite(share):
        return NONE
    size = abs(share) * 100
    sign = MINUS if share < 0 else ""
    mark = "%" if japanese() else f"{SPACE}%"
    if digits is not None:
        return f"{sign if round(size, digits) else ''}{size:.{digits}f}{mark}"
    if 0 < size < 0.1:
        return f"{sign}0.1{mark}未満" if japanese() else f"{sign}<0.1{mark}"
    if size < 10 and round(size, 1) != round(size):
        return f"{sign}{size:.1f}{mark}"
    if 99.5 <= size < 100:
        return f"{sign}{min(size, 99.9):.1f}{mark}"
    return f"{sign if round(size) else ''}{size:.0f}{mark}"


def money(kusd: float | None) -> str:
    """Return thousand US dollars as `USD 4.1 bn`, `USD 320 m`, `USD 12 k` or `USD 70`; `41億ドル`."""
    if kusd is None or not math.isfinite(kusd):
        return NONE
    if japanese():
        return dollars(1000.0 * kusd)
    size, sign = abs(kusd), MINUS if kusd < 0 else ""
    for unit, factor in (("trn", 1e9), ("bn", 1e6), ("m", 1e3)):
        if size >= factor * 0.9995:
            part = size / factor
            digits = 0 if part >= 99.95 else 1 if part >= 9.995 else 2
            return f"{sign}USD{SPACE}{part:,.{digits}f}{SPACE}{unit}"
    if round(size):
        return f"{sign}USD{SPACE}{size:.0f}{SPACE}k"
    return f"{sign if round(size * 1e3) else ''}USD{SPACE}{size * 1e3:.0f}"


def money_span(low: float | None, high: float | None) -> str:
    """Return a range of thousand US dollars: `USD 1 m to USD 2 m`; in Japanese the currency stands once."""
    ends = (money(low), money(high))
    first = ends[0].removesuffix("ドル") if all(end.endswith("ドル") for end in ends) else ends[0]
    return say("{low} to {high}", low=first, high=ends[1])


def dollars(usd: float) -> str:
    """Return US dollars in Japanese with three significant digits: `32.1億ドル`, `4,120万ドル`."""
    return f"{large(usd)}ドル"


def own_money(currency: str, amount: float) -> str:
    """Return an amount in its own currency, in billions: `JPY 121 bn`; `1,210億円`."""
    if japanese():
        return f"{large(amount)}{say(currency)}"
    return f"{currency} {amount / 1e9:,.3g} bn"


def large(amount: float) -> str:
    """Return a large number in Japanese, in 兆, 億 or 万, with three significant digits."""
    size, sign = float(f"{abs(amount):.3g}"), MINUS if amount < 0 else ""
    for unit, factor in (("兆", 1e12), ("億", 1e8), ("万", 1e4)):
        if size >= factor:
            part = size / factor
            digits = max(0, 2 - math.floor(math.log10(part)))
            text = f"{part:,.{digits}f}"
            return f"{sign}{text.rstrip('0').rstrip('.') if '.' in text else text}{unit}"
    return f"{sign if round(size) else ''}{size:,.0f}"


def value_text(value: float | None, unit: str) -> str:
    """Return a value with its unit, as charts and tables print it."""
    if value is None or not math.isfinite(value):
        return NONE
    if is_share(unit):
        return percent(value)
    if (factor := USD.get(unit)) is not None:
        return money(value * factor)
    if unit.startswith("%"):
        return percent(value / 100)
    return f"{plain(value)}{SPACE}{say(unit)}".strip()


def unit_text(unit: str) -> str:
    """Return the unit as an axis names it."""
    if is_share(unit):
        rest = unit.strip()[len(unit.strip().split(" ")[0]) :].strip()
        return say(f"% {rest}".strip())
    return "USD" if unit == "kUSD" else say(unit)


def parse_day(iso: str) -> date:
    """Return the date of an ISO string; raises ValueError where it is none."""
    return date.fromisoformat(iso[:10])


def day(iso: str | None) -> str:
    """Return `17 Feb 2026`; what is not a date is returned as it is, missing as a dash."""
    if not iso:
        return NONE
    try:
        when = parse_day(iso)
    except ValueError:
        return iso
    if japanese():
        return f"{when.year}年{when.month}月{when.day}日"
    return f"{when.day}{SPACE}{MONTHS[when.month - 1]}{SPACE}{when.year}"


def month_text(when: date) -> str:
    """Return the month alone: `Jan`, `1月`."""
    return f"{when.month}月" if japanese() else MONTHS[when.month - 1]


def month_of(when: date) -> str:
    """Return the month with its year: `Jan 2026`, `2026年1月`."""
    return f"{when.year}年{when.month}月" if japanese() else f"{MONTHS[when.month - 1]} {when.year}"


def week_of(iso: str, start: str) -> int:
    """Return the week of `iso` counted from `start` (the first week is 1)."""
    return (parse_day(iso) - parse_day(start)).days // 7 + 1


def weeks(early: str | None, late: str | None, start: str | None) -> str:
    """Return `week 5\N{EN DASH}11`, `week 5`, `week 5 or later` (late missing) or an empty string."""
    if not start or not early:
        return ""
    first = week_of(early, start)
    if not late:
        return say("week\N{NO-BREAK SPACE}{first} or later", first=first)
    last = week_of(late, start)
    if first == last:
        return say("week\N{NO-BREAK SPACE}{first}", first=first)
    return say("week\N{NO-BREAK SPACE}{first}\N{EN DASH}{last}", first=first, last=last)
