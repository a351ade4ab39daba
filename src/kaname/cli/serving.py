"""The verb that opens the pages: serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kaname.terms.errors import KanameError, Problem
from kaname.terms.extras import require_extra


def serve(
    folder: Annotated[Path, typer.Option("--folder", help="Folder of the runs.")] = Path("runs"),
    store: Annotated[Path, typer.Option("--store", help="File of the event store.")] = Path("events.duckdb"),
    host: Annotated[
        str, typer.Option("--host", help="Address; beyond this machine a token is needed.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8765,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="Host name under which it is asked, as often as needed."),
    ] = None,
    read_token: Annotated[
        str, typer.Option("--read-token", envvar="KANAME_READ_TOKEN", help="Token that opens reading.")
    ] = "",
    write_token: Annotated[
        str, typer.Option("--write-token", envvar="KANAME_WRITE_TOKEN", help="Token that opens all.")
    ] = "",
    draws: Annotated[
        int, typer.Option("--draws", min=0, help="Draws of the sample run, if it is not there.")
    ] = 32,
) -> None:
    """Open the pages in the browser, on this machine only unless told otherwise; runs lie in the folder."""
    uvicorn = require_extra("web", "uvicorn")
    require_extra("web", "fastapi")
    from kaname.web.app import create_app  # noqa: PLC0415
    from kaname.web.memory import arrow_without_pandas, one_heap  # noqa: PLC0415
    from kaname.web.settings import Settings  # noqa: PLC0415

    one_heap()
    arrow_without_pandas()
    settings = Settings(
        folder, store, host, port, read_token, write_token, tuple(name or ()), sample_draws=draws
    )
    app = create_app(settings)
    shown = f"[{host}]" if ":" in host else host
    print(f"kaname: http://{shown}:{port}  (runs in {folder}; stop with Ctrl+C)", flush=True)
    try:
        uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, server_header=False)
    except SystemExit as error:
        if error.code:
            raise KanameError(
                Problem("the server did not start", f"{host}:{port}", fix="Give another --port.")
            ) from None
