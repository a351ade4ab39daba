"""Axes and classes: nice ticks, month ticks, the classes of a sequential ramp, and labels that keep apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from kaname.terms.numerals import SPACE, day, is_share, month_of, month_text

RAMP = 6


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return about `count` round values that span [low, high]; always at least two."""
    size = max(abs(low), abs(high))
    if high - low <= 1e-9 * size or size < 1e-12:
        high = low + (size if size >= 1e-12 else 1.0)
    raw = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [float(f"{i * step:.12g}") for i in range(first, max(last, first + 1) + 1)]


def month_ticks(start: date, end: date, width: float, room: float = 62) -> list[tuple[date, str]]:
    """Return month starts with labels so far apart that each has `room` units on an axis of `width`."""
    days = max((end - start).days, 1)
    for step in (1, 2, 3, 6, 12, 24, 60):
        marks: list[tuple[date, str]] = []
        year, month = start.year, start.month
        while (here := date(year, month, 1)) <= end:
            if (
                here >= start
                and (month - 1) % min(step, 12) == 0
                and (step <= 12 or year % (step // 12) == 0)
            ):
                marks.append((here, month_text(here)))
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        if len(marks) < 2 or width * step * 30 / days >= room:
            break
    if len(marks) < 2:
        return [(d, day(d.isoformat()).replace(SPACE, " ")) for d in dict.fromkeys((start, end))]
    return [
        (d, month_of(d) if i == 0 or d.year != marks[i - 1][0].year else name)
        for i, (d, name) in enumerate(marks)
    ]


def class_breaks(values: Sequence[float], unit: str) -> list[float]:
    """Return the upper bounds of all classes but the last: fixed for shares, even steps otherwise."""
    top = max(values, default=0.0)
    if is_share(unit) and top <= 1.0 + 1e-9:
        return [0.1, 0.25, 0.4, 0.6, 0.8]
    if unit.startswith("%") and top <= 100 + 1e-9:
        return [10.0, 25.0, 40.0, 60.0, 80.0]
    high = ticks(0.0, top if top > 0 else 1.0, RAMP)[-1]
    return [high * i / RAMP for i in range(1, RAMP)]


def class_of(value: float, breaks: Sequence[float]) -> int:
    """Return the class 0..RAMP-1 of a value."""
    return sum(value >= bound for bound in breaks)


def keep_apart(wanted: Sequence[float], sizes: Sequence[float], top: float, bottom: float) -> list[float]:
    """Return centres near `wanted`, whose boxes of `sizes` keep apart; inside [top, bottom] if they fit."""
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    centres = [0.0] * len(wanted)
    edge = top
    for i in order:
        centres[i] = max(wanted[i], edge + sizes[i] / 2)
        edge = centres[i] + sizes[i] / 2
    edge = bottom
    for i in reversed(order):
        centres[i] = min(centres[i], edge - sizes[i] / 2)
        edge = centres[i] - sizes[i] / 2
    return centres
