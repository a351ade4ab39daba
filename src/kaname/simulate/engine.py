"""Every draw of a shock on a network: the compiled phases, given to threads.

Each draw runs alone in one compiled loop that releases the interpreter lock (`phases.run`), so a batch equals
its members one by one, bit for bit, whatever the number of threads.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kaname.network.network import Network
from kaname.scenario.shock import Shock
from kaname.simulate.arrays import book_of, drawn_of, fixed_of, start_of
from kaname.simulate.check import check
from kaname.simulate.outcome import Outcome, Record, Watch, empty, label, watched


def simulate(
    network: Network,
    shock: Shock,
    record: Record = "summary",
    watch: Watch | None = None,
    threads: int = 2,
) -> Outcome:
    """Simulate every draw of a shock on a network (rules M1-M11, R1-R4).

    `record="full"` keeps stocks and every lane, which `why` needs (32 bytes per draw, period and lane, and
    88 per consumer); `summary` keeps use, shortfall and output only, and with a `watch` only those of its
    members. Amounts are tonnes (or index points) per period. `threads` shares draws among threads; neither
    it nor the watch changes a number. Raises InputError where the shock does not fit the network, a value is
    out of range, the base state is out of balance, or the watch names what is not there.
    """
    from kaname.simulate import phases  # noqa: PLC0415 - loads what is compiled, once

    check(network, shock)
    watch = watched(network, record, watch)
    arrays = empty(network, shock, record, watch)
    fixed = fixed_of(network, shock, watch)

    def run(draw: int) -> None:
        phases.run(fixed, drawn_of(shock, draw), start_of(fixed, shock, draw), book_of(arrays, draw))

    for name in ("lane_arrived",) if record == "full" else ():
        for lag in np.unique(network.lane_lag):
            lanes = np.flatnonzero(network.lane_lag == lag)
            arrays[name][:, :lag, lanes] = network.lane_flow[lanes]
    if shock.draws == 1 or threads <= 1:
        for draw in range(shock.draws):
            run(draw)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, range(shock.draws)))
    return label(network, shock, record, arrays, watch)
