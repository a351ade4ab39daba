"""One Explainer for many consumers gives what `why` gives one by one (rule M12)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kaname.baseline import load_baseline
from kaname.network.network import Network
from kaname.scenario import files
from kaname.scenario.compile import compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.shock import Shock
from kaname.simulate.engine import simulate
from kaname.simulate.outcome import Outcome
from kaname.simulate.why import Cause, Explainer, why
from kaname.terms.errors import InputError

FULL_STOP = Path(__file__).parents[2] / "examples" / "flagship" / "3-full-stop-japan.yaml"
Case = tuple[Network, Shock, Outcome]


@pytest.fixture(scope="module")
def case() -> Case:
    """The full stop, two draws, on the embedded network, over one year."""
    build, scenario = load_baseline().build, files.load(FULL_STOP)
    scenario = next(iter(scenario.variants()))[1] if scenario.sweep else scenario
    table = draw_table(scenario.assumptions, 0, 1).take([0, 1])
    shock = compile_shock(build.network, scenario, table, build.ranges, build.lane_routes).shock
    names = (
        "permission",
        "pool_permission",
        "capacity_factor",
        "demand_factor",
        "target_factor",
        "extra_lag",
    )
    shock = replace(shock, periods=52, **{name: getattr(shock, name)[..., :52] for name in names})
    return build.network, shock, simulate(build.network, shock, "full")


def leaves(cause: Cause) -> list[Cause]:
    return [leaf for child in cause.children for leaf in leaves(child)] if cause.children else [cause]


def test_an_explainer_answers_as_why_does(case: Case) -> None:
    network, shock, outcome = case
    lost = (outcome.values("consumer_need") - outcome.values("consumer_used"))[1].sum(axis=0)
    worst = np.argsort(lost / np.maximum(network.consumer_inflow, 1e-9))[-3:].tolist()
    explainer = Explainer(network, shock, outcome, draw=1, labels={("permission", 1): "the stop"})
    for consumer in worst:
        for first, last in ((0, 51), (10, 40)):
            alone = why(network, shock, outcome, consumer, first, last, 1, {("permission", 1): "the stop"})
            assert explainer.why(consumer, first, last) == alone
            assert sum(leaf.amount for leaf in leaves(alone.tree)) == pytest.approx(alone.lost_use, rel=1e-9)
            other = explainer.told({("permission", 1): "止め"})
            again = why(network, shock, outcome, consumer, first, last, 1, {("permission", 1): "止め"})
            assert other.why(consumer, first, last) == again
            assert explainer.why(consumer, first, last) == alone, "the first keeps its own texts"
    assert lost[worst].min() > 0.0
    assert any(root.kind == "permission" for root in explainer.why(worst[-1], 0, 51).roots)


def test_an_explainer_refuses_what_it_cannot_answer(case: Case) -> None:
    network, shock, outcome = case
    with pytest.raises(InputError, match="draw"):
        Explainer(network, shock, outcome, draw=2)
    with pytest.raises(InputError, match="every lane"):
        Explainer(network, shock, simulate(network, shock))
    explainer = Explainer(network, shock, outcome)
    with pytest.raises(InputError, match="no such window"):
        explainer.why(0, 3, 52)
    with pytest.raises(InputError, match="consumer"):
        explainer.why(network.n_consumers, 0, 1)
