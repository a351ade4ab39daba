"""Every number that leads somewhere leads to itself: same value, how it is made, what goes into it."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sites import Site

from kaname.report import stored
from kaname.report.address import linked, of, unlinked
from kaname.report.explained import explained
from kaname.report.markup import number
from kaname.report.model import ReportModel
from kaname.report.reading import who
from kaname.terms.errors import DataMissing
from kaname.web.words import LANGUAGES, say, say_formula

BASES = {"observed", "reported", "estimated", "modelled", "assumed", "cited"}
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


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/?run=small", {"value", "shortfall", "plan"}),
        ("/shortages?run=small", {"value", "shortfall"}),
        ("/responses?run=small", {"measure", "payer", "restored"}),
        ("/network?run=small", {"exposure"}),
    ],
)
def test_a_number_of_a_page_is_explained_as_itself(
    site: Site, model: ReportModel, path: str, kinds: set[str]
) -> None:
    found = numbers_of(site, path)
    assert {what.partition(":")[0] for _, what, _ in found} >= kinds
    for case, what, text in found:
        told = explained(model, case, what)
        assert told.text == text or told.text.startswith(f"{text} "), what
        for language in LANGUAGES:
            assert say(language, f"measure.{told.formula}")
            assert say_formula(language, told.formula)
        assert all(one.text and one.basis in BASES for one in told.inputs)


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
        (PLAN, "payer:²:pays"),
    ],
)  # fmt: skip
def test_a_number_that_is_not_there_is_told(model: ReportModel, case: str, what: str) -> None:
    with pytest.raises(DataMissing):
        explained(model, case, what)


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
    assert any("CHN" in one["name"] for one in found["inputs"])
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
