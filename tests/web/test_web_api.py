"""The HTTP interface: every route answers in its shape, and errors in the one shape."""

from __future__ import annotations

import gzip
import html
import json
import re

import pytest
from sites import ROOT, Site

from kaname.report import stored
from kaname.report.page import render_html
from kaname.web.pages.layout import PATHS

SCENARIO = (ROOT / "examples" / "other" / "smelter-outage.yaml").read_text(encoding="utf-8")
PAGES = (*PATHS.values(), "/explain", "/relations")
READS = (
    "/api/v1/health", "/api/v1/runs", "/api/v1/runs/small", "/api/v1/runs/small/report",
    "/api/v1/runs/small/files",
    "/api/v1/runs/small/explain",
    "/api/v1/events", "/api/v1/relations/CHN/JPN", "/api/v1/situation", "/api/v1/data/sources",
    "/api/v1/data/products", "/api/v1/data/countries", "/api/v1/scenarios", "/api/v1/scenarios/schema",
    "/openapi.json",
)  # fmt: skip


@pytest.mark.parametrize("path", READS)
def test_a_read_answers_with_json(site: Site, path: str) -> None:
    status, found = site.json(path)
    assert status == 200
    assert found


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_page_is_there_in_both_languages(site: Site, path: str, language: str) -> None:
    status, headers, body = site.ask(f"{path}?lang={language}")
    assert status == 200
    assert headers["content-type"].startswith("text/html")
    assert f'<html lang="{language}">' in body.decode()


def test_the_language_is_that_of_the_browser_unless_asked(site: Site) -> None:
    _, _, body = site.ask("/events", headers={"accept-language": "fr, ja;q=0.8, en;q=0.5"})
    assert '<html lang="ja">' in body.decode()


def test_the_same_answer_is_sent_once(site: Site) -> None:
    status, headers, body = site.ask("/", headers={"accept-encoding": "gzip"})
    assert (status, headers["content-encoding"]) == (200, "gzip")
    plain = site.ask("/")[2]
    assert gzip.decompress(body) == plain
    again = site.ask("/", headers={"accept-encoding": "gzip", "if-none-match": headers["etag"]})
    assert (again[0], again[2]) == (304, b"")


def test_the_report_of_a_run_gives_the_same_page_as_its_folder(site: Site) -> None:
    _, _, body = site.ask("/api/v1/runs/small/report")
    model = stored.load(body, "small")
    assert render_html(model) == (site.folder / "small" / "report.html").read_text(encoding="utf-8")
    assert stored.dump(model) == body


def test_a_number_is_explained_down_to_its_sources(site: Site) -> None:
    model = stored.load(site.ask("/api/v1/runs/small/report")[2], "small")
    _, found = site.json(f"/api/v1/runs/small/explain?case={model.cases[0].id}")
    assert found["value_kusd"] == model.cases[0].value_kusd
    assert any("China" in json.dumps(cause) for cause in found["causes"])
    assert any(row["event"] for row in found["evidence"])
    assert {"CEPII", "US Geological Survey"} <= {row["publisher"] for row in found["sources"]}


def test_an_event_is_shown_and_decided(site: Site) -> None:
    _, found = site.json("/api/v1/events?type=SANCTION&country=JPN")
    ident = found[0]["id"]
    _, one = site.json(f"/api/v1/events/{ident}")
    start = one["context_start"]
    assert one["context"][start:].startswith(one["sentence"][:20])
    status, after = site.json(
        f"/api/v1/events/{ident}/review",
        "POST",
        {"decision": "correct", "by": "Ann", "changes": {"place": "Tokyo"}},
    )
    assert (status, after["place"], after["reviewed_by"]) == (200, "Tokyo", "Ann")
    assert len(site.json(f"/api/v1/events/{ident}")[1]["reviews"]) == len(one["reviews"]) + 1
    log = (site.folder / ".audit.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(log[-1])["event"] == ident


def test_a_decision_changes_the_situation(site: Site) -> None:
    _, found = site.json("/api/v1/situation?members=ITA")
    items = [item for group in found["groups"] for item in group["items"] if len(item["sentences"]) == 1]
    proofs = [proof for item in items for proof in item["sentences"]]
    assert proofs
    first = proofs[0]
    mark = f'id="event-{first["event"]}"'
    address = f"/api/v1/events/{first['event']}/review"
    assert mark in site.ask("/situation?members=ITA")[2].decode()
    site.json(address, "POST", {"decision": "reject", "by": "tester"})
    assert mark not in site.ask("/situation?members=ITA")[2].decode()
    site.json(address, "POST", {"decision": "accept", "by": "tester"})
    assert mark in site.ask("/situation?members=ITA")[2].decode()


def test_the_situation_of_an_unknown_area_is_told(site: Site) -> None:
    status, _, body = site.ask("/situation?area=atlantis", headers={"accept": "text/html"})
    assert status == 422
    assert "okinawa-southwest" in body.decode()


def test_a_text_is_read(site: Site) -> None:
    content = {"text": "China banned exports of gallium to Japan on Tuesday.", "published": "2026-01-16"}
    status, found = site.json("/api/v1/read", "POST", content)
    assert status == 200
    assert [(e["type"], e["source"], e["target"]) for e in found["events"]] == [
        ("SANCTION", ["CHN"], ["JPN"])
    ]


def test_a_scenario_is_checked_with_its_lines(site: Site) -> None:
    assert site.json("/api/v1/scenarios/check", "POST", {"scenarios": [SCENARIO]})[1]["ok"] is True
    broken = SCENARIO.replace("weeks:", "weks:")
    _, found = site.json("/api/v1/scenarios/check", "POST", {"scenarios": [broken]})
    assert found["ok"] is False
    assert any(one["line"] for one in found["problems"])


def test_the_same_input_is_the_same_run(site: Site) -> None:
    content = {"scenarios": [SCENARIO], "draws": 0}
    status, one = site.json("/api/v1/runs", "POST", content)
    assert (status, one["state"]) == (202, "queued")
    assert site.json("/api/v1/runs", "POST", content)[1]["id"] == one["id"]
    assert site.json(f"/api/v1/runs/{one['id']}", "DELETE")[1]["state"] == "cancelled"
    _, _, stream = site.ask(f"/api/v1/runs/{one['id']}/progress")
    assert b'"state": "cancelled"' in stream


@pytest.mark.parametrize(
    ("path", "method", "content", "status"),
    [
        ("/api/v1/runs/none", "GET", None, 404),
        ("/api/v1/runs/small/explain?case=none", "GET", None, 404),
        ("/api/v1/read", "POST", {"text": "a", "published": "2026-13-45"}, 422),
        ("/api/v1/read", "POST", {"text": "a", "published": 0}, 422),
        ("/api/v1/runs/..%2f..%2fetc", "GET", None, 404),
        ("/api/v1/runs/small/files/..%2f..%2fmanifest.json", "GET", None, 404),
        ("/api/v1/runs/small/files/%2Fetc%2Fpasswd", "GET", None, 404),
        ("/api/v1/nothing", "GET", None, 404),
        ("/api/v1/runs", "PUT", {}, 405),
        ("/api/v1/runs", "POST", {"scenarios": []}, 422),
        ("/api/v1/runs", "POST", {"scenarios": ["a: [1, 2"]}, 422),
        ("/api/v1/runs", "POST", {"scenarios": [SCENARIO], "draws": 10**9}, 422),
        ("/api/v1/runs", "POST", {"scenarios": ["extends: ../../../etc/passwd"]}, 422),
        ("/api/v1/events/zzz", "GET", None, 404),
        ("/api/v1/events?state=odd", "GET", None, 422),
        ("/api/v1/relations/JPN/JPN", "GET", None, 422),
        ("/api/v1/exposure?market=JPN&to=QQQ", "GET", None, 422),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_one_shape(
    site: Site, path: str, method: str, content: object, status: int
) -> None:
    got, found = site.json(path, method, content)
    assert got == status, found
    assert set(found) == {"error", "problems"}
    assert all(one["what"] for one in found["problems"])


def test_a_plan_is_asked_for_once(site: Site) -> None:
    wish = {"scenario": SCENARIO, "budget_usd": 2e8, "draws": 2}
    status, first = site.json("/api/v1/runs/responses", "POST", wish)
    assert (status, first["state"]) == (202, "queued")
    assert first["id"].startswith("response-")
    assert site.json("/api/v1/runs/responses", "POST", wish)[1]["id"] == first["id"]
    other = site.json("/api/v1/runs/responses", "POST", {**wish, "budget_usd": 3e8})[1]["id"]
    assert other != first["id"]
    page = site.ask(f"/responses?run={first['id']}")[2].decode()
    assert f'data-run="{first["id"]}"' in page
    for ident in (first["id"], other):
        assert site.json(f"/api/v1/runs/{ident}", "DELETE")[1]["state"] == "cancelled"


@pytest.mark.parametrize(
    ("change", "where"),
    [({"budget_usd": 0}, "budget_usd"), ({"budget_usd": "much"}, "budget_usd"), ({"steps": 99}, "steps"),
     ({"scenario": "id: x"}, "scenario"), ({"lever": 1}, "lever")],
)  # fmt: skip
def test_a_wrong_wish_for_a_plan_is_told(site: Site, change: dict[str, object], where: str) -> None:
    status, told = site.json(
        "/api/v1/runs/responses", "POST", {"scenario": SCENARIO, "budget_usd": 1e8, **change}
    )
    assert status == 422
    assert where in json.dumps(told)


@pytest.mark.parametrize("form", ["budget=0", "budget=nan", "budget=5&limit=1", "budget=5&against=nothing"])
def test_a_wrong_form_for_a_plan_is_told(site: Site, form: str) -> None:
    body = f"run=small&limit=60&against=3-full-stop-japan&{form}"
    fields = dict(part.split("=") for part in body.split("&"))
    sent = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    status, _, page = site.ask("/responses", "POST", sent, {"accept": "text/html"})
    assert status in {404, 422}
    assert b'role="alert"' in page


def test_a_bomb_of_anchors_is_refused(site: Site) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}, *{chr(97 + i)}, *{chr(97 + i)}]\n"
        for i in range(20)
    )
    status, found = site.json("/api/v1/runs", "POST", {"scenarios": [bomb]})
    assert status == 422, found


def test_malformed_json_is_told(site: Site) -> None:
    status, _, body = site.ask("/api/v1/runs", "POST", b"{not json", {"content-type": "application/json"})
    assert status == 422
    assert json.loads(body)["error"] == "InputError"


def test_a_browser_gets_a_page_where_something_is_missing(site: Site) -> None:
    for path in ("/?run=none&lang=ja", "/events/zzz?lang=ja", "/nowhere?lang=ja"):
        status, headers, body = site.ask(path, headers={"accept": "text/html"})
        assert status == 404, path
        assert headers["content-type"].startswith("text/html")
        assert '<html lang="ja">' in body.decode()
        assert "がない" in body.decode(), path


@pytest.mark.parametrize("path", ["/situation", "/api/v1/situation"])
def test_a_member_that_nobody_is_is_told(site: Site, path: str) -> None:
    status, _, body = site.ask(f"{path}?members=JPN,XXX,atlantis")
    assert status == 422
    assert "XXX, ATLANTIS" in body.decode()
    assert site.ask(f"{path}?members=EU,jpn,XKX")[0] == 200


def test_a_japanese_page_says_what_the_run_says_in_japanese(site: Site) -> None:
    _, _, body = site.ask("/shortages?lang=ja")
    page = body.decode()
    assert "対日全面停止" in page
    assert "最初の不足の日付順" in page
    assert "ネオジム磁石" in page
    assert "Rows by date of the first shortfall" not in page
    _, _, body = site.ask("/shortages?lang=en")
    assert "Rows by date of the first shortfall" in body.decode()


def test_a_run_without_japanese_is_shown_in_english_and_marked(site: Site) -> None:
    told = site.folder / site.run / "report.ja.json"
    kept = told.read_bytes()
    told.unlink()
    try:
        _, _, body = site.ask("/shortages?lang=ja")
    finally:
        told.write_bytes(kept)
    page = body.decode()
    assert '<div lang="en">' in page
    assert "Rows by date of the first shortfall" in page
    assert "以前の版" in page


def test_events_are_told_in_words_and_by_name(site: Site) -> None:
    for language, words in (
        ("en", ("Sanction (export ban)", "China \u2192 Japan", "6 Jan 2026", "hypothetical")),
        ("ja", ("制裁（輸出禁止）", "中国 \u2192 日本", "2026年1月6日", "仮定の話")),
    ):
        page = site.ask(f"/events?lang={language}")[2].decode().replace("\N{NO-BREAK SPACE}", " ")
        told = re.sub(r"<[^>]+>", "", page)
        assert all(one in told for one in words), language
        assert "export-ban" not in told
        assert "CHN \u2192" not in told
    relation = site.ask("/relations?lang=en")[2].decode()
    assert "China towards Japan" in relation


def test_the_form_of_a_scenario_names_things_in_the_language_of_the_page(site: Site) -> None:
    for language, words in (
        ("en", ("ban, China, Dy/Tb compounds", "\u2192 Japan, defence")),
        ("ja", ("禁輸、中国、Dy/Tb化合物", "\u2192 日本（防衛）")),
    ):
        page = site.ask(f"/scenario?lang={language}&start=flagship/1-military-end-users")[2].decode()
        legend = re.sub(r"<[^>]+>", "", page.partition("<legend>")[2].partition("</legend>")[0])
        assert all(one in legend for one in words), legend
        assert 'value="JPN/defence"' in page, "what is sent is the id"


def test_the_article_around_a_sentence_ends_at_words(site: Site) -> None:
    found = next(one for one in site.json("/api/v1/events")[1] if one["type"] == "SANCTION")
    page = site.ask(f"/events/{found['id']}?lang=en")[2].decode()
    shown = html.unescape(re.sub(r"<[^>]+>", "", page.partition('class="article">')[2].partition("</p>")[0]))
    whole = (ROOT / "examples" / "flagship" / "brief.txt").read_text(encoding="utf-8")
    assert shown in whole
    after = whole[whole.index(shown) + len(shown) :]
    assert len(after) == 0 or after[0].isspace()
