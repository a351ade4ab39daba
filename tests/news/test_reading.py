"""From bytes to paragraphs: what is refused, what is kept with its place, what is left out and why."""

from __future__ import annotations

import os
import textwrap
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.news import intake
from kaname.news.document import Document
from kaname.news.reading import full_date, read_text
from kaname.terms.errors import InputError

PAGE = """\
Korea and Canada sign a minerals pact

Korea and Canada sign a minerals pact Korea and Canada sign a minerals pact
Photo: A. Nobody / Agency

Published: 3 March 2025, 10:40 | Share this

SEOUL - South Korea and Canada signed a pact on critical minerals on Monday.
"We see each other as partners", the minister said.

Read more: Ottawa widens tariffs on steel

Why it matters

- Nickel and lithium are to be bought from three mines in Quebec.
The minister's photograph of the mine drew attention. Print media wrote about it at length for several days.

Advertisement
Leave a Reply
Your email address will not be published. Required fields are marked *
\N{COPYRIGHT SIGN} 2025 The Paper. All rights reserved.
"""


def read(text: str, name: str = "a.txt", **options: object) -> Document:
    return read_text(text.encode(), name, **options)  # type: ignore[arg-type]


def test_a_saved_page_keeps_its_sentences_and_drops_the_rest() -> None:
    document = read(PAGE)
    assert [document.of(part).split(" ")[0] for part in document.body] == ["SEOUL", '"We', "-", "The"]
    assert [document.of(part) for part in document.parts if part.kind == "heading"] == [
        "Korea and Canada sign a minerals pact",
        "Why it matters",
    ]
    assert document.title == "Korea and Canada sign a minerals pact"
    assert [item.why for item in document.skipped] == [
        "a repetition",
        "a caption",
        "a byline or date",
        "a link",
        "a notice or form",
        "a notice or form",
        "a notice or form",
        "a notice or form",
    ]


def test_the_day_of_publication_is_found_or_said_to_be_missing() -> None:
    assert (read(PAGE).published, read(PAGE).published_from) == (date(2025, 3, 3), "a date line of the text")
    told = read("Nothing happened here.", "note-2024-02-29.txt")
    assert (told.published, told.published_from) == (date(2024, 2, 29), "the name of the file")
    given_day = read(PAGE, published=date(2025, 3, 4))
    assert (given_day.published, given_day.published_from) == (date(2025, 3, 4), "given")
    silent = read("Nothing happened on 3 March 2025.", "note-2024-02-30.txt")
    assert silent.published is None
    assert silent.notes == ("no day of publication: relative dates stay open",)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-16T09:00", date(2026, 1, 16)),
        ("Friday, 16th January 2026", date(2026, 1, 16)),
        ("Jan. 16, 2026", date(2026, 1, 16)),
        ("16/01/2026", None),
        ("31 February 2026", None),
        ("16 Brumaire 2026", None),
    ],
)
def test_full_dates(text: str, day: date | None) -> None:
    assert full_date(text) == day


def test_lines_broken_to_a_width_are_one_paragraph() -> None:
    sentence = (
        "The ministry said on Tuesday that licences for antimony would be needed from the first of May. "
    )
    wrapped = textwrap.fill(sentence * 3, 60)
    document = read(wrapped)
    assert [document.of(part) for part in document.parts] == [wrapped]


@pytest.mark.parametrize("width", [60, 79, 97, 100, 120, 140, 159, 180, 199])
def test_a_text_broken_to_any_width_has_the_paragraphs_it_had(width: int) -> None:
    long = (
        "The ministry in Ankara said on Tuesday that licences for antimony and boron would be needed soon. "
        "Nobody knows more. Buyers from Pohang to Nagoya, it is heard, ask their banks for time. "
    )
    paragraphs = [long * 3, "A short one.", f"- {long * 2}", long * 4]
    document = read("\n\n".join(textwrap.fill(one, width) for one in paragraphs))
    told = [" ".join(document.of(part).split()) for part in document.parts]
    assert told == [one.strip() for one in paragraphs]


def test_items_whose_lines_are_broken_stay_apart() -> None:
    item = (
        "The ministry in Lima said that licences for tin would be needed from the first of May on, no earlier"
    )
    lines = [f"\u2022 {line}" if not i else line for i, line in enumerate(textwrap.wrap(item, 60))]
    document = read("\n".join(["NEWS", *lines, *lines[:1], "and more."]))
    assert len(document.parts) == 3


def test_lines_that_are_paragraphs_stay_paragraphs() -> None:
    lines = [
        f"{name} has banned exports of tin to Japan, its ministry said on Monday."
        for name in ("Peru", "Laos")
    ]
    document = read("\n".join(lines))
    assert [document.of(part) for part in document.parts] == lines


@pytest.mark.parametrize(
    ("data", "what", "got"),
    [
        (b"", "the text is empty", "0 bytes"),
        (b" \r\n\t", "the text is empty", "4 bytes"),
        (b"%PDF-1.7", "not a text", "a PDF file"),
        (b"PK\x03\x04rest", "not a text", "a ZIP archive (DOCX, XLSX, EPUB)"),
        (b"words\x00words", "not a text", "zero bytes"),
        (b"fine\nnot \xe9 fine", "not utf-8", "byte 0xe9"),
        ("caf\u00e9".encode("utf-16") + b"x", "not utf-16", "an end in the middle of a character"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, what: str, got: str) -> None:
    with pytest.raises(InputError) as caught:
        read_text(data, "a.txt")
    (problem,) = caught.value.problems
    assert (problem.what, problem.where) == (what, "a.txt")
    assert problem.got == got or what == "not utf-16"


def test_the_first_byte_that_is_not_text_has_its_place() -> None:
    with pytest.raises(InputError) as caught:
        read_text(b"fine\nnot \xe9 fine", "a.txt")
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (2, 5)


def test_an_encoding_that_is_named_is_used_and_an_unknown_one_refused() -> None:
    document = read_text("T\u00fcrkiye signed.".encode("cp1254"), "a.txt", encoding="cp1254")
    assert document.text == "T\u00fcrkiye signed."
    with pytest.raises(InputError, match="unknown encoding"):
        read_text(b"x", "a.txt", encoding="klingon")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marked_encodings_are_read(encoding: str) -> None:
    text = "\u65e5\u672c\u653f\u5e9c agreed. \u0627\u062a\u0641\u0642\u062a."
    assert read_text(text.encode(encoding), "a.txt").text.strip("\ufeff") == text


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="too long"):
        read_text(b"eleven byte", "a.txt")


def test_marks_that_turn_the_writing_are_blanked_and_told() -> None:
    document = read("Japan \u202esaid\u202c yes.\x07")
    assert document.text == "Japan  said  yes. "
    assert "3 invisible or direction-turning characters were blanked out" in document.notes


@given(st.text(max_size=400))
def test_every_part_lies_in_the_text_once_and_in_order(text: str) -> None:
    try:
        document = read(text)
    except (InputError, UnicodeEncodeError):
        return
    spans = sorted((part.start, part.end) for part in (*document.parts, *document.skipped))
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    covered = "".join(document.text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(document.text.split())


def test_the_article_of_january_2026_is_read_without_its_page(shared_article: Path) -> None:
    document = read_text(shared_article.read_bytes(), shared_article.name)
    body = " ".join(document.of(part) for part in document.body)
    assert len(document.body) == 14
    for absent in ("Read more", "Freepik", "Leave a Reply", "Advertisement", "required fields"):
        assert absent.casefold() not in body.casefold()
    assert document.published == date(2026, 1, 16)
    assert sum(item.why == "a repetition" for item in document.skipped) == 1


@pytest.fixture
def shared_article() -> Path:
    root = Path(os.environ.get("KANAME_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
    path = root / "articles" / "japan-us-alliance-2026-01-16.txt"
    if not path.exists():
        pytest.skip("the article of the shared data is not here")
    return path
