"""Memory of server and worker through many small runs: `python benchmarks/web_memory.py [RUNS] [FOLDER]`.

Starts a server on a folder of its own, queues small runs one seed after another, looks at the pages of each
finished one, and prints the memory of both processes on the way (the most during a run), the most of all, and
the slope. What both hold, as a library's file, counts half for each (proportional set size).
"""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from kaname.scenario import files
from kaname.study import Study, examples_folder, run_study
from web import timed, wait

PORT = 8799
TOLD = 10
"""How often memory is printed, runs."""
PAGES = ("/", "/shortages", "/network", "/explain")
TARGET_MB = 500.0
WARM = 0.2
"""The first part of the runs does not count for the slope: libraries are read and code is compiled."""


def main() -> None:
    """Start a server, queue, look, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    text = (examples_folder() / "other" / "smelter-outage.yaml").read_text(encoding="utf-8")
    text = text.replace("weeks: 104", "weeks: 12")
    with tempfile.TemporaryDirectory() as own:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(own)
        run_study(Study((files.loads(text),), 0, 0, "first"), folder / "first")  # no sample is computed then
        command = [sys.executable, "-m", "kaname.cli", "serve", "--folder", str(folder), "--port", str(PORT)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            wait(PORT)
            seen = [one(number, text, server.pid) for number in range(1, count + 1)]
        finally:
            server.terminate()
            server.wait(20)
    told(np.array(seen))


def one(number: int, text: str, pid: int) -> tuple[float, float]:
    """Make a run, look at its pages; return the memory of server and worker in MB, where both took most."""
    seen: list[tuple[float, float]] = []

    def look() -> None:
        with contextlib.suppress(OSError, ValueError):  # a process has just ended
            seen.append((proportional(pid), sum(map(proportional, children(pid)))))

    ident = asked("POST", "/api/v1/runs", {"scenarios": [text], "seed": number, "draws": 0})["id"]
    state: dict[str, Any] = {}
    while state.get("state") not in {"done", "failed"}:
        time.sleep(0.1)
        look()
        state = asked("GET", f"/api/v1/runs/{ident}")
    if state["state"] == "failed":
        raise SystemExit(f"run {number}: {state['error']}")
    for page in PAGES:
        timed(PORT, f"{page}?run={ident}")
        look()
    found = max(seen, key=sum)
    if number % TOLD == 0 or number == 1:
        print(f"{number:5d} runs: server {found[0]:.0f} MB, worker {found[1]:.0f} MB", flush=True)
    return found


def asked(method: str, path: str, content: Any = None) -> Any:
    """Return the JSON of an answer."""
    link = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    body = None if content is None else json.dumps(content)
    link.request(method, path, body, {"content-type": "application/json"})
    found = json.loads(link.getresponse().read())
    link.close()
    if "problems" in found:
        raise SystemExit(str(found["problems"]))
    return found


def proportional(pid: int) -> float:
    """Return the memory of a process in MB, what it shares divided by those who share it."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    (kb,) = [line.split()[1] for line in text.splitlines() if line.startswith("Pss:")]
    return int(kb) * 1024 / 1e6


def children(pid: int) -> list[int]:
    """Return the processes that a process started."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    text = " ".join((one / "children").read_text() for one in threads)
    return [int(word) for word in text.split()]


def told(seen: np.ndarray) -> None:
    """Print the most and the slope."""
    both = seen.sum(axis=1)
    print(
        f"{len(seen)} runs: server at most {seen[:, 0].max():.0f} MB, worker {seen[:, 1].max():.0f} MB, ",
        end="",
    )
    print(f"both {both.max():.0f} MB (target {TARGET_MB:.0f})")
    start = int(len(seen) * WARM)
    if len(seen) - start > 2:
        for name, column in (("server", seen[:, 0]), ("worker", seen[:, 1]), ("both", both)):
            slope = np.polyfit(np.arange(start, len(seen)), column[start:], 1)[0]
            print(f"{name}: {slope * 1000:+.0f} MB in 1,000 runs, by the last {len(seen) - start}")


if __name__ == "__main__":
    main()
