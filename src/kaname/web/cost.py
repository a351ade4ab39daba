"""What a run will take, told before it is begun: CPU seconds and memory, as a range.

A case costs something by itself (compiling, the central draw with every lane recorded, its part of the
report) and something for each draw, week and lane. The bounds below enclose what nine runs took on two cores
on 27 November 2026 (`docs/web.md`); a slower machine takes longer. Memory grows with the weeks, not with the
draws, which are simulated in chunks.
"""

from __future__ import annotations

from dataclasses import dataclass

from kaname.study import CHUNK, Study, expand

LANES = 96_709
"""Lanes of the network that the bounds were measured on."""
FIRST_S = 6.0
"""To build the network, at the first run of a worker."""
CASE_S = (3.0, 12.0)
WEEK_S = (0.02, 0.04)
DRAW_WEEK_S = (0.0007, 0.0012)
MEMORY_MB = 500.0
WEEK_MB = 9.7
SPREAD = (0.7, 1.2)


@dataclass(frozen=True)
class Cost:
    """About what a run takes: its cases, draws in all and weeks; low and high of seconds and megabytes."""

    cases: int
    draws: int
    weeks: int
    cpu_s: tuple[float, float]
    memory_mb: tuple[float, float]


def cost_of(study: Study, lanes: int = LANES) -> Cost:
    """Return what a study will take on a network of so many lanes."""
    size = lanes / LANES
    low, high, draws, weeks = 0.0, FIRST_S, 0, 0
    cases = expand(study.scenarios)
    for _, _, scenario in cases:
        moved = sum(not one.fixed for one in scenario.ranges().values())
        members = 1 + 2 * moved + study.draws
        low += CASE_S[0] + size * scenario.weeks * (WEEK_S[0] + DRAW_WEEK_S[0] * members)
        high += CASE_S[1] + size * scenario.weeks * (WEEK_S[1] + DRAW_WEEK_S[1] * members)
        draws, weeks = draws + members, max(weeks, scenario.weeks)
    memory = MEMORY_MB + WEEK_MB * size * weeks * min(draws, CHUNK) / CHUNK
    return Cost(len(cases), draws, weeks, (low, high), (SPREAD[0] * memory, SPREAD[1] * memory))
