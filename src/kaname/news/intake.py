"""From bytes to text: what is no text is refused with its place, what is invisible is blanked out.

No encoding is guessed: UTF-8, or the one that a byte order mark or the caller names.
"""

from __future__ import annotations

import codecs
import re

from kaname.terms.errors import InputError, Problem

MAX_BYTES = 20_000_000
"""Of one text: a long article has 50 kB, a long report 5 MB."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BYTE_ORDER_MARKS = tuple(mark for mark, _ in _MARKS)
_FORMATS = (
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive (DOCX, XLSX, EPUB)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "an RTF file"),
)
_BLANKED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Control characters, those of width zero, and those that turn the direction of writing."""


def decoded(data: bytes, name: str, encoding: str | None = None) -> str:
    """Return the text of some bytes, line ends as `\\n`.

    Raises InputError for what is empty, larger than `MAX_BYTES`, a known format that is no text, holds zero
    bytes, or is not in its encoding (with line and column of the first byte that is not).
    """
    if len(data) > MAX_BYTES:
        got, most = f"{len(data) / 1e6:,.0f} MB", f"at most {MAX_BYTES / 1e6:.0f} MB"
        raise InputError(Problem("the text is too long", name, got, most, "Save the article alone."))
    if not data.strip(b" \t\r\n"):
        raise InputError(Problem("the text is empty", name, f"{len(data)} bytes", "a text"))
    for magic, what in _FORMATS:
        if data.startswith(magic):
            raise InputError(Problem("not a text", name, what, "text or HTML", "Save it as text."))
    found = encoding or next((code for mark, code in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(found)
    except LookupError:
        raise InputError(Problem("unknown encoding", name, repr(found), "for instance utf-8")) from None
    except UnicodeError as error:
        raise InputError(_undecoded(data, name, found, error)) from None
    if text.count("\x00") > 0:
        raise InputError(Problem("not a text", name, "zero bytes", "text or HTML", "Is it a binary file?"))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _undecoded(data: bytes, name: str, encoding: str, error: UnicodeError) -> Problem:
    """Return the problem of bytes that are not in their encoding."""
    at = getattr(error, "start", 0)
    line = data.count(b"\n", 0, at) + 1
    column = at - data.rfind(b"\n", 0, at)
    got = f"byte 0x{data[at]:02x}" if at < len(data) else "an end in the middle of a character"
    fix = "Name the encoding it was saved in, or save it as UTF-8."
    return Problem(f"not {encoding}", name, got, f"text in {encoding}", fix, line, column)


def blanked(text: str) -> tuple[str, int]:
    """Return the text with each invisible or direction-turning character as a space, and how many.

    Length and offsets stay. A direction mark can make a reader see other words than those that are read.
    """
    clean, count = _BLANKED.subn(" ", text)
    return clean, count
