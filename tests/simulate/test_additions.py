"""What responses add, worked out by hand: capacity, contracts, inputs, release (rules R1-R4)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_rules import INT, ONE, TWO, get, network, path, rows, shock

from kaname.network.network import Network
from kaname.scenario.shock import Additions, Shock
from kaname.simulate.engine import simulate
from kaname.simulate.reference import simulate_reference
from kaname.simulate.why import why
from kaname.terms.errors import InputError


@pytest.fixture(params=[simulate, simulate_reference], ids=["engine", "reference"])
def run(request: pytest.FixtureRequest):
    return lambda net, shk: request.param(net, shk, "full")


def add(shk: Shock, **changes: object) -> Shock:
    """Return the shock with these additions, and neutral ones besides."""
    return replace(shk, additions=replace(shk.added, **changes))


def row_of(neutral: float, *values: float) -> np.ndarray:
    """Return rows (1, 2, P): the neutral one, then these values."""
    return np.array([[[neutral] * len(values), values]])


def capacity(net: Network, k: int, *values: float) -> dict[str, object]:
    return {"supplier_row": rows(net.n_suppliers, k), "capacity_t": row_of(0.0, *values)}


def contract(lane: int, *values: float) -> dict[str, object]:
    return {"contract_lane": np.array([lane], INT), "contract_t": np.array([[values]], dtype=float)}


def test_r1_added_capacity_is_output(run) -> None:
    """Demand of 40 asks 16.75, then the ceiling of 20; capacity 10, and 5 more from period 1 on."""
    hungry = shock(ONE, 3, demand_factor=path(4, 4, 4), consumer_demand_row=rows(1, 0))
    outcome = run(ONE, add(hungry, **capacity(ONE, 0, 0, 5, 5)))
    np.testing.assert_allclose(get(outcome, "supplier_output")[:, 0], [10, 15, 15])


def test_r1_a_lost_capacity_does_not_touch_what_is_added(run) -> None:
    lost = shock(ONE, 2, capacity_factor=path(0.5, 0.0), supplier_capacity_row=rows(1, 0))
    outcome = run(ONE, add(lost, **capacity(ONE, 0, 2, 2)))
    np.testing.assert_allclose(get(outcome, "supplier_output")[:, 0], [7, 2])


PLANT = network([(0, 0, 10.0, 1), (1, 0, 0.0, 1)], 2, 1)  # supplier 1 is a new plant: base 0


def test_a_plant_that_is_not_built_changes_nothing(run) -> None:
    """Base 0, export share 0, and a recipe line: the same as without it."""
    net = network([(0, 0, 10.0, 1), (1, 0, 0.0, 5)], 2, 1, recipes=[(1, 0, 1.5, 0.5)])
    stop = {"permission": path(0, 0, 1, 1, 1, 1), "rho": 0.5}
    with_plant = run(net, shock(net, 6, lane_permission_row=rows(2, 0), **stop))
    without = run(ONE, shock(ONE, 6, lane_permission_row=rows(1, 0), **stop))
    for name in map(str, without.data.data_vars):
        left, right = get(with_plant, name), get(without, name)
        np.testing.assert_array_equal(left[:, : right.shape[1]], right, err_msg=name)
        if name.startswith(("lane", "supplier_o", "supplier_a", "supplier_w")):
            assert (left[:, right.shape[1] :] == 0.0).all()


def test_r2_a_new_plant_feeds_a_consumer_whose_only_supplier_is_banned(run) -> None:
    """Orders of 10, of them 6 under contract; the plant makes 6, later 4; what is left is blocked."""
    ban = shock(PLANT, 4, permission=path(0, 0, 0, 0), lane_permission_row=rows(2, 0))
    outcome = run(PLANT, add(ban, **contract(1, 6, 6, 6, 6), **capacity(PLANT, 1, 6, 6, 4, 4)))
    np.testing.assert_allclose(get(outcome, "lane_contracted"), [[0, 6]] * 4)
    np.testing.assert_allclose(get(outcome, "lane_ordered"), [[0, 6]] * 4)
    np.testing.assert_allclose(get(outcome, "lane_shipped")[:, 1], [6, 6, 4, 4])
    np.testing.assert_allclose(get(outcome, "lane_arrived"), [[10, 0], [0, 6], [0, 6], [0, 4]])
    np.testing.assert_allclose(get(outcome, "supplier_asked")[:, 1], 6.0)
    np.testing.assert_allclose(get(outcome, "consumer_stock")[:, 0], [40, 36, 32, 26])


def test_r2_without_capacity_a_contract_delivers_nothing(run) -> None:
    outcome = run(PLANT, add(shock(PLANT, 3), **contract(1, 6, 6, 6)))
    np.testing.assert_allclose(get(outcome, "lane_ordered")[0], [4, 6])
    np.testing.assert_allclose(get(outcome, "lane_shipped")[0], [4, 0])


def test_r2_a_contract_displaces_orders_and_adds_nothing_when_nothing_is_blocked(run) -> None:
    """10 wanted, 4 of it under contract: 6 are left for the old supplier, and stocks stay."""
    firm = add(shock(PLANT, 30, rho=0.5), **contract(1, *[4] * 30), **capacity(PLANT, 1, *[9] * 30))
    outcome = run(PLANT, firm)
    np.testing.assert_allclose(get(outcome, "lane_ordered"), [[6, 4]] * 30)
    np.testing.assert_allclose(get(outcome, "lane_shipped"), [[6, 4]] * 30)
    np.testing.assert_allclose(get(outcome, "consumer_stock")[:, 0], 40.0)
    np.testing.assert_allclose(get(outcome, "supplier_mark"), 1.0)


def test_r2_a_contract_never_exceeds_the_order(run) -> None:
    firm = add(shock(PLANT, 1), **contract(1, 25), **capacity(PLANT, 1, 25))
    np.testing.assert_allclose(get(run(PLANT, firm), "lane_ordered")[0], [0, 10])
    two = {"contract_lane": np.array([0, 1], INT), "contract_t": np.array([[[5.0], [15.0]]])}
    both = run(PLANT, add(shock(PLANT, 1), **two, **capacity(PLANT, 1, 25)))
    np.testing.assert_allclose(get(both, "lane_contracted")[0], [2.5, 7.5])
    np.testing.assert_allclose(get(both, "lane_ordered")[0], [2.5, 7.5])


def test_r2_only_what_contracts_leave_blocked_is_re_placed(run) -> None:
    """o = 10, 6 banned, 3 contracted on the latent lane: b = 3, of it .48 / 12: .084 and .036."""
    ban = shock(TWO, 1, permission=path(0.0), lane_permission_row=rows(4, 0), rho=0.48)
    outcome = run(TWO, add(ban, **contract(2, 3)))
    np.testing.assert_allclose(get(outcome, "lane_ordered")[0], [0.0, 4.084, 3.036, 8.0])
    np.testing.assert_allclose(get(outcome, "lane_contracted")[0], [0.0, 0.0, 3.0, 0.0])


def test_r2_contracts_are_served_before_base_customers(run) -> None:
    """20 of 40 come: 12 for the contract in full, 8 for the 28 of base orders; the mark looks at 8 / 28."""
    net = network([(0, 0, 10.0, 1), (0, 1, 30.0, 1)], 1, 2)
    half = shock(net, 2, capacity_factor=path(0.5, 0.5), supplier_capacity_row=rows(1, 0))
    outcome = run(net, add(half, **contract(1, 12, 12)))
    share = 8.0 / 28.0
    np.testing.assert_allclose(get(outcome, "lane_ordered")[0], [10.0, 30.0])
    np.testing.assert_allclose(get(outcome, "lane_shipped")[0], [10.0 * share, 12.0 + 18.0 * share])
    np.testing.assert_allclose(get(outcome, "supplier_asked")[0], 40.0)
    np.testing.assert_allclose(get(outcome, "supplier_mark")[:, 0], [1.0, 1.0 + 0.1 * (share - 1.0)])


def test_r2_contracts_share_what_is_short_of_them_in_proportion(run) -> None:
    net = network([(0, 0, 10.0, 1), (0, 1, 30.0, 1)], 1, 2)
    firm = {"contract_lane": np.array([0, 1], INT), "contract_t": np.array([[[8.0], [24.0]]])}
    half = shock(net, 1, capacity_factor=path(0.4), supplier_capacity_row=rows(1, 0))
    np.testing.assert_allclose(get(run(net, add(half, **firm)), "lane_shipped")[0], [4.0, 12.0])


def test_r2_a_contract_from_a_banned_origin_delivers_nothing(run) -> None:
    """p = 0, then .5, then 1 within a pool of .5: nothing, half, half of what is contracted."""
    held = shock(
        PLANT,
        3,
        permission=path(0.0, 0.5, 1.0),
        lane_permission_row=rows(2, 1),
        pool_permission=path(1.0, 1.0, 0.5),
        lane_pool_row=rows(2, 1),
    )
    outcome = run(PLANT, add(held, **contract(1, 6, 6, 6), **capacity(PLANT, 1, 9, 9, 9)))
    np.testing.assert_allclose(get(outcome, "lane_shipped"), [[10, 0], [7, 3], [7, 3]])


def test_r3_a_lower_input_halves_draws(run) -> None:
    """E = 11 + (5.5 - 11) / 8, T = E, order = E + (E - 11) / 5; the output stays, the draw halves."""
    net = network([(0, 0, 11.0, 1), (1, 1, 10.0, 1)], 2, 2, recipes=[(1, 0, 1.1, 0.9)], cover_days=0.0)
    saved = {"recipe_row": rows(1, 0), "input_factor": row_of(1.0, 0.5, 0.5)}
    outcome = run(net, add(shock(net, 2), **saved))
    smoothed = 11.0 - 5.5 / 8.0
    np.testing.assert_allclose(get(outcome, "supplier_output")[:, 1], 10.0)
    np.testing.assert_allclose(get(outcome, "consumer_used")[:, 0], 5.5)
    np.testing.assert_allclose(get(outcome, "consumer_need")[:, 0], 5.5)
    assert get(outcome, "consumer_ordered")[0, 0] == pytest.approx(smoothed + (smoothed - 11.0) / 5.0)


def test_r3_the_factor_of_the_period_counts(run) -> None:
    """Half, then all again: what suppliers want in a period never carries last period's factor."""
    net = network([(0, 0, 11.0, 1), (1, 1, 10.0, 1)], 2, 2, recipes=[(1, 0, 1.1, 0.9)])
    saved = {"recipe_row": rows(1, 0), "input_factor": row_of(1.0, 0.5, 1.0)}
    outcome = run(net, add(shock(net, 2), **saved))
    np.testing.assert_allclose(get(outcome, "consumer_used")[:, 0], [5.5, 11.0])
    first = 11.0 - 5.5 / 8.0
    second = first + (11.0 - first) / 8.0
    ordered = get(outcome, "consumer_ordered")[:, 0]
    stock = get(outcome, "consumer_stock")[:, 0]
    np.testing.assert_allclose(ordered[0], first + (4 * first - 44.0) / 5.0)
    np.testing.assert_allclose(ordered[1], second + (4 * second - stock[1]) / 5.0)


def test_r4_a_higher_share_opens_the_reserve_earlier_and_a_lower_one_later(run) -> None:
    """Target 40, reserve 10: released at 30 of stock in one go, with .9 in two, with .5 at 10."""
    net = replace(ONE, consumer_reserve_days=np.array([7.0]))
    ban = shock(net, 4, permission=path(0, 0, 0, 0), lane_permission_row=rows(1, 0))
    for share, released in ((1.0, [0, 10, 0, 0]), (0.9, [0, 6, 4, 0]), (0.5, [0, 0, 0, 10])):
        opened = {"release_row": rows(1, 0), "release_share": row_of(0.9, *[share] * 4)}
        outcome = run(net, add(ban, **opened))
        np.testing.assert_allclose(get(outcome, "consumer_released")[:, 0], released)


# --- why ------------------------------------------------------------------------------------------


def test_m12_what_a_contract_brings_is_an_offset_of_the_ban() -> None:
    ban = shock(PLANT, 20, permission=path(*[0] * 20), lane_permission_row=rows(2, 0))
    firm = add(ban, **contract(1, *[6] * 20), **capacity(PLANT, 1, *[6] * 20))
    causes = why(PLANT, firm, simulate(PLANT, firm, "full"), 0, 0, 19)
    amounts = {root.kind: root.amount for root in causes.roots}
    assert amounts["permission"] == pytest.approx(10.0 * 19)
    assert amounts["extra"] == pytest.approx(-6.0 * 19)
    assert sum(amounts.values()) == pytest.approx(causes.lost_use)
    assert [root.kind for root, _ in causes.shares] == ["permission"]


def test_r2_a_supplier_that_did_not_deliver_displaces_nobody(run) -> None:
    """A plant without capacity: counted on once, and from then on all is ordered of the other again."""
    firm = add(shock(PLANT, 6), **contract(1, *[10] * 6))
    outcome = run(PLANT, firm)
    np.testing.assert_allclose(get(outcome, "lane_ordered")[:, 0], [0, 12, 12, 12, 12, 12])
    np.testing.assert_allclose(get(outcome, "lane_contracted")[:, 1], [10] * 6)
    np.testing.assert_allclose(get(outcome, "lane_shipped").T, [[0, 10, 10, 10, 10, 10], [0] * 6])


def test_m12_a_contract_that_is_not_kept_is_its_suppliers_fault() -> None:
    """A plant without capacity is counted on once: what does not come then is missing, and nothing else."""
    net = network([(0, 0, 10.0, 1), (1, 0, 0.0, 1)], 2, 1, cover_days=0.0)
    firm = add(shock(net, 4), **contract(1, *[10] * 4))
    outcome = simulate(net, firm, "full")
    causes = why(net, firm, outcome, 0, 0, 3)
    assert causes.lost_use == pytest.approx(10.0)
    shares = {root.kind: share for root, share in causes.shares}
    assert shares["capacity"] > 0.99
    labels = [leaf.label for lane in causes.tree.children for leaf in lane.children]
    assert "ordered under a contract instead" in labels


def test_m12_what_contracts_leave_too_little_for_is_a_lack_of_capacity() -> None:
    """Of 40, a new contract of consumer 2 takes 20 from the base customers; the input of 40 is there."""
    net = network(
        [(0, 0, 10.0, 1), (0, 1, 30.0, 1), (0, 2, 0.0, 1), (1, 2, 20.0, 1), (2, 3, 40.0, 1)],
        3,
        4,
        recipes=[(0, 3, 1.0, 1.0)],
    )
    stop = shock(net, 30, permission=path(*[0] * 30), lane_permission_row=rows(5, 3))
    firm = add(stop, **contract(2, *[20] * 30))
    outcome = simulate(net, firm, "full")
    causes = why(net, firm, outcome, 0, 0, 29)
    assert causes.shares[0][0].kind == "capacity"
    assert causes.shares[0][1] > 0.99
    assert causes.lost_use == pytest.approx(sum(root.amount for root in causes.roots))
    np.testing.assert_allclose(get(outcome, "consumer_shortfall")[:, 2], 0.0, atol=1e-9)


def test_m12_orders_that_a_contract_displaces_are_no_cause_further_down() -> None:
    """A maker lacks what a ban of 5 and a contract of 8, half kept, leave of its input of 10.

    The contract displaces 3 on the open lane: that is no loss, as it brings 4, and has 4 to answer for.
    """
    lanes = [(0, 0, 5.0, 1), (1, 0, 5.0, 1), (2, 0, 0.0, 1), (3, 1, 10.0, 1)]
    net = network(lanes, 4, 2, recipes=[(3, 0, 1.0, 1.0)], cover_days=0.0)
    ban = shock(net, 4, permission=path(*[0] * 4), lane_permission_row=rows(4, 0))
    firm = add(ban, **contract(2, *[8] * 4), **capacity(net, 2, *[4] * 4))
    outcome = simulate(net, firm, "full")
    np.testing.assert_allclose(get(outcome, "lane_shipped")[0, :3], [0, 2, 4])
    causes = why(net, firm, outcome, 1, 0, 3)
    assert causes.lost_use > 1.0
    assert {root.kind for root, share in causes.shares if share > 1e-6} == {"permission", "capacity"}


def test_m12_less_input_is_use_wanted_below_the_base() -> None:
    net = network([(0, 0, 11.0, 1), (1, 1, 10.0, 1)], 2, 2, recipes=[(1, 0, 1.1, 0.9)])
    ban = shock(net, 20, permission=path(*[0] * 20), lane_permission_row=rows(2, 0))
    saved = add(ban, recipe_row=rows(1, 0), input_factor=row_of(1.0, *[0.5] * 20))
    outcome = simulate(net, saved, "full")
    causes = why(net, saved, outcome, 0, 0, 19)
    amounts = {root.kind: root.amount for root in causes.roots}
    need = get(outcome, "consumer_need")[:, 0]
    assert amounts["extra_use"] == pytest.approx(need.sum() - 20 * 11.0)
    assert sum(amounts.values()) == pytest.approx(causes.lost_use)


# --- what is refused ------------------------------------------------------------------------------

LINE = network([(0, 0, 11.0, 1), (1, 1, 10.0, 1)], 2, 2, recipes=[(1, 0, 1.1, 1.0)])  # of one element


@pytest.mark.parametrize(
    ("net", "changes", "where", "what"),
    [
        (ONE, {"capacity_t": row_of(0.0, -1, 0)}, "capacity_t", "out of range"),
        (ONE, {"capacity_t": row_of(0.0, np.nan, 0)}, "capacity_t", "out of range"),
        (ONE, {"capacity_t": row_of(1.0, 2, 2)}, "capacity_t", "row 0"),
        (ONE, {"capacity_t": np.zeros((1, 1, 3))}, "capacity_t", "wrong shape"),
        (ONE, {"supplier_row": rows(1, 0)}, "capacity_t", "wrong shape"),
        (ONE, {"supplier_row": np.zeros(2, INT)}, "supplier_row", "wrong shape"),
        (ONE, {"supplier_row": np.array([-1], INT)}, "supplier_row", "out of range"),
        (ONE, contract(0, -1, 0), "contract_t", "out of range"),
        (ONE, contract(0, np.inf, 0), "contract_t", "out of range"),
        (ONE, contract(0, 1, 1, 1), "contract_t", "wrong shape"),
        (ONE, {"contract_lane": np.array([0], INT)}, "contract_t", "wrong shape"),
        (ONE, {"contract_lane": np.zeros((0, 2), INT)}, "contract_lane", "wrong shape"),
        (ONE, contract(1, 1, 1), "contract_lane", "out of range"),
        (ONE, contract(-1, 1, 1), "contract_lane", "out of range"),
        (
            TWO,
            {"contract_lane": np.array([2, 2], INT), "contract_t": np.ones((1, 2, 2))},
            "contract_lane",
            "strictly rising",
        ),
        (LINE, {"input_factor": row_of(1.0, 1.1, 1)}, "input_factor", "out of range"),
        (LINE, {"input_factor": row_of(0.5, 0.5, 1)}, "input_factor", "row 0"),
        (
            LINE,
            {"recipe_row": rows(1, 0), "input_factor": row_of(1.0, 0.5, 1)},
            "recipe_row",
            "makes mass",
        ),
        (LINE, {"recipe_row": np.array([-1], INT)}, "recipe_row", "out of range"),
        (ONE, {"release_share": row_of(0.9, 2.1, 1)}, "release_share", "out of range"),
        (ONE, {"release_share": row_of(1.0, 1, 1)}, "release_share", "row 0"),
        (ONE, {"release_row": rows(1, 0)}, "release_share", "wrong shape"),
    ],
)
def test_additions_that_do_not_fit_are_refused(
    net: Network, changes: dict[str, object], where: str, what: str
) -> None:
    with pytest.raises(InputError) as caught:
        simulate(net, add(shock(net, 2), **changes))
    (problem,) = caught.value.problems
    assert problem.where == f"Shock.additions.{where}"
    assert what in problem.what


def test_every_fault_is_told_at_once() -> None:
    wrong = add(
        replace(shock(ONE, 2), psi=np.array([2.0])),
        **contract(5, 1, 1),
        capacity_t=row_of(0.0, -1, 0),
        release_share=row_of(0.9, 2.5, 2.5),
    )
    with pytest.raises(InputError) as caught:
        simulate(ONE, wrong)
    places = {problem.where.removeprefix("Shock.") for problem in caught.value.problems}
    assert places == {
        "psi",
        "additions.contract_lane",
        "additions.capacity_t",
        "additions.release_share",
    }


def test_additions_are_frozen_and_taken_with_the_draws() -> None:
    three = Additions.neutral(3, 2, 1, 1, 0)
    amount = np.arange(6, dtype=float).reshape(3, 1, 2)
    firm = replace(three, contract_lane=np.array([0], INT), contract_t=amount)
    with pytest.raises(ValueError, match="read-only"):
        firm.contract_t[0] = 1.0
    taken = firm.take([2, 0])
    np.testing.assert_array_equal(taken.contract_t, amount[[2, 0]])
    assert taken.release_share.shape == (2, 1, 2)
    assert taken.contract_lane is firm.contract_lane


def test_r2_the_ceiling_of_orders_rises_by_what_the_additions_say(run) -> None:
    """Demand of 40 wants more than the ceiling of 20 from period 1 on; a rise of 3 lets it order 23."""
    hungry = shock(ONE, 4, demand_factor=path(4, 4, 4, 4), consumer_demand_row=rows(1, 0))
    np.testing.assert_allclose(get(run(ONE, hungry), "consumer_ordered")[1:, 0], 20.0)
    raised = add(hungry, order_row=rows(1, 0), order_t=row_of(0.0, 0, 0, 3, 3))
    np.testing.assert_allclose(get(run(ONE, raised), "consumer_ordered")[1:, 0], [20.0, 23.0, 23.0])
