"""From the cells of every building to its roof planes: the stages, one building at a time (numba).

`roofplanes` is the door to them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit, prange

from zonnekaart.solar.planeenergy import (
    Terms,
    exchange,
    leave_out,
    off_planes,
    refit,
    residual_noise,
    set_spreads,
)
from zonnekaart.solar.planefits import (
    OBSTRUCTION,
    OUTSIDE,
    Roof,
    best_windows,
    eroded,
    square_fits,
    window_fits,
    window_noise,
)
from zonnekaart.solar.planegrowth import Limits, grow_all
from zonnekaart.solar.planemerge import merged, without_needless, without_small

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    HeightArray = npt.NDArray[np.float32]
    BoolArray = npt.NDArray[np.bool_]
    IntArray = npt.NDArray[np.int64]
    LabelArray = npt.NDArray[np.int32]


LEAST_NOISE_M, MOST_NOISE_M = 0.04, 0.15
"""Residuals are measured with at least, and the merging of planes with at most, this. [m]"""
OUTLIER, BORDER = 20.0, 0.4
"""Most that one cell costs (6 sigma), and what each side between two planes costs. [-]"""
RAW_SHARE, EDGE_SHARE = 0.1, 0.5
"""When a plane is to be dissolved: what counts of a mixture's residual, and of an edge cell. [-]"""
NEEDLESS = 0.3
"""A narrow plane goes when the cells cost less than this share of a plane's cost more. [-]"""
MOST_TOGETHER_M2 = 8.0
"""Largest area over which noise is taken as correlated. [m2]"""
SMALL = 1.5
"""Smallest planes from small windows, in smallest planes: less may be a chimney. [-]"""
SQUARE_M = 1.5
"""Narrowest window: on coarse cells squares of 2 x 2 are as wide as 3 x 3 on fine ones. [m]"""
LEFT_OVER, OFF = 0.7, 1.5
"""Height tolerances from which cells look for another plane, and are left out at the end. [-]"""
LEAST_OFF_M = 0.3
"""Superstructures stand at least this high on a roof. [m]"""


class Space(NamedTuple):
    """Where each building's window and results lie: windows (row, col, rows, cols), offsets."""

    windows: IntArray
    label_offsets: IntArray
    plane_offsets: IntArray


class Found(NamedTuple):
    """What is filled: labels of all windows, planes, planes per building, noise per building."""

    labels: LabelArray
    planes: FloatArray
    counts: IntArray
    noise_m: FloatArray


class Numbers(NamedTuple):
    """Settings as the kernels use them: cells, metres, degrees."""

    half: int
    cell_m: float
    min_cells: float
    min_tolerance_m: float
    max_tolerance_m: float
    tolerance_sigmas: float
    normal_tolerance_deg: float
    merge_angle_deg: float
    plane_cost: float


@njit(nogil=True, cache=True, parallel=True)
def segment_all(
    height: HeightArray, owner: LabelArray, numbers: Numbers, space: Space, found: Found
) -> None:
    """Segment each building on its own; buildings share nothing but the input."""
    for b in prange(space.windows.shape[0]):
        if space.windows[b, 2] > 0:
            _segment_one(height, owner, b, numbers, space, found)


@njit(nogil=True, cache=True, error_model="numpy")
def _segment_one(
    height: HeightArray,
    owner: LabelArray,
    building: int,
    numbers: Numbers,
    space: Space,
    found: Found,
) -> None:
    """Segment one building and put what is found in its places."""
    local, valid = _cut(height, owner, building, space.windows[building])
    if valid.sum() == 0:
        return
    planes, label, sigma = _segment(local, valid, numbers)
    flat = label.reshape(-1)
    first = space.label_offsets[building]
    found.labels[first : first + flat.size] = flat
    first = space.plane_offsets[building]
    found.planes[first : first + planes.shape[0]] = planes
    found.counts[building] = planes.shape[0]
    found.noise_m[building] = sigma


@njit(nogil=True, cache=True, error_model="numpy")
def _cut(
    height: HeightArray, owner: LabelArray, building: int, window: IntArray
) -> tuple[FloatArray, BoolArray]:
    """Copy one building's heights; cells of others and unknown heights are not valid."""
    rows, cols = window[2], window[3]
    local = np.full((rows, cols), np.nan)
    valid = np.zeros((rows, cols), dtype=np.bool_)
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            if owner[window[0] + r, window[1] + c] == building:
                h = height[window[0] + r, window[1] + c]
                if not math.isnan(h):
                    local[r, c] = h
                    valid[r, c] = True
    return local, valid


@njit(nogil=True, cache=True, error_model="numpy")
def _segment(
    local: FloatArray, valid: BoolArray, numbers: Numbers
) -> tuple[FloatArray, LabelArray, float]:
    """Return planes, labels and the noise of one building."""
    roof = Roof(local, valid, eroded(valid), numbers.cell_m)
    fits = window_fits(roof, numbers.half)
    noise = window_noise(fits, valid)
    label = np.full(local.shape, OBSTRUCTION, dtype=np.int32)
    planes = _grown(roof, fits, label, noise, numbers, (2 * numbers.half + 1, 1.0))
    sigma = max(noise, LEAST_NOISE_M)
    refit(roof, label, planes, sigma)
    _settle(roof, label, planes, sigma)
    planes = _with_small(roof, label, planes, numbers, noise, 3)
    if 2.0 * numbers.cell_m >= SQUARE_M:
        planes = _with_small(roof, label, planes, numbers, noise, 2)
    planes, sigma = _fewer(roof, label, planes, numbers, sigma)
    planes = without_small(label, planes, numbers.min_cells)
    _settle(roof, label, planes, sigma)
    tolerance = _tolerance(sigma, numbers)
    leave_out(roof, label, planes, max(OFF * tolerance, LEAST_OFF_M))
    planes = without_small(label, planes, numbers.min_cells)
    set_spreads(roof, label, planes, tolerance)
    for r in range(local.shape[0]):
        for c in range(local.shape[1]):
            if not valid[r, c]:
                label[r, c] = OUTSIDE
    return planes, label, noise


@njit(nogil=True, cache=True, error_model="numpy")
def _settle(roof: Roof, label: LabelArray, planes: FloatArray, sigma: float) -> None:
    """Give cells to the planes that explain them, and fit the planes again."""
    exchange(roof, label, planes, Terms(sigma, OUTLIER, BORDER, 1.0, 1.0), 4)
    refit(roof, label, planes, sigma)


@njit(nogil=True, cache=True, error_model="numpy")
def _fewer(
    roof: Roof, label: LabelArray, planes: FloatArray, numbers: Numbers, sigma: float
) -> tuple[FloatArray, float]:
    """
    Join and dissolve planes until no fewer would do; return them and the noise about them.

    The noise, and how far it is correlated, shows only once planes are not split by it: both are
    estimated again each time.
    """
    for _ in range(4):
        before = planes.shape[0]
        spread, together = residual_noise(roof, label, planes, 2.0 * _tolerance(sigma, numbers))
        sigma = max(sigma, min(spread, MOST_NOISE_M))
        together = min(together, MOST_TOGETHER_M2 / numbers.cell_m**2)
        # Below the least noise the residuals' correlation says nothing about the heights.
        together = 1.0 + (together - 1.0) * min(spread / sigma, 1.0) ** 2
        cost = numbers.plane_cost * together
        terms = Terms(sigma, OUTLIER, BORDER, RAW_SHARE, EDGE_SHARE)
        planes = merged(roof, label, planes, terms, (cost, numbers.merge_angle_deg))
        if planes.shape[0] < before:
            _settle(roof, label, planes, sigma)
        joined = planes.shape[0]
        planes = without_needless(roof, label, planes, terms, cost * NEEDLESS)
        if planes.shape[0] < joined:
            _settle(roof, label, planes, sigma)
        if planes.shape[0] == before:
            break
    return planes, sigma


@njit(nogil=True, cache=True, error_model="numpy")
def _tolerance(noise: float, numbers: Numbers) -> float:
    """Return the height tolerance that goes with the noise. [m]."""
    return min(
        max(numbers.tolerance_sigmas * noise, numbers.min_tolerance_m), numbers.max_tolerance_m
    )


@njit(nogil=True, cache=True, error_model="numpy")
def _grown(
    roof: Roof,
    fits: FloatArray,
    label: LabelArray,
    noise: float,
    numbers: Numbers,
    size: tuple[int, float],
) -> FloatArray:
    """
    Grow planes from the best windows; label is filled.

    `size` is the windows' width in cells, and the least plane's size in smallest planes.
    """
    width, share = size
    best = best_windows(fits, roof.valid, width // 2, (width - 1) // 2)
    least = numbers.min_cells * share
    # Sum of squared distances in a window: the noise of a window's slope is sigma over its root.
    spread = roof.cell * math.sqrt(width**2 * (width**2 - 1) / 12.0)
    angle = numbers.normal_tolerance_deg + math.degrees(math.atan(2.5 * min(noise, 0.2) / spread))
    limits = Limits(least, _tolerance(noise, numbers), math.cos(math.radians(angle)))
    return grow_all(roof, fits, best, label, limits)


@njit(nogil=True, cache=True, error_model="numpy")
def _with_small(
    roof: Roof,
    label: LabelArray,
    planes: FloatArray,
    numbers: Numbers,
    noise: float,
    width: int,
) -> FloatArray:
    """Grow more planes, from small windows, in the cells that no plane explains."""
    off = off_planes(roof, label, planes, LEFT_OVER * _tolerance(noise, numbers))
    rest = Roof(roof.height, off, roof.interior, roof.cell)
    more = np.full(label.shape, OBSTRUCTION, dtype=np.int32)
    fits = window_fits(rest, 1) if width == 3 else square_fits(rest)
    found = _grown(rest, fits, more, noise, numbers, (width, SMALL))
    n = planes.shape[0]
    if found.shape[0] == 0:
        return planes
    for r in range(label.shape[0]):
        for c in range(label.shape[1]):
            if more[r, c] >= 0:
                label[r, c] = n + more[r, c]
    every = np.concatenate((planes, found))
    _settle(roof, label, every, max(noise, LEAST_NOISE_M))
    return every
