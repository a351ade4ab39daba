"""A company's bill of materials: CSV or XLSX in, checked lines out."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kaname.data import store
from kaname.data.sources.cells import UNITS_T, Cells, SourceFile, open_cells
from kaname.data.sources.findings import DROP, REPAIR, Finding, settle
from kaname.data.sources.layouts import BOM
from kaname.terms.codes import near

NUMBERS = ("quantity_per_year", "share", "stock_days", "lead_time_days", "spend_kusd_per_year")
SAME_FOR_ITEM = ("name", "product", "hs", "quantity_per_year", "unit", "stock_days", "spend_kusd_per_year")
MOST_DAYS = 36500.0
_PIECES = "pcs pc piece pieces ea each unit units set sets pair pairs roll rolls 個 本 枚 台 式 組"
COUNTED = frozenset([*_PIECES.split(), "m", "m2", "m3", "l", "litre", "litres", "liter"])
"""Units that are no mass: the quantity is kept, tonnes are missing."""
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "magnets": (
        "ndfeb magnet", "neodymium magnet", "neodymium iron boron magnet", "rare earth magnet",
        "nd fe b magnet", "sintered ndfeb magnet", "ネオジム磁石", "希土類磁石",
    ),
    "gallium_refined": ("gallium", "gallium metal", "refined gallium", "ガリウム"),
    "germanium_refined": ("germanium", "germanium metal", "germanium dioxide", "ゲルマニウム"),
    "tungsten_powder": ("tungsten powder", "タングステン粉"),
    "tungsten_apt": ("ammonium paratungstate", "apt", "tungsten oxide"),
    "tungsten_ore": ("tungsten ore",),
    "antimony_metal": ("antimony", "antimony metal", "antimony oxide", "antimony trioxide", "アンチモン"),
    "graphite_anode": ("spherical graphite", "anode graphite", "coated spherical graphite"),
    "graphite_flake": ("flake graphite", "natural flake graphite"),
    "ndpr_metal": ("neodymium metal", "ndpr metal", "praseodymium neodymium metal"),
    "dytb_metal": ("dysprosium metal", "terbium metal", "dysprosium", "terbium"),
    "ndpr_compound": ("neodymium oxide", "ndpr oxide", "praseodymium oxide"),
    "dytb_compound": ("dysprosium oxide", "terbium oxide"),
}  # fmt: skip
"""Other names that leave no doubt; those of products that do not exist are never used."""


@dataclass(frozen=True)
class BomLine:
    """One row: what is bought from whom. Missing values are None or ''.

    `products` are the kaname products that the line counts as (several where an HS code holds several);
    `matched_by` says how they were found: product, hs, name or '' for unmatched; `nearest` are names that
    look alike.
    """

    row: int
    item: str
    name: str
    products: tuple[str, ...]
    hs: str
    matched_by: str
    nearest: tuple[str, ...]
    quantity: float | None
    unit: str
    quantity_t: float | None
    supplier: str
    country: str | None
    share: float | None
    stock_days: float | None
    lead_time_days: float | None
    spend_kusd_per_year: float | None
    substitutes: str


@dataclass(frozen=True)
class Catalogue:
    """The products that a line can count as: names by id, and the products of each HS code."""

    names: Mapping[str, str]
    by_hs: Mapping[str, tuple[str, ...]]
    traded: frozenset[str]

    def named(self, text: str) -> str | None:
        """Return the product with this id, name or synonym, whatever case and number; None for none."""
        wanted = _plain(text)
        for product, name in self.names.items():
            if wanted in {_plain(product), _plain(name), *map(_plain, SYNONYMS.get(product, ()))}:
                return product
        return None

    def nearest(self, text: str) -> tuple[str, ...]:
        """Return up to three products whose id, name or synonym looks like a text."""
        known = {
            _plain(word): product
            for product, name in self.names.items()
            for word in (*SYNONYMS.get(product, ()), name, product)
        }
        wanted = _plain(text)
        hits = [known[word] for word in near(wanted, list(known))]
        words = [word for word in wanted.split() if len(word) > 3]
        hits += [product for word, product in known.items() if any(part in word.split() for part in words)]
        return tuple(dict.fromkeys(hits))[:3]


@dataclass(frozen=True)
class Bom:
    """A checked bill of materials: the file, its lines, rows read, and everything that was found."""

    file: SourceFile
    lines: tuple[BomLine, ...]
    rows_read: int
    findings: tuple[Finding, ...]


def catalogue(root: Path | None = None) -> Catalogue:
    """Return the material products of kaname with the HS codes that hold them."""
    rows = store.own_table("products", root).to_pylist()
    names = {row["product"]: row["name"] for row in rows if row["unit"] == "t"}
    by_hs: dict[str, dict[str, None]] = {}
    for row in store.own_table("trade_codes", root).to_pylist():
        if row["exporter"] == "*" and row["product"] in names:
            by_hs.setdefault(row["hs"], {})[row["product"]] = None
    traded = frozenset(store.hs_products(root)["hs"].to_pylist())
    return Catalogue(names, {code: tuple(ids) for code, ids in by_hs.items()}, traded)


def read_bom(
    path: Path,
    on_fault: str = "refuse",
    encoding: str = "",
    decimal: str = "auto",
    sheet: str = "",
    root: Path | None = None,
) -> Bom:
    """Return the checked lines of a bill of materials (columns: docs/own-data.md).

    With `on_fault="refuse"` every fault that would need a repair or cost a row is raised, all at once; with
    "repair" they are carried out and listed. A line that matches no product is kept and told, never guessed.
    Raises `DataMissing` where there is no file, `TableError` for faults.
    """
    with tempfile.TemporaryDirectory() as work:
        file, cells, rows = open_cells(path, BOM, Path(work), encoding, decimal, sheet, NUMBERS)
    known = catalogue(root)
    lines = [_line(row, text, cells, known) for row, text in rows]
    _compare_rows(lines, cells)
    good = tuple(line for line in lines if line.row not in cells.bad_rows)
    findings = cells.notes.found
    settle(findings, on_fault, str(path))
    lost = sum(one.count for one in findings if one.kind == "cell_count")
    return Bom(file, good, len(rows) + lost, findings)


def _line(row: int, text: Mapping[str, str], cells: Cells, known: Catalogue) -> BomLine:
    """Return one row as a line; its faults are noted."""
    get = {name: text.get(name, "") for name in BOM.names}
    if not get["item"]:
        cells.fault("missing_cell", "item", row, "", "a number or name", "Give every row an item")
    hs = cells.hs(row, "hs", get["hs"]) or ""
    products, matched_by, nearest = _matched(row, get, hs, cells, known)
    quantity = cells.number(row, "quantity_per_year", get["quantity_per_year"])
    return BomLine(
        row,
        get["item"],
        get["name"],
        products,
        hs,
        matched_by,
        nearest,
        quantity,
        get["unit"],
        _tonnes(row, quantity, get["unit"], cells),
        get["supplier"],
        cells.country(row, "country", get["country"]),
        cells.share(row, "share", get["share"]),
        cells.number(row, "stock_days", get["stock_days"], MOST_DAYS),
        cells.number(row, "lead_time_days", get["lead_time_days"], MOST_DAYS),
        cells.number(row, "spend_kusd_per_year", get["spend_kusd_per_year"]),
        cells.choice(row, "substitutes", get["substitutes"], ("yes", "no")),
    )


def _matched(
    row: int, get: Mapping[str, str], hs: str, cells: Cells, known: Catalogue
) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Return (products, how they were found, nearest names) of a row."""
    if get["product"]:
        found = known.named(get["product"])
        if found is None:
            close = known.nearest(get["product"])
            fix = f"Did you mean {' or '.join(close)}?" if close else "Leave the cell empty and give hs"
            cells.fault("unknown_product", "product", row, get["product"], "a product id or name", fix)
            return (), "", close
        if hs and hs in known.by_hs and found not in known.by_hs[hs]:
            expected = f"one of {', '.join(known.by_hs[hs])} for HS {hs}"
            cells.fault(
                "conflict", "product", row, f"{found} with HS {hs}", expected, "Correct one of the two"
            )
        return (found,), "product", ()
    if hs:
        if hs in known.by_hs:
            return known.by_hs[hs], "hs", ()
        if hs not in known.traded:
            cells.told("unknown_hs", "hs", row, hs)
        return (), "hs", ()
    words = [word for word in (get["name"], get["item"]) if word]
    for word in words:
        if found := known.named(word):
            return (found,), "name", ()
    close = tuple(dict.fromkeys(one for word in words for one in known.nearest(word)))[:3]
    fix = f"Nearest: {', '.join(close)}; write one into the column product if it is" if close else ""
    if get["item"]:
        cells.told("unmatched", "product", row, words[0], fix)
    return (), "", close


def _tonnes(row: int, quantity: float | None, unit: str, cells: Cells) -> float | None:
    """Return a quantity in tonnes; None for units that are no mass."""
    key = unit.casefold().strip(" .")
    if quantity is None:
        return None
    if not key:
        cells.fault(
            "missing_unit", "unit", row, f"{quantity:g}", "a unit such as kg or t", "Fill in the unit"
        )
        return None
    if key in UNITS_T:
        return quantity * UNITS_T[key]
    if key not in COUNTED:
        close = near(key, [*UNITS_T, *sorted(COUNTED)])
        fix = f"Did you mean {close[0]}?" if close else "Use kg or t"
        cells.fault("wrong_unit", "unit", row, unit, "a unit of mass, or of pieces such as pcs", fix)
    return None


def _compare_rows(lines: Sequence[BomLine], cells: Cells) -> None:
    """Note rows that stand twice, rows of an item that contradict each other, and shares over 1."""
    seen: dict[tuple[str, str], BomLine] = {}
    items: dict[str, list[BomLine]] = {}
    for line in lines:
        if line.row in cells.bad_rows:
            continue
        key = line.item, line.supplier.casefold()
        if key in seen:
            same = _content(seen[key]) == _content(line)
            kind, remedy = ("duplicate", REPAIR) if same else ("duplicate_conflict", DROP)
            fix = "" if same else f"Compare with row {seen[key].row}: the same item and supplier"
            cells.notes.add(kind, remedy, "", line.row, f"{line.item}, {line.supplier}", "", "", fix)
            cells.bad_rows |= {line.row} if same else {line.row, seen[key].row}
            continue
        seen[key] = line
        items.setdefault(line.item, []).append(line)
    for item, rows in items.items():
        _compare_item(item, rows, cells)


def _compare_item(item: str, rows: Sequence[BomLine], cells: Cells) -> None:
    """Note contradictions between the rows of one item."""
    for name in ("products", "hs", "quantity", "unit", "stock_days", "spend_kusd_per_year", "substitutes"):
        values = {
            getattr(row, name): row for row in reversed(rows) if getattr(row, name) not in (None, "", ())
        }
        if len(values) > 1:
            last = max(values.values(), key=lambda row: row.row)
            expected = "the same in all rows of an item, or empty"
            cells.fault("conflict", name, last.row, f"{item}: {', '.join(map(str, values))}", expected)
    total = sum(row.share or 0.0 for row in rows if row.row not in cells.bad_rows)
    if total > 1.0 + 1e-9:
        for row in rows:
            cells.fault(
                "shares_over_one", "share", row.row, f"{item}: {total:.3g} together", "at most 1 an item"
            )


def _content(line: BomLine) -> tuple[object, ...]:
    return tuple(value for name, value in vars(line).items() if name != "row")


def _plain(text: str) -> str:
    """Return a name in small letters without punctuation and plural endings."""
    words: Iterable[str] = re.sub(r"[\W_]+", " ", text.casefold()).split()
    return " ".join(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words)
