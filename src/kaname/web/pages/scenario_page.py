"""The scenario as text: what is wrong with it, line by line, and the button that runs it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from kaname.report.charts.svg import escape, tag
from kaname.terms.errors import Problem
from kaname.web.pages.layout import View, frame
from kaname.web.runs import RunLine

MOST_LINES = 400


@dataclass(frozen=True)
class Draft:
    """What stands in the form."""

    text: str = ""
    seed: int = 20260106
    draws: int = 32
    name: str = ""


def scenario_page(
    view: View,
    draft: Draft,
    names: Sequence[str],
    runs: Sequence[RunLine],
    problems: Sequence[Problem] | None = None,
    base: str = "",
) -> str:
    """Return the page; `problems` is None before a check, empty where nothing is wrong.

    `base` is the scenario that the text began from: what was changed is shown.
    """
    title = view.say("page.scenario")
    return frame(
        view,
        "scenario",
        title,
        tag("h1", escape(title)),
        tag("p", escape(view.say("scenario.help")), class_="lead"),
        _verdict(view, problems),
        _start(view, draft, names),
        _form(view, draft),
        _changes(view, draft, base),
        _command(view, draft),
        _runs(view, runs),
    )


def _verdict(view: View, problems: Sequence[Problem] | None) -> str:
    if problems is None:
        return ""
    if not problems:
        return tag("p", escape(view.say("scenario.fine")), class_="fine", role="status")
    items = "".join(
        tag(
            "li",
            (tag("b", escape(view.say("scenario.line", line=one.line))) + " ") if one.line else "",
            escape(_told(one)),
            lang="en",
        )
        for one in problems
    )
    return tag(
        "section",
        tag("h2", escape(view.say("scenario.faults"))),
        tag("ul", items, class_="notes"),
        class_="fault",
        role="alert",
    )


def _told(one: Problem) -> str:
    text = (
        one.what
        + (f"; got {one.got}" if one.got else "")
        + (f", expected {one.expected}" if one.expected else "")
    )
    return text + (f". {one.fix}" if one.fix else ".")


def _start(view: View, draft: Draft, names: Sequence[str]) -> str:
    options = "".join(
        tag("option", escape(name), value=name, selected="selected" if name == draft.name else None)
        for name in names
    )
    return tag(
        "form",
        f'<input type="hidden" name="lang" value="{view.language}">',
        tag(
            "label",
            tag("span", escape(view.say("scenario.start"))),
            f'<select id="start" name="start">{options}</select>',
            for_="start",
        ),
        tag("button", escape(view.say("scenario.load")), type="submit"),
        method="get",
        action="/scenario",
        class_="row",
    )


def _form(view: View, draft: Draft) -> str:
    area = tag(
        "textarea",
        "\n" + escape(draft.text),
        id="text",
        name="text",
        rows=24,
        spellcheck="false",
        maxlength=200000,
    )
    numbers = "".join(
        tag(
            "label",
            tag("span", escape(view.say(f"scenario.{name}"))),
            f'<input id="{name}" name="{name}" type="number" min="0" max="{most}" value="{value}">',
            for_=name,
        )
        for name, value, most in (("seed", draft.seed, 2**32 - 1), ("draws", draft.draws, 1000))
    )
    buttons = tag("button", escape(view.say("scenario.check")), type="submit", name="do", value="check")
    if view.may_write:
        buttons += tag(
            "button", escape(view.say("scenario.run")), type="submit", name="do", value="run", class_="main"
        )
    return tag(
        "form",
        tag("label", tag("span", escape(view.say("scenario.text"))), area, for_="text"),
        tag("input", type="hidden", name="start", value=draft.name),
        tag("p", numbers, buttons, class_="row"),
        method="post",
        action=view.link("/scenario", run=None, case=None),
        class_="scenario",
    )


def _changes(view: View, draft: Draft, base: str) -> str:
    """Return what the text changes against the scenario that it began from."""
    before, after = base.splitlines(), draft.text.replace("\r\n", "\n").splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:] if base else []
    if not lines:
        return ""
    kinds = {"+": "ins", "-": "del"}
    told = "\n".join(tag(kinds.get(line[:1], "span"), escape(line) or " ") for line in lines[:MOST_LINES])
    heading = tag("h2", escape(view.say("scenario.changes", name=draft.name)))
    return tag("section", heading, tag("pre", told, class_="diff", tabindex="0"))


def _command(view: View, draft: Draft) -> str:
    line = f"kaname run scenario.yaml --seed {draft.seed} --draws {draft.draws}"
    return tag("p", escape(view.say("scenario.command")), ": ", tag("code", escape(line)))


def _runs(view: View, runs: Sequence[RunLine]) -> str:
    if not runs:
        return ""
    items = "".join(
        tag(
            "li",
            tag("a", escape(run.id), href=view.link("/", run=run.id, case=None)),
            escape(f" {view.say(f'run.{run.state}')}, {run.created[:16].replace('T', ' ')}"),
        )
        for run in runs
    )
    return tag("section", tag("h2", escape(view.say("scenario.runs"))), tag("ul", items, class_="notes"))
