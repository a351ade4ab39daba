"""Seconds of the search for a portfolio: `python benchmarks/portfolio.py [DRAWS ...]`, by default 1 and 50.

The reference instance: a full stop to Japan (flagship, case 3), 52 weeks in periods of four, the whole cone,
all measures of `examples/measures`, a budget of a billion dollars, two threads. The limit it is held against
is solving each draw once from nothing, which no search can leave out; the gap is a share of the gain.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np

from kaname.baseline import load_baseline
from kaname.respond.instance import grid, instance_of
from kaname.respond.portfolio import Search
from kaname.respond.prepare import prepare
from kaname.scenario import files
from kaname.terms.executor import Threads

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
BUDGET_KUSD, WEEKS, SEED = 1e6, 52, 20260106


def main(counts: list[int]) -> None:
    scenario = files.load(EXAMPLES / "flagship" / "3-full-stop-japan.yaml")
    scenario = scenario.model_copy(update={"weeks": WEEKS})
    measures = files.load_measures(EXAMPLES / "measures")
    build = load_baseline().build
    for draws in counts:
        start, cpu = time.perf_counter(), time.process_time()
        prepared = prepare(build, scenario, measures, draws, SEED)
        instance = instance_of(prepared.cone, prepared.markets, grid(scenario.periods, scenario.period_days))
        costs = np.array([cost.central_kusd for cost in prepared.costs])
        divisible = [measure.divisible for measure in prepared.measures]
        rows = list(range(1, draws + 1))
        ready = time.perf_counter()
        search = Search(instance, costs, divisible, executor=Threads(2), rows=rows)
        opened = time.perf_counter()
        found = search.find(BUDGET_KUSD)
        wall, spent = time.perf_counter() - start, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{draws} draws, {instance.lanes} lanes ({len(instance.groups.lane_flow)} reached), "
            f"{len(costs)} measures, {instance.grid.count} periods: {wall:.1f} s wall, {spent:.1f} s CPU, "
            f"{peak:.0f} MiB"
        )
        print(
            f"  arrays {ready - start:.1f} s, each draw once from nothing {opened - ready:.1f} s, cuts "
            f"{wall - (opened - start):.1f} s in {found.rounds} rounds; {found.status}, gap {found.gap:.2%} "
            "of the gain"
        )


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1, 50])
