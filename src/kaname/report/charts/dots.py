"""Figures foretold beside those observed: a line with a ring for the forecast, a full dot for what came."""

from __future__ import annotations

from collections.abc import Callable

from kaname.report.charts.scale import ticks
from kaname.report.charts.svg import Canvas, Drawing, line, num, rect, tag, words
from kaname.report.charts.textfit import text_width, wrap
from kaname.report.chartspec import Dot, DotSpec
from kaname.terms.language import clauses, later, say
from kaname.terms.numerals import value_text

SIZE = 12.0
HEIGHT = 18.0
FORETOLD, SEEN = later("foretold, with 5 to 95 % of the draws", "observed")


def draw_dots(spec: DotSpec, canvas: Canvas) -> Drawing:
    """Return the rows in the order given, on one axis with a thin line at no change."""
    if not spec.dots:
        return Drawing(60, words(0, 34, say("No data for this chart."), "f-muted", SIZE), say("No data."))
    ends = [v for dot in spec.dots for v in (dot.central, dot.observed, dot.low, dot.high) if v is not None]
    marks = ticks(min(spec.baseline, *ends), max(spec.baseline, *ends))
    low, high = min(marks[0], *ends), max(marks[-1], *ends)
    side = 0.0 if canvas.narrow else min(canvas.width * 0.3, 260.0)
    pad = 14.0
    room = canvas.width - side - 2 * pad

    def at(value: float) -> float:
        return side + pad + (value - low) / ((high - low) or 1.0) * room

    key, top = _key(canvas)
    parts, y = [key], top
    for dot in spec.dots:
        drawn, y = _row(dot, spec.unit, canvas, side, at, y)
        parts.append(drawn)
    grid = [line(at(mark), top, at(mark), y, "s-grid", stroke_width=1) for mark in marks]
    grid.append(line(at(spec.baseline), top, at(spec.baseline), y, "s-rule", stroke_width=1.4))
    labels = [
        words(at(mark), y + 16, value_text(mark, spec.unit), "f-muted", 11, text_anchor="middle")
        for mark in marks
    ]
    return Drawing(y + 24, "".join([*grid, *parts, *labels]), clauses(_said(d, spec.unit) for d in spec.dots))


def _key(canvas: Canvas) -> tuple[str, float]:
    """Return what the marks mean, and the height that it takes."""
    x = 34 + text_width(say(FORETOLD), 11) + 18
    place = (4.0, 28.0) if canvas.narrow else (x, 8.0)
    parts = [
        line(0, 8, 24, 8, "s-c1", stroke_width=2),
        tag("circle", cx="12", cy="8", r="4", class_="f-bg s-c1", stroke_width="2"),
        words(30, 12, say(FORETOLD), "f-muted", 11),
        tag("circle", cx=num(place[0] + 6), cy=num(place[1]), r="4.5", class_="f-ink"),
        words(place[0] + 18, place[1] + 4, say(SEEN), "f-muted", 11),
    ]
    return "".join(parts), 46.0 if canvas.narrow else 26.0


def _row(
    dot: Dot, unit: str, canvas: Canvas, side: float, at: Callable[[float], float], y: float
) -> tuple[str, float]:
    """Return one row and where the next begins."""
    lines = wrap(dot.label, SIZE, side - 12 if side else canvas.width, 2)
    notes = wrap(dot.note, 11, side - 12 if side else canvas.width, 2) if dot.note else []
    block = 15.0 * len(lines) + 14.0 * len(notes)
    slot = block + HEIGHT + 10 if canvas.narrow else max(block, HEIGHT) + 8
    middle = y + block + 4 + HEIGHT / 2 if canvas.narrow else y + slot / 2
    first = y + 12 if canvas.narrow else y + (slot - block) / 2 + 11
    parts = [words(0, first + 15 * i, text, "f-ink", SIZE) for i, text in enumerate(lines)]
    parts += [words(0, first + 15 * len(lines) + 14 * i - 1, t, "f-muted", 11) for i, t in enumerate(notes)]
    tip = _said(dot, unit)
    parts.append(
        rect(side, middle - HEIGHT / 2, canvas.width - side, HEIGHT, "f-bg", fill_opacity="0", data_tip=tip)
    )
    if dot.low is not None and dot.high is not None:
        parts.append(line(at(dot.low), middle, at(dot.high), middle, "s-c1", stroke_width=2.4))
    centre, seen = num(at(dot.central)), num(at(dot.observed))
    parts.append(tag("circle", cx=centre, cy=num(middle), r="4.2", class_="f-bg s-c1", stroke_width="2"))
    parts.append(tag("circle", cx=seen, cy=num(middle), r="4.5", class_="f-ink"))
    return "".join(parts), y + slot


def _said(dot: Dot, unit: str) -> str:
    """Return a row in words."""
    band = ""
    if dot.low is not None and dot.high is not None:
        band = say(" ({low} to {high})", low=value_text(dot.low, unit), high=value_text(dot.high, unit))
    return say(
        "{name}: foretold {value}{band}, observed {seen}",
        name=dot.label,
        value=value_text(dot.central, unit),
        band=band,
        seen=value_text(dot.observed, unit),
    )
