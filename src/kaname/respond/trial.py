"""Levels of measures tried in the simulator, every time with the same draws (rule O5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kaname.respond.cone import Cone
from kaname.respond.plan import THRIFT
from kaname.respond.portfolio import Risk
from kaname.scenario.additions import with_effects
from kaname.simulate.engine import simulate
from kaname.simulate.outcome import Outcome, Watch

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Trial:
    """What some levels deliver: value of final use lost by draw (D,), thousand USD, at targets and elsewhere.

    `by_market_kusd` (D, markets) is the loss of each market.
    """

    levels: Floats
    cost_kusd: float
    loss_kusd: Floats
    others_kusd: Floats
    by_market_kusd: Floats


@dataclass
class Trials:
    """A cone, its draws and the costs of measures in full; what was tried is remembered.

    `rows` are the draws to simulate, all by default; draw 0 is the central one.
    """

    cone: Cone
    targets: frozenset[str]
    costs_kusd: Floats
    risk: Risk
    threads: int = 2
    _known: dict[bytes, Trial] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the users whose loss has a value."""
        network = self.cone.network
        value = network.consumer_value_kusd
        members = np.flatnonzero((network.consumer_final > 0.0) & np.isfinite(value))
        self.watch = Watch(members, np.zeros(0, dtype=np.intp))
        self._value = value[members]
        self._market = network.consumer_market[members]
        ids = [market.id for market in network.markets]
        self._inside = np.array([name in self.targets for name in ids])

    @property
    def tried(self) -> int:
        """Return how many different levels were simulated."""
        return len(self._known)

    def within(self, budget_kusd: float) -> list[Trial]:
        """Return what was simulated so far and costs no more than a budget."""
        most = budget_kusd * (1.0 + 1e-9)
        return [trial for trial in self._known.values() if trial.cost_kusd <= most]

    def at(self, levels: Sequence[float] | Floats) -> Trial:
        """Return what levels (M,) deliver; simulated once."""
        given = np.asarray(levels, dtype=np.float64)
        key = np.round(given, 9).tobytes()
        if key not in self._known:
            self._known[key] = self._simulated(given)
        return self._known[key]

    def outcome(self, levels: Floats, watch: Watch) -> Outcome:
        """Return what happens at some levels to the members watched, by period."""
        shock = with_effects(self.cone.network, self.cone.shock, self.cone.effects, list(levels))
        return simulate(self.cone.network, shock, watch=watch, threads=self.threads)

    def worth(self, levels: Sequence[float] | Floats) -> float:
        """Return risk-weighted loss at the targets and `THRIFT` x cost, thousand USD: less is better."""
        trial = self.at(levels)
        return self.risk.value(trial.loss_kusd[self.sampled]) + THRIFT * trial.cost_kusd

    @property
    def sampled(self) -> Ints:
        """Return the draws that are samples of all ranges; all where there is only the central one."""
        count = self.cone.shock.draws
        return np.arange(1, count) if count > 1 else np.arange(count)

    def _simulated(self, levels: Floats) -> Trial:
        lost = self.outcome(levels, self.watch).values("consumer_shortfall").sum(axis=1) * self._value
        markets = np.zeros((lost.shape[0], len(self._inside)))
        np.add.at(markets.T, self._market, lost.T)
        return Trial(
            levels,
            float(levels @ self.costs_kusd),
            markets[:, self._inside].sum(axis=1),
            markets[:, ~self._inside].sum(axis=1),
            markets,
        )
