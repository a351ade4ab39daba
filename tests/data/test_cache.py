"""The cache is used when it is right and passed over when it is not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kaname import baseline as module
from kaname.baseline import Baseline, load_baseline
from kaname.data import cache
from kaname.terms.freeze import freeze, thaw


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setenv("KANAME_CACHE", str(tmp_path))
    return tmp_path


def test_a_kept_value_is_found_by_its_key_alone(place: Path) -> None:
    assert cache.load("kind", "a") is None
    assert cache.save("kind", "a", freeze((1.5, np.arange(3))))
    found = cache.load("kind", "a")
    assert found is not None
    value, array = thaw(found, [])
    assert (value, array.tolist()) == (1.5, [0, 1, 2])
    assert cache.load("kind", "b") is None
    assert [path.name for path in place.iterdir()] == ["kind-a.kept"]


@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "renamed"])
def test_a_damaged_file_counts_as_not_there(place: Path, damage: str) -> None:
    cache.save("kind", "a", freeze(("text", np.arange(1000))))
    path = place / "kind-a.kept"
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "noise":
        path.write_bytes(content.replace(b"text", b"tent"))
    else:
        path.rename(place / "kind-b.kept")
    assert cache.load("kind", "b" if damage == "renamed" else "a") is None


def test_old_files_go_and_a_folder_that_cannot_be_written_is_no_fault(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(cache.KEPT + 3):
        cache.save("kind", str(i), freeze(i))
    assert len(list(place.iterdir())) == cache.KEPT
    blocked = place / "file"
    blocked.write_text("x")
    monkeypatch.setenv("KANAME_CACHE", str(blocked))
    assert not cache.save("kind", "a", freeze(1))
    assert cache.load("kind", "a") is None
    monkeypatch.setenv("KANAME_CACHE", "off")
    assert cache.folder() is None
    assert not cache.save("kind", "a", freeze(1))


def test_a_network_from_the_cache_is_the_network(
    place: Path, baseline: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every array bit for bit, every sentence; and it is not built again."""
    first = load_baseline()
    assert list(place.glob("network-*.kept"))

    def refuse(*_: object) -> None:
        raise AssertionError("built again")

    with monkeypatch.context() as patched:
        patched.setattr(module, "build_from_sources", refuse)
        patched.setattr(module, "load_sources", refuse)
        again = load_baseline()
    for build in (first.build, baseline.build):
        kept, made = freeze(again.build), freeze(build)
        assert json.dumps(kept.tree) == json.dumps(made.tree)  # as text, where NaN equals NaN
        assert kept.sets == made.sets
        assert all(
            a.dtype == b.dtype and a.tobytes() == b.tobytes()
            for a, b in zip(kept.arrays, made.arrays, strict=True)
        )
    assert again.sources.trade == baseline.sources.trade  # read when asked for
