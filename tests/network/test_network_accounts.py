"""Supply and use of every node of the default network, before and after the balance."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
import small_sources as small

from kaname.baseline import Baseline
from kaname.network.build import build_network


def test_every_node_closes_after_the_balance(baseline: Baseline) -> None:
    accounts = baseline.build.report.accounts
    assert len({(a.country, a.product) for a in accounts}) == len(accounts) > 100
    assert max(a.after.open_share for a in accounts) < 1e-6


def test_nobody_uses_less_than_nothing(baseline: Baseline) -> None:
    """On the whole network, and it was needed: before the balance many nodes do (data trap 5)."""
    accounts = baseline.build.report.accounts
    assert min(a.after.final_t for a in accounts) >= 0.0
    assert min(a.after.final_t + a.after.processing_t for a in accounts) >= 0.0
    assert sum(a.before.final_t < 0.0 for a in accounts) > len(accounts) / 20
    assert baseline.build.network.consumer_final.min() >= 0.0
    assert baseline.build.network.consumer_inflow.min() >= 0.0


def test_accounts_are_what_the_network_carries(baseline: Baseline) -> None:
    """Imports over a year, lane by lane, those of segments among them, are those of the country's account."""
    network = baseline.build.network
    country = np.array([market.country for market in network.markets])
    start = country[network.supplier_market[network.lane_supplier]]
    end = country[network.consumer_market[network.lane_consumer]]
    arrived: defaultdict[tuple[str, str], float] = defaultdict(float)
    for lane in np.flatnonzero((start != end) & (network.lane_flow > 0.0)):
        product = network.products[network.consumer_product[network.lane_consumer[lane]]]
        arrived[(end[lane], product.id)] += network.lane_flow[lane] * 365.0 / network.period_days
    for account in baseline.build.report.accounts:
        if account.after.imports_t > 1.0:
            node = (account.country, account.product)
            assert arrived[node] == pytest.approx(account.after.imports_t, rel=1e-4), (
                node
            )  # unrecorded supply within rounding is left out


def test_reexports_are_part_of_exports(baseline: Baseline) -> None:
    for account in baseline.build.report.accounts:
        for side in (account.before, account.after):
            assert 0.0 <= side.reexports_t <= side.exports_t * (1 + 1e-12)


def test_adjustments_carry_their_weight() -> None:
    report = build_network(small.chain()).report
    assert report.adjustments
    assert all(a.weight > 0.0 for a in report.adjustments)
    outputs = {a.what: a.weight for a in report.adjustments if a.what != "lane"}
    assert outputs["primary output"] > outputs["processing output"]
