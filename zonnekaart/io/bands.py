"""Bands of a raster that holds more than heights, such as an irradiation raster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import RasterError
from zonnekaart.io.raster import geobox_of, open_geotiff

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
