"""Findings in the trade as reported: weights, empty codes, country codes, reports of both sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow.compute as pc

from kaname.audit.findings import Finding, finding
from kaname.data import store
from kaname.data.codes_history import CODES_GIVEN_UP, NO_ISO_NUMBER, NOT_ISO_NUMBERS, TERRITORIES
from kaname.data.mirror import MirrorGap
from kaname.data.quality import HISTORY_YEARS, Change, Flag, ScreenResult

SHORT = 48  # characters of a code's text in a sentence


def screened(screen: ScreenResult, products: Mapping[str, str]) -> Iterator[Finding]:
    """Yield every weight that the screen replaced, filled in or doubted; `products` names those of a code."""
    totals: defaultdict[str, float] = defaultdict(float)
    table = screen.rows.group_by("hs").aggregate([("quantity_t", "sum")])
    for row in table.to_pylist():
        totals[row["hs"]] = row["quantity_t_sum"] or 0.0
    items: list[Change | Flag] = [*screen.changes, *screen.flags]
    for item in items:
        change = isinstance(item, Change)
        old = item.old_t if isinstance(item, Change) else item.quantity_t
        new = item.new_t if isinstance(item, Change) else item.quantity_t
        total = max(totals[item.hs], old or 0.0, new or 0.0)
        yield finding(
            ("filled" if old is None else "imputed") if change else "flagged",
            item.year,
            str(item) if old is not None or not change else _filled(item),
            max(old or 0.0, new or 0.0) / total if total > 0.0 else 0.0,
            hs=item.hs,
            product=products.get(item.hs, ""),
            place=f"{item.exporter} to {item.importer}",
            old=old,
            new=new,
            method=item.method if isinstance(item, Change) else item.reason,
        )


def _filled(item: Change | Flag) -> str:
    new = f"{item.new_t:,.1f} t" if isinstance(item, Change) else "nothing"
    return (
        f"{item.exporter} to {item.importer}, HS {item.hs}, {item.year}: no weight reported, {new} filled in"
    )


def empty_codes(codes: Iterable[str], year: int, root: Path | None = None) -> Iterator[Finding]:
    """Yield the codes of the bundle that are empty in a year, or hold a remnant only; missing is not zero."""
    table = {row["hs"]: row for row in store.hs_products(root).to_pylist()}
    for code in codes:
        years, thin = store.years_with_data(code, root), set(store.thin_years(code, root))
        if year in years and year not in thin:
            continue
        if not years:
            continue  # an imported folder need not hold every code
        full = [known for known in years if known not in thin] or years
        before = [known for known in full if known < year]
        state = "only a remnant of the trade" if year in years else "no row"
        span = f"full years {full[0]}-{full[-1]}, last row {years[-1]}"
        yield finding(
            "empty_code",
            year,
            f"HS {code} ({_short(table[code]['description'])}) has {state} in {year}; {span}",
            table[code]["rows"] / 1e6 + (year not in years),
            hs=code,
            unit="year",
            old=float(before[-1]) if before else None,
            method="left missing, never zero. " + CODES_GIVEN_UP.get(code, "The cause is not known"),
        )


def _short(description: str) -> str:
    """Return the first words of a code's text."""
    words = description.partition(":")
    text = description if len(description) <= SHORT else words[0] if len(words[0]) <= SHORT else description
    return text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…"


def territories(screen: ScreenResult, year: int) -> Iterator[Finding]:
    """Yield the country codes in the rows of a year that mean something else than a reader expects."""
    ends = [screen.rows[name] for name in ("exporter", "importer")]
    total = max(screen.rows.num_rows, 1)

    def touched(iso3: str) -> int:
        return int(pc.sum(pc.or_(pc.equal(ends[0], iso3), pc.equal(ends[1], iso3))).as_py() or 0)

    for iso3, meaning in NOT_ISO_NUMBERS.items():
        if count := touched(iso3):
            sentence = f"{iso3} has {meaning}: {count:,} rows in {year}"
            method = "mapped to the alpha-3 code when the data were embedded"
            yield finding(
                "territory",
                year,
                sentence,
                count / total + (iso3 in NO_ISO_NUMBER),
                place=iso3,
                new=float(count),
                unit="rows",
                method=method,
            )
    for change in TERRITORIES:
        after = change.last_year < year <= change.last_year + HISTORY_YEARS
        codes = change.members if after else (change.iso3,)
        count = sum(map(touched, codes)) if after or year <= change.last_year else 0
        if not count:
            continue
        method = "kept as one territory"
        if after:
            method = f"rows up to {change.last_year} are not taken as a lane's own past"
        yield finding(
            "territory",
            year,
            f"{change.sentence}: {count:,} rows in {year}",
            count / total,
            place=change.iso3,
            new=float(count),
            unit="rows",
            method=method,
        )


def mirrored(gaps: Sequence[MirrorGap]) -> Iterator[Finding]:
    """Yield the gaps between two reports of one lane."""
    largest = max((gap.gap_t for gap in gaps), default=1.0)
    for gap in gaps:
        yield finding(
            "mirror_gap",
            gap.year,
            str(gap),
            gap.gap_t / largest,
            hs=gap.hs,
            place=f"{gap.exporter} to {gap.importer}",
            old=gap.export_t,
            new=gap.import_t,
            method="shown, not changed",
        )
