"""The frame of the project: versions, licences, decisions, floors and sizes, checked as the rest is."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "kaname"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONSTRAINTS = (ROOT / "constraints.txt").read_text("utf-8")
EXTRAS = [name for name in PYPROJECT["project"]["optional-dependencies"] if name != "all"]
SOURCES = sorted(PACKAGE.rglob("*.py"))

# A package under more than one licence, of which we take one that is not the GPL; the reason stands in
# docs/decisions/0001-dependencies.md.
CHOSEN_LICENCE = {
    "docutils": "public domain and BSD; its GPL part, an editor mode, is not in the wheel",
    "tld": "MPL-1.1, of MPL-1.1, GPL-2.0 and LGPL-2.1",
}
WEAK_COPYLEFT = {"pymrio"}  # LGPL, imported as a library, and only with the extra `economy`


def requirements(key: str) -> list[Requirement]:
    """Return the requirements of an extra, or of kaname itself for the key ''."""
    project = PYPROJECT["project"]
    return [
        Requirement(text)
        for text in (project["optional-dependencies"][key] if key else project["dependencies"])
    ]


# --- versions -------------------------------------------------------------------------------------


def pinned() -> dict[str, list[str]]:
    """Return the hashes of every requirement line of constraints.txt."""
    lines: dict[str, list[str]] = {}
    name = ""
    for line in CONSTRAINTS.splitlines():
        if line.startswith("    --hash="):
            lines[name].append(line.strip().removesuffix("\\").strip())
        elif line and not line.startswith("#"):
            name = line.removesuffix("\\").strip()
            lines[name] = []
    return lines


def test_both_lists_of_versions_agree() -> None:
    listed = PYPROJECT["tool"]["uv"]["constraint-dependencies"]
    assert listed == list(pinned()), "run tools/build_constraints.py"


def test_every_version_is_exact_and_hashed() -> None:
    for text, hashes in pinned().items():
        assert re.fullmatch(r"==[^*,]+", str(Requirement(text).specifier)), text
        assert hashes, text
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes), text


def test_constraints_name_no_address() -> None:
    assert "://" not in CONSTRAINTS
    assert not re.search(r"^\s*-(?!-hash=)", CONSTRAINTS, re.MULTILINE), "an option beside the hashes"


def test_everything_we_ask_for_is_pinned() -> None:
    texts = [*PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"]["dev"]]
    texts += [text for extra in PYPROJECT["project"]["optional-dependencies"].values() for text in extra]
    asked = {canonicalize_name(Requirement(text).name) for text in texts} - {"kaname"}
    assert asked <= {canonicalize_name(Requirement(text).name) for text in pinned()}


# --- licences -------------------------------------------------------------------------------------


def reachable(roots: list[Requirement]) -> dict[str, metadata.Distribution]:
    """Return the installed distributions that these requirements pull in on this machine, by name."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [(requirement, extra) for requirement in roots for extra in ("", *requirement.extras)]
    seen = set()
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        environment = {key: str(value) for key, value in default_environment().items()} | {"extra": extra}
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        found[name] = metadata.distribution(name)
        for text in found[name].requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate(environment):
                waiting += [(needed, one) for one in ("", *needed.extras)]
    return found


def licence(distribution: metadata.Distribution) -> str:
    """Return what a package says of its licence: expression, first line of the text, classifiers."""
    about = distribution.metadata
    classifiers = [text for text in about.get_all("Classifier") or [] if text.startswith("License")]
    free_text = (about.get("License") or "").strip().split("\n")[0]
    return "; ".join(
        part for part in [about.get("License-Expression") or "", free_text, *classifiers] if part
    )


def copyleft(text: str) -> str:
    """Return which copyleft licence a licence text names: 'AGPL', 'LGPL', 'GPL' or ''."""
    for name, pattern in (
        ("AGPL", r"\bAGPL|Affero"),
        ("LGPL", r"\bLGPL|(Lesser|Library) General Public"),
        ("GPL", r"\bGPL|General Public License|\bSSPL\b"),
    ):
        if re.search(pattern, text, re.IGNORECASE):
            return name
    return ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GPL-3.0-or-later", "GPL"),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", "GPL"),
        ("License :: OSI Approved :: GNU Affero General Public License v3", "AGPL"),
        ("AGPL-3.0-only", "AGPL"),
        ("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", "LGPL"),
        ("MPL-2.0 AND MIT", ""),
        ("Apache-2.0", ""),
    ],
)
def test_copyleft_is_recognised(text: str, name: str) -> None:
    assert copyleft(text) == name


def test_what_everybody_installs_has_no_copyleft() -> None:
    packages = reachable(requirements(""))
    assert {canonicalize_name(requirement.name) for requirement in requirements("")} <= set(packages)
    assert {name: licence(package) for name, package in packages.items() if copyleft(licence(package))} == {}
    assert [name for name, package in packages.items() if not licence(package)] == [], (
        "a package without a licence"
    )


@pytest.mark.parametrize("extra", EXTRAS)
def test_no_extra_brings_the_gpl(extra: str) -> None:
    strong = {}
    for name, package in reachable(requirements(extra)).items():
        kind = copyleft(licence(package))
        allowed = name in CHOSEN_LICENCE or (kind == "LGPL" and name in WEAK_COPYLEFT and extra == "economy")
        if kind and not allowed:
            strong[name] = licence(package)
    assert strong == {}


# --- decisions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("extra", ["", *EXTRAS])
def test_every_dependency_has_its_reason(extra: str) -> None:
    page = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text("utf-8")
    rows = {
        cells[1].strip(" `"): cells
        for cells in (line.split("|") for line in page.splitlines())
        if len(cells) > 4
    }
    for requirement in requirements(extra):
        assert requirement.name in rows, (
            f"docs/decisions/0001-dependencies.md has no row for {requirement.name}"
        )
        assert all(cell.strip() for cell in rows[requirement.name][1:-1]), (
            f"an empty cell for {requirement.name}"
        )


def test_decisions_are_numbered_once() -> None:
    numbers = [page.name[:4] for page in (ROOT / "docs" / "decisions").glob("*.md")]
    assert all(number.isdigit() for number in numbers)
    assert len(numbers) == len(set(numbers)), sorted(numbers)


# --- floors ---------------------------------------------------------------------------------------


def test_built_rooms_are_not_optional() -> None:
    """A room that exists stands in the layers contract without parentheses, any other in parentheses."""
    layers = PYPROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = [room.strip() for layer in layers for room in layer.split("|")]
    built = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert {room for room in rooms if not room.startswith("(")} == built - {"__init__", "__main__"}


def test_every_room_is_on_the_map() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = [
        path.stem for path in PACKAGE.iterdir() if path.stem[0] not in "_." and path.suffix in {"", ".py"}
    ]
    assert {room for room in rooms if f"`{room}/`" not in text and f"`{room}`" not in text} == set()


PURE = ("network", "scenario", "simulate", "indicators")
FILE_READERS = {Path("scenario/files.py")}  # the one door through which scenario files come in
RANDOM_NUMBERS = {Path("scenario/draws.py")}  # the one place that draws
READS_CLOCK = {"now", "today", "utcnow", "perf_counter", "monotonic", "time_ns"}
TOUCHES_FILES = {
    "read_text",
    "write_text",
    "read_bytes",
    "write_bytes",
    "unlink",
    "mkdir",
    "read_parquet",
    "read_table",
}
ENVIRONMENT = {"environ", "getenv"}


def impurities(path: Path) -> Iterator[str]:
    """Yield what a module of a pure floor does that it must not (docs/architecture.md, invariant 1)."""
    place = path.relative_to(PACKAGE)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        here = f"{place.as_posix()}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Global):
            yield f"{here}: global state"
        if isinstance(node, ast.Attribute):
            if node.attr in ENVIRONMENT:
                yield f"{here}: reads the environment"
            if node.attr == "random" and place not in RANDOM_NUMBERS:
                yield f"{here}: draws random numbers"
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if name in READS_CLOCK:
                yield f"{here}: reads the clock ({name})"
            opens = (
                name == "open"
                or name in TOUCHES_FILES
                or (name == "print" and isinstance(function, ast.Name))
            )
            if opens and place not in FILE_READERS:
                yield f"{here}: does input or output ({name})"


@pytest.mark.parametrize("room", [room for room in PURE if (PACKAGE / room / "__init__.py").exists()])
def test_the_model_is_pure(room: str) -> None:
    assert [fault for path in sorted((PACKAGE / room).rglob("*.py")) for fault in impurities(path)] == []


# --- sizes and names ------------------------------------------------------------------------------

MODULE_LINES, FUNCTION_LINES = 440, 66  # "about" 400 and 60


def test_modules_are_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {path: length for path, length in lengths.items() if length > MODULE_LINES} == {}


def test_functions_are_short() -> None:
    long = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    long[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = length
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = {"utils", "util", "common", "helpers", "helper", "base", "manager", "core", "misc"}
    assert [str(path) for path in SOURCES if path.stem in vague or path.parent.name in vague] == []


def test_the_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").exists()


# --- what .ci/run does ----------------------------------------------------------------------------


def test_the_check_script_is_sound() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    text = script.read_text("utf-8")
    for command in (
        "--require-hashes",
        'ruff" format --check',
        'ruff" check',
        "mypy",
        "lint-imports",
        "kaname run",
    ):
        assert command in text, command
