"""Rasters in and out: GeoTIFF read in windows, COG written atomically. The door to rasterio."""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.shutil import copy as raster_copy
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from zonnekaart.errors import CrsError, MissingInputError, RasterError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.geo.heights import AS_IT_IS, METRES, Corrections
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
_UNIT_NAMES = {
    "decimetre": "dm",
    "decimeter": "dm",
    "centimetre": "cm",
    "centimeter": "cm",
    "millimetre": "mm",
    "millimeter": "mm",
    "foot": "ft",
    "feet": "ft",
    "us survey foot": "us_ft",
    "us-ft": "us_ft",
}
_BAND_UNIT = "unit of the band"


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
        A GeoTIFF with square, north-up cells and a CRS. Its own scale and offset are applied.
    corrections : Corrections, optional
        What the project states about the numbers in it; applied to all that is read.
    unnamed_crs : str, optional
        System to use when the file names none.

    Raises
    ------
    MissingInputError, RasterError, CrsError
        If it is not there, cannot be read, is rotated, names no CRS, or names another unit than
        the one that `corrections` states.
    """

    def __init__(
        self, path: Path, corrections: Corrections = AS_IT_IS, unnamed_crs: str | None = None
    ) -> None:
        self.path = path
        self.corrections = corrections
        self._dataset = open_geotiff(path)
        try:
            self.geobox = geobox_of(self._dataset, path, unnamed_crs)
            _require_unit(self._dataset, corrections.unit, path)
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
        halo = self.corrections.halo(self.geobox.cell_m)
        values = self._read(row - halo, col - halo, rows + 2 * halo, cols + 2 * halo)
        if halo:
            values = self.corrections.applied(values, self.geobox.cell_m)[halo:-halo, halo:-halo]
        return values

    def _read(self, row: int, col: int, rows: int, cols: int) -> npt.NDArray[np.float32]:
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
        values[np.isinf(values)] = np.nan
        factor = self._dataset.scales[0] * METRES[self.corrections.unit]
        lift = self._dataset.offsets[0] * METRES[self.corrections.unit]
        if factor != 1.0 or lift:
            values = values * np.float32(factor) + np.float32(lift)
        out[top - row : bottom - row, left - col : right - col] = values
        return out


def open_geotiff(path: Path) -> DatasetReader:
    """Open a GeoTIFF with the GTiff driver only; never a virtual file or an address."""
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "a GeoTIFF", "check the path in the project file"
        )
    try:
        with warnings.catch_warnings():
            # `geobox_of` says it, with a hint.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            return rasterio.open(path, driver="GTiff")
    except RasterioIOError as error:
        raise unreadable(path, error) from error


def geobox_of(dataset: DatasetReader, path: Path, unnamed_crs: str | None = None) -> GeoBox:
    """Return where an open dataset lies; rotated, non-square or CRS-less rasters raise."""
    transform = dataset.transform
    wrong = _wrong_lattice(transform)
    if wrong is not None:
        raise RasterError(
            str(path),
            f"{wrong[0]} (transform {', '.join(f'{v:g}' for v in tuple(transform)[:6])})",
            "square, north-up cells",
            wrong[1],
        )
    if dataset.crs is None and unnamed_crs is None:
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
        dataset.crs.to_string() if dataset.crs is not None else str(unnamed_crs),
    )


def _wrong_lattice(transform: rasterio.Affine) -> tuple[str, str] | None:
    """Return what is wrong with the cells and what helps; None when nothing is."""
    size = abs(transform.a)
    if transform.is_identity:
        return (
            "no position: the file says not where its cells lie",
            "give it its corners: gdal_edit.py -a_ullr WEST NORTH EAST SOUTH FILE, or put the "
            "world file (.tfw) into it with gdal_translate",
        )
    if transform.b or transform.d:
        return "rotated or sheared cells", "warp it first: gdalwarp -tr 1 1 -tap IN OUT"
    if transform.e > 0 or transform.a < 0:
        return "rows that run from south to north", "turn it: gdalwarp -tap -tr CELL CELL IN OUT"
    if abs(transform.a + transform.e) > _SQUARE_TOLERANCE * size:
        return (
            f"cells of {size:g} x {abs(transform.e):g}",
            f"warp it first: gdalwarp -tr {size:g} {size:g} -tap -r bilinear IN OUT",
        )
    return None


def _require_unit(dataset: DatasetReader, stated: str, path: Path) -> None:
    """Raise when the file names a unit of length that is not the one we are told."""
    name = (dataset.units[0] or "").strip().lower()
    declared = _UNIT_NAMES.get(name, name if name in METRES else None)
    if declared is None or declared == stated:
        return
    hint = (
        f'state unit = "{declared}" under [inputs.dsm] or [inputs.dtm]'
        if stated == "m"
        else "correct unit in the project file, or the tag: gdal_edit.py -units m FILE"
    )
    raise RasterError(str(path), f"{_BAND_UNIT} {dataset.units[0]!r}", f"heights in {stated}", hint)


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


def copy_as_cog(
    source: Path, out: Path, tags: dict[str, str], crs: str | None = None
) -> list[dict[str, str]]:
    """
    Copy a raster as a Cloud-Optimized GeoTIFF with more tags, atomically.

    Parameters
    ----------
    source : Path
        A GeoTIFF of ours; names and units of its bands go along.
    out : Path
        The copy.
    tags : dict of str
        Dataset tags to add.
    crs : str, optional
        Coordinate system of the copy, by bilinear resampling; that of the source when None.

    Returns
    -------
    list of dict
        ``name`` and ``unit`` of each band.
    """
    plain = out.with_name(f".{out.stem}.plain-{os.getpid()}.vrt")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open_geotiff(source) as dataset:
            bands = [
                {"name": name or "", "unit": unit or ""}
                for name, unit in zip(dataset.descriptions, dataset.units, strict=True)
            ]
            with _in_system(dataset, crs) as seen:
                raster_copy(seen, plain, driver="VRT")
        with rasterio.open(plain, "r+") as described:
            described.update_tags(**tags)
            for number, band in enumerate(bands, start=1):
                described.set_band_description(number, band["name"])
                described.set_band_unit(number, band["unit"])
        with replacing(out) as temporary:
            raster_copy(plain, temporary, driver="COG", **_COG_OPTIONS)
            read_every_block(temporary)
    finally:
        plain.unlink(missing_ok=True)
    return bands


@contextmanager
def _in_system(dataset: DatasetReader, crs: str | None) -> Iterator[DatasetReader]:
    if crs is None:
        yield dataset
        return
    with WarpedVRT(dataset, crs=crs, resampling=Resampling.bilinear) as seen:
        yield seen


_COG_OPTIONS: dict[str, Any] = {
    "COMPRESS": "ZSTD",
    "LEVEL": "3",
    "PREDICTOR": "YES",
    "BLOCKSIZE": "512",
    "OVERVIEW_RESAMPLING": "AVERAGE",
    "NUM_THREADS": "ALL_CPUS",
    "BIGTIFF": "IF_SAFER",
}
