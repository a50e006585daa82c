"""Height rasters as xarray gives them: where the cells lie, and their values part by part."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.errors import MissingInputError, RasterError
from zonnekaart.geo.crs import require_metric
from zonnekaart.geo.geobox import GeoBox

if TYPE_CHECKING:
    import numpy.typing as npt
    import xarray as xr

SPATIAL_REF = "spatial_ref"
_UNEVEN = 1e-3
"""Largest deviation of a coordinate from equal steps, as a share of a cell."""
_CODE_BELOW, _CODE_BEYOND = -9000.0, 1e6
_METRES = {"", "m", "metre", "metres", "meter", "meters"}
_X, _Y = ("x", "easting", "lon", "longitude"), ("y", "northing", "lat", "latitude")


def require_xarray() -> None:
    """
    Say which extra is missing, before the functions below import xarray.

    Raises
    ------
    MissingInputError
        If it is not installed.
    """
    if find_spec("xarray") is None:
        raise MissingInputError(
            "zonnekaart.library",
            "no xarray on this machine",
            "the extra 'xarray'",
            "install it: pip install 'zonnekaart[xarray]'",
        )


@dataclass(frozen=True)
class Heights:
    """
    A height raster whose rows run from north to south, and where it lies.

    Parameters
    ----------
    array : DataArray
        Two dimensions, row 0 in the north; may be backed by dask.
    box : GeoBox
        The lattice.
    turned : bool
        True when the rows of the input ran from south to north.
    nodata : float
        Value that stands for "not known" besides NaN; NaN when there is none.
    """

    array: xr.DataArray
    box: GeoBox
    turned: bool
    nodata: float

    def read(self, row: int, col: int, rows: int, cols: int) -> npt.NDArray[np.float32]:
        """Return a part as float32, shape (rows, cols); NaN outside the raster. [m]."""
        out = np.full((rows, cols), np.nan, dtype=np.float32)
        top, left = max(row, 0), max(col, 0)
        bottom, right = min(row + rows, self.box.rows), min(col + cols, self.box.cols)
        if top >= bottom or left >= right:
            return out
        part = self.array[top:bottom, left:right]
        values = np.asarray(part.values).astype(np.float32)
        if not np.isnan(self.nodata):
            values[values == np.float32(self.nodata)] = np.nan
        values[np.isinf(values)] = np.nan
        coded = (values <= _CODE_BELOW) | (values > _CODE_BEYOND)
        if coded.any():
            raise RasterError(
                "dsm",
                f"{int(coded.sum())} cells of {float(values[coded][0]):g}",
                "NaN where no height is known",
                "mask them: dsm.where(dsm > -9000), or rioxarray.open_rasterio(..., masked=True)",
            )
        out[top - row : bottom - row, left - col : right - col] = values
        return out

    def wrapped(self, values: npt.NDArray[Any], dims: tuple[str, ...]) -> tuple[Any, Any]:
        """Return dimensions and values in the order of the input's rows."""
        names = (*dims, *(str(d) for d in self.array.dims))
        return names, values[..., ::-1, :] if self.turned else values

    def coordinates(self) -> dict[str, Any]:
        """Return the coordinates of the input, and its CRS the way rioxarray reads it."""
        rows, cols = (str(d) for d in self.array.dims)
        array = self.array[::-1] if self.turned else self.array
        crs = require_metric(self.box.crs, "dsm")
        a, b, c, d, e, f = self.box.transform
        if self.turned:
            e, f = -e, self.box.south
        attributes = {
            **crs.to_cf(),
            SPATIAL_REF: crs.to_wkt(),
            "GeoTransform": f"{c!r} {a!r} {b!r} {f!r} {d!r} {e!r}",
        }
        return {
            rows: (rows, np.asarray(array[rows].values), {"units": "m", "axis": "Y"}),
            cols: (cols, np.asarray(array[cols].values), {"units": "m", "axis": "X"}),
            SPATIAL_REF: ((), 0, attributes),
        }


def heights_of(dsm: xr.DataArray, crs: str | None = None) -> Heights:
    """
    Return a height raster after checking where it lies and what its numbers are.

    Parameters
    ----------
    dsm : DataArray
        Two dimensions with equally spaced coordinates of cell centres. [m]
    crs : str, optional
        CRS, when the array does not carry it.

    Raises
    ------
    MissingInputError, RasterError, CrsError
        If xarray is absent, or the raster has no coordinates, cells that are not square, heights
        that are not in metres, or no CRS in metres.
    """
    require_xarray()
    import xarray as xr

    if not isinstance(dsm, xr.DataArray):
        raise RasterError(
            "dsm",
            f"a {type(dsm).__name__}",
            "an xarray.DataArray",
            "wrap it: xarray.DataArray(values, dims=('y', 'x'), coords={'y': y, 'x': x})",
        )
    array = dsm.squeeze(drop=True)
    _require_plain(array)
    system = _crs_of(dsm) if crs is None else crs
    parsed = require_metric(system, "dsm")
    rows, cols = array.dims
    x, y = (np.asarray(array[d].values, dtype=np.float64) for d in (cols, rows))
    turned = bool(y[-1] > y[0])
    box = _box(x, y[::-1] if turned else y, _geotransform(dsm), parsed.to_string())
    ordered = array[::-1] if turned else array
    return Heights(ordered, box, turned, _nodata_of(dsm))


def _require_plain(array: xr.DataArray) -> None:
    """Raise unless there are two dimensions, north and east, with coordinates, in metres."""
    names = [str(d) for d in array.dims]
    if len(names) != 2 or names[0].lower() not in _Y or names[1].lower() not in _X:
        raise RasterError(
            "dsm",
            f"dimensions {tuple(names)}",
            "('y', 'x')",
            "choose one band: dsm.isel(band=0); transpose or rename",
        )
    missing = [d for d in names if d not in array.coords]
    if missing or min(array.shape) < 2:
        raise RasterError(
            "dsm",
            f"no coordinates of {', '.join(missing)}" if missing else f"shape {array.shape}",
            "at least 2 x 2 cells with the coordinates of their centres",
            "give coords={'y': y, 'x': x}",
        )
    unit = str(array.attrs.get("units", "")).strip().lower()
    if unit not in _METRES:
        raise RasterError(
            "dsm", f"heights in {unit}", "heights in m", "convert them and set attrs['units'] = 'm'"
        )


def _crs_of(dsm: xr.DataArray) -> object:
    """Return the CRS that an array carries, as CF and rioxarray write it; None without one."""
    name = dsm.encoding.get("grid_mapping") or dsm.attrs.get("grid_mapping") or SPATIAL_REF
    found: object = None
    if name in dsm.coords:
        attributes = dsm[name].attrs
        found = attributes.get("crs_wkt") or attributes.get(SPATIAL_REF)
    return found or dsm.attrs.get("crs")


def _geotransform(dsm: xr.DataArray) -> tuple[float, ...] | None:
    """Return GDAL's six numbers when the array carries them: they are exact."""
    name = dsm.encoding.get("grid_mapping") or dsm.attrs.get("grid_mapping") or SPATIAL_REF
    text = dsm[name].attrs.get("GeoTransform") if name in dsm.coords else None
    return None if text is None else tuple(float(v) for v in str(text).split())


def _box(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    exact: tuple[float, ...] | None,
    crs: str,
) -> GeoBox:
    """Return the lattice of cell centres; `y` runs from north to south."""
    if exact is not None and (exact[2] or exact[4]):
        raise RasterError(
            "dsm", "rotated cells", "square cells along the axes", "warp the raster first"
        )
    wide, high = _step(x, "x"), -_step(y, "y")
    if abs(wide - high) > _UNEVEN * abs(wide) or wide <= 0.0:
        raise RasterError(
            "dsm",
            f"cells of {wide:g} x {high:g}",
            "square cells, x ascending",
            "resample the raster, for example with rioxarray: dsm.rio.reproject(resolution=1)",
        )
    if exact is not None and abs(abs(exact[1]) - wide) <= _UNEVEN * wide:
        wide = abs(exact[1])
    return GeoBox(len(y), len(x), wide, _edge(x[0], -wide), _edge(y[0], wide), crs)


def _step(values: npt.NDArray[np.float64], name: str) -> float:
    """Return the equal step of coordinates, without the dust of their sums."""
    step = float(f"{(values[-1] - values[0]) / (len(values) - 1):.9g}")
    even = values[0] + step * np.arange(len(values))
    if step == 0.0 or np.abs(values - even).max() > _UNEVEN * abs(step):
        raise RasterError(
            "dsm",
            f"coordinates {name} with unequal steps",
            "equally spaced cell centres",
            "sort the coordinate, or resample the raster",
        )
    return step


def _edge(centre: float, whole: float) -> float:
    return float(f"{centre + whole / 2.0:.12g}")


def _nodata_of(dsm: xr.DataArray) -> float:
    """Return the value for "not known" that an unmasked array declares; NaN without one."""
    for key in ("_FillValue", "nodata", "missing_value"):
        if dsm.attrs.get(key) is not None:
            return float(dsm.attrs[key])
    return float("nan")
