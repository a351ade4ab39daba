"""Imported trade made a whole root: the rest of the bundle and the tables beside it, with its sources."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kaname.data import folders, store
from kaname.terms.codes import HS_EDITION

_ABOUT: Mapping[str, Mapping[str, str]] = {
    "baci": {
        "title": "BACI: international trade database at the product level",
        "publisher": "CEPII",
        "licence": "Etalab Open Licence 2.0",
        "attribution": "BACI, CEPII: Gaulier and Zignago (2010), CEPII Working Paper 2010-23",
    },
    "comtrade": {
        "title": "UN Comtrade",
        "publisher": "United Nations Statistics Division",
        "licence": "terms of use of UN Comtrade; ask before you pass the data on",
        "attribution": "UN Comtrade database, United Nations Statistics Division",
    },
}


def write_root(fresh: Path, kind: str, paths: Sequence[Path], about: Mapping[str, Any]) -> None:
    """Put the rest of the bundle and the tables beside imported trade, so that the folder is a whole root."""
    part = fresh / "bundle" / "trade" / "group=imported" / "part-0.parquet"
    if not part.is_file():
        return
    left_out = {"trade", "hs_products.parquet", "sources.json", "SOURCES.md"}
    copied = [path for path in sorted((store.ROOT / "bundle").iterdir()) if path.name not in left_out]
    for path in copied:
        shutil.copyfile(path, fresh / "bundle" / path.name)
    shutil.copytree(store.ROOT / "tables", fresh / "tables")
    _write_codes(part, fresh / "bundle" / "hs_products.parquet")
    mine = {
        name: {
            "sha256": folders.sha256_of(fresh / "bundle" / name),
            "bytes": (fresh / "bundle" / name).stat().st_size,
        }
        for name in ("trade/group=imported/part-0.parquet", "hs_products.parquet")
    }
    named = ", ".join(path.name for path in paths)
    record: dict[str, Any] = {
        "id": kind,
        **_ABOUT[kind],
        "edition": f"{HS_EDITION}, {about['years'][0]}-{about['years'][-1]}; files {named}",
        "date": date.today().isoformat(),
        "obtained": "imported by the user with kaname data import; hashes and changes in provenance.json",
        "changes": "see provenance.json and changes.parquet",
        "files": mine,
    }
    names = {path.name for path in copied}
    rest = [
        {**one, "files": {name: entry for name, entry in one["files"].items() if name in names}}
        for one in store.sources()
        if one["id"] != "baci"
    ]
    listed = {name for one in rest for name in one["files"]}
    owned = [one for one in store.sources() if one["id"] == "baci"]
    for one in owned:  # countries.parquet came with the embedded trade
        record["files"] |= {n: entry for n, entry in one["files"].items() if n in names - listed}
    text = json.dumps([record, *rest], indent=1, ensure_ascii=False) + "\n"
    (fresh / "bundle" / "sources.json").write_text(text, encoding="utf-8")


def _write_codes(part: Path, target: Path) -> None:
    """Write which codes the imported trade holds; those of the network without any row stand with 0 rows."""
    counted: dict[str, list[int]] = {}
    table = pq.read_table(part, columns=["hs", "year"], partitioning=None)
    for row in table.group_by(["hs", "year"]).aggregate([([], "count_all")]).to_pylist():
        counted.setdefault(f"{row['hs']:06d}", []).append(row["year"])
        counted[f"{row['hs']:06d}"].append(-row["count_all"])
    known = {row["hs"]: row["description"] for row in store.hs_products().to_pylist()}
    codes = sorted(
        set(counted) | set(known) | {row["hs"] for row in store.own_table("trade_codes").to_pylist()}
    )
    rows = []
    for code in codes:
        years = [value for value in counted.get(code, ()) if value > 0]
        rows.append(
            {
                "hs": code,
                "description": known.get(code, f"HS {code}"),
                "edition": HS_EDITION,
                "group": "imported",
                "first_year": min(years, default=None),
                "last_year": max(years, default=None),
                "rows": -sum(value for value in counted.get(code, ()) if value < 0),
            }
        )
    pq.write_table(pa.Table.from_pylist(rows, store.hs_products().schema), target)
