"""`kaname data tables` and its Python twin: the project's own tables, how many of their rows rest on what."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from kaname.data import store
from kaname.data.contracts import OWN
from kaname.report.export import guarded
from kaname.terms.contract import GRADES


@dataclass(frozen=True)
class OwnTable:
    """One table of coefficients: what it holds, its rows, and how many of each grade (docs/tables.md)."""

    name: str
    holds: str
    rows: int
    observed: int
    reported: int
    estimated: int
    assumed: int

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


def own_tables(root: Path | None = None) -> tuple[OwnTable, ...]:
    """Return every own table with its rows counted by grade. Raises DataMissing, TableError."""
    return tuple(_counted(name, store.own_table(name, root)) for name in OWN)


def _counted(name: str, table: pa.Table) -> OwnTable:
    grades = Counter(table["grade"].to_pylist())
    return OwnTable(name, OWN[name].sentence, table.num_rows, *(grades[grade] for grade in GRADES))


def rows_of(name: str, root: Path | None = None) -> list[dict[str, Any]]:
    """Return the rows of an own table as plain values, dates as text.

    Raises DataMissing for an unknown name, TableError.
    """
    return [
        {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items()}
        for row in store.own_table(name, root).to_pylist()
    ]


def csv_of(name: str, root: Path | None = None) -> str:
    """Return an own table as CSV; text cells are guarded, so that no spreadsheet takes one for a formula.

    Raises DataMissing for an unknown name, TableError.
    """
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(OWN[name].names if name in OWN else ())
    for row in rows_of(name, root):
        writer.writerow([guarded(value) if isinstance(value, str) else value for value in row.values()])
    return sink.getvalue()
