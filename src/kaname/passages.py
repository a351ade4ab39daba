"""Which trade hangs on which sea passage, and how goods go between two countries: `kaname routes`."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from kaname.baseline import Baseline, load_baseline
from kaname.data import store
from kaname.network.draft import DAYS_PER_YEAR
from kaname.network.network import BASES, SUPPLIER_KINDS, Network
from kaname.network.routes import CARGOES, MODES, LaneRoutes, Routing, periods_of
from kaname.network.sources import REST
from kaname.network.waysround import NO_DETOURS
from kaname.report.words import money, share
from kaname.terms import codes
from kaname.terms.errors import InputError, Problem
from kaname.terms.passages import PASSAGES, passage_id

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
NAMED = 3  # products and importers named in a sentence


@dataclass(frozen=True)
class PassageRow:
    """What goes through one passage in a year, by the lanes of the base state whose usual way uses it.

    `value_kusd` counts goods with a known price; `value_share` is its part of the value of all trade between
    countries in the network. `detour_days` is the mean over that value of the days that a closure adds where
    there is a way round; `stranded_kusd` is the value without any. `latent_lanes` carry nothing today.
    """

    passage: str
    name: str
    lanes: int
    latent_lanes: int
    products: int
    importers: int
    value_kusd: float
    value_share: float
    detour_days: float | None
    stranded_kusd: float

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class RouteRow:
    """One product from one country to another through a passage, over a year. Missing values are None.

    `inflow_share` is its part of all that the importer gets of the product, home output included;
    `world_share` its part of what all named countries ship abroad. `detour_days` is what a closure of the
    passage adds; None with `stranded` True where there is no way round. `basis` is the worst of its lanes.
    """

    product: str
    name: str
    exporter: str
    importer: str
    flow_t: float
    value_kusd: float | None
    inflow_share: float
    world_share: float
    transit_days: float
    detour_days: float | None
    stranded: bool
    basis: str
    passages: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Through:
    """What goes through a passage: one sentence, the totals, and a row per product and pair of countries.

    Rows fall by value. Totals and rows are of what was asked for: one product, exporter or importer, or all.
    """

    passage: str
    name: str
    sentence: str
    value_kusd: float
    value_share: float
    latent_lanes: int
    rows: tuple[RouteRow, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class WayRow:
    """How one kind of cargo goes between two countries: mode, days, lag, passages, and what closures add.

    `closures` holds, for each passage on the way, the days that closing it alone adds; None where there is no
    way round. `products` are those that go this way in the base state.
    """

    cargo: str
    mode: str
    transit_days: float
    lag_periods: int
    sea_km: float | None
    passages: tuple[str, ...]
    closures: tuple[tuple[str, float | None], ...]
    products: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class _Trade:
    """The lanes between countries as arrays (E,): who, what, t and kUSD a year."""

    network: Network
    routes: LaneRoutes
    countries: tuple[str, ...]
    start: Ints
    end: Ints
    product: Ints
    tonnes: Floats
    value: Floats  # 0 where no price is known
    abroad: Bools  # between two countries, the rest of the world among them

    @property
    def total_kusd(self) -> float:
        """Return the value of all trade between countries; what is bundled counts where it is shipped."""
        rest = self.countries.index(REST) if REST in self.countries else -1
        return float(self.value[self.abroad & (self.start != rest)].sum())


def _trade(baseline: Baseline) -> _Trade:
    network = baseline.build.network
    countries = tuple(sorted({market.country for market in network.markets}))
    of_market = np.array([countries.index(market.country) for market in network.markets])
    start = of_market[network.supplier_market[network.lane_supplier]]
    end = of_market[network.consumer_market[network.lane_consumer]]
    product = network.supplier_product[network.lane_supplier].astype(np.int64)
    tonnes = network.lane_flow * (DAYS_PER_YEAR / network.period_days)
    price = np.array([item.price_kusd for item in network.products])
    value = tonnes * np.nan_to_num(price, nan=0.0)[product]
    routes = baseline.build.lane_routes
    return _Trade(network, routes, countries, start, end, product, tonnes, value, start != end)


def passages(baseline: Baseline | None = None) -> tuple[PassageRow, ...]:
    """Return a row for every passage: lanes, products, importers and value that use it, and its way round.

    In the order of `kaname.terms.passages.PASSAGES`. A lane may use several passages, so rows do not add up.
    """
    trade = _trade(baseline or load_baseline())
    total = trade.total_kusd
    found = []
    for passage, words in PASSAGES.items():
        uses = trade.routes.through(passage) & trade.abroad
        flowing = uses & (trade.tonnes > 0.0)
        days = trade.routes.detour_days(frozenset({passage}))
        value = float(trade.value[flowing].sum())
        found.append(
            PassageRow(
                passage,
                words.name,
                int(flowing.sum()),
                int((uses & ~flowing).sum()),
                len(np.unique(trade.product[flowing])),
                len(np.unique(trade.end[flowing])),
                value,
                value / total if total > 0.0 else 0.0,
                _mean_days(days[flowing], trade.value[flowing]),
                float(trade.value[flowing & np.isinf(days)].sum()),
            )
        )
    return tuple(found)


def _mean_days(days: Floats, value: Floats) -> float | None:
    """Return the mean of finite days, weighted by value; None where there is none."""
    finite = np.isfinite(days)
    weight = float(value[finite].sum())
    return float(np.average(days[finite], weights=value[finite])) if weight > 0.0 else None


def routes(
    through: str,
    product: str | None = None,
    exporter: str | None = None,
    importer: str | None = None,
    baseline: Baseline | None = None,
) -> Through:
    """Return the trade whose usual way uses a passage, a row per product and pair of countries, by value.

    `through` is any name of a passage; `product` a product id; `exporter` and `importer` are ISO 3166 alpha-3
    codes or names. Segments count with their country. Raises InputError for unknown names.
    """
    passage = passage_id(through, "--through")
    baseline = baseline or load_baseline()
    trade = _trade(baseline)
    wanted = trade.routes.through(passage) & trade.abroad
    for name, where, ends in ((exporter, "--from", trade.start), (importer, "--to", trade.end)):
        if name is not None:
            wanted = wanted & (ends == _country(name, where, trade))
    if product is not None:
        wanted = wanted & (trade.product == _product(product, trade))
    flowing = wanted & (trade.tonnes > 0.0)
    rows = _rows(trade, flowing, passage)
    value = float(trade.value[flowing].sum())
    part = value / trade.total_kusd if trade.total_kusd > 0.0 else 0.0
    sentence = _sentence(trade, flowing, passage, part)
    latent = int((wanted & ~flowing).sum())
    return Through(passage, PASSAGES[passage].name, sentence, value, part, latent, rows)


def _country(name: str, where: str, trade: _Trade) -> int:
    """Return the place of a country of the network."""
    names = {market.country: market.name for market in trade.network.markets if not market.segment}
    code = codes.country(name, names, where)
    return trade.countries.index(code)


def _product(name: str, trade: _Trade) -> int:
    index = trade.network.product_index(name.strip())
    if index < 0:
        known = [item.id for item in trade.network.products]
        close = codes.near(name, known)
        fix = f"Did you mean {' or '.join(close)}?" if close else ""
        raise InputError(Problem("unknown product", "--product", repr(name), "a product id", fix))
    return index


def _rows(trade: _Trade, flowing: Bools, passage: str) -> tuple[RouteRow, ...]:
    """Return the lanes joined by product, exporter and importer, the most valuable first."""
    size = len(trade.countries)
    key = (trade.product * size + trade.start) * size + trade.end
    inflow, world = _inflow(trade), _world(trade)
    days = trade.routes.detour_days(frozenset({passage}))
    lanes = np.flatnonzero(flowing)
    groups = np.split(
        lanes[np.argsort(key[lanes], kind="stable")],
        np.flatnonzero(np.diff(np.sort(key[lanes]))) + 1,
    )
    found = []
    for group in groups if len(lanes) else []:
        first = int(group[0])
        item = trade.network.products[int(trade.product[first])]
        tonnes = float(trade.tonnes[group].sum())
        extra = float(days[first])
        found.append(
            RouteRow(
                item.id,
                item.name,
                trade.countries[trade.start[first]],
                trade.countries[trade.end[first]],
                tonnes,
                float(trade.value[group].sum()) if math.isfinite(item.price_kusd) else None,
                tonnes / inflow[int(trade.product[first]), int(trade.end[first])],
                tonnes / world[int(trade.product[first])],
                float(trade.routes.days[first]),
                extra if math.isfinite(extra) else None,
                math.isinf(extra),
                BASES[int(trade.network.lane_basis[group].max())],
                tuple(sorted(trade.routes.passages[first])),
            )
        )
    found.sort(key=lambda row: (-(row.value_kusd or 0.0), row.product, row.exporter, row.importer))
    return tuple(found)


def _inflow(trade: _Trade) -> dict[tuple[int, int], float]:
    """Return t a year by (product, country) of all that users get; what importers pass on counts once."""
    network = trade.network
    kind = network.supplier_kind[network.lane_supplier]
    passed_on = ~trade.abroad & (kind == SUPPLIER_KINDS.index("reexport"))
    found: dict[tuple[int, int], float] = defaultdict(float)
    for product, country, tonnes in zip(
        trade.product[~passed_on].tolist(),
        trade.end[~passed_on].tolist(),
        trade.tonnes[~passed_on].tolist(),
        strict=True,
    ):
        found[product, country] += tonnes
    return found


def _world(trade: _Trade) -> Floats:
    """Return t a year by product that named countries ship abroad."""
    rest = trade.countries.index(REST) if REST in trade.countries else -1
    named = trade.abroad & (trade.start != rest)
    size = len(trade.network.products)
    return np.bincount(trade.product[named], trade.tonnes[named], minlength=size).astype(np.float64)


def _sentence(trade: _Trade, flowing: Bools, passage: str, part: float) -> str:
    """Return what hangs on a passage, for a reader in a hurry."""
    name = PASSAGES[passage].name
    if not flowing.any():
        return f"Nothing of what was asked for usually goes through the {name}."
    value = float(trade.value[flowing].sum())
    names = {market.country: market.name for market in trade.network.markets if not market.segment}
    goods = _largest(trade.product, trade.value, flowing, lambda i: trade.network.products[i].name)
    users = _largest(
        trade.end, trade.value, flowing, lambda i: names.get(trade.countries[i], trade.countries[i])
    )
    told = f"Through the {name} go {money(value)} of goods a year, {share(part)} of the trade between "
    told += f"countries in this network; by value most {goods}; most of it to {users}."
    days = trade.routes.detour_days(frozenset({passage}))
    mean = _mean_days(days[flowing], trade.value[flowing])
    stranded = float(trade.value[flowing & np.isinf(days)].sum())
    if mean is not None:
        longest = float(days[flowing & np.isfinite(days)].max())
        told += f" Closed, the way round takes {mean:.1f} days longer in the mean, {longest:.1f} at most"
        told += f"; {money(stranded)} have none." if stranded > 0.0 else "."
    elif stranded > 0.0:
        told += " Closed, there is no way round."
    return told


def _largest(members: Ints, value: Floats, flowing: Bools, name: Callable[[int], str]) -> str:
    """Return the largest members by value with their shares, as words."""
    sums = np.bincount(members[flowing], value[flowing])
    total = float(sums.sum())
    if total <= 0.0:
        return "without a known price"
    first = [int(i) for i in np.argsort(-sums, kind="stable")[:NAMED] if sums[i] > 0.0]
    return ", ".join(f"{name(i)} ({share(float(sums[i]) / total)})" for i in first)


def ways(exporter: str, importer: str, baseline: Baseline | None = None) -> tuple[WayRow, ...]:
    """Return how goods go from one country to another: a row per kind of cargo (bulk, container, dear).

    Countries are ISO 3166 alpha-3 codes or names. Raises InputError for unknown names and for one country
    twice.
    """
    baseline = baseline or load_baseline()
    trade, sources = _trade(baseline), baseline.sources
    start = codes.country(exporter, sources.names, "--from")
    end = codes.country(importer, sources.names, "--to")
    if start == end:
        raise InputError(Problem("a way needs two countries", "--to", end, "another country than --from"))
    period = baseline.build.network.period_days
    routing = Routing(sources, period)
    order = _passed(start, end, baseline)
    detours = (sources.detours or NO_DETOURS).only([(start, end)])
    here = [country == start for country in trade.countries]
    there = [country == end for country in trade.countries]
    traded = np.array(here)[trade.start] & np.array(there)[trade.end] & (trade.tonnes > 0.0)
    carried = sorted({trade.network.products[p].id for p in trade.product[traded].tolist()})
    found = []
    for cargo in CARGOES:
        way = routing.by_cargo(cargo, start, end)
        sea = not math.isnan(way.sea_km)
        used = order if sea else ()
        shut = []
        for passage in used:
            km = detours.around(frozenset({passage}), [(start, end, frozenset(order))])[0]
            extra = max(0.0, km - way.sea_km) / way.km_per_day
            shut.append((passage, extra if math.isfinite(extra) else None))
        found.append(
            WayRow(
                cargo,
                MODES[way.mode],
                way.days,
                periods_of(way.days, period),
                way.sea_km if sea else None,
                used,
                tuple(shut),
                tuple(name for name in carried if routing.cargo(name) == cargo),
            )
        )
    return tuple(found)


def _passed(start: str, end: str, baseline: Baseline) -> tuple[str, ...]:
    """Return the passages on the usual way by sea, in their order."""
    table = store.distances(baseline.root)
    for row in table.filter((pc.field("from_iso3") == start) & (pc.field("to_iso3") == end)).to_pylist():
        return tuple(filter(None, (row["passages"] or "").split(";")))
    return ()
