"""Rows and columns of a program scaled to be of one size: without it a basis does not survive a new start.

Amounts run from grams to megatonnes. Factors are powers of two, so nothing is rounded, and geometric means of
the entries; columns of levels keep their unit. One scaling serves all draws of an instance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kaname.respond.problem import LinearProgram

Floats = NDArray[np.float64]
PASSES = 6


@dataclass(frozen=True)
class Scaling:
    """Factors of rows and columns: a scaled column holds the old value / its factor."""

    rows: Floats
    columns: Floats

    def scaled(self, program: LinearProgram) -> LinearProgram:
        """Return the same program in scaled columns and rows; its objective is the same."""
        matrix = sparse.diags(self.rows) @ program.matrix @ sparse.diags(self.columns)
        return replace(
            program,
            cost=program.cost * self.columns,
            lower=program.lower / self.columns,
            upper=program.upper / self.columns,
            matrix=sparse.csc_matrix(matrix),
            row_upper=program.row_upper * self.rows,
        )

    def unscaled(self, columns: Floats) -> Floats:
        """Return the columns of a scaled program's solution in their own units."""
        return columns * self.columns


def scaling_of(program: LinearProgram) -> Scaling:
    """Return factors that bring the entries of each row and column near 1; the program stores no zeros."""
    rows, columns = np.ones(program.matrix.shape[0]), np.ones(program.matrix.shape[1])
    entries = abs(program.matrix).tocoo()
    row, column, size = entries.row, entries.col, np.log2(entries.data)
    in_row = np.maximum(np.bincount(row, minlength=len(rows)), 1)
    in_column = np.maximum(np.bincount(column, minlength=len(columns)), 1)
    left, right = np.zeros(len(rows)), np.zeros(len(columns))
    for _ in range(PASSES):
        left = -np.bincount(row, size + right[column], len(rows)) / in_row
        right = -np.bincount(column, size + left[row], len(columns)) / in_column
        right[program.first_level :] = 0.0
    rows, columns = np.exp2(np.round(left)), np.exp2(np.round(right))
    return Scaling(rows, columns)
