"""BACI files of CEPII: `BACI_HS92_Y2024_V202601.csv` with the columns t, i, j, k, v, q."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kaname.data.sources.findings import DROP, TELL
from kaname.data.sources.layouts import BACI
from kaname.data.sources.trade import (
    EARLIEST,
    HS_CHECKS,
    LATEST,
    Check,
    Plan,
    country_checks,
    number_checks,
)
from kaname.terms.errors import InputError, Problem

EDITIONS = {
    "HS92": "HS1992",
    "HS96": "HS1996",
    "HS02": "HS2002",
    "HS07": "HS2007",
    "HS12": "HS2012",
    "HS17": "HS2017",
    "HS22": "HS2022",
}
_NAME = re.compile(r"BACI_(?P<edition>HS\d\d)_Y(?P<year>\d{4})_V(?P<version>\w+?)(\.|$)", re.I)
MOST_KUSD, MOST_T = 1e10, 1e10
"""No lane of one code has ever come near: 10 million million dollars, 10 thousand million tonnes a year."""
_MISSING = "('', 'NA', 'NAN', 'N/A', 'NULL')"


def edition(path: Path, asked: str = "") -> str:
    """Return the HS edition of a file, from its name or as asked (`HS92` or `HS1992`).

    Raises `InputError` where neither tells, where both disagree, and for an edition that does not exist.
    """
    match = _NAME.search(path.name)
    named = EDITIONS.get(match["edition"].upper(), "") if match else ""
    told = full_edition(asked) if asked else ""
    if named and told and named != told:
        what = "the file's name and --edition name different HS editions"
        raise InputError(Problem(what, str(path), told, named, "Leave --edition out, or give the right file"))
    if not named and not told:
        fix = "Give --edition, for instance HS92, or the file under its own name, BACI_HS92_Y2024_V202601.csv"
        raise InputError(Problem("nothing says which HS edition the codes are of", str(path), fix=fix))
    return named or told


def full_edition(text: str) -> str:
    """Return `HS1992` for `HS92`, `H0` or `HS1992`, and so on for later editions; `InputError` for others."""
    key = text.strip().upper().replace(" ", "")
    short = {f"H{i}": full for i, full in enumerate(EDITIONS.values())}
    full = EDITIONS.get(key) or short.get(key) or (key if key in EDITIONS.values() else "")
    if not full:
        expected = " or ".join(EDITIONS)
        raise InputError(Problem("unknown HS edition", "--edition", repr(text), expected))
    return full


def version(path: Path) -> str:
    """Return the version in a file's name, such as V202601; empty where it has none."""
    match = _NAME.search(path.name)
    return f"V{match['version']}" if match else ""


def plan(hs_edition: str) -> Plan:
    """Return how a BACI file of one HS edition is read."""

    def typed(parsed: Mapping[str, tuple[str, str, str]]) -> str:
        v, v_repair, v_fault = parsed["v"]
        q, q_repair, q_fault = parsed["q"]
        none = f"upper(raw_q) in {_MISSING}"
        return f"""
            raw_t, raw_v, raw_q, raw_i as raw_exporter, raw_j as raw_importer, raw_k as raw_hs,
            try_cast(raw_t as integer) as year, try_cast(raw_i as integer) as exporter_number,
            try_cast(raw_j as integer) as importer_number, '{hs_edition}' as edition, '' as side,
            {v} as v_value, {v_repair} as v_repair, {v_fault} as v_fault,
            case when {none} then null else {q} end as q_value,
            case when {none} then '' else {q_repair} end as q_repair,
            case when {none} then '' else {q_fault} end as q_fault,
            v_value * 1e3 as value_usd, q_value * 1e3 as quantity_kg, '' as skip"""

    fix = "Taiwan is 490, France 251, the United States 842; the list comes with BACI"
    checks = (
        Check(
            "bad_year", DROP, "t", f"year is null or year not between {EARLIEST} and {LATEST}", "raw_t",
            expected="a year",
        ),
        *country_checks("exporter", "i", fix),
        *country_checks("importer", "j", fix),
        Check("self_trade", DROP, "j", "exporter = importer", "raw_importer", expected="another country"),
        *(replace(check, column="k") for check in HS_CHECKS),
        *number_checks("v", MOST_KUSD),
        *number_checks("q", MOST_T),
        Check("no_quantity", TELL, "q", "good and asked and q_value is null", "raw_q"),
    )  # fmt: skip
    return Plan(BACI, ("v", "q"), typed, checks)
