"""The first page: one sentence, one chart, three cards, what was reported last, and a way to the reasons."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.data.stored_event import StoredEvent
from kaname.report.address import VALUE, of, of_row
from kaname.report.charts.svg import escape, tag
from kaname.report.chartspec import TimelineSpec
from kaname.report.markup import figure, number
from kaname.report.model import CaseView, ResponseView, ShortfallRow
from kaname.report.reading import by_onset, first_row, money_range, start_of, who, worst_row
from kaname.report.words import inline
from kaname.terms.language import say
from kaname.terms.numerals import day, money, percent, week_of, weeks
from kaname.web.pages.cited import cited
from kaname.web.pages.layout import View, cases_nav, english, frame

MOST_EVENTS = 4
LEAST_SHARE = 0.001


def overview(view: View, events: Sequence[StoredEvent]) -> str:
    """Return the page of a run; without one, that it is being computed."""
    case = view.case
    if view.model is None or case is None:
        return waiting(view, None)
    plan = plan_of(view)
    body = (
        _masthead(view, case, plan),
        cases_nav(view, "/"),
        _figures(view, case),
        english(view, _chart(view, case, plan)),
        _cards(view, case, plan),
        english(view, figure(view.model.exposure_map, key="overview-map", full=True, level=2))
        if view.model.exposure_map is not None
        else "",
        _reported(view, events),
    )
    return frame(view, "overview", view.say("page.overview"), *body)


def plan_of(view: View) -> ResponseView | None:
    """Return the plan that answers the case that is shown, or whose case is shown."""
    case = view.case
    if view.model is None or case is None:
        return None
    return next((one for one in view.model.responses if case.title == one.answers or case.id == one.id), None)


def waiting(view: View, ident: str | None, there: str = "/") -> str:
    """Return the page while the run that is asked for is not there yet; `there` is where it leads then."""
    kind = "wait" if view.run else "none"  # a run that was asked for, or the sample
    told = view.say(f"{kind}.text") if ident else view.say("none.idle")
    title = view.say(f"{kind}.title") if ident else view.say("page.overview")
    state = (
        tag(
            "div",
            tag(
                "p",
                tag("b", escape(view.say("run.queued")), class_="state"),
                " ",
                tag("span", " ", class_="step"),
            ),
            tag("p", escape(view.say("run.again")), class_="meta"),
            class_="progress",
            data_run=ident,
            data_next=view.link(there, run=ident),
            data_words="|".join(
                f"{key}={view.say(f'run.{key}')}"
                for key in ("queued", "running", "done", "failed", "cancelled")
            ),
            aria_live="polite",
        )
        if ident
        else ""
    )
    return frame(
        view, "overview", title, tag("h1", escape(title)), tag("p", escape(told), class_="lead"), state
    )


def _masthead(view: View, case: CaseView, plan: ResponseView | None) -> str:
    """Return the answer in one sentence with two numbers; it leads to where they come from."""
    why = tag(
        "a", escape(view.say("over.how")), href=view.link("/explain", case=case.id), class_="how", id="how"
    )
    return tag("section", tag("h1", escape(headline(view, case, plan))), tag("p", why), class_="masthead")


def headline(view: View, case: CaseView, plan: ResponseView | None) -> str:
    """Return what happens in a case in one sentence: what runs short in which week, how far its use falls,
    what is lost, and what is lost with the plan.
    """
    row = worst_row(case)
    if row is None:
        return view.say("over.head.nothing", case=case.title)
    first, start = row.first_shortfall_date, start_of(case)
    facts = {
        "case": case.title,
        "product": inline(row.product_name),
        "market": row.market_name,
        "worst": _fallen(view, row.worst_share),
        "value": money(case.value_kusd),
        "week": week_of(first, start) if first and start else "",
    }
    dated = "over.head" if first and start else "over.head.undated"
    told = view.say(dated, **facts)
    if plan is None:
        return told
    return told + view.say("over.head.plan", value=money(plan.bars.bars[-1].value * 1e6))


def _fallen(view: View, share: float) -> str:
    """Return a share as it stands in a sentence: what is nearly nothing is under 0.1 %."""
    if 0.0 < share < LEAST_SHARE:
        return view.say("over.under", share=percent(LEAST_SHARE))
    return percent(share)


def _figures(view: View, case: CaseView) -> str:
    first, worst = first_row(case), worst_row(case)
    found = [
        (
            view.say("over.value"),
            number(money(case.value_kusd), "modelled", of(case.id, VALUE)),
            money_range(case),
        )
    ]
    if first is not None:
        span = weeks(
            first.first_shortfall_early or first.first_shortfall_date,
            first.first_shortfall_late,
            start_of(case),
        )
        note = say("{span}, {product}", span=span, product=first.product_name) if span else first.product_name
        when = number(day(first.first_shortfall_date), first.basis, of_row(case.id, first, "first"))
        found.append((view.say("over.first"), when, note))
    if worst is not None:
        lowest = number(percent(worst.worst_share), worst.basis, of_row(case.id, worst, "worst"))
        found.append((view.say("over.lowest"), lowest, who(worst)))
    items = (
        tag(
            "div",
            tag("dt", escape(name)),
            tag("dd", value, tag("span", escape(note), class_="range wrap", lang=view.foreign)),
        )
        for name, value, note in found
    )
    return tag("dl", *items, class_="big")


def _chart(view: View, case: CaseView, plan: ResponseView | None) -> str:
    """Return the timeline: with and without the plan where there is one, else of the worst user."""
    spec: TimelineSpec | None = None
    if plan is not None and plan.timelines:
        spec = plan.timelines[0]
    elif case.timelines:
        spec = case.timelines[0]
    if spec is None:
        return ""
    last = len(spec.dates) - 1
    slider = tag(
        "p",
        tag("label", escape(view.say("over.week")), for_="week"),
        f'<input id="week" type="range" min="0" max="{last}" value="{min(8, last)}" data-scrub="1">',
        tag("output", " ", for_="week", id="week-says"),
        class_="scrub",
    )
    heading = tag("h2", escape(view.say("over.timeline"))) if plan is not None else ""
    return heading + figure(spec, key="overview", full=True, level=3) + slider


def _cards(view: View, case: CaseView, plan: ResponseView | None) -> str:
    rows = by_onset(row for row in case.rows if row.first_shortfall_date)
    hit = sorted(case.rows, key=lambda row: -(row.value_kusd or 0.0))
    nothing = tag("p", escape(view.say("over.nothing")))
    breaks = (
        tag("ol", *(_breaks(row, case.id) for row in _apart(rows)), lang=view.foreign) if rows else nothing
    )
    harmed = tag("ol", *(_harmed(row, case.id) for row in hit[:3]), lang=view.foreign) if hit else nothing
    do = (
        tag("p", escape(plan.sentence), lang=view.foreign) + _cost(view, plan)
        if plan is not None
        else tag("p", escape(view.say("over.noplan")))
    )
    cards = (
        ("over.breaks", breaks, "/shortages"),
        ("over.hit", harmed, "/shortages"),
        ("over.do", do, "/responses"),
    )
    return tag(
        "div",
        *(
            tag(
                "section",
                tag("h2", escape(view.say(key))),
                body,
                tag(
                    "p",
                    tag("a", escape(view.say(f"{key}.open")), href=view.link(path)),
                ),
                class_="card",
            )
            for key, body, path in cards
        ),
        class_="cards",
    )


def _cost(view: View, plan: ResponseView) -> str:
    """Return what the plan costs; the number leads to what it is made of."""
    cost = money(sum(row.cost_kusd for row in plan.measures))
    return tag(
        "p",
        escape(view.say("over.cost") + view.say("colon")),
        number(cost, "assumed", of(plan.id, "plan", "cost")),
    )


def _apart(rows: Sequence[ShortfallRow]) -> list[ShortfallRow]:
    """Return the first three shortfalls, each of another product."""
    found: dict[str, ShortfallRow] = {}
    for row in rows:
        found.setdefault(row.product, row)
    return list(found.values())[:3]


def _breaks(row: ShortfallRow, case_id: str) -> str:
    when = number(day(row.first_shortfall_date), row.basis, of_row(case_id, row, "first"))
    return tag(
        "li", tag("b", escape(row.product_name)), escape(say(", {name}: ", name=row.market_name)), when
    )


def _harmed(row: ShortfallRow, case_id: str) -> str:
    lost = number(money(row.value_kusd), row.basis, of_row(case_id, row, "value"))
    return tag(
        "li", tag("b", escape(row.market_name)), escape(say(", {name}: ", name=row.product_name)), lost
    )


def _reported(view: View, events: Sequence[StoredEvent]) -> str:
    if not events:
        return ""
    return tag("section", tag("h2", escape(view.say("over.events"))), cited(view, events, MOST_EVENTS))
