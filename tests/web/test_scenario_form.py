"""The form of a scenario: what was changed is written, what was not stays; names, costs and links."""

from __future__ import annotations

import base64
import json
import zlib
from urllib.parse import quote, urlencode

import pytest
from sites import ROOT, Site

from kaname.scenario import files
from kaname.scenario.placed import parse
from kaname.study import Study
from kaname.terms.errors import InputError, Problem
from kaname.web import form_changes, form_fields, sharing
from kaname.web.cost import cost_of
from kaname.web.form_changes import with_form, with_row, without_row
from kaname.web.offers import unknown_names

TEXT = """# what the form must keep
id: try
title: A try   # short
start: 2026-01-06
weeks: 104
targets: [JPN]
restrictions:
  - exporter: CHN
    importers: [JPN]
    products: [magnets]   # the strong ones
    kind: ban
    depth: {low: 0.2, central: 0.5, high: 0.9, shape: uniform}
    start: 2026-01-06
    evidence:
      - {source: "assumed: a try", grade: assumed}
"""


def sent(text: str = TEXT, **changes: str) -> dict[str, str]:
    """Return the fields that a browser sends for a text, some of them changed."""
    data = parse(text, "x").plain()
    fields = {one.name: one.text for one in form_fields.shown(data) if one.text is not None}
    return {**fields, "was": form_fields.was(data), **changes}


def told(problems: list[Problem]) -> str:
    return "\n".join(map(str, problems))


@pytest.mark.parametrize(
    "name",
    ["flagship/1-military-end-users", "gallium-germanium/3-ban-on-allies", "taiwan-strait/2-ports-shut"],
)
def test_a_form_that_nobody_touched_changes_nothing(name: str) -> None:
    text = files.dump_short(files.load(ROOT / "examples" / f"{name}.yaml"))
    assert with_form(text, sent(text)) == (text, [])


@pytest.mark.parametrize(
    ("name", "value", "before", "after"),
    [
        ("title", "Another: try", "title: A try ", 'title: "Another: try" '),
        ("weeks", "52", "weeks: 104", "weeks: 52"),
        ("restrictions[0].products", "magnets, gallium", "[magnets]", "[magnets, gallium]"),
        ("restrictions[0].kind", "quota", "kind: ban", "kind: quota"),
        ("restrictions[0].depth", "0.1 / 0.5 / 0.9", "low: 0.2", "low: 0.1"),
        ("restrictions[0].depth", "0.4",
         "low: 0.2, central: 0.5, high: 0.9", "low: 0.4, central: 0.4, high: 0.4"),
        ("restrictions[0].depth", "half", "{low: 0.2, central: 0.5, high: 0.9, shape: uniform}", "half"),
        ("restrictions[0].depth", "", "    depth: {low: 0.2, central: 0.5, high: 0.9, shape: uniform}\n", ""),
        ("restrictions[0].exporter", "", "exporter: CHN", 'exporter: ""'),
        ("restrictions[0].duration_weeks", "26", "    evidence", "    duration_weeks: 26\n    evidence"),
        ("restrictions[0].evidence[0].grade", "reported", "grade: assumed", "grade: reported"),
        ("add.targets", "USA, JPN", "targets: [JPN]", "targets: [JPN, USA]"),
    ],
)  # fmt: skip
def test_one_change_in_the_form_is_one_change_in_the_text(
    name: str, value: str, before: str, after: str
) -> None:
    text, problems = with_form(TEXT, sent(**{name: value}))
    assert text == TEXT.replace(before, after, 1)
    assert problems == []


def test_what_was_not_there_is_added() -> None:
    text, _ = with_form(TEXT, sent(**{"assumptions.rho": "0.2", "assumptions.price.on": "on"}))
    data = parse(text, "x").plain()
    assert data["assumptions"] == {"rho": 0.2, "price": {"on": True}}
    assert text.startswith(TEXT)


def test_changes_on_both_sides_are_joined_and_a_clash_is_told() -> None:
    typed = TEXT.replace("weeks: 104", "weeks: 78")
    text, problems = with_form(typed, sent(title="Both"))
    assert ("weeks: 78" in text, "title: Both" in text, problems) == (True, True, [])
    text, problems = with_form(typed, sent(weeks="52"))
    assert text == typed
    assert "weeks: changed in the text as well" in told(problems)
    gone = TEXT[: TEXT.index("restrictions")]
    assert "not there any more" in told(with_form(gone, sent(**{"restrictions[0].kind": "quota"}))[1])


@pytest.mark.parametrize("was", ["", "[", "[1]", '{"title": 3}', '{"__x[9].y": "a"}', "[" * 5000])
def test_a_form_from_elsewhere_does_no_harm(was: str) -> None:
    assert with_form(TEXT, {"title": "evil", "was": was})[0] == TEXT


@pytest.mark.parametrize("name", form_fields.ROWS)
def test_a_row_comes_and_goes(name: str) -> None:
    more = with_row(TEXT, name)
    group = form_fields.ROWS[name]
    rows = form_fields.value_at(parse(more, "x").plain(), group.path)
    assert rows[-1]["evidence"] == [{"source": "assumed: not yet cited", "grade": "assumed"}]
    again = without_row(more, ".".join(map(str, group.path)) + f"[{len(rows) - 1}]")
    assert parse(again, "x").plain().get("restrictions") == parse(TEXT, "x").plain()["restrictions"]
    assert TEXT.splitlines()[-1] in again


@pytest.mark.parametrize(
    "name", ["title", "restrictions", "restrictions[9]", "targets[0]", "measures[0]", ""]
)
def test_only_rows_of_the_form_are_dropped(name: str) -> None:
    with pytest.raises(InputError):
        without_row(TEXT, name)


def test_a_name_that_nobody_knows_is_told_with_its_place() -> None:
    text = TEXT.replace("[magnets]", "[magnetz, rare_earths, metal, '*']").replace("CHN", "CHM")
    found = unknown_names(text)
    assert [(one.got, one.line) for one in found] == [("`CHM`", 8), ("`magnetz`", 10)]
    assert "`magnets`" in found[1].fix
    assert unknown_names(TEXT) == []


@pytest.mark.parametrize(
    ("name", "weeks", "draws", "cpu_s", "megabytes"),
    [
        ("flagship/3-full-stop-japan", 104, 32, 18.2, 1465),
        ("flagship/3-full-stop-japan", 104, 0, 14.8, 1448),
        ("flagship/3-full-stop-japan", 26, 0, 10.5, 815),
        ("flagship/3-full-stop-japan", 104, 128, 27.1, 1567),
        ("flagship/3-full-stop-japan", 26, 128, 13.1, 813),
        ("flagship/3-full-stop-japan", 260, 32, 35.9, 3016),
        ("flagship/5-full-stop-japan-answered", 104, 32, 35.1, 1766),
        ("flagship/1-military-end-users", 104, 32, 29.2, 1461),
        ("other/smelter-outage", 52, 32, 6.5, 747),
    ],
)  # fmt: skip
def test_the_cost_encloses_what_was_measured(
    name: str, weeks: int, draws: int, cpu_s: float, megabytes: float
) -> None:
    """The runs that the bounds were read from; see docs/web.md."""
    scenario = files.load(ROOT / "examples" / f"{name}.yaml").model_copy(update={"weeks": weeks})
    cost = cost_of(Study((scenario,), 1, draws))
    assert cost.cpu_s[0] <= cpu_s <= cost.cpu_s[1]
    assert cost.memory_mb[0] <= megabytes <= cost.memory_mb[1]
    assert cost.cpu_s[1] < 5.0 * cost.cpu_s[0]


def packed(content: bytes, cut: int | None = None) -> str:
    maker = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.urlsafe_b64encode((maker.compress(content) + maker.flush())[:cut]).rstrip(b"=").decode()


def shape(**more: object) -> bytes:
    return json.dumps({"v": 1, "text": TEXT, "seed": 1, "draws": 2, "name": "", **more}).encode()


def test_a_link_carries_a_draft() -> None:
    draft = sharing.Draft(TEXT + "# 磁石\n", 5, 8, "flagship/3-full-stop-japan")
    link = sharing.pack(draft)
    assert sharing.unpack(link) == draft
    assert quote(link) == link


BAD_LINKS = [
    "a" * 8001, "ä", "!!!!", "AAAA", "", packed(b""), packed(b"[]"), packed(b"{" * 3000), packed(shape(v=2)),
    packed(shape(draws=10**9)), packed(shape(seed=-1)), packed(shape(text=3)), packed(shape(more=1)),
    packed(shape(), cut=-9), packed(b"0" * 5_000_000), packed(b'{"v": 1e999}'), packed(b"\xff\xfe"),
]  # fmt: skip


@pytest.mark.parametrize("link", BAD_LINKS)
def test_a_link_that_is_not_ours_is_told(link: str) -> None:
    with pytest.raises(InputError) as error:
        sharing.unpack(link)
    assert error.value.problems[0].where == "draft"


def test_a_long_draft_has_no_link() -> None:
    noise = "".join(chr(0x4E00 + 7919 * i % 20000) for i in range(9000))
    assert sharing.pack(sharing.Draft(noise)) == ""


def post(site: Site, **fields: str) -> tuple[int, dict[str, str], str]:
    body = urlencode({**sent(), "text": TEXT, "seed": "1", "draws": "2", "base": "", **fields}).encode()
    status, headers, page = site.ask("/scenario?lang=en", "POST", body)
    return status, headers, page.decode()


def test_the_page_writes_the_form_into_the_text(site: Site) -> None:
    status, _, page = post(site, **{"restrictions[0].products": "magnets, gallium", "do": "check"})
    assert status == 200
    assert "products: [magnets, gallium]   # the strong ones" in page
    assert "seconds of CPU" in page


def test_a_row_is_added_by_its_button(site: Site) -> None:
    _, _, page = post(site, do="add:losses")
    assert 'id="losses[0].market"' in page
    assert "losses[0].market: a value is wrong" in page
    assert 'data-line="' in page
    _, _, page = post(site, do="drop:restrictions[0]")
    assert 'id="restrictions[0].kind"' not in page
    for odd in ("add:nothing", "drop:title", "drop:", "add:"):
        status, _, page = post(site, do=odd)
        assert (status, "no such row" in page) == (200, True), odd


def test_a_run_with_faults_is_not_begun(site: Site) -> None:
    status, _, page = post(site, do="run", text=TEXT.replace("magnets", "magnetz"), was="")
    assert status == 422
    assert "unknown product" in page
    assert "kind: ban" in page


def test_a_link_opens_the_draft_checked_and_not_run(site: Site) -> None:
    before = site.json("/api/v1/runs")[1]
    link = sharing.pack(sharing.Draft(TEXT.replace("104", "13"), 5, 8))
    status, _, body = site.ask(f"/scenario?lang=en&draft={link}")
    page = body.decode()
    assert status == 200
    assert "weeks: 13" in page
    assert "No fault found" in page
    assert f"draft={link}" in page
    assert site.json("/api/v1/runs")[1] == before


@pytest.mark.parametrize("link", [link for link in BAD_LINKS if link.isascii()])
def test_a_bad_link_is_told_in_the_one_shape(site: Site, link: str) -> None:
    status, found = site.json(f"/scenario?draft={quote(link)}")
    assert status == 422
    assert set(found) == {"error", "problems"}
    assert site.ask("/scenario?draft=!&lang=ja", headers={"accept": "text/html"})[0] == 422


def test_the_file_is_taken_along(site: Site) -> None:
    status, headers, text = post(site, title="Mine", do="file")
    assert status == 200
    assert "attachment" in headers["content-disposition"]
    assert text == TEXT.replace("A try", "Mine", 1)


def test_the_check_tells_cost_and_names(site: Site) -> None:
    _, found = site.json("/api/v1/scenarios/check", "POST", {"scenarios": [TEXT], "draws": 8})
    assert found["ok"] is True
    assert found["cost"]["cpu_s"][0] < found["cost"]["cpu_s"][1]
    assert found["cost"]["weeks"] == 104
    assert found["cost"]["waiting"] >= 0
    broken = {"scenarios": [TEXT.replace("magnets", "magnetz")]}
    _, found = site.json("/api/v1/scenarios/check", "POST", broken)
    assert (found["ok"], found["problems"][0]["line"]) == (False, 10)


def test_so_many_changes_at_once_and_no_more() -> None:
    count = form_changes.MOST_CHANGES + 1
    was = {f"name{i}": "a" for i in range(count)}
    text, problems = with_form(TEXT, {**dict.fromkeys(was, "b"), "was": json.dumps(was)})
    assert text == TEXT
    assert [one.what for one in problems] == ["too many changes at once"]
    listed, _ = with_form(TEXT, sent(**{"add.targets": ",".join(f"X{i}" for i in range(500))}))
    assert len(parse(listed, "x").plain()["targets"]) == count
