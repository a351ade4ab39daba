"""Bytes from an http(s) address, within limits: size, time, redirects, and no address inside a private
network.

The name is resolved first and the connection goes to the address that was checked, so that a name that
resolves differently a second later gains nothing.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from kaname.terms.errors import InputError, KanameError, Problem

AGENT = "kaname (open-source reader of news on economic security)"
MAX_BYTES = 5_000_000
TIMEOUT_S = 20.0
MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
CHUNK = 65_536


class FetchError(KanameError):
    """An address that gave nothing: unreachable, refused, too slow, too large (exit code 1)."""


@dataclass(frozen=True)
class Limits:
    """What a fetch may take."""

    max_bytes: int = MAX_BYTES
    timeout_s: float = TIMEOUT_S
    allow_private: bool = False


@dataclass(frozen=True)
class Answer:
    """What a server sent: the final address, status, body, and headers in small letters."""

    url: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def fetch(url: str, limits: Limits | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """Return what an address answers; redirects are followed, each checked as the first.

    Raises InputError for what is no http(s) address, FetchError for private addresses, too many redirects,
    more bytes than allowed (unpacked ones counted), or no answer within the time.
    """
    given = limits or Limits()
    deadline = time.monotonic() + given.timeout_s
    for _ in range(MAX_REDIRECTS + 1):
        answer = _once(url, given, dict(headers or {}), deadline)
        target = answer.headers.get("location")
        if answer.status not in _REDIRECTS or not target:
            return answer
        url = urljoin(url, target)
    raise FetchError(Problem("too many redirects", url, f"more than {MAX_REDIRECTS}"))


def _once(url: str, limits: Limits, headers: dict[str, str], deadline: float) -> Answer:
    """Return the answer of one request."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(Problem(f"not an address: {error}", url[:200])) from None
    if parts.scheme not in {"http", "https"} or not host:
        raise InputError(
            Problem("not an address that is read", url[:200], parts.scheme or "no scheme", "http or https")
        )
    port = port or (443 if parts.scheme == "https" else 80)
    address = _checked(host, port, limits.allow_private)
    connection = _connection(parts.scheme, host, port, address, max(deadline - time.monotonic(), 0.1))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(
            "GET",
            path,
            headers={"User-Agent": AGENT, "Accept-Encoding": "gzip", "Connection": "close"} | headers,
        )
        response = connection.getresponse()
        body = _body(response, connection, limits.max_bytes, deadline, url)
        found = {name.casefold(): value for name, value in response.getheaders()}
        return Answer(url, response.status, body, found)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(Problem(f"no answer: {error or type(error).__name__}", url[:200])) from None
    finally:
        connection.close()


def _checked(host: str, port: int, allow_private: bool) -> str:
    """Return the address of a host; FetchError where it has none, or only private ones."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(Problem(f"the name is not known: {error}", host)) from None
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if allow_private or ipaddress.ip_address(address.split("%")[0]).is_global:
            return address
    fix = "Allow it with allow_private = true in the feeds file, if it is yours"
    raise FetchError(
        Problem("an address inside a private network", host, ", ".join(addresses), "a public address", fix)
    )


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked, under the name that was asked for."""

    def __init__(self, host: str, port: int, address: str, timeout_s: float, secure: bool) -> None:
        super().__init__(host, port, timeout=timeout_s)
        self._address = address
        self._secure = secure

    def connect(self) -> None:
        """Connect to the address; over TLS with the name of the host."""
        plain = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        else:
            self.sock = plain


def _connection(scheme: str, host: str, port: int, address: str, timeout_s: float) -> _Pinned:
    return _Pinned(host, port, address, timeout_s, scheme == "https")


def _body(
    response: http.client.HTTPResponse, connection: _Pinned, most: int, deadline: float, url: str
) -> bytes:
    """Return the body, unpacked; FetchError where it is too long or too slow."""
    packed = response.getheader("Content-Encoding", "").casefold() == "gzip"
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if packed else None
    parts, size = [], 0
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise FetchError(Problem("too slow", url[:200], fix="Try again later, or raise timeout_s"))
        if connection.sock is not None:
            connection.sock.settimeout(left)
        chunk = response.read1(CHUNK)
        if not chunk:
            break
        piece = unpack.decompress(chunk, most + 1) if unpack is not None else chunk
        parts.append(piece)
        size += len(piece)
        if size > most:
            got, expected = f"more than {most / 1e6:g} MB", "less, or a larger max_mb in the feeds file"
            raise FetchError(Problem("too large", url[:200], got, expected))
    return b"".join(parts)
