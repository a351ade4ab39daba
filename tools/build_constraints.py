"""Write the exact versions that kaname is developed and tested with.

    python tools/build_constraints.py             keep the versions, add what is new in pyproject.toml
    python tools/build_constraints.py --upgrade   take the newest versions of everything
    python tools/build_constraints.py --check     write nothing, fail if the files are not up to date

Two files are written from one resolution by uv: `constraints.txt` (every package with its hashes and no
address, for `pip install --require-hashes`) and the list `constraint-dependencies` in `pyproject.toml` (the
same versions, for `uv sync` and `uv run`). The resolution covers every Python that `requires-python`
allows, every extra and every group.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = ROOT / "pyproject.toml"
CONSTRAINTS = ROOT / "constraints.txt"
LIST = re.compile(r"(# constraints: begin\n).*?(# constraints: end\n)", re.DOTALL)
HEADER = """\
# Every package kaname can need, for every supported Python, with hashes and without addresses.
# Made by tools/build_constraints.py, as is the list in pyproject.toml; do not edit by hand.
#   pip install --require-hashes -r constraints.txt && pip install --no-deps --no-build-isolation .
"""


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions of everything")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if out of date")
    options = parser.parse_args()
    before = PYPROJECT.read_text(encoding="utf-8")
    if options.upgrade:
        PYPROJECT.write_text(with_pins(before, []), encoding="utf-8")
    try:
        exported = export(upgrade=options.upgrade)
    except subprocess.CalledProcessError as error:
        PYPROJECT.write_text(before, encoding="utf-8")
        print(error.stderr, file=sys.stderr)
        return 1
    constraints, pyproject = HEADER + exported, with_pins(before, pins(exported))
    if options.check:
        stale = pyproject != before or constraints != CONSTRAINTS.read_text(encoding="utf-8")
        print("out of date: run tools/build_constraints.py" if stale else "up to date")
        return int(stale)
    CONSTRAINTS.write_text(constraints, encoding="utf-8")
    PYPROJECT.write_text(pyproject, encoding="utf-8")
    print(f"{len(pins(exported))} versions written")
    return 0


def export(*, upgrade: bool) -> str:
    """Resolve with uv and return the requirements text; raises ValueError if a line names an address."""
    command = ["uv", "export", "--quiet", "--format", "requirements-txt", "--no-emit-project", "--all-extras"]
    command += ["--all-groups", "--no-header", "--no-annotate", *(["--upgrade"] if upgrade else [])]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        if "://" in line or line.startswith("-"):
            raise ValueError(f"an address or option in the export: {line}")
    return text


def pins(constraints: str) -> list[str]:
    """Return the requirements of a constraints text without their hashes: `name==version [; marker]`."""
    lines = (line for line in constraints.splitlines() if line and not line.startswith(("#", " ")))
    return [line.removesuffix("\\").strip() for line in lines]


def with_pins(pyproject: str, requirements: list[str]) -> str:
    """Return the text of pyproject.toml with its list of constraints replaced."""
    body = "".join(f'  "{requirement}",\n' for requirement in requirements)
    listed = f"constraint-dependencies = [\n{body}]\n" if body else "constraint-dependencies = []\n"
    replaced, found = LIST.subn(lambda match: match[1] + listed + match[2], pyproject)
    if found != 1:
        raise ValueError("pyproject.toml must hold '# constraints: begin' and '# constraints: end' once")
    return replaced


if __name__ == "__main__":
    raise SystemExit(main())
