"""What the data say: sources, products, countries, exposure; scenarios and what is wrong with them."""

from __future__ import annotations

import importlib.metadata
from dataclasses import asdict
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from kaname.baseline import BASE_YEAR, Baseline, load_baseline
from kaname.data import store
from kaname.exposure import ExposureRow, exposure
from kaname.precheck import check_study
from kaname.scenario.files import json_schema
from kaname.study import DEFAULT_DRAWS, DEFAULT_SEED, examples_folder
from kaname.terms.errors import KanameError
from kaname.web.answers import plain
from kaname.web.api.asked import FIRST_YEAR, LAST_YEAR, told
from kaname.web.checks import checked_study
from kaname.web.desk import desk_of
from kaname.web.runs import MOST_DRAWS

router = APIRouter(prefix="/api/v1", tags=["data"])


class Texts(BaseModel):
    """Scenario files as text."""

    model_config = ConfigDict(extra="forbid")

    scenarios: list[str] = Field(min_length=1, max_length=20)
    draws: int = Field(DEFAULT_DRAWS, ge=0, le=MOST_DRAWS, description="Draws that the cost is told for.")


@cache
def baseline() -> Baseline:
    """Return the default network, built once for a server."""
    return load_baseline()


@router.get("/health", summary="Is it there, and what is it")
def health(request: Request) -> dict[str, Any]:
    """Return version, data snapshot and whether a worker runs here."""
    return {
        "kaname": importlib.metadata.version("kaname"),
        "snapshot": store.snapshot_id(),
        "works": request.app.state.desk.dispatcher is not None,
    }


@router.get("/data/sources", summary="Every data source with vintage and licence")
def sources() -> list[dict[str, Any]]:
    """Return the sources of the bundle."""
    found: list[dict[str, Any]] = plain(store.sources())
    return found


@router.get("/data/products", summary="Trade codes and the products they belong to")
def products() -> list[dict[str, Any]]:
    """Return HS code, product and what of the trade under it counts."""
    found: list[dict[str, Any]] = plain(store.own_table("trade_codes").to_pylist())
    return found


@router.get("/data/countries", summary="Countries")
def countries() -> dict[str, str]:
    """Return code -> name."""
    return dict(store.country_names())


@router.get("/exposure", response_model=list[ExposureRow], summary="How far a market depends on another")
def exposed(
    request: Request,
    market: Annotated[str, Query(min_length=3, max_length=3, description="Importer, such as JPN.")],
    to: Annotated[str, Query(min_length=3, max_length=3, description="Supplier, such as CHN.")],
    product: Annotated[str | None, Query(max_length=60)] = None,
    year: Annotated[int, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="Year of the trade.")] = BASE_YEAR,
) -> Response:
    """Return a row per product: imports, shares, concentration, cover."""
    importer, exporter = market.upper(), to.upper()

    def make() -> list[dict[str, Any]]:
        return [row.as_dict() for row in exposure(importer, exporter, product, year, baseline())]

    return told(request, ("exposure", importer, exporter, product, year), make)


@router.get("/scenarios", summary="The scenarios that come with kaname")
def scenarios() -> list[dict[str, str]]:
    """Return name and text of the shipped scenario files."""
    folder = examples_folder()
    return [
        {
            "name": path.relative_to(folder).with_suffix("").as_posix(),
            "text": path.read_text(encoding="utf-8"),
        }
        for path in sorted(folder.rglob("*.yaml"))
    ]


@router.get("/scenarios/schema", summary="The JSON schema of a scenario")
def schema() -> dict[str, Any]:
    """Return the schema that scenario files are checked against."""
    return json_schema()


@router.post("/scenarios/check", summary="What is wrong with scenarios, and what a run of them takes")
def check(request: Request, wanted: Texts) -> dict[str, Any]:
    """Return all faults with line and column; none means that they can be run. `found` says, for each, how
    many restrictions and measures it has and how many lanes they hold; `cost` what a run takes: cases, draws
    in all, weeks, CPU seconds and megabytes as low and high, and how many runs wait before it.
    """
    try:
        study, cost = checked_study(wanted.scenarios, DEFAULT_SEED, wanted.draws)
        rows = desk_of(request).gate.through(lambda: check_study(study, baseline()))
    except KanameError as error:
        return {"ok": False, **error.as_dict()}
    return {
        "ok": True,
        "scenarios": [one.id for one in study.scenarios],
        "found": rows,
        "problems": [],
        "cost": {**plain(asdict(cost)), "waiting": desk_of(request).runs.jobs.waiting()},
    }
