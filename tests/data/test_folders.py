"""Run folders: whole or not at all, and the earlier run kept until the new one is complete."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from kaname.data import folders
from kaname.data.folders import read_manifest, verify_folder, write_file, write_folder
from kaname.terms.errors import DataMissing, OutputError, TableError

FILES = {"report.html": b"<p>first</p>", "tables/shortfalls.csv": b"a,b\n1,2\n"}


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_folder_has_the_files_and_a_manifest_that_agrees(tmp_path: Path) -> None:
    run = tmp_path / "new" / "run"
    manifest = write_folder(run, FILES, {"seed": 7})
    assert {name: tree(run)[name] for name in FILES} == FILES
    assert read_manifest(run) == verify_folder(run) == manifest
    assert manifest["seed"] == 7
    assert set(manifest["files"]) == set(FILES)
    assert list(run.parent.iterdir()) == [run], "nothing temporary is left"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    write_folder(tmp_path / "run", FILES)
    assert verify_folder(tmp_path / "run")


def test_an_earlier_run_is_replaced_as_a_whole(tmp_path: Path) -> None:
    run = tmp_path / "run"
    write_folder(run, FILES)
    write_folder(run, {"other.txt": b"second"})
    assert set(tree(run)) == {"other.txt", "manifest.json"}
    assert list(tmp_path.iterdir()) == [run]


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json"])
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"name": "an app"}')
    with pytest.raises(OutputError, match="not a run of kaname") as caught:
        write_folder(tmp_path, FILES)
    assert "nothing was written" in str(caught.value)
    assert set(tree(tmp_path)) == {name}


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine")
    with pytest.raises(OutputError, match="taken by a file"):
        write_folder(tmp_path / "run", FILES)
    assert (tmp_path / "run").read_text() == "mine"


@pytest.mark.parametrize("name", ["../out.txt", "/etc/x", "a/../../b", "manifest.json", "", "a\\b"])
def test_names_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError):
        write_folder(tmp_path / "run", {name: b""})
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_nothing_and_keeps_the_earlier_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    write_folder(run, FILES)
    before = tree(run)
    written: list[int] = []

    def full(handle: int) -> None:
        written.append(handle)
        if len(written) > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(folders.os, "fsync", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write_folder(run, {"a.txt": b"1", "b.txt": b"2"})
    assert len(written) == 2, "it failed in the middle"
    assert tree(run) == before
    assert list(tmp_path.iterdir()) == [run]


def test_a_really_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")

    def put(path: Path, content: bytes) -> None:
        full.write_bytes(content)

    monkeypatch.setattr(folders, "_put", put)
    with pytest.raises(OutputError, match="the disk is full"):
        write_folder(tmp_path / "run", FILES)
    assert not list(tmp_path.iterdir())


def test_the_earlier_run_comes_back_if_the_last_step_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    write_folder(run, FILES)
    before = tree(run)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name.endswith(".new"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OutputError, match="writing failed"):
        write_folder(run, {"a.txt": b"1"})
    assert tree(run) == before
    assert list(tmp_path.iterdir()) == [run]


def test_an_unwritable_place_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(folders.tempfile, "mkdtemp", refused)
    with pytest.raises(OutputError, match="cannot be written to") as caught:
        write_folder(tmp_path / "run", FILES)
    assert caught.value.exit_code == 1
    assert not list(tmp_path.iterdir())


def test_a_parent_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError):
        write_folder(tmp_path / "file" / "run", FILES)
    assert (tmp_path / "file").read_text() == "mine"


def test_one_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sub" / "table.csv"
    write_file(path, b"one")
    write_file(path, b"two")
    assert path.read_bytes() == b"two"

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folders.os, "fsync", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write_file(path, b"three")
    assert tree(tmp_path) == {"sub/table.csv": b"two"}


def test_a_changed_or_missing_file_is_found(tmp_path: Path) -> None:
    run = tmp_path / "run"
    write_folder(run, FILES)
    (run / "report.html").write_bytes(b"<p>changed</p>")
    (run / "tables" / "shortfalls.csv").unlink()
    with pytest.raises(TableError) as caught:
        verify_folder(run)
    assert len(caught.value.problems) == 2
    assert "was changed" in str(caught.value)
    assert "is missing" in str(caught.value)


def test_manifests_that_are_missing_or_broken(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="not a run folder"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(TableError, match="cannot be read"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "other"}))
    with pytest.raises(TableError, match="not the manifest of a run"):
        read_manifest(tmp_path)
