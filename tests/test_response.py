"""Responses as a user meets them: functions, commands, the folder, the plan simulated and replayed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import kaname
from kaname.baseline import Baseline
from kaname.cli import app
from kaname.rerun import replay
from kaname.response import alliance_json, load_measures, response_json
from kaname.scenario import files
from kaname.study import expand, load_study, run_study
from kaname.terms.errors import InputError, OutputError, ScenarioError

ROOT = Path(__file__).resolve().parent.parent
KEPT = ("vietnam-magnets", "japan-magnet-lines", "pool-japan-us-magnets", "lynas-ndpr-japan")
CASE = """\
id: magnets-stopped
title: Magnets to Japan stopped
start: 2026-01-06
weeks: 52
targets: [JPN]
restrictions:
  - exporter: CHN
    importers: [JPN]
    products: [magnets]
    kind: ban
    start: 2026-01-06
    evidence: [{source: "assumed: a what-if"}]
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("case") / "case.yaml"
    path.write_text(CASE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def found(case: Path, baseline: Baseline, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A response over four measures and two draws, with its folder."""
    measures = [measure for measure in load_measures() if measure.id in KEPT]
    out = tmp_path_factory.mktemp("answer") / "answer"
    response = kaname.respond(
        case, 2e8, measures=measures, draws=2, bound=True, steps=2, out=out, baseline=baseline
    )
    return response, out


def test_a_response_on_the_whole_network(found: Any) -> None:
    response, _ = found
    assert response.do_nothing.mean_kusd > 0.0
    assert response.delivered.mean_kusd < response.do_nothing.mean_kusd
    assert 0.0 < response.cost_kusd <= 2e5
    assert {item.measure for item in (*response.plan, *response.rejected)} == set(KEPT)
    assert response.bound_kusd is not None
    assert response.promised_nothing is not None
    assert response.bound_kusd <= response.promised_nothing.central_kusd + 1.0
    assert sum(response.payers.values()) == pytest.approx(response.cost_kusd)
    assert response.retaliation["plan"].mean_kusd >= response.delivered.mean_kusd - 1.0
    assert len(response.frontier) == 2


def test_the_folder_holds_the_plan_as_a_scenario_and_the_answer(found: Any) -> None:
    response, out = found
    assert files.load(out / "plan.yaml") == response.scenario
    told = json.loads((out / "response.json").read_text(encoding="utf-8"))
    assert told == json.loads(json.dumps(response_json(response), allow_nan=False))
    assert {item["measure"] for item in told["plan"]} == {item.measure for item in response.plan}
    with pytest.raises(OutputError):
        kaname.respond(out / "plan.yaml", 1.0, out=ROOT / "docs")


def test_the_json_is_told_in_the_documentation(found: Any) -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    section = re.search(r"## kaname respond\n(.*?)\n## kaname exposure", text, re.DOTALL)
    assert section is not None
    content = response_json(found[0])
    keys = {*content, *content["plan"][0], *content["do_nothing"]}
    keys |= set(content["rejected"][0]) if content["rejected"] else set()
    assert sorted(key for key in keys if f"`{key}`" not in section[1]) == []


def test_the_plan_is_simulated_beside_the_case_that_it_answers(
    found: Any, baseline: Baseline, tmp_path: Path
) -> None:
    response, out = found
    study = load_study(out / "plan.yaml", draws=0)
    assert [name for name, _, _ in expand(study.scenarios)] == ["magnets-stopped", response.scenario.id]
    result = run_study(study, tmp_path / "run", baseline=baseline)
    (view,) = result.model.responses
    assert [case.id for case in result.model.cases] == ["magnets-stopped"]
    assert view.answers == "Magnets to Japan stopped"
    assert {row.id for row in view.measures} == {item.measure for item in response.plan}
    without, plan = (bar.value for bar in view.bars.bars)
    assert plan < without
    central = response.do_nothing.central_kusd / 1e6, response.delivered.central_kusd / 1e6
    assert (without, plan) == pytest.approx(central, rel=0.02), "the cone and the whole network agree"
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "What allies can do" in page
    assert all(row.title in page for row in view.measures)
    assert replay(tmp_path / "run")["identical"]


def test_the_flagship_holds_its_answer() -> None:
    scenarios = {scenario.id: scenario for scenario in load_study().scenarios}
    answered = scenarios["5-full-stop-japan-answered"]
    case = scenarios[answered.answers]
    assert answered.restrictions == case.restrictions
    assert answered.assumptions == case.assumptions
    assert answered.plan is not None
    assert answered.plan.delivered_kusd < 0.7 * answered.plan.nothing_kusd
    catalogue = {measure.id: measure for measure in load_measures()}
    for measure in answered.measures:
        assert measure.model_copy(update={"level": 1.0}) == catalogue[measure.id], "as in the catalogue"


RUN = CliRunner()


def test_the_commands_print_what_the_functions_return(case: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.yaml"
    text = (ROOT / "examples" / "measures" / "magnets.yaml").read_text(encoding="utf-8")
    few.write_text(text, encoding="utf-8")
    common = ["--measures", str(few), "--draws", "1", "--quiet"]
    done = RUN.invoke(app, ["respond", str(case), "--budget", "1e8", *common, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["catalogue"]["cited"] + told["catalogue"]["assumed"] == len(files.load_measures(few))
    assert told["delivered"]["mean_kusd"] <= told["do_nothing"]["mean_kusd"]
    plain = RUN.invoke(app, ["respond", str(case), "--budget", "0", *common])
    assert plain.exit_code == 0, plain.output
    assert "No measure is taken" in plain.stdout
    both = RUN.invoke(app, ["alliance", str(case), "--members", "JPN,USA", *common, "--json"])
    assert both.exit_code == 0, both.output
    shares = json.loads(both.stdout)
    assert sum(m["shapley_kusd"] for m in shares["members"]) == pytest.approx(shares["value_kusd"], abs=1e-3)
    table = RUN.invoke(app, ["alliance", str(case), "--members", "JPN,USA", *common])
    assert "Members" in table.stdout
    assert "JPN" in table.stdout


def test_what_is_wrong_is_said(case: Path, baseline: Baseline, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="budget"):
        kaname.respond(case, -1.0, baseline=baseline)
    with pytest.raises(InputError, match="a folder instead of a scenario"):
        kaname.respond(case.parent, 1.0, baseline=baseline)
    with pytest.raises(ScenarioError):
        kaname.respond(case, 1.0, measures=tmp_path, baseline=baseline)
    with pytest.raises(InputError, match="not a country"):
        kaname.alliance(case, ("JPN", "Mars"), baseline=baseline)
    negative = tmp_path / "negative.yaml"
    text = (ROOT / "examples" / "measures" / "joint-production.yaml").read_text(encoding="utf-8")
    negative.write_text(re.sub(r"central: 54000, ", "central: -54000, ", text), encoding="utf-8")
    with pytest.raises(ScenarioError, match="capex_kusd"):
        kaname.respond(case, 1.0, measures=negative, baseline=baseline)


def test_the_json_of_an_alliance_is_told(case: Path, baseline: Baseline) -> None:
    measures = [measure for measure in load_measures() if measure.id in KEPT]
    found = kaname.alliance(case, ("JPN", "USA"), measures=measures, draws=1, baseline=baseline)
    content = alliance_json(found)
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    section = re.search(r"## kaname alliance\n(.*?)\n## ", text, re.DOTALL)
    assert section is not None
    keys = {*content, *content["members"][0], *content["coalitions"][0]}
    assert sorted(key for key in keys if f"`{key}`" not in section[1]) == []
