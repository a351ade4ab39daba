"""The balance: two peers on generated and hand-computed problems (rule N7)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from small_sources import flow

from kaname.data.balance import BalanceProblem, adjustment_cost, solve_balance
from kaname.network.reconcile import (
    LANE_RANGE,
    PRIMARY_RANGE,
    PROCESSING_RANGE,
    Chain,
    reconcile,
    unrecorded_supply,
)
from kaname.network.sources import Flow
from kaname.terms.errors import KanameError

SOLVERS = [("qp", "simplex"), ("lp", "simplex"), ("lp", "ipm")]


@st.composite
def problems(draw: st.DrawFn) -> BalanceProblem:
    """Return lanes between nodes, with free final use and costly unrecorded supply at every node."""
    count = draw(st.integers(2, 6))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda p: p[0] != p[1])
    lanes = draw(st.lists(pairs, min_size=1, max_size=15, unique=True))
    size = len(lanes)
    prior = np.array(draw(st.lists(st.floats(1e-2, 1e5), min_size=size, max_size=size)))
    weight = np.array(draw(st.lists(st.sampled_from([0.1, 0.5, 1.0, 3.0]), min_size=size, max_size=size)))
    matrix = np.zeros((count, size + 2 * count))
    for column, (start, end) in enumerate(lanes):
        matrix[start, column], matrix[end, column] = -1.0, 1.0
    matrix[:, size : size + count], matrix[:, size + count :] = -np.eye(count), np.eye(count)
    none, endless = np.zeros(count), np.full(count, np.inf)
    return BalanceProblem(
        np.concatenate([prior, none, none]),
        np.concatenate([weight, none, none]),
        np.concatenate([prior / 5, none, none]),
        np.concatenate([prior * 5, endless, endless]),
        np.concatenate([np.zeros(size), none, none + 1.0]),
        sparse.csr_matrix(matrix),
    )


@settings(max_examples=60)
@given(problems())
def test_both_peers_are_feasible_and_each_is_best_in_its_own_norm(problem: BalanceProblem) -> None:
    found = {name: solve_balance(problem, *name) for name in SOLVERS}
    size = float(problem.prior.sum())
    for (solver, _), result in found.items():
        assert result.worst_open_share <= 1e-5
        assert (result.x >= problem.lower).all()
        assert (result.x <= problem.upper).all()
        own = adjustment_cost(problem, result.x, solver)
        for other in found.values():
            assert own <= adjustment_cost(problem, other.x, solver) + 1e-6 * size


def test_the_peers_on_a_case_solved_by_hand() -> None:
    """AAA makes 10, ships 12. QP, price m: lane - 12 m, output + m / .3, so m = 2 / 15.33; LP: 2 t at 1."""
    chain = Chain({("AAA", "ore", "primary"): 10.0}, [flow("AAA", "BBB", 12.0)], {}, {})
    qp, lp = reconcile(chain), reconcile(chain, "lp")
    met = 10.0 + (2.0 / (12.0 + 1 / 0.3)) / 0.3
    assert qp.flows[0].tonnes == pytest.approx(met, rel=1e-6)
    assert qp.made["AAA", "ore", "primary"] == pytest.approx(met, rel=1e-6)
    assert unrecorded_supply(qp) == {}
    assert lp.made["AAA", "ore", "primary"] == pytest.approx(10.0)
    given_up = 12.0 - lp.flows[0].tonnes + lp.unrecorded_t["AAA", "ore"]
    assert given_up == pytest.approx(2.0)


@pytest.mark.parametrize(("solver", "method"), SOLVERS)
def test_bounds_that_contradict_the_nodes_are_told(solver: str, method: str) -> None:
    nodes = sparse.csr_matrix([[1.0, -1.0]])
    one = np.ones(2)
    problem = BalanceProblem(
        np.array([1.0, 10.0]), one, np.array([0.5, 8.0]), np.array([2.0, 12.0]), np.zeros(2), nodes
    )
    with pytest.raises(KanameError, match=r"could not be solved|left a node open"):
        solve_balance(problem, solver, method)
    assert solve_balance(replace(problem, lower=np.array([0.5, 1.0])), solver, method).worst_open_share < 1e-6


def test_unknown_solvers_are_told_with_the_choices() -> None:
    nodes = sparse.csr_matrix([[1.0, -1.0]])
    problem = BalanceProblem(np.ones(2), np.ones(2), np.zeros(2), np.ones(2), np.zeros(2), nodes)
    with pytest.raises(KanameError, match="choose qp or lp"):
        solve_balance(problem, "guess")
    with pytest.raises(KanameError, match="choose simplex or ipm"):
        solve_balance(problem, "lp", "pdlp")


# --- a chain --------------------------------------------------------------------------------------

PLACES = ("A", "B", "C", "D")


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Return ore and metal in up to four countries, with arbitrary output and trade."""
    amount = st.floats(1e-2, 1e5)
    ends = st.tuples(st.sampled_from(["ore", "metal"]), st.sampled_from(PLACES), st.sampled_from(PLACES))
    lanes = draw(st.dictionaries(ends.filter(lambda e: e[1] != e[2]), amount, min_size=1, max_size=12))
    mined = draw(st.dictionaries(st.sampled_from(PLACES), amount, max_size=3))
    smelted = draw(st.dictionaries(st.sampled_from(PLACES), amount, max_size=3))
    made = {(c, "ore", "primary"): t for c, t in mined.items()}
    made |= {(c, "metal", "processing"): t for c, t in smelted.items()}
    flows = [flow(a, b, t, p, basis=draw(st.sampled_from([0, 1, 2]))) for (p, a, b), t in lanes.items()]
    return Chain(made, flows, {(c, "metal"): [("ore", 1.1)] for c in smelted}, {})


@settings(max_examples=60)
@given(chains(), st.sampled_from(["qp", "lp"]))
def test_every_node_closes_within_bounds_and_no_lane_is_deleted(chain: Chain, solver: str) -> None:
    found = reconcile(chain, solver)
    for node in found.final_t:
        country, product = node
        own = sum(t for (c, p, _), t in found.made.items() if (c, p) == node)
        imports = sum(f.tonnes for f in found.flows if (f.importer, f.product) == node)
        exports = sum(f.tonnes for f in found.flows if (f.exporter, f.product) == node)
        metal = found.made.get((country, "metal", "processing"), 0.0) if product == "ore" else 0.0
        supply = own + imports + found.unrecorded_t[node]
        assert supply == pytest.approx(exports + 1.1 * metal + found.final_t[node], rel=1e-5, abs=1e-6)
    assert min(found.final_t.values()) >= 0.0
    assert min(found.unrecorded_t.values()) >= 0.0
    assert len(found.flows) == len(chain.flows)
    for before, after in zip(chain.flows, found.flows, strict=True):
        assert before.tonnes / LANE_RANGE <= after.tonnes * (1 + 1e-12)
        assert after.tonnes <= before.tonnes * LANE_RANGE * (1 + 1e-12)
        assert after.tonnes > 0.0
        assert after.value_kusd / after.tonnes == pytest.approx(before.value_kusd / before.tonnes)
    for key, tonnes in chain.made.items():
        factor = PRIMARY_RANGE if key[2] == "primary" else PROCESSING_RANGE
        assert tonnes / factor * (1 - 1e-12) <= found.made[key] <= tonnes * factor * (1 + 1e-12)
    listed = {(a.what, a.product, a.place): (a.before_t, a.after_t) for a in found.adjustments}
    assert len(listed) == len(chain.flows) + len(chain.made)
    for before, after in zip(chain.flows, found.flows, strict=True):
        key = ("lane", before.product, f"{before.exporter} to {before.importer}")
        assert listed[key] == (before.tonnes, after.tonnes)


@pytest.mark.parametrize("solver", ["qp", "lp"])
def test_what_already_balances_is_left_alone(solver: str) -> None:
    made = {("A", "ore", "primary"): 100.0, ("B", "metal", "processing"): 50.0}
    flows = [flow("A", "B", 60.0), flow("B", "C", 20.0, "metal"), flow("C", "A", 5.0, "metal")]
    found = reconcile(Chain(made, flows, {("B", "metal"): [("ore", 1.1)]}, {}), solver)
    assert [f.tonnes for f in found.flows] == pytest.approx([60.0, 20.0, 5.0], rel=1e-6)
    assert found.made == pytest.approx(made, rel=1e-6)
    assert unrecorded_supply(found) == {}
    expected = {("A", "ore"): 40.0, ("B", "ore"): 5.0, ("B", "metal"): 30.0, ("C", "metal"): 15.0}
    assert found.final_t == pytest.approx({**expected, ("A", "metal"): 5.0}, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("solver", ["qp", "lp"])
def test_unrecorded_supply_stands_where_exports_exceed_supply(solver: str) -> None:
    """B ships 100 and gets 10: at most 50 can come in and at least 20 must go out."""
    flows: list[Flow] = [flow("A", "B", 1.0), flow("B", "C", 100.0)]
    found = reconcile(Chain({("A", "ore", "primary"): 10.0}, flows, {}, {}), solver)
    assert list(unrecorded_supply(found)) == [("B", "ore")]
    assert found.flows[1].tonnes >= 20.0 * (1 - 1e-9)
    supply = found.flows[0].tonnes + found.unrecorded_t["B", "ore"]
    assert supply == pytest.approx(found.flows[1].tonnes, rel=1e-6)
