"""Seconds and megabytes of the planner's linear program: `python benchmarks/planner.py`.

The instance: a full stop to Japan (flagship, case 3) for 52 weeks in periods of four, all measures of
`examples/measures`, 27 markets by name, with all users and with only those whom something reaches. Timed are
the arrays, one draw from nothing, the same after one level has changed and another draw, each from the basis
at hand and from nothing; plain, and scaled as the search does it. The peer is the same program in linopy, built and
solved by the same HiGHS. Each part runs in a process of its own, whose peak memory is printed.
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

MARKETS = (
    *(
        "JPN",
        "JPN/defence",
        "USA",
        "USA/defence",
        "CHN",
        "KOR",
        "DEU",
        "AUS",
        "MYS",
        "VNM",
        "TWN",
        "FRA",
        "GBR",
    ),
    *(
        "CAN",
        "IND",
        "ITA",
        "EST",
        "THA",
        "PHL",
        "BRA",
        "MEX",
        "NLD",
        "AUT",
        "CHE",
        "SGP",
        "IDN",
        "RUS",
        "POL",
    ),
)
WEEKS, PERIOD_DAYS = 52, 7.0
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the wall seconds of some work, and its result."""
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def instance(whole: bool) -> tuple[float, Any]:
    """Return the seconds of making the instance out of the cone, and the instance with two draws."""
    from kaname.baseline import load_baseline  # noqa: PLC0415 - the parent process needs none of this
    from kaname.respond.instance import grid, instance_of  # noqa: PLC0415
    from kaname.respond.prepare import prepare  # noqa: PLC0415
    from kaname.scenario import files  # noqa: PLC0415

    scenario = files.load(EXAMPLES / "flagship" / "3-full-stop-japan.yaml").model_copy(
        update={"weeks": WEEKS}
    )
    measures = files.load_measures(EXAMPLES / "measures")
    cone = prepare(load_baseline().build, scenario, measures, draws=1, seed=0).cone
    return timed(lambda: instance_of(cone, MARKETS, grid(scenario.periods, PERIOD_DAYS), whole))


def direct(whole: bool) -> dict[str, Any]:
    """Time the plain arrays; objectives are compared with the peer's."""
    from kaname.respond.problem import linear_program  # noqa: PLC0415
    from kaname.respond.scaling import scaling_of  # noqa: PLC0415
    from kaname.respond.solve import Highs  # noqa: PLC0415

    made, case = instance(whole)
    linear_program(case, 0)  # first use of scipy
    built, first = timed(lambda: linear_program(case, 0))
    second, levels = linear_program(case, 1), np.full(len(case.measures), 0.5)
    scaling = scaling_of(first)
    moved = levels.copy()
    moved[len(levels) // 2] = 1.0
    found: dict[str, Any] = {
        "lanes": len(case.groups.lane_flow),
        "lanes of all": case.lanes,
        "measures": len(case.measures),
        "shape": first.matrix.shape,
        "entries": int(first.matrix.nnz),
        "instance": made,
        "build": built,
    }
    for name, change in (("plain", lambda program: program), ("scaled", scaling.scaled)):
        cold, at = timed(lambda: Highs().solve(change(first).at_levels(levels)))  # noqa: B023
        rows = {"cold": (cold, at.iterations)}
        for label, program in (("one level changed", first.at_levels(moved)), ("another draw", second)):
            program = change(program)  # noqa: PLW2901
            program = program if label != "another draw" else program.at_levels(levels)  # noqa: PLW2901
            warm, near = timed(lambda: Highs().solve(program, at.basis))  # noqa: B023
            again, far = timed(lambda: Highs().solve(program))  # noqa: B023
            assert abs(near.objective - far.objective) <= 1e-6 * abs(far.objective)
            rows[f"{label}, from the basis"] = (warm, near.iterations)
            rows[f"{label}, from nothing"] = (again, far.iterations)
        found[name] = rows
        found["objective"] = at.objective
    return found


def peer(whole: bool) -> dict[str, Any]:
    """Time linopy: the program built twice, as the first time loads it, and solved."""
    from kaname.respond.reference import optimum, reference_program  # noqa: PLC0415

    _, case = instance(whole)
    levels = np.full(len(case.measures), 0.5)
    first, _ = timed(lambda: reference_program(case, 0, levels=levels))
    built, model = timed(lambda: reference_program(case, 0, levels=levels))
    solved, least = timed(lambda: optimum(model))
    return {"first build": first, "build": built, "solve": solved, "objective": least}


def part(name: str, whole: bool) -> dict[str, Any]:
    """Run a part in a process of its own and return what it found, with its peak memory."""
    arguments = [sys.executable, __file__, name, str(int(whole))]
    text = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    return json.loads(text.splitlines()[-1])


def main() -> None:
    """Print the tables."""
    for whole in (False, True):
        ours = part("direct", whole)
        rows, columns = ours["shape"]
        print(
            f"{'all users' if whole else 'users reached'}: {ours['lanes']:,} of {ours['lanes of all']:,} lanes, "
            f"{ours['measures']} measures, {rows:,} rows, {columns:,} columns, {ours['entries']:,} entries"
        )
        print(
            f"  instance {ours['instance']:.2f} s, arrays {ours['build']:.2f} s, peak {ours['peak MB']:.0f} MB"
        )
        for name in ("plain", "scaled"):
            for label, (seconds, steps) in ours[name].items():
                print(f"  {name:6s} {label:36s} {seconds:7.2f} s {steps:8,} iterations")
        theirs = part("peer", whole)
        total = theirs["build"] + theirs["solve"]
        own = ours["build"] + ours["plain"]["cold"][0]
        print(
            f"  linopy: build {theirs['build']:.2f} s (first {theirs['first build']:.2f}), solve "
            f"{theirs['solve']:.2f} s, peak {theirs['peak MB']:.0f} MB; objectives differ by "
            f"{abs(theirs['objective'] / ours['objective'] - 1.0):.1e}"
        )
        print(
            f"  ratio to linopy: build {theirs['build'] / ours['build']:.0f}x, build and solve {total / own:.1f}x"
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        result = {"direct": direct, "peer": peer}[sys.argv[1]](bool(int(sys.argv[2])))
        result["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(json.dumps(result))
    else:
        main()
