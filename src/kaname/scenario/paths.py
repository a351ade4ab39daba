"""Time paths per draw, and which lane, supplier or consumer follows which (rules M7, S).

Where several restrictions or closures hold one lane, the strictest counts at each moment: permission is the
least of theirs, never their product. Losses on one supplier and surges on one consumer multiply. Lanes with
the same path share one row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kaname.network.draft import NetworkRanges
from kaname.network.network import Network
from kaname.scenario import timeline
from kaname.scenario.constraints import Constraint, Held, Hit, between
from kaname.scenario.draws import DrawTable
from kaname.scenario.groups import positions
from kaname.scenario.resolve import Resolver
from kaname.scenario.scenario import Scenario
from kaname.terms.errors import Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]


class Rows:
    """Paths (D, P) of one kind, each stored once; row 0 is the undisturbed one."""

    def __init__(self, kind: str, neutral: float, table: DrawTable, scenario: Scenario) -> None:
        """Start with the undisturbed path."""
        self.kind = kind
        self.labels: dict[tuple[str, int], str] = {}
        self._paths = [np.full((table.draws, scenario.periods), neutral)]
        self._known = {self._key(self._paths[0], ""): 0}

    @staticmethod
    def _key(path: Floats, label: str) -> tuple[bytes, str]:
        return hashlib.blake2b(np.ascontiguousarray(path).tobytes()).digest(), label

    def add(self, path: Floats, label: str) -> int:
        """Return the row of a path, new or known; a path equal to the undisturbed one is row 0."""
        if np.array_equal(path, self._paths[0]):
            return 0
        key = self._key(path, label)
        if key not in self._known:
            self._known[key] = len(self._paths)
            self._paths.append(path)
            if label:
                self.labels[(self.kind, self._known[key])] = label
        return self._known[key]

    def stacked(self) -> Floats:
        """Return (D, rows, P)."""
        return np.stack(self._paths, axis=1)


def permissions(
    network: Network, scenario: Scenario, table: DrawTable, constraints: Sequence[Constraint]
) -> tuple[Rows, Ints]:
    """Return the permission paths and each lane's row: the strictest of all that hold the lane (rule M7)."""
    rows = Rows("permission", 1.0, table, scenario)
    lane_row = np.zeros(network.n_lanes, dtype=np.int32)
    if not constraints:
        return rows, lane_row
    shares = np.stack([constraint.share for constraint in constraints])
    groups, member = np.unique(shares, axis=1, return_inverse=True)
    group_row = np.zeros(groups.shape[1], dtype=np.int32)
    for g, group in enumerate(groups.T):
        path = np.ones((table.draws, scenario.periods))
        for share, constraint in zip(group, constraints, strict=True):
            if share > 0.0:
                held = 1.0 - share * constraint.strength[:, None] * constraint.stopped
                path = np.minimum(path, held)
        label = "; ".join(c.label for share, c in zip(group, constraints, strict=True) if share > 0.0)
        group_row[g] = rows.add(np.maximum(path, 0.0), label)
    lane_row[:] = group_row[member.ravel()]
    return rows, lane_row


def pools(
    network: Network, scenario: Scenario, table: DrawTable, held: Sequence[Held], resolver: Resolver
) -> tuple[Rows, Ints]:
    """Return the pool paths and each lane's row; every product of a pooled quota has a pool of its own.

    Quotas on exactly the same lanes, such as those of one year after another, are one pool, of which the
    strictest holds at any time.
    """
    rows = Rows("pool", 1.0, table, scenario)
    lane_row = np.zeros(network.n_lanes, dtype=np.int32)
    lane_product = network.supplier_product[network.lane_supplier]
    pooled: dict[bytes, list[int]] = {}
    for i, item in enumerate(held):
        if item.restriction.quota_mode == "pooled":
            pooled.setdefault(item.direct.tobytes(), []).append(i)
    for parts in pooled.values():
        first, direct = held[parts[0]], held[parts[0]].direct
        if lane_row[direct].any():
            what = f"{first.hit.label} shares lanes with another pooled quota"
            fix = "Set quota_mode: per_lane in one of them, or join them."
            place = f"restrictions[{parts[0]}]"
            resolver.problems.append(Problem(what, place, "two pools", "one pool a lane", fix))
        path = np.min([1.0 - held[i].stopped for i in parts], axis=0)
        for product in np.unique(lane_product[direct]):
            name = network.products[product].id
            label = f"{first.hit.label} (pool of {name}, part {' and '.join(str(i + 1) for i in parts)})"
            lane_row[direct & (lane_product == product)] = rows.add(path, label)
    return rows, lane_row


def capacity(
    network: Network, scenario: Scenario, table: DrawTable, ranges: NetworkRanges, resolver: Resolver
) -> tuple[Rows, Ints, list[Hit]]:
    """Return the capacity paths, each supplier's row, and what the losses hit: headroom drawn x losses."""
    rows = Rows("capacity", 1.0, table, scenario)
    masks, paths, labels, hits = [], [], [], []
    for i, loss in enumerate(scenario.losses):
        where = f"losses[{i}]"
        known = len(resolver.problems)
        markets = resolver.market(loss.market, f"{where}.market")
        products = resolver.products(loss.products, f"{where}.products")
        mask = markets[network.supplier_market] & products[network.supplier_product]
        if not mask.any() and len(resolver.problems) == known:
            got, expected = "0 suppliers", "at least 1"
            resolver.idle.append(Problem(f"{loss.label} touches no supplier", where, got, expected))
        depth = np.minimum(table.of(loss.depth, f"{where}.depth") * table.value("loss_depth"), 1.0)
        recovery = table.of(loss.recovery_weeks, f"{where}.recovery_weeks")
        when = timeline.window(scenario, loss, table, where)
        masks.append(mask.astype(np.float64))
        paths.append(1.0 - depth[:, None] * timeline.lost(scenario, when, recovery))
        labels.append(loss.label)
        hits.append(Hit(loss.label, suppliers=int(mask.sum())))
    knobs, knob = positions(network, scenario.assumptions.apart, table, "headroom")
    spread = [ranges.headroom_low, network.supplier_headroom, ranges.headroom_high]
    groups, member = np.unique(np.stack([*spread, knob, *masks]), axis=1, return_inverse=True)
    group_row = np.zeros(groups.shape[1], dtype=np.int32)
    for g, (low, central, high, at, *struck) in enumerate(groups.T):
        factor = (1.0 + between(low, central, high, knobs[:, int(at)])) / (1.0 + central)
        path = np.tile(factor[:, None], (1, scenario.periods))
        for is_struck, lost in zip(struck, paths, strict=True):
            path = path * lost if is_struck else path
        label = "; ".join(text for is_struck, text in zip(struck, labels, strict=True) if is_struck)
        group_row[g] = rows.add(path, label)
    return rows, group_row[member.ravel()], hits


def demand(
    network: Network, scenario: Scenario, table: DrawTable, resolver: Resolver
) -> tuple[Rows, Ints, list[Hit]]:
    """Return the demand paths, each consumer's row, and what the surges hit."""
    rows = Rows("demand", 1.0, table, scenario)
    masks, paths, labels, hits = [], [], [], []
    for i, surge in enumerate(scenario.surges):
        where = f"surges[{i}]"
        known = len(resolver.problems)
        markets = resolver.market(surge.market, f"{where}.market")
        products = resolver.products(surge.products, f"{where}.products")
        users = markets[network.consumer_market] & products[network.consumer_product]
        mask = users & (network.consumer_final > 0.0)
        if not mask.any() and len(resolver.problems) == known:
            got = "0 consumers with final use" if users.any() else "0 consumers"
            resolver.idle.append(Problem(f"{surge.label} touches no final use", where, got, "at least 1"))
        when = timeline.window(scenario, surge, table, where)
        rise = table.of(surge.factor, f"{where}.factor") - 1.0
        masks.append(mask)
        paths.append(1.0 + rise[:, None] * timeline.in_force(scenario, when))
        labels.append(surge.label)
        hits.append(Hit(surge.label, consumers=int(mask.sum())))
    return rows, _joined(rows, masks, paths, labels, np.multiply, network.n_consumers), hits


def targets(
    network: Network, scenario: Scenario, table: DrawTable, held: Sequence[Held]
) -> tuple[Rows, Ints]:
    """Return the target-stock paths and each consumer's row: front-loading by those who are hit directly."""
    rows = Rows("target", 1.0, table, scenario)
    masks, paths, labels = [], [], []
    for item in held:
        path = timeline.front_loaded(scenario, item.restriction, item.window)
        if (path == 1.0).all():
            continue
        mask = np.zeros(network.n_consumers, dtype=np.bool_)
        mask[network.lane_consumer[item.direct]] = True
        masks.append(mask)
        paths.append(path)
        labels.append(f"front-loading before {item.hit.label}")
    return rows, _joined(rows, masks, paths, labels, np.maximum, network.n_consumers)


def _joined(
    rows: Rows,
    masks: Sequence[Bools],
    paths: Sequence[Floats],
    labels: Sequence[str],
    join: np.ufunc,
    members: int,
) -> Ints:
    """Return each member's row, where `masks` say which paths (D, P) it follows and `join` joins them."""
    row = np.zeros(members, dtype=np.int32)
    if not masks:
        return row
    groups, member = np.unique(np.stack(masks), axis=1, return_inverse=True)
    for g, group in enumerate(groups.T):
        on = np.flatnonzero(group).tolist()
        if on:
            path = join.reduce([paths[i] for i in on], axis=0)
            row[member.ravel() == g] = rows.add(path, "; ".join(labels[i] for i in on))
    return row
