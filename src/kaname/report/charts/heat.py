"""The heat table: rows by columns, each cell with its value; what is missing is hatched, never zero."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kaname.report.charts.scale import class_breaks, class_of
from kaname.report.charts.svg import Canvas, Drawing, rect, words
from kaname.report.charts.textfit import text_width, unbroken, wrap
from kaname.report.chartspec import HeatSpec
from kaname.terms.language import japanese, say
from kaname.terms.numerals import value_text

SIZE = 12.0
TEXT_SIZE = 11.5


def draw_heat(spec: HeatSpec, canvas: Canvas) -> Drawing:
    """Return the table; where column names do not fit they become letters with a key below."""
    if not spec.rows or not spec.columns:
        return Drawing(60, words(0, 34, say("No data for this table."), "f-muted", SIZE), say("No data."))
    side = min(
        max(text_width(row, SIZE) for row in spec.rows) + 14, canvas.width * (0.42 if canvas.narrow else 0.34)
    )
    cell = (canvas.width - side) / len(spec.columns)
    letters = any(text_width(word, SIZE) > cell - 8 for name in spec.columns for word in unbroken(name)) or (
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
    said = _texts(spec, cell)
    size = SIZE if not spec.texts else TEXT_SIZE
    fits = all(text_width(line, size) <= cell - 4 for row in said for text in row for line in text)
    deepest = max((len(text) for row in said for text in row), default=1)
    y = top
    remarks = spec.notes or tuple(("",) * len(spec.columns) for _ in spec.rows)
    for name, row, texts, notes in zip(spec.rows, spec.cells, said, remarks, strict=True):
        lines = wrap(name, SIZE, side - 12, 5)
        height = max(30.0, 15.0 * max(len(lines), deepest if fits else 1) + 8)
        first = y + height / 2 - (len(lines) - 1) * 7.5 + 4
        parts += [words(0, first + 15 * i, text, "f-ink", SIZE) for i, text in enumerate(lines)]
        for i, value in enumerate(row):
            parts.append(
                _cell(
                    spec,
                    canvas,
                    value,
                    (side + cell * i, y, cell, height),
                    breaks,
                    (name, i),
                    texts[i] if fits else (),
                    notes[i],
                )
            )
        y += height
    if letters:
        y += 16
        for i, name in enumerate(spec.columns):
            for text in wrap(f"{chr(65 + i % 26)}: {name}", SIZE, canvas.width, 3):
                parts.append(words(0, y, text, "f-ink", SIZE))
                y += 16
        y -= 8
    for told in _remarks(spec, said, fits):
        parts.append(words(0, y + 18, told, "f-muted", 11))
        y += 24
    return Drawing(y + 2, "".join(parts), _summary(spec))


def _remarks(spec: HeatSpec, said: Sequence[Sequence[Sequence[str]]], fits: bool) -> list[str]:
    """Return what stands below a table of colours: what a number in it is, where its values are."""
    found = []
    if spec.texts and said[0] and all(len(line) <= 3 for row in said for text in row for line in text):
        found.append(say("A number is the first week short; all else stands in the table."))
    if not fits:
        found.append(say("Darker is more; the values stand in the table."))
    return found


def _cell(
    spec: HeatSpec,
    canvas: Canvas,
    value: float | None,
    box: tuple[float, float, float, float],
    breaks: list[float],
    place: tuple[str, int],
    lines: tuple[str, ...],
    note: str,
) -> str:
    x, y, width, height = box
    tip = f"{place[0]}, {spec.columns[place[1]]}: "
    if value is None:
        return rect(x + 1, y + 1, width - 2, height - 2, "", fill=canvas.hatch, data_tip=tip + say("no data"))
    level = class_of(value, breaks)
    size = SIZE if not spec.texts else TEXT_SIZE
    told = " ".join(lines) if spec.texts else value_text(value, spec.unit)
    told += f"; {note}" if note else ""
    shade = rect(x + 1, y + 1, width - 2, height - 2, f"f-q{level}", data_tip=tip + told)
    first = y + height / 2 - (len(lines) - 1) * 7.5 + 4
    return shade + "".join(
        words(x + width / 2, first + 15 * i, line, f"f-on{level}", size, text_anchor="middle")
        for i, line in enumerate(lines)
    )


def _texts(spec: HeatSpec, cell: float) -> list[tuple[tuple[str, ...], ...]]:
    """Return the lines of every cell: its number, or its text, cut down where cells are narrow."""
    if not spec.texts:
        return [
            tuple((value_text(v, spec.unit),) if v is not None else () for v in row) for row in spec.cells
        ]
    rows = [tuple(tuple(text.split("\n")) for text in row) for row in spec.texts]
    if all(text_width(line, TEXT_SIZE) <= cell - 4 for row in rows for text in row for line in text):
        return rows
    short: list[tuple[tuple[str, ...], ...]] = [tuple((text[0],) for text in row) for row in rows]
    if all(text_width(text[0], TEXT_SIZE) <= cell - 4 for row in short for text in row):
        return short
    return [tuple((_number(text[0]),) for text in row) for row in short]


def _number(text: str) -> str:
    """Return the last word of a text if it is a number, else nothing: what a very narrow cell can hold."""
    last = re.search(r"\d+(?=週?$)", text)
    return last[0] if last and (japanese() or text[: last.start()][-1:] in ("", " ")) else ""


def _summary(spec: HeatSpec) -> str:
    cells = [
        (value, row, column)
        for row, values in zip(spec.rows, spec.cells, strict=True)
        for column, value in zip(spec.columns, values, strict=True)
        if value is not None
    ]
    if not cells:
        return say("No cell has data.")
    value, row, column = max(cells, key=lambda item: item[0])
    return say(
        "Highest: {row}, {column}: {value}.", row=row, column=column, value=value_text(value, spec.unit)
    )
