"""The project's own cited tables: contracts, sums, ranges, sources, and whether the chains add up."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

TABLES = Path(__file__).resolve().parents[2] / "src" / "kaname" / "data" / "tables"
Row = dict[str, str]

HEADERS = {
    "products": "product,name,element,stage,unit,content,price_kusd_per_t,price_low,price_high,price_year,"
    "price_source,cover_days,cover_low,cover_high,headroom,headroom_low,headroom_high,stage_source,grade",
    "trade_codes": "hs,edition,product,exporter,share,content_factor,factor_low,factor_high,source,grade",
    "stage_corrections": "exporter,importer,hs,year_from,year_to,product,share,content_factor,source,grade",
    "production": "product,market,year,kind,production_t,low_t,high_t,source,page,grade,note",
    "recipes": "output,input,market,input_per_output,use_share,use_share_low,use_share_high,dependence,"
    "dependence_low,dependence_high,same_element,source,grade",
    "use_keys": "product,market,share,low,high,source,grade",
    "known_flows": "exporter,importer,product,year,flow_t,low_t,high_t,source,grade",
    "industries": "industry,market,value_added_kusd,year,source,grade",
    "segments": "segment,parent,product,input,material_share,share_low,share_high,dependence,dependence_low,"
    "dependence_high,source,grade",
    "reserves": "market,product,reserve_days,low,high,source,grade",
    "controls": "control,title,announced,in_force_from,suspended_from,suspended_until,exporter,importer,"
    "product,base_flow_factor,factor_low,factor_high,in_trade_data,source,url,grade",
    "elasticities": "group,short_elasticity,short_low,short_high,long_elasticity,long_low,long_high,"
    "supply_elasticity,supply_low,supply_high,source,grade",
    "land_borders": "market_a,market_b,kind,days,days_low,days_high,note,source,grade",
    "critical_lists": "list,material,elements,stage,told_apart,if_missing,note,source,grade",
    "materials": "material,sheet,stage,hs,role,content,products,source,grade,note",
    "calibration": "parameter,value,low,high,unit,what,source,grade",
    "calibration_left_out": "left_out,importers,cells,error,no_change_error,proportional_error,parameters,"
    "source,grade",
    "scorecard": "entry,kind,title,sample,cells,unit,error,no_change_error,proportional_error,imposed_error,"
    "default_error,signs_right,signs,band_coverage,crps,verdict,data,date,source,grade",
    "budgets": "country,budget,name,kind,fiscal_year,from,until,amount,amount_low,amount_high,currency,unit,"
    "status,source,source_date,url,page,grade,note",
    "exchange_rates": "currency,date,units_per_usd,low,high,source,url,grade,note",
    "eu_supply_shares": "scope,material,stage,iso3,share,trade_parameter,source,grade",
    "eu_scores": "material,year,sr,ei,source,grade",
    "eu_inputs": "material,year,stage,scope,import_reliance,eol_rir,si_ei,si_sr,hhi_gs,hhi_eu,source,grade",
}
SAID = {"budgets"}  # tables that also hold what a party or the press said
STORY_MATERIALS = {
    *(f"{group}_{stage}" for group in ("cela", "ndpr", "dytb") for stage in ("ore", "compound", "metal")),
    *("magnets", "gallium_crude", "gallium_refined", "germanium_concentrate", "germanium_refined"),
    *("tungsten_ore", "tungsten_apt", "tungsten_powder", "antimony_ore", "antimony_metal"),
    *("graphite_flake", "graphite_amorphous", "graphite_anode"),
}
STORY_INDUSTRIES = {
    *("motors", "vehicles", "electronics", "semiconductors", "machinery", "wind_turbines", "cutting_tools"),
    *("batteries", "optics_fibre", "flame_retardants", "catalysts_glass", "lead_alloys", "refractories"),
}
STORY_EQUIPMENT = {"missiles_interceptors", "defence_electronics"}
MINED = (
    *("cela_ore", "ndpr_ore", "dytb_ore", "gallium_crude", "tungsten_ore", "antimony_ore"),
    *("graphite_flake", "graphite_amorphous"),
)
RANGES = {  # table -> (low, central, high) columns
    "products": [
        ("price_low", "price_kusd_per_t", "price_high"),
        ("cover_low", "cover_days", "cover_high"),
        ("headroom_low", "headroom", "headroom_high"),
    ],
    "trade_codes": [("factor_low", "content_factor", "factor_high")],
    "production": [("low_t", "production_t", "high_t")],
    "recipes": [
        ("use_share_low", "use_share", "use_share_high"),
        ("dependence_low", "dependence", "dependence_high"),
    ],
    "use_keys": [("low", "share", "high")],
    "known_flows": [("low_t", "flow_t", "high_t")],
    "segments": [
        ("share_low", "material_share", "share_high"),
        ("dependence_low", "dependence", "dependence_high"),
    ],
    "reserves": [("low", "reserve_days", "high")],
    "controls": [("factor_low", "base_flow_factor", "factor_high")],
    "elasticities": [
        ("short_low", "short_elasticity", "short_high"),
        ("long_low", "long_elasticity", "long_high"),
        ("supply_low", "supply_elasticity", "supply_high"),
    ],
    "calibration": [("low", "value", "high")],
    "land_borders": [("days_low", "days", "days_high")],
}
# How much of a stage may find other uses or stocks beside the next stage (the ratio made / needed).
CHAIN_LIMITS = {
    "graphite_flake": 2.0,  # refractories and foundries take almost half of all flake
    "cela_compound": 15.0,  # only a small part of Ce and La is reduced to metal
}


def rows(name: str) -> list[Row]:
    found: list[Row] = []
    for path in (TABLES / f"{name}.csv", TABLES / "wide" / f"{name}.csv"):
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as handle:
                found += csv.DictReader(handle)
    return found


def where(row: Row) -> str:
    return ", ".join(list(row.values())[:5])


STAGE = {row["product"]: row["stage"] for row in rows("products")}
MATERIALS = {row["product"] for row in rows("products") if row["unit"] == "t"}
EQUIPMENT = {name for name, stage in STAGE.items() if stage == "equipment"}
PARTS = {row["product"] for row in rows("products") if row["unit"] == "MUSD"}
INDUSTRIES = set(STAGE) - MATERIALS - EQUIPMENT - PARTS


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_header_source_grade(name: str) -> None:
    text = (TABLES / f"{name}.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == HEADERS[name]
    table = rows(name)
    assert table
    for row in table:
        assert None not in row.values(), where(row)
        said = {"reported"} if name in SAID else set()
        assert row["grade"] in {"observed", "estimated", "assumed"} | said, where(row)
        assert len(row.get("source", row.get("stage_source", ""))) >= 7, where(row)
        if row["grade"] == "observed":
            assert not row.get("source", "").startswith("assumed"), where(row)
    for source in (row.get("source", "") for row in table):
        assert "/work" not in source
        assert "shared" not in source


def test_every_table_has_a_contract() -> None:
    assert {path.stem for path in TABLES.glob("*.csv")} == set(HEADERS)


@pytest.mark.parametrize("name", sorted(RANGES))
def test_ranges_hold_the_central_value(name: str) -> None:
    for row in rows(name):
        for low, central, high in RANGES[name]:
            cells = [row[low], row[central], row[high]]
            if cells == ["", "", ""]:
                continue
            assert "" not in cells, where(row)
            lo, mid, hi = map(float, cells)
            assert 0 <= lo <= mid <= hi, where(row)


def test_products_are_the_agreed_ones() -> None:
    table = {row["product"]: row for row in rows("products")}
    assert STORY_MATERIALS <= MATERIALS
    assert STORY_INDUSTRIES <= INDUSTRIES
    assert STORY_EQUIPMENT <= EQUIPMENT
    elements = {row["element"] for row in rows("products") if row["unit"] == "t"}
    assert len(elements) >= 40
    assert sum(stage == "component" for stage in STAGE.values()) + len(EQUIPMENT) >= 15
    assert sum(stage == "industry" for stage in STAGE.values()) >= 15
    assert len(table) == len(rows("products"))
    for name, row in table.items():
        assert (row["unit"] == "index") == (name not in MATERIALS | PARTS)
        assert bool(row["price_kusd_per_t"]) == (name in MATERIALS | PARTS)
        assert bool(row["price_source"]) == (name in MATERIALS | PARTS)


def test_market_and_product_ids() -> None:
    market = re.compile(r"(\*|ROW|[A-Z]{3}(/defence)?)")
    for name in HEADERS:
        for row in rows(name):
            for column in ("market", "exporter", "importer", "parent", "segment"):
                if column in row:
                    assert market.fullmatch(row[column]), (name, where(row))
            for column in ("product", "input", "output", "industry"):
                if column in row:
                    assert row[column] in {*STAGE, "outside"}, (name, where(row))


def test_no_key_appears_twice() -> None:
    keys = {
        "trade_codes": ("hs", "product", "exporter"),
        "stage_corrections": ("exporter", "importer", "hs", "year_from", "product"),
        "production": ("product", "market", "year", "kind"),
        "recipes": ("output", "input", "market"),
        "use_keys": ("product", "market"),
        "known_flows": ("exporter", "importer", "product", "year"),
        "industries": ("industry", "market"),
        "segments": ("segment", "product", "input"),
        "reserves": ("market", "product"),
        "controls": ("control", "importer", "product"),
    }
    for name, columns in keys.items():
        seen = [tuple(row[column] for column in columns) for row in rows(name)]
        assert len(seen) == len(set(seen)), name


def test_shares_add_up() -> None:
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    for row in rows("trade_codes"):
        sums["codes", row["hs"], row["exporter"]] += float(row["share"])
        assert row["edition"] == "HS92"
    for row in rows("stage_corrections"):
        sums["corrections", row["exporter"], row["importer"], row["hs"], row["year_from"]] += float(
            row["share"]
        )
    for key, total in sums.items():
        assert total == pytest.approx(1, abs=1e-9), key
    for row in rows("trade_codes"):
        assert ("codes", row["hs"], "*") in sums
    limits: dict[tuple[str, ...], float] = defaultdict(float)
    for row in rows("use_keys"):
        limits["keys", row["product"]] += float(row["share"])
    for row in rows("recipes"):
        if row["use_share"]:
            limits["use", row["input"]] += float(row["use_share"])
    for row in rows("segments"):
        limits["segment", row["segment"], row["input"]] += float(row["share_high"])
    for key, total in limits.items():
        assert total <= 1 + 1e-9, (key, total)


def test_stage_corrections_do_not_overlap() -> None:
    spans: dict[tuple[str, str, str], set[tuple[int, int]]] = defaultdict(set)
    for row in rows("stage_corrections"):
        first, last = int(row["year_from"]), int(row["year_to"])
        assert first <= last, where(row)
        spans[row["exporter"], row["importer"], row["hs"]].add((first, last))
    for key, found in spans.items():
        ordered = sorted(found)
        assert all(a[1] < b[0] for a, b in pairwise(ordered)), key


def test_same_element_means_full_dependence() -> None:
    element = {row["product"]: row["element"] for row in rows("products")}
    for row in rows("recipes"):
        d = float(row["dependence"])
        assert 0 < float(row["dependence_low"]) <= d <= float(row["dependence_high"]) <= 1, where(row)
        same = row["same_element"] == "true"
        if element[row["output"]] and element[row["output"]] == element[row["input"]]:
            assert same, where(row)
        if same:
            assert (row["dependence_low"], row["dependence"], row["dependence_high"]) == ("1", "1", "1"), (
                where(row)
            )
        assert (row["input_per_output"] == "") != (row["use_share"] == ""), where(row)
        assert (row["output"] in MATERIALS) == bool(row["input_per_output"]), where(row)
        if row["output"] in STORY_MATERIALS and row["output"].endswith(
            ("_compound", "_metal", "_refined", "_apt", "_powder")
        ):
            assert 1.0 <= float(row["input_per_output"]) <= 1.12, where(row)


def test_every_process_product_has_a_recipe_and_every_industry_an_input() -> None:
    outputs = {row["output"] for row in rows("recipes")}
    made = {row["product"] for row in rows("production") if row["kind"] == "processing"}
    assert made <= outputs
    assert outputs >= INDUSTRIES
    assert {row["product"] for row in rows("segments")} == EQUIPMENT


def test_vehicles_lose_about_three_tenths_without_magnets() -> None:
    d = {(row["output"], row["input"]): float(row["dependence"]) for row in rows("recipes")}
    assert d["motors", "magnets"] * d["vehicles", "motors"] == pytest.approx(0.3, abs=0.02)


def test_mine_production_covers_three_years() -> None:
    years: dict[str, set[str]] = defaultdict(set)
    for row in rows("production"):
        years[row["product"]].add(row["year"])
        primary = row["kind"] == "primary"
        if row["product"] in STORY_MATERIALS:
            assert primary == (
                row["product"].endswith(("_ore", "_crude", "_concentrate", "_flake", "_amorphous"))
            )
        if row["grade"] != "assumed" and row["source"].startswith("USGS"):
            assert row["page"] or "," in row["source"], where(row)
    for product in MINED:
        assert years[product] >= {"2023", "2024", "2025"}, product
    assert all("2024" in years[product] for product in MATERIALS)


def world(product: str, kinds: tuple[str, ...] = ("primary", "processing", "recycling")) -> float:
    return sum(
        float(row["production_t"])
        for row in rows("production")
        if row["product"] == product and row["year"] == "2024" and row["kind"] in kinds
    )


def need_of(product: str) -> float:
    """What the next stages draw in the base year, world-wide, with a market's own yield where given."""
    yields: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows("recipes"):
        if row["input"] == product and row["input_per_output"]:
            yields[row["output"]][row["market"]] = float(row["input_per_output"])
    return sum(
        float(row["production_t"]) * yields[row["product"]].get(row["market"], yields[row["product"]]["*"])
        for row in rows("production")
        if row["product"] in yields and row["year"] == "2024" and row["kind"] == "processing"
    )


def test_each_stage_can_feed_the_next() -> None:
    checked = 0
    for product in sorted(MATERIALS):
        need = need_of(product)
        if not need:
            continue
        ratio = world(product) / need
        print(f"{product}: {world(product):,.0f} t made, {need:,.0f} t needed, ratio {ratio:.2f}")
        most = CHAIN_LIMITS.get(product, 1.6) if product in STORY_MATERIALS else float("inf")  # other uses
        assert 0.9 <= ratio <= most, (product, ratio)
        checked += 1
    assert checked > 40


def test_world_totals_agree_with_published_ones() -> None:
    ree = sum(world(product) for product in ("cela_ore", "ndpr_ore", "dytb_ore"))
    assert ree == pytest.approx(380_000, rel=0.05)  # MCS 2026, which does not list Laos
    magnet_ree = world("ndpr_ore") + world("dytb_ore")
    assert magnet_ree == pytest.approx(75_100, rel=0.15)  # IEA 2024, mining
    refined = world("ndpr_compound") + world("dytb_compound")
    assert refined == pytest.approx(80_800, rel=0.15)  # IEA 2024, refining
    assert world("tungsten_ore") == pytest.approx(82_000, rel=0.02)  # MCS 2026
    assert world("antimony_ore") == pytest.approx(119_000, rel=0.02)
    assert world("graphite_flake") + world("graphite_amorphous") == pytest.approx(1_550_000, rel=0.02)
    assert world("gallium_crude") == pytest.approx(848, rel=0.02)


def test_china_share_by_stage() -> None:
    def share(product: str) -> float:
        china = sum(
            float(row["production_t"])
            for row in rows("production")
            if row["product"] == product and row["year"] == "2024" and row["market"] == "CHN"
        )
        return china / world(product)

    assert 0.85 <= share("ndpr_compound") <= 0.93  # IEA 2024: 91 %
    assert share("dytb_compound") >= 0.98  # EU 2023: 100 %
    assert 0.91 <= share("magnets") <= 0.95  # IEA 2025: 94 % of sintered magnets
    assert 0.97 <= share("gallium_crude") <= 1
    assert share("dytb_ore") < 0.5  # most heavy feed is dug in Myanmar and Laos


def test_industries_have_values_or_no_row() -> None:
    for row in rows("industries"):
        assert float(row["value_added_kusd"]) > 0, where(row)
        assert (row["industry"] in EQUIPMENT) == row["market"].endswith("/defence")
    for industry in INDUSTRIES:
        assert any(row["industry"] == industry and row["market"] == "JPN" for row in rows("industries")), (
            industry
        )


def test_segments_belong_to_their_parent_and_take_little() -> None:
    for row in rows("segments"):
        assert row["segment"] == f"{row['parent']}/defence"
        assert row["input"] in MATERIALS | INDUSTRIES | PARTS
        assert float(row["share_high"]) <= 0.35
        assert row["grade"] == "assumed"
    inputs: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows("segments"):
        inputs[row["segment"], row["product"]] += 1
    assert max(inputs.values()) <= 5


def test_controls_dates_and_factors() -> None:
    for row in rows("controls"):
        announced, start = date.fromisoformat(row["announced"]), date.fromisoformat(row["in_force_from"])
        assert announced <= start <= date(2026, 1, 5), where(row)
        assert bool(row["suspended_from"]) == bool(row["suspended_until"])
        if row["suspended_from"]:
            assert (
                start
                <= date.fromisoformat(row["suspended_from"])
                < date.fromisoformat(row["suspended_until"])
            )
            assert float(row["base_flow_factor"]) == 1.0, where(row)  # suspended on 2026-01-05
        assert row["in_trade_data"] in {"true", "false"}
        if row["in_trade_data"] == "true":
            assert float(row["base_flow_factor"]) == 1.0, where(row)
    controlled = {row["product"] for row in rows("controls")}
    assert controlled >= {
        "gallium_refined",
        "germanium_refined",
        "graphite_flake",
        "antimony_metal",
        "magnets",
    }


def test_elasticities_name_groups_that_are_there_and_say_what_is_from_memory() -> None:
    """Every group is an element, a stage or a product; one row holds for all others (rule M11)."""
    table = rows("elasticities")
    with (TABLES / "wide" / "products.csv").open(encoding="utf-8", newline="") as handle:
        products = [*rows("products"), *csv.DictReader(handle)]
    known = {row[name] for row in products for name in ("product", "element", "stage")}
    groups = {row["group"] for row in table}
    assert "*" in groups
    assert groups - {"*"} <= known
    for row in table:
        for end in ("low", "elasticity", "high"):
            assert float(row[f"short_{end}"]) <= float(row[f"long_{end}"]), where(row)
        computed = row["source"].startswith("computed")
        assert row["grade"] == ("estimated" if computed else "assumed"), where(row)
        assert computed or row["source"].startswith("assumed"), where(row)
