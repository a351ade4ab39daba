"""A server under hard use: a full queue, callers who do not read, two servers on a folder, hostile texts."""

from __future__ import annotations

import csv
import io
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sites import ROOT, Site, server

from kaname.baseline import Baseline
from kaname.data.event_store import EventStore
from kaname.events.taken import keep
from kaname.news.read import read_events
from kaname.news.reading import read_text
from kaname.scenario import files
from kaname.study import Study, run_study
from kaname.terms.errors import KanameError
from kaname.web.gate import Gate
from kaname.web.guard import Refused

SCENARIO = (ROOT / "examples" / "other" / "smelter-outage.yaml").read_text(encoding="utf-8")
SHORT = SCENARIO.replace("weeks: 104", "weeks: 26")
FORMULA = "=HYPERLINK(http://evil.example)"
SCRIPT = "<script>alert(1)</script>"
RISKY = ("=", "+", "-", "@", "\t", "\r")


# --- a full queue ---------------------------------------------------------------------------------


def test_sixty_runs_at_once_are_held_to_fifty(tmp_path: Path) -> None:
    with server(tmp_path / "runs", most_writes_per_10_s=1000) as site:

        def ask(seed: int) -> tuple[int, Any]:
            return site.json("/api/v1/runs", "POST", {"scenarios": [SCENARIO], "seed": seed, "draws": 0})

        with ThreadPoolExecutor(12) as pool:
            found = list(pool.map(ask, range(60)))
        assert Counter(status for status, _ in found) == {202: 50, 422: 10}
        refused = [content for status, content in found if status == 422]
        assert all(set(one) == {"error", "problems"} for one in refused)
        assert {one["problems"][0]["what"] for one in refused} == {"too many runs are waiting"}
        assert all(one["problems"][0]["fix"] for one in refused)

        status, told = site.json("/api/v1/hindcasts", "POST", {"episode": "gallium-2023"})
        assert (status, told["problems"][0]["what"]) == (422, "too many runs are waiting")
        assert site.json("/api/v1/health")[0] == 200
        ident = next(content["id"] for status, content in found if status == 202)
        assert site.json(f"/api/v1/runs/{ident}", "DELETE")[1]["state"] == "cancelled"
        assert ask(61)[0] == 202


# --- callers who do not read ----------------------------------------------------------------------


def test_callers_who_do_not_read_hold_nobody_up(tmp_path: Path) -> None:
    with server(tmp_path / "runs") as site, ExitStack() as links:
        ident = site.json("/api/v1/runs", "POST", {"scenarios": [SCENARIO], "draws": 0})[1]["id"]
        request = f"GET /api/v1/runs/{ident}/progress HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n"
        for _ in range(32):
            link = links.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=30))
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            link.sendall(request.encode())
        status = _until(lambda: _status(site.port, request), 429)
        assert status == 429, "the 33rd stream is refused"
        for path in ("/api/v1/health", "/api/v1/runs", "/events", "/api/v1/data/check?product=magnets"):
            taken = []
            for _ in range(4):
                began = time.monotonic()
                assert site.ask(path)[0] == 200
                taken.append(time.monotonic() - began)
            assert min(taken) < 1.0, path  # the first may build what the others share
        links.close()
        assert _until(lambda: _status(site.port, request), 200) == 200, "closed streams are free again"


def _status(port: int, request: str) -> int:
    """Return the status of an answer whose body is not read."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall(request.encode())
        return int(link.recv(100).split()[1])


def _until(ask: Any, wanted: int) -> int:
    """Return what is asked as soon as it is what is wanted, or what it is after some seconds."""
    until = time.monotonic() + 20.0
    while (found := int(ask())) != wanted and time.monotonic() < until:
        time.sleep(0.2)
    return found


def test_questions_that_take_seconds_wait_in_a_short_line() -> None:
    gate, go, begun = Gate(at_once=1, most_waiting=2, patience_s=20.0), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        go.wait(20.0)
        return "done"

    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(gate.through, slow) for _ in range(3)]
        assert begun.wait(10.0)
        until = time.monotonic() + 10.0
        while gate._inside < 3 and time.monotonic() < until:
            time.sleep(0.01)
        with pytest.raises(Refused, match="are waiting") as refused:
            gate.through(slow)
        assert refused.value.status == 429
        go.set()
        assert [one.result() for one in waiting] == ["done"] * 3
    assert gate.through(lambda: 7) == 7


def test_who_waits_too_long_is_told_and_the_gate_stays_whole() -> None:
    gate, go = Gate(at_once=1, most_waiting=2, patience_s=0.05), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(gate.through, lambda: go.wait(20.0))
        until = time.monotonic() + 10.0
        while gate._inside < 1 and time.monotonic() < until:
            time.sleep(0.01)
        with pytest.raises(Refused):
            gate.through(lambda: 1)
        go.set()
        first.result()
    with pytest.raises(KanameError, match="within"):
        gate.through(_fails)
    assert gate.through(lambda: 2) == 2


def _fails() -> None:
    raise KanameError("a fault within")


# --- two servers ----------------------------------------------------------------------------------


def test_two_servers_on_a_folder_are_one(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    with server(folder) as one, server(folder) as other:
        wish = {"scenarios": [SCENARIO], "draws": 0}
        ident = one.json("/api/v1/runs", "POST", wish)[1]["id"]
        assert other.json("/api/v1/runs", "POST", wish)[1]["id"] == ident
        assert [line["id"] for line in other.json("/api/v1/runs")[1]] == [ident]
        with ThreadPoolExecutor(1) as pool:
            stream = pool.submit(one.ask, f"/api/v1/runs/{ident}/progress")
            time.sleep(0.5)
            assert other.json(f"/api/v1/runs/{ident}", "DELETE")[1]["state"] == "cancelled"
            assert b'"state": "cancelled"' in stream.result(20.0)[2]
        event = one.json("/api/v1/events")[1][0]["id"]
        before = other.ask("/events")[2]
        address = f"/api/v1/events/{event}/review"
        assert one.json(address, "POST", {"decision": "reject", "by": "Ann"})[0] == 200
        assert other.json(f"/api/v1/events/{event}")[1]["state"] == "rejected"
        assert other.ask("/events")[2] != before


# --- hostile texts --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile(baseline: Baseline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server on a run whose scenario, and a store whose events, hold formulas and scripts."""
    folder = tmp_path_factory.mktemp("hostile") / "runs"
    text = SHORT.replace("title: Half", f'title: "{FORMULA} {SCRIPT} Half').replace(
        "months\n", 'months"\n', 1
    )
    text = text.replace("description: An", f"description: {SCRIPT} An")
    run_study(Study((files.loads(text),), 7, 0, "hostile"), folder / "hostile", baseline=baseline)
    store = folder.parent / "events.duckdb"
    article = f"China banned exports of gallium {SCRIPT} to Japan on Tuesday. {FORMULA} said the ministry."
    reading = read_events(read_text(article.encode(), f"{FORMULA}{SCRIPT}.txt"))
    assert reading.events
    with EventStore(store, create=True) as kept:
        keep(reading, kept)
    with server(folder, store) as site:
        yield site


def test_no_cell_of_an_export_is_a_formula(hostile: Site) -> None:
    names = hostile.json("/api/v1/runs/hostile/files")[1]
    tables = [name for name in names if name.endswith(".csv")]
    guarded = 0
    for name in tables:
        text = hostile.ask(f"/api/v1/runs/hostile/files/{name}")[2].decode()
        for cell in (cell for row in csv.reader(io.StringIO(text)) for cell in row):
            assert not cell.startswith(RISKY) or _is_number(cell), (name, cell)
            guarded += cell.startswith(f"'{FORMULA[:5]}")
    book = load_workbook(io.BytesIO(hostile.ask("/api/v1/runs/hostile/files/results.xlsx")[2]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert tables
    assert cells
    assert all(cell.data_type != "f" for cell in cells)
    assert guarded + sum(FORMULA[:5] in str(cell.value) for cell in cells) > 0, "the formula was never shown"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_a_script_in_a_text_is_shown_and_never_run(hostile: Site) -> None:
    ident = hostile.json("/api/v1/events")[1][0]["id"]
    shown = 0
    paths = ("/", "/shortages", "/scenario", "/network", "/responses", "/method", "/explain", "/events",
             f"/events/{ident}", "/situation", "/relations?one=CHN&other=JPN",
             f"/events?state={SCRIPT}", f"/?run={SCRIPT}", f"/situation?area={SCRIPT}")  # fmt: skip
    for path in paths:
        _, headers, body = hostile.ask(
            path.replace("<", "%3C").replace(">", "%3E"), headers={"accept": "text/html"}
        )
        text = body.decode()
        assert "<script>alert" not in text, path
        assert headers["content-security-policy"].startswith("default-src 'none'"), path
        shown += "&lt;script&gt;alert(1)" in text
    assert shown >= 4
    _, headers, body = hostile.ask(f"/api/v1/events/{ident}")
    assert headers["content-type"] == "application/json"
    assert headers["x-content-type-options"] == "nosniff"
    assert SCRIPT in json.loads(body)["context"]


def test_files_that_a_run_made_run_nothing_of_ours(hostile: Site) -> None:
    names = hostile.json("/api/v1/runs/hostile/files")[1]
    for name in names:
        _, headers, body = hostile.ask(f"/api/v1/runs/hostile/files/{name}")
        if name.endswith((".html", ".svg")):
            assert headers["content-security-policy"].startswith("sandbox"), name
            assert b"<script>alert" not in body, name
        elif not name.endswith(".json"):
            assert headers["content-disposition"].startswith("attachment"), name
