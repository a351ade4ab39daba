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
    from kaname import study as studies  # noqa: PLC0415

    rows = studies.check_scenarios(path)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        plural = "" if row["restrictions"] == 1 else "s"
        print(f"{row['scenario']}: {row['lanes']} lanes held by {row['restrictions']} restriction{plural}")


@scenario_app.command("schema")
def scenario_schema() -> None:
    """Print the JSON Schema of scenario files."""
    from kaname.scenario.files import json_schema  # noqa: PLC0415

    print(json.dumps(json_schema(), ensure_ascii=False, indent=1))
