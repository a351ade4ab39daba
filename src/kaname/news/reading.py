"""From the bytes of a plain text or a web page to a `Document`."""

from __future__ import annotations

import re
from datetime import date

from kaname.news.document import Document, Part, Skipped
from kaname.news.intake import BYTE_ORDER_MARKS, blanked, decoded
from kaname.news.lines import Line, classified
from kaname.news.webpage import Pages

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TAG = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body|article|div|p)\b", re.I | re.S
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\s+([A-Za-z]{3,9})\.?,?\s+(\d{4})\b")
_MONTH_FIRST = re.compile(r"\b([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")


def read_document(
    data: bytes,
    name: str = "<text>",
    *,
    encoding: str | None = None,
    published: date | None = None,
    pages: Pages | None = None,
) -> Document:
    """Return a plain text or a saved web page as a document.

    HTML is told by the suffix of the name or by its first tag, and read by `pages` (by a child of its own
    where none is given). Raises InputError for what is no text or no article (see `decoded` and `Pages`).
    """
    if not is_html(data, name):
        return read_text(data, name, encoding=encoding, published=published)
    text = decoded(data, name, encoding or _charset(data))
    if pages is None:
        with Pages() as own:
            page = own.read(text, name)
    else:
        page = pages.read(text, name)
    day, origin = published, "given" if published is not None else ""
    if day is None and page.published is not None:
        day, origin = page.published, "the page"
    return _document(page.text, name, day, origin, page.title)


def read_text(
    data: bytes, name: str = "<text>", *, encoding: str | None = None, published: date | None = None
) -> Document:
    """Return a plain text as a document; offsets count in its text, line ends as `\n`.

    `published` is taken where given; else the first full date in a byline or date line, else an ISO date in
    the name; else it is missing and a note says so. Raises InputError for what is no text (see `decoded`).
    """
    origin = "given" if published is not None else ""
    return _document(decoded(data, name, encoding), name, published, origin, "")


def is_html(data: bytes, name: str) -> bool:
    """Return whether bytes are a web page: by the suffix of their name, else by their first tag."""
    return name.casefold().endswith((".html", ".htm", ".xhtml")) or _TAG.match(data) is not None


def _charset(data: bytes) -> str | None:
    """Return the encoding that a page names for itself; a byte order mark goes before it."""
    match = None if data.startswith(BYTE_ORDER_MARKS) else _CHARSET.search(data, 0, 4096)
    return None if match is None else match.group(1).decode()


def _document(text: str, name: str, day: date | None, origin: str, title: str) -> Document:
    """Return a text with its paragraphs told apart."""
    text, hidden = blanked(text)
    lines = classified(text, title)
    notes = [f"{hidden} invisible or direction-turning characters were blanked out"] if hidden else []
    if day is None:
        day, origin = _published(text, lines, name)
    if day is None:
        notes.append("no day of publication: relative dates stay open")
    first = _first(lines)
    if not title and first is not None and first.heading:
        title = text[first.start : first.end]
    parts = (line for line in lines if not line.why)
    return Document(
        name,
        text,
        title,
        day,
        origin,
        tuple(Part(line.start, line.end, "heading" if line.heading else "body") for line in parts),
        tuple(Skipped(line.start, line.end, line.why) for line in lines if line.why),
        tuple(notes),
    )


def _first(lines: tuple[Line, ...]) -> Line | None:
    """Return the first line that is read."""
    return next((line for line in lines if not line.why), None)


def _published(text: str, lines: tuple[Line, ...], name: str) -> tuple[date | None, str]:
    """Return the day of publication and where it was found."""
    for line in lines:
        if line.why == "a byline or date" and (day := full_date(text[line.start : line.end])) is not None:
            return day, "a date line of the text"
    if (match := _ISO.search(name)) is not None and (day := _day(*match.groups())) is not None:
        return day, "the name of the file"
    return None, ""


def full_date(text: str) -> date | None:
    """Return the first date with day, month and year: `2026-01-16`, `16 January 2026`, `Jan. 16, 2026`.

    Figures with strokes (`01/02/2026`) are read two ways in the world and are left alone.
    """
    if (match := _ISO.search(text)) is not None:
        return _day(*match.groups())
    if (match := _DAY_FIRST.search(text)) is not None and (month := _month(match.group(2))):
        return _day(match.group(3), month, match.group(1))
    if (match := _MONTH_FIRST.search(text)) is not None and (month := _month(match.group(1))):
        return _day(match.group(3), month, match.group(2))
    return None


def _month(word: str) -> str:
    """Return the number of a month, or nothing."""
    short = word[:3].casefold()
    return str(_MONTHS.index(short) + 1) if short in _MONTHS else ""


def _day(year: str, month: str, day: str) -> date | None:
    """Return a date, or nothing where there is no such day."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
