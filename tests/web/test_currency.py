"""Money of the pages in yen: what a run says is turned at a dated rate, what is quoted stays."""

from __future__ import annotations

import html
import re

import pytest
from sites import Site

from kaname.data import store
from kaname.report import stored
from kaname.report.reading import start_of
from kaname.terms.numerals import money, parse_day
from kaname.web.pages.currency import in_yen, yen_rate

N = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("dollars", "yen", "japanese"),
    [
        (f"USD{N}24.0{N}bn", f"JPY{N}3.60{N}trn", "3.60兆円"),
        (f"USD{N}1.07{N}m", f"JPY{N}160{N}m", "1.60億円"),
        (f"\N{MINUS SIGN}USD{N}5{N}k", f"\N{MINUS SIGN}JPY{N}750{N}k", "\N{MINUS SIGN}75.0万円"),
        (f"USD{N}70", f"JPY{N}10.5{N}k", "1.05万円"),
        (f"USD{N}0", f"JPY{N}0", "0円"),
        (f"USD{N}6.66{N}bn", f"JPY{N}999{N}bn", "9,990億円"),
    ],
)
def test_a_number_is_turned_with_three_digits(dollars: str, yen: str, japanese: str) -> None:
    cell = f'<span class="v modelled" title="modelled">{dollars}</span>'
    assert in_yen(cell, 150.0) == cell.replace(dollars, yen)
    assert in_yen(cell, 150.0, "ja") == cell.replace(dollars, japanese)


@pytest.mark.parametrize(
    ("markup", "turned"),
    [
        ("<p>USD 395,077 to USD 24 billion, median USD 0, and USD 2 million</p>",
         f"<p>JPY{N}59.3{N}million to JPY{N}3.60{N}trillion, median JPY{N}0, and JPY{N}300{N}million</p>"),
        (f"<b>budget of USD{N}160{N}m</b>", f"<b>budget of JPY{N}24.0{N}bn</b>"),
        ("<p>156.36 JPY per USD on 2025-12-29, USD bn</p>", None),
        ("<td class=\"text\">assumed: USD 12 billion in 2011</td>", None),
        ("<figure><p>USD 1 million</p></figure>", None),
        ("<blockquote>USD 1 million</blockquote>", None),
    ],
)  # fmt: skip
def test_sentences_are_turned_and_quoted_text_stays(markup: str, turned: str | None) -> None:
    assert in_yen(markup, 150.0) == (turned or markup)


def test_a_japanese_sentence_says_it_in_japanese() -> None:
    told = f"<h1>Japanでは、USD{N}24.0{N}bnの生産が失われる</h1>"
    assert in_yen(told, 150.0, "ja") == "<h1>Japanでは、3.60兆円の生産が失われる</h1>"


@pytest.mark.parametrize(
    ("dollars", "yen"),
    [
        ("<p>240億ドル（20.6億ドル〜757億ドル）を失う</p>", "<p>3.60兆円（3,090億円〜11.4兆円）を失う</p>"),
        ('<span class="range">5,000万〜5,230万ドル</span>', '<span class="range">75.0億〜78.5億円</span>'),
        ("<span>\N{MINUS SIGN}428ドル</span>", "<span>\N{MINUS SIGN}6.42万円</span>"),
        ("<span>0ドル</span>", "<span>0円</span>"),
        ("<span>1ドル＝156.36円（2025年12月29日）</span>", None),
        ("<p>1ドル当たり1.4ドル</p>", None),
        ("<figure><p>240億ドル</p></figure>", None),
    ],
)
def test_money_that_a_run_says_in_japanese_is_turned(dollars: str, yen: str | None) -> None:
    assert in_yen(dollars, 150.0, "ja") == (yen or dollars)


def numbers_of(page: str) -> list[str]:
    """Return the marked numbers of a page, without those of charts: these stay in dollars."""
    shown = re.sub(r"(?s)<figure\b.*?</figure>", "", page)
    return re.findall(r'<(?:span|a) class="v [^>]*>([^<]*)<', shown)


def test_a_japanese_page_in_yen_has_no_dollars_left(site: Site) -> None:
    for path in ("/", "/shortages", "/responses", "/explain"):
        page = html.unescape(site.ask(f"{path}?run=small&lang=ja&units=jpy")[2].decode())
        numbers = numbers_of(page)
        assert any("円" in text for text in numbers), path
        assert not [text for text in numbers if "ドル" in text], path


def test_the_pages_say_yen_with_rate_and_day_and_keep_it(site: Site) -> None:
    case = stored.load(site.ask("/api/v1/runs/small/report")[2], "small").cases[0]
    rate = yen_rate(case)
    rows = store.own_table("exchange_rates").to_pylist()
    day = parse_day(start_of(case) or "")
    yen = [row for row in rows if row["currency"] == "JPY"]
    nearest = min(yen, key=lambda row: abs((row["date"] - day).days))
    assert 1.0 / rate.usd == pytest.approx(nearest["units_per_usd"])
    assert rate.day == nearest["date"]
    for path in ("/", "/shortages", "/responses", "/explain"):
        page = html.unescape(site.ask(f"{path}?run=small&lang=en&units=jpy")[2].decode())
        assert f"JPY at {nearest['units_per_usd']:.2f} per USD" in page, path
        numbers = numbers_of(page)
        assert any("JPY" in text for text in numbers), path
        assert not any("USD" in text for text in numbers), path
        links = re.findall(r'href="(/(?:\?|shortages\?|explain\?)[^"]*)"', page)
        kept = [one for one in links if "units=jpy" in one]
        ways = 2 if path == "/shortages" else 1  # back to dollars, and to tonnes
        assert len(links) - len(kept) <= ways, path
        plain = html.unescape(site.ask(f"{path}?run=small&lang=en")[2].decode())
        assert money(case.value_kusd) in plain or path == "/responses"
        assert not re.search(r"JPY.\d+(\.\d+)?.(trn|bn)", re.sub(r"(?s)<td.*?</td>", "", plain)), path


def test_odd_units_are_refused_with_what_is_known(site: Site) -> None:
    status, _, body = site.ask("/?run=small&lang=en&units=gold")
    assert status == 422
    assert "unknown units" in body.decode()
    assert "usd or jpy or t" in body.decode()
