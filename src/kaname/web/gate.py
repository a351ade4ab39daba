"""A narrow gate before what takes seconds: so many at once, so many waiting, the rest are told to come again.

Without it a handful of heavy questions would take every thread of the server, and pages would wait for them.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import BoundedSemaphore, Lock
from typing import TypeVar

from kaname.terms.errors import Problem
from kaname.web.guard import Refused

T = TypeVar("T")
AT_ONCE = 2
MOST_WAITING = 8
PATIENCE_S = 60.0


class Gate:
    """Lets so many callers through at once; safe to be used from several threads."""

    def __init__(
        self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING, patience_s: float = PATIENCE_S
    ) -> None:
        """Open the gate for `at_once` callers, with room for `most_waiting` beside them."""
        self._free = BoundedSemaphore(at_once)
        self._room = at_once + most_waiting
        self._patience_s = patience_s
        self._inside = 0
        self._lock = Lock()

    def through(self, work: Callable[[], T]) -> T:
        """Return what the work returns, when there is room. Raises Refused (429) where too many wait."""
        with self._lock:
            if self._inside >= self._room:
                raise self._full()
            self._inside += 1
        try:
            if not self._free.acquire(timeout=self._patience_s):
                raise self._full()
            try:
                return work()
            finally:
                self._free.release()
        finally:
            with self._lock:
                self._inside -= 1

    def _full(self) -> Refused:
        problem = Problem(
            "too many questions that take seconds are waiting",
            "queue",
            str(self._inside),
            f"at most {self._room}",
            "Ask again in a minute, or ask for less: one country, product or year.",
        )
        return Refused(429, problem)
