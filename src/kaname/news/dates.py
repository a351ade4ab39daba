"""Dates in a sentence, as coarse as the text says them: "16 January", "last month", "in 2025", "on Friday".

General date parsers return a day for "December"; here a month stays a month. Relative dates count from the
day of publication and are not read where it is not known.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import date, timedelta

from kaname.news.relative import SMALL, WEEKDAYS, relative, shifted, valid

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
FINE = {"day": {"day"}, "week": {"day"}, "month": {"day", "month"}, "year": {"day", "month", "year"}}
"""Unit in which is counted from a date -> how fine that date must be."""
NTH = {"first": 4, "second": 11, "third": 18, "fourth": 25, "last": 26}
"""Week of a month -> a day in its middle."""
_MONTH = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.|Feb\.|Mar\.|Apr\.|Aug\.|Sept?\.|Oct\.|Nov\.|Dec\.)"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_WEEKDAY = r"(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_WHICH = r"(?P<which>last|next|this coming|this past|this)"
_COUNT = r"(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_SHORT = _MONTH[:-1] + r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
"""Months beside a day, where a short name without a full stop is no first name."""
_BEFORE = (
    r"(?i:in|since|during|from|of|early|late|mid|and|until|by|for|before|after|till|or|throughout"
    r"|all through)"
)
_NAMED = (
    r"(?!\s*(?i:election|budget|agreement|treaty|accord|deal|law|act|report|pact|convention|protocol|war"
    r"|declaration|memorandum|coup|invasion|summit|crisis)s?\b)"
)
_WEEK = r"(?:of|to|ending|ended|beginning|starting|from)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE if fold else 0)
    for form, fold in (
        (r"\b(?P<iso>(?:19|20)\d\d-\d\d-\d\d)\b", False),
        (
            rf"\b(?P<span>week) {_WEEK} {_DAY}\s+{_SHORT}(?:,?\s+{_YEAR})?\b",
            False,
        ),
        (
            rf"\b(?P<span>week) {_WEEK} {_SHORT}\s+{_DAY}\b(?:,?\s+{_YEAR})?",
            False,
        ),
        (rf"\b(?P<eve>eve) of (?:the )?{_DAY}\s+{_SHORT}(?:,?\s+{_YEAR})?\b", False),
        (rf"\b(?P<eve>eve) of (?:the )?{_SHORT}\s+{_DAY}\b(?:,?\s+{_YEAR})?", False),
        (rf"\b(?P<edge>first|last) day of {_SHORT}(?:,?\s+{_YEAR})?\b", False),
        (r"\b(?P<edge>first|last) day of (?P<which>this|next|last) month\b", True),
        (rf"\bcalendar week (?P<number>\d{{1,2}})\b(?:,? (?:of )?{_YEAR})?", True),
        (rf"\bweek (?P<number>\d{{1,2}}),? (?:of )?{_YEAR}", True),  # "week 6 of the strike" is none
        (r"\bthe (?P<unit>week|month|year) (?P<twice>before last|after next)\b", True),
        (rf"\b(?P<nth>first|second|third|fourth|last) week of {_SHORT}(?:,?\s+{_YEAR})?\b", False),
        (
            rf"\b(?P<nth>first|second|third|fourth|last) {_WEEKDAY} (?:of|in) {_SHORT}(?:,?\s+{_YEAR})?\b",
            False,
        ),
        (rf"\b{_WEEKDAY} (?:of )?(?P<lastweek>last) week\b", False),
        (rf"\b{_MONTH} (?:of )?(?P<that>that|the same) year\b", False),
        (rf"\b(?P<that>that)\s+{_MONTH}\b", False),
        (r"\bday (?P<beyond>after tomorrow|before yesterday)\b", True),
        (rf"\b{_COUNT}\s+(?P<unit>day|week|month|year)s?\s+(?P<ago>ago) (?P<exact>to the day)\b", True),
        (r"\ba fortnight (?P<fortnight>ago|from (?:today|now)|hence)\b", True),
        (rf"\b(?:{_WHICH}|at the|over the|during the)\s+(?P<weekend>weekend)\b", True),
        (rf"\bthe {_DAY} of (?P<which>this|last|next) (?P<monthly>month)\b", True),
        (r"\bon the (?P<day>\d{1,2})(?:st|nd|rd|th)\b(?! (?:of )?[A-Z])(?! floor| anniversary| day)", False),
        (rf"\b{_WHICH}\s+(?P<season>spring|summer|autumn|fall|winter)\b", True),
        (rf"\bNew Year['\u2019]s (?P<newyear>Day|Eve)(?:,?\s+{_YEAR})?\b", False),
        (rf"\b{_COUNT}\s+(?P<unit>day|week|month|year)s?\s+(?P<later>later)\b", True),
        (r"\bthe (?P<later>following|next) (?P<unit>day|month|year)\b", True),
        (rf"\b{_DAY}\s*(?:and|to|until|or|-|\u2013)\s*\d{{1,2}}\s+{_SHORT}(?:,?\s+{_YEAR})?\b", False),
        (rf"\b{_DAY}\s+(?:of\s+)?{_SHORT}(?:,?\s+{_YEAR})?\b", False),
        (rf"\b{_SHORT}\s+{_DAY}\b(?!\s*(?:percent|%|billion|million))(?:,?\s+{_YEAR}\b)?", False),
        (rf"\b{_MONTH}(?:\s+of)?,?\s+{_YEAR}\b", False),
        (rf"\bQ(?P<quarter>[1-4])\s+(?:of\s+)?{_YEAR}\b", True),
        (
            r"\b(?P<ordinal>first|second|third|fourth) quarter"
            rf"(?:(?: of)? (?:{_YEAR}|(?P<same>this year|next year|last year)))?\b",
            True,
        ),
        (rf"\b{_WHICH}\s+{_WEEKDAY}\b", True),
        (rf"\b{_WHICH}\s+{_MONTH}\b", True),
        (
            r"\b(?P<which>last|next|this|previous|this coming|the coming|the current|the same|the past)\s+"
            r"(?P<unit>week|month|quarter|year)\b",
            True,
        ),
        (rf"\b{_COUNT}\s+(?P<unit>day|week|month|year|decade)s?\s+(?P<ago>ago|earlier|before)\b", True),
        (r"\b(?P<word>today|yesterday|tomorrow|tonight|this morning|this afternoon|this evening)\b", True),
        (rf"\b(?P<word>overnight)\b(?! (?:on|from|into|to) {_WEEKDAY}| loan| rate| stay| flight)", True),
        (rf"\b{_WEEKDAY}\b", False),
        (rf"\b{_BEFORE}[\s-]+{_MONTH}\b", False),
        (rf"\b(?:{_BEFORE}|[Tt]he)[\s-]+{_YEAR}\b{_NAMED}", False),
        (rf"\(\s*{_YEAR}\s*\)", False),
    )
)
_NOT_THE_ACT = re.compile(
    r"(?:\b(?:by|until|till|through|before|fiscal(?: year)?|expires?|expiring|deadline of|valid to"
    r"|budget for|for)|\bfor the)\s+(?:the\s+)?(?:end of\s+)?$",
    re.IGNORECASE,
)

_SET_FOR = re.compile(r"\b(?:set|scheduled|planned|slated|due|fixed|expected) for (?:the )?$", re.IGNORECASE)
"""Words behind which "for" names the day of the act."""


@dataclass(frozen=True)
class When:
    """A date in a text: where it stands, ISO as coarse as said, and its precision.

    `since`: the date from which it goes on, so that it is no history. `weekday` marks a bare weekday or
    month, whose side of the publication depends on what happens then.
    """

    start: int
    end: int
    iso: str
    precision: str
    bare: bool = False
    of_act: bool = True
    since: bool = False


def dates(text: str, published: date | None, *, ahead: bool = False) -> tuple[When, ...]:
    """Return the dates of a text in order; `ahead`: bare weekdays and months are the next, not the last."""
    found: list[When] = []
    waiting: list[re.Match[str]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            taken = [(one.start, one.end) for one in found] + [one.span() for one in waiting]
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            parts = match.groupdict()
            if parts.get("later") or parts.get("that"):  # counts from another date, which is read first
                waiting.append(match)
            else:
                found += _when(text, match, _read(parts, published, ahead))
    for match in sorted(waiting, key=lambda one: one.start()):
        known = [one for one in found if one.start < match.start()]
        before = max(known, key=lambda one: one.start, default=None)
        found += _when(text, match, _counted(match.groupdict(), before))
    exact = [one for one in found if text[one.start : one.end].casefold() != "overnight"]
    ordered = sorted(exact or found, key=lambda one: one.start)  # "lounges filled overnight" dates nothing
    return tuple(
        one for one, after in itertools.zip_longest(ordered, ordered[1:]) if not _same_day(text, one, after)
    )


def _same_day(text: str, one: When, after: When | None) -> bool:
    """Return whether a weekday is told again as a day of a month: "on Sunday, 15 March"."""
    if after is None or not one.bare or after.precision != "day":
        return False
    weekday = text[one.start : one.end].casefold() in WEEKDAYS
    return weekday and text[one.end : after.start].strip(" ,(") in {"", "the"}


def _when(text: str, match: re.Match[str], read: tuple[str, str, bool] | None) -> list[When]:
    """Return a date that was read with what stands before it; none where it cannot be told."""
    if read is None:
        return []
    before = text[max(0, match.start() - 24) : _inner_start(match)]
    since = before.rstrip().casefold().endswith("since")
    start, end = match.span()
    of_act = not _NOT_THE_ACT.search(before) or _SET_FOR.search(before) is not None
    return [When(start, end, *read, of_act=of_act, since=since)]


def _inner_start(match: re.Match[str]) -> int:
    """Return where the first named part begins: what stands before it may be a preposition."""
    return min(match.start(name) for name, value in match.groupdict().items() if value)


def _read(parts: dict[str, str | None], published: date | None, ahead: bool) -> tuple[str, str, bool] | None:
    """Return ISO date, precision, and whether it was bare; None where it cannot be told."""
    get = {key: value for key, value in parts.items() if value}
    if "iso" in get:
        return valid(get["iso"])
    year = int(get["year"]) if "year" in get else None
    if get.keys() & {"edge", "number", "twice"}:
        return _at_edge(get, year, published, ahead)
    if "quarter" in get or "ordinal" in get:
        number = int(get["quarter"]) if "quarter" in get else ORDINALS[get["ordinal"].casefold()]
        if year is None and published is not None:
            step = {"next year": 1, "last year": -1}.get(get.get("same", "").casefold(), 0)
            passed = ahead and "same" not in get and number < (published.month + 2) // 3
            year = published.year + step + passed
        return (f"{year}-Q{number}", "quarter", False) if year else None
    if "month" in get or "newyear" in get:
        return _of_month(get, year, published, ahead)
    if year is not None:
        return str(year), "year", False
    return relative(get, published, ahead) if published is not None else None


def _at_edge(
    get: dict[str, str], year: int | None, published: date | None, ahead: bool
) -> tuple[str, str, bool] | None:
    """Return the first or last day of a month, a week by its number, and what lies two steps away: "the last
    day of February", "in calendar week 10", "the week before last".
    """
    if "number" in get:
        return _numbered_week(int(get["number"]), year, published, ahead)
    if published is None and "month" not in get:
        return None
    if "twice" in get:
        back = get["twice"].casefold() == "before last"
        return shifted(published or date.min, get["unit"].casefold(), -2 if back else 2)
    if "month" in get:
        month = _calendar(year, _month(get["month"]), None, published, ahead, "")
    else:
        step = {"last": -1, "next": 1}.get(get["which"].casefold(), 0)
        month = shifted(published or date.min, "month", step)
    if month is None:
        return None
    day = first_day(month[0]) if get["edge"].casefold() == "first" else last_day(month[0])
    return day.isoformat(), "day", False


def _numbered_week(
    number: int, year: int | None, published: date | None, ahead: bool
) -> tuple[str, str, bool] | None:
    """Return a calendar week; without a year the last one up to publication, or the next one. None where the
    calendar has no such week.
    """
    if year is None and published is not None:
        week = published.isocalendar()
        year = week.year + (number < week.week if ahead else -(number > week.week))
    try:
        return None if year is None else (_iso_week(date.fromisocalendar(year, number, 1)), "week", False)
    except ValueError:
        return None


def _iso_week(day: date) -> str:
    iso = day.isocalendar()
    return f"{iso.year}-W{iso.week:02d}"


def _of_month(
    get: dict[str, str], year: int | None, published: date | None, ahead: bool
) -> tuple[str, str, bool] | None:
    """Return a day, week or month by the name of its month; New Year's Day and Eve by their own."""
    if "newyear" in get:
        eve = get["newyear"] == "Eve"
        return _calendar(year, 12 if eve else 1, 31 if eve else 1, published, ahead, "")
    month = _month(get["month"])
    day = int(get["day"]) if "day" in get else None
    if "nth" in get and "weekday" in get:
        return _nth_weekday(get, _calendar(year, month, 1, published, ahead, ""))
    if "nth" in get:
        day = NTH[get["nth"]]
    if "eve" in get:
        read = _calendar(year, month, day, published, ahead, "")
        before = None if read is None else date.fromisoformat(read[0]) - timedelta(days=1)
        return None if before is None else (before.isoformat(), "day", False)
    if "nth" in get or "span" in get:
        return _week_of(_calendar(year, month, day, published, ahead, ""))
    return _calendar(year, month, day, published, ahead, get.get("which", ""))


def _nth_weekday(get: dict[str, str], read: tuple[str, str, bool] | None) -> tuple[str, str, bool] | None:
    """Return the first, second or last of a weekday in the month of a day."""
    if read is None:
        return None
    first, number = date.fromisoformat(read[0]), WEEKDAYS.index(get["weekday"].casefold())
    days = [first + timedelta(days=(number - first.weekday()) % 7 + 7 * week) for week in range(5)]
    days = [day for day in days if day.month == first.month]
    day = days[-1] if get["nth"] == "last" else days[ORDINALS[get["nth"]] - 1]
    return day.isoformat(), "day", read[2]


def _week_of(read: tuple[str, str, bool] | None) -> tuple[str, str, bool] | None:
    """Return the week of a day."""
    if read is None:
        return None
    return _iso_week(date.fromisoformat(read[0])), "week", read[2]


def _counted(parts: dict[str, str | None], before: When | None) -> tuple[str, str, bool] | None:
    """Return a date that counts from the one before it: "that October", "two months later"; None where that
    one is too coarse or missing.
    """
    get = {key: value for key, value in parts.items() if value}
    if before is None:
        return None
    if "that" in get:
        return f"{before.iso[:4]}-{_month(get['month']):02d}", "month", False
    unit = get["unit"].casefold()
    if before.precision not in FINE[unit]:
        return None
    text = get.get("count", "one").casefold()
    count, first = SMALL.get(text) or int(text), first_day(before.iso)
    if unit in {"day", "week"}:
        return (first + timedelta(days=count * (7 if unit == "week" else 1))).isoformat(), "day", False
    return shifted(first, unit, count)


def _month(name: str) -> int:
    """Return the number of a month by name or short name."""
    low = name.casefold().rstrip(".")[:3]
    return next(number for number, full in enumerate(MONTHS, start=1) if full.startswith(low))


def _calendar(
    year: int | None, month: int, day: int | None, published: date | None, ahead: bool, which: str
) -> tuple[str, str, bool] | None:
    """Return a day or month; without a year the last one up to publication, or the next one."""
    bare = year is None
    if year is None:
        if published is None:
            return None
        forward = ahead if not which else which.casefold() == "next"
        year = _year_near(published, month, day, forward)
    if day is None:
        return f"{year}-{month:02d}", "month", bare
    read = valid(f"{year}-{month:02d}-{day:02d}")
    return None if read is None else (read[0], "day", bare)


def _year_near(published: date, month: int, day: int | None, forward: bool) -> int:
    """Return the year of a month or day without one, on the right side of publication."""
    at = (month, day if day is not None else published.day)
    now = (published.month, published.day)
    if forward:
        return published.year if at >= now else published.year + 1
    return published.year if at <= now else published.year - 1


def first_day(iso: str) -> date:
    """Return the first day of a coarse date: `2025-12`, `2025-W41`, `2026-Q2`, `2025`."""
    if "W" in iso:
        return date.fromisocalendar(int(iso[:4]), int(iso[-2:]), 1)
    if "Q" in iso:
        return date(int(iso[:4]), 3 * int(iso[-1]) - 2, 1)
    parts = [int(part) for part in iso.split("-")]
    return date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)


def last_day(iso: str) -> date:
    """Return the last day of a coarse date."""
    first = first_day(iso)
    if "W" in iso:
        return first + timedelta(days=6)
    months = 3 if "Q" in iso else 12 if len(iso) == 4 else 1 if len(iso) == 7 else 0
    if not months:
        return first
    total = first.year * 12 + first.month - 1 + months
    return date(total // 12, total % 12 + 1, 1) - timedelta(days=1)
