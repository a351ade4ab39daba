"""The timeline: lines with their bands over dates, a baseline, dated markers, labels at the lines' ends."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date

from kaname.report.charts.palette import SERIES
from kaname.report.charts.scale import keep_apart, month_ticks, ticks
from kaname.report.charts.svg import Canvas, Drawing, line, num, tag, words
from kaname.report.charts.textfit import shorten, text_width, wrap
from kaname.report.chartspec import Line, TimelineSpec
from kaname.terms.language import clauses, later_of, say
from kaname.terms.numerals import day, is_share, parse_day, unit_text, value_text

SIZE = 12.0
MOST_BANDS = 6
STROKES = later_of(
    {
        "observed": "solid line: observed",
        "estimated": "dash-dot line: estimated",
        "modelled": "dashed line: modelled",
        "assumed": "dotted line: assumed",
    }
)


@dataclass(frozen=True)
class _Plot:
    """The plot rectangle and the two axes."""

    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float
    start: date
    end: date

    def x(self, when: date) -> float:
        """Return the x of a date; one lone date sits in the middle."""
        span = (self.end - self.start).days
        share = (when - self.start).days / span if span else 0.5
        return self.left + share * (self.right - self.left)

    def y(self, value: float) -> float:
        """Return the y of a value."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


def draw_timeline(spec: TimelineSpec, canvas: Canvas) -> Drawing:
    """Return the timeline; without a line or a date it says that there is no data."""
    if not spec.dates or not spec.lines:
        return Drawing(60, words(0, 34, say("No data for this chart."), "f-muted", SIZE), say("No data."))
    days = [parse_day(iso) for iso in spec.dates]
    values = [v for item in spec.lines for v in (*item.central, *item.low, *item.high)]
    if spec.baseline is not None:
        values.append(spec.baseline)
    marks = ticks(min(0.0, *values), max(values), 5)
    tick_names = [value_text(mark, spec.unit if is_share(spec.unit) else "") for mark in marks]
    side = 0.0 if canvas.narrow else min(canvas.width * 0.24, 170.0)
    names = [wrap(item.name, SIZE, side - 14, 3) for item in spec.lines]
    need = 0.0 if canvas.narrow else sum(len(name) * 14 + 3 for name in names)
    legend, legend_height = _legend(spec, canvas) if canvas.narrow else ("", 0.0)
    top = legend_height + 26
    inner = max(190.0 if canvas.narrow else 210.0, need)
    left = max(text_width(name, SIZE) for name in tick_names) + 8
    right = canvas.width - (10 if canvas.narrow else side)
    plot = _Plot(left, right, top, top + inner, marks[0], marks[-1], days[0], days[-1])
    flags, rows = _flags(spec, plot)
    plot = replace(plot, top=top + 15 * rows, bottom=plot.bottom + 15 * rows)
    flags, _ = _flags(spec, plot)
    body = [legend, words(0, legend_height + 12, unit_text(spec.unit), "f-muted", SIZE)]
    for mark, name in zip(marks, tick_names, strict=True):
        y = plot.y(mark)
        body.append(line(left, y, right, y, "s-grid"))
        body.append(words(left - 6, y + 4, name, "f-muted", SIZE, text_anchor="end"))
    body.append(_month_axis(plot, canvas))
    if spec.baseline is not None:
        body.append(
            line(left, plot.y(spec.baseline), right, plot.y(spec.baseline), "s-ink", stroke_width=1.2)
        )
    body.append(_lines(spec, plot, days))
    body.append(flags)
    if not canvas.narrow:
        body.append(_end_labels(spec, plot, names))
    notes = wrap(_note(spec), 11, canvas.width, 3)
    for i, note in enumerate(notes):
        body.append(words(0, plot.bottom + 40 + 14 * i, note, "f-muted", 11))
    return Drawing(plot.bottom + 44 + 14 * len(notes) - 8, "".join(body), _summary(spec))


def _note(spec: TimelineSpec) -> str:
    kinds = dict.fromkeys(item.basis for item in spec.lines)
    parts = [say(STROKES[kind if kind in STROKES else "modelled"]) for kind in kinds]
    banded = sum(bool(item.low) for item in spec.lines)
    if banded:
        parts.append(
            say("shading: 5 to 95 % of draws")
            if banded <= MOST_BANDS
            else say("5 to 95 % bands: in the table")
        )
    if any(item.median for item in spec.lines):
        parts.append(say("medians: in the table"))
    if spec.baseline is not None:
        parts.append(say("thin line: undisturbed, {value}", value=value_text(spec.baseline, spec.unit)))
    text = say("{text}.", text=clauses(parts))
    return text[:1].upper() + text[1:]


def _legend(spec: TimelineSpec, canvas: Canvas) -> tuple[str, float]:
    parts, y = [], 0.0
    for i, item in enumerate(spec.lines):
        role = SERIES[i % len(SERIES)]
        parts.append(line(0, y + 9, 24, y + 9, f"s-{role} b-{item.basis}", stroke_width=2.4))
        for text in wrap(item.name, SIZE, canvas.width - 34, 2):
            parts.append(words(32, y + 13, text, "f-ink", SIZE))
            y += 16
    return "".join(parts), y + 4


def _month_axis(plot: _Plot, canvas: Canvas) -> str:
    parts = []
    marks = month_ticks(plot.start, plot.end, plot.right - plot.left, 58 if canvas.narrow else 62)
    edge = -1.0
    for when, name in marks:
        x = plot.x(when)
        half = text_width(name, SIZE) / 2
        parts.append(line(x, plot.bottom, x, plot.bottom + 5, "s-rule"))
        at = min(max(x, half), canvas.width - half)
        if at - half > edge:
            parts.append(words(at, plot.bottom + 19, name, "f-muted", SIZE, text_anchor="middle"))
            edge = at + half
    return "".join([line(plot.left, plot.bottom, plot.right, plot.bottom, "s-rule"), *parts])


def _lines(spec: TimelineSpec, plot: _Plot, days: list[date]) -> str:
    parts = []
    xs = [plot.x(when) for when in days]
    banded = sum(bool(item.low) for item in spec.lines)
    for i, item in enumerate(spec.lines):
        role = SERIES[i % len(SERIES)]
        if item.low and banded <= MOST_BANDS:
            upper = [f"{num(x)} {num(plot.y(v))}" for x, v in zip(xs, item.high, strict=True)]
            lower = [f"{num(x)} {num(plot.y(v))}" for x, v in zip(xs, item.low, strict=True)]
            band = "M" + "L".join([*upper, *reversed(lower)]) + "Z"
            parts.append(tag("path", d=band, class_=f"f-{role}", opacity="0.13"))
    for i, item in enumerate(spec.lines):
        role = SERIES[i % len(SERIES)]
        points = [f"{num(x)} {num(plot.y(v))}" for x, v in zip(xs, item.central, strict=True)]
        shown = {"data_name": item.name, "data_values": json.dumps([_rounded(v) for v in item.central])}
        if item.median:
            trio = zip(item.low, item.median, item.high, strict=True)
            shown["data_band"] = json.dumps([[_rounded(v) for v in found] for found in trio])
        if len(points) == 1:
            x, y = points[0].split(" ")
            parts.append(tag("circle", cx=x, cy=y, r="4", class_=f"f-{role} k-line", **shown))
        else:
            kind = f"no s-{role} b-{item.basis} k-line"
            parts.append(tag("path", d="M" + "L".join(points), class_=kind, stroke_width="2.2", **shown))
    frame = {
        "data_dates": json.dumps([when.isoformat() for when in days]),
        "data_left": plot.left,
        "data_right": plot.right,
        "data_unit": spec.unit,
    }
    return tag("g", *parts, class_="k-plot", **frame)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _end_labels(spec: TimelineSpec, plot: _Plot, names: list[list[str]]) -> str:
    ends = [plot.y(item.central[-1]) for item in spec.lines]
    sizes = [len(name) * 14.0 + 3 for name in names]
    centres = keep_apart(ends, sizes, plot.top - 6, plot.bottom + 8)
    parts = []
    for i, name in enumerate(names):
        role = SERIES[i % len(SERIES)]
        if abs(centres[i] - ends[i]) > 3:
            parts.append(line(plot.right + 1, ends[i], plot.right + 9, centres[i], f"s-{role}"))
        first = centres[i] - (len(name) - 1) * 7 + 4
        for j, text in enumerate(name):
            parts.append(words(plot.right + 12, first + 14 * j, text, f"f-{role} bold", SIZE))
    return "".join(parts)


def _flags(spec: TimelineSpec, plot: _Plot) -> tuple[str, int]:
    """Return the markers' lines and labels above the plot, and how many rows of labels keep them apart."""
    edges: list[float] = []
    spots = []
    for marker in sorted(spec.markers, key=lambda m: m.date):
        x = plot.x(min(max(parse_day(marker.date), plot.start), plot.end))
        label = shorten(marker.label, 11, plot.right - plot.left)
        wide = text_width(label, 11)
        left = min(max(x - 3, plot.left), plot.right - wide)
        row = next((i for i, edge in enumerate(edges) if left > edge + 8), len(edges))
        edges[row : row + 1] = [left + wide]
        spots.append((x, left, row, label))
    parts = []
    for x, left, row, label in spots:
        y = plot.top - 15 * len(edges) + 15 * row + 3
        parts.append(line(x, y + 3, x, plot.bottom, "s-muted", stroke_dasharray="2 3"))
        parts.append(words(left, y, label, "f-muted s-bg halo", 11))
    return tag("g", *parts) if parts else "", len(edges)


def _summary(spec: TimelineSpec) -> str:
    return " ".join(_line_summary(item, spec) for item in spec.lines)


def _line_summary(item: Line, spec: TimelineSpec) -> str:
    worst = min(range(len(item.central)), key=lambda i: item.central[i])
    return say(
        "{name}: lowest {value} on {day}, {last} at the end.",
        name=item.name,
        value=value_text(item.central[worst], spec.unit),
        day=day(spec.dates[worst]),
        last=value_text(item.central[-1], spec.unit),
    )
