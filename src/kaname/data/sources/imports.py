"""`kaname data import`: a user's files, checked, become a data folder with provenance, whole or not at all.

The folder of a trade file is a root as `kaname.data.store` reads it: `bundle/` with the imported trade in
place of the embedded one, and `tables/`. Beside it lie `provenance.json`, every change in `changes.parquet`,
and what the source holds besides (`reports.parquet`, `editions/`). The other kinds leave one table in
Parquet.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from kaname.data import folders, store
from kaname.data.sources import baci, bom, comtrade, reading, suppliers, trade, usgs, wmd
from kaname.data.sources.cells import SourceFile
from kaname.data.sources.findings import DROP, ON_FAULT, REPAIR, TELL, Finding, settle
from kaname.data.sources.layouts import LAYOUTS, layout
from kaname.data.sources.numbers import DECIMALS
from kaname.data.sources.roots import write_root
from kaname.terms.codes import HS_EDITION
from kaname.terms.errors import DataMissing, InputError, Problem, TableError

TRADE = ("baci", "comtrade")
PROVENANCE, CHANGES = "provenance.json", "changes.parquet"
TABLES = {
    "usgs": "production.parquet",
    "wmd": "production.parquet",
    "bom": "bom.parquet",
    "suppliers": "suppliers.parquet",
}


@dataclass(frozen=True)
class Choices:
    """What the user chose: the words of the options of `kaname data import`."""

    on_fault: str = "refuse"
    edition: str = ""
    hs: tuple[str, ...] = ()
    side: str = "imports"
    encoding: str = ""
    decimal: str = "auto"
    sheet: str = ""

    def __post_init__(self) -> None:
        """Refuse words that are no choice."""
        for name, found, allowed in (
            ("--on-fault", self.on_fault, ON_FAULT),
            ("--side", self.side, tuple(comtrade.SIDES)),
            ("--decimal", self.decimal, DECIMALS),
        ):
            if found not in allowed:
                raise InputError(Problem("unknown choice", name, repr(found), " or ".join(allowed)))


def import_data(
    kind: str, files: Sequence[Path], out: Path, choices: Choices | None = None
) -> dict[str, Any]:
    """Check files of one kind and write them as a data folder; return its provenance.

    `kind` is one of `LAYOUTS`; several files are possible for trade (a year each). With `on_fault="refuse"`
    any fault that would need a repair or cost a row is raised, all of all files at once, and nothing is
    written. Raises `InputError` for unknown words, `DataMissing` for files that are not there, `TableError`
    for faults, `OutputError` where the folder cannot be written.
    """
    layout(kind)
    choices = choices or Choices()
    paths = [Path(file) for file in files]
    if not paths:
        raise InputError(Problem("no file to import", "FILE", fix="Give at least one file"))
    if kind not in TRADE and len(paths) > 1:
        raise InputError(Problem(f"one file at a time of kind {kind}", "FILE", str(len(paths)), "one file"))
    found: dict[str, Any] = {}

    def fill(fresh: Path) -> dict[str, Any]:
        made = (
            _trade(kind, paths, fresh, choices) if kind in TRADE else _table(kind, paths[0], fresh, choices)
        )
        found.update(_header(kind, choices), **made)
        text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        (fresh / PROVENANCE).write_text(text, encoding="utf-8")
        return {key: found[key] for key in ("kind", "imported", "kaname", "rows_read", "rows_kept")}

    folders.fill_folder(out, fill)
    return found


def data_root(path: Path) -> Path:
    """Return an imported folder as a root for `kaname.data.store`.

    Raises `DataMissing` where the folder is none or holds no trade under HS 1992, naming what it holds.
    """
    manifest = folders.read_manifest(path, folders.DATA_FORMAT)
    if not (path / "bundle" / "trade").is_dir():
        held = sorted(
            name for name in manifest.get("files", {}) if name.endswith(".parquet") and name != CHANGES
        )
        fix = f"Import trade under {HS_EDITION}: other editions have other goods under the same digits"
        what = f"the folder holds {manifest.get('kind')}, and no trade under {HS_EDITION}"
        raise DataMissing(Problem(what, str(path), ", ".join(held), "trade of kind baci or comtrade", fix))
    return path


def _header(kind: str, choices: Choices) -> dict[str, Any]:
    """Return what every provenance begins with."""
    return {
        "kind": kind,
        "title": LAYOUTS[kind].title,
        "imported": date.today().isoformat(),
        "kaname": metadata.version("kaname"),
        "choices": {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(choices).items()
        },
    }


def _summary(read: int, kept: int, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the counts of an import by remedy and kind."""
    by_remedy: dict[str, Counter[str]] = {name: Counter() for name in (TELL, REPAIR, DROP)}
    for finding in findings:
        by_remedy[finding.remedy][finding.kind] += finding.count
    return {
        "rows_read": read,
        "rows_kept": kept,
        "told": dict(by_remedy[TELL]),
        "repaired": dict(by_remedy[REPAIR]),
        "dropped": dict(by_remedy[DROP]),
    }


# --- trade ----------------------------------------------------------------------------------------


def _trade(kind: str, paths: Sequence[Path], fresh: Path, choices: Choices) -> dict[str, Any]:
    """Read, check and write trade files into a fresh folder; return the rest of the provenance."""
    work = fresh / ".work"
    work.mkdir()
    editions = [_edition(kind, path, choices.edition) for path in paths]
    problems: list[Problem] = []
    staged: list[trade.Staged] = []
    with trade.open_work(work) as connection:
        trade.ask_for(connection, _asked(choices.hs))
        for number, (path, edition) in enumerate(zip(paths, editions, strict=True)):
            place = work / str(number)
            place.mkdir()
            plan = baci.plan(edition) if kind == "baci" else comtrade.plan(edition)
            try:
                text = reading.survey(path, plan.layout, place, choices.encoding)
                staged.append(trade.stage(connection, text, number, plan, choices.decimal))
            except TableError as error:
                problems += error.problems
        if problems:  # a file that cannot be read at all; the faults of the others are told with it
            _settle_all(staged, [one.findings for one in staged], choices.on_fault, problems)
        findings = _whole_findings(connection, staged, kind, choices)
        _settle_all(staged, findings, choices.on_fault, problems)
        about = _write_trade(connection, fresh, choices)
        trade.write_changes(connection, plan, fresh / CHANGES)
    shutil.rmtree(work)
    write_root(fresh, kind, paths, about)
    lost = sum(one.count for group in findings for one in group if one.kind == "cell_count")
    return {
        **_summary(
            sum(one.rows_read for one in staged) + lost, about["kept"], [f for g in findings for f in g]
        ),
        "rows_dropped": about["dropped"] + lost,
        "editions": about["editions"],
        "years": about["years"],
        "codes": about["codes"],
        "files": [
            {
                **_about_text(one.file),
                "version": baci.version(one.file.path) if kind == "baci" else "",
                "edition": edition,
                "decimal": one.decimal,
                "rows_read": one.rows_read,
                "findings": [item.as_dict() for item in group],
            }
            for one, group, edition in zip(staged, findings, editions, strict=True)
        ],
    }


def _edition(kind: str, path: Path, asked: str) -> str:
    """Return the HS edition of a file, '' where each row of a Comtrade file names its own."""
    if kind == "baci":
        return baci.edition(path, asked)
    return baci.full_edition(asked) if asked else ""


def _asked(hs: Sequence[str]) -> list[str]:
    """Return the codes to keep: those of kaname by default, none (for all) where `all` is asked for."""
    if any(code.strip().lower() == "all" for code in hs):
        return []
    if not hs:
        known = set(store.hs_products()["hs"].to_pylist())
        return sorted(known | {row["hs"] for row in store.own_table("trade_codes").to_pylist()})
    found = []
    for code in hs:
        digits = "".join(part for part in code if part not in " .-")
        if not digits.isdigit() or len(digits) not in {2, 4, 6}:
            fix = "Give a chapter (28), a heading (2805), a code (280530), or all"
            raise InputError(Problem("not an HS code", "--hs", repr(code), "2, 4 or 6 digits", fix))
        found.append(digits)
    return found


def _whole_findings(
    connection: duckdb.DuckDBPyConnection, staged: Sequence[trade.Staged], kind: str, choices: Choices
) -> list[list[Finding]]:
    """Return the findings of each file, with those that need all rows: copies, other editions and sides."""
    groups = [list(one.findings) for one in staged]
    for number, finding in trade.find_duplicates(connection, staged):
        groups[number].append(finding)
    for number, edition, count in connection.sql(
        f"select file, edition, count(*) from kept where edition <> '{HS_EDITION}' group by all order by all"
    ).fetchall():
        fix = f"Convert the codes to {HS_EDITION}, or choose --on-fault repair to keep them apart"
        column = "classificationCode" if kind == "comtrade" else ""
        groups[number].append(
            Finding("edition", REPAIR, count, column, (), f"{HS_EDITION}, not {edition}", fix)
        )
    if kind == "comtrade":
        for number, count in connection.sql(
            f"select file, count(*) from kept where side <> '{choices.side}' group by file"
        ).fetchall():
            groups[number].append(Finding("other_side", TELL, count))
    return groups


def _settle_all(
    staged: Sequence[trade.Staged],
    findings: Sequence[Sequence[Finding]],
    on_fault: str,
    problems: Sequence[Problem],
) -> None:
    """Raise the faults of all files together."""
    gathered = list(problems)
    for one, group in zip(staged, findings, strict=True):
        try:
            settle(group, on_fault, str(one.file.path))
        except TableError as error:
            gathered += error.problems
    if gathered:
        raise TableError(gathered)


def _write_trade(connection: duckdb.DuckDBPyConnection, fresh: Path, choices: Choices) -> dict[str, Any]:
    """Write the kept rows: trade under HS 1992 of the chosen side, other editions and both sides apart."""
    kept, dropped = (
        connection.sql(text).fetchall()[0][0]
        for text in ("select count(*) from kept", "select count(*) from marked where not good and skip = ''")
    )
    dropped += connection.sql("select count(*) from copies where versions > 1").fetchall()[0][0]
    sides = dict(connection.sql("select side, count(*) from kept group by side").fetchall())
    if not kept:
        fix = "Ask for other codes with --hs, or correct the file"
        raise TableError(Problem("no row is left to import", "the files", "0 rows", "at least one", fix))
    if set(sides) - {""} and choices.side not in sides:
        other = next(iter(sides))
        what, fix = f"no country reports {choices.side} in the files", f"Choose --side {other}"
        raise TableError(Problem(what, "--side", choices.side, other, fix))
    select = """select year::smallint as year, exporter::smallint as exporter, importer::smallint as importer,
        hs::integer as hs, round(value_usd)::bigint as value_usd, round(quantity_kg)::bigint as quantity_kg"""
    order = "order by hs, year, exporter, importer"
    chosen = f"(side = '' or side = '{choices.side}')"
    editions = dict(
        connection.sql("select edition, count(*) from kept group by edition order by 1").fetchall()
    )
    for edition in editions:
        if edition == HS_EDITION:
            target = fresh / "bundle" / "trade" / "group=imported" / "part-0.parquet"
        else:
            target = fresh / "editions" / f"{edition}.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(connection, f"{select} from kept where edition = '{edition}' and {chosen} {order}", target)
    if set(sides) - {""}:
        text = """select year, exporter_iso3 as exporter, importer_iso3 as importer, hs, edition,
            side as reported_by, value_usd, quantity_kg, estimated from kept
            order by hs, year, exporter, importer, side"""
        _copy(connection, text, fresh / "reports.parquet")
    years = [year for (year,) in connection.sql("select distinct year from kept order by 1").fetchall()]
    codes = connection.sql("select count(distinct hs) from kept").fetchall()[0][0]
    return {"kept": kept, "dropped": dropped, "editions": editions, "years": years, "codes": codes}


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    place = str(target).replace("'", "''")
    connection.execute(f"copy ({query}) to '{place}' (format parquet, compression zstd)")


# --- small tables ---------------------------------------------------------------------------------


def _table(kind: str, path: Path, fresh: Path, choices: Choices) -> dict[str, Any]:
    """Read, check and write one small table; return the rest of the provenance."""
    words = (choices.on_fault, choices.encoding)
    read: usgs.Production | wmd.WorldOutput | bom.Bom | suppliers.SupplierList
    if kind == "usgs":
        read = usgs.read_usgs(path, *words)
        rows: Sequence[Any] = read.rows
    elif kind == "wmd":
        read = wmd.read_wmd(path, *words, choices.decimal)
        rows = read.rows
    elif kind == "bom":
        read = bom.read_bom(path, *words, choices.decimal, choices.sheet)
        rows = read.lines
    else:
        read = suppliers.read_suppliers(path, *words, choices.decimal, choices.sheet)
        rows = read.rows
    if not rows:
        fix = "Correct the file; kaname data template " + kind + " shows one"
        raise TableError(Problem("no row is left to import", str(path), "0 rows", "at least one", fix))
    pq.write_table(_arrow(rows), fresh / TABLES[kind])
    changes = [
        {
            "file": 0,
            "row": one.row,
            "column": item.column,
            "kind": item.kind,
            "remedy": item.remedy,
            "old": one.old,
            "new": one.new,
        }
        for item in read.findings
        if item.remedy in {REPAIR, DROP}
        for one in item.examples
    ]
    schema = pa.schema(
        [("file", pa.int32()), ("row", pa.int64()), *((name, pa.string()) for name in _CHANGE_TEXTS)]
    )
    pq.write_table(pa.Table.from_pylist(changes, schema), fresh / CHANGES)
    kept = len({one.row for one in rows if getattr(one, "status", "") not in wmd.LOST})
    return {
        **_summary(read.rows_read, kept, read.findings),
        "figures": len(rows),
        "files": [{**_about_source(read.file), "findings": [item.as_dict() for item in read.findings]}],
    }


_CHANGE_TEXTS = ("column", "kind", "remedy", "old", "new")


def _arrow(rows: Sequence[Any]) -> pa.Table:
    """Return dataclass rows as a table; tuples become lists."""
    types = {"int": pa.int64(), "float | None": pa.float64(), "tuple[str, ...]": pa.list_(pa.string())}
    schema = pa.schema([(item.name, types.get(str(item.type), pa.string())) for item in fields(rows[0])])
    return pa.Table.from_pylist([asdict(row) for row in rows], schema)


def _about_text(file: reading.TextFile) -> dict[str, Any]:
    return _about_source(
        SourceFile(file.path, file.sha256, file.size_bytes, file.encoding, file.separator, "")
    )


def _about_source(file: SourceFile) -> dict[str, Any]:
    return {
        "name": file.path.name,
        "sha256": file.sha256,
        "bytes": file.size_bytes,
        "encoding": file.encoding,
        "separator": reading.SEPARATORS.get(file.separator, ""),
        "sheet": file.sheet,
    }
