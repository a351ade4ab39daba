"""Write `src/kaname/data/tables/eu_*.csv`: figures of the European Commission's criticality assessments.

    python tools/build_eu_tables.py [--shared DIR] [--out DIR]

Reads the tables in `eu_crm` of the shared data folder, cleans names and numbers, and carries the figures over
into the contracts of `kaname.data.contracts_eu`. The supply shares are those of the study of 2023: only it
assesses neon, krypton, xenon, roundwood and titanium metal, joins aluminium with bauxite, and counts the
United Kingdom as a third country. Names that stand for no single country are left out and listed.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kaname.data import store
from kaname.data.contracts import OWN
from kaname.data.contracts_eu import EU_SCOPES

ROOT = Path(__file__).resolve().parent.parent
Row = dict[str, Any]

STUDY_2017 = "European Commission, Study on the review of the list of critical raw materials 2017"
STUDY_2023 = "European Commission, Study on the critical raw materials for the EU 2023"
SCORES = "European Commission, criticality assessment of {}, supply risk and economic importance"
SHARES = {"GS": ("global_supply_shares", "global supply"), "EUS": ("eu_supply_shares", "EU sourcing")}

MATERIALS = {
    "Barytes": "Baryte",
    "Boron": "Borate",
    "Heavy Rare earths Elements": "HREEs",
    "Kaolin": "Kaolin clay",
    "Natural Graphite": "Natural graphite",
    "Natural Rubber": "Natural rubber",
    "Natural Teak wood": "Natural teak wood",
    "Phosphate Rock": "Phosphate rock",
    "Phosphorous": "Phosphorus",
    "Titanium ores": "Titanium",
}
"""Names that one of the files writes in another way than the rest."""

COUNTRIES = {
    "Bolivia": "BOL",
    "Bosnia and Herzegovina": "BIH",
    "Brasil": "BRA",
    "Brasilia": "BRA",
    "Cape Verde": "CPV",
    "Central African Republic": "CAF",
    "Congo, D.R.": "COD",
    "Cote d'Ivoire": "CIV",
    "Dominican Republic": "DOM",
    "French Guiana": "GUF",
    "Hong Kong": "HKG",
    "Iran": "IRN",
    "Korea, North": "PRK",
    "Korea, South": "KOR",
    "Kosovo": "XKX",
    "Laos": "LAO",
    "Libanon": "LBN",
    "Moldova": "MDA",
    "Russia": "RUS",
    "Solomon Islands": "SLB",
    "South Korea": "KOR",
    "Surinam": "SUR",
    "Syria": "SYR",
    "Tanzania": "TZA",
    "Turkyie": "TUR",
    "United States": "USA",
    "Venezuela": "VEN",
    "Vietnam": "VNM",
}
"""Names of the study that differ from BACI's; XKX is the code in use for Kosovo, which ISO 3166 lacks."""
REST = re.compile(r"other|rest of|world|unknown|not specified|total", re.I)
MISSING = {"", "-", "–"}


def read(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file, with white space in cells made plain."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: " ".join((cell or "").split()) for key, cell in row.items()}


def number(text: str) -> float | None:
    """Return a number with a decimal point or comma; None where there is none."""
    return None if text in MISSING else float(text.replace(",", "."))


def percent(text: str) -> tuple[float, str]:
    """Return a percentage as a share, and what was made of it: `<0.1%` counts as half the bound."""
    plain = text.rstrip("% ").replace(",", ".")
    if plain.startswith("<"):
        return round(float(plain[1:]) / 200.0, 6), f"printed {text}, half of it taken"
    return round(float(plain) / 100.0, 6), ""


def name_of(material: str) -> str:
    """Return the one name of a material."""
    return MATERIALS.get(material, material)


def share_rows(folder: Path, left_out: list[str]) -> Iterator[Row]:
    """Yield who supplies what; two spellings of a country in one table are added up."""
    codes = {name: code for code, name in store.country_names().items()} | COUNTRIES
    for scope, (file, words) in SHARES.items():
        found: dict[tuple[str, str, str], Row] = {}
        for row in read(folder / f"{file}.csv"):
            code = codes.get(row["Country"])
            if code is None:
                kind = "no single country" if REST.search(row["Country"]) else "no code"
                left_out.append(f"{kind}: {scope} {row['Material']} {row['Stage']} {row['Country']!r}")
                continue
            share, note = percent(row["Share"])
            source = f"{STUDY_2023}, {words}" + (f"; {note}" if note else "")
            key = name_of(row["Material"]), row["Stage"], code
            if key in found:
                found[key]["share"] = round(found[key]["share"] + share, 6)
                continue
            found[key] = {
                "scope": scope,
                "material": key[0],
                "stage": key[1],
                "iso3": code,
                "share": share,
                "trade_parameter": number(row["t"]),
                "source": source,
                "grade": "estimated" if note else "observed",
            }
        yield from (found[key] for key in sorted(found))


def input_rows(folder: Path) -> Iterator[Row]:
    """Yield what the scores of 2017 rest on; of the file's columns only those that the study printed."""
    for row in read(folder / "method_2017_inputs_and_scores.csv"):
        shares = {
            ours: number(row[theirs]) for ours, theirs in (("import_reliance", "IR"), ("eol_rir", "EoL_RIR"))
        }
        plain = {key.lower(): number(row[key]) for key in ("SI_EI", "SI_SR", "HHI_GS", "HHI_EU")}
        if row["scope"] not in EU_SCOPES:
            raise SystemExit(f"{row['material']}: no scope {row['scope']!r}")
        yield {
            "material": name_of(row["material"]),
            "year": 2017,
            "stage": row["stage"][:1],
            "scope": row["scope"],
            **{key: None if value is None else round(value / 100.0, 6) for key, value in shares.items()},
            **plain,
            "source": f"{STUDY_2017}, tables 3, 18 and 19",
            "grade": "observed",
        }


def score_rows(folder: Path) -> Iterator[Row]:
    """Yield the published scores; a figure that two files print must be the same in both."""
    found: dict[tuple[str, int], Row] = {}
    listed = [(row, int(row["Year"]), row["Material"]) for row in read(folder / "scores_over_time.csv")]
    listed += [(row, 2017, row["material"]) for row in read(folder / "method_2017_inputs_and_scores.csv")]
    for row, year, material in listed:
        sr, ei = number(row["SR"]), number(row["EI"])
        if sr is None or ei is None:
            continue
        key = name_of(material), year
        source = f"{STUDY_2017}, table 3" if "material" in row else SCORES.format(year)
        if key in found and (found[key]["sr"], found[key]["ei"]) != (sr, ei):
            raise SystemExit(f"two scores of {key}: {found[key]['sr']}, {found[key]['ei']} and {sr}, {ei}")
        found.setdefault(
            key,
            {"material": key[0], "year": year, "sr": sr, "ei": ei, "source": source, "grade": "observed"},
        )
    yield from (found[key] for key in sorted(found))


def cell(value: Any) -> str:
    """Return a value as it stands in a CSV file: numbers short, missing ones empty."""
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def write(path: Path, name: str, rows: Iterable[Row]) -> None:
    """Write a table in the order of its contract's columns."""
    columns: Sequence[str] = OWN[name].names
    lines = [{key: cell(row[key]) for key in columns} for row in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    print(f"{name}: {len(lines)} rows")


def main() -> None:
    """Write the three tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "src" / "kaname" / "data" / "tables")
    chosen = parser.parse_args()
    folder = chosen.shared / "eu_crm"
    left_out: list[str] = []
    chosen.out.mkdir(parents=True, exist_ok=True)
    write(chosen.out / "eu_supply_shares.csv", "eu_supply_shares", share_rows(folder, left_out))
    write(chosen.out / "eu_scores.csv", "eu_scores", score_rows(folder))
    write(chosen.out / "eu_inputs.csv", "eu_inputs", input_rows(folder))
    print("\n".join(left_out) or "every name of a country has a code")


if __name__ == "__main__":
    main()
