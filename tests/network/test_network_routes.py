"""How lanes go: land, air or sea, how long, and the way round what is closed; against searoute itself."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import searoute
from hypothesis import given
from hypothesis import strategies as st
from small_sources import product, sources

from kaname.baseline import Baseline
from kaname.data import store
from kaname.network.routes import AIR, ASSUMED_TRANSIT, HOME, LAND, MODES, SEA, UNKNOWN, Routing, cargo_of
from kaname.network.waysround import Detours
from kaname.terms.passages import PASSAGES

TOOLS = Path(__file__).resolve().parents[2] / "tools"
NOWHERE = frozenset[str]()


@pytest.fixture(scope="module")
def routing(baseline: Baseline) -> Routing:
    return Routing(baseline.sources, 7.0)


@pytest.fixture(scope="module")
def detours(baseline: Baseline) -> Detours:
    assert baseline.sources.detours is not None
    return baseline.sources.detours


def mode(routing: Routing, cargo: str, exporter: str, importer: str) -> str:
    return MODES[routing.by_cargo(cargo, exporter, importer).mode]


def test_every_assumed_number_has_a_range_and_a_reason() -> None:
    for item in ASSUMED_TRANSIT.values():
        assert item.low < item.value < item.high
        assert len(item.why) > 20
        assert item.unit


@pytest.mark.parametrize(
    ("exporter", "importer"),
    [("MMR", "CHN"), ("LAO", "CHN"), ("MNG", "CHN"), ("KAZ", "CHN"), ("RUS", "CHN"), ("KAZ", "RUS"),
     ("CAN", "USA"), ("MEX", "USA"), ("MEX", "CAN"), ("DEU", "POL"), ("DEU", "ESP"), ("NLD", "ITA"),
     ("ZAF", "BWA"), ("COD", "ZMB"), ("MYS", "SGP"), ("DNK", "SWE")],
)  # fmt: skip
def test_land_neighbours_trade_by_land_in_both_directions(
    routing: Routing, exporter: str, importer: str
) -> None:
    for ends in ((exporter, importer), (importer, exporter)):
        for cargo in ("bulk", "container"):
            assert mode(routing, cargo, *ends) == "land"
            assert routing.by_cargo(cargo, *ends).days <= 30.0


@pytest.mark.parametrize(
    ("exporter", "importer"),
    [("KOR", "PRK"), ("ARM", "AZE"), ("RUS", "UKR"), ("MAR", "DZA"), ("COL", "PAN"), ("IND", "PAK"),
     ("CHN", "JPN"), ("GBR", "DEU"), ("MNG", "JPN")],
)  # fmt: skip
def test_closed_borders_and_water_are_no_way_by_land(routing: Routing, exporter: str, importer: str) -> None:
    assert mode(routing, "container", exporter, importer) == "sea"


def test_dear_goods_fly_and_cheap_ores_go_slower_than_containers(routing: Routing) -> None:
    assert cargo_of("metal", 439.0) == "dear"  # gallium
    assert (cargo_of("metal", 2.4), cargo_of("metal", None)) == ("container", "container")
    assert (cargo_of("ore", 0.1), cargo_of("ore", 900.0)) == ("bulk", "container")  # ores never fly
    air = routing.by_cargo("dear", "CHN", "JPN")
    assert (air.mode, air.days) == (AIR, ASSUMED_TRANSIT["air_days"].value)
    assert np.isnan(air.sea_km)
    by_ship = [routing.by_cargo(cargo, "BRA", "CHN").days for cargo in ("container", "bulk")]
    assert 40.0 < by_ship[0] < by_ship[1] < 60.0
    inland = ASSUMED_TRANSIT["inland_days"].value
    tianjin = routing.by_cargo("container", "MNG", "JPN")
    assert tianjin.days == pytest.approx(tianjin.sea_km / tianjin.km_per_day + 10.0 + inland)


def test_every_lane_of_the_network_has_the_lag_of_its_route(baseline: Baseline) -> None:
    build = baseline.build
    routes, network = build.lane_routes, build.network
    country = np.array([market.country for market in network.markets])
    start = country[network.supplier_market[network.lane_supplier]]
    end = country[network.consumer_market[network.lane_consumer]]
    trade = network.lane_kind != 2
    usual = np.maximum(1, np.rint(routes.days / network.period_days))
    home = start == end
    assert ((routes.mode == HOME) == home).all()
    assert np.array_equal(network.lane_lag[trade & ~home], usual[trade & ~home])
    by_sea = routes.pair >= 0
    assert (by_sea == (routes.mode == SEA)).all()
    assert {a for a, b in zip(start[routes.mode == UNKNOWN], end[routes.mode == UNKNOWN], strict=True)} >= {
        "ROW"
    }
    off_the_sea = np.flatnonzero(~by_sea)
    assert all(not routes.passages[e] for e in off_the_sea)
    for e in np.flatnonzero(by_sea)[:: max(1, int(by_sea.sum()) // 200)]:
        assert routes.pairs[routes.pair[e]] == (start[e], end[e])
    flowing = network.lane_flow > 0.0
    for kind in (LAND, AIR, SEA):
        assert (flowing & (routes.mode == kind)).any()


@pytest.mark.parametrize("passage", sorted(PASSAGES))
def test_a_closure_lengthens_every_lane_that_uses_the_passage_and_no_other(
    baseline: Baseline, passage: str
) -> None:
    routes = baseline.build.lane_routes
    days, uses = routes.detour_days(frozenset({passage})), routes.through(passage)
    assert not np.isnan(days).any()
    assert (days[~uses] == 0.0).all()
    assert (days[uses] >= 0.0).all()
    if passage != "bering":  # on nobody's usual way
        assert uses.any()
        assert (days[uses] > 0.0).mean() > 0.9  # a few ways round are as long to the km
    assert not uses[np.isin(routes.mode, [HOME, LAND, AIR, UNKNOWN])].any()


def test_more_closed_is_never_shorter(baseline: Baseline) -> None:
    routes = baseline.build.lane_routes
    groups = [
        ["malacca", "sunda", "lombok"],
        ["taiwan_strait", "luzon_strait", "okinawa"],
        ["suez", "panama"],
    ]
    for group in groups:
        before = np.zeros(len(routes))
        for size in range(1, len(group) + 1):
            days = routes.detour_days(frozenset(group[:size]))
            assert not np.isnan(days).any()
            assert (days >= before - 1e-9).all()
            before = days
        assert np.isfinite(before).any()


def test_no_ship_reaches_the_ports_of_taiwan_once_the_seas_around_it_are_closed(baseline: Baseline) -> None:
    routes = baseline.build.lane_routes
    days = routes.detour_days(frozenset({"taiwan_seas"}))
    ends = np.array(["TWN" in pair for pair in routes.pairs] + [False])[routes.pair]
    assert np.isinf(days[ends]).all()
    assert np.isfinite(days[~ends]).all()


def test_what_was_never_computed_is_not_a_number_and_what_was_is_exact(detours: Detours) -> None:
    usual = {
        (r["from_iso3"], r["to_iso3"]): frozenset(filter(None, r["passages"].split(";")))
        for r in store.distances().to_pylist()
    }
    far = ("CHN", "DEU", usual["CHN", "DEU"])
    assert np.isnan(detours.around(frozenset({"dover", "malacca", "taiwan_strait"}), [far])[0])
    assert np.isnan(detours.around(frozenset({"suez"}), [("XXX", "DEU", frozenset({"suez"}))])[0])
    (alone,) = detours.around(frozenset({"suez"}), [far])
    (beside,) = detours.around(frozenset({"suez", "lombok", "hormuz"}), [far])
    assert alone == beside  # neither lies on the way round Suez


@given(st.floats(0.0, 40_000.0), st.sampled_from([5.0, 7.0, 14.0]), st.sampled_from(["t", "ore"]))
def test_a_longer_way_is_never_a_shorter_lag(km: float, period: float, stage: str) -> None:
    goods = [product("goods", stage="ore" if stage == "ore" else "metal")]
    lags = [
        Routing(sources(products=goods, sea_km={("A", "B"): length}), period).lag("goods", "A", "B")
        for length in (km, km + 500.0)
    ]
    assert 1 <= lags[0] <= lags[1]


# --- against searoute itself, and the tool --------------------------------------------------------

PORTS = {
    "CHN": (121.497, 31.4), "DEU": (9.94, 53.53), "BRA": (-46.3, -23.98), "JPN": (139.635, 35.458),
    "KOR": (129.036, 35.098), "IND": (72.93, 18.97), "TWN": (120.272, 22.642), "SGP": (103.832, 1.239),
}  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "shut"),
    [("CHN", "DEU", ()), ("BRA", "CHN", ()), ("IND", "KOR", ()), ("SGP", "JPN", ()), ("TWN", "JPN", ()),
     ("CHN", "DEU", ("suez",)), ("IND", "KOR", ("malacca",))],
)  # fmt: skip
def test_distances_agree_with_searoute(detours: Detours, start: str, end: str, shut: tuple[str, ...]) -> None:
    known = {(r["from_iso3"], r["to_iso3"]): r for r in store.distances().to_pylist()}[start, end]
    kept = {(p["iso3"], p["port"]): (p["lon"], p["lat"]) for p in store.ports().to_pylist()}
    ends = [kept[start, known["from_port"]], kept[end, known["to_port"]]]
    for iso3, place in zip((start, end), ends, strict=True):
        assert place == pytest.approx(PORTS[iso3], abs=0.2)
    found = searoute.searoute(*map(list, ends), restrictions=["northwest", *shut])
    km = known["sea_km"]
    if shut:
        used = frozenset(known["passages"].split(";"))
        (km,) = detours.around(frozenset(shut), [(start, end, used)])
    assert km == pytest.approx(found["properties"]["length"], rel=0.02, abs=60)


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    sys.path.insert(0, str(TOOLS))
    try:
        spec = importlib.util.spec_from_file_location("build_distances", TOOLS / "build_distances.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules["build_distances"] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(TOOLS))
    return module


def test_the_table_says_what_the_tool_finds_with_three_passages_closed(
    tool: ModuleType, detours: Detours
) -> None:
    """The table leaves out every set that a smaller one answers; what is put together again must be exact."""
    atlas = tool.Atlas(
        [{k: str(v) for k, v in p.items()} for p in store.ports().to_pylist()], tool.load_sea()
    )
    closed = frozenset({"malacca", "sunda", "lombok"})
    straight = atlas.ways(closed)
    rows = store.distances().to_pylist()[::37]
    pairs = [(r["from_iso3"], r["to_iso3"], frozenset(filter(None, r["passages"].split(";")))) for r in rows]
    touched = [pair for pair in pairs if pair[2] & closed]
    assert len(touched) > 50
    for (a, b, _), km in zip(touched, detours.around(closed, touched), strict=True):
        assert km == pytest.approx(straight.km[a, b], abs=1.0)
    for a, b, used in pairs:
        if not used & closed and np.isfinite(straight.km[a, b]):
            assert straight.passages[a, b].split(";") == [""] or not closed & set(
                straight.passages[a, b].split(";")
            )


def test_the_areas_hold_the_islands_and_not_the_neighbours(tool: ModuleType) -> None:
    def inside(zone: str, lon: float, lat: float) -> bool:
        here = np.array([[lon, lat]])
        return bool(tool.enters(here, here + 0.01, tool.ZONES[zone])[0])

    for place in ((127.7, 26.2), (129.5, 28.4), (124.2, 24.3), (130.5, 30.9)):  # Naha, Amami, Ishigaki, Osumi
        assert inside("okinawa", *place)
    for place in ((121.5, 31.2), (129.0, 35.1), (120.3, 22.6), (139.7, 35.4)):  # Shanghai, Pusan, Kaohsiung
        assert not inside("okinawa", *place)
    for place in ((120.3, 22.6), (121.7, 25.1), (119.8, 24.5), (121.0, 21.0)):  # ports, strait, Bashi Channel
        assert inside("taiwan_seas", *place)
    for place in ((114.2, 22.3), (120.97, 14.6), (127.7, 26.2), (121.0, 18.6)):  # Hong Kong, Manila, Naha
        assert not inside("taiwan_seas", *place)
