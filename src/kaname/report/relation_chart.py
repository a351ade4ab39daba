"""The chart of a relation: what each of two parties did to the other, week by week."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.events.relations import Relation
from kaname.report.charts.worldmap import country_name
from kaname.report.chartspec import Pole, Strip, WeeklySpec
from kaname.terms.language import say


def relation_chart(found: Sequence[Relation]) -> WeeklySpec:
    """Return both directions of a relation as strips of weekly sums."""
    strips = tuple(
        Strip(
            say(
                "{source} towards {target}",
                source=country_name(side.source),
                target=country_name(side.target),
            ),
            tuple(
                Pole(
                    week.monday.isoformat(),
                    week.score,
                    say("{acts} acts, {documents} documents", acts=week.acts, documents=week.sources),
                )
                for week in side.weeks
            ),
        )
        for side in found
    )
    return WeeklySpec(
        say(
            "{one} and {other}: what each did to the other, week by week",
            one=country_name(found[0].source),
            other=country_name(found[0].target),
        ),
        say("Sum of the weights of reported acts; above the line friendly, below hostile."),
        strips,
        say("Points of the published weights"),
    )
