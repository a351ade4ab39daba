"""`kaname data balance` and its Python twin: what the balance made of one product, country by country."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kaname.baseline import Baseline, load_baseline
from kaname.data import store
from kaname.network.accounts import Account, NodeAccount
from kaname.network.network import Product
from kaname.network.reconcile import NOTHING_T, ROUNDING_SHARE, Adjustment
from kaname.network.sources import REST
from kaname.terms import codes
from kaname.terms.errors import InputError, Problem

CLOSED = 1e-6  # a node closes if supply and use differ by less than this share of its turnover
UNITS = {"t": "t", "MUSD": "M USD"}  # as they are said in a sentence
SURE, LIKELY, WEAK = 1.0, 0.5, 0.3  # weights from which a figure held, by the grade of its source (rule N7)
ITEMS = {
    "output": "output",
    "imports": "imports",
    "unrecorded": "unrecorded supply",
    "own_exports": "own exports",
    "reexports": "re-exports",
    "processing": "processing use",
    "final": "final use",
    "stock_change": "stock change",
}
"""The items of an account: supply first, then use."""


@dataclass(frozen=True)
class BalanceRow:
    """One item of one country before and after the balance, in tonnes a year; None is not known.

    `change_share` is of the value before, None where that is 0. `weight` is what the balance held the
    figures by, averaged over tonnes (1 an observed lane, 3 mine output); None for what is left over.
    `confidence` says the same in a word.
    """

    country: str
    item: str
    before_t: float | None
    after_t: float | None
    change_t: float | None
    change_share: float | None
    weight: float | None
    confidence: str

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class LaneRow:
    """One lane before and after the balance, in tonnes a year."""

    exporter: str
    importer: str
    before_t: float
    after_t: float
    change_t: float
    factor: float
    weight: float
    confidence: str

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class ProductBalance:
    """The balance of one product: rows and lanes, the largest change first, and whether it closes."""

    product: str
    name: str
    content: str
    unit: str
    country: str
    year: int
    rows: tuple[BalanceRow, ...]
    lanes: tuple[LaneRow, ...]
    nodes: int
    moved_t: float
    processing_moved_t: float
    reported_t: float
    short_nodes: int
    short_t: float
    open_nodes: int
    open_t: float
    unrecorded_t: float
    worst_open_share: float

    @property
    def closes(self) -> bool:
        """Tell whether every node closes after the balance, to `CLOSED` of its turnover."""
        return self.worst_open_share <= CLOSED

    @property
    def headline(self) -> str:
        """Return one sentence: how much had to move in all, and why."""
        where = f" in {self.country}" if self.country else ""
        share = f"{self.moved_t / self.reported_t:.1%}" if self.reported_t > 0.0 else "none"
        told = (
            f"{self.name}{where}, {self.year}: the balance moved {self.moved_t:,.0f} {self.unit}, {share} of"
            f" the {self.reported_t:,.0f} {self.unit} of output and trade that go in"
        )
        reasons = []
        if self.short_nodes:
            reasons.append(
                f"{self._places(self.short_nodes)}exports and processing exceed output and imports by"
                f" {self.short_t:,.0f} {self.unit}"
            )
        if self.open_nodes:
            reasons.append(
                f"{self._places(self.open_nodes)}supply and estimated use differ by"
                f" {self.open_t:,.0f} {self.unit}"
            )
        why = ", because " + " and ".join(reasons) if reasons else ", because the stages beside it moved"
        if self.processing_moved_t >= max(1.0, 0.1 * self.moved_t):
            why += f"; processing it feeds takes {self.processing_moved_t:,.0f} {self.unit} more or less"
        rest = ""
        if self.unrecorded_t >= 1.0:
            rest = f"; {self.unrecorded_t:,.0f} {self.unit} have no recorded source"
        return f"{told}{why}{rest}."

    def _places(self, count: int) -> str:
        return "" if self.country else f"in {count} of {self.nodes} countries "

    @property
    def closing(self) -> str:
        """Return one sentence on whether the account closes."""
        word = "closes" if self.closes else "DOES NOT CLOSE"
        return (
            f"After the balance every node {word}: supply and use differ by at most"
            f" {self.worst_open_share:.1g} of the turnover (allowed {CLOSED:g})."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        plain = asdict(self) | {"headline": self.headline, "closes": self.closes}
        return {"headline": plain.pop("headline"), **plain}


def data_balance(
    product: str, country: str | None = None, baseline: Baseline | None = None, root: Path | None = None
) -> ProductBalance:
    """Return what the balance made of a product, per country or of one (rule N7).

    Values are in tonnes a year of what the product counts (contained metal or oxide), for parts in million
    USD; before means as reported and estimated, after the controls in force. Stock changes are known for no
    country and stay missing. Raises InputError for an unknown product or country, or one without the product.
    """
    baseline = baseline or load_baseline(root=root)
    network, report = baseline.build.network, baseline.build.report
    balanced = {account.product for account in report.accounts}
    materials = {item.id: item for item in network.products if item.id in balanced}
    if product not in materials:
        close = codes.near(product, list(materials))
        fix = "Use " + ", ".join(close) if close else "kaname data coverage --csv lists the products"
        raise InputError(Problem("unknown product", "PRODUCT", repr(product), fix=fix))
    chosen = [account for account in report.accounts if account.product == product]
    lanes = [item for item in report.adjustments if item.product == product and item.what == "lane"]
    outputs = [item for item in report.adjustments if item.product == product and item.what != "lane"]
    if country is not None:
        code = codes.country(country, store.country_names(root) | {REST: "Rest of the world"}, "--country")
        chosen = [account for account in chosen if account.country == code]
        lanes = [item for item in lanes if code in item.place.split(" to ")]
        outputs = [item for item in outputs if item.place == code]
        if not chosen:
            known = ", ".join(sorted({a.country for a in report.accounts if a.product == product}))
            raise InputError(Problem(f"{code} has no {product}", "--country", country, known))
        country = code
    return _balance(materials[product], country or "", network.base_year, chosen, lanes, outputs)


def _balance(
    product: Product,
    country: str,
    year: int,
    chosen: Sequence[NodeAccount],
    lanes: Sequence[Adjustment],
    outputs: Sequence[Adjustment],
) -> ProductBalance:
    """Put the parts of one product together."""
    told = [row for account in chosen for row in _rows(account, lanes, outputs)]
    told.sort(key=lambda row: (-abs(row.change_t or 0.0), row.country, list(ITEMS).index(row.item)))
    short = [account.before.final_t for account in chosen if account.before.final_t < -NOTHING_T]
    gaps = [abs(account.before.open_t) for account in chosen if account.before.open_share > CLOSED]
    moved = [*lanes, *outputs]
    return ProductBalance(
        product.id,
        product.name,
        product.content,
        UNITS.get(product.unit, product.unit),
        country,
        year,
        tuple(told),
        tuple(
            sorted(map(_lane, lanes), key=lambda lane: (-abs(lane.change_t), lane.exporter, lane.importer))
        ),
        len(chosen),
        sum(abs(item.after_t - item.before_t) for item in moved),
        sum(abs(account.after.processing_t - account.before.processing_t) for account in chosen),
        sum(item.before_t for item in moved),
        len(short),
        -sum(short),
        len(gaps),
        sum(gaps),
        sum(filter(None, (_items(account.after)["unrecorded"] for account in chosen))),
        max(a.after.open_share for a in chosen),
    )


def _rows(
    account: NodeAccount, lanes: Sequence[Adjustment], outputs: Sequence[Adjustment]
) -> list[BalanceRow]:
    """Return the items of one country; a stock change is never known, items that are 0 on both sides are left
    out.
    """
    into = [item for item in lanes if item.place.endswith(f" to {account.country}")]
    out = [item for item in lanes if item.place.startswith(f"{account.country} to ")]
    made = [item for item in outputs if item.place == account.country]
    held = {"output": made, "imports": into, "own_exports": out, "reexports": out}
    before, after = _items(account.before), _items(account.after)
    found = []
    for item in ITEMS:
        old, new = before[item], after[item]
        if old is None or new is None:
            found.append(BalanceRow(account.country, item, old, new, None, None, None, "not known"))
            continue
        if max(abs(old), abs(new)) <= NOTHING_T:
            continue
        weight = _weight(held.get(item, ()))
        share = (new - old) / abs(old) if abs(old) > NOTHING_T else None
        word = _word(weight) if item in held else "derived" if item == "processing" else "left over"
        found.append(BalanceRow(account.country, item, old, new, new - old, share, weight, word))
    return found


def _items(account: Account) -> dict[str, float | None]:
    """Return an account by item; unrecorded supply within the rounding of the balance is none."""
    rounding = ROUNDING_SHARE * (account.output_t + account.imports_t)
    return {
        "output": account.output_t,
        "imports": account.imports_t,
        "unrecorded": account.unrecorded_t if account.unrecorded_t > rounding else 0.0,
        "own_exports": account.exports_t - account.reexports_t,
        "reexports": account.reexports_t,
        "processing": account.processing_t,
        "final": account.final_t,
        "stock_change": None,
    }


def _weight(items: Sequence[Adjustment]) -> float | None:
    """Return the mean weight over tonnes; None without any."""
    total = sum(item.before_t for item in items)
    return sum(item.before_t * item.weight for item in items) / total if total > 0.0 else None


def _word(weight: float | None) -> str:
    """Return a weight in words."""
    if weight is None:
        return "left over"
    words = (("high", SURE), ("fair", LIKELY), ("low", WEAK))
    return next((word for word, least in words if weight >= least - 1e-9), "guess")


def _lane(item: Adjustment) -> LaneRow:
    exporter, _, importer = item.place.partition(" to ")
    factor = item.after_t / item.before_t if item.before_t > 0.0 else float("nan")
    change = item.after_t - item.before_t
    return LaneRow(
        exporter, importer, item.before_t, item.after_t, change, factor, item.weight, _word(item.weight)
    )
