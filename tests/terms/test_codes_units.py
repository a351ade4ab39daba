"""Codes and units: what is understood, what is refused, and which hint is given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.data.store import country_names
from kaname.terms import units
from kaname.terms.codes import MarketId, country, edition_of, hs_code, is_country_code, market, near
from kaname.terms.errors import InputError
from kaname.terms.language import ENGLISH, MARKETS, names

NAMES = {
    "CHN": "China",
    "COD": "Dem. Rep. of the Congo",
    "COG": "Congo",
    "JPN": "Japan",
    "KOR": "Rep. of Korea",
    "TUR": "Türkiye",
    "USA": "USA",
}


@pytest.mark.parametrize("text", ["JPN", "jpn", " Japan ", "JAPAN"])
def test_a_country_by_code_or_name(text: str) -> None:
    assert country(text, NAMES) == "JPN"


def test_accents_do_not_matter() -> None:
    assert country("turkiye", NAMES) == "TUR"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("South Korea", "KOR"),
        ("United States", "USA"),
        ("u.s.", "USA"),
        ("DR Congo", "COD"),
        ("Congo", "COG"),
    ],
)
def test_a_country_by_the_name_people_write(text: str, code: str) -> None:
    assert country(text, NAMES) == code


def test_every_name_that_pages_and_reports_write_is_understood() -> None:
    known = country_names()
    written = {code: name for code, name in names(MARKETS, ENGLISH).items() if code in known}
    assert len(written) > 200
    assert {code: country(name, known) for code, name in written.items()} == {code: code for code in written}


def test_a_common_name_of_a_country_without_data_is_unknown() -> None:
    with pytest.raises(InputError):
        country("Taiwan", NAMES)


@pytest.mark.parametrize(
    ("text", "hint"),
    [("JPM", "JPN (Japan)"), ("Japn", "JPN (Japan)"), ("Korea", "KOR (Rep. of Korea)")],
)
def test_an_unknown_country_gets_a_hint(text: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        country(text, NAMES, "scenario.yaml")
    assert hint in str(caught.value)
    assert "scenario.yaml" in str(caught.value)


def test_without_a_likeness_the_hint_is_the_form() -> None:
    with pytest.raises(InputError, match="three-letter code"):
        country("€€", NAMES)


def test_markets_and_segments() -> None:
    assert market("JPN", NAMES) == MarketId("JPN")
    assert market("japan/defence", NAMES) == MarketId("JPN", "defence")
    assert str(market("JPN/defence", NAMES)) == "JPN/defence"


@pytest.mark.parametrize("text", ["JPN/", "JPN/Defence", "JPN/a/b", "XXX/defence"])
def test_a_bad_market_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        market(text, NAMES)


@given(st.sampled_from(sorted(NAMES)), st.from_regex(r"[a-z][a-z0-9_]*", fullmatch=True))
def test_a_market_id_reads_back(code: str, segment: str) -> None:
    written = str(MarketId(code, segment))
    assert market(written, NAMES) == MarketId(code, segment)


@pytest.mark.parametrize("code", ["280530", "2805.30", "28 05 30", 280530])
def test_hs_codes_in_all_spellings(code: str | int) -> None:
    assert hs_code(code) == "280530"


def test_a_number_keeps_its_leading_zero() -> None:
    assert hs_code(10111) == "010111"


@pytest.mark.parametrize("code", ["2805", "28053000", "28O530", "", "٢٨٠٥٣٠"])
def test_other_texts_are_no_hs_code(code: str) -> None:
    with pytest.raises(InputError, match="not an HS code"):
        hs_code(code)


@pytest.mark.parametrize("edition", ["HS1992", "hs92", "H0", "HS 1992"])
def test_the_edition_has_one_name(edition: str) -> None:
    assert edition_of(edition) == "HS1992"


@pytest.mark.parametrize("edition", ["HS2017", "H5", "HS17"])
def test_a_later_edition_is_refused_by_name(edition: str) -> None:
    with pytest.raises(InputError, match="HS 2017 is not in the data"):
        hs_code("280530", edition)


def test_an_unknown_edition_is_refused() -> None:
    with pytest.raises(InputError, match="unknown HS edition"):
        edition_of("SITC")


def test_the_form_of_a_code_and_likenesses() -> None:
    assert is_country_code("R20")
    assert not is_country_code("Jpn")
    assert near("prduction", ["production", "products"])[0] == "production"


@pytest.mark.parametrize(
    ("element", "oxide", "factor"),  # textbook conversion factors, three decimals
    [
        ("Nd", "Nd2O3", 1.166),
        ("Pr", "Pr6O11", 1.208),
        ("Dy", "Dy2O3", 1.148),
        ("Tb", "Tb4O7", 1.176),
        ("Ce", "CeO2", 1.228),
        ("W", "WO3", 1.261),
        ("Sb", "Sb2O3", 1.197),
        ("Ge", "GeO2", 1.441),
        ("Ga", "Ga2O3", 1.344),
        ("Li", "Li2O", 2.153),
    ],
)
def test_oxide_factors(element: str, oxide: str, factor: float) -> None:
    assert units.oxide_per_metal(element, oxide) == pytest.approx(factor, abs=0.0006)
    assert units.content(element, oxide) == pytest.approx(1 / factor, abs=0.0006)


def test_lithium_carbonate_holds_the_known_share_of_lithium() -> None:
    assert units.content("Li", "Li2CO3") == pytest.approx(0.1879, abs=0.0001)


@pytest.mark.parametrize("element", sorted(units.OXIDES))
def test_every_listed_oxide_holds_its_element(element: str) -> None:
    assert 1 < units.oxide_per_metal(element, units.OXIDES[element]) < 2.5


@given(st.dictionaries(st.sampled_from(sorted(units.ATOMIC_WEIGHTS)), st.integers(1, 9), min_size=1))
def test_the_shares_of_a_compound_add_up(parts: dict[str, int]) -> None:
    formula = "".join(f"{symbol}{count}" for symbol, count in parts.items())
    assert sum(units.content(symbol, formula) for symbol in parts) == pytest.approx(1.0)


@pytest.mark.parametrize("formula", ["", "nd2o3", "Xx2O3", "Nd2(CO3)3"])
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(InputError):
        units.molar_mass(formula)


def test_an_absent_element_is_refused() -> None:
    with pytest.raises(InputError, match="holds no W"):
        units.content("W", "Nd2O3")


@pytest.mark.parametrize(
    ("mass", "tonnes"),
    [
        (units.TONNE_PER_SHORT_TON, 0.90718474),
        (units.TONNE_PER_LONG_TON, 1.0160469088),
        (units.TONNE_PER_FLASK, 0.03447302),
        (units.TONNE_PER_TROY_OUNCE, 480 * 64.79891e-9),
        (units.TONNE_PER_MTU, 0.01),
    ],
)
def test_masses(mass: float, tonnes: float) -> None:
    assert mass == pytest.approx(tonnes)
