"""The frame of every page: where one is, what is shown, in which language, and how to take it along."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from kaname.report.address import VALUE, linked
from kaname.report.charts.svg import escape, tag
from kaname.report.charts.worldmap import WORLDVIEWS
from kaname.report.model import CaseView, ReportModel
from kaname.terms.errors import Problem
from kaname.terms.numerals import day
from kaname.web.pages import currency
from kaname.web.pages.currency import TONNES, UNITS, in_yen, yen_rate
from kaname.web.pages.faults import fault
from kaname.web.words import say

PAGES = ("overview", "situation", "scenario", "network", "shortages", "responses", "events", "method")
ZOOMS = ("zoom", "world", "indo", "europe", "americas")
"""Words of the buttons that the script puts beside a map."""
PATHS = {"overview": "/", **{name: f"/{name}" for name in PAGES[1:]}}
OTHERS = {"explain": "/explain"}
"""Pages that are not in the navigation, whose address the switch of the language keeps."""


@dataclass(frozen=True)
class View:
    """What is shown, all of it in the address: language, run, case; `model` is None without a run."""

    language: str
    run: str | None = None
    model: ReportModel | None = None
    case_id: str | None = None
    is_sample: bool = False
    may_write: bool = True
    kept: tuple[tuple[str, str], ...] = ()
    """What else of the address the switches of language and units keep."""
    units: str = UNITS[0]
    worldview: str = WORLDVIEWS[0]
    spoken: str = "en"  # the language that the run speaks: English where its folder has no other

    def say(self, key: str, **values: object) -> str:
        """Return a text of the pages."""
        return say(self.language, key, **values)

    @property
    def foreign(self) -> str | None:
        """Return the language of what the run says where it is not that of the page."""
        return None if self.spoken == self.language else self.spoken

    @property
    def case(self) -> CaseView | None:
        """Return the case that is shown: the one asked for, else one that a plan answers, else the first
        without
        measures.
        """
        if self.model is None:
            return None
        plans = {view.id for view in self.model.responses}
        for case in self.model.cases:
            if case.id == self.case_id:
                return case
        answered = {view.answers for view in self.model.responses}
        bare = [case for case in self.model.cases if case.id not in plans]
        bare.sort(key=lambda case: case.title not in answered)
        return bare[0] if bare else self.model.cases[0]

    def link(self, path: str, **wishes: object) -> str:
        """Return an address that keeps what is shown."""
        kept: dict[str, object] = {"lang": self.language}
        if self.run:
            kept["run"] = self.run
        if self.case_id:
            kept["case"] = self.case_id
        if self.units != UNITS[0]:
            kept["units"] = self.units
        if self.worldview != WORLDVIEWS[0]:
            kept["worldview"] = self.worldview
        kept |= wishes
        query = urlencode({key: str(value) for key, value in kept.items() if value not in (None, "")})
        return f"{path}?{query}" if query else path

    def behind(self, case_id: str, what: str) -> str:
        """Return the address of the page that explains a number; `-` is the case that is shown."""
        wishes: dict[str, object] = {} if case_id == "-" else {"case": case_id}
        return self.link("/explain", **wishes, what=None if what == VALUE else what)


def frame(view: View, page: str, title: str, *parts: str, script: bool = True) -> str:
    """Return a whole page."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="/static/app.css">'
        f"<title>{escape(title)} – kaname</title>"
        + ('<script src="/static/app.js" defer></script>' if script else "")
    )
    note = view.say("lang.note") if view.model is not None and view.foreign else ""
    main = tag(
        "main",
        tag("p", escape(note), class_="meta note") if note else "",
        *parts,
        id="content",
        tabindex="-1",
    )
    if view.model is not None:
        main = linked(main, view.behind)
    rate = yen_rate(view.case) if view.units == "jpy" and page in currency.PAGES else None
    if rate is not None:
        main = in_yen(main, 1.0 / rate.usd, view.language)
    body = (
        tag("a", escape(view.say("skip")), href="#content", class_="skip")
        + tag("div", _head(view, page) + main + _foot(view), class_="page")
        + '<div id="tip" hidden></div><div id="rule" hidden></div>'
        + tag(
            "div",
            " ",
            id="words",
            hidden="hidden",
            **{f"data_{key}": view.say(f"map.{key}") for key in ZOOMS},
        )
    )
    return f'<!DOCTYPE html>\n<html lang="{view.language}"><head>{head}</head>\n<body>{body}</body></html>\n'


def error_page(view: View, problems: Sequence[Problem]) -> str:
    """Return the page that says what went wrong, where, and how to mend it."""
    items = "".join(tag("p", fault(view.language, one)) for one in problems)
    title = view.say("error.title")
    back = tag("p", tag("a", escape(view.say("page.overview")), href=view.link("/")))
    return frame(
        view, "", title, tag("h1", escape(title)), tag("div", items, class_="fault", role="alert"), back
    )


def _head(view: View, page: str) -> str:
    links = "".join(
        tag(
            "li",
            tag(
                "a",
                escape(view.say(f"page.{name}")),
                href=view.link(PATHS[name]),
                aria_current="page" if name == page else None,
            ),
        )
        for name in PAGES
    )
    other = "ja" if view.language == "en" else "en"
    switch = tag(
        "a",
        escape(view.say("lang.other")),
        href=view.link({**PATHS, **OTHERS}.get(page, "/"), **dict(view.kept), lang=other),
        lang=other,
        hreflang=other,
        class_="lang",
        id="other",
    )
    controls = tag("div", _map_views(view, PATHS.get(page, "/")), switch, class_="controls")
    top = tag("div", tag("a", "kaname", href=view.link("/"), class_="brand") + controls, class_="top")
    nav = tag("nav", tag("ul", links), aria_label=view.say("nav"))
    return tag("header", top, nav, _bar(view, page), class_="site")


def _map_views(view: View, path: str) -> str:
    """Return the form that says how maps draw disputed areas; nothing without a run, where no map is."""
    if view.model is None:
        return ""
    units = view.units if view.units != UNITS[0] else None
    kept = {"lang": view.language, "run": view.run, "case": view.case_id, "units": units}
    options = "".join(
        tag(
            "option",
            escape(view.say(f"worldview.{name}")),
            value=name,
            selected="selected" if name == view.worldview else None,
        )
        for name in WORLDVIEWS
    )
    label = tag("label", tag("span", escape(view.say("worldview")), class_="said"), for_="worldview")
    chosen = f'<select id="worldview" name="worldview" data-send="1">{options}</select>'
    hidden = (tag("input", type="hidden", name=name, value=value) for name, value in kept.items() if value)
    send = tag("button", escape(view.say("worldview.show")), type="submit")
    return tag("form", *hidden, label, chosen, send, action=path, method="get", class_="views")


def _bar(view: View, page: str) -> str:
    """Return what is always visible of the run that is shown."""
    if view.model is None or view.run is None:
        return ""
    manifest: dict[str, Any] = view.model.manifest
    facts = [
        tag("span", escape(view.say("bar.sample")), class_="badge") if view.is_sample else "",
        tag("code", escape(view.run)),
        tag("span", escape(view.say("bar.data", year=manifest.get("base_year", "")))),
        tag("span", escape(view.say("bar.seed", seed=manifest.get("seed"), draws=manifest.get("draws")))),
    ]
    base = f"/api/v1/runs/{quote(view.run)}"
    items = "".join(
        tag("li", tag("a", escape(view.say(f"export.{key}")), href=base + path))
        for key, path in (
            ("report", "/files/report.html"),
            ("xlsx", "/files/results.xlsx"),
            ("csv", "/files/results/shortfalls.csv"),
            ("json", "/report"),
        )
    )
    cite = view.say(
        "cite.text",
        version=importlib.metadata.version("kaname"),
        run=view.run,
        year=manifest.get("base_year", ""),
        seed=manifest.get("seed"),
    )
    takeaway = tag("details", tag("summary", escape(view.say("bar.export"))), tag("ul", items))
    citing = tag("details", tag("summary", escape(view.say("bar.cite"))), tag("p", escape(cite)))
    return tag("div", *facts, takeaway, citing, _units(view, page), class_="status")


def _units(view: View, page: str) -> str:
    """Return the switch of units, on pages with money; in yen with the rate and its day."""
    if page not in currency.PAGES:
        return ""
    shown = view.units if view.units != TONNES or page in currency.BY_WEIGHT else UNITS[0]
    others = (one for one in UNITS if one != shown and (one != TONNES or page in currency.BY_WEIGHT))
    switches = "".join(tag("span", _switch(view, page, one)) for one in others)
    if shown != "jpy":
        told = tag("span", escape(view.say("units.content")), class_="rate") if shown == TONNES else ""
        return switches + told
    rate = yen_rate(view.case)
    told = view.say(
        "units.rate", rate=f"{1.0 / rate.usd:.2f}", day=day(str(rate.day)), source=currency.SOURCE
    )
    return switches + tag("span", escape(told), class_="rate")


def _switch(view: View, page: str, units: str) -> str:
    """Return the link to the same page in other units."""
    wished = None if units == UNITS[0] else units
    there = view.link({**PATHS, **OTHERS}[page], **dict(view.kept), units=wished)
    return tag("a", escape(view.say(f"units.{units}")), href=there, id=f"units-{units}")


def _foot(view: View) -> str:
    version = importlib.metadata.version("kaname")
    links = tag("a", "API", href="/api") + " " + tag("a", "OpenAPI", href="/openapi.json")
    return tag("footer", tag("p", escape(f"kaname {version}. ") + links))


def cases_nav(view: View, path: str) -> str:
    """Return links to the cases of the run, the one that is shown marked."""
    if view.model is None or len(view.model.cases) < 2:
        return ""
    shown = view.case
    items = "".join(
        tag(
            "li",
            tag(
                "a",
                escape(case.title),
                href=view.link(path, case=case.id),
                aria_current="true" if shown is not None and case.id == shown.id else None,
            ),
        )
        for case in view.model.cases
    )
    return tag("nav", tag("ul", items), aria_label=view.say("shortages.cases"), class_="cases")


def english(view: View, markup: str) -> str:
    """Return what a run says, marked with its language on a page in another one."""
    return markup if view.foreign is None else tag("div", markup, lang=view.foreign)
