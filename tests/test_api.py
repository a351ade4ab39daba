"""The public names of the package: one list, documented, cheap to import."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
from dataclasses import is_dataclass
from types import ModuleType

import pytest

import kaname

PROMISED = {"run_study", "build_network", "simulate", "exposure", "hindcast", "indicators", "supply_risk"}
HEAVY = ("numpy", "numba", "scipy", "pandas", "pyarrow", "duckdb", "xarray", "pydantic", "typer", "rich")


def fresh(code: str) -> list[str]:
    """Return what a fresh interpreter prints as a JSON list after running some code."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


def test_the_names_promised_are_there() -> None:
    assert set(kaname.__all__) >= PROMISED
    assert list(kaname.__all__) == sorted(set(kaname.__all__))


def test_dir_and_the_loader_give_exactly_the_public_names() -> None:
    assert dir(kaname) == list(kaname.__all__)
    code = (
        "import json, kaname\n"
        "loaded = [name for name in kaname.__all__ if getattr(kaname, name) is not None]\n"
        "print(json.dumps(loaded))"
    )
    assert fresh(code) == list(kaname.__all__)
    assert set(kaname._HOMES) == set(kaname.__all__)


def test_star_import_brings_the_public_names_and_no_more() -> None:
    code = (
        "import json\nbefore = set(dir())\nfrom kaname import *\n"
        "print(json.dumps(sorted(set(dir()) - before)))"
    )
    assert fresh(code) == sorted([*kaname.__all__, "before"])


@pytest.mark.parametrize("name", kaname.__all__)
def test_every_public_name_is_documented_and_no_module(name: str) -> None:
    found = getattr(kaname, name)
    assert not isinstance(found, ModuleType)
    text = inspect.getdoc(found) or ""
    assert len(text) > 30, name
    if is_dataclass(found):
        assert not text.startswith(f"{name}("), "the text that dataclasses write themselves"
    if inspect.isfunction(found):
        assert "return" in found.__annotations__
        assert found.__module__.startswith("kaname.")


@pytest.mark.parametrize("name", kaname.__all__)
def test_a_public_name_is_what_its_home_holds(name: str) -> None:
    home = importlib.import_module(kaname._HOMES[name])
    assert getattr(kaname, name) is getattr(home, "load" if name == "load_scenario" else name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'run_stduy'"):
        kaname.run_stduy  # noqa: B018


@pytest.mark.parametrize(
    "before",
    [
        "",
        "import kaname.simulate",
        "import kaname.exposure",
        "import kaname.indicators, kaname.criticality.ask, kaname.supply_risk, kaname.hindcast",
        "from kaname import simulate, exposure\nimport kaname.simulate.reference, kaname.cli",
        "from importlib import import_module as get\nget('kaname.simulate')\nget('kaname.exposure')",
    ],
)
def test_rooms_do_not_hide_functions(before: str) -> None:
    """`simulate` and `exposure` are functions whatever was imported before, and the rooms stay importable."""
    code = (
        f"{before}\nimport json, types, kaname\n"
        "from kaname.simulate.engine import simulate\nfrom kaname.exposure import exposure\n"
        "from kaname.criticality.ask import indicators\nfrom kaname.indicators.rows import IndicatorRow\n"
        "print(json.dumps([str(kaname.simulate is simulate), str(kaname.exposure is exposure),"
        " str(kaname.indicators is indicators)]))"
    )
    assert fresh(code) == ["True", "True", "True"]


def test_importing_is_cheap() -> None:
    code = "import json, sys, kaname\nprint(json.dumps(sorted(sys.modules)))"
    modules = set(fresh(code))
    assert modules.isdisjoint(HEAVY)
    assert {name for name in modules if name.startswith("kaname.")} == set()
