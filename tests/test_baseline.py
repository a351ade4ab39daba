"""The base state: what is read, which years it can be built for, and what `kaname network stats` tells."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest

from kaname import baseline as module
from kaname.baseline import Baseline, build_network, load_sources, network_stats
from kaname.network.network import BASES
from kaname.terms.errors import DataMissing


def test_stats_agree_with_the_network(baseline: Baseline) -> None:
    found, network = network_stats(baseline), baseline.build.network
    assert found["lanes"] == network.n_lanes == found["lanes_base"] + found["lanes_latent"]
    assert found["lanes_latent"] == baseline.build.report.latent_lanes
    kinds = [
        found[f"suppliers_{k}"] for k in ("primary", "processing", "recycling", "reexport", "unrecorded")
    ]
    assert sum(kinds) == found["suppliers"] == network.n_suppliers
    bases = [found[f"lanes_base_{basis}"] for basis in BASES]
    assert sum(bases) == found["lanes_base"]
    assert found["lanes_base_parent_to_segment"] == int((network.lane_kind == 2).sum())
    assert found["lanes_base_rest_of_world"] == int(
        ((network.lane_kind == 1) & (network.lane_flow > 0)).sum()
    )
    assert found["consumers"] == network.n_consumers
    assert found["recipe_lines"] == network.n_recipes
    assert found["materials"] + found["using_industries"] + found["equipment_groups"] <= found["products"]
    assert found["markets"] == found["countries"] + found["segments"] + 1  # and the rest of the world
    assert found["unrecorded_supplies"] == found["suppliers_unrecorded"]


def test_stats_are_plain_and_tell_the_largest(baseline: Baseline) -> None:
    found = network_stats(baseline)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for name in ("largest_unrecorded_supplies", "largest_adjustments"):
        assert len(found[name]) == 10
        assert all(isinstance(item, str) and " t " in item for item in found[name])
    price = {product.id: product.price_kusd for product in baseline.build.network.products}
    most = max(baseline.build.report.unrecorded, key=lambda item: item[2] * price[item[1]])
    assert found["largest_unrecorded_supplies"][0].endswith(f"{most[1]}: {most[2]:,.1f} t a year")
    moved = max(
        baseline.build.report.adjustments, key=lambda a: abs(a.after_t - a.before_t) * price[a.product]
    )
    assert found["largest_adjustments"][0].startswith(f"{moved.place}, {moved.product} {moved.what}: ")
    assert len(found["controls"]) == len(baseline.sources.controls)
    assert any("imputed from value" in flag for flag in found["data_flags"])


def test_stats_of_the_default_network_need_no_argument(
    baseline: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "load_baseline", lambda: baseline)
    assert network_stats() == network_stats(baseline)


@pytest.mark.parametrize("year", [2022, 2023])
def test_a_year_without_refinery_output_is_refused(year: int) -> None:
    """Trade alone would make a network in which nothing is smelted: missing is not zero."""
    with pytest.raises(DataMissing, match="expected 2024") as caught:
        build_network(year)
    assert caught.value.exit_code == 3


def test_the_date_decides_which_controls_scale_the_base(baseline: Baseline) -> None:
    early = build_network(as_of=date(2024, 6, 1))
    assert not [note for note in early.report.controls if "base flows x" in note]

    def dysprosium(build_of: Baseline | None) -> float:
        build = early if build_of is None else build_of.build
        network = build.network
        start = network.supplier_market[network.lane_supplier] == network.market_index("CHN")
        end = network.lane_consumer == network.consumer_index("JPN", "dytb_metal")
        return float(network.lane_flow[start & end].sum())

    # The table says x 0.25; the balance, which has to feed magnet makers of 2024, gives part of it back.
    assert dysprosium(baseline) < 0.7 * dysprosium(None)


def test_a_period_of_another_length_scales_flows_not_years() -> None:
    weekly, monthly = build_network(), build_network(period_days=30.0)
    np.testing.assert_allclose(
        weekly.network.supplier_base / 7.0, monthly.network.supplier_base / 30.0, rtol=1e-12
    )
    assert (monthly.network.lane_lag <= weekly.network.lane_lag).all()
    assert (monthly.network.lane_lag >= 1).all()


def test_sources_are_screened_and_named(baseline: Baseline) -> None:
    sources, screen = load_sources()
    assert len(sources.trade) == screen.rows.num_rows == len(baseline.sources.trade)
    assert sources.trade == baseline.sources.trade
    assert sources.names["JPN"] == "Japan"
    assert all(flag for flag in sources.flags)
    assert f"{len(screen.flags)} quantities flagged and left" in sources.flags[-1]
