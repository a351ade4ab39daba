"""Episode files: shipped ones are sound, wrong ones are refused with every fault, its line and column."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from kaname.hindcast.episode import load_episode, shipped_episodes
from kaname.hindcast.predict import window_label, windows
from kaname.hindcast.run import hindcast
from kaname.terms.errors import InputError, ScenarioError

GOOD = """\
id: own-2023
title: An episode of one's own
base_year: 2022
products:
  - {id: tungsten_ore, hs: ["261100"], stage: ore}
restrictions:
  - exporter: CHN
    importers: ["*"]
    products: [tungsten_ore]
    kind: ban
    start: 2023-01-01
    evidence: [{source: made up for a test}]
importers: [JPN, WORLD]
years: [2023, 2024]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "episode.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_episode_of_ones_own_is_scored(tmp_path: Path) -> None:
    found = hindcast(written(tmp_path, GOOD), draws=2)
    assert found.episode.restricted_origin == "CHN"
    assert found.episode.begins == dt.date(2023, 1, 1)
    assert {(cell.importer, cell.period) for cell in found.cells} == {
        (who, year) for who in ("JPN", "WORLD") for year in ("2023", "2024")
    }
    banned = [c for c in found.cells if (c.measure, c.origin, c.importer) == ("change", "CHN", "WORLD")]
    assert all(cell.central is not None and cell.central < -0.8 for cell in banned)
    assert all(cell.proportional == pytest.approx(-1.0) for cell in banned)


def test_every_shipped_episode_has_evidence_and_notes() -> None:
    for name, path in shipped_episodes().items():
        episode = load_episode(path)
        assert episode.id == name == load_episode(name).id
        assert episode.notes
        for part in (*episode.restrictions, *episode.quotas, *episode.flows, *episode.observed):
            assert part.evidence
    assert next(iter(shipped_episodes())) == "rare-earths-2010"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("base_year: 2022", "base_year: 2024", 14, "not after the base year"),
        ("years: [2023, 2024]", "years: []", 14, "nothing is scored"),
        ("importers: [JPN, WORLD]", "importers: [JPN, Europe]", 13, "an unknown importer"),
        ('hs: ["261100"], ', "", 5, "a product without trade"),
        ("title:", "titel:", 2, "unknown key"),
        ("kind: ban", "kind: bann", 10, "kind"),
        ("importers: [JPN, WORLD]", "importers: [JPN, JPN]", 13, "would count twice"),
        ("base_year: 2022", "base_year: 2022\norigin: RUS", 4, "restricts nothing"),
        ("start: 2023-01-01", "start: 1999-01-01", 7, "too long"),
        ("start: 2023-01-01", "start: 2035-01-01", 7, "nothing is restricted while it is scored"),
        ("years: [2023, 2024]", "years: [2023]\nheadline_years: [2024]", 15, "not among the years"),
        ("years: [2023, 2024]", "observed: [{importer: JPN, origin: all, start: 2021-02-01, end: 2021-03-01, "
         "change: 0.1, evidence: [{source: x}]}]", 14, "not after the base year"),
        ("years: [2023, 2024]", "observed: [{importer: JPN, origin: all, start: 2023-02-01, end: 2023-01-01, "
         "change: 0.1, evidence: [{source: x}]}]", 14, "dates out of order"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in GOOD
    with pytest.raises(ScenarioError) as caught:
        load_episode(written(tmp_path, GOOD.replace(old, new)))
    told = [problem for problem in caught.value.problems if words in str(problem)]
    assert told, str(caught.value)
    assert told[0].line == line


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("kind: ban", "kind: bann").replace("base_year: 2022", "base_year: twenty")
    with pytest.raises(ScenarioError) as caught:
        load_episode(written(tmp_path, text.replace("WORLD", "Mars1")))
    assert len(caught.value.problems) >= 3


def test_an_unknown_product_in_a_restriction_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tungsten_oar"):
        hindcast(
            written(tmp_path, GOOD.replace("products: [tungsten_ore]", "products: [tungsten_oar]")), draws=0
        )


def test_unknown_countries_are_told_all_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("[JPN, WORLD]", "[JPM, WORLD]").replace("exporter: CHN", "exporter: CNH")
    with pytest.raises(InputError) as caught:
        hindcast(written(tmp_path, text), draws=0)
    said = str(caught.value)
    assert "importers[0]: unknown country; got JPM" in said
    assert "origin: unknown country; got CNH" in said
    assert "JPN" in said


def test_windows_have_names_that_sort_and_read_well() -> None:
    assert window_label(dt.date(2024, 1, 1), dt.date(2024, 12, 31)) == "2024"
    assert window_label(dt.date(2025, 5, 1), dt.date(2025, 5, 31)) == "2025-05"
    assert window_label(dt.date(2025, 5, 1), dt.date(2025, 6, 3)) == "2025-05-01 to 2025-06-03"
    assert [w.label for w in windows(load_episode("magnets-2025"))] == ["2025-05", "2025-10"]
