"""The verbs on the quality of the data: check, coverage, tables, balance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kaname.cli.datasets import root_of
from kaname.cli.printing import Csv, Json, show

if TYPE_CHECKING:
    from kaname.audit.balances import BalanceRow, LaneRow, ProductBalance
    from kaname.audit.coverage import Coverage
    from kaname.audit.findings import DataCheck

LISTED = 40  # findings of a kind on the terminal
LARGEST = 12  # changes of a balance on the terminal
MARKS = {"own": "c", "shared": "s", "none": "-"}


def check(
    year: Annotated[int, typer.Option("--year", help="Year of the trade data.")] = 2024,
    hs: Annotated[str | None, typer.Option("--hs", help="An HS code (edition 1992).")] = None,
    product: Annotated[str | None, typer.Option("--product", help="A product id.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="List the findings of one kind.")] = None,
    mirror: Annotated[
        Path | None,
        typer.Option("--mirror", help="Reports of both sides: a CSV file, or an imported folder."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="A folder that kaname data import wrote, with your trade.")
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Tell what is doubtful in the data of a year, and what was done about it."""
    from kaname.audit.check import check_data, of_kind  # noqa: PLC0415
    from kaname.audit.findings import Finding  # noqa: PLC0415

    root = root_of(data)
    found = of_kind(check_data(year, hs, product, mirror, root), kind)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=1, allow_nan=False))
    elif as_csv:
        names = {field.name: "" for field in fields(Finding)}
        show([finding.as_dict() for finding in found.findings], names, "", False, True)
    else:
        _print_check(found, kind)


def _print_check(found: DataCheck, kind: str | None) -> None:
    from kaname.audit.findings import KINDS  # noqa: PLC0415

    _say(found.headline)
    if kind is not None:
        shown = found.findings[:LISTED]
        done = {item.method for item in shown}
        if len(done) == 1:
            _say(f"What was done: {done.pop()}.")
            _table(["what"], [[item.sentence] for item in shown], wrap={0})
        else:
            _table(["what", "what was done"], [[item.sentence, item.method] for item in shown], wrap={0, 1})
        if len(found.findings) > LISTED:
            _say(f"{len(found.findings) - LISTED:,} more: --csv and --json have all.")
    else:
        rows = [
            [str(KINDS[name].trap), name, f"{count:,}", found.largest(name)[0].sentence]
            for name, count in found.counts.items()
        ]
        if rows:
            _table(["trap", "kind", "found", "the largest"], rows, right={0, 2}, wrap={3})
            _say("List one kind with --kind KIND; --csv and --json have all. Traps: docs/quality.md.")
    for note in found.notes:
        _say(note)


def coverage(
    year: Annotated[int, typer.Option("--year", help="Year of the output.")] = 2024,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show which materials are covered at which stages, how well, and what critical lists name beside."""
    from kaname.audit.coverage import data_coverage  # noqa: PLC0415

    found = data_coverage(year)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=1, allow_nan=False))
    elif as_csv:
        show([row.as_dict() for row in found.stages], {"element": ""}, "", False, True)
    else:
        _print_coverage(found)


_LIST = ("list", "materials", "covered", "in_groups", "two_stages_or_more", "stages")


def _print_coverage(found: Coverage) -> None:
    from kaname.audit.coverage import MATERIAL_STAGES  # noqa: PLC0415

    _say(found.headline)
    cells = {
        (row.element, row.stage): f"{row.grade[0].upper()}{row.makers}{MARKS[row.trade]}"
        for row in found.stages
    }
    used = [stage for stage in MATERIAL_STAGES if any(row.stage == stage for row in found.stages)]
    rows = [
        [element, *(cells.get((element, stage), "") for stage in used), *_totals(found, element)]
        for element in found.elements
    ]
    _table(["material", *used, "price", "uses", "stock"], rows, right=set(range(1, len(used) + 4)), wrap={0})
    _say(
        "A14s: most of the output is Assumed (Observed, Estimated, Missing), 14 countries make it, its trade"
        " code is shared (c: its own, -: none). price: stages with a cited price; uses: lines to a next stage"
        " or industry; stock: national reserves. --csv has every stage with shares by grade."
    )
    lists = [
        [*(str(row[name]) for name in _LIST), ", ".join(row["missing"]) or "none"] for row in found.by_list()
    ]
    head = ["list", "named", "covered", "in groups", "2+ stages", "stages", "missing"]
    _table(head, lists, right={1, 2, 3, 4, 5}, wrap={6})
    for item in found.listed:
        if item.state in ("missing", "partly"):
            _say(f"{item.list}, {item.material}: {item.why}.")
    if found.unlisted:
        _say(f"On none of the lists: {', '.join(found.unlisted)}.")


def _totals(found: Coverage, element: str) -> list[str]:
    rows = [row for row in found.stages if row.element == element]
    cited = sum(row.price == "reported" for row in rows)
    uses = sum(row.process_lines + row.use_lines for row in rows)
    reserves = sum(row.reserves for row in rows)
    return [f"{cited}/{len(rows)}", str(uses or "-"), str(reserves or "-")]


def tables(
    name: Annotated[
        str | None, typer.Argument(help="A table, to list its rows; without it all tables.")
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the tables of coefficients with their grades, or the rows of one, each with its source."""
    from kaname.audit.tables import own_tables, rows_of  # noqa: PLC0415
    from kaname.terms.contract import GRADES  # noqa: PLC0415

    if name is None:
        found = [asdict(table) for table in own_tables()]
        if as_json or as_csv:
            show(found, {"name": ""}, "", as_json, as_csv)
            return
        cells = [
            [row["name"], *(f"{row[key]:,}" for key in ("rows", *GRADES)), row["holds"]] for row in found
        ]
        heads = ["table", "rows", *(f"{grade[:3]}." for grade in GRADES), "what it holds"]
        _table(heads, cells, "Tables of coefficients, rows by grade", right=set(range(1, 6)), wrap={6})
        _say(f"Rows by grade: {', '.join(GRADES)}. List those of one table with its name.")
        return
    rows = rows_of(name)
    if as_json or as_csv:
        show(rows, {}, "", as_json, as_csv)
    else:
        _print_rows(name, rows)


def _print_rows(name: str, rows: Sequence[dict[str, Any]]) -> None:
    """Print what tells rows apart, the first figure, its grade and its source."""
    from kaname.data.contracts import OWN  # noqa: PLC0415

    contract = OWN[name]
    figures = (column.name for column in contract.columns if column.kind in {"number", "share"})
    first = next((figure for figure in figures if figure not in contract.key), None)
    source = next(one for one in contract.names if one.endswith("source"))  # products: that of the price
    heads = [*contract.key, *([first] if first else []), "grade", source]
    shown = [["-" if row[head] is None else str(row[head]) for head in heads] for row in rows[:LISTED]]
    _table(heads, shown, name, wrap={*range(len(contract.key)), len(heads) - 1})
    if len(rows) > LISTED:
        _say(f"{len(rows) - LISTED:,} more rows.")
    _say("--csv and --json have all rows and columns; docs/data.md tells each column.")


def balance(
    product: Annotated[str, typer.Argument(help="A product id, such as tungsten_ore.")],
    country: Annotated[
        str | None, typer.Option("--country", help="Country (ISO 3166 alpha-3 or name).")
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show supply and use of a product before and after the balance, the largest changes first."""
    from kaname.audit.balances import data_balance  # noqa: PLC0415

    found = data_balance(product, country)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=1, allow_nan=False))
    elif as_csv:
        show([row.as_dict() for row in found.rows], {"country": ""}, "", False, True)
    else:
        _print_balance(found)


def _print_balance(found: ProductBalance) -> None:
    from kaname.audit.balances import ITEMS  # noqa: PLC0415

    _say(found.headline)
    known = [row for row in found.rows if row.change_t is not None]
    rows, lanes = known[:LARGEST], found.lanes[:LARGEST]
    shown: list[BalanceRow | LaneRow] = [*rows, *lanes]
    scale, prefix = _scale(
        max((abs(t or 0.0) for row in shown for t in (row.before_t, row.after_t)), default=0.0)
    )
    told = [
        [row.country, ITEMS[row.item], *_amounts(row, scale),
         "-" if row.change_share is None else f"{row.change_share:+.0%}", row.confidence]
        for row in rows
    ]  # fmt: skip
    head = ["country", "item", "before", "after", "change", "of it", "held"]
    title = f"\nA year, in {prefix}{found.content}, largest changes first"
    _table(head, told, title, right={2, 3, 4, 5}, wrap={1})
    if lanes:
        told = [
            [
                f"{lane.exporter} to {lane.importer}",
                *_amounts(lane, scale),
                f"x {lane.factor:.2f}",
                lane.confidence,
            ]
            for lane in lanes
        ]
        _table(["lane", "before", "after", "change", "factor", "held"], told, "\nLanes", right={1, 2, 3, 4})
    more = max(0, len(known) - LARGEST) + max(0, len(found.lanes) - LARGEST)
    if more:
        _say(f"{more:,} more rows and lanes: --csv has all rows, --json the lanes too.")
    _say(
        "held: how firmly the balance kept a figure, by the grade of its source;"
        " left over and derived: no figure of its own."
    )
    _say("Stock changes are known for no country; they lie in final use.")
    _say(found.closing)


def _scale(largest: float) -> tuple[float, str]:
    """Return what to divide by so that a table fits a narrow terminal, and the word for it."""
    if largest < 1e6:
        return 1.0, ""
    return (1e3, "thousand ") if largest < 1e9 else (1e6, "million ")


def _amounts(row: BalanceRow | LaneRow, scale: float) -> list[str]:
    """Return before, after and change as cells."""
    found = []
    for value, form in ((row.before_t, ","), (row.after_t, ","), (row.change_t, "+,")):
        if value is None:
            found.append("-")
        else:
            found.append(f"{value / scale:{form}.{0 if abs(value / scale) >= 100.0 else 2}f}")
    return found


def _say(text: str) -> None:
    """Print a sentence, folded at the width of the terminal."""
    from rich.console import Console  # noqa: PLC0415

    Console(highlight=False, markup=False).print(text)


def _table(
    head: Sequence[str],
    rows: Sequence[Sequence[Any]],
    title: str = "",
    right: set[int] | frozenset[int] = frozenset(),
    wrap: set[int] | frozenset[int] = frozenset(),
) -> None:
    """Print a table: numbers to the right, long columns folded."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for place, name in enumerate(head):
        table.add_column(
            name,
            justify="right" if place in right else "left",
            no_wrap=place not in wrap,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)
