"""Scenario and its parts as frozen types that refuse unknown keys (rules M7, S)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from kaname.scenario.assumptions import LIMITS, Assumptions
from kaname.scenario.measures import Measure, PlanRecord, twice_faults
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
    table_faults,
)
from kaname.terms.language import commas, later, say

__all__ = [
    "Assumptions",
    "CapacityLoss",
    "DemandSurge",
    "Evidence",
    "ExportRestriction",
    "PlanRecord",
    "ProfilePoint",
    "Range",
    "RouteClosure",
    "Scenario",
    "Sweep",
]

Selectors = Annotated[tuple[Text, ...], Field(min_length=1)]
NOTHING = Range(central=0.0, low=0.0, high=0.0)
_PRODUCTS = "Product ids, element names, stage names, or '*' for all."
_EVIDENCE = "Where this comes from; at least one."
_START = "First day in force; `delay_weeks` may put it off."
_END = "First day on which it no longer holds; without it, it lasts to the end of the simulation."
_DURATION = "Weeks that it lasts from its start on, instead of `end`; a number or a range."
_DELAY = "Weeks by which it starts later than `start`; a number or a range. `end` stays."


def _order_faults(raw: Mapping[str, Any]) -> list[Fault]:
    """Return faults unless announced <= start < end, in every draw, and the end is told once."""
    announced, start, end = (as_date(raw.get(key)) for key in ("announced", "start", "end"))
    found = limit_faults("delay_weeks", raw.get("delay_weeks"), 0.0, 1040.0)
    found += limit_faults("duration_weeks", raw.get("duration_weeks"), 0.1, 1040.0)
    if announced and start and announced > start:
        found.append(Fault("announced", "dates out of order", str(announced), f"at or before start, {start}"))
    if end and raw.get("duration_weeks") is not None:
        found.append(Fault("duration_weeks", "an end and a duration", "both", "one of the two"))
    delay = range_numbers(raw.get("delay_weeks")) or (0.0, 0.0, 0.0)
    if start and end and end <= start:
        found.append(Fault("end", "dates out of order", str(end), f"a day after start, {start}"))
    elif start and end and (end - start).days <= 7.0 * delay[2]:
        got = f"{delay[2]:g} weeks after {start}"
        found.append(Fault("delay_weeks", "it may start only after its end", got, f"before end, {end}"))
    return found


def _listed(names: Sequence[str]) -> str:
    """Return names as words: all where they are few, else the first three and how many more."""
    if len(names) <= 4:
        return commas(names)
    return say("{names} and {count} more", names=commas(names[:3]), count=len(names) - 3)


class ProfilePoint(Part):
    """From `week` after the start on, the permission is `permission` (until the next point)."""

    week: int = Field(ge=0, strict=True, description="Weeks after the start of the restriction.")
    permission: Share = Field(description="Share of base trade that passes from this week on, 0 to 1.")


class ExportRestriction(Part):
    """A ban, quota or licence of one market on its exports to others (rule M7)."""

    exporter: Text = Field(description="Market id of the restricting country, such as CHN.")
    importers: Selectors = Field(
        description="Market ids; a country includes its segments; a segment (JPN/defence) stands alone; "
        "'*' is every market but the exporter."
    )
    products: Selectors = Field(description=_PRODUCTS)
    kind: Literal["ban", "quota", "licence"] = Field(
        description="ban: all stopped; quota: a share stopped; licence: a share or a profile by week."
    )
    depth: Ranged | None = Field(
        default=None,
        description="Share of base trade that is stopped, 0 to 1, a number or a range; a ban is 1 unless "
        "said otherwise.",
    )
    quota_mode: Literal["per_lane", "pooled"] = Field(
        default="per_lane",
        description="per_lane: each lane has its own quota; pooled: all importers of a product share one.",
    )
    profile: tuple[ProfilePoint, ...] = Field(
        default=(),
        description="Licence only: the permission by week after the start; 1 before the first point.",
    )
    announced: Day | None = Field(
        default=None, description="Day it was announced; front-loading starts here."
    )
    start: Day = Field(description=_START)
    end: Day | None = Field(default=None, description=_END)
    delay_weeks: Ranged = Field(default=NOTHING, description=_DELAY)
    duration_weeks: Ranged | None = Field(default=None, description=_DURATION)
    front_loading: Annotated[float, Field(ge=1.0, le=1.5, strict=True)] = Field(
        default=1.0, description="Factor on the importers' target stock from announced to start, 1 to 1.5."
    )
    enforcement: Ranged = Field(
        default=Range(central=0.0, low=0.0, high=0.0),
        description="Reach over third-country goods that hold restricted goods, 0 to 1; a number or a range.",
    )
    evidence: tuple[Evidence, ...] = Field(min_length=1, description=_EVIDENCE)
    note: str = Field(default="", description="Free text.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse dates out of order, keys that do not fit the kind, and profiles that go back in time."""
        found = _order_faults(raw) + limit_faults("enforcement", raw.get("enforcement"), 0.0, 1.0)
        found += table_faults("enforcement", raw.get("enforcement"))
        found += limit_faults("depth", raw.get("depth"), 0.0, 1.0)
        kind, depth, profile = raw.get("kind"), raw.get("depth"), raw.get("profile")
        if kind == "ban" and profile:
            found.append(
                Fault("profile", "a ban has no profile", "a profile", "kind: licence, or no profile")
            )
        if kind == "quota" and profile:
            found.append(
                Fault("profile", "a quota has no profile", "a profile", "kind: licence, or no profile")
            )
        if kind == "quota" and depth is None:
            found.append(Fault("depth", "a quota needs its depth", "no depth", "the share stopped, 0 to 1"))
        if kind == "licence" and depth is None and not profile:
            found.append(
                Fault("profile", "a licence needs a profile or a depth", "neither", "one of the two")
            )
        if kind == "licence" and depth is not None and profile:
            found.append(Fault("depth", "a licence has a profile or a depth", "both", "one of the two"))
        if kind in ("ban", "licence") and raw.get("quota_mode") == "pooled":
            found.append(Fault("quota_mode", "only a quota can be pooled", f"kind {kind}", "kind: quota"))
        if raw.get("exporter") is not None and raw.get("exporter") in (raw.get("importers") or ()):
            found.append(
                Fault("importers", "the exporter restricts itself", str(raw["exporter"]), "other markets")
            )
        return found + _profile_faults(profile)

    @property
    def label(self) -> str:
        """Return one line, such as `ban by CHN on magnets to JPN from 2026-01-06`."""
        return say(
            "{kind} by {exporter} on {products} to {importers} from {start}",
            kind=say(self.kind),
            exporter=self.exporter,
            products=_listed(self.products),
            importers=_listed(self.importers),
            start=self.start,
        )


def _profile_faults(profile: object) -> list[Fault]:
    """Return a fault unless the weeks of a profile (of points or of mappings) rise."""
    if not isinstance(profile, Sequence) or isinstance(profile, str):
        return []
    weeks = [
        as_number(point.week if isinstance(point, ProfilePoint) else point.get("week"))
        for point in profile
        if isinstance(point, ProfilePoint | Mapping)
    ]
    known = [week for week in weeks if week is not None]
    if all(a < b for a, b in itertools.pairwise(known)):
        return []
    got = ", ".join(f"{week:g}" for week in known)
    return [Fault("profile", "profile weeks do not rise", got, "each week later than the one before")]


class CapacityLoss(Part):
    """A loss of production capacity in one market: an accident, a strike, an outage (rules M8, S)."""

    market: Text = Field(description="Market id of the producers.")
    products: Selectors = Field(description=_PRODUCTS)
    depth: Ranged = Field(description="Share of capacity that is lost, 0 to 1; a number or a range.")
    start: Day = Field(description=_START)
    end: Day | None = Field(
        default=None, description="First day on which recovery begins; without it, never."
    )
    delay_weeks: Ranged = Field(default=NOTHING, description=_DELAY)
    duration_weeks: Ranged | None = Field(default=None, description=_DURATION)
    recovery_weeks: Ranged = Field(
        default=NOTHING,
        description="Weeks of straight-line recovery after the end, a number or a range; 0 is at once.",
    )
    evidence: tuple[Evidence, ...] = Field(min_length=1, description=_EVIDENCE)
    note: str = Field(default="", description="Free text.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse dates out of order, and a recovery without an end."""
        found = _order_faults(raw) + limit_faults("depth", raw.get("depth"), 0.0, 1.0)
        found += limit_faults("recovery_weeks", raw.get("recovery_weeks"), 0.0, 1040.0)
        recovers = (range_numbers(raw.get("recovery_weeks")) or (0.0, 0.0, 0.0))[2] > 0.0
        if recovers and raw.get("end") is None and raw.get("duration_weeks") is None:
            found.append(Fault("recovery_weeks", "recovery needs an end", "no end", "the day it begins"))
        return found

    @property
    def label(self) -> str:
        """Return one line that names the loss."""
        return say(
            "loss of {share} of {products} in {market} from {start}",
            share=f"{self.depth.central:.0%}",
            products=_listed(self.products),
            market=self.market,
            start=self.start,
        )


class DemandSurge(Part):
    """Final use that rises (or falls) by a factor for a time (rules M5, S)."""

    market: Text = Field(description="Market id of the users; a segment such as JPN/defence stands alone.")
    products: Selectors = Field(description=_PRODUCTS)
    factor: Ranged = Field(description="Factor on final use, a number or a range; 1.5 is half as much again.")
    start: Day = Field(description=_START)
    end: Day | None = Field(default=None, description=_END)
    delay_weeks: Ranged = Field(default=NOTHING, description=_DELAY)
    duration_weeks: Ranged | None = Field(default=None, description=_DURATION)
    evidence: tuple[Evidence, ...] = Field(min_length=1, description=_EVIDENCE)
    note: str = Field(default="", description="Free text.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse dates out of order, and a factor below 0."""
        return _order_faults(raw) + limit_faults("factor", raw.get("factor"), 0.0, 100.0)

    @property
    def label(self) -> str:
        """Return one line that names the surge."""
        return say(
            "final use x {factor} of {products} in {market} from {start}",
            factor=f"{self.factor.central:g}",
            products=_listed(self.products),
            market=self.market,
            start=self.start,
        )


class RouteClosure(Part):
    """A sea passage or the ports of some countries, closed or slowed: longer transit, and a share that
    cannot be carried (rule S).
    """

    chokepoint: Text | None = Field(
        default=None,
        description="The passage, by id or name, such as taiwan-strait; `kaname routes` lists them.",
    )
    countries: tuple[Text, ...] = Field(
        default=(),
        description="With a chokepoint: only lanes from or to these countries; without it all lanes.",
    )
    ports: tuple[Text, ...] = Field(
        default=(),
        description="Instead of a chokepoint: the countries whose ports are shut or slowed, for lanes by sea "
        "in and out.",
    )
    modes: Annotated[tuple[Literal["sea", "air"], ...], Field(min_length=1)] = Field(
        default=("sea",), description="With ports: what stops, ships (sea), or freight by air as well."
    )
    extra_days: Ranged | None = Field(
        default=None,
        description="Days that it adds, a number or a range; rounded up to whole periods. Without it lanes "
        "take the shortest way round a chokepoint, and stop where there is none.",
    )
    capacity_lost: Ranged = Field(
        default=NOTHING,
        description="Share of base trade on these lanes that is not carried; a number or a range.",
    )
    start: Day = Field(description=_START)
    end: Day | None = Field(default=None, description=_END)
    delay_weeks: Ranged = Field(default=NOTHING, description=_DELAY)
    duration_weeks: Ranged | None = Field(default=None, description=_DURATION)
    evidence: tuple[Evidence, ...] = Field(min_length=1, description=_EVIDENCE)
    note: str = Field(default="", description="Free text.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse dates out of order, keys that do not go together, and a closure that changes nothing."""
        found = _order_faults(raw) + limit_faults("extra_days", raw.get("extra_days"), 0.0, 365.0)
        found += limit_faults("capacity_lost", raw.get("capacity_lost"), 0.0, 1.0)
        at_sea, ashore = bool(raw.get("chokepoint")), bool(raw.get("ports"))
        if at_sea == ashore:
            got = "both" if at_sea else "neither"
            found.append(Fault("chokepoint", "a chokepoint or ports", got, "one of the two"))
        if ashore and raw.get("countries"):
            found.append(Fault("countries", "ports name their countries", "both", "only ports"))
        if at_sea and "air" in (raw.get("modes") or ()):
            found.append(Fault("modes", "freight by air uses no passage", "air", "sea, or ports"))
        keys = [key for key in ("extra_days", "capacity_lost") if raw.get(key) is not None]
        given = [range_numbers(raw[key]) for key in keys]
        still = all(numbers is not None and numbers[2] == 0.0 for numbers in given)
        if still and (ashore or raw.get("extra_days") is not None):
            expected = "extra_days or capacity_lost above 0"
            found.append(Fault("extra_days", "the closure changes nothing", "0", expected))
        return found

    @property
    def label(self) -> str:
        """Return one line that names the closure."""
        what = self.chokepoint or say("ports of {countries}", countries=_listed(self.ports))
        return say("closure of {what} from {start}", what=what, start=self.start)


KINDS = later("ban", "quota", "licence")
# What a draw may move in a part: the value by itself, not through a knob.
DRAWN: dict[str, tuple[str, ...]] = {
    "restrictions": ("depth", "delay_weeks", "duration_weeks"),
    "losses": ("depth", "delay_weeks", "duration_weeks", "recovery_weeks"),
    "surges": ("factor", "delay_weeks", "duration_weeks"),
    "closures": ("extra_days", "capacity_lost", "delay_weeks", "duration_weeks"),
}


class Sweep(Part):
    """One parameter and the values at which the scenario is shown side by side."""

    parameter: Text = Field(description="Name of a parameter under assumptions, such as leakage.")
    values: tuple[Number, ...] = Field(min_length=1, description="Values at which the scenario is shown.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse unknown parameters and values outside their limits."""
        name, values = raw.get("parameter"), raw.get("values")
        if not isinstance(name, str) or not isinstance(values, Sequence):
            return []
        if name not in LIMITS:
            return [Fault("parameter", "unknown parameter", name, "one of " + ", ".join(LIMITS))]
        found = [fault for value in values for fault in limit_faults("values", value, *LIMITS[name])]
        if len(set(map(str, values))) < len(values):
            found.append(Fault("values", "a value is given twice", str(list(values)), "each value once"))
        return found


class Scenario(Part):
    """One what-if: what happens when, to whom, on which evidence, and what is assumed beside it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")] = Field(
        description="Short name for folders and tables: lower case, digits, '.', '_', '-'."
    )
    title: Text = Field(description="Title in the report.")
    description: str = Field(default="", description="What happens, in a few sentences.")
    question: str = Field(default="", description="The question that the report answers.")
    notes: str = Field(default="", description="Free text.")
    start: Day = Field(description="First day of the simulation, YYYY-MM-DD.")
    weeks: int = Field(
        default=104, ge=1, le=1040, strict=True, description="Length of the simulation in weeks."
    )
    period_days: Annotated[float, Field(ge=1.0, le=366.0, strict=True)] = Field(
        default=7.0, description="Length of a period in days; must be that of the network."
    )
    targets: Selectors = Field(description="Market ids whose shortfall is added up as the headline.")
    focus: tuple[Text, ...] = Field(
        default=(), description="Product ids that the question is about; the answer names their makers first."
    )
    restrictions: tuple[ExportRestriction, ...] = Field(default=(), description="Export restrictions.")
    losses: tuple[CapacityLoss, ...] = Field(default=(), description="Losses of production capacity.")
    surges: tuple[DemandSurge, ...] = Field(default=(), description="Surges of final use.")
    closures: tuple[RouteClosure, ...] = Field(default=(), description="Closures of sea passages.")
    measures: tuple[Measure, ...] = Field(
        default=(), description="What is done about it, at which level; `kaname respond` writes such plans."
    )
    answers: str = Field(
        default="", description="Id of the scenario that this one answers with measures; shown beside it."
    )
    plan: PlanRecord | None = Field(default=None, description="The search that its measures come from.")
    assumptions: Assumptions = Field(
        default=Assumptions(), description="Parameters and ranges; what is not named keeps its default."
    )
    evidence: tuple[Evidence, ...] = Field(default=(), description="Sources for the scenario as a whole.")
    sweep: Sweep | None = Field(default=None, description="A parameter shown at several values side by side.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse two measures with one id."""
        return twice_faults(raw.get("measures"))

    def ranges(self) -> dict[str, Range]:
        """Return every drawn number by name, in a fixed order: the assumptions, then what the parts leave
        open, such as `restrictions[0].duration_weeks`, then `measures.<id>.lead_weeks`.
        """
        found = self.assumptions.ranges()
        for kind, keys in DRAWN.items():
            for i, part in enumerate(getattr(self, kind)):
                for key in keys:
                    item = getattr(part, key)
                    if item is not None and not item.fixed:
                        found[f"{kind}[{i}].{key}"] = item
        for measure in self.measures:
            if not measure.lead_weeks.fixed:
                found[f"measures.{measure.id}.lead_weeks"] = measure.lead_weeks
        return found

    @property
    def periods(self) -> int:
        """Return the number of periods, enough to cover all weeks."""
        return int(-(-self.weeks * 7 // self.period_days))

    def with_assumption(self, name: str, value: float) -> Scenario:
        """Return the scenario with one parameter held at `value` in every draw, and without its sweep.

        Raises pydantic's ValidationError if the parameter is unknown or the value out of bounds.
        """
        Sweep(parameter=name, values=(value,))
        held = Range(central=value, low=value, high=value, evidence=getattr(self.assumptions, name).evidence)
        assumptions = self.assumptions.model_copy(update={name: held})
        return self.model_copy(update={"assumptions": assumptions, "sweep": None})

    def variants(self) -> tuple[tuple[float, Scenario], ...]:
        """Return (value, scenario) for each value of the sweep; empty without a sweep."""
        if self.sweep is None:
            return ()
        return tuple(
            (value, self.with_assumption(self.sweep.parameter, value)) for value in self.sweep.values
        )
