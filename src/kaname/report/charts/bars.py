"""Horizontal bars with bands, and the tornado chart of what moves a result."""

from __future__ import annotations

from kaname.report.charts.svg import Canvas, Drawing, line, num, rect, tag, words
from kaname.report.charts.textfit import text_width, wrap
from kaname.report.chartspec import Bar, BarSpec, Swing, TornadoSpec
from kaname.terms.language import clauses, say
from kaname.terms.numerals import unit_text, value_text

SIZE = 12.0


def draw_bars(spec: BarSpec, canvas: Canvas) -> Drawing:
    """Return the bars in the order given; bands are whiskers, the value stands behind."""
    if not spec.bars:
        return Drawing(60, words(0, 34, say("No data for this chart."), "f-muted", SIZE), say("No data."))
    ends = [v for bar in spec.bars for v in (bar.value, bar.low, bar.high) if v is not None]
    low, high = min(0.0, *ends), max(0.0, *ends)
    span = (high - low) or 1.0
    values = [_value(bar, spec.unit) for bar in spec.bars]
    tail = max(text_width(text, SIZE) for text in values) + 12
    side = 0.0 if canvas.narrow else min(canvas.width * 0.34, 320.0)
    room = canvas.width - side - tail
    parts, y = [], 0.0
    for bar, text in zip(spec.bars, values, strict=True):
        lines = wrap(bar.label, SIZE, side - 12 if side else canvas.width, 2)
        notes = wrap(bar.note, 11, side - 12 if side else canvas.width, 2) if bar.note else []
        block = 15.0 * len(lines) + 14.0 * len(notes)
        height = 18.0
        slot = block + height + 12 if canvas.narrow else max(block, height) + 12
        bar_y = y + block + 4 if canvas.narrow else y + (slot - height) / 2
        first = y + 12 if canvas.narrow else y + (slot - block) / 2 + 11
        for i, label in enumerate(lines):
            parts.append(words(0, first + 15 * i, label, "f-ink", SIZE))
        for i, note in enumerate(notes):
            parts.append(words(0, first + 15 * len(lines) + 14 * i - 1, note, "f-muted", 11))
        zero = side + (0 - low) / span * room
        end = side + (bar.value - low) / span * room
        parts.append(_bar(zero, end, bar_y, height, bar, f"{bar.label}: {text}{_band_text(bar, spec.unit)}"))
        far = max(end, zero)
        if bar.low is not None and bar.high is not None:
            a, b = (side + (v - low) / span * room for v in (bar.low, bar.high))
            middle = bar_y + height / 2
            parts.append(line(a, middle, b, middle, "s-ink", stroke_width=1.4))
            parts += [line(x, middle - 4, x, middle + 4, "s-ink", stroke_width=1.4) for x in (a, b)]
            far = max(far, b)
            if bar.median is not None:
                x = side + (bar.median - low) / span * room
                parts.append(tag("circle", cx=num(x), cy=num(middle), r="3.4", class_="f-bg s-ink"))
        parts.append(words(far + 8, bar_y + height / 2 + 4, text, "f-ink bold", SIZE))
        y += slot
    zero = side + (0 - low) / span * room
    parts.append(line(zero, 0, zero, y, "s-rule"))
    told = clauses(
        f"{bar.label}: {text}{_band_text(bar, spec.unit)}"
        for bar, text in zip(spec.bars, values, strict=True)
    )
    return Drawing(y + 4, "".join(parts), told)


def _band_text(bar: Bar, unit: str) -> str:
    """Return the band of a bar in words, where it has one."""
    if bar.low is None or bar.high is None:
        return ""
    middle = "" if bar.median is None else say(", median {median}", median=value_text(bar.median, unit))
    return say(", {low} to {high}", low=value_text(bar.low, unit), high=value_text(bar.high, unit)) + middle


def _value(bar: Bar, unit: str) -> str:
    return value_text(bar.value, unit)


def _bar(zero: float, end: float, y: float, height: float, bar: Bar, tip: str) -> str:
    left, width = min(zero, end), max(abs(end - zero), 1.0)
    solid = bar.basis == "observed"
    return rect(
        left,
        y,
        width,
        height,
        "f-c1" if solid else f"f-c1 s-c1 b-{bar.basis}",
        fill_opacity=None if solid else "0.45",
        stroke_width=None if solid else "1.2",
        data_tip=f"{tip} ({say(bar.basis)})",
    )


def draw_tornado(spec: TornadoSpec, canvas: Canvas) -> Drawing:
    """Return the tornado: per assumption the result at its low and its high value, around the central one."""
    if not spec.swings:
        return Drawing(
            60, words(0, 34, say("No assumption moves this result."), "f-muted", SIZE), say("No swings.")
        )
    ends = [spec.central, *(v for swing in spec.swings for v in (swing.at_low, swing.at_high))]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    side = 0.0 if canvas.narrow else min(canvas.width * 0.36, 330.0)
    pad = max(text_width(value_text(v, spec.unit), SIZE) for v in ends) + 10
    left, room = side + pad, canvas.width - side - 2 * pad
    parts = [_key(spec, canvas)]
    top = 44.0 if canvas.narrow else 26.0
    y = top
    middle = left + (spec.central - low) / span * room
    for swing in spec.swings:
        at = [left + (v - low) / span * room for v in (swing.at_low, swing.at_high)]
        name = wrap(swing.label, SIZE, side - 12 if side else canvas.width, 2)
        sub = wrap(_ends(swing), 11, side - 12 if side else canvas.width, 2)
        block = 15.0 * len(name) + 14.0 * len(sub)
        slot = block + 32 if canvas.narrow else max(block, 20.0) + 12
        bar_y = y + block + 5 if canvas.narrow else y + (slot - 18) / 2
        first = y + 12 if canvas.narrow else y + (slot - block) / 2 + 11
        parts += [words(0, first + 15 * i, text, "f-ink", SIZE) for i, text in enumerate(name)]
        parts += [words(0, first + 15 * len(name) + 14 * i - 1, t, "f-muted", 11) for i, t in enumerate(sub)]
        parts.append(_swing(swing, spec, at, middle, bar_y, (side, float(canvas.width))))
        y += slot
    return Drawing(y + 6, "".join(parts), _tornado_summary(spec))


def _key(spec: TornadoSpec, canvas: Canvas) -> str:
    first = say("assumption at its low value")
    x = 18 + text_width(first, 11) + 16
    centre = say("line: central result, {value}", value=value_text(spec.central, spec.unit))
    second = say("at its high value")
    end = x + 18 + text_width(second, 11) + 16
    place = (0.0, 32.0) if canvas.narrow else (end, 12.0)
    return "".join(
        [
            rect(0, 3, 12, 10, "f-c2"),
            words(18, 12, first, "f-muted", 11),
            rect(x, 3, 12, 10, "f-c1"),
            words(x + 18, 12, second, "f-muted", 11),
            words(place[0], place[1], centre, "f-muted", 11),
        ]
    )


def _swing(
    swing: Swing, spec: TornadoSpec, at: list[float], middle: float, y: float, edges: tuple[float, float]
) -> str:
    """Draw both bars; where both lie on one side, the nearer value stands behind the farther one."""
    low, high = edges
    marks = sorted(
        (
            (x, role, value)
            for x, role, value in zip(at, ("c2", "c1"), (swing.at_low, swing.at_high), strict=True)
        ),
        key=lambda mark: -abs(mark[0] - middle),
    )
    parts = []
    far_left = marks[0][0] < middle
    spot, free = 0.0, 0.0
    for i, (x, role, value) in enumerate(marks):
        text = value_text(value, spec.unit)
        same = (x < middle) == far_left
        inset = 4.0 if i and same else 0.0
        width = max(abs(x - middle), 1.0)
        tip = f"{swing.label}: {text}"
        parts.append(rect(min(x, middle), y + inset, width, 18 - 2 * inset, f"f-{role}", data_tip=tip))
        to_left = far_left
        if i == 0 or not same:
            to_left = x < middle
            spot = x + (-6 if to_left else 6)
        elif (
            (spot - free - 10 - text_width(text, SIZE) > low)
            if far_left
            else (spot + free + 10 + text_width(text, SIZE) < high)
        ):
            spot += (-free - 10) if far_left else (free + 10)
        else:
            to_left = not far_left
            spot = middle + (-6 if to_left else 6)
        free = text_width(text, SIZE)
        anchor = "end" if to_left else "start"
        parts.append(words(spot, y + 13, text, f"f-{role} bold", SIZE, text_anchor=anchor))
    parts.append(line(middle, y - 5, middle, y + 23, "s-ink", stroke_width=1.2))
    return tag("g", *parts)


def _tornado_summary(spec: TornadoSpec) -> str:
    told = [
        say(
            "{name}: {low_value} at {low}, {high_value} at {high}",
            name=s.label,
            low_value=value_text(s.at_low, spec.unit),
            low=s.low_label,
            high_value=value_text(s.at_high, spec.unit),
            high=s.high_label,
        )
        for s in spec.swings
    ]
    central = say(
        "Central {value} ({unit}). ", value=value_text(spec.central, spec.unit), unit=unit_text(spec.unit)
    )
    return central + clauses(told)


def _ends(swing: Swing) -> str:
    """Return the ends of an assumption's range."""
    return say("{low} to {high}", low=swing.low_label, high=swing.high_label)
