"""The verbs on scenario files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kaname.cli.printing import Json

scenario_app = typer.Typer(help="Scenario files.", no_args_is_help=True)


@scenario_app.command("check")
def scenario_check(
    path: Annotated[Path, typer.Argument(help="A scenario file or a folder of them.")],
    as_json: Json = False,
) -> None:
    """Check scenario files against the schema and the default network, all faults at once."""
    from kaname.precheck import check_scenarios  # noqa: PLC0415

    rows = check_scenarios(path)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        kinds = {
            "restriction": "restrictions",
            "closure": "closures",
            "capacity loss": "losses",
            "surge": "surges",
            "measure": "measures",
        }
        parts = [_count(row[key], word) for word, key in kinds.items() if row[key]]
        print(f"{row['scenario']}: {' and '.join(parts)}; {row['lanes']} lanes held")


def _count(number: int, word: str) -> str:
    plural = word if number == 1 else f"{word}es" if word.endswith("s") else f"{word}s"
    return f"{number} {plural}"


@scenario_app.command("schema")
def scenario_schema() -> None:
    """Print the JSON Schema of scenario files."""
    from kaname.scenario.files import json_schema  # noqa: PLC0415

    print(json.dumps(json_schema(), ensure_ascii=False, indent=1))
