"""Every verb has its route or a reason, and a route answers with the JSON of the command."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import typer
from sites import ROOT, Site
from typer.testing import CliRunner

from kaname.baseline import Baseline
from kaname.cli import app
from kaname.data.job_store import JobStore
from kaname.terms.errors import KanameError
from kaname.web.eventdesk import SAMPLE_STORE
from kaname.web.settings import JOBS
from kaname.web.worker import run as work_off

SCENARIO = (ROOT / "examples" / "other" / "smelter-outage.yaml").read_text(encoding="utf-8")
ROW = re.compile(r"\| `kaname ([a-z ]+)` \| (.+) \|")
ROUTE = re.compile(r"`(GET|POST|DELETE) (/api/v1[^`?]*)[^`]*`")
BOM = "item,supplier,supplier_country,product,share,stock_days\nA,Ann,CHN,magnets,0.7,30\nB,Bob,VNM,,,\n"
INPUTS = "material,IR,EoL_RIR,SI_SR,HHI_GS,HHI_EU,SR\nTantalum,99,1,0.94,2.3,0.9,1.0\n"


def cli(*words: str) -> Any:
    """Return what the command says with --json; its error in the one shape where it ends with one."""
    found = CliRunner().invoke(app, [*words, "--json"])
    if isinstance(found.exception, KanameError):
        return found.exception.as_dict()
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def verbs() -> set[str]:
    """Return the commands of the command line by their full names."""
    found, waiting = set(), [("", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop()
        inner = getattr(command, "commands", None)
        if inner is None:
            found.add(name.strip())
        else:
            waiting += [(f"{name} {key}", one) for key, one in inner.items()]
    return found


def listed() -> dict[str, str]:
    """Return verb -> what the page says of its route."""
    return dict(ROW.findall((ROOT / "docs" / "web.md").read_text(encoding="utf-8")))


def test_every_verb_has_a_route_or_a_reason() -> None:
    assert set(listed()) == verbs()


def test_every_listed_route_is_there(site: Site) -> None:
    paths = site.json("/openapi.json")[1]["paths"]
    for verb, said in listed().items():
        routes = ROUTE.findall(said)
        if not routes:
            assert said.startswith("none: "), verb
            assert len(said) > 20, verb
        for method, path in routes:
            assert method.lower() in paths.get(path, {}), f"{verb}: {method} {path}"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/indicators/hhi?country=JPN&year=2023", "indicators hhi --country JPN --year 2023"),
        ("/indicators/dependence?country=Japan&product=magnets&year=2022",
         "indicators dependence --country Japan --product magnets --year 2022"),
        ("/indicators/import-reliance?country=DEU", "indicators import-reliance --country DEU"),
        ("/indicators/cover?product=magnets", "indicators cover --product magnets"),
        ("/indicators/geopolrisk?country=JPN&year=2023&rate_taiwan=true",
         "indicators geopolrisk --country JPN --year 2023 --rate-taiwan"),
        ("/indicators/eu-supply-risk?product=gallium", "indicators eu-supply-risk --product gallium"),
        ("/routes", "routes"),
        ("/routes/through/taiwan-strait?product=magnets&to=JPN",
         "routes --through taiwan-strait --product magnets --to JPN"),
        ("/routes/between/CHN/Japan", "routes --from CHN --to Japan"),
        ("/hindcasts", "hindcast"),
        ("/exposure?market=JPN&to=CHN&product=280530&year=2020",
         "exposure JPN --to CHN --product 280530 --year 2020"),
        ("/data", "data list"),
        ("/data/check?product=magnets", "data check --product magnets"),
        ("/data/check?product=magnets&kind=territory", "data check --product magnets --kind territory"),
        ("/data/coverage", "data coverage"),
        ("/data/balance/tungsten_ore?country=JPN", "data balance tungsten_ore --country JPN"),
        ("/network/stats", "network stats"),
    ],
)  # fmt: skip
def test_a_route_answers_with_the_json_of_the_command(site: Site, path: str, words: str) -> None:
    status, found = site.json(f"/api/v1{path}")
    assert status == 200, found
    assert found == cli(*words.split())
    assert found


@pytest.mark.parametrize(
    ("path", "words", "status"),
    [
        ("/indicators/hhi?country=QQQ", "indicators hhi --country QQQ", 422),
        ("/indicators/cover?product=magnet", "indicators cover --product magnet", 422),
        ("/indicators/cover?year=1950", "indicators cover --year 1950", 404),
        ("/indicators/eu-supply-risk?country=JPN", "indicators eu-supply-risk --country JPN", 422),
        ("/indicators/eu-supply-risk?data=screened", "indicators eu-supply-risk --data screened", 422),
        ("/indicators/hhi?country=JPN&rate_taiwan=1", "indicators hhi --country JPN --rate-taiwan", 422),
        ("/routes/through/nowhere", "routes --through nowhere", 422),
        ("/routes/through/panama-canal?product=x", "routes --through panama-canal --product x", 422),
        ("/routes/between/CHN/CHN", "routes --from CHN --to CHN", 422),
        ("/exposure?market=JPN&to=CHN&year=1950", "exposure JPN --to CHN --year 1950", 404),
        ("/data/check?year=1950", "data check --year 1950", 404),
        ("/data/check?kind=odd", "data check --kind odd", 422),
        ("/data/check?hs=280530&product=magnets", "data check --hs 280530 --product magnets", 422),
        ("/data/coverage?year=1950", "data coverage --year 1950", 422),
        ("/data/balance/none", "data balance none", 422),
    ],
)  # fmt: skip
def test_a_wrong_question_is_told_in_the_words_of_the_command(
    site: Site, path: str, words: str, status: int
) -> None:
    got, found = site.json(f"/api/v1{path}")
    assert got == status
    assert found == cli(*words.split())


@pytest.mark.parametrize(
    ("path", "status", "what"),
    [
        ("/indicators/odd", 422, "Input should be"),
        ("/indicators/hhi", 422, "too many rows"),
        ("/indicators/hhi?year=2024.5", 422, "integer"),
        ("/indicators/hhi?year=99999", 422, "less than or equal"),
        ("/indicators/hhi?country=" + "x" * 61, 422, "at most 60"),
        ("/hindcasts/none", 404, "no such episode"),
        ("/hindcasts/..%2f..%2fREADME", 404, ""),
        ("/data/templates/odd", 422, "Input should be"),
        ("/tasks/none", 404, "no such task"),
        ("/runs/none/why?market=JPN&product=magnets", 404, "no such run"),
        ("/runs/small/why?product=magnets", 422, "Field required"),
    ],
)
def test_what_cannot_be_asked_is_told(site: Site, path: str, status: int, what: str) -> None:
    got, found = site.json(f"/api/v1{path}")
    assert (got, set(found)) == (status, {"error", "problems"})
    assert what in found["problems"][0]["what"]


def test_an_answer_too_long_is_refused_whole(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kaname.web.api.asked.MOST_ROWS", 10)
    status, found = site.json("/api/v1/indicators/hhi?country=FRA&year=2021")
    assert status == 422
    assert found["problems"][0]["fix"].startswith("Name a country")


def test_a_template_is_the_file_of_the_command(site: Site) -> None:
    _, headers, body = site.ask("/api/v1/data/templates/bom")
    assert headers["content-type"].startswith("text/csv")
    assert body.decode() == CliRunner().invoke(app, ["data", "template", "bom"]).stdout


def test_the_installation_is_that_of_the_command(site: Site) -> None:
    theirs = {row["check"]: row for row in cli("doctor")}
    ours = {row["check"]: row for row in site.json("/api/v1/doctor")[1]}
    assert set(ours) == set(theirs)
    assert ours["embedded data"] == theirs["embedded data"]


def test_the_record_holds_its_misses(site: Site) -> None:
    rows = site.json("/api/v1/record")[1]
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    for row in rows:
        if row["kind"] == "hindcast":
            assert f"| {row['title']} | {row['sample']} | {row['cells']} | {row['error']:.2f} |" in page
    one = site.json("/api/v1/hindcasts/graphite-2023")[1]
    assert one["record"] == [row for row in rows if row["entry"] == "graphite_2023"]
    assert one["record"][0]["error"] > one["record"][0]["no_change_error"]


def test_a_company_is_answered_as_from_its_files(site: Site, tmp_path: Path) -> None:
    (tmp_path / "bom.csv").write_text(BOM, encoding="utf-8")
    status, found = site.json(
        "/api/v1/exposure/company", "POST", {"bom": BOM, "market": "JPN", "to": "CHN", "on_fault": "repair"}
    )
    words = ("exposure", "--bom", str(tmp_path / "bom.csv"), "--market", "JPN", "--to", "CHN")
    assert (status, found) == (200, cli(*words, "--on-fault", "repair"))
    assert {item["item"] for item in found["items"]} == {"A", "B"}


@pytest.mark.parametrize(
    ("change", "what", "where"),
    [
        ({"bom": "a,b\n1,2\n"}, "needed column is missing", "bom.csv"),
        ({"bom": BOM + "C,,,,,\n" * 600}, "too many lines", "bom"),
        ({"bom": "x" * 200_001}, "at most 200000", "bom"),
        ({"to": "JPN"}, "cannot be exposed to itself", "--to"),
        ({"suppliers": "\x00\x01"}, "", "suppliers.csv"),
        ({"suppliers": "\ud800"}, "", ""),
    ],
)
def test_a_wrong_file_of_a_company_is_told(site: Site, change: dict[str, str], what: str, where: str) -> None:
    wish = {"bom": BOM, "market": "JPN", "to": "CHN", **change}
    status, found = site.json("/api/v1/exposure/company", "POST", wish)
    assert status == 422, found
    said = json.dumps(found)
    assert what in said
    assert where in said
    assert "/tmp" not in said
    assert "kaname-" not in said


def test_printed_inputs_are_scored(site: Site, tmp_path: Path) -> None:
    (tmp_path / "inputs.csv").write_text(INPUTS, encoding="utf-8")
    status, found = site.json("/api/v1/indicators/eu-supply-risk", "POST", {"inputs": INPUTS})
    assert status == 200, found
    assert found == cli("indicators", "eu-supply-risk", "--inputs", str(tmp_path / "inputs.csv"))
    status, found = site.json("/api/v1/indicators/eu-supply-risk", "POST", {"inputs": "material\nTin\n"})
    assert status == 422
    assert found["problems"][0]["where"] == "inputs.csv"


def test_a_scenario_is_checked_against_the_network(site: Site, tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(SCENARIO, encoding="utf-8")
    _, found = site.json("/api/v1/scenarios/check", "POST", {"scenarios": [SCENARIO]})
    assert found["found"] == cli("scenario", "check", str(tmp_path / "one.yaml"))
    broken = SCENARIO.replace("[cela_compound, ndpr_compound]", "[magnets]")
    _, found = site.json("/api/v1/scenarios/check", "POST", {"scenarios": [broken]})
    assert (found["ok"], found["error"]) == (False, "RestrictionHitsNothing")


def test_events_are_drafted_exported_and_withdrawn(site: Site, tmp_path: Path) -> None:
    store = str(site.folder / SAMPLE_STORE)
    rows = site.json("/api/v1/events?state=accepted&type=SANCTION")[1]
    ident = next(row["id"] for row in rows if row["target"] == ["JPN"])
    status, found = site.json("/api/v1/draft", "POST", {"events": [ident]})
    CliRunner().invoke(app, ["draft", ident, "-o", str(tmp_path / "drafted.yaml"), "--store", store])
    assert status == 200, found
    assert found["scenario"] == (tmp_path / "drafted.yaml").read_text(encoding="utf-8")
    assert found["assumed"]
    assert site.json("/api/v1/draft", "POST", {"events": ["zzz"]})[0] == 422

    _, headers, body = site.ask("/api/v1/events/export")
    assert headers["content-type"] == "application/x-ndjson"
    assert body.decode() == CliRunner().invoke(app, ["events", "export", "--store", store]).stdout

    wish = {"document": "none", "by": "Ann", "reason": "a double"}
    assert site.json("/api/v1/events/withdraw", "POST", wish)[0] == 422
    assert site.json("/api/v1/events/withdraw", "POST", {**wish, "by": " "})[0] == 422


def test_the_doubtful_come_first(site: Site) -> None:
    found = [row["confidence"] for row in site.json("/api/v1/events?doubtful=true")[1]]
    assert found == sorted(found)


def test_why_is_answered_as_by_the_command_and_kept(site: Site) -> None:
    path = "/api/v1/runs/small/why?market=JPN&product=magnets"
    status, found = site.json(path)
    assert status == 200, found
    words = ("why", str(site.folder / "small"), "--market", "JPN", "--product", "magnets")
    assert found == cli(*words)
    began = time.monotonic()
    assert site.json(path)[1] == found
    assert time.monotonic() - began < 1.0
    status, told = site.json("/api/v1/runs/small/why?market=JPN&product=nothing")
    assert (status, told["problems"][0]["where"]) == (422, "--product")


def test_a_run_of_other_data_cannot_be_asked_why(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kaname.data.store.snapshot_id", lambda root=None: "0" * 64)
    status, found = site.json("/api/v1/runs/small/why?market=JPN&product=ndpr_metal")
    assert (status, set(found)) == (409, {"error", "problems"})


def done(site: Site, ident: str, baseline: Baseline) -> Any:
    """Return a task after a worker has taken it up."""
    jobs = JobStore(site.folder / JOBS)
    job = jobs.claim(time.time())
    assert job is not None
    assert job.id == ident
    work_off(jobs, job, site.folder, lambda: baseline)
    return site.json(f"/api/v1/tasks/{quote(ident)}")[1]


def test_an_episode_is_run_forward_as_a_task(site: Site, baseline: Baseline) -> None:
    wish = {"episode": "germanium-2023", "draws": 5, "seed": 3}
    status, task = site.json("/api/v1/hindcasts", "POST", wish)
    assert (status, task["state"], task["answer"]) == (202, "queued", None)
    assert site.json("/api/v1/hindcasts", "POST", wish)[1]["id"] == task["id"]
    assert task["id"] not in site.ask("/api/v1/runs")[2].decode()
    assert site.json(f"/api/v1/runs/{task['id']}")[0] == 404
    found = done(site, task["id"], baseline)
    assert found["state"] == "done", found
    assert found["answer"] == cli("hindcast", "germanium-2023", "--draws", "5", "--seed", "3")
    assert site.json("/api/v1/hindcasts", "POST", wish)[1]["state"] == "done"


def test_an_alliance_is_a_task(site: Site, baseline: Baseline, tmp_path: Path) -> None:
    short = SCENARIO.replace("weeks: 104", "weeks: 26")
    (tmp_path / "one.yaml").write_text(short, encoding="utf-8")
    wish = {"scenario": short, "members": ["Japan", "USA"], "draws": 1, "seed": 3}
    status, task = site.json("/api/v1/alliances", "POST", wish)
    assert status == 202, task
    found = done(site, task["id"], baseline)
    words = ("alliance", str(tmp_path / "one.yaml"), "--members", "JPN,USA", "--draws", "1", "--seed", "3")
    assert found["answer"] == cli(*words, "--quiet")
    assert {member["country"] for member in found["answer"]["members"]} == {"JPN", "USA"}


def test_a_replay_is_a_task_and_can_be_cancelled(site: Site) -> None:
    status, task = site.json("/api/v1/runs/small/replay", "POST")
    assert (status, task["state"]) == (202, "queued")
    assert site.json(task["links"]["task"], "DELETE")[1]["state"] == "cancelled"
    assert site.json(task["links"]["task"])[1]["answer"] is None
    assert site.json("/api/v1/runs/none/replay", "POST")[0] == 404


@pytest.mark.parametrize(
    ("path", "wish", "where"),
    [
        ("hindcasts", {"episode": "/etc/passwd"}, "episode"),
        ("hindcasts", {"episode": "gallium-2023", "draws": 10**6}, "draws"),
        ("alliances", {"scenario": SCENARIO, "members": ["JPN"]}, "members"),
        ("alliances", {"scenario": SCENARIO, "members": ["JPN", "Atlantis"]}, "members"),
        ("alliances", {"scenario": SCENARIO, "members": ["JPN", "Japan"]}, "members"),
        ("alliances", {"scenario": "id: x", "members": ["JPN", "USA"]}, "scenario"),
        ("alliances", {"scenario": SCENARIO, "members": ["JPN", "USA"], "budget_usd": 0}, "budget_usd"),
    ],
)
def test_a_wrong_task_is_told_at_once(site: Site, path: str, wish: dict[str, Any], where: str) -> None:
    status, found = site.json(f"/api/v1/{path}", "POST", wish)
    assert status == 422
    assert where in found["problems"][0]["where"]
