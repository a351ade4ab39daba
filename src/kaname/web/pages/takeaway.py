"""Links below every chart of a page: take it along as SVG, as PNG, or its data as CSV."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from kaname.report.charts import chart_id
from kaname.report.charts.svg import escape, tag
from kaname.report.charts.worldmap import WORLDVIEWS
from kaname.report.chartspec import MapSpec
from kaname.terms.language import ENGLISH
from kaname.web.api.charts import WEEKS, Chart, charts_of
from kaname.web.pages.layout import View

FIGURE = re.compile(r'<figure[^>]* data-chart="(c[0-9a-f]+)".*?</figure>', re.DOTALL)


def with_links(view: View, page: str, week: int | None = None) -> str:
    """Return a page on which each chart of the run that is shown has its links; other charts have none."""
    if view.model is None or view.run is None:
        return page
    known = {chart_id(chart.spec): (name, chart) for name, chart in charts_of(view.model, week).items()}

    def add(match: re.Match[str]) -> str:
        found = known.get(match[1])
        if found is None or 'class="take"' in match[0]:  # the chart of a week brings its own
            return match[0]
        return match[0].removesuffix("</figure>") + _links(view, *found, week) + "</figure>"

    return FIGURE.sub(add, page)


def _links(view: View, name: str, chart: Chart, week: int | None) -> str:
    wishes: dict[str, object] = {} if view.spoken == ENGLISH else {"lang": view.spoken}
    if isinstance(chart.spec, MapSpec) and view.worldview != WORLDVIEWS[0]:
        wishes["worldview"] = view.worldview
    if name.endswith(WEEKS) and week is not None:
        wishes["week"] = week
    base = f"/api/v1/runs/{quote(view.run or '')}/charts/{quote(name)}"
    tail = f"?{urlencode(wishes)}" if wishes else ""
    hidden = tag("span", escape(f": {chart.spec.title}"), class_="vh")
    links = " ".join(
        tag("a", kind.upper(), hidden, href=f"{base}.{kind}{tail}") for kind in ("svg", "png", "csv")
    )
    return tag("p", links, class_="take")
