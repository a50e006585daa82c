"""Rasters of one calculation lie on the same cells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zonnekaart.errors import RasterError
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.heights import AS_IT_IS, Corrections
from zonnekaart.io.raster import HeightReader

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.geo.geobox import GeoBox


def require_aligned(
    path: Path | None,
    dsm: Path,
    dsm_corrections: Corrections = AS_IT_IS,
    corrections: Corrections = AS_IT_IS,
) -> None:
    """
    Raise unless a raster has the cells of the surface heights.

    Parameters
    ----------
    path : Path or None
        The raster; None has nothing to compare.
    dsm : Path
        Surface heights.
    dsm_corrections, corrections : Corrections
        What is stated about the numbers in the surface heights, and in the raster: a file that
        names its unit is opened under that unit only.

    Raises
    ------
    CrsError, RasterError
        If its reference system, cells or extent differ.
    """
    if path is None:
        return
    with HeightReader(dsm, dsm_corrections) as reader, HeightReader(path, corrections) as other:
        require_same(other.geobox.crs, reader.geobox.crs, str(path))
        expected, found = reader.geobox, other.geobox
    if replace(found, crs=expected.crs) != expected:
        raise RasterError(
            str(path),
            _describe(found),
            _describe(expected),
            f"warp it onto the cells of {dsm.name}",
        )


def _describe(box: GeoBox) -> str:
    return f"{box.rows} x {box.cols} cells of {box.cell_m:g} m from {box.west:g}, {box.north:g}"
