"""Height sheets joined and clipped on their own lattice: no resampling, memory stays flat."""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import RasterError
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.heights import AS_IT_IS, Corrections
from zonnekaart.io.raster import BandInfo, HeightReader, cog_writer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zonnekaart.geo.geobox import GeoBox

    Heights = np.ndarray[tuple[int, int], np.dtype[np.float32]]

_WINDOW = 2048
_ALIGNMENT_TOLERANCE = 1e-3
"""Largest offset between lattices, as a share of a cell."""


@dataclass(frozen=True)
class Mosaic:
    """
    What joining gave.

    Parameters
    ----------
    unknown_share : float
        Share of cells that no sheet knows, 0 to 1. [-]
    filled, replaced : int
        Unknown cells that were filled, and known ones that were replaced.
    """

    unknown_share: float
    filled: int
    replaced: int


def mosaic_heights(
    sheets: Sequence[Path],
    bounds: tuple[float, float, float, float] | None,
    out: Path,
    corrections: Corrections = AS_IT_IS,
    unnamed_crs: str | None = None,
) -> Mosaic:
    """
    Join height sheets into one Cloud-Optimized GeoTIFF; where sheets overlap the first one wins.

    Parameters
    ----------
    sheets : sequence of Path
        GeoTIFFs with the same CRS, cell size and lattice.
    bounds : tuple of float, optional
        ``(west, south, east, north)`` to clip to, widened to whole cells; all sheets when None. [m]
    out : Path
        The file to write, in metres.
    corrections : Corrections, optional
        Unit of the sheets, and whether spikes and small holes are mended across their edges.
    unnamed_crs : str, optional
        System of the sheets that name none.

    Returns
    -------
    Mosaic

    Raises
    ------
    CrsError, RasterError
        If the sheets differ in CRS, cell size or lattice, or none touches `bounds`.
    """
    with ExitStack() as stack:
        stated = Corrections(corrections.unit)
        readers = [stack.enter_context(HeightReader(path, stated, unnamed_crs)) for path in sheets]
        target = _target(readers, bounds)
        unknown = filled = replaced = 0
        with cog_writer(out, target, [BandInfo("height", "m")]) as writer:
            for row in range(0, target.rows, _WINDOW):
                for col in range(0, target.cols, _WINDOW):
                    part = target.crop(
                        row, col, min(_WINDOW, target.rows - row), min(_WINDOW, target.cols - col)
                    )
                    raw, values = _mended(readers, part, corrections)
                    unknown += int(np.isnan(values).sum())
                    filled += int((np.isnan(raw) & ~np.isnan(values)).sum())
                    replaced += int((~np.isnan(raw) & (raw != values)).sum())
                    writer.write(values[np.newaxis], row, col)
    return Mosaic(unknown / (target.rows * target.cols), filled, replaced)


def _target(
    readers: Sequence[HeightReader], bounds: tuple[float, float, float, float] | None
) -> GeoBox:
    """Return the lattice of the result, after all sheets proved to share one."""
    first = readers[0].geobox
    for reader in readers[1:]:
        require_same(reader.geobox.crs, first.crs, str(reader.path))
        shifts = (
            (reader.geobox.west - first.west) / first.cell_m,
            (reader.geobox.north - first.north) / first.cell_m,
            reader.geobox.cell_m / first.cell_m,
        )
        if any(abs(s - round(s)) > _ALIGNMENT_TOLERANCE for s in shifts) or round(shifts[2]) != 1:
            raise RasterError(
                str(reader.path),
                f"cells of {reader.geobox.cell_m} m starting at x {reader.geobox.west}",
                f"the lattice of {readers[0].path}",
                "warp it first: gdalwarp -tr CELL CELL -tap IN OUT",
            )
    boxes = [r.geobox.bounds for r in readers]
    west, south = min(b[0] for b in boxes), min(b[1] for b in boxes)
    east, north = max(b[2] for b in boxes), max(b[3] for b in boxes)
    if bounds is not None:
        west, south = max(west, bounds[0]), max(south, bounds[1])
        east, north = min(east, bounds[2]), min(north, bounds[3])
    if west >= east or south >= north:
        raise RasterError(
            str(readers[0].path),
            f"sheets that do not touch {bounds}",
            "bounds inside the sheets",
            "give west south east north in the sheets' own CRS",
        )
    return _whole_cells(first, west, south, east, north)


def _whole_cells(lattice: GeoBox, west: float, south: float, east: float, north: float) -> GeoBox:
    cell = lattice.cell_m
    left = math.floor((west - lattice.west) / cell + _ALIGNMENT_TOLERANCE)
    right = math.ceil((east - lattice.west) / cell - _ALIGNMENT_TOLERANCE)
    top = math.floor((lattice.north - north) / cell + _ALIGNMENT_TOLERANCE)
    bottom = math.ceil((lattice.north - south) / cell - _ALIGNMENT_TOLERANCE)
    return lattice.crop(top, left, bottom - top, right - left)


def _mended(
    readers: Sequence[HeightReader], part: GeoBox, corrections: Corrections
) -> tuple[Heights, Heights]:
    """Return the heights of one part as they are, and mended with what lies around it."""
    halo = corrections.halo(part.cell_m)
    if not halo:
        raw = _read(readers, part)
        return raw, raw
    wide = part.crop(-halo, -halo, part.rows + 2 * halo, part.cols + 2 * halo)
    seen = _read(readers, wide)
    inner = np.s_[halo:-halo, halo:-halo]
    return seen[inner], corrections.applied(seen, part.cell_m)[inner]


def _read(readers: Sequence[HeightReader], part: GeoBox) -> Heights:
    """Return the heights of one part; the first sheet that knows a cell fills it."""
    values = np.full((part.rows, part.cols), np.nan, dtype=np.float32)
    for reader in readers:
        row = round((reader.geobox.north - part.north) / part.cell_m)
        col = round((part.west - reader.geobox.west) / part.cell_m)
        found = reader.read(row, col, part.rows, part.cols)
        values = np.where(np.isnan(values), found, values)
    return values
