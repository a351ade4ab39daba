"""The forward run: an episode's scenario, simulated, and the imports that it gives window by window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kaname.data import store
from kaname.hindcast.baseyear import reported
from kaname.hindcast.episode import Episode, Quota
from kaname.hindcast.figures import Imports
from kaname.hindcast.groups import into
from kaname.network.build import NetworkBuild
from kaname.network.network import Network
from kaname.scenario.assumptions import Assumptions
from kaname.scenario.compile import compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.ranges import Evidence, Range
from kaname.scenario.scenario import ExportRestriction, Scenario
from kaname.scenario.shock import Shock
from kaname.simulate.engine import simulate
from kaname.terms.errors import DataMissing, Problem, RestrictionHitsNothing

Floats = NDArray[np.float64]
CHUNK_BYTES = 250e6  # of recorded lanes held at a time; no number depends on it
PERIOD_DAYS = 7.0
DAYS_PER_YEAR = 365.0  # of base flows, as everywhere in the network


@dataclass(frozen=True)
class Window:
    """Days from `start` to `end`, both in, under the name that tables use."""

    label: str
    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.end - self.start).days + 1


def windows(episode: Episode) -> list[Window]:
    """Return the years and observation windows of an episode, each once, in order of their start."""
    found = {
        Window(str(year), dt.date(year, 1, 1), dt.date(year, 12, 31)): None for year in sorted(episode.years)
    }
    for item in episode.observed:
        found[Window(window_label(item.start, item.end), item.start, item.end)] = None
    return sorted(found, key=lambda window: (window.start, window.end))


def window_label(start: dt.date, end: dt.date) -> str:
    """Return `2024` for a calendar year, `2025-05` for a month, else both days."""
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year:
        return str(start.year)
    if (
        start.day == 1
        and (end + dt.timedelta(days=1)).day == 1
        and start.strftime("%Y%m") == end.strftime("%Y%m")
    ):
        return f"{start:%Y-%m}"
    return f"{start} to {end}"


def assumptions(root: Path | None = None) -> Assumptions:
    """Return the frozen parameters of the calibration, with their ranges (`calibration.csv`)."""
    rows = {row["parameter"]: row for row in store.own_table("calibration", root).to_pylist()}
    evidence = [
        {"source": "calibrated on rare earths 2010-2012", "page": "docs/evidence.md", "grade": "estimated"}
    ]

    def ranged(name: str) -> dict[str, object]:
        row = rows[name]
        return {"central": row["value"], "low": row["low"], "high": row["high"], "evidence": evidence}

    price = {name.removeprefix("price."): ranged(name) for name in rows if name.startswith("price.")}
    own = {name: ranged(name) for name in rows if not name.startswith("price.")}
    return Assumptions.model_validate({**own, "price": {"on": True, **price}})


def scenario_of(episode: Episode, network: Network, given: Assumptions) -> Scenario:
    """Return an episode as a scenario: quotas in tonnes become pooled quotas on the base trade (rule M7)."""
    quotas = [_as_restriction(quota, network, f"quotas[{i}]") for i, quota in enumerate(episode.quotas)]
    return _scenario(episode, [*episode.restrictions, *quotas], given)


def imposed_scenario(
    episode: Episode, network: Network, given: Assumptions, root: Path | None
) -> Scenario | None:
    """Return the episode with what the origin really exported as its quota, year by year; None where the
    trade data do not show it.
    """
    origin, found = episode.restricted_origin, []
    evidence = (Evidence(source="trade data of the year itself (BACI, CEPII)", grade="observed"),)
    for year in sorted(episode.years):
        trade = reported(episode, year, root)
        for item in episode.products:
            own = (trade.exporter == origin) & (trade.product == item.id)
            quota = Quota(
                exporter=origin,
                products=(item.id,),
                tonnes_per_year=_held(float(trade.tonnes[own].sum())),
                start=dt.date(year, 1, 1),
                end=dt.date(year + 1, 1, 1),
                evidence=evidence,
            )
            found.append(_as_restriction(quota, network, f"{item.id} in {year}"))
    return _scenario(episode, found, given) if found else None


def _held(value: float) -> Range:
    """Return a range without width."""
    return Range(central=value, low=value, high=value)


def _scenario(episode: Episode, parts: Sequence[ExportRestriction], given: Assumptions) -> Scenario:
    start = episode.begins
    weeks = -(-((episode.ends - start).days + 1) // 7)
    return Scenario(
        id=episode.id,
        title=episode.title,
        start=start,
        weeks=max(weeks, 1),
        period_days=PERIOD_DAYS,
        targets=("*",),
        restrictions=tuple(parts),
        assumptions=given,
        evidence=episode.evidence,
    )


def _as_restriction(quota: Quota, network: Network, where: str) -> ExportRestriction:
    """Return a quota in tonnes as the share of base trade that it stops: none where it exceeds that trade."""
    country = np.array([market.country for market in network.markets])
    product = np.array([item.id for item in network.products])
    start, end = country[network.supplier_market[network.lane_supplier]], country[network.consumer_market]
    held = (start == quota.exporter) & np.isin(product[network.supplier_product], quota.products)[
        network.lane_supplier
    ]
    end = end[network.lane_consumer]
    held &= (end != quota.exporter) if "*" in quota.importers else np.isin(end, quota.importers)
    base = float(network.lane_flow[held].sum()) * DAYS_PER_YEAR / network.period_days
    if base <= 0.0:
        got = f"{quota.exporter} exports none of {', '.join(quota.products)}"
        raise RestrictionHitsNothing(Problem("a quota on nothing", where, got, "exports in the base year"))
    tonnes = quota.tonnes_per_year
    ends = (tonnes.high, tonnes.central, tonnes.low)
    low, depth, high = (max(0.0, 1.0 - value / base) for value in ends)
    return ExportRestriction(
        exporter=quota.exporter,
        importers=quota.importers,
        products=quota.products,
        kind="quota",
        quota_mode="pooled",
        depth=Range(central=depth, low=low, high=high, shape=tonnes.shape),
        start=quota.start,
        end=quota.end,
        evidence=quota.evidence,
        note=quota.note,
    )


@dataclass(frozen=True)
class Forecast:
    """Imports by (importer, window label): the draws (row 0 central), and the two naive rules in one row
    each: nothing changes; restricted lanes are cut in proportion and all else stays.
    """

    drawn: dict[tuple[str, str], Imports]
    proportional: dict[tuple[str, str], Imports]


def forecast(
    build: NetworkBuild,
    scenario: Scenario,
    products: Sequence[str],
    groups: Sequence[str],
    spans: Sequence[Window],
    draws: int,
    seed: int,
) -> Forecast:
    """Simulate a scenario and add up what arrives of some products in each window, by importer and exporter.

    Goods that arrive before the simulation starts are those of the base state. Raises what `compile_shock`
    raises.
    """
    network = build.network
    table = draw_table(scenario, draws, seed, one_at_a_time=False)
    shock = compile_shock(network, scenario, table, build.ranges, build.lane_routes).shock
    sums = _Sums(network, products, groups)
    weights = [_weights(scenario, span) for span in spans]
    per_draw = 3 * 8 * shock.periods * network.n_lanes
    chunk = max(1, int(CHUNK_BYTES // per_draw))
    parts: dict[tuple[str, str], list[tuple[Floats, Floats]]] = {}
    for first in range(0, shock.draws, chunk):
        outcome = simulate(network, shock.take(range(first, min(first + chunk, shock.draws))), record="full")
        arrived, price = outcome.values("lane_arrived"), outcome.values("price_level")
        for span, (inside, before) in zip(spans, weights, strict=True):
            lanes = np.tensordot(arrived, inside, axes=([1], [0])) + before * network.lane_flow
            level = np.tensordot(price, inside, axes=([1], [0])) + before
            level /= inside.sum() + before
            for group in groups:
                rows = (sums.by_exporter(group, lanes), sums.price(group, level, shock))
                parts.setdefault((group, span.label), []).append(rows)
    cut = {span.label: _cut_lanes(network, shock, *weights[i]) for i, span in enumerate(spans)}
    drawn, proportional = {}, {}
    for group in groups:
        for span in spans:
            key = (group, span.label)
            base = sums.by_exporter(group, network.lane_flow[None, :])[0] * span.days / network.period_days
            found = parts[key]
            tonnes, level = (np.concatenate([part[i] for part in found]) for i in (0, 1))
            drawn[key] = Imports(sums.exporters, tonnes, base, level)
            simple = sums.by_exporter(group, cut[span.label][None, :])
            proportional[key] = Imports(sums.exporters, simple, base, np.ones(1))
    return Forecast(drawn, proportional)


def _weights(scenario: Scenario, span: Window) -> tuple[Floats, float]:
    """Return the share of each period that lies in a window, (P,), and how many periods lie before the
    start of the simulation. Raises DataMissing where it ends before the window does.
    """
    edges = np.arange(scenario.periods + 1) * scenario.period_days
    begins, ends = ((day - scenario.start).days for day in (span.start, span.end))
    if ends + 1 > edges[-1]:
        where = f"{scenario.id}: {span.label}"
        raise DataMissing(Problem("the simulation ends before the window", where, str(span.end)))
    covered = np.minimum(edges[1:], ends + 1.0) - np.maximum(edges[:-1], begins)
    before = max(0, min(-begins, span.days)) / scenario.period_days
    return np.clip(covered, 0.0, None) / scenario.period_days, before


def _cut_lanes(network: Network, shock: Shock, inside: Floats, before: float) -> Floats:
    """Return (E,) what lanes would carry in a window if each were cut as announced and nobody answered."""
    permission = shock.permission[0] @ inside
    pool = shock.pool_permission[0] @ inside
    share = np.minimum(permission[shock.lane_permission_row], pool[shock.lane_pool_row]) + before
    found: Floats = network.lane_flow * share
    return found


class _Sums:
    """Adds lanes up by importer and exporter."""

    def __init__(self, network: Network, products: Sequence[str], groups: Sequence[str]) -> None:
        """Sort the lanes of some products by the country that they come from, for each importer."""
        country = np.array([market.country for market in network.markets], dtype=str)
        start = country[network.supplier_market[network.lane_supplier]]
        end = country[network.consumer_market[network.lane_consumer]]
        self.exporters, self._at = np.unique(start, return_inverse=True)
        ids = [network.product_index(product) for product in products]
        chosen = np.isin(network.supplier_product, ids)[network.lane_supplier]
        self._into = {group: chosen & into(group, start, end) for group in groups}
        self._network = network

    def by_exporter(self, group: str, lanes: Floats) -> Floats:
        """Return (R, M) the tonnes by exporter of (R, E) tonnes by lane."""
        mask = self._into[group]
        at = self._at[mask]
        rows = [np.bincount(at, row[mask], len(self.exporters)) for row in lanes]
        return np.array(rows, dtype=np.float64)

    def price(self, group: str, level: Floats, shock: Shock) -> Floats:
        """Return (R,) the price that a group pays, weighted by base imports, of (R, W) mean price levels."""
        if shock.prices is None:
            return np.ones(len(level))
        network, mask = self._network, self._into[group]
        row = shock.prices.consumer_row[network.lane_consumer[mask]]
        weight = network.lane_flow[mask]
        total = float(weight.sum())
        return level[:, row] @ weight / total if total > 0.0 else np.full(len(level), np.nan)
