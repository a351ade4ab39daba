"""The contracts of what `kaname.data.store` hands out of the bundle."""

from __future__ import annotations

from collections.abc import Mapping

from kaname.data.columns import amount_column as _amount
from kaname.data.columns import choice_column as _choice
from kaname.data.columns import country_column as _country
from kaname.data.columns import text_column as _text
from kaname.data.columns import year_column as _year
from kaname.terms.contract import Column, TableContract

_PAIR = (
    _country("from_iso3", "Country of departure"),
    _country("to_iso3", "Country of arrival"),
)
_SEA_KM = _amount("sea_km", "km", "Shortest way by sea between main ports; 0 where both use one port")

BUNDLE: Mapping[str, TableContract] = {
    contract.name: contract
    for contract in (
        TableContract(
            "trade",
            (
                _year("year", "Calendar year"),
                _country("exporter", "Exporting country"),
                _country("importer", "Importing country"),
                Column("hs", "", "hs", True, None, "HS 1992 subheading"),
                _amount("value_kusd", "kUSD", "Value free on board", True),
                _amount("quantity_t", "t", "Gross weight; missing where nobody reported one"),
            ),
            ("year", "exporter", "importer", "hs"),
            "Bilateral trade (BACI), one row per year, lane and code.",
        ),
        TableContract(
            "countries",
            (
                _country("iso3", "ISO 3166 alpha-3 code; R20 and ZA1 are groups of countries"),
                _text("name", "Name", True),
                Column("code", "", "integer", True, None, "BACI's number (Taiwan 490, France 251, USA 842)"),
                _year("first_year", "First year of the number", False),
                _year("last_year", "Last year of the number", False),
                _text("note", "What changed, for instance Belgium with Luxembourg before 1999"),
            ),
            ("code",),
            "Countries and territories. BEL and SDN have two numbers each, one before a split.",
        ),
        TableContract(
            "hs_products",
            (
                Column("hs", "", "hs", True, None, "HS 1992 subheading"),
                _text("description", "Text of the subheading", True),
                _text("edition", "HS edition", True),
                _text("group", "Partition of the bundle that holds it", True),
                _year("first_year", "First year with a row"),
                _year("last_year", "Last year with a row"),
                Column("rows", "", "integer", True, None, "Rows over all years"),
            ),
            ("hs",),
            "The codes that the embedded trade holds.",
        ),
        TableContract(
            "governance",
            (
                _country("iso3", "Country"),
                _year("year", "Year"),
                Column("estimate", "index", "number", False, None, "About -2.5 (weak) to 2.5 (strong)"),
                _amount("std_error", "index", "Standard error of the estimate"),
                Column("sources", "", "integer", False, None, "Sources behind it"),
            ),
            ("iso3", "year"),
            "Political stability (Worldwide Governance Indicators).",
        ),
        TableContract(
            "distances",
            (
                *_PAIR,
                _SEA_KM,
                _text("passages", "Ids of the passages used, in order, joined by ;"),
                _text("from_port", "Port of departure", True),
                _text("to_port", "Port of arrival", True),
                _text("basis", "Always estimated", True),
            ),
            ("from_iso3", "to_iso3"),
            "Sea distances between countries.",
        ),
        TableContract(
            "detours",
            (
                *_PAIR,
                _text("closed", "The passages that are closed, in the alphabet, joined by ;", True),
                _amount("sea_km", "km", "Shortest way without them; missing where there is none"),
                _text("passages", "Passages used then, in order, joined by ;"),
                _text("basis", "Always estimated", True),
            ),
            ("from_iso3", "to_iso3", "closed"),
            "The way round, for each pair whose shortest way uses the passage, and for two closed at once "
            "where the way round one uses the other; for three and more only among the passages between "
            "Malacca and Okinawa, and among Suez, Bab el-Mandeb, Panama and the two capes.",
        ),
        TableContract(
            "ports",
            (
                _country("iso3", "Country"),
                _text("port", "Name of the port", True),
                _text("locode", "UN/LOCODE, where there is one"),
                Column("lon", "degrees", "number", True, None, "Longitude", minimum=-180.0),
                Column("lat", "degrees", "number", True, None, "Latitude", minimum=-90.0),
                _choice("whose", "Its own, or a neighbour's for lack of one", "own", "neighbour"),
            ),
            ("iso3", "port"),
            "The ports between which sea distances are taken.",
        ),
    )
}
"""The contracts of what `kaname.data.store` hands out."""
