"""What a scenario assumes: parameters with ranges, and the evidence for each (docs/model.md, Parameters)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from kaname.scenario.ranges import (
    Evidence,
    Fault,
    Part,
    Range,
    Ranged,
    Text,
    limit_faults,
    range_numbers,
    table_faults,
)


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
        """Refuse negative days, and a shape, which is the knob's."""
        return limit_faults("days", raw.get("days"), 0.0, 3650.0) + table_faults("days", raw.get("days"))


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
        """Refuse shares outside (0, 1], and a shape, which is the knob's."""
        return limit_faults("share", raw.get("share"), 1e-6, 1.0) + table_faults("share", raw.get("share"))


By = Literal["element", "stage", "product", "country"]


class Apart(Part):
    """Tables that are not moved by one knob, but by one for each group of their entries."""

    cover: By | None = Field(default=None, description="Days of cover: groups of the product in stock.")
    reserve: By | None = Field(default=None, description="National reserves: groups of the product held.")
    dependence: By | None = Field(default=None, description="Recipe lines: groups of the input.")
    headroom: By | None = Field(default=None, description="Spare capacity: groups of what is made.")


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


_KNOB = "a position between the low (-1), central (0) and high (1) value of every entry of its table"


PRICE_LIMITS: dict[str, tuple[float, float]] = {
    "speed": (0.0, 2.0),
    "hoarding": (0.0, 2.0),
    "memory_weeks": (1.0, 520.0),
    "demand": (-1.0, 1.0),
    "supply": (-1.0, 1.0),
}
_OWN_ELASTICITIES = ("short_elasticity", "long_elasticity", "supply_elasticity")


class Price(Part):
    """Prices that move with shortage, and what answers them (rule M11); off unless turned on."""

    on: bool = Field(default=False, strict=True, description="Whether prices move; off by default.")
    speed: Ranged = Field(
        default=_range(
            0.25,
            0.2,
            0.3,
            "a price rises sixfold in a year where orders exceed what can be delivered by 15 %, as import "
            "prices of rare earths did after the quotas of 2010 (BACI)",
        ),
        description="Exponent k per week of orders over what can be delivered.",
    )
    hoarding: Ranged = Field(
        default=_range(0.2, 0.0, 0.4, "buyers fill stocks on a rise and draw on them on a fall"),
        description="Percent more target stock per percent that the price stands above its memory.",
    )
    memory_weeks: Ranged = Field(
        default=_range(26.0, 26.0, 26.0, "95 % of the way after 78 weeks, the usual span of a long run"),
        description="Weeks over which the memory of the price follows it; what is slow answers the memory.",
    )
    demand: Ranged = Field(
        default=_range(0.0, -1.0, 1.0, "few elasticities of minor metals are estimated"),
        description=f"Knob of the elasticities of use, short and long: {_KNOB}.",
    )
    supply: Ranged = Field(
        default=_range(0.0, -1.0, 1.0, "supply of by-products is judged, not estimated"),
        description=f"Knob of the elasticities of supply: {_KNOB}.",
    )
    short_elasticity: Ranged | None = Field(
        default=None,
        description="Elasticity of use at once, of all products instead of the table's (moved by `demand`).",
    )
    long_elasticity: Ranged | None = Field(
        default=None,
        description="Elasticity of use in the long run (`memory_weeks`), not below the short one (moved by "
        "`demand`).",
    )
    supply_elasticity: Ranged | None = Field(
        default=None, description="Elasticity of capacity in the long run (moved by `supply`)."
    )

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse numbers out of bounds, shapes that are a knob's, and a long elasticity below the short."""
        found: list[Fault] = []
        for name, (lowest, highest) in PRICE_LIMITS.items():
            found += limit_faults(name, raw.get(name), lowest, highest)
        for name in _OWN_ELASTICITIES:
            found += limit_faults(name, raw.get(name), 0.0, 5.0) + table_faults(name, raw.get(name))
        short, late = (range_numbers(raw.get(name)) for name in _OWN_ELASTICITIES[:2])
        if short and late and any(b < a for a, b in zip(short, late, strict=True)):
            got = f"short {short[1]:g}, long {late[1]:g}"
            found.append(Fault("long_elasticity", "use answers less in the long run", got, "short <= long"))
        return found

    def ranges(self) -> dict[str, Range]:
        """Return what is drawn where prices are on: nothing where they are off."""
        return {f"price_{name}": getattr(self, name) for name in PRICE_LIMITS} if self.on else {}


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

    apart: Apart = Field(
        default=Apart(),
        description="Which tables are drawn group by group, such as {cover: stage}; the others move as one.",
    )

    price: Price = Field(
        default=Price(), description="Prices that move with shortage: off unless {on: true}."
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
        return {name: getattr(self, name) for name in LIMITS} | self.price.ranges()
