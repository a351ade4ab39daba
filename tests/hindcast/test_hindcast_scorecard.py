"""The scorecard that reports show is what the runs give; the page has a row and a plot for every episode."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaname.data import store
from kaname.hindcast.episode import shipped_episodes
from kaname.hindcast.run import hindcast
from kaname.scenario.assumptions import Assumptions

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROWS = {row["entry"]: row for row in store.own_table("scorecard").to_pylist()}


@pytest.mark.parametrize("name", list(shipped_episodes()))
def test_a_row_is_what_the_run_gives(name: str) -> None:
    """Central figures; bands need all draws and are not repeated here."""
    row, found = ROWS[name.replace("-", "_")], hindcast(name, draws=0)
    default = hindcast(name, draws=0, given=Assumptions()).headline
    score = found.headline
    assert row["cells"] == score.cells
    assert (row["signs_right"], row["signs"]) == (score.signs_right, score.signs)
    assert row["sample"] == ("in sample" if found.in_sample else "out of sample")
    for key, value in {
        "error": score.mean_absolute_error,
        "no_change_error": score.no_change_error,
        "proportional_error": score.proportional_error,
        "imposed_error": score.imposed_error,
        "default_error": default.mean_absolute_error,
    }.items():
        assert row[key] == (None if value is None else pytest.approx(value, rel=2e-3, abs=1e-6)), key


def test_the_page_tells_every_episode_and_shows_it() -> None:
    page = (DOCS / "evidence.md").read_text(encoding="utf-8")
    for name in shipped_episodes():
        assert f"images/hindcast-{name}.svg" in page
        assert (DOCS / "images" / f"hindcast-{name}.svg").is_file()
    for row in ROWS.values():
        assert row["title"] in page
    assert {row["kind"] for row in ROWS.values()} == {"hindcast", "indicator", "check"}
    assert len({row["date"] for row in ROWS.values()}) == 1
