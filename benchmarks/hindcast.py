"""Wall and CPU seconds of a hindcast and of its parts: `python benchmarks/hindcast.py`.

The calibration episode with the draws of the command; reading and building apart from simulating. The unit of
work is a lane in a period of a draw; the engine alone on the same lanes stands beside it.
"""

from __future__ import annotations

import time

from kaname.hindcast.baseyear import build_base
from kaname.hindcast.episode import load_episode
from kaname.hindcast.predict import assumptions, scenario_of
from kaname.hindcast.run import CALIBRATED_ON, DRAWS, SEED, hindcast
from kaname.scenario.compile import compile_shock
from kaname.scenario.draws import draw_table
from kaname.simulate.engine import simulate


def main() -> None:
    hindcast(CALIBRATED_ON, draws=2)  # compiles, and fills the caches of files
    start, cpu = time.perf_counter(), time.process_time()
    found = hindcast(CALIBRATED_ON)
    wall, spent = time.perf_counter() - start, time.process_time() - cpu
    episode = load_episode(CALIBRATED_ON)
    began = time.process_time()
    build = build_base(episode)
    built = time.process_time() - began
    scenario = scenario_of(episode, build.network, assumptions())
    table = draw_table(scenario, DRAWS, SEED, one_at_a_time=False)
    shock = compile_shock(build.network, scenario, table, build.ranges, build.lane_routes).shock
    began = time.process_time()
    simulate(build.network, shock)
    alone = time.process_time() - began
    work = shock.draws * shock.periods * build.network.n_lanes
    print(f"{found.episode.id}: {shock.draws} draws x {shock.periods} weeks x {build.network.n_lanes} lanes")
    print(f"whole: {wall:.1f} s wall, {spent:.1f} s CPU, {1e9 * spent / work:.0f} ns per lane, week and draw")
    print(f"network from trade: {built:.2f} s CPU")
    each = f"{1e9 * alone / work:.1f} ns; ratio {spent / alone:.1f}"
    print(f"engine alone, summary record: {alone:.2f} s CPU, {each}")


if __name__ == "__main__":
    main()
