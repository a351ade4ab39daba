"""Scenario x Network x draws -> Shock: the arrays that the simulator reads (rules M5-M8, R1-R4, S)."""

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

RELEASE_SHARE = 0.9  # of the target stock, below which a reserve releases (section M, Arrive)


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
class Additions:
    """What responses add to the undisturbed rules (rules R1-R4).

    Shapes: D draws, P periods, K suppliers, N consumers, R recipe lines, C contracts. A time path is stored
    once per row, as in `Shock`; row 0 is always the neutral one. All arrays are read-only.
    """

    supplier_row: Ints  # (K,) -> rows of capacity_t
    capacity_t: Floats  # (D, A, P) capacity added to the supplier, units per period; row 0 = 0 (rule R1)
    contract_lane: Ints  # (C,) lanes with a contract, strictly rising
    contract_t: Floats  # (D, C, P) contracted amount, units per period, >= 0 (rule R2)
    recipe_row: Ints  # (R,) -> rows of input_factor
    input_factor: Floats  # (D, I, P) factor on input per output, in [0, 1]; row 0 = 1 (rule R3)
    release_row: Ints  # (N,) -> rows of release_share
    release_share: Floats  # (D, L, P) a reserve releases below this share of the target; row 0 = .9 (rule R4)
    order_row: Ints | None = None  # (N,) -> rows of order_t; None: all follow row 0
    order_t: Floats | None = None  # (D, O, P) units by which the ceiling of orders rises; row 0 = 0 (rule R2)

    def __post_init__(self) -> None:
        """Fill in what is left out, and freeze the arrays."""
        if self.order_row is None or self.order_t is None:
            draws, _, periods = self.capacity_t.shape
            object.__setattr__(self, "order_row", np.broadcast_to(np.int32(0), len(self.release_row)))
            object.__setattr__(self, "order_t", np.broadcast_to(np.float64(0.0), (draws, 1, periods)))
        _freeze(self)

    @property
    def order_rise(self) -> tuple[Ints, Floats]:
        """Return (N,) rows and (D, O, P) paths of what the ceiling of orders rises by (rule R2)."""
        assert self.order_row is not None  # filled in above
        assert self.order_t is not None
        return self.order_row, self.order_t

    @classmethod
    def neutral(cls, draws: int, periods: int, suppliers: int, consumers: int, recipes: int) -> Additions:
        """Return the additions that change nothing; the arrays are views of one number."""

        def row(value: float) -> Floats:
            return np.broadcast_to(np.float64(value), (draws, 1, periods))

        return cls(
            supplier_row=np.broadcast_to(np.int32(0), suppliers),
            capacity_t=row(0.0),
            contract_lane=np.zeros(0, dtype=np.int32),
            contract_t=np.zeros((draws, 0, periods)),
            recipe_row=np.broadcast_to(np.int32(0), recipes),
            input_factor=row(1.0),
            release_row=np.broadcast_to(np.int32(0), consumers),
            release_share=row(RELEASE_SHARE),
        )

    def take(self, rows: Sequence[int]) -> Additions:
        """Return the additions of some draws, in the order given."""
        return replace(self, **{name: getattr(self, name)[list(rows)] for name in _ADDITIONS_BY_DRAW})


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
    additions: Additions | None = None  # None: nothing is added (rules R1-R4)

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        _freeze(self)

    @property
    def draws(self) -> int:
        """Return D."""
        return len(self.psi)

    @property
    def added(self) -> Additions:
        """Return the additions; where there are none, those that change nothing."""
        if self.additions is not None:
            return self.additions
        suppliers, consumers = len(self.supplier_capacity_row), len(self.consumer_demand_row)
        return Additions.neutral(self.draws, self.periods, suppliers, consumers, self.dependence.shape[1])

    def take(self, rows: Sequence[int]) -> Shock:
        """Return the shock of some draws, in the order given; what all draws share stays shared."""
        index = list(rows)
        changed: dict[str, Any] = {name: getattr(self, name)[index] for name in _BY_DRAW}
        changed["draw_names"] = tuple(self.draw_names[i] for i in index)
        changed["drawn"] = {name: values[index] for name, values in self.drawn.items()}
        changed["prices"] = None if self.prices is None else self.prices.take(index)
        changed["additions"] = None if self.additions is None else self.additions.take(index)
        return replace(self, **changed)


_PRICES_BY_DRAW = (
    *("speed", "hoarding", "memory_weeks"),
    *("short_elasticity", "long_elasticity", "supply_elasticity"),
)
_ADDITIONS_BY_DRAW = ("capacity_t", "contract_t", "input_factor", "release_share", "order_t")
_BY_DRAW = (
    *("permission", "pool_permission", "capacity_factor", "demand_factor", "target_factor", "extra_lag"),
    *("cover_days", "reserve_days", "dependence"),
    *("psi", "kappa", "tau_weeks", "smoothing_weeks", "rho", "eta"),
)


def _freeze(part: Prices | Additions | Shock) -> None:
    """Make every array of a part read-only."""
    for item in fields(part):
        value = getattr(part, item.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
