"""What the balance made of a product, country by country, on the default network."""

from __future__ import annotations

import json
import re

import pytest

from kaname.audit.balances import CLOSED, ITEMS, data_balance
from kaname.baseline import Baseline
from kaname.terms.errors import InputError

SUPPLY = ("output", "imports", "unrecorded")
USE = ("own_exports", "reexports", "processing", "final")


@pytest.mark.parametrize("product", ["tungsten_ore", "ndpr_compound", "magnets"])
def test_rows_are_the_accounts_and_close(product: str, baseline: Baseline) -> None:
    found = data_balance(product, baseline=baseline)
    countries = {a.country for a in baseline.build.report.accounts if a.product == product}
    assert {row.country for row in found.rows} == countries
    assert found.closes
    assert found.worst_open_share <= CLOSED
    for country in countries:
        after = {row.item: row.after_t or 0.0 for row in found.rows if row.country == country}
        supply, use = (sum(after.get(item, 0.0) for item in items) for items in (SUPPLY, USE))
        assert supply == pytest.approx(
            use, rel=2e-4, abs=1e-3
        )  # unrecorded supply within rounding is left out


def test_stock_changes_are_missing_and_never_zero(baseline: Baseline) -> None:
    found = data_balance("tungsten_ore", baseline=baseline)
    stock = [row for row in found.rows if row.item == "stock_change"]
    assert len(stock) == found.nodes
    assert {(row.before_t, row.after_t, row.change_t, row.confidence) for row in stock} == {
        (None, None, None, "not known")
    }


def test_the_largest_changes_come_first_and_nobody_uses_less_than_nothing(baseline: Baseline) -> None:
    found = data_balance("tungsten_ore", baseline=baseline)
    changes = [abs(row.change_t or 0.0) for row in found.rows]
    assert changes == sorted(changes, reverse=True)
    lanes = [abs(lane.change_t) for lane in found.lanes]
    assert lanes == sorted(lanes, reverse=True)
    used = [row for row in found.rows if row.item in ("final", "processing")]
    assert min(row.before_t or 0.0 for row in used) < 0.0 <= min(row.after_t or 0.0 for row in used)


def test_the_sentence_says_how_much_moved_and_why(baseline: Baseline) -> None:
    found = data_balance("tungsten_ore", baseline=baseline)
    moved = sum(
        abs(item.after_t - item.before_t)
        for item in baseline.build.report.adjustments
        if item.product == "tungsten_ore"
    )
    assert found.moved_t == pytest.approx(moved)
    assert f"moved {moved:,.0f} t" in found.headline
    assert (
        f"in {found.short_nodes} of {found.nodes} countries exports and processing exceed" in found.headline
    )
    assert found.headline.count(". ") == 0
    keyed = data_balance("magnets", baseline=baseline)
    assert re.search(r"supply and estimated use differ by [\d,]+ t", keyed.headline)


def test_reexports_are_told_apart(baseline: Baseline) -> None:
    found = data_balance("tungsten_ore", "SGP", baseline=baseline)
    after = {row.item: row.after_t for row in found.rows}
    assert "output" not in after
    assert after["reexports"] is not None
    assert "own_exports" not in after or (after["own_exports"] or 0.0) < 1e-3 + 1e-3 * after["reexports"]


def test_one_country_by_name_or_code(baseline: Baseline) -> None:
    by_code = data_balance("magnets", "JPN", baseline=baseline)
    assert data_balance("magnets", "Japan", baseline=baseline) == by_code
    assert {row.country for row in by_code.rows} == {"JPN"}
    assert all("JPN" in (lane.exporter, lane.importer) for lane in by_code.lanes)
    assert by_code.headline.startswith(by_code.name + " in JPN, ")


def test_confidence_follows_the_weight(baseline: Baseline) -> None:
    found = data_balance("magnets", baseline=baseline)
    words = {lane.weight: lane.confidence for lane in found.lanes}
    assert set(words.values()) <= {"high", "fair", "low", "guess"}
    assert words[min(words)] == "guess"
    assert all(row.weight is None for row in found.rows if row.item in ("final", "processing", "unrecorded"))
    assert {row.item for row in found.rows} <= set(ITEMS)


def test_everything_is_plain(baseline: Baseline) -> None:
    plain = data_balance("tungsten_ore", baseline=baseline).as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False))["headline"] == plain["headline"]
    assert plain["closes"] is True


def test_unknown_names_are_errors(baseline: Baseline) -> None:
    with pytest.raises(InputError, match="tungsten_ore"):
        data_balance("tungsten_oer", baseline=baseline)
    with pytest.raises(InputError, match="has no magnets"):
        data_balance("magnets", "Tuvalu", baseline=baseline)
    with pytest.raises(InputError, match="unknown country"):
        data_balance("magnets", "Atlantis", baseline=baseline)


def test_every_product_closes(baseline: Baseline) -> None:
    """On the whole network: every product in tonnes has a balance, and it closes."""
    products = {account.product for account in baseline.build.report.accounts}
    assert len(products) > 20
    for product in products:
        found = data_balance(product, baseline=baseline)
        assert found.closes, found.closing
        assert found.moved_t >= 0.0
