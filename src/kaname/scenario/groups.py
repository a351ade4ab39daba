"""Which entries of a table move together: all with one knob, or group by group (`Assumptions.apart`)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.scenario.assumptions import Apart
from kaname.scenario.draws import DrawTable

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def groups_of(network: Network, apart: Apart) -> dict[str, tuple[str, ...]]:
    """Return the groups of every table that is not moved as one, in alphabetical order."""
    knobs = [name for name in Apart.model_fields if getattr(apart, name) is not None]
    return {name: tuple(sorted(set(_labels(network, name, getattr(apart, name))))) for name in knobs}


def _labels(network: Network, knob: str, by: str) -> list[str]:
    """Return the group of every entry of a knob's table: consumers, recipe lines or suppliers."""
    if knob == "headroom":
        markets, products = network.supplier_market, network.supplier_product
    elif knob == "dependence":
        markets = network.consumer_market[network.recipe_consumer]
        products = network.consumer_product[network.recipe_consumer]
    else:
        markets, products = network.consumer_market, network.consumer_product
    if by == "country":
        return [network.markets[market].country for market in markets]
    found = [network.products[product] for product in products]
    if by == "element":
        return [product.element or product.stage for product in found]
    return [product.stage if by == "stage" else product.id for product in found]


def positions(network: Network, apart: Apart, table: DrawTable, knob: str) -> tuple[Floats, Ints]:
    """Return the positions (D, groups) of a table's knobs in [-1, 1], and the group of each entry.

    A table that moves as one, or is held, has one group.
    """
    by = getattr(apart, knob)
    labels = [] if by is None or knob in table.values else _labels(network, knob, by)
    if not labels:
        size = {"headroom": network.n_suppliers, "dependence": network.n_recipes}
        return table.value(knob)[:, None], np.zeros(size.get(knob, network.n_consumers), dtype=np.intp)
    names, index = np.unique(labels, return_inverse=True)
    return np.stack([table.value(f"{knob}/{name}") for name in names], axis=1), index
