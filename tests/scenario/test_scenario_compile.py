"""Scenario -> Shock on a network small enough to check by hand (rules M7, S)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_network import (
    AU_METAL,
    AU_WOLFRAM,
    CN_MAGNETS,
    CN_METAL,
    DE_MAGNETS,
    JP_MAGNETS,
    JP_PASS,
    US_MORE,
    lanes_between,
    magnet_world,
    routes_of,
)

from kaname.scenario.compile import Compiled, compile_shock
from kaname.scenario.draws import DrawTable, draw_table
from kaname.scenario.scenario import Scenario
from kaname.scenario.spreads import default_ranges
from kaname.terms.errors import RestrictionHitsNothing, ScenarioError

NETWORK = magnet_world()
EVIDENCE = [{"source": "test"}]
BAN: dict[str, Any] = {
    "exporter": "CHN",
    "importers": ["JPN"],
    "products": ["magnets"],
    "kind": "ban",
    "start": "2026-01-06",
    "evidence": EVIDENCE,
}


def scenario(**parts: Any) -> Scenario:
    frame = {"id": "test", "title": "Test", "start": "2026-01-06", "weeks": 10, "targets": ["JPN"]}
    return Scenario.model_validate(frame | parts)


def central(case: Scenario) -> DrawTable:
    return draw_table(case.assumptions, 0, 0, one_at_a_time=False)


def compiled(case: Scenario, **rest: Any) -> Compiled:
    return compile_shock(NETWORK, case, central(case), **rest)


def path(result: Compiled, lane: int, draw: int = 0) -> np.ndarray:
    return result.shock.permission[draw, result.shock.lane_permission_row[lane]]


def one(supplier: int, market: str) -> int:
    (lane,) = lanes_between(NETWORK, supplier, market)
    return lane


def test_without_shock_everything_is_undisturbed_and_central() -> None:
    shock = compiled(scenario()).shock
    assert shock.periods == 10
    for name in ("lane_permission_row", "lane_pool_row", "supplier_capacity_row", "lane_delay_row"):
        assert not getattr(shock, name).any()
    for name in ("permission", "pool_permission", "capacity_factor", "demand_factor", "target_factor"):
        assert getattr(shock, name).shape == (1, 1, 10)
        assert (getattr(shock, name) == 1.0).all()
    assert (shock.extra_lag == 0).all()
    assert shock.extra_lag.dtype == np.int32
    assert np.array_equal(shock.cover_days[0], NETWORK.consumer_cover_days)
    assert np.array_equal(shock.reserve_days[0], NETWORK.consumer_reserve_days)
    assert np.array_equal(shock.dependence[0], NETWORK.recipe_dependence)
    assert (shock.psi[0], shock.kappa[0], shock.rho[0]) == (0.5, 2.0, 0.3)


def test_a_ban_on_a_country_stops_its_lanes_and_its_segments_direct_lanes_only() -> None:
    result = compiled(scenario(restrictions=[BAN]))
    hit = {one(CN_MAGNETS, "JPN"), one(CN_MAGNETS, "JPN/defence")}
    for lane in range(NETWORK.n_lanes):
        assert (path(result, lane) == (0.0 if lane in hit else 1.0)).all()
    row = result.shock.lane_permission_row[one(CN_MAGNETS, "JPN")]
    assert result.row_labels[("permission", row)] == "ban by CHN on magnets to JPN from 2026-01-06"
    assert [(h.direct_lanes, h.third_country_lanes, h.parent_lanes) for h in result.hits] == [(2, 0, 0)]


def test_products_are_named_by_id_element_family_or_stage() -> None:
    for names, count in (
        (["metal"], 2),
        (["rare_earths"], 4),
        (["rare_earths_nd_pr"], 4),
        (["rare earths Nd/Pr"], 4),
        (["magnet"], 2),
        (["*"], 4),
    ):
        case = scenario(restrictions=[BAN | {"products": names, "importers": ["JPN", "DEU"]}])
        (hit,) = compiled(case).hits
        assert hit.direct_lanes == count
        assert hit.without_effect == ()
    case = scenario(restrictions=[BAN | {"products": ["magnets", "wolfram"]}])
    assert compiled(case).hits[0].without_effect == ("wolfram",)


def test_star_importers_leave_the_exporter_out() -> None:
    result = compiled(scenario(restrictions=[BAN | {"importers": ["*"], "products": ["*"]}]))
    assert (path(result, one(CN_METAL, "CHN")) == 1.0).all()
    assert (path(result, one(CN_MAGNETS, "USA")) == 0.0).all()


def test_a_licence_follows_its_profile_and_a_part_of_a_week_counts_for_that_part() -> None:
    profile = [{"week": 0, "permission": 0.1}, {"week": 2, "permission": 0.6}]
    licence = BAN | {"kind": "licence", "profile": profile, "start": "2026-01-13", "end": "2026-02-06"}
    got = path(compiled(scenario(restrictions=[licence])), one(CN_MAGNETS, "JPN"))
    # in force from week 1; the last week is cut after 3 of its 7 days
    np.testing.assert_allclose(got, [1, 0.1, 0.1, 0.6, 1 - 0.4 * 3 / 7, 1, 1, 1, 1, 1])


def test_a_restriction_that_began_before_the_simulation_is_in_force_from_its_first_day() -> None:
    early = BAN | {"kind": "licence", "start": "2025-12-23", "profile": [{"week": 3, "permission": 0.2}]}
    got = path(compiled(scenario(restrictions=[early])), one(CN_MAGNETS, "JPN"))
    np.testing.assert_allclose(got, [1.0] + [0.2] * 9)


def test_enforcement_reaches_third_country_goods_by_origin_share() -> None:
    ban = BAN | {"products": ["rare_earths"], "enforcement": {"low": 0.0, "central": 0.4, "high": 1.0}}
    case = scenario(restrictions=[ban])
    table = draw_table(case.assumptions, 0, 0)
    result = compile_shock(NETWORK, case, table)
    lane = one(DE_MAGNETS, "JPN")
    for draw, share in (("central", 0.4), ("enforcement low", 0.0), ("enforcement high", 1.0)):
        np.testing.assert_allclose(path(result, lane, table.names.index(draw)), 1 - share * 0.75)
    np.testing.assert_allclose(path(result, one(US_MORE, "JPN")), 1 - 0.4 * 0.9)  # a lane of base flow 0 too
    assert (path(result, one(AU_METAL, "JPN")) == 1.0).all()
    assert (path(result, one(JP_MAGNETS, "JPN")) == 1.0).all()  # home goods are not third-country goods
    assert (path(result, one(DE_MAGNETS, "DEU")) == 1.0).all()


def test_leakage_opens_the_parents_lanes_to_a_barred_segment() -> None:
    ban = BAN | {"products": ["rare_earths"], "importers": ["JPN/defence"]}
    base = scenario(restrictions=[ban], sweep={"parameter": "leakage", "values": [0, 0.5, 1]})
    for leakage, case in base.variants():
        result = compiled(case)
        assert case.sweep is None
        assert (path(result, one(CN_MAGNETS, "JPN/defence")) == 0.0).all()
        assert (path(result, one(CN_MAGNETS, "JPN")) == 1.0).all()
        np.testing.assert_allclose(path(result, one(JP_MAGNETS, "JPN/defence")), 1 - (1 - leakage) * 0.5)
        share = (4 + 3 * 0.5 + 0.75) / 8
        np.testing.assert_allclose(path(result, one(JP_PASS, "JPN/defence")), 1 - (1 - leakage) * share)


def test_the_strictest_of_several_restrictions_counts() -> None:
    half = BAN | {"kind": "quota", "depth": 0.5}
    third = BAN | {"kind": "quota", "depth": 0.3, "products": ["rare_earths"]}
    result = compiled(scenario(restrictions=[half, third]))
    assert (path(result, one(CN_MAGNETS, "JPN")) == 0.5).all()
    assert (path(result, one(CN_METAL, "JPN")) == 0.7).all()
    row = result.shock.lane_permission_row[one(CN_MAGNETS, "JPN")]
    assert result.row_labels[("permission", row)].count("quota by CHN") == 2


def test_a_pooled_quota_has_one_pool_per_product_and_no_lane_cap() -> None:
    quota = BAN | {"kind": "quota", "quota_mode": "pooled", "depth": 0.25, "products": ["rare_earths"]}
    result = compiled(scenario(restrictions=[quota | {"importers": ["*"]}]))
    shock = result.shock
    magnets = {shock.lane_pool_row[one(CN_MAGNETS, m)] for m in ("JPN", "JPN/defence", "USA")}
    metal = {shock.lane_pool_row[one(CN_METAL, m)] for m in ("JPN", "DEU")}
    assert len(magnets) == len(metal) == 1
    assert magnets.isdisjoint(metal | {0})
    assert (shock.pool_permission[0, list(magnets | metal)] == 0.75).all()
    assert not shock.lane_permission_row.any()
    with pytest.raises(ScenarioError, match="shares lanes with another pooled quota"):
        compiled(scenario(restrictions=[quota, quota | {"importers": ["*"]}]))


def test_quotas_of_one_year_after_another_are_one_pool() -> None:
    """The same lanes, one quota until a day and another from it on: one pool with a path."""
    quota = BAN | {"kind": "quota", "quota_mode": "pooled", "depth": 0.25, "end": "2026-03-03"}
    later = quota | {"depth": 0.75, "start": "2026-03-03", "end": None}
    shock = compiled(scenario(restrictions=[quota, later])).shock
    row = shock.lane_pool_row[one(CN_MAGNETS, "JPN")]
    path = shock.pool_permission[0, row]
    assert path[1] == 0.75
    assert path[-1] == 0.25
    assert len(set(shock.lane_pool_row.tolist())) == 2


def test_front_loading_raises_the_target_of_those_who_are_hit_until_the_start() -> None:
    ban = BAN | {"announced": "2026-01-13", "start": "2026-01-27", "front_loading": 1.4}
    result = compiled(scenario(restrictions=[ban]))
    shock = result.shock
    buyer = NETWORK.consumer_index("JPN", "magnets")
    np.testing.assert_allclose(
        shock.target_factor[0, shock.consumer_target_row[buyer]], [1, 1.4, 1.4, 1, 1, 1, 1, 1, 1, 1]
    )
    assert shock.consumer_target_row[NETWORK.consumer_index("USA", "magnets")] == 0
    assert (path(result, one(CN_MAGNETS, "JPN")) == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]).all()


def test_losses_recover_along_a_line_and_multiply() -> None:
    loss = {"market": "AUS", "products": ["metal"], "depth": 0.5, "start": "2026-01-06", "evidence": EVIDENCE}
    first = loss | {"end": "2026-01-20", "recovery_weeks": 2}
    result = compiled(scenario(losses=[first, loss]))
    shock = result.shock
    got = shock.capacity_factor[0, shock.supplier_capacity_row[AU_METAL]]
    np.testing.assert_allclose(got, 0.5 * np.array([0.5, 0.5, 0.625, 0.875, 1, 1, 1, 1, 1, 1]))
    assert shock.supplier_capacity_row[AU_WOLFRAM] == 0
    assert [hit.suppliers for hit in result.hits] == [1, 1]


def test_surges_multiply_the_final_use_of_their_consumers() -> None:
    surge = {
        "market": "JPN",
        "products": ["magnets"],
        "factor": 2,
        "start": "2026-01-13",
        "evidence": EVIDENCE,
    }
    shock = compiled(scenario(surges=[surge | {"end": "2026-01-20"}, surge | {"factor": 1.5}])).shock
    row = shock.consumer_demand_row[NETWORK.consumer_index("JPN", "magnets")]
    np.testing.assert_allclose(shock.demand_factor[0, row], [1, 3] + [1.5] * 8)


def test_closures_delay_and_hold_back_the_lanes_of_their_passage() -> None:
    passages = [frozenset[str]()] * NETWORK.n_lanes
    lane, other = one(CN_MAGNETS, "USA"), one(AU_METAL, "JPN")
    passages[lane], passages[other] = frozenset({"taiwan_strait"}), frozenset({"malacca"})
    closure = {
        "chokepoint": "taiwan-strait", "extra_days": 8, "capacity_lost": 0.2,
        "start": "2026-01-13", "end": "2026-01-23", "evidence": EVIDENCE,
    }  # fmt: skip
    result = compiled(scenario(closures=[closure]), lane_routes=routes_of(passages))
    shock = result.shock
    assert shock.extra_lag[0, shock.lane_delay_row[lane]].tolist() == [0, 2, 2, 0, 0, 0, 0, 0, 0, 0]
    np.testing.assert_allclose(path(result, lane)[:4], [1, 0.8, 1 - 0.2 * 3 / 7, 1])
    assert shock.lane_delay_row[other] == 0
    assert np.flatnonzero(shock.lane_delay_row).tolist() == [lane]
    with pytest.raises(ScenarioError, match="closures need the routes of the lanes"):
        compiled(scenario(closures=[closure]))
    with pytest.raises(RestrictionHitsNothing, match="Passages that lanes use: malacca, taiwan_strait"):
        compiled(scenario(closures=[closure | {"chokepoint": "suez"}]), lane_routes=routes_of(passages))


def test_knobs_move_tables_between_low_and_high() -> None:
    ranges = replace(
        default_ranges(NETWORK),
        cover_low=np.full(NETWORK.n_consumers, 5.0),
        headroom_high=np.full(NETWORK.n_suppliers, 0.8),
    )
    case = scenario()
    table = draw_table(case.assumptions, 0, 0)
    shock = compile_shock(NETWORK, case, table, ranges).shock
    at = table.names.index
    assert (shock.cover_days[at("cover low")] == 5.0).all()
    assert (shock.cover_days[at("cover high")] == 30.0).all()
    assert (shock.reserve_days[at("reserve low")] == 0.0).all()
    assert (shock.reserve_days[at("reserve high")] == 20.0).all()
    row = shock.supplier_capacity_row[0]
    np.testing.assert_allclose(shock.capacity_factor[at("headroom high"), row], 1.8 / 1.2)
    assert (shock.capacity_factor[0] == 1.0).all()
    same = NETWORK.recipe_same_element
    assert (shock.dependence[:, same] == 1.0).all()
    np.testing.assert_allclose(shock.dependence[at("dependence low"), ~same], 0.28)
    assert shock.drawn["psi"][at("psi high")] == 0.7


def test_a_scenario_may_state_its_own_days_and_shares() -> None:
    own = {
        "cover_days": [{"markets": ["JPN"], "products": ["magnets"], "days": 40, "evidence": EVIDENCE}],
        "reserve_days": [
            {"markets": ["*"], "products": ["*"], "days": {"low": 0, "central": 60, "high": 180},
             "evidence": EVIDENCE}
        ],
        "dependence_shares": [
            {"inputs": ["magnets"], "users": ["*"], "share": {"low": 0.1, "central": 0.2, "high": 0.3},
             "evidence": EVIDENCE}
        ],
    }  # fmt: skip
    case = scenario(assumptions=own)
    table = draw_table(case.assumptions, 0, 0)
    shock = compile_shock(NETWORK, case, table).shock
    n, m = NETWORK.consumer_index("JPN", "magnets"), NETWORK.consumer_index("USA", "magnets")
    assert (shock.cover_days[:, n] == 40.0).all()
    assert shock.cover_days[0, m] == 20.0
    assert shock.reserve_days[table.names.index("reserve high"), m] == 180.0
    assert shock.dependence[0].tolist() == [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"importers": ["AUS"]}, "magnets of CHN goes to: JPN, JPN/defence, USA"),
        ({"products": ["wolfram"]}, "CHN ships to JPN: magnets, metal"),
        ({"start": "2030-01-01"}, "never in force"),
        ({"start": "2025-01-01", "end": "2026-01-06"}, "never in force"),
    ],
)
def test_what_hits_nothing_is_an_error_that_says_what_would(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RestrictionHitsNothing, match=message):
        compiled(scenario(restrictions=[BAN | change]))


def test_losses_and_surges_that_touch_nothing_are_told_together() -> None:
    part = {"products": ["motors"], "start": "2026-01-06", "evidence": EVIDENCE}
    case = scenario(
        losses=[part | {"market": "AUS", "depth": 0.5}],
        surges=[part | {"market": "JPN/defence", "factor": 2}],
        assumptions={
            "cover_days": [{"markets": ["AUS"], "products": ["motors"], "days": 1, "evidence": EVIDENCE}]
        },
    )
    with pytest.raises(RestrictionHitsNothing) as error:
        compiled(case)
    places = [problem.where for problem in error.value.problems]
    assert places == ["test: losses[0]", "test: surges[0]", "test: assumptions.cover_days[0]"]


def test_unknown_names_are_told_at_once_with_the_nearest() -> None:
    ban = BAN | {"exporter": "CHM", "importers": ["JPN", "JPN/defense"], "products": ["magnet", "metall"]}
    with pytest.raises(ScenarioError) as error:
        compiled(scenario(restrictions=[ban], targets=["JPN", "UAS"], period_days=14.0))
    found = {problem.where: problem.fix for problem in error.value.problems}
    assert found["test: restrictions[0].exporter"] == "Did you mean `CHN`?"
    assert "`JPN/defence`" in found["test: restrictions[0].importers[1]"]
    assert "`metal`" in found["test: restrictions[0].products[1]"]
    assert "`USA`" in found["test: targets[1]"]
    assert "period_days" in " ".join(found)
    assert len(found) == 5


def test_a_batch_equals_its_draws_one_by_one() -> None:
    ban = BAN | {"importers": ["JPN/defence"], "products": ["rare_earths"], "enforcement": 0.5}
    loss = {"market": "AUS", "products": ["metal"], "depth": 0.5, "start": "2026-01-06", "evidence": EVIDENCE}
    case = scenario(restrictions=[ban], losses=[loss])
    table = draw_table(case.assumptions, 6, 2)
    batch = compile_shock(NETWORK, case, table).shock
    for d in (0, 1, table.draws - 1):
        alone = compile_shock(NETWORK, case, table.take([d])).shock
        lanes, single = batch.lane_permission_row, alone.lane_permission_row
        assert np.array_equal(batch.permission[d, lanes], alone.permission[0, single])
        rows, single = batch.supplier_capacity_row, alone.supplier_capacity_row
        assert np.array_equal(batch.capacity_factor[d, rows], alone.capacity_factor[0, single])
        assert np.array_equal(batch.cover_days[d], alone.cover_days[0])
        assert np.array_equal(batch.dependence[d], alone.dependence[0])


share = st.floats(0.0, 1.0)


@settings(max_examples=60, deadline=None)
@given(share, share, share, share, st.integers(0, 60), st.integers(1, 60), st.integers(0, 20))
def test_harder_longer_or_farther_never_permits_more(
    depth: float, more: float, reach: float, farther: float, begins: int, days: int, extra: int
) -> None:
    def one_quota(depth: float, reach: float, days: int) -> np.ndarray:
        start = np.datetime64("2026-01-06") + begins
        quota = BAN | {
            "kind": "quota", "depth": depth, "importers": ["JPN", "JPN/defence"], "products": ["rare_earths"],
            "enforcement": reach, "start": str(start), "end": str(start + days),
        }  # fmt: skip
        shock = compiled(scenario(restrictions=[quota])).shock
        return shock.permission[0, shock.lane_permission_row]

    mild = one_quota(min(depth, more), min(reach, farther), days)
    hard = one_quota(max(depth, more), max(reach, farther), days + extra)
    assert ((mild >= 0.0) & (mild <= 1.0)).all()
    assert (hard <= mild + 1e-12).all()
