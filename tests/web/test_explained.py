"""Every number that leads somewhere leads to itself: same value, how it is made, what goes into it."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sites import ROOT, Site
from typer.testing import CliRunner

import kaname
from kaname import cli
from kaname.baseline import Baseline
from kaname.explaining import explain, told
from kaname.report import stored
from kaname.report.address import linked, of, unlinked
from kaname.report.explained import explained
from kaname.report.formulas import FORMULAS, NAMES, SAME
from kaname.report.markup import number
from kaname.report.model import ReportModel
from kaname.report.reading import who
from kaname.report.search import load_record, search_view
from kaname.terms.errors import DataMissing
from kaname.terms.language import LANGUAGES, speaking
from kaname.web.words import say

BASES = {"observed", "reported", "estimated", "modelled", "assumed", "cited"}
MARKED = re.compile(r'<span class="v [a-z]+" title="[^"]*"[^>]*>([^<]*)</span>')
LEGEND = {"observed", "modelled", "assumed"}
CASE, PLAN = "3-full-stop-japan", "5-full-stop-japan-answered"
LINK = re.compile(r'<a class="v [a-z]+" title="[a-z]+" href="(/explain[^"]*)">([^<]*)</a>')


def numbers_of(site: Site, path: str) -> list[tuple[str, str, str]]:
    """Return (case, address, text) of every number of a page that leads to its reasons."""
    found = []
    for href, text in LINK.findall(site.ask(path)[2].decode()):
        query = parse_qs(urlsplit(html.unescape(href)).query)
        assert query["run"] == ["small"]
        found.append((query.get("case", [CASE])[0], query.get("what", ["value"])[0], html.unescape(text)))
    return found


@pytest.fixture(scope="module")
def model(site: Site) -> ReportModel:
    return stored.load(site.ask("/api/v1/runs/small/report")[2], "small")


PAGES = {
    "/?run=small": {"value", "shortfall", "plan"},
    "/shortages?run=small": {"value", "shortfall", "maker"},
    "/responses?run=small": {
        *("value", "plan", "measure", "payer", "restored"),
        *("ally", "worth", "bought", "compared", "left", "part", "paid", "regret"),
    },
    "/network?run=small": {"exposure", "node"},
    "/method?run=small": {"record"},
}


@pytest.mark.parametrize(("path", "kinds"), PAGES.items())
def test_a_number_of_a_page_is_explained_as_itself(
    site: Site, model: ReportModel, baseline: Baseline, path: str, kinds: set[str]
) -> None:
    found = numbers_of(site, path)
    assert {what.partition(":")[0] for _, what, _ in found} >= kinds
    for case, what, text in found:
        behind = explain(model, case, what, lambda: baseline.build.network)
        assert behind.text == text or behind.text.startswith(f"{text} "), what
        for language in LANGUAGES:
            with speaking(language):
                assert behind.name
                assert behind.made
        assert all(one.text and one.basis in BASES for one in behind.inputs)


@pytest.mark.parametrize("path", PAGES)
def test_no_number_of_a_page_leads_nowhere(site: Site, path: str) -> None:
    """What is marked as a number is a link, but for the legend."""
    left = [html.unescape(text) for text in MARKED.findall(site.ask(path)[2].decode())]
    assert [text for text in left if text not in LEGEND] == []


def test_every_kind_of_number_has_a_name_and_a_formula_of_its_own_or_of_another() -> None:
    assert set(NAMES) == set(FORMULAS) | set(SAME)
    assert not set(FORMULAS) & set(SAME)
    assert set(SAME.values()) <= set(FORMULAS)


def test_the_report_alone_leads_nowhere(site: Site) -> None:
    page = (site.folder / "small" / "report.html").read_text(encoding="utf-8")
    assert "data-of" not in page
    assert "/explain" not in page


def test_a_cell_with_odd_letters_is_linked_and_unlinked() -> None:
    mark = number("<1 & 2", "modelled", of('a"b', "x", "<y>"))
    made = linked(mark, lambda case, what: f"/e?{case}|{what}")
    assert made == '<a class="v modelled" title="modelled" href="/e?a&quot;b|x:&lt;y&gt;">&lt;1 &amp; 2</a>'
    assert unlinked(mark) == number("<1 & 2", "modelled")


@pytest.mark.parametrize(
    ("case", "what"),
    [
        ("none", "value"), (CASE, "value:x"), (CASE, "nothing"), (CASE, ""), (CASE, "shortfall"),
        (CASE, "shortfall:JPN:magnets:colour"), (CASE, "shortfall:XXX:magnets:worst"),
        (CASE, "exposure:JPN:CHN:magnets:name"),
        (CASE, "exposure:JPN:CHN:magnets:999999:hhi"), (CASE, "exposure:JPN"), (PLAN, "measure:none:cost"),
        (PLAN, "payer:99:pays"), (PLAN, "payer:-1:pays"), (PLAN, "payer:0:name"), (PLAN, "restored:0:name"),
        (PLAN, "ally:0:without:x"), (PLAN, "worth:x:cost"), (PLAN, "plan:name"), (CASE, "²:1"),
        (PLAN, "payer:²:pays"), (PLAN, "measure:none"), (PLAN, "payer:0"), (PLAN, "left:999:cost"),
        (PLAN, "compared:0:median"), (PLAN, "bought:999:cost"), (PLAN, "part"),
        (PLAN, "part:999:0:cost"), (PLAN, "part:0:999:cost"), (PLAN, "part:0:0:name"), (PLAN, "part:0:0"),
        (PLAN, "part:²:0:cost"), (PLAN, "paid:0:99:pays"), (PLAN, "paid"), (PLAN, "paid:0:0:cost"),
        (PLAN, "regret:999:mean"), (PLAN, "regret:0:best"),
        (CASE, "maker:999:first"),
        (CASE, "maker:0:last"), (PLAN, "plan:right"),
        (CASE, "record:999:error"), (CASE, "record:0:name"), (CASE, "record:-1:error"),
        (CASE, "node:JPN:magnets:colour"), (CASE, "node:XXX:magnets:hhi"), (CASE, "node:JPN:nothing:hhi"),
        (CASE, "node:JPN:magnets:share:JPN"), (CASE, "node:JPN:magnets:stops:none"), (CASE, "node"),
        (CASE, "node:JPN:magnets:hhi:more"),
    ],
)  # fmt: skip
def test_a_number_that_is_not_there_is_told(
    model: ReportModel, baseline: Baseline, case: str, what: str
) -> None:
    with pytest.raises(DataMissing):
        explain(model, case, what, lambda: baseline.build.network)


def test_a_shortfall_has_its_supply_causes_and_sentences(site: Site, model: ReportModel) -> None:
    case = model.cases[0]
    row = next(one for one in case.rows if who(one) == case.why[0][0])
    what = f"shortfall:{row.market}:{row.product}:worst"
    _, found = site.json(f"/api/v1/runs/small/explain?case={CASE}&what={what}")
    assert found["value"] == row.worst_share
    assert found["band"] == [row.worst_low, row.worst_median, row.worst_high]
    assert found["name"] == "Lowest weekly use"
    assert len(found["causes"]) == 1
    assert any(one["event"] for one in found["evidence"])
    assert any("China" in one["name"] for one in found["inputs"])
    assert found["sources"]


def test_causes_and_inputs_of_a_shortfall_are_there_in_japanese(site: Site, model: ReportModel) -> None:
    """The run speaks Japanese: each user with causes is found by its name there, and inputs are said."""
    case = next(one for one in model.cases if one.id == CASE)
    titles = {title for title, _ in case.why}
    row = next(one for one in case.rows if who(one) in titles)
    what = f"shortfall:{row.market}:{row.product}:worst"
    place = f"/explain?run=small&case={CASE}&what={what}&lang=ja"
    text = site.ask(place)[2].decode()
    assert say("ja", "explain.nocauses") not in text
    inputs = text[text.index('id="inputs"') : text.index('id="causes"')]
    for english in ("imports from", "stock at users", "own table of", ">assumed<", "value that flows"):
        assert english not in inputs


def test_the_costs_of_a_plan_add_up(site: Site, model: ReportModel) -> None:
    _, whole = site.json(f"/api/v1/runs/small/explain?case={PLAN}&what=plan:cost")
    base = f"/api/v1/runs/small/explain?case={PLAN}&what="
    parts = [site.json(base + one["what"])[1] for one in whole["inputs"]]
    assert whole["value"] == pytest.approx(sum(one["value"] for one in parts))
    assert all(one["inputs"] for one in parts)
    payers = [
        site.json(f"/api/v1/runs/small/explain?case={PLAN}&what=payer:{i}:pays")[1]["value"]
        for i in range(len(model.responses[0].payers))
    ]
    assert sum(payers) == pytest.approx(whole["value"], rel=1e-3)


def test_an_unknown_number_is_told_in_the_one_shape(site: Site) -> None:
    status, found = site.json("/api/v1/runs/small/explain?what=shortfall:JPN:magnets:colour")
    assert (status, set(found)) == (404, {"error", "problems"})
    page = site.ask("/explain?run=small&what=<script>", headers={"accept": "text/html"})
    assert page[0] == 404
    assert b"<script>" not in page[2].replace(b"<script src", b"")


def test_use_lost_by_weight_is_the_share_times_the_use(site: Site, model: ReportModel) -> None:
    case = next(one for one in model.cases if one.id == CASE)
    weighed = [row for row in case.rows if row.use_t is not None]
    assert weighed
    for row in weighed:
        found = explained(model, CASE, f"shortfall:{row.market}:{row.product}:amount")
        assert found.value == pytest.approx(row.lost_output_share * (row.use_t or 0.0))
        assert found.unit == "t"
    counted = next(row for row in case.rows if row.use_t is None)
    with pytest.raises(DataMissing):
        explained(model, CASE, f"shortfall:{counted.market}:{counted.product}:amount")
    place = f"/shortages?run=small&case={CASE}"
    found_in = {units: site.ask(f"{place}&units={units}")[2].decode() for units in ("usd", "t")}
    assert "%3Aamount" not in found_in["usd"]
    assert found_in["t"].count("%3Aamount") >= len(weighed)
    assert say("en", "units.content") in found_in["t"]


def test_the_same_number_for_the_page_the_command_and_python(site: Site, model: ReportModel) -> None:
    folder = site.folder / "small"
    what = "node:JPN:magnets:hhi"
    asked = CliRunner().invoke(cli.app, ["explain", str(folder), what, "--json"])
    printed = json.loads(asked.stdout)
    _, answered = site.json(f"/api/v1/runs/small/explain?what={what}")
    assert printed == answered == json.loads(json.dumps(told(kaname.explain(folder, what))))
    text = CliRunner().invoke(cli.app, ["explain", str(folder)]).stdout
    assert model.cases[0].title in text
    assert "Sources" in text
    words = CliRunner().invoke(cli.app, ["explain", str(folder), what, "--lang", "ja"]).stdout
    assert "\u51fa\u5178" in words  # sources
    assert "Sources" not in words
    assert CliRunner().invoke(cli.app, ["explain", str(folder), "--lang", "xx"]).exit_code != 0


def test_a_measure_left_out_has_its_reason_and_evidence() -> None:
    """The shipped search kept for each measure left out what it would cost and what stands behind it."""
    record = load_record((ROOT / "examples" / "flagship" / "response.json").read_bytes(), "response.json")
    view = search_view(record, {}, "plan")
    assert all(row.evidence and row.basis in {"cited", "assumed"} for row in view.left_out)
    for row in view.left_out:
        if row.cost_kusd is not None:
            assert row.cost_low_kusd is not None
            assert row.cost_high_kusd is not None
            assert row.cost_low_kusd <= row.cost_kusd <= row.cost_high_kusd
