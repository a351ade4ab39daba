"""Scenario x Network x draws -> Shock: the arrays that the simulator reads (rules M5-M8, S)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Prices:
    """Prices and what answers them (rule M11): W rows, one per product and side of the restriction.

    Row 0 is no price (always 1), for what has none: an index product, say. A consumer pays, and a supplier is
    paid, the price of the row that it points at. All arrays are read-only.
    """

    product: Ints  # (W,) index of the product; -1 in row 0
    inside: Bools  # (W,) the price inside the restricting countries; else the one outside
    consumer_row: Ints  # (N,) -> rows
    supplier_row: Ints  # (K,) -> rows
    speed: Floats  # (D,) exponent k per week
    hoarding: Floats  # (D,) elasticity of the target stock
    memory_weeks: Floats  # (D,) over which the slow price follows the price
    short_elasticity: Floats  # (D, W) of use, at once
    long_elasticity: Floats  # (D, W) of use, once the memory has caught up; not below the short one
    supply_elasticity: Floats  # (D, W) of capacity, once the memory has caught up

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        _freeze(self)

    def take(self, rows: Sequence[int]) -> Prices:
        """Return the prices of some draws, in the order given."""
        return replace(self, **{name: getattr(self, name)[list(rows)] for name in _PRICES_BY_DRAW})


@dataclass(frozen=True)
class Shock:
    """All that disturbs the base state, and the behaviour parameters, with the draw axis first.

    Shapes: D draws, P periods, K suppliers, N consumers, E lanes, R recipe lines of the network it was
    compiled for. A time path is stored once per *row* and shared by all lanes (suppliers, consumers) that
    point at it; row 0 is always the undisturbed path (1.0, or 0 extra periods). All arrays are read-only.
    """

    start: date
    periods: int
    period_days: float

    lane_permission_row: Ints  # (E,) -> rows of permission
    permission: Floats  # (D, G, P) p in [0, 1] (rule M7)
    lane_pool_row: Ints  # (E,) -> rows of pool_permission; pooled quotas; row 0 = no pool
    pool_permission: Floats  # (D, Q, P): sum of shipments of the pool <= p x sum of base flows
    supplier_capacity_row: Ints  # (K,)
    capacity_factor: Floats  # (D, C, P) factor on capacity
    consumer_demand_row: Ints  # (N,)
    demand_factor: Floats  # (D, M, P) factor on final use
    consumer_target_row: Ints  # (N,)
    target_factor: Floats  # (D, T, P) factor on the target stock (front-loading, rule M7)
    lane_delay_row: Ints  # (E,)
    extra_lag: Ints  # (D, L, P) extra periods for what is shipped in the period (route closure)

    cover_days: Floats  # (D, N)
    reserve_days: Floats  # (D, N)
    dependence: Floats  # (D, R)
    psi: Floats  # (D,) rationing threshold (rule M8)
    kappa: Floats  # (D,) order ceiling, multiple of base inflow (rule M5)
    tau_weeks: Floats  # (D,) stock adjustment time (rule M5)
    smoothing_weeks: Floats  # (D,) of the wanted use (rule M5)
    rho: Floats  # (D,) share of what is blocked that is re-placed (rule M6)
    eta: Floats  # (D,) speed of the supplier mark per week (rule M6)
    draw_names: tuple[str, ...]  # (D,) "central", "psi low", ..., "lhs 1" ...
    drawn: dict[str, Floats]  # name of the assumption -> (D,) value used, for sensitivity
    prices: Prices | None = None  # None: off (rule M11)

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        _freeze(self)

    @property
    def draws(self) -> int:
        """Return D."""
        return len(self.psi)

    def take(self, rows: Sequence[int]) -> Shock:
        """Return the shock of some draws, in the order given; what all draws share stays shared."""
        index = list(rows)
        changed: dict[str, Any] = {name: getattr(self, name)[index] for name in _BY_DRAW}
        changed["draw_names"] = tuple(self.draw_names[i] for i in index)
        changed["drawn"] = {name: values[index] for name, values in self.drawn.items()}
        changed["prices"] = None if self.prices is None else self.prices.take(index)
        return replace(self, **changed)


_PRICES_BY_DRAW = (
    *("speed", "hoarding", "memory_weeks"),
    *("short_elasticity", "long_elasticity", "supply_elasticity"),
)
_BY_DRAW = (
    *("permission", "pool_permission", "capacity_factor", "demand_factor", "target_factor", "extra_lag"),
    *("cover_days", "reserve_days", "dependence"),
    *("psi", "kappa", "tau_weeks", "smoothing_weeks", "rho", "eta"),
)


def _freeze(part: Prices | Shock) -> None:
    """Make every array of a part read-only."""
    for item in fields(part):
        value = getattr(part, item.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
