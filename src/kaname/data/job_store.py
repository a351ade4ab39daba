"""Jobs of the server: what was asked to be run, by whom it is being run, how far it is. SQLite, WAL.

Several servers and workers may share a file: a job is claimed in one transaction, and one whose worker no
longer reports is taken up again.
"""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaname.terms.errors import InputError, KanameError, Problem

WAITING = ("queued", "running")
STALE_S = 30.0
"""A running job without a sign of life for longer is anybody's again."""
BUSY_MS = 10_000
_TABLE = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, spec TEXT NOT NULL, state TEXT NOT NULL, step TEXT NOT NULL, error TEXT,
    created REAL NOT NULL, beat REAL NOT NULL, ended REAL, worker INTEGER
)
"""
_FIELDS = "id, spec, state, step, error, created, ended"
_DUE = "(state = 'queued' OR (state = 'running' AND beat < ?))"


@dataclass(frozen=True)
class Job:
    """A run that was asked for: its id (that of the run folder), what to run, and how far it is.

    `state` is queued, running, done, failed or cancelled; times are seconds since 1970; `error` is the JSON
    shape of errors.
    """

    id: str
    spec: Mapping[str, Any]
    state: str
    step: str
    error: Mapping[str, Any] | None
    created: float
    ended: float | None


class JobStore:
    """The jobs in one file; every call opens and closes it, so that it may be used from any thread.

    One connection stays open and idle: without it the log beside the file would come and go with every call,
    and the folder, which holds the runs as well, would look changed each time.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises KanameError where it cannot be used."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as db:
                db.execute("PRAGMA journal_mode=WAL")
                db.execute(_TABLE)
            idle = sqlite3.connect(self.path, timeout=BUSY_MS / 1000.0, check_same_thread=False)
            weakref.finalize(self, idle.close)
            idle.execute("SELECT count(*) FROM jobs").fetchone()  # only a first read opens the log
        except (OSError, sqlite3.Error) as error:
            raise KanameError(
                Problem("the file of jobs cannot be used", str(path), str(error), fix="Give another folder.")
            ) from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose work is committed as a whole or not at all."""
        with closing(sqlite3.connect(self.path, timeout=BUSY_MS / 1000.0)) as db, db:
            yield db

    def stamp(self) -> tuple[tuple[int, int], ...]:
        """Return what changes when a job does: size and time of the file and of its log. Raises OSError."""
        found = [self.path.stat()]
        with suppress(FileNotFoundError):  # the log goes with the last connection
            found.append(self.path.with_name(f"{self.path.name}-wal").stat())
        return tuple((one.st_size, one.st_mtime_ns) for one in found if one.st_size)

    def add(self, ident: str, spec: Mapping[str, Any], now: float, most: int) -> Job:
        """Queue a job, or return that of the same id which waits or runs; one that has ended is queued again.

        Raises InputError where `most` are waiting already.
        """
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            known = self._one(db, ident)
            if known is not None and known.state in WAITING:
                return known
            (waiting,) = db.execute(
                "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
            ).fetchone()
            if waiting >= most:
                raise InputError(
                    Problem("too many runs are waiting", "queue", str(waiting), f"fewer than {most}",
                            "Wait for some to end, or cancel some.")
                )  # fmt: skip
            db.execute(
                "INSERT OR REPLACE INTO jobs (id, spec, state, step, error, created, beat, ended) "
                "VALUES (?, ?, 'queued', '', NULL, ?, ?, NULL)",
                (ident, json.dumps(spec), now, now),
            )
            return Job(ident, dict(spec), "queued", "", None, now, None)

    def claim(self, now: float, worker: int = 0) -> Job | None:
        """Take the oldest job that waits, or whose worker has died; None where there is none.

        `worker` is the number of the process that will run it.
        """
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            row = db.execute(
                f"SELECT {_FIELDS} FROM jobs WHERE {_DUE} ORDER BY created, id LIMIT 1", (now - STALE_S,)
            ).fetchone()
            if row is None:
                return None
            db.execute(
                "UPDATE jobs SET state = 'running', beat = ?, step = '', worker = ? WHERE id = ?",
                (now, worker, row[0]),
            )
            return _job((*row[:2], "running", "", *row[4:]))

    def report(self, ident: str, now: float, step: str | None = None) -> bool:
        """Note a sign of life, and the step; False where the job was cancelled meanwhile."""
        with self._open() as db:
            changed = db.execute(
                "UPDATE jobs SET beat = ?, step = coalesce(?, step) WHERE id = ? AND state = 'running'",
                (now, step, ident),
            ).rowcount
        return bool(changed)

    def end(self, ident: str, state: str, now: float, error: Mapping[str, Any] | None = None) -> None:
        """Note how a running job ended; a cancelled one stays cancelled."""
        with self._open() as db:
            db.execute(
                "UPDATE jobs SET state = ?, error = ?, ended = ? WHERE id = ? AND state = 'running'",
                (state, json.dumps(error) if error else None, now, ident),
            )

    def running(self, worker: int) -> str | None:
        """Return the id of the job that a process runs, None where it runs none."""
        with self._open() as db:
            row = db.execute(
                "SELECT id FROM jobs WHERE state = 'running' AND worker = ?", (worker,)
            ).fetchone()
        return None if row is None else str(row[0])

    def due(self, now: float) -> bool:
        """Return whether `claim` would find a job."""
        with self._open() as db:
            row = db.execute(f"SELECT 1 FROM jobs WHERE {_DUE} LIMIT 1", (now - STALE_S,)).fetchone()
        return row is not None

    def waiting(self) -> int:
        """Return how many jobs wait or run."""
        with self._open() as db:
            (count,) = db.execute("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')").fetchone()
        return int(count)

    def cancel(self, ident: str, now: float) -> Job | None:
        """Cancel a job that waits or runs; return it, None where there is no such job."""
        with self._open() as db:
            db.execute(
                "UPDATE jobs SET state = 'cancelled', ended = ? "
                "WHERE id = ? AND state IN ('queued', 'running')",
                (now, ident),
            )
            return self._one(db, ident)

    def get(self, ident: str) -> Job | None:
        """Return a job, None where there is none of this id."""
        with self._open() as db:
            return self._one(db, ident)

    def jobs(self, limit: int = 100) -> tuple[Job, ...]:
        """Return the newest jobs, the newest first."""
        with self._open() as db:
            rows = db.execute(
                f"SELECT {_FIELDS} FROM jobs ORDER BY created DESC, id LIMIT ?",
                (limit,),
            ).fetchall()
        return tuple(map(_job, rows))

    def _one(self, db: sqlite3.Connection, ident: str) -> Job | None:
        row = db.execute(f"SELECT {_FIELDS} FROM jobs WHERE id = ?", (ident,)).fetchone()
        return None if row is None else _job(row)


def _job(row: tuple[Any, ...]) -> Job:
    ident, spec, state, step, error, created, ended = row
    return Job(ident, json.loads(spec), state, step, json.loads(error) if error else None, created, ended)
