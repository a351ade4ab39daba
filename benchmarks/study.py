"""Seconds and megabytes of the main job: `python benchmarks/study.py`.

Three things, each in a process of its own, with the lane count beside them: `kaname --help`, a three-year
weekly run of the engine on the default network under the flagship's last case, and `kaname run` of the
flagship into a temporary folder. Peak memory is that of the process, as the system counts it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

WEEKS = 156
ENGINE = f"""
import time
from kaname.baseline import load_baseline
from kaname.scenario.compile import compile_shock
from kaname.scenario.draws import draw_table
from kaname.simulate.engine import simulate
from kaname.study import load_study

build = load_baseline().build
scenario = load_study().scenarios[-1].model_copy(update={{"weeks": {WEEKS}}})
table = draw_table(scenario.assumptions, 0, 0, one_at_a_time=False)
shock = compile_shock(build.network, scenario, table, build.ranges, build.lane_routes).shock
for record in ("summary", "full"):
    simulate(build.network, shock, record)
    runs = []
    for _ in range(5):
        wall, cpu = time.perf_counter(), time.process_time()
        simulate(build.network, shock, record)
        runs.append((time.perf_counter() - wall, time.process_time() - cpu))
    best = min(runs)
    print(record, *best, build.network.n_lanes, shock.periods)
"""


@dataclass(frozen=True)
class Cost:
    """What a process took: wall and CPU seconds (children's too), peak megabytes, and what it printed."""

    wall: float
    cpu: float
    peak_mb: float
    text: str


def cost(*arguments: str) -> Cost:
    """Run Python with these arguments and return what it took; raises where it fails."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        begin = time.perf_counter()
        process = subprocess.Popen([sys.executable, *arguments], stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(arguments)[:60]} ended with {process.returncode}")
        out.seek(0)
        return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3, out.read())


def main() -> None:
    """Print the table."""
    print(f"{os.cpu_count()} processors")
    best = min((cost("-m", "kaname.cli", "--help") for _ in range(5)), key=lambda one: one.wall)
    print(f"kaname --help: {best.wall:.2f} s wall, {best.cpu:.2f} s CPU, {best.peak_mb:.0f} MB (best of 5)")
    for line in cost("-c", ENGINE).text.splitlines():
        record, wall, cpu, lanes, periods = line.split()
        print(
            f"engine, {int(periods)} weeks, {int(lanes):,} lanes, record {record}: "
            f"{float(wall):.3f} s wall, {float(cpu):.3f} s CPU (best of 5)"
        )
    with tempfile.TemporaryDirectory() as place:
        run = cost("-m", "kaname.cli", "run", "--json", "--quiet", "--out", str(Path(place) / "run"))
    manifest = json.loads(run.text)["manifest"]
    print(
        f"kaname run, {manifest['lanes']:,} lanes, {manifest['draws']} draws beside the single swings: "
        f"{run.wall:.1f} s wall, {run.cpu:.1f} s CPU, peak {run.peak_mb:.0f} MB"
    )


if __name__ == "__main__":
    main()
