"""The chart of a relation: what each of two parties did to the other, week by week."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.events.relations import Relation
from kaname.report.chartspec import Pole, Strip, WeeklySpec


def relation_chart(found: Sequence[Relation]) -> WeeklySpec:
    """Return both directions of a relation as strips of weekly sums."""
    strips = tuple(
        Strip(
            f"{side.source} towards {side.target}",
            tuple(
                Pole(week.monday.isoformat(), week.score, f"{week.acts} acts, {week.sources} documents")
                for week in side.weeks
            ),
        )
        for side in found
    )
    return WeeklySpec(
        f"{found[0].source} and {found[0].target}: what each did to the other, week by week",
        "Sum of the weights of reported acts; above the line friendly, below hostile.",
        strips,
        "Points of the published weights",
    )
