"""Parts that sum to every published total at every level at once: iterative proportional fitting.

A part is the consumption of one building in one component (homes, industry, ...). A level is one
published table: it puts each part in at most one of its cells, and some cells have a total. Fitting
scales the parts of each cell to its total, level after level, until nothing changes. Of all parts
that meet the totals it gives those nearest, in relative entropy, to what was expected before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zonnekaart.errors import ShapeMismatchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]

MOST_ROUNDS = 2000
"""Passes over all levels before they are taken to contradict each other."""
STILL = 1e-13
"""Largest relative change of a part in a pass that counts as none. [-]"""
MET = 1e-9
"""Residual over total up to which a total counts as met. [-]"""
STALL_ROUNDS = 25
"""Passes without a better worst residual after which levels are said to contradict."""


@dataclass(frozen=True)
class Level:
    """
    One table of totals.

    Parameters
    ----------
    name : str
        What the table is called in messages.
    cell : ndarray of int64, shape (parts,)
        Cell of each part; -1 for parts of which this table says nothing.
    total_kwh : ndarray of float64, shape (cells,)
        NaN where the total is not published: it binds nothing, and is not zero. [kWh]
    """

    name: str
    cell: IntArray
    total_kwh: FloatArray


@dataclass(frozen=True)
class Fit:
    """
    Parts fitted to all levels.

    Parameters
    ----------
    kwh : ndarray of float64, shape (parts,)
        [kWh]
    residual_kwh : list of ndarray of float64, shape (cells,)
        Total minus sum of the parts, per level in the order given; NaN where no total is
        published. [kWh]
    bound : ndarray of bool, shape (parts,)
        Whether some published total speaks of the part.
    rounds : int
        Passes made.
    consistent : bool
        Whether every total that parts can carry is met. Where levels contradict each other the
        last level is met and the residual of the others says by how much.
    """

    kwh: FloatArray
    residual_kwh: list[FloatArray]
    bound: BoolArray
    rounds: int
    consistent: bool


def fit_totals(expected_kwh: FloatArray, levels: Sequence[Level]) -> Fit:
    """
    Scale parts until they sum to the totals of all levels.

    Parameters
    ----------
    expected_kwh : ndarray of float64, shape (parts,)
        What each part is expected to consume before any total is known, >= 0; only ratios count
        within cells that have totals. A part of zero stays zero. [kWh]
    levels : sequence of Level
        In the order of trust, the most trusted last.

    Returns
    -------
    Fit
        Parts without any total keep what was expected of them.

    Raises
    ------
    ShapeMismatchError
        If a level speaks of another number of parts.

    Notes
    -----
    Iterative proportional fitting [1]_ converges to the parts of least relative entropy when the
    totals agree [2]_. When they do not, it moves around a cycle; passes stop once the worst
    residual no longer shrinks.

    References
    ----------
    .. [1] W. E. Deming, F. F. Stephan, Ann. Math. Stat. 11, 1940. doi:10.1214/aoms/1177731829
    .. [2] I. Csiszar, Ann. Probab. 3, 1975. doi:10.1214/aop/1176996454

    Examples
    --------
    >>> street = Level("street", np.array([0, 0, 1, 1]), np.array([10.0, np.nan]))
    >>> sector = Level("sector", np.array([0, 1, 0, 1]), np.array([6.0, 14.0]))
    >>> fit_totals(np.ones(4), [street, sector]).kwh.round(6)
    array([3., 7., 3., 7.])
    """
    for level in levels:
        if level.cell.shape != expected_kwh.shape:
            raise ShapeMismatchError("cell", level.cell.shape, expected_kwh.shape)
    kwh = expected_kwh.astype(np.float64, copy=True)
    rounds, best, stalled = 0, np.inf, 0
    while levels and rounds < MOST_ROUNDS and stalled < STALL_ROUNDS:
        before = kwh.copy()
        for level in levels:
            _scale(kwh, level)
        rounds += 1
        change = np.abs(kwh - before)
        if not (change > STILL * np.maximum(kwh, before)).any():
            break
        worst = _worst(kwh, levels)
        stalled = 0 if worst < best * (1.0 - 1e-3) else stalled + 1
        best = min(best, worst)
    residual = [_residual(kwh, level) for level in levels]
    return Fit(kwh, residual, _bound(kwh, levels), rounds, _consistent(kwh, levels, residual))


def _sums(kwh: FloatArray, level: Level) -> FloatArray:
    inside = level.cell >= 0
    count = len(level.total_kwh)
    return np.bincount(level.cell[inside], kwh[inside], minlength=count).astype(np.float64)


def _scale(kwh: FloatArray, level: Level) -> None:
    """Scale the parts of each cell to its total, in place; cells without parts are left."""
    current = _sums(kwh, level)
    known = ~np.isnan(level.total_kwh) & (current > 0.0)
    factor = np.divide(level.total_kwh, current, out=np.ones_like(current), where=known)
    inside = level.cell >= 0
    kwh[inside] *= factor[level.cell[inside]]


def _residual(kwh: FloatArray, level: Level) -> FloatArray:
    return level.total_kwh - _sums(kwh, level)


def _relative(kwh: FloatArray, level: Level, residual: FloatArray) -> FloatArray:
    """Return residual over total of the cells that can be met; 0 elsewhere."""
    able = ~np.isnan(level.total_kwh) & (_sums(kwh, level) > 0.0) & (level.total_kwh > 0.0)
    return np.divide(np.abs(residual), level.total_kwh, out=np.zeros_like(residual), where=able)


def _worst(kwh: FloatArray, levels: Sequence[Level]) -> float:
    each = [_relative(kwh, level, _residual(kwh, level)) for level in levels]
    return max((float(r.max()) for r in each if r.size), default=0.0)


def _consistent(kwh: FloatArray, levels: Sequence[Level], residual: list[FloatArray]) -> bool:
    each = (_relative(kwh, level, rest) for level, rest in zip(levels, residual, strict=True))
    return all(not (r > MET).any() for r in each)


def _bound(kwh: FloatArray, levels: Sequence[Level]) -> BoolArray:
    bound = np.zeros(kwh.shape, dtype=bool)
    for level in levels:
        inside = level.cell >= 0
        bound[inside] |= ~np.isnan(level.total_kwh[level.cell[inside]])
    return bound
