"""What a report rests on: sources, controls, assumptions, budgets, the record, and what is doubtful."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from kaname.data import store
from kaname.data.contracts import OWN
from kaname.data.money import budget_kusd, usd_per
from kaname.network.build import BuildReport
from kaname.network.network import Network
from kaname.report import words
from kaname.report.model import AssumptionRow, BudgetRow, RecordRow, SourceRow
from kaname.report.retold import retold
from kaname.scenario.scenario import Scenario
from kaname.terms.language import commas, name_of, say, text_of
from kaname.terms.numerals import day


def source_rows() -> list[SourceRow]:
    """Return the provenance of the embedded data, one row per source."""
    rows = []
    for record in store.sources():
        hashes = [entry["sha256"] for entry in record.get("files", {}).values()]
        digest = hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest() if hashes else ""
        rows.append(
            SourceRow(
                record["title"],
                record["publisher"],
                record["edition"],
                record["licence"],
                record["date"],
                digest,
                record.get("attribution", ""),
            )
        )
    return [*rows, *_cited_rows()]


def record_rows() -> list[RecordRow]:
    """Return how the model did on past episodes and its indicators against published figures."""
    found = []
    for row in store.own_table("scorecard").to_pylist():
        signs = f"{row['signs_right']} of {row['signs']}" if row["signs"] else ""
        found.append(
            RecordRow(
                row["title"],
                row["kind"],
                row["sample"],
                row["cells"],
                row["error"],
                row["no_change_error"],
                row["proportional_error"],
                row["default_error"],
                signs,
                row["verdict"],
                row["date"].isoformat(),
                row["data"],
            )
        )
    return found


WHOLE = (-1.0, 1.0)
"""The range of a knob that moves the entries of its table from low to high."""
NOT_IN_A_RUN = frozenset(
    [
        *("materials", "eu_supply_shares", "eu_scores", "eu_inputs"),
        *("calibration", "calibration_left_out", "scorecard"),
    ]
)
"""Own tables that no run reads: those of the indicators, and the record."""

# publishers whose figures stand in the own tables, as their rows cite them: words in the citation, name,
# edition, licence as stated by the publisher
CITED = (
    ("USGS", "US Geological Survey", "Mineral Commodity Summaries 2025 and 2026", "US public domain"),
    ("European Commission", "European Commission", "criticality assessment 2023", "CC BY 4.0"),
    ("IEA", "International Energy Agency", "Critical Minerals Data Explorer 2024 and as cited", "CC BY 4.0"),
    ("WIOD", "World Input-Output Database", "2013 release, table of 2011", "research use, cite"),
    ("MOFCOM", "Ministry of Commerce of China", "announcements 2023 to 2026", "official texts"),
    ("assumed:", "this project", "judgement, with a range in the row", "Apache-2.0"),
)


def _cited_rows() -> list[SourceRow]:
    """Return one row per publisher of the own tables: how many rows cite it, and in which tables."""
    found: dict[str, dict[str, int]] = {mark: {} for mark, *_ in CITED}
    for table in (name for name in OWN if name not in NOT_IN_A_RUN):
        for row in store.own_table(table).to_pylist():
            text = " ".join(str(value) for name, value in row.items() if name.endswith("source") and value)
            for mark, counts in found.items():
                if mark in text:
                    counts[table] = counts.get(table, 0) + 1
    return [
        SourceRow(
            f"Own tables citing {publisher}" if mark != "assumed:" else "Own tables, assumed values",
            publisher,
            edition,
            licence,
            "in the row",
            "",
            f"{sum(found[mark].values()):,} rows: "
            + ", ".join(f"{name} {n}" for name, n in found[mark].items()),
        )
        for mark, publisher, edition, licence in CITED
        if found[mark]
    ]


def budget_rows(on: date) -> list[BudgetRow]:
    """Return each country's newest defence budget at the rate of a day, in thousand USD.

    Of several in one year the first of the table counts; they overlap and are never added up.
    """
    rows, rates = (store.own_table(name).to_pylist() for name in ("budgets", "exchange_rates"))
    newest: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        before = newest.get(row["country"])
        if row["kind"] == "defence" and (before is None or row["until"] > before["until"]):
            newest[row["country"]] = row
    found = []
    for country, row in newest.items():
        rate = usd_per(row["currency"], rates, on)
        per_usd = 1.0 / rate.usd
        text = say(
            "{rate} {currency} per USD on {date}",
            rate=f"{per_usd:,.5g}",
            currency=say(str(row["currency"])),
            date=day(str(rate.day)),
        )
        text = "" if row["currency"] == "USD" else text
        name = say("{name}, {year}", name=text_of(row["name"]), year=row["fiscal_year"])
        found.append(
            BudgetRow(country, name, budget_kusd(row, rates, on).kusd, text, per_usd, row["currency"])
        )
    return found


def control_rows(
    network: Network, controls: Sequence[Mapping[str, Any]], notes: Sequence[str]
) -> list[AssumptionRow]:
    """Return the export controls known on the as-of date, those of several products in one row.

    `controls` are the rows of the table of controls, `notes` the builder's sentence on each.
    """
    names = {product.id: product.name for product in network.products}
    grouped: dict[tuple[str, str, str, str, str, str], list[str]] = {}
    for row, note in zip(controls, notes, strict=True):
        code = str(row["importer"])
        reach = say("all countries") if code == "*" else name_of("markets", code, code)
        span = say("factor {low} to {high}", low=f"{row['factor_low']:g}", high=f"{row['factor_high']:g}")
        key = (row["title"], reach, note.split(": ", 1)[1], span, row["grade"], row["source"])
        grouped.setdefault(key, []).append(names[row["product"]])
    return [
        AssumptionRow(
            say(
                "{title}, to {reach}: {products}",
                title=text_of(title),
                reach=reach,
                products=commas(products),
            ),
            state,
            span,
            grade,
            source,
        )
        for (title, reach, state, span, grade, source), products in grouped.items()
    ]


def assumption_rows(scenario: Scenario) -> list[AssumptionRow]:
    """Return the behaviour parameters with value, unit, range, grade and source.

    A knob moves every entry of its table between low and high, so it shows no number of its own.
    """
    rows = []
    for name, item in scenario.ranges().items():
        unit = words.ASSUMPTION_UNITS.get(name)
        value = f"{item.central:g} {say(unit)}" if unit else say("each as in its table")
        span = _span(item.low, item.high)
        if not unit:
            whole = (item.low, item.high) == WHOLE
            span = say("low to high of each") if whole else say("low to high of each ({span})", span=span)
        source = "; ".join(text_of(proof.source) for proof in item.evidence)
        grade = item.evidence[0].grade if item.evidence else "assumed"
        label = words.assumption(name)
        rows.append(AssumptionRow(f"{name}: {label}", value, span, grade, source))
    return rows


def _span(low: float, high: float) -> str:
    return say("held") if low == high else say("{low} to {high}", low=f"{low:g}", high=f"{high:g}")


def _place(text: str) -> str:
    """Return a country by name, or both ends of a lane (`MNG to CHN`); in English as it stands."""
    source, lane, target = text.partition(" to ")
    if not lane:
        return name_of("markets", text, text)
    ends = (name_of("markets", code, code) for code in (source, target))
    return say("{source} to {target}", **dict(zip(("source", "target"), ends, strict=True)))


def data_flags(network: Network, build: BuildReport) -> tuple[str, ...]:
    """List what the reader should know about the data: screens, and by worth adjustments and unrecorded
    supply.
    """
    price = {product.id: float(np.nan_to_num(product.price_kusd)) for product in network.products}
    unit = {product.id: product.unit for product in network.products}
    names = {product.id: product.name for product in network.products}
    changed = [a for a in build.adjustments if a.before_t > 0.0]
    far = sorted(changed, key=lambda a: -abs(a.after_t - a.before_t) * price[a.product])[:8]
    flags = [say("Data screen: {text}", text=retold(text)) for text in build.flags]
    flags += [
        say(
            "Balance: {what} of {product}, {place}: {before} {unit} a year became {after}",
            what=say(a.what),
            product=names[a.product],
            place=_place(a.place),
            before=f"{a.before_t:,.0f}",
            unit=unit[a.product],
            after=f"{a.after_t:,.0f}",
        )
        for a in far
    ]
    flags += [
        say(
            "Unrecorded supply: {product}, {place}: {amount} {unit} a year",
            product=names[product],
            place=name_of("markets", country, country),
            amount=f"{tonnes:,.0f}",
            unit=unit[product],
        )
        for country, product, tonnes in sorted(build.unrecorded, key=lambda i: -i[2] * price[i[1]])[:8]
    ]
    flags.append(
        say(
            "{flows} small flows are bundled through the rest of the world; {lanes} lanes are latent (base "
            "flow 0).",
            flows=f"{build.bundled_flows:,}",
            lanes=f"{build.latent_lanes:,}",
        )
    )
    return tuple(flags)
