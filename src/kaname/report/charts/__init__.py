"""The one chart renderer: a ChartSpec in, an SVG string out. Every face draws with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from kaname.report.charts.bars import draw_bars, draw_tornado
from kaname.report.charts.dots import draw_dots
from kaname.report.charts.heat import draw_heat
from kaname.report.charts.palette import chart_style
from kaname.report.charts.sankey import draw_sankey, sankey_note
from kaname.report.charts.soundness import refuse_unsound
from kaname.report.charts.svg import Canvas, Drawing, escape, num, rect, tag, words
from kaname.report.charts.textfit import wrap
from kaname.report.charts.timeline import draw_timeline
from kaname.report.charts.weekly import draw_weekly
from kaname.report.charts.worldmap import draw_map
from kaname.report.chartspec import (
    BarSpec,
    ChartSpec,
    DotSpec,
    HeatSpec,
    MapSpec,
    SankeySpec,
    TimelineSpec,
    TornadoSpec,
    WeeklySpec,
)
from kaname.terms.language import japanese, language

WIDE, MEDIUM, NARROW = 960, 520, 340
RIM = (
    3  # above and below a chart without a margin: the line boxes of some fonts are taller than their letters
)

__all__ = ["MEDIUM", "NARROW", "WIDE", "chart_id", "note_of", "render"]


def render(
    spec: ChartSpec,
    *,
    width: int = WIDE,
    standalone: bool = True,
    key: str = "",
    before: Mapping[str, float] | None = None,
) -> str:
    """Return the chart as an SVG string.

    `standalone` charts carry title, note, ground and stylesheet (light and dark); others leave them to the
    page (`note_of`).
    `key` keeps element ids apart where one spec is drawn twice. `before` (Sankey only) gives undisturbed node
    throughputs, so that two charts share one scale. Raises InputError on NaN or parts that do not match.
    """
    refuse_unsound(spec)
    ident = "k" + hashlib.sha256(f"{key}|{width}|{standalone}|{spec!r}".encode()).hexdigest()[:10]
    margin, rim = (20, 0) if standalone else (0, RIM)
    drawing = _draw(spec, Canvas(width - 2 * margin, ident), before)
    head, top = _heading(spec, width - 2 * margin) if standalone else ("", 0.0)
    foot, below = _foot(drawing, width - 2 * margin) if standalone else ("", 0.0)
    height = drawing.height + top + below + 2 * (margin + rim)
    ground = tag("style", chart_style()) + rect(0, 0, width, height, "f-bg") if standalone else ""
    return tag(
        "svg",
        tag("title", escape(spec.title), id=f"{ident}-t"),
        tag("desc", escape(f"{spec.subtitle} {drawing.summary}".strip()), id=f"{ident}-d"),
        _hatch(ident),
        ground,
        tag("g", head, transform=f"translate({margin} {margin})") if head else "",
        tag("g", drawing.body + foot, transform=f"translate({margin} {num(margin + rim + top)})"),
        xmlns="http://www.w3.org/2000/svg" if standalone else None,
        lang=language() if standalone and japanese() else None,
        viewBox=f"0 0 {width} {num(height)}",
        width=width if standalone else None,
        height=num(height) if standalone else None,
        class_=f"k k-{type(spec).__name__.removesuffix('Spec').lower()}",
        role="img",
        aria_labelledby=f"{ident}-t {ident}-d",
    )


def note_of(spec: ChartSpec, before: Mapping[str, float] | None = None) -> str:
    """Return what a page must say beside a chart that it shows; empty where the chart says it all."""
    return sankey_note(spec, before) if isinstance(spec, SankeySpec) else ""


def chart_id(spec: ChartSpec) -> str:
    """Return a name for a chart that is the same wherever the same spec is shown."""
    return "c" + hashlib.sha256(repr(spec).encode()).hexdigest()[:12]


def _draw(spec: ChartSpec, canvas: Canvas, before: Mapping[str, float] | None) -> Drawing:
    if isinstance(spec, SankeySpec):
        return draw_sankey(spec, canvas, before)
    drawn = _DRAWN.get(type(spec))
    if drawn is None:
        raise TypeError(f"not a chart spec: {type(spec).__name__}")
    return drawn(spec, canvas)


_DRAWN: Mapping[type, Callable[[Any, Canvas], Drawing]] = {
    TimelineSpec: draw_timeline,
    MapSpec: draw_map,
    BarSpec: draw_bars,
    TornadoSpec: draw_tornado,
    HeatSpec: draw_heat,
    DotSpec: draw_dots,
    WeeklySpec: draw_weekly,
}


def _hatch(ident: str) -> str:
    return tag(
        "defs",
        tag(
            "pattern",
            tag("rect", width="6", height="6", class_="f-nodata"),
            tag("path", d="M0 6L6 0M-1 1L1 -1M5 7L7 5", class_="s-hatch no", stroke_width="1"),
            id=f"{ident}-hatch",
            width="6",
            height="6",
            patternUnits="userSpaceOnUse",
        ),
    )


def _foot(drawing: Drawing, width: float) -> tuple[str, float]:
    """Return the note below a drawing, and how high it is."""
    lines = wrap(drawing.note, 11, width, 4) if drawing.note else []
    drawn = (words(0, drawing.height + 6 + 14 * i, text, "f-muted", 11) for i, text in enumerate(lines))
    return "".join(drawn), 14.0 * len(lines)


def _heading(spec: ChartSpec, width: float) -> tuple[str, float]:
    parts, y = [], 16.0
    for text in wrap(spec.title, 17, width, 3):
        parts.append(words(0, y, text, "f-ink bold", 17))
        y += 22
    for text in wrap(spec.subtitle, 13, width, 4) if spec.subtitle else []:
        parts.append(words(0, y, text, "f-muted", 13))
        y += 18
    return "".join(parts), y
