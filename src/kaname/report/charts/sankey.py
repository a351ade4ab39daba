"""The Sankey chart: columns of nodes, ribbons between them, what is lost drawn hollow and hatched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kaname.report.charts.svg import Canvas, Drawing, num, rect, tag, words
from kaname.report.charts.textfit import wrap
from kaname.report.chartspec import Flow, SankeySpec
from kaname.terms.language import clauses, say
from kaname.terms.numerals import percent, value_text

NODE = 12.0
SIZE = 12.0
LEAST = 0.6  # the thinnest ribbon drawn
LEAST_LOST = 0.5  # what is lost is drawn from this height on


@dataclass(frozen=True)
class _Node:
    """A placed node: its used part on top, what is lost below it."""

    x: float
    y: float
    used: float
    lost: float
    value: float
    lost_share: float


def node_values(spec: SankeySpec) -> dict[str, float]:
    """Return the throughput of every node: the larger of what flows in and what flows out."""
    into: dict[str, float] = {}
    out: dict[str, float] = {}
    for flow in spec.flows:
        out[flow.source] = out.get(flow.source, 0.0) + flow.value
        into[flow.target] = into.get(flow.target, 0.0) + flow.value
    return {name: max(into.get(name, 0.0), out.get(name, 0.0)) for column in spec.columns for name in column}


def draw_sankey(spec: SankeySpec, canvas: Canvas, before: Mapping[str, float] | None = None) -> Drawing:
    """Return the chart; `before` gives undisturbed throughputs, so that before and after share one scale."""
    values = node_values(spec)
    whole = {name: _whole(name, value, spec, before or {}) for name, value in values.items()}
    if not any(whole.values()):
        return Drawing(60, words(0, 34, say("No flows to draw."), "f-muted", SIZE), say("No flows."))
    room = _column_width(len(spec.columns), canvas)
    limit = room - NODE - 12
    named = {name: wrap(spec.labels.get(name, name), SIZE, limit, 3) for name in values}
    heads = {name: len(lines) for name, lines in named.items()}
    texts = {name: [*named[name], *_amount(values[name], whole[name], spec.unit, limit)] for name in values}
    scale = _scale(spec, whole, narrow=canvas.narrow)
    nodes, height = _place(spec, values, whole, texts, room, scale)
    ribbons = _ribbons(spec, nodes, scale)
    parts = [ribbons]
    heads_drawn, top = _heads(spec, room)
    for name, node in nodes.items():
        parts.append(_draw_node(spec, canvas, name, node))
    for name, node in nodes.items():
        middle = node.y + (node.used + node.lost) / 2
        first = middle - (len(texts[name]) - 1) * 7 + 4
        for i, text in enumerate(texts[name]):
            style = "f-ink bold s-bg halo" if i < heads[name] else "f-ink s-bg halo"
            parts.append(
                words(node.x + NODE + 6, first + 14 * i, text, style, SIZE if i < heads[name] else 11)
            )
    height += 8 + top
    chart = tag("g", *parts, transform=f"translate(0 {num(top)})") if top else "".join(parts)
    lost = any(node.lost > LEAST_LOST for node in nodes.values())
    return Drawing(height + 6, heads_drawn + chart, _summary(spec, nodes), _note(spec, lost=lost))


def sankey_note(spec: SankeySpec, before: Mapping[str, float] | None = None) -> str:
    """Return what the strokes of the chart mean, for a page that says it beside the chart."""
    values = node_values(spec)
    whole = {name: _whole(name, value, spec, before or {}) for name, value in values.items()}
    if not any(whole.values()):
        return ""
    scale = _scale(spec, whole, narrow=False)
    return _note(spec, lost=any((whole[name] - values[name]) * scale > LEAST_LOST for name in values))


def _scale(spec: SankeySpec, whole: Mapping[str, float], *, narrow: bool) -> float:
    """Return how high a unit of flow is drawn."""
    return (200.0 if narrow else 250.0) / max(sum(whole[name] for name in column) for column in spec.columns)


def _heads(spec: SankeySpec, room: float) -> tuple[str, float]:
    """Return what each column is, above it, and how high that is."""
    lines = [wrap(text, 11, room - 10, 2) for text in spec.heads]
    most = max(map(len, lines), default=0)
    parts = [
        words(i * room, 10 + 14 * (most - len(told) + k), text, "f-muted bold", 11)
        for i, told in enumerate(lines)
        for k, text in enumerate(told)
    ]
    return "".join(parts), 14.0 * most + 8 if most else 0.0


def _whole(name: str, value: float, spec: SankeySpec, before: Mapping[str, float]) -> float:
    share = (spec.lost or {}).get(name, 0.0)
    grown = value / (1 - share) if share < 1 else value
    return max(value, grown, before.get(name, 0.0))


def _column_width(columns: int, canvas: Canvas) -> float:
    return canvas.width / max(columns, 1)


def _amount(value: float, whole: float, unit: str, limit: float) -> list[str]:
    tail = value_text(value, unit)
    if whole > 0 and value < whole * 0.995:
        tail = f"{tail} ({percent(value / whole - 1)})"
    return wrap(tail, 11, limit, 2)


def _note(spec: SankeySpec, *, lost: bool) -> str:
    outline = {
        "estimated": say("dash-dot outline: estimated"),
        "assumed": say("dotted outline: assumed"),
        "modelled": say("dashed outline: modelled"),
    }
    parts = [
        outline[kind] for kind in dict.fromkeys(f.basis for f in spec.flows if f.value > 0) if kind in outline
    ]
    if lost:
        parts.append(say("hollow, hatched: lost against the undisturbed flow"))
    text = clauses(parts)
    return say("{text}.", text=text[:1].upper() + text[1:]) if text else ""


def _place(
    spec: SankeySpec,
    values: Mapping[str, float],
    whole: Mapping[str, float],
    texts: Mapping[str, list[str]],
    room: float,
    scale: float,
) -> tuple[dict[str, _Node], float]:
    gap = 8.0
    slots = {name: max(whole[name] * scale, 14.0 * len(texts[name])) + gap for name in whole}
    height = max(sum(slots[name] for name in column) for column in spec.columns)
    nodes = {}
    for i, column in enumerate(spec.columns):
        y = (height - sum(slots[name] for name in column)) / 2
        for name in column:
            used, lost = values[name] * scale, (whole[name] - values[name]) * scale
            share = 1 - values[name] / whole[name] if whole[name] > 0 else 0.0
            start = y + (slots[name] - used - lost) / 2
            nodes[name] = _Node(i * room, start, used, lost, values[name], share)
            y += slots[name]
    return nodes, height


def _ribbons(spec: SankeySpec, nodes: Mapping[str, _Node], scale: float) -> str:
    order = {name: i for i, name in enumerate(nodes)}
    flows = [flow for flow in spec.flows if flow.value > 0]
    leave: dict[int, float] = {}
    arrive: dict[int, float] = {}
    for ends, own, other in ((leave, "source", "target"), (arrive, "target", "source")):
        used = {name: node.y for name, node in nodes.items()}
        for i in sorted(range(len(flows)), key=lambda i: (order[getattr(flows[i], other)], i)):
            name = getattr(flows[i], own)
            ends[i] = used[name] + flows[i].value * scale / 2
            used[name] += flows[i].value * scale
    parts = []
    for i, flow in enumerate(flows):
        x1, x2 = nodes[flow.source].x + NODE, nodes[flow.target].x
        bend = (x1 + x2) / 2
        half = max(flow.value * scale, LEAST) / 2
        a, b, c = num(x1), num(bend), num(x2)
        up, down = num(leave[i] - half), num(leave[i] + half)
        end_up, end_down = num(arrive[i] - half), num(arrive[i] + half)
        path = (
            f"M{a} {up}C{b} {up} {b} {end_up} {c} {end_up}V{end_down}C{b} {end_down} {b} {down} {a} {down}Z"
        )
        role = "accent" if {flow.source, flow.target} & set(spec.highlight) else "flow"
        title = _way(spec, flow)
        parts.append(
            tag(
                "path",
                d=path,
                class_=f"f-{role}" if flow.basis == "observed" else f"f-{role} s-{role} b-{flow.basis}",
                fill_opacity="0.45" if flow.basis == "observed" else "0.25",
                stroke_width=None if flow.basis == "observed" else "0.9",
                data_tip=f"{title}: {value_text(flow.value, spec.unit)} ({say(flow.basis)})",
            )
        )
    return tag("g", *parts)


def _draw_node(spec: SankeySpec, canvas: Canvas, name: str, node: _Node) -> str:
    role = "accent" if name in spec.highlight else "c1"
    label = spec.labels.get(name, name)
    tip = f"{label}: {value_text(node.value, spec.unit)}"
    if node.lost_share > 0.005:
        tip += say(", {share} lost", share=percent(node.lost_share))
    parts = []
    if node.used > 0 or node.lost <= 0:
        parts.append(rect(node.x, node.y, NODE, max(node.used, 1.0), f"f-{role}", data_tip=tip))
    if node.lost > LEAST_LOST:
        parts.append(
            rect(
                node.x + 0.5,
                node.y + node.used,
                NODE - 1,
                node.lost,
                f"s-{role}",
                fill=canvas.hatch,
                stroke_width="1",
                data_tip=tip,
            )
        )
    return "".join(parts)


def _summary(spec: SankeySpec, nodes: Mapping[str, _Node]) -> str:
    lost = [
        say("{name} loses {share}", name=spec.labels.get(name, name), share=percent(node.lost_share))
        for name, node in nodes.items()
        if node.lost_share > 0.005
    ]
    flow = max(spec.flows, key=lambda f: f.value)
    biggest, value = _way(spec, flow), value_text(flow.value, spec.unit)
    return say("Largest flow: {way}, {value}. ", way=biggest, value=value) + clauses(lost)


def _way(spec: SankeySpec, flow: Flow) -> str:
    """Return from where to where a flow goes."""
    source, target = (spec.labels.get(end, end) for end in (flow.source, flow.target))
    return say("{source} to {target}", source=source, target=target)
