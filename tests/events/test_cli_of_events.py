"""From an article to a scenario on the command line, as an analyst goes, and what is refused on the way."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kaname import cli
from kaname.scenario import files
from kaname.study import examples_folder

BRIEF = examples_folder() / "flagship" / "brief.txt"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def kaname(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """The program in an empty folder: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kaname", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        found = capsys.readouterr()
        return int(stop.value.code or 0), found.out, found.err

    return call


def test_from_an_article_to_a_scenario(kaname: Call, tmp_path: Path) -> None:
    code, out, _ = kaname("read", BRIEF, "--store", "events.duckdb")
    assert code == 0
    assert "On 6 January 2026 China banned exports" in " ".join(out.split())
    rows = json.loads(kaname("events", "list", "--json")[1])
    ban = next(
        row["id"] for row in rows if row["what"] == "SANCTION/export-ban" and row["status"] == "actual"
    )
    code, _, err = kaname("draft", ban, "-o", "s.yaml")
    assert (code, (tmp_path / "s.yaml").exists()) == (2, False)
    assert "kaname events review" in err
    assert kaname("events", "review", ban, "--decision", "accept", "--by", "Ann")[0] == 0
    code, out, _ = kaname("draft", ban, "-o", "s.yaml")
    assert code == 0
    assert "Assumed" in out
    assert files.load(tmp_path / "s.yaml").restrictions[0].evidence[0].event == ban
    shown = json.loads(kaname("events", "show", ban[:8], "--json")[1])
    assert (shown["state"], shown["reviews"][0]["reviewed_by"]) == ("accepted", "Ann")
    assert "China banned" in shown["context"]


def test_relations_situation_and_lists(kaname: Call, tmp_path: Path) -> None:
    kaname("read", BRIEF, "--store", "events.duckdb")
    code, out, _ = kaname("relations", "chn", "JPN", "--svg", "r.svg")
    assert code == 0
    assert "CHN towards JPN" in out
    assert (tmp_path / "r.svg").read_text(encoding="utf-8").startswith("<svg")
    weeks = json.loads(kaname("relations", "CHN", "JPN", "--json")[1])
    assert weeks[0]["score"] < 0 < weeks[0]["acts"]
    found = json.loads(kaname("situation", "--members", "JPN,USA", "--json")[1])
    assert {"agreements", "programmes", "presence", "budgets"} <= {group["kind"] for group in found["groups"]}
    assert found["areas"][0]["id"] == "okinawa-southwest"
    assert "Okinawa" in kaname("situation", "--area", "okinawa-southwest")[1]
    assert "0 events" in kaname("events", "list", "--state", "accepted")[1]
    doubtful = kaname("events", "list", "--doubtful", "--csv")[1].splitlines()
    assert len(doubtful) > 10


def test_a_store_goes_out_and_comes_in(kaname: Call, tmp_path: Path) -> None:
    kaname("read", BRIEF, "--store", "events.duckdb")
    assert kaname("events", "withdraw", "brief.txt", "--by", "Ann", "--reason", "a double")[0] == 0
    assert kaname("events", "export", "--out", "e.jsonl")[0] == 0
    assert "20 new events" in kaname("events", "import", "e.jsonl", "--store", "b.duckdb")[1]
    assert kaname("events", "export")[1] == (tmp_path / "e.jsonl").read_text(encoding="utf-8")


def test_an_article_stops_before_the_draft(kaname: Call, tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text("China banned exports of gallium to Japan on 6 January 2026.", encoding="utf-8")
    code, out, err = kaname("run", article)
    assert code == 3
    assert "SANCTION/export-ban" in out
    assert "kaname events review ID --decision accept" in err
    assert (tmp_path / "events.duckdb").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["read", "none.txt"], 3, "no such file"),
        (["read", "."], 2, "not a file"),
        (["read", "b.txt", "--published", "today"], 2, "not a date"),
        (["events", "list"], 3, "no event store"),
        (["events", "import", "none"], 3, "no such file"),
        (["relations", "JPN", "jpn"], 2, "with itself"),
        (["situation", "--as-of", "now"], 2, "not a date"),
        (["watch", "none.toml"], 3, "no such file"),
    ],
)
def test_what_is_refused(kaname: Call, tmp_path: Path, arguments: list[str], code: int, told: str) -> None:
    (tmp_path / "b.txt").write_text("China banned exports.", encoding="utf-8")
    found, _, err = kaname(*arguments)
    assert found == code
    assert told in err
    assert not (tmp_path / "events.duckdb").exists()
