"""Table contracts: every fault of a table at once, with place, both sides and the fix."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from kaname.terms.contract import Column, TableContract, check, document, typed
from kaname.terms.errors import TableError

CONTRACT = TableContract(
    "stocks",
    (
        Column("market", "", "market", True, None, "Who holds it"),
        Column("days", "days", "number", True, None, "Days of use", minimum=0.0),
        Column("low", "days", "number", False, None, "Low end"),
        Column("share", "share", "share", False, 0.5, "Share drawn"),
        Column("since", "date", "date", False, None, "First day"),
        Column("secret", "", "flag", False, None, "Whether it is secret"),
        Column("grade", "", "grade", True, None, "How well it is known"),
    ),
    ("market",),
    "What lies in stock.",
    (("low", "days"),),
)
ROW = {
    "market": "JPN/defence",
    "days": "60",
    "low": "",
    "share": "",
    "since": "2026-01-06",
    "secret": "true",
    "grade": "assumed",
}


def rows(**changes: str) -> list[dict[str, str | None]]:
    return [{**ROW, **changes}]


def test_text_becomes_typed_cells_and_empty_is_missing_or_the_default() -> None:
    table = typed(rows(), CONTRACT)
    assert table.to_pylist() == [
        {
            "market": "JPN/defence",
            "days": 60.0,
            "low": None,
            "share": 0.5,
            "since": date(2026, 1, 6),
            "secret": True,
            "grade": "assumed",
        }
    ]
    check(table, CONTRACT)


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("market", "Japan", "JPN/defence"),
        ("days", "many", "a number"),
        ("days", "-1", "at least 0"),
        ("days", "nan", "a number"),
        ("days", "inf", "a number"),
        ("days", "", "a number"),
        ("share", "1.01", "from 0 to 1"),
        ("since", "6 January", "2026-01-06"),
        ("secret", "yes", "true or false"),
        ("grade", "guessed", "observed or reported"),
    ],
)
def test_a_wrong_cell_names_row_column_both_sides_and_fix(column: str, text: str, expected: str) -> None:
    with pytest.raises(TableError) as caught:
        typed([{**ROW, "market": "CHN"}, *rows(**{column: text})], CONTRACT, "stocks.csv")
    (problem,) = caught.value.problems
    assert problem.where == "stocks.csv"
    assert problem.line == 3
    assert column in problem.what
    assert (text or "nothing") in problem.got
    assert expected in problem.expected
    assert problem.fix


def test_all_faults_are_told_at_once() -> None:
    bad = [{**ROW, "days": "x"}, {**ROW, "grade": "?"}, {**ROW, "low": "61"}]
    with pytest.raises(TableError) as caught:
        typed(bad, CONTRACT)
    text = str(caught.value)
    assert "'x'" in text
    assert "'?'" in text
    assert "low 61.0, days 60.0" in text
    assert text.count("this key stands twice") == 2


def test_a_misspelt_column_is_named_with_its_likeness() -> None:
    table = pa.table({"markt": ["JPN"], "days": [1.0]})
    with pytest.raises(TableError) as caught:
        check(table, CONTRACT)
    text = str(caught.value)
    assert "Rename markt to market" in text
    assert "column markt is unknown" in text
    assert "column grade is missing" in text


def test_a_column_of_another_type_is_refused_and_other_widths_are_not() -> None:
    table = typed(rows(), CONTRACT)
    place = table.column_names.index("days")
    check(table.set_column(place, "days", table["days"].cast(pa.float32())), CONTRACT)
    check(table.set_column(0, "market", table["market"].dictionary_encode()), CONTRACT)
    with pytest.raises(TableError, match="got string, expected double"):
        check(table.set_column(place, "days", pa.array(["60"])), CONTRACT)


def test_a_double_column_is_refused() -> None:
    table = typed(rows(), CONTRACT)
    with pytest.raises(TableError, match="stands twice"):
        check(table.append_column("low", table["low"]), CONTRACT)


def test_an_empty_table_is_fine_and_has_the_types() -> None:
    table = typed([], CONTRACT)
    assert table.num_rows == 0
    assert table.schema.field("since").type == pa.date32()


def test_the_document_names_every_column_with_unit_and_sentence() -> None:
    text = document([CONTRACT])
    for column in CONTRACT.columns:
        assert f"| `{column.name}` | {column.unit} |" in text
        assert column.sentence in text
    assert "| 0.5 | Share drawn |" in text


def test_a_kind_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind 'colour'"):
        Column("a", "", "colour", True, None, "")
