"""The planner written with linopy is the planner written as plain arrays, row by row (rule O4)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from generated import Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from kaname.respond.instance import Instance
from kaname.respond.layout import Kind
from kaname.respond.problem import LinearProgram, linear_program
from kaname.respond.reference import OFFSET, SCALE, optimum, reference_program, solve_reference
from kaname.respond.solve import Highs
from kaname.terms import extras
from kaname.terms.errors import DataMissing, SolverError

SAME = 1e-8  # relative, of objectives
DUST = 1e-12
ROUNDING = 1e-11  # relative, of single coefficients: sums in another order


def without_dust(matrix: sparse.sparray) -> sparse.csr_array:
    """The matrix by rows, columns rising, without what only rounding left (a mean lag just below 3)."""
    found = sparse.csr_array(matrix)
    found.data[abs(found.data) < DUST] = 0.0
    found.eliminate_zeros()
    found.sort_indices()
    return found


def rows_that_hold(program: LinearProgram) -> np.ndarray:
    """The rows with an entry and a finite limit; a row without entries must allow 0."""
    used = np.diff(without_dust(program.matrix).indptr) > 0
    assert (program.row_upper[~used] >= 0.0).all()
    return np.flatnonzero(used & np.isfinite(program.row_upper))


def compare(instance: Instance, kind: Kind, fill: np.ndarray | None, levels: np.ndarray) -> None:
    """The two programs have the same rows in the same order, the same bounds, costs and optimum."""
    direct = linear_program(instance, 0, kind, fill).at_levels(levels)
    model = reference_program(instance, 0, kind, fill, levels)
    theirs, ours = without_dust(model.matrices.A), without_dust(direct.matrix)
    used, rows = np.diff(theirs.indptr) > 0, rows_that_hold(direct)
    theirs, ours = theirs[used], ours[rows]
    assert (model.matrices.sense == "<").all()
    np.testing.assert_array_equal(theirs.indptr, ours.indptr)
    np.testing.assert_array_equal(theirs.indices, ours.indices)
    np.testing.assert_allclose(theirs.data, ours.data, rtol=ROUNDING)
    size = 1.0 + abs(direct.row_upper[rows]).max(initial=0.0)
    np.testing.assert_allclose(model.matrices.b[used], direct.row_upper[rows], ROUNDING, ROUNDING * size)
    np.testing.assert_allclose(model.matrices.lb, direct.lower, ROUNDING)
    np.testing.assert_allclose(model.matrices.ub, direct.upper, ROUNDING)
    size = 1.0 + abs(direct.cost).max(initial=0.0)
    np.testing.assert_allclose(model.matrices.c / SCALE, direct.cost, ROUNDING, ROUNDING * size)
    assert float(model.parameters[OFFSET]) == pytest.approx(direct.offset, rel=ROUNDING)
    try:
        least = Highs().solve(direct).objective
    except SolverError:
        with pytest.raises(SolverError, match="infeasible"):
            optimum(model)
        return
    worth = float((instance.groups.consumer_value_kusd[:, None] * instance.draws[0].final).sum())
    assert optimum(model) == pytest.approx(least, rel=SAME, abs=SAME * worth)


@pytest.mark.parametrize("kind", ["planner", "bound"])
@settings(max_examples=12)
@given(cases(), st.booleans(), st.booleans(), st.integers(0, 2**31))
def test_generated_networks(kind: Kind, case: Case, whole: bool, done: bool, seed: int) -> None:
    """With and without measures, and shares of use served that are not 1."""
    instance, rng = case.instance(whole=whole), np.random.default_rng(seed)
    if len(instance.groups.consumer_inflow):
        fill = rng.random(instance.draws[0].final.shape)
        compare(instance, kind, fill if rng.random() < 0.7 else None, done * rng.random(len(case.effects)))


@pytest.mark.parametrize("kind", ["planner", "bound"])
def test_a_slice_of_the_real_network(kind: Kind, real_slice: Callable[..., Instance]) -> None:
    instance = real_slice()
    rng = np.random.default_rng(0)
    levels, fill = rng.random(len(instance.measures)), rng.random(instance.draws[0].final.shape)
    compare(instance, kind, None, np.zeros(len(levels)))
    compare(instance, kind, fill, levels)
    assert solve_reference(instance, 0, kind) == pytest.approx(
        Highs().solve(linear_program(instance, 0, kind)).objective, rel=SAME
    )


def test_a_changed_number_is_noticed(real_slice: Callable[..., Instance]) -> None:
    """The comparison above fails where one coefficient is off by a millionth."""
    instance = real_slice()
    instance.groups.recipe_input[0] *= 1.0 + 1e-6
    direct = linear_program(instance, 0)
    instance.groups.recipe_input[0] /= 1.0 + 1e-6
    theirs = reference_program(instance, 0).matrices.A
    assert abs(direct.matrix[rows_that_hold(direct)].sum() - theirs.sum()) > 1e-9


def test_without_linopy_the_install_line_is_told(
    real_slice: Callable[..., Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name, name=name)

    monkeypatch.setattr(extras.importlib, "import_module", missing)
    with pytest.raises(DataMissing, match=r"kaname\[reference\]"):
        reference_program(real_slice(), 0)
