"""Why a measure is left out of a plan, in words: said by the search, and again in another language."""

from __future__ import annotations

from kaname.respond.plan import THRIFT
from kaname.terms.language import say
from kaname.terms.numerals import money

LATE = "Not tried beside the plan: the time limit was reached."


def why_not(
    added_kusd: float, cost_kusd: float, budget_kusd: float, spent_kusd: float, *, divisible: bool
) -> str:
    """Return why a measure is left out of a plan that costs `spent_kusd`, from what it would add to it
    (rule O5); amounts in thousand USD.
    """
    if added_kusd <= 0.0:
        return say("It would avoid nothing beside the plan.")
    added, cost = money(added_kusd), money(cost_kusd)
    if added_kusd < THRIFT * cost_kusd:
        return say(
            "It would avoid {added} more, less than {thrift} for each dollar.",
            added=added,
            thrift=f"{THRIFT:g}",
        )
    if cost_kusd > budget_kusd and not divisible:
        return say("It costs {cost}, more than the whole budget, and cannot be done in part.", cost=cost)
    left = budget_kusd - spent_kusd
    if cost_kusd > left:
        return say(
            "It would avoid {added} more ({each} for each dollar); {left} of the budget is left and it "
            "costs {cost}.",
            added=added,
            each=f"{added_kusd / cost_kusd:.1f}",
            left=money(max(left, 0.0)),
            cost=cost,
        )
    return say(
        "It would avoid {added} more on average, but makes the worst draws no better.",
        added=added,
    )
