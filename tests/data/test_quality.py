"""The quantity screen: gross errors go, real data stay, everything is listed."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.data import store
from kaname.data.quality import Change, differs, product_medians, screen_unit_values, weighted_median

Row = tuple[int, str, str, float, float | None]  # year, exporter, importer, kUSD, tonnes
NORMAL: list[Row] = [(2024, "CHN", importer, 100.0, 10.0) for importer in ("JPN", "KOR", "USA", "DEU", "FRA")]


def table(rows: list[Row], hs: str = "280530") -> pa.Table:
    years, exporters, importers, values, quantities = zip(*rows, strict=True) if rows else ((),) * 5
    return pa.table(
        {
            "year": pa.array(years, pa.int64()),
            "exporter": pa.array(exporters, pa.string()),
            "importer": pa.array(importers, pa.string()),
            "hs": pa.array([hs] * len(years), pa.string()),
            "value_kusd": pa.array(values, pa.float64()),
            "quantity_t": pa.array(quantities, pa.float64()),
        }
    )


def last(result: pa.Table) -> dict[str, object]:
    return dict(result.to_pylist()[-1])


def test_ordinary_rows_pass_untouched() -> None:
    rows = table(NORMAL)
    result = screen_unit_values(rows, table([]))
    assert result.rows.select(rows.column_names) == rows
    assert result.changes == result.flags == ()
    assert not any(result.rows["imputed"].to_pylist() + result.rows["flagged"].to_pylist())


def test_an_outlier_with_another_past_is_replaced_from_its_value() -> None:
    past: list[Row] = [
        (2023, "TUR", "BEN", 40.0, 10.0),
        (2022, "TUR", "BEN", 60.0, 10.0),
        (2021, "TUR", "BEN", 50.0, 10.0),
    ]
    result = screen_unit_values(table([*NORMAL, (2024, "TUR", "BEN", 1.0, 10.0)]), table(past))
    (change,) = result.changes
    assert change == Change("TUR", "BEN", "280530", 2024, 10.0, pytest.approx(0.2), change.method)
    assert "own median, 5 kUSD/t" in change.method
    assert last(result.rows)["quantity_t"] == pytest.approx(0.2)
    assert (last(result.rows)["imputed"], last(result.rows)["flagged"]) == (True, False)
    assert "10.0 t replaced by 0.2 t" in str(change)


def test_an_outlier_without_a_past_is_flagged_and_left() -> None:
    result = screen_unit_values(table([*NORMAL, (2024, "TUR", "BEN", 1.0, 10.0)]), table([]))
    assert result.changes == ()
    (flag,) = result.flags
    assert (flag.exporter, flag.importer, flag.quantity_t) == ("TUR", "BEN", 10.0)
    assert flag.unit_value == pytest.approx(0.1)
    assert "no history; not changed" in str(flag)
    assert last(result.rows)["quantity_t"] == 10.0
    assert (last(result.rows)["imputed"], last(result.rows)["flagged"]) == (False, True)


def test_an_outlier_like_its_own_past_is_flagged_and_left() -> None:
    past: list[Row] = [(2023, "TUR", "BEN", 2.0, 10.0)]
    result = screen_unit_values(table([*NORMAL, (2024, "TUR", "BEN", 1.0, 10.0)]), table(past))
    assert result.changes == ()
    assert "like its own past" in result.flags[0].reason


@pytest.mark.parametrize("year", [2020, 2024, 2025])
def test_only_the_three_years_before_count_as_past(year: int) -> None:
    past: list[Row] = [(year, "TUR", "BEN", 50.0, 10.0)]
    result = screen_unit_values(table([*NORMAL, (2024, "TUR", "BEN", 1.0, 10.0)]), table(past))
    assert "no history" in result.flags[0].reason


def test_a_missing_quantity_is_filled_and_marked() -> None:
    rows = table([*NORMAL, (2024, "CHN", "ITA", 20.0, None)])
    result = screen_unit_values(rows, table([]))
    assert last(result.rows)["quantity_t"] == pytest.approx(2.0)
    assert last(result.rows)["imputed"] is True
    assert result.changes[0].old_t is None
    assert "the product's median, 10 kUSD/t" in result.changes[0].method
    past = table([(2023, "CHN", "ITA", 40.0, 10.0)])
    assert last(screen_unit_values(rows, past).rows)["quantity_t"] == pytest.approx(5.0)


def test_a_missing_quantity_stays_missing_where_no_unit_value_is_known() -> None:
    result = screen_unit_values(table([(2024, "CHN", "ITA", 20.0, None)]), table([]))
    assert last(result.rows)["quantity_t"] is None
    assert last(result.rows)["imputed"] is False
    assert "no unit value" in result.flags[0].reason


def test_bulk_is_not_called_an_error_because_of_many_small_parcels() -> None:
    parcels: list[Row] = [(2024, "DEU", f"A{n:02d}", 1.0, 0.01) for n in range(50)]
    bulk: list[Row] = [(2024, "CHN", "JPN", 1000.0, 1000.0)]
    result = screen_unit_values(table(parcels + bulk), table([(2023, "CHN", "JPN", 9000.0, 1000.0)]))
    assert result.changes == result.flags == ()


def test_metal_is_not_called_an_error_because_one_lane_of_concentrate_outweighs_it() -> None:
    metal: list[Row] = [(2024, "CHN", importer, 6000.0, 100.0) for importer in ("JPN", "KOR", "USA")]
    ore: list[Row] = [(2024, "AUS", "MYS", 4000.0, 1000.0)]
    past: list[Row] = [(2023, "CHN", importer, 1900.0, 100.0) for importer in ("JPN", "KOR", "USA")]
    result = screen_unit_values(table(metal + ore), table(past))
    assert result.changes == result.flags == ()


@given(
    st.lists(st.tuples(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3)), min_size=1, max_size=30),
)
def test_half_of_the_weight_lies_on_either_side_of_the_median(pairs: list[tuple[float, float]]) -> None:
    columns = pa.table({"v": [v for v, _ in pairs], "w": [w for _, w in pairs]})
    values, weights = columns["v"].to_numpy(), columns["w"].to_numpy()
    median = weighted_median(values, weights)
    half = weights.sum() / 2 * (1 + 1e-9)
    assert median in values
    assert weights[values < median].sum() <= half
    assert weights[values > median].sum() <= half


@given(
    st.lists(
        st.tuples(
            st.floats(0.001, 1e6),
            st.one_of(st.none(), st.floats(0.001, 1e6)),
            st.one_of(st.none(), st.floats(0.001, 1e6)),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_values_never_change_and_every_change_is_listed(
    given_rows: list[tuple[float, float | None, float | None]],
) -> None:
    now: list[Row] = [(2024, "CHN", f"A{n:02d}", v, q) for n, (v, q, _) in enumerate(given_rows)]
    past: list[Row] = [(2023, "CHN", f"A{n:02d}", v, p) for n, (v, _, p) in enumerate(given_rows)]
    rows = table(now)
    result = screen_unit_values(rows, table(past))
    assert result.rows["value_kusd"] == rows["value_kusd"]
    changed = [
        (row["exporter"], row["importer"])
        for row, old in zip(result.rows.to_pylist(), now, strict=True)
        if row["quantity_t"] != old[4]
    ]
    listed = [(change.exporter, change.importer) for change in result.changes]
    marked = [(r["exporter"], r["importer"]) for r in result.rows.to_pylist() if r["imputed"]]
    assert listed == marked
    assert set(changed) <= set(listed)


def test_cerium_loses_little_where_the_plain_screen_destroys_a_quarter() -> None:
    trade = store.trade(["284610"])
    total = naive = ours = 0.0
    for year in range(1998, 2025):
        rows = trade.filter(pc.field("year") == year)
        median = product_medians(rows).get(("284610", year))
        if median is None:
            assert rows["quantity_t"].null_count == rows.num_rows, "1998 and 1999 have no quantities at all"
            continue
        total += pc.sum(rows["quantity_t"]).as_py()
        naive += sum(
            row["quantity_t"]
            for row in rows.to_pylist()
            if row["quantity_t"] and differs(row["value_kusd"] / row["quantity_t"], median.plain, 8)
        )
        ours += sum(change.old_t or 0.0 for change in screen_unit_values(rows, trade).changes)
    assert naive / total > 0.25
    assert ours / total < 0.02


@pytest.mark.parametrize(
    ("hs", "year", "lane", "least_t"),
    [
        ("284690", 2024, ("TUR", "BEN"), 40_000),
        ("284690", 2019, ("TKM", "BEN"), 27_000),
        ("260300", 2022, ("PNG", "PHL"), 13_000_000),
    ],
)
def test_known_gross_errors_are_flagged(hs: str, year: int, lane: tuple[str, str], least_t: float) -> None:
    result = screen_unit_values(store.trade([hs], year), store.trade([hs]))
    found = {(flag.exporter, flag.importer): flag.quantity_t or 0.0 for flag in result.flags}
    assert found[lane] > least_t


def test_japans_rare_earth_metal_survives_a_year_of_high_prices() -> None:
    result = screen_unit_values(store.trade(["280530"], 2022), store.trade(["280530"]))
    row = next(r for r in result.rows.to_pylist() if (r["exporter"], r["importer"]) == ("CHN", "JPN"))
    assert row["quantity_t"] == pytest.approx(5502.9, abs=0.1)
    assert row["imputed"] is False
