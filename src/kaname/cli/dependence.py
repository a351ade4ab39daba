"""The verb exposure: of a market, or of a company's own purchases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kaname.cli.datasets import Decimal, Encoding, OnFault, root_of
from kaname.cli.printing import Csv, Json, show
from kaname.terms.errors import InputError, Problem

_COMPANY_COLUMNS = {
    "item": "item",
    "dependent_share": "depends",
    "direct_share": "direct",
    "second_tier_share": "2nd tier",
    "unknown_share": "unknown",
    "days_left": "lasts, d",
    "lead_time_days": "lead, d",
    "single_source": "single",
    "stock_days": "stock, d",
    "spare_capacity_t": "spare, t/y",
    "products": "product",
}


def exposure(  # noqa: PLR0913 - one parameter per option
    market: Annotated[
        str | None, typer.Argument(help="Country (ISO 3166 alpha-3 or name) that imports.")
    ] = None,
    *,
    to: Annotated[str, typer.Option("--to", help="Country that it may depend on.")],
    product: Annotated[
        str | None, typer.Option("--product", help="A product id or an HS code (edition 1992).")
    ] = None,
    year: Annotated[int, typer.Option("--year", help="Year of the trade data.")] = 2024,
    data: Annotated[
        Path | None, typer.Option("--data", help="A folder that kaname data import wrote, with your trade.")
    ] = None,
    bom: Annotated[
        Path | None, typer.Option("--bom", help="A company's bill of materials: CSV or XLSX.")
    ] = None,
    suppliers: Annotated[
        Path | None, typer.Option("--suppliers", help="Its supplier list: CSV or XLSX.")
    ] = None,
    home: Annotated[
        str | None, typer.Option("--market", help="With --bom: the country in which the company works.")
    ] = None,
    on_fault: OnFault = "refuse",
    encoding: Encoding = "",
    decimal: Decimal = "auto",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show how far a market, or with --bom a company, depends on another country."""
    place = home or market
    if place is None:
        fix = "For instance kaname exposure JPN --to CHN, or --market JPN with --bom"
        where = "--market" if bom else "MARKET"
        raise InputError(Problem("nothing says which market depends", where, "nothing", "a country", fix))
    if bom is not None:
        settings = {"on_fault": on_fault, "encoding": encoding, "decimal": decimal}
        _company(bom, suppliers, place, to, data, settings, as_json=as_json, as_csv=as_csv)
        return
    if suppliers is not None:
        raise InputError(
            Problem("a supplier list needs a bill of materials", "--suppliers", fix="Give --bom")
        )
    _market(place, to, product, year, data, as_json=as_json, as_csv=as_csv)


def _market(
    market: str, to: str, product: str | None, year: int, data: Path | None, *, as_json: bool, as_csv: bool
) -> None:
    """Show a market's exposure."""
    from kaname.exposure import exposure as find  # noqa: PLC0415

    root = root_of(data)
    rows = [row.as_dict() for row in find(market, to, product, year, root=root)]
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


def _company(
    bom: Path,
    suppliers: Path | None,
    market: str,
    to: str,
    data: Path | None,
    settings: dict[str, str],
    *,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Show a company's exposure: the sentence, the table, and what the checker found."""
    from kaname.company import company_exposure  # noqa: PLC0415

    baseline = None
    if data is not None:
        from kaname.data.sources.imports import data_root  # noqa: PLC0415
        from kaname.exposure import baseline_for  # noqa: PLC0415

        baseline = baseline_for(data_root(data))[0]
    found = company_exposure(bom, to, market, suppliers, baseline, **settings)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=1, allow_nan=False))
        return
    rows = [row.as_dict() for row in found.rows]
    if as_csv:
        show(rows, _COMPANY_COLUMNS, "", False, True)
        return
    print(found.sentence + "\n")
    title = (
        f"{found.market} to {found.to}: shares of the company's purchases; days until the stock is used up"
    )
    shown = [{**row, "products": ", ".join(row["products"]) or "no product"} for row in rows]
    show(shown, _COMPANY_COLUMNS, title, False, False)
    for row in found.rows:
        if row.flags:
            print(f"{row.item}: {'; '.join(row.flags)}")
    for finding in found.findings:
        print(f"{finding.sentence}: {finding.count:,} ({finding.remedy})")
