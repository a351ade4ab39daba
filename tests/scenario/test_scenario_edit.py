"""Changes in place: what was meant is said, and every other character stays."""

from __future__ import annotations

import datetime as dt
import difflib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.scenario import files
from kaname.scenario.edit import drop, put, written
from kaname.scenario.placed import parse
from kaname.terms.errors import InputError, ScenarioError

EXAMPLES = Path(__file__).parents[2] / "examples"
SHIPPED = sorted(path for path in EXAMPLES.rglob("*.yaml") if not {"measures", "hindcast"} & set(path.parts))
VALUES = st.one_of(
    st.integers(-9, 9),
    st.floats(-5, 5),
    st.text(min_size=1, max_size=12).filter(str.isprintable),
    st.lists(st.sampled_from(["JPN", "*", "NO", "1"]), max_size=3),
)
TEXT = """# top
id: x   # c1
title: >-
  A folded
  text
targets:
  - JPN   # japan
  - USA
# before
restrictions:
- exporter: CHN
  importers: [JPN,
     KOR]  # two
  # inside
  note: "q"   # trailing

- {exporter: USA, importers: []}
# after
weeks: 3
empty:
"""


def changed(before: str, after: str) -> list[str]:
    """Return the lines that differ, with their signs."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        (("weeks",), 52, ["-weeks: 3", "+weeks: 52"]),
        (("title",), "New: one", ["-title: >-", "-  A folded", "-  text", '+title: "New: one"']),
        (("targets",), ["JPN"], ["-targets:", "-  - JPN   # japan", "-  - USA", "+targets: [JPN]"]),
        (("targets", 2), "KOR", ["+  - KOR"]),
        (("restrictions", 0, "kind"), "ban", ["+  kind: ban"]),
        (("restrictions", 1, "kind"), "ban",
         ["-- {exporter: USA, importers: []}", "+- {exporter: USA, importers: [], kind: ban}"]),
        (("restrictions", 1, "importers", 0), "*",
         ["-- {exporter: USA, importers: []}", '+- {exporter: USA, importers: ["*"]}']),
        (("restrictions", 2), {"exporter": "X", "evidence": [{"source": "s"}]},
         ["+- exporter: X", "+  evidence:", "+    - source: s"]),
        (("start",), dt.date(2026, 1, 6), ["+start: 2026-01-06"]),
        (("assumptions", "rho"), {"low": 0.1}, ["+assumptions:", "+  rho: {low: 0.1}"]),
        (("empty",), 1e-7, ["-empty:", "+empty: 1.0e-07"]),
        (("empty", "on"), True, ["-empty:", '+empty: {"on": true}']),
    ],
)  # fmt: skip
def test_a_value_is_put_in_place(path: tuple[int | str, ...], value: object, lines: list[str]) -> None:
    assert sorted(changed(TEXT, put(TEXT, path, value))) == sorted(lines)


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        (("weeks",), ["-weeks: 3"]),
        (("targets", 0), ["-  - JPN   # japan"]),
        (("restrictions", 0, "note"), ['-  note: "q"   # trailing']),
        (("restrictions", 0, "importers", 1),
         ["-  importers: [JPN,", "-     KOR]  # two", "+  importers: [JPN]  # two"]),
        (("restrictions", 1), ["-- {exporter: USA, importers: []}"]),
    ],
)  # fmt: skip
def test_what_stands_there_is_dropped(path: tuple[int | str, ...], lines: list[str]) -> None:
    assert sorted(changed(TEXT, drop(TEXT, path))) == sorted(lines)


def test_the_last_row_goes_with_its_key() -> None:
    after = drop(drop(TEXT, ("restrictions", 0)), ("restrictions", 0))
    assert "restrictions" not in after
    assert "# before\n# after\n" in after


@pytest.mark.parametrize(
    "change", [lambda text: drop(text, ("start",)), lambda text: put(text, ("weeks", "a"), 1)]
)
def test_what_cannot_be_done_is_refused(change: object) -> None:
    with pytest.raises(InputError, match="cannot be changed from the form"):
        change(TEXT)  # type: ignore[operator]


def test_a_shared_value_is_not_edited_behind_its_anchor() -> None:
    text = "a: &x {low: 1}\nb: *x\n"
    with pytest.raises(InputError, match="written in a way"):
        put(text, ("b", "low"), 2)


def test_text_that_cannot_be_read_is_told_with_its_line() -> None:
    with pytest.raises(ScenarioError) as error:
        put("a: [1\nb: 2\n", ("a",), 1)
    assert error.value.problems[0].line


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_value_of_a_shipped_file_can_be_changed_and_put_back(data: st.DataObject) -> None:
    """The change is read back by `put` itself; here the rest of the text is held to be the same."""
    text = data.draw(st.sampled_from(SHIPPED)).read_text(encoding="utf-8")
    tree = parse(text, "x")
    mappings = [(path, one) for path, one in tree.mappings() if one.value]
    path, mapping = data.draw(st.sampled_from(mappings))
    key = data.draw(st.sampled_from(sorted(mapping.value)))
    value = data.draw(VALUES)
    after = put(text, (*path, key), value)
    assert parse(after, "x").at((*path, key))[0].plain() == value
    line = mapping.value[key].key_place.line
    assert after.splitlines()[: line - 1] == text.splitlines()[: line - 1]
    gone = drop(text, (*path, key))
    kept = difflib.SequenceMatcher(None, text, gone, autojunk=False).get_matching_blocks()
    assert sum(block.size for block in kept) >= len(gone) - 4  # nothing but ` {}` is ever written


@pytest.mark.parametrize(
    "word", ["true", "No", "1", "a: b", "*", "", "磁石", "x #y", "- z", " a", "2026-01-06"]
)
def test_text_stays_text(word: str) -> None:
    assert parse(f"k: {written(word)}\n", "x").plain() == {"k": word}


def test_a_shipped_scenario_in_short_is_the_same_scenario() -> None:
    for path in SHIPPED:
        if path.name.startswith("_"):
            continue
        scenario = files.load(path)
        short = files.dump_short(scenario)
        assert files.loads(short) == scenario, path
        assert len(short) < len(files.dump(scenario))


def test_folded_text_keeps_no_mark_of_its_lines() -> None:
    text = "id: x\ntitle: >-\n  one\n  two\nstart: 2026-01-06\ntargets: [JPN]\n"
    assert files.loads(text).title == "one two"
