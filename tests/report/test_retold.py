"""Finished English sentences told again: in Japanese by their pattern, in English never touched."""

from __future__ import annotations

import re

import pytest

from kaname.data import store
from kaname.report.provenance import record_rows, source_rows
from kaname.report.retold import PATTERNS, retold
from kaname.terms.language import JAPANESE, speaking

TOLD = {
    "in force, already in the 2024 trade data": "発効中（2024年の貿易データに反映済み）",
    "in force, base flows x 0.25 (x 0.61 after the balance)": "発効中、基準の流れを0.25倍（整合後は0.61倍）",
    "in force, base flows x 0.3 (no such flow after the balance)": (
        "発効中、基準の流れを0.3倍（整合後は該当する流れなし）"
    ),
    "suspended until 2026-11-27": "2026-11-27まで停止中",
    "Own tables citing US Geological Survey": "独自の表（US Geological Surveyを引用）",
    "2,466 rows: products 33, controls 2": "2,466行：products 33, controls 2",
    "balanced columns rest on lanes that are by weight 26% observed, 74% modelled": (
        "整合後の列が基づく流れの内訳（重量比）：観測26%、モデル計算74%"
    ),
    "FRA to JPN, HS 250410, 2024: 0.0 t replaced by 0.1 t (value over the lane's own median, 7.08 kUSD/t)": (
        "フランスから日本、HS 250410、2024年：0.0 tを0.1 tに置換"
        "（金額をこの流れの単価の中央値7.08千ドル/tで除算）"
    ),
    "flagged, left as reported: TUR to BEN, HS 284690, 2024: 40,700.0 t, unit value 0.0528 against 14.6 "
    "kUSD/t; no history; not changed": (
        "疑義あり、報告値のまま：トルコからベナン、HS 284690、2024年：40,700.0 t、"
        "単価0.0528千ドル/t（通常14.6千ドル/t）。過去の値がないため変更せず"
    ),
}


@pytest.mark.parametrize("text", TOLD)
def test_a_sentence_is_told_again_by_its_pattern(text: str) -> None:
    assert retold(text) == text, "English stays as it is"
    with speaking(JAPANESE):
        assert retold(text) == TOLD[text]


def test_what_fits_no_pattern_stays() -> None:
    with speaking(JAPANESE):
        assert retold("A sentence of a user, in force and suspended") == (
            "A sentence of a user, in force and suspended"
        )
        assert retold("") == ""


def test_the_record_is_japanese() -> None:
    with speaking(JAPANESE):
        told = [text for row in record_rows() for text in (retold(row.title), retold(row.verdict))]
    assert all(re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text) for text in told)
    assert not any(re.search(r"[a-z]+ [a-z]+ [a-z]+", text) for text in told)


def test_our_own_tables_are_named_in_japanese() -> None:
    with speaking(JAPANESE):
        own = [retold(row.name) for row in source_rows() if row.name.startswith("Own tables")]
        controls = [retold(str(row["source"])) for row in store.own_table("controls").to_pylist()]
    assert own
    assert all(name.startswith("独自の表") for name in own)
    assert all(text.startswith("中国商務部") for text in controls)


def test_each_pattern_finds_what_it_makes() -> None:
    """A template filled with plausible values is told by some pattern, and never stays English."""
    values = {
        "place": "JPN", "other": "USA", "code": "250410", "year": "2024", "count": "12", "changed": "3",
        "factor": "0.5", "after": "0.6", "before": "2", "date": "2026-01-01", "publisher": "CEPII",
        "tables": "controls 2", "parts": "100% observed", "text": "no history; not changed", "value": "7",
        "usual": "8", "rule": "nothing changes", "own": "0.1", "best": "0.2", "right": "1", "signs": "2",
        "origin": "in all", "other_value": "9", "span": "1995-2006", "last": "2016", "share": "82%",
            "product": "silver_ore", "other_share": "0%", "content": "Ag", "made": "0.0", "into": "1.0",
            "out": "2.0",
    }  # fmt: skip
    for template in PATTERNS:
        filled = template.format(**values)
        with speaking(JAPANESE):
            assert retold(filled) != filled, template
