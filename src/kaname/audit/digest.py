"""The state of the data in short, for a report: coverage, doubts, disputes, coefficients. Kept once made."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kaname.audit.check import check_data
from kaname.audit.coverage import Coverage, data_coverage
from kaname.audit.findings import KINDS, DataCheck
from kaname.audit.tables import own_tables
from kaname.data import cache, store
from kaname.report.dataview import CoveredCell, DataView, DisputedRow, DoubtRow, ListRow, TableRow
from kaname.terms.errors import KanameError
from kaname.terms.freeze import freeze, thaw
from kaname.terms.language import ENGLISH, MARKETS, names

KIND = "data"
CLASSES = (DataView, CoveredCell, ListRow, DoubtRow, DisputedRow, TableRow)
_WORD = re.compile(r"\b\w+\b")


def data_view(year: int, root: Path | None = None) -> DataView:
    """Return what a report tells of the data of a year; what the same code made before comes from the cache.

    Raises DataMissing, TableError, InputError for a year without output.
    """
    key = _key(year, root)
    kept = cache.load(KIND, key)
    if kept is not None:
        with contextlib.suppress(KanameError, TypeError, KeyError):  # of another shape: make it again
            found: DataView = thaw(kept, CLASSES)
            return found
    made = _made(data_coverage(year, root), check_data(year, root=root), root)
    cache.save(KIND, key, freeze(made))
    return made


def _key(year: int, root: Path | None) -> str:
    """Return the name of a digest: a hash of the data, the year and the code that makes it."""
    here = Path(__file__).resolve().parent
    rooms = (here, here.parent / "data", here.parent / "network")
    code = [here.parent / "baseline.py", *(path for room in rooms for path in room.glob("*.py"))]
    return cache.key_of(f"{store.snapshot_id(root)} {year}", code)


def _made(coverage: Coverage, check: DataCheck, root: Path | None) -> DataView:
    cells = tuple(
        CoveredCell(
            row.element,
            row.stage,
            row.grade,
            row.makers,
            row.observed_share,
            row.estimated_share,
            row.assumed_share,
            row.trade,
        )
        for row in coverage.stages
    )
    lists = tuple(
        ListRow(row["list"], row["materials"], row["covered"], row["in_groups"], row["missing"])
        for row in coverage.by_list()
    )
    titles = {row["product"]: row["name"] for row in store.own_table("products", root).to_pylist()}
    doubts = tuple(_doubt(check, kind, count, titles) for kind, count in check.counts.items())
    disputed = _disputed(check, store.own_table("production", root).to_pylist())
    told = (*(row.largest for row in doubts), *(f"{row.place} {row.product}" for row in disputed))
    return DataView(
        coverage.year,
        check.rows,
        sum(len(row.products) for row in coverage.stages),
        cells,
        lists,
        doubts,
        disputed,
        own_tables(root),
        check.notes,
        _names(" ".join(told), titles),
    )


def _names(text: str, titles: Mapping[str, str]) -> dict[str, str]:
    """Return the English names of the products (from `titles`) and countries that a text names by id."""
    known = {**titles, **names(MARKETS, ENGLISH)}
    return {word: known[word] for word in sorted(set(_WORD.findall(text))) if word in known}


def _doubt(check: DataCheck, kind: str, count: int, titles: Mapping[str, str]) -> DoubtRow:
    largest = check.largest(kind)[0]
    sentence = largest.sentence
    if largest.product in titles:  # by its id, as in other sentences: whoever shows it names it
        sentence = sentence.replace(titles[largest.product], largest.product)
    return DoubtRow(kind, KINDS[kind].title, count, sentence)


def _disputed(check: DataCheck, production: Sequence[Mapping[str, Any]]) -> tuple[DisputedRow, ...]:
    """Return the outputs on which sources disagree, the largest dispute first, with what is taken of each."""
    rows = {
        (row["market"], row["product"], row["low_t"], row["high_t"]): row
        for row in production
        if int(row["year"]) == check.year
    }
    found = []
    for one in check.findings:
        if one.kind == "disagree" and one.old is not None and one.new is not None:
            row = rows[one.place, one.product, one.old, one.new]
            found.append(
                DisputedRow(one.place, one.product, one.old, float(row["production_t"]), one.new, row["note"])
            )
    return tuple(found)
