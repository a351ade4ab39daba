"""The verbs on the data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from kaname.cli.printing import Csv, Json, show

data_app = typer.Typer(help="The embedded data, and your own.", no_args_is_help=True)
KINDS = "baci, comtrade, usgs, wmd, bom or suppliers"

OnFault = Annotated[
    str, typer.Option("--on-fault", help="refuse: any fault stops. repair: mend or drop rows, and list all.")
]
Encoding = Annotated[str, typer.Option("--encoding", help="Of a CSV file; by default it is detected.")]
Decimal = Annotated[
    str, typer.Option("--decimal", help="How the file writes decimals: auto, point or comma.")
]


def root_of(folder: Path | None) -> Path | None:
    """Return the root of a data folder that the user gave, None for the embedded data."""
    if folder is None:
        return None
    from kaname.data.sources.imports import data_root  # noqa: PLC0415

    return data_root(folder)


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


@data_app.command("import")
def data_import(  # noqa: PLR0913, PLR0917 - one parameter per option
    kind: Annotated[str, typer.Argument(help=f"What the file is: {KINDS}.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="The file; for trade, one or more.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write, whole or not at all.")],
    on_fault: OnFault = "refuse",
    edition: Annotated[
        str, typer.Option("--edition", help="HS edition, such as HS92, where the file does not say it.")
    ] = "",
    hs: Annotated[
        list[str] | None,
        typer.Option("--hs", help="Chapter, heading or code to keep, repeatable; or all. Default: kaname's."),
    ] = None,
    side: Annotated[
        str, typer.Option("--side", help="Comtrade: whose reports become trade, imports or exports.")
    ] = "imports",
    encoding: Encoding = "",
    decimal: Decimal = "auto",
    sheet: Annotated[str, typer.Option("--sheet", help="Of an XLSX file; by default the best fit.")] = "",
    as_json: Json = False,
) -> None:
    """Check a file of your own and write it as a data folder with its provenance."""
    from kaname.data.sources.imports import Choices, import_data  # noqa: PLC0415

    choices = Choices(on_fault, edition, tuple(hs or ()), side, encoding, decimal, sheet)
    found = import_data(kind, files, out, choices)
    if as_json:
        print(json.dumps({**found, "folder": str(out)}, ensure_ascii=False, indent=1, allow_nan=False))
        return
    _tell(found, out)


@data_app.command("template")
def data_template(
    kind: Annotated[str, typer.Argument(help=f"What the file is to be: {KINDS}.")],
) -> None:
    """Print a CSV file of a kind: the header and two example rows."""
    from kaname.data.sources.layouts import template  # noqa: PLC0415

    print(template(kind), end="")


def _tell(found: dict[str, Any], out: Path) -> None:
    """Print what an import read, kept and changed, file by file."""
    print(f"{found['title']}: {found['rows_read']:,} rows read, {found['rows_kept']:,} kept")
    for file in found["files"]:
        size, digest = f"{file['bytes']:,} bytes", f"sha256 {file['sha256'][:12]}"
        how = (size, file["encoding"], file["separator"], file["sheet"], digest)
        print(f"{file['name']}: {', '.join(filter(None, how))}")
        for item in file["findings"]:
            column = f"column {item['column']}: " if item["column"] else ""
            print(f"  {item['remedy']}: {column}{item['what']} ({item['count']:,})")
    print(f"Written: {out}")
