"""The record of the model in a report: how it did on past episodes, and its indicators against figures."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.report.address import of
from kaname.report.charts.svg import escape, tag
from kaname.report.explanation import INDEX, written
from kaname.report.markup import Cell, bullet_list, number, section, table, text_cell
from kaname.report.model import RecordRow
from kaname.report.retold import retold
from kaname.terms.language import later, said, say, text_of
from kaname.terms.numerals import NONE, day

HINDCAST = "hindcast"
SAMPLES = later("in sample", "out of sample", "parity")
CHECKS = later("What", "Figures", "Result")
TITLE = later("How the model did before")[0]
CAPTION = later(
    "Past episodes run forward and scored: mean error of changes of imports (0.25 is 25 points) under the "
    "default rules, the calibrated ones, and two naive rules"
)[0]
HEADS = later(
    *("Episode", "Sample", "Figures", "Default rules", "Calibrated, with prices"),
    *("If nothing changed", "If cut as announced", "Directions right, calibrated"),
)


def record_sentence(rows: Sequence[RecordRow]) -> str:
    """Return the record in one sentence, the misses first; empty without hindcasts."""
    blind = [row for row in rows if row.kind == HINDCAST and row.sample == "out of sample"]
    if not blind:
        return ""
    worse = sum(not _beats(row) for row in blind)
    return say(
        "On {worse} of {all} past episodes outside its calibration, the model did no better than the best "
        "naive rule. Read the weeks here as a comparison of cases, not as a forecast.",
        worse=worse,
        all=len(blind),
    )


def _beats(row: RecordRow) -> bool:
    """Tell whether the default behaviour was nearer than nothing-changes and cut-as-announced."""
    naive = [value for value in (row.no_change_error, row.proportional_error) if value is not None]
    return row.default_error is not None and bool(naive) and row.default_error < min(naive)


def record_section(rows: Sequence[RecordRow]) -> str:
    """Return the section of the page: the sentence, the hindcasts in a table, the rest in another."""
    told = tag("p", escape(record_sentence(rows)), class_="lead")
    numbered = list(enumerate(rows))
    cells = [_hindcast(row, i) for i, row in numbered if row.kind == HINDCAST]
    past = [row for row in rows if row.kind == HINDCAST]
    misses = tuple(say("{case}: {text}", case=text_of(row.title), text=retold(row.verdict)) for row in past)
    rest = [
        [text_cell(text_of(row.title)), _count(row, i), text_cell(retold(row.verdict))]
        for i, row in numbered
        if row.kind != HINDCAST
    ]
    foot = ""
    if rows:
        latest = max(row.date for row in rows)
        text = say(
            "Computed on {day} from {data}. In full, with plots: docs/evidence.md.",
            day=day(latest),
            data=retold(rows[0].data),
        )
        foot = tag("p", escape(text), class_="meta")
    missed = tag("details", tag("summary", say("Largest misses, calibrated")), bullet_list(misses, ""))
    parts = (
        table(say(CAPTION), said(HEADS), cells),
        missed,
        table(say("Indicators and checks"), said(CHECKS), rest),
    )
    return section("record", say(TITLE), told, *parts, foot)


def _hindcast(row: RecordRow, index: int) -> list[Cell]:
    errors = ("default_error", "error", "no_change_error", "proportional_error")
    signs = number(row.signs, "modelled", of("-", "record", index, "signs")) if row.signs else NONE
    return [
        text_cell(text_of(row.title)),
        text_cell(say(row.sample)),
        _count(row, index),
        *(_error(getattr(row, name), of("-", "record", index, name)) for name in errors),
        Cell(signs, "r"),
    ]


def _count(row: RecordRow, index: int) -> Cell:
    return Cell(number(str(row.cells), "observed", of("-", "record", index, "cells")), "r")


def _error(value: float | None, at: str) -> Cell:
    return Cell(NONE if value is None else number(written(value, INDEX), "modelled", at), "r")
