"""Scenario files: every kind of bad input with its place, extends, round trip."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.scenario import files
from kaname.scenario.scenario import Scenario
from kaname.terms.errors import Problem, RestrictionHitsNothing, ScenarioError

GOOD = """\
id: good
title: A good one
start: 2026-01-06
weeks: 10
targets: [JPN]
restrictions:
  - exporter: CHN
    importers: [JPN]
    products: [magnets]
    kind: ban
    start: 2026-02-01
    evidence: [{source: test}]
"""


def problems(text: str, folder: Path | None = None) -> list[Problem]:
    with pytest.raises(ScenarioError) as error:
        files.loads(text, folder)
    return list(error.value.problems)


def the_problem(text: str) -> Problem:
    (problem,) = problems(text)
    return problem


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_good_file_is_read() -> None:
    scenario = files.loads(GOOD)
    assert scenario.restrictions[0].start == date(2026, 2, 1)
    assert scenario.assumptions.psi.central == 0.5
    assert scenario.assumptions.psi.evidence[0].grade == "assumed"


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "words"),
    [
        ("weeks: 10", "week: 10", 4, 1, ["weeks: ", "unknown key", "`weeks`"]),
        ("weeks: 10", "weeks: ten", 4, 8, ["weeks", "a whole number", "`ten`"]),
        ("weeks: 10", "weeks: 0", 4, 8, [">= 1"]),
        ("start: 2026-01-06", "start: 2026-02-30", 3, 8, ["a date, YYYY-MM-DD", "2026-02-30"]),
        ("start: 2026-01-06", "start: 20260106", 3, 8, ["a date"]),
        ("start: 2026-01-06", "start: 2026-01-06 10:00:00", 3, 8, ["a date"]),
        ("targets: [JPN]", "targets: JPN", 5, 10, ["a list", "Write [JPN]."]),
        ("targets: [JPN]", "targets: []", 5, 10, ["at least one item"]),
        ("targets: [JPN]", "targets: [1]", 5, 11, ["targets[0]", "text"]),
        ("id: good", "id: Good one", 1, 5, ["lower case"]),
        ("kind: ban", "kind: bann", 10, 11, ["one of `ban`, `quota`, `licence`", "Did you mean `ban`"]),
        ("kind: ban", "kind: ban\n    depth: 60", 11, 12, ["0 to 1", "60 % is written 0.6"]),
        ("kind: ban", "kind: ban\n    depth: -0.1", 11, 12, ["0 to 1"]),
        ("kind: ban", "kind: ban\n    depth: yes", 11, 12, ["a number", "`yes`"]),
        ("kind: ban", "kind: ban\n    depth: true", 11, 12, ["a number"]),
        ("kind: ban", "kind: ban\n    depth: .nan", 11, 12, ["a finite number"]),
        ("kind: ban", "kind: ban\n    end: 2026-01-31", 11, 10, ["dates out of order", "2026-02-01"]),
        ("kind: ban", "kind: ban\n    announced: 2026-03-01", 11, 16, ["dates out of order", "announced"]),
        ("kind: ban", "kind: quota", 7, 5, ["a quota needs its depth"]),
        ("kind: ban", "kind: licence", 7, 5, ["a licence needs a profile or a depth"]),
        ("kind: ban", "kind: ban\n    quota_mode: pooled", 11, 17, ["only a quota can be pooled"]),
        ("kind: ban", "kind: ban\n    front_loading: 2", 11, 20, ["<= 1.5"]),
        ("kind: ban", "kind: ban\n    enforcement: 1.5", 11, 18, ["out of bounds", "0 to 1"]),
        ("kind: ban", "kind: ban\n    enforcement: {low: 0, high: 1}", 11, 18, ["central", "missing"]),
        ("importers: [JPN]", "importers: [JPN, CHN]", 8, 16, ["the exporter restricts itself"]),
        ("exporter: CHN", "exporter:", 7, 5, ["exporter", "text"]),
        ("[{source: test}]", "[]", 12, 15, ["at least one item"]),
        ("[{source: test}]", "[{page: 3a}]", 12, 16, ["evidence names no source"]),
        ("[{source: test}]", "[{source: test, grade: sure}]", 12, 38, ["one of `observed`"]),
        ("weeks: 10", "weeks: 10\nassumptions: {psi: 1.5}", 5, 20, ["psi is out of bounds", "0.01 to 1"]),
        ("weeks: 10", "weeks: 10\nassumptions: {psy: 1}", 5, 15, ["unknown key", "`psi`"]),
        ("weeks: 10", "weeks: 10\nassumptions: {rho: high}", 5, 20, ["the keys low, central and high"]),
        (
            "weeks: 10",
            "weeks: 10\nassumptions: {psi: {low: .5, central: .4, high: .6}}",
            5,
            39,
            ["low <= central"],
        ),
        ("weeks: 10", "weeks: 10\nsweep: {parameter: leak, values: [0]}", 5, 20, ["unknown parameter"]),
        ("weeks: 10", "weeks: 10\nsweep: {parameter: leakage, values: [2]}", 5, 37, ["0 to 1"]),
        ("weeks: 10", "weeks: 10\nsweep: {parameter: leakage, values: [1, 1]}", 5, 37, ["given twice"]),
    ],
)
def test_every_kind_of_bad_value_has_a_place_and_words(
    old: str, new: str, line: int, column: int, words: list[str]
) -> None:
    problem = the_problem(changed(old, new))
    assert (problem.line, problem.column) == (line, column), str(problem)
    for word in words:
        assert word.removesuffix(": ") in str(problem), str(problem)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "the file is empty"),
        ("# only a comment\n", 1, 1, "the file is empty"),
        ("- a\n- b\n", 1, 1, "not a file of keys"),
        ("just words\n", 1, 1, "not a file of keys"),
        ("id: a\nb: [1, 2\n", 3, 1, "not valid YAML"),
        ("id: a\n\tb: 1\n", 2, 1, "not valid YAML"),
        ("id: a\n---\nid: b\n", 2, 1, "a single document"),
        ("id: a\nb: \x01\n", 2, 4, "control character"),
        ("id: a\nb: !!python/object:os.system ls\n", 2, 4, "a tag that is not read"),
        ("id: a\n? [x, y]\n: 1\n", 2, 3, "a key is not text"),
        ("id: &x {a: 1}\nb:\n  <<: *x\n", 3, 3, "merge keys are not read"),
        ("a: &a [*a, *a]\n", 1, 4, "nested too deeply"),
        ("[" * 1500, None, None, "nested too deeply"),
    ],
)
def test_what_is_no_scenario_text_is_refused(
    text: str, line: int | None, column: int | None, words: str
) -> None:
    problem = the_problem(text)
    assert words in problem.what
    assert (problem.line, problem.column) == (line, column)


def test_an_alias_bomb_ends_soon() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert "too many values" in problems("\n".join(lines))[0].what


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = changed("weeks: 10", "wekes: 10").replace(
        "kind: ban", "kind: ban\n    depth: 3\n    end: 2026-01-01"
    )
    text = text.replace("title: A good one\n", "") + "sweep: {parameter: nothing, values: [1]}\n"
    found = problems(text)
    assert [problem.line for problem in found] == sorted(problem.line or 0 for problem in found)
    told = "\n".join(map(str, found))
    for words in ("`title`", "wekes", "depth", "dates out of order", "unknown parameter"):
        assert words in told
    assert len(found) == 5


def test_keys_given_twice_are_all_told() -> None:
    found = problems(GOOD + "weeks: 12\nid: again\n")
    assert [(p.line, p.column) for p in found] == [(13, 1), (14, 1)]
    assert "first in line 4" in found[0].fix


def test_a_file_must_be_there_be_text_and_not_be_huge(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    for raw, line, column, words in (
        (b"id: a\ntitle: caf\xe9\n", 2, 11, "not UTF-8"),
        (b"#" * 2_000_001, None, None, "too large"),
    ):
        file.write_bytes(raw)
        with pytest.raises(ScenarioError, match=words) as error:
            files.load(file)
        assert (error.value.problems[0].line, error.value.problems[0].column) == (line, column)
        assert error.value.problems[0].where == str(file)
    for missing in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ScenarioError, match="cannot be read"):
            files.load(missing)
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert files.load(file).id == "good"


def test_extends_merges_mappings_replaces_lists_and_adds_with_a_plus(tmp_path: Path) -> None:
    (tmp_path / "_base.yaml").write_text(GOOD + "assumptions: {psi: 0.4, rho: 0.2}\n")
    (tmp_path / "plus.yaml").write_text(
        "extends: _base.yaml\nid: plus\ntargets: [USA]\nassumptions: {rho: 0.5}\nrestrictions+:\n"
        "  - {exporter: CHN, importers: [USA], products: [ore], kind: ban, start: 2026-03-01,\n"
        "     evidence: [{event: e1}]}\n"
    )
    (tmp_path / "third.yaml").write_text("extends: plus.yaml\nid: third\nrestrictions: []\nweeks: 5\n")
    plus, third = files.load_all(tmp_path)
    assert (plus.id, plus.title, plus.targets, plus.weeks) == ("plus", "A good one", ("USA",), 10)
    assert (plus.assumptions.psi.central, plus.assumptions.rho.central) == (0.4, 0.5)
    assert [r.importers for r in plus.restrictions] == [("JPN",), ("USA",)]
    assert (third.restrictions, third.weeks, third.assumptions.rho.central) == ((), 5, 0.5)


def test_faults_of_an_extended_file_are_placed_in_it(tmp_path: Path) -> None:
    (tmp_path / "_base.yaml").write_text(changed("kind: ban", "kind: embargo"))
    (tmp_path / "case.yaml").write_text("extends: _base.yaml\nweeks: -1\n")
    with pytest.raises(ScenarioError) as error:
        files.load(tmp_path / "case.yaml")
    places = [(Path(p.where).name, p.line, p.column) for p in error.value.problems]
    assert places == [("_base.yaml", 10, 11), ("case.yaml", 2, 8)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("extends: gone.yaml\n", "not there.*Files there: a.yaml, b.yaml"),
        ("extends: b.yaml\n", "in a circle.*a.yaml -> b.yaml -> a.yaml"),
        ("extends: a.yaml\n", "in a circle.*a.yaml -> a.yaml"),
        ("extends: [b.yaml]\n", "extends names no file"),
    ],
)
def test_extends_that_leads_nowhere(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n")
    with pytest.raises(ScenarioError, match=words):
        files.load(tmp_path / "a.yaml")


def test_extends_needs_a_folder() -> None:
    assert "without a folder" in the_problem("extends: a.yaml\n").what


def test_a_plus_on_what_is_no_list_is_an_unknown_key(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(GOOD)
    (problem,) = problems("extends: b.yaml\nweeks+: 3\n", tmp_path)
    assert "`weeks+`" in problem.got
    assert "adds the items of a list" in problem.fix


def test_a_folder_tells_the_faults_of_all_files(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no scenario file"):
        files.load_all(tmp_path)
    with pytest.raises(ScenarioError, match="no such folder"):
        files.load_all(tmp_path / "none")
    (tmp_path / "1.yaml").write_text(GOOD)
    (tmp_path / "2.yml").write_text(GOOD)
    (tmp_path / "3.yaml").write_text(changed("weeks: 10", "weeks: -1"))
    (tmp_path / "4.yaml").write_text("")
    (tmp_path / "_part.yaml").write_text("weeks: 3\n")
    (tmp_path / "note.txt").write_text("not a scenario")
    with pytest.raises(ScenarioError) as error:
        files.load_all(tmp_path)
    found = [(Path(p.where).name, p.line) for p in error.value.problems]
    assert found == [("2.yml", None), ("3.yaml", 4), ("4.yaml", 1)]


def test_errors_of_the_compiler_get_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(GOOD)
    error = RestrictionHitsNothing(
        [Problem("nothing", "good: restrictions[0].products[0]"), Problem("all", "")]
    )
    placed = files.place(error, file)
    assert isinstance(placed, RestrictionHitsNothing)
    assert [(p.line, p.column) for p in placed.problems] == [(9, 16), (1, 1)]
    assert "restrictions[0].products[0]" in placed.problems[0].what


def test_dump_and_loads_are_inverse_on_the_examples() -> None:
    root = Path(__file__).parents[2] / "examples"
    for folder in ("flagship", "other"):
        for scenario in files.load_all(root / folder):
            assert files.loads(files.dump(scenario)) == scenario


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30)
number = st.floats(0.0, 1.0)


@settings(max_examples=80, deadline=None)
@given(words, words.filter(bool), st.lists(number, min_size=3, max_size=3), st.dates(), number)
def test_dump_and_loads_are_inverse(
    notes: str, source: str, three: list[float], day: date, depth: float
) -> None:
    low, central, high = sorted(three)
    scenario = Scenario.model_validate(
        {
            "id": "x",
            "title": source,
            "notes": notes,
            "start": day,
            "targets": [source],
            "assumptions": {"leakage": {"low": low, "central": central, "high": high}, "eta": depth},
            "losses": [
                {"market": "NO", "products": ["1e3"], "depth": depth, "start": day,
                 "evidence": [{"source": source, "page": notes}]}
            ],
        }
    )  # fmt: skip
    assert files.loads(files.dump(scenario)) == scenario


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.integers(0, len(GOOD)).flatmap(
    lambda cut: st.text(max_size=5).map(lambda bit: GOOD[:cut] + bit + GOOD[cut:])
))  # fmt: skip
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        scenario = files.loads(text)
    except ScenarioError as error:
        told = [problem.what for problem in error.problems]
    else:
        told = [scenario.id]
    assert told
    assert all(told)
