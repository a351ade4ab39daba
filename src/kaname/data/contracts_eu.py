"""The contracts of the tables taken from the European Commission's criticality assessments.

Part of `kaname.data.contracts.OWN`; the files are written by tools/build_eu_tables.py.
"""

from __future__ import annotations

from kaname.data.columns import amount_column as _amount
from kaname.data.columns import choice_column as _choice
from kaname.data.columns import country_column as _country
from kaname.data.columns import share_column as _share
from kaname.data.columns import text_column as _text
from kaname.data.columns import year_column as _year
from kaname.terms.contract import Column, TableContract

EU_STAGES = ("E", "P")
"""Extraction and processing, as the assessments tell them apart."""
EU_SCOPES = ("GS + EUS", "GS only", "EUS only")
"""Which supply a score rests on: global and EU sourcing together, or one of them alone."""

_SOURCE = Column("source", "", "text", True, None, "Where the figure comes from, with edition and page")
_GRADE = Column("grade", "", "grade", True, None, "How well the figure is known")
_MATERIAL = _text("material", "Material as the assessment of 2023 names it", True)

EU_SUPPLY_SHARES = TableContract(
    "eu_supply_shares",
    (
        _choice("scope", "Supply of the world (GS), or of the EU with its own output (EUS)", "GS", "EUS"),
        _MATERIAL,
        _choice("stage", "Extraction or processing", *EU_STAGES),
        _country("iso3", "Country that supplies"),
        _share("share", "Share of the supply; half the bound where the study prints <0.1%", True),
        _amount("trade_parameter", "factor", "Trade parameter t: 1 neutral, above it restricted", True),
        _SOURCE,
        _GRADE,
    ),
    ("scope", "material", "stage", "iso3"),
    "Who supplies the world and the EU with each material, from the EU's assessment of 2023.",
)

EU_SCORES = TableContract(
    "eu_scores",
    (
        _MATERIAL,
        _year("year", "Year of the assessment"),
        _amount("sr", "score", "Supply risk", True),
        _amount("ei", "score", "Economic importance", True),
        _SOURCE,
        _GRADE,
    ),
    ("material", "year"),
    "Supply risk and economic importance as published in five assessments; no row: not assessed.",
)

EU_INPUTS = TableContract(
    "eu_inputs",
    (
        _MATERIAL,
        _year("year", "Year of the assessment"),
        _choice("stage", "Stage that the score is of", *EU_STAGES),
        _choice("scope", "Supply that the score rests on", *EU_SCOPES),
        _share("import_reliance", "Net imports over apparent use of the EU, 0 for a net exporter"),
        _share("eol_rir", "End-of-life recycling input rate"),
        _share("si_ei", "Substitution index of economic importance"),
        _share("si_sr", "Substitution index of supply risk"),
        _amount("hhi_gs", "index", "Concentration of global supply, weighted by governance and trade"),
        _amount("hhi_eu", "index", "The same of the EU's supply"),
        _SOURCE,
        _GRADE,
    ),
    ("material", "year", "stage"),
    "What the supply risk of 2017 was computed from, where published and taken over; empty is missing.",
)

EU_TABLES = (EU_SUPPLY_SHARES, EU_SCORES, EU_INPUTS)
