"""Plans in a folder: the search that one of them came from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kaname.report.search import RECORD, is_of, load_record
from kaname.scenario.scenario import Scenario


def search_in(folder: Path, scenarios: Sequence[Scenario]) -> Mapping[str, Any] | None:
    """Return the answer of `kaname respond` in a folder, if one of the scenarios holds its plan.

    Raises InputError where the file is none.
    """
    path = folder / RECORD
    if not any(scenario.measures for scenario in scenarios) or not path.is_file():
        return None
    content = path.read_bytes()
    record = load_record(content, str(path))
    if not any(is_of(record, scenario) for scenario in scenarios):
        return None
    found: Mapping[str, Any] = json.loads(content)
    return found
