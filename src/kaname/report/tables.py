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
from kaname.report.columns import COLUMNS
from kaname.report.ensemble import Paths
from kaname.report.metrics import Band, bands, day_of
from kaname.report.model import CauseNode, ReportModel
from kaname.report.onset import Maker


def result_tables(digests: Sequence[CaseDigest], model: ReportModel) -> dict[str, pa.Table]:
    """Return the tables of a study by name; columns as in `COLUMNS`."""
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "cases": [
            {"scenario": case.id, **{name: getattr(case, name) for name in list(COLUMNS["cases"])[1:]}}
            for case in model.cases
        ],
        "makers": [
            _maker_row(case, *key, maker)
            for case in digests
            for key, maker in case.makers.items()
            if not maker.still
        ],
        "shortfalls": [
            {"scenario": case.id, **{name: getattr(row, name) for name in list(COLUMNS["shortfalls"])[1:]}}
            for case in model.cases
            for row in case.rows
        ],
        "causes": [
            {"scenario": case.id, "of": title, **row}
            for case in model.cases
            for title, tree in case.why
            for row in _flat(tree, 0)
        ],
        "exposure": [{**row, "flags": "; ".join(row["flags"])} for row in model.exposure_rows],
    }
    made = {name: _table(name, found) for name, found in rows.items()}
    for name in ("timelines", "outputs", "draws"):
        made[name] = pa.concat_tables([case.tables[name] for case in digests])
    return {name: made[name] for name in COLUMNS}


def _schema(name: str) -> pa.Schema:
    return pa.schema(
        [
            pa.field(column, kind, metadata={"unit": unit, "sentence": sentence})
            for column, (kind, unit, sentence) in COLUMNS[name].items()
        ]
    )


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = _schema(name)
    arrays = [pa.array([row[field.name] for row in rows], type=field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _flat(node: CauseNode, level: int) -> list[dict[str, Any]]:
    row = {"level": level, "cause": node.label, "kind": node.kind, "share": node.share, "amount": node.amount}
    return [row, *(found for child in node.children for found in _flat(child, level + 1))]


def case_tables(network: Network, run: CaseRun) -> dict[str, pa.Table]:
    """Return the large tables of a case: weekly use, weekly output, and the draws."""
    return {
        "timelines": _weekly("timelines", network, run, run.ensemble.use),
        "outputs": _weekly("outputs", network, run, run.ensemble.makers),
        "draws": _draws(run),
    }


def _weekly(name: str, network: Network, run: CaseRun, paths: Paths) -> pa.Table:
    """Return the paths week by week: the central draw and the band."""
    days = [
        day_of(run.scenario.start, i, network.period_days).isoformat() for i in range(paths.share.shape[1])
    ]
    at = paths.moving()
    share = paths.share[:, :, at]
    central = share[0]
    columns: list[Any] = [
        [run.id] * central.size,
        [paths.market[i] for i in at for _ in days],
        [paths.product[i] for i in at for _ in days],
        days * len(at),
        *(values.T.ravel() for values in (central, *bands(share, run.draws))),
    ]
    schema = _schema(name)
    arrays = [pa.array(found, type=field.type) for found, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _maker_row(case: CaseDigest, market: str, product: str, maker: Maker) -> dict[str, Any]:
    found = maker.onset
    return {
        "scenario": case.id,
        "market": market,
        "product": product,
        "first_week": found.week or None if found else None,
        "first_week_early": found.early if found else None,
        "first_week_median": found.median if found else None,
        "first_week_late": found.late if found else None,
        "never_share": found.never if found else 1.0,
        "worst_share": maker.lowest,
        **_ends("worst", maker.worst),
        "lost_share": maker.lost,
        **_ends("lost", maker.lost_band),
    }


def _ends(name: str, found: Band) -> dict[str, float]:
    return {f"{name}_low": found.low, f"{name}_median": found.median, f"{name}_high": found.high}


def _draws(run: CaseRun) -> pa.Table:
    """Return the total value lost in every draw, once per assumption with its value there."""
    names, value = run.ensemble.names, run.ensemble.value_kusd
    drawn = sorted(run.drawn.items())
    columns: list[Any] = [
        [run.id] * (len(names) * len(drawn)),
        [name for name in names for _ in drawn],
        np.repeat(value, len(drawn)),
        [name for name, _ in drawn] * len(names),
        np.stack([values for _, values in drawn], axis=1).ravel(),
    ]
    schema = _schema("draws")
    arrays = [pa.array(found, type=field.type) for found, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


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
| `report.json` | the same as data: what `kaname serve` shows |
| `report.ja.json` | the same in Japanese |
| `results/NAME.parquet` | the tables below; the unit of a column is in the metadata of its field |
| `results/NAME.csv` | the same; text that a spreadsheet would take for a formula begins with an apostrophe |
| `results.xlsx` | the same as sheets, and `units`, `sources`, `assumptions`; long tables only by name |
| `charts/NAME.svg` | every chart of the report, on its own |
| `scenario.yaml` or `scenarios/NN-ID.yaml` | what was run, one file a case, with `extends` resolved |
| `response.json` | where a plan came from a search: the answer of `kaname respond` |
| `manifest.json` | sha256 and size of every file; seed, draws, data, versions, platform, licences |

`kaname replay FOLDER` checks the files against the manifest, runs the scenarios again and compares every
table.

An empty cell is a missing value or *never*, as the column says; it is not zero. The **central** draw has all
assumptions at their central value. The **ensemble** draws all ranges at once: it is the samples (`lhs 1`,
`sobol 1`, ...), or all draws where `--draws` is 0. What 5, 50 and 95 % of it stay below stands in the columns
`low`, `median` and `high`, or `early`, `median` and `late`. Where a median lies far from the central draw,
the ranges are lopsided: central values are best guesses, not the middle of what may be. Causes are those of
the central draw alone, and have no band. A sweep writes its rows under `ID@parameter=value`. A week is
*short* when less than 98 % is served, both of the base use and of what is then wanted; for makers, when less
than 98 % of the base is made.
"""
ABOUT = {
    "shortfalls": "What users in the targets get: a row for each market and product that runs short, in the "
    "central draw or in a tenth of the ensemble.",
    "cases": "A row for each case: what is lost in all.",
    "makers": "Until when those who make something in the targets can be fed: a row for each case and maker "
    "whose output moves by more than a thousandth in any draw.",
    "timelines": "A row for each case, market, product and week: every use in the targets that moves by more "
    "than a thousandth of its base in any draw, short or not.",
    "outputs": "The same for those who make something in the targets.",
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
