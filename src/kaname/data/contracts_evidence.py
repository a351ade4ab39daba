"""The contracts of the tables that hold the record of the model, and of the money that responses are held to.

Part of `kaname.data.contracts.OWN`; `calibration*.csv` are written by tools/calibrate_hindcast.py and frozen,
`scorecard.csv` by tools/build_evidence.py; `budgets.csv` and `exchange_rates.csv` are kept by hand.
"""

from __future__ import annotations

from kaname.data.columns import amount_column as _amount
from kaname.data.columns import choice_column as _choice
from kaname.data.columns import country_column as _country
from kaname.data.columns import date_column as _date
from kaname.data.columns import id_column as _id
from kaname.data.columns import share_column as _share
from kaname.data.columns import text_column as _text
from kaname.terms.contract import Column, TableContract

_SOURCE = Column("source", "", "text", True, None, "What the row was computed from")
_GRADE = Column("grade", "", "grade", True, None, "How well the figure is known")


def _count(name: str, sentence: str) -> Column:
    return Column(name, "", "integer", False, None, sentence, minimum=0)


CALIBRATION = TableContract(
    "calibration",
    (
        _text("parameter", "Parameter under `assumptions` of a scenario, with dots", True),
        _amount("value", "see unit", "Best value over all importers", True),
        _amount("low", "see unit", "Least value among those that fit nearly as well", True),
        _amount("high", "see unit", "Largest value among those that fit nearly as well", True),
        _text("unit", "Unit of the three", True),
        _text("what", "What the parameter does", True),
        _SOURCE,
        _GRADE,
    ),
    ("parameter",),
    "The six free parameters of the hindcasts, calibrated on rare earths 2010-2012 and frozen since.",
    (("low", "value", "high"),),
)

CALIBRATION_LEFT_OUT = TableContract(
    "calibration_left_out",
    (
        _text("left_out", "Importer whose figures the calibration did not see; none: it saw all", True),
        _text("importers", "Importers that the error is taken over", True),
        _count("cells", "Number of changes that the error is taken over"),
        _amount("error", "share", "Mean absolute error over these changes", True),
        _amount("no_change_error", "share", "The same if nothing had changed", True),
        _amount("proportional_error", "share", "The same if all were cut as announced", True),
        _text("parameters", "The values found, in the order of `calibration`", True),
        _SOURCE,
        _GRADE,
    ),
    ("left_out", "importers"),
    "Leave one importer out: calibrated without it, scored on it.",
)

SCORECARD = TableContract(
    "scorecard",
    (
        _id("entry", "Id of the hindcast, indicator or check"),
        _choice("kind", "What was tried", "hindcast", "indicator", "check"),
        _text("title", "Title shown to readers", True),
        _choice(
            "sample",
            "in sample: calibrated on it; out of sample: not seen before; parity: against a published figure",
            "in sample",
            "out of sample",
            "parity",
        ),
        _count("cells", "Number of figures compared"),
        _text("unit", "What the errors count", True),
        _amount("error", "see unit", "Mean absolute error"),
        _amount("no_change_error", "see unit", "The same if nothing had changed"),
        _amount("proportional_error", "see unit", "The same if restricted trade were cut in proportion"),
        _amount("imposed_error", "see unit", "The same with the origin's actual exports as the quota"),
        _amount("default_error", "see unit", "The same with kaname's default behaviour, prices off"),
        _count("signs_right", "Changes of at least 10 % with the right direction"),
        _count("signs", "Changes of at least 10 %"),
        _share("band_coverage", "Share of figures inside the 5-95 % band; .90 would be right"),
        _amount("crps", "see unit", "Mean continuous ranked probability score"),
        _text("verdict", "The result in a sentence, misses first", True),
        _text("data", "Data that it was computed from, with edition", True),
        _date("date", "Day on which it was computed", True),
        _SOURCE,
        _GRADE,
    ),
    ("entry",),
    "The record of the model and its indicators, misses included; report and docs/evidence.md show it.",
)

EVIDENCE_TABLES = (CALIBRATION, CALIBRATION_LEFT_OUT, SCORECARD)

BUDGETS = TableContract(
    "budgets",
    (
        _country("country", "Country that pays; EUU is the European Union"),
        _id("budget", "Id of the budget"),
        _text("name", "Name shown to readers", True),
        _choice(
            "kind",
            "What the money is for; economic security is wider than minerals",
            "defence",
            "economic_security",
            "critical_minerals",
        ),
        _text("fiscal_year", "Fiscal year as the country counts it, or the years of a programme", True),
        _date("from", "First day that the money is for"),
        _date("until", "Last day that the money is for; empty where none is set or known"),
        _amount("amount", "bn of `currency`", "Size of the budget over its whole time", True),
        _amount("amount_low", "bn of `currency`", "A narrower reading, as `page` or `note` says"),
        _amount("amount_high", "bn of `currency`", "A wider reading, as `page` or `note` says"),
        _text("currency", "ISO 4217 code of the currency", True),
        _choice("unit", "Billions of the national currency", "bn"),
        _choice(
            "status",
            "proposed: announced or tabled; approved: decided by a government, board or committee, or in "
            "force without the law having been read; enacted: passed by parliament",
            "proposed",
            "approved",
            "enacted",
        ),
        Column("source", "", "text", True, None, "Who says so; by way of whom, where the press was read"),
        _date("source_date", "Day of the source, or of the decision where the source shows none", True),
        _text("url", "Address of what was read", True),
        _text("page", "What it says", True),
        _GRADE,
        _text("note", "What a reader must know: overlaps with other rows, what is only recalled"),
    ),
    ("budget",),
    "Public money against which the cost of a response is set; rows overlap and are not to be added up.",
    (("from", "until"), ("amount_low", "amount", "amount_high")),
)

EXCHANGE_RATES = TableContract(
    "exchange_rates",
    (
        _text("currency", "ISO 4217 code of the currency; the US dollar itself needs no row", True),
        _date("date", "Day of the rate", True),
        _amount("units_per_usd", "units/USD", "Units of the currency for a US dollar", True),
        _amount("low", "units/USD", "Fewest units for a dollar that the source allows"),
        _amount("high", "units/USD", "Most units for a dollar that the source allows"),
        Column("source", "", "text", True, None, "Who says so"),
        _text("url", "Address of what was read", True),
        _GRADE,
        _text("note", "The published figures that the rate was worked out from", True),
    ),
    ("currency", "date"),
    "Dated exchange rates: those of 16 January 2026, and of the days that budgets are cited from.",
    (("low", "units_per_usd", "high"),),
)

MONEY_TABLES = (BUDGETS, EXCHANGE_RATES)
