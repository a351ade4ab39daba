"""The scenario as one document: a form and its text side by side, what is wrong with it, what a run costs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

from kaname.report.charts.svg import escape, tag
from kaname.terms.errors import Problem
from kaname.web.cost import Cost
from kaname.web.pages.faults import fault
from kaname.web.pages.forms import button, labelled
from kaname.web.pages.layout import View, frame
from kaname.web.pages.scenario_form import fields_form, name_lists
from kaname.web.runs import RunLine
from kaname.web.sharing import MOST_LINK, Draft, pack

MOST_LINES = 400
MB_IN_GB = 1000.0


@dataclass(frozen=True)
class Checked:
    """What is known of a draft: its data as read (None where it cannot be), its faults, what a run of it
    takes (None while it has faults) and how many runs are before it. `problems` is None before a check.
    """

    data: object = None
    problems: tuple[Problem, ...] | None = None
    cost: Cost | None = None
    waiting: int = 0
    notes: tuple[Problem, ...] = field(default=())
    """What of the form could not be written into the text."""


def scenario_page(
    view: View, draft: Draft, checked: Checked, names: Sequence[str], runs: Sequence[RunLine], base: str = ""
) -> str:
    """Return the page. `base` is the scenario that the text began from: what was changed is shown."""
    title = view.say("page.scenario")
    return frame(
        view,
        "scenario",
        title,
        tag("h1", escape(title)),
        tag("p", escape(view.say("scenario.help")), class_="lead"),
        _start(view, draft, names),
        _form(view, draft, checked),
        tag("div", _changes(view, draft, base), _share(view, draft), _command(view, draft), id="after"),
        _runs(view, runs),
        '<script src="/static/scenario.js" defer></script>',
    )


def _verdict(view: View, checked: Checked) -> str:
    """Return what is wrong, what the form could not do, and what a run takes; read out when it changes."""
    return tag(
        "div",
        _notes(view, checked.notes),
        _faults(view, checked.problems),
        _cost(view, checked),
        id="verdict",
        role="status",
        aria_live="polite",
    )


def _notes(view: View, notes: Sequence[Problem]) -> str:
    if not notes:
        return ""
    items = "".join(tag("li", _placed(view, one)) for one in notes)
    heading = tag("h2", escape(view.say("scenario.kept")))
    return tag("section", heading, tag("ul", items, class_="notes"), class_="fault")


def _faults(view: View, problems: Sequence[Problem] | None) -> str:
    if problems is None:
        return ""
    if not problems:
        return tag("p", escape(view.say("scenario.fine")), class_="fine")
    items = "".join(tag("li", _placed(view, one)) for one in problems)
    heading = tag("h2", escape(view.say("scenario.faults")))
    return tag("section", heading, tag("ul", items, class_="notes"), class_="fault")


def _placed(view: View, one: Problem) -> str:
    """Return a problem behind its line, which leads into the text."""
    told = fault(view.language, one, where=False)
    if one.line is None:
        return told
    text = escape(view.say("scenario.line", line=one.line))
    link = tag("a", text, href="#text", data_line=one.line, data_column=one.column)
    return f"{link} {told}"


def _cost(view: View, checked: Checked) -> str:
    cost = checked.cost
    if cost is None:
        return ""
    (low, high), memory = cost.cpu_s, cost.memory_mb
    told = view.say(
        "scenario.cost",
        low=_round(low),
        high=_round(high),
        least=f"{memory[0] / MB_IN_GB:.1f}",
        most=f"{memory[1] / MB_IN_GB:.1f}",
        cases=cost.cases,
        draws=cost.draws,
        weeks=cost.weeks,
    )
    before = "scenario.waits" if checked.waiting else "scenario.nobody"
    return tag("p", escape(told + view.say(before, count=checked.waiting)), class_="cost")


def _round(seconds: float) -> str:
    """Return seconds as they are told of an estimate: two digits at most."""
    if seconds < 10:
        return f"{seconds:.0f}"
    step = 5 if seconds < 100 else 10 ** (len(str(int(seconds))) - 2)
    return f"{round(seconds / step) * step:,}"


def _start(view: View, draft: Draft, names: Sequence[str]) -> str:
    options = "".join(
        tag("option", escape(name), value=name, selected="selected" if name == draft.name else None)
        for name in names
    )
    return tag(
        "form",
        tag("input", type="hidden", name="lang", value=view.language),
        labelled(view, "scenario.start", "from", tag("select", options, id="from", name="start")),
        button(view.say("scenario.load")),
        method="get",
        action="/scenario",
        class_="row",
    )


def _form(view: View, draft: Draft, checked: Checked) -> str:
    area = tag(
        "textarea",
        "\n" + escape(draft.text),
        id="text",
        name="text",
        rows=30,
        spellcheck="false",
        wrap="off",
        maxlength=200000,
    )
    return tag(
        "form",
        _tools(view, draft),
        _verdict(view, checked),
        tag(
            "div",
            tag("div", tag("h2", escape(view.say("form.title"))), _fields(view, checked), class_="side"),
            tag(
                "div",
                tag("h2", tag("label", escape(view.say("scenario.text")), for_="text")),
                area,
                class_="side text",
            ),
            class_="two",
        ),
        name_lists(view),
        tag("input", type="hidden", name="base", value=draft.name),
        method="post",
        action=view.link("/scenario", run=None, case=None),
        class_="scenario",
        id="scenario",
        data_offline=view.say("scenario.offline"),
    )


def _fields(view: View, checked: Checked) -> str:
    return tag("div", fields_form(view, checked.data), id="fields")


def _tools(view: View, draft: Draft) -> str:
    numbers = "".join(
        labelled(
            view,
            f"scenario.{name}",
            name,
            tag("input", id=name, name=name, type="number", min=0, max=most, value=str(value)),
        )
        for name, value, most in (("draws", draft.draws, 1000), ("seed", draft.seed, 2**32 - 1))
    )
    buttons = button(view.say("scenario.check"), "do", "check")
    if view.may_write:
        buttons += button(view.say("scenario.run"), "do", "run", class_="main")
    return tag("p", buttons, numbers, class_="row tools")


def _changes(view: View, draft: Draft, base: str) -> str:
    """Return what the text changes against the scenario that it began from."""
    before, after = base.splitlines(), draft.text.splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:] if base else []
    if not lines:
        return ""
    kinds = {"+": "ins", "-": "del"}
    told = "\n".join(tag(kinds.get(line[:1], "span"), escape(line) or " ") for line in lines[:MOST_LINES])
    heading = tag("h2", escape(view.say("scenario.changes", name=draft.name)))
    return tag("section", heading, tag("pre", told, class_="diff", tabindex="0"))


def _share(view: View, draft: Draft) -> str:
    """Return the link that carries the draft, or why there is none; and the file to take along."""
    packed = pack(draft)
    if packed:
        address = view.link("/scenario", run=None, case=None, draft=packed)
        told = tag("a", escape(view.say("share.link")), href=address, id="share")
        note = view.say("share.note", count=f"{len(address):,}")
    else:
        told, note = "", view.say("share.long", most=f"{MOST_LINK:,}")
    file = tag(
        "button",
        escape(view.say("share.file")),
        type="submit",
        name="do",
        value="file",
        form="scenario",
    )
    return tag(
        "section",
        tag("h2", escape(view.say("share.title"))),
        tag("p", told, " ", tag("span", escape(note), class_="soft")),
        tag("p", file),
        id="sharing",
    )


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
            escape(
                " "
                + view.say("form.between").join(
                    (view.say(f"run.{run.state}"), run.created[:16].replace("T", " "))
                )
            ),
        )
        for run in runs
    )
    return tag("section", tag("h2", escape(view.say("scenario.runs"))), tag("ul", items, class_="notes"))
