"""The EU's supply risk: scored from a file of printed inputs, and set beside what the Commission published.

`score_file` computes scores from inputs as a report prints them, and tells what rounding leaves open.
`supply_risk` weighs the supply shares of the EU's assessment of 2023 by our governance data, and sets the
result beside the published scores; `agreement` says in figures how near the two are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from kaname.data import store
from kaname.data.contracts_eu import EU_SCOPES
from kaname.data.eu_materials import EU_GROUPS, group_elements, materials_named
from kaname.data.sources.eu_inputs import EuRow, Printed, read_eu_inputs
from kaname.indicators import eu_supply_risk as method
from kaname.terms.errors import InputError, Problem

SHARES_YEAR = 2023  # the assessment that the supply shares are of
GOVERNANCE_YEAR = 2020  # the last year of the data behind that assessment
INPUTS_YEAR = 2017  # the assessment whose import reliance, recycling and substitution we have
LEAST_COVERED = 0.7
"""With less of a supply named and governed than this, no concentration is computed from it."""
WELL_COVERED = 0.9
EU_NAMES = frozenset({"eu", "eu27", "eun", "european union"})
DIMENSION = (
    "The Commission weighs by the mean of six governance indicators, kaname by political stability alone, "
    "so the figures cannot be equal."
)

_STAGES = {"E": "extraction", "P": "processing"}


@dataclass(frozen=True)
class ScoreRow:
    """The supply risk of one material of a file. Missing values are None; `missing` says why `sr` is.

    `sr` is the score of the printed inputs, `sr_low` and `sr_high` what it can be where they were rounded;
    `agrees` says whether `sr_published`, itself rounded, can come from them (None: nothing to compare).
    `ir_share`, `eol_rir_share` and `si_sr` are shares (0-1); `hhi_gs` and `hhi_eu` weighted concentrations
    (0-10, above it where trade is restricted) of the world's and the EU's supply; `sr_gs` and `sr_eu` the
    scores that each alone gives.
    """

    material: str
    stage: str
    sr: float | None
    sr_low: float | None
    sr_high: float | None
    sr_published: float | None
    agrees: bool | None
    scope: str
    ir_share: float | None
    eol_rir_share: float | None
    si_sr: float | None
    hhi_gs: float | None
    hhi_eu: float | None
    sr_gs: float | None
    sr_eu: float | None
    missing: str | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class SupplyRiskRow:
    """The concentration of supply of one material at one stage, and the scores beside it. Missing is None.

    `hhi_gs` and `hhi_eu` (0-10) come from the supply shares of the assessment of 2023, its trade parameters
    and political stability in `governance_year`; `covered_gs` and `covered_eu` are the shares of supply that
    stand behind them. `sr_gs` and `sr_eu` use recycling and substitution as of 2017, `sr` also the import
    reliance of 2017 at the same stage; `missing` says why `sr` is None. `sr_published` is the Commission's
    score of 2023, of the stage that it found worse; `sr_over_time` all its scores by year.
    """

    material: str
    stage: str
    governance_year: int
    hhi_gs: float | None
    hhi_eu: float | None
    covered_gs: float | None
    covered_eu: float | None
    ir_share: float | None
    eol_rir_share: float | None
    si_sr: float | None
    sr_gs: float | None
    sr_eu: float | None
    sr: float | None
    sr_published: float | None
    sr_over_time: tuple[tuple[int, float], ...]
    missing: str | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


# --- a file of printed inputs ---------------------------------------------------------------------


def score_file(path: Path | str) -> tuple[ScoreRow, ...]:
    """Return the supply risk of each material of a CSV file with inputs as a report prints them.

    Columns: material, IR, EoL_RIR (percent), SI_SR, HHI_GS, HHI_EU; where given also stage, scope (GS + EUS,
    GS only, EUS only; else inferred from the concentrations given) and SR, the published score to compare
    with. A group of rare earths or platinum metals without inputs gets the mean of its elements if the file
    scores them all. Raises DataMissing where there is no file, TableError with all faults of it.
    """
    read = read_eu_inputs(Path(path))
    scopes, notes = zip(*(_scope(row) for row in read), strict=True)
    central, low, high = (_inputs(read, scopes, end) for end in ("value", "low", "high"))
    score = method.scores(central)
    alone = [method.scores(replace(central, scope=np.full(len(read), s))) for s in EU_SCOPES[1:]]
    lowest, highest = method.interval(low, high)
    published = [row.printed["SR"] for row in read]
    ends = [np.array([math.nan if p is None else getattr(p, e) for p in published]) for e in ("low", "high")]
    agree = method.agrees(ends[0], ends[1], lowest, highest)
    rows = []
    for i, row in enumerate(read):
        known = not math.isnan(score[i])
        printed = published[i]
        rows.append(
            ScoreRow(
                material=row.material,
                stage=row.stage,
                sr=_number(score[i]),
                sr_low=_number(lowest[i]),
                sr_high=_number(highest[i]),
                sr_published=_value(printed),
                agrees=bool(agree[i]) if known and printed is not None else None,
                scope=scopes[i],
                ir_share=_value(row.printed["IR"]),
                eol_rir_share=_value(row.printed["EoL_RIR"]),
                si_sr=_value(row.printed["SI_SR"]),
                hhi_gs=_value(row.printed["HHI_GS"]),
                hhi_eu=_value(row.printed["HHI_EU"]),
                sr_gs=_number(alone[0][i]),
                sr_eu=_number(alone[1][i]),
                missing=None if known else _lacking(row, scopes[i]),
                notes=(*row.notes, *notes[i]),
            )
        )
    by_name = {row.material.casefold(): row for row in rows}
    return tuple(_group(row, by_name, end) for row, end in zip(rows, published, strict=True))


def _scope(row: EuRow) -> tuple[str, tuple[str, ...]]:
    """Return which supply a row's score rests on, '' where nothing says so, and what was inferred."""
    notes = [
        f"{name} is above 10: a trade parameter above 1"
        for name in ("HHI_GS", "HHI_EU")
        if (found := row.printed[name]) is not None and found.value > 10.0
    ]
    if row.scope:
        return row.scope, tuple(notes)
    given = [row.printed[name] for name in ("HHI_GS", "HHI_EU")]
    told = [printed is not None and printed.value > 0.0 for printed in given]
    if not any(told):
        told = [printed is not None for printed in given]
    scope = {(True, True): method.BOTH, (True, False): method.GLOBAL, (False, True): method.EU}.get(
        (told[0], told[1]), ""
    )
    if scope:
        zero = any(p is not None and not t for p, t in zip(given, told, strict=True))
        reason = "; a concentration of 0 counts as none" if zero else ""
        notes.append(f"no scope is given: {scope} is inferred from the concentrations{reason}")
    return scope, tuple(notes)


def _inputs(rows: Sequence[EuRow], scopes: Sequence[str], end: str) -> method.Inputs:
    """Return one end of what the printed figures stand for: value, low or high."""

    def column(name: str) -> method.Floats:
        cells = [row.printed[name] for row in rows]
        return np.array([math.nan if cell is None else getattr(cell, end) for cell in cells])

    return method.Inputs(
        column("HHI_GS"), column("HHI_EU"), column("IR"), column("EoL_RIR"), column("SI_SR"), np.array(scopes)
    )


def _lacking(row: EuRow, scope: str) -> str:
    """Return why a row has no score."""
    needed = {
        method.BOTH: ("HHI_GS", "HHI_EU", "IR"),
        method.GLOBAL: ("HHI_GS",),
        method.EU: ("HHI_EU",),
    }.get(scope, ("HHI_GS or HHI_EU",))
    lacking = [name for name in (*needed, "EoL_RIR", "SI_SR") if row.printed.get(name) is None]
    return f"no figure for {', '.join(lacking)}"


def _group(row: ScoreRow, by_name: Mapping[str, ScoreRow], printed: Printed | None) -> ScoreRow:
    """Return a group's row with the mean of its elements, where it has no score of its own."""
    elements = group_elements(row.material)
    if row.sr is not None or not elements:
        return row
    found = [by_name.get(name.casefold()) for name in elements]
    scored = [one for one in found if one is not None and one.sr is not None]
    if len(scored) < len(elements):
        known = {one.material.casefold() for one in scored}
        absent = ", ".join(name for name in elements if name.casefold() not in known)
        why = f"{row.missing}; a group has the mean of its elements, and this file does not score {absent}"
        return replace(row, missing=why)
    sr, low, high = (
        float(np.mean([getattr(one, name) for one in scored])) for name in ("sr", "sr_low", "sr_high")
    )
    agree: bool | None = None
    if printed is not None:
        ends = (np.array(x) for x in (printed.low, printed.high, low, high))
        agree = bool(method.agrees(*ends))
    notes = (*row.notes, f"the mean of its {len(elements)} elements")
    return replace(row, sr=sr, sr_low=low, sr_high=high, agrees=agree, missing=None, notes=notes)


# --- the assessment of 2023 with our governance data ----------------------------------------------


def supply_risk(
    country: str | None = None,
    product: str | None = None,
    year: int | None = None,
    data: str = "raw",
    root: Path | None = None,
) -> tuple[SupplyRiskRow, ...]:
    """Return the governance-weighted concentration of supply by material and stage, beside published scores.

    The assessment is of the European Union: `country` is None or `EU`. `product` is a material as the
    Commission names it, a group of them (LREEs, HREEs, PGMs) or a kaname product; `year` is of the governance
    data, `GOVERNANCE_YEAR` by default. `data` can only be raw: the shares are published, nothing is balanced.
    Raises InputError for anything else, DataMissing for a year without governance data.
    """
    problems = []
    if country is not None and country.strip().casefold() not in EU_NAMES:
        fix = "Leave it out; for a country, ask for another indicator"
        problems.append(Problem("the assessment is of the EU alone", "country", repr(country), "EU", fix))
    if data != "raw":
        fix = "Leave it out: published shares are not balanced"
        problems.append(Problem("no such data for this indicator", "data", repr(data), "raw", fix))
    if problems:
        raise InputError(problems)
    shares = store.own_table("eu_supply_shares", root).to_pylist()
    wanted = materials_named(product, {row["material"] for row in shares}, root)
    asked = GOVERNANCE_YEAR if year is None else year
    governance = {
        row["iso3"]: float(method.scaled_governance(row["estimate"]))
        for row in store.governance(asked, root).to_pylist()
        if row["estimate"] is not None
    }
    inputs = {row["material"]: row for row in store.own_table("eu_inputs", root).to_pylist()}
    scores: dict[str, dict[int, float]] = {}
    for row in store.own_table("eu_scores", root).to_pylist():
        scores.setdefault(row["material"], {})[row["year"]] = row["sr"]
    supply: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}
    for row in shares:
        supply.setdefault((row["material"], row["stage"]), {}).setdefault(row["scope"], []).append(row)
    chosen = sorted(key for key in supply if (key[0], "") in wanted or key in wanted)
    if (
        not chosen
    ):  # our stage is none that is assessed: gallium only as processed, fluorspar only as extracted
        chosen = sorted(key for key in supply if key[0] in {name for name, _ in wanted})
    return tuple(
        _risk_row(key, asked, supply[key], governance, inputs.get(key[0], {}), scores.get(key[0], {}))
        for key in chosen
    )


@dataclass(frozen=True)
class _Concentration:
    hhi: float | None = None
    covered: float | None = None
    notes: tuple[str, ...] = ()


def _concentration(
    rows: Sequence[Mapping[str, Any]], governance: Mapping[str, float], words: str
) -> _Concentration:
    """Return the weighted HHI of one supply, the share of it that is named and has governance data, notes."""
    if not rows:
        return _Concentration(notes=(f"no shares of {words} are published",))
    known = [row for row in rows if row["iso3"] in governance]
    covered = sum(row["share"] for row in known)
    lost = sorted(row["iso3"] for row in rows if row["iso3"] not in governance)
    notes = [f"{words}: no governance data for {', '.join(lost)}"] if lost else []
    if covered < LEAST_COVERED:
        notes.append(f"{words}: only {covered:.0%} is named, too little to compute a concentration")
        return _Concentration(None, covered, tuple(notes))
    if covered < WELL_COVERED:
        notes.append(
            f"{words}: {covered:.0%} is named, so the concentration is too low if one country has the rest"
        )
    hhi = method.weighted_hhi(
        [row["share"] for row in known],
        [governance[row["iso3"]] for row in known],
        [row["trade_parameter"] for row in known],
    )
    return _Concentration(hhi, covered, tuple(notes))


def _risk_row(
    key: tuple[str, str],
    year: int,
    supply: Mapping[str, Sequence[Mapping[str, Any]]],
    governance: Mapping[str, float],
    inputs: Mapping[str, Any],
    scores: Mapping[int, float],
) -> SupplyRiskRow:
    """Return the row of one material and stage."""
    world = _concentration(supply.get("GS", ()), governance, "global supply")
    union = _concentration(supply.get("EUS", ()), governance, "EU sourcing")
    reliance = inputs.get("import_reliance") if inputs.get("stage") == key[1] else None
    numbers = (world.hhi, union.hhi, reliance, inputs.get("eol_rir"), inputs.get("si_sr"))
    gs, eu, ir, eol, si = (np.array([math.nan if number is None else number]) for number in numbers)
    base = method.Inputs(gs, eu, ir, eol, si, np.array([method.BOTH]))
    sr, sr_gs, sr_eu = (
        _number(method.scores(replace(base, scope=np.array([scope])))[0])
        for scope in (method.BOTH, method.GLOBAL, method.EU)
    )
    words = (
        "global concentration",
        "EU concentration",
        "import reliance",
        "recycling rate",
        "substitution index",
    )
    lacking = [word for word, number in zip(words, numbers, strict=True) if number is None]
    notes = [*world.notes, *union.notes]
    if sr_gs is not None or sr_eu is not None:
        notes.append(f"recycling and substitution are of {INPUTS_YEAR}, the supply shares of {SHARES_YEAR}")
    if sr is not None:
        notes.append(f"import reliance is of {INPUTS_YEAR}")
    return SupplyRiskRow(
        material=key[0],
        stage=_STAGES[key[1]],
        governance_year=year,
        hhi_gs=world.hhi,
        hhi_eu=union.hhi,
        covered_gs=world.covered,
        covered_eu=union.covered,
        ir_share=reliance,
        eol_rir_share=numbers[3],
        si_sr=numbers[4],
        sr_gs=sr_gs,
        sr_eu=sr_eu,
        sr=sr,
        sr_published=scores.get(SHARES_YEAR),
        sr_over_time=tuple(sorted(scores.items())),
        missing=f"no {', no '.join(lacking)}" if lacking else None,
        notes=tuple(notes),
    )


def agreement(year: int | None = None, root: Path | None = None) -> dict[str, Any]:
    """Return how near our figures are to the scores that the Commission published in 2023.

    Of each material the worse stage counts, of a group the mean of its elements. `materials`, `spearman_rho`
    and `median_abs_difference` compare scores with scores, where import reliance, recycling and substitution
    of 2017 are known; `concentration_materials` and `concentration_spearman_rho` the mean of both
    concentrations with the scores, by rank alone. `caveat` says why equality cannot be expected.
    """
    rows = supply_risk(year=year, root=root)
    both = [
        (r.hhi_gs + r.hhi_eu) / 2.0 if r.hhi_gs is not None and r.hhi_eu is not None else None for r in rows
    ]
    from scipy.stats import spearmanr  # noqa: PLC0415 - takes a second

    published = {
        row["material"]: row["sr"]
        for row in store.own_table("eu_scores", root).to_pylist()
        if row["year"] == SHARES_YEAR
    }
    ours, theirs = _paired(rows, [row.sr for row in rows], published)
    mixed, scored = _paired(rows, both, published)
    return {
        "assessment": SHARES_YEAR,
        "governance_year": rows[0].governance_year,
        "materials": len(ours),
        "spearman_rho": round(float(spearmanr(ours, theirs).statistic), 3),
        "median_abs_difference": round(float(np.median(np.abs(np.subtract(ours, theirs)))), 2),
        "concentration_materials": len(mixed),
        "concentration_spearman_rho": round(float(spearmanr(mixed, scored).statistic), 3),
        "caveat": DIMENSION,
    }


def _paired(
    rows: Sequence[SupplyRiskRow], values: Sequence[float | None], published: Mapping[str, float]
) -> tuple[list[float], list[float]]:
    """Return our figures and the published scores of the materials and groups that have both."""
    worst: dict[str, float] = {}
    for row, value in zip(rows, values, strict=True):
        if value is not None:
            worst[row.material] = max(value, worst.get(row.material, value))
    for group, elements in EU_GROUPS.items():
        if all(name in worst for name in elements):
            worst.setdefault(group, sum(worst[name] for name in elements) / len(elements))
    names = [name for name in sorted(worst) if name in published]
    return [worst[name] for name in names], [published[name] for name in names]


def _number(value: Any) -> float | None:
    """Return a float, None for NaN."""
    return None if math.isnan(value) else float(value)


def _value(printed: Printed | None) -> float | None:
    """Return the value of a printed figure, None where there is none."""
    return None if printed is None else printed.value
