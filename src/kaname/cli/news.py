"""The verbs on news: read, events."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kaname.cli.printing import Csv, Json, Quiet, say, show
from kaname.terms.errors import DataMissing, InputError, Problem

if TYPE_CHECKING:
    from kaname.data.stored_event import StoredEvent
    from kaname.terms.event import Event

STORE = Path("events.duckdb")
StoreOption = Annotated[Path, typer.Option("--store", help="File of the event store.")]
TablesOption = Annotated[
    Path | None, typer.Option("--tables", help="Folder whose CSV files replace kaname's tables for reading.")
]
_COLUMNS = {
    "id": "id",
    "what": "what",
    "who": "who > whom",
    "status": "status",
    "date": "date",
    "sentence": "sentence",
}
_LISTED = (
    {"id": "id", "state": "review"}
    | {key: name for key, name in _COLUMNS.items() if key != "id"}
    | {"document": "document"}
)
events_app = typer.Typer(
    help="The event store: list, show, review, withdraw, import, export.", no_args_is_help=True
)


def read(
    article: Annotated[str, typer.Argument(help="A file of text or HTML, or - for standard input.")],
    published: Annotated[
        str | None,
        typer.Option("--published", help="Day of publication, where the text does not say: 2026-01-16."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Encoding of the text; default UTF-8.")
    ] = None,
    store: Annotated[
        Path | None, typer.Option("--store", help="Keep the events in this file as well.")
    ] = None,
    tables: TablesOption = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Read an article into events, each with the sentence that says so."""
    from kaname.data.event_store import EventStore  # noqa: PLC0415
    from kaname.events import taken  # noqa: PLC0415

    reading = taken.read_article(article, published=_day(published), encoding=encoding, tables=tables)
    if store is not None:
        with EventStore(store, create=True) as kept:
            taken.keep(reading, kept, article)
    if as_json:
        print(json.dumps(reading.as_dict(), ensure_ascii=False, indent=1))
        return
    rows = [_row(event) for event in reading.events]
    document = reading.document
    if not as_csv:
        when = (
            f"published {document.published} ({document.published_from})" if document.published else "no date"
        )
        print(f"{document.title or document.name}: {len(rows)} events, {when}.")
        for note in document.notes:
            print(f"Note: {note}")
        if not rows:
            reasons = sorted({one.why for one in reading.skipped})
            print("Left out: " + ("; ".join(reasons) if reasons else "nothing") + ".")
            return
    if as_csv:
        show(rows, _COLUMNS, "", False, True)
        return
    _print(rows)
    if store is not None:
        print(f"Kept in {store}. Review: kaname events review ID --decision accept --by NAME --store {store}")


def _day(text: str | None) -> date | None:
    """Return a day from an option."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            Problem("not a date", "--published", repr(text), "a day such as 2026-01-16")
        ) from None


def _row(event: Event) -> dict[str, Any]:
    """Return an event as a row to be printed."""
    return {
        "id": event.id,
        "what": event.type + (f"/{event.mode}" if event.mode else ""),
        "who": ("+".join(event.source) or "?") + (f" > {'+'.join(event.target)}" if event.target else ""),
        "status": event.status,
        "date": event.date,
        "products": event.commodities,
        "amount": event.amount,
        "currency": event.currency,
        "place": event.place,
        "object": event.object,
        "confidence": event.confidence,
        "rule": event.rule,
        "sentence": event.sentence,
    }


def _print(rows: list[dict[str, Any]]) -> None:
    """Print events: a line each, and the sentence below it, once."""
    from rich.console import Console  # noqa: PLC0415
    from rich.padding import Padding  # noqa: PLC0415

    console = Console(highlight=False)
    for place, row in enumerate(rows):
        parts = [row["id"], row.get("state"), row["what"], row["who"], row["status"], row["date"]]
        if row["amount"] is not None:
            parts.append(f"{row['amount']:,.0f} {row['currency']}")
        parts.append(", ".join(row["products"]))
        console.print("  ".join(part for part in parts if part), markup=False, soft_wrap=True)
        following = rows[place + 1]["sentence"] if place + 1 < len(rows) else ""
        if row["sentence"] != following:
            console.print(Padding(row["sentence"], (0, 0, 1, 4)), markup=False)


def _stored_row(stored: StoredEvent) -> dict[str, Any]:
    """Return a stored event as a row to be printed."""
    return _row(stored.event) | {
        "state": stored.state,
        "reviewed_by": stored.reviewed_by,
        "document": stored.document.name,
        "published": stored.document.published,
    }


def watch(
    feeds: Annotated[Path, typer.Argument(help="A TOML file with [[feed]] name and url.")],
    store: StoreOption = STORE,
    every: Annotated[
        float | None, typer.Option("--every", min=1, help="Minutes between passes; without it one pass.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Read the new articles of RSS and Atom feeds into the event store."""
    from dataclasses import asdict  # noqa: PLC0415
    from time import sleep  # noqa: PLC0415

    from kaname.data.event_store import EventStore  # noqa: PLC0415
    from kaname.events import watch as watching  # noqa: PLC0415

    wanted = watching.load_feeds(feeds)
    while True:
        with EventStore(store, create=True) as kept:
            found = watching.watch(wanted, kept, say=say(quiet))
        if as_json:
            print(json.dumps(asdict(found), ensure_ascii=False, indent=1), flush=True)
        else:
            print(f"{found.articles} new articles, {found.events} events in {store}.", flush=True)
            for name, why in found.failed:
                print(f"  {name}: {why}")
        if every is None:
            return
        sleep(60 * every)


@events_app.command("list")
def list_events(
    store: StoreOption = STORE,
    state: Annotated[
        str | None, typer.Option("--state", help="Only new, accepted, rejected or withdrawn ones.")
    ] = None,
    country: Annotated[
        str | None, typer.Option("--country", help="Only those in which it is a party: JPN.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--type", help="Only those of a type: SANCTION.")] = None,
    doubtful: Annotated[
        bool, typer.Option("--doubtful", help="The least certain first: the queue for review.")
    ] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the events of the store."""
    from kaname.data.event_store import EventStore  # noqa: PLC0415

    with EventStore(store) as kept:
        found = list(kept.events())
    if state is not None:
        known = ("new", "accepted", "rejected", "withdrawn")
        if state not in known:
            raise InputError(Problem("unknown state", "--state", repr(state), " or ".join(known)))
        found = [one for one in found if one.state == state]
    if country is not None:
        found = [one for one in found if country.upper() in {*one.event.source, *one.event.target}]
    if kind is not None:
        found = [one for one in found if one.event.type == kind.upper()]
    if doubtful:
        found.sort(key=lambda one: one.event.confidence)
    rows = [_stored_row(one) for one in found]
    if as_json or as_csv:
        show(rows, _LISTED, "", as_json, as_csv)
        return
    print(
        f"{len(rows)} events in {store}, {sum(row['state'] == 'new' for row in rows)} of them not reviewed."
    )
    _print(rows)


@events_app.command("show")
def show_event(
    event: Annotated[str, typer.Argument(metavar="ID", help="Id of an event, or its first letters.")],
    store: StoreOption = STORE,
    as_json: Json = False,
) -> None:
    """Show an event with the sentence around it and every decision on it."""
    from kaname.data.event_store import EventStore  # noqa: PLC0415

    with EventStore(store) as kept:
        (found,) = kept.events([event])
        text = kept.text(found.document.sha256)
    around = text[max(0, found.event.start - 300) : found.event.end + 300]
    history = [one.as_dict() for one in found.reviews]
    if as_json:
        content = {
            "event": found.event.as_dict(),
            "found": found.found.as_dict(),
            "state": found.state,
            "document": {
                "name": found.document.name,
                "published": found.document.published,
                "withdrawn": found.document.withdrawn,
            },
            "context": around,
            "reviews": history,
        }
        print(json.dumps(content, ensure_ascii=False, indent=1))
        return
    for key, value in (_stored_row(found)).items():
        if value not in (None, "", ()):
            print(f"{key:12s} {', '.join(value) if isinstance(value, tuple) else value}")
    print(f"{'context':12s} {' '.join(around.split())}")
    for one in history:
        changed = f" {json.dumps(one['changes'], ensure_ascii=False)}" if one["changes"] else ""
        print(
            f"{'review':12s} {one['reviewed_at']} {one['reviewed_by']}: {one['decision']}{changed}"
            + (f" ({one['note']})" if one["note"] else "")
        )


@events_app.command()
def review(
    event: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Ids of events, or their first letters.")
    ],
    decision: Annotated[str, typer.Option("--decision", "-d", help="accept, reject or correct.")],
    by: Annotated[str, typer.Option("--by", help="Who decides.")],
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="With correct: FIELD=VALUE, lists with commas, as often as needed."),
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help="Why.")] = None,
    store: StoreOption = STORE,
) -> None:
    """Accept, reject or correct events; who and when is kept, and so is what stood before."""
    from kaname.data.event_store import EventStore  # noqa: PLC0415

    changes = _changes(change or [])
    at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    with EventStore(store) as kept:
        kept.events(event)
        for one in event:
            after = kept.review(one, decision, by, at, changes=changes, note=note)
            print(f"{after.event.id}: {after.state} by {after.reviewed_by}")


def _changes(given: list[str]) -> dict[str, Any]:
    """Return field -> value from FIELD=VALUE; lists are split at commas, an empty value is nothing."""
    changes: dict[str, Any] = {}
    for one in given:
        field, sign, value = one.partition("=")
        if not sign:
            raise InputError(Problem("not FIELD=VALUE", "--set", repr(one), "for instance status=planned"))
        if field in {"source", "target", "products", "hs", "commodities"}:
            changes[field] = [part.strip() for part in value.split(",") if part.strip()]
        elif field == "amount" and value:
            try:
                changes[field] = float(value)
            except ValueError:
                raise InputError(
                    Problem("not a number", "--set amount", repr(value), "for instance 9e12")
                ) from None
        else:
            changes[field] = value or None
    return changes


@events_app.command()
def withdraw(
    document: Annotated[
        str, typer.Argument(help="Name of a document, or the first letters of its checksum.")
    ],
    by: Annotated[str, typer.Option("--by", help="Who withdraws it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why: corrected, retracted, a double.")],
    store: StoreOption = STORE,
) -> None:
    """Withdraw a document that its publisher took back: its events no longer count."""
    from kaname.data.event_store import EventStore  # noqa: PLC0415

    with EventStore(store) as kept:
        at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        print(f"{document}: withdrawn, {kept.withdraw(document, by, at, reason)} events no longer count.")


@events_app.command("export")
def export_events(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File; default standard output.")] = None,
    store: StoreOption = STORE,
) -> None:
    """Write the whole store as JSON lines: documents, events, decisions."""
    from kaname.data.event_store import EventStore  # noqa: PLC0415
    from kaname.data.folders import write_file  # noqa: PLC0415

    with EventStore(store) as kept:
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in kept.dump())
    if out is None:
        print(text, end="")
    else:
        write_file(out, text.encode())


@events_app.command("import")
def import_events(
    file: Annotated[Path, typer.Argument(help="JSON lines of kaname events export.")],
    store: StoreOption = STORE,
) -> None:
    """Take in an exported store; what is there already stays."""
    from kaname.data.event_store import EventStore, read_records  # noqa: PLC0415

    if not file.is_file():
        raise DataMissing(Problem("no such file", str(file)))
    records = read_records(file.read_text(encoding="utf-8"), str(file))
    with EventStore(store, create=True) as kept:
        print(f"{kept.load(records, str(file))} new events in {store}.")
