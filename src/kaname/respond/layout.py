"""The columns of the planner's linear program, and how its rows are written (rule O1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kaname.respond.instance import Instance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Kind = Literal["planner", "bound"]
Entries = list[tuple[Ints, Ints, Floats]]
_SHARED = ("ship", "extra", "make", "stock", "contract")
BLOCKS: dict[Kind, tuple[str, ...]] = {
    "planner": (*_SHARED, "fill", "level"),
    "bound": (*_SHARED, "draw", "unmet", "level"),
}


@dataclass(frozen=True)
class Layout:
    """Where each column stands: block by block, member by member, period by period; `level` last."""

    instance: Instance
    kind: Kind

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Return how many columns each block has."""
        groups, t = self.instance.groups, self.instance.grid.count
        lanes, users = len(groups.lane_flow) * t, len(groups.consumer_inflow) * t
        found = {
            "ship": lanes,
            "extra": lanes,
            "make": len(groups.supplier_base) * t,
            "stock": users,
            "contract": len(self.contracted) * t,
            "fill": users,
            "draw": len(self.loose) * t,
            "unmet": users,
            "level": len(self.instance.measures),
        }
        return {name: found[name] for name in BLOCKS[self.kind]}

    @cached_property
    def first(self) -> dict[str, int]:
        """Return the first column of each block."""
        ends = np.cumsum([0, *self.sizes.values()])
        return dict(zip(self.sizes, ends[:-1].tolist(), strict=True))

    @property
    def columns(self) -> int:
        """Return the number of columns."""
        return sum(self.sizes.values())

    @cached_property
    def of_plant(self) -> NDArray[np.bool_]:
        """Return (R,) the recipe lines of suppliers that measures add."""
        found: NDArray[np.bool_] = np.isin(self.instance.groups.recipe_supplier, self.plants)
        return found

    @cached_property
    def loose(self) -> Ints:
        """Return the recipe lines that go on in part without the input: not of one element, nor a plant's."""
        groups = self.instance.groups
        return np.flatnonzero(~groups.recipe_fixed & ~self.of_plant)

    @cached_property
    def contracted(self) -> Ints:
        """Return the lanes with a contract in any draw."""
        return _members(plan.contracts for plan in self.instance.plans)

    @cached_property
    def plants(self) -> Ints:
        """Return the suppliers whose capacity a measure adds to."""
        return _members(plan.capacity for plan in self.instance.plans)

    @cached_property
    def stored(self) -> Ints:
        """Return the consumers whose stock a measure lets grow."""
        return _members(plan.stocks for plan in self.instance.plans)

    def at(self, block: str, member: Ints | int, period: Ints | int) -> Ints:
        """Return the columns of members of a block in periods."""
        found: Ints = self.first[block] + np.asarray(member) * self.instance.grid.count + np.asarray(period)
        return found

    def pairs(self, members: int) -> tuple[Ints, Ints]:
        """Return member and period of every pair of `members` x T, member by member."""
        t = self.instance.grid.count
        return np.repeat(np.arange(members), t), np.tile(np.arange(t), members)

    def at_level(self, measure: int, rows: Ints, amounts: Floats) -> tuple[Ints, Ints, Floats]:
        """Return the entries of a measure's level in some rows."""
        return rows, np.full(len(rows), self.first["level"] + measure), amounts


def _members(lists: Iterable[Sequence[tuple[int, int, Floats]]]) -> Ints:
    """Return the members that any entry names, rising."""
    return np.array(sorted({member for entries in lists for _, member, _ in entries}), dtype=np.int64)


@dataclass(frozen=True)
class Rows:
    """Rows of one constraint, `matrix @ columns <= upper`, as entries (row, column, value)."""

    name: str
    entries: Entries
    upper: Floats
