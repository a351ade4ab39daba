"""The verb exposure."""

from __future__ import annotations

from typing import Annotated

import typer

from kaname.cli.printing import Csv, Json, show


def exposure(
    market: Annotated[str, typer.Argument(help="Country (ISO 3166 alpha-3 or name) that imports.")],
    to: Annotated[str, typer.Option("--to", help="Country that it may depend on.")],
    product: Annotated[
        str | None, typer.Option("--product", help="A product id or an HS code (edition 1992).")
    ] = None,
    year: Annotated[int, typer.Option("--year", help="Year of the trade data.")] = 2024,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show how far a market depends on another, product by product."""
    from kaname.exposure import exposure as find  # noqa: PLC0415

    rows = [row.as_dict() for row in find(market, to, product, year)]
    columns = {
        "name": "what",
        "hs": "HS",
        "import_share": "weight",
        "import_share_value": "value",
        "import_share_balanced": "balanced",
        "consumption_share": "of use",
        "hhi": "HHI",
        "imputed": "imputed",
        "cover_days": "cover, d",
        "spare_capacity_t": "spare, t/y",
        "basis": "basis",
        "product": "product",
    }
    title = (
        f"{market} to {to}, {year}: share of imports by weight and value (raw), balanced; share of all use"
    )
    show(rows, columns, title, as_json, as_csv)
