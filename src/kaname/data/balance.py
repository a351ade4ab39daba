"""Reconcile production, trade and use: the least weighted relative adjustment that closes every node (rule
N7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kaname.terms.errors import KanameError

Floats = NDArray[np.float64]
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class BalanceProblem:
    """Quantities with priors, and nodes that must close.

    Shapes: V quantities, M nodes. `prior` (V,) in tonnes; `weight` (V,) multiplies the adjustment's cost, 0
    for a residual that may take any value within its bounds; `lower`, `upper` (V,); `linear_cost` (V,) per
    tonne for quantities without a prior (unrecorded supply); `nodes` (M, V) sparse, `nodes @ x = 0`.
    """

    prior: Floats
    weight: Floats
    lower: Floats
    upper: Floats
    linear_cost: Floats
    nodes: sparse.csr_matrix


@dataclass(frozen=True)
class BalanceResult:
    """The reconciled quantities (V,), and the largest node left open, as a share of the node's turnover."""

    x: Floats
    solver: str
    worst_open_share: float


def solve_balance(problem: BalanceProblem, solver: str = "qp") -> BalanceResult:
    """Return the reconciled quantities of a problem.

    `qp` minimises sum of weight x (x - prior)^2 / (2 prior) with Clarabel, which spreads an adjustment over
    the lanes of a node in proportion; `lp` minimises sum of weight x |x - prior| / prior x prior with HiGHS,
    which puts it on few. Both add linear_cost x x. Raises KanameError where the solver fails, which means
    that bounds contradict nodes.
    """
    if solver == "qp":
        x = _solve_qp(problem)
    elif solver == "lp":
        x = _solve_lp(problem)
    else:
        raise KanameError(f"unknown balance solver {solver!r}; choose qp or lp")
    x = np.clip(x, problem.lower, problem.upper)
    open_t = np.abs(problem.nodes @ x)
    turnover_t = abs(problem.nodes) @ np.abs(x)
    worst = float(np.max(open_t / np.maximum(turnover_t, 1e-9), initial=0.0))
    if worst > 1e-3:
        raise KanameError(
            f"the balance left a node open by {worst:.2g} of its turnover; check bounds and priors"
        )
    return BalanceResult(x, solver, worst)


def _solve_qp(problem: BalanceProblem) -> Floats:
    """Solve in relative variables y = x / scale, so that grams and megatonnes are conditioned alike."""
    import clarabel  # noqa: PLC0415 - only a build of the network needs it

    scale = _scale(problem)
    p_matrix = sparse.diags(problem.weight * scale, format="csc")
    q = -problem.weight * problem.prior + problem.linear_cost * scale
    nodes = problem.nodes @ sparse.diags(scale)
    norm = np.maximum(np.sqrt(np.asarray(nodes.multiply(nodes).sum(axis=1)).ravel()), 1e-12)
    nodes = sparse.diags(1.0 / norm) @ nodes
    bounded = np.isfinite(problem.upper)
    eye = sparse.identity(len(scale), format="csr")
    a_matrix = sparse.vstack([nodes, eye[bounded], -eye], format="csc")
    rhs = np.concatenate(
        [np.zeros(nodes.shape[0]), (problem.upper / scale)[bounded], -(problem.lower / scale)]
    )
    cones = [
        clarabel.ZeroConeT(nodes.shape[0]),
        clarabel.NonnegativeConeT(int(bounded.sum()) + len(scale)),
    ]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    size = max(float(np.abs(q).max(initial=1.0)), 1e-9)
    solution = clarabel.DefaultSolver(p_matrix / size, q / size, a_matrix, rhs, cones, settings).solve()
    if str(solution.status) not in ("Solved", "AlmostSolved"):
        raise KanameError(f"the balance could not be solved: Clarabel says {solution.status}")
    return np.asarray(solution.x, dtype=np.float64) * scale


def _scale(problem: BalanceProblem) -> Floats:
    """Return the size each quantity is measured in: its prior, or a share of its node's turnover without one."""
    pattern = abs(problem.nodes)
    turnover = pattern @ problem.prior
    beside = (pattern.T @ turnover) / np.maximum(np.asarray(pattern.sum(axis=0)).ravel(), 1e-12)
    return np.asarray(np.where(problem.prior > 0.0, problem.prior, np.maximum(0.1 * beside, 1e-6)))


def _solve_lp(problem: BalanceProblem) -> Floats:
    """Split each adjustment into an up and a down part; both cost weight per tonne."""
    from scipy.optimize import linprog  # noqa: PLC0415 - HiGHS through SciPy; only on request

    size = len(problem.prior)
    up_limit = problem.upper - problem.prior
    cost = np.concatenate([problem.weight + problem.linear_cost, problem.weight - problem.linear_cost])
    bounds = np.column_stack(
        [
            np.zeros(2 * size),
            np.concatenate([up_limit, problem.prior - problem.lower]),
        ]
    )
    result = linprog(
        cost,
        A_eq=sparse.hstack([problem.nodes, -problem.nodes], format="csr"),
        b_eq=-(problem.nodes @ problem.prior),
        bounds=bounds,
        method="highs",
    )
    if not result.success:
        raise KanameError(f"the balance could not be solved: HiGHS says {result.message}")
    x = np.asarray(result.x, dtype=np.float64)
    return np.asarray(problem.prior + x[:size] - x[size:], dtype=np.float64)
