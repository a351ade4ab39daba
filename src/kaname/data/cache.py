"""A folder for what can be made again: one file per key, written whole or not at all, never trusted.

The folder is `KANAME_CACHE`, else `kaname` in `XDG_CACHE_HOME` or `~/.cache`; `KANAME_CACHE=off`
switches it off. A file that is missing, cut short or of another version counts as not there. Arrays and text
only: loading runs no code.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from kaname.terms.freeze import Frozen

KEPT = 4  # files of one kind; the oldest go first
FORMAT = 1


def folder() -> Path | None:
    """Return the folder of the cache, which need not exist; None where it is switched off."""
    named = os.environ.get("KANAME_CACHE", "")
    if named.lower() == "off":
        return None
    if named:
        return Path(named)
    home = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(home) if home else Path.home() / ".cache") / "kaname"
    except RuntimeError:  # no home
        return None


def load(kind: str, key: str) -> Frozen | None:
    """Return what was kept under a key, or None."""
    place = folder()
    if place is None:
        return None
    try:
        with zipfile.ZipFile(place / f"{kind}-{key}.zip") as archive:
            head = json.loads(archive.read("head.json"))
            if head["format"] != FORMAT or head["key"] != key:
                return None
            arrays = [_array(archive, f"{i}.npy") for i in range(head["arrays"])]
            tree: Any = json.loads(archive.read("tree.json"))
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile):
        return None
    return Frozen(tree["tree"], arrays, tree["sets"])


def _array(archive: zipfile.ZipFile, name: str) -> Any:
    return np.load(io.BytesIO(archive.read(name)), allow_pickle=False)


def save(kind: str, key: str, frozen: Frozen) -> bool:
    """Keep something under a key; False where it cannot be written, which is no fault."""
    place = folder()
    if place is None:
        return False
    try:
        place.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                _write(file, key, frozen)
            Path(name).replace(place / f"{kind}-{key}.zip")
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        _forget_oldest(place, kind)
    except OSError:
        return False
    return True


def _write(file: Any, key: str, frozen: Frozen) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(
            "head.json", json.dumps({"format": FORMAT, "key": key, "arrays": len(frozen.arrays)})
        )
        archive.writestr("tree.json", json.dumps({"tree": frozen.tree, "sets": frozen.sets}))
        for i, array in enumerate(frozen.arrays):
            with archive.open(f"{i}.npy", "w", force_zip64=True) as part:
                np.lib.format.write_array(part, array, allow_pickle=False)


def _forget_oldest(place: Path, kind: str) -> None:
    files = sorted(place.glob(f"{kind}-*.zip"), key=lambda path: path.stat().st_mtime)
    for path in files[:-KEPT]:
        with contextlib.suppress(OSError):
            path.unlink()
