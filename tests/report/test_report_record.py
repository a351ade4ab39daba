"""The record in a report: the sentence counts misses, the section holds every row."""

from __future__ import annotations

import dataclasses

from kaname.report.model import RecordRow
from kaname.report.provenance import record_rows
from kaname.report.record import record_section, record_sentence

ROW = RecordRow(
    "Graphite <2023>",
    "hindcast",
    "out of sample",
    10,
    0.5,
    0.2,
    0.3,
    0.4,
    "5 of 8",
    "Worse.",
    "2026-11-26",
    "BACI",
)


def test_the_sentence_counts_the_episodes_outside_the_calibration() -> None:
    better = dataclasses.replace(ROW, default_error=0.1)
    known = dataclasses.replace(better, sample="in sample")
    missing = dataclasses.replace(ROW, default_error=None)
    assert record_sentence([known, ROW, better, missing]).startswith("On 2 of 3 past episodes outside")
    assert record_sentence([known]) == ""


def test_the_section_holds_every_row_escaped() -> None:
    check = dataclasses.replace(
        ROW, title="EU supply risk", kind="indicator", sample="parity", verdict="Equal."
    )
    page = record_section([ROW, check])
    assert "Graphite &lt;2023&gt;" in page
    assert "0.40" in page
    assert "5 of 8" in page
    assert "Equal." in page
    assert "26\xa0Nov\xa02026" in page


def test_the_embedded_record_has_hindcasts_and_indicators() -> None:
    rows = record_rows()
    assert {row.kind for row in rows} == {"hindcast", "indicator", "check"}
    assert sum(row.sample == "in sample" for row in rows) == 1
    assert all(row.verdict and row.date for row in rows)
