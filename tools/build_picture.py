"""Draw the picture of the README from a real run: what Japan's makers put out when China ships nothing.

    uv run python tools/build_picture.py

Simulates the case `3-full-stop-japan` of the flagship with the seed and the draws of `kaname run`, takes the
chart that the report shows for it, gives it a title that stands alone, and writes `docs/images/overview.svg`.
The SVG carries its own ground and both colour schemes, so it reads on light and dark pages. The id of the run
stands in it as a comment; tests/test_docs.py fails when scenario, data or version are others by now. Run it
again too when a change of the engine moves the lines.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from kaname.baseline import load_baseline
from kaname.data.folders import write_file
from kaname.report import cases
from kaname.report.charts import render
from kaname.report.chartspec import Marker
from kaname.study import examples_folder, load_study, run_id, simulate_case

CASE = "3-full-stop-japan"
CHART = "Output of makers, Japan"
MOST_LINES = 4
PICTURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "overview.svg"


def main() -> int:
    """Simulate the case, draw its chart and write the picture."""
    study = load_study(examples_folder() / "flagship" / f"{CASE}.yaml")
    scenario = study.scenarios[0]
    baseline = load_baseline()
    run = simulate_case(baseline, scenario, CASE, scenario.title, study.seed, study.draws)
    view = cases.view(baseline.build.network, run)
    spec = next(spec for spec in view.timelines if spec.title == CHART)
    lines = spec.lines[:MOST_LINES]  # in focus, the worst first
    day = f"{scenario.start.day} {scenario.start:%B %Y}"
    spec = dataclasses.replace(
        spec,
        title="If China ships no rare earths, gallium, germanium and the like: what Japan's makers put out",
        subtitle=f"{len(lines)} makers of the question, in % of normal, from {day}. Line: central case; "
        "band: 5 to 95 % of all draws",
        lines=lines,
        markers=(*spec.markers, Marker(spec.dates[0], "full stop")),
    )
    note = f"<!-- tools/build_picture.py from run {run_id(study)} -->"
    write_file(PICTURE, f"{render(spec)}\n{note}\n".encode())
    print(f"{PICTURE.name}: {PICTURE.stat().st_size} bytes; {view.sentence}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
