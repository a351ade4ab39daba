"""Flows and sea passages on the map: great-circle arcs, split where the map is cut, and labelled marks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kaname.report.charts.svg import escape, num, tag
from kaname.report.charts.textfit import text_width
from kaname.report.chartspec import MapFlow, MapMark, MapSpec
from kaname.terms.language import commas, say
from kaname.terms.numerals import percent, value_text

Point = tuple[float, float]

STEPS = 48  # pieces of an arc
NORTHMOST = 82.0  # an arc over the pole is led along this parallel: the map ends at 84
THINNEST, THICKEST, THICKEST_NARROW = 1.1, 8.0, 5.0  # px
MOST, MOST_NARROW = 12, 6  # arcs drawn
LABELS, LABELS_NARROW = 8, 3  # marks with their name
LABEL_SIZE = 11.0


@dataclass(frozen=True)
class Plane:
    """How a level of the map lies: the projection's centre and top, units across, pixels a unit."""

    centre: float
    north: float
    units: float
    scale: float

    @classmethod
    def of(cls, world: Mapping[str, Any], level: Mapping[str, Any], scale: float) -> Plane:
        """Return the plane of one level of `world.json`, drawn at `scale` px a unit."""
        told = world["projection"]
        return cls(float(told["centre"]), float(told["north"]), float(level["width"]), scale)

    def wrapped(self, lon: float) -> float:
        """Return a longitude within 180 degrees of the centre."""
        return (lon - self.centre + 180.0) % 360.0 + self.centre - 180.0

    def place(self, lon: float, lat: float) -> Point:
        """Return where a place lies, in units; the longitude must be wrapped."""
        left, _ = equal_earth(-180.0, 0.0)
        _, top = equal_earth(0.0, self.north)
        x, y = equal_earth(lon - self.centre, lat)
        unit = self.units / (-2 * left)
        return (x - left) * unit, (top - y) * unit


def equal_earth(lon: float, lat: float) -> Point:
    """Return x, y on the unit sphere, y up, of degrees from the middle meridian (Savric and others, 2018)."""
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(lat)))
    t2 = theta * theta
    t6 = t2**3
    slope = a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2)
    x = 2 * math.sqrt(3) * math.radians(lon) * math.cos(theta) / (3 * slope)
    return x, theta * (a1 + a2 * t2 + t6 * (a3 + a4 * t2))


def great_circle(start: Point, end: Point, steps: int = STEPS) -> list[Point]:
    """Return `steps` + 1 places (longitude, latitude) on the shortest way between two, ends included."""
    a, b = _vector(*start), _vector(*end)
    angle = math.acos(max(-1.0, min(1.0, sum(p * q for p, q in zip(a, b, strict=True)))))
    if angle < 1e-9 or angle > math.pi - 1e-9:
        return [start, end]
    found = []
    for i in range(steps + 1):
        near, far = math.sin((1 - i / steps) * angle), math.sin(i / steps * angle)
        x, y, z = ((near * p + far * q) / math.sin(angle) for p, q in zip(a, b, strict=True))
        found.append((math.degrees(math.atan2(y, x)), min(math.degrees(math.asin(z)), NORTHMOST)))
    return found


def _vector(lon: float, lat: float) -> tuple[float, float, float]:
    x, y = math.radians(lon), math.radians(lat)
    return math.cos(y) * math.cos(x), math.cos(y) * math.sin(x), math.sin(y)


def strokes(plane: Plane, start: Point, end: Point) -> list[list[Point]]:
    """Return an arc as lines in units: one, or two where it leaves the map on one side and comes back on
    the other.
    """
    way = [(plane.wrapped(lon), lat) for lon, lat in great_circle(start, end)]
    lines: list[list[Point]] = [[way[0]]]
    for (lon, lat), (next_lon, next_lat) in itertools.pairwise(way):
        if abs(next_lon - lon) > 180.0:
            leave = plane.centre + math.copysign(180.0, lon - plane.centre)
            enter = 2 * plane.centre - leave
            beyond = next_lon + math.copysign(360.0, lon - plane.centre)
            part = (leave - lon) / (beyond - lon) if beyond != lon else 0.0
            middle = lat + part * (next_lat - lat)
            lines[-1].append((leave, middle))
            lines.append([(enter, middle)])
        lines[-1].append((next_lon, next_lat))
    return [[plane.place(lon, lat) for lon, lat in one] for one in lines]


def shown_flows(spec: MapSpec, narrow: bool) -> tuple[MapFlow, ...]:
    """Return the flows that are drawn: the largest, fewer on a narrow map."""
    return spec.flows[: MOST_NARROW if narrow else MOST]


def draw_flows(spec: MapSpec, plane: Plane, middles: Mapping[str, Sequence[float]], narrow: bool) -> str:
    """Return arcs and marks, in units, for the group that holds the land."""
    flows = [f for f in shown_flows(spec, narrow) if f.source in middles and f.target in middles]
    if not flows:
        return ""
    top = max(flow.value for flow in flows)
    widest = THICKEST_NARROW if narrow else THICKEST
    parts = []
    for flow in flows:
        width = max(THINNEST, widest * flow.value / top) / plane.scale
        start, end = (tuple(middles[code]) for code in (flow.source, flow.target))
        parts.append(_arc(spec, flow, strokes(plane, start, end), width, plane.scale))  # type: ignore[arg-type]
    marks = [mark for mark in spec.marks if any(mark.id in flow.through for flow in flows)]
    return tag("g", *parts, _marks(spec, marks, plane, narrow), class_="k-flows")


def _arc(spec: MapSpec, flow: MapFlow, lines: Sequence[Sequence[Point]], width: float, scale: float) -> str:
    path = "".join("M" + "L".join(f"{num(x)} {num(y)}" for x, y in line) for line in lines)
    long = max(6 / scale, 2.4 * width)
    dash = None if flow.basis == "observed" else f"{long:.1f} {max(3 / scale, 0.7 * width):.1f}"
    x, y = lines[-1][-1]
    under = tag("path", d=path, class_="no s-bg", stroke_width=width + 1.8 / scale, stroke_opacity="0.75")
    over = tag(
        "path",
        d=path,
        class_="no s-c4",
        stroke_width=width,
        stroke_opacity="0.9",
        stroke_dasharray=dash,
        data_tip=flow_text(spec, flow),
    )
    end = tag(
        "circle", cx=x, cy=y, r=max(width * 0.8, 2.4 / scale), class_="f-c4 s-bg", stroke_width=1 / scale
    )
    return under + over + end


def flow_text(spec: MapSpec, flow: MapFlow) -> str:
    """Return what a flow says under the pointer: both ends, value with unit, basis, passages."""
    told = say(
        "{source} to {target}: {value} a year, {what} ({basis})",
        source=flow.source_name,
        target=flow.target_name,
        value=value_text(flow.value, spec.flow_unit),
        what=spec.flow_of,
        basis=say(flow.basis),
    )
    names = {mark.id: mark.name for mark in spec.marks}
    by = [names[name] for name in flow.through if name in names]
    return told + (say("; by sea through: {passages}", passages=commas(by)) if by else "")


def mark_text(spec: MapSpec, mark: MapMark) -> str:
    """Return what a passage says under the pointer."""
    return say(
        "{name}: {value} a year, {share} of the exports of {what}",
        name=mark.name,
        value=value_text(mark.value, spec.flow_unit),
        share=percent(mark.share),
        what=spec.flow_of,
    )


def _marks(spec: MapSpec, marks: Sequence[MapMark], plane: Plane, narrow: bool) -> str:
    taken: list[tuple[float, float, float, float]] = []
    size, edge = LABEL_SIZE, plane.units * plane.scale
    spots = []
    for mark in marks:
        x, y = plane.place(plane.wrapped(mark.lon), mark.lat)
        spots.append((mark, x * plane.scale, y * plane.scale))
        taken.append((x * plane.scale - 5, y * plane.scale - 5, x * plane.scale + 5, y * plane.scale + 5))
    parts, named = [], 0
    for mark, x, y in spots:
        tip = mark_text(spec, mark)
        r = 4.2
        shape = f"M{num((x - r) / plane.scale)} {num(y / plane.scale)}"
        for dx, dy in ((r, -r), (r, r), (-r, r)):
            shape += f"l{num(dx / plane.scale)} {num(dy / plane.scale)}"
        parts.append(
            tag("path", d=shape + "z", class_="f-bg s-ink", stroke_width=1.4 / plane.scale, data_tip=tip)
        )
        if named >= (LABELS_NARROW if narrow else LABELS):
            continue
        wide = text_width(mark.label, size)
        for left, base in (
            (x + 8, y + 4),
            (x - 8 - wide, y + 4),
            (x + 6, y + 16),
            (x + 6, y - 8),
            (x - wide - 6, y + 16),
        ):
            box = (left, base - size, left + wide, base + 3)
            if left < 0 or box[2] > edge or any(_touch(box, other) for other in taken):
                continue
            taken.append(box)
            named += 1
            label = tag(
                "text",
                escape(mark.label),
                x=left / plane.scale,
                y=base / plane.scale,
                class_="f-ink s-bg bold",
                font_size=size / plane.scale,
                stroke_width=3 / plane.scale,
                paint_order="stroke",
                stroke_linejoin="round",
            )
            parts.append(label)
            break
    return "".join(parts)


def _touch(a: Sequence[float], b: Sequence[float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
