"""Seams in height rasters: straight lines where one sheet or flight lies higher than the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

SEGMENT_CELLS = 128
"""Length of a piece of line whose median step is taken. [cells]"""
LEAST_SEGMENTS = 3
"""A seam is as long as this: no wall stands on the lattice for so long, house by house."""
LEAST_STEP_M = 0.2
"""Sheets of one flight agree within 0.05 to 0.1 m; smaller steps do no harm to light. [m]"""
_LEAST_SPREADS = 6.0
"""Standard errors that a median step must exceed; trees make single steps uncertain."""
_LEAST_KNOWN = 0.5
_SAME_SIGN = 0.8
"""Share of the cells along a seam that step in its direction; of trees and roofs it is half."""
_ALIKE_M, _ALIKE, _ALIKE_SHARE = 0.15, 0.1, 0.3
"""A seam lifts everything alike: this share of its cells steps by nearly the median. The edge of
a wood is as straight, but no two of its trees are as high."""
_AGREE = 0.35
"""Largest difference between pieces of one seam, as a share of its step."""


@dataclass(frozen=True)
class Seam:
    """
    A step along a line between two columns or two rows.

    Parameters
    ----------
    vertical : bool
        True between two columns (north to south), False between two rows (west to east).
    at : int
        Number of the cells before the line: it lies between `at` - 1 and `at`. [cells]
    start, stop : int
        First cell along the line and the one after the last. [cells]
    step_m : float
        Height after the line (east or south of it) minus height before it. [m]
    """

    vertical: bool
    at: int
    start: int
    stop: int
    step_m: float


def line_steps(height: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """
    Return the step of each boundary between columns, over all rows of a piece.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        A piece of at most `SEGMENT_CELLS` rows; transpose it for boundaries between rows. [m]

    Returns
    -------
    ndarray of float32, shape (cols - 3,)
        Median step between columns 1 and 2, 2 and 3, and so on, less the slope on both sides;
        NaN where less than half is known. [m]
    ndarray of bool, shape (cols - 3,)
        True where nearly all rows step the same way and the median stands out of their spread.

    Examples
    --------
    >>> sheets = np.zeros((128, 8), np.float32)
    >>> sheets[:, 4:] = 0.5
    >>> steps, clear = line_steps(sheets)
    >>> steps.tolist(), clear.tolist()
    ([0.0, 0.0, 0.5, 0.0, 0.0], [False, False, True, False, False])
    """
    steps = np.diff(height, axis=1)
    slope = np.minimum(np.abs(steps[:, :-2]), np.abs(steps[:, 2:]))
    slope = slope * ((steps[:, :-2] > 0) == (steps[:, 2:] > 0)) * np.sign(steps[:, :-2])
    jump = np.where(np.isfinite(steps[:, :-2] + steps[:, 2:]), steps[:, 1:-1] - slope, np.nan)
    known = np.isfinite(jump)
    count = known.sum(axis=0)
    enough = count >= _LEAST_KNOWN * len(height)
    low, middle, high = _quartiles(np.where(enough, jump, np.float32(0.0)))
    error = (high - low) * np.float32(1.25 / 1.35) / np.sqrt(np.maximum(count, 1))
    same = ((np.sign(jump) == np.sign(middle)) & known).sum(axis=0) >= _SAME_SIGN * count
    near = np.maximum(_ALIKE_M, _ALIKE * np.abs(middle))
    alike = (np.abs(jump - middle) <= near).sum(axis=0) >= _ALIKE_SHARE * count
    clear = (
        enough & same & alike & (np.abs(middle) >= np.maximum(LEAST_STEP_M, _LEAST_SPREADS * error))
    )
    return np.where(enough, middle, np.float32(np.nan)), clear


def _quartiles(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return quartiles per column over what is known: unknown is sorted last."""
    ordered = np.sort(values, axis=0)
    count = np.isfinite(ordered).sum(axis=0)
    at = np.arange(values.shape[1])

    def quantile(part: float) -> FloatArray:
        place = part * np.maximum(count - 1, 0)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(count - 1, 0))
        weight = (place - low).astype(np.float32)
        mixed: FloatArray = ordered[low, at] * (1 - weight) + ordered[high, at] * weight
        return mixed

    return quantile(0.25), quantile(0.5), quantile(0.75)


def seams(
    steps: FloatArray, clear: npt.NDArray[np.bool_], length: int, *, vertical: bool
) -> list[Seam]:
    """
    Join pieces that step alike into seams.

    Parameters
    ----------
    steps : ndarray of float32, shape (pieces, boundaries)
        From `line_steps`, piece after piece; boundary ``k`` lies before cell ``k + 2``. [m]
    clear : ndarray of bool, shape (pieces, boundaries)
        Where a step stands out.
    length : int
        Cells along the lines; the last piece may be shorter.
    vertical : bool
        Direction of the lines.

    Returns
    -------
    list of Seam
        The longest first. Of lines side by side only the clearest is kept.
    """
    found = []
    for boundary in np.flatnonzero(clear.sum(axis=0) >= LEAST_SEGMENTS):
        found += _runs(steps[:, boundary], clear[:, boundary], int(boundary))
    found.sort(key=lambda run: (run[2] - run[1], abs(run[3])), reverse=True)
    return [
        Seam(vertical, at + 2, start * SEGMENT_CELLS, min(stop * SEGMENT_CELLS, length), step)
        for at, start, stop, step in found
    ]


def _runs(
    steps: FloatArray, clear: npt.NDArray[np.bool_], boundary: int
) -> list[tuple[int, int, int, float]]:
    """Return the runs of clear pieces on one boundary whose steps agree; a gap of one is joined."""
    found = []
    pieces = np.flatnonzero(clear)
    for group in np.split(pieces, np.flatnonzero(np.diff(pieces) > 2) + 1):
        values = steps[group]
        step = float(np.median(values))
        agreeing = group[np.abs(values - step) <= max(_AGREE * abs(step), 0.1)]
        if len(agreeing) >= LEAST_SEGMENTS:
            found.append((boundary, int(agreeing[0]), int(agreeing[-1]) + 1, step))
    return found
