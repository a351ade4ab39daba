"""UN Comtrade downloads: each country's own report, imports and exports of the same lane side by side.

Totals for the world, parts of other rows and re-exports are left out and counted. The two reports of a lane
are kept apart: both lie in `reports.parquet`, and only the chosen side becomes trade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kaname.data.sources.findings import DROP, TELL
from kaname.data.sources.layouts import COMTRADE
from kaname.data.sources.trade import (
    EARLIEST,
    HS_CHECKS,
    LATEST,
    Check,
    Plan,
    country_checks,
    number_checks,
)

SIDES = {"imports": "M", "exports": "X"}
GROUPS = (0, 97, 129, 290, 471, 472, 473, 492, 527, 536, 568, 577, 636, 637, 837, 838, 839, 879, 899)
"""Partner numbers that are no countries: the world, the EU, areas and special categories not specified."""
MOST_USD, MOST_KG = 1e13, 1e13
_FLOWS = "('M', 'X')"
_PARTS = ("RX", "RM", "DX", "FM", "MIP", "XIP", "MOP", "XOP")


def plan(hs_edition: str = "") -> Plan:
    """Return how a Comtrade file is read; `hs_edition` holds where the file has no classificationCode."""

    def typed(parsed: Mapping[str, tuple[str, str, str]]) -> str:
        value, value_repair, value_fault = parsed["primaryValue"]
        weight, weight_repair, weight_fault = parsed["netWgt"]
        amount, amount_repair, amount_fault = parsed["qty"]
        groups = ", ".join(map(str, GROUPS))
        parts = ", ".join(f"'{flow}'" for flow in _PARTS)
        cases = " ".join(f"when 'H{i}' then 'HS{year}'" for i, year in enumerate(_EDITION_YEARS))
        return f"""
            "raw_refYear", "raw_freqCode", upper("raw_flowCode") as flow, "raw_flowCode",
            "raw_reporterCode", "raw_partnerCode", "raw_classificationCode", "raw_primaryValue",
            "raw_netWgt", "raw_qty", "raw_qtyUnitCode", "raw_reporterISO", "raw_partnerISO",
            regexp_replace("raw_cmdCode", '^(HS|hs) *', '') as raw_hs,
            lower("raw_isReported") in ('false', '0') as estimated,
            try_cast("raw_refYear" as integer) as year,
            case when flow = 'X' then "raw_reporterCode" else "raw_partnerCode" end as raw_exporter,
            case when flow = 'X' then "raw_partnerCode" else "raw_reporterCode" end as raw_importer,
            case when flow = 'X' then "raw_reporterISO" else "raw_partnerISO" end as exporter_letters,
            case when flow = 'X' then "raw_partnerISO" else "raw_reporterISO" end as importer_letters,
            try_cast(raw_exporter as integer) as exporter_number,
            try_cast(raw_importer as integer) as importer_number,
            case upper("raw_classificationCode") {cases} when '' then '{hs_edition}' else '' end as edition,
            case when flow = 'X' then 'exports' else 'imports' end as side,
            {value} as "primaryValue_value", {value_repair} as "primaryValue_repair",
            {value_fault} as "primaryValue_fault",
            case when "raw_netWgt" <> '' then {weight} end as "netWgt_value",
            case when "raw_netWgt" <> '' then {weight_repair} else '' end as "netWgt_repair",
            case when "raw_netWgt" <> '' then {weight_fault} else '' end as "netWgt_fault",
            case when "raw_qty" <> '' then {amount} end as qty_value,
            case when "raw_qty" <> '' then {amount_repair} else '' end as qty_repair,
            case when "raw_qty" <> '' then {amount_fault} else '' end as qty_fault,
            "primaryValue_value" as value_usd,
            coalesce(nullif("netWgt_value", 0), case when "raw_qtyUnitCode" = '8' then nullif(qty_value, 0)
            end) as quantity_kg, case when try_cast("raw_partnerCode" as integer) in ({groups}) or
            "raw_partnerISO" = 'W00' or upper(raw_hs) = 'TOTAL' or regexp_full_match(raw_hs,
            '[0-9]{{2}}|[0-9]{{4}}|AG[0-9]') or try_cast("raw_reporterCode" as integer) in ({groups}) then
            'aggregate' when flow in ({parts}) then 'other_flow' when "raw_partner2Code" not in ('', '0') or
            "raw_customsCode" not in ('', 'C00') or "raw_motCode" not in ('', '0') or "raw_mosCode" not in
            ('', '0') then 'breakdown'
                 else '' end as skip"""

    return Plan(COMTRADE, ("primaryValue", "netWgt", "qty"), typed, _checks())


_EDITION_YEARS = (1992, 1996, 2002, 2007, 2012, 2017, 2022)


def _checks() -> tuple[Check, ...]:
    """Return what is checked in a Comtrade file."""
    fix = "UN Comtrade numbers: Taiwan is 490, France 251, the United States 842"
    letters = (
        "skip = '' and {0}_letters <> '' and {0}_iso3 is not null and {0}_letters <> {0}_iso3"
        " and not ({0}_iso3 = 'TWN' and {0}_letters = 'S19')"
    )
    return (
        *(
            Check(kind, TELL, "", f"skip = '{kind}'", "concat_ws(' ', raw_flowCode, raw_partnerCode, raw_hs)")
            for kind in ("aggregate", "other_flow", "breakdown")
        ),
        Check(
            "bad_year", DROP, "refYear",
            f"skip = '' and (year is null or year not between {EARLIEST} and {LATEST})", '"raw_refYear"',
            expected="a year",
        ),
        Check(
            "not_annual", DROP, "freqCode", "skip = '' and upper(\"raw_freqCode\") not in ('', 'A')",
            '"raw_freqCode"', expected="A", fix="Ask Comtrade for annual data",
        ),
        Check(
            "bad_choice", DROP, "flowCode", f"skip = '' and flow not in {_FLOWS}", '"raw_flowCode"',
            expected="M or X",
        ),
        *country_checks("exporter", "partnerCode or reporterCode (exporter)", fix),
        *country_checks("importer", "partnerCode or reporterCode (importer)", fix),
        *(
            Check(
                "conflict", DROP, f"{side} as number and as letters", letters.format(side),
                f"concat_ws(' ', raw_{side}, {side}_letters)", expected="the same country",
            )
            for side in ("exporter", "importer")
        ),
        Check("self_trade", DROP, "partnerCode", "skip = '' and exporter = importer", "raw_importer"),
        *(replace(check, column="cmdCode") for check in HS_CHECKS),
        Check(
            "edition", DROP, "classificationCode", "skip = '' and edition = ''", '"raw_classificationCode"',
            expected="H0 to H6", fix="Ask Comtrade for HS, or give --edition where the column is absent",
        ),
        *number_checks("primaryValue", MOST_USD),
        *number_checks("netWgt", MOST_KG),
        *number_checks("qty", MOST_KG),
        Check(
            "no_quantity", TELL, "netWgt", "good and asked and quantity_kg is null",
            "concat_ws(' ', raw_netWgt, raw_qty, raw_qtyUnitCode)",
        ),
        Check("estimated_by_source", TELL, "isReported", "good and asked and estimated", "'false'"),
    )  # fmt: skip
