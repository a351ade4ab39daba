"""`kaname data tables` and its Python twin: the project's own tables, how many of their rows rest on what."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from kaname.data import store
from kaname.data.contracts import OWN
from kaname.report.dataview import TableRow
from kaname.report.export import guarded_csv
from kaname.terms.contract import GRADES


def own_tables(root: Path | None = None) -> tuple[TableRow, ...]:
    """Return every own table with its rows counted by grade. Raises DataMissing, TableError."""
    found = []
    for name, contract in OWN.items():
        table = store.own_table(name, root)
        grades = Counter(table["grade"].to_pylist())
        found.append(TableRow(name, contract.sentence, table.num_rows, *(grades[one] for one in GRADES)))
    return tuple(found)


def rows_of(name: str, root: Path | None = None) -> list[dict[str, Any]]:
    """Return the rows of an own table as plain values, dates as text.

    Raises DataMissing for an unknown name, TableError.
    """
    return [
        {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items()}
        for row in store.own_table(name, root).to_pylist()
    ]


def csv_of(name: str, root: Path | None = None) -> bytes:
    """Return an own table as CSV in UTF-8, safe to open in a spreadsheet.

    Raises DataMissing for an unknown name, TableError.
    """
    return guarded_csv(store.own_table(name, root))
