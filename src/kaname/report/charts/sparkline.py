"""A line the size of a word."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from kaname.report.charts.svg import line, num, tag
from kaname.terms.language import say
from kaname.terms.numerals import percent

BLOCKS = "▁▂▃▄▅▆▇█"


def draw_spark(values: Sequence[float], width: int = 112, height: int = 26) -> str:
    """Return a sparkline of shares (1 = undisturbed, drawn as a thin line); empty where there is no value.

    Raises ValueError on a value that is not a number.
    """
    if not values:
        return ""
    if not all(math.isfinite(v) for v in values):
        raise ValueError("a sparkline value is not finite")
    top = max(1.0, *values)
    low = min(0.0, *values)
    step = width / max(len(values) - 1, 1)
    spots = [(i * step, 2 + (top - v) / (top - low) * (height - 4)) for i, v in enumerate(values)]
    ground = 2 + (top - 1) / (top - low) * (height - 4)
    if len(spots) == 1:
        mark = tag("circle", cx=width / 2, cy=spots[0][1], r="2.5", class_="f-c1")
    else:
        points = "L".join(f"{num(x)} {num(y)}" for x, y in spots)
        mark = tag("path", d="M" + points, class_="no s-c1", stroke_width="1.6")
    worst = min(values)
    return tag(
        "svg",
        line(0, ground, width, ground, "s-rule", stroke_width="0.8"),
        mark,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        class_="k spark",
        role="img",
        aria_label=say("Use over time, lowest {share} of undisturbed", share=percent(worst)),
    )


def spark_text(values: Sequence[float], width: int = 24) -> str:
    """Return the values as at most `width` block characters (0 = lowest block, 1 or more = full block)."""
    if not values:
        return ""
    count = min(width, len(values))
    edges = [round(i * len(values) / count) for i in range(count + 1)]
    lows = [min(values[a:b]) for a, b in itertools.pairwise(edges)]
    return "".join(BLOCKS[min(7, max(0, round(v * 7)))] if math.isfinite(v) else "?" for v in lows)
