"""The command line: one verb per public function, thin. Data on stdout, progress and errors on stderr.

Heavy rooms are imported inside the commands, so that `kaname --help` answers at once. One module per group
of verbs.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys

import typer

from kaname.cli import (
    alliances,
    dependence,
    hindcasts,
    indicators,
    installation,
    news,
    quality,
    responses,
    routes,
    serving,
    studies,
)
from kaname.cli.datasets import data_app
from kaname.cli.networks import network_app
from kaname.cli.scenarios import scenario_app
from kaname.terms.errors import KanameError

app = typer.Typer(
    name="kaname",
    help="Who is hit by an export restriction on critical materials, what runs short, where, when and why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for verb in (
    studies.run,
    news.read,
    news.watch,
    alliances.draft,
    alliances.relations,
    alliances.situation,
    responses.respond,
    responses.alliance,
    dependence.exposure,
    indicators.indicators,
    routes.routes,
    studies.why,
    studies.explain,
    studies.replay,
    hindcasts.hindcast,
    serving.serve,
    installation.doctor,
):
    app.command()(verb)
for told in (quality.check, quality.coverage, quality.tables, quality.balance):
    data_app.command()(told)
app.add_typer(network_app, name="network")
app.add_typer(data_app, name="data")
app.add_typer(scenario_app, name="scenario")
app.add_typer(news.events_app, name="events")


def main() -> None:
    """Run the command line; errors of kaname become one message and an exit code (1, 2 or 3)."""
    if sys.stdout is None:  # closed by the caller: what is printed goes nowhere
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open until the end
    code: int | str | None = 0
    try:
        app()
    except SystemExit as stop:
        code = stop.code
    except KanameError as error:
        _tell(error, as_json="--json" in sys.argv)
        code = error.exit_code
    except OSError as error:
        code = _unwritten(error)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _unwritten(error)
    raise SystemExit(code)


def _unwritten(error: OSError) -> int:
    """Say why the output did not arrive, and drop what is left of it; a closed pipe is told by the code
    alone.
    """
    if not isinstance(error, BrokenPipeError):
        print(f"kaname: writing the output failed: {error.strerror or error}", file=sys.stderr)
    with contextlib.suppress(OSError, ValueError):  # stdout may be no file at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _tell(error: KanameError, *, as_json: bool) -> None:
    """Print an error: JSON on stdout where JSON was asked for, else sentences on stderr."""
    if as_json:
        print(json.dumps(error.as_dict(), ensure_ascii=False))
        return
    for problem in error.problems:
        print(f"kaname: {problem}", file=sys.stderr)
