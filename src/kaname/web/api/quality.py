"""How good the data are, what is installed and how the model did: as `kaname data`, `network`, `doctor`."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from kaname import health
from kaname.audit.balances import data_balance
from kaname.audit.check import check_data, of_kind
from kaname.audit.coverage import data_coverage
from kaname.audit.findings import DataCheck
from kaname.audit.tables import csv_of, own_tables, rows_of
from kaname.baseline import BASE_YEAR, network_stats
from kaname.data import store
from kaname.data.sources.layouts import template
from kaname.web.answers import documented, plain
from kaname.web.api.asked import FIRST_YEAR, LAST_YEAR, Country, Product, told
from kaname.web.api.facts import baseline
from kaname.web.desk import desk_of

router = APIRouter(prefix="/api/v1", tags=["data"])
Kind = Literal["baci", "comtrade", "usgs", "wmd", "bom", "suppliers"]
BaseYear = Annotated[int, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="Such as 2024.")]
Shape = dict[str, Any]
Table = Annotated[str, Path(min_length=1, max_length=60, description="Such as recipes.")]
CSV = "text/csv; charset=utf-8"
KEPT_CHECKS = 4


@router.get("/data", summary="Trade codes and sources, as kaname data list")
def listed() -> dict[str, list[Shape]]:
    """Return the trade codes with their years and rows, and the sources with editions and licences."""
    keys = ("title", "publisher", "edition", "licence", "date")
    sources = [{key: record[key] for key in keys} for record in store.sources()]
    return {"codes": plain(store.hs_products().to_pylist()), "sources": plain(sources)}


@router.get(
    "/data/templates/{kind}",
    response_class=Response,
    responses=documented("text/csv"),
    summary="A CSV file of a kind, as kaname data template",
)
def example(kind: Kind) -> Response:
    """Return the header and two example rows of a kind of file."""
    return Response(template(kind), media_type=CSV)


@router.get("/data/check", response_model=Shape, summary="What is doubtful, as kaname data check")
def check(
    request: Request,
    year: BaseYear = BASE_YEAR,
    hs: Annotated[str | None, Query(max_length=20, description="An HS code (1992).")] = None,
    product: Product = None,
    kind: Annotated[str | None, Query(max_length=40, description="One kind of finding.")] = None,
) -> Response:
    """Return the findings in the data of a year, and what was done about each."""
    of_kind(DataCheck(year, 0, 0, (), ()), kind)  # an unknown kind is told before anything is computed
    key = ("check", year, hs, product, kind)
    return told(request, key, lambda: of_kind(_checked(year, hs, product), kind).as_dict())


@lru_cache(KEPT_CHECKS)
def _checked(year: int, hs: str | None, product: str | None) -> DataCheck:
    """Return the findings of a year, kept so that one kind after another can be asked for."""
    return check_data(year, hs, product)


@router.get("/data/coverage", response_model=Shape, summary="What is covered, as kaname data coverage")
def coverage(request: Request, year: BaseYear = BASE_YEAR) -> Response:
    """Return which materials are covered at which stages, how well, and what critical lists name beside."""
    return told(request, ("coverage", year), lambda: data_coverage(year).as_dict())


@router.get("/data/tables", response_model=list[Shape], summary="The coefficients, as kaname data tables")
def tables(request: Request) -> Response:
    """Return the tables of coefficients: what each holds, its rows, and how many of each grade."""
    return told(request, ("tables",), lambda: [asdict(table) for table in own_tables()])


@router.get(
    "/data/tables/{name}.csv",
    response_class=Response,
    responses=documented("text/csv"),
    summary="A table of coefficients as CSV",
)
def table_csv(request: Request, name: Table) -> Response:
    """Return the rows of a table, each with its grade and source; cells are safe to open as formulas."""
    desk = desk_of(request)
    return desk.made.answer(request, ("table.csv", name), lambda: csv_of(name), CSV)


@router.get("/data/tables/{name}", response_model=list[Shape], summary="A table, as kaname data tables NAME")
def table(request: Request, name: Table) -> Response:
    """Return the rows of a table, each with its grade and source."""
    return told(request, ("table", name), lambda: rows_of(name))


@router.get(
    "/data/balance/{product}",
    response_model=Shape,
    summary="A product in the balance, as kaname data balance",
)
def balance(
    request: Request,
    product: Annotated[str, Path(min_length=1, max_length=60, description="Such as tungsten_ore.")],
    country: Country = None,
) -> Response:
    """Return supply and use of a product before and after the balance, the largest changes first."""
    key = ("balance", product, country)
    return told(request, key, lambda: data_balance(product, country, baseline()).as_dict())


@router.get("/network/stats", response_model=Shape, summary="The network, as kaname network stats")
def stats(request: Request) -> Response:
    """Return what the default network holds, and what the builder did to the sources."""
    return told(request, ("stats",), network_stats)


@router.get("/doctor", response_model=list[Shape], summary="The installation, as kaname doctor")
def doctor(request: Request) -> Response:
    """Return the checks of the installation that the server runs in."""
    desk = desk_of(request)
    rows = desk.gate.through(
        lambda: [
            {"check": one.name, "ok": one.ok, "found": one.found, "fix": one.fix}
            for one in health.examine(desk.settings.folder)
        ]
    )
    return told(request, ("doctor", str(rows)), lambda: rows)


@router.get("/record", summary="How the model did before: the scorecard")
def record() -> list[Shape]:
    """Return a row per past episode, indicator and check, misses included (`docs/evidence.md`)."""
    found: list[Shape] = plain(store.own_table("scorecard").to_pylist())
    return found
