"""The map: arcs between countries, sea passages, and the views of disputed areas."""

from __future__ import annotations

import importlib.util
import itertools
import math
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from kaname.report.charts import NARROW, WIDE, render
from kaname.report.charts.mapflows import MOST, MOST_NARROW, Plane, great_circle, strokes
from kaname.report.charts.tables import chart_table
from kaname.report.charts.worldmap import WORLDVIEWS, world, worldview
from kaname.report.chartspec import MapFlow, MapMark, MapSpec
from kaname.terms.errors import InputError
from kaname.terms.passages import PASSAGES

TOOLS = Path(__file__).parents[2] / "tools"
SVG = "{http://www.w3.org/2000/svg}"
TARGETS = ("USA", "DEU", "KOR", "JPN", "VNM", "IND", "FRA", "THA", "ITA", "POL", "TWN", "MEX", "BRA")


def spec(view: str = "neutral") -> MapSpec:
    flows = tuple(
        MapFlow(
            "CHN", code, 1300.0 - 100 * i, "observed" if i % 2 else "assumed", "China", code, ("malacca",)
        )
        for i, code in enumerate(TARGETS)
    )
    mark = MapMark("malacca", "Strait of Malacca", "Malacca", *PASSAGES["malacca"].at, 900.0, 0.4)
    return MapSpec("m", "", {"JPN": 0.5}, "share", view, ("CHN",), ("JPN",), flows, (mark,), "kUSD", "it")


def plane() -> Plane:
    level = world()["levels"]["fine"]
    return Plane.of(world(), level, WIDE / level["width"])


def numbers(path: str) -> list[tuple[float, float]]:
    """Return every corner of a path of absolute starts and relative lines, as the map is written."""
    found: list[tuple[float, float]] = []
    for ring in re.findall(r"M([-\d. ]+)l([-\d. ]+)z", path):
        x, y = (float(v) for v in ring[0].split())
        found.append((x, y))
        steps = [float(v) for v in re.findall(r"-?\d+(?:\.\d+)?", ring[1])]
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + dx, y + dy
            found.append((x, y))
    return found


def test_an_arc_is_the_shortest_way() -> None:
    way = great_circle((0.0, 0.0), (90.0, 0.0), 2)
    assert way[1] == pytest.approx((45.0, 0.0))
    over = great_circle((10.0, 60.0), (-170.0, 60.0), 2)
    assert over[1][1] == pytest.approx(82.0)  # led round the pole, which the map does not show
    assert great_circle((5.0, 5.0), (5.0, 5.0)) == [(5.0, 5.0), (5.0, 5.0)]


def test_an_arc_over_the_date_line_is_whole_and_one_over_the_cut_is_split() -> None:
    place = plane()
    pacific = strokes(place, (140.0, 36.0), (-120.0, 37.0))
    assert len(pacific) == 1
    assert all(b[0] > a[0] for a, b in itertools.pairwise(pacific[0]))
    atlantic = strokes(place, (-60.0, 0.0), (0.0, 0.0))
    assert len(atlantic) == 2
    assert atlantic[0][-1][0] == pytest.approx(place.units, abs=1.0)
    assert atlantic[1][0][0] == pytest.approx(0.0, abs=1.0)
    assert max(math.dist(a, b) for line in atlantic for a, b in itertools.pairwise(line)) < 200


@pytest.mark.parametrize("code", ["CHN", "USA", "JPN", "BRA", "AUS", "DEU", "RUS", "IND", "ZAF", "NZL"])
def test_middles_lie_within_the_shapes_they_are_of(code: str) -> None:
    lon, lat = world()["middles"][code]
    place = plane()
    x, y = place.place(place.wrapped(lon), lat)
    corners = numbers(world()["levels"]["fine"]["paths"][code])
    assert min(a for a, _ in corners) < x < max(a for a, _ in corners)
    assert min(b for _, b in corners) < y < max(b for _, b in corners)


def test_a_narrow_map_shows_fewer_flows_and_every_flow_says_value_unit_and_basis() -> None:
    for width, most in ((WIDE, MOST), (NARROW, MOST_NARROW)):
        root = ET.fromstring(render(spec(), width=width))
        group = next(one for one in root.iter(f"{SVG}g") if one.get("class") == "k-flows")
        arcs = [one for one in group.iter(f"{SVG}path") if "to" in (one.get("data-tip") or "").split()]
        assert len(arcs) == most
        assert arcs[0].get("data-tip") == (
            "China to USA: USD\xa01.30\xa0m a year, it (assumed); by sea through: Strait of Malacca"
        )
        assert arcs[0].get("stroke-dasharray")
        assert arcs[1].get("stroke-dasharray") is None
        widths = [float(one.get("stroke-width", "0")) for one in arcs]
        assert widths == sorted(widths, reverse=True)
        assert "Malacca" in [one.text for one in group.iter(f"{SVG}text")]


def test_the_table_has_flows_and_passages() -> None:
    table = chart_table(spec())
    japan = next(row for row in table.rows if row[1] == "JPN")
    assert japan[3:] == ("USD\xa01.00\xa0m", "observed", "Strait of Malacca")
    assert table.rows[-1][0] == "Strait of Malacca"
    assert len(chart_table(replace(spec(), flows=(), marks=())).head) == 3


def drawn(view: str) -> dict[str, str]:
    """Return the path of each country on a wide map, by what it says."""
    root = ET.fromstring(render(spec(view)))
    return {
        one.get("data-tip", "").split(":")[0]: one.get("d", "")
        for one in root.iter(f"{SVG}path")
        if one.get("data-tip")
    }


def test_views_draw_the_northern_territories_and_kosovo_differently() -> None:
    level = world()["levels"]["fine"]
    islands = level["areas"]["northern_territories"]
    neutral, japan, nations = (drawn(view) for view in WORLDVIEWS)
    assert islands in neutral["Russia"]
    assert islands not in neutral["Japan"]
    assert islands in japan["Japan"]
    assert islands not in japan["Russia"]
    assert islands in nations["Russia"]
    assert "Kosovo" in neutral
    assert "Kosovo" not in nations
    assert nations["Serbia"] != neutral["Serbia"]
    place = plane()
    for lon, lat in ((145.9, 44.1), (147.9, 45.0)):  # Kunashiri, Etorofu
        x, y = place.place(lon, lat)
        assert min(math.dist((x, y), corner) for corner in numbers(islands)) < 60


def test_every_view_is_said_with_what_it_rests_on_and_others_are_refused() -> None:
    for view in WORLDVIEWS:
        assert worldview(view)["cites"]
        svg = "".join(ET.fromstring(render(spec(view))).itertext())
        assert f"Worldview: {view}." in svg
    with pytest.raises(InputError, match="neutral or jp or un"):
        render(spec("us"))


def test_marks_lie_in_the_middle_of_the_lines_that_ways_are_measured_with() -> None:
    sys.path.insert(0, str(TOOLS))
    try:
        found = importlib.util.spec_from_file_location("build_distances", TOOLS / "build_distances.py")
        assert found is not None
        assert found.loader is not None
        module = importlib.util.module_from_spec(found)
        sys.modules["build_distances"] = module
        found.loader.exec_module(module)
    finally:
        sys.path.remove(str(TOOLS))
    for name, (a, b) in module.GATES.items():
        if name in {"good_hope", "horn"}:  # lines to the ice: the mark is off the cape
            assert PASSAGES[name].at[0] == pytest.approx((a[0] + b[0]) / 2, abs=2.5)
            continue
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        assert PASSAGES[name].at == pytest.approx(middle, abs=0.11), name
    assert all(one.at != (0.0, 0.0) for one in PASSAGES.values())
