"""Distributions, samplers, and ranges in the parts of a scenario (rule A1, decision 0008)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc
from small_network import CN_MAGNETS, lanes_between, magnet_world, routes_of

from kaname.scenario import files
from kaname.scenario.compile import Compiled, compile_shock
from kaname.scenario.draws import DrawTable, draw_table, quantile, sample
from kaname.scenario.groups import groups_of
from kaname.scenario.ranges import Range
from kaname.scenario.scenario import Scenario
from kaname.terms.errors import InputError, ScenarioError

NETWORK = magnet_world()
EVIDENCE = [{"source": "test"}]
BAN: dict[str, Any] = {
    "exporter": "CHN",
    "importers": ["JPN"],
    "products": ["magnets"],
    "kind": "ban",
    "start": "2026-01-06",
    "evidence": EVIDENCE,
}
U = np.linspace(0.0005, 0.9995, 400)
Z = stats.norm.ppf(0.95)


def scenario(**parts: Any) -> Scenario:
    frame = {"id": "test", "title": "Test", "start": "2026-01-06", "weeks": 10, "targets": ["JPN"]}
    return Scenario.model_validate(frame | parts)


def drawn(case: Scenario, draws: int = 8, **rest: Any) -> tuple[Compiled, DrawTable]:
    table = draw_table(case, draws, 3, groups=groups_of(NETWORK, case.assumptions.apart), **rest)
    return compile_shock(NETWORK, case, table), table


# --- distributions --------------------------------------------------------------------------------


def _truncated(low: float, central: float, high: float) -> Any:
    spread = (high - low) / (2.0 * Z)
    return stats.truncnorm((low - central) / spread, (high - central) / spread, loc=central, scale=spread)


@pytest.mark.parametrize(
    ("low", "central", "high"), [(1.0, 2.0, 4.0), (0.5, 0.9, 1.0), (1.0, 1.0, 3.0), (1.0, 3.0, 3.0)]
)
def test_quantiles_are_those_of_scipy(low: float, central: float, high: float) -> None:
    width = high - low
    known = {
        "triangular": stats.triang((central - low) / width, loc=low, scale=width),
        "uniform": stats.uniform(low, width),
        "pert": stats.beta(
            1 + 4 * (central - low) / width, 1 + 4 * (high - central) / width, loc=low, scale=width
        ),
        "normal": _truncated(low, central, high),
    }
    for shape, expected in known.items():
        item = Range(central=central, low=low, high=high, shape=shape)
        np.testing.assert_allclose(quantile(item, U), expected.ppf(U), rtol=1e-9, err_msg=shape)
    bell = _truncated(np.log(low), np.log(central), np.log(high))
    item = Range(central=central, low=low, high=high, shape="lognormal")
    np.testing.assert_allclose(quantile(item, U), np.exp(bell.ppf(U)), rtol=1e-9)


def test_before_it_is_cut_a_bell_has_5_and_95_percent_at_its_ends() -> None:
    """The middle nine tenths of the whole bell are what is drawn."""
    whole = stats.norm(2.0, 1.0 / Z)
    item = Range(central=2.0, low=1.0, high=3.0, shape="normal")
    np.testing.assert_allclose(quantile(item, U), whole.ppf(0.05 + 0.9 * U), rtol=1e-9)


def test_a_choice_draws_its_values_by_weight() -> None:
    choices = [{"value": 0.0, "weight": 1.0}, {"value": 0.5, "weight": 2.0}, {"value": 1.0}]
    item = Range.model_validate(
        {"central": 0.5, "low": 0.0, "high": 1.0, "shape": "choice", "choices": choices}
    )
    expected = stats.rv_discrete(values=([0, 1, 2], [0.25, 0.5, 0.25]))
    assert quantile(item, U).tolist() == (expected.ppf(U) / 2.0).tolist()
    assert quantile(item, np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("shape", ["triangular", "uniform", "pert", "normal", "lognormal"])
def test_no_shape_leaves_its_range(shape: str) -> None:
    item = Range(central=0.3, low=0.1, high=0.5, shape=shape)
    values = quantile(item, np.array([0.0, 1e-17, 0.5, 1.0 - 1e-16, 1.0]))
    assert (values >= 0.1).all()
    assert (values <= 0.5).all()
    assert (np.diff(values) >= 0.0).all()


CHOICE = "assumptions: {rho: {low: 0, shape: choice, "
HEAD = "id: a\ntitle: b\nstart: 2026-01-06\ntargets: [JPN]\n"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("assumptions: {rho: {low: 0, central: .2, high: .5, shape: lognormal}}", "low above 0"),
        ("assumptions: {rho: {low: 0, central: .2, high: .5, shape: choice}}", "choice without choices"),
        (
            "assumptions: {rho: {low: 0, central: 0, high: .5, choices: [{value: 0}, {value: .5}]}}",
            "choices without the shape",
        ),
        (
            CHOICE + "central: .2, high: .5, choices: [{value: 0}, {value: .5}]}}",
            "the central value is no choice",
        ),
        (
            CHOICE + "central: .4, high: .5, choices: [{value: 0}, {value: .4}]}}",
            "do not span",
        ),
        (
            CHOICE + "central: 0, high: 0, choices: [{value: 0}, {value: 0}]}}",
            "do not rise",
        ),
        ("assumptions: {rho: {low: 0, central: .2, high: .5, shape: gauss}}", "`lognormal`"),
        ("assumptions: {apart: {cover: colour}}", "`stage`"),
        (
            "assumptions: {cover_days: [{markets: ['*'], products: ['*'], evidence: [{source: x}], "
            "days: {low: 1, central: 2, high: 3, shape: uniform}}]}",
            "give it to the knob",
        ),
    ],
)
def test_a_range_that_cannot_be_drawn_is_refused_with_its_place(text: str, word: str) -> None:
    with pytest.raises(ScenarioError) as found:
        files.loads(HEAD + text)
    (problem,) = found.value.problems
    assert problem.line == 5
    assert word in str(problem)


# --- samplers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("draws", [1, 3, 8, 200])
def test_sobol_is_scipys_scrambled_sequence(draws: int) -> None:
    expected = qmc.Sobol(d=5, scramble=True, rng=np.random.default_rng(7)).random_base2(8)[:draws]
    assert np.array_equal(sample("sobol", 5, draws, 7), expected)
    assert not np.array_equal(sample("sobol", 5, draws, 8), expected)


def test_a_sobol_table_is_reproducible_and_named() -> None:
    first, again = (draw_table(scenario(), 6, 1, sampler="sobol") for _ in range(2))
    assert first.names == again.names
    assert first.names[-6:] == tuple(f"sobol {i}" for i in range(1, 7))
    assert all(np.array_equal(first.values[name], again.values[name]) for name in first.values)
    assert not np.array_equal(first.values["psi"], draw_table(scenario(), 6, 1).values["psi"])


def test_an_unknown_sampler_is_refused() -> None:
    with pytest.raises(InputError, match="lhs or sobol"):
        draw_table(scenario(), 2, 1, sampler="dice")  # type: ignore[arg-type]


# --- ranges in the parts --------------------------------------------------------------------------


def spread(central: float, low: float, high: float, shape: str = "uniform") -> dict[str, Any]:
    return {"central": central, "low": low, "high": high, "shape": shape}


def test_duration_delay_and_depth_are_drawn_each_by_itself() -> None:
    ban = BAN | {
        "depth": spread(0.8, 0.5, 1),
        "delay_weeks": spread(1, 0, 2),
        "duration_weeks": spread(4, 2, 6),
    }
    case = scenario(restrictions=[ban, BAN | {"products": ["metal"]}])
    result, table = drawn(case)
    names = [f"restrictions[0].{key}" for key in ("depth", "delay_weeks", "duration_weeks")]
    assert [name for name in table.values if "[" in name] == names
    assert f"{names[2]} low" in table.names
    lane = lanes_between(NETWORK, CN_MAGNETS, "JPN")[0]
    shock = result.shock
    stopped = 1.0 - shock.permission[:, shock.lane_permission_row[lane]]
    depth, delay, lasts = (table.values[name] for name in names)
    np.testing.assert_allclose(stopped.sum(axis=1), depth * lasts)
    np.testing.assert_allclose(stopped.max(axis=1), depth)
    first = np.array([np.flatnonzero(row)[0] for row in stopped])
    assert (first == np.floor(delay)).all()


@pytest.mark.parametrize("part", ["losses", "surges"])
def test_losses_and_surges_last_as_long_as_drawn(part: str) -> None:
    own: dict[str, Any] = {
        "market": "AUS",
        "products": ["metal"],
        "start": "2026-01-06",
        "evidence": EVIDENCE,
    }
    own |= {"duration_weeks": spread(4, 2, 6)}
    if part == "losses":
        case = scenario(losses=[own | {"depth": spread(0.5, 0.4, 0.6), "recovery_weeks": spread(2, 1, 3)}])
    else:
        case = scenario(
            surges=[own | {"market": "JPN", "products": ["magnets"], "factor": spread(2, 1.5, 3)}]
        )
    case = case.model_copy(
        update={"assumptions": case.assumptions.model_copy(update={"headroom": held(0.0)})}
    )
    result, table = drawn(case)
    lasts = table.values[f"{part}[0].duration_weeks"]
    if part == "losses":
        moved = (1.0 - result.shock.capacity_factor[:, 1]).sum(axis=1)
        recovery = table.values["losses[0].recovery_weeks"]
        expected = table.values["losses[0].depth"] * (lasts + recovery / 2.0)
    else:
        moved = (result.shock.demand_factor[:, 1] - 1.0).sum(axis=1)
        expected = (table.values["surges[0].factor"] - 1.0) * lasts
    np.testing.assert_allclose(moved, expected, rtol=1e-9)


def held(value: float) -> Range:
    return Range(central=value, low=value, high=value)


def test_a_closure_is_as_long_as_drawn() -> None:
    closure = {
        "chokepoint": "suez", "extra_days": spread(8, 0, 15), "capacity_lost": spread(0.2, 0.1, 0.3),
        "start": "2026-01-06", "duration_weeks": spread(3, 1, 5), "evidence": EVIDENCE,
    }  # fmt: skip
    case = scenario(closures=[closure])
    table = draw_table(case, 8, 3)
    passages = [frozenset({"suez"})] * NETWORK.n_lanes
    shock = compile_shock(NETWORK, case, table, lane_routes=routes_of(passages)).shock
    lasts = table.values["closures[0].duration_weeks"]
    stopped = (1.0 - shock.permission[:, shock.lane_permission_row[0]]).sum(axis=1)
    np.testing.assert_allclose(stopped, table.values["closures[0].capacity_lost"] * lasts, rtol=1e-9)
    extra = np.ceil(table.values["closures[0].extra_days"] / 7.0)
    assert np.array_equal(shock.extra_lag[:, shock.lane_delay_row[0]].max(axis=1), extra)


def test_draws_of_the_assumptions_alone_do_not_pass_for_those_of_the_scenario() -> None:
    case = scenario(restrictions=[BAN | {"duration_weeks": spread(4, 2, 6)}])
    with pytest.raises(InputError, match="Draw the scenario itself"):
        compile_shock(NETWORK, case, draw_table(case.assumptions, 2, 0))


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ("end: 2026-02-01, duration_weeks: 4", "one of the two"),
        ("duration_weeks: 0", "0.1 to 1040"),
        ("delay_weeks: -1", "0 to 1040"),
        ("end: 2026-02-01, delay_weeks: {low: 0, central: 1, high: 9}", "only after its end"),
        ("depth: {low: 0, central: 1, high: 1.5}", "0 to 1"),
        ("enforcement: {low: 0, central: 0, high: 1, shape: uniform}", "give it to the knob"),
    ],
)
def test_times_that_contradict_each_other_are_refused(keys: str, word: str) -> None:
    text = "restrictions: [{exporter: CHN, importers: [JPN], products: [magnets], kind: ban, "
    text += "start: 2026-01-06, evidence: [{source: x}], " + keys + "}]"
    with pytest.raises(ScenarioError) as found:
        files.loads(HEAD + text)
    assert [word in str(problem) for problem in found.value.problems] == [True]


def test_ranges_in_parts_survive_writing_and_reading() -> None:
    choice = {"central": 0.5, "low": 0.5, "high": 1.0, "shape": "choice"}
    choice |= {"choices": [{"value": 0.5, "weight": 3.0}, {"value": 1.0}]}
    ban = BAN | {"depth": choice, "duration_weeks": spread(26, 8, 80, "lognormal")}
    case = scenario(restrictions=[ban], assumptions={"apart": {"cover": "stage"}})
    assert files.loads(files.dump(case)) == case


# --- tables drawn group by group ------------------------------------------------------------------


def test_groups_move_apart_in_the_ensemble_and_together_in_the_swings() -> None:
    case = scenario(restrictions=[BAN], assumptions={"apart": {"cover": "stage", "headroom": "product"}})
    result, table = drawn(case, 16)
    groups = [name for name in table.values if name.startswith("cover/")]
    assert "cover" not in table.values
    assert len(groups) == len({product.stage for product in NETWORK.products})
    low = table.names.index("cover low")
    assert all(table.values[name][low] == -1.0 for name in groups)
    assert not np.array_equal(table.values[groups[0]][-16:], table.values[groups[1]][-16:])
    days = result.shock.cover_days / NETWORK.consumer_cover_days
    for n in range(NETWORK.n_consumers):
        stage = NETWORK.products[NETWORK.consumer_product[n]].stage
        np.testing.assert_allclose(days[:, n], 1.0 + 0.5 * table.values[f"cover/{stage}"])
    shock = result.shock
    for k in range(NETWORK.n_suppliers):
        product = NETWORK.products[NETWORK.supplier_product[k]].id
        spare = NETWORK.supplier_headroom[k]
        expected = (1.0 + spare * (1.0 + 0.5 * table.values[f"headroom/{product}"])) / (1.0 + spare)
        path = shock.capacity_factor[:, shock.supplier_capacity_row[k], 0]
        np.testing.assert_allclose(path, expected, rtol=1e-12)


@pytest.mark.parametrize("by", ["element", "stage", "product", "country"])
def test_every_table_can_be_drawn_by_every_group(by: str) -> None:
    tables = ("cover", "reserve", "dependence", "headroom")
    case = scenario(restrictions=[BAN], assumptions={"apart": dict.fromkeys(tables, by)})
    result, table = drawn(case, 4)
    assert not set(tables) & set(table.values)
    assert (result.shock.dependence[:, NETWORK.recipe_same_element] == 1.0).all()
    alone = compile_shock(NETWORK, case, table.take([5])).shock
    assert np.array_equal(result.shock.reserve_days[5], alone.reserve_days[0])
    assert np.array_equal(result.shock.dependence[5], alone.dependence[0])


def test_a_held_table_has_no_groups() -> None:
    case = scenario(restrictions=[BAN], assumptions={"cover": 0.5, "apart": {"cover": "stage"}})
    result, table = drawn(case, 4)
    assert (table.values["cover"] == 0.5).all()
    np.testing.assert_allclose(
        result.shock.cover_days, 1.25 * NETWORK.consumer_cover_days[None, :].repeat(len(table.names), 0)
    )


def test_some_draws_of_a_shock_are_the_shock_of_those_draws() -> None:
    ban = BAN | {"depth": spread(0.8, 0.5, 1), "enforcement": {"central": 0.2, "low": 0, "high": 0.5}}
    case = scenario(restrictions=[ban])
    result, table = drawn(case)
    rows = [0, table.draws - 1, 4]
    part, alone = result.shock.take(rows), compile_shock(NETWORK, case, table.take(rows)).shock
    assert part.draw_names == alone.draw_names == tuple(table.names[i] for i in rows)
    assert np.array_equal(
        part.permission[:, part.lane_permission_row], alone.permission[:, alone.lane_permission_row]
    )
    for name in ("cover_days", "reserve_days", "dependence", "psi", "eta"):
        assert np.array_equal(getattr(part, name), getattr(alone, name))
    assert all(np.array_equal(part.drawn[name], alone.drawn[name]) for name in table.values)
