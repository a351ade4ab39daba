"""A server on a free port, asked over real sockets."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

uvicorn = pytest.importorskip("uvicorn", reason="the extra web is not installed")
ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Site:
    """A running server, asked over real sockets."""

    port: int
    folder: Path
    run: str

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of an answer."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            link.request(method, path, body, dict(headers or {}))
            answer = link.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            link.close()

    def json(self, path: str, method: str = "GET", content: Any = None, **headers: str) -> tuple[int, Any]:
        """Return status and JSON of an answer."""
        body = None if content is None else json.dumps(content).encode()
        status, _, text = self.ask(path, method, body, {"content-type": "application/json", **headers})
        return status, json.loads(text)


def serve(settings: Any) -> Iterator[Any]:
    """Run a server in a thread until the test is over."""
    from kaname.web.app import create_app  # noqa: PLC0415

    config = uvicorn.Config(create_app(settings), "127.0.0.1", settings.port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30.0
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    assert server.started
    yield server
    server.should_exit = True
    thread.join(20.0)


@contextmanager
def server(folder: Path, store: Path | None = None, **wishes: Any) -> Iterator[Site]:
    """Run a server on a folder, with nobody working, until the block ends."""
    from kaname.web.settings import Settings  # noqa: PLC0415

    port = free_port()
    running = serve(Settings(folder, store or folder / "none.duckdb", port=port, work=False, **wishes))
    next(running)
    try:
        yield Site(port, folder, "")
    finally:
        next(running, None)
