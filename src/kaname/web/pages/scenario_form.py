"""The form beside the text of a scenario: the values that are changed most, each written back into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaname.report.charts.svg import escape, tag
from kaname.scenario.faults import dotted
from kaname.web import form_fields
from kaname.web.form_changes import ADD
from kaname.web.form_fields import GRADES, GROUPS, MOST_ROWS, Group, Row, Shown
from kaname.web.offers import called
from kaname.web.pages.forms import button
from kaname.web.pages.layout import View

LISTS = ("markets", "products", "passages")
OPTIONS = frozenset({*GRADES, "ban", "quota", "licence", "per_lane", "pooled", "on", "off"})
"""Options that the catalogues name; others stand as they are in the text."""


def fields_form(view: View, data: object) -> str:
    """Return the fields of a scenario as it was read, faulty or not; `data` is None where it cannot be."""
    if data is None:
        return tag("p", escape(view.say("form.unreadable")), class_="meta")
    held = tag("input", type="hidden", name=form_fields.WAS, value=form_fields.was(data))
    return held + "".join(_group(view, group, data) for group in GROUPS)


def name_lists(view: View) -> str:
    """Return the lists that fields choose names from."""
    return "".join(
        tag(
            "datalist",
            *(
                tag("option", escape(name), value=ident)
                for ident, name in called(view.language)[kind].items()
            ),
            id=f"names-{kind}",
        )
        for kind in LISTS
    )


def _group(view: View, group: Group, data: object) -> str:
    rows = form_fields.rows_of(group, data)
    title = view.say(f"form.{group.name}")
    if not group.rows:
        told = tag("p", escape(view.say("form.ranges")), class_="meta") if group.path else ""
        return tag(
            "details",
            tag("summary", escape(title)),
            told,
            tag("div", *(_control(view, one) for one in rows[0].fields), class_="fields"),
            id=f"group-{group.name}",
            class_="group",
            open="open" if group.name == "scenario" else None,
        )
    more = form_fields.hidden_rows(group, data)
    add = button(
        view.say("form.add"), "do", f"add:{group.name}", aria_label=f"{view.say('form.add')}: {title}"
    )
    return tag(
        "details",
        tag("summary", escape(title), tag("span", str(len(rows) + more), class_="count")),
        *(_part(view, group, row, number, len(rows)) for number, row in enumerate(rows, 1)),
        tag("p", escape(view.say("form.more", count=more, most=MOST_ROWS)), class_="meta") if more else "",
        tag("p", add),
        id=f"group-{group.name}",
        class_="group",
        open="open" if rows and group.name != "reserve_days" else None,
    )


def _part(view: View, group: Group, row: Row, number: int, count: int) -> str:
    """Return one row as a set of fields under its number and what it says."""
    told = _told(view, row)
    name = dotted(row.path)
    drop = view.say("form.drop")
    return tag(
        "fieldset",
        tag("legend", tag("b", escape(f"{number}")), escape(f" {told}")),
        tag("div", *(_control(view, one) for one in row.fields), class_="fields"),
        tag(
            "p",
            button(
                drop,
                "do",
                f"drop:{name}",
                class_="drop",
                aria_label=f"{drop}: {view.say(f'form.{group.name}')} {number}",
            ),
        ),
        id=f"row-{name}",
    )


def _told(view: View, row: Row) -> str:
    """Return what a row is about in a few words: its first values, by name."""
    values = {one.field.key: one.text or "" for one in row.fields}
    places = ("exporter", "market", "chokepoint", "ports", "markets")
    who = next((values[key] for key in places if values.get(key)), "")
    kind = _option(view, values.get("kind", ""))
    parts = [kind, _short(view, who), _short(view, values.get("products", ""))]
    to = _short(view, values.get("importers", ""))
    return view.say("form.between").join(part for part in parts if part) + (f" \u2192 {to}" if to else "")


def _short(view: View, text: str) -> str:
    known = {ident: name for names in called(view.language).values() for ident, name in names.items()}
    items = [known.get(item, item) for item in text.split(", ") if item]
    more = f" +{len(items) - 2}" if len(items) > 2 else ""
    return view.say("form.between").join(items[:2]) + more


def _control(view: View, one: Shown) -> str:
    """Return a field under its label; one that the form cannot hold says so."""
    label = tag("span", escape(_label(view, one)))
    if one.text is None:
        stays = tag("input", id=one.name, value=view.say("form.text"), disabled="disabled")
        return tag("label", label, stays, for_=one.name)
    box = tag("label", label, _input(view, one, one.text), for_=one.name)
    if one.field.kind != "list":
        return _sized(one, box)
    named = _names(view, one)
    told = tag("p", escape(named), class_="meta") if named else ""
    return tag("div", box, _adder(view, one), told, class_="list")


def _label(view: View, one: Shown) -> str:
    key = one.field.key.replace("evidence[0].", "evidence.")
    if one.name == "assumptions.enforcement":  # a knob of the ranges that the restrictions state
        return view.say("field.enforcement_knob")
    return view.say(f"field.{key}")


def _sized(one: Shown, box: str) -> str:
    size = {"title": "wide", "evidence[0].source": "most"}.get(one.field.key)
    return box.replace("<label", f'<label class="{size}"', 1) if size else box


def _input(view: View, one: Shown, text: str) -> str:
    field = one.field
    if field.kind in {"choice", "flag"}:
        options = form_fields.kept_choice(field.options, text)
        items = [("", view.say("form.unset")), *((name, _option(view, name)) for name in options)]
        if field.needed and text:
            items = items[1:]
        return _choice(one.name, items, text)
    more: dict[str, object] = {"spellcheck": "false"} if field.kind in {"list", "text"} else {}
    if field.offered and field.kind != "list":
        more |= {"list": f"names-{field.offered}"}
    if field.kind in {"range", "whole"}:
        more |= {"inputmode": "decimal", "placeholder": form_fields.default_of(one.name) or None}
    if field.kind == "day":
        more |= {"placeholder": "YYYY-MM-DD", "inputmode": "numeric"}
    return tag("input", id=one.name, name=one.name, value=text, autocomplete="off", **more)


def _choice(name: str, items: Sequence[tuple[str, str]], chosen: str) -> str:
    options = "".join(
        tag("option", escape(told), value=value, selected="selected" if value == chosen else None)
        for value, told in items
    )
    return tag("select", options, id=name, name=name)


def _option(view: View, name: str) -> str:
    return view.say(f"option.{name}") if name in OPTIONS else name


def _adder(view: View, one: Shown) -> str:
    """Return the field by which a name is chosen from the list and added."""
    name = f"{ADD}{one.name}"
    label = view.say(f"form.add.{one.field.offered}")
    offers = f"names-{one.field.offered}"
    control = tag("input", id=name, name=name, value="", list=offers, autocomplete="off", placeholder="+")
    return tag("label", tag("span", escape(label)), control, for_=name, class_="adder")


def _names(view: View, one: Shown) -> str:
    """Return what the ids of a list are called, where that says more."""
    known: Mapping[str, str] = called(view.language).get(one.field.offered, {})
    names = [known[item] for item in (one.text or "").split(", ") if item in known]
    return view.say("form.names").join(names)
