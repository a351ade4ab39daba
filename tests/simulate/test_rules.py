"""Small cases worked out by hand, one or more for each of rules M5-M10, M12 and the checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from kaname.network.network import Market, Network, Product
from kaname.scenario.shock import Prices, Shock
from kaname.simulate.engine import simulate
from kaname.simulate.outcome import Outcome, Watch, join_draws
from kaname.simulate.reference import simulate_reference
from kaname.simulate.why import why
from kaname.terms.errors import InputError

INT = np.int32


def network(
    lanes: list[tuple[int, int, float, int]],
    suppliers: int,
    consumers: int,
    recipes: list[tuple[int, int, float, float]] | None = None,
    headroom: float = 0.0,
    cover_days: float = 21.0,
    reserve_days: float = 0.0,
    export_share: dict[int, float] | None = None,
) -> Network:
    """Lanes (supplier, consumer, flow, lag) sorted by consumer; recipes (supplier, consumer, input, d)."""
    recipes = recipes or []
    supplier, consumer, flow, lag = (np.array(column) for column in zip(*lanes, strict=True))
    base, inflow = np.bincount(supplier, flow, suppliers), np.bincount(consumer, flow, consumers)
    use = np.zeros(consumers)
    for k, n, a, _ in recipes:
        use[n] += a * base[k]
    share = np.zeros(len(lanes))
    for lane, value in (export_share or {}).items():
        share[lane] = value
    return Network(
        markets=tuple(Market(f"M{i}", f"M{i}", f"M{i}", "") for i in range(max(suppliers, consumers))),
        products=(Product("metal", "metal", "Nd/Pr", "metal", "t", "", (), 1.0, "assumed"),),
        period_days=7.0,
        base_year=2024,
        supplier_market=np.arange(suppliers, dtype=INT),
        supplier_product=np.zeros(suppliers, INT),
        supplier_kind=np.zeros(suppliers, INT),
        supplier_base=base,
        supplier_headroom=np.full(suppliers, headroom),
        supplier_basis=np.zeros(suppliers, INT),
        consumer_market=np.arange(consumers, dtype=INT),
        consumer_product=np.zeros(consumers, INT),
        consumer_final=inflow - use,
        consumer_inflow=inflow,
        consumer_cover_days=np.full(consumers, cover_days),
        consumer_reserve_days=np.full(consumers, reserve_days),
        consumer_value_kusd=np.ones(consumers),
        consumer_basis=np.zeros(consumers, INT),
        lane_supplier=supplier.astype(INT),
        lane_consumer=consumer.astype(INT),
        lane_flow=flow.astype(float),
        lane_lag=lag.astype(INT),
        lane_basis=np.zeros(len(lanes), INT),
        lane_export_share=share,
        lane_kind=np.zeros(len(lanes), INT),
        recipe_supplier=np.array([r[0] for r in recipes], INT),
        recipe_consumer=np.array([r[1] for r in recipes], INT),
        recipe_input_per_output=np.array([r[2] for r in recipes], float),
        recipe_dependence=np.array([r[3] for r in recipes], float),
        recipe_same_element=np.array([r[3] == 1.0 for r in recipes], bool),
        recipe_basis=np.zeros(len(recipes), INT),
    )


def shock(net: Network, periods: int, **changes: object) -> Shock:
    """Return a calm shock with round parameters: psi .5, kappa 2, tau 5, smoothing 8, rho 0, eta .1."""
    one = np.ones((1, 1, periods))
    fields: dict[str, object] = {
        "lane_permission_row": np.zeros(net.n_lanes, INT),
        "permission": one,
        "lane_pool_row": np.zeros(net.n_lanes, INT),
        "pool_permission": one,
        "supplier_capacity_row": np.zeros(net.n_suppliers, INT),
        "capacity_factor": one,
        "consumer_demand_row": np.zeros(net.n_consumers, INT),
        "demand_factor": one,
        "consumer_target_row": np.zeros(net.n_consumers, INT),
        "target_factor": one,
        "lane_delay_row": np.zeros(net.n_lanes, INT),
        "extra_lag": np.zeros((1, 1, periods), INT),
        "cover_days": net.consumer_cover_days[None].copy(),
        "reserve_days": net.consumer_reserve_days[None].copy(),
        "dependence": net.recipe_dependence[None].copy(),
    }
    numbers = {"psi": 0.5, "kappa": 2.0, "tau_weeks": 5.0, "smoothing_weeks": 8.0, "rho": 0.0, "eta": 0.1}
    for name, value in numbers.items():
        fields[name] = np.array([changes.pop(name, value)], dtype=float)
    fields |= changes
    return Shock(date(2026, 1, 5), periods, 7.0, **fields, draw_names=("central",), drawn={})  # type: ignore[arg-type]


def path(*values: float, dtype: type = float) -> np.ndarray:
    """Return rows (1, 2, P): the undisturbed row, then these values."""
    calm = np.zeros(len(values)) if dtype is INT else np.ones(len(values))
    return np.array([[calm, values]], dtype=dtype)


def rows(size: int, *members: int) -> np.ndarray:
    pointers = np.zeros(size, INT)
    pointers[list(members)] = 1
    return pointers


@pytest.fixture(params=[simulate, simulate_reference], ids=["engine", "reference"])
def run(request: pytest.FixtureRequest):
    return lambda net, shk: request.param(net, shk, "full")


def get(outcome: Outcome, name: str) -> np.ndarray:
    return outcome.values(name)[0]


ONE = network([(0, 0, 10.0, 1)], 1, 1)  # stock target (3 + 1) x 10 = 40


def test_m5_a_ban_draws_the_stock_down_until_users_ration(run) -> None:
    """40 in stock, 10 a week used, nothing comes; users ration below psi x T = 20 (rules M5, M8, M10)."""
    outcome = run(ONE, shock(ONE, 6, permission=path(0, 0, 0, 0, 0, 0), lane_permission_row=rows(1, 0)))
    # period 0 still gets what was under way
    np.testing.assert_allclose(get(outcome, "consumer_stock")[:, 0], [40, 30, 20, 10, 5, 2.5])
    np.testing.assert_allclose(get(outcome, "consumer_fill")[:, 0], [1, 1, 1, 0.5, 0.25, 0.125])
    np.testing.assert_allclose(get(outcome, "consumer_shortfall")[:, 0], [0, 0, 0, 5, 7.5, 8.75])
    # orders: E + (T - S) / tau = 10 + 0, 2, 4, ... with the ceiling of kappa x 10
    np.testing.assert_allclose(get(outcome, "consumer_ordered")[:, 0], [10, 12, 14, 16, 17, 17.5])
    assert get(outcome, "lane_shipped").sum() == 0.0


def test_m5_demand_moves_wanted_use_slowly_and_the_ceiling_holds(run) -> None:
    """E = 10 + (40 - 10) / 8 = 13.75, T = 55; order = 13.75 + (55 - 40) / 5 = 16.75; then the ceiling."""
    outcome = run(ONE, shock(ONE, 3, demand_factor=path(4, 4, 4), consumer_demand_row=rows(1, 0)))
    np.testing.assert_allclose(get(outcome, "consumer_ordered")[:2, 0], [16.75, 20.0])
    np.testing.assert_allclose(get(outcome, "consumer_need")[:, 0], 40.0)


def test_m5_front_loading_raises_the_target_not_the_rationing_or_the_reserve(run) -> None:
    """T x 1.5 = 60: order 10 + 20 / 5 = 14; fill stays 1, and no reserve is released (rule M7)."""
    net = replace(ONE, consumer_reserve_days=np.array([70.0]), supplier_headroom=np.array([0.5]))
    calm = shock(net, 3, target_factor=path(1.5, 1.5, 1.5), consumer_target_row=rows(1, 0), psi=0.9)
    outcome = run(net, calm)
    assert get(outcome, "consumer_ordered")[0, 0] == pytest.approx(14.0)
    assert get(outcome, "consumer_released").max() == 0.0
    assert get(outcome, "consumer_fill").min() == 1.0


def test_arrive_reserve_fills_to_nine_tenths_of_the_target(run) -> None:
    """Stock 30 against a target of 40: the reserve gives 6, then what is left of 10."""
    net = replace(ONE, consumer_reserve_days=np.array([7.0]))
    outcome = run(net, shock(net, 4, permission=path(0, 0, 0, 0), lane_permission_row=rows(1, 0)))
    np.testing.assert_allclose(get(outcome, "consumer_released")[:, 0], [0, 6, 4, 0])
    np.testing.assert_allclose(get(outcome, "consumer_stock")[:, 0], [40, 36, 30, 20])


def test_m5_the_pipeline_counts_with_the_lags_in_force(run) -> None:
    """Two more weeks on the way: 2 x 10 more under way is wanted, order 10 + 20 / 5; two idle periods."""
    net = replace(ONE, supplier_headroom=np.array([1.0]))
    outcome = run(net, shock(net, 4, extra_lag=path(2, 2, 2, 2, dtype=INT), lane_delay_row=rows(1, 0)))
    np.testing.assert_allclose(get(outcome, "consumer_arrived")[:, 0], [10, 0, 0, 14])
    assert get(outcome, "consumer_ordered")[0, 0] == pytest.approx(14.0)


TWO = network(
    [(0, 0, 6.0, 1), (1, 0, 4.0, 1), (2, 0, 0.0, 1), (2, 1, 8.0, 1)],
    3,
    2,
    headroom=0.5,
    export_share={2: 0.5},
)


def test_m6_part_of_what_is_blocked_is_placed_elsewhere(run) -> None:
    """o = 10, 6 blocked, c = 1/12, rho = .48: .24 re-placed; 70 % on the open lane, 30 % on the latent."""
    calm = shock(TWO, 1, permission=path(0.0), lane_permission_row=rows(4, 0), rho=0.48)
    outcome = run(TWO, calm)
    np.testing.assert_allclose(get(outcome, "lane_ordered")[0], [0.0, 4.168, 0.072, 8.0])


def test_m6_limits_on_open_and_latent_lanes(run) -> None:
    """After 12 weeks with rho = 1: at most + base on the open lane, .3 x .5 x 10 on the latent one."""
    net = replace(TWO, supplier_headroom=np.full(3, 9.0))
    closed = path(*[0.0] * 40)
    outcome = run(net, shock(net, 40, permission=closed, lane_permission_row=rows(4, 0), rho=1.0, kappa=3.0))
    ordered, order = get(outcome, "lane_ordered"), get(outcome, "consumer_ordered")[:, 0]
    assert (ordered[:, 1] <= order * 0.4 + 4.0 + 1e-12).all()
    assert ordered[:, 2].max() == pytest.approx(1.5)


def test_m6_marks_follow_what_a_supplier_serves(run) -> None:
    """3 of 4 served: the mark moves by eta x (3/4 - 1) = -.025; it scales the share .4 of 10 + 1 / 5."""
    calm = shock(TWO, 2, capacity_factor=path(0.5, 0.5), supplier_capacity_row=rows(3, 1), rho=1e-9)
    outcome = run(TWO, calm)
    np.testing.assert_allclose(get(outcome, "supplier_mark")[:, 1], [1.0, 0.975])
    assert get(outcome, "lane_ordered")[1, 1] == pytest.approx(0.975 * 0.4 * 10.2, rel=1e-6)


def test_m7_permission_scales_and_caps(run) -> None:
    """p = .5: half the order, and never above 5 a week though orders grow to 20."""
    outcome = run(ONE, shock(ONE, 20, permission=path(*[0.5] * 20), lane_permission_row=rows(1, 0)))
    np.testing.assert_allclose(get(outcome, "lane_shipped")[:, 0], 5.0)
    assert get(outcome, "consumer_shortfall")[-1, 0] > 4.0


def test_m7_a_pool_shares_its_quota(run) -> None:
    """Pool of the two lanes of supplier 2, base 8 and 0, and lane 0 of base 6: p = .5 leaves 7 for 14."""
    calm = shock(TWO, 1, pool_permission=path(0.5), lane_pool_row=rows(4, 0, 2, 3), rho=1.0)
    ordered = get(run(TWO, calm), "lane_ordered")[0]
    np.testing.assert_allclose(ordered[[0, 3]], [3.0, 4.0])
    assert ordered[2] == 0.0  # a base-0 lane in an active pool is closed


MAKER = network([(0, 0, 11.0, 1), (1, 1, 10.0, 1)], 2, 2, recipes=[(1, 0, 1.1, 1.0)], cover_days=0.0)


def test_m8_output_follows_the_scarce_input(run) -> None:
    """Supplier 1 uses 1.1 t per t of consumer 0, which gets nothing from period 1 on."""
    outcome = run(MAKER, shock(MAKER, 3, permission=path(0, 0, 0), lane_permission_row=rows(2, 0)))
    np.testing.assert_allclose(get(outcome, "supplier_output")[:, 1], [10, 0, 0], atol=1e-12)
    np.testing.assert_allclose(get(outcome, "consumer_used")[:, 0], [11, 0, 0], atol=1e-12)


def test_m8_partial_dependence_keeps_part_of_the_output(run) -> None:
    """d = .4 and fill 0: 60 % of the wanted output; the input draws nothing."""
    net = network([(0, 0, 11.0, 1), (1, 1, 10.0, 1)], 2, 2, recipes=[(1, 0, 1.1, 0.4)], cover_days=0.0)
    outcome = run(net, shock(net, 2, permission=path(0, 0), lane_permission_row=rows(2, 0)))
    np.testing.assert_allclose(get(outcome, "supplier_output")[:, 1], [10, 6])
    assert get(outcome, "consumer_used")[1, 0] == 0.0


def test_m8_wanted_output_stops_at_capacity(run) -> None:
    net = replace(ONE, supplier_headroom=np.array([0.1]))
    outcome = run(net, shock(net, 2, demand_factor=path(4, 4), consumer_demand_row=rows(1, 0)))
    np.testing.assert_allclose(get(outcome, "supplier_wanted")[:, 0], 11.0)


def test_m9_base_orders_first(run) -> None:
    """Consumer 0 asks 14 of base 10, consumer 1 its base 10; 22 come: the excess gets 2 of 4."""
    net = network([(0, 0, 10.0, 1), (0, 1, 10.0, 1)], 1, 2, headroom=0.1)
    calm = shock(net, 1, target_factor=path(1.5), consumer_target_row=rows(2, 0))
    np.testing.assert_allclose(get(run(net, calm), "lane_shipped")[0], [12.0, 10.0])


def test_m9_base_orders_in_proportion_when_short(run) -> None:
    net = network([(0, 0, 10.0, 1), (0, 1, 30.0, 1)], 1, 2)
    calm = shock(net, 1, capacity_factor=path(0.5), supplier_capacity_row=rows(1, 0))
    np.testing.assert_allclose(get(run(net, calm), "lane_shipped")[0], [5.0, 15.0])


def test_idle_consumers_and_suppliers_are_harmless(run) -> None:
    """A consumer without inflow, a supplier without lanes, a recipe of an idle supplier."""
    net = network([(0, 0, 10.0, 1)], 3, 2, recipes=[(2, 1, 1.0, 1.0)])
    outcome = run(net, shock(net, 5, permission=path(0, 0, 0, 0, 0), lane_permission_row=rows(1, 0), rho=0.5))
    for name in map(str, outcome.data.data_vars):
        assert np.isfinite(get(outcome, name)).all()
    assert get(outcome, "consumer_used")[:, 1].max() == 0.0


def priced(net: Network, shk: Shock, **changes: object) -> Shock:
    """Return the shock with one price for all: k .25, elasticities .2 and .6, hoarding .2, supply .3."""
    fields: dict[str, object] = {
        "product": np.array([-1, 0], INT),
        "inside": np.array([False, False]),
        "consumer_row": np.ones(net.n_consumers, INT),
        "supplier_row": np.ones(net.n_suppliers, INT),
        "speed": np.array([0.25]),
        "hoarding": np.array([0.2]),
        "memory_weeks": np.array([26.0]),
        "short_elasticity": np.array([[0.0, 0.2]]),
        "long_elasticity": np.array([[0.0, 0.6]]),
        "supply_elasticity": np.array([[0.0, 0.3]]),
    }
    return replace(shk, prices=Prices(**(fields | changes)))  # type: ignore[arg-type]


def test_m11_a_shortage_moves_the_price_and_all_that_answers_it(run) -> None:
    """Orders of 10 against 5: p = 2^.25 in period 1; use, target and capacity answer from then on."""
    half = shock(ONE, 2, capacity_factor=path(0.5, 0.5), supplier_capacity_row=rows(1, 0))
    outcome = run(ONE, priced(ONE, half))
    now = 0.25 * np.log(2.0)
    slow = now / 26.0
    use = np.exp(-(0.2 * now + 0.4 * slow))
    np.testing.assert_allclose(get(outcome, "price_level")[:, 1], [1.0, 2.0**0.25])
    np.testing.assert_allclose(get(outcome, "consumer_final_wanted")[:, 0], 10.0)
    np.testing.assert_allclose(get(outcome, "consumer_priced_out")[:, 0], [0.0, 10.0 * (1.0 - use)])
    np.testing.assert_allclose(get(outcome, "consumer_shortfall")[:, 0], [0.0, 10.0 * (1.0 - use)])
    np.testing.assert_allclose(get(outcome, "consumer_need")[:, 0], 10.0)  # at the base price
    np.testing.assert_allclose(get(outcome, "consumer_used")[:, 0], [10.0, 10.0 * use])
    smoothed = 10.0 + (10.0 * use - 10.0) / 8.0
    target = 4.0 * smoothed * np.exp(0.2 * (now - slow))
    np.testing.assert_allclose(get(outcome, "consumer_ordered")[1, 0], smoothed + (target - 35.0) / 5.0)
    np.testing.assert_allclose(get(outcome, "supplier_output")[:, 0], [5.0, 5.0 * np.exp(0.3 * slow)])


def test_m11_a_full_stop_counts_as_four_times_too_little_and_the_price_stops_at_fifteen(run) -> None:
    closed = shock(ONE, 40, permission=path(*[0.0] * 40), lane_permission_row=rows(1, 0))
    price = get(run(ONE, priced(ONE, closed, short_elasticity=np.zeros((1, 2)))), "price_level")[:, 1]
    np.testing.assert_allclose(price[:3], [1.0, 4.0**0.25, 4.0**0.5])
    np.testing.assert_allclose(price[-1], 15.0)


def test_m11_spare_capacity_is_no_shortage_and_brings_the_price_down(run) -> None:
    """Headroom of a half: 1 % more use is no shortage; three times as much is, until it is over."""
    net = replace(ONE, supplier_headroom=np.array([0.5]))
    mild = shock(net, 3, demand_factor=path(1.01, 1.01, 1.01), consumer_demand_row=rows(1, 0))
    assert (get(run(net, priced(net, mild)), "price_level") == 1.0).all()
    peak = shock(net, 60, demand_factor=path(*[3.0] * 6, *[1.0] * 54), consumer_demand_row=rows(1, 0))
    price = get(run(net, priced(net, peak)), "price_level")[:, 1]
    assert price.max() > 1.1
    assert price[-1] == 1.0


def test_m11_inside_and_outside_have_prices_of_their_own(run) -> None:
    """Supplier 0 serves consumer 0 at home and consumer 1 abroad; its ban raises the price abroad alone."""
    net = network([(0, 0, 10.0, 1), (0, 1, 10.0, 1), (1, 1, 5.0, 1)], 2, 2)
    two = {
        "product": np.array([-1, 0, 0], INT),
        "inside": np.array([False, False, True]),
        "consumer_row": np.array([2, 1], INT),
        "supplier_row": np.array([2, 1], INT),
        "short_elasticity": np.array([[0.0, 0.2, 0.2]]),
        "long_elasticity": np.array([[0.0, 0.6, 0.6]]),
        "supply_elasticity": np.array([[0.0, 0.3, 0.3]]),
    }
    stop = shock(net, 4, permission=path(*[0.0] * 4), lane_permission_row=rows(3, 1))
    price = get(run(net, priced(net, stop, **two)), "price_level")
    np.testing.assert_allclose(price[1], [1.0, 3.0**0.25, 1.0])  # orders of 15 against 5
    assert (price[:, 2] == 1.0).all()


def test_m11_fixed_yields_do_not_answer_the_price_but_other_uses_do(run) -> None:
    """The maker of one element asks for 1.1 t per t whatever the price; the other gives up a share."""
    for same in (True, False):
        net = replace(MAKER, recipe_same_element=np.array([same]))
        half = shock(net, 2, capacity_factor=path(0.5, 0.5), supplier_capacity_row=rows(2, 0), psi=0.0)
        outcome = run(net, priced(net, half))
        given_up = get(outcome, "consumer_given_up")[1, 0]
        assert given_up == 0.0 if same else given_up > 0.01
        assert get(outcome, "consumer_priced_out")[1, 0] == 0.0  # nothing of it is final use


def test_m12_use_given_up_is_a_cause() -> None:
    """Consumer 1 is stopped; consumer 0 is not, but pays the same price and orders less."""
    net = network([(0, 0, 10.0, 1), (1, 1, 10.0, 1)], 2, 2)
    stop = priced(net, shock(net, 30, permission=path(*[0.0] * 30), lane_permission_row=rows(2, 1)))
    outcome = simulate(net, stop, "full")
    causes = why(net, stop, outcome, 0, 0, 29, labels={("price", 1): "the price of metal"})
    amounts = {root.kind: root for root in causes.roots}
    assert amounts["price"].label == "the price of metal"
    assert amounts["price"].amount == pytest.approx(get(outcome, "consumer_given_up")[:, 0].sum(), rel=0.3)
    assert sum(root.amount for root in causes.roots) == pytest.approx(causes.lost_use)


def test_prices_that_do_not_fit_are_refused() -> None:
    calm = shock(TWO, 3)
    wrong = priced(TWO, calm, long_elasticity=np.full((1, 2), 0.1), consumer_row=np.array([1, 2], INT))
    with pytest.raises(InputError) as caught:
        simulate(TWO, wrong)
    places = {problem.where for problem in caught.value.problems}
    assert places == {"Shock.prices.long_elasticity", "Shock.prices.consumer_row"}
    with pytest.raises(InputError, match="wrong shape"):
        simulate(TWO, priced(TWO, calm, speed=np.ones(2)))


def test_m12_a_ban_upstream_is_found_through_the_maker() -> None:
    """Consumer 1 loses 10 a week from period 2 on, because its maker lacked what row 1 stopped."""
    calm = shock(MAKER, 6, permission=path(*[0] * 6), lane_permission_row=rows(2, 0))
    outcome = simulate(MAKER, calm, "full")
    causes = why(MAKER, calm, outcome, 1, 0, 5, labels={("permission", 1): "the ban"})
    assert causes.lost_use == pytest.approx(40.0)
    top, share = causes.shares[0]
    assert (top.kind, top.row, top.label) == ("permission", 1, "the ban")
    assert share > 0.95
    supplier = causes.tree.children[0].children[0]
    assert (supplier.kind, supplier.children[0].kind) == ("supplier", "input")


def test_m12_stock_and_reserve_are_offsets() -> None:
    net = replace(ONE, consumer_reserve_days=np.array([7.0]))
    calm = shock(net, 6, permission=path(*[0] * 6), lane_permission_row=rows(1, 0))
    causes = why(net, calm, simulate(net, calm, "full"), 0, 0, 5)
    amounts = {root.kind: root.amount for root in causes.roots}
    assert amounts["permission"] == pytest.approx(50.0)
    assert amounts["reserve"] == pytest.approx(-10.0)
    assert sum(amounts.values()) == pytest.approx(causes.lost_use)


def test_m12_capacity_loss_and_delay_are_roots() -> None:
    calm = shock(ONE, 10, capacity_factor=path(*[0.0] * 10), supplier_capacity_row=rows(1, 0))
    causes = why(ONE, calm, simulate(ONE, calm, "full"), 0, 0, 9)
    assert causes.shares[0][0].kind == "capacity"
    assert causes.shares[0][1] > 0.99
    late = shock(ONE, 10, extra_lag=path(*[5] * 10, dtype=INT), lane_delay_row=rows(1, 0))
    causes = why(ONE, late, simulate(ONE, late, "full"), 0, 0, 6)
    assert causes.shares[0][0].kind == "route"


def test_why_refuses_what_it_cannot_answer() -> None:
    calm = shock(ONE, 3)
    with pytest.raises(InputError, match="every lane"):
        why(ONE, calm, simulate(ONE, calm), 0, 0, 2)
    with pytest.raises(InputError, match="no such window"):
        why(ONE, calm, simulate(ONE, calm, "full"), 0, 2, 3)


def test_checks_name_every_fault() -> None:
    wrong = replace(shock(ONE, 3), psi=np.array([np.nan]), permission=np.full((1, 1, 3), 1.5))
    with pytest.raises(InputError) as caught:
        simulate(replace(ONE, consumer_final=np.array([9.0])), wrong)
    places = {problem.where for problem in caught.value.problems}
    assert places == {"Shock.psi", "Shock.permission", "Network.consumer_final"}
    with pytest.raises(InputError, match="wrong shape"):
        simulate(TWO, shock(ONE, 3))


def test_outcome_is_labelled() -> None:
    outcome = simulate(TWO, shock(TWO, 3), "full")
    variable = outcome.data["lane_shipped"]
    assert variable.dims == ("draw", "period", "lane")
    assert variable.attrs["basis"] == "modelled"
    assert str(outcome.data["date"].to_numpy()[1])[:10] == "2026-01-12"
    assert list(outcome.data["consumer_market"].to_numpy()) == ["M0", "M1"]
    with pytest.raises(InputError, match="record='full'"):
        simulate(TWO, shock(TWO, 3)).values("lane_shipped")


def test_a_watch_must_name_what_is_there() -> None:
    with pytest.raises(InputError, match="not a list of indices"):
        Watch(np.array([True, False]), np.array([0]))
    with pytest.raises(InputError) as caught:
        simulate(TWO, shock(TWO, 3), "full", Watch(np.array([0, 2]), np.array([-1])))
    assert {problem.where for problem in caught.value.problems} == {
        "watch",
        "Watch.consumers",
        "Watch.suppliers",
    }


def test_only_outcomes_of_one_kind_are_joined() -> None:
    summary = simulate(TWO, shock(TWO, 3))
    with pytest.raises(InputError, match="nothing to join"):
        join_draws([])
    with pytest.raises(InputError, match="another record"):
        join_draws([summary, simulate(TWO, shock(TWO, 3), "full")])
    with pytest.raises(InputError, match="date"):
        join_draws([summary, simulate(TWO, shock(TWO, 4))])
    with pytest.raises(InputError, match="consumer_index"):
        join_draws([summary, simulate(TWO, shock(TWO, 3), watch=Watch(np.array([1, 0]), np.arange(3)))])
