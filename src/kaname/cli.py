"""The command line: one verb per public function, thin. Data on stdout, progress and errors on stderr.

Heavy rooms are imported inside the commands, so that `kaname --help` answers at once.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from kaname.terms.errors import KanameError

app = typer.Typer(
    name="kaname",
    help="Who is hit by an export restriction on critical materials, what runs short, where, when and why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
network_app = typer.Typer(help="The network of suppliers, users and lanes.", no_args_is_help=True)
data_app = typer.Typer(help="The embedded data.", no_args_is_help=True)
scenario_app = typer.Typer(help="Scenario files.", no_args_is_help=True)
app.add_typer(network_app, name="network")
app.add_typer(data_app, name="data")
app.add_typer(scenario_app, name="scenario")

NARROW_COLUMNS = 8  # of a table on a terminal narrower than WIDE characters
WIDE = 120

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of tables.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]


def main() -> None:
    """Run the command line; errors of kaname become one message and an exit code (1, 2 or 3)."""
    if sys.stdout is None:  # closed by the caller: what is printed goes nowhere
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open until the end
    code: int | str | None = 0
    try:
        app()
    except SystemExit as stop:
        code = stop.code
    except KanameError as error:
        _tell(error, as_json="--json" in sys.argv)
        code = error.exit_code
    except OSError as error:
        code = _unwritten(error)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _unwritten(error)
    raise SystemExit(code)


def _unwritten(error: OSError) -> int:
    """Say why the output did not arrive, and drop what is left of it; a closed pipe is told by the code
    alone.
    """
    if not isinstance(error, BrokenPipeError):
        print(f"kaname: writing the output failed: {error.strerror or error}", file=sys.stderr)
    with contextlib.suppress(OSError, ValueError):  # stdout may be no file at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _tell(error: KanameError, *, as_json: bool) -> None:
    """Print an error: JSON on stdout where JSON was asked for, else sentences on stderr."""
    if as_json:
        print(json.dumps(error.as_dict(), ensure_ascii=False))
        return
    for problem in error.problems:
        print(f"kaname: {problem}", file=sys.stderr)


def _say(quiet: bool) -> Callable[[str], None]:
    return (lambda text: None) if quiet else (lambda text: print(f"kaname: {text} ...", file=sys.stderr))


@app.command()
def run(
    scenario: Annotated[
        Path | None, typer.Argument(help="A scenario file or a folder of them; without it the flagship.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Run folder; default runs/NAME-HASH.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the draws.")] = 20260106,
    draws: Annotated[
        int, typer.Option("--draws", min=0, help="Draws over all ranges at once, beside the single swings.")
    ] = 32,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate a scenario or a folder of cases, explain and report it."""
    from kaname import study as studies  # noqa: PLC0415

    study = studies.load_study(scenario, seed, draws)
    folder = out or Path("runs") / studies.run_id(study)
    result = studies.run_study(study, folder, say=_say(quiet))
    if as_json:
        print(json.dumps(result.as_dict(), ensure_ascii=False, indent=1, allow_nan=False))
        return
    from rich.console import Console  # noqa: PLC0415

    from kaname.report.terminal import print_brief  # noqa: PLC0415

    print_brief(result.model, Console(highlight=False))
    print(f"\nReport: {folder / 'report.html'}")


@app.command()
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
    _show(rows, columns, title, as_json, as_csv)


@app.command()
def why(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    market: Annotated[str, typer.Option("--market", help="Market id, such as JPN or JPN/defence.")],
    product: Annotated[str, typer.Option("--product", help="Product id, such as magnets.")],
    case: Annotated[str | None, typer.Option("--case", help="Id of the case; default: the last.")] = None,
    as_json: Json = False,
) -> None:
    """Trace the lost use of a product in a market back to its causes, with shares that add up."""
    from dataclasses import asdict  # noqa: PLC0415

    from kaname import rerun  # noqa: PLC0415

    title, tree = rerun.why(run_folder, market, product, case)
    if as_json:
        content = {"case": title, "causes": asdict(tree) if tree is not None else None}
        print(json.dumps(content, ensure_ascii=False, indent=1))
        return
    from rich.console import Console  # noqa: PLC0415

    from kaname.report.terminal import print_causes  # noqa: PLC0415

    print_causes(f"{title}: {product}, {market}", tree, Console(highlight=False))


@app.command()
def replay(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run a run folder again and compare all its tables."""
    from kaname import rerun  # noqa: PLC0415

    found = rerun.replay(run_folder, _say(quiet))
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    elif found["identical"]:
        print(f"{run_folder}: all tables agree (tolerance {found['tolerance']:g}).")
    else:
        print("\n".join(found["differences"]))
    if not found["identical"]:
        raise typer.Exit(1)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check the installation: versions, embedded data, extras, a writable folder."""
    from kaname import health  # noqa: PLC0415

    checks = health.examine()
    rows = [{"check": c.name, "ok": c.ok, "found": c.found, "fix": c.fix} for c in checks]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for check in checks:
            mark = "ok  " if check.ok else "FAIL"
            print(f"{mark} {check.name}: {check.found}" + (f". {check.fix}" if check.fix else ""))
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


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
    _show(codes, columns, "Trade codes", False, as_csv)
    if not as_csv:
        names = {"title": "source", "publisher": "publisher", "licence": "licence", "date": "date"}
        _show(sources, names, "Sources", False, False)


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


def _show(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], title: str, as_json: bool, as_csv: bool
) -> None:
    """Print rows as JSON, as CSV (all fields) or as a table (the named columns)."""
    if as_json:
        print(json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=1))
        return
    if as_csv:
        names = list(rows[0]) if rows else list(columns)
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([[_plain(row[name]) for name in names] for row in rows])
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console(highlight=False)
    shown = list(columns)[: NARROW_COLUMNS if console.width < WIDE else None]
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for i, name in enumerate(shown):
        table.add_column(columns[name], overflow="fold", no_wrap=0 < i < NARROW_COLUMNS)
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in shown))
    console.print(table)
    if len(shown) < len(columns):
        print("A wider terminal, --csv and --json show more columns.")


def _plain(value: Any) -> Any:
    return "; ".join(str(item) for item in value) if isinstance(value, tuple | list) else value


def _cell(value: Any) -> str:
    """Return a table cell: a dash for what is missing, shares with three decimals, large numbers whole."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) <= 1.0 else f"{value:,.0f}"
    return str(value)


if __name__ == "__main__":
    main()
