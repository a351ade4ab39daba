"""The chain behind a material in one week of the run: a slider, and the server's chart of that week."""

from __future__ import annotations

from kaname.report.charts import MEDIUM, WIDE
from kaname.report.charts.sankey import node_values
from kaname.report.charts.svg import escape, tag
from kaname.report.chartspec import WeekFlows
from kaname.report.markup import figure
from kaname.terms.errors import InputError, Problem
from kaname.terms.numerals import day
from kaname.web.pages.forms import button, kept
from kaname.web.pages.layout import View, english
from kaname.web.pages.takeaway import with_links

MOST_COLUMNS = 4


def week_of(weeks: WeekFlows, wished: str | None) -> int:
    """Return the week that an address asks for; without one that in which least is used.

    Raises InputError for what is no week of the run.
    """
    if not wished:
        return weeks.lowest()
    most = len(weeks.dates)
    if not wished.isascii() or not wished.isdecimal() or not 1 <= int(wished[:6]) <= most:
        raise InputError(Problem("no such week of the run", "week", wished[:20], f"1 to {most}"))
    return int(wished)


def week_section(view: View, wished: str | None, others: dict[str, str] | None = None) -> str:
    """Return slider and chart; nothing where the case has no chain. `others` are kept when it is sent."""
    weeks = view.case.sankey_weeks if view.case is not None else None
    if weeks is None:
        return ""
    number, most = week_of(weeks, wished), len(weeks.dates)
    slider = tag(
        "input",
        id="sankey-week",
        name="week",
        type="range",
        min=1,
        max=most,
        value=number,
        data_fragment=view.link("/network/week", week=None),
        aria_describedby="sankey-says",
    )
    told = tag(
        "output",
        escape(view.say("weeks.says", week=number, most=most, date=day(weeks.dates[number - 1]))),
        for_="sankey-week",
        id="sankey-says",
    )
    hidden = (
        tag("input", type="hidden", name=name, value=value) for name, value in (others or {}).items() if value
    )
    form = tag(
        "form",
        *kept(view),
        *hidden,
        tag("label", escape(view.say("weeks.choose")), for_="sankey-week"),
        slider,
        told,
        button(view.say("weeks.show")),
        method="get",
        action="/network#weeks",
        class_="scrub weeks",
    )
    return tag(
        "section",
        tag("h2", escape(view.say("weeks.title")), id="weeks-title"),
        tag("p", escape(view.say("weeks.text")), class_="sub"),
        form,
        tag("div", week_chart(view, wished), id="week-chart"),
        id="weeks",
        aria_labelledby="weeks-title",
    )


def week_chart(view: View, wished: str | None) -> str:
    """Return the chart of a week with its table and links, as the slider puts it into the page."""
    weeks = view.case.sankey_weeks if view.case is not None else None
    if weeks is None:
        return ""
    number = week_of(weeks, wished)
    spec = weeks.week(number)
    pan = WIDE if len(spec.columns) > MOST_COLUMNS else MEDIUM
    drawn = figure(spec, key=f"week/{number}", pan=pan, level=3, before=node_values(weeks.before()))
    says = view.say("weeks.says", week=number, most=len(weeks.dates), date=day(weeks.dates[number - 1]))
    named = drawn.replace("<figure ", f'<figure data-says="{escape(says)}" ', 1)
    return with_links(view, english(view, named), number)
