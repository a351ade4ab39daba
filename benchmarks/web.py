"""The server measured: `python benchmarks/web.py RUNS`, with a folder that holds a finished run.

Prints bytes over the wire of each page, cached reads a second from eight callers with their 50th and 95th
percentile, the CPU time of the server for each, and its memory.
"""

from __future__ import annotations

import http.client
import resource
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from kaname.web.pages.layout import PATHS

CALLERS = 8
READS = 4_400
"""Of all callers together: the server lets 5,000 in within 10 s, and refused ones would count as fast."""
PAGES = (*PATHS.values(), "/explain")


def main() -> None:
    """Start a server, ask, print."""
    folder = Path(sys.argv[1]).resolve()
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [sys.executable, "-m", "kaname.cli", "serve", "--folder", str(folder), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait(port)
        for page in PAGES:
            first, size = timed(port, page)
            again, _ = timed(port, page)
            times = f"first {first * 1e3:5.0f} ms, again {again * 1e3:4.0f} ms"
            print(f"{page:12s} {size / 1000:7.1f} kB gzip, {times}")
        for name in ("app.css", "app.js"):
            print(f"{name:12s} {timed(port, f'/static/{name}')[1] / 1000:7.1f} kB gzip")
        load(port, server.pid)
    finally:
        server.terminate()
        server.wait(20)
    print(f"load average {Path('/proc/loadavg').read_text().split()[0]}")


def wait(port: int) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + 60.0
    while time.monotonic() < until:
        try:
            timed(port, "/api/v1/health")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


def timed(port: int, path: str, link: http.client.HTTPConnection | None = None) -> tuple[float, int]:
    """Return seconds and bytes of an answer."""
    own = link or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    start = time.perf_counter()
    own.request("GET", path, headers={"accept-encoding": "gzip"})
    answer = own.getresponse()
    size = len(answer.read())
    if answer.status != 200:
        raise SystemExit(f"{path}: status {answer.status}")
    if link is None:
        own.close()
    return time.perf_counter() - start, size


def load(port: int, pid: int) -> None:
    """Ask for cached pages from several callers at once."""
    taken: list[float] = []

    def call() -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        mine = []
        for _ in range(READS // CALLERS):
            mine.append(timed(port, PAGES[len(mine) % len(PAGES)], link)[0])
        taken.extend(mine)

    before, start = spent(pid), time.monotonic()
    callers = [threading.Thread(target=call) for _ in range(CALLERS)]
    for one in callers:
        one.start()
    for one in callers:
        one.join()
    seconds, cpu = time.monotonic() - start, spent(pid) - before
    if len(taken) < READS // CALLERS * CALLERS:
        raise SystemExit("a caller was refused")
    cuts = statistics.quantiles(taken, n=20)
    print(
        f"{len(taken) / seconds:.0f} reads a second, median {cuts[9] * 1e3:.1f} ms, "
        f"p95 {cuts[18] * 1e3:.1f} ms, "
        f"server {1000 * cpu / len(taken):.2f} CPU ms each, {memory(pid):.0f} MB"
    )


def spent(pid: int) -> float:
    """Return the CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100.0


def memory(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()
