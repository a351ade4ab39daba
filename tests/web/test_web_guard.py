"""The door: foreign hosts, foreign sites, bodies without end, tokens, rates."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sites import Site, free_port, serve

from kaname.terms.errors import InputError
from kaname.web.settings import Settings

READ, WRITE = "r" * 24, "w" * 24
ARTICLE = {"text": "Nothing happened."}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost:1"])
def test_another_name_is_not_served(site: Site, host: str) -> None:
    status, headers, body = site.ask("/", headers={"host": host})
    assert status == 421
    assert json.loads(body)["error"] == "Refused"
    assert "content-security-policy" in headers


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_site_cannot_write(site: Site, headers: dict[str, str]) -> None:
    status, found = site.json("/api/v1/read", "POST", ARTICLE, **headers)
    assert status == 403, found


def test_our_own_pages_can(site: Site) -> None:
    status, _ = site.json("/api/v1/read", "POST", ARTICLE, origin=f"http://127.0.0.1:{site.port}")
    assert status == 200


def test_a_body_too_large_is_refused_by_its_length_and_as_it_comes(site: Site) -> None:
    status, _, _ = site.ask("/api/v1/read", "POST", b"x", {"content-length": "99999999"})
    assert status == 413
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as link:
        lines = (
            "POST /api/v1/read HTTP/1.1",
            f"Host: 127.0.0.1:{site.port}",
            "Content-Type: application/json",
            "Transfer-Encoding: chunked",
        )
        link.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        try:
            for _ in range(60):
                link.sendall(chunk)
            link.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert b" 413 " in link.recv(200)


def test_every_answer_carries_the_policy(site: Site) -> None:
    for path in ("/", "/api/v1/health", "/static/app.js", "/api/v1/nothing"):
        _, headers, _ = site.ask(path)
        assert headers["content-security-policy"].startswith("default-src 'none'"), path
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


def test_beyond_this_machine_a_token_is_needed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without a token"):
        Settings(tmp_path, tmp_path / "e", host="0.0.0.0")
    with pytest.raises(InputError, match="too short"):
        Settings(tmp_path, tmp_path / "e", write_token="abc")
    for host in ("127.0.0.1", "localhost", "::1", "127.3.2.1"):
        assert Settings(tmp_path, tmp_path / "e", host=host).is_local


@pytest.fixture(scope="module")
def locked(small_runs: Path) -> Iterator[Site]:
    port = free_port()
    settings = Settings(
        small_runs,
        small_runs.parent / "none.duckdb",
        port=port,
        read_token=READ,
        write_token=WRITE,
        work=False,
    )
    server = serve(settings)
    next(server)
    yield Site(port, small_runs, "small")
    next(server, None)


def test_tokens_open_reading_and_writing(locked: Site) -> None:
    def ask(path: str, method: str = "GET", **headers: str) -> int:
        return locked.json(path, method, ARTICLE if method == "POST" else None, **headers)[0]

    assert ask("/api/v1/health") == 401
    assert ask("/api/v1/health", authorization="Bearer wrong") == 401
    assert ask("/api/v1/health", authorization=f"Bearer {READ}") == 200
    assert ask("/api/v1/health", cookie=f"kaname-token={READ}") == 200
    assert ask("/api/v1/runs", "POST", authorization=f"Bearer {READ}") == 403
    assert ask("/api/v1/read", "POST", authorization=f"Bearer {WRITE}") == 200


def test_a_token_in_the_address_becomes_a_cookie(locked: Site) -> None:
    status, headers, _ = locked.ask(f"/enter?token={READ}")
    assert status == 303
    assert "HttpOnly" in headers["set-cookie"]
    assert "SameSite=strict" in headers["set-cookie"]
    assert locked.ask("/enter?token=wrong")[0] == 401
    page = locked.ask("/events", headers={"cookie": headers["set-cookie"].split(";")[0]})[2].decode()
    assert "<table" in page


def test_too_many_writes_are_slowed(small_runs: Path) -> None:
    port = free_port()
    settings = Settings(
        small_runs, small_runs.parent / "none.duckdb", port=port, most_writes_per_10_s=3, work=False
    )
    server = serve(settings)
    next(server)
    one = Site(port, small_runs, "small")
    found = [one.json("/api/v1/scenarios/check", "POST", {"scenarios": ["a: 1"]})[0] for _ in range(5)]
    next(server, None)
    assert found == [200, 200, 200, 429, 429]
