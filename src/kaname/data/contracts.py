"""The contracts of the project's own tables; those of the bundle stand in `bundle_contracts`.

`docs/data.md` is written from these (`python -m kaname.data.dictionary > docs/data.md`).
"""

from __future__ import annotations

from collections.abc import Mapping

from kaname.data.columns import amount_column as _amount
from kaname.data.columns import choice_column as _choice
from kaname.data.columns import country_column as _country
from kaname.data.columns import date_column as _date
from kaname.data.columns import id_column as _id
from kaname.data.columns import market_column as _market
from kaname.data.columns import share_column as _share
from kaname.data.columns import text_column as _text
from kaname.data.columns import year_column as _year
from kaname.data.contracts_eu import EU_TABLES
from kaname.data.contracts_evidence import EVIDENCE_TABLES, MONEY_TABLES
from kaname.terms.contract import Column, TableContract

STAGES = ("ore", "compound", "metal", "magnet", "component", "industry", "equipment")
SUPPLY_KINDS = ("primary", "processing", "recycling")

_SOURCE = Column("source", "", "text", True, None, "Where the figure comes from, with edition and page")
_GRADE = Column("grade", "", "grade", True, None, "How well the figure is known")


_DEPENDENCE = (
    _share("dependence", "Share of the output that stops when the input is absent (rule N4)", True),
    _share("dependence_low", "Low end of the dependence"),
    _share("dependence_high", "High end of the dependence"),
)

PRODUCTS = TableContract(
    "products",
    (
        _id("product", "Id of the product: an element group at a stage, or an industry (rule N2)"),
        _text("name", "Name shown to readers", True),
        _text("element", "Element or element group; empty for industries and equipment"),
        Column("stage", "", "text", True, None, "Where in the chain the product stands", choices=STAGES),
        Column(
            "unit",
            "",
            "text",
            True,
            None,
            "Tonnes, million USD (parts), or an index",
            choices=("t", "MUSD", "index"),
        ),
        _text("content", "What a tonne counts: contained oxide, metal, or gross weight", True),
        _amount("price_kusd_per_t", "kUSD/t", "Central price of a unit in `content` terms"),
        _amount("price_low", "kUSD/t", "Low end of the price"),
        _amount("price_high", "kUSD/t", "High end of the price"),
        _year("price_year", "Year of the price", False),
        _text("price_source", "Where the price comes from"),
        _amount("cover_days", "days", "Days of use that a consumer holds in stock (rule N5)", True),
        _amount("cover_low", "days", "Low end of the cover", True),
        _amount("cover_high", "days", "High end of the cover", True),
        _amount("headroom", "share", "Spare capacity above the base output (rule N3)", True),
        _amount("headroom_low", "share", "Low end of the headroom", True),
        _amount("headroom_high", "share", "High end of the headroom", True),
        _text("stage_source", "Where stage, cover and headroom come from", True),
        _GRADE,
    ),
    ("product",),
    "What moves through the network.",
    (
        ("price_low", "price_kusd_per_t", "price_high"),
        ("cover_low", "cover_days", "cover_high"),
        ("headroom_low", "headroom", "headroom_high"),
    ),
)

TRADE_CODES = TableContract(
    "trade_codes",
    (
        Column("hs", "", "hs", True, None, "HS subheading"),
        Column("edition", "", "text", True, None, "Edition of the HS code", choices=("HS92",)),
        _id("product", "Product that this part of the trade counts as"),
        _country("exporter", "Exporter the line holds for; * where no line names the exporter"),
        _share("share", "Share of the gross weight that is this product", True),
        _amount("content_factor", "t/t", "Tonnes in `content` terms per tonne gross", True),
        _amount("factor_low", "t/t", "Low end of the factor"),
        _amount("factor_high", "t/t", "High end of the factor"),
        _SOURCE,
        _GRADE,
    ),
    ("hs", "edition", "product", "exporter"),
    "How trade under an HS code turns into tonnes of products.",
    (("factor_low", "content_factor", "factor_high"),),
)

STAGE_CORRECTIONS = TableContract(
    "stage_corrections",
    (
        _country("exporter", "Exporter of the lane"),
        _country("importer", "Importer of the lane"),
        Column("hs", "", "hs", True, None, "HS subheading under which the goods are booked"),
        _year("year_from", "First year of the correction"),
        _year("year_to", "Last year of the correction"),
        _id("product", "What the goods really are"),
        _share("share", "Share of the gross weight that is this product", True),
        _amount("content_factor", "t/t", "Tonnes in `content` terms per tonne gross", True),
        _SOURCE,
        _GRADE,
    ),
    ("exporter", "importer", "hs", "year_from", "product"),
    "Lanes whose HS code misleads about the stage, for instance concentrate booked as metal (rule N2).",
    (("year_from", "year_to"),),
)

PRODUCTION = TableContract(
    "production",
    (
        _id("product", "Product made"),
        _country("market", "Country that makes it"),
        _year("year", "Year of the figure"),
        Column("kind", "", "text", True, None, "From the ground, from inputs, or from scrap", SUPPLY_KINDS),
        _amount("production_t", "t", "Output of the year in `content` terms", True),
        _amount("low_t", "t", "Low end of the output"),
        _amount("high_t", "t", "High end of the output"),
        _SOURCE,
        _text("page", "Page, chapter or table of the source"),
        _GRADE,
        _text("note", "What a reader must know, for instance a source that disagrees"),
    ),
    ("product", "market", "year", "kind"),
    "Who makes how much, by stage.",
    (("low_t", "production_t", "high_t"),),
)

RECIPES = TableContract(
    "recipes",
    (
        _id("output", "Product or industry made"),
        _id("input", "Product used"),
        _country("market", "Country the line holds for; * where no line names the country"),
        _amount("input_per_output", "t/t", "Tonnes of input per tonne of output; empty for industries"),
        _share("use_share", "Share of the input's use in a country that goes to the industry"),
        _share("use_share_low", "Low end of the use share"),
        _share("use_share_high", "High end of the use share"),
        *_DEPENDENCE,
        Column("same_element", "", "flag", True, None, "Whether both hold the same element: then d = 1"),
        _SOURCE,
        _GRADE,
    ),
    ("output", "input", "market"),
    "What is made of what, and how much stops without it.",
    (
        ("use_share_low", "use_share", "use_share_high"),
        ("dependence_low", "dependence", "dependence_high"),
    ),
)

USE_KEYS = TableContract(
    "use_keys",
    (
        _id("product", "Product without trade data"),
        _country("market", "Country that uses it"),
        _share("share", "Share of the world's use", True),
        _share("low", "Low end of the share"),
        _share("high", "High end of the share"),
        _SOURCE,
        _GRADE,
    ),
    ("product", "market"),
    "Who uses a product whose trade no HS code of the data shows; lanes made from it are estimates.",
    (("low", "share", "high"),),
)

INDUSTRIES = TableContract(
    "industries",
    (
        _id("industry", "Using industry or equipment group, a product with unit index"),
        _market("market", "Country"),
        _amount("value_added_kusd", "kUSD/year", "Value added in the year, at its prices", True),
        _year("year", "Year of the value added"),
        _SOURCE,
        _GRADE,
    ),
    ("industry", "market"),
    "What a using industry is worth.",
)

SEGMENTS = TableContract(
    "segments",
    (
        _market("segment", "Segment of a country, for instance JPN/defence (rule N1)"),
        _country("parent", "Country that the segment is part of"),
        _id("product", "Equipment group made in the segment"),
        _id("input", "Material it uses"),
        _share("material_share", "Share of the parent's use of the material", True),
        _share("share_low", "Low end of the share"),
        _share("share_high", "High end of the share"),
        *_DEPENDENCE,
        _SOURCE,
        _GRADE,
    ),
    ("segment", "parent", "product", "input"),
    "Equipment groups of a segment as shares of national use, with wide ranges; no design data.",
    (
        ("share_low", "material_share", "share_high"),
        ("dependence_low", "dependence", "dependence_high"),
    ),
)

RESERVES = TableContract(
    "reserves",
    (
        _market("market", "Country that holds the reserve"),
        _id("product", "Product held"),
        _amount("reserve_days", "days", "Days of use in the national reserve (rule N5)", True),
        _amount("low", "days", "Low end"),
        _amount("high", "days", "High end"),
        _SOURCE,
        _GRADE,
    ),
    ("market", "product"),
    "National stocks beside those of firms; the quantities are mostly secret.",
    (("low", "reserve_days", "high"),),
)

CONTROLS = TableContract(
    "controls",
    (
        _id("control", "Id of the measure"),
        _text("title", "Name shown to readers", True),
        _date("announced", "Day of the announcement", True),
        _date("in_force_from", "First day in force", True),
        _date("suspended_from", "First day of a suspension"),
        _date("suspended_until", "First day after the suspension"),
        _country("exporter", "Country that restricts"),
        _country("importer", "Country restricted; * for all"),
        _id("product", "Product restricted"),
        _amount("base_flow_factor", "share", "Flow under the measure over flow without it", True),
        _amount("factor_low", "share", "Low end of the factor"),
        _amount("factor_high", "share", "High end of the factor"),
        Column("in_trade_data", "", "flag", True, None, "Whether the base year's trade already shows it"),
        _SOURCE,
        _text("url", "Address of the source"),
        _GRADE,
    ),
    ("control", "exporter", "importer", "product"),
    "Export controls in force before the scenario starts; they belong to the base state.",
    (
        ("announced", "in_force_from"),
        ("in_force_from", "suspended_from", "suspended_until"),
        ("factor_low", "base_flow_factor", "factor_high"),
    ),
)

KNOWN_FLOWS = TableContract(
    "known_flows",
    (
        _country("exporter", "Exporter; ROW for countries that the source does not name"),
        _country("importer", "Importer"),
        _id("product", "Product"),
        _year("year", "Year of the flow"),
        _amount("flow_t", "t", "Flow of the year in `content` terms", True),
        _amount("low_t", "t", "Low end of the flow"),
        _amount("high_t", "t", "High end of the flow"),
        _SOURCE,
        _GRADE,
    ),
    ("exporter", "importer", "product", "year"),
    "Flows known from elsewhere, of products that no HS code of the data shows.",
    (("low_t", "flow_t", "high_t"),),
)

LAND_BORDERS = TableContract(
    "land_borders",
    (
        _country("market_a", "One of two neighbours, first in the alphabet"),
        _country("market_b", "The other"),
        _choice("kind", "Single market or customs union; customs; hard to cross", "open", "checked", "slow"),
        _amount("days", "days", "Days that the border and the way to it take, beside loading", True),
        _amount("days_low", "days", "Low end of the days", True),
        _amount("days_high", "days", "High end of the days", True),
        _text("note", "What a reader must know"),
        _SOURCE,
        _GRADE,
    ),
    ("market_a", "market_b"),
    "Neighbours whose border freight crossed in 2024, by bridge or tunnel too; closed borders are absent.",
    (("days_low", "days", "days_high"),),
)

CRITICAL_LISTS = TableContract(
    "critical_lists",
    (
        Column("list", "", "text", True, None, "List that names it", ("EU-2023", "USGS-2025", "NATO-2024")),
        _text("material", "Material as the list names it", True),
        _text("elements", "Elements in `products` that it takes, joined by ;", True),
        Column("stage", "", "text", False, None, "Stage that the list means; empty for any", STAGES),
        Column("told_apart", "", "flag", True, None, "False where it counts within a group of elements"),
        _text("if_missing", "What it would take, where no product covers it"),
        _text("note", "What a reader must know"),
        _SOURCE,
        _GRADE,
    ),
    ("list", "material"),
    "Which raw materials the EU, the United States and NATO call critical, and what of ours covers them.",
)


MATERIALS = TableContract(
    "materials",
    (
        _text("material", "Raw material, as the GeoPolRisk method names it", True),
        _text("sheet", "Table of World Mining Data that counts its production", True),
        Column("stage", "", "text", False, None, "Stage that the codes show", ("extraction", "processing")),
        Column("hs", "", "hs", False, None, "HS subheading; empty where none shows it apart"),
        _choice(
            "role", "First code of the material, a further one, or none", "main", "complementary", "none"
        ),
        _text("content", "What a unit of the sheet's production counts", True),
        _text("products", "Products whose output stands in for the sheet, joined by ;"),
        _SOURCE,
        _GRADE,
        _text("note", "What a reader must know"),
    ),
    ("material", "hs"),
    "Which trade codes and which production belong to a raw material (GeoPolRisk); a code may stand twice.",
)


def _elasticity(name: str, sentence: str) -> tuple[Column, ...]:
    return (
        _amount(f"{name}_elasticity", "%/%", sentence, True),
        _amount(f"{name}_low", "%/%", "Low end of it", True),
        _amount(f"{name}_high", "%/%", "High end of it", True),
    )


ELASTICITIES = TableContract(
    "elasticities",
    (
        _text("group", "Product, element or stage, the most particular wins; * for all others", True),
        *_elasticity("short", "Percent of use given up at once per percent of price (rule M11)"),
        *_elasticity("long", "The same in the long run (rule M11)"),
        *_elasticity("supply", "Percent of capacity gained per percent of price in the long run"),
        _SOURCE,
        _GRADE,
    ),
    ("group",),
    "How use and supply answer the price, where a scenario turns prices on; magnitudes, all positive.",
    (
        ("short_low", "short_elasticity", "short_high"),
        ("long_low", "long_elasticity", "long_high"),
        ("short_low", "long_low"),
        ("short_elasticity", "long_elasticity"),
        ("short_high", "long_high"),
        ("supply_low", "supply_elasticity", "supply_high"),
    ),
)

OWN: Mapping[str, TableContract] = {
    contract.name: contract
    for contract in (
        PRODUCTS,
        TRADE_CODES,
        STAGE_CORRECTIONS,
        PRODUCTION,
        KNOWN_FLOWS,
        RECIPES,
        USE_KEYS,
        INDUSTRIES,
        SEGMENTS,
        RESERVES,
        CONTROLS,
        ELASTICITIES,
        LAND_BORDERS,
        CRITICAL_LISTS,
        MATERIALS,
        *EU_TABLES,
        *EVIDENCE_TABLES,
        *MONEY_TABLES,
    )
}
"""The contracts of the CSV files in `tables/`."""
