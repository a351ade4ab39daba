"""Feeds of a local server that is slow, broken, huge and hostile; state, back-off and resumption."""

from __future__ import annotations

import contextlib
import gzip
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from kaname.data.event_store import EventStore
from kaname.events.fetch import FetchError, Limits, fetch
from kaname.events.watch import load_feeds, load_state, state_file, watch
from kaname.terms.errors import DataMissing, InputError

ARTICLE = """<html><head><title>Ban</title></head><body><article><h1>China bans exports</h1>
<p>China banned exports of gallium and germanium to the United States on Tuesday, the commerce ministry
said.</p>
<p>Japan and Australia signed a memorandum on critical minerals in Canberra, and said that it would be in
force
at once. The ministers of the two countries met before the signing and praised the work of their
officials.</p>
</article></body></html>"""
BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss version="2.0"><channel><title>&b;</title></channel></rss>"""


def feed(base: str, *paths: str) -> str:
    items = "".join(
        f"<item><title>t</title><link>{base}{path}</link><guid>{path}</guid>"
        "<pubDate>Fri, 16 Jan 2026 10:00:00 GMT</pubDate></item>"
        for path in paths
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'


class Handler(BaseHTTPRequestHandler):
    """Answers by path."""

    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:  # noqa: PLR0911, PLR0912 - one answer for each path
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        Handler.asked.append((self.path, self.headers.get("If-None-Match")))
        if self.path == "/feed":
            if self.headers.get("If-None-Match") == '"1"':
                return self.send(304, b"")
            return self.send(200, feed(base, "/a", "/b").encode(), {"ETag": '"1"'})
        if self.path in {"/a", "/b"}:
            return self.send(200, ARTICLE.replace("Ban", self.path).encode(), {"Content-Type": "text/html"})
        if self.path == "/mixed":
            return self.send(200, feed(base, "/a", "/missing", "/huge").encode(), {"ETag": '"2"'})
        if self.path == "/huge":
            return self.send(200, b"x" * 3_000_000)
        if self.path == "/bomb.gz":
            return self.send(200, gzip.compress(b"x" * 50_000_000), {"Content-Encoding": "gzip"})
        if self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
            return None
        if self.path == "/entities":
            return self.send(200, BOMB.encode())
        if self.path == "/broken":
            return self.send(200, b"<rss><channel><item>")
        if self.path == "/busy":
            return self.send(503, b"", {"Retry-After": "7200"})
        if self.path == "/loop":
            return self.send(302, b"", {"Location": "/loop"})
        if self.path == "/inside":
            return self.send(302, b"", {"Location": "file:///etc/passwd"})
        return self.send(404, b"")

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()
    httpd.server_close()


LOCAL = Limits(max_bytes=1_000_000, timeout_s=2.0, allow_private=True)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/huge", "too large"),
        ("/bomb.gz", "too large"),
        ("/slow", "too slow|no answer"),
        ("/loop", "too many redirects"),
    ],
)
def test_a_fetch_has_limits(server: str, path: str, told: str) -> None:
    start = time.monotonic()
    with pytest.raises(FetchError, match=told):
        fetch(server + path, LOCAL)
    assert time.monotonic() - start < 10


def test_only_public_http_addresses(server: str) -> None:
    with pytest.raises(FetchError, match="private network"):
        fetch(server + "/feed")
    for address in ("http://169.254.169.254/latest", "http://[::1]/", "http://10.0.0.1/"):
        with pytest.raises(FetchError, match="private network"):
            fetch(address)
    with pytest.raises(InputError, match="not an address"):
        fetch(server + "/inside", LOCAL)
    for address in ("ftp://example.org/", "file:///etc/passwd", "http://", "http://[bad/"):
        with pytest.raises((InputError, FetchError)):
            fetch(address, LOCAL)


def feeds_file(tmp_path: Path, server: str, *paths: str) -> Path:
    rows = "".join(f'[[feed]]\nname = "{path}"\nurl = "{server}{path}"\n' for path in paths)
    file = tmp_path / "feeds.toml"
    file.write_text(f"[limits]\nallow_private = true\nmax_mb = 1\ntimeout_s = 3\n{rows}", encoding="utf-8")
    return file


def test_new_articles_are_read_once(server: str, tmp_path: Path) -> None:
    feeds = load_feeds(feeds_file(tmp_path, server, "/feed"))
    with EventStore(tmp_path / "e.duckdb", create=True) as store:
        first = watch(feeds, store)
        assert (first.articles, first.failed) == (2, [])
        assert first.events == len(store.events()) > 0
        assert {one.document.published for one in store.events()} == {"2026-01-16"}
        second = watch(feeds, store)
        assert (second.articles, second.unchanged) == (0, ["/feed"])
    assert ("/feed", '"1"') in Handler.asked


def test_what_fails_is_told_and_waits(server: str, tmp_path: Path) -> None:
    now = [datetime(2026, 1, 16, tzinfo=UTC)]
    feeds = load_feeds(feeds_file(tmp_path, server, "/broken", "/entities", "/busy", "/mixed", "/nothing"))
    with EventStore(tmp_path / "e.duckdb", create=True) as store:
        found = watch(feeds, store, now=lambda: now[0])
        told = dict(found.failed)
        assert "not a feed" in told["/broken"]
        assert "declares entities" in told["/entities"]
        assert told["/busy"] == "status 503"
        assert told["/nothing"] == "status 404"
        assert "too large" in told[f"/mixed: {server}/huge"]
        assert found.articles == 1
        now[0] += timedelta(minutes=20)
        again = watch(feeds, store, now=lambda: now[0])
        assert again.waiting == ["/busy"]
        now[0] += timedelta(minutes=20)
        assert set(watch(feeds, store, now=lambda: now[0]).waiting) == {
            "/busy",
            "/broken",
            "/entities",
            "/nothing",
        }


def test_a_pass_that_was_cut_off_goes_on(server: str, tmp_path: Path) -> None:
    feeds = load_feeds(feeds_file(tmp_path, server, "/feed"))
    calls = 0

    def cut(text: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt

    with EventStore(tmp_path / "e.duckdb", create=True) as store:
        with pytest.raises(KeyboardInterrupt):
            watch(feeds, store, say=cut)
        state = load_state(state_file(store.path))
        assert len(next(iter(state.values())).seen) == 1
        assert watch(feeds, store).articles == 1


def test_faults_of_a_feeds_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataMissing):
        load_feeds(tmp_path / "none.toml")
    file = tmp_path / "feeds.toml"
    file.write_text(
        'other = 1\n[limits]\nmax_mb = -1\n[[feed]]\nname = "x"\n[[feed]]\nname = "y"\nurl = "ftp://a"\n'
    )
    with pytest.raises(InputError) as caught:
        load_feeds(file)
    assert [part in str(caught.value) for part in ("other", "max_mb", "feed 1", "ftp://a")] == [True] * 4
    file.write_text("[[feed")
    with pytest.raises(InputError, match="not TOML"):
        load_feeds(file)
    state_file(tmp_path / "e.duckdb").write_text("[]")
    with pytest.raises(InputError, match="not the memory"):
        load_state(state_file(tmp_path / "e.duckdb"))
