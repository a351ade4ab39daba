"""The chart of a relation: what each of two parties did to the other, week by week."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.data import store
from kaname.events.relations import Relation
from kaname.report.chartspec import Pole, Strip, WeeklySpec
from kaname.terms.language import name_of, say


def relation_chart(found: Sequence[Relation]) -> WeeklySpec:
    """Return both directions of a relation as strips of weekly sums."""
    strips = tuple(
        Strip(
            say("{source} towards {target}", source=party(side.source), target=party(side.target)),
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
            one=party(found[0].source),
            other=party(found[0].target),
        ),
        say("Sum of the weights of reported acts; above the line friendly, below hostile."),
        strips,
        say("Points of the published weights"),
    )


def party(code: str) -> str:
    """Return the name of a country by its code; blocs and what is no country stay as they are."""
    return name_of("markets", code, store.country_names().get(code, code))
