"""What is wrong, on a page: in its language where the catalogue knows it, else English and marked so."""

from __future__ import annotations

import json
import re
import string
from importlib import resources

import pytest
from sites import Site

from kaname.data.job_store import Job
from kaname.terms.errors import Problem
from kaname.web.pages.faults import fault
from kaname.web.runs import as_line
from kaname.web.words.found import in_words

PAGE = {"accept": "text/html"}


def test_english_is_the_problem_itself() -> None:
    one = Problem("no such page", "/nowhere", "x & y", "a page", "Look again.")
    assert fault("en", one) == str(one).replace("&", "&amp;")
    assert fault("en", one, where=False) == "no such page; got x &amp; y, expected a page. Look again."


def test_japanese_is_told_from_the_catalogue() -> None:
    one = Problem("no such week of the run", "week", "999", "1 to 104")
    assert fault("ja", one) == "week：この計算に該当する週がない。指定値：999。正しい値：1〜104。"
    two = Problem("restrictions[0].depth: a value is wrong", "scenario", "`2`", "a number >= 0 and <= 1")
    told = fault("ja", two, where=False)
    assert told == "restrictions[0].depth：値が正しくない。指定値：`2`。正しい値：0以上1以下の数値。"


def test_what_the_catalogue_does_not_know_is_marked_as_english() -> None:
    told = fault("ja", Problem("a fault nobody <foresaw>", "run", fix="Run it again."))
    assert '<span lang="en">a fault nobody &lt;foresaw&gt;</span>' in told
    assert "計算し直す必要がある。" in told
    assert in_words("ja", "a fault nobody foresaw") is None


def test_the_steps_of_a_run_are_told_in_japanese() -> None:
    """Every step that a run or a search reports, as the page that waits for it shows it."""
    for step, told in (
        ("building the network", "供給網を構築中"),
        ("simulating Full stop to Japan", "シミュレーション中：対日全面停止"),
        ("simulating Our own title", "シミュレーション中：Our own title"),
        ("writing the report", "報告書を作成中"),
        ("planning over 16 draws", "標本16件で計画を探索中"),
    ):
        job = Job("a", {}, "running", step, None, 0.0, None)
        assert json.loads(as_line(job, "ja"))["step"] == told
        assert json.loads(as_line(job))["step"] == step
    error = {"error": "InputError", "problems": [{"what": "no measure is worth taking"}]}
    failed = json.loads(as_line(Job("a", {}, "failed", "", error, 0.0, 1.0), "ja"))
    assert failed["error"]["problems"] == [{"what": "採用に値する措置がない"}]


def test_each_text_keeps_its_places_for_values() -> None:
    path = resources.files("kaname.web.words").joinpath("faults.ja.json")
    found = json.loads(path.read_text(encoding="utf-8"))
    for english, japanese in found.items():
        names = [
            {name for _, name, _, _ in string.Formatter().parse(one) if name} for one in (english, japanese)
        ]
        assert names[0] == names[1], english
        assert names[0] <= {"low", "high", "text"}, english


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere?lang=ja",
        "/network?lang=ja&week=999",
        "/network?lang=ja&product=nothing&place=JPN",
        "/explain?lang=ja&what=nothing",
        "/explain?lang=ja&what=shortfall:JPN:nothing:worst",
        "/events/nothing?lang=ja",
        "/situation?lang=ja&area=nothing",
        "/situation?lang=ja&members=ZZZ",
        "/?lang=ja&units=nothing",
        "/?lang=ja&worldview=nothing",
        "/?lang=ja&run=nothing",
    ],
)
def test_an_error_page_is_japanese(site: Site, path: str) -> None:
    status, _, body = site.ask(path, headers=PAGE)
    assert status in (404, 422)
    told = re.search(r'<div class="fault".*?</div>', body.decode())
    assert told is not None
    first = re.sub(r"<[^>]+>", "", told[0]).split("。")[0]
    assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]{3}", first), first
    assert "/tmp" not in told[0], "no path of the server"


def test_a_scenario_with_faults_tells_them_in_japanese(site: Site) -> None:
    text = "id: a\ntitle: b\nstart: 2026-01-06\nweeks: -3\ntargets: [JPN]\ncolour: red\n"
    form = "do=check&text=" + "".join(f"%{byte:02X}" for byte in text.encode())
    headers = {"content-type": "application/x-www-form-urlencoded", **PAGE}
    status, _, body = site.ask("/scenario?lang=ja", "POST", form.encode(), headers)
    assert status == 200
    page = body.decode()
    assert "weeks：値が正しくない" in page
    assert "colour：不明な項目" in page
