"""What a report tells of the data themselves: what is covered, what is doubtful, the coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CoveredCell:
    """One material at one stage: how most of its output is known, who makes it, whose trade code it has.

    `grade` is observed, estimated, assumed, or missing without output; shares are of the output in tonnes,
    None without any. `trade` is own (a code of its own), shared or none.
    """

    element: str
    stage: str
    grade: str
    makers: int
    observed: float | None
    estimated: float | None
    assumed: float | None
    trade: str


@dataclass(frozen=True)
class ListRow:
    """A list of critical materials: how many it names, how many are covered, those that are not."""

    name: str
    materials: int
    covered: int
    in_groups: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class DoubtRow:
    """A kind of finding: its title, how many there are, the largest in a sentence."""

    kind: str
    title: str
    count: int
    largest: str


@dataclass(frozen=True)
class DisputedRow:
    """An output on which sources disagree, in tonnes: least, taken, most, and what each source says."""

    place: str
    product: str
    low_t: float
    taken_t: float
    high_t: float
    note: str


@dataclass(frozen=True)
class TableRow:
    """A table of coefficients (docs/tables.md): what it holds, its rows, and how many of each grade."""

    name: str
    holds: str
    rows: int
    observed: int
    reported: int
    estimated: int
    assumed: int


@dataclass(frozen=True)
class DataView:
    """The data behind a run: of which year, what is covered, what critical lists name, doubts, coefficients.

    `names` are the English names of the products and countries that sentences name by id.
    """

    year: int
    flows: int  # reported flows that were screened
    products: int
    cells: tuple[CoveredCell, ...]
    lists: tuple[ListRow, ...]
    doubts: tuple[DoubtRow, ...]
    disputed: tuple[DisputedRow, ...]
    tables: tuple[TableRow, ...]
    notes: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
