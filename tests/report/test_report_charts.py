"""Every chart kind: well-formed, nothing outside the frame, nothing overlapping, edge cases, refusals."""

from __future__ import annotations

import itertools
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_sample import sample_model, sankey

from kaname.report.charts import MEDIUM, NARROW, WIDE, render
from kaname.report.charts.palette import DARK, LIGHT, SERIES
from kaname.report.charts.sankey import node_values
from kaname.report.charts.scale import class_breaks, class_of, keep_apart, month_ticks, ticks
from kaname.report.charts.sparkline import draw_spark, spark_text
from kaname.report.charts.tables import chart_table
from kaname.report.charts.textfit import text_width, wrap
from kaname.report.charts.worldmap import world
from kaname.report.chartspec import (
    Bar,
    BarSpec,
    ChartSpec,
    Flow,
    HeatSpec,
    Line,
    MapFlow,
    MapMark,
    MapSpec,
    Marker,
    SankeySpec,
    Swing,
    TimelineSpec,
    TornadoSpec,
)
from kaname.terms.errors import InputError

SVG = "{http://www.w3.org/2000/svg}"
LONG = "An exceedingly long name of an industry that nobody would print & <b>should</b> still wrap 素材産業"
MODEL = sample_model()
CASE = MODEL.cases[2]


def charts() -> dict[str, ChartSpec]:
    """Return one realistic spec of each kind and its awkward relatives."""
    found = {
        "timeline": CASE.timelines[1],
        "one-date": TimelineSpec("t", "", ("2026-01-05",), (Line("a", (3.0,)),), "t"),
        "flat": TimelineSpec("t", "", ("2026-01-05", "2026-01-12"), (Line("a", (0.0, 0.0)),), "share"),
        "no-lines": TimelineSpec("t", "", ("2026-01-05",), (), "t"),
        "no-dates": TimelineSpec("t", "", (), (Line("a", ()),), "t"),
        "crowd": replace(
            CASE.timelines[0],
            lines=tuple(Line(f"{LONG} {i}", CASE.timelines[0].lines[0].central) for i in range(9)),
            markers=tuple(Marker(f"2026-02-0{i}", LONG) for i in range(1, 6)),
        ),
        "three-years": TimelineSpec(
            "t",
            "",
            tuple(f"{2026 + i // 12}-{i % 12 + 1:02d}-01" for i in range(36)),
            (Line("a", tuple(float(i) for i in range(36)), basis="observed"),),
            "t",
            5.0,
        ),
        "sankey": CASE.sankey_after,
        "zero-flows": SankeySpec("s", "", (("a",), ("b",)), {}, (Flow("a", "b", 0.0),), "t"),
        "no-flows": SankeySpec("s", "", (), {}, (), "t"),
        "all-lost": SankeySpec(
            "s",
            "",
            (("a",), ("b", "c")),
            {"a": LONG},
            (Flow("a", "b", 5), Flow("a", "c", 0)),
            "t",
            (),
            {"c": 1.0},
        ),
        "map": MODEL.exposure_map,
        "no-values": MapSpec("m", "", {}, "share"),
        "unknown-place": MapSpec(
            "m", "", {"XYZ": 0.4, "TUV": 1.0, "JPN": 0.0, "FRA": -1.0}, "t", targets=("SGP",)
        ),
        "bars": MODEL.case_bars,
        "no-bars": BarSpec("b", "", (), "t"),
        "odd-bars": BarSpec(
            "b", "", (Bar(LONG, 0.0, note=LONG), Bar("minus", -3.0, -5.0, 2.0, "assumed")), "kUSD"
        ),
        "tornado": CASE.tornado,
        "no-swings": TornadoSpec("t", "", 1.0, (), "t"),
        "still": TornadoSpec("t", "", 1.0, (Swing(LONG, LONG, LONG, 1.0, 1.0),), "share"),
        "heat": MODEL.heat,
        "all-missing": HeatSpec("h", "", ("r",), ("c",), ((None,),), "share"),
        "no-heat": HeatSpec("h", "", (), (), (), "share"),
        "wide-heat": HeatSpec(
            "h",
            "",
            (LONG, "b"),
            tuple(f"{LONG} {i}" for i in range(12)),
            ((0.5,) * 12, (None,) * 12),
            "share",
        ),
    }
    assert all(spec is not None for spec in found.values())
    return found  # type: ignore[return-value]


def shift(value: str) -> tuple[float, float]:
    """Return the translation of a transform attribute."""
    found = re.match(r"translate\(([-\d.]+) ([-\d.]+)\)", value)
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


def labels(root: ET.Element) -> list[tuple[str, float, float, float, float]]:
    """Return every text with its estimated box: text, left, top, right, bottom, in the frame of the chart."""
    out = []

    def walk(node: ET.Element, dx: float, dy: float) -> None:
        tx, ty = shift(node.get("transform", ""))
        dx, dy = dx + tx, dy + ty
        if node.tag == f"{SVG}text":
            size = float(node.get("font-size", "12"))
            text = "".join(node.itertext())
            wide = text_width(text, size)
            x = float(node.get("x", "0")) + dx
            y = float(node.get("y", "0")) + dy
            left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[node.get("text-anchor", "start")]
            out.append((text, left, y - 0.75 * size, left + wide, y + 0.22 * size))
        for child in node:
            walk(child, dx, dy)

    walk(root, 0.0, 0.0)
    return out


@pytest.mark.parametrize("width", [WIDE, MEDIUM, NARROW])
@pytest.mark.parametrize("name", charts())
def test_charts_are_well_formed_and_keep_their_labels_inside_and_apart(name: str, width: int) -> None:
    spec = charts()[name]
    root = ET.fromstring(render(spec, width=width))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    assert set((root.get("aria-labelledby") or "").split()) <= set(ids)
    _, _, frame_width, height = (float(part) for part in (root.get("viewBox") or "").split())
    boxes = labels(root)
    assert boxes
    for text, left, top, right, bottom in boxes:
        assert left >= -0.5, text
        assert top >= -0.5, text
        assert right <= frame_width + 0.5, text
        assert bottom <= height + 0.5, text
    for i, (text, left, top, right, bottom) in enumerate(boxes):
        for other, a, b, c, d in boxes[i + 1 :]:
            apart = right <= a + 1 or c <= left + 1 or bottom <= b + 1 or d <= top + 1
            assert apart, f"{text!r} overlaps {other!r}"


@pytest.mark.parametrize("name", charts())
def test_charts_ask_for_nothing_outside_and_come_out_the_same(name: str) -> None:
    spec = charts()[name]
    first = render(spec)
    assert first == render(spec)
    assert not re.findall(r"https?:", first.replace('xmlns="http://www.w3.org/2000/svg"', ""))
    assert not re.search(r"url\((?!#)|@import|<script|<image|\bhref|\bon\w+=", first)
    inline = render(spec, standalone=False)
    assert "<style" not in inline
    assert "style=" not in inline
    assert "http" not in inline


@pytest.mark.parametrize("name", charts())
def test_every_chart_has_a_table_of_even_rows(name: str) -> None:
    data = chart_table(charts()[name])
    assert all(len(row) == len(data.head) for row in data.rows)


def test_keys_keep_ids_of_twins_apart() -> None:
    def ids(svg: str) -> set[str]:
        return set(re.findall(r' id="([^"]+)"', svg))

    assert not ids(render(CASE.timelines[0], key="a")) & ids(render(CASE.timelines[0], key="b"))


def test_text_is_escaped_everywhere() -> None:
    evil = "</title><script>alert(1)</script>\"' onload=\x00x\ud800"
    specs: list[ChartSpec] = [
        TimelineSpec(
            evil, evil, ("2026-01-05",), (Line(evil, (1.0,)),), evil, markers=(Marker("2026-01-05", evil),)
        ),
        SankeySpec(evil, evil, ((evil,), ("b",)), {evil: evil}, (Flow(evil, "b", 1.0, evil),), evil),
        MapSpec(
            evil,
            evil,
            {evil: 0.3},
            evil,
            "jp",
            (evil,),
            (evil,),
            (MapFlow("CHN", "JPN", 1.0, evil, evil, evil, (evil,)),),
            (MapMark(evil, evil, evil, 120.0, 20.0, 1.0, 0.5),),
            evil,
            evil,
        ),
        BarSpec(evil, evil, (Bar(evil, 1.0, note=evil, basis=evil),), evil),
        TornadoSpec(evil, evil, 1.0, (Swing(evil, evil, evil, 0.5, 2.0),), evil),
        HeatSpec(evil, evil, (evil,), (evil,), ((1.0,),), evil),
    ]
    for spec in specs:
        svg = render(spec)
        root = ET.fromstring(svg)
        assert not root.findall(f".//{SVG}script")
        assert not any(name.startswith("on") for node in root.iter() for name in node.attrib)


NAN = math.nan
REFUSED: dict[str, tuple[ChartSpec, int]] = {
    "timeline": (TimelineSpec("t", "", ("2026-01-05",), (Line("a", (NAN,), (1.0,), (math.inf,)),), "t"), 2),
    "lengths": (TimelineSpec("t", "", ("2026-01-05",), (Line("a", (1.0, 2.0)), Line("b", ())), "t"), 2),
    "band-without-top": (TimelineSpec("t", "", ("2026-01-05",), (Line("a", (1.0,), (1.0,)),), "t"), 1),
    "dates": (TimelineSpec("t", "", ("2026-02-30", "x"), (Line("a", (1.0, 2.0)),), "t"), 2),
    "order": (TimelineSpec("t", "", ("2026-01-12", "2026-01-05"), (Line("a", (1.0, 2.0)),), "t"), 1),
    "sankey": (SankeySpec("s", "", (("a",), ("b",)), {}, (Flow("a", "c", NAN), Flow("a", "b", -1)), "t"), 3),
    "heads": (SankeySpec("s", "", (("a",), ("b",)), {}, (), "t", heads=("from",)), 1),
    "lost": (SankeySpec("s", "", (("a", "a"),), {}, (), "t", (), {"a": 1.2}), 2),
    "map": (MapSpec("m", "", {"JPN": NAN, "USA": None}, "share"), 1),
    "bars": (BarSpec("b", "", (Bar("a", NAN), Bar("b", 1.0, NAN, 2.0)), "t"), 2),
    "tornado": (TornadoSpec("t", "", NAN, (Swing("a", "", "", 1.0, NAN),), "t"), 2),
    "heat": (HeatSpec("h", "", ("r",), ("c", "d"), ((NAN, None),), "share"), 1),
    "ragged": (HeatSpec("h", "", ("r", "s"), ("c", "d"), ((1.0,),), "share"), 2),
}


@pytest.mark.parametrize("name", REFUSED)
def test_unsound_specs_are_refused_with_all_their_faults(name: str) -> None:
    spec, count = REFUSED[name]
    with pytest.raises(InputError) as caught:
        render(spec)
    assert len(caught.value.problems) == count


def test_basis_decides_the_stroke() -> None:
    def stroke(basis: str) -> str:
        spec = TimelineSpec("t", "", ("2026-01-05", "2026-01-12"), (Line("a", (1.0, 2.0), basis=basis),), "t")
        found = re.search(r'<path d="M[^"]*" class="no s-c1 b-(\w+) k-line"', render(spec))
        assert found
        return found[1]

    assert [stroke(b) for b in ("observed", "modelled", "assumed")] == ["observed", "modelled", "assumed"]
    style = render(CASE.timelines[0])
    assert ".b-observed{stroke-dasharray:none}" in style
    assert ".b-modelled{stroke-dasharray:6 3}" in style


def test_before_and_after_share_one_scale_and_the_loss_is_hatched() -> None:
    before = node_values(sankey(0.0))
    after = render(sankey(0.5), before=before)
    heights = {}
    for name, svg in (("before", render(sankey(0.0))), ("after", after)):
        found = re.findall(r'height="([\d.]+)" class="f-accent"', svg)
        heights[name] = float(found[0])
    assert heights["before"] == pytest.approx(heights["after"], abs=0.2)
    assert "-hatch)" in after


def test_the_map_shows_what_the_region_needs() -> None:
    level = world()["levels"]["fine"]
    assert {"JPN", "TWN", "HKG", "SGP", "KOR", "CHN", "USA"} <= set(level["paths"])
    assert {"HKG", "SGP", "MLT"} <= set(level["dots"])
    okinawa = [
        (int(x) / level["width"] * 360 - 30, int(y))
        for x, y in re.findall(r"M(\d+) (\d+)", level["paths"]["JPN"])
    ]
    assert len(okinawa) > 8
    assert max(y for _, y in okinawa) > 1.25 * min(y for _, y in okinawa)  # far south of Hokkaido
    svg = render(MapSpec("m", "", {"JPN": 0.62, "RUS": None}, "share", origin=("CHN",), targets=("JPN",)))
    assert "Japan: 62" in svg
    assert "Russia: no data" in svg
    assert "China: the restricting country" in svg
    assert "Worldview: neutral" in svg
    assert "Not on the map: XYZ" in render(charts()["unknown-place"])


def test_map_provenance_is_complete() -> None:
    provenance = world()["provenance"]
    assert {"source", "licence", "sha256", "tool"} <= set(provenance)
    assert re.fullmatch(r"[0-9a-f]{64}", provenance["sha256"])


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Return the WCAG contrast ratio."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_colours_have_the_contrast_they_need(scheme: dict[str, str]) -> None:
    for role in ("ink", "muted", "accent", "link", *SERIES):
        assert contrast(scheme[role], scheme["bg"]) >= 4.5, role
    for role in ("ink", "muted"):
        assert contrast(scheme[role], scheme["panel"]) >= 4.5, role
    for i in range(6):
        assert contrast(scheme[f"on{i}"], scheme[f"q{i}"]) >= 4.5, i
    steps = [luminance(scheme[f"q{i}"]) for i in range(6)]
    assert steps == sorted(steps, reverse=scheme is LIGHT)
    assert contrast(scheme["rule"], scheme["bg"]) >= 3
    assert set(LIGHT) == set(DARK)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20), st.sampled_from(["share", "t", "kUSD", "%"]))
@settings(max_examples=60, deadline=None)
def test_axes_span_their_values(values: list[float], unit: str) -> None:
    marks = ticks(min(values), max(values))
    assert marks == sorted(set(marks))
    slack = 1e-6 * (abs(marks[-1]) + abs(marks[0]))
    assert marks[0] <= min(values) + slack
    assert marks[-1] >= max(values) - slack
    breaks = class_breaks(values, unit)
    assert breaks == sorted(breaks)
    assert all(0 <= class_of(v, breaks) <= 5 for v in values)


@given(st.text(max_size=120), st.floats(60, 400), st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_wrapped_lines_fit(text: str, limit: float, lines: int) -> None:
    out = wrap(text, 12, limit, lines)
    assert 1 <= len(out) <= lines
    assert all(text_width(line, 12) <= limit for line in out)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_labels_keep_apart(wanted: list[float]) -> None:
    centres = sorted(keep_apart(wanted, [14.0] * len(wanted), 0, 300))
    assert all(b - a >= 14 - 1e-6 for a, b in itertools.pairwise(centres))
    assert centres[0] >= 7 - 1e-6
    assert centres[-1] <= 293 + 1e-6


def test_month_ticks_start_with_the_year_and_keep_apart() -> None:

    marks = month_ticks(date(2026, 1, 5), date(2028, 12, 25), 400)
    assert marks[0][1].endswith(str(marks[0][0].year))
    gaps = [(b[0] - a[0]).days for a, b in itertools.pairwise(marks)]
    assert min(gaps) / 1085 * 400 >= 50


def test_sparklines() -> None:
    assert draw_spark(()) == ""
    assert "<path" in draw_spark((1.0, 0.5, 0.8))
    assert "<circle" in draw_spark((0.4,))
    with pytest.raises(ValueError, match="not finite"):
        draw_spark((1.0, math.nan))
    assert spark_text((1.0, 0.0, 0.5)) == "█▁▅"
    assert spark_text(()) == ""
    assert len(spark_text(tuple([1.0] * 156), 24)) == 24
    assert "▁" in spark_text((*[1.0] * 100, 0.0, *[1.0] * 55), 24), "a single bad week must show"
