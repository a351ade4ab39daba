"""What stands behind the numbers of a plan: its measures, who pays, what it restores, who gains."""

from __future__ import annotations

from kaname.report.explanation import KUSD, SHARE, Asked, Explained, Given, assumed, behind
from kaname.report.model import MeasureRow
from kaname.terms.language import say
from kaname.terms.numerals import money, percent


def measure(asked: Asked) -> Explained:
    """Return what stands behind what a measure of a plan costs. Raises DataMissing."""
    case, what, parts = asked.case, asked.what, asked.parts
    plan = asked.planned()
    row = next((one for one in plan.measures if parts == (one.id, "cost")), None)
    if row is None:
        raise asked.none([f"measure:{one.id}:cost" for one in plan.measures[:6]])
    payers = [
        Given(say("paid by {name}", name=name), percent(share), "assumed")
        for name, share in row.payers
        if share
    ]
    proofs = [Given(say("evidence"), text, row.basis) for text in row.evidence]
    return Explained(
        case, what, "measure.cost", row.title, row.cost_kusd, KUSD, "assumed",
        (row.cost_low_kusd, None, row.cost_high_kusd),
        (Given(say("level"), percent(row.level), "modelled"), *payers, *proofs), sources=(),
    )  # fmt: skip


def _cost_of(row: MeasureRow) -> str:
    """Return the address of what a measure costs."""
    return f"measure:{row.id}:cost"


def plan_cost(asked: Asked) -> Explained:
    """Return what stands behind what a plan costs in all. Raises DataMissing."""
    case, what, parts = asked.case, asked.what, asked.parts
    plan = asked.planned()
    if parts != ("cost",):
        raise asked.none(["plan:cost"])
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


def payer(asked: Asked) -> Explained:
    """Return what stands behind what a country pays. Raises DataMissing."""
    case, what = asked.case, asked.what
    plan = asked.planned()
    row, measure = asked.numbered(plan.payers, ("pays",))
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


def restored(asked: Asked) -> Explained:
    """Return what stands behind what a plan restores to a user. Raises DataMissing."""
    model, case, what = asked.model, asked.case, asked.what
    plan = asked.planned()
    measures = ("lost_without", "lost_with", "value_without", "value_with")
    row, measure = asked.numbered(plan.restored, measures)
    share = measure.startswith("lost")
    value = getattr(row, measure if share else f"{measure}_kusd")
    return Explained(
        case, what, f"restored.{measure}", row.name, value, SHARE if share else KUSD, "modelled",
        inputs=(*behind(case), *assumed(model, case)),
        causes=tuple((title, tree) for title, tree in case.why if title == row.name),
        evidence=case.evidence, sources=model.sources,
    )  # fmt: skip


def ally(asked: Asked) -> Explained:
    """Return what stands behind what an ally loses, gains or pays. Raises DataMissing."""
    case, what = asked.case, asked.what
    rows = asked.searched().allies
    row, measure = asked.numbered(rows, ("without", "with", "gains", "pays"))
    gains = row.without_kusd - row.with_kusd
    value = gains if measure == "gains" else getattr(row, f"{measure}_kusd")
    inputs = (
        Given(say("loses without the plan"), money(row.without_kusd), "modelled"),
        Given(say("loses with the plan"), money(row.with_kusd), "modelled"),
        Given(say("pays"), money(row.pays_kusd), "assumed"),
    )
    basis = "assumed" if measure == "pays" else "modelled"
    return Explained(case, what, f"ally.{measure}", row.name, value, KUSD, basis, inputs=inputs)


def worth(asked: Asked) -> Explained:
    """Return what stands behind what a measure costs and is worth in the search. Raises DataMissing."""
    case, what = asked.case, asked.what
    rows = asked.searched().worth
    row, measure = asked.numbered(rows, ("cost", "marginal", "alone"))
    basis = "assumed" if measure == "cost" else "modelled"
    proofs = [
        Given(say("evidence"), text, one.basis)
        for one in asked.planned().measures
        if one.title == row.title
        for text in one.evidence
    ]
    value = getattr(row, f"{measure}_kusd")
    return Explained(case, what, f"worth.{measure}", row.title, value, KUSD, basis, inputs=tuple(proofs))
