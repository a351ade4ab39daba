"""The columns of the result tables of a run: type, unit, and what each says.

`python -m kaname.report.tables > docs/results.md` writes the page that tells every column.
"""

from __future__ import annotations

import pyarrow as pa

Column = tuple[pa.DataType, str, str]


def _band(name: str, unit: str, tail: str = "") -> dict[str, Column]:
    """Return the three columns of a band."""
    shares = (("low", "5 %"), ("median", "50 %"), ("high", "95 %"))
    return {
        f"{name}_{end}{tail}": (pa.float64(), unit, f"{share} of the ensemble lie below")
        for end, share in shares
    }


# column -> (type, unit, sentence); docs/results.md is checked against this
COLUMNS: dict[str, dict[str, Column]] = {
    "cases": {
        "scenario": (pa.string(), "", "id of the case"),
        "title": (pa.string(), "", "title of the case"),
        "value_kusd": (pa.float64(), "kUSD", "value of final use lost in the targets, central draw"),
        **_band("value", "kUSD", "_kusd"),
    },
    "makers": {
        "scenario": (pa.string(), "", "id of the case"),
        "market": (pa.string(), "", "country, or segment of one, in which it is made"),
        "product": (pa.string(), "", "product id"),
        "first_week": (pa.int64(), "week", "first week short, from 1, central draw; empty = never"),
        "first_week_early": (pa.int64(), "week", "5 % of the draws that fall short are earlier"),
        "first_week_median": (pa.int64(), "week", "the middle of the draws that fall short"),
        "first_week_late": (pa.int64(), "week", "5 % of the draws that fall short are later"),
        "never_share": (pa.float64(), "share", "draws of the ensemble that never fall short"),
        "worst_share": (pa.float64(), "share", "lowest weekly output as a share of the base, central draw"),
        **_band("worst", "share"),
        "lost_share": (pa.float64(), "share", "output lost over the horizon, central draw"),
        **_band("lost", "share"),
    },
    "shortfalls": {
        "scenario": (pa.string(), "", "id of the case"),
        "market": (pa.string(), "", "country, or segment of one"),
        "product": (pa.string(), "", "product id"),
        "stage": (pa.string(), "", "ore, compound, metal, magnet, component, industry, equipment"),
        "first_shortfall_date": (
            pa.string(),
            "ISO date",
            "first week short in the central draw; empty = never",
        ),
        "first_shortfall_early": (pa.string(), "ISO date", "5 % of the draws that fall short are earlier"),
        "first_shortfall_median": (pa.string(), "ISO date", "the middle of the draws that fall short"),
        "first_shortfall_late": (pa.string(), "ISO date", "5 % of the draws that fall short are later"),
        "days_to_shortfall": (pa.int64(), "days", "from the start to the first week short, central draw"),
        "never_share": (pa.float64(), "share", "draws of the ensemble that never fall short"),
        "worst_share": (pa.float64(), "share", "lowest weekly use as a share of the base, central draw"),
        **_band("worst", "share"),
        "lost_output_share": (pa.float64(), "share", "use lost over the horizon, central draw"),
        **_band("lost_output", "share"),
        "use_t": (pa.float64(), "t", "undisturbed use over the horizon, content; empty if not in tonnes"),
        "value_kusd": (
            pa.float64(),
            "kUSD",
            "of the use lost, intermediate use included; the case total counts final use only",
        ),
        **_band("value", "kUSD", "_kusd"),
        "basis": (pa.string(), "", "weakest basis of the supply: observed, estimated, assumed, modelled"),
    },
    "timelines": {
        "scenario": (pa.string(), "", "id of the case"),
        "market": (pa.string(), "", "country, or segment of one"),
        "product": (pa.string(), "", "product id"),
        "date": (pa.string(), "ISO date", "first day of the week"),
        "use_share": (pa.float64(), "share", "use as a share of the base, central draw"),
        **_band("use", "share"),
    },
    "outputs": {
        "scenario": (pa.string(), "", "id of the case"),
        "market": (pa.string(), "", "country, or segment of one, in which it is made"),
        "product": (pa.string(), "", "product id"),
        "date": (pa.string(), "ISO date", "first day of the week"),
        "output_share": (pa.float64(), "share", "output as a share of the base, central draw"),
        **_band("output", "share"),
    },
    "draws": {
        "scenario": (pa.string(), "", "id of the case"),
        "draw": (pa.string(), "", "central, an assumption at its low or high end, or a sample (lhs, sobol)"),
        "value_kusd": (pa.float64(), "kUSD", "value of final use lost in the targeted markets"),
        "assumption": (pa.string(), "", "name of the assumption"),
        "assumed": (pa.float64(), "", "its value in the draw; a knob runs from -1 (low) to 1 (high)"),
    },
    "causes": {
        "scenario": (pa.string(), "", "id of the case"),
        "of": (pa.string(), "", "what was lost, and where"),
        "level": (pa.int64(), "", "depth in the tree, 0 = the loss itself"),
        "cause": (pa.string(), "", "cause"),
        "kind": (
            pa.string(),
            "",
            "restriction, capacity, route, stock, reserve, resourcing, demand, input, other",
        ),
        "share": (pa.float64(), "share", "of the loss; what softened it is negative"),
        "amount": (pa.float64(), "t or index points", "the same in the product's unit"),
    },
    "exposure": {
        "market": (pa.string(), "", "importing country"),
        "to": (pa.string(), "", "exporting country"),
        "product": (pa.string(), "", "product ids, joined by +"),
        "name": (pa.string(), "", "what it is"),
        "hs": (pa.string(), "HS 1992", "code; empty where there is none"),
        "year": (pa.int64(), "year", "year of the trade data"),
        "import_t": (pa.float64(), "t gross", "reported imports"),
        "import_share": (pa.float64(), "share", "raw, by weight"),
        "import_share_value": (pa.float64(), "share", "raw, by value"),
        "import_share_balanced": (pa.float64(), "share", "in the balanced network"),
        "consumption_share": (pa.float64(), "share", "of the market's whole inflow, balanced"),
        "hhi": (pa.float64(), "0-1", "concentration of suppliers by raw weight"),
        "cover_days": (pa.float64(), "days", "assumed stock at users"),
        "spare_capacity_t": (
            pa.float64(),
            "t a year",
            "spare output elsewhere; of parts in M USD",
        ),
        "basis": (pa.string(), "", "observed, estimated, assumed, missing"),
        "imputed": (pa.bool_(), "", "whether the screen replaced or filled quantities"),
        "flags": (pa.string(), "", "what the data screen and the code say of the row, joined by ;"),
    },
}
