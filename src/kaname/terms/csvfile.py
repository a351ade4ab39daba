"""CSV files in: UTF-8, a header, every row as long as it."""

from __future__ import annotations

import csv
from pathlib import Path

from kaname.terms.errors import DataMissing, Problem, TableError

_REINSTALL = "Give another path; a file of kaname's own comes back when it is installed again"


def read_csv(path: Path) -> list[dict[str, str | None]]:
    """Return the rows of a UTF-8 CSV file with a header, as text.

    Raises `DataMissing` where there is no file, `TableError` where it is not UTF-8, has no header, or where
    rows have more or fewer cells than the header.
    """
    if not path.is_file():
        raise DataMissing(Problem("the file is missing", str(path), fix=_REINSTALL))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except UnicodeDecodeError as error:
        raise TableError(
            Problem("the file is not UTF-8", str(path), got=str(error), fix="Save it as UTF-8")
        ) from error
    except csv.Error as error:
        fix = "Close the quotation mark and double those inside a cell"
        raise TableError(Problem(f"the file is no CSV: {error}", str(path), fix=fix)) from error
    if not lines:
        raise TableError(Problem("the file is empty", str(path), expected="a header line"))
    header, *body = lines
    problems = [
        Problem(
            "the row has another number of cells than the header",
            str(path),
            got=str(len(row)),
            expected=str(len(header)),
            fix="Quote cells that hold a comma",
            line=number,
        )
        for number, row in enumerate(body, start=2)
        if row and len(row) != len(header)
    ]
    if problems:
        raise TableError(problems)
    return [dict(zip(header, row, strict=True)) for row in body if row]
