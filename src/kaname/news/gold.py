"""Texts coded by hand, and how well one coding agrees with another (`docs/events-codebook.md`)."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from scipy.optimize import linear_sum_assignment

from kaname.terms.codes import is_country_code
from kaname.terms.errors import InputError, Problem
from kaname.terms.ontology import BLOCS, MODES, MUTUAL, PRECISIONS, STATUSES, TRAPS

DATE_FORMS = {
    "day": r"\d{4}-\d{2}-\d{2}",
    "week": r"\d{4}-W\d{2}",
    "month": r"\d{4}-\d{2}",
    "quarter": r"\d{4}-Q[1-4]",
    "year": r"\d{4}",
}

TIE = 1e-4
"""Of a match: what agreement in mode and in status counts; a thousand of them are less than one match."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GoldEvent(_Strict):
    """An event as coded by hand."""

    sentence: str = Field(min_length=1)
    type: str
    mode: str | None = None
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    status: str
    date: str | None = None
    date_precision: str | None = None
    amount: float | None = None
    currency: str | None = None
    products: tuple[str, ...] = ()
    object: str | None = None
    place: str | None = None

    @field_validator("date", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """Return a date that YAML has read as one, or a bare year, as text."""
        if isinstance(value, dt.date):
            return value.isoformat()
        return str(value) if isinstance(value, int) else value

    @model_validator(mode="after")
    def _agrees(self) -> GoldEvent:
        """Refuse what the codebook does not know."""
        if self.type not in MODES:
            raise ValueError(f"type {self.type!r} is none of {', '.join(MODES)}")
        if self.mode is not None and self.mode not in MODES[self.type]:
            raise ValueError(f"mode {self.mode!r} is none of {self.type}")
        if self.status not in STATUSES:
            raise ValueError(f"status {self.status!r} is none of {', '.join(STATUSES)}")
        for code in (*self.source, *self.target):
            if code not in BLOCS and not is_country_code(code):
                raise ValueError(f"{code!r} is neither a country nor a bloc")
        if (self.date is None) != (self.date_precision is None):
            raise ValueError("date and date_precision go together")
        if self.date is not None and (
            self.date_precision not in PRECISIONS
            or not re.fullmatch(DATE_FORMS[str(self.date_precision)], self.date)
        ):
            raise ValueError(f"{self.date!r} is no date of precision {self.date_precision!r}")
        if (self.amount is None) != (self.currency is None):
            raise ValueError("amount and currency go together")
        return self

    @property
    def parties(self) -> tuple[frozenset[str], ...]:
        """Return who did it to whom; both together where the type has no direction."""
        if self.type in MUTUAL:
            return (frozenset((*self.source, *self.target)),)
        return frozenset(self.source), frozenset(self.target)


class Trap(_Strict):
    """A sentence that misleads, with one word why."""

    sentence: str = Field(min_length=1)
    why: str

    @field_validator("why")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in TRAPS:
            raise ValueError(f"{value!r} is none of {', '.join(TRAPS)}")
        return value


class GoldText(_Strict):
    """A text with its events and traps."""

    id: str
    kind: Literal["agency", "statement", "trade-press", "analysis", "brief"]
    published: dt.date | None = None
    language: str
    text: str = Field(min_length=1)
    events: tuple[GoldEvent, ...] = ()
    traps: tuple[Trap, ...] = ()

    @model_validator(mode="after")
    def _found(self) -> GoldText:
        """Refuse sentences that are not in the text."""
        text = plain(self.text)
        sentences = [event.sentence for event in self.events] + [trap.sentence for trap in self.traps]
        lost = [sentence for sentence in sentences if plain(sentence) not in text]
        if lost:
            raise ValueError(f"not in the text: {lost[0]!r}" + f" and {len(lost) - 1} more" * (len(lost) > 1))
        return self


def plain(text: str) -> str:
    """Return a text with each run of white space as one space."""
    return re.sub(r"\s+", " ", text).strip()


def load_gold(folder: str | Path) -> tuple[GoldText, ...]:
    """Return the texts of a folder's YAML files, by file name.

    Raises InputError with the faults of all files at once, for ids used twice, and where there is no file.
    """
    files = sorted(Path(folder).glob("*.yaml"))
    found: list[GoldText] = []
    problems = [] if files else [Problem("no coded text", str(folder), "no *.yaml", "at least one")]
    for file in files:
        try:
            found.append(GoldText.model_validate(YAML(typ="safe").load(file.read_text(encoding="utf-8"))))
        except YAMLError as error:
            problems.append(Problem(f"not valid YAML: {str(error).splitlines()[0]}", file.name))
        except ValidationError as error:
            for fault in error.errors():
                where = ".".join(map(str, fault["loc"]))
                problems.append(Problem(fault["msg"], f"{file.name}: {where}" if where else file.name))
    again = [name for name, count in Counter(text.id for text in found).items() if count > 1]
    problems += [Problem("an id is used twice", str(folder), name, "an id of its own") for name in again]
    if problems:
        raise InputError(problems)
    return tuple(found)


@dataclass(frozen=True)
class Agreement:
    """Counts over one or more texts: events of either coding, and how many of them are matched."""

    gold: int
    other: int
    matched: int

    @property
    def precision(self) -> float:
        """Return the share of the other coding's events that are matched; NaN without any."""
        return self.matched / self.other if self.other else float("nan")

    @property
    def recall(self) -> float:
        """Return the share of the gold events that are matched; NaN without any."""
        return self.matched / self.gold if self.gold else float("nan")

    @property
    def f(self) -> float:
        """Return the harmonic mean of precision and recall; NaN without any event."""
        both = self.gold + self.other
        return 2.0 * self.matched / both if both else float("nan")


Alike = Callable[[GoldEvent, GoldEvent], bool]


def strict(one: GoldEvent, other: GoldEvent) -> bool:
    """Return whether two events have the same sentence, type and parties."""
    return (
        one.type == other.type
        and one.parties == other.parties
        and _same_sentence(one.sentence, other.sentence)
    )


def relaxed(one: GoldEvent, other: GoldEvent) -> bool:
    """Return whether two events have the same type and source (all parties where it has no direction)."""
    return one.type == other.type and one.parties[0] == other.parties[0]


def _same_sentence(one: str, other: str) -> bool:
    """Return whether one sentence holds the other: coders may cut a quotation or a list differently."""
    one, other = plain(one), plain(other)
    return one in other or other in one


def matches(
    gold: Sequence[GoldEvent], other: Sequence[GoldEvent], alike: Alike = strict
) -> tuple[tuple[int, int], ...]:
    """Return as many pairs of alike events as possible, each event once: (index in gold, index in other).

    Of several ways to pair, one is taken in which most pairs agree in mode and status as well.
    """
    if not gold or not other:
        return ()
    worth = np.array(
        [
            [
                0.0 if not alike(a, b) else 1.0 + TIE * (a.mode == b.mode) + TIE * (a.status == b.status)
                for b in other
            ]
            for a in gold
        ]
    )
    rows, columns = linear_sum_assignment(worth, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return tuple((i, j) for i, j in pairs if worth[i, j] > 0.0)


def agreement(
    gold: Sequence[Sequence[GoldEvent]], other: Sequence[Sequence[GoldEvent]], alike: Alike = strict
) -> Agreement:
    """Return the agreement over texts, the n-th of one coding with the n-th of the other."""
    pairs = [len(matches(a, b, alike)) for a, b in zip(gold, other, strict=True)]
    return Agreement(sum(map(len, gold)), sum(map(len, other)), sum(pairs))
