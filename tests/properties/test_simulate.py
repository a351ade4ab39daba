"""Properties of the simulator on generated networks (rules M1-M10, M12)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import build, calm, networks, shocks, window, with_path

from kaname.network.network import Network
from kaname.scenario.shock import Shock
from kaname.simulate.engine import simulate
from kaname.simulate.outcome import Outcome, Watch, join_draws
from kaname.simulate.reference import simulate_reference
from kaname.simulate.why import Cause, why

quick = settings(max_examples=60, deadline=None)
fixed = settings(max_examples=60, deadline=None, derandomize=True)


def one_draw(shock: Shock, draw: int) -> Shock:
    by_draw = [
        name
        for name, value in vars(shock).items()
        if isinstance(value, np.ndarray) and not name.endswith("_row")
    ]
    parts = {name: getattr(shock, name)[draw : draw + 1] for name in by_draw}
    if shock.prices is not None:
        by_draw = ("speed", "hoarding", "memory_weeks")
        by_draw += ("short_elasticity", "long_elasticity", "supply_elasticity")
        own = {name: getattr(shock.prices, name)[draw : draw + 1] for name in by_draw}
        parts["prices"] = replace(shock.prices, **own)
    return replace(shock, draw_names=shock.draw_names[draw : draw + 1], **parts)


def answers(outcome: Outcome, shock: Shock) -> tuple[np.ndarray, np.ndarray]:
    """Return the factors on use and on capacity of draw 0, (periods, rows), from its prices (rule M11)."""
    now, prices = np.log(outcome.values("price_level")[0]), shock.prices
    if prices is None:
        return np.ones_like(now), np.ones_like(now)
    slow = np.zeros_like(now)
    for i in range(1, len(now)):
        slow[i] = slow[i - 1] + (now[i] - slow[i - 1]) * min(
            1.0, shock.period_days / 7.0 / prices.memory_weeks[0]
        )
    short, long = prices.short_elasticity[0], prices.long_elasticity[0]
    use = np.exp(-(short * now + (long - short) * slow))
    return use, np.minimum(2.0, np.exp(prices.supply_elasticity[0] * slow))


@quick
@given(networks())
def test_no_shock_nothing_moves(network: Network) -> None:
    """(rule M2)"""
    outcome = simulate(network, calm(network, 156), "full")
    inflow, base = network.consumer_inflow, network.supplier_base
    expected = {
        "consumer_need": inflow,
        "consumer_used": inflow,
        "consumer_arrived": inflow,
        "consumer_ordered": inflow,
        "consumer_stock": (network.consumer_cover_days / 7 + 1) * inflow,
        "consumer_reserve": network.consumer_reserve_days / 7 * inflow,
        "consumer_fill": np.ones(network.n_consumers),
        "supplier_output": base,
        "supplier_wanted": base,
        "supplier_mark": np.ones(network.n_suppliers),
        "lane_ordered": network.lane_flow,
        "lane_shipped": network.lane_flow,
        "lane_arrived": network.lane_flow,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(
            outcome.values(name)[0], np.tile(value, (156, 1)), rtol=1e-12, err_msg=name
        )
    assert outcome.values("consumer_shortfall").max() <= 1e-12 * network.consumer_final.max()
    assert outcome.values("consumer_released").max() == 0.0


@quick
@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    network = data.draw(networks())
    shock = data.draw(shocks(network, draws=2))
    fast, slow = simulate(network, shock, "full"), simulate_reference(network, shock, "full")
    for name in slow.data.data_vars:
        left, right = fast.values(str(name)), slow.values(str(name))
        np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9, err_msg=str(name))


@quick
@given(st.data())
def test_batch_equals_one_by_one_and_threads_change_nothing(data: st.DataObject) -> None:
    """(rule M3)"""
    network = data.draw(networks())
    shock = data.draw(shocks(network, draws=3))
    batch, again = simulate(network, shock, "full", threads=1), simulate(network, shock, "full", threads=3)
    for draw in range(3):
        alone = simulate(network, one_draw(shock, draw), "full")
        for name in map(str, batch.data.data_vars):
            np.testing.assert_array_equal(batch.values(name)[draw], alone.values(name)[0], err_msg=name)
            np.testing.assert_array_equal(batch.values(name)[draw], again.values(name)[draw], err_msg=name)


@quick
@given(st.data())
def test_a_watch_changes_no_number_and_chunks_join(data: st.DataObject) -> None:
    """(rule M3): what is watched is what the whole summary says, and chunks of draws make the batch."""
    network = data.draw(networks())
    shock = data.draw(shocks(network, draws=3))
    members = data.draw(st.permutations(range(network.n_consumers)))[: data.draw(st.integers(0, 4))]
    makers = data.draw(st.permutations(range(network.n_suppliers)))[: data.draw(st.integers(0, 4))]
    watch = Watch(np.array(members, dtype=int), np.array(makers, dtype=int))
    whole = simulate(network, shock)
    plain = simulate_reference(network, shock, "summary", watch)
    chunks = [simulate(network, one_draw(shock, draw), watch=watch) for draw in range(3)]
    part = join_draws(chunks)
    for name in map(str, whole.data.data_vars):
        kept = {"consumer": members, "supplier": makers, "price": slice(None)}[name.split("_")[0]]
        np.testing.assert_array_equal(part.values(name), whole.values(name)[:, :, kept], err_msg=name)
        np.testing.assert_array_equal(part.values(name), plain.values(name), err_msg=name)
    np.testing.assert_array_equal(part.data["consumer_index"], members)
    np.testing.assert_array_equal(part.data["supplier_index"], makers)
    np.testing.assert_array_equal(whole.data["consumer_index"], np.arange(network.n_consumers))
    for name in ("consumer_market", "consumer_product", "consumer_unit"):
        np.testing.assert_array_equal(part.data[name], whole.data[name][members])
    assert list(part.data["draw"].to_numpy()) == list(shock.draw_names)
    assert part.data["consumer_used"].attrs == whole.data["consumer_used"].attrs


@quick
@given(st.data())
def test_mass_is_conserved_and_nothing_is_negative(data: st.DataObject) -> None:
    """(rule M1)"""
    network = data.draw(networks())
    shock = data.draw(shocks(network))
    outcome = simulate(network, shock, "full")
    for name in map(str, outcome.data.data_vars):
        assert outcome.values(name).min(initial=0.0) >= 0.0, name
    take = {name: outcome.values(f"consumer_{name}")[0] for name in ("stock", "used", "arrived", "released")}
    scale = take["stock"].max(axis=0) + network.consumer_inflow
    change = take["stock"][1:] - (
        take["stock"][:-1] - take["used"][:-1] + take["arrived"][1:] + take["released"][1:]
    )
    assert (np.abs(change) <= 1e-13 * scale).all()
    shipped, arrived = outcome.values("lane_shipped")[0], outcome.values("lane_arrived")[0]
    output = outcome.values("supplier_output")[0]
    sums = np.array([np.bincount(network.lane_supplier, row, network.n_suppliers) for row in shipped])
    np.testing.assert_allclose(sums, output, rtol=1e-12, atol=1e-12 * network.supplier_base.max())
    into = np.array([np.bincount(network.lane_consumer, row, network.n_consumers) for row in arrived])
    np.testing.assert_allclose(into, take["arrived"], rtol=1e-12, atol=1e-12 * network.consumer_inflow.max())
    # what stocks gave = inputs of suppliers at physical yields + final use served
    fill, wanted = outcome.values("consumer_fill")[0], outcome.values("supplier_wanted")[0]
    served = outcome.values("consumer_final_wanted")[0] - outcome.values("consumer_shortfall")[0]
    use, _ = answers(outcome, shock)
    for r in range(network.n_recipes):
        k, n, a = network.recipe_supplier[r], network.recipe_consumer[r], network.recipe_input_per_output[r]
        fixed_yield = shock.prices is None or network.recipe_same_element[r]
        paid = 1.0 if fixed_yield else use[:, shock.prices.consumer_row[n]]
        served[:, n] += np.minimum(a * output[:, k], a * wanted[:, k] * paid * fill[:, n])
        if network.recipe_same_element[r]:
            lines = np.flatnonzero(network.recipe_supplier == k)
            assert len(lines) > 1 or (a * output[:, k] <= a * wanted[:, k] * fill[:, n] * (1 + 1e-12)).all()
    np.testing.assert_allclose(served, take["used"], rtol=1e-12, atol=1e-12 * network.consumer_inflow.max())


@quick
@given(st.data())
def test_nothing_lost_on_the_way(data: st.DataObject) -> None:
    """Shipments and what was under way at the start arrive in full, with any extra lag (rules M1, N6)."""
    network = data.draw(networks())
    shock = data.draw(shocks(network, periods=40))
    quiet = 30
    longest = int(network.lane_lag.max()) + int(shock.extra_lag.max())
    outcome = simulate(network, stretch(shock, quiet + longest), "full")
    shipped, arrived = outcome.values("lane_shipped")[0], outcome.values("lane_arrived")[0]
    under_way = network.lane_flow * network.lane_lag
    end = shipped.shape[0] - longest
    low = shipped[:end].sum(axis=0) + under_way
    assert (arrived.sum(axis=0) >= low * (1 - 1e-12) - 1e-9).all()
    assert (arrived.sum(axis=0) <= (shipped.sum(axis=0) + under_way) * (1 + 1e-12) + 1e-9).all()


def stretch(shock: Shock, extra: int) -> Shock:
    """Return the shock with its last period repeated `extra` times."""
    paths = (
        "permission",
        "pool_permission",
        "capacity_factor",
        "demand_factor",
        "target_factor",
        "extra_lag",
    )
    longer = {
        name: np.concatenate([getattr(shock, name), np.repeat(getattr(shock, name)[..., -1:], extra, -1)], -1)
        for name in paths
    }
    return replace(shock, periods=shock.periods + extra, **longer)


@quick
@given(st.data())
def test_shipments_respect_caps(data: st.DataObject) -> None:
    """(rules M7, N3)"""
    network = data.draw(networks())
    shock = data.draw(shocks(network))
    outcome = simulate(network, shock, "full")
    shipped = outcome.values("lane_shipped")[0]
    p = shock.permission[0, shock.lane_permission_row].T
    held = (p < 1.0) & (network.lane_flow > 0.0)
    assert (shipped[held] <= (p * network.lane_flow)[held] * (1 + 1e-12)).all()
    assert (shipped[p == 0.0] == 0.0).all()
    for q in range(1, shock.pool_permission.shape[1]):
        lanes = np.flatnonzero(shock.lane_pool_row == q)
        share = shock.pool_permission[0, q]
        limit = share * network.lane_flow[lanes].sum()
        total = shipped[:, lanes].sum(axis=1)
        assert (total[share < 1.0] <= limit[share < 1.0] * (1 + 1e-12) + 1e-12).all()
    capacity = network.supplier_base * (1 + network.supplier_headroom)
    capacity = capacity * shock.capacity_factor[0, shock.supplier_capacity_row].T
    if shock.prices is not None:
        capacity = capacity * answers(outcome, shock)[1][:, shock.prices.supplier_row]
    assert (outcome.values("supplier_output")[0] <= capacity * (1 + 1e-12)).all()


def check_tree(cause: Cause, scale: float) -> None:
    if cause.children:
        total = sum(child.amount for child in cause.children)
        assert total == pytest.approx(cause.amount, rel=1e-9, abs=1e-9 * scale), cause.label
    for child in cause.children:
        check_tree(child, scale)


@quick
@given(st.data())
def test_why_adds_up(data: st.DataObject) -> None:
    """(rule M12)"""
    network = data.draw(networks())
    shock = data.draw(shocks(network, draws=2))
    outcome = simulate(network, shock, "full")
    lost = (outcome.values("consumer_need") - outcome.values("consumer_used")).sum(axis=1)
    draw, consumer = np.unravel_index(int(lost.argmax()), lost.shape)
    first = data.draw(st.integers(0, 30))
    last = data.draw(st.integers(first, shock.periods - 1))
    depth = data.draw(st.integers(0, 3))
    causes = why(network, shock, outcome, int(consumer), first, last, int(draw), depth=depth)
    scale = float(network.consumer_inflow[consumer]) * (last - first + 1)
    check_tree(causes.tree, scale)
    assert sum(root.amount for root in causes.roots) == pytest.approx(
        causes.lost_use, rel=1e-9, abs=1e-9 * scale
    )
    if causes.shares:
        assert sum(share for _, share in causes.shares) == pytest.approx(1.0, rel=1e-12)


def restricted(network: Network, seed: int, periods: int, paths: np.ndarray, third: np.ndarray) -> Outcome:
    """Restrict one market's lanes to another by `paths`, and everybody else's to that market by `third`."""
    source, target = np.random.default_rng(seed).permutation(len(network.markets))[:2]
    origin = network.supplier_market[network.lane_supplier]
    to_target = network.consumer_market[network.lane_consumer] == target
    direct = np.flatnonzero((origin == source) & to_target)
    others = np.flatnonzero((origin != source) & (origin != target) & to_target)
    assume(network.lane_flow[direct].sum() > 0.0)
    shock = calm(network, periods, len(paths), rho=0.0)
    shock = with_path(shock, "permission", direct, paths)
    outcome = simulate(network, with_path(shock, "permission", others, third))
    return outcome, np.flatnonzero(network.consumer_market == target)


PERIODS = 208
LIFTED = 56


def lost_by_target(network: Network, seed: int, inside: list, third: list) -> tuple[np.ndarray, float]:
    """Return the final use lost in the target market, by path, and its final use of one period."""
    outcome, target = restricted(network, seed, PERIODS, np.array(inside), np.array(third))
    return outcome.values("consumer_shortfall").sum(axis=1)[:, target].sum(axis=1), float(
        network.consumer_final[target].sum()
    )


@fixed
@given(networks(), st.integers(0, 100))
def test_harm_never_falls_with_depth(network: Network, seed: int) -> None:
    """Re-sourcing off: total final use lost in the target market, over 4 years, by depth (rules M7, M8)."""
    paths = [window(PERIODS, 4, LIFTED, p) for p in (1.0, 0.9, 0.75, 0.5, 0.25, 0.1, 0.0)]
    lost, _ = lost_by_target(network, seed, paths, [np.ones(PERIODS)] * len(paths))
    assert (np.diff(lost) >= -1e-3 * lost.max() - 1e-9).all(), lost


@fixed
@given(networks(), st.integers(0, 100))
def test_harm_never_falls_with_enforcement(network: Network, seed: int) -> None:
    """Up to half a percent, where final users gain from processors that stand still (see decision 0003)."""
    paths = [window(PERIODS, 4, LIFTED, 0.0)] * 6
    third = [window(PERIODS, 4, LIFTED, 1.0 - 0.6 * e) for e in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    lost, _ = lost_by_target(network, seed, paths, third)
    assert (np.diff(lost) >= -5e-3 * lost.max() - 1e-9).all(), lost


@fixed
@given(networks(), st.integers(0, 100))
def test_harm_never_falls_with_duration(network: Network, seed: int) -> None:
    """Up to the rush of restocking after a lift, worth at most a quarter of a week (see decision 0003)."""
    weeks = (0, 4, 8, 13, 26, 39, 52, 78, 104)
    paths = [window(PERIODS, 4, 4 + d, 0.0) for d in weeks]
    lost, weekly = lost_by_target(network, seed, paths, [np.ones(PERIODS)] * len(paths))
    assert (np.diff(lost) >= -1e-3 * lost.max() - 0.25 * weekly).all(), lost
    outcome, target = restricted(network, seed, PERIODS, np.array(paths), np.ones((len(paths), PERIODS)))
    running = outcome.values("consumer_shortfall")[:, :, target].sum(axis=2).cumsum(axis=1)
    for i, d in enumerate(weeks[:-1]):  # while it lasts, a longer restriction is never the milder one
        assert running[i + 1, 3 + d] >= running[i, 3 + d] * (1 - 1e-12)


@fixed
@given(networks(), st.integers(0, 100))
def test_back_to_base_after_a_lift(network: Network, seed: int) -> None:
    """With 15 % headroom: use, output within 2 %, stocks within 6 %, three years after a half-year ban."""
    network = replace(network, supplier_headroom=np.maximum(network.supplier_headroom, 0.15))
    rng = np.random.default_rng(seed)
    market = int(rng.integers(len(network.markets)))
    origin = network.supplier_market[network.lane_supplier]
    lanes = np.flatnonzero((origin == market) & (network.consumer_market[network.lane_consumer] != market))
    shock = calm(network, 190, rho=float(rng.choice([0.0, 0.3])))
    shock = replace(shock, reserve_days=np.zeros_like(shock.reserve_days))
    outcome = simulate(network, with_path(shock, "permission", lanes, window(190, 4, 30, 0.0)), "full")
    stock = outcome.values("consumer_stock")[0]
    np.testing.assert_allclose(outcome.values("consumer_used")[0, -1], network.consumer_inflow, rtol=0.02)
    np.testing.assert_allclose(outcome.values("supplier_output")[0, -1], network.supplier_base, rtol=0.02)
    np.testing.assert_allclose(stock[-1], stock[0], rtol=0.06)


@fixed
@given(st.integers(0, 2**31), st.sampled_from([0.1, 0.5, 0.9]))
def test_a_licence_on_the_only_supplier_has_an_effect(seed: int, permission: float) -> None:
    """(rule M7): a permission that only weighted orders would cancel itself."""
    network = build(3, (0, 1, 2), 0, seed, latent=0)
    suppliers = np.array(
        [np.unique(network.lane_supplier[network.lane_consumer == n]).size for n in range(9)]
    )
    single = np.flatnonzero(suppliers == 1)
    assume(len(single) > 0)
    lanes = np.flatnonzero(network.lane_consumer == single[0])
    shock = with_path(calm(network, 208), "permission", lanes, window(208, 2, 208, permission))
    outcome = simulate(network, shock, "full")
    arrived = outcome.values("consumer_arrived")[0, 20:, single[0]]
    assert arrived.max() <= permission * network.consumer_inflow[single[0]] * (1 + 1e-12)
    lost = (outcome.values("consumer_need") - outcome.values("consumer_used"))[0, :, single[0]]
    assert lost.sum() > 0.0


def test_generated_networks_are_what_they_claim() -> None:
    """The strategies cover re-exports, latent lanes, spare final use of zero or more, and d below 1."""
    network = build(4, (0, 1, 2, 3, 4, 5), 2, 1)
    assert (network.supplier_kind == 3).any()
    assert (network.lane_flow == 0.0).any()
    assert (network.recipe_dependence < 1.0).any()
    assert network.consumer_final.min() >= 0.0
