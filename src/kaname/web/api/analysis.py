"""Questions to the data and the network: indicators, sea passages, a company's exposure, past episodes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from kaname.company import company_exposure
from kaname.criticality.ask import EU, indicators
from kaname.data import store
from kaname.hindcast.episode import load_episode, shipped_episodes
from kaname.indicators.rows import (
    GeoPolRiskRow,
    ImportReliance,
    PartnerDependence,
    StockCover,
    SupplierConcentration,
)
from kaname.passages import PassageRow, Through, WayRow, passages, routes, ways
from kaname.supply_risk import ScoreRow, SupplyRiskRow, score_file, supply_risk
from kaname.terms.errors import DataMissing, InputError, Problem
from kaname.web.answers import plain
from kaname.web.api.asked import (
    MOST_CSV_CHARACTERS,
    Country,
    Product,
    Year,
    not_too_many,
    told,
    with_files,
)
from kaname.web.api.facts import baseline
from kaname.web.desk import desk_of

router = APIRouter(prefix="/api/v1", tags=["analysis"])
Name = Literal["hhi", "dependence", "import-reliance", "cover", "geopolrisk", "eu-supply-risk"]
Data = Annotated[
    Literal["raw", "screened"],
    Query(description="raw: as reported; screened: gross errors in weights corrected."),
]
Place = Annotated[str, Path(min_length=1, max_length=60, description="Alpha-3 code or name, such as CHN.")]
FEWER = "Name a country, a product or a year."
TO_NARROW = frozenset({"hhi", "dependence"})
"""Indicators whose rows for everything are too many for an answer: known before they are computed."""
IndicatorAnswer = (
    list[SupplierConcentration]
    | list[PartnerDependence]
    | list[ImportReliance]
    | list[StockCover]
    | list[GeoPolRiskRow]
    | list[SupplyRiskRow]
)


class Inputs(BaseModel):
    """Printed inputs of the EU's supply risk, as the text of a CSV file."""

    model_config = ConfigDict(extra="forbid")

    inputs: str = Field(
        min_length=1,
        max_length=MOST_CSV_CHARACTERS,
        description="Columns material, IR, EoL_RIR, SI_SR, HHI_GS, HHI_EU; SR to compare with.",
    )


class CompanyQuestion(BaseModel):
    """A company's bill of materials and, where there is one, its supplier list: the texts of CSV files."""

    model_config = ConfigDict(extra="forbid")

    bom: str = Field(min_length=1, max_length=MOST_CSV_CHARACTERS)
    suppliers: str | None = Field(None, min_length=1, max_length=MOST_CSV_CHARACTERS)
    market: str = Field(min_length=1, max_length=60, description="Country in which the company works.")
    to: str = Field(min_length=1, max_length=60, description="Country that it may depend on.")
    on_fault: Literal["refuse", "repair"] = "refuse"
    decimal: Literal["auto", "point", "comma"] = "auto"


class EpisodeLine(BaseModel):
    """A shipped episode in the list."""

    episode: str
    base_year: str
    title: str


class EpisodeRecord(BaseModel):
    """An episode with what the record holds of it; `record` is empty where it was not scored."""

    episode: str
    base_year: int
    title: str
    notes: list[str]
    record: list[dict[str, Any]]


@router.get(
    "/indicators/{name}", response_model=IndicatorAnswer, summary="An indicator, as kaname indicators"
)
def indicator(
    request: Request,
    name: Name,
    country: Country = None,
    product: Product = None,
    year: Year = None,
    data: Data = "raw",
    rate_taiwan: bool = False,
) -> Response:
    """Return a row per country, product and year; missing values are null, with the reason in the row."""
    if name in TO_NARROW and country is None and product is None and year is None:
        raise InputError(Problem("too many rows for one answer", name, "everything", "a part of it", FEWER))

    def make() -> list[dict[str, Any]]:
        if name == EU:
            if rate_taiwan:
                raise InputError(
                    Problem("only geopolrisk rates countries", "--rate-taiwan", name, "geopolrisk")
                )
            return [row.as_dict() for row in supply_risk(country, product, year, data)]
        found = indicators(name, country, product, year, data, rate_taiwan=rate_taiwan)
        return [row.as_dict() for row in not_too_many(list(found), FEWER)]

    return told(request, ("indicators", name, country, product, year, data, rate_taiwan), make)


@router.post("/indicators/eu-supply-risk", response_model=list[ScoreRow], summary="Score printed inputs")
def scored(request: Request, wanted: Inputs) -> Any:
    """Return the EU's supply risk of each material of the inputs, as with `--inputs`; nothing is kept."""
    return desk_of(request).gate.through(
        lambda: with_files({"inputs": wanted.inputs}, lambda paths: score_file(paths["inputs"]))
    )


@router.get("/routes", response_model=list[PassageRow], summary="All sea passages, as kaname routes")
def all_passages(request: Request) -> Response:
    """Return a row per passage: what usually goes through, and what a closure adds."""
    return told(request, ("routes",), lambda: [row.as_dict() for row in passages(baseline())])


@router.get("/routes/through/{passage}", response_model=Through, summary="What hangs on a passage")
def through(
    request: Request,
    passage: Annotated[str, Path(min_length=1, max_length=60, description="Such as taiwan-strait.")],
    product: Product = None,
    exporter: Annotated[str | None, Query(alias="from", max_length=60)] = None,
    importer: Annotated[str | None, Query(alias="to", max_length=60)] = None,
) -> Response:
    """Return the sentence, the totals and a row per product and pair of countries, the dearest first."""
    key = ("through", passage, product, exporter, importer)
    return told(request, key, lambda: routes(passage, product, exporter, importer, baseline()).as_dict())


@router.get(
    "/routes/between/{exporter}/{importer}", response_model=list[WayRow], summary="Ways by sea and land"
)
def between(request: Request, exporter: Place, importer: Place) -> Response:
    """Return how goods go from one country to another, and what closing each passage adds."""
    key = ("between", exporter, importer)
    return told(request, key, lambda: [row.as_dict() for row in ways(exporter, importer, baseline())])


@router.post("/exposure/company", summary="How far a company depends, as kaname exposure --bom")
def company(request: Request, wanted: CompanyQuestion) -> dict[str, Any]:
    """Return a sentence, a row per item and what the checker found; the texts are not kept."""

    def ask() -> dict[str, Any]:
        return with_files(
            {"bom": wanted.bom, "suppliers": wanted.suppliers},
            lambda paths: company_exposure(
                paths["bom"],
                wanted.to,
                wanted.market,
                paths.get("suppliers"),
                baseline(),
                wanted.on_fault,
                decimal=wanted.decimal,
            ).as_dict(),
        )

    found: dict[str, Any] = plain(desk_of(request).gate.through(ask))
    return found


@router.get("/hindcasts", summary="Past episodes, as kaname hindcast")
def episodes() -> list[EpisodeLine]:
    """Return the shipped episodes; POST to this address runs one forward."""
    found = [(name, load_episode(name)) for name in shipped_episodes()]
    return [EpisodeLine(episode=name, base_year=str(one.base_year), title=one.title) for name, one in found]


@router.get("/hindcasts/{episode}", summary="What the record holds of an episode")
def episode_record(episode: Annotated[str, Path(max_length=60)]) -> EpisodeRecord:
    """Return the stored scores of an episode with the default draws: `docs/evidence.md` as data."""
    known = shipped_episodes()
    if episode not in known:
        raise DataMissing(
            Problem("no such episode", "hindcasts", episode, ", ".join(known), "See /api/v1/hindcasts.")
        )
    one, entry = load_episode(episode), episode.replace("-", "_")
    rows = [row for row in store.own_table("scorecard").to_pylist() if row["entry"] == entry]
    return EpisodeRecord(
        episode=episode,
        base_year=one.base_year,
        title=one.title,
        notes=list(one.notes),
        record=plain(rows),
    )
