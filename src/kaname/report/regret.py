"""Regret: how much more each answer loses than the best plan that was tried in the same draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kaname.report.address import of
from kaname.report.chartspec import Bar, BarSpec
from kaname.report.model import RegretRow
from kaname.respond.plan import ByDraw
from kaname.terms.language import say
from kaname.terms.numerals import money

SAME_KUSD = 1e-6
KUSD_PER_BILLION = 1e6


def regret_rows(by_draw: ByDraw, chosen: str, name_of: Callable[[str], str]) -> tuple[RegretRow, ...]:
    """Return a row for each answer, the plan (`chosen`) last; `name_of` says what an answer is called."""
    names = [name for name in by_draw.losses_kusd if name != chosen]
    titles = {name: name_of(name) for name in names} | {chosen: say("The plan")}
    best = [min(losses) for losses in zip(*by_draw.losses_kusd.values(), strict=True)]
    return tuple(_row(by_draw, name, title, best) for name, title in titles.items())


def _row(by_draw: ByDraw, name: str, title: str, best: Sequence[float]) -> RegretRow:
    losses, least, regrets = by_draw.losses_kusd[name], by_draw.least_kusd, by_draw.regret_kusd(name)
    count = len(losses)
    worst = max(range(count), key=lambda d: (regrets[d], -d))
    return RegretRow(
        title,
        sum(regrets) / count,
        min(regrets),
        regrets[worst],
        worst + 1,
        sum(loss <= lowest + SAME_KUSD for loss, lowest in zip(losses, best, strict=True)),
        count,
        sum(losses) / count,
        sum(least) / count,
        losses[worst],
        least[worst],
    )


def regret_chart(by_draw: ByDraw, rows: Sequence[RegretRow], case_id: str) -> tuple[str, BarSpec]:
    """Say what the regret of the plan, the last row, is; and draw that of every answer as bars."""
    bars = tuple(
        Bar(
            row.name,
            row.mean_kusd / KUSD_PER_BILLION,
            row.low_kusd / KUSD_PER_BILLION,
            row.worst_kusd / KUSD_PER_BILLION,
            of=of(case_id, "regret", i, "mean"),
        )
        for i, row in enumerate(rows)
    )
    told = say("Mean over the draws, USD bn; band: the least and the most in any draw")
    title = say("Regret: what is lost beyond the best plan for the same draw")
    return _sentence(by_draw, rows[-1]), BarSpec(title, told, bars, "USD bn")


def _sentence(by_draw: ByDraw, plan: RegretRow) -> str:
    return say(
        "Nobody knows which draw comes. Had it been known, the best of the {tried} plans within the budget "
        "that were simulated would have lost {mean} less than the plan on average, and {worst} less in draw "
        "{draw}, the worst: the regret of the plan.",
        tried=by_draw.tried,
        mean=money(plan.mean_kusd),
        worst=money(plan.worst_kusd),
        draw=plan.worst_draw,
    )
