"""The verbs on responses: respond, alliance."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kaname.cli.printing import Json, Quiet, say, show

if TYPE_CHECKING:
    from kaname.respond.alliance import Alliance
    from kaname.respond.plan import Loss, Response

_PLAN = {
    "measure": "measure",
    "cost": "cost",
    "works_from": "works from",
    "payers": "paid by",
    "adds": "avoids now",
}
_LOSSES = {"what": "what", "mean": "mean", "low": "5 %", "high": "95 %", "tail": "worst draws"}
_FRONTIER = {
    "budget": "budget",
    "delivered": "loss",
    "band": "5 to 95 %",
    "per_dollar": "per dollar",
    "enters": "what enters",
}
_MEMBERS = {
    "country": "member",
    "shapley": "brings",
    "error": "+/-",
    "benefit": "gains at home",
    "burden": "pays",
    "alone": "avoids alone",
    "measures": "measures",
}
MeasuresOption = Annotated[
    Path | None, typer.Option("--measures", help="A folder or file of measures; default: the shipped ones.")
]
REJECTED = 8  # measures left out that are listed


def respond(  # noqa: PLR0913, PLR0917 - one argument for each option
    scenario: Annotated[Path, typer.Argument(help="A scenario file.")],
    budget: Annotated[float, typer.Option("--budget", help="What may be spent in all, in USD.")],
    draws: Annotated[int, typer.Option("--draws", help="Samples of all ranges at once.")] = 16,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the samples.")] = 20260106,
    measures: MeasuresOption = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", help="Seconds after which the best plan so far is taken.")
    ] = 300.0,
    steps: Annotated[int, typer.Option("--steps", help="Points of cost against loss up to the budget.")] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for plan.yaml, a scenario, and response.json.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find the cheapest mix of allied measures under a budget, and test it by simulation."""
    from kaname import response as responses  # noqa: PLC0415

    found = responses.respond(
        scenario,
        budget,
        measures=measures,
        draws=draws,
        seed=seed,
        time_limit_s=time_limit,
        steps=steps,
        out=out,
        say=say(quiet),
    )
    if as_json:
        print(json.dumps(responses.response_json(found), ensure_ascii=False, indent=1, allow_nan=False))
        return
    _tell(found, responses.budget_shares(found))
    if out is not None:
        print(f"\nPlan: {out / 'plan.yaml'} (kaname run simulates it with its report)")


def _tell(found: Response, shares: Sequence[Mapping[str, Any]]) -> None:
    """Print a response: sentence, plan, who pays, what was compared, the frontier, what was left out."""
    from kaname.report.response import response_sentence  # noqa: PLC0415
    from kaname.terms.numerals import money  # noqa: PLC0415

    print(response_sentence(found))
    rows = [
        {
            "measure": item.measure if item.level >= 1.0 else f"{item.measure} ({item.level:.0%})",
            "cost": money(item.cost_kusd),
            "works_from": item.works_from,
            "payers": ", ".join(item.payer),
            "adds": money(item.marginal_kusd),
        }
        for item in found.plan
    ]
    print()
    show(rows, _PLAN, "The plan", False, False)
    for line in map(_paid, shares):
        print(line)
    print(
        f"Chosen from {found.cited + found.assumed} measures: {found.cited} cited, {found.assumed} assumed."
    )
    losses: dict[str, Loss | None] = {"do nothing": found.do_nothing, **found.benchmarks}
    losses |= {"the plan": found.delivered, "planner's account, nothing": found.promised_nothing}
    losses |= {"planner's account, plan": found.promised}
    losses |= {f"block widened: {name}": loss for name, loss in found.retaliation.items()}
    told = [
        {
            "what": name,
            "mean": money(loss.mean_kusd),
            "low": money(loss.low_kusd),
            "high": money(loss.high_kusd),
            "tail": money(loss.tail_kusd),
        }
        for name, loss in losses.items()
        if loss is not None
    ]
    print()
    show(told, _LOSSES, "Value of final use lost", False, False)
    if found.retaliation_note:
        print(found.retaliation_note)
    if found.frontier:
        points = [
            {
                "budget": money(point.budget_kusd),
                "delivered": money(point.delivered_kusd),
                "band": f"{money(point.delivered_low_kusd)} to {money(point.delivered_high_kusd)}",
                "per_dollar": "-" if point.per_dollar is None else f"{point.per_dollar:.3g}",
                "enters": ", ".join(point.enters) or "-",
            }
            for point in found.frontier
        ]
        print()
        show(points, _FRONTIER, "What a budget buys", False, False)
    print("\nLeft out:")
    for item in found.rejected[:REJECTED]:
        print(f"  {item.measure}: {item.why}")
    if len(found.rejected) > REJECTED:
        print(f"  and {len(found.rejected) - REJECTED} more; --json lists all with their reasons.")


def _paid(share: Mapping[str, Any]) -> str:
    """Return what a country pays, in its own money and as a share of its defence budget."""
    from kaname.terms.numerals import money, percent  # noqa: PLC0415

    text = f"{share['country']} pays {money(share['amount_kusd'])}"
    if share["budget"] is None:
        return f"{text}; no budget is known."
    if share["currency"] != "USD":
        text += f" ({share['currency']} {share['amount_bn']:,.3g} bn at {share['rate']})"
    return f"{text}, {percent(share['budget_share'])} of its budget: {share['budget']}."


def alliance(
    scenario: Annotated[Path, typer.Argument(help="A scenario file.")],
    members: Annotated[str, typer.Option("--members", help="Countries, such as JPN,USA,AUS.")],
    draws: Annotated[int, typer.Option("--draws", help="Samples of all ranges at once.")] = 8,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the samples.")] = 20260106,
    measures: MeasuresOption = None,
    budget: Annotated[
        float | None, typer.Option("--budget", help="What a coalition may spend, in USD; default: no limit.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Value every coalition of allies: what each brings, gains and pays, and who would gain by leaving."""
    from kaname import response as responses  # noqa: PLC0415

    names = [name.strip() for name in members.split(",") if name.strip()]
    found = responses.alliance(
        scenario,
        names,
        measures=measures,
        draws=draws,
        seed=seed,
        budget_usd=budget,
        say=say(quiet),
    )
    if as_json:
        print(json.dumps(responses.alliance_json(found), ensure_ascii=False, indent=1, allow_nan=False))
        return
    _tell_alliance(found)


def _tell_alliance(found: Alliance) -> None:
    """Print an alliance: the sentence, the members, who would leave."""
    from kaname.report.response import alliance_sentence  # noqa: PLC0415
    from kaname.terms.numerals import money  # noqa: PLC0415

    print(alliance_sentence(found))
    rows = [
        {
            "country": item.country,
            "shapley": money(item.shapley_kusd),
            "error": "exact" if found.exact else money(item.error_kusd),
            "benefit": money(item.benefit_kusd),
            "burden": money(item.burden_kusd),
            "alone": money(item.alone_kusd),
            "measures": item.measures,
        }
        for item in found.members
    ]
    print()
    show(rows, _MEMBERS, "Members", False, False)
    for group, gain in found.leavers[:REJECTED]:
        print(f"{', '.join(group)} by themselves would avoid {money(gain)} more than their shares.")
