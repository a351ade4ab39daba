"""Measures placed in a network: what is added, what stays as it was, what is refused (rules R1, R2)."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_network import (
    AU_METAL,
    CN_MAGNETS,
    CN_METAL,
    DE_MAGNETS,
    DE_MORE,
    JP_MAGNETS,
    magnet_world,
    network_of,
    routes_of,
)

from kaname.baseline import load_baseline
from kaname.network.build import BuildReport, NetworkBuild
from kaname.network.extend import (
    OPENED,
    TO_SEGMENT,
    UNKNOWN_DAYS,
    Extension,
    NewLine,
    NewSupplier,
    extend,
)
from kaname.network.network import SUPPLIER_KINDS, Network
from kaname.network.routes import SEA, UNKNOWN
from kaname.scenario import files
from kaname.scenario.compile import compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.measures import Measure
from kaname.scenario.plants import Placed, place_measures
from kaname.scenario.scenario import Scenario
from kaname.scenario.spreads import default_ranges
from kaname.simulate.engine import simulate
from kaname.terms.errors import Problem, RestrictionHitsNothing, ScenarioError

ROOT = Path(__file__).parents[2]
FULL = (1.0, 1.0, 1.0)


def build_of(network: Network) -> NetworkBuild:
    """Return the build of a network by hand; every lane goes by sea, lane e in 20 + e days."""
    routes = routes_of([frozenset()] * network.n_lanes)
    routes = replace(routes, days=20.0 + np.arange(network.n_lanes))
    return NetworkBuild(network, default_ranges(network), BuildReport(0, 0, 0, (), (), (), ()), routes)


WORLD = build_of(magnet_world())
NEW = WORLD.network.n_suppliers  # the first new supplier


def measure(kind: str, product: str, market: str | None, **keys: Any) -> Measure:
    common = {"id": "m", "title": "m", "start": "2026-01-06", "per_year": 10.0}
    common |= {"payers": [{"market": "JPN", "share": 1.0}], "evidence": [{"source": "x"}]}
    for key in ("offtake", "inputs_from"):
        if key in keys:
            keys[key] = [{"market": name, "share": share} for name, share in keys[key].items()]
    return Measure.model_validate(common | {"kind": kind, "products": [product], "market": market} | keys)


def consumer(build: NetworkBuild, market: str, product: str) -> int:
    n = build.network.consumer_index(market, product)
    assert n >= 0
    return n


def base_is_unchanged(old: NetworkBuild, extension: Extension) -> None:
    """Check what every extension keeps: old members, their order and sums; and that all lengths fit."""
    before, after = old.network, extension.build.network
    k, r, e = before.n_suppliers, before.n_recipes, before.n_lanes
    assert extension.first_supplier == k
    place = old_lanes(old, extension)
    for item in fields(Network):
        one, two = getattr(before, item.name), getattr(after, item.name)
        if not isinstance(one, np.ndarray):
            assert one == two, item.name
        elif item.name.startswith("consumer_"):
            np.testing.assert_array_equal(one, two, err_msg=item.name)
        elif item.name.startswith("lane_"):
            np.testing.assert_array_equal(one, two[place], err_msg=item.name)
            assert len(two) == len(after.lane_supplier)
        else:
            np.testing.assert_array_equal(one, two[: len(one)], err_msg=item.name)
            assert len(two) == (after.n_suppliers if item.name.startswith("supplier") else after.n_recipes)
        if isinstance(one, np.ndarray):
            assert two.dtype == one.dtype, item.name
            assert not two.flags.writeable, item.name
    assert (np.diff(after.lane_consumer) >= 0).all()
    assert (np.diff(after.recipe_supplier[r:]) >= 0).all()
    assert (after.recipe_supplier[r:] >= k).all()
    fresh = np.ones(after.n_lanes, dtype=bool)
    fresh[place] = False
    assert fresh.sum() == after.n_lanes - e
    assert (after.lane_flow[fresh] == 0.0).all()
    assert (after.lane_export_share[fresh] == 0.0).all()
    assert (after.lane_lag >= 1).all()
    assert (after.supplier_base[k:] == 0.0).all()
    assert (after.supplier_headroom[k:] == 0.0).all()
    for name, index, size in (
        ("supplier_base", after.lane_supplier, after.n_suppliers),
        ("consumer_inflow", after.lane_consumer, after.n_consumers),
    ):
        sums = np.bincount(index, after.lane_flow, size)
        np.testing.assert_array_equal(sums, getattr(after, name), err_msg=name)
    pairs = list(zip(after.lane_supplier.tolist(), after.lane_consumer.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert all(pairs[lane] == pair for pair, lane in extension.lane_at.items())
    routes, ranges = extension.build.lane_routes, extension.build.ranges
    for name in ("mode", "days", "km_per_day", "pair"):
        one, two = getattr(old.lane_routes, name), getattr(routes, name)
        assert len(two) == after.n_lanes
        np.testing.assert_array_equal(one, two[place], err_msg=name)
    lengths = {"dependence": after.n_recipes, "cover": after.n_consumers, "headroom": after.n_suppliers}
    for name, length in (lengths | {"reserve": after.n_consumers}).items():
        for end in ("low", "high"):
            one, two = getattr(old.ranges, f"{name}_{end}"), getattr(ranges, f"{name}_{end}")
            assert len(two) == length
            np.testing.assert_array_equal(one, two[: len(one)])
    for low, high in (("dependence_low", "dependence_high"), ("headroom_low", "headroom_high")):
        assert (getattr(ranges, low) <= getattr(ranges, high)).all()


def old_lanes(old: NetworkBuild, extension: Extension) -> np.ndarray:
    """Return where each old lane stands now, by its ends; within a consumer the order is that of before."""
    after = extension.build.network
    at = {
        pair: e
        for e, pair in enumerate(zip(after.lane_supplier.tolist(), after.lane_consumer.tolist(), strict=True))
    }
    before = old.network
    ends = zip(before.lane_supplier.tolist(), before.lane_consumer.tolist(), strict=True)
    place = np.array([at[pair] for pair in ends], dtype=np.intp)
    assert (np.diff(place) > 0).all()
    return place


# --- extend ---------------------------------------------------------------------------------------


def test_nothing_added_is_the_same_network() -> None:
    same = extend(WORLD, [], [])
    assert same.build.network is WORLD.network
    assert same.build.lane_routes is WORLD.lane_routes
    assert same.lane_at == {}
    base_is_unchanged(WORLD, same)


def test_a_pair_that_a_lane_joins_keeps_that_lane() -> None:
    pair = (CN_MAGNETS, consumer(WORLD, "USA", "magnets"))
    kept = extend(WORLD, [], [pair])
    assert kept.build.network is WORLD.network
    lane = kept.lane_at[pair]
    assert WORLD.network.lane_flow[lane] == 2.0
    more = extend(WORLD, [], [(AU_METAL, 0), pair, (AU_METAL, 0), pair])
    base_is_unchanged(WORLD, more)
    assert more.build.network.n_lanes == WORLD.network.n_lanes + 1
    assert more.build.network.lane_flow[more.lane_at[pair]] == 2.0
    assert more.lane_at[pair] == lane + 1  # the new lane goes to the first consumer


def test_a_new_lane_takes_the_way_of_one_between_the_same_countries_of_the_same_stage() -> None:
    """CN metal -> JPN goes like the Chinese metal there, CN metal -> USA like Chinese magnets."""
    network = WORLD.network
    network = replace(network, lane_lag=np.arange(1, network.n_lanes + 1, dtype=np.int32))
    build = replace(WORLD, network=network)
    metal, magnets = network.product_index("metal"), network.product_index("magnets")
    jpn, usa, aus = (network.market_index(name) for name in ("JPN", "USA", "AUS"))
    suppliers = [NewSupplier(network.market_index("CHN"), p, "primary") for p in (metal, magnets)]
    suppliers += [NewSupplier(usa, metal, "primary"), NewSupplier(jpn, magnets, "recycling")]
    to = {name: consumer(WORLD, *name) for name in (("JPN", "metal"), ("JPN", "magnets"))}
    joins = [
        (NEW, to["JPN", "metal"]),
        (NEW, to["JPN", "magnets"]),
        (NEW + 1, to["JPN", "magnets"]),
        (NEW + 2, to["JPN", "metal"]),
        (AU_METAL, consumer(WORLD, "CHN", "metal")),
        (NEW + 3, consumer(WORLD, "JPN/defence", "magnets")),
        (NEW + 3, consumer(WORLD, "DEU", "metal")),
    ]
    grown = extend(build, suppliers, joins)
    base_is_unchanged(build, grown)
    after, routes = grown.build.network, grown.build.lane_routes

    def donor(supplier: int, market: str, product: str) -> int:
        ends = (network.lane_supplier == supplier) & (
            network.lane_consumer == consumer(build, market, product)
        )
        (lane,) = np.flatnonzero(ends)
        return int(lane)

    us_more = int(network.lane_supplier[network.lane_flow == 0.0][0])
    expected = [
        donor(CN_METAL, "JPN", "metal"),
        donor(CN_METAL, "JPN", "metal"),
        donor(CN_MAGNETS, "JPN", "magnets"),
        donor(us_more, "JPN", "magnets"),  # no other goods go from the United States to Japan
        None,  # Australia sells nothing to China
        donor(JP_MAGNETS, "JPN", "magnets"),
        None,
    ]
    for pair, lane in zip(joins, expected, strict=True):
        e = grown.lane_at[pair]
        assert after.lane_kind[e] == (TO_SEGMENT if pair == joins[5] else OPENED)
        assert after.supplier_market[after.lane_supplier[e]] in (jpn, usa, aus, network.market_index("CHN"))
        if lane is None:
            assert (routes.mode[e], routes.pair[e], routes.days[e]) == (UNKNOWN, -1, UNKNOWN_DAYS)
            assert after.lane_lag[e] == round(UNKNOWN_DAYS / 7.0)
        else:
            assert (routes.mode[e], routes.pair[e], routes.days[e]) == (SEA, lane, 20.0 + lane)
            assert after.lane_lag[e] == lane + 1
    np.testing.assert_array_equal(after.supplier_market[NEW:], [s.market for s in suppliers])
    kinds = [SUPPLIER_KINDS[kind] for kind in after.supplier_kind[NEW:]]
    assert kinds == ["primary", "primary", "primary", "recycling"]


def test_recipe_lines_of_new_suppliers_come_last_in_their_order() -> None:
    metal, ends = WORLD.network.product_index("metal"), (0.2, 0.4, 0.6)
    suppliers = [
        NewSupplier(0, metal, "processing", (NewLine(3, 0.5, ends, False), NewLine(1, 2.0, FULL, True))),
        NewSupplier(0, metal, "primary"),
        NewSupplier(1, metal, "processing", (NewLine(3, 0.25, ends, False),)),
    ]
    grown = extend(WORLD, suppliers, [(NEW + 2, 0)])
    base_is_unchanged(WORLD, grown)
    after, r = grown.build.network, WORLD.network.n_recipes
    assert after.recipe_supplier[r:].tolist() == [NEW, NEW, NEW + 2]
    assert after.recipe_consumer[r:].tolist() == [3, 1, 3]
    assert after.recipe_input_per_output[r:].tolist() == [0.5, 2.0, 0.25]
    assert after.recipe_dependence[r:].tolist() == [0.4, 1.0, 0.4]
    assert after.recipe_same_element[r:].tolist() == [False, True, False]
    ranges = grown.build.ranges
    assert ranges.dependence_low[r:].tolist() == [0.2, 1.0, 0.2]
    assert ranges.dependence_high[r:].tolist() == [0.6, 1.0, 0.6]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_extension_leaves_the_base_as_it_was(data: st.DataObject) -> None:
    network = WORLD.network
    line = st.builds(
        NewLine, st.integers(0, network.n_consumers - 1), st.just(0.5), st.just(FULL), st.booleans()
    )
    new = st.builds(
        NewSupplier,
        st.integers(0, len(network.markets) - 1),
        st.integers(0, len(network.products) - 1),
        st.sampled_from(SUPPLIER_KINDS),
        st.lists(line, max_size=3).map(tuple),
    )
    suppliers = data.draw(st.lists(new, max_size=4))
    pair = st.tuples(st.integers(0, NEW + len(suppliers) - 1), st.integers(0, network.n_consumers - 1))
    joins = data.draw(st.lists(pair, max_size=12))
    grown = extend(WORLD, suppliers, joins)
    base_is_unchanged(WORLD, grown)
    assert set(grown.lane_at) == set(joins)
    known = set(zip(network.lane_supplier.tolist(), network.lane_consumer.tolist(), strict=True))
    assert grown.build.network.n_lanes == network.n_lanes + len(set(joins) - known)
    assert grown.build.network.n_suppliers == NEW + len(suppliers)
    assert grown.build.network.n_recipes == network.n_recipes + sum(len(s.lines) for s in suppliers)


# --- plants ---------------------------------------------------------------------------------------


def lines_of(placed: Placed, supplier: int) -> list[tuple[str, str, float, float, bool]]:
    """Return (market, product, input per output, dependence, same element) of a supplier's lines."""
    network = placed.build.network
    found = []
    for r in np.flatnonzero(network.recipe_supplier == supplier):
        n = network.recipe_consumer[r]
        market = network.markets[network.consumer_market[n]].id
        product = network.products[network.consumer_product[n]].id
        amount, d = network.recipe_input_per_output[r], network.recipe_dependence[r]
        found.append((market, product, float(amount), float(d), bool(network.recipe_same_element[r])))
    return found


def kind_of(placed: Placed, supplier: int) -> str:
    return SUPPLIER_KINDS[placed.build.network.supplier_kind[supplier]]


def test_without_measures_that_send_goods_the_network_is_the_same() -> None:
    stock = measure("release", "metal", None, per_year=None, markets=["JPN"], below=1.0)
    for measures in ([], [stock]):
        placed = place_measures(WORLD, measures)
        assert placed.build.network is WORLD.network
        assert placed.flows == {}


def test_a_plant_copies_the_recipe_of_its_market() -> None:
    """German magnets take 1.1 of metal, as do Japanese ones; here the Japanese take 2."""
    network = WORLD.network
    amounts = network.recipe_input_per_output.copy()
    amounts[network.recipe_supplier == JP_MAGNETS] = 2.0
    build = replace(WORLD, network=replace(network, recipe_input_per_output=amounts))
    placed = place_measures(build, [measure("capacity", "magnets", "JPN")])
    base_is_unchanged(build, placed.extension)
    assert lines_of(placed, NEW) == [("JPN", "metal", 2.0, 1.0, True)]
    assert kind_of(placed, NEW) == "processing"
    flow = placed.flows["m"]
    taker = consumer(WORLD, "JPN", "magnets")
    assert (flow.suppliers, flow.takers, flow.plant) == (((NEW, 1.0),), ((taker, 1.0),), NEW)
    assert (NEW, taker) in placed.extension.lane_at


def test_without_makers_in_its_market_a_plant_takes_the_mean_of_the_world_by_output() -> None:
    """Motors from Japan (5 a week: .5 of magnets, d .4) and Germany (15: .9 and d .8, and .2 of metal)."""
    suppliers = [
        ("CHN", "metal", "primary"),
        ("CHN", "magnets", "primary"),
        ("JPN", "motors", "processing"),
        ("DEU", "motors", "processing"),
        ("AUS", "motors", "processing"),  # makes nothing: it does not count
    ]
    lanes = [(k, (m, p), 50.0, 0) for k, p in ((0, "metal"), (1, "magnets")) for m in ("JPN", "DEU", "USA")]
    lanes += [(0, ("AUS", "metal"), 1.0, 0), (1, ("AUS", "magnets"), 1.0, 0)]
    lanes += [(2, ("JPN", "motors"), 5.0, 0), (3, ("USA", "motors"), 15.0, 0)]
    recipes = [
        (2, ("JPN", "magnets"), 0.5, 0.4, False),
        (3, ("DEU", "magnets"), 0.9, 0.8, False),
        (3, ("DEU", "metal"), 0.2, 1.0, False),
        (4, ("AUS", "magnets"), 9.0, 0.1, False),
    ]
    build = build_of(network_of(suppliers, lanes, recipes))
    placed = place_measures(build, [measure("capacity", "motors", "USA")])
    base_is_unchanged(build, placed.extension)
    found = sorted(lines_of(placed, 5))
    assert [line[:2] for line in found] == [("USA", "magnets"), ("USA", "metal")]
    assert [line[2] for line in found] == pytest.approx([0.25 * 0.5 + 0.75 * 0.9, 0.75 * 0.2])
    assert [line[3] for line in found] == pytest.approx([0.25 * 0.4 + 0.75 * 0.8, 1.0])
    ranges = placed.build.ranges
    low = sorted(ranges.dependence_low[4:])
    assert low == pytest.approx(sorted([0.7 * 0.7, 0.7 * 1.0]))
    idle = place_measures(build, [measure("capacity", "motors", "AUS", offtake={"USA": 1.0})])
    assert [line[2] for line in sorted(lines_of(idle, 5))] == [line[2] for line in found]
    at_home = place_measures(build, [measure("capacity", "motors", "JPN")])
    assert lines_of(at_home, 5) == [("JPN", "magnets", 0.5, 0.4, False)]


def test_what_is_mined_has_no_inputs_and_recycling_takes_none() -> None:
    mine = place_measures(WORLD, [measure("capacity", "metal", "USA", offtake={"JPN": 1.0})])
    assert (kind_of(mine, NEW), lines_of(mine, NEW)) == ("primary", [])
    scrap = place_measures(WORLD, [measure("recycling", "magnets", "JPN", offtake={"USA": 0.5, "DEU": 0.25})])
    assert (kind_of(scrap, NEW), lines_of(scrap, NEW)) == ("recycling", [])
    base_is_unchanged(WORLD, scrap.extension)
    usa, deu = consumer(WORLD, "USA", "magnets"), consumer(WORLD, "DEU", "magnets")
    assert scrap.flows["m"].takers == ((usa, 0.5), (deu, 0.25))
    assert scrap.build.network.n_lanes == WORLD.network.n_lanes + 2


def test_joint_production_draws_on_the_stocks_of_partners_in_their_shares() -> None:
    joint = measure(
        "joint_production",
        "magnets",
        "AUS",
        offtake={"JPN": 0.5, "JPN/defence": 0.5},
        inputs_from={"JPN": 0.75, "DEU": 0.25, "CHN": 0.0},
    )
    placed = place_measures(WORLD, [joint])
    base_is_unchanged(WORLD, placed.extension)
    lines = lines_of(placed, NEW)
    assert [line[:2] for line in lines] == [("JPN", "metal"), ("DEU", "metal")]
    assert [line[2] for line in lines] == pytest.approx([1.1 * 0.75, 1.1 * 0.25])
    assert placed.build.network.supplier_market[NEW] == WORLD.network.market_index("AUS")


def test_a_pool_passes_on_the_stock_of_its_market() -> None:
    placed = place_measures(WORLD, [measure("pool", "magnets", "DEU", offtake={"JPN": 1.0})])
    base_is_unchanged(WORLD, placed.extension)
    assert (kind_of(placed, NEW), lines_of(placed, NEW)) == ("reexport", [("DEU", "magnets", 1.0, 1.0, True)])
    assert placed.flows["m"].plant == NEW


def test_a_contract_adds_no_supplier_and_is_shared_by_base_output() -> None:
    """German magnets: the maker sells 3.25, who re-exports is left out; Australian metal has one seller."""
    placed = place_measures(WORLD, [measure("contract", "magnets", "DEU", offtake={"USA": 0.6, "JPN": 0.3})])
    base_is_unchanged(WORLD, placed.extension)
    flow = placed.flows["m"]
    assert placed.build.network.n_suppliers == NEW
    assert flow.suppliers == ((DE_MAGNETS, 1.0),)
    assert flow.plant is None
    usa, jpn = consumer(WORLD, "USA", "magnets"), consumer(WORLD, "JPN", "magnets")
    assert flow.takers == ((usa, 0.6), (jpn, 0.3))
    assert placed.build.network.n_lanes == WORLD.network.n_lanes + 1  # Germany sells to Japan already
    assert set(placed.extension.lane_at) == {(DE_MAGNETS, usa), (DE_MAGNETS, jpn)}
    two = WORLD.network.supplier_kind.copy()
    two[DE_MORE] = SUPPLIER_KINDS.index("recycling")
    both = place_measures(
        replace(WORLD, network=replace(WORLD.network, supplier_kind=two)),
        [measure("contract", "magnets", "DEU", offtake={"JPN": 1.0})],
    )
    assert both.flows["m"].suppliers == (
        (DE_MAGNETS, pytest.approx(3.25 / 5.25)),
        (DE_MORE, pytest.approx(2.0 / 5.25)),
    )


def test_a_contract_falls_back_on_those_who_re_export_but_not_on_unrecorded_supply() -> None:
    """The United States only re-export magnets; as unrecorded supply nobody could sign."""
    placed = place_measures(WORLD, [measure("contract", "magnets", "USA", offtake={"JPN": 1.0})])
    assert len(placed.flows["m"].suppliers) == 1
    kinds = WORLD.network.supplier_kind.copy()
    kinds[placed.flows["m"].suppliers[0][0]] = SUPPLIER_KINDS.index("unrecorded")
    build = replace(WORLD, network=replace(WORLD.network, supplier_kind=kinds))
    with pytest.raises(RestrictionHitsNothing, match="has nobody to buy from"):
        place_measures(build, [measure("contract", "magnets", "USA", offtake={"JPN": 1.0})])


def test_several_measures_get_suppliers_in_their_order() -> None:
    measures = [
        measure("capacity", "magnets", "JPN", id="a"),
        measure("contract", "metal", "AUS", id="b", offtake={"DEU": 1.0}),
        measure("pool", "magnets", "DEU", id="c", offtake={"JPN": 0.5, "USA": 0.5}),
        measure("recycling", "metal", "JPN", id="d"),
    ]
    placed = place_measures(WORLD, measures)
    base_is_unchanged(WORLD, placed.extension)
    assert {name: flow.plant for name, flow in placed.flows.items()} == {
        "a": NEW,
        "b": None,
        "c": NEW + 1,
        "d": NEW + 2,
    }
    for flow in placed.flows.values():
        for k, _ in flow.suppliers:
            for n, _ in flow.takers:
                lane = placed.extension.lane_at[k, n]
                assert placed.build.network.lane_supplier[lane] == k
                assert placed.build.network.lane_consumer[lane] == n


# --- what is refused ------------------------------------------------------------------------------


def the_idle(measures: list[Measure]) -> list[Problem]:
    with pytest.raises(RestrictionHitsNothing) as error:
        place_measures(WORLD, measures)
    return list(error.value.problems)


@pytest.mark.parametrize(
    ("item", "what", "where", "got", "expected"),
    [
        (
            measure("capacity", "magnets", "USA"),
            "m has nothing to work with",
            "measures[0]",
            "no stock of metal in USA",
            "a market for its inputs",
        ),
        (
            measure(
                "joint_production", "magnets", "JPN", offtake={"JPN": 1}, inputs_from={"JPN": 0.5, "AUS": 0.5}
            ),
            "m has nothing to work with",
            "measures[0]",
            "no stock of metal in AUS",
            "a market for its inputs",
        ),
        (
            measure("pool", "magnets", "CHN", offtake={"JPN": 1}),
            "m has nothing to work with",
            "measures[0]",
            "no stock of magnets in CHN",
            "a market for its inputs",
        ),
        (
            measure("contract", "wolfram", "CHN", offtake={"JPN": 1}),
            "m has nobody to buy from",
            "measures[0].market",
            "no supplier of wolfram",
            "at least one",
        ),
        (
            measure("contract", "wolfram", "AUS", offtake={"JPN": 0.5, "USA": 0.25, "DEU": 0.25}),
            "m has a taker without use",
            "measures[0].offtake",
            "no use of wolfram in USA, DEU",
            "takers that use it",
        ),
        (
            measure("recycling", "metal", "USA"),
            "m has a taker without use",
            "measures[0].offtake",
            "no use of metal in USA",
            "takers that use it",
        ),
    ],
)
def test_a_measure_that_touches_nothing_is_refused(
    item: Measure, what: str, where: str, got: str, expected: str
) -> None:
    (problem,) = the_idle([item])
    assert (problem.what, problem.where) == (what, where)
    assert (problem.got, problem.expected) == (got, expected)


def test_all_measures_that_touch_nothing_are_told_at_once() -> None:
    found = the_idle(
        [
            measure("capacity", "magnets", "USA", id="one"),
            measure("capacity", "magnets", "JPN", id="fine"),
            measure("contract", "wolfram", "CHN", id="two", offtake={"JPN": 1.0}),
            measure("recycling", "metal", "USA", id="three"),
        ]
    )
    assert [problem.where for problem in found] == [
        "measures[0]",
        "measures[2].market",
        "measures[3].offtake",
    ]
    assert [problem.what.split()[0] for problem in found] == ["one", "two", "three"]


def test_unknown_names_are_all_told_at_once_and_before_what_touches_nothing() -> None:
    measures = [
        measure(
            "capacity", "magnet", "JPNN", id="a", offtake={"JPN": 1}
        ),  # `magnet` is a stage, JPNN nothing
        measure("contract", "wolframm", "AUS", id="b", offtake={"JPN": 0.5, "UAS": 0.5}),
        measure("joint_production", "magnets", "JPN", id="c", offtake={"JPN": 1}, inputs_from={"XXX": 1}),
        measure("recycling", "metal", "USA", id="d"),  # touches nothing
    ]
    with pytest.raises(ScenarioError) as error:
        place_measures(WORLD, measures)
    found = {problem.where: problem for problem in error.value.problems}
    assert set(found) == {
        "measures[0].market",
        "measures[1].products[0]",
        "measures[1].offtake[1].market",
        "measures[2].inputs_from[0].market",
    }
    assert found["measures[0].market"].what == "unknown market"
    assert found["measures[0].market"].got == "`JPNN`"
    assert "`JPN`" in found["measures[0].market"].fix
    assert "`wolfram`" in found["measures[1].products[0]"].fix
    assert "`USA`" in found["measures[1].offtake[1].market"].fix


@pytest.mark.parametrize("name", ["rare_earths", "*", "metal_or_more"])
def test_a_flow_is_about_one_product(name: str) -> None:
    """The element names three products, `*` all of them."""
    with pytest.raises(ScenarioError) as error:
        place_measures(WORLD, [measure("capacity", name, "JPN")])
    (problem,) = error.value.problems
    if name == "metal_or_more":
        assert problem.what == "unknown product"
    else:
        assert problem.what == "m is about one product"
        assert {"magnets", "metal"} <= set(problem.got.split(", "))
        assert problem.fix == "Name one product by its id."
    assert problem.where.startswith("measures[0].products")


def test_the_place_of_a_problem_starts_with_the_words_given() -> None:
    with pytest.raises(ScenarioError) as error:
        place_measures(WORLD, [measure("recycling", "metal", "XYZ")], where="plan")
    assert {problem.where for problem in error.value.problems} == {
        "plan[0].market",
    }


# --- the network of kaname ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def build() -> NetworkBuild:
    return load_baseline().build


@pytest.fixture(scope="module")
def placed(build: NetworkBuild) -> Placed:
    return place_measures(build, files.load_measures(ROOT / "examples" / "measures"))


def test_all_examples_can_be_placed_and_leave_the_base_as_it_was(build: NetworkBuild, placed: Placed) -> None:
    base_is_unchanged(build, placed.extension)
    network, first = placed.build.network, placed.extension.first_supplier
    assert network.n_suppliers > first + 20
    assert network.n_lanes > build.network.n_lanes + 20
    plants = sorted(flow.plant for flow in placed.flows.values() if flow.plant is not None)
    assert plants == list(range(first, network.n_suppliers))
    lines = network.recipe_supplier[build.network.n_recipes :]
    processing = np.flatnonzero(network.supplier_kind[first:] == SUPPLIER_KINDS.index("processing")) + first
    assert set(processing) <= set(lines)
    donors = placed.build.lane_routes
    assert np.isfinite(donors.days).all()
    assert (donors.pair < len(donors.pairs)).all()


def test_without_measures_in_force_old_members_fare_bit_for_bit_as_on_the_plain_network(
    build: NetworkBuild, placed: Placed
) -> None:
    """Case 3 with every example placed and none taken, in the central draw and two samples."""
    scenario = files.load(ROOT / "examples" / "flagship" / "3-full-stop-japan.yaml")
    table = draw_table(scenario, 2, 7, one_at_a_time=False)
    outcomes = {}
    for name, one in (("plain", build), ("extended", placed.build)):
        shock = compile_shock(one.network, scenario, table, one.ranges, one.lane_routes).shock
        outcomes[name] = simulate(one.network, shock)
    k = build.network.n_suppliers
    for name in ("consumer_used", "consumer_shortfall", "consumer_need", "consumer_fill"):
        plain, extended = (outcomes[which].values(name) for which in ("plain", "extended"))
        np.testing.assert_array_equal(plain, extended, err_msg=name)
    assert outcomes["plain"].values("consumer_shortfall").max() > 0.0
    for name in ("supplier_output", "supplier_asked"):
        plain, extended = (outcomes[which].values(name) for which in ("plain", "extended"))
        np.testing.assert_array_equal(plain, extended[:, :, :k], err_msg=name)
        assert (extended[:, :, k:] == 0.0).all()


def test_no_shock_nothing_moves_on_the_small_network_with_plants() -> None:
    """(rule M2) with lanes and suppliers of base 0, under a quota that stops nothing."""
    measures = [
        measure("capacity", "magnets", "JPN", id="a", offtake={"JPN": 0.5, "USA": 0.5}),
        measure("pool", "magnets", "DEU", id="c", offtake={"JPN": 1.0}),
    ]
    placed = place_measures(WORLD, measures)
    network = placed.build.network
    case = {"id": "s", "title": "t", "start": "2026-01-06", "weeks": 30, "targets": ["JPN"]}
    ban = {"exporter": "CHN", "importers": ["USA"], "products": ["magnets"], "kind": "quota", "depth": 0.0}
    ban |= {"start": "2026-01-06", "evidence": [{"source": "x"}]}
    scenario = Scenario.model_validate(case | {"restrictions": [ban]})
    shock = compile_shock(network, scenario, draw_table(scenario, 0, 0), placed.build.ranges).shock
    outcome = simulate(network, shock.take([0]))
    used, output = outcome.values("consumer_used")[0], outcome.values("supplier_output")[0]
    np.testing.assert_allclose(used, np.tile(network.consumer_inflow, (30, 1)), rtol=1e-12)
    np.testing.assert_allclose(output, np.tile(network.supplier_base, (30, 1)), rtol=1e-12)
