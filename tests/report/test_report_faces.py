"""Page, terminal brief and exports: the same model, three faces."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import re
import zipfile
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import openpyxl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from report_sample import case, sample_model
from rich.console import Console

from kaname.report.chartspec import Bar, BarSpec, HeatSpec
from kaname.report.export import export_files, guarded
from kaname.report.model import AssumptionRow, BasisShares, CaseView, CauseNode, ReportModel
from kaname.report.page import flat, render_html
from kaname.report.reading import by_onset, citation, first_row, start_of, worst_row
from kaname.report.terminal import print_brief
from kaname.scenario.ranges import Evidence
from kaname.terms.errors import InputError, OutputError
from kaname.terms.numerals import NONE, day, money, percent, plain, value_text, weeks

VOID = {"meta", "link", "br", "hr", "img", "input", "base"}
EVIL = "</td><script>alert(1)</script><img src=x onerror=alert(2)>\"'"
EMPTY = ReportModel("t", "h", "", "", (), (), None, None, None, (), (), (), (), (), ())


class Page(HTMLParser):
    """Reads a page: elements with attributes, texts by element; fails on tags that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(html)
        assert not self.open, f"unclosed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, {k: v or "" for k, v in attrs}))
        self.texts.setdefault(tag, []).append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(sample_model())


def evil_model() -> ReportModel:
    """Return a model whose every text tries to break out."""
    model = sample_model()
    one = replace(
        case(1),
        id=EVIL,
        title=EVIL,
        sentence=EVIL,
        description=EVIL,
        depends_on=(EVIL,),
        why=((EVIL, CauseNode(EVIL, 1.0, 1.0, EVIL, EVIL, (CauseNode(EVIL, 1.0, 1.0, EVIL, EVIL),))),),
        evidence=(AssumptionRow(EVIL, EVIL, EVIL, EVIL, EVIL),),
    )
    rows = tuple(
        replace(row, market_name=EVIL, product_name=EVIL, stage=EVIL, basis=EVIL) for row in one.rows
    )
    return replace(
        model,
        title=EVIL,
        headline=EVIL,
        question=EVIL,
        subtitle=EVIL,
        answers=((EVIL, EVIL),),
        cases=(replace(one, rows=rows),),
        exposure_rows=({EVIL: EVIL, "product": EVIL, "basis": EVIL},),
        flags=(EVIL,),
        limits=(EVIL,),
        sources=(replace(model.sources[0], name=EVIL, sha256=EVIL),),
        manifest={EVIL: {EVIL: EVIL}},
    )


def test_page_nests_and_its_headings_go_down_in_order(html: str) -> None:
    page = Page(html)
    levels = [int(tag[1]) for tag, _ in page.seen if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    ids = [attrs["id"] for _, attrs in page.seen if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in page.seen:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(attrs.get(name, "").split()) <= set(ids)
        if attrs.get("href", "").startswith("#"):
            assert attrs["href"][1:] in ids


def test_page_says_the_answer_first(html: str) -> None:
    model, page = sample_model(), Page(html)
    assert page.texts["h1"] == [model.headline]
    text = " ".join(page.texts["main"])
    places = [text.index(said) for said in (model.answers[0][1], model.cases[0].sentence, model.limits[0])]
    assert places == sorted(places)
    for one in model.cases:
        assert one.sentence in text
        assert money(one.value_kusd) in text
    for source in model.sources:
        assert source.sha256 in text
        assert source.licence in text
    assert model.manifest["hashes"]["network"] in text


def test_every_table_has_a_caption_and_every_header_a_scope(html: str) -> None:
    page = Page(html)
    tables = [tag for tag, _ in page.seen if tag == "table"]
    assert len(tables) > 20
    assert len([tag for tag, _ in page.seen if tag == "caption"]) == len(tables)
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in page.seen if tag == "th")
    figures = [tag for tag, _ in page.seen if tag == "figure"]
    assert html.count("<summary>Table<") == len(figures)


def test_page_asks_for_nothing_outside_and_its_policy_holds(html: str) -> None:
    assert not re.findall(r"https?:|//[a-z]", html)
    assert " style=" not in html
    assert not re.search(r"<[^>]* on\w+=", html)
    page = Page(html)
    policy = next(
        a["content"] for t, a in page.seen if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        blocks = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert len(blocks) == 1
        digest = base64.b64encode(hashlib.sha256(blocks[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_page_comes_out_the_same(html: str) -> None:
    assert html == render_html(sample_model())


def test_page_escapes_everything() -> None:
    page = Page(render_html(evil_model()))
    assert len([tag for tag, _ in page.seen if tag == "script"]) == 1
    assert not any(tag == "img" for tag, _ in page.seen)
    assert page.texts["h1"] == [EVIL]


def test_empty_report_is_still_a_page() -> None:
    page = Page(render_html(EMPTY))
    assert "No manifest." in " ".join(page.texts["main"])
    bare = CaseView("c", "c", "", "", (), (), 0.0, 0.0, 0.0, 0.0, BasisShares(1, 0, 0), ())
    text = " ".join(Page(render_html(replace(EMPTY, cases=(bare,)))).texts["main"])
    assert "none within the horizon" in text


def test_page_refuses_nan() -> None:
    with pytest.raises(InputError):
        render_html(replace(EMPTY, case_bars=BarSpec("b", "", (Bar("a", float("nan")),), "t")))


def test_numbers_carry_their_basis(html: str) -> None:
    assert re.search(r'<span class="v modelled" title="modelled">USD', html)
    assert re.search(r'<span class="v assumed" title="assumed">17', html)
    assert re.search(r'<span class="v observed" title="observed">62\.0', html)


def test_why_shows_every_share_and_what_they_sum_to(html: str) -> None:
    assert f"Causes {percent(1.12)}, offsets {percent(-0.12)}: together {percent(1.0)}." in html
    assert "National reserve released" in html


def test_reading_of_a_case() -> None:
    one = case(2)
    assert start_of(one) == "2026-01-06"
    assert start_of(replace(one, timelines=())) == "2026-01-06"
    assert start_of(replace(one, timelines=(), rows=())) is None
    first, worst = first_row(one), worst_row(one)
    assert first is not None
    assert worst is not None
    assert first.first_shortfall_date == min(
        r.first_shortfall_date for r in one.rows if r.first_shortfall_date
    )
    assert worst.worst_share == min(r.worst_share for r in one.rows)


def test_how_values_are_written() -> None:
    said = [percent(v).replace("\xa0", " ") for v in (0.62, 0.0, 0.004, 0.00001, 0.997, -0.12, None)]
    assert said == ["62 %", "0 %", "0.4 %", "<0.1 %", "99.7 %", "−12 %", NONE]
    assert percent(0.62, 1) == "62.0\xa0%"
    amounts = [
        money(v).replace("\xa0", " ") for v in (0.0, 12.0, 320_000, 4_900_000, 999_999.9, 2.5e9, -8e6, None)
    ]
    assert amounts == [
        "USD 0",
        "USD 12 k",
        "USD 320 m",
        "USD 4.90 bn",
        "USD 1.00 bn",
        "USD 2.50 trn",
        "−USD 8.00 bn",
        NONE,
    ]
    assert day("2026-02-17") == "17\xa0Feb\xa02026"
    assert day(None) == NONE
    assert day("soon") == "soon"
    assert weeks("2026-02-03", "2026-03-20", "2026-01-06") == "week\xa05–11"
    assert weeks("2026-02-03", None, "2026-01-06") == "week\xa05 or later"
    assert weeks(None, None, "2026-01-06") == ""
    assert [plain(v) for v in (1240.0, 0.49, 12.34, -5.0, 0.0)] == ["1,240", "0.49", "12.3", "−5", "0"]
    assert value_text(float("nan"), "t") == NONE
    units = {
        "USD bn": 3.42,
        "kUSD": 3.42e6,
        "% of undisturbed use": 12.4,
        "share of imports": 0.62,
        "t": 1240.0,
    }
    said = [value_text(value, unit).replace("\xa0", " ") for unit, value in units.items()]
    assert said == ["USD 3.42 bn", "USD 3.42 bn", "12 %", "62 %", "1,240 t"]


def brief(model: ReportModel, width: int = 80) -> str:
    """Return the brief as the terminal shows it without colours."""
    console = Console(width=width, no_color=True, file=io.StringIO(), force_terminal=True)
    print_brief(model, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_terminal_brief_fits_80_columns_and_says_the_answer_first() -> None:
    model = sample_model()
    shown = re.sub(r"\x1b\[[0-9;]*m", "", brief(model))
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert " ".join(shown.split()).startswith(model.headline)
    for one in model.cases:
        assert one.title in shown
        assert money(one.value_kusd) in shown
    assert "█" in shown
    assert "Depends on: days of magnet stock" in shown


def test_terminal_compares_makers_by_case_in_a_matrix() -> None:
    heat = HeatSpec(
        "Until when each maker can be fed",
        "",
        ("Magnets, Japan", "Motors, Japan"),
        ("Ban", "Full stop"),
        ((0.0, 0.4), (0.1, 0.2)),
        "share",
        (("fed", "week 31\n21\N{EN DASH}49, 87 %"), ("fed in 75 %\nof draws", "week 8\n7\N{EN DASH}9, 60 %")),
    )
    model = replace(sample_model(), heat=heat, lede=("It depends on stocks.",))
    shown = re.sub(r"\x1b\[[0-9;]*m", "", brief(model))
    assert "It depends on stocks." in shown
    assert re.search(r"Magnets, Japan +- +31", shown)
    assert re.search(r"Motors, Japan +\(-\) +8", shown)
    assert "A: Ban" in shown
    html = render_html(model)
    assert "week 31" in html
    assert "It depends on stocks." in html


def test_terminal_brief_has_no_colour_where_colours_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", brief(sample_model()))


def test_terminal_takes_brackets_as_text() -> None:
    model = replace(EMPTY, headline="[red]x[/red] [/]", answers=(("[bold]a", "[/b]"),))
    assert "[red]x[/red] [/]" in brief(model)


DANGER = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1")


def tables() -> dict[str, pa.Table]:
    """Return two result tables with units, missing values and text that spreadsheets would run."""
    schema = pa.schema(
        [
            pa.field("market", pa.string()),
            pa.field("use_t", pa.float64(), metadata={"unit": "t"}),
            pa.field("days", pa.int64(), metadata={"unit": "days"}),
            pa.field("when", pa.date32()),
            pa.field("=evil()", pa.list_(pa.string())),
        ]
    )
    rows = {
        "market": [*DANGER, None],
        "use_t": [1.5, None, float("nan"), float("inf"), 0.0, -2.0, 3.0, 4.0, 5.0],
        "days": [1, None, 3, 4, 5, 6, 7, 8, 9],
        "when": [None] * 9,
        "=evil()": [["a"], None, [], ["=b"], None, None, None, None, None],
    }
    other = pa.table({"x": pa.array([1.0], pa.float64())})
    return {"shortfalls": pa.table(rows, schema=schema), "a_very_long_table_name_beyond_the_limit": other}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return export_files(sample_model(), tables())


def test_exports_hold_every_table_and_chart(files: dict[str, bytes]) -> None:
    assert {"results/shortfalls.parquet", "results/shortfalls.csv", "results.xlsx"} <= set(files)
    charts = [name for name in files if name.startswith("charts/")]
    assert len(charts) == 3 + 4 * 5
    assert all(files[name].startswith(b"<svg") and b"prefers-color-scheme" in files[name] for name in charts)


def test_parquet_keeps_values_and_units(files: dict[str, bytes]) -> None:
    back = pq.read_table(io.BytesIO(files["results/shortfalls.parquet"]))
    assert back.schema.field("use_t").metadata[b"unit"] == b"t"
    assert back.column("market").to_pylist()[:3] == list(DANGER[:3])  # not a spreadsheet: nothing is changed


def test_csv_cells_are_no_formulas(files: dict[str, bytes]) -> None:
    back = pa_csv.read_csv(
        io.BytesIO(files["results/shortfalls.csv"]),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
    )
    assert back.column_names[4] == "'=evil()"
    assert back.column("market").to_pylist()[:5] == ["'" + text for text in DANGER[:5]]
    assert back.column("use_t").to_pylist()[5] == -2.0


def test_workbook_has_no_formula_and_its_extra_sheets(files: dict[str, bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files["results.xlsx"]))
    assert book.sheetnames == [
        "a_very_long_table_name_beyond_t",
        "shortfalls",
        "units",
        "sources",
        "assumptions",
    ]
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
            assert not any(isinstance(cell.value, str) and cell.value.startswith(("=", "@")) for cell in row)
    sheet = book["shortfalls"]
    assert sheet["A2"].value == "'=1+1"
    assert sheet["B3"].value is None  # missing stays missing
    assert sheet["B4"].value == "nan"
    assert sheet["B7"].value == -2.0
    units = {(row[0].value, row[1].value): row[2].value for row in book["units"].iter_rows(min_row=2)}
    assert units[("shortfalls", "use_t")] == "t"
    assert [row[0].value for row in book["sources"].iter_rows(min_row=2)] == [
        s.name for s in sample_model().sources
    ]
    with zipfile.ZipFile(io.BytesIO(files["results.xlsx"])) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


def test_exports_come_out_the_same(files: dict[str, bytes]) -> None:
    assert export_files(sample_model(), tables()) == files


@pytest.mark.parametrize("name", ["../x", "", "a/b", "x" * 61, "-a", "a.b"])
def test_table_names_that_are_no_file_names_are_refused(name: str) -> None:
    with pytest.raises(OutputError):
        export_files(EMPTY, {name: pa.table({"x": [1]})})


def test_tables_that_differ_only_in_case_get_two_sheets() -> None:
    two = {"Rows": pa.table({"x": [1]}), "rows": pa.table({"x": [2]}), "units": pa.table({"x": [3]})}
    book = openpyxl.load_workbook(io.BytesIO(export_files(EMPTY, two)["results.xlsx"]))
    assert book.sheetnames == ["Rows", "rows-2", "units", "units-2", "sources", "assumptions"]


def test_guard_leaves_plain_text_alone() -> None:
    assert guarded("Japan") == "Japan"
    assert guarded("") == ""
    assert all(guarded(text) == "'" + text for text in DANGER)


def test_flat_manifest() -> None:
    assert flat({"a": {"b": 1, "c": [1, 2]}, "d": None}) == [("a.b", "1"), ("a.c", "1, 2"), ("d", "None")]


def test_exposure_table_puts_shared_keys_in_the_caption_and_folds_notes() -> None:
    row = {"market": "JPN", "to": "CHN", "year": 2024, "name": "Flake", "product": "flake", "hs": "250410"}
    rows = tuple(
        {**row, "import_share": share, "flags": notes} for share, notes in ((0.838, ("a", "b")), (None, ()))
    )
    page = Page(render_html(replace(EMPTY, exposure_rows=rows)))
    assert "Exposure by product: importer Japan, supplier China, year 2024" in page.texts["caption"]
    assert "2 notes" in page.texts["summary"]
    cells = [text.replace("\xa0", " ") for text in page.texts["td"]]
    assert {"83.8 %", "no data", "none"} <= set(cells)
    two = ({**row, "market": "USA"}, row)
    assert "Importer" in Page(render_html(replace(EMPTY, exposure_rows=two))).texts["th"]


def test_long_lists_fold_and_lose_nothing() -> None:
    many = tuple((f"maker {i}", f"fed until week {i}") for i in range(30))
    flags = tuple(f"flag number {i}" for i in range(30))
    rows = tuple(replace(case(2).rows[0], product_name=f"product {i}") for i in range(30))
    one = replace(case(2), rows=rows)
    text = " ".join(Page(render_html(replace(EMPTY, answers=many, flags=flags, cases=(one,)))).texts["main"])
    for said in (*(name for name, _ in many), *flags, *(row.product_name for row in rows)):
        assert said in text


def test_evidence_is_cited_in_one_line() -> None:
    whole = Evidence(source="USGS", page="p. 3", url="https://example.org", date=date(2026, 1, 16))
    assert citation(whole) == "USGS: p. 3; https://example.org; 2026-01-16"
    assert citation(Evidence(source="assumed: a guess")) == "assumed: a guess"


def test_of_shortfalls_on_one_day_the_largest_loss_comes_first() -> None:
    """The sentence, the cards and the table name the same product as the first to run short."""
    one = case(2)
    row = next(r for r in one.rows if r.first_shortfall_date)
    light = replace(row, market="AAA", product="a", lost_output_share=0.1)
    heavy = replace(row, market="ZZZ", product="z", lost_output_share=0.9)
    never = replace(row, product="n", first_shortfall_date=None, lost_output_share=1.0)
    assert by_onset((never, light, heavy)) == [heavy, light, never]
    assert first_row(replace(one, rows=(never, light, heavy))) == heavy
