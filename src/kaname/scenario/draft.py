"""Reviewed events into a scenario: each restriction with the sentence behind it, each gap a named assumption.

A text says who stops what to whom, seldom how deep, how long and which products. What it leaves open is
filled
from the assumptions below, and marked as one; nothing is drafted from an event that nobody has reviewed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ruamel.yaml.scalarstring import FoldedScalarString

from kaname.scenario.files import dump_plain
from kaname.terms.errors import InputError, Problem
from kaname.terms.event import Event

KINDS = {"export-ban": "ban", "export-control": "licence", "licence": "licence", "quota": "quota"}
"""Mode of a sanction -> kind of the restriction that is drafted from it."""
OPTIONS = frozenset({("COOPERATE", "joint-production"), ("AGREE", "supply-chain"), ("COOPERATE",
"supply-chain"),
                     ("AID", "fund"), ("MOBILIZE", "stockpile")})  # fmt: skip
"""What allies announce that may become a response option."""
DEPTH = {
    "licence": {"central": 0.5, "low": 0.2, "high": 0.9},
    "quota": {"central": 0.3, "low": 0.1, "high": 0.6},
}
REACH = {"central": 0.3, "low": 0.0, "high": 0.6}
WEEKS = 104
BROAD = frozenset({"dual-use goods", "critical minerals", "weapons"})
"""Names of goods that say no more than a class; the goods behind them are an assumption."""


@dataclass(frozen=True)
class Accepted:
    """An event that somebody has accepted: by whom, and from which document of which day."""

    event: Event
    reviewed_by: str
    document: str
    published: date | None


@dataclass(frozen=True)
class Drafted:
    """A scenario as YAML, what was assumed, and the events that name a response option."""

    text: str
    assumed: tuple[str, ...]
    options: tuple[Accepted, ...]


def draft(
    accepted: Sequence[Accepted],
    controls: Iterable[Mapping[str, Any]],
    measures: Sequence[Mapping[str, Any]] = (),
    *,
    name: str = "drafted",
) -> Drafted:
    """Return a scenario drafted from accepted events.

    `controls` are rows of the table of export controls (exporter, product, in_force_from), from which the
    goods
    behind "dual-use goods" are taken. `measures` are the ids and parties of known measures, to name those
    that
    an announced option is evidence for. Raises InputError where no event is a restriction that can be
    simulated, with what each one lacks.
    """
    rows = list(controls)
    restrictions: list[dict[str, Any]] = []
    assumed: list[str] = []
    problems: list[Problem] = []
    for one in accepted:
        if one.event.type != "SANCTION":
            continue
        try:
            restriction, said = _restriction(one, rows)
        except InputError as error:
            problems += error.problems
            continue
        restrictions.append(restriction)
        assumed += said
    if not restrictions:
        fix = "Accept an export ban, control, licence or quota with a source and goods: kaname events review"
        raise InputError(
            problems
            or [
                Problem("no export restriction among the events", "draft", f"{len(accepted)} events", fix=fix)
            ]
        )
    options = tuple(one for one in accepted if (one.event.type, one.event.mode) in OPTIONS)
    assumed.append(f"The simulation runs for {WEEKS} weeks; no text says how long the restriction lasts.")
    content = _scenario(name, restrictions, accepted, options, assumed, measures)
    return Drafted(dump_plain(content), tuple(assumed), options)


def _restriction(one: Accepted, controls: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], list[str]]:
    """Return a restriction and what was assumed in it; InputError for what cannot be simulated."""
    event = one.event
    kind = KINDS.get(event.mode or "")
    problems: list[Problem] = []
    if kind is None:
        problems.append(
            Problem(
                "not a restriction that the model knows",
                f"event {event.id}",
                event.mode or "no mode",
                ", ".join(KINDS),
            )
        )
    if len(event.source) != 1:
        problems.append(
            Problem(
                "not one restricting country",
                f"event {event.id}",
                "+".join(event.source) or "nobody",
                "one source",
            )
        )
    start = _start(one)
    if start is None:
        problems.append(
            Problem(
                "no date", f"event {event.id}", fix="Correct its date, or read the article with --published"
            )
        )
    if problems or kind is None or start is None:
        raise InputError(problems)
    exporter = event.source[0]
    assumed: list[str] = []
    products = _products(one, exporter, start, controls, assumed)
    if event.date is None:
        assumed.append(f"It starts on {start}, the day the article was published: the sentence names no day.")
    restriction: dict[str, Any] = {
        "exporter": exporter,
        "importers": sorted(event.target) or ["*"],
        "products": list(products),
        "kind": kind,
        "start": start,
    }
    if kind in DEPTH:
        restriction["depth"] = dict(DEPTH[kind]) | {
            "evidence": [_assumed(f"the text does not say how much a {kind} stops")]
        }
        assumed.append(
            f"The {kind} stops {DEPTH[kind]['central']:.0%} of trade ({DEPTH[kind]['low']:.0%} to "
            f"{DEPTH[kind]['high']:.0%}): the text does not say how much."
        )
    if event.target:
        restriction["enforcement"] = dict(REACH) | {
            "evidence": [_assumed("the text does not say how far goods are followed through third countries")]
        }
        assumed.append(
            f"Goods are followed through third countries to {REACH['central']:.0%} ({REACH['low']:.0%} to "
            f"{REACH['high']:.0%})."
        )
    restriction["evidence"] = [_evidence(one)]
    return restriction, assumed


def _start(one: Accepted) -> date | None:
    """Return the first day of an event: its date, else the day of publication."""
    iso = one.event.date
    if iso is None:
        return one.published
    match = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", iso)
    if match is None:
        return one.published
    return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))


def _products(
    one: Accepted, exporter: str, start: date, controls: Sequence[Mapping[str, Any]], assumed: list[str]
) -> tuple[str, ...]:
    """Return product ids: those that the event names, else the goods that the exporter has under licence."""
    event = one.event
    if event.products:
        return event.products
    named = ", ".join(event.commodities) or "goods"
    listed = tuple(
        dict.fromkeys(
            row["product"]
            for row in controls
            if row["exporter"] == exporter and row["in_force_from"] <= start
        )
    )
    if not listed or (event.commodities and not set(event.commodities) & BROAD):
        fix = "Correct the event: kaname events review ID -d correct --set products=..."
        raise InputError(Problem("no goods of the network", f"event {event.id}", named, "product ids", fix))
    assumed.append(
        f"\u201c{named}\u201d are the {len(listed)} products that {exporter} had under export control on "
        f"{start} (table of controls): the text does not list them."
    )
    return listed


def _assumed(reason: str) -> dict[str, Any]:
    return {"source": f"assumed: {reason}", "page": "kaname draft"}


def _evidence(one: Accepted) -> dict[str, Any]:
    """Return the evidence of an event: its id, its document, and its sentence."""
    found: dict[str, Any] = {
        "source": one.document,
        "event": one.event.id,
        "page": one.event.sentence,
        "grade": "reported",
    }
    if one.published is not None:
        found["date"] = one.published
    return found


def _scenario(
    name: str,
    restrictions: Sequence[dict[str, Any]],
    accepted: Sequence[Accepted],
    options: Sequence[Accepted],
    assumed: Sequence[str],
    measures: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the content of the scenario file."""
    start = min(part["start"] for part in restrictions)
    hit = sorted({market for part in restrictions for market in part["importers"] if market != "*"})
    exporters = sorted({part["exporter"] for part in restrictions})
    reviewers = sorted({one.reviewed_by for one in accepted})
    notes = ["Drafted from reviewed events; assumed:", *(f"- {one}" for one in assumed)]
    for one in options:
        fitting = ", ".join(_fitting(one.event, measures)) or "none of the known measures"
        notes.append(
            f"Response option announced (event {one.event.id}): {one.event.object or one.event.mode}; "
            f"measures: {fitting}."
        )
    return {
        "id": name,
        "title": f"{_all_kinds(restrictions)} by {' and '.join(exporters)}"
        + (f" on exports to {', '.join(hit)}" if hit else " on exports"),
        "description": FoldedScalarString(
            " ".join(dict.fromkeys(one.event.sentence for one in accepted if one.event.type == "SANCTION"))
        ),
        "start": start,
        "weeks": WEEKS,
        "targets": hit or ["*"],
        "notes": FoldedScalarString("\n".join(notes)),
        "restrictions": list(restrictions),
        "evidence": [
            _evidence(one) | {"source": f"{one.document} (reviewed by {', '.join(reviewers)})"}
            for one in options
        ],
    }


def _all_kinds(restrictions: Sequence[Mapping[str, Any]]) -> str:
    """Return the kinds of the restrictions as the beginning of a title."""
    return " and ".join(dict.fromkeys(str(part["kind"]) for part in restrictions)).capitalize()


def _fitting(event: Event, measures: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return ids of measures whose goods and payers an announced option shares."""
    parties = {*event.source, *event.target}
    return [
        str(measure["id"])
        for measure in measures
        if set(measure["products"]) & set(event.products) and parties & set(measure["payers"])
    ]
