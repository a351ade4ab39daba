"""The exports: tables as Parquet, CSV and one workbook, charts as SVG. Bytes only; `data` writes them."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import xlsxwriter

from kaname.report.charts import render
from kaname.report.charts.sankey import node_values
from kaname.report.chartspec import ChartSpec
from kaname.report.model import ReportModel
from kaname.report.reading import slug
from kaname.terms.errors import OutputError, Problem

# A spreadsheet takes text that starts so for a formula (or a command); such cells get a leading apostrophe.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}")
MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(
    tzinfo=None
)  # fixed, so that the same tables give the same bytes
MOST_ROWS = 1_048_575
SHEET_ROWS = 20_000  # a longer table is no reading matter: its sheet says where it is


def export_files(model: ReportModel, tables: Mapping[str, pa.Table]) -> dict[str, bytes]:
    """Return relative path -> content: `results/NAME.parquet` and `.csv`, `results.xlsx`, `charts/NAME.svg`.

    The same model and tables give the same bytes with the same library versions. A column's unit is read from
    its field's metadata key `unit`. Raises OutputError for a table name that is no file name, or a table too
    long for a worksheet.
    """
    _refuse_names(tables)
    files: dict[str, bytes] = {}
    for name in sorted(tables):
        files[f"results/{name}.parquet"] = _parquet(tables[name])
        files[f"results/{name}.csv"] = guarded_csv(tables[name])
    files["results.xlsx"] = workbook(model, tables)
    for name, svg in chart_files(model):
        files[f"charts/{name}.svg"] = svg.encode()
    return files


def _refuse_names(tables: Mapping[str, pa.Table]) -> None:
    problems = [
        Problem("not a table name", "export", repr(name), "letters, digits, - and _, at most 60")
        for name in tables
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", name)
    ]
    problems += [
        Problem(
            "too long for a worksheet", f"table {name!r}", f"{table.num_rows} rows", f"at most {MOST_ROWS}"
        )
        for name, table in tables.items()
        if table.num_rows > MOST_ROWS
    ]
    if problems:
        raise OutputError(problems)


def guarded(value: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return "'" + value if value.startswith(RISKY) else value


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def guarded_csv(table: pa.Table) -> bytes:
    """Return the table as CSV; text cells are guarded, what no CSV cell holds is written as text."""
    columns = [_csv_column(column) for column in table.columns]
    plain = pa.table(columns, names=[guarded(name) for name in table.column_names])
    sink = io.BytesIO()
    pa_csv.write_csv(plain, sink)
    return sink.getvalue()


def _csv_column(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return column
    if pa.types.is_date(kind):
        return column
    return pa.array([None if v is None else guarded(str(v)) for v in column.to_pylist()], pa.string())


def workbook(model: ReportModel, tables: Mapping[str, pa.Table]) -> bytes:
    """Return an XLSX workbook: one sheet per table, then units, sources and assumptions.

    A table of more than `SHEET_ROWS` rows is not repeated; its sheet names the file that holds it.
    """
    sink = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(sink, options) as book:
        book.set_properties({"title": guarded(model.title), "created": MADE})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        taken: set[str] = set()
        for name in sorted(tables):
            table = tables[name]
            if table.num_rows > SHEET_ROWS:
                said = f"{table.num_rows} rows: see results/{name}.csv or results/{name}.parquet"
                _sheet(book, _sheet_name(name, taken), head, table.column_names, [(said,)])
                continue
            rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
            _sheet(book, _sheet_name(name, taken), head, table.column_names, rows)
        _sheet(book, _sheet_name("units", taken), head, ("table", "column", "unit", "type"), _units(tables))
        sources = (
            (s.name, s.publisher, s.edition, s.licence, s.date, s.sha256, s.used_for) for s in model.sources
        )
        names = ("name", "publisher", "edition", "licence", "date", "sha256", "used_for")
        _sheet(book, _sheet_name("sources", taken), head, names, sources)
        rows_of = ((a.name, a.value, a.range, a.grade, a.source) for a in model.assumptions)
        titles = ("assumption", "value", "range", "grade", "source")
        _sheet(book, _sheet_name("assumptions", taken), head, titles, rows_of)
    return sink.getvalue()


def _units(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, str, str, str]]:
    for name in sorted(tables):
        for field in tables[name].schema:
            unit = (field.metadata or {}).get(b"unit", b"").decode()
            yield name, field.name, unit, str(field.type)


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a worksheet name of at most 31 characters that is not taken (names differ by more than case)."""
    short, number = name[:31], 2
    while short.lower() in taken:
        tail = f"-{number}"
        short, number = name[: 31 - len(tail)] + tail, number + 1
    taken.add(short.lower())
    return short


def _sheet(book: Any, name: str, head: Any, columns: Sequence[str], rows: Any) -> None:
    sheet = book.add_worksheet(name)
    widths = [len(column) for column in columns]
    for i, column in enumerate(columns):
        sheet.write_string(0, i, guarded(column), head)
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row):
            widths[c] = max(widths[c], min(len(str(value)), 48)) if r < 200 else widths[c]
            _write(sheet, r, c, value)
    for i, width in enumerate(widths):
        sheet.set_column(i, i, min(max(width + 2, 8), 50))
    sheet.freeze_panes(1, 1)


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    """Write one cell; missing stays empty, NaN and infinity are written as text, text never as a formula."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float) and math.isfinite(value) and abs(value) < 2**53:
        sheet.write_number(row, column, value)
    elif isinstance(value, date | datetime):
        sheet.write_string(row, column, value.isoformat())
    else:
        sheet.write_string(row, column, guarded(str(value))[:32_767])


def chart_files(model: ReportModel) -> Iterator[tuple[str, str]]:
    """Yield (file name without ending, stand-alone SVG) of every chart of the report."""
    for name, spec, before in chart_specs(model):
        yield name, render(spec, before=before)


def chart_specs(model: ReportModel) -> Iterator[tuple[str, ChartSpec, Mapping[str, float] | None]]:
    """Yield (file name without ending, spec, undisturbed throughputs of a Sankey) of every chart."""
    for name, spec in (
        ("cases", model.case_bars),
        ("heat", model.heat),
        ("exposure-map", model.exposure_map),
    ):
        if spec:
            yield name, spec, None
    for view in model.responses:
        yield f"{slug(view.id)}-value", view.bars, None
        for i, timeline in enumerate(view.timelines, 1):
            yield f"{slug(view.id)}-response-{i}", timeline, None
    for case in model.cases:
        ident = slug(case.id)
        for i, timeline in enumerate(case.timelines, 1):
            yield f"{ident}-timeline-{i}", timeline, None
        undisturbed = node_values(case.sankey_before) if case.sankey_before else None
        if case.sankey_before:
            yield f"{ident}-flows-before", case.sankey_before, None
        if case.sankey_after:
            yield f"{ident}-flows-after", case.sankey_after, undisturbed
        if case.tornado:
            yield f"{ident}-tornado", case.tornado, None
