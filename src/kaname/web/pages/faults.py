"""What is wrong, as a page says it: problems are English wherever they are found; a page in another language
tells those that its catalogue knows, by their text or their pattern, and marks the rest as English.
"""

from __future__ import annotations

import re

from kaname.report.charts.svg import escape, tag
from kaname.terms.errors import Problem
from kaname.web.words import say
from kaname.web.words.found import in_words

ENGLISH = "en"
PLACED = re.compile(r"([a-z_][\w.\[\]]*): (.+)", re.DOTALL)
"""A fault of a scenario behind the path of its key."""


def fault(language: str, one: Problem, *, where: bool = True) -> str:
    """Return the markup of a problem, with its place or without."""
    if language == ENGLISH:
        return escape(str(one) if where else _english(one))
    placed = PLACED.fullmatch(one.what)
    path, what = placed.groups() if placed else (one.where if where else "", one.what)
    colon = escape(say(language, "colon"))
    told = (escape(path) + colon if path else "") + _part(language, what)
    for key, text in (("got", one.got), ("expected", one.expected), ("fix", one.fix)):
        if text:
            told += say(language, f"fault.{key}", **{key: "\0"}).replace("\0", _part(language, text))
    return told if told.endswith("\N{IDEOGRAPHIC FULL STOP}") else told + say(language, "fault.end")


def _english(one: Problem) -> str:
    text = one.what + (f"; got {one.got}" if one.got else "")
    text += f", expected {one.expected}" if one.expected else ""
    return text + (f". {one.fix}" if one.fix else ".")


def _part(language: str, text: str) -> str:
    """Return a part of a problem, marked as English where nothing else is known and it has words."""
    told = in_words(language, text)
    if told is not None:
        return escape(told)
    return tag("span", escape(text), lang=ENGLISH) if re.search("[a-z]{3}", text) else escape(text)
