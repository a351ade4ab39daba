"""data check, coverage and balance on the command line: sentence first, then tables that fit."""

from __future__ import annotations

import csv
import io
import json
from importlib import import_module
from typing import Any

import pytest
from typer.testing import CliRunner

from kaname import cli
from kaname.audit.balances import data_balance
from kaname.audit.check import check_data
from kaname.audit.coverage import data_coverage
from kaname.audit.findings import KINDS
from kaname.baseline import Baseline
from kaname.data.contracts import OWN

COMMANDS = {
    "check": ["check", "--product", "tungsten_ore"],
    "check one kind": ["check", "--product", "tungsten_ore", "--kind", "negative"],
    "coverage": ["coverage"],
    "tables": ["tables"],
    "balance": ["balance", "tungsten_ore"],
    "balance in thousands": ["balance", "copper_ore"],
    "balance in millions": ["balance", "bauxite"],
    "balance in money": ["balance", "capacitors"],
    "balance of a country": ["balance", "magnets", "--country", "Japan"],
}


@pytest.fixture(autouse=True)
def _built_once(baseline: Baseline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("kaname.audit.balances"), "load_baseline", lambda *_, **__: baseline)


def run(*arguments: str, width: int = 80) -> str:
    done = CliRunner().invoke(cli.app, ["data", *arguments], env={"COLUMNS": str(width), "NO_COLOR": "1"})
    assert done.exit_code == 0, done.output
    return str(done.stdout)


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_wider_than_the_terminal_and_nothing_is_cut(name: str, width: int) -> None:
    text = run(*COMMANDS[name], width=width)
    assert max(map(len, text.splitlines())) <= width
    wide = run(*COMMANDS[name], width=400)
    for word in plain(wide).split():
        if len(word) <= 20:
            assert word in plain(text), word


@pytest.mark.parametrize("name", OWN)
def test_the_rows_of_every_table_are_listed(name: str) -> None:
    text = run("tables", name, width=120)
    assert plain(text).startswith(f"{name} ")
    assert {"assumed", "estimated", "observed", "reported"} & set(plain(text).split())


def test_the_sentence_comes_first(baseline: Baseline) -> None:
    told = {
        "check": check_data(product="tungsten_ore").headline,
        "coverage": data_coverage().headline,
        "balance": data_balance("tungsten_ore", baseline=baseline).headline,
    }
    for name, headline in told.items():
        assert plain(run(*COMMANDS[name])).startswith(headline)


def test_json_is_the_python_twin(baseline: Baseline) -> None:
    twins: dict[str, Any] = {
        "check": check_data(product="tungsten_ore").as_dict(),
        "coverage": data_coverage().as_dict(),
        "balance": data_balance("tungsten_ore", baseline=baseline).as_dict(),
    }
    for name, twin in twins.items():
        assert json.loads(run(*COMMANDS[name], "--json")) == json.loads(json.dumps(twin))


def test_csv_has_every_row(baseline: Baseline) -> None:
    lengths = {
        "check": len(check_data(product="tungsten_ore").findings),
        "coverage": len(data_coverage().stages),
        "balance": len(data_balance("tungsten_ore", baseline=baseline).rows),
    }
    for name, length in lengths.items():
        assert len(list(csv.DictReader(io.StringIO(run(*COMMANDS[name], "--csv"))))) == length


def test_the_table_of_kinds_counts_all() -> None:
    text = run("check", "--product", "tungsten_ore", width=200)
    for kind, count in check_data(product="tungsten_ore").counts.items():
        assert [str(KINDS[kind].trap), kind, f"{count:,}"] in [line.split()[:3] for line in text.splitlines()]


def test_missing_materials_are_named_with_the_reason() -> None:
    text = plain(run("coverage"))
    for item in data_coverage().listed:
        if item.state in ("missing", "partly"):
            assert f"{item.list}, {item.material}: {item.why}." in text


def test_the_balance_says_whether_it_closes_and_that_stocks_are_not_known() -> None:
    text = plain(run("balance", "tungsten_ore"))
    assert "every node closes" in text
    assert "Stock changes are known for no country" in text
