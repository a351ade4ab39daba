"""What stands between the text and the tree: words for the parser, datelines, cities, currencies, years."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.news.dates import dates
from kaname.news.money import sums
from kaname.news.parse import SpacyParser
from kaname.news.plainer import plainer
from kaname.news.read import read_events
from kaname.news.reading import read_document
from kaname.news.tables import load_tables
from kaname.terms.codes import is_country_code
from kaname.terms.event import Event
from kaname.terms.ontology import BLOCS

WORDS = [
    "On",
    "In",
    "Monday",
    "6",
    "January",
    "2026",
    "China",
    "bans",
    "tungsten",
    "Gallium",
    ".",
    "48",
    "m",
    ",",
]


def events(sentence: str) -> list[Event]:
    text = f"News\n\nPublished: 16 January 2026\n\n{sentence}\n"
    return list(read_events(read_document(text.encode(), "news.txt")).events)


def only(sentence: str) -> Event:
    (event,) = events(sentence)
    return event


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_every_word_of_the_text_stays_once_and_in_order(words: list[str]) -> None:
    told = plainer(words, [True] * len(words))
    assert [own for own in told.own if own is not None] == list(range(len(words)))
    for word, own in zip(told.words, told.own, strict=True):
        assert own is not None or word == ","
        if own is not None and own not in told.lemmas:
            assert word == words[own] or (words[own], word) == ("m", "million")
    assert len(told.words) == len(told.spaces) == len(told.own)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=20))
def test_the_tree_is_of_the_words_of_the_text(words: list[str]) -> None:
    text = " ".join(words)
    for sentence in next(iter(SpacyParser().parse([text]))):
        for word in sentence.words:
            assert text[word.start : word.end] == word.text
            assert 0 <= word.head < len(sentence)


def test_a_rare_metal_does_not_mislead_the_parser() -> None:
    event = only("Beijing put tungsten and four other metals under export control on Monday.")
    assert (event.type, event.mode, event.source) == ("SANCTION", "export-control", ("CHN",))
    assert event.commodities == ("tungsten",)


@pytest.mark.parametrize(
    ("lead", "sentence"),
    [
        ("GENEVA - ", "China banned exports of gallium to Japan."),
        ("BRUSSELS, March 12 (Newswire) - ", "China banned exports of gallium to Japan."),
        ("New Delhi, 3 March 2026 \u2013 ", "China banned exports of gallium to Japan."),
        ("2. ", "China banned exports of gallium to Japan."),
    ],
)
def test_datelines_and_numbers_stand_outside_the_sentence(lead: str, sentence: str) -> None:
    event = only(lead + sentence)
    assert event.sentence == sentence
    assert (event.source, event.target) == (("CHN",), ("JPN",))


def test_an_actor_in_capitals_is_no_dateline() -> None:
    event = only("NATO - the alliance - sent troops to Estonia.")
    assert event.source == ("NATO",)
    assert event.sentence.startswith("NATO")


def test_a_city_counts_where_a_word_says_that_it_is_a_place() -> None:
    event = only("Canada will lend 310 million dollars for a magnesium smelter in Set\u00fabal.")
    assert (event.source, event.target) == (("CAN",), ("PRT",))
    assert all("USA" not in {*one.source, *one.target} for one in events("Lincoln urged Japan to reply."))


@pytest.mark.parametrize(
    ("sentence", "currency"),
    [
        ("Algeria lent Tunisia 20 million dinars.", "DZD"),
        ("The Philippines granted Palau 20 million pesos.", "PHP"),
        ("Sweden granted Moldova 300 million crowns.", "SEK"),
        ("Moldova's parliament approved a defence budget of 2.4 billion lei.", "MDL"),
        ("Sweden gave Ukraine a grant of 20 million dinars.", None),
    ],
)
def test_a_currency_is_that_of_a_country_that_the_sentence_names(sentence: str, currency: str | None) -> None:
    event = only(sentence)
    assert event.currency == currency
    assert (event.amount is None) == (currency is None), "a sum without a currency is no sum"


def test_a_year_long_past_makes_history_but_not_from_an_aside() -> None:
    told = "Older hands recall 2010, when China stopped exports of rare earths to Japan."
    assert {one.status for one in events(told)} == {"background"}
    now = "China, which joined the World Trade Organization in 2001, has banned exports of gallium to Japan."
    assert only(now).status == "actual"


def test_the_other_side_is_taken_by_default_and_never_with_high_confidence() -> None:
    event = only("China was named twice when Japan called the measure unacceptable.")
    assert (event.type, event.source, event.target) == ("ACCUSE", ("JPN",), ("CHN",))
    assert event.confidence < 0.85


def test_who_is_hit_by_what_is_condemned_is_not_blamed_for_it() -> None:
    assert only("Japan condemned the missile attack on Ukraine.").target == ()


@pytest.mark.parametrize(
    ("how", "day"),
    [
        ("two days after", "2026-01-13"),
        ("a day after", "2026-01-14"),
        ("the day after", "2026-01-14"),
        ("12 days after", "2026-01-03"),
        ("99999999 days after", None),  # no such count, and no day so far back
        ("\u00b2 days after", None),
    ],
)
def test_a_day_is_counted_from_that_of_the_other_act(how: str, day: str | None) -> None:
    text = f"Washington blacklisted the Chinese firm on Thursday, {how} Britain had banned it."
    dates = {event.source: event.date for event in events(text)}
    assert dates[("USA",)] == "2026-01-15"
    assert dates.get(("GBR",)) in {day, *(() if day else ("2026-01-15",))}


def test_dates_and_sums_of_what_is_spoken_of_are_not_those_of_the_words() -> None:
    told = only("Norway condemns the attack of 4 January on a Danish cable.")
    assert (told.type, told.date) == ("ACCUSE", None)
    praised = only("Norway welcomed the European Union's grant of 60 million euros to Moldova.")
    assert (praised.type, praised.amount) == ("SUPPORT", None)


def test_no_sum_is_made_of_other_words() -> None:
    for text in ("It did not sell at all.", "a t all", "an all-out ban", "half a try", "at all its ports"):
        assert sums(text) == ()
    assert [one.amount for one in sums("half a billion dollars and 5 million usd, ten bn won")] == [5e8, 1e10]


def test_every_actor_of_the_table_is_a_country_or_a_bloc_that_the_codebook_names() -> None:
    codes = {row["code"] for row in load_tables()["actors"]} - {"-"}
    assert {code for code in codes if not is_country_code(code)} <= set(BLOCS)
    book = (Path(__file__).parents[2] / "docs" / "events-codebook.md").read_text(encoding="utf-8")
    assert all(f"`{code}`" in book for code in BLOCS)


@pytest.mark.parametrize(
    ("form", "common"),
    [
        ("prolonged", "extended"), ("prolongs", "extends"), ("barring", "banning"), ("barred", "banned"),
        ("withheld", "stopped"), ("levied", "imposed"), ("levying", "imposing"), ("unfrozen", "released"),
    ],
)  # fmt: skip
def test_rare_verbs_are_parsed_as_common_ones_in_the_same_form(form: str, common: str) -> None:
    told = plainer(["Russia", form, "quotas"], [True, True, False])
    assert told.words[1] == common


def test_verbs_that_are_nouns_as_well_stay_as_they_stand() -> None:
    assert plainer(["a", "bar", "on", "shells"], [True, True, True, False]).words[1:] == (
        "bar",
        "on",
        "shells",
    )


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("in the third week of June 2026", "2026-W25"), ("in the week of 10 November 2025", "2025-W46"),
        ("on the first Wednesday of March", "2026-03-04"), ("on Friday last week", "2026-03-20"),
        ("on the last Monday of February", "2026-02-23"),
    ],
)  # fmt: skip
def test_weeks_and_weekdays_of_a_month(text: str, iso: str) -> None:
    assert [one.iso for one in dates(text, date(2026, 3, 27))] == [iso]


def test_dates_count_from_the_one_before() -> None:
    day = date(2026, 3, 27)
    text = "in February 2025, quotas that October and two months later; on 3 March 2026, the following day"
    found = [one.iso for one in dates(text, day)]
    assert found == ["2025-02", "2025-10", "2025-12", "2026-03-03", "2026-03-04"]
    assert dates("two days later", day) == ()  # from what, nobody says
    assert [one.iso for one in dates("in 2024, two days later", day)] == ["2024"]  # too coarse to count from
