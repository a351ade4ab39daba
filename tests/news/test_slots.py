"""Sums and dates as texts write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.news.dates import dates, first_day, last_day
from kaname.news.money import SCALES, sums
from kaname.news.parse import SpacyParser
from kaname.news.read import read_events
from kaname.news.reading import read_text
from kaname.news.relative import WEEKDAYS

DAY = date(2026, 1, 16)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("nine trillion yen", 9e12, "JPY"),
        ("$1.2bn", 1.2e9, "USD"),
        ("US$ 40 million", 4e7, "USD"),
        ("A$150 million", 1.5e8, "AUD"),
        ("EUR 350 million", 3.5e8, "EUR"),
        ("\u20ac2.5 billion", 2.5e9, "EUR"),
        ("500 billion won", 5e11, "KRW"),
        ("Rs 500 crore", 5e9, "INR"),
        ("two and a half billion euros", 2.5e9, "EUR"),
        ("half a billion dollars", 5e8, "USD"),
        ("50 million Canadian dollars", 5e7, "CAD"),
        ("between $3-5 billion", 3e9, "USD"),
        ("a 1.5 trillion-yen package", 1.5e12, "JPY"),
        ("1,200,000 pounds", 1.2e6, "GBP"),
        ("one hundred and fifty million pounds", 1.5e8, "GBP"),
    ],
)
def test_sums(text: str, amount: float, currency: str) -> None:
    (found,) = sums(f"They gave {text} for it.")
    assert (found.amount, found.currency) == (amount, currency)


@pytest.mark.parametrize(
    "text", ["25 percent", "3,000 tonnes", "5 million people", "a pound of flesh", "in 2025"]
)
def test_what_is_no_sum(text: str) -> None:
    assert sums(text) == ()


@given(st.integers(1, 999), st.sampled_from(["million", "billion", "trillion"]))
def test_a_sum_is_number_times_scale(number: int, scale: str) -> None:
    (found,) = sums(f"${number} {scale}")
    assert found.amount == number * SCALES[scale]


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("on 6 January 2026", "2026-01-06", "day"),
        ("on January 6", "2026-01-06", "day"),
        ("on Friday", "2026-01-16", "day"),
        ("last Monday", "2026-01-12", "day"),
        ("yesterday", "2026-01-15", "day"),
        ("in December", "2025-12", "month"),
        ("in March 2025", "2025-03", "month"),
        ("last month", "2025-12", "month"),
        ("earlier this week", "2026-W03", "week"),
        ("three weeks ago", "2025-W52", "week"),
        ("in the second quarter of 2025", "2025-Q2", "quarter"),
        ("in 2010", "2010", "year"),
        ("last year", "2025", "year"),
        ("from Oct 1", "2025-10-01", "day"),
        ("on 14 and 15 October", "2025-10-14", "day"),
        ("from 20 to 24 November", "2025-11-20", "day"),
        ("at the end of January", "2026-01", "month"),
        ("in the third quarter", "2026-Q3", "quarter"),
        ("in the first quarter of next year", "2027-Q1", "quarter"),
        ("this morning", "2026-01-16", "day"),
        ("the day before yesterday", "2026-01-14", "day"),
        ("two weeks ago to the day", "2026-01-02", "day"),
        ("two years ago to the day", "2024", "year"),
        ("a fortnight ago", "2026-01-02", "day"),
        ("a fortnight from today", "2026-01-30", "day"),
        ("at the weekend", "2026-W02", "week"),
        ("last weekend", "2026-W02", "week"),
        ("next weekend", "2026-W03", "week"),
        ("on the 12th", "2026-01-12", "day"),
        ("on the 23rd", "2025-12-23", "day"),
        ("since the 5th of this month", "2026-01-05", "day"),
        ("last summer", "2025", "year"),
        ("this autumn", "2026", "year"),
        ("on New Year's Day", "2026-01-01", "day"),
        ("on New Year\u2019s Eve", "2025-12-31", "day"),
        ("in the third quarter of last year", "2025-Q3", "quarter"),
        ("in the current quarter", "2026-Q1", "quarter"),
        ("overnight", "2026-01-16", "day"),
        ("in calendar week 2", "2026-W02", "week"),
        ("in calendar week 10", "2025-W10", "week"),
        ("in week 1 of 2027", "2027-W01", "week"),
        ("in calendar week 53 of 2025", "2025", "year"),  # which has 52: what is left is the year
        ("the week before last", "2026-W01", "week"),
        ("on the last day of February", "2025-02-28", "day"),
        ("on the first day of next month", "2026-02-01", "day"),
        ("on the eve of the 1 January fair", "2025-12-31", "day"),
    ],
)
def test_dates_are_as_coarse_as_the_text(text: str, iso: str, precision: str) -> None:
    (found,) = dates(f"They met {text}, it said.", DAY)
    assert (found.iso, found.precision) == (iso, precision)


@pytest.mark.parametrize(
    "text",
    [
        "by March",
        "until 2030",
        "the fiscal year 2026",
        "The minister may agree",
        "on the 23rd floor",
        "on the 40th",
        "in week 6 of the strike",
        "short from week 14 in case 3",
        "in calendar week 0",
        "on the eve of 30 February",
    ],
)
def test_deadlines_and_fiscal_years_are_no_dates_of_an_act(text: str) -> None:
    assert not [one for one in dates(text, DAY) if one.of_act]


def test_without_a_day_of_publication_relative_dates_are_missing() -> None:
    assert dates("on Friday, last month, in December, two days ago", None) == ()


PARTS = st.sampled_from(
    [
        *(
            "calendar week",
            "week",
            "the eve of",
            "the first day of",
            "the last day of",
            "the week",
            "the month",
        ),
        *("before last", "after next", "the first Monday of", "the last week of", "quarter of", "the fourth"),
        *(
            "of",
            "in",
            "on",
            "next",
            "last",
            "that",
            "later",
            "ago",
            "two",
            "days",
            "months",
            "February",
            "Dec.",
        ),
        *(
            "0",
            "1",
            "29",
            "30",
            "31",
            "53",
            "60",
            "99",
            "1900",
            "2024",
            "2025",
            "2099",
            "weekend",
            "to the day",
        ),
    ]
)


@given(st.lists(PARTS, max_size=9), st.none() | st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.booleans())
def test_no_words_of_time_break_reading(parts: list[str], day: date | None, ahead: bool) -> None:
    for one in dates(" ".join(parts), day, ahead=ahead):
        assert first_day(one.iso) <= last_day(one.iso)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.sampled_from(WEEKDAYS))
def test_a_weekday_is_within_a_week_on_its_side(day: date, name: str) -> None:
    (back,) = dates(f"on {name.title()}", day)
    (ahead,) = dates(f"on {name.title()}", day, ahead=True)
    assert timedelta(0) <= day - date.fromisoformat(back.iso) < timedelta(7)
    assert timedelta(0) < date.fromisoformat(ahead.iso) - day <= timedelta(7)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_coarse_dates_hold_their_days(day: date) -> None:
    week = day.isocalendar()
    for iso in (
        day.isoformat(),
        f"{day.year}-{day.month:02d}",
        f"{day.year}",
        f"{day.year}-Q{(day.month + 2) // 3}",
        f"{week.year}-W{week.week:02d}",
    ):
        assert first_day(iso) <= day <= last_day(iso)


@pytest.mark.parametrize(
    ("sentence", "iso"),
    [
        ("In 2010 China stopped rare earth exports to Japan.", "2010"),
        ("In 2015 Riyadh asked Pakistan for troops and thanked Oman for its help.", "2015"),
        ("Cobalt exports were stopped last week, the ministry in Kinshasa said.", "2026-W02"),
        ("China has banned exports of gallium to Japan, a minister said on Tuesday.", None),
        ("By the end of the year Seoul will lift the tariff on Canadian pork.", None),
        ("Three days after talks had collapsed on Monday, Oslo imposed sanctions on Minsk.", "2026-01-15"),
        (
            "The day before its credit line was to expire on 12 January, Mali signed a deal with Niger.",
            "2026-01-11",
        ),
        ("In an order published on Tuesday, Kenya banned exports of scrap to Uganda.", "2026-01-13"),
        ("Speaking on Thursday, the French president praised Norway.", "2026-01-15"),
        ("Kenya blamed Somalia for the raid of 4 January.", None),
        ("At a ceremony set for next Tuesday, Chile is to sign a pact with Peru.", "2026-01-20"),
    ],
)
def test_a_date_belongs_to_the_act_not_to_the_words_about_it(sentence: str, iso: str | None) -> None:
    found = read_events(read_text(sentence.encode(), "t", published=DAY), parser=SpacyParser()).events
    assert found
    assert {event.date for event in found} == {iso}
