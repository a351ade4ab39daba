"""A node of the base network: who supplies a product to a market, how concentrated, how long stocks last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaname.indicators.concentration import hhi
from kaname.network.draft import DAYS_PER_YEAR
from kaname.network.network import BASES, SUPPLIER_KINDS, Network
from kaname.terms import codes
from kaname.terms.errors import InputError, Problem
from kaname.terms.language import text_of


@dataclass(frozen=True)
class SupplierRow:
    """A country that supplies the node: kind of supply, units a year, share of all that arrives, basis."""

    country: str
    name: str
    kind: str
    amount: float
    share: float
    basis: str


@dataclass(frozen=True)
class UserRow:
    """What is made from the product there, and the share of it that stops where the product is missing."""

    product: str
    name: str
    stops: float
    basis: str


@dataclass(frozen=True)
class Node:
    """A product in a market, undisturbed. `hhi` is over supplying countries, home included, 0 to 1.

    `amount` is what arrives in a year, in `unit`, which is said in the language that is spoken; `cover_days`
    what users hold, `reserve_days` the national reserve beside it, 0 where the data know of none. `bases` are
    the shares of what arrives by what it rests on.
    """

    market: str
    market_name: str
    product: str
    product_name: str
    unit: str
    amount: float
    hhi: float
    cover_days: float
    reserve_days: float
    suppliers: tuple[SupplierRow, ...]
    users: tuple[UserRow, ...]
    bases: tuple[tuple[str, float], ...]
    stock_basis: str


def choices(network: Network) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return (id, name) of every product and of every market in which anything is used, by name."""
    used = network.consumer_inflow > 0.0
    products = {network.products[i] for i in np.unique(network.consumer_product[used]).tolist()}
    markets = {network.markets[i] for i in np.unique(network.consumer_market[used]).tolist()}
    return (
        sorted(((one.id, one.name) for one in products), key=lambda pair: pair[1].casefold()),
        sorted(((one.id, one.name) for one in markets), key=lambda pair: pair[1].casefold()),
    )


def node_of(network: Network, market: str, product: str) -> Node | None:
    """Return the node of a market and a product; None where nothing of it is used there.

    Raises InputError for a market or a product that the network does not know.
    """
    products, markets = network.product_index(product), network.market_index(market)
    known = ((product, products, "product", network.products), (market, markets, "place", network.markets))
    problems = []
    for name, at, where, items in known:
        if at < 0:
            close = codes.near(name, [item.id for item in items])
            fix = f"Did you mean {' or '.join(close)}?" if close else "Choose one of the list."
            problems.append(Problem(f"unknown {where}", where, repr(name[:60]), f"the id of a {where}", fix))
    if problems:
        raise InputError(problems)
    n = network.consumer_index(market, product)
    if n < 0 or network.consumer_inflow[n] <= 0.0:
        return None
    lanes = np.flatnonzero((network.lane_consumer == n) & (network.lane_flow > 0.0))
    flow = network.lane_flow[lanes]
    parts = np.bincount(network.lane_basis[lanes], flow, len(BASES)) / flow.sum()
    _, group = np.unique(_countries(network, lanes), return_inverse=True)
    amounts = np.bincount(group, flow)
    concentration = hhi(np.zeros(len(amounts), dtype=np.int64), amounts.astype(np.float64), 1)
    item = network.products[products]
    return Node(
        market,
        network.markets[markets].name,
        product,
        item.name,
        text_of("index points" if item.unit == "index" else item.content),
        float(flow.sum()) * DAYS_PER_YEAR / network.period_days,
        float(concentration[0]),
        float(network.consumer_cover_days[n]),
        float(network.consumer_reserve_days[n]),
        _suppliers(network, lanes),
        _users(network, n),
        tuple((name, float(share)) for name, share in zip(BASES, parts, strict=True) if share > 0.0),
        BASES[int(network.consumer_basis[n])],
    )


def _countries(network: Network, lanes: np.ndarray) -> list[str]:
    suppliers = network.lane_supplier[lanes].tolist()
    return [network.markets[int(network.supplier_market[k])].country for k in suppliers]


def _suppliers(network: Network, lanes: np.ndarray) -> tuple[SupplierRow, ...]:
    names = {market.country: market.name for market in network.markets if not market.segment}
    total = float(network.lane_flow[lanes].sum())
    found: dict[tuple[str, str], list[int]] = {}
    for lane, country in zip(lanes.tolist(), _countries(network, lanes), strict=True):
        kind = SUPPLIER_KINDS[int(network.supplier_kind[network.lane_supplier[lane]])]
        found.setdefault((country, kind), []).append(lane)
    yearly = DAYS_PER_YEAR / network.period_days
    rows = []
    for (country, kind), members in found.items():
        flow = float(network.lane_flow[members].sum())
        basis = BASES[int(network.lane_basis[members].max())]
        rows.append(
            SupplierRow(country, names.get(country, country), kind, flow * yearly, flow / total, basis)
        )
    return tuple(sorted(rows, key=lambda row: (-row.amount, row.country, row.kind)))


def _users(network: Network, n: int) -> tuple[UserRow, ...]:
    rows: dict[str, UserRow] = {}
    for line in np.flatnonzero(network.recipe_consumer == n).tolist():
        supplier = int(network.recipe_supplier[line])
        if SUPPLIER_KINDS[int(network.supplier_kind[supplier])] == "reexport":
            continue
        item = network.products[int(network.supplier_product[supplier])]
        basis = BASES[int(network.recipe_basis[line])]
        rows[item.id] = UserRow(item.id, item.name, float(network.recipe_dependence[line]), basis)
    return tuple(sorted(rows.values(), key=lambda row: (-row.stops, row.name)))
