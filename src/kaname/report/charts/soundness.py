"""What a chart refuses: NaN, lengths that differ, flows from nowhere. All faults are told at once."""

from __future__ import annotations

import math
from collections.abc import Iterable

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
from kaname.terms.errors import InputError, Problem
from kaname.terms.numerals import parse_day


def refuse_unsound(spec: ChartSpec) -> None:
    """Raise InputError with every fault of the spec; missing is None (or absent), never NaN."""
    problems: list[Problem] = []
    if isinstance(spec, TimelineSpec):
        problems = _timeline(spec)
    elif isinstance(spec, SankeySpec):
        problems = _sankey(spec)
    elif isinstance(spec, MapSpec):
        shown = [(f"value of {c}", v) for c, v in spec.values.items() if v is not None]
        shown += [(f"flow {f.source} to {f.target}", f.value) for f in spec.flows]
        shown += [(f"passage {m.id}", v) for m in spec.marks for v in (m.lon, m.lat, m.value, m.share)]
        problems = _finite(spec.title, shown)
    elif isinstance(spec, BarSpec):
        given = ((b.label, v) for b in spec.bars for v in (b.value, b.low, b.median, b.high))
        ends = ((f"bar {label}", v) for label, v in given if v is not None)
        problems = _finite(spec.title, ends)
    elif isinstance(spec, TornadoSpec):
        swings = ((f"swing {s.label}", v) for s in spec.swings for v in (s.at_low, s.at_high))
        problems = _finite(spec.title, [("central", spec.central), *swings])
    elif isinstance(spec, DotSpec):
        given = ((d.label, v) for d in spec.dots for v in (d.central, d.observed, d.low, d.high))
        shown = [(f"dot {label}", v) for label, v in given if v is not None]
        problems = _finite(spec.title, [("baseline", spec.baseline), *shown])
    elif isinstance(spec, WeeklySpec):
        weeks = (
            (f"{strip.name}, {pole.monday}", pole.value) for strip in spec.strips for pole in strip.poles
        )
        problems = _finite(spec.title, weeks)
    else:
        problems = _heat(spec)
    if problems:
        raise InputError(problems)


def _finite(where: str, values: Iterable[tuple[str, float]]) -> list[Problem]:
    return [
        Problem(
            "not a finite number", f"chart {where!r}, {what}", repr(value), "a number, or None where missing"
        )
        for what, value in values
        if not math.isfinite(value)
    ]


def _timeline(spec: TimelineSpec) -> list[Problem]:
    problems = []
    for what, iso in [("date", d) for d in spec.dates] + [
        (f"marker {m.label}", m.date) for m in spec.markers
    ]:
        try:
            parse_day(iso)
        except ValueError:
            problems.append(Problem("not a date", f"chart {spec.title!r}, {what}", repr(iso), "YYYY-MM-DD"))
    if not problems and list(spec.dates) != sorted(set(spec.dates)):
        problems.append(Problem("dates out of order or twice", f"chart {spec.title!r}", "", "rising dates"))
    for item in spec.lines:
        paths = {"central": item.central, "low": item.low, "high": item.high}
        paths |= {"median": item.median} if item.median else {}
        for name, values in paths.items():
            if len(values) != len(spec.dates) and (values or name == "central" or item.low or item.high):
                problems.append(
                    Problem(
                        "length differs from the dates",
                        f"chart {spec.title!r}, line {item.name!r}, {name}",
                        str(len(values)),
                        str(len(spec.dates)),
                    )
                )
            problems += _finite(spec.title, ((f"line {item.name!r}, {name}", v) for v in values))
    if spec.baseline is not None:
        problems += _finite(spec.title, [("baseline", spec.baseline)])
    return problems


def _sankey(spec: SankeySpec) -> list[Problem]:
    names = [name for column in spec.columns for name in column]
    where = f"chart {spec.title!r}"
    problems = [Problem("node twice", where, name) for name in dict.fromkeys(names) if names.count(name) > 1]
    if spec.heads and len(spec.heads) != len(spec.columns):
        problems.append(Problem("heads differ", where, str(len(spec.heads)), str(len(spec.columns))))
    for flow in spec.flows:
        label = f"flow {flow.source!r} to {flow.target!r}"
        problems += [
            Problem("unknown node", f"{where}, {label}", name, "a node of a column")
            for name in (flow.source, flow.target)
            if name not in names
        ]
        problems += _finite(spec.title, [(label, flow.value)])
        if flow.value < 0:
            problems.append(Problem("negative flow", f"{where}, {label}", repr(flow.value), "0 or more"))
    for name, share in (spec.lost or {}).items():
        if not 0 <= share <= 1:
            problems.append(
                Problem("lost share outside 0..1", f"{where}, node {name!r}", repr(share), "0 to 1")
            )
    return problems


def _heat(spec: HeatSpec) -> list[Problem]:
    where = f"chart {spec.title!r}"
    problems = []
    if len(spec.cells) != len(spec.rows):
        problems.append(Problem("rows differ", where, str(len(spec.cells)), str(len(spec.rows))))
    for i, row in enumerate(spec.cells):
        if len(row) != len(spec.columns):
            problems.append(
                Problem("columns differ", f"{where}, row {i + 1}", str(len(row)), str(len(spec.columns)))
            )
    cells = ((f"row {i + 1}", v) for i, row in enumerate(spec.cells) for v in row if v is not None)
    return problems + _finite(spec.title, cells)
