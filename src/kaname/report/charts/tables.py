"""Every chart as a table: the same numbers for those who cannot or do not want to read the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kaname.report.charts.worldmap import country_name
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
from kaname.terms.language import later, said, say
from kaname.terms.numerals import day, value_text

FLOW_HEAD = later("From", "To", "Flow", "Basis")
MAP_HEAD = later("Country", "Code", "Value")
BAR_HEAD = later("Item", "Value", "5 %", "Median", "95 %", "Basis")
SWING_HEAD = later("Assumption", "Low value", "Result", "High value", "Result")
DOT_HEAD = later("Figure", "Foretold", "5 %", "95 %", "Observed")


@dataclass(frozen=True)
class ChartTable:
    """A table of texts; the first column names the row."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def chart_table(spec: ChartSpec) -> ChartTable:
    """Return the data of a chart as a table of texts."""
    head, rows = _content(spec)
    return ChartTable(spec.title, tuple(head), tuple(tuple(row) for row in rows))


def _content(spec: ChartSpec) -> tuple[Sequence[str], list[list[str]]]:
    if isinstance(spec, TimelineSpec):
        return _timeline(spec)
    if isinstance(spec, SankeySpec):
        return said(FLOW_HEAD), [
            [
                spec.labels.get(flow.source, flow.source),
                spec.labels.get(flow.target, flow.target),
                value_text(flow.value, spec.unit),
                say(flow.basis),
            ]
            for flow in spec.flows
        ]
    if isinstance(spec, MapSpec):
        known = {c: v for c, v in spec.values.items() if v is not None}
        order = sorted(known, key=lambda c: (-known[c], c))
        rows = [[country_name(c), c, value_text(known[c], spec.unit)] for c in order]
        rows += [[country_name(c), c, say("no data")] for c in sorted(set(spec.values) - set(known))]
        return _with_flows(spec, rows) if spec.flows else (said(MAP_HEAD), rows)
    if isinstance(spec, BarSpec):
        return said(BAR_HEAD), [
            [
                bar.label,
                *(value_text(v, spec.unit) for v in (bar.value, bar.low, bar.median, bar.high)),
                say(bar.basis),
            ]
            for bar in spec.bars
        ]
    if isinstance(spec, TornadoSpec):
        return said(SWING_HEAD), [
            [
                s.label,
                s.low_label,
                value_text(s.at_low, spec.unit),
                s.high_label,
                value_text(s.at_high, spec.unit),
            ]
            for s in spec.swings
        ]
    return _dots(spec) if isinstance(spec, DotSpec) else _weekly_or_heat(spec)


def _with_flows(spec: MapSpec, rows: list[list[str]]) -> tuple[Sequence[str], list[list[str]]]:
    """Return the rows of a map with what flows to each country, and a row for each passage."""
    flows = {flow.target: flow for flow in spec.flows}
    names = {mark.id: mark.name for mark in spec.marks}
    told = {
        code: [
            value_text(flow.value, spec.flow_unit),
            say(flow.basis),
            ", ".join(names[name] for name in flow.through if name in names),
        ]
        for code, flow in flows.items()
    }
    rows = [[*row, *told.get(row[1], ["", "", ""])] for row in rows]
    rows += [[m.name, "", "", value_text(m.value, spec.flow_unit), say("passage"), ""] for m in spec.marks]
    year = say("A year of {goods}", goods=spec.flow_of)
    return [say("Country or passage"), say("Code"), say("Value"), year, say("Basis"), say("Through")], rows


def _weekly_or_heat(spec: WeeklySpec | HeatSpec) -> tuple[Sequence[str], list[list[str]]]:
    if isinstance(spec, WeeklySpec):
        return [say("Strip"), say("Week of"), spec.unit, say("Rests on")], [
            [strip.name, pole.monday, value_text(pole.value, ""), pole.note]
            for strip in spec.strips
            for pole in strip.poles
        ]
    return _heat(spec)


def _dots(spec: DotSpec) -> tuple[Sequence[str], list[list[str]]]:
    return said(DOT_HEAD), [
        [dot.label, *(value_text(v, spec.unit) for v in (dot.central, dot.low, dot.high, dot.observed))]
        for dot in spec.dots
    ]


def _timeline(spec: TimelineSpec) -> tuple[Sequence[str], list[list[str]]]:
    head = [say("Date")]
    for item in spec.lines:
        head.append(item.name)
        if item.low:
            head.append(say("5 to 95 %, median") if item.median else say("5 to 95 %"))
    rows = []
    for i, iso in enumerate(spec.dates):
        row = [day(iso)]
        for item in spec.lines:
            row.append(value_text(item.central[i], spec.unit))
            if item.low:
                text = say(
                    "{low} to {high}",
                    low=value_text(item.low[i], spec.unit),
                    high=value_text(item.high[i], spec.unit),
                )
                row.append(f"{text}, {value_text(item.median[i], spec.unit)}" if item.median else text)
        rows.append(row)
    return head, rows


def _heat(spec: HeatSpec) -> tuple[Sequence[str], list[list[str]]]:
    texts = spec.texts or tuple(("",) * len(spec.columns) for _ in spec.rows)
    rows = []
    notes = spec.notes or tuple(("",) * len(spec.columns) for _ in spec.rows)
    for name, values, texts_of, noted in zip(spec.rows, spec.cells, texts, notes, strict=True):
        cells = [
            note or (value_text(v, spec.unit) if v is not None else say("no data"))
            for v, note in zip(values, noted, strict=True)
        ]
        told = [
            f"{text} ({cell})".replace("\n", ", ") if text else cell
            for cell, text in zip(cells, texts_of, strict=True)
        ]
        rows.append([name, *told])
    return ["", *spec.columns], rows
