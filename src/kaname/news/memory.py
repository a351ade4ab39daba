"""What a text has said so far of its actors.

Filled sentence by sentence (`narrative.py`), asked by whoever reads the next one (`cast.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kaname.news.lexicon import Lexicon
from kaname.news.standins import PLURAL, SINGULAR
from kaname.terms.ontology import BLOCS

Codes = tuple[str, ...]
FRESH = 2
"""Sentences after which a charge is no longer what a denial answers."""


@dataclass
class Cast:
    """What the text has said so far of its actors."""

    lexicon: Lexicon
    home: str = ""
    """The country of the dateline."""
    heads: dict[str, Codes] = field(default_factory=dict)
    """Noun -> whose it was when last named: ministry, company, troops."""
    named_at: dict[str, int] = field(default_factory=dict)
    """Noun -> the sentence, by number, in which it was last said whose it is."""
    state: Codes = ()
    """The state that acted last, by its name or through an office."""
    state_at: int = -1
    """The sentence, by number, in which it did."""
    clock: int = 0
    """The number of the sentence that is being read."""
    recent: list[str] = field(default_factory=list)
    """Actors by when they were last named, the latest last."""
    group: Codes = ()
    """The last two or more that were named together."""
    focus: Codes = ()
    """Who did something last: whom "it" and "they" mean."""
    speaker: Codes = ()
    """Who was quoted last: whom "we" means."""
    hosts: Codes = ()
    """Whom the headings name, where they are several: who says "we" in a joint statement."""
    quoted: bool = False
    """Whether the sentence is a quotation whose speaker stands in a later one."""

    things: dict[str, Codes] = field(default_factory=dict)
    """Noun -> whose the act was that it refers to: "the pact", "the ban", "the criticism", "it"."""
    opponents: dict[str, Codes] = field(default_factory=dict)
    """Actor -> whom it last had a quarrel with."""
    accused: dict[str, int] = field(default_factory=dict)
    """Who was accused of something before -> in which sentence last, by number."""
    quarrel: Codes = ()
    """The two that last had a quarrel."""
    asked: dict[str, Codes] = field(default_factory=dict)
    """Actor -> of whom it last asked something."""
    hit: dict[str, Codes] = field(default_factory=dict)
    """Actor -> whom its last measure hit, or was eased for."""
    donor: Codes = ()
    """Who gave money or goods last."""
    aided: Codes = ()
    """Who was given money or goods last."""
    struck: Codes = ()
    """Whom the last restriction hit: whom "it" means that is blacklisted next."""
    imposer: Codes = ()
    """Who last restricted something: whose the ban is that "was lifted" and the permit that is needed."""
    asking: set[int] = field(default_factory=set)
    """Words that are being asked for now: an answer that needs itself is none."""

    def begin(self, home: str) -> None:
        """Begin an item of several, behind a dateline of its own: what the one before told is forgotten."""
        if home == self.home:
            return
        self.home = home
        self.heads, self.things, self.opponents, self.asked, self.hit = {}, {}, {}, {}, {}
        self.accused = {}
        self.group = self.quarrel = self.aided = self.donor = self.struck = self.imposer = self.speaker = ()
        self.named_at, self.state, self.state_at = {}, (home,), -1
        self.recent, self.focus = [], (home,)

    def learned(self, nouns: Iterable[str], whose: Codes) -> None:
        """Note whose some nouns are: the ministry, the company."""
        for noun in nouns:
            self.heads[noun] = whose
            self.named_at[noun] = self.clock

    def office(self, noun: str, full: str) -> Codes:
        """Return whose an office is that is named without a country: by its full name ("trade ministry"),
        else by its noun; nothing where a state has acted since.
        """
        exact = self.heads.get(full, ()) if full != noun else ()
        if exact and self.named_at.get(full, 0) >= self.state_at:
            return exact
        return self.heads.get(noun, ()) if self.named_at.get(noun, -1) >= self.state_at else ()

    def saw(self, codes: Codes) -> None:
        """Note actors as named just now."""
        for code in codes:
            if code in self.recent:
                self.recent.remove(code)
            self.recent.append(code)
            if code in BLOCS:
                self.learned(("bloc",), (code,))
        if len(codes) > 1:
            self.group = codes

    def meant_by(self, low: str) -> Codes:
        """Return whom a pronoun means by what was said before."""
        if low in {"we", "us"}:
            return self.speaker or self.hosts or self.focus
        if low in SINGULAR:
            return self.focus if len(self.focus) == 1 else ()
        if low == "both":
            return self.pair()
        if low == "them":
            return self.focus if len(self.focus) > 1 else self.group
        if low in PLURAL:
            return self.focus or self.pair()
        return ()

    def stands_accused(self) -> frozenset[str]:
        """Return who was accused of something just before: whose denial answers a charge."""
        return frozenset(code for code, at in self.accused.items() if self.clock - at <= FRESH)

    def last_doer(self) -> Codes:
        """Return whose an agent without a country is: of the one who acted last."""
        return self.focus if len(self.focus) == 1 else tuple(self.recent[-1:])

    def three(self) -> Codes:
        """Return whom "the three" means: three that were named together, else those of the headings."""
        return next((some for some in (self.group, self.hosts) if len(some) == 3), self.pair())

    def pair(self, two: bool = False) -> Codes:
        """Return whom a collective means: those last named together, else the last two. `two`: two of them,
        if need be those who quarrel.
        """
        known = bool(self.group) and set(self.group) <= set(self.recent[-len(self.group) - 2 :])
        if two and self.quarrel and (len(self.group) > 2 or not known):
            return self.quarrel
        if known and not (two and len(self.group) > 2):
            return self.group
        return tuple(self.recent[-2:]) if len(self.recent) > 1 else ()
