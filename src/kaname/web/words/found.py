"""What the server says in English while it works or refuses, as the pages tell it: steps of a run, parts of
problems. The catalogue knows whole texts and templates; what it does not know stays English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from kaname.report.words import case_title
from kaname.terms.language import speaking

NUMBER = r"-?[\d.,e+]+"
_FIELD = re.compile(r"\\{(\w+)\\}")


def in_words(language: str, text: str) -> str | None:
    """Return a text of a problem in a language; None where the catalogue does not know it."""
    known = _catalogue(language)
    if text in known:
        return known[text]
    for template, pattern in _patterns(language):
        found = pattern.fullmatch(text)
        if found is not None:
            values = {name: _value(language, value) for name, value in found.groupdict().items()}
            return known[template].format(**values)
    return None


def _value(language: str, text: str) -> str:
    """Return a value in a language where it is known, as the title of a shipped scenario is."""
    known = _catalogue(language)
    if text in known:
        return known[text]
    with speaking(language):
        return case_title(text)


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    text = resources.files("kaname.web.words").joinpath(f"faults.{language}.json")
    return MappingProxyType(json.loads(text.read_text(encoding="utf-8")))


@cache
def _patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the templates of a catalogue as patterns: `low` and `high` are numbers, `text` is any text."""

    def shape(template: str) -> str:
        return _FIELD.sub(
            lambda hit: f"(?P<{hit[1]}>{'.+' if hit[1] == 'text' else NUMBER})", re.escape(template)
        )

    return tuple(
        (one, re.compile(shape(one), re.DOTALL))
        for one in _catalogue(language)
        if _FIELD.search(re.escape(one))
    )
