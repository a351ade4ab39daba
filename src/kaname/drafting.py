"""From reviewed events of a store to a scenario file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from kaname.data import store as data
from kaname.data.event_store import EventStore
from kaname.data.folders import write_file
from kaname.data.stored_event import StoredEvent
from kaname.scenario import files
from kaname.scenario.draft import Accepted, Drafted, draft
from kaname.study import examples_folder
from kaname.terms.errors import InputError, OutputError, Problem


def draft_scenario(
    events: Sequence[str], store: str | Path, out: str | Path | None = None, *, overwrite: bool = False
) -> Drafted:
    """Return the scenario that reviewed events of a store tell, and write it to `out` where given.

    Each restriction carries its event and sentence as evidence; what the text leaves open is an assumption
    with its range, listed in the notes. Raises InputError for events that nobody has accepted and for those
    that tell no restriction, OutputError where the file exists.
    """
    with EventStore(store) as kept:
        found = kept.events(events)
    problems = [_not_accepted(one) for one in found if one.state != "accepted"]
    if problems:
        raise InputError(problems)
    path = Path(out) if out is not None else None
    name = path.stem.casefold().replace("_", "-").replace(" ", "-") if path is not None else "drafted"
    known = [
        {"id": one.id, "products": one.products, "payers": [payer.market for payer in one.payers]}
        for one in files.load_measures(examples_folder() / "measures")
    ]
    drafted = draft(
        [accepted(one) for one in found], data.own_table("controls").to_pylist(), known, name=name
    )
    files.loads(drafted.text, name=path.name if path is not None else "draft")
    if path is not None:
        if path.exists() and not overwrite:
            raise OutputError(Problem("the file exists", str(path), fix="Give another name, or --overwrite"))
        write_file(path, drafted.text.encode())
    return drafted


def accepted(one: StoredEvent) -> Accepted:
    """Return an accepted event with its reviewer and document."""
    published = one.document.published
    return Accepted(
        event=one.event,
        reviewed_by=one.reviewed_by or "",
        document=one.document.title or one.document.name,
        published=date.fromisoformat(published) if published else None,
    )


def _not_accepted(one: StoredEvent) -> Problem:
    fix = f"Read its sentence and decide: kaname events review {one.event.id} --decision accept --by NAME"
    return Problem("the event is not accepted", f"event {one.event.id}", one.state, "accepted", fix)
