"""Charts of a run, one by one: as SVG, as PNG where the extra `pdf` is installed, and their data as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from kaname.report.charts import WIDE, render
from kaname.report.charts.sankey import node_values
from kaname.report.charts.tables import chart_table
from kaname.report.charts.worldmap import WORLDVIEWS, worldview
from kaname.report.chartspec import ChartSpec, MapSpec
from kaname.report.export import chart_specs, guarded
from kaname.report.model import ReportModel
from kaname.report.reading import slug
from kaname.report.worldviews import as_seen
from kaname.terms.errors import DataMissing, InputError, Problem
from kaname.terms.extras import require_extra
from kaname.terms.language import say, speaking, text_of
from kaname.web.desk import desk_of

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])
Ident = Annotated[str, Path(max_length=120, description="Id of a run: the name of its folder.")]
Name = Annotated[str, Path(max_length=160, description="Name of a chart, as /charts lists it.")]
Kind = Literal["svg", "png", "csv"]
Spoken = Annotated[Literal["en", "ja"], Query(alias="lang", description="Language, where the run has it.")]
Week = Annotated[int | None, Query(ge=1, le=1000, description="Week of a chart that ends in -flows-week.")]
MEDIA = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv; charset=utf-8"}
WEEKS = "-flows-week"
PNG_SCALE = 2.0
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True)
class Chart:
    """A chart to be drawn: its spec, and the undisturbed throughputs of a Sankey."""

    spec: ChartSpec
    before: Mapping[str, float] | None = None


@router.get("/{ident}/charts", summary="Charts of a run")
def listed(request: Request, ident: Ident) -> list[dict[str, Any]]:
    """Return name, title and kind of every chart, with its links."""
    model = desk_of(request).runs.model(ident)
    base = f"/api/v1/runs/{ident}/charts"
    return [
        {
            "name": name,
            "title": chart.spec.title,
            "kind": type(chart.spec).__name__.removesuffix("Spec").lower(),
            "links": {kind: f"{base}/{name}.{kind}" for kind in MEDIA},
        }
        for name, chart in charts_of(model).items()
    ]


@router.get("/{ident}/charts/{name}.{kind}", summary="One chart as SVG, PNG or CSV")
def chart(
    request: Request,
    ident: Ident,
    name: Name,
    kind: Kind,
    view: Annotated[str, Query(alias="worldview", max_length=20)] = WORLDVIEWS[0],
    week: Week = None,
    lang: Spoken = "en",
) -> Response:
    """Return a chart, in English where the run has no other language. PNG needs the extra `pdf`; Japanese
    text in it a font with Japanese on this machine.
    """
    worldview(view)
    desk = desk_of(request)
    key = ("chart", ident, name, kind, view, week, lang, desk.runs.stamp(ident))

    def made() -> str | bytes:
        told, spoken = desk.runs.told(ident, lang)
        with speaking(spoken):
            return _drawn(_found(told, ident, name, view, week), kind)

    found = desk.kept.answer(request, key, made, MEDIA[kind])
    if kind == "svg":
        found.headers["content-security-policy"] = POLICY
    else:
        tail = "" if lang == "en" else f"-{lang}"
        found.headers["content-disposition"] = f'attachment; filename="{slug(ident)}-{name}{tail}.{kind}"'
    return found


def charts_of(model: ReportModel, week: int | None = None) -> dict[str, Chart]:
    """Return every chart by name; of a chain week by week the week that is asked for, else the lowest.

    Raises InputError for a week that no run has.
    """
    found = {name: Chart(spec, before) for name, spec, before in chart_specs(model)}
    for case in model.cases:
        weeks = case.sankey_weeks
        if weeks is None:
            continue
        number = weeks.lowest() if week is None else min(week, len(weeks.dates))
        found[f"{slug(case.id)}{WEEKS}"] = Chart(weeks.week(number), node_values(weeks.before()))
    return found


def _found(told: ReportModel, ident: str, name: str, view: str, week: int | None) -> Chart:
    """Return a chart of a run. Raises DataMissing for an unknown name, InputError for an unknown week."""
    model = as_seen(told, view)
    charts = charts_of(model, week)
    if name not in charts:
        raise DataMissing(Problem("no such chart in the run", ident, name[:120], fix="See /charts."))
    if week is not None:
        most = max((len(c.sankey_weeks.dates) for c in model.cases if c.sankey_weeks), default=0)
        if not name.endswith(WEEKS) or week > most:
            bounds = f"1 to {most}, of a chart that ends in {WEEKS}"
            raise InputError(Problem("no such week of this chart", name[:120], str(week), bounds))
    return charts[name]


def _drawn(found: Chart, kind: Kind) -> str | bytes:
    if kind == "csv":
        return as_csv(found.spec)
    svg = render(found.spec, width=WIDE, before=found.before)
    return svg if kind == "svg" else as_png(svg)


def as_png(svg: str) -> bytes:
    """Return a chart as PNG, two dots a unit. Raises DataMissing without the extra `pdf`."""
    converter = require_extra("pdf", "vl_convert")
    made: bytes = converter.svg_to_png(svg, scale=PNG_SCALE)
    return made


def as_csv(spec: ChartSpec) -> str:
    """Return the data of a chart as CSV; of a map each row says which view of disputed areas it is of."""
    data = chart_table(spec)
    more = [(say("Worldview"), text_of(spec.worldview))] if isinstance(spec, MapSpec) else []
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([guarded(name) for name in (*data.head, *(name for name, _ in more))])
    for row in data.rows:
        writer.writerow([guarded(cell) for cell in (*row, *(value for _, value in more))])
    return sink.getvalue()
