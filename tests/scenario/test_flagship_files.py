"""The flagship: four cases, each at least as severe as the one before."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from small_network import network_of

from kaname.network.network import Network
from kaname.scenario import files
from kaname.scenario.compile import compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.scenario import Evidence

ROOT = Path(__file__).parents[2]
CASES = [  # without their focus, as the small network of this file has no industries
    case.model_copy(update={"focus": ()})
    for case in files.load_all(ROOT / "examples" / "flagship")
    if not case.answers
]

DUAL_USE = ["dytb_compound", "dytb_metal", "magnets", "graphite_flake", "graphite_anode", "tungsten_apt"]
DUAL_USE += ["gallium_crude", "germanium_refined", "antimony_metal"]
ELEMENTS = {
    "dytb_compound": "rare earths Dy/Tb", "dytb_metal": "rare earths Dy/Tb", "magnets": "rare earths Nd/Pr",
    "ndpr_metal": "rare earths Nd/Pr", "graphite_flake": "graphite", "graphite_anode": "graphite",
    "tungsten_apt": "tungsten", "tungsten_powder": "tungsten", "gallium_crude": "gallium",
    "germanium_refined": "germanium", "antimony_metal": "antimony",
}  # fmt: skip


def _world() -> Network:
    """Every product from China and Germany to all targets, Germany's made of Chinese goods in part."""
    suppliers, lanes, recipes = [], [], []
    for product in ELEMENTS:
        china, germany, parent = len(suppliers), len(suppliers) + 1, len(suppliers) + 2
        suppliers += [("CHN", product, "primary"), ("DEU", product, "reexport"), ("JPN", product, "reexport")]
        lanes.append((china, ("DEU", product), 2.0, 0))
        lanes += [(k, (m, product), 1.0 + k % 3, 0) for k in (china, germany) for m in _targets()]
        lanes.append((parent, ("JPN/defence", product), 1.0, 2))
        recipes += [(germany, ("DEU", product), 1.0, 1.0, True), (parent, ("JPN", product), 1.0, 1.0, True)]
    return network_of(suppliers, lanes, recipes, ELEMENTS)


def _targets() -> tuple[str, ...]:
    return CASES[0].targets


def test_there_are_four_cases_with_the_same_frame() -> None:
    assert [case.id for case in CASES] == [
        "1-military-end-users", "2-licences-slowed", "3-full-stop-japan", "4-full-stop-japan-us",
    ]  # fmt: skip
    assert {case.targets for case in CASES} == {("JPN", "JPN/defence", "USA", "USA/defence")}
    assert {(str(case.start), case.weeks) for case in CASES} == {("2026-01-06", 104)}
    assert len({case.assumptions for case in CASES}) == 1
    assert [value for value, _ in CASES[0].variants()] == [0.0, 0.5, 1.0]
    assert [case.sweep for case in CASES[1:]] == [None, None, None]


def test_each_case_holds_the_restrictions_of_the_one_before() -> None:
    for mild, hard in itertools.pairwise(CASES):
        assert hard.restrictions[: len(mild.restrictions)] == mild.restrictions
        assert len(hard.restrictions) == len(mild.restrictions) + 1


def test_permission_never_rises_from_case_to_case_in_any_draw() -> None:
    network = _world()
    before = None
    for case in CASES:
        shock = compile_shock(network, case, draw_table(case.assumptions, 8, 5)).shock
        permission = shock.permission[:, shock.lane_permission_row]
        if before is not None:
            assert (permission <= before + 1e-12).all()
            assert (permission < before - 1e-6).any()
        before = permission


def test_military_case_leaves_everyone_else_alone_and_full_leakage_spares_home_goods() -> None:
    network = _world()
    for leakage, case in CASES[0].variants():
        shock = compile_shock(network, case, draw_table(case.assumptions, 0, 0)).shock
        to = network.consumer_market[network.lane_consumer]
        civilian = np.array([network.markets[m].id != "JPN/defence" for m in to])
        assert not shock.lane_permission_row[civilian].any()
        parent = network.lane_kind == 2
        if leakage == 1.0:
            assert not shock.lane_permission_row[parent].any()
        else:
            assert (shock.permission[:, shock.lane_permission_row[parent]].min(axis=(0, 2)) < 1.0).any()


def test_every_assumption_and_restriction_cites_evidence() -> None:
    for case in CASES:
        for name, item in case.assumptions.ranges().items():
            assert item.evidence, name
        for restriction in case.restrictions:
            assert restriction.evidence
            assert all(isinstance(e, Evidence) and (e.source or e.event) for e in restriction.evidence)
            if not restriction.enforcement.fixed:
                assert restriction.enforcement.evidence
