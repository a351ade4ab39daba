"""Parts of forms: fields with their labels, lists to choose from, what the address already says."""

from __future__ import annotations

from collections.abc import Iterable

from kaname.report.charts.svg import escape, tag
from kaname.report.charts.worldmap import WORLDVIEWS
from kaname.web.pages.currency import UNITS
from kaname.web.pages.layout import View


def labelled(view: View, key: str, name: str, control: str) -> str:
    """Return a field under the text that `key` names in the catalogue."""
    return tag("label", tag("span", escape(view.say(key))), control, for_=name)


def field(name: str, value: object, **more: object) -> str:
    """Return a field of one line."""
    return tag("input", id=name, name=name, value=value, **more)


def choice(name: str, options: Iterable[tuple[str, str]], chosen: str) -> str:
    """Return a list of values with what they are called."""
    items = "".join(
        tag("option", escape(text), value=value, selected="selected" if value == chosen else None)
        for value, text in options
    )
    return f'<select id="{name}" name="{name}">{items}</select>'


def kept(view: View) -> list[str]:
    """Return the fields that keep language, run, case and units when a form is sent."""
    values = {"lang": view.language, "run": view.run or "", "case": view.case_id or ""}
    if view.units != UNITS[0]:
        values["units"] = view.units
    if view.worldview != WORLDVIEWS[0]:
        values["worldview"] = view.worldview
    return [
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in values.items()
        if value
    ]


def button(text: str, name: str | None = None, value: str | None = None, **more: object) -> str:
    """Return a button that sends the form."""
    return tag("button", escape(text), type="submit", name=name, value=value, **more)
