"""The verbs on the network."""

from __future__ import annotations

import json

import typer

from kaname.cli.printing import Json

network_app = typer.Typer(help="The network of suppliers, users and lanes.", no_args_is_help=True)


@network_app.command("stats")
def network_stats(as_json: Json = False) -> None:
    """Count what the default network holds, and say what the builder did to the sources."""
    from kaname import baseline  # noqa: PLC0415

    found = baseline.network_stats()
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for name, value in found.items():
        title = name.replace("_", " ")
        if isinstance(value, list):
            print(f"{title}:")
            for item in value:
                print(f"  {item}")
        else:
            print(f"{title}: {value}")
