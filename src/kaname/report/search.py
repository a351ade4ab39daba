"""What the search for a plan found, as `kaname respond` keeps it: compared, bought, left out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from pydantic import BaseModel, ConfigDict, ValidationError

from kaname.report.address import of
from kaname.report.chartspec import Bar, BarSpec
from kaname.report.model import AllyRow, LeftOutRow, SearchView, WorthRow
from kaname.report.reading import citation
from kaname.report.regret import regret_chart, regret_rows
from kaname.respond.plan import ByDraw, FrontierPoint, Loss
from kaname.respond.wording import why_not
from kaname.scenario.ranges import Evidence
from kaname.scenario.scenario import Scenario
from kaname.terms.errors import InputError, Problem
from kaname.terms.language import ENGLISH, language, say, speaking, text_of
from kaname.terms.numerals import money, percent

RECORD = "response.json"
"""Name of the file: beside `plan.yaml`, in a folder of scenarios, in a run folder."""
LEVELS_AGREE = 1e-5  # levels are written with six decimals


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Taken(_Part):
    measure: str
    title: str
    level: float
    cost_kusd: float | None
    marginal_kusd: float | None
    alone_kusd: float | None


class _Rejected(_Part):
    measure: str
    title: str
    cost_kusd: float | None
    alone_kusd: float | None
    why: str
    added_kusd: float | None = None
    cost_low_kusd: float | None = None
    cost_high_kusd: float | None = None
    evidence: tuple[Evidence, ...] = ()


class _Beside(_Part):
    do_nothing: float
    plan: float


class _Counted(_Part):
    cited: int
    assumed: int


class Record(_Part):
    """The parts of `response.json` that a report shows; amounts in thousand USD."""

    scenario: str
    budget_kusd: float
    plan: tuple[_Taken, ...]
    rejected: tuple[_Rejected, ...]
    delivered: Loss
    do_nothing: Loss
    benchmarks: dict[str, Loss]
    chosen: str
    bound_kusd: float | None
    markets_kusd: dict[str, _Beside]
    payers_kusd: dict[str, float]
    frontier: tuple[FrontierPoint, ...]
    draws: int
    seed: int
    catalogue: _Counted
    by_draw: ByDraw | None = None  # older answers have none


def load_record(content: bytes, where: str) -> Record:
    """Return what `response.json` holds. Raises InputError with every fault."""
    try:
        return Record.model_validate(json.loads(content))
    except ValidationError as error:
        problems = [
            Problem(
                "not the answer of kaname respond",
                f"{where}: {'.'.join(map(str, one['loc']))}",
                "nothing" if one["type"] == "missing" else str(one["input"])[:60],
                one["msg"],
                "Write it again: kaname respond --out FOLDER.",
            )
            for one in error.errors()
        ]
        raise InputError(problems) from None
    except ValueError as error:
        fix = "Write it again: kaname respond --out FOLDER."
        raise InputError(
            Problem("not JSON", where, str(error)[:80], "the answer of kaname respond", fix)
        ) from None


def is_of(record: Record, scenario: Scenario) -> bool:
    """Return whether a scenario holds just the plan of a search: the same measures at the same levels."""
    found = {measure.id: measure.level for measure in scenario.measures}
    wanted = {item.measure: item.level for item in record.plan}
    return found.keys() == wanted.keys() and all(
        abs(found[name] - wanted[name]) <= LEVELS_AGREE for name in found
    )


def _left_out(item: _Rejected, record: Record) -> str:
    """Return why a measure was left out, in the language that is spoken: as recorded in English, else said
    again from its numbers where these give the recorded words.
    """
    if language() == ENGLISH or item.added_kusd is None or item.cost_kusd is None:
        return text_of(item.why)
    spent = sum(taken.cost_kusd or 0.0 for taken in record.plan)
    asked = (item.added_kusd, item.cost_kusd, record.budget_kusd, spent)
    for divisible in (True, False):
        with speaking(ENGLISH):
            same = why_not(*asked, divisible=divisible) == item.why
        if same:
            return why_not(*asked, divisible=divisible)
    return text_of(item.why)


def search_view(record: Record, names: Mapping[str, str], plan: str) -> SearchView:
    """Return the search as it is shown; `names` holds market id -> name, `plan` is the id of its case."""
    titles = {item.measure: text_of(item.title) for item in record.plan}
    titles |= {item.measure: text_of(item.title) for item in record.rejected}
    lines = {
        say("Do nothing"): record.do_nothing,
        **{_answer(name, titles): loss for name, loss in record.benchmarks.items()},
        say("The plan"): record.delivered,
    }
    drawn = record.by_draw
    rows = regret_rows(drawn, record.chosen, partial(_answer, titles=titles)) if drawn else ()
    return SearchView(
        sentence=_sentence(record),
        frontier=_frontier(record, plan) if record.frontier else None,
        bought=tuple(_named(point, titles, names) for point in record.frontier),
        compared=tuple(lines.items()),
        worth=tuple(
            WorthRow(text_of(item.title), item.cost_kusd, item.marginal_kusd, item.alone_kusd)
            for item in record.plan
        ),
        left_out=tuple(
            LeftOutRow(
                text_of(item.title),
                item.cost_kusd,
                item.alone_kusd,
                _left_out(item, record),
                item.cost_low_kusd,
                item.cost_high_kusd,
                _graded(item.evidence),
                tuple(map(citation, item.evidence)),
            )
            for item in record.rejected
        ),
        allies=_allies(record, names),
        regrets=rows,
        regret=regret_chart(drawn, rows, plan) if drawn else None,
    )


def _named(point: FrontierPoint, titles: Mapping[str, str], names: Mapping[str, str]) -> FrontierPoint:
    """Return a point with the titles of its measures and the names of those who pay."""
    parts = (replace(part, measure=titles.get(part.measure, part.measure)) for part in point.parts)
    return replace(
        point,
        enters=tuple(titles.get(name, name) for name in point.enters),
        parts=tuple(parts),
        payers_kusd={names.get(code, code): kusd for code, kusd in point.payers_kusd.items()},
    )


def _graded(evidence: Sequence[Evidence]) -> str:
    """Return what stands behind a measure: cited, assumed where it is judgement alone; empty without any."""
    if not evidence:
        return ""
    return "assumed" if all(one.grade == "assumed" for one in evidence) else "cited"


def _answer(name: str, titles: Mapping[str, str]) -> str:
    """Return what an answer that was compared is called: `lynas alone` by its title."""
    single = name.removesuffix(" alone")
    text = say("{measure}, alone", measure=titles[single]) if single in titles else say(name)
    return text[:1].upper() + text[1:]


def _sentence(record: Record) -> str:
    """Say from how much was chosen, over what, and how far the plan is from the best that could be."""
    counted = record.catalogue
    text = say(
        "Chosen from {all} measures ({cited} cited, {assumed} assumed) for at most {budget}, over {draws} "
        "draws of all ranges (seed {seed}); losses are simulated, but for the planner's account.",
        all=counted.cited + counted.assumed,
        cited=counted.cited,
        assumed=counted.assumed,
        budget=money(record.budget_kusd),
        draws=record.draws,
        seed=record.seed,
    )
    if record.bound_kusd is not None:
        text += say(
            " With perfect foresight and every ally sharing, the same measures would leave {bound} lost in "
            "the central draw: no plan of these measures can do better.",
            bound=money(record.bound_kusd),
        )
    return text


def _frontier(record: Record, plan: str) -> BarSpec:
    nothing = record.do_nothing
    bars = [
        Bar(
            say("No budget"),
            nothing.mean_kusd / 1e6,
            nothing.low_kusd / 1e6,
            nothing.high_kusd / 1e6,
            of=of(plan, "compared", 0, "mean"),
        )
    ]
    bars += [
        Bar(
            money(point.budget_kusd),
            point.delivered_kusd / 1e6,
            point.delivered_low_kusd / 1e6,
            point.delivered_high_kusd / 1e6,
            note=_avoided(point, nothing),
            of=of(plan, "bought", i, "delivered"),
        )
        for i, point in enumerate(record.frontier)
    ]
    told = say("Mean loss that is left, USD bn, by what may be spent; band: 5 to 95 % of the draws")
    return BarSpec(say("What a budget buys"), told, tuple(bars), "USD bn")


def _avoided(point: FrontierPoint, nothing: Loss) -> str:
    if nothing.mean_kusd <= 0.0:
        return ""
    return say("{share} avoided", share=percent(1.0 - point.delivered_kusd / nothing.mean_kusd))


def _allies(record: Record, names: Mapping[str, str]) -> tuple[AllyRow, ...]:
    """Return who loses what without and with the plan, and who pays; the largest loss first."""
    countries: dict[str, list[float]] = {}
    for market, beside in record.markets_kusd.items():
        row = countries.setdefault(market.split("/")[0], [0.0, 0.0])
        row[0] += beside.do_nothing
        row[1] += beside.plan
    for country in record.payers_kusd:
        countries.setdefault(country, [0.0, 0.0])
    rows = [
        AllyRow(names.get(code, code), before, after, record.payers_kusd.get(code, 0.0))
        for code, (before, after) in countries.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.without_kusd, -row.pays_kusd, row.name)))
