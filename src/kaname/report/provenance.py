"""Where the data come from: one row per source of the embedded bundle."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from kaname.data import store
from kaname.network.network import Network
from kaname.report.model import AssumptionRow, SourceRow


def source_rows() -> list[SourceRow]:
    """Return the provenance of the embedded data, one row per source."""
    rows = []
    for record in store.sources():
        hashes = [entry["sha256"] for entry in record.get("files", {}).values()]
        digest = hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest() if hashes else ""
        rows.append(
            SourceRow(
                record["title"],
                record["publisher"],
                record["edition"],
                record["licence"],
                record["date"],
                digest,
                record.get("attribution", ""),
            )
        )
    return rows


def control_rows(
    network: Network, controls: Sequence[Mapping[str, Any]], notes: Sequence[str]
) -> list[AssumptionRow]:
    """Return the export controls known on the as-of date, those of several products in one row.

    `controls` are the rows of the table of controls, `notes` the builder's sentence on each.
    """
    names = {product.id: product.name for product in network.products}
    grouped: dict[tuple[str, str, str, str, str, str], list[str]] = {}
    for row, note in zip(controls, notes, strict=True):
        reach = "all countries" if row["importer"] == "*" else str(row["importer"])
        span = f"factor {row['factor_low']:g} to {row['factor_high']:g}"
        key = (row["title"], reach, note.split(": ", 1)[1], span, row["grade"], row["source"])
        grouped.setdefault(key, []).append(names[row["product"]])
    return [
        AssumptionRow(f"{title}, to {reach}: {', '.join(products)}", state, span, grade, source)
        for (title, reach, state, span, grade, source), products in grouped.items()
    ]
