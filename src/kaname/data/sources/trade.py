"""Trade files of any size: read by DuckDB in a stream, checked in SQL, written as a bundle of kaname.

Each source says in a `Plan` how its columns become year, exporter, importer, code, value and weight, and what
to check. Text stays text until it is parsed here, so that nothing is guessed by a reader of CSV. The working
database lies in the folder that the caller throws away, with a bound on its memory.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from kaname.data import store
from kaname.data.sources import numbers
from kaname.data.sources.findings import DROP, REPAIR, SHOWN, TELL, Example, Finding
from kaname.data.sources.layouts import Layout
from kaname.data.sources.reading import MOST_BLANK, TextFile

MEMORY = "500MB"
THREADS = 2
EARLIEST, LATEST = 1962, 2100
ISO_NUMBERS = {250: 251, 840: 842, 158: 490, 356: 699, 578: 579, 756: 757}
"""ISO 3166 numbers where BACI and UN Comtrade have one of their own (trap 6): what a file may hold by error.
"""


@dataclass(frozen=True)
class Check:
    """One check in SQL over the table `marked`: the condition of a fault, its old and its new text."""

    kind: str
    remedy: str
    column: str
    condition: str
    old: str
    new: str = "''"
    expected: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Plan:
    """How a source becomes trade rows.

    `typed` returns the select list over the raw text columns, given the SQL (value, repair, fault) of each
    number column; it must define year, exporter_number, importer_number, hs_text, edition, side, value_usd,
    quantity_kg and skip ('' or a kind of `TELL` finding), besides the raw text for the checks.
    """

    layout: Layout
    number_columns: tuple[str, ...]
    typed: Callable[[Mapping[str, tuple[str, str, str]]], str]
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Staged:
    """What became of one file: rows read, how it writes decimals, and all findings."""

    file: TextFile
    rows_read: int
    decimal: str
    findings: tuple[Finding, ...]
    gaps: tuple[int, ...]


HS_CHECKS = (
    Check("lost_zero", REPAIR, "{hs}", "good and asked and length(hs_digits) = 5", "raw_hs", "hs"),
    Check("hs_dots", REPAIR, "{hs}", "good and asked and regexp_matches(raw_hs, '[ .]')", "raw_hs", "hs"),
    Check(
        "bad_hs", DROP, "{hs}", "skip = '' and hs is null", "raw_hs",
        expected="six digits", fix="Format the column as text before saving",
    ),
)  # fmt: skip


def country_checks(number: str, column: str, fix: str) -> tuple[Check, ...]:
    """Return the checks of one of the two country columns; `number` is exporter or importer."""
    return (
        Check(
            "unknown_country", DROP, column, f"skip = '' and {number} is null", f"raw_{number}",
            expected="a number in BACI's list of countries", fix=fix,
        ),
        Check(
            "country_number", REPAIR, column, f"good and asked and {number} <> {number}_number",
            f"raw_{number}", f"{number}",
        ),
    )  # fmt: skip


def number_checks(column: str, most: float) -> tuple[Check, ...]:
    """Return the checks of a number column that is called `column` in the file; `most` is in its unit."""
    raw, repair, fault = f"raw_{column}", f"{column}_repair", f"{column}_fault"
    value = f"{column}_value"
    return (
        *(
            Check(kind, REPAIR, column, f"good and asked and {repair} = '{kind}'", raw, f"{value}::varchar")
            for kind in ("decimal_comma", "number_form")
        ),
        Check(
            "ambiguous_number", DROP, column, f"skip = '' and {fault} = 'ambiguous_number'", raw,
            expected="a number", fix="Say how the file writes decimals: --decimal comma or --decimal point",
        ),
        Check(
            "not_a_number", DROP, column, f"skip = '' and {fault} = 'not_a_number'", raw,
            expected="a number", fix="Correct the cell; leave a missing one empty",
        ),
        Check(
            "negative", DROP, column, f"skip = '' and {value} < 0", raw,
            expected="0 or more", fix="Correct the cell; leave a missing one empty",
        ),
        Check(
            "out_of_range", DROP, column, f"skip = '' and {value} > {most}", raw,
            expected=f"at most {most:,.0f}", fix="Check the unit and the decimal point",
        ),
    )  # fmt: skip


def open_work(work: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection to a database in the working folder, bounded in memory, without extensions."""
    connection = duckdb.connect(
        str(work / "work.duckdb"),
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": MEMORY,
            "threads": str(THREADS),
            "temp_directory": str(work / "spill"),
        },
    )
    connection.execute("set enable_progress_bar = false")  # standard output belongs to the data
    rows = [(row["code"], row["iso3"]) for row in store.countries().to_pylist()]
    codes = {code for code, _ in rows}
    names = dict(rows)
    rows += [(iso, names[own]) for iso, own in ISO_NUMBERS.items() if iso not in codes]
    own = {iso: number for iso, number in ISO_NUMBERS.items() if iso not in codes}
    _table(
        connection,
        "numbers",
        number=pa.array([number for number, _ in rows], pa.int32()),
        code=pa.array([own.get(number, number) for number, _ in rows], pa.int32()),
        iso3=pa.array([iso for _, iso in rows], pa.string()),
    )
    return connection


def ask_for(connection: duckdb.DuckDBPyConnection, hs: Sequence[str]) -> None:
    """Write down which codes are asked for: six digits, or fewer for all that begin so; empty for all."""
    _table(connection, "asked", prefix=pa.array(hs, pa.string()))


def _table(connection: duckdb.DuckDBPyConnection, name: str, **columns: pa.Array) -> None:
    """Write columns as a table of the working database."""
    connection.register("given", pa.table(columns))
    connection.execute(f"create table {name} as from given")
    connection.unregister("given")


def _scan(file: TextFile, rejects: bool) -> str:
    """Return the SQL of a file as text columns; the names of the layout, in its order; absent ones are ''."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(file.header)))
    path, separator = str(file.text).replace("'", "''"), file.separator.replace("\t", "\\t")
    how = "store_rejects = true, rejects_limit = 0" if rejects else "ignore_errors = true"
    return (
        f"read_csv('{path}', header = true, auto_detect = false, delim = '{separator}', quote = '\"',"
        f" escape = '\"', columns = {{{columns}}}, {how})"
    )


def stage(
    connection: duckdb.DuckDBPyConnection, file: TextFile, number: int, plan: Plan, decimal: str
) -> Staged:
    """Read one file into the table `marked` (rows asked for, and rows with faults), as file `number`."""
    cells = {
        name: f"trim(coalesce(c{file.columns[name]}, ''))" if name in file.columns else "''"
        for name in plan.layout.names
    }
    rows, how = _style(connection, file, plan, decimal, cells)
    parsed = {name: numbers.sql_parse(f"raw_{name}", how) for name in plan.number_columns}
    raw = ", ".join(f'{cell} as "raw_{name}"' for name, cell in cells.items())
    bad = " or ".join(
        f"({check.condition.format(hs='raw_hs')})" for check in plan.checks if check.remedy == DROP
    )
    code, iso3, asked = _lookups(connection)
    body = f"""
        with raw as (select row_number() over () as row, {raw} from {_scan(file, rejects=True)}),
        typed as (select row, {plan.typed(parsed)} from raw),
        coded as (select *, regexp_replace(raw_hs, '[ .]', '', 'g') as hs_digits from typed),
        named as (
            select {number} as file, c.*, {code("exporter")} as exporter, {code("importer")} as importer,
                {iso3("exporter")} as exporter_iso3, {iso3("importer")} as importer_iso3,
                case when regexp_full_match(hs_digits, '[0-9]{{6}}') then hs_digits
                     when regexp_full_match(hs_digits, '[0-9]{{5}}') then '0' || hs_digits end as hs
            from coded c),
        judged as (select *, skip = '' and not coalesce(({bad}), false) as good,
            coalesce({asked}, false) as asked from named)
        select * from judged where asked or not good
    """
    first = not connection.sql("select 1 from duckdb_tables() where table_name = 'marked'").fetchall()
    connection.execute(f"create table marked as {body}" if first else f"insert into marked {body}")
    gaps = _gaps(connection, file, number)
    findings = [*file.findings, *_rejected(connection, file), *_checked(connection, number, plan, gaps)]
    unasked = rows - connection.sql(f"select count(*) from marked where file = {number}").fetchall()[0][0]
    if unasked:
        findings.append(Finding("not_asked", TELL, unasked))
    connection.execute("drop table if exists reject_errors")
    connection.execute("drop table if exists reject_scans")
    return Staged(file, rows, how.decimal, tuple(findings), gaps)


def _lookups(connection: duckdb.DuckDBPyConnection) -> tuple[Callable[[str], str], Callable[[str], str], str]:
    """Return the SQL of a country's number and of its alpha-3 code, and of whether a code is asked for.

    Lists and constants instead of joins: a join may hold the whole file in memory, where the database
    takes the file for the smaller side.
    """
    known = {number: (own, iso) for number, own, iso in connection.sql("from numbers").fetchall()}
    span = range(max(known) + 1)
    codes = ", ".join(str(known[n][0]) if n in known else "null" for n in span)
    names = ", ".join(f"'{known[n][1]}'" if n in known else "null" for n in span)

    def found(items: str) -> Callable[[str], str]:
        return lambda side: (
            f"case when {side}_number between 0 and {len(span) - 1} then ([{items}])[{side}_number + 1] end"
        )

    prefixes = [code for (code,) in connection.sql("select prefix from asked").fetchall()]
    whole = ", ".join(f"'{code}'" for code in prefixes if len(code) == 6)
    parts = [f"starts_with(hs, '{code}')" for code in prefixes if len(code) < 6]
    parts += [f"list_contains([{whole}], hs)"] if whole else []
    return found(codes), found(names), f"({' or '.join(parts)})" if prefixes else "true"


def _style(
    connection: duckdb.DuckDBPyConnection, file: TextFile, plan: Plan, decimal: str, cells: Mapping[str, str]
) -> tuple[int, numbers.Style]:
    """Return the number of whole rows, and how the file writes numbers."""
    odd = " or ".join(
        f"contains({cells[n]}, ',') or {cells[n]} like '%.%.%' or {cells[n]} like '%，%'"
        for n in plan.number_columns
    )
    scan = _scan(file, rejects=False)
    rows, strange = connection.sql(f"select count(*), count_if({odd}) from {scan}").fetchall()[0]
    if decimal != "auto":
        return rows, numbers.style_of((), decimal)
    if not strange:
        return rows, numbers.Style()
    parts = [numbers.sql_counts(cells[name]) for name in plan.number_columns]
    sums = ", ".join(" + ".join(f"count_if({part[i]})" for part in parts) for i in range(3))
    commas, points, dots = connection.sql(f"select {sums} from {scan}").fetchall()[0]
    return rows, numbers.style(commas, points, dots)


def _rejected(connection: duckdb.DuckDBPyConnection, file: TextFile) -> list[Finding]:
    """Return the rows that have another number of cells than the header, or are no CSV."""
    count, lines = connection.sql("select count(*), count(distinct line) from reject_errors").fetchall()[0]
    if not count:
        return []
    shown = connection.sql(f"select line, csv_line from reject_errors order by line limit {SHOWN}").fetchall()
    examples = tuple(Example(line - 1, text.strip()[:120]) for line, text in shown)
    expected = f"{len(file.header)} cells"
    fix = "Quote cells that hold the separator, and close quotation marks"
    return [Finding("cell_count", DROP, lines, "", examples, expected, fix)]


def _gaps(connection: duckdb.DuckDBPyConnection, file: TextFile, number: int) -> tuple[int, ...]:
    """Return the numbers of the rows that DuckDB did not count: rejected ones and empty lines, ascending.

    The table `gaps` holds the same as thresholds: from this counted row on, so many rows come before.
    """
    lines = connection.sql(
        f"select distinct line from reject_errors order by line limit {MOST_BLANK}"
    ).fetchall()
    gaps = sorted({line - 1 for (line,) in lines} | {line - 1 for line in file.blank_lines if line > 1})
    connection.execute("create table if not exists gaps (file integer, threshold bigint, shift bigint)")
    if gaps:
        table = pa.table({"place": gaps})
        connection.register("places", table)
        connection.execute(f"""insert into gaps select {number}, place - rank + 1, rank
            from (select place, row_number() over (order by place) as rank from places)""")
        connection.unregister("places")
    return tuple(gaps)


def _checked(
    connection: duckdb.DuckDBPyConnection, number: int, plan: Plan, gaps: Sequence[int]
) -> list[Finding]:
    """Return the findings of all checks in one file."""
    found = []
    for check in plan.checks:
        where = f"file = {number} and ({check.condition})"
        count = connection.sql(f"select count(*) from marked where {where}").fetchall()[0][0]
        if count:
            shown = connection.sql(
                f"select row, {check.old}, {check.new} from marked where {where} order by row limit {SHOWN}"
            ).fetchall()
            examples = tuple(
                Example(true_row(row, gaps), str(old), "" if new is None else str(new))
                for row, old, new in shown
            )
            found.append(
                Finding(check.kind, check.remedy, count, check.column, examples, check.expected, check.fix)
            )
    return found


def true_row(row: int, gaps: Sequence[int]) -> int:
    """Return the number of a row in the file from its number among the counted rows; `gaps` is sorted."""
    shift = 0
    while (further := bisect_right(gaps, row + shift)) != shift:
        shift = further
    return row + shift


def find_duplicates(
    connection: duckdb.DuckDBPyConnection, staged: Sequence[Staged]
) -> list[tuple[int, Finding]]:
    """Take out rows that stand twice among the good rows asked for; return (file number, finding).

    Of identical rows the first is kept. Rows with one key and different figures are all dropped: nobody can
    tell which one is right. The table `kept` holds what is left.
    """
    key = "year, exporter, importer, hs, edition, side"
    connection.execute(f"""
        create table twice as select {key}, min(file * 1000000000000 + row) as first_place,
            count(distinct value_usd::varchar || '|' || coalesce(quantity_kg::varchar, '')) as versions
        from marked where good and asked group by {key} having count(*) > 1""")
    connection.execute(f"""
        create table copies as select m.file, m.row, t.versions,
            file * 1000000000000 + row = t.first_place as is_first,
            concat_ws(' ', m.year, m.exporter_iso3, m.importer_iso3, m.hs, m.value_usd, m.quantity_kg) as said
        from marked m join twice t using ({key}) where m.good and m.asked""")
    connection.execute("""
        create table kept as select * from marked m where good and asked and not exists (
            select 1 from copies c where c.file = m.file and c.row = m.row
                and (c.versions > 1 or not c.is_first))""")
    found = []
    for kind, remedy, where in (
        ("duplicate", REPAIR, "versions = 1 and not is_first"),
        ("duplicate_conflict", DROP, "versions > 1"),
    ):
        for file, count in connection.sql(
            f"select file, count(*) from copies where {where} group by file order by file"
        ).fetchall():
            shown = connection.sql(
                f"select row, said from copies where file = {file} and {where} order by row limit {SHOWN}"
            ).fetchall()
            examples = tuple(Example(true_row(row, staged[file].gaps), said) for row, said in shown)
            fix = "Keep one of the rows" if remedy == DROP else "Remove the copy"
            found.append((file, Finding(kind, remedy, count, "", examples, "one row per lane and year", fix)))
    return found


def write_changes(connection: duckdb.DuckDBPyConnection, plan: Plan, path: Path) -> int:
    """Write every repair and dropped row with old and new text; return how many there are."""
    parts = [
        f"select file, row, '{check.column}' as \"column\", '{check.kind}' as kind,"
        f" '{check.remedy}' as remedy, ({check.old})::varchar as old,"
        f" ({check.new})::varchar as new from marked where {check.condition}"
        for check in plan.checks
        if check.remedy in {REPAIR, DROP}
    ]
    parts.append(
        "select file, row, '' as \"column\", if(versions > 1, 'duplicate_conflict', 'duplicate') as kind,"
        f" if(versions > 1, '{DROP}', '{REPAIR}') as remedy, said as old, '' as new from copies"
        " where versions > 1 or not is_first"
    )
    union = f"""select c.* replace (c.row + coalesce(g.shift, 0) as row)
        from ({" union all ".join(parts)}) c
        asof left join gaps g on c.file = g.file and c.row >= g.threshold"""
    count: int = connection.sql(f"select count(*) from ({union})").fetchall()[0][0]
    target = str(path).replace("'", "''")
    connection.execute(f"copy ({union}) to '{target}' (format parquet, compression zstd)")
    return count
