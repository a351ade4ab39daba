"""How goods go from one country to another, how long it takes, and which passages they use (rule N6).

Between land neighbours by land, dear goods by air, all else by sea between main ports. Only what goes by sea
passes a strait or canal. Every number that is assumed stands in `ASSUMED_TRANSIT`, with its range and reason.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from kaname.network.network import Bools, Floats, Ints, Network
from kaname.network.sources import REST, Row, Sources
from kaname.network.waysround import NO_DETOURS, Detours

MODES = ("home", "land", "air", "sea", "unknown")
HOME, LAND, AIR, SEA, UNKNOWN = range(5)
CARGOES = ("bulk", "container", "dear")


@dataclass(frozen=True)
class Assumed:
    """An assumed number: central value, range, unit, and why."""

    value: float
    low: float
    high: float
    unit: str
    why: str


_LPI = (
    "World Bank, Connecting to Compete 2023: on average over all routes 44 days from entering one port to "
    "leaving the other, some 60 % of them at sea; central value below that mean, which counts small ports "
    "as much as large ones"
)
_AIR = (
    "ICAO, Facts and Figures (air freight worth 6.4 tn USD in 2014, 56 Mt in 2017): what flies is worth "
    "about 115 kUSD/t in the mean"
)
ASSUMED_TRANSIT: Mapping[str, Assumed] = {
    "home_days": Assumed(7.0, 2.0, 14.0, "days", "delivery within a country"),
    "loading_days": Assumed(4.0, 2.0, 8.0, "days", "by land: loading, road or rail, unloading"),
    "air_days": Assumed(5.0, 3.0, 10.0, "days", "by air: booking, flight, customs at both ends"),
    "air_kusd_per_t": Assumed(100.0, 50.0, 300.0, "kUSD/t", f"above it goods other than ores fly; {_AIR}"),
    "bulk_kusd_per_t": Assumed(15.0, 5.0, 40.0, "kUSD/t", "ores below it go in bulk, above it in containers"),
    "container_km_per_day": Assumed(600.0, 500.0, 720.0, "km/day", "13.5 knots, with calls on the way"),
    "container_port_days": Assumed(5.0, 3.0, 9.0, "days", f"port, customs, inland leg at each end; {_LPI}"),
    "bulk_km_per_day": Assumed(500.0, 430.0, 580.0, "km/day", "11.2 knots: bulk carriers are slower"),
    "bulk_port_days": Assumed(6.0, 3.0, 12.0, "days", "waiting for a berth and a full load, at each end"),
    "inland_days": Assumed(12.0, 6.0, 25.0, "days", "to or from the port of a neighbour, for lack of one"),
    "unknown_sea_km": Assumed(10_000.0, 3_000.0, 20_000.0, "km", "where no pair of ports is known"),
}
"""What transit times rest on; the days of each land border are in `land_borders.csv`."""


def _assumed(name: str) -> float:
    return ASSUMED_TRANSIT[name].value


class Transit(NamedTuple):
    """How one kind of goods goes between two countries: mode, days in all, km at sea (NaN if none)."""

    mode: int
    days: float
    sea_km: float
    km_per_day: float


def cargo_of(stage: str, price_kusd_per_t: float | None) -> str:
    """Return how goods are packed: `dear` ones fly, cheap ores go in bulk, the rest in containers."""
    price = price_kusd_per_t or 0.0
    if stage == "ore":
        return "bulk" if price < _assumed("bulk_kusd_per_t") else "container"
    return "dear" if price >= _assumed("air_kusd_per_t") else "container"


class Routing:
    """Answers how long goods of a product take between two countries, each answer worked out once."""

    def __init__(self, sources: Sources, period_days: float) -> None:
        """Prepare the borders and the cargo kind of every product."""
        self.period_days = period_days
        self._sources = sources
        self._cargo = {
            row["product"]: cargo_of(row["stage"], row["price_kusd_per_t"]) for row in sources.products
        }
        self._neighbour = _border_days(sources.land_borders)
        self._chain = _chain_days(sources.land_borders)
        self._known: dict[tuple[str, str, str], Transit] = {}

    def cargo(self, product: str) -> str:
        """Return the cargo kind of a product; what the table does not know goes in containers."""
        return self._cargo.get(product, "container")

    def lag(self, product: str, exporter: str, importer: str) -> int:
        """Return the whole periods between shipping and arrival, at least one."""
        return periods_of(self.transit(product, exporter, importer).days, self.period_days)

    def transit(self, product: str, exporter: str, importer: str) -> Transit:
        """Return mode and days of a product between two countries (rule N6)."""
        return self.by_cargo(self.cargo(product), exporter, importer)

    def by_cargo(self, cargo: str, exporter: str, importer: str) -> Transit:
        """Return mode and days of a kind of cargo (one of `CARGOES`) between two countries (rule N6)."""
        key = (cargo, exporter, importer)
        if key not in self._known:
            self._known[key] = self._fastest(*key)
        return self._known[key]

    def _fastest(self, cargo: str, exporter: str, importer: str) -> Transit:
        """Neighbours use the land; dear goods the faster of land and air; the rest a chain of open borders
        where that is no slower than the sea.
        """
        nothing = float("nan")
        pair = (exporter, importer)
        if exporter == importer:
            return Transit(HOME, _assumed("home_days"), nothing, nothing)
        by_land = min(self._neighbour.get(pair, np.inf), self._chain.get(pair, np.inf))
        land = Transit(LAND, by_land + _assumed("loading_days"), nothing, nothing)
        if cargo == "dear" and REST not in pair:
            air = Transit(AIR, _assumed("air_days"), nothing, nothing)
            return min(land, air, key=lambda way: way.days)
        if pair in self._neighbour:
            return land
        return min(land, self._by_sea(cargo, exporter, importer), key=lambda way: way.days)

    def _by_sea(self, cargo: str, exporter: str, importer: str) -> Transit:
        km = self._sources.sea_km.get((exporter, importer), self._sources.sea_km.get((importer, exporter)))
        kind = "bulk" if cargo == "bulk" else "container"
        speed = _assumed(f"{kind}_km_per_day")
        inland = sum(country in self._sources.landlocked for country in (exporter, importer))
        ashore = 2.0 * _assumed(f"{kind}_port_days") + inland * _assumed("inland_days")
        if km is None:
            return Transit(UNKNOWN, _assumed("unknown_sea_km") / speed + ashore, float("nan"), speed)
        return Transit(SEA, km / speed + ashore, km, speed)


def periods_of(days: float, period_days: float) -> int:
    """Return days as the nearest whole number of periods, at least one."""
    return max(1, round(days / period_days))


def _border_days(borders: Sequence[Row]) -> dict[tuple[str, str], float]:
    """Return the days of each border, in both directions."""
    found = {}
    for row in borders:
        for pair in ((row["market_a"], row["market_b"]), (row["market_b"], row["market_a"])):
            found[pair] = float(row["days"])
    return found


def _chain_days(borders: Sequence[Row]) -> dict[tuple[str, str], float]:
    """Return the least sum of days over open borders, for every two countries that they join."""
    beside: dict[str, dict[str, float]] = defaultdict(dict)
    for (a, b), days in _border_days([row for row in borders if row["kind"] == "open"]).items():
        beside[a][b] = days
    found: dict[tuple[str, str], float] = {}
    for start in beside:
        reached: dict[str, float] = {}
        waiting = [(0.0, start)]
        while waiting:
            days, here = heapq.heappop(waiting)
            if here not in reached:
                reached[here] = days
                for there, more in beside[here].items():
                    heapq.heappush(waiting, (days + more, there))
        found |= {(start, end): days for end, days in reached.items() if end != start}
    return found


@dataclass(frozen=True)
class LaneRoutes:
    """How the goods of every lane go, in the order of the network's lanes (E of them).

    `mode` indexes `MODES`; `days` are those between shipping and arrival before they are rounded to periods;
    `km_per_day` is the speed at sea. `pair` (E,) indexes `pairs`, the countries that a lane by sea joins, and
    is -1 on lanes that use no known way by sea; `pair_km` and `pair_passages` tell the usual way.
    """

    mode: Ints
    days: Floats
    km_per_day: Floats
    pair: Ints
    pairs: tuple[tuple[str, str], ...]
    pair_km: Floats
    pair_passages: tuple[frozenset[str], ...]
    detours: Detours

    def __len__(self) -> int:
        """Return E."""
        return len(self.mode)

    @cached_property
    def passages(self) -> tuple[frozenset[str], ...]:
        """Return the passages that each lane usually uses, (E,); none where it goes by land or air."""
        nothing: frozenset[str] = frozenset()
        return tuple(self.pair_passages[p] if p >= 0 else nothing for p in self.pair.tolist())

    def through(self, passage: str) -> Bools:
        """Return (E,) the lanes whose usual way uses a passage, given by id."""
        uses = np.array([passage in used for used in self.pair_passages] + [False], dtype=np.bool_)
        return uses[self.pair]

    def detour_days(self, closed: frozenset[str]) -> Floats:
        """Return (E,) the days that a lane takes longer while the passages are closed.

        0 where its usual way uses none of them, infinite where there is no way round, NaN where the way round
        with so many closed at once was never computed.
        """
        extra_km = np.zeros(len(self.pairs) + 1)
        touched = self._touched(closed)
        ways = self.detours.around(closed, [(*self.pairs[p], self.pair_passages[p]) for p in touched])
        extra_km[touched] = np.array(ways, dtype=np.float64) - self.pair_km[touched]
        with np.errstate(invalid="ignore"):
            days = np.maximum(extra_km[self.pair], 0.0) / self.km_per_day
        return np.where(self.pair < 0, 0.0, days)

    def detour_uses(self, closed: frozenset[str], passage: str) -> Bools:
        """Return (E,) the lanes whose way round the closed passages uses another, given by id."""
        uses = np.zeros(len(self.pairs) + 1, dtype=np.bool_)
        touched = self._touched(closed)
        bit = self.detours.bits(frozenset({passage}))
        ways = self.detours.ways(closed, [(*self.pairs[p], self.pair_passages[p]) for p in touched])
        uses[touched] = [bool(used & bit) for _, used in ways]
        return uses[self.pair]

    def _touched(self, closed: frozenset[str]) -> list[int]:
        """Return the pairs whose usual way uses one of the closed passages."""
        return [p for p, used in enumerate(self.pair_passages) if used & closed]


def lane_routes(network: Network, sources: Sources, routing: Routing) -> LaneRoutes:
    """Return how the goods of every lane of a network go (rule N6)."""
    country = [market.country for market in network.markets]
    products = [product.id for product in network.products]
    starts = network.supplier_market[network.lane_supplier].tolist()
    ends = network.consumer_market[network.lane_consumer].tolist()
    goods = network.supplier_product[network.lane_supplier].tolist()
    found = [
        routing.transit(products[g], country[a], country[b])
        for g, a, b in zip(goods, starts, ends, strict=True)
    ]
    by_sea = [
        (country[a], country[b]) if way.mode == SEA else None
        for way, a, b in zip(found, starts, ends, strict=True)
    ]
    number = {pair: i for i, pair in enumerate(sorted({pair for pair in by_sea if pair is not None}))}
    nothing: frozenset[str] = frozenset()
    used = [sources.passages.get(p, sources.passages.get((p[1], p[0]), nothing)) for p in number]
    km = [sources.sea_km.get(p, sources.sea_km.get((p[1], p[0]), np.nan)) for p in number]
    return LaneRoutes(
        mode=np.array([way.mode for way in found], dtype=np.int32),
        days=np.array([way.days for way in found], dtype=np.float64),
        km_per_day=np.array([way.km_per_day for way in found], dtype=np.float64),
        pair=np.array([-1 if pair is None else number[pair] for pair in by_sea], dtype=np.int32),
        pairs=tuple(number),
        pair_km=np.array(km, dtype=np.float64),
        pair_passages=tuple(used),
        detours=(sources.detours or NO_DETOURS).only(tuple(number)),
    )
