"""The planner's linear program in words: names for members, and rows and costs as text (rules O1, O4).

The text follows the LP format, but names hold blanks: it is for reading, not for a solver.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kaname.respond.instance import Instance
from kaname.respond.layout import Kind, Layout
from kaname.respond.problem import LinearProgram

Floats = NDArray[np.float64]
WIDTH = 96  # of a line, where a row goes on in the next one


@dataclass(frozen=True)
class Names:
    """A name for each member, none twice: K suppliers, N consumers, E lanes, R recipe lines, M measures."""

    supplier: tuple[str, ...]  # "CHN metal"
    consumer: tuple[str, ...]  # "JPN metal"
    lane: tuple[str, ...]  # "CHN>JPN metal"
    line: tuple[str, ...]  # "JPN magnets<metal"; the user's market too where it is another one
    measure: tuple[str, ...]


def names_of(instance: Instance, products: Sequence[str] | None = None) -> Names:
    """Return the names of an instance's members; `products` are the product ids of the cone's network."""
    groups = instance.groups

    def product(p: int) -> str:
        return f"product {p}" if products is None else products[p]

    def market(m: int) -> str:
        return groups.markets[m]

    sm, cm = groups.supplier_market, groups.consumer_market
    suppliers = _distinct(
        f"{market(m)} {product(p)}" for m, p in zip(sm, groups.supplier_product, strict=True)
    )
    lanes = [
        f"{market(sm[k])}>{market(cm[n])} {product(groups.consumer_product[n])}"
        for k, n in zip(groups.lane_supplier, groups.lane_consumer, strict=True)
    ]
    lines = [
        f"{suppliers[k]}<{'' if sm[k] == cm[n] else market(cm[n]) + ' '}{product(groups.consumer_product[n])}"
        for k, n in zip(groups.recipe_supplier, groups.recipe_consumer, strict=True)
    ]
    return Names(
        suppliers,
        _distinct(f"{market(m)} {product(p)}" for m, p in zip(cm, groups.consumer_product, strict=True)),
        _distinct(lanes),
        _distinct(lines),
        _distinct(instance.measures),
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names, with #2, #3 ... behind those that came before."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(found)


@dataclass(frozen=True)
class Reading:
    """A program with the names of its rows and columns."""

    program: LinearProgram
    instance: Instance
    kind: Kind
    names: Names

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the names of all columns: `ship[CHN>JPN metal,0]`, the period behind the member."""
        layout = Layout(self.instance, self.kind)
        names, periods = self.names, self.instance.grid.count
        members: dict[str, Sequence[str]] = {
            "ship": names.lane,
            "extra": names.lane,
            "make": names.supplier,
            "stock": names.consumer,
            "contract": [names.lane[e] for e in layout.contracted],
            "fill": names.consumer,
            "draw": [names.line[r] for r in layout.loose],
            "unmet": names.consumer,
        }
        found: list[str] = []
        for block in layout.sizes:
            if block == "level":
                found += [f"level[{name}]" for name in names.measure]
            else:
                found += [f"{block}[{name},{i}]" for name in members[block] for i in range(periods)]
        return tuple(found)

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """Return the names of all rows: `balance[JPN metal,0]`."""
        layout, groups = Layout(self.instance, self.kind), self.instance.groups
        names, periods = self.names, self.instance.grid.count
        pools = self.program.rows["pool"]
        members: dict[str, Sequence[str]] = {
            **dict.fromkeys(("balance", "newcomer", "ration"), names.consumer),
            **dict.fromkeys(("supply", "spare"), names.supplier),
            "input": [names.line[r] for r in layout.loose],
            "feed": [names.line[r] for r in np.flatnonzero(groups.recipe_fixed & ~layout.of_plant)],
            "plant": [names.supplier[k] for k in layout.plants],
            "contract": [names.lane[e] for e in layout.contracted],
            "store": [names.consumer[n] for n in layout.stored],
            "pool": [f"quota {q + 1}" for q in range((pools[1] - pools[0]) // periods)],
        }
        return tuple(
            f"{constraint}[{name},{i}]"
            for constraint in self.program.rows
            for name in members[constraint]
            for i in range(periods)
        )

    def constraint(self, name: str) -> str:
        """Return the rows of one constraint as text; rows that hold nothing are left out."""
        first, end = self.program.rows[name]
        matrix, found = self.program.matrix.tocsr(), []
        for row in range(first, end):
            entries = matrix[row]
            entries.sort_indices()
            terms = zip(entries.data.tolist(), entries.indices.tolist(), strict=True)
            shown = [(value, self.columns[column]) for value, column in terms if value]
            upper = float(self.program.row_upper[row])
            if shown and np.isfinite(upper):
                found.append(_wrapped(f"{self.rows[row]}: {_sum(shown)} <= {_number(upper)}"))
        return "\n".join(found) + "\n"

    def objective(self) -> str:
        """Return what is minimised, thousand USD, as text."""
        cost = self.program.cost
        shown = [(float(cost[i]), self.columns[i]) for i in np.flatnonzero(cost)]
        offset = f" {_signed(self.program.offset)}" if self.program.offset else ""
        return _wrapped(f"minimize: {_sum(shown)}{offset}") + "\n"

    def bounds(self) -> str:
        """Return the bounds of all columns as text, one a line."""
        return "\n".join(self._bounds()) + "\n"

    def _bounds(self) -> Iterator[str]:
        for column, low, high in zip(self.columns, self.program.lower, self.program.upper, strict=True):
            if low == high:
                yield f"{column} = {_number(low)}"
            elif np.isinf(high):
                yield f"{column} >= {_number(low)}"
            else:
                yield f"{_number(low)} <= {column} <= {_number(high)}"


def _sum(terms: Sequence[tuple[float, str]]) -> str:
    """Return a sum of terms: `ship[A,0] - 0.5 make[B,0]`."""
    parts: list[str] = []
    for value, column in terms:
        size = "" if abs(value) == 1.0 else f"{_number(abs(value))} "
        sign = "- " if value < 0.0 else "+ " if parts else ""
        parts.append(f"{sign}{size}{column}")
    return " ".join(parts) or "0"


def _signed(value: float) -> str:
    return f"{'-' if value < 0.0 else '+'} {_number(abs(value))}"


def _number(value: float) -> str:
    """Return a number to nine digits, so that the last bits do not show."""
    return f"{value + 0.0:.9g}"


def _wrapped(text: str) -> str:
    """Return a row on lines of at most `WIDTH`, broken before a sign; it goes on behind three blanks."""
    parts = text.replace(" + ", "\n+ ").replace(" - ", "\n- ").replace(" <= ", "\n<= ").split("\n")
    lines = [parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + 1 + len(part) > WIDTH:
            lines.append(f"   {part}")
        else:
            lines[-1] += f" {part}"
    return "\n".join(lines)
