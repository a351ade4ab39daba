"""kaname.passages and `kaname routes`: what hangs on each passage, and ways between countries."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from importlib import import_module

import numpy as np
import pytest

import kaname
from kaname import cli
from kaname.baseline import Baseline
from kaname.network.network import Network
from kaname.terms.errors import InputError
from kaname.terms.passages import PASSAGES

DAYS = 365.0 / 7.0
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def built_once(baseline: Baseline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("kaname.passages"), "load_baseline", lambda: baseline)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("COLUMNS", "160")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["kaname", "routes", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        found = capsys.readouterr()
        return int(stop.value.code or 0), found.out, found.err

    return call


def countries(network: Network) -> tuple[np.ndarray, np.ndarray]:
    of = np.array([market.country for market in network.markets])
    return of[network.supplier_market[network.lane_supplier]], of[
        network.consumer_market[network.lane_consumer]
    ]


def test_rows_are_the_lanes_that_use_the_passage(baseline: Baseline) -> None:
    network, lane_routes = baseline.build.network, baseline.build.lane_routes
    found = kaname.routes("Malacca", baseline=baseline)
    start, end = countries(network)
    uses = np.array(["malacca" in used for used in lane_routes.passages])
    flowing = uses & (network.lane_flow > 0.0)
    assert sum(row.flow_t for row in found.rows) == pytest.approx(network.lane_flow[flowing].sum() * DAYS)
    assert found.latent_lanes == (uses & ~flowing).sum()
    ids = np.array([item.id for item in network.products])[network.supplier_product[network.lane_supplier]]
    assert {(r.product, r.exporter, r.importer) for r in found.rows} == set(
        zip(ids[flowing].tolist(), start[flowing].tolist(), end[flowing].tolist(), strict=True)
    )
    assert found.value_kusd == pytest.approx(sum(row.value_kusd or 0.0 for row in found.rows))
    values = [row.value_kusd or 0.0 for row in found.rows]
    assert values == sorted(values, reverse=True)
    for row in found.rows:
        assert 0.0 < row.inflow_share <= 1.0 + 1e-9
        assert 0.0 < row.world_share <= 1.0 + 1e-9
        assert row.stranded == (row.detour_days is None)
        assert "malacca" in row.passages
        assert row.exporter != row.importer


def test_shares_are_of_the_inflow_and_of_world_trade(baseline: Baseline) -> None:
    network = baseline.build.network
    start, end = countries(network)
    row = kaname.routes("taiwan-strait", baseline=baseline).rows[0]
    of_it = network.supplier_product[network.lane_supplier] == network.product_index(row.product)
    abroad = of_it & (start != end)
    world = network.lane_flow[abroad & (start != "ROW")].sum() * DAYS
    assert row.world_share == pytest.approx(row.flow_t / world)
    kind = network.supplier_kind[network.lane_supplier]
    passed_on = (start == row.importer) & (kind == 3)
    inflow = network.lane_flow[of_it & (end == row.importer) & ~passed_on].sum() * DAYS
    assert row.inflow_share == pytest.approx(row.flow_t / inflow)
    price = network.products[network.product_index(row.product)].price_kusd
    assert row.value_kusd == pytest.approx(row.flow_t * price)


def test_options_narrow_the_rows_and_names_are_understood(baseline: Baseline) -> None:
    whole = kaname.routes("Seas around Okinawa", baseline=baseline)
    japan = kaname.routes("okinawa", importer="Japan", baseline=baseline)
    assert japan.rows == tuple(row for row in whole.rows if row.importer == "JPN")
    assert "Japan (100" in japan.sentence
    first = japan.rows[0]
    one = kaname.routes("okinawa", first.product, first.exporter, "JPN", baseline)
    assert one.rows == (first,)
    assert kaname.routes("bering", baseline=baseline).sentence.startswith("Nothing")
    for wrong in (
        {"through": "nowhere"},
        {"through": "suez", "product": "magnet"},
        {"through": "suez", "importer": "Japn"},
    ):
        with pytest.raises(InputError, match=r"Did you mean|Known"):
            kaname.routes(**wrong, baseline=baseline)


def test_every_passage_has_a_row_that_agrees_with_its_lanes(baseline: Baseline) -> None:
    rows = kaname.passages(baseline)
    assert [row.passage for row in rows] == list(PASSAGES)
    for row in rows:
        if row.passage in ("taiwan_strait", "hormuz", "panama"):
            found = kaname.routes(row.passage, baseline=baseline)
            assert row.value_kusd == pytest.approx(found.value_kusd)
            assert row.value_share == pytest.approx(found.value_share)
            assert row.latent_lanes == found.latent_lanes
            assert row.products == len({item.product for item in found.rows})
            assert row.importers == len({item.importer for item in found.rows})
            stranded = sum(item.value_kusd or 0.0 for item in found.rows if item.stranded)
            assert row.stranded_kusd == pytest.approx(stranded)
        assert 0.0 <= row.value_share < 1.0
    by_name = {row.passage: row for row in rows}
    assert by_name["taiwan_strait"].stranded_kusd == 0.0
    assert by_name["hormuz"].stranded_kusd > 0.0
    assert by_name["suez"].detour_days > by_name["taiwan_strait"].detour_days  # type: ignore[operator]


def test_ways_between_two_countries(baseline: Baseline) -> None:
    bulk, container, dear = kaname.ways("China", "DEU", baseline)
    assert (bulk.cargo, container.cargo, dear.cargo) == ("bulk", "container", "dear")
    assert (container.mode, dear.mode) == ("sea", "air")
    assert container.passages[0] in ("taiwan_seas", "taiwan_strait")
    assert container.passages[-1] == "dover"
    assert dict(container.closures)["suez"] > 5.0  # type: ignore[operator]
    assert bulk.transit_days > container.transit_days > dear.transit_days
    assert dear.closures == dear.passages == ()
    land = kaname.ways("MMR", "CHN", baseline)[0]
    assert (land.mode, land.sea_km, land.passages) == ("land", None, ())
    gulf = kaname.ways("QAT", "JPN", baseline)[1]
    assert dict(gulf.closures)["hormuz"] is None
    carried = {name for row in kaname.ways("CHN", "JPN", baseline) for name in row.products}
    assert {"magnets", "gallium_refined"} <= carried
    with pytest.raises(InputError, match="two countries"):
        kaname.ways("JPN", "Japan", baseline)


def test_the_command_says_it_first_in_a_sentence(run: Run) -> None:
    code, out, err = run("--through", "taiwan-strait")
    assert (code, err) == (0, "")
    first = " ".join(out.split("\n\n")[0].split())
    assert first.startswith("Through the Taiwan Strait go USD ")
    assert "Closed, the way round takes" in first
    assert "carry nothing today" in out
    assert "more rows: --csv and --json have all" in out


def test_json_and_csv_hold_all_rows(run: Run, baseline: Baseline) -> None:
    found = kaname.routes("panama", importer="USA", baseline=baseline)
    code, out, _ = run("--through", "Panama Canal", "--to", "USA", "--json")
    assert code == 0
    assert json.loads(out) == json.loads(json.dumps(found.as_dict()))
    code, out, _ = run("--through", "panama", "--market", "USA", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["product"] for row in rows] == [row.product for row in found.rows]
    code, out, _ = run("--json")
    assert [row["passage"] for row in json.loads(out)] == list(PASSAGES)
    code, out, _ = run("--csv")
    assert len(list(csv.DictReader(io.StringIO(out)))) == len(PASSAGES)


def test_ways_and_all_passages_on_the_terminal(run: Run) -> None:
    code, out, _ = run("--from", "CHN", "--to", "JPN")
    assert code == 0
    assert "dear: air, 5 days (1 period)" in out
    assert "okinawa (+" in out
    code, out, _ = run("--from", "QAT", "--to", "JPN", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert "hormuz no way round" in rows[0]["closures"]
    code, out, _ = run()
    assert code == 0
    assert out.startswith("Of the trade between countries")
    assert "taiwan_strait" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--through", "sues"], "unknown passage"),
        (["--product", "magnets"], "--product needs --through"),
        (["--from", "CHN"], "--from and --to go together"),
        (["--from", "CHN", "--to", "Atlantis"], "unknown country"),
    ],
)
def test_wrong_options_are_told(run: Run, arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert words in err
