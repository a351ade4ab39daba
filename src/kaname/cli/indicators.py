"""The verb indicators: concentration, reliance, cover, dependence and supply risk, of all or of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from kaname.cli.printing import Csv, Json, show
from kaname.terms.errors import InputError, Problem

EU = "eu-supply-risk"
SHOWN = 40  # rows of the table
_PLACE = {"country": "country", "product": "what", "year": "year"}
MAIN: Mapping[str, tuple[str, str]] = {
    "hhi": ("hhi_weight", "concentration of suppliers by weight (HHI)"),
    "dependence": ("share_weight", "share of imports by weight"),
    "import-reliance": ("import_reliance", "net imports over apparent use"),
    "cover": ("cover_days", "days that stocks last"),
    "geopolrisk": ("score", "GeoPolRisk score"),
    EU: ("sr", "EU supply risk"),
}
"""What a row is read for: the field, and its name in words."""
_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "hhi": _PLACE
    | {
        "hhi_weight": "HHI weight",
        "hhi_value": "HHI value",
        "suppliers": "suppliers",
        "largest_supplier": "largest",
        "largest_share": "its share",
        "import_t": "imports, t",
        "note": "note",
    },
    "dependence": _PLACE
    | {
        "partner": "partner",
        "share_weight": "weight",
        "share_value": "value",
        "import_t": "imports, t",
        "import_kusd": "kUSD",
        "missing": "missing",
    },
    "import-reliance": _PLACE
    | {
        "import_reliance": "reliance",
        "production_t": "made, t",
        "import_t": "imports, t",
        "export_t": "exports, t",
        "use_t": "use, t",
        "content": "counts",
        "basis": "basis",
        "missing": "missing",
    },
    "cover": _PLACE
    | {
        "cover_days": "days",
        "cover_low": "low",
        "cover_high": "high",
        "reserve_days": "reserve",
        "cover_t": "stock, t",
        "days_without_imports": "no imports",
        "missing": "missing",
    },
    "geopolrisk": _PLACE
    | {
        "score": "score",
        "hhi": "world HHI",
        "import_risk": "import risk",
        "price": "USD/kg",
        "factor": "kg Cu eq/kg",
        "import_t": "imports, t",
        "missing": "missing",
    },
    EU: {
        "material": "material",
        "stage": "stage",
        "sr": "SR",
        "sr_published": "published",
        "hhi_gs": "HHI world",
        "hhi_eu": "HHI EU",
        "ir_share": "reliance",
        "eol_rir_share": "recycled",
        "missing": "missing",
    },
}


def indicators(  # noqa: PLR0913 - one parameter per option
    name: Annotated[
        str,
        typer.Argument(help="hhi, dependence, import-reliance, cover, geopolrisk or eu-supply-risk."),
    ],
    *,
    country: Annotated[
        str | None, typer.Option("--country", help="One country, by alpha-3 code or name; default all.")
    ] = None,
    product: Annotated[
        str | None, typer.Option("--product", help="A raw material, a product id or an HS code (1992).")
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", help="One year; default all that the data hold.")
    ] = None,
    data: Annotated[
        str, typer.Option("--data", help="raw: as reported; screened: gross errors in weights corrected.")
    ] = "raw",
    production: Annotated[
        Path | None,
        typer.Option("--production", help="A folder that kaname data import wmd wrote: world production."),
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option("--inputs", help="eu-supply-risk: score the inputs of a CSV file.")
    ] = None,
    rate_taiwan: Annotated[
        bool,
        typer.Option("--rate-taiwan", help="geopolrisk: Taiwan's own governance, not .5 as published."),
    ] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Compute an indicator for every country, product and year, or for those you name."""
    if name == EU:
        rows = _eu(country, product, year, data, production, inputs)
    else:
        from kaname.criticality.ask import indicators as find  # noqa: PLC0415

        if inputs is not None:
            what, fix = f"{name} reads no file of inputs", "Leave the option out"
            raise InputError(Problem(what, "--inputs", str(inputs), EU, fix))
        found = find(name, country, product, year, data, production, rate_taiwan=rate_taiwan)
        rows = [row.as_dict() for row in found]
    if as_json or as_csv:
        show(rows, _COLUMNS[name], "", as_json, as_csv)
        return
    _tell(name, rows)


def _eu(
    country: str | None,
    product: str | None,
    year: int | None,
    data: str,
    production: Path | None,
    inputs: Path | None,
) -> list[dict[str, Any]]:
    """Return the rows of the EU's supply risk, of a file of inputs or of our own data."""
    from kaname.supply_risk import score_file, supply_risk  # noqa: PLC0415

    if production is not None:
        what, fix = f"{EU} uses no production", "Leave the option out"
        raise InputError(Problem(what, "--production", str(production), fix=fix))
    if inputs is None:
        return [row.as_dict() for row in supply_risk(country, product, year, data)]
    for option, given in (("--country", country), ("--product", product), ("--year", year)):
        if given is not None:
            fix = "Leave one of the two out: a file is scored whole"
            raise InputError(
                Problem(f"--inputs and {option} exclude each other", option, str(given), fix=fix)
            )
    return [row.as_dict() for row in score_file(inputs)]


def _tell(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print a sentence and the rows with the largest values, the missing ones last."""
    field, words = MAIN[name]
    known = sorted((row for row in rows if row[field] is not None), key=lambda row: -row[field])
    without = [row for row in rows if row[field] is None]
    print(_sentence(words, field, known, without) + "\n")
    shown = [*known, *without][:SHOWN]
    columns = {
        key: head
        for key, head in _COLUMNS[name].items()
        if key not in {"missing", "note"} or any(row.get(key) for row in shown)
    }
    title = f"{words}, the largest first" if len(rows) > 1 else words
    show([_legible(row) for row in shown], columns, title, False, False)
    if len(rows) > len(shown):
        print(f"{len(shown)} of {len(rows):,} rows; --csv and --json print all.")


def _sentence(
    words: str, field: str, known: Sequence[Mapping[str, Any]], without: Sequence[Mapping[str, Any]]
) -> str:
    """Return what the rows say in a sentence: the highest, how many are missing, and the main reason."""
    if not known and not without:
        return f"No row: nobody reported trade or production that {words} could be told of."
    said = ""
    if known:
        top = known[0]
        where = ", ".join(str(top[key]) for key in ("country", "product", "material", "year") if key in top)
        partner = f" from {top['partner']}" if "partner" in top else ""
        said = f"The highest {words} is {top[field]:,.3g}: {where}{partner}."
    if without:
        reasons = Counter(str(row["missing"]) for row in without)
        reason, count = reasons.most_common(1)[0]
        part = f" ({count:,}: {reason})" if len(reasons) > 1 else f": {reason}"
        verb = "is" if len(without) == 1 else "are"
        said += f" {len(without):,} of {len(known) + len(without):,} {verb} missing{part}."
    return said.strip()


def _legible(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row whose year is printed as one, not as an amount."""
    return {key: str(value) if key == "year" else value for key, value in row.items()}
