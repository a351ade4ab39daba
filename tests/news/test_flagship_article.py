"""The flagship article read against a careful coding of the whole of it (development figures)."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from kaname.news.read import Reading, read_events
from kaname.news.reading import read_document
from kaname.terms.ontology import MUTUAL

HERE = Path(__file__).parent
CODING: dict[str, Any] = YAML(typ="safe").load((HERE / "flagship_coding.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def reading(shared_data: Path) -> Reading:
    path = shared_data / "articles" / "japan-us-alliance-2026-01-16.txt"
    found = read_events(read_document(path.read_bytes(), path.name))
    assert hashlib.sha256(found.document.text.encode()).hexdigest() == CODING["sha256"]
    return found


def key(start: int, kind: str, source: list[str], target: list[str]) -> tuple[object, ...]:
    if kind in MUTUAL:
        return start, kind, frozenset((*source, *target))
    return start, kind, frozenset(source), frozenset(target)


def counted(reading: Reading) -> tuple[Counter[tuple[object, ...]], Counter[tuple[object, ...]]]:
    gold = Counter(
        key(row["start"], row["type"], row.get("source", []), row.get("target", []))
        for row in CODING["events"]
    )
    found = Counter(
        key(event.start, event.type, list(event.source), list(event.target)) for event in reading.events
    )
    return gold, found


def test_strict_recall_and_precision(reading: Reading) -> None:
    gold, found = counted(reading)
    right = sum((gold & found).values())
    assert right / gold.total() >= 0.75
    assert right / found.total() >= 0.65


def test_what_is_hypothetical_or_boilerplate_is_not_actual(reading: Reading) -> None:
    for event in reading.events:
        assert not (
            event.start in CODING["never_actual"] and event.type == "ASSAULT" and event.status == "actual"
        )
        assert "IRN" not in {*event.source, *event.target}
    skipped = " ".join(reading.document.of(one) for one in reading.skipped)
    for words in ("Read more", "Leave a Reply", "Advertisement", "Photo"):
        assert words in skipped
    assert sum("strengthen their military alliance" in event.sentence for event in reading.events) == 0


def test_the_slots_of_the_budget_and_of_the_ban(reading: Reading) -> None:
    (budget,) = (event for event in reading.events if event.mode == "budget")
    assert (budget.amount, budget.currency, budget.date, budget.date_precision) == (
        9e12,
        "JPY",
        "2025-12",
        "month",
    )
    (ban,) = (event for event in reading.events if event.mode == "export-ban")
    assert (ban.source, ban.target, ban.commodities) == (("CHN",), ("JPN",), ("dual-use goods",))
    modes = {(event.type, event.mode, event.status) for event in reading.events}
    assert {
        ("AGREE", "supply-chain", "actual"),
        ("COOPERATE", "joint-production", "planned"),
        ("MOBILIZE", "presence", "planned"),
        ("COOPERATE", "exercise", "actual"),
        ("CONSULT", "summit", "actual"),
        ("COOPERATE", "deepen-relations", "actual"),
    } <= modes
