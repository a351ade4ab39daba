"""A report as another view of disputed areas shows it: its maps change, no number does."""

from __future__ import annotations

from dataclasses import replace

from kaname.report.charts.worldmap import worldview
from kaname.report.model import ReportModel


def as_seen(model: ReportModel, view: str) -> ReportModel:
    """Return the report with its maps in a view (`neutral`, `jp`, `un`). Raises InputError for another."""
    worldview(view)
    spec = model.exposure_map
    if spec is None or spec.worldview == view:
        return model
    return replace(model, exposure_map=replace(spec, worldview=view))
