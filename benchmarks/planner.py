"""Seconds and megabytes of the planner's linear program: `python benchmarks/planner.py`, some three minutes.

The instance: a full stop to Japan (flagship, case 3) for 52 weeks in periods of four, all measures of
`examples/measures`, 28 markets by name; with the users whom something reaches, as in planning, and with all.
Timed, in CPU seconds: the arrays; one draw from nothing; the same draw with one level changed, and another
draw, each from the basis at hand and from nothing; plain (where that ends soon), and with rows and columns
scaled, as the search does it. The peer is the same program written with linopy and solved by the same HiGHS.
Each part has a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kaname.baseline import load_baseline
from kaname.respond.instance import Instance, grid, instance_of
from kaname.respond.prepare import prepare
from kaname.respond.problem import LinearProgram, linear_program
from kaname.respond.reference import optimum, reference_program
from kaname.respond.scaling import scaling_of
from kaname.respond.solve import Highs
from kaname.scenario import files

MARKETS = (
    *("JPN", "JPN/defence", "USA", "USA/defence", "CHN", "KOR", "DEU", "AUS", "MYS", "VNM", "TWN", "FRA"),
    *("GBR", "CAN", "IND", "ITA", "EST", "THA", "PHL", "BRA", "MEX", "NLD", "AUT", "CHE", "SGP", "IDN"),
    *("RUS", "POL"),
)
WEEKS, PERIOD_DAYS, SAME = 52, 7.0, 1e-6
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
Table = list[tuple[str, float, int]]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds of some work, and its result."""
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def instance(whole: bool) -> tuple[float, Instance]:
    """Return the seconds of making the instance out of the cone, and the instance with two draws."""
    scenario = files.load(EXAMPLES / "flagship" / "3-full-stop-japan.yaml")
    scenario = scenario.model_copy(update={"weeks": WEEKS})
    measures = files.load_measures(EXAMPLES / "measures")
    cone = prepare(load_baseline().build, scenario, measures, draws=1, seed=0).cone
    return timed(lambda: instance_of(cone, MARKETS, grid(scenario.periods, PERIOD_DAYS), whole))


def half_done(case: Instance) -> np.ndarray:
    """Return all measures at half their level."""
    return np.full(len(case.measures), 0.5)


def restarts(name: str, first: LinearProgram, changed: dict[str, LinearProgram]) -> tuple[Table, float]:
    """Return seconds and iterations from nothing, and of changed programs from its basis and from nothing;
    and the first objective. Raises ValueError where the two objectives differ.
    """
    cold, at = timed(lambda: Highs().solve(first))
    rows = [(f"{name}, from nothing", cold, at.iterations)]
    for label, program in changed.items():
        found = []
        for how, start in (("from its basis", at.basis), ("from nothing", None)):
            seconds, solution = timed(lambda: Highs().solve(program, start))  # noqa: B023 - called at once
            found.append(solution.objective)
            rows.append((f"{name}, {label}, {how}", seconds, solution.iterations))
        if abs(found[0] - found[1]) > SAME * abs(found[1]):
            raise ValueError(f"{label}: {found[0]} and {found[1]}")
    return rows, at.objective


def direct(whole: bool) -> dict[str, Any]:
    """Time the plain arrays."""
    made, case = instance(whole)
    linear_program(case, 0)  # loads scipy
    built, first = timed(lambda: linear_program(case, 0))
    levels, scaling = half_done(case), scaling_of(first)
    one = levels.copy()
    one[len(levels) // 2] = 1.0
    changed = {
        "one level more": first.at_levels(one),
        "another draw": linear_program(case, 1).at_levels(levels),
    }
    start = first.at_levels(levels)
    plain = [] if whole else restarts("plain", start, changed)[0]
    scaled, objective = restarts(
        "scaled", scaling.scaled(start), {key: scaling.scaled(value) for key, value in changed.items()}
    )
    return {
        "lanes": len(case.groups.lane_flow),
        "groups": case.lanes,
        "measures": len(levels),
        "shape": first.matrix.shape,
        "entries": int(first.matrix.nnz),
        "instance": made,
        "build": built,
        "cold": scaled[0][1],
        "rows": plain + scaled,
        "objective": objective,
    }


def peer(whole: bool) -> dict[str, Any]:
    """Time linopy: the program built twice, as the first time loads it, and solved."""
    _, case = instance(whole)
    first, _ = timed(lambda: reference_program(case, 0, levels=half_done(case)))
    built, model = timed(lambda: reference_program(case, 0, levels=half_done(case)))
    solved, least = timed(lambda: optimum(model))
    return {"first build": first, "build": built, "solve": solved, "objective": least}


def part(name: str, whole: bool) -> dict[str, Any]:
    """Run a part in a process of its own and return what it found, with its peak memory."""
    arguments = [sys.executable, __file__, name, str(int(whole))]
    text = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(text.splitlines()[-1])
    return found


def show(whole: bool) -> None:
    """Print the figures of one instance."""
    ours, (rows, columns) = (found := part("direct", whole)), found["shape"]
    print(
        f"{'all users' if whole else 'users reached'}: {ours['lanes']:,} of {ours['groups']:,} lanes,",
        end=" ",
    )
    print(f"{ours['measures']} measures, {rows:,} rows, {columns:,} columns, {ours['entries']:,} entries")
    print(f"  instance {ours['instance']:.2f} s, arrays {ours['build']:.2f} s, peak {ours['peak']:.0f} MB")
    for label, seconds, steps in ours["rows"]:
        print(f"  {label:40s} {seconds:8.2f} s {steps:8,} iterations")
    theirs = part("peer", whole)
    print(f"  linopy: build {theirs['build']:.2f} s (first time {theirs['first build']:.2f} s),", end=" ")
    print(f"solve {theirs['solve']:.2f} s, peak {theirs['peak']:.0f} MB", end="; ")
    print(f"objectives differ by {abs(theirs['objective'] / ours['objective'] - 1.0):.0e}")
    both = (theirs["build"] + theirs["solve"]) / (ours["build"] + ours["cold"])
    print(f"  linopy / arrays: build {theirs['build'] / ours['build']:.0f}x, with solving {both:.1f}x")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        result = {"direct": direct, "peer": peer}[sys.argv[1]](bool(int(sys.argv[2])))
        result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(json.dumps(result))
    else:
        for everybody in (False, True):
            show(everybody)
