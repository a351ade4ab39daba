"""A folder for what can be made again: one file per key, written whole or not at all, never trusted.

The folder is `KANAME_CACHE`, else `kaname` in `XDG_CACHE_HOME` or `~/.cache`; `KANAME_CACHE=off`
switches it off. A file that is missing, changed, cut short or of another version counts as not there.
Arrays and text only: loading runs no code. Processes that load the same file share its arrays in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from kaname.terms.freeze import Frozen

KEPT = 4  # files of one kind; the oldest go first
FORMAT = 2
SUFFIX = ".kept"
HEAD_BYTES = 512
ALIGNED_BYTES = 64
BLOCK_BYTES = 1_000_000


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


def key_of(asked: str, code: Iterable[Path]) -> str:
    """Return a key: a hash of what is asked for and of the files of the code that makes it."""
    digest = hashlib.sha256(f"{asked} {np.__version__}".encode())
    for path in sorted(code):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def load(kind: str, key: str) -> Frozen | None:
    """Return what was kept under a key, or None."""
    place = folder()
    if place is None:
        return None
    try:
        with (place / f"{kind}-{key}{SUFFIX}").open("rb") as file:
            head = json.loads(file.readline(HEAD_BYTES))
            if head["format"] != FORMAT or head["key"] != key or head["size"] != _size(file):
                return None
            if file.tell() != HEAD_BYTES or _checksum(file) != head["checksum"]:
                return None
            file.seek(HEAD_BYTES)
            tree: Any = json.loads(file.read(head["tree"]))
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)  # writing changes no file
        start = HEAD_BYTES + head["tree"] + -head["tree"] % ALIGNED_BYTES
        arrays = [_array(mapped, kind, shape, start + at) for kind, shape, at in tree["arrays"]]
        return Frozen(tree["tree"], arrays, tree["sets"])
    except (OSError, KeyError, ValueError, TypeError, AttributeError):
        return None


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _checksum(file: BinaryIO) -> int:
    found = 0
    while part := file.read(BLOCK_BYTES):
        found = zlib.crc32(part, found)
    return found


def _array(mapped: mmap.mmap, kind: str, shape: list[int], offset: int) -> NDArray[Any]:
    dtype = np.dtype(kind)
    if dtype.hasobject:
        raise ValueError(kind)
    return np.ndarray(tuple(shape), dtype, mapped, offset)


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
                file.writelines(_content(key, frozen))
            Path(name).replace(place / f"{kind}-{key}{SUFFIX}")
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        _forget_oldest(place, kind)
    except OSError:
        return False
    return True


def _content(key: str, frozen: Frozen) -> list[bytes]:
    """Return head, tree and arrays, each padded: arrays begin where fast loops want them to."""
    places, parts, at = [], [], 0
    for array in map(np.ascontiguousarray, frozen.arrays):
        places.append((array.dtype.str, array.shape, at))
        parts.append(_padded(array.tobytes()))
        at += len(parts[-1])
    tree = json.dumps({"tree": frozen.tree, "sets": frozen.sets, "arrays": places}).encode()
    parts.insert(0, _padded(tree))
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    size = HEAD_BYTES + sum(map(len, parts))
    head = {"format": FORMAT, "key": key, "size": size, "checksum": checksum, "tree": len(tree)}
    return [json.dumps(head).encode().ljust(HEAD_BYTES - 1) + b"\n", *parts]


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % ALIGNED_BYTES)


def _forget_oldest(place: Path, kind: str) -> None:
    files = sorted(place.glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime)
    for path in files[:-KEPT]:
        with contextlib.suppress(OSError):
            path.unlink()
