"""The server: routes, guard, static files, errors in one shape."""

from __future__ import annotations

import importlib.metadata
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib import resources
from threading import Timer

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from kaname.report.charts.palette import chart_style
from kaname.report.charts.svg import escape, tag
from kaname.report.page import asset
from kaname.terms.errors import DataMissing, KanameError, Problem
from kaname.web.answers import ERRORS, answer, of_error, of_http, of_validation
from kaname.web.api import analysis, charts, events, facts, quality, runs, tasks
from kaname.web.desk import Desk
from kaname.web.guard import Guard
from kaname.web.pages import routes, scenario_routes
from kaname.web.pages.asked import view_in
from kaname.web.pages.layout import View, error_page, frame
from kaname.web.ready import Ready
from kaname.web.settings import Settings

log = logging.getLogger("kaname.web")
SCRIPT = "text/javascript; charset=utf-8"
READ_AHEAD_S = 3.0
"""So long after the start the first page has been asked for, and reading ahead slows nobody."""
STATIC = {"app.css": "text/css; charset=utf-8", "app.js": SCRIPT, "scenario.js": SCRIPT}


def create_app(settings: Settings) -> FastAPI:
    """Return the server for a folder of runs. Raises KanameError where the folder cannot be used."""
    desk = Desk(settings)

    @asynccontextmanager
    async def lifetime(_: FastAPI) -> AsyncIterator[None]:
        if desk.dispatcher is not None:
            newest = desk.runs.newest()
            if newest is None:
                desk.runs.submit_sample()
            else:  # on a first start the worker builds what is read here
                reader = Timer(READ_AHEAD_S, _read_ahead, (desk, newest))
                reader.daemon = True
                reader.start()
            desk.dispatcher.start()
        yield
        if desk.dispatcher is not None:
            desk.dispatcher.stop()

    app = FastAPI(
        title="kaname",
        version=importlib.metadata.version("kaname"),
        summary="Who runs short of what, when and why, when a state restricts exports; and what allies "
        "can do.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifetime,
        responses=ERRORS,
    )
    app.state.desk = desk
    for one in (charts, runs, tasks, events, facts, analysis, quality, routes, scenario_routes):
        app.include_router(one.router)
    app.add_api_route("/static/{name}", _static, include_in_schema=False)
    app.add_api_route("/api", _api, include_in_schema=False)
    _tell_errors(app)
    app.add_middleware(Ready, desk=desk)
    app.add_middleware(Guard, settings=settings)
    return app


def _read_ahead(desk: Desk, run: str) -> None:
    """Read what first pages need, so that nobody waits for it; faults are told to whoever asks for a page."""
    with suppress(KanameError):
        desk.runs.model(run)
        facts.baseline()
        scenario_routes.shipped()


def _tell_errors(app: FastAPI) -> None:
    """Answer every error in the one shape."""

    @app.exception_handler(KanameError)
    async def ours(request: Request, error: KanameError) -> Response:
        answered = of_error(error)
        if not _wants_page(request):
            return answered
        return HTMLResponse(error_page(view_in(request), error.problems), answered.status_code)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        return of_validation(error)

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404 and _wants_page(request):
            problem = Problem("no such page", request.url.path[:80])
            return HTMLResponse(error_page(view_in(request), [problem]), 404)
        return of_http(error)

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        log.error("%s %s", request.method, request.url.path, exc_info=error)
        return of_error(KanameError("the server failed on this request; its log says more"))


def _wants_page(request: Request) -> bool:
    """Return whether a browser asked for a page, which is answered with one."""
    path = request.url.path
    return "text/html" in request.headers.get("accept", "") and not path.startswith(("/api/", "/static/"))


def _static(request: Request, name: str) -> Response:
    """Return a style sheet or script of ours."""
    if name not in STATIC:
        raise DataMissing(Problem("no such file", "static", name[:60]))
    return answer(request, static(name), STATIC[name])


@cache
def static(name: str) -> str:
    """Return the text of a style sheet or script: the report's own, and what the pages add."""
    own = resources.files("kaname.web").joinpath(f"static/{name}").read_text(encoding="utf-8")
    if name == "app.css":
        return asset("style.css") + chart_style() + own
    return asset("script.js") + own if name == "app.js" else own


def _api(request: Request) -> Response:
    """Return the list of routes, made from the OpenAPI document."""
    found = request.app.openapi()
    rows = "".join(
        tag("dt", tag("code", escape(f"{method.upper()} {path}")))
        + tag("dd", escape(about.get("summary", "")))
        for path, methods in sorted(found["paths"].items())
        for method, about in methods.items()
    )
    link = tag("p", tag("a", "openapi.json", href="/openapi.json"))
    view = View("en")
    return answer(
        request,
        frame(
            view,
            "api",
            "API",
            tag("h1", "HTTP interface, version 1"),
            link,
            tag("dl", rows, class_="answers routes"),
        ),
    )
