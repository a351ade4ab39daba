"""`exposure`: raw and balanced shares, missing values, refusals with hints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from kaname.baseline import Baseline
from kaname.data import store
from kaname.exposure import ExposureRow, exposure
from kaname.network.network import BASES, SUPPLIER_KINDS
from kaname.terms.errors import DataMissing, InputError, KanameError

Rows = Mapping[str, ExposureRow]


@pytest.fixture(scope="module")
def japan(baseline: Baseline) -> Rows:
    """Return Japan's exposure to China by HS code, or by product where there is none."""
    return {row.hs or row.product: row for row in exposure("JPN", "CHN", baseline=baseline)}


@pytest.mark.parametrize(
    ("hs", "share"), [("280530", 0.620), ("284690", 0.761), ("250410", 0.838), ("282520", 0.856)]
)
def test_raw_shares_of_japan_by_weight(japan: Rows, hs: str, share: float) -> None:
    assert japan[hs].import_share == pytest.approx(share, abs=5e-4)
    assert japan[hs].basis == "observed"


def test_trap_5_weight_misleads_so_both_shares_are_shown(japan: Rows) -> None:
    assert japan["280530"].import_share_value == pytest.approx(0.244, abs=5e-4)


@pytest.mark.parametrize("hs", ["280530", "250410", "810600"])
def test_raw_shares_are_the_reported_ones(japan: Rows, hs: str) -> None:
    rows = [r for r in store.trade([hs], 2024).to_pylist() if r["importer"] == "JPN"]
    for column, share in (("quantity_t", "import_share"), ("value_kusd", "import_share_value")):
        whole = sum(r[column] or 0.0 for r in rows)
        china = sum(r[column] or 0.0 for r in rows if r["exporter"] == "CHN")
        assert getattr(japan[hs], share) == pytest.approx(china / whole)
    tonnes = np.array([r["quantity_t"] for r in rows if r["quantity_t"]])
    assert japan[hs].import_t == pytest.approx(tonnes.sum())
    assert japan[hs].hhi == pytest.approx(((tonnes / tonnes.sum()) ** 2).sum())


def test_trap_1_imputed_quantities_are_flagged(japan: Rows, baseline: Baseline) -> None:
    changed = {c.hs for c in baseline.screen.changes if c.importer == "JPN"}
    assert changed
    for hs in ("280530", "284610", "284690", "250410", "250490", "810110", "261100", "261710"):
        assert japan[hs].imputed == (hs in changed), hs
        assert any("replaced by" in flag for flag in japan[hs].flags) == (hs in changed)


def test_trap_2_missing_stays_missing(japan: Rows, baseline: Baseline) -> None:
    for hs in ("811230", "250390", "283030"):
        row = japan[hs]
        shares = (row.import_t, row.import_share, row.import_share_value, row.import_share_balanced, row.hhi)
        assert shares == (None,) * 5, hs
        assert row.basis == "missing"
        assert row.flags == ("no trade under this code in 2024",)
    with pytest.raises(DataMissing, match="1995-2006"):
        exposure("JPN", "CHN", "811230", baseline=baseline)
    assert exposure("JPN", "CHN", "811230", 2006, baseline)[0].import_share is not None


def test_a_remnant_of_trade_is_flagged(baseline: Baseline) -> None:
    (row,) = exposure("JPN", "CHN", "811230", 2007, baseline)
    assert any("remnant" in flag for flag in row.flags)


def test_trap_3_stages_without_codes_have_rows_of_their_own(japan: Rows) -> None:
    for product in ("magnets", "gallium_refined", "germanium_refined", "antimony_metal"):
        row = japan[product]
        assert (row.hs, row.import_t, row.import_share, row.hhi) == ("", None, None, None)
        assert row.basis != "observed"
        assert 0.0 < row.import_share_balanced <= 1.0


def test_trap_4_a_code_holds_the_products_of_its_default_split_only(japan: Rows) -> None:
    """Mine product stands under 284690 from Myanmar, Laos and Russia: that is no ore import of Japan."""
    assert japan["284690"].product == "cela_compound+ndpr_compound+dytb_compound"
    for product in ("cela_ore", "ndpr_ore", "dytb_ore"):
        assert japan[product].hs == ""


def test_trap_8_a_share_by_value_is_no_share_by_weight(japan: Rows) -> None:
    pairs = [(r.import_share, r.import_share_value) for r in japan.values() if r.import_share is not None]
    assert sum(abs(weight - value) > 0.1 for weight, value in pairs) >= 5


# --- balanced columns -----------------------------------------------------------------------------


def test_balanced_shares_count_the_country_with_its_segments_once(japan: Rows, baseline: Baseline) -> None:
    network = baseline.build.network
    country = [m.country for m in network.markets]
    whole, imported, china = 0.0, 0.0, 0.0
    for k, n, t in zip(network.lane_supplier, network.lane_consumer, network.lane_flow, strict=True):
        if network.products[network.consumer_product[n]].id != "magnets":
            continue
        if country[network.consumer_market[n]] != "JPN":
            continue
        start = country[network.supplier_market[k]]
        if start == "JPN" and SUPPLIER_KINDS[network.supplier_kind[k]] == "reexport":
            continue  # passed on to the segment, counted when it came in
        whole += t
        imported += t if start != "JPN" else 0.0
        china += t if start == "CHN" else 0.0
    row = japan["magnets"]
    assert row.import_share_balanced == pytest.approx(china / imported)
    assert row.consumption_share == pytest.approx(china / whole)
    assert row.consumption_share < row.import_share_balanced


def test_the_basis_is_the_worst_that_carries_a_twentieth(japan: Rows, baseline: Baseline) -> None:
    """Gallium: some lanes estimated, most assumed; antimony ore is observed under its code all the same."""
    row = japan["gallium_refined"]
    assert row.basis == "assumed"
    assert any("% assumed" in flag for flag in row.flags)
    assert japan["antimony_ore" if "antimony_ore" in japan else "261710"].basis == "observed"
    for row in japan.values():
        assert row.basis in (*BASES, "missing")
    assert japan["cela_ore"].basis == "estimated"


def test_one_product_of_a_shared_code_says_what_else_the_code_holds(baseline: Baseline) -> None:
    (row,) = exposure("JPN", "CHN", "ndpr_metal", baseline=baseline)
    assert (row.product, row.hs) == ("ndpr_metal", "280530")
    assert any("which also holds cela_metal, dytb_metal" in flag for flag in row.flags)


def test_network_columns_belong_to_the_base_year(baseline: Baseline) -> None:
    (row,) = exposure("JPN", "CHN", "280530", 2010, baseline)
    assert row.import_share is not None
    assert (row.import_share_balanced, row.consumption_share) == (None, None)
    assert (row.cover_days, row.spare_capacity_t) == (None, None)


def test_shares_are_shares_and_rows_are_json(japan: Rows) -> None:
    for row in japan.values():
        for name in (
            "import_share",
            "import_share_value",
            "import_share_balanced",
            "consumption_share",
            "hhi",
        ):
            value = getattr(row, name)
            assert value is None or 0.0 <= value <= 1.0 + 1e-12, (row.product, name)
    assert json.dumps([row.as_dict() for row in japan.values()], allow_nan=False)


def test_network_only_leaves_out_codes_without_a_product(baseline: Baseline, japan: Rows) -> None:
    rows = exposure("JPN", "CHN", baseline=baseline, network_only=True)
    assert {row.hs for row in rows if row.hs} == {r["hs"] for r in baseline.sources.trade_codes}
    assert not [row for row in rows if row.product.startswith("hs")]
    assert [row.product for row in japan.values()][: len(rows)] == [row.product for row in rows]
    with pytest.raises(InputError, match="no product of the network has this code"):
        exposure("JPN", "CHN", "250810", baseline=baseline, network_only=True)  # bentonite


def test_trap_6_taiwan_and_others_go_by_code_or_name(baseline: Baseline) -> None:
    by_code = exposure("TWN", "CHN", "250410", baseline=baseline)
    assert by_code == exposure("taiwan", "china", "HS 2504.10", baseline=baseline)
    assert by_code[0].import_share > 0.0


def test_trap_7_an_entrepot_counts_as_what_it_ships(baseline: Baseline) -> None:
    """The Netherlands mines nothing, and yet Germany depends on them: balanced shares include re-exports."""
    (row,) = exposure("DEU", "NLD", "250490", baseline=baseline)
    assert row.import_share_balanced > 0.0
    assert not [
        r for r in baseline.sources.production if r["market"] == "NLD" and r["product"] == row.product
    ]


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        (("JPM", "CHN"), InputError, "Japan"),
        (("JPN", "Chna"), InputError, "CHN"),
        (("JPN", "JPN"), InputError, "itself"),
        (("JPN", "CHN", "magnet"), InputError, "Did you mean magnets"),
        (("JPN", "CHN", "motors"), InputError, "industry"),
        (("JPN", "CHN", "2805"), InputError, "six digits"),
        (("JPN", "CHN", "HS2022:280530"), InputError, "HS 2022 is not in the data"),
        (("JPN", "CHN", "H5 280530"), InputError, "HS 2017 is not in the data"),
        (("JPN", "CHN", "280531"), DataMissing, "Nearest codes: 280530"),
        (("JPN", "CHN", None, 1980), DataMissing, "1995-2024"),
        (("JPN", "CHN", "280530", 2031), DataMissing, "1995-2024"),
        (("JPN", "CHN", "magnets", 2023), DataMissing, "Years with data: 2024"),
    ],
)
def test_what_is_unknown_is_refused_with_a_hint(
    baseline: Baseline, asked: tuple[Any, ...], kind: type[KanameError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        exposure(*asked, baseline=baseline)
    assert caught.value.exit_code == (2 if kind is InputError else 3)


@pytest.mark.parametrize("text", ["280530", "HS280530", "hs 280530", "28.05.30", "HS92:280530", "H0 280530"])
def test_a_code_may_be_written_in_many_ways(baseline: Baseline, text: str) -> None:
    (row,) = exposure("JPN", "CHN", text, baseline=baseline)
    assert row.hs == "280530"
