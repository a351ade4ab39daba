"""Read-only access to the embedded bundle and the project's own tables.

`root` is a folder that holds `bundle/` and `tables/`, by default the one inside the package. Parquet is
opened with pyarrow and joined in DuckDB; no connection may install or load an extension. Nothing here writes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from kaname.data import guards
from kaname.data.bundle_contracts import BUNDLE
from kaname.data.contracts import OWN
from kaname.terms.codes import hs_code, near
from kaname.terms.contract import typed
from kaname.terms.csvfile import read_csv
from kaname.terms.errors import DataMissing, InputError, Problem, TableError

if TYPE_CHECKING:
    import duckdb

ROOT = Path(__file__).resolve().parent
THIN = 0.25
"""A year with less than this share of the rows of a code's busiest year is thin: the code was given up."""

_REINSTALL = "Install kaname again, or build the bundle with tools/build_bundle.py"
_TRADE_SQL = """
    select f.year::bigint as year, e.iso3 as exporter, i.iso3 as importer, printf('%06d', f.hs) as hs,
           f.value_usd::double / 1e3 as value_kusd, f.quantity_kg::double / 1e3 as quantity_t
    from facts f left join names e on e.code = f.exporter left join names i on i.code = f.importer
    order by 4, 1, 2, 3
"""


def connect() -> duckdb.DuckDBPyConnection:
    """Return an in-memory DuckDB connection that can neither install nor load an extension by itself."""
    import duckdb  # noqa: PLC0415 - 20 MB that a process which only simulates need not hold

    return duckdb.connect(
        ":memory:",
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )


def read_parquet(path: Path, filters: Any = None, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a Parquet file as a table; `filters` as in pyarrow.

    Raises `DataMissing` where there is no file, `TableError` where it is corrupt, truncated or no Parquet.
    """
    if not path.is_file():
        raise DataMissing(Problem("the file is missing", str(path), fix=_REINSTALL))
    try:
        return pq.read_table(
            path,
            columns=None if columns is None else list(columns),
            filters=filters,
            partitioning=None,
            page_checksum_verification=True,
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise TableError(
            Problem(
                "the Parquet file is corrupt or cut short",
                str(path),
                got=f"{path.stat().st_size} bytes ({reason})",
                expected="a whole Parquet file",
                fix="Copy or download the file again; for kaname's own files: " + _REINSTALL,
            )
        ) from error


def trade(hs: Sequence[str], year: int | None = None, root: Path | None = None) -> pa.Table:
    """Return reported trade of HS 1992 codes: one row per year, lane and code.

    Sorted by hs, year, exporter, importer. Columns: year int64, exporter and importer (iso3), hs (six
    digits), value_kusd float64, quantity_t float64 (gross tonnes, null where nobody reported one). Nothing is
    corrected (see `kaname.data.quality`). Raises `DataMissing` for a code that the bundle lacks, or that has
    no row in `year`: absent, not zero.
    """
    codes = [hs_code(code) for code in dict.fromkeys(hs)]
    if not codes:
        raise InputError(Problem("no HS code was asked for", "hs", fix="Give at least one code"))
    groups = _groups(codes, root)
    filters: list[Any] = [("hs", "in", [int(code) for code in codes])]
    if year is not None:
        filters.append(("year", "=", year))
    facts = pa.concat_tables(
        [read_parquet(path, filters) for group in groups for path in _partition(group, root)]
    )
    if year is not None:
        _demand_year(codes, year, facts, root)
    names = read_parquet(_bundle(root) / "countries.parquet", columns=["code", "iso3"])
    with connect() as connection:
        connection.register("facts", facts)
        connection.register("names", names)
        table: pa.Table = connection.sql(_TRADE_SQL).to_arrow_table()
    if table.num_rows != facts.num_rows or table["exporter"].null_count or table["importer"].null_count:
        what = "trade has a country code that countries.parquet lacks"
        raise TableError(Problem(what, str(_bundle(root)), fix=_REINSTALL))
    return table


def trade_numbers(hs: Sequence[str], years: tuple[int, int], root: Path | None = None) -> pa.Table:
    """Return the trade of HS codes from the first to the last of two years as numbers, in no order.

    Columns: year, exporter and importer (BACI's numbers, see `countries`), hs (a whole number), value_usd,
    quantity_kg (null where nobody reported one). For counting over all countries at once; unlike `trade`, a
    code without rows is no error. Raises `DataMissing` for a code that the bundle does not know.
    """
    codes = [hs_code(code) for code in dict.fromkeys(hs)]
    filters: list[Any] = [("hs", "in", [int(code) for code in codes])]
    filters += [("year", ">=", years[0]), ("year", "<=", years[1])]
    groups = _groups(codes, root)
    names = ["year", "exporter", "importer", "hs", "value_usd", "quantity_kg"]
    return pa.concat_tables(
        [read_parquet(path, filters, names) for group in groups for path in _partition(group, root)]
    )


def years_with_data(hs: str, root: Path | None = None) -> list[int]:
    """Return the years in which a code has at least one row, ascending. Raises `DataMissing` if unknown."""
    return sorted(_rows_by_year(hs, root))


def thin_years(hs: str, root: Path | None = None) -> list[int]:
    """Return the years with rows, but with less than `THIN` of those of the code's busiest year.

    After a revision of the HS a few countries go on using a dropped code (811230 after 2006): such a year
    shows a remnant, not the trade. Raises `DataMissing` if the code is unknown.
    """
    return next(iter(thin_years_of([hs], root).values()))


def thin_years_of(hs: Sequence[str], root: Path | None = None) -> dict[str, list[int]]:
    """Return the thin years of several codes (see `thin_years`), read at once."""
    codes = [hs_code(code) for code in dict.fromkeys(hs)]
    rows: dict[str, dict[int, int]] = {code: {} for code in codes}
    for group in _groups(codes, root):
        for path in _partition(group, root):
            counted = _counted(path, path.stat().st_mtime_ns)
            for code in codes:
                for year, count in counted.get(int(code), {}).items():
                    rows[code][year] = rows[code].get(year, 0) + count
    return {
        code: sorted(year for year, count in found.items() if count < THIN * max(found.values()))
        for code, found in rows.items()
    }


def countries(root: Path | None = None) -> pa.Table:
    """Return countries: iso3, name, code (BACI's number), first_year, last_year, note.

    An iso3 with two numbers (BEL, SDN, DEU) stands twice, the number in use now coming last.
    """
    table = read_parquet(_bundle(root) / "countries.parquet")
    table = table.select(["iso3", "name", "code", "first_year", "last_year", "note"])
    return table.sort_by([("last_year", "ascending"), ("code", "ascending")])


def country_names(root: Path | None = None) -> dict[str, str]:
    """Return the name of each iso3 code, as now in use."""
    table = countries(root)
    names = dict(zip(table["iso3"].to_pylist(), table["name"].to_pylist(), strict=True))
    return dict(sorted(names.items()))


def hs_products(root: Path | None = None) -> pa.Table:
    """Return the codes with trade: hs, description, edition, group, first_year, last_year, rows."""
    return read_parquet(_bundle(root) / "hs_products.parquet")


def governance(year: int, root: Path | None = None) -> pa.Table:
    """Return WGI rows of one year: iso3, year, estimate, std_error, sources (null where not published).

    Raises `DataMissing` for a year without WGI (before 1996, 1997, 1999, 2001, after the last).
    """
    path = _bundle(root) / "governance.parquet"
    table = read_parquet(path, [("year", "=", year)])
    if not table.num_rows:
        years = sorted(set(read_parquet(path, columns=["year"])["year"].to_pylist()))
        close = sorted(sorted(years, key=lambda known: abs(known - year))[:2])
        raise DataMissing(
            Problem(
                f"no governance indicators for {year}",
                "governance",
                got=str(year),
                expected=f"{years[0]}-{years[-1]}",
                fix="Ask for " + " or ".join(map(str, close)),
            )
        )
    return table


def distances(root: Path | None = None) -> pa.Table:
    """Return sea distances: from_iso3, to_iso3, sea_km, passages (ids joined by ;), ports, basis."""
    return read_parquet(_bundle(root) / "distances.parquet")


def detours(root: Path | None = None) -> pa.Table:
    """Return the way round closed passages: from_iso3, to_iso3, closed, sea_km (null: none), passages."""
    return read_parquet(_bundle(root) / "detours.parquet")


def ports(root: Path | None = None) -> pa.Table:
    """Return the ports that sea distances are taken between: iso3, port, locode, lon, lat, whose."""
    return typed(read_csv(_bundle(root) / "ports.csv"), BUNDLE["ports"], "ports.csv")


def own_table(name: str, root: Path | None = None) -> pa.Table:
    """Return one of the project's own tables, typed and checked by its contract.

    The contracts are `kaname.data.contracts.OWN`. A file of the same name in `tables/wide` (written by
    tools/build_wide_tables.py) is read after the hand-made one. An empty cell is null. Raises `DataMissing`
    for an unknown name or a missing file, `TableError` with all faults.
    """
    if name not in OWN:
        close = near(name, list(OWN)) or list(OWN)
        fix = "Use one of: " + ", ".join(close)
        raise DataMissing(Problem("no such table", "tables", repr(name), fix=fix))
    folder = (root or ROOT) / "tables"
    rows, wide = read_csv(folder / f"{name}.csv"), folder / "wide" / f"{name}.csv"
    return typed(rows + (read_csv(wide) if wide.is_file() else []), OWN[name], f"{name}.csv")


def sources(root: Path | None = None) -> list[dict[str, Any]]:
    """Return the provenance of the bundle: one record per source, with publisher, edition, licence, files."""
    path = _bundle(root) / "sources.json"
    if not path.is_file():
        raise DataMissing(Problem("the file is missing", str(path), fix=_REINSTALL))
    try:
        records: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        fault = Problem("the file is no JSON", str(path), got=str(error), fix=_REINSTALL)
        raise TableError(fault) from error
    return records


def verify(root: Path | None = None) -> None:
    """Compare the bundle with the checksums in `sources.json`; `TableError` lists all files that differ."""
    problems = []
    for record in sources(root):
        for name, entry in record["files"].items():
            path = _bundle(root) / name
            if not path.is_file():
                problems.append(Problem("the file is missing", str(path), fix=_REINSTALL))
            elif (found := hashlib.sha256(path.read_bytes()).hexdigest()) != entry["sha256"]:
                problems.append(
                    Problem("the file was changed", str(path), found[:12], entry["sha256"][:12], _REINSTALL)
                )
    if problems:
        raise TableError(problems)


def snapshot_id(root: Path | None = None) -> str:
    """Return the sha256 over names and contents of the bundle and the own tables, 64 hex digits."""
    digest = hashlib.sha256()
    base = root or ROOT
    files = [path for part in ("bundle", "tables") for path in (base / part).rglob("*") if path.is_file()]
    for path in sorted(files, key=lambda path: path.relative_to(base).as_posix()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(base).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _bundle(root: Path | None) -> Path:
    """Return the folder of the bundle."""
    return (root or ROOT) / "bundle"


def _partition(group: str, root: Path | None) -> list[Path]:
    """Return the files of a partition; `DataMissing` where there are none."""
    folder = _bundle(root) / "trade" / f"group={group}"
    files = sorted(folder.glob("part-*.parquet"))
    if not files:
        raise DataMissing(Problem(f"the partition {group} is missing", str(folder), fix=_REINSTALL))
    return files


def _groups(codes: Sequence[str], root: Path | None) -> list[str]:
    """Return the partitions that hold the codes; `DataMissing` naming the nearest codes for unknown ones."""
    table = hs_products(root)
    known = dict(zip(table["hs"].to_pylist(), table["group"].to_pylist(), strict=True))
    texts = dict(zip(table["hs"].to_pylist(), table["description"].to_pylist(), strict=True))
    problems = []
    for code in codes:
        if code not in known:
            close = _nearest(code, known)
            fix = "Nearest codes: " + "; ".join(f"{other} ({texts[other][:60]})" for other in close)
            what = f"no trade under HS 1992 code {code} in the bundle"
            problems.append(Problem(what, "hs", code, fix=fix))
    if problems:
        raise DataMissing(problems)
    return sorted({known[code] for code in codes})


def _nearest(code: str, known: Iterable[str]) -> list[str]:
    """Return the three known codes that share most leading digits with `code`, then the nearest numbers."""

    def distance(other: str) -> tuple[int, int]:
        shared = next((i for i in range(6) if code[i] != other[i]), 6)
        return -shared, abs(int(code) - int(other))

    return sorted(known, key=distance)[:3]


def _rows_by_year(hs: str, root: Path | None) -> dict[int, int]:
    """Return the number of rows of a code by year."""
    code = hs_code(hs)
    rows: dict[int, int] = {}
    for group in _groups([code], root):
        for path in _partition(group, root):
            for year, count in _counted(path, path.stat().st_mtime_ns).get(int(code), {}).items():
                rows[year] = rows.get(year, 0) + count
    return rows


@lru_cache(maxsize=64)
def _counted(path: Path, changed_ns: int) -> dict[int, dict[int, int]]:
    """Return code -> year -> number of rows of one file; `changed_ns` makes a changed file be read again."""
    found: dict[int, dict[int, int]] = {}
    table = read_parquet(path, None, ["hs", "year"]).group_by(["hs", "year"]).aggregate([([], "count_all")])
    for row in table.to_pylist():
        found.setdefault(row["hs"], {})[row["year"]] = row["count_all"]
    return found


def _demand_year(codes: Sequence[str], year: int, facts: pa.Table, root: Path | None) -> None:
    """Raise `DataMissing` for each code without a row in the year, naming the last year with data."""
    present = {f"{code:06d}" for code in facts["hs"].to_pylist()}
    problems = guards.absent_codes(codes, year, present, lambda code: years_with_data(code, root))
    if problems:
        raise DataMissing(problems)
