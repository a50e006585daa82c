"""How far footprints lie from the buildings that a height raster shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

FloatArray = npt.NDArray[np.float64]

_STEEPEST = 3.0
"""Height differences per cell beyond this count as this: a tower weighs like a house. [m]"""
_SMOOTH_CELLS = 1.0
"""Both sides are smoothed alike, so that the peak is round and can be placed between cells."""
_FAR_M = 3.0
"""Beyond this distance from the peak, the surface of correlations is noise. [m]"""


@dataclass(frozen=True)
class Offset:
    """
    Where the buildings in the heights lie, seen from the footprints.

    Parameters
    ----------
    east_m, north_m : float
        Vector that moves the footprints onto the buildings; NaN when nothing correlates. [m]
    error_m : float
        Standard error of the vector, from leaving out each part in turn. [m]
    prominence : float
        Height of the peak over the noise, in standard deviations of the noise. [-]
    """

    east_m: float
    north_m: float
    error_m: float
    prominence: float

    @property
    def distance_m(self) -> float:
        """Length of the vector. [m]."""
        return float(np.hypot(self.east_m, self.north_m))


def edge_correlation(
    height: npt.NDArray[np.float32], covered: npt.NDArray[np.bool_], reach: int
) -> FloatArray:
    """
    Correlate the edges of footprints with the edges in the heights, for all shifts in reach.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown, has no edges. [m]
    covered : ndarray of bool, shape (rows, cols)
        True where a footprint is.
    reach : int
        Largest shift. [cells]

    Returns
    -------
    ndarray of float64, shape (2 reach + 1, 2 reach + 1)
        Sum over cells of the product of both gradients, with the footprints moved by
        (row - reach, col - reach) cells. Sums of several parts may be added. [m]

    Notes
    -----
    Gradients have a sign, so the wall of a house answers only to its own side of the footprint,
    and a slope of the ground, the same on both sides, cancels out. Trees add noise without a
    direction. It is a cross-correlation by Fourier transform, of vectors instead of values.

    References
    ----------
    B. Zitova, J. Flusser, Image and Vision Computing 21, 2003. doi:10.1016/S0262-8856(03)00137-9
    """
    mask = ndimage.gaussian_filter(covered.astype(np.float64), _SMOOTH_CELLS)
    shape = [fft.next_fast_len(n + reach, real=True) for n in height.shape]
    total = np.zeros((2 * reach + 1, 2 * reach + 1))
    for axis in (0, 1):
        steps = np.diff(height.astype(np.float64), axis=axis)
        steps = np.clip(np.nan_to_num(steps), -_STEEPEST, _STEEPEST)
        steps = ndimage.gaussian_filter(steps, _SMOOTH_CELLS)
        edges = np.diff(mask, axis=axis)
        product = fft.rfft2(steps, shape) * np.conj(fft.rfft2(edges, shape))
        surface = fft.irfft2(product, shape)
        at = np.arange(-reach, reach + 1)
        total += surface[np.ix_(at, at)]
    return total


def footprint_offset(surfaces: FloatArray, cell_m: float) -> Offset:
    """
    Return the shift at which the edges of footprints and heights agree best.

    Parameters
    ----------
    surfaces : ndarray of float64, shape (parts, 2 reach + 1, 2 reach + 1)
        From `edge_correlation`, one per part of the raster.
    cell_m : float
        Cell size. [m]

    Returns
    -------
    Offset
        NaN with prominence 0 when there are no parts or no edges.

    Examples
    --------
    >>> height, covered = np.zeros((60, 60), np.float32), np.zeros((60, 60), bool)
    >>> height[20:30, 20:30] = 6.0
    >>> covered[18:28, 23:33] = True
    >>> offset = footprint_offset(edge_correlation(height, covered, 8)[None], 1.0)
    >>> round(offset.east_m, 2), round(offset.north_m, 2)
    (-3.0, -2.0)
    """
    total = surfaces.sum(axis=0) if len(surfaces) else np.zeros((3, 3))
    if not total.any():
        return Offset(np.nan, np.nan, np.nan, 0.0)
    row, col = _peak(total)
    reach = (total.shape[0] - 1) // 2
    at = np.arange(-reach, reach + 1)
    away = np.hypot(at[:, None] - row, at[None, :] - col) * cell_m > _FAR_M
    noise = total[away]
    spread = float(noise.std()) if noise.size else 0.0
    prominence = float((total.max() - noise.mean()) / spread) if spread else 0.0
    return Offset(col * cell_m, -row * cell_m, _jackknife(surfaces, cell_m), prominence)


def _peak(surface: FloatArray) -> tuple[float, float]:
    """Return row and column shift of the highest place, between cells. [cells]."""
    reach = (surface.shape[0] - 1) // 2
    row, col = (int(v) for v in np.unravel_index(int(np.argmax(surface)), surface.shape))
    return (
        row - reach + _vertex(surface[row - 1 : row + 2, col]),
        col - reach + _vertex(surface[row, col - 1 : col + 2]),
    )


def _vertex(values: FloatArray) -> float:
    """Return where the parabola through three values has its top; 0 at the rim. [cells]."""
    if len(values) < 3:
        return 0.0
    left, middle, right = values
    bend = left - 2.0 * middle + right
    return float(0.5 * (left - right) / bend) if bend < 0.0 else 0.0


def _jackknife(surfaces: FloatArray, cell_m: float) -> float:
    """Return the standard error of the peak from leaving out each part; infinite for one. [m]."""
    count = len(surfaces)
    if count < 2:
        return float("inf")
    total = surfaces.sum(axis=0)
    places = np.array([_peak(total - part) for part in surfaces]) * cell_m
    spread = ((places - places.mean(axis=0)) ** 2).sum()
    return float(np.sqrt((count - 1) / count * spread))
