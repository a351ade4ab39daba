"""Which elasticities hold for which product (rule M11)."""

from __future__ import annotations

import numpy as np
import pytest

from kaname.baseline import Baseline
from kaname.network.elasticities import ASSUMED, elasticities
from kaname.network.network import Product
from kaname.terms.errors import TableError


def product(name: str, element: str, stage: str, unit: str = "t") -> Product:
    return Product(name, name, element, stage, unit, "", (), 1.0, "assumed")


def row(group: str, central: float) -> dict[str, object]:
    return {**ASSUMED, "group": group, "short_elasticity": central}


PRODUCTS = (
    product("iron_ore", "iron", "ore"),
    product("iron_metal", "iron", "metal"),
    product("tin_metal", "tin", "metal"),
    product("clay", "clay", "compound"),
    product("cars", "", "industry", "index"),
)


def test_the_most_particular_row_holds() -> None:
    rows = [row("*", 0.2), row("metal", 0.21), row("iron", 0.22), row("iron_ore", 0.23)]
    found = elasticities(PRODUCTS, rows).short
    np.testing.assert_array_equal(found[1], [0.23, 0.22, 0.21, 0.2, np.nan])
    np.testing.assert_array_equal(found[0, :4], 0.1)
    np.testing.assert_array_equal(found[2, :4], 0.3)


def test_without_a_table_all_products_have_the_same() -> None:
    found = elasticities(PRODUCTS)
    assert (found.long[1, :4] == 0.6).all()
    assert np.isnan(found.supply[:, 4]).all()


def test_a_product_without_a_row_is_told() -> None:
    with pytest.raises(TableError, match="tin_metal"):
        elasticities(PRODUCTS, [row("iron", 0.2), row("clay", 0.2)])


def test_the_embedded_table_reaches_the_network(baseline: Baseline) -> None:
    """Rare earths have their own row, index products none, and the assumed row is the table's."""
    network, ranges = baseline.build.network, baseline.build.ranges
    names = [product.id for product in network.products]
    assert ranges.short_elasticity[1, names.index("ndpr_metal")] == pytest.approx(0.15)
    tonnes = np.array([product.unit != "index" for product in network.products])
    for found in (ranges.short_elasticity, ranges.long_elasticity, ranges.supply_elasticity):
        assert np.isfinite(found[:, tonnes]).all()
        assert np.isnan(found[:, ~tonnes]).all()
    star = next(r for r in baseline.sources.elasticities if r["group"] == "*")
    assert {name: star[name] for name in ASSUMED} == dict(ASSUMED)
