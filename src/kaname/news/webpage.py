"""From HTML to text, in a child process with limits on time and memory (extra `news`).

HTML is the one input that a stranger wrote for a program to trip over: the parser runs in a process of its
own, which is stopped when it takes too long and cannot take more memory than it is allowed.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from dataclasses import dataclass, field
from datetime import date
from types import TracebackType
from typing import Any

from kaname.terms.errors import InputError, Problem
from kaname.terms.extras import require_extra

SECONDS = 20.0
MEMORY_BYTES = 1_500_000_000
START_SECONDS = 60.0


@dataclass(frozen=True)
class Page:
    """What a page says: a paragraph per line; title and day as far as they are found."""

    text: str
    title: str
    published: date | None


@dataclass
class Pages:
    """Reads pages in one child, which is started at the first and again after one that broke it.

    Use it as a context. One at a time: it is not for several threads.
    """

    seconds: float = SECONDS
    memory_bytes: int = MEMORY_BYTES
    _child: Any = field(default=None, init=False, repr=False)
    _pipe: Any = field(default=None, init=False, repr=False)

    def __enter__(self) -> Pages:
        """Return itself; the child starts when a page comes."""
        require_extra("news", "trafilatura")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the child."""
        self._stop()

    def read(self, html: str, name: str) -> Page:
        """Return what a page says.

        Raises InputError where it takes more time or memory than allowed, or is nothing to read.
        """
        if self._child is None:
            self._start(name)
        try:
            self._pipe.send(html)
            if not self._pipe.poll(self.seconds):
                self._stop()
                raise _refused(name, f"more than {self.seconds:g} seconds", "a page that is read in time")
            found = self._pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._stop()
            raise _refused(name, "an end of the parser", "a page within its limits") from None
        if isinstance(found, str):
            raise _refused(name, found, "HTML")
        text, title, day = found
        if not text.strip():
            raise _refused(name, "no paragraph", "an article")
        return Page(text, title, None if day is None else date.fromisoformat(day))

    def _start(self, name: str) -> None:
        """Start the child and wait until it has loaded its library."""
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._child = context.Process(target=_serve, args=(other, self.memory_bytes), daemon=True)
        self._child.start()
        other.close()
        if not self._pipe.poll(START_SECONDS):
            self._stop()
            raise _refused(name, "no start of the parser", f"a start within {START_SECONDS:g} seconds")
        self._pipe.recv()

    def _stop(self) -> None:
        """End the child, whatever it is doing."""
        if self._child is not None:
            self._child.kill()
            self._child.join()
            self._pipe.close()
            self._child = self._pipe = None


def _refused(name: str, got: str, expected: str) -> InputError:
    """Return the error of a page that cannot be read."""
    fix = "Save the article as text and read that."
    return InputError(Problem("the page cannot be read", name, got, expected, fix))


def _serve(pipe: Any, memory_bytes: int) -> None:
    """Answer pages until the other side hangs up; runs in the child."""
    import trafilatura  # noqa: PLC0415 - only the child needs it

    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pipe.send("ready")
    while True:
        try:
            html = pipe.recv()
        except EOFError:
            return
        try:
            found: Any = trafilatura.bare_extraction(
                html, include_comments=False, include_tables=False, with_metadata=True
            )
            told = {} if found is None else found.as_dict()
            answer: Any = (told.get("text") or "", told.get("title") or "", told.get("date") or None)
        except MemoryError:
            answer = "more memory than is allowed"
        except Exception as error:
            answer = f"a failure of the parser ({type(error).__name__})"
        pipe.send(answer)
