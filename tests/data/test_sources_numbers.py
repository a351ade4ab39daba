"""Numbers as people write them: one reading or none, the same in Python and in SQL."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kaname.data.sources.numbers import Style, parse, sql_counts, sql_parse, style, style_of

STYLES = [Style(), Style("point"), Style("comma"), Style("comma", True), Style("mixed"), Style("mixed", True)]
CELL = st.text("0123456789.,- eE+'_１２．，x\u00a0", max_size=12)


@pytest.mark.parametrize(
    ("cells", "text", "value", "repair", "fault"),
    [
        (["1.5"], "1.234", 1.234, "", ""),
        (["1.5"], "1,234", 1234.0, "number_form", ""),
        (["1,5"], "1,234", 1.234, "decimal_comma", ""),
        (["1,5"], "1.234", None, "", "ambiguous_number"),
        (["1.234,5"], "1.234", 1234.0, "number_form", ""),
        (["7"], "1,234", None, "", "ambiguous_number"),
        (["7"], "1.234", 1.234, "", ""),
        (["1,5", "1.5"], "1,234", None, "", "ambiguous_number"),
        (["1,5", "1.5"], "1,5", 1.5, "decimal_comma", ""),
        ([], "1,234,567", 1234567.0, "number_form", ""),
        ([], "1.234.567,8", 1234567.8, "decimal_comma", ""),
        ([], "0,125", 0.125, "decimal_comma", ""),
        ([], "12 345", 12345.0, "number_form", ""),
        ([], "１２．５", 12.5, "number_form", ""),
        ([], "1,2,3", None, "", "not_a_number"),
        ([], "nan", None, "", "not_a_number"),
        ([], "1e999", None, "", "not_a_number"),
    ],
)
def test_a_number_is_read_as_the_file_writes_them(
    cells: list[str], text: str, value: float | None, repair: str, fault: str
) -> None:
    found = parse(text, style_of(cells))
    assert (found.value, found.repair, found.fault) == (value, repair, fault)


def test_the_user_overrules_what_the_file_shows() -> None:
    assert parse("1.234", style_of(["1.5"], "comma")).value == 1234.0
    assert parse("1,234", style_of([], "point")).value == 1234.0
    assert parse("1,234", style_of([], "comma")).value == 1.234


@given(st.floats(0, 1e12, allow_nan=False), st.integers(0, 4), st.sampled_from(["point", "comma"]))
def test_what_is_written_comes_back(value: float, places: int, decimal: str) -> None:
    text = f"{value:,.{places}f}"
    if decimal == "comma":
        text = text.translate(str.maketrans(".,", ",."))
    assert parse(text, style_of([], decimal)).value == pytest.approx(round(value, places))


@given(st.lists(CELL, min_size=1, max_size=40), st.sampled_from(STYLES))
@example(["+-0", "+-1.5", "-+1", "++1", "1_0"], Style())
@example(["+-0", "+-1.5"], Style("point"))
@settings(max_examples=60, deadline=None)
def test_sql_reads_as_python_does(cells: list[str], how: Style) -> None:
    stripped = [cell.strip() for cell in cells]
    value, repair, fault = sql_parse("x", how)
    with duckdb.connect() as connection:
        connection.execute("create table t as select unnest(?) as x", [stripped])
        found = connection.sql(f"select x, {value}, {repair}, {fault} from t").fetchall()
        conditions = ", ".join(f"count_if({one})" for one in sql_counts("x"))
        counts = connection.sql(f"select {conditions} from t").fetchall()[0]
    for text, *rest in found:
        expected = parse(text, how)
        assert rest == [expected.value, expected.repair, expected.fault], (text, how)
    assert style(*counts) == style_of(stripped)
