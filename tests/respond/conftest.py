"""What tests of the planner share: the generators of other tests by name, a slice of the real network."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kaname.baseline import Baseline
from kaname.respond.cone import cut, disturbed_products
from kaname.respond.instance import Instance, grid, instance_of
from kaname.scenario import files
from kaname.scenario.compile import compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.effects import effects_of
from kaname.scenario.plants import place_measures
from kaname.scenario.resolve import Resolver

TESTS = Path(__file__).parents[1]
EXAMPLES = TESTS.parent / "examples"
for folder in ("properties", "scenario"):
    sys.path.insert(0, str(TESTS / folder))

MARKETS = ("JPN", "JPN/defence", "USA", "CHN", "AUS")
MEASURES = {  # a plant, contracts, stocks, saving, less use: each way in which the planner sees a measure
    "lynas-dytb-japan", "mp-fort-worth", "japan-recycling-dytb", "pool-japan-us-magnets",
    "lynas-ndpr-japan", "vietnam-magnets", "jpn-stock-heavy", "jpn-stock-magnets", "heavy-free-magnets",
    "smaller-magnets", "restraint-wind", "restraint-vehicles-japan",
}  # fmt: skip


@pytest.fixture(scope="session")
def real_slice(baseline: Baseline) -> Callable[..., Instance]:
    """Return the planner's problem of a full stop to Japan for 52 weeks in 5 markets, with some measures."""

    def make(draws: int = 1, whole: bool = False, kept: frozenset[str] | set[str] = MEASURES) -> Instance:
        scenario = files.load(EXAMPLES / "flagship" / "3-full-stop-japan.yaml").model_copy(
            update={"weeks": 52}
        )
        measures = tuple(m for m in files.load_measures(EXAMPLES / "measures") if m.id in kept)
        assert len(measures) == len(kept)
        placed = place_measures(baseline.build, measures)
        build = placed.build
        with_leads = scenario.model_copy(update={"measures": measures})
        table = draw_table(with_leads, draws - 1, 0, one_at_a_time=False)
        shock = compile_shock(build.network, scenario, table, build.ranges, build.lane_routes).shock
        resolver = Resolver(build.network)
        effects = effects_of(placed, scenario, table, measures, resolver)
        assert (resolver.problems, resolver.idle) == ([], [])
        cone = cut(build.network, shock, effects, disturbed_products(build.network, shock, effects))
        return instance_of(cone, MARKETS, grid(scenario.periods, scenario.period_days), whole)

    return make
