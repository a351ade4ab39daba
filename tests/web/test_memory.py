"""What keeps a server small: libraries that it need not hold are not there; each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kaname.web.memory import most_mb

HEAVY = ("pandas", "xarray", "numba", "scipy.stats", "dask", "spacy")


def run(code: str) -> str:
    """Run a program in a new process and return what it printed."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.strip()


@pytest.mark.parametrize("module", ["kaname.web.app", "kaname.web.worker"])
def test_a_server_and_a_worker_begin_without_heavy_libraries(module: str) -> None:
    assert run(f"import sys, {module}; print([one for one in {HEAVY!r} if one in sys.modules])") == "[]"


def test_pyarrow_does_not_load_pandas_and_pandas_is_still_there() -> None:
    code = (
        "import sys; from kaname.web.memory import arrow_without_pandas; arrow_without_pandas();"
        "import pyarrow as pa; pa.table({'a': ['x', None]}); print('pandas' in sys.modules);"
        "import pandas; print(pandas.DataFrame({'a': [1]}).shape)"
    )
    assert run(code).split("\n") == ["False", "(1, 1)"]


def test_where_pandas_is_loaded_nothing_is_changed() -> None:
    code = (
        "import pandas; from kaname.web.memory import arrow_without_pandas; arrow_without_pandas();"
        "import pyarrow as pa; print(pa.table({'a': [1, 2]}).to_pandas().shape)"
    )
    assert run(code) == "(2, 1)"


def test_the_most_memory_grows_with_what_is_held() -> None:
    code = (
        "from kaname.web.memory import most_mb, one_heap; one_heap(); before = most_mb();"
        "held = bytearray(80_000_000); print(round(most_mb() - before))"
    )
    assert 60 <= int(run(code)) <= 120
    assert most_mb() > 10.0
