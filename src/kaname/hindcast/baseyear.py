"""The base state of an episode: its network, and the trade of a year as it was reported."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kaname.baseline import lane_sources, load_baseline
from kaname.data import store
from kaname.hindcast.episode import ALL, ELSEWHERE, Episode, EpisodeProduct
from kaname.hindcast.groups import GROUP_NAMES
from kaname.network.build import NetworkBuild
from kaname.network.draft import Spread
from kaname.network.sources import REST
from kaname.network.traded import BaseFlow, TradedProduct, build_traded_network
from kaname.terms import codes
from kaname.terms.errors import DataMissing, InputError, Problem

COVER_DAYS = Spread(45.0, 22.0, 68.0)  # as compounds and metals in docs/tables.md; assumed
HEADROOM = Spread(0.15, 0.05, 0.3)  # as compounds and metals; assumed

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trade:
    """Flows between countries in a year: codes, gross tonnes, kUSD and product id, one entry per flow.

    Flows without a reported quantity are left out, value and all: a unit value needs both.
    """

    exporter: NDArray[np.str_]
    importer: NDArray[np.str_]
    product: NDArray[np.str_]
    tonnes: Floats
    value_kusd: Floats


def check_countries(episode: Episode, root: Path | None = None) -> None:
    """Raise InputError with every code of an episode that is no country of the data, and the nearest ones."""
    names = store.country_names(root)
    given = [(f"importers[{i}]", name) for i, name in enumerate(episode.importers)]
    given += [(f"entrepots[{i}]", name) for i, name in enumerate(episode.entrepots)]
    given.append(("origin", episode.restricted_origin))
    for i, item in enumerate(episode.observed):
        given += [(f"observed[{i}].importer", item.importer), (f"observed[{i}].origin", item.origin)]
    for i, flow in enumerate(episode.flows):
        given += [(f"flows[{i}].exporter", flow.exporter), (f"flows[{i}].importer", flow.importer)]
    known = {*names, *GROUP_NAMES, REST, ALL, ELSEWHERE}
    problems = []
    for where, name in given:
        if name not in known:
            close = codes.near(name, list(names))
            fix = f"Did you mean {' or '.join(close)}?" if close else ""
            expected = "an ISO 3166 alpha-3 code of the data"
            problems.append(Problem("unknown country", f"{episode.id}: {where}", name, expected, fix))
    if problems:
        raise InputError(problems)


def build_base(episode: Episode, root: Path | None = None) -> NetworkBuild:
    """Return the network that an episode starts from.

    Raises DataMissing for a year or code without trade, InputError where the default network lacks a product
    or is of another year.
    """
    if episode.network == "default":
        return _default(episode, root)
    flows = _base_flows(episode, root)
    if not flows:
        where = f"{episode.id}: base_year"
        raise DataMissing(Problem("no trade in the base year", where, str(episode.base_year)))
    value = _unit_values(episode, root)
    table = {row["product"]: row for row in store.own_table("products").to_pylist()}
    products = [_product(item, value.get(item.id, 10.0), table.get(item.id)) for item in episode.products]
    sources = lane_sources(episode.base_year)
    return build_traded_network(products, flows, sources, episode.entrepots)


def _default(episode: Episode, root: Path | None) -> NetworkBuild:
    as_of = episode.begins - dt.timedelta(days=1)
    build = load_baseline(as_of=as_of, root=root).build
    if build.network.base_year != episode.base_year:
        got, expected = str(episode.base_year), str(build.network.base_year)
        where, fix = f"{episode.id}: base_year", "Use network: trade for other years."
        raise InputError(Problem("the default network is of another year", where, got, expected, fix))
    unknown = [item.id for item in episode.products if build.network.product_index(item.id) < 0]
    if unknown:
        where, expected = f"{episode.id}: products", "product ids of the network"
        raise InputError(Problem("unknown product", where, ", ".join(unknown), expected))
    return build


def _product(item: EpisodeProduct, price: float, row: Mapping[str, float] | None) -> TradedProduct:
    """Return a product with the stock and spare capacity of kaname's table, or the usual ones."""
    cover, headroom = COVER_DAYS, HEADROOM
    if row is not None:
        cover = Spread(row["cover_days"], row["cover_low"], row["cover_high"])
        headroom = Spread(row["headroom"], row["headroom_low"], row["headroom_high"])
    return TradedProduct(item.id, item.name or item.id, item.stage, item.hs, price, cover, headroom)


def _base_flows(episode: Episode, root: Path | None) -> list[BaseFlow]:
    total: dict[tuple[str, str, str], float] = defaultdict(float)
    for flow in episode.flows:
        total[(flow.product, flow.exporter, flow.importer)] += flow.tonnes
    if not episode.flows:
        trade = reported(episode, episode.base_year, root)
        for product, exporter, importer, tonnes in zip(
            trade.product.tolist(),
            trade.exporter.tolist(),
            trade.importer.tolist(),
            trade.tonnes.tolist(),
            strict=True,
        ):
            total[(product, exporter, importer)] += tonnes
    return [BaseFlow(*key, tonnes) for key, tonnes in sorted(total.items())]


def _unit_values(episode: Episode, root: Path | None) -> dict[str, float]:
    """Return the mean unit value of each product in the base year, kUSD/t; empty without trade data."""
    if episode.flows:
        return {}
    trade = reported(episode, episode.base_year, root)
    found = {}
    for item in episode.products:
        own = trade.product == item.id
        tonnes = float(trade.tonnes[own].sum())
        if tonnes > 0.0:
            found[item.id] = float(trade.value_kusd[own].sum()) / tonnes
    return found


def reported(episode: Episode, year: int, root: Path | None = None) -> Trade:
    """Return the trade of a year in the episode's products, as reported (data: raw), between countries.

    Raises DataMissing for a code without rows in the year: absent, not zero.
    """
    of_code = {code: item.id for item in episode.products for code in item.hs}
    rows = [
        row
        for row in store.trade(list(of_code), year, root).to_pylist()
        if row["quantity_t"] and row["exporter"] != row["importer"]
    ]
    return Trade(
        np.array([row["exporter"] for row in rows], dtype=str),
        np.array([row["importer"] for row in rows], dtype=str),
        np.array([of_code[row["hs"]] for row in rows], dtype=str),
        np.array([row["quantity_t"] for row in rows], dtype=np.float64),
        np.array([row["value_kusd"] or 0.0 for row in rows], dtype=np.float64),
    )
