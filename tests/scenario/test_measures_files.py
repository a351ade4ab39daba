"""Files of measures: every kind read and written back, every fault with its place, and the examples."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kaname.baseline import load_baseline
from kaname.data import store
from kaname.scenario import files
from kaname.scenario.draws import draw_table
from kaname.scenario.measures import FLOWS, KEYS, OPTIONAL, PLANTS, Kind, Measure, spread
from kaname.scenario.scenario import Scenario
from kaname.terms import codes
from kaname.terms.errors import Problem, ScenarioError

EXAMPLES = Path(__file__).parents[2] / "examples" / "measures"
KINDS = get_args(Kind)
COMMON = """\
  - id: {id}
    title: A good one
    kind: {kind}
    products: [magnets]
    start: 2026-01-06
    payers: [{{market: JPN, share: 0.6}}, {{market: USA, share: 0.4}}]
    evidence: [{{source: test}}]
"""
OWN = {
    "stockpile": ["markets: [JPN]", "days: 60"],
    "release": ["markets: [JPN]", "below: 1"],
    "pool": ["market: JPN", "per_year: 100", "offtake: [{market: USA, share: 1}]"],
    "capacity": ["market: JPN", "per_year: 1000.5"],
    "joint_production": ["market: JPN", "per_year: 50", "offtake: [{market: USA, share: 0.5}]"],
    "recycling": ["market: JPN", "per_year: 5"],
    "contract": ["market: AUS", "per_year: 5", "offtake: [{market: JPN, share: 0.9}]"],
    "substitution": ["markets: [JPN]", "makers: [motors]", "share: 0.25"],
    "priority": ["markets: [JPN/defence]", "share: 0.5"],
    "restraint": ["markets: ['*']", "share: 0.1"],
}
FOREIGN = {  # each key that some kind does not take
    "market": "market: JPN",
    "markets": "markets: [JPN]",
    "makers": "makers: [motors]",
    "per_year": "per_year: 1",
    "days": "days: 1",
    "below": "below: 0",
    "share": "share: 0",
    "offtake": "offtake: [{market: JPN, share: 1}]",
    "inputs_from": "inputs_from: [{market: JPN, share: 1}]",
    "value_lost_share": "value_lost_share: 0.5",
}


def item(kind: str, name: str = "good", *more: str) -> str:
    """Return one measure of a catalogue: seven common lines, those of its kind, and more."""
    lines = [*OWN[kind], *more]
    return COMMON.format(id=name, kind=kind) + "".join(f"    {line}\n" for line in lines)


def catalogue(*items: str) -> str:
    return "measures:\n" + "".join(items)


def read(text: str, tmp_path: Path) -> tuple[Measure, ...]:
    file = tmp_path / "measures.yaml"
    file.write_text(text)
    return files.load_measures(file)


def problems(text: str, tmp_path: Path) -> list[Problem]:
    with pytest.raises(ScenarioError) as error:
        read(text, tmp_path)
    assert all(problem.where == str(tmp_path / "measures.yaml") for problem in error.value.problems)
    return list(error.value.problems)


def scenario_with(measures: tuple[Measure, ...]) -> Scenario:
    case = {"id": "s", "title": "t", "start": "2026-01-06", "weeks": 10, "targets": ["JPN"]}
    return Scenario.model_validate(case).model_copy(update={"measures": measures})


# --- what is read ---------------------------------------------------------------------------------


def test_the_kinds_are_sorted_into_groups_and_all_have_keys() -> None:
    assert set(KEYS) == set(KINDS) == set(OWN)
    assert set(PLANTS) <= set(FLOWS) <= set(KINDS)
    assert set(FOREIGN) == {k for kind in KINDS for k in (*KEYS[kind], *OPTIONAL.get(kind, ()))}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_and_written_back(kind: str, tmp_path: Path) -> None:
    more = ["level: 0.5", "divisible: false", "end: 2027-01-01", "ramp_weeks: 13", "note: 'a: b'"]
    more += ["lead_weeks: {low: 1, central: 2, high: 4, shape: pert}", "capex_kusd: 1e3"]
    more += ["inputs_from: [{market: DEU, share: 1}]"] if kind == "joint_production" else []
    more += ["value_lost_share: {low: 0.5, central: 0.7, high: 1}"] if kind == "restraint" else []
    (plain,) = read(catalogue(item(kind)), tmp_path)
    (full,) = read(catalogue(item(kind, "full", *more)), tmp_path)
    assert (plain.kind, plain.level, plain.divisible, plain.ramp_weeks) == (kind, 1.0, True, 0.0)
    assert (full.level, full.divisible, full.ramp_weeks, full.note) == (0.5, False, 13.0, "a: b")
    assert spread(full, "lead_weeks") == (1.0, 2.0, 4.0)
    assert spread(full, "capex_kusd") == (1000.0, 1000.0, 1000.0)
    scenario = scenario_with((plain, full))
    text = files.dump(scenario)
    again = files.loads(text)
    assert again == scenario
    assert again.measures == (plain, full)
    assert files.dump(again) == text
    assert Measure.model_validate(plain.model_dump()) == plain
    assert Measure.model_validate_json(full.model_dump_json()) == full


def test_a_scenario_file_holds_measures_and_adds_to_those_it_extends(tmp_path: Path) -> None:
    head = "id: s\ntitle: t\nstart: 2026-01-06\ntargets: [JPN]\n"
    (tmp_path / "_base.yaml").write_text(head + catalogue(item("release", "one")))
    (tmp_path / "more.yaml").write_text(
        "extends: _base.yaml\nid: more\nmeasures+:\n" + item("stockpile", "two")
    )
    (tmp_path / "other.yaml").write_text(
        "extends: _base.yaml\nid: other\n" + catalogue(item("stockpile", "one"))
    )
    more, other = files.load_all(tmp_path)
    assert [measure.id for measure in more.measures] == ["one", "two"]
    assert [measure.kind for measure in other.measures] == ["stockpile"]
    (tmp_path / "twice.yaml").write_text(
        "extends: _base.yaml\nid: twice\nmeasures+:\n" + item("stockpile", "one")
    )
    with pytest.raises(ScenarioError, match="two measures share an id; got one"):
        files.load(tmp_path / "twice.yaml")


def test_lead_times_of_a_scenario_are_drawn_by_the_id_of_the_measure(tmp_path: Path) -> None:
    ranged = item("release", "late", "lead_weeks: {low: 2, central: 4, high: 8}")
    fixed = item("release", "soon", "lead_weeks: 3")
    scenario = scenario_with(read(catalogue(ranged, fixed), tmp_path))
    drawn = [name for name in scenario.ranges() if name.startswith("measures.")]
    assert drawn == ["measures.late.lead_weeks"]
    table = draw_table(scenario, 20, 3)
    values = table.value("measures.late.lead_weeks")
    assert values[0] == 4.0
    assert {2.0, 8.0} <= set(values)
    assert 2.0 < values[-20:].min() < values[-20:].max() < 8.0


def test_labels_and_what_counts_as_assumed(tmp_path: Path) -> None:
    cited = item("release").replace("[{source: test}]", "[{source: test, grade: reported}, {source: x}]")
    half, cited = read(catalogue(item("release", "half", "level: 0.5"), cited), tmp_path)
    assert (half.label, cited.label) == ("A good one (at 50%)", "A good one")
    assert (half.assumed, cited.assumed) == (True, False)


number = st.floats(0.0, 1e6).map(lambda x: round(x, 6))


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    kind = draw(st.sampled_from(KINDS))
    ranged = st.lists(number, min_size=3, max_size=3).map(
        lambda x: dict(zip(("low", "central", "high"), sorted(x), strict=True))
    )
    share = draw(st.floats(0.0, 1.0))
    portions = [{"market": "JPN", "share": share}, {"market": "USA", "share": 1.0 - share}]
    own: dict[str, Any] = {
        "market": "JPN",
        "markets": ["JPN", "*"],
        "makers": ["*"],
        "per_year": draw(st.floats(1e-3, 1e9)),
        "days": draw(st.floats(1e-3, 1e3)),
        "below": draw(st.floats(0.0, 1.0)),
        "share": share,
        "offtake": portions[: draw(st.integers(int("offtake" in KEYS[kind]), 2))],
        "inputs_from": portions if draw(st.booleans()) else [],
        "value_lost_share": draw(st.floats(0.0, 10.0)),
    }
    keys = (*KEYS[kind], *OPTIONAL.get(kind, ()))
    start = draw(st.dates())
    return Measure.model_validate(
        {key: own[key] for key in keys}
        | {"id": "m", "title": draw(st.text("ab:#'\"- é", min_size=1)), "kind": kind, "start": start}
        | {"products": ["magnets"], "level": draw(st.floats(0.0, 1.0)), "divisible": draw(st.booleans())}
        | {"lead_weeks": draw(st.floats(0.0, 1040.0)), "ramp_weeks": draw(st.floats(0.0, 1040.0))}
        | {name: draw(number | ranged) for name in ("capex_kusd", "opex_kusd_per_year", "per_unit_kusd")}
        | {"payers": portions, "evidence": [{"source": "x", "grade": "reported"}]}
    )


@settings(max_examples=30, deadline=None)
@given(measures())
def test_dump_and_loads_are_inverse(measure: Measure) -> None:
    scenario = scenario_with((measure,))
    assert files.loads(files.dump(scenario)) == scenario


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_a_kind_needs_is_asked_for(kind: str, tmp_path: Path) -> None:
    for key in KEYS[kind]:
        text = catalogue(item(kind))
        (line,) = [own for own in OWN[kind] if own.startswith(f"{key}:")]
        (problem,) = problems(text.replace(f"    {line}\n", ""), tmp_path)
        assert problem.what == f"measures[0].{key}: {kind} needs `{key}`"
        assert (problem.got, problem.expected) == ("nothing", f"`{key}`")
        assert (problem.line, problem.column) == (2, 5)  # where the measure begins


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_a_kind_does_not_take_is_refused_at_its_place(kind: str, tmp_path: Path) -> None:
    allowed = (*KEYS[kind], *OPTIONAL.get(kind, ()))
    foreign = [line for key, line in FOREIGN.items() if key not in allowed]
    found = problems(catalogue(item(kind, "good", *foreign)), tmp_path)
    first = 9 + len(OWN[kind])
    assert [(p.line, p.column) for p in found] == [
        (first + i, 5 + len(line.split(":")[0]) + 2) for i, line in enumerate(foreign)
    ]
    for problem, line in zip(found, foreign, strict=True):
        key = line.split(":")[0]
        assert problem.what == f"measures[0].{key}: {kind} takes no `{key}`"
        assert problem.expected == ", ".join(allowed)


def test_a_default_that_is_written_out_is_no_foreign_key(tmp_path: Path) -> None:
    defaults = ["offtake: []", "inputs_from: []", "value_lost_share: 1", "makers: []"]
    (measure,) = read(catalogue(item("release", "good", *defaults)), tmp_path)
    assert measure == read(catalogue(item("release")), tmp_path)[0]


PAYERS = "payers: [{market: JPN, share: 0.6}, {market: USA, share: 0.4}]"


@pytest.mark.parametrize(
    ("kind", "old", "new", "line", "column", "words"),
    [
        ("capacity", "id: good", "id: Good One", 2, 9, ["text like", "`Good One`"]),
        ("capacity", "title: A good one", "title: ''", 3, 12, ["text that is not empty"]),
        ("capacity", "kind: capacity", "kind: capacities", 4, 11, ["one of `stockpile`", "mean `capacity`"]),
        ("capacity", "products: [magnets]", "products: []", 5, 15, ["at least one item"]),
        ("capacity", "products: [magnets]", "products: magnets", 5, 15, ["a list", "Write [magnets]."]),
        ("capacity", "[magnets]", "[magnets, metal]", 5, 15, ["capacity is about one product", "2 names"]),
        ("pool", "[magnets]", "[magnets, metal]", 5, 15, ["pool is about one product", "2 names"]),
        ("capacity", "start: 2026-01-06", "start: 2026-02-30", 6, 12, ["a date, YYYY-MM-DD"]),
        ("capacity", "start: 2026-01-06", "begin: 2026-01-06", 6, 5, ["unknown key", "`begin`"]),
        ("capacity", "evidence: [{source: test}]", "evidence: []", 8, 15, ["at least one item"]),
        ("capacity", "{source: test}", "{page: 3a}", 8, 16, ["evidence names no source"]),
        ("capacity", "{source: test}", "{source: test, grade: sure}", 8, 38, ["one of `observed`"]),
        ("capacity", PAYERS, "payers: []", 7, 13, ["at least one item"]),
        ("capacity", PAYERS, "payers: JPN", 7, 13, ["a list"]),
        ("capacity", "share: 0.4", "share: 0.5", 7, 13, ["shares of payers", "got 1.1", "expected 1"]),
        ("capacity", "share: 0.4", "share: 0.3", 7, 13, ["shares of payers", "got 0.9", "expected 1"]),
        ("capacity", "market: USA", "market: JPN", 7, 13, ["payers names a market twice", "JPN, JPN"]),
        ("capacity", "share: 0.4", "share: -0.4", 7, 62, ["a number >= 0"]),
        ("capacity", "share: 0.4", "shares: 0.4", 7, 55, ["unknown key", "`share`"]),
        ("capacity", "per_year: 1000.5", "per_year: 0", 10, 15, ["a number > 0"]),
        ("capacity", "per_year: 1000.5", "per_year: much", 10, 15, ["a number", "`much`"]),
        ("capacity", "per_year: 1000.5", "per_year: .inf", 10, 15, ["a finite number"]),
        ("stockpile", "days: 60", "days: 1001", 10, 11, ["a number <= 1000"]),
        ("stockpile", "days: 60", "days: 0", 10, 11, ["a number > 0"]),
        ("stockpile", "markets: [JPN]", "markets: JPN", 9, 14, ["a list", "Write [JPN]."]),
        ("release", "below: 1", "below: -0.1", 10, 12, ["a number >= 0"]),
        ("substitution", "share: 0.25", "share: 40", 11, 12, ["40 % is written 0.4"]),
        ("priority", "share: 0.5", "share: 50", 10, 12, ["50 % is written 0.5"]),
        ("restraint", "share: 0.1", "share: 40", 10, 12, ["40 % is written 0.4"]),
        ("restraint", "share: 0.1", "share: true", 10, 12, ["a number"]),
        ("contract", "share: 0.9", "share: 90", 11, 36, ["90 % is written 0.9"]),
    ],
)
def test_every_bad_value_has_a_place_and_words(
    kind: str, old: str, new: str, line: int, column: int, words: list[str], tmp_path: Path
) -> None:
    text = catalogue(item(kind))
    assert text.count(old) >= 1
    found = problems(text.replace(old, new, 1), tmp_path)
    (told,) = [problem for problem in found if (problem.line, problem.column) == (line, column)]
    for word in words:
        assert word in str(told), str(told)
    misspelt_or_spoils_a_sum = new in ("begin: 2026-01-06", "shares: 0.4", "share: -0.4", "share: 90")
    assert len(found) == 1 + misspelt_or_spoils_a_sum, "\n".join(map(str, found))


@pytest.mark.parametrize(
    ("kind", "more", "words"),
    [
        ("capacity", "capex_kusd: -1", ["capex_kusd is out of bounds", "got -1"]),
        ("capacity", "opex_kusd_per_year: {low: -2, central: 0, high: 1}", ["out of bounds", "-2 to 1"]),
        ("capacity", "per_unit_kusd: -0.5", ["per_unit_kusd is out of bounds"]),
        ("capacity", "per_unit_kusd: 2e12", ["per_unit_kusd is out of bounds"]),
        ("capacity", "lead_weeks: -1", ["lead_weeks is out of bounds", "0 to 1040"]),
        ("capacity", "lead_weeks: 1041", ["lead_weeks is out of bounds"]),
        ("capacity", "lead_weeks: soon", ["the keys low, central and high"]),
        ("capacity", "ramp_weeks: -1", ["a number >= 0"]),
        ("capacity", "level: 40", ["A share of 40 % is written 0.4"]),
        ("capacity", "divisible: perhaps", ["boolean", "`perhaps`"]),
        ("capacity", "end: 2026-01-06", ["dates out of order", "a day after start, 2026-01-06"]),
        ("capacity", "end: 2025-12-31", ["dates out of order", "got 2025-12-31"]),
        ("capacity", "offtake: [{market: JPN, share: 0.8}, {market: USA, share: 0.3}]", ["at most 1"]),
        ("capacity", "offtake: [{market: JPN, share: 0.2}, {market: JPN, share: 0.3}]", ["twice"]),
        ("joint_production", "inputs_from: [{market: JPN, share: 0.8}]", ["inputs_from do not add up"]),
        ("joint_production", "inputs_from: [{market: A, share: 0.8}, {market: B, share: 0.3}]", ["got 1.1"]),
        ("restraint", "value_lost_share: 11", ["value_lost_share is out of bounds", "0 to 10"]),
        ("restraint", "value_lost_share: -1", ["value_lost_share is out of bounds"]),
        ("capacity", "costs: 1", ["unknown key", "`costs`"]),
    ],
)
def test_every_bad_key_that_may_be_left_out_has_a_place_and_words(
    kind: str, more: str, words: list[str], tmp_path: Path
) -> None:
    (problem,) = problems(catalogue(item(kind, "good", more)), tmp_path)
    key, _, _ = more.partition(":")
    column = 5 if key == "costs" else 5 + len(key) + 2
    assert (problem.line, problem.column) == (9 + len(OWN[kind]), column), str(problem)
    for word in words:
        assert word in str(problem), str(problem)


def test_a_range_out_of_order_is_told_at_the_number(tmp_path: Path) -> None:
    more = "lead_weeks: {low: 3, central: 2, high: 4}"
    (problem,) = problems(catalogue(item("recycling", "good", more)), tmp_path)
    assert (problem.line, problem.column) == (11, 35)
    assert "low <= central <= high" in str(problem)


def test_an_end_is_not_compared_with_a_start_that_is_no_date(tmp_path: Path) -> None:
    text = catalogue(item("release", "good", "end: 2026-12-31")).replace("2026-01-06", "soon")
    (problem,) = problems(text, tmp_path)
    assert "a date, YYYY-MM-DD" in str(problem)


@pytest.mark.parametrize("key", ["id", "title", "kind", "products", "start", "payers", "evidence"])
def test_a_common_key_that_is_missing_is_asked_for(key: str, tmp_path: Path) -> None:
    lines = item("release").splitlines(keepends=True)
    kept = [line for line in lines if f" {key}:" not in line]
    assert len(kept) == len(lines) - 1
    if key == "id":
        kept[0] = kept[0].replace("    ", "  - ", 1)
    (problem,) = problems(catalogue(*kept), tmp_path)
    assert problem.what == f"measures[0].{key}: a key is missing"
    assert (problem.line, problem.column) == (2, 5)


def test_all_faults_of_a_file_are_told_at_once_in_its_order(tmp_path: Path) -> None:
    text = catalogue(
        item("capacity", "one", "end: 2026-01-01", "days: 3", "capex_kusd: -1", "wek: 1"),
        item("restraint", "two").replace("share: 0.1", "share: 40").replace("share: 0.4", "share: 0.1"),
        item("stockpile", "one").replace("    days: 60\n", ""),
    )
    found = problems(text, tmp_path)
    told = "\n".join(map(str, found))
    for words in (
        "two measures share an id",
        "dates out of order",
        "capacity takes no `days`",
        "capex_kusd is out of bounds",
        "`wek`",
        "shares of payers do not add up",
        "40 % is written 0.4",
        "stockpile needs `days`",
    ):
        assert words in told
    assert len(found) == 8
    places = [(problem.line, problem.column) for problem in found]
    assert places == sorted(places)


def test_an_id_used_twice_in_one_file_is_told_at_the_list(tmp_path: Path) -> None:
    text = catalogue(item("release", "a"), item("pool", "b"), item("pool", "a"), item("pool", "b"))
    (problem,) = problems(text, tmp_path)
    assert problem.what == "measures: two measures share an id"
    assert problem.got == "a, b"
    assert (problem.line, problem.column) == (2, 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("# a comment\n", "the file is empty"),
        ("- id: x\n", "not a file of keys"),
        ("notes: none\n", "`measures`"),
        ("measures: []\n", "at least one item"),
        ("measures:\n", "a list"),
        ("measures: {id: x}\n", "a list"),
        ("measures: [x]\n", "keys with values"),
        ("measure: []\n", "unknown key"),
        ("measures: [1, 2\n", "not valid YAML"),
    ],
)
def test_what_is_no_catalogue_is_refused(text: str, words: str, tmp_path: Path) -> None:
    found = problems(text, tmp_path)
    assert words in "\n".join(map(str, found))
    assert all(problem.line is not None for problem in found)


def test_a_measure_by_hand_is_checked_like_one_of_a_file() -> None:
    raw: dict[str, Any] = {
        "id": "x",
        "title": "x",
        "kind": "stockpile",
        "products": ["magnets"],
        "markets": ["JPN"],
        "start": "2026-01-06",
        "payers": [{"market": "JPN", "share": 1.0}],
        "evidence": [{"source": "x"}],
    }
    with pytest.raises(ValidationError, match="stockpile needs `days`"):
        Measure.model_validate(raw)
    with pytest.raises(ValidationError, match="stockpile takes no `below`"):
        Measure.model_validate(raw | {"days": 3.0, "below": 0.5})
    case = scenario_with(()).model_dump()
    with pytest.raises(ValidationError, match="two measures share an id"):
        Scenario.model_validate(case | {"measures": [raw | {"days": 3.0}, raw | {"days": 4.0}]})
    with pytest.raises(ValidationError, match="frozen"):
        Measure.model_validate(raw | {"days": 3.0}).days = 4.0  # type: ignore[misc]


# --- folders --------------------------------------------------------------------------------------


def test_a_folder_is_read_by_file_name(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(catalogue(item("pool", "second")))
    (tmp_path / "a.yml").write_text(catalogue(item("release", "first")))
    (tmp_path / "_part.yaml").write_text("not: measures\n")
    (tmp_path / "note.txt").write_text("not measures")
    assert [measure.id for measure in files.load_measures(tmp_path)] == ["first", "second"]
    assert [measure.id for measure in files.load_measures(str(tmp_path / "b.yaml"))] == ["second"]


def test_a_folder_tells_the_faults_of_all_files_at_once(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text(catalogue(item("release", "a"), item("release", "b")))
    (tmp_path / "2.yaml").write_text(catalogue(item("pool", "c"), item("pool", "a")))
    (tmp_path / "3.yaml").write_text("")
    (tmp_path / "4.yaml").write_text(catalogue(item("pool", "d", "level: 40", "days: 1")))
    (tmp_path / "5.yaml").write_text(catalogue(item("pool", "b")))
    with pytest.raises(ScenarioError) as error:
        files.load_measures(tmp_path)
    found = [(Path(p.where).name, p.line, p.got) for p in error.value.problems]
    assert found == [
        ("2.yaml", None, "`a`"),
        ("3.yaml", 1, "no content"),
        ("4.yaml", 12, "`40`"),
        ("4.yaml", 13, "`days`"),
        ("5.yaml", None, "`b`"),
    ]
    assert "1.yaml" in error.value.problems[0].fix
    assert error.value.exit_code == 2


def test_a_place_without_measures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"no measures; got no file of measures, expected at least one"):
        files.load_measures(tmp_path)
    with pytest.raises(ScenarioError, match="cannot be read"):
        files.load_measures(tmp_path / "none.yaml")


def test_a_catalogue_may_extend_another(tmp_path: Path) -> None:
    (tmp_path / "_base.yaml").write_text(catalogue(item("release", "a")))
    (tmp_path / "more.yaml").write_text("extends: _base.yaml\nmeasures+:\n" + item("pool", "b"))
    assert [measure.id for measure in files.load_measures(tmp_path)] == ["a", "b"]


# --- the examples ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def examples() -> tuple[Measure, ...]:
    return files.load_measures(EXAMPLES)


def test_the_examples_are_many_and_of_every_kind(examples: tuple[Measure, ...]) -> None:
    assert len(examples) >= 25
    assert len({measure.id for measure in examples}) == len(examples)
    counts = Counter(measure.kind for measure in examples)
    assert set(counts) == set(KINDS), counts
    assert min(counts.values()) >= 2, counts


def test_every_example_is_cited_or_marked_as_assumed(examples: tuple[Measure, ...]) -> None:
    """Grades other than `assumed` name a source; what is assumed says so, or is graded so."""
    assumed = [measure.id for measure in examples if measure.assumed]
    cited = [measure.id for measure in examples if not measure.assumed]
    assert len(assumed) + len(cited) == len(examples)
    assert len(cited) >= 25
    assert len(assumed) < len(examples) / 4
    for measure in examples:
        for evidence in measure.evidence:
            assert evidence.source or evidence.event, measure.id
            if evidence.source.startswith("assumed"):
                assert evidence.grade == "assumed", measure.id
            if evidence.grade == "assumed":
                assert "assumed" in evidence.source, (measure.id, evidence.source)
            else:
                assert evidence.page or evidence.url or evidence.date or evidence.event, measure.id


def test_every_example_costs_something_and_its_ranges_hold(examples: tuple[Measure, ...]) -> None:
    for measure in examples:
        ends = [spread(measure, key) for key in ("capex_kusd", "opex_kusd_per_year", "per_unit_kusd")]
        assert max(high for _, _, high in ends) > 0.0 or measure.kind == "restraint", measure.id
        assert all(0.0 <= low <= central <= high for low, central, high in ends), measure.id


def test_every_payer_is_a_country_that_kaname_knows(examples: tuple[Measure, ...]) -> None:
    names = store.country_names()
    payers = {portion.market for measure in examples for portion in measure.payers}
    assert {"JPN", "USA"} <= payers
    for name in sorted(payers):
        assert codes.is_country_code(name), name
        assert codes.country(name, names) == name
    for measure in examples:
        for portion in (*measure.offtake, *measure.inputs_from):
            assert codes.market(portion.market, names).country in names


def test_every_name_in_the_examples_is_in_the_network(examples: tuple[Measure, ...]) -> None:
    network = load_baseline().build.network
    markets = {market.id for market in network.markets}
    for measure in examples:
        named = {*measure.markets, *([measure.market] if measure.market else [])} - {"*"}
        named |= {portion.market for portion in (*measure.offtake, *measure.inputs_from)}
        assert named <= markets, (measure.id, named - markets)


def test_the_examples_survive_a_scenario(examples: tuple[Measure, ...]) -> None:
    scenario = scenario_with(examples)
    assert files.loads(files.dump(scenario)).measures == examples
