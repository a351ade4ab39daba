"""What stands behind the numbers of a plan: its measures, who pays, what it restores."""

from __future__ import annotations

from kaname.report.address import VALUE
from kaname.report.explanation import DATE, KUSD, SHARE, Asked, Explained, Given, assumed, behind
from kaname.report.model import MeasureRow, PayerRow, ResponseView
from kaname.terms.language import say
from kaname.terms.numerals import money, percent

KUSD_PER_BILLION = 1e6


def measure(asked: Asked) -> Explained:
    """Return what stands behind the cost or the level of a measure of a plan, or from when it works.

    Raises DataMissing.
    """
    case, what, parts = asked.case, asked.what, asked.parts
    plan = asked.planned()
    row = next((one for one in plan.measures if parts[:1] == (one.id,)), None)
    if row is None or parts[1:] not in {("cost",), ("level",), ("works_from",)}:
        raise asked.none([f"measure:{one.id}:cost|level|works_from" for one in plan.measures[:6]])
    proofs = [Given(say("evidence"), text, row.basis) for text in row.evidence]
    if parts[1] == "works_from":
        return Explained(
            case, what, "measure.works_from", row.title, row.works_from, DATE, "assumed",
            inputs=tuple(proofs), sources=(),
        )  # fmt: skip
    if parts[1] == "level":
        cost = Given(say("cost at this level"), money(row.cost_kusd), "assumed", "", _cost_of(row))
        return Explained(
            case, what, "measure.level", row.title, row.level, SHARE, "modelled", inputs=(cost, *proofs),
            sources=(),
        )  # fmt: skip
    payers = [
        Given(say("paid by {name}", name=name), percent(share), "assumed")
        for name, share in row.payers
        if share
    ]
    level = Given(say("level"), percent(row.level), "modelled", "", f"measure:{row.id}:level")
    return Explained(
        case, what, "measure.cost", row.title, row.cost_kusd, KUSD, "assumed",
        (row.cost_low_kusd, None, row.cost_high_kusd), (level, *payers, *proofs), sources=(),
    )  # fmt: skip


def _cost_of(row: MeasureRow) -> str:
    """Return the address of what a measure costs."""
    return f"measure:{row.id}:cost"


def plan_whole(asked: Asked) -> Explained:
    """Return what stands behind what a plan costs in all, or leaves lost. Raises DataMissing."""
    case, what, parts = asked.case, asked.what, asked.parts
    plan = asked.planned()
    if parts == ("left",):
        return _left_lost(asked, plan)
    if parts != ("cost",):
        raise asked.none(["plan:cost", "plan:left"])
    low, cost, high = (
        sum(getattr(row, f"{name}kusd") for row in plan.measures)
        for name in ("cost_low_", "cost_", "cost_high_")
    )
    rows = sorted(plan.measures, key=lambda row: -row.cost_kusd)
    return Explained(
        case, what, "plan.cost", plan.title, cost, KUSD, "assumed", (low, None, high),
        tuple(
            Given(row.title, money(row.cost_kusd), "assumed", "; ".join(row.evidence[:1]), _cost_of(row))
            for row in rows
        ),
    )  # fmt: skip


def _left_lost(asked: Asked, plan: ResponseView) -> Explained:
    """Return what stands behind what is lost in all with the plan: the bar of the report, in thousand USD."""
    case, bar = asked.case, plan.bars.bars[-1]
    low, value, median, high = (
        None if part is None else part * KUSD_PER_BILLION
        for part in (bar.low, bar.value, bar.median, bar.high)
    )
    inputs = (
        Given(say("loses without the plan"), money(case.value_kusd), "modelled", "", VALUE),
        Given(
            say("cost of the plan"),
            money(sum(row.cost_kusd for row in plan.measures)),
            "assumed",
            "",
            "plan:cost",
        ),
        *behind(case),
        *assumed(asked.model, case),
    )
    return Explained(
        case, asked.what, "plan.left", plan.title, value, KUSD, "modelled", (low, median, high), inputs,
        evidence=case.evidence, sources=asked.model.sources,
    )  # fmt: skip


def payer(asked: Asked) -> Explained:
    """Return what stands behind what a country pays. Raises DataMissing."""
    case, what = asked.case, asked.what
    plan = asked.planned()
    measures = ("pays", "share")
    row, measure = asked.numbered(plan.payers, measures)
    if measure == "share":
        return _of_budget(asked, row)
    inputs = [
        Given(
            one.title,
            money(one.cost_kusd * share),
            "assumed",
            say("{share} of its cost", share=percent(share)),
            f"measure:{one.id}:cost",
        )
        for one in sorted(plan.measures, key=lambda one: -one.cost_kusd)
        for name, share in one.payers
        if share and row.budget is not None and name == row.budget.country
    ]
    if row.budget is not None:
        inputs.append(Given(row.budget.name, money(row.budget.amount_kusd), "observed", row.budget.rate))
    return Explained(
        case, what, f"payer.{measure}", row.name, row.amount_kusd, KUSD, "assumed", inputs=tuple(inputs)
    )  # fmt: skip


def _of_budget(asked: Asked, row: PayerRow) -> Explained:
    """Return what stands behind the share of a year's defence budget. Raises DataMissing without a budget."""
    if row.budget is None:
        raise asked.none([f"payer:{asked.parts[0]}:pays"])
    paid = Given(say("pays"), money(row.amount_kusd), "assumed", "", f"payer:{asked.parts[0]}:pays")
    budget = Given(row.budget.name, money(row.budget.amount_kusd), "observed", row.budget.rate)
    share = row.amount_kusd / row.budget.amount_kusd
    return Explained(
        asked.case, asked.what, "payer.share", row.name, share, SHARE, "assumed", inputs=(paid, budget),
        digits=2,
    )  # fmt: skip


def restored(asked: Asked) -> Explained:
    """Return what stands behind what a plan restores to a user. Raises DataMissing."""
    model, case, what = asked.model, asked.case, asked.what
    plan = asked.planned()
    measures = ("first_without", "first_with", "lost_without", "lost_with", "value_without", "value_with")
    row, measure = asked.numbered(plan.restored, measures)
    kind = measure.partition("_")[0]
    value = getattr(row, f"{measure}_kusd" if kind == "value" else measure)
    unit = {"first": DATE, "lost": SHARE, "value": KUSD}[kind]
    return Explained(
        case, what, f"restored.{measure}", row.name, value, unit, "modelled",
        inputs=(*behind(case), *assumed(model, case)),
        causes=tuple((title, tree) for title, tree in case.why if title == row.name),
        evidence=case.evidence, sources=model.sources,
    )  # fmt: skip
