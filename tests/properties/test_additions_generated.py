"""Properties of additions on generated networks (rules R1-R4, M1, M3, M12)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import networks, shocks, window
from test_simulate import answers, check_tree

from kaname.network.network import Network
from kaname.scenario.shock import Shock
from kaname.simulate.engine import simulate
from kaname.simulate.ledger import Ledger
from kaname.simulate.outcome import Outcome
from kaname.simulate.reference import simulate_reference
from kaname.simulate.why import why

quick = settings(max_examples=60, deadline=None)


def with_plant(network: Network, seed: int) -> Network:
    """Return the network with a plant of base 0: two lanes of export share 0, and a recipe line."""
    rng = np.random.default_rng(seed)
    k, e = network.n_suppliers, network.n_lanes
    product = int(rng.choice(network.supplier_product))
    consumers = np.sort(rng.permutation(np.flatnonzero(network.consumer_product == product))[:2])
    at = np.searchsorted(network.lane_consumer, consumers, side="right")
    lane = {"supplier": k, "consumer": consumers, "flow": 0.0, "lag": rng.integers(1, 12, len(at))}
    lane |= {"basis": 1, "export_share": 0.0, "kind": 0}
    recipe = {"supplier": k, "consumer": int(rng.integers(network.n_consumers)), "input_per_output": 0.4}
    recipe |= {"dependence": 0.7, "same_element": False, "basis": 2}
    supplier = {"market": 0, "product": product, "kind": 1, "base": 0.0, "headroom": 0.1, "basis": 2}
    parts = {f"lane_{name}": (at, value) for name, value in lane.items()}
    parts |= {f"recipe_{name}": (network.n_recipes, value) for name, value in recipe.items()}
    parts |= {f"supplier_{name}": (k, value) for name, value in supplier.items()}
    larger = replace(
        network, **{name: np.insert(getattr(network, name), *part) for name, part in parts.items()}
    )
    assert larger.n_lanes == e + len(consumers)
    return larger


def with_additions(shock: Shock, network: Network, seed: int) -> Shock:
    """Return the shock with random additions of all four kinds, other ones in each draw."""
    rng = np.random.default_rng(seed)
    d, p = shock.draws, shock.periods

    def rows(members: int, neutral: float, levels: list[float]) -> tuple[np.ndarray, np.ndarray]:
        start = [[int(rng.integers(0, p)) for _ in range(2)] for _ in range(d)]
        paths = [[window(p, s, p, float(rng.choice(levels)), neutral) for s in draw] for draw in start]
        row = rng.choice(3, members, p=[0.5, 0.3, 0.2]).astype(np.int32)
        return row, np.concatenate([np.full((d, 1, p), neutral), np.array(paths)], axis=1)

    base = float(network.supplier_base.mean())
    supplier_row, capacity_t = rows(network.n_suppliers, 0.0, [0.0, 0.2 * base, base])
    supplier_row[network.supplier_base == 0.0] = rng.integers(1, 3)
    recipe_row, input_factor = rows(network.n_recipes, 1.0, [0.0, 0.4, 0.9])
    release_row, release_share = rows(network.n_consumers, 0.9, [0.0, 0.5, 1.0])
    lanes = np.flatnonzero(rng.random(network.n_lanes) < rng.choice([0.0, 0.1, 0.4]))
    if rng.random() < 0.8:
        lanes = np.union1d(lanes, np.flatnonzero(network.supplier_base[network.lane_supplier] == 0.0))
    inflow = network.consumer_inflow[network.lane_consumer[lanes]]
    level = rng.choice([0.0, 0.1, 0.4, 1.2], (d, len(lanes))) * inflow
    begin = rng.integers(0, p, (d, len(lanes)))
    contract_t = np.where(np.arange(p) >= begin[..., None], level[..., None], 0.0)
    added = replace(
        shock.added,
        supplier_row=supplier_row,
        capacity_t=capacity_t,
        contract_lane=lanes.astype(np.int32),
        contract_t=contract_t,
        recipe_row=np.where(network.recipe_same_element, 0, recipe_row).astype(np.int32),
        input_factor=input_factor,
        release_row=release_row,
        release_share=release_share,
    )
    return replace(shock, additions=added)


@st.composite
def cases(draw, draws: int = 1) -> tuple[Network, Shock]:
    """Draw a network, most with a new plant, and a shock with additions."""
    network = draw(networks())
    if draw(st.integers(0, 3)):
        network = with_plant(network, draw(st.integers(0, 2**31)))
    shock = draw(shocks(network, draws=draws))
    return network, with_additions(shock, network, draw(st.integers(0, 2**31)))


def assert_same(left: Outcome, right: Outcome) -> None:
    for name in map(str, right.data.data_vars):
        np.testing.assert_array_equal(left.values(name), right.values(name), err_msg=name)


@quick
@given(cases(draws=2))
def test_engine_equals_reference_with_additions(case: tuple[Network, Shock]) -> None:
    network, shock = case
    assert_same(simulate(network, shock, "full"), simulate_reference(network, shock, "full"))


@quick
@given(st.data())
def test_neutral_additions_are_none_at_all(data: st.DataObject) -> None:
    """Rows that are neutral, contracts of nothing: bit for bit what no additions give."""
    network = data.draw(networks())
    shock = data.draw(shocks(network))
    plain = simulate(network, shock, "full")
    same = replace(shock, additions=shock.added)
    shape = (1, 2, shock.periods)
    lanes = np.arange(network.n_lanes, dtype=np.int32)
    rows = {
        "supplier_row": np.ones(network.n_suppliers, np.int32),
        "recipe_row": np.where(network.recipe_same_element, 0, 1).astype(np.int32),
        "release_row": np.ones(network.n_consumers, np.int32),
    }
    paths = {
        "capacity_t": np.zeros(shape),
        "input_factor": np.ones(shape),
        "release_share": np.full(shape, 0.9),
    }
    nothing = replace(
        shock.added, **rows, **paths, contract_lane=lanes, contract_t=np.zeros((1, len(lanes), shock.periods))
    )
    assert_same(simulate(network, same, "full"), plain)
    assert_same(simulate(network, replace(shock, additions=nothing), "full"), plain)
    assert_same(simulate_reference(network, replace(shock, additions=nothing), "full"), plain)


@quick
@given(networks(), st.integers(0, 2**31), st.data())
def test_a_plant_without_additions_changes_nothing(network: Network, seed: int, data: st.DataObject) -> None:
    """A supplier of base 0, its lanes and its recipe line, whatever paths they follow."""
    larger = with_plant(network, seed)
    shock = data.draw(shocks(larger))
    old_lanes = np.flatnonzero(larger.lane_supplier < network.n_suppliers)
    own = {
        "dependence": shock.dependence[:, : network.n_recipes],
        "supplier_capacity_row": shock.supplier_capacity_row[:-1],
    }
    own |= {
        name: getattr(shock, name)[old_lanes]
        for name in ("lane_permission_row", "lane_pool_row", "lane_delay_row")
    }
    if shock.prices is not None:
        own["prices"] = replace(shock.prices, supplier_row=shock.prices.supplier_row[:-1])
    left = simulate(larger, shock, "full")
    right = simulate(network, replace(shock, **own), "full")
    for name in map(str, right.data.data_vars):
        values = left.values(name)
        if name.startswith("lane"):
            values = values[..., old_lanes]
        elif name.startswith("supplier"):
            values = values[..., :-1]
        np.testing.assert_array_equal(values, right.values(name), err_msg=name)


@quick
@given(cases(draws=3))
def test_a_batch_equals_its_members_with_additions(case: tuple[Network, Shock]) -> None:
    """(rule M3)"""
    network, shock = case
    batch = simulate(network, shock, "full", threads=2)
    for draw in range(3):
        alone = simulate(network, shock.take([draw]), "full")
        for name in map(str, batch.data.data_vars):
            np.testing.assert_array_equal(batch.values(name)[draw], alone.values(name)[0], err_msg=name)


@quick
@given(cases())
def test_mass_is_conserved_with_additions(case: tuple[Network, Shock]) -> None:
    """(rule M1): stocks, shipments, arrivals, and inputs of the period's yields."""
    network, shock = case
    outcome = simulate(network, shock, "full")
    for name in map(str, outcome.data.data_vars):
        assert outcome.values(name).min(initial=0.0) >= 0.0, name
    stock, used, arrived, released = (
        outcome.values(f"consumer_{name}")[0] for name in ("stock", "used", "arrived", "released")
    )
    scale = stock.max(axis=0) + network.consumer_inflow
    change = stock[1:] - (stock[:-1] - used[:-1] + arrived[1:] + released[1:])
    assert (np.abs(change) <= 1e-13 * scale).all()
    output = outcome.values("supplier_output")[0]
    shipped = [
        np.bincount(network.lane_supplier, row, network.n_suppliers)
        for row in outcome.values("lane_shipped")[0]
    ]
    np.testing.assert_allclose(shipped, output, rtol=1e-12, atol=1e-12 * network.supplier_base.max())
    into = [
        np.bincount(network.lane_consumer, row, network.n_consumers)
        for row in outcome.values("lane_arrived")[0]
    ]
    np.testing.assert_allclose(into, arrived, rtol=1e-12, atol=1e-12 * network.consumer_inflow.max())
    # what stocks gave = inputs of suppliers at the yields of the period + final use served (rules M8, R3)
    fill, wanted = outcome.values("consumer_fill")[0], outcome.values("supplier_wanted")[0]
    served = outcome.values("consumer_final_wanted")[0] - outcome.values("consumer_shortfall")[0]
    use, _ = answers(outcome, shock)
    for r in range(network.n_recipes):
        k, n, same = network.recipe_supplier[r], network.recipe_consumer[r], network.recipe_same_element[r]
        factor = shock.added.input_factor[0, shock.added.recipe_row[r]]
        a = network.recipe_input_per_output[r] * factor
        paid = 1.0 if same or shock.prices is None else use[:, shock.prices.consumer_row[n]]
        served[:, n] += np.minimum(a * output[:, k], a * wanted[:, k] * paid * fill[:, n])
        assert not same or (factor == 1.0).all()
    np.testing.assert_allclose(served, used, rtol=1e-12, atol=1e-12 * network.consumer_inflow.max())


@quick
@given(cases())
def test_contracts_keep_their_bounds(case: tuple[Network, Shock]) -> None:
    """At most what is contracted and permitted; what is counted on and other orders stay within o_n (R2)."""
    network, shock = case
    outcome = simulate(network, shock, "full")
    lanes, tiny = shock.added.contract_lane, 1e-12 * network.consumer_inflow.max()
    contracted, ordered = outcome.values("lane_contracted")[0], outcome.values("lane_ordered")[0]
    pool = shock.lane_pool_row[lanes]
    permitted = shock.added.contract_t[0] * shock.permission[0, shock.lane_permission_row[lanes]]
    permitted = permitted * np.where(pool[:, None] > 0, shock.pool_permission[0, pool], 1.0)
    assert (contracted[:, lanes] <= permitted.T).all()
    assert (np.delete(contracted, lanes, axis=1) == 0.0).all()
    orders = outcome.values("consumer_ordered")[0]
    firm, total = (
        np.array([np.bincount(network.lane_consumer, row, network.n_consumers) for row in values])
        for values in (contracted, ordered)
    )
    wanted = np.array(
        [np.bincount(network.lane_consumer[lanes], row, network.n_consumers) for row in permitted.T]
    )
    np.testing.assert_allclose(firm, np.minimum(orders, wanted), rtol=1e-12, atol=tiny)
    counted = np.array(
        [
            np.bincount(network.lane_consumer[lanes], row, network.n_consumers)
            for row in contracted[:, lanes] * _delivered(network, outcome)[:, network.lane_supplier[lanes]]
        ]
    )
    assert (total - firm + counted <= orders * (1 + 1e-12) + tiny).all()


def _delivered(network: Network, outcome: Outcome) -> np.ndarray:
    """Return the share that came of contracts when a supplier was last asked (periods, suppliers)."""
    contracted, output = outcome.values("lane_contracted")[0], outcome.values("supplier_output")[0]
    share, rows = np.ones(network.n_suppliers), []
    for i, ordered in enumerate(contracted):
        rows.append(share)
        asked = np.bincount(network.lane_supplier, ordered, network.n_suppliers)
        came = np.minimum(1.0, output[i] / np.where(asked > 0.0, asked, 1.0))
        share = np.where(asked > 0.0, came, share)
    return np.array(rows)


@quick
@given(cases())
def test_contracts_are_served_first_and_within_capacity(case: tuple[Network, Shock]) -> None:
    """Output <= capacity and what is asked; no base order is served while a contract is not (R1, R2, M9)."""
    network, shock = case
    outcome = simulate(network, replace(shock, prices=None), "full")
    ledger = Ledger(network, replace(shock, prices=None), outcome, 0)
    output, asked = outcome.values("supplier_output")[0], outcome.values("supplier_asked")[0]
    tiny = 1e-12 * network.supplier_base.max()
    assert (output <= ledger.capacity * (1 + 1e-12)).all()
    assert (output <= asked * (1 + 1e-12) + tiny).all()
    broken = output < ledger.asked_contract * (1 - 1e-9) - tiny
    contracted, shipped = outcome.values("lane_contracted")[0], outcome.values("lane_shipped")[0]
    share = np.where(broken, output / np.where(broken, ledger.asked_contract, 1.0), 1.0)
    least = contracted * share[:, network.lane_supplier]
    assert (shipped >= least * (1 - 1e-9) - tiny).all()
    over = np.where(broken[:, network.lane_supplier], shipped - least, 0.0)
    assert (np.abs(over) <= 1e-9 * least + tiny).all()


@quick
@given(cases(draws=2), st.data())
def test_why_adds_up_with_additions(case: tuple[Network, Shock], data: st.DataObject) -> None:
    """(rule M12)"""
    network, shock = case
    outcome = simulate(network, shock, "full")
    lost = (outcome.values("consumer_need") - outcome.values("consumer_used")).sum(axis=1)
    draw, worst = (int(i) for i in np.unravel_index(int(lost.argmax()), lost.shape))
    served = network.lane_consumer[shock.added.contract_lane]
    consumer = int(data.draw(st.sampled_from([worst, *served.tolist()])))
    first = data.draw(st.integers(0, 30))
    last = data.draw(st.integers(first, shock.periods - 1))
    causes = why(network, shock, outcome, consumer, first, last, draw, depth=data.draw(st.integers(0, 3)))
    scale = float(network.consumer_inflow[consumer]) * (last - first + 1)
    check_tree(causes.tree, scale)
    whole = sum(root.amount for root in causes.roots)
    assert whole == pytest.approx(causes.lost_use, rel=1e-9, abs=1e-9 * scale)
    assert sum(share for _, share in causes.shares) == pytest.approx(1.0 if causes.shares else 0.0)


@quick
@given(cases())
def test_the_parts_of_every_lane_add_up_with_additions(case: tuple[Network, Shock]) -> None:
    """(rule M12): and what suppliers could not make is never negative."""
    network, shock = case
    ledger = Ledger(network, shock, simulate(network, shock, "full"), 0)
    parts = ledger.parts(ledger.busy, 0, shock.periods - 1)
    made = np.zeros(len(parts.lanes))
    for at, _, amount in parts.supplier:
        made[at] += amount
    names = ("ordered_less", "price", "permission", "avoided", "pool", "route", "extra")
    total = made + sum(getattr(parts, name) for name in names)
    scale = network.consumer_inflow[network.lane_consumer[parts.lanes]] * shock.periods
    assert (np.abs(total - parts.deficit) <= 1e-9 * scale).all()
    undelayed = shock.lane_delay_row[parts.lanes] == 0
    rounding = 1e-9 * scale
    assert (parts.permission[undelayed] >= -rounding[undelayed]).all()
    assert all(amount >= 0.0 for _, _, amount in parts.supplier)
