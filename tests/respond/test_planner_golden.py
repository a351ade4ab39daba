"""Each constraint of the planner as text, for one small problem, beside a file checked by hand (rule O4).

The problem is `by_hand.tiny`. How each number follows from its data stands in the comments of the files,
which were worked out on paper from docs/model.md before the rows were compared. After a change of a rule,
`KANAME_REWRITE_GOLDEN=1 pytest tests/respond/test_planner_golden.py` writes the rows anew and keeps the
comments: read both again.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from by_hand import FILL, PRODUCTS, tiny

from kaname.respond.layout import Kind
from kaname.respond.problem import linear_program
from kaname.respond.reading import Reading, names_of

FOLDER = Path(__file__).parents[1] / "golden" / "planner"
SHARED = ("supply", "plant", "contract", "store", "pool")  # the same in both programs
ONLY_PLANNER = ("spare", "newcomer", "feed", "ration")
DIFFERENT = ("balance", "input", "objective", "bounds")


def reading(kind: Kind) -> Reading:
    instance = tiny()
    return Reading(linear_program(instance, 0, kind, FILL), instance, kind, names_of(instance, PRODUCTS))


def text(kind: Kind, part: str) -> str:
    found = reading(kind)
    if part == "objective":
        return found.objective()
    return found.bounds() if part == "bounds" else found.constraint(part)


def split(golden: str) -> tuple[str, str]:
    """The comments (lines that start with a backslash) and the rows of a golden file."""
    lines = golden.splitlines(keepends=True)
    return (
        "".join(line for line in lines if line.startswith("\\")),
        "".join(line for line in lines if not line.startswith("\\")),
    )


FILES: list[tuple[str, Kind, str]] = [
    *((f"{part}.lp", "planner", part) for part in (*SHARED, *ONLY_PLANNER)),
    *((f"{part}.lp", "bound", part) for part in SHARED),
    *((f"{part}-{kind}.lp", kind, part) for part in DIFFERENT for kind in ("planner", "bound")),
]  # type: ignore[list-item]


@pytest.mark.parametrize(("name", "kind", "part"), FILES, ids=[f"{name} {kind}" for name, kind, _ in FILES])
def test_golden(name: str, kind: Kind, part: str) -> None:
    file = FOLDER / name
    comments, rows = split(file.read_text("utf-8")) if file.exists() else ("", "")
    if os.environ.get("KANAME_REWRITE_GOLDEN"):
        file.write_text(comments + text(kind, part), encoding="utf-8")
    else:
        assert text(kind, part) == rows
        assert comments.strip(), f"say in {name} how its numbers follow"


def test_every_constraint_has_its_file() -> None:
    assert set(reading("planner").program.rows) == {"balance", "input", *SHARED, *ONLY_PLANNER}
    assert set(reading("bound").program.rows) == {"balance", "input", *SHARED}
    assert {file.name for file in FOLDER.iterdir()} == {name for name, _, _ in FILES}


def test_every_row_and_column_has_its_name() -> None:
    for kind in ("planner", "bound"):
        found = reading(kind)
        assert (len(found.rows), len(found.columns)) == found.program.matrix.shape
        assert len(set(found.rows)) == len(found.rows)
        assert len(set(found.columns)) == len(found.columns)


def test_names_of_twins_differ() -> None:
    """Two suppliers, and two lanes, of the same markets and product: the plant stands beside old makers."""
    names = names_of(tiny(), PRODUCTS)
    assert names.supplier[2::2] == ("JPN magnets", "JPN magnets#2")
    assert names.lane == (
        "CHN>JPN metal", "AUS>JPN metal", "JPN>JPN magnets", "JPN>JPN motors", "JPN>JPN magnets#2",
    )  # fmt: skip
    assert names.line == ("JPN magnets<metal", "JPN motors<magnets", "JPN magnets#2<metal")
    assert names_of(tiny()).consumer == ("JPN product 0", "JPN product 1", "JPN product 2")


def test_levels_are_bounds() -> None:
    """The measures at other levels change the bounds of their columns, and nothing else."""
    found = reading("planner")
    moved = Reading(
        found.program.at_levels(np.array([1.0, 0.5, 0.0, 0.25, 0.0])), found.instance, "planner", found.names
    )
    old, new = found.bounds().splitlines(), moved.bounds().splitlines()
    assert [line for line in new if line not in old] == [
        "level[plant] = 1", "level[deal] = 0.5", "level[thrift] = 0.25",
    ]  # fmt: skip
    assert moved.constraint("balance") == found.constraint("balance")
    assert moved.objective() == found.objective()
