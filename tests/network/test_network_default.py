"""The default network of the embedded data: its arrays, and the data traps that it guards against."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields

import numpy as np
import pytest

from kaname.baseline import Baseline
from kaname.data import store
from kaname.network.build import build_network
from kaname.network.flows import control_factors, product_flows, scale_flows
from kaname.network.network import BASES, SUPPLIER_KINDS, Network
from kaname.network.reconcile import LANE_RANGE, NOTHING_T, ROUNDING_SHARE
from kaname.network.sources import traded_products

FLAGSHIP = ("magnets", "ndpr_metal", "dytb_metal", "gallium_refined", "germanium_refined", "tungsten_powder")
Pair = tuple[str, str, str]  # product, exporter, importer


@pytest.fixture(scope="module")
def network(baseline: Baseline) -> Network:
    return baseline.build.network


def names(network: Network, what: str) -> list[tuple[str, str]]:
    """Return (market, product) of every supplier or consumer."""
    market, product = getattr(network, f"{what}_market"), getattr(network, f"{what}_product")
    return [(network.markets[m].id, network.products[p].id) for m, p in zip(market, product, strict=True)]


def crossings(network: Network) -> dict[Pair, float]:
    """Return tonnes a year on lanes between countries, segments counted with their country."""
    suppliers, consumers = names(network, "supplier"), names(network, "consumer")
    found: dict[Pair, float] = defaultdict(float)
    for k, n, t in zip(network.lane_supplier, network.lane_consumer, network.lane_flow, strict=True):
        start, end = suppliers[k][0].split("/")[0], consumers[n][0].split("/")[0]
        if start != end and t > 0.0:
            found[suppliers[k][1], start, end] += float(t) * 365.0 / network.period_days
    return found


def made_in(network: Network, products: set[str], kind: str) -> dict[str, float]:
    """Return what suppliers of a kind make of some products, by country and period."""
    found: dict[str, float] = defaultdict(float)
    number = SUPPLIER_KINDS.index(kind)
    for (market, product), k, t in zip(
        names(network, "supplier"), network.supplier_kind, network.supplier_base, strict=True
    ):
        if product in products and k == number:
            found[market.split("/")[0]] += float(t)
    return found


# --- the arrays -----------------------------------------------------------------------------------


def test_no_recipe_between_stages_of_one_element_lets_mass_appear(network: Network) -> None:
    """(rule N4): d = 1, flagged so, and at least a tonne in per tonne out."""
    element = np.array([p.element for p in network.products])
    output = element[network.supplier_product[network.recipe_supplier]]
    source = element[network.consumer_product[network.recipe_consumer]]
    same = (output == source) & (output != "")
    assert same.sum() > 500
    assert (network.recipe_dependence[same] == 1.0).all()
    unit = np.array([p.stage in ("magnet", "component") for p in network.products])
    changes = unit[network.supplier_product[network.recipe_supplier]]
    changes &= (
        network.supplier_product[network.recipe_supplier] != network.consumer_product[network.recipe_consumer]
    )
    assert (network.recipe_input_per_output[same & ~changes] >= 1.0 - ROUNDING_SHARE).all()


def test_bases_are_the_sums_of_their_lanes(network: Network) -> None:
    sums = np.bincount(network.lane_supplier, network.lane_flow, network.n_suppliers)
    np.testing.assert_array_equal(sums, network.supplier_base)
    inflow = np.bincount(network.lane_consumer, network.lane_flow, network.n_consumers)
    np.testing.assert_array_equal(inflow, network.consumer_inflow)
    drawn = network.recipe_input_per_output * network.supplier_base[network.recipe_supplier]
    use = np.bincount(network.recipe_consumer, drawn, network.n_consumers) + network.consumer_final
    np.testing.assert_allclose(use, network.consumer_inflow, rtol=1e-9)
    assert (network.consumer_final >= 0.0).all()
    assert (network.supplier_base > 0.0).all()


def test_lags_bases_and_kinds_are_valid(network: Network) -> None:
    assert (network.lane_lag >= 1).all()
    for name in ("supplier_basis", "consumer_basis", "lane_basis", "recipe_basis"):
        assert set(getattr(network, name).tolist()) <= set(range(len(BASES))), name
    assert set(network.lane_kind.tolist()) == {0, 1, 2}
    market = np.array([m.id for m in network.markets])
    segment = np.array([bool(m.segment) for m in network.markets])
    start = network.supplier_market[network.lane_supplier]
    end = network.consumer_market[network.lane_consumer]
    bundle = (market[start] == "ROW") | (market[end] == "ROW")
    flowing = network.lane_flow > 0.0
    np.testing.assert_array_equal((network.lane_kind == 1)[flowing], (bundle & (start != end))[flowing])
    country = np.array([m.country for m in network.markets])
    passed = segment[end] & (country[start] == country[end]) & ~segment[start]
    np.testing.assert_array_equal(network.lane_kind == 2, passed)


def test_recipes_belong_to_their_market_and_makers_have_one(network: Network) -> None:
    """Nobody processes or passes on from nothing; makers of parts may have no input that the tables know."""
    assert (
        network.supplier_market[network.recipe_supplier] == network.consumer_market[network.recipe_consumer]
    ).all()
    needs = np.isin(network.supplier_kind, [SUPPLIER_KINDS.index(k) for k in ("processing", "reexport")])
    parts = np.array([product.unit == "MUSD" for product in network.products])[network.supplier_product]
    fed = set(network.recipe_supplier.tolist())
    assert set(np.flatnonzero(needs & ~parts)) <= fed
    assert fed <= set(np.flatnonzero(needs))
    assert len(fed & set(np.flatnonzero(parts))) > 10
    assert (network.recipe_dependence > 0.0).all()
    assert (network.recipe_dependence <= 1.0).all()


def test_ranges_hold_their_central_values(baseline: Baseline) -> None:
    network, ranges = baseline.build.network, baseline.build.ranges
    for low, central, high in (
        (ranges.dependence_low, network.recipe_dependence, ranges.dependence_high),
        (ranges.cover_low, network.consumer_cover_days, ranges.cover_high),
        (ranges.reserve_low, network.consumer_reserve_days, ranges.reserve_high),
        (ranges.headroom_low, network.supplier_headroom, ranges.headroom_high),
    ):
        assert (low <= central).all()
        assert (central <= high).all()


def test_the_flagship_finds_its_products_markets_and_equipment(network: Network) -> None:
    consumers, suppliers = set(names(network, "consumer")), set(names(network, "supplier"))
    for market in ("JPN/defence", "USA/defence"):
        assert (market, "missiles_interceptors") in suppliers
        assert (market, "magnets") in consumers
    for product in FLAGSHIP:
        assert ("JPN", product) in consumers
        assert ("CHN", product) in suppliers
    industries = {p for _, p in suppliers if network.products[network.product_index(p)].stage == "industry"}
    assert len(industries) >= 8


def test_latent_lanes_lead_to_producers_abroad(network: Network) -> None:
    latent = network.lane_flow == 0.0
    assert (network.supplier_kind[network.lane_supplier[latent]] < SUPPLIER_KINDS.index("reexport")).all()
    assert (network.lane_export_share[latent] > 0.0).all()
    assert (network.lane_export_share[~latent] == 0.0).all()
    assert np.bincount(network.lane_consumer[latent]).max() == 10
    country = np.array([m.country for m in network.markets])
    start = country[network.supplier_market[network.lane_supplier]]
    assert (start != country[network.consumer_market[network.lane_consumer]])[latent].all()


def test_building_twice_gives_identical_arrays(baseline: Baseline) -> None:
    """(rule M3)."""
    again = build_network(baseline.sources)
    for item in fields(Network):
        one, two = getattr(baseline.build.network, item.name), getattr(again.network, item.name)
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, two, err_msg=item.name)
        else:
            assert repr(one) == repr(two)  # a price that is not known is NaN
    assert again.report == baseline.build.report
    assert again.lane_routes.passages == baseline.build.lane_routes.passages


# --- what became of the sources -------------------------------------------------------------------


def test_every_reported_flow_survives_in_a_lane_or_in_the_bundle(baseline: Baseline) -> None:
    """(rule N7): no reported lane is silently deleted."""
    lanes = crossings(baseline.build.network)
    factors, _ = control_factors(baseline.sources)
    flows = scale_flows(product_flows(baseline.sources), factors)
    assert len(flows) == baseline.build.report.reported_flows
    lost, bundled = [], 0
    for flow in flows:
        key = (flow.product, flow.exporter, flow.importer)
        if lanes.get(key, 0.0) > 0.0 or flow.tonnes < 10 * NOTHING_T:
            continue
        bundled += 1
        if not (
            lanes.get((flow.product, flow.exporter, "ROW"))
            and lanes.get((flow.product, "ROW", flow.importer))
        ):
            lost.append(key)
    assert lost == []
    assert bundled <= baseline.build.report.bundled_flows


def test_lanes_carry_the_mass_of_the_balanced_flows(baseline: Baseline) -> None:
    """Lane by lane, to the rounding share below which unrecorded supply is not written."""
    lanes = crossings(baseline.build.network)
    traded = traded_products(baseline.sources)
    balanced: dict[Pair, float] = defaultdict(float)
    for item in baseline.build.report.adjustments:
        if item.what == "lane":
            start, _, end = item.place.partition(" to ")
            balanced[item.product, start, end] += item.after_t
    assert set(lanes) <= set(balanced)
    for key, tonnes in balanced.items():
        assert lanes.get(key, 0.0) == pytest.approx(tonnes, rel=2 * ROUNDING_SHARE, abs=10 * NOTHING_T), key
    for product in traded:
        whole = sum(t for (p, *_), t in balanced.items() if p == product)
        assert sum(t for (p, *_), t in lanes.items() if p == product) == pytest.approx(whole, rel=1e-6)


def test_unrecorded_supply_is_listed_in_full(baseline: Baseline) -> None:
    network = baseline.build.network
    kind = SUPPLIER_KINDS.index("unrecorded")
    base = network.supplier_base * 365.0 / network.period_days
    found = {
        name: float(t)
        for name, k, t in zip(names(network, "supplier"), network.supplier_kind, base, strict=True)
        if k == kind
    }
    listed = {(country, product): t for country, product, t in baseline.build.report.unrecorded}
    assert found == pytest.approx(listed, rel=1e-9)


def test_the_base_state_includes_the_controls_in_force_and_lists_them(baseline: Baseline) -> None:
    assert baseline.sources.as_of.isoformat() == "2026-01-05"
    notes = baseline.build.report.controls
    assert len(notes) == len(baseline.sources.controls)
    assert baseline.build.network.notes == notes
    (note,) = [note for note in notes if "dytb_metal, CHN to JPN): in force, base flows x 0.25" in note]
    told = float(note.partition("(x ")[2].split()[0])
    assert any("gallium_refined, CHN to USA): suspended until 2026-11-27" in note for note in notes)
    assert any(
        "graphite_flake, CHN to *): in force, already in the 2024 trade data" in note for note in notes
    )
    plain = {(f.product, f.exporter, f.importer): f for f in product_flows(baseline.sources)}
    before = {
        (a.product, *a.place.split(" to ")): a.before_t
        for a in baseline.build.report.adjustments
        if a.what == "lane"
    }
    key = ("dytb_metal", "CHN", "JPN")
    assert before[key] == pytest.approx(0.25 * plain[key].tonnes)
    left = crossings(baseline.build.network)[key] / plain[key].tonnes
    assert told == pytest.approx(left, rel=0.05)
    key = ("graphite_flake", "CHN", "JPN")
    assert before[key] == pytest.approx(plain[key].tonnes)


# --- traps of the data ----------------------------------------------------------------------------


def test_trap_1_gross_quantity_errors_are_screened_listed_and_bounded(baseline: Baseline) -> None:
    """Turkey to Benin, 40.7 kt of rare-earth compounds at 5 cents a kilogram: flagged, bounded."""
    rows = {(r.exporter, r.importer, r.hs): r for r in baseline.sources.trade}
    assert rows["TUR", "BEN", "284690"].quantity_t == pytest.approx(40_700.0, rel=1e-3)
    assert sum(r.imputed for r in baseline.sources.trade) == len(baseline.screen.changes) > 0
    assert any("TUR to BEN" in str(flag) for flag in baseline.screen.flags)
    (lane,) = [
        a
        for a in baseline.build.report.adjustments
        if (a.place, a.product) == ("TUR to BEN", "cela_compound") and a.before_t > 1e4
    ]
    assert lane.after_t == pytest.approx(lane.before_t / LANE_RANGE, rel=0.01)
    rare_earths = [item for item in baseline.build.report.unrecorded if item[1] == "cela_compound"]
    country, _, tonnes = max(rare_earths, key=lambda item: item[2])
    assert country == "TUR"
    assert tonnes > 1000.0


def test_trap_2_germanium_is_missing_from_trade_and_yet_no_zero(baseline: Baseline) -> None:
    assert not [r for r in baseline.sources.trade if r.hs == "811230"]
    assert 2024 not in store.years_with_data("811230")
    network = baseline.build.network
    for product in ("germanium_concentrate", "germanium_refined"):
        assert network.products[network.product_index(product)].hs == ()
    assert network.consumer_inflow[network.consumer_index("JPN", "germanium_refined")] > 0.0


def test_trap_3_stages_without_codes_are_estimated_and_marked(baseline: Baseline) -> None:
    network = baseline.build.network
    uncoded = {p.id for p in network.products if p.unit == "t"} - traded_products(baseline.sources)
    assert {"magnets", "gallium_refined", "antimony_metal", "germanium_refined"} <= uncoded
    products = [p for _, p in names(network, "consumer")]
    for product in uncoded:
        lanes = np.array([products[n] == product for n in network.lane_consumer]) & (network.lane_flow > 0.0)
        assert lanes.sum() >= 5, product
        assert BASES.index("observed") not in network.lane_basis[lanes], product


def test_trap_4_the_share_of_trade_is_not_the_share_of_refining(baseline: Baseline) -> None:
    china = [
        r.quantity_t for r in baseline.sources.trade if r.exporter == "CHN" and r.hs in ("280530", "284690")
    ]
    world = [r.quantity_t for r in baseline.sources.trade if r.hs in ("280530", "284690")]
    assert sum(china) / sum(world) < 0.4
    stages = {"cela_compound", "ndpr_compound", "dytb_compound"}
    refined = made_in(baseline.build.network, stages, "processing")
    assert refined["CHN"] / sum(refined.values()) > 0.8


def test_trap_5_no_use_is_negative_although_naive_consumption_is(baseline: Baseline) -> None:
    naive: dict[str, float] = defaultdict(float)
    for flow in product_flows(baseline.sources):
        if flow.product == "tungsten_ore":
            naive[flow.importer] += flow.tonnes
            naive[flow.exporter] -= flow.tonnes
    for row in baseline.sources.production:
        if row["product"] == "tungsten_ore" and int(row["year"]) == 2024:
            naive[row["market"]] += row["production_t"]
    assert sum(t < 0.0 for t in naive.values()) > 10
    network = baseline.build.network
    ore = network.consumer_product == network.product_index("tungsten_ore")
    assert ore.sum() > 20
    assert (network.consumer_final[ore] >= 0.0).all()
    assert (network.consumer_inflow[ore] > 0.0).all()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("TWN", "Taiwan"),
        ("FRA", "France"),
        ("USA", "United States"),
        ("IND", "India"),
        ("CHE", "Switzerland"),
        ("NOR", "Norway"),
    ],
)
def test_trap_6_countries_with_odd_codes_are_there(baseline: Baseline, code: str, name: str) -> None:
    network = baseline.build.network
    market = network.markets[network.market_index(code)]
    assert (market.id, market.country) == (code, code)
    assert name in market.name
    assert sum(r.importer == code for r in baseline.sources.trade) > 20
    at = network.consumer_market == network.market_index(code)
    assert network.consumer_inflow[at].sum() > 0.0


def test_trap_7_entrepots_pass_on_what_they_import(baseline: Baseline) -> None:
    network = baseline.build.network
    materials = {p.id for p in network.products if p.unit == "t"}
    passed = made_in(network, materials, "reexport")
    for hub in ("NLD", "HKG", "SGP", "BEL"):
        assert passed[hub] > 0.0, hub
    through = network.supplier_kind[network.recipe_supplier] == SUPPLIER_KINDS.index("reexport")
    output = network.supplier_product[network.recipe_supplier]
    source = network.consumer_product[network.recipe_consumer]
    assert (output == source)[through].all()
    assert (network.recipe_dependence[through] == 1.0).all()
    np.testing.assert_allclose(network.recipe_input_per_output[through], 1.0, rtol=ROUNDING_SHARE)


def test_trap_8_values_come_from_prices_not_from_unit_values(baseline: Baseline) -> None:
    network = baseline.build.network
    price = {r["product"]: r["price_kusd_per_t"] for r in baseline.sources.products if r["unit"] == "t"}
    for (_, product), value in zip(names(network, "consumer"), network.consumer_value_kusd, strict=True):
        if product in price:
            assert value == price[product]
    flows = [f for f in product_flows(baseline.sources) if f.product == "tungsten_powder"]
    units = {f.value_kusd / f.tonnes for f in flows}
    assert len(units) > 100
    assert price["tungsten_powder"] not in units
