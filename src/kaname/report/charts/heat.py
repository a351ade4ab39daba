"""The heat table: rows by columns, each cell with its value; what is missing is hatched, never zero."""

from __future__ import annotations

from kaname.report.charts.numerals import value_text
from kaname.report.charts.scale import class_breaks, class_of
from kaname.report.charts.svg import Canvas, Drawing, rect, words
from kaname.report.charts.textfit import text_width, wrap
from kaname.report.chartspec import HeatSpec

SIZE = 12.0


def draw_heat(spec: HeatSpec, canvas: Canvas) -> Drawing:
    """Return the table; where column names do not fit they become letters with a key below."""
    if not spec.rows or not spec.columns:
        return Drawing(60, words(0, 34, "No data for this table.", "f-muted", SIZE), "No data.")
    side = min(
        max(text_width(row, SIZE) for row in spec.rows) + 14, canvas.width * (0.42 if canvas.narrow else 0.34)
    )
    cell = (canvas.width - side) / len(spec.columns)
    letters = any(text_width(word, SIZE) > cell - 8 for name in spec.columns for word in name.split()) or (
        max(len(wrap(name, SIZE, cell - 8, 9)) for name in spec.columns) > 4
    )
    heads = [
        [chr(65 + i % 26)] if letters else wrap(name, SIZE, cell - 8, 4)
        for i, name in enumerate(spec.columns)
    ]
    top = 16.0 * max(len(head) for head in heads) + 8
    parts = []
    for i, head in enumerate(heads):
        for j, text in enumerate(head):
            y = top - 10 - 15 * (len(head) - 1 - j)
            parts.append(words(side + cell * (i + 0.5), y, text, "f-muted bold", SIZE, text_anchor="middle"))
    known = [v for row in spec.cells for v in row if v is not None]
    breaks = class_breaks(known, spec.unit)
    fits = all(text_width(value_text(v, spec.unit), SIZE) <= cell - 4 for v in known)
    y = top
    for name, row in zip(spec.rows, spec.cells, strict=True):
        lines = wrap(name, SIZE, side - 12, 5)
        height = max(30.0, 15.0 * len(lines) + 8)
        first = y + height / 2 - (len(lines) - 1) * 7.5 + 4
        parts += [words(0, first + 15 * i, text, "f-ink", SIZE) for i, text in enumerate(lines)]
        for i, value in enumerate(row):
            parts.append(
                _cell(spec, canvas, value, (side + cell * i, y, cell, height), breaks, (name, i), fits)
            )
        y += height
    if letters:
        y += 16
        for i, name in enumerate(spec.columns):
            for text in wrap(f"{chr(65 + i % 26)}: {name}", SIZE, canvas.width, 3):
                parts.append(words(0, y, text, "f-ink", SIZE))
                y += 16
        y -= 8
    if not fits:
        parts.append(words(0, y + 18, "Darker is more; the values stand in the table.", "f-muted", 11))
        y += 24
    return Drawing(y + 2, "".join(parts), _summary(spec))


def _cell(
    spec: HeatSpec,
    canvas: Canvas,
    value: float | None,
    box: tuple[float, float, float, float],
    breaks: list[float],
    place: tuple[str, int],
    fits: bool,
) -> str:
    x, y, width, height = box
    tip = f"{place[0]}, {spec.columns[place[1]]}: "
    if value is None:
        return rect(x + 1, y + 1, width - 2, height - 2, "", fill=canvas.hatch, data_tip=tip + "no data")
    level = class_of(value, breaks)
    text = value_text(value, spec.unit)
    shade = rect(x + 1, y + 1, width - 2, height - 2, f"f-q{level}", data_tip=tip + text)
    if not fits:
        return shade
    return shade + words(x + width / 2, y + height / 2 + 4, text, f"f-on{level}", SIZE, text_anchor="middle")


def _summary(spec: HeatSpec) -> str:
    cells = [
        (value, row, column)
        for row, values in zip(spec.rows, spec.cells, strict=True)
        for column, value in zip(spec.columns, values, strict=True)
        if value is not None
    ]
    if not cells:
        return "No cell has data."
    value, row, column = max(cells, key=lambda item: item[0])
    return f"Highest: {row}, {column}: {value_text(value, spec.unit)}."
