"""Mirror gaps: two reports of one lane held against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.data.mirror import COLUMNS, mirror_gaps, read_reports
from kaname.terms.errors import DataMissing, TableError


def report(reporter: str, partner: str, flow: str, tonnes: float | None, **more: Any) -> dict[str, Any]:
    row = (reporter, partner, flow, "280530", 2024, 1000.0, tonnes)
    return dict(zip(COLUMNS, row, strict=True)) | more


def test_reports_that_agree_are_no_gap() -> None:
    rows = [report("CHN", "JPN", "export", 100.0), report("JPN", "CHN", "import", 110.0)]
    assert mirror_gaps(rows) == ()


def test_both_reports_of_one_lane_meet() -> None:
    rows = [report("CHN", "JPN", "export", 100.0), report("JPN", "CHN", "import", 240.0)]
    (gap,) = mirror_gaps(rows)
    assert (gap.exporter, gap.importer, gap.export_t, gap.import_t) == ("CHN", "JPN", 100.0, 240.0)
    assert gap.ratio == pytest.approx(2.4)
    assert gap.gap_t == pytest.approx(140.0)
    assert "the exporter reports 100.0 t, the importer reports 240.0 t" in str(gap)


def test_a_lane_that_one_side_keeps_quiet_about_is_a_gap_and_missing_is_not_zero() -> None:
    rows = [report("CHN", "KOR", "export", 50.0), report("JPN", "CHN", "import", 7.0)]
    rows.append(report("CHN", "JPN", "export", None))
    first, second = mirror_gaps(rows)
    assert (first.importer, first.import_t, first.ratio) == ("KOR", None, None)
    assert (second.importer, second.export_t, second.export_kusd) == ("JPN", None, 1000.0)
    assert "the exporter reports no weight" in str(second)


def test_codes_years_and_directions_are_kept_apart() -> None:
    rows = [
        report("CHN", "JPN", "export", 100.0),
        report("CHN", "JPN", "import", 1.0),  # from Japan to China
        report("JPN", "CHN", "import", 100.0, year=2023),
        report("JPN", "CHN", "import", 100.0, hs="284690"),
    ]
    assert len(mirror_gaps(rows)) == 4


@given(
    st.floats(0.001, 1e6),
    st.floats(0.001, 1e6),
    st.floats(1.01, 10.0),
    st.lists(st.floats(0.001, 1.0), min_size=1, max_size=4),
)
def test_a_gap_is_the_same_from_both_sides(
    export_t: float, import_t: float, factor: float, parts: list[float]
) -> None:
    """Turned about, with the report of one side cut into pieces: the gap is there or not there alike."""
    there = mirror_gaps(
        [report("A01", "B01", "export", export_t), report("B01", "A01", "import", import_t)], factor
    )
    total = sum(parts)
    pieces = [report("A01", "B01", "export", import_t * part / total) for part in parts]
    back = mirror_gaps([*pieces, report("B01", "A01", "import", export_t)], factor)
    ratio = max(export_t, import_t) / min(export_t, import_t)
    if abs(ratio - factor) > 1e-6 * factor:
        assert bool(there) == bool(back) == (ratio > factor)
    if there and back:
        assert there[0].gap_t == pytest.approx(back[0].gap_t, rel=1e-6, abs=1e-9)


def test_a_file_is_read_and_its_faults_come_at_once(tmp_path: Path) -> None:
    path = tmp_path / "reports.csv"
    header = ",".join(COLUMNS)
    path.write_text(f"{header}\nCHN,JPN,X,280530,2024,1000,\nJPN,CHN,import,280530,2024,,12\n", "utf-8")
    first, second = read_reports(path)
    assert (first["flow"], first["quantity_t"], second["flow"], second["value_kusd"]) == (
        "export", None, "import", None,
    )  # fmt: skip
    path.write_text(
        f"{header}\nChina,JPN,X,280530,2024,1,1\nCHN,JPN,sale,280530,2024,1,1\nCHN,JPN,X,2805,2024,1,1\n"
        "CHN,JPN,X,280530,2024,-1,1\nCHN,JPN,X,280530,2024,nan,1\n",
        "utf-8",
    )
    with pytest.raises(TableError) as error:
        read_reports(path)
    assert [problem.line for problem in error.value.problems] == [2, 3, 4, 5, 6]
    path.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(TableError, match="no column reporter"):
        read_reports(path)
    with pytest.raises(DataMissing, match="no such file"):
        read_reports(tmp_path / "none.csv")


def test_an_imported_folder_without_reports_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="holds no reports"):
        read_reports(tmp_path)
