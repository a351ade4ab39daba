"""The page in a real browser: no error, request, overflow or accessibility violation, light and dark."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kaname.report.page import render_html

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

WIDTHS = (375, 768, 1440)
SCHEMES = ("light", "dark")


def sample_module() -> ModuleType:
    """Return tests/report/report_sample.py as a module."""
    name = "report_sample"
    if name not in sys.modules:
        path = Path(__file__).parents[1] / "report" / "report_sample.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(sample_module().sample_model()), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_page_is_quiet_and_fits(driver: Any, page: Path, width: int, scheme: str) -> None:
    driver.show(page.as_uri(), width, scheme)
    assert driver.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    wide = driver.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide[0] <= wide[1]
    if destination := os.environ.get("KANAME_SCREENSHOTS"):
        folder = Path(destination)
        folder.mkdir(parents=True, exist_ok=True)
        driver.save_screenshot(str(folder / f"report-{width}-{scheme}.png"))


@pytest.mark.parametrize("width", WIDTHS)
def test_text_in_charts_is_never_cut_off_nor_too_small(driver: Any, page: Path, width: int) -> None:
    driver.show(page.as_uri(), width, "light")
    bad = driver.execute_script(
        """
        const bad = [];
        for (const svg of document.querySelectorAll("figure svg.k")) {
          const frame = svg.getBoundingClientRect();
          if (!frame.width) continue;
          for (const text of svg.querySelectorAll("text")) {
            const box = text.getBoundingClientRect();
            const size = parseFloat(text.getAttribute("font-size")) * frame.width / svg.viewBox.baseVal.width;
            if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
                || box.bottom > frame.bottom + 1 || size < 10.4)
              bad.push([text.textContent, size, box.left - frame.left, frame.right - box.right]);
          }
        }
        return bad;
        """
    )
    assert bad == []


@pytest.mark.parametrize("width", [320, *WIDTHS])
def test_every_chart_is_shown_in_exactly_one_width(driver: Any, page: Path, width: int) -> None:
    driver.show(page.as_uri(), width, "light")
    counts = driver.execute_script(
        """
        const shown = (svg) => svg.getBoundingClientRect().width > 0;
        const figures = [...document.querySelectorAll("figure")];
        return figures.map((figure) => [...figure.querySelectorAll("svg.k")].filter(shown).length);
        """
    )
    assert counts
    assert set(counts) == {1}


def test_dark_is_dark_and_light_is_light(driver: Any, page: Path) -> None:
    grounds = {}
    for scheme in SCHEMES:
        driver.show(page.as_uri(), 1440, scheme)
        grounds[scheme] = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 24, 31)"}


def test_hover_shows_the_numbers_under_the_pointer(driver: Any, page: Path) -> None:
    driver.show(page.as_uri(), 1440, "light")
    svg = driver.execute_script(
        """
        const all = [...document.querySelectorAll("svg.k-timeline")];
        const svg = all.find((one) => one.getBoundingClientRect().width > 0);
        svg.scrollIntoView({block: "center", behavior: "instant"});
        return svg;
        """
    )
    webdriver.ActionChains(driver).move_to_element(svg).perform()
    tip = driver.execute_script("const t = document.getElementById('tip'); return [t.hidden, t.textContent]")
    assert tip[0] is False
    assert "2026" in tip[1].splitlines()[0]
    assert any(line.startswith("Sintered neodymium magnets: ") for line in tip[1].splitlines())
    webdriver.ActionChains(driver).send_keys(webdriver.Keys.ESCAPE).perform()
    assert driver.execute_script("return document.getElementById('tip').hidden") is True


def test_first_tab_reaches_the_skip_link(driver: Any, page: Path) -> None:
    driver.show(page.as_uri(), 1440, "light")
    webdriver.ActionChains(driver).send_keys(webdriver.Keys.TAB).perform()
    active = driver.execute_script("return document.activeElement.className")
    assert active == "skip"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [375, 1440])
def test_axe_finds_no_violation(driver: Any, page: Path, axe: str, width: int, scheme: str) -> None:
    driver.show(page.as_uri(), width, scheme)
    driver.execute_cdp_cmd(
        "Runtime.evaluate", {"expression": axe}
    )  # past the page's own policy, as it should be
    driver.set_script_timeout(120)
    found = driver.execute_async_script(
        """
        const done = arguments[arguments.length - 1];
        const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
        axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]})
          .then(({violations}) => done(violations.map((v) => [v.id, v.help, v.nodes[0].html])))
          .catch((error) => done([["axe failed", String(error), 0, ""]]));
        """
    )
    assert found == []
