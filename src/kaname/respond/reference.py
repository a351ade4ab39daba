"""The planner's two linear programs a second time, with linopy: named axes, no plain columns (rule O4).

Read it beside docs/model.md. It checks `constraints.py`: the same name for the same constraint, written from
the rules and sharing no code with it; both have the same optimum to 1e-8. linopy comes with the extra
`reference`; nothing else in kaname needs it.

Axes: `lane` (E), `supplier` (K), `consumer` (N), `line` (R recipe lines), `pool`, `period` (T), `measure`
(M). Amounts are units of the product per planning period; optima are in thousand USD.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kaname.respond.book import Book, done, grouper, labelled
from kaname.respond.instance import Instance
from kaname.respond.layout import Kind
from kaname.respond.reading import names_of
from kaname.terms.errors import Problem, SolverError
from kaname.terms.extras import require_extra

if TYPE_CHECKING:
    from linopy import Model

Floats = NDArray[np.float64]
OFFSET = "offset_kusd"  # a constant, which linopy's objective cannot hold, among the model's parameters
SCALE = 1e-3  # the model's objective is in million USD: HiGHS takes several times as long over thousands


def reference_program(
    instance: Instance,
    draw: int,
    kind: Kind = "planner",
    fill: Floats | None = None,
    levels: Floats | None = None,
) -> Model:
    """Return the program of one draw, with the measures at `levels` (M,), without them at 0.

    `fill` (N, T) is the share of use served without measures, without it 1. The model's objective is in
    million USD; its parameter `offset_kusd`, in thousand USD, is to be added.
    """
    with _strict():
        model: Model = require_extra("reference", "linopy").Model(sparse=True)
        names = names_of(instance)
        book = Book(model, kind, labelled(instance, names, draw, fill), done(instance, names, draw))
        bounds(book, np.zeros(len(instance.measures)) if levels is None else levels)
        for constraint in (balance, supply, inputs, plant, contract, store, pool):
            constraint(book)
        if kind == "planner":
            for constraint in (spare, newcomer, feed, ration):
                constraint(book)
        objective(book)
    return model


def solve_reference(
    instance: Instance,
    draw: int,
    kind: Kind = "planner",
    fill: Floats | None = None,
    levels: Floats | None = None,
) -> float:
    """Return the optimum of `reference_program`, thousand USD. Raises SolverError without one."""
    return optimum(reference_program(instance, draw, kind, fill, levels))


def optimum(model: Model) -> float:
    """Return the optimum of a reference program, thousand USD. Raises SolverError without one."""
    with _strict():
        status, condition = model.solve(
            "highs", io_api="direct", progress=False, solver="simplex", threads=1, output_flag=False
        )
    if (status, condition) != ("ok", "optimal"):
        got = f"{status}, {condition}"
        raise SolverError(Problem("no optimum of the reference", "linopy, HiGHS", got, "ok, optimal"))
    return float(model.objective.value or 0.0) / SCALE + float(model.parameters[OFFSET])


@contextmanager
def _strict() -> Iterator[None]:
    """Let linopy refuse operands that do not align, for as long as the `with` lasts."""
    with require_extra("reference", "linopy").options as options:
        options.set_value(semantics="v1")
        yield


def bounds(b: Book, levels: Floats) -> None:
    """Add the variables: what each at most may be, and the measures fixed at their levels.

    Rows hold the output of plants and the stocks that measures let grow.
    """
    d, add = b.data, b.model.add_variables
    shape = xr.zeros_like(d.period, dtype=float)
    add(0.0, d.ship_most, name="ship")
    add(0.0, d.extra_most, name="extra")
    add(0.0, d.capacity.where(~d.supplier.isin(b.plants), np.inf), name="make")
    add(0.0, d.ceiling.where(~d.consumer.isin(b.stored), np.inf) + shape, name="stock")
    if b.contracted.size:
        add(0.0, coords={"lane": b.contracted.values, "period": d.period.values}, name="contract")
    if b.kind == "planner":
        add(0.0, xr.ones_like(d.final), name="fill")
    else:
        if b.loose.size:
            add(0.0, coords={"line": b.loose.values, "period": d.period.values}, name="draw")
        add(0.0, d.final, name="unmet")
    if levels.size:
        fixed = xr.DataArray(levels, coords={"measure": d.measure})
        add(fixed, fixed, name="level")


def objective(b: Book) -> None:
    """Minimise the value of final use not served (rule O1).

    Planner: of what a measure lets users give up, the share not served without measures is no loss.
    """
    d = b.data
    if b.kind == "bound":
        b.model.add_objective((b.unmet * (d.value * SCALE)).sum())
        b.model.parameters = xr.Dataset({OFFSET: 0.0})
        return
    total = (b.fill * (-d.value * d.final)).sum()
    given = b.done["given_up"]
    if given.entry.size:
        lost = given.amount * (d.value * (1.0 - d.fill)).sel(consumer=given.member)
        total = total - (b.level.sel(measure=given.measure) * lost).sum()
    b.model.add_objective(total * SCALE)
    b.model.parameters = xr.Dataset({OFFSET: (d.value * d.final).sum()})


def balance(b: Book) -> None:
    """Stock left + use <= stock before + arrivals, by consumer and period (rule M1)."""
    d = b.data
    before = (1.0 * b.stock).shift(period=1).fillna(0.0)
    at_start = d.start.where(d.period == 0, 0.0)
    firm = d.sel(line=b.firm)
    into_makers = b.sums(
        b.make.sel(supplier=firm.line_supplier) * firm.line_input, firm.line_consumer, "consumer"
    )
    if b.kind == "planner":
        line_of = b.done["savings"].member
        saved_at = d.line_consumer.sel(line=line_of)
        freed = b.effects("savings", "consumer", saved_at, d.fill.sel(consumer=saved_at))
        given_at = b.done["given_up"].member
        freed = b.effects("given_up", "consumer", weight=d.fill.sel(consumer=given_at)) + freed
        use = b.fill * wanted(b) + into_makers
        due = 0.0
    else:
        drawn = b.sums(b.draw, d.line_consumer.sel(line=b.loose), "consumer") if b.loose.size else 0.0
        freed = b.effects("given_up", "consumer") + b.unmet
        use, due = drawn + into_makers, d.final
    left = b.stock - before + use - freed - arrivals(b)
    b.model.add_constraints(left <= at_start + under_way(b) - due, name="balance")


def wanted(b: Book) -> xr.DataArray:
    """Return (consumer, period) the use that shares a stock: final use, and base use of loose lines."""
    d = b.data.sel(line=b.loose)
    final: xr.DataArray = b.data.final
    if not b.loose.size:
        return final
    use = d.line_input * d.base_output.sel(supplier=d.line_supplier)
    total = use.reset_coords(drop=True).groupby(grouper("consumer", d.line_consumer)).sum()
    everyone: xr.DataArray = final + total.reindex(consumer=b.data.consumer, fill_value=0.0)
    return everyone


def arrivals(b: Book) -> Any:
    """Return what arrives, by consumer and period: all that was sent, a lag later (rule N6).

    Of what is sent evenly over a period, the share that has come by an instant rises in a straight line.
    """
    d, total = b.data, 0.0
    lanes = [(b.ship + b.extra, d.lane)]
    lanes += [(1.0 * b.contract, b.contracted)] if b.contracted.size else []
    for back in range(d.sizes["period"]):
        sent = d[["period_start", "period_end"]].shift(period=back)  # the period so many periods before
        first, length = sent.period_start + d.lane_lag, sent.period_end - sent.period_start
        come = [((d[edge] - first) / length).clip(0.0, 1.0) for edge in ("period_start", "period_end")]
        share = (come[1] - come[0]).fillna(0.0)
        if not share.any():
            continue
        for flow, members in lanes:
            earlier = flow.shift(period=back).fillna(0.0) * share.sel(lane=members)
            total = b.sums(earlier, d.lane_consumer.sel(lane=members), "consumer") + total
    return total


def under_way(b: Book) -> xr.DataArray:
    """Return (consumer, period) what base flows of before the start bring, as long as the lag."""
    d = b.data
    arriving = np.minimum(d.lane_lag, d.period_end) - np.minimum(d.lane_lag, d.period_start)
    total = (
        (d.lane_flow * arriving).reset_coords(drop=True).groupby(grouper("consumer", d.lane_consumer)).sum()
    )
    everyone: xr.DataArray = total.reindex(consumer=d.consumer, fill_value=0.0)
    return everyone


def supply(b: Book) -> None:
    """What is sent <= what is made, less what goes to users left out (rule M9).

    The latter is a share of output where the supplier uses a stock that is kept, else that share of base
    output, or of capacity where that is less.
    """
    d = b.data
    sent = b.sums(b.ship + b.extra, d.lane_supplier, "supplier")
    if b.contracted.size:
        sent = sent + b.sums(b.contract, d.lane_supplier.sel(lane=b.contracted), "supplier")
    uses_stock = d.supplier.isin(d.line_supplier)
    in_step = d.supplier_held.where(uses_stock, 0.0)
    steady = d.supplier_held.where(~uses_stock, 0.0) * np.minimum(d.base_output, d.capacity)
    b.model.add_constraints(sent - b.make * (1.0 - in_step) <= -steady, name="supply")


def inputs(b: Book) -> None:
    """Output <= what goes on without the input + what the input allows, by loose recipe line (rule M8).

    Planner: output <= base x (1 - d + d x fill), base at most the capacity. Bound: a x (output - (1 - d) x
    capacity) <= d x (drawn + saved).
    """
    if not b.loose.size:
        return
    d = b.data.sel(line=b.loose)
    made, most = b.make.sel(supplier=d.line_supplier), d.capacity.sel(supplier=d.line_supplier)
    base = np.minimum(d.base_output.sel(supplier=d.line_supplier), most)
    share = d.dependence
    if b.kind == "planner":
        shared = b.fill.sel(consumer=d.line_consumer) * (share * base)
        b.model.add_constraints(made - shared <= (1.0 - share) * base, name="input")
        return
    got = b.draw * share
    saved = b.effects("savings", "line")
    if b.done["savings"].entry.size:
        got = got + saved.sel(line=b.loose) * share
    b.model.add_constraints(made * d.line_input - got <= d.line_input * (1.0 - share) * most, name="input")


def plant(b: Book) -> None:
    """What a new plant makes <= its capacity x the level of the measure (rule R1)."""
    if b.plants.size:
        added = b.effects("capacity", "supplier").sel(supplier=b.plants)
        b.model.add_constraints(b.make.sel(supplier=b.plants) - added <= 0.0, name="plant")


def contract(b: Book) -> None:
    """What is sent under contracts <= contracted x level x permission (rule R2)."""
    if b.contracted.size:
        agreed = b.effects("contracts", "lane").sel(lane=b.contracted)
        b.model.add_constraints(b.contract - agreed <= 0.0, name="contract")


def store(b: Book) -> None:
    """Stock <= the usual ceiling + what a stockpile measure allows x level, where there is one (rule M5)."""
    if b.stored.size:
        allowed = b.effects("stocks", "consumer").sel(consumer=b.stored)
        most = b.data.ceiling.sel(consumer=b.stored)
        b.model.add_constraints(b.stock.sel(consumer=b.stored) - allowed <= most, name="store")


def pool(b: Book) -> None:
    """What all lanes of a pooled quota carry <= the quota, by pool and period (rule M7)."""
    d = b.data.sel(lane=b.data.lane_pool > 0)
    if d.lane.size:
        carried = b.sums((b.ship + b.extra).sel(lane=d.lane), d.lane_pool, "pool")
        b.model.add_constraints(carried <= d.pool_most, name="pool")


def spare(b: Book) -> None:
    """What goes above the usual <= capacity - what base customers may order, by supplier (rule M9)."""
    d = b.data
    above = b.sums(b.extra, d.lane_supplier, "supplier")
    b.model.add_constraints(above <= (d.capacity - d.tied).clip(min=0.0), name="spare")


def newcomer(b: Book) -> None:
    """What comes over latent lanes <= the part of blocked orders that goes there, by consumer (rule M6)."""
    d = b.data.sel(lane=b.data.lane_latent)
    if d.lane.size:
        came = b.sums(b.extra.sel(lane=d.lane), d.lane_consumer, "consumer")
        b.model.add_constraints(came <= d.newcomer_most, name="newcomer")


def feed(b: Book) -> None:
    """Output <= capacity x the fill of an input of one element: makers share a stock too (rule M8)."""
    lines = b.firm[~b.data.line_supplier.sel(line=b.firm).isin(b.plants)]
    if lines.size:
        d = b.data.sel(line=lines)
        most = d.capacity.sel(supplier=d.line_supplier)
        fed = b.fill.sel(consumer=d.line_consumer) * most
        b.model.add_constraints(b.make.sel(supplier=d.line_supplier) - fed <= 0.0, name="feed")


def ration(b: Book) -> None:
    """Fill <= stock at hand / (psi x target), by consumer: users ration early (rule M8).

    At hand is the mean of the stocks left before and after, and one simulated period's usual inflow.
    """
    d = b.data.sel(consumer=b.data.threshold > 0.0)
    if not d.consumer.size:
        return
    left = (1.0 * b.stock).sel(consumer=d.consumer)
    mean = (left + left.shift(period=1).fillna(0.0)) * 0.5
    start = d.start.where(d.period == 0, 0.0) * 0.5
    at_hand = (start + d.inflow) / d.threshold
    fill = b.fill.sel(consumer=d.consumer)
    b.model.add_constraints(fill - mean * (1.0 / d.threshold) <= at_hand, name="ration")
