"""The network from trade alone: every flow a lane, entrepots pass on, nothing moves without a shock."""

from __future__ import annotations

import numpy as np
import pytest

from kaname.baseline import lane_sources
from kaname.network.draft import Spread
from kaname.network.network import SUPPLIER_KINDS
from kaname.network.traded import BaseFlow, TradedProduct, build_traded_network
from kaname.scenario.compile import compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.scenario import Scenario
from kaname.simulate.engine import simulate

METAL = TradedProduct(
    "metal", "metal", "metal", ("280530",), 20.0, Spread(45.0, 22.0, 68.0), Spread(0.15, 0.05, 0.3)
)
FLOWS = [
    BaseFlow("metal", "CHN", "JPN", 100.0),
    BaseFlow("metal", "CHN", "HKG", 40.0),
    BaseFlow("metal", "HKG", "JPN", 60.0),
    BaseFlow("metal", "VNM", "JPN", 20.0),
    BaseFlow("metal", "JPN", "USA", 5.0),
    BaseFlow("metal", "JPN", "JPN", 999.0),
]


@pytest.fixture(scope="module")
def built():  # type: ignore[no-untyped-def]
    return build_traded_network([METAL], FLOWS, lane_sources(2010))


def test_flows_become_lanes_and_a_country_sells_itself_nothing(built) -> None:  # type: ignore[no-untyped-def]
    network = built.network
    scale = network.period_days / 365.0
    assert network.lane_flow.sum() == pytest.approx(225.0 * scale)
    assert network.base_year == 2010
    assert len(built.lane_routes) == network.n_lanes


def test_an_entrepot_passes_on_what_its_imports_explain_and_makes_the_rest(built) -> None:  # type: ignore[no-untyped-def]
    network = built.network
    scale = network.period_days / 365.0
    market = [m.id for m in network.markets]
    out = {
        (market[m], SUPPLIER_KINDS[k]): base / scale
        for m, k, base in zip(
            network.supplier_market, network.supplier_kind, network.supplier_base, strict=True
        )
    }
    assert out[("HKG", "reexport")] == pytest.approx(40.0)
    assert out[("HKG", "primary")] == pytest.approx(20.0)
    assert ("JPN", "reexport") not in out  # no entrepot: what it exports counts as made there


def test_mass_is_conserved_under_a_quota_with_prices(built) -> None:  # type: ignore[no-untyped-def]
    """(rule M1) on the kind of run that a hindcast makes."""
    network = built.network
    quota = {
        "exporter": "CHN",
        "importers": ["*"],
        "products": ["metal"],
        "kind": "quota",
        "quota_mode": "pooled",
        "depth": 0.6,
        "start": "2011-02-01",
        "evidence": [{"source": "made up for a test"}],
    }
    given = {"id": "cut", "title": "cut", "start": "2011-01-01", "weeks": 80, "targets": ["*"]}
    scenario = Scenario.model_validate(
        {**given, "restrictions": [quota], "assumptions": {"price": {"on": True, "memory_weeks": 60}}}
    )
    table = draw_table(scenario, 0, 0, one_at_a_time=False)
    shock = compile_shock(network, scenario, table, built.ranges, built.lane_routes).shock
    outcome = simulate(network, shock, record="full")
    stock, used, arrived = (outcome.values(f"consumer_{name}")[0] for name in ("stock", "used", "arrived"))
    gap = stock[1:] - (stock[:-1] - used[:-1] + arrived[1:])
    assert (np.abs(gap) <= 1e-12 * (stock.max(axis=0) + network.consumer_inflow)).all()
    assert outcome.values("price_level").max() > 1.0


def test_nothing_moves_without_a_shock(built) -> None:  # type: ignore[no-untyped-def]
    scenario = Scenario.model_validate(
        {"id": "still", "title": "still", "start": "2011-01-01", "weeks": 60, "targets": ["*"]}
    )
    table = draw_table(scenario, 0, 0, one_at_a_time=False)
    shock = compile_shock(built.network, scenario, table, built.ranges, built.lane_routes).shock
    arrived = simulate(built.network, shock, record="full").values("lane_arrived")[0]
    np.testing.assert_allclose(arrived, np.tile(built.network.lane_flow, (60, 1)), rtol=1e-12)
