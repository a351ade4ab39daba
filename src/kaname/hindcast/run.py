"""`kaname hindcast`: an episode run forward and scored, without a look at what came after."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kaname.data import store
from kaname.hindcast.baseyear import build_base, check_countries, reported
from kaname.hindcast.episode import ALL, ELSEWHERE, Episode, load_episode
from kaname.hindcast.figures import CHANGE, HHI, MEASURES, SHARE, UNIT_VALUE, Imports, imports_of
from kaname.hindcast.predict import (
    Forecast,
    assumptions,
    forecast,
    imposed_scenario,
    scenario_of,
    window_label,
    windows,
)
from kaname.hindcast.score import Cell, Prediction, Score, cell, score
from kaname.scenario.assumptions import Assumptions

CALIBRATED_ON = "rare-earths-2010"
DRAWS, SEED = 200, 20101102


@dataclass(frozen=True)
class Hindcast:
    """An episode with its cells and scores. `scores` has one per measure; `headline` is that of changes from
    the restricted origin and from elsewhere in the headline years.
    """

    episode: Episode
    cells: tuple[Cell, ...]
    headline: Score
    scores: tuple[Score, ...]
    parameters: dict[str, float]
    notes: tuple[str, ...]
    vintage: str

    @property
    def in_sample(self) -> bool:
        """Tell whether the parameters were calibrated on this episode."""
        return self.episode.id == CALIBRATED_ON

    @property
    def sentence(self) -> str:
        """Return the result as one sentence."""
        return _sentence(self)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON of `kaname hindcast --json`."""
        return {
            "episode": self.episode.id,
            "title": self.episode.title,
            "sentence": self.sentence,
            "base_year": self.episode.base_year,
            "origin": self.episode.restricted_origin,
            "in_sample": self.in_sample,
            "parameters": self.parameters,
            "headline": self.headline.as_dict(),
            "scores": [item.as_dict() for item in self.scores],
            "cells": [item.as_dict() for item in self.cells],
            "notes": list(self.notes),
            "vintage": self.vintage,
        }


def hindcast(
    episode: Episode | str | Path,
    draws: int = DRAWS,
    seed: int = SEED,
    root: Path | None = None,
    given: Assumptions | None = None,
) -> Hindcast:
    """Run an episode forward from its base year, and score what came.

    `episode` is a name, a YAML file or an Episode. `draws` samples all ranges at once, for the bands. `root`
    is a data folder with the user's own trade. `given` stands in for the frozen parameters (calibration
    only). Raises InputError, ScenarioError, DataMissing, RestrictionHitsNothing.
    """
    if not isinstance(episode, Episode):
        episode = load_episode(episode)
    check_countries(episode, root)
    given = given or assumptions()
    build = build_base(episode, root)
    spans = windows(episode)
    groups = list(dict.fromkeys([*episode.importers, *(item.importer for item in episode.observed)]))
    products = [item.id for item in episode.products]
    announced = scenario_of(episode, build.network, given)
    found = forecast(build, announced, products, groups, spans, draws, seed)
    own = imposed_scenario(episode, build.network, given, root) if episode.years else None
    imposed = None if own is None else forecast(build, own, products, groups, spans, 0, seed)
    cells = [*_trade_cells(episode, found, imposed, root), *_own_cells(episode, found, imposed)]
    return Hindcast(
        episode,
        tuple(cells),
        score(CHANGE, [item for item in cells if item.headline]),
        tuple(score(name, [c for c in cells if c.measure == name]) for name in MEASURES),
        _parameters(given),
        episode.notes,
        _vintage(root),
    )


def _parameters(given: Assumptions) -> dict[str, float]:
    """Return the central values of what is calibrated, by name; without those that are not set."""
    names = [row["parameter"] for row in store.own_table("calibration").to_pylist()]
    found = {}
    for name in names:
        where = given.price if name.startswith("price.") else given
        item = getattr(where, name.removeprefix("price."))
        if item is not None:
            found[name] = float(item.central)
    return found


def _vintage(root: Path | None) -> str:
    """Return which trade data the run used."""
    trade = store.sources(root)[0]
    return f"{trade['title']} ({trade['publisher']}), as of {trade['date']}"


def _trade_cells(
    episode: Episode, found: Forecast, imposed: Forecast | None, root: Path | None
) -> list[Cell]:
    """Return the cells that are scored against the trade data: every importer, year and measure."""
    origin = episode.restricted_origin
    base = reported(episode, episode.base_year, root) if episode.years else None
    headline = set(episode.headline_years or episode.years)
    asked = [(CHANGE, origin), (CHANGE, ELSEWHERE), (CHANGE, ALL)]
    asked += [(SHARE, origin), (HHI, ALL), (UNIT_VALUE, ALL)]
    leading = episode.headline_importers or episode.importers
    cells = []
    for year in sorted(episode.years):
        trade = reported(episode, year, root)
        for group in episode.importers:
            assert base is not None
            truth = imports_of(group, trade, base)
            for measure, of in asked:
                key = (group, str(year))
                predicted = _predicted(found, imposed, key, measure, of, origin)
                first = measure == CHANGE and of != ALL and year in headline and group in leading
                observed = float(truth.figure(measure, of, origin)[0])
                cells.append(
                    cell((group, measure, of, str(year)), first, predicted, observed, "trade data (BACI)")
                )
    return cells


def _own_cells(episode: Episode, found: Forecast, imposed: Forecast | None) -> list[Cell]:
    """Return the cells that are scored against figures in the episode's file."""
    origin, cells = episode.restricted_origin, []
    for item in episode.observed:
        label = window_label(item.start, item.end)
        measure = UNIT_VALUE if item.change is None else CHANGE
        observed = item.unit_value if item.change is None else item.change
        assert observed is not None
        predicted = _predicted(found, imposed, (item.importer, label), measure, item.origin, origin)
        source = "; ".join(part.source or part.event for part in item.evidence)
        key = (item.importer, measure, item.origin, label)
        cells.append(cell(key, measure == CHANGE, predicted, observed, source))
    return cells


def _predicted(
    found: Forecast, imposed: Forecast | None, key: tuple[str, str], measure: str, of: str, origin: str
) -> Prediction:
    drawn = found.drawn[key]
    still = Imports(drawn.exporters, drawn.base[None, :], drawn.base, np.ones(1))
    nothing = float("nan")
    return Prediction(
        drawn.figure(measure, of, origin),
        float(still.figure(measure, of, origin)[0]),
        float(found.proportional[key].figure(measure, of, origin)[0]),
        nothing if imposed is None else float(imposed.drawn[key].figure(measure, of, origin)[0]),
    )


def _sentence(result: Hindcast) -> str:
    """Return how far off the model was, beside the naive rules, in one sentence."""
    first = result.headline
    if first.mean_absolute_error is None:
        return f"{result.episode.title}: nothing could be scored."
    how = "in sample" if result.in_sample else "out of sample"
    naive = min(x for x in (first.no_change_error, first.proportional_error) if x is not None)
    verdict = "better than" if first.mean_absolute_error < naive - 0.005 else "no better than"
    signs = f"{first.signs_right} of {first.signs} directions right"
    return (
        f"{result.episode.title} ({how}): mean absolute error {first.mean_absolute_error:.2f} over "
        f"{first.cells} changes, {verdict} the best naive rule ({naive:.2f}); {signs}."
    )
