"""What an address or a form asks for: the view, and the fields of a form."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, Query, Request

from kaname.report.charts.worldmap import WORLDVIEWS
from kaname.report.charts.worldmap import worldview as known_view
from kaname.report.worldviews import as_seen
from kaname.terms.errors import InputError, Problem
from kaname.web.desk import Desk, desk_of
from kaname.web.pages.currency import UNITS
from kaname.web.pages.layout import View
from kaname.web.words import LANGUAGES

Text = Annotated[str | None, Query(max_length=200)]


def view_of(
    request: Request,
    lang: Text = None,
    run: Text = None,
    case: Text = None,
    units: Text = None,
    worldview: Text = None,
) -> View:
    """Return what an address asks for; without a run the newest flagship, without a language the
    browser's. Raises InputError for a worldview or units that are not known.
    """
    desk, seen, money = desk_of(request), worldview or WORLDVIEWS[0], units or UNITS[0]
    known_view(seen)
    if money not in UNITS:
        raise InputError(Problem("unknown units", "units", repr(money), " or ".join(UNITS)))
    language = lang if lang in LANGUAGES else _preferred(request)
    writes = bool(getattr(request.state, "may_write", False))
    shown = run or desk.runs.newest()
    if shown is None:
        return View(language, may_write=writes, worldview=seen)
    if run is not None and not _is_there(desk, run):
        return View(language, shown, None, case, may_write=writes, units=money, worldview=seen)
    told, spoken = desk.runs.told(shown, language)
    model = as_seen(told, seen)
    sample = model.manifest.get("study") == "flagship"
    return View(language, shown, model, case, sample, writes, units=money, worldview=seen, spoken=spoken)


def view_in(request: Request) -> View:
    """Return an empty view in the language that is asked for."""
    wished = request.query_params.get("lang")
    return View(wished if wished in LANGUAGES else _preferred(request))


def _is_there(desk: Desk, run: str) -> bool:
    """Return whether a run is finished; raises DataMissing where nobody knows it."""
    return desk.runs.job(run).state == "done"


def _preferred(request: Request) -> str:
    """Return the first language of the browser that we speak."""
    for part in request.headers.get("accept-language", "").split(","):
        name = part.split(";")[0].strip()[:2].casefold()
        if name in LANGUAGES:
            return name
    return LANGUAGES[0]


Shown = Annotated[View, Depends(view_of)]


async def form_of(request: Request, most: int = 50) -> dict[str, str]:
    """Return the fields of a form: plain ones, each once, `most` at most. Raises InputError."""
    body = await request.body()
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=most)
    except ValueError:
        raise InputError(Problem("not the form of this page", "body")) from None
    return {name: values[0] for name, values in fields.items()}
