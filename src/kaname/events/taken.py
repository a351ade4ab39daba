"""From a file to the event store: read, and keep what was read."""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from kaname.data.event_store import EventStore
from kaname.data.stored_event import NewDocument
from kaname.news.read import Reading, read_events
from kaname.news.reading import read_document
from kaname.terms.errors import DataMissing, InputError, Problem

STDIN = "-"


def read_article(
    source: str | Path,
    *,
    published: date | None = None,
    encoding: str | None = None,
    tables: str | Path | None = None,
) -> Reading:
    """Return the events of an article: a file of text or HTML, or `-` for standard input.

    `published` is the day that relative dates count from where the text does not say. Raises DataMissing
    where
    there is no such file or the extra `news` is not installed, InputError for what is no text.
    """
    data, name = _bytes(source)
    document = read_document(data, name, encoding=encoding, published=published)
    return read_events(document, tables=tables)


def _bytes(source: str | Path) -> tuple[bytes, str]:
    """Return the bytes of a source and what to call it."""
    if str(source) == STDIN:
        return sys.stdin.buffer.read(), "<stdin>"
    path = Path(source)
    if not path.exists():
        raise DataMissing(Problem("no such file", str(path), fix="Give a file, or - for standard input"))
    if not path.is_file():
        raise InputError(Problem("not a file", str(path), "a folder or device", "a file of text or HTML"))
    try:
        return path.read_bytes(), path.name
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", str(path))) from None


def keep(reading: Reading, store: EventStore, origin: str = "", at: datetime | None = None) -> int:
    """Keep a reading in the store; return how many events are new.

    `origin` is where it came from, such as a path or an address: a later text of the same name and origin
    replaces the earlier one.
    """
    document = reading.document
    new = NewDocument(
        sha256=hashlib.sha256(document.text.encode()).hexdigest(),
        name=document.name,
        title=document.title,
        published=document.published.isoformat() if document.published else None,
        published_from=document.published_from,
        language=reading.language,
        origin=origin,
        text=document.text,
        events=reading.events,
    )
    return store.add(new, at or datetime.now(UTC).replace(tzinfo=None, microsecond=0))
