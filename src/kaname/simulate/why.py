"""Why a consumer went short: an exact tree from lost use back to root causes (rule M12)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csc_matrix, identity
from scipy.sparse.linalg import splu

from kaname.network.network import SUPPLIER_KINDS, Network
from kaname.scenario.shock import Shock
from kaname.simulate.ledger import CAPACITY, LaneParts, Ledger
from kaname.simulate.outcome import Floats, Outcome
from kaname.terms.errors import InputError, Problem
from kaname.terms.language import later, later_of, say

Root = tuple[str, int]

WORDS = later_of(
    {
        "permission": "stopped by restriction",
        "pool": "stopped by pooled quota",
        "capacity": "capacity loss",
        "route": "late on the route",
        "demand": "more final use wanted",
        "extra_use": "users wanted more than usual",
        "ordered_less": "ordered less itself",
        "price": "use given up because of the price",
        "avoided": "turned away from an unreliable supplier",
        "rationing": "rationed by its own stock rule",
        "extra": "extra arrivals",
        "stock": "own stock drawn down",
        "reserve": "reserve released",
    }
)


DISPLACED = later("ordered under a contract instead")[0]  # extra, above 0 (rule R2)


@dataclass(frozen=True)
class Cause:
    """A node: `amount` in units of the consumer, negative for what softened the loss; children add up to it.

    `kind` is consumer, lane, supplier, input or one of `WORDS`; `row` is the index of the consumer, lane,
    supplier, recipe line or shock row that it names (0 or -1 where there is none).
    """

    kind: str
    row: int
    label: str
    amount: float
    children: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Causes:
    """Lost use of one consumer over periods first..last, as a tree, and summed by root (largest first).

    The amounts in `roots` (causes positive, what softened the loss negative) add up to `lost_use`.
    """

    consumer: int
    first: int
    last: int
    draw: int
    lost_use: float
    tree: Cause
    roots: tuple[Cause, ...] = field(default=())

    @property
    def shares(self) -> tuple[tuple[Cause, float], ...]:
        """Return each gross cause with its share of all gross causes; the shares add up to 1."""
        causes = [root for root in self.roots if root.amount > 0.0]
        total = sum(root.amount for root in causes)
        return tuple((root, root.amount / total) for root in causes)


class Explainer:
    """Answers why for the consumers of one draw of an outcome.

    The ledger is read once, and the gross causes are solved once per last period asked for; keep the object
    to explain several consumers.
    """

    def __init__(
        self,
        network: Network,
        shock: Shock,
        outcome: Outcome,
        draw: int = 0,
        labels: Mapping[Root, str] | None = None,
    ) -> None:
        """Take an outcome with `record="full"`; `labels` gives texts for (kind, row), as in `why`.

        Raises InputError for a summary outcome or a draw that is not there.
        """
        problems = _outcome_problems(shock, outcome, draw)
        if problems:
            raise InputError(problems)
        self._ledger = Ledger(network, shock, outcome, draw)
        self._labels = dict(labels or {})
        self._traces: dict[int, _Trace] = {}

    def told(self, labels: Mapping[Root, str]) -> Explainer:
        """Return an explainer of the same outcome with other texts, as in another language; what either has
        solved serves both.
        """
        other = copy(self)
        other._labels = dict(labels)
        return other

    def why(self, consumer: int, first: int, last: int, depth: int = 2) -> Causes:
        """Trace the lost use of a consumer over periods first..last back to its roots (rule M12).

        Arguments and result as in the function `why`. Raises InputError for a window or consumer that is
        not there.
        """
        ledger = self._ledger
        problems = _question_problems(ledger.network, ledger.shock, consumer, first, last)
        if problems:
            raise InputError(problems)
        if last not in self._traces:
            self._traces[last] = _Trace(ledger, last, {})
        trace = self._traces[last].told(self._labels)
        children = trace.uses(consumer, first, last) + trace.lanes(consumer, first, last, depth)
        children += trace.offsets(consumer, first, last)
        window = slice(first, last + 1)
        need, used = ledger.series("consumer_need"), ledger.series("consumer_used")
        lost = float((need[window, consumer] - used[window, consumer]).sum())
        tree = Cause("consumer", consumer, trace.label("consumer", consumer), lost, _sorted(children))
        sums: dict[Root, float] = {}
        _collect(tree, sums)
        roots = [trace.leaf(root, amount) for root, amount in sums.items()]
        return Causes(consumer, first, last, ledger.draw, lost, tree, _sorted(roots))


def why(
    network: Network,
    shock: Shock,
    outcome: Outcome,
    consumer: int,
    first: int,
    last: int,
    draw: int = 0,
    labels: Mapping[Root, str] | None = None,
    depth: int = 2,
) -> Causes:
    """Trace the lost use of a consumer over periods first..last back to its roots (rule M12).

    Lost use is use wanted less use served, by suppliers and final. `outcome` must hold `record="full"`.
    `depth` is how many suppliers are walked one by one before a node is split straight into roots; `labels`
    gives texts for (kind, row), for instance ("permission", 3). For several consumers of one outcome keep an
    `Explainer`. Raises InputError for a summary outcome or a window, draw or consumer that is not there.
    """
    problems = _outcome_problems(shock, outcome, draw)
    problems += _question_problems(network, shock, consumer, first, last)
    if problems:
        raise InputError(problems)
    return Explainer(network, shock, outcome, draw, labels).why(consumer, first, last, depth)


def _outcome_problems(shock: Shock, outcome: Outcome, draw: int) -> list[Problem]:
    """Return why an outcome cannot be explained."""
    problems = []
    if outcome.record != "full":
        problems.append(Problem("why needs every lane", "outcome", got=outcome.record, fix="record='full'"))
    if not 0 <= draw < shock.draws:
        expected = f"0 to {shock.draws - 1}"
        problems.append(Problem("out of range", "draw", got=str(draw), expected=expected))
    return problems


def _question_problems(network: Network, shock: Shock, consumer: int, first: int, last: int) -> list[Problem]:
    """Return why a question has no answer."""
    problems = []
    if not 0 <= first <= last < shock.periods:
        expected = f"0 <= first <= last < {shock.periods}"
        problems.append(Problem("no such window", "first, last", got=f"{first}, {last}", expected=expected))
    if not 0 <= consumer < network.n_consumers:
        expected = f"0 to {network.n_consumers - 1}"
        problems.append(Problem("out of range", "consumer", got=str(consumer), expected=expected))
    return problems


def _sorted(causes: list[Cause]) -> tuple[Cause, ...]:
    """Return the causes that are not zero, largest first.

    A lane without base flow whose supplier broke a contract has a deficit of zero, but causes (rule R2).
    """
    kept = [c for c in causes if c.amount != 0.0 or any(child.kind == "supplier" for child in c.children)]
    return tuple(sorted(kept, key=lambda c: -c.amount))


def _collect(cause: Cause, sums: dict[Root, float]) -> None:
    """Add up the leaves of a tree by (kind, row)."""
    if not cause.children:
        key = (cause.kind, cause.row)
        sums[key] = sums.get(key, 0.0) + cause.amount
    for child in cause.children:
        _collect(child, sums)


class _Trace:
    """Gross causes of every consumer since period 0, and what they come to at the roots."""

    def __init__(self, ledger: Ledger, last: int, labels: dict[Root, str]) -> None:
        """Split the deficits of all lanes, then follow supplier parts back by one linear solve."""
        self.ledger, self.labels, self.network = ledger, labels, ledger.network
        consumers = self.network.n_consumers
        self.direct: list[dict[Root, float]] = [{} for _ in range(consumers)]
        self.via: list[dict[tuple[int, int], float]] = [{} for _ in range(consumers)]  # (supplier, line)
        parts = ledger.parts(ledger.busy, 0, last)
        buyer = self.network.lane_consumer[parts.lanes].tolist()
        seller = self.network.lane_supplier[parts.lanes].tolist()
        for at, root, amount in self._lane_roots(parts):
            if amount > 0.0 or root[0] == "extra":  # what contracts displace comes on another lane (rule R2)
                direct = self.direct[buyer[at]]
                direct[root] = direct.get(root, 0.0) + amount
        for at, line, amount in parts.supplier:
            via = self.via[buyer[at]]
            via[seller[at], line] = via.get((seller[at], line), 0.0) + amount
        demand, extra = self._wanted_above(slice(None), 0, last)
        rows = ledger.shock.consumer_demand_row.tolist()
        for kind, amounts in (("demand", demand), ("extra_use", extra)):
            for n in np.flatnonzero(amounts > 0.0).tolist():
                self.direct[n][kind, rows[n] if kind == "demand" else -1] = float(amounts[n])
        self._forget_dust()
        self.roots, self.shares = self._solve()

    def told(self, labels: dict[Root, str]) -> _Trace:
        """Return the same trace with other texts for its nodes."""
        other = copy(self)
        other.labels = labels
        return other

    def _forget_dust(self) -> None:
        """Drop rounding, so that it cannot be taken for a cause where nothing else happened."""
        for n, inflow in enumerate(self.network.consumer_inflow):
            floor = 1e-9 * float(inflow)
            self.direct[n] = {key: value for key, value in self.direct[n].items() if value > floor}
            self.via[n] = {key: value for key, value in self.via[n].items() if value > floor}

    def _lane_roots(self, parts: LaneParts) -> list[tuple[int, Root, float]]:
        """Return the parts of lanes that need no tracing and are not zero: (position, root, amount)."""
        shock, lanes = self.ledger.shock, parts.lanes
        none = np.full(len(lanes), -1)
        paid = none if shock.prices is None else shock.prices.consumer_row[self.network.lane_consumer[lanes]]
        rooted = (
            ("permission", shock.lane_permission_row[lanes], parts.permission),
            ("pool", shock.lane_pool_row[lanes], parts.pool),
            ("route", shock.lane_delay_row[lanes], parts.route),
            ("ordered_less", none, parts.ordered_less),
            ("price", paid, parts.price),
            ("avoided", none, parts.avoided),
            ("extra", none, parts.extra),
        )
        found: list[tuple[int, Root, float]] = []
        for kind, rows, amounts in rooted:
            at = np.flatnonzero(amounts)
            columns = (at.tolist(), rows[at].tolist(), amounts[at].tolist())
            found += [(i, (kind, row), amount) for i, row, amount in zip(*columns, strict=True)]
        return found

    def _solve(self) -> tuple[list[Root], Floats]:
        """Return the roots and the share of each in every consumer's gross causes (consumers, roots).

        shares = leaves + links x shares, where links carries a consumer's loss to the consumers whose stock
        bound its suppliers; cycles of re-exports make this a linear system.
        """
        found: set[Root] = {("rationing", -1)}
        for n, direct in enumerate(self.direct):
            found |= direct.keys()
            found |= {self._capacity(k) for k, line in self.via[n] if line == CAPACITY}
        roots = sorted(found)
        at = {root: i for i, root in enumerate(roots)}
        size = self.network.n_consumers
        leaves = np.zeros((size, len(roots)))
        rows, columns, values = [], [], []
        for n in range(size):
            total = sum(self.direct[n].values()) + sum(self.via[n].values())
            if total <= 0.0:
                leaves[n, at["rationing", -1]] = 1.0
                continue
            for root, amount in self.direct[n].items():
                leaves[n, at[root]] += amount / total
            for (k, line), amount in self.via[n].items():
                if line == CAPACITY:
                    leaves[n, at[self._capacity(k)]] += amount / total
                else:
                    rows.append(n)
                    columns.append(int(self.network.recipe_consumer[line]))
                    values.append(amount / total)
        links = csc_matrix((values, (rows, columns)), shape=(size, size))
        shares = splu(csc_matrix((1.0 + 1e-12) * identity(size) - links)).solve(leaves)
        shares = np.maximum(shares, 0.0)
        whole = shares.sum(axis=1, keepdims=True)
        shares[whole[:, 0] <= 0.0, at["rationing", -1]] = 1.0
        return roots, shares / np.where(whole > 0.0, whole, 1.0)

    def _capacity(self, k: int) -> Root:
        """Return the capacity root of a supplier."""
        return ("capacity", int(self.ledger.shock.supplier_capacity_row[k]))

    # nodes

    def label(self, kind: str, row: int) -> str:
        """Return the text of a node."""
        net = self.network
        if (kind, row) in self.labels:
            return self.labels[kind, row]
        if kind == "consumer":
            return self._place(int(net.consumer_market[row]), int(net.consumer_product[row]))
        if kind == "lane":
            return say("from {supplier}", supplier=self.label("supplier", int(net.lane_supplier[row])))
        if kind == "supplier":
            place = self._place(int(net.supplier_market[row]), int(net.supplier_product[row]))
            return f"{place} ({SUPPLIER_KINDS[net.supplier_kind[row]]})"
        if kind == "input":
            return say("lacked {input}", input=self.label("consumer", int(net.recipe_consumer[row])))
        return say(WORDS[kind]) + (f" {row}" if row > 0 and kind not in ("stock", "reserve") else "")

    def _place(self, market: int, product: int) -> str:
        """Return market and product ids."""
        return f"{self.network.markets[market].id} {self.network.products[product].id}"

    def leaf(self, root: Root, amount: float) -> Cause:
        """Return a root as a node."""
        displaced = root[0] == "extra" and amount > 0.0 and len(self.ledger.contracts)
        return Cause(*root, DISPLACED if displaced else self.label(*root), amount)

    def _wanted_above(self, n: int | slice, first: int, last: int) -> tuple[Floats, Floats]:
        """Return what was wanted above the base, of one consumer or of all: final, by suppliers."""
        span, window = last - first + 1, slice(first, last + 1)
        final = self.ledger.series("consumer_final_wanted")[window, n].sum(axis=0)
        final = final - span * self.network.consumer_final[n]
        need = self.ledger.series("consumer_need")[window, n].sum(axis=0)
        return final, need - span * self.network.consumer_inflow[n] - final

    def uses(self, n: int, first: int, last: int) -> list[Cause]:
        """Return what was wanted above the base: by final users, and by suppliers."""
        final, extra = self._wanted_above(n, first, last)
        row = int(self.ledger.shock.consumer_demand_row[n])
        return [self.leaf(("demand", row), float(final)), self.leaf(("extra_use", -1), float(extra))]

    def offsets(self, n: int, first: int, last: int) -> list[Cause]:
        """Return stock drawn down and reserve released over the window, as negative amounts."""
        stock, used = self.ledger.series("consumer_stock"), self.ledger.series("consumer_used")
        arrived, released = self.ledger.series("consumer_arrived"), self.ledger.series("consumer_released")
        start = stock[first, n] - arrived[first, n] - released[first, n]
        drawn = start - (stock[last, n] - used[last, n])
        release = released[first : last + 1, n].sum()
        return [self.leaf(("stock", n), -float(drawn)), self.leaf(("reserve", n), -float(release))]

    def lanes(self, n: int, first: int, last: int, depth: int) -> list[Cause]:
        """Return one node per lane of the consumer: base less arrived, split."""
        lanes = np.flatnonzero(self.network.lane_consumer == n)
        parts = self.ledger.parts(lanes, first, last)
        made: list[dict[int, float]] = [{} for _ in lanes]
        for at, line, amount in parts.supplier:
            made[at][line] = amount
        leaves: list[list[Cause]] = [[] for _ in lanes]
        for at, root, amount in self._lane_roots(parts):
            leaves[at].append(self.leaf(root, amount))
        nodes = []
        for at, e in enumerate(lanes.tolist()):
            children = leaves[at]
            if made[at]:
                children.append(self._supplier(int(self.network.lane_supplier[e]), made[at], depth))
            nodes.append(Cause("lane", e, self.label("lane", e), float(parts.deficit[at]), _sorted(children)))
        return nodes

    def _supplier(self, k: int, lines: Mapping[int, float], depth: int) -> Cause:
        """Return what a supplier could not make: its own capacity, and each input that bound."""
        children = []
        for line, amount in lines.items():
            if line == CAPACITY:
                children.append(self.leaf(self._capacity(k), amount))
                continue
            source = int(self.network.recipe_consumer[line])
            below = self._explain(source, amount, depth - 1)
            children.append(Cause("input", line, self.label("input", line), amount, below))
        return Cause("supplier", k, self.label("supplier", k), sum(lines.values()), _sorted(children))

    def _explain(self, n: int, amount: float, depth: int) -> tuple[Cause, ...]:
        """Split an amount by the gross causes of consumer n: one step back, or straight to the roots."""
        total = sum(self.direct[n].values()) + sum(self.via[n].values())
        if depth <= 0 or total <= 0.0:
            pairs = zip(self.roots, self.shares[n], strict=True)
            return _sorted([self.leaf(root, amount * float(share)) for root, share in pairs])
        children = [self.leaf(root, amount * part / total) for root, part in self.direct[n].items()]
        suppliers: dict[int, dict[int, float]] = {}
        for (k, line), part in self.via[n].items():
            suppliers.setdefault(k, {})[line] = amount * part / total
        children += [self._supplier(k, lines, depth) for k, lines in suppliers.items()]
        return _sorted(children)
