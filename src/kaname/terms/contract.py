"""What a table contract is: columns with name, unit, kind, default and one sentence.

A contract checks a table, types the text of a CSV file, and writes its own page of the documentation. Every
fault of a table is told at once (`TableError`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

import pyarrow as pa

from kaname.terms.errors import Problem, TableError

GRADES = ("observed", "reported", "estimated", "assumed")
"""How well a figure is known: measured; said by a party; worked out from other figures; our own guess."""

KINDS: Mapping[str, tuple[pa.DataType, str]] = {
    "text": (pa.string(), "text"),
    "id": (pa.string(), "small letters, digits, _ and -"),
    "country": (pa.string(), "ISO 3166 alpha-3 code, or * for all"),
    "market": (pa.string(), "country code, or a segment such as JPN/defence, or * for all"),
    "hs": (pa.string(), "six digits"),
    "grade": (pa.string(), " or ".join(GRADES)),
    "integer": (pa.int64(), "a whole number"),
    "number": (pa.float64(), "a number"),
    "share": (pa.float64(), "a number from 0 to 1"),
    "flag": (pa.bool_(), "true or false"),
    "date": (pa.date32(), "a date such as 2026-01-06"),
}
"""The kinds of column: Arrow type, and what a cell must be."""

_PATTERNS = {
    "id": re.compile(r"[a-z0-9][a-z0-9_-]*"),
    "country": re.compile(r"\*|[A-Z][A-Z0-9]{2}"),
    "market": re.compile(r"\*|[A-Z][A-Z0-9]{2}(/[a-z0-9_]+)?"),
    "hs": re.compile(r"[0-9]{6}"),
}


@dataclass(frozen=True)
class Column:
    """One column. `required`: no cell may be empty. An empty cell takes `default`; None leaves it missing."""

    name: str
    unit: str
    kind: str
    required: bool
    default: Any
    sentence: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist."""
        if self.kind not in KINDS:
            raise ValueError(f"column {self.name}: no kind {self.kind!r}")

    @property
    def expected(self) -> str:
        """Return what a cell must be, in words."""
        if self.choices:
            return " or ".join(self.choices)
        words = KINDS[self.kind][1]
        return words if self.minimum is None else f"{words}, at least {self.minimum:g}"


@dataclass(frozen=True)
class TableContract:
    """A table: columns in order, the key that may not repeat, and what must be in order within a row.

    `ordered` holds tuples of column names whose given values may not fall, for instance (low, central, high).
    An empty `key` means that rows may repeat.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sentence: str = ""
    ordered: tuple[tuple[str, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names in order."""
        return tuple(column.name for column in self.columns)


def check(table: pa.Table, contract: TableContract, where: str = "") -> None:
    """Raise `TableError` with every fault of the table: columns, types, missing and wrong cells, keys, order.

    `where` names the file or table in the message; rows count as lines of a CSV file with a header.
    """
    problems = _column_faults(table, contract, where or contract.name)
    if not problems:
        problems = _cell_faults(table, contract, where or contract.name, skip=frozenset())
    if problems:
        raise TableError(problems)


def typed(rows: Sequence[Mapping[str, str | None]], contract: TableContract, where: str = "") -> pa.Table:
    """Return rows of text (as a CSV reader gives them) as a table with the contract's types and defaults.

    Raises `TableError` with every fault: text that is not of the column's kind, and all that `check` finds.
    """
    where = where or contract.name
    names = list(rows[0]) if rows else list(contract.names)
    empty = pa.table({name: pa.array([], pa.string()) for name in names})
    problems = _column_faults(empty, contract, where, types=False)
    if problems:
        raise TableError(problems)
    columns: dict[str, list[Any]] = {}
    unread: set[tuple[int, str]] = set()
    for column in contract.columns:
        cells: list[Any] = []
        for number, row in enumerate(rows):
            text = (row.get(column.name) or "").strip()
            try:
                cells.append(_read(text, column) if text else column.default)
            except ValueError:
                cells.append(None)
                unread.add((number, column.name))
                problems.append(_cell(where, number, column, text))
        columns[column.name] = cells
    schema = pa.schema([(column.name, KINDS[column.kind][0]) for column in contract.columns])
    table = pa.table(columns, schema=schema)
    problems += _cell_faults(table, contract, where, skip=frozenset(unread))
    if problems:
        raise TableError(sorted(problems, key=lambda problem: problem.line or 0))
    return table


def document(contracts: Iterable[TableContract]) -> str:
    """Return the contracts as Markdown: one section and one table of columns each."""
    lines: list[str] = []
    for contract in contracts:
        lines += [f"### {contract.name}", ""]
        if contract.sentence:
            lines += [contract.sentence, ""]
        if contract.key:
            lines += [f"Key: {', '.join(f'`{name}`' for name in contract.key)}.", ""]
        lines += ["| column | unit | cell | empty | what |", "|---|---|---|---|---|"]
        for column in contract.columns:
            if column.required:
                empty = "never"
            else:
                empty = "missing" if column.default is None else f"{column.default}"
            lines.append(
                f"| `{column.name}` | {column.unit} | {column.expected} | {empty} | {column.sentence} |"
            )
        lines.append("")
    return "\n".join(lines)


def _read(text: str, column: Column) -> Any:
    """Return a cell's text as the value of its kind; ValueError where it is none."""
    if column.kind == "integer":
        return int(text)
    if column.kind in {"number", "share"}:
        return float(text)
    if column.kind == "date":
        return date.fromisoformat(text)
    if column.kind == "flag":
        if text not in {"true", "false"}:
            raise ValueError(text)
        return text == "true"
    return text


def _cell(where: str, number: int, column: Column, got: Any) -> Problem:
    """Return the fault of one cell."""
    return Problem(
        f"column {column.name}: wrong value",
        where,
        got="nothing" if got is None else repr(str(got)),
        expected=column.expected,
        fix=f"Correct the cell; {column.name} is: {column.sentence}",
        line=number + 2,
    )


def _column_faults(table: pa.Table, contract: TableContract, where: str, types: bool = True) -> list[Problem]:
    """Return the faults of the header: columns missing, unknown, double, or of another type."""
    problems = []
    for name in contract.names:
        if name not in table.column_names:
            near = get_close_matches(name, set(table.column_names) - set(contract.names), n=1)
            fix = f"Rename {near[0]} to {name}" if near else f"Add the column {name}"
            problems.append(Problem(f"column {name} is missing", where, expected=name, fix=fix))
    for name in dict.fromkeys(table.column_names):
        if name not in contract.names:
            problems.append(
                Problem(f"column {name} is unknown", where, got=str(name), fix="Remove or rename the column")
            )
        elif table.column_names.count(name) > 1:
            problems.append(Problem(f"column {name} stands twice", where, fix="Keep one"))
        elif types and not _fits(table.schema.field(name).type, contract.columns[contract.names.index(name)]):
            column = contract.columns[contract.names.index(name)]
            problems.append(
                Problem(
                    f"column {name} has the wrong type",
                    where,
                    got=str(table.schema.field(name).type),
                    expected=str(KINDS[column.kind][0]),
                    fix="Convert the column",
                )
            )
    return problems


def _fits(found: pa.DataType, column: Column) -> bool:
    """Tell whether an Arrow type can hold a column's kind (any width; dictionaries of text are text)."""
    wanted = KINDS[column.kind][0]
    if pa.types.is_dictionary(found):
        found = found.value_type
    if pa.types.is_integer(wanted):
        return bool(pa.types.is_integer(found))
    if pa.types.is_floating(wanted):
        return bool(pa.types.is_floating(found))
    if pa.types.is_string(wanted):
        return bool(pa.types.is_string(found) or pa.types.is_large_string(found))
    return bool(found == wanted)


def _cell_faults(
    table: pa.Table, contract: TableContract, where: str, skip: frozenset[tuple[int, str]]
) -> list[Problem]:
    """Return the faults of the cells, of the order within rows, and of the key."""
    problems = []
    cells = {column.name: table[column.name].to_pylist() for column in contract.columns}
    for column in contract.columns:
        for number, value in enumerate(cells[column.name]):
            if (number, column.name) not in skip and not _good(value, column):
                problems.append(_cell(where, number, column, value))
    for names in contract.ordered:
        for number in range(table.num_rows):
            given = [(name, cells[name][number]) for name in names if cells[name][number] is not None]
            if any(a[1] > b[1] for a, b in pairwise(given)):
                got = ", ".join(f"{name} {value}" for name, value in given)
                expected = " <= ".join(name for name, _ in given)
                problems.append(
                    Problem("values out of order", where, got, expected, "Correct one of them", number + 2)
                )
    seen: dict[tuple[Any, ...], int] = {}
    for number in range(table.num_rows if contract.key else 0):
        key = tuple(cells[name][number] for name in contract.key)
        if key in seen:
            got = ", ".join(f"{name} {value}" for name, value in zip(contract.key, key, strict=True))
            fix = f"Keep this line or line {seen[key] + 2}"
            problems.append(Problem("this key stands twice", where, got, fix=fix, line=number + 2))
        seen.setdefault(key, number)
    return problems


def _good(value: Any, column: Column) -> bool:
    """Tell whether a typed cell is allowed."""
    if value is None:
        return not column.required
    pattern = _PATTERNS.get(column.kind)
    broken = (
        (isinstance(value, float) and not math.isfinite(value))
        or (column.kind == "share" and not 0 <= value <= 1)
        or (column.minimum is not None and value < column.minimum)
        or (bool(column.choices) and value not in column.choices)
        or (column.kind == "grade" and value not in GRADES)
        or (pattern is not None and pattern.fullmatch(value) is None)
    )
    return not broken
