"""Mirror gaps: what the exporter reports against what the importer reports of the same goods.

The embedded trade (BACI) has one figure per lane, reconciled by its publisher out of both reports, so that no
gap is left to see. Rows with both reports come from the reporting countries themselves, for instance by way
of UN Comtrade.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaname.data.store import read_parquet
from kaname.terms.codes import HS_EDITION, hs_code, is_country_code
from kaname.terms.csvfile import read_csv
from kaname.terms.errors import DataMissing, Problem, TableError

GAP_FACTOR = 1.5
"""Reports of a weight that differ by more than this are a gap; freight alone explains a tenth of a value."""

COLUMNS = ("reporter", "partner", "flow", "hs", "year", "value_kusd", "quantity_t")
REPORTS = "reports.parquet"
"""What an imported folder keeps the reports of both sides in."""

_FLOWS = {"x": "export", "export": "export", "exports": "export", "m": "import", "import": "import"}
_FLOWS |= {"imports": "import"}
Key = tuple[str, str, str, int]  # exporter, importer, hs, year


@dataclass(frozen=True)
class MirrorGap:
    """Both reports of one lane, code and year, in tonnes and kUSD; None where a side reports nothing."""

    exporter: str
    importer: str
    hs: str
    year: int
    export_t: float | None
    import_t: float | None
    export_kusd: float | None
    import_kusd: float | None

    @property
    def ratio(self) -> float | None:
        """Return the importer's weight over the exporter's; None where a side is missing."""
        if not self.export_t or not self.import_t:
            return None
        return self.import_t / self.export_t

    @property
    def gap_t(self) -> float:
        """Return by how many tonnes the reports differ; the whole weight where one side has none."""
        return abs((self.import_t or 0.0) - (self.export_t or 0.0))

    def __str__(self) -> str:
        """Return the gap as one sentence."""
        lane = f"{self.exporter} to {self.importer}, HS {self.hs}, {self.year}"
        sides = [
            f"the {who} reports " + (f"{tonnes:,.1f} t" if tonnes else "no weight")
            for who, tonnes in (("exporter", self.export_t), ("importer", self.import_t))
        ]
        return f"{lane}: {sides[0]}, {sides[1]}"


def mirror_gaps(rows: Iterable[Mapping[str, Any]], factor: float = GAP_FACTOR) -> tuple[MirrorGap, ...]:
    """Return the lanes whose two reports differ by more than `factor` in weight, the largest gap first.

    A row has `reporter`, `partner`, `flow` (export or import, as seen by the reporter), `hs`, `year`,
    `value_kusd` and `quantity_t` (gross tonnes, None where not reported). A lane that only one side reports
    is a gap too; a lane without any weight is none. Several rows of one side are added up.
    """
    sides: dict[Key, dict[str, list[float | None]]] = defaultdict(dict)
    for row in rows:
        ends = (row["reporter"], row["partner"])
        exporter, importer = ends if row["flow"] == "export" else ends[::-1]
        side = sides[(exporter, importer, row["hs"], int(row["year"]))].setdefault(row["flow"], [None, None])
        for place, name in enumerate(("quantity_t", "value_kusd")):
            if row[name] is not None:
                side[place] = (side[place] or 0.0) + float(row[name])
    found = []
    for key, reports in sides.items():
        export_t, export_kusd = reports.get("export", [None, None])
        import_t, import_kusd = reports.get("import", [None, None])
        gap = MirrorGap(*key, export_t, import_t, export_kusd, import_kusd)
        ratio = gap.ratio
        if gap.gap_t > 0.0 and (ratio is None or ratio > factor or ratio * factor < 1.0):
            found.append(gap)
    return tuple(sorted(found, key=lambda gap: (-gap.gap_t, gap.exporter, gap.importer, gap.hs, gap.year)))


def read_reports(path: Path) -> list[dict[str, Any]]:
    """Return rows for `mirror_gaps`: from a CSV file with `COLUMNS`, or from a folder imported from Comtrade.

    Raises DataMissing where there is no such file or the folder holds no reports of both sides, TableError
    with every fault of a CSV file.
    """
    if path.is_dir():
        return _imported(path)
    if not path.exists():
        raise DataMissing(Problem("there is no such file", str(path), fix="Give a CSV file or a folder"))
    rows = read_csv(path)
    names = list(rows[0]) if rows else []
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        fix = "Rename the columns, or import a download of UN Comtrade and give its folder"
        expected = ", ".join(COLUMNS)
        raise TableError(
            Problem(f"no column {', '.join(missing)}", str(path), ", ".join(names), expected, fix)
        )
    found, problems = [], []
    for line, row in enumerate(rows, start=2):
        try:
            found.append(_report([(row[name] or "").strip() for name in COLUMNS]))
        except ValueError as error:
            problems.append(Problem(str(error), str(path), fix="Correct the row", line=line))
    if problems:
        raise TableError(problems)
    return found


def _imported(folder: Path) -> list[dict[str, Any]]:
    """Return the reports of both sides of an imported folder, under HS 1992."""
    path = folder / REPORTS
    if not path.is_file():
        fix = "Only trade imported from UN Comtrade has the reports of both sides"
        raise DataMissing(Problem("the folder holds no reports", str(folder), expected=REPORTS, fix=fix))
    found = []
    for row in read_parquet(path).to_pylist():
        if row["edition"] != HS_EDITION:
            continue
        sends = row["reported_by"] == "exports"
        ends = (row["exporter"], row["importer"])
        amounts = [None if row[name] is None else row[name] / 1e3 for name in ("value_usd", "quantity_kg")]
        cells = (*(ends if sends else ends[::-1]), "export" if sends else "import")
        code = (f"{int(row['hs']):06d}", int(row["year"]), amounts[0], amounts[1] or None)
        found.append(dict(zip(COLUMNS, (*cells, *code), strict=True)))
    return found


def _report(cells: Sequence[str]) -> dict[str, Any]:
    """Return one typed row; ValueError says what is wrong with it."""
    reporter, partner, flow, hs, year, value, weight = cells
    for code in (reporter, partner):
        if not is_country_code(code):
            raise ValueError(f"{code!r} is no ISO 3166 alpha-3 code")
    if flow.lower() not in _FLOWS:
        raise ValueError(f"{flow!r} is neither export nor import")
    if not (hs.isdigit() and len(hs) == 6):
        raise ValueError(f"{hs!r} is no HS subheading of six digits")
    amounts = [float(text) if text else None for text in (value, weight)]
    if any(amount is not None and not 0.0 <= amount < float("inf") for amount in amounts):
        raise ValueError(f"value {value} or weight {weight} is no amount")
    row = (reporter, partner, _FLOWS[flow.lower()], hs_code(hs), int(year), amounts[0], amounts[1] or None)
    return dict(zip(COLUMNS, row, strict=True))
