"""Trade under HS codes becomes flows of products; controls scale them; small ones are bundled (N2, N6)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_sources import code, control, correction, flow, known, product, sources, trade

from kaname.network.flows import control_factors, known_flows, product_flows, scale_flows, trim
from kaname.network.sources import ESTIMATED, OBSERVED, Flow, Sources

TWO = [product("p", price_kusd_per_t=2.0), product("q", price_kusd_per_t=4.0)]
SPLIT = [code("260111", "p", share=0.75, content=0.5), code("260111", "q", share=0.25)]


def by_key(flows: list[Flow]) -> dict[tuple[str, str, str], Flow]:
    return {(f.product, f.exporter, f.importer): f for f in flows}


def test_a_code_is_split_by_share_and_content_and_its_value_by_price() -> None:
    found = by_key(
        product_flows(sources(products=TWO, trade_codes=SPLIT, trade=[trade("A", "B", 100.0, kusd=700)]))
    )
    p, q = found["p", "A", "B"], found["q", "A", "B"]
    assert (p.tonnes, q.tonnes) == (37.5, 25.0)
    assert (p.value_kusd, q.value_kusd) == pytest.approx((300.0, 400.0))
    assert p.basis == q.basis == ESTIMATED
    assert p.reported_t == p.tonnes


def test_an_exporter_has_its_own_split_and_others_keep_the_default() -> None:
    codes = [*SPLIT, code("260111", "q", "A", content=0.9)]
    found = by_key(
        product_flows(
            sources(products=TWO, trade_codes=codes, trade=[trade("A", "B", 10), trade("C", "B", 10)])
        )
    )
    assert found["q", "A", "B"].tonnes == 9.0
    assert found["q", "A", "B"].basis == OBSERVED
    assert ("p", "A", "B") not in found
    assert found["p", "C", "B"].tonnes == 3.75


@pytest.mark.parametrize(("years", "name"), [((2010, 2030), "q"), ((2024, 2024), "q"), ((2010, 2023), "p")])
def test_a_stage_correction_counts_in_its_years_on_its_lane_only(years: tuple[int, int], name: str) -> None:
    given_ = sources(
        products=TWO,
        trade_codes=[code("260111", "p")],
        stage_corrections=[correction("A", "B", "260111", "q", years, content=0.6)],
        trade=[trade("A", "B", 10.0), trade("A", "C", 10.0), trade("B", "A", 10.0)],
    )
    found = by_key(product_flows(given_))
    assert found[name, "A", "B"].tonnes == (6.0 if name == "q" else 10.0)
    assert found[name, "A", "B"].basis == (ESTIMATED if name == "q" else OBSERVED)
    assert found["p", "A", "C"].tonnes == found["p", "B", "A"].tonnes == 10.0


def test_an_imputed_quantity_is_estimated() -> None:
    rows = [replace(trade("A", "B", 10.0), imputed=True), trade("C", "B", 10.0)]
    assert [f.basis for f in product_flows(sources(trade=rows))] == [ESTIMATED, OBSERVED]


def test_two_codes_of_one_product_add_up_at_the_worse_basis() -> None:
    codes = [code("260111", "ore"), code("260112", "ore")]
    rows = [trade("A", "B", 10.0), replace(trade("A", "B", 5.0, "260112"), imputed=True)]
    (found,) = product_flows(sources(trade_codes=codes, trade=rows))
    assert (found.tonnes, found.value_kusd, found.reported_t, found.basis) == (15.0, 15.0, 15.0, ESTIMATED)


def test_known_flows_join_traded_products_and_stand_in_for_smaller_trade() -> None:
    rows = [
        known("A", "B", "ore", 9.0),
        known("D", "B", "ore", 99.0),
        known("C", "B", "ore", 7.0),
        known("C", "B", "ore", 5.0, 2023),
    ]
    reported = [trade("A", "B", 10.0), trade("D", "B", 10.0)]
    found = by_key(product_flows(sources(trade=reported, known_flows=rows)))
    assert found["ore", "D", "B"].tonnes == 99.0
    assert found["ore", "A", "B"].tonnes == 10.0
    assert found["ore", "C", "B"].tonnes == 7.0


def test_a_product_known_by_stage_corrections_only_keeps_its_known_flows() -> None:
    given_ = sources(
        products=TWO,
        trade_codes=[code("260111", "p")],
        stage_corrections=[correction("A", "B", "260111", "q", (2020, 2030))],
        known_flows=[known("C", "B", "q", 7.0)],
    )
    assert [(f.product, f.tonnes) for f in product_flows(given_)] == [("q", 7.0)]


def test_known_flows_without_trade_are_left_to_the_estimate() -> None:
    given_ = sources(products=[product("ore"), product("gas")], known_flows=[known("A", "B", "gas", 3.0)])
    assert product_flows(given_) == []
    assert [f.tonnes for f in known_flows(given_)] == [3.0]


# --- controls -------------------------------------------------------------------------------------

STATES = [
    ({}, 0.3, "in force, base flows x 0.3"),
    ({"in_force_from": "2026-01-05"}, 0.3, "in force, base flows x 0.3"),
    ({"in_force_from": "2026-01-06"}, 1.0, "not yet in force"),
    ({"suspended_from": "2025-11-09", "suspended_until": "2026-11-27"}, 1.0, "suspended until 2026-11-27"),
    ({"suspended_from": "2025-11-09"}, 1.0, "suspended"),
    ({"suspended_from": "2026-01-06", "suspended_until": "2026-11-27"}, 0.3, "in force, base flows x 0.3"),
    ({"suspended_from": "2025-06-01", "suspended_until": "2026-01-05"}, 0.3, "in force, base flows x 0.3"),
    ({"in_trade_data": True}, 1.0, "in force, already in the 2024 trade data"),
]


@pytest.mark.parametrize(("more", "factor", "state"), STATES)
def test_a_control_scales_only_when_in_force_and_not_in_the_data(
    more: dict, factor: float, state: str
) -> None:
    factors, notes = control_factors(sources(controls=[control("A", "*", "ore", 0.3, **more)]))
    assert notes == [f"c (ore, A to *): {state}"]
    (scaled,) = scale_flows([flow("A", "B", 10.0)], factors)
    assert scaled.tonnes == pytest.approx(10.0 * factor)
    assert scaled.value_kusd == pytest.approx(10.0 * factor)
    assert scaled.reported_t == 10.0


def test_the_strictest_control_counts_and_others_are_untouched() -> None:
    rows = [control("A", "*", "*", 0.8), control("A", "B", "ore", 0.25)]
    factors, _ = control_factors(sources(controls=rows))
    flows = [flow("A", "B", 8.0), flow("A", "C", 8.0), flow("A", "B", 8.0, "metal"), flow("B", "A", 8.0)]
    assert [f.tonnes for f in scale_flows(flows, factors)] == pytest.approx([2.0, 6.4, 6.4, 8.0])


def test_a_ban_takes_the_flow_away() -> None:
    factors, notes = control_factors(sources(controls=[control("A", "B", "ore", 0.0)]))
    assert scale_flows([flow("A", "B", 8.0), flow("A", "C", 8.0)], factors) == [flow("A", "C", 8.0)]
    assert notes == ["c (ore, A to B): in force, base flows x 0"]


# --- trim -----------------------------------------------------------------------------------------

PLACES = ("A", "B", "C", "D", "E")
AMOUNT = st.floats(1e-3, 1e6)
FLOWS = st.dictionaries(
    st.tuples(st.sampled_from(["ore", "metal"]), st.sampled_from(PLACES), st.sampled_from(PLACES)),
    st.tuples(AMOUNT, AMOUNT),
    max_size=30,
).map(lambda found: [flow(a, b, t, p, v) for (p, a, b), (t, v) in found.items() if a != b])


def totals(flows: list[Flow], side: str, what: str) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = defaultdict(float)
    for item in flows:
        found[item.product, getattr(item, side)] += getattr(item, what)
    return found


@given(FLOWS, st.sampled_from([0.5, 0.9, 0.995]))
def test_trim_loses_no_mass_and_keeps_the_share_of_every_importer(flows: list[Flow], share: float) -> None:
    kept, bundled = trim(flows, share)
    for what in ("tonnes", "value_kusd", "reported_t"):
        for side in ("exporter", "importer"):
            before, after = totals(flows, side, what), totals(kept, side, what)
            assert {k: after[k] for k in before} == pytest.approx(dict(before), rel=1e-12)
        into, out = totals(kept, "importer", what), totals(kept, "exporter", what)
        for name in ("ore", "metal"):
            assert into[name, "ROW"] == pytest.approx(out[name, "ROW"], rel=1e-12)
    direct = [f for f in kept if "ROW" not in (f.exporter, f.importer)]
    assert len(direct) == len(flows) - bundled
    whole, left = totals(flows, "importer", "value_kusd"), totals(direct, "importer", "value_kusd")
    assert all(left[key] >= share * whole[key] * (1 - 1e-12) for key in whole)


def test_trim_bundles_the_smallest_flows_only() -> None:
    flows = [flow("A", "B", 1000.0), flow("C", "B", 4.0), flow("D", "B", 1.0, kusd=0.5)]
    kept, bundled = trim(flows)
    assert bundled == 2
    assert [(f.exporter, f.importer, f.tonnes) for f in kept] == [
        ("A", "B", 1000.0),
        ("ROW", "B", 5.0),
        ("C", "ROW", 4.0),
        ("D", "ROW", 1.0),
    ]


def test_sources_of_the_tests_are_sources() -> None:
    assert isinstance(sources(), Sources)
