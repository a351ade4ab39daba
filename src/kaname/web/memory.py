"""What keeps the memory of the processes of a server low; for them alone, never for a user's own process."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pyarrow as pa

ARENAS = -8
"""The number of glibc's setting for how many heaps a process has."""


def one_heap() -> None:
    """Let all threads share one heap, so that what one frees another can use; nothing where there is no
    glibc.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(ARENAS, 1)


def arrow_without_pandas() -> None:
    """Keep pyarrow from loading pandas with the first list that it is given: 35 MB and two seconds.

    pyarrow looks for pandas once in a process and remembers whether it was there. Afterwards `to_pandas` of
    its tables fails; pandas itself can still be imported. Where it is loaded already, nothing is done.
    """
    if "pandas" in sys.modules:
        return
    refuse = _Refuse()
    sys.meta_path.insert(0, refuse)
    try:
        pa.array([""])  # of no given type: that is where it looks
    finally:
        sys.meta_path.remove(refuse)


def most_mb() -> float:
    """Return the most memory that this process ever held, in MB; 0 where the system does not tell."""
    with contextlib.suppress(OSError):  # the call below counts there from before the program began
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    try:
        import resource  # noqa: PLC0415 - not everywhere
    except ImportError:
        return 0.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


class _Refuse:
    """A finder that says pandas is not there."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError(name)
        return None
