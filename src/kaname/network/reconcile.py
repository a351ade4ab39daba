"""Set up the balance of one element's chain and read its answer back (rule N7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kaname.data import guards
from kaname.data.balance import BalanceProblem
from kaname.network.sources import ASSUMED, ESTIMATED, OBSERVED, Flow

Node = tuple[str, str]  # country, product
Made = tuple[str, str, str]  # country, product, kind

LANE_RANGE = 5.0  # no lane leaves x1/5 to x5 of what was reported, after the controls in force
PRIMARY_RANGE, PROCESSING_RANGE = 2.0, 5.0
WEIGHTS = {"primary": 3.0, "processing": 0.3, "recycling": 0.3}
LANE_WEIGHTS = {OBSERVED: 1.0, ESTIMATED: 0.5, ASSUMED: 0.3}
GUESSED_LANE_WEIGHT, FINAL_WEIGHT = 0.1, 0.1
UNRECORDED_COST = 1.0  # per tonne: the marginal cost of doubling an observed lane
ROUNDING_SHARE = 1e-4  # unrecorded supply below this share of a node's supply is rounding of the balance
NOTHING_T = 1e-9  # tonnes a year: below this a quantity is rounding of the balance


@dataclass(frozen=True)
class Chain:
    """One element's chain over a year, in tonnes: what is made, traded, used and fed from stage to stage.

    `made` maps (country, product, kind) to tonnes; `feeds` maps a made product to its (input, tonnes of input
    per tonne) lines; `final_t` holds prior final use where a key gives one.
    """

    made: Mapping[Made, float]
    flows: Sequence[Flow]
    feeds: Mapping[Node, Sequence[tuple[str, float]]]
    final_t: Mapping[Node, float]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One change made by the balance: what, before and after in tonnes a year.

    `weight` is what the balance held the quantity by: 1 for an observed lane, less for what is less sure.
    """

    what: str
    product: str
    place: str
    before_t: float
    after_t: float
    weight: float = 0.0


@dataclass(frozen=True)
class Balanced:
    """The reconciled chain: the same parts, final use and unrecorded supply at every node, and all
    adjustments.
    """

    made: dict[Made, float]
    flows: list[Flow]
    final_t: dict[Node, float]
    unrecorded_t: dict[Node, float]
    adjustments: list[Adjustment]


def reconcile(chain: Chain, solver: str = "qp") -> Balanced:
    """Balance a chain: made + imports + unrecorded = exports + processing use + final use at every node."""
    nodes = _nodes(chain)
    made, flows = sorted(chain.made), list(chain.flows)
    problem = _problem(chain, made, flows, nodes)
    x = guards.balanced(problem, solver).x
    parts = np.split(x, np.cumsum([len(made), len(flows), len(nodes)]))
    new_flows = [
        replace(flow, tonnes=float(t), value_kusd=flow.value_kusd * float(t) / flow.tonnes)
        for flow, t in zip(flows, parts[1], strict=True)
    ]
    adjustments = [
        Adjustment(f"{key[2]} output", key[1], key[0], chain.made[key], float(t), float(weight))
        for key, t, weight in zip(made, parts[0], problem.weight[: len(made)], strict=True)
    ]
    adjustments += [
        Adjustment(
            "lane", flow.product, f"{flow.exporter} to {flow.importer}", flow.tonnes, float(t), float(weight)
        )
        for flow, t, weight in zip(flows, parts[1], problem.weight[len(made) :], strict=False)
    ]
    return Balanced(
        {key: float(t) for key, t in zip(made, parts[0], strict=True)},
        new_flows,
        {node: float(t) for node, t in zip(nodes, parts[2], strict=True)},
        {node: float(t) for node, t in zip(nodes, parts[3], strict=True)},
        adjustments,
    )


def _nodes(chain: Chain) -> list[Node]:
    nodes = {(country, product) for country, product, _ in chain.made} | set(chain.final_t)
    for country, product, kind in chain.made:
        if kind == "processing":
            nodes |= {(country, source) for source, _ in chain.feeds.get((country, product), ())}
    for flow in chain.flows:
        nodes |= {(flow.exporter, flow.product), (flow.importer, flow.product)}
    return sorted(nodes)


def _problem(
    chain: Chain, made: Sequence[Made], flows: Sequence[Flow], nodes: Sequence[Node]
) -> BalanceProblem:
    """Order of quantities: made, flows, final use per node, unrecorded supply per node."""
    row_of = {node: row for row, node in enumerate(nodes)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []

    def enter(node: Node, column: int, value: float) -> None:
        rows.append(row_of[node])
        columns.append(column)
        values.append(value)

    for column, (country, product, kind) in enumerate(made):
        enter((country, product), column, 1.0)
        if kind == "processing":
            for source, input_per_output in chain.feeds.get((country, product), ()):
                enter((country, source), column, -input_per_output)
    for column, flow in enumerate(flows, start=len(made)):
        enter((flow.importer, flow.product), column, 1.0)
        enter((flow.exporter, flow.product), column, -1.0)
    first_final = len(made) + len(flows)
    for column, node in enumerate(nodes):
        enter(node, first_final + column, -1.0)
        enter(node, first_final + len(nodes) + column, 1.0)
    count = first_final + 2 * len(nodes)
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(nodes), count))
    return _with_priors(chain, made, flows, nodes, matrix)


def _with_priors(
    chain: Chain,
    made: Sequence[Made],
    flows: Sequence[Flow],
    nodes: Sequence[Node],
    matrix: sparse.csr_matrix,
) -> BalanceProblem:
    made_t = np.array([chain.made[key] for key in made])
    made_weight = np.array([WEIGHTS[kind] for _, _, kind in made])
    made_range = np.array([PRIMARY_RANGE if kind == "primary" else PROCESSING_RANGE for _, _, kind in made])
    lane_t = np.array([flow.tonnes for flow in flows])
    lane_weight = np.array(
        [LANE_WEIGHTS[flow.basis] if flow.reported_t > 0.0 else GUESSED_LANE_WEIGHT for flow in flows]
    )
    final_t = np.array([chain.final_t.get(node, 0.0) for node in nodes])
    none = np.zeros(len(nodes))
    endless = np.full(len(nodes), np.inf)
    return BalanceProblem(
        prior=np.concatenate([made_t, lane_t, final_t, none]),
        weight=np.concatenate([made_weight, lane_weight, np.where(final_t > 0.0, FINAL_WEIGHT, 0.0), none]),
        lower=np.concatenate([made_t / made_range, lane_t / LANE_RANGE, none, none]),
        upper=np.concatenate([made_t * made_range, lane_t * LANE_RANGE, endless, endless]),
        linear_cost=np.concatenate(
            [np.zeros(len(made) + len(flows) + len(nodes)), np.full(len(nodes), UNRECORDED_COST)]
        ),
        nodes=matrix,
    )


def unrecorded_supply(balanced: Balanced) -> dict[Node, float]:
    """Return the unrecorded supply that is more than rounding, in tonnes a year, by node.

    Left out: `ROUNDING_SHARE` of a node's recorded supply (imports and output), and `NOTHING_T`.
    """
    traded = turnover(balanced)
    supply: dict[Node, float] = defaultdict(float)
    for (country, product, _), tonnes in balanced.made.items():
        supply[(country, product)] += tonnes
    for node, (imports, _) in traded.items():
        supply[node] += imports
    return {
        node: tonnes
        for node, tonnes in sorted(balanced.unrecorded_t.items())
        if tonnes > max(ROUNDING_SHARE * supply[node], NOTHING_T)
    }


def turnover(balanced: Balanced) -> dict[Node, tuple[float, float]]:
    """Return imports and exports in tonnes a year at every node."""
    total: dict[Node, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for flow in balanced.flows:
        total[(flow.importer, flow.product)][0] += flow.tonnes
        total[(flow.exporter, flow.product)][1] += flow.tonnes
    return {node: (imports, exports) for node, (imports, exports) in total.items()}
