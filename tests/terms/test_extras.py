"""A missing extra says how to install it."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest

from kaname.terms.errors import DataMissing, InputError
from kaname.terms.extras import EXTRAS, install_line, require_extra

ROOT = Path(__file__).resolve().parents[2]


def test_the_extras_are_those_of_pyproject() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(EXTRAS) == set(declared) - {"all"}
    assert declared["all"] == [f"kaname[{','.join(EXTRAS)}]"]


def test_an_installed_module_is_returned() -> None:
    assert require_extra("web", "json") is json


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("module", ["kaname_absent", "kaname_absent.deep.inside"])
def test_a_missing_module_gives_the_install_line(extra: str, module: str) -> None:
    with pytest.raises(DataMissing) as caught:
        require_extra(extra, module)
    assert caught.value.exit_code == 3
    assert f"pip install 'kaname[{extra}]'" in str(caught.value)
    assert caught.value.problems[0].fix.endswith(install_line(extra))


def test_a_fault_inside_an_installed_module_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kaname_broken.py").write_text("import kaname_other_absent\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="kaname_other_absent"):
        require_extra("news", "kaname_broken")
    assert "kaname_broken" not in sys.modules


def test_an_unknown_extra_is_refused() -> None:
    with pytest.raises(InputError, match="unknown extra") as caught:
        require_extra("webb", "json")
    assert "web" in caught.value.problems[0].expected
