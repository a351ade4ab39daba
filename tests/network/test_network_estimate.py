"""Lanes of stages without trade data: margins and known flows are respected (rule N7)."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_sources import flow

from kaname.network.estimate import HOME_SHARE, UNLISTED_SHARE, estimated_flows
from kaname.network.sources import ESTIMATED, Flow

PLACES = st.sampled_from(["A", "B", "C", "D", "E"])
AMOUNTS = st.dictionaries(PLACES, st.floats(0.1, 1e4), max_size=5)
KNOWN = st.dictionaries(st.tuples(PLACES, PLACES), st.floats(0.1, 1e3), max_size=4).map(
    lambda found: [flow(a, b, t) for (a, b), t in found.items() if a != b]
)


@given(AMOUNTS, AMOUNTS, KNOWN)
def test_estimated_flows_exceed_no_margin(
    output: dict[str, float], need: dict[str, float], known: list[Flow]
) -> None:
    found = estimated_flows("ore", output, need, known, 2.0)
    assert found[: len(known)] == known
    sent: dict[str, float] = defaultdict(float)
    got: dict[str, float] = defaultdict(float)
    for item in found[len(known) :]:
        assert item.exporter != item.importer
        assert (item.exporter, item.importer) not in {(k.exporter, k.importer) for k in known}
        assert (item.basis, item.reported_t) == (ESTIMATED, 0.0)
        assert item.value_kusd == pytest.approx(2.0 * item.tonnes)
        sent[item.exporter] += item.tonnes
        got[item.importer] += item.tonnes
    for place in {*sent, *got}:
        home = HOME_SHARE * min(output.get(place, 0.0), need.get(place, 0.0))
        out = sum(k.tonnes for k in known if k.exporter == place)
        free = max(0.0, output.get(place, 0.0) - home - out)
        free = min(free, UNLISTED_SHARE * out) if out else free
        assert sent[place] <= free * (1 + 1e-9)
        wanted = need.get(place, 0.0) - home - sum(k.tonnes for k in known if k.importer == place)
        assert got[place] <= max(0.0, wanted) * (1 + 1e-9)


def test_the_fit_is_in_proportion() -> None:
    found = estimated_flows("ore", {"A": 30.0, "B": 10.0}, {"C": 20.0, "D": 20.0}, [], 1.0)
    assert {(f.exporter, f.importer): f.tonnes for f in found} == pytest.approx(
        {("A", "C"): 15.0, ("A", "D"): 15.0, ("B", "C"): 5.0, ("B", "D"): 5.0}
    )


def test_what_a_known_lane_takes_away_goes_to_the_other_lanes() -> None:
    """The unlisted 15 % of A all reach C: none is put on the known lane and lost there."""
    known = [flow("A", "B", 10.0)]
    found = estimated_flows("ore", {"A": 100.0}, {"B": 60.0, "C": 50.0}, known, 1.0)
    assert [(f.exporter, f.importer) for f in found] == [("A", "B"), ("A", "C")]
    assert found[1].tonnes == pytest.approx(1.5)


def test_home_output_serves_home_first() -> None:
    (found,) = estimated_flows("ore", {"A": 100.0}, {"A": 50.0, "B": 80.0}, [], 1.0)
    assert (found.exporter, found.importer, found.tonnes) == ("A", "B", pytest.approx(55.0))


def test_without_output_or_need_nothing_is_invented() -> None:
    assert estimated_flows("ore", {}, {"A": 5.0}, [], 1.0) == []
    assert estimated_flows("ore", {"A": 5.0}, {}, [], 1.0) == []
