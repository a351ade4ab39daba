"""An event as reading finds it, before it gets an id and a sentence of its own."""

from __future__ import annotations

from dataclasses import dataclass

from kaname.news.patterns import Pattern
from kaname.news.roles import Parties
from kaname.news.sentence import Sentence
from kaname.news.slots import Slots


@dataclass(frozen=True)
class Coded:
    """An event as found: by which pattern at which word of which sentence."""

    sentence: Sentence
    trigger: int
    pattern: Pattern
    parties: Parties
    status: str
    slots: Slots
