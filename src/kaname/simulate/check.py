"""What must hold before a simulation starts; every fault is told at once."""

from __future__ import annotations

import numpy as np

from kaname.network.network import Network
from kaname.scenario.shock import RELEASE_SHARE, Floats, Ints, Shock
from kaname.terms.errors import InputError, Problem

HIGHEST = 10.0  # of elasticities and speeds of prices (rule M11)
LONGEST_WEEKS = 1e4  # of the memory of prices (rule M11)
MOST = 1e12  # of what is added or contracted in a period (rules R1, R2)
BALANCE = 1e-9  # allowed gap between base inflow and base use, as a share of the inflow (rule N7)


def check(network: Network, shock: Shock) -> None:
    """Raise InputError with every fault: shapes, ranges, the balance of the base state (N4-N7, M7, R1-R4)."""
    problems = _shapes(network, shock)
    if not problems:
        problems = _ranges(network, shock) + _prices(network, shock)
        problems += _additions(network, shock) + _balance(network)
    if problems:
        raise InputError(problems)


def base_use(network: Network) -> Floats:
    """Return the base use of each consumer (N,): sum over recipe lines, then final use (rule M5)."""
    use = np.zeros(network.n_consumers)
    amounts = network.recipe_input_per_output * network.supplier_base[network.recipe_supplier]
    np.add.at(use, network.recipe_consumer, amounts)
    total: Floats = use + network.consumer_final
    return total


PATHS = {
    "lane_permission_row": "permission",
    "lane_pool_row": "pool_permission",
    "lane_delay_row": "extra_lag",
    "supplier_capacity_row": "capacity_factor",
    "consumer_demand_row": "demand_factor",
    "consumer_target_row": "target_factor",
}
ADDED_PATHS = {
    "supplier_row": "capacity_t",
    "recipe_row": "input_factor",
    "release_row": "release_share",
    "order_row": "order_t",
}
Shapes = dict[str, tuple[int, ...]]


def _shapes(network: Network, shock: Shock) -> list[Problem]:
    """Return the arrays of the shock that do not fit the network or its own number of draws and periods."""
    problems = []
    for part, arrays, shapes in _expected(network, shock):
        for name, shape in shapes.items():
            if getattr(arrays, name).shape != shape:
                got = str(getattr(arrays, name).shape)
                problems.append(Problem("wrong shape", f"{part}.{name}", got=got, expected=str(shape)))
    followed: list[tuple[str, object, dict[str, str]]] = [("Shock", shock, PATHS)]
    if shock.additions is not None:
        followed.append(("Shock.additions", shock.additions, ADDED_PATHS))
    d, p = shock.draws, shock.periods
    for part, arrays, pairs in followed:
        for rows, paths in pairs.items():
            found, top = getattr(arrays, paths).shape, int(getattr(arrays, rows).max(initial=0))
            if len(found) != 3 or found[0] != d or found[2] != p or found[1] <= top:
                expected = f"({d}, more than {top}, {p})"
                problems.append(Problem("wrong shape", f"{part}.{paths}", got=str(found), expected=expected))
    if shock.period_days != network.period_days:
        got, expected = f"{shock.period_days} days", f"{network.period_days} days"
        problems.append(Problem("another period than the network", "Shock", got=got, expected=expected))
    return problems


def _expected(network: Network, shock: Shock) -> list[tuple[str, object, Shapes]]:
    """Return the shapes that follow from the network and the draws, by part of the shock."""
    d, p = shock.draws, shock.periods
    e, k, n, r = network.n_lanes, network.n_suppliers, network.n_consumers, network.n_recipes
    wanted: Shapes = {
        "lane_permission_row": (e,),
        "lane_pool_row": (e,),
        "lane_delay_row": (e,),
        "supplier_capacity_row": (k,),
        "consumer_demand_row": (n,),
        "consumer_target_row": (n,),
        "cover_days": (d, n),
        "reserve_days": (d, n),
        "dependence": (d, r),
    }
    wanted |= dict.fromkeys(("psi", "kappa", "tau_weeks", "smoothing_weeks", "rho", "eta"), (d,))
    parts: list[tuple[str, object, Shapes]] = [("Shock", shock, wanted)]
    if shock.prices is not None:
        w = len(shock.prices.product)
        by_row: Shapes = {"inside": (w,), "consumer_row": (n,), "supplier_row": (k,)}
        by_row |= dict.fromkeys(("speed", "hoarding", "memory_weeks"), (d,))
        by_row |= dict.fromkeys(("short_elasticity", "long_elasticity", "supply_elasticity"), (d, w))
        parts.append(("Shock.prices", shock.prices, by_row))
    if shock.additions is not None:
        c = shock.additions.contract_lane.size
        added: Shapes = {"supplier_row": (k,), "recipe_row": (r,), "release_row": (n,), "order_row": (n,)}
        added |= {"contract_lane": (c,), "contract_t": (d, c, p)}
        parts.append(("Shock.additions", shock.additions, added))
    return parts


def _ranges(network: Network, shock: Shock) -> list[Problem]:
    """Return the values outside their ranges; NaN is outside every range."""
    tiny, big = 1e-9, 1e9
    bounds: list[tuple[str, Floats, float, float]] = [
        ("Shock.permission", shock.permission, 0.0, 1.0),
        ("Shock.pool_permission", shock.pool_permission, 0.0, 1.0),
        ("Shock.capacity_factor", shock.capacity_factor, 0.0, big),
        ("Shock.demand_factor", shock.demand_factor, 0.0, big),
        ("Shock.target_factor", shock.target_factor, 0.0, big),
        ("Shock.extra_lag", shock.extra_lag.astype(np.float64), 0.0, 1e4),
        ("Shock.cover_days", shock.cover_days, 0.0, big),
        ("Shock.reserve_days", shock.reserve_days, 0.0, big),
        ("Shock.dependence", shock.dependence, 0.0, 1.0),
        ("Shock.psi", shock.psi, 0.0, 1.0),
        ("Shock.kappa", shock.kappa, 1.0, big),
        ("Shock.tau_weeks", shock.tau_weeks, tiny, big),
        ("Shock.smoothing_weeks", shock.smoothing_weeks, tiny, big),
        ("Shock.rho", shock.rho, 0.0, 1.0),
        ("Shock.eta", shock.eta, 0.0, big),
        ("Network.period_days", np.array([network.period_days]), tiny, big),
        ("Network.supplier_headroom", network.supplier_headroom, 0.0, big),
        ("Network.consumer_final", network.consumer_final, 0.0, np.inf),
        ("Network.lane_flow", network.lane_flow, 0.0, np.inf),
        ("Network.lane_lag", network.lane_lag.astype(np.float64), 1.0, 1e4),
        ("Network.lane_export_share", network.lane_export_share, 0.0, 1.0),
        ("Network.recipe_input_per_output", network.recipe_input_per_output, 0.0, big),
    ]
    problems = []
    for where, values, low, high in bounds:
        wrong = ~((values >= low) & (values <= high))
        if wrong.any():
            got = f"{values[wrong].ravel()[0]} ({int(wrong.sum())} values)"
            problems.append(Problem("out of range", where, got=got, expected=f"{low:g} to {high:g}"))
    if not (np.diff(network.lane_consumer) >= 0).all():
        problems.append(Problem("lanes are not sorted by consumer", "Network.lane_consumer"))
    if network.n_recipes and (shock.dependence[:, network.recipe_same_element] != 1.0).any():
        problems.append(
            Problem("a recipe line of one element with d below 1 makes mass (rule N4)", "Shock.dependence")
        )
    return problems


def _prices(network: Network, shock: Shock) -> list[Problem]:
    """Return what is wrong with the prices: values, and members that pay another product's (rule M11)."""
    prices = shock.prices
    if prices is None:
        return []
    short = prices.short_elasticity
    bounds: list[tuple[str, Floats, Floats | float, float, str]] = [
        ("speed", prices.speed, 0.0, HIGHEST, "0"),
        ("hoarding", prices.hoarding, 0.0, HIGHEST, "0"),
        ("memory_weeks", prices.memory_weeks, 1e-9, LONGEST_WEEKS, "above 0"),
        ("short_elasticity", short, 0.0, HIGHEST, "0"),
        ("long_elasticity", prices.long_elasticity, short, HIGHEST, "the short one"),
        ("supply_elasticity", prices.supply_elasticity, 0.0, HIGHEST, "0"),
    ]
    problems = []
    for name, values, low, most, least in bounds:
        wrong = ~((values >= low) & (values <= most))
        if wrong.any():
            got = f"{values[wrong].ravel()[0]} ({int(wrong.sum())} values)"
            expected = f"{least} to {most:g}"
            problems.append(Problem("out of range", f"Shock.prices.{name}", got=got, expected=expected))
    members = {
        "consumer_row": (prices.consumer_row, network.consumer_product),
        "supplier_row": (prices.supplier_row, network.supplier_product),
    }
    for name, (rows, product) in members.items():
        inside = (rows >= 0) & (rows < len(prices.product))
        own = prices.product[np.where(inside, rows, 0)]
        wrong = ~inside | ((rows > 0) & (own != product))
        if wrong.any():
            i = int(np.argmax(wrong))
            problems.append(
                Problem("no price of this product", f"Shock.prices.{name}", f"row {rows[i]} at {i}")
            )
    return problems


def _additions(network: Network, shock: Shock) -> list[Problem]:
    """Return what is wrong with the additions: values, rows, lanes, and mass made (rules R1-R4)."""
    added = shock.additions
    if added is None:
        return []
    problems = []
    bounds = {
        "capacity_t": (0.0, MOST, 0.0),
        "contract_t": (0.0, MOST, None),
        "input_factor": (0.0, 1.0, 1.0),
        "release_share": (0.0, 2.0, RELEASE_SHARE),
        "order_t": (0.0, MOST, 0.0),
    }
    for name, (low, high, neutral) in bounds.items():
        values: Floats = getattr(added, name)
        wrong = ~((values >= low) & (values <= high))
        where = f"Shock.additions.{name}"
        if wrong.any():
            got = f"{values[wrong].ravel()[0]} ({int(wrong.sum())} values)"
            problems.append(Problem("out of range", where, got=got, expected=f"{low:g} to {high:g}"))
        elif neutral is not None and (values[:, 0] != neutral).any():
            got = f"{values[:, 0][values[:, 0] != neutral][0]}"
            problems.append(Problem("row 0 is not the neutral one", where, got, f"{neutral:g}"))
    for name in ADDED_PATHS:
        if getattr(added, name).min(initial=0) < 0:
            got = f"row {getattr(added, name).min()}"
            problems.append(Problem("out of range", f"Shock.additions.{name}", got, "0 or above"))
    problems += _contract_lanes(network, added.contract_lane)
    fixed = network.recipe_same_element & (added.recipe_row > 0)
    if (added.input_factor[:, added.recipe_row[fixed]] != 1.0).any():
        what = "a recipe line of one element with a factor other than 1 makes mass (rules N4, R3)"
        problems.append(Problem(what, "Shock.additions.recipe_row"))
    return problems


def _contract_lanes(network: Network, lanes: Ints) -> list[Problem]:
    """Return what is wrong with the lanes that have a contract (rule R2)."""
    where = "Shock.additions.contract_lane"
    outside = lanes[(lanes < 0) | (lanes >= network.n_lanes)]
    if len(outside):
        got, expected = f"{outside[0]} ({len(outside)} values)", f"0 to {network.n_lanes - 1}"
        return [Problem("out of range", where, got, expected)]
    steps = np.flatnonzero(np.diff(lanes) <= 0)
    if len(steps):
        got = f"{lanes[steps[0]]} before {lanes[steps[0] + 1]}"
        return [Problem("lanes are not strictly rising", where, got)]
    return []


def _balance(network: Network) -> list[Problem]:
    """Return where base flows, outputs and uses do not agree (rule N7)."""
    inflow = np.bincount(network.lane_consumer, network.lane_flow, network.n_consumers)
    output = np.bincount(network.lane_supplier, network.lane_flow, network.n_suppliers)
    pairs = [
        ("Network.consumer_inflow", network.consumer_inflow, inflow, "the sum of its lanes"),
        ("Network.supplier_base", network.supplier_base, output, "the sum of its lanes"),
        ("Network.consumer_final", base_use(network), network.consumer_inflow, "use = inflow"),
    ]
    problems = []
    for where, left, right, rule in pairs:
        gap = np.abs(left - right) - BALANCE * np.maximum(np.abs(left), np.abs(right))
        if (gap > 0.0).any() or np.isnan(gap).any():
            i = int(np.nanargmax(gap))
            got = f"{left[i]:g} against {right[i]:g} at row {i} ({int((gap > 0).sum())} rows)"
            problems.append(Problem("the base state is out of balance", where, got=got, expected=rule))
    return problems
