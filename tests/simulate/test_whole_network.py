"""The rules on the whole embedded network and on every example scenario (rules M1-M3)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kaname.baseline import Baseline, load_baseline
from kaname.network.network import Network
from kaname.scenario import files
from kaname.scenario.compile import compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.plants import place_measures
from kaname.scenario.shock import Shock
from kaname.simulate.engine import simulate
from kaname.simulate.reference import simulate_reference

ROOT = Path(__file__).parents[2]
FILES = sorted(p for p in (ROOT / "examples").glob("*/*.yaml") if not p.name.startswith("_"))
EXAMPLES = [path for path in FILES if path.parent.name not in ("hindcast", "measures")]
PATHS = ("permission", "pool_permission", "capacity_factor", "demand_factor", "target_factor", "extra_lag")


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return load_baseline()


def central(baseline: Baseline, path: Path) -> tuple[Network, Shock]:
    scenario = files.load(path)
    placed = place_measures(baseline.build, scenario.measures)
    build = placed.build
    table = draw_table(scenario, 0, 1).take([0])
    shock = compile_shock(build.network, scenario, table, build.ranges, build.lane_routes, placed).shock
    return build.network, shock


def test_no_shock_nothing_moves_on_the_whole_network(baseline: Baseline) -> None:
    """(rule M2): three years, every path of the flagship set to its undisturbed row."""
    network, shock = central(baseline, EXAMPLES[0])
    calm = {name: np.repeat(getattr(shock, name)[:, :1, :1], 156, axis=2) for name in PATHS}
    pointers = {name: np.zeros_like(getattr(shock, name)) for name in vars(shock) if name.endswith("_row")}
    outcome = simulate(network, replace(shock, periods=156, **calm, **pointers), "full")
    expected = {
        "consumer_used": network.consumer_inflow,
        "consumer_arrived": network.consumer_inflow,
        "consumer_ordered": network.consumer_inflow,
        "consumer_stock": (shock.cover_days[0] / 7 + 1) * network.consumer_inflow,
        "supplier_output": network.supplier_base,
        "lane_shipped": network.lane_flow,
        "lane_arrived": network.lane_flow,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(
            outcome.values(name)[0], np.tile(value, (156, 1)), rtol=1e-12, err_msg=name
        )
    assert (outcome.values("consumer_shortfall")[0] <= 1e-12 * network.consumer_final).all()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_mass_is_conserved_in_every_example(baseline: Baseline, path: Path) -> None:
    """(rule M1): stocks, shipments and arrivals of every period, to rounding."""
    network, shock = central(baseline, path)
    outcome = simulate(network, shock, "full")
    stock, used, arrived, released = (
        outcome.values(f"consumer_{name}")[0] for name in ("stock", "used", "arrived", "released")
    )
    gap = stock[1:] - (stock[:-1] - used[:-1] + arrived[1:] + released[1:])
    assert (np.abs(gap) <= 1e-13 * (stock.max(axis=0) + network.consumer_inflow)).all()
    shipped = outcome.values("lane_shipped")[0]
    sums = np.array([np.bincount(network.lane_supplier, row, network.n_suppliers) for row in shipped])
    output = outcome.values("supplier_output")[0]
    assert (np.abs(sums - output) <= 1e-12 * np.maximum(network.supplier_base, output)).all()


def test_engine_equals_reference_on_the_whole_network(baseline: Baseline) -> None:
    network, shock = central(baseline, EXAMPLES[2])
    short = {name: getattr(shock, name)[..., :20] for name in PATHS}
    shock = replace(shock, periods=20, **short)
    fast, slow = simulate(network, shock, "full"), simulate_reference(network, shock, "full")
    for name in map(str, slow.data.data_vars):
        np.testing.assert_array_equal(fast.values(name), slow.values(name), err_msg=name)
