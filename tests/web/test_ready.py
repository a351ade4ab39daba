"""Pages asked for again come without a route being asked, and never once what they show has changed."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from sites import ROOT, Site, server

from kaname.web.pages.layout import PATHS
from kaname.web.runs import Runs

PAGES = (*PATHS.values(), "/explain")
SCENARIO = (ROOT / "examples" / "other" / "smelter-outage.yaml").read_text(encoding="utf-8")
READER, WRITER = "r" * 24, "w" * 24


@pytest.fixture
def routed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that routes asked for: empty while nobody went past the door."""
    asked: list[str] = []
    told = Runs.told

    def noted(self: Runs, ident: str, language: str) -> Any:
        asked.append(ident)
        return told(self, ident, language)

    monkeypatch.setattr(Runs, "told", noted)
    return asked


@pytest.fixture
def own(tiny_runs: Path, tmp_path: Path) -> Path:
    """A folder of its own with a run."""
    return Path(shutil.copytree(tiny_runs, tmp_path / "runs"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asked_for_again_needs_no_route(site: Site, routed: list[str], page: str) -> None:
    first = site.ask(page)
    routed.clear()
    again = site.ask(page)
    assert (again[0], again[2]) == (first[0], first[2])
    assert {k: v for k, v in again[1].items() if k != "date"} == {
        k: v for k, v in first[1].items() if k != "date"
    }
    assert not routed
    assert site.ask(page, headers={"if-none-match": again[1]["etag"]})[0] == 304
    assert site.ask(f"{page}?units=jpy")[0] == 200
    assert routed, "another address goes to the route"


def test_the_languages_of_browsers_are_told_apart(site: Site) -> None:
    for _ in range(2):
        for language in ("en", "ja"):
            body = site.ask("/method", headers={"accept-language": language})[2].decode()
            assert f'<html lang="{language}">' in body


def test_a_decision_shows_at_once(own: Path) -> None:
    with server(own) as site:
        before = [site.ask("/events")[2] for _ in range(2)]
        ident = site.json("/api/v1/events?state=accepted")[1][0]["id"]
        decided = {"decision": "reject", "by": "a test"}
        assert site.json(f"/api/v1/events/{ident}/review", "POST", decided)[0] == 200
        assert before[0] == before[1] != site.ask("/events")[2]


def test_who_only_reads_gets_no_page_of_who_writes(own: Path) -> None:
    with server(own, read_token=READER, write_token=WRITER) as site:
        pages = {}
        for _ in range(2):
            for token in (WRITER, READER):
                pages[token] = site.ask("/responses", headers={"authorization": f"Bearer {token}"})[2]
        assert pages[WRITER] != pages[READER]
        assert site.ask("/responses")[0] == 401


def test_a_run_that_waits_or_is_cancelled_is_listed_at_once(own: Path) -> None:
    with server(own) as site:
        bare = [site.ask("/scenario")[2].decode() for _ in range(2)]
        status, job = site.json("/api/v1/runs", "POST", {"scenarios": [SCENARIO], "seed": 5, "draws": 0})
        assert status == 202
        waits = [site.ask("/scenario")[2].decode() for _ in range(2)]
        site.json(f"/api/v1/runs/{job['id']}", "DELETE")
        after = site.ask("/scenario")[2].decode()
        assert job["id"] not in bare[0] + bare[1]
        assert all(job["id"] in page for page in waits)
        assert after != waits[1]


def test_the_newest_run_is_shown_at_once_and_a_lost_one_is_missed(own: Path) -> None:
    with server(own) as site:
        old = [site.ask("/shortages")[2].decode() for _ in range(2)]
        shutil.copytree(own / "small", own / "later")
        later = (own / "later" / "manifest.json").stat()
        os.utime(own / "later" / "manifest.json", ns=(later.st_atime_ns, later.st_mtime_ns + 10**9))
        assert {"later"} <= _runs_in(site.ask("/shortages")[2].decode())
        assert all("later" not in _runs_in(page) for page in old)
        for _ in range(2):
            assert site.ask("/shortages?run=later")[0] == 200
        shutil.rmtree(own / "later")
        assert site.ask("/shortages?run=later")[0] == 404
        assert site.ask("/shortages")[2].decode() == old[0]


def _runs_in(page: str) -> set[str]:
    return set(re.findall(r"run=([\w-]+)", page))
