"""Write `src/kaname/data/tables/wide/*.csv`: the materials, parts and industries beyond the hand-made tables.

    python tools/build_wide_tables.py [--shared DIR] [--out DIR]

Reads `tools/wide/*.toml`, where every product, part and industry is described once, and takes the figures
these name from the tables of the USGS, the European Commission, the IEA and WIOD in the shared data folder.
Keys of a product:

* `made`: who makes it. `usgs = "COMMODITY|DETAIL"` with the factor `x` to tonnes, `eu = "MATERIAL|STAGE"`
  times `world`, `iea`, or own `shares` times `world`. `recycled` is the part from scrap, `rest` the EU
  material and stage that name the USGS's other countries, `withheld` our guess where the USGS shows none.
* `hs`: codes, with exporter, share of the weight, content with its range, reason.
* `from`: inputs and tonnes per tonne. `use`: industry, share of the use in a country, dependence.
* `keys`: shares of the world's use where no code shows trade; the rest follows value added.
* `known`: flows. Ranges that are not written are put around the value.
"""

from __future__ import annotations

import argparse
import csv
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kaname.data import store
from kaname.data.contracts import OWN

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
YEAR = 2024
Row = dict[str, Any]
Tables = dict[str, list[Row]]

WIOD = (
    "WIOD 2013 release, input-output table 2011: value added of sector {} x assumed share {:g}; range x.5-2"
)
USGS = "USGS Mineral Commodity Summaries 2026"
EU = "European Commission, Study on the critical raw materials for the EU 2023"
STOCKS = {
    "component": (45, 20, 90),
    "ore": (60, 30, 90),
    "compound": (45, 22, 68),
    "metal": (45, 22, 68),
    "magnet": (21, 10, 42),
}
SPARE = {
    "component": (0.15, 0.05, 0.25),
    "ore": (0.04, 0.03, 0.05),
    "compound": (0.15, 0.05, 0.3),
    "metal": (0.15, 0.05, 0.3),
    "magnet": (0.15, 0.05, 0.3),
}
INDEX_STOCK, INDEX_SPARE = (14, 7, 28), (0.05, 0, 0.15)
ALIASES = {
    name: pair[:3]
    for pair in (
        "MMR Burma|Myanmar",
        "COD Congo (Kinshasa)|Congo, D.R.",
        "KOR Korea, Republic of|Korea, South",
        "PRK Korea, North",
        "LAO Laos",
        "RUS Russia",
        "TUR Turkey|Türkiye",
        "VNM Vietnam",
        "IRN Iran",
        "BOL Bolivia",
        "TZA Tanzania",
        "CIV Côte d\u2019Ivoire|Cote d'Ivoire",
        "USA United States",
        "SYR Syria",
        "TWN Taiwan",
        "CZE Czechia",
        "VEN Venezuela",
        "MKD North Macedonia",
        "BIH Bosnia and Herzegovina",
        "DOM Dominican Republic",
        "NCL New Caledonia",
        "SRB Kosovo",
        "GRL Greenland",
        "GBR United Kingdom",
        "MDA Moldova",
        "SWZ Eswatini",
        "SLB Solomon Islands",
        "ROW Other countries",
    )
    for name in pair[4:].split("|")
}


def _weights(text: str) -> dict[str, float]:
    return {part[:3]: float(part[3:]) for part in text.split()}


MANUFACTURING = _weights(
    "CHN2.0 USA1.4 JPN.75 DEU1.15 KOR1.35 IND1.6 TWN1.4 MEX1.45 POL1.5 BRA.75 ITA1 FRA1 GBR1.1 RUS1 "
    "TUR1.5 IDN1.4"
)
"""Assumed growth of manufacturing value added in USD from 2011, the year of WIOD, to 2023."""
REST = _weights(
    "VNM10 THA14 MYS10 SGP8 SAU10 ARE6 ZAF5 IRN7 CHE12 NOR3 ARG8 CHL3 COL3 PHL6 PAK4 BGD8 EGY5 KAZ3 UKR2 "
    "ISR5 MAR2 PER3"
)
"""Assumed parts of what WIOD has as the rest of the world; a sixth of it stays unnamed."""
SMALLEST_KEY = 0.001
VALUED = 32  # countries with the largest value added of a sector get a value


class Figures:
    """The figures of others, read once."""

    def __init__(self, shared: Path) -> None:
        """Read the tables below `shared`."""
        self.usgs = list(_read(shared / "usgs" / "mcs2026.csv"))
        self.eu = list(_read(shared / "eu_crm" / "global_supply_shares.csv"))
        self.iea = json.loads((shared / "iea" / "iea_cmde_2024.json").read_text("utf-8"))["supply"]
        self.codes = {name: code for code, name in store.country_names().items()} | ALIASES
        self.value_added = _value_added(shared / "wiod" / "wiot_2011.npz")
        self.missing: list[str] = []
        self.named: set[str] = set()  # of the product at hand: countries that the USGS puts under others

    def code(self, name: str) -> str | None:
        """Return the ISO 3166 alpha-3 code of a country name, or None with a note."""
        found = self.codes.get(name.strip()) or self.codes.get(name.replace("\x92", "\u2019").strip())
        if found is None and name.startswith("C") and name.endswith("Ivoire"):
            found = "CIV"
        if found is None:
            self.missing.append(f"no code for country {name!r}")
        return found

    def made(self, name: str, spec: Mapping[str, Any]) -> tuple[dict[str, float], str, str]:
        """Return tonnes by country, the source and the grade."""
        if "usgs" in spec:
            return self._usgs(name, spec)
        if "iea" in spec:
            return self._iea(spec["iea"])
        world, why = spec["world"]
        if "eu" in spec:
            material, stage = spec["eu"].split("|")
            shares = self._eu(material, stage)
            text = f"{EU}, global supply shares, {material.lower()}, stage {stage}, times {world:g} t ({why})"
            return {c: s * world for c, s in shares.items()}, text, "estimated"
        shares = {c: s for c, s in spec["shares"].items() if s > 0}
        text = f"assumed: project's judgement of shares, times {world:g} t ({why})"
        return {c: s * world for c, s in shares.items()}, text, "assumed"

    def _usgs(self, name: str, spec: Mapping[str, Any]) -> tuple[dict[str, float], str, str]:
        commodity, details = spec["usgs"].split("|")
        found: dict[str, float] = {}
        listed = set(spec.get("withheld", {}))
        for row in self.usgs:
            wanted = (
                row["Commodity"] == commodity
                and row["Year"] == str(YEAR)
                and row["Section"].startswith("World")
            )
            if not wanted or row["Country"].startswith("World") or "rounded" in row["Statistics_detail"]:
                continue
            if not any(row["Statistics_detail"].startswith(detail) for detail in details.split(";")):
                continue
            code, amount = self.code(row["Country"]), _number(row["Value"])
            listed.add(code or "")
            if amount is None:
                if row["Value"].strip() not in ("", "\u2014", "-"):
                    self.missing.append(f"{name}: {row['Country']} is {row['Value']!r} in the USGS table")
            elif code and amount > 0 and code not in spec.get("withheld", {}):
                found[code] = found.get(code, 0.0) + amount * spec["x"]
        detail = details.split(";")[0].split(":")[0].lower()
        if "rest" in spec:
            self._name_others(found, spec["rest"], listed)
        return (
            found,
            f"USGS Mineral Commodity Summaries 2026, {commodity.lower()}, {detail} {YEAR}",
            "observed",
        )

    def _name_others(self, found: dict[str, float], text: str, listed: set[str]) -> None:
        """Spread `Other countries` over those that the EU study names beside the USGS, by its shares."""
        material, stage = text.split("|")
        shares = {c: s for c, s in self._eu(material, stage).items() if c not in listed}
        others = found.pop("ROW", 0.0)
        self.named |= set(shares) if others > 0 else set()
        for country, share in shares.items():
            found[country] = others * share / sum(shares.values())
        if not shares and others > 0:
            found["ROW"] = others

    def _iea(self, text: str) -> tuple[dict[str, float], str, str]:
        mineral, step = text.split("|")
        found: dict[str, float] = {}
        for country, amounts in self.iea[mineral][step]["countries"].items():
            code = self.codes.get(country) or ("ROW" if country.startswith("Rest") else None)
            if code and amounts.get(str(YEAR)):
                found[code] = found.get(code, 0.0) + float(amounts[str(YEAR)]) * 1000
        total = self.iea[mineral][step].get("total", {}).get(str(YEAR))
        if total:
            found["ROW"] = found.get("ROW", 0.0) + max(0.0, float(total) * 1000 - sum(found.values()))
        return (
            found,
            f"IEA Critical Minerals Data Explorer 2024, {mineral.lower()}, {step}, {YEAR}",
            "estimated",
        )

    def _eu(self, material: str, stage: str) -> dict[str, float]:
        found: dict[str, float] = {}
        for row in self.eu:
            if (row["Material"], row["Stage"]) == (material, stage) and "<" not in row["Share"]:
                code, share = self.code(row["Country"]), float(row["Share"].rstrip("%")) / 100
                if code and share > 0:
                    found[code] = found.get(code, 0.0) + share
        total = sum(found.values())
        return {code: share / max(total, 1.0) for code, share in found.items()}


def _read(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        yield from csv.DictReader(file)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "").strip())
    except ValueError:
        return None


def _value_added(path: Path) -> dict[str, dict[str, float]]:
    """Return value added in million USD of 2011 by WIOD sector and country; the rest of the world is ROW."""
    table = np.load(path)
    own = table["X"] - table["Z"].sum(axis=0)
    names = ["ROU" if c == "ROM" else "ROW" if c in ("RoW", "ROW") else str(c) for c in table["countries"]]
    sectors = [str(s) for s in table["industries"]]
    grid = own.reshape(len(names), len(sectors))
    return {s: {c: float(grid[i, j]) for i, c in enumerate(names)} for j, s in enumerate(sectors)}


def material_rows(name: str, spec: Mapping[str, Any], figures: Figures, tables: Tables) -> None:
    """Add the rows of one material at one stage."""
    price, low, high, why = spec["price"]
    stock, spare = spec.get("cover", STOCKS[spec["stage"]]), spec.get("headroom", SPARE[spec["stage"]])
    why = why.replace("USGS MCS 2026", "USGS Mineral Commodity Summaries 2026")
    tables["products"].append(
        {
            "product": name,
            "name": spec["name"],
            "element": spec.get("element", ""),
            "stage": spec["stage"],
            "unit": spec.get("unit", "t"),
            "content": spec["content"],
            "price_kusd_per_t": price,
            "price_low": low,
            "price_high": high,
            "price_year": YEAR,
            "price_source": why,
            "cover_days": stock[0],
            "cover_low": stock[1],
            "cover_high": stock[2],
            "headroom": spare[0],
            "headroom_low": spare[1],
            "headroom_high": spare[2],
            "stage_source": "project classification; cover and headroom assumed by stage (docs/model.md)",
            "grade": "estimated" if why.startswith("USGS") else "assumed",
        }
    )
    _production(name, spec, figures, tables)
    for item in spec.get("hs", ()):
        hs, exporter, share, factor, low, high, reason = item
        tables["trade_codes"].append(
            {
                "hs": hs,
                "edition": "HS92",
                "product": name,
                "exporter": exporter,
                "share": share,
                "content_factor": factor,
                "factor_low": low,
                "factor_high": high,
                "source": reason,
                "grade": "estimated" if reason.startswith(("HS", "atomic")) else "assumed",
            }
        )
    for source, per_tonne, *d in spec.get("from", ()):
        same = not d
        tables["recipes"].append(
            {
                "output": name,
                "input": source,
                "market": "*",
                "input_per_output": per_tonne,
                "dependence": 1,
                "dependence_low": 1,
                "dependence_high": 1,
                "same_element": "true" if same else "false",
                "source": "assumed: physical yield"
                + ("; same element" if same else "; no such product without it"),
                "grade": "assumed",
            }
        )
    for industry, share, d in spec.get("use", ()):
        tables["recipes"].append(
            use_row(industry, name, share, d, f"assumed after {EU}, material use shares, and USGS chapters")
        )
    for exporter, importer, flow, low, high, reason in spec.get("known", ()):
        tables["known_flows"].append(
            {
                "exporter": exporter,
                "importer": importer,
                "product": name,
                "year": YEAR,
                "flow_t": flow,
                "low_t": low,
                "high_t": high,
                "source": reason,
                "grade": "assumed",
            }
        )


def _production(name: str, spec: Mapping[str, Any], figures: Figures, tables: Tables) -> None:
    figures.named = set()
    amounts, source, grade = figures.made(name, spec["made"])
    if not amounts:
        raise SystemExit(f"{name}: no figure found for {spec['made']}")
    spread = {"observed": (0.85, 1.15), "estimated": (0.6, 1.5), "assumed": (0.5, 2.0)}[grade]
    recycled = spec["made"].get("recycled", 0.0)
    own = (source, grade, spread)
    for country, tonnes in spec["made"].get("withheld", {}).items():
        tables["production"].append(
            {
                "product": name,
                "market": country,
                "year": YEAR,
                "kind": "primary",
                "production_t": tonnes,
                "low_t": 0,
                "high_t": tonnes * 3,
                "source": "assumed: the USGS withholds the figure to protect company data",
                "grade": "assumed",
            }
        )
    kinds = {
        "processing" if "from" in spec or spec["stage"] == "component" else "primary": 1 - recycled,
        "recycling": recycled,
    }
    for country, tonnes in sorted(amounts.items()):
        if country in figures.named:
            grade, spread = "estimated", (0.4, 2.0)
            source = f"{USGS}, other countries, spread by {EU}, global supply shares"
        else:
            source, grade, spread = own
        for kind, part in kinds.items():
            if part > 0 and tonnes > 0:
                made = float(f"{tonnes * part:.4g}")
                note = f"{recycled:g} of the output is put to scrap (assumed)" if recycled else ""
                tables["production"].append(
                    {
                        "product": name,
                        "market": country,
                        "year": YEAR,
                        "kind": kind,
                        "production_t": made,
                        "low_t": _round(made * spread[0]),
                        "high_t": _round(made * spread[1]),
                        "source": source,
                        "grade": grade if not recycled else max(grade, "estimated", key=GRADES.index),
                        "note": note,
                    }
                )


GRADES = ["observed", "estimated", "assumed"]


def _round(value: float) -> float:
    return float(f"{value:.4g}")


def use_row(output: str, source: str, share: float, d: float, why: str) -> Row:
    """Return the recipe line of an industry: share of the input's use and dependence with assumed ranges."""
    return {
        "output": output,
        "input": source,
        "market": "*",
        "use_share": share,
        "use_share_low": _round(share * 0.6),
        "use_share_high": _round(min(1.0, share * 1.4)),
        "dependence": d,
        "dependence_low": _round(d * 0.5),
        "dependence_high": _round(min(1.0, d * 1.6)),
        "same_element": "false",
        "source": why,
        "grade": "assumed",
    }


def industry_rows(name: str, spec: Mapping[str, Any], figures: Figures, tables: Tables) -> None:
    """Add the rows of one part, industry or equipment line."""
    if "made" in spec:
        material_rows(name, spec, figures, tables)
    elif "name" in spec:
        tables["products"].append(
            {
                "product": name,
                "name": spec["name"],
                "stage": spec["stage"],
                "unit": "index",
                "content": "index, base year = 100",
                "cover_days": INDEX_STOCK[0],
                "cover_low": INDEX_STOCK[1],
                "cover_high": INDEX_STOCK[2],
                "headroom": INDEX_SPARE[0],
                "headroom_low": INDEX_SPARE[1],
                "headroom_high": INDEX_SPARE[2],
                "stage_source": "using industry, index 100 = base year; cover and headroom assumed",
                "grade": "assumed",
            }
        )
    if "sector" in spec:
        sector, share = spec["sector"]
        ranked = sorted(figures.value_added[sector].items(), key=lambda item: -item[1])
        for country, value in sorted(item for item in ranked[: VALUED + 1] if item[0] != "ROW"):
            tables["industries"].append(
                {
                    "industry": name,
                    "market": country,
                    "value_added_kusd": round(value * share, 1) * 1000,
                    "year": 2011,
                    "source": WIOD.format(sector, share),
                    "grade": "assumed",
                }
            )
    for part, share, d in spec.get("parts", ()):
        tables["recipes"].append(
            use_row(
                name, part, share, d, "assumed: share of the part's output, and how much stops without it"
            )
        )
    text = "assumed: share of national use, wide range; no design data of any weapon is used"
    for source, japan, states, d in spec.get("segment", ()):
        for parent, share in (("JPN", japan), ("USA", states)):
            tables["segments"].append(
                {
                    "segment": f"{parent}/defence",
                    "parent": parent,
                    "product": name,
                    "input": source,
                    "material_share": share,
                    "share_low": _round(share * 0.25),
                    "share_high": _round(min(0.3, share * 3)),
                    "dependence": d,
                    "dependence_low": _round(d * 0.5),
                    "dependence_high": _round(min(1.0, d * 1.6)),
                    "source": text,
                    "grade": "assumed",
                }
            )


def key_rows(
    name: str, spec: Mapping[str, Any], industries: Mapping[str, Any], figures: Figures, tables: Tables
) -> None:
    """Add who uses a product that no code shows: given shares, and the rest by value added of its users."""
    given: dict[str, float] = spec.get("keys", {})
    weight: dict[str, float] = {}
    for industry, share, _ in spec.get("use", ()):
        sector = industries.get(industry, {}).get("sector", ["c14", 1])[0]
        scaled = {c: v * MANUFACTURING.get(c, 1.1) for c, v in figures.value_added[sector].items()}
        rest = scaled.pop("ROW", 0.0)
        scaled |= {c: rest * part / sum(REST.values()) * 5 / 6 for c, part in REST.items()}
        total = sum(scaled.values()) + rest / 6
        for country, value in scaled.items():
            weight[country] = weight.get(country, 0.0) + share * value / total
    free = {c: w for c, w in weight.items() if c not in given}
    covered = sum(weight.values()) or 1.0
    left = max(0.0, 1.0 - sum(given.values())) * 0.95
    scale = left / (sum(free.values()) + 0.05 * covered) if free else 0.0
    for country, share in sorted((given | {c: w * scale for c, w in free.items()}).items()):
        if share >= SMALLEST_KEY:
            why = (
                "assumed"
                if country in given
                else "assumed: by value added of the using sectors (WIOD 2011, scaled to 2023)"
            )
            tables["use_keys"].append(
                {
                    "product": name,
                    "market": country,
                    "share": _round(share),
                    "low": _round(share * 0.6),
                    "high": _round(min(1.0, share * 1.6)),
                    "source": why,
                    "grade": "assumed",
                }
            )


def state_rows(spec: Mapping[str, Any], tables: Tables) -> None:
    """Add reserves and controls in force."""
    for market, reserve in spec["reserves"].items():
        days, low, high = reserve["days"]
        tables["reserves"] += [
            {
                "market": market,
                "product": product,
                "reserve_days": days,
                "low": low,
                "high": high,
                "source": reserve["source"],
                "grade": "assumed",
            }
            for product in reserve["products"]
        ]
    for control in spec["controls"]:
        for product, (factor, low, high) in control["factors"].items():
            row = {key: value for key, value in control.items() if key != "factors"}
            tables["controls"].append(
                row
                | {
                    "exporter": "CHN",
                    "product": product,
                    "base_flow_factor": factor,
                    "factor_low": low,
                    "factor_high": high,
                    "in_trade_data": "false",
                    "grade": "assumed",
                }
            )


def outside_rows(tables: Tables, known: Iterable[Mapping[str, Any]]) -> None:
    """Add the part of each split code that is none of our products."""
    total: dict[tuple[str, str], float] = {}
    for row in [*known, *tables["trade_codes"]]:
        total[(row["hs"], row["exporter"])] = total.get((row["hs"], row["exporter"]), 0.0) + float(
            row["share"]
        )
    for (hs, exporter), share in sorted(total.items()):
        if share < 1 - 1e-9:
            tables["trade_codes"].append(
                {
                    "hs": hs,
                    "edition": "HS92",
                    "product": "outside",
                    "exporter": exporter,
                    "share": round(1 - share, 6),
                    "content_factor": 1,
                    "factor_low": 1,
                    "factor_high": 1,
                    "source": "the part of the heading that is none of the products",
                    "grade": "assumed",
                }
            )


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "src" / "kaname" / "data" / "tables" / "wide")
    chosen = parser.parse_args()
    figures = Figures(chosen.shared)
    read = {
        path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted((HERE / "wide").glob("*.toml"))
    }
    industries, materials = read["industries"], read["base"] | read["minor"]
    tables: Tables = {name: [] for name in OWN}
    for name, spec in materials.items():
        material_rows(name, spec, figures, tables)
    for name, spec in industries.items():
        industry_rows(name, spec, figures, tables)
    traded = {row["product"] for row in tables["trade_codes"]}
    for name, spec in (materials | {n: s for n, s in industries.items() if "made" in s}).items():
        if name not in traded:
            key_rows(name, spec, industries, figures, tables)
    state_rows(read["state"], tables)
    outside_rows(tables, _read(ROOT / "src" / "kaname" / "data" / "tables" / "trade_codes.csv"))
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        if rows:
            columns = [column.name for column in OWN[name].columns]
            with (chosen.out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows({key: row.get(key, "") for key in columns} for row in rows)
            print(f"{name}: {len(rows)} rows")
    print("\n".join(figures.missing))


if __name__ == "__main__":
    main()
