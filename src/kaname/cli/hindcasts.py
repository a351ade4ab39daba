"""The verb hindcast: a past episode run forward, and scored against what happened."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from kaname.cli.datasets import root_of
from kaname.cli.printing import WIDE, Csv, Json, show

_COLUMNS = {
    "importer": "importer",
    "origin": "from",
    "period": "when",
    "central": "predicted",
    "band": "5 to 95 %",
    "observed": "observed",
    "proportional": "as announced",
    "imposed": "actual exports",
    "measure": "what",
}
NARROW = ("proportional", "imposed", "measure")  # columns left out of a narrow terminal
_SCORES = {
    "measure": "what",
    "cells": "figures",
    "mean_absolute_error": "error",
    "no_change_error": "no change",
    "proportional_error": "as announced",
    "imposed_error": "actual exports",
    "band_coverage": "in band",
    "crps": "CRPS",
}


def hindcast(
    episode: Annotated[
        str | None, typer.Argument(help="Name of a shipped episode, or a YAML file; without it, the names.")
    ] = None,
    *,
    draws: Annotated[
        int, typer.Option("--draws", help="Samples of all ranges at once, for the bands.")
    ] = 200,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the samples.")] = 20101102,
    data: Annotated[
        Path | None, typer.Option("--data", help="A folder that kaname data import wrote, with your trade.")
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Run a past episode forward from its base year, and score it against what happened."""
    if episode is None:
        _list(as_json=as_json, as_csv=as_csv)
        return
    from kaname.hindcast.run import hindcast as run  # noqa: PLC0415

    root = root_of(data)
    found = run(episode, draws, seed, root)
    cells = [cell.as_dict() for cell in found.cells]
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=1, allow_nan=False))
        return
    if as_csv:
        show(cells, {}, "", False, True)
        return
    print(found.sentence + "\n")
    for measure, title in (
        ("change", f"Imports against {found.episode.base_year}: 0.5 is half as much again"),
        ("unit_value", f"Unit values of imports, as a multiple of {found.episode.base_year}"),
    ):
        rows = [cell for cell in cells if cell["measure"] == measure]
        rows = [cell for cell in rows if cell["headline"]] or rows
        if rows:
            columns = _fitting(_COLUMNS)
            show([_written(_banded(cell), columns) for cell in rows], columns, title, False, False)
            print()
    scores = [item.as_dict() for item in found.scores if item.cells]
    title = "Mean absolute errors (unit values: of their logarithm); the band should hold .90"
    rows = [_written(row, _SCORES) for row in ({**found.headline.as_dict(), "measure": "headline"}, *scores)]
    show(rows, _SCORES, title, False, False)
    for note in found.notes:
        print(f"* {note}")


def _fitting(columns: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that a terminal of this width can hold without cutting a number."""
    wide = shutil.get_terminal_size().columns >= WIDE
    return {name: head for name, head in columns.items() if wide or name not in NARROW}


def _banded(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell with its band as one text; None without one."""
    ends = [_two(cell[name]) for name in ("low", "high")]
    return {**cell, "band": None if None in ends else " to ".join(ends)}


def _written(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Return the row with its numbers in two decimals, as changes and errors read best."""
    return {name: _two(row[name]) for name in columns}


def _two(value: Any) -> Any:
    """Return a number with two decimals, nought without a sign; anything else as it is."""
    if not isinstance(value, float):
        return value
    return "0.00" if abs(value) < 0.005 else f"{value:.2f}"


def _list(*, as_json: bool, as_csv: bool) -> None:
    """Print the shipped episodes."""
    from kaname.hindcast.episode import load_episode, shipped_episodes  # noqa: PLC0415

    rows: list[dict[str, Any]] = []
    for name in shipped_episodes():
        item = load_episode(name)
        rows.append({"episode": name, "base_year": str(item.base_year), "title": item.title})
    if as_json or as_csv:
        show(rows, {"episode": "episode", "base_year": "base year", "title": "what"}, "", as_json, as_csv)
        return
    print("Episodes: give one of these names, or a YAML file.\n")
    for row in rows:
        print(f"{row['episode']:18s} {row['title']}")
