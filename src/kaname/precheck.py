"""Scenarios checked against a network before a run: what they hold, and every fault at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kaname.baseline import Baseline, load_baseline
from kaname.study import Study, compile_all, load_study


def check_scenarios(path: str | Path) -> list[dict[str, Any]]:
    """Check scenario files against the schema and the default network; raises with all faults at once.

    Returns, per scenario, its id, how many parts of each kind it has, and how many lanes are held.
    """
    return check_study(load_study(path), load_baseline())


def check_study(study: Study, baseline: Baseline) -> list[dict[str, Any]]:
    """Check scenarios against a network, as `check_scenarios` does; raises with all faults at once."""
    rows = []
    for scenario, compiled in zip(study.scenarios, compile_all(study, baseline), strict=True):
        lanes = sum(h.direct_lanes + h.third_country_lanes + h.parent_lanes for h in compiled.hits)
        rows.append(
            {
                "scenario": scenario.id,
                "restrictions": len(scenario.restrictions),
                "closures": len(scenario.closures),
                "losses": len(scenario.losses),
                "surges": len(scenario.surges),
                "measures": len(scenario.measures),
                "lanes": lanes,
            }
        )
    return rows
