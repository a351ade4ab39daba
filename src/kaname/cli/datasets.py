"""The verbs on the data."""

from __future__ import annotations

import json

import typer

from kaname.cli.printing import Csv, Json, show

data_app = typer.Typer(help="The embedded data.", no_args_is_help=True)


@data_app.command("list")
def data_list(as_json: Json = False, as_csv: Csv = False) -> None:
    """List the trade codes and the sources with their years, editions and licences."""
    from kaname.data import store  # noqa: PLC0415

    codes = store.hs_products().to_pylist()
    sources = [
        {key: record[key] for key in ("title", "publisher", "edition", "licence", "date")}
        for record in store.sources()
    ]
    if as_json:
        print(json.dumps({"codes": codes, "sources": sources}, ensure_ascii=False, indent=1))
        return
    columns = {
        "hs": "HS 1992",
        "group": "group",
        "first_year": "from",
        "last_year": "to",
        "rows": "rows",
        "description": "what",
    }
    show(codes, columns, "Trade codes", False, as_csv)
    if not as_csv:
        names = {"title": "source", "publisher": "publisher", "licence": "licence", "date": "date"}
        show(sources, names, "Sources", False, False)
