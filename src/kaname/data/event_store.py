"""The event store: documents, their events, and every decision on them, in one DuckDB file.

Nothing is ever overwritten: a review, a withdrawal and a newer version of a document are rows of their
own, so
that the state of any day can be told. Every change is one transaction: whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from kaname.data.stored_event import (
    NewDocument,
    Review,
    StoredDocument,
    StoredEvent,
    record_fault,
    review_faults,
    stored,
)
from kaname.terms.errors import DataMissing, InputError, OutputError, Problem

if TYPE_CHECKING:
    import duckdb

SCHEMA = 1
MEMORY = ":memory:"
_CREATE = """
create table if not exists schema_version (version integer not null);
create table if not exists documents (
    sha256 varchar primary key, name varchar not null, title varchar, published date, published_from varchar,
    language varchar, origin varchar, text varchar not null, read_at timestamp not null);
create table if not exists events (
    id varchar primary key, document varchar not null, number integer not null, content json not null);
create sequence if not exists decisions start 1;
create table if not exists reviews (
    number bigint primary key default nextval('decisions'), event varchar not null, decision varchar not null,
    changes json not null, reviewed_by varchar not null, reviewed_at timestamp not null, note varchar);
create table if not exists withdrawals (
    number bigint primary key default nextval('decisions'), document varchar not null, replaced_by varchar,
    withdrawn_by varchar not null, withdrawn_at timestamp not null, reason varchar);
"""


class EventStore(AbstractContextManager["EventStore"]):
    """The store of one file. Use it in a `with` block: DuckDB lets one program write at a time."""

    def __init__(self, path: str | Path, *, create: bool = False) -> None:
        """Open a store, or make one; `MEMORY` as its path makes one that is gone when it is closed.

        Raises DataMissing where there is none and `create` is not set, InputError for a file that is no event
        store or one of a later version, OutputError where another program holds it or it cannot be made.
        """
        self.path = Path(path)
        if not create and not self.path.is_file():
            fix = "Read an article into it: kaname read ARTICLE --store " + str(path)
            raise DataMissing(Problem("no event store", str(path), fix=fix))
        self._open()

    def _open(self) -> None:
        """Connect, and make the tables where they are missing."""
        import duckdb  # noqa: PLC0415 - as in store.py

        try:
            if str(self.path) != MEMORY:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = duckdb.connect(str(self.path), config={"allow_community_extensions": False})
        except (duckdb.Error, OSError) as error:
            what = str(error).splitlines()[0]
            if "lock" in what.casefold():
                fix = "Wait until the other program is done."
                raise OutputError(Problem("the event store is in use", str(self.path), fix=fix)) from None
            if self.path.is_file():
                raise InputError(
                    Problem("not an event store", str(self.path), what, "a file made by kaname read --store")
                ) from None
            raise OutputError(Problem(f"the event store cannot be made: {what}", str(self.path))) from None
        self._prepare()

    def _prepare(self) -> None:
        """Make the tables, or check that they are of this version."""
        tables = {row[0] for row in self._db.execute("select table_name from duckdb_tables()").fetchall()}
        if tables and "schema_version" not in tables:
            self._db.close()
            raise InputError(
                Problem(
                    "not an event store", str(self.path), "other tables", "a file made by kaname read --store"
                )
            )
        self._db.execute("begin")
        self._db.execute(_CREATE)
        if not self._db.execute("select 1 from schema_version").fetchall():
            self._db.execute("insert into schema_version values (?)", [SCHEMA])
        self._db.execute("commit")
        version = self._db.execute("select max(version) from schema_version").fetchall()[0][0]
        if version > SCHEMA:
            self._db.close()
            raise InputError(
                Problem("made by a later kaname", str(self.path), f"version {version}", f"version {SCHEMA}")
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._db.close()

    def add(self, document: NewDocument, read_at: datetime) -> int:
        """Keep a document with its events; return how many events are new.

        A document that is there already, letter by letter, is not kept twice. One of the same name and origin
        with another text replaces it: the older is withdrawn as corrected, its events with it.
        """
        with self._transaction():
            if self._rows("select 1 from documents where sha256 = ?", [document.sha256]):
                return 0
            older = self._rows(
                "select sha256 from documents d where name = ? and origin = ? and origin <> ''"
                " and not exists (select 1 from withdrawals w where w.document = d.sha256)",
                [document.name, document.origin],
            )
            self._db.execute(
                "insert into documents values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    document.sha256, document.name, document.title, document.published,
                    document.published_from,
                    document.language, document.origin, document.text, read_at,
                ],
            )  # fmt: skip
            for number, event in enumerate(document.events):
                self._db.execute(
                    "insert into events values (?, ?, ?, ?)",
                    [event.id, document.sha256, number, json.dumps(event.as_dict(), ensure_ascii=False)],
                )
            for (sha256,) in older:
                self._withdraw(sha256, "kaname", read_at, "a newer version was read", document.sha256)
        return len(document.events)

    def events(self, ids: Sequence[str] | None = None) -> tuple[StoredEvent, ...]:
        """Return all events, or some by id (the first letters will do), oldest document first.

        Raises InputError for an id that none or several events have.
        """
        documents = self._documents()
        reviews: dict[str, list[Review]] = {}
        for event, decision, changes, who, when, note in self._rows(
            "select event, decision, changes, reviewed_by, reviewed_at, note from reviews order by number"
        ):
            reviews.setdefault(event, []).append(Review(decision, json.loads(changes), who, when, note))
        rows = self._rows(
            "select e.id, e.document, e.content from events e join documents d on d.sha256 = e.document"
            " order by d.published nulls last, d.read_at, d.sha256, e.number"
        )
        wanted = None if ids is None else self._chosen([row[0] for row in rows], ids)
        return tuple(
            stored(json.loads(content), documents[document], tuple(reviews.get(name, ())))
            for name, document, content in rows
            if wanted is None or name in wanted
        )

    def review(
        self,
        event: str,
        decision: str,
        reviewed_by: str,
        reviewed_at: datetime,
        *,
        changes: Mapping[str, Any] | None = None,
        note: str | None = None,
    ) -> StoredEvent:
        """Accept, reject or correct an event, and return it; earlier decisions stay in its history.

        `changes` holds field -> new value, for `correct` only. Raises InputError with all faults: an unknown
        event, decision or field, a value that the codebook does not know, nobody who reviewed.
        """
        (stored,) = self.events([event])
        wanted = dict(changes or {})
        problems = review_faults(decision, reviewed_by, wanted)
        if problems:
            raise InputError(problems)
        with self._transaction():
            self._db.execute(
                "insert into reviews (event, decision, changes, reviewed_by, reviewed_at, note)"
                " values (?, ?, ?, ?, ?, ?)",
                [stored.event.id, decision, json.dumps(wanted), reviewed_by.strip(), reviewed_at, note],
            )
        (after,) = self.events([stored.event.id])
        return after

    def withdraw(self, document: str, withdrawn_by: str, withdrawn_at: datetime, reason: str) -> int:
        """Withdraw a document (by name or checksum); return how many of its events no longer count.

        Raises InputError where no document, or several, are called so.
        """
        found = [
            one for one in self._documents().values()
            if one.withdrawn is None and (one.name == document or one.sha256.startswith(document))
        ]  # fmt: skip
        if len(found) != 1:
            got = f"{len(found)} documents"
            raise InputError(Problem("no single document of that name", str(self.path), got, repr(document)))
        with self._transaction():
            self._withdraw(found[0].sha256, withdrawn_by, withdrawn_at, reason, None)
        return int(self._rows("select count(*) from events where document = ?", [found[0].sha256])[0][0])

    def documents(self) -> tuple[StoredDocument, ...]:
        """Return the documents in the order they were read."""
        return tuple(self._documents().values())

    def text(self, sha256: str) -> str:
        """Return the text of a document, in which offsets of events count."""
        return str(self._rows("select text from documents where sha256 = ?", [sha256])[0][0])

    def dump(self) -> Iterable[dict[str, Any]]:
        """Yield everything as records that `load` reads: documents with their events, then decisions."""
        for row in self._rows("select * from documents order by read_at, sha256"):
            sha256, name, title, published, published_from, language, origin, text, read_at = row
            events = self._rows("select content from events where document = ? order by number", [sha256])
            yield {
                "record": "document", "sha256": sha256, "name": name, "title": title,
                "published": published.isoformat() if published else None, "published_from": published_from,
                "language": language, "origin": origin, "text": text, "read_at": read_at.isoformat(),
                "events": [json.loads(content) for (content,) in events],
            }  # fmt: skip
        for event, decision, changes, who, when, note in self._rows(
            "select event, decision, changes, reviewed_by, reviewed_at, note from reviews order by number"
        ):
            yield {
                "record": "review", "event": event, "decision": decision, "changes": json.loads(changes),
                "reviewed_by": who, "reviewed_at": when.isoformat(), "note": note,
            }  # fmt: skip
        for document, replaced, who, when, reason in self._rows(
            "select document, replaced_by, withdrawn_by, withdrawn_at, reason from withdrawals order by "
            "number"
        ):
            yield {
                "record": "withdrawal", "document": document, "replaced_by": replaced, "withdrawn_by": who,
                "withdrawn_at": when.isoformat(), "reason": reason,
            }  # fmt: skip

    def load(self, records: Sequence[Mapping[str, Any]], where: str) -> int:
        """Take in the records of a dump; what is there already stays. Return how many events are new.

        Raises InputError with all faults, and then nothing is taken in.
        """
        problems = [
            Problem("not a record of an event store", where, str(fault), line=line)
            for line, record in enumerate(records, start=1)
            if (fault := record_fault(record))
        ]
        if problems:
            raise InputError(problems)
        before = self._rows("select count(*) from events")[0][0]
        with self._transaction():
            for record in records:
                self._take_in(record)
        return int(self._rows("select count(*) from events")[0][0] - before)

    def _take_in(self, record: Mapping[str, Any]) -> None:
        """Insert one record of a dump where it is not there."""
        if record["record"] == "document":
            if self._rows("select 1 from documents where sha256 = ?", [record["sha256"]]):
                return
            names = (
                "sha256",
                "name",
                "title",
                "published",
                "published_from",
                "language",
                "origin",
                "text",
                "read_at",
            )
            self._db.execute(
                "insert into documents values (?, ?, ?, ?, ?, ?, ?, ?, ?)", [record[key] for key in names]
            )
            for number, event in enumerate(record["events"]):
                self._db.execute(
                    "insert or ignore into events values (?, ?, ?, ?)",
                    [event["id"], record["sha256"], number, json.dumps(event, ensure_ascii=False)],
                )
        elif record["record"] == "review":
            key = [record["event"], record["reviewed_by"], record["reviewed_at"]]
            if not self._rows(
                "select 1 from reviews where event = ? and reviewed_by = ? and reviewed_at = ?", key
            ):
                self._db.execute(
                    "insert into reviews (event, decision, changes, reviewed_by, reviewed_at, note)"
                    " values (?, ?, ?, ?, ?, ?)",
                    [
                        record["event"],
                        record["decision"],
                        json.dumps(record["changes"]),
                        *key[1:],
                        record["note"],
                    ],
                )
        elif not self._rows("select 1 from withdrawals where document = ?", [record["document"]]):
            when = datetime.fromisoformat(record["withdrawn_at"])
            self._withdraw(
                record["document"], record["withdrawn_by"], when, record["reason"], record["replaced_by"]
            )

    def _withdraw(self, sha256: str, who: str, when: datetime, reason: str, by: str | None) -> None:
        self._db.execute(
            "insert into withdrawals (document, replaced_by, withdrawn_by, withdrawn_at, reason)"
            " values (?, ?, ?, ?, ?)",
            [sha256, by, who, when, reason],
        )

    def _documents(self) -> dict[str, StoredDocument]:
        """Return checksum -> document, in the order they were read."""
        rows = self._rows(
            "select d.sha256, d.name, d.title, d.published, d.origin, any_value(w.reason) from documents d"
            " left join withdrawals w on w.document = d.sha256"
            " group by d.sha256, d.name, d.title, d.published, d.origin, d.read_at order by d.read_at, "
            "d.sha256"
        )
        return {
            row[0]: StoredDocument(
                row[0], row[1], row[2] or None, row[3].isoformat() if row[3] else None, row[4] or None, row[5]
            )
            for row in rows
        }

    def _chosen(self, known: Sequence[str], ids: Sequence[str]) -> set[str]:
        """Return the ids that are meant, by whole ids or their first letters."""
        chosen, problems = set(), []
        for name in ids:
            found = [one for one in known if one == name] or [one for one in known if one.startswith(name)]
            if len(found) == 1 and name:
                chosen.add(found[0])
            else:
                got = f"{len(found)} events begin with {name!r}" if found else repr(name)
                problems.append(
                    Problem("no such event", str(self.path), got, "an id of `kaname events list`")
                )
        if problems:
            raise InputError(problems)
        return chosen

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, list(values)).fetchall()

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction(AbstractContextManager[None]):
    """All changes within it, or none."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("begin")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.execute("commit" if kind is None else "rollback")


def events_of(records: Sequence[Mapping[str, Any]], where: str) -> tuple[StoredEvent, ...]:
    """Return the events of a dump without a file of a store. Raises InputError as `EventStore.load`."""
    with EventStore(MEMORY, create=True) as store:
        store.load(records, where)
        return store.events()


def read_records(text: str, where: str) -> tuple[dict[str, Any], ...]:
    """Return the records of a dump from its JSON lines. Raises InputError with the lines that are no JSON."""
    records, problems = [], []
    for line, row in enumerate(text.splitlines(), start=1):
        try:
            records.append(json.loads(row))
        except ValueError as error:
            problems.append(Problem("not JSON", where, str(error), line=line))
    if problems:
        raise InputError(problems)
    return tuple(records)
