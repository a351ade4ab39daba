"""Origin shares: pencil and paper, and a brute-force tracing (rule M7)."""

from __future__ import annotations

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
    JP_MOTORS,
    JP_PASS,
    US_MORE,
    magnet_world,
    network_of,
)

from kaname.network.network import Network
from kaname.scenario.origin import origin_shares


def _shares(network: Network, products: set[str]) -> np.ndarray:
    origin = np.array([m.country == "CHN" for m in network.markets])
    return origin_shares(network, origin, np.array([p.id in products for p in network.products]))


def test_by_hand() -> None:
    share = _shares(magnet_world(), {"metal", "magnets"})
    assert share[CN_METAL] == share[CN_MAGNETS] == 1.0
    assert share[AU_METAL] == 0.0
    assert share[DE_MAGNETS] == pytest.approx(0.75)
    assert share[JP_MAGNETS] == pytest.approx(0.5)
    assert share[JP_PASS] == pytest.approx((4 * 1 + 3 * 0.5 + 1 * 0.75) / 8)
    # The two re-exporters feed each other: d = (2 x .75 + 1 u) / 3, u = (2 x 1 + 2 d) / 4.
    assert share[DE_MORE] == pytest.approx(0.8)
    assert share[US_MORE] == pytest.approx(0.9)
    assert share[JP_MOTORS] == 0.0  # made of another element's goods: not traced


def test_only_restricted_products_count() -> None:
    share = _shares(magnet_world(), {"magnets"})
    assert share[CN_METAL] == 0.0
    assert share[DE_MAGNETS] == 0.0
    assert share[JP_PASS] == pytest.approx(0.5)


def test_a_loop_that_nothing_enters_has_no_origin() -> None:
    suppliers = [("CHN", "metal", "primary"), ("DEU", "metal", "reexport"), ("USA", "metal", "reexport")]
    lanes = [(0, ("JPN", "metal"), 1.0, 0), (1, ("USA", "metal"), 1.0, 0), (2, ("DEU", "metal"), 1.0, 0)]
    recipes = [(1, ("DEU", "metal"), 1.0, 1.0, True), (2, ("USA", "metal"), 1.0, 1.0, True)]
    assert _shares(network_of(suppliers, lanes, recipes), {"metal"}).tolist() == [1.0, 0.0, 0.0]


def _traced(network: Network, products: set[str], rounds: int = 4000) -> np.ndarray:
    """Hand the shares on, one step at a time, from nothing: climbs to the answer from below."""
    ids = [p.id for p in network.products]
    fixed = np.array(
        [
            network.markets[m].country == "CHN" and ids[p] in products
            for m, p in zip(network.supplier_market, network.supplier_product, strict=True)
        ]
    )
    share = fixed.astype(float)
    for _ in range(rounds):
        coming = np.zeros(network.n_consumers)
        for e in range(network.n_lanes):
            n = network.lane_consumer[e]
            coming[n] += network.lane_flow[e] * share[network.lane_supplier[e]] / network.consumer_inflow[n]
        mass, weight = np.zeros(network.n_suppliers), np.zeros(network.n_suppliers)
        for r in range(network.n_recipes):
            if network.recipe_same_element[r]:
                k, a = network.recipe_supplier[r], network.recipe_input_per_output[r]
                mass[k] += a * coming[network.recipe_consumer[r]]
                weight[k] += a
        new = np.where(fixed, 1.0, np.divide(mass, weight, out=np.zeros_like(mass), where=weight > 0))
        if np.abs(new - share).max() < 1e-13:
            return new
        share = new
    return share


@st.composite
def _networks(draw: st.DrawFn) -> Network:
    markets = ["AUS", "CHN", "DEU", "JPN"]
    suppliers = [(m, p, "processing") for m in markets for p in ("metal", "magnets")]
    lanes = {}
    for node in [(m, p) for m in markets for p in ("metal", "magnets")]:
        makers = [k for k, s in enumerate(suppliers) if s[1] == node[1]]
        for k in draw(st.lists(st.sampled_from(makers), min_size=1, max_size=4)):
            lanes[(k, node)] = float(draw(st.integers(1, 5)))
    recipes = {}
    for k, (market, product, _) in enumerate(suppliers):
        for feed in draw(st.lists(st.sampled_from(["metal", "magnets"]), max_size=2)):
            if product == "magnets" or feed == "metal":
                amount = draw(st.sampled_from([0.5, 1.0, 1.1]))
                recipes[(k, (market, feed))] = (amount, draw(st.booleans()))
    return network_of(
        suppliers,
        [(k, node, flow, 0) for (k, node), flow in lanes.items()],
        [(k, node, amount, 1.0, same) for (k, node), (amount, same) in recipes.items()],
    )


@settings(max_examples=40, deadline=None)
@given(_networks(), st.sampled_from([{"metal"}, {"magnets"}, {"metal", "magnets"}]))
def test_equals_step_by_step_tracing(network: Network, products: set[str]) -> None:
    share = _shares(network, products)
    assert ((share >= 0.0) & (share <= 1.0)).all()
    np.testing.assert_allclose(share, _traced(network, products), atol=1e-8)
