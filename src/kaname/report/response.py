"""Responses in words: what a plan does, what an alliance is worth (rules O3, O6)."""

from __future__ import annotations

from kaname.respond.alliance import Alliance
from kaname.respond.plan import Response
from kaname.terms.numerals import money


def response_sentence(found: Response) -> str:
    """Return the answer in a few sentences: cost, loss with and without, band, promise, who it was."""
    nothing, plan = found.do_nothing, found.delivered
    if not found.plan:
        return f"No measure is taken: {found.status}. {money(nothing.mean_kusd)} is lost on average."
    parts = [
        f"{_counted(len(found.plan))} for {money(found.cost_kusd)} bring the value of final use lost from "
        f"{money(nothing.mean_kusd)} to {money(plan.mean_kusd)} on average ({money(plan.low_kusd)} to "
        f"{money(plan.high_kusd)} in 90 % of draws; without them {money(nothing.low_kusd)} to "
        f"{money(nothing.high_kusd)})."
    ]
    if found.promised is not None and found.promised_nothing is not None:
        parts.append(
            f"By the planner's account {money(found.promised_nothing.mean_kusd)} would be lost without them "
            f"and {money(found.promised.mean_kusd)} with them."
        )
    gap = "" if found.gap is None else f", gap {found.gap:.1%} of the gain"
    parts.append(f"Chosen: {found.chosen} (planner {found.status}{gap}).")
    if found.bound_kusd is not None:
        parts.append(
            f"With perfect foresight and full cooperation no more than {money(found.bound_kusd)} would be "
            "lost in the central draw even without measures: a bound, not a plan."
        )
    return " ".join(parts)


def _counted(number: int) -> str:
    return "1 measure" if number == 1 else f"{number} measures"


def alliance_sentence(found: Alliance) -> str:
    """Return what an alliance avoids and what coordination is worth."""
    names = ", ".join(member.country for member in found.members)
    first = max(found.members, key=lambda member: member.shapley_kusd)
    parts = [
        f"Together {names} avoid {money(found.value_kusd)} of {money(found.loss_kusd)} lost on average; "
        f"{money(found.coordination_kusd)} of it only because they act together.",
        f"{first.country} brings most: {money(first.shapley_kusd)}.",
    ]
    if found.leavers:
        parts.append(f"{len(found.leavers)} coalitions would avoid more by themselves than their shares.")
    else:
        parts.append("No coalition would avoid more by itself than its shares.")
    return " ".join(parts)
