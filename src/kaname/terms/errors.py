"""One exception tree.

    KanameError                   exit code 1, anything this project raises on purpose
    ├── InputError                exit code 2, what the user gave is wrong
    │   ├── ScenarioError         a scenario file or object
    │   ├── TableError            a table that breaks its contract
    │   └── RestrictionHitsNothing  a restriction that touches no lane
    ├── SolverError               exit code 1, a linear program ended without an optimum
    ├── DataMissing               exit code 3, a needed table, partition or optional extra is not there
    └── OutputError               exit code 1, a folder or file that cannot be written

Every error carries a list of `Problem`s, so that all faults of a file are told at once, and has one JSON
shape (`KanameError.as_dict`) that the command line, the notebook and the web share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One fault: what is wrong, where, both sides, and the fix.

    `where` names a file, key, row or option; `line` and `column` count from 1.
    """

    what: str
    where: str = ""
    got: str = ""
    expected: str = ""
    fix: str = ""
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Return the fault as one line of text."""
        place = self.where
        if self.line is not None:
            place += f":{self.line}" + (f":{self.column}" if self.column is not None else "")
        text = f"{place}: {self.what}" if place else self.what
        if self.got:
            text += f"; got {self.got}"
        if self.expected:
            text += f", expected {self.expected}"
        if self.fix:
            text += f". {self.fix}"
        return text


class KanameError(Exception):
    """The root of all errors that kaname raises on purpose."""

    exit_code = 1

    def __init__(self, problems: str | Problem | Sequence[Problem]) -> None:
        """Collect one or more problems; a plain string becomes a problem without a place."""
        if isinstance(problems, str):
            problems = [Problem(problems)]
        elif isinstance(problems, Problem):
            problems = [problems]
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def as_dict(self) -> dict[str, Any]:
        """Return the one JSON shape of an error: `{"error": type, "problems": [...]}`."""
        return {"error": type(self).__name__, "problems": [asdict(problem) for problem in self.problems]}


class InputError(KanameError):
    """What the user gave is wrong."""

    exit_code = 2


class ScenarioError(InputError):
    """A scenario file or object is wrong."""


class TableError(InputError):
    """A table breaks its contract, or its file is corrupt."""


class RestrictionHitsNothing(InputError):  # noqa: N818 - a sentence, not a suffix
    """A restriction, closure, loss or surge touches nothing in the network (architecture, invariant 4)."""


class DataMissing(KanameError):  # noqa: N818 - the state of the data, named as such
    """A needed table, partition or optional extra is not there."""

    exit_code = 3


class SolverError(KanameError):
    """A solver of linear programs ended without an optimum: infeasible, out of time, or failed."""


class OutputError(KanameError):
    """A folder or file cannot be written; nothing was left half-written."""
