"""One pass over all cells of a height raster: counts, a sample, and values at points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.io.raster import HeightReader

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.geo.geobox import GeoBox

_WINDOW = 1024
_SAMPLE_CELLS = 250_000
_CODE_BELOW, _CODE_BEYOND = -9000.0, 1e6
"""Values used as codes for "no value" (-9999, -32768, 3.4e38); no height in m or cm is there."""


@dataclass(frozen=True)
class HeightScan:
    """
    What one pass over a height raster gives.

    Parameters
    ----------
    box : GeoBox
        The lattice.
    nodata : int
        Cells without a value.
    codes : int
        Cells with a code for "no value" that the file does not declare as nodata.
    code_value : float
        One such code; NaN when there are none.
    sample : ndarray of float32, shape (cells,)
        Values of a regular sample of the other cells. [m when the unit is right]
    at_points : ndarray of float32, shape (points,)
        Value of the cell under each point; NaN outside and without a value.
    """

    box: GeoBox
    nodata: int
    codes: int
    code_value: float
    sample: npt.NDArray[np.float32]
    at_points: npt.NDArray[np.float32]

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.box.rows * self.box.cols


def scan_heights(path: Path, points: npt.NDArray[np.float64]) -> HeightScan:
    """
    Read every block once.

    Parameters
    ----------
    path : Path
        A GeoTIFF.
    points : ndarray of float64, shape (points, 2)
        x and y in the raster's CRS. [m]

    Raises
    ------
    MissingInputError, RasterError, CrsError
        If it is absent, truncated, rotated or without CRS.
    """
    with HeightReader(path) as reader:
        box = reader.geobox
        rows, cols = cells_of(box, points)
        values = np.full(len(points), np.nan, dtype=np.float32)
        order, starts = _by_window(box, rows, cols)
        step = max(1, int(np.sqrt(box.rows * box.cols / _SAMPLE_CELLS)))
        tally = _Tally(step)
        across = -(-box.cols // _WINDOW)
        for number in range(across * -(-box.rows // _WINDOW)):
            row, col = (number // across) * _WINDOW, (number % across) * _WINDOW
            height = min(_WINDOW, box.rows - row)
            block = reader.read(row, col, height, min(_WINDOW, box.cols - col))
            tally.add(block, row, col)
            here = order[starts[number] : starts[number + 1]]
            values[here] = block[rows[here] - row, cols[here] - col]
    values[_is_code(values)] = np.nan
    sample = np.concatenate(tally.samples)
    return HeightScan(box, tally.nodata, tally.codes, tally.code, sample, values)


def _is_code(values: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Tell which values stand for "no value" though the file does not say so."""
    return np.logical_or(values <= _CODE_BELOW, values > _CODE_BEYOND)


def cells_of(
    box: GeoBox, points: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """
    Return the row and column of the cell under each point; -1 outside the raster.

    Parameters
    ----------
    box : GeoBox
        The lattice.
    points : ndarray of float64, shape (points, 2)
        x and y; NaN counts as outside. [m]
    """
    known: npt.NDArray[np.bool_] = np.all(np.isfinite(points), axis=1)
    safe = np.where(known[:, None], points, 0.0)
    cols = np.floor((safe[:, 0] - box.west) / box.cell_m).astype(np.int64)
    rows = np.floor((box.north - safe[:, 1]) / box.cell_m).astype(np.int64)
    inside = known & (rows >= 0) & (cols >= 0) & (rows < box.rows) & (cols < box.cols)
    return np.where(inside, rows, -1), np.where(inside, cols, -1)


def _by_window(
    box: GeoBox, rows: npt.NDArray[np.int64], cols: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return point numbers in the order of windows, and where each window begins in them."""
    across, down = -(-box.cols // _WINDOW), -(-box.rows // _WINDOW)
    number = np.where(rows >= 0, (rows // _WINDOW) * across + cols // _WINDOW, across * down)
    order = np.argsort(number, kind="stable")
    starts = np.searchsorted(number[order], np.arange(across * down + 1))
    return order, starts


class _Tally:
    """Counts over windows."""

    def __init__(self, step: int) -> None:
        self.step = step
        self.nodata = 0
        self.codes = 0
        self.code = float("nan")
        self.samples: list[npt.NDArray[np.float32]] = []

    def add(self, block: npt.NDArray[np.float32], row: int, col: int) -> None:
        """Count one window whose first cell is (`row`, `col`)."""
        known = np.isfinite(block)
        coded = known & _is_code(block)
        self.nodata += int(block.size - np.count_nonzero(known))
        count = int(np.count_nonzero(coded))
        if count:
            self.codes += count
            self.code = float(block[coded][0])
        part = np.s_[-row % self.step :: self.step, -col % self.step :: self.step]
        self.samples.append(block[part][known[part] & ~coded[part]])
