"""An instance with named axes, from which the reference of the planner is written (rule O4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kaname.respond.instance import Instance
from kaname.respond.layout import Kind
from kaname.respond.reading import Names

if TYPE_CHECKING:
    from linopy import Model

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Book:
    """What the constraints are written from: the model with its variables, and the data with their names.

    `data` holds the groups and one draw, named as in `Grouped` and `DrawData`; `done` what measures do at
    level 1, by its name in `Plan`: `amount` (entry, period), and the names `measure` and `member` (entry).
    """

    model: Model
    kind: Kind
    data: xr.Dataset
    done: Mapping[str, xr.Dataset]

    def __getattr__(self, name: str) -> Any:
        """Return a variable of the model by its name."""
        return self.model.variables[name]

    @cached_property
    def plants(self) -> xr.DataArray:
        """Return the suppliers that measures add."""
        return self._named("capacity", "supplier")

    @cached_property
    def contracted(self) -> xr.DataArray:
        """Return the lanes with a contract."""
        return self._named("contracts", "lane")

    @cached_property
    def stored(self) -> xr.DataArray:
        """Return the consumers whose stock a measure lets grow."""
        return self._named("stocks", "consumer")

    def _named(self, what: str, axis: str) -> xr.DataArray:
        return self.data[axis][self.data[axis].isin(self.done[what].named)]

    @cached_property
    def firm(self) -> xr.DataArray:
        """Return the recipe lines that take the input for all of the output: of one element, or a plant's."""
        of_plant = self.data.line_supplier.isin(self.plants)
        found: xr.DataArray = self.data.line[self.data.line_fixed | of_plant]
        return found

    @cached_property
    def loose(self) -> xr.DataArray:
        """Return the recipe lines that go on in part without the input."""
        found: xr.DataArray = self.data.line[~self.data.line.isin(self.firm)]
        return found

    def sums(self, amounts: Any, of: xr.DataArray, axis: str) -> Any:
        """Return the sums of amounts by the supplier, consumer or lane that each belongs to, 0 for none."""
        if not of.size:
            return 0.0
        return (1.0 * amounts).groupby(grouper(axis, of)).sum().reindex({axis: self.data[axis]}).fillna(0.0)

    def effects(self, what: str, axis: str, of: xr.DataArray | None = None, weight: Any = 1.0) -> Any:
        """Return what measures do at their levels, by the member named in each entry, or in `of`."""
        entries = self.done[what]
        if not entries.entry.size:
            return 0.0
        amounts = self.level.sel(measure=entries.measure) * (entries.amount * weight)
        return self.sums(amounts, entries.member if of is None else of, axis)


def grouper(axis: str, labels: xr.DataArray) -> xr.DataArray:
    """Return labels as a grouper for an axis, without what else hangs on them."""
    return labels.reset_coords(drop=True).rename(axis)


def labelled(instance: Instance, names: Names, draw: int, fill: Floats | None) -> xr.Dataset:
    """Return the groups and one draw with their names."""
    g, edges, data = instance.groups, instance.grid.edges.astype(np.float64), instance.draws[draw]
    suppliers, consumers = np.array(names.supplier), np.array(names.consumer)
    over_time = ("supplier", "period")
    served = np.ones_like(data.final) if fill is None else fill
    return xr.Dataset(
        {
            "period_start": ("period", edges[:-1]),
            "period_end": ("period", edges[1:]),
            "supplier_held": ("supplier", g.supplier_held),
            "inflow": ("consumer", g.consumer_inflow),
            "value": ("consumer", g.consumer_value_kusd),
            "lane_supplier": ("lane", suppliers[g.lane_supplier]),
            "lane_consumer": ("lane", consumers[g.lane_consumer]),
            "lane_flow": ("lane", g.lane_flow),
            "lane_lag": ("lane", g.lane_lag_periods),
            "lane_latent": ("lane", g.lane_latent),
            "lane_pool": ("lane", g.lane_pool),
            "line_supplier": ("line", suppliers[g.recipe_supplier]),
            "line_consumer": ("line", consumers[g.recipe_consumer]),
            "line_input": ("line", g.recipe_input),
            "line_fixed": ("line", g.recipe_fixed),
            "dependence": ("line", data.dependence),
            "ship_most": (("lane", "period"), data.ship_most),
            "extra_most": (("lane", "period"), data.extra_most),
            "capacity": (over_time, data.capacity),
            "tied": (over_time, data.tied),
            "base_output": (over_time, data.base_output),
            "final": (("consumer", "period"), data.final),
            "fill": (("consumer", "period"), served),
            "newcomer_most": (("consumer", "period"), data.newcomer_most),
            "start": ("consumer", data.start),
            "ceiling": ("consumer", data.ceiling),
            "threshold": ("consumer", data.threshold),
            "pool_most": (("pool", "period"), data.pool_most[1:]),
        },
        coords={
            "lane": np.array(names.lane, dtype=str),
            "supplier": suppliers,
            "consumer": consumers,
            "line": np.array(names.line, dtype=str),
            "pool": np.arange(1, len(data.pool_most)),
            "period": np.arange(instance.grid.count),
            "measure": np.array(names.measure, dtype=str),
        },
    )


def done(instance: Instance, names: Names, draw: int) -> dict[str, xr.Dataset]:
    """Return what measures do at level 1 in one draw, with names; `named` are the members of any draw."""
    found, periods = {}, instance.grid.count
    for what, members in (
        ("capacity", names.supplier),
        ("contracts", names.lane),
        ("savings", names.line),
        ("given_up", names.consumer),
        ("stocks", names.consumer),
    ):
        entries = getattr(instance.plans[draw], what)
        named = {members[at] for plan in instance.plans for _, at, _ in getattr(plan, what)}
        found[what] = xr.Dataset(
            {
                "measure": ("entry", np.array([names.measure[m] for m, _, _ in entries], dtype=str)),
                "member": ("entry", np.array([members[at] for _, at, _ in entries], dtype=str)),
                "amount": (
                    ("entry", "period"),
                    np.array([a for *_, a in entries]).reshape(len(entries), periods),
                ),
                "named": ("named_member", np.array(sorted(named), dtype=str)),
            },
            coords={"period": np.arange(periods)},
        )
    return found
