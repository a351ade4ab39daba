"""What a scenario assumes: numbers with ranges, and the evidence for each (docs/model.md, Parameters)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
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


class Range(Part):
    """A number with its range; the central value is used alone, the range is drawn from."""

    central: Number = Field(description="Best guess; used in the central draw.")
    low: Number = Field(description="Lowest plausible value.")
    high: Number = Field(description="Highest plausible value.")
    shape: Literal["triangular", "uniform"] = Field(
        default="triangular",
        description="How values between low and high are drawn; triangular peaks at the central value.",
    )
    evidence: tuple[Evidence, ...] = Field(
        default=(), description="Where the number and its range come from."
    )

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse a range that is not low <= central <= high."""
        numbers = range_numbers(raw)
        if numbers is None or numbers[0] <= numbers[1] <= numbers[2]:
            return []
        got = f"low {numbers[0]:g}, central {numbers[1]:g}, high {numbers[2]:g}"
        return [Fault("central", "range out of order", got, "low <= central <= high")]

    @property
    def fixed(self) -> bool:
        """Tell whether the range has no width."""
        return self.low == self.high


def _as_range(value: object) -> object:
    """Read a plain number as a range of no width."""
    number = as_number(value)
    return value if number is None else {"central": number, "low": number, "high": number}


Ranged = Annotated[Range, BeforeValidator(_as_range, json_schema_input_type=float | Range)]


def _range(central: float, low: float, high: float, why: str, shape: str = "triangular") -> Any:
    """Return a default range whose evidence says that it is assumed, and why."""
    evidence = (Evidence(source=f"assumed: {why}", page="docs/model.md, Parameters and ranges"),)
    return Range.model_validate(
        {"central": central, "low": low, "high": high, "shape": shape, "evidence": evidence}
    )


class StockDays(Part):
    """Days of stock that replace the tables' value for some consumers."""

    markets: tuple[Text, ...] = Field(min_length=1, description="Market ids, or '*' for all.")
    products: tuple[Text, ...] = Field(
        min_length=1, description="Product ids, element names, stage names, or '*' for all."
    )
    days: Ranged = Field(description="Days of need; a number or a range (moved by the knob of its table).")
    evidence: tuple[Evidence, ...] = Field(min_length=1, description="Where the days come from.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse negative days."""
        return limit_faults("days", raw.get("days"), 0.0, 3650.0)


class DependenceShare(Part):
    """A dependence d that replaces the tables' value for some recipe lines (rule N4)."""

    inputs: tuple[Text, ...] = Field(
        min_length=1, description="Product ids, element names or stage names of the input."
    )
    users: tuple[Text, ...] = Field(
        min_length=1, description="Product ids, element names or stage names of what is made from it."
    )
    share: Ranged = Field(
        description="Share of output that stops when the input is absent, above 0, at most 1."
    )
    evidence: tuple[Evidence, ...] = Field(min_length=1, description="Where the share comes from.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse shares outside (0, 1]."""
        return limit_faults("share", raw.get("share"), 1e-6, 1.0)


# What a parameter may be at all, whatever the scenario says.
LIMITS: dict[str, tuple[float, float]] = {
    "psi": (0.01, 1.0),
    "kappa": (1.0, 10.0),
    "tau_weeks": (1.0, 104.0),
    "smoothing_weeks": (1.0, 104.0),
    "rho": (0.0, 1.0),
    "eta": (0.0, 1.0),
    "leakage": (0.0, 1.0),
    "licence_depth": (0.0, 10.0),
    "loss_depth": (0.0, 10.0),
    "enforcement": (-1.0, 1.0),
    "cover": (-1.0, 1.0),
    "reserve": (-1.0, 1.0),
    "dependence": (-1.0, 1.0),
    "headroom": (-1.0, 1.0),
}


def limit_faults(key: str, value: object, lowest: float, highest: float) -> list[Fault]:
    """Return a fault if a number or range leaves [lowest, highest]; other types are left to pydantic."""
    numbers = range_numbers(value)
    if numbers is None or (lowest <= min(numbers) and max(numbers) <= highest):
        return []
    low, _, high = numbers
    got = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return [Fault(key, f"{key} is out of bounds", got, f"{lowest:g} to {highest:g}")]


_KNOB = "a position between the low (-1), central (0) and high (1) value of every entry of its table"


class Assumptions(Part):
    """Behaviour parameters and one knob per table; each a number or a range, assumed by default."""

    psi: Ranged = Field(
        default=_range(0.5, 0.3, 0.7, "rationing starts before the shelf is bare"),
        description="Rationing threshold: share of the target stock below which users are rationed (M8).",
    )
    kappa: Ranged = Field(
        default=_range(2.0, 1.5, 3.0, "order ceiling"),
        description="Most that is ordered in a period, as a multiple of base inflow (rule M5).",
    )
    tau_weeks: Ranged = Field(
        default=_range(5.0, 4.0, 6.0, "speed of restocking"),
        description="Weeks over which a stock gap is ordered back (rule M5).",
    )
    smoothing_weeks: Ranged = Field(
        default=_range(8.0, 6.0, 12.0, "memory of users"),
        description="Weeks over which the wanted use is smoothed (rule M5).",
    )
    rho: Ranged = Field(
        default=_range(
            0.3, 0.1, 0.5, "year-one replacement of lost Chinese tonnes was .01 to .36 in most cases"
        ),
        description="Share of what is blocked that is re-placed with other suppliers (rule M6).",
    )
    eta: Ranged = Field(
        default=_range(0.1, 0.05, 0.2, "speed at which buyers learn who delivers"),
        description="Speed of the supplier marks per week (rule M6).",
    )
    leakage: Ranged = Field(
        default=_range(
            0.5, 0.0, 1.0, "no source says how much civilian supply reaches barred users", "uniform"
        ),
        description="Share of the restricted goods in the parent's lanes that reaches a barred segment.",
    )
    licence_depth: Ranged = Field(
        default=_range(1.0, 1.0, 1.0, "licence profiles are taken as written"),
        description="Factor on the share that licences stop (1 = the profile as written).",
    )
    loss_depth: Ranged = Field(
        default=_range(1.0, 1.0, 1.0, "losses are taken as written"),
        description="Factor on the depth of capacity losses (1 = as written).",
    )
    enforcement: Ranged = Field(
        default=_range(0.0, -1.0, 1.0, "restrictions state their own ranges"),
        description=f"Knob of the restrictions' enforcement ranges: {_KNOB}.",
    )
    cover: Ranged = Field(
        default=_range(0.0, -1.0, 1.0, "stock surveys are rare"),
        description=f"Knob of the days of cover: {_KNOB}.",
    )
    reserve: Ranged = Field(
        default=_range(0.0, -1.0, 1.0, "national stocks are secret"),
        description=f"Knob of the national reserves: {_KNOB}.",
    )
    dependence: Ranged = Field(
        default=_range(0.0, -1.0, 1.0, "partial criticality is judged, not measured"),
        description=f"Knob of the recipe lines' dependence: {_KNOB}.",
    )
    headroom: Ranged = Field(
        default=_range(0.0, -1.0, 1.0, "spare capacity is seldom published"),
        description=f"Knob of the suppliers' spare capacity: {_KNOB}.",
    )
    cover_days: tuple[StockDays, ...] = Field(
        default=(), description="Days of cover that replace the tables' values; a later entry wins."
    )
    reserve_days: tuple[StockDays, ...] = Field(
        default=(), description="National reserves that replace the tables' values; a later entry wins."
    )
    dependence_shares: tuple[DependenceShare, ...] = Field(
        default=(), description="Dependences that replace the tables' values; a later entry wins."
    )

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse parameters outside `LIMITS`."""
        found: list[Fault] = []
        for name, (lowest, highest) in LIMITS.items():
            found += limit_faults(name, raw.get(name), lowest, highest)
        return found

    def ranges(self) -> dict[str, Range]:
        """Return every drawn parameter by name, in a fixed order."""
        return {name: getattr(self, name) for name in LIMITS}
