"""Pages on a run: network, shortages, responses, data and method. Their content is the
report's.
"""

from __future__ import annotations

import re

from kaname.report.brief_html import answers, assumption_table, case_section, comparison
from kaname.report.charts import MEDIUM, WIDE
from kaname.report.charts.sankey import node_values
from kaname.report.charts.svg import escape, tag
from kaname.report.markup import bullet_list, figure, section
from kaname.report.page import CONTROL_HEAD, exposure_section, sources_section
from kaname.report.quality_html import data_section
from kaname.report.reading import slug
from kaname.report.record import record_section
from kaname.report.response_html import response_section
from kaname.terms.language import say
from kaname.web.pages.currency import TONNES
from kaname.web.pages.forms import button, choice, field, kept, labelled
from kaname.web.pages.layout import View, cases_nav, english, frame
from kaname.web.pages.week_page import week_section

MOST_COLUMNS = 4
_TABLE = re.compile(r'<th scope="row"><code>(\w+)</code></th>')


def network(view: View, week: str | None = None, panel: str = "", asked: dict[str, str] | None = None) -> str:
    """Return the flow from mine to use of a case, before, after and in a week, a panel on one node, and who
    depends on whom. `asked` is what the address says of the panel, kept when another week is asked for.
    """
    model, case = view.model, view.case
    if model is None or case is None:
        return nothing(view, "network")
    before, after = case.sankey_before, case.sankey_after
    charts: list[str] = []
    undisturbed = node_values(before) if before else None
    for spec in (before, after):
        if spec is not None:
            pan = WIDE if len(spec.columns) > MOST_COLUMNS else MEDIUM
            charts.append(
                figure(
                    spec,
                    key=f"network/{len(charts)}",
                    pan=pan,
                    level=3,
                    before=undisturbed if charts else None,
                )
            )
    flow = english(view, "".join(charts)) if charts else tag("p", escape(view.say("network.none")))
    return frame(
        view,
        "network",
        view.say("page.network"),
        tag("h1", escape(view.say("page.network"))),
        cases_nav(view, "/network"),
        tag("h2", escape(view.say("network.flow"))),
        flow,
        week_section(view, week, asked),
        panel,
        english(view, exposure_section(model)),
    )


def shortages(view: View) -> str:
    """Return what runs short, when, why, and what that depends on."""
    model, case = view.model, view.case
    if model is None or case is None:
        return nothing(view, "shortages")
    index = [one.id for one in model.cases].index(case.id) + 1
    body = case_section(case, index, by_weight=view.units == TONNES) + answers(model) + comparison(model)
    for one in model.cases:
        if one.id != case.id:
            address = escape(view.link("/shortages", case=one.id))
            body = body.replace(f'href="#case-{slug(one.id)}"', f'href="{address}"')
    title = view.say("page.shortages")
    return frame(
        view, "shortages", title, tag("h1", escape(title)), cases_nav(view, "/shortages"), english(view, body)
    )


def responses(view: View) -> str:
    """Return what allies can do: the plans of the run."""
    model = view.model
    title = view.say("page.responses")
    body = (
        english(view, response_section(model.responses))
        if model is not None and model.responses
        else tag("p", escape(view.say("responses.none")), class_="lead")
    )
    return frame(view, "responses", title, tag("h1", escape(title)), _search_form(view), body)


def _search_form(view: View) -> str:
    """Return the form that asks for a plan against the case that is shown; none for readers."""
    model, case = view.model, view.case
    if model is None or case is None or not view.may_write:
        return ""
    answered = {one.id for one in model.responses}
    cases = [(one.id, one.title) for one in model.cases if one.id not in answered]
    number = {"type": "number", "required": "required"}
    return tag("p", escape(view.say("responses.ask"))) + tag(
        "form",
        *kept(view),
        labelled(view, "responses.case", "against", choice("against", cases, case.id)),
        labelled(
            view,
            "responses.budget",
            "budget",
            field("budget", 1000, min="1", max="1000000", step="any", **number),
        ),
        labelled(view, "responses.limit", "limit", field("limit", 120, min="5", max="1800", **number)),
        button(view.say("responses.search"), class_="main"),
        method="post",
        action=view.link("/responses"),
        class_="row",
    )


def method(view: View) -> str:
    """Return sources, controls, assumptions, the record and the limits."""
    model = view.model
    if model is None:
        return nothing(view, "method")
    parts = (
        sources_section(model),
        _with_files(data_section(model.data)) if model.data is not None else "",
        record_section(model.record) if model.record else "",
        section(
            "assumptions",
            view.say("method.assumptions"),
            assumption_table(say("Assumptions and their ranges"), model.assumptions),
        ),
        section(
            "controls",
            view.say("method.controls"),
            assumption_table(say("Controls in the base state"), model.controls, CONTROL_HEAD),
        ),
        section("flags", view.say("method.flags"), bullet_list(model.flags, say("No data flags."))),
        section(
            "limits", view.say("method.limits"), bullet_list(model.limits, say("No limits were stated."))
        ),
    )
    title = view.say("page.method")
    return frame(
        view, "method", title, tag("h1", escape(title)), *(english(view, part) for part in parts if part)
    )


def _with_files(markup: str) -> str:
    """Return the section on the data with the name of each table leading to its rows as CSV."""
    there = r'<th scope="row"><a href="/api/v1/data/tables/\1.csv"><code>\1</code></a></th>'
    return _TABLE.sub(there, markup)


def nothing(view: View, page: str) -> str:
    """Return a page of a run that is not there."""
    title = view.say(f"page.{page}")
    return frame(
        view, page, title, tag("h1", escape(title)), tag("p", escape(view.say("none.idle")), class_="lead")
    )
