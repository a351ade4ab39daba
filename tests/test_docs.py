"""The documentation is run, followed and compared with the program.

How to write a page (also told in CONTRIBUTING.md):

* A ```python block is executed. The blocks of a page share their names and an empty folder, top to bottom.
* A ```console block is a session: each line that begins with `$ ` is run in the page's folder and must call
  kaname; the lines after it are what it prints, with `...` for anything. No lines: nothing is compared.
* `<!-- file: NAME -->` on the line before a block writes the block into the page's folder under that name.
* ```bash and ```sh blocks cannot be checked, so they are not allowed unless marked.
* `<!-- not run: reason -->` on the line before a block leaves it out.
"""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kaname.exposure import ExposureRow
from kaname.report import tables
from kaname.study import examples_folder, load_study, run_id

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "kaname"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
KANAME = Path(sys.executable).with_name("kaname")


def committed() -> list[Path]:
    """Return the files of the repository: what git tracks, and what it would take if asked."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in sorted(filter(None, listed.split("\0"))) if (path := ROOT / name).is_file()]


def name_of(path: Path) -> str:
    """Return a page's path from the root, as the name of its test."""
    return path.relative_to(ROOT).as_posix()


# --- examples -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, first line and text, why it is not run, its file name."""

    language: str
    line: int
    text: str
    not_run: str
    file: str = ""


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page in order."""
    language, start, body, fence, reason, file = "", 0, [""], "", "", ""
    for number, line in enumerate(text.splitlines(), 1):
        opening = re.match(r"\s*(```+|~~~+)\s*(\w*)", line)
        if not fence and opening:
            fence, language, start, body = opening[1], opening[2], number, []
        elif fence and line.strip() == fence:
            yield Block(language, start, "\n".join(body), reason, file)
            fence = reason = file = ""
        elif fence:
            body.append(line)
        elif marker := re.fullmatch(r"\s*<!-- not run: (\S.*) -->", line):
            reason = marker[1]
        elif marker := re.fullmatch(r"\s*<!-- file: ([\w.-]+) -->", line):
            file = marker[1]
        elif line.strip():
            reason = file = ""


def sessions(text: str) -> Iterator[tuple[str, str]]:
    """Yield the commands of a console block, each with the output shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = re.sub(r"\\\n", "", part).partition("\n")
        yield command.strip(), output.strip()


def run_python(block: Block, names: dict[str, Any], page: Path) -> None:
    """Execute a block with the page's names; the line numbers in a traceback are those of the page."""
    code = compile("\n" * block.line + block.text, str(page), "exec")
    exec(code, names)


def run_console(block: Block, folder: Path, page: Path) -> None:
    """Run the commands of a console block, and compare what they print with what is shown."""
    for command, shown in sessions(block.text):
        where = f"{page.name}:{block.line}: {command}"
        words = shlex.split(command.removeprefix("uv run "), comments=True)
        assert words[0] == "kaname", f"{where}: not kaname; mark the block '<!-- not run: reason -->'"
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100"}
        done = subprocess.run(
            [str(KANAME), *words[1:]],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{where}\n{done.stdout}\n{done.stderr}"
        printed = done.stdout.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        same = not shown or doctest.OutputChecker().check_output(shown + "\n", printed, flags)
        assert same, f"{where} printed\n{done.stdout}"


WITH_EXAMPLES = [page for page in PAGES if any(True for _ in blocks(page.read_text("utf-8")))]


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=name_of)
def test_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__page__"}
    for block in blocks(page.read_text("utf-8")):
        if block.not_run:
            continue
        assert block.language not in {"bash", "sh", "shell"}, (
            f"{page.name}:{block.line}: write a console block"
        )
        if block.file:
            (tmp_path / block.file).write_text(block.text + "\n", encoding="utf-8")
        elif block.language == "python":
            run_python(block, names, page)
        elif block.language == "console":
            run_console(block, tmp_path, page)


def test_examples_are_found() -> None:
    page = (
        "a\n<!-- not run: slow -->\n\n```console\n$ x\n```\n```python\ny = 1\n\nz = 2\n```\n~~~\nfree\n~~~\n"
        "<!-- file: a.yaml -->\n```yaml\nb: 1\n```\n```yaml\nc: 2\n```\n"
    )
    assert list(blocks(page)) == [
        Block("console", 4, "$ x", "slow"),
        Block("python", 7, "y = 1\n\nz = 2", ""),
        Block("", 12, "free", ""),
        Block("yaml", 16, "b: 1", "", "a.yaml"),
        Block("yaml", 19, "c: 2", ""),
    ]
    assert list(sessions("$ a b\nout\n$ c \\\nd")) == [("a b", "out"), ("c d", "")]


# --- links ----------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as the usual viewers make them."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+\s+(.*?)\s*$", prose, re.MULTILINE)
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", title.lower())) for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        file = (page.parent / place).resolve() if place else page
        assert file.exists(), f"{name_of(page)}: no {target}"
        assert file.is_relative_to(ROOT), f"{name_of(page)}: {target} leaves the repository"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file.read_text("utf-8")), f"{name_of(page)}: no heading {target}"


# --- commands and rules ---------------------------------------------------------------------------


def commands(command: Any, name: str = "kaname") -> Iterator[tuple[str, list[Any]]]:
    """Yield every command of the program with its parameters."""
    inner = getattr(command, "commands", None)
    if inner is None or any(parameter.name != "help" for parameter in command.params):
        yield name, [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    for key, one in sorted((inner or {}).items()):
        if not getattr(one, "hidden", False):
            yield from commands(one, f"{name} {key}")


def test_every_command_and_option_is_told() -> None:
    app = importlib.import_module("kaname.cli").app
    found = list(commands(importlib.import_module("typer.main").get_command(app)))
    promised = {"run", "exposure", "why", "replay", "doctor", "data list", "network stats"}
    assert {f"kaname {word}" for word in promised} <= {name for name, _ in found}
    sections = re.split(r"^#+ ", (ROOT / "docs" / "cli.md").read_text("utf-8"), flags=re.MULTILINE)
    told = {section.partition("\n")[0].strip(" `"): section for section in sections}
    missing = []
    for name, parameters in found:
        for parameter in parameters:
            # an option by its first long name, an argument by its name in capitals
            flags = [flag for flag in parameter.opts if flag.startswith("--")]
            words = flags[:1] or [parameter.metavar or parameter.name.upper()]
            words = [
                word for word in words if word not in {"--help", "--install-completion", "--show-completion"}
            ]
            missing += [f"{name} {word}" for word in words if word.strip("[]") not in told.get(name, "")]
        if name not in told:
            missing.append(f"a heading '{name}'")
    assert missing == [], "docs/cli.md does not tell these"


# --- pages written by the program, and from runs --------------------------------------------------


def test_the_page_of_results_is_up_to_date() -> None:
    text = (ROOT / "docs" / "results.md").read_text("utf-8")
    assert text == tables.page(), "run: python -m kaname.report.tables > docs/results.md"


def test_every_result_table_is_told() -> None:
    assert set(tables.ABOUT) == set(tables.COLUMNS)
    untold = [
        (name, key) for name, columns in tables.COLUMNS.items() for key in columns if not columns[key][2]
    ]
    assert untold == []


def test_the_json_of_exposure_is_told() -> None:
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    section = text.partition("## kaname exposure\n")[2].partition("\n## ")[0]
    told = set(
        re.findall(r"`(\w+)`", section.partition("prints a list of objects with")[2].partition(". Units")[0])
    )
    assert told == {field.name for field in dataclasses.fields(ExposureRow)}


def test_the_picture_is_of_this_study() -> None:
    picture = (ROOT / "docs" / "images" / "overview.svg").read_text("utf-8")
    found = re.search(r"from run (\S+) -->", picture)
    case = examples_folder() / "flagship" / "3-full-stop-japan.yaml"
    assert found
    assert found[1] == run_id(load_study(case)), "run: python tools/build_picture.py"


def rules_in(citation: str) -> Iterator[str]:
    """Yield the rules of a citation such as `(rules M5-M8, S)`."""
    for part in re.findall(r"\b[A-Z]\d*(?:-[A-Z]?\d+)?\b", citation):
        first, _, last = part.partition("-")
        if last:
            numbers = range(int(first[1:]), int(last.lstrip(first[0])) + 1)
            yield from (f"{first[0]}{number}" for number in numbers)
        else:
            yield first


def test_every_cited_rule_exists() -> None:
    text = (ROOT / "docs" / "model.md").read_text("utf-8")
    rules = set(re.findall(r"\*\*([A-Z]\d+)\b", text)) | set(
        re.findall(r"^## ([A-Z])\. ", text, re.MULTILINE)
    )
    assert {"N1", "M1", "M12", "S"} <= rules
    unknown = []
    for path in committed():
        if path.suffix in {".py", ".md", ".yaml"} and path != Path(__file__).resolve():
            for citation in re.findall(r"\(rules? ([A-Z]\d*[^)]*)\)", path.read_text("utf-8")):
                unknown += [
                    f"{name_of(path)}: rule {rule}" for rule in rules_in(citation) if rule not in rules
                ]
    assert unknown == []


def test_citations_are_read() -> None:
    assert list(rules_in("M5-M7, S")) == ["M5", "M6", "M7", "S"]
    assert list(rules_in("N1, M12")) == ["N1", "M12"]
    assert list(rules_in("M5-7")) == ["M5", "M6", "M7"]


# --- what must not be in the repository -----------------------------------------------------------

HOST_NAMES = ("py" + r"pi\.org", "python" + r"hosted\.org", r"registry\." + "npmjs", "deb" + r"\.debian")
HOSTS = re.compile("|".join(HOST_NAMES))
MACHINE_PATHS = re.compile(r"(?<![\w.~/-])/" + "(?:work|root|home|tmp|Users|opt)" + r"/[\w.]")
LARGEST = 4 * 1024 * 1024


def test_no_file_is_large() -> None:
    assert {name_of(path): path.stat().st_size for path in committed() if path.stat().st_size > LARGEST} == {}


def test_no_file_names_a_registry_or_a_place_on_a_machine() -> None:
    found = []
    for path in committed():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for pattern in (HOSTS, MACHINE_PATHS):
            found += [f"{name_of(path)}: {hit[0]}" for hit in pattern.finditer(text)]
    assert found == []


def test_the_lock_file_stays_out() -> None:
    assert ROOT / "uv.lock" not in committed()
