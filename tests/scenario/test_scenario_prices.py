"""Prices of a scenario: off by default, and who pays what when they are on (rule M11)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from small_network import CN_MAGNETS, CN_METAL, magnet_world

from kaname.scenario.compile import Compiled, compile_shock
from kaname.scenario.draws import draw_table
from kaname.scenario.files import loads
from kaname.scenario.scenario import Scenario
from kaname.simulate.engine import simulate
from kaname.simulate.why import why

NETWORK = magnet_world()
EVIDENCE = [{"source": "test"}]
BAN: dict[str, Any] = {
    "exporter": "CHN",
    "importers": ["JPN"],
    "products": ["magnets"],
    "kind": "ban",
    "start": "2026-01-06",
    "evidence": EVIDENCE,
}


def scenario(price: Any = None, **parts: Any) -> Scenario:
    frame = {"id": "test", "title": "Test", "start": "2026-01-06", "weeks": 40, "targets": ["JPN"]}
    given = {} if price is None else {"assumptions": {"price": price}}
    return Scenario.model_validate(frame | given | parts)


def compiled(case: Scenario, draws: int = 0) -> Compiled:
    return compile_shock(NETWORK, case, draw_table(case, draws, 1, one_at_a_time=draws > 0))


def test_off_by_default_and_then_nothing_of_them_is_drawn() -> None:
    for case in (scenario(restrictions=[BAN]), scenario({"on": False}, restrictions=[BAN])):
        result = compiled(case, 2)
        assert result.shock.prices is None
        assert not [name for name in result.shock.drawn if name.startswith("price")]


def test_a_product_has_a_price_inside_only_where_it_is_restricted() -> None:
    result = compiled(scenario({"on": True}, restrictions=[BAN]))
    prices, ids = result.shock.prices, [product.id for product in NETWORK.products]
    assert prices is not None
    named = [
        ("" if p < 0 else ids[p], bool(side)) for p, side in zip(prices.product, prices.inside, strict=True)
    ]
    assert named[0] == ("", False)
    assert {name for name, side in named[1:] if not side} == set(ids)
    assert {name for name, side in named if side} == {"magnets"}
    country = np.array([market.country for market in NETWORK.markets])
    for rows, markets, products in (
        (prices.consumer_row, NETWORK.consumer_market, NETWORK.consumer_product),
        (prices.supplier_row, NETWORK.supplier_market, NETWORK.supplier_product),
    ):
        for row, market, product in zip(rows, markets, products, strict=True):
            inside = country[market] == "CHN" and ids[product] == "magnets"
            assert named[row] == (ids[product], inside)
    assert prices.inside[prices.supplier_row[CN_MAGNETS]]
    assert not prices.inside[prices.supplier_row[CN_METAL]]
    assert result.row_labels["price", 1].endswith(named[1][0])
    assert result.row_labels["price", len(named) - 1].endswith("magnets inside the restriction")


def test_the_knobs_move_the_table_and_own_elasticities_replace_it() -> None:
    result = compiled(scenario({"on": True}, restrictions=[BAN]), 1)
    shock = result.shock
    at = {name: i for i, name in enumerate(shock.draw_names)}
    short, late, supply = (
        getattr(shock.prices, f"{name}_elasticity")[:, 1:] for name in ("short", "long", "supply")
    )
    for name, table, numbers in (
        ("demand", short, (0.1, 0.2, 0.3)),
        ("demand", late, (0.3, 0.6, 1.0)),
        ("supply", supply, (0.05, 0.2, 0.5)),
    ):
        found = [table[at[draw]] for draw in (f"price_{name} low", "central", f"price_{name} high")]
        np.testing.assert_allclose(found, np.repeat([numbers], table.shape[1], axis=0).T)
    assert shock.prices.speed[at["price_speed high"]] == 0.3
    own = {"on": True, "short_elasticity": 0.9, "demand": 0.0}
    prices = compiled(scenario(own, restrictions=[BAN])).shock.prices
    assert (prices.short_elasticity[0, 1:] == 0.9).all()
    assert (prices.long_elasticity[0, 1:] == 0.9).all()  # never below the short one
    assert (prices.short_elasticity[:, 0] == 0.0).all()


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ({"on": True, "speed": 3.0}, "speed is out of bounds"),
        ({"on": True, "demand": 2.0}, "demand is out of bounds"),
        ({"short_elasticity": -0.1}, "short_elasticity is out of bounds"),
        ({"short_elasticity": 0.5, "long_elasticity": 0.2}, "less in the long run"),
        ({"on": "yes"}, "boolean"),
        ({"of": True}, "[Ee]xtra"),
    ],
)
def test_what_makes_no_sense_is_refused(price: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        scenario(price)


def test_from_a_file_to_a_cause() -> None:
    """A ban on magnets to Japan with prices on: users in Germany, who were not stopped, give up use."""
    text = """
    id: test
    title: Test
    start: 2026-01-06
    weeks: 60
    targets: [JPN]
    restrictions:
      - {exporter: CHN, importers: [JPN], products: [magnets], kind: ban, start: 2026-01-06,
         evidence: [{source: test}]}
    assumptions:
      price: {on: true, speed: {low: 0.2, central: 0.25, high: 0.3}, long_elasticity: 0.8}
    """
    result = compiled(loads(text))
    outcome = simulate(NETWORK, result.shock, "full")
    level = outcome.values("price_level")[0]
    magnets = [i for i, text in result.row_labels.items() if i[0] == "price" and text.endswith("magnets")]
    assert level[:, magnets[0][1]].max() > 1.2
    bystander = NETWORK.consumer_index("DEU", "magnets")
    given_up = outcome.values("consumer_given_up")[0, :, bystander].sum()
    assert given_up > 0.0
    causes = why(NETWORK, result.shock, outcome, bystander, 0, 59, labels=result.row_labels)
    assert any(root.label == "use given up because of the price of magnets" for root in causes.roots)
    assert sum(root.amount for root in causes.roots) == pytest.approx(causes.lost_use)
