"""The report as one HTML file: no outside request, light and dark, readable on a telephone and on paper."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from kaname.report.address import of, unlinked
from kaname.report.brief_html import answers, assumption_table, case_section, comparison
from kaname.report.charts.palette import chart_style
from kaname.report.charts.svg import escape, tag
from kaname.report.explanation import DECIMALS, EXPLAINED
from kaname.report.markup import Cell, bullet_list, figure, number, section, table, text_cell
from kaname.report.model import ReportModel
from kaname.report.quality_html import TITLE as QUALITY
from kaname.report.quality_html import data_section
from kaname.report.reading import slug
from kaname.report.record import TITLE as RECORD
from kaname.report.record import record_section
from kaname.report.response_html import TITLE as RESPONSE
from kaname.report.response_html import response_section
from kaname.report.retold import retold
from kaname.report.situation_html import TITLE as SITUATION
from kaname.report.situation_html import situation_section
from kaname.terms.language import commas, language, later, name_of, said, say
from kaname.terms.numerals import day, percent, plain

# What is known about the exposure columns: heading and how it is written. Other columns follow as they are.
EXPOSURE = {
    "name": ("Product", "text"),
    "product": ("Product", "text"),
    "market": ("Importer", "text"),
    "to": ("Supplier", "text"),
    "year": ("Year", "text"),
    "hs": ("HS", "text"),
    "import_t": ("Imports, t", "number"),
    "import_share": ("Import share, by weight", "share"),
    "import_share_value": ("Import share, by value", "share"),
    "import_share_balanced": ("Import share, balanced", "share"),
    "consumption_share": ("Share of consumption", "share"),
    "hhi": ("Supplier HHI", "number"),
    "cover_days": ("Days of cover", "number"),
    "spare_capacity_t": ("Spare capacity elsewhere, t", "number"),
    "basis": ("Basis", "text"),
    "imputed": ("Imputed", "text"),
}

SOURCE_HEAD = later("Source", "Publisher", "Edition", "Date", "Licence", "Used for", "SHA-256")
MOST_FLAGS = 8  # what is shown at once; the rest is behind a toggle
CONTROL_HEAD = later("Control", "Measure", "Range", "Grade", "Source")


def render_html(model: ReportModel) -> str:
    """Return the whole report as one HTML page; the same model gives the same bytes.

    Raises InputError where a chart holds NaN or parts that do not match.
    """
    style = asset("style.css") + chart_style()
    script = asset("script.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta name="description" content="{escape(model.headline)}">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(model.title)}</title><style>{style}</style>"
    )
    body = tag("a", say("Skip to the answers"), href="#answers", class_="skip") + tag(
        "div", unlinked(_body(model)), class_="page"
    )
    floats = '<div id="tip" hidden></div><div id="rule" hidden></div>'
    return (
        f'<!DOCTYPE html>\n<html lang="{language()}"><head>{head}</head>\n<body>{body}{floats}'
        f"<script>{script}</script></body></html>\n"
    )


def asset(name: str) -> str:
    """Return the text of a file that travels with the package."""
    return resources.files("kaname.report").joinpath(f"assets/{name}").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _body(model: ReportModel) -> str:
    masthead = tag(
        "header",
        tag("p", escape(model.title), class_="kicker"),
        tag("h1", escape(model.headline), class_="long" if len(model.headline) > 150 else None),
        "".join(tag("p", escape(text), class_="lede") for text in model.lede),
        tag("p", escape(model.question), class_="soft"),
        tag("p", escape(model.subtitle), class_="meta"),
        class_="masthead",
    )
    cases = "".join(case_section(case, i) for i, case in enumerate(model.cases, 1))
    main = tag(
        "main",
        answers(model),
        comparison(model),
        cases,
        response_section(model.responses) if model.responses else "",
        situation_section(model.situation) if model.situation is not None else "",
        exposure_section(model),
        section(
            "controls",
            say("Controls in force"),
            assumption_table(say("Controls in the base state"), model.controls, CONTROL_HEAD),
        ),
        section(
            "assumptions",
            say("Assumptions"),
            assumption_table(say("Assumptions and their ranges"), model.assumptions),
        ),
        record_section(model.record) if model.record else "",
        data_section(model.data) if model.data is not None else "",
        section("flags", say("Data flags"), _flags(model.flags)),
        sources_section(model),
        section("limits", say("Limits"), bullet_list(model.limits, say("No limits were stated."))),
        _manifest(model.manifest),
    )
    foot = tag("footer", tag("p", say("Made by kaname. This file needs no network and sends nothing.")))
    return masthead + _contents(model) + main + foot


def _contents(model: ReportModel) -> str:
    links = [("answers", say("Answers")), ("cases", say("Cases compared"))]
    links += [(f"case-{slug(case.id)}", f"{i}. {case.title}") for i, case in enumerate(model.cases, 1)]
    links += [
        *([("response", say(RESPONSE))] if model.responses else []),
        *([("situation", say(SITUATION))] if model.situation is not None else []),
        ("exposure", say("Exposure")),
        ("controls", say("Controls")),
        ("assumptions", say("Assumptions")),
        *([("record", say(RECORD))] if model.record else []),
        *([("data-quality", say(QUALITY))] if model.data is not None else []),
        ("flags", say("Data flags")),
    ]
    links += [("sources", say("Sources")), ("limits", say("Limits")), ("manifest", say("Manifest"))]
    items = (tag("li", tag("a", escape(name), href=f"#{ident}")) for ident, name in links)
    return tag("nav", tag("ul", *items), aria_label=say("Contents"))


def exposure_section(model: ReportModel) -> str:
    """Return the section on who depends on whom: the map and the rows."""
    parts = []
    if model.exposure_map:
        parts.append(figure(model.exposure_map, key="exposure", full=True, level=3))
    first = tuple(row for row in model.exposure_rows if row.get("product") in model.restricted)
    rest = tuple(row for row in model.exposure_rows if row not in first)
    if first and rest:
        label = tag("summary", say("{count} more rows: products that no restriction names", count=len(rest)))
        parts += [_exposure_table(first), tag("details", label, _exposure_table(rest))]
    else:
        parts.append(_exposure_table(model.exposure_rows))
    return section("exposure", say("Exposure"), *parts)


def _exposure_table(rows: tuple[dict[str, Any], ...]) -> str:
    """Return the rows; market, supplier and year go to the caption where all rows share them."""
    names = [name for name in EXPOSURE if any(name in row for row in rows)]
    names += sorted({name for row in rows for name in row} - set(EXPOSURE))
    if "name" in names and "product" in names:
        names.remove("product")
    fixed = {n for n in ("market", "to", "year") if n in names and len({row.get(n) for row in rows}) == 1}
    shared = commas(
        say("{name} {value}", name=say(EXPOSURE[n][0]).lower(), value=_place_name(n, rows[0][n]))
        for n in EXPOSURE
        if n in fixed
    )
    names = [name for name in names if name not in fixed]
    heads = [say(EXPOSURE.get(name, (name.replace("_", " ").capitalize(), ""))[0]) for name in names]
    caption = say("Exposure by product: {shared}", shared=shared) if shared else say("Exposure by product")
    return table(caption, heads, [[_exposure_cell(row, name) for name in names] for row in rows])


def _place_name(column: str, value: object) -> object:
    """Return a country's name instead of its code where another language than English is spoken."""
    return name_of("markets", str(value), str(value)) if column in ("market", "to") else value


EXPOSURE_HEADS = later(
    *("Product", "Importer", "Supplier", "Year", "HS", "Imports, t", "Import share, by weight"),
    *("Import share, by value", "Import share, balanced", "Share of consumption", "Supplier HHI"),
    *("Days of cover", "Spare capacity elsewhere, t", "Basis", "Imputed", "Partner", "Notes", "Flags"),
)
"""The words of `EXPOSURE`, and of the columns that follow as they are."""


def _exposure_cell(row: Mapping[str, Any], name: str) -> Cell:
    value = _place_name(name, row.get(name)) if row.get(name) is not None else None
    if name == "name":
        value = _product_name(str(row.get("product", "")), str(value))
    if name == "basis" and value:
        value = say(str(value))
    kind = EXPOSURE.get(name, ("", "number" if isinstance(value, int | float) else "text"))[1]
    if isinstance(value, bool):
        return text_cell(say("yes") if value else say("no"))
    if isinstance(value, list | tuple):
        if not value:
            return text_cell(say("none"))
        notes = bullet_list([retold(str(item)) for item in value], "")
        return Cell(
            tag(
                "details",
                tag("summary", say("{count} notes", count=len(value)) if len(value) > 1 else say("1 note")),
                notes,
            ),
            "text",
        )
    if value is None:
        return Cell(tag("span", say("no data"), class_="soft"), "r" if kind != "text" else "text")
    if kind == "text" or not isinstance(value, int | float):
        return text_cell(value)
    place = of("-", "exposure", *(row.get(key) for key in ("market", "to", "product", "hs")), name)
    text = _number(name, float(value), kind)
    return Cell(number(text, str(row.get("basis", "observed")), place if name in EXPLAINED else None), "r")


def _product_name(ident: str, english: str) -> str:
    """Return the name of a product, or of several that share a row."""
    idents, titles = ident.split("+"), english.split(" / ")
    if len(idents) != len(titles):
        return name_of("products", ident, english)
    return " / ".join(name_of("products", *one) for one in zip(idents, titles, strict=True))


def _number(name: str, value: float, kind: str) -> str:
    """Return a number of the exposure as its column writes it: shares in per cent, days without decimals."""
    if kind == "share":
        return percent(value, 1)
    digits = DECIMALS.get(EXPLAINED.get(name, "t"))
    return plain(value) if digits is None else f"{value:.{digits}f}"


def _flags(flags: tuple[str, ...]) -> str:
    first = bullet_list(flags[:MOST_FLAGS], say("No data flags."))
    if len(flags) <= MOST_FLAGS:
        return first
    label = tag("summary", say("{count} more flags", count=len(flags) - MOST_FLAGS))
    return first + tag("details", label, bullet_list(flags[MOST_FLAGS:], ""))


def sources_section(model: ReportModel) -> str:
    """Return the section on the data sources."""
    rows = [
        [
            text_cell(retold(row.name)),
            *(
                text_cell(retold(v))
                for v in (row.publisher, row.edition, day(row.date), row.licence, row.used_for)
            ),
            Cell(escape(row.sha256), "hash"),
        ]
        for row in model.sources
    ]
    return section(
        "sources", say("Sources"), table(say("Data sources, vintages and licences"), said(SOURCE_HEAD), rows)
    )


def flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return a nested mapping as (dotted key, text) pairs, in the order given."""
    out: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            out += flat(value, f"{name}.")
        elif isinstance(value, list | tuple):
            out.append((name, ", ".join(str(item) for item in value)))
        else:
            out.append((name, str(value)))
    return out


def _manifest(manifest: Mapping[str, Any]) -> str:
    pairs = flat(manifest)
    if not pairs:
        return section("manifest", say("Manifest"), tag("p", say("No manifest."), class_="soft"))
    items = "".join(tag("dt", escape(name)) + tag("dd", escape(text)) for name, text in pairs)
    return section("manifest", say("Manifest"), tag("dl", items, class_="manifest"))
