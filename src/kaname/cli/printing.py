"""What all verbs share: the options --json, --csv and --quiet, and how rows are printed."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

NARROW_COLUMNS = 8  # of a table on a terminal narrower than WIDE characters
WIDE = 120

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of tables.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]


def say(quiet: bool) -> Callable[[str], None]:
    """Return what tells progress on stderr, or nothing."""
    return (lambda text: None) if quiet else (lambda text: print(f"kaname: {text} ...", file=sys.stderr))


def show(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], title: str, as_json: bool, as_csv: bool
) -> None:
    """Print rows as JSON, as CSV (all fields) or as a table (the named columns)."""
    if as_json:
        print(json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=1))
        return
    if as_csv:
        names = list(rows[0]) if rows else list(columns)
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([[_plain(row[name]) for name in names] for row in rows])
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console(highlight=False)
    shown = list(columns)[: NARROW_COLUMNS if console.width < WIDE else None]
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for i, name in enumerate(shown):
        table.add_column(columns[name], overflow="fold", no_wrap=0 < i < NARROW_COLUMNS)
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in shown))
    console.print(table)
    if len(shown) < len(columns):
        print("A wider terminal, --csv and --json show more columns.")


def _plain(value: Any) -> Any:
    return "; ".join(str(item) for item in value) if isinstance(value, tuple | list) else value


def _cell(value: Any) -> str:
    """Return a table cell: a dash for what is missing, three decimals up to 1, two up to 10, else none."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        if abs(value) <= 1.0:
            return f"{value:.3f}"
        return f"{value:.2f}" if abs(value) < 10.0 else f"{value:,.0f}"
    return str(value)
