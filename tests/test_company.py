"""What a company depends on: shares that add up, nothing guessed; the commands on good and bad files."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from kaname import cli
from kaname.baseline import Baseline
from kaname.company import CompanyExposure, ItemRow, company_exposure
from kaname.data.sources.layouts import LAYOUTS, template
from kaname.scenario.origin import origin_shares
from kaname.terms.errors import InputError

BOM = "item,name,product,hs,quantity_per_year,unit,supplier,country,share,stock_days,lead_time_days\n"
SUPPLIERS = "supplier,country,item,product,hs,share,origin_country,lead_time_days\n"


class Company:
    """Writes the two files and asks."""

    def __init__(self, folder: Path, baseline: Baseline) -> None:
        self.folder, self.baseline = folder, baseline

    def __call__(
        self, bom: str, suppliers: str = "", market: str = "JPN", to: str = "CHN"
    ) -> CompanyExposure:
        (self.folder / "bom.csv").write_text(BOM + bom, "utf-8")
        listed = self.folder / "suppliers.csv"
        listed.write_text(SUPPLIERS + suppliers, "utf-8")
        found = listed if suppliers else None
        return company_exposure(self.folder / "bom.csv", to, market, found, self.baseline)

    def row(self, bom: str, suppliers: str = "") -> ItemRow:
        (row,) = self(bom, suppliers).rows
        return row


@pytest.fixture
def company(tmp_path: Path, baseline: Baseline) -> Company:
    return Company(tmp_path, baseline)


def test_direct_and_known_origins_need_no_model(company: Company) -> None:
    row = company.row("A,,magnets,,1,t,X,,0.5,30,\nA,,,,,,Y,,0.3,,\n", "X,CHN,,,,,,\nY,JPN,,,,,CHN,90\n")
    assert row.direct_share == pytest.approx(0.5)
    assert row.second_tier_share == pytest.approx(0.3)
    assert row.unknown_share == pytest.approx(0.2)
    assert row.dependent_share == pytest.approx(0.8)
    assert row.dependent_high_share == pytest.approx(1.0)
    assert row.days_left == pytest.approx(30 / 0.8)
    assert (row.lead_time_days, row.lead_time_basis) == (90.0, "given")
    assert row.gap_days == pytest.approx(90 - 30 / 0.8)
    assert (row.suppliers, row.countries, row.single_source) == (2, 2, False)


def test_the_second_tier_is_that_of_the_network(company: Company, baseline: Baseline) -> None:
    net = baseline.build.network
    country = np.array([market.country for market in net.markets])
    share = origin_shares(net, country == "CHN", np.array([p.unit == "t" for p in net.products]))
    lane = (
        (net.supplier_product[net.lane_supplier] == net.product_index("magnets"))
        & (country[net.supplier_market[net.lane_supplier]] == "VNM")
        & (country[net.consumer_market[net.lane_consumer]] == "JPN")
    )
    flow = net.lane_flow[lane]
    assert flow.sum() > 0.0
    expected = float((share[net.lane_supplier[lane]] * flow).sum() / flow.sum())
    row = company.row("A,,magnets,,1,t,X,VNM,1,30,\n")
    assert (row.direct_share, row.unknown_share) == (0.0, 0.0)
    assert row.second_tier_share == pytest.approx(expected)
    assert any("modelled" in flag for flag in row.flags)


@pytest.mark.parametrize(
    ("bom", "flag"),
    [
        ("A,,magnets,,1,t,,,,30,\n", "a supplier without a country"),
        ("A,,magnets,,1,t,X,,1,30,\n", "a supplier without a country"),
        ("A,,magnets,,1,t,X,CHN,,30,\nA,,,,,,Y,VNM,,,\n", "2 suppliers without a share"),
        ("A,,,999999,1,t,X,VNM,1,30,\n", "holds no product of HS 999999"),
        ("A,blue paint,,,1,t,X,VNM,1,30,\n", "matches no product"),
    ],
)
def test_what_nobody_knows_is_unknown_and_not_safe(company: Company, bom: str, flag: str) -> None:
    row = company.row(bom)
    assert row.unknown_share == 1.0
    assert (row.direct_share, row.second_tier_share, row.dependent_share, row.days_left) == (None,) * 4
    assert row.dependent_high_share == 1.0
    assert any(flag in one for one in row.flags), row.flags


def test_unmatched_items_still_have_direct_shares(company: Company) -> None:
    row = company.row("A,blue paint,,,1,pcs,X,CHN,1,10,\n")
    assert (row.direct_share, row.days_left, row.products, row.quantity_t) == (1.0, 10.0, (), None)


def test_the_sentence_counts_and_names_the_first(company: Company) -> None:
    found = company(
        "A,,magnets,,1,t,X,CHN,1,50,\nB,,magnets,,1,t,X,CHN,0.6,12,\n"
        "C,,magnets,,1,t,Z,DEU,0.2,5,\nD,paint,,,,,,,,,\n"
    )
    assert found.sentence.startswith("2 of 4 items depend on China for more than half; ")
    assert "2 more could" in found.sentence
    assert "1 could not be matched" in found.sentence
    left = {row.item: row.days_left for row in found.rows if row.days_left is not None}
    first = min(left, key=lambda item: left[item])
    assert f"the first that would run out is {first}, after {left[first]:,.0f} days" in found.sentence
    assert found.rows[0].item == "A"


def test_no_stock_is_no_date(company: Company) -> None:
    found = company("A,,magnets,,1,t,X,CHN,1,,\n")
    assert "no stock is given" in found.sentence
    assert found.rows[0].days_left is None


def test_the_supplier_list_goes_from_the_item_to_the_supplier(company: Company) -> None:
    row = company.row("A,,magnets,,1,t,X,CHN,,30,\n", "X,VNM,,,,,,\nX,JPN,,magnets,,1,CHN,\nX,CHN,B,,,1,,\n")
    assert (row.direct_share, row.second_tier_share) == (0.0, 1.0)
    assert any("the supplier list is used" in flag for flag in row.flags)
    other = company.row("A,,magnets,,1,t,Y,CHN,1,30,\n", "X,VNM,,,,,,\n")
    assert any("Y is not in the supplier list" in flag for flag in other.flags)


SHARES = st.lists(
    st.tuples(st.sampled_from(["CHN", "VNM", "DEU", "JPN", ""]), st.integers(0, 30)), min_size=1, max_size=5
)


@given(SHARES)
def test_shares_stay_shares(
    tmp_path_factory: pytest.TempPathFactory, baseline: Baseline, parts: list[tuple[str, int]]
) -> None:
    lines = [f"A,,magnets,,,,S{i},{place},{share / 150:.4f},20," for i, (place, share) in enumerate(parts)]
    row = Company(tmp_path_factory.mktemp("shares"), baseline).row("\n".join(lines) + "\n")
    assert 0.0 <= row.unknown_share <= 1.0
    known = 1.0 - row.unknown_share
    if row.dependent_share is not None:
        assert row.dependent_share <= known + 1e-9
        direct = sum(share / 150 for place, share in parts if place == "CHN")
        assert row.direct_share == pytest.approx(direct, abs=1e-3)
        assert row.days_left is None or row.days_left >= 20.0 - 1e-6
    assert row.dependent_high_share == pytest.approx(
        min(1.0, (row.dependent_share or 0.0) + row.unknown_share)
    )


def test_names_are_checked(company: Company) -> None:
    with pytest.raises(InputError, match="itself"):
        company("A,,magnets,,1,t,X,CHN,1,,\n", market="CHN")
    with pytest.raises(InputError, match="--to: unknown country"):
        company("A,,magnets,,1,t,X,CHN,1,,\n", to="Chinaa")


# --- the commands ---------------------------------------------------------------------------------


class Kaname:
    """The program, called in this process."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.patch, self.capsys = patch, capsys

    def __call__(self, *words: object) -> tuple[int, str, str]:
        self.patch.setattr(sys, "argv", ["kaname", *map(str, words)])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        found = self.capsys.readouterr()
        assert isinstance(stop.value.code, int | None)
        return stop.value.code or 0, found.out, found.err


@pytest.fixture
def kaname(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Kaname:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    return Kaname(monkeypatch, capsys)


def test_a_company_asks_in_three_forms(kaname: Kaname, tmp_path: Path) -> None:
    for kind in ("bom", "suppliers"):
        code, out, _ = kaname("data", "template", kind)
        assert code == 0
        Path(f"{kind}.csv").write_text(out, "utf-8")
    words = ("exposure", "--bom", "bom.csv", "--suppliers", "suppliers.csv", "--market", "JPN", "--to", "CHN")
    code, out, err = kaname(*words)
    assert (code, err) == (0, "")
    assert out.splitlines()[0].endswith(".")
    assert "M-100" in out
    found = json.loads(kaname(*words, "--json")[1])
    assert set(found) == {"market", "to", "sentence", "items", "findings"}
    rows = list(csv.DictReader(io.StringIO(kaname(*words, "--csv")[1])))
    assert [row["item"] for row in rows] == [item["item"] for item in found["items"]]
    assert kaname("exposure", "Japan", "--bom", "bom.csv", "--to", "China")[0] == 0


def test_a_workbook_answers_too(kaname: Kaname) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in template("bom").splitlines():
        sheet.append(next(csv.reader([line])))
    book.save("bom.xlsx")
    code, out, err = kaname("exposure", "--bom", "bom.xlsx", "--market", "JPN", "--to", "CHN", "--json")
    assert (code, err) == (0, "")
    assert len(json.loads(out)["items"]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--bom", "bom.csv", "--to", "CHN"], "nothing says which market"),
        (["--to", "CHN"], "nothing says which market"),
        (["JPN", "--to", "CHN", "--suppliers", "s.csv"], "needs a bill of materials"),
        (["JPN", "--to", "CHN", "--bom", "none.csv"], "no such file"),
        (["JPN", "--to", "CHN", "--bom", "bom.csv", "--on-fault", "maybe"], "unknown choice"),
        (["JPN", "--to", "CHN", "--data", "nowhere"], "not a data folder"),
    ],
)
def test_what_cannot_be_answered(kaname: Kaname, words: list[str], said: str) -> None:
    Path("bom.csv").write_text(template("bom"), "utf-8")
    code, out, err = kaname("exposure", *words)
    assert code in {2, 3}
    assert (out, "Traceback" in err) == ("", False)
    assert said in err


HS92 = ("--edition", "HS92")
BROKEN: dict[str, dict[str, bytes]] = {
    "columns": {"all": b"colour,shape\nred,round\n"},
    "empty": {"all": b""},
    "header only": {"all": b""},
    "units": {
        "usgs": b"Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value\n"
        b"World,Tin,Peru,Production,Mine production,metric tonz,2024,5\n",
        "bom": BOM.encode() + b"A,,magnets,,1,kgg,,,,,\n",
    },
    "numbers": {
        "baci": b't,i,j,k,v,q\n2024,156,392,280530,"1,234",1\n',
        "bom": BOM.encode() + b'A,,magnets,,"1,234",kg,,,,,\n',
        "suppliers": SUPPLIERS.encode() + b"X,CHN,A,,,lots,,\n",
    },
    "duplicates": {
        "baci": b"t,i,j,k,v,q\n2024,156,392,280530,1,1\n2024,156,392,280530,2,1\n",
        "bom": BOM.encode() + b"A,,magnets,,1,kg,X,,,,\nA,,magnets,,2,kg,X,,,,\n",
        "suppliers": SUPPLIERS.encode() + b"X,CHN,A,,,1,,\nX,CHN,A,,,0.5,,\n",
    },
    "codes": {
        "baci": b"t,i,j,k,v,q\n2024,999,392,280530,1,1\n",
        "comtrade": b"refYear,reporterCode,flowCode,partnerCode,cmdCode,primaryValue\n"
        b"2024,392,M,7777,280530,5\n",
        "bom": BOM.encode() + b"A,,magnits,,1,kg,,,,,\n",
        "suppliers": SUPPLIERS.encode() + b"X,Chinaa,A,,,1,,\n",
        "usgs": b"Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value\n"
        b"World,Tin,Perru,Production,Mine production,metric tons,2024,5\n",
    },
}
CASES = [
    (fault, kind, content)
    for fault, by_kind in BROKEN.items()
    for kind in (LAYOUTS if "all" in by_kind else by_kind)
    for content in [by_kind.get("all", by_kind.get(kind, b""))]
]


@pytest.mark.parametrize(("fault", "kind", "content"), CASES, ids=lambda value: str(value)[:12])
def test_bad_files_are_refused_whole(kaname: Kaname, fault: str, kind: str, content: bytes) -> None:
    if fault == "header only":
        content = template(kind).splitlines()[0].encode() + b"\n"
    Path("mine.csv").write_bytes(content)
    code, out, err = kaname(
        "data", "import", kind, "mine.csv", "--out", "made", *(HS92 if kind == "baci" else ())
    )
    assert (code, out) == (2, "")
    assert err.startswith("kaname: mine.csv")
    assert "Traceback" not in err
    assert [path.name for path in Path().iterdir()] == ["mine.csv"]
    words = ("data", "import", kind, "mine.csv", "--out", "made", "--json", *(HS92 if kind == "baci" else ()))
    problems = json.loads(kaname(*words)[1])["problems"]
    assert all(problem["what"] and problem["where"] for problem in problems)


@pytest.mark.parametrize("kind", LAYOUTS)
def test_good_files_become_folders(kaname: Kaname, kind: str) -> None:
    Path("mine.csv").write_text(template(kind), "utf-8")
    extra = HS92 if kind == "baci" else ()
    code, out, err = kaname("data", "import", kind, "mine.csv", "--out", "made", *extra)
    assert (code, err) == (0, "")
    assert out.rstrip().endswith("Written: made")
    found: dict[str, Any] = json.loads(Path("made/provenance.json").read_text("utf-8"))
    assert found["rows_read"] == 2
    code, out, err = kaname(
        "exposure", "JPN", "--to", "CHN", "--data", "made", "--product", "280530", "--json"
    )
    if kind in {"baci", "comtrade"}:
        (row,) = json.loads(out)
        assert row["import_share"] == 1.0
        assert any("from the embedded data" in flag for flag in row["flags"])
    else:
        assert code == 3
        error = json.loads(out)
        assert f"the folder holds {kind}" in error["problems"][0]["what"]


def test_a_repair_is_told(kaname: Kaname) -> None:
    Path("mine.csv").write_text("t,i,j,k,v,q\n2024,840,392,280530,1,1\n2024,156,392,2805,1,1\n", "utf-8")
    words = ("data", "import", "baci", "mine.csv", "--out", "made", *HS92, "--on-fault", "repair")
    code, out, _ = kaname(*words)
    assert code == 0
    assert "repair: column i: an ISO number" in out
    assert "drop: column k: the cell is not an HS code (1)" in out
