"""Budgets and exchange rates: the two tables, and what a budget is worth in dollars on which day."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from kaname.data.money import Rate, budget_kusd, usd_per
from kaname.data.store import own_table
from kaname.terms.errors import DataMissing, TableError

MEASURES = Path(__file__).resolve().parents[2] / "examples" / "measures"
SCENARIO = date(2026, 1, 16)
WITHOUT_DEFENCE_BUDGET = {"ARE": "has published no defence budget since 2014"}
"""Payers of the shipped measures for whom no defence budget can be cited, and why."""

Row = dict[str, Any]
BUDGETS: list[Row] = own_table("budgets").to_pylist()
RATES: list[Row] = own_table("exchange_rates").to_pylist()


def rate(currency: str, day: date, units: float, low: float | None = None, high: float | None = None) -> Row:
    return {"currency": currency, "date": day, "units_per_usd": units, "low": low, "high": high}


def budget(**other: Any) -> Row:
    row = {"budget": "b", "amount": 2.0, "amount_low": None, "amount_high": None, "currency": "XXX"}
    return row | {"unit": "bn", "source_date": date(2026, 1, 10)} | other


def payers() -> set[str]:
    found: set[str] = set()
    for path in sorted(MEASURES.glob("*.yaml")):
        for measure in YAML(typ="safe").load(path)["measures"]:
            found |= {portion["market"].split("/")[0] for portion in measure.get("payers", ())}
    return found


def test_amounts_are_positive_and_say_where_they_come_from() -> None:
    for row in BUDGETS:
        assert row["amount"] > 0.0, row["budget"]
        assert re.fullmatch(r"[A-Z]{3}", row["currency"]), row["budget"]
        assert row["budget"].startswith(row["country"].lower() + "-"), row["budget"]
        assert row["url"].startswith("http"), row["budget"]
        assert row["source_date"] <= date(2026, 2, 28), row["budget"]
        recalled = "as recalled" in (row["note"] or "")
        assert not (recalled and row["grade"] == "observed"), row["budget"]
    assert {row["kind"] for row in BUDGETS} == {"defence", "economic_security", "critical_minerals"}


def test_every_currency_has_a_rate_at_the_scenarios_day_and_near_its_budgets() -> None:
    for row in BUDGETS:
        if row["currency"] == "USD":
            continue
        near = usd_per(row["currency"], RATES, row["source_date"]).day
        scenario = usd_per(row["currency"], RATES, SCENARIO).day
        assert near is not None, row["budget"]
        assert scenario is not None, row["budget"]
        assert abs((near - row["source_date"]).days) <= 14, row["budget"]
        assert scenario == SCENARIO or row["currency"] == "OMR", row["budget"]


def test_rates_are_the_quotients_that_their_notes_tell() -> None:
    checked = 0
    for row in RATES:
        found = re.fullmatch(r"(?:([0-9.]+) [A-Z]{3} and )?([0-9.]+) USD per euro", row["note"])
        if found:
            units = float(found[1] or 1.0) / float(found[2])
            assert row["units_per_usd"] == pytest.approx(units, rel=1e-5), row
            assert row["grade"] == ("estimated" if found[1] else "observed"), row
            checked += 1
    assert checked >= len(RATES) - 2  # the rial and the dong


def test_who_pays_for_the_shipped_measures_has_a_defence_budget_or_a_reason_not_to() -> None:
    with_budget = {row["country"] for row in BUDGETS if row["kind"] == "defence"}
    paying = payers()
    assert {"JPN", "USA"} <= paying
    assert paying <= with_budget | set(WITHOUT_DEFENCE_BUDGET)
    assert not with_budget & set(WITHOUT_DEFENCE_BUDGET), "take it off the list"


def test_japans_record_budget_is_about_58_billion_dollars() -> None:
    row = next(row for row in BUDGETS if row["budget"] == "jpn-defence-2026")
    money = budget_kusd(row, RATES)
    assert money.kusd / 1e6 == pytest.approx(58.0, abs=0.5)  # as the press of the day put it
    assert money.low_kusd < money.kusd == money.high_kusd
    assert money.rate_day == date(2025, 12, 29)
    assert budget_kusd(row, RATES, SCENARIO).rate_day == SCENARIO


def test_the_nearest_rate_counts_the_earlier_of_two_and_else_the_latest() -> None:
    rates = [rate("XXX", date(2026, 1, day), float(day)) for day in (5, 9, 20)]
    assert usd_per("XXX", rates, date(2026, 1, 1)).day == date(2026, 1, 5)
    assert usd_per("XXX", rates, date(2026, 1, 7)).day == date(2026, 1, 5)
    assert usd_per("XXX", rates).day == date(2026, 1, 20)
    assert usd_per("XXX", rates).usd == pytest.approx(1 / 20)
    assert usd_per("USD", []) == Rate("USD", 1.0, 1.0, 1.0, None)


def test_the_range_spans_amount_and_rate() -> None:
    rates = [rate("XXX", date(2026, 1, 1), 4.0, 2.0, 8.0)]
    money = budget_kusd(budget(amount_low=1.0, amount_high=3.0), rates)
    assert (money.low_kusd, money.kusd, money.high_kusd) == (1e6 / 8, 2e6 / 4, 3e6 / 2)
    dollars = budget_kusd(budget(currency="USD"), [])
    assert (dollars.low_kusd, dollars.kusd, dollars.high_kusd, dollars.rate_day) == (2e6, 2e6, 2e6, None)


def test_what_is_missing_or_not_positive_is_told_at_once() -> None:
    with pytest.raises(DataMissing, match=r"no exchange rate of YYY.*USD, XXX") as caught:
        usd_per("YYY", [rate("XXX", SCENARIO, 1.0)])
    assert caught.value.problems[0].fix
    with pytest.raises(TableError, match=r"units_per_usd is not above zero; got 0\.0") as broken:
        usd_per("XXX", [rate("XXX", SCENARIO, 0.0, low=-1.0, high=1.0)])
    assert len(broken.value.problems) == 2
    with pytest.raises(TableError) as wrong:
        budget_kusd(budget(amount=None, amount_low=0.0, unit="mn"), [])
    assert len(wrong.value.problems) == 3
    assert "budgets, b" in str(wrong.value)
