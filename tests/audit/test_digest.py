"""The state of the data in a report: what the check, the coverage and the tables say, and kept once made."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path

import pytest

from kaname.audit import digest
from kaname.audit.check import check_data
from kaname.audit.coverage import data_coverage
from kaname.audit.digest import data_view
from kaname.audit.findings import KINDS
from kaname.audit.tables import csv_of, own_tables, rows_of
from kaname.baseline import BASE_YEAR
from kaname.data import store
from kaname.data.contracts import OWN
from kaname.report import quality_html
from kaname.report.dataview import DataView
from kaname.report.quality_html import data_section
from kaname.terms.errors import DataMissing
from kaname.terms.language import JAPANESE, speaking

TAG = re.compile(r"<[^>]+>")
ENGLISH = re.compile(r'<span lang="en">.*?</span>', re.DOTALL)


@pytest.fixture(scope="module")
def view() -> DataView:
    return data_view(BASE_YEAR)


def test_it_says_what_the_check_and_the_coverage_say(view: DataView) -> None:
    check, coverage = check_data(), data_coverage()
    assert {row.kind: row.count for row in view.doubts} == check.counts
    assert view.flows == check.rows
    assert [(cell.element, cell.stage, cell.grade, cell.makers) for cell in view.cells] == [
        (row.element, row.stage, row.grade, row.makers) for row in coverage.stages
    ]
    assert [(row.name, row.covered, row.missing) for row in view.lists] == [
        (row["list"], row["covered"], row["missing"]) for row in coverage.by_list()
    ]
    disputed = [row for row in check.findings if row.kind == "disagree"]
    assert [(row.place, row.low_t, row.high_t) for row in view.disputed] == [
        (row.place, row.old, row.new) for row in disputed
    ]
    made = {(r["market"], r["product"], r["production_t"]) for r in rows_of("production")}
    for row in view.disputed:
        assert row.low_t <= row.taken_t <= row.high_t
        assert any(
            (place, product) == (row.place, row.product) and abs(tonnes - row.taken_t) <= 0.05 + 1e-9 * tonnes
            for place, product, tonnes in made
        )


def test_what_was_made_is_kept_and_other_data_are_looked_at_anew(
    view: DataView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "check_data", lambda *_, **__: pytest.fail("looked at again"))
    assert data_view(BASE_YEAR) == view
    monkeypatch.undo()
    (tmp_path / "bundle").symlink_to(store.ROOT / "bundle")
    shutil.copytree(store.ROOT / "tables", tmp_path / "tables")
    lists = tmp_path / "tables" / "critical_lists.csv"
    head, _, *rest = lists.read_text(encoding="utf-8").splitlines()
    lists.write_text("\n".join([head, *rest]) + "\n", encoding="utf-8")
    other = data_view(BASE_YEAR, tmp_path)
    assert sum(row.materials for row in other.lists) == sum(row.materials for row in view.lists) - 1


def test_every_row_of_a_table_has_one_grade() -> None:
    tables = own_tables()
    assert [table.name for table in tables] == list(OWN)
    for table in tables:
        assert table.rows == len(rows_of(table.name))
        assert table.observed + table.reported + table.estimated + table.assumed == table.rows
        told = [column for column in OWN[table.name].names if column.endswith("source")]
        assert told, table.name
        assert all(any(row[column] for column in told) for row in rows_of(table.name)), table.name


@pytest.mark.parametrize("name", OWN)
def test_a_table_as_csv_has_every_cell_and_no_formula(name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(name).decode())))
    want = rows_of(name)
    assert len(rows) == len(want)
    for got, row in zip(rows, want, strict=True):
        assert list(got) == list(row)
        for key, value in row.items():
            if isinstance(value, float):
                assert float(got[key]) == value
            elif isinstance(value, bool):
                assert got[key] == str(value).lower()
            else:
                assert got[key].lstrip("'") == ("" if value is None else str(value)).lstrip("'")
            assert not isinstance(value, str) or not got[key].startswith(("=", "+", "-", "@"))


def test_an_unknown_table_is_told() -> None:
    with pytest.raises(DataMissing, match="no such table"):
        csv_of("receipts")


@pytest.mark.parametrize("language", ["en", JAPANESE])
def test_the_section_names_things_and_counts_all(view: DataView, language: str) -> None:
    with speaking(language):
        page = data_section(view)
    for row in view.doubts:
        assert f"{row.count:,}" in page
    said = TAG.sub(" ", re.sub(r"<code>\w+</code>", "", page))
    products = {row["product"] for row in store.own_table("products").to_pylist() if "_" in row["product"]}
    assert not {word for word in re.findall(r"[a-z0-9_]+", said) if word in products}
    assert (
        page.count("<tr>")
        == len({cell.element for cell in view.cells})
        + len(view.lists)
        + len(view.doubts)
        + len(view.disputed)
        + len(view.tables)
        + 5
    )


def test_the_japanese_section_leaves_only_notes_of_sources_in_english(view: DataView) -> None:
    with speaking(JAPANESE):
        page = data_section(view)
    told = TAG.sub(" ", re.sub(r"<code>\w+</code>", "", ENGLISH.sub("", page)))
    left = set(re.findall(r"\b[a-z]{4,}\b", told))
    assert left <= {"kaname", "data", "tables", "mirror", "docs", "evidence"} | _quoted(view), left


def _quoted(view: DataView) -> set[str]:
    """Return the words of what is quoted: texts of customs codes, and notes of sources."""
    texts = [row.note for row in view.disputed]
    texts += [found[1] for row in view.doubts if (found := re.search(r"\(([^()]+)\) has", row.largest))]
    return {word for text in texts for word in re.findall(r"\b[a-z]{4,}\b", text)}


def test_every_kind_of_finding_has_words() -> None:
    assert set(quality_html.DONE) == set(KINDS)
    assert set(quality_html.KIND_NAMES) == {kind.title for kind in KINDS.values()}
