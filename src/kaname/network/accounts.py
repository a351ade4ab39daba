"""What the balance made of every node: supply and use of a product in a country, before and after (N7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kaname.data import guards
from kaname.network.reconcile import Balanced, Chain, Made, Node
from kaname.network.sources import Flow


@dataclass(frozen=True, slots=True)
class Account:
    """Supply and use of a product in a country over a year, in tonnes.

    `exports_t` is all that leaves, of it `reexports_t` passes through (rule N3). Stock changes are known for
    no node; they lie in `final_t`. Before the balance `final_t` is the estimate of a use key where there is
    one, else what the rest leaves over, which may be negative.
    """

    output_t: float
    imports_t: float
    exports_t: float
    reexports_t: float
    processing_t: float
    final_t: float
    unrecorded_t: float

    @property
    def open_t(self) -> float:
        """Return what supply exceeds use by: 0 where the account closes."""
        supply = self.output_t + self.imports_t + self.unrecorded_t
        return supply - self.exports_t - self.processing_t - self.final_t

    @property
    def open_share(self) -> float:
        """Return how far the account is open, as a share of supply and use together."""
        supply = self.output_t + self.imports_t + self.unrecorded_t
        turnover = supply + self.exports_t + self.processing_t + abs(self.final_t)
        return abs(self.open_t) / max(turnover, 1e-9)


@dataclass(frozen=True, slots=True)
class NodeAccount:
    """A product in a country before and after the balance; before means after the controls in force."""

    country: str
    product: str
    before: Account
    after: Account


def accounts(chain: Chain, balanced: Balanced) -> list[NodeAccount]:
    """Return the account of every node of a chain, in order of country and product."""
    before = _Side(chain.made, chain.flows, chain.feeds)
    after = _Side(balanced.made, balanced.flows, chain.feeds)
    found = []
    for node in sorted(balanced.final_t):
        unrecorded = balanced.unrecorded_t.get(node, 0.0)
        found.append(
            NodeAccount(
                *node,
                before.account(node, chain.final_t.get(node), 0.0),
                after.account(node, balanced.final_t[node], unrecorded),
            )
        )
    return found


class _Side:
    """Sums by node of one side of a balance."""

    def __init__(
        self,
        made: Mapping[Made, float],
        flows: Sequence[Flow],
        feeds: Mapping[Node, Sequence[tuple[str, float]]],
    ) -> None:
        self.output: defaultdict[Node, float] = defaultdict(float)
        self.processing: defaultdict[Node, float] = defaultdict(float)
        self.imports: defaultdict[Node, float] = defaultdict(float)
        self.exports: defaultdict[Node, float] = defaultdict(float)
        for (country, product, kind), tonnes in made.items():
            self.output[(country, product)] += tonnes
            for source, input_per_output in feeds.get((country, product), ()) if kind == "processing" else ():
                self.processing[(country, source)] += input_per_output * tonnes
        for flow in flows:
            self.imports[(flow.importer, flow.product)] += flow.tonnes
            self.exports[(flow.exporter, flow.product)] += flow.tonnes

    def account(self, node: Node, final_t: float | None, unrecorded_t: float) -> Account:
        """Return the account of a node; without a final use it is what is left over."""
        output, imports, exports = self.output[node], self.imports[node], self.exports[node]
        processing = self.processing[node]
        return Account(
            output,
            imports,
            exports,
            guards.reexported_t(imports + unrecorded_t, exports, output),
            processing,
            output + imports + unrecorded_t - exports - processing if final_t is None else final_t,
            unrecorded_t,
        )
