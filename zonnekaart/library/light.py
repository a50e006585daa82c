"""Irradiation, horizons and sky view factor of rasters in xarray, and of planes in numpy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import zonnekaart
from zonnekaart.errors import ShapeMismatchError
from zonnekaart.geo.crs import LONLAT_CRS, transformer
from zonnekaart.geo.windows import windows
from zonnekaart.library.rasters import SPATIAL_REF, Heights, heights_of, require_xarray
from zonnekaart.library.weather import Label, Weather, weather_year
from zonnekaart.solar import horizon as horizons
from zonnekaart.solar import irradiation as solar
from zonnekaart.solar.angles import sector_centres
from zonnekaart.solar.sky import build_sky

if TYPE_CHECKING:
    import numpy.typing as npt
    import xarray as xr

    from zonnekaart.solar.sky import SkyTables

UNIT = "kWh/m2"
WINDOW_CELLS = 1024


@dataclass(frozen=True)
class Light:
    """
    How light is computed; the defaults are those of the command line.

    Parameters
    ----------
    directions : int
        Azimuth sectors, >= 8.
    radius_m : float
        Obstacles farther away are not seen. [m]
    albedo : float
        Reflectance of the ground, 0..1. [-]
    workers : int
        Threads; the result does not depend on it.
    label : {"start", "middle", "end"}, optional
        Which moment of its interval a time names, when the weather is a table.
    """

    directions: int = 64
    radius_m: float = 500.0
    albedo: float = 0.2
    workers: int = 1
    label: Label | None = None


def irradiation(
    dsm: xr.DataArray,
    weather: Weather,
    light: Light | None = None,
    mask: xr.DataArray | None = None,
    crs: str | None = None,
) -> xr.Dataset:
    """
    Return the irradiation of each cell, per m2 of its sloped surface.

    Parameters
    ----------
    dsm : DataArray, shape (y, x)
        Surface heights; NaN = unknown, which hides nothing and gives NaN. Square cells in a
        projected CRS in metres; rows from the north or from the south. Arrays backed by dask are
        read window by window. [m]
    weather : str, Path, WeatherYear or DataFrame
        An EPW file, a weather year, or a table as pvlib gives it; see `weather_year`. A table
        is taken to be of the middle of the raster.
    light : Light, optional
        Directions, radius, albedo, threads.
    mask : DataArray of bool, shape (y, x), optional
        True = evaluate; the others become NaN.
    crs : str, optional
        CRS of `dsm`, when it does not carry one.

    Returns
    -------
    Dataset
        ``annual_irradiation_kwh_m2`` (y, x) and ``monthly_irradiation_kwh_m2`` (month, y, x),
        float32 with NaN where not known, in the row order of `dsm`; the CRS in ``spatial_ref``
        as rioxarray reads it. [kWh/m2]

    Raises
    ------
    MissingInputError, RasterError, CrsError, WeatherError, ConfigError, ShapeMismatchError
        If xarray is absent, or an input cannot be used as it is.

    Notes
    -----
    The same numbers as ``zonnekaart irradiation`` gives for the same cells, bit for bit. A crop
    sees only obstacles inside it: leave `radius_m` around what you need.
    """
    require_xarray()
    import xarray as xr

    light = Light() if light is None else light
    heights = heights_of(dsm, crs)
    wanted = _mask(mask, dsm, heights)
    year = weather_year(weather, _middle(heights), light.label)
    sky = build_sky(year, light.directions, albedo=light.albedo)
    values = _in_windows(heights, sky, light, wanted)
    common = {"units": UNIT, "grid_mapping": SPATIAL_REF}
    return xr.Dataset(
        {
            "annual_irradiation_kwh_m2": (
                *heights.wrapped(values[0], ()),
                {**common, "long_name": "irradiation of the year per m2 of sloped surface"},
            ),
            "monthly_irradiation_kwh_m2": (
                *heights.wrapped(values[1:], ("month",)),
                {**common, "long_name": "irradiation of the month per m2 of sloped surface"},
            ),
        },
        coords={**heights.coordinates(), "month": np.arange(1, 13)},
        attrs={
            "weather": sky.name,
            "directions": light.directions,
            "radius_m": light.radius_m,
            "albedo": light.albedo,
            "source": f"zonnekaart {zonnekaart.__version__}",
        },
    )


def horizon(dsm: xr.DataArray, light: Light | None = None, crs: str | None = None) -> xr.DataArray:
    """
    Return the horizon of every cell in every direction.

    Parameters
    ----------
    dsm : DataArray, shape (y, x)
        Surface heights; see `irradiation`. Read as a whole. [m]
    light : Light, optional
        Directions, radius and threads.
    crs : str, optional
        CRS of `dsm`, when it does not carry one.

    Returns
    -------
    DataArray, shape (azimuth, y, x)
        Elevation of the horizon from the cell's own height, >= 0, NaN where the height is not
        known; ``azimuth`` 0 = north, clockwise. [degree]
    """
    require_xarray()
    import xarray as xr

    light = Light() if light is None else light
    heights = heights_of(dsm, crs)
    box = heights.box
    values = horizons.horizon_map(
        heights.read(0, 0, box.rows, box.cols),
        box.cell_m,
        light.directions,
        light.radius_m,
        light.workers,
    )
    names, ordered = heights.wrapped(values, ("azimuth",))
    azimuth = ("azimuth", sector_centres(light.directions), {"units": "degree"})
    return xr.DataArray(
        ordered,
        dims=names,
        coords={**heights.coordinates(), "azimuth": azimuth},
        name="horizon_deg",
        attrs={
            "units": "degree",
            "long_name": "elevation of the horizon",
            "grid_mapping": SPATIAL_REF,
            "radius_m": light.radius_m,
        },
    )


def sky_view_factor(horizon_deg: xr.DataArray) -> xr.DataArray:
    """
    Return the share of an even sky's light that a flat plane at each cell receives.

    Parameters
    ----------
    horizon_deg : DataArray, shape (azimuth, y, x)
        From `horizon`. [degree]

    Returns
    -------
    DataArray, shape (y, x)
        0 to 1, NaN where the horizon is not known. [-]
    """
    if "azimuth" not in horizon_deg.dims:
        raise ShapeMismatchError("horizon_deg", tuple(horizon_deg.dims), ("azimuth", "y", "x"))
    last = horizon_deg.transpose(..., "azimuth")
    values = horizons.sky_view_factor(last.values)
    kept = horizon_deg.isel(azimuth=0, drop=True).copy(data=values.astype(np.float32))
    kept.attrs = {"units": "1", "long_name": "sky view factor", "grid_mapping": SPATIAL_REF}
    return kept.rename("sky_view_factor")


def plane_irradiation(
    weather: Weather,
    tilt_deg: npt.ArrayLike,
    azimuth_deg: npt.ArrayLike,
    horizon_deg: npt.ArrayLike | None = None,
    light: Light | None = None,
    place: tuple[float, float] | None = None,
) -> npt.NDArray[np.float64]:
    """
    Return the irradiation of planes, per m2 of their surface.

    Parameters
    ----------
    weather : str, Path, WeatherYear or DataFrame
        See `weather_year`.
    tilt_deg, azimuth_deg : array_like, shape (planes,)
        Slope, and direction it faces: 0 = north, clockwise, NaN = flat. [degree]
    horizon_deg : array_like, shape (planes, directions), optional
        Horizon per sector, sector 0 = north, clockwise; an open horizon when left out. [degree]
    light : Light, optional
        Directions and albedo; the directions of `horizon_deg` when that is given.
    place : tuple of float, optional
        Latitude and longitude, when the weather is a table. [degree]

    Returns
    -------
    ndarray of float64, shape (planes, 13)
        Year, January to December; NaN where the horizon is not known. [kWh/m2]
    """
    light = Light() if light is None else light
    tilt = np.atleast_1d(np.asarray(tilt_deg, dtype=np.float64))
    if horizon_deg is None:
        known = np.zeros((len(tilt), light.directions))
    else:
        known = np.atleast_2d(np.asarray(horizon_deg, dtype=np.float64))
    year = weather_year(weather, place, light.label)
    sky = build_sky(year, known.shape[1], albedo=light.albedo)
    return solar.plane_irradiation(sky, tilt, azimuth_deg, known)


def _in_windows(
    heights: Heights, sky: SkyTables, light: Light, wanted: npt.NDArray[np.bool_] | None
) -> npt.NDArray[np.float32]:
    """Compute window by window, so that room is needed for the result only, not for the work."""
    box = heights.box
    halo = math.ceil(light.radius_m / box.cell_m) + horizons.HALO_MARGIN
    out = np.empty((len(solar.BANDS), box.rows, box.cols), dtype=np.float32)
    for piece in windows(box, WINDOW_CELLS, halo):
        own = np.s_[piece.row : piece.row + piece.rows, piece.col : piece.col + piece.cols]
        frame = horizons.Frame(
            piece.halo,
            piece.halo,
            piece.rows,
            piece.cols,
            piece.lattice_row,
            piece.lattice_col,
            light.workers,
        )
        part = None if wanted is None else wanted[own]
        seen = heights.read(*piece.seen)
        out[:, *own] = solar.irradiation(seen, box.cell_m, sky, light.radius_m, part, frame)
    return out


def _mask(
    mask: xr.DataArray | None, dsm: xr.DataArray, heights: Heights
) -> npt.NDArray[np.bool_] | None:
    """Return the mask with its rows from north to south."""
    if mask is None:
        return None
    plain: Any = mask.squeeze(drop=True)
    if plain.shape != heights.array.shape:
        raise ShapeMismatchError("mask", plain.shape, heights.array.shape)
    for dim in heights.array.dims:
        same = dim in plain.coords and np.array_equal(plain[dim].values, dsm[dim].values)
        if not same:
            raise ShapeMismatchError("mask", f"other coordinates {dim}", "the coordinates of dsm")
    values = np.asarray(plain.values, dtype=np.bool_)
    return np.ascontiguousarray(values[::-1]) if heights.turned else values


def _middle(heights: Heights) -> tuple[float, float]:
    """Return latitude and longitude of the middle of a raster. [degree]."""
    west, south, east, north = heights.box.bounds
    way = transformer(heights.box.crs, LONLAT_CRS)
    lon, lat = way.transform((west + east) / 2.0, (south + north) / 2.0)
    return float(lat), float(lon)
