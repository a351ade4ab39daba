"""Web pages: what is read of them, and that none of them can harm the reader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from kaname.news.reading import is_html, read_document
from kaname.news.webpage import Pages
from kaname.terms.errors import InputError

PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Korea signs pact</title>
<meta property="article:published_time" content="2025-03-03T10:00:00Z">
<script>document.write("China attacks")</script></head>
<body><nav><a href="/">Home</a> <a href="/w">World</a></nav>
<article><h1>Korea signs pact</h1>
<p>S\u00e3o Paulo and Seoul signed a pact on critical minerals on Monday, officials in both capitals said.</p>
<p>Read more: <a href="/x">Ottawa widens its tariffs on steel</a></p>
<h2>Why it matters</h2>
<p>The deal covers lithium &amp; nickel from three mines in Minas Gerais and will run for ten years.</p>
<script>alert("Japan bans exports")</script></article>
<footer>All rights reserved</footer></body></html>"""


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    pytest.importorskip("trafilatura", reason="the extra `news` is not installed")
    with Pages() as opened:
        yield opened


def test_a_page_is_read_without_its_frame(pages: Pages) -> None:
    document = read_document(PAGE.encode(), "korea.html", pages=pages)
    assert (document.title, document.published) == ("Korea signs pact", date(2025, 3, 3))
    assert document.published_from == "the page"
    assert [document.of(part)[:12] for part in document.body] == ["S\u00e3o Paulo an", "The deal cov"]
    assert "lithium & nickel" in document.text
    assert [item.why for item in document.skipped] == ["a link"]
    assert "attacks" not in document.text
    assert "bans" not in document.text


def test_without_a_child_of_the_caller_one_is_started(pages: Pages) -> None:
    assert read_document(PAGE.encode(), "korea").title == "Korea signs pact"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-8"])
def test_the_encoding_that_a_page_names_is_used(pages: Pages, encoding: str) -> None:
    data = PAGE.replace('charset="utf-8"', f'charset="{encoding}"').encode(encoding)
    assert "S\u00e3o Paulo" in read_document(data, "korea.html", pages=pages).text


def test_a_page_that_is_not_in_its_encoding_is_refused(pages: Pages) -> None:
    with pytest.raises(InputError, match="not utf-8"):
        read_document(PAGE.encode("iso-8859-1"), "korea.html", pages=pages)


@pytest.mark.parametrize(
    ("data", "name", "html"),
    [
        (b"<!DOCTYPE html><p>x", "a", True),
        (b"\xef\xbb\xbf <!-- saved --> <html>", "a.txt", True),
        (b"Prices rose <p> sharply", "a.txt", False),
        (b"words", "a.HTM", True),
    ],
)
def test_what_counts_as_a_page(data: bytes, name: str, html: bool) -> None:
    assert is_html(data, name) == html


@pytest.mark.parametrize(
    "bad",
    ["<div>" * 200_000, "<p>" + "x " * 2_000_000, "<table>" * 5_000, "<html></html>", "<!--" * 100_000],
    ids=["deep", "long", "tables", "empty", "comments"],
)
def test_hostile_pages_are_refused_and_the_next_is_read(pages: Pages, bad: str) -> None:
    with pytest.raises(InputError, match="the page cannot be read"):
        read_document(bad.encode(), "bad.html", pages=pages)
    assert read_document(PAGE.encode(), "korea.html", pages=pages).title == "Korea signs pact"


def test_a_page_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    pytest.importorskip("trafilatura", reason="the extra `news` is not installed")
    with Pages(seconds=0.0) as impatient:
        with pytest.raises(InputError, match="more than 0 seconds"):
            impatient.read("<p>word</p>" * 20_000, "slow.html")
        impatient.seconds = 20.0
        assert impatient.read(PAGE, "korea.html").title == "Korea signs pact"


def test_a_page_that_takes_too_much_memory_is_given_up() -> None:
    pytest.importorskip("trafilatura", reason="the extra `news` is not installed")
    with Pages(memory_bytes=200_000_000) as small, pytest.raises(InputError, match="cannot be read"):
        small.read("<p>word <b>word</b></p>" * 500_000, "large.html")
