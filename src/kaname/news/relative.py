"""Dates that count from the day of publication: "on Friday", "last month", "at the weekend".

Each is returned as ISO date as coarse as said, its precision, and whether it was a bare weekday or month.
"""

from __future__ import annotations

from datetime import date, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SMALL = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
MONTHS_OF = {"spring": 5, "summer": 8, "autumn": 11, "fall": 11, "winter": 12}
"""Season -> its last month in a year, in the north."""
BY_NAME = frozenset({"beyond", "exact", "fortnight", "weekend", "season", "day", "word", "lastweek"})
"""Parts of a form that `_by_name` reads."""


def valid(iso: str) -> tuple[str, str, bool] | None:
    """Return a day as it is read; None where the calendar has no such day."""
    try:
        return date.fromisoformat(iso).isoformat(), "day", False
    except ValueError:
        return None


def relative(get: dict[str, str], published: date, ahead: bool) -> tuple[str, str, bool] | None:
    """Return what is said relative to publication."""
    which = get.get("which", "").casefold()
    if get.keys() & BY_NAME:
        return _by_name(get, which, published, ahead)
    if "weekday" in get:
        return _weekday(WEEKDAYS.index(get["weekday"].casefold()), published, ahead, which)
    unit = get.get("unit", "").casefold()
    if "ago" in get:
        text = get["count"].casefold()
        return _ago(SMALL.get(text) or int(text), unit, published)
    step = (
        -1
        if which in {"last", "previous", "this past"}
        else 1
        if which in {"next", "this coming", "the coming"}
        else 0
    )
    if which in {"the same", "the past"}:
        return None
    return shifted(published, unit, step)


def _by_name(get: dict[str, str], which: str, published: date, ahead: bool) -> tuple[str, str, bool] | None:
    """Return what is named from the day of publication: "the day after tomorrow", "at the weekend", "on the
    16th", "this autumn" (its year), "two weeks ago to the day".
    """
    if "word" in get:
        step = {"yesterday": -1, "tomorrow": 1}.get(get["word"].casefold(), 0)
        return (published + timedelta(days=step)).isoformat(), "day", False
    if "lastweek" in get:
        monday = published - timedelta(days=published.weekday() + 7)
        day = monday + timedelta(days=WEEKDAYS.index(get["weekday"].casefold()))
        return day.isoformat(), "day", False
    if "beyond" in get:
        step = 2 if get["beyond"].casefold() == "after tomorrow" else -2
        return (published + timedelta(days=step)).isoformat(), "day", False
    if "exact" in get or "fortnight" in get:
        return _to_the_day(get, published)
    if "weekend" in get:
        return _weekend(which, published, ahead)
    return _season(get, which, published) if "season" in get else _numbered(get, which, published, ahead)


def _to_the_day(get: dict[str, str], published: date) -> tuple[str, str, bool] | None:
    """Return the day some days or weeks from publication: "two weeks ago to the day", "a fortnight hence"."""
    text, unit = get.get("count", "two").casefold(), get.get("unit", "week").casefold()
    count = SMALL.get(text) or int(text)
    if unit not in {"day", "week"}:
        return _ago(count, unit, published)
    days = count * (7 if unit == "week" else 1)
    back = get.get("fortnight", "ago").casefold() == "ago"
    return (published + timedelta(days=-days if back else days)).isoformat(), "day", False


def _season(get: dict[str, str], which: str, published: date) -> tuple[str, str, bool]:
    """Return the year of "this autumn", "last summer"."""
    passed = MONTHS_OF[get["season"].casefold()] > published.month
    step = {"last": -1 if passed else 0, "next": 0 if passed else 1}.get(which, 0)
    return str(published.year + step), "year", False


def _weekend(which: str, published: date, ahead: bool) -> tuple[str, str, bool]:
    """Return the week of the last weekend, or of the next one for what is to come."""
    saturday = published - timedelta(days=(published.weekday() - 5) % 7)
    forward = which in {"next", "this coming"} or (ahead and not which.endswith("past") and which != "last")
    iso = (saturday + timedelta(days=7 if forward else 0)).isocalendar()
    return f"{iso.year}-W{iso.week:02d}", "week", not which


def _numbered(get: dict[str, str], which: str, published: date, ahead: bool) -> tuple[str, str, bool] | None:
    """Return the day of a month that only its number names: "on the 23rd", "the 16th of this month"."""
    day = int(get["day"])
    step = {"last": -1, "next": 1}.get(which, 0)
    if not which:
        step = (day < published.day) if ahead else -(day > published.day)
    months = published.year * 12 + published.month - 1 + step
    read = valid(f"{months // 12}-{months % 12 + 1:02d}-{day:02d}")
    return None if read is None else (read[0], "day", not which)


def _weekday(number: int, published: date, ahead: bool, which: str) -> tuple[str, str, bool]:
    """Return the day of a weekday: the last one up to publication, or the next one."""
    back = (published.weekday() - number) % 7
    if which == "last" and back == 0:
        back = 7
    forward = which in {"next", "this coming"} or (ahead and which != "last")
    day = (
        published + timedelta(days=(number - published.weekday()) % 7 or 7)
        if forward
        else published - timedelta(days=back)
    )
    return day.isoformat(), "day", not which


def _ago(count: int, unit: str, published: date) -> tuple[str, str, bool] | None:
    """Return the date some days, weeks, months or years before publication, as coarse as the unit."""
    if unit == "day":
        return (published - timedelta(days=count)).isoformat(), "day", False
    if unit == "decade":
        return str(published.year - 10 * count), "year", False
    return shifted(published, unit, -count)


def shifted(published: date, unit: str, step: int) -> tuple[str, str, bool] | None:
    """Return the week, month, quarter or year that lies some steps from that of publication."""
    if unit == "week":
        iso = (published + timedelta(weeks=step)).isocalendar()
        return f"{iso.year}-W{iso.week:02d}", "week", False
    if unit == "year":
        return str(published.year + step), "year", False
    if unit == "month":
        months = published.year * 12 + published.month - 1 + step
        return f"{months // 12}-{months % 12 + 1:02d}", "month", False
    if unit == "quarter":
        quarters = published.year * 4 + (published.month - 1) // 3 + step
        return f"{quarters // 4}-Q{quarters % 4 + 1}", "quarter", False
    return None
