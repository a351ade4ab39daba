"""The result tables of a run, as Arrow tables whose columns carry their unit.

`python -m kaname.report.tables > docs/results.md` writes the page that tells every column.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from kaname.network.network import Network
from kaname.report.caserun import CaseDigest, CaseRun
from kaname.report.metrics import BAND, day_of, total_value_kusd
from kaname.report.model import CauseNode, ReportModel

# column -> (type, unit, sentence); docs/results.md is checked against this
COLUMNS: dict[str, dict[str, tuple[pa.DataType, str, str]]] = {
    "shortfalls": {
        "scenario": (pa.string(), "", "id of the case"),
        "market": (pa.string(), "", "country, or segment of one"),
        "product": (pa.string(), "", "product id"),
        "stage": (pa.string(), "", "ore, compound, metal, magnet, component, industry, equipment"),
        "first_shortfall_date": (
            pa.string(),
            "ISO date",
            "first week short in the central draw; empty = never",
        ),
        "first_shortfall_early": (pa.string(), "ISO date", "5 % of the draws that fall short are earlier"),
        "first_shortfall_late": (pa.string(), "ISO date", "5 % of the draws that fall short are later"),
        "days_to_shortfall": (pa.int64(), "days", "from the start to the first week short, central draw"),
        "never_share": (pa.float64(), "share", "draws of the ensemble that never fall short"),
        "worst_share": (pa.float64(), "share", "lowest weekly use as a share of the base, central draw"),
        "lost_output_share": (pa.float64(), "share", "use lost over the horizon, central draw"),
        "lost_output_low": (pa.float64(), "share", "5 % of the ensemble"),
        "lost_output_high": (pa.float64(), "share", "95 % of the ensemble"),
        "value_kusd": (
            pa.float64(),
            "kUSD",
            "of the use lost, intermediate use included; the case total counts final use only",
        ),
        "basis": (pa.string(), "", "weakest basis of the supply: observed, estimated, assumed, modelled"),
    },
    "timelines": {
        "scenario": (pa.string(), "", "id of the case"),
        "market": (pa.string(), "", "country, or segment of one"),
        "product": (pa.string(), "", "product id"),
        "date": (pa.string(), "ISO date", "first day of the week"),
        "use_share": (pa.float64(), "share", "use as a share of the base, central draw"),
        "use_low": (pa.float64(), "share", "5 % of the ensemble"),
        "use_high": (pa.float64(), "share", "95 % of the ensemble"),
    },
    "draws": {
        "scenario": (pa.string(), "", "id of the case"),
        "draw": (pa.string(), "", "central, an assumption at its low or high end, or a hypercube draw"),
        "value_kusd": (pa.float64(), "kUSD", "value of final use lost in the targeted markets"),
        "assumption": (pa.string(), "", "name of the assumption"),
        "assumed": (pa.float64(), "", "its value in the draw"),
    },
    "causes": {
        "scenario": (pa.string(), "", "id of the case"),
        "of": (pa.string(), "", "what was lost, and where"),
        "level": (pa.int64(), "", "depth in the tree, 0 = the loss itself"),
        "cause": (pa.string(), "", "cause"),
        "kind": (
            pa.string(),
            "",
            "restriction, capacity, route, stock, reserve, resourcing, demand, input, other",
        ),
        "share": (pa.float64(), "share", "of the loss; what softened it is negative"),
        "amount": (pa.float64(), "t or index points", "the same in the product's unit"),
    },
    "exposure": {
        "market": (pa.string(), "", "importing country"),
        "to": (pa.string(), "", "exporting country"),
        "product": (pa.string(), "", "product ids, joined by +"),
        "name": (pa.string(), "", "what it is"),
        "hs": (pa.string(), "HS 1992", "code; empty where there is none"),
        "year": (pa.int64(), "year", "year of the trade data"),
        "import_t": (pa.float64(), "t gross", "reported imports"),
        "import_share": (pa.float64(), "share", "raw, by weight"),
        "import_share_value": (pa.float64(), "share", "raw, by value"),
        "import_share_balanced": (pa.float64(), "share", "in the balanced network"),
        "consumption_share": (pa.float64(), "share", "of the market's whole inflow, balanced"),
        "hhi": (pa.float64(), "0-1", "concentration of suppliers by raw weight"),
        "cover_days": (pa.float64(), "days", "assumed stock at users"),
        "spare_capacity_t": (pa.float64(), "t a year", "what producers elsewhere could add"),
        "basis": (pa.string(), "", "observed, estimated, assumed, missing"),
        "imputed": (pa.bool_(), "", "whether the screen replaced or filled quantities"),
        "flags": (pa.string(), "", "what the data screen and the code say of the row, joined by ;"),
    },
}


def result_tables(digests: Sequence[CaseDigest], model: ReportModel) -> dict[str, pa.Table]:
    """Return the tables of a study by name; columns as in `COLUMNS`."""
    shortfalls = [
        {
            "scenario": case.id,
            **{name: getattr(row, name) for name in COLUMNS["shortfalls"] if name != "scenario"},
        }
        for case in model.cases
        for row in case.rows
    ]
    causes = [
        {"scenario": case.id, "of": title, **row}
        for case in model.cases
        for title, tree in case.why
        for row in _flat(tree, 0)
    ]
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "shortfalls": shortfalls,
        "timelines": [row for case in digests for row in case.tables["timelines"]],
        "draws": [row for case in digests for row in case.tables["draws"]],
        "causes": causes,
        "exposure": [{**row, "flags": "; ".join(row["flags"])} for row in model.exposure_rows],
    }
    return {name: _table(name, found) for name, found in rows.items()}


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    fields = [
        pa.field(column, kind, metadata={"unit": unit, "sentence": sentence})
        for column, (kind, unit, sentence) in COLUMNS[name].items()
    ]
    arrays = [pa.array([row[field.name] for row in rows], type=field.type) for field in fields]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _flat(node: CauseNode, level: int) -> list[dict[str, Any]]:
    row = {"level": level, "cause": node.label, "kind": node.kind, "share": node.share, "amount": node.amount}
    return [row, *(found for child in node.children for found in _flat(child, level + 1))]


def timeline_rows(network: Network, run: CaseRun) -> list[dict[str, object]]:
    """Return the weekly use of every consumer of the targets that has any, central and band."""
    used, start = run.outcome.values("consumer_used"), run.scenario.start
    ensemble = run.draws.ensemble
    days = [day_of(start, i, network.period_days).isoformat() for i in range(run.scenario.periods)]
    found = []
    for n in range(network.n_consumers):
        market = network.markets[network.consumer_market[n]].id
        if market not in run.scenario.targets or network.consumer_inflow[n] <= 0.0:
            continue
        share = used[:, :, n] / network.consumer_inflow[n]
        low, high = (np.quantile(share[ensemble], q, axis=0) for q in BAND)
        product = network.products[network.consumer_product[n]].id
        for i, date in enumerate(days):
            found.append(
                {
                    "scenario": run.id,
                    "market": market,
                    "product": product,
                    "date": date,
                    "use_share": float(share[0, i]),
                    "use_low": float(low[i]),
                    "use_high": float(high[i]),
                }
            )
    return found


def draw_rows(network: Network, run: CaseRun) -> list[dict[str, object]]:
    """Return the total value lost in every draw, once per assumption with its value there."""
    value = total_value_kusd(network, run.outcome, run.scenario.targets)
    return [
        {
            "scenario": run.id,
            "draw": draw,
            "value_kusd": float(value[i]),
            "assumption": name,
            "assumed": float(values[i]),
        }
        for i, draw in enumerate(run.draws.names)
        for name, values in sorted(run.drawn.items())
    ]


def compare(name: str, before: pa.Table, after: pa.Table, tolerance: float) -> list[str]:
    """Return one sentence per column that differs: numbers by more than `tolerance` relative, the rest at
    all.
    """
    if before.column_names != after.column_names or before.num_rows != after.num_rows:
        return [f"{name}: {before.num_rows} rows became {after.num_rows}, or the columns changed"]
    found = []
    for column in before.column_names:
        for old, new in zip(before[column].to_pylist(), after[column].to_pylist(), strict=True):
            if old == new or (
                isinstance(old, float) and isinstance(new, float) and _near(old, new, tolerance)
            ):
                continue
            found.append(f"{name}.{column}: {old} became {new}")
            break
    return found


def _near(old: float, new: float, tolerance: float) -> bool:
    return (math.isnan(old) and math.isnan(new)) or abs(old - new) <= tolerance * max(abs(old), abs(new))


HEAD = """# What a run leaves behind

Written by `python -m kaname.report.tables`; do not edit. `kaname run` writes one folder, whole or not at all:
an interrupted run leaves the folder that was there before, or none. A folder that is not a run is never
replaced.

| file | what it holds |
|---|---|
| `report.html` | the report: one file, opens without a network |
| `results/NAME.parquet` | the tables below; the unit of a column is in the metadata of its field |
| `results/NAME.csv` | the same; text that a spreadsheet would take for a formula begins with an apostrophe |
| `results.xlsx` | the same as sheets, with the sheets `units`, `sources` and `assumptions` |
| `charts/NAME.svg` | every chart of the report, on its own |
| `scenario.yaml` or `scenarios/NN-ID.yaml` | what was run, one file a case, with `extends` resolved |
| `manifest.json` | sha256 and size of every file; seed, draws, data, versions, platform, licences |

`kaname replay FOLDER` checks the files against the manifest, runs the scenarios again and compares every
table.

An empty cell is a missing value or *never*, as the column says; it is not zero. The **central** draw has all
assumptions at their central value. Bands (`low`, `high`, `early`, `late`) span 5 to 95 % of the ensemble: the
hypercube draws, or all draws where `--draws` is 0. A sweep writes its rows under `ID@parameter=value`. A week
is *short* when less than 98 % is served, both of the base use and of what is then wanted.
"""
ABOUT = {
    "shortfalls": "What users in the targets get: a row for each market and product that runs short, in the "
    "central draw or in a tenth of the ensemble.",
    "timelines": "A row for each case, market, product and week: every use in the targets, short or not.",
    "draws": "A row for each case, draw and assumption.",
    "causes": "Why the worst shortfalls of each case came about: a tree each, read from top to bottom.",
    "exposure": "How far each target depends on each restricting country, before anything happens.",
}


def page() -> str:
    """Return docs/results.md as it must read."""
    parts = [HEAD]
    for name, columns in COLUMNS.items():
        parts.append(f"\n## {name}\n\n{ABOUT[name]}\n\n| column | type | unit | what |\n|---|---|---|---|\n")
        parts += [f"| `{key}` | {kind} | {unit} | {text} |\n" for key, (kind, unit, text) in columns.items()]
    return "".join(parts)


if __name__ == "__main__":
    print(page(), end="")
