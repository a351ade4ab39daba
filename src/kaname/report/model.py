"""What a report holds: the one input of the terminal brief, the HTML page and the exports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kaname.report.chartspec import (
    BarSpec,
    HeatSpec,
    MapSpec,
    SankeySpec,
    TimelineSpec,
    TornadoSpec,
    WeekFlows,
)
from kaname.report.dataview import DataView
from kaname.respond.plan import FrontierPoint, Loss


@dataclass(frozen=True)
class BasisShares:
    """How much of what is behind a number is observed, estimated, assumed; sums to 1."""

    observed: float
    estimated: float
    assumed: float


@dataclass(frozen=True)
class ShortfallRow:
    """One consumer (market, product) that runs short in a case.

    Dates are ISO; None = never within the horizon. `first_shortfall_early`, `_median` and `_late` are of the
    draws that fall short; `never_share` is the share of those that do not. `worst_share` is the lowest weekly
    use as a share of the undisturbed use, `lost_output_share` the share of use lost over the horizon: both in
    the central draw, with what 5, 50 and 95 % of the ensemble stay below. `use_t` is the undisturbed use over
    the horizon, tonnes of content; None for what is not counted in tonnes.
    """

    market: str
    market_name: str
    product: str
    product_name: str
    stage: str
    first_shortfall_date: str | None
    first_shortfall_early: str | None
    first_shortfall_median: str | None
    first_shortfall_late: str | None
    days_to_shortfall: int | None
    never_share: float
    worst_share: float
    worst_low: float
    worst_median: float
    worst_high: float
    lost_output_share: float
    lost_output_low: float
    lost_output_median: float
    lost_output_high: float
    value_kusd: float | None
    value_low_kusd: float | None
    value_median_kusd: float | None
    value_high_kusd: float | None
    basis: str
    sparkline: tuple[float, ...]  # use as share of undisturbed use, per period, central draw
    use_t: float | None = None


@dataclass(frozen=True)
class CauseNode:
    """One cause of lost use; `share` of the root's lost use (offsets are negative); children add up to it."""

    label: str
    share: float
    amount: float
    unit: str
    kind: str  # restriction, capacity, route, stock, reserve, resourcing, demand, input, other
    children: tuple[CauseNode, ...] = ()


@dataclass(frozen=True)
class AssumptionRow:
    """One assumption with its range and evidence."""

    name: str
    value: str
    range: str
    grade: str
    source: str
    event: str = ""  # id of the reviewed event that it rests on


@dataclass(frozen=True)
class SourceRow:
    """One data source: publisher, edition, licence, date, hash."""

    name: str
    publisher: str
    edition: str
    licence: str
    date: str
    sha256: str
    used_for: str


@dataclass(frozen=True)
class RecordRow:
    """How the model did on a past episode, or an indicator against published figures (`scorecard.csv`)."""

    title: str
    kind: str  # hindcast, indicator, check
    sample: str  # in sample, out of sample, parity
    cells: int
    error: float | None
    no_change_error: float | None
    proportional_error: float | None
    default_error: (
        float | None
    )  # under the default behaviour, that of most runs; `error` is the calibrated one
    signs: str  # such as `13 of 14`; empty where there are none
    verdict: str
    date: str
    data: str


@dataclass(frozen=True)
class CaseView:
    """One case (scenario) as it is shown."""

    id: str
    title: str
    sentence: str  # the answer in one sentence with two numbers
    description: str
    rows: tuple[ShortfallRow, ...]
    timelines: tuple[TimelineSpec, ...]
    value_kusd: float
    value_low_kusd: float
    value_median_kusd: float
    value_high_kusd: float
    basis_shares: BasisShares
    depends_on: tuple[str, ...]  # the three assumptions that move the headline number most
    tornado: TornadoSpec | None = None
    sankey_before: SankeySpec | None = None
    sankey_after: SankeySpec | None = None
    why: tuple[tuple[str, CauseNode], ...] = ()  # (title, tree)
    evidence: tuple[AssumptionRow, ...] = ()
    sankey_weeks: WeekFlows | None = None  # the same chain week by week, central draw


@dataclass(frozen=True)
class MeasureRow:
    """A measure of a case at its level: cost in thousand USD, payers with shares, from when it works."""

    id: str
    title: str
    kind: str
    level: float
    cost_low_kusd: float
    cost_kusd: float
    cost_high_kusd: float
    payers: tuple[tuple[str, float], ...]
    works_from: str | None  # ISO date of the first period with an effect; None = never
    basis: str  # cited, or assumed where nothing but judgement stands behind it
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class BudgetRow:
    """A public budget against which a cost is set: thousand USD, at a dated rate."""

    country: str
    name: str
    amount_kusd: float
    rate: str  # such as `158.2 JPY per USD on 2026-01-16`; empty for USD
    per_usd: float  # national currency units for a USD
    currency: str


@dataclass(frozen=True)
class PayerRow:
    """What a country pays for a plan, and its budget, where one is known."""

    name: str
    amount_kusd: float
    budget: BudgetRow | None


@dataclass(frozen=True)
class RestoredRow:
    """A user without and with a plan: first shortfall (ISO, None = never), share of use lost, value lost."""

    name: str
    first_without: str | None
    first_with: str | None
    lost_without: float
    lost_with: float
    value_without_kusd: float | None
    value_with_kusd: float | None


@dataclass(frozen=True)
class WorthRow:
    """A measure of the plan: what would be lost again without it, and what it avoids by itself."""

    title: str
    cost_kusd: float | None
    marginal_kusd: float | None
    alone_kusd: float | None


@dataclass(frozen=True)
class LeftOutRow:
    """A measure that is not in the plan, and why; `basis` is as of a measure, empty where none was kept."""

    title: str
    cost_kusd: float | None
    alone_kusd: float | None
    why: str
    cost_low_kusd: float | None = None
    cost_high_kusd: float | None = None
    basis: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class AllyRow:
    """What a country loses without and with the plan, and what it pays for it."""

    name: str
    without_kusd: float
    with_kusd: float
    pays_kusd: float


@dataclass(frozen=True)
class RegretRow:
    """How much more an answer loses than the best plan tried in the same draw: mean, least, worst, where.

    Draws count from 1; `best_in` is in how many of `draws` no other answer of the table loses less.
    `worst_loss_kusd` and `worst_least_kusd` are the two losses behind the worst, `mean_loss_kusd` and
    `mean_least_kusd` those behind the mean.
    """

    name: str
    mean_kusd: float
    low_kusd: float
    worst_kusd: float
    worst_draw: int
    best_in: int
    draws: int
    mean_loss_kusd: float
    mean_least_kusd: float
    worst_loss_kusd: float
    worst_least_kusd: float


@dataclass(frozen=True)
class SearchView:
    """How a plan was found: what was compared, what a budget buys, what was left out, who gains and pays.

    `regrets` compares answers draw by draw, where the search kept each draw; `regret` says and draws it.
    """

    sentence: str
    frontier: BarSpec | None
    bought: tuple[FrontierPoint, ...]
    compared: tuple[tuple[str, Loss], ...]  # name of an answer, what is lost under it
    worth: tuple[WorthRow, ...]
    left_out: tuple[LeftOutRow, ...]
    allies: tuple[AllyRow, ...]
    regrets: tuple[RegretRow, ...] = ()
    regret: tuple[str, BarSpec] | None = None


@dataclass(frozen=True)
class ResponseView:
    """A case with measures beside the case that it answers."""

    id: str
    title: str
    answers: str  # title of the case without measures
    sentence: str
    promise: str
    measures: tuple[MeasureRow, ...]
    payers: tuple[PayerRow, ...]
    restored: tuple[RestoredRow, ...]
    bars: BarSpec
    timelines: tuple[TimelineSpec, ...]
    search: SearchView | None = None  # where the answer of kaname respond is given beside the plan


@dataclass(frozen=True)
class ProofRow:
    """A sentence behind an item: the event's id, its document and day, and who reviewed it."""

    event: str
    sentence: str
    document: str
    published: str | None
    reviewed_by: str | None


@dataclass(frozen=True)
class SituationRow:
    """What allies agreed, build, place, pay or say, how far it is, and the shortage that threatens it."""

    what: str
    who: str
    status: str
    when: str | None  # ISO, as coarse as the text; None where no sentence says it
    reported: str | None
    next_date: str | None
    amount: str
    threat: str
    proofs: tuple[ProofRow, ...]


@dataclass(frozen=True)
class SituationView:
    """The state of an alliance by kind of item; `note` says how the events were read and reviewed."""

    sentence: str
    note: str
    groups: tuple[tuple[str, tuple[SituationRow, ...]], ...]
    areas: tuple[tuple[str, str], ...]  # name of the area, what was reported of it


@dataclass(frozen=True)
class ReportModel:
    """The whole report."""

    title: str
    headline: str
    question: str
    subtitle: str  # as-of date, base year, horizon, seed
    answers: tuple[tuple[str, str], ...]  # (who, sentence): the direct answers, one per line or industry
    cases: tuple[CaseView, ...]
    case_bars: BarSpec | None
    heat: HeatSpec | None  # industries x cases, share of output lost
    exposure_map: MapSpec | None
    exposure_rows: tuple[dict[str, Any], ...]
    controls: tuple[AssumptionRow, ...]  # controls in force in the base state
    assumptions: tuple[AssumptionRow, ...]
    sources: tuple[SourceRow, ...]
    flags: tuple[str, ...]  # data flags: unrecorded supply, imputations, screens
    limits: tuple[str, ...]
    manifest: dict[str, Any] = field(default_factory=dict)
    lede: tuple[str, ...] = ()  # what follows the headline: one sentence each
    restricted: tuple[str, ...] = ()  # products that a restriction names
    responses: tuple[ResponseView, ...] = ()  # cases with measures beside those that they answer
    record: tuple[RecordRow, ...] = ()  # how the model did before, misses included
    data: DataView | None = None  # how good the data are
    situation: SituationView | None = None  # the state of the alliance, where reviewed events are given
