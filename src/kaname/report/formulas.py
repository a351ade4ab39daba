"""How every number that can be explained is called and made, in words; the key is kind and measure."""

from __future__ import annotations

from collections.abc import Mapping

from kaname.terms.language import later_of, say

NAMES = later_of(
    {
        "value": "Value of lost output",
        "shortfall.first": "First week short",
        "shortfall.never": "Draws that are never short",
        "shortfall.worst": "Lowest weekly use",
        "shortfall.lost": "Use lost",
        "shortfall.value": "Value lost",
        "maker.first": "First week in which the makers are short",
        "measure.cost": "Cost of a measure",
        "plan.cost": "Cost of the plan",
        "plan.left": "Value of lost output with the plan",
        "payer.pays": "Paid for the plan",
        "restored.lost_without": "Use lost without the plan",
        "restored.lost_with": "Use lost with the plan",
        "restored.value_without": "Value lost without the plan",
        "restored.value_with": "Value lost with the plan",
        "ally.without": "Lost without the plan",
        "ally.with": "Lost with the plan",
        "ally.gains": "Gained by the plan",
        "ally.pays": "Paid for the plan",
        "worth.cost": "Cost of a measure",
        "worth.marginal": "Lost again without the measure",
        "worth.alone": "Avoided by the measure alone",
        "exposure.import_t": "Imports",
        "exposure.import_share": "Share of imports, by weight",
        "exposure.import_share_value": "Share of imports, by value",
        "exposure.import_share_balanced": "Share of imports, balanced",
        "exposure.consumption_share": "Share of consumption",
        "exposure.hhi": "Concentration of suppliers",
        "exposure.cover_days": "Days of stock at users",
        "exposure.spare_capacity_t": "Spare capacity elsewhere",
        "bought.budget": "Budget",
        "bought.cost": "Spent",
        "bought.delivered": "Loss left, by simulation",
        "bought.promised": "Loss left, by the planner's account",
        "bought.per_dollar": "Avoided per 1 more spent",
        "compared.mean": "Mean loss",
        "compared.tail": "Mean loss of the worst draws",
        "part.level": "Level of a measure in the plan of a budget",
        "part.cost": "Cost of a measure in the plan of a budget",
        "paid.pays": "Paid for the plan of a budget",
        "regret.mean": "Mean regret",
        "regret.worst": "Worst regret",
        "left.cost": "Cost of a measure left out",
        "left.alone": "Avoided by the measure alone",
        "measure.level": "Level of a measure",
        "measure.works_from": "First week with an effect",
        "payer.share": "Paid, as a share of a year's defence budget",
        "restored.first_without": "First week short without the plan",
        "restored.first_with": "First week short with the plan",
        "record.cells": "Figures compared",
        "record.default_error": "Mean error under the default rules",
        "record.error": "Mean error, calibrated, with prices",
        "record.no_change_error": "Mean error if nothing had changed",
        "record.proportional_error": "Mean error if cut as announced",
        "record.signs": "Directions that were right, calibrated",
        "node.amount": "What arrives in a year",
        "node.hhi": "Concentration of suppliers",
        "node.cover": "Days of stock at users",
        "node.reserve": "Days of national reserve",
        "node.share": "Share of what arrives",
        "node.supplied": "Supplied in a year",
        "node.stops": "Stops without it",
        "node.without": "Goes on without it",
        "shortfall.amount": "Use lost, by weight",
    }
)
FORMULAS = later_of(
    {
        "maker.first": (
            "The first week in which all who make the product there make less than 98 % of what they made "
            "before the shock and of what is ordered, with every assumption at its best guess. Their "
            "customers live on stock for some weeks longer."
        ),
        "shortfall.first": (
            "The first week in which less than 98 % is served, both of the use before the shock and of what"
            " is wanted in that week, with every assumption at its best guess. The range is that of the "
            "draws that fall short: 5 to 95 % of them."
        ),
        "shortfall.never": "The share of the draws of all assumptions together in which no week is short.",
        "shortfall.worst": (
            "Use in the worst week, divided by the use before the shock, with every assumption at its best "
            "guess. The range spans 5 to 95 % of the draws."
        ),
        "shortfall.lost": (
            "What is not used over all weeks, divided by the use before the shock over the same weeks, with"
            " every assumption at its best guess. The range spans 5 to 95 % of the draws."
        ),
        "shortfall.value": (
            "For each week: the use that the simulation leaves unserved, times the value of a unit of it in"
            " the network, in thousand USD; then the sum over the weeks."
        ),
        "measure.cost": (
            "The level of the measure, times: capital, plus the yearly cost for each year at work, plus the"
            " cost of a unit for each unit delivered; over the horizon (rule R6). Low and high come from "
            "the ranges of its costs."
        ),
        "plan.cost": (
            "The sum of the costs of the measures in the plan. Low and high add up the low and the high "
            "costs, as if all were low or high together."
        ),
        "payer.pays": (
            "For each measure of the plan: its cost times the share that this country pays; then the sum."
        ),
        "ally.without": "The value of the use that this country loses, mean over the draws of the search.",
        "ally.gains": (
            "What the country loses without the plan, less what it loses with it; mean over the draws of "
            "the search. What it pays is not taken off."
        ),
        "worth.marginal": (
            "The plan is simulated again without this measure: the loss then, less the loss with the whole "
            "plan."
        ),
        "worth.alone": "The loss without any measure, less the loss with this measure alone.",
        "exposure.import_t": (
            "Gross tonnes imported in the base year, as reported; replaced or filled where the screen of "
            "quantities found them impossible (see the notes)."
        ),
        "exposure.import_share": (
            "Tonnes from this supplier, divided by all tonnes imported, as reported, before any imputation."
        ),
        "exposure.import_share_value": (
            "Value of imports from this supplier, divided by the value of all imports, as reported."
        ),
        "exposure.import_share_balanced": (
            "Contained tonnes that this supplier ships, re-exports included, divided by all that the market"
            " imports, in the base state of the network."
        ),
        "exposure.consumption_share": (
            "The same supply, divided by the whole inflow: imports, home output, recycling and unrecorded "
            "supply."
        ),
        "exposure.hhi": (
            "The sum of the squared shares of the suppliers by weight (Herfindahl-Hirschman index, 0 to 1)."
        ),
        "exposure.cover_days": (
            "Days of need that users hold in stock. No public table shows them: an assumption with a range."
        ),
        "exposure.spare_capacity_t": (
            "What producers outside both markets could add in a year: their output times their headroom."
        ),
        "value": (
            "For each user in the targeted markets and each week: the use that the simulation leaves "
            "unserved, times the value of a unit of it in the network, in thousand USD; then the sum over "
            "users and weeks."
        ),
        "bought.budget": (
            "What may be spent in all: the budget of the search, times the square of this step "
            "over all steps."
        ),
        "bought.cost": "The sum of the costs of the measures that the plan of this budget takes.",
        "bought.delivered": (
            "The value of the use that is still lost under the plan of this budget, simulated for each draw"
            " of the search; then the mean. The range spans 5 to 95 % of the draws."
        ),
        "bought.promised": (
            "The same loss by the linear model with which the planner chooses: one plan for all draws, "
            "every ally sharing as the plan says. That it differs from the simulated loss is the error of "
            "the planner."
        ),
        "bought.per_dollar": (
            "What the simulated loss falls by against the point before (for the first point: against doing "
            "nothing), divided by what is spent more."
        ),
        "compared.mean": (
            "The value of the use that the targeted markets lose under this answer, simulated for each draw"
            " of the search; then the mean. The range spans 5 to 95 % of the draws."
        ),
        "compared.tail": "The same losses, of which only the worst tenth of the draws is averaged.",
        "part.level": (
            "The part of the measure that the plan of this budget takes: 100 % is all that it can be."
        ),
        "part.cost": (
            "The level, times what the whole measure costs: capital, plus the yearly cost for each year at "
            "work, plus the cost of a unit for each unit delivered; over the horizon (rule R6)."
        ),
        "paid.pays": (
            "The costs of the measures in the plan of this budget, each times the country's share of it, "
            "summed."
        ),
        "regret.mean": (
            "In each draw, what is lost with this answer less what is lost with the best of all plans within "
            "the budget that were simulated; then the mean. Only plans that were tried count: the true best "
            "may lose less still."
        ),
        "regret.worst": (
            "In each draw, what is lost with this answer less what is lost with the best of all plans within "
            "the budget that were simulated; the largest of these differences."
        ),
        "left.cost": (
            "What the whole measure would cost: capital, plus the yearly cost for each year at work, plus "
            "the cost of a unit for each unit delivered; over the horizon (rule R6). Low and high come from"
            " the ranges of its costs."
        ),
        "measure.level": (
            "The part of the measure that the plan takes: 100 % is all that the measure can be. The search "
            "chooses it within the budget, or whoever wrote the plan."
        ),
        "measure.works_from": (
            "The first week of the central case in which the measure changes anything: its start, plus its "
            "lead time at the best guess, plus the weeks until what it brings arrives."
        ),
        "payer.share": (
            "What the country pays for the plan, divided by its defence budget of a year, both in thousand "
            "USD at the rate named beside the budget."
        ),
        "record.cells": (
            "How many figures of the episode could be compared with what was observed or published."
        ),
        "record.error": (
            "For each figure the difference between what the model gave and what happened, as changes of "
            "imports (0.25 is 25 points), without sign; then the mean."
        ),
        "record.no_change_error": "The same mean error of a rule that foretells no change at all.",
        "record.proportional_error": (
            "The same mean error of a rule that cuts all that was restricted as it was announced, and "
            "nothing else."
        ),
        "record.signs": "Of the figures that moved, how many moved in the direction that the model gave.",
        "node.amount": (
            "All that arrives at the users of this market in a year of the base state of the network: "
            "imports, home output, recycling and unrecorded supply."
        ),
        "node.hhi": (
            "The sum of the squared shares of the countries that supply what arrives, home included "
            "(Herfindahl-Hirschman index, 0 to 1)."
        ),
        "node.reserve": "Days of need in national reserves, where a public source names them.",
        "node.share": "What this supplier sends to the market in a year, divided by all that arrives.",
        "node.supplied": (
            "What this supplier sends to the market in a year of the base state, balanced so that what goes"
            " out and what comes in agree."
        ),
        "node.stops": (
            "The part of the output of this user that cannot be made where the material is missing, by the "
            "recipe of the network."
        ),
        "node.without": "All, less the part that stops: what other materials or designs can stand in for.",
        "shortfall.amount": (
            "Use lost as a share, times what is used before the shock over the same weeks, in tonnes of "
            "content."
        ),
    }
)
SAME: Mapping[str, str] = {
    "plan.left": "value",
    "restored.lost_without": "shortfall.lost",
    "restored.lost_with": "shortfall.lost",
    "restored.value_without": "shortfall.value",
    "restored.value_with": "shortfall.value",
    "restored.first_without": "shortfall.first",
    "restored.first_with": "shortfall.first",
    "worth.cost": "measure.cost",
    "ally.pays": "payer.pays",
    "ally.with": "ally.without",
    "left.alone": "worth.alone",
    "record.default_error": "record.error",
    "node.cover": "exposure.cover_days",
}
"""Numbers that are made like another one."""


def name_of_number(key: str) -> str:
    """Return what a number is called, in the language that is spoken."""
    return say(NAMES[key])


def formula_of(key: str) -> str:
    """Return how a number is made, in words."""
    return say(FORMULAS[SAME.get(key, key)])
