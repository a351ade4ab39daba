"""What a checker found in a file: kinds, counts, examples, and what becomes of the rows.

A finding has one of four remedies. `tell`: nothing is wrong enough to act. `repair`: there is one right
reading, and the old and new text are kept. `drop`: the row cannot be saved. `stop`: the file cannot be read
as what it is said to be. With `on_fault="refuse"` any repair or drop stops the import; with `"repair"` they
are carried out and listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kaname.terms.errors import InputError, Problem, TableError

ON_FAULT = ("refuse", "repair")
SHOWN = 10  # examples of a finding
TELL, REPAIR, DROP, STOP = "tell", "repair", "drop", "stop"

KINDS: Mapping[str, str] = {
    "encoding": "the text is not UTF-8, and is read in the encoding named",
    "mixed_encoding": "the file mixes UTF-8 with another encoding, line by line",
    "undecodable": "bytes that belong to no character of the encoding",
    "control_characters": "letters lost to a wrong decoding, told by control characters",
    "delimiter": "cells are not separated by commas",
    "empty": "the file is empty",
    "header_only": "the file has a header and no rows",
    "too_large": "the file is larger than any true one of its kind",
    "not_readable": "the file is not of the format that its name says",
    "missing_column": "a needed column is missing",
    "double_column": "a column stands twice",
    "renamed_column": "a column's name differs in case or spaces only",
    "unknown_column": "a column that is not read",
    "cell_count": "the row has another number of cells than the header",
    "missing_table": "a table that the map of materials names is missing",
    "missing_year": "a year that other tables of the file have is missing",
    "missing_cell": "a needed cell is empty",
    "decimal_comma": "a number is written with a decimal comma",
    "number_form": "a number is written with thousands separators, spaces or full-width digits",
    "ambiguous_number": "a comma or point that may separate thousands or decimals",
    "not_a_number": "the cell is not a number",
    "negative": "the amount is negative",
    "out_of_range": "the number lies outside what is possible",
    "bad_year": "the year is not one",
    "wrong_unit": "the unit is unknown or does not fit",
    "missing_unit": "an amount without a unit",
    "bad_choice": "the word is not one of those allowed",
    "unknown_country": "no country has this code or name",
    "country_number": "an ISO number where BACI and UN Comtrade have a number of their own",
    "country_name": "a country's name instead of its code",
    "self_trade": "exporter and importer are the same country",
    "bad_hs": "the cell is not an HS code",
    "lost_zero": "an HS code that lost its leading zero",
    "hs_dots": "an HS code written with points or spaces",
    "unknown_hs": "no such code among those that the data hold",
    "unknown_product": "no product has this id or name",
    "unmatched": "a line without product or HS code whose name matches none",
    "conflict": "two cells of a row contradict each other",
    "edition": "codes of another HS edition than 1992",
    "duplicate": "the same row again",
    "duplicate_conflict": "rows with the same key that say different things",
    "shares_over_one": "shares that add up to more than 1",
    "percent": "a share written in percent",
    "aggregate": "a row for the world, a group of countries or goods, or a total",
    "breakdown": "a part of another row, by transport, customs procedure or second partner",
    "other_flow": "re-exports and re-imports, which the exports and imports contain",
    "not_annual": "a month or quarter instead of a year",
    "estimated_by_source": "a figure that the publisher estimated",
    "no_quantity": "a row without a weight",
    "no_figure": "a figure withheld, not available or not applicable; it stays missing",
    "range_given": "a range instead of a figure; its middle is kept, with both ends",
    "not_asked": "a row of a code, section or statistic that is not read",
    "other_side": "the report of the other partner, kept apart",
    "formula": "a formula; its last computed value is read",
    "formula_without_value": "a formula without a computed value",
    "merged_cells": "merged cells: only the first holds the value, which is read for all",
    "hidden_sheet": "a hidden sheet that was not read",
    "other_sheet": "another sheet with content that was not read",
    "date_cell": "a date where a code or number is expected: spreadsheets make 28.05 a day in May",
    "error_cell": "an error value of the spreadsheet",
}
"""Every kind of finding, in one sentence."""


@dataclass(frozen=True)
class Example:
    """One place: the row (data rows count from 1, the header is line 1), the old text and the new one."""

    row: int | None
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        """Return the place in a few words."""
        place = "" if self.row is None else f"row {self.row}"
        text = f"{place}: {self.old!r}" if place else repr(self.old)
        return f"{text} became {self.new!r}" if self.new else text


@dataclass(frozen=True)
class Finding:
    """One kind of finding in one column: how often, the first examples, what is expected, what to do."""

    kind: str
    remedy: str
    count: int
    column: str = ""
    examples: tuple[Example, ...] = ()
    expected: str = ""
    fix: str = ""

    @property
    def sentence(self) -> str:
        """Return the finding in words, without its examples."""
        head = f"column {self.column}: " if self.column else ""
        return head + KINDS[self.kind]

    def problem(self, where: str) -> Problem:
        """Return the finding as an error: counted, with its first examples."""
        shown = "; ".join(map(str, self.examples[:SHOWN]))
        more = self.count - min(len(self.examples), SHOWN)
        got = shown + (f"; and {more:,} more" if shown and more > 0 else "")
        times = f" ({self.count:,} times)" if self.count > 1 else ""
        first = self.examples[0].row if self.examples else None
        line = None if first is None else first + 1
        return Problem(self.sentence + times, where, got, self.expected, self.fix, line)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for the provenance."""
        return {
            "kind": self.kind,
            "column": self.column,
            "what": KINDS[self.kind],
            "remedy": self.remedy,
            "count": self.count,
            "examples": [
                {"row": example.row, "old": example.old, "new": example.new}
                for example in self.examples[:SHOWN]
            ],
        }


@dataclass
class Collector:
    """Gathers what is found in a file row by row; `found` joins it by kind, column and remedy."""

    items: dict[tuple[str, str, str, str, str], list[Example]] = field(default_factory=dict)

    def add(
        self,
        kind: str,
        remedy: str,
        column: str = "",
        row: int | None = None,
        old: object = "",
        new: str = "",
        expected: str = "",
        fix: str = "",
    ) -> None:
        """Note one place."""
        if kind not in KINDS:
            raise ValueError(f"no kind of finding {kind!r}")
        key = (kind, remedy, column, expected, fix)
        self.items.setdefault(key, []).append(Example(row, str(old), new))

    @property
    def found(self) -> tuple[Finding, ...]:
        """Return all findings, each with all its examples."""
        return tuple(
            Finding(kind, remedy, len(examples), column, tuple(examples), expected, fix)
            for (kind, remedy, column, expected, fix), examples in self.items.items()
        )


def settle(findings: Sequence[Finding], on_fault: str, where: str) -> None:
    """Raise `TableError` with every finding that may not pass; say how to go on where a repair would do."""
    if on_fault not in ON_FAULT:
        raise InputError(Problem("unknown choice", "--on-fault", repr(on_fault), " or ".join(ON_FAULT)))
    bad = {STOP} if on_fault == "repair" else {STOP, REPAIR, DROP}
    faults = [finding for finding in findings if finding.remedy in bad]
    if not faults:
        return
    problems = [finding.problem(where) for finding in sorted(faults, key=lambda one: -one.count)]
    repaired = sum(one.count for one in faults if one.remedy == REPAIR)
    dropped = sum(one.count for one in faults if one.remedy == DROP)
    if not any(one.remedy == STOP for one in faults):
        what = "nothing was written, as faults are refused unless you choose otherwise"
        said = f"{repaired:,} that can be repaired, {dropped:,} that would drop a row"
        fix = (
            "Correct the file, or choose --on-fault repair: every change is then listed with old and new text"
        )
        problems.append(Problem(what, where, said, "", fix))
    raise TableError(problems)
