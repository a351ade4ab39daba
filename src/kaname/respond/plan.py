"""What a search for a response found: plan, why, promise, delivery, benchmarks, frontier (rules O3, O5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kaname.scenario.ranges import Evidence
from kaname.scenario.scenario import Scenario

THRIFT = 0.01  # thousand USD of loss that a thousand USD spent must avoid to be worth it (rule O5)


@dataclass(frozen=True)
class Loss:
    """Value of final use lost at the targets over the simulation, thousand USD.

    `central_kusd` is the central draw's; mean, worst tail (CVaR) and the 5, 50, 95 % band are the samples'.
    """

    central_kusd: float
    mean_kusd: float
    tail_kusd: float
    low_kusd: float
    median_kusd: float
    high_kusd: float


@dataclass(frozen=True)
class Taken:
    """One measure of a plan: level, cost, dates, who pays, and what it is worth beside the others.

    `marginal_kusd` is the mean loss that would come back without it, simulated (None: no time was left);
    `alone_kusd` what it avoids by itself.
    """

    measure: str
    title: str
    kind: str
    level: float
    cost_kusd: float
    cost_low_kusd: float
    cost_high_kusd: float
    start: str
    works_from: str
    payer: Mapping[str, float]  # country -> thousand USD
    marginal_kusd: float | None
    alone_kusd: float
    assumed: bool
    why: str


@dataclass(frozen=True)
class Rejected:
    """A measure that is not in the plan, what it would add, and why it is left out.

    Costs are those of the whole measure; not a number where it could not be placed.
    """

    measure: str
    title: str
    cost_kusd: float
    added_kusd: float | None
    alone_kusd: float | None
    why: str
    cost_low_kusd: float
    cost_high_kusd: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Part:
    """A measure at a level, and what that costs."""

    measure: str
    level: float
    cost_kusd: float


@dataclass(frozen=True)
class FrontierPoint:
    """What a budget buys: the plan's cost, loss promised and delivered, and what the next dollar is worth.

    `parts` are the plan's measures by cost, the dearest first, `payers_kusd` what each country pays for it.
    """

    budget_kusd: float
    cost_kusd: float
    promised_kusd: float | None
    delivered_kusd: float
    delivered_low_kusd: float
    delivered_high_kusd: float
    per_dollar: float | None  # loss avoided by a dollar more than at the point before
    measures: tuple[str, ...]
    enters: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    payers_kusd: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ByDraw:
    """What each answer loses in each sampled draw (D,), thousand USD, by name.

    `least_kusd` (D,) is the smallest loss of `tried` different plans within the budget that were simulated:
    what one would have chosen, of these, had the draw been known.
    """

    losses_kusd: Mapping[str, tuple[float, ...]]
    least_kusd: tuple[float, ...]
    tried: int

    def regret_kusd(self, name: str) -> tuple[float, ...]:
        """Return how much more an answer loses in each draw than the best that was tried; never below 0."""
        return tuple(a - b for a, b in zip(self.losses_kusd[name], self.least_kusd, strict=True))


@dataclass(frozen=True)
class Response:
    """The answer to a scenario: a plan within the budget, and all that backs it."""

    scenario: Scenario  # with the plan in it
    budget_kusd: float
    plan: tuple[Taken, ...]
    rejected: tuple[Rejected, ...]
    do_nothing: Loss
    delivered: Loss
    promised: Loss | None  # by the planner's account; None where it failed
    promised_nothing: Loss | None
    benchmarks: Mapping[str, Loss]
    chosen: str  # which of the benchmarks, or the polished plan, the answer is
    gap: float | None  # of the planner's search, as a share of its gain
    status: str
    bound_kusd: float | None  # central loss with perfect foresight and full cooperation, measures in the plan
    others: tuple[float, float]  # mean loss outside the targets without and with the plan
    by_market: Mapping[str, tuple[float, float]]  # mean loss of each market without and with the plan
    frontier: tuple[FrontierPoint, ...] = ()
    retaliation: Mapping[str, Loss] = field(default_factory=dict)
    retaliation_note: str = ""
    lanes: int = 0
    draws: int = 0
    seed: int = 0
    tried: int = 0
    by_draw: ByDraw | None = None
    cited: int = 0  # measures to choose from with a source, and those wholly assumed
    assumed: int = 0

    @property
    def cost_kusd(self) -> float:
        """Return what the plan costs."""
        return sum(item.cost_kusd for item in self.plan)

    @property
    def payers(self) -> dict[str, float]:
        """Return what each country pays, thousand USD, the largest first."""
        total: dict[str, float] = {}
        for item in self.plan:
            for country, amount in item.payer.items():
                total[country] = total.get(country, 0.0) + amount
        return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))
