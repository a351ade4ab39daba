"""Import reliance and days of cover, from the accounts of items."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kaname.criticality.accounts import Account, of_materials, of_products
from kaname.criticality.panel import Asked, plain, with_weightless
from kaname.data import store
from kaname.indicators.lanes import Floats
from kaname.indicators.reliance import REMAINDER, Reliance, stock_cover
from kaname.indicators.reliance import import_reliance as net_reliance
from kaname.indicators.rows import ImportReliance, StockCover

Cell = tuple[int, int, int]
FIELDS = ("import_reliance", "production_t", "import_t", "export_t", "use_t")
DAYS = (
    "cover_days",
    "cover_low",
    "cover_high",
    "user_days",
    "reserve_days",
    "cover_t",
    "days_without_imports",
    "use_t",
)


def import_reliance(asked: Asked, folder: Path | None) -> Iterator[ImportReliance]:
    """Yield the import reliance of each item, year and country that makes or trades it."""
    account = of_materials(asked, folder) if folder is not None else of_products(asked)
    found = net_reliance(account.production_t, account.import_t, account.export_t)
    arrays = (found.reliance, account.production_t, account.import_t, account.export_t, found.use_t)
    for cell, missing in _cells(asked, account, found):
        i, y, c = cell
        yield ImportReliance(
            asked.countries[c],
            account.ids[i],
            account.years[y],
            asked.data,
            missing,
            _note(account, cell),
            **dict(zip(FIELDS, plain([array[cell] for array in arrays]), strict=True)),
            content=account.contents[i],
            production_source=account.source,
            basis=account.bases[i],
        )


def stock_days(asked: Asked) -> Iterator[StockCover]:
    """Yield the days that stocks last, of each product, year and country with a use of it."""
    account = of_products(asked)
    found = net_reliance(account.production_t, account.import_t, account.export_t)
    users, reserve = _assumed(asked, account, "cover_days", "reserve_days")
    cover = stock_cover(users, reserve, found)
    low = stock_cover(*_assumed(asked, account, "cover_low", "low"), found).cover_days
    high = stock_cover(*_assumed(asked, account, "cover_high", "high"), found).cover_days
    arrays = (cover.cover_days, low, high, users, reserve, cover.cover_t, cover.days_without_imports)
    for cell, missing in _cells(asked, account, found):
        i, y, c = cell
        values = plain([array[cell] for array in (*arrays, found.use_t)])
        unknown = (
            None if values[4] is not None else "no national reserve is known; the days are those of users"
        )
        note = "; ".join(filter(None, (unknown, _note(account, cell)))) or None
        yield StockCover(
            asked.countries[c],
            account.ids[i],
            account.years[y],
            asked.data,
            missing,
            note,
            **dict(zip(DAYS, values, strict=True)),
            basis="assumed",
        )


def _assumed(asked: Asked, account: Account, own: str, national: str) -> tuple[Floats, Floats]:
    """Return days that users and national reserves hold, of the account's shape; NaN for no known reserve."""
    shape = account.production_t.shape
    products = asked.catalogue.products
    users = np.array([float(products[one][own]) for one in account.ids])[:, np.newaxis, np.newaxis]
    number = {one: i for i, one in enumerate(account.ids)}
    held = np.full((shape[0], 1, shape[2]), np.nan)
    for row in store.own_table("reserves", asked.root).to_pylist():
        if row["product"] in number and row["market"] in asked.place and row[national] is not None:
            held[number[row["product"]], 0, asked.place[row["market"]]] = row[national]
    return np.broadcast_to(users, shape), np.broadcast_to(held, shape)


def _note(account: Account, cell: Cell) -> str | None:
    """Return how much of the value of a country's trade came without a weight, where that matters."""
    one = (np.array([amounts[cell]]) for amounts in (account.weightless_kusd, account.value_kusd))
    return with_weightless([None], *one)[0]


def _cells(asked: Asked, account: Account, found: Reliance) -> Iterator[tuple[Cell, str | None]]:
    """Yield the cells to report with the reason where the reliance is missing."""
    shape = found.use_t.shape
    for place in asked.shown(account.active).tolist():
        i, y, c = (int(axis) for axis in np.unravel_index(place, shape))
        cell = (i, y, c)
        missing: str | None = None
        if np.isnan(found.reliance[cell]):
            use = found.use_t[cell]
            if (i, y) in account.why:
                missing = account.why[i, y]
            elif np.isnan(use):
                missing = f"its own production of {account.years[y]} is not known ({account.source})"
            elif use == 0.0:
                missing = "neither production nor trade is reported"
            elif use > 0.0:
                had = account.production_t[cell] + account.import_t[cell]
                missing = (
                    f"use is what exports leave of {had:,.0f} t: {use:,.0f} t, less than {REMAINDER:.0%} "
                    "and within the error of the sources"
                )
            else:
                missing = f"exports exceed production and imports by {-use:,.0f} t: the sources disagree"
        yield cell, missing
