"""The Pacific-centred world map: a value per country as one of six classes, no data hatched."""

from __future__ import annotations

import itertools
import json
from functools import lru_cache
from importlib import resources
from typing import Any

from kaname.report.charts.mapflows import Plane, draw_flows, shown_flows
from kaname.report.charts.scale import class_breaks, class_of
from kaname.report.charts.svg import Canvas, Drawing, rect, tag, words
from kaname.report.charts.textfit import text_width, wrap
from kaname.report.chartspec import MapSpec
from kaname.terms.errors import InputError, Problem
from kaname.terms.language import commas, name_of, say, text_of
from kaname.terms.numerals import is_share, percent, plain, value_text

SIZE = 12.0
FEW_BELOW = 440  # a narrower map shows fewer flows
WORLDVIEWS = ("neutral", "jp", "un")
"""The views of disputed areas; `neutral` draws borders as the source does."""


@lru_cache(maxsize=1)
def world() -> dict[str, Any]:
    """Return what `tools/build_map.py` made: provenance, names, and paths at two levels of detail."""
    text = resources.files("kaname.report").joinpath("assets/world.json").read_text(encoding="utf-8")
    shapes: dict[str, Any] = json.loads(text)
    return shapes


def country_name(code: str) -> str:
    """Return the map's name of an alpha-3 code, or the code itself."""
    name: str = world()["names"].get(code, code)
    return name_of("markets", code, text_of(name))


def draw_map(spec: MapSpec, canvas: Canvas) -> Drawing:
    """Return the map with its legend; codes without a shape are named below it, never dropped in silence."""
    level = world()["levels"]["fine" if canvas.width > 600 else "coarse"]
    scale = canvas.width / level["width"]
    known = {code: value for code, value in spec.values.items() if value is not None}
    breaks = class_breaks(list(known.values()), spec.unit)
    shapes: list[str] = []
    top: list[str] = []
    paths = _paths(level, spec.worldview)
    for code in sorted(set(paths) | set(level["dots"])):
        markup = _country(spec, canvas, code, {**level, "paths": paths}, scale, breaks)
        (top if code in spec.targets or code in spec.origin else shapes).append(markup)
    hatch = tag(
        "pattern",
        tag("rect", width="6", height="6", class_="f-nodata"),
        tag("path", d="M0 6L6 0", class_="s-hatch no", stroke_width="0.8"),
        id=f"{canvas.ident}-land",
        width="6",
        height="6",
        patternUnits="userSpaceOnUse",
        patternTransform=f"scale({1 / scale:.4f})",
    )
    arcs = draw_flows(spec, Plane.of(world(), level, scale), world()["middles"], _few(canvas))
    land = tag("g", hatch, *shapes, *top, arcs, transform=f"scale({scale:.5f})")
    height = level["height"] * scale
    legend, below = _legend(spec, canvas, breaks, height + 14)
    return Drawing(below, land + legend, _summary(spec, known))


def _few(canvas: Canvas) -> bool:
    return canvas.width < FEW_BELOW


def _paths(level: dict[str, Any], view: str) -> dict[str, str]:
    """Return the paths by country as a view draws them: what it joins, and whose the areas apart are."""
    paths: dict[str, str] = dict(level["paths"]) | level["joined"].get(view, {})
    for area, path in level["areas"].items():
        holder = worldview(view)["drawn_with"][area]
        paths[holder] = paths.get(holder, "") + path
    return {code: path for code, path in paths.items() if path}


def worldview(view: str) -> dict[str, Any]:
    """Return what a view is: its note, what it rests on, and with whom it draws the areas apart.

    Raises InputError for a view that is not known.
    """
    known: dict[str, dict[str, Any]] = world()["worldview"]
    if view not in known:
        names = " or ".join(WORLDVIEWS)
        raise InputError(Problem("unknown worldview", "worldview", repr(view)[:40], names))
    return known[view]


def _country(
    spec: MapSpec, canvas: Canvas, code: str, level: dict[str, Any], scale: float, breaks: list[float]
) -> str:
    value = spec.values.get(code)
    fill: dict[str, str] = {}
    if code in spec.origin:
        kind, said = "f-accent", say("the restricting country")
    elif value is None:
        kind, said, fill = "", say("no data"), {"fill": f"url(#{canvas.ident}-land)"}
    else:
        kind, said = f"f-q{class_of(value, breaks)}", value_text(value, spec.unit)
    target = code in spec.targets
    stroke = "s-ink" if target else "s-hatch" if fill else "s-bg"
    width = (1.1 if target else 0.5) / scale
    tip = f"{country_name(code)}: {said}"
    parts = []
    if path := level["paths"].get(code):
        parts.append(
            tag("path", d=path, class_=f"{kind} {stroke}".strip(), stroke_width=width, data_tip=tip, **fill)
        )
    if code in level["dots"] and (value is not None or target or code in spec.origin):
        x, y = level["dots"][code]
        dot = f"{kind} {'s-ink' if target else 's-rule'}"
        radius = (3.4 if target else 2.6) / scale
        parts.append(
            tag("circle", cx=x, cy=y, r=radius, class_=dot, stroke_width=0.8 / scale, data_tip=tip, **fill)
        )
    return "".join(parts)


def _bound(value: float, unit: str) -> str:
    return percent(value) if is_share(unit) else plain(value)


def _legend(spec: MapSpec, canvas: Canvas, breaks: list[float], y: float) -> tuple[str, float]:
    unit = "" if is_share(spec.unit) else spec.unit
    names = [say("under {bound}", bound=_bound(breaks[0], spec.unit))]
    names += [
        say("{low} to {high}", low=_bound(a, spec.unit), high=_bound(b, spec.unit))
        for a, b in itertools.pairwise(breaks)
    ]
    names.append(say("{bound} and more {unit}", bound=_bound(breaks[-1], spec.unit), unit=unit).strip())
    items: list[tuple[str, dict[str, str], str]] = [(f"f-q{i}", {}, name) for i, name in enumerate(names)]
    items.append(("", {"fill": canvas.hatch}, say("no data")))
    if spec.origin:
        items.append(
            (
                "f-accent",
                {},
                say("{names} (restricting)", names=commas(country_name(c) for c in spec.origin)),
            )
        )
    if spec.targets:
        names_of = commas(country_name(c) for c in spec.targets)
        items.append(("f-bg s-ink", {"stroke_width": "1.8"}, say("outlined: {names}", names=names_of)))
    parts: list[str] = []
    x = 0.0
    for kind, extra, name in items:
        lines = wrap(name, SIZE, canvas.width - 30, 3)
        wide = 24 + max(text_width(text, SIZE) for text in lines) + 14
        if x > 0 and x + wide - 14 > canvas.width:
            x, y = 0.0, y + 20
        stroke = {"stroke_width": "1", **extra}
        parts.append(rect(x + 1, y + 1, 16, 12, kind if "s-" in kind else f"{kind} s-rule".strip(), **stroke))
        for i, text in enumerate(lines):
            parts.append(words(x + 24, y + 11 + 15 * i, text, "f-ink", SIZE))
        if len(lines) > 1:
            x, y = 0.0, y + 20 + 15 * (len(lines) - 1)
        else:
            x += wide
    y = y + 38 if x > 0 else y + 18
    for text in wrap(_caption(spec, _few(canvas)), 11, canvas.width, 14):
        parts.append(words(0, y, text, "f-muted", 11))
        y += 14
    return "".join(parts), y - 6


def _caption(spec: MapSpec, few: bool) -> str:
    note = text_of(worldview(spec.worldview)["note"])
    missing = sorted(
        code for code, value in spec.values.items() if value is not None and code not in world()["names"]
    )
    tail = say(" Not on the map: {codes}.", codes=commas(map(country_name, missing))) if missing else ""
    told = say(
        "Worldview: {view}. {note} Equal Earth projection; shapes from Natural Earth.",
        view=text_of(spec.worldview),
        note=note,
    )
    return f"{_flow_caption(spec, few)} {told}{tail}".strip()


def _flow_caption(spec: MapSpec, few: bool) -> str:
    flows = shown_flows(spec, few)
    if not flows:
        return ""
    told = say(
        "Lines: the {count} largest flows of {goods}, by value; the widest is {value} a year.",
        count=len(flows),
        goods=spec.flow_of,
        value=value_text(flows[0].value, spec.flow_unit),
    )
    kinds = {flow.basis == "observed" for flow in flows}
    if kinds == {True, False}:
        told += say(" Solid: observed; dashed: estimated or assumed.")
    elif False in kinds:
        told += say(" Dashed: not observed.")
    marked = any(set(flow.through) & {mark.id for mark in spec.marks} for flow in flows)
    return told + (say(" Diamonds: sea passages on their usual way.") if marked else "")


def _summary(spec: MapSpec, known: dict[str, float]) -> str:
    if not known:
        return say("No country has data.")
    best = sorted(known.items(), key=lambda item: (-item[1], item[0]))[:5]
    told = commas(f"{country_name(c)} {value_text(v, spec.unit)}" for c, v in best)
    return say("Highest: {countries}.", countries=told)
