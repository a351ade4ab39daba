"""Names of passages: ids, English names and other words for them, however they are written."""

from __future__ import annotations

import pytest

from kaname.terms.errors import InputError
from kaname.terms.passages import PASSAGES, find_passage, passage_id

ASKED = {
    "taiwan_strait": ["taiwan-strait", "Taiwan Strait", "TAIWAN_STRAIT", "the Taiwan Strait"],
    "luzon_strait": ["luzon", "Luzon Strait", "luzon-strait", "Bashi Channel"],
    "malacca": ["Strait of Malacca", "malacca-strait", "Malacca"],
    "sunda": ["Sunda Strait", "sunda"],
    "lombok": ["lombok-strait", "Lombok"],
    "hormuz": ["Strait of Hormuz", "hormuz"],
    "bab_el_mandeb": ["Bab el-Mandeb", "bab-el-mandeb", "Bab al-Mandab"],
    "suez": ["Suez Canal", "suez-canal"],
    "panama": ["Panama Canal", "panama"],
    "bosporus": ["Bosporus", "Bosphorus"],
    "good_hope": ["Cape", "Cape of Good Hope", "good-hope"],
    "okinawa": ["okinawa", "Seas around Okinawa", "Ryukyu Islands", "southwest islands"],
    "taiwan_seas": ["taiwan-seas", "seas around Taiwan"],
}


@pytest.mark.parametrize(("passage", "words"), ASKED.items())
def test_a_passage_is_found_by_any_of_its_names(passage: str, words: list[str]) -> None:
    assert {passage_id(word) for word in words} == {passage}


def test_every_id_and_name_leads_back_to_its_own_passage() -> None:
    for passage, item in PASSAGES.items():
        assert {find_passage(word) for word in (passage, item.name, *item.words)} == {passage}


def test_an_unknown_passage_is_told_with_the_nearest() -> None:
    assert find_passage("") is None
    with pytest.raises(InputError, match=r"unknown passage.*Did you mean.*`malacca`"):
        passage_id("strait of malaca")
    with pytest.raises(InputError, match="Known: taiwan_strait, luzon_strait"):
        passage_id("qqq")
