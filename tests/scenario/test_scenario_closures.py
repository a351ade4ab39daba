"""Closures against a small network: ways round, no way round, several at once, ports, countries, modes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small_network import AU_METAL, CN_MAGNETS, DE_MAGNETS, lanes_between, magnet_world, routes_of

from kaname.network.routes import AIR, LAND, LaneRoutes
from kaname.network.waysround import Detours
from kaname.scenario.compile import Compiled, compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.scenario import Scenario
from kaname.terms.errors import RestrictionHitsNothing, ScenarioError

NETWORK = magnet_world()
EVIDENCE = [{"source": "test"}]
NAMES = ("malacca", "suez", "sunda")
MALACCA, SUEZ, SUNDA = 1, 2, 4
KM = 600.0  # a day at sea


def lane(supplier: int, market: str) -> int:
    (found,) = lanes_between(NETWORK, supplier, market)
    return found


NEAR, FAR, SHUT = lane(CN_MAGNETS, "USA"), lane(AU_METAL, "JPN"), lane(DE_MAGNETS, "JPN")


def sea() -> LaneRoutes:
    """NEAR uses Malacca, 6 days round by Sunda, 20 without both; FAR Malacca and Suez; SHUT Suez, no way."""
    used = [frozenset[str]()] * NETWORK.n_lanes
    used[NEAR], used[FAR], used[SHUT] = (
        frozenset({"malacca"}),
        frozenset({"malacca", "suez"}),
        frozenset({"suez"}),
    )
    rows = [
        (NEAR, MALACCA, 6.0, SUNDA),
        (NEAR, MALACCA | SUNDA, 20.0, 0),
        (FAR, MALACCA, 6.0, SUNDA | SUEZ),
        (FAR, SUEZ, 13.0, 0),
        (FAR, MALACCA | SUEZ, 15.0, SUNDA),
        (SHUT, SUEZ, np.inf, 0),
    ]
    number = {f"{end}{i}": 2 * i + (end == "B") for i in range(NETWORK.n_lanes) for end in "AB"}
    detours = Detours(
        number,
        NAMES,
        np.array([2 * e for e, *_ in rows], dtype=np.int32),
        np.array([2 * e + 1 for e, *_ in rows], dtype=np.int32),
        np.array([closed for _, closed, _, _ in rows], dtype=np.int64),
        np.array([6000.0 + KM * days for _, _, days, _ in rows]),
        np.array([passed for *_, passed in rows], dtype=np.int64),
    )
    return routes_of(used, detours)


def closure(name: str | None = None, **keys: Any) -> dict[str, Any]:
    place = {"chokepoint": name} if name else {}
    return {**place, "start": "2026-01-13", "end": "2026-02-03", "evidence": EVIDENCE, **keys}


def compiled(*closures: dict[str, Any], routes: LaneRoutes | None = None) -> Compiled:
    case = Scenario(id="t", title="T", start="2026-01-06", weeks=6, targets=["JPN"], closures=closures)
    table = draw_table(case.assumptions, 0, 0, one_at_a_time=False)
    return compile_shock(NETWORK, case, table, lane_routes=routes or sea())


def extra(result: Compiled, at: int) -> list[int]:
    return result.shock.extra_lag[0, result.shock.lane_delay_row[at]].tolist()


def permission(result: Compiled, at: int) -> list[float]:
    return result.shock.permission[0, result.shock.lane_permission_row[at]].tolist()


def test_a_lane_takes_its_own_way_round_while_the_passage_is_closed() -> None:
    result = compiled(closure("Strait of Malacca"))
    assert extra(result, NEAR) == [0, 1, 1, 1, 0, 0]  # 20 days are 3 periods, 26 are 4
    assert extra(result, FAR) == [0, 1, 1, 1, 0, 0]
    assert extra(result, SHUT) == [0] * 6
    assert not result.shock.lane_permission_row.any()
    assert [hit.total for hit in result.hits] == [2]


def test_without_a_way_round_the_lane_stops_for_the_time_of_the_closure() -> None:
    result = compiled(closure("suez", end="2026-01-30"))
    assert permission(result, SHUT) == pytest.approx([1, 0, 0, 1 - 3 / 7, 1, 1])
    assert extra(result, SHUT) == [0] * 6
    assert extra(result, FAR) == [0, 2, 2, 2, 0, 0]
    row = int(result.shock.lane_permission_row[SHUT])
    assert result.row_labels[("permission", row)].endswith("no way round")
    assert np.flatnonzero(result.shock.lane_permission_row).tolist() == [SHUT]


def test_passages_closed_together_are_gone_round_together() -> None:
    """Sunda is on the way round Malacca only: closed alone nobody uses it, closed with Malacca 20 days."""
    later = closure("sunda", start="2026-01-20", countries=["USA", "DEU"])
    both = compiled(closure("malacca"), later, routes=sunda_used())
    assert extra(both, NEAR) == [0, 1, 3, 3, 0, 0]  # 40 days are 6 periods
    assert extra(both, FAR) == [0, 1, 1, 1, 0, 0]  # not a lane of the countries that Sunda is closed to
    two = compiled(closure("malacca"), closure("suez"))
    assert extra(two, FAR) == [0, 2, 2, 2, 0, 0]
    three = [closure("malacca"), closure("suez"), closure("sunda")]
    with pytest.raises(ScenarioError, match="the way round all of malacca, suez, sunda was never computed"):
        compiled(*three, routes=sunda_used())


def sunda_used() -> LaneRoutes:
    """The same sea with one lane more that usually uses Sunda, so that closing it touches something."""
    found = sea()
    used = list(found.pair_passages)
    used[lane(AU_METAL, "DEU")] = frozenset({"sunda"})
    return replace(found, pair_passages=tuple(used), detours=with_row(found.detours, lane(AU_METAL, "DEU")))


def with_row(table: Detours, at: int) -> Detours:
    return replace(
        table,
        start=np.append(table.start, np.int32(2 * at)),
        end=np.append(table.end, np.int32(2 * at + 1)),
        closed=np.append(table.closed, SUNDA),
        km=np.append(table.km, 6100.0),
        passages=np.append(table.passages, 0),
    )


def test_lanes_sent_through_a_slowed_passage_wait_there_too() -> None:
    """Sunda is slowed; the lane round Malacca goes there only while Malacca is closed."""
    slow = closure("sunda", start="2026-01-06", end="2026-01-27", extra_days=21.0, capacity_lost=0.5)
    result = compiled(closure("malacca"), slow, routes=sunda_used())
    assert extra(result, NEAR) == [0, 3, 3, 1, 0, 0]  # the longer of the way round and the wait
    assert permission(result, NEAR) == [1, 0.5, 0.5, 1, 1, 1]
    assert extra(result, lane(AU_METAL, "DEU")) == [3, 3, 3, 0, 0, 0]
    assert extra(result, SHUT) == [0] * 6


def test_given_days_replace_the_way_round_and_are_rounded_up() -> None:
    result = compiled(closure("suez", extra_days=8.0, capacity_lost=0.25))
    assert extra(result, SHUT) == extra(result, FAR) == [0, 2, 2, 2, 0, 0]
    assert permission(result, SHUT) == [1, 0.75, 0.75, 0.75, 1, 1]


def test_countries_hold_a_closure_to_their_own_lanes() -> None:
    result = compiled(closure("malacca", countries=["USA"]))
    assert (extra(result, NEAR)[1], extra(result, FAR)[1]) == (1, 0)
    assert result.hits[0].total == 1


def test_ports_stop_lanes_by_sea_both_ways_and_by_air_only_if_asked() -> None:
    mode = sea().mode.copy()
    mode[NEAR], mode[lane(DE_MAGNETS, "DEU")] = AIR, LAND
    pair = np.where(np.isin(mode, [AIR, LAND]), -1, sea().pair)
    routes = replace(sea(), mode=mode, pair=pair)
    ships = compiled(closure(ports=["USA", "DEU"], capacity_lost=1.0), routes=routes)
    assert permission(ships, NEAR) == [1] * 6
    assert permission(ships, SHUT) == [1, 0, 0, 0, 1, 1]
    assert permission(ships, lane(DE_MAGNETS, "DEU")) == [1] * 6
    both = compiled(closure(ports=["USA"], modes=["sea", "air"], capacity_lost=1.0), routes=routes)
    assert permission(both, NEAR) == [1, 0, 0, 0, 1, 1]
    assert permission(both, SHUT) == [1] * 6


def test_delay_in_port_comes_on_top_of_the_way_round() -> None:
    result = compiled(closure("malacca"), closure(ports=["USA"], extra_days=7.0))
    assert extra(result, NEAR) == [0, 2, 2, 2, 0, 0]
    assert extra(result, FAR) == [0, 1, 1, 1, 0, 0]


def test_lanes_by_air_and_land_use_no_passage() -> None:
    mode, pair = sea().mode.copy(), sea().pair.copy()
    mode[NEAR], pair[NEAR] = AIR, -1
    result = compiled(closure("malacca"), routes=replace(sea(), mode=mode, pair=pair))
    assert extra(result, NEAR) == [0] * 6
    assert result.hits[0].total == 1


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, "a chokepoint or ports"),
        ({"chokepoint": "suez", "ports": ["DEU"]}, "a chokepoint or ports"),
        ({"ports": ["DEU"]}, "the closure changes nothing"),
        ({"chokepoint": "suez", "extra_days": 0.0}, "the closure changes nothing"),
        ({"ports": ["DEU"], "countries": ["JPN"], "capacity_lost": 0.5}, "ports name their countries"),
        ({"chokepoint": "suez", "modes": ["air"]}, "freight by air uses no passage"),
    ],
)
def test_keys_that_do_not_go_together_are_refused(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        compiled(closure(**keys))


def test_unknown_passages_and_countries_are_told_together() -> None:
    with pytest.raises(ScenarioError) as told:
        compiled(
            closure("sues"), closure("malacca", countries=["USX"]), closure(ports=["DEX"], extra_days=1.0)
        )
    text = str(told.value)
    assert "closures[0].chokepoint" in text
    assert "`suez`" in text
    assert "closures[1].countries[0]" in text
    assert "closures[2].ports[0]" in text
    with pytest.raises(RestrictionHitsNothing, match="Passages that lanes use: malacca, suez"):
        compiled(closure("panama"))
