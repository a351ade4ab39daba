"""Run folders and files: whole or not at all.

Everything is written to a temporary sibling and renamed. A run folder carries `manifest.json`, which lists
each file with its sha256; a folder without one is not ours and is never replaced.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from kaname.terms.errors import DataMissing, OutputError, Problem, TableError

MANIFEST = "manifest.json"
FORMAT = "kaname-run"
DATA_FORMAT = "kaname-data"


def sha256(content: bytes) -> str:
    """Return the hex digest of bytes."""
    return hashlib.sha256(content).hexdigest()


def write_folder(
    path: Path, files: Mapping[str, bytes], about: Mapping[str, Any] | None = None, kind: str = FORMAT
) -> dict[str, Any]:
    """Write a folder of a kind with these files (relative names with /) and a manifest; return the manifest.

    `about` is added to the manifest (scenario, seed, versions). An empty folder or an earlier run is
    replaced, the earlier run being kept until the new one is complete. Raises `OutputError` where the folder
    holds something else, cannot be written, or the disk is full; then nothing is half-written and the earlier
    run is intact.
    """
    names = sorted(files)
    _check_names(names)
    check_target(path, kind)
    manifest: dict[str, Any] = {
        **(about or {}),
        "format": kind,
        "files": {name: {"sha256": sha256(files[name]), "bytes": len(files[name])} for name in names},
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    with _placed(path) as fresh:
        for name in names:
            _put(fresh / name, files[name])
        _put(fresh / MANIFEST, text.encode("utf-8"))
    return manifest


@contextlib.contextmanager
def _placed(path: Path) -> Iterator[Path]:
    """Give a fresh folder beside `path`; filled, it takes the place of `path`, or nothing is left."""
    fresh: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent))
        fresh.chmod(0o755)
        yield fresh
        _swap(fresh, path)
    except OSError as error:
        raise _failed(path, error) from error
    finally:
        if fresh is not None and fresh.exists():
            shutil.rmtree(fresh, ignore_errors=True)


def fill_folder(
    path: Path, fill: Callable[[Path], Mapping[str, Any]], kind: str = DATA_FORMAT
) -> dict[str, Any]:
    """Write a folder of imported data whole or not at all, without holding its files in memory.

    `fill` is given a fresh folder beside `path`, writes its files into it and returns what the manifest says
    about them; whatever it raises leaves nothing behind. Hashes are added and the folder is put in place; a
    folder of the same kind is replaced. Returns the manifest; raises as `write_folder`.
    """
    check_target(path, kind)
    with _placed(path) as fresh:
        about = fill(fresh)
        files = sorted(file for file in fresh.rglob("*") if file.is_file())
        listed = {
            file.relative_to(fresh).as_posix(): {"sha256": sha256_of(file), "bytes": file.stat().st_size}
            for file in files
        }
        manifest = {**about, "format": kind, "files": listed}
        text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        _put(fresh / MANIFEST, text.encode("utf-8"))
    return manifest


def sha256_of(path: Path) -> str:
    """Return the hex digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def append_line(path: Path, line: str) -> None:
    """Add a line to a log; several processes may do so at once. Raises `OutputError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line.replace("\n", " ") + "\n")
    except OSError as error:
        raise _failed(path, error) from error


def write_file(path: Path, content: bytes) -> None:
    """Write one file through a temporary sibling; `OutputError` and the old file intact where that fails."""
    fresh: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
        fresh = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(0o644)
        fresh.replace(path)
    except OSError as error:
        raise _failed(path, error) from error
    finally:
        if fresh is not None:
            fresh.unlink(missing_ok=True)


def read_manifest(path: Path, kind: str = FORMAT) -> dict[str, Any]:
    """Return the manifest of a run, or of imported data where `kind` is `DATA_FORMAT`.

    `DataMissing` where there is none, `TableError` where it is broken or of another kind.
    """
    file = path / MANIFEST
    what = "a run folder" if kind == FORMAT else "a data folder"
    if not file.is_file():
        made = "of a run, as printed by `kaname run`" if kind == FORMAT else "that `kaname data import` wrote"
        fix = f"Give the folder {made}"
        raise DataMissing(Problem(f"not {what}: it has no manifest.json", str(path), fix=fix))
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        fix = "Run the scenario again"
        raise TableError(
            Problem("the manifest cannot be read", str(file), got=str(error), fix=fix)
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != kind:
        expected = f'"format": "{kind}"'
        raise TableError(
            Problem(f"not the manifest of {what.replace(' folder', '')}", str(file), expected=expected)
        )
    return manifest


def verify_folder(path: Path) -> dict[str, Any]:
    """Return the manifest after comparing each file with its sha256; `TableError` lists all that differ."""
    manifest = read_manifest(path)
    problems = []
    for name, entry in manifest.get("files", {}).items():
        file = path / name
        if not file.is_file():
            problems.append(Problem("the file is missing", str(file), fix="Run the scenario again"))
        elif (found := sha256(file.read_bytes())) != entry["sha256"]:
            fix = "Run the scenario again"
            problems.append(Problem("the file was changed", str(file), found[:12], entry["sha256"][:12], fix))
    if problems:
        raise TableError(problems)
    return manifest


def _check_names(names: list[str]) -> None:
    """Refuse names that leave the folder or clash with the manifest."""
    for name in names:
        parts = PurePosixPath(name)
        if not name or parts.is_absolute() or ".." in parts.parts or "\\" in name or name == MANIFEST:
            raise OutputError(Problem("a file name that cannot lie in a run folder", "files", repr(name)))


def check_target(path: Path, kind: str = FORMAT) -> None:
    """Refuse a target that is a file, that holds something else than a run (or this kind), or that cannot be
    written: before hours of work, not after them. Raises OutputError.
    """
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise OutputError(
            Problem("the place is taken by a file or link", str(path), fix="Choose another folder")
        )
    try:
        taken = path.is_dir() and any(path.iterdir())
    except OSError as error:
        raise _failed(path, error) from error
    if taken and not _is_ours(path, kind):
        ours = "run" if kind == FORMAT else "import"
        raise OutputError(
            Problem(
                f"the folder is not empty and is not {'a run' if kind == FORMAT else 'an import'} of kaname",
                str(path),
                expected=f"a new or empty folder, or an earlier {ours}",
                fix="Choose another folder with --out; nothing was written",
            )
        )
    _check_place(path)


def _check_place(path: Path) -> None:
    """Refuse a place below a file, or in a folder that may not be written to."""
    try:
        above = path.absolute().parent
        while not above.exists():
            above = above.parent
        if not above.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(above, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _failed(path, error) from error


def _is_ours(path: Path, kind: str) -> bool:
    """Tell whether a folder holds a run, or other data of this kind, that we may replace."""
    try:
        read_manifest(path, kind)
    except (DataMissing, TableError):
        return False
    return True


def _put(path: Path, content: bytes) -> None:
    """Write one new file and make sure that it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _swap(fresh: Path, path: Path) -> None:
    """Put the complete new folder in place; the old one is moved aside first and put back if that fails."""
    old: Path | None = None
    if path.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".old", dir=path.parent))
        path.rename(old)
    try:
        fresh.rename(path)
    except OSError:
        if old is not None:
            old.rename(path)
        raise
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


def _failed(path: Path, error: OSError) -> OutputError:
    """Return the error for a place that cannot be written."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        what, fix = "the disk is full", "Free some space or choose another folder"
    elif error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        what, fix = "the place cannot be written to", "Choose a folder that you may write to"
    else:
        what, fix = "writing failed", "Choose another folder"
    return OutputError(
        Problem(what, str(path), got=error.strerror or str(error), fix=f"{fix}; nothing was written")
    )
