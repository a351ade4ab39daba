"""The state of the data in short, for a report: coverage, doubts, disputes, coefficients. Kept once made."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

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
_TAKEN = re.compile(r"central ([\d,.]+) t from ")
_NOTE = re.compile(r"taken \((.*)\)$", re.DOTALL)


def data_view(year: int, root: Path | None = None) -> DataView:
    """Return what a report tells of the data of a year; what the same code made before comes from the cache.

    Raises DataMissing, TableError, InputError for a year without output.
    """
    key = _key(year, root)
    kept = cache.load(KIND, key)
    if kept is not None:
        with contextlib.suppress(KanameError, TypeError, KeyError):  # of another shape: make it again
            found = thaw(kept, CLASSES)
            assert isinstance(found, DataView)
            return found
    made = _made(data_coverage(year, root), check_data(year, root=root), root)
    cache.save(KIND, key, freeze(made))
    return made


def _key(year: int, root: Path | None) -> str:
    """Return the name of a digest: a hash of the data, the year and the code that makes it."""
    digest = hashlib.sha256(f"{store.snapshot_id(root)} {year}".encode())
    here = Path(__file__).resolve().parent
    rooms = (here, here.parent / "data", here.parent / "network")
    for path in sorted(path for room in rooms for path in room.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


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
    disputed = _disputed(check)
    told = (*(row.largest for row in doubts), *(f"{row.place} {row.product}" for row in disputed))
    return DataView(
        coverage.year,
        check.rows,
        sum(len(row.products) for row in coverage.stages),
        cells,
        lists,
        doubts,
        disputed,
        tuple(TableRow(**table.as_dict()) for table in own_tables(root)),
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
    return DoubtRow(kind, KINDS[kind].title, count, sentence, largest.method)


def _disputed(check: DataCheck) -> tuple[DisputedRow, ...]:
    """Return the outputs on which sources disagree, the largest dispute first."""
    found = []
    for row in check.findings:
        taken, note = _TAKEN.match(row.method), _NOTE.search(row.sentence)
        if row.kind != "disagree" or taken is None or row.old is None or row.new is None:
            continue
        central = float(taken[1].replace(",", ""))
        found.append(DisputedRow(row.place, row.product, row.old, central, row.new, note[1] if note else ""))
    return tuple(found)
