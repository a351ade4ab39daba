"""Properties of prices on generated networks (rules M10, M11)."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import calm, networks, shocks, window, with_path, with_prices

from kaname.network.network import Network
from kaname.simulate.engine import simulate
from kaname.simulate.ledger import Ledger
from kaname.simulate.why import why

quick = settings(max_examples=60, deadline=None)
fixed = settings(max_examples=60, deadline=None, derandomize=True)
TINY = 1e-12


@quick
@given(networks(), st.integers(0, 2**31))
def test_no_shock_no_price_moves(network: Network, seed: int) -> None:
    """(rules M2, M11)"""
    shock = calm(network, 156)
    off = simulate(network, shock, "full")
    on = simulate(network, with_prices(shock, network, seed), "full")
    assert (on.values("price_level") == 1.0).all()
    for name in map(str, off.data.data_vars):
        if name != "price_level":
            np.testing.assert_array_equal(on.values(name), off.values(name), err_msg=name)


@quick
@given(st.data())
def test_prices_that_do_not_move_change_nothing(data: st.DataObject) -> None:
    """At speed 0 every number is the one without prices, bit for bit (rule M11)."""
    network = data.draw(networks())
    off = data.draw(shocks(network, prices=False))
    on = with_prices(off, network, data.draw(st.integers(0, 2**31)), speed=0.0)
    left, right = simulate(network, on, "full"), simulate(network, off, "full")
    for name in map(str, right.data.data_vars):
        if name != "price_level":
            np.testing.assert_array_equal(left.values(name), right.values(name), err_msg=name)


@quick
@given(st.data())
def test_prices_keep_their_bounds_and_rise_only_in_a_shortage(data: st.DataObject) -> None:
    """Deliverable is at least what was made, by base shares, within permission and quota (rule M11)."""
    network = data.draw(networks())
    shock = data.draw(shocks(network, prices=True))
    outcome = simulate(network, shock, "full")
    price, rows = outcome.values("price_level")[0], shock.prices.consumer_row
    assert price.min() >= 1.0
    assert price.max() <= 15.0 * (1 + TINY)
    assert (price[:, 0] == 1.0).all()
    share = network.lane_flow / np.maximum(network.supplier_base, 1e-300)[network.lane_supplier]
    able = outcome.values("supplier_output")[0][:, network.lane_supplier] * share
    for p in (
        shock.permission[0, shock.lane_permission_row].T,
        shock.pool_permission[0, shock.lane_pool_row].T,
    ):
        able = np.where(p < 1.0, np.minimum(able, p * network.lane_flow), able)
    orders = outcome.values("consumer_ordered")[0]
    for row in range(1, price.shape[1]):
        least = able[:, rows[network.lane_consumer] == row].sum(axis=1)
        asked = orders[:, rows == row].sum(axis=1)
        rises = np.flatnonzero(price[1:, row] > price[:-1, row])
        assert (asked[rises] > least[rises] * (1 - TINY)).all()


@quick
@given(st.data())
def test_priced_out_and_rationed_make_the_shortfall(data: st.DataObject) -> None:
    """(rules M10, M11)"""
    network = data.draw(networks())
    shock = data.draw(shocks(network, prices=True))
    outcome = simulate(network, shock, "full")
    wanted, short, out, fill, given_up = (
        outcome.values(f"consumer_{name}")[0]
        for name in ("final_wanted", "shortfall", "priced_out", "fill", "given_up")
    )
    rationed = (wanted - out) * (1.0 - fill)
    np.testing.assert_allclose(out + rationed, short, rtol=1e-9, atol=TINY * network.consumer_inflow.max())
    assert (out >= 0.0).all()
    assert (given_up >= out - TINY * network.consumer_inflow.max()).all()
    unpriced = shock.prices.consumer_row == 0
    assert (out[:, unpriced] == 0.0).all()
    # given up for good only where the price is, or was, above its base
    moved = outcome.values("price_level")[0].cumsum(axis=0) > np.arange(1, shock.periods + 1)[:, None]
    assert (given_up[~moved[:, shock.prices.consumer_row]] == 0.0).all()


@fixed
@given(networks(), st.integers(0, 2**31))
def test_a_ban_with_prices_never_raises_use_in_the_target(network: Network, seed: int) -> None:
    """Of the banned product, over all of its time, against the same without the ban (rules M7, M11)."""
    rng = np.random.default_rng(seed)
    source, target = rng.permutation(len(network.markets))[:2]
    product = int(rng.choice(np.unique(network.supplier_product)))
    lanes = np.flatnonzero(
        (network.supplier_market[network.lane_supplier] == source)
        & (network.consumer_market[network.lane_consumer] == target)
        & (network.supplier_product[network.lane_supplier] == product)
    )
    assume(network.lane_flow[lanes].sum() > 0.0)
    free = with_prices(calm(network, 156), network, seed)
    banned = with_path(free, "permission", lanes, window(156, 4, 156, 0.0))
    member = (network.consumer_market == target) & (network.consumer_product == product)
    used = [simulate(network, shock).values("consumer_used")[0, :, member].sum() for shock in (banned, free)]
    assert used[0] <= used[1] * (1 + 1e-9)


@quick
@given(st.data())
def test_what_is_ordered_less_goes_to_the_price_first(data: st.DataObject) -> None:
    """Up to the use given up over the window, never more, and the tree still adds up (rule M12)."""
    network = data.draw(networks())
    shock = data.draw(shocks(network, prices=True))
    outcome = simulate(network, shock, "full")
    given_up = outcome.values("consumer_given_up")[0].sum(axis=0)
    consumer, last = int(given_up.argmax()), shock.periods - 1
    scale = float(network.consumer_inflow[consumer]) * shock.periods
    parts = Ledger(network, shock, outcome, 0).parts(
        np.flatnonzero(network.lane_consumer == consumer), 0, last
    )
    less = np.maximum(parts.ordered_less + parts.price, 0.0).sum()
    assert np.isclose(parts.price.sum(), min(less, given_up[consumer]), rtol=1e-9, atol=TINY * scale)
    causes = why(network, shock, outcome, consumer, 0, last)
    assert np.isclose(sum(root.amount for root in causes.roots), causes.lost_use, atol=1e-9 * scale)
    if parts.price.sum() > 1e-9 * scale:
        assert any(root.kind == "price" for root in causes.roots)
