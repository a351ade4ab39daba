"""Which elasticities hold for which product: the table's most particular row (rule M11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Product
from kaname.network.sources import Row
from kaname.terms.errors import Problem, TableError

Floats = NDArray[np.float64]

NAMES = ("short", "long", "supply")
ASSUMED: Row = {  # where there is no table: the row `*` of the embedded one
    "group": "*",
    "short_elasticity": 0.2,
    "short_low": 0.1,
    "short_high": 0.3,
    "long_elasticity": 0.6,
    "long_low": 0.3,
    "long_high": 1.0,
    "supply_elasticity": 0.2,
    "supply_low": 0.05,
    "supply_high": 0.5,
}


class Elasticities(NamedTuple):
    """Low, central and high elasticity of every product, each (3, P); NaN where a product has no price."""

    short: Floats
    long: Floats
    supply: Floats


def elasticities(products: Sequence[Product], rows: Sequence[Row] = ()) -> Elasticities:
    """Return what holds for each product: its own row, else its element's, its stage's, or `*`.

    Products in index points have no price. Raises TableError where rows are given and none holds for a
    product.
    """
    by_group = {row["group"]: row for row in rows or (ASSUMED,)}
    found = np.full((len(NAMES), 3, len(products)), np.nan)
    problems = []
    for p, product in enumerate(products):
        if product.unit == "index":
            continue
        held = (by_group.get(key) for key in (product.id, product.element, product.stage, "*") if key)
        row = next((row for row in held if row is not None), None)
        if row is None:
            fix = "Add a row `*` for all others."
            problems.append(Problem("no elasticities", "elasticities", product.id, "a row", fix))
            continue
        for at, name in enumerate(NAMES):
            found[at, :, p] = [row[key] for key in (f"{name}_low", f"{name}_elasticity", f"{name}_high")]
    if problems:
        raise TableError(problems)
    return Elasticities(*found)
