"""Measures: what a state or its allies can do, with cost, limit, lead time, payer and evidence (rules R).

A measure says nothing about how it is simulated: `effects.py` turns it into the arrays that shocks use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from kaname.scenario.ranges import (
    Day,
    Evidence,
    Fault,
    Number,
    Part,
    Range,
    Ranged,
    Share,
    Text,
    as_date,
    as_number,
    limit_faults,
    range_numbers,
)

Kind = Literal[
    "stockpile",
    "release",
    "pool",
    "capacity",
    "joint_production",
    "recycling",
    "contract",
    "substitution",
    "priority",
    "restraint",
]
Selectors = Annotated[tuple[Text, ...], Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
_NOTHING = Range(central=0.0, low=0.0, high=0.0)
_FULL = Range(central=1.0, low=1.0, high=1.0)

PLANTS = ("capacity", "joint_production", "recycling")
FLOWS = (*PLANTS, "contract", "pool")  # they send goods from one market to others
KEYS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("capacity", "recycling", "contract"), ("market", "per_year")),
    **dict.fromkeys(("joint_production", "pool"), ("market", "per_year", "offtake")),
    "stockpile": ("markets", "days"),
    "release": ("markets", "below"),
    "substitution": ("markets", "makers", "share"),
    "priority": ("markets", "share"),
    "restraint": ("markets", "share"),
}
"""Keys that a kind needs beside those that all have; of the keys named here it takes no other."""
OPTIONAL: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("capacity", "recycling", "contract"), ("offtake",)),
    "joint_production": ("inputs_from",),
    "restraint": ("value_lost_share",),
}
_OWN = (
    *("market", "markets", "makers", "per_year", "days", "below", "share"),
    *("offtake", "inputs_from", "value_lost_share"),
)
_DEFAULTED = {"value_lost_share": range_numbers(_FULL)}  # `files.dump` writes it for every kind


class Portion(Part):
    """A market and its share of something."""

    market: Text = Field(description="Market id; of payers the country.")
    share: Share = Field(description="Its share, 0 to 1.")


class Measure(Part):
    """One thing that allies can do, at a level from 0 (not) to 1 (in full) (rules R)."""

    id: Id = Field(description="Short name for tables: lower case, digits, '.', '_', '-'.")
    title: Text = Field(description="Title in the report.")
    kind: Kind = Field(
        description="stockpile: buy more stock; release: open reserves at another level; pool: share a "
        "partner's stock; capacity: a new plant or mine; joint_production: a plant whose output partners "
        "share; recycling: a plant fed by scrap; contract: a firm offtake, served first; substitution: less "
        "input per output; priority: chosen users are served first; restraint: use given up."
    )
    level: Share = Field(default=1.0, description="How much of it is done: 0 is nothing, 1 is all of it.")
    divisible: bool = Field(
        default=True, description="Whether a part of it can be done; a plant that is built or not cannot."
    )
    products: Selectors = Field(
        description="Product ids, element or stage names that it is about; of plants, contracts and pools "
        "exactly one product; of substitution the inputs that are saved."
    )
    market: Text | None = Field(
        default=None, description="Plants, contracts and pools: the market that the goods come from."
    )
    markets: tuple[Text, ...] = Field(
        default=(),
        description="The other kinds: the markets that they apply in; a country brings its segments.",
    )
    makers: tuple[Text, ...] = Field(
        default=(), description="Substitution: the products whose makers save the input; '*' is all."
    )
    offtake: tuple[Portion, ...] = Field(
        default=(),
        description="Plants, contracts and pools: who takes which share, at most 1 in all; without it the "
        "plant's own market takes all.",
    )
    inputs_from: tuple[Portion, ...] = Field(
        default=(),
        description="Joint production: whose stocks feed the plant, in which shares that add up to 1; "
        "without it those of its own market.",
    )
    per_year: Annotated[float, Field(gt=0.0, strict=True)] | None = Field(
        default=None, description="Plants, contracts and pools: units a year in full (t, or index points)."
    )
    days: Annotated[float, Field(gt=0.0, le=1000.0, strict=True)] | None = Field(
        default=None, description="Stockpile: days of use bought beside the usual stock."
    )
    below: Annotated[float, Field(ge=0.0, le=2.0, strict=True)] | None = Field(
        default=None,
        description="Release: reserves open when stock is below this share of its target; usual is 0.9.",
    )
    share: Share | None = Field(
        default=None,
        description="Substitution: share of the input saved; priority: share of base flow served first; "
        "restraint: share of final use given up.",
    )
    value_lost_share: Ranged = Field(
        default=_FULL, description="Restraint: share of the value of what is given up that counts as a cost."
    )
    start: Day = Field(description="Day of the decision; nothing works before the lead time is over.")
    end: Day | None = Field(default=None, description="First day on which it no longer works.")
    lead_weeks: Ranged = Field(
        default=_NOTHING, description="Weeks from the decision to the first effect; a number or a range."
    )
    ramp_weeks: Annotated[float, Field(ge=0.0, le=1040.0, strict=True)] = Field(
        default=0.0, description="Weeks from the first effect to the full one, in a straight line."
    )
    capex_kusd: Ranged = Field(default=_NOTHING, description="One-off cost in full, thousand USD.")
    opex_kusd_per_year: Ranged = Field(
        default=_NOTHING, description="Cost for each year that it works, in full, thousand USD."
    )
    per_unit_kusd: Ranged = Field(
        default=_NOTHING,
        description="Cost of each unit bought, contracted, pooled or made, thousand USD: a price, or a "
        "premium over it.",
    )
    payers: Annotated[tuple[Portion, ...], Field(min_length=1)] = Field(
        description="Countries that pay, with shares that add up to 1."
    )
    evidence: tuple[Evidence, ...] = Field(min_length=1, description="Where this comes from; at least one.")
    note: str = Field(default="", description="Free text.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse keys that do not fit the kind, costs below 0, dates out of order, wrong shares."""
        found = limit_faults("lead_weeks", raw.get("lead_weeks"), 0.0, 1040.0)
        for key in ("capex_kusd", "opex_kusd_per_year", "per_unit_kusd"):
            found += limit_faults(key, raw.get(key), 0.0, 1e12)
        found += limit_faults("value_lost_share", raw.get("value_lost_share"), 0.0, 10.0)
        start, end = as_date(raw.get("start")), as_date(raw.get("end"))
        if start and end and end <= start:
            found.append(Fault("end", "dates out of order", str(end), f"a day after start, {start}"))
        found += _portion_faults("payers", raw.get("payers"), exact=True)
        found += _portion_faults("offtake", raw.get("offtake"), exact=False)
        found += _portion_faults("inputs_from", raw.get("inputs_from"), exact=True)
        return found + _kind_faults(raw)

    @property
    def label(self) -> str:
        """Return its title with the level, where it is not done in full."""
        return self.title if self.level >= 1.0 else f"{self.title} (at {self.level:.0%})"

    @property
    def assumed(self) -> bool:
        """Tell whether nothing but judgement stands behind it."""
        return all(item.grade == "assumed" for item in self.evidence)


def _given(raw: Mapping[str, Any], key: str) -> bool:
    """Tell whether a key is there with something else than its default."""
    value, default = raw.get(key), _DEFAULTED.get(key)
    return value is not None and value not in ((), []) and not (default and range_numbers(value) == default)


def _kind_faults(raw: Mapping[str, Any]) -> list[Fault]:
    """Return the keys that a kind lacks, and those that it does not take."""
    kind = raw.get("kind")
    if not isinstance(kind, str) or kind not in KEYS:
        return []
    needed, allowed = KEYS[kind], (*KEYS[kind], *OPTIONAL.get(kind, ()))
    found = [
        Fault(key, f"{kind} needs `{key}`", "nothing", f"`{key}`") for key in needed if not _given(raw, key)
    ]
    for key in _OWN:
        if key not in allowed and _given(raw, key):
            found.append(Fault(key, f"{kind} takes no `{key}`", f"`{key}`", ", ".join(allowed)))
    products = raw.get("products")
    if (
        kind in FLOWS
        and isinstance(products, Sequence)
        and not isinstance(products, str)
        and len(products) > 1
    ):
        found.append(Fault("products", f"{kind} is about one product", f"{len(products)} names", "one"))
    return found


def _portion_faults(key: str, value: object, *, exact: bool) -> list[Fault]:
    """Return a fault unless the shares add up to 1 (or, not exact, to at most 1) and name no market twice."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return []
    pairs = [
        (item.market, item.share) if isinstance(item, Portion) else (item.get("market"), item.get("share"))
        for item in value
        if isinstance(item, Portion | Mapping)
    ]
    shares = [as_number(share) for _, share in pairs]
    known = [share for share in shares if share is not None]
    if len(known) < len(value):
        return []
    found, total = [], sum(known)
    if total > 1.0 + 1e-9 or (exact and total < 1.0 - 1e-9):
        expected = "1" if exact else "at most 1"
        found.append(Fault(key, f"shares of {key} do not add up", f"{total:g}", expected))
    names = [str(name) for name, _ in pairs]
    if len(set(names)) < len(names):
        found.append(Fault(key, f"{key} names a market twice", ", ".join(names), "each market once"))
    return found


class PlanRecord(Part):
    """Where the measures of a scenario come from: a search for a response, and what it found then.

    Losses are means over its draws of the value of final use lost at the targets, thousand USD.
    """

    date: Day = Field(description="Day of the search.")
    budget_kusd: Annotated[float, Field(ge=0.0, strict=True)] = Field(
        description="What might be spent, thousand USD."
    )
    draws: int = Field(ge=0, strict=True, description="Samples of all ranges that it was tried on.")
    seed: int = Field(ge=0, strict=True, description="Seed of the samples.")
    chosen: Text = Field(description="Which way to spend the budget was the best.")
    nothing_kusd: Number = Field(description="Loss without measures, simulated.")
    delivered_kusd: Number = Field(description="Loss with the plan, simulated.")
    promised_nothing_kusd: Number | None = Field(default=None, description="Loss without, by the planner.")
    promised_kusd: Number | None = Field(default=None, description="Loss with the plan, by the planner.")
    retaliated_nothing_kusd: Number | None = Field(
        default=None, description="Loss without measures if the block widens to all who would take part."
    )
    retaliated_kusd: Number | None = Field(default=None, description="Loss with the plan if it widens.")


class Catalogue(Part):
    """A file of measures to choose from."""

    measures: Annotated[tuple[Measure, ...], Field(min_length=1)] = Field(description="The measures.")
    notes: str = Field(default="", description="Free text.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse an id that is used twice."""
        return twice_faults(raw.get("measures"))


def twice_faults(measures: object) -> list[Fault]:
    """Return a fault if two measures share an id."""
    if not isinstance(measures, Sequence) or isinstance(measures, str):
        return []
    ids = [
        item.id if isinstance(item, Measure) else item.get("id")
        for item in measures
        if isinstance(item, Measure | Mapping)
    ]
    again = sorted({str(name) for name in ids if name is not None and ids.count(name) > 1})
    if not again:
        return []
    return [Fault("measures", "two measures share an id", ", ".join(again), "an id of its own for each")]


def spread(measure: Measure, key: str) -> tuple[float, float, float]:
    """Return (low, central, high) of one of its ranges."""
    low, central, high = range_numbers(getattr(measure, key)) or (0.0, 0.0, 0.0)
    return low, central, high


__all__ = ["FLOWS", "PLANTS", "Catalogue", "Kind", "Measure", "PlanRecord", "Portion"]
