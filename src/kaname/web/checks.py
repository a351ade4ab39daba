"""Is a scenario in order: schema, rules between keys, names that exist; and what a run of it takes."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.study import Study
from kaname.terms.errors import Problem, ScenarioError
from kaname.web.cost import LANES, Cost, cost_of
from kaname.web.offers import unknown_names
from kaname.web.runs import read_study


def checked_study(
    texts: Sequence[str], seed: int, draws: int, lanes: int | None = None
) -> tuple[Study, Cost]:
    """Return the study of some YAML texts and what a run of it takes on a network of `lanes`.

    Raises ScenarioError with every fault of every text, the names that nobody knows among them.
    """
    problems: list[Problem] = []
    for text in texts:
        problems += unknown_names(text)
    try:
        study = read_study(texts, seed, draws)
    except ScenarioError as error:
        problems += error.problems
    if problems:
        raise ScenarioError(sorted(problems, key=lambda one: (one.line or 0, one.column or 0)))
    return study, cost_of(study, lanes or LANES)
