"""Paragraphs of a plain text, and what each is: body, heading, or nothing to read.

A page that was saved as text keeps links, captions, forms and titles; they stand as lines of their own.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

NARROW, WRAPPED = 40, 200
"""Characters: widths to which lines are broken."""
HEADING_WORDS = 25

_BLOCK = re.compile(r"[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_END = re.compile(r"[.!?\u2026:;\u3002][\"'\u201d\u2019\u00bb)\]]*$")
_BULLET = re.compile(r"^\s*(?:[-*\u2022\u2013\u2014]|\(?\d{1,2}[.)]|\(?[a-z]\))\s+")


def _any(*patterns: str) -> re.Pattern[str]:
    """Return a pattern that matches where one of several does."""
    return re.compile("|".join(patterns))


_LINK = _any(
    r"(?:read|see|watch|listen|view|explore|learn|find out|discover) (?:more|also|next|further|now|on|too)\b",
    r"read the full\b",
    r"also read\b",
    r"related (?:articles?|stories|news|posts?|content|topics?)\b",
    r"related\b[^.]{0,40}(?::|$)",
    r"more (?:on|from|in|stories|news)\b[^.]*$",
    r"most (?:read|popular|viewed)\b",
    r"(?:recommended|trending|up next)\b[^.]*$",
    r"you (?:may|might) (?:also )?like\b",
    r"(?:click here|continue reading|skip to|back to (?:top|home))\b",
    r"(?:previous|next) (?:article|post|story)\b",
    r"(?:tags?|topics?|keywords?|categor(?:y|ies)) ?:",
    r"filed under\b",
    r"share (?:this|on|via|article)\b|share$",
)
_NOTICE = _any(
    r"advertisements?\b[^.]*$|advertisements?:|more from (?:our|the)\b|from (?:our|the) archives?\b",
    r"advertising$|sponsored (?:by|content|links?)\b|promoted\b[^.]*$",
    r"subscribe\b|subscriptions?$|sign (?:up|in)\b|log ?in\b|register (?:now|here|for)\b|join (?:us|our)\b",
    r"(?:get|receive) (?:our|the|your)\b.*(?:newsletter|inbox|alerts?|briefing)|our newsletter",
    r"follow (?:us|our)\b|download (?:our|the) app\b",
    r"(?:this|our) (?:site|website|page) uses\b|we (?:use cookies|value your privacy)|accept (?:all|cookies)",
    r"cookies?\b[^.]{0,40}$|privacy (?:policy|notice)|terms (?:of (?:use|service)|and conditions)",
    r"all rights reserved|(?:\u00a9|\(c\)|copyright)|disclaimer\b|support (?:our|independent) journalism",
    r"comments? ?\(\d+\)|(?:add|leave|post|write) a (?:comment|reply)"
    r"|\d* ?comments?$|your email address|required fields",
    r"(?:name|email|website) ?\*?$|save my name\b|notify me of\b",
    r"contact (?:us\b|:)|(?:media|press) contacts?\b|for (?:more|further) information\b",
    r"about (?:the |us\b)[^.]{0,60}:",
    r"for (?:media|press) (?:enquiries|inquiries)|about us$|(?:home|menu|search|print|e-?mail)$",
    r"(?:facebook|twitter|linkedin|whatsapp|telegram|x)$|loading\b|(?:image|gallery)$",
    r"(?:\d+ )?min(?:utes?)? read\b|notes? to editors?\b|ends?$|###$",
)
_CAPTION = _any(
    r"(?:file )?(?:photo|photograph|picture|image|illustration|graphic|video|caption|credit|source|map)s?"
    r" ?(?:by\b[^.]*$|credit\b|courtesy\b|:|/|\()",
)
_BYLINE = _any(
    r"by (?:[A-Z][\w.'\u2019-]*\s?){1,4}(?:(?:,|and|\||in)\s.*)?$",
    r"(?:reporting|editing|writing|additional reporting|edited|written|compiled|translated) by\b.*",
    r"(?:updated|published|posted|last (?:updated|modified)|first published|date|release date|issued)\b"
    r" ?(?:on|at|:)? ?[^.]{0,80}$",
)
_DAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
_BARE_DATE = re.compile(
    r"(?:[A-Z][A-Za-z .'-]{2,30}, )?"
    + _DAY
    + r"(?:\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9}\.?,? \d{4}|[a-z]{3,9}\.? \d{1,2},? \d{4}|\d{4}-\d{2}-\d{2})"
    r"(?:[,T ]+\d{1,2}[:.]\d{2}.*)?$",
    re.IGNORECASE,
)
_REASONS = ((_LINK, "a link"), (_NOTICE, "a notice or form"), (_CAPTION, "a caption"))


@dataclass(frozen=True)
class Line:
    """A paragraph of a plain text: where it stands, and why it is not read, or that it is a heading."""

    start: int
    end: int
    why: str = ""
    heading: bool = False


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each paragraph: lines between empty ones, or each line if not wrapped."""
    blocks = [list(_LINE.finditer(text, one.start(), one.end())) for one in _BLOCK.finditer(text)]
    told = [[line.group() for line in lines] for lines in blocks]
    width = _width(_broken(told))
    for lines, parts in zip(blocks, told, strict=True):
        own = width or _width(list(itertools.pairwise(parts)) if _broken([parts]) else [])
        first = 0
        for last in range(len(lines)):
            if last + 1 == len(lines) or not _goes_on(parts[last], parts[last + 1], own):
                yield _stripped(text, lines[first].start(), lines[last].end())
                first = last + 1


def _broken(blocks: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the lines that end within a sentence, each with the next, which goes on in small letters."""
    return [
        (line, after)
        for lines in blocks
        for line, after in itertools.pairwise(lines)
        if after.lstrip()[:1].islower() and not _END.search(line)
    ]


def _width(pairs: Sequence[tuple[str, str]]) -> range:
    """Return the widths to which lines may have been broken: none was wider, and none had room for the first
    word of the next; empty where there is no such width.
    """
    least = max((len(line) for line, _ in pairs), default=0)
    most = min((_room(line, after) for line, after in pairs), default=0)
    return range(max(least, NARROW), min(most, WRAPPED) + 1)


def _goes_on(line: str, after: str, widths: range) -> bool:
    """Return whether a line was broken to one of some widths before the next, which is none by itself."""
    if not widths or _BULLET.match(after) or _reason(after.strip()):
        return False
    return len(line) <= widths[-1] and widths[0] <= _room(line, after)


def _room(line: str, after: str) -> int:
    """Return the greatest width at which a line had no room for the first word of the next."""
    return len(line) + len(after.split(maxsplit=1)[0])


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """Return start and end without the white space at either side."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip()))


def classified(text: str, title: str = "") -> tuple[Line, ...]:
    """Return the paragraphs of a text with what they are; without a `title` its first heading is one.

    A heading has no full stop at its end and few words. What repeats an earlier paragraph, or the title
    several times over, is left out.
    """
    found: list[Line] = []
    seen: set[str] = set()
    title = re.sub(r"\s+", " ", title).casefold()
    for start, end in paragraphs(text):
        part = re.sub(r"\s+", " ", text[start:end])
        why = _reason(part)
        plain = part.casefold()
        again = plain in seen or (title and plain != title and _repeats(plain, title))
        if not why and again:
            why = "a repetition"
        heading = not why and _is_heading(part)
        if not why:
            seen.add(plain)
            title = title or (plain if heading else "")
        found.append(Line(start, end, why, heading))
    return tuple(found)


def _reason(part: str) -> str:
    """Return why a paragraph is not read, or nothing."""
    low = part.casefold().lstrip(" *|>#\u2022\u00bb\u203a-")
    if not re.search(r"\w", part):
        return "a rule or sign"
    long = len(part.split()) > 2 * HEADING_WORDS
    for pattern, why in _REASONS:
        if not long and pattern.match(low):
            return why
    if len(part) < 200 and (_BYLINE.match(part) or _BYLINE.match(low) or _BARE_DATE.match(part)):
        return "a byline or date"
    return ""


def _is_heading(part: str) -> bool:
    """Return whether a paragraph is a heading: short, without an end of sentence, no item of a list."""
    return len(part.split()) <= HEADING_WORDS and not _END.search(part) and not _BULLET.match(part)


def _repeats(plain: str, title: str) -> bool:
    """Return whether a paragraph is nothing but a title, once or several times."""
    return plain.replace(title, "").strip(" |-") == ""
