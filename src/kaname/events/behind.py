"""The reviewed events behind a study: a folder of scenarios may hold the brief they were drafted from.

`brief.txt` is the text, `events.jsonl` the dump of an event store with what was reviewed in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from kaname.data.event_store import events_of, read_records
from kaname.data.stored_event import StoredEvent
from kaname.events.situation import Situation, situation
from kaname.news.read import read_events
from kaname.news.reading import read_text
from kaname.terms.errors import DataMissing, InputError, Problem

BRIEF = "brief.txt"
RECORDS = "events.jsonl"


def load_records(folder: Path) -> tuple[Mapping[str, Any], ...]:
    """Return the records behind a folder of scenarios; none where it holds no `events.jsonl`.

    Raises InputError for records with faults, and where the brief was changed after its events were reviewed.
    """
    file, brief = folder / RECORDS, folder / BRIEF
    if not file.is_file():
        return ()
    records = read_records(file.read_text(encoding="utf-8"), str(file))
    events_of(records, str(file))
    if brief.is_file():
        digest = hashlib.sha256(brief.read_text(encoding="utf-8").encode()).hexdigest()
        known = {record["sha256"] for record in records if record["record"] == "document"}
        if digest not in known:
            fix = (
                f"Read and review it again: kaname read {brief} --store events.duckdb, "
                f"kaname events export -o {file}"
            )
            raise InputError(
                Problem(
                    "the brief was changed after its events were reviewed",
                    str(brief),
                    digest[:12],
                    "one of " + RECORDS,
                    fix,
                )
            )
    return records


def as_text(records: Sequence[Mapping[str, Any]]) -> str:
    """Return records as JSON lines."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def state_of(records: Sequence[Mapping[str, Any]]) -> tuple[Situation | None, str]:
    """Return the state that accepted events tell, of all their parties, and how they were read.

    The texts are read again by this version where the extra `news` is installed, so that the reader of a
    report learns whether it still finds what was reviewed. No records, no state.
    """
    if not records:
        return None, ""
    accepted = [one for one in events_of(records, RECORDS) if one.state == "accepted"]
    found = situation(accepted)
    reviewers = sorted({one.reviewed_by for one in accepted if one.reviewed_by})
    note = f"{len(accepted)} events, each reviewed by {' or '.join(reviewers)}. {_again(records, accepted)}"
    return found, note


def _again(records: Sequence[Mapping[str, Any]], accepted: Sequence[StoredEvent]) -> str:
    """Return the sentence that says how many of the accepted events this version finds in their texts."""
    try:
        ids = {
            event.id
            for record in records
            if record["record"] == "document"
            for event in read_events(
                read_text(
                    record["text"].encode(),
                    record["name"],
                    published=date.fromisoformat(record["published"]) if record["published"] else None,
                )
            ).events
        }
    except DataMissing:
        return "The text was not read again: the extra `news` is not installed."
    again = sum(one.event.id in ids for one in accepted)
    return f"Read again by this version: {again} of {len(accepted)} found."
