"""Retaliation: the block widened to those who take part in the response (rule O5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kaname.scenario.measures import Measure
from kaname.scenario.ranges import Evidence
from kaname.scenario.scenario import ExportRestriction, Scenario

AFTER_WEEKS = 26  # after the scenario's start: assumed, time to see the response and answer it


def participants(measures: Sequence[Measure]) -> tuple[str, ...]:
    """Return the countries that pay for measures, host them, or take their output, in alphabetical order."""
    found: set[str] = set()
    for measure in measures:
        found.update(portion.market for portion in measure.payers)
        found.update(portion.market for portion in (*measure.offtake, *measure.inputs_from))
        found.update([measure.market] if measure.market else [])
        found.update(measure.markets)
    return tuple(sorted({name.split("/")[0] for name in found if name != "*"}))


def widened(
    scenario: Scenario, measures: Sequence[Measure], after_weeks: int = AFTER_WEEKS
) -> Scenario | None:
    """Return the scenario with each exporter's restrictions turned into a ban on all participants.

    The products are those that the exporter restricts already; the ban starts `after_weeks` after the start.
    Who is under such a ban already is left out. None where that adds nobody, or falls after the end.
    """
    start = scenario.start + dt.timedelta(weeks=after_weeks)
    if after_weeks >= scenario.weeks:
        return None
    added = []
    for exporter in dict.fromkeys(item.exporter for item in scenario.restrictions):
        own = [item for item in scenario.restrictions if item.exporter == exporter]
        products = tuple(dict.fromkeys(name for item in own for name in item.products))
        everyone = any("*" in item.importers for item in own)
        barred = {
            name
            for item in own
            if item.kind == "ban" and item.end is None and set(products) <= set(item.products)
            for name in item.importers
        }
        home = exporter.split("/")[0]
        importers = [name for name in participants(measures) if name != home and name not in barred]
        if not importers or everyone:
            continue
        source = (
            f"assumed: retaliation {after_weeks} weeks after the start, on all who take part in the response"
        )
        added.append(
            ExportRestriction(
                exporter=exporter,
                importers=tuple(importers),
                products=products,
                kind="ban",
                start=start,
                evidence=(Evidence(source=source, grade="assumed"),),
            )
        )
    if not added:
        return None
    return scenario.model_copy(
        update={"id": f"{scenario.id[:52]}-retaliated", "restrictions": (*scenario.restrictions, *added)}
    )
