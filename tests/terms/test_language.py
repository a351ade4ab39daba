"""What a run says in Japanese: the catalogue holds every template of the source, no other, whole."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from kaname.data import store
from kaname.events.situation import area_titles
from kaname.terms import numerals
from kaname.terms.errors import InputError
from kaname.terms.language import JAPANESE, catalogue, language, names, say, speaking, text_of
from kaname.terms.ontology import MODES

SOURCE = Path(__file__).parents[2] / "src/kaname"
TELLERS = {"say", "later", "later_of"}


def templates() -> dict[str, str]:
    """Return every literal that is said -> the file where it stands."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known = {
            item.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "kaname.terms.language"
            for item in node.names
        } & TELLERS
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
                for text in told(node):
                    found.setdefault(text, path.name)
    return found


def told(call: ast.Call) -> list[str]:
    """Return the literals of a call: the first argument of `say`, all strings of the other two."""
    if isinstance(call.func, ast.Name) and call.func.id == "say":
        parts: list[ast.expr] = call.args[:1]
    else:
        parts = []
        for part in call.args:
            inner = part.value if isinstance(part, ast.Starred) else part
            parts += inner.values if isinstance(inner, ast.Dict) else getattr(inner, "elts", [inner])
    texts = [part.value for part in parts if isinstance(part, ast.Constant)]
    return [text for text in texts if isinstance(text, str)]


def fields(template: str) -> set[str]:
    """Return the names of the placeholders."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_the_catalogue_holds_what_the_source_says_and_nothing_else() -> None:
    found, held = templates(), catalogue(JAPANESE)
    assert len(found) > 200
    assert {text: where for text, where in found.items() if text not in held} == {}
    unused = set(held) - set(found)
    assert sorted(unused) == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    wrong = {one: other for one, other in catalogue(JAPANESE).items() if fields(one) != fields(other)}
    assert wrong == {}


def test_every_product_has_a_japanese_name() -> None:
    ids = {row["product"] for row in store.own_table("products").to_pylist()}
    assert ids - set(names("products", JAPANESE)) == set()
    unnamed = set(store.country_names()) - set(names("markets", JAPANESE))
    assert unnamed == {"CSK", "PUS", "R20", "ZA1"}  # no countries of today: no trade of the base year


@pytest.mark.parametrize(("table", "column"), [("controls", "title"), ("budgets", "name")])
def test_titles_of_our_tables_have_a_japanese_text(table: str, column: str) -> None:
    wanted = {row[column] for row in store.own_table(table).to_pylist()}
    assert wanted - set(names("texts", JAPANESE)) == set()


def test_kinds_of_acts_have_a_japanese_text() -> None:
    """As titles of the situation begin: mode, else type, with a capital."""
    wanted = {
        one.replace("-", " ").capitalize() for one in (*MODES, *(m for some in MODES.values() for m in some))
    }
    assert wanted - set(names("texts", JAPANESE)) == set()


def test_areas_have_a_japanese_text() -> None:
    assert {title for title, _ in area_titles().values()} - set(names("texts", JAPANESE)) == set()


def test_english_is_the_default_and_comes_back() -> None:
    assert language() == "en"
    with speaking(JAPANESE):
        assert say("Why") == "なぜ"
        assert text_of("Full stop to Japan") == "対日全面停止"
    assert say("Why") == "Why"
    assert text_of("Full stop to Japan") == "Full stop to Japan"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InputError, match="en or ja"), speaking("fr"):
        pass


@pytest.mark.parametrize(
    ("kusd", "text"),
    [
        (320_000.0, "3.2億ドル"),
        (24_000_000.0, "240億ドル"),
        (177_000_000.0, "1,770億ドル"),
        (1_000_000.0, "10億ドル"),
        (1_500_000_000.0, "1.5兆ドル"),
        (99_990.0, "1億ドル"),
        (9_999.0, "1,000万ドル"),
        (12.0, "1.2万ドル"),
        (7.78, "7,780ドル"),
        (0.07, "70ドル"),
        (0.0, "0ドル"),
        (-41_100.0, "\N{MINUS SIGN}4,110万ドル"),
        (None, numerals.NONE),
    ],
)
def test_money_in_japanese_is_the_same_money(kusd: float | None, text: str) -> None:
    with speaking(JAPANESE):
        assert numerals.money(kusd) == text


def test_days_weeks_and_shares_in_japanese() -> None:
    with speaking(JAPANESE):
        assert numerals.day("2026-02-17") == "2026年2月17日"
        assert numerals.weeks("2026-02-03", "2026-03-17", "2026-01-06") == "第5〜11週"
        assert numerals.weeks("2026-02-03", None, "2026-01-06") == "第5週以降"
        assert numerals.percent(0.42) == "42%"
        assert numerals.percent(0.0004) == "0.1%未満"
        assert numerals.value_text(4.12, "USD bn") == "41.2億ドル"
