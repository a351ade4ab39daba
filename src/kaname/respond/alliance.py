"""Who brings what to an alliance: coalitions simulated, value shared out by Shapley (rule O6).

v(S) is the value of final use that the measures open to the members S avoid losing, simulated on the cone
with the same draws. A measure is open to S if all its payers are in S, and every member of the alliance that
hosts it, gives to it or takes from it is in S too; others are commercial partners.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.network.build import NetworkBuild
from kaname.respond.polish import Limits, greedy, singles
from kaname.respond.portfolio import Risk
from kaname.respond.prepare import Prepared, prepare
from kaname.respond.trial import Trials
from kaname.scenario.draws import sample
from kaname.scenario.measures import Measure
from kaname.scenario.scenario import Scenario
from kaname.terms.errors import InputError, Problem

Floats = NDArray[np.float64]
Say = Callable[[str], None]
EXACT = 8  # members up to which every coalition is simulated
MOST = 16
ORDERS = 24  # orders of joining that are sampled above that
TOLERANCE = 1e-6  # of v(all): what counts as a gain by leaving


@dataclass(frozen=True)
class Member:
    """One member: Shapley share with its standard error (0 where exact), benefit, burden; thousand USD.

    `benefit_kusd` is the loss avoided in its own markets when all cooperate, `burden_kusd` what it pays then,
    `alone_kusd` what it avoids by itself, anywhere.
    """

    country: str
    shapley_kusd: float
    error_kusd: float
    benefit_kusd: float
    burden_kusd: float
    alone_kusd: float
    measures: int


@dataclass(frozen=True)
class Alliance:
    """The worth of an alliance; `coalitions` holds v of every coalition that was simulated."""

    members: tuple[Member, ...]
    value_kusd: float
    coordination_kusd: float  # v(all) - the sum of v of each alone
    loss_kusd: float  # mean loss at the targets without measures
    coalitions: Mapping[tuple[str, ...], float]
    leavers: tuple[tuple[tuple[str, ...], float], ...]  # who would avoid more by themselves than their shares
    exact: bool
    draws: int
    seed: int


def shapley(members: Sequence[str], value: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Return the exact Shapley value of each member: its mean gain over all orders of joining (Shapley 1953).

    Shares add up to v(all) - v(nobody).
    """
    count, share = len(members), dict.fromkeys(members, 0.0)
    for member in members:
        others = [name for name in members if name != member]
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for subset in itertools.combinations(others, size):
                before = frozenset(subset)
                share[member] += weight * (value(before | {member}) - value(before))
    return share


def sampled_shapley(
    members: Sequence[str],
    value: Callable[[frozenset[str]], float],
    orders: Sequence[Sequence[int]],
) -> tuple[dict[str, float], dict[str, float]]:
    """Return estimates of the Shapley values over some orders of joining, and their standard errors."""
    gains: dict[str, list[float]] = {name: [] for name in members}
    for order in orders:
        joined: frozenset[str] = frozenset()
        for i in order:
            grown = joined | {members[i]}
            gains[members[i]].append(value(grown) - value(joined))
            joined = grown
    mean = {name: float(np.mean(found)) for name, found in gains.items()}
    error = {name: float(np.std(found, ddof=1) / math.sqrt(len(found))) for name, found in gains.items()}
    return mean, error


def needs(measure: Measure, members: Sequence[str]) -> frozenset[str]:
    """Return the countries that a measure needs: its payers, and members that host, give or take."""
    payers = {portion.market.split("/")[0] for portion in measure.payers if portion.share > 0.0}
    part = {portion.market.split("/")[0] for portion in (*measure.offtake, *measure.inputs_from)}
    part |= {name.split("/")[0] for name in measure.markets}
    part |= {measure.market.split("/")[0]} if measure.market else set()
    return frozenset(payers | (part & set(members)))


def alliance(
    build: NetworkBuild,
    scenario: Scenario,
    measures: Sequence[Measure],
    members: Sequence[str],
    draws: int = 8,
    seed: int = 20260106,
    budget_kusd: float | None = None,
    say: Say = lambda text: None,
) -> Alliance:
    """Return what each coalition of `members` (countries) avoids, and how to share it (rule O6).

    With a budget each coalition spends it greedily; without one it does all that is open to it. Raises
    InputError for fewer than two members, unknown or repeated ones, or more than `MOST`.
    """
    _check(build, members)
    say("preparing the cone")
    prepared = prepare(build, scenario, measures, draws, seed)
    game = Game(prepared, tuple(members), budget_kusd)
    exact = len(members) <= EXACT
    say(f"simulating {'every coalition' if exact else 'sampled coalitions'} of {len(members)} members")
    if exact:
        share, error = shapley(members, game.value), dict.fromkeys(members, 0.0)
    else:
        orders = np.argsort(sample("lhs", len(members), ORDERS, seed), axis=1).tolist()
        share, error = sampled_shapley(members, game.value, orders)
    everyone = frozenset(members)
    total = game.value(everyone)
    alone = {name: game.value(frozenset({name})) for name in members}
    leavers = tuple(
        (tuple(sorted(group)), value - sum(share[name] for name in group))
        for group, value in sorted(game.known.items(), key=lambda item: sorted(item[0]))
        if group and value - sum(share[name] for name in group) > TOLERANCE * max(total, 1.0)
    )
    return Alliance(
        tuple(game.member(name, share[name], error[name], alone[name]) for name in members),
        total,
        total - sum(alone.values()),
        game.nothing_kusd,
        {tuple(sorted(group)): value for group, value in game.known.items()},
        leavers,
        exact,
        draws,
        seed,
    )


def _check(build: NetworkBuild, members: Sequence[str]) -> None:
    """Refuse members that are no countries of the network, repeated, too few or too many."""
    known = {market.country for market in build.network.markets}
    problems = [
        Problem("not a country of the network", "members", name, "ISO 3166 alpha-3, such as JPN")
        for name in members
        if name not in known
    ]
    again = sorted({name for name in members if list(members).count(name) > 1})
    if again:
        problems.append(Problem("a member is named twice", "members", ", ".join(again), "each once"))
    if not 2 <= len(members) <= MOST:
        expected = f"2 to {MOST}"
        problems.append(Problem("too few or too many members", "members", str(len(members)), expected))
    if problems:
        raise InputError(problems)


class Game:
    """The coalitions of some members, each simulated once."""

    def __init__(self, prepared: Prepared, members: tuple[str, ...], budget_kusd: float | None) -> None:
        """Find what each measure needs, and the loss without any."""
        self.prepared, self.members, self.budget_kusd = prepared, members, budget_kusd
        self.costs = np.array([cost.central_kusd for cost in prepared.costs])
        self.trials = Trials(prepared.cone, frozenset(prepared.scenario.targets), self.costs, Risk(0.0))
        self.needed = [needs(measure, members) for measure in prepared.measures]
        self.known: dict[frozenset[str], float] = {}
        self._levels: dict[frozenset[str], Floats] = {}
        self.nothing_kusd = self._loss(np.zeros(len(self.costs)))
        self._alone: Floats | None = None

    def _loss(self, levels: Floats) -> float:
        return float(self.trials.at(levels).loss_kusd[self.trials.sampled].mean())

    def open_to(self, group: frozenset[str]) -> NDArray[np.bool_]:
        """Return (M,) the measures that a coalition can take."""
        return np.array([need <= group for need in self.needed], dtype=np.bool_)

    def levels(self, group: frozenset[str]) -> Floats:
        """Return what a coalition does (M,)."""
        if group not in self._levels:
            able = self.open_to(group)
            if self.budget_kusd is None:
                self._levels[group] = able.astype(np.float64)
            else:
                divisible = np.array([m.divisible for m in self.prepared.measures], dtype=np.bool_)
                limits = Limits(self.costs, divisible, self.budget_kusd)
                if self._alone is None:
                    self._alone = singles(self.trials, limits)
                self._levels[group] = greedy(np.where(able, self._alone, 0.0), limits)
        return self._levels[group]

    def value(self, group: frozenset[str]) -> float:
        """Return v(S), thousand USD: mean loss at the targets avoided; 0 for nobody."""
        if group not in self.known:
            self.known[group] = self.nothing_kusd - self._loss(self.levels(group)) if group else 0.0
        return self.known[group]

    def member(self, name: str, share: float, error: float, alone: float) -> Member:
        """Return one member of the grand coalition."""
        everyone = frozenset(self.members)
        levels = self.levels(everyone)
        rows = self.trials.sampled
        nothing, together = self.trials.at(np.zeros(len(levels))), self.trials.at(levels)
        own = np.array([market.country == name for market in self.prepared.cone.network.markets])
        gain = (nothing.by_market_kusd - together.by_market_kusd)[rows][:, own].sum(axis=1).mean()
        burden, count = 0.0, 0
        for m, measure in enumerate(self.prepared.measures):
            paid = sum(portion.share for portion in measure.payers if portion.market.split("/")[0] == name)
            burden += levels[m] * self.costs[m] * paid
            count += levels[m] > 0.0 and name in self.needed[m]
        return Member(name, share, error, float(gain), float(burden), alone, int(count))
