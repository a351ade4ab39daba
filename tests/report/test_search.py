"""How a plan was found, in the report: only beside the plan it belongs to, and told where it is none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kaname.plans import search_in
from kaname.report.search import RECORD, is_of, load_record, search_view
from kaname.report.search_html import search_part
from kaname.scenario import files
from kaname.study import examples_folder, load_study
from kaname.terms.errors import InputError
from kaname.terms.language import JAPANESE, speaking

FLAGSHIP = examples_folder() / "flagship"
CONTENT = (FLAGSHIP / RECORD).read_bytes()
PLAN = files.load(FLAGSHIP / "5-full-stop-japan-answered.yaml")


def test_the_flagship_carries_the_search_of_its_plan() -> None:
    study = load_study()
    assert study.search is not None
    record = load_record(CONTENT, RECORD)
    assert is_of(record, PLAN)
    assert PLAN.plan is not None
    assert record.delivered.mean_kusd == pytest.approx(PLAN.plan.delivered_kusd, abs=1.0)
    assert record.do_nothing.mean_kusd == pytest.approx(PLAN.plan.nothing_kusd, abs=1.0)


def test_why_a_measure_is_left_out_is_said_again_in_japanese() -> None:
    record = load_record(CONTENT, RECORD)
    english = search_view(record, {}, "plan").left_out
    assert [row.why for row in english] == [item.why for item in record.rejected]
    with speaking(JAPANESE):
        again = search_view(record, {}, "plan").left_out
    numbers = [(a.why, b.why) for a, b in zip(english, again, strict=True) if a.why.startswith("It ")]
    assert len(numbers) > 50
    assert not [b for _, b in numbers if "It " in b]


def test_other_words_of_a_record_are_left_as_they_are() -> None:
    """A reason that its numbers do not give again is not replaced by one that they do."""
    record = load_record(CONTENT, RECORD)
    rows = [item.model_copy(update={"why": "Withdrawn by its owner."}) for item in record.rejected]
    changed = record.model_copy(update={"rejected": tuple(rows)})
    with speaking(JAPANESE):
        assert {row.why for row in search_view(changed, {}, "plan").left_out} == {"Withdrawn by its owner."}


def test_what_is_shown_adds_up() -> None:
    record = load_record(CONTENT, RECORD)
    view = search_view(record, {"JPN": "Japan", "USA": "United States"}, "plan")
    assert sum(row.pays_kusd for row in view.allies) == pytest.approx(sum(record.payers_kusd.values()))
    assert next(row for row in view.allies if row.name == "Japan").without_kusd == pytest.approx(
        record.do_nothing.mean_kusd, rel=1e-6
    )
    assert len(view.worth) + len(view.left_out) == record.catalogue.cited + record.catalogue.assumed
    assert all(row.why for row in view.left_out)
    spent = [row.cost_kusd for row in view.bought]
    assert all(cost <= row.budget_kusd * (1 + 1e-9) for cost, row in zip(spent, view.bought, strict=True))
    ids = {item.measure for item in (*record.plan, *record.rejected)}
    assert not ids & {name for row in view.bought for name in row.enters}
    assert all(name.removesuffix(" alone") not in ids for name, _ in view.compared)
    page = search_part(view, "plan", "case")
    assert "What a budget buys" in page
    assert "left out" in page


def test_each_budget_has_its_plan_and_its_payers() -> None:
    record = load_record(CONTENT, RECORD)
    view = search_view(record, {"JPN": "Japan", "USA": "United States"}, "plan")
    ids = {item.measure for item in (*record.plan, *record.rejected)}
    for point in view.bought:
        assert sum(part.cost_kusd for part in point.parts) == pytest.approx(point.cost_kusd)
        assert sum(point.payers_kusd.values()) == pytest.approx(point.cost_kusd)
        assert not {part.measure for part in point.parts} & ids, "titles, not ids"
    page = search_part(view, "plan", "case")
    assert page.count('<details class="budget">') == len(view.bought) + 1
    assert "Nothing is spent" in page


def test_regret_is_told_answer_by_answer_the_plan_last() -> None:
    record = load_record(CONTENT, RECORD)
    drawn = record.by_draw
    assert drawn is not None
    view = search_view(record, {}, "plan")
    assert len(view.regrets) == len(drawn.losses_kusd)
    plan = view.regrets[-1]
    assert plan.name == "The plan"
    assert plan.mean_loss_kusd == pytest.approx(record.delivered.mean_kusd)
    for row in view.regrets:
        assert 0.0 <= row.low_kusd <= row.mean_kusd <= row.worst_kusd
        assert row.mean_kusd == pytest.approx(row.mean_loss_kusd - row.mean_least_kusd)
        assert row.worst_kusd == pytest.approx(row.worst_loss_kusd - row.worst_least_kusd)
        assert 1 <= row.worst_draw <= row.draws
    assert sum(row.best_in for row in view.regrets) >= plan.draws
    assert view.regret is not None
    assert f"{drawn.tried} plans" in view.regret[0]


def test_an_older_answer_has_neither_draws_nor_plans_of_budgets() -> None:
    content = json.loads(CONTENT)
    del content["by_draw"]
    for point in content["frontier"]:
        del point["parts"], point["payers_kusd"]
    view = search_view(load_record(json.dumps(content).encode(), RECORD), {}, "plan")
    assert view.regrets == ()
    page = search_part(view, "plan", "case")
    assert "Regret" not in page
    assert "data-budgets" not in page
    assert "What each budget buys" in page


def test_an_edited_plan_loses_its_search(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_bytes(CONTENT)
    assert search_in(tmp_path, [PLAN]) is not None
    fewer = PLAN.model_copy(update={"measures": PLAN.measures[1:]})
    assert search_in(tmp_path, [fewer]) is None
    without = PLAN.model_copy(update={"measures": ()})
    assert search_in(tmp_path, [without]) is None
    assert replace(load_study(), search=None).search is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "not JSON"),
        (b"[]", "not the answer"),
        (json.dumps({**json.loads(CONTENT), "draws": "many", "plan": 3}).encode(), "draws"),
    ],
)
def test_a_file_that_is_no_answer_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / RECORD).write_bytes(content)
    with pytest.raises(InputError, match=told):
        search_in(tmp_path, [PLAN])
