"""Small hand-made `Sources`: rows with every column that the builder reads, and a chain of two stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from kaname.network.sources import OBSERVED, Flow, Sources, TradeRow

AS_OF = date(2026, 1, 5)
Line = dict[str, Any]


def product(
    name: str, element: str | None = "iron", unit: str = "t", stage: str = "ore", **more: Any
) -> Line:
    spread = {"cover_days": 45.0, "cover_low": 30.0, "cover_high": 60.0}
    spread |= {"headroom": 0.1, "headroom_low": 0.0, "headroom_high": 0.2}
    head = {"product": name, "name": name, "element": element, "unit": unit, "stage": stage}
    return {**head, "content": "t", "price_kusd_per_t": 1.0, "grade": "assumed", **spread, **more}


def code(hs: str, name: str, exporter: str = "*", share: float = 1.0, content: float = 1.0) -> Line:
    return {"hs": hs, "product": name, "exporter": exporter, "share": share, "content_factor": content}


def correction(exporter: str, importer: str, hs: str, name: str, years: tuple[int, int], **more: Any) -> Line:
    row = code(hs, name, exporter, **more)
    return {**row, "importer": importer, "year_from": years[0], "year_to": years[1]}


def made(market: str, name: str, tonnes: float, kind: str = "primary", year: int = 2024) -> Line:
    row = {"market": market, "product": name, "kind": kind, "production_t": tonnes}
    return {**row, "year": year, "grade": "observed"}


def recipe(output: str, source: str, market: str = "*", **more: Any) -> Line:
    row = {"output": output, "input": source, "market": market, "input_per_output": None, "use_share": None}
    row |= {"dependence": 1.0, "dependence_low": None, "dependence_high": None, "same_element": False}
    return {**row, "grade": "assumed", **more}


def control(exporter: str, importer: str, name: str, factor: float, **more: Any) -> Line:
    row = {"control": "c", "exporter": exporter, "importer": importer, "product": name}
    row |= {"base_flow_factor": factor, "in_force_from": "2025-01-01", "suspended_from": None}
    return {**row, "suspended_until": None, "in_trade_data": False, **more}


def known(exporter: str, importer: str, name: str, tonnes: float, year: int = 2024) -> Line:
    row = {"exporter": exporter, "importer": importer, "product": name, "flow_t": tonnes}
    return {**row, "year": year, "grade": "estimated"}


def segment(market: str, name: str, source: str, share: float) -> Line:
    row = {"segment": market, "parent": market.split("/", maxsplit=1)[0], "product": name, "input": source}
    return {**row, "material_share": share, "dependence": 0.8, "dependence_low": 0.5, "dependence_high": 1.0}


def trade(
    exporter: str, importer: str, tonnes: float, hs: str = "260111", kusd: float | None = None
) -> TradeRow:
    return TradeRow(exporter, importer, hs, tonnes if kusd is None else kusd, tonnes)


def flow(
    exporter: str,
    importer: str,
    tonnes: float,
    name: str = "ore",
    kusd: float | None = None,
    basis: int = OBSERVED,
) -> Flow:
    return Flow(name, exporter, importer, tonnes, tonnes if kusd is None else kusd, basis, tonnes)


def sources(**fields: Any) -> Sources:
    """Return sources that hold one traded product, `ore` under HS 260111, and what is given."""
    tables = ("stage_corrections", "known_flows", "production", "recipes", "use_keys", "industries")
    empty: dict[str, Sequence[Any]] = dict.fromkeys(
        (*tables, "segments", "reserves", "controls", "trade"), ()
    )
    given = {"products": [product("ore")], "trade_codes": [code("260111", "ore")], **empty}
    rest = {
        "controls": (),
        "trade": (),
        "names": {},
        "sea_km": {},
        "passages": {},
        "base_year": 2024,
        "as_of": AS_OF,
    }
    return Sources(**{**given, **rest, **fields})


def chain(**fields: Any) -> Sources:
    """Return ore -> metal -> cars: AAA mines, BBB and DDD smelt, HUB passes on, CCC uses."""
    whole = sources(
        products=[
            product("ore"),
            product("metal", stage="metal"),
            product("cars", None, "index", "industry"),
        ],
        trade_codes=[code("260111", "ore"), code("720100", "metal")],
        trade=[
            trade("AAA", "BBB", 66.0),
            trade("AAA", "DDD", 22.0),
            trade("BBB", "CCC", 30.0, "720100"),
            trade("BBB", "HUB", 10.0, "720100"),
            trade("HUB", "CCC", 8.0, "720100"),
        ],
        production=[
            made("AAA", "ore", 100.0),
            made("BBB", "metal", 60.0, "processing"),
            made("DDD", "metal", 20.0, "processing"),
        ],
        recipes=[
            recipe("metal", "ore", input_per_output=1.1, same_element=True),
            recipe("cars", "metal", use_share=0.6, dependence=0.5, dependence_low=0.2, dependence_high=0.8),
        ],
    )
    return replace(whole, **fields)
