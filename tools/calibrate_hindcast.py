"""Calibrate the six free parameters of the hindcasts on rare earths 2010-2012, and leave each importer out.

    uv run python tools/calibrate_hindcast.py

Writes `calibration.csv` and `calibration_left_out.csv` in src/kaname/data/tables. The parameters are frozen:
running this again is a decision (docs/decisions/0010-hindcast.md), not a routine. Takes some ten minutes.

What is minimised, over Japan, the United States, the EU27 and the world, changes of imports in 2011 and 2012
against 2010, from China and from elsewhere (16 figures):

* the mean absolute error, plus
* twice what a direction in 2011 lacks (changes of at least 10 % in the data must have their sign, by 3
  points), plus
* for the world's unit value: .3 x the mean absolute log error in 2011-2014 (a multiple below 1 counts as 1,
  the floor of rule M11), twice what 2011 misses by more than e^.5, and twice what 2014 lies above 1.15.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import differential_evolution

from kaname.hindcast.baseyear import build_base, reported
from kaname.hindcast.episode import ELSEWHERE, load_episode
from kaname.hindcast.figures import CHANGE, imports_of
from kaname.hindcast.predict import forecast, scenario_of, windows
from kaname.hindcast.run import CALIBRATED_ON
from kaname.scenario.assumptions import Assumptions

TABLES = Path(__file__).resolve().parents[1] / "src" / "kaname" / "data" / "tables"
IMPORTERS = ("JPN", "USA", "EU27", "WORLD")
YEARS = ("2011", "2012")
PRODUCTS = ("rare_earths",)
SEED, ROUNDS, PER_PARAMETER = 1, 40, 8
NEARLY = 0.02  # what an objective may lie above the best and still count among the fitting ones

# name, least and largest value tried, unit, what; of the long elasticity what it has above the short
FREE = (
    ("rho", 0.0, 1.0, "of what is blocked", "Share of what is blocked that is re-placed elsewhere (rule M6)"),
    ("price.speed", 0.02, 0.5, "per week", "Exponent of orders over what can be delivered (rule M11)"),
    ("price.short_elasticity", 0.02, 0.5, "% per %", "Elasticity of use at once (rule M11)"),
    ("price.long_elasticity", 0.0, 2.5, "% per %", "Elasticity of use in the long run (rule M11)"),
    ("price.supply_elasticity", 0.0, 1.0, "% per %", "Elasticity of capacity in the long run (rule M11)"),
    (
        "price.memory_weeks",
        13.0,
        156.0,
        "weeks",
        "Memory of the price, which the long run follows (rule M11)",
    ),
)
SOURCE = (
    "tools/calibrate_hindcast.py on BACI (CEPII), HS 280530, 284610, 284690, 2011-2014 against 2010; "
    "low and high: least and largest value tried with an objective within .02 of the best"
)


class Fit:
    """The episode, its network, and what the trade data say of it."""

    def __init__(self) -> None:
        """Read and build all once."""
        self.episode = load_episode(CALIBRATED_ON)
        self.build = build_base(self.episode)
        self.spans = windows(self.episode)
        self.origin = self.episode.restricted_origin
        base = reported(self.episode, self.episode.base_year)
        self.observed, self.price = {}, {}
        for span in self.spans:
            trade = reported(self.episode, span.start.year)
            for group in IMPORTERS:
                found = imports_of(group, trade, base)
                for of in (self.origin, ELSEWHERE):
                    self.observed[group, span.label, of] = float(found.figure(CHANGE, of, self.origin)[0])
            self.price[span.label] = float(imports_of("WORLD", trade, base).price[0])
        self.tried: list[tuple[np.ndarray, float]] = []

    def predicted(self, x: Sequence[float]) -> tuple[dict[tuple[str, str, str], float], dict[str, float]]:
        """Return the changes and the world's price multiples at some parameters."""
        scenario = scenario_of(self.episode, self.build.network, held(x))
        found = forecast(self.build, scenario, PRODUCTS, IMPORTERS, self.spans, 0, 0).drawn
        changes = {
            (group, year, of): float(found[group, year].figure(CHANGE, of, self.origin)[0])
            for group, year, of in self.observed
        }
        return changes, {span.label: float(found["WORLD", span.label].price[0]) for span in self.spans}

    def objective(self, x: np.ndarray, groups: Sequence[str]) -> float:
        """Return what is minimised, over some importers."""
        changes, price = self.predicted(x)
        value = error(changes, self.observed, groups)
        for group in groups:
            for of in (self.origin, ELSEWHERE):
                seen = self.observed[group, "2011", of]
                if abs(seen) >= 0.1:
                    value += 2.0 * max(0.0, 0.03 - math.copysign(1.0, seen) * changes[group, "2011", of])
        off = {year: math.log(level / self.price[year]) for year, level in price.items()}
        floored = [abs(math.log(level / max(1.0, self.price[year]))) for year, level in price.items()]
        value += 0.3 * float(np.mean(floored)) + 2.0 * max(0.0, abs(off["2011"]) - 0.5)
        value += 2.0 * max(0.0, math.log(price["2014"] / 1.15))
        self.tried.append((np.array(x), value))
        return value

    def best(self, groups: Sequence[str]) -> np.ndarray:
        """Search the box of `FREE`; the same seed gives the same result."""
        self.tried.clear()
        bounds = [(low, high) for _, low, high, _, _ in FREE]
        found = differential_evolution(
            self.objective, bounds, (groups,), maxiter=ROUNDS, popsize=PER_PARAMETER, rng=SEED, tol=1e-4,
            polish=False,
        )  # fmt: skip
        return rounded(found.x)

    def spread(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and largest values among those that fit nearly as well as the best."""
        least = min(value for _, value in self.tried)
        fitting = np.array([own(x) for x, value in self.tried if value <= least + NEARLY])
        return fitting.min(axis=0), fitting.max(axis=0)


def own(x: Sequence[float]) -> np.ndarray:
    """Return the parameters as they are named: the long elasticity whole."""
    found = np.array(x, dtype=np.float64)
    found[3] += found[2]
    return found


def rounded(x: Sequence[float]) -> np.ndarray:
    """Return the parameters to three digits."""
    return np.array([float(f"{value:.3g}") for value in x])


def held(x: Sequence[float]) -> Assumptions:
    """Return assumptions with the parameters held."""
    named = dict(zip((name for name, *_ in FREE), own(x).tolist(), strict=True))
    price = {name.removeprefix("price."): value for name, value in named.items() if name.startswith("price.")}
    rest = {name: value for name, value in named.items() if not name.startswith("price.")}
    return Assumptions.model_validate({**rest, "price": {"on": True, **price}})


def error(
    changes: dict[tuple[str, str, str], float],
    observed: dict[tuple[str, str, str], float],
    groups: Sequence[str],
) -> float:
    """Return the mean absolute error over some importers in the calibration years."""
    keys = [key for key in observed if key[0] in groups and key[1] in YEARS]
    return float(np.mean([abs(changes[key] - observed[key]) for key in keys]))


def main() -> None:
    """Calibrate, leave importers out, and write both tables."""
    fit = Fit()
    x = fit.best(IMPORTERS)
    low, high = fit.spread()
    low, high = np.minimum(rounded(low), own(x)), np.maximum(rounded(high), own(x))
    changes, price = fit.predicted(x)
    print(
        "all:",
        dict(zip((n for n, *_ in FREE), own(x), strict=True)),
        error(changes, fit.observed, IMPORTERS),
        price,
    )
    rows = [
        {"parameter": name, "value": f"{own(x)[i]:.4g}", "low": f"{low[i]:.4g}", "high": f"{high[i]:.4g}",
         "unit": unit, "what": what, "source": SOURCE, "grade": "estimated"}
        for i, (name, _, _, unit, what) in enumerate(FREE)
    ]  # fmt: skip
    left = [left_row("none", IMPORTERS, x, changes, fit)]
    for group in IMPORTERS[:3]:
        others = [other for other in IMPORTERS if other != group]
        there = fit.best(others)
        found, _ = fit.predicted(there)
        print("without", group, own(there), error(found, fit.observed, [group]))
        left.append(left_row(group, [group], there, found, fit))
    write("calibration", rows)
    write("calibration_left_out", left)


def left_row(
    name: str, groups: Sequence[str], x: np.ndarray, changes: dict[tuple[str, str, str], float], fit: Fit
) -> dict[str, str]:
    """Return a row of the table of errors, with those of the naive rules."""
    scenario = scenario_of(fit.episode, fit.build.network, held(x))
    naive = forecast(fit.build, scenario, PRODUCTS, IMPORTERS, fit.spans, 0, 0).proportional
    cut = {key: float(naive[key[:2]].figure(CHANGE, key[2], fit.origin)[0]) for key in fit.observed}
    still = dict.fromkeys(fit.observed, 0.0)
    return {
        "left_out": name,
        "importers": " ".join(groups),
        "cells": str(4 * len(groups)),
        "error": f"{error(changes, fit.observed, groups):.4f}",
        "no_change_error": f"{error(still, fit.observed, groups):.4f}",
        "proportional_error": f"{error(cut, fit.observed, groups):.4f}",
        "parameters": " ".join(f"{value:.4g}" for value in own(x)),
        "source": "tools/calibrate_hindcast.py; the world, with all importers in it, stays in",
        "grade": "estimated",
    }


def write(name: str, rows: Sequence[dict[str, str]]) -> None:
    """Write a table."""
    with (TABLES / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
