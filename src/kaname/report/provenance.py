"""Where the data come from: one row per source of the embedded bundle."""

from __future__ import annotations

import hashlib

from kaname.data import store
from kaname.report.model import SourceRow


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
