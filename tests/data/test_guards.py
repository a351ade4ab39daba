"""Each trap of the data with its guard: the pipeline is run with it, and with the identity in its place.

`PROTECTS` holds for each guard a function that runs the real pipeline and states what the guard protects. The
statement must hold, and must fail once the identity stands in the guard's place.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from kaname.baseline import load_sources, screened_trade
from kaname.data import guards, store
from kaname.data.balance import BalanceProblem
from kaname.data.guards import GUARDS
from kaname.data.quality import ScreenResult
from kaname.network.build import build_network
from kaname.network.flows import product_flows
from kaname.network.network import BASES, SUPPLIER_KINDS, Network
from kaname.network.sources import REST, Sources, traded_products
from kaname.terms.errors import DataMissing

ROOT = Path(__file__).resolve().parents[2]
OBSERVED = BASES.index("observed")
REEXPORT = SUPPLIER_KINDS.index("reexport")


@pytest.fixture(scope="module")
def sources() -> Sources:
    """The base year's tables of three chains, those that the statements are about, to keep builds short."""
    whole, _ = load_sources()
    kept = {
        row["product"]
        for row in whole.products
        if row["element"] in ("tungsten", "gallium") or str(row["element"]).startswith("rare earths")
    }
    codes = {row["hs"] for row in whole.trade_codes if row["product"] in kept}
    kept |= {row["product"] for row in whole.trade_codes if row["hs"] in codes}
    return replace(
        whole,
        trade=[row for row in whole.trade if row.hs in codes],
        products=[row for row in whole.products if row["product"] in kept],
        trade_codes=[row for row in whole.trade_codes if row["hs"] in codes],
        stage_corrections=[row for row in whole.stage_corrections if row["hs"] in codes],
        known_flows=[row for row in whole.known_flows if row["product"] in kept],
        production=[row for row in whole.production if row["product"] in kept],
        recipes=[row for row in whole.recipes if {row["output"], row["input"]} <= kept],
        use_keys=[row for row in whole.use_keys if row["product"] in kept],
        industries=(),
        segments=(),
        reserves=(),
        controls=(),
    )


def lanes(network: Network) -> list[tuple[str, str, str, int, float]]:
    """Return (from, to, product, lane, flow) of every lane between countries that carries something."""
    market = [item.country for item in network.markets]
    found = []
    for lane, flow in enumerate(network.lane_flow):
        supplier, consumer = network.lane_supplier[lane], network.lane_consumer[lane]
        start, end = market[network.supplier_market[supplier]], market[network.consumer_market[consumer]]
        product = network.products[network.supplier_product[supplier]].id
        if flow > 0.0 and start != end:
            found.append((start, end, product, lane, float(flow)))
    return found


# --- what each guard protects ---------------------------------------------------------------------


def gross_errors_do_not_pass_unseen(_: Sources) -> None:
    """40,700 t of rare earths from Turkey to Benin at 5 cents a kilo are flagged, changes marked."""
    screen = screened_trade(["284690"], 2024)
    flagged = {(flag.exporter, flag.importer) for flag in screen.flags}
    assert ("TUR", "BEN") in flagged
    raw = {(r["exporter"], r["importer"]): r["quantity_t"] for r in store.trade(["284690"], 2024).to_pylist()}
    for row in screen.rows.to_pylist():
        if row["imputed"]:
            assert row["quantity_t"] != raw[(row["exporter"], row["importer"])]
    assert screen.changes


def an_empty_code_is_no_zero(_: Sources) -> None:
    """Germanium in 2024: there is no row, and nobody gets an empty table to add up."""
    with pytest.raises(DataMissing, match="the last year with data is 2016"):
        screened_trade(["811230"], 2024)


def a_stage_without_a_code_has_estimated_lanes(sources: Sources) -> None:
    """Gallium and magnets move between countries on lanes, none of which claims to be observed by customs."""
    hidden = {"gallium_refined", "magnets"} - traded_products(sources)
    assert len(hidden) == 2
    network = build_network(sources).network
    for product in hidden:
        found = [lane for start, _, name, lane, _ in lanes(network) if (start, name) == ("CHN", product)]
        assert len(found) > 1, product
        fitted = [lane for lane in found if network.lane_basis[lane] != OBSERVED]
        assert len(fitted) > len(found) / 2, product


def goods_stand_at_their_own_stage(sources: Sources) -> None:
    """Lynas concentrate from Australia to Malaysia is booked as rare-earth metal; it is mine product."""
    flows = [flow for flow in product_flows(sources) if (flow.exporter, flow.importer) == ("AUS", "MYS")]
    stage = {row["product"]: row["stage"] for row in sources.products}
    by_stage: defaultdict[str, float] = defaultdict(float)
    for flow in flows:
        if flow.product.split("_")[0] in ("cela", "ndpr", "dytb"):
            by_stage[stage[flow.product]] += flow.tonnes
    assert by_stage["ore"] > 1000.0
    assert by_stage["metal"] < 0.01 * by_stage["ore"]


def every_node_closes(sources: Sources) -> None:
    """Output and imports cover exports and use everywhere, and nobody uses less than nothing."""
    accounts = build_network(sources).report.accounts
    assert any(account.before.final_t < -1.0 for account in accounts)
    assert max(account.after.open_share for account in accounts) < 1e-6
    assert min(account.after.final_t for account in accounts) >= 0.0


def another_territory_is_nobodys_past(_: Sources) -> None:
    """In 1999 Belgium has no past of its own: what is filed under its code is Belgium with Luxembourg."""
    screen = screened_trade(["250410", "250490", "810110", "284690"], 1999)
    judged = [c for c in screen.changes if "BEL" in (c.exporter, c.importer)]
    assert [str(c) for c in judged if "own median" in c.method] == []


def what_is_not_made_is_passed_on(sources: Sources) -> None:
    """Countries without output of a product export it all as re-exports of what they bought."""
    build = build_network(sources)
    network = build.network
    sent: defaultdict[tuple[str, str], float] = defaultdict(float)
    for start, _, product, lane, flow in lanes(network):
        if network.supplier_kind[network.lane_supplier[lane]] == REEXPORT:
            sent[(start, product)] += flow * 365.0 / network.period_days
    hubs = [a for a in build.report.accounts if a.after.output_t == 0.0 and a.after.exports_t > 1.0]
    assert {"NLD", "SGP"} & {hub.country for hub in hubs}
    for hub in hubs:
        if hub.country != REST:
            passed = sent[(hub.country, hub.product)]
            assert passed == pytest.approx(hub.after.exports_t, rel=1e-3), (hub.country, hub.product)


def a_dear_product_is_worth_more_by_weight(sources: Sources) -> None:
    """Dy and Tb share a code with Nd and Pr; a tonne is worth what the prices say, not the mean."""
    price = {row["product"]: row["price_kusd_per_t"] for row in sources.products}
    flows = [f for f in product_flows(sources) if (f.exporter, f.importer) == ("CHN", "JPN")]
    unit = {flow.product: flow.value_kusd / flow.tonnes for flow in flows}
    found = unit["dytb_compound"] / unit["ndpr_compound"]
    assert found == pytest.approx(price["dytb_compound"] / price["ndpr_compound"], rel=1e-6)


# --- the identity of each guard -------------------------------------------------------------------


def unscreened(rows: pa.Table, history: pa.Table) -> ScreenResult:
    none = pa.array([False] * rows.num_rows)
    return ScreenResult(rows.append_column("imputed", none).append_column("flagged", none), (), ())


def first_split(corrected: Sequence[Any] | None, own: Any, default: Any) -> Sequence[Any]:
    return default or []


def as_reported(problem: BalanceProblem, solver: str) -> Any:
    return SimpleNamespace(x=problem.prior.copy())


def by_weight(contained: Sequence[float], prices: Sequence[float]) -> list[float]:
    total = sum(contained)
    return [part / total if total > 0.0 else 0.0 for part in contained]


@dataclass(frozen=True)
class Protection:
    """What a guard protects, and the identity that may stand in its place."""

    holds: Callable[[Sources], None]
    identity: Callable[..., Any]


PROTECTS = {
    "screened_quantities": Protection(gross_errors_do_not_pass_unseen, unscreened),
    "absent_codes": Protection(an_empty_code_is_no_zero, lambda codes, year, present, years_of: []),
    "without_code": Protection(a_stage_without_a_code_has_estimated_lanes, lambda product, traded: False),
    "stage_parts": Protection(goods_stand_at_their_own_stage, first_split),
    "balanced": Protection(every_node_closes, as_reported),
    "own_past": Protection(another_territory_is_nobodys_past, lambda history, year: history),
    "reexported_t": Protection(what_is_not_made_is_passed_on, lambda imported, exported, made: 0.0),
    "value_shares": Protection(a_dear_product_is_worth_more_by_weight, by_weight),
}


@pytest.mark.parametrize("name", PROTECTS)
def test_the_guard_protects(name: str, sources: Sources) -> None:
    PROTECTS[name].holds(sources)


@pytest.mark.parametrize("name", PROTECTS)
def test_without_the_guard_it_goes_wrong(
    name: str, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, name, PROTECTS[name].identity)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        PROTECTS[name].holds(sources)


# --- the registry ---------------------------------------------------------------------------------


def test_there_is_one_guard_for_each_of_the_eight_traps() -> None:
    assert [guard.number for guard in GUARDS] == list(range(1, 9))
    assert [guard.name for guard in GUARDS] == list(PROTECTS)
    assert len({guard.sentence for guard in GUARDS}) == len(GUARDS)
    for guard in GUARDS:
        text = inspect.getdoc(getattr(guards, guard.name)) or ""
        assert text.startswith(f"Guard {guard.number}: "), guard.name
        assert guard.trap.endswith(".")
        assert guard.sentence.endswith(".")


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_the_pipeline_calls_the_guard_by_name(guard: guards.Guard) -> None:
    source = inspect.getsource(import_module(guard.called_in))
    assert f"guards.{guard.name}(" in source


def test_the_page_tells_every_guard() -> None:
    page = (ROOT / "docs" / "quality.md").read_text("utf-8")
    for guard in GUARDS:
        row = next(line for line in page.splitlines() if line.startswith(f"| {guard.number} |"))
        assert f"`{guard.name}`" in row
        assert guard.called_in.removeprefix("kaname.").split(".")[-1] in row


# --- beside them ----------------------------------------------------------------------------------


def test_gross_weight_becomes_content(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    """More tungsten is not traded as ore than is mined; by gross weight it looks as if it were near half."""

    def traded_share() -> float:
        made = sum(
            float(row["production_t"])
            for row in sources.production
            if row["product"] == "tungsten_ore" and int(row["year"]) == sources.base_year
        )
        return sum(flow.tonnes for flow in product_flows(sources) if flow.product == "tungsten_ore") / made

    contained = traded_share()
    monkeypatch.setattr(guards, "contained_t", lambda gross, share, factor: gross * share)
    assert traded_share() > 1.5 * contained


def test_value_shares_add_up_and_follow_prices() -> None:
    assert guards.value_shares([1.0, 1.0], [3.0, 1.0]) == [0.75, 0.25]
    assert guards.value_shares([0.0, 0.0], [3.0, 1.0]) == [0.0, 0.0]


def test_an_adjustment_is_never_silent(sources: Sources) -> None:
    """Beside guard 5: whatever the balance changes stands in its report."""
    report = build_network(sources).report
    changed = [a for a in report.accounts if abs(a.after.output_t - a.before.output_t) > 1.0]
    assert changed
    for account in changed:
        found = [
            item
            for item in report.adjustments
            if (item.place, item.product) == (account.country, account.product)
            and item.what.endswith("output")
        ]
        moved = sum(item.after_t - item.before_t for item in found)
        assert moved == pytest.approx(account.after.output_t - account.before.output_t, abs=1e-6)
