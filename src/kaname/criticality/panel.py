"""Trade laid out for the indicators: what was asked, the axis of countries, the lanes of items and years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from kaname.baseline import screened_trade
from kaname.data import store
from kaname.data.items import Catalogue, Item
from kaname.indicators.lanes import Floats, Ints, Lanes, merged, spread
from kaname.terms.errors import DataMissing, Problem

TOLD = 0.01  # share of a value without a weight from which on it is told


@dataclass(frozen=True)
class Asked:
    """What was asked for: a country (alpha-3), product text and year, each None for all; raw or screened."""

    country: str | None
    product: str | None
    year: int | None
    data: str
    root: Path | None

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the names that the data know."""
        return Catalogue(self.root)

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """Return the axis of countries: all alpha-3 codes, in the alphabet."""
        return tuple(store.country_names(self.root))

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Return the place of each country on the axis."""
        return {iso3: i for i, iso3 in enumerate(self.countries)}

    @cached_property
    def trade_years(self) -> tuple[int, int]:
        """Return the first and the last year of the trade data."""
        table = store.hs_products(self.root)
        firsts, lasts = table["first_year"].to_pylist(), table["last_year"].to_pylist()
        known = [year for year in [*firsts, *lasts] if year is not None]
        return min(known), max(known)

    def years(self, wanted: Iterable[int]) -> tuple[int, ...]:
        """Return the year that was asked for, else those wanted that the trade data hold, ascending.

        Raises DataMissing for a year outside the trade data.
        """
        first, last = self.trade_years
        if self.year is None:
            return tuple(year for year in sorted(wanted) if first <= year <= last)
        if not first <= self.year <= last:
            what = f"no trade data of {self.year}; missing is not zero"
            fix = f"Ask for a year from {first} to {last}"
            raise DataMissing(Problem(what, "--year", str(self.year), f"{first}-{last}", fix))
        return (self.year,)

    def shown(self, filled: Floats | Ints) -> Ints:
        """Return the cells to report, ascending: those with something, all of them where a country is asked
        for by name. `filled` has the shape (items, years, countries).
        """
        if self.country is None:
            return np.flatnonzero(filled)
        wanted = np.zeros(filled.shape, dtype=bool)
        wanted[:, :, self.place[self.country]] = True
        if self.product is None:
            wanted &= filled > 0
        return np.flatnonzero(wanted)


@dataclass(frozen=True)
class Rows:
    """Trade rows of shape (n,): places of code and countries, the year itself, kUSD, gross tonnes (NaN)."""

    code: Ints
    year: Ints
    exporter: Ints
    importer: Ints
    value_kusd: Floats
    tonnes: Floats

    def some(self, keep: Any) -> Rows:
        """Return the rows at some places, or where a mask holds."""
        return Rows(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Panel:
    """The lanes of items and years, with what the trade data hold of them at all.

    `traded` (items, years) tells whether any country reported trade, `absent` and `thin` which codes of an
    item have no row in a year, or only a remnant; keys are (item, year) places.
    """

    items: tuple[Item, ...]
    years: tuple[int, ...]
    lanes: Lanes
    traded: Any
    absent: Mapping[tuple[int, int], tuple[str, ...]]
    thin: Mapping[tuple[int, int], tuple[str, ...]]

    def heads(self, asked: Asked, cells: Ints, missing: Sequence[str | None]) -> tuple[list[Any], ...]:
        """Return the columns that rows of cells share: country, product, year, data, missing, note, hs."""
        shape = self.lanes.shape
        flat = [(i, y) for i in range(shape[0]) for y in range(shape[1])]
        blocks, countries = (cells // shape[2]).tolist(), (cells % shape[2]).tolist()
        ids = [self.items[i].id for i, _ in flat]
        hs = [";".join(self.items[i].hs) for i, _ in flat]
        years = [self.years[y] for _, y in flat]
        notes = [self.note(i, y) for i, y in flat]
        return (
            [asked.countries[c] for c in countries],
            [ids[block] for block in blocks],
            [years[block] for block in blocks],
            [asked.data] * len(blocks),
            list(missing),
            [notes[block] for block in blocks],
            [hs[block] for block in blocks],
        )

    def why_untraded(self, item: int, year: int) -> str:
        """Return the sentence for an item without any trade in a year."""
        one = self.items[item]
        if not one.hs:
            return one.note or f"no HS 1992 code shows {one.name}"
        return f"no trade under HS {', '.join(one.hs)} in {self.years[year]}; missing is not zero"

    def note(self, item: int, year: int) -> str | None:
        """Return what a reader must know of the trade of an item in a year."""
        said = []
        if gone := self.absent.get((item, year)):
            said.append(f"HS {', '.join(gone)} has no trade in {self.years[year]}, the other codes count")
        if thin := self.thin.get((item, year)):
            said.append(f"{self.years[year]} holds only a remnant of the trade under HS {', '.join(thin)}")
        return "; ".join(said) or None


def read_rows(asked: Asked, hs: Sequence[str], years: Sequence[int]) -> Rows:
    """Return the trade of codes and years, as reported or screened; `code` is a place in `hs`."""
    span = (min(years), max(years))
    if asked.data == "screened":
        return _screened(asked, hs, years)
    table = store.trade_numbers(hs, span, asked.root)
    numbers = np.full(1000, -1, dtype=np.int64)
    for row in store.countries(asked.root).select(["code", "iso3"]).to_pylist():
        numbers[row["code"]] = asked.place[row["iso3"]]
    places = np.full(1_000_000, -1, dtype=np.int64)
    places[[int(code) for code in hs]] = np.arange(len(hs))
    kilograms = table["quantity_kg"].cast(pa.float64()).fill_null(np.nan).to_numpy()
    return Rows(
        places[table["hs"].to_numpy()],
        table["year"].to_numpy().astype(np.int64),
        numbers[table["exporter"].to_numpy()],
        numbers[table["importer"].to_numpy()],
        table["value_usd"].to_numpy() / 1e3,
        kilograms / 1e3,
    )


def _screened(asked: Asked, hs: Sequence[str], years: Sequence[int]) -> Rows:
    """Return the trade with gross errors in weights replaced, year by year (data trap 1)."""
    known = {code: set(store.years_with_data(code, asked.root)) for code in hs}
    parts = []
    for year in years:
        some = [code for code in hs if year in known[code]]
        if some:
            parts.append(screened_trade(some, year, asked.root).rows)
    if not parts:
        nothing, none = np.empty(0, dtype=np.int64), np.empty(0)
        return Rows(nothing, nothing, nothing, nothing, none, none)
    table = pa.concat_tables(parts)
    code = {name: i for i, name in enumerate(hs)}

    def placed(name: str, place: Mapping[str, int]) -> Ints:
        column = table[name].combine_chunks().dictionary_encode()
        found = np.array([place[text] for text in column.dictionary.to_pylist()], dtype=np.int64)
        taken: Ints = found[column.indices.to_numpy()]
        return taken

    return Rows(
        placed("hs", code),
        table["year"].to_numpy().astype(np.int64),
        placed("exporter", asked.place),
        placed("importer", asked.place),
        table["value_kusd"].fill_null(0.0).to_numpy(),
        table["quantity_t"].fill_null(np.nan).to_numpy(),
    )


def read_panel(asked: Asked, items: Sequence[Item], years: Sequence[int]) -> Panel:
    """Return the imports of items and years as lanes; of the country asked for alone, if there is one."""
    hs = sorted({code for item in items for code in item.hs})
    shape = (len(items), len(years), len(asked.countries))
    of_year = np.full(10_000, -1, dtype=np.int64)
    of_year[list(years)] = np.arange(len(years))
    rows = read_rows(asked, hs, years) if hs and years else _screened(asked, (), ())
    rows = rows.some(of_year[rows.year] >= 0)
    counts = np.bincount(rows.code * shape[1] + of_year[rows.year], minlength=len(hs) * shape[1])
    held = counts.reshape(len(hs), shape[1]) > 0
    if asked.country is not None:
        rows = rows.some(rows.importer == asked.place[asked.country])
    members = [tuple(i for i, item in enumerate(items) if code in item.hs) for code in hs]
    row, item = spread(rows.code, members) if hs else (rows.code, rows.code)
    picked = rows.some(row)
    lanes = merged(
        item,
        of_year[picked.year],
        picked.importer,
        picked.exporter,
        picked.tonnes,
        picked.value_kusd,
        shape,
    )
    return Panel(tuple(items), tuple(years), lanes, *_gaps(asked, items, years, hs, held))


def _gaps(
    asked: Asked, items: Sequence[Item], years: Sequence[int], hs: Sequence[str], held: Any
) -> tuple[Any, dict[tuple[int, int], tuple[str, ...]], dict[tuple[int, int], tuple[str, ...]]]:
    """Return which items were traded in which years, and their codes without trade or with a remnant."""
    place = {code: i for i, code in enumerate(hs)}
    few = store.thin_years_of(hs, asked.root) if hs else {}
    traded = np.zeros((len(items), len(years)), dtype=bool)
    absent, remnants = {}, {}
    for i, item in enumerate(items):
        for y, year in enumerate(years):
            here = [code for code in item.hs if held[place[code], y]]
            traded[i, y] = bool(here)
            if here and len(here) < len(item.hs):
                absent[i, y] = tuple(code for code in item.hs if code not in here)
            if remnant := tuple(code for code in here if year in few.get(code, ())):
                remnants[i, y] = remnant
    return traded, absent, remnants


def plain(values: Any) -> list[Any]:
    """Return an array as a list of plain numbers, with None for NaN."""
    floats = np.asarray(values, dtype=np.float64)
    found = floats.tolist()
    for place in np.flatnonzero(np.isnan(floats)).tolist():
        found[place] = None
    return list(found)


def with_weightless(
    notes: Sequence[str | None], weightless_kusd: Floats, value_kusd: Floats
) -> list[str | None]:
    """Return notes that also tell how much of a value came without a weight, where that is `TOLD` or more."""
    told = list(notes)
    for n in np.flatnonzero(weightless_kusd >= np.maximum(TOLD * value_kusd, 1e-9)).tolist():
        share = weightless_kusd[n] / value_kusd[n]
        said = f"{share:.0%} of the value was reported without a weight and adds no tonnes"
        told[n] = f"{told[n]}; {said}" if told[n] else said
    return told
