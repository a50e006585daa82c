"""Display copies of rasters: Web Mercator COGs, and PNG tiles drawn from them."""

from __future__ import annotations

import logging
import math
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.shutil import copy as raster_copy
from rasterio.windows import Window

from zonnekaart.cartography.hillshade import NO_SHADE, hillshade
from zonnekaart.errors import NotBuiltError, RasterError
from zonnekaart.geo.heights import AS_IT_IS, Corrections
from zonnekaart.io.files import replacing
from zonnekaart.io.png import palette_png
from zonnekaart.io.raster import HeightReader, open_geotiff, read_every_block
from zonnekaart.io.tiles import TILE_PX, WORLD_M

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.io.png import Palette

_WINDOW_CELLS = 2048
_LEVELS = 8
"""Overviews that are exact: a copy starts at a tile of its largest zoom, 256 = 2**8 cells."""
_LATTICE_TOLERANCE = 1e-3
_COG: dict[str, Any] = {
    "driver": "COG",
    "TILING_SCHEME": "GoogleMapsCompatible",
    "COMPRESS": "ZSTD",
    "LEVEL": "3",
    "PREDICTOR": "YES",
    "RESAMPLING": "BILINEAR",
    "OVERVIEW_RESAMPLING": "AVERAGE",
    "ADD_ALPHA": "NO",
    "NUM_THREADS": "2",
    "BIGTIFF": "IF_SAFER",
}
GDAL_SERVER_OPTIONS = {
    "GDAL_SKIP": "VRT WMS WMTS WCS WFS OAPIF OGCAPI HTTP STACIT STACTA GTI PDF PLMOSAIC EEDA",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_CACHEMAX": "128",
    "GDAL_NUM_THREADS": "1",
    "PROJ_NETWORK": "OFF",
}


def restrict_gdal() -> None:
    """Take drivers that open addresses or other files away from a server process."""
    os.environ.update(GDAL_SERVER_OPTIONS)
    # GDAL warns of each name on the list that this build does not have; there is nothing to mend.
    logging.getLogger("rasterio._env").setLevel(logging.ERROR)


@dataclass(frozen=True)
class DisplayBand:
    """
    What one display copy holds.

    Parameters
    ----------
    description, unit : str
        Name and unit of the band.
    dtype : str
        ``float32`` or ``uint8``.
    nodata : float
        Code of unknown cells.
    """

    description: str
    unit: str
    dtype: str
    nodata: float


IRRADIATION_BAND = DisplayBand("annual", "kWh/m2", "float32", float("nan"))
HILLSHADE_BAND = DisplayBand("hillshade", "", "uint8", float(NO_SHADE))


def write_irradiation_copy(source: Path, path: Path) -> dict[str, Any]:
    """Write the annual band of ``irradiation.tif`` for display; see `_display_copy`."""
    with open_geotiff(source) as dataset:

        def values(window: Window) -> npt.NDArray[Any]:
            try:
                read: npt.NDArray[Any] = dataset.read(1, window=window)
            except RasterioError as error:
                raise RasterError(
                    str(source), str(error).splitlines()[0], "a whole raster", "run irradiation"
                ) from error
            return read

        return _display_copy(dataset, path, IRRADIATION_BAND, values)


def write_hillshade_copy(
    heights: Path, path: Path, corrections: Corrections = AS_IT_IS
) -> dict[str, Any]:
    """Write the shaded relief of a height raster for display; see `_display_copy`."""
    with HeightReader(heights, corrections) as reader, open_geotiff(heights) as dataset:
        cell_m = reader.geobox.cell_m

        def values(window: Window) -> npt.NDArray[Any]:
            row, col = int(window.row_off) - 1, int(window.col_off) - 1
            rows, cols = int(window.height) + 2, int(window.width) + 2
            return hillshade(reader.read(row, col, rows, cols), cell_m)

        return _display_copy(dataset, path, HILLSHADE_BAND, values)


def _display_copy(
    source: rasterio.DatasetReader,
    path: Path,
    band: DisplayBand,
    values: Callable[[Window], npt.NDArray[Any]],
) -> dict[str, Any]:
    """
    Write a COG in EPSG:3857 on the web map lattice, window by window, atomically.

    Returns
    -------
    dict
        ``bytes``, ``minzoom``, ``maxzoom``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = path.with_name(f".{path.stem}.plain-{os.getpid()}.tif")
    try:
        with _plain_raster(plain, source, band) as target:
            for window in _windows(source.height, source.width):
                target.write(values(window), 1, window=window)
        with replacing(path) as temporary:
            raster_copy(plain, temporary, **_COG)
            read_every_block(temporary)
    finally:
        plain.unlink(missing_ok=True)
    with RasterTiles(path) as tiles:
        return {
            "bytes": path.stat().st_size,
            "minzoom": tiles.minzoom,
            "maxzoom": tiles.maxzoom,
            "resolution_m": round(abs(source.transform.a), 3),
        }


@contextmanager
def _plain_raster(
    path: Path, like: rasterio.DatasetReader, band: DisplayBand
) -> Iterator[rasterio.io.DatasetWriter]:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=like.height,
        width=like.width,
        count=1,
        dtype=band.dtype,
        nodata=band.nodata,
        crs=like.crs,
        transform=like.transform,
        tiled=True,
        blockxsize=512,
        blockysize=512,
        BIGTIFF="IF_SAFER",
    ) as dataset:
        dataset.set_band_description(1, band.description)
        dataset.set_band_unit(1, band.unit)
        yield dataset


def _windows(rows: int, cols: int) -> Iterator[Window]:
    for row in range(0, rows, _WINDOW_CELLS):
        for col in range(0, cols, _WINDOW_CELLS):
            yield Window(col, row, min(_WINDOW_CELLS, cols - col), min(_WINDOW_CELLS, rows - row))


class RasterTiles:
    """
    Tiles of one display copy, as palette PNG; unknown cells are transparent.

    The copy lies on the web map lattice, so a tile is a window of one overview: no resampling
    and no warping happens while serving.

    Parameters
    ----------
    path : Path
        A COG that this module wrote.

    Raises
    ------
    NotBuiltError, RasterError
        If it is absent, unreadable, or not on the web map lattice.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage publish")
        self.path = path
        self._local = threading.local()
        dataset = self._dataset()
        cell = dataset.transform.a
        self.maxzoom = round(math.log2(WORLD_M / (TILE_PX * cell)))
        col = (dataset.transform.c + WORLD_M / 2.0) / cell
        row = (WORLD_M / 2.0 - dataset.transform.f) / cell
        off = max(abs(col - round(col)), abs(row - round(row)))
        if off > _LATTICE_TOLERANCE or round(col) % TILE_PX or round(row) % TILE_PX:
            raise RasterError(
                str(path), "cells off the web map lattice", "a display copy", "run publish again"
            )
        self._first_col, self._first_row = round(col), round(row)
        self.minzoom = max(self.maxzoom - _LEVELS, 0)

    def __enter__(self) -> RasterTiles:
        """Return the tiles themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Release this thread's file."""
        self.close()

    def close(self) -> None:
        """Release this thread's file."""
        dataset = getattr(self._local, "dataset", None)
        if dataset is not None:
            dataset.close()
            self._local.dataset = None

    def _dataset(self) -> rasterio.DatasetReader:
        # A dataset may not be shared between threads; each keeps its own open.
        dataset = getattr(self._local, "dataset", None)
        if dataset is None:
            dataset = self._local.dataset = open_geotiff(self.path)
        return dataset

    def values(self, z: int, x: int, y: int) -> npt.NDArray[np.float32] | None:
        """
        Return the cells of one tile, shape (256, 256), NaN where unknown; None outside.

        Parameters
        ----------
        z, x, y : int
            Tile id; zooms outside `minzoom` to `maxzoom` have no tiles.

        Raises
        ------
        RasterError
            If the file cannot be read there.
        """
        if not self.minzoom <= z <= self.maxzoom:
            return None
        dataset = self._dataset()
        scale = 1 << (self.maxzoom - z)
        left = x * TILE_PX * scale - self._first_col
        top = y * TILE_PX * scale - self._first_row
        side = TILE_PX * scale
        col, row = max(left, 0), max(top, 0)
        right, bottom = min(left + side, dataset.width), min(top + side, dataset.height)
        if col >= right or row >= bottom:
            return None
        shape = (max((bottom - row) // scale, 1), max((right - col) // scale, 1))
        try:
            read = dataset.read(
                1, window=Window(col, row, right - col, bottom - row), out_shape=shape
            )
        except RasterioError as error:
            raise RasterError(
                str(self.path), str(error).splitlines()[0], "a whole raster", "run publish again"
            ) from error
        values = read.astype(np.float32)
        if dataset.nodata is not None:
            values[values == np.float32(dataset.nodata)] = np.nan
        out = np.full((TILE_PX, TILE_PX), np.nan, dtype=np.float32)
        at_row, at_col = (row - top) // scale, (col - left) // scale
        out[at_row : at_row + shape[0], at_col : at_col + shape[1]] = values
        return out

    def png(self, z: int, x: int, y: int, palette: Palette) -> bytes | None:
        """Draw one tile; None outside the raster or where all is unknown."""
        values = self.values(z, x, y)
        if values is None or np.isnan(values).all():
            return None
        return palette_png(palette.indices(values), palette.colors)
