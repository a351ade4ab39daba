"""The store on the real bundle: what is there, what is missing, and what a broken file says."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from kaname.data import dictionary, store
from kaname.data.bundle_contracts import BUNDLE
from kaname.data.contracts import OWN
from kaname.terms.contract import check
from kaname.terms.errors import DataMissing, InputError, TableError

RARE_EARTHS = ["280530", "284610", "284690"]
DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a copy of the small parts of the data: rare earths, code tables, own tables."""
    for name in ("countries.parquet", "hs_products.parquet", "sources.json"):
        (tmp_path / "bundle").mkdir(exist_ok=True)
        shutil.copy(store.ROOT / "bundle" / name, tmp_path / "bundle" / name)
    group = Path("bundle", "trade", "group=rare_earths")
    shutil.copytree(store.ROOT / group, tmp_path / group)
    shutil.copytree(store.ROOT / "tables", tmp_path / "tables")
    return tmp_path


def share(table: pa.Table, column: str) -> float:
    total = pc.sum(table[column]).as_py()
    return float(pc.sum(table.filter(pc.field("exporter") == "CHN")[column]).as_py() / total)


@pytest.mark.parametrize(
    ("hs", "by_weight"), [("280530", 0.620), ("284690", 0.761), ("250410", 0.838), ("282520", 0.856)]
)
def test_chinas_share_of_japans_imports_in_2024(hs: str, by_weight: float) -> None:
    table = store.trade([hs], 2024)
    table = table.filter(pc.field("importer") == "JPN")
    assert share(table, "quantity_t") == pytest.approx(by_weight, abs=0.0005)


def test_weight_and_value_tell_different_stories() -> None:
    table = store.trade(["280530"], 2024).filter(pc.field("importer") == "JPN")
    assert share(table, "value_kusd") == pytest.approx(0.24, abs=0.005)


def test_trade_keeps_its_contract_and_order() -> None:
    table = store.trade(RARE_EARTHS, 2024)
    check(table, BUNDLE["trade"])
    assert table.schema.field("year").type == pa.int64()
    assert table == table.sort_by([(name, "ascending") for name in ("hs", "year", "exporter", "importer")])
    assert set(table["hs"].to_pylist()) == set(RARE_EARTHS)


def test_missing_quantities_stay_missing() -> None:
    table = store.trade(["284610"], 1998)
    assert table.num_rows == table["quantity_t"].null_count == 488
    assert table["value_kusd"].null_count == 0


def test_every_row_of_the_source_is_in_the_bundle() -> None:
    rows: Counter[int] = Counter()
    for path in sorted((store.ROOT / "bundle" / "trade").rglob("*.parquet")):
        rows.update(store.read_parquet(path, columns=["year"])["year"].to_pylist())
    assert sum(rows.values()) == 1_264_888
    assert (rows[1995], rows[2010], rows[2024]) == (26_496, 44_568, 49_292)
    assert set(rows) == set(range(1995, 2025))


def test_the_bundle_is_small_and_as_its_checksums_say() -> None:
    sizes = [path.stat().st_size for path in (store.ROOT / "bundle").rglob("*") if path.is_file()]
    assert max(sizes) <= 4 * 1024 * 1024
    assert sum(sizes) <= 20e6
    store.verify()
    for record in store.sources():
        assert record["publisher"]
        assert record["licence"]
        assert record["files"]


@pytest.mark.parametrize(("hs", "last"), [("811230", 2016), ("250390", 2007), ("283030", 2013)])
def test_a_code_given_up_is_missing_and_not_zero(hs: str, last: int) -> None:
    assert max(store.years_with_data(hs)) == last
    with pytest.raises(DataMissing, match=f"last year with data is {last}") as caught:
        store.trade([hs, "280530"], 2024)
    assert caught.value.exit_code == 3
    assert len(caught.value.problems) == 1, "only the code without data"


def test_remnants_of_a_code_given_up_are_told() -> None:
    assert store.thin_years("811230") == list(range(2007, 2017))
    assert store.thin_years("280530") == []


def test_unknown_codes_name_the_nearest() -> None:
    with pytest.raises(DataMissing, match="811230") as caught:
        store.trade(["811292", "284620"])
    assert len(caught.value.problems) == 2
    with pytest.raises(InputError):
        store.trade([])
    with pytest.raises(InputError, match="not an HS code"):
        store.trade(["rare earths"])


def test_a_year_outside_the_data_is_missing() -> None:
    with pytest.raises(DataMissing, match="last year with data is 2024"):
        store.trade(["280530"], 2030)
    with pytest.raises(DataMissing, match="first year with data is 1995"):
        store.trade(["280530"], 1990)


def test_country_codes_that_trap_the_unwary() -> None:
    table = store.countries()
    check(table, BUNDLE["countries"])
    code = dict(zip(table["code"].to_pylist(), table["iso3"].to_pylist(), strict=True))
    known = {490: "TWN", 251: "FRA", 842: "USA", 699: "IND", 757: "CHE", 579: "NOR", 58: "BEL", 736: "SDN"}
    assert {number: code[number] for number in known} == known
    names = store.country_names()
    assert (names["BEL"], names["SDN"], names["TWN"], names["DEU"]) == (
        "Belgium",
        "Sudan",
        "Taiwan",
        "Germany",
    )
    assert (names["TUR"], names["CIV"]) == ("Türkiye", "Côte d'Ivoire")


def test_countries_that_split_have_trade_on_one_side_only() -> None:
    table = store.trade(["760110", "270900"])
    pairs = set(zip(table["year"].to_pylist(), table["exporter"].to_pylist(), strict=True))
    years = {
        iso3: {year for year, code in pairs if code == iso3} for iso3 in ("SCG", "SRB", "LUX", "ZA1", "BWA")
    }
    assert max(years["SCG"]) <= 2005 < min(years["SRB"])
    assert max(years["ZA1"]) == 1999 < min(years["BWA"])
    assert min(years["LUX"]) == 1999


@pytest.mark.parametrize("name", ["hs_products", "distances", "detours", "ports"])
def test_the_other_tables_keep_their_contracts(name: str) -> None:
    check(getattr(store, name)(), BUNDLE[name])


def test_governance_is_missing_where_nothing_was_published() -> None:
    table = store.governance(1996)
    check(table, BUNDLE["governance"])
    row = table.filter(pc.field("iso3") == "ABW").to_pylist()[0]
    assert row["estimate"] is None
    with pytest.raises(DataMissing, match="Ask for 1996 or 1998"):
        store.governance(1997)


def test_distances_are_symmetric_and_a_detour_is_never_shorter() -> None:
    table = store.distances()
    keys = list(zip(table["from_iso3"].to_pylist(), table["to_iso3"].to_pylist(), strict=True))
    km = dict(zip(keys, table["sea_km"].to_pylist(), strict=True))
    assert all(km[b, a] == length for (a, b), length in km.items())
    assert km["CHN", "JPN"] == pytest.approx(1935, abs=100)
    assert km["JPN", "USA"] == pytest.approx(
        9000, abs=300
    )  # Yokohama to Los Angeles, about 4,850 nautical miles
    detours = store.detours()
    for a, b, length in zip(
        *(detours[name].to_pylist() for name in ("from_iso3", "to_iso3", "sea_km")), strict=True
    ):
        assert length is None or length >= km[a, b]


AROUND_TAIWAN = {"luzon_strait", "taiwan_seas", "okinawa"}  # by the Bashi Channel, then along the islands


@pytest.mark.parametrize(
    ("pair", "passed"),
    [
        (("DEU", "JPN"), {"dover", "gibraltar", "suez", "bab_el_mandeb", "malacca", *AROUND_TAIWAN}),
        (("KWT", "JPN"), {"hormuz", "malacca", *AROUND_TAIWAN}),
        (("CHN", "JPN"), {"okinawa"}),
        (("KOR", "VNM"), {"taiwan_strait", "taiwan_seas"}),
        (("AUS", "JPN"), {"lombok"}),
        (("IND", "LKA"), set()),
        (("ROU", "DEU"), {"bosporus", "dardanelles", "gibraltar", "dover"}),
    ],
)
def test_straits_on_well_known_ways(pair: tuple[str, str], passed: set[str]) -> None:
    table = store.distances()
    row = table.filter((pc.field("from_iso3") == pair[0]) & (pc.field("to_iso3") == pair[1])).to_pylist()[0]
    assert set(filter(None, row["passages"].split(";"))) == passed


@pytest.mark.parametrize("name", sorted(OWN))
def test_own_tables_keep_their_contracts(name: str) -> None:
    table = store.own_table(name)
    assert table.column_names == list(OWN[name].names)
    assert table.num_rows > 0


def test_an_unknown_own_table_is_named() -> None:
    with pytest.raises(DataMissing, match="products"):
        store.own_table("product")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "the file is empty"),
        (b"market,product,reserve_days,low,high,source,grade\nJPN,x,1\n", "another number of cells"),
        (b"market,product\n\xff\xfe", "not UTF-8"),
        (b'market,product\n"JPN', "no CSV"),
        (b"market,product,reserve_days,low,high,source,grade\nJPN,x,many,,,s,assumed\n", "got 'many'"),
    ],
)
def test_a_broken_own_table_is_told(root: Path, content: bytes, fault: str) -> None:
    (root / "tables" / "reserves.csv").write_bytes(content)
    with pytest.raises(TableError, match=fault) as caught:
        store.own_table("reserves", root)
    assert "reserves.csv" in str(caught.value)


def test_another_root_is_read_instead(root: Path) -> None:
    assert store.trade(RARE_EARTHS, 2024, root) == store.trade(RARE_EARTHS, 2024)
    with pytest.raises(DataMissing, match="the partition graphite is missing"):
        store.trade(["250410"], 2024, root)
    (root / "bundle" / "countries.parquet").unlink()
    with pytest.raises(DataMissing, match=r"countries\.parquet: the file is missing"):
        store.countries(root)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "text"])
def test_a_damaged_parquet_names_file_fault_and_fix(root: Path, damage: str) -> None:
    (path,) = (root / "bundle" / "trade" / "group=rare_earths").glob("*.parquet")
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 0xFF
    damaged = {
        "truncated": content[: len(content) // 2],
        "flipped": content,
        "empty": b"",
        "text": b"a,b\n1,2\n",
    }
    path.write_bytes(damaged[damage])
    with pytest.raises(TableError) as caught:
        store.trade(RARE_EARTHS, root=root)
    (problem,) = caught.value.problems
    assert problem.where == str(path)
    assert "corrupt or cut short" in problem.what
    assert f"{path.stat().st_size} bytes" in problem.got
    assert problem.fix


def test_the_snapshot_changes_with_any_byte(root: Path) -> None:
    before = store.snapshot_id(root)
    assert before == store.snapshot_id(root)
    assert len(before) == 64
    table = root / "tables" / "reserves.csv"
    table.write_bytes(table.read_bytes() + b"\n")
    assert store.snapshot_id(root) != before


def test_a_changed_file_of_the_bundle_is_found(root: Path) -> None:
    countries = root / "bundle" / "countries.parquet"
    pq.write_table(store.countries(), countries)
    with pytest.raises(TableError) as caught:
        store.verify(root)
    assert any("was changed" in p.what and p.where == str(countries) for p in caught.value.problems)


def test_no_connection_may_fetch_an_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[duckdb.DuckDBPyConnection] = []
    connect = duckdb.connect

    def recorded(*args: object, **kwargs: object) -> duckdb.DuckDBPyConnection:
        opened.append(connect(*args, **kwargs))  # type: ignore[arg-type]
        return opened[-1].cursor()

    monkeypatch.setattr(duckdb, "connect", recorded)
    store.trade(["811230"], 2000)
    assert opened
    for connection in opened:
        for setting in ("autoinstall_known_extensions", "autoload_known_extensions"):
            assert connection.execute("select current_setting(?)", [setting]).fetchall() == [(False,)]
        connection.close()


def test_the_data_page_is_up_to_date_and_names_every_column() -> None:
    text = (DOCS / "data.md").read_text("utf-8")
    assert text == dictionary.page(), "run: python -m kaname.data.dictionary > docs/data.md"
    for contract in (*OWN.values(), *BUNDLE.values()):
        assert f"### {contract.name}\n" in text
        for column in contract.columns:
            assert f"| `{column.name}` | {column.unit} |" in text
            assert column.sentence in text
