"""The catalogues: the same keys and places for values in both languages, and every key that a page uses."""

from __future__ import annotations

import re
from pathlib import Path

import kaname.web
from kaname.web.words import LANGUAGES, catalogue

ROOM = Path(kaname.web.__file__).parent
KEY = re.compile(r"say\(\s*(?:\"en\", )?f?\"([a-z]+\.[a-z.{}_]+)\"")


def test_both_languages_say_the_same_things() -> None:
    first, *others = (catalogue(language) for language in LANGUAGES)
    for other in others:
        assert set(other) == set(first)
        for key, text in first.items():
            assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", other[key])), key


def test_every_key_in_the_pages_is_in_the_catalogue() -> None:
    keys = set(catalogue("en"))
    used = {key for path in ROOM.rglob("*.py") for key in KEY.findall(path.read_text(encoding="utf-8"))}
    assert used
    for key in used:
        form = re.compile(re.sub(r"{\w*(\.\w+)*}", r"[a-z._]+", key) + "$")
        assert any(form.match(known) for known in keys), key


def test_the_japanese_pages_speak_plainly() -> None:
    """As a ministry writes: no polite endings, full-width brackets and colons between Japanese words."""
    japanese = catalogue("ja")
    polite = re.compile(r"です|ます|ません|ください|でした")
    assert {key: text for key, text in japanese.items() if polite.search(text)} == {}
    narrow = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff][(:]|[):][\u3040-\u30ff\u4e00-\u9fff]")
    assert {key: text for key, text in japanese.items() if narrow.search(text)} == {}
