"""The solver of linear programs: the seam, and HiGHS behind it (rules O2, O4).

Traps of HiGHS that this module guards: the number of threads is process-wide, so all calls ask for one; a
solver is asked for by name; every status is read, and anything but an optimum is an error with both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import highspy
import numpy as np
from numpy.typing import NDArray

from kaname.respond.problem import LinearProgram
from kaname.terms.errors import Problem, SolverError

Floats = NDArray[np.float64]
SCALE = 1e-3  # objective in million USD inside the solver
SHORT_S = 20.0  # for the simplex, which a program in a hundred keeps busy without end; then interior points
WHOLE_GAP = 1e-7  # relative, of programs with whole columns


@dataclass(frozen=True)
class Solution:
    """An optimum: objective (thousand USD), columns, their reduced costs, and where to start next time.

    `basis` is None where interior points found it: there is no basis then.
    """

    objective: float
    columns: Floats
    reduced: Floats
    basis: Any
    iterations: int


class Solver(Protocol):
    """What solves a linear program, or one with whole columns; `start` is the basis of a solution of one with
    the same pattern.
    """

    def solve(self, program: LinearProgram, start: Any = None) -> Solution:
        """Return the optimum. Raises SolverError for any other end."""
        ...


@dataclass(frozen=True)
class Highs:
    """HiGHS, one thread: dual simplex, and branch and bound where columns are whole."""

    time_limit_s: float = 600.0

    def solve(self, program: LinearProgram, start: Any = None) -> Solution:
        """Return the optimum: from `start`, and where that fails from nothing, then by interior points.

        The last way stays inside: what fails the simplex keeps the crossover to a basis busy as well. Raises
        SolverError where none of them ends with an optimum.
        """
        short = min(self.time_limit_s, SHORT_S)
        tries = [("simplex", start, short), ("simplex", None, short), ("ipx", None, self.time_limit_s)]
        ended = []
        for name, basis, limit_s in tries[1 if start is None else 0 :]:
            model = self._model(program, "choose" if program.integer else name, limit_s)
            if basis is not None:
                _check(model.setBasis(basis), "setBasis", "a basis of this pattern")
            model.run()
            status = model.getModelStatus()
            if status == highspy.HighsModelStatus.kOptimal:
                return _solution(model, program)
            ended.append(model.modelStatusToString(status))
            if status in _FINAL or program.integer:
                break
        raise _ended(", then ".join(ended), program)

    def _model(self, program: LinearProgram, solver: str, limit_s: float) -> Any:
        """Return HiGHS with the program in it."""
        model = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("solver", solver),
            ("run_crossover", "off" if solver == "ipx" else "on"),
            ("mip_rel_gap", WHOLE_GAP),
            ("time_limit", float(limit_s)),
        ):
            _check(model.setOptionValue(name, value), name, "an option of HiGHS")
        matrix = program.matrix
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = matrix.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost * SCALE, program.lower, program.upper
        lp.row_lower_, lp.row_upper_ = np.full(matrix.shape[0], -np.inf), program.row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
        lp.a_matrix_.value_ = matrix.data
        if program.integer:
            kinds = [highspy.HighsVarType.kContinuous] * matrix.shape[1]
            for column in program.integer:
                kinds[column] = highspy.HighsVarType.kInteger
            lp.integrality_ = kinds
        _check(model.passModel(lp), "passModel", "a program without faults")
        return model


_FINAL = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnbounded,
)


_VALID = int(highspy.BasisValidity.kBasisValidityValid)


def _solution(model: Any, program: LinearProgram) -> Solution:
    """Return what HiGHS found."""
    found, info = model.getSolution(), model.getInfo()
    columns = np.array(found.col_value)
    return Solution(
        info.objective_function_value / SCALE + program.offset,
        columns,
        np.array(found.col_dual) / SCALE if found.dual_valid else np.zeros(len(columns)),
        model.getBasis() if info.basis_validity == _VALID else None,
        int(info.simplex_iteration_count),
    )


def _check(status: Any, what: str, expected: str) -> None:
    """Refuse an error status; a warning passes (HiGHS drops tiny coefficients with one)."""
    if status == highspy.HighsStatus.kError:
        raise SolverError(Problem("HiGHS refused a call", what, "an error status", expected))


def _ended(status: str, program: LinearProgram) -> SolverError:
    """Return the error of a program that has no optimum, or none in time."""
    rows, columns = program.matrix.shape
    fix = "Give it more time, fewer markets or longer periods." if "ime" in status else ""
    what = f"no optimum of a program of {rows:,} rows and {columns:,} columns"
    return SolverError(Problem(what, "HiGHS", status, "optimal", fix))
