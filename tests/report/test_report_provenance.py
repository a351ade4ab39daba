"""Where the figures come from: every publisher whose figures are used is told, with its licence."""

from __future__ import annotations

from kaname.data import store
from kaname.data.contracts import OWN
from kaname.report.provenance import CITED, source_rows


def test_publishers_of_the_own_tables_stand_among_the_sources() -> None:
    rows = {row.publisher: row for row in source_rows()}
    assert {"CEPII", "World Bank"} <= set(rows)
    for _, publisher, edition, licence in CITED:
        assert rows[publisher].edition == edition
        assert rows[publisher].licence == licence
        assert int(rows[publisher].used_for.split(" ")[0].replace(",", "")) > 0


def test_the_count_of_a_publisher_is_that_of_the_tables() -> None:
    counted = sum("WIOD" in row["source"] for row in store.own_table("industries").to_pylist())
    row = next(row for row in source_rows() if row.publisher == "World Input-Output Database")
    assert f"industries {counted}" in row.used_for
    assert all(name in OWN for name in row.used_for.split(": ")[1].split(" ")[::2])
