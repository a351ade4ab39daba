"""Effects of measures: when they work, what they touch, what they cost, and the shock they make (rules R)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from small_network import (
    AU_METAL,
    JP_MOTORS,
    lanes_between,
    magnet_world,
    network_of,
    routes_of,
)

from kaname.network.build import BuildReport, NetworkBuild
from kaname.network.network import Network
from kaname.scenario.additions import USUAL_RELEASE, with_effects
from kaname.scenario.compile import Compiled, compile_shock
from kaname.scenario.draws import DrawTable, draw_table
from kaname.scenario.effects import Effect, cost_of, effects_of, in_force
from kaname.scenario.measures import FLOWS, Measure
from kaname.scenario.plants import Placed, place_measures
from kaname.scenario.resolve import Resolver
from kaname.scenario.scenario import Scenario
from kaname.scenario.shock import RELEASE_SHARE, Shock
from kaname.scenario.spreads import default_ranges
from kaname.simulate.engine import simulate
from kaname.terms.errors import InputError, RestrictionHitsNothing, ScenarioError

START = dt.date(2026, 1, 6)
YEAR = 365.25
TEN_A_WEEK = 10.0 * YEAR / 7.0  # units a year
EVIDENCE = [{"source": "x"}]


def build_of(network: Network) -> NetworkBuild:
    routes = routes_of([frozenset()] * network.n_lanes)
    return NetworkBuild(network, default_ranges(network), BuildReport(0, 0, 0, (), (), (), ()), routes)


WORLD = build_of(magnet_world())


def measure(kind: str, *products: str, **keys: Any) -> Measure:
    """Return a measure that works in full from the start of the scenario on, unless `keys` say otherwise."""
    common: dict[str, Any] = {
        "id": kind,
        "title": kind,
        "start": START,
        "payers": [{"market": "JPN", "share": 1.0}],
    }
    if "offtake" in keys:
        keys["offtake"] = [{"market": name, "share": share} for name, share in keys["offtake"].items()]
    return Measure.model_validate(common | {"kind": kind, "products": products, "evidence": EVIDENCE} | keys)


def scenario_of(*measures: Measure, weeks: int = 52, **keys: Any) -> Scenario:
    case = {"id": "case", "title": "t", "start": START, "weeks": weeks, "targets": ["JPN"]}
    return Scenario.model_validate(case | {"measures": measures} | keys)


def compiled(scenario: Scenario, build: NetworkBuild = WORLD, draws: int = 0) -> tuple[Placed, Compiled]:
    placed = place_measures(build, scenario.measures)
    table = draw_table(scenario, draws, 3, one_at_a_time=False)
    made = placed.build
    return placed, compile_shock(made.network, scenario, table, made.ranges, made.lane_routes, placed)


def effects(*measures: Measure, build: NetworkBuild = WORLD, weeks: int = 52) -> tuple[Placed, list[Effect]]:
    """Return the effects of measures in the central draw; none is idle, no name is unknown."""
    scenario = scenario_of(*measures, weeks=weeks)
    placed = place_measures(build, measures)
    resolver = Resolver(placed.build.network)
    table = draw_table(scenario, 0, 0, one_at_a_time=False)
    found = effects_of(placed, scenario, table, measures, resolver)
    assert (resolver.problems, resolver.idle) == ([], [])
    return placed, list(found)


def the_effect(item: Measure, build: NetworkBuild = WORLD) -> Effect:
    (found,) = effects(item, build=build)[1]
    return found


def at(build: NetworkBuild, market: str, product: str) -> int:
    n = build.network.consumer_index(market, product)
    assert n >= 0
    return n


# --- when -----------------------------------------------------------------------------------------


def share_in_force(item: Measure, lead_weeks: float, days: np.ndarray) -> np.ndarray:
    """Return the share in force at moments (days from the start): nothing, a straight line, all, nothing."""
    since = days - (item.start - START).days - 7.0 * lead_weeks
    ramp = 7.0 * item.ramp_weeks
    share = (since >= 0.0).astype(float) if ramp == 0.0 else np.clip(since / ramp, 0.0, 1.0)
    if item.end is not None:
        share = np.where(days < (item.end - START).days, share, 0.0)
    return share


@settings(max_examples=150, deadline=None)
@given(
    st.integers(-200, 300),
    st.integers(1, 400) | st.none(),
    st.lists(st.floats(0.0, 40.0), min_size=3, max_size=3).map(sorted),
    st.sampled_from([0.0, 1.0, 30.0]) | st.floats(0.1, 60.0),
    st.sampled_from([7.0, 10.0, 30.4]),
)
def test_a_path_is_the_mean_of_each_period(
    begin: int, length: int | None, leads: list[float], ramp: float, period: float
) -> None:
    start = START + dt.timedelta(days=begin)
    end = None if length is None else start + dt.timedelta(days=length)
    low, central, high = leads
    lead = {"low": low, "central": central, "high": high}
    item = measure(
        "release", "metal", markets=["JPN"], below=1.0, start=start, end=end, lead_weeks=lead, ramp_weeks=ramp
    )
    scenario = scenario_of(item, weeks=40, period_days=period)
    table = draw_table(scenario, 3, 1)
    path = in_force(scenario, item, table)
    assert path.shape == (table.draws, scenario.periods)
    points = 2000
    moments = (np.arange(scenario.periods * points) + 0.5) * period / points
    for draw, value in enumerate(table.of(item.lead_weeks, "measures.release.lead_weeks")):
        expected = share_in_force(item, float(value), moments).reshape(scenario.periods, points).mean(axis=1)
        np.testing.assert_allclose(path[draw], expected, rtol=0.0, atol=2.0 / points)
    if item.end is None:
        assert (np.diff(path, axis=1) >= -1e-9).all()


def test_lead_ramp_and_end_by_hand() -> None:
    """Decided in week 1, first effect in week 3, full in week 5, over in the middle of week 7."""
    item = measure("release", "metal", markets=["JPN"], below=1.0, start="2026-01-13", lead_weeks=2.0)
    item = item.model_copy(update={"ramp_weeks": 2.0, "end": START + dt.timedelta(days=7 * 7 + 3)})
    scenario = scenario_of(item, weeks=10)
    table = draw_table(scenario, 0, 0, one_at_a_time=False)
    path = in_force(scenario, item, table)
    np.testing.assert_allclose(path, [[0, 0, 0, 0.25, 0.75, 1, 1, 3 / 7, 0, 0]], atol=1e-12)
    before = item.model_copy(update={"start": START - dt.timedelta(days=70), "end": None})
    assert (in_force(scenario, before, table) == 1.0).all()


def test_a_drawn_lead_moves_the_path_from_draw_to_draw_and_needs_its_draws() -> None:
    lead = {"low": 1.0, "central": 3.0, "high": 8.0}
    item = measure("release", "metal", markets=["JPN"], below=1.0, lead_weeks=lead)
    scenario = scenario_of(item, weeks=20)
    table = draw_table(scenario, 0, 0)
    assert table.names[0] == "central"
    path = in_force(scenario, item, table)
    weeks = {name: float(20 - row.sum()) for name, row in zip(table.names, path, strict=True)}
    assert weeks["central"] == 3.0
    assert weeks["measures.release.lead_weeks low"] == 1.0
    assert weeks["measures.release.lead_weeks high"] == 8.0
    with pytest.raises(InputError, match=r"no draws of this number.*measures\.release\.lead_weeks"):
        in_force(scenario, item, draw_table(scenario_of(), 0, 0))


# --- what -----------------------------------------------------------------------------------------


def test_a_plant_has_capacity_and_contracts_with_its_takers() -> None:
    offtake = {"JPN": 0.5, "USA": 0.25}
    placed, (effect,) = effects(
        measure("capacity", "magnets", market="JPN", per_year=TEN_A_WEEK, offtake=offtake)
    )
    plant, lanes = WORLD.network.n_suppliers, placed.extension.lane_at
    assert effect.capacity == ((plant, pytest.approx(10.0)),)
    assert dict(effect.contracts) == {
        lanes[plant, at(WORLD, "JPN", "magnets")]: pytest.approx(5.0),
        lanes[plant, at(WORLD, "USA", "magnets")]: pytest.approx(2.5),
    }
    assert (len(effect.recipes), len(effect.consumers)) == (0, 0)
    assert not effect.idle


@pytest.mark.parametrize("kind", ["recycling", "joint_production", "pool"])
def test_other_new_suppliers_work_like_a_plant(kind: str) -> None:
    placed, (effect,) = effects(
        measure(kind, "magnets", market="DEU", per_year=TEN_A_WEEK, offtake={"JPN": 1.0})
    )
    plant = WORLD.network.n_suppliers
    assert effect.capacity == ((plant, pytest.approx(10.0)),)
    lane = placed.extension.lane_at[plant, at(WORLD, "JPN", "magnets")]
    assert effect.contracts == ((lane, pytest.approx(10.0)),)


def test_a_contract_adds_no_capacity() -> None:
    placed, (effect,) = effects(
        measure("contract", "metal", market="AUS", per_year=TEN_A_WEEK, offtake={"JPN": 0.4, "CHN": 0.2})
    )
    network = placed.build.network
    assert effect.capacity == ()
    assert dict(effect.contracts) == {
        lanes_between(network, AU_METAL, "JPN")[0]: pytest.approx(4.0),
        lanes_between(network, AU_METAL, "CHN")[0]: pytest.approx(2.0),
    }


def test_a_contract_is_shared_by_the_sellers_of_its_market() -> None:
    """Chinese metal from two mines of 15 and 5 a week."""
    suppliers = [("CHN", "metal", "primary"), ("CHN", "metal", "recycling")]
    lanes = [(0, ("JPN", "metal"), 15.0, 0), (1, ("JPN", "metal"), 5.0, 0), (0, ("DEU", "metal"), 1e-9, 0)]
    item = measure("contract", "metal", market="CHN", per_year=TEN_A_WEEK, offtake={"JPN": 0.8, "DEU": 0.2})
    placed, (effect,) = effects(item, build=build_of(network_of(suppliers, lanes, [])))
    at_lane, jpn, deu = placed.extension.lane_at, 1, 0
    assert dict(effect.contracts) == {
        at_lane[0, jpn]: pytest.approx(6.0),
        at_lane[1, jpn]: pytest.approx(2.0),
        at_lane[0, deu]: pytest.approx(1.5),
        at_lane[1, deu]: pytest.approx(0.5),
    }


def test_stocks_reserves_and_restraint_touch_consumers() -> None:
    """A country brings its segments; restraint leaves out who has no final use."""
    buys = the_effect(measure("stockpile", "magnets", "metal", markets=["JPN", "USA"], days=30.0))
    expected = {at(WORLD, m, "magnets") for m in ("JPN", "JPN/defence", "USA")} | {at(WORLD, "JPN", "metal")}
    assert set(buys.consumers.tolist()) == expected
    assert (buys.capacity, buys.contracts, len(buys.recipes)) == ((), (), 0)
    opens = the_effect(measure("release", "*", markets=["JPN/defence"], below=0.5))
    assert opens.consumers.tolist() == [at(WORLD, "JPN/defence", "magnets")]
    final = WORLD.network.consumer_final.copy()
    final[at(WORLD, "JPN", "magnets")] = 0.0
    build = replace(WORLD, network=replace(WORLD.network, consumer_final=final))
    gives_up = the_effect(measure("restraint", "magnets", markets=["JPN"], share=0.1), build)
    assert gives_up.consumers.tolist() == [at(WORLD, "JPN/defence", "magnets")]


def test_priority_is_a_contract_on_every_base_lane_of_its_users() -> None:
    network = WORLD.network
    effect = the_effect(measure("priority", "magnets", markets=["JPN"], share=0.5))
    users = [at(WORLD, m, "magnets") for m in ("JPN", "JPN/defence")]
    lanes = np.flatnonzero(np.isin(network.lane_consumer, users) & (network.lane_flow > 0.0))
    assert len(lanes) == np.isin(network.lane_consumer, users).sum() - 1  # one lane is latent
    assert effect.contracts == tuple((e, network.lane_flow[e] / 2.0) for e in lanes.tolist())
    assert len(effect.consumers) == 0


def test_substitution_lowers_lines_between_different_elements_only() -> None:
    """Motors of magnets: the one such line; magnets of metal hold the same element."""
    network = WORLD.network
    (motors,) = np.flatnonzero(network.recipe_supplier == JP_MOTORS)
    for inputs, makers in ((["magnets"], ["motors"]), (["*"], ["*"]), (["magnet"], ["component"])):
        effect = the_effect(measure("substitution", *inputs, markets=["JPN"], makers=makers, share=0.2))
        assert effect.recipes.tolist() == [motors]
    scenario = scenario_of(measure("substitution", "metal", markets=["*"], makers=["*"], share=0.2))
    with pytest.raises(RestrictionHitsNothing, match="0 recipe lines between different elements"):
        compiled(scenario)
    scenario = scenario_of(measure("substitution", "magnets", markets=["DEU"], makers=["motors"], share=0.2))
    with pytest.raises(RestrictionHitsNothing, match="touches nothing"):
        compiled(scenario)


@pytest.mark.parametrize(
    ("item", "what"),
    [
        (measure("stockpile", "metal", markets=["USA"], days=1.0), "0 consumers"),
        (measure("release", "motors", markets=["DEU"], below=1.0), "0 consumers"),
        (measure("priority", "wolfram", markets=["DEU"], share=1.0), "0 consumers"),
        (measure("restraint", "metal", markets=["USA"], share=1.0), "0 consumers"),
    ],
)
def test_what_touches_nothing_is_refused_with_its_place(item: Measure, what: str) -> None:
    fine = measure("stockpile", "metal", markets=["JPN"], days=1.0, id="fine")
    with pytest.raises(RestrictionHitsNothing) as error:
        compiled(scenario_of(fine, item))
    (problem,) = error.value.problems
    assert problem.where == "case: measures[1]"
    assert problem.what == f"{item.id} touches nothing"
    assert (problem.got, problem.expected) == (what, "at least 1")


def test_unknown_names_are_all_told_at_once_and_not_as_touching_nothing() -> None:
    scenario = scenario_of(
        measure("stockpile", "metall", markets=["JPN", "XXX"], days=1.0),
        measure("substitution", "magnets", markets=["JPN"], makers=["engines"], share=0.1),
        measure("release", "metal", markets=["USA"], below=1.0),
    )
    with pytest.raises(ScenarioError) as error:
        compiled(scenario)
    assert [problem.where for problem in error.value.problems] == [
        "case: measures[0].markets[1]",
        "case: measures[0].products[0]",
        "case: measures[1].makers[0]",
    ]


@pytest.mark.parametrize(
    "late",
    [
        {"lead_weeks": 52.0},
        {"start": START + dt.timedelta(days=364)},
        {"lead_weeks": {"low": 60.0, "central": 70.0, "high": 90.0}},
        {"lead_weeks": 10.0, "end": START + dt.timedelta(days=70)},
        {"start": START - dt.timedelta(days=70), "end": START},
    ],
)
def test_a_measure_that_works_at_no_time_is_a_problem(late: dict[str, Any]) -> None:
    item = measure("stockpile", "metal", markets=["JPN"], days=1.0, id="late", **late)
    scenario = scenario_of(measure("release", "metal", markets=["JPN"], below=1.0), item)
    placed = place_measures(WORLD, scenario.measures)
    resolver = Resolver(placed.build.network)
    table = draw_table(scenario, 4, 0)
    found = effects_of(placed, scenario, table, scenario.measures, resolver)
    assert [effect.idle for effect in found] == [False, True]
    (problem,) = resolver.idle
    assert problem.what == "late never works"
    assert problem.where == "measures[1]"
    last = f"{item.end}, its own end" if item.end else "2027-01-05, the end of the simulation"
    assert problem.expected == f"its effect before {last}"
    assert ("simulate longer" in problem.fix) == (item.end is None)
    assert str(item.start) in problem.got
    with pytest.raises(RestrictionHitsNothing, match="late never works"):
        compiled(scenario)


def test_a_measure_that_works_in_one_draw_is_no_problem() -> None:
    lead = {"low": 40.0, "central": 70.0, "high": 90.0}
    item = measure("stockpile", "metal", markets=["JPN"], days=1.0, lead_weeks=lead)
    scenario = scenario_of(item)
    placed = place_measures(WORLD, [item])
    resolver = Resolver(WORLD.network)
    (effect,) = effects_of(placed, scenario, draw_table(scenario, 0, 0), [item], resolver)
    assert resolver.idle == []
    assert not effect.path[0].any()
    assert effect.path.any()


# --- what it costs --------------------------------------------------------------------------------


def cost(
    item: Measure, build: NetworkBuild = WORLD, weeks: int = 52
) -> tuple[tuple[float, float, float], float]:
    placed, (effect,) = effects(item, build=build, weeks=weeks)
    found = cost_of(placed.build.network, scenario_of(item, weeks=weeks), effect)
    return (found.low_kusd, found.central_kusd, found.high_kusd), found.units


MONEY: dict[str, Any] = {
    "capex_kusd": {"low": 800.0, "central": 1000.0, "high": 1500.0},
    "opex_kusd_per_year": {"low": 0.0, "central": 100.0, "high": 300.0},
    "per_unit_kusd": {"low": 1.0, "central": 2.0, "high": 5.0},
}


@pytest.mark.parametrize("kind", FLOWS)
def test_a_flow_costs_capital_each_year_and_each_unit(kind: str) -> None:
    """Ten a week, from week 12 to 52: 400 units, 40 weeks; the ramp of 8 weeks takes 4 of them, 40 units."""
    keys: dict[str, Any] = {
        "market": "DEU",
        "per_year": TEN_A_WEEK,
        "offtake": {"JPN": 0.5},
        "lead_weeks": 12.0,
    }
    years = 40 * 7 / YEAR
    plain, units = cost(measure(kind, "magnets", **keys, **MONEY))
    assert units == pytest.approx(400.0)
    assert plain == pytest.approx((800 + 400, 1000 + 100 * years + 800, 1500 + 300 * years + 2000))
    slow, units = cost(measure(kind, "magnets", **keys, ramp_weeks=8.0, **MONEY))
    assert units == pytest.approx(360.0)
    assert slow == pytest.approx((800 + 360, 1000 + 100 * years + 720, 1500 + 300 * years + 1800))


def test_the_level_does_not_change_what_a_measure_costs_in_full() -> None:
    keys: dict[str, Any] = {"market": "JPN", "per_year": TEN_A_WEEK, **MONEY}
    assert cost(measure("recycling", "magnets", level=0.25, **keys)) == cost(
        measure("recycling", "magnets", **keys)
    )


def test_a_stockpile_costs_what_is_bought_once() -> None:
    """Metal in Japan flows in at 4 a week; 35 days of it are 20, however long it is held."""
    item = measure("stockpile", "metal", markets=["JPN"], days=35.0, per_unit_kusd=3.0)
    assert cost(item) == (pytest.approx((60.0,) * 3), pytest.approx(20.0))
    assert cost(item, weeks=104)[1] == pytest.approx(20.0)
    half = item.model_copy(update={"ramp_weeks": 104.0})
    assert cost(half)[1] == pytest.approx(20.0 * 51.5 / 104.0)  # the mean of its last week


def test_priority_counts_the_units_served_first() -> None:
    """Half of the base flow of 1.75 a week to defence, for 26 weeks."""
    end = START + dt.timedelta(weeks=26)
    item = measure("priority", "magnets", markets=["JPN/defence"], share=0.5, per_unit_kusd=2.0, end=end)
    assert cost(item) == (pytest.approx((45.5,) * 3), pytest.approx(1.75 / 2 * 26))


def test_substitution_counts_what_is_saved() -> None:
    """Motors use .5 x 5 a week; a fifth of it is .5 a week."""
    keys: dict[str, Any] = {"markets": ["JPN"], "makers": ["motors"], "share": 0.2, "per_unit_kusd": 4.0}
    assert cost(measure("substitution", "magnets", **keys)) == (
        pytest.approx((104.0,) * 3),
        pytest.approx(26.0),
    )


def test_a_release_costs_only_its_running() -> None:
    item = measure("release", "metal", markets=["JPN"], below=1.0, **MONEY)
    years = 52 * 7 / YEAR
    assert cost(item) == (pytest.approx((800.0, 1000 + 100 * years, 1500 + 300 * years)), 0.0)


def test_restraint_costs_the_value_given_up() -> None:
    """Final use of wolfram is 1 a week, worth 7 each: a tenth of it for 52 weeks, valued at half to twice."""
    value = WORLD.network.consumer_value_kusd.copy()
    value[at(WORLD, "JPN", "wolfram")] = 7.0
    build = replace(WORLD, network=replace(WORLD.network, consumer_value_kusd=value))
    share = {"low": 0.5, "central": 1.0, "high": 2.0}
    item = measure("restraint", "wolfram", markets=["JPN"], share=0.1, value_lost_share=share)
    assert cost(item, build) == (pytest.approx((18.2, 36.4, 72.8)), pytest.approx(5.2))
    paid = item.model_copy(
        update={"per_unit_kusd": measure("release", "x", markets=["x"], below=1.0, **MONEY).per_unit_kusd}
    )
    assert cost(paid, build)[0] == pytest.approx((18.2 + 5.2, 36.4 + 10.4, 72.8 + 26.0))


def test_restraint_of_unknown_value_costs_nan_and_no_other_kind_does() -> None:
    value = np.full_like(WORLD.network.consumer_value_kusd, np.nan)
    build = replace(WORLD, network=replace(WORLD.network, consumer_value_kusd=value))
    unknown, units = cost(measure("restraint", "wolfram", markets=["JPN"], share=0.1), build)
    assert np.isnan(unknown).all()
    assert units == pytest.approx(5.2)
    known, _ = cost(measure("stockpile", "wolfram", markets=["JPN"], days=7.0, per_unit_kusd=1.0), build)
    assert known == pytest.approx((1.0,) * 3)


def test_the_cost_follows_the_central_draw() -> None:
    lead = {"low": 0.0, "central": 42.0, "high": 45.0}
    item = measure(
        "recycling", "magnets", market="JPN", per_year=TEN_A_WEEK, per_unit_kusd=1.0, lead_weeks=lead
    )
    scenario = scenario_of(item)
    placed = place_measures(WORLD, [item])
    table = draw_table(scenario, 10, 0)
    (effect,) = effects_of(placed, scenario, table, [item], Resolver(placed.build.network))
    assert cost_of(placed.build.network, scenario, effect).units == pytest.approx(100.0)


# --- the shock ------------------------------------------------------------------------------------

P = 12  # periods
BAN = {"exporter": "CHN", "importers": ["JPN"], "products": ["metal"], "kind": "ban", "start": "2026-01-20"}
BAN |= {"announced": "2026-01-06", "front_loading": 1.2, "evidence": EVIDENCE}
SURGE = {"market": "JPN", "products": ["wolfram"], "factor": 1.5, "start": "2026-01-13", "evidence": EVIDENCE}


def all_kinds() -> list[Measure]:
    """Return measures of every kind, some twice on the same members, with leads, ramps and ends."""
    late: dict[str, Any] = {"lead_weeks": {"low": 1.0, "central": 2.0, "high": 5.0}, "ramp_weeks": 4.0}
    flow: dict[str, Any] = {"market": "DEU", "per_year": TEN_A_WEEK, "offtake": {"JPN": 0.5, "USA": 0.25}}
    return [
        measure("capacity", "magnets", **flow, **late),
        measure("joint_production", "magnets", **flow),
        measure("recycling", "magnets", **flow, **late),
        measure("pool", "magnets", **flow),
        measure("contract", "magnets", **flow),
        measure("contract", "magnets", **(flow | {"per_year": YEAR}), **late, id="contract-2"),
        measure("priority", "magnets", "wolfram", markets=["JPN"], share=0.5, **late),
        measure("stockpile", "metal", markets=["JPN", "DEU"], days=30.0, **late),
        measure("stockpile", "metal", "magnets", markets=["JPN"], days=60.0, id="stockpile-2"),
        measure("release", "metal", "magnets", markets=["JPN"], below=0.5, end="2026-03-03"),
        measure("release", "metal", markets=["JPN", "DEU"], below=1.0, id="release-2"),
        measure("substitution", "magnets", markets=["JPN"], makers=["motors"], share=0.3, **late),
        measure("substitution", "*", markets=["*"], makers=["*"], share=0.5, id="substitution-2"),
        measure("restraint", "wolfram", "magnets", markets=["JPN"], share=0.2, **late),
        measure("restraint", "wolfram", markets=["JPN"], share=0.5, id="restraint-2", end="2026-02-17"),
    ]


KINDS = all_kinds()
CASE = scenario_of(*KINDS, weeks=P, restrictions=[BAN], surges=[SURGE])
PLACED = place_measures(WORLD, KINDS)
TABLE: DrawTable = draw_table(CASE, 4, 5)
NETWORK = PLACED.build.network
EFFECTS = effects_of(PLACED, CASE, TABLE, KINDS, Resolver(NETWORK))
PLAIN: Shock = compile_shock(
    NETWORK, CASE.model_copy(update={"measures": ()}), TABLE, PLACED.build.ranges, None, PLACED
).shock


def members(shock: Shock) -> dict[str, np.ndarray]:
    """Return what a shock adds, by member: (D, members, P)."""
    added = shock.added
    contract = np.zeros((shock.draws, NETWORK.n_lanes, shock.periods))
    contract[:, added.contract_lane] = added.contract_t
    return {
        "capacity": added.capacity_t[:, added.supplier_row],
        "contract": contract,
        "inputs": added.input_factor[:, added.recipe_row],
        "release": added.release_share[:, added.release_row],
        "target": shock.target_factor[:, shock.consumer_target_row],
        "demand": shock.demand_factor[:, shock.consumer_demand_row],
    }


def expected(levels: list[float]) -> dict[str, np.ndarray]:
    """Return the same, worked out member by member from the words of docs and docstrings."""
    found = members(PLAIN)
    assert not found["capacity"].any()
    assert (found["inputs"] == 1.0).all()
    assert (found["release"] == RELEASE_SHARE).all()
    more_days = np.zeros_like(found["target"])
    opened: dict[int, list[np.ndarray]] = {}
    for effect, level in zip(EFFECTS, levels, strict=True):
        item, path = effect.measure, level * effect.path
        if level == 0.0:
            continue
        for k, amount in effect.capacity:
            found["capacity"][:, k] += amount * path
        for e, amount in effect.contracts:
            found["contract"][:, e] += amount * path
        for r in effect.recipes:
            found["inputs"][:, r] *= 1.0 - item.share * path
        for n in effect.consumers:
            if item.kind == "stockpile":
                more_days[:, n] += item.days * path
            elif item.kind == "restraint":
                found["demand"][:, n] *= 1.0 - item.share * path
            else:
                opened.setdefault(int(n), []).append(0.9 + (item.below - 0.9) * path)
    for n, paths in opened.items():
        found["release"][:, n] = np.max(paths, axis=0)
    whole = PLAIN.cover_days + PLAIN.period_days  # days of use that the usual target holds (rule M5)
    found["target"] = found["target"] * (1.0 + more_days / whole[:, :, None])
    return found


def agree(one: dict[str, np.ndarray], two: dict[str, np.ndarray]) -> None:
    for name, values in one.items():
        np.testing.assert_allclose(values, two[name], rtol=1e-12, atol=1e-12, err_msg=name)


level = st.sampled_from([0.0, 1.0]) | st.floats(0.001, 1.0)  # far enough from 0 to leave a trace
levels = st.lists(level, min_size=len(KINDS), max_size=len(KINDS))


def test_the_usual_release_is_that_of_the_simulator() -> None:
    assert USUAL_RELEASE == RELEASE_SHARE == 0.9


def test_level_zero_is_the_same_shock() -> None:
    assert with_effects(NETWORK, PLAIN, EFFECTS, [0.0] * len(KINDS)) is PLAIN
    assert with_effects(NETWORK, PLAIN, [], []) is PLAIN
    with pytest.raises(ValueError, match="zip"):
        with_effects(NETWORK, PLAIN, EFFECTS, [1.0])


@settings(max_examples=40, deadline=None)
@given(levels)
def test_every_level_is_lowered_as_documented(taken: list[float]) -> None:
    shock = with_effects(NETWORK, PLAIN, EFFECTS, taken)
    agree(members(shock), expected(taken))


@settings(max_examples=40, deadline=None)
@given(levels, st.lists(st.booleans(), min_size=len(KINDS), max_size=len(KINDS)))
def test_what_a_shock_holds_already_is_kept(taken: list[float], first: list[bool]) -> None:
    """Some measures now and the others later: the same as all at once.

    But days of stock are summed within one call; targets of two calls multiply, as front-loading does. (A
    release so near to 0 that its level rounds to the usual one is forgotten between two calls.)
    """
    early = [level if now else 0.0 for level, now in zip(taken, first, strict=True)]
    late = [0.0 if now else level for level, now in zip(taken, first, strict=True)]
    shock = with_effects(NETWORK, with_effects(NETWORK, PLAIN, EFFECTS, early), EFFECTS, late)
    whole = members(with_effects(NETWORK, PLAIN, EFFECTS, taken))
    found = members(shock)
    one, two, base = expected(early)["target"], expected(late)["target"], members(PLAIN)["target"]
    whole["target"] = one * two / base
    agree(found, whole)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 1.0))
def test_amounts_are_linear_in_the_level(level: float) -> None:
    """Of each measure alone: what it adds, saves, opens or gives up at a level is that share of all of it."""
    nothing = members(PLAIN)
    for i in range(len(KINDS)):
        alone = [float(i == j) for j in range(len(KINDS))]
        full = members(with_effects(NETWORK, PLAIN, EFFECTS, alone))
        part = members(with_effects(NETWORK, PLAIN, EFFECTS, [level * one for one in alone]))
        assert any((full[name] != nothing[name]).any() for name in full)
        for name in full:
            step = level * (full[name] - nothing[name])
            np.testing.assert_allclose(part[name] - nothing[name], step, atol=1e-12, err_msg=name)


def test_two_measures_on_one_line_multiply() -> None:
    (motors,) = np.flatnonzero(NETWORK.recipe_supplier == JP_MOTORS)
    two = [float(item.kind == "substitution") for item in KINDS]
    shock = with_effects(NETWORK, PLAIN, EFFECTS, two)
    np.testing.assert_allclose(members(shock)["inputs"][:, motors, -1], 0.7 * 0.5)
    row = shock.added.recipe_row
    assert row[motors] > 0
    assert (row == 0).sum() == NETWORK.n_recipes - np.count_nonzero(row)
    assert (shock.added.input_factor[:, 0] == 1.0).all()


def test_two_restraints_multiply_and_two_stockpiles_add_their_days() -> None:
    taken = [float(item.kind in ("restraint", "stockpile")) for item in KINDS]
    shock = with_effects(NETWORK, PLAIN, EFFECTS, taken)
    found = members(shock)
    wolfram, metal = at(WORLD, "JPN", "wolfram"), at(WORLD, "JPN", "metal")
    week = 5  # both restraints hold in draw 0, the ramp of the first is at 3.5 of 4 weeks
    assert found["demand"][0, wolfram, week] == pytest.approx(1.5 * (1 - 0.2 * 3.5 / 4.0) * 0.5)
    assert found["demand"][0, wolfram, -1] == pytest.approx(1.5 * 0.8)
    assert found["target"][0, metal, -1] == pytest.approx(1.0 + (30.0 + 60.0) / (20.0 + 7.0))
    assert found["target"][0, metal, 1] == pytest.approx(1.2 * (1.0 + 60.0 / 27.0))


def test_of_two_release_levels_the_higher_holds_and_one_alone_may_close_reserves() -> None:
    metal, magnets, german = (
        at(WORLD, *name) for name in (("JPN", "metal"), ("JPN", "magnets"), ("DEU", "metal"))
    )
    both = members(with_effects(NETWORK, PLAIN, EFFECTS, [float(m.kind == "release") for m in KINDS]))[
        "release"
    ]
    np.testing.assert_allclose(both[:, metal], 1.0)
    np.testing.assert_allclose(both[:, german], 1.0)
    np.testing.assert_allclose(both[:, magnets, :8], 0.5)  # until its end
    np.testing.assert_allclose(both[:, magnets, 8:], 0.9)
    half = members(with_effects(NETWORK, PLAIN, EFFECTS, [0.5 * (m.id == "release") for m in KINDS]))[
        "release"
    ]
    np.testing.assert_allclose(half[:, metal, :8], 0.7)


def test_the_shock_keeps_its_form_and_can_be_simulated() -> None:
    shock = with_effects(NETWORK, PLAIN, EFFECTS, [1.0] * len(KINDS))
    added = shock.added
    assert (np.diff(added.contract_lane) > 0).all()
    for name in ("capacity_t", "input_factor", "release_share"):
        rows = getattr(added, name)
        keys = [rows[:, i].tobytes() for i in range(rows.shape[1])]
        assert len(set(keys)) == len(keys), f"{name}: equal paths share a row"
    assert not added.capacity_t.flags.writeable
    np.testing.assert_array_equal(shock.permission, PLAIN.permission)
    assert (members(PLAIN)["demand"] != 1.0).any()
    outcome = simulate(NETWORK, shock)
    output = outcome.values("supplier_output")
    plants = [flow.plant for flow in PLACED.flows.values() if flow.plant is not None]
    assert (output[:, -1, plants] > 0.0).all()
    some = shock.take([2, 0])
    np.testing.assert_array_equal(simulate(NETWORK, some).values("supplier_output"), output[[2, 0]])


# --- through a scenario ---------------------------------------------------------------------------


def test_a_scenario_takes_its_measures_at_their_levels() -> None:
    half = [item.model_copy(update={"level": 0.5}) for item in KINDS]
    scenario = CASE.model_copy(update={"measures": tuple(half)})
    placed = place_measures(WORLD, half)
    made = placed.build
    found = compile_shock(made.network, scenario, TABLE, made.ranges, made.lane_routes, placed)
    agree(members(found.shock), expected([0.5] * len(KINDS)))
    hits = found.hits[-len(KINDS) :]
    assert [hit.label for hit in hits] == [f"{item.title} (at 50%)" for item in KINDS]
    assert all(hit.total > 0 for hit in hits)
    none = CASE.model_copy(update={"measures": tuple(m.model_copy(update={"level": 0.0}) for m in KINDS)})
    assert compile_shock(made.network, none, TABLE, made.ranges, None, placed).shock.additions is None


def test_hits_count_what_a_measure_touches() -> None:
    offtake = {"JPN": 0.5, "USA": 0.5}
    scenario = scenario_of(
        measure("capacity", "magnets", market="JPN", per_year=1.0, offtake=offtake),
        measure("stockpile", "magnets", markets=["JPN"], days=1.0),
        measure("substitution", "magnets", markets=["JPN"], makers=["*"], share=0.1),
    )
    _, found = compiled(scenario)
    assert [(h.contracts, h.suppliers, h.consumers) for h in found.hits] == [
        (2, 1, 0),
        (0, 0, 2),
        (0, 1, 0),
    ]


def test_measures_need_the_network_that_they_were_placed_in() -> None:
    item = measure("capacity", "magnets", market="JPN", per_year=1.0)
    scenario = scenario_of(item)
    table = draw_table(scenario, 0, 0)
    placed = place_measures(WORLD, [item])
    for network, given_placed in (
        (WORLD.network, None),
        (WORLD.network, placed),
        (placed.build.network, None),
    ):
        with pytest.raises(InputError, match="measures without their plants"):
            compile_shock(network, scenario, table, placed=given_placed)


def test_a_measure_that_was_not_placed_is_refused_in_words() -> None:
    item = measure("capacity", "magnets", market="JPN", per_year=1.0)
    scenario = scenario_of(item)
    with pytest.raises(InputError):
        compile_shock(WORLD.network, scenario, draw_table(scenario, 0, 0), placed=place_measures(WORLD, []))


@pytest.mark.parametrize("below", [0.0, 0.9, 2.0])
def test_the_simulator_takes_every_release_level_that_a_measure_takes(below: float) -> None:
    placed, found = compiled(scenario_of(measure("release", "metal", markets=["JPN"], below=below)))
    assert simulate(placed.build.network, found.shock).values("consumer_used").all()
    with pytest.raises(ValidationError, match="less than or equal to 2"):
        measure("release", "metal", markets=["JPN"], below=2.01)


def test_a_plant_makes_up_for_a_ban_in_the_simulator() -> None:
    """Japan's only metal is banned; a mine at home of 4 a week from week 8 on brings use back."""
    suppliers = [("CHN", "metal", "primary"), ("JPN", "magnets", "processing")]
    lanes = [(0, ("JPN", "metal"), 4.4, 0), (1, ("JPN", "magnets"), 4.0, 0)]
    network = network_of(suppliers, lanes, [(1, ("JPN", "metal"), 1.1, 1.0, True)])
    build = build_of(network)
    mine = measure("capacity", "metal", market="JPN", per_year=4.4 * YEAR / 7.0, lead_weeks=8.0)
    ban = BAN | {"start": "2026-01-06", "announced": None, "front_loading": 1.0}
    output = {}
    for level in (0.0, 0.5, 1.0):
        scenario = scenario_of(mine.model_copy(update={"level": level}), weeks=60, restrictions=[ban])
        placed, found = compiled(scenario, build)
        output[level] = simulate(placed.build.network, found.shock).values("supplier_output")[0, -1]
    assert output[0.0][1] < 1e-6
    assert output[0.5][1] == pytest.approx(2.0, rel=0.02)
    assert output[1.0][1] == pytest.approx(4.0, rel=0.02)
    assert output[1.0][2] == pytest.approx(4.4, rel=0.02)
