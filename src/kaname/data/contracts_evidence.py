"""The contracts of the tables that hold the record of the model: what was calibrated, and how it did.

Part of `kaname.data.contracts.OWN`; `calibration*.csv` are written by tools/calibrate_hindcast.py and frozen,
`scorecard.csv` by tools/build_evidence.py.
"""

from __future__ import annotations

from kaname.data.columns import amount_column as _amount
from kaname.data.columns import choice_column as _choice
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
