"""Closed passages on the whole network: nothing before, longer lags, stops, and what was under way."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from kaname.baseline import Baseline
from kaname.scenario.compile import Compiled, compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.scenario import Scenario
from kaname.simulate.engine import simulate
from kaname.simulate.outcome import Outcome

START, SHUT = dt.date(2026, 1, 6), dt.date(2026, 3, 3)
WEEKS, FIRST = 40, 8  # the closure starts in week 8
ELEVEN = (
    *("taiwan-strait", "luzon", "malacca", "sunda", "lombok", "hormuz", "bab-el-mandeb", "suez"),
    *("panama", "bosporus", "cape"),
)
EVIDENCE = [{"source": "assumed: a test"}]


def run(baseline: Baseline, *closures: dict[str, Any], full: bool = False) -> tuple[Compiled, Outcome]:
    parts = [{"start": SHUT, "evidence": EVIDENCE, **item} for item in closures]
    case = Scenario(id="t", title="T", start=START, weeks=WEEKS, targets=["JPN"], closures=parts)
    table = draw_table(case.assumptions, 0, 0, one_at_a_time=False)
    build = baseline.build
    made = compile_shock(build.network, case, table, build.ranges, build.lane_routes)
    return made, simulate(build.network, made.shock, "full" if full else "summary")


def shortfall(outcome: Outcome) -> np.ndarray:
    """(P, N) tonnes."""
    return np.asarray(outcome.data["consumer_shortfall"])[0]


def lost_kusd(baseline: Baseline, outcome: Outcome) -> float:
    value = np.nan_to_num(baseline.build.network.consumer_value_kusd)
    return float((shortfall(outcome).sum(axis=0) * value).sum())


def until(weeks: int) -> dt.date:
    return SHUT + dt.timedelta(weeks=weeks)


@pytest.mark.parametrize("passage", ELEVEN)
def test_a_closure_moves_nothing_before_it_starts_and_the_right_lanes_after(
    baseline: Baseline, passage: str
) -> None:
    network, routes = baseline.build.network, baseline.build.lane_routes
    made, outcome = run(baseline, {"chokepoint": passage, "end": until(13)})
    used = np.asarray(outcome.data["consumer_used"])[0, :FIRST]
    np.testing.assert_allclose(used, np.tile(network.consumer_inflow, (FIRST, 1)), rtol=1e-9, atol=1e-12)
    assert shortfall(outcome)[:FIRST].max() <= 1e-9

    name = next(n for n in _ids(passage) if routes.through(n).any())
    days = routes.detour_days(frozenset({name}))
    uses = routes.through(name)
    extra = made.shock.extra_lag[0][made.shock.lane_delay_row]
    held = made.shock.permission[0][made.shock.lane_permission_row]
    assert made.hits[0].total == uses.sum()
    assert (extra[~uses] == 0).all()
    assert (held[~uses] == 1.0).all()
    assert (extra[:, :FIRST] == 0).all()
    assert (extra[:, FIRST + 13 :] == 0).all()
    for lane in np.flatnonzero(uses)[::50]:
        if np.isinf(days[lane]):
            assert held[lane].tolist() == [1.0] * FIRST + [0.0] * 13 + [1.0] * (WEEKS - FIRST - 13)
        else:
            later = max(1, round((routes.days[lane] + days[lane]) / 7.0))
            assert (network.lane_lag[lane] + extra[lane, FIRST : FIRST + 13] == later).all()
            assert (held[lane] == 1.0).all()


def _ids(passage: str) -> tuple[str, ...]:
    plain = passage.replace("-", "_")
    return {"luzon": ("luzon_strait",), "cape": ("good_hope",)}.get(plain, (plain,))


@pytest.mark.parametrize(
    "closure",
    [{"chokepoint": "hormuz"}, {"chokepoint": "taiwan-seas"}, {"ports": ["TWN"], "capacity_lost": 1.0}],
    ids=["hormuz", "taiwan-seas", "ports"],
)
def test_a_longer_closure_does_no_less_harm(baseline: Baseline, closure: dict[str, Any]) -> None:
    lost = [lost_kusd(baseline, run(baseline, closure | {"end": until(weeks)})[1]) for weeks in (4, 13, 26)]
    assert lost[0] <= lost[1] <= lost[2]
    assert lost[2] > 1.5 * lost[1] > 0.0


def test_longer_days_and_more_lost_do_no_less_harm(baseline: Baseline) -> None:
    ports = {"ports": ["JPN"], "end": until(13)}
    days = [lost_kusd(baseline, run(baseline, ports | {"extra_days": d})[1]) for d in (7.0, 28.0, 56.0)]
    assert days[0] <= days[1] <= days[2]
    share = [lost_kusd(baseline, run(baseline, ports | {"capacity_lost": s})[1]) for s in (0.2, 0.5, 1.0)]
    assert share[0] <= share[1] <= share[2]
    assert share[2] > 0.0


def test_what_was_under_way_arrives_and_what_stands_behind_the_closure_does_not(baseline: Baseline) -> None:
    """Hormuz has no way round: goods shipped before it shut arrive a lag later, then nothing."""
    network, routes = baseline.build.network, baseline.build.lane_routes
    _, outcome = run(baseline, {"chokepoint": "hormuz"}, full=True)
    arrived = np.asarray(outcome.data["lane_arrived"])[0]
    stranded = np.isinf(routes.detour_days(frozenset({"hormuz"}))) & (network.lane_flow > 0.0)
    assert stranded.sum() > 100
    for lane in np.flatnonzero(stranded)[::25]:
        last = FIRST + int(network.lane_lag[lane])
        base = np.full(WEEKS, network.lane_flow[lane])
        np.testing.assert_allclose(arrived[:last, lane], base[:last], rtol=1e-6)
        assert (arrived[last:, lane] == 0.0).all()


def test_the_ports_of_an_island_shut_by_sea_leave_its_air_freight(baseline: Baseline) -> None:
    network, routes = baseline.build.network, baseline.build.lane_routes
    country = np.array([market.country for market in network.markets])
    ends = np.stack(
        [
            country[network.supplier_market[network.lane_supplier]],
            country[network.consumer_market[network.lane_consumer]],
        ]
    )
    touched = (ends == "TWN").any(axis=0) & (ends[0] != ends[1])
    shut = {"ports": ["TWN"], "capacity_lost": 1.0}
    for modes, stopped in (("sea",), {"sea", "unknown"}), (("sea", "air"), {"sea", "unknown", "air"}):
        made, _ = run(baseline, shut | {"modes": list(modes)})
        held = made.shock.permission[0][made.shock.lane_permission_row].min(axis=1)
        names = np.array(["home", "land", "air", "sea", "unknown"])[routes.mode]
        expected = touched & np.isin(names, list(stopped))
        assert np.array_equal(held == 0.0, expected)
        assert expected.any()


def test_the_taiwan_strait_alone_delays_and_strands_nobody(baseline: Baseline) -> None:
    """The way round Taiwan is a day at most: what the closure costs lies in ports, ships and insurance."""
    routes = baseline.build.lane_routes
    days = routes.detour_days(frozenset({"taiwan_strait"}))[routes.through("taiwan_strait")]
    assert days.max() < 1.5
    made, outcome = run(baseline, {"chokepoint": "taiwan-strait"})
    assert made.shock.extra_lag.max() == 1
    assert lost_kusd(baseline, outcome) < 1.0
