"""Trade files of users: BACI and UN Comtrade, every kind of bad input, and large files in bounded memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.data import folders, store
from kaname.data.sources import baci, reading
from kaname.data.sources.imports import Choices, data_root, import_data
from kaname.data.sources.layouts import BACI, LAYOUTS, template
from kaname.terms.errors import DataMissing, InputError, KanameError, OutputError, TableError

HEADER = "t,i,j,k,v,q"
GOOD = "2024,156,392,280530,12.5,3.1"
NAME = "BACI_HS92_Y2024_V202601.csv"


def write(folder: Path, *rows: str, name: str = NAME, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(("\n".join([header, *rows]) + "\n").encode(encoding))
    return path


def kinds(found: dict[str, Any]) -> dict[str, tuple[str, int]]:
    counts: dict[str, tuple[str, int]] = {}
    for one in found["files"][0]["findings"]:
        before = counts.get(one["kind"], ("", 0))[1]
        counts[one["kind"]] = one["remedy"], one["count"] + before
    return counts


def read(root: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = store.trade(["280530"], 2024, root).to_pylist()
    return rows


def adds_up(found: dict[str, Any]) -> bool:
    """Every row that was read is kept, dropped, a copy, or left out for a reason that is told."""
    left = sum(found["told"].get(kind, 0) for kind in ("not_asked", "aggregate", "other_flow", "breakdown"))
    rest = found["rows_kept"] + found["rows_dropped"] + found["repaired"].get("duplicate", 0) + left
    return bool(found["rows_read"] == rest)


# --- what an import leaves behind -----------------------------------------------------------------


def test_imported_trade_is_read_by_the_store(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, "2024,842,392,280530,7,           NA", "2024,490,251,010121,1,1")
    found = import_data("baci", [path], tmp_path / "mine")
    root = data_root(tmp_path / "mine")
    one = {"year": 2024, "exporter": "CHN", "importer": "JPN", "hs": "280530"}
    assert read(root) == [
        one | {"value_kusd": 12.5, "quantity_t": 3.1},
        one | {"exporter": "USA", "value_kusd": 7.0, "quantity_t": None},
    ]
    assert kinds(found) == {"no_quantity": ("tell", 1), "not_asked": ("tell", 1)}
    assert adds_up(found)
    store.verify(root)
    assert folders.read_manifest(root, folders.DATA_FORMAT)["rows_kept"] == 2
    told = json.loads((root / "provenance.json").read_text("utf-8"))
    assert told == found
    assert told["files"][0]["sha256"] == folders.sha256_of(path)
    assert (told["files"][0]["version"], told["files"][0]["edition"]) == ("V202601", "HS1992")
    with pytest.raises(DataMissing, match="no data at all"):
        store.trade(["250410"], 2024, root)
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, "mine"], "nothing temporary is left"


def test_several_years_and_all_codes(tmp_path: Path) -> None:
    first = write(tmp_path, GOOD)
    row = "2023,156,392,847130,12.5,3.1"
    second = write(tmp_path, row, row.replace("847130", "280530"), name="BACI_HS92_Y2023_V202601.csv")
    found = import_data("baci", [first, second], tmp_path / "all", Choices(hs=("all",)))
    assert (found["years"], found["codes"], found["rows_kept"]) == ([2023, 2024], 2, 3)
    assert store.years_with_data("280530", tmp_path / "all") == [2023, 2024]
    chapter = import_data("baci", [first, second], tmp_path / "some", Choices(hs=("84",)))
    assert (chapter["rows_kept"], chapter["told"]["not_asked"]) == (1, 2)
    with pytest.raises(InputError, match="not an HS code"):
        import_data("baci", [first], tmp_path / "x", Choices(hs=("8",)))


def test_trap_6_the_codes_of_baci(tmp_path: Path) -> None:
    codes = {490: "TWN", 251: "FRA", 842: "USA", 699: "IND", 757: "CHE", 579: "NOR"}
    path = write(tmp_path, *(f"2024,{code},392,280530,1,1" for code in codes))
    import_data("baci", [path], tmp_path / "mine")
    rows = store.trade(["280530"], 2024, tmp_path / "mine").to_pylist()
    assert {row["exporter"] for row in rows} == set(codes.values())


# --- bad input, each kind named, counted, refused or repaired -------------------------------------

BAD = {
    "cell_count": ("drop", ["2024,156,392,280530,12.5", "2024,156,392,280530,1,2,3"]),
    "bad_year": ("drop", ["20x4,156,410,280530,1,1", "1024,156,410,280530,1,1"]),
    "unknown_country": ("drop", ["2024,999,392,280530,1,1", "2024,,410,280530,1,1"]),
    "country_number": ("repair", ["2024,840,392,280530,1,1", "2024,158,392,280530,1,1"]),
    "self_trade": ("drop", ["2024,156,156,280530,1,1"]),
    "bad_hs": ("drop", ["2024,156,410,2805,1,1", "2024,156,410,28053x,1,1"]),
    "hs_dots": ("repair", ["2024,156,410,2805.30,1,1"]),
    "decimal_comma": ("repair", ['2024,156,410,280530,"1,5",1', '2024,156,842,280530,1,"0,25"']),
    "number_form": ("repair", ['2024,156,410,280530,"1,234.5",1']),
    "ambiguous_number": ("drop", ['2024,156,410,280530,"1,234",1']),
    "not_a_number": ("drop", ["2024,156,410,280530,abc,1", "2024,156,842,280530,,1"]),
    "negative": ("drop", ["2024,156,410,280530,-1,1"]),
    "out_of_range": ("drop", ["2024,156,410,280530,1e14,1"]),
    "duplicate": ("repair", [GOOD]),
    "duplicate_conflict": ("drop", ["2024,276,392,280530,1,1", "2024,276,392,280530,2,1"]),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_rows_of_baci_are_named_and_counted(tmp_path: Path, kind: str) -> None:
    remedy, rows = BAD[kind]
    good = GOOD.replace("12.5,3.1", "12,3") if kind in {"decimal_comma", "ambiguous_number"} else GOOD
    rows = [good if row == GOOD else row for row in rows]
    path = write(tmp_path, good, "", *rows)
    with pytest.raises(TableError) as caught:
        import_data("baci", [path], tmp_path / "out")
    problem = caught.value.problems[0]
    assert (problem.where, problem.line) == (str(path), 4), problem
    assert rows[0] in problem.got or "row 3" in problem.got
    assert not (tmp_path / "out").exists()
    found = import_data("baci", [path], tmp_path / "out", Choices("repair"))
    assert kinds(found)[kind] == (remedy, len(rows))
    assert adds_up(found)
    changes = pq.read_table(tmp_path / "out" / "changes.parquet").to_pylist()
    if kind != "cell_count":
        assert {(one["kind"], one["remedy"]) for one in changes} == {(kind, remedy)}
        assert sorted(one["row"] for one in changes) == list(range(3, 3 + len(rows)))
        assert all(one["new"] for one in changes if remedy == "repair" and kind != "duplicate")
    kept = 1 + (len(rows) if remedy == "repair" and kind != "duplicate" else 0)
    assert found["rows_kept"] == kept


def test_a_lost_zero_is_put_back(tmp_path: Path) -> None:
    path = write(tmp_path, "2024,156,392,10121,1,1")
    found = import_data("baci", [path], tmp_path / "out", Choices("repair", hs=("01",)))
    assert found["files"][0]["findings"][0]["examples"] == [{"row": 1, "old": "10121", "new": "010121"}]
    assert store.trade(["010121"], 2024, tmp_path / "out").num_rows == 1


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    rows = [GOOD, *(row for _, part in BAD.values() for row in part)]
    first = write(tmp_path, *rows)
    second = write(tmp_path, "2024,x", name="BACI_HS92_Y2023_V202601.csv", header="t,i,j,k,v,q_t")
    with pytest.raises(TableError) as caught:
        import_data("baci", [first, second], tmp_path / "out")
    said = str(caught.value)
    assert "column q: a needed column is missing; got 'q_t'" in said
    assert "Rename q_t to q" in said
    assert len({problem.where for problem in caught.value.problems}) == 2
    assert len(caught.value.problems) > 8


def test_examples_stop_at_ten_but_all_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, *(f"2024,999,392,280530,{i},1" for i in range(37)))
    with pytest.raises(TableError, match=r"\(37 times\).*row 11: '999'; and 27 more"):
        import_data("baci", [path], tmp_path / "out")
    import_data("baci", [path], tmp_path / "out", Choices("repair"))
    assert pq.read_table(tmp_path / "out" / "changes.parquet").num_rows == 37


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"t,i,j,k,v,q\n", "a header and no rows"),
        (b"t,i,j,k,v,q\n\n \n", "a header and no rows"),
        (b"t,i,j,k,v\n2024,156,392,280530,1\n", "column q: a needed column is missing"),
        (b"t,i,j,k,v,q,q\n2024,156,392,280530,1,1,1\n", "column q: a column stands twice"),
        (bytes(range(256)) * 5000, "needed column is missing|unreadable bytes"),
    ],
)
def test_files_that_cannot_be_read_stop_even_repair(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    for choice in ("refuse", "repair"):
        with pytest.raises(TableError, match=said):
            import_data("baci", [path], tmp_path / "out", Choices(choice))
    assert [one.name for one in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp932", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_are_told(tmp_path: Path, encoding: str, separator: str) -> None:
    note = {"cp932": "日本から中国への貿易", "cp1252": "Côte d’Ivoire, né à Genève"}.get(encoding, "note")
    rows = [
        row.replace(",", separator) + f'{separator}"{note}"' for row in (GOOD, GOOD.replace("392", "410"))
    ]
    path = write(tmp_path, *rows, header=(HEADER + ",note").replace(",", separator), encoding=encoding)
    found = import_data("baci", [path], tmp_path / "out")
    assert found["files"][0]["encoding"] == encoding
    assert found["files"][0]["separator"] == reading.SEPARATORS[separator]
    assert found["rows_kept"] == 2
    told = {"unknown_column", *(["delimiter"] if separator != "," else [])}
    assert set(kinds(found)) == told | (set() if encoding == "utf-8-sig" else {"encoding"})


def test_bytes_that_are_no_text_are_counted(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(f"{HEADER},note\n{GOOD},".encode() + b"\x81\x81\xff\n")
    with pytest.raises(TableError, match="bytes that belong to no character"):
        import_data("baci", [path], tmp_path / "out", Choices(encoding="utf-8"))
    found = import_data("baci", [path], tmp_path / "out", Choices("repair", encoding="utf-8"))
    assert kinds(found)["undecodable"] == ("repair", 3)


def test_a_decimal_comma_needs_no_guess_if_the_user_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "2024;156;392;280530;1,234;2,000", header=HEADER.replace(",", ";"))
    with pytest.raises(TableError, match="--decimal comma or --decimal point"):
        import_data("baci", [path], tmp_path / "out")
    import_data("baci", [path], tmp_path / "out", Choices("repair", decimal="comma"))
    assert store.trade(["280530"], 2024, tmp_path / "out")["value_kusd"].to_pylist() == [1.234]


# --- editions -------------------------------------------------------------------------------------


def test_the_edition_is_asked_or_read_from_the_name(tmp_path: Path) -> None:
    plain = write(tmp_path, GOOD, name="trade.csv")
    with pytest.raises(InputError, match="nothing says which HS edition"):
        import_data("baci", [plain], tmp_path / "out")
    assert import_data("baci", [plain], tmp_path / "out", Choices(edition="H0"))["editions"] == {"HS1992": 1}
    with pytest.raises(InputError, match="different HS editions"):
        baci.edition(Path(NAME), "HS22")
    with pytest.raises(InputError, match="unknown HS edition"):
        baci.full_edition("HS93")


def test_another_edition_is_never_mixed_in(tmp_path: Path) -> None:
    other = write(tmp_path, GOOD, name="BACI_HS22_Y2024_V202601.csv")
    with pytest.raises(TableError, match="another HS edition"):
        import_data("baci", [other], tmp_path / "out")
    found = import_data("baci", [other, write(tmp_path, GOOD)], tmp_path / "both", Choices("repair"))
    assert found["editions"] == {"HS1992": 1, "HS2022": 1}
    assert store.trade(["280530"], 2024, tmp_path / "both").num_rows == 1
    assert pq.read_table(tmp_path / "both" / "editions" / "HS2022.parquet").num_rows == 1
    import_data("baci", [other], tmp_path / "alone", Choices("repair"))
    with pytest.raises(DataMissing, match="no trade under HS1992"):
        data_root(tmp_path / "alone")


# --- folders --------------------------------------------------------------------------------------


def test_an_import_replaces_an_import_and_nothing_else(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    out = tmp_path / "out"
    import_data("baci", [path], out)
    before = folders.read_manifest(out, folders.DATA_FORMAT)
    bad = write(tmp_path, "2024,156,392,280530,x,1", name="BACI_HS92_Y2023_V202601.csv")
    with pytest.raises(TableError):
        import_data("baci", [bad], out)
    assert folders.read_manifest(out, folders.DATA_FORMAT) == before
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="not an import of kaname"):
        import_data("baci", [path], tmp_path / "taken")
    folders.write_folder(tmp_path / "run", {"a.txt": b"a"})
    with pytest.raises(OutputError):
        import_data("baci", [path], tmp_path / "run")


@pytest.mark.parametrize(
    ("kind", "files", "said"),
    [
        ("bacy", ["x.csv"], "Did you mean baci"),
        ("baci", [], "no file"),
        ("baci", ["BACI_HS92_Y2024_V1.csv"], "no such file"),
        ("bom", ["a.csv", "b.csv"], "one file at a time"),
    ],
)
def test_what_cannot_be_asked(tmp_path: Path, kind: str, files: list[str], said: str) -> None:
    with pytest.raises(KanameError, match=said):
        import_data(kind, [tmp_path / name for name in files], tmp_path / "out")


@pytest.mark.parametrize("choice", [{"on_fault": "ignore"}, {"side": "both"}, {"decimal": "dot"}])
def test_words_that_are_no_choice(choice: dict[str, str]) -> None:
    with pytest.raises(InputError, match="unknown choice"):
        Choices(**choice)


# --- UN Comtrade ----------------------------------------------------------------------------------

COLUMNS = list(LAYOUTS["comtrade"].names)
REPORT = {
    "refYear": "2024", "freqCode": "A", "reporterCode": "392", "reporterISO": "JPN", "flowCode": "M",
    "partnerCode": "156", "partnerISO": "CHN", "partner2Code": "0", "classificationCode": "H0",
    "cmdCode": "280530", "customsCode": "C00", "motCode": "0", "mosCode": "0", "qtyUnitCode": "8", "qty": "",
    "netWgt": "1000", "primaryValue": "5000", "isReported": "true",
}  # fmt: skip


def comtrade(folder: Path, *changes: dict[str, str]) -> Path:
    rows = [REPORT | change for change in changes]
    path = folder / "comtrade.csv"
    lines = [",".join(COLUMNS), *(",".join(row[name] for name in COLUMNS) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


LEFT_OUT: dict[str, list[dict[str, str]]] = {
    "aggregate": [{"partnerCode": "0", "partnerISO": "W00"}, {"cmdCode": "2805"}, {"cmdCode": "TOTAL"}],
    "other_flow": [{"flowCode": "RX"}, {"flowCode": "RM"}],
    "breakdown": [{"motCode": "1000"}, {"customsCode": "C04"}, {"partner2Code": "842"}],
}
WRONG: dict[str, list[dict[str, str]]] = {
    "bad_year": [{"refYear": "24"}],
    "not_annual": [{"freqCode": "M"}],
    "bad_choice": [{"flowCode": "Z"}],
    "unknown_country": [{"partnerCode": "1", "partnerISO": ""}],
    "conflict": [{"partnerISO": "VNM"}],
    "self_trade": [{"partnerCode": "392", "partnerISO": "JPN"}],
    "bad_hs": [{"cmdCode": "28x"}],
    "not_a_number": [{"primaryValue": "x"}],
    "negative": [{"netWgt": "-5"}],
    "edition": [{"classificationCode": "S3"}],
}


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_totals_and_parts_are_left_out_and_counted(tmp_path: Path, kind: str) -> None:
    path = comtrade(tmp_path, {}, *LEFT_OUT[kind])
    found = import_data("comtrade", [path], tmp_path / "out")
    assert kinds(found)[kind] == ("tell", len(LEFT_OUT[kind]))
    assert found["rows_kept"] == 1
    assert adds_up(found)
    (row,) = store.trade(["280530"], 2024, tmp_path / "out").to_pylist()
    assert (row["value_kusd"], row["quantity_t"]) == (5.0, 1.0)


@pytest.mark.parametrize("kind", WRONG)
def test_bad_rows_of_comtrade_are_named_and_counted(tmp_path: Path, kind: str) -> None:
    path = comtrade(tmp_path, {}, *WRONG[kind])
    with pytest.raises(TableError):
        import_data("comtrade", [path], tmp_path / "out")
    found = import_data("comtrade", [path], tmp_path / "out", Choices("repair"))
    assert kinds(found)[kind] == ("drop", len(WRONG[kind]))
    assert found["rows_kept"] == 1
    assert adds_up(found)


def test_the_two_reports_of_a_lane_stay_apart(tmp_path: Path) -> None:
    mirror = {"reporterCode": "156", "reporterISO": "CHN", "partnerCode": "392", "partnerISO": "JPN"}
    path = comtrade(tmp_path, {}, mirror | {"flowCode": "X", "primaryValue": "4000", "netWgt": "900"})
    found = import_data("comtrade", [path], tmp_path / "out")
    assert kinds(found) == {"other_side": ("tell", 1)}
    assert store.trade(["280530"], 2024, tmp_path / "out")["value_kusd"].to_pylist() == [5.0]
    reports = pq.read_table(tmp_path / "out" / "reports.parquet").to_pylist()
    assert {row["reported_by"]: row["value_usd"] for row in reports} == {"exports": 4000.0, "imports": 5000.0}
    import_data("comtrade", [path], tmp_path / "exports", Choices(side="exports"))
    assert store.trade(["280530"], 2024, tmp_path / "exports")["value_kusd"].to_pylist() == [4.0]
    with pytest.raises(TableError, match="Choose --side imports"):
        import_data("comtrade", [comtrade(tmp_path, {})], tmp_path / "x", Choices(side="exports"))


def test_weights_taiwan_and_later_editions(tmp_path: Path) -> None:
    path = comtrade(
        tmp_path,
        {"partnerCode": "490", "partnerISO": "S19", "netWgt": "", "qty": "70"},
        {"partnerCode": "842", "partnerISO": "USA", "netWgt": "", "qty": "70", "qtyUnitCode": "5"},
        {"partnerCode": "251", "partnerISO": "FRA", "cmdCode": "2805.30"},
        {"partnerCode": "276", "partnerISO": "DEU", "classificationCode": "H6", "isReported": "false"},
    )
    found = import_data("comtrade", [path], tmp_path / "out", Choices("repair"))
    assert found["editions"] == {"HS1992": 3, "HS2022": 1}
    assert kinds(found)["no_quantity"] == ("tell", 1)
    assert kinds(found)["hs_dots"] == ("repair", 1)
    assert kinds(found)["estimated_by_source"] == ("tell", 1)
    rows = {row["exporter"]: row["quantity_t"] for row in read(tmp_path / "out")}
    assert rows == {"TWN": 0.07, "USA": None, "FRA": 1.0}


# --- templates, properties, size ------------------------------------------------------------------


@pytest.mark.parametrize("kind", LAYOUTS)
def test_each_template_passes_its_own_checker(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "template.csv"
    path.write_text(template(kind), "utf-8")
    found = import_data(kind, [path], tmp_path / "out", Choices(edition="HS92" if kind == "baci" else ""))
    assert found["rows_read"] == 2
    assert not found["repaired"]
    assert not found["dropped"]


LANE = st.tuples(st.sampled_from([156, 842, 490, 276]), st.sampled_from([392, 410, 251]))


@settings(max_examples=15)
@given(st.dictionaries(LANE, st.tuples(st.integers(1, 10**9), st.integers(0, 10**9) | st.none()), min_size=1))
def test_what_is_written_is_what_the_store_reads(
    tmp_path_factory: pytest.TempPathFactory, lanes: dict[tuple[int, int], tuple[int, int | None]]
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    rows = [
        f"2024,{i},{j},280530,{usd / 1000:.3f},{'NA' if kg is None else f'{kg / 1000:.3f}'}"
        for (i, j), (usd, kg) in lanes.items()
    ]
    import_data("baci", [write(folder, *rows)], folder / "out")
    numbers = {row["code"]: row["iso3"] for row in store.countries().to_pylist()}
    wanted = {
        (numbers[i], numbers[j]): (usd / 1e3, None if kg is None else kg / 1e3)
        for (i, j), (usd, kg) in lanes.items()
    }
    table = store.trade(["280530"], 2024, folder / "out").to_pylist()
    found = {(row["exporter"], row["importer"]): (row["value_kusd"], row["quantity_t"]) for row in table}
    assert found == wanted


@given(st.binary(max_size=400))
def test_any_bytes_are_told_or_read_never_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    path = folder / "x.csv"
    path.write_bytes(b"t,i,j,k,v,q\n" + content)
    try:
        text = reading.survey(path, BACI, folder)
    except TableError as error:
        said = str(error)
    else:
        said = f"{path} {text.size_bytes}"
    assert str(path) in said


@pytest.mark.skipif(not os.environ.get("KANAME_SLOW"), reason="slow: set KANAME_SLOW=1 for 300 MB of CSV")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for rows in (100_000, 10_000_000):
        path = tmp_path / NAME
        with duckdb.connect() as connection:
            connection.execute(
                "copy (select 1970 + range // 899999 as t, 156 as i, 392 as j, 100000 + range % 899999 as k,"
                f" range * 0.001 as v, range * 0.002 as q from range({rows})) to '{path}' (header)"
            )
        code = (
            "import resource, sys; from pathlib import Path;"
            "from kaname.data.sources.imports import import_data, Choices;"
            "c = Choices(hs=('1000',));"
            "r = import_data('baci', [Path(sys.argv[1])], Path(sys.argv[2]), c);"
            "print(r['rows_read'], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
        )
        line = [sys.executable, "-c", code, str(path), str(tmp_path / "out")]
        done = subprocess.run(line, capture_output=True, text=True, check=True)
        read, peak = map(int, done.stdout.split())
        assert read == rows
        peaks.append(peak)
    assert peaks[1] < peaks[0] + 700, "MB; the bound of the database is 500"
