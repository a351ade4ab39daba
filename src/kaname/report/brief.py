"""The brief as data: what `kaname run --json` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kaname.report.model import CaseView, ReportModel

SHORTFALL = (
    "market", "product", "stage", "first_shortfall_date", "first_shortfall_early",
    "first_shortfall_median", "first_shortfall_late", "days_to_shortfall", "never_share",
    "worst_share", "worst_low", "worst_median", "worst_high", "lost_output_share",
    "lost_output_low", "lost_output_median", "lost_output_high", "use_t", "value_kusd", "value_low_kusd",
    "value_median_kusd", "value_high_kusd", "basis",
)  # fmt: skip


def brief(model: ReportModel) -> dict[str, Any]:
    """Return headline, answers, cases with their shortfalls, plans and the manifest."""
    return {
        "headline": model.headline,
        "answers": [{"who": who, "answer": text} for who, text in model.answers],
        "cases": [_case(case) for case in model.cases],
        "responses": [
            {
                "scenario": view.id,
                "answers": view.answers,
                "sentence": view.sentence,
                "promise": view.promise,
                "cost_kusd": sum(row.cost_kusd for row in view.measures),
                "measures": [row.id for row in view.measures],
            }
            for view in model.responses
        ],
        "manifest": dict(model.manifest),
    }


def _case(case: CaseView) -> dict[str, Any]:
    return {
        "scenario": case.id,
        "title": case.title,
        "sentence": case.sentence,
        "value_kusd": case.value_kusd,
        "value_low_kusd": case.value_low_kusd,
        "value_median_kusd": case.value_median_kusd,
        "value_high_kusd": case.value_high_kusd,
        "basis_shares": asdict(case.basis_shares),
        "depends_on": list(case.depends_on),
        "shortfalls": [{key: getattr(row, key) for key in SHORTFALL} for row in case.rows],
    }
