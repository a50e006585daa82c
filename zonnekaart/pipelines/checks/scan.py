"""One pass over all cells of a height raster: counts, a sample, and values at points."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.geo.heights import AS_IT_IS, METRES, Corrections
from zonnekaart.io.raster import HeightReader
from zonnekaart.pipelines.checks.flaws import HALO_CELLS, Flaws

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.geo.geobox import GeoBox

_WINDOW = 1024
_SAMPLE_CELLS = 250_000
_CODE_BELOW, _CODE_BEYOND = -9000.0, 1e6
"""Values used as codes for "no value" (-9999, -32768, 3.4e38); no height in m or cm is there."""
_LIKELY_CODES = (0.0, -1.0, -99.0, -999.0, 9999.0, 32767.0, 65535.0)
"""Codes for "no value" that could also be a height; they count when they stand apart."""
_APART_M = 5.0
_LEAST_CODED = 20


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
    flaws : Flaws
        Holes, spikes and seams.
    filled, replaced : int
        Cells whose unknown or known height the stated corrections change.
    """

    box: GeoBox
    nodata: int
    codes: int
    code_value: float
    sample: npt.NDArray[np.float32]
    at_points: npt.NDArray[np.float32]
    flaws: Flaws
    filled: int = 0
    replaced: int = 0

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.box.rows * self.box.cols


def scan_heights(
    path: Path,
    points: npt.NDArray[np.float64],
    corrections: Corrections = AS_IT_IS,
    *,
    zero_counts: bool = False,
) -> HeightScan:
    """
    Read every block once.

    Parameters
    ----------
    path : Path
        A GeoTIFF.
    points : ndarray of float64, shape (points, 2)
        x and y in the raster's CRS. [m]
    corrections : Corrections, optional
        Its unit is applied; spikes and holes are counted, not corrected.
    zero_counts : bool
        True where 0 is a value like others, as in heights above the ground.

    Raises
    ------
    MissingInputError, RasterError, CrsError
        If it is absent, truncated, rotated or without CRS.
    """
    with (
        HeightReader(path, Corrections(corrections.unit)) as reader,
        HeightReader(path, corrections) as corrected,
    ):
        box = reader.geobox
        rows, cols = cells_of(box, points)
        values = np.full(len(points), np.nan, dtype=np.float32)
        order, starts = _by_window(box, rows, cols)
        step = max(1, int(np.sqrt(box.rows * box.cols / _SAMPLE_CELLS)))
        likely = tuple(code for code in _LIKELY_CODES if code or not zero_counts)
        tally, flaws = _Tally(step, METRES[corrections.unit], likely), Flaws(box, _WINDOW)
        across = -(-box.cols // _WINDOW)
        for number in range(across * -(-box.rows // _WINDOW)):
            row, col = (number // across) * _WINDOW, (number % across) * _WINDOW
            size = min(_WINDOW, box.rows - row), min(_WINDOW, box.cols - col)
            seen = reader.read(
                row - HALO_CELLS,
                col - HALO_CELLS,
                size[0] + 2 * HALO_CELLS,
                size[1] + 2 * HALO_CELLS,
            )
            block = seen[HALO_CELLS:-HALO_CELLS, HALO_CELLS:-HALO_CELLS]
            tally.add(block, row, col)
            flaws.add(np.where(tally.is_code(seen), np.float32(np.nan), seen), row, col)
            if corrected.corrections != reader.corrections:
                raw, block = block, corrected.read(row, col, *size)
                tally.compare(raw, block)
            here = order[starts[number] : starts[number + 1]]
            values[here] = block[rows[here] - row, cols[here] - col]
    return tally.scan(box, values, flaws)


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

    def __init__(self, step: int, unit_m: float, likely_codes: tuple[float, ...]) -> None:
        self.step = step
        self.likely_codes = likely_codes
        self.unit_m = np.float32(unit_m)
        self.nodata = 0
        self.codes = 0
        self.code = float("nan")
        self.filled = 0
        self.replaced = 0
        self.samples: list[npt.NDArray[np.float32]] = []

    def is_code(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
        """Tell which values stand for "no value" though the file does not say so."""
        below, beyond = _CODE_BELOW * self.unit_m, _CODE_BEYOND * self.unit_m
        return np.logical_or(values <= below, values > beyond)

    def add(self, block: npt.NDArray[np.float32], row: int, col: int) -> None:
        """Count one window whose first cell is (`row`, `col`)."""
        known = np.isfinite(block)
        coded = known & self.is_code(block)
        self.nodata += int(block.size - np.count_nonzero(known))
        count = int(np.count_nonzero(coded))
        if count:
            self.codes += count
            self.code = self._as_written(block[coded][0])
        part = np.s_[-row % self.step :: self.step, -col % self.step :: self.step]
        self.samples.append(block[part][known[part] & ~coded[part]])

    def compare(self, raw: npt.NDArray[np.float32], block: npt.NDArray[np.float32]) -> None:
        """Count what the stated corrections change."""
        unknown = np.isnan(raw)
        self.filled += int(np.count_nonzero(unknown & np.isfinite(block)))
        self.replaced += int(np.count_nonzero(~unknown & (raw != block)))

    def _as_written(self, value: np.float32) -> float:
        """Return a value as it stands in the file; codes are whole numbers."""
        raw = float(value / self.unit_m)
        return float(round(raw)) if abs(raw) < _CODE_BEYOND else raw

    def scan(self, box: GeoBox, values: npt.NDArray[np.float32], flaws: Flaws) -> HeightScan:
        """Return the counts, after a look for codes that could also be heights."""
        values[self.is_code(values)] = np.nan
        sample = np.concatenate(self.samples)
        found = HeightScan(
            box,
            self.nodata,
            self.codes,
            self.code,
            sample,
            values,
            flaws,
            self.filled,
            self.replaced,
        )
        code = None if self.codes else self._likely_code(sample)
        if code is None:
            return found
        coded = sample == np.float32(code) * self.unit_m
        values[values == np.float32(code) * self.unit_m] = np.nan
        count = int(np.count_nonzero(coded)) * self.step**2
        return replace(found, codes=count, code_value=code, sample=sample[~coded])

    def _likely_code(self, sample: npt.NDArray[np.float32]) -> float | None:
        """Return a value that occurs often and stands apart from all heights, if there is one."""
        for code in self.likely_codes:
            coded = sample == np.float32(code) * self.unit_m
            rest = sample[~coded]
            if np.count_nonzero(coded) < _LEAST_CODED or not rest.size:
                continue
            low, high = np.quantile(rest, [0.001, 0.999])
            value = code * float(self.unit_m)
            if value < low - _APART_M or value > high + 100.0 * _APART_M:
                return code
        return None
