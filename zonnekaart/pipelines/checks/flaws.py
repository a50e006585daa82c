"""Holes, spikes and seams of a height raster, gathered window by window and then told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from zonnekaart.geo.heights import Corrections, spikes
from zonnekaart.geo.seams import SEGMENT_CELLS, Seam, line_steps, seams
from zonnekaart.pipelines.checks.findings import Inspection, counted, share

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.geo.geobox import GeoBox

    Block = npt.NDArray[np.float32]

HALO_CELLS = 24
"""Cells around a window that spikes and steps at its rim need."""

FEW_SPIKES = 5
SPIKES_PER_CELL = 1e-6
"""Up to these two, single cells far off are masts and tree tips. [-]"""

LEAST_HOLE_M2 = 10.0
LEAST_SEAM_M = 300.0
"""A straight wall on the lattice may be as long as a warehouse, not as long as this. [m]"""

_HOLE_CELLS = 4_000_000
_KEPT = 5
_MANY = 5000
"""Cells that stand out in one window; more are a wrong unit, which is told elsewhere."""


@dataclass(frozen=True)
class Hole:
    """Cells without a height that lie together: area and middle. [m2, m]."""

    area_m2: float
    x: float
    y: float


class Flaws:
    """
    Counts over the windows of one raster.

    Parameters
    ----------
    box : GeoBox
        The raster.
    window : int
        Side of the windows; a multiple of 1024. [cells]
    """

    def __init__(self, box: GeoBox, window: int) -> None:
        self.box = box
        self.window = window
        self.spikes = 0
        self.worst: list[tuple[float, int, int]] = []
        self._grain = 1
        while box.rows * box.cols / self._grain**2 > _HOLE_CELLS:
            self._grain *= 2
        coarse = (-(-box.rows // self._grain), -(-box.cols // self._grain))
        self._unknown = np.zeros(coarse, dtype=np.uint32)
        self._steps = [
            _StepTable(box.rows, box.cols),
            _StepTable(box.cols, box.rows),
        ]

    def add(self, seen: Block, row: int, col: int) -> None:
        """Look at one window, with `HALO_CELLS` around it; codes for "no value" are NaN there."""
        own = seen[HALO_CELLS:-HALO_CELLS, HALO_CELLS:-HALO_CELLS]
        self._add_holes(own, row, col)
        self._add_spikes(seen, row, col)
        wide = seen[HALO_CELLS:-HALO_CELLS, HALO_CELLS - 2 : 1 - HALO_CELLS]
        self._steps[0].add(wide, row, col)
        high = seen[HALO_CELLS - 2 : 1 - HALO_CELLS, HALO_CELLS:-HALO_CELLS]
        self._steps[1].add(np.ascontiguousarray(high.T), col, row)

    def _add_holes(self, own: Block, row: int, col: int) -> None:
        unknown = np.isnan(own)
        if not unknown.any():
            return
        grain = self._grain
        rows, cols = -(-own.shape[0] // grain), -(-own.shape[1] // grain)
        whole = np.zeros((rows * grain, cols * grain), dtype=np.uint32)
        whole[: own.shape[0], : own.shape[1]] = unknown
        counts = whole.reshape(rows, grain, cols, grain).sum(axis=(1, 3))
        top, left = row // grain, col // grain
        self._unknown[top : top + rows, left : left + cols] += counts.astype(np.uint32)

    def _add_spikes(self, seen: Block, row: int, col: int) -> None:
        mask = spikes(seen, self.box.cell_m, _MANY)[HALO_CELLS:-HALO_CELLS, HALO_CELLS:-HALO_CELLS]
        for r, c in np.argwhere(mask).tolist():
            top, left = r + HALO_CELLS, c + HALO_CELLS
            around = seen[top - 2 : top + 3, left - 2 : left + 3]
            off = float(seen[top, left] - np.nanmedian(around))
            self.worst.append((off, row + r, col + c))
        self.spikes += int(mask.sum())
        self.worst = sorted(self.worst, key=lambda place: -abs(place[0]))[:_KEPT]

    def holes(self) -> list[Hole]:
        """Return the holes that do not touch the edge of the raster, the largest first."""
        if not self._unknown.any():
            return []
        label, count = ndimage.label(self._unknown > 0, structure=np.ones((3, 3)))
        rim = np.concatenate([label[0], label[-1], label[:, 0], label[:, -1]])
        inner = np.setdiff1d(np.arange(1, count + 1), rim)
        cells = np.asarray(ndimage.sum_labels(self._unknown, label, inner))
        middles = ndimage.center_of_mass(self._unknown, label, inner)
        cell, grain = self.box.cell_m, self._grain
        found = [
            Hole(
                float(n) * cell**2,
                self.box.west + (c + 0.5) * grain * cell,
                self.box.north - (r + 0.5) * grain * cell,
            )
            for n, (r, c) in zip(cells, middles, strict=True)
        ]
        return sorted(found, key=lambda hole: -hole.area_m2)

    def seams(self) -> list[Seam]:
        """Return the seams of both directions, the longest first."""
        found = self._steps[0].seams(vertical=True) + self._steps[1].seams(vertical=False)
        long = [s for s in found if (s.stop - s.start) * self.box.cell_m >= LEAST_SEAM_M]
        return sorted(long, key=lambda seam: seam.start - seam.stop)


class _StepTable:
    """Median steps of all boundaries between columns, piece by piece."""

    def __init__(self, rows: int, cols: int) -> None:
        shape = (-(-rows // SEGMENT_CELLS), cols)
        self.rows = rows
        self.steps = np.full(shape, np.nan, dtype=np.float32)
        self.clear = np.zeros(shape, dtype=np.bool_)

    def add(self, wide: Block, row: int, col: int) -> None:
        """Add a window that starts two columns early and ends one late."""
        for start in range(0, len(wide), SEGMENT_CELLS):
            steps, clear = line_steps(wide[start : start + SEGMENT_CELLS])
            piece = (row + start) // SEGMENT_CELLS
            self.steps[piece, col : col + len(steps)] = steps
            self.clear[piece, col : col + len(clear)] = clear

    def seams(self, *, vertical: bool) -> list[Seam]:
        return seams(self.steps[:, 2:], self.clear[:, 2:], self.rows, vertical=vertical)


def tell_flaws(flaws: Flaws, corrections: Corrections, inspection: Inspection) -> None:
    """Turn counts into facts and findings."""
    _tell_holes(flaws, corrections, inspection)
    _tell_spikes(flaws, corrections, inspection)
    _tell_seams(flaws, inspection)


def _tell_holes(flaws: Flaws, corrections: Corrections, inspection: Inspection) -> None:
    holes = flaws.holes()
    area = sum(hole.area_m2 for hole in holes)
    inspection.facts.update(holes=len(holes), holes_area_m2=area)
    if not holes or area < LEAST_HOLE_M2:
        return
    largest = holes[0]
    found = (
        f"{counted(len(holes), 'hole')} without a height inside the raster, together {area:.0f} m2 "
        f"({share(area, flaws.box.rows * flaws.box.cols * flaws.box.cell_m**2)}); the largest "
        f"{largest.area_m2:.0f} m2 at x {largest.x:.0f}, y {largest.y:.0f}"
    )
    if corrections.fill_holes_m:
        inspection.info(
            "heights.holes",
            found,
            "heights everywhere",
            f"those up to {corrections.fill_holes_m:g} m wide are filled, as fill_holes_m states",
        )
    else:
        inspection.warning(
            "heights.holes",
            found,
            "heights everywhere",
            "cells there get no light, which is not zero, and hide nothing; state fill_holes_m in "
            "the table of the raster to fill small ones, or fill the file: gdal_fillnodata.py",
        )


def _tell_spikes(flaws: Flaws, corrections: Corrections, inspection: Inspection) -> None:
    inspection.facts["spikes"] = flaws.spikes
    if not flaws.spikes:
        return
    box = flaws.box
    places = [
        f"{off:+.0f} m at x {box.west + (col + 0.5) * box.cell_m:.1f}, "
        f"y {box.north - (row + 0.5) * box.cell_m:.1f}"
        for off, row, col in flaws.worst[:3]
    ]
    found = f"{counted(flaws.spikes, 'single cell')} far off all around: {'; '.join(places)}"
    expected = "no birds, cranes and bad matches in the heights"
    if corrections.despike:
        hint = "they are replaced by the median of their neighbours, as despike states"
        inspection.info("heights.spikes", found, expected, hint)
        return
    few = flaws.spikes <= max(FEW_SPIKES, SPIKES_PER_CELL * box.rows * box.cols)
    inspection.add(
        "info" if few else "warning",
        "heights.spikes",
        found,
        expected,
        "look at these places (masts and single trees are real); state despike = true in the "
        "table of the raster to replace them while reading",
    )


def _tell_seams(flaws: Flaws, inspection: Inspection) -> None:
    found = flaws.seams()
    inspection.facts["seams"] = len(found)
    if not found:
        return
    inspection.facts["seam_step_m"] = round(max(abs(seam.step_m) for seam in found), 2)
    more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
    inspection.warning(
        "heights.seam",
        f"{counted(len(found), 'straight step')} between sheets or flights: "
        + "; ".join(_seam_text(seam, flaws.box) for seam in found[:3])
        + more,
        "heights that go on across the edge of a sheet",
        "see whether a sheet is of another year or height datum, and add the step to it before "
        'joining: gdal_calc.py -A SHEET --calc="A+STEP"; shade across the line is off by it',
    )


def _seam_text(seam: Seam, box: GeoBox) -> str:
    cell = box.cell_m
    length = (seam.stop - seam.start) * cell
    if seam.vertical:
        high, low = box.north - seam.start * cell, box.north - seam.stop * cell
        line = f"east of x {box.west + seam.at * cell:.1f}, y {low:.0f} to {high:.0f}"
    else:
        low, high = box.west + seam.start * cell, box.west + seam.stop * cell
        line = f"south of y {box.north - seam.at * cell:.1f}, x {low:.0f} to {high:.0f}"
    return f"{seam.step_m:+.2f} m {line} ({length:.0f} m)"
