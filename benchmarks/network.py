"""Seconds of reading the tables and of each step of the build: `python benchmarks/network.py`.

Prints the lane count beside the figures; it changes with the data and is never asserted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kaname.baseline import load_sources
from kaname.network import build

STEPS = (
    "product_flows",
    "trim",
    "estimated_flows",
    "reconcile",
    "add_chain",
    "add_segments",
    "add_industries",
    "add_latent_lanes",
    "freeze",
    "lane_routes",
)


def timed(spent: dict[str, float], name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that does the same and adds its wall seconds to `spent`."""

    def step(*args: Any, **more: Any) -> Any:
        start = time.perf_counter()
        try:
            return work(*args, **more)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - start

    return step


def build_by_step(sources: Any, solver: str) -> tuple[build.NetworkBuild, dict[str, float]]:
    """Build a network and return the wall seconds of its steps, and of all together under `whole`."""
    spent: dict[str, float] = {}
    plain = {name: getattr(build, name) for name in STEPS}
    try:
        for name, work in plain.items():
            setattr(build, name, timed(spent, name, work))
        found = timed(spent, "whole", build.build_network)(sources, solver=solver)
    finally:
        for name, work in plain.items():
            setattr(build, name, work)
    return found, spent


def main() -> None:
    """Print the table."""
    spent: dict[str, float] = {}
    sources, screen = timed(spent, "load", load_sources)()
    print(f"load_sources: {spent['load']:.2f} s, {screen.rows.num_rows:,} rows of trade")
    for solver in ("qp", "lp"):
        build.build_network(sources, solver=solver)  # import of the solver
        best = min((build_by_step(sources, solver) for _ in range(3)), key=lambda pair: pair[1]["whole"])
        found, seconds = best
        network = found.network
        lanes = f"{network.n_lanes:,} lanes ({found.report.latent_lanes:,} latent)"
        print(f"\n{solver}: {seconds['whole']:.3f} s, {lanes}, {network.n_suppliers:,} suppliers")
        for name in STEPS:
            print(f"  {name.lstrip('_'):18s} {seconds[name]:6.3f} s")


if __name__ == "__main__":
    main()
