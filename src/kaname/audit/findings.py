"""What a check of the data finds: kinds of finding, one finding, and all of them with a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """A kind of finding: the trap it belongs to (docs/quality.md), a short title, words for one and many."""

    trap: int
    title: str
    one: str
    many: str


KINDS: Mapping[str, Kind] = {
    "imputed": Kind(1, "weight replaced", "weight replaced from value", "weights replaced from value"),
    "filled": Kind(1, "weight filled in", "missing weight filled in", "missing weights filled in"),
    "flagged": Kind(1, "weight doubted, left", "weight doubted and left", "weights doubted and left"),
    "empty_code": Kind(2, "empty code", "empty trade code", "empty trade codes"),
    "no_code": Kind(3, "stage without a code", "stage without a code", "stages without a code"),
    "stage": Kind(4, "trade misleads", "share of trade that misleads", "shares of trade that mislead"),
    "gross_weight": Kind(
        5, "gross weight", "gross weight turned to content", "gross weights turned to content"
    ),
    "disagree": Kind(5, "sources disagree", "output in dispute", "outputs in dispute"),
    "negative": Kind(5, "negative use", "node with negative naive use", "nodes with negative naive use"),
    "territory": Kind(6, "territory", "country code to know", "country codes to know"),
    "hub": Kind(7, "re-export hub", "exporter without output", "exporters without output"),
    "unit_value": Kind(
        8, "value is no price", "unit value far from its price", "unit values far from prices"
    ),
    "mirror_gap": Kind(1, "mirror gap", "mirror gap", "mirror gaps"),
}
"""The kinds, in the order of the traps."""


@dataclass(frozen=True)
class Finding:
    """One finding: of which kind, where, both values, what was done, and the sentence that says it.

    `hs`, `product` and `place` are empty where they do not apply; several products are joined by ;. `old` and
    `new` are in `unit`: before and after, or what the sentence sets side by side; None is missing. `size`
    orders findings of a kind: a share of the code's or the product's world total.
    """

    kind: str
    trap: int
    year: int
    hs: str
    product: str
    place: str
    old: float | None
    new: float | None
    unit: str
    method: str
    sentence: str
    size: float

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class DataCheck:
    """All findings of a year, by kind and then by size, and what could not be checked."""

    year: int
    rows: int
    codes: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each kind, in the order of the traps."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in KINDS if found[kind]}

    @property
    def headline(self) -> str:
        """Return one sentence with the counts by kind."""
        parts = [
            f"{count:,} {KINDS[kind].one if count == 1 else KINDS[kind].many}"
            for kind, count in self.counts.items()
        ]
        codes = "1 trade code" if self.codes == 1 else f"{self.codes} trade codes"
        rows = "1 reported flow" if self.rows == 1 else f"{self.rows:,} reported flows"
        flows = f"{rows} under {codes}" if self.codes else "no trade code"
        return f"{self.year}, {flows}: {', '.join(parts) or 'nothing found'}."

    def largest(self, kind: str, count: int = 1) -> tuple[Finding, ...]:
        """Return the largest findings of a kind."""
        return tuple(finding for finding in self.findings if finding.kind == kind)[:count]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values: headline, counts, notes, findings."""
        return {
            "year": self.year,
            "headline": self.headline,
            "counts": self.counts,
            "notes": list(self.notes),
            "findings": [finding.as_dict() for finding in self.findings],
        }


def finding(  # noqa: PLR0913 - the fields of a finding, most of them with a default
    kind: str,
    year: int,
    sentence: str,
    size: float,
    *,
    hs: str = "",
    product: str = "",
    place: str = "",
    old: float | None = None,
    new: float | None = None,
    unit: str = "t",
    method: str = "",
) -> Finding:
    """Return a finding of a kind; the trap follows from the kind."""
    return Finding(kind, KINDS[kind].trap, year, hs, product, place, old, new, unit, method, sentence, size)


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return findings by kind, the largest first."""
    order = {kind: place for place, kind in enumerate(KINDS)}
    return tuple(
        sorted(findings, key=lambda f: (order[f.kind], -f.size, f.hs, f.product, f.place, f.sentence))
    )
