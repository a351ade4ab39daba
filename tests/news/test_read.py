"""Sentences give their events; whatever the input, reading ends with events or with the reason why not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.data.store import countries, own_table
from kaname.news.parse import FakeParser, SpacyParser
from kaname.news.read import Reading, read_events
from kaname.news.reading import read_text
from kaname.news.sentence import Sentence, Word
from kaname.news.tables import FOLDER, TABLES, load_tables, page
from kaname.terms.errors import TableError
from kaname.terms.ontology import MUTUAL

HERE = Path(__file__).parent


def lines_of(name: str) -> list[tuple[str, ...]]:
    text = (HERE / name).read_text(encoding="utf-8")
    return [
        tuple(part.strip() for part in line.split(" | "))
        for line in text.splitlines()
        if line and not line.startswith("#")
    ]


LINES = lines_of("sentences.txt")
KEYS = {
    "id", "type", "mode", "source", "target", "object", "products", "hs", "commodities", "date",
    "date_precision",
    "place", "amount", "currency", "status", "confidence", "rule", "sentence", "start", "end",
}  # fmt: skip


@pytest.fixture(scope="module")
def parser() -> SpacyParser:
    return SpacyParser()


def read(text: str, parser: SpacyParser | None = None, published: date | None = date(2026, 1, 16)) -> Reading:
    return read_events(read_text(text.encode(), "t", published=published), parser=parser)


@pytest.mark.parametrize(("sentence", "wanted"), LINES, ids=lambda value: str(value)[:40])
def test_a_sentence_gives_its_event(sentence: str, wanted: str, parser: SpacyParser) -> None:
    kind, sides, status = wanted.split(" ")
    (event,) = read(sentence, parser).events
    assert event.type == kind.split("/")[0]
    if "/" in kind:
        assert event.mode == kind.split("/")[1]
    source, target = (set(filter(None, side.split("+"))) for side in sides.split(">"))
    if event.type in MUTUAL:
        assert {*event.source, *event.target} == source | target
    else:
        assert (set(event.source), set(event.target)) == (source, target)
    assert event.status == status
    assert (event.start, event.end) == (0, len(sentence))


def as_coded(kind: str, source: Sequence[str], target: Sequence[str], status: str) -> tuple[object, ...]:
    """Return type, parties and status as they are compared: what several do together has no sides."""
    together = kind in MUTUAL
    sides = (frozenset({*source, *target}),) if together else (frozenset(source), frozenset(target))
    return kind, sides, status


@pytest.mark.parametrize(("passage", "wanted"), lines_of("passages.txt"), ids=lambda value: str(value)[:40])
def test_a_passage_gives_all_its_events(passage: str, wanted: str, parser: SpacyParser) -> None:
    expected = []
    for one in wanted.split(" ; "):
        kind, sides, status = one.split(" ")
        source, target = (tuple(filter(None, side.split("+"))) for side in sides.split(">"))
        expected.append(as_coded(kind.split("/")[0], source, target, status))
    found = [as_coded(e.type, e.source, e.target, e.status) for e in read(passage, parser).events]
    assert Counter(found) == Counter(expected)


@pytest.mark.parametrize("sentence", (HERE / "traps.txt").read_text(encoding="utf-8").splitlines())
def test_what_did_not_happen_is_never_actual(sentence: str, parser: SpacyParser) -> None:
    assert [event for event in read(sentence, parser).events if event.status == "actual"] == []


def test_the_json_has_the_keys_that_are_promised(parser: SpacyParser) -> None:
    text = "Title\n\nChina banned exports of gallium to Japan on Tuesday.\nRead more: Tin\n"
    found = json.loads(json.dumps(read(text, parser).as_dict()))
    assert set(found) == {"document", "events", "skipped"}
    assert set(found["events"][0]) == KEYS
    event = found["events"][0]
    assert (event["products"], event["hs"]) == (["gallium_crude", "gallium_refined"], ["811291"])
    assert (event["date"], event["date_precision"]) == ("2026-01-13", "day")
    assert text[event["start"] : event["end"]] == event["sentence"]
    assert found["skipped"] == [{"text": "Read more: Tin", "why": "a link"}]


def test_without_a_date_relative_dates_are_not_guessed(parser: SpacyParser) -> None:
    reading = read("China banned exports of gallium to Japan on Tuesday.", parser, published=None)
    assert reading.events[0].date is None
    assert any("date" in note for note in reading.document.notes)


@pytest.mark.parametrize("text", (HERE / "languages.txt").read_text(encoding="utf-8").splitlines())
def test_other_languages_are_told_as_skipped(text: str, parser: SpacyParser) -> None:
    reading = read(text, parser)
    assert reading.events == ()
    assert [one.why.startswith("not English") for one in reading.skipped] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "Nobody did anything today, and prices were flat.",
        "\u2014 \u2026 !!! ???",
        "\u202eChina banned exports of gallium to Japan.\u202c",
        "China China China China of of of the the the banned banned.",
        "(((((((((( Japan ))))))))))" * 50,
        "its their our which that who " * 60,
    ],
)
def test_odd_texts_end_without_a_crash(text: str, parser: SpacyParser) -> None:
    reading = read(text, parser)
    assert all(event.sentence for event in reading.events)


FORMER = {"ANT", "CSK", "DDR", "PUS", "SCG", "SUN", "None"}  # states that are no more, in trade data
WORDS = st.sampled_from(
    [
        "China",
        "Japan",
        "Beijing",
        "its",
        "their",
        "which",
        "that",
        "agreed",
        "banned",
        "exports",
        "of",
        "the",
        "ministry,",
        "and",
        "to",
        "said",
        "it",
        "they",
        "will",
        "not",
        "if",
        "President",
        "Xi",
        "“",
        "”",
        '"',
        "-",
        "'",
        ".",
        "?",
        ",",
        "talks",
        "between",
        "with",
        "gallium",
        "$5",
        "billion",
        "in",
        "May",
        "2025",
        "both",
        "countries",
        "by",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=40))
def test_any_words_end_without_a_crash_and_twice_the_same(parser_words: list[str]) -> None:
    text = " ".join(parser_words)
    first, second = read(text), read(text)
    assert first.events == second.events
    for event in first.events:
        assert 0 <= event.start < event.end <= len(text)
        assert 0.0 <= event.confidence <= 1.0


def test_a_sentence_without_end_is_told_as_skipped(parser: SpacyParser) -> None:
    reading = read("China banned exports of gallium to Japan and " * 60 + "that was all.", parser)
    assert [one.why for one in reading.skipped] == ["a sentence of more than 2,000 characters"]


def test_the_parser_is_a_seam() -> None:
    words = (
        Word(0, "China", "china", "PROPN", "NNP", "nsubj", 1, 0, 5),
        Word(1, "attacked", "attack", "VERB", "VBD", "ROOT", 1, 6, 14),
        Word(2, "Japan", "japan", "PROPN", "NNP", "dobj", 1, 15, 20),
    )
    text = "China attacked Japan."
    reading = read_events(read_text(text.encode(), "t"), parser=FakeParser({text: (Sentence(words),)}))
    (event,) = reading.events
    assert (event.type, event.source, event.target) == ("ASSAULT", ("CHN",), ("JPN",))


def test_quotations_of_several_sentences_have_their_speaker(parser: SpacyParser) -> None:
    text = (
        "Japanese Prime Minister Sanae Takaichi met Italian Prime Minister Giorgia Meloni in Rome.\n\n"
        "\u201cWe condemn the ban on exports by China. We will send ten doctors to Kenya\u201d, Meloni said."
    )
    events = read(text, parser).events
    assert [(event.type, event.source) for event in events[1:]] == [("ACCUSE", ("ITA",)), ("AID", ("ITA",))]


def test_every_product_of_the_bundle_is_a_commodity_with_its_codes() -> None:
    rows = [row for row in load_tables()["commodities"] if row["name"] == row["commodity"]]
    named = {product for row in rows for product in (row["products"] or "").split()}
    assert named == set(own_table("products")["product"].to_pylist())
    codes: dict[str, set[str]] = {}
    for row in rows:
        for product in (row["products"] or "").split():
            codes.setdefault(product, set()).update((row["hs"] or "").split())
    for row in own_table("trade_codes").to_pylist():
        if row["product"] == "outside":
            continue
        assert row["hs"] in codes[row["product"]], (row["product"], row["hs"])


def test_every_country_of_the_bundle_has_a_name() -> None:
    known = {row["code"] for row in load_tables()["actors"]}
    missing = {str(code) for code in countries()["iso3"].to_pylist()} - known
    assert not {code for code in missing if code.isalpha()} - FORMER


def test_faults_of_a_users_tables_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "patterns.csv").write_text(
        (FOLDER / "patterns.csv").read_text().splitlines()[0]
        + "\nx,SANCTION,poem,verb,ban,,@nothing,,,,,\ny,BAN,,verb,ban,,,,,,,2\n",
        encoding="utf-8",
    )
    (tmp_path / "names.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(TableError) as caught:
        load_tables(tmp_path)
    told = str(caught.value)
    assert "names.csv" in told
    assert "BAN" in told
    (tmp_path / "names.csv").unlink()
    (tmp_path / "patterns.csv").write_text(
        (FOLDER / "patterns.csv").read_text().splitlines()[0] + "\nx,SANCTION,poem,verb,ban,,@nothing,,,,,\n",
        encoding="utf-8",
    )
    with pytest.raises(TableError) as caught:
        load_tables(tmp_path)
    assert all(part in str(caught.value) for part in ("poem", "@nothing"))
    with pytest.raises(TableError, match="no such folder"):
        load_tables(tmp_path / "none")


def test_our_tables_keep_their_contracts(tmp_path: Path) -> None:
    for name in TABLES:
        (tmp_path / f"{name}.csv").write_bytes((FOLDER / f"{name}.csv").read_bytes())
    assert load_tables(tmp_path).rows == load_tables().rows


def test_a_users_table_replaces_ours(tmp_path: Path, parser: SpacyParser) -> None:
    rows = (FOLDER / "actors.csv").read_text(encoding="utf-8") + "Atlantis,country,ATL,\n"
    (tmp_path / "actors.csv").write_text(rows, encoding="utf-8")
    document = read_text(b"Atlantis banned exports of gallium to Japan.", "t")
    assert read_events(document, parser=parser, tables=tmp_path).events[0].source == ("ATL",)
    assert read_events(document, parser=parser).events == () or read_events(document, parser=parser).events[
        0
    ].source != ("ATL",)


def test_the_page_of_tables_is_up_to_date() -> None:
    text = (HERE.parents[1] / "docs" / "news-tables.md").read_text(encoding="utf-8")
    assert text == page()
    for name, contract in TABLES.items():
        assert (FOLDER / f"{name}.csv").is_file()
        assert all(f"`{column}`" in text for column in contract.names)
