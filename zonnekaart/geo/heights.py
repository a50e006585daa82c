"""Single cells far off and small holes in heights: found, and corrected when that is stated."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

METRES = {"m": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001, "ft": 0.3048, "us_ft": 1200.0 / 3937.0}
"""Units that heights come in. [m]"""

_SPIKE_M, _SPIKE_SLOPE = 10.0, 8.0
"""A spike stands out by 10 m and by more than a spire's slope, 8 m per m, over one cell."""
_SPIKE_CELLS = 2
_LEAST_NEIGHBOURS = 6
_AROUND_CELLS = 20
_BEYOND_M = 5.0
"""A light well ends at the ground, a tree or mast at the height of others; a spike or sink lies
beyond all that is near. [m]"""
_RING = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1)]
_WIDE = [(r, c) for r in range(-2, 3) for c in range(-2, 3)]


@dataclass(frozen=True)
class Corrections:
    """
    What a project states about a height file, and is done while reading it.

    Parameters
    ----------
    unit : str
        Unit of the numbers in the file, a key of `METRES`.
    despike : bool
        Replace single cells far off by the median of their neighbours.
    fill_holes_m : float
        Fill holes that are at most this wide, in both directions; 0 fills none. [m]
    """

    unit: str = "m"
    despike: bool = False
    fill_holes_m: float = 0.0

    def halo(self, cell_m: float) -> int:
        """Return how far around a cell its corrected value depends on others. [cells]."""
        reach = _AROUND_CELLS + 2 if self.despike else 0
        return reach + (math.ceil(self.fill_holes_m / cell_m) + 1 if self.fill_holes_m else 0)

    def applied(self, height: FloatArray, cell_m: float) -> FloatArray:
        """
        Return heights without spikes and small holes; the unit is not touched.

        Parameters
        ----------
        height : ndarray of float32, shape (rows, cols)
            With `halo` cells on each side that the caller cuts off. [m]
        cell_m : float
            Cell size. [m]
        """
        if self.despike:
            height = without_spikes(height, spikes(height, cell_m))
        if self.fill_holes_m:
            height = with_filled_holes(height, int(self.fill_holes_m / cell_m + 1e-6))
        return height


AS_IT_IS = Corrections()


def spikes(height: FloatArray, cell_m: float, most: int | None = None) -> BoolArray:
    """
    Find single cells, or two together, far above or far below everything near them.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown. [m]
    cell_m : float
        Cell size. [m]
    most : int, optional
        When more cells than this stand out, the numbers are no metres: none is called a spike.

    Returns
    -------
    ndarray of bool, shape (rows, cols)
        True for a bird, the hook of a crane, a bad match, a mast one cell wide.

    Notes
    -----
    A chimney is lower than the threshold, a tower has more cells, and a spire has neighbours that
    are nearly as high. It must also lie 5 m beyond all that is within 20 cells: poplars stand in
    rows, and a courtyard may be one cell wide, but it ends at the ground.

    Examples
    --------
    >>> height = np.zeros((9, 9), np.float32)
    >>> height[4, 4], height[1:4, 6:9] = 40.0, 40.0
    >>> np.argwhere(spikes(height, 1.0)).tolist()
    [[4, 4]]
    """
    threshold = np.float32(_SPIKE_M + _SPIKE_SLOPE * cell_m)
    padded = np.pad(height, 2, constant_values=np.nan)
    found = np.zeros(height.shape, dtype=np.bool_)
    for sign in (1.0, -1.0):
        candidates = _standing_out(padded, np.float32(sign), threshold)
        if most is not None and len(candidates) > most:
            return np.zeros_like(found)
        for row, col in candidates:
            found[row, col] = _alone(height, row, col, sign)
    return found


def _standing_out(
    padded: FloatArray, sign: np.float32, threshold: np.float32
) -> list[tuple[int, int]]:
    """Return row and column of cells that tower over all but one of their neighbours."""
    known = np.where(np.isnan(padded), -np.inf, sign * padded)
    middle = known[2:-2, 2:-2]
    beside = np.maximum(known[2:-2, 1:-3], known[2:-2, 3:-1])
    above = np.maximum(known[1:-3, 2:-2], known[3:-1, 2:-2])
    rows, cols = np.nonzero(np.isfinite(middle) & (middle > np.minimum(beside, above) + threshold))
    near = np.stack([known[rows + 2 + r, cols + 2 + c] for r, c in _RING], axis=1)
    near.sort(axis=1)
    sure = np.isfinite(near).sum(axis=1) > _LEAST_NEIGHBOURS
    out = sure & (known[rows + 2, cols + 2] > near[:, -1 - _SPIKE_CELLS] + threshold)
    return list(zip(rows[out].tolist(), cols[out].tolist(), strict=True))


def _alone(height: FloatArray, row: int, col: int, sign: float) -> bool:
    """Tell whether a cell lies beyond all around it but its own neighbours."""
    top, left = max(row - _AROUND_CELLS, 0), max(col - _AROUND_CELLS, 0)
    around = height[top : row + _AROUND_CELLS + 1, left : col + _AROUND_CELLS + 1].copy()
    r, c = row - top, col - left
    own = sign * height[row, col]
    around[max(r - 1, 0) : r + 2, max(c - 1, 0) : c + 2] = np.nan
    # Other spikes near this one must not hide it: they are as high and as few.
    known = np.sort(sign * around[np.isfinite(around)])
    return bool(known.size and own > known[-min(2 * _SPIKE_CELLS + 1, known.size)] + _BEYOND_M)


def without_spikes(height: FloatArray, spiked: BoolArray) -> FloatArray:
    """
    Replace spikes by the median of the known cells within two cells of them.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown. [m]
    spiked : ndarray of bool, shape (rows, cols)
        From `spikes`.
    """
    if not spiked.any():
        return height
    clean = np.where(spiked, np.float32(np.nan), height)
    padded = np.pad(clean, 2, constant_values=np.nan)
    rows, cols = np.nonzero(spiked)
    near = np.stack([padded[rows + 2 + r, cols + 2 + c] for r, c in _WIDE], axis=1)
    some = np.isfinite(near).any(axis=1)
    clean[rows[some], cols[some]] = np.nanmedian(near[some], axis=1)
    return clean


def with_filled_holes(height: FloatArray, longest: int) -> FloatArray:
    """
    Fill unknown cells between known ones that are near on all four sides.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown. [m]
    longest : int
        Most unknown cells in a row and in a column. [cells]

    Returns
    -------
    ndarray of float32, shape (rows, cols)
        Straight lines along row and column, mixed by how short they are. Wider holes stay.

    Examples
    --------
    >>> height = np.array([[1, 1, 1], [1, np.nan, 3], [1, 1, 1]], np.float32)
    >>> float(with_filled_holes(height, 1)[1, 1])
    1.5
    """
    unknown = np.isnan(height)
    if not unknown.any():
        return height
    across, wide = _between(height)
    down, high = (part.T for part in _between(np.ascontiguousarray(height.T)))
    small = unknown & (wide <= longest) & (high <= longest)
    mixed = (across[small] * high[small] + down[small] * wide[small]) / (wide[small] + high[small])
    out = height.copy()
    out[small] = mixed
    return out


def _between(height: FloatArray) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return what a straight line along the row gives, and the length of the gap it crosses."""
    known = np.isfinite(height)
    cols = np.arange(height.shape[1])
    last = height.shape[1] - 1
    left = np.maximum.accumulate(np.where(known, cols, -1), axis=1)
    right = np.minimum.accumulate(np.where(known, cols, last + 1)[:, ::-1], axis=1)[:, ::-1]
    inside = (left >= 0) & (right <= last)
    gap = np.where(inside, right - left - 1, np.inf)
    rows = np.arange(height.shape[0])[:, None]
    start = height[rows, np.clip(left, 0, last)].astype(np.float64)
    stop = height[rows, np.clip(right, 0, last)].astype(np.float64)
    part = (cols - left) / np.maximum(right - left, 1)
    return start + (stop - start) * part, gap
