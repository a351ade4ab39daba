"""The command line: every command, its JSON and CSV, exit codes, what goes to stdout and what to stderr."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kaname import cli
from kaname.baseline import Baseline, load_baseline
from kaname.scenario import files

ROOT = Path(__file__).parents[1]
COMMANDS = [
    "run",
    "exposure",
    "why",
    "explain",
    "replay",
    "doctor",
    "network stats",
    "data list",
    "scenario check",
]
COMMANDS += ["scenario schema", "data import", "data template", "respond", "alliance"]
COMMANDS += ["data check", "data coverage", "data tables", "data balance", "routes", "indicators", "hindcast"]
COMMANDS += ["read", "watch", "draft", "relations", "situation", "serve"]
COMMANDS += [f"events {verb}" for verb in ("list", "show", "review", "withdraw", "export", "import")]
COLOUR = "\x1b["


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"{name} is no strict JSON"))


class Kaname:
    """The program, called in this process: `main` with its arguments, as the entry point calls it."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.patch, self.capsys = patch, capsys

    def __call__(self, *arguments: object) -> Done:
        self.patch.setattr(sys, "argv", ["kaname", *map(str, arguments)])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        found = self.capsys.readouterr()
        code = stop.value.code
        return Done(code if isinstance(code, int) else 0 if code is None else 1, found.out, found.err)


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return load_baseline()


@pytest.fixture
def kaname(baseline: Baseline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Kaname:
    """The program, with the network built once."""
    for room in ("kaname.study", "kaname.rerun", "kaname.exposure"):
        monkeypatch.setattr(import_module(room), "load_baseline", lambda *_, **__: baseline)
    monkeypatch.setenv("COLUMNS", "120")
    return Kaname(monkeypatch, capsys)


def process(*arguments: object, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own."""
    line = [sys.executable, "-m", "kaname.cli", *map(str, arguments)]
    settings = {"capture_output": True, "text": True, "timeout": 300, "cwd": ROOT} | settings
    return subprocess.run(line, check=False, **settings)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario file of half a year: the full stop to Japan alone."""
    scenario = files.load(ROOT / "examples" / "flagship" / "3-full-stop-japan.yaml")
    scenario = scenario.model_copy(
        update={"weeks": 40, "restrictions": scenario.restrictions[-1:], "id": "short"}
    )
    path = tmp_path_factory.mktemp("short") / "short.yaml"
    path.write_text(files.dump(scenario), "utf-8")
    return path


@pytest.fixture(scope="module")
def ran(short: Path) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The scenario run by the program itself, with JSON on stdout."""
    out = short.parent / "run"
    done = process("run", short, "--out", out, "--draws", 0, "--json")
    assert done.returncode == 0, done.stderr
    return out, done


# --- help -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    found = CliRunner().invoke(cli.app, [*command.split(), "--help"])
    assert found.exit_code == 0
    assert len(found.output) > 200
    assert "Usage" in found.output


def test_no_command_is_left_out() -> None:
    """The list above, against what typer knows."""
    known = [command.callback.__name__ for command in cli.app.registered_commands]
    for group in cli.app.registered_groups:
        inner = group.typer_instance.registered_commands
        known += [f"{group.name} {command.name or command.callback.__name__}" for command in inner]
    assert sorted(known) == sorted(COMMANDS)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nsys.argv = ['kaname', '--help']\nfrom kaname import cli\n"
        "try:\n    cli.main()\nexcept SystemExit as stop:\n    assert stop.code == 0\n"
        "print(' '.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numba", "duckdb", "pandas", "numpy", "scipy", "pyarrow", "xarray", "pydantic", "ruamel.yaml"}
    assert set(done.stderr.split()).isdisjoint(heavy)
    assert all(command.split()[0] in done.stdout for command in COMMANDS)


# --- run, why, replay -----------------------------------------------------------------------------


def test_run_prints_json_on_stdout_and_progress_on_stderr(
    ran: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    out, done = ran
    found = json.loads(done.stdout)
    assert found["folder"] == str(out)
    assert {"headline", "cases", "manifest"} <= set(found)
    assert found["cases"][0]["shortfalls"]
    lines = done.stderr.splitlines()
    assert lines
    assert all(re.fullmatch(r"kaname: .* \.\.\.", line) for line in lines)
    assert (out / "report.html").is_file()


def test_run_prints_a_brief_and_the_place_of_the_report(kaname: Kaname, short: Path, tmp_path: Path) -> None:
    done = kaname("run", short, "--out", tmp_path / "run", "--draws", 0, "--quiet")
    assert done.code == 0
    assert done.err == ""
    assert "runs short" in done.out
    assert str(tmp_path / "run" / "report.html") in done.out
    assert COLOUR not in done.out


def test_without_out_the_folder_is_named_after_scenario_and_hash(
    kaname: Kaname, short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the folder of the scenarios itself, whose name is not `.`."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.yaml").write_bytes(short.read_bytes())
    monkeypatch.chdir(tmp_path / "mine")
    done = kaname("run", ".", "--draws", 0, "--quiet", "--json")
    assert done.code == 0
    (folder,) = (tmp_path / "mine" / "runs").iterdir()
    assert re.fullmatch(r"mine-[0-9a-f]{10}", folder.name)
    assert done.json()["folder"] == str(Path("runs") / folder.name)
    assert done.json()["manifest"]["run"] == folder.name


def test_why_as_a_tree_and_as_json(
    kaname: Kaname, ran: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    run, _ = ran
    asked = ("why", run, "--market", "JPN", "--product", "magnets")
    found = kaname(*asked, "--json").json()
    causes = found["causes"]
    assert causes["share"] == pytest.approx(1.0)
    assert sum(child["share"] for child in causes["children"]) == pytest.approx(1.0)
    text = kaname(*asked)
    assert text.code == 0
    assert "ban" in text.out
    assert COLOUR not in text.out


def test_replay_tells_whether_it_came_again(
    kaname: Kaname, ran: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    run, _ = ran
    done = kaname("replay", run, "--quiet")
    assert (done.code, done.err) == (0, "")
    assert "all tables agree" in done.out
    done = kaname("replay", run, "--json")
    assert done.json()["identical"] is True
    assert done.err
    done = kaname("replay", tmp_path, "--json")
    assert done.code == 3
    assert done.json()["error"] == "DataMissing"


def test_replay_ends_with_1_where_something_differs(
    kaname: Kaname, ran: tuple[Path, subprocess.CompletedProcess[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = ran
    differs = {"run": str(run), "identical": False, "tolerance": 0.0, "differences": ["draws.x: 1 became 2"]}
    monkeypatch.setattr("kaname.rerun.replay", lambda *_: differs)
    assert (kaname("replay", run).code, kaname("replay", run).out) == (1, "draws.x: 1 became 2\n")
    assert kaname("replay", run, "--json").json() == differs


# --- the other commands ---------------------------------------------------------------------------


def test_exposure_in_three_forms(kaname: Kaname) -> None:
    asked = ("exposure", "JPN", "--to", "CHN")
    rows = kaname(*asked, "--json").json()
    shares = {row["hs"]: row["import_share"] for row in rows}
    known = {"280530": 0.620, "284690": 0.761, "250410": 0.838, "282520": 0.856}
    assert {code: round(shares[code], 3) for code in known} == known
    table = list(csv.DictReader(io.StringIO(kaname(*asked, "--csv").out)))
    assert [row["hs"] for row in table] == [row["hs"] for row in rows]
    assert float(next(row for row in table if row["hs"] == "280530")["import_share"]) == shares["280530"]
    missing = next(i for i, row in enumerate(rows) if row["import_share"] is None)
    assert table[missing]["import_share"] == "", "missing is empty, not zero"
    text = kaname(*asked, "--product", "magnets")
    assert text.code == 0
    assert "magnets" in text.out


def test_country_names_do_as_well_as_codes(kaname: Kaname) -> None:
    by_code = kaname("exposure", "JPN", "--to", "CHN", "--product", "280530", "--json").json()
    assert kaname("exposure", "Japan", "--to", "China", "--product", "280530", "--json").json() == by_code


def test_data_list_in_three_forms(kaname: Kaname) -> None:
    found = kaname("data", "list", "--json").json()
    assert {"280530", "284690"} <= {row["hs"] for row in found["codes"]}
    assert all(source["licence"] for source in found["sources"])
    table = list(csv.DictReader(io.StringIO(kaname("data", "list", "--csv").out)))
    assert [row["hs"] for row in table] == [row["hs"] for row in found["codes"]]
    assert "Trade codes" in kaname("data", "list").out


def test_network_stats_in_two_forms(kaname: Kaname) -> None:
    found = kaname("network", "stats", "--json").json()
    assert found["suppliers"] > 1000
    assert found["products"] >= 30
    text = kaname("network", "stats").out
    assert f"suppliers: {found['suppliers']}\n" in text


def test_doctor_in_two_forms(kaname: Kaname, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = kaname("doctor", "--json").json()
    assert {"python", "versions", "embedded data", "folder", "processors"} <= {row["check"] for row in rows}
    assert all(row["ok"] for row in rows)
    assert kaname("doctor").out.count("ok  ") == len(rows)
    monkeypatch.setattr("os.access", lambda *_: False)
    done = kaname("doctor")
    assert done.code == 1
    assert "FAIL folder" in done.out


def test_doctor_gives_the_install_line_of_a_missing_extra(
    kaname: Kaname, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = kaname("doctor", "--json")
    extra = next(row for row in done.json() if row["check"] == "extra web")
    assert extra["ok"] is True
    assert extra["found"] == "not installed: fastapi, uvicorn"
    assert "kaname[web]" in extra["fix"]


def test_scenario_check_and_schema(kaname: Kaname, short: Path) -> None:
    assert kaname("scenario", "check", short, "--json").json()[0]["scenario"] == "short"
    checked = kaname("scenario", "check", short, "--json").json()[0]
    text = kaname("scenario", "check", short).out
    assert text.startswith("short: ")
    assert {str(checked["lanes"]), str(checked["restrictions"])} <= set(re.findall(r"\d+", text))
    schema = kaname("scenario", "schema").json()
    assert schema == json.loads((ROOT / "docs" / "schema" / "scenario.schema.json").read_text("utf-8"))


# --- exit codes and streams, in processes of their own --------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("data list --json", 0, ""),
        ("nonsense", 2, "No such command"),
        ("exposure JPN --to XYZ", 2, "unknown country"),
        ("replay .", 3, "not a run folder"),
    ],
)
def test_exit_codes_of_the_program(arguments: str, code: int, words: str) -> None:
    done = process(*arguments.split())
    assert done.returncode == code, done.stderr
    if code:
        assert done.stdout == ""
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    else:
        assert done.stderr == ""
        json.loads(done.stdout)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("exposure JPN", 2, "--to"),
        ("run --seed -1", 2, "--seed"),
        ("run --draws many", 2, "--draws"),
        ("exposure JPN --to JPN", 2, "exposed to itself"),
        ("exposure JPN --to CHN --product unobtainium", 2, "unknown product"),
        ("exposure JPN --to CHN --product 999999", 3, "in the bundle"),
        ("exposure JPN --to CHN --year 1900", 3, "1900"),
        ("run nowhere.yaml", 2, "no such scenario file or folder"),
        ("scenario check nowhere.yaml", 2, "no such scenario file or folder"),
        ("why nowhere --market JPN --product magnets", 3, "not a run folder"),
    ],
)
def test_exit_codes(kaname: Kaname, arguments: str, code: int, words: str) -> None:
    done = kaname(*arguments.split())
    assert (done.code, done.out) == (code, "")
    assert words in done.err


def test_no_color_and_pipes_keep_escapes_out() -> None:
    for extra in ({"NO_COLOR": "1", "FORCE_COLOR": ""}, {}):
        done = process("data", "list", env=os.environ | extra)
        assert done.returncode == 0
        assert COLOUR not in done.stdout


@pytest.mark.parametrize("command", ["data list", "scenario schema", "--help"])
def test_a_reader_that_leaves_early_causes_no_noise(command: str) -> None:
    """As `| head` does: the pipe is closed before anything is written."""
    end, start = os.pipe()
    os.close(end)
    done = process(*command.split(), capture_output=False, stdout=start, stderr=subprocess.PIPE)
    os.close(start)
    assert done.stderr == ""
    assert done.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("command", ["data list --csv", "scenario schema"])
def test_output_that_cannot_be_written_is_told(command: str) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = process(*command.split(), capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert re.fullmatch(r"kaname: writing the output failed: .*\n", done.stderr)


def test_a_closed_stdout_is_survived() -> None:
    line = f"{sys.executable} -m kaname.cli data list --csv >&-"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, cwd=ROOT, check=False)
    assert "Traceback" not in done.stderr
