"""One question for all indicators: `kaname indicators` and its Python twin."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kaname.criticality.panel import Asked
from kaname.criticality.reliance import import_reliance, stock_days
from kaname.criticality.risk import supply_risk_of_imports
from kaname.criticality.suppliers import partner_dependence, supplier_concentration
from kaname.data import store
from kaname.indicators.rows import IndicatorRow
from kaname.terms import codes
from kaname.terms.errors import InputError, Problem

NAMES = ("hhi", "dependence", "import-reliance", "cover", "geopolrisk")
EU = "eu-supply-risk"
DATA = ("raw", "screened")
WITH_PRODUCTION = ("geopolrisk", "import-reliance")


def indicators(
    name: str,
    country: str | None = None,
    product: str | None = None,
    year: int | None = None,
    data: str = "raw",
    production: Path | None = None,
    root: Path | None = None,
    *,
    rate_taiwan: bool = False,
) -> tuple[IndicatorRow, ...]:
    """Return an indicator for every country, product and year, or for those asked for.

    `name` is one of `NAMES`. `country` is an ISO 3166 alpha-3 code or a name; `product` a raw material
    (`Rare earth`), a product id or an HS code (1992). `data`: raw, as reported, or screened, with gross
    errors in weights corrected. `production` is a folder of `kaname data import wmd`; without it production
    is that of our own table, which holds 2024 and for some materials 2023. GeoPolRisk
    takes Taiwan for a country without a governance estimate, as the method's library does (geopolrisk-py
    2.0.1); with `rate_taiwan` it has its own.

    Rows are in the order of items, years and countries (types: `kaname.indicators.rows`); a missing value is
    None, with the reason in the row. Raises InputError for unknown names, DataMissing for a year without any
    data and a folder that is none.
    """
    _check(name, data, production, rate_taiwan)
    place = codes.country(country, store.country_names(root), "--country") if country else None
    asked = Asked(place, product, year, data, root)
    found: Iterable[IndicatorRow]
    if name == "hhi":
        found = supplier_concentration(asked)
    elif name == "dependence":
        found = partner_dependence(asked)
    elif name == "import-reliance":
        found = import_reliance(asked, production)
    elif name == "cover":
        found = stock_days(asked)
    else:
        found = supply_risk_of_imports(asked, production, rate_taiwan)
    return tuple(found)


def _check(name: str, data: str, production: Path | None, rate_taiwan: bool) -> None:
    """Refuse words that are no choice, and options that an indicator does not use."""
    problems = []
    if name == EU:
        fix = "In Python call kaname.supply_risk"
        problems.append(Problem("the EU's supply risk has a function of its own", "NAME", name, fix=fix))
    elif name not in NAMES:
        close = codes.near(name.casefold(), [*NAMES, EU])
        fix = f"Did you mean {' or '.join(close)}?" if close else ""
        expected = " or ".join([*NAMES, EU])
        problems.append(Problem("unknown indicator", "NAME", repr(name), expected, fix))
    if data not in DATA:
        problems.append(Problem("unknown choice", "--data", repr(data), " or ".join(DATA)))
    if production is not None and name not in WITH_PRODUCTION and not problems:
        fix = "Leave the option out"
        expected = " or ".join(WITH_PRODUCTION)
        problems.append(Problem(f"{name} uses no production", "--production", str(production), expected, fix))
    if rate_taiwan and name != "geopolrisk" and not problems:
        problems.append(Problem("only geopolrisk rates countries", "--rate-taiwan", name, "geopolrisk"))
    if problems:
        raise InputError(problems)
