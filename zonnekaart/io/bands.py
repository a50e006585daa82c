"""Bands of a raster that holds more than heights, such as an irradiation raster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rasterio.errors import RasterioError
from rasterio.windows import Window

from zonnekaart.errors import RasterError
from zonnekaart.io.raster import geobox_of, open_geotiff, unreadable

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.geo.geobox import GeoBox


def band_count(path: Path) -> int:
    """Return how many bands a GeoTIFF has."""
    with open_geotiff(path) as dataset:
        return int(dataset.count)


def read_band(path: Path, band: int, geobox: GeoBox) -> npt.NDArray[np.float32]:
    """
    Return one band as float32 with NaN for nodata.

    Parameters
    ----------
    path : Path
        A GeoTIFF.
    band : int
        From 1.
    geobox : GeoBox
        The cells it must have.

    Raises
    ------
    RasterError
        If its cells are others.
    """
    with open_geotiff(path) as dataset:
        found = geobox_of(dataset, path)
        same = (found.rows, found.cols, found.cell_m, found.west, found.north) == (
            geobox.rows,
            geobox.cols,
            geobox.cell_m,
            geobox.west,
            geobox.north,
        )
        if not same:
            raise RasterError(
                str(path),
                f"{found.rows} x {found.cols} cells of {found.cell_m:g} m",
                f"the cells of the heights: {geobox.rows} x {geobox.cols} of {geobox.cell_m:g} m",
                "warp it onto the cells of the DSM: gdalwarp -tr ... -te ...",
            )
        values = dataset.read(band).astype(np.float32)
        if dataset.nodata is not None:
            values[values == np.float32(dataset.nodata)] = np.nan
    return np.asarray(values)


def raster_lattice(path: Path) -> tuple[GeoBox, int]:
    """
    Return where a raster of any bands lies, and how many bands it has.

    Raises
    ------
    MissingInputError, RasterError, CrsError
        If it is absent, unreadable, rotated, or names no CRS.
    """
    with open_geotiff(path) as dataset:
        return geobox_of(dataset, path), int(dataset.count)


def read_window(
    path: Path, band: int, window: tuple[int, int, int, int], code: float | None = None
) -> npt.NDArray[np.float32]:
    """
    Return a window of one band as float32 with NaN for nodata.

    Parameters
    ----------
    path : Path
        A GeoTIFF.
    band : int
        From 1.
    window : tuple of int
        First row, first column, rows, columns; within the raster.
    code : float, optional
        A further value that means unknown.

    Raises
    ------
    RasterError
        If the part cannot be read.
    """
    row, col, rows, cols = window
    with open_geotiff(path) as dataset:
        try:
            values = dataset.read(band, window=Window(col, row, cols, rows)).astype(np.float32)
        except RasterioError as error:
            raise unreadable(path, error) from error
        nodata = dataset.nodata
    for unknown in (nodata, code):
        if unknown is not None:
            values[values == np.float32(unknown)] = np.nan
    return np.asarray(values)


def values_at(
    path: Path, band: int, points: npt.NDArray[np.float64], code: float | None = None
) -> npt.NDArray[np.float64]:
    """
    Return the value of the cell under each point; NaN outside and without a value.

    Parameters
    ----------
    path : Path
        A GeoTIFF.
    band : int
        From 1.
    points : ndarray of float64, shape (points, 2)
        x and y in the CRS of the raster.
    code : float, optional
        A further value that means unknown.

    Raises
    ------
    RasterError
        If a part cannot be read.
    """
    with open_geotiff(path) as dataset:
        west, south, east, north = dataset.bounds
        x, y = points[:, 0], points[:, 1]
        inside = (x >= west) & (x < east) & (y > south) & (y <= north)
        out = np.full(len(points), np.nan)
        try:
            found = list(dataset.sample(points[inside], band))
        except RasterioError as error:
            raise unreadable(path, error) from error
        nodata = dataset.nodata
    if found:
        out[inside] = np.concatenate(found)
    for unknown in (nodata, code):
        if unknown is not None:
            out[out == unknown] = np.nan
    return out
