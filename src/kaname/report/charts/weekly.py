"""Strips of weeks: poles above and below a zero line; weeks without a report are left empty."""

from __future__ import annotations

from datetime import date, timedelta

from kaname.report.charts.scale import month_ticks, ticks
from kaname.report.charts.svg import Canvas, Drawing, escape, line, rect, tag, words
from kaname.report.charts.textfit import text_width, wrap
from kaname.report.chartspec import Strip, WeeklySpec
from kaname.terms.language import say
from kaname.terms.numerals import day, parse_day, plain

SIZE = 12.0
HIGH = 110.0
GAP = 30.0


def draw_weekly(spec: WeeklySpec, canvas: Canvas) -> Drawing:
    """Return the strips; without a week it says that there is no data."""
    days = [parse_day(pole.monday) for strip in spec.strips for pole in strip.poles]
    if not days:
        return Drawing(
            60, words(0, 34, say("No report of an act between them."), "f-muted", SIZE), say("No data.")
        )
    values = [pole.value for strip in spec.strips for pole in strip.poles]
    marks = ticks(min(0.0, *values), max(0.0, *values), 4)
    names = [plain(mark) for mark in marks]
    left = max(text_width(name, SIZE) for name in names) + 8
    start, end = min(days) - timedelta(days=7), max(days) + timedelta(days=14)
    y, body = 0.0, []
    for strip in spec.strips:
        body.append(_strip(strip, y, left, canvas.width, (marks, names), (start, end)))
        y += HIGH + GAP
    for when, name in month_ticks(start, end, canvas.width - left):
        x = left + (when - start).days / (end - start).days * (canvas.width - left)
        late = x + text_width(name, SIZE) > canvas.width
        body.append(
            words(canvas.width if late else x, y, name, "f-muted", SIZE, text_anchor="end" if late else None)
        )
    for number, text in enumerate(
        wrap(say("{unit}; a week without a bar has no report.", unit=spec.unit), 11, canvas.width, 3)
    ):
        body.append(words(0, y + 20 + 14 * number, text, "f-muted", 11))
    return Drawing(y + 44, "".join(body), _summary(spec))


def _strip(
    strip: Strip,
    top: float,
    left: float,
    width: float,
    scale: tuple[list[float], list[str]],
    span: tuple[date, date],
) -> str:
    """Return one strip with its name, grid, zero line and poles."""
    (marks, names), (start, end) = scale, span
    foot = top + HIGH

    def height(value: float) -> float:
        return foot - (value - marks[0]) / (marks[-1] - marks[0]) * (HIGH - 22)

    parts = [words(left, top + 12, strip.name, "f-ink bold", SIZE)]
    for mark, name in zip(marks, names, strict=True):
        parts.append(line(left, height(mark), width, height(mark), "s-ink" if mark == 0 else "s-grid"))
        parts.append(words(left - 6, height(mark) + 4, name, "f-muted", SIZE, text_anchor="end"))
    per_day = (width - left) / (end - start).days
    thick = max(2.0, min(18.0, 5 * per_day))
    for pole in strip.poles:
        x = left + ((parse_day(pole.monday) - start).days + 1) * per_day
        y, zero = height(pole.value), height(0.0)
        told = say("Week of {day}: {value}", day=day(pole.monday), value=plain(pole.value)) + (
            f", {pole.note}" if pole.note else ""
        )
        parts.append(
            rect(
                x, min(y, zero), thick, max(abs(y - zero), 1.5), "f-c1" if pole.value >= 0 else "f-accent",
                children=(tag("title", escape(told)),),
            )
        )  # fmt: skip
    return "".join(parts)


def _summary(spec: WeeklySpec) -> str:
    """Return the sentence that a screen reader hears."""
    parts = []
    for strip in spec.strips:
        if strip.poles:
            worst = min(strip.poles, key=lambda pole: pole.value)
            parts.append(
                say(
                    "{name}: {count} weeks with reports, lowest {value} in the week of {day}.",
                    name=strip.name,
                    count=len(strip.poles),
                    value=plain(worst.value),
                    day=day(worst.monday),
                )
            )
        else:
            parts.append(say("{name}: no reports.", name=strip.name))
    return " ".join(parts)
