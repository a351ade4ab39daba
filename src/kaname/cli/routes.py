"""The verb routes."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kaname.cli.printing import Csv, Json, show
from kaname.terms.errors import InputError, Problem

SHOWN = 25  # rows of a table on a terminal

Through = Annotated[str | None, typer.Option("--through", help="A passage: its id or one of its names.")]
Product = Annotated[str | None, typer.Option("--product", help="With --through: only this product id.")]
From = Annotated[str | None, typer.Option("--from", help="The exporting country (code or name).")]
To = Annotated[str | None, typer.Option("--to", "--market", help="The importing country (code or name).")]


def routes(
    through: Through = None,
    product: Product = None,
    exporter: From = None,
    importer: To = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show which trade hangs on a sea passage, all passages, or the ways between two countries."""
    if through is not None:
        _through(through, product, exporter, importer, as_json, as_csv)
    elif product is not None:
        raise InputError(Problem("--product needs --through", "--product", product, "--through PASSAGE"))
    elif exporter is not None and importer is not None:
        _ways(exporter, importer, as_json, as_csv)
    elif exporter is not None or importer is not None:
        got, expected = "one of them", "both, or --through PASSAGE beside one"
        raise InputError(Problem("--from and --to go together", "--from, --to", got, expected))
    else:
        _all(as_json, as_csv)


def _through(
    through: str,
    product: str | None,
    exporter: str | None,
    importer: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    from kaname.passages import routes as find  # noqa: PLC0415

    found = find(through, product, exporter, importer)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=1))
        return
    if not as_csv:
        print(found.sentence)
        print(f"Lanes that carry nothing today but could, and would go there: {found.latent_lanes:,}.\n")
    names = {
        "name": "what",
        "exporter": "from",
        "importer": "to",
        "flow_t": "t/y",
        "value_kusd": "kUSD/y",
        "inflow_share": "of inflow",
        "transit_days": "days",
        "detour_days": "closed, +d",
        "world_share": "of world",
        "stranded": "no way",
        "basis": "basis",
        "product": "product",
    }
    rows = [row.as_dict() for row in found.rows]
    show(rows if as_csv else rows[:SHOWN], names, f"Trade through the {found.name}", False, as_csv)
    if not as_csv and len(rows) > SHOWN:
        print(
            f"{len(rows) - SHOWN:,} more rows: --csv and --json have all, --to, --from and --product fewer."
        )


def _ways(exporter: str, importer: str, as_json: bool, as_csv: bool) -> None:
    from kaname.passages import ways  # noqa: PLC0415

    rows = [row.as_dict() for row in ways(exporter, importer)]
    if as_json or as_csv:
        if as_csv:
            for row in rows:
                row["closures"] = [f"{name} {_plus(days)}" for name, days in row["closures"]]
        show(rows, {"cargo": "cargo"}, "", as_json, as_csv)
        return
    for row in rows:
        far = f", {row['sea_km']:,.0f} km" if row["sea_km"] is not None else ""
        lag = f"{row['lag_periods']} period{'' if row['lag_periods'] == 1 else 's'}"
        print(f"{row['cargo']}: {row['mode']}, {row['transit_days']:.0f} days ({lag}){far}")
        if row["closures"]:
            shut = ", ".join(f"{name} ({_plus(days)})" for name, days in row["closures"])
            print(f"  through, and if that is closed: {shut}")
        if row["products"]:
            print(f"  {', '.join(row['products'])}")


def _plus(days: float | None) -> str:
    return "no way round" if days is None else f"+{days:.1f} days"


def _all(as_json: bool, as_csv: bool) -> None:
    from kaname.passages import passages  # noqa: PLC0415

    rows = [row.as_dict() for row in passages()]
    if not as_json and not as_csv:
        first = sorted(rows, key=lambda row: -row["value_share"])[:3]
        told = ", ".join(f"the {row['name']} ({row['value_share']:.0%})" for row in first)
        print(f"Of the trade between countries in this network most goes by {told}, by value.\n")
        for row in rows:
            row |= {"value": row["value_kusd"] / 1e6, "stranded": row["stranded_kusd"] / 1e6}
    names = {
        "passage": "passage",
        "value": "bn USD/y",
        "value_share": "share",
        "detour_days": "closed,+d",
        "stranded": "no way,bn",
        "lanes": "lanes",
        "products": "goods",
        "importers": "to",
        "latent_lanes": "latent lanes",
        "name": "name",
    }
    show(rows, names, "Sea passages: what usually goes through, and what a closure adds", as_json, as_csv)
