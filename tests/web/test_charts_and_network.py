"""Charts one by one, views of disputed areas, the week of the chain, and the panel of a node."""

from __future__ import annotations

import csv
import io
import re
import sys

import pytest
from sites import Site

from kaname.baseline import Baseline
from kaname.nodes import choices, node_of
from kaname.report import stored
from kaname.report.charts import render
from kaname.report.chartspec import Bar, BarSpec
from kaname.terms.errors import DataMissing, InputError
from kaname.web.api.charts import as_png

BASE = "/api/v1/runs/small/charts"
PAGE = {"accept": "text/html"}


def text(site: Site, path: str) -> str:
    status, _, body = site.ask(path, headers=PAGE)
    assert status == 200, body[:300]
    return body.decode()


def test_every_chart_that_is_listed_can_be_had_as_svg_and_csv(site: Site) -> None:
    status, found = site.json(BASE)
    assert status == 200
    names = [one["name"] for one in found]
    assert "exposure-map" in names
    assert any(name.endswith("-flows-week") for name in names)
    for one in found:
        assert text(site, one["links"]["svg"]).startswith("<svg")
        rows = list(csv.reader(io.StringIO(text(site, one["links"]["csv"]))))
        assert len({len(row) for row in rows}) == 1
        assert len(rows) > 1
    assert site.ask(f"{BASE}/nothing.svg")[0] == 404


def test_a_view_of_disputed_areas_is_said_on_every_export_of_the_map(site: Site) -> None:
    for view in ("neutral", "jp", "un"):
        drawn = text(site, f"{BASE}/exposure-map.svg?worldview={view}")
        assert f"Worldview: {view}." in re.sub(r"<[^>]+>", " ", drawn)
        rows = list(csv.reader(io.StringIO(text(site, f"{BASE}/exposure-map.csv?worldview={view}"))))
        assert rows[0][-1] == "Worldview"
        assert {row[-1] for row in rows[1:]} == {view}
    assert site.ask(f"{BASE}/exposure-map.svg?worldview=us")[0] == 422
    assert site.json("/api/v1/runs/small/files")[0] == 200
    status, manifest = site.json("/api/v1/runs/small/files/manifest.json")
    assert (status, manifest["worldview"]) == (200, "neutral")


def test_charts_of_a_japanese_page_are_japanese_and_say_so(site: Site) -> None:
    page = text(site, "/shortages?lang=ja")
    links = re.findall(r'<p class="take">.*?</p>', page)
    assert links
    assert all(one.count("lang=ja") == one.count("href=") == 3 for one in links)
    assert "lang=" not in "".join(re.findall(r'<p class="take">.*?</p>', text(site, "/shortages?lang=en")))
    drawn = text(site, f"{BASE}/exposure-map.svg?lang=ja")
    assert drawn.startswith('<svg xmlns="http://www.w3.org/2000/svg" lang="ja"')
    assert "中国から" in drawn
    assert " a year" not in drawn
    assert " lang=" not in text(site, f"{BASE}/exposure-map.svg")
    status, headers, body = site.ask(f"{BASE}/exposure-map.csv?lang=ja")
    assert status == 200
    assert headers["content-disposition"].endswith('-exposure-map-ja.csv"')
    assert body.decode().splitlines()[0].endswith("係争地域の立場")
    assert site.ask(f"{BASE}/exposure-map.svg?lang=fr")[0] == 422


def test_the_columns_of_a_chain_say_what_they_are(site: Site) -> None:
    for language, heads in (("en", ("Mined in", "Goes into")), ("ja", ("採掘国", "用途"))):
        page = text(site, f"/network?lang={language}")
        assert all(page.count(f">{head}</text>") == 3 for head in heads), "before, after, and in a week"


def test_the_view_is_in_the_address_and_links_keep_it(site: Site) -> None:
    page = text(site, "/network?lang=en&worldview=jp")
    assert "Worldview: jp." in re.sub(r"<[^>]+>", " ", page)
    assert "/shortages?lang=en&amp;run=small&amp;worldview=jp" in page
    assert "exposure-map.png?worldview=jp" in page
    assert 'value="jp" selected' in page
    assert "worldview=" not in re.sub(r'name="worldview"', "", text(site, "/network?lang=en"))
    assert site.ask("/network?worldview=us", headers=PAGE)[0] == 422


def test_a_week_of_the_chain_is_drawn_by_the_server(site: Site) -> None:
    first = text(site, "/network/week?lang=en&run=small&week=1")
    late = text(site, "/network/week?lang=en&run=small&week=30")
    assert first.startswith("<figure")
    assert "week 30" in late
    assert first != late
    page = text(site, "/network?lang=en&week=30")
    assert "week 30</h3>" in page
    assert "-flows-week.svg?week=30" in page
    for wrong in ("0", "9999", "x"):
        assert site.ask(f"/network?week={wrong}", headers=PAGE)[0] == 422
    assert site.ask(f"{BASE}/exposure-map.svg?week=3")[0] == 422


def test_the_weeks_of_a_chain_add_up(site: Site) -> None:
    """Undisturbed all of the use arrives; a node passes on no more than comes to it; after the stop no
    magnet arrives from China, and nothing is drawn that was not there.
    """
    model = stored.load((site.folder / "small" / "report.json").read_bytes(), "report.json")
    weeks = model.cases[0].sankey_weeks
    assert weeks is not None
    assert len(weeks.values) == len(weeks.dates) == 104
    into = [i for i, (_, target) in enumerate(weeks.ends) if target == "use"]
    out = [i for i, (source, _) in enumerate(weeks.ends) if source == "use"]
    assert sum(weeks.undisturbed[i] for i in into) == pytest.approx(100.0, abs=1.0)
    assert sum(weeks.undisturbed[i] for i in out) == pytest.approx(100.0, abs=0.1)
    china = weeks.ends.index(("1:CHN", "use"))
    assert weeks.undisturbed[china] > 1.0
    assert weeks.values[60][china] == 0.0
    assert sum(weeks.values[60][i] for i in into) < 99.0
    shown = weeks.week(61)
    assert ("1:CHN", "use") not in [(flow.source, flow.target) for flow in shown.flows]
    lowest = [sum(week[i] for i in out) for week in weeks.values]
    assert lowest[weeks.lowest() - 1] == min(lowest)


def test_the_panel_of_a_node_says_suppliers_and_stock(site: Site) -> None:
    page = text(site, "/network?lang=en&product=magnets&place=JPN")
    panel = page[page.index('id="node"') :]
    assert "NdFeB permanent magnets, Japan" in panel
    assert "21.0 days" in panel or "21 days" in panel
    assert "place=CHN#node" in panel
    wrong = site.ask("/network?product=magnet&place=JPN", headers=PAGE)
    assert wrong[0] == 422
    assert b"magnets" in wrong[2]


def test_a_node_adds_up(baseline: Baseline) -> None:
    network = baseline.build.network
    node = node_of(network, "JPN", "magnets")
    assert node is not None
    assert sum(row.share for row in node.suppliers) == pytest.approx(1.0)
    assert sum(row.amount for row in node.suppliers) == pytest.approx(node.amount)
    assert sum(share for _, share in node.bases) == pytest.approx(1.0)
    by_country: dict[str, float] = {}
    for row in node.suppliers:
        by_country[row.country] = by_country.get(row.country, 0.0) + row.share
    assert node.hhi == pytest.approx(sum(share**2 for share in by_country.values()))
    n = network.consumer_index("JPN", "magnets")
    assert node.amount == pytest.approx(
        float(network.consumer_inflow[n]) * 365.0 / network.period_days, rel=1e-3
    )
    products, markets = choices(network)
    assert ("JPN", "Japan") in markets
    assert "magnets" in dict(products)
    with pytest.raises(InputError, match="unknown place"):
        node_of(network, "JPX", "magnets")


def test_png_draws_japanese(site: Site) -> None:
    pytest.importorskip("vl_convert", reason="the extra pdf is not installed")

    def picture(title: str) -> bytes:
        return as_png(render(BarSpec(title, "", (Bar("a", 1.0),), "t")))

    assert picture("日本").startswith(b"\x89PNG")
    if picture("日本") == picture("中国"):
        pytest.skip("no font with Japanese is installed here")
    assert picture("日本") != picture("日本の磁石")
    status, headers, body = site.ask(f"{BASE}/exposure-map.png?worldview=jp")
    assert (status, headers["content-type"]) == (200, "image/png")
    assert body.startswith(b"\x89PNG")


def test_png_without_the_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(DataMissing, match=r"kaname\[pdf\]"):
        as_png("<svg/>")
