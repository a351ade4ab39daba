"""The building blocks of the page: numbers with their basis, tables, figures with a table toggle."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kaname.report.charts import MEDIUM, NARROW, WIDE, chart_id, note_of, render
from kaname.report.charts.svg import escape, tag
from kaname.report.charts.tables import chart_table
from kaname.report.chartspec import BarSpec, ChartSpec, HeatSpec, MapSpec
from kaname.terms.language import ENGLISH, japanese, say
from kaname.terms.numerals import value_text

_KANA_OR_KANJI = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_ENGLISH = re.compile(r"[A-Za-z][a-z]{2}")
BASES = ("observed", "estimated", "modelled", "assumed")


@dataclass(frozen=True)
class Cell:
    """A table cell: its markup and class (`r` right-aligned number, `text`, `hash`)."""

    markup: str
    kind: str = ""


def marked(text: str) -> str:
    """Return escaped text; words that stayed English among another language are marked as such."""
    if not japanese() or _KANA_OR_KANJI.search(text) or not _ENGLISH.search(text):
        return escape(text)
    return tag("span", escape(text), lang=ENGLISH)


def text_cell(value: object) -> Cell:
    """Return a cell of escaped text."""
    return Cell(marked(str(value)), "text")


def number_cell(text: str, basis: str = "observed", extra: str = "", of: str | None = None) -> Cell:
    """Return a right-aligned number marked with its basis; `extra` is a smaller second line."""
    return Cell(number(text, basis, of) + (tag("span", escape(extra), class_="range") if extra else ""), "r")


def number(text: str, basis: str, of: str | None = None) -> str:
    """Return a number marked with its basis: observed plain, modelled dashed, assumed dotted underline.

    `of` is its address (`report/address.py`), where it has one.
    """
    kind = basis if basis in BASES else "modelled"
    return tag("span", escape(text), class_=f"v {kind}", title=say(kind), data_of=of)


def table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], *, hidden_caption: bool = False
) -> str:
    """Return a table in its own scroll box; the first cell of a row is its header. Empty rows say so."""
    if not rows:
        return tag("p", escape(say("{title}: none.", title=caption)), class_="soft")
    kinds = [cell.kind for cell in rows[0]]
    heads = "".join(
        tag(
            "th",
            escape(name) or tag("span", say("Item"), class_="vh"),
            scope="col",
            class_="r" if kind == "r" else None,
        )
        for name, kind in zip(head, kinds, strict=True)
    )
    body = "".join(_row(row) for row in rows)
    title = tag("caption", escape(caption), class_="vh" if hidden_caption else None)
    inner = tag("table", title, tag("thead", tag("tr", heads)), tag("tbody", body))
    return tag("div", inner, class_="scroll", role="group", aria_label=caption, tabindex="0")


def _row(row: Sequence[Cell]) -> str:
    first = tag("th", row[0].markup, scope="row")
    return tag("tr", first, *(tag("td", cell.markup or " ", class_=cell.kind or None) for cell in row[1:]))


def figure(
    spec: ChartSpec,
    *,
    key: str,
    full: bool = False,
    pan: int = 0,
    before: Mapping[str, float] | None = None,
    level: int = 4,
) -> str:
    """Return a chart in the widths screens need, under its title, its data as a table behind a toggle.

    `full` charts span the page on wide screens; `pan` charts have that one width and scroll sideways.
    """
    widths = [(pan, "")] if pan else [(NARROW, "w-n"), (MEDIUM, "w-m"), *([(WIDE, "w-w")] if full else [])]
    drawn = [
        (render(spec, width=width, standalone=False, key=f"{key}/{i}", before=before), kind)
        for i, (width, kind) in enumerate(widths)
    ]
    charts = "".join(svg.replace('class="k ', f'class="{kind} k ', 1) if kind else svg for svg, kind in drawn)
    if pan:
        charts = tag(
            "div",
            charts,
            class_="pan wide" if pan > MEDIUM else "pan",
            role="group",
            aria_label=spec.title,
            tabindex="0",
        )
    note = note_of(spec, before)
    title = tag(f"h{level}", escape(spec.title))
    subtitle = tag("p", escape(spec.subtitle), class_="sub") if spec.subtitle else ""
    return tag(
        "figure",
        tag("figcaption", title, subtitle),
        _flows_switch(spec, key),
        charts,
        tag("p", escape(note), class_="sub") if note else "",
        data_table(spec),
        class_="full" if full else None,
        data_chart=chart_id(spec),
    )


def _flows_switch(spec: ChartSpec, key: str) -> str:
    """Return the box that shows or hides the flows of a map; a style sheet does it, without a script."""
    if not isinstance(spec, MapSpec) or not spec.flows:
        return ""
    ident = "flows-" + re.sub(r"[^a-z0-9]+", "-", key.lower())
    box = tag("input", type="checkbox", id=ident, checked="checked", class_="show-flows")
    return box + tag("label", say("Show flows and sea passages"), for_=ident, class_="for-flows")


def data_table(spec: ChartSpec) -> str:
    """Return the chart's data as a table behind a toggle."""
    data = chart_table(spec)
    places = _places(spec)
    rows = [
        [
            Cell(escape(row[0])),
            *(_datum(cell, *places.get((i, j), ("", ""))) for j, cell in enumerate(row[1:])),
        ]
        for i, row in enumerate(data.rows)
    ]
    label = tag("summary", say("Table") + tag("span", escape(f": {spec.title}"), class_="vh"))
    return tag(
        "details",
        label,
        table(say("Data of: {title}", title=spec.title), data.head, rows, hidden_caption=True),
    )


def _datum(text: str, head: str, of: str) -> Cell:
    """Return a number of a chart; its head is what leads to `of`, where there is one."""
    if not of:
        return Cell(escape(text), "r")
    return Cell(number(head, "modelled", of) + escape(text.removeprefix(head)), "r")


def _places(spec: ChartSpec) -> dict[tuple[int, int], tuple[str, str]]:
    """Return what leads somewhere in the table of a chart, by row and column: the text, and its address."""
    if isinstance(spec, HeatSpec):
        heads = [[text.partition("\n")[0] for text in row] for row in spec.texts]
        return {(i, j): (heads[i][j], of) for i, row in enumerate(spec.of) for j, of in enumerate(row)}
    if isinstance(spec, BarSpec):
        return {(i, 0): (value_text(bar.value, spec.unit), bar.of) for i, bar in enumerate(spec.bars)}
    return {}


def bullet_list(items: Sequence[str], empty: str) -> str:
    """Return a list of sentences, or one sentence where there is none."""
    if not items:
        return tag("p", escape(empty), class_="soft")
    return tag("ul", *(tag("li", marked(item)) for item in items), class_="notes")


def section(ident: str, title: str, *parts: str) -> str:
    """Return a section with its heading."""
    return tag(
        "section",
        tag("h2", escape(title), id=f"{ident}-title"),
        *parts,
        id=ident,
        aria_labelledby=f"{ident}-title",
    )
