"""Rasters in and out: GeoTIFF read in windows, COG written atomically. The door to rasterio."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.shutil import copy as raster_copy
from rasterio.windows import Window

from zonnekaart.errors import CrsError, MissingInputError, RasterError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.files import replacing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt
    from rasterio.io import DatasetReader, DatasetWriter

os.environ.setdefault("PROJ_NETWORK", "OFF")
os.environ.setdefault("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR")
# In MB; GDAL's own choice, a twentieth of the machine, would break our promise on memory.
os.environ.setdefault("GDAL_CACHEMAX", "192")

_SQUARE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class BandInfo:
    """Name and unit of one band."""

    description: str
    unit: str


class HeightReader:
    """
    A single-band raster in metres, read window by window; nodata becomes NaN.

    Parameters
    ----------
    path : Path
        A GeoTIFF with square, north-up cells and a CRS.

    Raises
    ------
    MissingInputError, RasterError, CrsError
        If it is not there, cannot be read, is rotated, or names no CRS.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._dataset = open_geotiff(path)
        try:
            self.geobox = geobox_of(self._dataset, path)
        except (RasterError, CrsError):
            self._dataset.close()
            raise

    def __enter__(self) -> HeightReader:
        """Return the reader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Release the file."""
        self.close()

    def close(self) -> None:
        """Release the file."""
        self._dataset.close()

    def read(
        self, row: int = 0, col: int = 0, rows: int | None = None, cols: int | None = None
    ) -> npt.NDArray[np.float32]:
        """
        Return a window as float32, shape (rows, cols); cells outside the raster are NaN.

        Parameters
        ----------
        row, col : int
            First cell; may be negative.
        rows, cols : int, optional
            Size of the window; to the raster's end when left out.
        """
        rows = self.geobox.rows - row if rows is None else rows
        cols = self.geobox.cols - col if cols is None else cols
        out = np.full((rows, cols), np.nan, dtype=np.float32)
        top, left = max(row, 0), max(col, 0)
        bottom, right = min(row + rows, self.geobox.rows), min(col + cols, self.geobox.cols)
        if top >= bottom or left >= right:
            return out
        window = Window(left, top, right - left, bottom - top)
        try:
            values = self._dataset.read(1, window=window).astype(np.float32)
        except RasterioError as error:
            raise unreadable(self.path, error) from error
        if self._dataset.nodata is not None:
            values[values == np.float32(self._dataset.nodata)] = np.nan
        out[top - row : bottom - row, left - col : right - col] = values
        return out


def open_geotiff(path: Path) -> DatasetReader:
    """Open a GeoTIFF with the GTiff driver only; never a virtual file or an address."""
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "a GeoTIFF", "check the path in the project file"
        )
    try:
        return rasterio.open(path, driver="GTiff")
    except RasterioIOError as error:
        raise unreadable(path, error) from error


def geobox_of(dataset: DatasetReader, path: Path) -> GeoBox:
    """Return where an open dataset lies; rotated, non-square or CRS-less rasters raise."""
    transform = dataset.transform
    square = abs(transform.a + transform.e) <= _SQUARE_TOLERANCE * abs(transform.a)
    if transform.b or transform.d or not square or transform.a <= 0:
        raise RasterError(
            str(path),
            f"transform {tuple(transform)[:6]}",
            "square, north-up cells",
            "warp it first: gdalwarp -tr 1 1 -tap IN OUT",
        )
    if dataset.crs is None:
        raise CrsError(
            str(path),
            "no coordinate reference system",
            "a projected CRS in metres",
            "set it when you know it, for example: gdal_edit.py -a_srs EPSG:31370 FILE",
        )
    return GeoBox(
        dataset.height,
        dataset.width,
        float(transform.a),
        float(transform.c),
        float(transform.f),
        dataset.crs.to_string(),
    )


def read_every_block(path: Path) -> None:
    """
    Read all blocks of all bands once; a truncated file fails here and nowhere earlier.

    Raises
    ------
    RasterError
        If any block cannot be read.
    """
    with open_geotiff(path) as dataset:
        try:
            for _, window in dataset.block_windows(1):
                dataset.read(window=window)
        except RasterioError as error:
            raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> RasterError:
    """Return the error that says that a raster is not whole."""
    return RasterError(
        str(path),
        f"a file that cannot be read in full ({str(error).splitlines()[0]})",
        "a whole GeoTIFF",
        "download or copy it again and compare the file size",
    )


class BandWriter:
    """Writes windows of a float32 raster into a plain tiled GeoTIFF; `cog_writer` makes one."""

    def __init__(self, dataset: DatasetWriter) -> None:
        self._dataset = dataset

    def write(self, values: npt.NDArray[np.float32], row: int, col: int) -> None:
        """Write (bands, rows, cols) with its first cell at (`row`, `col`)."""
        window = Window(col, row, values.shape[2], values.shape[1])
        self._dataset.write(values, window=window)


@contextmanager
def cog_writer(
    path: Path, geobox: GeoBox, bands: list[BandInfo], tags: dict[str, str] | None = None
) -> Iterator[BandWriter]:
    """
    Write a Cloud-Optimized GeoTIFF (float32, NaN = nodata) window by window, atomically.

    Parameters
    ----------
    path : Path
        The result; appears only when the block ends without error and reads back whole.
    geobox : GeoBox
        Where the cells lie.
    bands : list of BandInfo
        One per band, in order.
    tags : dict, optional
        Dataset tags, such as the run id and the preset.
    """
    plain = path.with_name(f".{path.stem}.plain-{os.getpid()}.tif")
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {
        "driver": "GTiff",
        "height": geobox.rows,
        "width": geobox.cols,
        "count": len(bands),
        "dtype": "float32",
        "nodata": float("nan"),
        "crs": geobox.crs,
        "transform": rasterio.Affine(*geobox.transform),
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
        "interleave": "band",
        "SPARSE_OK": True,
        "BIGTIFF": "IF_SAFER",
    }
    try:
        with rasterio.open(plain, "w", **profile) as dataset:
            for number, band in enumerate(bands, start=1):
                dataset.set_band_description(number, band.description)
                dataset.set_band_unit(number, band.unit)
            dataset.update_tags(**(tags or {}))
            yield BandWriter(dataset)
        with replacing(path) as temporary:
            raster_copy(plain, temporary, driver="COG", **_COG_OPTIONS)
            read_every_block(temporary)
    finally:
        plain.unlink(missing_ok=True)


_COG_OPTIONS: dict[str, Any] = {
    "COMPRESS": "ZSTD",
    "LEVEL": "3",
    "PREDICTOR": "YES",
    "BLOCKSIZE": "512",
    "OVERVIEW_RESAMPLING": "AVERAGE",
    "NUM_THREADS": "ALL_CPUS",
    "BIGTIFF": "IF_SAFER",
}
