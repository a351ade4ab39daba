"""Measures -> the suppliers and lanes that they add to a network (rules R1, R2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kaname.network.build import NetworkBuild
from kaname.network.extend import Extension, NewLine, NewSupplier, extend
from kaname.network.network import SUPPLIER_KINDS, Network
from kaname.scenario.measures import FLOWS, PLANTS, Measure
from kaname.scenario.resolve import Resolver
from kaname.terms.errors import Problem, RestrictionHitsNothing, ScenarioError

_PROCESSING, _REEXPORT = SUPPLIER_KINDS.index("processing"), SUPPLIER_KINDS.index("reexport")
_UNRECORDED = SUPPLIER_KINDS.index("unrecorded")


@dataclass(frozen=True)
class Flow:
    """What a plant, contract or pool sends: (supplier, its share), (consumer, its share); shares of the
    amount per year. `plant` is the supplier that the measure adds, if any.
    """

    suppliers: tuple[tuple[int, float], ...]
    takers: tuple[tuple[int, float], ...]
    plant: int | None = None


@dataclass(frozen=True)
class Placed:
    """A build with what measures add to it, and the flows of each measure that sends goods, by id."""

    extension: Extension
    flows: dict[str, Flow]

    @property
    def build(self) -> NetworkBuild:
        """Return the network with additions."""
        return self.extension.build


@dataclass
class _Draft:
    """What is to be added."""

    suppliers: list[NewSupplier] = field(default_factory=list)
    joins: list[tuple[int, int]] = field(default_factory=list)
    flows: dict[str, Flow] = field(default_factory=dict)


def place_measures(build: NetworkBuild, measures: Sequence[Measure], where: str = "measures") -> Placed:
    """Return the build with the suppliers and lanes of measures, at whatever level they are taken.

    Raises ScenarioError with every unknown name, and RestrictionHitsNothing with every measure that touches
    nothing: a plant without a market for its inputs, a contract with nobody to sell, a taker without use.
    """
    resolver, draft = Resolver(build.network), _Draft()
    for i, measure in enumerate(measures):
        for j, payer in enumerate(measure.payers):
            resolver.market(payer.market, f"{where}[{i}].payers[{j}].market")
        if measure.kind in FLOWS:
            _place(build, measure, f"{where}[{i}]", resolver, draft)
    if resolver.problems:
        raise ScenarioError(resolver.problems)
    if resolver.idle:
        raise RestrictionHitsNothing(resolver.idle)
    return Placed(extend(build, draft.suppliers, draft.joins), draft.flows)


def _place(build: NetworkBuild, measure: Measure, where: str, resolver: Resolver, draft: _Draft) -> None:
    """Add one measure that sends goods."""
    known = len(resolver.problems)
    product = _one_product(measure, where, resolver)
    resolver.market(measure.market or "", f"{where}.market")
    offtake = [(item.market, item.share) for item in measure.offtake] or [(measure.market or "", 1.0)]
    for j, item in enumerate(measure.offtake):
        resolver.market(item.market, f"{where}.offtake[{j}].market")
    for j, item in enumerate(measure.inputs_from):
        resolver.market(item.market, f"{where}.inputs_from[{j}].market")
    if product is None or len(resolver.problems) > known:
        return
    network = build.network
    name = network.products[product].id
    takers, missing = [], []
    for market, share in offtake:
        n = network.consumer_index(market, name)
        if n >= 0 and network.consumer_inflow[n] > 0.0:
            takers.append((n, share))
        else:
            missing.append(market)
    if missing:
        got = f"no use of {name} in {', '.join(missing)}"
        resolver.idle.append(
            _idle(measure, "has a taker without use", f"{where}.offtake", got, "takers that use it")
        )
        return
    if measure.kind == "contract":
        flow = _contract(network, measure, product, tuple(takers), where, resolver)
    else:
        flow = _plant(build, measure, product, tuple(takers), where, resolver, draft)
    if flow is not None:
        draft.flows[measure.id] = flow
        draft.joins += [(k, n) for k, _ in flow.suppliers for n, _ in flow.takers]


def _idle(measure: Measure, what: str, where: str, got: str, expected: str, fix: str = "") -> Problem:
    """Return the problem of a measure that touches nothing."""
    return Problem(f"{measure.id} {what}", where, got, expected, fix)


def _one_product(measure: Measure, where: str, resolver: Resolver) -> int | None:
    """Return the one product that a flow is about, or None with the fault left at the resolver."""
    mask = resolver.products(measure.products, f"{where}.products")
    if mask.sum() > 1:
        known = [resolver.network.products[p].id for p in np.flatnonzero(mask)]
        got, fix = ", ".join(known), "Name one product by its id."
        what = f"{measure.id} is about one product"
        resolver.problems.append(Problem(what, f"{where}.products", got, "one product id", fix))
    return int(np.argmax(mask)) if mask.sum() == 1 else None


def _contract(
    network: Network,
    measure: Measure,
    product: int,
    takers: tuple[tuple[int, float], ...],
    where: str,
    resolver: Resolver,
) -> Flow | None:
    """Return the flow of a firm contract: all producers of its market share it by their base output."""
    market = network.market_index(measure.market or "")
    sells = (
        (network.supplier_market == market)
        & (network.supplier_product == product)
        & (network.supplier_base > 0.0)
        & (network.supplier_kind != _UNRECORDED)
    )
    makes = sells & (network.supplier_kind != _REEXPORT)
    sellers = np.flatnonzero(makes if makes.any() else sells)
    if not len(sellers):
        name = network.products[product].id
        where = f"{where}.market"
        resolver.idle.append(
            _idle(measure, "has nobody to buy from", where, f"no supplier of {name}", "at least one")
        )
        return None
    base = network.supplier_base[sellers]
    shares = (base / base.sum()).tolist()
    return Flow(tuple(zip(sellers.tolist(), shares, strict=True)), takers)


def _plant(
    build: NetworkBuild,
    measure: Measure,
    product: int,
    takers: tuple[tuple[int, float], ...],
    where: str,
    resolver: Resolver,
    draft: _Draft,
) -> Flow | None:
    """Return the flow of a new supplier, which is added to the draft."""
    network = build.network
    market = network.market_index(measure.market or "")
    if measure.kind in PLANTS:
        sources = [(item.market, item.share) for item in measure.inputs_from] or [(measure.market or "", 1.0)]
        lines = () if measure.kind == "recycling" else _lines(build, product, market, sources)
        kind = "recycling" if measure.kind == "recycling" else "processing" if lines else "primary"
        lacking = [] if lines is not None else _lacking(network, product, sources)
    else:
        n = network.consumer_index(measure.market or "", network.products[product].id)
        own = n >= 0 and bool(network.consumer_inflow[n] > 0.0)
        lines = (NewLine(n, 1.0, (1.0, 1.0, 1.0), True),) if own else None
        kind, lacking = "reexport", [f"{network.products[product].id} in {measure.market}"]
    if lines is None:
        got, fix = f"no stock of {', '.join(lacking)}", "Place it, or take its inputs, where they are used."
        resolver.idle.append(
            _idle(measure, "has nothing to work with", where, got, "a market for its inputs", fix)
        )
        return None
    plant = network.n_suppliers + len(draft.suppliers)
    draft.suppliers.append(NewSupplier(market, product, kind, lines))
    return Flow(((plant, 1.0),), takers, plant)


def _recipe(
    build: NetworkBuild, product: int, market: int
) -> list[tuple[int, float, tuple[float, float, float], bool]]:
    """Return the recipe of a product: (input product, input per output, dependence, same element).

    That of the makers in the market where there are some, else the mean of all makers by output; empty for
    what is mined or has no recipe.
    """
    network, ranges = build.network, build.ranges
    made = (network.supplier_product == product) & (network.supplier_kind == _PROCESSING)
    made &= network.supplier_base > 0.0
    local = made & (network.supplier_market == market)
    makers = local if local.any() else made
    base = np.where(makers, network.supplier_base, 0.0)
    of_maker = makers[network.recipe_supplier]
    found = []
    inputs = network.consumer_product[network.recipe_consumer]
    for goods in np.unique(inputs[of_maker]).tolist():
        lines = np.flatnonzero(of_maker & (inputs == goods))
        weight = base[network.recipe_supplier[lines]]
        same = bool(network.recipe_same_element[lines].all())
        d = tuple(
            float(np.average(table[lines], weights=weight))
            for table in (ranges.dependence_low, network.recipe_dependence, ranges.dependence_high)
        )
        amount = float((network.recipe_input_per_output[lines] * weight).sum() / base.sum())
        found.append((goods, amount, (1.0, 1.0, 1.0) if same else (d[0], d[1], d[2]), same))
    return found


def _lines(
    build: NetworkBuild, product: int, market: int, sources: Sequence[tuple[str, float]]
) -> tuple[NewLine, ...] | None:
    """Return the recipe lines of a plant, or None where one of its inputs has no market there."""
    network, lines = build.network, []
    for goods, amount, dependence, same in _recipe(build, product, market):
        for name, share in sources:
            n = network.consumer_index(name, network.products[goods].id)
            if n < 0 or not network.consumer_inflow[n] > 0.0:
                return None
            if share > 0.0:
                lines.append(NewLine(n, amount * share, dependence, same))
    return tuple(lines)


def _lacking(network: Network, product: int, sources: Sequence[tuple[str, float]]) -> list[str]:
    """Return which inputs are missing where, in words."""
    made = (network.supplier_product == product) & (network.supplier_kind == _PROCESSING)
    lines = made[network.recipe_supplier]
    inputs = np.unique(network.consumer_product[network.recipe_consumer[lines]]).tolist()
    found = []
    for name, _ in sources:
        for goods in inputs:
            n = network.consumer_index(name, network.products[goods].id)
            if n < 0 or not network.consumer_inflow[n] > 0.0:
                found.append(f"{network.products[goods].id} in {name}")
    return found
