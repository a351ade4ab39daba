"""A number with its range and distribution, the evidence for it, and what every part of a scenario shares."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Number = Annotated[float, Field(strict=True)]
Share = Annotated[float, Field(ge=0.0, le=1.0, strict=True)]
Text = Annotated[str, Field(min_length=1)]


class Fault(NamedTuple):
    """A fault between keys of one part: which key is to blame, what is wrong, both sides."""

    key: str
    what: str
    got: str
    expected: str


def _day(value: object) -> object:
    """Let through dates and ISO text; numbers and times of day are refused, never read as time stamps."""
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date | str):
        raise PydanticCustomError("day", "not a date", {})
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("day", "not a date", {}) from None
    return value


Day = Annotated[dt.date, BeforeValidator(_day, json_schema_input_type=dt.date)]


class Part(BaseModel):
    """Common settings of every part of a scenario: frozen, unknown keys and non-finite numbers refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Return what is wrong between the keys of `raw`, whose values may be unvalidated; [] if nothing."""
        return []

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        """Refuse a part whose keys contradict each other."""
        found = self.faults({name: getattr(self, name) for name in type(self).model_fields})
        if found:
            text = "; ".join(f"{f.key}: {f.what} (got {f.got}, expected {f.expected})" for f in found)
            raise PydanticCustomError("faults", "{text}", {"text": text})
        return self


class Evidence(Part):
    """Where an assumption comes from: a source, or a reviewed event."""

    source: str = Field(default="", description="Publisher and title, or `assumed` with the reason.")
    event: str = Field(default="", description="Id of a reviewed event, instead of or beside the source.")
    date: Day | None = Field(default=None, description="Date of the source, YYYY-MM-DD.")
    page: str = Field(default="", description="Page, section, article or row.")
    url: str = Field(default="", description="Address, where public.")
    grade: Literal["observed", "reported", "estimated", "assumed"] = Field(
        default="assumed",
        description="observed: official text or statistics; reported: press; estimated: computed; "
        "assumed: judgement.",
    )

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse evidence that names neither a source nor an event."""
        if raw.get("source") or raw.get("event"):
            return []
        return [Fault("source", "evidence names no source", "neither source nor event", "one of the two")]


def as_number(value: object) -> float | None:
    """Return a finite number, or None for anything else (bool included)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def range_numbers(value: object) -> tuple[float, float, float] | None:
    """Return (low, central, high) of a Range, of a mapping like one, or of a plain number; else None."""
    if isinstance(value, Range):
        return value.low, value.central, value.high
    if (number := as_number(value)) is not None:
        return number, number, number
    if not isinstance(value, Mapping):
        return None
    low, central, high = (as_number(value.get(key)) for key in ("low", "central", "high"))
    return None if low is None or central is None or high is None else (low, central, high)


def as_date(value: object) -> dt.date | None:
    """Return a date from a date or ISO text, else None."""
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else None


class Choice(Part):
    """One of the values that a range of shape `choice` may take."""

    value: Number = Field(description="The value, between low and high.")
    weight: Annotated[float, Field(gt=0.0, strict=True)] = Field(
        default=1.0, description="How often it is drawn, beside the weights of the others."
    )


Shape = Literal["triangular", "uniform", "pert", "normal", "lognormal", "choice"]


class Range(Part):
    """A number with its range; the central value is used alone, the range is drawn from.

    No shape leaves low to high.
    """

    central: Number = Field(description="Best guess; used in the central draw.")
    low: Number = Field(description="Lowest plausible value.")
    high: Number = Field(description="Highest plausible value.")
    shape: Shape = Field(
        default="triangular",
        description="How values between low and high are drawn. triangular and pert peak at the central "
        "value (pert falls off faster); uniform: all alike; normal and lognormal: a bell around the central "
        "value, with low to high as its 5 to 95 % span, cut off there; choice: the values under choices.",
    )
    choices: tuple[Choice, ...] = Field(
        default=(), description="For shape choice: the values, rising from low to high, with their weights."
    )
    evidence: tuple[Evidence, ...] = Field(
        default=(), description="Where the number and its range come from."
    )

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse a range that is not low <= central <= high, and what its shape cannot be drawn from."""
        numbers = range_numbers(raw)
        if numbers is None:
            return []
        low, central, high = numbers
        found = []
        if not low <= central <= high:
            got = f"low {low:g}, central {central:g}, high {high:g}"
            found.append(Fault("central", "range out of order", got, "low <= central <= high"))
        shape = raw.get("shape", "triangular")
        if shape == "lognormal" and low <= 0.0:
            found.append(Fault("low", "a lognormal range reaches 0", f"low {low:g}", "low above 0"))
        return found + _choice_faults(shape, raw.get("choices") or (), numbers)

    @property
    def fixed(self) -> bool:
        """Tell whether the range has no width."""
        return self.low == self.high


def _choice_faults(shape: object, choices: object, numbers: tuple[float, float, float]) -> list[Fault]:
    """Return what is wrong between the choices of a range, its shape and its three numbers."""
    if not isinstance(choices, Sequence) or isinstance(choices, str):
        return []
    if shape != "choice" and choices:
        what, expected = "choices without the shape", "shape: choice, or no choices"
        return [Fault("choices", what, f"shape {shape}", expected)]
    if shape == "choice" and not choices:
        return [Fault("shape", "a choice without choices", "none", "choices: a list of values with weights")]
    values = [as_number(c.value if isinstance(c, Choice) else _get(c, "value")) for c in choices]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return []
    got, (low, central, high) = ", ".join(f"{value:g}" for value in known), numbers
    found = []
    if sorted(set(known)) != known:
        found.append(Fault("choices", "choices do not rise", got, "each value once, in rising order"))
    elif (known[0], known[-1]) != (low, high):
        found.append(
            Fault("choices", "choices do not span the range", got, f"{low:g} first and {high:g} last")
        )
    if central not in known:
        found.append(Fault("central", "the central value is no choice", f"{central:g}", f"one of {got}"))
    return found


def _get(item: object, key: str) -> object:
    return item.get(key) if isinstance(item, Mapping) else None


def _as_range(value: object) -> object:
    """Read a plain number as a range of no width."""
    number = as_number(value)
    return value if number is None else {"central": number, "low": number, "high": number}


Ranged = Annotated[Range, BeforeValidator(_as_range, json_schema_input_type=float | Range)]


def limit_faults(key: str, value: object, lowest: float, highest: float) -> list[Fault]:
    """Return a fault if a number or range leaves [lowest, highest]; other types are left to pydantic."""
    numbers = range_numbers(value)
    if numbers is None or (lowest <= min(numbers) and max(numbers) <= highest):
        return []
    low, _, high = numbers
    got = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    expected = f"{lowest:g} to {highest:g}"
    if highest == 1.0 and 2.0 <= high <= 100.0:
        expected += f" ({high:g} % is written {high / 100:g})"
    return [Fault(key, f"{key} is out of bounds", got, expected)]


def table_faults(key: str, value: object) -> list[Fault]:
    """Return a fault if a range that a knob moves has a shape: how it is drawn is the knob's to say."""
    shape = value.shape if isinstance(value, Range) else _get(value, "shape")
    if shape in (None, "triangular"):
        return []
    what = f"{key} has a shape of its own"
    return [Fault(key, what, f"shape {shape}", "no shape; give it to the knob that moves the table")]
