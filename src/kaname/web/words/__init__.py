"""What the pages say by themselves, in English and Japanese; what a run says comes from the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

LANGUAGES = ("en", "ja")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return key -> text of a language; unknown languages are English."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    text = resources.files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    return MappingProxyType(json.loads(text))


def say(language: str, key: str, **values: object) -> str:
    """Return the text of a key with its values. Raises KeyError for a key that no catalogue has."""
    return catalogue(language)[key].format(**values)
