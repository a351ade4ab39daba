"""Restrictions and closures -> which lanes each holds back, and how strongly (rules M7, S)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.scenario import timeline
from kaname.scenario.draws import DrawTable
from kaname.scenario.origin import origin_shares
from kaname.scenario.resolve import Resolver
from kaname.scenario.scenario import CapacityLoss, ExportRestriction, Scenario
from kaname.terms.errors import Problem

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PARENT_TO_SEGMENT = 2  # Network.lane_kind


@dataclass(frozen=True)
class Constraint:
    """One hold on some lanes: permission = 1 - strength x share x stopped.

    `share` (E,) is 0 on lanes that are not held; `strength` (D,); `stopped` (D, P).
    """

    label: str
    share: Floats
    strength: Floats
    stopped: Floats


@dataclass(frozen=True)
class Hit:
    """What one restriction, loss, surge or closure touches: counts of lanes, suppliers or consumers."""

    label: str
    direct_lanes: int = 0
    third_country_lanes: int = 0
    parent_lanes: int = 0
    suppliers: int = 0
    consumers: int = 0
    contracts: int = 0  # lanes with a contract of a measure
    without_effect: tuple[str, ...] = ()  # products named that bring in no direct lane

    @property
    def total(self) -> int:
        """Return the sum of the counts."""
        lanes = self.direct_lanes + self.third_country_lanes + self.parent_lanes
        return lanes + self.suppliers + self.consumers + self.contracts


@dataclass(frozen=True)
class Held:
    """A restriction set against the network: its lanes, its path, its pool."""

    restriction: ExportRestriction
    direct: Bools  # (E,)
    constraints: tuple[Constraint, ...]
    stopped: Floats  # (D, P)
    window: timeline.Window
    hit: Hit


def between(low: float, central: float, high: float, knob: Floats) -> Floats:
    """Return (D,) values between low (knob -1), central (0) and high (1)."""
    down, up = np.minimum(knob, 0.0), np.maximum(knob, 0.0)
    return np.asarray(central + down * (central - low) + up * (high - central), dtype=np.float64)


def hold(
    network: Network,
    scenario: Scenario,
    restriction: ExportRestriction,
    table: DrawTable,
    where: str,
    resolver: Resolver,
) -> Held:
    """Return what a restriction does to the lanes; unknown names are left with the resolver.

    Direct lanes run from the exporter to the importers. A segment that is named itself is also held on its
    country's lanes to it, with strength 1 - leakage; the importers are held on lanes from third countries
    with strength `enforcement`. Both act in proportion to the origin share of the supplier (rule M7).
    """
    origin = resolver.market(restriction.exporter, f"{where}.exporter")
    home = np.isin(resolver.country, list(resolver.country[origin]))
    importers = resolver.markets(restriction.importers, f"{where}.importers") & ~home
    products = resolver.products(restriction.products, f"{where}.products")
    segments = resolver.named_segments(restriction.importers)

    lane_product = network.supplier_product[network.lane_supplier]
    lane_from = network.supplier_market[network.lane_supplier]
    lane_to = network.consumer_market[network.lane_consumer]
    direct = origin[lane_from] & importers[lane_to] & products[lane_product]
    abroad = resolver.country[lane_from] != resolver.country[lane_to]
    third = importers[lane_to] & ~home[lane_from] & abroad
    parent = segments[lane_to] & (network.lane_kind == PARENT_TO_SEGMENT)

    reach = restriction.enforcement
    enforcement = between(reach.low, reach.central, reach.high, table.value("enforcement"))
    origin_share = origin_shares(network, origin, products)[network.lane_supplier]
    one, label = np.ones(table.draws), restriction.label
    holds = {
        "direct": (label, direct.astype(np.float64), one),
        "third": (f"{label}, in goods of third countries", np.where(third, origin_share, 0.0), enforcement),
        "parent": (
            f"{label}, in goods from the segment's country",
            np.where(parent, origin_share, 0.0),
            1.0 - table.value("leakage"),
        ),
    }
    if not enforcement.any():
        del holds["third"]
    counts = {name: int((share > 0.0).sum()) for name, (_, share, _) in holds.items()}
    when = timeline.window(scenario, restriction, table, where)
    stopped = _drawn_path(scenario, restriction, table, when, where)
    constraints = tuple(
        Constraint(text, share, strength, stopped)
        for name, (text, share, strength) in holds.items()
        if counts[name] and not (name == "direct" and restriction.quota_mode == "pooled")
    )
    idle = tuple(n for n in restriction.products if not direct[resolver.product(n)[lane_product]].any())
    hit = Hit(label, counts["direct"], counts.get("third", 0), counts["parent"], without_effect=idle)
    return Held(restriction, direct, constraints, stopped, when, hit)


def _drawn_path(
    scenario: Scenario, restriction: ExportRestriction, table: DrawTable, when: timeline.Window, where: str
) -> Floats:
    """Return (D, P) the share that the restriction stops; a licence's is scaled by `licence_depth`."""
    depth = np.ones(table.draws)
    if restriction.depth is not None:
        depth = table.of(restriction.depth, f"{where}.depth")
    path = timeline.stopped(scenario, restriction, when, depth)
    if restriction.kind != "licence":
        return path
    return np.minimum(path * table.value("licence_depth")[:, None], 1.0)


def outside_window(scenario: Scenario) -> list[Problem]:
    """Return a problem for every part that is in force at no time of the simulation."""
    last = scenario.start + dt.timedelta(days=7 * scenario.weeks)
    found = []
    for name in ("restrictions", "losses", "surges", "closures"):
        for i, item in enumerate(getattr(scenario, name)):
            when = timeline.widest(scenario, item)
            path = timeline.in_force(scenario, when)
            if isinstance(item, CapacityLoss):
                path = timeline.lost(scenario, when, np.array([item.recovery_weeks.high]))
            if path.any():
                continue
            got = f"{item.start} to {item.end or 'open end'}"
            expected = f"some day from {scenario.start} to {last}, the span of the simulation"
            found.append(Problem(f"{item.label} is never in force", f"{name}[{i}]", got, expected))
    return found


def nothing_hit(network: Network, held: Held, where: str, resolver: Resolver) -> Problem:
    """Return the problem of a restriction that touches no lane: what the exporter does ship, and to whom."""
    restriction = held.restriction
    exporter = restriction.exporter
    origin = resolver.market(exporter, f"{where}.exporter")
    importers = resolver.markets(restriction.importers, f"{where}.importers")
    wanted = resolver.products(restriction.products, f"{where}.products")
    lane_from = network.supplier_market[network.lane_supplier]
    lane_to = network.consumer_market[network.lane_consumer]
    lane_product = network.supplier_product[network.lane_supplier]
    out = origin[lane_from] & ~origin[lane_to]
    shipped = sorted({network.products[p].id for p in lane_product[out & importers[lane_to]]})
    buyers = sorted({network.markets[m].id for m in lane_to[out & wanted[lane_product]]})
    fix = (
        f"{exporter} ships to {', '.join(restriction.importers)}: {', '.join(shipped) or 'nothing'}. "
        f"{', '.join(restriction.products)} of {exporter} goes to: {', '.join(buyers) or 'nobody'}."
    )
    return Problem(f"{restriction.label} touches no lane", where, "0 lanes", "at least 1", fix)
