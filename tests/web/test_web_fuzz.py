"""The interface against its own OpenAPI document: generated requests, each operation a bounded number.

In-process, with a fixed seed: no server error, no status that is not documented, and every answer of the
content type and shape that the document says. Half of the requests name things that are there, so that they
come past the door.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from sites import ROOT

from kaname.web.app import create_app
from kaname.web.settings import Settings

with warnings.catch_warnings():  # of its imports: a test client that will want another HTTP library
    warnings.simplefilter("ignore")
    schemathesis = pytest.importorskip("schemathesis", reason="the group dev is not installed")
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

pytestmark = pytest.mark.filterwarnings("ignore")  # of the generator; ours are errors in the other tests

EXAMPLES = {GenerationMode.POSITIVE: 8, GenerationMode.NEGATIVE: 4}
"""Requests to each operation: those that the document allows, and those that it does not."""
SLOW = {"/api/v1/runs/{ident}/why": 1, "/api/v1/data/check": 2}
"""Fewer to those that compute for seconds."""
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
SCENARIO = (ROOT / "examples" / "other" / "smelter-outage.yaml").read_text(encoding="utf-8")
KNOWN: dict[str, list[Any]] = {
    "ident": ["small"], "passage": ["taiwan-strait"], "exporter": ["CHN"], "importer": ["JPN"],
    "product": ["magnets", "tungsten_ore"], "country": ["JPN", "CHN"], "market": ["JPN"], "to": ["CHN"],
    "from": ["AUS"], "year": [2023, 2024], "one": ["JPN"], "other": ["CHN"], "case": ["smelter-outage"],
    "kind": ["bom", "hub"], "episode": ["gallium-2023"], "hs": ["280530"], "members": ["JPN,USA"],
    "area": ["okinawa-southwest"], "name": ["report.html", "cover", "geopolrisk"],
    "scenario": [SCENARIO], "scenarios": [[SCENARIO]], "text": ["China banned exports of gallium to Japan."],
    "bom": ["item,supplier_country,product\nA,CHN,magnets\n"],
}  # fmt: skip
"""What is there, by the name of a parameter or field."""


@pytest.fixture(scope="module")
def document(tiny_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The OpenAPI document of a server on a copy of the runs, since jobs are queued in it."""
    folder = tmp_path_factory.mktemp("fuzz") / "runs"
    shutil.copytree(tiny_runs, folder)
    many = 10**9
    app = create_app(
        Settings(
            folder,
            folder.parent / "none.duckdb",
            names=("testserver", "localhost"),
            most_reads_per_10_s=many,
            most_writes_per_10_s=many,
            work=False,
        )
    )
    return schemathesis.openapi.from_asgi("/openapi.json", app)


def _with_known(case: Any, pick: int) -> None:
    """Put what is there in the place of what was generated."""
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            for name in part:
                if name in KNOWN:
                    part[name] = KNOWN[name][pick % len(KNOWN[name])]


def _ask(operation: Any, mode: Any, seen: set[int]) -> None:
    """Send generated requests to an operation and check each answer."""

    @settings(
        max_examples=SLOW.get(operation.path, EXAMPLES[mode]),
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans(), pick=st.integers(0, 5))
    def asked(case: Any, known: bool, pick: int) -> None:
        if known:
            _with_known(case, pick)
        answer = case.call()
        seen.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    asked()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda m: m.value)
def test_every_operation_answers_as_it_is_documented(document: Any, mode: Any) -> None:
    faults, seen, count = [], set[int](), 0
    for found in document.get_all_operations():
        operation = found.ok()
        count += 1
        try:
            _ask(operation, mode, seen)
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE  # nothing can be wrong with it: it takes nothing
        except (Exception, BaseExceptionGroup) as error:
            faults.append(f"{operation.method.upper()} {operation.path}: {error}")
    assert not faults, "\n\n".join(faults)
    assert count > 40
    assert seen >= ({200, 202, 404, 422} if mode is GenerationMode.POSITIVE else {422})
