"""Suppliers, lanes, recipes, industries, segments and latent lanes of small networks (rules N1-N6)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_sources import chain, code, flow, made, product, recipe, segment, sources, trade

from kaname.network.assemble import LATENT_EXPORTERS, add_chain, add_latent_lanes
from kaname.network.build import build_network
from kaname.network.draft import Consumer, Draft, Lane, Supplier
from kaname.network.industries import DIRECT_SHARE, add_segments
from kaname.network.network import Network
from kaname.network.reconcile import Balanced
from kaname.network.routes import Routing
from kaname.network.sources import ASSUMED, ESTIMATED, OBSERVED
from kaname.terms.errors import TableError

PERIODS = 365.0 / 7.0


def recipes(network: Network) -> dict[tuple[str, str, str], float]:
    """Return input per output by market, supplier's product and input."""
    found = {}
    for k, n, a in zip(
        network.recipe_supplier, network.recipe_consumer, network.recipe_input_per_output, strict=True
    ):
        market = network.markets[network.supplier_market[k]].id
        output, source = network.supplier_product[k], network.consumer_product[n]
        found[market, network.products[output].id, network.products[source].id] = float(a)
    return found


def final_use(network: Network, market: str, name: str) -> float:
    return float(network.consumer_final[network.consumer_index(market, name)]) * PERIODS


# --- re-exports, home sales, exports --------------------------------------------------------------

TONNES = st.one_of(st.just(0.0), st.floats(1e-3, 1e4))


@given(TONNES, TONNES, st.floats(1e-3, 1e4))
def test_reexports_are_imports_that_production_does_not_explain(
    output: float, imports: float, asked: float
) -> None:
    """(rule N3): R = min(imports, max(0, exports - production)); every export lane is whole."""
    exports = min(asked, output + imports)
    flows = [flow("X", "H", imports), flow("H", "Y", exports)]
    node = ("H", "ore")
    balanced = Balanced(
        {("H", "ore", "primary"): output} if output else {},
        [f for f in flows if f.tonnes > 0.0],
        {node: output + imports - exports, ("X", "ore"): 0.0, ("Y", "ore"): exports},
        {("X", "ore"): imports},
        [],
    )
    draft = Draft()
    add_chain(draft, balanced, sources(), Routing(sources(), 7.0))
    made_, through = draft.output(), Supplier("H", "ore", "reexport")
    expected = min(imports, max(0.0, exports - output))
    size = output + imports + 1e-6
    assert made_.get(through, 0.0) == pytest.approx(expected, rel=1e-9, abs=1e-12 * size)
    assert ((through, Consumer("H", "ore")) in draft.recipes) == (through in draft.suppliers)
    lanes = sum(lane.tonnes for (s, c), lane in draft.lanes.items() if s.market == "H" and c.market == "Y")
    assert lanes == pytest.approx(exports, rel=1e-9, abs=1e-8)
    primary = made_.get(Supplier("H", "ore", "primary"), 0.0)
    assert primary == pytest.approx(output, rel=1e-9, abs=1e-8)


def test_a_hub_reexports_with_its_own_product_as_the_one_input() -> None:
    build = build_network(chain())
    network = build.network
    lines = recipes(network)
    assert lines["HUB", "metal", "metal"] == pytest.approx(1.0, rel=1e-6)
    hub = network.market_index("HUB")
    at_hub = (network.supplier_market == hub) & (network.supplier_product == network.product_index("metal"))
    (through,) = np.flatnonzero(at_hub)
    assert network.supplier_kind[through] == 3
    assert network.supplier_base[through] * PERIODS == pytest.approx(8.0, rel=1e-4)


def test_a_market_specific_recipe_row_wins() -> None:
    rows = [*chain().recipes, recipe("metal", "ore", "DDD", input_per_output=1.05, same_element=True)]
    lines = recipes(build_network(chain(recipes=rows)).network)
    assert lines["BBB", "metal", "ore"] == pytest.approx(1.1, rel=1e-6)
    assert lines["DDD", "metal", "ore"] == pytest.approx(1.05, rel=1e-6)


def test_same_element_lines_depend_wholly_whatever_the_table_says() -> None:
    rows = [recipe("metal", "ore", input_per_output=1.1, same_element=True, dependence=0.5)]
    build = build_network(chain(recipes=rows))
    assert build.network.recipe_same_element.all()
    assert (build.network.recipe_dependence == 1.0).all()
    assert (build.ranges.dependence_low == 1.0).all()


# --- industries -----------------------------------------------------------------------------------


def test_an_industry_gets_its_share_of_final_use() -> None:
    network = build_network(chain()).network
    lines = recipes(network)
    used = lines["CCC", "cars", "metal"] * 100.0
    left = final_use(network, "CCC", "metal")
    assert used / (used + left) == pytest.approx(0.6)
    assert used + left == pytest.approx(38.0, rel=1e-3)
    (k,) = np.flatnonzero(
        (network.supplier_market == network.market_index("CCC"))
        & (network.supplier_product == network.product_index("cars"))
    )
    assert network.supplier_base[k] * PERIODS == pytest.approx(100.0)
    assert final_use(network, "CCC", "cars") == pytest.approx(100.0)


def test_shares_above_one_are_refused() -> None:
    products = [*chain().products, product("trains", None, "index", "industry")]
    rows = [*chain().recipes, recipe("trains", "metal", use_share=0.5)]
    with pytest.raises(TableError, match=r"metal, market .*: use_share adds up to more than 1; got 1\.100"):
        build_network(chain(products=products, recipes=rows))


def test_shares_above_one_are_refused_where_own_rows_meet_the_worlds() -> None:
    """The own row alone (.5) and the world's alone (.6) are fine; in CCC they meet."""
    products = [*chain().products, product("trains", None, "index", "industry")]
    rows = [*chain().recipes, recipe("trains", "metal", "CCC", use_share=0.5)]
    with pytest.raises(TableError, match="market CCC"):
        build_network(chain(products=products, recipes=rows))
    own = recipe("cars", "metal", "CCC", use_share=0.5, dependence_low=0.1, dependence_high=1.0)
    network = build_network(chain(products=products, recipes=[*rows, own])).network
    assert final_use(network, "CCC", "metal") == pytest.approx(0.0, abs=1e-6)


def test_industries_that_feed_each_other_in_a_circle_are_refused() -> None:
    products = [*chain().products, product("motors", None, "index", "industry")]
    rows = [recipe("cars", "motors", use_share=0.5), recipe("motors", "cars", use_share=0.5)]
    with pytest.raises(TableError, match="circle"):
        build_network(chain(products=products, recipes=[*chain().recipes, *rows]))


def test_an_industry_fed_by_another_only_needs_a_value() -> None:
    products = [*chain().products, product("taxis", None, "index", "industry")]
    rows = [*chain().recipes, recipe("taxis", "cars", use_share=0.25, dependence=0.5)]
    valued = [{"market": "CCC", "industry": "taxis", "value_added_kusd": 5e3}]
    lines = recipes(build_network(chain(products=products, recipes=rows, industries=valued)).network)
    assert lines["CCC", "taxis", "cars"] == pytest.approx(0.25)
    assert not [key for key in lines if key[1] == "taxis" and key[0] != "CCC"]


# --- segments -------------------------------------------------------------------------------------


def parent() -> Draft:
    """Return a draft in which P uses 60 t from home, 30 t from X and 10 t from the rest of the world."""
    draft = Draft()
    user = Consumer("P", "ore")
    draft.add_lane(Supplier("P", "ore", "primary"), user, Lane(60.0, 1, OBSERVED))
    draft.add_lane(Supplier("X", "ore", "primary"), user, Lane(30.0, 4, OBSERVED))
    draft.add_lane(Supplier("ROW", "ore", "reexport"), user, Lane(10.0, 3, ESTIMATED, 1))
    return draft


def test_a_segment_takes_exactly_its_share_on_direct_and_parent_lanes() -> None:
    draft = parent()
    before, bases = draft.output(), dict(draft.suppliers)
    add_segments(draft, sources(segments=[segment("P/defence", "arms", "ore", 0.1)]))
    lanes = {s: lane for (s, c), lane in draft.lanes.items() if c == Consumer("P/defence", "ore")}
    passed = (1 - DIRECT_SHARE) * 4.0
    assert {s: (lane.tonnes, lane.kind, lane.lag) for s, lane in lanes.items()} == {
        Supplier("P", "ore", "primary"): (pytest.approx(6.0), 2, 1),
        Supplier("X", "ore", "primary"): (pytest.approx(DIRECT_SHARE * 3.0), 0, 4),
        Supplier("ROW", "ore", "reexport"): (pytest.approx(DIRECT_SHARE * 1.0), 1, 3),
        Supplier("P", "ore", "reexport"): (pytest.approx(passed), 2, 1),
    }
    assert {lane.basis for lane in lanes.values()} == {ASSUMED}
    assert draft.inflow()[Consumer("P/defence", "ore")] == pytest.approx(10.0)
    assert draft.inflow()[Consumer("P", "ore")] == pytest.approx(90.0 + passed)
    after = draft.output()
    assert {s: after[s] for s in before} == pytest.approx(before)
    assert {s: draft.suppliers[s] for s in bases} == bases
    through = draft.recipes[Supplier("P", "ore", "reexport"), Consumer("P", "ore")]
    assert (through.input_per_output, through.dependence) == (1.0, 1.0)
    line = draft.recipes[Supplier("P/defence", "arms", "processing"), Consumer("P/defence", "ore")]
    assert line.input_per_output * 100.0 == pytest.approx(10.0)


def test_segments_cannot_take_more_than_all() -> None:
    rows = [segment("P/defence", "arms", "ore", 0.7), segment("P/police", "cars", "ore", 0.4)]
    with pytest.raises(
        TableError, match=r"ore, parent .*: material_share adds up to more than 1; got 1\.100"
    ):
        add_segments(parent(), sources(segments=rows))


def test_a_segment_of_a_market_without_the_input_is_left_out() -> None:
    draft = parent()
    add_segments(draft, sources(segments=[segment("Q/defence", "arms", "ore", 0.1)]))
    assert not [c for c in draft.consumers if c.market.startswith("Q")]


# --- latent lanes, lags ---------------------------------------------------------------------------


def test_latent_lanes_go_to_the_ten_largest_other_producers_only() -> None:
    draft = Draft()
    user = Consumer("U", "ore")
    for i in range(13):
        draft.add_lane(
            Supplier(f"M{i:02d}", "ore", "primary"), Consumer("W", "ore"), Lane(100.0 - i, 2, OBSERVED)
        )
    draft.add_lane(Supplier("M00", "ore", "primary"), user, Lane(5.0, 2, OBSERVED))
    draft.add_lane(Supplier("HUB", "ore", "reexport"), Consumer("W", "ore"), Lane(900.0, 2, OBSERVED))
    draft.add_lane(Supplier("BAD", "ore", "unrecorded"), Consumer("W", "ore"), Lane(900.0, 2, OBSERVED))
    draft.add_lane(Supplier("ROW", "ore", "primary"), Consumer("W", "ore"), Lane(900.0, 2, OBSERVED))
    draft.add_lane(Supplier("SAM", "ore", "primary"), Consumer("SAM", "ore"), Lane(900.0, 1, OBSERVED))
    draft.add_lane(Supplier("SAM", "ore", "primary"), Consumer("SAM/defence", "ore"), Lane(90.0, 1, ASSUMED))
    add_latent_lanes(draft, Routing(sources(), 7.0))
    latent = {s: lane for (s, c), lane in draft.lanes.items() if c == user and lane.tonnes == 0.0}
    assert sorted(s.market for s in latent) == [f"M{i:02d}" for i in range(1, LATENT_EXPORTERS + 1)]
    world = sum(100.0 - i for i in range(13)) + 5.0 + 900.0  # SAM sells to its own segment only
    assert latent[Supplier("M03", "ore", "primary")].export_share == pytest.approx(97.0 / world)
    assert {lane.basis for lane in latent.values()} == {ASSUMED}
    assert all(lane.lag >= 1 for lane in latent.values())


@given(st.floats(0.0, 5e4), st.floats(0.5, 60.0))
def test_a_lag_is_at_least_one_whole_period(km: float, days: float) -> None:
    routing = Routing(sources(sea_km={("B", "A"): km}), days)
    lag = routing.lag("anything", "A", "B")
    assert lag >= 1
    assert lag == routing.lag("anything", "B", "A")
    assert abs(lag * days - (km / 600.0 + 10.0)) <= days / 2 + 1e-6 or lag == 1


# --- refusals of the builder ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"production": [made("A", "gold", 1.0)]}, "unknown product gold"),
        ({"trade_codes": [code("260111", "ore", share=0.7)]}, r"shares of HS 260111 from \* add up to 0.7"),
        ({"trade_codes": [code("260111", "ore", "A")], "trade": [trade("B", "C", 1.0)]}, "no default split"),
    ],
)
def test_tables_that_would_lose_flows_are_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(TableError, match=words):
        build_network(sources(**fields))


@pytest.mark.parametrize("solver", ["qp", "lp"])
def test_a_small_network_balances_and_is_the_same_twice(solver: str) -> None:
    build, again = (build_network(chain(), solver=solver) for _ in range(2))
    network = build.network
    use: dict[int, float] = defaultdict(float)
    for k, n, a in zip(
        network.recipe_supplier, network.recipe_consumer, network.recipe_input_per_output, strict=True
    ):
        use[int(n)] += float(a * network.supplier_base[k])
    for n in range(network.n_consumers):
        assert use[n] + network.consumer_final[n] == pytest.approx(network.consumer_inflow[n], rel=1e-12)
    np.testing.assert_array_equal(network.lane_flow, again.network.lane_flow)
    assert build.report == again.report
