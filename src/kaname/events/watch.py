"""Feeds watched: new articles of RSS and Atom feeds read into the event store, one polite request at a time.

One pass asks each feed that is due, reads what it has not seen, and remembers after every article, so that a
pass that was cut off goes on where it stopped.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from kaname.data.event_store import EventStore
from kaname.data.folders import write_file
from kaname.events.fetch import Answer, FetchError, Limits, fetch
from kaname.events.taken import keep
from kaname.news.read import read_events
from kaname.news.reading import read_document
from kaname.news.webpage import Pages
from kaname.terms.errors import DataMissing, InputError, KanameError, Problem
from kaname.terms.extras import require_extra

FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=24)
SEEN = 5000
"""Articles of a feed that are remembered; feeds hold fewer than a hundred at a time."""
Fetch = Callable[[str, Limits, Mapping[str, str]], Answer]


@dataclass(frozen=True)
class Feed:
    """A feed to watch: its name, address, and what a fetch may take."""

    name: str
    url: str
    limits: Limits
    newest: int


@dataclass(frozen=True)
class FeedState:
    """What is remembered of a feed between passes."""

    etag: str = ""
    modified: str = ""
    failures: int = 0
    not_before: str = ""
    seen: tuple[str, ...] = ()


@dataclass
class Pass:
    """What one pass found: articles read, events kept, and what went wrong, each with its reason."""

    articles: int = 0
    events: int = 0
    unchanged: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def load_feeds(path: str | Path) -> tuple[Feed, ...]:
    """Return the feeds of a TOML file: `[[feed]]` with name and url; limits in `[limits]`.

    Raises DataMissing where there is no file, InputError with all faults of it.
    """
    file = Path(path)
    if not file.is_file():
        raise DataMissing(
            Problem("no such file", str(file), fix="Write [[feed]] tables with name and url into it")
        )
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"not TOML: {error}", str(file))) from None
    limits, problems = _limits(content.get("limits", {}), str(file))
    problems += [
        Problem("unknown key", str(file), key, "feed, limits")
        for key in sorted(set(content) - {"feed", "limits"})
    ]
    newest = int(content.get("limits", {}).get("newest", 30)) if not problems else 30
    feeds = []
    for number, row in enumerate(content.get("feed", []), start=1):
        where = f"{file}: feed {number}"
        if (
            not isinstance(row, dict)
            or set(row) - {"name", "url"}
            or not row.get("name")
            or not row.get("url")
        ):
            problems.append(
                Problem("a feed has a name and a url", where, str(row), 'name = "...", url = "https://..."')
            )
        elif not str(row["url"]).startswith(("http://", "https://")):
            problems.append(Problem("not an address that is read", where, str(row["url"]), "http or https"))
        else:
            feeds.append(Feed(str(row["name"]), str(row["url"]), limits, newest))
    names = [feed.name for feed in feeds]
    problems += [
        Problem("a name is used twice", str(file), name)
        for name in sorted({n for n in names if names.count(n) > 1})
    ]
    if not feeds and not problems:
        problems.append(Problem("no feed", str(file), expected="[[feed]] with name and url"))
    if problems:
        raise InputError(problems)
    return tuple(feeds)


def _limits(row: Any, where: str) -> tuple[Limits, list[Problem]]:
    """Return the limits of the file, and the faults of that table."""
    kinds = {"max_mb": (int, float), "timeout_s": (int, float), "allow_private": (bool,), "newest": (int,)}
    if not isinstance(row, dict):
        return Limits(), [Problem("limits is a table", where, str(row), "[limits]")]
    problems = [
        Problem("unknown limit or wrong value", f"{where}: limits", f"{key} = {value!r}", ", ".join(kinds))
        for key, value in row.items()
        if key not in kinds
        or not isinstance(value, kinds[key])
        or (isinstance(value, bool) != (key == "allow_private"))
        or (not isinstance(value, bool) and value <= 0)
    ]
    if problems:
        return Limits(), problems
    return Limits(
        int(row.get("max_mb", 5) * 1e6), float(row.get("timeout_s", 20.0)), row.get("allow_private", False)
    ), []


def watch(
    feeds: tuple[Feed, ...],
    store: EventStore,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    say: Callable[[str], None] = lambda text: None,
    get: Fetch = fetch,
) -> Pass:
    """Ask each feed that is due once, and keep the events of its new articles.

    A feed or article that fails is told in the result and tried again later (after 15 minutes, then twice as
    long each time, at most a day); the others go on.
    """
    found = Pass()
    path = state_file(store.path)
    states = load_state(path)
    with Pages() as pages:
        for feed in feeds:
            before = states.get(feed.url, FeedState())
            if before.not_before > now().isoformat():
                found.waiting.append(feed.name)
                continue
            for state in _one(feed, before, store, pages, found, now, say, get):
                states[feed.url] = state
                write_file(
                    path, json.dumps({url: asdict(one) for url, one in states.items()}, indent=1).encode()
                )
    return found


def state_file(store: Path) -> Path:
    """Return where the memory of the feeds lies: beside the store."""
    return store.with_name(store.name + ".feeds.json")


def load_state(path: Path) -> dict[str, FeedState]:
    """Return what is remembered of each feed; nothing where there is no file, InputError where it is
    broken.
    """
    if not path.is_file():
        return {}
    try:
        return {
            url: FeedState(**(row | {"seen": tuple(row["seen"])}))
            for url, row in json.loads(path.read_text(encoding="utf-8")).items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        fix = "Remove it: feeds are then read anew, and articles that are in the store are not kept twice"
        raise InputError(Problem(f"not the memory of watched feeds: {error}", str(path), fix=fix)) from None


def _one(
    feed: Feed,
    state: FeedState,
    store: EventStore,
    pages: Pages,
    found: Pass,
    now: Callable[[], datetime],
    say: Callable[[str], None],
    get: Fetch,
) -> Iterator[FeedState]:
    """Read one feed; yield what is to be remembered after each article."""
    headers = {"If-None-Match": state.etag} if state.etag else {}
    headers |= {"If-Modified-Since": state.modified} if state.modified else {}
    say(f"{feed.name}: asking")
    try:
        answer = get(feed.url, feed.limits, headers)
        entries = _entries(answer, feed) if answer.status != 304 else []
    except KanameError as error:
        found.failed.append((feed.name, str(error)))
        yield _later(state, now(), "")
        return
    if answer.status == 304:
        found.unchanged.append(feed.name)
        yield replace(state, failures=0, not_before="")
        return
    if answer.status >= 400:
        found.failed.append((feed.name, f"status {answer.status}"))
        yield _later(state, now(), answer.headers.get("retry-after", ""))
        return
    again = False
    for key, link, day in entries:
        if key in state.seen:
            continue
        say(f"{feed.name}: {link}")
        try:
            page = get(link, feed.limits, {})
            if page.status >= 400:
                raise FetchError(Problem(f"status {page.status}", link))
            document = read_document(page.body, link, pages=pages, published=day)
            found.events += keep(read_events(document), store, link)
            found.articles += 1
        except KanameError as error:
            found.failed.append((f"{feed.name}: {link}", str(error)))
            if isinstance(error, FetchError):  # asked again with the next pass; what is no article is not
                again = True
                continue
        state = replace(state, seen=(*state.seen, key)[-SEEN:])
        yield state
    yield replace(
        state,
        etag="" if again else answer.headers.get("etag", ""),
        modified="" if again else answer.headers.get("last-modified", ""),
        failures=0,
        not_before="",
    )


def _later(state: FeedState, now: datetime, retry_after: str) -> FeedState:
    """Return the state of a feed that failed: when it may be asked again."""
    wait = min(FIRST_WAIT * 2**state.failures, LONGEST_WAIT)
    if retry_after.isdigit():
        wait = max(wait, min(timedelta(seconds=int(retry_after)), LONGEST_WAIT))
    return replace(state, failures=min(state.failures + 1, 10), not_before=(now + wait).isoformat())


def _entries(answer: Answer, feed: Feed) -> list[tuple[str, str, date | None]]:
    """Return key, link and day of the newest articles of a feed, oldest first.

    Raises FetchError for what is no feed, and for XML that declares entities (they can grow without end).
    """
    if answer.status >= 400:
        return []
    _refuse_entities(answer.body, feed.url)
    parsed = require_extra("news", "feedparser").parse(
        answer.body, response_headers={"content-type": "application/xml"}
    )
    found = []
    for entry in parsed.entries[: feed.newest]:
        link = str(entry.get("link", ""))
        if not link.startswith(("http://", "https://")):
            continue
        when = entry.get("published_parsed") or entry.get("updated_parsed")
        found.append((str(entry.get("id") or link), link, date(*when[:3]) if when else None))
    if not found and (parsed.bozo or not parsed.version):
        raise FetchError(
            Problem(
                "not a feed", feed.url, str(parsed.get("bozo_exception", "no entries"))[:200], "RSS or Atom"
            )
        )
    return found[::-1]


def _refuse_entities(body: bytes, url: str) -> None:
    """Refuse XML that declares entities; XML with faults is left to the reader of feeds."""
    sax = require_extra("news", "defusedxml.sax")
    common = require_extra("news", "defusedxml.common")
    from xml.sax import ContentHandler, SAXException  # noqa: PLC0415

    try:
        sax.parseString(body, ContentHandler())
    except common.DefusedXmlException as error:
        raise FetchError(
            Problem("a feed that declares entities", url, type(error).__name__, "plain RSS or Atom")
        ) from None
    except (SAXException, ValueError, LookupError):
        return
