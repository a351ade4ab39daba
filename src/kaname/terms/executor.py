"""The executor seam: map a pure function over items, in order. Serial and threads are shipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar


def stopped() -> float:
    """Return 0: the clock of a search without a time limit; the real one is handed in from above."""
    return 0.0


Item = TypeVar("Item")
Result = TypeVar("Result")


class Executor(Protocol):
    """What maps a function over items; results come in the order of the items, whatever runs first."""

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return the function's value for every item. The first error is raised."""
        ...


@dataclass(frozen=True)
class Serial:
    """One item after the other, in this thread."""

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return the function's value for every item."""
        return [function(item) for item in items]


@dataclass(frozen=True)
class Threads:
    """Some threads of this process: for functions that let go of the interpreter, as solvers do."""

    count: int = 2

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return the function's value for every item."""
        with ThreadPoolExecutor(max(1, self.count)) as pool:
            return list(pool.map(function, items))
