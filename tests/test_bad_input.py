"""Bad input through the command line: what, where, both sides, the fix; nothing half-written."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from kaname import cli
from kaname.baseline import Baseline, load_baseline
from kaname.data import folders, store

GOOD = """\
id: good
title: A ban on magnets
start: 2026-01-06
weeks: 12
targets: [JPN]
restrictions:
  - exporter: CHN
    importers: [JPN]
    products: [magnets]
    kind: ban
    start: 2026-01-06
    evidence:
      - source: "assumed: a test"
"""


@dataclass(frozen=True)
class Refusal:
    """How a command failed: its exit code, the error as JSON, and the same error as sentences."""

    code: int
    error: str
    problems: list[dict[str, Any]]
    text: str


class Refused:
    """Call the program, which must fail; both faces of the error must agree."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.patch, self.capsys = patch, capsys

    def call(self, *arguments: object) -> tuple[int, str, str]:
        self.patch.setattr(sys, "argv", ["kaname", *map(str, arguments)])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        found = self.capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return stop.value.code, found.out, found.err

    def __call__(self, *arguments: object) -> Refusal:
        code, out, _ = self.call(*arguments, "--json")
        found = json.loads(out)
        assert set(found) == {"error", "problems"}
        for problem in found["problems"]:
            assert set(problem) == {"what", "where", "got", "expected", "fix", "line", "column"}
            assert problem["what"]
            assert problem["where"]
        again, out, err = self.call(*arguments)
        assert (again, out) == (code, "")
        said = [line for line in err.splitlines() if not line.endswith(" ...")]
        assert len(said) >= len(found["problems"])
        assert all(line.startswith("kaname: ") for line in said[:1])
        assert "Traceback" not in err
        return Refusal(code, found["error"], found["problems"], err)


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return load_baseline()


@pytest.fixture
def refused(
    baseline: Baseline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Refused:
    """The program, with the network built once; `bundle` undoes that."""
    for room in ("kaname.study", "kaname.rerun", "kaname.exposure"):
        monkeypatch.setattr(import_module(room), "load_baseline", lambda *_, **__: baseline)
    return Refused(monkeypatch, capsys)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "good.yaml"
    path.parent.mkdir()
    path.write_text(GOOD, "utf-8")
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good run of the scenario."""
    place = tmp_path_factory.mktemp("ran")
    (place / "good.yaml").write_text(GOOD, "utf-8")
    line = [sys.executable, "-m", "kaname.cli", "run", place / "good.yaml", "--out", place / "run"]
    subprocess.run([*map(str, line), "--draws", "0", "--quiet", "--json"], check=True, capture_output=True)
    return place / "run"


@pytest.fixture
def run(ran: Path, tmp_path: Path) -> Path:
    """A copy of the run that a test may damage."""
    return Path(shutil.copytree(ran, tmp_path / "run"))


def tree(place: Path) -> dict[str, bytes]:
    return {str(p.relative_to(place)): p.read_bytes() for p in sorted(place.rglob("*")) if p.is_file()}


# --- scenarios ------------------------------------------------------------------------------------

# (line of GOOD, its replacement, error, what the problem must say, its line)
FAULTS = {
    "unknown country": ("    importers: [JPN]", "    importers: [XXX]", "ScenarioError", "XXX", 8),
    "unknown exporter": ("  - exporter: CHN", "  - exporter: CHM", "ScenarioError", "CHM", 7),
    "unknown target": ("targets: [JPN]", "targets: [JPM]", "ScenarioError", "JPM", 5),
    "unknown product": ("    products: [magnets]", "    products: [magnetz]", "ScenarioError", "magnetz", 9),
    "unknown key": ("    kind: ban", "    kind: ban\n    sort: ban", "ScenarioError", "sort", 11),
    "unknown kind": ("    kind: ban", "    kind: embargo", "ScenarioError", "embargo", 10),
    "end before start": (
        "    kind: ban",
        "    kind: ban\n    end: 2025-12-01",
        "ScenarioError",
        "out of order",
        11,
    ),
    "share above 1": ("    kind: ban", "    kind: ban\n    depth: 1.5", "ScenarioError", "1.5", 11),
    "share below 0": ("    kind: ban", "    kind: ban\n    depth: -0.1", "ScenarioError", "-0.1", 11),
    "no date": ("start: 2026-01-06\nweeks", "start: 2026-13-06\nweeks", "ScenarioError", "2026-13-06", 3),
    "hits no lane": ("    importers: [JPN]", "    importers: [TUV]", "RestrictionHitsNothing", "TUV", None),
    "never in force": (
        "    kind: ban\n    start: 2026-01-06",
        "    kind: ban\n    start: 2030-01-06",
        "RestrictionHitsNothing",
        "never in force",
        7,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_a_scenario(refused: Refused, scenario: Path, tmp_path: Path, name: str) -> None:
    """Each with its file and line, exit code 2, and no run folder; `scenario check` says the same."""
    old, new, error, words, line = FAULTS[name]
    assert GOOD.count(old) == 1
    scenario.write_text(GOOD.replace(old, new), "utf-8")
    if name == "hits no lane" and "TUV" not in store.country_names():
        pytest.skip("the bundle has no such country")
    found = refused("run", scenario, "--out", tmp_path / "out" / "run", "--draws", 0)
    assert found.code == 2
    told = [problem for problem in found.problems if words in str(problem)]
    assert told, found.text
    assert error in (found.error, "ScenarioError")
    assert told[0]["where"].startswith(str(scenario))
    assert line is None or told[0]["line"] == line
    assert told[0]["got"] or told[0]["expected"] or told[0]["fix"]
    assert not (tmp_path / "out").exists()
    assert refused("scenario", "check", scenario).problems == found.problems


def test_a_restriction_that_hits_no_lane_says_what_would(
    refused: Refused, scenario: Path, tmp_path: Path
) -> None:
    """A country that sells no magnets: what it does ship, and who ships magnets to Japan."""
    scenario.write_text(GOOD.replace("exporter: CHN", "exporter: ISL"), "utf-8")
    found = refused("run", scenario, "--out", tmp_path / "run")
    assert (found.code, found.error) == (2, "RestrictionHitsNothing")
    (problem,) = found.problems
    assert problem["where"] == str(scenario)
    assert problem["line"] is not None
    assert "magnets" in problem["what"]
    assert problem["fix"]


def test_all_faults_of_a_folder_come_at_once(refused: Refused, scenario: Path, tmp_path: Path) -> None:
    """Those that the reader finds, then (once the files read) those that only the network shows."""
    other = scenario.with_name("other.yaml")
    scenario.write_text(GOOD.replace("kind: ban", "kind: embargo").replace("weeks: 12", "weeks: 0"), "utf-8")
    other.write_text(GOOD.replace("id: good", "id: other").replace("kind: ban", "sort: ban"), "utf-8")
    found = refused("run", scenario.parent, "--out", tmp_path / "run")
    assert found.code == 2
    assert {problem["where"] for problem in found.problems} == {str(scenario), str(other)}
    assert len(found.problems) >= 4
    scenario.write_text(GOOD.replace("importers: [JPN]", "importers: [XXX, YYY]"), "utf-8")
    other.write_text(GOOD.replace("id: good", "id: other").replace("[magnets]", "[magnetz]"), "utf-8")
    found = refused("run", scenario.parent, "--out", tmp_path / "run")
    assert sorted((p["where"], p["line"]) for p in found.problems) == [
        (str(scenario), 8),
        (str(scenario), 8),
        (str(other), 9),
    ]


def test_what_cases_share_is_told_once(refused: Refused, scenario: Path, tmp_path: Path) -> None:
    scenario.write_text(GOOD.replace("importers: [JPN]", "importers: [XXX]"), "utf-8")
    scenario.with_name("b.yaml").write_text("extends: good.yaml\nid: b\n", "utf-8")
    found = refused("scenario", "check", scenario.parent)
    assert [(p["where"], p["line"]) for p in found.problems] == [(str(scenario), 8)]


def test_two_scenarios_with_one_id(refused: Refused, scenario: Path, tmp_path: Path) -> None:
    scenario.with_name("twin.yaml").write_text(GOOD, "utf-8")
    found = refused("run", scenario.parent, "--out", tmp_path / "run")
    assert found.code == 2
    assert "good" in found.text
    assert "twin.yaml" in found.text
    assert "good.yaml" in found.text


@pytest.mark.parametrize("content", ["", "{", "- a\n- b\n", "\0", "id: [\n"])
def test_what_is_no_scenario(refused: Refused, scenario: Path, content: str, tmp_path: Path) -> None:
    scenario.write_text(content, "utf-8")
    found = refused("run", scenario, "--out", tmp_path / "run")
    assert (found.code, found.error) == (2, "ScenarioError")
    assert str(scenario) in found.text


def test_an_empty_folder_and_a_missing_path(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = refused("run", tmp_path / "empty")
    assert found.code == 2
    assert found.problems[0]["expected"] == "at least one"
    found = refused("run", tmp_path / "nothing.yaml")
    assert (found.code, found.problems[0]["where"]) == (2, str(tmp_path / "nothing.yaml"))
    assert list(tmp_path.iterdir()) == [tmp_path / "empty"]


# --- questions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("XYZ", "--to", "CHN"), 2, "unknown country"),
        (("JPN", "--to", "Chnia"), 2, "Chnia"),
        (("JPN", "--to", "CHN", "--product", "magnetz"), 2, "unknown product"),
        (("JPN", "--to", "CHN", "--product", "HS2017:280530"), 2, "HS2017"),
        (("JPN", "--to", "CHN", "--product", "2805301"), 2, "2805301"),
        (("JPN", "--to", "CHN", "--product", "12"), 2, "12"),
        (("JPN", "--to", "CHN", "--product", "999999"), 3, "999999"),
        (("JPN", "--to", "CHN", "--product", "811230", "--year", "2024"), 3, "2024"),
    ],
)
def test_faults_of_an_exposure(refused: Refused, arguments: tuple[str, ...], code: int, words: str) -> None:
    found = refused("exposure", *arguments)
    assert found.code == code
    assert found.error == ("InputError" if code == 2 else "DataMissing")
    assert words in found.text
    assert all(problem["fix"] or problem["expected"] for problem in found.problems)


# --- the embedded data ----------------------------------------------------------------------------


@pytest.fixture
def bundle(refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the embedded data, read instead of them."""
    monkeypatch.setattr(import_module("kaname.study"), "load_baseline", load_baseline)
    root = tmp_path / "data"
    for part in ("bundle", "tables"):
        shutil.copytree(store.ROOT / part, root / part)
    monkeypatch.setattr(store, "ROOT", root)
    return root


@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "flipped"])
def test_a_damaged_parquet_of_the_bundle(
    refused: Refused, bundle: Path, scenario: Path, tmp_path: Path, damage: str
) -> None:
    path = bundle / "bundle" / "trade" / "group=rare_earths" / "part-0.parquet"
    content = path.read_bytes()
    middle = len(content) // 2
    flipped = (
        content[:middle] + bytes(b ^ 0xFF for b in content[middle : middle + 64]) + content[middle + 64 :]
    )
    path.write_bytes(
        {"cut": content[:-1000], "empty": b"", "noise": os.urandom(4096), "flipped": flipped}[damage]
    )
    found = refused("run", scenario, "--out", tmp_path / "out" / "run")
    assert (found.code, found.error) == (2, "TableError")
    (problem,) = found.problems
    assert problem["where"] == str(path)
    assert f"{path.stat().st_size} bytes" in problem["got"]
    assert problem["expected"]
    assert "again" in problem["fix"]
    assert not (tmp_path / "out").exists()


def test_a_missing_partition_and_a_missing_table(refused: Refused, bundle: Path, scenario: Path) -> None:
    shutil.rmtree(bundle / "bundle" / "trade" / "group=rare_earths")
    found = refused("run", scenario)
    assert (found.code, found.error) == (3, "DataMissing")
    assert "group=rare_earths" in found.text
    (bundle / "tables" / "recipes.csv").unlink()
    assert "recipes.csv" in refused("run", scenario).text


def test_a_table_with_bad_cells_tells_all_of_them(refused: Refused, bundle: Path, scenario: Path) -> None:
    path = bundle / "tables" / "recipes.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[1] + ",one,too,many", lines[2] + ",x", *lines[3:]]), "utf-8")
    found = refused("run", scenario)
    assert (found.code, found.error) == (2, "TableError")
    assert [problem["line"] for problem in found.problems] == [2, 3]


# --- run folders ----------------------------------------------------------------------------------


def test_what_is_no_run_folder(refused: Refused, tmp_path: Path, scenario: Path) -> None:
    for command in (("replay",), ("why", "--market", "JPN", "--product", "magnets")):
        for place in (tmp_path, tmp_path / "nothing", scenario):
            found = refused(command[0], place, *command[1:])
            assert (found.code, found.error) == (3, "DataMissing")
            assert found.problems[0]["where"] == str(place)
            assert found.problems[0]["fix"]


@pytest.mark.parametrize("name", ["results/shortfalls.parquet", "scenario.yaml", "report.html"])
def test_a_damaged_file_of_a_run(refused: Refused, run: Path, name: str) -> None:
    path = run / name
    path.write_bytes(path.read_bytes()[:-1])
    for command in (("replay", run), ("why", run, "--market", "JPN", "--product", "magnets")):
        found = refused(*command)
        assert (found.code, found.error) == (2, "TableError")
        (problem,) = found.problems
        assert problem["where"] == str(path)
        assert problem["got"] != problem["expected"]
    path.unlink()
    assert "missing" in refused("replay", run).problems[0]["what"]


def test_a_truncated_parquet_of_a_run_with_a_forged_hash(refused: Refused, run: Path) -> None:
    path = run / "results" / "timelines.parquet"
    path.write_bytes(path.read_bytes()[:-10])
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    manifest["files"]["results/timelines.parquet"]["sha256"] = folders.sha256(path.read_bytes())
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    found = refused("replay", run)
    assert (found.code, found.error) == (2, "TableError")
    assert found.problems[0]["where"] == str(path)


@pytest.mark.parametrize("name", ["study", "seed", "draws", "snapshot", "versions", "platform"])
def test_a_manifest_without_an_entry(refused: Refused, run: Path, name: str) -> None:
    path = run / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    for changed in ({key: value for key, value in manifest.items() if key != name}, manifest | {name: None}):
        path.write_text(json.dumps(changed), "utf-8")
        found = refused("replay", run)
        assert (found.code, found.error) == (2, "TableError")
        assert f"`{name}`" in found.problems[0]["what"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "other"}'])
def test_a_broken_manifest(refused: Refused, run: Path, content: str) -> None:
    (run / "manifest.json").write_text(content, "utf-8")
    found = refused("replay", run)
    assert (found.code, found.error) == (2, "TableError")
    assert found.problems[0]["where"] == str(run / "manifest.json")


def test_a_run_on_other_data(refused: Refused, run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    (run / "manifest.json").write_text(json.dumps(manifest | {"snapshot": "0" * 64}), "utf-8")
    found = refused("replay", run)
    assert found.code == 1
    assert found.problems[0]["expected"] == "0" * 12
    assert manifest["versions"]["kaname"] in found.problems[0]["fix"]


def test_why_names_what_is_known(refused: Refused, run: Path) -> None:
    found = refused("why", run, "--market", "JPX", "--product", "magnetz")
    assert found.code == 2
    assert [problem["where"] for problem in found.problems] == ["--market", "--product"]
    assert "JPN" in found.problems[0]["fix"]
    assert "magnets" in found.problems[1]["fix"]
    found = refused("why", run, "--market", "JPN", "--product", "magnets", "--case", "none")
    assert (found.code, found.problems[0]["expected"]) == (2, "good")


# --- places that cannot be written ----------------------------------------------------------------


def test_a_file_where_a_folder_should_be(refused: Refused, scenario: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    for out in (tmp_path / "file", tmp_path / "file" / "run", tmp_path / "file" / "a" / "run"):
        found = refused("run", scenario, "--draws", 0, "--out", out)
        assert (found.code, found.error) == (1, "OutputError")
        assert found.problems[0]["where"] == str(out)
        assert found.problems[0]["fix"]
    assert (tmp_path / "file").read_text("utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "in"]


def test_a_folder_of_something_else_is_left_alone(refused: Refused, scenario: Path, tmp_path: Path) -> None:
    found = refused("run", scenario, "--draws", 0, "--out", scenario.parent)
    assert (found.code, found.error) == (1, "OutputError")
    assert "not a run of kaname" in found.text
    assert tree(scenario.parent) == {"good.yaml": GOOD.encode()}
    assert list(tmp_path.iterdir()) == [scenario.parent]


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody may write to: a read-only mount for root, permissions for anybody else."""
    place = tmp_path / "locked"
    place.mkdir()
    if os.geteuid() != 0:
        place.chmod(stat.S_IRUSR | stat.S_IXUSR)
        yield place
        place.chmod(stat.S_IRWXU)
        return
    with _mounted(place, "ro"):
        yield place


class _mounted:  # noqa: N801 - read as a verb
    """A small file system in memory at a place; skips the test where it cannot be mounted."""

    def __init__(self, place: Path, options: str) -> None:
        self.place, self.options = place, options

    def __enter__(self) -> None:
        if os.geteuid() != 0 or shutil.which("mount") is None:
            pytest.skip("only root can mount a file system")
        line = ["mount", "-t", "tmpfs", "-o", self.options, "tmpfs", str(self.place)]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", str(self.place)], check=True)


def test_a_folder_that_may_not_be_written(refused: Refused, scenario: Path, locked: Path) -> None:
    found = refused("run", scenario, "--draws", 0, "--out", locked / "run")
    assert (found.code, found.error) == (1, "OutputError")
    assert found.problems[0]["what"] == "the place cannot be written to"
    assert found.problems[0]["where"] == str(locked / "run")
    assert "nothing was written" in found.problems[0]["fix"]
    assert not list(locked.iterdir())


def test_a_full_disk_keeps_the_earlier_run(
    refused: Refused, scenario: Path, ran: Path, tmp_path: Path
) -> None:
    """A file system with room for one run and not for two."""
    place = tmp_path / "small"
    place.mkdir()
    size = sum(-(-len(content) // 4096) * 4096 for content in tree(ran).values())
    with _mounted(place, f"size={size + size // 2}"):
        shutil.copytree(ran, place / "run")
        before = tree(place)
        found = refused("run", scenario, "--draws", 0, "--out", place / "run")
        assert (found.code, found.error) == (1, "OutputError")
        assert found.problems[0]["what"] == "the disk is full"
        assert "nothing was written" in found.problems[0]["fix"]
        assert tree(place) == before
        assert list(place.iterdir()) == [place / "run"]
        assert folders.verify_folder(place / "run")["study"] == "good"
