"""Reconcile production, trade and use: the least weighted relative adjustment that closes every node (rule
N7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kaname.terms.errors import KanameError

Floats = NDArray[np.float64]
_OPEN = 1e-3  # a node open by more than this share of its turnover is no solution


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


def solve_balance(problem: BalanceProblem, solver: str = "qp", lp_method: str = "simplex") -> BalanceResult:
    """Return the reconciled quantities of a problem.

    `qp` minimises sum of weight x (x - prior)^2 / (2 prior) with Clarabel, which spreads an adjustment over
    the lanes of a node in proportion; `lp` minimises sum of weight x |x - prior| with HiGHS, which puts it on
    few; `lp_method` is `simplex` or `ipm`. Both add linear_cost x x. Raises KanameError where the solver
    fails, which means that bounds contradict nodes.
    """
    if solver == "qp":
        x = _solve_qp(problem)
    elif solver == "lp":
        x = _solve_lp(problem, lp_method)
    else:
        raise KanameError(f"unknown balance solver {solver!r}; choose qp or lp")
    x = np.clip(x, problem.lower, problem.upper)
    open_t = np.abs(problem.nodes @ x)
    turnover_t = abs(problem.nodes) @ np.abs(x)
    worst = float(np.max(open_t / np.maximum(turnover_t, 1e-9), initial=0.0))
    if worst > _OPEN:
        raise KanameError(
            f"the balance left a node open by {worst:.2g} of its turnover; check bounds and priors"
        )
    return BalanceResult(x, solver, worst)


def adjustment_cost(problem: BalanceProblem, x: Floats, solver: str) -> float:
    """Return what `solver` (`qp` or `lp`) minimises, at quantities x (V,): the norm of its adjustments."""
    change = x - problem.prior
    if solver == "qp":
        size = np.where(problem.prior > 0.0, problem.prior, _scale(problem))
        norm = problem.weight * change**2 / (2.0 * size)
    else:
        norm = problem.weight * np.abs(change)
    return float(np.sum(norm + problem.linear_cost * x))


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
    """Return the unit of each quantity: its prior, or without one a share of its node's turnover."""
    pattern = abs(problem.nodes)
    turnover = pattern @ problem.prior
    beside = (pattern.T @ turnover) / np.maximum(np.asarray(pattern.sum(axis=0)).ravel(), 1e-12)
    return np.asarray(np.where(problem.prior > 0.0, problem.prior, np.maximum(0.1 * beside, 1e-6)))


def _solve_lp(problem: BalanceProblem, method: str) -> Floats:
    """Split each adjustment, in the units of `_scale`, into an up and a down part; both cost weight per
    tonne.
    """
    scale = _scale(problem)
    nodes = problem.nodes @ sparse.diags(scale)
    norm = np.maximum(abs(nodes).max(axis=1).toarray().ravel(), 1e-12)
    nodes = sparse.diags(1.0 / norm) @ nodes
    cost = np.concatenate([problem.weight + problem.linear_cost, problem.weight - problem.linear_cost])
    room = np.concatenate([problem.upper - problem.prior, problem.prior - problem.lower])
    steps = _highs(
        np.tile(scale, 2) * cost / max(float(np.max(scale * problem.weight, initial=0.0)), 1e-9),
        room / np.tile(scale, 2),
        sparse.hstack([nodes, -nodes], format="csc"),
        -(nodes @ (problem.prior / scale)),
        method,
    )
    up, down = np.split(steps, 2)
    return np.asarray(problem.prior + scale * (up - down), dtype=np.float64)


def _highs(cost: Floats, upper: Floats, matrix: sparse.csc_matrix, rhs: Floats, method: str) -> Floats:
    """Minimise cost x steps where matrix x steps = rhs and 0 <= steps <= upper, on one thread, with HiGHS."""
    import highspy  # noqa: PLC0415 - only on request

    if method not in ("simplex", "ipm"):
        raise KanameError(f"unknown method {method!r} of the linear balance; choose simplex or ipm")
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(len(cost)), upper
    lp.row_lower_ = lp.row_upper_ = rhs
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
    lp.a_matrix_.value_ = matrix.data
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (("output_flag", False), ("threads", 1), ("solver", method)):
        _accept(highs.setOptionValue(name, value), f"refuses the option {name}")
    _accept(highs.passModel(lp), "refuses the problem")
    _accept(highs.run(), "did not run")
    status = highs.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise KanameError(f"the balance could not be solved: HiGHS says {highs.modelStatusToString(status)}")
    return np.asarray(highs.getSolution().col_value, dtype=np.float64)


def _accept(status: Any, what: str) -> None:
    """Raise KanameError unless HiGHS reports success (a warning counts: it says why in the model status)."""
    import highspy  # noqa: PLC0415

    if status == highspy.HighsStatus.kError:
        raise KanameError(f"the balance could not be solved: HiGHS {what}")
